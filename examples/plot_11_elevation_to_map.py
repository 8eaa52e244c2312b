"""
From an elevation model to a map
================================

An elevation model, the line of a fault, the polygons of a geological map and an inventory become
factors, a comparison of models, a map of cells and a map of slope units. The commands
``sklearn-landslide factors`` and ``map`` do the same from files.
"""

# %%
# What an agency has
# ------------------
# A synthetic region stands in for it. Its elevation, a fault, two rock formations and the
# landslides are written to files.
from pathlib import Path
from tempfile import mkdtemp

import geopandas
import matplotlib.pyplot as plt
import numpy as np
import rasterio
import shapely

from sklearn_landslide.datasets import make_landslides

rows, columns, crs = 120, 160, "EPSG:32650"
region = make_landslides(
    700, shape=(rows, columns), return_stack=True, as_frame=True, random_state=5
)
transform = rasterio.Affine(*region.transform)
west, north = transform * (0, 0)
east, south = transform * (columns, rows)
home = Path(mkdtemp())

elevation = region.stack["altitude"].astype("float32")
profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "nodata": np.nan, "crs": crs}
with rasterio.open(
    home / "elevation.tif", "w", height=rows, width=columns, transform=transform, **profile
) as file:
    file.write(elevation, 1)

fault = shapely.LineString([(west, south + 700), (west + 2400, south + 1900), (east, north - 600)])
geopandas.GeoSeries([fault], crs=crs).to_file(home / "faults.gpkg")
border = shapely.LineString([(west, north - 1500), (east, south + 400)])
rocks = shapely.ops.split(shapely.box(west, south, east, north), border)
geopandas.GeoDataFrame(
    {"Formation": ["shale", "granite"]}, geometry=list(rocks.geoms), crs=crs
).to_file(home / "geology.gpkg")
region.coordinates.assign(landslide=region.target).to_csv(home / "points.csv", index=False)

# %%
# The factors
# -----------
# All of them are on the grid of the elevation model. Rivers are derived from the elevation.
from sklearn_landslide.terrain import FactorSources

sources = FactorSources(
    home / "elevation.tif",
    terrain=["elevation", "slope", "northness", "profile_curvature", "tpi_200", "twi"],
    distance_to={"fault": home / "faults.gpkg", "river": "auto"},
    classes={"geology": f"{home / 'geology.gpkg'}:Formation"},
    river_area=400_000,
)
stack = sources.open()
for name, band in stack.items():
    print(f"{name:18} {band.attrs.get('units', ''):8} {band.attrs['method'][:60]}")

# %%
shown = {
    "slope": "viridis",
    "tpi_200": "RdBu_r",
    "twi": "Blues",
    "distance_to_river": "cividis_r",
    "distance_to_fault": "cividis_r",
    "geology": "Pastel1",
}
fig, axes = plt.subplots(2, 3, figsize=(11, 6), layout="constrained")
for ax, (name, colors) in zip(axes.flat, shown.items(), strict=True):
    band = stack[name]
    low, high = np.nanpercentile(band, [1, 99])
    if name == "tpi_200":
        low, high = -high, high
    image = ax.imshow(band, cmap=colors, vmin=low, vmax=high)
    ax.set(title=name, xticks=[], yticks=[])
    bar = fig.colorbar(image, ax=ax, shrink=0.75, label=band.attrs.get("units", ""))
    if names := band.attrs.get("class_names"):
        # As many colors as classes.
        image.set(clim=(0.5, 9.5))
        bar.ax.set_ylim(0.5, len(names) + 0.5)
        bar.set_ticks(list(names), labels=list(names.values()))
plt.show()

# %%
# Which model?
# ------------
# :func:`~sklearn_landslide.map_products.make_training_table` makes the table that the map will be
# trained on. The models are compared on compact blocks of ground that they have not seen.
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import compare_models
from sklearn_landslide.map_products import make_training_table
from sklearn_landslide.model_selection import SpatialBlockKFold

table = make_training_table(sources, home / "points.csv", crs=crs)
models = {
    "LR": LogisticRegression(max_iter=500),
    "RF": RandomForestClassifier(50, min_samples_leaf=5, random_state=0),
}
comparison = compare_models(
    models,
    table.X,
    table.y,
    cv=SpatialBlockKFold(table.coordinates, 5, random_state=0),
    groups=table.groups,
    random_state=0,
)
print(comparison.to_markdown())

# %%
# The maps
# --------
# One map of cells, and one of slope units, the hillslopes between streams and divides. Each slope
# unit is one place: those without a landslide are the absences.
from sklearn_landslide.map_products import make_susceptibility_map

options = {"crs": crs, "n_jobs": 1}
model = models["RF"]
cells = make_susceptibility_map(model, sources, home / "points.csv", out=home / "cells", **options)
units = make_susceptibility_map(
    model, sources, home / "points.csv", out=home / "units", units="auto", **options
)
print("\n".join(sorted(path.name for path in units.iterdir())))

# %%
from sklearn_landslide.mapping import open_stack
from sklearn_landslide.persistence import load_model
from sklearn_landslide.plotting import SusceptibilityMapDisplay

slides = region.coordinates[region.target == 1].to_numpy()
fig, axes = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
for ax, folder, title in zip(axes, (cells, units), ("Cells", "Slope units"), strict=True):
    probability = open_stack(folder / "susceptibility.tif")["susceptibility"]
    SusceptibilityMapDisplay.from_maps(
        load_model(folder / "model.zip").zones.transform(probability),
        elevation=stack["elevation"],
        landslides=slides,
    ).plot(ax=ax)
    ax.set_title(title)
plt.show()

# %%
# The unit polygons hold the predictions for each unit, and QGIS opens them in these colors.
polygons = geopandas.read_file(units / "units.gpkg", layer="units")
polygons.drop(columns="geometry").head().round(3)
