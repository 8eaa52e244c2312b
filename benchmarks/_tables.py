"""Tables and folds that the benchmarks share."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.model_selection import SpatialBlockKFold, spatial_blocks
from sklearn_landslide.tables import read_table

SPECS = Path(__file__).with_name("tables.toml")


@dataclass(frozen=True)
class BenchmarkTable:
    """One table of a benchmark: factors, labels 0 and 1, coordinates if there are any."""

    name: str
    X: pd.DataFrame
    y: np.ndarray
    coordinates: pd.DataFrame | None
    blocks: int
    dealt: int | None = None

    def folds(self, split, seed):
        """Train and test rows: random stratified 5-fold, or blocks of places.

        A fold is one block, or several where they are dealt into fewer folds.
        """
        groups = None
        if split == "random":
            cv = StratifiedKFold(5, shuffle=True, random_state=seed)
        elif self.coordinates is None:
            return []
        elif self.dealt:
            groups = spatial_blocks(self.coordinates, n_blocks=self.blocks, random_state=seed)
            cv = StratifiedGroupKFold(self.dealt, shuffle=True, random_state=seed)
        else:
            cv = SpatialBlockKFold(self.coordinates, self.blocks, random_state=seed)
        return list(cv.split(self.X, self.y, groups))


def read_specs(*paths):
    """Read what one or several files say of tables, by the name of the table."""
    return {
        name: spec for path in paths for name, spec in tomllib.loads(Path(path).read_text()).items()
    }


def load_table(data, name, spec):
    """Read one table as its entry in a file of specs says."""
    path = Path(data) / spec["file"]
    header = pd.read_csv(path, nrows=0).columns
    pattern = spec.get("drop_pattern")
    dropped = [column for column in header if pattern and re.search(pattern, column)]
    table = read_table(
        path,
        target=spec["target"],
        categorical=spec.get("categorical", []),
        coordinates=spec.get("coordinates"),
        drop=[*spec.get("drop", []), *dropped],
    )
    X = table.X.assign(**{c: table.X[c] * by for c, by in spec.get("scale", {}).items()})
    return BenchmarkTable(
        name, X, np.asarray(table.y), table.coordinates, spec.get("blocks", 5), spec.get("folds")
    )


def load_tables(data, names=None, *specs):
    """Read the tables that the folder holds, and a synthetic one named ``synthetic``."""
    tables = [
        load_table(data, name, spec)
        for name, spec in read_specs(*(specs or [SPECS])).items()
        if (Path(data) / spec["file"]).exists() and (not names or name in names)
    ]
    if names and "synthetic" in names:
        region = make_landslides(3000, clustering=0.5, as_frame=True, random_state=0)
        y = np.asarray(region.target)
        tables.append(BenchmarkTable("synthetic", region.data, y, region.coordinates, 10))
    return tables
