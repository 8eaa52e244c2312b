"""What is trained for a map."""

import numpy as np
import pytest
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

pytest.importorskip("rioxarray")

from sklearn_landslide.map_products._train import needs_refits


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (RandomForestClassifier(5), True),
        (RandomForestClassifier(5, min_samples_leaf=5), False),
        (BaggingClassifier(n_estimators=3), False),
        (LogisticRegression(), True),
    ],
    ids=repr,
)
def test_refits_are_made_where_members_tell_nothing(model, expected):
    X = np.random.default_rng(0).normal(size=(40, 2))
    assert needs_refits(model.fit(X, X[:, 0] > 0)) is expected
