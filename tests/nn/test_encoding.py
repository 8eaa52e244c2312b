"""Raw values to normal scores and codes, against hand-computed cases and scikit-learn."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer

from sklearn_landslide.nn._embedding import FactorEncoder
from sklearn_landslide.nn._encoding import learn_encoding


def column(values):
    return np.asarray(values, dtype=np.float32).reshape(-1, 1)


def encode(encoding, values):
    scores, codes = FactorEncoder(encoding)(torch.from_numpy(column(values).T))
    return scores.numpy()[0], codes.sum(dim=0).numpy()


def scores_by_formula(encoding, X):
    """Linear interpolation between the knots, flat outside, written with NumPy."""
    result = np.empty(X.shape)
    for j in range(X.shape[1]):
        finite = np.isfinite(encoding.knots[j])
        result[:, j] = np.interp(X[:, j], encoding.knots[j][finite], encoding.scores[j][finite])
    return result


def test_scores_are_normal_quantiles_of_mid_ranks():
    encoding = learn_encoding(column([30, 10, 20, 40]), [0])
    np.testing.assert_array_equal(encoding.knots, [[10, 20, 30, 40]])
    expected = norm.ppf([1 / 8, 3 / 8, 5 / 8, 7 / 8])
    np.testing.assert_allclose(encoding.scores[0], expected, rtol=1e-6)


def test_ties_share_the_score_of_their_middle_rank():
    # 5 is at ranks 0-3 (share 4/12), 7 at 3 1/2 ... : counts 4, 1, 1 of 6.
    encoding = learn_encoding(column([5, 5, 5, 5, 7, 9]), [0])
    np.testing.assert_allclose(
        encoding.scores[0], norm.ppf([4 / 12, 9 / 12, 11 / 12]), rtol=1e-6, atol=1e-7
    )


def test_constant_scores_zero_and_has_no_code():
    encoding = learn_encoding(column([3.5] * 10), [0])
    assert encoding.n_codes.tolist() == [0]
    scores, codes = encode(encoding, [3.5, -1e9, 1e9])
    np.testing.assert_array_equal(scores, 0)
    np.testing.assert_array_equal(codes, 0)


def test_two_values_get_two_codes_and_opposite_scores():
    encoding = learn_encoding(column([0, 0, 1, 1]), [0])
    scores, codes = encode(encoding, [0, 1, 0.5])
    np.testing.assert_allclose(scores, [norm.ppf(0.25), norm.ppf(0.75), 0], atol=1e-6)
    assert codes.tolist() == [1, 2, 0]


@pytest.mark.parametrize(("n_distinct", "n_codes"), [(20, 20), (21, 0)])
def test_a_numeric_factor_has_codes_up_to_max_codes_values(n_distinct, n_codes):
    assert learn_encoding(column(np.arange(n_distinct)), [0]).n_codes.tolist() == [n_codes]


def test_codes_of_the_factors_do_not_overlap():
    X = np.array([[0, 5.0, 0], [1, 6.0, 1], [2, 5.0, 1]], dtype=np.float32)
    encoding = learn_encoding(X, [3, 0, 2])
    _, codes = FactorEncoder(encoding)(torch.from_numpy(X.T.copy()))
    assert codes.tolist() == [[1, 2, 3], [4, 5, 4], [6, 7, 7]]


def test_an_unknown_category_has_code_zero_and_score_zero():
    encoding = learn_encoding(column([0, 1, 2, 1]), [3])
    scores, codes = encode(encoding, [-1, 0, 2])
    assert codes.tolist() == [0, 1, 3]
    np.testing.assert_array_equal(scores, 0)


def test_more_distinct_values_than_knots_keep_both_ends_and_lie_on_the_curve():
    rng = np.random.default_rng(0)
    values = rng.gamma(2.0, size=5000).astype(np.float32)
    encoding = learn_encoding(column(values), [0], max_knots=100)
    knots = encoding.knots[0]
    assert knots.shape == (100,)
    assert knots[0] == values.min()
    assert knots[-1] == values.max()
    share = [(np.mean(values < k) + np.mean(values <= k)) / 2 for k in knots]
    np.testing.assert_allclose(encoding.scores[0], norm.ppf(share), atol=1e-5)
    fine = learn_encoding(column(values), [0], max_knots=5000)
    inner = np.quantile(values, np.linspace(0.02, 0.98, 50))
    np.testing.assert_allclose(encode(encoding, inner)[0], encode(fine, inner)[0], atol=0.02)


def test_heavy_ties_beyond_max_knots_leave_increasing_knots():
    values = np.concatenate([np.zeros(9000), np.linspace(1, 2, 1000)])
    encoding = learn_encoding(column(values), [0], max_knots=50)
    knots = encoding.knots[0]
    assert (np.diff(knots) > 0).all()
    assert knots[0] == 0
    assert knots[-1] == 2
    assert encoding.scores[0][0] == pytest.approx(norm.ppf(0.45), abs=1e-6)


def test_scores_agree_with_quantile_transformer_in_the_interior():
    rng = np.random.default_rng(1)
    values = rng.lognormal(size=2000)
    reference = QuantileTransformer(output_distribution="normal", n_quantiles=2000)
    reference.fit(column(values))
    encoding = learn_encoding(column(values), [0], max_knots=2000)
    inner = np.quantile(values, np.linspace(0.02, 0.98, 200))
    expected = reference.transform(column(inner))[:, 0]
    np.testing.assert_allclose(encode(encoding, inner)[0], expected, atol=0.02)


def test_scores_never_leave_four_standard_deviations():
    values = np.arange(100_000)
    encoding = learn_encoding(column(values), [0])
    assert norm.ppf(0.5 / 100_000) < -4
    assert encoding.scores.min() == -4
    assert encoding.scores.max() == 4
    np.testing.assert_array_equal(encode(encoding, [-1e30, 1e30])[0], [-4, 4])


def test_torch_encoder_equals_the_numpy_formula():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(300, 4)).astype(np.float32)
    X[:, 1] = rng.integers(0, 6, 300)
    X[:, 2] = 7
    encoding = learn_encoding(X, [0, 0, 0, 0])
    new = (2 * rng.normal(size=(500, 4))).astype(np.float32)
    new[:50] = X[:50]
    encoder = FactorEncoder(encoding)
    scores, codes = encoder(torch.from_numpy(new.T.copy()))
    np.testing.assert_allclose(scores.T, scores_by_formula(encoding, new), atol=2e-5)
    assert encoder.coded.tolist() == [1]
    np.testing.assert_array_equal(codes[0, :50], X[:50, 1] + 1)
    np.testing.assert_array_equal(codes[0, 50:], 0)


@pytest.mark.parametrize(
    "transform", [np.exp, lambda v: v**3, lambda v: 1e-6 * v, lambda v: 8 * v + 1024]
)
def test_scores_do_not_change_under_increasing_transforms_of_a_factor(transform):
    values = np.random.default_rng(3).normal(size=400).astype(np.float32)
    before, _ = encode(learn_encoding(column(values), [0]), values)
    changed = transform(values.astype(np.float64))
    after, _ = encode(learn_encoding(column(changed), [0]), changed)
    np.testing.assert_allclose(after, before, atol=1e-5)


# Subnormal numbers are left out: PyTorch may flush them to 0, as processors do when asked.
@settings(max_examples=60, deadline=None)
@given(
    arrays(
        np.float32,
        st.integers(1, 40),
        elements=st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False),
    )
)
def test_scores_are_monotone_finite_and_within_four(values):
    scores, codes = encode(learn_encoding(column(values), [0]), np.sort(values))
    assert np.isfinite(scores).all()
    assert (np.diff(scores) >= 0).all()
    assert np.abs(scores).max() <= 4
    # Every training value of a coded factor has a code, every other one has none.
    n_distinct = len(np.unique(values))
    assert (codes > 0).all() == (1 < n_distinct <= 20)


def test_to_arrays_round_trips_all_fields():
    encoding = learn_encoding(column([1, 2, 3]), [0])
    again = type(encoding)(**encoding.to_arrays())
    for name, array in again.to_arrays().items():
        np.testing.assert_array_equal(array, getattr(encoding, name))
