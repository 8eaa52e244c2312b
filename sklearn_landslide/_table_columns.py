"""Which columns a table had before a selector: told to the model at the end of a pipeline."""

from contextlib import contextmanager
from contextvars import ContextVar

_told = ContextVar("table_columns", default=frozenset())


@contextmanager
def told_columns(X):
    """Tell the models that are fitted in this block which columns their table had at first.

    Parameters
    ----------
    X : table
        Without names it tells nothing.
    """
    names = getattr(X, "columns", ())
    token = _told.set(_told.get() | {name for name in names if isinstance(name, str)})
    try:
        yield
    finally:
        _told.reset(token)


def was_dropped(name):
    """Say whether a column that a model misses was there before a selector.

    Parameters
    ----------
    name : str
        The column.

    Returns
    -------
    was_dropped : bool

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide._table_columns import told_columns, was_dropped
    >>> with told_columns(pd.DataFrame({"slope": [31.5]})):
    ...     was_dropped("slope"), was_dropped("slpoe")
    (True, False)
    """
    return name in _told.get()
