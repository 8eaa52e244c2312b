"""From files and xarray objects to bands: lazy values with NaN for nodata, and their grid."""

import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_landslide._nodata import LARGEST, mask_nodata
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.mapping._rasters._facts import (
    CLASS_NAMES,
    facts_of,
    facts_of_tags,
    range_of_tags,
    stack_of_tags,
)
from sklearn_landslide.mapping._rasters._foreign_names import foreign_class_names
from sklearn_landslide.mapping._rasters._grids import Grid, grid_of
from sklearn_landslide.mapping._rasters._ground import noted_range

# Above this a file of a few bytes would fill memory with its list of windows and coordinates.
_MOST_WINDOWS = 1_000_000
_LONGEST_SIDE = 10_000_000


@dataclass
class Band:
    """One raster.

    Parameters
    ----------
    name : str or None
        What its file calls it.
    values : dask array of shape (grid.height, grid.width), float
        NaN is nodata.
    grid : Grid
        Where the cells lie.
    where : str
        The file or object it comes from, for messages.
    scale, offset : float, default=1, 0
        What the values are multiplied by, and what is then added, to become quantities.
    noted_range : tuple of (float, float), or None, default=None
        Plausible range that an earlier stack noted.
    facts : dict, default={}
        What is known of it besides, as of ``facts_of``.
    """

    name: str | None
    values: Any
    grid: Grid
    where: str
    scale: float = 1.0
    offset: float = 0.0
    noted_range: Any = None
    facts: dict = field(default_factory=dict)

    @property
    def categorical(self):
        """Whether it is marked to hold class codes."""
        return bool(self.facts.get("categorical"))

    def declare(self, nodata=()):
        """Make the numbers NaN that were declared nodata.

        Parameters
        ----------
        nodata : sequence of float, default=()
            Numbers of the file, before its scale, that are no data.
        """
        if nodata:
            self.values = self.values.map_blocks(
                _without, nodata, dtype=self.values.dtype, meta=self.values._meta
            )

    def scaled(self, values):
        """Make quantities of numbers of the file."""
        if (self.scale, self.offset) == (1, 0):
            return values
        return values * float(self.scale) + float(self.offset)


def _without(values, nodata):
    """Set declared nodata to NaN."""
    return np.where(mask_nodata(values, nodata), values.dtype.type(np.nan), values)


def one_line(error):
    """Bring another library's error on one line."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _open(path):
    """Open a file with rasterio; the error says what is wrong with it."""
    rasterio = import_optional("rasterio", extra="map")
    local = Path(path)
    if local.is_dir():
        raise ValueError(f"{path} is a folder, not a raster; give one file in it.")
    try:
        with warnings.catch_warnings():
            # Said in our own words where the grid is checked.
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            return rasterio.open(path)
    except rasterio.errors.RasterioIOError as error:
        if not local.exists() and ":" not in path and not path.startswith("/vsi"):
            folder = local.parent
            files = [other.name for other in folder.iterdir()] if folder.is_dir() else []
            hint = nearest(local.name, files)
            raise FileNotFoundError(f"No such file: {path}.{hint}") from error
        raise ValueError(f"{path} is not a raster that can be read: {one_line(error)}.") from error


def _band_numbers(file, path):
    """List the numbers of the bands that hold values: an alpha band is a mask."""
    enums = import_optional("rasterio.enums", extra="map")
    if file.count == 0:
        parts = f" It holds the rasters {listed(file.subdatasets, 3)}." if file.subdatasets else ""
        raise ValueError(f"{path} has no bands.{parts}")
    if file.transform.is_identity:
        raise ValueError(
            f"{path} does not say where its cells lie (no transform): georeference it first."
        )
    if strange := [kind for kind in file.dtypes if "complex" in kind]:
        raise ValueError(f"{path} has bands of type {strange[0]}: factors are real numbers.")
    kinds = file.colorinterp
    return [n for n in file.indexes if kinds[n - 1] != enums.ColorInterp.alpha]


def _check_size(file, chunks, path):
    """Refuse a raster whose windows could not even be listed."""
    n_windows = -(-file.height // chunks) * -(-file.width // chunks)
    if n_windows > _MOST_WINDOWS or max(file.height, file.width) > _LONGEST_SIDE:
        raise ValueError(
            f"{path} has {file.height} rows and {file.width} columns, or says so: is it damaged? "
            "Cut out the region, for instance with gdal_translate -projwin, or raise chunks."
        )


def _check_complete(file, number, path):
    """Read the last cell: what was cut off is usually the end."""
    errors = import_optional("rasterio.errors", extra="map")
    corner = ((file.height - 1, file.height), (file.width - 1, file.width))
    try:
        file.read(number, window=corner)
    except errors.RasterioIOError as error:
        cause = one_line(error.__cause__ or error)
        raise ValueError(f"{path} is damaged or cut off (band {number}): {cause}.") from error


def as_float(values):
    """Return numbers as floats that hold them exactly; NaN for what is beyond 1e30."""
    array = import_optional("dask.array", extra="map")
    if values.dtype.kind not in "fiub":
        raise ValueError(f"a raster has type {values.dtype}: factors are real numbers.")
    single = values.dtype.itemsize <= (4 if values.dtype.kind == "f" else 2)
    values = values.astype(np.float32 if single else np.float64)
    return array.where(abs(values) <= LARGEST, values, values.dtype.type(np.nan))


def _facts_in(file, numbers, path):
    """List what a file knows of its bands."""
    foreign = None
    found = []
    for number in numbers:
        tags = file.tags(number)
        facts = facts_of_tags(tags, file.units[number - 1], f"band {number} of {path}")
        if CLASS_NAMES not in tags and "float" not in file.dtypes[number - 1]:
            foreign = foreign_class_names(file) if foreign is None else foreign
            facts |= facts_of({CLASS_NAMES: foreign.get(number)}, f"band {number} of {path}")
        found.append(facts)
    return found


def read_stack_attrs(path):
    """Read what a file knows of the stack that it was written from.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    attrs : dict
        Empty for files of other programs.
    """
    with _open(os.fspath(path)) as file:
        return stack_of_tags(file.tags(), path)


def read_bands(path, chunks, crs):
    """Open the bands of a file.

    Parameters
    ----------
    path : str or path-like
        The file, or anything else GDAL opens by a name.
    chunks : int
        Side of the windows, in cells.
    crs : rasterio.crs.CRS or None
        The CRS where the file states none.

    Returns
    -------
    bands : list of Band
    """
    path = os.fspath(path)
    rioxarray = import_optional("rioxarray", extra="map")
    with _open(path) as file:
        numbers = _band_numbers(file, path)
        _check_size(file, chunks, path)
        for number in numbers:
            _check_complete(file, number, path)
        names = [file.descriptions[number - 1] for number in numbers]
        scales = [(file.scales[number - 1], file.offsets[number - 1]) for number in numbers]
        facts = _facts_in(file, numbers, path)
        ranges = [range_of_tags(file.tags(number)) for number in numbers]
        grid = Grid(file.crs or crs, file.transform, file.height, file.width)
    with warnings.catch_warnings():
        # Old versions try to read a tag in braces, such as JSON, as numbers.
        warnings.filterwarnings("ignore", "string or file could not be read", DeprecationWarning)
        data = rioxarray.open_rasterio(
            path,
            chunks={"x": chunks, "y": chunks},
            masked=True,
            band_as_variable=True,
        )
    return [
        Band(
            name.strip() if name and name.strip() else None,
            # rioxarray drops the axis of a single row or column.
            as_float(data[f"band_{number}"].data.reshape(grid.height, grid.width)),
            grid,
            path,
            scale=scale,
            offset=offset,
            noted_range=noted,
            facts=known,
        )
        for number, name, (scale, offset), noted, known in zip(
            numbers, names, scales, ranges, facts, strict=True
        )
    ]


def read_array(data, chunks, crs, where):
    """Make a band of a two-dimensional DataArray; values and chunks stay lazy."""
    array = import_optional("dask.array", extra="map")
    rioxarray = import_optional("rioxarray.exceptions", extra="map")
    try:
        across, down = data.rio.x_dim, data.rio.y_dim
    except rioxarray.MissingSpatialDimensionError as error:
        raise ValueError(
            f"{where} has the dimensions {listed(data.dims)}: a raster has y and x."
        ) from error
    data = data.squeeze(
        [name for name in data.dims if data.sizes[name] == 1 and name not in (across, down)]
    )
    if data.ndim != 2:
        raise ValueError(
            f"{where} has the dimensions {listed(data.dims)}: give one raster of y and x for "
            "each factor."
        )
    data = data.transpose(down, across)
    if across not in data.coords and data.rio.transform().is_identity:
        raise ValueError(f"{where} does not say where its cells lie: it has no coordinates.")
    try:
        grid = grid_of(data, where)
    except rioxarray.RioXarrayError as error:
        raise ValueError(f"{where} does not say where its cells lie: {one_line(error)}.") from error
    values = data.data
    if not hasattr(values, "dask"):
        values = array.from_array(values, chunks=chunks)
    nodata = data.rio.nodata
    missing = None if nodata is None or np.isnan(nodata) else values == nodata
    values = as_float(values)
    if missing is not None:
        values = array.where(missing, values.dtype.type(np.nan), values)
    return Band(
        data.name if isinstance(data.name, str) else None,
        values,
        Grid(grid.crs or crs, grid.transform, grid.height, grid.width),
        where,
        scale=data.attrs.get("scale_factor", 1),
        offset=data.attrs.get("add_offset", 0),
        noted_range=noted_range(data),
        facts=facts_of(data.attrs, where),
    )


def _of_band(data, one, several, place, size):
    """Scale or offset of one band of an array, from the attribute for all or that for each."""
    each = data.attrs.get(several)
    if each is None:
        return data.attrs.get(one)
    if np.size(each) != size:
        raise ValueError(
            f"the DataArray has {size} bands and {np.size(each)} {several}: correct its attributes."
        )
    return float(np.ravel(each)[place])


def split_array(data, chunks, crs):
    """Make the bands of a DataArray: one of y and x, or one for each place on a third dimension."""
    if data.ndim != 3:
        return [read_array(data, chunks, crs, "the DataArray")]
    rioxarray = import_optional("rioxarray.exceptions", extra="map")
    try:
        spatial = {data.rio.x_dim, data.rio.y_dim}
    except rioxarray.MissingSpatialDimensionError:
        spatial = set()
    others = [name for name in data.dims if name not in spatial]
    if len(others) != 1:
        raise ValueError(
            f"the DataArray has the dimensions {listed(data.dims)}: a stack has band, y and x."
        )
    size = data.sizes[others[0]]
    names = data.attrs.get("long_name")
    if others[0] in data.coords and data[others[0]].dtype.kind in "OUT":
        names = data[others[0]].to_numpy().tolist()
    if isinstance(names, str) or names is None or len(names) != size:
        names = [names if size == 1 and isinstance(names, str) else None] * size
    bands = []
    for place, name in enumerate(names):
        band = read_array(data.isel({others[0]: place}), chunks, crs, "the DataArray")
        band.name = name
        # rioxarray keeps these by another name where they differ.
        scale = _of_band(data, "scale_factor", "scales", place, size)
        offset = _of_band(data, "add_offset", "offsets", place, size)
        band.scale, band.offset = 1 if scale is None else scale, 0 if offset is None else offset
        bands.append(band)
    return bands
