"""The command that makes a map: what it writes is checked pixel by pixel, and how it fails."""

import contextlib
import hashlib
import io
import itertools
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("skops")
pytest.importorskip("matplotlib")
pytest.importorskip("rioxarray")
geopandas = pytest.importorskip("geopandas")
rasterio = pytest.importorskip("rasterio")

from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from sklearn.model_selection import StratifiedKFold, cross_val_predict  # noqa: E402

from sklearn_landslide._words import percent  # noqa: E402
from sklearn_landslide.cli import main  # noqa: E402
from sklearn_landslide.datasets import make_landslides  # noqa: E402
from sklearn_landslide.map_products._files import FILES as ALL_FILES  # noqa: E402
from sklearn_landslide.mapping import (  # noqa: E402
    applicability_style,
    open_stack,
    sample_stack,
    susceptibility_style,
    uncertainty_style,
    zone_colors,
    zones_raster_style,
)
from sklearn_landslide.model_selection import SpatialBlockKFold  # noqa: E402
from sklearn_landslide.persistence import load_model, save_model  # noqa: E402

pytestmark = pytest.mark.usefixtures("coarse_pictures")

# Of rasters as they are, and of cells.
NOT_ALWAYS = (
    "factors.tif",
    "factors.qml",
    "deciding_factor.tif.aux.xml",
    "units.gpkg",
    "contributions.tif",
    "deciding_factor.tif",
    "contributions.qml",
    "deciding_factor.qml",
    "later_score.json",
    "later_landslides.csv",
    "later_rate_curve.png",
    "zones_by_unit.csv",
)
FILES = [name for name in ALL_FILES if name not in NOT_ALWAYS]
# What a model knows nothing of that came without it.
UNKNOWN = ("applicability", "dissimilarity", "uncertainty")
FACTORS = ["altitude", "slope", "twi", "lithology"]
SHAPE = (140, 150)
CRS = "EPSG:32650"
HOLE = (slice(20, 40), slice(60, 90))


def write_stack(path, region, factors=FACTORS, crs=CRS, shift=0.0, **changed):
    """Write factors of a region as one GeoTIFF with a hole in the slope."""
    bands = [changed.get(name, region.stack[name]).astype("float32") for name in factors]
    bands = [band.copy() for band in bands]
    if "slope" in factors:
        bands[factors.index("slope")][HOLE] = np.nan
    side, _, west, _, height, north = region.transform
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=len(bands),
        height=bands[0].shape[0],
        width=bands[0].shape[1],
        dtype="float32",
        nodata=np.nan,
        crs=crs,
        transform=rasterio.Affine(side, 0, west + shift, 0, height, north),
    ) as file:
        for number, band in enumerate(bands, start=1):
            file.write(band, number)
        file.descriptions = factors
    return path


@pytest.fixture(scope="module")
def region():
    return make_landslides(400, shape=SHAPE, return_stack=True, as_frame=True, random_state=0)


@pytest.fixture(scope="module")
def home(region, tmp_path_factory):
    """A folder with a stack and an inventory."""
    folder = tmp_path_factory.mktemp("home")
    write_stack(folder / "terrain.tif", region)
    points = region.coordinates.assign(landslide=region.target)
    points.to_csv(folder / "points.csv", index=False)
    points[points["landslide"] == 1].drop(columns="landslide").to_csv(
        folder / "landslides.csv", index=False
    )
    return folder


def command(home, out, *more, model="LR", points="points.csv", stack=("terrain.tif",)):
    argv = ["map", "--model", str(model), "--stack", *(str(home / name) for name in stack)]
    if points is not None:
        argv += ["--points", str(home / points)]
    if points == "points.csv":
        argv += ["--target", "landslide", "--coordinates", "x", "y"]
    argv += ["--window", "128", "--n-jobs", "1", "--out", str(out)]
    return [*argv, *map(str, more)]


@pytest.fixture(scope="module")
def made(home, tmp_path_factory):
    """The map of one command."""
    out = tmp_path_factory.mktemp("made") / "map"
    assert (
        main(command(home, out, "--categorical", "lithology", "--save", out.parent / "m.zip")) == 0
    )
    return out


def read(path, band=1):
    with rasterio.open(path) as file:
        return file.read(band)


def pixels(home, factors=FACTORS):
    """The stack as rows of a table, read without this package, and where all factors are."""
    with rasterio.open(home / "terrain.tif") as file:
        bands = dict(zip(file.descriptions, file.read(), strict=True))
    valid = np.all([np.isfinite(band) for band in bands.values()], axis=0)
    rows = pd.DataFrame({name: bands[name][valid].astype(float) for name in factors})
    if "lithology" in factors:
        rows["lithology"] = rows["lithology"].astype(int).astype("category")
    return rows, valid


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@contextlib.contextmanager
def file_size_limit(n_bytes):
    """Make the disk seem full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def refused(capsys, folder, argv):
    """Run a command that must fail with one line and leave nothing behind."""
    before = tree(folder)
    assert main([str(word) for word in argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"error: [^\n]+", err.strip().splitlines()[-1]), err
    assert "Traceback" not in err
    assert tree(folder) == before
    return err


# --- what a map consists of -----------------------------------------------------------------


def test_all_files_are_there_and_nothing_else(made):
    assert sorted(path.name for path in made.iterdir()) == sorted(FILES)
    assert sorted(path.name for path in made.parent.iterdir()) == ["m.zip", "map"]


def test_each_pixel_has_the_probability_of_the_saved_model(made, home):
    probability = read(made / "susceptibility.tif")
    rows, valid = pixels(home)
    np.testing.assert_array_equal(np.isnan(probability), ~valid)
    assert not valid[HOLE].any()
    model = load_model(made / "model.zip").model
    expected = model.predict_proba(rows)[:, 1].astype(np.float32)
    # A matrix product's last bit depends on how many rows are multiplied together.
    np.testing.assert_allclose(probability[valid], expected, rtol=2e-6)


def test_zones_follow_from_the_edges_that_travel_with_the_model(made):
    probability, zones = read(made / "susceptibility.tif"), read(made / "zones.tif")
    model = load_model(made / "model.zip")
    edges = model.zones.edges_
    for zone, (low, high) in enumerate(itertools.pairwise(edges), start=1):
        np.testing.assert_array_equal(zones == zone, (probability > low) & (probability <= high))
    np.testing.assert_array_equal(zones == 0, np.isnan(probability))
    with rasterio.open(made / "zones.tif") as file:
        table = file.colormap(1)
        assert file.tags()["zones"] == "very low, low, moderate, high, very high"
    assert all(table[zone] == color for zone, color in zone_colors(5).items() if zone)
    assert load_model(made.parent / "m.zip").zones.edges_.tolist() == edges.tolist()


def test_each_raster_has_its_style_for_qgis(made):
    zones = load_model(made / "model.zip").zones
    style = (made / "zones.qml").read_text(encoding="utf-8")
    assert style == zones_raster_style(zones.names_)
    assert (made / "susceptibility.qml").read_text() == susceptibility_style(zones.edges_)
    assert (made / "applicability.qml").read_text() == applicability_style()
    highest = float(np.nanmax(read(made / "uncertainty.tif")))
    assert (made / "uncertainty.qml").read_text() == uncertainty_style(highest)


@pytest.mark.parametrize(
    ("name", "bands", "units"),
    [
        ("susceptibility", ("susceptibility",), ("probability",)),
        ("zones", ("zone",), ("zone",)),
        ("uncertainty", ("spread",), ("probability",)),
        ("dissimilarity", ("dissimilarity",), ("1",)),
        ("applicability", ("inside",), ("1 inside, 0 outside",)),
    ],
)
def test_bands_say_what_they_are_and_in_what_unit(made, name, bands, units):
    with rasterio.open(made / f"{name}.tif") as file:
        assert (file.descriptions, file.units) == (bands, units)


def test_applicability_is_that_of_the_area_of_the_training_table(made, home):
    rows, valid = pixels(home)
    area = load_model(made / "model.zip").applicability
    dissimilarity, inside = read(made / "dissimilarity.tif"), read(made / "applicability.tif")
    with rasterio.open(made / "applicability.tif") as file:
        assert (file.dtypes, file.nodata) == (("uint8",), 255)
    expected = area.dissimilarity(rows)
    np.testing.assert_allclose(dissimilarity[valid], expected, rtol=1e-6)
    # Not on the edge itself, where the last bit of a float32 decides.
    clear = np.abs(expected - area.threshold_) > 1e-6
    np.testing.assert_array_equal(inside[valid][clear] == 1, expected[clear] <= area.threshold_)
    assert (inside[~valid] == 255).all()
    share = np.mean(inside[valid] == 0)
    assert 0 < share < 0.5
    assert f"{percent(share)} of the map is outside" in (made / "summary.md").read_text()


def test_uncertainty_is_the_spread_of_the_models_of_the_folds(made, home):
    rows, valid = pixels(home)
    refits = load_model(made / "model.zip").refits
    assert len(refits) == 5
    probabilities = [refit.predict_proba(rows)[:, 1] for refit in refits]
    spread = read(made / "uncertainty.tif")
    np.testing.assert_allclose(
        spread[valid], np.std(probabilities, axis=0, ddof=1), rtol=1e-4, atol=1e-6
    )
    assert np.isnan(spread[~valid]).all()


def test_table_and_polygons_count_the_same_areas_and_landslides(made, region):
    zones, probability = read(made / "zones.tif"), read(made / "susceptibility.tif")
    table = pd.read_csv(made / "zones.csv", index_col="zone")
    polygons = geopandas.read_file(made / "zones.gpkg", layer="zones")
    side, _, west, _, height, north = region.transform
    cell = side * -height / 1e6
    places = region.coordinates[region.target == 1].to_numpy()
    at = zones[
        ((north - places[:, 1]) // -height).astype(int), ((places[:, 0] - west) // side).astype(int)
    ]
    for zone, row in table.iterrows():
        here = zones == zone
        assert row["area_km2"] == pytest.approx(here.sum() * cell)
        assert row["mean_probability"] == pytest.approx(probability[here].mean(dtype=float))
        assert row["landslides"] == np.sum(at == zone)
        own = polygons[polygons["zone"] == zone]
        assert own["area_km2"].sum() == pytest.approx(row["area_km2"])
        assert own.area.sum() / 1e6 == pytest.approx(row["area_km2"])
        assert own["landslides"].sum() == row["landslides"]
        assert row["density_per_km2"] == pytest.approx(row["landslides"] / row["area_km2"])
    assert polygons.crs == CRS
    assert np.all(np.diff(table["mean_probability"]) > 0)


def test_the_summary_tells_the_scores_of_both_kinds_of_folds(made, home):
    stack = open_stack(home / "terrain.tif", categorical=["lithology"])
    table = sample_stack(stack, home / "points.csv")
    model = load_model(made / "model.zip").model
    blocks = SpatialBlockKFold(table.coordinates, random_state=0)
    random = StratifiedKFold(5, shuffle=True, random_state=0)
    text = (made / "summary.md").read_text()
    for cv, words in ((blocks, "5 spatial blocks"), (random, "5 random folds")):
        probability = cross_val_predict(model, table.X, table.y, cv=cv, method="predict_proba")[
            :, 1
        ]
        scores = [
            roc_auc_score(table.y[test], probability[test])
            for _, test in cv.split(table.X, table.y)
        ]
        assert f"{words}: {np.mean(scores):.3f} ± {np.std(scores, ddof=1):.3f}" in text
    assert f"{len(table.y)} places, {table.y.sum()} landslides among them" in text
    digest = hashlib.sha256((home / "terrain.tif").read_bytes()).hexdigest()
    assert f"terrain.tif`: {digest}" in text
    assert "LogisticRegression, seed 0" in text


def test_the_picture_is_a_picture(made):
    from matplotlib.image import imread

    picture = imread(made / "map.png")
    assert min(picture.shape[:2]) > 500
    # Each zone's color is on it, darkened by the relief.
    assert len(np.unique(picture[::4, ::4, :3].reshape(-1, 3).round(1), axis=0)) > 20


# --- models ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def further(made, region, tmp_path_factory):
    """A map of a trained model: other order of the bands, one more, in several files.

    No inventory; the output folder was there, with a file of the user's; stderr is a file.
    """
    home = tmp_path_factory.mktemp("further")
    write_stack(home / "a.tif", region, ["twi", "ndvi", "slope"])
    write_stack(home / "b.tif", region, ["lithology", "altitude"])
    (home / "map").mkdir()
    (home / "map" / "notes.txt").write_text("mine")
    files = ["a.tif", "b.tif"]
    argv = command(home, home / "map", model=made / "model.zip", points=None, stack=files)
    printed, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(err):
        assert main(argv) == 0
    return SimpleNamespace(
        home=home, out=home / "map", argv=argv, printed=printed.getvalue(), err=err.getvalue()
    )


def test_a_trained_model_maps_the_next_region_with_the_same_edges(made, further):
    out = further.out
    np.testing.assert_array_equal(
        read(out / "susceptibility.tif"), read(made / "susceptibility.tif")
    )
    for name in ("zones.tif", "applicability.tif", "uncertainty.tif"):
        np.testing.assert_array_equal(read(out / name), read(made / name))
    text = (out / "summary.md").read_text()
    assert "Bands that the model does not use: `ndvi`" in text
    assert "with edges of an earlier map" in text
    assert "landslides" not in pd.read_csv(out / "zones.csv")
    assert text.strip() in further.printed


@pytest.mark.filterwarnings("always:7 of 200 places")
def test_a_trained_model_is_tested_on_a_new_inventory_without_the_places_outside_the_stack(
    home, made, tmp_path, capsys
):
    points = pd.read_csv(home / "points.csv").iloc[::2]
    moved = points.copy()
    moved.iloc[:7, moved.columns.get_loc("x")] += 1e6
    moved.to_csv(tmp_path / "new.csv", index=False)
    out = tmp_path / "map"
    argv = command(home, out, "--target", "landslide", model=made / "model.zip")
    argv[argv.index(str(home / "points.csv"))] = str(tmp_path / "new.csv")
    assert main(argv) == 0
    text = (out / "summary.md").read_text()
    stack = open_stack(home / "terrain.tif", categorical=["lithology"])
    table = sample_stack(stack, points.iloc[7:])
    auc = roc_auc_score(table.y, load_model(made / "model.zip").model.predict_proba(table.X)[:, 1])
    assert f"ROC-AUC at these places, which are new to the model: {auc:.3f}" in text
    assert "7 of its places lie outside the stack" in text
    assert "warning: 7 of 200 places" in capsys.readouterr().err


def test_a_bare_model_file_makes_a_map_without_what_it_does_not_know(home, tmp_path):
    from sklearn.linear_model import LogisticRegression

    stack = open_stack(home / "terrain.tif", factors=["slope", "twi"])
    table = sample_stack(stack, home / "points.csv")
    model = LogisticRegression().fit(table.X.fillna(20.0), table.y)
    save_model(model, tmp_path / "bare.zip")
    out = tmp_path / "map"
    assert main(command(home, out, model=tmp_path / "bare.zip")) == 0
    missing = {f"{name}.{kind}" for name in UNKNOWN for kind in ("tif", "qml")}
    missing.add("applicability.tif.aux.xml")
    assert {path.name for path in out.iterdir()} == set(FILES) - missing
    text = (out / "summary.md").read_text()
    assert "came without an area of applicability" in text
    assert "not mapped, as the model came without members or refits" in text


def test_the_network_maps_with_its_members_as_uncertainty(home, tmp_path):
    out = tmp_path / "map"
    factors = ["slope", "twi"]
    more = ["--epochs", "1", "--factors", *factors, "--zones", "quantile", "--n-zones", "3"]
    assert main(command(home, out, *more, "--prevalence", "0.05", model="LandslideNet")) == 0
    # Without lithology and altitude the hole is the same.
    rows, valid = pixels(home, factors)
    model = load_model(out / "model.zip")
    probability = read(out / "susceptibility.tif")
    np.testing.assert_allclose(
        probability[valid], model.model.predict_proba(rows)[:, 1], rtol=1e-4, atol=1e-6
    )
    assert model.refits == []
    assert model.model.class_prior_[1] == 0.05
    assert read(out / "uncertainty.tif")[valid].min() > 0
    counts = np.bincount(read(out / "zones.tif").ravel(), minlength=4)[1:]
    assert counts / counts.sum() == pytest.approx([1 / 3] * 3, abs=0.02)
    assert "stated share of landslides in the study area, 0.05" in (out / "summary.md").read_text()


def test_zones_by_landslide_share_come_from_places_the_models_had_not_seen(home, tmp_path):
    out = tmp_path / "map"
    assert main(command(home, out, "--zones", "landslide_share", "--factors", "slope", "twi")) == 0
    model = load_model(out / "model.zip")
    stack = open_stack(home / "terrain.tif", factors=["slope", "twi"])
    table = sample_stack(stack, home / "points.csv")
    cv = SpatialBlockKFold(table.coordinates, random_state=0)
    probability = cross_val_predict(model.model, table.X, table.y, cv=cv, method="predict_proba")[
        :, 1
    ]
    found = np.bincount(model.zones.transform(probability[table.y == 1]), minlength=6)[1:]
    assert found[::-1] / found.sum() == pytest.approx([0.5, 0.25, 0.125, 0.0625, 0.0625], abs=0.02)


# --- inventories ----------------------------------------------------------------------------


def test_absences_are_drawn_for_landslides_alone(home, tmp_path, capsys):
    out = tmp_path / "map"
    more = ["--absences", "1.5", "--absence-buffer", "50", "--factors", "slope", "lithology"]
    argv = command(home, out, *more, "--categorical", "lithology", points="landslides.csv")
    assert main(argv) == 0
    facts = load_model(out / "model.zip").facts
    assert facts["rows"] == facts["landslides"] + round(1.5 * facts["landslides"])
    text = (out / "summary.md").read_text()
    assert "drawn at random: 1.5 for each landslide, 50 m or more away" in text


def polygon_command(home, region, folder, *more):
    """The command on 60 landslides with a radius of 45 m."""
    places = region.coordinates[region.target == 1].iloc[:60].to_numpy()
    shapes = geopandas.GeoSeries(geopandas.points_from_xy(*places.T), crs=CRS).buffer(45)
    geopandas.GeoDataFrame(geometry=shapes).to_file(folder / "slides.gpkg")
    more = ["--absences", "1", "--absence-buffer", "0", *more]
    argv = command(home, folder / "map", *more, points="landslides.csv")
    argv[argv.index(str(home / "landslides.csv"))] = str(folder / "slides.gpkg")
    return argv


def test_polygons_are_trained_on_by_cell_and_counted_once(home, region, tmp_path):
    out = tmp_path / "map"
    assert main(polygon_command(home, region, tmp_path, "--factors", "slope", "twi")) == 0
    facts = load_model(out / "model.zip").facts
    assert facts["landslides"] > 60 == facts["n_landslides"]
    n_on_map = pd.read_csv(out / "zones.csv")["landslides"].sum()
    facts = json.loads((out / "facts.json").read_text())["map"]["inventory"]
    assert facts["n_unmapped"] == 60 - n_on_map and facts["n_outside"] == 0
    assert (
        f"Inventory: 60 landslides, {n_on_map} of them on the map"
        in (out / "summary.md").read_text()
    )


@pytest.mark.parametrize(
    ("choice", "most", "words"),
    [
        ("one", 1, "one cell in the middle of a polygon"),
        ("scarp", 1, "the highest cell of a polygon"),
        ("3", 3, "3 cells of a polygon, drawn at random, or all it has"),
    ],
)
def test_polygons_become_what_is_asked_for(home, region, tmp_path, choice, most, words):
    more = ["--polygons", choice, "--factors", "slope", "altitude"]
    assert main(polygon_command(home, region, tmp_path, *more)) == 0
    facts = load_model(tmp_path / "map" / "model.zip").facts
    n_rows, n_landslides = facts["landslides"], facts["n_landslides"]
    # Neighbors may share a cell.
    assert 55 <= n_landslides <= 60
    assert n_landslides * (most - 0.5) < n_rows <= n_landslides * most
    assert facts["rows"] == 2 * n_rows
    text = (tmp_path / "map" / "summary.md").read_text()
    assert f"The {n_rows} cells of landslides come from {n_landslides} landslides: {words}." in text
    what = "landslide" if n_rows == n_landslides else "cell of a landslide"
    assert f"1 for each {what}, 0 m or more away from all landslides" in text
    counted = (
        f"{n_rows} landslides"
        if n_rows == n_landslides
        else (f"{n_rows} cells of {n_landslides} landslides")
    )
    assert f"Training table: {2 * n_rows} places, {counted} among them (50 %)." in text


def test_small_patches_are_in_no_file(home, made, tmp_path):
    argv = command(home, tmp_path / "map", "--categorical", "lithology", "--min-area", "20000")
    assert main(argv) == 0
    zones, before = (read(folder / "zones.tif") for folder in (tmp_path / "map", made))
    with rasterio.open(made / "zones.tif") as file:
        cell = file.res[0] * file.res[1]
        assert (
            read(made / "susceptibility.tif") == read(tmp_path / "map/susceptibility.tif")
        ).any()
    polygons = geopandas.read_file(tmp_path / "map" / "zones.gpkg", layer="zones")
    # The hole of the slope cuts nothing off.
    assert polygons.area.min() >= 20_000 - 1e-6
    assert polygons.area.sum() == pytest.approx((zones > 0).sum() * cell)
    assert len(polygons) < len(geopandas.read_file(made / "zones.gpkg", layer="zones")) / 4
    assert ((zones > 0) == (before > 0)).all()
    table = pd.read_csv(tmp_path / "map" / "zones.csv", index_col="zone")
    for zone, area in (table["area_km2"] * 1e6 / cell).items():
        assert area == pytest.approx((zones == zone).sum())
    changed = int((zones != before).sum())
    assert changed > 0
    assert (
        "Patches of less than 20000 m² joined the zone with the longest common border: "
        f"{changed} cells ({percent(changed / (zones > 0).sum())}) changed zone."
    ) in (tmp_path / "map" / "summary.md").read_text()


def test_flat_ground_is_left_out_of_drawing_and_scoring_and_is_mapped(home, region, tmp_path):
    more = ["--absences", "2", "--min-slope", "12", "--factors", "slope", "twi"]
    argv = command(home, tmp_path / "map", *more, points="landslides.csv")
    assert main(argv) == 0
    facts = load_model(tmp_path / "map" / "model.zip").facts
    text = (tmp_path / "map" / "summary.md").read_text()
    assert facts["min_slope"] == 12
    # Only landslides lie on flat ground.
    assert 0 <= facts["n_flat"] < facts["landslides"]
    blocks, with_flat = np.mean(facts["auc_blocks"]), np.mean(facts["auc_with_flat"])
    assert with_flat > blocks
    assert f"flatter than 12 degrees was left out of the scores, {facts['n_flat']} places" in text
    assert f"difference of {with_flat - blocks:+.3f}" in text
    mapped = np.isfinite(read(tmp_path / "map" / "susceptibility.tif"))
    flat = mapped & (region.stack["slope"] < 12)
    assert f"{percent(flat.sum() / mapped.sum())} of the map is flatter than 12 degrees" in text


def test_a_real_map_has_the_known_score_and_follows_the_slope(real_data, tmp_path):
    argv = command(real_data, tmp_path / "map", stack=["ecuador_terrain.tif"], points=None)
    argv += ["--points", str(real_data / "ecuador_points.csv"), "--target", "landslide"]
    assert main(argv) == 0
    text = (tmp_path / "map" / "summary.md").read_text()
    assert "350 places, 175 landslides among them (50 %)" in text
    score = float(re.search(r"5 random folds: (0\.\d+)", text)[1])
    # About .81 is known for these rows in five random folds.
    assert 0.77 < score < 0.85
    table = pd.read_csv(tmp_path / "map" / "zones.csv")
    assert table["landslides"].sum() == 175
    assert table["frequency_ratio"].iloc[-1] > 3 > 0.5 > table["frequency_ratio"].iloc[0]
    probability = read(tmp_path / "map" / "susceptibility.tif")
    slope = read(real_data / "ecuador_terrain.tif", 1)
    both = np.isfinite(probability) & np.isfinite(slope)
    assert probability[both & (slope > 45)].mean() > 2 * probability[both & (slope < 15)].mean()


# --- the console and the folder -------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_file_sees_no_bar(further):
    assert "susceptibility.tif" in further.err
    # Lines of a slow run may tell of windows, too.
    assert "%|" not in further.err


def test_an_earlier_map_is_replaced_only_when_asked_and_a_terminal_sees_a_bar(
    further, monkeypatch, capsys
):
    first = tree(further.out)
    # Landslides are known where the inventory is, not where a model is given.
    assert set(first) == {*FILES, "notes.txt"} - {"landslides.csv"}
    err = refused(capsys, further.home, further.argv)
    assert f"{further.out} already holds susceptibility.tif" in err
    assert "or replace them with --overwrite." in err
    # A picture of as many pixels as the first.
    monkeypatch.undo()
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    assert main([*further.argv, "--overwrite"]) == 0
    assert re.search(r"susceptibility\.tif: 100%\|.*\| 4/4", screen.getvalue())
    second = tree(further.out)
    assert set(second) == set(first)
    assert second["notes.txt"] == b"mine"
    assert second["summary.md"] != first["summary.md"] or second["map.png"] == first["map.png"]


@pytest.fixture(scope="module")
def killed(home, region, tmp_path_factory):
    """A folder in which a run was killed in the middle of its first map."""
    folder = tmp_path_factory.mktemp("killed")
    # 24 windows, more than are computed at a time.
    large = np.tile(region.stack["slope"], (5, 3))
    write_stack(folder / "terrain.tif", region, ["slope", "twi"], slope=large, twi=large % 7)
    X = pd.DataFrame({"slope": large.ravel()[:999], "twi": large.ravel()[:999] % 5})
    forest = RandomForestClassifier(40, random_state=0).fit(X, X["slope"] > X["slope"].median())
    save_model(forest, folder / "forest.zip")
    argv = command(folder, folder / "map", model=folder / "forest.zip", points=None)
    process = subprocess.Popen(
        [sys.executable, "-m", "sklearn_landslide", *argv],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    journal = folder / "map.partial" / "susceptibility.tif.partial.json"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if journal.exists() and len(journal.read_text().splitlines()) > 3:
            break
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    return folder


def test_a_killed_run_leaves_nothing_that_looks_finished(killed):
    assert sorted(path.name for path in killed.iterdir()) == [
        "forest.zip",
        "map.partial",
        "terrain.tif",
    ]
    left = {path.name for path in (killed / "map.partial").iterdir()}
    assert left == {
        "run.json",
        "run.lock",
        "susceptibility.tif.partial",
        "susceptibility.tif.partial.json",
    }


def test_a_killed_run_is_neither_overwritten_nor_taken_for_another(killed, capsys):
    argv = command(killed, killed / "map", model=killed / "forest.zip", points=None)
    assert "is of a run that did not end: take it up with --resume," in refused(
        capsys, killed, argv
    )
    other = [*argv, "--seed", "1", "--resume"]
    assert "is of another run" in refused(capsys, killed, other)


def test_a_killed_run_is_taken_up_and_ends_in_the_same_map(killed):
    """Last of the three: it ends the unfinished run."""
    journal = killed / "map.partial" / "susceptibility.tif.partial.json"
    assert 3 < len(journal.read_text().splitlines()) < 25
    argv = command(killed, killed / "map", model=killed / "forest.zip", points=None)
    assert main([*argv, "--resume"]) == 0
    assert not (killed / "map.partial").exists()
    slope, twi = (read(killed / "terrain.tif", band).astype(float) for band in (1, 2))
    valid = np.isfinite(slope)
    rows = pd.DataFrame({"slope": slope[valid], "twi": twi[valid]})
    expected = load_model(killed / "forest.zip").predict_proba(rows)[:, 1]
    probability = read(killed / "map" / "susceptibility.tif")
    np.testing.assert_array_equal(probability[valid], expected.astype(np.float32))


def test_a_run_that_failed_is_taken_up_with_its_model(home, made, tmp_path, capsys):
    """The maps can be written, the polygons cannot: then there is room again.

    It ends in the map that the same seed made in one go, in other windows.
    """
    argv = [*command(home, tmp_path / "map", "--categorical", "lithology"), "--resume"]
    argv[argv.index("--window") + 1] = "512"
    with file_size_limit(700_000):
        assert main(argv) == 2
    assert not (tmp_path / "map").exists()
    left = tmp_path / "map.partial"
    written = (left / "susceptibility.tif").stat().st_mtime_ns
    capsys.readouterr()
    assert main(argv) == 0
    assert "model of the unfinished run" in capsys.readouterr().err
    assert (tmp_path / "map" / "susceptibility.tif").stat().st_mtime_ns == written
    for name in ("susceptibility.tif", "zones.tif", "uncertainty.tif", "applicability.tif"):
        np.testing.assert_array_equal(read(tmp_path / "map" / name), read(made / name))
    assert (tmp_path / "map" / "zones.csv").read_text() == (made / "zones.csv").read_text()


# --- what numbers and labels mean -----------------------------------------------------------


def relabeled(home, folder, labels):
    points = pd.read_csv(home / "points.csv")
    points["landslide"] = points["landslide"].map(dict(enumerate(labels)))
    points.to_csv(folder / "points.csv", index=False)
    argv = command(home, folder / "map", "--categorical", "lithology")
    return [
        word if word != str(home / "points.csv") else str(folder / "points.csv") for word in argv
    ]


@pytest.mark.parametrize(
    ("labels", "more"),
    [
        (("nein", "ja"), []),
        # The landslide is not the greater one.
        (("B", "A"), ["--positive-class", "A"]),
    ],
)
def test_an_inventory_with_labels_in_words_gives_the_same_map(home, made, tmp_path, labels, more):
    assert main([*relabeled(home, tmp_path, labels), *more]) == 0
    for name in ("susceptibility.tif", "zones.tif", "uncertainty.tif"):
        np.testing.assert_array_equal(read(tmp_path / "map" / name), read(made / name))
    table = pd.read_csv(made / "zones.csv")
    assert pd.read_csv(tmp_path / "map" / "zones.csv").equals(table)


def test_which_label_is_a_landslide_is_asked_for(home, made, tmp_path, capsys):
    argv = relabeled(home, tmp_path, ("B", "A"))
    assert "say which is a landslide, --positive-class LABEL" in refused(capsys, tmp_path, argv)
    err = refused(capsys, tmp_path, [*argv, "--positive-class", "C"])
    assert "--positive-class C is not in the target 'landslide'" in err
    argv = command(home, tmp_path / "map", "--positive-class", "A", points="landslides.csv")
    err = refused(capsys, tmp_path, argv)
    assert "no column of labels is named: name it, --target NAME" in err


def filled(home, path, number):
    """The stack with a hole in every factor that a number fills, which the file does not state."""
    with rasterio.open(home / "terrain.tif") as file:
        profile, values = file.profile | {"nodata": None}, file.read()
        names = file.descriptions
    values[:, HOLE[0], HOLE[1]] = number
    with rasterio.open(path, "w", **profile) as file:
        file.write(values)
        file.descriptions = names


@pytest.mark.filterwarnings("default::UserWarning")
def test_nodata_that_no_file_states_is_one_line_with_the_option_that_declares_it(
    home, tmp_path, capsys
):
    filled(home, tmp_path / "terrain.tif", -9999)
    argv = command(home, tmp_path / "map", "--factors", "altitude", "twi")
    argv[argv.index(str(home / "terrain.tif"))] = str(tmp_path / "terrain.tif")
    assert main(argv) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "warning" in line]
    assert re.match(r"warning: 'altitude' \(.*\) has -9999 in 600 of 21000 values", lines[0])
    assert re.search(r"'twi' \(.*\) has -9999 in 600 .* declare it: --nodata -9999\.$", lines[0])
    assert not any("nodata=" in line or "bounds" in line for line in lines)
    assert main([*argv, "--overwrite", "--nodata", "-9999"]) == 0
    assert "-9999" not in capsys.readouterr().err
    probability = read(tmp_path / "map" / "susceptibility.tif")
    assert np.isnan(probability[HOLE]).all()
    assert np.isfinite(probability).sum() == 140 * 150 - 600
    alone = [*argv, "--overwrite", "--nodata", "altitude=-9999", "twi=-9999"]
    assert main(alone) == 0
    np.testing.assert_array_equal(read(tmp_path / "map" / "susceptibility.tif"), probability)
    capsys.readouterr()
    err = refused(capsys, tmp_path, [*argv, "--overwrite", "--nodata", "nothing"])
    assert "--nodata nothing of 'altitude' must be a number" in err


@pytest.mark.filterwarnings("default::UserWarning")
def test_workers_and_the_own_products_of_a_map_say_nothing_of_nodata(home, tmp_path, capfd):
    """The factors have no plausible range, so that the number goes into the model."""
    filled(home, tmp_path / "terrain.tif", -9999)
    with rasterio.open(tmp_path / "terrain.tif", "r+") as file:
        file.descriptions = ["a", "b", "c", "d"]
    argv = command(home, tmp_path / "map", "--factors", "a", "c")
    argv[argv.index(str(home / "terrain.tif"))] = str(tmp_path / "terrain.tif")
    argv[argv.index("--n-jobs") + 1] = "2"
    assert main(argv) == 0
    lines = capfd.readouterr().err.splitlines()
    lines = [line for line in lines if "arning" in line and ("9999" in line or "nodata" in line)]
    # Of the rasters, and of the places.
    assert len(lines) == 2
    assert re.match(r"warning: 'a' \(.*--nodata -9999\.$", lines[0])
    assert re.match(r"warning: 'a' has -9999 in 9 of 400 .*--nodata VALUE\.$", lines[1])


@pytest.mark.filterwarnings("default::UserWarning")
def test_impossible_values_are_said_without_words_of_python(home, tmp_path, capsys):
    filled(home, tmp_path / "terrain.tif", 123.0)
    with rasterio.open(tmp_path / "terrain.tif", "r+") as file:
        slope = file.read(2)
        slope[HOLE] = 100.0 + np.arange(600).reshape(20, 30) % 7
        file.write(slope, 2)
    points = pd.read_csv(home / "points.csv")
    argv = command(home, tmp_path / "map", "--factors", "slope", "twi")
    argv[argv.index(str(home / "terrain.tif"))] = str(tmp_path / "terrain.tif")
    assert main(argv) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "warning" in line]
    assert lines.pop(0).endswith("declare it: --nodata twi=123.")
    assert re.search(r"has 600 of 21000 values outside \[0, 90\]", lines[0])
    side, west, north = file.transform.a, file.transform.c, file.transform.f
    rows, columns = (north - points["y"]) // side, (points["x"] - west) // side
    n_inside = int((rows.between(20, 39) & columns.between(60, 89)).sum())
    assert f"{n_inside} of {len(points)} values of 'slope' lie outside" in lines[1]
    assert "declare it: --nodata VALUE; if the unit is another, give the raster" in lines[1]
    assert not any("bounds" in line or "nodata=" in line for line in lines)


# --- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "terrain.tif").write_bytes(b"no raster"), "terrain.tif"),
        (
            lambda folder: os.truncate(folder / "terrain.tif", 40_000),
            "terrain.tif",
        ),
        (lambda folder: (folder / "terrain.tif").unlink(), "No such file"),
        (lambda folder: (folder / "points.csv").unlink(), "No such file"),
        (lambda folder: (folder / "points.csv").write_text("x,y,landslide\n"), "has no rows"),
        (
            lambda folder: (folder / "points.csv").write_text("x,y,landslide\n1,2,1\n3,4,0\n"),
            "no place of .* lies in the stack.* pass it as --crs CRS",
        ),
        (
            lambda folder: (folder / "points.csv").write_text("x,y,slide\n1,2,1\n3,4,0\n"),
            "no target column 'landslide'.* Pass no --target if every row is",
        ),
    ],
    ids=["no raster", "cut off", "no stack", "no points", "empty", "elsewhere", "no target"],
)
def test_damaged_input_is_one_line_and_leaves_nothing(home, tmp_path, capsys, change, message):
    for name in ("terrain.tif", "points.csv"):
        (tmp_path / name).write_bytes((home / name).read_bytes())
    change(tmp_path)
    err = refused(capsys, tmp_path, command(tmp_path, tmp_path / "map"))
    assert re.search(message, err), err


def test_bad_rasters_are_one_line_and_leave_nothing(home, region, made, tmp_path, capsys):
    write_stack(tmp_path / "degrees.tif", region, crs="EPSG:4326")
    write_stack(tmp_path / "no_crs.tif", region, crs=None)
    write_stack(tmp_path / "empty.tif", region, twi=np.full(SHAPE, np.nan))
    write_stack(tmp_path / "shifted.tif", region, ["ndvi"], shift=7.0)
    write_stack(tmp_path / "less.tif", region, ["slope", "twi", "lithology"])
    hole = np.where(np.isnan(region.stack["twi"]), 1.0, region.stack["twi"])
    hole[:100] = np.nan
    rest = region.stack["altitude"].copy()
    rest[100:] = np.nan
    write_stack(tmp_path / "apart.tif", region, twi=hole, altitude=rest)
    (tmp_path / "points.csv").write_bytes((home / "points.csv").read_bytes())
    for stack, more, message in (
        (["degrees.tif"], {}, "in degrees"),
        (["no_crs.tif"], {}, "has no CRS: pass --crs EPSG:...\\.$"),
        (["empty.tif"], {}, "'twi' .* is nodata in every cell"),
        (["less.tif", "shifted.tif"], {}, "Align it with --align slope and --resampling METHOD"),
        (["less.tif", "less.tif"], {}, "both hold a factor 'slope'"),
        (["less.tif"], {"model": made / "model.zip"}, "no factor 'altitude'"),
        (["apart.tif"], {"model": made / "model.zip", "points": None}, "no cell of the stack"),
    ):
        err = refused(capsys, tmp_path, command(tmp_path, tmp_path / "map", stack=stack, **more))
        assert re.search(message, err), err


def test_too_few_landslides_for_smote_are_one_line_before_the_training(home, tmp_path, capsys):
    points = pd.read_csv(home / "points.csv").sort_values("landslide", kind="stable")
    pd.concat([points.head(60), points.tail(6)]).to_csv(tmp_path / "points.csv", index=False)
    argv = command(home, tmp_path / "map")
    argv[argv.index(str(home / "points.csv"))] = str(tmp_path / "points.csv")
    err = refused(capsys, tmp_path, argv)
    words = "4 cells with landslides are there to train with, and SMOTE needs at least 6"
    assert err == f"error: without a random fold of the table, {words}: add landslides.\n"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"model": "KNN"}, "--model KNN is neither one of .* nor a file"),
        ({"points": None}, "needs an inventory: give --points FILE"),
        ({"points": "landslides.csv"}, "holds landslides only .* --absences 1, .* --target NAME"),
        ({"add": ["--absences", "1"]}, "without a landslide already: leave --absences 1.0 out"),
        ({"add": ["--absences", "-1"]}, "--absences: must be a number above 0, got '-1'"),
        ({"add": ["--prevalence", "1.5"]}, "--prevalence: must be a number between 0 and 1"),
        ({"add": ["--factors", "slop"]}, "no band 'slop'. Did you mean 'slope'"),
        ({"add": ["--categorical", "soil"]}, "--categorical soil is not a factor"),
        ({"add": ["--save", "/nowhere/model.zip"]}, "/nowhere does not exist"),
        ({"model": "terrain.tif"}, "is damaged, or not a model file"),
        ({"model": "m.zip", "add": ["--zones", "quantile"]}, "leave --zones quantile out"),
        ({"model": "m.zip", "add": ["--prevalence", "0.1"]}, "--prevalence 0.1 is for training"),
        ({"model": "m.zip", "add": ["--save", "copy.zip"]}, "leave --save copy.zip out"),
        ({"model": "m.zip", "add": ["--epochs", "3"]}, "--epochs is for training"),
        ({"add": ["--align", "dem"]}, "--align dem is not a factor"),
        ({"add": ["--resampling", "bilinear"]}, "--resampling bilinear .* as --align NAME"),
        ({"add": ["--crs", "mars"]}, "--crs mars is not a coordinate reference system"),
        (
            {
                "points": "landslides.csv",
                "add": [
                    "--absences",
                    "9000",
                    "--absence-buffer",
                    "50",
                    "--factors",
                    "slope",
                    "twi",
                ],
            },
            "--absences 9000.0 of .* --absence-buffer 50.0 can be drawn",
        ),
    ],
)
def test_arguments_that_do_not_fit_are_one_line(home, made, tmp_path, capsys, more, message):
    places = {"terrain.tif": home / "terrain.tif", "m.zip": made / "model.zip"}
    model = places.get(more.get("model"), more.get("model", "LR"))
    points = more.get("points", "points.csv")
    argv = command(home, tmp_path / "map", *more.get("add", []), model=model, points=points)
    err = refused(capsys, tmp_path, argv)
    assert re.search(message, err), err


def test_a_folder_that_is_taken_is_refused_before_a_large_library_is_loaded(tmp_path):
    (tmp_path / "susceptibility.tif").touch()
    code = (
        "import sys; from sklearn_landslide.cli import main; assert main(sys.argv[1:]) == 2; "
        "print([name for name in ('torch', 'sklearn', 'rasterio') if name in sys.modules])"
    )
    argv = ["map", "--dem", "none.tif", "--points", "none.csv", "--out", str(tmp_path)]
    run = subprocess.run(
        [sys.executable, "-c", code, *argv], capture_output=True, text=True, check=True
    )
    assert "already holds susceptibility.tif" in run.stderr
    assert run.stdout == "[]\n"


def test_a_factor_that_the_stack_lacks_is_refused_before_model_and_workers(
    made, region, tmp_path, capsys, monkeypatch
):
    def too_early(*_):
        raise AssertionError("this takes seconds")

    monkeypatch.setattr("sklearn_landslide.map_products._prepare.load_model", too_early)
    monkeypatch.setattr("sklearn_landslide.cli._map.quiet_workers", too_early)
    write_stack(tmp_path / "terrain.tif", region, ["slope", "altitude", "lithology"])
    argv = command(tmp_path, tmp_path / "map", model=made / "model.zip", points=None)
    assert "the stack has no factor 'twi'" in refused(capsys, tmp_path, argv)


@pytest.mark.parametrize("limit", [3_000, 30_000, 150_000, 700_000])
def test_a_full_disk_is_one_line_and_leaves_nothing(home, made, tmp_path, capsys, limit):
    argv = command(home, tmp_path / "map", model=made / "model.zip")
    with file_size_limit(limit):
        code = main(argv)
    err = capsys.readouterr().err
    assert code == 2, err
    assert err.strip().splitlines()[-1].startswith("error: ")
    assert list(tmp_path.iterdir()) == []
