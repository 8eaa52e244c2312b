"""Distances, classes and fields that the synthetic region is made of."""

import numpy as np
import pytest

from sklearn_landslide.datasets._synthetic._geology import distance_to, make_faults
from sklearn_landslide.datasets._synthetic._land_cover import make_roads
from sklearn_landslide.datasets._synthetic._random_field import classes_by_share, random_field


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_distance_equals_brute_force(rng):
    mask = rng.random((17, 23)) < 0.04
    assert mask.any()
    marked = np.argwhere(mask)
    cells = np.argwhere(np.ones_like(mask))
    brute = np.sqrt(((cells[:, None] - marked) ** 2).sum(axis=2)).min(axis=1) * 30.0
    np.testing.assert_allclose(distance_to(mask, 30.0).ravel(), brute)


def test_faults_cross_the_region_without_gaps(rng):
    faults = make_faults((80, 100), 30.0, rng)
    rows, columns = np.nonzero(faults)
    for row, column in zip(rows, columns, strict=True):
        around = faults[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        assert around.sum() > 1


def test_roads_hang_together_and_go_around_a_wall(rng):
    elevation = np.zeros((40, 60))
    elevation[:30, 30] = 3000.0  # a wall with a gap in the south
    slope = np.zeros_like(elevation)
    slope[:30, 29:32] = 89.0
    roads = make_roads(elevation, slope, 30.0, rng, n_towns=12)
    assert roads[:, :29].any()
    assert roads[:, 32:].any()
    assert not roads[:30, 30].any()
    assert roads[30:, 30].any()


def test_classes_cover_their_shares(rng):
    classes = classes_by_share(rng.random(10_000), [0.2, 0.5, 0.3])
    np.testing.assert_allclose(np.bincount(classes) / 10_000, [0.2, 0.5, 0.3], atol=2e-4)


def test_field_is_correlated_within_its_length_and_not_far_beyond(rng):
    field = random_field((300, 300), 10.0, length=100.0, exponent=5.0, rng=rng)

    def correlation(lag):
        return np.corrcoef(field[:, lag:].ravel(), field[:, : field.shape[1] - lag].ravel())[0, 1]

    assert correlation(1) > 0.9
    assert abs(correlation(100)) < 0.15


def test_field_does_not_wrap_around(rng):
    field = random_field((200, 200), 10.0, length=2000.0, exponent=5.0, rng=rng)
    across = np.abs(field[:, 0] - field[:, -1]).mean()
    beside = np.abs(np.diff(field, axis=1)).mean()
    assert across > 10 * beside
