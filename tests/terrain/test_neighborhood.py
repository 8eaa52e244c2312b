"""Topographic position and relief in discs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_landslide.terrain._neighborhood import disc, disc_factors, reach_of


def padded(z, halves):
    down, across = reach_of(halves)
    return np.pad(z, ((down, down), (across, across)), constant_values=np.nan)


def by_brute_force(z, radius, dx, dy):
    """Position and relief cell by cell, with a plane by least squares."""
    rows, columns = np.indices(z.shape)
    tpi, relief = np.full(z.shape, np.nan), np.full(z.shape, np.nan)
    halves = disc(radius, dx, dy)
    for row, column in np.argwhere(np.isfinite(z)):
        y, x = (rows - row) * dy, (columns - column) * dx
        inside = (x**2 + y**2 <= radius**2 * (1 + 1e-9)) & np.isfinite(z)
        if inside.sum() < (2 * halves + 1).sum() / 4:
            continue
        relief[row, column] = z[inside].max() - z[inside].min()
        inside[row, column] = False
        plane = np.column_stack([np.ones(inside.sum()), x[inside], y[inside]])
        (level, *_), _, rank, _ = np.linalg.lstsq(plane, z[inside], rcond=None)
        if rank == 3:
            tpi[row, column] = z[row, column] - level
    return {"tpi": tpi, "relief": relief}


@pytest.mark.parametrize(("radius", "dx", "dy"), [(15, 10, 10), (40, 10, 10), (40, 12, 7)])
def test_discs_are_what_a_loop_over_cells_finds(rough, radius, dx, dy):
    z = rough(23, 19)
    z[4:7, 5:12] = np.nan
    z[15, 3] = np.nan
    halves = disc(radius, dx, dy)
    found, expected = disc_factors(padded(z, halves), halves), by_brute_force(z, radius, dx, dy)
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-8, err_msg=name)


def test_disc_holds_cells_whose_center_is_on_the_circle():
    # 0.3 / 0.1 is 2.9999999999999996.
    np.testing.assert_array_equal(disc(0.3, 0.1, 0.1), [0, 2, 2, 3, 2, 2, 0])
    assert (2 * disc(1000, 30, 30) + 1).sum() == sum(
        (30 * i) ** 2 + (30 * j) ** 2 <= 1000**2 for i in range(-40, 41) for j in range(-40, 41)
    )


def test_an_even_slope_is_neither_ridge_nor_valley_up_to_the_edge_and_voids():
    y, x = np.mgrid[:30, :40] * 10.0
    z = 2000 + 0.6 * x - 0.3 * y
    z[10:20, 10:13] = np.nan
    halves = disc(80, 10, 10)
    found = disc_factors(padded(z, halves), halves)
    np.testing.assert_array_equal(np.isnan(found["tpi"]), np.isnan(z))
    np.testing.assert_allclose(found["tpi"][np.isfinite(z)], 0, atol=1e-8)
    whole = found["relief"][8:-8, 21:-8]
    # The highest and the lowest cell of the disc, as far as its cells follow the gradient.
    offsets = [(i, j) for i, h in zip(range(-8, 9), halves, strict=True) for j in range(-h, h + 1)]
    rise = max(0.6 * 10 * j - 0.3 * 10 * i for i, j in offsets)
    np.testing.assert_allclose(whole, 2 * rise)


def test_a_lone_cell_has_no_position():
    z = np.full((9, 9), np.nan)
    z[4, 4] = 700.0
    z[4, 5] = 710.0
    halves = disc(30, 10, 10)
    for values in disc_factors(padded(z, halves), halves).values():
        assert np.isnan(values).all()


@given(seed=st.integers(0, 2**31), shift=st.integers(-1000, 4000), share=st.floats(0, 0.5))
@settings(max_examples=30, deadline=None)
def test_position_and_relief_do_not_depend_on_the_datum(seed, shift, share):
    random = np.random.default_rng(seed)
    z = random.normal(500, 100, (12, 15))
    z[random.random(z.shape) < share] = np.nan
    halves = disc(25, 10, 10)
    one = disc_factors(padded(z, halves), halves)
    other = disc_factors(padded(z + shift, halves), halves)
    for name in one:
        np.testing.assert_allclose(one[name], other[name], atol=1e-6)
    assert not (one["relief"] < 0).any()
