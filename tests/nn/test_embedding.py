"""Tokens of the factors against the formula written out, computed and looked up."""

import math

import pytest
import torch
from torch import nn

from sklearn_landslide.nn._embedding import FactorEmbedding, TabulatedEmbedding, tabulate

pytestmark = pytest.mark.usefixtures("seeded_torch")


def close(result, expected, atol=1e-5):
    torch.testing.assert_close(result, expected, atol=atol, rtol=1e-4)


def test_factor_embedding_equals_the_formula_token_by_token():
    layer = FactorEmbedding(3, 4, torch.tensor([0, 2]), token_size=5, n_frequencies=2)
    scores, codes = torch.randn(3, 7), torch.randint(0, 5, (2, 7))
    tokens = layer(scores, codes)
    for b in range(7):
        for p in range(3):
            angle = 2 * math.pi * scores[p, b] * layer.frequency[p, :, 0]
            waves = torch.cat([angle.sin(), angle.cos()])
            expected = layer.weight[p] @ waves + (scores[p, b] * layer.linear + layer.bias)[p, :, 0]
            if p != 1:
                expected = expected + layer.code.weight[codes[p // 2, b]]
            close(tokens[p, :, b], expected)


@pytest.mark.parametrize("frequency", [0.02, 0.2])
def test_tabulated_embedding_is_the_computed_one_between_the_nodes_too(frequency):
    layer = FactorEmbedding(3, 4, torch.tensor([0, 2]), token_size=5, n_frequencies=16)
    nn.init.normal_(layer.frequency, std=frequency)
    # The last factor is constant.
    low, high = torch.tensor([[-4.0], [-1.0], [2.0]]), torch.tensor([[4.0], [3.0], [2.0]])
    scores = torch.cat([low, high, low + (high - low) * torch.rand(3, 1000)], dim=1)
    codes = torch.randint(0, 5, (2, 1002))
    with torch.no_grad():
        table = tabulate(layer, low, high)
        close(table(scores, codes), layer(scores, codes), atol=2e-5)
    assert isinstance(table, TabulatedEmbedding)
    # Higher frequencies want a finer table.
    assert (table.n_cells > 1000) == (frequency == 0.2)


@pytest.mark.parametrize(("n_factors", "frequency"), [(1, 50.0), (300, 0.1)])
def test_what_no_table_of_a_sensible_size_holds_is_computed(n_factors, frequency):
    layer = FactorEmbedding(n_factors, 0, torch.tensor([], dtype=torch.int64), 5, 16)
    nn.init.constant_(layer.frequency, frequency)
    low = torch.full((n_factors, 1), -4.0)
    with torch.no_grad():
        assert tabulate(layer, low, -low) is layer


def test_code_zero_adds_nothing_even_after_training():
    layer = FactorEmbedding(2, 3, torch.tensor([0, 1]), token_size=4, n_frequencies=2)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        layer(torch.randn(2, 8), torch.randint(0, 4, (2, 8))).pow(2).sum().backward()
        optimizer.step()
    assert (layer.code.weight[0] == 0).all()
    assert (layer.code.weight[1:] != 0).all()
