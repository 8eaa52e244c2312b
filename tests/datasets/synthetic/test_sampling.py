"""Exact counts of draws and of planted faults."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_landslide.datasets._synthetic._region import CATEGORIES, FACTORS
from sklearn_landslide.datasets._synthetic._sampling import IMPOSSIBLE, draw_cells, spoil
from sklearn_landslide.preprocessing import field_bounds


@pytest.fixture(scope="module")
def landslides():
    return np.random.default_rng(1).random((60, 80)) < 0.2


@settings(deadline=None, max_examples=40)
@given(
    clustering=st.floats(0, 1),
    n_landslides=st.integers(1, 100),
    n_others=st.integers(1, 300),
    seed=st.integers(0, 2**31),
)
def test_every_draw_is_another_cell_and_the_counts_are_exact(
    clustering, n_landslides, n_others, seed
):
    inventory = np.zeros((30, 40), dtype=bool)
    inventory[::3, ::4] = True  # 100 cells, all of which may be asked
    cells = draw_cells(
        inventory,
        n_landslides,
        n_others,
        clustering=clustering,
        rng=np.random.default_rng(seed),
    )
    assert np.unique(cells).size == n_landslides + n_others
    assert inventory.ravel()[cells].sum() == n_landslides


def test_clustered_draws_crowd_in_a_part_of_the_region(landslides):
    def share_in_the_fullest_quarter(clustering):
        cells = draw_cells(landslides, 80, 160, clustering=clustering, rng=np.random.default_rng(2))
        rows, columns = np.unravel_index(cells, landslides.shape)
        counts = np.bincount(rows // 10 * 8 + columns // 10, minlength=48)
        return np.sort(counts)[-12:].sum() / counts.sum()

    everywhere, half, clusters = map(share_in_the_fullest_quarter, (0.0, 0.5, 1.0))
    assert everywhere < 0.45
    assert clusters > 0.8
    assert everywhere + 0.1 < half < clusters - 0.1


@settings(deadline=None, max_examples=40)
@given(
    missing_share=st.floats(0, 0.5),
    outlier_share=st.floats(0, 0.5),
    n_samples=st.integers(1, 40),
    seed=st.integers(0, 2**31),
)
def test_shares_of_planted_values_are_exact(missing_share, outlier_share, n_samples, seed):
    clean = np.full((n_samples, len(FACTORS)), 0.25)
    spoiled = spoil(
        clean,
        FACTORS,
        missing_share=missing_share,
        outlier_share=outlier_share,
        rng=np.random.default_rng(seed),
    )
    limited = [name in IMPOSSIBLE for name in FACTORS]
    missing = np.isnan(spoiled)
    outlier = ~missing & (spoiled != 0.25)
    assert missing.sum() == round(missing_share * clean.size)
    asked = outlier_share * n_samples * sum(limited)
    assert asked - 1 < outlier.sum() <= asked + 1e-6
    assert not outlier[:, ~np.array(limited)].any()
    np.testing.assert_array_equal(clean, 0.25)


def test_missing_values_reach_numeric_and_categorical_factors():
    spoiled = spoil(
        np.zeros((200, len(FACTORS))),
        FACTORS,
        missing_share=0.1,
        outlier_share=0.0,
        rng=np.random.default_rng(0),
    )
    share = np.isnan(spoiled).mean(axis=0)
    assert (share > 0.02).all()
    assert (share < 0.2).all()


def test_planted_values_are_outside_the_possible_range_of_their_factor():
    assert set(IMPOSSIBLE) | {"plan_curvature", "profile_curvature", *CATEGORIES} == set(FACTORS)
    for name, values in IMPOSSIBLE.items():
        lowest, highest = field_bounds(name)
        for value in values:
            assert value < lowest or (highest is not None and value > highest), (name, value)
