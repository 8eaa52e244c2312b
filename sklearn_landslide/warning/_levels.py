"""Levels of warning: thresholds of the probability, learned from training seasons."""

import math

import numpy as np
import pandas as pd

from sklearn_landslide._threshold import reaches
from sklearn_landslide._words import listed, plural
from sklearn_landslide.metrics import check_labels, check_scores
from sklearn_landslide.warning._times import ALL, usual_step, utc

_BY = ("cost_loss", "hit_rate", "days_a_year", "hours_a_year")
_SPANS = {"days_a_year": ("D", 365.25), "hours_a_year": ("h", 365.25 * 24)}
_HOUR = 3_600_000_000_000
_NAMES = ("yellow", "orange", "red")


class WarningLevels:
    """Levels of warning, such as yellow, orange and red, from probabilities.

    A level begins at a threshold of the probability. One of four rules sets it, with one number
    per level, from the lowest level to the highest.

    Parameters
    ----------
    names : sequence of str, default=("yellow", "orange", "red")
        Names of the levels, the lowest first. "No warning" is below them.
    cost_loss : sequence of float of shape (n_levels,), default=None
        Cost of acting on a level over the loss that this prevents, rising, 0 to 1. The threshold
        is this ratio, if the probabilities are calibrated ([1]_). Where a false alarm costs ``a``
        and a miss ``m``, and a hit nothing, it is ``a / (a + m)``. The fit only checks whether the
        probabilities are calibrated well enough.
    hit_rate : sequence of float of shape (n_levels,), default=None
        Share of the training events that reach this level, in falling order, such as ``(0.9, 0.7,
        0.4)``.
    days_a_year : sequence of float of shape (n_levels,), default=None
        Number of days per 365.25 observed days on which a place reaches this level, in falling
        order, such as ``(20, 5, 1)``; mean over places.
    hours_a_year : sequence of float of shape (n_levels,), default=None
        The same in hours, for rows of an hour or less.

    Attributes
    ----------
    edges_ : ndarray of shape (n_levels,)
        Probability at which each level begins, rising.
    n_events_ : int
        Number of events among the training rows.
    training_ : tuple of (str, str) or None
        First and last time of training, if `fit` was given times.

    See Also
    --------
    verify_warnings : Checks whether the warnings were right in other seasons.

    Notes
    -----
    Learn the levels on training seasons, from probabilities that the model gave for rows it was
    not fitted on (:func:`~sklearn_landslide.compare_models` keeps them, and ``cross_val_predict``
    returns them): the probabilities of its own training rows are too good.

    References
    ----------
    .. [1] Richardson, D. S. (2000). Skill and relative economic value of the ECMWF ensemble
       prediction system. Quarterly Journal of the Royal Meteorological Society 126, 649-667.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning import WarningLevels
    >>> probability = np.linspace(0.01, 0.99, 99)
    >>> happened = np.arange(99) % 2
    >>> levels = WarningLevels(hit_rate=[0.9, 0.5, 0.2]).fit(probability, happened)
    >>> levels.edges_.round(2).tolist()
    [0.1, 0.5, 0.8]
    >>> levels.predict([0.05, 0.2, 0.6, 0.9]).tolist()
    [0, 1, 2, 3]
    """

    def __init__(
        self,
        names=_NAMES,
        *,
        cost_loss=None,
        hit_rate=None,
        days_a_year=None,
        hours_a_year=None,
    ):
        self.names = names
        self.cost_loss = cost_loss
        self.hit_rate = hit_rate
        self.days_a_year = days_a_year
        self.hours_a_year = hours_a_year

    def fit(self, probability, happened, *, time=None, unit=None):
        """Learn the thresholds.

        Parameters
        ----------
        probability : array-like of shape (n_rows,)
            Probability of an event at a place in a step of time.
        happened : array-like of shape (n_rows,)
            1 where there was an event, 0 elsewhere.
        time : array-like of shape (n_rows,), default=None
            End of the step; naive times are UTC. Needed for days and hours a year, and for
            :func:`verify_warnings` to refuse the seasons of training.
        unit : array-like of shape (n_rows,), default=None
            Place of the row: municipality, catchment. None: all rows are one place.

        Returns
        -------
        levels : WarningLevels
            Itself.

        Raises
        ------
        ValueError
            If not exactly one rule is given, its numbers are out of order, or the training rows
            cannot support it.
        """
        rule, wanted = self._rule()
        happened = check_labels(happened, needs=())
        probability = check_scores(probability, happened.size, bounded=True, name="probability")
        time = None if time is None else utc(time, of="time")
        if time is not None and time.size != happened.size:
            raise ValueError(f"time has {time.size} values for {happened.size} rows: one per row.")
        self.n_events_ = int(happened.sum())
        if rule == "cost_loss":
            _check_calibrated(probability, happened, wanted)
            edges = wanted
        elif rule == "hit_rate":
            edges = _edges_by_hits(probability[happened == 1], wanted)
        else:
            if time is None:
                raise ValueError(f"{rule} needs time=..., the end of the step of each row.")
            edges = _edges_by_time(rule, probability, time, unit, wanted)
        if not (np.diff(edges) > 0).all():
            raise ValueError(
                f"{rule}={wanted.tolist()} gives the thresholds {np.round(edges, 4).tolist()}: "
                "two levels would be one; give fewer levels, or numbers further apart."
            )
        self.edges_ = np.asarray(edges, dtype=float)
        self.training_ = None if time is None else (str(time.min()), str(time.max()))
        self._times = None if time is None else np.unique(time)
        return self

    def predict(self, probability):
        """Return the level of each probability.

        Parameters
        ----------
        probability : array-like of any shape
            Probabilities; NaN is nodata.

        Returns
        -------
        levels : ndarray of int of the same shape
            0 for no warning, 1 for the lowest level and so on; -1 where there is no probability.

        Raises
        ------
        ValueError
            If `fit` was not called, or something is not a probability.
        """
        if not hasattr(self, "edges_"):
            raise ValueError("These levels know no thresholds yet: call fit first.")
        probability = np.asarray(probability, dtype=float)
        known = np.isfinite(probability)
        if (np.isinf(probability) | (known & ((probability < 0) | (probability > 1)))).any():
            raise ValueError("probability must lie between 0 and 1; mark nodata as NaN.")
        above = sum(reaches(probability, edge).astype(np.int64) for edge in self.edges_)
        return np.where(known, above, -1)

    def in_words(self):
        """Say what each level means.

        Returns
        -------
        sentences : list of str
            One per level.
        """
        rule, wanted = self._rule()
        said = []
        for name, number, edge in zip(self.names, wanted, self.edges_, strict=True):
            why = {
                "cost_loss": f"for those whose cost of acting is {number:g} of the loss",
                "hit_rate": f"in training {number:.0%} of the events were at it or above",
                "days_a_year": f"in training {number:g} days a year in a place",
                "hours_a_year": f"in training {number:g} hours a year in a place",
            }[rule]
            said.append(f"{name}: from a probability of {edge:.3g} on; {why}.")
        return said

    def _rule(self):
        """Return the name of the one rule, and its numbers."""
        given = [name for name in _BY if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give one of {listed(_BY)}, got {len(given)} of them.")
        rule = given[0]
        wanted = np.atleast_1d(np.asarray(getattr(self, rule), dtype=float))
        n_levels = len(self.names)
        if wanted.shape != (n_levels,):
            raise ValueError(
                f"{rule} has {plural(wanted.size, 'number')} for {plural(n_levels, 'level')}, "
                f"{listed(self.names)}: one per level, the lowest first."
            )
        rises = rule == "cost_loss"
        most = 1 if rule in ("cost_loss", "hit_rate") else _SPANS[rule][1]
        in_order = (np.diff(wanted) > 0).all() if rises else (np.diff(wanted) < 0).all()
        if not in_order or not ((wanted > 0) & (wanted < most)).all():
            raise ValueError(
                f"{rule} must {'rise' if rises else 'fall'} from level to level, between 0 and "
                f"{most:g}, got {wanted.tolist()}."
            )
        return rule, wanted

    def __repr__(self):
        if not hasattr(self, "edges_"):
            return f"WarningLevels({', '.join(map(repr, self.names))}), not fitted"
        return "\n".join(["WarningLevels", *(f"- {text}" for text in self.in_words())])


def _check_calibrated(probability, happened, wanted):
    """Refuse costs where the events are too few, or not as many as the probabilities say."""
    expected, found = float(probability.sum()), int(happened.sum())
    if found < 5:
        raise ValueError(
            f"cost_loss needs calibrated probabilities, and {plural(found, 'event')} cannot show "
            "that they are: 5 or more are needed."
        )
    # Twice as many or half as many, beyond what chance does to a count.
    chance = 3 * math.sqrt(max(expected, 1))
    if abs(found - expected) > chance and not 0.5 <= found / max(expected, 1e-12) <= 2:
        raise ValueError(
            f"cost_loss={wanted.tolist()} needs calibrated probabilities, but they say "
            f"{expected:.0f} events and {found} happened: calibrate them, or use hit_rate."
        )


def _edges_by_hits(probability, wanted):
    """Highest thresholds that so many of the events reach."""
    n_events = probability.size
    # The rarest thing that a rate tells apart is one event at it, and one beyond.
    needed = max(math.ceil(1 / min(1 - wanted.max(), wanted.min()) - 1e-9), 5)
    if n_events < needed:
        raise ValueError(
            f"hit_rate={wanted.tolist()} needs {needed} events or more in the training rows, "
            f"they hold {n_events}: use lower rates, or more seasons."
        )
    ordered = np.sort(probability)[::-1]
    return ordered[np.ceil(wanted * n_events - 1e-9).astype(int) - 1]


def _edges_by_time(rule, probability, time, unit, wanted):
    """Thresholds that so many days or hours of the training reach, mean over the places."""
    freq, a_year = _SPANS[rule]
    units = np.full(time.size, ALL) if unit is None else np.asarray(unit).astype(str)
    if rule == "hours_a_year" and usual_step(time, units) > _HOUR:
        raise ValueError("hours_a_year needs rows of an hour or less: use days_a_year.")
    # A step ends at its time: the last of a day ends at the midnight after it.
    spans = pd.DatetimeIndex(time - np.timedelta64(1, "ns")).floor(freq)
    rows = pd.DataFrame({"unit": units, "span": spans, "p": probability})
    highest = rows.groupby(["unit", "span"])["p"].max().sort_values(ascending=False).to_numpy()
    above = wanted / a_year * highest.size
    if above.min() < 1:
        what = rule.partition("_")[0]
        raise ValueError(
            f"{rule}={wanted.tolist()} needs {math.ceil(a_year / wanted.min())} observed {what} or "
            f"more, over all places; the training rows hold {highest.size}."
        )
    number = np.floor(above + 1e-9).astype(int)
    # Ties: a threshold that more would reach than wanted is moved to the next higher value.
    edges = []
    for n in number:
        higher = highest[:n][highest[:n] > (highest[n] if n < highest.size else -1)]
        if not higher.size:
            raise ValueError(
                f"{rule}={wanted.tolist()} cannot be met: too many {rule.partition('_')[0]} have "
                f"the same probability, {highest[0]:g}."
            )
        edges.append(higher[-1])
    return np.array(edges)
