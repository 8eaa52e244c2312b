"""Which columns of a table share one contribution: single factors, series, and what is named."""

from collections.abc import Mapping

from sklearn_landslide._categories import column_positions
from sklearn_landslide._sequences import resolve_sequences


def players_of(frame, sequences=None, together=None):
    """Divide the columns of a table among those to whom a prediction is owed.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n_rows, n_columns)
        The factors.
    sequences : dict or None, default=None
        Columns of each variable over time, as in :func:`make_landslide_pipeline`. Each variable
        is one.
    together : dict of str to list of str, default=None
        Further columns that are one, by the name of the whole. They may hold whole series.

    Returns
    -------
    players : dict of str to list of int
        Positions of the columns of each, in the order of their first columns.

    Raises
    ------
    ValueError
        If `together` names a column that is not there, or one twice, or a part of a series, or a
        name is that of another factor.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.inspection._players import players_of
    >>> table = pd.DataFrame(columns=["rain_0", "slope", "rain_1", "twi"])
    >>> players_of(table, {"rain": ["rain_0", "rain_1"]}, {"terrain": ["slope", "twi"]})
    {'rain': [0, 2], 'terrain': [1, 3]}
    """
    names = [str(name) for name in frame.columns]
    n_columns = len(names)
    wholes = {}
    for group in resolve_sequences(sequences, n_features=n_columns, names=names):
        for variable, positions in zip(group.variables, group.positions, strict=True):
            # Two groups may both measure rain.
            name = variable if variable not in wholes else f"{group.name} {variable}"
            wholes[name] = positions.tolist()
    for name, positions in _named(together, names).items():
        wanted = set(positions)
        for series, columns in list(wholes.items()):
            if wanted.isdisjoint(columns):
                continue
            if not wanted.issuperset(columns):
                raise ValueError(
                    f"together[{name!r}] holds {len(wanted.intersection(columns))} of the "
                    f"{len(columns)} columns of {series!r}: name all of them or none."
                )
            del wholes[series]
        wholes[name] = positions
    taken = {position for positions in wholes.values() for position in positions}
    players = wholes | {names[j]: [j] for j in range(n_columns) if j not in taken}
    if sum(map(len, players.values())) != n_columns:
        twice = next(name for name in wholes if name in names and names.index(name) not in taken)
        raise ValueError(f"{twice!r} is a column of its own, too: give the whole another name.")
    return dict(sorted(players.items(), key=lambda player: min(player[1])))


def _named(together, names):
    """Positions of the columns of each whole that the caller named."""
    if together is None:
        return {}
    if not isinstance(together, Mapping):
        raise ValueError(
            f"together must be a dict of column lists by name, got {type(together).__name__}: "
            'write {"terrain": ["slope", "aspect"]}.'
        )
    found, owner = {}, {}
    for name, columns in together.items():
        label = f"together[{name!r}]"
        positions = column_positions(
            list(columns), n_features=len(names), names=names, parameter=label
        )
        if not positions:
            raise ValueError(f"{label} lists no column: name at least one.")
        for position in positions:
            if position in owner:
                raise ValueError(
                    f"{label} holds {names[position]!r}, which {owner[position]} holds too: "
                    "a column belongs to one whole."
                )
            owner[position] = label
        found[str(name)] = positions
    return found
