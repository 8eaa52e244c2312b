"""Which coordinates, years or regions belong to the rows that a splitter is given."""

import numpy as np
import pandas as pd
from sklearn.utils.validation import _num_samples

from sklearn_landslide._hints import hinting

_PANDAS = (pd.DataFrame, pd.Series)


def check_coordinates(coordinates, name="coordinates"):
    """Return coordinates as an array, or say what is wrong with them.

    Parameters
    ----------
    coordinates : {array-like, DataFrame} of shape (n_points, 2)
        x and y. Of a frame that has columns named ``x`` and ``y`` these two are taken, in
        this order.
    name : str, default="coordinates"
        What the error calls them.

    Returns
    -------
    coordinates : ndarray of float64 of shape (n_points, 2)
        The points, in meters where a frame says how long its units are.

    Raises
    ------
    ValueError
        If they are not two columns of finite numbers, or there is no point.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.model_selection._side_information import check_coordinates
    >>> check_coordinates(pd.DataFrame({"y": [3.0], "x": [1.0]}))
    array([[1., 3.]])
    """
    meters = _meters_per_unit(coordinates)
    if isinstance(coordinates, pd.DataFrame) and {"x", "y"} <= set(coordinates.columns):
        coordinates = coordinates[["x", "y"]]
    try:
        points = np.asarray(coordinates, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers, x and y in meters.") from None
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(
            f"{name} must have one row per point and the two columns x and y, got shape "
            f"{points.shape}."
        )
    if n_bad := int((~np.isfinite(points)).any(axis=1).sum()):
        raise ValueError(f"{name} has {n_bad} points that are missing or infinite: drop them.")
    return points if meters in (1, None) else points * meters


def _meters_per_unit(coordinates):
    """Length of a unit, as `sample_stack` notes it: None if it has none, 1 if nothing is noted."""
    return getattr(coordinates, "attrs", {}).get("meters_per_unit", 1)


def check_meters(coordinates, length):
    """Raise if coordinates are known to have no meters, where a length is given in meters.

    Parameters
    ----------
    coordinates : {array-like, DataFrame} of shape (n_points, 2)
        A frame of :func:`~sklearn_landslide.mapping.sample_stack` knows its units.
    length : str
        What was given, such as ``buffer=500``.

    Raises
    ------
    ValueError
        If the unit of the coordinates is not a length, or is not the same everywhere.
    """
    if _meters_per_unit(coordinates) is None:
        crs = coordinates.attrs.get("crs", "their CRS")
        error = ValueError(
            f"{length} is in meters, but the coordinates are in {crs}, whose units are not meters: "
            "project them, for instance to UTM."
        )
        raise hinting(error, length)


def perhaps_degrees(points):
    """Ask whether points are degrees, if they may be; an empty text if they cannot.

    Parameters
    ----------
    points : ndarray of float64 of shape (n_points, 2)
        Coordinates.

    Returns
    -------
    text : str
        To be put after a colon.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.model_selection._side_information import perhaps_degrees
    >>> perhaps_degrees(np.array([[715000.0, 9560000.0]]))
    ''
    """
    (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
    if left < -180 or right > 360 or bottom < -90 or top > 90:
        return ""
    return (
        f"the coordinates are {left:.6g} to {right:.6g} and {bottom:.6g} to {top:.6g}; if these "
        "are degrees, project them to meters, for instance to UTM."
    )


def check_group_labels(labels, name):
    """Return one label a row as a 1-D array without missing values, or say what is wrong."""
    values = labels if isinstance(labels, pd.Series) else np.asarray(labels)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"{name} must be one label a row, got shape {values.shape}.")
    if n_missing := int(pd.isna(values).sum()):
        raise ValueError(f"{name} has {n_missing} missing labels: drop or name these rows.")
    return np.asarray(values)


def matching_rows(side, X, name):
    """Find the rows of the side information that belong to the rows of X.

    If both are pandas objects they are matched by the labels of their index, so that a part
    of the table finds its part of the side information. Otherwise they are matched by
    position and must have one length.

    Parameters
    ----------
    side : {array-like, DataFrame, Series} of length n_rows
        Coordinates, regions, years.
    X : {array-like, DataFrame} of length n_samples, or None
        The table that is split, or a part of it. None stands for all rows.
    name : str
        What the error calls the side information.

    Returns
    -------
    rows : ndarray of int of shape (n_samples,)
        Positions in `side`.

    Raises
    ------
    ValueError
        If labels occur twice or are missing, or the lengths differ.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.model_selection._side_information import matching_rows
    >>> years = pd.Series([2001, 2002, 2003], index=["a", "b", "c"])
    >>> matching_rows(years, pd.DataFrame({"slope": [30, 10]}, index=["c", "a"]), "years")
    array([2, 0])
    """
    n_side = _num_samples(side)
    if X is None:
        return np.arange(n_side)
    if isinstance(X, _PANDAS) and isinstance(side, _PANDAS):
        for owner, index in ((name, side.index), ("X", X.index)):
            if not index.is_unique:
                label = index[index.duplicated()].tolist()[0]
                raise ValueError(
                    f"the index of {owner} has the label {label!r} more than once: number the "
                    "rows again before anything is split."
                )
        rows = side.index.get_indexer(X.index)
        if (missing := rows < 0).any():
            label = X.index[missing].tolist()[0]
            raise ValueError(
                f"{missing.sum()} of the {len(X)} labels in the index of X, such as {label!r}, are "
                f"not in the index of {name}: give both the same index."
            )
        return rows
    if _num_samples(X) != n_side:
        raise ValueError(
            f"X has {_num_samples(X)} rows and {name} {n_side}: give both as pandas frames with "
            "the same index, then a part of the rows finds its own."
        )
    return np.arange(n_side)
