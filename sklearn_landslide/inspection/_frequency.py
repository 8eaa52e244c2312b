"""How frequent landslides are in the classes of each factor, beside the effect of a model there."""

import numpy as np
import pandas as pd
from scipy.stats import chi2

# Bins of a quantity at most; and the chance below which densities are taken to differ.
_MOST_BINS, _SURE = 10, 0.01


def _bins(grid):
    """Join steps of a quantity to some ten bins; return their edges as places among the points."""
    width = -(-grid.n_intervals // _MOST_BINS) or 1
    return np.unique(np.append(np.arange(0, grid.n_intervals, width), grid.n_intervals))


def _effect_of_rows(grid, curve):
    """Return the effect at each row of the table, missing where its factor is."""
    if grid.is_quantity and grid.n_intervals:
        curve = (curve[:-1] + curve[1:]) / 2
    return np.append(curve, np.nan)[grid.places]


def frequency_ratios(grid, curve, is_landslide):
    """Count landslides in the bins of a quantity, or in classes.

    Parameters
    ----------
    grid : FactorGrid
        The factor.
    curve : ndarray of shape (n_points,)
        Its effect.
    is_landslide : ndarray of bool, shape (n_samples,)
        The labels.

    Returns
    -------
    table : DataFrame
        One row a bin: ``factor``, ``lower`` and ``upper`` of a quantity (missing else), ``class``
        (missing for a quantity), ``n_rows``, ``n_landslides``, ``frequency_ratio`` and ``effect``,
        the mean effect at its rows.
    """
    known = grid.places >= 0
    labels = grid.labels()
    if grid.is_quantity:
        edges = _bins(grid)
        n_bins = max(len(edges) - 1, 1)
        bins = np.clip(np.searchsorted(edges, grid.places, side="right") - 1, 0, n_bins - 1)
        lower, upper = labels[edges[:n_bins]], labels[edges[-n_bins:]]
        classes = np.full(n_bins, None, dtype=object)
    else:
        bins, n_bins, classes = grid.places, len(labels), labels
        lower = upper = np.full(n_bins, np.nan)
    n_rows = np.bincount(bins[known], minlength=n_bins)
    n_landslides = np.bincount(bins[known & is_landslide], minlength=n_bins)
    effect = np.bincount(bins[known], _effect_of_rows(grid, curve)[known], minlength=n_bins)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = n_landslides / n_rows / (n_landslides.sum() / n_rows.sum())
    return pd.DataFrame(
        {
            "factor": grid.name,
            "lower": lower,
            "upper": upper,
            "class": classes,
            "n_rows": n_rows,
            "n_landslides": n_landslides,
            "frequency_ratio": ratio,
            "effect": effect / np.maximum(n_rows, 1),
        }
    )


def agreement(table, rows_per_place=1.0):
    """Correlate the logarithm of the frequency ratio with the effect, over the bins of a factor.

    Parameters
    ----------
    table : DataFrame
        What :func:`frequency_ratios` returns.
    rows_per_place : float, default=1.0
        Rows that are one landslide, or one other place, on average.

    Returns
    -------
    correlation : float
        Weighted by the rows, from -1 to 1; missing where the ratios may as well be equal, or
        the effect is the same everywhere.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.inspection._frequency import agreement
    >>> table = pd.DataFrame(
    ...     {"n_rows": [100, 100], "n_landslides": [10, 50], "effect": [0.4, -0.4]}
    ... )
    >>> round(agreement(table), 6)
    -1.0
    """
    n_rows, n_landslides = table["n_rows"].to_numpy(), table["n_landslides"].to_numpy()
    overall = n_landslides.sum() / n_rows.sum()
    used = n_rows > 0
    if used.sum() < 2 or not 0 < overall < 1:
        return np.nan
    n_rows, n_landslides = n_rows[used], n_landslides[used]
    effect = table["effect"].to_numpy()[used]
    squares = (n_landslides - n_rows * overall) ** 2 / (n_rows * overall * (1 - overall))
    if chi2.sf(squares.sum() / rows_per_place, len(n_rows) - 1) > _SURE or np.ptp(effect) == 0:
        return np.nan
    # Half a landslide more: a bin without any has a logarithm.
    ratio = np.log((n_landslides + 0.5) / (n_rows + 1))
    a, b = (values - np.average(values, weights=n_rows) for values in (ratio, effect))
    spread = np.sqrt((n_rows @ a**2) * (n_rows @ b**2))
    return float(n_rows @ (a * b) / spread) if spread > 0 else np.nan
