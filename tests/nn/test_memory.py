"""The memory beside the network: scikit-learn's trees, which know the labels of all rows.

So they must be right to the last leaf, and out of the way while the network trains.
"""

import json
import pickle
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesClassifier
from skorch.callbacks import Callback, Checkpoint, EpochScoring
from skorch.dataset import ValidSplit
from torch import nn

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn import LandslideModule, learn_encoding
from sklearn_landslide.nn._heads import pool_heads, pool_members
from sklearn_landslide.nn._memory import Forest, MemoryPath, grow_forest
from sklearn_landslide.nn._safetensors import read_tensors, write_tensors


def path_of(forest, n_factors):
    """The memory of a table without codes."""
    return MemoryPath(forest, learn_encoding(np.zeros((1, n_factors), np.float32), [0] * n_factors))


def grown(X, y, n_trees=4, **params):
    encoding = learn_encoding(X, [0] * X.shape[1])
    shared = {"n_trees": n_trees, "seed": 0}
    return grow_forest(X, y, encoding, y.max() + 1, **shared | params)


def reference(X, y, n_trees=4, **params):
    """Scikit-learn's trees on the same rows."""
    shared = {"max_features": 0.6, "random_state": 0, "n_jobs": 1}
    return ExtraTreesClassifier(n_trees, **shared | params).fit(X, y)


def probability(path, X):
    codes = torch.zeros(0, len(X), dtype=torch.int64)
    return path(torch.from_numpy(X.T.copy()), codes)[0].double().softmax(dim=0).T.numpy()


def clamped(shares):
    shares = np.clip(shares, 1e-3, None)
    return shares / shares.sum(axis=1, keepdims=True)


def makers_of_rows():
    return {
        "normal": lambda rng: rng.normal(size=(60, 3)),
        "whole numbers": lambda rng: rng.integers(0, 6, (60, 3)),
        "far from zero": lambda rng: 4_500_000 + rng.normal(size=(60, 3)),
        "skewed": lambda rng: np.exp(4 * rng.normal(size=(60, 3))),
    }


def beside_the_thresholds(model, rng):
    """Rows at each threshold in single precision, and at the numbers next to it."""
    trees = [tree.tree_ for tree in model.estimators_]
    feature = np.concatenate([tree.feature for tree in trees])
    threshold = np.concatenate([tree.threshold for tree in trees])
    rows = np.empty((1500, model.n_features_in_), dtype=np.float32)
    for j in range(model.n_features_in_):
        at = threshold[feature == j].astype(np.float32)
        near = np.concatenate([np.nextafter(at, -np.inf), at, np.nextafter(at, np.inf), [0.0]])
        rows[:, j] = rng.choice(near.astype(np.float32), len(rows))
    return rows


# --- the same trees as scikit-learn's -------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    kind=st.sampled_from(sorted(makers_of_rows())),
    n_classes=st.sampled_from([2, 3]),
    weighted=st.booleans(),
)
def test_leaves_and_probabilities_are_those_of_scikit_learn(seed, kind, n_classes, weighted):
    rng = np.random.default_rng(seed)
    X = makers_of_rows()[kind](rng).astype(np.float32)
    y = np.arange(60) % n_classes
    weights = np.arange(1, n_classes + 1, dtype=np.float32) if weighted else None
    model = reference(X, y, class_weight=dict(enumerate(weights)) if weighted else None)
    path = path_of(grown(X, y, class_weights=weights), 3)
    for rows in (X, beside_the_thresholds(model, rng)):
        for tree, expected in zip(path.trees, model.estimators_, strict=True):
            np.testing.assert_array_equal(tree.apply(rows), expected.tree_.apply(rows))
        found, expected = probability(path, rows), clamped(model.predict_proba(rows))
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_leaves_hold_more_rows_where_a_class_is_rare():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(330, 3)).astype(np.float32), np.repeat([0, 1], [300, 30])
    # log2(300 / 30) = 3.3
    model, path = reference(X, y, min_samples_leaf=3), path_of(grown(X, y), 3)
    expected = clamped(model.predict_proba(X))
    np.testing.assert_allclose(probability(path, X), expected, atol=1e-6)


@pytest.mark.parametrize("unit", [2.0**-100, 2.0**-40, 2.0**100])
def test_the_unit_of_a_factor_changes_thresholds_only(unit):
    """Trees of scikit-learn by themselves would see no difference below 1e-7."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 3)).astype(np.float32), np.arange(80) % 2
    plain, scaled = grown(X, y), grown(X * np.float32(unit), y)
    for name in ("first_node", "feature", "left", "right", "share"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(scaled, name))
    np.testing.assert_array_equal(plain.threshold * np.float32(unit), scaled.threshold)


def coded_path():
    """A memory of three classes with numbers and codes, and rows with unknown codes."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4)).astype(np.float32)
    X[:, 1], X[:, 3] = rng.integers(-1, 5, 200), rng.integers(0, 3, 200)
    y = np.digitize(X[:, 0] + (X[:, 1] == 2), [-0.5, 0.5])
    encoding = learn_encoding(X, [0, 5, 0, 3])
    forest = grow_forest(X, y, encoding, 3, n_trees=6, seed=0)
    module = LandslideModule(encoding, 3, forest=forest).eval()
    strange = X.copy()
    strange[:50, 1], strange[50:99, 3] = -1, -1
    return module, torch.from_numpy(strange)


def test_the_walk_of_other_devices_ends_where_that_of_the_processor_does():
    module, x = coded_path()
    values, path = x.T.contiguous(), module.memory
    rows = path._columns(values, module.encoder(values)[1])
    assert path._walk(rows).shape == (2, 200)
    torch.testing.assert_close(path._walk(rows), path._walk_on_processor(rows), rtol=0, atol=1e-5)


def test_a_forest_by_hand():
    """One split at 0.5 of the second factor, and a tree that is a leaf."""
    forest = Forest(
        first_node=np.array([0, 3], np.int32),
        feature=np.array([1, -1, -1, -1], np.int32),
        threshold=np.array([0.5, 0, 0, 0], np.float32),
        left=np.array([1, -1, -1, -1], np.int32),
        right=np.array([2, -1, -1, -1], np.int32),
        share=np.array([[1, 1, 1], [0.2, 0.3, 0.5], [0.7, 0.2, 0.1], [0, 0, 1]], np.float32),
    )
    path = path_of(forest, 2)
    at = np.float32(0.5)
    X = np.array([[9, at], [-9, np.nextafter(at, np.float32(1))]], np.float32)
    np.testing.assert_allclose(probability(path, X), [[0.1, 0.15, 0.75], [0.35, 0.1, 0.55]], 1e-6)
    shares = path._walk(torch.from_numpy(X)).T
    torch.testing.assert_close(shares, torch.tensor([[0.3, 1.5], [0.2, 1.1]]))
    assert path.depth == 1


def test_a_training_row_in_pure_leaves_is_as_sure_as_a_memory_gets():
    X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    y = np.arange(60) % 2
    own = probability(path_of(grown(X, y), 3), X)[np.arange(60), y]
    np.testing.assert_allclose(own, 1 / 1.001, rtol=1e-6)


def test_rows_that_lack_a_class_grow_no_forest():
    X = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    encoding = learn_encoding(X, [0, 0])
    assert grow_forest(X, np.arange(30) % 2, encoding, 3, n_trees=2, seed=0) is None


@pytest.mark.parametrize("n_threads", [2, 3])
def test_the_number_of_threads_changes_no_tree(n_threads):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 3)).astype(np.float32), rng.integers(0, 2, 300)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = grown(X, y, n_trees=12)
        torch.set_num_threads(n_threads)
        several = grown(X, y, n_trees=12)
    finally:
        torch.set_num_threads(before)
    for name, array in vars(one).items():
        np.testing.assert_array_equal(array, getattr(several, name))


# --- categories -----------------------------------------------------------------------------


@pytest.fixture
def coded_rows():
    """Numbers, codes and codes without names, some of them missing."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4)).astype(np.float32)
    X[:, 0], X[:, 2] = rng.integers(-1, 3, 120), rng.integers(-1, 2, 120)
    # A number with few values has codes in the encoder too, and is none to the memory.
    X[:, 3] = rng.integers(0, 2, 120)
    return X, learn_encoding(X, [3, 0, 2, 0]), rng.integers(0, 2, 120)


def test_each_code_is_a_column_of_its_own_and_numbers_come_first(coded_rows):
    X, encoding, y = coded_rows
    read = [X[:, 1], X[:, 3], X[:, 0] == 0, X[:, 0] == 1, X[:, 0] == 2, X[:, 2] == 0, X[:, 2] == 1]
    columns = np.column_stack(read).astype(np.float32)
    forest = grow_forest(X, y, encoding, 2, n_trees=4, seed=0)
    module, model = LandslideModule(encoding, 2, forest=forest).eval(), reference(columns, y)
    values = torch.from_numpy(X.T.copy())
    found = module.memory._columns(values, module.encoder(values)[1])
    np.testing.assert_array_equal(found, columns)
    for tree, expected in zip(module.memory.trees, model.estimators_, strict=True):
        np.testing.assert_array_equal(tree.apply(columns), expected.tree_.apply(columns))


@pytest.fixture(scope="module")
def soils():
    """Clay slides often, sand hardly ever."""
    rng = np.random.default_rng(0)
    soil = np.repeat(["clay", "peat", "sand"], 60)
    table = pd.DataFrame({"slope": rng.uniform(0, 60, 180), "soil": pd.Categorical(soil)})
    y = np.concatenate([np.arange(60) < 50, np.arange(60) < 30, np.arange(60) < 3]).astype(int)
    return table, y


@pytest.fixture(scope="module")
def of_soils(soils):
    """Only the memory speaks."""
    return LandslideNet(max_epochs=0, module__memory_weight=1.0, random_state=0).fit(*soils)


def test_the_memory_knows_which_code_slides(soils, of_soils):
    table, _ = soils
    kinds = ("clay", "peat", "sand")
    clay, peat, sand = (of_soils.predict_proba(table.assign(soil=s))[:, 1].mean() for s in kinds)
    assert clay > peat + 0.1 > sand + 0.2


def test_an_unknown_or_missing_code_is_none_of_the_known_ones(soils, of_soils):
    table, _ = soils
    missing = pd.Series([None] * 180, dtype=object)
    found = [of_soils.predict_proba(table.assign(soil=soil)) for soil in ("loess", missing)]
    np.testing.assert_array_equal(*found)
    rows = np.column_stack([table["slope"], np.zeros((180, 3))]).astype(np.float32)
    expected = np.mean([tree.predict(rows) for tree in of_soils.module_.memory.trees], axis=0)
    np.testing.assert_allclose(found[0], clamped(expected.reshape(180, 2)), atol=1e-6)


def test_class_weights_reach_the_memory(soils):
    table, y = soils
    X = table[["slope"]].to_numpy()

    def memory(class_weight):
        net = LandslideNet(max_epochs=0, module__memory_weight=1.0, class_weight=class_weight)
        # Leaves of several rows, where a weight counts.
        return net.set_params(random_state=0).fit(X.round(-1), y).predict_proba(X.round(-1))

    weights = {0: 1.0, 1: 4.0}
    model = reference(X.round(-1).astype(np.float32), y, 32, class_weight=weights)
    expected = clamped(model.predict_proba(X.round(-1)))
    seed_free = np.sort(memory(weights)[:, 1]), np.sort(expected[:, 1])
    np.testing.assert_allclose(*seed_free, atol=0.02)
    assert memory(weights)[:, 1].mean() > memory(None)[:, 1].mean() + 0.1


# --- pooling --------------------------------------------------------------------------------


def logit(p):
    return np.log(p / (1 - p))


@pytest.mark.parametrize("memory", [None, 0.0, 0.4, 1.0])
@pytest.mark.parametrize("line", [None, 0.0, 0.3, 1.0])
def test_network_line_and_memory_are_joined_as_log_odds_by_their_shares(line, memory):
    # Two members with a head in each of two paths, then the line, then the memory.
    said = [0.2, 0.5, 0.4, 0.9, 0.6, 0.999]
    there = said[:4] + said[4:5] * (line is not None) + said[5:] * (memory is not None)
    logits = torch.tensor([[[0.0, logit(p)] for p in there]], dtype=torch.float64)

    def joined(network):
        odds = logit(network)
        odds = odds if line is None else (1 - line) * odds + line * logit(0.6)
        odds = odds if memory is None else (1 - memory) * odds + memory * logit(0.999)
        return 1 / (1 + np.exp(-odds))

    options = {"linear_weight": line, "memory_weight": memory, "n_heads": len(there)}
    assert pool_heads(logits, **options)[0, 1].item() == pytest.approx(joined(0.5), abs=1e-7)
    members = pool_members(logits, 2, **options)[:, 0, 1].tolist()
    assert members == pytest.approx([joined(0.3), joined(0.7)], abs=1e-7)
    if memory is not None:
        # Logits of a training step, which has no memory, among those of a net with one.
        options |= {"memory_weight": 0.7, "n_heads": len(there)}
        without = pool_heads(logits[:, :-1], **options)
        expected = pool_heads(logits[:, :-1], linear_weight=line)
        assert torch.equal(without, expected)
        without = pool_members(logits[:, :-1], 2, **options)
        assert torch.equal(without, pool_members(logits[:, :-1], 2, linear_weight=line))


def test_a_share_of_none_is_the_net_without_a_memory_and_of_one_the_memory_alone():
    X = np.random.default_rng(0).normal(size=(120, 3))
    y = (X[:, 0] > 0).astype(int)

    def net(**params):
        return LandslideNet(max_epochs=2, n_members=2, random_state=0, **params).fit(X, y)

    without = net(module__memory=False)
    assert without.module_.memory is None
    assert without.forward(X).shape[1] + 1 == net().forward(X).shape[1]
    none, alone = net(module__memory_weight=0.0), net(module__memory_weight=1.0)
    np.testing.assert_array_equal(none.predict_proba(X), without.predict_proba(X))
    expected = alone.forward(X)[:, -1].double().softmax(dim=1)
    np.testing.assert_allclose(alone.predict_proba(X), expected, atol=1e-12)
    # What stands beside the network does not change what it learns.
    for name, tensor in without.module_.state_dict().items():
        assert torch.equal(tensor, alone.module_.state_dict()[name])


def test_the_seed_decides_the_trees():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 3)), rng.integers(0, 2, 100)

    def trees(seed):
        return LandslideNet(max_epochs=0, n_trees=5, random_state=seed).fit(X, y)._forest

    first, again, other = trees(1), trees(1), trees(2)
    np.testing.assert_array_equal(first.threshold, again.threshold)
    assert len(first.first_node) == 5
    assert not np.array_equal(first.threshold, other.threshold)


# --- out of the way in a fit ----------------------------------------------------------------


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(0)
    return rng.normal(size=(300, 4)), rng.integers(0, 2, 300)


class Around(nn.Module):
    """A module of the user's own around the package's."""

    def __init__(self, encoding, n_classes, n_members, forest, memory_weight=1.0):
        super().__init__()
        self.inner = LandslideModule(encoding, n_classes, n_members, forest=forest)
        self.memory_weight, self.n_heads = memory_weight, self.inner.n_heads

    def forward(self, x):
        return self.inner(x)


@pytest.mark.parametrize("use_caching", [True, False])
@pytest.mark.parametrize("module", [LandslideModule, Around])
def test_a_validation_score_is_not_read_from_the_memory(noise, use_caching, module):
    """All rows grow the memory, also those of the validation: it would score 1."""
    X, y = noise
    net = LandslideNet(
        module,
        module__memory_weight=1.0,
        max_epochs=3,
        n_members=2,
        random_state=0,
        train_split=ValidSplit(0.4, stratified=True, random_state=0),
        use_caching=use_caching,
        callbacks=[EpochScoring("accuracy", name="valid_acc", lower_is_better=False)],
    ).fit(X, y)
    # 120 rows: three standard deviations of a guess.
    assert all(0.36 < accuracy < 0.64 for accuracy in net.history[:, "valid_acc"])
    assert min(net.history[:, "valid_loss"]) > 0.6
    assert net.score(X, y) == 1


def test_whatever_a_callback_asks_in_a_fit_it_gets_without_the_memory(noise):
    X, y = noise
    seen = []

    class Ask(Callback):
        def on_epoch_end(self, net, **kwargs):
            said = net.predict_proba(X), net.predict_proba_members(X), net.forward(X)
            logs = net.predict_path_logs(X)
            seen.append((*said, logs.network, logs.linear, logs.memory))

        on_train_begin = on_train_end = on_epoch_end

    params = {"max_epochs": 2, "n_members": 2, "random_state": 0, "callbacks__average": None}
    net = LandslideNet(callbacks=[Ask()], **params).fit(X, y)
    expected = LandslideNet(module__memory=False, **params).fit(X, y)
    assert len(seen) == 4
    np.testing.assert_array_equal(seen[-1][0], expected.predict_proba(X))
    np.testing.assert_array_equal(seen[-1][1], expected.predict_proba_members(X))
    assert torch.equal(seen[-1][2], expected.forward(X))
    logs = expected.predict_path_logs(X)
    np.testing.assert_array_equal(seen[-1][3], logs.network)
    np.testing.assert_array_equal(seen[-1][4], logs.linear)
    assert seen[-1][5] is None
    assert net.forward(X).shape[1] == expected.forward(X).shape[1] + 1
    assert not np.array_equal(net.predict_proba(X), expected.predict_proba(X))


def test_the_shares_of_the_hours_can_be_asked_for_in_a_fit(noise):
    X, y = noise
    seen = []

    class Ask(Callback):
        def on_epoch_end(self, net, **kwargs):
            seen.append(net.attention(X).hours["rain"].to_numpy())

    params = {"max_epochs": 1, "n_members": 2, "random_state": 0, "callbacks__average": None}
    params |= {"sequences": {"rain": [1, 2, 3]}, "module__linear_weight": 0.3}
    LandslideNet(module__memory_weight=0.4, callbacks=[Ask()], **params).fit(X, y)
    LandslideNet(callbacks=[Ask()], **params).fit(X, y)
    np.testing.assert_allclose(*seen, atol=1e-6)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_the_memory_is_back_after_a_fit_that_ended_early(noise, error):
    X, y = noise

    class Stop(Callback):
        def on_batch_end(self, net, **kwargs):
            raise error("enough")

    params = {"module__memory_weight": 1.0, "max_epochs": 1, "n_members": 1, "random_state": 0}
    net = LandslideNet(**params).fit(X, y)
    before = net.predict_proba(X)
    # A callback's KeyboardInterrupt is skorch's way to stop early.
    with pytest.raises(error) if error is RuntimeError else nullcontext():
        net.set_params(callbacks=[Stop()]).partial_fit(X, y)
    np.testing.assert_array_equal(net.predict_proba(X), before)
    assert net.module_.memory.is_awake


def test_a_net_that_a_checkpoint_pickles_in_its_fit_has_its_memory(noise, tmp_path):
    X, y = noise
    params = {"module__memory_weight": 1.0, "max_epochs": 1, "n_members": 1, "random_state": 0}
    checkpoint = Checkpoint(monitor=None, dirname=tmp_path, f_pickle="net.pkl")
    net = LandslideNet(callbacks=[checkpoint], **params).fit(X, y)
    kept = pickle.loads((tmp_path / "net.pkl").read_bytes())
    np.testing.assert_array_equal(kept.predict_proba(X), net.predict_proba(X))
    assert kept.score(X, y) == 1


def test_going_on_with_other_rows_keeps_the_memory_of_the_first(noise):
    X, y = noise
    net = LandslideNet(module__memory_weight=1.0, max_epochs=1, n_members=1, random_state=0)
    first = net.fit(X[:150], y[:150]).predict_proba(X)
    np.testing.assert_array_equal(net.partial_fit(X[150:], y[150:]).predict_proba(X), first)
    assert net.score(X[:150], y[:150]) == 1
    assert net.score(X[150:], y[150:]) < 0.65


# --- files ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def coded():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"slope": rng.uniform(0, 60, 90), "twi": rng.normal(8, 2, 90)})
    table["soil"] = pd.Categorical(rng.choice(["clay", "peat", "sand"], 90))
    return table, np.array(["none", "shallow", "deep"])[np.digitize(table["slope"], [20, 40])]


@pytest.fixture(scope="module")
def net(coded):
    params = {"n_trees": 3, "max_epochs": 1, "n_members": 1, "random_state": 0}
    return LandslideNet(class_weight="balanced", **params).fit(*coded)


@pytest.fixture
def saved(net, tmp_path):
    net.save(tmp_path / "net")
    return tmp_path / "net"


def test_a_memory_is_read_as_it_was_written(net, saved, coded):
    table, y = coded
    loaded = LandslideNet.load(saved)
    for name, array in vars(net._forest).items():
        np.testing.assert_array_equal(getattr(loaded._forest, name), array, strict=True)
    np.testing.assert_array_equal(loaded.predict_proba(table), net.predict_proba(table))
    strange = table.assign(soil="loess", slope=1e30)
    np.testing.assert_array_equal(loaded.predict_proba(strange), net.predict_proba(strange))
    assert loaded.recipe_ == net.recipe_
    loaded.partial_fit(table, y).save(saved)
    LandslideNet.load(saved)


def test_a_file_of_a_net_without_a_memory_holds_none(coded, tmp_path):
    table, y = coded
    net = LandslideNet(module__memory=False, max_epochs=1, n_members=1).fit(table, y)
    net.save(tmp_path / "net")
    tensors, _ = read_tensors(tmp_path / "net")
    assert not any(name.startswith("memory") for name in tensors)
    loaded = LandslideNet.load(tmp_path / "net")
    assert loaded.module_.memory is None
    np.testing.assert_array_equal(loaded.predict_proba(table), net.predict_proba(table))


def test_a_first_part_that_lacks_a_class_leaves_the_memory_out_of_net_and_file(coded, tmp_path):
    table, y = coded
    part = y != "deep"
    net = LandslideNet(max_epochs=1, n_members=1)
    net.partial_fit(table[part], y[part], classes=["none", "shallow", "deep"])
    assert net.module_.memory is None
    net.partial_fit(table, y).save(tmp_path / "net")
    loaded = LandslideNet.load(tmp_path / "net")
    np.testing.assert_array_equal(loaded.predict_proba(table), net.predict_proba(table))


@pytest.mark.parametrize("convert", ["half", "double", "bfloat16"])
def test_a_memory_in_another_precision_is_saved_as_it_was_grown(coded, tmp_path, convert):
    params = {"n_trees": 3, "max_epochs": 1, "n_members": 1, "random_state": 0}
    net = LandslideNet(**params).fit(*coded)
    getattr(net.module_, convert)()
    assert np.isfinite(net.predict_proba(coded[0])).all()
    net.save(tmp_path / "net")
    loaded = LandslideNet.load(tmp_path / "net")
    np.testing.assert_array_equal(loaded._forest.threshold, net._forest.threshold)
    assert loaded.module_.memory.threshold.dtype == torch.float32


def put(at, value):
    def change(array):
        array[at] = value

    return change


FAULTS = {
    "a node that leads to itself": ("left", put(0, 0)),
    "a node that leads back": ("right", lambda a: put(a.argmax(), 0)(a)),
    "two branches to one node": ("left", put(0, 2)),
    "a branch beyond the tree": ("left", put(0, 10**6)),
    "a branch to before the tree": ("right", put(0, -5)),
    # Two numbers, and a column for each of three codes.
    "a factor that is not there": ("feature", put(0, 5)),
    "a factor before the first": ("feature", put(0, -2)),
    "a leaf that is none": ("feature", lambda a: put(a.argmin(), 0)(a)),
    "a leaf that has branches": ("feature", put(0, -1)),
    "trees out of order": ("first_node", put(slice(None), [0, 9, 5])),
    "a first tree that begins later": ("first_node", put(0, 1)),
    "a tree without nodes": ("first_node", lambda a: put(1, a[2])(a)),
    "a tree beyond the nodes": ("first_node", put(2, 10**6)),
    "a tree that begins elsewhere": ("first_node", lambda a: put(1, a[1] + 1)(a)),
    "a threshold that is not a number": ("threshold", put(0, np.nan)),
    "a threshold without end": ("threshold", put(0, np.inf)),
    "a negative share": ("share", put(0, [-0.5, 1.0, 0.5])),
    "a share that is not a number": ("share", put((0, 1), np.nan)),
    "shares beyond one": ("share", put(0, [0.5, 0.5, 0.5])),
    "shares of nothing": ("share", put(-1, 0)),
}
ARRAYS = ["first_node", "feature", "threshold", "left", "right", "share"]


def refused(path, name, change):
    """Change an array of a file, sign it again, and see that it is refused."""
    tensors, metadata = read_tensors(path)
    tensors[f"memory.{name}"] = change(tensors[f"memory.{name}"].copy())
    tensors = {name: array for name, array in tensors.items() if array is not None}
    write_tensors(path, tensors, metadata)
    with pytest.raises(ValueError, match=r"is truncated or damaged: save the net again\.$"):
        LandslideNet.load(path)


@pytest.mark.parametrize(("name", "change"), FAULTS.values(), ids=FAULTS)
def test_trees_that_are_none_are_refused(saved, name, change):
    def changed(array):
        change(array)
        return array

    refused(saved, name, changed)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(
    "change",
    [
        lambda array: None,
        lambda array: array[:-1].copy(),
        lambda array: array[:0].copy(),
        lambda array: np.concatenate([array, array[-1:]]),
        lambda array: array[None],
        lambda array: array.reshape(-1)[0].reshape(()),
        lambda array: array.astype(np.int64),
        lambda array: array.astype(np.int32 if array.dtype == np.float32 else np.float32),
    ],
    ids=["gone", "shorter", "empty", "longer", "nested", "a number", "wide", "another type"],
)
def test_arrays_of_another_shape_or_type_are_refused(saved, name, change):
    refused(saved, name, change)


@pytest.mark.parametrize(
    "change",
    [
        {"n_members": 0},
        {"n_members": True},
        {"max_epochs": -1},
        {"max_epochs": 2.5},
        {"wide_hidden": 0},
        {"wide_hidden": 63},
        {"wide_hidden": 10**12},
        {"linear_weight": 1.5},
        {"memory_weight": float("nan")},
        {"memory_weight": "auto"},
        {"more": 1},
    ],
)
def test_recipes_that_no_fit_makes_are_refused(saved, change):
    tensors, metadata = read_tensors(saved)
    about = json.loads(metadata["sklearn_landslide"])
    about["recipe"] |= change
    write_tensors(saved, tensors, {"sklearn_landslide": json.dumps(about)})
    with pytest.raises(ValueError, match="damaged"):
        LandslideNet.load(saved)
