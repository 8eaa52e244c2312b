"""Maps of contributions: equal to the closed form, to explain, and for any window."""

import json
from itertools import permutations
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("skops")
pytest.importorskip("matplotlib")
pytest.importorskip("geopandas")
dask = pytest.importorskip("dask")
rasterio = pytest.importorskip("rasterio")

import xarray as xr  # noqa: E402
from numpy.testing import assert_allclose, assert_array_equal  # noqa: E402
from scipy.special import logit  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

from sklearn_landslide import make_landslide_pipeline  # noqa: E402
from sklearn_landslide.cli import _make_parser  # noqa: E402
from sklearn_landslide.cli._map import _request_of  # noqa: E402
from sklearn_landslide.datasets import make_landslides  # noqa: E402
from sklearn_landslide.inspection import explain, quick_contributions  # noqa: E402
from sklearn_landslide.map_products import MapModel, MapRequest, make_susceptibility_map  # noqa: E402
from sklearn_landslide.map_products._contribution_maps import strongest_contributions  # noqa: E402
from sklearn_landslide.mapping import map_rows, open_stack, rows_of_map  # noqa: E402

FACTORS = ["slope", "twi", "ndvi", "lithology"]
SHAPE = (150, 140)

pytestmark = pytest.mark.usefixtures("two_folds", "coarse_pictures")


@pytest.fixture(scope="module")
def region():
    return make_landslides(300, shape=SHAPE, return_stack=True, as_frame=True, random_state=0)


@pytest.fixture(scope="module")
def stack(region):
    side, _, west, _, _, north = region.transform
    cells = {
        "y": north - side * (np.arange(SHAPE[0]) + 0.5),
        "x": west + side * (np.arange(SHAPE[1]) + 0.5),
    }
    bands = {name: region.stack[name].astype("float32").copy() for name in FACTORS}
    bands["slope"][20:40, 60:90] = np.nan
    rasters = {name: xr.DataArray(band, cells, ("y", "x")) for name, band in bands.items()}
    return open_stack(rasters, crs="EPSG:32650")


def fitted(region, model, factors=FACTORS):
    X = region.data[factors]
    return make_landslide_pipeline(model, resample=None).fit(X, region.target)


@pytest.fixture(scope="module")
def linear(region):
    return fitted(region, LogisticRegression(max_iter=1000))


@pytest.fixture(scope="module")
def folder(linear, stack, tmp_path_factory):
    lines = []
    out = tmp_path_factory.mktemp("home") / "map"
    made = make_susceptibility_map(
        MapModel(linear), stack, out=out, contributions=True, log=lines.append
    )
    return made, lines


def read(path):
    with rasterio.open(path) as file:
        return file.read(), file.descriptions, file.tags(), file.nodata


def frame_of(stack, region):
    """Rows of all pixels that have every factor, and where these are."""
    ground = np.logical_and.reduce([stack[name].notnull().to_numpy() for name in FACTORS])
    frame = pd.DataFrame({name: stack[name].to_numpy()[ground].astype(float) for name in FACTORS})
    kinds = region.data["lithology"].dtype
    codes = frame["lithology"].astype(int).astype(kinds.categories.dtype)
    return frame.assign(lithology=pd.Categorical(codes, dtype=kinds)), ground


def test_rasters_of_a_linear_model_are_its_closed_form(folder, linear, stack, region):
    made, lines = folder
    bands, names, tags, nodata = read(made / "contributions.tif")
    assert np.isnan(nodata)
    frame, ground = frame_of(stack, region)
    background, share = rows_of_map(linear, stack, 2000)
    assert share == pytest.approx(ground.mean(), abs=0.03)
    expected = explain(linear, frame, background=background)
    assert expected.method == "additive"
    strongest = expected.mean_absolute().index[:3]
    assert set(names[:3]) <= set(FACTORS)
    assert names[3] == "deciding_factor"
    for band, name in zip(bands[:3], names[:3], strict=True):
        assert_array_equal(np.isnan(band), ~ground)
        assert_allclose(band[ground], expected.values[name], atol=1e-5)
    # The strongest of the sample are those of the map.
    assert names[0] == strongest[0]
    assert json.loads(tags["class_names"])["0"] == names[0]
    assert any(line.startswith("contributions in closed form at") for line in lines)
    assert tags["standard_error"] == "0"


def test_the_factor_that_decides_has_the_largest_contribution(folder, linear, stack, region):
    made, _ = folder
    (deciding,), (name,), tags, nodata = read(made / "deciding_factor.tif")
    assert (name, nodata, deciding.dtype) == ("deciding_factor", 255, np.uint8)
    frame, ground = frame_of(stack, region)
    background, _ = rows_of_map(linear, stack, 2000)
    expected = explain(linear, frame, background=background).values.abs().idxmax(axis=1)
    names = json.loads(tags["class_names"])
    found = [names[str(number)] for number in deciding[ground]]
    assert_array_equal(found, expected)
    assert (deciding[~ground] == 255).all()
    with rasterio.open(made / "deciding_factor.tif") as file:
        colors = file.colormap(1)
    # One color for each factor, and no entry of anything else.
    assert len(set(colors.values())) == len(colors) == len(names)


def test_qgis_shows_the_deciding_factor_by_name_and_color(folder):
    made, _ = folder
    with rasterio.open(made / "deciding_factor.tif") as file:
        names, colors = json.loads(file.tags()["class_names"]), file.colormap(1)
    style = ElementTree.parse(made / "deciding_factor.qml")
    entries = {e.get("value"): e for e in style.iter("paletteEntry")}
    assert {value: entry.get("label") for value, entry in entries.items()} == names
    for value, entry in entries.items():
        assert entry.get("color") == "#{:02x}{:02x}{:02x}".format(*colors[int(value)][:3])
    ramp = ElementTree.parse(made / "contributions.qml")
    stops = [float(item.get("value")) for item in ramp.iter("item")]
    assert stops == pytest.approx([-item for item in reversed(stops)]) and stops[2] == 0
    values = np.abs(read(made / "contributions.tif")[0][:3])
    assert 0.9 < np.mean(values[np.isfinite(values)] <= stops[-1]) < 1


def test_blocks_of_cells_fit_into_tiles():
    with pytest.raises(ValueError, match="contributions_step"):
        MapRequest("model.zip", "stack.tif", out="map", contributions_step=3).check_values()


@pytest.fixture(scope="module")
def forest(region):
    model = RandomForestClassifier(5, min_samples_leaf=5, random_state=0)
    return fitted(region, model, FACTORS[:3])


def test_walks_sum_to_the_log_odds_and_come_close_to_all_sets(forest, region):
    X = region.data[FACTORS[:3]]
    function, names = quick_contributions(forest, X)
    assert function.how == "by 8 walks"
    assert names == FACTORS[:3]
    values, errors = function(X[:40])
    low, high = function.log_odds.clip

    def log_odds(rows):
        return logit(np.clip(forest.predict_proba(rows)[:, 1], low, high))

    base = log_odds(function.background).mean()
    assert_allclose(base + values.sum(axis=1), log_odds(X[:40]), atol=1e-9)
    exact = explain(forest, X[:40], background=X, n_background=300)
    assert exact.method == "exact"
    gap = np.abs(values - exact.values.to_numpy())
    assert np.sqrt((gap**2).mean()) < 2 * np.sqrt((errors**2).mean())


def test_walks_over_all_orders_and_rows_are_exact(region, forest):
    X = region.data[FACTORS[:3]]
    function, _ = quick_contributions(forest, X)
    orders = np.array(list(permutations(range(3))))
    function = type(function)(
        function.log_odds,
        X[:4].iloc[np.repeat(range(4), 6)],
        np.tile(orders, (4, 1)),
        function.columns,
    )
    exact = explain(forest, X[10:20], background=X[:4], method="exact")
    assert_allclose(function(X[10:20])[0], exact.values, atol=1e-9)


@pytest.mark.parametrize(("kind", "step"), [("linear", 1), ("forest", 16)])
def test_windows_do_not_change_a_bit(kind, step, stack, request):
    model = request.getfixturevalue(kind)
    background, _ = rows_of_map(model, stack, 200)
    found = strongest_contributions(model, background, 0)
    small, large = (
        map_rows(found, model, stack, found.bands, window=window, step=step)
        for window in (128, 512)
    )
    for one, other in zip(*(dask.compute(maps) for maps in (small, large)), strict=True):
        for name in found.bands:
            assert_array_equal(one[name], other[name])


def test_cells_of_a_block_share_the_numbers_of_one(linear, stack):
    background, _ = rows_of_map(linear, stack, 200)
    found = strongest_contributions(linear, background, 0)
    fine, coarse = (
        map_rows(found, linear, stack, found.bands, step=step)[found.names[0]].compute()
        for step in (1, 8)
    )
    assert_array_equal(np.isnan(fine), np.isnan(coarse))
    # The cell nearest to the middle of a block of 8 by 8.
    assert_array_equal(coarse[:8, :8], np.full((8, 8), fine[3, 3]))
    assert_array_equal(coarse[128:136, 8:16], np.full((8, 8), fine[131, 11]))


def test_a_sample_of_a_map_is_found_where_there_is_little_ground(linear, stack):
    slope = stack["slope"].copy()
    slope[:] = np.nan
    slope[140:, 130:] = stack["slope"][140:, 130:]
    frame, share = rows_of_map(linear, stack.assign(slope=slope), 2000, n_tiles=1)
    assert 0 < len(frame) <= 100
    assert 0 < share < 0.1


def test_the_command_hands_the_options_on():
    argv = ["map", "--model", "RF", "--stack", "a.tif", "--points", "p.csv", "--out", "map"]
    plain = _request_of(_make_parser().parse_args(argv), None)
    assert (plain.contributions, plain.contributions_step) == (False, 1)
    options = ["--contributions", "--contributions-step", "8"]
    asked = _request_of(_make_parser().parse_args([*argv, *options]), None)
    assert (asked.contributions, asked.contributions_step) == (True, 8)
    asked.check_values()
