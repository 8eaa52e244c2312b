"""A cluster of worker processes gives the numbers that one process gives."""

import os
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from sklearn_landslide import LandslideNet, compare_models, make_landslide_pipeline
from sklearn_landslide.datasets import make_landslides

xr = pytest.importorskip("xarray")
pytest.importorskip("rioxarray")
distributed = pytest.importorskip("distributed")

import cloudpickle  # noqa: E402
import dask  # noqa: E402

from sklearn_landslide.mapping import predict_map, write_map  # noqa: E402

FACTORS = ["slope", "twi", "lithology", "rainfall"]
SHAPE = (150, 140)


@pytest.fixture(scope="module")
def client():
    cluster = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=50,
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def region():
    made = make_landslides(
        300, shape=SHAPE, landslide_share=0.4, as_frame=True, return_stack=True, random_state=0
    )
    made.data = made.data[FACTORS]
    return made


@pytest.fixture(scope="module")
def stack(region):
    bands = {name: (("y", "x"), region.stack[name].astype(np.float32)) for name in FACTORS}
    bands["slope"][1][20:140, 10:130] = np.nan
    x, y = 30.0 * np.arange(SHAPE[1]), -30.0 * np.arange(SHAPE[0])
    return xr.Dataset(bands, coords={"y": y, "x": x}).rio.write_crs("EPSG:32633")


def same_bits(one, other):
    np.testing.assert_array_equal(one.view(np.int32), other.view(np.int32))


@pytest.mark.parametrize("name", ["LandslideNet", "RF", "LR"])
def test_a_map_has_the_same_bits_as_at_home(client, region, stack, name):
    model = {
        "LandslideNet": LandslideNet(max_epochs=1, n_members=2, random_state=0),
        "RF": RandomForestClassifier(20, min_samples_leaf=5, n_jobs=2, random_state=0),
        "LR": LogisticRegression(max_iter=500),
    }[name]
    model = make_landslide_pipeline(model, random_state=0).fit(region.data, region.target)
    with dask.config.set(scheduler="synchronous"):
        home = predict_map(model, stack, window=512).to_numpy()
    away = predict_map(model, stack, window=128)
    assert away.data.numblocks == (2, 2)
    same_bits(away.to_numpy(), home)


def test_a_file_has_the_same_bits_as_at_home(client, region, stack, tmp_path):
    rasterio = pytest.importorskip("rasterio")
    model = make_landslide_pipeline(RandomForestClassifier(10, random_state=0), random_state=0)
    model.fit(region.data, region.target)
    path = write_map(predict_map(model, stack, window=128), tmp_path / "map.tif")
    with dask.config.set(scheduler="synchronous"):
        home = predict_map(model, stack, window=512).to_numpy()
    with rasterio.open(path) as file:
        same_bits(file.read(1), home)


class Traveler(ClassifierMixin, BaseEstimator):
    """A classifier that writes down where it arrives and where it predicts."""

    def __init__(self, log=None):
        self.log = log

    def fit(self, X, y):
        self.feature_names_in_ = np.array(X.columns, dtype=object)
        self.classes_ = np.unique(y)
        return self

    def note(self, what):
        with open(self.log, "a") as file:
            file.write(f"{what} {os.getpid()}\n")

    def __setstate__(self, state):
        super().__setstate__(state)
        self.note("arrived")

    def predict_proba(self, X):
        self.note("predicted")
        return np.full((len(X), 2), 0.5)


def test_the_model_does_not_travel_with_every_window(client, tmp_path):
    model = Traveler(tmp_path / "log.txt").fit(pd.DataFrame({"slope": [1.0, 2.0]}), [0, 1])
    slope = ("y", "x"), np.ones((640, 640), dtype=np.float32)
    x = 30.0 * np.arange(640)
    stack = xr.Dataset({"slope": slope}, {"y": -x, "x": x}).rio.write_crs("EPSG:32633")
    # The workers know no tests, so the class must travel, too.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    try:
        write_map(predict_map(model, stack, window=128), tmp_path / "map.tif")
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    notes = [line.split() for line in (tmp_path / "log.txt").read_text().splitlines()]
    arrived = [process for what, process in notes if what == "arrived"]
    predicted = [process for what, process in notes if what == "predicted"]
    assert len(predicted) == 25
    assert len(set(predicted)) == 2
    # Once to each worker; a second time where a window comes before the broadcast.
    assert set(arrived) == set(predicted)
    assert len(arrived) <= 4


takes_bunches = pytest.mark.skipif(
    tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 8),
    reason="scikit-learn before 1.8 hands its transformers what dask turns into a dict",
)


@takes_bunches
def test_a_search_finds_the_same_as_at_home(client, region):
    search = GridSearchCV(
        make_landslide_pipeline(RandomForestClassifier(10, random_state=0), random_state=0),
        {"model__min_samples_leaf": [1, 5]},
        scoring="roc_auc",
        cv=3,
    )
    home = search.fit(region.data, region.target).cv_results_["mean_test_score"]
    with joblib.parallel_config(backend="dask"):
        away = search.fit(region.data, region.target).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(away, home)


@takes_bunches
def test_a_comparison_gives_the_same_as_at_home(client, region):
    models = {
        "LandslideNet": LandslideNet(max_epochs=1, n_members=1, random_state=0),
        "RF": RandomForestClassifier(10, random_state=0),
    }
    home = compare_models(models, region.data, region.target, cv=2, random_state=0)
    with joblib.parallel_config(backend="dask"):
        away = compare_models(models, region.data, region.target, cv=2, random_state=0, n_jobs=-1)
    pd.testing.assert_frame_equal(away.predictions, home.predictions)
