"""Several raster files as one stack, by the names of their bands."""

from pathlib import Path

from sklearn_landslide.mapping._rasters._bands import read_bands
from sklearn_landslide.mapping._rasters._grids import parse_crs

# Enough for the names of the bands; open_stack reads the values.
_CHUNKS = 512


def files_by_factor(files, crs):
    """Say which file holds each factor; a lone band without description has its file's name.

    Parameters
    ----------
    files : list of str or path-like
        The rasters.
    crs : str, int, CRS or None
        The CRS of those that state none.

    Returns
    -------
    files : dict of str to str or path-like
        One item for each factor, as `open_stack` takes them.

    Raises
    ------
    ValueError
        If a band has no name, or two have the same.
    """
    found = {}
    crs = None if crs is None else parse_crs(crs)
    for path in files:
        bands = read_bands(path, _CHUNKS, crs)
        names = [band.name for band in bands]
        if names == [None]:
            names = [Path(path).stem]
        if None in names:
            raise ValueError(
                f"{path} has no description of band {names.index(None) + 1}: describe its bands, "
                "or give each factor a file of its own."
            )
        for name in names:
            if name in found:
                raise ValueError(f"{found[name]} and {path} both hold a factor {name!r}.")
            found[name] = path
    return found
