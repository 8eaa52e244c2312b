"""Made-up rows, known by lying on the line between two of their neighbors."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from sklearn_landslide.model_selection._audit._result import (
    LEAK,
    OK,
    Finding,
    not_checked,
)
from sklearn_landslide.model_selection._audit._table import quantities

CHECK = "oversampled before the split"
# Rows of a class that are looked at, and neighbors of each.
MOST_ROWS, N_NEIGHBORS = 500, 12
# Share of a class that may lie on such lines by coincidence. Measured tables: 0 with four factors
# or more, at most 0.002 with three; after SMOTE 0.6 and more of the class that grew.
HARMLESS_SHARE = 0.02


def share_between_neighbors(values, *, random_state):
    """Share of rows that lie on the straight line between two of their nearest neighbors.

    SMOTE and its kin put every new row there; measured rows in three or more
    independent quantities never are.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
        Rows of one class, without missing values, all different.
    random_state : int
        Seed of the choice of rows in a long table.

    Returns
    -------
    share : float
        Between 0 and 1.
    """
    rows = np.random.default_rng(random_state).permutation(len(values))[:MOST_ROWS]
    n_neighbors = min(N_NEIGHBORS, len(values) - 1)
    index = NearestNeighbors(n_neighbors=n_neighbors + 1).fit(values)
    around = index.kneighbors(values[rows], return_distance=False)
    toward = values[around] - values[rows][:, None]
    length = np.linalg.norm(toward, axis=2, keepdims=True)
    # The row itself has no direction; zeros are at right angles to everything.
    toward = np.divide(toward, length, out=np.zeros_like(toward), where=length > 0)
    cosine = np.einsum("rip,rjp->rij", toward, toward).min(axis=(1, 2))
    # Radians off the line: what rounding to four or five digits does to a made-up row. In three
    # dimensions rows come that close by coincidence more often.
    off = 1e-3 if values.shape[1] < 4 else 5e-3
    return float((cosine < off**2 / 2 - 1).mean())


def check_oversampling(frame, y, random_state):
    """Return the finding about rows that were interpolated before the split."""
    values, _ = quantities(frame)
    values, y = _continuous(values, y)
    n_dimensions = _dimensions(values) if len(values) > 2 else 0
    if n_dimensions < 3:
        return not_checked(
            CHECK,
            f"The table has {n_dimensions} independent quantities, and it takes three to tell "
            "made-up rows from measured ones.",
            "Make sure that resampling is a step of the pipeline.",
        )
    shares, n_rows = {}, {}
    for label in np.unique(y):
        rows = np.unique(values[y == label], axis=0)
        n_rows[int(label)] = len(rows)
        found = share_between_neighbors(rows, random_state=random_state) if len(rows) > 3 else 0.0
        shares[int(label)] = found
    highest = max(shares, key=shares.get)
    numbers = {f"share_in_class_{label}": share for label, share in shares.items()}
    numbers["n_quantities"] = values.shape[1]
    # Two rows of a small class are not a pattern.
    if shares[highest] > HARMLESS_SHARE and shares[highest] * n_rows[highest] >= 3:
        said = (
            f"{shares[highest]:.0%} of the different rows of class {highest} lie on a straight "
            "line between two of their neighbors, as rows that SMOTE made do, and no measured "
            "ones."
        )
        advice = (
            "Go back to the measured rows and make SMOTE a step of the pipeline: a made-up row in "
            "the test fold was computed from training rows."
        )
        return Finding(CHECK, LEAK, said, advice, numbers)
    said = (
        f"Rows between two neighbors: {shares[highest]:.1%} at most, so nothing looks interpolated."
    )
    return Finding(CHECK, OK, said, "", numbers)


def _continuous(values, y):
    """Keep columns that vary freely and rows without gaps, in units of their spread."""
    # Whole numbers fall on lines by themselves, as points of a grid do.
    free = [
        np.unique(column[~np.isnan(column)]).size > 20 and np.nanmax(np.abs(column % 1)) > 0
        for column in values.T
    ]
    values = values[:, np.array(free, dtype=bool)]
    whole = ~np.isnan(values).any(axis=1)
    values, y = values[whole], y[whole]
    if min(values.shape) == 0:
        return values, y
    spread = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1), y


def _dimensions(values):
    """Count directions in which the rows spread, beyond a twentieth of the widest."""
    if values.shape[1] == 0:
        return 0
    spread = np.linalg.svd(values, compute_uv=False)
    return int((spread > 0.05 * spread[0]).sum())
