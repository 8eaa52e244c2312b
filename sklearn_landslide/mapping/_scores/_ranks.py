"""Where values stand among all cells of a map, without a copy of it in memory."""

from dataclasses import dataclass

import numpy as np

from sklearn_landslide._optional import import_optional


@dataclass(frozen=True, eq=False)
class Ranks:
    """Where each of some values stands among the cells of a map.

    Parameters
    ----------
    above, tied : ndarray of shape (n_values,)
        Share of the cells with a higher value, and with the same one.
    n_cells : int
        Cells with a value.
    """

    above: np.ndarray
    tied: np.ndarray
    n_cells: int

    def aucs(self):
        """Share of the cells below each value, those of the same value by half.

        Its mean over landslides is the ROC-AUC against all cells.
        """
        return 1 - self.above - self.tied / 2

    def within(self, shares):
        """Say how much of each value lies in the highest shares of the cells.

        Parameters
        ----------
        shares : array-like of shape (n_shares,)
            Shares of the cells.

        Returns
        -------
        within : ndarray of shape (n_values, n_shares)
            0 or 1, and between where equal values straddle a share.
        """
        reach = np.asarray(shares, dtype=float)[None, :] - self.above[:, None]
        # A value that is on the map has its own cell at least.
        return np.clip(reach / np.maximum(self.tied, 1 / self.n_cells)[:, None], 0, 1)


def _counts(cells, values):
    """Count the cells of a window below each of the rising values, up to it, and all of them."""
    cells = cells[np.isfinite(cells)]
    below = np.bincount(np.searchsorted(values, cells, "right"), minlength=len(values) + 1)
    up_to = np.bincount(np.searchsorted(values, cells, "left"), minlength=len(values) + 1)
    return np.array([below, up_to])


def ranks_on(probability, values):
    """Find where values stand among the cells of a map.

    Parameters
    ----------
    probability : DataArray of shape (rows, columns)
        The map, lazy or not.
    values : ndarray of shape (n_values,)
        Of its type, so that equal ones are equal.

    Returns
    -------
    ranks : Ranks
    """
    steps, place = np.unique(np.asarray(values), return_inverse=True)
    if hasattr(probability.data, "dask"):
        dask = import_optional("dask", extra="map")
        blocks = probability.data.to_delayed().ravel()
        parts = dask.compute(*(dask.delayed(_counts)(block, steps) for block in blocks))
    else:
        parts = [_counts(probability.values, steps)]
    right, left = np.sum(parts, axis=0)
    n_cells = int(left.sum())
    # Cells of the bin k are at or above step k - 1, or above it: the bins from k on are higher.
    at_least = n_cells - np.cumsum(right)[:-1]
    above = n_cells - np.cumsum(left)[:-1]
    return Ranks((above / n_cells)[place], ((at_least - above) / n_cells)[place], n_cells)
