"""Damaged tables: what `read_table` says to any bytes is a table, or one line."""

import pytest
from tables.fuzz import ROLES, damaged, fuzz, read, seeds

SECONDS = 3


@pytest.fixture(scope="module")
def whole():
    return seeds()


@pytest.mark.parametrize("place", range(8))
def test_the_tables_that_are_damaged_can_be_read_whole(whole, place, tmp_path):
    assert read(whole[place], tmp_path).y.sum() == 15


def test_damaged_bytes_give_a_table_or_one_line():
    count, n_read = fuzz(SECONDS)
    assert count > 0
    assert n_read < count


# The last of them once gave an error of many lines.
@pytest.mark.parametrize("seed", [*range(40), 9020452])
def test_the_same_seeds_are_always_read(whole, seed, tmp_path):
    read(damaged(seed, whole), tmp_path, ROLES[seed % len(ROLES)])
