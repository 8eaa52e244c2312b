"""Drainage of an elevation model: directions of flow, contributing area, streams."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_landslide._hints import hinting
from sklearn_landslide._nodata import mask_nodata
from sklearn_landslide._optional import import_optional
from sklearn_landslide.terrain._flow_directions import OUTLET, fill_depressions, flow_directions
from sklearn_landslide.terrain._memory import available_memory, in_words

# Peak for each cell, measured on rasters of 0.2 to 13 million cells (benchmarks/terrain.py) and
# rounded up, and what the compiled libraries take.
_BYTES_PER_CELL = 120
_BYTES_AT_LEAST = 200_000_000
# Beyond, pyflwdir counts cells in other types than those that are tested here.
_MOST_CELLS = 2**31 - 2


@dataclass(frozen=True, eq=False)
class Drainage:
    """How water leaves an elevation model, each cell draining to one neighbor.

    Parameters
    ----------
    filled : ndarray of shape (rows, columns), float32
        Elevation in meters, depressions raised to where they overflow; NaN where there is no
        ground.
    directions : ndarray of shape (rows, columns), uint8
        1 east, 2 south-east, 4 south and so on clockwise to 128 north-east; 0 where water
        leaves the model, 247 where there is no ground.
    network : pyflwdir.FlwdirRaster
        The same directions, for whatever else pyflwdir can do with them. With pyflwdir 0.5, avoid
        everything that measures lengths in meters: it confuses the width of a cell with its
        height, and fails with affine 3.
    area : ndarray of shape (rows, columns), float64
        Contributing area in m², that of the cell included; NaN where there is no ground.
    streams : ndarray of shape (rows, columns), bool
        Where the contributing area is `river_area` or more.
    cell_size : tuple of (float, float)
        Width and height of a cell in meters.
    river_area : float
        Contributing area in m² from which on there is a stream.

    See Also
    --------
    drainage : Find it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain import drainage
    >>> found = drainage(np.tile(-np.arange(4.0), (3, 1)), cell_size=10.0, river_area=400.0)
    >>> found.directions[1].tolist(), found.area[1].tolist()
    ([1, 1, 1, 0], [100.0, 200.0, 300.0, 400.0])
    """

    filled: np.ndarray
    directions: np.ndarray
    network: Any
    area: np.ndarray
    streams: np.ndarray
    cell_size: tuple
    river_area: float


def drainage(elevation, *, cell_size, river_area=1e6, log=None):
    """Find how water leaves an elevation model.

    Depressions are filled up to where they overflow [1]_. Every cell then drains to the neighbor
    towards which the ground falls most steeply [2]_, and level ground drains along the shortest
    path to its outlet. Water leaves at the border of the raster and of its voids, at cells without
    a lower neighbor; what lies beyond a void is not known, so no flow goes through it. Pass lakes
    and the sea as voids, otherwise they count as ground.

    Parameters
    ----------
    elevation : ndarray of shape (rows, columns)
        Elevation in meters of the whole raster, row 0 in the north; NaN, infinite or beyond
        1e30 where there is none. It is computed with in float32, that is to 0.5 mm up to 8 km.
    cell_size : float or tuple of (float, float)
        Side of a cell, or its width and height, in meters.
    river_area : float, default=1e6
        Contributing area in m² from which on there is a stream.
    log : callable, default=None
        Called with lines of text: how much memory is needed, and how much of the ground drains
        into voids.

    Returns
    -------
    drainage : Drainage

    Raises
    ------
    ValueError
        If `elevation` is not two-dimensional or holds no ground, or `cell_size` or `river_area`
        is not a positive number, or `river_area` is not larger than a cell.
    MemoryError
        Before anything is computed, if it needs more memory than there is.
    ImportError
        If pyflwdir is not installed.

    Notes
    -----
    The first call on a machine compiles parts of pyflwdir, which takes half a minute. Numba keeps
    the result beside the library or in the user's cache, and later processes load it.

    References
    ----------
    .. [1] Wang, L., Liu, H. (2006). An efficient method for identifying and filling surface
       depressions in digital elevation models for hydrologic analysis and modelling.
       International Journal of Geographical Information Science 20, 193-213.
    .. [2] O'Callaghan, J. F., Mark, D. M. (1984). The extraction of drainage networks from
       digital elevation data. Computer Vision, Graphics, and Image Processing 28, 323-344.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain import drainage
    >>> valley = np.abs(np.arange(-2.0, 3.0)) - 0.1 * np.arange(4.0)[:, None]
    >>> drainage(valley, cell_size=10.0, river_area=1500.0).streams.astype(int)
    array([[0, 0, 0, 0, 0],
           [0, 0, 0, 0, 0],
           [0, 0, 1, 0, 0],
           [0, 0, 1, 0, 0]])
    """
    elevation = check_elevation(elevation)
    cell_size = check_cell_size(cell_size)
    _check_river_area(river_area, cell_size)
    _check_memory(elevation.shape, log)

    pyflwdir = import_optional("pyflwdir", extra="terrain")
    filled = fill_depressions(elevation)
    directions = flow_directions(filled, cell_size)
    transform = (cell_size[0], 0, 0, 0, -cell_size[1], 0)
    network = pyflwdir.from_array(directions, ftype="d8", check_ftype=False, transform=transform)
    # Whole numbers of cells, which sum without rounding.
    area = network.accuflux(np.ones(elevation.shape))
    area *= cell_size[0] * cell_size[1]
    area[np.isnan(filled)] = np.nan
    _tell_of_voids(area, directions, log)
    return Drainage(filled, directions, network, area, area >= river_area, cell_size, river_area)


def flow_memory(shape):
    """Estimate the memory that is needed to follow flow over a raster.

    Parameters
    ----------
    shape : tuple of (int, int)
        Rows and columns.

    Returns
    -------
    n_bytes : int
        Peak in bytes beside the elevation itself, with either routing: 120 for each cell, and
        200 MB for the compiled libraries. Measured peaks are lower.

    Examples
    --------
    >>> from sklearn_landslide.terrain import flow_memory
    >>> flow_memory((10_000, 10_000)) / 1e9
    12.2
    """
    return _BYTES_PER_CELL * shape[0] * shape[1] + _BYTES_AT_LEAST


def _check_memory(shape, log):
    """Refuse what would not fit, before it is begun."""
    cells = f"{shape[0]} x {shape[1]} cells"
    remedy = "use a coarser elevation model, cut it to the region, or leave out the factors of flow"
    if shape[0] * shape[1] > _MOST_CELLS:
        raise ValueError(f"flow can be followed over {_MOST_CELLS} cells, not {cells}: {remedy}.")
    needed, available = flow_memory(shape), available_memory()
    if log is not None:
        left = "" if available is None else f", and {in_words(available)} are available"
        log(f"flow over {cells} needs up to {in_words(needed)} of memory{left}")
    if available is not None and needed > available:
        raise MemoryError(
            f"flow over {cells} needs up to {in_words(needed)} of memory, and "
            f"{in_words(available)} are available: {remedy}."
        )


def _tell_of_voids(area, directions, log):
    """Say how much drains into voids: of lakes it should, of gaps in the data it should not."""
    inner = (slice(1, -1), slice(1, -1))
    into_voids = area[inner][directions[inner] == OUTLET].sum()
    if log is not None and into_voids > 0:
        log(
            f"{into_voids / area[directions == OUTLET].sum():.1%} of the ground drains into "
            "voids of the elevation model, where flow ends: fill those that are not water."
        )


def check_elevation(elevation):
    """Return the elevation as floats, NaN where there is none."""
    elevation = np.asarray(elevation)
    if elevation.ndim != 2 or elevation.dtype.kind not in "fiu":
        raise ValueError(
            f"elevation must be a two-dimensional array of numbers, not of shape "
            f"{elevation.shape} and type {elevation.dtype}."
        )
    missing = mask_nodata(elevation)
    if missing.all():
        raise ValueError(f"the elevation holds no ground: all {elevation.size} cells are no data.")
    if elevation.size < 2:
        raise ValueError("flow needs more than one cell of elevation.")
    kind = elevation.dtype if elevation.dtype.kind == "f" else np.float64
    return np.where(missing, np.nan, elevation).astype(kind, copy=False)


def check_cell_size(cell_size):
    """Return width and height of a cell."""
    sizes = np.ravel(cell_size)
    pair = tuple(map(float, sizes if sizes.size == 2 else np.repeat(sizes, 2)))
    if sizes.size not in (1, 2) or not all(0 < size < np.inf for size in pair):
        raise ValueError(
            f"cell_size must be one or two positive lengths in meters, not {cell_size!r}."
        )
    return pair


def _check_river_area(river_area, cell_size):
    cell = cell_size[0] * cell_size[1]
    if not cell < river_area < np.inf:
        hint = f"river_area={river_area:g}"
        raise hinting(
            ValueError(
                f"{hint} must be larger than a cell, which has {cell:g} m²: "
                "or every cell is a stream."
            ),
            hint,
        )
