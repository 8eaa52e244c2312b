"""What a factor may do to the susceptibility: it holds for every row, or is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.nn import learn_encoding
from sklearn_landslide.nn._linear import solve_logistic
from sklearn_landslide.nn._memory import grow_forest, holds_monotone

CONSTRAINTS = {"a": 1, "b": -1}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(150, 3)), columns=["a", "b", "c"])
    X["soil"] = pd.Categorical(rng.integers(3, size=150))
    # The truth rises and falls with a, and turns with c.
    score = np.sin(3 * X["a"]) + X["a"] * X["c"] + 0.5 * X["b"]
    return X, (score + rng.normal(size=150) > 0).astype(int).to_numpy()


def small(**params):
    usual = {"max_epochs": 4, "n_members": 2, "n_trees": 8}
    return LandslideNet(random_state=0, **usual | params)


@pytest.fixture(scope="module")
def pipeline(table):
    net = small(monotonic_cst=CONSTRAINTS)
    return make_landslide_pipeline(net, resample=None, random_state=0).fit(*table)


def steps_along(model, row, name, low, high):
    """Change of the probability from step to step, while one factor rises."""
    rows = pd.concat([row] * 40, ignore_index=True)
    rows[name] = np.linspace(low, high, 40)
    return np.diff(model.predict_proba(rows)[:, 1])


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    values=st.lists(st.floats(-4, 4), min_size=3, max_size=3),
    soil=st.integers(0, 2),
    ends=st.tuples(st.floats(-9, 9), st.floats(-9, 9)).map(sorted),
)
def test_the_probability_never_moves_the_other_way(pipeline, table, values, soil, ends):
    row = pd.DataFrame([values], columns=["a", "b", "c"])
    row["soil"] = pd.Categorical([soil], categories=[0, 1, 2])
    for name, sign in CONSTRAINTS.items():
        assert (sign * steps_along(pipeline, row, name, *ends) >= -1e-6).all()


def test_the_factor_still_counts_and_without_the_constraint_it_would_turn(pipeline, table):
    X, y = table
    free = small().fit(X, y)
    moves = [steps_along(pipeline, X[i : i + 1], "a", -2, 2).sum() for i in range(10)]
    turns = [steps_along(free, X[i : i + 1], "a", -2, 2).min() for i in range(10)]
    assert np.mean(moves) > 0.05
    assert np.min(turns) < -0.05


def test_an_array_says_the_same_as_names(table):
    X, y = table
    by_name = small(monotonic_cst=CONSTRAINTS, max_epochs=1).fit(X, y).predict_proba(X)
    by_place = small(monotonic_cst=[1, -1, 0, 0], max_epochs=1).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(by_name, by_place)
    free = small(max_epochs=1).fit(X, y).predict_proba(X)
    nothing = small(monotonic_cst=[0, 0, 0, 0], max_epochs=1).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(free, nothing)


def test_rises_means_towards_landslides_whichever_label_comes_first(table):
    X, y = table
    words = np.where(y == 1, "landslide", "none")
    net = small(monotonic_cst={"a": 1}).fit(X, words)
    assert net.classes_.tolist() == ["landslide", "none"]
    for i in range(5):
        assert steps_along(net, X[i : i + 1], "a", -3, 3).max() <= 1e-6


def test_the_line_under_constraints_is_the_free_one_where_that_keeps_to_them(table):
    X, y = table
    rows = X[["a", "b", "c"]].to_numpy(np.float32)
    encoding = learn_encoding(rows, [0, 0, 0])
    free = solve_logistic(rows, y, encoding, 2)
    signs = np.sign(free.weight[:, 1]).astype(np.int8)
    kept = solve_logistic(rows, y, encoding, 2, monotone=signs)
    np.testing.assert_allclose(kept.weight, free.weight, atol=1e-3)
    # The best without a factor, where the best with it would move the other way.
    signs = np.array([-signs[0], 0, 0], dtype=np.int8)
    bounded = solve_logistic(rows, y, encoding, 2, monotone=signs)
    z = (rows - free.mean) / free.scale
    without = LogisticRegression().fit(z[:, 1:], y).coef_[0]
    np.testing.assert_allclose(2 * bounded.weight[:, 1], [0, *without], atol=1e-3)


def test_trees_that_break_a_constraint_are_found(table):
    X, y = table
    rows = X[["a", "b", "c"]].to_numpy(np.float32)
    encoding, signs = learn_encoding(rows, [0, 0, 0]), np.array([1, -1, 0], dtype=np.int8)
    common = {"n_trees": 4, "seed": 0}
    held = grow_forest(rows, y, encoding, 2, monotone=signs, **common)
    assert holds_monotone(held, encoding, signs)
    assert not holds_monotone(held, encoding, -signs)
    assert not holds_monotone(grow_forest(rows, y, encoding, 2, **common), encoding, signs)


def test_a_net_is_saved_with_its_constraints_and_a_file_that_breaks_them_is_refused(
    table, tmp_path
):
    X, y = table
    path = tmp_path / "net.safetensors"
    net = small(monotonic_cst=CONSTRAINTS, max_epochs=1).fit(X, y)
    net.save(path)
    loaded = LandslideNet.load(path)
    np.testing.assert_array_equal(loaded.predict_proba(X), net.predict_proba(X))
    assert loaded.monotonic_cst == CONSTRAINTS
    for other in ({"a": -1, "b": -1}, {"a": 1, "b": 5}):
        net.monotonic_cst = other
        net.save(path)
        with pytest.raises(ValueError, match="damaged"):
            LandslideNet.load(path)


def test_of_a_factor_that_a_selector_dropped_there_is_nothing_to_hold(table):
    X, y = table
    X = X.assign(flat=1.0)
    net = small(monotonic_cst={"flat": 1, "a": 1}, max_epochs=1)
    pipeline = make_landslide_pipeline(net, resample=None, random_state=0)
    with pytest.warns(UserWarning, match="factor 'flat' was dropped before"):
        pipeline.fit(X, y)
    assert pipeline["model"]._monotone.tolist()[0] == 1


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        ({"aa": 1}, "no factor 'aa'. Did you mean 'a'"),
        ({"soil": 1}, "factor 'soil' is a category, which has no order"),
        ({"a": 2}, "holds 1 .rises., -1 .falls. and 0 .free., nothing else"),
        ([1, 0], r"has the shape \(2,\) and the table 4 columns"),
    ],
)
def test_constraints_that_cannot_hold_are_refused_in_one_line(table, constraints, message):
    X, y = table
    with pytest.raises(ValueError, match=message) as caught:
        small(monotonic_cst=constraints).fit(X, y)
    assert "\n" not in str(caught.value)


def test_other_kinds_of_nets_are_refused(table):
    X, y = table
    with pytest.raises(ValueError, match="for two classes, and y has 3"):
        small(monotonic_cst={"a": 1}).fit(X, np.arange(len(y)) % 3)
    with pytest.raises(ValueError, match="the table has no names"):
        small(monotonic_cst={"a": 1}).fit(X[["a", "b"]].to_numpy(), y)
    with pytest.raises(ValueError, match="without sequences"):
        small(monotonic_cst={"a": 1}, sequences={"rain": ["b", "c"]}).fit(X, y)
