"""What is asked of the models: which rows are moved, between which points, in which pairs."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from numbers import Integral

import numpy as np

from sklearn_landslide._categories import categorical_mask, column_names, column_positions
from sklearn_landslide._factor_tables import quantity_values
from sklearn_landslide._frames import as_frame
from sklearn_landslide._words import nearest
from sklearn_landslide.inspection._class_order import similar_first
from sklearn_landslide.inspection._grids import in_order, make_grid


@dataclass(frozen=True, eq=False)
class Questions:
    """All that a worker needs to know of what is wanted.

    Parameters
    ----------
    grids : dict of str to FactorGrid
        The factors.
    pairs : list of (FactorGrid, FactorGrid)
        The pairs.
    label : label
        The one of landslides.
    response : {"log_odds", "probability"}
        What is explained.
    with_means : bool
        Whether partial dependence is wanted.
    """

    grids: dict
    pairs: list
    label: object
    response: str
    with_means: bool


def named_table(X):
    """Return the table as a frame whose columns have texts of their own as names.

    Parameters
    ----------
    X : {ndarray, DataFrame} of shape (n_samples, n_factors)
        The table.

    Returns
    -------
    X : DataFrame of shape (n_samples, n_factors)

    Raises
    ------
    ValueError
        If two columns have one name.
    """
    X = as_frame(X)
    X = X.set_axis([str(name) for name in X.columns], axis=1).reset_index(drop=True)
    if not X.columns.is_unique:
        raise ValueError(f"X has two columns named {X.columns[X.columns.duplicated()][0]!r}.")
    return X


def held_out(splits, n_rows, max_rows, seed):
    """Name the held-out rows of each fold that are moved.

    Parameters
    ----------
    splits : list of (train, test)
        The folds.
    n_rows : int
        Rows of the table.
    max_rows : int or None
        At most so many of them are moved.
    seed : int
        Seed of the draw.

    Returns
    -------
    rows : list of ndarray of int
        One per fold.
    """
    tests = [np.asarray(test) for _, test in splits]
    if max_rows is None or n_rows <= max_rows:
        return tests
    drawn = np.zeros(n_rows, dtype=bool)
    drawn[np.random.default_rng(seed).permutation(n_rows)[:max_rows]] = True
    return [test[drawn[test]] for test in tests]


def class_columns(estimator, X):
    """Say which columns are classes: by their type, and by what the model says of itself.

    Parameters
    ----------
    estimator : classifier
        Unfitted.
    X : DataFrame of shape (n_samples, n_factors)
        The table.

    Returns
    -------
    mask : ndarray of bool, shape (n_factors,)
    """
    mask = categorical_mask(X, "from_dtype")
    # Of a search, or a model with a threshold, what it is over.
    inner = getattr(estimator, "estimator", estimator)
    steps = [step for _, step in getattr(inner, "steps", [("model", inner)])]
    for step in steps:
        said = getattr(step, "categorical_features", None)
        if said is not None and not isinstance(said, str):
            return mask | categorical_mask(X, said)
    return mask


def wanted_factors(X, factors):
    """Return the names of the factors, and those of which there is nothing to move.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_factors)
        The table.
    factors : list of str or int, or None
        Those that are wanted. None: all.

    Returns
    -------
    names : list of str
        Those with values.
    skipped : dict of str to str
        Those without, and the reason.

    Raises
    ------
    ValueError
        For unknown ones, or if none is left.
    """
    if factors is None:
        names = list(X.columns)
    else:
        names = column_names(X)
        places = column_positions(factors, n_features=X.shape[1], names=names, parameter="factors")
        names = [names[place] for place in places]
    skipped = {name: "it has no value in any row" for name in names if X[name].isna().all()}
    names = [name for name in names if name not in skipped]
    if not names:
        raise ValueError("there is no factor to look at: factors names none with values.")
    return names, skipped


def factor_grids(X, is_class, names, n_intervals):
    """Make the grids of factors; classes are put side by side by all columns of the table.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_factors)
        The table.
    is_class : ndarray of bool, shape (n_factors,)
        Which columns are classes.
    names : list of str
        The factors.
    n_intervals : int
        At most so many intervals of a quantity.

    Returns
    -------
    grids : dict of str to FactorGrid
    """
    by_column = dict(zip(X.columns, is_class, strict=True))
    grids = {name: make_grid(X[name], by_column[name], n_intervals) for name in names}
    unordered = [n for n, grid in grids.items() if not grid.is_quantity and len(grid.points) > 2]
    if not unordered:
        return grids
    places = {}
    for name in X.columns:
        values = None if by_column[name] else quantity_values(X[name])
        if values is None and not X[name].isna().all():
            grid = grids.get(name) or make_grid(X[name], True, n_intervals)
            places[name] = grid.places
        elif values is not None:
            places[name] = values
    for name in unordered:
        others = [values for other, values in places.items() if other != name]
        grid = grids[name]
        grids[name] = in_order(grid, similar_first(grid.places, len(grid.points), others))
    return grids


def pair_grids(X, is_class, grids, interactions, n_intervals):
    """Make the grids of all pairs that are measured.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_factors)
        The table.
    is_class : ndarray of bool, shape (n_factors,)
        Which columns are classes.
    grids : dict of str to FactorGrid
        The factors.
    interactions : int or list of pair of str
        0: none; another number: all pairs; or the pairs.
    n_intervals : int
        At most so many intervals of a quantity.

    Returns
    -------
    pairs : list of (FactorGrid, FactorGrid)
        Those that have rows with both.

    Raises
    ------
    ValueError
        For anything else.
    """
    if isinstance(interactions, Integral) and not isinstance(interactions, bool):
        if interactions < 0:
            raise ValueError(f"interactions must be at least 0, got {interactions}.")
        named = list(combinations(grids, 2)) if interactions else []
    elif isinstance(interactions, str | Mapping | bool) or interactions is None:
        raise ValueError(f"interactions must be a number or a list of pairs, got {interactions!r}.")
    else:
        named = [_pair_of(pair, list(grids)) for pair in interactions]
    by_column = dict(zip(X.columns, is_class, strict=True))
    coarse = {}
    for name in dict.fromkeys(name for pair in named for name in pair):
        grid = grids[name]
        coarse[name] = grid
        if grid.is_quantity:
            coarse[name] = make_grid(X[name], by_column[name], n_intervals)
    return [
        (coarse[first], coarse[second])
        for first, second in named
        if ((coarse[first].places >= 0) & (coarse[second].places >= 0)).any()
        and min(coarse[first].n_intervals, coarse[second].n_intervals) > 0
    ]


def _pair_of(pair, names):
    """Return two different factors by name."""
    pair = tuple(map(str, pair)) if isinstance(pair, list | tuple) else (str(pair),)
    if len(pair) != 2 or pair[0] == pair[1]:
        raise ValueError(f"interactions names {pair!r}: give pairs of two different factors.")
    for name in pair:
        if name not in names:
            raise ValueError(f"interactions names {name!r}, no factor here.{nearest(name, names)}")
    return pair
