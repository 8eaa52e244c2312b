"""What the metrics ask of labels, scores and areas."""

import numpy as np
from sklearn.utils import column_or_1d


def check_labels(y_true, *, needs=(0, 1)):
    """Return the labels as 0 and 1, in integers.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 or True for landslide, 0 or False for none.
    needs : tuple of int, default=(0, 1)
        The labels that have to be there.

    Returns
    -------
    y_true : ndarray of shape (n_samples,), dtype=int64
        The labels.
    """
    y_true = column_or_1d(np.asarray(y_true))
    if y_true.size == 0:
        raise ValueError("y_true has no rows.")
    found = np.unique(y_true).tolist()
    if not set(found) <= {0, 1}:
        raise ValueError(f"y_true must hold 1 (landslide) and 0 (none), got {found[:5]}.")
    for label in needs:
        if label not in found:
            name = "no landslide (1)" if label else "nothing but landslides (1), and no 0"
            raise ValueError(f"y_true holds {name} in {y_true.size} rows.")
    return y_true.astype(np.int64)


def check_scores(y_prob, n_rows, *, bounded=False, name="y_prob", other="y_true"):
    """Return finite scores, one a row of the labels.

    Parameters
    ----------
    y_prob : array-like of shape (n_rows,)
        Probabilities, or anything that orders the rows.
    n_rows : int
        Number of labels.
    bounded : bool, default=False
        Whether they have to lie between 0 and 1.
    name : str, default="y_prob"
        What the errors call them.
    other : str, default="y_true"
        What the errors call that which has `n_rows` rows.

    Returns
    -------
    y_prob : ndarray of shape (n_rows,), dtype=float64
        The scores.
    """
    y_prob = column_or_1d(np.asarray(y_prob, dtype=np.float64))
    if y_prob.size != n_rows:
        raise ValueError(f"{name} has {y_prob.size} values and {other} has {n_rows}: one per row.")
    if n_bad := int((~np.isfinite(y_prob)).sum()):
        raise ValueError(f"{name} has {n_bad} missing or infinite values: drop these rows.")
    if bounded and (y_prob.min() < 0 or y_prob.max() > 1):
        raise ValueError(
            f"{name} must be probabilities, 0 to 1; got {y_prob.min():g} to {y_prob.max():g}."
        )
    return y_prob


def check_area(area, n_rows):
    """Return the area of each row; without areas every row has 1.

    Parameters
    ----------
    area : array-like of shape (n_rows,) or None
        Areas, in any unit.
    n_rows : int
        Number of labels.

    Returns
    -------
    area : ndarray of shape (n_rows,), dtype=float64
        The areas, none negative, not all 0.
    """
    if area is None:
        return np.ones(n_rows)
    area = check_scores(area, n_rows, name="area")
    if area.min() < 0:
        raise ValueError(f"area must not be negative, got {area.min():g}.")
    if area.sum() == 0:
        raise ValueError("area is 0 in all rows: there is no study area.")
    return area
