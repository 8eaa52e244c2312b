"""How a classifier's importances are measured on tables of any size."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from sklearn_landslide.mapping._prediction import _importance


class Steepness(ClassifierMixin, BaseEstimator):
    """Predicts one factor, and keeps how many rows it was shown."""

    def __init__(self):
        self.shown = []

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X):
        self.shown.append(len(X))
        slope = X["slope"].to_numpy()
        return np.column_stack([1 - slope, slope])


@pytest.mark.parametrize(
    ("n_rows", "shown"), [(20, [20] * 11), (45, [45] * 5), (100, [100] * 3), (101, [100] * 3)]
)
def test_about_as_many_rows_are_shuffled_of_any_large_table(monkeypatch, n_rows, shown):
    monkeypatch.setattr(_importance, "_ROWS", 100)
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.uniform(size=(n_rows, 2)), columns=["slope", "twi"])
    y = (X["slope"] > 0.5).to_numpy().astype(int)
    model = Steepness().fit(X, y)
    weights = _importance.factor_importance(model, X, y, n_factors=2, scale=None, random_state=0)
    # Before and after the shuffling of either factor, the same rows.
    assert model.shown == shown
    assert weights[0] > 0.05
    assert weights[1] == 0
