"""Five regions with the factors that they have in common, under one name and in one unit each."""

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np
import pandas as pd
from _tables import SPECS, load_table, read_specs
from kaghan import sources
from sklearn.model_selection import StratifiedKFold

from sklearn_landslide.map_products import make_training_table
from sklearn_landslide.model_selection import SpatialBlockKFold

# Aspects become northness and eastness, and powers of ten what spans several of them. Codes of
# soil, land cover and rock are left out: no two regions have one key.
FACTORS = {
    "yongxin": {
        "elevation": "altitude",
        "slope": "slope",
        "plan_curvature": "plan_curvature",
        "profile_curvature": "profile_curvature",
        "twi": "twi",
        "spi": "log spi",
        "sti": "log sti",
        "ndvi": "ndvi",
        "rain": "rainfall",
        "distance_to_fault": "distance_to_fault",
        "distance_to_road": "distance_to_road",
        "distance_to_river": "distance_to_river",
    },
    "hong_kong": {
        "elevation": "altitude",
        "slope": "slope",
        "twi": "twi",
        "spi": "spi",
        "ndvi": "ndvi",
        "distance_to_fault": "distance_to_fault",
        "distance_to_road": "distance_to_road",
        "distance_to_river": "distance_to_drainage",
    },
    "south_tyrol": {
        "elevation": "elevation",
        "slope": "slope",
        "plan_curvature": "plan_curvature",
        "profile_curvature": "profile_curvature",
        "twi": "topographic_wetness_index",
        "tpi": "topographic_position_index",
        "contributing_area": "log catchment_area",
        "rain": "mean_annual_rain",
        "distance_to_road": "distance_to_road",
    },
    "ecuador": {
        "elevation": "elev",
        "slope": "slope",
        "plan_curvature": "cplan",
        "profile_curvature": "cprof",
        "contributing_area": "log10_carea",
    },
    "kaghan": {
        "elevation": "elevation",
        "slope": "slope",
        "plan_curvature": "plan_curvature",
        "profile_curvature": "profile_curvature",
        "twi": "twi",
        "spi": "log spi",
        "sti": "log sti",
        "tpi": "tpi_300",
        "contributing_area": "contributing_area",
        "distance_to_fault": "distance_to_fault",
        "distance_to_river": "distance_to_river",
    },
}
TABLES = {"yongxin": "yongxin_slope_units", "ecuador": "ecuador_points"}
# Yongxin's are in 1/100 m.
SCALES = {("yongxin", "plan_curvature"): 0.01, ("yongxin", "profile_curvature"): 0.01}


SEVERAL = "several"
LICENSED = ["hong_kong", "south_tyrol", "ecuador"]
MOST_OF_EACH = 2000


@dataclass(frozen=True, eq=False)
class Region:
    """A region: factors by their common names, labels 0 and 1, coordinates if there are any."""

    name: str
    X: pd.DataFrame
    y: np.ndarray
    coordinates: pd.DataFrame | None

    @cached_property
    def halves(self):
        """Two halves to draw labels from and to test on, of different ground where it is known."""
        if self.coordinates is None:
            cv = StratifiedKFold(2, shuffle=True, random_state=0)
        else:
            cv = SpatialBlockKFold(self.coordinates, 2, random_state=0)
        return next(iter(cv.split(self.X, self.y)))


def load_regions(data):
    """Read all regions from the folder of the tables."""
    specs = read_specs(SPECS)
    regions = {}
    for name in FACTORS:
        if name == "kaghan":
            folder = data / "kaghan"
            table = make_training_table(
                sources(folder),
                folder / "landslides.shp",
                target=None,
                absences=1,
                polygons="one",
                random_state=0,
            )
        else:
            table = load_table(data, TABLES.get(name, name), specs[TABLES.get(name, name)])
        regions[name] = Region(name, _common(name, table.X), table.y, table.coordinates)
    return regions


def _common(name, X):
    """Return the factors of a region by their common names."""
    columns = {}
    for factor, source in FACTORS[name].items():
        values = X[source.removeprefix("log ")].astype(float)
        if source.startswith("log "):
            values = np.log10(values.clip(lower=1e-3))
        columns[factor] = values * SCALES.get((name, factor), 1.0)
    if "aspect" in X:
        angle = np.deg2rad(X["aspect"].astype(float))
        # Flat ground of -1 faces nowhere.
        faces = X["aspect"] >= 0
        columns["northness"] = np.cos(angle).where(faces, 0.0)
        columns["eastness"] = np.sin(angle).where(faces, 0.0)
    return pd.DataFrame(columns).reset_index(drop=True)


def common_factors(*regions):
    """Return the factors that all of the regions have."""
    return [name for name in regions[0].X if all(name in region.X for region in regions[1:])]


def pairs(regions):
    """All pairs of a source and a target; the last sources are several regions at once."""
    return [*permutations(regions, 2), *((SEVERAL, name) for name in regions)]


def several(regions, target):
    """Join the regions whose licenses allow weights to be passed on, but for the target.

    Factors that one of them lacks are gaps there.
    """
    rng = np.random.default_rng(0)
    parts = [regions[name] for name in LICENSED if name != target]
    rows = [rng.permutation(len(part.y))[:MOST_OF_EACH] for part in parts]
    X = pd.concat([part.X.iloc[row] for part, row in zip(parts, rows, strict=True)])
    y = np.concatenate([part.y[row] for part, row in zip(parts, rows, strict=True)])
    return Region(SEVERAL, X.reset_index(drop=True), y, None)
