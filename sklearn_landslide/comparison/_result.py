"""What a comparison returns: scores, out-of-fold probabilities, and a table of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide.comparison._scoring import HEADINGS, TIMES


@dataclass(frozen=True, eq=False, repr=False)
class ModelComparison:
    """Scores and out-of-fold probabilities of several models on the same folds.

    Returned by :func:`compare_models`.

    Parameters
    ----------
    folds : pandas.DataFrame
        One row a model and fold: ``model``, ``fold``, one column a metric,
        ``fit_time`` and ``score_time`` in seconds, ``n_train`` and ``n_test``.
    predictions : pandas.DataFrame
        One row for each time that a row of the table was in a test fold, in the
        table's order: ``row`` (position), ``fold``, ``y_true`` (1 is the
        positive class, 0 the other) and for each model the probability of the
        positive class. Under repeated cross-validation a row of the table
        comes once a repeat; one that was never tested comes once, its fold and
        probabilities missing.
    metrics : tuple of str
        Names of the metrics.
    positive_class : object
        The label that ``y_true == 1`` and the probabilities stand for.

    Attributes
    ----------
    table : pandas.DataFrame
        Mean and standard deviation over the folds, one row a model.

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

    @property
    def table(self):
        """Mean and spread of each metric and time, one row a model.

        A column ``roc_auc`` is the mean over the folds and ``roc_auc_sd`` their
        standard deviation (n - 1); both leave out folds where the metric is not
        defined.
        """
        columns = [*self.metrics, *TIMES]
        groups = self.folds.groupby("model", sort=False)[columns]
        mean, spread = groups.mean(), groups.std(ddof=1).add_suffix("_sd")
        order = [name for column in columns for name in (column, f"{column}_sd")]
        return pd.concat([mean, spread], axis=1)[order]

    def to_markdown(self, digits=4):
        """Return the table in Markdown, models as rows, ``mean ± sd`` in the cells.

        Parameters
        ----------
        digits : int, default=4
            Decimals of the metrics; times have one.

        Returns
        -------
        markdown : str
            The table, without a newline at the end.
        """
        cells = self._cells(digits)
        rows = [
            ["Model", *cells.columns],
            ["---", *["---:"] * cells.shape[1]],
            *(
                [str(name).replace("|", r"\|"), *row]
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
        return self._cells(digits).to_string()

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

    def _title(self):
        n_models, n_folds = self.folds["model"].nunique(), self.folds["fold"].nunique()
        return f"{n_models} models, {n_folds} folds (mean ± sd over the folds)"

    def __repr__(self):
        return f"ModelComparison: {self._title()}\n{self.to_text()}"

    def _repr_html_(self):
        return f"<p>ModelComparison: {self._title()}</p>\n{self._cells().to_html()}"
