"""
From a probability to a warning
===============================

A probability is not a decision. How high it must be before a warning is issued depends on the cost
of a false alarm and of a missed landslide, or on how many landslides must be found.
"""

# %%
# A region with one landslide in ten places
# -----------------------------------------
# SMOTE balances the classes for the model, and the pipeline undoes the effect on the probabilities:
# their mean is again the share of landslides.
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.datasets import make_landslides

region = make_landslides(4000, landslide_share=0.1, as_frame=True, random_state=0)
X, X_new, y, y_new = train_test_split(
    region.data, region.target, test_size=0.5, stratify=region.target, random_state=0
)
pipeline = make_landslide_pipeline(LogisticRegression(max_iter=1000), random_state=0)
pipeline.fit(X, y)
probability = pipeline.predict_proba(X_new)[:, 1]
print(f"landslides {y_new.mean():.3f}, mean probability {probability.mean():.3f}")

# %%
# Are they calibrated?
# --------------------
# Of the places with a predicted probability of about 0.3, about 30 % should slide. The corrected
# probabilities are close to that; the model's own, for balanced classes, are far below the
# diagonal.
import matplotlib.pyplot as plt
from sklearn.calibration import CalibrationDisplay
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV

uncorrected = pipeline.set_params(correct_prior=False).predict_proba(X_new)[:, 1]
pipeline.set_params(correct_prior=True)

fig, ax = plt.subplots(figsize=(5, 5), layout="constrained")
for name, values in {"corrected": probability, "uncorrected": uncorrected}.items():
    CalibrationDisplay.from_predictions(
        y_new, values, n_bins=8, strategy="quantile", name=name, ax=ax
    )
ax.set(title="Calibration on new places", aspect="equal")
plt.show()

# %%
# A threshold of one half finds almost nothing
# --------------------------------------------
# ``predict`` takes the more probable class. If landslides are rare, that is hardly ever the
# landslide.
import numpy as np
from sklearn.metrics import make_scorer, recall_score

print(f"at 0.5: {recall_score(y_new, pipeline.predict(X_new)):.0%} of the landslides found")

# %%
# A threshold by cost
# -------------------
# Suppose that a false alarm costs 1 and a missed landslide 9. A warning costs ``1 - p`` on average,
# and no warning costs ``9 p``. The two are equal at a probability of ``1 / (1 + 9)``: that is the
# threshold, if the probabilities are calibrated. ``TunedThresholdClassifierCV`` does not use this
# theory; it takes the threshold that was cheapest on held-out rows.
FALSE_ALARM, MISS = 1, 9


def mean_cost(y_true, y_pred):
    false_alarm = (y_pred == 1) & (y_true == 0)
    miss = (y_pred == 0) & (y_true == 1)
    return np.mean(FALSE_ALARM * false_alarm + MISS * miss)


by_theory = FixedThresholdClassifier(pipeline, threshold=FALSE_ALARM / (FALSE_ALARM + MISS))
by_cost = TunedThresholdClassifierCV(
    pipeline, scoring=make_scorer(mean_cost, greater_is_better=False), cv=5, random_state=0
)
by_theory.fit(X, y)
by_cost.fit(X, y)
print(f"threshold by theory {by_theory.threshold:.3f}, tuned {by_cost.best_threshold_:.3f}")

# %%
# A threshold by recall
# ---------------------
# Suppose instead that nine of ten landslides must be found, with as few false alarms as possible. A
# threshold that finds fewer scores below every threshold that finds enough.
WANTED = 0.9


def spared_places(y_true, y_pred):
    found = recall_score(y_true, y_pred)
    return np.mean(y_pred[y_true == 0] == 0) if found >= WANTED else found - 1


by_recall = TunedThresholdClassifierCV(
    pipeline, scoring=make_scorer(spared_places), cv=5, random_state=0
).fit(X, y)
print(f"threshold for a recall of {WANTED:.0%}: {by_recall.best_threshold_:.3f}")

# %%
# The four thresholds on new places
# ---------------------------------
import pandas as pd

warners = {
    "more probable class": (pipeline, 0.5),
    "cost, by theory": (by_theory, by_theory.threshold),
    "cost, tuned": (by_cost, by_cost.best_threshold_),
    "recall, tuned": (by_recall, by_recall.best_threshold_),
}
rows = {}
for name, (warner, threshold) in warners.items():
    warned = warner.predict(X_new)
    rows[name] = {
        "threshold": threshold,
        "places warned": warned.mean(),
        "landslides found": recall_score(y_new, warned),
        "mean cost": mean_cost(y_new, warned),
    }
pd.DataFrame(rows).T.round(3)

# %%
# The whole trade-off
# -------------------
# All thresholds at once, on the new places. The curve is flat at its minimum, so thresholds that
# differ by a factor of three cost the same: the tuned threshold scatters, and the theoretical one
# needs no held-out rows.
thresholds = np.linspace(0.01, 0.6, 120)
costs = [mean_cost(y_new, (probability >= t).astype(int)) for t in thresholds]
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.plot(thresholds, costs, label="mean cost")
for name, style in {"cost, by theory": "-", "cost, tuned": "--", "recall, tuned": ":"}.items():
    ax.axvline(warners[name][1], color="k", linestyle=style, label=name)
ax.set(xlabel="threshold", ylabel="mean cost of a place", title="What a threshold costs")
ax.legend()
plt.show()

# %%
# If landslides and other places had been sampled one to one, ``prevalence=0.1`` in the pipeline
# would bring the probabilities to the share in the area, and the theoretical threshold would still
# hold. A tuned threshold would weigh errors in the proportions of the sample, so it needs weights.
