"""For how long each level met each class of landslide event: the duration matrix of EDuMaP."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide.warning._times import length

_HOUR = 3_600_000_000_000
GRADES = ("green", "yellow", "red", "purple")


@dataclass(frozen=True, eq=False, repr=False)
class DurationMatrix:
    r"""Hours at each level of warning and class of landslide event.

    Returned by :meth:`WarningScores.duration_matrix`, after the method EDuMaP ([1]_): events,
    duration matrix, performance. Element :math:`d_{ij}` is the time for which level :math:`i` was
    in force during an event of class :math:`j`, summed over the places; the first row is "no
    warning", the first column "no landslide".

    Two criteria say what an element means. The paper has the analyst assign them; here, unless
    `grades` says otherwise: (1) a warning during an event is a correct alert, one without
    an event a false alert, an event without a warning a missed alert, and neither a true negative;
    (2) the distance :math:`|i - j|`, with classes and levels put on the same scale, is the
    grade: 0 green, 1 yellow, 2 red, 3 and more purple.

    Parameters
    ----------
    hours : pandas.DataFrame of shape (n_levels + 1, n_classes + 1)
        The times in hours.
    grades : pandas.DataFrame of shape (n_levels + 1, n_classes + 1)
        The grade of each element by the second criterion.
    n_events : pandas.Series of shape (n_classes,)
        Number of events of each class.

    References
    ----------
    .. [1] Calvello, M., Piciullo, L. (2016). Assessing the performance of regional landslide early
       warning models: the EDuMaP method. Natural Hazards and Earth System Sciences 16, 103-122.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.warning import verify_warnings
    >>> hours = pd.date_range("2020-05-01 01:00", periods=6, freq="h")
    >>> warnings = pd.DataFrame({"time": hours, "level": [0, 1, 1, 1, 0, 0]})
    >>> events = pd.DataFrame({"time": ["2020-05-01 02:30", "2020-05-01 04:30"]})
    >>> verify_warnings(warnings, events).duration_matrix(classes=[1]).hours.to_numpy().tolist()
    [[2.0, 1.0], [1.0, 2.0]]
    """

    hours: pd.DataFrame
    grades: pd.DataFrame
    n_events: pd.Series

    def alerts(self):
        """Return the hours of correct, false and missed alerts and of true negatives.

        Returns
        -------
        alerts : dict of str to float
            By ``correct``, ``false``, ``missed`` and ``true_negative``.
        """
        hours = self.hours.to_numpy()
        return {
            "correct": float(hours[1:, 1:].sum()),
            "false": float(hours[1:, 0].sum()),
            "missed": float(hours[0, 1:].sum()),
            "true_negative": float(hours[0, 0]),
        }

    def indicators(self):
        """Return shares of the time with a warning or an event, as in the paper.

        Returns
        -------
        indicators : dict of str to float
            ``efficiency`` (correct alerts over all but true negatives), ``hit_rate`` (correct over
            correct and missed), ``predictive_power`` (correct over correct and false),
            ``error_rate`` (red and purple over all but true negatives), ``serious_mistakes``
            (purple over the same) and ``missed_balance`` (missed over missed and false).
        """
        found = self.alerts()
        correct, false, missed = (found[name] for name in ("correct", "false", "missed"))
        hours, grades = self.hours.to_numpy().copy(), self.grades.to_numpy()
        hours[0, 0] = 0
        rest = hours.sum()
        purple, red = (hours[grades == grade].sum() for grade in ("purple", "red"))
        shares = {
            "efficiency": (correct, rest),
            "hit_rate": (correct, correct + missed),
            "predictive_power": (correct, correct + false),
            "error_rate": (red + purple, rest),
            "serious_mistakes": (purple, rest),
            "missed_balance": (missed, missed + false),
        }
        return {
            name: float(part / whole) if whole else float("nan")
            for name, (part, whole) in shares.items()
        }

    def by_grade(self):
        """Return the hours of each grade within the time with a warning or an event.

        Returns
        -------
        hours : dict of str to float
            By ``green``, ``yellow``, ``red`` and ``purple``.
        """
        hours = self.hours.to_numpy().copy()
        hours[0, 0] = 0
        return {g: float(hours[self.grades.to_numpy() == g].sum()) for g in GRADES}

    def __repr__(self):
        return f"DurationMatrix, hours\n{self.hours.round(1).to_string()}"


def landslide_events(events, gap):
    """Put landslides of a place that are close in time together.

    Parameters
    ----------
    events : DataFrame
        ``unit`` and ``time`` of each landslide.
    gap : int
        Most nanoseconds between two of one event.

    Returns
    -------
    groups : DataFrame
        ``unit``, ``start``, ``end`` (ns) and ``size`` of each event.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.warning._duration import landslide_events
    >>> times = pd.to_datetime(["2020-05-01", "2020-05-02", "2020-05-09"])
    >>> events = pd.DataFrame({"unit": "a", "time": times})
    >>> landslide_events(events, 2 * 24 * 3600 * 10**9)["size"].tolist()
    [2, 1]
    """
    ordered = events.assign(ns=events["time"].astype("datetime64[ns]").astype(np.int64))
    ordered = ordered.sort_values(["unit", "ns"])
    apart = ordered["ns"].diff() > gap
    number = (apart | (ordered["unit"] != ordered["unit"].shift())).cumsum()
    return ordered.groupby(number).agg(
        unit=("unit", "first"), start=("ns", "min"), end=("ns", "max"), size=("ns", "size")
    )


def duration_matrix(scores, classes, *, gap, lead, over):
    """Compute the matrix; see the method of :class:`WarningScores`.

    Parameters
    ----------
    scores : WarningScores
        With levels.
    classes : sequence of int
        Least number of landslides of each class, rising.
    gap, lead, over : str or timedelta
        What is one event, and when it begins and ends.

    Returns
    -------
    matrix : DurationMatrix
    """
    least = np.asarray(classes)
    if not scores.names:
        raise ValueError("a duration matrix needs levels: give levels=... or a column 'level'.")
    if least.ndim != 1 or not least.size or least[0] < 1 or not (np.diff(least) > 0).all():
        raise ValueError(f"classes must be numbers of landslides that rise, got {classes!r}.")
    groups = landslide_events(scores.events[scores.events["inside"]], length(gap, name="gap"))
    of_class = np.searchsorted(least, groups["size"].to_numpy(), side="right")
    rows = scores.rows.groupby(["unit", "time"], as_index=False)["level"].max()
    ends = rows["time"].astype("datetime64[ns]").astype(np.int64).to_numpy()
    step, met = scores.step.value, np.zeros(len(rows), dtype=int)
    places = rows.groupby("unit").indices
    before, after = length(lead, name="lead"), length(over, name="over")
    for group, kind in zip(groups.itertuples(), of_class, strict=True):
        at = places.get(group.unit, np.array([], dtype=int))
        # A step counts if it holds a moment of the event.
        during = (ends[at] >= group.start - before) & (ends[at] - step < group.end + after)
        met[at[during]] = np.maximum(met[at[during]], kind)
    hours = np.zeros((len(scores.names) + 1, least.size + 1))
    np.add.at(hours, (rows["level"].to_numpy(), met), step / _HOUR)
    index = pd.Index(["no warning", *scores.names], name="level")
    bounds = [*(f"{n} or more" for n in least.tolist())]
    columns = pd.Index(["none", *bounds], name="landslides")
    counts = np.bincount(of_class, minlength=least.size + 1)[1:]
    return DurationMatrix(
        pd.DataFrame(hours, index, columns),
        pd.DataFrame(_grades(*hours.shape), index, columns),
        pd.Series(counts, columns[1:], name="events"),
    )


def _grades(n_rows, n_columns):
    """Grade by the distance from the level that would fit the class."""
    fits = np.arange(n_columns) * (n_rows - 1) / (n_columns - 1)
    apart = np.abs(np.arange(n_rows)[:, None] - fits)
    return np.array(GRADES, dtype=object)[np.minimum(np.floor(apart + 0.5).astype(int), 3)]
