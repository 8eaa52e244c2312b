"""Tables in several files: columns joined by an id, places with and without a landslide."""

import re
import warnings
from dataclasses import replace
from numbers import Real

import numpy as np
import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._words import listed, nearest, plural
from sklearn_landslide.tables._columns import as_labels, as_number
from sklearn_landslide.tables._projection import parse_system, projected

_WHOLE = re.compile(r"[+-]?\d+\.0+")


def _id_of(cell):
    """Return the text by which a row is known: 7, 7.0 and "7" are one, 007 is another."""
    if isinstance(cell, Real) and float(cell).is_integer():
        return str(int(cell))
    text = str(cell).strip()
    return text.partition(".")[0] if _WHOLE.fullmatch(text) else text


def _ids_of(raw, name):
    """Read the ids of a file, each of which is there once."""
    if name not in raw.frame.columns:
        raise ValueError(
            f"{raw.path} has no column {name!r} to join by.{nearest(name, raw.frame.columns)} "
            f"Its columns are {listed(raw.frame.columns)}."
        )
    column = raw.frame[name]
    missing = column.isna() | (column.astype(str).str.strip() == "")
    if missing.any():
        raise ValueError(
            f"The id {name!r} of {raw.path} is missing in {plural(missing.sum(), 'row')} (first in "
            f"row {column.index[missing][0]})."
        )
    ids = column.astype(object).map(_id_of)
    if (again := ids.duplicated(keep=False)).any():
        which = ids[again].iloc[0]
        rows = " and ".join(map(str, ids.index[ids == which][:2]))
        raise ValueError(
            f"{raw.path} has {plural(int(again.sum()), 'row')} whose id {name!r} is there more "
            f"than once, such as {which!r} in the rows {rows}: rows are joined one to one."
        )
    return ids


def _check_partners(ids, others, raw, other):
    """Raise if a row has no partner; say how many rows of the other file have none."""
    alone = ids[~ids.isin(others)]
    if len(alone):
        bare = {text.lstrip("0"): text for text in others}
        if found := [text for text in alone if text.lstrip("0") in bare]:
            raise ValueError(
                f"the id {found[0]!r} of {raw.path} is {bare[found[0].lstrip('0')]!r} in "
                f"{other.path}, with or without zeros in front: write them the same way."
            )
        raise ValueError(
            f"{plural(len(alone), 'row')} of {len(ids)} of {raw.path} have an id that is not in "
            f"{other.path} (such as {alone.iloc[0]!r} in row {alone.index[0]}; that file has ids "
            f"such as {others.iloc[0]!r}): remove or complete them, or give the files in the other "
            "order."
        )
    if left := len(others) - len(ids):
        warnings.warn(
            f"{plural(left, 'row')} of {len(others)} of {other.path} have an id that is not in "
            f"{raw.path}, and are left out.",
            stacklevel=4,
        )


def _same(one, other):
    """Say whether two columns hold the same, however it is written."""
    cells = [column.astype(object).where(column.notna(), "").map(_id_of) for column in (one, other)]
    return (cells[0].to_numpy() == cells[1].to_numpy()).all()


def joined(raw, other, on, drop=()):
    """Put the columns of another file beside those of a table, row by row of the same id.

    Parameters
    ----------
    raw : RawTable
        The table, whose rows and their order stay.
    other : RawTable
        The other file.
    on : sequence of str
        The column of ids, or the one of each file.
    drop : collection of str, default=()
        Columns that nobody wants, which may differ.

    Returns
    -------
    joined : RawTable
        With the ids of the table; places are those of the table, or else of the other file.
    """
    ids, others = _ids_of(raw, on[0]), _ids_of(other, on[-1])
    _check_partners(ids, others, raw, other)
    rows = pd.Index(others).get_indexer(ids)
    beside = other.frame.drop(columns=on[-1]).iloc[rows].set_axis(raw.frame.index)
    both = [name for name in beside if name in raw.frame.columns]
    for name in both:
        if name not in drop and not _same(raw.frame[name], beside[name]):
            raise ValueError(
                f"{raw.path} and {other.path} both have a column {name!r}, and it is not the same: "
                "rename or remove one of them."
            )
    beside = beside.drop(columns=both)
    if raw.points is None and other.points is not None:
        points = other.points.iloc[rows].set_axis(raw.frame.index)
        raw = replace(raw, points=points, crs=other.crs)
    decimals = {name: other.decimals[name] for name in beside}
    return replace(
        raw,
        frame=pd.concat([raw.frame, beside], axis=1),
        decimals=raw.decimals | decimals,
    )


def _check_one_class(raw, target, value):
    """Raise if a file of landslides, or of other places, says something else itself."""
    if target not in raw.frame.columns:
        return
    what = "landslides" if value else "places without a landslide"
    try:
        agrees = (as_labels(raw.frame[target], one_class=True) == value).all()
    except ValueError:
        agrees = False
    if not agrees:
        raise ValueError(
            f"{raw.path} is the file of {what}, and its column {target!r} says something else: "
            "correct or remove it."
        )


def _points_in(raw, other):
    """Return the points of another file in the system of a table."""
    if raw.points is None and other.points is None:
        return None
    for one in (raw, other):
        if one.points is None:
            raise ValueError(
                f"{one.path} has no shapes that say where its rows lie, and the other file has: "
                "give both files coordinates of one kind."
            )
    if raw.crs == other.crs:
        return other.points
    if raw.crs is None or other.crs is None:
        which = raw if raw.crs is None else other
        error = ValueError(f"{which.path} states no CRS, and the other file does: name it, crs=...")
        raise hinting(error, "crs=...")
    moved = projected(other.points.to_numpy(), parse_system(other.crs), parse_system(raw.crs))
    if not np.isfinite(moved).all():
        raise ValueError(f"{other.path} has places that do not exist in {raw.crs}.")
    return pd.DataFrame(moved, other.points.index, ["x", "y"])


def _warn_of_shared_groups(raw, other, name):
    """Warn if the groups of both files are numbers that begin at 0 or 1, as numbers of rows do."""
    if not (name in raw.frame and name in other.frame):
        return
    ids = [{_id_of(cell) for cell in one.frame[name].dropna()} for one in (raw, other)]
    counted = [
        one in ({*map(str, range(start, start + len(one)))} for start in (0, 1)) for one in ids
    ]
    if all(counted) and (shared := ids[0] & ids[1]):
        warnings.warn(
            f"{plural(len(shared), 'group')} of the column {name!r} are in both {raw.path.name} "
            f"and {other.path.name}, and the numbers of each begin at the same place: rows of one "
            "number are one group. If each file counts its own rows, give them other numbers.",
            stacklevel=5,
        )


def stacked(raw, other, target, *, drop=(), text_columns=(), groups=()):
    """Put places without a landslide below landslides, and say which are which.

    Parameters
    ----------
    raw : RawTable
        The landslides.
    other : RawTable
        The places without.
    target : str
        The name of the column of labels, which is added.
    drop : collection of str, default=()
        Columns that nobody wants, which one of the files may lack.
    text_columns : collection of str, default=()
        Columns that hold no numbers.
    groups : collection of str, default=()
        The column of groups, if any; the same value in both files is one group.

    Returns
    -------
    stacked : RawTable
        Rows of the second file are called ``5 of stable.csv``.
    """
    _check_one_class(raw, target, 1)
    _check_one_class(other, target, 0)
    for name in groups:
        _warn_of_shared_groups(raw, other, name)
    # A column that is to be dropped stays one, if only one file has it.
    frames = [one.frame.drop(columns=target, errors="ignore") for one in (raw, other)]
    for have, lack, where in ((0, 1, raw), (1, 0, other)):
        filled = frames[lack].columns[frames[lack].notna().any()]
        mine = frames[have].columns[frames[have].notna().any()]
        if more := [name for name in mine if name not in filled and name not in drop]:
            raise ValueError(
                f"Of the two files, only {where.path} has {listed(more)}, which would be missing "
                "in all rows of the other, and so tell landslides from other places: drop "
                f"{'it' if len(more) == 1 else 'them'}."
            )
    below = frames[1]
    classes = {name for one in frames for name in one.select_dtypes("category")}
    for name in below:
        # Each file may have its own decimal mark.
        kept = name in text_columns or name in classes or name in drop
        kept = kept or other.decimals[name] == raw.decimals[name]
        if not kept and below[name].dtype.kind not in "biufM":
            below = below.assign(**{name: as_number(below[name], other.decimals[name])})
    points = _points_in(raw, other)
    labels = pd.Series([1] * len(frames[0]) + [0] * len(below), name=target)
    names = [f"{row} of {other.path.name}" for row in below.index]
    index = pd.Index([*frames[0].index, *names], dtype=object)
    frame = pd.concat([frames[0], below], ignore_index=True).assign(**{target: labels})
    # Of two categories with other codes pandas makes plain numbers, which are not classes.
    frame = frame.astype(dict.fromkeys(classes & {*frame}, "category"))
    if points is not None:
        points = pd.concat([raw.points, points], ignore_index=True).set_axis(index)
    return replace(
        raw,
        frame=frame.set_axis(index),
        decimals={name: "." for name in frame} | other.decimals | raw.decimals,
        points=points,
    )
