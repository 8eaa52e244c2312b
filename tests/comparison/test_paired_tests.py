"""ModelComparison.test: every model against one of them, on the same folds and rows."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal
from scipy import stats
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, ShuffleSplit
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide import compare_models
from sklearn_landslide.comparison import ModelComparison
from sklearn_landslide.metrics import corrected_resampled_ttest, delong_test

MODELS = {"LR": LogisticRegression(), "NB": GaussianNB(), "prior": DummyClassifier()}
ROWS = make_classification(160, 4, weights=[0.7], flip_y=0.2, random_state=0)


@pytest.fixture(scope="module")
def comparison():
    return compare_models(MODELS, *ROWS, cv=4, random_state=0)


def made_comparison(scores, *, metric="f1", n_train=80, n_test=20):
    """A comparison of given scores, one list of folds a model, without any predictions."""
    folds = pd.concat(
        pd.DataFrame(
            {
                "model": model,
                "fold": range(len(values)),
                metric: values,
                "fit_time": 1.0,
                "score_time": 1.0,
                "n_train": n_train,
                "n_test": n_test,
            }
        )
        for model, values in scores.items()
    )
    predictions = pd.DataFrame(
        {"row": [], "fold": [], "y_true": []} | {name: [] for name in scores}
    )
    return ModelComparison(folds, predictions, (metric,), 1)


def test_the_columns_are_those_worked_out_by_hand():
    scores = {
        "A": [0.84, 0.86, 0.81, 0.85, 0.83],
        "RF": [0.80, 0.81, 0.80, 0.81, 0.78],
        "B": [0.80, 0.81, 0.80, 0.81, 0.80],
    }
    table = made_comparison(scores).test("RF", "f1")
    # A: squares around the mean difference .038 add up to .00108. B: .004 and .00032.
    errors = np.sqrt((1 / 5 + 1 / 4) * np.array([0.00108, 0.00032]) / 4)
    t = np.array([0.038, 0.004]) / errors
    p = 2 * stats.t.sf(t, 4)
    assert_allclose(table.loc[["A", "B"], "f1_diff"], [0.038, 0.004])
    assert_allclose(table.loc[["A", "B"], "f1_diff_se"], errors)
    assert_allclose(table.loc[["A", "B"], "f1_t"], t)
    assert_allclose(table.loc[["A", "B"], "f1_p"], p)
    assert_allclose(table.loc[["A", "B"], "f1_p_holm"], [2 * p[0], max(2 * p[0], p[1])])
    assert table.loc["RF", ["f1_diff", "f1_diff_se", "f1_t", "f1_p", "f1_p_holm"]].isna().all()


@pytest.mark.parametrize("reference", ["LR", "NB", "prior"])
def test_the_table_comes_first_and_the_tests_follow_in_its_order(comparison, reference):
    table = comparison.test(reference, ["roc_auc", "brier"])
    assert_frame_equal(table[comparison.table.columns], comparison.table)
    kinds = ["diff", "diff_se", "t", "p", "p_holm"]
    added = [f"roc_auc_{kind}" for kind in [*kinds, "p_delong"]]
    added += [f"brier_{kind}" for kind in kinds]
    assert table.columns.tolist() == [*comparison.table.columns, *added]
    assert table.index[table["roc_auc_t"].isna()].tolist() == [reference]


def test_the_tests_are_those_of_the_metrics_on_the_same_folds(comparison):
    table = comparison.test(reference="NB", metric=["roc_auc", "brier"])
    folds = comparison.folds.set_index("model")
    for metric in ("roc_auc", "brier"):
        result = corrected_resampled_ttest(
            folds.loc["LR", metric],
            folds.loc["NB", metric],
            n_train=folds.loc["LR", "n_train"],
            n_test=folds.loc["LR", "n_test"],
        )
        assert table.loc["LR", f"{metric}_diff"] == pytest.approx(
            comparison.table.loc["LR", metric] - comparison.table.loc["NB", metric]
        )
        assert table.loc["LR", f"{metric}_diff_se"] == result.standard_error
        assert table.loc["LR", f"{metric}_p"] == result.pvalue


def test_delongs_test_is_that_of_the_pooled_probabilities(comparison):
    rows = comparison.predictions
    expected = delong_test(rows["y_true"], rows["LR"], rows["NB"]).pvalue
    assert comparison.test("NB").loc["LR", "roc_auc_p_delong"] == expected


def test_exchanging_model_and_reference_changes_the_sign_and_nothing_else(comparison):
    one, other = comparison.test("NB").loc["LR"], comparison.test("LR").loc["NB"]
    assert one["roc_auc_diff"] == -other["roc_auc_diff"]
    assert one["roc_auc_t"] == -other["roc_auc_t"]
    for column in ("roc_auc_diff_se", "roc_auc_p", "roc_auc_p_delong"):
        assert one[column] == other[column]


def test_a_model_against_its_copy_is_no_difference_and_no_warning():
    models = {"LR": LogisticRegression(), "copy": LogisticRegression()}
    table = compare_models(models, *ROWS, cv=3, random_state=0).test("LR")
    columns = ["diff", "diff_se", "t", "p", "p_holm", "p_delong"]
    assert table.loc["copy", [f"roc_auc_{c}" for c in columns]].tolist() == [0, 0, 0, 1, 1, 1]


def test_the_comparison_finds_what_is_planted_and_nothing_else():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 3))
    y = (X[:, 0] + rng.normal(size=600) > 0).astype(int)
    models = {"LR": LogisticRegression(), "LR, C=0.9": LogisticRegression(C=0.9)}
    table = compare_models(models | {"prior": DummyClassifier()}, X, y, random_state=0).test("LR")
    assert table.loc["prior", "roc_auc_p_holm"] < 0.01
    assert table.loc["prior", "roc_auc_p_delong"] < 1e-6
    assert table.loc["LR, C=0.9", "roc_auc_p"] > 0.05


def test_rows_that_were_tested_twice_have_no_delong_test():
    cv = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)
    repeated = compare_models(MODELS, *ROWS, cv=cv, random_state=0)
    table = repeated.test("LR")
    assert "roc_auc_p_delong" not in table
    # Six folds, of which each tests a third of the rows.
    difference = repeated.folds.pivot(index="fold", columns="model", values="roc_auc")
    difference = difference["NB"] - difference["LR"]
    ratio = (repeated.folds["n_test"] / repeated.folds["n_train"]).mean()
    assert table.loc["NB", "roc_auc_diff_se"] == pytest.approx(
        np.sqrt(difference.var(ddof=1) * (1 / 6 + ratio))
    )


def test_rows_that_were_never_tested_do_not_enter_delongs_test():
    cv = ShuffleSplit(1, test_size=60, random_state=0)
    comparison = compare_models(MODELS, *ROWS, cv=cv, random_state=0)
    with pytest.raises(ValueError, match="both have a roc_auc on 1 of 1 folds: the test needs two"):
        comparison.test("LR")
    # With a second, made up fold the pooled rows are those of the first alone.
    second = comparison.folds.assign(fold=1)
    two = ModelComparison(
        pd.concat([comparison.folds, second]), comparison.predictions, comparison.metrics, 1
    )
    tested = comparison.predictions.dropna()
    assert len(tested) == 60
    expected = delong_test(tested["y_true"], tested["NB"], tested["LR"]).pvalue
    assert two.test("LR").loc["NB", "roc_auc_p_delong"] == expected


def test_folds_without_a_score_are_left_out_of_the_pair_only():
    scores = {"A": [0.8, np.nan, 0.9, 0.7], "B": [0.7, 0.6, 0.7, 0.6], "RF": [0.6, 0.6, 0.6, 0.6]}
    table = made_comparison(scores).test("RF", "f1")
    assert table.loc["A", "f1_diff"] == pytest.approx(0.2)
    assert table.loc["A", "f1_diff_se"] == pytest.approx(np.sqrt((1 / 3 + 1 / 4) * 0.01))
    assert table.loc["B", "f1_diff"] == pytest.approx(0.05)
    variance = np.var([0.1, 0, 0.1, 0], ddof=1)
    assert table.loc["B", "f1_diff_se"] == pytest.approx(np.sqrt((1 / 4 + 1 / 4) * variance))


def test_the_markdown_has_the_differences_and_their_p_values(comparison):
    lines = comparison.to_markdown(3, reference="NB").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[0][-4:] == ["ROC-AUC − NB", "p", "p (Holm)", "p (DeLong)"]
    assert {len(row) for row in cells} == {len(cells[0])}
    row = comparison.test("NB").loc["LR"]
    assert cells[2][0] == "LR"
    assert cells[2][-4] == f"{row['roc_auc_diff']:+.3f} ± {row['roc_auc_diff_se']:.3f}"
    assert cells[2][-3] == f"{row['roc_auc_p']:.3f}"
    assert cells[3][-4:] == ["reference", "", "", ""]
    assert "< 0.001" in cells[4]
    plain = comparison.to_markdown(3).splitlines()
    assert all(long.startswith(short[:-1]) for long, short in zip(lines, plain, strict=True))


def test_two_metrics_in_markdown_have_columns_of_their_own(comparison):
    lines = comparison.to_markdown(reference="LR", metric=["f1", "brier"]).splitlines()
    added = "F1 − LR | p | p (Holm) | Brier − LR | p | p (Holm) |"
    assert lines[0].endswith(added)
    assert lines[2].endswith("reference |  |  | reference |  |  |")


def test_a_bar_in_the_references_name_does_not_break_the_markdown():
    lines = made_comparison({"A|B": [0.5, 0.6], "C": [0.4, 0.6]}).to_markdown(
        reference="A|B", metric="f1"
    )
    assert r"F1 − A\|B" in lines


@pytest.mark.parametrize(
    ("reference", "metric", "message"),
    [
        ("SVM", "roc_auc", r"reference='SVM' is not a model; there are \['LR', 'NB', 'prior'\]"),
        ("LR", "auc", r"metric='auc' was not scored; there are \['accuracy', "),
        ("LR", ["roc_auc", "fit_time"], "metric='fit_time' was not scored"),
    ],
)
def test_unknown_names_are_told_with_those_that_exist(comparison, reference, metric, message):
    for function in (comparison.test, lambda r, m: comparison.to_markdown(reference=r, metric=m)):
        with pytest.raises(ValueError, match=message) as error:
            function(reference, metric)
        assert "\n" not in str(error.value)


def test_a_missing_fold_is_named():
    whole = made_comparison({"A": [0.5, 0.6, 0.7], "RF": [0.4, 0.6, 0.6]})
    folds = whole.folds[(whole.folds["model"] != "A") | (whole.folds["fold"] != 1)]
    part = ModelComparison(folds, whole.predictions, whole.metrics, 1)
    with pytest.raises(ValueError, match="'A' has no scores on fold 1: the test needs all models"):
        part.test("RF", "f1")


def test_one_model_cannot_be_compared():
    with pytest.raises(ValueError, match="'RF' is the only model"):
        made_comparison({"RF": [0.5, 0.6]}).test("RF", "f1")
