"""The look-up among the knots finds what a search finds, for every number there is."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_landslide.nn._knot_search import KnotSearch

HIGHEST, LEAST = float(np.finfo(np.float32).max), 1e-45
TABLES = {
    "even": lambda rng: rng.uniform(0, 60, 300),
    "far from zero": lambda rng: 4_500_000 + rng.normal(size=300),
    "long tail": lambda rng: np.exp(6 * rng.normal(size=300)),
    "long tails": lambda rng: np.exp(20 * rng.normal(size=300)) * rng.choice([-1, 1], 300),
    "around zero": lambda rng: rng.normal(size=300),
    "a cluster": lambda rng: np.r_[rng.normal(size=20), 1 + 1e-6 * rng.normal(size=280)],
    "whole numbers": lambda rng: rng.integers(0, 12, 300),
    "tiny": lambda rng: LEAST * rng.integers(-40, 40, 300),
    "small": lambda rng: 1e-38 * rng.normal(size=300),
    "the whole range": lambda rng: np.r_[rng.uniform(-1, 1, 300) * HIGHEST, HIGHEST, -HIGHEST],
    "one value": lambda rng: np.full(3, 7.0),
    "zero": lambda rng: np.zeros(3),
}


def knots_of(*tables):
    """Increasing values of each factor, filled up with infinity."""
    rows = [np.unique(np.asarray(table, dtype=np.float32)) for table in tables]
    knots = np.full((len(rows), max(map(len, rows))), np.inf, dtype=np.float32)
    for knot, row in zip(knots, rows, strict=True):
        knot[: len(row)] = row
    return torch.from_numpy(knots)


def probes(knots):
    """Values at the knots, beside them, between them and far outside."""
    at = np.nan_to_num(knots.numpy(), posinf=HIGHEST)
    with np.errstate(over="ignore", under="ignore"):
        beside = [np.nextafter(at, np.float32(end)) for end in (-np.inf, np.inf)]
        between = at[:, :-1] / 2 + at[:, 1:] / 2
    fixed = [0.0, -0.0, LEAST, -LEAST, HIGHEST, -HIGHEST, 1.0, -1e30]
    fixed = np.tile(np.array(fixed, np.float32), (len(at), 1))
    x = np.concatenate([at, *beside, between.astype(np.float32), fixed], axis=1)
    return torch.from_numpy(np.clip(x, -HIGHEST, HIGHEST))


def same_as_a_search(knots, x):
    found, expected = KnotSearch(knots)(knots, x), torch.searchsorted(knots, x, right=True)
    assert found.dtype == torch.int64
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", TABLES)
def test_one_factor_of_any_kind(name):
    knots = knots_of(TABLES[name](np.random.default_rng(0)))
    same_as_a_search(knots, probes(knots))


def test_all_kinds_of_factors_side_by_side():
    rng = np.random.default_rng(0)
    knots = knots_of(*(make(rng) for make in TABLES.values()))
    same_as_a_search(knots, probes(knots))


def test_the_two_zeros_are_one():
    # Zero is the first of a cell of its own, and -0.0 the last of the crowded one before it.
    tiny = [-5e-40, -4e-40, -3e-40, -2e-40, -1e-40]
    knots = knots_of([np.nextafter(np.float32(-1), np.float32(0)), *tiny, 0.0, 1.0])
    zeros = torch.tensor([[-0.0, 0.0]])
    assert KnotSearch(knots)(knots, zeros).tolist() == [[7, 7]]


finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(max_examples=150, deadline=None)
@given(arrays(np.float32, st.integers(1, 40), elements=finite), st.data())
def test_any_numbers(values, data):
    knots = knots_of(values)
    more = data.draw(arrays(np.float32, 10, elements=finite))
    same_as_a_search(knots, torch.cat([probes(knots), torch.from_numpy(more)[None]], dim=1))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_are_searched(dtype):
    knots = knots_of(np.random.default_rng(0).uniform(0, 60, 300)).to(dtype).float()
    search, x = KnotSearch(knots).to(dtype), torch.linspace(-5, 70, 200, dtype=dtype)[None]
    expected = torch.searchsorted(knots.to(dtype), x, right=True)
    assert torch.equal(search(knots.to(dtype), x), expected)
