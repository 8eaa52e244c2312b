"""
Grid search over the whole chain
================================

Every parameter of every step has a name, so ``GridSearchCV`` tunes the selection, the
resampling and the network together, each candidate on training rows alone.
"""

# %%
# Names of parameters
# -------------------
# ``step__parameter``; the network's own module has one more prefix.
from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.datasets import make_landslides

region = make_landslides(400, as_frame=True, random_state=0)
pipeline = make_landslide_pipeline(
    LandslideNet(random_state=0, max_epochs=3, n_members=2), random_state=0
)
grid = {
    "model__lr": [2e-3, 6e-3],
    "model__module__lstm_hidden": [8, 16],
    "mrmr__n_features_to_select": [8, 16],
}

# %%
# The search
# ----------
from sklearn.model_selection import GridSearchCV

search = GridSearchCV(pipeline, grid, cv=3, scoring="roc_auc")
search.fit(region.data, region.target)
print(search.best_params_)
print(f"ROC-AUC of the best on its own folds: {search.best_score_:.3f}")

# %%
# All candidates
# --------------
import pandas as pd

results = pd.DataFrame(search.cv_results_)
columns = [f"param_{name}" for name in grid] + ["mean_test_score", "std_test_score"]
results = results[columns].sort_values("mean_test_score", ascending=False)
results.round(3)

# %%
# The bars are one standard deviation over the folds. If they overlap from the first candidate to
# the last, as here, there is little to choose between them.
import matplotlib.pyplot as plt

names = [
    ", ".join(f"{name.rpartition('__')[2]} {row[f'param_{name}']:g}" for name in grid)
    for _, row in results.iterrows()
]
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.errorbar(results["mean_test_score"], names, xerr=results["std_test_score"], fmt="o", capsize=3)
ax.invert_yaxis()
ax.set(xlabel="ROC-AUC on held-out rows", title="Eight candidates on the same three folds")
plt.show()

# %%
# An honest figure for the winner
# -------------------------------
# The best of eight candidates looks better than it is, because the same folds chose it. Nested
# cross-validation puts the whole search inside the outer folds.
from sklearn.model_selection import cross_val_score

outer = cross_val_score(search, region.data, region.target, cv=3, scoring="roc_auc")
print(f"nested: {outer.mean():.3f} +- {outer.std():.3f}")
