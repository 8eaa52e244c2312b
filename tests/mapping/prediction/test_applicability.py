import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import pdist
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.mapping import AreaOfApplicability
from sklearn_landslide.mapping._prediction._applicability import mean_pairwise_distance

RNG = np.random.default_rng(0)
X = RNG.normal([10, 500, 0.1], [5, 200, 0.02], (60, 3))
Y = (X[:, 0] + RNG.normal(0, 2, 60) > 10).astype(int)
NEW = RNG.normal([12, 700, 0.15], [8, 300, 0.05], (25, 3))


def reference(train, new, weights, folds):
    """Indices and threshold, spelled out pair by pair as in the paper."""
    mean, scale = train.mean(axis=0), train.std(axis=0, ddof=1)
    train, new = (train - mean) / scale * weights, (new - mean) / scale * weights

    def distance(a, b):
        return float(np.sqrt(np.sum((a - b) ** 2)))

    n = len(train)
    mean_distance = np.mean([distance(train[i], train[j]) for i in range(n) for j in range(i)])
    index = np.array([min(distance(row, other) for other in train) for row in new])
    tested = np.array(
        [
            min(distance(train[i], train[j]) for j in range(n) if j != i and folds[i] != folds[j])
            for i in range(n)
        ]
    )
    index, tested = index / mean_distance, tested / mean_distance
    q1, q3 = np.percentile(tested, [25, 75])
    return index, tested, tested[tested <= q3 + 1.5 * (q3 - q1)].max()


# --- the index, by hand -------------------------------------------------------------------


def test_index_and_threshold_are_those_worked_out_on_paper():
    # Five places on a line; scaling does not matter with one factor. Ten pairs:
    # 1 2 4 14 / 1 3 13 / 2 12 / 10, mean 6.2. Nearest others: 1 1 1 2 10. The quartiles are
    # 1 and 2, the whisker 3.5, so 10 is an outlier and the threshold 2 / 6.2.
    area = AreaOfApplicability().fit([[0.0], [1.0], [2.0], [4.0], [14.0]])
    assert_allclose(area.training_dissimilarity_ * 6.2, [1, 1, 1, 2, 10])
    assert_allclose(area.threshold_, 2 / 6.2)
    assert_allclose(area.dissimilarity([[3.0], [-2.0], [20.0]]) * 6.2, [1, 2, 6])
    # -2 is as far as the threshold, up to which it is inside; a little farther is not.
    assert_array_equal(area.predict([[3.0], [-1.999], [-2.001], [20.0]]), [1, 1, -1, -1])


def test_folds_count_only_places_of_other_folds():
    # Folds {0, 1} and {10, 13}: 0 and 1 look at 10; 10 and 13 look at 1.
    cv = [([2, 3], [0, 1]), ([0, 1], [2, 3])]
    area = AreaOfApplicability(cv=cv).fit([[0.0], [1.0], [10.0], [13.0]])
    # Pairs 1 10 13 9 12 3: mean 8.
    assert_allclose(area.training_dissimilarity_ * 8, [10, 9, 9, 12])
    assert_allclose(area.threshold_ * 8, 12)


@pytest.mark.parametrize("weights", [None, [3.0, 1.0, 0.2], [0.0, 2.0, 1.0]])
@pytest.mark.parametrize("cv", [None, KFold(4)])
def test_the_whole_follows_the_paper(weights, cv):
    folds = np.arange(60) if cv is None else np.repeat(range(4), 15)
    expected = reference(X, NEW, np.ones(3) if weights is None else np.array(weights), folds)
    area = AreaOfApplicability(weights, cv=cv).fit(X)
    assert_allclose(area.dissimilarity(NEW), expected[0])
    assert_allclose(area.training_dissimilarity_, expected[1])
    assert_allclose(area.threshold_, expected[2])
    inside = expected[0] <= expected[2]
    assert 0 < inside.sum() < 25
    assert_array_equal(area.predict(NEW), np.where(inside, 1, -1))
    assert_allclose(area.score_samples(NEW), -expected[0])
    assert_allclose(area.decision_function(NEW), expected[2] - expected[0], atol=1e-12)


def test_mean_distance_is_that_of_all_pairs_in_any_blocks(monkeypatch):
    for most in (1, 100, 700, 10**6):
        monkeypatch.setattr(
            "sklearn_landslide.mapping._prediction._applicability._MOST_DISTANCES", most
        )
        assert_allclose(mean_pairwise_distance(X), pdist(X).mean())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.01, 100), min_size=3, max_size=3),
    st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3),
    st.floats(0.01, 100),
)
def test_units_of_factors_and_of_importance_do_not_matter(unit, origin, scale):
    base = AreaOfApplicability([3, 2, 1]).fit(X)
    other = AreaOfApplicability(scale * np.array([3, 2, 1])).fit(X * unit + origin)
    assert_allclose(other.threshold_, base.threshold_, rtol=1e-6)
    assert_allclose(
        other.dissimilarity(NEW * unit + origin), base.dissimilarity(NEW), rtol=1e-6, atol=1e-9
    )


def test_places_of_training_are_inside():
    area = AreaOfApplicability(cv=KFold(5)).fit(X)
    assert_allclose(area.dissimilarity(X), 0)
    assert (area.predict(X) == 1).all()


def test_places_that_no_fold_tests_have_no_say():
    cv = ShuffleSplit(1, test_size=20, random_state=0)
    area = AreaOfApplicability(cv=cv).fit(X)
    assert np.isnan(area.training_dissimilarity_).sum() == 40
    assert area.threshold_ <= np.nanmax(area.training_dissimilarity_)


def test_places_tested_twice_have_the_mean():
    twice = [([2, 3], [0, 1]), ([0, 1], [2, 3]), ([1, 2, 3], [0])]
    area = AreaOfApplicability(cv=twice).fit([[0.0], [1.0], [10.0], [13.0]])
    assert_allclose(area.training_dissimilarity_ * 8, [(10 + 1) / 2, 9, 9, 12])


# --- categories and missing values --------------------------------------------------------


def categories():
    return pd.DataFrame(
        {"slope": [10.0, 20.0, 30.0, 40.0], "soil": pd.Categorical(["a", "a", "b", "b"])}
    )


def test_categories_are_coded_one_by_one_and_standardized():
    # Both indicators have standard deviation 1/2, so a and b are 2 * sqrt(2) apart.
    area = AreaOfApplicability({"soil": 1.0}).fit(categories())
    assert_allclose(area.mean_distance_, 2 * np.sqrt(2) * 4 / 6)
    new = categories().iloc[:2].assign(slope=[500.0, -500.0])
    assert_allclose(area.dissimilarity(new), 0)


def test_a_category_never_seen_is_outside_for_ever():
    area = AreaOfApplicability().fit(categories())
    new = categories().assign(soil=pd.Categorical(["a", "c", "b", None]))
    assert_array_equal(np.isinf(area.dissimilarity(new)), [False, True, False, False])
    assert area.predict(new)[1] == -1


def test_codes_of_an_array_are_categories_where_named():
    codes = np.array([[1.0, 10], [1, 20], [2, 30], [7, 40]])
    area = AreaOfApplicability([1, 0], categorical_features=[0]).fit(codes)
    # 7 is as far from 1 as 2 is from 1, up to the frequency: no distance of numbers.
    assert list(area.categories_["x0"]) == [1, 2, 7]
    assert np.isinf(area.dissimilarity([[5.0, 10.0]]))[0]


def test_missing_values_are_the_median_of_training():
    spoiled = X.copy()
    spoiled[0, 1] = np.nan
    filled = spoiled.copy()
    filled[0, 1] = np.median(X[1:, 1])
    one, other = AreaOfApplicability().fit(spoiled), AreaOfApplicability().fit(filled)
    assert one.threshold_ == other.threshold_
    new = NEW.copy()
    new[:, 1] = np.nan
    expected = NEW.copy()
    expected[:, 1] = np.median(X[1:, 1])
    assert_array_equal(one.dissimilarity(new), other.dissimilarity(expected))


def test_a_constant_factor_is_left_out():
    constant = np.column_stack([X, np.full(60, 0.1)])
    area = AreaOfApplicability([1, 1, 1, 9]).fit(constant)
    assert area.weights_.tolist() == [1, 1, 1, 0]
    new = np.column_stack([NEW, RNG.normal(size=25)])
    assert_allclose(area.dissimilarity(new), AreaOfApplicability().fit(X).dissimilarity(NEW))


# --- importance ---------------------------------------------------------------------------


def test_a_forest_gives_its_own_importances():
    forest = RandomForestClassifier(20, random_state=0).fit(X, Y)
    area = AreaOfApplicability(forest).fit(X)
    assert_array_equal(area.weights_, forest.feature_importances_)


def test_a_linear_model_is_read_by_standard_deviation():
    scaler = StandardScaler().fit(X)
    # Without penalty the fit on raw factors is that on standardized ones, in other units.
    raw = LogisticRegression(C=np.inf, max_iter=10_000, tol=1e-9).fit(X * [1, 0.01, 50], Y)
    standard = LogisticRegression(C=np.inf, max_iter=10_000, tol=1e-9).fit(scaler.transform(X), Y)
    area = AreaOfApplicability(raw).fit(X * [1, 0.01, 50])
    assert_allclose(area.weights_, np.abs(standard.coef_[0]), rtol=1e-3)


def test_a_pipeline_is_measured_by_shuffling():
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    area = AreaOfApplicability(pipeline, random_state=3).fit(X, Y)
    expected = permutation_importance(pipeline, X, Y, scoring="neg_brier_score", random_state=3)
    assert_array_equal(area.weights_, np.maximum(expected.importances_mean, 0))
    assert area.weights_.argmax() == 0


def test_a_model_that_knows_its_rows_by_heart_still_tells_importances():
    region = make_landslides(400, shape=(120, 160), as_frame=True, random_state=0)
    data = region.data.astype(float)
    forest = RandomForestClassifier(50, random_state=0).fit(data, region.target)
    assert forest.score(data, region.target) == 1
    pipeline = make_pipeline(StandardScaler(), forest).fit(data, region.target)
    measured = AreaOfApplicability(pipeline, random_state=0).fit(data, region.target).weights_
    assert (measured > 0).all()
    assert np.corrcoef(measured, forest.feature_importances_)[0, 1] > 0.9


def test_a_model_that_is_not_fitted_is_fitted_on_a_copy():
    forest = RandomForestClassifier(20, random_state=0)
    area = AreaOfApplicability(forest).fit(X, Y)
    assert not hasattr(forest, "estimators_")
    assert_array_equal(area.weights_, clone(forest).fit(X, Y).feature_importances_)


def test_a_frozen_model_survives_cloning():
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    area = AreaOfApplicability(FrozenEstimator(pipeline), random_state=0)
    assert_array_equal(clone(area).fit(X, Y).weights_, area.fit(X, Y).weights_)


@pytest.mark.parametrize(
    ("importance", "message"),
    [
        ([1, 2], r"shape \(2,\), but X has 3 factors"),
        ([0, -1, 0], "No factor has an importance above 0"),
        ([1, np.nan, 1], "must be finite"),
        ({"slpoe": 1}, r"names \['slpoe'\], which are not factors"),
        (RandomForestClassifier(), "not fitted, and without y"),
    ],
    ids=["length", "zero", "nan", "name", "unfitted"],
)
def test_importances_that_do_not_fit_are_refused(importance, message):
    with pytest.raises(ValueError, match=message):
        AreaOfApplicability(importance).fit(X)


def test_a_model_of_other_factors_is_refused():
    frame = pd.DataFrame(X, columns=["slope", "elevation", "ndvi"])
    forest = RandomForestClassifier(2).fit(frame, Y)
    with pytest.raises(ValueError, match=r"fitted on the factors .* but X has"):
        AreaOfApplicability(forest).fit(frame[["elevation", "slope", "ndvi"]])


def test_places_that_are_all_alike_are_refused():
    with pytest.raises(ValueError, match="All 5 training places are equal"):
        AreaOfApplicability().fit(np.ones((5, 2)))


# --- maps ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world():
    """A region, in the east of which every factor lies three standard deviations higher."""
    xarray = pytest.importorskip("xarray", reason="needs the extra map")
    pytest.importorskip("rioxarray", reason="needs the extra map")
    names = ["slope", "altitude", "ndvi", "twi", "lithology"]
    region = make_landslides(
        1500,
        shape=(120, 160),
        landslide_share=0.5,
        return_stack=True,
        as_frame=True,
        random_state=0,
    )
    stack = {name: region.stack[name].astype(np.float64) for name in names}
    for name in names:
        if name not in region.categorical_features:
            stack[name][:, 120:] += 3 * stack[name].std()
    a, _, west, _, e, north = region.transform
    coordinates = {
        "y": north + e * (np.arange(120) + 0.5),
        "x": west + a * (np.arange(160) + 0.5),
    }
    dataset = xarray.Dataset(
        {name: (("y", "x"), band) for name, band in stack.items()}, coordinates
    ).rio.write_crs("EPSG:32717")
    dataset["slope"][5, 7] = np.nan
    kept = np.asarray(region.coordinates)[:, 0] < west + 120 * a
    return dataset, region.data.loc[kept, names], region.target[kept]


def test_the_part_of_the_map_that_was_shifted_is_found(world):
    stack, data, target = world
    forest = RandomForestClassifier(50, random_state=0)
    encoded = data.astype(float)
    area = AreaOfApplicability(
        forest.fit(encoded, target),
        cv=KFold(5, shuffle=True, random_state=0),
        categorical_features=["lithology"],
    ).fit(encoded)
    inside = area.map(stack)["inside"].compute().values
    assert (inside[:, :120] == 1).mean() > 0.85
    assert (inside[:, 120:] == 0).mean() > 0.95


def test_the_map_is_what_the_table_says_whatever_the_windows(world):
    stack, data, _ = world
    area = AreaOfApplicability().fit(data)
    maps = area.map(stack, window=50)
    assert maps["dissimilarity"].chunks == ((50, 50, 20), (50, 50, 50, 10))
    maps = maps.compute()
    other = area.map(stack.chunk({"y": 7, "x": 160}), window=33).compute()
    assert_array_equal(maps["dissimilarity"], other["dissimilarity"])
    table = pd.DataFrame({name: stack[name].values.ravel() for name in data})
    expected = area.dissimilarity(table).astype(np.float32)
    valid = table["slope"].notna().to_numpy()
    assert_array_equal(maps["dissimilarity"].values.ravel()[valid], expected[valid])
    assert_array_equal(maps["inside"].values.ravel()[valid], area.predict(table)[valid] == 1)
    assert maps["inside"].values.ravel()[~valid].tolist() == [255]
    assert np.isnan(maps["dissimilarity"].values.ravel()[~valid]).all()
    assert maps["inside"].rio.nodata == 255
    assert maps["dissimilarity"].rio.crs == stack.rio.crs


def test_a_code_that_training_never_saw_is_outside_on_the_map(world):
    stack, data, _ = world
    area = AreaOfApplicability().fit(data)
    stack = stack.assign(lithology=stack["lithology"] * 0 + 99)
    maps = area.map(stack).compute()
    assert np.isinf(maps["dissimilarity"].values[maps["inside"].values != 255]).all()
    assert not (maps["inside"] == 1).any()


def test_names_of_categories_are_matched_to_the_numbers_of_the_raster(world):
    stack, data, _ = world
    names = {code: f"rock {code}" for code in data["lithology"].cat.categories}
    named = data.assign(lithology=data["lithology"].cat.rename_categories(names))
    one = AreaOfApplicability().fit(data).map(stack).compute()
    area = AreaOfApplicability().fit(named)
    with pytest.raises(ValueError, match="raster holds numbers"):
        area.map(stack)
    other = area.map(stack, categories={"lithology": names}).compute()
    assert_allclose(other["dissimilarity"], one["dissimilarity"], rtol=1e-6)


def test_what_cannot_be_mapped_is_refused(world):
    stack, data, _ = world
    area = AreaOfApplicability().fit(data)
    with pytest.raises(ValueError, match="no factor 'slope'"):
        area.map(stack.drop_vars("slope"))
    with pytest.raises(ValueError, match="not a categorical factor"):
        area.map(stack, categories={"soil": {}})
    with pytest.raises(ValueError, match="without factor names"):
        AreaOfApplicability().fit(X).map(stack)
