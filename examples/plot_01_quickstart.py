"""
Quickstart: from a table to susceptibility
==========================================

A table of conditioning factors for places with and without landslides goes through one pipeline,
which is cross-validated and then predicts a probability for each place.
"""

# %%
# The table
# ---------
# ``make_landslides`` makes a synthetic mountain region. Its 16 factors are typical of published
# tables; soil, land use and lithology are codes, carried as pandas' ``category`` data type.
from sklearn_landslide.datasets import make_landslides

region = make_landslides(1000, missing_share=0.02, as_frame=True, random_state=0)
region.data.head()

# %%
# The pipeline
# ------------
# Impossible values become missing, missing ones are imputed, numbers are scaled, mRMR ranks the
# factors, SMOTE balances the classes, and the network learns. Each step learns only from the rows
# passed to ``fit``.
from sklearn_landslide import LandslideNet, make_landslide_pipeline

pipeline = make_landslide_pipeline(LandslideNet(random_state=0), random_state=0)
pipeline

# %%
# An honest score
# ---------------
# ``cross_validate`` fits the whole pipeline again on each training part.
from sklearn.model_selection import cross_validate

scores = cross_validate(
    pipeline, region.data, region.target, cv=5, scoring=["roc_auc", "average_precision"]
)
for name in ("test_roc_auc", "test_average_precision"):
    print(f"{name}: {scores[name].mean():.3f} +- {scores[name].std():.3f}")

# %%
# The susceptibility
# ------------------
# Class 1 is landslide: the susceptibility is the second column of ``predict_proba``. The dots
# mark the samples; the darker, the more susceptible.
import matplotlib.pyplot as plt

pipeline.fit(region.data, region.target)
susceptibility = pipeline.predict_proba(region.data)[:, 1]

x, y = region.coordinates.to_numpy().T / 1000
fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
dots = ax.scatter(x, y, c=susceptibility, s=12, cmap="YlOrRd", vmin=0, vmax=1)
ax.set(xlabel="x (km)", ylabel="y (km)", aspect="equal", title="Susceptibility at the samples")
fig.colorbar(dots, label="P(landslide)")
plt.show()

# %%
# What the network looked at
# --------------------------
# The weights of the spatial attention, averaged over the places: 1 leaves a factor as it is, higher
# values emphasize it. They show what the network used, not what causes landslides.
net = pipeline.named_steps["model"]
factors = pipeline[:-2].transform(region.data)
net.attention(factors).spatial.mean().sort_values(ascending=False).round(2)
