"""Factors taken from the rasters again: at shifted places, and at other absences."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.testing import assert_array_equal

from sklearn_landslide.mapping import open_stack, sample_stack
from sklearn_landslide.robustness import FoldRows, OtherAbsences, ShiftedPositions

SIDE, N = 10.0, 60
X0, Y0 = 700_000.0, 9_560_000.0


@pytest.fixture(scope="module")
def stack():
    """A value that names its cell, 100 * row + column, and a rock of two codes."""
    centers = SIDE * (np.arange(N) + 0.5)
    cells = {"y": Y0 - centers, "x": X0 + centers}
    number = 100.0 * np.arange(N)[:, None] + np.arange(N)
    rock = np.where(np.arange(N) < 30, 1.0, 2.0) * np.ones((N, 1))
    bands = {"number": xr.DataArray(number, cells), "rock": xr.DataArray(rock, cells)}
    return open_stack(bands, crs="EPSG:32717", categorical=["rock"])


@pytest.fixture(scope="module")
def rows(stack):
    row, column = np.divmod(np.random.default_rng(0).permutation(900)[:40], 30)
    # Somewhere in cells 15 to 44, each of them once.
    places = pd.DataFrame({"x": X0 + 150 + SIDE * column + 2, "y": Y0 - 150 - SIDE * row - 7})
    places["landslide"] = np.arange(40) % 2
    table = sample_stack(stack, places)
    return FoldRows(table.X, table.y, np.arange(40), table.coordinates.to_numpy(), stack=stack)


def cells_of(points):
    """Row and column of the cell in which a point lies, by hand."""
    return np.floor((Y0 - points[:, 1]) / SIDE), np.floor((points[:, 0] - X0) / SIDE)


@pytest.mark.parametrize("which", ["landslides", "both"])
@pytest.mark.parametrize("level", [30.0, 100.0])
def test_a_shifted_place_has_the_values_of_the_cell_that_it_comes_to_lie_in(rows, level, which):
    moved, test = ShiftedPositions(which=which).apply(rows, rows, level, np.random.default_rng(1))
    is_moved = (rows.y == 1) | (which == "both")
    distance = np.hypot(*(moved.coordinates - rows.coordinates).T)
    np.testing.assert_allclose(distance, np.where(is_moved, level, 0))
    row, column = cells_of(moved.coordinates)
    assert_array_equal(moved.X["number"], 100 * row + column)
    assert_array_equal(moved.X["rock"].astype(float), np.where(column < 30, 1, 2))
    assert moved.X["rock"].dtype == rows.X["rock"].dtype
    assert moved.X[~is_moved].equals(rows.X[~is_moved])
    assert test is rows


def test_places_move_in_all_directions_and_those_of_one_landslide_together(rows):
    in_pairs = FoldRows(
        rows.X, rows.y, rows.rows, rows.coordinates, np.repeat(np.arange(20), 2), rows.stack
    )
    moved, _ = ShiftedPositions(which="both").apply(
        in_pairs, in_pairs, 50, np.random.default_rng(0)
    )
    step = (moved.coordinates - rows.coordinates).reshape(20, 2, 2)
    np.testing.assert_allclose(step[:, 0], step[:, 1])
    signs = {tuple(pair) for pair in np.sign(step[:, 0]).astype(int)}
    assert len(signs) == 4


def test_a_place_that_would_leave_the_raster_stays(rows, stack):
    corner = np.array([[X0 + 5, Y0 - 5], [X0 + 300, Y0 - 305]])
    X = rows.X.iloc[:2].assign(number=[0.0, 3030.0])
    rows = FoldRows(X, np.array([1, 1]), np.arange(2), corner, stack=stack)
    stayed = 0
    for seed in range(8):
        moved, _ = ShiftedPositions().apply(rows, rows, 200, np.random.default_rng(seed))
        left = moved.coordinates[0].tolist() == corner[0].tolist()
        assert (moved.X["number"][0] == 0) == left
        assert moved.X["number"][1] != 3030
        stayed += left
    # A quarter of the directions leads into the raster.
    assert 4 <= stayed <= 8


@pytest.mark.parametrize("level", [0.0, 100.0])
def test_other_absences_keep_away_from_landslides_and_from_held_out_rows(rows, level):
    # Held out: the west.
    west = rows.coordinates[:, 0] < X0 + 250
    train, test = rows.take(~west), rows.take(west)
    other, same = OtherAbsences().apply(train, test, level, np.random.default_rng(0))
    n_landslides, n_others = train.y.sum(), (train.y == 0).sum()
    assert same is test
    assert np.bincount(other.y).tolist() == [n_others, n_landslides]
    assert other.X[: int(n_landslides)].equals(train.take(train.y == 1).X.reset_index(drop=True))
    drawn = other.coordinates[other.y == 0]
    row, column = cells_of(drawn)
    assert_array_equal(other.X["number"][other.y == 0], 100 * row + column)

    def nearest(points):
        return np.hypot(*(drawn[:, None] - points[None]).transpose(2, 0, 1)).min(axis=1)

    assert (nearest(train.coordinates[train.y == 1]) >= level).all()
    assert (nearest(train.coordinates) < nearest(test.coordinates)).all()
    assert (other.rows[other.y == 0] == -1).all()
    assert list(other.X.dtypes) == list(train.X.dtypes)


def test_a_table_of_other_rasters_is_refused(rows):
    wrong = FoldRows(
        rows.X.assign(number=rows.X["number"] + 50),
        rows.y,
        rows.rows,
        rows.coordinates,
        stack=rows.stack,
    )
    for perturbation in (ShiftedPositions(), OtherAbsences()):
        assert perturbation.why_not(rows) is None
        with pytest.raises(ValueError, match="'number' differs in 100 % of the rows"):
            perturbation.why_not(wrong)


def test_what_is_missing_is_said(rows):
    bare = FoldRows(rows.X, rows.y, rows.rows)
    assert ShiftedPositions().why_not(bare) == "it needs the rasters of the factors"
    no_points = FoldRows(rows.X, rows.y, rows.rows, stack=rows.stack)
    assert "coordinates" in ShiftedPositions().why_not(no_points)
    more = FoldRows(rows.X.assign(ndvi=0.5), rows.y, rows.rows, rows.coordinates, stack=rows.stack)
    assert ShiftedPositions().why_not(more) == "the stack has no 'ndvi'"
