"""The area of applicability on a stack of rasters, window by window."""

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._prediction._pixel_rows import factor_names, pixel_rows
from sklearn_landslide.mapping._rasters._check_stack import check_stack
from sklearn_landslide.mapping._rasters._codes import stack_tables

NODATA = 255


def _window(*bands, rows, area):
    """Dissimilarity of the pixels of a window that have all factors, NaN elsewhere."""
    found = np.full(bands[0].shape, np.nan, dtype=np.float32)
    valid = rows.valid(bands)
    if valid.any():
        found[valid] = area.dissimilarity(rows.frame(bands, valid))
    return found


def map_applicability(area, stack, *, categories, window):
    """Map a fitted area of applicability.

    Parameters
    ----------
    area : AreaOfApplicability
        Fitted on a frame.
    stack : xarray.Dataset
        One variable per factor with the dimensions y and x.
    categories : dict of str to dict, or None
        By factor, what the numbers in the raster stand for.
    window : int
        Rows and columns of a window.

    Returns
    -------
    maps : xarray.Dataset
        Lazy: ``dissimilarity`` (float32) and ``inside`` (uint8).
    """
    xarray = import_optional("xarray", extra="map")
    names = factor_names(area)
    stack = check_stack(stack, names)
    layers = [stack[name] for name in names]
    given = dict(categories or {})
    if unknown := [name for name in given if name not in area.categories_]:
        raise ValueError(f"categories names {unknown[0]!r}, which is not a categorical factor.")
    tables = stack_tables(area.categories_, stack, given)
    rows = pixel_rows(names, tables, stack, area.ranges_)
    dissimilarity = xarray.apply_ufunc(
        _window,
        *(layer.chunk({"y": window, "x": window}) for layer in layers),
        kwargs={"rows": rows, "area": area},
        dask="parallelized",
        output_dtypes=[np.float32],
        # Among them those of the coordinate that holds the CRS, which older versions drop.
        keep_attrs=True,
    )
    dissimilarity.attrs = {"long_name": "dissimilarity index", "units": "1"}
    dissimilarity = dissimilarity.rename("dissimilarity").rio.write_nodata(np.nan)
    inside = inside_of(dissimilarity, area.threshold_)
    return xarray.Dataset({"dissimilarity": dissimilarity, "inside": inside})


def inside_of(dissimilarity, threshold):
    """Say of each cell whether it is inside the area of applicability.

    Parameters
    ----------
    dissimilarity : xarray.DataArray of shape (rows, columns), float32
        To the training places; NaN is nodata.
    threshold : float
        The largest dissimilarity inside.

    Returns
    -------
    inside : xarray.DataArray of shape (rows, columns), uint8
        1 inside, 0 outside, 255 for nodata.
    """
    # Rounded in the same way, so that no training place falls out.
    inside = dissimilarity <= np.float32(threshold)
    inside = inside.where(dissimilarity.notnull(), NODATA).astype(np.uint8).rename("inside")
    inside.attrs = {"long_name": "inside the area of applicability", "units": "1 inside, 0 outside"}
    inside.encoding = {}
    return inside.rio.write_nodata(NODATA)
