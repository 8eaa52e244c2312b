"""Times of warnings and events: in UTC, at the end of a step, by place."""

import numpy as np
import pandas as pd

from sklearn_landslide._words import listed, plural

ALL = "all"


def utc(times, *, of):
    """Return times without a zone, in UTC.

    Parameters
    ----------
    times : array-like of shape (n_rows,)
        Times; those without a zone are UTC.
    of : str
        What has them, for messages.

    Returns
    -------
    times : ndarray of shape (n_rows,), dtype=datetime64[ns]

    Raises
    ------
    ValueError
        If some are missing or no times.

    Examples
    --------
    >>> from sklearn_landslide.warning._times import utc
    >>> utc(["2020-05-01 02:00+02:00"], of="events")
    array(['2020-05-01T00:00:00.000000000'], dtype='datetime64[ns]')
    """
    raw = pd.Series(np.asarray(times, dtype=object))
    if raw.map(lambda time: isinstance(time, int | float) and not pd.isna(time)).any():
        raise ValueError(f"{of} has numbers for times, {raw.iloc[0]!r} for instance: give dates.")
    try:
        # Each by itself: with a zone, without, or both in one column.
        found = pd.to_datetime(raw, utc=True, format="mixed")
    except (ValueError, TypeError):
        raise ValueError(f"{of} has times that cannot be read, as {raw.iloc[0]!r}.") from None
    if n_missing := int(found.isna().sum()):
        raise ValueError(f"{of} has {plural(n_missing, 'missing time')}: drop these rows.")
    return found.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")


def length(text, *, name, least=0):
    """Return a length of time in nanoseconds.

    Parameters
    ----------
    text : str, timedelta or number
        ``"6h"``, ``"1D"`` or 0.
    name : str
        Name of the parameter.
    least : int, default=0
        The least that is allowed; 1 for lengths that must not be 0.

    Returns
    -------
    length : int

    Examples
    --------
    >>> from sklearn_landslide.warning._times import length
    >>> length("6h", name="tolerance") // 3_600_000_000_000
    6
    """
    try:
        found = 0 if isinstance(text, int) and text == 0 else pd.Timedelta(text).value
    except (ValueError, TypeError):
        raise ValueError(
            f'{name} must be a length of time as "6h" or "1D", got {text!r}.'
        ) from None
    if (isinstance(text, int | float) and text != 0) or found < least:
        raise ValueError(f'{name} must be a length of time as "6h" or "1D", got {text!r}.')
    return found


def usual_step(times, units):
    """Find the most frequent distance of a time from the one before, of the same place.

    Parameters
    ----------
    times : ndarray of shape (n_rows,), dtype=datetime64[ns]
        Times.
    units : ndarray of shape (n_rows,)
        Places.

    Returns
    -------
    step : int
        In nanoseconds.

    Raises
    ------
    ValueError
        If no place has two times.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning._times import usual_step
    >>> days = np.array(["2020-05-01", "2020-05-02", "2020-05-03"], dtype="datetime64[ns]")
    >>> usual_step(days, np.array(["a"] * 3)) == 24 * 3600 * 10**9
    True
    """
    rows = pd.DataFrame({"unit": units, "time": times}).drop_duplicates()
    steps = rows.sort_values(["unit", "time"]).groupby("unit")["time"].diff().dropna()
    if steps.empty:
        raise ValueError('no place has two times: say how long a row is, as step="1D".')
    return int(pd.Timedelta(steps.mode().iloc[0]).value)


def places(table, unit, *, of):
    """Return the place of each row as text; all are one place without a column.

    Parameters
    ----------
    table : DataFrame
        Rows with or without places.
    unit : str or None
        Name of the column.
    of : str
        What this table is, for messages.

    Returns
    -------
    places : ndarray of str of shape (n_rows,)

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.warning._times import places
    >>> places(pd.DataFrame({"time": [1, 2]}), None, of="events").tolist()
    ['all', 'all']
    """
    if unit is None:
        return np.full(len(table), ALL)
    found = table[unit]
    if n_missing := int(found.isna().sum()):
        raise ValueError(f"{of} has {plural(n_missing, 'row')} without {unit!r}: drop these rows.")
    return found.astype(str).str.removesuffix(".0").to_numpy(dtype=str)


def needs(table, columns, *, of):
    """Refuse what is not a table or lacks a column.

    Parameters
    ----------
    table : object
        What was given.
    columns : sequence of str
        Names of what must be there.
    of : str
        What this table is, for messages.
    """
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"{of} must be a table (DataFrame), got {type(table).__name__}.")
    if missing := [name for name in columns if name not in table]:
        raise ValueError(f"{of} has no column {listed(missing)}, only {listed(table.columns)}.")
    if table.empty:
        raise ValueError(f"{of} has no rows.")
