import json
import os
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from sklearn_landslide._natural_breaks import natural_breaks
from sklearn_landslide.mapping import SusceptibilityZones, zone_colors, zone_table
from sklearn_landslide.mapping._zones._zones import counts_by_share, halved_shares
from sklearn_landslide.metrics import frequency_ratio_table

xarray = pytest.importorskip("xarray", reason="needs the extra map")
pytest.importorskip("rioxarray", reason="needs the extra map")
geopandas = pytest.importorskip("geopandas", reason="needs the extra map")


def raster(values, cell=1000.0, crs="EPSG:32717", west=0.0):
    """Row 0 in the north, south-west corner at (west, 0)."""
    values = np.asarray(values)
    rows, columns = values.shape
    y = (rows - np.arange(rows) - 0.5) * cell
    x = west + (np.arange(columns) + 0.5) * cell
    array = xarray.DataArray(values, {"y": y, "x": x}, ["y", "x"])
    return array if crs is None else array.rio.write_crs(crs)


@pytest.fixture(scope="module")
def probabilities():
    return np.random.default_rng(0).beta(1, 3, 1500)


# --- edges --------------------------------------------------------------------------------


@pytest.mark.parametrize("n_classes", [2, 5])
def test_natural_breaks_group_as_mapclassify_does(n_classes):
    mapclassify = pytest.importorskip("mapclassify", reason="another package's result")
    values = np.random.default_rng(n_classes).beta(1, 3, 150)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = mapclassify.FisherJenks(values, k=n_classes)
    ours = SusceptibilityZones("natural_breaks", n_classes).fit_transform(values)
    assert_array_equal(ours - 1, theirs.yb)


@pytest.mark.parametrize("method", ["quantile", "equal_interval"])
def test_simple_rules_group_as_mapclassify_does(method, probabilities):
    mapclassify = pytest.importorskip("mapclassify", reason="another package's result")
    theirs = {"quantile": mapclassify.Quantiles, "equal_interval": mapclassify.EqualInterval}
    zones = SusceptibilityZones(method).fit(probabilities)
    found = theirs[method](probabilities, k=5)
    assert_allclose(zones.edges_[1:-1], found.bins[:-1])
    assert_array_equal(zones.transform(probabilities) - 1, found.yb)


def test_natural_breaks_separate_clusters_half_way():
    zones = SusceptibilityZones(n_classes=3).fit([0.1, 0.12, 0.5, 0.52, 0.9])
    assert_allclose(zones.edges_, [0, 0.31, 0.71, 1])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=4, max_size=9), st.integers(2, 3))
def test_no_other_grouping_has_less_squared_deviation(numbers, n_classes):
    values = np.sort(np.array(numbers) / 60)
    if np.unique(values).size < n_classes:
        return
    zones = SusceptibilityZones(n_classes=n_classes)
    try:
        found = zones.fit_transform(values)
    except ValueError:
        # A zone that would hold nothing but zeros starts below its own edge.
        assert values[0] == 0
        return

    def deviation(groups):
        return sum(np.sum((group - group.mean()) ** 2) for group in groups)

    n = len(values)
    cuts = [(i,) for i in range(1, n)]
    if n_classes == 3:
        cuts = [(i, j) for i in range(1, n) for j in range(i + 1, n)]
    least = min(deviation(np.split(values, cut)) for cut in cuts)
    groups = [values[found == zone] for zone in range(1, n_classes + 1)]
    assert_allclose(deviation(groups), least, atol=1e-12)


def test_natural_breaks_of_many_values_are_as_good_as_exact_ones():
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(m, 0.03, 20_000) for m in (0.15, 0.45, 0.8)])
    zones = SusceptibilityZones(n_classes=3).fit_transform(values)
    assert_array_equal(zones, np.repeat([1, 2, 3], 20_000))


def test_values_in_bins_have_nearly_the_edges_of_all_values():
    values = np.random.default_rng(9).beta(1, 3, 2000)
    edges = natural_breaks(values, 5)
    # Three times the same values, moved by less than rounding shows, no longer fit one by one.
    near = np.concatenate([values, values + 1e-9, values + 2e-9])
    assert_allclose(natural_breaks(near, 5), edges, atol=np.ptp(values) / 1000)


def test_landslide_share_puts_the_shares_of_the_landslides_into_the_zones():
    rng = np.random.default_rng(2)
    probability, y = rng.random(4000), np.r_[np.ones(1000, int), np.zeros(3000, int)]
    zones = SusceptibilityZones("landslide_share", 3, shares=(0.7, 0.25, 0.05))
    found = zones.fit_transform(probability, y)[y == 1]
    assert_array_equal(np.bincount(found)[1:], [50, 250, 700])


@pytest.mark.parametrize("n_classes", [2, 3, 4, 5])
def test_zones_by_share_are_made_wherever_there_is_a_landslide_for_each(n_classes):
    """And that is known from their number alone."""
    for n in range(n_classes, 30):
        counts = counts_by_share(n, halved_shares(n_classes))
        assert counts.sum() == n
        probability = np.random.default_rng(n).permutation(np.arange(1, n + 1) / (n + 1))
        zones = SusceptibilityZones("landslide_share", n_classes)
        if counts.min() < 1:
            with pytest.raises(ValueError, match=f"{n} landslides are too few"):
                zones.fit(probability, np.ones(n, int))
        else:
            found = zones.fit(probability, np.ones(n, int)).transform(probability)
            assert_array_equal(np.bincount(found, minlength=n_classes + 1)[:0:-1], counts)


def test_landslide_share_halves_by_default():
    probability = np.arange(1, 65) / 100
    zones = SusceptibilityZones("landslide_share").fit(probability, np.ones(64, int))
    assert_array_equal(np.bincount(zones.transform(probability))[1:], [4, 4, 8, 16, 32])


# --- transform ----------------------------------------------------------------------------


def test_an_upper_edge_belongs_to_its_zone_and_ends_take_what_lies_beyond():
    zones = SusceptibilityZones("equal_interval", 4).fit([0.2, 1.0])
    assert_allclose(zones.edges_, [0, 0.4, 0.6, 0.8, 1])
    values = [0.0, 0.1, zones.edges_[1], np.nextafter(zones.edges_[1], 1), 1.0, np.nan]
    assert_array_equal(zones.transform(values), [1, 1, 1, 2, 4, 0])


def test_edges_of_one_region_are_reused_in_the_next(probabilities):
    zones = SusceptibilityZones("quantile").fit(probabilities)
    edges = zones.edges_.copy()
    shifted = zones.transform(np.clip(probabilities + 0.3, 0, 1))
    assert_array_equal(zones.edges_, edges)
    # Of the same region 20 % are in the highest zone; here everything rose.
    assert np.mean(shifted == 5) > 0.6


@pytest.mark.parametrize("method", ["natural_breaks", "quantile", "equal_interval"])
def test_a_lazy_raster_gives_the_edges_and_zones_of_one_in_memory(method, monkeypatch):
    monkeypatch.setattr("sklearn_landslide.mapping._zones._zones.MOST_VALUES", 500)
    values = np.random.default_rng(3).beta(1, 3, (60, 70)).astype(np.float32)
    values[:20, :20] = np.nan
    probability = raster(values)
    eager = SusceptibilityZones(method).fit(probability)
    for chunks in ({"y": 60, "x": 7}, {"y": 13, "x": 70}):
        lazy = SusceptibilityZones(method).fit(probability.chunk(chunks))
        assert_array_equal(lazy.edges_, eager.edges_)
    zones = lazy.transform(probability.chunk(chunks))
    assert zones.chunks == probability.chunk(chunks).chunks
    assert zones.dtype == np.uint8
    assert zones.rio.nodata == 0
    assert zones.rio.crs == probability.rio.crs
    assert_array_equal(zones.values, eager.transform(values))
    assert_array_equal(zones.values == 0, np.isnan(values))


# --- saving -------------------------------------------------------------------------------


def test_saved_zones_come_back_to_the_last_bit(tmp_path, probabilities):
    zones = SusceptibilityZones("quantile", 3, names=["a", "b", "c"]).fit(probabilities)
    zones.save(tmp_path / "zones.json")
    again = SusceptibilityZones.load(tmp_path / "zones.json")
    assert_array_equal(again.edges_, zones.edges_)
    assert (again.method, again.n_classes, again.names_) == ("quantile", 3, ["a", "b", "c"])
    assert os.listdir(tmp_path) == ["zones.json"]


@pytest.mark.parametrize(
    "change",
    [
        {"edges": [0, 0.5, 0.4, 1]},
        {"edges": [0, 0.5, 1]},
        {"edges": [0.1, 0.3, 0.5, 1]},
        {"n_classes": "3"},
        {"method": "magic"},
        {"names": ["a"]},
        {"edges": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_file_that_holds_no_zones_is_refused(tmp_path, probabilities, change):
    path = tmp_path / "zones.json"
    SusceptibilityZones("quantile", 3).fit(probabilities).save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match=r"zones\.json holds no zones"):
        SusceptibilityZones.load(path)


def test_text_that_is_no_json_is_refused(tmp_path):
    (tmp_path / "zones.json").write_text("slope")
    with pytest.raises(ValueError, match="holds no zones"):
        SusceptibilityZones.load(tmp_path / "zones.json")


# --- bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["natural_breaks", "quantile", "equal_interval"])
@pytest.mark.parametrize("values", [[0.5] * 9, [0.0] * 9, [1.0] * 9])
def test_constant_probabilities_are_refused(method, values):
    with pytest.raises(ValueError, match="cannot make 5 zones: too many"):
        SusceptibilityZones(method).fit(values)


def test_ties_that_leave_a_zone_empty_are_refused():
    values = [0.1] * 8 + [0.4, 0.9]
    with pytest.raises(ValueError, match=r"quantile cannot make 5 zones.*0\.1 to 0\.9"):
        SusceptibilityZones("quantile").fit(values)


@pytest.mark.parametrize("nodata", [-9999.0, 255.0, np.inf])
def test_numbers_that_are_no_probabilities_are_refused(nodata, probabilities):
    zones = SusceptibilityZones().fit(probabilities)
    values = np.array([0.2, nodata, 0.4])
    for call in (zones.fit, zones.transform):
        with pytest.raises(ValueError, match=f"1 of 3 values do not, {nodata:g} for instance"):
            call(values)
    lazy = zones.transform(raster(values[None]).chunk())
    with pytest.raises(ValueError, match="mark nodata as NaN"):
        lazy.compute()


@pytest.mark.parametrize(
    ("parameters", "y", "message"),
    [
        ({}, None, "needs y"),
        ({}, [1, 1, 1], r"shape \(3,\)"),
        ({}, [0, 1, 2, 1], "got np.int64\\(2\\)|got 2"),
        ({}, [0, 1, 1, 1], r"3 landslides are too few for 5 zones with the shares 0.5, 0.25, 0.1"),
        ({"n_classes": 4}, [1, 1, 1, 1], "4 landslides are too few for 4 zones"),
        ({"n_classes": 2, "shares": [0.5, 0.4]}, [1, 1, 1, 1], "sum to 0.9"),
        ({"n_classes": 2, "shares": [1.0]}, [1, 1, 1, 1], "2 positive numbers"),
        ({"n_classes": 2, "names": ["low"]}, [1, 1, 1, 1], "are 1, but n_classes=2"),
        ({"n_classes": 1}, [1, 1, 1, 1], "n_classes"),
    ],
)
def test_what_landslide_share_cannot_use_is_refused(parameters, y, message):
    with pytest.raises(ValueError, match=message):
        SusceptibilityZones("landslide_share", **parameters).fit([0.1, 0.2, 0.3, 0.4], y)


def test_all_nodata_and_no_fit_are_refused():
    with pytest.raises(ValueError, match="all values are NaN"):
        SusceptibilityZones().fit([np.nan, np.nan])
    with pytest.raises(NotFittedError, match="call fit, or load"):
        SusceptibilityZones().transform([0.1])


# --- colors ------------------------------------------------------------------------------


# What is seen of linear red, green and blue without one kind of cone (Machado et al. 2009).
VISION = {
    "full": np.eye(3),
    "no red": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "no green": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "no blue": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def lightness(color, vision):
    """CIE L* of an sRGB color, as an eye sees it."""
    linear = np.asarray(color[:3]) / 255
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    luminance = np.clip(VISION[vision] @ linear, 0, 1) @ [0.2126, 0.7152, 0.0722]
    return 116 * np.cbrt(luminance) - 16 if luminance > 0.008856 else 903.3 * luminance


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("n_classes", [2, 3, 5, 7])
def test_zones_stay_apart_by_lightness_for_every_eye(n_classes, vision):
    colors = zone_colors(n_classes)
    assert colors[0][3] == 0
    steps = -np.diff([lightness(colors[zone], vision) for zone in range(1, n_classes + 1)])
    # Even steps, over most of the way from paper to ink.
    assert steps.sum() > 70
    assert steps.min() > 0.75 * steps.mean()


def test_impossible_numbers_of_zones_have_no_colors():
    with pytest.raises(ValueError, match="n_classes=1"):
        zone_colors(1)


# --- table --------------------------------------------------------------------------------

PROBABILITY = np.array([[0.1, 0.1, 0.3], [0.3, 0.9, np.nan]])


def two_zones():
    return SusceptibilityZones("equal_interval", 2).fit([0.0, 0.4])


def test_the_table_is_that_counted_by_hand():
    probability = raster(PROBABILITY, cell=500)
    # Pixels of a quarter square kilometer; edge at 0.2: zones 1 1 2 / 2 2 -.
    inventory = [[100, 900], [1400, 600], [600, 100], [900, 400]]
    table = zone_table(two_zones().transform(probability), probability, inventory)
    assert table["name"].tolist() == ["low", "high"]
    assert_allclose(table["area_km2"], [0.5, 0.75])
    assert_allclose(table["area_share"], [0.4, 0.6])
    assert_allclose(table["mean_probability"], [0.1, 0.5])
    assert table["landslides"].tolist() == [1, 3]
    assert_allclose(table["landslide_share"], [0.25, 0.75])
    assert_allclose(table["density_per_km2"], [2, 4])
    assert_allclose(table["frequency_ratio"], [0.625, 1.25])


def test_a_lazy_map_has_the_same_table():
    values = np.random.default_rng(4).random((1100, 40)).astype(np.float32)
    values[:10] = np.nan
    probability = raster(values)
    inventory = np.random.default_rng(5).uniform([0, 0], [40_000, 1_090_000], (60, 2))
    zones = SusceptibilityZones("quantile").fit(values)
    expected = zone_table(zones.transform(probability), probability, inventory)
    lazy = probability.chunk({"y": 300, "x": 17})
    pd.testing.assert_frame_equal(zone_table(zones.transform(lazy), lazy, inventory), expected)
    mixed = zone_table(zones.transform(lazy), probability, inventory)
    pd.testing.assert_frame_equal(mixed, expected)
    assert expected["landslides"].sum() == 60


def test_the_frequency_ratio_is_that_of_the_metrics():
    values = np.random.default_rng(6).random((20, 20))
    y = np.zeros((20, 20), dtype=int)
    y[
        np.random.default_rng(7).integers(0, 20, 30), np.random.default_rng(8).integers(0, 20, 30)
    ] = 1
    probability = raster(values)
    zones = SusceptibilityZones().fit_transform(probability)
    rows, columns = np.nonzero(y)
    points = np.column_stack([probability["x"].values[columns], probability["y"].values[rows]])
    table = zone_table(zones, probability, points)
    expected = frequency_ratio_table(y.ravel(), zones.values.ravel())
    for name in ("landslides", "landslide_share", "area_share", "frequency_ratio"):
        assert_allclose(table[name], expected[name])


def test_an_inventory_in_another_system_is_brought_to_the_map():
    probability = raster(PROBABILITY, west=700_000.0)
    points = geopandas.GeoSeries.from_xy([701_500.0], [500.0], crs="EPSG:32717")
    inventory = geopandas.GeoDataFrame(geometry=points.to_crs("EPSG:4326"))
    table = zone_table(two_zones().transform(probability), probability, inventory)
    assert table["landslides"].tolist() == [0, 1]


def test_a_polygon_counts_once():
    shapely = pytest.importorskip("shapely")
    probability = raster(PROBABILITY)
    parts = shapely.MultiPolygon([shapely.box(0, 1000, 900, 2000), shapely.box(10, 10, 90, 90)])
    inventory = geopandas.GeoDataFrame(
        geometry=[shapely.box(200, 1200, 1900, 1900), parts], crs=probability.rio.crs
    )
    table = zone_table(two_zones().transform(probability), probability, inventory)
    assert table["landslides"].tolist() == [2, 0]


def test_landslides_off_the_map_are_told_of():
    probability = raster(PROBABILITY)
    inventory = [[500, 500], [2500, 500], [-500, 500]]
    with pytest.warns(UserWarning, match="2 of 3 landslides lie outside the map or on nodata"):
        table = zone_table(two_zones().transform(probability), probability, inventory)
    assert table["landslides"].sum() == 1


def test_feet_are_known():
    # EPSG:2263 is in US survey feet.
    probability = raster(PROBABILITY, crs="EPSG:2263", west=980_000.0)
    table = zone_table(two_zones().transform(probability), probability)
    assert_allclose(table["area_km2"].sum(), 5 * (1000 * 1200 / 3937) ** 2 / 1e6)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda z, p: (z, p.rio.write_crs("EPSG:4326")), ValueError, "its CRS is EPSG:4326"),
        (lambda z, p: (z, p[:, :2]), ValueError, "not on the grid"),
        (lambda z, p: (z, p.assign_coords(x=p.x + 500)), ValueError, "first corner"),
        (lambda z, p: (z.astype(float), p), TypeError, "uint8"),
        (lambda z, p: (z.values, p), TypeError, "got ndarray"),
        (lambda z, p: (z * np.uint8(0), p), ValueError, "every pixel is nodata"),
    ],
    ids=["crs", "rows", "shift", "float", "array", "nodata"],
)
def test_maps_that_do_not_fit_are_refused(change, error, message):
    probability = raster(PROBABILITY)
    with pytest.raises(error, match=message):
        zone_table(*change(two_zones().transform(probability), probability))


@pytest.mark.parametrize(
    ("crs", "message"), [("EPSG:4326", r"in degrees \(EPSG:4326\)"), (None, "has no CRS")]
)
def test_maps_without_meters_are_refused(crs, message):
    probability = raster(PROBABILITY, cell=1.0, crs=crs)
    with pytest.raises(ValueError, match=message):
        zone_table(two_zones().transform(probability), probability)
