"""What is read from one source of rain, before it is brought into one form."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional


@dataclass(frozen=True, eq=False)
class RainPart:
    """Rain as a file holds it.

    Parameters
    ----------
    values : dask array of shape (n_times, n_rows, n_columns)
        In the unit of the file, NaN for its own nodata.
    x, y : ndarray of shape (n_columns,) and (n_rows,)
        Centers of the cells in the order of the file.
    times : DatetimeIndex
        The time stamps, naive, as the file has them or in UTC.
    bounds : ndarray of shape (n_times, 2) or None
        Begin and end of what each value stands for, where the file says so.
    zone : str or None
        The time zone that the file states; the times are in UTC then.
    crs : rasterio.crs.CRS or None
        The coordinate reference system.
    facts : dict of str to str
        ``units``, ``standard_name``, ``cell_methods``, ``label`` where known.
    where : str
        What to call it in messages.
    """

    values: Any
    x: np.ndarray
    y: np.ndarray
    times: pd.DatetimeIndex
    bounds: Any
    zone: Any
    crs: Any
    facts: dict
    where: str


def asking(message, *hints):
    """Make the error that asks for what a file does not say."""
    return hinting(ValueError(message), *hints)


def _check_alike(first, other):
    """Raise if two files of one source do not fit together."""
    for name, one, two in (
        ("x", first.x, other.x),
        ("y", first.y, other.y),
    ):
        if one.shape != two.shape or not np.allclose(one, two, rtol=1e-6, atol=0):
            raise ValueError(
                f"{other.where} has other {name} than {first.where}: bring them on one grid first."
            )
    for name in sorted({*first.facts, *other.facts}):
        one, two = first.facts.get(name), other.facts.get(name)
        if one != two:
            raise ValueError(
                f"{other.where} has the {name} {two!r}, and {first.where} has {one!r}: open them "
                "one by one."
            )
    if (first.bounds is None) != (other.bounds is None) or first.zone != other.zone:
        raise ValueError(
            f"{other.where} states bounds or a time zone and {first.where} does not, or the other "
            "way round: open them one by one."
        )


def joined(parts):
    """Join the files of one source along time.

    Parameters
    ----------
    parts : list of RainPart
        In any order of time.

    Returns
    -------
    part : RainPart
    """
    if len(parts) == 1:
        return parts[0]
    dask = import_optional("dask.array", extra="map")
    first = parts[0]
    for other in parts[1:]:
        _check_alike(first, other)
    times = pd.DatetimeIndex(np.concatenate([part.times.to_numpy() for part in parts]))
    bounds = None if first.bounds is None else np.concatenate([part.bounds for part in parts])
    values = dask.concatenate([part.values for part in parts])
    where = f"{first.where} and {len(parts) - 1} more"
    return RainPart(
        values, first.x, first.y, times, bounds, first.zone, first.crs, first.facts, where
    )
