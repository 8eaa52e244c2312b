"""Bring a raster on the cells of another, window by window."""

from collections.abc import Mapping

import numpy as np

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.mapping._rasters._grids import same_crs

# Resampling methods that make no new values, and so may be used on class codes.
_FOR_CODES = ("nearest", "mode")
# Widest kernel of the methods, in source cells.
_REACH = 4
_EDGE = np.linspace(0, 1, 9)
# Side of the tiles that are resampled one by one, counted from the upper left corner. GDAL's
# rounding depends on where a tile begins, so it is the same whatever the windows.
_TILE = 512


def resampling_methods(names, align, resampling, categorical):
    """Return the resampling method of each factor, None where none is given."""
    if align is None:
        if resampling is not None:
            hint = f"resampling={resampling!r}"
            error = ValueError(
                f"{hint} is used where grids are aligned: name the factor whose grid counts as "
                "align=..."
            )
            raise hinting(error, hint, "align=...")
        return {}
    if align not in names:
        hint = f"align={align!r}"
        error = ValueError(
            f"{hint} is not a factor.{nearest(align, names)} They are {listed(names)}."
        )
        raise hinting(error, hint)
    known = [method.name for method in import_optional("rasterio.enums", extra="map").Resampling]
    known.remove("gauss")  # for overviews only
    given = resampling if isinstance(resampling, Mapping) else {}
    if unknown := [name for name in given if name not in names]:
        raise ValueError(f"resampling names {listed(unknown)}; the factors are {listed(names)}.")
    methods = {}
    for name in names:
        codes = name in categorical
        common = "nearest" if codes else None if given else resampling
        methods[name] = method = given.get(name, common)
        hint = f"resampling={method!r}"
        if method is not None and method not in known:
            error = ValueError(f"{hint} is not a resampling method; there are {listed(known)}.")
            raise hinting(error, hint)
        if codes and method not in _FOR_CODES:
            error = ValueError(
                f"{hint} would make new codes of the categorical factor {name!r}: "
                "use 'nearest' or 'mode'."
            )
            raise hinting(error, hint)
    return methods


def source_window(rows, columns, source, target):
    """Rows and columns of the source that a window of the target needs, or None.

    Parameters
    ----------
    rows, columns : tuple of (int, int)
        First row and column of the window, and those after its last.
    source, target : Grid
        Where the values lie, and where they are wanted.

    Returns
    -------
    window : tuple of (slice, slice), or None
        With the margin that the widest kernel needs; None where the source has no cell.
    """
    warp = import_optional("rasterio.warp", extra="map")
    down, across = np.meshgrid(_EDGE, _EDGE, indexing="ij")
    row = rows[0] + down.ravel() * (rows[1] - rows[0])
    column = columns[0] + across.ravel() * (columns[1] - columns[0])
    x, y = target.to_xy(row, column)
    if not same_crs(source.crs, target.crs):
        x, y = warp.transform(target.crs, source.crs, x, y)
    places = np.array(source.to_row_column(x, y))
    places = places[:, np.isfinite(places).all(axis=0)]
    window = []
    for place, size, wanted in zip(
        places, (source.height, source.width), (rows, columns), strict=True
    ):
        if not len(place):
            return None
        step = max(1.0, np.ptp(place) / (wanted[1] - wanted[0]))
        reach = int(np.ceil(_REACH * step)) + 1
        start = max(0, int(np.floor(place.min())) - reach)
        stop = min(size, int(np.ceil(place.max())) + reach)
        if start >= stop:
            return None
        window.append(slice(start, stop))
    return tuple(window)


def _warp_window(values, source, target, method):
    """Resample one window; NaN is nodata on both sides."""
    warp = import_optional("rasterio.warp", extra="map")
    resampling = import_optional("rasterio.enums", extra="map").Resampling[method]
    out = np.full((target.height, target.width), np.nan, dtype=values.dtype)
    warp.reproject(
        np.ascontiguousarray(values),
        out,
        src_transform=source.transform,
        src_crs=source.crs,
        src_nodata=np.nan,
        dst_transform=target.transform,
        dst_crs=target.crs,
        dst_nodata=np.nan,
        resampling=resampling,
    )
    return out


def _nearest_window(values, first, source, rows, columns, target):
    """Take the value of the cell that holds each center, whose place is computed exactly.

    GDAL interpolates places, by up to an eighth of a cell, which is another code near the border
    of a class.
    """
    warp = import_optional("rasterio.warp", extra="map")
    row, column = np.meshgrid(np.arange(*rows), np.arange(*columns), indexing="ij")
    x, y = target.centers(row.ravel(), column.ravel())
    if not same_crs(source.crs, target.crs):
        x, y = np.array(warp.transform(target.crs, source.crs, x, y))
    row_of, column_of = source.cells(x, y)
    row_of, column_of = row_of - first[0], column_of - first[1]
    seen = (row_of >= 0) & (row_of < values.shape[0])
    seen &= (column_of >= 0) & (column_of < values.shape[1])
    out = np.full(row.size, np.nan, dtype=values.dtype)
    out[seen] = values[row_of[seen], column_of[seen]]
    return out.reshape(row.shape)


def align_array(data, source, target, method, chunks):
    """Resample a raster to another grid, lazily.

    Parameters
    ----------
    data : dask array of shape (source.height, source.width), float
        The values; NaN is nodata.
    source, target : Grid
        Where the values lie, and where they are wanted.
    method : str
        Name of a resampling method of GDAL.
    chunks : int
        Side of the windows, in cells.

    Returns
    -------
    aligned : dask array of shape (target.height, target.width)
        NaN where the source has no value. The values do not depend on `chunks`.
    """
    array = import_optional("dask.array", extra="map")
    delayed = import_optional("dask", extra="map").delayed
    blocks = []
    for row in range(0, target.height, _TILE):
        rows = (row, min(row + _TILE, target.height))
        line = []
        for column in range(0, target.width, _TILE):
            columns = (column, min(column + _TILE, target.width))
            shape = (rows[1] - rows[0], columns[1] - columns[0])
            window = source_window(rows, columns, source, target)
            if window is None:
                line.append(array.full(shape, np.nan, dtype=data.dtype))
                continue
            first, last = zip(*((side.start, side.stop) for side in window), strict=True)
            if method == "nearest":
                values = delayed(_nearest_window)(
                    data[window], first, source, rows, columns, target
                )
            else:
                part = target.window((rows[0], columns[0]), (rows[1], columns[1]))
                values = delayed(_warp_window)(
                    data[window], source.window(first, last), part, method
                )
            line.append(array.from_delayed(values, shape, dtype=data.dtype))
        blocks.append(line)
    return array.block(blocks).rechunk(chunks)
