"""What a curve over the number of labels returns: scores, where lines cross, and words."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import escaped, without_formulas
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.comparison import HEADINGS


def _error(values):
    """Return the standard error of a mean, missing for a single value."""
    return values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan


def _by_place(scores):
    """Return one value a fold, the mean of its repeats; of a single fold one a repeat."""
    key = "fold" if scores["fold"].nunique() > 1 else "repeat"
    return scores.groupby(key)["score"].mean()


@dataclass(frozen=True, eq=False, repr=False)
class KShotCurve:
    """Skill in a region by the number of its labels, for several models.

    Returned by :func:`k_shot_curve`. Print it for a description in words.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per score: ``model``, ``k`` (places with a label), ``n_landslides`` among them,
        ``repeat``, ``fold``, ``metric`` and ``score``.
    with_source : tuple of str
        Models that know another region; all others know only this region.
    metrics : tuple of str
        Names of the metrics; higher is better.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.transfer import KShotCurve
    >>> rows = [("there", 30, 0.8), ("there", 90, 0.8), ("alone", 30, 0.6), ("alone", 90, 0.9)]
    >>> scores = pd.DataFrame(
    ...     [(m, k, 9, r, 0, "roc_auc", s + r / 100) for m, k, s in rows for r in (0, 1)],
    ...     columns=["model", "k", "n_landslides", "repeat", "fold", "metric", "score"],
    ... )
    >>> KShotCurve(scores, ("there",), ("roc_auc",)).crossings()["k"].tolist()
    [90]
    """

    scores: pd.DataFrame
    with_source: tuple
    metrics: tuple

    @property
    def alone(self):
        """Names of the models of the region alone."""
        names = self.scores["model"].unique().tolist()
        return tuple(name for name in names if name not in self.with_source)

    def summary(self):
        """Return the mean of each model and number of labels, with its standard error.

        Returns
        -------
        summary : pandas.DataFrame
            One row per metric, model and number of labels: ``metric``, ``model``, ``k``,
            ``n_landslides`` (mean), ``mean``, ``se`` and ``n_scores``. Draws in one fold are
            tested on the same rows, so that the standard error is that of the means of the folds;
            with one fold it is that of the draws. It says nothing about another region.
        """
        rows = []
        groups = self.scores.groupby(["metric", "model", "k"], sort=False)
        for (metric, model, k), scores in groups:
            known = scores.dropna(subset="score")
            values = _by_place(known)
            rows.append(
                {
                    "metric": metric,
                    "model": model,
                    "k": k,
                    "n_landslides": scores["n_landslides"].mean(),
                    "mean": values.mean(),
                    "se": _error(values),
                    "n_scores": len(known),
                }
            )
        return pd.DataFrame(rows)

    def crossings(self):
        """Return how many labels make a model of the region alone as good as a transfer.

        Returns
        -------
        crossings : pandas.DataFrame
            One row per metric and pair of models: ``metric``, ``transfer``, ``alone`` and ``k``,
            the smallest number of labels from which on the model of the region alone is not worse
            by more than one standard error of the differences of the folds; None where it never
            is.
        """
        rows = []
        for metric in self.metrics:
            of_metric = self.scores[self.scores["metric"] == metric]
            of_model = {name: part for name, part in of_metric.groupby("model")}
            for transfer in self.with_source:
                for alone in self.alone:
                    k = _crossing(of_model[transfer], of_model[alone])
                    rows.append({"metric": metric, "transfer": transfer, "alone": alone, "k": k})
        return pd.DataFrame(rows, columns=["metric", "transfer", "alone", "k"], dtype=object)

    def in_words(self):
        """Say what was found in plain sentences, by the first metric.

        Returns
        -------
        sentences : list of str
            For a reader who is not a statistician.
        """
        metric = self.metrics[0]
        summary = self.summary()
        summary = summary[summary["metric"] == metric]
        heading = HEADINGS.get(metric, metric)
        said = []
        for name, rows in summary.groupby("model", sort=False):
            first, last = rows.iloc[0], rows.iloc[-1]
            text = f"{name}: {heading} {_figure(first)} with {_labels(first)}"
            if len(rows) > 1:
                text += f", {_figure(last)} with {_labels(last)}"
            said.append(f"{text}.")
        most = int(summary["k"].max())
        crossings = self.crossings()
        for row in crossings[crossings["metric"] == metric].itertuples():
            tried = summary.loc[(summary["model"] == row.alone) & (summary["k"] > 0), "k"]
            if row.k is None:
                text = (
                    f"{row.alone} stays behind {row.transfer} up to {most} labels: the other "
                    "region is worth more than that."
                )
            elif row.k == tried.min():
                text = (
                    f"{row.alone} is as good as {row.transfer} with {row.k} labels already, the "
                    "fewest that were tried: the other region is worth no more."
                )
            else:
                text = (
                    f"{row.alone} is as good as {row.transfer} from {row.k} labels on: with fewer, "
                    "begin with the other region; with as many, a model of the region alone will "
                    "do."
                )
            said.append(text)
        return said

    def to_csv(self, path):
        """Write the scores to a CSV file.

        Parameters
        ----------
        path : str or path-like
            The file. An existing file is replaced once the new one is complete.
        """
        with whole_file(path) as hidden:
            without_formulas(self.scores).to_csv(hidden, index=False)

    def __repr__(self):
        return "\n".join(["KShotCurve", *(f"- {escaped(text)}" for text in self.in_words())])


def _figure(row):
    error = "" if np.isnan(row["se"]) else f" ± {row['se']:.3f}"
    return f"{row['mean']:.3f}{error}"


def _labels(row):
    if row["k"] == 0:
        return "no labels"
    return f"{row['k']} labels ({row['n_landslides']:.0f} landslides)"


def _crossing(transfer, alone):
    """Return the number of labels from which on one is not worse than the other, or None."""
    keys, found = ["k", "repeat", "fold"], None
    pairs = transfer.merge(alone, on=keys, suffixes=("_of_transfer", ""))
    pairs["score"] = pairs["score"] - pairs["score_of_transfer"]
    pairs = pairs[pairs["k"] > 0].dropna(subset="score")
    for k, differences in sorted(pairs.groupby("k"), key=lambda group: -group[0]):
        values = _by_place(differences)
        error = _error(values)
        if values.mean() < -(0.0 if np.isnan(error) else error):
            break
        found = int(k)
    return found
