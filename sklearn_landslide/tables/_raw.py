"""A table as it was read: columns, where its rows lie, and what its numbers look like."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, plural
from sklearn_landslide.tables._files import check_named, read_frame
from sklearn_landslide.tables._projection import parse_system, system_name
from sklearn_landslide.tables._vector_files import (
    check_exists,
    is_vector,
    read_geoparquet,
    read_vector,
)

_KINDS = ("Point", "MultiPoint", "Polygon", "MultiPolygon")


@dataclass(frozen=True, eq=False)
class RawTable:
    """The columns of one file or of several.

    Parameters
    ----------
    path : pathlib.Path
        The file, for messages.
    frame : DataFrame
        The columns, indexed by the rows as messages call them.
    decimals : dict of str to str
        The decimal mark of each column.
    points : DataFrame of shape (n_rows, 2) or None
        x and y of the shapes, with the index of the frame.
    crs : str or None
        The system of the points.
    """

    path: Path
    frame: pd.DataFrame
    decimals: dict
    points: pd.DataFrame | None = None
    crs: str | None = None


def tidy(frame, path):
    """Leave out empty rows and columns with neither name nor value; refuse doubled names.

    Parameters
    ----------
    frame : DataFrame
        Raw columns.
    path : pathlib.Path
        Their file, for messages.

    Returns
    -------
    frame : DataFrame
    """
    frame = frame.dropna(how="all")
    if frame.empty:
        raise ValueError(f"{path} has a header and no rows.")
    named = np.array([name != "" for name in frame.columns])
    frame = frame.loc[:, named | frame.notna().any().to_numpy()]
    names = [name or f"unnamed_{place}" for place, name in enumerate(frame.columns, start=1)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{path} has more than one column named {listed(repeated)}.")
    return frame.set_axis(names, axis=1)


def _points_of(geometry, path):
    """Return a point of each shape, inside of it: itself, or of a polygon its representative."""
    lacking = (geometry.isna() | geometry.is_empty).to_numpy()
    if lacking.any():
        raise ValueError(
            f"{path} has {plural(lacking.sum(), 'row')} without geometry (first in row "
            f"{geometry.index[lacking][0]}): remove them."
        )
    if strange := sorted(set(geometry.geom_type) - set(_KINDS)):
        raise ValueError(
            f"{path} has shapes of the kind {listed(strange)}: points or polygons are needed."
        )
    shapely = import_optional("shapely", extra="map")
    broken = ~geometry.is_valid
    if broken.any():
        geometry = geometry.where(~broken, shapely.make_valid(geometry.to_numpy()))
    # A point is its own.
    inside = geometry.representative_point()
    points = pd.DataFrame({"x": inside.x, "y": inside.y}, index=geometry.index)
    bad = ~np.isfinite(points).all(axis=1)
    if bad.any():
        raise ValueError(
            f"{path} has {plural(bad.sum(), 'row')} with coordinates that are not numbers (first "
            f"in row {points.index[bad][0]}): correct or remove them."
        )
    return points


def _system_of(frame, crs, path, points):
    """Name the system that a file states, or that was given for it."""
    if frame.crs is not None:
        if crs is not None and parse_system(crs) != frame.crs:
            hint = f"crs={crs!r}"
            stated = system_name(frame.crs)
            raise hinting(ValueError(f"{hint}, but {path} states {stated}: leave it out."), hint)
        return system_name(frame.crs)
    if crs is not None:
        return system_name(parse_system(crs))
    if (points.abs().max().to_numpy() <= (360, 90)).all():
        error = ValueError(
            f"{path} states no CRS, and its coordinates may be degrees: name it, crs=... (EPSG:4326"
            " for longitude and latitude)."
        )
        raise hinting(error, "crs=...")
    return None


def read_raw(path, *, sheet=0, header=True, encoding=None, crs=None, shapes=True, text_columns=()):
    """Read any table, also of GIS.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    sheet : int or str, default=0
        The sheet of Excel, or the layer of shapes.
    header : bool, default=True
        Whether the first row has the names.
    encoding : str, default=None
        That of text; None: as it is found.
    crs : str, int or CRS, default=None
        The system of shapes that state none.
    shapes : bool, default=True
        Whether the rows lie where their shapes do; otherwise shapes are left out.
    text_columns : collection of str, default=()
        Columns whose cells are left as they stand.

    Returns
    -------
    raw : RawTable
    """
    check_exists(path)
    frame = read_vector(path, sheet, encoding) if is_vector(path) else read_geoparquet(path)
    if frame is None:
        frame, decimal = read_frame(path, sheet, text_columns, header=header, encoding=encoding)
        frame = tidy(frame, path)
        if frame.shape[1] < 2:
            raise ValueError(f"{path} is not a table: it has one column ({listed(frame)}).")
        return RawTable(path, frame, dict.fromkeys(frame, decimal))
    check_named(path, header)
    # A DBF has no shapes.
    geometry = getattr(frame, "active_geometry_name", None)
    columns = pd.DataFrame(frame.drop(columns=geometry or []))
    points = system = None
    if geometry is not None and shapes:
        if frame.empty:
            raise ValueError(f"{path} has no rows.")
        points = _points_of(frame.geometry, path)
        system = _system_of(frame, crs, path, points)
    columns = columns.set_axis([str(name).strip() for name in columns], axis=1)
    if columns.empty:
        raise ValueError(f"{path} has no columns beside its shapes.")
    columns = tidy(columns, path)
    points = None if points is None else points.loc[columns.index]
    return RawTable(path, columns, dict.fromkeys(columns, "."), points, system)
