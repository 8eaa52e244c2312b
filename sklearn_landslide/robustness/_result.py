"""What a study of sensitivity returns: losses, their means, ranks of the models, and words."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import escaped, markdown_text, without_formulas
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import listed
from sklearn_landslide.metrics import corrected_resampled_ttest
from sklearn_landslide.robustness._fit import TRUTH, UNPERTURBED
from sklearn_landslide.robustness._perturbation import FoldRows, shown_level

HEADINGS = {
    "roc_auc": "ROC-AUC",
    "average_precision": "PR-AUC",
    "neg_brier_score": "negative Brier score",
    TRUTH: "rank correlation with the truth",
}
# A loss is clear where it is more than this many standard errors.
_CLEAR = 2.0


@dataclass(frozen=True, eq=False)
class SensitivityInputs:
    """What was studied, as maps of the changes need it.

    Parameters
    ----------
    rows : FoldRows
        The whole table.
    estimators : dict of str to classifier
        The models with their seeds.
    seed : int
        Seed of the perturbations.
    n_repeats : int
        Draws of each.
    """

    rows: FoldRows
    estimators: dict
    seed: int
    n_repeats: int


@dataclass(frozen=True, eq=False, repr=False)
class SensitivityResult:
    """How much worse models get under perturbations.

    Returned by :func:`sensitivity`.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per fit and metric: ``model``, ``perturbation`` (``"none"`` for the unperturbed
        fits), ``level`` (a number, or the name of a factor), ``repeat``, ``fold``, ``metric``,
        ``score``, ``loss`` (the score of the unperturbed fit of the same model on the same fold
        minus this one: above 0 is worse), ``n_train``, ``n_test`` and ``fit_time`` in seconds.
    perturbations : tuple of Perturbation
        What was done.
    metrics : tuple of str
        Names of the metrics; of all of them more is better.
    skipped : dict of str to str, default={}
        Perturbations that could not be done, with the reason.
    failures : dict of tuple to tuple, default={}
        For a model, perturbation and level of which fits failed: how many did, of how many, and
        why the first one did. Their scores are missing.
    inputs : SensitivityInputs or None, default=None
        What was studied, for :meth:`zone_changes`. None: a result put together by hand.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.robustness import WithoutFactor, sensitivity
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame(rng.normal(size=(200, 2)), columns=["slope", "twi"])
    >>> y = (X["slope"] + 0.3 * rng.normal(size=200) > 0).astype(int)
    >>> result = sensitivity(
    ...     LogisticRegression(), X, y, perturbations=[WithoutFactor()], random_state=0
    ... )
    >>> (result.summary("roc_auc")["loss"] > 0.3).tolist()
    [True, False]
    """

    table: pd.DataFrame
    perturbations: tuple
    metrics: tuple
    skipped: dict = field(default_factory=dict)
    failures: dict = field(default_factory=dict)
    inputs: SensitivityInputs | None = None

    def summary(self, metric=None):
        """Return the mean loss of each model under each perturbation at each level.

        Parameters
        ----------
        metric : str, default=None
            One of the metrics. None: all.

        Returns
        -------
        summary : pandas.DataFrame
            ``model``, ``perturbation``, ``level``, ``metric``, ``clean`` (mean score of the
            unperturbed fits), ``score`` and ``loss`` (means), ``standard_error`` of the loss and
            ``n_folds``. The repeats of a fold are averaged first; the standard error is that of
            :func:`~sklearn_landslide.metrics.corrected_resampled_ttest` over the folds, NaN for a
            single one. Folds where a score is missing do not count.

        Raises
        ------
        ValueError
            For a metric that was not scored.
        """
        metrics = self.metrics if metric is None else [self._known(metric)]
        rows = self.table[self.table["metric"].isin(metrics)]
        rows = rows[rows["perturbation"] != UNPERTURBED]
        keys = ["perturbation", "level", "model", "metric"]
        lines = [
            dict(zip(keys, key, strict=True)) | _mean_loss(part)
            for key, part in rows.groupby(keys, sort=False)
        ]
        columns = ["clean", "score", "loss", "standard_error", "n_folds"]
        return pd.DataFrame(lines, columns=["model", *keys[:2], "metric", *columns])

    def ranks(self, metric="roc_auc"):
        """Rank the models by their mean score, 1 for the best, under each perturbation.

        Parameters
        ----------
        metric : str, default="roc_auc"
            One of the metrics.

        Returns
        -------
        ranks : pandas.DataFrame
            One column per model, one row per perturbation and level, the unperturbed fits first;
            models of equal scores share the mean of their ranks.

        Raises
        ------
        ValueError
            For a metric that was not scored.
        """
        rows = self.table[self.table["metric"] == self._known(metric)]
        keys = ["perturbation", "level"]
        scores = rows.groupby([*keys, "model"], sort=False)["score"].mean().unstack("model")
        order = pd.MultiIndex.from_frame(rows[keys].drop_duplicates())
        models = rows["model"].drop_duplicates()
        return scores.loc[order, models].rank(axis=1, ascending=False).rename_axis(columns=None)

    def in_words(self, metric="roc_auc"):
        """Say what was found in sentences.

        Parameters
        ----------
        metric : str, default="roc_auc"
            One of the metrics.

        Returns
        -------
        text : str
            One line a sentence.

        Raises
        ------
        ValueError
            For a metric that was not scored.
        """
        summary = self.summary(metric)
        heading = HEADINGS.get(metric, metric)
        clean = summary.drop_duplicates("model").set_index("model")["clean"]
        scores = ", ".join(f"{escaped(name)} {score:.3f}" for name, score in clean.items())
        lines = [f"Unperturbed, the mean {heading} is: {scores}."]
        for one in self.perturbations:
            lines += self._sentences_on(one, summary[summary["perturbation"] == one.name])
        lines += self._sentence_on_ranks(metric)
        for (model, name, level), (n_failed, n_fits, why) in self.failures.items():
            case = f"{name} {shown_level(level)}, {model}"
            lines.append(escaped(f"{case}: {n_failed} of {n_fits} fits failed: {why}"))
        for name, why in self.skipped.items():
            lines.append(f"Not done: {escaped(name)}, as {escaped(why)}.")
        return "\n".join(lines)

    def _sentences_on(self, perturbation, part):
        """Say for each model what a perturbation costs at the most, and from where on it does."""
        levels = list(dict.fromkeys(part["level"]))
        for model, own in part.groupby("model", sort=False):
            own = own.set_index("level").loc[levels].dropna(subset=["loss"])
            if own.empty:
                continue
            clear = own["loss"] > np.maximum(_CLEAR * own["standard_error"], 0)
            worst = own["loss"].idxmax()
            if not clear.any():
                found = (
                    f"no level costs clearly more than chance; the most is "
                    f"{_loss_words(own.loc[worst])} ({perturbation.say(worst)})"
                )
            elif isinstance(worst, str):
                names = own.index[clear][np.argsort(-own["loss"][clear].to_numpy(), kind="stable")]
                found = f"{perturbation.say(worst)} costs most, {_loss_words(own.loc[worst])}"
                if len(names) > 1:
                    found += f"; clear losses come of {len(names)} of {len(levels)}"
            else:
                found = f"{perturbation.say(worst)} costs {_loss_words(own.loc[worst])}"
                if (first := clear.idxmax()) != worst:
                    said = f"{perturbation.say(first)}: {_loss_words(own.loc[first])}"
                    found += f"; the first clear loss comes with {said}"
            yield escaped(f"{perturbation.name}, {model}: {found}.")

    def _sentence_on_ranks(self, metric):
        """Say under what another model is best."""
        ranks = self.ranks(metric)
        if ranks.shape[1] < 2:
            return []
        best = ranks.dropna(how="all").idxmin(axis=1)
        first = best.iloc[0]
        other = best[best != first]
        if other.empty:
            return [f"{escaped(first)} has the highest mean score under every perturbation."]
        cases = [f"{name} {shown_level(level)} ({model})" for (name, level), model in other.items()]
        more = f" and {len(cases) - 5} more" if len(cases) > 5 else ""
        return [
            escaped(
                f"{first} has the highest mean score unperturbed and in "
                f"{len(best) - 1 - len(other)} of {len(best) - 1} cases; others lead under "
                f"{', '.join(cases[:5])}{more}."
            )
        ]

    def zone_changes(self, model, perturbation, level, *, zones=None, n_repeats=None):
        """Map how far the zones change when a model is trained on perturbed rows.

        The model is fitted on all rows, as they are and perturbed, and both maps are cut at the
        same edges, which are learned from the unperturbed one. Needs the stack.

        Parameters
        ----------
        model, perturbation : str
            Names of what was studied.
        level : float or str
            Any level; it need not have been studied.
        zones : SusceptibilityZones, default=None
            Fitted ones are used as they are, others are fitted on the unperturbed map. None:
            five zones by natural breaks.
        n_repeats : int, default=None
            Draws of the perturbation. None: as in the study.

        Returns
        -------
        changes : ZoneChanges
            The share of ground whose zone changes, and a map.

        Raises
        ------
        ValueError
            Without a stack, or for a name that was not studied.
        """
        from sklearn_landslide.robustness._zone_changes import zone_changes

        if self.inputs is None or self.inputs.rows.stack is None:
            raise ValueError(
                "maps need the rasters of the factors: call sensitivity with stack=..."
            )
        models = self.inputs.estimators
        if model not in models:
            raise ValueError(f"there is no model {model!r}; there are {listed(models)}.")
        by_name = {one.name: one for one in self.perturbations}
        if perturbation not in by_name:
            raise ValueError(f"{perturbation!r} was not studied; there are {listed(by_name)}.")
        return zone_changes(
            self.inputs,
            model,
            by_name[perturbation],
            level,
            zones,
            self.inputs.n_repeats if n_repeats is None else n_repeats,
        )

    def to_csv(self, path):
        """Write :attr:`table` to a CSV file, complete or not at all.

        Parameters
        ----------
        path : str or path-like
            The file; one that is there is replaced.
        """
        with whole_file(path) as hidden:
            without_formulas(self.table).to_csv(hidden, index=False, lineterminator="\n")

    def to_markdown(self, metric="roc_auc", digits=3):
        """Return the mean losses in Markdown, ``loss ± standard error``, one column per model.

        Parameters
        ----------
        metric : str, default="roc_auc"
            One of the metrics.
        digits : int, default=3
            Decimals.

        Returns
        -------
        markdown : str
            The table, without a newline at the end.

        Raises
        ------
        ValueError
            For a metric that was not scored.
        """
        cells = self._cells(metric, digits)
        rows = [
            ["Perturbation", "Level", *map(markdown_text, cells.columns)],
            ["---", "---:", *["---:"] * cells.shape[1]],
            *(
                [markdown_text(name), markdown_text(level), *row]
                for (name, level), row in zip(cells.index, cells.to_numpy().tolist(), strict=True)
            ),
        ]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def to_text(self, metric="roc_auc", digits=3):
        """Return the mean losses as aligned text, ``loss ± standard error``, one column per model.

        Parameters
        ----------
        metric : str, default="roc_auc"
            One of the metrics.
        digits : int, default=3
            Decimals.

        Returns
        -------
        text : str
            The table, without a newline at the end.
        """
        cells = self._cells(metric, digits)
        index = [(escaped(name), escaped(level)) for name, level in cells.index]
        cells.index = pd.MultiIndex.from_tuples(index, names=["perturbation", "level"])
        return cells.rename(columns=escaped).to_string()

    def _cells(self, metric, digits):
        """Table of strings that every view is made from."""
        summary = self.summary(metric)
        summary["cell"] = [
            f"{_rounded(loss, digits)}" + ("" if np.isnan(error) else f" ± {error:.{digits}f}")
            for loss, error in zip(summary["loss"], summary["standard_error"], strict=True)
        ]
        summary["level"] = summary["level"].map(shown_level)
        keys = ["perturbation", "level"]
        order = pd.MultiIndex.from_frame(summary[keys].drop_duplicates())
        models = summary["model"].drop_duplicates()
        cells = summary.pivot(index=keys, columns="model", values="cell").loc[order, models]
        return cells.rename_axis(columns=None)

    def _known(self, metric):
        if metric not in self.metrics:
            raise ValueError(f"metric={metric!r} was not scored; there are {[*self.metrics]}.")
        return metric

    def _title(self):
        folds = self.table["fold"].nunique()
        models = self.table["model"].nunique()
        return (
            f"{models} {'model' if models == 1 else 'models'}, {len(self.perturbations)} "
            f"perturbations, {folds} folds (loss ± standard error; above 0 is worse)"
        )

    def _shown_metric(self):
        return "roc_auc" if "roc_auc" in self.metrics else self.metrics[0]

    def __repr__(self):
        metric = self._shown_metric()
        text = self.to_text(metric)
        return f"SensitivityResult: {HEADINGS.get(metric, metric)}, {self._title()}\n{text}"

    def _repr_html_(self):
        metric = self._shown_metric()
        table = self._cells(metric, 3).to_html()
        return f"<p>SensitivityResult: {HEADINGS.get(metric, metric)}, {self._title()}</p>\n{table}"


def _rounded(loss, digits):
    """Write a loss with its sign; what is 0 when rounded has none, what is missing is a dash."""
    if np.isnan(loss):
        return "-"
    text = f"{loss:+.{digits}f}"
    return text.lstrip("+-") if float(text) == 0 else text


def _loss_words(row):
    error = row["standard_error"]
    return _rounded(row["loss"], 3).lstrip("+") + ("" if np.isnan(error) else f" ± {error:.3f}")


def _mean_loss(part):
    """Mean and standard error over the folds, whose repeats are averaged."""
    part = part.dropna(subset=["score", "loss"])
    folds = part.assign(clean=part["score"] + part["loss"]).groupby("fold")
    means = folds[["clean", "score", "loss", "n_train", "n_test"]].mean()
    error = np.nan
    if len(means) > 1:
        error = corrected_resampled_ttest(
            means["loss"],
            np.zeros(len(means)),
            n_train=means["n_train"],
            n_test=means["n_test"],
        ).standard_error
    return {
        "clean": means["clean"].mean(),
        "score": means["score"].mean(),
        "loss": means["loss"].mean(),
        "standard_error": error,
        "n_folds": len(means),
    }
