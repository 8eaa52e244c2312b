"""Factors chosen step by step: the path of a search by hand, its cost, what its score is worth."""

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_score
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.inspection import forward_selection
from sklearn_landslide.inspection._forward_selection import most_fits
from sklearn_landslide.inspection._subsets import for_columns
from sklearn_landslide.model_selection import SpatialBlockKFold

FOLDS = KFold(3)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(240, 5)), columns=["a", "slope", "b", "twi", "c"])
    y = (2 * X["slope"] + X["twi"] + 0.3 * X["c"] + rng.logistic(size=240) > 0).astype(int)
    return X, y.to_numpy()


@pytest.fixture(scope="module")
def selection(table):
    return forward_selection(GaussianNB(), *table, cv=FOLDS)


def by_hand(X, y):
    """The search, step by step."""

    def score(names):
        return cross_val_score(GaussianNB(), X[list(names)], y, cv=FOLDS, scoring="roc_auc").mean()

    path = [max(combinations(X.columns, 2), key=score)]
    while len(path[-1]) < X.shape[1]:
        more = [(*path[-1], name) for name in X.columns if name not in path[-1]]
        best = max(more, key=score)
        if score(best) <= score(path[-1]):
            break
        path.append(best)
    return path, [score(names) for names in path]


def test_the_path_is_that_of_a_search_by_hand(table, selection):
    path, scores = by_hand(*table)
    assert selection.path["factors"].tolist() == path
    assert selection.path["score"].tolist() == pytest.approx(scores)
    assert {"slope", "twi"} <= set(selection.selected)
    assert selection.tried["score"].max() == selection.score
    everything = cross_val_score(GaussianNB(), *table, cv=FOLDS, scoring="roc_auc").mean()
    assert selection.score_of_all == pytest.approx(everything)


def test_the_fits_are_counted_and_the_most_is_said_before_the_first(table, capsys):
    told = []

    def stop(*numbers):
        told.append(numbers)
        if numbers[0] == 45:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        forward_selection(GaussianNB(), *table, cv=FOLDS, progress=stop, verbose=1)
    assert told[:2] == [(0, 51), (1, 51)]
    # All ten pairs are done, and all three folds of the third factor.
    (note,) = caught.value.__notes__
    assert note.startswith("interrupted after 45 fits; best so far: ")
    assert "slope" in note and "twi" in note
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "forward_selection: at most 51 fits of 5 factors on 3 folds"


def test_the_number_of_fits_is_that_of_the_method():
    # (p - 1)^2 sets, and all factors once.
    for p in range(3, 9):
        assert most_fits(p, 1) == (p - 1) ** 2 + 1
    assert most_fits(2, 5) == 5
    assert most_fits(6, 2, max_factors=2) == 2 * (15 + 1)


def test_words_warn_of_the_score_and_say_what_to_do(selection):
    said = selection.in_words()
    assert said[0].startswith(f"Chosen are {len(selection.selected)} of 5 factors: slope, twi")
    assert f"The {selection.score:.3f} is too high" in said[2]
    assert f"best of {len(selection.tried)} sets" in said[2]
    assert "outer_cv=5" in said[3]
    assert said[-1] == f"It took {selection.n_fits} fits, of 51 that there could have been."


def test_on_noise_the_chosen_score_is_flattered_and_the_outer_one_is_not():
    rng = np.random.default_rng(3)
    X = pd.DataFrame(rng.normal(size=(90, 5)), columns=list("abcde"))
    y = rng.permutation(np.arange(90) % 2)
    result = forward_selection(GaussianNB(), X, y, cv=2, outer_cv=3, max_factors=2, random_state=0)
    assert result.score > 0.55
    assert result.outer["score"].mean() < result.score - 0.05
    assert result.n_fits <= result.most_fits
    assert "this one can be reported" in result.in_words()[3]
    assert json.loads(json.dumps(result.to_dict()))["outer"][0]["n_test"] == 30


def test_outer_folds_draw_blocks_of_their_own_training_rows(table):
    X, y = table[0][["slope", "twi", "c"]], table[1]
    places = pd.DataFrame(np.random.default_rng(0).uniform(0, 1e4, (240, 2)), columns=["x", "y"])
    blocks = SpatialBlockKFold(places, 3, random_state=0)
    result = forward_selection(GaussianNB(), X, y, cv=blocks, outer_cv=blocks, max_factors=2)
    assert result.outer["n_test"].sum() == 240
    with pytest.raises(IndexError) as caught:
        lists = list(FOLDS.split(X))
        forward_selection(GaussianNB(), X, y, cv=lists, outer_cv=2, max_factors=2)
    assert "again among its training rows" in caught.value.__notes__[0]


def test_a_series_is_chosen_as_one_and_settings_name_no_column_that_is_gone():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.exponential(size=(150, 3)), columns=["rain_0", "rain_1", "slope"])
    X["rock"] = rng.choice([1, 2], 150)
    y = (X["rain_0"] + X["rain_1"] > 1.7).astype(int).to_numpy()
    pipeline = make_landslide_pipeline(
        LogisticRegression(),
        resample=None,
        categorical_features=["rock"],
        sequences={"rain": ["rain_0", "rain_1"]},
    )
    result = forward_selection(pipeline, X, y, cv=2, max_factors=2, random_state=0)
    assert result.selected[0] == "rain"
    assert result.columns[:2] == ("rain_0", "rain_1")
    without = for_columns(pipeline, ["slope"]).get_params()
    assert without["sequences"] is None and pipeline.sequences is not None
    assert without["impute__categorical_features"] == []


def test_the_result_does_not_depend_on_the_number_of_workers(table, selection, tmp_path):
    with parallel_config("threading"):
        again = forward_selection(GaussianNB(), *table, cv=FOLDS, n_jobs=2)
    pd.testing.assert_frame_equal(again.tried, selection.tried)
    again.to_csv(tmp_path / "path.csv")
    assert pd.read_csv(tmp_path / "path.csv")["factors"][0] == ", ".join(again.path["factors"][0])
    assert repr(again).startswith("ForwardSelection\n- Chosen are")
    assert "<li>Chosen are" in again._repr_html_()


def test_wrong_arguments_are_named(table):
    X, y = table
    with pytest.raises(ValueError, match="max_factors=1 must be a whole number of at least 2"):
        forward_selection(GaussianNB(), X, y, cv=2, max_factors=1)
    with pytest.raises(ValueError, match="there is one factor only, 'a'"):
        forward_selection(GaussianNB(), X[["a"]], y, cv=2)
    with pytest.raises(TypeError, match="estimator must be a scikit-learn classifier"):
        forward_selection(object(), X, y, cv=2)
