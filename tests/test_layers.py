"""Imports run one way, and heavy libraries stay in the room that knows them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sklearn_landslide"

# From the ground up: a room imports from rooms above it in this list only.
ROOMS = [
    "_version",
    "_optional",
    "_whole_file",
    "_words",
    "_hints",
    "_categories",
    "_sequences",
    "tables",
    "datasets",
    "preprocessing",
    "feature_selection",
    "over_sampling",
    "nn",
    "model_selection",
    "metrics",
    "pipeline",
    "comparison",
    "mapping",
    "persistence",
    "plotting",
    "report",
    "_output_folder",
    "map_products",
    "cli",
    "__main__",
]
HOMES = {
    "torch": {"nn"},
    "skorch": {"nn"},
    "matplotlib": {"plotting"},
    "rasterio": {"mapping"},
    "rioxarray": {"mapping"},
    "xarray": {"mapping"},
    "dask": {"mapping"},
    "distributed": {"mapping"},
    "geopandas": {"mapping"},
    "pyogrio": {"mapping"},
    "shapely": {"mapping"},
    "jinja2": {"report"},
    "skops": {"persistence"},
    "pooch": {"datasets"},
    "rdata": {"datasets"},
}


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path):
    """Full names of the modules that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            yield node.module
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_optional":
            yield node.args[0].value


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_from_rooms_above_it(path):
    room = room_of(path)
    assert room in ROOMS, f"{room} has no place in the order of the rooms"
    for module in imports_of(path):
        parts = module.split(".")
        if parts[0] != "sklearn_landslide" or len(parts) == 1:
            continue
        assert ROOMS.index(parts[1]) <= ROOMS.index(room), f"{room} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_stay_in_their_room(path):
    for module in imports_of(path):
        homes = HOMES.get(module.partition(".")[0])
        assert homes is None or room_of(path) in homes, f"{room_of(path)} imports {module}"


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import sklearn_landslide", {"torch", "sklearn", "pandas", "matplotlib"}),
        ("from sklearn_landslide import make_landslide_pipeline, compare_models", {"torch"}),
        ("from sklearn_landslide import LandslideNet", {"matplotlib"}),
        ("import sklearn_landslide.cli", {"torch", "matplotlib"}),
    ],
)
def test_importing_does_not_load_what_is_not_needed_yet(statement, unwanted):
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not unwanted & set(loaded)


def test_importing_leaves_warnings_threads_and_random_state_alone():
    script = """
import random, warnings
import numpy as np, torch
# These may set filters of their own.
import imblearn.over_sampling, pandas, scipy.stats, skorch.callbacks
import sklearn.calibration, sklearn.ensemble, sklearn.model_selection, tqdm.auto
before = (
    list(warnings.filters), torch.get_num_threads(), random.getstate(),
    np.random.get_state()[1].tolist(), torch.get_rng_state().tolist(),
)
import sklearn_landslide.cli
from sklearn_landslide import *
after = (
    list(warnings.filters), torch.get_num_threads(), random.getstate(),
    np.random.get_state()[1].tolist(), torch.get_rng_state().tolist(),
)
print(before[1:] == after[1:], [f for f in after[0] if f not in before[0]])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True []"


def test_a_missing_optional_library_is_named_with_its_extra():
    from sklearn_landslide._optional import import_optional

    with pytest.raises(ImportError, match=r'pip install "sklearn-landslide\[plot\]"'):
        import_optional("no_such_library.pyplot", extra="plot")
