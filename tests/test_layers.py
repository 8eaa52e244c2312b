"""Imports run one way, and heavy libraries stay in the room that knows them."""

import ast
import json
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sklearn_landslide"

# From the ground up: a room imports from rooms above it in this list only.
ROOMS = [
    "_version",
    "_versions",
    "_optional",
    "_whole_file",
    "_unpacked",
    "_escaping",
    "_shown",
    "_lock",
    "_words",
    "_hints",
    "_typed",
    "_trial",
    "_nodata",
    "_codes",
    "_undeclared",
    "_random_state",
    "_class_counts",
    "_sample_weight",
    "_table_columns",
    "_tree_arrays",
    "_label_words",
    "_factor_names",
    "_classes",
    "_threshold",
    "_natural_breaks",
    "_frames",
    "_handing_on",
    "_categories",
    "_sequences",
    "_factor_tables",
    "tables",
    "preprocessing",
    "feature_selection",
    "over_sampling",
    "nn",
    "model_selection",
    "metrics",
    "checks",
    "pipeline",
    "baselines",
    "warning",
    "comparison",
    "mapping",
    "terrain",
    "datasets",
    "persistence",
    "transfer",
    "robustness",
    "inspection",
    "plotting",
    "report",
    "_output_folder",
    "map_products",
    "cli",
    "__main__",
]
# What a closet of a room may import of the other closets of that room.
CLOSETS = {
    "mapping._rasters": set(),
    "mapping._prediction": {"_rasters"},
    "mapping._zones": {"_rasters"},
    "mapping._scores": {"_rasters", "_zones"},
    "mapping._rain": {"_rasters"},
    "mapping._events": {"_rasters", "_prediction", "_rain"},
    "map_products._nowcast": set(),
    "datasets._files": set(),
    "datasets._synthetic": set(),
    "model_selection._audit": set(),
}
HOMES = {
    "torch": {"nn"},
    "skorch": {"nn"},
    "matplotlib": {"plotting"},
    "rasterio": {"mapping", "terrain"},
    "rioxarray": {"mapping", "terrain"},
    "xarray": {"mapping", "terrain"},
    "dask": {"mapping", "terrain"},
    "distributed": {"mapping", "terrain"},
    "geopandas": {"mapping", "tables", "terrain"},
    "pyogrio": {"mapping", "tables", "terrain"},
    "netCDF4": {"mapping"},
    "zarr": {"mapping"},
    "cftime": {"mapping"},
    "shapely": {"mapping", "tables", "terrain"},
    "pyflwdir": {"terrain"},
    "numba": {"terrain"},
    "exactextract": {"terrain"},
    "jinja2": {"report"},
    "skops": {"persistence"},
    "shap": {"inspection"},
    "pooch": {"datasets"},
    "rdata": {"datasets"},
}


# A room is entered by its door. Who goes round it, and why: (room, module): reason.
PRIVATE = {}
# The one function that imports what it is told to.
UNREADABLE = ["_optional.py"]

FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def files_of(room):
    return [path for path in FILES if room_of(path) == room]


each_room = pytest.mark.parametrize("room", ROOMS)


class UnreadableImport(Exception):
    """An import whose name cannot be read from the source."""


def constants_of(tree):
    """Texts, and tables of texts, that a module holds under a name."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            with suppress(ValueError):
                found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def texts_of(node, constants):
    """All texts that an argument may stand for; raises if that cannot be read."""
    if isinstance(node, ast.Starred):
        return texts_of(node.value, constants)
    if isinstance(node, ast.Subscript):
        return texts_of(node.value, constants)
    if isinstance(node, ast.JoinedStr):
        first = node.values[0]
        if isinstance(first, ast.FormattedValue) and ast.unparse(first.value) == "__name__":
            # Below the module itself, whatever comes after.
            return []
        raise UnreadableImport(ast.unparse(node))
    value = constants.get(node.id) if isinstance(node, ast.Name) else None
    if value is None:
        try:
            value = ast.literal_eval(node)
        except ValueError:
            raise UnreadableImport(ast.unparse(node)) from None
    if isinstance(value, str):
        return [value]
    return list(value.values() if isinstance(value, dict) else value)


def loaded_by_calls(tree):
    """Names of modules in calls of ``import_module``, ``__import__`` and ``import_optional``."""
    loaders = {"import_module", "__import__", "import_optional"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            loaders |= {alias.asname or alias.name for alias in node.names if alias.name in loaders}
    constants = constants_of(tree)

    def is_loader(node):
        return getattr(node, "id", getattr(node, "attr", None)) in loaders

    for node in filter(lambda node: isinstance(node, ast.Call), ast.walk(tree)):
        inner = node.func.args if isinstance(node.func, ast.Call) else []
        if is_loader(node.func) or any(map(is_loader, inner)):
            # import_module("name"), and delayed(import_module)("name")
            yield from texts_of(node.args[0], constants)
        elif any(map(is_loader, node.args)):
            # map(import_module, names), submit(import_module, "name"); delayed(import_module)
            # has no further argument here, its own call is read above.
            for argument in node.args:
                if not is_loader(argument):
                    yield from texts_of(argument, constants)


def imports_of(source):
    """Full names of the modules that a source imports, also inside functions and by calls."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            yield node.module
            if node.module == "sklearn_landslide":
                # A room, or a name of the package that is loaded from its room.
                homes = [PUBLIC_HOMES.get(alias.name, alias.name) for alias in node.names]
                yield from (f"sklearn_landslide.{home}" for home in homes if home in ROOMS)
            elif node.module in {f"sklearn_landslide.{room}" for room in ROOMS}:
                # A private module, or a private name, of a room.
                names = (alias.name for alias in node.names)
                yield from (f"{node.module}.{name}" for name in names if name.startswith("_"))
    yield from loaded_by_calls(tree)


PUBLIC_HOMES = constants_of(ast.parse((PACKAGE / "__init__.py").read_text()))["_HOME"]


@cache
def imports_of_file(path):
    """Names of what a file imports, read once for all the questions below."""
    try:
        return list(imports_of(path.read_text()))
    except UnreadableImport:
        assert str(path.relative_to(PACKAGE)) in UNREADABLE, "an import that cannot be read"
        return []


def own_imports(path):
    """Parts of the names of the modules of this package that a file imports."""
    for module in imports_of_file(path):
        parts = module.split(".")
        if parts[0] == "sklearn_landslide" and len(parts) > 1:
            yield parts[1:]


def is_private(name):
    return name.startswith("_") and not name.endswith("__")


def private_imports(path):
    """Modules and names of other rooms that a file does not get at their door."""
    for room, *inside in own_imports(path):
        if room != room_of(path) and any(map(is_private, inside)):
            yield ".".join([room, *inside])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n    import torch.nn", ["torch.nn"]),
        ("from sklearn_landslide.report import write_report", ["sklearn_landslide.report"]),
        ("import_module('sklearn_landslide.report').write_report", ["sklearn_landslide.report"]),
        ("importlib.import_module('torch')", ["torch"]),
        ("from importlib import import_module as load\nload('torch')", ["importlib", "torch"]),
        ("x = __import__('torch').nn", ["torch"]),
        ("import_optional('matplotlib.figure', extra='plot')", ["matplotlib.figure"]),
        ("Parallel()([delayed(import_module)('sklearn_landslide.nn')])", ["sklearn_landslide.nn"]),
        ("pool.submit(import_module, 'torch')", ["torch"]),
        ("_NETS = 'sklearn_landslide.nn'\nimport_module(_NETS)", ["sklearn_landslide.nn"]),
        ("_ROOMS = ('a', 'b')\nfor r in map(import_module, _ROOMS): ...", ["a", "b"]),
        ("_HOMES = {'f': 'a', 'g': 'b'}\nimport_module(_HOMES[name])", ["a", "b"]),
        ("import_module(f'{__name__}.{_HOMES[name]}')", []),
        (
            "from sklearn_landslide import compare_models, nn",
            ["sklearn_landslide", "sklearn_landslide.comparison", "sklearn_landslide.nn"],
        ),
        (
            "from sklearn_landslide.nn import LandslideNet, _net",
            ["sklearn_landslide.nn", "sklearn_landslide.nn._net"],
        ),
    ],
)
def test_every_way_to_import_is_read(source, found):
    assert sorted(imports_of(source)) == sorted(found)


@pytest.mark.parametrize(
    "source",
    [
        "import_module(name)",
        "import_module('torch.' + part)",
        "import_module(f'{package}.nn')",
        "delayed(import_module)(name)",
        "map(import_module, names)",
    ],
)
def test_an_import_that_cannot_be_read_is_refused(source):
    with pytest.raises(UnreadableImport):
        list(imports_of(source))


def test_the_order_of_the_rooms_names_each_room_once():
    there = {room_of(path) for path in FILES}
    assert sorted(there) == sorted(ROOMS)


@each_room
def test_a_room_imports_only_from_rooms_above_it(room):
    for path in files_of(room):
        for other, *_ in own_imports(path):
            assert ROOMS.index(other) <= ROOMS.index(room), f"{path} imports {other}"


@each_room
def test_another_room_is_entered_by_its_door(room):
    for path in files_of(room):
        for module in private_imports(path):
            assert (room, module) in PRIVATE, f"{path} imports {module}"


def test_who_goes_round_a_door_still_does():
    used = {(room_of(path), module) for path in FILES for module in private_imports(path)}
    assert used == set(PRIVATE)


@pytest.mark.parametrize("name", CLOSETS)
def test_closets_stand_on_each_other_as_they_are_meant_to(name):
    room, closet = name.split(".")
    closets = {other.split(".")[1] for other in CLOSETS if other.startswith(f"{room}.")}
    paths = list((PACKAGE / room / closet).rglob("*.py"))
    assert paths
    for path in paths:
        for other, inside, *_ in (parts for parts in own_imports(path) if len(parts) > 1):
            if other == room and inside in closets - {closet}:
                assert inside in CLOSETS[name], f"{path} imports {other}.{inside}"


@each_room
def test_heavy_libraries_stay_in_their_room(room):
    for path in files_of(room):
        for module in imports_of_file(path):
            homes = HOMES.get(module.partition(".")[0])
            assert homes is None or room in homes, f"{path} imports {module}"


# From where nothing is loaded, and from where the libraries of every table are.
BARE = {
    "import sklearn_landslide": "torch sklearn pandas matplotlib",
    "import sklearn_landslide.cli": "torch matplotlib",
}
WITH_TABLES = {
    "import sklearn_landslide.datasets": "rdata pooch requests rasterio xarray pyflwdir numba",
    "import sklearn_landslide.terrain as t; t.drainage, t.flow_factors": (
        "pyflwdir numba rasterio xarray torch"
    ),
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
    "import sklearn_landslide.map_products._prepare": "torch",
    "from sklearn.naive_bayes import GaussianNB; "
    "from sklearn_landslide import make_landslide_pipeline, compare_models; "
    "make_landslide_pipeline(GaussianNB())": "torch",
    "import sklearn_landslide.robustness": "torch xarray rasterio dask geopandas matplotlib",
    "import sklearn_landslide.inspection": ("shap torch matplotlib xarray rasterio dask geopandas"),
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
    from sklearn_landslide._optional import import_optional, need_optional

    with pytest.raises(ImportError, match=r'pip install "\.\[plot\]"'):
        import_optional("no_such_library.pyplot", extra="plot")
    with pytest.raises(ImportError, match=r'no_such_library is needed .*"\.\[terrain\]"'):
        need_optional("no_such_library", extra="terrain")
