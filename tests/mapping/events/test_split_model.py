"""What a pipeline makes of ground and rain apart is, to the last bit, what it makes of both."""

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.preprocessing import RainfallSums

pytest.importorskip("xarray")

from sklearn_landslide.mapping._events._split_model import split_model

HOURS = [f"rain_{hour:03d}" for hour in range(6)]
SUMS = {"sequences": {"rain": HOURS}}
DRY = {"bounds": {"rain_sum_1h": (0, 900)}, "resample": False}


def steps_of(split):
    return [type(step).__name__ for step in split.steps]


@pytest.fixture(scope="module")
def cells(event_table):
    """Rows of the ground, rain of three cells, and in which of them each row lies."""
    X, _ = event_table
    ground = X.drop(columns=HOURS).copy()
    ground.loc[[3, 7], "slope"] = [np.nan, 200.0]
    series = np.random.default_rng(1).gamma(0.5, 4, (len(HOURS), 3))
    series[2, 1] = np.nan
    series[:, 2] = 0
    return ground, series, np.arange(len(X)) % 3


PRIOR = make_landslide_pipeline(LogisticRegression(), random_state=0, prevalence=0.02, **SUMS)
MODELS = {
    "sums first": (make_pipeline(RainfallSums(**SUMS), make_landslide_pipeline(
        RandomForestClassifier(5, random_state=0), **DRY)),
        ["RainfallSums", "PlausibleRange", "FactorImputer", "FactorScaler", "MRMRSelector",
         "ColumnTransformer"]),
    "hours, resampled, prior shifted": (PRIOR, [
        "PlausibleRange", "FactorImputer", "FactorScaler", "MRMRSelector", "ColumnTransformer"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", MODELS)
def test_apart_is_the_same_to_the_last_bit(kind, event_table, cells):
    model, steps = MODELS[kind]
    X, y = event_table
    ground, series, cell = cells
    model.fit(X, y)
    split = split_model(model, list(X), HOURS)
    assert steps_of(split) == steps
    rain = split.rain(series, {"rock": {1: 1, 2: 2, 3: 3}})
    assert len(rain) == 3
    found = split.predict_proba(split.ground(ground), rain.take(cell))
    rows = pd.concat([ground, pd.DataFrame(series[:, cell].T, columns=HOURS)], axis=1)
    np.testing.assert_array_equal(found, model.predict_proba(rows[list(X)]))


def test_a_step_that_mixes_ground_and_rain_is_left_to_the_model(event_table):
    X, y = event_table
    X = X.drop(columns="rock")
    mixed = make_pipeline(RainfallSums(**SUMS), Normalizer(), LogisticRegression()).fit(X, y)
    split = split_model(mixed, list(X), HOURS)
    assert steps_of(split) == ["RainfallSums"]
    assert [type(step).__name__ for _, step in split.model.steps] == [
        "Normalizer",
        "LogisticRegression",
    ]
    keeping = make_pipeline(RainfallSums(keep_hours=True, **SUMS), LogisticRegression()).fit(X, y)
    assert split_model(keeping, list(X), HOURS).steps == []


def test_a_model_that_is_no_pipeline_is_left_whole(event_table):
    X, y = event_table
    X = X.drop(columns="rock")
    model = CalibratedClassifierCV(LogisticRegression(max_iter=500), cv=2).fit(X, y)
    split = split_model(model, list(X), HOURS)
    assert split.model is model and split.steps == [] and split.names_out == list(X)
