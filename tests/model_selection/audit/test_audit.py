from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, BorderlineSMOTE, RandomOverSampler
from joblib import parallel_config
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectFromModel, SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneOut,
    RepeatedStratifiedKFold,
    StratifiedKFold,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.model_selection import LeakageAudit, SpatialBlockKFold, audit
from sklearn_landslide.model_selection._audit._gap import CrossValidated, unpaired_gap
from sklearn_landslide.model_selection._audit._oversampling import share_between_neighbors
from sklearn_landslide.model_selection._audit._scores import (
    corrected_error,
    disjoint_tests,
    permute_labels,
)

CHECKS = [
    "permuted labels",
    "random against spatial",
    "place alone",
    "distance to the training points",
    "rows in training and test",
    "duplicate rows",
    "duplicate places",
    "groups",
    "steps fitted outside the folds",
    "scaled before the split",
    "oversampled before the split",
    "label among the factors",
    "coordinates among the factors",
    "consequences among the factors",
]


def clean_table(n=200, seed=0):
    """Rows without any fault, at places that have nothing to do with them."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "slope": rng.uniform(0, 60, n),
            "twi": rng.gamma(4, 2, n),
            "ndvi": rng.uniform(-0.2, 0.9, n),
            "elevation": rng.normal(800, 200, n),
            "soil": pd.Categorical(rng.integers(1, 5, n)),
        }
    )
    risk = X["slope"] / 15 + rng.logistic(size=n)
    y = (risk > np.quantile(risk, 0.6)).astype(int).to_numpy()
    return X, y, rng.uniform(0, 10_000, (n, 2))


def scaled_model():
    return make_pipeline(StandardScaler(), LogisticRegression())


def look(X, y, *, pipeline=None, n_permutations=0, random_state=0, **params):
    """Audit without the permutations, which cost most."""
    return audit(
        GaussianNB() if pipeline is None else pipeline,
        X,
        y,
        n_permutations=n_permutations,
        random_state=random_state,
        **params,
    )


def verdict(result, check):
    return result.findings.loc[check, "verdict"]


def numbers(result, check):
    return result.findings.loc[check, "numbers"]


# Clean data


CLEAN = {
    "logistic regression": LogisticRegression(),
    "random forest": RandomForestClassifier(10, random_state=0),
}


@pytest.mark.parametrize("model", CLEAN)
def test_a_clean_validation_passes_every_check(model):
    X, y, coordinates = clean_table()
    map_coordinates = np.random.default_rng(0).uniform(0, 10_000, (1000, 2))
    result = audit(
        make_landslide_pipeline(CLEAN[model], resample=None, random_state=0),
        X,
        y,
        coordinates=coordinates,
        map_coordinates=map_coordinates,
        groups=np.arange(len(y)),
        n_permutations=2,
        random_state=0,
    )
    assert list(result.findings.index) == CHECKS
    assert set(result.findings["verdict"]) == {"ok"}, str(result)
    assert result.passed
    assert (result.findings["advice"].str.len() < 60).all()


def test_checks_without_their_input_are_named_not_checked_and_do_not_fail_the_audit():
    X, y, _ = clean_table()
    result = look(X.drop(columns="soil"), y)
    missing = result.findings.index[result.findings["verdict"] == "not checked"]
    assert list(missing) == [*CHECKS[:4], "duplicate places", "groups"]
    assert result.passed


def test_the_same_seed_gives_the_same_audit_whatever_the_number_of_jobs():
    X, y, coordinates = clean_table(100)
    X = X.drop(columns="soil")
    with parallel_config(backend="threading"):
        first, second, other = (
            look(X, y, coordinates=coordinates, n_permutations=2, n_jobs=n_jobs, random_state=seed)
            for n_jobs, seed in [(1, 5), (2, np.int64(5)), (1, 6)]
        )
    assert_frame_equal(first.findings, second.findings)
    assert numbers(first, "permuted labels") != numbers(other, "permuted labels")


def test_the_global_random_state_and_the_arguments_are_untouched():
    X, y, coordinates = clean_table(100)
    X = X.drop(columns="soil")
    copy, model = X.copy(), GaussianNB()
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    look(X, y, pipeline=model, coordinates=coordinates, n_permutations=2, random_state=None)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert_frame_equal(X, copy)
    assert not hasattr(model, "classes_")


def test_arrays_polars_frames_and_text_labels_give_what_the_frame_gives():
    X, y, coordinates = clean_table(100)
    X = X.drop(columns="soil")
    params = {"coordinates": coordinates, "n_permutations": 2}
    frame = look(X, y, **params)
    text = np.where(y == 1, "slide", "none")
    for table, labels in [(pl.from_pandas(X), y), (X, text), (X, pd.Series(text))]:
        other = look(table, labels, **params)
        assert_frame_equal(frame.findings, other.findings)
    of_array = look(X.to_numpy(), y, **params)
    assert_array_equal(of_array.findings["verdict"], frame.findings["verdict"])
    assert numbers(of_array, "permuted labels") == numbers(frame, "permuted labels")
    assert numbers(of_array, "label among the factors")["best_column"] == "x0"


def test_coordinates_and_groups_are_matched_by_index():
    X, y, coordinates = clean_table(100)
    X = X.drop(columns="soil")
    places = pd.DataFrame(coordinates, columns=["x", "y"], index=X.index)
    groups = pd.Series(np.arange(100) // 4, index=X.index)
    cv = GroupKFold(5)
    straight = look(X, y, coordinates=places, groups=groups, cv=cv)
    shuffled = look(
        X, y, coordinates=places.iloc[::-1], groups=groups.sample(frac=1, random_state=0), cv=cv
    )
    assert_frame_equal(straight.findings, shuffled.findings)
    assert verdict(straight, "groups") == "ok"


# Permuted labels


class Remembering(ClassifierMixin, BaseEstimator):
    """Keep the labels of every fit in a place that all clones share."""

    memory = {}

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.memory.update(zip(map(bytes, X), y, strict=True))
        return self

    def predict_proba(self, X):
        slide = np.array([self.memory.get(bytes(row), 0.5) for row in X])
        return np.column_stack([1 - slide, slide])

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] > 0.5).astype(int)


def test_a_step_that_remembers_labels_from_fold_to_fold_is_caught_by_permuted_labels():
    X, y, _ = clean_table()
    Remembering.memory.clear()
    X = np.ascontiguousarray(X.drop(columns="soil").to_numpy())
    result = look(X, y, pipeline=Remembering(), n_permutations=4)
    assert verdict(result, "permuted labels") == "leak"
    assert numbers(result, "permuted labels")["mean"] > 0.7
    assert not result.passed


@pytest.mark.parametrize("scoring", ["roc_auc", "average_precision", "accuracy", "neg_brier_score"])
def test_test_rows_in_the_training_part_are_caught_whatever_the_score(scoring):
    X, y, _ = clean_table()
    X = X.drop(columns="soil")
    splits = [(np.arange(len(y)), test) for _, test in StratifiedKFold(4).split(X, y)]
    model = RandomForestClassifier(20, random_state=0)
    result = look(X, y, pipeline=model, cv=splits, scoring=scoring, n_permutations=3)
    assert verdict(result, "permuted labels") == "leak"
    assert verdict(result, "rows in training and test") == "leak"
    assert numbers(result, "rows in training and test") == {"n_test_rows": 200, "share": 1.0}


@pytest.mark.parametrize("scoring", ["average_precision", "accuracy", "f1", "neg_log_loss"])
def test_chance_level_of_any_score_comes_from_shuffled_labels(scoring):
    X, y, _ = clean_table()
    result = look(X.drop(columns="soil"), y, scoring=scoring, n_permutations=6)
    found = numbers(result, "permuted labels")
    assert verdict(result, "permuted labels") == "ok"
    assert abs(found["mean"] - found["chance_level"]) < 0.08
    assert found["observed"] > found["mean"]


def test_numbers_of_the_permuted_labels_are_those_of_their_definition():
    X, y, _ = clean_table(100)
    X = X.drop(columns="soil")
    found = numbers(look(X, y, n_permutations=5), "permuted labels")
    critical = stats.t.ppf(0.99, 4)
    assert found["chance_level"] == 0.5
    assert found["n_permutations"] == 5 and found["n_folds"] == 5
    assert_allclose(found["smallest_visible_excess"], max(critical * found["standard_error"], 0.02))


def test_shuffled_labels_keep_the_landslides_of_every_part_of_every_fold():
    y = np.repeat([0, 1], [30, 10])
    splits = list(KFold(4, shuffle=True, random_state=0).split(y))
    shuffled = permute_labels(y, splits, np.random.default_rng(0))
    assert (shuffled != y).any()
    for train, test in splits:
        assert shuffled[test].sum() == y[test].sum()
        assert shuffled[train].sum() == y[train].sum()


def test_one_round_of_repeated_folds_is_shuffled():
    # Within the folds of two rounds at once hardly any label could move.
    y = np.repeat([0, 1], 20)
    cv = RepeatedStratifiedKFold(n_splits=4, n_repeats=3, random_state=0)
    kept = disjoint_tests(list(cv.split(y, y)))
    assert len(kept) == 4
    assert_array_equal(np.sort(np.concatenate([test for _, test in kept])), np.arange(40))
    X, y, coordinates = clean_table(100)
    result = look(X.drop(columns="soil"), y, cv=cv, coordinates=coordinates, n_permutations=3)
    assert verdict(result, "permuted labels") == "ok"
    assert numbers(result, "permuted labels")["n_folds"] == 4


def test_folds_of_single_rows_leave_the_scores_unchecked():
    X, y, coordinates = clean_table(30)
    cv = LeaveOneOut()
    result = look(X.drop(columns="soil"), y, cv=cv, coordinates=coordinates, n_permutations=3)
    for check in ("permuted labels", "random against spatial", "place alone"):
        assert verdict(result, check) == "not checked"


# Places


def clustered(n_clusters=30, size=10, seed=0):
    """Label by cluster; one factor that knows the place, one that does not."""
    rng = np.random.default_rng(seed)
    centers = rng.uniform(0, 10_000, (n_clusters, 2))
    coordinates = np.repeat(centers, size, axis=0) + rng.normal(0, 30, (n_clusters * size, 2))
    y = np.repeat(rng.permutation(np.arange(n_clusters) % 2), size)
    geology = np.repeat(rng.normal(size=n_clusters), size) + rng.normal(0, 0.001, y.size)
    return pd.DataFrame({"geology": geology, "noise": rng.normal(size=y.size)}), y, coordinates


def test_random_folds_on_clustered_landslides_are_told_from_blocks():
    X, y, coordinates = clustered()
    model = RandomForestClassifier(30, random_state=0)
    result = look(X, y, pipeline=model, coordinates=coordinates)
    found = numbers(result, "random against spatial")
    assert verdict(result, "random against spatial") == "warning"
    assert found["random"] > 0.9 and found["spatial"] < 0.8
    assert_allclose(found["gap"], found["random"] - found["spatial"])
    assert found["cv"] == found["random"]
    assert verdict(result, "place alone") == "warning"
    assert numbers(result, "place alone")["roc_auc"] > 0.9


def test_spatial_blocks_on_the_same_rows_are_not_blamed():
    X, y, coordinates = clustered()
    model = RandomForestClassifier(30, random_state=0)
    cv = SpatialBlockKFold(coordinates, 5, random_state=1)
    result = look(X, y, pipeline=model, coordinates=coordinates, cv=cv)
    found = numbers(result, "random against spatial")
    assert verdict(result, "random against spatial") == "ok"
    assert verdict(result, "place alone") == "ok"
    assert found["cv"] < 0.8 < found["random"]


class CountingBayes(GaussianNB):
    """A model that notes how many rows it is asked about each time."""

    asked = []

    def predict_proba(self, X):
        self.asked.append(len(X))
        return super().predict_proba(X)


@pytest.mark.parametrize("scoring", ["roc_auc", "average_precision"])
def test_each_test_fold_is_predicted_once_also_for_the_gap_and_the_chance_level(scoring):
    CountingBayes.asked.clear()
    X, y, points = clean_table(100)
    look(
        X.drop(columns="soil"),
        y,
        pipeline=CountingBayes(),
        coordinates=points,
        scoring=scoring,
        n_permutations=2,
    )
    # The folds of cv, which are the random ones, the spatial blocks, and twice shuffled labels.
    assert len(CountingBayes.asked) == 4 * 5
    assert sum(CountingBayes.asked) == 4 * 100


def test_standard_error_of_the_gap_is_nadeau_and_bengios():
    # 5 folds of 20 test and 80 training rows: the variance times 1/5 + 20/80.
    splits = [(np.arange(80), np.arange(20))] * 5
    first, second = np.array([0.9, 0.8, 0.7, 0.8, 0.8]), np.array([0.6, 0.5, 0.7, 0.6, 0.6])
    assert_allclose(corrected_error(first, splits), np.sqrt(0.005 * 0.45))
    made = [CrossValidated(splits, scores, None, None) for scores in (first, second)]
    gap, error, p_value = unpaired_gap(*made)
    assert_allclose([gap, error], [0.2, np.sqrt(2 * 0.005 * 0.45)])
    assert_allclose(p_value, stats.t.sf(gap / error, 8))


def test_the_gap_on_the_same_rows_is_the_mean_over_blocks():
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict

    X, y, coordinates = clustered()
    model, cv = RandomForestClassifier(10, random_state=0), KFold(5, shuffle=True, random_state=3)
    found = numbers(look(X, y, pipeline=model, coordinates=coordinates, cv=cv), CHECKS[1])
    # The blocks are those that the audit draws; its third seed is theirs.
    seeds = np.random.RandomState(0).randint(2**31 - 1, size=4)
    blocks = list(SpatialBlockKFold(coordinates, 5, random_state=seeds[2]).split(X, y))
    random, spatial = (
        cross_val_predict(model, X, y, cv=folds, method="predict_proba")[:, 1]
        for folds in (cv, blocks)
    )
    gaps = [roc_auc_score(y[b], random[b]) - roc_auc_score(y[b], spatial[b]) for _, b in blocks]
    assert_allclose(found["cv_gap"], np.mean(gaps))
    assert_allclose(found["cv_gap_standard_error"], corrected_error(gaps, blocks))
    assert found["cv_gap_is_paired"]


def test_a_scorer_that_is_a_plain_function_is_compared_by_its_means():
    X, y, coordinates = clustered()

    def accuracy_on_frame(estimator, X, y):
        return float((estimator.predict(X[["geology", "noise"]]) == y).mean())

    found = numbers(look(X, y, coordinates=coordinates, scoring=accuracy_on_frame), CHECKS[1])
    assert not found["cv_gap_is_paired"]
    assert found["cv_gap"] == found["gap"]


def test_test_points_nearer_than_anything_the_map_needs_are_counted_by_hand():
    # Pairs 10 m apart along a line; a map 100 m beside it. Each pair is torn apart.
    x = np.repeat(np.arange(20) * 1000.0, 2) + np.tile([0.0, 10.0], 20)
    coordinates = np.column_stack([x, np.zeros(40)])
    map_coordinates = np.column_stack([x[::2], np.full(20, 100.0)])
    X = pd.DataFrame({"slope": np.random.default_rng(0).normal(size=40)})
    y = np.tile([0, 0, 1, 1], 10)
    torn = [(np.arange(0, 40, 2), np.arange(1, 40, 2)), (np.arange(1, 40, 2), np.arange(0, 40, 2))]
    whole = GroupKFold(4)
    result = look(X, y, coordinates=coordinates, map_coordinates=map_coordinates, cv=torn)
    assert verdict(result, "distance to the training points") == "warning"
    found = numbers(result, "distance to the training points")
    assert_allclose([found["median_test_distance"], found["median_map_distance"]], [10.0, 100.0])
    assert found["share_nearer_than_half_of_map"] == 1.0
    assert found["share_nearer_than_95_percent_of_map"] == 1.0
    result = look(
        X,
        y,
        coordinates=coordinates,
        map_coordinates=map_coordinates,
        cv=whole,
        groups=np.repeat(np.arange(20), 2),
    )
    assert verdict(result, "distance to the training points") == "ok"
    assert numbers(result, CHECKS[3])["share_nearer_than_half_of_map"] == 0.0


# Duplicates and groups


def test_copies_of_rows_on_both_sides_are_counted_with_their_conflicts():
    X = pd.DataFrame({"a": [1.5, 1.5, 2.5, 3.5, np.nan, np.nan], "b": [0.1] * 4 + [0.7] * 2})
    y = [0, 1, 0, 1, 1, 1]
    result = look(
        X.fillna(9.25), y, cv=[([1, 2, 3, 5], [0, 4]), ([0, 2, 3, 4], [1, 5]), ([0, 1, 5], [2, 3])]
    )
    found = numbers(result, "duplicate rows")
    assert found == {"n_test_rows": 4, "share": 4 / 6, "n_surplus_rows": 2, "n_conflicting": 1}
    assert "1 of these sets of equal rows have both labels" in str(
        result.findings["finding"].loc["duplicate rows"]
    )


def test_missing_values_and_categories_count_as_equal():
    X, y, _ = clean_table()
    X = X.astype({"soil": object})
    X.loc[0, ["slope", "soil"]] = np.nan
    X, y = pd.concat([X, X[:20]], ignore_index=True), np.append(y, y[:20])
    model = make_landslide_pipeline(GaussianNB(), categorical_features=["soil"], resample=None)
    result = look(X, y, pipeline=model, cv=KFold(2))
    # The copies are at the end, their originals at the start.
    assert numbers(result, "duplicate rows")["n_test_rows"] == 40
    assert verdict(result, "duplicate rows") == "leak"


def test_rows_repeated_to_balance_the_classes_are_caught():
    X, y, _ = clean_table()
    X, y = RandomOverSampler(random_state=0).fit_resample(X.drop(columns="soil"), y)
    assert verdict(look(X, y), "duplicate rows") == "leak"


def test_equal_rows_of_coarse_classes_alone_are_a_warning_only():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.integers(0, 5, (300, 2)), columns=["soil", "land_cover"])
    assert verdict(look(X, rng.integers(0, 2, 300)), "duplicate rows") == "warning"


def test_the_same_place_at_another_time_is_caught():
    X, y, coordinates = clean_table()
    coordinates[100:] = coordinates[:100]
    result = look(X.drop(columns="soil"), y, coordinates=coordinates, cv=KFold(2))
    assert verdict(result, "duplicate rows") == "ok"
    assert verdict(result, "duplicate places") == "leak"
    assert numbers(result, "duplicate places") == {"n_test_rows": 200, "share": 1.0}


@pytest.mark.parametrize("cv", [None, 4, KFold(4, shuffle=True, random_state=0)], ids=str)
def test_folds_that_ignore_the_groups_are_caught(cv):
    X, y, _ = clean_table()
    result = look(X.drop(columns="soil"), y, cv=cv, groups=np.arange(200) // 10)
    assert verdict(result, "groups") == "leak"
    assert numbers(result, "groups")["n_groups"] == 20
    assert numbers(result, "groups")["n_divided_groups"] == 20


def test_two_of_three_groups_divided_by_hand():
    X = pd.DataFrame({"slope": [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5]})
    cv = [([2, 3, 4, 5, 6, 7], [0, 1]), ([0, 1, 2, 3, 4, 6], [5, 7])]
    found = numbers(look(X, [0, 1] * 4, cv=cv, groups=list("aabbccdd")), "groups")
    assert found == {"n_test_rows": 2, "share": 0.5, "n_groups": 4, "n_divided_groups": 2}


# Steps


def fitted_scaler(rows=slice(None)):
    return StandardScaler().fit(clean_table()[0].drop(columns="soil").iloc[rows])


def step_function(X, scaler):
    return scaler.transform(X)


MEANS = clean_table()[0].drop(columns="soil").mean().to_numpy()
SCALER = fitted_scaler()


def subtract(X, means):
    return X - means


def uses_a_global(X):
    return SCALER.transform(X)


OUTSIDE = {
    "frozen": lambda: FrozenEstimator(fitted_scaler()),
    "frozen pipeline": lambda: FrozenEstimator(
        make_pipeline(StandardScaler()).fit(clean_table()[0].drop(columns="soil"))
    ),
    "bound method": lambda: FunctionTransformer(fitted_scaler().transform),
    "global": lambda: FunctionTransformer(uses_a_global),
    "closure": lambda: (lambda scaler: FunctionTransformer(lambda X: scaler.transform(X)))(
        fitted_scaler()
    ),
    "partial": lambda: FunctionTransformer(partial(step_function, scaler=fitted_scaler())),
}


@pytest.mark.parametrize("kind", OUTSIDE)
def test_steps_fitted_on_all_rows_are_caught(kind):
    X, y, _ = clean_table()
    result = look(
        X.drop(columns="soil"), y, pipeline=make_pipeline(OUTSIDE[kind](), LogisticRegression())
    )
    assert verdict(result, "steps fitted outside the folds") == "leak"
    found = numbers(result, "steps fitted outside the folds")
    assert found["n_fitted_on_all_rows"] == found["n_steps"] == 1


HINTS = {
    "fitted on other rows": lambda: FrozenEstimator(fitted_scaler(slice(50))),
    "no row count": lambda: FrozenEstimator(
        SelectKBest(k=2).fit(clean_table()[0].drop(columns="soil"), clean_table()[1])
    ),
    "column means": lambda: FunctionTransformer(lambda X: X - MEANS),
    "keyword": lambda: FunctionTransformer(subtract, kw_args={"means": MEANS}),
    "prefit": lambda: SelectFromModel(
        RandomForestClassifier(5, random_state=0).fit(
            clean_table()[0].drop(columns="soil"), clean_table()[1]
        ),
        prefit=True,
    ),
}


@pytest.mark.parametrize("kind", [kind for kind in HINTS if kind != "prefit"])
def test_steps_of_unknown_origin_are_a_warning(kind):
    X, y, _ = clean_table()
    result = look(
        X.drop(columns="soil"), y, pipeline=make_pipeline(HINTS[kind](), LogisticRegression())
    )
    assert verdict(result, "steps fitted outside the folds") == "warning"


@pytest.mark.parametrize(
    "pipeline",
    [
        make_landslide_pipeline(LogisticRegression(), random_state=0),
        make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), GaussianNB()),
        make_pipeline(FunctionTransformer(step_function, kw_args={"scaler": None}), GaussianNB()),
        GridSearchCV(scaled_model(), {"logisticregression__C": [0.1, 1.0]}),
        scaled_model().fit(clean_table()[0].drop(columns="soil"), clean_table()[1]),
    ],
    ids=["landslide", "log", "function", "search", "fitted before"],
)
def test_steps_that_are_fitted_in_the_folds_are_not_blamed(pipeline):
    from sklearn_landslide.model_selection._audit._steps import check_steps

    assert check_steps(pipeline, 200, 4).verdict == "ok"


def test_a_prefit_parameter_is_named():
    from sklearn_landslide.model_selection._audit._steps import find_fitted_steps

    pipeline = make_pipeline(HINTS["prefit"](), LogisticRegression())
    assert find_fitted_steps(pipeline, 4) == [("selectfrommodel__prefit", "prefit=True", None)]


# The table


def test_a_table_standardized_before_the_split_is_named():
    X, y, _ = clean_table()
    X = X.drop(columns="soil")
    X[["slope", "twi"]] = StandardScaler().fit_transform(X[["slope", "twi"]])
    result = look(X, y)
    assert verdict(result, "scaled before the split") == "warning"
    assert "slope, twi." in result.findings.loc["scaled before the split", "finding"]
    # pandas divides by n - 1.
    by_hand = (X - X.mean()) / X.std()
    assert numbers(look(by_hand, y), "scaled before the split")["n_standardized"] == 4


def test_a_table_scaled_to_the_unit_range_is_a_hint_only_if_many_columns_are():
    X, y, _ = clean_table()
    X = X.drop(columns="soil")
    result = look(X.assign(ndvi=MinMaxScaler().fit_transform(X[["ndvi"]])), y)
    assert verdict(result, "scaled before the split") == "ok"
    assert numbers(result, "scaled before the split")["n_fill_unit_range"] == 1
    whole = X.copy()
    whole[:] = MinMaxScaler().fit_transform(X)
    assert verdict(look(whole, y), "scaled before the split") == "warning"


def test_truth_values_and_dummies_are_not_taken_for_scaled():
    X, y, _ = clean_table()
    X = X[["slope"]].assign(
        a=np.arange(200) % 2, b=np.tile([0.0, 1.0], 100), c=np.arange(200) % 3 == 0
    )
    assert numbers(look(X, y), "scaled before the split")["n_fill_unit_range"] == 0


@pytest.mark.parametrize("sampler", [SMOTE, ADASYN, BorderlineSMOTE], ids=lambda s: s.__name__)
def test_rows_made_before_the_split_are_caught(sampler):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(300, 4)) * [1, 50, 0.1, 7], columns=list("abcd"))
    y = (X["a"] + rng.normal(size=300) > 1.5).astype(int)
    assert verdict(look(X, y), "oversampled before the split") == "ok"
    result = look(*sampler(random_state=0).fit_resample(X, y))
    assert verdict(result, "oversampled before the split") == "leak"
    found = numbers(result, "oversampled before the split")
    assert found["share_in_class_0"] == 0 and found["share_in_class_1"] > 0.4


def test_rows_made_next_to_categories_and_then_rounded_are_caught():
    X, y, _ = clean_table(400)
    rare = (y == 0) | (np.arange(400) % 4 == 0)
    X, y = SMOTENC(["soil"], random_state=0).fit_resample(X[rare], y[rare])
    model = make_landslide_pipeline(GaussianNB(), resample=None)
    result = look(X.map(lambda value: float(f"{value:.5g}")), y, pipeline=model)
    assert verdict(result, "oversampled before the split") == "leak"


def test_share_of_rows_between_neighbors_by_hand():
    # A row half way between two others, and one that is off every line.
    rows = np.array([[0, 0, 0], [2, 4, 6], [1, 2, 3], [5, 1, 2.5]], dtype=float)
    assert share_between_neighbors(rows, random_state=0) == 1 / 4


def test_points_of_a_grid_or_in_a_plane_are_not_taken_for_made_up():
    rng = np.random.default_rng(0)
    steps = np.arange(6.0)
    grid = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(-1, 3)
    plane = rng.normal(size=(300, 2)) @ rng.normal(size=(2, 5))
    for table in (grid, plane):
        result = look(table, rng.integers(0, 2, len(table)))
        assert verdict(result, "oversampled before the split") == "not checked"


LABELS = {
    "copy": lambda y, rng: y,
    "coded": lambda y, rng: np.where(y == 1, 7, 3),
    "text": lambda y, rng: np.where(y == 1, "mapped", "drawn"),
    "negated, with noise": lambda y, rng: -y + rng.uniform(-0.3, 0.3, y.size),
    "in the middle": lambda y, rng: np.where(y == 1, 0.0, rng.choice([-1.0, 1.0], y.size)),
    "missing": lambda y, rng: np.where(y == 1, rng.normal(size=y.size), np.nan),
}


@pytest.mark.parametrize("kind", LABELS)
def test_a_factor_that_holds_the_label_is_caught(kind):
    from sklearn_landslide.model_selection._audit._table import check_label

    X, y, _ = clean_table()
    X = X.assign(date_of_mapping=LABELS[kind](y, np.random.default_rng(0)))
    found = check_label(X, y, 0)
    assert found.verdict == "leak"
    assert found.numbers["best_column"] == "date_of_mapping"
    assert found.numbers["n_copies"] == 1


COORDINATES = ["x", "Y", "lon", "Latitude", "easting", "x_coord", "utm_x", "X_m", "POINT_Y"]
COORDINATES += ["x (m)", "lon_deg", "centroid_x", "utm_n", "coords.x1", "decimal_latitude"]


@pytest.mark.parametrize("name", COORDINATES)
def test_coordinates_among_the_factors_are_known_by_name(name):
    X, y, _ = clean_table()
    result = look(X.drop(columns="soil").rename(columns={"twi": name}), y)
    assert verdict(result, "coordinates among the factors") == "warning"
    assert numbers(result, "coordinates among the factors")["columns"] == [name]


NO_COORDINATES = ["x0", "eastness", "y_slope", "xylophone", "latitude_band_soil", "map_m"]


@pytest.mark.parametrize("name", NO_COORDINATES)
def test_other_names_are_no_coordinates(name):
    X, y, _ = clean_table()
    result = look(X.drop(columns="soil").rename(columns={"twi": name}), y)
    assert verdict(result, "coordinates among the factors") == "ok"


def test_coordinates_are_known_by_value_in_other_units_and_turned():
    X, y, coordinates = clean_table()
    X = X[["slope"]].assign(
        km=coordinates[:, 0] / 1000 - 4000, turned=coordinates @ [np.cos(0.5), np.sin(0.5)]
    )
    result = look(X, y, coordinates=coordinates)
    found = numbers(result, "coordinates among the factors")
    assert found["columns"] == ["km", "turned"] and found["n_by_name"] == 0


# The result


def test_text_names_every_check_and_keeps_to_the_width():
    X, y, _ = clean_table()
    result = look(X.drop(columns="soil"), y, groups=np.arange(200) // 2)
    text = result.to_text(width=72)
    assert str(result) == repr(result) == result.to_text()
    assert max(map(len, text.splitlines())) <= 72
    assert text.startswith("LeakageAudit: not passed (1 leak, ")
    for check in CHECKS:
        assert f"{check}:" in result.to_text(width=1000)
    assert "leak         groups:" in text


def test_the_page_escapes_what_came_from_the_table():
    X, y, _ = clean_table()
    X = X.drop(columns="soil").assign(**{"<script>alert(1)</script>": y})
    result = look(X, y)
    html = result._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert html.count("<tr") == 1 + len(CHECKS) and html.count('class="audit-leak"') == 1
    assert '<tr class="audit-not-checked">' in html


def test_passed_is_false_for_a_warning_and_true_for_what_was_not_checked():
    def with_verdicts(*verdicts):
        return LeakageAudit(
            pd.DataFrame({"verdict": verdicts, "finding": "f", "advice": "", "numbers": None})
        )

    assert with_verdicts("ok", "not checked").passed
    assert not with_verdicts("ok", "warning").passed
    assert not with_verdicts("leak").passed


def test_progress_goes_to_stderr_and_only_if_asked(capsys):
    X, y, coordinates = clean_table(60)
    X = X.drop(columns="soil")
    look(X, y, coordinates=coordinates)
    assert capsys.readouterr() == ("", "")
    look(X, y, coordinates=coordinates, n_permutations=2, verbose=1)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "audit: 5 fits on the folds of cv",
        "audit: 5 fits on spatial blocks",
        "audit: 2 x 5 fits on shuffled labels",
    ]


def test_progress_counts_each_fit():
    X, y, coordinates = clean_table(60)
    told = []

    def show(*step):
        told.append(step)

    look(X.drop(columns="soil"), y, coordinates=coordinates, n_permutations=2, progress=show)
    assert told == [(done, 20) for done in (*range(11), 15, 20)]


ERRORS = {
    "three classes": ({"y": [0, 1, 2] * 20}, "got 3 "),
    "short labels": ({"y": [0, 1]}, "60 rows and y has 2 labels"),
    "missing label": ({"y": [None, *[0, 1] * 29, 1]}, "1 missing labels"),
    "short coordinates": ({"coordinates": np.zeros((3, 2))}, "X has 60 rows and coordinates 3"),
    "map alone": ({"map_coordinates": np.zeros((3, 2))}, "without coordinates"),
    "short groups": ({"groups": [1, 2]}, "X has 60 rows and groups 2"),
    "many folds": ({"cv": 40}, "fewer than the 40 folds"),
    "one class to learn from": ({"cv": [(range(24), range(24, 60))]}, "fold 0 has one class"),
    "empty fold": ({"cv": [(range(60), [])]}, "empty part"),
    "negative count": ({"n_permutations": -1}, "n_permutations"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_wrong_input_is_named_before_anything_is_fitted(case):
    changed, message = ERRORS[case]
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=list("abc"))
    given = {"y": np.repeat([0, 1], 30), **changed}
    with pytest.raises(ValueError, match=message):
        audit(GaussianNB(), X, **given)


def test_columns_that_no_pipeline_takes_are_named():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2)), columns=["slope", "twi"])
    y = np.repeat([0, 1], 30)
    with pytest.raises(ValueError, match="column 'twi' contains infinity in 1 of 60 rows"):
        look(X.assign(twi=np.where(np.arange(60) == 3, np.inf, 1.0)), y)
    with pytest.raises(ValueError, match="column 'slope' appears more than once"):
        look(X.set_axis(["slope", "slope"], axis=1), y)


def test_a_pipeline_that_is_no_classifier_is_refused():
    with pytest.raises(TypeError, match="scikit-learn classifier"):
        audit(StandardScaler(), np.ones((4, 2)), [0, 1, 0, 1])


@pytest.mark.parametrize("words", [("landslide", "stable"), ("frana", "stabile"), ("1", "0")])
def test_the_landslides_are_known_by_their_label_and_not_by_the_alphabet(words):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(300, 4)) * [1, 50, 0.1, 7], columns=list("abcd"))
    y = (X["a"] + rng.normal(size=300) > 1.5).astype(int)
    X, y = SMOTE(random_state=0).fit_resample(X, y)
    expected = numbers(look(X, y), "oversampled before the split")
    assert expected["share_in_class_0"] == 0 and expected["share_in_class_1"] > 0.4
    result = look(X, np.where(y == 1, *words))
    assert numbers(result, "oversampled before the split") == expected


def test_a_label_that_is_not_known_is_asked_for():
    X, y, _ = clean_table(60)
    labels = np.where(y == 1, "A", "B")
    with pytest.raises(ValueError, match=r"^y has the labels 'A', 'B': say which of them is"):
        look(X, labels)
    assert_frame_equal(
        look(X, labels, positive_class="A").findings, look(X, y).findings, check_exact=True
    )


def test_an_audit_shows_names_on_one_line():
    X, y = clean_table()[:2]
    X = X.assign(**{"copy\x1b[2J <b>": y})
    result = look(X, y)
    shown = "copy\\x1b[2J <b>"
    assert shown in " ".join(result.to_text().split())
    assert shown.replace("<b>", "&lt;b&gt;") in result.to_html()
    assert "\x1b" not in result.to_text() + result.to_html()
