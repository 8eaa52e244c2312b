"""Damaged files of GIS: what `read_table` says to any bytes is a table, or one line."""

import time
import warnings

import numpy as np
import pytest
from tables.fuzz import ALLOWED, damage_bytes

from sklearn_landslide.tables import read_table

geopandas = pytest.importorskip("geopandas")
pytest.importorskip("pyogrio")
pytest.importorskip("pyarrow")

SECONDS = 3
NAMES = ["a.dbf", "a.fgb", "a.geojson", "a.gpkg", "a.parquet", "a.shp"]
ROLES = {"target": "landslide", "categorical": "soil"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Whole files of every format, with the companions of the Shapefile."""
    folder = tmp_path_factory.mktemp("whole")
    points = geopandas.points_from_xy(7e5 + 100.0 * np.arange(8), [9.56e6] * 8)
    soil = [*["clay", "sand", "loam", "clay"], *["sand", "clay", "sand", "loam"]]
    columns = {"slope": np.linspace(1.5, 40, 8), "soil": soil, "landslide": [0, 1] * 4}
    frame = geopandas.GeoDataFrame(columns, geometry=points, crs="EPSG:32717")
    for name in ("a.fgb", "a.geojson", "a.gpkg", "a.shp"):
        frame.to_file(folder / name, engine="pyogrio")
    frame.to_parquet(folder / "a.parquet")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", NAMES)
def test_the_files_that_are_damaged_can_be_read_whole(whole, tmp_path, name):
    for other, content in whole.items():
        (tmp_path / other).write_bytes(content)
    assert read_table(tmp_path / name, **ROLES).y.sum() == 4


def read(folder, whole, seed):
    """Damage a file, and read it; raise AssertionError for anything but a table or one line."""
    rng = np.random.default_rng(seed)
    name = NAMES[rng.integers(len(NAMES))]
    for other, content in whole.items():
        if other.endswith((".shp", ".shx", ".dbf", ".prj", ".cpg")):
            (folder / other).write_bytes(content)
    (folder / name).write_bytes(damage_bytes(whole[name], rng))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read_table(folder / name, **ROLES)
    except ALLOWED as error:
        assert "\n" not in str(error), f"seed {seed}: more than one line: {error}"
    except Exception as error:
        raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}") from error


def test_damaged_shapes_give_a_table_or_one_line(whole, tmp_path):
    seed, end, n_read = 0, time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        n_read += read(tmp_path, whole, seed) is not None
        seed += 1
    assert 0 < n_read < seed


# Metadata that pandas, and PROJ, cannot make sense of.
@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        (b"pandas", b'"pandas_type"', b'"pandas_typo"'),
        (b"geo", b'"ProjectedCRS"', b'"ProjectedCRX"'),
    ],
)
def test_damaged_metadata_of_geoparquet_is_one_line(whole, tmp_path, key, old, new):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    path.write_bytes(whole["a.parquet"])
    table = parquet.read_table(path)
    about = table.schema.metadata
    assert old in about[key]
    about[key] = about[key].replace(old, new)
    parquet.write_table(table.replace_schema_metadata(about), path)
    with pytest.raises(ValueError, match=r"a\.parquet cannot be read as Parquet: [^\n]+$"):
        read_table(path, **ROLES)
