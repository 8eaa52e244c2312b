"""Rate curves: counted by hand, tied to ROC, bounded, the same under any monotone scale."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import roc_auc_score
from sklearn.utils import check_random_state

from sklearn_landslide.metrics import rate_curve, rate_curve_auc, rate_curve_band

# Few different values, so that ties are common.
ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(1, 9)), min_size=2)
ROWS = ROWS.filter(lambda rows: len({label for label, _, _ in rows}) == 2)


def columns(rows):
    y, score, area = map(np.array, zip(*rows, strict=True))
    return y.astype(int), score / 6, area.astype(float)


def test_the_curve_is_the_one_counted_by_hand():
    y, p = [1, 0, 1, 0, 0], [0.9, 0.4, 0.6, 0.6, 0.1]
    area_share, landslide_share, thresholds = rate_curve(y, p)
    # The two rows of 0.6, one a landslide, are one step from 1/5 to 3/5 of the area.
    assert_allclose(area_share, [0, 0.2, 0.6, 0.8, 1])
    assert_allclose(landslide_share, [0, 0.5, 1, 1, 1])
    assert_array_equal(thresholds, [np.inf, 0.9, 0.6, 0.4, 0.1])
    # Triangle, trapezium, rectangle: 0.05 + 0.3 + 0.4.
    assert rate_curve_auc(y, p) == pytest.approx(0.75)


def test_areas_of_slope_units_stretch_the_first_axis_only():
    area_share, landslide_share, _ = rate_curve([1, 0, 1], [0.9, 0.5, 0.1], area=[1, 6, 3])
    assert_allclose(area_share, [0, 0.1, 0.7, 1])
    assert_allclose(landslide_share, [0, 0.5, 0.5, 1])


def test_landslides_may_be_points_without_area_beside_the_cells_of_a_map():
    cells, points = [0.9, 0.7, 0.2, 0.1], [0.9, 0.2]
    y = [0] * 4 + [1] * 2
    area_share, landslide_share, _ = rate_curve(y, cells + points, area=[25] * 4 + [0] * 2)
    assert_allclose(area_share, [0, 0.25, 0.5, 0.75, 1])
    assert_allclose(landslide_share, [0, 0.5, 0.5, 1, 1])


def test_a_model_that_knows_nothing_is_the_diagonal():
    area_share, landslide_share, _ = rate_curve([1, 0, 0, 1], [0.3] * 4, area=[1, 2, 3, 4])
    assert_array_equal(area_share, [0, 1])
    assert_array_equal(landslide_share, [0, 1])
    assert rate_curve_auc([1, 0, 0, 1], [0.3] * 4) == 0.5


@settings(deadline=None)
@given(ROWS)
def test_with_equal_areas_the_area_under_the_curve_follows_from_roc_auc(rows):
    y, p, _ = columns(rows)
    expected = y.mean() / 2 + (1 - y.mean()) * roc_auc_score(y, p)
    assert rate_curve_auc(y, p) == pytest.approx(expected)


@settings(deadline=None)
@given(ROWS)
def test_no_model_is_outside_of_the_perfect_and_the_reversed_one(rows):
    y, p, area = columns(rows)
    worst, best = rate_curve_auc(y, 1 - y), rate_curve_auc(y, y)
    assert worst - 1e-12 <= rate_curve_auc(y, p) <= best + 1e-12
    # The perfect curve climbs over the landslides' own area, the reversed one over what is left.
    landslides = area[y == 1].sum() / area.sum()
    assert rate_curve_auc(y, y, area=area) == pytest.approx(1 - landslides / 2)
    assert rate_curve_auc(y, 1 - y, area=area) == pytest.approx(landslides / 2)
    assert 0 <= rate_curve_auc(y, p, area=area) <= 1


@settings(deadline=None)
@given(ROWS)
def test_only_the_order_of_the_probabilities_counts(rows):
    y, p, area = columns(rows)
    before, after = rate_curve(y, p, area=area), rate_curve(y, np.exp(3 * p) - 7, area=area)
    assert_array_equal(before[0], after[0])
    assert_array_equal(before[1], after[1])


@settings(deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_count(rows, random):
    before = rate_curve_auc(*columns(rows)[:2], area=columns(rows)[2])
    random.shuffle(rows)
    assert rate_curve_auc(*columns(rows)[:2], area=columns(rows)[2]) == pytest.approx(before)


@settings(deadline=None)
@given(ROWS)
def test_both_shares_rise_from_0_to_1(rows):
    y, p, area = columns(rows)
    for share in rate_curve(y, p, area=area)[:2]:
        assert share[0] == 0
        assert share[-1] == 1
        assert (np.diff(share) >= 0).all()


@settings(deadline=None)
@given(ROWS)
def test_an_area_of_k_is_k_cells(rows):
    y, p, area = columns(rows)
    times = area.astype(int)
    # One landslide in the first cell of the unit, none in the others.
    first = np.concatenate([[1] + [0] * (k - 1) for k in times])
    x, share, _ = rate_curve(y, p, area=area)
    x_cells, share_cells, _ = rate_curve(np.repeat(y, times) * first, np.repeat(p, times))
    assert_allclose(x, x_cells)
    assert_allclose(share, share_cells)


def random_module_state():
    return check_random_state(None).get_state()[1].copy()


def make_rows(n=400, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(int)
    return y, y + rng.normal(size=n)


def test_the_band_is_the_same_for_the_same_seed_and_leaves_the_global_state_alone():
    state = random_module_state()
    first, second, other = (
        rate_curve_band(*make_rows(), n_resamples=20, random_state=seed) for seed in (0, 0, 1)
    )
    for one, two in zip(first, second, strict=True):
        assert_array_equal(one, two)
    assert not np.array_equal(first.lower, other.lower)
    assert_array_equal(random_module_state(), state)


def test_the_band_lies_around_the_curve():
    y, p = make_rows()
    band = rate_curve_band(y, p, n_resamples=200, random_state=0)
    x, share, _ = rate_curve(y, p)
    assert_allclose(band.landslide_share, np.interp(band.area_share, x, share))
    assert band.auc == rate_curve_auc(y, p)
    assert (band.lower <= band.landslide_share).all()
    assert (band.landslide_share <= band.upper).all()
    assert band.auc_lower < band.auc < band.auc_upper


def test_a_higher_level_and_fewer_rows_make_a_wider_band():
    y, p = make_rows()
    narrow = rate_curve_band(y, p, confidence_level=0.5, n_resamples=200, random_state=0)
    wide = rate_curve_band(y, p, confidence_level=0.99, n_resamples=200, random_state=0)
    few = rate_curve_band(y[:40], p[:40], confidence_level=0.5, n_resamples=200, random_state=0)
    assert narrow.auc_upper - narrow.auc_lower < wide.auc_upper - wide.auc_lower
    assert narrow.auc_upper - narrow.auc_lower < few.auc_upper - few.auc_lower


def test_the_interval_of_the_area_holds_the_true_one_as_often_as_it_says():
    # The true area under the curve: pi / 2 + (1 - pi) * Phi(1 / sqrt(2)).
    true = 0.15 + 0.7 * 0.7602499389065233
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        y = np.repeat([1, 0], [60, 140])
        band = rate_curve_band(y, y + rng.normal(size=200), n_resamples=200, random_state=seed)
        held += band.auc_lower <= true <= band.auc_upper
    # Binomial with 60 and 0.95: fewer than 51 has a probability of 0.3 %.
    assert held >= 51


def test_the_spread_of_the_draws_is_that_of_delong():
    from sklearn_landslide.metrics import delong_covariance

    y, p = make_rows(1000)
    band = rate_curve_band(y, p, confidence_level=0.6827, n_resamples=600, random_state=0)
    # With equal areas and as many landslides in each draw, only the ROC-AUC varies.
    expected = (1 - y.mean()) * np.sqrt(delong_covariance(y, p[:, None])[1][0, 0])
    assert (band.auc_upper - band.auc_lower) / 2 == pytest.approx(expected, rel=0.1)


def test_the_band_of_a_map_of_landslides_only_in_points_works():
    y = [0] * 4 + [1] * 2
    p = [0.9, 0.7, 0.2, 0.1, 0.9, 0.2]
    area = [25] * 4 + [0] * 2
    band = rate_curve_band(y, p, area=area, n_resamples=50, random_state=0)
    assert 0 <= band.auc_lower <= band.auc <= band.auc_upper <= 1


@pytest.mark.parametrize(
    ("y", "p", "area", "message"),
    [
        ([0, 0], [0.1, 0.2], None, r"y_true holds no landslide \(1\) in 2 rows"),
        ([0, 2], [0.1, 0.2], None, r"must hold 1 \(landslide\) and 0 \(none\), got \[0, 2\]"),
        ([0, 1], [0.1], None, "y_prob has 1 values and y_true has 2"),
        ([0, 1], [0.1, np.nan], None, "y_prob has 1 missing or infinite values"),
        ([0, 1], [0.1, 0.2], [1, -2], "area must not be negative, got -2"),
        ([0, 1], [0.1, 0.2], [0, 0], "area is 0 in all rows"),
        ([0, 1], [0.1, 0.2], [1], "area has 1 values and y_true has 2"),
        ([], [], None, "y_true has no rows"),
    ],
)
def test_what_cannot_be_a_curve_is_named_in_one_line(y, p, area, message):
    for function in (rate_curve, rate_curve_auc, rate_curve_band):
        with pytest.raises(ValueError, match=message) as error:
            function(y, p, area=area)
        assert "\n" not in str(error.value)


def test_draws_without_any_area_are_refused():
    with pytest.raises(ValueError, match="a draw has no area: only 1 of 3 rows have one"):
        rate_curve_band([1, 0, 0], [0.9, 0.2, 0.1], area=[0, 1, 0], random_state=0)
