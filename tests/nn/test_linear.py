"""The linear path equals a logistic regression that scikit-learn fits on the same columns."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sklearn_landslide import LandslideNet


def table(n_classes, n=240):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "slope": rng.uniform(0, 60, n),
            "soil": pd.Categorical(rng.choice(["clay", "sand", "peat"], n)),
            "rainfall": rng.gamma(2, 50, n),
            "level": np.full(n, 7.0),
        }
    )
    score = X["slope"] / 20 + (X["soil"] == "clay") + rng.logistic(size=n)
    return X, pd.qcut(score, n_classes, labels=False).to_numpy()


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_the_linear_path_alone_is_scikit_learns_logistic_regression(n_classes, class_weight):
    X, y = table(n_classes)
    net = LandslideNet(
        max_epochs=0, module__linear_weight=1.0, class_weight=class_weight, module__memory=False
    ).fit(X, y)
    reference = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(), ["soil"]), remainder=StandardScaler(), sparse_threshold=0
        ),
        LogisticRegression(max_iter=1000, class_weight=class_weight),
    ).fit(X, y)
    np.testing.assert_allclose(net.predict_proba(X), reference.predict_proba(X), atol=2e-3)


def test_the_weight_moves_the_log_odds_between_network_and_logistic_regression():
    X, y = table(2)

    def log_odds(**params):
        net = LandslideNet(max_epochs=2, random_state=0, module__memory=False, **params)
        net.fit(X, y)
        probability = net.predict_proba(X)
        return np.log(probability[:, 1] / probability[:, 0])

    network, linear = log_odds(module__linear_weight=0.0), log_odds(module__linear_weight=1.0)
    mixed = log_odds(module__linear_weight=0.25)
    np.testing.assert_allclose(mixed, 0.75 * network + 0.25 * linear, atol=1e-5)


def test_an_unseen_category_has_no_say_in_the_linear_path():
    X, y = table(2)
    net = LandslideNet(max_epochs=0, module__linear_weight=1.0, module__memory=False).fit(X, y)
    strange = X.assign(soil=pd.Categorical(["loess"] * len(X)))
    linear = net.module_.linear
    z = (X["slope"] - X["slope"].mean()) / X["slope"].std(ddof=0) * linear.weight[0, 1].item()
    z += (
        (X["rainfall"] - X["rainfall"].mean())
        / X["rainfall"].std(ddof=0)
        * linear.weight[2, 1].item()
    )
    expected = 1 / (1 + np.exp(-2 * (z + linear.bias[1].item())))
    np.testing.assert_allclose(net.predict_proba(strange)[:, 1], expected, atol=1e-5)


def test_without_the_switch_there_is_no_linear_path():
    X, y = table(2)
    net = LandslideNet(max_epochs=1, module__linear=False, module__memory=False).fit(X, y)
    assert net.module_.linear is None
    assert net.forward(X.assign(soil=0).to_numpy(dtype=np.float32)).shape == (240, 16, 2)
