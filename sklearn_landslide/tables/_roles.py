"""What columns are for: names that are checked, and those that are kept apart from the factors."""

import numpy as np
import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._words import listed, nearest, plural
from sklearn_landslide.tables._columns import as_category, as_number
from sklearn_landslide.tables._header import names_like_values


def as_names(names):
    """List column names; one name alone is a list of one."""
    if names is None:
        return []
    return [names] if isinstance(names, str) else [str(name) for name in names]


def check_roles(names, path, *, target, categorical, coordinates, strata, weights, groups, drop):
    """Check that every name given is a column, and that a column has one role.

    Only a stratum may have two: it may be a category, or the groups, too.
    """
    if target not in names:
        like_values = (
            " These look like values: write names into a first row of the file, or say that it has "
            "none, header=False."
        )
        error = ValueError(
            f"{path} has no target column {target!r}.{nearest(target, names)} "
            f"Its columns are {listed(names)}.{like_values * bool(names_like_values(names))}"
        )
        raise hinting(error, "header=False")
    if coordinates and (len(coordinates) != 2 or len(set(coordinates)) != 2):
        raise ValueError(f"Coordinates are two columns, x and y; got {listed(coordinates)}.")
    taken = {target: "the target"}
    both = set(strata) & {*categorical, *groups}
    roles = {
        "categorical": [name for name in categorical if name not in both],
        "a stratum": [name for name in strata if name not in groups],
        "a coordinate": coordinates,
        "the weights": weights,
        "the groups": groups,
        "dropped": drop,
    }
    for role, members in roles.items():
        for name in dict.fromkeys(members):
            if name not in names:
                raise ValueError(
                    f"{path} has no column {name!r}, named as {role}.{nearest(name, names)} "
                    f"Its columns are {listed(names)}."
                )
            if name in taken:
                raise ValueError(f"Column {name!r} cannot be both {taken[name]} and {role}.")
            taken[name] = role


def as_strata(frame):
    strata = pd.DataFrame({name: as_category(column) for name, column in frame.items()})
    for name, missing in strata.isna().items():
        if missing.any():
            raise ValueError(
                f"The stratum {name!r} is missing in {plural(missing.sum(), 'row')} "
                f"(first in row {frame.index[missing][0]})."
            )
    return strata.reset_index(drop=True)


def as_weights(column, decimal):
    """Read what the rows weigh."""
    weights = as_number(column, decimal).to_numpy(dtype=float)
    for what, faulty in (("missing", np.isnan(weights)), ("negative", weights < 0)):
        if faulty.any():
            raise ValueError(
                f"The weight {column.name!r} is {what} in {plural(faulty.sum(), 'row')} (first in "
                f"row {column.index[faulty][0]}): give a number, or 0 to leave the row out."
            )
    if not weights.any():
        raise ValueError(f"The weight {column.name!r} is zero in all rows.")
    return weights


def as_groups(column):
    """Read which rows belong together, such as the cells of one landslide.

    Parameters
    ----------
    column : Series
        The raw column.

    Returns
    -------
    groups : ndarray of shape (n_samples,)
        Codes of one type.
    """
    groups = as_category(column)
    missing = groups.isna()
    if missing.any():
        raise ValueError(
            f"The group {column.name!r} is missing in {plural(missing.sum(), 'row')} (first in row "
            f"{column.index[missing][0]}): give each row one; a row alone has one of its own."
        )
    return np.asarray(groups)


def no_factors(target, on, roles, frame):
    """Name the columns that are not factors.

    Parameters
    ----------
    target : str
        The column of labels.
    on : sequence of str
        The columns by which files were joined.
    roles : dict of str to list of str
        The names of each role.
    frame : DataFrame
        The columns.

    Returns
    -------
    names : list of str
    """
    apart = [name for name in roles["strata"] if name not in roles["categorical"]]
    others = [name for role in ("coordinates", "weights", "groups", "drop") for name in roles[role]]
    ids = [name for name in on[:1] if name in frame]
    return list(dict.fromkeys([target, *others, *apart, *ids]))
