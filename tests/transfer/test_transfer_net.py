"""TransferNet: what it takes from a source, what it learns of a target, and what stays."""

import pickle
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_validate
from two_regions import NAMES, SHARES, OwnScaler, region

from sklearn_landslide import LandslideNet, compare_models, make_landslide_pipeline
from sklearn_landslide._class_counts import counted_classes
from sklearn_landslide.map_products import MapModel
from sklearn_landslide.mapping import prediction_spread
from sklearn_landslide.model_selection import SpatialBlockKFold
from sklearn_landslide.persistence import load_model, save_model
from sklearn_landslide.transfer import TransferNet
from sklearn_landslide.transfer._transfer_recipe import transfer_recipe


def weights_of(model):
    net = model.steps[-1][1] if hasattr(model, "steps") else model
    return {name: tensor.numpy().copy() for name, tensor in net.module_.state_dict().items()}


def adapted(source, target, **params):
    params = {"max_epochs": 1, "target_weight": 0, "random_state": 0} | params
    return TransferNet(source, **params).fit(*target)


# --- without labels --------------------------------------------------------------------------


def test_without_labels_it_is_the_source_to_the_bit(source, bare, target, elsewhere):
    X, X_new = target[0], elsewhere[0]
    assert_array_equal(TransferNet(source).fit(X).predict_proba(X_new), source.predict_proba(X_new))
    net = TransferNet(bare).fit(X[NAMES])
    assert_array_equal(net.predict_proba(X_new[NAMES]), bare.predict_proba(X_new[NAMES]))


def test_asked_to_learn_nothing_it_is_the_source_whatever_the_labels(source, target, elsewhere):
    net = adapted(source, target, adapt="none")
    assert_array_equal(net.predict_proba(elsewhere[0]), source.predict_proba(elsewhere[0]))


def test_a_step_that_scales_each_region_is_fitted_to_the_target_without_labels(first, target):
    X, y = first
    net = LandslideNet(max_epochs=1, n_trees=4, random_state=0, **SHARES)
    pipeline = make_landslide_pipeline(net, resample=None)
    pipeline.set_params(scale=OwnScaler().set_output(transform="pandas")).fit(X, y)
    before = pipeline.named_steps["scale"].mean_.copy()
    moved = target[0].assign(relief=target[0]["relief"] + 1000)
    own = TransferNet(pipeline).fit(moved)
    assert own.pipeline_.named_steps["scale"].mean_[2] == pytest.approx(moved["relief"].mean())
    assert_array_equal(pipeline.named_steps["scale"].mean_, before)
    # To it the target is like itself before it was moved.
    still = TransferNet(pipeline).fit(target[0]).predict_proba(target[0])
    assert_allclose(own.predict_proba(moved), still, atol=1e-4)
    kept = TransferNet(pipeline, own_scale=False).fit(moved)
    assert_array_equal(kept.predict_proba(moved), pipeline.predict_proba(moved))


def test_a_scale_of_its_own_is_refused_where_no_step_has_one(source, target):
    with pytest.raises(ValueError, match="no step of the source scales each region by itself"):
        TransferNet(source, own_scale=True).fit(*target)


# --- how frequent landslides are ---------------------------------------------------------------


def test_a_stated_prevalence_is_the_closed_form(source, target, elsewhere):
    """Odds are multiplied by those of the new share over those of the old one."""
    old = source.class_prior_[1]
    net = TransferNet(source, prevalence=0.02).fit(target[0])
    before, after = (m.predict_proba(elsewhere[0])[:, 1] for m in (source, net))
    ratio = (0.02 / 0.98) / (old / (1 - old))
    assert_allclose(after / (1 - after), before / (1 - before) * ratio, rtol=1e-9)
    of_dict = TransferNet(source, prevalence={0: 0.98, 1: 0.02}).fit(target[0])
    assert_allclose(of_dict.predict_proba(elsewhere[0])[:, 1], after)


def test_the_prior_that_is_learned_makes_the_mean_that_of_the_rows(source, target):
    """The likeliest intercept: the mean probability is the share of landslides."""
    X, y = target
    net = adapted(source, target, adapt="prior")
    probability = net.predict_proba(X)[:, 1]
    assert probability.mean() == pytest.approx(y.mean(), abs=1e-9)
    moved = logit(probability) - logit(source.predict_proba(X)[:, 1])
    assert_allclose(moved, net.shift_, atol=1e-9)


def test_a_prevalence_is_counted_from_the_rows_that_were_learned(source, target, elsewhere):
    own, X = target[1].mean(), elsewhere[0]
    before = adapted(source, target).predict_proba(X)[:, 1]
    after = adapted(source, target, prevalence=0.3).predict_proba(X)[:, 1]
    assert_allclose(logit(after) - logit(before), logit(0.3) - logit(own), atol=1e-9)
    of_source = adapted(source, target, prevalence="source").predict_proba(X)[:, 1]
    shift = logit(source.class_prior_[1]) - logit(own)
    assert_allclose(logit(of_source) - logit(before), shift, atol=1e-9)


def test_em_recovers_the_share_of_landslides_without_labels():
    """One world, from which regions draw landslides in other shares."""
    rng = np.random.default_rng(0)

    def draw(n_rows, share):
        y = (rng.uniform(size=n_rows) < share).astype(int)
        return pd.DataFrame(rng.normal(size=(n_rows, 2)) + 1.5 * y[:, None]).add_prefix("x"), y

    net = LandslideNet(max_epochs=4, n_members=2, n_trees=8, random_state=0)
    source = make_landslide_pipeline(net, resample=None).fit(*draw(1500, 0.4))
    for share in (0.05, 0.7):
        X, y = draw(3000, share)
        found = TransferNet(source, prevalence="em").fit(X).predict_proba(X)[:, 1].mean()
        assert found == pytest.approx(y.mean(), abs=0.03)
        assert abs(source.predict_proba(X)[:, 1].mean() - y.mean()) > 0.05


def test_a_bare_network_does_not_know_its_share_of_landslides(bare, target):
    with pytest.raises(ValueError, match=r"prevalence=0\.1 needs the share .* give a pipeline"):
        TransferNet(bare, prevalence=0.1).fit(target[0][NAMES])
    with pytest.raises(ValueError, match="needs the share"):
        TransferNet(bare, prevalence="em").fit(target[0][NAMES])


@pytest.mark.parametrize("shares", [{0: 0.5}, {0: 0.5, 1: 0.6}, {0: 0.5, 2: 0.5}])
def test_shares_of_other_classes_are_refused(source, target, shares):
    with pytest.raises(ValueError, match="must give shares between 0 and 1"):
        TransferNet(source, adapt="prior", prevalence=shares).fit(*target)


# --- the network -------------------------------------------------------------------------------


def test_a_huge_pull_keeps_the_weights_of_the_source(source, target):
    """All but the biases of the heads, which hold how frequent landslides are."""
    kept = {"lr": 1e-2, "linear_l2_sp": np.inf, "memory_share": 0}
    before = weights_of(source)
    pulled = weights_of(adapted(source, target, adapt="fine_tune", l2_sp=1e9, **kept).pipeline_)
    free = weights_of(adapted(source, target, adapt="fine_tune", l2_sp=0, **kept).pipeline_)
    changed = [n for n in before if not n.endswith("bias") and np.any(before[n] != free[n])]
    assert "wide.weight" in changed
    for name in changed:
        assert_allclose(pulled[name], before[name], atol=1e-6)
        assert np.abs(free[name] - before[name]).max() > 1e-4


def test_more_pull_leaves_the_weights_nearer_to_the_source(source, target):
    before = weights_of(source)["wide.weight"]
    distances = [
        np.linalg.norm(
            weights_of(adapted(source, target, adapt="fine_tune", lr=1e-2, l2_sp=pull).pipeline_)[
                "wide.weight"
            ]
            - before
        )
        for pull in (0, 10, 100)
    ]
    assert distances[0] > distances[1] > distances[2] > 0


def test_without_a_pull_it_is_plain_fine_tuning(bare, target):
    """The same as partial_fit of a copy, from the same random numbers, without weight decay."""
    X, y = target[0][NAMES], target[1]
    # As many landslides as the source expects leave no shift, or the start would be another.
    net = TransferNet(
        bare,
        adapt="fine_tune",
        l2_sp=0,
        linear_l2_sp=np.inf,
        memory_share=0,
        target_weight=0,
        lr=1e-2,
        max_epochs=2,
        random_state=0,
    ).fit(X, y)
    plain = deepcopy(bare)
    shift = logit_shift(bare.predict_proba(X)[:, 1], y)
    with_bias = weights_of(plain)
    module = plain.module_
    for name, parameter in module.named_parameters():
        if name.endswith("heads.bias"):
            halves = np.array([-shift / 2, shift / 2], dtype=np.float32)[:, None]
            parameter.data += parameter.new_tensor(halves)
    module.linear.bias += module.linear.bias.new_tensor([-shift / 2, shift / 2])
    assert with_bias.keys() == weights_of(plain).keys()
    # Without what it remembers of its last gradients.
    plain.initialize_optimizer()
    plain.set_params(lr=1e-2, max_epochs=2, optimizer__weight_decay=0.0)
    plain._torch_state = first_state(net)
    plain.partial_fit(X, y)
    for name, weight in weights_of(net.pipeline_).items():
        assert_allclose(weight, weights_of(plain)[name], atol=2e-6, err_msg=name)


def logit_shift(probability, y):
    """The likeliest intercept by another way: Newton's."""
    scores, shift = logit(probability), 0.0
    for _ in range(100):
        p = expit(scores + shift)
        shift += (y - p).sum() / (p * (1 - p)).sum()
    return shift


def first_state(net):
    """Random numbers with which a net began to be trained."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(net.pipeline_._seed)
        return torch.get_rng_state().numpy()


def test_head_trains_the_heads_alone(source, target):
    kept = {"linear_l2_sp": np.inf, "memory_share": 0, "lr": 1e-2}
    before = weights_of(source)
    after = weights_of(adapted(source, target, adapt="head", **kept).pipeline_)
    changed = {name for name in before if np.any(before[name] != after[name])}
    assert {name for name in changed if "heads." not in name} == {"linear.bias"}
    assert {"deep.heads.weight", "wide.heads.weight"} <= changed


def test_what_was_frozen_can_be_trained_again(source, target):
    net = adapted(source, target, adapt="head").pipeline_.steps[-1][1]
    assert all(parameter.requires_grad for parameter in net.module_.parameters())


def test_the_straight_line_is_drawn_to_the_source(bare, target):
    """Without a pull it is a logistic regression of the target; with a huge one the source's."""
    X, y = target[0][NAMES], target[1]

    def line(strength):
        net = TransferNet(
            bare, adapt="prior", linear_l2_sp=strength, target_weight=0, random_state=0
        ).fit(X, y)
        assert net.recipe_["memory_share"] == 0
        return net.pipeline_.module_.linear

    source = bare.module_.linear
    assert_allclose(line(1e9).weight.numpy(), source.weight.numpy(), atol=1e-5)
    low, high = source.low.numpy(), source.high.numpy()
    z = (X.to_numpy(np.float32).clip(low, high) - source.mean.numpy()) / source.scale.numpy()
    alone = LogisticRegression(C=1e6, tol=1e-10, max_iter=1000).fit(z, y)
    found = line(1e-6)
    assert_allclose((found.weight[:, 1] - found.weight[:, 0]).numpy(), alone.coef_[0], atol=2e-3)
    assert float(found.bias[1] - found.bias[0]) == pytest.approx(alone.intercept_[0], abs=2e-3)


@pytest.mark.parametrize(("share", "n_new"), [(0, 0), (0.01, 1), (0.5, 4), (0.99, 7), (1, 8)])
def test_trees_of_the_target_take_the_place_of_some_of_the_source(bare, target, share, n_new):
    X, y = target[0][NAMES], target[1]
    params = {"linear_l2_sp": np.inf, "target_weight": 0, "random_state": 0}
    net = TransferNet(bare, adapt="prior", memory_share=share, **params).fit(X, y)
    old, new = bare._forest, net.pipeline_._forest
    assert len(new.first_node) == 8
    kept = [nodes for nodes in old.slices()][: 8 - n_new]
    for before, after in zip(kept, new.slices(), strict=False):
        assert_array_equal(new.threshold[after], old.threshold[before])
    is_same = [
        np.array_equal(new.threshold[a], old.threshold[b])
        for a, b in zip(new.slices(), old.slices(), strict=True)
    ]
    assert is_same == [True] * (8 - n_new) + [False] * n_new


def test_on_other_ground_the_line_counts_more_and_the_memory_nothing(first, target, elsewhere):
    X, y = first
    source = LandslideNet(max_epochs=1, n_members=1, n_trees=4, random_state=0).fit(X[NAMES], y)
    X_target, y_target = target[0][NAMES], target[1]
    bare = TransferNet(source).fit(X_target)
    logs = source.predict_path_logs(elsewhere[0][NAMES])
    # Without labels .7 of the line.
    found = bare.predict_proba(elsewhere[0][NAMES])
    assert_allclose(found, logs.joined(0.7, 0.0), atol=1e-6)
    assert bare.recipe_["target_weight"] == 0
    adapted = TransferNet(source, max_epochs=1, target_weight=0, random_state=0)
    assert adapted.fit(X_target, y_target).pipeline_.module_.linear_weight == 0.5
    assert adapted.pipeline_.module_.memory_weight == 0
    # The source itself stays as it is, and asked to learn nothing is taken as it is.
    assert source.module_.memory_weight == 0.35
    kept = TransferNet(source, adapt="none").fit(X_target)
    assert_array_equal(kept.predict_proba(X_target), source.predict_proba(X_target))


def test_a_target_of_some_landslides_counts_by_itself_too():
    assert transfer_recipe(9).target_weight == 0
    assert transfer_recipe(10).target_weight == 0.7


def test_shares_of_the_paths_can_be_stated(source, target):
    net = adapted(source, target, linear_weight=0.1, memory_weight=0.2).pipeline_.steps[-1][1]
    assert (net.module_.linear_weight, net.module_.memory_weight) == (0.1, 0.2)
    assert (net.recipe_.linear_weight, net.recipe_.memory_weight) == (0.1, 0.2)


def test_a_share_of_the_target_alone_blends_log_odds(source, target, elsewhere):
    X = elsewhere[0]
    one = adapted(source, target).predict_proba(X)[:, 1]
    net = adapted(source, target, target_weight=0.25, target_estimator=LogisticRegression())
    alone = make_landslide_pipeline(LogisticRegression(), resample=None).fit(*target)
    other = alone.predict_proba(X)[:, 1]
    blend = expit(0.75 * logit(one) + 0.25 * logit(other))
    assert_allclose(net.predict_proba(X)[:, 1], blend, atol=1e-9)


def test_the_target_alone_is_the_pipeline_of_the_source_without_resampling(source, target):
    net = adapted(source, target, target_weight=0.5)
    steps = dict(net.target_model_.steps)
    assert steps["resample"] == "passthrough"
    assert_array_equal(steps["impute"].statistics_["slope"], target[0]["slope"].median())


def test_it_learns_what_is_other_in_the_target(first):
    """Where the target's landslides come on other ground, adapting helps much."""
    X, y = region(400, 1.0, 3)
    turned = X.assign(slope=60 - X["slope"])
    source = LandslideNet(max_epochs=3, n_trees=8, random_state=0).fit(first[0][NAMES], first[1])
    train, test = np.arange(200), np.arange(200, 400)
    scores = {}
    for adapt in ("none", "fine_tune"):
        net = TransferNet(source, adapt=adapt, lr=1e-2, max_epochs=5, random_state=0)
        net.fit(turned[NAMES].iloc[train], y[train])
        probability = net.predict_proba(turned[NAMES].iloc[test])[:, 1]
        scores[adapt] = roc_auc_score(y[test], probability)
    assert scores["none"] < 0.35
    assert scores["fine_tune"] > scores["none"] + 0.2


# --- what stays --------------------------------------------------------------------------------


def test_the_source_is_untouched(source, target, elsewhere):
    before, memory = weights_of(source), source.steps[-1][1]._forest
    kept = {name: array.copy() for name, array in vars(memory).items()}
    probability = source.predict_proba(elsewhere[0])
    shares = dict(source.sample_prior_), dict(source.resampled_prior_)
    adapted(source, target, adapt="fine_tune", target_weight="auto", memory_share=0.5)
    assert shares == (source.sample_prior_, source.resampled_prior_)
    for name, weight in weights_of(source).items():
        assert_array_equal(weight, before[name])
    for name, array in vars(source.steps[-1][1]._forest).items():
        assert_array_equal(array, kept[name])
    assert_array_equal(source.predict_proba(elsewhere[0]), probability)


def test_the_same_seed_gives_the_same_result(source, target, elsewhere):
    one, two, other = (
        adapted(source, target, target_weight="auto", random_state=seed).predict_proba(elsewhere[0])
        for seed in (3, 3, 4)
    )
    assert_array_equal(one, two)
    assert np.any(one != other)


def test_clone_keeps_the_very_source_and_copies_the_rest(source):
    net = TransferNet(source, lr=1e-3, target_estimator=LogisticRegression())
    copy = clone(net)
    assert copy.source is source
    assert copy.lr == 1e-3
    assert copy.target_estimator is not net.target_estimator
    assert not hasattr(copy, "pipeline_")
    assert not hasattr(clone(adapted(source, region(60, 1.0, 5))), "pipeline_")


def test_it_is_an_estimator_to_all_that_take_one(source, target):
    X, y = target
    net = TransferNet(source, adapt="head", max_epochs=1, target_weight=0, random_state=0)
    scores = cross_validate(net, X, y, cv=2, scoring="roc_auc", error_score="raise")["test_score"]
    assert scores.min() > 0.6
    search = GridSearchCV(net, {"adapt": ["none", "prior"]}, cv=2, error_score="raise").fit(X, y)
    assert search.best_estimator_.source is source
    places = np.random.default_rng(0).uniform(0, 5000, size=(len(X), 2))
    folds = SpatialBlockKFold(places, 2, random_state=0)
    found = cross_validate(net, X, y, cv=folds, scoring="roc_auc", error_score="raise")
    assert found["test_score"].min() > 0.6
    alike = {"adapted": net, "alone": LogisticRegression()}
    comparison = compare_models(alike, X, y, cv=2, random_state=0)
    assert comparison.table.index.tolist() == ["adapted", "alone"]


def test_a_pipeline_puts_no_step_before_it(source, target, elsewhere):
    net = TransferNet(source, max_epochs=1, target_weight=0, random_state=0)
    pipeline = make_landslide_pipeline(net, prevalence=0.1).fit(*target)
    assert [name for name, _ in pipeline.steps] == ["model"]
    alone = clone(net).fit(*target).predict_proba(elsewhere[0])[:, 1]
    moved = pipeline.predict_proba(elsewhere[0])[:, 1]
    shift = logit(0.1) - logit(target[1].mean())
    assert_allclose(logit(moved) - logit(alone), shift, atol=1e-9)


def test_it_works_in_a_worker_process(source, target, elsewhere):
    net = adapted(source, target, target_weight=0.3)
    again = pickle.loads(pickle.dumps(net))
    assert_array_equal(again.predict_proba(elsewhere[0]), net.predict_proba(elsewhere[0]))


# --- files -------------------------------------------------------------------------------------


def test_a_file_gives_the_same_bits(source, target, elsewhere, tmp_path):
    net = adapted(source, target, target_weight=0.3, prevalence=0.05)
    save_model(net, tmp_path / "adapted.zip")
    again = load_model(tmp_path / "adapted.zip")
    X = elsewhere[0]
    assert_array_equal(again.predict_proba(X), net.predict_proba(X))
    assert_array_equal(again.predict_proba_members(X), net.predict_proba_members(X))
    refitted = clone(again).fit(*target).predict_proba(X)
    assert_array_equal(refitted, net.predict_proba(X))


def test_a_source_may_be_a_file_or_the_model_of_a_map(source, target, elsewhere, tmp_path):
    save_model(source, tmp_path / "source.zip")
    save_model(MapModel(source), tmp_path / "map.zip")
    expected = adapted(source, target).predict_proba(elsewhere[0])
    for given in (tmp_path / "source.zip", str(tmp_path / "map.zip"), FrozenEstimator(source)):
        assert_array_equal(adapted(given, target).predict_proba(elsewhere[0]), expected)


def test_what_was_adapted_can_be_the_next_source(source, target, elsewhere, tmp_path):
    net = make_landslide_pipeline(TransferNet(source, max_epochs=1, random_state=0)).fit(*target)
    save_model(net, tmp_path / "adapted.zip")
    following = TransferNet(tmp_path / "adapted.zip").fit(elsewhere[0])
    inside = net.steps[0][1].pipeline_
    assert_array_equal(following.predict_proba(elsewhere[0]), inside.predict_proba(elsewhere[0]))


# --- factors and labels ------------------------------------------------------------------------


def test_factors_are_found_by_name_and_others_left_out(source, target, elsewhere):
    X, y = target
    expected = adapted(source, target).predict_proba(elsewhere[0])
    turned = X[X.columns[::-1]].assign(aspect=1.0)
    net = adapted(source, (turned, y))
    assert net.feature_names_in_.tolist() == [*NAMES, "soil"]
    assert_array_equal(net.predict_proba(elsewhere[0]), expected)
    again = net.predict_proba(elsewhere[0][["soil", "relief", "twi", "slope"]].assign(aspect="?"))
    assert_array_equal(again, expected)


def test_codes_may_come_as_numbers(source, target, elsewhere):
    X, y = target
    expected = adapted(source, target, target_weight=0.5).predict_proba(elsewhere[0])
    numbers = X.assign(soil=X["soil"].astype(float))
    net = adapted(source, (numbers, y), target_weight=0.5)
    found = net.predict_proba(elsewhere[0].assign(soil=elsewhere[0]["soil"].astype(float)))
    assert_array_equal(found, expected)


def test_cells_of_a_polygon_are_one_landslide(source, target):
    y = target[1]
    with counted_classes(y, np.where(y, -1 - np.arange(len(y)) % 5, np.arange(len(y)))):
        assert adapted(source, target, adapt="prior").n_landslides_ <= 5
    assert adapted(source, target, adapt="prior").n_landslides_ == y.sum()


def test_a_missing_factor_is_named_in_one_line(source, target):
    X, y = target
    with pytest.raises(ValueError, match=r"^X has no factor 'twi', which .*missing='impute'"):
        TransferNet(source).fit(X.drop(columns="twi"), y)
    with pytest.raises(ValueError, match=r"Did you mean 'slope_'"):
        TransferNet(source).fit(X.rename(columns={"slope": "slope_"}), y)
    net = adapted(source, target)
    with pytest.raises(ValueError, match=r"^X has no factor 'twi'"):
        net.predict_proba(X.drop(columns="twi"))


def test_a_missing_factor_can_be_left_to_the_steps_of_the_source(source, target, elsewhere):
    X, X_new = target[0].drop(columns="twi"), elsewhere[0].drop(columns="twi")
    net = TransferNet(source, missing="impute").fit(X)
    filled = elsewhere[0].assign(twi=np.nan)
    assert_array_equal(net.predict_proba(X_new), source.predict_proba(filled))
    assert net.feature_names_in_.tolist() == ["slope", "relief", "soil"]


def test_a_source_that_fills_no_gaps_cannot_do_without_a_factor(bare, target):
    with pytest.raises(ValueError, match="the source fills no gaps"):
        TransferNet(bare, missing="impute").fit(target[0][["slope", "twi"]], target[1])


def test_none_of_the_factors_is_said(source):
    X = pd.DataFrame({"altitude": [1.0, 2.0], "ndvi": [0.1, 0.2]})
    with pytest.raises(ValueError, match="none of the factors of the source"):
        TransferNet(source, missing="impute").fit(X)


def test_a_table_of_other_width_without_names_is_refused(source, bare):
    with pytest.raises(ValueError, match="2 features and no names"):
        TransferNet(source).fit(np.zeros((4, 2)))
    X, y = make_classification(60, 4, random_state=0)
    unnamed = LandslideNet(max_epochs=1, n_trees=2, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="X has 3 features, and the source was fitted on 4"):
        TransferNet(unnamed).fit(X[:, :3], y)
    net = TransferNet(unnamed).fit(X)
    with pytest.raises(ValueError, match="X has 3 features, but TransferNet is expecting 4"):
        net.predict_proba(X[:, :3])


def test_labels_are_known_by_their_meaning(source, target, elsewhere):
    X, y = target
    expected = adapted(source, target).predict_proba(elsewhere[0])
    for words in (("no", "yes"), ("stable", "landslide")):
        net = adapted(source, (X, np.where(y, words[1], words[0])))
        assert net.classes_.tolist() == sorted(words)
        place = net.classes_.tolist().index(words[1])
        assert_array_equal(net.predict_proba(elsewhere[0])[:, place], expected[:, 1])
        members = net.predict_proba_members(elsewhere[0])[..., place]
        expected_members = adapted(source, target).predict_proba_members(elsewhere[0])[..., 1]
        assert_allclose(members, expected_members, atol=1e-12)
    # Here landslides come first in the order of the labels.
    net = adapted(source, (X, np.where(y, "landslide", "none")), prevalence=0.1)
    assert net.classes_.tolist() == ["landslide", "none"]
    moved = adapted(source, target, prevalence=0.1).predict_proba(elsewhere[0])
    assert_allclose(net.predict_proba(elsewhere[0]), moved[:, ::-1], atol=1e-12)


def test_labels_of_unknown_meaning_are_refused(source, target):
    with pytest.raises(ValueError, match="y has the labels 'A', 'B' and the source 0, 1"):
        TransferNet(source).fit(target[0], np.where(target[1], "A", "B"))


def test_one_class_is_refused_and_three(source, target):
    X, y = target
    with pytest.raises(ValueError, match=r"y has one class, 0: .* y=None for a region without"):
        TransferNet(source).fit(X, np.zeros_like(y))
    with pytest.raises(ValueError, match="y has 3 classes"):
        TransferNet(source).fit(X, np.arange(len(y)) % 3)


def test_codes_of_another_legend_are_refused(source, target):
    X = target[0].assign(soil=pd.Categorical(np.arange(len(target[0])) % 3 + 50))
    with pytest.raises(ValueError, match="soil"):
        TransferNet(source).fit(X, target[1])


# --- what no source can be ---------------------------------------------------------------------


def test_what_cannot_be_a_source_is_said_in_one_line(source, target, tmp_path):
    X, y = target
    numbers = X[NAMES]
    with pytest.raises(ValueError, match="source is not fitted: fit this LandslidePipeline"):
        TransferNet(make_landslide_pipeline(LandslideNet())).fit(X, y)
    with pytest.raises(ValueError, match="source is not fitted: fit this LandslideNet"):
        TransferNet(LandslideNet()).fit(X, y)
    with pytest.raises(TypeError, match=r"ends with a LogisticRegression, .* SourceStacking"):
        TransferNet(LogisticRegression().fit(numbers, y)).fit(numbers, y)
    with pytest.raises(TypeError, match="must be a fitted classifier or a model file, got 7"):
        TransferNet(7).fit(X, y)
    with pytest.raises(FileNotFoundError, match=r"No such file: .*none\.zip"):
        TransferNet(tmp_path / "none.zip").fit(X, y)
    three = np.arange(len(y)) % 3
    net = LandslideNet(max_epochs=1, n_trees=2, random_state=0).fit(numbers, three)
    with pytest.raises(ValueError, match="source has 3 classes"):
        TransferNet(net).fit(numbers, y)
    trimmed = LandslideNet(max_epochs=1, n_trees=2, random_state=0).fit(numbers, y)
    trimmed.trim_for_prediction()
    with pytest.raises(ValueError, match="trimmed"):
        TransferNet(trimmed).fit(numbers, y)
    with pytest.raises(NotFittedError):
        TransferNet(source).predict_proba(X)


def test_a_calibrated_network_is_no_network(first, target):
    X, y = first
    inside = LandslideNet(max_epochs=1, n_trees=2, random_state=0)
    calibrated = CalibratedClassifierCV(inside, cv=2).fit(X[NAMES], y)
    with pytest.raises(TypeError, match="CalibratedClassifierCV, which is not a network"):
        TransferNet(calibrated).fit(target[0][NAMES], target[1])


# --- members -----------------------------------------------------------------------------------


def test_members_are_those_of_the_network_and_their_spread_is_mapped(source, target, elsewhere):
    net, X = adapted(source, target, target_weight=0.3), elsewhere[0]
    members = net.predict_proba_members(X)
    assert members.shape == (2, len(X), 2)
    assert_allclose(members.sum(axis=2), 1)
    assert np.abs(members.mean(axis=0) - net.predict_proba(X)).max() < 0.05
    wrapped = make_landslide_pipeline(net)
    wrapped.fit(*target)
    assert_allclose(prediction_spread(wrapped, X), members[..., 1].std(axis=0, ddof=1), atol=1e-9)


def test_without_a_source_it_is_a_network_of_the_target(target, elsewhere):
    net = TransferNet(max_epochs=1, random_state=0).fit(*target)
    assert net.predict_proba(elsewhere[0]).shape == (100, 2)
    assert net.recipe_ == {}
    with pytest.raises(ValueError, match="requires y to be passed"):
        TransferNet().fit(target[0])
    with pytest.raises(ValueError, match="prevalence='em' needs a source"):
        TransferNet(prevalence="em").fit(*target)
