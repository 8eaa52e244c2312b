"""Factors are made once and held, unless the memory is short."""

import numpy as np
import pytest

pytest.importorskip("rioxarray")

import dask.array as da
import xarray as xr

from sklearn_landslide.terrain import _hold


@pytest.fixture
def made():
    """A lazy stack, and how often its windows were made."""
    calls = []

    def window(block):
        calls.append(block.shape)
        return block + 1

    lazy = da.zeros((6, 4), chunks=3).map_blocks(window, dtype=float, meta=np.empty((0, 0)))
    return xr.Dataset({"slope": (("y", "x"), lazy)}, attrs={"kept": 1}), calls


def test_windows_are_made_once_however_often_they_are_read(made):
    stack, calls = made
    held = _hold.hold(stack)
    assert len(calls) == 4
    for _ in range(2):
        np.testing.assert_array_equal(held["slope"], np.ones((6, 4)))
    assert len(calls) == 4
    assert held["slope"].chunks == stack["slope"].chunks
    assert held.attrs == {"kept": 1}


def test_where_memory_is_short_the_stack_stays_lazy(made, monkeypatch):
    stack, calls = made
    # A quarter of it is less than 24 numbers of 8 bytes.
    monkeypatch.setattr(_hold, "available_memory", lambda: 4 * 191)
    assert _hold.hold(stack) is stack
    assert not calls
    monkeypatch.setattr(_hold, "available_memory", lambda: 4 * 192)
    assert _hold.hold(stack) is not stack


def test_progress_is_told_task_by_task(made):
    told = []
    _hold.hold(made[0], lambda *counts: told.append(counts))
    done, everything = zip(*told, strict=True)
    assert list(done) == list(range(1, len(told) + 1))
    assert {*everything} == {len(told)}
