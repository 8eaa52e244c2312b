"""
Which factors to keep: mRMR
===========================

Tables for landslide susceptibility hold many factors that are derived from the same elevation model
and so repeat each other. :class:`~sklearn_landslide.MRMRSelector` puts first the factors that are
relevant to landslides and do not repeat a factor chosen before.
"""

# %%
# A region
# --------
# The synthetic region has sixteen factors, three of them categorical. We add a copy of the slope in
# other units, and pure noise.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sklearn_landslide import MRMRSelector
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.feature_selection import variance_inflation

region = make_landslides(2000, random_state=0, as_frame=True)
X, y = region.data.copy(), region.target
X["slope_percent"] = 100 * np.tan(np.radians(X["slope"]))
X["noise"] = np.random.default_rng(0).normal(size=len(X))

# %%
# The order of selection
# ----------------------
# ``path_`` holds all factors in the order of their selection, so one fit gives the selection of
# every size. The score is relevance minus the mean redundancy with what was chosen before. It
# falls below zero where a factor repeats more than it adds. By default the selector leaves out
# noise and duplicates.
selector = MRMRSelector().fit(X, y)
names = selector.feature_names_in_[selector.path_]
path = pd.DataFrame(
    {
        "score": selector.scores_,
        "relevance": selector.relevance_[selector.path_],
        "p_value": selector.pvalues_[selector.path_],
        "selected": selector.support_[selector.path_],
    },
    index=names,
)
path.round(4)

# %%
# Relevance along the path: the share of the uncertainty about landslides that each factor
# removes on its own.
fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
colors = np.where(path["selected"], "tab:blue", "lightgray")
ax.barh(path.index, path["relevance"], color=colors, label="relevance")
ax.plot(path["score"], path.index, "o-", color="tab:red", markersize=4, label="score")
ax.axvline(0, color="black", linewidth=0.8)
ax.invert_yaxis()
ax.set(xlabel="share of entropy", title="mRMR path; gray: not selected")
ax.legend(loc="lower right")
plt.show()

# %%
# Redundancy
# ----------
# Mutual information of every pair as a share of the smaller entropy: 0 means independent, 1 means
# redundant. It detects nonlinear relations and works for categories.
redundancy = selector.redundancy_[np.ix_(selector.path_, selector.path_)]
fig, ax = plt.subplots(figsize=(7, 6), layout="constrained")
image = ax.imshow(redundancy, vmin=0, vmax=1, cmap="viridis")
ax.set_xticks(range(len(names)), names, rotation=90)
ax.set_yticks(range(len(names)), names)
ax.set_title("Redundancy, in the order of selection")
fig.colorbar(image, ax=ax)
plt.show()

# %%
# Variance inflation
# ------------------
# The linear view of the same question, for the numeric factors: values above 10 are commonly
# read as harmful collinearity.
variance_inflation(X).sort_values("vif", ascending=False).round(2)

# %%
# Other criteria
# --------------
# The first five factors by each scheme. With ``normalize=False, debias=False`` the criteria are
# those of the papers, here with the three states of Ding and Peng.
first_five = {
    scheme: MRMRSelector(5, scheme=scheme, random_state=0).fit(X, y).path_[:5]
    for scheme in ("mid", "miq", "fcd", "fcq", "rfcq")
}
published = MRMRSelector(5, normalize=False, debias=False, bins="three_states")
first_five["mid as published"] = published.fit(X, y).path_[:5]
pd.DataFrame({scheme: X.columns[indices] for scheme, indices in first_five.items()})
