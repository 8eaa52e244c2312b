"""Derivatives of the surface against those of surfaces that are known in closed form."""

import numpy as np
import pytest

from sklearn_landslide.terrain._surface import window_factors

METHODS = ["horn", "zevenbergen_thorne"]
CURVATURES = ["plan_curvature", "profile_curvature", "tangential_curvature"]


def waves(x, y):
    """Height and its exact derivatives p, q, r, s, t, where two sines and a bowl meet."""
    a, b = 1 / 300, 1 / 200
    sx, cx, sy, cy = np.sin(a * x), np.cos(a * x), np.sin(b * y), np.cos(b * y)
    bowl = 2e-4
    z = 120 * sx * cy + 60 * sy + 0.3 * x + bowl * (x**2 + y**2)
    p = 120 * a * cx * cy + 0.3 + 2 * bowl * x
    q = -120 * b * sx * sy + 60 * b * cy + 2 * bowl * y
    r = -120 * a**2 * sx * cy + 2 * bowl
    s = -120 * a * b * cx * sy
    t = -120 * b**2 * sx * cy - 60 * b**2 * sy + 2 * bowl
    return z, p, q, r, s, t


def exact(p, q, r, s, t):
    """Definitions of the factors, written out once more."""
    g = p**2 + q**2
    across = q**2 * r - 2 * p * q * s + p**2 * t
    down = p**2 * r + 2 * p * q * s + q**2 * t
    return {
        "slope": np.degrees(np.arctan(np.sqrt(g))),
        "northness": np.cos(np.arctan2(-p, -q)),
        "eastness": np.sin(np.arctan2(-p, -q)),
        "plan_curvature": -across / g**1.5,
        "profile_curvature": -down / (g * (1 + g) ** 1.5),
        "tangential_curvature": -across / (g * np.sqrt(1 + g)),
    }


def errors(cell, method, stretch=1.0):
    """Greatest error of each factor at points that all cells share, away from level ground."""
    half = 600
    n = round(half / cell)
    x = cell * np.arange(-n - 1, n + 2)
    y = stretch * x[::-1]
    x, y = np.meshgrid(x, y)
    found = window_factors(waves(x, y)[0], cell, stretch * cell, method)
    inner = (slice(1, -1), slice(1, -1))
    derivatives = [values[inner] for values in waves(x, y)[1:]]
    shared = (slice(None, None, round(40 / cell)),) * 2
    steep = (derivatives[0] ** 2 + derivatives[1] ** 2)[shared] > 0.05
    assert steep.sum() > 500
    return {
        name: np.abs(found[name] - value)[shared][steep].max()
        for name, value in exact(*derivatives).items()
    }


@pytest.mark.parametrize("stretch", [1.0, 0.7], ids=["square cells", "cells that are not square"])
@pytest.mark.parametrize("method", METHODS)
def test_errors_fall_fourfold_when_cells_halve(method, stretch):
    coarse, fine = errors(10.0, method, stretch), errors(5.0, method, stretch)
    for name in coarse:
        assert 3.6 < coarse[name] / fine[name] < 4.4, name
    assert fine["slope"] < 0.05
    assert max(fine[name] for name in CURVATURES) < 1e-4


@pytest.mark.parametrize("method", METHODS)
def test_plan_curvature_of_a_cone_is_one_over_the_radius(method):
    axis = 5.0 * np.arange(-81, 82)
    x, y = np.meshgrid(axis, axis[::-1])
    radius = np.hypot(x, y)
    factors = window_factors(900 - 0.5 * radius, 5.0, 5.0, method)
    radius = radius[1:-1, 1:-1]
    far = (radius > 150) & (radius < 390)
    np.testing.assert_allclose(factors["plan_curvature"][far], 1 / radius[far], rtol=5e-3)
    # A spur from top to bottom: the section across the slope is flatter by the sine of the slope.
    expected = np.sin(np.arctan(0.5)) / radius[far]
    np.testing.assert_allclose(factors["tangential_curvature"][far], expected, rtol=5e-3)
    np.testing.assert_allclose(factors["profile_curvature"][far], 0, atol=3e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("sign", [1, -1], ids=["hill", "bowl"])
def test_convex_is_positive(method, sign):
    axis = 10.0 * np.arange(-20, 21)
    x, y = np.meshgrid(axis, axis[::-1])
    factors = window_factors(500 - sign * 0.002 * (x**2 + y**2), 10.0, 10.0, method)
    middle = np.zeros((39, 39), dtype=bool)
    middle[19, 19] = True
    for name in CURVATURES:
        assert (sign * factors[name][~middle] > 0).all()
        assert factors[name][middle] == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("east", "north", "aspect"),
    [(0, -1, 0), (-1, 0, 90), (0, 1, 180), (1, 0, 270), (-1, -1, 45), (-1, 1, 135), (1, 1, 225)],
)
def test_aspect_is_where_the_slope_falls_to(method, east, north, aspect):
    x, y = np.meshgrid(30.0 * np.arange(4), -20.0 * np.arange(5))
    factors = window_factors(0.5 * (east * x + north * y), 30.0, 20.0, method)
    np.testing.assert_allclose(factors["aspect"], aspect, atol=1e-9)
    np.testing.assert_allclose(factors["northness"], np.cos(np.radians(aspect)), atol=1e-12)
    np.testing.assert_allclose(factors["eastness"], np.sin(np.radians(aspect)), atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_level_ground_has_the_aspect_of_gis_tables_and_no_direction(method):
    factors = window_factors(np.full((4, 5), 830.25), 10.0, 10.0, method)
    expected = dict.fromkeys(factors, 0.0) | {"aspect": -1.0}
    for name, values in factors.items():
        np.testing.assert_array_equal(values, expected[name], err_msg=name)


def test_ruggedness_and_roughness_by_hand():
    z = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 11]])
    factors = window_factors(z, 10.0, 10.0, "horn")
    # Differences -4 -3 -2 -1 1 2 3 6.
    assert factors["tri"].item() == np.sqrt(16 + 9 + 4 + 1 + 1 + 4 + 9 + 36)
    assert factors["roughness"].item() == 10.0
