"""Infinite-slope model against hand-computed values and limits."""

import numpy as np
import pytest

from sklearn_landslide.datasets._synthetic._stability import (
    factor_of_safety,
    failure_probability,
    strength_for_prevalence,
)


def test_safety_of_a_saturated_cohesive_slope_computed_by_hand():
    # b = 25 deg, z = 4 m, c = 10 kPa, phi = 30 deg, g = 18 kN/m³, w = 1:
    # driving 18 * 4 * 0.422618 * 0.906308 = 27.5776 kPa,
    # resisting 10 + (18 - 9.81) * 4 * 0.821394 * 0.577350 = 25.5358 kPa.
    safety = factor_of_safety(
        25, depth=4, cohesion=10, friction_angle=30, wetness=1, unit_weight=18.0
    )
    assert safety == pytest.approx(25.5358 / 27.5776, abs=1e-5)
    assert safety == pytest.approx(0.92596, abs=1e-5)


@pytest.mark.parametrize("depth", [0.5, 3.0])
def test_dry_sand_fails_at_its_friction_angle_whatever_the_depth(depth):
    slopes = np.array([20.0, 33.0, 45.0])
    safety = factor_of_safety(slopes, depth=depth, cohesion=0, friction_angle=33, wetness=0)
    np.testing.assert_allclose(safety, np.tan(np.radians(33)) / np.tan(np.radians(slopes)))
    assert safety[1] == pytest.approx(1)


def test_saturation_of_sand_takes_the_buoyant_share_of_its_strength():
    common = {"depth": 2.0, "cohesion": 0.0, "friction_angle": 35.0}
    dry = factor_of_safety(20, wetness=0, **common)
    wet = factor_of_safety(20, wetness=1, **common)
    assert wet / dry == pytest.approx((19 - 9.81) / 19)


def test_level_ground_is_infinitely_safe_and_never_fails():
    safety = factor_of_safety(
        [0.0, 0.01], depth=2, cohesion=0.0, friction_angle=20, wetness=[1.0, 1.0]
    )
    assert safety[0] == np.inf
    probability = failure_probability(safety, 0.2)
    assert probability[0] == 0
    assert probability[1] < 1e-100


def test_probability_follows_the_log_normal_distribution():
    # The normal distribution's 5 % point is -1.644854.
    safety = np.exp(0.3 * np.array([1.644854, 0.0, -1.644854]))
    np.testing.assert_allclose(failure_probability(safety, 0.3), [0.05, 0.5, 0.95], atol=1e-6)


@pytest.mark.parametrize("prevalence", [0.01, 0.1, 0.4])
def test_strength_brings_the_mean_probability_to_the_prevalence(prevalence):
    safety = np.random.default_rng(0).lognormal(0.5, 0.4, 500)
    strength = strength_for_prevalence(safety, 0.2, prevalence)
    assert failure_probability(strength * safety, 0.2).mean() == pytest.approx(prevalence)
