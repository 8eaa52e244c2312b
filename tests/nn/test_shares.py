"""The choice of the shares: predictions made by hand, of which the best shares are known."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from sklearn_landslide.nn._heads import PathLogs, path_logs, pool_heads
from sklearn_landslide.nn._shares import SCORES, choose_shares

USUAL = {"linear_weight": (0.3, True), "memory_weight": (0.4, True)}
HIGHEST_LINEAR, HIGHEST_MEMORY = 1.0, 0.8


def noise(codes, rng, n_classes=2):
    return log_softmax(rng.normal(size=(len(codes), n_classes)), axis=1)


def truth(codes, n_classes=2, sureness=2.0):
    return log_softmax(sureness * np.eye(n_classes)[codes], axis=1)


def folds_of(make, n_folds=3, n_rows=300, n_classes=2):
    """Folds with every class; ``make`` turns label codes into the logs of the paths."""
    rng = np.random.default_rng(0)
    folds = []
    for _ in range(n_folds):
        codes = rng.permutation(np.arange(n_rows) % n_classes)
        folds.append((PathLogs(*make(codes, rng)), codes))
    return folds


def scores_of(chosen, *pair):
    return chosen.scores[chosen.tried.index(pair)]


def test_a_joined_probability_is_the_weighted_mean_of_the_log_odds():
    logs = PathLogs(*(np.log([[1 - p, p]]) for p in (0.5, 0.8, 0.9)))
    # Log-odds of 0, ln 4 and ln 9.
    expected = 0.6 * (0.7 * 0.0 + 0.3 * np.log(4)) + 0.4 * np.log(9)
    np.testing.assert_allclose(logs.joined(0.3, 0.4)[0, 1], 1 / (1 + np.exp(-expected)))
    np.testing.assert_allclose(logs.joined(0, 0)[0, 1], 0.5)
    np.testing.assert_allclose(logs.joined(1, 0)[0, 1], 0.8)
    np.testing.assert_allclose(logs.joined(0, 1)[0, 1], 0.9)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(("linear", "memory"), [(0.2, 0.6), (0.7, None), (None, 0.1), (None, None)])
def test_logs_taken_apart_and_joined_are_the_pooled_heads(n_classes, linear, memory):
    generator = torch.Generator().manual_seed(0)
    logits = 5 * torch.randn(70, 6, n_classes, generator=generator)
    logs = path_logs(logits, has_linear=linear is not None, has_memory=memory is not None)
    assert (logs.linear is None, logs.memory is None) == (linear is None, memory is None)
    pooled = pool_heads(logits, linear, memory).numpy()
    np.testing.assert_allclose(logs.joined(linear, memory), pooled, rtol=1e-6)


def test_the_memory_gets_all_it_may_where_the_rest_is_noise():
    # The memory knows a little of each row, so that every bit of noise costs.
    def make(codes, rng):
        memory = log_softmax(truth(codes) + 1.5 * noise(codes, rng), axis=1)
        return 3 * noise(codes, rng), 3 * noise(codes, rng), memory

    chosen = choose_shares(folds_of(make), USUAL)
    assert chosen.memory_weight == HIGHEST_MEMORY
    best = chosen.tried[chosen.scores.mean(axis=1).argmax()]
    assert best[1] == HIGHEST_MEMORY


def test_the_line_gets_all_where_the_rest_is_noise():
    def make(codes, rng):
        line = log_softmax(truth(codes) + 1.5 * noise(codes, rng), axis=1)
        return 3 * noise(codes, rng), line, 3 * noise(codes, rng)

    chosen = choose_shares(folds_of(make), USUAL)
    assert (chosen.linear_weight, chosen.memory_weight) == (HIGHEST_LINEAR, 0.0)


def test_the_network_alone_is_taken_where_the_paths_are_noise():
    def make(codes, rng):
        network = log_softmax(truth(codes) + 1.5 * noise(codes, rng), axis=1)
        return network, 3 * noise(codes, rng), 3 * noise(codes, rng)

    chosen = choose_shares(folds_of(make), USUAL)
    assert (chosen.linear_weight, chosen.memory_weight) == (0.0, 0.0)


def test_the_usual_shares_are_taken_where_all_paths_say_the_same():
    def make(codes, rng):
        return (noise(codes, rng),) * 3

    chosen = choose_shares(folds_of(make), USUAL)
    assert (chosen.linear_weight, chosen.memory_weight) == (0.3, 0.4)
    np.testing.assert_allclose(chosen.scores, chosen.scores[:1].repeat(35, axis=0), atol=1e-3)


def test_the_shares_nearest_to_usual_ones_that_are_not_tried_are_taken():
    def make(codes, rng):
        return (noise(codes, rng),) * 3

    usual = {"linear_weight": (0.41, True), "memory_weight": (0.05, True)}
    chosen = choose_shares(folds_of(make), usual)
    assert (chosen.linear_weight, chosen.memory_weight) == (0.45, 0.0)


@pytest.mark.parametrize("scoring", SCORES)
def test_what_is_chosen_is_nearest_to_usual_within_one_standard_error(scoring):
    def make(codes, rng):
        paths = (truth(codes, sureness=s) + 2 * noise(codes, rng) for s in (0.6, 1.0, 0.8))
        return tuple(log_softmax(path, axis=1) for path in paths)

    chosen = choose_shares(folds_of(make, n_rows=24), USUAL, scoring)
    best = max(chosen.tried, key=lambda pair: scores_of(chosen, *pair).mean())
    allowed = []
    for pair in chosen.tried:
        behind = scores_of(chosen, *best) - scores_of(chosen, *pair)
        mean = sum(behind) / 3
        variance = sum((b - mean) ** 2 for b in behind) / 2
        if mean <= (variance / 3) ** 0.5:
            allowed.append(pair)
    nearest = min(allowed, key=lambda pair: (pair[0] - 0.3) ** 2 + (pair[1] - 0.4) ** 2)
    assert (chosen.linear_weight, chosen.memory_weight) == nearest
    # The rule has something to say here.
    assert nearest != best
    assert len(allowed) < len(chosen.tried)


def test_of_one_fold_the_best_is_taken():
    def make(codes, rng):
        return noise(codes, rng), truth(codes) + noise(codes, rng), noise(codes, rng)

    chosen = choose_shares(folds_of(make, n_folds=1), USUAL)
    pair = (chosen.linear_weight, chosen.memory_weight)
    assert scores_of(chosen, *pair) == chosen.scores.max()


@pytest.mark.parametrize("given", ["linear_weight", "memory_weight"])
def test_a_share_that_is_given_is_not_changed(given):
    def make(codes, rng):
        return (noise(codes, rng), truth(codes), truth(codes))

    chosen = choose_shares(folds_of(make), USUAL | {given: (0.123, False)})
    assert getattr(chosen, given) == 0.123
    assert {pair[given == "memory_weight"] for pair in chosen.tried} == {0.123}
    assert len(chosen.tried) == (5 if given == "linear_weight" else 7)


@pytest.mark.parametrize("may_change", [True, False])
@pytest.mark.parametrize("missing", ["linear", "memory"])
def test_a_path_that_is_missing_has_no_share(missing, may_change):
    def make(codes, rng):
        logs = {"network": noise(codes, rng), "linear": truth(codes), "memory": truth(codes)}
        return (logs | {missing: None}).values()

    name = f"{missing}_weight"
    # The recipe has a share for a path that is switched off, too.
    chosen = choose_shares(folds_of(make), USUAL | {name: (0.35, may_change)})
    assert getattr(chosen, name) is None
    assert {pair[missing == "memory"] for pair in chosen.tried} == {None}


def test_with_no_path_beside_the_network_nothing_is_chosen():
    def make(codes, rng):
        return noise(codes, rng), None, None

    chosen = choose_shares(folds_of(make), dict.fromkeys(USUAL, (None, True)))
    assert (chosen.linear_weight, chosen.memory_weight) == (None, None)
    assert chosen.tried == [(None, None)]
    assert chosen.scores.shape == (1, 3)


@pytest.mark.parametrize("scoring", SCORES)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_scores_are_those_of_scikit_learn(scoring, n_classes):
    def make(codes, rng):
        paths = (truth(codes, n_classes) + 2 * noise(codes, rng, n_classes) for _ in range(3))
        return tuple(log_softmax(path, axis=1) for path in paths)

    folds = folds_of(make, n_folds=2, n_classes=n_classes)
    chosen = choose_shares(folds, USUAL, scoring)
    for k, (logs, codes) in enumerate(folds):
        probabilities = logs.joined(0.6, 0.2)
        one_hot = np.eye(n_classes)[codes]
        expected = {
            # The mean over the classes of each against the rest; of two it is the same twice.
            "roc_auc": np.mean(
                [roc_auc_score(one_hot[:, c], probabilities[:, c]) for c in range(n_classes)]
            ),
            "average_precision": np.mean(
                [
                    average_precision_score(one_hot[:, c], probabilities[:, c])
                    for c in ([1] if n_classes == 2 else range(n_classes))
                ]
            ),
            "neg_log_loss": -log_loss(codes, probabilities),
        }
        np.testing.assert_allclose(scores_of(chosen, 0.6, 0.2)[k], expected[scoring])


@pytest.mark.parametrize("scoring", SCORES)
def test_of_three_classes_the_memory_that_knows_them_gets_most(scoring):
    def make(codes, rng):
        memory = log_softmax(truth(codes, 3, 4.0) + noise(codes, rng, 3), axis=1)
        return 3 * noise(codes, rng, 3), 3 * noise(codes, rng, 3), memory

    chosen = choose_shares(folds_of(make, n_classes=3), USUAL, scoring)
    assert chosen.memory_weight == HIGHEST_MEMORY


def test_a_log_loss_sees_how_sure_a_path_is_and_a_rank_does_not():
    def make(codes, rng):
        network = log_softmax(truth(codes) + 1.5 * noise(codes, rng), axis=1)
        # The same ranks, and sure beyond reason.
        return network, log_softmax(20 * network, axis=1), None

    folds = folds_of(make)
    assert choose_shares(folds, USUAL, "roc_auc").linear_weight == 0.3
    assert choose_shares(folds, USUAL, "neg_log_loss").linear_weight == 0.0
