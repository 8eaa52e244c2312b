"""
Is one model better than another?
=================================

A table of mean scores always has a winner. A paired test says whether the winner is really better
or was lucky with the folds. This example shows the tests of a comparison, and the curves that show
what a difference means on the ground.
"""

# %%
# A comparison
# ------------
# Four models on the same five folds. Two of them are forests, and very similar.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide import compare_models
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.metrics import frequency_ratio_table, rate_curve
from sklearn_landslide.plotting import CalibrationCurvesDisplay, RateCurveDisplay

region = make_landslides(1200, as_frame=True, random_state=0)
models = {
    "RF": RandomForestClassifier(n_estimators=200, random_state=0),
    "Extra trees": ExtraTreesClassifier(n_estimators=200, random_state=0),
    "LR": LogisticRegression(max_iter=1000),
    "NB": GaussianNB(),
}
comparison = compare_models(models, region.data, region.target, cv=5, random_state=0)
comparison.table[["roc_auc", "roc_auc_sd", "brier", "brier_sd"]].round(4)

# %%
# Every model against the forest
# ------------------------------
# ``test`` adds the differences on the same folds. Their standard error is corrected for the
# training rows that the folds share (Nadeau and Bengio 2003); ``roc_auc_p_holm`` is adjusted for
# the number of models tested. Five folds leave four degrees of freedom: differences that look
# large may well be luck.
tests = comparison.test(reference="RF", metric="roc_auc")
tests.filter(regex="^roc_auc_(diff|p)").round(4)

# %%
# The spread over the folds in the first table comes from easy and hard folds. It is common to
# all models and says little about the difference between two, which varies much less.
folds = comparison.folds.pivot(index="fold", columns="model", values="roc_auc")
folds.sub(folds["RF"], axis=0).drop(columns="RF").round(4)

# %%
# The last column of the tests is DeLong's, on the pooled out-of-fold probabilities. Its p-values
# are smaller than those of the test on the folds, because it takes the probabilities as given and
# ignores how the models would change with other training rows.

# %%
# What the difference means
# -------------------------
# The prediction-rate curve shows which share of the landslides lies in the most susceptible share
# of the places. The bands come from 300 bootstrap samples of the rows.
RateCurveDisplay.from_comparison(comparison, n_resamples=300, random_state=0)
plt.show()

# %%
# In a fifth of the places:
tested = comparison.predictions
for name in models:
    area_share, landslide_share, _ = rate_curve(tested["y_true"], tested[name])
    print(f"{name}: {np.interp(0.2, area_share, landslide_share):.0%} of the landslides")

# %%
# The places are a sample with many landslides, and the dashed line is what a perfect model would
# reach on it. For the study area, ``area=`` says how much of it each place represents.

# %%
# Five classes
# ------------
# Maps are read in classes. Density and frequency ratio should rise from each class to the next.
edges = [0, 0.1, 0.3, 0.5, 0.7, 1]
classes = np.searchsorted(edges[1:-1], tested["RF"], side="right") + 1
frequency_ratio_table(tested["y_true"], classes, edges=edges).round(3)

# %%
# Probabilities
# -------------
# Two models may rank the places equally well and still differ in what their probabilities mean.
# Naive Bayes counts redundant factors repeatedly and is far too confident.
CalibrationCurvesDisplay.from_comparison(comparison)
plt.show()
