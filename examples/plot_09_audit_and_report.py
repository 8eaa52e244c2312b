"""
An audit and a report
=====================

Before you publish a score, ask two questions: did training know anything about the test rows, and
can the reader see how the score was obtained? An audit answers the first, a report the second.
"""

# %%
# Pure noise, and a score of 0.9
# ------------------------------
# The labels below are random: there is nothing to learn. If the table is balanced by SMOTE before
# the folds are drawn, as is often done, it still gives a fine score, because the synthetic rows of
# a fold lie between the rows of the other folds.
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

from sklearn_landslide import compare_models, make_landslide_pipeline
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.model_selection import SpatialBlockKFold, audit
from sklearn_landslide.report import write_report

rng = np.random.default_rng(0)
X = pd.DataFrame(rng.normal(size=(400, 6)), columns=[f"factor_{j}" for j in range(6)])
y = (rng.random(400) < 0.15).astype(int)
X_balanced, y_balanced = SMOTE(random_state=0).fit_resample(X, y)

forest = RandomForestClassifier(n_estimators=50, random_state=0)
pipeline = make_landslide_pipeline(forest, resample=None, random_state=0)
before = cross_val_score(pipeline, X_balanced, y_balanced, scoring="roc_auc")
print(f"ROC-AUC on random labels: {before.mean():.3f}")

# %%
# What the audit says
# -------------------
# The interpolated rows give themselves away. ``findings`` is a table of all checks.
result = audit(pipeline, X_balanced, y_balanced, n_permutations=2, random_state=0)
result.findings.query("verdict in ['leak', 'warning']")[["verdict", "finding", "advice"]]

# %%
# With SMOTE as a step of the pipeline, as in :func:`~sklearn_landslide.make_landslide_pipeline`,
# the same labels score at chance level.
honest = make_landslide_pipeline(forest, random_state=0)
inside = cross_val_score(honest, X, y, scoring="roc_auc")
print(f"ROC-AUC on random labels: {inside.mean():.3f}")

# %%
# The same forest, the same labels, and five folds each: all that differs is when SMOTE was applied.
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
for row, scores in enumerate((before, inside)):
    ax.plot(scores, [row] * len(scores), "o")
ax.axvline(0.5, color="black", linestyle="--")
ax.text(0.5, 0.5, " chance", va="center")
ax.set_yticks([0, 1], ["SMOTE before\nthe split", "SMOTE in\nthe pipeline"])
ax.set(xlabel="ROC-AUC on labels of pure noise", xlim=(0.3, 1), ylim=(1.5, -0.5))
plt.show()

# %%
# A report
# --------
# A comparison on spatial blocks, with random folds for contrast and the audit, as one page that can
# be read without a network.
region = make_landslides(600, clustering=1, as_frame=True, random_state=0)
models = {"RF": forest}
blocks = SpatialBlockKFold(region.coordinates, random_state=0)
by_block = compare_models(models, region.data, region.target, cv=blocks, random_state=0)
at_random = compare_models(models, region.data, region.target, random_state=0)
checked = audit(
    honest,
    region.data,
    region.target,
    coordinates=region.coordinates,
    n_permutations=2,
    random_state=0,
)
with tempfile.TemporaryDirectory() as folder:
    page = Path(folder, "report.html")
    write_report(by_block, page, compare_to={"random": at_random}, audit=checked)
    print(f"{page.stat().st_size / 1e3:.0f} kB")
