"""Oversampling with sequences: storms are copied whole, places are made."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTE
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array

from sklearn_landslide.over_sampling import FactorSMOTE
from sklearn_landslide.over_sampling._series_smote import draw_parents, neighbor_space

RAIN = [f"rain_{hour}" for hour in range(12)]
COLD = [f"cold_{day}" for day in range(3)]
SEQUENCES = {"rain": RAIN, "cold": COLD}


def region(seed=0, counts=(50, 14)):
    rng = np.random.default_rng(seed)
    n = sum(counts)
    X = pd.DataFrame(rng.gamma(0.3, 4, size=(n, 12)), columns=RAIN)
    X.insert(3, "slope", rng.uniform(0, 60, n))
    X.insert(0, "soil", pd.Categorical(rng.integers(3, 6, n), categories=[3, 4, 5, 9]))
    X["ndvi"] = rng.uniform(-1, 1, n).astype(np.float32)
    X[COLD] = rng.normal(size=(n, 3))
    X.index = range(100, 100 + n)
    return X, pd.Series(np.repeat(np.arange(len(counts)), counts), index=X.index, name="slide")


def rows_of(table, columns):
    return {tuple(row) for row in table[columns].to_numpy()}


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(3, 12), st.integers(4, 30))
def test_every_series_is_one_of_its_own_class_and_static_values_lie_within_it(seed, small, large):
    X, y = region(seed, (large + small, small))
    sampler = FactorSMOTE(k_neighbors=2, random_state=seed, sequences=SEQUENCES)
    ours, ours_y = sampler.fit_resample(X, y)
    assert_array_equal(np.bincount(ours_y), [large + small] * 2)
    pd.testing.assert_frame_equal(ours.iloc[: len(X)], X.reset_index(drop=True))
    new, real = ours.iloc[len(X) :], X[y == 1]
    assert (ours_y.iloc[len(X) :] == 1).all()
    # Rain and temperature of a new row are those of one and the same place.
    assert rows_of(new, [*RAIN, *COLD]) <= rows_of(real, [*RAIN, *COLD])
    for name in ("slope", "ndvi"):
        low, high = real[name].min(), real[name].max()
        assert new[name].between(np.nextafter(low, -9), np.nextafter(high, 99)).all()
    assert set(new["soil"]) <= set(real["soil"])
    assert ours.dtypes.equals(X.dtypes)


def test_static_values_are_between_the_parent_of_the_storm_and_a_neighbor():
    X, y = region()
    X = X.drop(columns="soil")
    sampler = FactorSMOTE(random_state=0, k_neighbors=3, sequences=SEQUENCES)
    new = sampler.fit_resample(X, y)[0].iloc[len(X) :]
    assert not set(new["slope"]) & set(X["slope"])
    real = X[y == 1].reset_index(drop=True)
    for _, row in new.iterrows():
        (parent,) = np.flatnonzero((real[RAIN] == row[RAIN]).all(axis=1))
        step = (row["slope"] - real["slope"]) / (real["slope"][parent] - real["slope"])
        other = (row["ndvi"] - real["ndvi"]) / (real["ndvi"][parent] - real["ndvi"])
        # One of the other places lies on the far end, and the same share of the way for both.
        assert (np.isclose(step, other, atol=1e-4) & step.between(0, 1)).any()


def test_storms_come_from_the_nearer_parent_more_often():
    space = np.array([[0.0], [1.0], [1.5]])
    parents = draw_parents(
        space,
        np.zeros((3, 0), dtype=int),
        n_new=20_000,
        k_neighbors=2,
        rng=np.random.RandomState(0),
    )
    assert (parents.base != parents.other).all()
    from_other = parents.storm == parents.other
    assert ((parents.storm == parents.base) | from_other).all()
    for low in (0, 0.25, 0.5, 0.75):
        here = (parents.gap >= low) & (parents.gap < low + 0.25)
        assert from_other[here].mean() == pytest.approx(low + 0.125, abs=0.02)


def test_categories_are_the_most_frequent_of_the_neighbors_and_ties_are_drawn():
    space = np.array([[0.0], [1], [2], [3], [10]])
    codes = np.array([[0, 0], [1, 1], [1, 2], [2, 2], [3, 3]])
    parents = draw_parents(space, codes, n_new=4000, k_neighbors=3, rng=np.random.RandomState(0))
    first = parents.base == 0
    # The neighbors of row 0 are 1, 2 and 3, with the codes 1, 1, 2 and 1, 2, 2.
    assert set(codes[parents.kind[first, 0], 0]) == {1}
    assert set(codes[parents.kind[first, 1], 1]) == {2}
    # Those of row 4 are 3, 2 and 1; those of row 1 are 0, 2 and 3: 0, 1 and 2 once each.
    drawn = codes[parents.kind[parents.base == 1, 0], 0]
    assert_allclose(np.bincount(drawn) / drawn.size, np.full(3, 1 / 3), atol=0.06)


def test_a_series_counts_as_one_factor_whatever_its_length():
    rng = np.random.default_rng(0)
    static = rng.normal(size=(4000, 1))
    for n_steps in (3, 120):
        rain = rng.normal(size=(4000, n_steps))
        space = neighbor_space(static, [rain], np.zeros((4000, 0), dtype=int))
        squared = (space[:2000] - space[2000:]) ** 2
        assert squared[:, 1:].sum(axis=1).mean() == pytest.approx(2, rel=0.05)


def test_two_categories_are_as_far_apart_as_the_median_factor_spreads():
    static = np.array([[0.0, 0.0], [2.0, 20.0]])
    space = neighbor_space(static, [np.array([[0.0, 0.0], [4.0, 4.0]])], np.array([[0], [1]]))
    # Spreads are 1, 10 and, of the series, 2.
    assert np.linalg.norm(space[0, -2:] - space[1, -2:]) == pytest.approx(2)


@pytest.mark.parametrize("form", ["array", "object"])
def test_arrays_give_the_rows_of_frames(form):
    X, y = region()
    if form == "array":
        X = X.drop(columns="soil").astype(float)
        categorical = None
    else:
        X = X.astype({"soil": int, "ndvi": float})
        categorical = ["soil"]
    params = {"random_state": 5, "categorical_features": categorical}
    expected, _ = FactorSMOTE(sequences=SEQUENCES, **params).fit_resample(X, y)
    positions = {name: X.columns.get_indexer(columns) for name, columns in SEQUENCES.items()}
    params["categorical_features"] = None if categorical is None else [0]
    table = X.to_numpy(dtype=float if form == "array" else object)
    sampler = FactorSMOTE(sequences=positions, **params)
    ours, ours_y = sampler.fit_resample(table, y.to_numpy())
    assert isinstance(ours, np.ndarray)
    assert_array_equal(ours.astype(float), expected.to_numpy(dtype=float))
    assert_array_equal(np.bincount(ours_y), [50, 50])
    assert sampler.sampler_ is None


def test_smote_itself_would_smear_the_storms():
    X, y = region(counts=(200, 60))
    X = X.drop(columns="soil")
    X[RAIN] = X[RAIN].where(X[RAIN] > 1, 0)
    new = {
        "ours": FactorSMOTE(random_state=0, sequences=SEQUENCES).fit_resample(X, y)[0],
        "smote": SMOTE(random_state=0).fit_resample(X, y)[0],
    }
    peak, wet = {}, {}
    for name, table in new.items():
        rain = table.iloc[len(X) :][RAIN].to_numpy()
        peak[name], wet[name] = rain.max(axis=1).mean(), (rain > 0).mean()
    real = X[y == 1][RAIN].to_numpy()
    assert peak["ours"] == pytest.approx(real.max(axis=1).mean(), rel=0.1)
    assert wet["ours"] == pytest.approx((real > 0).mean(), rel=0.1)
    assert peak["smote"] < 0.8 * real.max(axis=1).mean()
    assert wet["smote"] > 1.3 * (real > 0).mean()


def test_same_seed_same_rows():
    X, y = region()
    first, second, other = (
        FactorSMOTE(random_state=seed, sequences=SEQUENCES).fit_resample(X, y)[0]
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(other)


def test_three_classes_and_a_table_of_nothing_but_series():
    X, y = region(counts=(30, 20, 12))
    sampler = FactorSMOTE(
        sampling_strategy={1: 20, 2: 25}, random_state=0, sequences={"rain": RAIN}
    )
    ours, ours_y = sampler.fit_resample(X[RAIN], y)
    assert_array_equal(np.bincount(ours_y), [30, 20, 25])
    assert rows_of(ours.iloc[62:], RAIN) <= rows_of(X[y == 2], RAIN)


def test_a_group_that_a_selector_dropped_is_passed_over_with_a_warning():
    X, y = region()
    static = X.drop(columns=[*RAIN, *COLD])
    with pytest.warns(UserWarning, match="sequences has 'rain', 'cold', of which the table has no"):
        ours = FactorSMOTE(random_state=0, sequences=SEQUENCES).fit_resample(static, y)[0]
    plain = FactorSMOTE(random_state=0).fit_resample(static, y)[0]
    pd.testing.assert_frame_equal(ours, plain)
    with pytest.warns(UserWarning, match="sequences has 'rain', of which"):
        ours = FactorSMOTE(random_state=0, sequences=SEQUENCES).fit_resample(
            X.drop(columns=RAIN), y
        )[0]
    assert rows_of(ours.iloc[64:], COLD) <= rows_of(X[y == 1], COLD)
    # What is there in part was torn, and that is a mistake.
    with pytest.raises(ValueError, match="names 'rain_0', which is not a column"):
        FactorSMOTE(sequences=SEQUENCES).fit_resample(X.drop(columns="rain_0"), y)


def test_small_class_is_named_with_sequences_too():
    X, y = region(counts=(30, 4))
    with pytest.raises(ValueError, match="class 1 has 4 rows"):
        FactorSMOTE(sequences=SEQUENCES).fit_resample(X, y)


def test_category_in_a_sequence_and_a_sparse_table_are_refused():
    X, y = region()
    with pytest.raises(ValueError, match="holds 'soil', which is a category"):
        FactorSMOTE(sequences={"rain": ["soil"]}).fit_resample(X, y)
    with pytest.raises(ValueError, match="X is a sparse matrix"):
        FactorSMOTE(sequences={"rain": [0]}).fit_resample(csr_array(X[RAIN].to_numpy()), y)
