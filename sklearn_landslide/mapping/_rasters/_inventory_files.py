"""Files that hold an inventory: shapes of many formats, packed or not, and tables."""

import os
from pathlib import Path

from sklearn_landslide.tables import (
    check_exists,
    is_vector,
    read_frame,
    read_geoparquet,
    read_vector,
)


def read_inventory_file(points):
    """Read a file of shapes, or a table.

    Parameters
    ----------
    points : str or path-like
        GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GML, KML, KMZ or GeoParquet; a ZIP file with
        one of these; or a table that :func:`~sklearn_landslide.tables.read_table` reads.

    Returns
    -------
    frame : GeoDataFrame or DataFrame
        The rows.
    decimal : str
        The decimal sign of a table.
    where : str
        What to call the file.
    """
    if not isinstance(points, str | os.PathLike):
        raise TypeError(
            f"an inventory is a file, a GeoDataFrame or a DataFrame, got {type(points).__name__}."
        )
    path = Path(points)
    check_exists(path)
    # Of several layers none can be named.
    is_shapes = is_vector(path) or path.suffix.lower() == ".zip"
    frame = read_vector(path, None) if is_shapes else read_geoparquet(path)
    if frame is not None:
        return frame.reset_index(drop=True), ".", str(path)
    frame, decimal = read_frame(path, 0)
    return frame.dropna(how="all"), decimal, str(path)
