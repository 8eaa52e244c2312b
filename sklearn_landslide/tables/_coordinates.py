"""Where the rows of a table lie, in meters."""

import warnings

import numpy as np
import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._words import listed, plural
from sklearn_landslide.tables._columns import as_number
from sklearn_landslide.tables._projection import DEGREES, system_of_names, to_meters

# A region around the origin of a system of its own has places below this number, too.
_FAR = 10_000


def _check_one_unit(given, index):
    """Refuse degrees in some rows and meters in the others, as two files may have them."""
    sizes = np.abs(given.to_numpy())
    like_degrees = (sizes <= (360, 90)).all(axis=1)
    if like_degrees.all() or not like_degrees.any() or (sizes[~like_degrees] < _FAR).any():
        return
    raise ValueError(
        f"The coordinates {listed(given)} are below 360 and 90 in "
        f"{plural(like_degrees.sum(), 'row')} (first in row {index[like_degrees][0]}), as degrees "
        f"are, and above {_FAR} in all others, as meters are: bring all into one system."
    )


def _of_columns(raw, names, crs):
    """Read two columns of coordinates."""
    columns = {name: as_number(raw.frame[name], raw.decimals[name]) for name in names}
    given = pd.DataFrame({name: column.to_numpy(float) for name, column in columns.items()})
    missing = given.isna().any(axis=1).to_numpy()
    if missing.any():
        raise ValueError(
            f"The coordinates {listed(names)} are missing in {plural(missing.sum(), 'row')} "
            f"(first in row {raw.frame.index[missing][0]})."
        )
    _check_one_unit(given, raw.frame.index)
    return given, crs or system_of_names(names, given.to_numpy())


def located(raw, names, crs, to_crs):
    """Find where the rows lie.

    Parameters
    ----------
    raw : RawTable
        The table, with points if it is of shapes.
    names : sequence of str
        The columns of coordinates; none for those of shapes.
    crs : str, int, CRS or None
        Their system, if the file does not state it.
    to_crs : str, int, CRS or None
        The system to bring them into.

    Returns
    -------
    points : DataFrame of shape (n_samples, 2) or None
        Columns x and y, in meters if their system is known; ``attrs`` says if it is known and
        they are not.
    crs : str or None
        Their system.
    given : DataFrame of shape (n_samples, 2) or None
        As they were read.
    """
    if names:
        given, system = _of_columns(raw, names, crs)
    elif raw.points is not None:
        given, system = raw.points.loc[raw.frame.index].reset_index(drop=True), raw.crs
    else:
        for name, value in (("crs", crs), ("to_crs", to_crs)):
            if value is not None:
                hint = f"{name}={value!r}"
                error = ValueError(
                    f"{hint} is of coordinates, and {raw.path} has none that are named: "
                    "coordinates=..."
                )
                raise hinting(error, hint, "coordinates=...")
        return None, None, None
    points = given.set_axis(["x", "y"], axis=1)
    if system is None:
        if to_crs is not None:
            hint = f"to_crs={to_crs!r}"
            error = ValueError(
                f"{hint} needs the CRS that the coordinates {listed(given)} are in: name it, "
                "crs=..."
            )
            raise hinting(error, hint, "crs=...")
        return points, None, given
    try:
        moved, now = to_meters(points.to_numpy(), system, to_crs, str(raw.path))
    except ImportError:
        # What only the names said is no reason to fail where no distance is asked for.
        if crs is not None or not names:
            raise
        points.attrs = {"crs": DEGREES, "meters_per_unit": None}
        return points, DEGREES, given
    if names and crs is None:
        warnings.warn(
            f"the coordinates {listed(names)} are read as degrees, by their names, and distances "
            f"are measured in {now if len(now) < 20 else 'meters'}.",
            stacklevel=3,
        )
    return pd.DataFrame(np.asarray(moved), columns=["x", "y"]), now, given
