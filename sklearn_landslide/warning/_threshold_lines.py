"""The lines of a rainfall threshold: fitted, fitted again to samples, and laid out."""

import numpy as np
import pandas as pd

from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.warning._power_law import PowerLaws, fit_power_laws

# Shares of the landslides below a line that the literature gives.
_USUAL = (0.005, 0.01, 0.05, 0.1, 0.2, 0.35, 0.5)


def learn_laws(x, y, weights, *, residuals, n_bootstrap, random_state):
    """Fit the law of all events, and those of samples of them with replacement.

    Parameters
    ----------
    x, y : ndarray of shape (n_events,)
        Decadic logarithms.
    weights : ndarray of shape (n_events,)
        As how many events each event counts, above 0.
    residuals : {"kernel", "normal"}
        As in ``fit_power_laws``.
    n_bootstrap : int
        Number of samples.
    random_state : int, RandomState instance or None
        Of the samples.

    Returns
    -------
    law : ndarray of shape (4,)
        Intercept, slope, mean and standard deviation of the residuals.
    drawn : ndarray of shape (n_samples, 4)
        The same for each sample in which events are not all equally long.
    """
    (law,) = _as_rows(fit_power_laws(x, y, weights[np.newaxis], residuals))
    rng = np.random.default_rng(draw_seeds(random_state, 1)[0])
    n_drawn = max(round(float(weights.sum())), 1)
    counts = rng.multinomial(n_drawn, weights / weights.sum(), size=n_bootstrap)
    if len(counts) and np.ptp(x) > 0:
        least = np.where(counts > 0, x, np.inf).min(axis=1)
        counts = counts[np.where(counts > 0, x, -np.inf).max(axis=1) > least]
    if not len(counts):
        return law, np.empty((0, 4))
    return law, _as_rows(fit_power_laws(x, y, counts.astype(np.float64), residuals))


def _as_rows(laws):
    return np.column_stack([laws.intercept, laws.slope, laws.mean, laws.std])


def threshold_table(law, drawn, exceedance):
    """Return the lines that the literature gives, and the one at `exceedance`.

    Parameters
    ----------
    law, drawn : ndarray of shape (4,) and (n_samples, 4)
        As from ``learn_laws``.
    exceedance : float
        Share of the landslides below the line.

    Returns
    -------
    table : DataFrame
        Indexed by ``exceedance``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning._threshold_lines import threshold_table
    >>> law = np.array([1.0, 0.4, 0.0, 0.2])
    >>> threshold_table(law, law[np.newaxis], 0.05).loc[0.5, "alpha"]
    np.float64(10.0)
    """
    shares = sorted({*_USUAL, float(exceedance)})
    rows = []
    for share in shares:
        alpha, alphas = (10.0 ** PowerLaws(*each.T).log_alpha(share) for each in (law, drawn))
        gammas = drawn[:, 1]
        rows.append((alpha, *_mean_and_std(alphas), law[1], *_mean_and_std(gammas)))
    columns = [f"{name}{what}" for name in ("alpha", "gamma") for what in ("", "_mean", "_std")]
    return pd.DataFrame(rows, index=pd.Index(shares, name="exceedance"), columns=columns)


def _mean_and_std(values):
    if len(values) < 2:
        return np.nan, np.nan
    return values.mean(), values.std(ddof=1)


def rain_on_line(law, drawn, log_x, exceedance, level):
    """Return the rain of a line, with the interval in which the lines of the samples lie.

    Parameters
    ----------
    law, drawn : ndarray of shape (4,) and (n_samples, 4)
        As from ``learn_laws``.
    log_x : ndarray of shape (n_points,)
        Where, in decadic logarithms.
    exceedance : float
        Share of the landslides below the line.
    level : float
        Share of the lines within the interval.

    Returns
    -------
    table : DataFrame of shape (n_points, 3)
        ``rain``, ``low`` and ``high`` in mm; the latter two NaN without samples.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning._threshold_lines import rain_on_line
    >>> law = np.array([1.0, 0.5, 0.0, 0.2])
    >>> rain_on_line(law, law[np.newaxis], np.array([0.0, 2.0]), 0.5, 0.9)["rain"].tolist()
    [10.0, 100.0]
    """
    rain = 10.0 ** (PowerLaws(*law).log_alpha(exceedance) + law[1] * log_x)
    bounds = np.full((2, len(log_x)), np.nan)
    if len(drawn):
        laws = PowerLaws(*drawn.T[..., np.newaxis])
        lines = laws.log_alpha(exceedance) + laws.slope * log_x
        bounds = 10.0 ** np.quantile(lines, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame({"rain": rain, "low": bounds[0], "high": bounds[1]})
