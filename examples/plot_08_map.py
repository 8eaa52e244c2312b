"""
From rasters to a susceptibility map
====================================

One call trains a model on an inventory, predicts a stack of rasters, and writes everything that
belongs to a map: zones, uncertainty, the area where it can be trusted, and a picture. The command
``sklearn-landslide map`` does the same from files.
"""

# %%
# The rasters
# -----------
# A synthetic region stands in for real rasters: each factor is a GeoTIFF or a band, identified by
# its name. Only the west of the region was surveyed.
from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
from sklearn.linear_model import LogisticRegression

from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.map_products import make_susceptibility_map
from sklearn_landslide.mapping import open_stack, region_stack
from sklearn_landslide.persistence import load_model
from sklearn_landslide.plotting import SusceptibilityMapDisplay

region = make_landslides(1000, shape=(150, 200), return_stack=True, as_frame=True, random_state=4)
names = ["altitude", "slope", "plan_curvature", "twi", "ndvi", "rainfall", "lithology"]
stack = region_stack(region, factors=names)

places = region.coordinates.assign(landslide=region.target)
border = float(stack["x"].quantile(0.6))
surveyed = places[places["x"] < border]
print(f"{len(surveyed)} places, {surveyed['landslide'].sum()} landslides")

# %%
# The map
# -------
# Any scikit-learn classifier will do, including :class:`~sklearn_landslide.LandslideNet`.
folder = make_susceptibility_map(
    LogisticRegression(max_iter=500), stack, surveyed, out=Path(mkdtemp(), "map")
)
print("\n".join(sorted(path.name for path in folder.iterdir())))

# %%
# The picture is among the files. Here it is drawn again from what was written, with the zone edges
# that are stored with the model.
trained = load_model(folder / "model.zip")
probability = open_stack(folder / "susceptibility.tif")["susceptibility"]
inside = open_stack(folder / "applicability.tif")["inside"]
SusceptibilityMapDisplay.from_maps(
    trained.zones.transform(probability),
    elevation=stack["altitude"],
    inside=inside,
    landslides=surveyed.loc[surveyed["landslide"] == 1, ["x", "y"]].to_numpy(),
).plot()
plt.show()

# %%
# Does it hold where nobody surveyed?
# -----------------------------------
# The landslides of the east were not used in training. Their density, too, should rise from zone to
# zone.
from sklearn_landslide.mapping import zone_table

east = places[(places["x"] >= border) & (places["landslide"] == 1)]
part = probability.sel(x=slice(border, None))
table = zone_table(trained.zones.transform(part), part, east[["x", "y"]].to_numpy())
table[["name", "area_km2", "landslides", "density_per_km2", "frequency_ratio"]].round(2)

# %%
# The summary says in plain words what was done and how far the map can be trusted.
print((folder / "summary.md").read_text())

# %%
# Probability and uncertainty side by side: the model is least certain at intermediate
# probabilities.
spread = open_stack(folder / "uncertainty.tif")["spread"]
fig, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
for ax, layer in zip(axes, (probability, spread), strict=True):
    image = ax.imshow(layer, cmap="cividis")
    ax.set(title=layer.name, xticks=[], yticks=[])
    fig.colorbar(image, ax=ax, shrink=0.8)
plt.show()
