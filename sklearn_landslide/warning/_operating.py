"""Points on the curve of a model: how many events at so many false alarms."""

import numpy as np
import pandas as pd

from sklearn_landslide.warning._blocks import detected_at
from sklearn_landslide.warning._times import length

# Less of a season than this is a sample.
_LEAST_SHARE = 0.9


def at_pofd(scores, pofd, learned_on, confidence_level, n_resamples, random_state):
    """Find what a warning at a rate of false detection detects, with an interval.

    Parameters
    ----------
    scores : WarningScores
        With probabilities.
    pofd : float
        The rate that must not be exceeded.
    learned_on : WarningScores or None
        Where the threshold is taken from; None: from `scores`.
    confidence_level : float
        Share of the draws within the interval.
    n_resamples : int
        Number of draws.
    random_state : int, RandomState instance or None
        Seed.

    Returns
    -------
    point : dict
    """
    if not 0 <= pofd < 1:
        raise ValueError(f"pofd must be 0 or more and below 1, got {pofd!r}.")
    probability, event = scores._probability, scores.cells["event"].to_numpy()
    fixed = None
    if learned_on is not None:
        cells = learned_on.cells
        if shared := np.isin(scores.cells["time"], cells["time"]).sum():
            raise ValueError(f"learned_on shares the times of {shared} cells: use other seasons.")
        known = learned_on._probability, cells["event"].to_numpy()
        fixed = detected_at(*known, np.ones(len(cells)), pofd)[1]

    def pod(weight):
        if fixed is None:
            return detected_at(probability, event, weight, pofd)
        found = weight[(event == 1) & (probability > fixed)].sum() / weight[event == 1].sum()
        return float(found), fixed

    share, above = pod(np.ones(event.size))
    drawn = [pod(times[scores._block])[0] for times in scores._draws(n_resamples, random_state)]
    tails = [(1 - confidence_level) / 2, (1 + confidence_level) / 2]
    lower, upper = map(float, np.quantile(drawn, tails))
    warned = probability > above
    return {
        "pod": share,
        "pod_lower": lower,
        "pod_upper": upper,
        "pofd": float(warned[event == 0].mean()),
        "above": above,
        "hits": int(warned[event == 1].sum()),
        "events": int(event.sum()),
    }


def pofd_of_rate(scores, per, rate):
    """Return the share of cells that so many false alarms in a length of time are.

    Parameters
    ----------
    scores : WarningScores
        Of a season without gaps.
    per : str or timedelta
        The length of time.
    rate : float
        False alarms in it, mean over the places.

    Returns
    -------
    pofd, each : float
        The share, and cells without an event of a place in that time.
    """
    cells = scores.cells
    spans = cells.groupby("unit")["time"].agg(["min", "max", "size"])
    expected = ((spans["max"] - spans["min"]) / scores.period + 1).sum() - scores.n_near
    years = cells["time"].dt.year.nunique()
    dense = spans["size"].sum() / max(expected, 1)
    # A season each year has gaps between the seasons, and none within.
    if dense < _LEAST_SHARE and years > 1:
        seasons = cells.groupby(["unit", cells["time"].dt.year])["time"].agg(["min", "max", "size"])
        expected = ((seasons["max"] - seasons["min"]) / scores.period + 1).sum() - scores.n_near
        dense = seasons["size"].sum() / max(expected, 1)
    lonely = (spans["size"] < 2).mean()
    if dense < _LEAST_SHARE or lonely > 0.5:
        raise ValueError(
            f"the warnings hold {len(cells)} of about {int(expected)} cells of their seasons and "
            "places: they are a sample, so that false alarms in a length of time are not known; "
            "use at_pofd."
        )
    each = length(per, name="per", least=1) / scores.period.value
    each *= float((cells["event"] == 0).mean())
    if not 0 < rate < each:
        raise ValueError(f"rate must lie between 0 and {each:g} cells in {pd.Timedelta(per)}.")
    return rate / each, each
