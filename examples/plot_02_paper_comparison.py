"""
The paper's comparison: Table 3 and Figure 9
============================================

The paper behind the network compares it with Random Forest, a support vector machine, logistic
regression and a plain CNN, on a private table. This example makes the same table and figure for the
same models on a synthetic region, in one pipeline and on the same folds. What the paper reports is
a claim to be tested: on its own table it found a ROC-AUC of 0.970 for the network and 0.954 for the
forest.
"""

# %%
# Table 3
# -------
# ``compare_models`` is a thin layer over ``cross_validate``. If no models are given, it uses the
# five from the paper.
from sklearn_landslide import compare_models
from sklearn_landslide.datasets import make_landslides

region = make_landslides(1200, as_frame=True, random_state=0)
comparison = compare_models(None, region.data, region.target, cv=5, random_state=0)
comparison.table[list(comparison.metrics)].round(4)

# %%
# As the paper prints it:
print(comparison.to_markdown())

# %%
# The best possible score
# -----------------------
# The region's true failure probability is known. Ranking the same places by it gives:
from sklearn.metrics import roc_auc_score

print(f"true probability: ROC-AUC {roc_auc_score(region.target, region.true_probability):.4f}")

# %%
# Figure 9
# --------
# ROC and precision-recall curves of the pooled out-of-fold probabilities.
import matplotlib.pyplot as plt

from sklearn_landslide.plotting import ComparisonCurvesDisplay

ComparisonCurvesDisplay.from_comparison(comparison)
plt.show()

# %%
# What to look for
# ----------------
# The spread over the folds is as large as the distance between the good models: one table and
# one split prove nothing. Look at the differences on the same folds:
folds = comparison.folds.pivot(index="fold", columns="model", values="roc_auc")
(folds.drop(columns="RF").sub(folds["RF"], axis=0)).agg(["mean", "std"]).round(4)
