"""The files of which a table consists: one, or one with what is joined to it or put below it."""

from pathlib import Path

from sklearn_landslide._hints import hinting
from sklearn_landslide._words import listed
from sklearn_landslide.tables._combined import joined, stacked
from sklearn_landslide.tables._raw import read_raw


def target_of(target, join, on, absence_points, positive_class):
    """Name the column of labels; refuse parameters that do not go together.

    Parameters
    ----------
    target, join, absence_points, positive_class : object
        As of `read_table`.
    on : list of str
        The columns of ids.

    Returns
    -------
    target : str
    """
    if join is not None and not on:
        raise hinting(ValueError("join=... needs the column of ids, on=..."), "join=...", "on=...")
    if on and join is None:
        error = ValueError("on=... is for join=..., which is not given.")
        raise hinting(error, "on=...", "join=...")
    if len(on) > 2:
        raise ValueError(f"the ids are one column, or one of each file; got {listed(on)}.")
    if absence_points is None and target is None:
        raise hinting(ValueError("the table needs its column of labels: target=..."), "target=...")
    if absence_points is not None and positive_class is not None:
        hint = f"positive_class={positive_class!r}"
        error = ValueError(
            f"{hint} is a label, and with absence_points=... the files say which places are "
            "landslides: leave it out."
        )
        raise hinting(error, hint, "absence_points=...")
    return "landslide" if target is None else str(target)


def _read_other(path, first, reading):
    """Read a second file, which may be of another kind than the first."""
    if path.suffix.lower() != first.suffix.lower():
        reading = reading | {"sheet": 0}
    if reading["encoding"] is None:
        return read_raw(path, **reading)
    try:
        # What is Unicode says so itself.
        return read_raw(path, **reading | {"encoding": None})
    except ValueError as error:
        if "encoding=..." not in getattr(error, "hints", ()):
            raise
        return read_raw(path, **reading)


def read_all(path, target, join, on, absence_points, drop, groups, reading):
    """Read the files of which a table consists, and put them together.

    Parameters
    ----------
    path : pathlib.Path
        The first file.
    target : str
        The column of labels.
    join, absence_points : str or path-like or None
        The other files.
    on : list of str
        The columns of ids.
    drop : list of str
        Columns that nobody wants.
    groups : list of str
        The column of groups, if any.
    reading : dict
        Further arguments of `read_raw`.

    Returns
    -------
    raw : RawTable
    """
    raw = read_raw(path, **reading)
    if absence_points is not None:
        other = _read_other(Path(absence_points), path, reading)
        text_columns = reading["text_columns"]
        raw = stacked(raw, other, target, drop=drop, text_columns=text_columns, groups=groups)
    if join is not None:
        raw = joined(raw, _read_other(Path(join), path, reading), on, drop)
    return raw
