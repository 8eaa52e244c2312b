"""A fitted model comes back from its file as it was, and nothing else comes in."""

import io
import json
import pickle
import pickletools
import re
import subprocess
import sys
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import KMeansSMOTE
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import DBSCAN, KMeans
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import Matern, WhiteKernel
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, TunedThresholdClassifierCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors, RadiusNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, SplineTransformer
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

skops = pytest.importorskip("skops.io")

from sklearn_landslide import LandslideNet, make_landslide_pipeline  # noqa: E402
from sklearn_landslide._sequences import SequenceGroup  # noqa: E402
from sklearn_landslide.cli import main  # noqa: E402
from sklearn_landslide.comparison import default_models  # noqa: E402
from sklearn_landslide.datasets import make_landslides  # noqa: E402
from sklearn_landslide.map_products import MapModel  # noqa: E402
from sklearn_landslide.mapping import AreaOfApplicability, SusceptibilityZones  # noqa: E402
from sklearn_landslide.model_selection import SpatialBlockKFold  # noqa: E402
from sklearn_landslide.persistence import (  # noqa: E402
    _model_file,
    check_can_be_saved,
    load_model,
    read_model_facts,
    save_model,
)
from sklearn_landslide.persistence._archive import write_parts  # noqa: E402
from sklearn_landslide.persistence._public_paths import with_public_paths  # noqa: E402
from sklearn_landslide.persistence._stand_ins import with_stand_ins  # noqa: E402
from sklearn_landslide.persistence._trusted import trusted_types  # noqa: E402
from sklearn_landslide.preprocessing import RainfallSums  # noqa: E402

MODELS = {
    "LandslideNet": LandslideNet(max_epochs=1, n_members=2, random_state=0),
    "SVM": default_models(0)["SVM"],
    "LR": LogisticRegression(max_iter=500),
    "RF": RandomForestClassifier(8, random_state=0),
    "extra trees": ExtraTreesClassifier(8, random_state=0),
    "bagging": BaggingClassifier(n_estimators=3, random_state=0),
    "boosting": GradientBoostingClassifier(n_estimators=5, random_state=0),
    "neighbors": KNeighborsClassifier(),
    "neighbors by another metric": KNeighborsClassifier(
        3, metric="minkowski", p=3, algorithm="ball_tree"
    ),
    "neighbors without a tree": KNeighborsClassifier(algorithm="brute", weights="distance"),
    "perceptron": MLPClassifier((8,), max_iter=20, random_state=0),
    "Gaussian process": GaussianProcessClassifier(1.0 * Matern() + WhiteKernel(), random_state=0),
    "calibrated": CalibratedClassifierCV(GaussianNB(), method="isotonic", cv=3),
    "stack": StackingClassifier(
        [("tree", DecisionTreeClassifier(max_depth=2)), ("nb", GaussianNB())]
    ),
    "search": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, scoring="roc_auc", cv=3),
    "threshold": TunedThresholdClassifierCV(LogisticRegression(), cv=3),
    "histogram boosting": HistGradientBoostingClassifier(
        max_iter=5, categorical_features="from_dtype", random_state=0
    ),
}


@pytest.fixture(scope="module")
def region():
    return make_landslides(250, as_frame=True, random_state=0)


@pytest.fixture
def saved(region, tmp_path):
    """A logistic regression in a file."""
    X = region.data[["slope", "twi"]]
    pipeline = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(X, region.target)
    save_model(pipeline, tmp_path / "model.zip", facts={"seed": 0})
    return tmp_path / "model.zip"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("categories", [True, False], ids=["with classes", "quantities only"])
@pytest.mark.parametrize("name", MODELS)
def test_a_pipeline_predicts_the_same_bits(name, categories, region, tmp_path):
    X = region.data if categories else region.data.select_dtypes("number")
    pipeline = make_landslide_pipeline(MODELS[name], prevalence=0.1, random_state=0)
    pipeline.fit(X, region.target)
    save_model(pipeline, tmp_path / "model.zip")
    again = load_model(tmp_path / "model.zip")
    assert type(again) is type(pipeline)
    np.testing.assert_array_equal(again.predict_proba(X), pipeline.predict_proba(X))
    assert again.class_prior_ == pipeline.class_prior_
    assert list(again.feature_names_in_) == list(X)
    # Classes that the training never saw go the same way, too.
    if categories:
        strange = X.assign(lithology=pd.Categorical(["new"] * len(X)))
        np.testing.assert_array_equal(again.predict_proba(strange), pipeline.predict_proba(strange))


@pytest.mark.parametrize("blocks", ["keep", "judge"])
def test_a_pipeline_with_sequences_predicts_the_same_bits(blocks, region, tmp_path):
    rng = np.random.default_rng(0)
    hours = [f"rain_{hour}" for hour in range(6)]
    X = region.data.join(pd.DataFrame(rng.gamma(0.3, 4, (250, 6)), region.data.index, hours))
    y = (region.target + 0.2 * X[hours].sum(axis=1) > 1).astype(int)
    X = X.mask(rng.random(X.shape) < 0.02)
    sequences = {"sky": {"early": hours[:3], "late": hours[3:]}}
    chain = make_landslide_pipeline(
        RandomForestClassifier(8, random_state=0), sequences=sequences, random_state=0
    ).set_params(mrmr__sequence_blocks=blocks)
    pipeline = Pipeline([("sums", RainfallSums([2, 6], keep_hours=True)), ("chain", chain)])
    for fitted in (chain.fit(X, y), clone(pipeline).fit(X, y)):
        save_model(fitted, tmp_path / "model.zip", overwrite=True)
        again = load_model(tmp_path / "model.zip")
        np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
        # What was learned for a gap is still there.
        gap = X.assign(rain_0=np.nan, rain_4=np.nan)
        np.testing.assert_array_equal(again.predict_proba(gap), fitted.predict_proba(gap))
    assert again["chain"].sequences == sequences
    assert list(again[:-1].get_feature_names_out()) == list(fitted[:-1].get_feature_names_out())


def test_zones_and_area_of_applicability_travel_with_the_model(region, tmp_path):
    X, y = region.data, region.target
    model = make_landslide_pipeline(LogisticRegression(max_iter=500), random_state=0).fit(X, y)
    zones = SusceptibilityZones("quantile", 4).fit(model.predict_proba(X)[:, 1])
    folds = list(SpatialBlockKFold(region.coordinates, random_state=0).split(X, y))
    area = AreaOfApplicability(cv=folds).fit(X, y).set_params(cv=None)
    save_model(MapModel(model, zones, area, facts={"seed": 7}), tmp_path / "model.zip")
    again = load_model(tmp_path / "model.zip")
    assert again.facts == {"seed": 7}
    np.testing.assert_array_equal(again.zones.edges_, zones.edges_)
    assert again.zones.names_ == zones.names_
    assert again.applicability.threshold_ == area.threshold_
    np.testing.assert_array_equal(again.applicability.dissimilarity(X), area.dissimilarity(X))
    assert read_model_facts(tmp_path / "model.zip")["factors"] == list(X)


def test_the_model_that_is_saved_stays_as_it_is(region, tmp_path):
    X = region.data.select_dtypes("number")
    pipeline = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(X, region.target)
    before = pickle.dumps(pipeline)
    save_model(pipeline, tmp_path / "model.zip")
    assert pickle.dumps(pipeline) == before


def test_no_row_of_the_training_table_is_in_the_file_of_a_regression(region, tmp_path):
    X = region.data.select_dtypes("number")
    pipeline = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(X, region.target)
    assert hasattr(pipeline["resample"], "sampling_strategy_")
    save_model(pipeline, tmp_path / "model.zip")
    again = load_model(tmp_path / "model.zip")
    assert not hasattr(again["resample"], "sampling_strategy_")
    assert again["resample"].get_params() == pipeline["resample"].get_params()
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        inner = zipfile.ZipFile(io.BytesIO(archive.read("model.skops")))
    largest = max(np.load(inner.open(name)).size for name in inner.namelist() if ".npy" in name)
    assert largest < len(X)


def test_facts_are_read_without_the_model(saved):
    facts = read_model_facts(saved)
    assert facts["model"] == "LandslidePipeline"
    assert facts["factors"] == ["slope", "twi"]
    assert facts["facts"] == {"seed": 0}
    assert facts["versions"]["numpy"] == np.__version__
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", facts["date"])


def test_nothing_in_the_file_is_a_pickle(saved):
    found = []
    with zipfile.ZipFile(saved) as archive:
        inner = zipfile.ZipFile(io.BytesIO(archive.read("model.skops")))
        parts = {name: inner.read(name) for name in inner.namelist()}
    for name, content in parts.items():
        if name.endswith(".npy"):
            # Refuses arrays of objects, which NumPy would pickle.
            np.load(io.BytesIO(content), allow_pickle=False)
        with warnings.catch_warnings():
            try:
                list(pickletools.genops(content))
                found.append(name)
            except Exception:
                continue
    assert found == []
    assert "schema.json" in parts


def schema_of(path):
    with zipfile.ZipFile(path) as archive:
        inner = zipfile.ZipFile(io.BytesIO(archive.read("model.skops")))
    return inner.read("schema.json").decode()


def classes_in(path):
    """Full names of all classes and functions that a model file names."""
    found = set()

    def note(node):
        if isinstance(node.get("__module__"), str) and "__class__" in node:
            found.add(f"{node['__module__']}.{node['__class__']}")
        return node

    json.loads(schema_of(path), object_hook=note)
    return found


def map_model(region):
    X, y = region.data, region.target
    model = make_landslide_pipeline(LogisticRegression(max_iter=500), random_state=0).fit(X, y)
    zones = SusceptibilityZones("quantile", 4).fit(model.predict_proba(X)[:, 1])
    return MapModel(model, zones, AreaOfApplicability(cv=3).fit(X, y))


def test_classes_of_this_package_are_named_by_their_public_paths(region, tmp_path):
    save_model(map_model(region), tmp_path / "model.zip")
    ours = {name for name in classes_in(tmp_path / "model.zip") if "sklearn_landslide" in name}
    assert ours == {
        "sklearn_landslide.map_products.MapModel",
        "sklearn_landslide.mapping.AreaOfApplicability",
        "sklearn_landslide.mapping.SusceptibilityZones",
        "sklearn_landslide.over_sampling.FactorSMOTE",
        "sklearn_landslide.persistence.StoredIndex",
        "sklearn_landslide.persistence.StoredNeighbors",
        "sklearn_landslide.pipeline.LandslidePipeline",
        "sklearn_landslide.preprocessing.FactorImputer",
        "sklearn_landslide.preprocessing.FactorScaler",
        "sklearn_landslide.preprocessing.PlausibleRange",
        "sklearn_landslide.feature_selection.MRMRSelector",
    }


def test_no_private_path_of_ours_is_trusted():
    ours = [name for name in trusted_types() if name.startswith("sklearn_landslide")]
    assert len(ours) > 10
    assert not [name for name in ours if "._" in name]


def test_a_regression_is_kept_without_the_libraries_of_maps(tmp_path):
    script = f"""
import sys
for name in ("rasterio", "rioxarray", "xarray", "dask", "geopandas", "shapely"):
    sys.modules[name] = None
from sklearn.linear_model import LogisticRegression
from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.persistence import load_model, save_model
X, y = [[float(i), i % 3] for i in range(20)], [0, 1] * 10
pipeline = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(X, y)
save_model(pipeline, {str(tmp_path / "model.zip")!r})
again = load_model({str(tmp_path / "model.zip")!r})
assert (again.predict_proba(X) == pipeline.predict_proba(X)).all()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- what is refused ------------------------------------------------------------------------


def harmful(value):
    raise AssertionError("code of the file was run")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (FunctionTransformer(harmful), "harmful"),
        (FunctionTransformer(eval), "eval"),
        (LogisticRegression(C=LogisticRegression), "cannot be saved: it holds"),
        (KNeighborsClassifier(metric=harmful), "harmful"),
        (lambda row: row, "cannot be saved"),
    ],
    ids=["function", "eval", "class", "metric", "lambda"],
)
def test_what_could_be_run_is_not_saved(model, message, tmp_path):
    with pytest.raises(TypeError, match=message) as caught:
        save_model(model, tmp_path / "model.zip")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def write_archive(path, description, content):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("facts.json", description)
        archive.writestr("model.skops", content)


def with_content(saved, content=None, **changed):
    """Write a model file with another description or model."""
    with zipfile.ZipFile(saved) as archive:
        description = json.loads(archive.read("facts.json")) | changed
        content = archive.read("model.skops") if content is None else content
    write_archive(saved, json.dumps(description), content)
    return saved


@pytest.mark.parametrize(
    "payload",
    [FunctionTransformer(harmful), FunctionTransformer(eval), pytest.param(harmful, id="itself")],
    ids=["function", "eval", None],
)
def test_a_type_that_is_not_trusted_is_refused_and_named(saved, payload):
    with pytest.raises(ValueError, match=r"is not loaded: it holds a \S*(harmful|eval)"):
        load_model(with_content(saved, skops.dumps(payload)))


@pytest.mark.parametrize(
    ("public", "other"),
    [
        ("pipeline", "pipeline._landslide_pipeline"),
        ("preprocessing", "preprocessing._factor_imputer"),
        # A room that has the class in its namespace, but is not its home.
        ("over_sampling", "pipeline._make"),
    ],
)
def test_a_private_path_of_ours_is_refused_and_named(saved, public, other):
    before = f'"__module__": "sklearn_landslide.{public}"'
    after = f'"__module__": "sklearn_landslide.{other}"'
    with zipfile.ZipFile(saved) as archive:
        inner = zipfile.ZipFile(io.BytesIO(archive.read("model.skops")))
    assert before in schema_of(saved)
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as changed:
        for name in inner.namelist():
            changed.writestr(name, inner.read(name).replace(before.encode(), after.encode()))
    with pytest.raises(ValueError, match=rf"is not loaded: it holds a sklearn_landslide\.{other}"):
        load_model(with_content(saved, memory.getvalue()))


def test_a_function_of_ours_is_refused(saved):
    with pytest.raises(ValueError, match=r"is not loaded: it holds a \S*main"):
        load_model(with_content(saved, skops.dumps(FunctionTransformer(main))))


def test_a_class_of_ours_that_is_not_listed_is_not_saved(tmp_path):
    model = LogisticRegression(C=SequenceGroup("rain", ("rain",), np.array([[0, 1]])))
    with pytest.raises(TypeError, match=r"it holds a sklearn_landslide\._sequences\.SequenceGroup"):
        save_model(model, tmp_path / "model.zip")


def test_a_file_of_a_newer_format_is_refused(saved):
    newer = {"format": 2, "versions": {"sklearn-landslide": "9.9"}}
    with_content(saved, **newer)
    for read in (load_model, read_model_facts):
        with pytest.raises(ValueError, match=r"written by sklearn-landslide 9\.9.*upgrade"):
            read(saved)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(saved, share):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match="damaged, or not a model file") as caught:
        load_model(saved)
    assert "\n" not in str(caught.value)


def test_a_changed_byte_is_found(saved):
    content = bytearray(saved.read_bytes())
    content[len(content) // 2] ^= 1
    saved.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        load_model(saved)


@pytest.mark.parametrize("content", [b"", b"PK", b"slope,landslide\n1,0\n"])
def test_what_is_no_model_file_is_refused(tmp_path, content):
    path = tmp_path / "model.zip"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a model file"):
        load_model(path)
    with pytest.raises(ValueError, match="is a folder"):
        load_model(tmp_path)


def test_another_zip_archive_is_no_model_file(tmp_path):
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("facts.json", json.dumps({"kind": "other"}))
    with pytest.raises(ValueError, match="not a model file"):
        load_model(path)


def as_written(plain):
    """Bytes of a model as they are in a file, without a check."""
    with zipfile.ZipFile(io.BytesIO(skops.dumps(plain))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["schema.json"] = with_public_paths(parts["schema.json"])
    return write_parts(parts, compress=True)


def broken_tree(saved, kind, change):
    """Save a forest one of whose trees was tampered with."""
    X = np.random.default_rng(0).normal(size=(60, 2))
    model = kind.fit(X, X[:, 0] > 0)
    plain = with_stand_ins(model)
    if isinstance(model, HistGradientBoostingClassifier):
        nodes = plain._predictors[0][0].arguments[0]
    else:
        nodes = plain.estimators_[0].tree_.arguments[3]["nodes"]
    change(nodes)
    return with_content(saved, as_written(plain))


def set_node(field, value):
    def change(nodes):
        nodes[field][0] = value

    return change


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("forest", "left_child", 10**6),
        ("forest", "right_child", 0),
        ("forest", "left_child", -7),
        ("forest", "feature", 99),
        ("boosting", "left", 10**6),
        ("boosting", "right", 0),
    ],
)
def test_a_tree_whose_branches_lead_nowhere_is_refused(saved, kind, field, value):
    model = {
        "forest": RandomForestClassifier(1, random_state=0),
        "boosting": HistGradientBoostingClassifier(max_iter=1, min_samples_leaf=2),
    }[kind]
    with pytest.raises(ValueError, match="is damaged, or of other versions"):
        load_model(broken_tree(saved, model, set_node(field, value)))


def test_an_untampered_tree_passes_the_same_way(saved):
    """So that the test above fails for its reason."""
    model = load_model(
        broken_tree(saved, RandomForestClassifier(1, random_state=0), lambda _: None)
    )
    assert model.predict_proba([[2.0, 0.0]])[0, 1] == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"versions": None},
        {"versions": ["1.0"]},
        {"versions": {"numpy": 2}},
        {"facts": None},
        {"factors": "slope"},
        {"factors": [1, 2]},
        {"model": None},
        {"date": 20261129},
        {"format": "1"},
        {"format": True},
        {"format": 0},
        {"format": None},
        {"kind": None},
    ],
    ids=str,
)
def test_a_description_of_another_form_is_refused_in_one_line(saved, changed):
    with_content(saved, **changed)
    for read in (load_model, read_model_facts):
        with pytest.raises(ValueError, match="is damaged, or not a model file") as caught:
            read(saved)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["kind", "format", "model", "factors", "date", "versions", "facts"]
)
def test_a_description_that_lacks_something_is_refused(saved, name):
    with zipfile.ZipFile(saved) as archive:
        description, content = json.loads(archive.read("facts.json")), archive.read("model.skops")
    del description[name]
    write_archive(saved, json.dumps(description), content)
    for read in (load_model, read_model_facts):
        with pytest.raises(ValueError, match="is damaged, or not a model file"):
            read(saved)


@pytest.mark.parametrize("description", ["null", "[]", "1", "[" * 100_000, '{"a":' * 100_000, "{"])
def test_a_description_that_is_none_is_refused(saved, description):
    write_archive(saved, description, b"")
    for read in (load_model, read_model_facts):
        with pytest.raises(ValueError, match="is damaged, or not a model file"):
            read(saved)


@pytest.mark.parametrize("versions", [None, [], {}, {"sklearn-landslide": None}], ids=str)
def test_a_newer_file_without_versions_is_refused_in_words(saved, versions):
    with_content(saved, format=2, versions=versions)
    with pytest.raises(ValueError, match=r"of a newer version, and this is .*upgrade"):
        read_model_facts(saved)


# --- before the fit -------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_can_be_saved_is_known_before_the_fit(name):
    check_can_be_saved(MODELS[name])
    check_can_be_saved(make_landslide_pipeline(MODELS[name]))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (DBSCAN(), "DBSCAN"),
        (RadiusNeighborsClassifier(), "RadiusNeighborsClassifier"),
        (Pipeline([("curves", SplineTransformer()), ("model", GaussianNB())]), "SplineTransformer"),
        (SVC(kernel=harmful), "harmful"),
        (StackingClassifier([("a", GaussianNB())], RadiusNeighborsClassifier()), "RadiusNeighbors"),
        (GridSearchCV(GaussianNB(), {"priors": [harmful]}), "harmful"),
        (LogisticRegression(C=lambda: 1), "cannot be saved without code"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_model_that_cannot_be_saved_is_known_before_the_fit(model, message):
    for candidate in (model, Pipeline([("model", model)])):
        with pytest.raises(TypeError, match=f"cannot be saved.*{message}|{message}") as caught:
            check_can_be_saved(candidate)
        assert "\n" not in str(caught.value)


def test_parts_of_samplers_may_be_saved_with_them():
    resample = KMeansSMOTE(kmeans_estimator=KMeans(3), k_neighbors=NearestNeighbors(n_neighbors=2))
    check_can_be_saved(make_landslide_pipeline(GaussianNB(), resample=resample))


# --- writing --------------------------------------------------------------------------------


def test_an_existing_file_is_kept_unless_it_may_be_replaced(saved):
    before = saved.read_bytes()
    model = LogisticRegression().fit([[0], [1]], [0, 1])
    with pytest.raises(ValueError, match="exists"):
        save_model(model, saved)
    assert saved.read_bytes() == before
    save_model(model, saved, overwrite=True)
    assert read_model_facts(saved)["model"] == "LogisticRegression"


def test_a_failure_while_writing_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_model_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save_model(LogisticRegression(), saved, overwrite=True)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["model.zip"]


def test_without_skops_the_extra_is_named(saved, monkeypatch):
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(ImportError, match=r'pip install "\.\[save\]"'):
        load_model(saved)
