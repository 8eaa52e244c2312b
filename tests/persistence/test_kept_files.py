"""Models that were saved long ago load, and predict what they predicted then.

The files in ``data`` are kept as they are: whoever has to write them again breaks the models that
people have saved. They were written once, by the functions below, with the versions of
constraints.txt; each holds some rows and what the model said of them. Before the first version the
network got other layers: its file was written again then, by ``write_net``.
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.fixes import parse_version

pytest.importorskip("skops.io")

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.map_products import MapModel
from sklearn_landslide.mapping import AreaOfApplicability, SusceptibilityZones
from sklearn_landslide.persistence import (
    load_model,
    read_model_facts,
    save_model,
)
from sklearn_landslide.preprocessing import RainfallSums

DATA = Path(__file__).parent / "data"
RAIN = {"rain": ["rain_0", "rain_1", "rain_2", "rain_3"]}


def make_table():
    """Factors of 80 places with gaps and a nodata code, and whether each slid."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"slope": rng.uniform(0, 60, 80), "soil": rng.integers(1, 4, 80)})
    X["twi"] = rng.normal(6, 2, 80)
    X[RAIN["rain"]] = rng.gamma(0.5, 6, (80, 4))
    y = (X["slope"] / 12 + 0.1 * X[RAIN["rain"]].sum(axis=1) + rng.logistic(size=80) > 5).astype(
        int
    )
    X.loc[2, "twi"] = X.loc[3, "rain_1"] = np.nan
    X.loc[4, "slope"] = -9999.0
    return X.astype({"soil": "category"}), y


def write(model, name, X, **said):
    """Save a model with the rows and what it says of them."""
    rows = {column: values.astype(float).tolist() for column, values in X.items()}
    facts = {"rows": rows} | {key: np.asarray(value).tolist() for key, value in said.items()}
    save_model(model, DATA / f"{name}.zip", facts=facts)


def write_all():
    """Write the files, which is done once."""
    X, y = make_table()
    first = X.iloc[:12]
    regression = make_landslide_pipeline(LogisticRegression(), sequences=RAIN, random_state=0)
    regression.steps.insert(0, ("sums", RainfallSums([2, 4], keep_hours=True)))
    boosting = HistGradientBoostingClassifier(
        categorical_features="from_dtype", max_iter=3, min_samples_leaf=5, random_state=0
    )
    models = {
        "regression": regression,
        "boosting": make_landslide_pipeline(boosting, prevalence=0.05, random_state=0),
    }
    for name, model in models.items():
        write(model.fit(X, y), name, first, probability=model.predict_proba(first)[:, 1])
    write_net()
    X, first = X.drop(columns=RAIN["rain"]).iloc[5:], first.drop(columns=RAIN["rain"]).iloc[5:]
    forest = make_landslide_pipeline(RandomForestClassifier(4, max_depth=3, random_state=0))
    probability = forest.set_params(resample__random_state=0).fit(X, y[5:]).predict_proba(X)[:, 1]
    zones = SusceptibilityZones("quantile", 3).fit(probability)
    area = AreaOfApplicability(cv=3).fit(X, y[5:])
    write(
        MapModel(forest, zones, area),
        "map",
        first,
        probability=probability[: len(first)],
        zone=zones.transform(probability[: len(first)]),
        dissimilarity=area.dissimilarity(first),
    )


def write_net():
    """Write a net with all that its file may hold: every path, and trees."""
    X, y = make_table()
    first = X.iloc[:12]
    sizes = {"lstm_hidden": 4, "token_size": 4, "conv_channels": 4, "wide_hidden": 8}
    params = {f"module__{name}": size for name, size in sizes.items()}
    params |= {"module__linear_weight": 0.2, "module__memory_weight": 0.4, "n_trees": 4}
    net = LandslideNet(sequences=RAIN, max_epochs=2, n_members=2, random_state=0, **params)
    model = make_landslide_pipeline(net, random_state=0).fit(X, y)
    write(model, "net", first, probability=model.predict_proba(first)[:, 1])


def read(name):
    """The model in a kept file, its rows, and what it said of them."""
    path = DATA / f"{name}.zip"
    description = read_model_facts(path)
    written = description["versions"]["scikit-learn"]
    if parse_version(sklearn.__version__) < parse_version(written):
        pytest.skip(f"scikit-learn {sklearn.__version__} reads no models of its version {written}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        model = load_model(path)
    said = description["facts"]
    return (
        model,
        pd.DataFrame(said["rows"]).astype({"soil": int}).astype({"soil": "category"}),
        said,
    )


@pytest.mark.parametrize("name", ["regression", "boosting"])
def test_a_kept_pipeline_predicts_what_it_did(name):
    model, X, said = read(name)
    assert_allclose(model.predict_proba(X)[:, 1], said["probability"], rtol=1e-6)
    assert list(model.feature_names_in_) == list(X)


def test_a_kept_network_predicts_what_it_did():
    model, X, said = read("net")
    assert type(model["model"]) is LandslideNet
    assert None not in (model["model"].module_.linear, model["model"].module_.memory)
    # It computes with single precision.
    assert_allclose(model.predict_proba(X)[:, 1], said["probability"], rtol=1e-5)


def test_a_kept_model_of_a_map_has_its_zones_and_its_area_of_applicability():
    model, X, said = read("map")
    probability = model.model.predict_proba(X)[:, 1]
    assert_allclose(probability, said["probability"], rtol=1e-6)
    assert_array_equal(model.zones.transform(probability), said["zone"])
    assert_allclose(model.applicability.dissimilarity(X), said["dissimilarity"], rtol=1e-6)


@pytest.mark.parametrize("name", ["regression", "boosting"])
def test_a_kept_pipeline_can_be_fitted_again(name):
    model, _, said = read(name)
    X, y = make_table()
    again = model.fit(X, y).predict_proba(X.iloc[:12])[:, 1]
    assert np.corrcoef(again, said["probability"])[0, 1] > 0.9


if __name__ == "__main__":
    DATA.mkdir()
    write_all()
