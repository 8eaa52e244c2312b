"""The loss of the heads, and the pooling of their answers, against closed forms."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn import MemberCrossEntropy
from sklearn_landslide.nn._heads import pool_heads, pool_members

pytestmark = pytest.mark.usefixtures("seeded_torch")


def test_member_cross_entropy_is_the_mean_over_heads():
    logits, labels = torch.randn(9, 4, 3), torch.randint(0, 3, (9,))
    expected = torch.stack([F.cross_entropy(logits[:, k], labels) for k in range(4)]).mean()
    torch.testing.assert_close(MemberCrossEntropy()(logits, labels), expected)


def test_member_cross_entropy_takes_class_weights_and_label_smoothing():
    logits, labels = torch.randn(9, 4, 3), torch.randint(0, 3, (9,))
    options = {"weight": torch.tensor([0.5, 1.0, 4.0]), "label_smoothing": 0.1}
    expected = torch.stack(
        [F.cross_entropy(logits[:, k], labels, **options) for k in range(4)]
    ).mean()
    torch.testing.assert_close(MemberCrossEntropy(**options)(logits, labels), expected)


def test_member_cross_entropy_without_heads_is_cross_entropy():
    logits, labels = torch.randn(9, 3), torch.randint(0, 3, (9,))
    expected = F.cross_entropy(logits, labels)
    torch.testing.assert_close(MemberCrossEntropy()(logits, labels), expected)


def test_pool_heads_is_the_mean_of_softmaxes():
    logits = torch.tensor([[[0.0, math.log(3)], [math.log(4), 0.0]]])
    # Heads say (1/4, 3/4) and (4/5, 1/5).
    torch.testing.assert_close(pool_heads(logits).float(), torch.tensor([[0.525, 0.475]]))
    torch.testing.assert_close(pool_heads(logits[:, 0]).float(), torch.tensor([[0.25, 0.75]]))


def test_the_linear_path_is_pooled_as_log_odds():
    # Network heads (1/4, 3/4) and (4/5, 1/5), mean (.525, .475); linear path (2/3, 1/3).
    logits = torch.tensor([[[0.0, math.log(3)], [math.log(4), 0.0], [math.log(2), 0.0]]])
    log_odds = 0.7 * math.log(0.525 / 0.475) + 0.3 * math.log(2)
    expected = 1 / (1 + math.exp(-log_odds))
    pooled = pool_heads(logits, linear_weight=0.3).float()
    torch.testing.assert_close(pooled, torch.tensor([[expected, 1 - expected]]))


def test_a_member_is_the_mean_of_its_heads_joined_with_the_shared_linear_path():
    def head(probability):
        return [0.0, math.log(probability / (1 - probability))]

    # Two members with a head in each of two paths, then the linear path.
    logits = torch.tensor([[head(0.2), head(0.5), head(0.4), head(0.9), head(0.6)]])
    plain = pool_members(logits[:, :-1], n_members=2)
    torch.testing.assert_close(plain[:, 0, 1].float(), torch.tensor([0.3, 0.7]))
    joined = pool_members(logits, n_members=2, linear_weight=0.5)[:, 0, 1].float()
    odds = torch.tensor([(3 / 7 * 1.5) ** 0.5, (7 / 3 * 1.5) ** 0.5])
    torch.testing.assert_close(joined, odds / (1 + odds))


def test_members_of_a_fitted_net_average_to_its_probability_with_nothing_beside_it():
    X = np.random.default_rng(0).normal(size=(100, 3))
    y = (X[:, 0] > 0).astype(int)
    net = LandslideNet(max_epochs=2, n_members=3, random_state=0, module__linear=False)
    net.set_params(module__memory=False).fit(X, y)
    members = net.predict_proba_members(X)
    assert members.shape == (3, 100, 2)
    np.testing.assert_allclose(members.mean(axis=0), net.predict_proba(X), atol=1e-12)
    assert (members.std(axis=0) > 0).all()
