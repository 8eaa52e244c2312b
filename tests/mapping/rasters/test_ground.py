"""What is not ground is neither drawn, sampled, trained on, mapped nor counted."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression

rasterio = pytest.importorskip("rasterio")
pytest.importorskip("rioxarray")
pytest.importorskip("geopandas")
xr = pytest.importorskip("xarray")

from rasterio.transform import Affine  # noqa: E402

from sklearn_landslide import make_landslide_pipeline  # noqa: E402
from sklearn_landslide._nodata import UndeclaredNodataWarning  # noqa: E402
from sklearn_landslide.mapping import (  # noqa: E402
    AreaOfApplicability,
    SusceptibilityZones,
    open_stack,
    predict_map,
    sample_absences,
    sample_stack,
    zone_table,
)
from sklearn_landslide.preprocessing import PlausibleRange  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

X0, Y0 = 700_000, 9_560_000
SHAPE = ROWS, COLUMNS = 40, 50
INSIDE = np.zeros(SHAPE, dtype=bool)
INSIDE[10:30, 10:40] = True


def factors(background):
    """A basin of 20 x 30 cells in a background that is not ground."""
    rng = np.random.default_rng(0)
    values = {
        "slope": rng.uniform(0, 50, SHAPE),
        "twi": rng.uniform(2, 12, SHAPE),
        "plan_curvature": rng.normal(0, 0.01, SHAPE),
    }
    return {name: np.where(INSIDE, band, background) for name, band in values.items()}


def places(n=60):
    rows, columns = np.nonzero(INSIDE)
    some = np.random.default_rng(1).choice(len(rows), n, replace=False)
    return pd.DataFrame({"x": X0 + 10 * columns[some] + 5, "y": Y0 - 10 * rows[some] - 5})


def cells_of(points):
    x, y = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    return ((Y0 - y) // 10).astype(int), ((x - X0) // 10).astype(int)


@pytest.fixture
def files(write_raster):
    def write(background, **options):
        return {
            name: write_raster(f"{name}.tif", band.astype(np.float32), **options)
            for name, band in factors(background).items()
        }

    return write


def is_ground(stack, name):
    return np.isfinite(stack[name].to_numpy())


# -------------------------------------------------------------------- declared


@pytest.mark.parametrize(
    "nodata", [-9999, [-9999, 7], {"slope": -9999, "twi": (-9999,), "plan_curvature": [-9999]}]
)
def test_declared_nodata_is_no_ground(files, nodata):
    stack = open_stack(files(-9999), nodata=nodata)
    for name in stack:
        assert_array_equal(is_ground(stack, name), INSIDE)


@pytest.mark.parametrize("number", [-3.4028234663852886e38, 3.4e38, -1.7e38, 1e31, np.inf, -np.inf])
def test_numbers_beyond_every_quantity_are_no_ground_and_need_no_declaration(files, number):
    stack = open_stack(files(number))
    for name in stack:
        assert_array_equal(is_ground(stack, name), INSIDE)


def test_numbers_of_doubles_beyond_every_quantity_are_no_ground(write_raster):
    for number in (-1.7976931348623157e308, 1e100):
        path = write_raster("double.tif", factors(number)["slope"])
        assert_array_equal(is_ground(open_stack({"a": path}), "a"), INSIDE)
    cells = {"y": Y0 - 10 * np.arange(ROWS) - 5.0, "x": X0 + 10 * np.arange(COLUMNS) + 5.0}
    array = xr.DataArray(factors(-1.7e308)["slope"], cells)
    assert_array_equal(is_ground(open_stack({"a": array}, crs=32717), "a"), INSIDE)


def test_declared_nodata_is_the_number_in_the_file_before_its_scale(write_raster):
    raw = np.where(INSIDE, 100, 32767).astype(np.int16)
    path = write_raster("scaled.tif", raw, descriptions=("rain",))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.5,), (-10.0,)
    stack = open_stack(path, nodata=32767)
    assert_array_equal(is_ground(stack, "rain"), INSIDE)
    assert_array_equal(np.unique(stack["rain"].to_numpy()[INSIDE]), [40])


def test_a_suspicious_number_is_named_as_the_file_holds_it_before_its_scale(write_raster):
    """The number that is named is the one to be declared."""
    raw = np.where(INSIDE, 100 + np.arange(2000).reshape(SHAPE) % 50, -9999).astype(np.int16)
    path = write_raster("scaled.tif", raw, descriptions=("rain",))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.1,), (-7.3,)
    with pytest.warns(UndeclaredNodataWarning, match="declare it: nodata=-9999.$"):
        open_stack(path)
    stack = open_stack(path, nodata=-9999)
    assert_array_equal(is_ground(stack, "rain"), INSIDE)


def test_nodata_of_all_factors_and_of_one(write_raster):
    ramp = np.arange(2000.0).reshape(SHAPE)
    source = {
        name: write_raster(f"{name}.tif", np.where(INSIDE, ramp, -9999))
        for name in ("elevation", "twi")
    }
    stack = open_stack(source, nodata={None: [-9999], "elevation": [ramp[INSIDE].min()]})
    counts = {name: int(is_ground(stack, name).sum()) for name in stack}
    assert counts == {"elevation": INSIDE.sum() - 1, "twi": INSIDE.sum()}


def test_a_declared_float_is_found_as_its_nearest_single(write_raster):
    path = write_raster("t.tif", np.where(INSIDE, 1.5, -99999.9).astype(np.float32))
    stack = open_stack({"twi": path}, nodata=-99999.9)
    assert_array_equal(is_ground(stack, "twi"), INSIDE)


@pytest.mark.parametrize(
    ("nodata", "message"),
    [
        ({"slop": 0}, "nodata names 'slop', which is not a factor. Did you mean 'slope'"),
        ({"slope": "none"}, "nodata='none' of 'slope' must be a number"),
        (["?"], "nodata='\\?' of 'slope' must be a number"),
    ],
)
def test_what_is_no_nodata_is_refused(files, nodata, message):
    with pytest.raises(ValueError, match=message):
        open_stack(files(np.nan), nodata=nodata)


# ------------------------------------------------------------------- suspected


@pytest.mark.parametrize("number", [-9999, -32768, 9999, -999, 99999])
def test_a_suspicious_number_is_named_with_the_way_to_declare_it(files, number):
    with pytest.warns(UndeclaredNodataWarning) as caught:
        open_stack(files(number))
    (said,) = [str(one.message) for one in caught if one.category is UndeclaredNodataWarning]
    for name in factors(0):
        assert re.search(rf"'{name}' \(\S*/{name}.tif\) has {number} in 1400 of 2000", said)
    each = f"nodata={dict.fromkeys(factors(0), number)}."
    assert said.endswith(f"declare it: nodata={number}." if number < 0 else f"declare it: {each}")
    assert "\n" not in said


def test_zero_around_an_elevation_model_and_255_in_a_class_raster_are_named(write_raster):
    elevation = np.where(INSIDE, np.random.default_rng(0).uniform(800, 1900, SHAPE), 0)
    soil = np.where(INSIDE, np.random.default_rng(0).integers(1, 9, SHAPE), 255).astype(np.uint8)
    source = {
        "elevation": write_raster("e.tif", elevation),
        "soil": write_raster("s.tif", soil),
    }
    # 0 may be a slope, and 255 an elevation.
    with pytest.warns(UndeclaredNodataWarning, match=r"nodata=\{'elevation': 0, 'soil': 255\}\.$"):
        open_stack(source, categorical="soil")
    stack = open_stack(source, categorical="soil", nodata={"elevation": 0, "soil": 255})
    assert_array_equal(is_ground(stack, "soil"), INSIDE)
    assert_array_equal(is_ground(stack, "elevation"), INSIDE)


def test_ordinary_rasters_are_not_suspected(write_raster):
    rng = np.random.default_rng(0)
    open_stack(
        {
            "slope": write_raster("a.tif", rng.gamma(2, 8, SHAPE)),
            "distance_to_road": write_raster("b.tif", rng.exponential(900, SHAPE)),
            "aspect": write_raster("c.tif", np.where(rng.random(SHAPE) < 0.1, -1, 180.0)),
            "landcover": write_raster(
                "d.tif", rng.choice([10, 20, 95, 100], SHAPE).astype("uint8")
            ),
            "flat": write_raster("e.tif", np.zeros(SHAPE)),
        }
    )


def test_impossible_values_among_possible_ones_are_counted(write_raster):
    slope = np.where(np.arange(2000).reshape(SHAPE) % 100 == 0, 123.5, 20.0 + np.eye(*SHAPE))
    with pytest.warns(UserWarning, match=r"'slope' .* 20 of 2000 values outside \[0, 90\]"):
        stack = open_stack({"slope": write_raster("s.tif", slope)})
    assert stack["slope"].attrs["plausible_range"] == (0.0, 90.0)


def test_a_range_of_another_unit_is_left_to_the_pipeline(write_raster):
    percent = np.random.default_rng(0).uniform(0, 200, SHAPE)
    stack = open_stack({"slope": write_raster("s.tif", percent)})
    assert "plausible_range" not in stack["slope"].attrs
    table = sample_stack(stack, places(), target=None)
    assert table.X["slope"].max() > 90
    with pytest.raises(ValueError, match="check its unit"):
        PlausibleRange().fit(table.X)


def test_a_range_can_be_set_and_lifted(write_raster):
    path = write_raster("s.tif", np.where(INSIDE, 30.0 + np.eye(*SHAPE), 95.0))
    near = {"slope": write_raster("n.tif", np.where(np.eye(*SHAPE) > 0, 95.0, 30.0))}
    stack = open_stack(near, bounds={"slope": None})
    assert sample_absences(stack, places(9), target=None, buffer=0, ratio=200, random_state=0).shape
    again = open_stack(stack)
    assert predict_map(fitted(), again.assign(twi=again["slope"])).notnull().all()
    with pytest.warns(UserWarning, match=r"outside \[-inf, 94\]"):
        tight = open_stack(near, bounds={"slope": (None, 94)})
    assert tight["slope"].attrs["plausible_range"] == (-np.inf, 94.0)
    with pytest.raises(ValueError, match="bounds has 'slop'"):
        open_stack({"slope": path}, bounds={"slop": (0, 1)})


# ------------------------------------------------------------ all who use it


def fitted(pipeline=False):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"slope": rng.uniform(0, 50, 80), "twi": rng.uniform(2, 12, 80)})
    y = (X["slope"] > 25).astype(int)
    model = LogisticRegression()
    return (make_landslide_pipeline(model, random_state=0) if pipeline else model).fit(X, y)


@pytest.fixture
def undeclared(files):
    """A stack whose background of -9999 nobody has declared."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return open_stack(files(-9999))


def test_no_absence_is_drawn_on_a_background_that_nobody_declared(undeclared):
    absences = sample_absences(undeclared, places(), target=None, buffer=0, random_state=0)
    assert INSIDE[cells_of(absences)].all()
    with pytest.raises(ValueError, match="but only 540 cells with all factors"):
        sample_absences(undeclared, places(), target=None, buffer=0, ratio=10)


def test_impossible_values_at_the_places_of_an_inventory_are_missing_and_counted(undeclared):
    points = pd.concat([places(10), pd.DataFrame({"x": [X0 + 5], "y": [Y0 - 5]})])
    with pytest.warns(UserWarning) as caught:
        table = sample_stack(undeclared, points, target=None)
    said = [str(one.message) for one in caught]
    assert any("1 of 11 values of 'slope' lie outside [0, 90]" in text for text in said)
    assert table.X["slope"].isna().tolist() == [False] * 10 + [True]


@pytest.mark.parametrize("pipeline", [False, True], ids=["bare", "pipeline"])
def test_a_background_that_nobody_declared_is_neither_mapped_nor_counted(undeclared, pipeline):
    model = fitted(pipeline)
    probability = predict_map(model, undeclared).compute()
    assert_array_equal(probability.notnull(), INSIDE)
    zones = SusceptibilityZones("equal_interval").fit_transform(probability)
    assert zone_table(zones, probability)["area_km2"].sum() == pytest.approx(INSIDE.sum() / 1e4)
    refits = [model, fitted(pipeline)]
    spread = predict_map(model, undeclared, output="spread", refits=refits).compute()
    assert_array_equal(spread.notnull(), INSIDE)
    table = sample_stack(undeclared, places(), target=None)
    area = AreaOfApplicability().fit(table.X)
    maps = area.map(undeclared).compute()
    assert_array_equal(maps["inside"].to_numpy() != 255, INSIDE)
    assert_array_equal(maps["dissimilarity"].notnull(), INSIDE)


def test_what_only_the_model_calls_impossible_is_not_mapped(write_raster):
    values = factors(np.nan)
    values["plan_curvature"][15, 20:25] = 77
    source = {name: write_raster(f"{name}.tif", band) for name, band in values.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stack = open_stack(source)
    table = sample_stack(stack, places(), target=None)
    y = np.arange(60) % 2
    expected = INSIDE.copy()
    expected[15, 20:25] = False
    for action, mapped in (("mask", expected), ("clip", INSIDE)):
        cleaner = PlausibleRange({"plan_curvature": (-1, 1)}, action=action)
        pipeline = make_landslide_pipeline(LogisticRegression(), random_state=0)
        pipeline.steps = [("range", cleaner), *pipeline.steps[1:]]
        pipeline.fit(table.X, y)
        assert_array_equal(predict_map(pipeline, stack).notnull(), mapped)
        area = AreaOfApplicability(pipeline, random_state=0).fit(table.X, y)
        assert_array_equal(area.map(stack)["dissimilarity"].notnull(), mapped)


def test_an_area_takes_impossible_training_values_for_missing_as_its_model_does():
    X = pd.DataFrame({"slope": [10.0, 20.0, 30.0, 40.0, -9999.0], "twi": [1.0, 2, 3, 4, 5]})
    pipeline = make_landslide_pipeline(LogisticRegression(), resample=None)
    pipeline.fit(X, [0, 1, 0, 1, 0])
    area = AreaOfApplicability(pipeline, random_state=0).fit(X, [0, 1, 0, 1, 0])
    other = X.assign(slope=[10.0, 20, 30, 40, np.nan])
    same = AreaOfApplicability(area.weights_.tolist()).fit(other)
    assert area.threshold_ == pytest.approx(same.threshold_)
    assert_allclose(area.dissimilarity(X), same.dissimilarity(other))


# ------------------------------------------------------------------- alignment


@pytest.mark.parametrize("method", ["bilinear", "cubic", "average", "cubic_spline", "lanczos"])
@pytest.mark.parametrize("kind", ["declared", "stated", "impossible", "huge"])
def test_alignment_does_not_mix_nodata_with_its_neighbors(write_raster, method, kind):
    number = {"huge": -3.4e38}.get(kind, -9999)
    slope = np.where(INSIDE, 30.0, number).astype(np.float32)
    options = {"nodata": -9999} if kind == "stated" else {}
    fine = Affine(7, 0, X0 + 3, 0, -7, Y0 - 2)
    source = {
        "twi": write_raster("t.tif", np.random.default_rng(0).random((50, 60)), transform=fine),
        "slope": write_raster("s.tif", slope, **options),
    }
    with warnings.catch_warnings():
        if kind == "impossible":
            warnings.simplefilter("ignore")
        stack = open_stack(
            source,
            align="twi",
            resampling=method,
            nodata={"slope": -9999} if kind == "declared" else None,
        )
    values = stack["slope"].to_numpy()
    assert np.isnan(values).any() and np.isfinite(values).any()
    assert_allclose(values[np.isfinite(values)], 30, rtol=1e-4)


def lonlat_codes(write_raster):
    rng = np.random.default_rng(0)
    # 600 x 700 cells of 10 m around the corner, and codes in degrees around them.
    reference = rng.uniform(0, 40, (600, 700)).astype(np.float32)
    (west,), (north,) = rasterio.warp.transform("EPSG:32717", "EPSG:4326", [X0], [Y0])
    transform = Affine(8e-5, 0, west - 0.004, 0, -8e-5, north + 0.004)
    codes = rng.integers(1, 9, (900, 1000)).astype(np.uint8)
    elevation = rng.uniform(0, 1000, (900, 1000)).astype(np.float32)
    source = {
        "slope": write_raster("slope.tif", reference),
        "soil": write_raster("soil.tif", codes, transform=transform, crs="EPSG:4326"),
        "height": write_raster("height.tif", elevation, transform=transform, crs="EPSG:4326"),
    }
    return source, codes, transform


@pytest.mark.parametrize("method", ["nearest", "bilinear", "average"])
def test_an_aligned_stack_does_not_depend_on_its_windows(write_raster, method):
    source, _, _ = lonlat_codes(write_raster)
    options = {"align": "slope", "resampling": method, "categorical": ["soil"]}
    one, *others = [open_stack(source, **options, chunks=chunks) for chunks in (512, 200, 700)]
    for other in others:
        for name in one:
            assert_array_equal(one[name], other[name])


def test_aligned_codes_are_those_of_the_cells_that_hold_the_centers(write_raster):
    source, codes, transform = lonlat_codes(write_raster)
    stack = open_stack(source, align="slope", resampling="bilinear", categorical=["soil"])
    x, y = (axis.ravel() for axis in np.meshgrid(stack["x"], stack["y"]))
    lon, lat = rasterio.warp.transform("EPSG:32717", "EPSG:4326", x, y)
    column, row = (np.floor(part).astype(int) for part in ~transform * np.array([lon, lat]))
    assert_array_equal(stack["soil"].to_numpy().ravel(), codes[row, column])


# ----------------------------------------------------------------------- codes


def class_map(codes, name="soil"):
    cells = {"y": Y0 - 10 * np.arange(ROWS) - 5.0, "x": X0 + 10 * np.arange(COLUMNS) + 5.0}
    slope = xr.DataArray(np.random.default_rng(0).uniform(0, 50, SHAPE), cells)
    arrays = {"slope": slope, name: xr.DataArray(codes, cells)}
    return open_stack(arrays, crs="EPSG:32717", categorical=[name])


def soil_model(values):
    rng = np.random.default_rng(0)
    soil = pd.Categorical(rng.choice(np.asarray(values, dtype=object), 90))
    X = pd.DataFrame({"slope": rng.uniform(0, 50, 90), "soil": soil})
    return make_landslide_pipeline(LogisticRegression(), random_state=0).fit(
        X, (X["slope"] > 25).astype(int)
    )


@pytest.mark.parametrize("values", [[1, 2, 3], ["1", "2", "3"], [1.0, 2.0, 3.0]], ids=str)
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32])
def test_codes_of_a_raster_are_those_of_the_table_whatever_their_types(values, dtype):
    codes = np.random.default_rng(1).integers(1, 4, SHAPE)
    found = predict_map(soil_model(values), class_map(codes.astype(dtype))).to_numpy()
    as_ints = predict_map(soil_model([1, 2, 3]), class_map(codes)).to_numpy()
    assert_allclose(found, as_ints, atol=1e-6)


@pytest.mark.parametrize("values", [[1, 2, 3], ["1", "2", "3"]], ids=str)
def test_a_class_raster_of_which_no_code_is_known_is_refused(values):
    codes = np.random.default_rng(1).integers(11, 14, SHAPE)
    with pytest.raises(ValueError, match=r"knows no code .*, which holds 11, 12, 13") as e:
        predict_map(soil_model(values), class_map(codes))
    assert "\n" not in str(e.value)
    codes[-1, -1] = 2
    with pytest.warns(UserWarning, match="100% of the cells of 'soil' .* 11, 12, 13"):
        predict_map(soil_model(values), class_map(codes))


def test_a_few_new_codes_are_mapped_without_a_word_and_many_with_one():
    codes = np.random.default_rng(1).integers(1, 4, SHAPE)
    codes[:2] = 9
    predict_map(soil_model([1, 2, 3]), class_map(codes))
    codes[:10] = 9
    with pytest.warns(UserWarning, match="25% of the cells of 'soil'"):
        predict_map(soil_model([1, 2, 3]), class_map(codes))
