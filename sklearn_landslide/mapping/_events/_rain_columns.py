"""Which columns of a fitted model are the rain before an hour."""

import re
from collections.abc import Mapping

from sklearn_landslide._hints import hinting
from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide._words import listed
from sklearn_landslide.mapping._prediction._pixel_rows import factor_names, fitted_parts
from sklearn_landslide.preprocessing import numbered_columns


def _own_sequences(model):
    """Sequences that a part of a fitted model was given; None if none was."""
    for part in fitted_parts(model):
        sequences = getattr(part, "sequences", None)
        if isinstance(sequences, Mapping) and sequences:
            return sequences
    return None


def rain_columns(model, sequences=None):
    """Find the columns of a fitted model that are the rain of one step each.

    Parameters
    ----------
    model : fitted classifier or pipeline
        Fitted on a table with names.
    sequences : dict of str to list of str, default=None
        The columns, oldest step first. None: those that the model or a step of it was given, or
        the columns ``rain_<number>`` in the order of their numbers.

    Returns
    -------
    columns : list of str
        Oldest step first.

    Raises
    ------
    ValueError
        If there are none, or other variables over time besides.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.mapping._events._rain_columns import rain_columns
    >>> X = pd.DataFrame(np.eye(3), columns=["rain_1", "slope", "rain_0"])
    >>> rain_columns(GaussianNB().fit(X, [0, 1, 1]))
    ['rain_0', 'rain_1']
    """
    names = factor_names(model)
    sequences = _own_sequences(model) if sequences is None else sequences
    if sequences is None and any(re.fullmatch(r"rain_\d+", name) for name in names):
        sequences = numbered_columns(names)
    if not sequences:
        hint = "sequences=..."
        error = ValueError(
            f"the model reads no rain over time; its columns are {listed(names, 5)}. Name those "
            f'of the rain, {hint} such as {{"rain": ["rain_000", "rain_001"]}}, or use predict_map.'
        )
        raise hinting(error, hint)
    groups = resolve_sequences(sequences, n_features=len(names), names=names)
    variables = [variable for group in groups for variable in group.variables]
    if len(variables) != 1:
        raise ValueError(
            f"the model reads {listed(variables)} over time: only rain is known in a map of an "
            "event."
        )
    return [names[position] for position in groups[0].positions[0]]
