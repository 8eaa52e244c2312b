"""What is left over: clustered residuals are found, polygons count once, pictures show it."""

import json

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import compare_models
from sklearn_landslide.inspection import residual_autocorrelation
from sklearn_landslide.metrics import moran_test
from sklearn_landslide.model_selection import SpatialBlockKFold
from sklearn_landslide.plotting import ResidualDisplay

N = 400
PLACES = np.random.default_rng(0).uniform(0, 8000, (N, 2))


@pytest.fixture(scope="module")
def region():
    """Landslides by the wetness and by a soil in patches of 1.5 km, which only one model knows."""
    rng = np.random.default_rng(1)
    columns, rows = np.floor(PLACES / 1500).astype(int).T
    soil = rng.permutation(np.arange(36) % 2).reshape(6, 6)[rows, columns] * 2.0 - 1
    slope = rng.normal(size=N)
    y = (slope + 1.5 * soil + rng.logistic(size=N) > 0).astype(int)
    return pd.DataFrame({"wetness": slope, "soil": soil}), y


@pytest.fixture(scope="module")
def result(region):
    """Out-of-fold probabilities of a model that knows the soil, and one that does not."""
    X, y = region
    known = 1 / (1 + np.exp(-X["wetness"] - 1.5 * X["soil"]))
    unknown = 1 / (1 + np.exp(-X["wetness"]))
    probabilities = {"with soil": known, "without": unknown}
    return residual_autocorrelation(probabilities, y, PLACES, n_permutations=199, random_state=0)


def test_a_factor_that_is_missing_shows_in_what_is_left_over(result):
    table = result.table
    assert table.loc["with soil", "clustered_up_to"] == 0
    # Patches of 1,500 m: nearly all near places share the soil, and none beyond their diagonal.
    assert 700 < table.loc["without", "clustered_up_to"] < 2200
    assert 500 < table.loc["without", "range"] < 2500
    assert table.loc["without", "moran_i"] > 0.2
    assert np.isnan(table.loc["with soil", "range"])


def test_residuals_and_their_morans_i_are_those_of_the_rows(result, region):
    X, y = region
    residual = y - 1 / (1 + np.exp(-X["wetness"].to_numpy()))
    assert_allclose(result.residuals["without"], residual)
    rows = result.correlogram[result.correlogram["model"] == "without"]
    edges = [0, *rows["to"]]
    expected = moran_test(residual, PLACES, distance=edges, n_permutations=0)
    assert_allclose(rows["moran_i"], expected.statistic)
    assert (rows["n_pairs"] >= 30).all()
    assert (rows["pvalue_holm"] >= rows["pvalue"]).all()


def test_cells_of_one_landslide_count_once():
    # Every landslide has 5 cells within 20 m: alike, but that is not an order in space.
    rng = np.random.default_rng(2)
    centers = rng.uniform(0, 8000, (80, 2))
    points = np.repeat(centers, 5, axis=0) + rng.uniform(0, 20, (400, 2))
    groups = np.repeat(np.arange(80), 5)
    probability = np.repeat(rng.uniform(size=80), 5)
    y = np.repeat(rng.integers(0, 2, 80), 5)
    options = {"n_permutations": 199, "random_state": 0}
    as_rows = residual_autocorrelation(probability, y, points, **options)
    as_one = residual_autocorrelation(probability, y, points, groups=groups, **options)
    assert as_rows.table["clustered_up_to"].item() > 0
    assert as_one.table["clustered_up_to"].item() == 0
    assert len(as_one.residuals) == 80
    assert_array_equal(as_one.residuals["n_rows"], 5)
    assert_allclose(as_one.residuals[["x", "y"]], points.reshape(80, 5, 2).mean(axis=1))
    assert_allclose(as_one.residuals["model"], (y - probability)[::5])
    assert "They are 400 rows" in as_one.in_words()[0]


def test_a_comparison_brings_probabilities_labels_and_places(region):
    X, y = region
    cv = SpatialBlockKFold(PLACES, 3, random_state=0)
    models = {"LR": LogisticRegression()}
    comparison = compare_models(models, X[["wetness"]], y, cv=cv, random_state=0)
    options = {"n_permutations": 199, "random_state": 0}
    found = residual_autocorrelation(comparison, **options)
    assert found.models == ["LR"]
    predictions = comparison.predictions
    assert_allclose(found.residuals["LR"], predictions["y_true"] - predictions["LR"])
    assert_allclose(found.residuals[["x", "y"]], PLACES)
    assert found.table["clustered_up_to"].item() > 700
    # Rows that are tested twice have the mean of both; rows that are never tested are left out.
    twice = [(np.arange(200, 400), np.arange(100)), (np.arange(200, 400), np.arange(50, 200))]
    comparison = compare_models(models, X[["wetness"]], y, cv=twice, random_state=0)
    found = residual_autocorrelation(comparison, coordinates=PLACES, **options)
    assert len(found.residuals) == found.n_rows == 200
    both = comparison.predictions.query("row == 60")
    assert found.residuals.loc[60, "LR"] == pytest.approx(y[60] - both["LR"].mean())


def test_of_many_places_some_are_drawn_and_the_seed_says_which(region):
    X, y = region
    probability = 1 / (1 + np.exp(-X["wetness"]))
    options = {"n_permutations": 199, "max_samples": 150, "random_state": 0}
    one, other = (residual_autocorrelation(probability, y, PLACES, **options) for _ in range(2))
    pd.testing.assert_frame_equal(one.correlogram, other.correlogram)
    assert (one.n_used, len(one.residuals)) == (150, 400)
    assert "150 of them" in one.in_words()[0]


def test_it_is_said_what_is_missing_and_what_to_do(result, tmp_path):
    sizes, known, unknown, advice = result.in_words()
    assert "400 places" in sizes
    assert known.startswith("with soil: its errors are not clustered")
    upper = result.table.loc["without", "clustered_up_to"]
    assert unknown.startswith(f"without: its errors are clustered up to {upper:.0f} m")
    assert f"at least {upper:.0f} m wide" in advice
    assert result.to_text() == repr(result)
    assert "<ul>" in result._repr_html_()
    facts = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert facts["table"][1]["clustered_up_to"] == upper
    result.to_csv(tmp_path / "residuals.csv")
    assert len(pd.read_csv(tmp_path / "residuals.csv")) == len(result.correlogram)


def test_words_in_labels_are_understood(region):
    _, y = region
    words = np.where(y == 1, "landslide", "none")
    options = {"n_permutations": 199, "random_state": 0}
    found = residual_autocorrelation(np.full(N, 0.5), words, PLACES, **options)
    assert_array_equal(found.residuals["landslide"], y == 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.full(N, 0.5), None, PLACES), "y is missing"),
        ((np.full(N, 0.5), np.arange(N) % 2, None), "coordinates are missing"),
        ((np.full(N, 1.5), np.arange(N) % 2, PLACES), "must be 0 to 1, got 1.5 to 1.5"),
        ((np.full(N, 0.5), np.arange(9) % 2, PLACES), "400 probabilities and 9 labels"),
        ((np.full(9, 0.5), np.arange(9) % 2, PLACES[:9]), "9 tested places are too few"),
        (({"x": np.full(N, 0.5)}, np.arange(N) % 2, PLACES), "a model is named 'x'"),
        ((np.full(N, 0.5), np.arange(N) % 2, PLACES[:7]), "X has 400 rows and coordinates 7"),
    ],
)
def test_what_cannot_be_tested_is_refused_in_one_line(arguments, message):
    with pytest.raises(ValueError, match=message) as refused:
        residual_autocorrelation(*arguments)
    assert "\n" not in str(refused.value)


def test_permutations_that_can_show_nothing_are_refused():
    with pytest.raises(ValueError, match=r"n_permutations=99 cannot .* 5% in 10 bands .* 199 at"):
        residual_autocorrelation(np.full(N, 0.5), np.arange(N) % 2, PLACES, n_permutations=99)


def test_edges_of_bands_may_be_given(region):
    _, y = region
    options = {"n_permutations": 199, "random_state": 0}
    found = residual_autocorrelation(
        np.full(N, 0.5), y, PLACES, distance=[0, 1000, 3000], **options
    )
    assert found.correlogram["to"].tolist() == [1000, 3000]
    with pytest.raises(ValueError, match="rising edges"):
        residual_autocorrelation(np.full(N, 0.5), y, PLACES, distance=[1000, 0], **options)


def test_groups_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="groups has 3 labels for 400 rows"):
        residual_autocorrelation(np.full(N, 0.5), np.arange(N) % 2, PLACES, groups=[1, 1, 2])


@pytest.fixture
def display(result):
    with mpl.rc_context({"backend": "agg"}):
        yield ResidualDisplay.from_result(result, "without")
    pyplot.close("all")


def test_missed_landslides_and_false_alarms_have_marks_and_colors_of_their_own(display, result):
    _, ax = display.axes_
    places, share = result.residuals, result.share
    probability = places["landslide"] - places["without"]
    missed = places["landslide"] & (probability < share)
    alarm = ~places["landslide"] & (probability >= share)
    right, alarms, misses = ax.collections
    assert_allclose(misses.get_offsets(), places.loc[missed, ["x", "y"]])
    assert_allclose(alarms.get_offsets(), places.loc[alarm, ["x", "y"]])
    assert len(right.get_offsets()) == N - missed.sum() - alarm.sum()
    assert_allclose(misses.get_sizes(), 70 * places.loc[missed, "without"].abs())
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[1:] == [f"false alarm ({alarm.sum()})", f"missed landslide ({missed.sum()})"]
    colors = {tuple(points.get_facecolor()[0]) for points in ax.collections}
    assert len(colors) == 3


def test_the_correlogram_has_a_line_a_model_and_fills_what_is_clear(display, result):
    ax, _ = display.axes_
    lines = [line for line in ax.lines if len(line.get_xdata()) > 2]
    assert len(lines) == 2
    rows = result.correlogram[result.correlogram["model"] == "without"]
    assert_allclose(lines[1].get_ydata(), rows["moran_i"])
    filled = ax.collections[3].get_offsets()
    assert_allclose(filled[:, 0], rows.loc[rows["pvalue_holm"] <= 0.05, "distance"])


def test_an_unknown_model_is_refused(result):
    with pytest.raises(ValueError, match="model='SVM' is not one of"):
        ResidualDisplay(result, "SVM")
