"""Rows and places: copies, contradictions, degrees for meters, unequal folds."""

import warnings
from numbers import Integral, Real

import numpy as np
import pandas as pd

from sklearn_landslide._words import plural
from sklearn_landslide.checks._result import NOTE, SERIOUS, WARNING, TableFinding
from sklearn_landslide.model_selection import (
    check_places,
    find_patches,
    perhaps_degrees,
    random_folds,
    row_codes,
)
from sklearn_landslide.tables import contradictory_rows

# Above this share of the rows, copies move a score; below they are worth a look.
_SHARE = 0.01
# Lengths in meters below this are not lengths between places.
_LEAST_METERS = 1
# With more than so many times the landslides of the mean fold in one fold, or fewer in another,
# the mean over folds is mostly about how they were cut.
_MOST, _LEAST = 2.5, 0.2


def check_rows_alike(table):
    """Find rows that are copies of others, or contradict them."""
    n_rows = len(table.y)
    frame = table.frame
    finest = max(frame.iloc[:, place].nunique() for place in range(frame.shape[1]))
    told_apart = frame.set_axis(range(frame.shape[1]), axis=1)
    if table.points is not None:
        places = pd.DataFrame(table.points, frame.index, ["x", "y"])
        told_apart = pd.concat([told_apart, places], axis=1)
    # Few coarse classes meet by themselves; then equal rows need not be copies.
    elif finest <= max(20, n_rows / 10):
        return
    same = "factors" if table.points is None else "factors and coordinates"
    codes = row_codes(told_apart.assign(label=table.y))
    n_copies = n_rows - len(np.unique(codes))
    if n_copies:
        yield TableFinding(
            "copies",
            WARNING if n_copies / n_rows >= _SHARE else NOTE,
            (),
            f"{plural(n_copies, 'row')} of {n_rows} {_are_copies(n_copies)}: same {same}, same "
            "label.",
            "Random folds test a model on rows that it has seen: keep one of each.",
            numbers={"n_rows": n_copies},
        )
    n_contrary = int(contradictory_rows(told_apart, table.y).sum())
    if n_contrary:
        yield TableFinding(
            "contradictory rows",
            WARNING if n_contrary / n_rows >= _SHARE else NOTE,
            (),
            f"{n_contrary} of {plural(n_rows, 'row')} have the same {same} as a row with the other "
            "label: no model can get both right.",
            numbers={"n_rows": n_contrary},
        )
    yield from _at_one_place(table, n_contrary)


def _are_copies(count):
    return "is an exact copy of another" if count == 1 else "are exact copies of others"


def _at_one_place(table, n_contrary):
    if table.points is None:
        return
    together = int(contradictory_rows(pd.DataFrame(table.points), table.y).sum())
    if together > n_contrary:
        yield TableFinding(
            "labels at one place",
            WARNING if together / len(table.y) >= _SHARE else NOTE,
            (),
            f"{together} of {plural(len(table.y), 'row')} lie at the same place as a row with the "
            "other label.",
            numbers={"n_rows": together},
        )


def check_units(table, cv, is_known):
    """Find coordinates in degrees, and lengths in meters that cannot be meant.

    Parameters
    ----------
    table : CheckedTable
    cv : object
        The folds; those with a buffer or blocks have lengths.
    is_known : bool
        Whether the unit of the coordinates is known, as of rasters.
    """
    lengths = {
        name: value
        for name in ("block_size", "buffer")
        if isinstance(value := getattr(cv, name, None), Real) and value > 0
    }
    degrees = ""
    if table.points is not None and not is_known:
        degrees = perhaps_degrees(table.points)
    for name, value in lengths.items():
        option = f"--{name.replace('_', '-')}"
        if value < _LEAST_METERS:
            yield TableFinding(
                "units",
                SERIOUS,
                (),
                f"{name} is {value:g} m, less than a step: it is in meters, not in degrees.",
                "Give it in meters: 0.001 degrees are about 100 m.",
                option=f"{option} METERS",
                python=f"{name}=...",
                numbers={name: float(value)},
            )
    if degrees:
        yield TableFinding(
            "units",
            SERIOUS if lengths else WARNING,
            (),
            f"{degrees[0].upper()}{degrees[1:]}",
            "All distances are in meters here: say that these are degrees, and they are projected.",
            option="--crs EPSG:4326",
            python="read_table(..., crs='EPSG:4326')",
        )


def check_folds(table, cv, groups, seed):
    """Find folds that divide the landslides unequally, or that divide single landslides.

    Parameters
    ----------
    table : CheckedTable
    cv : int, splitter, iterable of (train, test), or None
        The folds.
    groups : array-like of shape (n_rows,) or None
        What is not divided.
    seed : int
        Of random folds.
    """
    splits = _drawn(table, cv, groups, seed)
    if len(splits) < 2:
        return
    yield from _unequal([int(table.y[test].sum()) for _, test in splits])
    if table.points is not None and groups is None:
        patches = find_patches(table.frame, table.points, table.y)
        found = check_places(table.points, patches, splits)
        if found.numbers.get("n_divided_patches"):
            said = (found.finding, found.advice)
            yield TableFinding("divided landslides", WARNING, (), *said, numbers=found.numbers)


def _drawn(table, cv, groups, seed):
    """Draw the folds; none where that cannot be done, of which the fits to come say why."""
    # Folds of groups keep them whole and the classes alike; with fewer landslides the fits refuse.
    if isinstance(cv, Integral) and (groups is not None or np.bincount(table.y).min() < cv):
        return []
    with warnings.catch_warnings():
        # The fits to come warn of the same.
        warnings.simplefilter("ignore")
        try:
            if isinstance(cv, Integral):
                return random_folds(table.y, cv, seed)
            splits = cv.split(table.frame, table.y, groups) if hasattr(cv, "split") else cv or []
            return [(np.asarray(train, dtype=int), np.asarray(test)) for train, test in splits]
        except ValueError:
            return []


def _unequal(counts):
    mean = np.mean(counts)
    if max(counts) > _MOST * mean or min(counts) < _LEAST * mean:
        yield TableFinding(
            "unequal folds",
            WARNING,
            (),
            f"{max(counts)} of {plural(sum(counts), 'landslide')} are in one fold and "
            f"{min(counts)} in another, of {len(counts)} folds.",
            "The mean over folds counts both equally: read the scores of each fold, or draw other "
            "folds.",
            numbers={"n_most": max(counts), "n_least": min(counts), "n_folds": len(counts)},
        )
