"""How far a part of the work is, on a terminal and in lines."""

import pytest

pytest.importorskip("rioxarray")

from sklearn_landslide.map_products import TableRequest, _progress
from sklearn_landslide.map_products._progress import Progress, in_words


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set."""
    now = [0.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def lines():
    return []


def request_of(lines):
    return TableRequest("stack.tif", "points.gpkg", log=lines.append)


def test_without_a_terminal_a_line_now_and_then_says_what_is_left(clock, lines):
    with Progress(request_of(lines), "uncertainty.tif", "window", 5) as progress:
        for clock[0] in (20.0, 40.0, 60.0, 80.0, 100.0):
            progress.move()
    # After 40 and 80 seconds: at 60 the last line is 20 seconds old, and at 100 all is done.
    assert lines == [
        "uncertainty.tif: 2 of 5 windows, about 60 s left",
        "uncertainty.tif: 4 of 5 windows, about 20 s left",
    ]


def test_each_fold_and_each_fit_is_told_unless_they_are_fast(clock, lines):
    with Progress(request_of(lines), "folds", "fold", 4) as progress:
        for clock[0] in (20.0, 20.1, 40.0, 60.0):
            progress.move()
    assert lines == ["folds: 1 of 4 folds, about 60 s left", "folds: 3 of 4 folds, about 13 s left"]


def test_of_two_folds_at_a_time_the_second_is_half_done_when_the_first_is(clock, lines):
    with Progress(request_of(lines), "folds", "fold", 7, n_jobs=2) as progress:
        for clock[0] in (15.0, 22.5, 30.0, 37.5, 45.0, 52.5, 60.0):
            progress.move()
    # A fold takes 15 s, and one begins each 7.5 s: at first 45 s are left, and not 90.
    assert lines[0] == "folds: 1 of 7 folds, about 60 s left"
    assert lines[2] == "folds: 3 of 7 folds, about 30 s left"
    assert lines[-1] == "folds: 6 of 7 folds, about 9 s left"


def test_what_is_done_soon_says_nothing(clock, lines):
    with Progress(request_of(lines), "map.tif", "window", 3) as progress:
        for clock[0] in (1.0, 2.0, 3.0):
            progress.move()
    assert lines == []


def test_the_first_few_of_many_steps_tell_no_time(clock, lines):
    with Progress(request_of(lines), "factors", "task") as progress:
        progress.show(0, 400)
        clock[0] = 60.0
        progress.show(2, 400)
        clock[0] = 120.0
        progress.show(200, 400)
    assert lines == [
        "factors: 2 of 400 tasks",
        "factors: 200 of 400 tasks, about 2 min left",
    ]


def test_windows_of_an_earlier_run_do_not_count_as_fast(clock, lines):
    with Progress(request_of(lines), "susceptibility.tif", "window") as progress:
        progress.show(80, 100)
        clock[0] = 40.0
        progress.show(90, 100)
    assert lines == ["susceptibility.tif: 90 of 100 windows, about 40 s left"]


def test_who_wants_neither_bar_nor_lines_gets_none(clock, capsys):
    with Progress(TableRequest("stack.tif", "points.gpkg"), "folds", "fold", 2) as progress:
        clock[0] = 100.0
        progress.move()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (19.4, "19 s"), (44, "40 s"), (119, "120 s"), (121, "2 min"), (7200, "2.0 h")],
)
def test_an_estimate_is_no_more_precise_than_it_is(seconds, words):
    assert in_words(seconds) == words
