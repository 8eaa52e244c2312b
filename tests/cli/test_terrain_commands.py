"""From an elevation model, lines and polygons to factors, comparisons and maps, by the commands."""

import json
import sqlite3

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("skops")
pytest.importorskip("matplotlib")
pytest.importorskip("rioxarray")
pytest.importorskip("pyflwdir")
pytest.importorskip("exactextract")
geopandas = pytest.importorskip("geopandas")
rasterio = pytest.importorskip("rasterio")
shapely = pytest.importorskip("shapely")

from cli.commands import tree  # noqa: E402

from sklearn_landslide._words import percent  # noqa: E402
from sklearn_landslide.cli import main  # noqa: E402
from sklearn_landslide.datasets import make_landslides  # noqa: E402
from sklearn_landslide.mapping import open_stack, sample_stack  # noqa: E402
from sklearn_landslide.persistence import load_model  # noqa: E402
from sklearn_landslide.terrain import distance_to, terrain_factors  # noqa: E402

pytestmark = pytest.mark.usefixtures("two_folds", "coarse_pictures")

SHAPE = (90, 100)
CRS = "EPSG:32650"
TERRAIN = ["elevation", "slope", "northness", "twi"]


def write_raster(path, values, transform, crs=CRS, names=None):
    bands = values if values.ndim == 3 else values[None]
    kind = {"driver": "GTiff", "dtype": "float32", "nodata": np.nan, "crs": crs}
    size = {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2]}
    with rasterio.open(path, "w", transform=transform, **kind, **size) as file:
        file.write(bands.astype("float32"))
        if names:
            file.descriptions = names
    return path


@pytest.fixture(scope="module")
def region():
    return make_landslides(500, shape=SHAPE, return_stack=True, as_frame=True, random_state=1)


@pytest.fixture(scope="module")
def home(region, tmp_path_factory):
    """What an agency has: elevation, faults, geology, land cover, landslides, a district."""
    folder = tmp_path_factory.mktemp("agency")
    side, _, west, _, height, north = region.transform
    transform = rasterio.Affine(side, 0, west, 0, height, north)
    write_raster(folder / "dem.tif", region.stack["altitude"], transform)
    write_raster(folder / "landcover.tif", region.stack["landuse"], transform)
    write_raster(folder / "more.tif", region.stack["ndvi"], transform, names=["ndvi"])
    right, bottom = west + side * SHAPE[1], north - side * SHAPE[0]
    middle = (west + right) / 2
    fault = shapely.LineString([(west, north), (right, bottom)])
    geopandas.GeoDataFrame(geometry=[fault], crs=CRS).to_file(folder / "faults.gpkg")
    units = [shapely.box(west, bottom, middle, north), shapely.box(middle, bottom, right, north)]
    names = {"unit": ["shale", "granite"]}
    geopandas.GeoDataFrame(names, geometry=units, crs=CRS).to_file(folder / "geology.shp")
    # The same rocks, written in the other order: other codes, the same names.
    turned = geopandas.GeoDataFrame({"unit": ["granite", "basalt"]}, geometry=units[::-1], crs=CRS)
    turned.to_file(folder / "geology2.shp")
    slides = region.coordinates[region.target == 1]
    shapes = geopandas.points_from_xy(slides["x"], slides["y"], crs=CRS).buffer(side * 0.7)
    geopandas.GeoDataFrame(geometry=shapes).to_file(folder / "slides.gpkg")
    region.coordinates.assign(landslide=region.target).to_csv(folder / "points.csv", index=False)
    district = shapely.box(west, bottom, west + 0.6 * (right - west), north)
    geopandas.GeoDataFrame(geometry=[district], crs=CRS).to_file(folder / "district.gpkg")
    return folder


def run(capsys, *argv):
    assert main([str(word) for word in argv]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def refused(capsys, folder, *argv):
    """Run a command that must end with one line, whatever it told before, and leave nothing."""
    before = tree(folder)
    assert main([str(word) for word in argv]) == 2
    out, err = capsys.readouterr()
    *steps, last = err.splitlines()
    assert last.startswith("error: ")
    assert all(step.lstrip()[0].isdigit() for step in steps)
    assert tree(folder) == before
    return out, last


def sources(home):
    return [
        *("--dem", home / "dem.tif", "--terrain", *TERRAIN),
        *("--distance-to", f"fault={home / 'faults.gpkg'}", "river=auto"),
        *("--classes", f"geology={home / 'geology.shp'}:unit", f"landuse={home / 'landcover.tif'}"),
        *("--river-area", 100_000),
    ]


INVENTORY = ["--target", "landslide", "--crs", CRS, "--n-jobs", 1, "--model", "LR"]


@pytest.fixture(scope="module")
def factors(home):
    path = home / "factors.tif"
    assert main([str(word) for word in ["factors", *sources(home), "--out", path]]) == 0
    return path


@pytest.fixture(scope="module")
def made(home):
    """A map from the elevation model, in one command."""
    argv = ["map", *sources(home), "--points", home / "points.csv", "--out", home / "map"]
    assert main([str(word) for word in [*argv, *INVENTORY]]) == 0
    return home / "map"


def test_the_file_of_factors_holds_each_with_its_values_and_what_is_known_of_it(home, factors):
    stack = open_stack(factors)
    names = [*TERRAIN, "distance_to_fault", "distance_to_river", "geology", "landuse"]
    assert list(stack) == names
    alone = terrain_factors(home / "dem.tif", TERRAIN)
    for name in TERRAIN:
        np.testing.assert_array_equal(stack[name].values, alone[name].values)
        assert stack[name].attrs["units"] == alone[name].attrs["units"]
        assert stack[name].attrs["method"] == alone[name].attrs["method"]
    far = distance_to(home / "faults.gpkg", alone)
    np.testing.assert_array_equal(stack["distance_to_fault"].values, far.values)
    assert stack["geology"].attrs["class_names"] == {1: "granite", 2: "shale"}
    # The western half is shale, the eastern granite.
    assert stack["geology"].values[40, [5, 95]].tolist() == [2, 1]
    assert stack["landuse"].attrs["categorical"]
    with rasterio.open(home / "landcover.tif") as file:
        np.testing.assert_array_equal(stack["landuse"].values, file.read(1))


def test_rivers_lie_where_enough_ground_drains_through(factors, home):
    stack = open_stack(factors)
    area = terrain_factors(home / "dem.tif", ["contributing_area"])["contributing_area"].values
    river = stack["distance_to_river"].values == 0
    assert river.any()
    np.testing.assert_array_equal(river, area >= np.float32(5.0))


def test_the_command_tells_unit_range_and_method_of_each_factor(home, capsys, tmp_path):
    out = run(capsys, "factors", *sources(home), "--out", tmp_path / "f.tif")
    lines = {line.split()[0]: line for line in out.splitlines() if line}
    slope = open_stack(tmp_path / "f.tif")["slope"].values
    assert lines["slope"].split()[1:5] == [
        "degrees",
        *(f"{value:.4g}" for value in (np.nanmin(slope), np.nanmean(slope), np.nanmax(slope))),
    ]
    assert "Horn" in lines["slope"]
    assert "2 classes" in lines["geology"]
    assert lines["landuse"].split() == ["landuse", "classes"]


def test_the_options_on_how_factors_are_made_reach_them(home, tmp_path, capsys):
    names = ["elevation", "slope", "contributing_area", "tpi"]
    argv = ["factors", "--dem", home / "dem.tif", "--terrain", *names, "--scales", "90", "150"]
    argv += ["--slope-method", "zevenbergen_thorne", "--routing", "multiple"]
    run(capsys, *argv, "--vertical-units", "ft", "--out", tmp_path / "f.tif")
    found = open_stack(tmp_path / "f.tif")
    wanted = terrain_factors(
        home / "dem.tif",
        names,
        scales=(90, 150),
        method="zevenbergen_thorne",
        routing="multiple",
        vertical_units="ft",
    )
    assert list(found) == list(wanted)
    for name, band in wanted.items():
        np.testing.assert_array_equal(found[name].values, band.values)


def test_a_map_from_elevation_is_that_from_its_file_of_factors(made, factors, home, tmp_path):
    argv = ["map", "--stack", factors, "--points", home / "points.csv", "--out", tmp_path / "map"]
    assert main([str(word) for word in [*argv, *INVENTORY]]) == 0
    for name in ("susceptibility.tif", "zones.tif", "applicability.tif"):
        with rasterio.open(made / name) as one, rasterio.open(tmp_path / "map" / name) as other:
            np.testing.assert_array_equal(one.read(), other.read())
    with rasterio.open(made / "factors.tif") as one, rasterio.open(factors) as other:
        np.testing.assert_array_equal(one.read(), other.read())


@pytest.mark.filterwarnings("default::UserWarning")
def test_a_model_makes_its_factors_again_from_an_elevation_model(made, home, tmp_path, capsys):
    """The codes of the second geology differ, the names count; basalt is new to the model."""
    argv = ["map", "--model", made / "model.zip", "--dem", home / "dem.tif", "--crs", CRS]
    argv += ["--classes", f"landuse={home / 'landcover.tif'}"]
    geology = f"geology={home / 'geology2.shp'}:unit"
    fault = ["--distance-to", f"fault={home / 'faults.gpkg'}"]
    assert main([str(word) for word in [*argv, geology, *fault, "--out", tmp_path / "again"]]) == 0
    assert "warning: 50% of the cells of 'geology'" in capsys.readouterr().err
    stack = open_stack(tmp_path / "again" / "factors.tif")
    first = open_stack(made / "factors.tif")
    assert set(stack) == set(first)
    for name in set(first) - {"geology"}:
        np.testing.assert_array_equal(stack[name].values, first[name].values)
    assert stack["geology"].attrs["class_names"] == {1: "basalt", 2: "granite"}
    with (
        rasterio.open(made / "susceptibility.tif") as one,
        rasterio.open(tmp_path / "again" / "susceptibility.tif") as other,
    ):
        old, new = one.read(1), other.read(1)
    granite = stack["geology"].values == 2
    np.testing.assert_array_equal(old[granite], new[granite])


def test_a_model_asks_for_the_lines_that_it_was_trained_with(made, home, tmp_path, capsys):
    argv = ["map", "--model", made / "model.zip", "--dem", home / "dem.tif", "--out"]
    _, err = refused(capsys, tmp_path, *argv, tmp_path / "again", "--crs", CRS)
    assert "--distance-to fault=FILE" in err
    fault = f"fault={home / 'faults.gpkg'}"
    _, err = refused(capsys, tmp_path, *argv, tmp_path / "again", "--distance-to", fault)
    assert "--classes geology=FILE" in err


@pytest.mark.filterwarnings("always:The elevation model has cells")
def test_coarser_cells_than_those_of_the_training_are_told(made, home, tmp_path, capsys):
    """Slopes of cells twice as wide are others."""
    with rasterio.open(home / "dem.tif") as file:
        coarse, side = file.read(1)[::2, ::2], file.transform
    transform = side * rasterio.Affine.scale(2)
    dem = write_raster(tmp_path / "coarse.tif", coarse, transform)
    argv = ["map", "--model", made / "model.zip", "--dem", dem, "--out", tmp_path / "map"]
    argv += ["--distance-to", f"fault={home / 'faults.gpkg'}"]
    argv += ["--classes", f"geology={home / 'geology.shp'}:unit"]
    argv += [f"landuse={home / 'landcover.tif'}"]
    assert main([str(word) for word in argv]) == 0
    wide = 2 * side.a
    assert f"has cells of {wide:g} x {wide:g} m" in capsys.readouterr().err


def test_models_are_compared_on_what_the_map_trains_on(home, factors, tmp_path, capsys):
    argv = ["compare", "--stack", factors, "--points", home / "points.csv", "--crs", CRS]
    argv += ["--target", "landslide", "--models", "LR", "--cv", 3, "--n-jobs", 1]
    run(capsys, *argv, "--split", "spatial", "--out", tmp_path / "compared")
    table = sample_stack(
        open_stack(factors), home / "points.csv", target="landslide", coordinates=("x", "y")
    )
    predictions = pd.read_csv(tmp_path / "compared" / "predictions.csv")
    assert len(predictions) == len(table.y)
    ordered = predictions.sort_values("row")
    np.testing.assert_allclose(ordered[["x", "y"]], table.coordinates)


def test_landslides_of_many_cells_are_whole_in_the_folds_of_a_comparison(
    home, factors, tmp_path, capsys
):
    argv = ["compare", "--stack", factors, "--points", home / "slides.gpkg", "--absences", 1]
    argv += ["--models", "LR", "--cv", 3, "--n-jobs", 1, "--out", tmp_path / "compared"]
    run(capsys, *argv)
    predictions = pd.read_csv(tmp_path / "compared" / "predictions.csv").sort_values("row")
    table = sample_stack(open_stack(factors), home / "slides.gpkg", target=None)
    folds = predictions["fold"].to_numpy()[: len(table.y)]
    assert pd.Series(folds).groupby(table.groups).nunique().max() == 1
    assert pd.Series(table.groups).value_counts().max() > 1


@pytest.mark.filterwarnings("always:.*outside the area")
def test_only_the_area_is_mapped_sampled_and_counted(home, tmp_path, capsys):
    argv = ["map", "--dem", home / "dem.tif", "--terrain", *TERRAIN, *INVENTORY]
    argv += ["--points", home / "points.csv", "--area", home / "district.gpkg"]
    out = run(capsys, *argv, "--out", tmp_path / "map")
    with rasterio.open(tmp_path / "map" / "susceptibility.tif") as file:
        seen = np.isfinite(file.read(1))
    inside = np.zeros(SHAPE, dtype=bool)
    inside[:, : int(0.6 * SHAPE[1])] = True
    assert not (seen & ~inside).any()
    # But for the outermost ring, where there is no slope.
    assert seen[1:-1, 1:59].all()
    points = pd.read_csv(home / "points.csv")
    with rasterio.open(home / "dem.tif") as file:
        row, column = rasterio.transform.rowcol(file.transform, points["x"], points["y"])
    row, column = np.asarray(row, int), np.asarray(column, int)
    there = inside[row, column]
    # Of two places in one cell the later one is left out.
    cells = pd.DataFrame({"row": row, "column": column})[there].drop_duplicates()
    assert f"Training table: {len(cells)} places" in out
    zones = pd.read_csv(tmp_path / "map" / "zones.csv")
    assert zones["landslides"].sum() == points["landslide"][seen[row, column]].sum()


@pytest.mark.filterwarnings("always:.*outside the area")
def test_lakes_are_left_out(home, tmp_path, capsys):
    """What is excluded has no value in any file, and its landslides are not counted."""
    argv = ["map", "--stack", home / "more.tif", home / "landcover.tif", *INVENTORY]
    argv += ["--categorical", "landcover", "--points", home / "points.csv"]
    out = run(capsys, *argv, "--exclude", home / "district.gpkg", "--out", tmp_path / "map")
    assert f"{int(0.4 * SHAPE[1]) * SHAPE[0]} of {SHAPE[0] * SHAPE[1]} cells (40 %)" in out
    for name in ("susceptibility", "uncertainty", "applicability"):
        with rasterio.open(tmp_path / "map" / f"{name}.tif") as file:
            seen = file.read_masks(1) > 0
        assert not seen[:, : int(0.6 * SHAPE[1])].any()
        assert seen[:, int(0.6 * SHAPE[1]) :].all()


def test_the_summary_says_how_the_factors_were_made(made, home):
    summary = (made / "summary.md").read_text()
    lines = summary[summary.index("## How the factors were made") :].splitlines()
    said = dict(line[2:].split(": ", 1) for line in lines if line.startswith("- `"))
    assert said["`slope`"] == "derivatives of Horn (1981) (degrees)"
    assert "100000" in said["`distance_to_river`"].replace("1e+05", "100000")
    assert str(home / "faults.gpkg") in summary[summary.index("SHA-256") :]


def test_the_summary_says_which_factor_leaves_ground_unmapped(home, tmp_path, capsys):
    """Where water leaves the model before a river, the way to the river is not known."""
    argv = ["map", "--dem", home / "dem.tif", "--river-area", 100_000, *INVENTORY]
    argv += ["--terrain", "elevation", "slope", "distance_to_drainage"]
    out = run(capsys, *argv, "--points", home / "points.csv", "--out", tmp_path / "map")
    stack = open_stack(tmp_path / "map" / "factors.tif")
    lost = {name: 100 * float(stack[name].isnull().mean()) for name in stack}
    assert lost["elevation"] == 0
    assert lost["slope"] == pytest.approx(100 * (1 - 88 * 98 / 9000))
    assert lost["distance_to_drainage"] > lost["slope"]
    (line,) = [line for line in out.splitlines() if "every factor has a value" in line]
    way, slope = (lost[name] for name in ("distance_to_drainage", "slope"))
    assert line.endswith(
        f"`distance_to_drainage` on {percent(way / 100)}, `slope` on {percent(slope / 100)}."
    )


@pytest.mark.parametrize(
    "option", [["--routing", "multiple"], ["--river-area", "5"], ["--terrain", "slope"]], ids=str
)
def test_a_model_that_makes_its_factors_otherwise_says_so(made, home, tmp_path, capsys, option):
    argv = ["map", "--model", made / "model.zip", "--dem", home / "dem.tif", *option]
    _, err = refused(capsys, tmp_path, *argv, "--out", tmp_path / "map")
    assert f"and {option[0]}" in err
    assert err.endswith("says it otherwise: leave it out.")


@pytest.fixture(scope="module")
def units(home, factors):
    """A map of slope units."""
    argv = ["map", "--stack", factors, "--units", "auto", "--points", home / "slides.gpkg"]
    argv += ["--model", "LR", "--n-jobs", "1", "--out", home / "units"]
    assert main([str(word) for word in argv]) == 0
    return home / "units"


def test_all_cells_of_a_unit_have_its_probability_and_zone(units):
    polygons = geopandas.read_file(units / "units.gpkg", layer="units")
    with rasterio.open(units / "susceptibility.tif") as file:
        values, transform = file.read(1), file.transform
    with rasterio.open(units / "zones.tif") as file:
        zones = file.read(1)
    for unit in polygons.itertuples():
        cells = rasterio.features.geometry_mask(
            [unit.geometry], values.shape, transform, invert=True
        )
        assert np.unique(values[cells]).tolist() == [np.float32(unit.susceptibility)]
        assert np.unique(zones[cells]).tolist() == [unit.zone]


def test_the_units_name_whether_they_hold_a_landslide(units, home):
    polygons = geopandas.read_file(units / "units.gpkg", layer="units")
    slides = geopandas.read_file(home / "slides.gpkg")
    slide, unit = shapely.STRtree(polygons.geometry).query(slides.geometry, "intersects")
    # In at least one of the units that it touches, which is where its highest point lies.
    found = pd.Series(polygons["landslide"].to_numpy()[unit]).groupby(slide).max()
    assert len(found) == len(slides)
    assert (found == 1).all()
    untouched = np.setdiff1d(np.arange(len(polygons)), unit)
    assert len(untouched)
    assert (polygons["landslide"].to_numpy()[untouched] == 0).all()
    facts = load_model(units / "model.zip").facts
    assert (facts["rows"], facts["landslides"]) == (len(polygons), polygons["landslide"].sum())


def test_models_are_compared_on_units_that_a_landslide_joins(
    units, factors, home, tmp_path, capsys
):
    argv = ["compare", "--stack", factors, "--units", "auto", "--points", home / "slides.gpkg"]
    argv += ["--models", "LR", "--cv", 3, "--n-jobs", 1, "--split", "spatial"]
    out = run(capsys, *argv, "--out", tmp_path / "compared")
    predictions = pd.read_csv(tmp_path / "compared" / "predictions.csv").sort_values("row")
    polygons = geopandas.read_file(units / "units.gpkg", layer="units")
    assert f"{len(polygons)} places, {polygons['landslide'].sum()} landslides" in out
    folds = predictions["fold"].to_numpy()
    slides = geopandas.read_file(home / "slides.gpkg")
    slide, unit = shapely.STRtree(polygons.geometry).query(slides.geometry, "intersects")
    share = shapely.area(
        shapely.intersection(polygons.geometry[unit].values, slides.geometry[slide].values)
    )
    # Those that a landslide covers by more than a trace.
    unit, slide = unit[share > 100], slide[share > 100]
    assert pd.Series(folds[unit]).groupby(slide).nunique().max() == 1
    assert pd.Series(slide).value_counts().max() > 1


@pytest.mark.filterwarnings("always:.*lie in no unit")
def test_an_area_cuts_slope_units_and_does_not_make_others(units, home, factors, tmp_path, capsys):
    argv = ["map", "--stack", factors, "--units", "auto", "--points", home / "slides.gpkg"]
    argv += ["--model", "LR", "--n-jobs", "1", "--area", home / "district.gpkg"]
    run(capsys, *argv, "--out", tmp_path / "map")
    whole = geopandas.read_file(units / "units.gpkg", layer="units").set_index("unit")
    part = geopandas.read_file(tmp_path / "map" / "units.gpkg", layer="units").set_index("unit")
    assert 0 < len(part) < len(whole)
    assert (part.geometry.area == whole.geometry.area[part.index]).all()
    with rasterio.open(tmp_path / "map" / "susceptibility.tif") as file:
        assert not np.isfinite(file.read(1)[:, int(0.6 * SHAPE[1]) :]).any()


def test_the_summary_counts_units(units):
    polygons = geopandas.read_file(units / "units.gpkg", layer="units")
    assert f"- {len(polygons)} mapping units of " in (units / "summary.md").read_text()


@pytest.mark.parametrize(
    "option", [["--absences", "1"], ["--polygons", "scarp"], ["--min-slope", "5"]], ids=str
)
def test_what_is_said_of_cells_is_refused_for_units(home, factors, tmp_path, capsys, option):
    argv = ["map", "--stack", factors, "--units", "auto", "--points", home / "slides.gpkg"]
    _, err = refused(capsys, tmp_path, *argv, *option, "--model", "LR", "--out", tmp_path / "map")
    assert f"{' '.join(option)} is for cells" in err


def test_a_model_of_units_maps_units_again_and_refuses_cells(
    units, factors, home, tmp_path, capsys
):
    argv = ["map", "--model", units / "model.zip", "--stack", factors]
    run(capsys, *argv, "--units", "auto", "--out", tmp_path / "again")
    with (
        rasterio.open(units / "susceptibility.tif") as one,
        rasterio.open(tmp_path / "again" / "susceptibility.tif") as other,
    ):
        np.testing.assert_array_equal(one.read(), other.read())
    _, err = refused(capsys, tmp_path, *argv, "--out", tmp_path / "cells")
    assert "elevation_mean" in err
    argv += ["--units", "auto", "--min-area", 5000, "--out", tmp_path / "cells"]
    _, err = refused(capsys, tmp_path, *argv)
    assert "--min-area 5000 is for cells" in err


@pytest.mark.parametrize("name", ["zones", "units"])
def test_qgis_finds_the_colors_of_the_zones_in_the_file(units, name):
    with sqlite3.connect(units / f"{name}.gpkg") as database:
        (table, default, style) = database.execute(
            "SELECT f_table_name, useAsDefault, styleQML FROM layer_styles"
        ).fetchone()
    database.close()
    assert (table, default) == (name, 1)
    assert style.count("<category ") == 5
    assert '<Option name="color" type="QString" value="110,0,40,255"/>' in style
    assert geopandas.read_file(units / f"{name}.gpkg", layer=name)["zone"].between(1, 5).all()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--dem", "dem.tif", "--distance-to", "faults.gpkg"], "NAME=FILE"),
        (["--dem", "dem.tif", "--distance-to", "fault=fault.gpkg"], "faults.gpkg"),
        (["--dem", "dem.tif", "--classes", "geology=geology.shp"], "--classes geology="),
        (["--dem", "dem.tif", "--classes", "geology=geology.shp:units"], "'unit'"),
        (["--dem", "dem.tif", "--classes", "slope=landcover.tif"], "slope"),
        (["--dem", "dem.tif", "--terrain", "slop"], "'slope'"),
        (["--dem", "points.csv"], "points.csv"),
        (["--dem", "dem.tif", "--distance-to", "a=faults.gpkg", "a=faults.gpkg"], "more than once"),
        (["--dem", "dem.tif", "--terrain", "slope", "--out", "dem.tif"], "dem.tif exists"),
        (["--dem", "dem.tif", "--area", "nowhere.gpkg"], "nowhere.gpkg"),
    ],
)
def test_wrong_sources_are_told_in_one_line(home, tmp_path, capsys, monkeypatch, argv, words):
    monkeypatch.chdir(home)
    argv = argv if "--out" in argv else [*argv, "--out", tmp_path / "out.tif"]
    _, err = refused(capsys, tmp_path, "factors", *argv)
    assert words in err


def test_a_file_that_is_read_is_never_replaced(home, tmp_path, capsys):
    copy = tmp_path / "dem.tif"
    copy.write_bytes((home / "dem.tif").read_bytes())
    _, err = refused(capsys, tmp_path, "factors", "--dem", copy, "--out", copy, "--overwrite")
    assert "is read by this run" in err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "TABLE"),
        (["points.csv", "--stack", "factors.tif", "--points", "points.csv"], "not both"),
        (["--stack", "factors.tif"], "--points"),
        (["points.csv"], "--target"),
        (["points.csv", "--target", "landslide", "--area", "district.gpkg"], "--area"),
        (["points.csv", "--target", "landslide", "--units", "auto"], "--units is for --stack"),
        (["points.csv", "--target", "landslide", "--absences", "1"], "--absences is for --stack"),
        (["points.csv", "--target", "landslide", "--terrain", "slope"], "--terrain is for --stack"),
        (["points.csv", "--target", "landslide", "--slope-method", "horn"], "--slope-method is"),
        (["--stack", "factors.tif", "--points", "points.csv", "--sheet", "2"], "--sheet is for a"),
        (["--stack", "factors.tif", "--points", "points.csv", "--drop", "a"], "--drop"),
        (["--points", "points.csv", "--terrain", "slope"], "--stack"),
    ],
)
def test_a_comparison_is_of_a_table_or_of_rasters(home, tmp_path, capsys, monkeypatch, argv, words):
    monkeypatch.chdir(home)
    _, err = refused(capsys, tmp_path, "compare", *argv)
    assert words in err


def test_a_degree_grid_is_refused_with_its_zone_or_brought_there(home, tmp_path, capsys):
    y, x = np.mgrid[:60, :60]
    heights = 500 + 300 * np.sin(x / 9) * np.cos(y / 7)
    transform = rasterio.Affine(1 / 3600, 0, 73.5, 0, -1 / 3600, 34.5)
    dem = write_raster(tmp_path / "dem.tif", heights, transform, crs="EPSG:4326")
    argv = ["factors", "--dem", dem, "--terrain", "slope", "--out", tmp_path / "out.tif"]
    _, err = refused(capsys, tmp_path, *argv)
    assert "EPSG:32643" in err
    assert "--align auto" in err
    run(capsys, *argv, "--align", "auto")
    with rasterio.open(tmp_path / "out.tif") as file:
        assert file.crs.to_epsg() == 32643
        slope = file.read(1)
    assert 10 < np.nanmedian(slope) < 60


def test_the_recipe_that_a_strange_model_file_brings_is_checked(made, home, tmp_path, capsys):
    from sklearn_landslide.persistence import save_model

    model = load_model(made / "model.zip")
    for recipe in ("[]", "no JSON", json.dumps({"terrain": {"factors": ["slope"]}})):
        model.facts["factor_recipe"] = recipe
        save_model(model, tmp_path / "strange.zip", overwrite=True)
        argv = ["map", "--model", tmp_path / "strange.zip", "--dem", home / "dem.tif"]
        _, err = refused(capsys, tmp_path, *argv, "--out", tmp_path / "out")
        assert "does not say how its factors were made" in err
