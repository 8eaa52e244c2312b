"""Wetness, stream power and sediment transport against their definitions."""

import numpy as np
import pytest

from sklearn_landslide.terrain._wetness import wetness_factors


def test_wetness_and_stream_power_follow_their_definitions():
    # a = 27000 m² / 30 m = 900 m, tan b = 1/2, sin b = 1/sqrt(5).
    factors = wetness_factors(np.array([27_000.0]), np.degrees(np.arctan([0.5])), 30.0)
    assert factors["twi"][0] == pytest.approx(np.log(1800))
    assert factors["spi"][0] == pytest.approx(450)
    assert factors["sti"][0] == pytest.approx((900 / 22.13) ** 0.6 * (0.4472135955 / 0.0896) ** 1.3)


def test_wetness_of_level_ground_is_that_of_a_tenth_of_a_degree():
    level = wetness_factors(900.0, 0.0, 30.0)
    assert level == wetness_factors(900.0, 0.1, 30.0)
    assert level["twi"] == pytest.approx(np.log(30 / np.tan(np.radians(0.1))))
