"""Weights of rows: which fits are the same to the last bit, and what a weight does."""

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm
from skorch.dataset import Dataset, ValidSplit
from skorch.helper import predefined_split
from torch.utils.data import DataLoader, Subset

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn import TensorBatches, learn_encoding
from sklearn_landslide.nn._linear import solve_logistic
from sklearn_landslide.nn._memory import MemoryPath, grow_forest
from sklearn_landslide.nn._row_order import canonical_order
from sklearn_landslide.nn._tree_draws import draw_rows


def small(**params):
    usual = {"max_epochs": 2, "n_members": 2, "n_trees": 4, "module__deep": False}
    return LandslideNet(random_state=0, **usual | params)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(90, 3)), columns=["slope", "rain", "ndvi"])
    X["soil"] = pd.Categorical(rng.integers(3, size=90))
    y = (X["slope"] + rng.normal(size=90) > 0).astype(int).to_numpy()
    return X, y, rng.uniform(0.2, 1, size=90)


def test_a_weight_of_zero_gives_the_bits_of_a_table_without_the_row(table):
    X, y, weight = table
    keep = np.arange(len(y)) % 4 > 0
    spoiled = X.copy()
    # What is left out may be what it likes.
    spoiled.loc[~keep, ["slope", "soil"]] = np.nan
    fitted = small().fit(spoiled, y, np.where(keep, weight, 0))
    expected = small().fit(X[keep], y[keep], weight[keep])
    assert_array_equal(fitted.predict_proba(X), expected.predict_proba(X))
    assert_array_equal(
        small().fit(X, y, keep).predict_proba(X), small().fit(X[keep], y[keep]).predict_proba(X)
    )


def test_whole_weights_give_the_bits_of_repeated_rows_in_any_order(table):
    X, y, _ = table
    times = np.random.default_rng(1).integers(0, 4, size=len(y))
    rows = np.random.default_rng(2).permutation(np.repeat(np.arange(len(y)), times))
    repeated = small().fit(X.iloc[rows], y[rows])
    weighted = small().fit(X, y, times)
    assert_array_equal(weighted.predict_proba(X), repeated.predict_proba(X))
    assert weighted.recipe_ == repeated.recipe_


def test_decimals_count_by_their_ratios_alone(table):
    X, y, weight = table
    fitted = small().fit(X, y, weight).predict_proba(X)
    assert_array_equal(small().fit(X, y, weight * 8).predict_proba(X), fitted)
    assert_allclose(small().fit(X, y, weight * 1000 / 3).predict_proba(X), fitted, atol=1e-5)
    alike = small().fit(X, y, np.full(len(y), 0.3)).predict_proba(X)
    assert_array_equal(alike, small().fit(X, y).predict_proba(X))
    assert np.abs(alike - fitted).max() > 0.01


def test_a_fit_does_not_depend_on_the_order_of_the_rows(table):
    X, y, _ = table
    for net in (small(), small(train_split=ValidSplit(0.2))):
        expected = net.fit(X, y).predict_proba(X)
        assert_array_equal(net.fit(X[::-1], y[::-1]).predict_proba(X), expected)


def test_rows_that_a_split_of_the_user_counts_on_stay_in_their_order(table):
    X, y, _ = table
    seen = []

    def last_rows(dataset, y=None, **params):
        seen.append(np.asarray(dataset.X)[:, 0])
        return Subset(dataset, range(60)), Subset(dataset, range(60, 90))

    small(train_split=last_rows).fit(X, y)
    assert_array_equal(seen[0], X["slope"].to_numpy(np.float32))


@pytest.mark.parametrize("share_of_the_memory", [0, 0.9])
def test_probabilities_are_those_of_the_weighted_shares(share_of_the_memory):
    X, y = np.random.default_rng(0).normal(size=(600, 1)), np.arange(600) % 2
    net = small(max_epochs=6, n_trees=32, module__memory_weight=share_of_the_memory)
    net.fit(X, y, np.where(y == 1, 0.2, 1.0))
    # The factor says nothing, so what remains is the share, 0.2 in 1.2.
    assert net.predict_proba(X)[:, 1].mean() == pytest.approx(1 / 6, abs=0.02)


def mean_of_memory(X, y, weights=None):
    """Mean probability of a landslide that the trees alone give to places all over the ground."""
    forest = grow_forest(X, y, learn_encoding(X, [0, 0]), 2, n_trees=64, seed=0, weights=weights)
    places = np.random.default_rng(9).normal(size=(800, 2)).astype(np.float32)
    path = MemoryPath(forest, learn_encoding(X, [0, 0]))
    logits = path(torch.from_numpy(places.T.copy()), torch.zeros(0, 800, dtype=torch.int64))
    return logits[0].double().softmax(dim=0)[1].mean().item()


@pytest.mark.parametrize("share", [0.5, 0.2, 0.05])
def test_the_memory_of_lighter_rows_is_that_of_fewer(share):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(600, 2)).astype(np.float32), np.arange(600) % 2
    keep = (y == 0) | (np.arange(600) < 600 * share)
    weighted = mean_of_memory(X, y, np.where(y == 1, share, 1.0))
    assert weighted == pytest.approx(share / (1 + share), abs=0.03)
    assert weighted == pytest.approx(mean_of_memory(X[keep], y[keep]), abs=0.03)
    # Nor does it matter how unequal the rows of a class are.
    uneven = rng.lognormal(sigma=1.5, size=600) * np.where(y == 1, share, 1.0)
    mass = np.bincount(y, uneven)
    assert mean_of_memory(X, y, uneven) == pytest.approx(mass[1] / mass.sum(), abs=0.03)


@pytest.mark.parametrize("sigma", [0.3, 2.0])
def test_trees_see_rows_by_their_weights(sigma):
    weights = np.random.default_rng(0).lognormal(sigma=sigma, size=200)
    counts = np.array(list(draw_rows(weights, 4000, seed=0)))
    # The heaviest row is in every tree, so that none is without rows.
    heaviest = counts[:, weights.argmax()]
    assert (heaviest == heaviest[0]).all()
    assert heaviest[0] >= 1
    expected = weights / weights.max() * heaviest[0]
    assert_allclose(counts.mean(axis=0), expected, atol=4 * 0.5 / np.sqrt(4000))
    # A few rows that outweigh the others leave about half of what these tell, at the least.
    n_telling = weights.sum() ** 2 / (weights**2).sum()
    assert (counts > 0).sum(axis=1).mean() > 0.4 * n_telling


def test_a_pass_holds_each_row_as_often_as_it_weighs_on_average():
    weights = np.array([0.1, 0.4, 2.5, 1.0])
    torch.manual_seed(0)
    batches = TensorBatches(Dataset(np.zeros((4, 1)), np.arange(4)), 3, True, weights)
    counts = []
    for _ in range(2000):
        labels = torch.cat([y for _, y in batches])
        counts.append(torch.bincount(labels, minlength=4).numpy())
    counts = np.array(counts)
    assert (counts.sum(axis=1) == 4).all()
    assert (counts >= np.floor(weights)).all()
    assert (counts <= np.ceil(weights)).all()
    assert_allclose(counts.mean(axis=0), weights, atol=0.04)


def test_quantiles_with_weights_are_those_of_repeated_rows():
    values = np.array([[3.0], [1.0], [2.0], [1.0]], dtype=np.float32)
    times = np.array([1, 2, 4, 1])
    weighted = learn_encoding(values, [0], weights=times / times.mean())
    repeated = learn_encoding(np.repeat(values, times, axis=0), [0])
    assert_allclose(weighted.scores, repeated.scores, rtol=1e-6)
    # By hand: of 8 rows three lie at 1, four at 2 and one at 3.
    assert_allclose(weighted.scores[0], norm.ppf([1.5 / 8, 5 / 8, 7.5 / 8]), rtol=1e-6)
    many = np.arange(3000, dtype=np.float32)[:, None]
    few = learn_encoding(many, [0], max_knots=50, weights=np.ones(3000))
    assert few.knots[0, [0, -1]].tolist() == [0, 2999]
    assert_allclose(np.diff(few.knots[0]), 2999 / 49, atol=2)


def test_the_straight_line_with_weights_is_that_of_repeated_rows(table):
    X, y, _ = table
    rows = X[["slope", "rain"]].to_numpy(np.float32)
    times = np.random.default_rng(1).integers(1, 4, size=len(y))
    encoding = learn_encoding(rows, [0, 0])
    # Its penalty counts as much as so many rows: give the weights the same sum.
    weighted = solve_logistic(rows, y, encoding, 2, None, times.astype(float))
    repeated = solve_logistic(np.repeat(rows, times, axis=0), np.repeat(y, times), encoding, 2)
    for name in ("mean", "scale", "weight", "bias"):
        assert_allclose(getattr(weighted, name), getattr(repeated, name), rtol=1e-3, atol=1e-4)


def test_the_recipe_counts_rows_that_would_tell_as_much(table):
    X, y, _ = table
    weight = np.where(np.arange(len(y)) % 2, 1.0, 1e-9)
    net = small(n_members="auto", max_epochs="auto").fit(X, y, weight)
    half = small(n_members="auto", max_epochs="auto").fit(X[1::2], y[1::2])
    assert net.recipe_.linear_weight == half.recipe_.linear_weight
    assert net.recipe_.max_epochs == half.recipe_.max_epochs


def test_balanced_classes_weigh_the_same_with_any_weights(table):
    X, y, weight = table
    net = small(class_weight="balanced").fit(X, y, weight)
    mass = [weight[y == label].sum() for label in (0, 1)]
    assert_allclose(net.criterion_.weight, sum(mass) / (2 * np.array(mass)), rtol=1e-6)


def test_groups_go_with_their_rows(table):
    X, y, weight = table
    groups, seen = np.arange(len(y)) // 3, []

    def split(dataset, y=None, groups=None):
        seen.append(groups)
        return Subset(dataset, range(40)), Subset(dataset, range(40, len(y)))

    keep = np.arange(len(y)) > 20
    small(train_split=split).fit(X, y, np.where(keep, weight, 0), groups)
    assert_array_equal(seen[0], groups[keep])


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.r_[-1.0, np.ones(89)], r"negative in row 0 \(-1.0\)"),
        (np.r_[np.ones(89), np.nan], "not finite in row 89"),
        (np.zeros(90), "zero in all rows"),
        (np.ones(89), "give one weight for each row"),
        (["high"] * 90, "holds no numbers"),
        (np.full(90, 5000), r"stands for 450000 rows.*astype\(float\)"),
    ],
)
def test_weights_that_are_none_are_refused_in_one_line(table, weight, message):
    X, y, _ = table
    with pytest.raises(ValueError, match=message) as caught:
        small().fit(X, y, weight)
    assert "\n" not in str(caught.value)


def test_what_cannot_honor_weights_is_refused(table):
    X, y, weight = table
    numbers = X.drop(columns="soil").to_numpy(np.float32)
    with pytest.raises(ValueError, match="DataLoader takes no sample_weight"):
        small(iterator_train=DataLoader).fit(numbers, y, weight)
    # Whole numbers need no iterator that knows them.
    small(iterator_train=DataLoader, batch_size=32).fit(numbers, y, np.ones(len(y), dtype=int))

    def other_rows(dataset, y=None, **params):
        return Dataset(numbers, y), None

    with pytest.raises(ValueError, match="train_split returns rows of its own"):
        small(train_split=other_rows).fit(numbers, y, weight)
    own = predefined_split(Dataset(numbers[:20], y[:20]))
    small(train_split=own).fit(numbers, y, weight)


def test_the_order_is_by_content():
    rng = np.random.default_rng(0)
    rows = rng.integers(3, size=(200, 2)).astype(np.float32)
    codes, weights = rng.integers(2, size=200), rng.uniform(size=200)
    moved = rng.permutation(200)
    order = canonical_order(rows, codes, weights)
    other = canonical_order(rows[moved], codes[moved], weights[moved])
    assert sorted(order) == list(range(200))
    assert_array_equal(moved[other], order)
    assert_array_equal(canonical_order(-0.0 * rows, codes), canonical_order(0.0 * rows, codes))
