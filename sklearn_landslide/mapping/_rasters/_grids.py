"""Where the cells of a raster lie, and whether those of another lie in the same places."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional

# Two grids are the same if no corner of one is farther than this from the other's, in cells:
# coordinates written with few digits differ by less, a real shift by more.
TOLERANCE = 0.01


@dataclass(frozen=True)
class Grid:
    """The cells of a raster in a coordinate reference system.

    Parameters
    ----------
    crs : rasterio.crs.CRS or None
        The coordinate reference system.
    transform : affine.Affine
        From (column, row) to (x, y), both at a cell's upper left corner.
    height, width : int
        Number of rows and columns.
    """

    crs: Any
    transform: Any
    height: int
    width: int

    @property
    def is_rotated(self):
        """Whether rows and columns do not run along x and y."""
        a, b, _, d, e, _ = tuple(self.transform)[:6]
        turn = max(abs(b) * self.height / abs(a or 1), abs(d) * self.width / abs(e or 1))
        return a == 0 or e == 0 or turn > TOLERANCE

    @property
    def bounds(self):
        """The smallest and largest x, then y: (left, right, bottom, top)."""
        x, y = self.to_xy(np.array([0, self.height]), np.array([0, self.width]))
        return x.min(), x.max(), y.min(), y.max()

    @property
    def axes(self):
        """Coordinates of the rows and of the columns, as xarray takes them."""
        x, _ = self.centers(np.zeros(self.width), np.arange(self.width))
        _, y = self.centers(np.arange(self.height), np.zeros(self.height))
        return {"y": y, "x": x}

    def to_xy(self, rows, columns):
        """Turn rows and columns, in fractions from the upper left corner, into x and y."""
        a, b, c, d, e, f = tuple(self.transform)[:6]
        return a * columns + b * rows + c, d * columns + e * rows + f

    def to_row_column(self, x, y):
        """Turn x and y into rows and columns, in fractions from the upper left corner."""
        a, b, c, d, e, f = tuple(self.transform)[:6]
        x, y = np.asarray(x, dtype=float) - c, np.asarray(y, dtype=float) - f
        area = a * e - b * d
        return (a * y - d * x) / area, (e * x - b * y) / area

    def centers(self, rows, columns):
        """X and y of the centers of cells."""
        return self.to_xy(np.asarray(rows) + 0.5, np.asarray(columns) + 0.5)

    def cells(self, x, y):
        """Row and column of the cell that holds each point, -1 outside.

        A point between two cells is in the one of the higher row or column; one on the outer
        border is in the border's cell.
        """
        found = []
        for place, size in zip(self.to_row_column(x, y), (self.height, self.width), strict=True):
            inside = np.isfinite(place) & (place >= 0) & (place <= size)
            whole = np.minimum(np.floor(np.where(inside, place, -1)), size - 1)
            found.append(whole.astype(np.int64))
        outside = (found[0] < 0) | (found[1] < 0)
        return tuple(np.where(outside, -1, index) for index in found)

    def window(self, first, last):
        """Return the grid of the cells from one (row, column) to another, which is left out."""
        a, b, _, d, e, _ = tuple(self.transform)[:6]
        x, y = self.to_xy(*first)
        transform = type(self.transform)(a, b, float(x), d, e, float(y))
        return Grid(self.crs, transform, last[0] - first[0], last[1] - first[1])


def parse_crs(crs):
    """Make a CRS of a name, an EPSG code or another library's object."""
    rasterio = import_optional("rasterio.crs", extra="map")
    errors = import_optional("rasterio.errors", extra="map")
    try:
        return rasterio.CRS.from_user_input(crs)
    except (errors.CRSError, ValueError, TypeError) as error:
        hint = f"crs={crs!r}"
        raise hinting(ValueError(f"{hint} is not a coordinate reference system."), hint) from error


def crs_name(crs):
    """Name a coordinate reference system by its EPSG code, or as it names itself."""
    if crs is None:
        return "no CRS"
    if epsg := crs.to_epsg():
        return f"EPSG:{epsg}"
    return crs.to_wkt().split('"')[1] if '"' in crs.to_wkt() else str(crs)


def same_crs(one, other):
    """Whether two systems are the same, also where they are written in two ways."""
    if one is None or other is None:
        return one is other
    return one == other or (one.to_epsg() is not None and one.to_epsg() == other.to_epsg())


def difference(grid, reference):
    """Say how a grid differs from a reference, or nothing where they are the same.

    Parameters
    ----------
    grid, reference : Grid
        The two.

    Returns
    -------
    text : str
        What differs first of CRS, rotation, cell size, origin and size, with both values;
        empty where all corners lie within `TOLERANCE` of a cell.
    """
    if not same_crs(grid.crs, reference.crs):
        return f"its CRS is {crs_name(grid.crs)}, not {crs_name(reference.crs)}"
    if grid.is_rotated != reference.is_rotated:
        return "it is rotated" if grid.is_rotated else "it is not rotated"
    (a, _, c, _, e, f), (ra, _, rc, _, re, rf) = (
        tuple(one.transform)[:6] for one in (grid, reference)
    )
    # A resolution that is off adds up to the far corner.
    if max(abs(a - ra) * reference.width / abs(ra), abs(e - re) * reference.height / abs(re)) > (
        TOLERANCE
    ):
        return f"its cells are {a:.10g} x {e:.10g} (x, y), not {ra:.10g} x {re:.10g}"
    if max(abs(c - rc) / abs(ra), abs(f - rf) / abs(re)) > TOLERANCE:
        return f"its first corner is ({c:.12g}, {f:.12g}), not ({rc:.12g}, {rf:.12g})"
    if (grid.height, grid.width) != (reference.height, reference.width):
        return (
            f"it has {grid.height} rows and {grid.width} columns, "
            f"not {reference.height} and {reference.width}"
        )
    return ""


def check_even(data, where):
    """Raise if the cells of an xarray object are not evenly spaced.

    Parameters
    ----------
    data : xarray.DataArray or Dataset
        Its coordinates, if it has any, are the centers of the cells.
    where : str
        What to call it.

    Raises
    ------
    ValueError
        If a coordinate is not where even steps would put it, to a hundredth of a cell and what
        its type can hold.
    """
    for axis in (data.rio.x_dim, data.rio.y_dim):
        if axis not in data.coords or data.sizes[axis] < 2:
            continue
        centers = data[axis].to_numpy()
        if centers.dtype.kind not in "fiu":
            raise ValueError(f"{where} has {axis} of type {centers.dtype}: numbers are needed.")
        exact = centers.astype(np.float64)
        even = np.linspace(exact[0], exact[-1], len(exact))
        step = abs(even[1] - even[0])
        limit = TOLERANCE * step
        if centers.dtype.kind == "f":
            limit += 2 * np.finfo(centers.dtype).eps * np.abs(exact).max()
        # Written so that NaN is refused, too.
        if not (step > 0 and np.abs(exact - even).max() <= limit):
            steps = np.abs(np.diff(exact))
            raise ValueError(
                f"{where} has {axis} that are not evenly spaced, {steps.min():.10g} to "
                f"{steps.max():.10g} apart: resample it to even cells, for instance with "
                f"interp({axis}=...)."
            )


def _of_one_line(data, stored):
    """Return the grid of a single row or column, which says where it is but not how wide."""
    a, b, c, d, e, f = tuple(stored.transform)[:6]
    corner = [c, f]
    for number, (axis, cell) in enumerate(((data.rio.x_dim, a), (data.rio.y_dim, e))):
        if axis in data.coords and data.sizes[axis]:
            corner[number] = float(data[axis][0]) - cell / 2
    transform = type(stored.transform)(a, b, corner[0], d, e, corner[1])
    return Grid(stored.crs, transform, stored.height, stored.width)


def grid_of(data, where="the map"):
    """Return the grid of an xarray object that rioxarray knows.

    Coordinates count more than a stored transform, which a selection of rows leaves as it was.

    Parameters
    ----------
    data : xarray.DataArray or Dataset
        The rasters.
    where : str, default="the map"
        What to call it in messages.

    Returns
    -------
    grid : Grid

    Raises
    ------
    ValueError
        If its cells are not evenly spaced, or a single row or column has no height or width.
    """
    height, width = data.rio.height, data.rio.width
    check_even(data, where)
    stored = Grid(data.rio.crs, data.rio.transform(), height, width)
    if min(height, width) < 2 and stored.transform.is_identity:
        raise ValueError(
            f"{where} has a single row or column and no transform, so that the size of its cells "
            "is not known: name it with rio.write_transform."
        )
    if stored.is_rotated:
        return stored
    if min(height, width) < 2:
        return _of_one_line(data, stored)
    measured = Grid(stored.crs, data.rio.transform(recalc=True), height, width)
    return measured if difference(stored, measured) else stored
