"""Which columns of a table are one variable over time: one answer everywhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from sklearn_landslide._categories import column_positions


@dataclass(frozen=True)
class SequenceGroup:
    """One or several variables over the same time steps.

    Parameters
    ----------
    name : str
        Name of the group.
    variables : tuple of str
        Names of its variables; of a single variable, that of the group.
    positions : ndarray of shape (n_variables, n_steps), int64
        Columns of the table, oldest step first.
    """

    name: str
    variables: tuple
    positions: np.ndarray

    @property
    def n_variables(self):
        """Number of variables."""
        return self.positions.shape[0]

    @property
    def n_steps(self):
        """Number of time steps."""
        return self.positions.shape[1]


def resolve_sequences(sequences, *, n_features, names, is_categorical=None):
    """Turn the parameter ``sequences`` into the columns of a table.

    Parameters
    ----------
    sequences : dict or None
        By the name of each group, the columns of one variable in order of time (names, or
        positions in a table without names), or a dict of such lists for several variables.
    n_features : int
        Number of columns there are.
    names : sequence of str or None
        Their names, if they have any. ``x0``, ``x1`` ... are what scikit-learn calls the
        columns of an array, so there a position stands for that name, wherever it is now.
    is_categorical : ndarray of bool, shape (n_features,), default=None
        Which columns are categories and so no part of a sequence. None: not checked.

    Returns
    -------
    groups : list of SequenceGroup
        In the order given; empty for None.

    Raises
    ------
    ValueError
        If a group is empty, names a column that is not there or one twice, mixes names and
        positions, gives positions where the table has names, has variables of unequal length,
        shares a column with another group, holds a category, or is not a list of names or
        positions.

    Examples
    --------
    >>> from sklearn_landslide._sequences import resolve_sequences
    >>> names = ["slope", "rain_0", "rain_1"]
    >>> (rain,) = resolve_sequences({"rain": ["rain_0", "rain_1"]}, n_features=3, names=names)
    >>> rain.positions
    array([[1, 2]])
    """
    if sequences is None:
        return []
    if not isinstance(sequences, Mapping):
        raise ValueError(
            f"sequences must be a dict of column lists by group, got {type(sequences).__name__}: "
            'write {"rain": ["rain_000", "rain_001"]}.'
        )
    groups = []
    owner = {}
    for group, listed in sequences.items():
        if not isinstance(group, str):
            raise ValueError(f"sequences has the key {group!r}: name each group by a text.")
        variables = dict(listed) if isinstance(listed, Mapping) else {group: listed}
        rows = []
        for variable, columns in variables.items():
            label = f"sequences[{group!r}]"
            if isinstance(listed, Mapping):
                label += f"[{variable!r}]"
            rows.append(_positions(label, columns, n_features, names))
            if len(rows[-1]) != len(rows[0]):
                raise ValueError(
                    f"{label} has {len(rows[-1])} steps, and {next(iter(variables))!r} of the "
                    f"same group has {len(rows[0])}: give each length a group of its own."
                )
            for position, column in zip(rows[-1], columns, strict=True):
                if position in owner:
                    raise ValueError(
                        f"{label} holds {column!r}, which {owner[position]} holds too: "
                        "a column belongs to one sequence."
                    )
                owner[position] = label
                if is_categorical is not None and is_categorical[position]:
                    raise ValueError(
                        f"{label} holds {column!r}, which is a category: "
                        "only quantities go on over time."
                    )
        if not rows:
            raise ValueError(f"sequences[{group!r}] has no variable: name its columns.")
        groups.append(SequenceGroup(group, tuple(map(str, variables)), np.array(rows)))
    return groups


def _listed_columns(label, columns):
    """Names or positions of one variable as a list."""
    # A set has no order, and what can be read only once cannot be a parameter.
    is_list = hasattr(columns, "__getitem__") and not isinstance(columns, (str, Mapping))
    n_dimensions = getattr(columns, "ndim", 1)
    if not is_list or n_dimensions != 1:
        got = repr(columns) if n_dimensions == 1 else f"a table of {n_dimensions} dimensions"
        raise ValueError(f"{label} must be a list of columns in order of time, got {got}.")
    columns = [column.item() if isinstance(column, np.generic) else column for column in columns]
    if not columns:
        raise ValueError(f"{label} lists no column: name them in order of time.")
    for column in columns:
        if not isinstance(column, (str, int)) or isinstance(column, bool):
            raise ValueError(
                f"{label} lists {column!r}: give the name or the position of a column."
            )
    seen = set()
    for column in columns:
        if column in seen:
            raise ValueError(f"{label} lists {column!r} twice: name each hour once.")
        seen.add(column)
    return columns


def _positions(label, columns, n_features, names):
    """Positions of the columns of one variable."""
    columns = _listed_columns(label, columns)
    if all(isinstance(column, int) for column in columns) and names is not None:
        # What scikit-learn calls the columns of an array.
        if not all(name == f"x{name[1:]}" and name[1:].isdigit() for name in names):
            raise ValueError(
                f"{label} gives positions, but the table has column names: give names, "
                f"such as {names[columns[0]] if columns[0] < len(names) else names[0]!r}."
            )
        columns = [f"x{column}" for column in columns]
    if names is not None and not isinstance(columns[0], int):
        known = set(names)
        missing = [c for c in columns if c not in known]
        if missing:
            raise ValueError(
                f"{label} names {missing[0]!r}, which is not a column of the table "
                f"({len(missing)} of its {len(columns)} are missing): correct the name, or keep "
                "the selector before the model from dropping it."
            )
    return column_positions(columns, n_features=n_features, names=names, parameter=label)


def quantity_series(sequences, *, n_features, names, is_categorical):
    """List the variables of all sequences one by one, for what treats each alone.

    Parameters
    ----------
    sequences, n_features, names, is_categorical
        As in :func:`resolve_sequences`.

    Returns
    -------
    series : list of ndarray of shape (n_steps,), int64
        Columns of each variable of each group, oldest step first.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._sequences import quantity_series
    >>> weather = {"weather": {"rain": [1, 2], "temperature": [3, 4]}}
    >>> none = np.zeros(5, dtype=bool)
    >>> quantity_series(weather, n_features=5, names=None, is_categorical=none)
    [array([1, 2]), array([3, 4])]
    """
    groups = resolve_sequences(
        sequences, n_features=n_features, names=names, is_categorical=is_categorical
    )
    return [positions for group in groups for positions in group.positions]


def absent_groups(sequences, names):
    """List the groups of which a table has no column, since a selector dropped them whole.

    Parameters
    ----------
    sequences : dict
        As in :func:`resolve_sequences`.
    names : sequence of str or None
        Names of the columns there are. None: they are not known.

    Returns
    -------
    absent : list of str
        Names of the groups.

    Examples
    --------
    >>> from sklearn_landslide._sequences import absent_groups
    >>> absent_groups({"rain": ["rain_0", "rain_1"], "snow": ["snow_0"]}, ["slope", "rain_1"])
    ['snow']
    """
    if names is None:
        return []
    # An array's columns are called x0, x1 ... by scikit-learn.
    known = {*names, *(int(name[1:]) for name in names if re.fullmatch(r"x\d+", name))}
    absent = []
    for group, listed in sequences.items():
        variables = listed.values() if isinstance(listed, Mapping) else [listed]
        columns = [_listed_columns(f"sequences[{group!r}]", variable) for variable in variables]
        if known.isdisjoint(chain.from_iterable(columns)):
            absent.append(group)
    return absent


def fill_gaps(series, fallback):
    """Fill missing steps: linearly in time between known ones, else by a fallback.

    Parameters
    ----------
    series : ndarray of shape (n_samples, n_steps)
        One variable over time, NaN where it is missing.
    fallback : ndarray of shape (n_steps,)
        What stands in before the first and after the last known step of a row, and in a row
        without any.

    Returns
    -------
    filled : ndarray of shape (n_samples, n_steps)
        `series` itself, if nothing is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._sequences import fill_gaps
    >>> fill_gaps(np.array([[np.nan, 1.0, np.nan, 3.0]]), fallback=np.zeros(4))
    array([[0., 1., 2., 3.]])
    """
    missing = np.isnan(series)
    if not missing.any():
        return series
    rows = np.flatnonzero(missing.any(axis=1))
    part, gap = series[rows], missing[rows]
    step = np.broadcast_to(np.arange(series.shape[1]), gap.shape)
    # The nearest known step on either side; -1 and n_steps where there is none.
    before = np.maximum.accumulate(np.where(gap, -1, step), axis=1)
    after = np.minimum.accumulate(np.where(gap, gap.shape[1], step)[:, ::-1], axis=1)[:, ::-1]
    inside = (before >= 0) & (after < gap.shape[1])
    left = np.take_along_axis(part, np.maximum(before, 0), axis=1)
    right = np.take_along_axis(part, np.minimum(after, gap.shape[1] - 1), axis=1)
    weight = (step - before) / np.maximum(after - before, 1)
    between = left + weight * (right - left)
    filled = series.copy()
    filled[rows] = np.where(gap, np.where(inside, between, fallback), part)
    return filled
