"""What a comparison returns: scores, out-of-fold probabilities, and a table of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import escaped, markdown_text
from sklearn_landslide.comparison._inputs import ComparisonInputs
from sklearn_landslide.comparison._paired_tests import paired_tests
from sklearn_landslide.comparison._scoring import HEADINGS, TIMES


def _pvalue(pvalue):
    """Write a p-value with three decimals, nothing if it is missing."""
    if np.isnan(pvalue):
        return ""
    return "< 0.001" if pvalue < 0.001 else f"{pvalue:.3f}"


@dataclass(frozen=True, eq=False, repr=False)
class ModelComparison:
    """Scores and out-of-fold probabilities of several models on the same folds.

    Returned by :func:`compare_models`.

    Parameters
    ----------
    folds : pandas.DataFrame
        One row per model and fold: ``model``, ``fold``, one column per metric,
        ``fit_time`` and ``score_time`` in seconds, ``n_train`` and ``n_test``.
    predictions : pandas.DataFrame
        One row for each time that a row of the table was in a test fold, in the order of the
        table: ``row`` (position), ``fold``, ``y_true`` (1 is the positive class, 0 the other) and
        for each model the probability of the positive class. With repeated cross-validation, a row
        of the table comes once per repeat. A row that was never tested comes once, without fold
        and probabilities.
    metrics : tuple of str
        Names of the metrics.
    positive_class : object
        The label that ``y_true == 1`` and the probabilities stand for.
    inputs : ComparisonInputs or None, default=None
        What was compared and how (the table, its digest, the seed, the models), as
        :func:`~sklearn_landslide.report.write_report` needs it. None for a comparison that was put
        together by hand, whose report then has scores only.

    Attributes
    ----------
    table : pandas.DataFrame
        Mean and standard deviation over the folds, one row per model.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide import compare_models
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 2))
    >>> y = (X[:, 0] + rng.normal(size=60) > 0).astype(int)
    >>> comparison = compare_models({"LR": LogisticRegression()}, X, y, cv=3, random_state=0)
    >>> comparison.folds[["model", "fold"]].to_numpy().tolist()
    [['LR', 0], ['LR', 1], ['LR', 2]]
    """

    folds: pd.DataFrame
    predictions: pd.DataFrame
    metrics: tuple
    positive_class: object
    inputs: ComparisonInputs | None = None

    @property
    def table(self):
        """Mean and spread of each metric and time, one row per model.

        A column ``roc_auc`` is the mean over the folds and ``roc_auc_sd`` their standard deviation
        (n - 1); both leave out folds on which the metric is not defined.
        """
        columns = [*self.metrics, *TIMES]
        groups = self.folds.groupby("model", sort=False)[columns]
        mean, spread = groups.mean(), groups.std(ddof=1).add_suffix("_sd")
        order = [name for column in columns for name in (column, f"{column}_sd")]
        return pd.concat([mean, spread], axis=1)[order]

    def test(self, reference, metric="roc_auc"):
        """Return the table with every model's difference to one of them, and its tests.

        Parameters
        ----------
        reference : str
            Name of the model that the others are compared with.
        metric : str or list of str, default="roc_auc"
            The metrics to test.

        Returns
        -------
        table : pandas.DataFrame
            :attr:`table`, and for each metric, ``roc_auc`` for instance, missing for the
            reference itself:

            - ``roc_auc_diff``: mean over the folds of the model minus the reference;
            - ``roc_auc_diff_se``: its standard error, corrected for training rows that the folds
              share;
            - ``roc_auc_t``, ``roc_auc_p``: the corrected resampled t-test, two-sided;
            - ``roc_auc_p_holm``: the same p-value, adjusted for the number of models;
            - ``roc_auc_p_delong``, for ROC-AUC only, and only if no row was in two test folds:
              p-value of DeLong's test on the pooled out-of-fold probabilities, not adjusted.

        Raises
        ------
        ValueError
            For an unknown reference or metric, no model besides the reference, a model without
            scores on some of the folds, or fewer than two folds.

        See Also
        --------
        sklearn_landslide.metrics.corrected_resampled_ttest : The test on the folds.
        sklearn_landslide.metrics.delong_test : The test on the pooled rows.

        Notes
        -----
        For a metric where less is better, such as the Brier score, a negative difference favors
        the model. Folds where one of the two has no score are left out of the pair.

        DeLong's test treats the pooled probabilities as those of one model. In fact they come from
        a different model in each fold, whose scales need not agree, and the test does not see how
        much the models would change with other training rows. It tests the area of the pooled
        rows, not the mean over the folds. Where the two tests differ, trust the one on the folds.

        Examples
        --------
        >>> from sklearn.datasets import make_classification
        >>> from sklearn.linear_model import LogisticRegression
        >>> from sklearn.naive_bayes import GaussianNB
        >>> from sklearn_landslide import compare_models
        >>> X, y = make_classification(200, 4, flip_y=0.2, random_state=0)
        >>> models = {"LR": LogisticRegression(), "NB": GaussianNB()}
        >>> comparison = compare_models(models, X, y, cv=5, random_state=0)
        >>> table = comparison.test(reference="LR")
        >>> bool(0 < table.loc["NB", "roc_auc_p"] <= 1)
        True
        """
        models = self.folds["model"].unique().tolist()
        metrics = [metric] if isinstance(metric, str) else list(metric)
        if reference not in models:
            raise ValueError(f"reference={reference!r} is not a model; there are {models}.")
        for name in metrics:
            if name not in self.metrics:
                raise ValueError(f"metric={name!r} was not scored; there are {[*self.metrics]}.")
        if len(models) == 1:
            raise ValueError(f"{reference!r} is the only model: there is none to compare it with.")
        tests = [paired_tests(self.folds, self.predictions, reference, name) for name in metrics]
        return pd.concat([self.table, *tests], axis=1)

    def to_markdown(self, digits=4, *, reference=None, metric="roc_auc"):
        """Return the table in Markdown, models as rows, ``mean ± sd`` in the cells.

        Parameters
        ----------
        digits : int, default=4
            Decimals of the metrics; times have one.
        reference : str, default=None
            Name of a model: the table gets the others' differences to it, ``± standard error``,
            and the p-values of :meth:`test`. None: no tests.
        metric : str or list of str, default="roc_auc"
            The metrics to test, with `reference`.

        Returns
        -------
        markdown : str
            The table, without a newline at the end.
        """
        cells = self._cells(digits)
        if reference is not None:
            cells = pd.concat([cells, self._test_cells(digits, reference, metric)], axis=1)
        rows = [
            ["Model", *map(markdown_text, cells.columns)],
            ["---", *["---:"] * cells.shape[1]],
            *(
                [markdown_text(name), *row]
                for name, row in zip(cells.index, cells.to_numpy().tolist(), strict=True)
            ),
        ]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def to_text(self, digits=4):
        """Return the table as aligned text, models as rows, ``mean ± sd`` in the cells.

        Parameters
        ----------
        digits : int, default=4
            Decimals of the metrics; times have one.

        Returns
        -------
        text : str
            The table, without a newline at the end.
        """
        return self._cells(digits).rename(index=escaped, columns=escaped).to_string()

    def _cells(self, digits=4):
        """Table of strings that every view is made from."""
        table = self.table
        cells = {}
        for column in [*self.metrics, *TIMES]:
            decimals = 1 if column in TIMES else digits
            cells[HEADINGS.get(column, column)] = [
                f"{mean:.{decimals}f}" + ("" if np.isnan(sd) else f" ± {sd:.{decimals}f}")
                for mean, sd in zip(table[column], table[f"{column}_sd"], strict=True)
            ]
        return pd.DataFrame(cells, index=table.index.rename(None))

    def _test_cells(self, digits, reference, metric):
        """Table of strings of the differences to the reference and their p-values."""
        table = self.test(reference, metric)
        columns = []
        for name in [metric] if isinstance(metric, str) else metric:
            heading = HEADINGS.get(name, name)
            differences = [
                "reference" if np.isnan(mean) else f"{mean:+.{digits}f} ± {error:.{digits}f}"
                for mean, error in zip(table[f"{name}_diff"], table[f"{name}_diff_se"], strict=True)
            ]
            columns.append((f"{heading} − {reference}", differences))
            for kind, label in (("p", "p"), ("p_holm", "p (Holm)"), ("p_delong", "p (DeLong)")):
                if (column := f"{name}_{kind}") in table:
                    columns.append((label, table[column].map(_pvalue).tolist()))
        # The labels of the p-values come again for the next metric.
        return pd.DataFrame(
            dict(enumerate(values for _, values in columns)), index=table.index.rename(None)
        ).set_axis([label for label, _ in columns], axis=1)

    def _title(self):
        n_models, n_folds = self.folds["model"].nunique(), self.folds["fold"].nunique()
        return f"{n_models} models, {n_folds} folds (mean ± sd over the folds)"

    def __repr__(self):
        return f"ModelComparison: {self._title()}\n{self.to_text()}"

    def _repr_html_(self):
        return f"<p>ModelComparison: {self._title()}</p>\n{self._cells().to_html()}"
