"""Terrain factors against closed forms of analytic surfaces."""

import numpy as np
import pytest

from sklearn_landslide.terrain._surface import surface_factors

CELL = 10.0
INNER = (slice(1, -1), slice(1, -1))


def _axes(n=41):
    """Return x eastward and y northward of the cells' centers, row 0 in the north."""
    x = (np.arange(n) - n // 2) * CELL
    return np.meshgrid(x, x[::-1])


@pytest.mark.parametrize(
    ("east", "north", "slope", "aspect"),
    [
        (0.0, -1.0, 45.0, 0.0),  # falls northward
        (-1.0, 0.0, 45.0, 90.0),
        (0.0, 1.0, 45.0, 180.0),
        (1.0, 0.0, 45.0, 270.0),
        (-1.0, -1.0, 54.735610317245346, 45.0),  # atan(sqrt(2))
        (0.3, -0.4, 26.56505117707799, 323.13010235415595),  # atan(0.5), 360 - atan(3 / 4)
    ],
)
def test_inclined_plane_has_its_slope_and_aspect_up_to_the_edge(east, north, slope, aspect):
    x, y = _axes(9)
    factors = surface_factors(500 + east * x + north * y, CELL)
    np.testing.assert_allclose(factors["slope"], slope, rtol=1e-10)
    turned = (factors["aspect"] - aspect + 180) % 360 - 180
    np.testing.assert_allclose(turned, 0, atol=1e-8)
    assert (factors["aspect"] >= 0).all()
    assert (factors["aspect"] < 360).all()
    np.testing.assert_allclose(factors["plan_curvature"], 0, atol=1e-12)
    np.testing.assert_allclose(factors["profile_curvature"], 0, atol=1e-12)


def test_level_ground_has_no_slope_aspect_or_curvature():
    factors = surface_factors(np.full((5, 6), 830.0), CELL)
    for name, values in factors.items():
        np.testing.assert_array_equal(values, 0.0, err_msg=name)


@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["hill", "bowl"])
def test_paraboloid_has_the_curvatures_of_its_closed_form(sign):
    a = 0.002
    x, y = _axes()
    radius = np.hypot(x, y)
    factors = surface_factors(1000 - sign * a * radius**2, CELL)
    away = radius[INNER] > 0
    gradient = 2 * a * radius[INNER][away]
    np.testing.assert_allclose(
        factors["slope"][INNER][away], np.degrees(np.arctan(gradient)), rtol=1e-9
    )
    # Meridian and parallel curvature of a surface of revolution; a hill is convex: positive.
    down = sign * 2 * a / (1 + gradient**2) ** 1.5
    across = sign * 2 * a / np.sqrt(1 + gradient**2)
    np.testing.assert_allclose(factors["profile_curvature"][INNER][away], down, rtol=1e-8)
    np.testing.assert_allclose(factors["plan_curvature"][INNER][away], across, rtol=1e-8)


def test_cone_is_curved_across_its_slope_only():
    x, y = _axes(101)
    radius = np.hypot(x, y)
    factors = surface_factors(2000 - 0.5 * radius, CELL)
    far = (radius > 200) & (radius < 450)
    np.testing.assert_allclose(factors["slope"][far], np.degrees(np.arctan(0.5)), rtol=2e-3)
    expected = np.sin(np.arctan(0.5)) / radius[far]
    np.testing.assert_allclose(factors["plan_curvature"][far], expected, rtol=1e-2)
    np.testing.assert_allclose(factors["profile_curvature"][far], 0, atol=2e-5)
    outward = np.degrees(np.arctan2(x, y))[far]
    turned = (factors["aspect"][far] - outward + 180) % 360 - 180
    np.testing.assert_allclose(turned, 0, atol=0.1)
