"""The command sample: the table of a map, in a file that the printed command reads."""

import hashlib
import shlex

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("rioxarray")
geopandas = pytest.importorskip("geopandas")
rasterio = pytest.importorskip("rasterio")
shapely = pytest.importorskip("shapely")

from cli.commands import refused  # noqa: E402

from sklearn_landslide.cli import main  # noqa: E402
from sklearn_landslide.datasets import make_landslides  # noqa: E402
from sklearn_landslide.map_products import make_training_table  # noqa: E402
from sklearn_landslide.tables import read_table  # noqa: E402

CRS = "EPSG:32650"
FACTORS = ["slope", "ndvi", "lithology", "group"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Rasters, one of which is called group, and landslides as polygons of several cells."""
    folder = tmp_path_factory.mktemp("rasters")
    region = make_landslides(100, shape=(60, 80), return_stack=True, as_frame=True, random_state=0)
    side, _, west, _, height, north = region.transform
    bands = [region.stack[name] for name in FACTORS[:3]]
    bands = np.array([*bands, region.stack["altitude"]], dtype="float32")
    size = {"count": 4, "height": 60, "width": 80}
    about = {"driver": "GTiff", "dtype": "float32", "nodata": np.nan, "crs": CRS}
    transform = rasterio.Affine(side, 0, west, 0, height, north)
    with rasterio.open(folder / "factors.tif", "w", transform=transform, **about, **size) as file:
        file.write(bands)
        file.descriptions = FACTORS
    slides = region.coordinates[region.target == 1]
    shapes = geopandas.points_from_xy(slides["x"], slides["y"], crs=CRS).buffer(1.2 * side)
    geopandas.GeoDataFrame(geometry=shapes).to_file(folder / "slides.gpkg")
    west, east = (
        shapely.box(west + at, north - 60 * side, west + at + 40 * side, north)
        for at in (0, 40 * side)
    )
    geopandas.GeoDataFrame(geometry=[west, east], crs=CRS).to_file(folder / "units.gpkg")
    return folder


def words(home, out, *more):
    argv = ["sample", "--stack", home / "factors.tif", "--points", home / "slides.gpkg"]
    options = ["--categorical", "lithology", "--seed", "3", "--out", out]
    return [str(word) for word in (*argv, *options, *more)]


def sampled(capsys, home, out, *more):
    """Run the command, and return the one that it prints at the end."""
    assert main(words(home, out, *more)) == 0
    *_, last = capsys.readouterr().out.splitlines()
    argv = shlex.split(last)
    return argv[argv.index("compare") :]


def roles_in(argv):
    """Read the options of a command as arguments of read_table."""
    found, name = {}, None
    for word in argv[2:]:
        if word.startswith("--"):
            found[name := word[2:]] = []
        else:
            found[name].append(word)
    assert found.pop("split") == ["spatial"]
    one = ("target", "groups", "crs")
    return {name: values[0] if name in one else values for name, values in found.items()}


@pytest.fixture(scope="module")
def wanted(home):
    return make_training_table(
        str(home / "factors.tif"),
        str(home / "slides.gpkg"),
        target=None,
        categorical=["lithology"],
        absences=1.0,
        random_state=3,
    )


@pytest.mark.parametrize("suffix", ["csv", "parquet", "gpkg"])
def test_the_file_holds_the_training_table_as_the_printed_command_reads_it(
    capsys, home, tmp_path, wanted, suffix
):
    out = tmp_path / f"table.{suffix}"
    argv = sampled(capsys, home, out, "--absences", "1")
    roles = roles_in(argv)
    # The factor group keeps its name.
    places = {} if suffix == "gpkg" else {"coordinates": ["x", "y"], "crs": CRS}
    assert roles == {
        "target": "landslide",
        "groups": "group_of_row",
        "categorical": ["lithology"],
        **places,
    }
    table = read_table(out, **roles)
    pd.testing.assert_frame_equal(table.X, wanted.X, check_categorical=False)
    np.testing.assert_array_equal(table.y, wanted.y)
    np.testing.assert_array_equal(table.groups, wanted.groups)
    np.testing.assert_allclose(table.coordinates, wanted.coordinates, rtol=0, atol=1e-6)
    assert table.crs == wanted.crs == CRS
    assert sorted(path.name for path in tmp_path.iterdir()) == [out.name]


def test_models_fare_on_the_table_as_they_do_on_the_rasters(capsys, home, tmp_path):
    pytest.importorskip("matplotlib")
    quick = ["--models", "LR", "--cv", "3", "--n-jobs", "1", "--seed", "3"]
    argv = sampled(capsys, home, tmp_path / "table.csv", "--absences", "1")
    assert main([*argv, *quick, "--out", str(tmp_path / "of_table")]) == 0
    rasters = words(home, tmp_path / "of_rasters", "--absences", "1", "--split", "spatial")
    assert main(["compare", *rasters[1:], *quick]) == 0
    of_table, of_rasters = (
        pd.read_csv(tmp_path / name / "predictions.csv") for name in ("of_table", "of_rasters")
    )
    # Also the folds, which keep the cells of a polygon together.
    for name in ("row", "fold", "y"):
        assert of_table[name].equals(of_rasters[name])
    np.testing.assert_allclose(of_table["LR"], of_rasters["LR"], atol=1e-9)


def test_units_are_written_as_polygons(capsys, home, tmp_path):
    out = tmp_path / "units.gpkg"
    slides = geopandas.read_file(home / "slides.gpkg")
    units = geopandas.read_file(home / "units.gpkg")
    west = slides[slides.within(units.geometry[0])]
    west.to_file(tmp_path / "west.gpkg")
    argv = ["sample", "--stack", home / "factors.tif", "--points", tmp_path / "west.gpkg"]
    assert main([*map(str, argv), "--units", str(home / "units.gpkg"), "--out", str(out)]) == 0
    written = geopandas.read_file(out)
    assert written.crs == CRS
    assert written["landslide"].tolist() == [1, 0]
    assert written.geometry.geom_equals(units.geometry).all()


def test_what_cannot_be_written_is_said_before_the_work(capsys, home, tmp_path):
    (tmp_path / "there.csv").write_text("precious")
    (tmp_path / "a.csv").mkdir()
    for out, message in (
        ("there.csv", "there.csv exists: set --overwrite."),
        ("table.xlsx", "table.xlsx must end with .csv, .parquet or .gpkg"),
        ("no/table.csv", "there is no folder"),
        ("a.csv", "is a folder"),
    ):
        argv = words(home, tmp_path / out, "--absences", "1")
        argv[argv.index(str(home / "factors.tif"))] = str(home / "missing.tif")
        assert message in refused(capsys, tmp_path, *argv)[1]
    argv = words(home, home / "slides.gpkg", "--absences", "1", "--overwrite")
    assert "is read by this run" in refused(capsys, home, *argv)[1]
    argv = words(home, tmp_path / "table.csv")
    assert "draw them with --absences 1" in refused(capsys, tmp_path, *argv)[1]
    del argv[argv.index("--points") : argv.index("--points") + 2]
    assert "give --points FILE" in refused(capsys, tmp_path, *argv)[1]


def test_other_places_may_be_in_a_file_of_their_own(capsys, home, tmp_path):
    inside = [(500_700.0 + 300 * place, 3_599_000.0) for place in range(4)]
    points = geopandas.GeoDataFrame(geometry=[shapely.Point(at) for at in inside], crs=CRS)
    points.iloc[:2].to_file(tmp_path / "slides.gpkg")
    points.iloc[2:].to_crs("EPSG:4326").to_file(tmp_path / "stable.geojson")
    argv = ["sample", "--stack", home / "factors.tif", "--points", tmp_path / "slides.gpkg"]
    argv += ["--absence-points", tmp_path / "stable.geojson", "--out", tmp_path / "table.csv"]
    assert main([str(word) for word in argv]) == 0
    table = pd.read_csv(tmp_path / "table.csv")
    assert table["landslide"].tolist() == [1, 1, 0, 0]
    np.testing.assert_allclose(table[["x", "y"]], inside, atol=0.02)
    for option, value in (("--target", "landslide"), ("--absences", "1")):
        _, err = refused(capsys, tmp_path, *argv, option, value, "--overwrite")
        assert f"which places are landslides: leave {option} out" in err
    (tmp_path / "stable.csv").write_text("x,y\n500400,3599000\n")
    argv[argv.index(tmp_path / "stable.geojson")] = tmp_path / "stable.csv"
    _, err = refused(capsys, tmp_path, *argv, "--overwrite")
    assert "stable.csv states no CRS, and the other file does: name it, --crs CRS" in err
    again = [str(word) for word in (*argv, "--overwrite", "--points-crs", CRS)]
    assert main(again) == 0


def test_a_map_of_two_files_knows_both(capsys, home, tmp_path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("skops")
    # In cells of their own.
    cells = np.random.default_rng(0).permutation(60 * 80)[:60]
    x, y = 500_015 + 30.0 * (cells % 80), 3_598_215 + 30.0 * (cells // 80)
    places = pd.DataFrame({"x": x, "y": y})
    places[:30].to_csv(tmp_path / "slides.csv", index=False)
    places[30:].to_csv(tmp_path / "stable.csv", index=False)
    argv = ["map", "--model", "LR", "--stack", home / "factors.tif", "--n-jobs", "1"]
    argv += ["--points", tmp_path / "slides.csv", "--absence-points", tmp_path / "stable.csv"]
    assert (
        main([str(word) for word in (*argv, "--points-crs", CRS, "--out", tmp_path / "map")]) == 0
    )
    text = (tmp_path / "map" / "summary.md").read_text()
    for name in ("slides.csv", "stable.csv"):
        digest = hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        assert digest in text
    assert "30 landslides, 30 of them on the map" in text
