"""A model on some of the columns of a table: its settings, its folds, its score."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from sklearn_landslide.model_selection import out_of_fold

# Parameters that may name columns.
_NAME_COLUMNS = ("categorical_features", "always_keep", "keep")


def for_columns(estimator, columns):
    """Return a clone whose settings name no column but these.

    Parameters
    ----------
    estimator : classifier
        It stays as it is.
    columns : list of str
        The columns that it will get.

    Returns
    -------
    clone : classifier
    """
    estimator, there = clone(estimator), set(columns)
    changes = {}
    for name, value in estimator.get_params(deep=True).items():
        last = name.rpartition("__")[2]
        if last == "sequences" and isinstance(value, Mapping):
            kept = {group: part for group, part in value.items() if _columns_of(part) <= there}
            changes[name] = kept or None
        elif last in _NAME_COLUMNS and _are_names(value):
            changes[name] = [item for item in value if item in there]
    return estimator.set_params(**changes)


def _are_names(value):
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _columns_of(part):
    listed = part.values() if isinstance(part, Mapping) else [part]
    return {str(column) for columns in listed for column in columns}


@dataclass(frozen=True, eq=False)
class Scored:
    """What sets of columns are scored on.

    Parameters
    ----------
    estimator : classifier
        Cloned for each fit.
    X : DataFrame of shape (n_rows, n_factors)
        All factors.
    y : ndarray of int of shape (n_rows,)
        1 for landslide, 0 for none.
    splits : list of (train, test)
        The folds.
    groups : ndarray of shape (n_rows,) or None
        Which rows are one landslide.
    scoring : str or callable
        One scorer.
    n_jobs : int or None
        Fits at the same time.
    """

    estimator: object
    X: pd.DataFrame
    y: np.ndarray
    splits: list
    groups: np.ndarray | None
    scoring: object
    n_jobs: int | None = None

    def score(self, sets, after_each):
        """Score each set of columns on each fold.

        Parameters
        ----------
        sets : list of list of str
            Columns of each set.
        after_each : callable
            Called without arguments after each fit.

        Returns
        -------
        scores : ndarray of shape (n_sets, n_folds)
        """
        run = Parallel(n_jobs=self.n_jobs, pre_dispatch="2*n_jobs", return_as="generator")
        jobs = (
            delayed(self._score_fold)(columns, split) for columns in sets for split in self.splits
        )
        scores = []
        for score in run(jobs):
            scores.append(score)
            after_each()
        return np.array(scores).reshape(len(sets), len(self.splits))

    def _score_fold(self, columns, split):
        model = for_columns(self.estimator, columns)
        (fold,) = out_of_fold(
            model, self.X[columns], self.y, [split], groups=self.groups, scoring=self.scoring
        )
        return fold.scores
