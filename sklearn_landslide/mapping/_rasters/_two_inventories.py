"""Landslides in one file and places without a landslide in another, as one inventory."""

import os

import numpy as np
import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._rasters._grids import parse_crs, same_crs
from sklearn_landslide.mapping._rasters._inventory import load_inventory

_PATHS = (str, os.PathLike)


def two_inventories(landslides, absence_points, *, coordinates=("x", "y"), crs=None):
    """Put landslides and places without a landslide into one inventory.

    Parameters
    ----------
    landslides, absence_points : str, path-like, GeoDataFrame or DataFrame
        Two inventories, as of :func:`~sklearn_landslide.mapping.sample_stack`.
    coordinates : sequence of str, default=("x", "y")
        The two columns with x and y, of tables.
    crs : str, int or CRS, default=None
        The system of what states none.

    Returns
    -------
    inventory : GeoDataFrame
        With a column ``landslide``, in the system of `landslides`. Its ``attrs["files"]`` are the
        files, if both are.

    Raises
    ------
    ValueError
        If one of them cannot be read, or one states a system and the other does not.
    """
    geopandas = import_optional("geopandas", extra="map")
    shapes = []
    for points in (landslides, absence_points):
        frame, where, _ = load_inventory(points, list(coordinates))
        found = frame.geometry
        if found.crs is None and crs is not None:
            found = found.set_crs(parse_crs(crs).to_wkt())
        shapes.append((found, where))
    (one, one_where), (other, other_where) = shapes
    if (one.crs is None) != (other.crs is None):
        which = one_where if one.crs is None else other_where
        error = ValueError(f"{which} states no CRS, and the other file does: name it, crs=...")
        raise hinting(error, "crs=...")
    if one.crs is not None and not same_crs(parse_crs(one.crs), parse_crs(other.crs)):
        other = other.to_crs(one.crs)
    geometry = pd.concat([one, other], ignore_index=True)
    labels = np.repeat([1, 0], [len(one), len(other)])
    both = geopandas.GeoDataFrame({"landslide": labels}, geometry=geometry, crs=one.crs)
    files = [points for points in (landslides, absence_points) if isinstance(points, _PATHS)]
    if len(files) == 2:
        both.attrs = {"files": [os.fspath(file) for file in files]}
    return both
