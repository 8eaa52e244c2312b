"""A stack of factors in one file, with all that is known of them."""

from pathlib import Path

import numpy as np
from sklearn.utils._param_validation import validate_params

from sklearn_landslide._optional import import_optional
from sklearn_landslide._version import __version__
from sklearn_landslide.mapping._prediction._map_bands import as_bands, dtype_of
from sklearn_landslide.mapping._prediction._write import write_bands
from sklearn_landslide.mapping._rasters._bands import as_float
from sklearn_landslide.mapping._rasters._check_stack import check_stack
from sklearn_landslide.mapping._rasters._facts import (
    class_names_of,
    facts_of,
    tag_of_stack,
    tags_of_facts,
)
from sklearn_landslide.mapping._rasters._ground import RANGE, noted_range


def _check_names(names):
    """Refuse names that a file would not give back."""
    for name in names:
        if not isinstance(name, str) or not name.isprintable() or name != name.strip() or not name:
            raise ValueError(
                f"the factor {name!r} cannot be named so in a file: rename it to a printable text "
                "without spaces around."
            )


def _with_nan(array):
    """Return a factor whose missing values are NaN, as the file's are."""
    nodata = array.rio.nodata
    xarray = import_optional("xarray", extra="map")
    data = array.chunk().data if array.chunks is None else array.data
    values = as_float(data)
    if nodata is not None and not np.isnan(nodata):
        values = import_optional("dask.array", extra="map").where(data == nodata, np.nan, values)
    kept = {key: value for key, value in array.attrs.items() if key != "_FillValue"}
    found = xarray.DataArray(values, array.coords, array.dims, array.name, kept)
    return found.rio.write_nodata(np.nan)


@validate_params(
    {
        "overwrite": ["boolean"],
        "resume": ["boolean"],
        "progress": ["boolean", callable, None],
    },
    prefer_skip_nested_validation=True,
)
def write_stack(stack, path, *, overwrite=False, resume=False, progress=None):
    """Write a stack of factors as one file, from which :func:`open_stack` restores it unchanged.

    A tiled GeoTIFF with one band per factor, stored one after the other, and overviews. It is
    written window by window: lazy factors are computed as they are written, and the file gets its
    name only when it is complete. The metadata of each factor are kept: its name is the
    description of the band, ``units`` its unit, and ``long_name``, ``method``, ``categorical``,
    ``class_names`` and the plausible range are tags of the band. The attributes of the stack
    itself are a tag of the file.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors, as :func:`open_stack` returns them.
    path : str or path-like
        The file, such as ``factors.tif``; its folder must exist.
    overwrite : bool, default=False
        Whether an existing file is replaced once the new one is complete.
    resume : bool, default=False
        Whether to continue from the finished windows of a run that was killed, as in
        :func:`write_map`.
    progress : bool or callable, default=None
        True shows a progress bar. A function is called with the number of finished windows and of
        all windows.

    Returns
    -------
    path : pathlib.Path
        The file.

    Raises
    ------
    TypeError
        If `stack` is not a Dataset.
    ValueError
        If the file exists or its folder does not, names of factors or of classes or an attribute
        of the stack cannot be kept in a file, or the stack has no CRS.
    OSError
        If the file cannot be written, mostly because the disk is full. Nothing remains that looks
        finished.

    See Also
    --------
    open_stack : Opens the file.

    Notes
    -----
    Tags hold JSON in ASCII, so that any character of a name is kept. Attributes of the stack that
    are strings, numbers, booleans, lists or dicts with string keys are restored unchanged, and
    tuples as lists. All bands have one type: float64 if one of them needs it, else float32.

    The file is not a Cloud-Optimized GeoTIFF, because GDAL stores all bands of a tile together in
    those: with 26 factors, opening one took 2.4 GB more memory and 8 times as long.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np, xarray as xr
    >>> from sklearn_landslide.mapping import open_stack, write_stack
    >>> cells = {"y": [35.0, 25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    >>> rock = xr.DataArray(np.ones((4, 3)), cells, attrs={"class_names": {1: "marl"}})
    >>> stack = open_stack({"rock": rock}, crs="EPSG:32717")
    >>> with TemporaryDirectory() as folder:
    ...     path = write_stack(stack, Path(folder, "factors.tif"))
    ...     open_stack(path)["rock"].attrs
    {'categorical': True, 'class_names': {1: 'marl'}}
    """
    stack = check_stack(stack)
    _check_names(stack)
    facts = []
    for name in stack:
        # Said as an error here, where a file that is read says it as a warning.
        class_names_of(stack[name])
        known = facts_of(stack[name].attrs, repr(name))
        unit = known.get("units", "")
        if (noted := noted_range(stack[name])) is not None:
            known[RANGE] = list(noted)
        facts.append((unit if unit.isprintable() else "", tags_of_facts(known)))
    tags = {"software": f"sklearn-landslide {__version__}"} | tag_of_stack(stack.attrs)
    arrays = {name: _with_nan(stack[name]) for name in stack}
    arrays = {name: array.rio.write_crs(stack.rio.crs) for name, array in arrays.items()}
    bands = as_bands(arrays)
    is_class = any("categorical" in tags_of for _, tags_of in facts)
    return write_bands(
        bands,
        Path(path),
        dtype=dtype_of(bands),
        nodata=np.nan,
        tags=tags,
        # A mean of codes would be another code.
        overviews="nearest" if is_class else "average",
        overwrite=overwrite,
        resume=resume,
        progress=progress,
        facts=facts,
        by_band=True,
    )
