"""A map has the model's own numbers, pixel by pixel, however it is cut and computed."""

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC
from threadpoolctl import threadpool_info

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.datasets import make_landslides

xr = pytest.importorskip("xarray")
pytest.importorskip("rioxarray")
dask = pytest.importorskip("dask")

from sklearn_landslide.mapping import predict_map, prediction_spread  # noqa: E402

FACTORS = ["slope", "twi", "lithology", "rainfall"]
SHAPE = (150, 140)


def as_stack(bands):
    rows, columns = next(iter(bands.values())).shape
    return xr.Dataset(
        {name: (("y", "x"), band) for name, band in bands.items()},
        coords={
            "y": 3_600_000 - 30 * (np.arange(rows) + 0.5),
            "x": 500_000 + 30 * (np.arange(columns) + 0.5),
        },
    ).rio.write_crs("EPSG:32633")


def same_bits(one, other):
    np.testing.assert_array_equal(np.asarray(one).view(np.int32), np.asarray(other).view(np.int32))


@pytest.fixture(scope="module")
def region():
    made = make_landslides(
        400, shape=SHAPE, landslide_share=0.4, as_frame=True, return_stack=True, random_state=0
    )
    made.data = made.data[FACTORS]
    return made


@pytest.fixture(scope="module")
def stack(region):
    bands = {name: region.stack[name].astype(np.float32) for name in FACTORS}
    rng = np.random.default_rng(0)
    bands["slope"][rng.random(SHAPE) < 0.05] = np.nan
    bands["twi"][:, :20] = np.nan
    return as_stack(bands)


@pytest.fixture(scope="module")
def table(region, stack):
    """Every pixel as a row of the training table, and which of them have all factors."""
    rows = pd.DataFrame({name: stack[name].to_numpy().ravel().astype(float) for name in FACTORS})
    valid = rows.notna().all(axis=1).to_numpy()
    codes = region.data["lithology"].cat.categories
    rows["lithology"] = pd.Categorical(rows["lithology"].fillna(1).astype(int), categories=codes)
    return rows, valid


def models():
    return {
        "LandslideNet": LandslideNet(max_epochs=1, n_members=2, random_state=0),
        "RF": RandomForestClassifier(20, n_jobs=2, random_state=0),
        "HistGB": HistGradientBoostingClassifier(max_iter=20, random_state=0),
        "LR": LogisticRegression(max_iter=500),
    }


@pytest.fixture(scope="module")
def fitted(region):
    """Fit a model in the landslide pipeline, once for all tests."""
    made = {}

    def fit(name):
        if name not in made:
            pipeline = make_landslide_pipeline(models()[name], random_state=0)
            made[name] = pipeline.fit(region.data, region.target)
        return made[name]

    return fit


@pytest.mark.parametrize("name", ["LandslideNet", "RF", "HistGB", "LR"])
def test_numbers_are_the_same_bits_whatever_the_window_and_the_workers(name, fitted, stack):
    model = fitted(name)
    whole = predict_map(model, stack, window=512).compute(scheduler="synchronous")
    parts = predict_map(model, stack.chunk({"y": 33, "x": 50}), window=100)
    assert parts.data.numblocks == (2, 2)
    same_bits(parts.compute(scheduler="threads", num_workers=4), whole)
    same_bits(parts.compute(scheduler="threads", num_workers=4), whole)


@pytest.mark.parametrize("name", ["LandslideNet", "RF", "HistGB", "LR"])
def test_a_pixel_has_the_probability_of_its_row_in_the_table(name, fitted, stack, table):
    rows, valid = table
    found = predict_map(fitted(name), stack).to_numpy().ravel()
    expected = fitted(name).predict_proba(rows[valid])[:, 1]
    np.testing.assert_allclose(found[valid], expected, rtol=2e-6, atol=1e-7)
    assert np.isnan(found[~valid]).all()
    assert 0.05 < (~valid).mean() < 0.5


def test_processes_give_the_same_bits(fitted, stack):
    model, part = fitted("HistGB"), stack.isel(y=slice(0, 140))
    home = predict_map(model, part, window=128)
    away = home.compute(scheduler="processes", num_workers=2)
    same_bits(away, home.compute())


def test_the_map_is_lazy_and_lies_on_the_grid_of_the_stack(fitted, stack):
    lazy = predict_map(fitted("RF"), stack, window=128)
    assert dask.is_dask_collection(lazy)
    assert lazy.chunks == ((128, 22), (128, 12))
    assert (lazy.name, lazy.dtype, lazy.dims) == ("susceptibility", np.float32, ("y", "x"))
    assert lazy.rio.crs.to_epsg() == 32633
    assert np.isnan(lazy.rio.nodata)
    np.testing.assert_array_equal(lazy["x"], stack["x"])
    np.testing.assert_array_equal(lazy["y"], stack["y"])
    assert lazy.attrs["model"] == "RandomForestClassifier"
    assert lazy.attrs["random_state"] == "0"


class Recorder(ClassifierMixin, BaseEstimator):
    """A classifier that writes down what it is asked, and with how many threads."""

    def __init__(self, log=None):
        self.log = log

    def fit(self, X, y):
        self.feature_names_in_ = np.array(X.columns, dtype=object)
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        threads = max(pool["num_threads"] for pool in threadpool_info())
        memory = sklearn.get_config()["working_memory"]
        self.log.append((len(X), threads, joblib.effective_n_jobs(2), memory))
        assert not X.isna().any(axis=None)
        probability = np.full(len(X), 0.25)
        return np.column_stack([1 - probability, probability])


def recorder(names):
    log = []
    X = pd.DataFrame(np.ones((2, len(names))), columns=names)
    return Recorder(log).fit(X, [0, 1]), log


def test_only_valid_pixels_are_predicted_and_empty_windows_not_at_all():
    model, log = recorder(["slope"])
    slope = np.full((256, 256), np.nan, dtype=np.float32)
    slope[3, 4:9] = 30
    slope[130, 200] = 20
    lazy = predict_map(model, as_stack({"slope": slope}), window=128)
    assert log == []
    found = lazy.compute(scheduler="synchronous").to_numpy()
    assert sorted(n_rows for n_rows, *_ in log) == [1, 5]
    np.testing.assert_array_equal(np.isnan(found), np.isnan(slope))


def test_a_map_without_any_data_is_all_nodata_and_predicts_nothing():
    model, log = recorder(["slope"])
    found = predict_map(model, as_stack({"slope": np.full((5, 6), np.nan)}))
    assert np.isnan(found.to_numpy()).all()
    assert log == []


def test_infinity_and_the_nodata_number_of_a_band_are_no_data():
    model, _ = recorder(["slope", "soil"])
    stack = as_stack(
        {"slope": np.array([[1.0, np.inf, 3.0]]), "soil": np.array([[2, 3, -99]], dtype=np.int16)}
    )
    stack["soil"] = stack["soil"].rio.write_nodata(-99)
    found = predict_map(model, stack).to_numpy()
    np.testing.assert_array_equal(np.isnan(found), [[False, True, True]])


def test_a_window_is_computed_in_one_thread_and_settings_stay():
    import torch

    model, log = recorder(["slope"])
    stack = as_stack({"slope": np.ones((300, 300), dtype=np.float32)})
    before = [pool["num_threads"] for pool in threadpool_info()], torch.get_num_threads()
    predict_map(model, stack, window=128).compute(scheduler="threads", num_workers=4)
    assert {(threads, jobs) for _, threads, jobs, _ in log} == {(1, 1)}
    after = [pool["num_threads"] for pool in threadpool_info()], torch.get_num_threads()
    assert after == before


def test_the_model_itself_is_left_as_it_was(fitted, stack):
    model = fitted("RF")
    before = joblib.hash(model)
    predict_map(model, stack).compute()
    assert model[-1].n_jobs == 2
    assert joblib.hash(model) == before


def test_settings_of_scikit_learn_reach_the_threads():
    model, log = recorder(["slope"])
    stack = as_stack({"slope": np.ones((200, 200), dtype=np.float32)})
    with sklearn.config_context(working_memory=77):
        lazy = predict_map(model, stack, window=128)
    lazy.compute(scheduler="threads", num_workers=2)
    assert {memory for *_, memory in log} == {77}


def test_factors_are_found_by_name_and_further_bands_are_left_alone(fitted, stack):
    expected = predict_map(fitted("RF"), stack)
    shuffled = stack[FACTORS[::-1]].assign(aspect=stack["slope"] * np.nan)
    same_bits(predict_map(fitted("RF"), shuffled), expected)


def test_a_missing_factor_is_named(fitted, stack):
    with pytest.raises(ValueError, match="no factor 'twi'"):
        predict_map(fitted("RF"), stack.drop_vars("twi"))


def test_a_model_without_factor_names_is_refused(region, stack):
    model = LogisticRegression().fit(region.data[["slope"]].to_numpy(), region.target)
    with pytest.raises(ValueError, match="fitted without factor names"):
        predict_map(model, stack)


def test_a_model_without_probabilities_is_refused(region, stack):
    model = SVC().fit(region.data[["slope"]], region.target)
    with pytest.raises(TypeError, match="has no predict_proba"):
        predict_map(model, stack)


def test_an_unfitted_model_and_a_stack_of_another_kind_are_refused(fitted, stack):
    with pytest.raises(NotFittedError):
        predict_map(LogisticRegression(), stack)
    with pytest.raises(TypeError, match="got dict"):
        predict_map(fitted("RF"), {"slope": np.ones((2, 2))})


def test_a_positive_class_in_unknown_words_must_be_named(region, stack):
    X = region.data[["slope"]]
    words = np.where(region.target == 1, "a slide", "stable")
    model = LogisticRegression().fit(X, words)
    with pytest.raises(ValueError, match="say which of them is a landslide"):
        predict_map(model, stack)
    second = predict_map(model, stack, positive_class="stable").to_numpy()
    first = predict_map(model, stack, positive_class="a slide").to_numpy()
    np.testing.assert_allclose(first + second, np.where(np.isnan(first), np.nan, 1), atol=1e-6)
    with pytest.raises(ValueError, match="not a class of the model"):
        predict_map(model, stack, positive_class=1)
    three = LogisticRegression().fit(X, np.arange(len(X)) % 3)
    with pytest.raises(ValueError, match="positive_class which"):
        predict_map(three, stack)


def code_models():
    one_hot = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["lithology"]), remainder="passthrough"
    )
    return {
        "pipeline": make_landslide_pipeline(LogisticRegression(max_iter=500), random_state=0),
        "search": GridSearchCV(
            make_landslide_pipeline(LogisticRegression(max_iter=500), random_state=0),
            {"model__C": [0.1]},
            cv=2,
        ),
        "HistGB": HistGradientBoostingClassifier(max_iter=10, random_state=0),
        "net": LandslideNet(max_epochs=1, n_members=1, random_state=0),
        "one-hot": make_pipeline(one_hot, RandomForestClassifier(10, random_state=0)),
    }


@pytest.mark.parametrize("kind", ["int", "text", "float"])
@pytest.mark.parametrize("name", list(code_models()))
def test_codes_are_matched_by_value_whatever_their_type_in_the_table(name, kind, region):
    codes = region.data["lithology"].astype(int)
    as_kind = {"int": int, "text": str, "float": float}[kind]
    X = region.data[["slope"]].assign(lithology=pd.Categorical(codes.map(as_kind).tolist()))
    model = code_models()[name].fit(X, region.target)
    expected = model.predict_proba(X)[:, 1]
    stack = as_stack(
        {name: np.asarray(X[name].tolist(), dtype=float).reshape(20, 20) for name in X}
    )
    found = predict_map(model, stack).to_numpy().ravel()
    np.testing.assert_allclose(found, expected, rtol=2e-6)
    # The factor matters, or this test could not fail.
    other = X.assign(lithology=X["lithology"].to_numpy()[::-1])
    assert not np.allclose(model.predict_proba(other)[:, 1], expected)


@pytest.mark.parametrize("name", list(code_models()))
def test_a_code_that_the_table_did_not_hold_is_not_taken_for_one_that_it_held(name, region):
    X = region.data[["slope"]].assign(lithology=region.data["lithology"])
    model = code_models()[name].fit(X, region.target)
    known = [int(code) for code in region.data["lithology"].cat.categories]
    row = X.head(1)
    new = row.assign(lithology=pd.Categorical([77], categories=[*known, 77]))
    stack = as_stack({"slope": row[["slope"]].to_numpy(), "lithology": np.array([[77.0]])})
    found = predict_map(model, stack).to_numpy()[0, 0]
    np.testing.assert_allclose(found, model.predict_proba(new)[0, 1], rtol=2e-6)


def test_codes_with_names_in_the_table_need_to_be_told(region):
    names = region.category_names["lithology"]
    codes = region.data["lithology"].astype(int)
    X = region.data[["slope"]].assign(lithology=codes.map(names).astype("category"))
    model = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(X, region.target)
    stack = as_stack(
        {
            "slope": X["slope"].to_numpy().reshape(20, 20),
            "lithology": codes.to_numpy(dtype=float).reshape(20, 20),
        }
    )
    with pytest.raises(ValueError, match=r"knows 'lithology' by values such as .* categories="):
        predict_map(model, stack)
    with pytest.raises(ValueError, match="'soil', which is not a factor of the model"):
        predict_map(model, stack, categories={"soil": names})
    found = predict_map(model, stack, categories={"lithology": names}).to_numpy().ravel()
    np.testing.assert_allclose(found, model.predict_proba(X)[:, 1], rtol=2e-6)


# --- spread -------------------------------------------------------------------------------


def test_the_spread_of_a_forest_is_the_standard_deviation_over_its_trees(region):
    X, y = region.data[["slope", "twi"]], region.target
    forest = RandomForestClassifier(7, min_samples_leaf=5, random_state=0).fit(X, y)
    votes = [tree.predict_proba(X.to_numpy())[:, 1] for tree in forest.estimators_]
    found = prediction_spread(forest, X)
    np.testing.assert_allclose(found, np.std(votes, axis=0, ddof=1), atol=1e-12)
    stack = as_stack({name: X[name].to_numpy().reshape(20, 20) for name in X})
    spread = predict_map(forest, stack, output="spread")
    assert spread.name == "spread"
    np.testing.assert_allclose(spread.to_numpy().ravel(), found, rtol=1e-6)


def test_bagged_models_that_lack_factors_or_a_class_have_a_spread():
    X = pd.DataFrame({"slope": [0.0, 1, 2, 3, 4, 5], "twi": [5.0, 1, 4, 2, 3, 0]})
    # Two rows of six: some members see one class, which is all that they then know.
    bagged = BaggingClassifier(
        KNeighborsClassifier(1), 12, max_samples=2, max_features=1, random_state=0
    ).fit(X, [0, 0, 0, 0, 1, 1])
    assert {len(member.classes_) for member in bagged.estimators_} == {1, 2}
    probabilities = []
    for member, features in zip(bagged.estimators_, bagged.estimators_features_, strict=True):
        proba = member.predict_proba(X.to_numpy()[:, features])
        probabilities.append(
            proba[:, 1] if len(member.classes_) == 2 else np.full(6, float(member.classes_[0]))
        )
    np.testing.assert_allclose(bagged.predict_proba(X)[:, 1], np.mean(probabilities, axis=0))
    np.testing.assert_allclose(prediction_spread(bagged, X), np.std(probabilities, axis=0, ddof=1))


def test_pure_leaves_make_the_spread_a_function_of_the_probability(region):
    X, y = region.data[["slope", "twi", "rainfall"]], region.target
    forest = RandomForestClassifier(50, random_state=0).fit(X, y)
    probability = forest.predict_proba(X)[:, 1]
    expected = np.sqrt(probability * (1 - probability) * 50 / 49)
    np.testing.assert_allclose(prediction_spread(forest, X), expected, atol=1e-7)


def test_the_spread_goes_through_the_steps_and_the_prior_of_a_pipeline(region):
    pipeline = make_landslide_pipeline(
        RandomForestClassifier(5, min_samples_leaf=5, random_state=0),
        prevalence=0.1,
        random_state=0,
    ).fit(region.data, region.target)
    rows = region.data
    for _, step in pipeline.steps[:-1]:
        rows = step.transform(rows) if hasattr(step, "transform") else rows
    votes = np.array([t.predict_proba(rows.to_numpy())[:, 1] for t in pipeline[-1].estimators_])
    # SMOTE made the classes equal, so odds shrink by the odds of the prevalence, 1 to 9.
    with np.errstate(divide="ignore"):
        moved = 1 / (1 + 9 * (1 - votes) / votes)
    expected = np.std(moved, axis=0, ddof=1)
    np.testing.assert_allclose(prediction_spread(pipeline, region.data), expected, atol=1e-7)


@pytest.mark.parametrize("linear", [True, False])
def test_the_members_of_a_net_surround_its_probability(region, linear):
    from sklearn_landslide.mapping._prediction._spread import _net_members

    X = region.data[["slope", "twi"]]
    # What all members share is added after their mean, so that a mean of all is another.
    paths = {"module__linear": linear, "module__memory": linear}
    net = LandslideNet(max_epochs=2, n_members=3, random_state=0, **paths)
    net.fit(X, region.target)
    members = _net_members(net, X)
    assert members.shape == (3, 400, 2)
    whole = net.predict_proba(X)[:, 1]
    probabilities = members[:, :, 1]
    if not linear:
        np.testing.assert_allclose(probabilities.mean(axis=0), whole, atol=1e-6)
    assert (probabilities.min(axis=0) <= whole + 1e-6).all()
    assert (probabilities.max(axis=0) >= whole - 1e-6).all()
    np.testing.assert_allclose(
        prediction_spread(net, X), probabilities.std(axis=0, ddof=1), atol=1e-12
    )
    assert prediction_spread(net, X).min() > 0


def test_the_spread_of_a_net_does_not_depend_on_the_window(fitted, stack):
    model = fitted("LandslideNet")
    whole = predict_map(model, stack, output="spread")
    parts = predict_map(model, stack, output="spread", window=128)
    same_bits(parts.compute(scheduler="threads", num_workers=4), whole)


def test_refits_take_the_place_of_members(region, stack):
    X, y = region.data[["slope", "twi"]], region.target
    halves = [LogisticRegression().fit(X[i::2], y[i::2]) for i in range(2)]
    model = LogisticRegression().fit(X, y)
    found = predict_map(model, stack, output="spread", refits=halves).to_numpy()
    one, other = (predict_map(half, stack).to_numpy() for half in halves)
    np.testing.assert_allclose(found, np.abs(one - other) / np.sqrt(2), atol=1e-7)


def test_a_spread_that_cannot_be_is_refused_before_anything_is_computed(region, stack):
    X, y = region.data[["slope"]], region.target
    single = LogisticRegression().fit(X, y)
    with pytest.raises(ValueError, match="has no members"):
        predict_map(single, stack, output="spread")
    with pytest.raises(ValueError, match="at least two members"):
        predict_map(RandomForestClassifier(1).fit(X, y), stack, output="spread")
    with pytest.raises(ValueError, match="at least two refits, got 1"):
        predict_map(single, stack, output="spread", refits=[single])
    with pytest.raises(ValueError, match='for output="spread"'):
        predict_map(single, stack, refits=[single, single])
    other = LogisticRegression().fit(region.data[["twi"]], y)
    with pytest.raises(ValueError, match=r"refits\[1\] was fitted on the factors \['twi'\]"):
        predict_map(single, stack, output="spread", refits=[single, other])


def test_both_maps_of_one_pass_are_those_of_two(region, stack, fitted):
    X, y = region.data, region.target
    net = LandslideNet(max_epochs=1, n_members=2, n_trees=4, random_state=0)
    moved = make_landslide_pipeline(net, prevalence=0.01, random_state=0).fit(X, y)
    halves = [LogisticRegression().fit(X[["twi"]][i::2], y[i::2]) for i in range(2)]
    for model, refits in ((moved, None), (fitted("RF"), None), (halves[0], halves)):
        both = predict_map(model, stack, output="both", refits=refits).compute()
        assert list(both) == ["susceptibility", "spread"]
        xr.testing.assert_identical(both["susceptibility"], predict_map(model, stack).compute())
        spread = predict_map(model, stack, output="spread", refits=refits).compute()
        xr.testing.assert_identical(both["spread"], spread)


def test_a_network_runs_once_for_both_maps(stack, fitted):
    model, runs = fitted("LandslideNet"), []
    hook = model[-1].module_.register_forward_pre_hook(lambda *_: runs.append(1))
    try:
        predict_map(model, stack).compute()
        once = len(runs)
        predict_map(model, stack, output="both").compute()
    finally:
        hook.remove()
    assert once > 0
    assert len(runs) == 2 * once
