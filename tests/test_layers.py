"""Imports run one way, and heavy libraries stay in the room that knows them."""

import ast
import json
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


# From where nothing is loaded, and from where the libraries of every table are.
BARE = {
    "import sklearn_landslide": "torch sklearn pandas matplotlib",
    "import sklearn_landslide.cli": "torch matplotlib",
}
WITH_TABLES = {
    "import sklearn_landslide.datasets": "rdata pooch requests",
    "import sklearn_landslide.mapping as m; m.predict_map, m.write_map": (
        "xarray rasterio dask torch geopandas"
    ),
    "from sklearn_landslide.mapping import SusceptibilityZones; "
    "SusceptibilityZones(n_classes=2).fit_transform([0.1, 0.2, 0.9])": (
        "xarray rasterio dask geopandas mapclassify"
    ),
    "import sklearn_landslide.persistence, sklearn_landslide.map_products": (
        "torch skops rasterio matplotlib"
    ),
    "from sklearn.naive_bayes import GaussianNB; "
    "from sklearn_landslide import make_landslide_pipeline, compare_models; "
    "make_landslide_pipeline(GaussianNB())": "torch",
    "from sklearn_landslide import LandslideNet": "matplotlib",
}


@pytest.fixture(scope="module")
def loaded():
    """Modules that are there after each statement, each in a process of its own.

    The processes are forks of one, which loads scikit-learn and pandas once for all of them.
    """
    script = """
import json, os, sys

def run(statements):
    for statement in statements:
        child = os.fork()
        if child == 0:
            exec(statement, {})
            print(json.dumps([statement, list(sys.modules)]), flush=True)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0, statement

bare, with_tables = json.loads(sys.argv[1])
run(bare)
import imblearn.pipeline, pandas, scipy.stats, sklearn.ensemble, sklearn.naive_bayes
assert "sklearn_landslide" not in sys.modules
run(with_tables)
"""
    statements = json.dumps([list(BARE), list(WITH_TABLES)])
    done = subprocess.run(
        [sys.executable, "-c", script, statements], capture_output=True, text=True, check=True
    )
    return {key: set(names) for key, names in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize(("statement", "unwanted"), (BARE | WITH_TABLES).items())
def test_importing_does_not_load_what_is_not_needed_yet(loaded, statement, unwanted):
    assert "sklearn_landslide" in loaded[statement]
    assert not set(unwanted.split()) & loaded[statement]


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
