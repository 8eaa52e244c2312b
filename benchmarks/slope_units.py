"""Cells against slope units: the same models, landslides and spatial blocks.

    python benchmarks/slope_units.py --data DIR [--models LR RF LandslideNet] [--seeds 0 1 2]

Takes the Kaghan valley (``kaghan/`` in DIR): an elevation model, 3,820 landslide polygons, faults,
geology and land cover. Factors are those of the elevation model, the distance to faults and the two
classes. The table of units has a row for each slope unit; that of cells has one cell for each
landslide and as many from elsewhere. Both are divided into the same squares of 4 km, and a fold is
made of the same squares. Prints the ROC-AUC of the held-out probabilities of all folds

- of units: the model of units on units;
- of cells: the model of cells on cells;
- of units, by the model of cells: the mean of its probabilities over the cells of a unit, which
  were as far from its training cells as the unit from the training units.
"""

import argparse
import warnings
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from _results import header
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import LeaveOneGroupOut

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.comparison import default_models
from sklearn_landslide.mapping import open_stack, sample_absences, sample_stack
from sklearn_landslide.model_selection import SpatialBlockKFold
from sklearn_landslide.terrain import (
    aggregate_to_units,
    delineate_slope_units,
    distance_to,
    terrain_factors,
    units_to_raster,
)

FACTORS = ["slope", "aspect", "plan_curvature", "profile_curvature", "relief", "tpi", "twi"]
SQUARE, N_FOLDS = 4000.0, 5


def load(folder):
    """Open the factors as one stack, in memory."""
    dem = folder / "elevation_aw3d30.tif"
    factors = terrain_factors(dem, FACTORS, scales=(300,))
    sources = {name: factors[name] for name in factors.data_vars if factors[name].ndim}
    sources |= {
        "distance_to_fault": distance_to(folder / "Confirmed_faults.shp", factors),
        "geology": folder / "Geology.tif",
        "landcover": folder / "Landcover.tif",
    }
    classes = ["geology", "landcover"]
    stack = open_stack(sources, align="elevation", resampling="bilinear", categorical=classes)
    return stack.load()


def table_of_cells(stack, landslides, seed):
    """One cell for each landslide, and as many elsewhere."""
    slides = sample_stack(stack, landslides, target=None, polygons="one")
    absences = sample_absences(stack, landslides, target=None, polygons="one", random_state=seed)
    others = sample_stack(stack, absences.geometry, target=None)
    X = pd.concat([slides.X, others.X], ignore_index=True)
    for name in ("geology", "landcover"):
        codes = pd.concat([slides.X[name], others.X[name]], ignore_index=True)
        X[name] = codes.astype(float).astype("category")
    y = np.repeat([1, 0], [len(slides.X), len(others.X)])
    places = pd.concat([slides.coordinates, others.coordinates], ignore_index=True)
    return with_circle(X), y, places


def with_circle(X):
    """Replace the direction by its two components, as units have it."""
    angle = np.radians(X["aspect"])
    return X.drop(columns="aspect").assign(northness=np.cos(angle), eastness=np.sin(angle))


def folds_of(table, places, seed):
    """Folds of units, and the fold of the unit's square for any other place."""
    cv = SpatialBlockKFold(
        table.coordinates,
        N_FOLDS,
        method="grid",
        block_size=SQUARE,
        groups=table.groups,
        random_state=seed,
    )
    fold = np.empty(len(table.X), dtype=int)
    for number, (_, test) in enumerate(cv.split(table.X, table.y)):
        fold[test] = number
    return fold


def held_out(model, X, y, fold):
    """Probability of each row by the model of the other folds."""
    found = np.empty(len(y))
    for train, test in LeaveOneGroupOut().split(X, y, fold):
        fitted = clone(model).fit(X.iloc[train], y[train])
        found[test] = fitted.predict_proba(X.iloc[test])[:, 1]
    return found


def by_cells(model, X, y, fold, stack, unit_of_cell, unit_fold):
    """Probability of each row, and the mean of the cells of each unit, likewise held out."""
    grid = pd.DataFrame({name: stack[name].to_numpy().ravel() for name in stack.data_vars})
    for name in ("geology", "landcover"):
        grid[name] = grid[name].astype(float).astype("category")
    grid, own, found = with_circle(grid), np.empty(len(y)), np.empty(len(unit_fold))
    for number in range(N_FOLDS):
        fitted = clone(model).fit(X[fold != number], y[fold != number])
        own[fold == number] = fitted.predict_proba(X[fold == number])[:, 1]
        tested = np.flatnonzero(unit_fold == number)
        # Every fourth cell tells the mean as well.
        rows = np.flatnonzero(np.isin(unit_of_cell, tested))[::4]
        chances = pd.Series(fitted.predict_proba(grid.iloc[rows][X.columns])[:, 1])
        means = chances.groupby(unit_of_cell[rows]).mean()
        found[tested] = means.reindex(tested, fill_value=chances.mean())
    return own, found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--models", nargs="+", default=["LR", "RF", "LandslideNet"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    options = parser.parse_args()
    folder = options.data / "kaghan"
    landslides = folder / "landslides.shp"
    print(header())
    stack = load(folder)
    start = perf_counter()
    units = delineate_slope_units(folder / "elevation_aw3d30.tif")
    print(f"{len(units)} slope units in {perf_counter() - start:.1f} s")
    start = perf_counter()
    table = aggregate_to_units(stack, units, landslides=landslides, elevation="elevation")
    print(
        f"{table.y.sum()} of {len(table.y)} with landslides, {table.X.shape[1]} columns, in "
        f"{perf_counter() - start:.1f} s"
    )
    numbers = units_to_raster(np.arange(len(table.X)), table.geometry, stack).to_numpy().ravel()
    unit_of_cell = np.nan_to_num(numbers, nan=-1).astype(int)
    transform = stack.rio.transform()

    rows = []
    for seed in options.seeds:
        fold = folds_of(table, table.coordinates, seed)
        X, y, places = table_of_cells(stack, landslides, seed)
        column, row = ~transform @ (places["x"].to_numpy(), places["y"].to_numpy())
        columns = stack.sizes["x"]
        own = unit_of_cell[row.astype(int) * columns + column.astype(int)]
        # A cell is in the fold of its unit.
        X, y, cell_fold = X[own >= 0], y[own >= 0], fold[own[own >= 0]]
        models = default_models(random_state=seed)
        for name in options.models:
            model = make_landslide_pipeline(models[name], resample=False, random_state=seed)
            start = perf_counter()
            units_auc = roc_auc_score(table.y, held_out(model, table.X, table.y, fold))
            own, mixed = by_cells(model, X, y, cell_fold, stack, unit_of_cell, fold)
            cells_auc = roc_auc_score(y, own)
            rows.append((name, seed, units_auc, cells_auc, roc_auc_score(table.y, mixed)))
            print(
                f"{name:>12}  seed {seed}  units {units_auc:.4f}  cells {cells_auc:.4f}  "
                f"units by cells {rows[-1][-1]:.4f}  {perf_counter() - start:.0f} s",
                flush=True,
            )
    frame = pd.DataFrame(rows, columns=["model", "seed", "units", "cells", "units by cells"])
    print(frame.groupby("model", sort=False)[["units", "cells", "units by cells"]].mean().round(4))


if __name__ == "__main__":
    with warnings.catch_warnings():
        # Of affine, in rasterio and rioxarray.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        main()
