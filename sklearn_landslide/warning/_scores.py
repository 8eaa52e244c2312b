"""What a verification of warnings returns."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score, roc_curve

from sklearn_landslide._escaping import escaped, without_formulas
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.metrics import bin_means, bin_numbers, brier_decomposition
from sklearn_landslide.warning._blocks import block_draws, counts_by_block
from sklearn_landslide.warning._contingency import contingency_scores, relative_value
from sklearn_landslide.warning._duration import duration_matrix
from sklearn_landslide.warning._operating import at_pofd, pofd_of_rate
from sklearn_landslide.warning._said import sentences

COUNTS = ("hits", "misses", "false_alarms", "correct_rejections")
COST_LOSS = np.geomspace(0.001, 0.9, 60)


@dataclass(frozen=True, eq=False, repr=False)
class WarningScores:
    """Whether warnings were right.

    Returned by :func:`verify_warnings`. Print it for a description in words.

    Parameters
    ----------
    cells : pandas.DataFrame
        One row per cell that counts: ``unit``, ``time`` (its end), ``event`` (0 or 1), ``block``,
        and ``level`` or ``probability`` or both.
    rows : pandas.DataFrame
        The warnings as they were given, one row per step.
    events : pandas.DataFrame
        ``unit``, ``time``, and ``inside``: whether it lies in a cell.
    leads : pandas.DataFrame of shape (n_events, n_levels)
        Hours from the first warning of the warned spell to the event, negative where it came
        after the event, NaN where there was none.
    names : tuple of str
        Names of the levels, the lowest first.
    edges : tuple of float or None
        Probability at which each level begins, if it is known.
    period, step : pandas.Timedelta
        Length of a cell, and of a row.
    tolerance : tuple of pandas.Timedelta
        How much earlier, and later, a warning may be.
    n_near : int
        Number of cells left out because they are near an event.
    n_missing : int
        Number of rows left out because they have no forecast.
    dates_only : bool
        Whether no event had an hour.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per level, "this level or above counts as a warning": counts and scores. Computed
        once.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.warning import verify_warnings
    >>> hours = pd.date_range("2020-05-01 01:00", periods=6, freq="h")
    >>> warnings = pd.DataFrame({"time": hours, "level": [0, 1, 1, 1, 0, 0]})
    >>> scores = verify_warnings(warnings, pd.DataFrame({"time": ["2020-05-01 03:30"]}))
    >>> float(scores.lead_times()["level 1"].iloc[0])
    1.5
    >>> scores.table["pod"].item(), round(scores.table["far"].item(), 3)
    (1.0, 0.667)
    """

    cells: pd.DataFrame
    rows: pd.DataFrame
    events: pd.DataFrame
    leads: pd.DataFrame
    names: tuple
    edges: tuple
    period: pd.Timedelta
    step: pd.Timedelta
    tolerance: tuple
    n_near: int
    n_missing: int
    dates_only: bool

    @cached_property
    def table(self):
        """Counts and scores of each level."""
        counts = [self._counts(number).sum(axis=0) for number in range(1, len(self.names) + 1)]
        counts = np.array(counts, dtype=int).reshape(-1, 4)
        index = pd.Index(self.names, name="level", dtype=object)
        table = pd.DataFrame(counts, index=index, columns=COUNTS)
        return table.assign(**contingency_scores(*counts.T))

    def intervals(self, *, confidence_level=0.95, n_resamples=500, random_state=None):
        """Return intervals of the scores of each level.

        Blocks of time (``block`` of :func:`verify_warnings`) are drawn with replacement, with
        everything that happened in them in all places; blocks with and without an event are drawn
        separately, as many as there are of each. The intervals show how the choice of storms
        affects the scores of these warnings, not what other levels or another model would do.

        Parameters
        ----------
        confidence_level : float, default=0.95
            Share of the draws within the interval.
        n_resamples : int, default=500
            Number of draws.
        random_state : int, RandomState instance or None, default=None
            Seed.

        Returns
        -------
        intervals : pandas.DataFrame
            One row per level and score: ``level``, ``score``, ``value``, ``lower`` and ``upper``.

        Raises
        ------
        ValueError
            If fewer than two blocks hold an event.
        """
        times = self._draws(n_resamples, random_state)
        tails = [(1 - confidence_level) / 2, (1 + confidence_level) / 2]
        rows = []
        for number, name in enumerate(self.names, 1):
            drawn = contingency_scores(*(times @ self._counts(number)).T)
            for score, values in drawn.items():
                known = values[np.isfinite(values)]
                ends = np.quantile(known, tails) if known.size else (np.nan, np.nan)
                rows.append((name, score, self.table.loc[name, score], *ends))
        return pd.DataFrame(rows, columns=["level", "score", "value", "lower", "upper"])

    def lead_times(self):
        """Return the hours from the first warning of the warned spell to each event.

        Returns
        -------
        lead_times : pandas.DataFrame
            One row per event within time and places of the warnings: ``unit``, ``time``, and the
            hours for each level by its name. Negative: the warning came after the event, within
            the cell or the tolerance. A spell is a run of warned steps without a gap; a spell of
            weeks gives long lead times, so look at the days in warning, too.
        """
        inside = self.events["inside"].to_numpy()
        return pd.concat([self.events[["unit", "time"]], self.leads], axis=1)[inside]

    def value(self, cost_loss=None):
        """Return the relative economic value of each level, and of the probability.

        Parameters
        ----------
        cost_loss : array-like of shape (n_users,), default=None
            Ratios of cost to loss. None: 60 from 0.001 to 0.9, at equal factors.

        Returns
        -------
        value : pandas.DataFrame of shape (n_users, n_levels)
            Indexed by the ratio: for each level the value of acting on it or above; with
            probabilities, ``probability`` is that of acting where the probability reaches the
            ratio, which is the best rule only if they are calibrated. See :func:`relative_value`.
        """
        ratios = COST_LOSS if cost_loss is None else np.atleast_1d(cost_loss)
        event = self.cells["event"].to_numpy()
        base = event.mean()
        value = pd.DataFrame(index=pd.Index(ratios, name="cost_loss"))
        for name, row in self.table.iterrows():
            value[name] = relative_value(row["pod"], row["pofd"], base, ratios)
        if "probability" in self.cells:
            others, happened = (np.sort(self._probability[event == kind]) for kind in (0, 1))
            value["probability"] = [
                relative_value(_share(happened, r), _share(others, r), base, r) for r in ratios
            ]
        return value

    def reliability(self, *, n_bins=10, strategy="uniform"):
        """Return how often events followed, by bins of the probability.

        Parameters
        ----------
        n_bins : int, default=10
            Number of bins.
        strategy : {"uniform", "quantile"}, default="uniform"
            Bins of equal width, or with an equal number of cells.

        Returns
        -------
        reliability : pandas.DataFrame
            One row per bin that has cells: ``probability`` (mean), ``share`` of events, ``cells``.
        """
        probability, event = self._probability, self.cells["event"].to_numpy()
        numbers = bin_numbers(probability, n_bins, strategy)
        counts, mean, share = bin_means(event, probability, numbers)
        return pd.DataFrame({"probability": mean, "share": share, "cells": counts})

    def brier(self, *, n_bins=10):
        """Return the Brier score and its parts.

        Parameters
        ----------
        n_bins : int, default=10
            Number of bins of equal width.

        Returns
        -------
        parts : BrierDecomposition
            See :func:`~sklearn_landslide.metrics.brier_decomposition`.
        """
        return brier_decomposition(self.cells["event"], self._probability, n_bins=n_bins)

    def roc(self):
        """Return POD against POFD for all thresholds.

        Returns
        -------
        roc : pandas.DataFrame
            ``threshold``, ``pofd`` and ``pod``; the area is in ``roc.attrs["auc"]``.
        """
        event, probability = self.cells["event"].to_numpy(), self._probability
        pofd, pod, threshold = roc_curve(event, probability, drop_intermediate=False)
        roc = pd.DataFrame({"threshold": threshold, "pofd": pofd, "pod": pod})
        roc.attrs["auc"] = float(roc_auc_score(event, probability))
        return roc

    def at_pofd(
        self, pofd, *, learned_on=None, confidence_level=0.95, n_resamples=500, random_state=None
    ):
        """Return the share of the events that a warning at a given POFD finds.

        Parameters
        ----------
        pofd : float
            Share of the cells without an event that may be warned, at most.
        learned_on : WarningScores, default=None
            Scores of training seasons, from which the threshold is taken. None: it is chosen on
            the season that is scored. That is good for comparing models, but nobody could have
            warned that way.
        confidence_level : float, default=0.95
            Share of the draws within the interval.
        n_resamples : int, default=500
            Number of draws of blocks; with the threshold chosen again in each.
        random_state : int, RandomState instance or None, default=None
            Seed.

        Returns
        -------
        point : dict
            ``pod``, ``pod_lower``, ``pod_upper``, ``pofd`` (as it came out), ``above`` (the
            probability that must be exceeded), ``hits`` and ``events``.
        """
        return at_pofd(
            self, pofd, learned_on, confidence_level, n_resamples, random_state=random_state
        )

    def at_false_alarms(self, *, per="30D", rate=1.0, **options):
        """Return the share of the events found at a given rate of false alarms.

        Parameters
        ----------
        per : str or timedelta, default="30D"
            The length of time.
        rate : float, default=1.0
            False alarms in it, mean over the places. A false alarm is a warned cell without an
            event: with cells of an hour, six hours are six. Give ``period="1D"`` to
            :func:`verify_warnings` to count days.
        **options : dict
            `learned_on`, `confidence_level`, `n_resamples` and `random_state` as in
            :meth:`at_pofd`.

        Returns
        -------
        point : dict
            As :meth:`at_pofd`, and ``false_alarms``, the rate as it came out.

        Raises
        ------
        ValueError
            If the cells are not a season without gaps but a sample of times and places: how often a
            false alarm comes in a month cannot be known then; use :meth:`at_pofd`.
        """
        pofd, each = pofd_of_rate(self, per, rate)
        point = self.at_pofd(pofd, **options)
        return point | {"false_alarms": point["pofd"] * each}

    def duration_matrix(self, *, classes=(1, 2, 10), gap="24h", lead="0h", over="0h"):
        """Return for how long each level was in force during each class of landslide event.

        Parameters
        ----------
        classes : sequence of int, default=(1, 2, 10)
            Smallest number of landslides of each class of event, rising.
        gap : str or timedelta, default="24h"
            Landslides of a place that are at most this far apart are one event.
        lead : str or timedelta, default="0h"
            An event begins this long before its first landslide.
        over : str or timedelta, default="0h"
            It ends this long after its last landslide.

        Returns
        -------
        matrix : DurationMatrix
            Hours by level and class, and what they say.
        """
        return duration_matrix(self, classes, gap=gap, lead=lead, over=over)

    def in_words(self):
        """Say what was found in plain sentences.

        Returns
        -------
        sentences : list of str
            For an officer on duty.
        """
        return sentences(self)

    def to_text(self):
        """Return sentences and table as text.

        Returns
        -------
        text : str
            Several lines.
        """
        lines = [f"- {escaped(text)}" for text in self.in_words()]
        table = ["", self.table.round(3).to_string()] if self.names else []
        return "\n".join(lines + table)

    def to_dict(self):
        """Return what was found as plain numbers and texts, for JSON.

        Returns
        -------
        facts : dict
            ``levels`` (one dict per level), ``events``, ``cells``, ``cells_near``,
            ``rows_missing``, ``period_hours``, ``step_hours``, ``tolerance_hours`` and ``words``;
            what is not known is None.
        """
        records = self.table.reset_index().to_dict("records")
        hour = pd.Timedelta("1h")
        return {
            "levels": [{key: _plain(value) for key, value in row.items()} for row in records],
            "events": int(self.events["inside"].sum()),
            "events_outside": int((~self.events["inside"]).sum()),
            "cells": len(self.cells),
            "cells_near": self.n_near,
            "rows_missing": self.n_missing,
            "period_hours": self.period / hour,
            "step_hours": self.step / hour,
            "tolerance_hours": [part / hour for part in self.tolerance],
            "words": self.in_words(),
        }

    def to_csv(self, path):
        """Write the table of counts and scores to a CSV file.

        Parameters
        ----------
        path : str or path-like
            The file. An existing file is replaced once the new one is complete.
        """
        with whole_file(path) as hidden:
            without_formulas(self.table.reset_index()).to_csv(hidden, index=False)

    @property
    def _probability(self):
        if "probability" not in self.cells:
            raise ValueError("the warnings had no column 'probability': only levels were scored.")
        return self.cells["probability"].to_numpy()

    @cached_property
    def _block(self):
        return pd.factorize(self.cells["block"])[0]

    def _draws(self, n_resamples, random_state):
        event = self.cells["event"].to_numpy()
        return block_draws(self._block, event, n_resamples, random_state)

    def _counts(self, number):
        """Count each block, if this level or above is a warning."""
        warned = self.cells["level"].to_numpy() >= number
        return counts_by_block(self._block, self.cells["event"].to_numpy(), warned)

    def __repr__(self):
        return "\n".join(["WarningScores", *(f"- {escaped(text)}" for text in self.in_words())])


def _share(ordered, threshold):
    """Share of rising values that reach a threshold."""
    below = np.searchsorted(ordered, threshold * (1 - 1e-9))
    return 1 - below / ordered.size if ordered.size else np.nan


def _plain(value):
    """Return a number or text that JSON knows."""
    value = getattr(value, "item", lambda: value)()
    return None if isinstance(value, float) and np.isnan(value) else value
