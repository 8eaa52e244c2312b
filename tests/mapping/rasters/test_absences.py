"""Absences: where they may lie, as many as asked for, each allowed cell as likely as any."""

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from rasterio.transform import Affine
from scipy.stats import chisquare
from shapely.geometry import Point, box

from sklearn_landslide.mapping import open_stack, sample_absences, sample_stack
from sklearn_landslide.mapping._rasters._absences import buffer_in_units
from sklearn_landslide.mapping._rasters._draw import largest_remainders
from sklearn_landslide.mapping._rasters._grids import Grid, parse_crs
from sklearn_landslide.mapping._rasters._nearby import Nearby

# rasterio ignores this warning while it writes, but another thread may undo that for a moment.
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

CRS = "EPSG:32717"
X0, Y0 = 700_000, 9_560_000


@pytest.fixture
def region(write_raster):
    """20 x 30 cells of 10 m: cell number, slope of 0 to 38 degrees, three soils, and a hole."""
    number = np.arange(600.0).reshape(20, 30)
    hole = number.copy()
    hole[:4, 20:] = np.nan
    slope = np.repeat(np.arange(0.0, 40, 2)[:, None], 30, axis=1)
    soil = np.repeat(np.repeat([1, 2, 5], [15, 9, 6])[None], 20, axis=0).astype(np.uint8)
    files = {"number": number, "hole": hole, "slope": slope, "soil": soil}
    return {name: write_raster(f"{name}.tif", values) for name, values in files.items()}


def slides(*offsets, labels=1):
    x, y = np.array(offsets, dtype=float).T
    return pd.DataFrame({"x": X0 + x, "y": Y0 - y, "landslide": labels})


def numbers(stack, absences):
    """The cells of absences, as row * 30 + column."""
    return sample_stack(stack, absences).X["number"].astype(int)


def global_state():
    return np.random.get_state()[1].tolist()  # noqa: NPY002


def refuses(message, *args, **options):
    with pytest.raises(ValueError, match=message) as caught:
        sample_absences(*args, **options)
    assert "\n" not in str(caught.value)


def test_all_allowed_cells_and_no_others_can_be_drawn(region):
    stack = open_stack(region, chunks=8)
    landslide = slides((105, 105))
    row, column = np.mgrid[:20, :30]
    away = np.hypot(10 * (column - 10), 10 * (row - 10)) >= 30
    allowed = away & ~((row < 4) & (column >= 20)) & (row >= 2)
    wanted = int(allowed.sum())
    absences = sample_absences(stack, landslide, ratio=wanted, buffer=30, min_slope=4)
    assert_array_equal(np.sort(numbers(stack, absences)), np.flatnonzero(allowed))
    assert absences.crs == CRS
    assert (absences["landslide"] == 0).all()
    assert_array_equal(absences.geometry.x % 10, 5)
    refuses(
        rf"{wanted + 1} absences are wanted \(ratio={wanted + 1} of 1 landslide sample\), but only "
        rf"{wanted} cells .* buffer=30 and as steep as min_slope=4 can be drawn",
        stack,
        landslide,
        ratio=wanted + 1,
        buffer=30,
        min_slope=4,
    )


def test_without_a_buffer_only_the_cells_of_landslides_are_left_out(region):
    stack = open_stack({"number": region["number"]})
    square = box(X0 + 100, Y0 - 130, X0 + 130, Y0 - 100)
    inventory = geopandas.GeoDataFrame(
        {"landslide": [1, 1, 0]},
        geometry=[Point(X0 + 1, Y0 - 1), square, Point(X0 + 295, Y0 - 195)],
        crs=CRS,
    )
    row, column = np.mgrid[:20, :30]
    inside = (abs(row - 11) < 2) & (abs(column - 11) < 2)
    inside[0, 0] = True
    # Ten landslide samples: a point and nine cells; with one cell a polygon, two.
    absences = sample_absences(stack, inventory, ratio=59, buffer=0)
    assert_array_equal(np.sort(numbers(stack, absences)), np.flatnonzero(~inside))
    few = sample_absences(stack, inventory, ratio=295, buffer=0, polygons="one")
    assert_array_equal(np.sort(numbers(stack, few)), np.flatnonzero(~inside))


@settings(max_examples=40, deadline=None)
@given(
    buffer=st.floats(0.5, 120),
    points=st.lists(st.tuples(st.floats(-50, 350), st.floats(-50, 250)), min_size=1, max_size=4),
    polygon=st.booleans(),
)
def test_the_buffer_is_exact(buffer, points, polygon):
    grid = Grid(None, Affine(10, 0, X0, 0, -10, Y0), 20, 30)
    shapes = [Point(X0 + x, Y0 - y) for x, y in points]
    if polygon:
        shapes = [box(shape.x, shape.y, shape.x + 33, shape.y + 21) for shape in shapes]
    x, y = grid.centers(*np.mgrid[:20, :30])
    cells = geopandas.points_from_xy(x.ravel(), y.ravel())
    distance = np.min([[shape.distance(cell) for cell in cells] for shape in shapes], axis=0)
    near = Nearby(np.array(shapes), buffer).mask(grid).ravel()
    clear = abs(distance - buffer) > 1e-6
    assert_array_equal(near[clear], (distance < buffer)[clear])


def test_landslides_outside_the_stack_keep_absences_away_too(region):
    stack = open_stack({"number": region["number"]})
    both = slides((295, 195), (-20, 5))
    absences = sample_absences(stack, both, ratio=1, buffer=100, random_state=0)
    assert len(absences) == 1
    everywhere = sample_absences(stack, slides((295, 195), (-20, 5)), ratio=400, buffer=100)
    assert (everywhere.distance(Point(X0 - 20, Y0 - 5)) >= 100).all()


@pytest.mark.parametrize("seed", [7, np.random.RandomState(7)], ids=["int", "RandomState"])
def test_a_seed_gives_the_same_draw_whatever_the_windows(region, seed):
    state = seed.get_state() if hasattr(seed, "get_state") else None
    draws = []
    for chunks in (3, 8, 512):
        if state is not None:
            seed.set_state(state)
        stack = open_stack(region, chunks=chunks)
        draws.append(
            sample_absences(stack, slides((55, 55)), ratio=40, strata="soil", random_state=seed)
        )
    assert draws[0].equals(draws[1])
    assert draws[0].equals(draws[2])


def test_the_global_generator_is_left_alone(region):
    stack = open_stack({"number": region["number"]})
    before = global_state()
    first, second = (sample_absences(stack, slides((5, 5)), ratio=50) for _ in range(2))
    assert global_state() == before
    assert not first.equals(second)


def test_every_cell_is_as_likely_as_any_other(region):
    stack = open_stack({"number": region["number"]})
    counts = np.zeros(600, dtype=int)
    for seed in range(30):
        drawn = sample_absences(stack, slides((5, 5)), ratio=200, buffer=0, random_state=seed)
        x, y = drawn.geometry.x.to_numpy(), drawn.geometry.y.to_numpy()
        cells = (30 * ((Y0 - y) // 10) + (x - X0) // 10).astype(int)
        assert len(np.unique(cells)) == 200
        counts[cells] += 1
    assert counts[0] == 0
    # 30 draws of 200 of 599 cells: ten cells together are expected 100.2 times.
    groups = counts[1:591].reshape(59, 10).sum(axis=1)
    assert chisquare(groups).pvalue > 0.01
    # First cells of the first draws: no end of the region comes first.
    assert abs(np.corrcoef(np.arange(200), cells)[0, 1]) < 0.2


def test_strata_get_absences_by_their_area(region):
    stack = open_stack({"number": region["number"], "soil": region["soil"]})
    drawn = sample_absences(
        stack, slides((5, 5)), ratio=101, buffer=0, strata="soil", random_state=0
    )
    soil = sample_stack(stack, drawn).X["soil"]
    # 299, 180 and 120 of 599 cells: 50.4, 30.4 and 20.2 of 101, the rest to the largest.
    assert soil.value_counts().to_dict() == {1: 51, 2: 30, 5: 20}


@settings(max_examples=100, deadline=None)
@given(counts=st.lists(st.integers(1, 1000), min_size=1, max_size=6), share=st.floats(0, 1))
def test_shares_sum_to_the_total_and_fit_their_counts(counts, share):
    counts = pd.Series(counts)
    total = int(share * counts.sum())
    shares = largest_remainders(total, counts)
    assert shares.sum() == total
    assert (shares <= counts).all()
    assert (abs(shares - counts * total / counts.sum()) < 1).all()


def test_meters_are_the_units_of_the_buffer():
    assert buffer_in_units(304.8, parse_crs("EPSG:2263")) == pytest.approx(1000, rel=1e-5)
    assert buffer_in_units(304.8, parse_crs("EPSG:32717")) == 304.8


def test_degrees_cannot_hold_meters(write_raster):
    lonlat = Affine(1e-3, 0, -79.3, 0, -1e-3, -3.9)
    path = write_raster("s.tif", np.ones((20, 30)), transform=lonlat, crs="EPSG:4326")
    stack = open_stack({"slope": path})
    slide = pd.DataFrame({"x": [-79.29], "y": [-3.91]})
    refuses(
        r"buffer=50 is in meters, but the stack's CRS EPSG:4326 is in degrees: warp .* buffer=0",
        stack,
        slide,
        target=None,
        buffer=50,
    )
    assert len(sample_absences(stack, slide, target=None, buffer=0, ratio=3)) == 3


def test_bad_requests_are_refused(region):
    stack = open_stack({"number": region["number"]})
    slide = slides((5, 5))
    refuses("no factor 'slope'", stack, slide, min_slope=5)
    refuses("no factor 'soil'", stack, slide, strata="soil")
    refuses("has no landslide: its 'landslide' is 0 in every row", stack, slide.assign(landslide=0))
    refuses("no place of the inventory lies in the stack", stack, slides((-50, 5)))
    refuses("The 'ratio' parameter", stack, slide, ratio=0)
    refuses("The 'min_slope' parameter", stack, slide, min_slope=100)
    refuses("Pass target=None", stack, slide, target="slide")


def test_presences_and_absences_make_a_table(region):
    stack = open_stack(region)
    landslides = slides((55, 55), (155, 95), (255, 155))
    presences = geopandas.GeoDataFrame(
        landslides[["landslide"]],
        geometry=geopandas.points_from_xy(landslides["x"], landslides["y"]),
        crs=CRS,
    )
    absences = sample_absences(stack, presences, ratio=2, random_state=0)
    table = sample_stack(stack, pd.concat([presences, absences]))
    assert table.y.tolist() == [1] * 3 + [0] * 6
    assert not table.X.isna().any(axis=None)


def test_ecuador_absences_are_valid_and_away_from_landslides(real_data):
    stack = open_stack(real_data / "ecuador_terrain.tif", chunks=128)
    points = pd.read_csv(real_data / "ecuador_points.csv")
    absences = sample_absences(stack, points, ratio=5, buffer=150, min_slope=10, random_state=0)
    assert len(absences) == 5 * 175
    table = sample_stack(stack, absences)
    assert not table.X.isna().any(axis=None)
    assert table.X["slope"].min() >= 10
    landslides = points.loc[points["landslide"] == 1, ["x", "y"]].to_numpy()
    apart = table.coordinates.to_numpy()[:, None] - landslides
    assert np.hypot(*apart.transpose(2, 0, 1)).min() >= 150
