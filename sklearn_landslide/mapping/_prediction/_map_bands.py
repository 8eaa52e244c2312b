"""The maps of a file as its bands: same grid, one type, names, colors and tags."""

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide._version import __version__
from sklearn_landslide.mapping._rasters._grids import difference, grid_of

# Side of the windows in which a map that lies in memory is written.
_WINDOW = 512


def as_bands(array, band_names=None):
    """Turn a map, or maps by name, into bands that are computed window by window.

    Parameters
    ----------
    array : DataArray, Dataset or dict of str to DataArray
        The maps; a DataArray by itself is one band.
    band_names : list of str, default=None
        Names that take the place of the maps' own.

    Returns
    -------
    bands : dict of str to DataArray
        In dask's windows, the same for all.

    Raises
    ------
    TypeError
        If anything is not a DataArray.
    ValueError
        If the maps have different grids, or dimensions other than y and x.
    """
    xarray = import_optional("xarray", extra="map")
    import_optional("rioxarray", extra="map")
    if isinstance(array, xarray.DataArray):
        array = {str(array.name or "map"): array}
    elif isinstance(array, xarray.Dataset):
        array = dict(array.data_vars)
    elif not isinstance(array, dict):
        raise TypeError(
            f"write_map takes an xarray.DataArray, or several by name, got {type(array).__name__}."
        )
    if not array:
        raise ValueError("There is no map to write, got an empty dict.")
    names = list(map(str, array)) if band_names is None else list(band_names)
    if len(names) != len(array):
        raise ValueError(
            f"band_names has {len(names)} names for {len(array)} bands: give one for each."
        )
    first = next(iter(array.values()))
    for name, band in zip(names, array.values(), strict=True):
        if not isinstance(band, xarray.DataArray):
            raise TypeError(f"Band {name!r} is not an xarray.DataArray, got {type(band).__name__}.")
        if band.dims != ("y", "x"):
            raise ValueError(f"Band {name!r} has the dimensions {band.dims}, not ('y', 'x').")
        if text := difference(grid_of(band), grid_of(first)):
            raise ValueError(f"Band {name!r} is not on the grid of {names[0]!r}: {text}.")
    chunks = {"y": _WINDOW, "x": _WINDOW}
    if first.chunks is not None:
        chunks = dict(zip(("y", "x"), first.chunks, strict=True))
    return {name: band.chunk(chunks) for name, band in zip(names, array.values(), strict=True)}


def nodata_of(bands, dtype):
    """Find the number that stands for no data: of floats NaN, unless the maps say otherwise."""
    said = {
        name: band.rio.encoded_nodata if band.rio.nodata is None else band.rio.nodata
        for name, band in bands.items()
    }
    # NaN is not a number to compare.
    if len({str(number) for number in said.values()}) > 1:
        raise ValueError(f"The bands have different nodata values ({said}); a GeoTIFF has one.")
    number = next(iter(said.values()))
    if number is None:
        return np.nan if dtype.kind == "f" else None
    return number.item() if hasattr(number, "item") else number


def dtype_of(bands):
    """Type of number that holds all bands; truth values become bytes."""
    dtype = np.result_type(*(band.dtype for band in bands.values()))
    return np.dtype(np.uint8) if dtype.kind == "b" else dtype


def color_table(colors, dtype):
    """Check a color table and return it with opacities."""
    if colors is None:
        return None
    if dtype != np.uint8:
        raise ValueError(f"A color table needs a map of type uint8, got {dtype}.")
    # What is not named would be black, and looks like a class in the legend.
    table = dict.fromkeys(range(256), (255, 255, 255, 255))
    for number, color in dict(colors).items():
        color = tuple(int(part) for part in color)
        if (
            not 0 <= int(number) <= 255
            or len(color) not in (3, 4)
            or not all(0 <= part <= 255 for part in color)
        ):
            raise ValueError(
                "colors must give red, green, blue and perhaps opacity, 0 to 255, for numbers "
                f"from 0 to 255, got {{{number!r}: {color}}}."
            )
        table[int(number)] = (*color, 255)[:4]
    return table


def windows_of(band):
    """List the windows of a band, row by row: row, column, height, width."""
    heights, widths = band.chunks
    found, row = [], 0
    for height in heights:
        column = 0
        for width in widths:
            found.append((row, column, height, width))
            column += width
        row += height
    return found


def file_tags(bands, tags):
    """Tags of the file: those of the maps, what wrote them, and what the caller adds."""
    found = {"software": f"sklearn-landslide {__version__}"}
    for band in bands.values():
        found |= {
            name: value
            for name, value in band.attrs.items()
            if isinstance(value, str | int | float) and not name.startswith("_")
        }
    # That of a band, which the file keeps with it.
    found.pop("units", None)
    if len(bands) > 1:
        # It describes one band.
        found.pop("long_name", None)
    return {name: str(value) for name, value in (found | dict(tags or {})).items()}
