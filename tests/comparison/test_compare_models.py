import re
import time

import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.pipeline import Pipeline as ResamplingPipeline
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn import metrics
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    GroupKFold,
    KFold,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from sklearn_landslide import compare_models, make_landslide_pipeline
from sklearn_landslide.comparison import ModelComparison, default_models
from sklearn_landslide.preprocessing import RainfallSums
from sklearn_landslide.warning import RainfallThreshold

MODELS = {"LR": LogisticRegression(), "NB": GaussianNB()}
METRICS = ["accuracy", "precision", "recall", "f1", "roc_auc", "pr_auc", "brier"]


def make_table(seed=0, n=120):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "slope": rng.uniform(0, 60, n),
            "rainfall": rng.gamma(4, 20, n),
            "soil": pd.Categorical(rng.integers(1, 5, n)),
        }
    )
    risk = X["slope"] / 15 + X["rainfall"] / 60 + rng.logistic(size=n)
    return X, (risk > np.quantile(risk, 0.6)).astype(int).to_numpy()


@pytest.fixture(scope="module")
def compared():
    """Both models on three folds of the table; tests read it only."""
    return compare_models(MODELS, *make_table(), cv=3, random_state=0)


class Oracle(ClassifierMixin, BaseEstimator):
    """Give the first factor as the probability: every score can be worked out by hand."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        slide = np.asarray(X, dtype=float)[:, 0]
        return np.column_stack([1 - slide, slide])

    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(int)]


def compare_oracle(**params):
    """Compare the oracle, through no preprocessing, on eight rows and two folds."""
    X = np.array([[0.9], [0.8], [0.3], [0.1], [0.7], [0.4], [0.6], [0.2]])
    y = np.array([1, 0, 1, 0, 1, 1, 0, 0])
    folds = [(np.arange(4, 8), np.arange(4)), (np.arange(4), np.arange(4, 8))]
    return compare_models(
        {"oracle": ResamplingPipeline([("model", Oracle())])}, X, y, cv=folds, **params
    )


def test_metrics_of_a_hand_made_case():
    comparison = compare_oracle()
    # Fold 0: scores .9 .8 .3 .1 of labels 1 0 1 0; fold 1: .7 .4 .6 .2 of labels 1 1 0 0.
    expected = pd.DataFrame(
        {
            "accuracy": [0.5, 0.5],
            "precision": [0.5, 0.5],
            "recall": [0.5, 0.5],
            "f1": [0.5, 0.5],
            "roc_auc": [3 / 4, 3 / 4],
            "pr_auc": [(1 + 2 / 3) / 2, (1 + 2 / 3) / 2],
            "brier": [(0.01 + 0.64 + 0.49 + 0.01) / 4, (0.09 + 0.36 + 0.36 + 0.04) / 4],
        }
    )
    assert_frame_equal(comparison.folds[METRICS], expected)
    assert comparison.table.loc["oracle", "brier"] == pytest.approx(0.25)
    # Two values .2875 and .2125: their standard deviation is .075 / sqrt(2).
    assert comparison.table.loc["oracle", "brier_sd"] == pytest.approx(0.0375 * np.sqrt(2))


def test_predictions_of_a_hand_made_case():
    predictions = compare_oracle().predictions
    assert list(predictions) == ["row", "fold", "y_true", "oracle"]
    assert predictions["row"].tolist() == list(range(8))
    assert predictions["fold"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert predictions["y_true"].tolist() == [1, 0, 1, 0, 1, 1, 0, 0]
    assert predictions["oracle"].tolist() == [0.9, 0.8, 0.3, 0.1, 0.7, 0.4, 0.6, 0.2]


def test_scores_are_those_of_plain_cross_validate():
    X, y = make_table()
    comparison = compare_models(MODELS, X, y, cv=4, random_state=3)
    folds = StratifiedKFold(4, shuffle=True, random_state=3)
    by_label = ["accuracy", "precision", "recall", "f1"]
    by_probability = {
        "roc_auc": "roc_auc",
        "pr_auc": "average_precision",
        "brier": "neg_brier_score",
    }
    for name, model in MODELS.items():
        chain = make_landslide_pipeline(model, random_state=3)
        expected = cross_validate(chain, X, y, cv=folds, scoring=by_probability)
        # A corrected probability of the landslides' share is one half before the correction.
        chain.set_params(correct_prior=False)
        expected |= cross_validate(chain, X, y, cv=folds, scoring=by_label)
        scores = comparison.folds.query("model == @name")
        for metric in METRICS:
            sign = -1 if metric == "brier" else 1
            assert_allclose(scores[metric], sign * expected[f"test_{metric}"])
            assert comparison.table.loc[name, metric] == pytest.approx(scores[metric].mean())
            assert comparison.table.loc[name, f"{metric}_sd"] == pytest.approx(
                np.std(scores[metric], ddof=1)
            )


@pytest.mark.parametrize("threshold", ["prior", 0.25])
def test_scores_follow_from_the_out_of_fold_predictions(compared, threshold):
    X, y = make_table()
    comparison = compared
    if threshold != "prior":
        comparison = compare_models(MODELS, X, y, cv=3, threshold=threshold, random_state=0)
    by_hand = {
        "roc_auc": metrics.roc_auc_score,
        "pr_auc": metrics.average_precision_score,
        "brier": metrics.brier_score_loss,
    }
    at_threshold = {
        "accuracy": metrics.accuracy_score,
        "precision": metrics.precision_score,
        "recall": metrics.recall_score,
        "f1": metrics.f1_score,
    }
    for row in comparison.folds.itertuples():
        test = comparison.predictions["fold"] == row.fold
        part = comparison.predictions[test]
        assert row.n_test == len(part)
        assert row.n_train == 120 - len(part)
        cut = y[~test].mean() if threshold == "prior" else threshold
        assert row.threshold == cut
        for metric, function in by_hand.items():
            assert getattr(row, metric) == pytest.approx(function(part["y_true"], part[row.model]))
        for metric, function in at_threshold.items():
            assert getattr(row, metric) == function(part["y_true"], part[row.model] >= cut)


def rare_table(n=300):
    """One landslide in fifteen places."""
    X, _ = make_table(n=n)
    return X, (X["slope"] > X["slope"].quantile(14 / 15)).astype(int).to_numpy()


def test_rare_landslides_are_found_at_the_prior_and_not_at_one_half():
    X, y = rare_table()
    y = np.where(np.random.default_rng(0).random(300) < 0.5, y, np.roll(y, 150))
    found = {
        threshold: compare_models(
            {"LR": LogisticRegression()}, X, y, cv=3, threshold=threshold, random_state=0
        ).table.loc["LR", "recall"]
        for threshold in ("prior", 0.5)
    }
    assert found["prior"] > found[0.5] + 0.3


def test_a_probability_at_the_threshold_is_a_landslide():
    table = compare_oracle(threshold=0.4).folds
    # Fold 0: .9 .8 .3 .1 of labels 1 0 1 0; fold 1: .7 .4 .6 .2 of labels 1 1 0 0.
    assert table["recall"].tolist() == [1 / 2, 1]
    assert table["precision"].tolist() == [1 / 2, 2 / 3]
    assert table["accuracy"].tolist() == [1 / 2, 3 / 4]
    assert table["f1"].tolist() == pytest.approx([1 / 2, 4 / 5])
    # .1 + .2 is a hair above .3, and .3 still counts.
    assert compare_oracle(threshold=0.1 + 0.2).folds["recall"].tolist() == [1, 1]


def test_prior_is_the_stated_prevalence_whichever_label_is_positive():
    X, y = make_table()
    labels = np.where(y == 1, "landslide", "none")
    for target, positive in ((y, None), (labels, "landslide")):
        comparison = compare_models(
            MODELS,
            X,
            target,
            positive_class=positive,
            pipeline_params={"prevalence": 0.05},
            cv=3,
            random_state=0,
        )
        assert (comparison.folds["threshold"] == 0.05).all()
        assert comparison.predictions["LR"].mean() < 0.12
        assert comparison.table.loc["LR", "recall"] > 0.6


def test_every_estimator_is_cut_at_the_share_that_its_probabilities_refer_to():
    X, y = make_table()
    model = GaussianNB()
    chain = make_landslide_pipeline(model, random_state=0)
    own = make_landslide_pipeline(model, correct_prior=False, random_state=0)
    plain = ResamplingPipeline(own.steps)
    search = {"model__var_smoothing": [1e-9]}
    models = {
        "bare": model,
        "chain": chain,
        "search": GridSearchCV(chain, search, cv=2),
        "fixed": FixedThresholdClassifier(chain, threshold=0.9),
        "own": own,
        "plain": plain,
        "plain search": GridSearchCV(plain, search, cv=2),
    }
    comparison = compare_models(models, X, y, cv=3, random_state=0)
    # The folds hold the same share, so each of them has the same threshold.
    thresholds = comparison.folds.groupby("model")["threshold"].unique()
    expected = {name: 0.4 for name in models} | dict.fromkeys(["own", "plain", "plain search"], 0.5)
    assert {name: list(value) for name, value in thresholds.items()} == {
        name: [pytest.approx(value)] for name, value in expected.items()
    }
    # One model, cut at one place, so one table; the probabilities differ.
    by_label = comparison.table[["accuracy", "precision", "recall", "f1"]].to_numpy()
    assert_allclose(by_label, np.tile(by_label[0], (len(models), 1)))
    assert comparison.table.loc["own", "brier"] == comparison.table.loc["plain", "brier"]
    calibrated = {"calibrated": CalibratedClassifierCV(plain, cv=2)}
    again = compare_models(calibrated, X, y, cv=3, random_state=0)
    assert again.folds["threshold"].tolist() == pytest.approx([0.4] * 3)


def test_plain_pipelines_keep_their_probabilities():
    X, y = make_table()
    plain = ResamplingPipeline(make_landslide_pipeline(GaussianNB(), random_state=0).steps)
    comparison = compare_models({"plain": plain}, X, y, cv=3, random_state=0)
    for train, test in fold_list(comparison):
        expected = plain.fit(X.iloc[train], y[train]).predict_proba(X.iloc[test])[:, 1]
        assert_array_equal(comparison.predictions.loc[test, "plain"], expected)


def test_own_scorers_choose_their_own_thresholds():
    X, y = make_table()
    tuned = TunedThresholdClassifierCV(
        make_landslide_pipeline(GaussianNB(), random_state=0), cv=2, scoring="recall", thresholds=10
    )
    tables = [
        compare_models({"NB": tuned}, X, y, cv=3, scoring=["recall"], threshold=t, random_state=0)
        for t in (0.2, 0.8)
    ]
    assert tables[0].table.loc["NB", "recall"] == tables[1].table.loc["NB", "recall"]
    assert tables[0].table.loc["NB", "recall"] > 0.9


@pytest.mark.parametrize("threshold", ["half", 0, 1.0, -0.1, True, None, np.nan])
def test_threshold_that_is_no_probability_is_refused(threshold):
    with pytest.raises(ValueError, match="threshold must be 'prior' or lie between 0 and 1, got"):
        compare_models(MODELS, *make_table(), threshold=threshold)


def test_all_models_have_the_same_folds_and_every_row_is_tested_once():
    X, y = make_table()
    comparison = compare_models(MODELS, X, y, cv=KFold(4, shuffle=True, random_state=1))
    expected = np.empty(120, dtype=int)
    for fold, (_, test) in enumerate(KFold(4, shuffle=True, random_state=1).split(X)):
        expected[test] = fold
    assert_array_equal(comparison.predictions["fold"].to_numpy(dtype=int), expected)
    assert_array_equal(comparison.predictions["row"], np.arange(120))
    assert_array_equal(comparison.predictions["y_true"], y)
    assert comparison.predictions[list(MODELS)].notna().all(axis=None)


def test_splitter_without_seed_still_gives_every_model_the_same_folds():
    X, y = make_table()
    twins = {"one": GaussianNB(), "two": GaussianNB()}
    comparison = compare_models(twins, X, y, cv=StratifiedKFold(3, shuffle=True), random_state=0)
    assert_array_equal(comparison.predictions["one"], comparison.predictions["two"])


def test_same_numbers_with_any_n_jobs():
    X, y = make_table()
    models = {"RF": RandomForestClassifier(5, random_state=0), **MODELS}
    one, two = (
        compare_models(models, X, y, cv=3, random_state=0, n_jobs=n_jobs) for n_jobs in (1, 2)
    )
    assert_frame_equal(one.predictions, two.predictions, check_exact=True)
    assert_frame_equal(one.folds[METRICS], two.folds[METRICS], check_exact=True)


def test_repeated_cross_validation_has_one_prediction_for_each_repeat():
    X, y = make_table()
    cv = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)
    predictions = compare_models({"NB": GaussianNB()}, X, y, cv=cv, random_state=0).predictions
    assert len(predictions) == 240
    assert_array_equal(predictions["row"], np.repeat(np.arange(120), 2))
    assert (predictions["fold"].to_numpy(dtype=int).reshape(-1, 2) // 3 == [0, 1]).all()
    for fold, (train, test) in enumerate(cv.split(X, y)):
        chain = make_landslide_pipeline(GaussianNB(), random_state=0)
        expected = chain.fit(X.iloc[train], y[train]).predict_proba(X.iloc[test])[:, 1]
        assert_allclose(predictions.loc[predictions["fold"] == fold, "NB"], expected)


def test_rows_that_are_in_no_test_fold_have_no_probability():
    X, y = make_table()
    train, test = np.arange(80), np.arange(100, 120)
    comparison = compare_models({"NB": GaussianNB()}, X, y, cv=[(train, test)], random_state=0)
    assert_array_equal(comparison.predictions["NB"].notna(), np.arange(120) >= 100)
    assert_array_equal(comparison.predictions["fold"].isna(), np.arange(120) < 100)
    assert_array_equal(comparison.predictions["y_true"], y)
    # One fold has no spread, and the cell shows none.
    assert comparison.table["roc_auc_sd"].isna().all()
    assert "±" not in comparison.to_markdown()


def test_groups_are_not_divided():
    X, y = make_table()
    groups = np.repeat(np.arange(12), 10)
    for cv in (3, GroupKFold(3)):
        predictions = compare_models(
            {"NB": GaussianNB()}, X, y, cv=cv, groups=groups, random_state=0
        ).predictions
        assert (predictions.groupby(groups)["fold"].nunique() == 1).all()


def test_text_labels_and_a_chosen_positive_class(compared):
    X, y = make_table()
    labels = np.where(y == 1, "landslide", "none")
    expected = compared
    comparison = compare_models(
        MODELS, X, labels, random_state=0, positive_class="landslide", cv=fold_list(expected)
    )
    assert comparison.positive_class == "landslide"
    assert_array_equal(comparison.predictions["y_true"], y)
    assert_allclose(
        comparison.table[["recall", "pr_auc", "roc_auc", "brier"]],
        expected.table[["recall", "pr_auc", "roc_auc", "brier"]],
    )
    assert compare_models(MODELS, X, labels, cv=3, random_state=0).positive_class == "landslide"


def fold_list(comparison):
    """Folds of a comparison as a list, to use them again."""
    folds = comparison.predictions["fold"].to_numpy(dtype=int)
    return [(np.flatnonzero(folds != k), np.flatnonzero(folds == k)) for k in np.unique(folds)]


@pytest.mark.parametrize("order", [1, -1])
def test_known_words_for_a_landslide_are_the_positive_class_whatever_the_alphabet(order, compared):
    X, y = make_table()
    pair = ["non-landslide", "landslide"][::order]
    labels = np.array(pair)[y] if order == 1 else np.array(pair)[1 - y]
    comparison = compare_models(MODELS, X, labels, random_state=0, cv=fold_list(compared))
    assert comparison.positive_class == "landslide"
    assert_allclose(comparison.table["pr_auc"], compared.table["pr_auc"])


@pytest.mark.parametrize("labels", [[1, 2], ["A", "B"], ["rockfall", "none"], [0, 2]])
def test_labels_that_do_not_say_which_is_a_landslide_must_be_named(labels):
    X, y = make_table()
    labels = np.array(labels)
    with pytest.raises(ValueError, match="say which of them is a landslide, positive_class="):
        compare_models({"NB": GaussianNB()}, X, labels[y], cv=3, random_state=0)
    comparison = compare_models(
        {"NB": GaussianNB()}, X, labels[y], cv=3, random_state=0, positive_class=labels[1].item()
    )
    assert comparison.positive_class == labels[1]
    assert_array_equal(comparison.predictions["y_true"], y)


@pytest.mark.parametrize("labels", [[-1, 1], [False, True], ["0", "1"], [0.0, 1.0]])
def test_numbers_and_truth_values_say_which_is_a_landslide(labels):
    X, y = make_table()
    comparison = compare_models({"NB": GaussianNB()}, X, np.array(labels)[y], cv=3, random_state=0)
    assert_array_equal(comparison.predictions["y_true"], y)


def test_labels_of_objects_are_those_that_they_hold():
    X, y = make_table()
    comparison = compare_models(MODELS, X, y.astype(object), cv=3, random_state=0)
    assert comparison.positive_class == 1


@pytest.mark.parametrize("form", ["list", "array", "polars"])
def test_other_tables_give_the_same_predictions(form):
    X, y = make_table()
    numbers = X[["slope", "rainfall"]]
    expected = compare_models(MODELS, numbers, y, cv=3, random_state=0).predictions
    table = {
        "list": numbers.to_numpy().tolist(),
        "array": numbers.to_numpy(),
        "polars": pl.DataFrame({name: numbers[name].to_numpy() for name in numbers}),
    }[form]
    comparison = compare_models(
        MODELS, table, pd.Series(y, index=range(500, 620)), cv=3, random_state=0
    )
    assert_frame_equal(comparison.predictions, expected)


@pytest.mark.parametrize(
    "scoring, names",
    [
        ("roc_auc", ["roc_auc"]),
        (["f1", "neg_log_loss"], ["f1", "neg_log_loss"]),
        ({"kappa": metrics.make_scorer(metrics.cohen_kappa_score)}, ["kappa"]),
        (metrics.get_scorer("accuracy"), ["score"]),
    ],
)
def test_own_scoring(scoring, names):
    X, y = make_table()
    comparison = compare_models({"NB": GaussianNB()}, X, y, scoring=scoring, cv=3, random_state=0)
    assert comparison.metrics == tuple(names)
    assert np.isfinite(comparison.table[names]).all(axis=None)


def test_ready_pipelines_and_searches_are_used_as_they_are():
    X, y = make_table()
    chain = make_landslide_pipeline(GaussianNB(), resample=None)
    search = GridSearchCV(chain, {"model__var_smoothing": [1e-9]}, cv=2)
    comparison = compare_models({"chain": chain, "search": search}, X, y, cv=3, random_state=0)
    assert_array_equal(comparison.predictions["chain"], comparison.predictions["search"])
    bare = compare_models(
        {"NB": GaussianNB()}, X, y, cv=3, random_state=0, pipeline_params={"resample": None}
    )
    assert_array_equal(comparison.predictions["chain"], bare.predictions["NB"])


def test_markdown_has_a_row_for_each_model_and_mean_and_spread_in_its_cells():
    comparison = ModelComparison(
        folds=pd.DataFrame(
            {
                "model": ["a|b", "a|b"],
                "fold": [0, 1],
                "roc_auc": [0.9115, 0.9217],
                "kappa": [0.5, 0.5],
                "fit_time": [10.0, 12.0],
                "score_time": [0.1, 0.1],
            }
        ),
        predictions=pd.DataFrame(),
        metrics=("roc_auc", "kappa"),
        positive_class=1,
    )
    assert comparison.to_markdown() == "\n".join(
        [
            "| Model | ROC-AUC | kappa | Fit (s) | Score (s) |",
            "| --- | ---: | ---: | ---: | ---: |",
            r"| a\|b | 0.9166 ± 0.0072 | 0.5000 ± 0.0000 | 11.0 ± 1.4 | 0.1 ± 0.0 |",
        ]
    )
    assert "| 0.92 ± 0.01 |" in comparison.to_markdown(digits=2)
    assert "1 models, 2 folds" in repr(comparison)
    assert "0.9166 ± 0.0072" in repr(comparison)
    assert "<td>0.9166 ± 0.0072</td>" in comparison._repr_html_()


def test_array_with_codes_and_text():
    X, y = make_table()
    rows = X.assign(rock=np.where(np.arange(120) % 3, "granite", "shale")).to_numpy(dtype=object)
    expected = compare_models({"NB": GaussianNB()}, rows, y, categorical_features=[2, 3], cv=3)
    for categorical in (["x2", "x3"], [False, False, True, True]):
        params = {"categorical_features": categorical}
        again = compare_models({"NB": GaussianNB()}, rows, y, pipeline_params=params, cv=3)
        assert again.predictions["NB"].notna().all()
    assert expected.predictions["NB"].notna().all()
    with pytest.raises(ValueError, match="column 'x3' is not numeric"):
        compare_models({"NB": GaussianNB()}, rows, y, categorical_features=[2])


def test_order_of_the_models_and_columns_is_kept():
    X, y = make_table()
    table = compare_models(dict(reversed(MODELS.items())), X, y, cv=3, random_state=0).table
    assert table.index.tolist() == ["NB", "LR"]
    assert table.columns[:4].tolist() == ["accuracy", "accuracy_sd", "precision", "precision_sd"]
    assert table.columns[-4:].tolist() == ["fit_time", "fit_time_sd", "score_time", "score_time_sd"]
    assert (table[["fit_time", "score_time"]] > 0).all(axis=None)


def test_verbose_writes_one_line_a_model_to_stderr(capsys):
    X, y = make_table()
    comparison = compare_models(MODELS, X, y, cv=3, random_state=0, verbose=1)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert [line.partition(":")[0] for line in lines] == ["LR", "NB"]
    auc = comparison.table.loc["LR", "roc_auc"]
    assert re.fullmatch(rf"LR: ROC-AUC {auc:.4f}, \d+\.\d s", lines[0])
    compare_models({"NB": GaussianNB()}, X, y, cv=3, random_state=0)
    assert capsys.readouterr() == ("", "")


def spoiled(**columns):
    X, y = make_table()
    return X.assign(**columns), y


@pytest.mark.parametrize(
    "X, y, params, message",
    [
        (*make_table(), {"y": [1, 0]}, "X has 120 rows and y has 2 labels: they must match"),
        (*make_table(), {"y": np.zeros(120)}, r"two classes, landslide and not, got 1 \(0.0\)"),
        (*make_table(), {"y": np.arange(120) % 3}, r"got 3 \(0, 1, 2\)"),
        (*make_table(), {"y": np.arange(120)}, r"got 120 \(0, 1, 2, 3, 4, ...\)"),
        (*make_table(), {"y": [np.nan, *[0, 1] * 59, 0]}, "y has 1 missing labels"),
        (
            *make_table(),
            {"y": [1] * 3 + [0] * 117},
            "class 1 has 3 rows, fewer than the 5 folds: lower cv",
        ),
        (
            *make_table(),
            {"y": [1] * 6 + [0] * 114},
            "training part of fold 0: class 1 has 4 rows, and SMOTE with k_neighbors=5 needs "
            "at least 6: add rows of that class, lower k_neighbors, or do not resample",
        ),
        (*spoiled(empty=np.nan), {}, "column 'empty' has no value in any of 120 rows: drop it"),
        (*spoiled(far=[np.inf] * 2 + [1.0] * 118), {}, "'far' contains infinity in 2 of 120 rows"),
        (*spoiled(rock="granite"), {}, "'rock' is not numeric .*'granite'.*not declared cat"),
        (*make_table(), {"categorical_features": ["rock"]}, "rock"),
        (*make_table(), {"models": {"svm": SVC()}}, "'svm' has no predict_proba: wrap it"),
        (*make_table(), {"models": {"fold": GaussianNB()}}, "named 'fold'"),
        (*make_table(), {"positive_class": 7}, r"positive_class=7 is not in y"),
        (
            *make_table(),
            {"y": np.array([1, "no"] * 60, dtype=object)},
            "y mixes labels of the types 'int', 'str': give all of them one type",
        ),
        (*make_table(), {"groups": [1, 2]}, "groups has 2 values and y has 120"),
        (
            *make_table(),
            {"groups": np.array(["a", None, *"bc" * 59], dtype=object)},
            r"groups is missing in 1 row \(first at position 1\)",
        ),
        (
            *make_table(),
            {"groups": np.array([1, "a", 2] * 40, dtype=object)},
            "groups mixes text and numbers",
        ),
        (*spoiled(day=pd.NaT), {}, "column 'day' has no value in any of 120 rows: drop it"),
        (
            *spoiled(far=np.array([np.inf, *[1.0] * 119], dtype=object)),
            {},
            "'far' contains infinity in 1 of 120 rows",
        ),
        (
            *make_table(),
            {"groups": np.arange(120) % 3},
            "groups has 3 different values, fewer than the 5 folds",
        ),
        (
            *make_table(),
            {"cv": [(np.arange(2), np.arange(2, 120))], "y": [1] * 60 + [0] * 60},
            "fold 0 has one class only",
        ),
    ],
)
def test_bad_input_is_one_line_that_says_what_was_found(X, y, params, message):
    params = {"models": MODELS, "X": X, "y": y, **params}
    with pytest.raises(ValueError, match=message) as caught:
        compare_models(**params)
    assert "\n" not in str(caught.value)


def test_bad_input_is_found_before_anything_is_fitted():
    class Bomb(GaussianNB):
        def fit(self, X, y):
            raise AssertionError("fitted")

    X, y = spoiled(rock="granite")
    with pytest.raises(ValueError, match="rock"):
        compare_models({"bomb": Bomb()}, X, y)


@pytest.mark.parametrize("models", [[GaussianNB()], {}, {"NB": GaussianNB}, {"NB": "forest"}])
def test_models_must_be_classifiers_by_name(models):
    with pytest.raises(TypeError, match="classifier"):
        compare_models(models, *make_table())


def test_small_class_is_no_matter_without_resampling():
    X, _ = make_table()
    y = np.array([1] * 6 + [0] * 114)
    comparison = compare_models(
        {"NB": GaussianNB()}, X, y, pipeline_params={"resample": None}, cv=3, random_state=0
    )
    assert comparison.predictions["NB"].notna().all()


class CountingOracle(Oracle):
    """An oracle that notes how many rows it is asked about each time."""

    asked = []

    def predict_proba(self, X):
        self.asked.append(len(X))
        return super().predict_proba(X)


@pytest.mark.parametrize("scoring", [None, ["roc_auc", "neg_log_loss", "accuracy"]])
def test_each_test_fold_is_predicted_once(scoring):
    CountingOracle.asked.clear()
    X = np.linspace(0.1, 0.9, 12)[:, None]
    chain = ResamplingPipeline([("model", CountingOracle())])
    compare_models({"oracle": chain}, X, np.tile([0, 1], 6), cv=3, scoring=scoring, random_state=0)
    # Labels come from `predict`, which asks the model itself once more.
    assert CountingOracle.asked == [4, 4, 4] * (1 if scoring is None else 2)


def test_test_rows_may_come_in_any_order():
    X, y = make_table()
    splits = list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, y))
    shuffled = [(train, np.random.default_rng(0).permutation(test)) for train, test in splits]
    first, second = (
        compare_models({"LR": MODELS["LR"]}, X, y, cv=folds, random_state=0)
        for folds in (splits, shuffled)
    )
    assert_frame_equal(first.predictions, second.predictions)


def test_error_inside_a_model_names_the_model():
    class Broken(GaussianNB):
        def fit(self, X, y):
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken") as caught:
        compare_models(
            {"fine": GaussianNB(), "sick": Broken()}, *make_table(), cv=3, random_state=0
        )
    assert caught.value.__notes__ == ["while cross-validating 'sick'"]


def test_default_models_are_those_of_the_paper():
    models = default_models(random_state=3)
    assert list(models) == ["LandslideNet", "RF", "SVM", "LR", "CNN"]
    assert all(hasattr(model, "predict_proba") for model in models.values())
    net, cnn = models["LandslideNet"].get_params(), models["CNN"].get_params()
    modules = ("sam", "lstm", "attention", "wide")
    assert [cnn[f"module__{name}"] for name in modules] == [False] * 4
    assert net["random_state"] == cnn["random_state"] == models["RF"].random_state == 3


def test_default_models_run_on_a_small_table():
    X, y = make_table(n=80)
    models = default_models(random_state=0)
    models["RF"].set_params(n_estimators=10)
    for name in ("LandslideNet", "CNN"):
        models[name].set_params(max_epochs=3)
    comparison = compare_models(models, X, y, cv=2, random_state=0)
    assert comparison.table.index.tolist() == list(models)
    assert comparison.predictions[list(models)].notna().all(axis=None)
    assert comparison.predictions[list(models)].std().gt(0).all()


@pytest.mark.parametrize(
    "name, drop, categorical, least",
    [
        ("ecuador_points.csv", ["x", "y"], None, 0.78),
        ("yongxin_slope_units.csv", [], ["soil", "landuse", "lithology"], 0.79),
    ],
)
def test_real_table(real_data, name, drop, categorical, least):
    X = pd.read_csv(real_data / name).drop(columns=drop)
    y = X.pop("landslide")
    models = {"LR": LogisticRegression(max_iter=1000)}
    table = compare_models(
        models, X, y, cv=3, categorical_features=categorical, random_state=0
    ).table
    assert least < table.loc["LR", "roc_auc"] < 0.9


def test_progress_tells_each_fold_of_each_model_and_the_time_is_that_of_the_clock(capsys):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), np.arange(60) % 2
    told = []

    def show(*step):
        told.append(step)
        if step == ("NB", 1, 2):
            time.sleep(0.6)

    models = {"LR": LogisticRegression(), "NB": GaussianNB()}
    compare_models(models, X, y, cv=2, random_state=0, verbose=1, progress=show)
    assert told == [(name, done, 2) for name in models for done in range(3)]
    last = capsys.readouterr().err.splitlines()[-1]
    assert float(last.split()[-2]) >= 0.6


def test_a_rainfall_threshold_stands_beside_models_of_the_place_on_the_same_folds():
    """Its numbers are those of a threshold that was fitted to the rain of each fold alone."""
    rng = np.random.default_rng(0)
    hours = [f"rain_{hour:03d}" for hour in range(24)]
    falls = np.arange(24)[::-1] < rng.integers(1, 24, (150, 1))
    rain = pd.DataFrame(falls * rng.gamma(2, 1.5, (150, 1)), columns=hours)
    X = pd.concat([pd.DataFrame({"slope": rng.uniform(0, 60, 150)}), rain], axis=1)
    risk = X["slope"] / 20 + rain.sum(axis=1) / 20 + rng.logistic(size=150) / 4
    y = (risk > risk.quantile(0.7)).astype(int).to_numpy()
    sequences = {"rain": hours}
    sums = RainfallSums(sequences=sequences, log=True)
    models = {
        "Threshold": RainfallThreshold(n_bootstrap=0),
        "LR, sums": make_pipeline(sums, make_landslide_pipeline(LogisticRegression(), bounds=None)),
    }
    found = compare_models(models, X, y, cv=3, sequences=sequences, random_state=0)
    # The same model on the same rows, without a pipeline that could have scaled the rain.
    by_hand = np.full(len(y), np.nan)
    for fold in range(3):
        test = found.predictions["fold"].to_numpy() == fold
        alone = RainfallThreshold(n_bootstrap=0).fit(rain[~test], y[~test])
        by_hand[test] = alone.predict_proba(rain[test])[:, 1]
    assert_allclose(found.predictions["Threshold"], by_hand)
    # Slopes matter here, and a threshold knows none.
    assert found.table.loc["LR, sums", "roc_auc"] > found.table.loc["Threshold", "roc_auc"] > 0.5
