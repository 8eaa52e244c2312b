"""Where the effect of a factor is measured: edges of intervals, or classes in an order."""

from dataclasses import dataclass

import numpy as np
from pandas.api.extensions import ExtensionArray

from sklearn_landslide._codes import canonical_code, read_codes, sorted_codes
from sklearn_landslide._factor_tables import quantity_values
from sklearn_landslide._nodata import LARGEST


@dataclass(frozen=True, eq=False)
class FactorGrid:
    """Points of a factor between which places are moved, and where each place lies.

    Parameters
    ----------
    name : str
        Name of the column.
    is_quantity : bool
        Whether points are edges of intervals; else they are classes.
    points : ExtensionArray of shape (n_points,)
        Values that the column has, in its own type: rising, or classes side by side that are
        similar.
    places : ndarray of int of shape (n_samples,)
        The interval, or the class, of each row; -1 where the factor is missing.
    """

    name: str
    is_quantity: bool
    points: ExtensionArray
    places: np.ndarray

    @property
    def n_intervals(self):
        """Number of steps from one point to the next."""
        return max(len(self.points) - 1, 0)

    def moves(self, rows):
        """Name the steps over which rows are moved: a quantity's own, a class's to both sides.

        Parameters
        ----------
        rows : ndarray of int
            Positions of rows in the table.

        Returns
        -------
        which : ndarray of int
            Positions among `rows`; of classes most come twice.
        intervals : ndarray of int
            The step of each.
        """
        places = self.places[rows]
        known = np.flatnonzero(places >= 0)
        if self.is_quantity:
            known = known if self.n_intervals else known[:0]
            return known, places[known]
        up = known[places[known] < self.n_intervals]
        down = known[places[known] > 0]
        return np.concatenate([up, down]), np.concatenate([places[up], places[down] - 1])

    def move_counts(self):
        """Return which steps each row of the table takes, shape (n_samples, n_intervals)."""
        counts = np.zeros((len(self.places), self.n_intervals))
        which, intervals = self.moves(np.arange(len(self.places)))
        counts[which, intervals] = 1
        return counts

    def point_shares(self):
        """Return how each row of the table is shared by the points, shape (n_samples, n_points).

        A quantity counts half at either edge of its interval, a class where it is.
        """
        shares = np.zeros((len(self.places), len(self.points)))
        known = np.flatnonzero(self.places >= 0)
        if self.is_quantity and self.n_intervals:
            shares[known, self.places[known]] = 0.5
            shares[known, self.places[known] + 1] = 0.5
        else:
            shares[known, self.places[known]] = 1
        return shares

    def inner(self):
        """Return the first point, and the one after the last, of those that words are about.

        The least and the greatest value of a quantity may be those of two odd places.
        """
        cut = int(self.is_quantity and len(self.points) > 4)
        return cut, len(self.points) - cut

    def labels(self):
        """Return the points as they are shown: numbers of a quantity, texts of classes."""
        if self.is_quantity:
            return np.asarray(self.points, dtype=np.float64)
        return np.array([str(canonical_code(point)) for point in self.points], dtype=object)


def quantile_edges(values, n_intervals):
    """Return edges of intervals with about as many rows each, all of them values of the table.

    Parameters
    ----------
    values : ndarray of shape (n_known,)
        Known values.
    n_intervals : int
        At most so many; fewer where values repeat.

    Returns
    -------
    edges : ndarray
        Rising.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection._grids import quantile_edges
    >>> quantile_edges(np.array([0, 0, 0, 1, 2, 3, 4, 5]), 4).tolist()
    [0, 1, 3, 5]
    """
    # Values of the table, by whole numbers: rows that come twice change nothing.
    ranks = -(-np.arange(n_intervals + 1) * len(values) // n_intervals) - 1
    return np.unique(np.sort(values)[np.maximum(ranks, 0)])


def quantity_grid(column, values, n_intervals):
    """Make the grid of a quantity.

    Parameters
    ----------
    column : Series of shape (n_samples,)
        The column.
    values : ndarray of float64, shape (n_samples,)
        The same as numbers, NaN where it is missing.
    n_intervals : int
        At most so many intervals.

    Returns
    -------
    grid : FactorGrid
    """
    known = np.flatnonzero(~np.isnan(values))
    edges = quantile_edges(values[known], n_intervals)
    where = {value: row for row, value in zip(known[::-1], values[known[::-1]], strict=True)}
    points = column.array.take([where[edge] for edge in edges])
    places = np.full(len(values), -1)
    # An edge belongs to the interval below it, the least value to the first one.
    places[known] = np.searchsorted(edges[1:-1], values[known], side="left")
    return FactorGrid(str(column.name), True, points, places)


def class_grid(column):
    """Make the grid of a factor of classes, sorted by their codes.

    Parameters
    ----------
    column : Series of shape (n_samples,)
        The column.

    Returns
    -------
    grid : FactorGrid
    """
    places, codes = read_codes(column)
    rank = {str(code): place for place, code in enumerate(sorted_codes(codes))}
    order = np.argsort([rank[str(code)] for code in codes], kind="stable")
    # What 1 and "1" have in common is shown, and the first of them is given to the model.
    points = column.array.take([int(np.argmax(places == place)) for place in order])
    return FactorGrid(str(column.name), False, points, np.append(np.argsort(order), -1)[places])


def in_order(grid, order):
    """Put the classes of a grid into another order.

    Parameters
    ----------
    grid : FactorGrid
        Of classes.
    order : ndarray of int of shape (n_points,)
        Positions of the classes.

    Returns
    -------
    grid : FactorGrid
    """
    new = np.append(np.argsort(order), -1)
    return FactorGrid(grid.name, False, grid.points.take(order), new[grid.places])


def make_grid(column, is_categorical, n_intervals):
    """Make the grid of a column, quantity or classes.

    Parameters
    ----------
    column : Series of shape (n_samples,)
        The column, with at least one known value.
    is_categorical : bool
        Whether it was declared so; text is so in any case.
    n_intervals : int
        At most so many intervals of a quantity.

    Returns
    -------
    grid : FactorGrid
    """
    values = None if is_categorical else quantity_values(column)
    if values is None:
        return class_grid(column)
    # What lies beyond is no data, as everywhere.
    values = np.where(np.abs(values) > LARGEST, np.nan, values)
    return quantity_grid(column, values, n_intervals)
