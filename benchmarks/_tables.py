"""Tables and folds that the benchmarks share."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.model_selection import SpatialBlockKFold
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

    def folds(self, split, seed):
        """Train and test rows: random stratified 5-fold, or one block of places at a time."""
        if split == "random":
            cv = StratifiedKFold(5, shuffle=True, random_state=seed)
        elif self.coordinates is None:
            return []
        else:
            cv = SpatialBlockKFold(self.coordinates, self.blocks, random_state=seed)
        return list(cv.split(self.X, self.y))


def load_tables(data, names=None, specs=SPECS):
    """Read the tables that the folder holds, and a synthetic one named ``synthetic``."""
    tables = []
    for name, spec in tomllib.loads(Path(specs).read_text()).items():
        path = Path(data) / spec["file"]
        if not path.exists() or (names and name not in names):
            continue
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
        y = np.asarray(table.y)
        tables.append(BenchmarkTable(name, table.X, y, table.coordinates, spec.get("blocks", 5)))
    if names and "synthetic" in names:
        region = make_landslides(3000, clustering=0.5, as_frame=True, random_state=0)
        y = np.asarray(region.target)
        tables.append(BenchmarkTable("synthetic", region.data, y, region.coordinates, 10))
    return tables
