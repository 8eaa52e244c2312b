import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_landslide.feature_selection import MRMRSelector
from sklearn_landslide.feature_selection._greedy import criterion

SCHEMES = ["mid", "miq", "fcd", "fcq", "rfcq"]


def strong_duplicate_informative_noise(seed, n_samples=600):
    rng = np.random.default_rng(seed)
    strong, informative = rng.normal(size=(2, n_samples))
    y = 1.5 * strong + 0.7 * informative + rng.logistic(size=n_samples) > 0
    noise = rng.normal(size=(n_samples, 9))
    return np.column_stack([strong, 2 * strong + 1, informative, noise]), y.astype(int)


def region(n_samples=400, seed=0):
    """Four factors that matter, correlated ones, two categories and noise, as a frame."""
    rng = np.random.default_rng(seed)
    slope, rain, ndvi, noise = rng.normal(size=(4, n_samples))
    soil = np.where(rng.random(n_samples) < 0.5, "clay", np.where(rain > 0.5, "peat", "sand"))
    eta = 1.5 * slope + rain - 0.8 * ndvi + 1.5 * (soil == "clay") + rng.logistic(size=n_samples)
    X = pd.DataFrame(
        {
            "noise": noise,
            "ndvi": ndvi,
            "soil": pd.Categorical(soil),
            "slope": slope,
            "relief": slope + 0.5 * rng.normal(size=n_samples),
            "rainfall": rain,
            "lithology": pd.Categorical(rng.integers(0, 4, n_samples)),
        }
    )
    return X, np.where(eta > 0.5, "landslide", "stable")


# Second picks in 25 seeds, measured (informative / noise / duplicate):
#                          mid       miq       fcd       fcq       rfcq
#   default              25/ 0/ 0  25/ 0/ 0  25/ 0/ 0  25/ 0/ 0  25/ 0/ 0
#   as published         18/ 7/ 0  25/ 0/ 0   0/ 0/25  21/ 4/ 0   6/19/ 0
# "As published" is normalize=False, debias=False, with the quantile bins of the default.
@pytest.mark.parametrize("scheme", SCHEMES)
def test_second_pick_is_neither_noise_nor_the_duplicate_in_any_of_25_seeds(scheme):
    seeds = range(25) if scheme != "rfcq" else range(8)  # the forest is slow
    for seed in seeds:
        X, y = strong_duplicate_informative_noise(seed)
        selector = MRMRSelector(2, scheme=scheme, random_state=0).fit(X, y)
        assert selector.path_[0] in (0, 1)
        assert selector.path_[1] == 2
        assert selector.support_.sum() == 2


def test_published_criteria_show_the_faults_that_normalizing_repairs():
    second = {"mid": [], "fcd": []}
    for seed in range(25):
        X, y = strong_duplicate_informative_noise(seed)
        for scheme, picks in second.items():
            published = MRMRSelector(2, scheme=scheme, normalize=False, debias=False).fit(X, y)
            picks.append(published.path_[1])
    assert sum(pick > 2 for pick in second["mid"]) > 3  # noise
    assert sum(pick < 2 for pick in second["fcd"]) == 25  # the duplicate


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("copy", [lambda x: 3 * x - 2, lambda x: -x, lambda x: x + 0.0])
def test_a_duplicate_comes_after_every_informative_feature(scheme, copy):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(800, 4))
    y = X @ [4, 1.6, 1.3, 1.2] + rng.logistic(size=800) > 0
    X = np.column_stack([copy(X[:, 0]), X, rng.normal(size=(800, 2))])
    selector = MRMRSelector(scheme=scheme, random_state=0).fit(X, y)
    assert set(selector.path_[:4]) in ({0, 2, 3, 4}, {1, 2, 3, 4})
    assert selector.n_features_ == 4


@pytest.mark.parametrize("scheme", SCHEMES)
def test_constants_are_never_selected_unless_kept(scheme):
    X, y = strong_duplicate_informative_noise(0, 200)
    X = np.column_stack([np.full(200, 0.1), X[:, :4], np.zeros(200)])
    selector = MRMRSelector(None, scheme=scheme, random_state=0).fit(X, y)
    assert selector.get_support(indices=True).tolist() == [1, 2, 3, 4]
    assert selector.path_[4:].tolist() == [0, 5]
    assert np.isfinite(selector.scores_).all()
    with pytest.warns(UserWarning, match="6 features were asked for, but 2 of 6 are constant"):
        selector.set_params(n_features_to_select=6).fit(X, y)
    assert selector.support_.sum() == 4
    selector.set_params(n_features_to_select=5, always_keep=[5]).fit(X, y)
    assert selector.get_support(indices=True).tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("settings_", [{}, {"normalize": False, "debias": False}])
def test_selections_are_nested_and_exact_from_1_to_p(scheme, settings_):
    X, y = region(200)
    whole = MRMRSelector(None, scheme=scheme, random_state=0, **settings_).fit(X, y)
    assert sorted(whole.path_) == list(range(7))
    assert whole.ranking_[whole.path_].tolist() == list(range(1, 8))
    for k in range(1, 8):
        part = MRMRSelector(k, scheme=scheme, random_state=0, **settings_).fit(X, y)
        assert set(part.get_support(indices=True)) == set(whole.path_[:k])
        np.testing.assert_array_equal(part.scores_, whole.scores_)


@pytest.mark.parametrize(
    ("wanted", "expected"), [(1.0, 7), (0.5, 3), (0.01, 1), (None, 7), (3, 3), (np.int64(2), 2)]
)
def test_number_of_features(wanted, expected):
    X, y = region(200)
    selector = MRMRSelector(wanted).fit(X, y)
    assert selector.n_features_ == selector.support_.sum() == expected


def test_auto_keeps_what_is_relevant_and_not_repeated():
    X, y = region(2000)
    X["copy"] = -3 * X["slope"]
    selector = MRMRSelector().set_output(transform="pandas").fit(X, y)
    chosen = set(selector.transform(X).columns)
    assert chosen >= {"ndvi", "soil", "relief", "rainfall"}
    assert len(chosen & {"slope", "copy"}) == 1
    assert not chosen & {"noise", "lithology"}


def test_auto_keeps_one_feature_of_pure_noise():
    rng = np.random.default_rng(3)
    selector = MRMRSelector().fit(rng.normal(size=(300, 6)), rng.integers(0, 2, 300))
    assert selector.n_features_ == 1


def test_scores_are_relevance_minus_mean_redundancy():
    X, y = region()
    selector = MRMRSelector().fit(X, y)
    path, scores = selector.path_, selector.scores_
    assert scores[0] == selector.relevance_[path[0]] == selector.relevance_.max()
    for step in range(1, 7):
        redundancy = selector.redundancy_[path[step], path[:step]].mean()
        assert scores[step] == pytest.approx(selector.relevance_[path[step]] - redundancy)


def test_relevance_and_redundancy_are_plain_mutual_information_on_request():
    X, y = region()
    selector = MRMRSelector(normalize=False, debias=False, bins=4).fit(X, y)
    quartile = {name: pd.qcut(X[name], 4, labels=False) for name in ("slope", "rainfall")}
    assert selector.relevance_[3] == pytest.approx(mutual_info_score(quartile["slope"], y))
    assert selector.relevance_[2] == pytest.approx(mutual_info_score(X["soil"], y))
    expected = mutual_info_score(quartile["rainfall"], X["soil"])
    assert selector.redundancy_[5, 2] == pytest.approx(expected)


def test_ding_and_peng_by_hand():
    # States of a: 0 0 0 0 2 2 2 2, of b: 0 2 0 2 0 2 0 2, of c = a; labels: 0 0 0 1 1 1 1 1.
    a = np.repeat([0.0, 1], 4)
    b = np.tile([0.0, 1], 4)
    y = np.array([0, 0, 0, 1, 1, 1, 1, 1])
    X = np.column_stack([b, a, a])
    published = {"normalize": False, "debias": False, "bins": "three_states"}
    selector = MRMRSelector(None, **published).fit(X, y)
    # (joint count, label count); every state of a and of b has 4 rows.
    i_a, i_b = (
        sum(joint / 8 * np.log((joint / 8) / (4 / 8 * label / 8)) for joint, label in table)
        for table in ([(3, 3), (1, 5), (4, 5)], [(2, 3), (1, 3), (2, 5), (3, 5)])
    )
    np.testing.assert_allclose(selector.relevance_, [i_b, i_a, i_a])
    expected = np.log(2) * np.array([[1, 0, 0], [0, 1, 1], [0, 1, 1]])
    np.testing.assert_allclose(selector.redundancy_, expected, atol=1e-15)
    assert selector.path_.tolist() == [1, 0, 2]
    np.testing.assert_allclose(selector.scores_, [i_a, i_b, i_a - np.log(2) / 2])
    # I(b; a) is 0 exactly: the quotient is infinite; the last is i_a over the mean of ln 2 and 0.
    quotient = MRMRSelector(None, scheme="miq", **published).fit(X, y)
    assert quotient.path_.tolist() == [1, 0, 2]
    np.testing.assert_allclose(quotient.scores_[2], i_a / (np.log(2) / 2))


def test_zero_over_zero_is_zero_and_anything_else_over_zero_is_infinite():
    relevance, redundancy = np.array([0.0, 2, 0, 3]), np.array([0.0, 0, 1, 2])
    assert criterion(relevance, redundancy, quotient=True).tolist() == [0, np.inf, 0, 1.5]
    assert criterion(relevance, redundancy, quotient=False).tolist() == [0, 2, -1, 1]


def test_ties_go_to_the_left_column():
    X, y = strong_duplicate_informative_noise(0)
    a, b = X[:, 0], X[:, 2]
    for left in (a, -a, a**3, np.exp(a)):
        assert MRMRSelector().fit(np.column_stack([b, left, a]), y).path_.tolist() == [1, 0, 2]


def test_always_keep_comes_first_in_its_order():
    X, y = region()
    by_name = MRMRSelector(3, always_keep=["noise", "lithology"]).fit(X, y)
    assert by_name.path_[:3].tolist() == [0, 6, 3]
    by_index = MRMRSelector(3, always_keep=[0, 6]).fit(X, y)
    np.testing.assert_array_equal(by_index.path_, by_name.path_)
    assert {0, 6} <= set(MRMRSelector(always_keep=[0, 6]).fit(X, y).get_support(indices=True))
    with pytest.raises(ValueError, match="leaves 1 features, but always_keep names 2"):
        MRMRSelector(1, always_keep=[0, 6]).fit(X, y)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_categories_mean_the_same_as_dtype_names_indices_mask_or_text(scheme):
    X, y = region()
    reference = MRMRSelector(scheme=scheme, random_state=0).fit(X, y)
    assert reference.is_categorical_.tolist() == [False, False, True, False, False, False, True]
    codes = X.assign(soil=X["soil"].cat.codes, lithology=X["lithology"].astype(int))
    arbitrary = codes.assign(soil=codes["soil"].map({0: 50, 1: -3, 2: 7}))
    cases = [
        (X.astype({"soil": object}), ["soil", "lithology"]),
        (codes, ["lithology", "soil"]),
        (codes.to_numpy(), [2, 6]),
        (codes, reference.is_categorical_),
        (
            pl.from_pandas(X.assign(lithology=X["lithology"].astype(str).astype("category"))),
            "from_dtype",
        ),
    ]
    if scheme != "rfcq":  # a forest takes the codes as they come
        cases.append((arbitrary, [2, 6]))
    for frame, categorical in cases:
        selector = MRMRSelector(scheme=scheme, categorical_features=categorical, random_state=0)
        selector.fit(frame, y)
        np.testing.assert_array_equal(selector.path_, reference.path_)
        np.testing.assert_allclose(selector.relevance_, reference.relevance_)
        np.testing.assert_allclose(selector.redundancy_, reference.redundancy_, atol=1e-12)
    assert not MRMRSelector(categorical_features=None).fit(codes, y).is_categorical_.any()


def test_a_category_of_single_rows_is_no_information():
    X, y = region()
    X["id"] = pd.Categorical(np.arange(400).astype(str))
    selector = MRMRSelector().fit(X, y)
    assert selector.relevance_[7] == 0
    assert selector.path_[-1] == 7


@pytest.mark.parametrize("scheme", SCHEMES)
def test_three_classes_with_text_labels(scheme):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 5))
    y = np.array(["slide", "flow", "fall"])[np.digitize(X[:, 3] + 0.3 * X[:, 1], [-0.4, 0.4])]
    selector = MRMRSelector(2, scheme=scheme, random_state=0).fit(X, y)
    assert selector.path_[:2].tolist() == [3, 1]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_float32_and_float64_give_the_same_selection(scheme):
    X, y = strong_duplicate_informative_noise(0)
    paths = [
        MRMRSelector(scheme=scheme, random_state=0).fit(X.astype(dtype), y).path_
        for dtype in (np.float32, np.float64)
    ]
    np.testing.assert_array_equal(*paths)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_information_does_not_care_about_monotone_transforms_or_row_order(seed):
    rng = np.random.default_rng(seed)
    X, y = strong_duplicate_informative_noise(seed, 150)
    selector = MRMRSelector().fit(X, y)
    rows = rng.permutation(150)
    transformed = X.copy()
    transformed[:, 0] = np.exp(X[:, 0])
    transformed[:, 1] = -(X[:, 1] ** 3)
    for other in (MRMRSelector().fit(X[rows], y[rows]), MRMRSelector().fit(transformed, y)):
        np.testing.assert_array_equal(other.path_, selector.path_)
        np.testing.assert_allclose(other.relevance_, selector.relevance_, atol=1e-12)
        np.testing.assert_allclose(other.redundancy_, selector.redundancy_, atol=1e-12)
    np.testing.assert_array_equal(selector.redundancy_, selector.redundancy_.T)
    assert selector.redundancy_.min() >= 0
    assert selector.redundancy_.max() <= 1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["mid", "miq", "fcd", "fcq"]))
def test_columns_may_come_in_any_order(seed, scheme):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(200, 6))
    y = X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=200) > 0
    columns = rng.permutation(6)
    # Debiasing clips at 0 and so makes ties, which are decided by the order of the columns.
    path = MRMRSelector(scheme=scheme, debias=False).fit(X, y).path_
    permuted = MRMRSelector(scheme=scheme, debias=False).fit(X[:, columns], y).path_
    np.testing.assert_array_equal(columns[permuted], path)


def test_a_pipeline_keeps_names_and_categories():
    X, y = region()
    selector = MRMRSelector(4, always_keep=["soil"]).set_output(transform="pandas")
    model = make_pipeline(selector, HistGradientBoostingClassifier(max_iter=5))
    model.fit(X, y)
    out = model[0].transform(X)
    assert out.columns.tolist() == model[0].get_feature_names_out().tolist()
    for name in out:
        assert out[name].dtype == X[name].dtype
    assert "soil" in out
    assert model.score(X, y) > 0.7


def test_grid_search_over_the_number_of_features():
    X, y = strong_duplicate_informative_noise(1, 300)
    model = make_pipeline(MRMRSelector(), LogisticRegression())
    search = GridSearchCV(model, {"mrmrselector__n_features_to_select": [1, 2, "auto"]}, cv=3)
    search.fit(X, y)
    assert search.best_params_ != {"mrmrselector__n_features_to_select": 1}


def test_forest_needs_its_seed_and_nothing_else():
    X, y = strong_duplicate_informative_noise(0, 150)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    scores = [
        MRMRSelector(scheme="rfcq", random_state=5, n_jobs=n_jobs).fit(X, y).scores_
        for n_jobs in (None, 2)
    ]
    np.testing.assert_array_equal(*scores)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize(
    ("parameters", "change", "message"),
    [
        ({"n_features_to_select": 8}, {}, "n_features_to_select=8 is more than the 7 features"),
        ({"categorical_features": ["soils"]}, {}, r"\['soils'\] are not columns of X"),
        ({"categorical_features": [7]}, {}, r"=\[7\] must lie in \[0, 6\]"),
        ({"categorical_features": [True]}, {}, "mask of length 1, but X has 7 features"),
        ({"categorical_features": [1.5]}, {}, "only names, only positions or a mask"),
        ({"always_keep": ["soil", 3]}, {}, "only names, only positions or a mask"),
        ({"always_keep": [-1]}, {}, r"always_keep=\[-1\] must lie in \[0, 6\]"),
        ({"categorical_features": None}, {}, "'soil' holds text such as '(clay|sand|peat)'"),
        ({}, {"slope": np.inf}, "Feature 'slope' contains infinity"),
        ({}, {"slope": np.nan}, "contains NaN"),
    ],
)
def test_errors_say_what_was_found(parameters, change, message):
    X, y = region(50)
    with pytest.raises(ValueError, match=message):
        MRMRSelector(**parameters).fit(X.assign(**change), y)


def test_errors_on_the_target_and_on_nothing_to_select():
    X, y = region(50)
    with pytest.raises(ValueError, match="y has one class, stable"):
        MRMRSelector().fit(X, np.full(50, "stable"))
    with pytest.raises(ValueError, match="continuous"):
        MRMRSelector().fit(X, np.linspace(0, 1, 50))
    with pytest.raises(ValueError, match="All 2 features are constant"):
        MRMRSelector().fit(np.ones((50, 2)), y)
    with pytest.raises(ValueError, match="or give positions"):
        MRMRSelector(always_keep=["slope"]).fit(np.eye(50), y)


@pytest.mark.parametrize("value", [0, -1, 0.0, 1.5, "all"])
def test_impossible_numbers_of_features_are_refused(value):
    X, y = region(50)
    with pytest.raises(ValueError, match="n_features_to_select"):
        MRMRSelector(value).fit(X, y)


def test_importing_and_fitting_leave_the_warning_filters_alone():
    before = list(warnings.filters)
    MRMRSelector().fit(*region(50))
    assert warnings.filters == before


def test_real_slope_units_are_ranked_sensibly_and_always_the_same(real_data):
    frame = pd.read_csv(real_data / "yongxin_slope_units.csv")
    frame = frame.astype(dict.fromkeys(["soil", "landuse", "lithology"], "category"))
    y = frame.pop("landslide")
    selector = MRMRSelector().fit(frame, y)
    ranked = frame.columns[selector.path_].tolist()
    assert ranked[0] == "ndvi"
    # slope, spi and sti say nearly the same (VIF 56, 14 and 70): no two among the first five.
    assert len(set(ranked[:5]) & {"slope", "spi", "sti"}) == 1
    assert selector.n_features_ == 16
    for _ in range(3):
        np.testing.assert_array_equal(MRMRSelector().fit(frame, y).path_, selector.path_)


@pytest.mark.parametrize(
    "codes",
    [
        lambda k: 2**53 + k,
        lambda k: k.astype(str),
        lambda k: pd.Timestamp("2020-01-01") + pd.to_timedelta(k, "D"),
        lambda k: np.array([True, "a", 2.5, None], dtype=object)[k],
    ],
)
def test_what_a_category_tells_does_not_depend_on_how_its_codes_are_written(codes):
    rng = np.random.default_rng(0)
    k, slope = rng.integers(0, 3, 300), rng.normal(size=300)
    y = (k == 2) + slope > 0.5
    X = pd.DataFrame({"k": pd.Categorical(k), "slope": slope})
    expected = MRMRSelector(None).fit(X, y)
    found = MRMRSelector(None).fit(X.assign(k=pd.Categorical(codes(k))), y)
    np.testing.assert_array_equal(found.relevance_, expected.relevance_)
    np.testing.assert_array_equal(found.redundancy_, expected.redundancy_)
