"""The synthetic inventory: what is promised, and that it can be learned as in the field."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.datasets._synthetic._ground import ground_safety
from sklearn_landslide.datasets._synthetic._region import CATEGORIES, FACTORS
from sklearn_landslide.preprocessing import field_bounds


@pytest.fixture(scope="module")
def region():
    return make_landslides(2500, return_stack=True, as_frame=True, random_state=0)


def _auc(model, X, y, groups=None):
    cv = StratifiedKFold(5, shuffle=True, random_state=0) if groups is None else GroupKFold(5)
    scores = cross_val_predict(model, X, y, cv=cv, groups=groups, method="predict_proba")
    return roc_auc_score(y, scores[:, 1])


def test_default_is_the_size_of_the_papers_table():
    region = make_landslides(return_stack=True, random_state=5)
    assert region.data.shape == (19_898, 16)
    assert region.target.sum() == 7959  # 40 % of 19,898 is 7959.2
    assert region.landslide_map.shape == (300, 400)


@pytest.mark.parametrize(
    ("n_samples", "landslide_share", "n_landslides"),
    [(50, 0.4, 20), (101, 0.1, 10), (1000, 0.029, 29), (200, 0.9, 180), (2, 0.5, 1)],
)
def test_landslide_share_is_exact(n_samples, landslide_share, n_landslides):
    _, y = make_landslides(
        n_samples,
        landslide_share=landslide_share,
        shape=(60, 80),
        return_X_y=True,
        random_state=0,
    )
    assert y.size == n_samples
    assert y.sum() == n_landslides


def test_bayes_is_above_random_forest_is_above_logistic_regression(region):
    X, y = region.data, region.target
    numeric = [name for name in X if name not in region.categorical_features]
    encode = make_column_transformer(
        (StandardScaler(), numeric), (OneHotEncoder(), region.categorical_features)
    )
    bayes = roc_auc_score(y, region.true_probability)
    forest = _auc(RandomForestClassifier(60, random_state=0), X, y)
    logistic = _auc(make_pipeline(encode, LogisticRegression(max_iter=1000)), X, y)
    assert bayes > forest + 0.01
    assert forest > logistic + 0.02
    assert 0.95 < bayes < 0.99
    assert 0.89 < forest < 0.97
    assert 0.80 < logistic < 0.92


def test_random_folds_flatter_clustered_samples():
    region = make_landslides(2000, clustering=1.0, as_frame=True, random_state=0)
    X, y = region.data, region.target
    blocks = KMeans(10, n_init=1, random_state=0).fit_predict(region.coordinates)
    model = RandomForestClassifier(40, random_state=0)
    assert _auc(model, X, y) - _auc(model, X, y, blocks) > 0.02


def test_labels_agree_with_the_true_probability_over_the_map(region):
    p, failed = region.true_probability_map.ravel(), region.landslide_map.ravel()
    order = np.argsort(p)
    for part in np.array_split(order, 10):
        spread = np.sqrt((p[part] * (1 - p[part])).sum())
        assert abs(failed[part].sum() - p[part].sum()) <= 4 * spread + 1e-9


def test_labels_agree_with_the_true_probability_of_the_samples_after_prior_correction(region):
    share, prevalence = region.target.mean(), region.prevalence
    odds = region.true_probability / (1 - region.true_probability)
    odds = odds * (share / (1 - share)) / (prevalence / (1 - prevalence))
    p = odds / (1 + odds)
    y = region.target.to_numpy()
    for part in np.array_split(np.argsort(p), 10):
        spread = np.sqrt((p[part] * (1 - p[part])).sum())
        assert abs(y[part].sum() - p[part].sum()) <= 4 * spread + 1


def test_a_tenth_of_the_region_is_expected_to_fail(region):
    assert region.true_probability_map.mean() == pytest.approx(0.1, abs=1e-9)
    assert region.prevalence == region.landslide_map.mean()
    assert region.prevalence == pytest.approx(0.1, abs=0.01)


def test_flat_ground_does_not_fail(region):
    flat = region.stack["slope"] < 4
    assert flat.sum() > 100
    assert region.true_probability_map[flat].max() < 1e-6


def test_true_probability_is_no_function_of_the_factors_alone(region):
    site = {
        "slope": 30.0,
        "aspect": 90.0,
        "plan_curvature": 0.0,
        "profile_curvature": 0.0,
        "twi": 6.0,
        "distance_to_river": 300.0,
        "distance_to_fault": 900.0,
        "distance_to_road": 700.0,
        "ndvi": 0.6,
        "rainfall": 300.0,
        "soil": 3,
        "landuse": 1,
        "lithology": 2,
    }
    site = {name: np.asarray(value) for name, value in site.items()}
    sound = ground_safety(site, dip_direction=0.0, weathering=0.0, thickness=0.0)
    rotten = ground_safety(site, dip_direction=0.0, weathering=2.0, thickness=0.0)
    deep = ground_safety(site, dip_direction=0.0, weathering=0.0, thickness=2.0)
    assert rotten == pytest.approx(sound * np.exp(-0.3))
    assert deep != pytest.approx(sound, rel=0.01)


@pytest.mark.parametrize(
    ("factor", "safer", "weaker"),
    [
        ("slope", 15.0, 31.0),
        ("rainfall", 50.0, 500.0),
        ("ndvi", 0.8, 0.1),
        ("distance_to_fault", 3000.0, 0.0),
        ("distance_to_road", 3000.0, 0.0),
        ("distance_to_river", 1000.0, 0.0),
        ("aspect", 270.0, 90.0),  # against and with layers that fall eastward
        ("lithology", 5, 6),  # granite, tuff
        ("landuse", 1, 6),  # forest, bare ground
        ("plan_curvature", 0.02, -0.02),  # spur, hollow
        ("twi", 4.0, 8.0),
    ],
)
def test_each_cause_acts_in_the_direction_known_from_the_field(factor, safer, weaker):
    site = dict.fromkeys(("plan_curvature", "profile_curvature"), 0.0) | {
        "slope": 28.0,
        "aspect": 180.0,
        "twi": 6.0,
        "distance_to_river": 500.0,
        "distance_to_fault": 2000.0,
        "distance_to_road": 2000.0,
        "ndvi": 0.6,
        "rainfall": 150.0,
        "soil": 3,
        "landuse": 1,
        "lithology": 2,
    }

    def safety(value):
        values = {name: np.asarray(v) for name, v in (site | {factor: value}).items()}
        return ground_safety(values, dip_direction=90.0, weathering=0.0, thickness=0.0)

    assert safety(safer) > safety(weaker)


def test_samples_are_the_stack_at_their_coordinates(region):
    cell, _, west, _, minus_cell, north = region.transform
    x, y = region.coordinates.to_numpy().T
    columns = ((x - west) // cell).astype(int)
    rows = ((y - north) // minus_cell).astype(int)
    assert region.coordinates.index.equals(region.data.index)
    for name in FACTORS:
        np.testing.assert_array_equal(
            region.stack[name][rows, columns], region.data[name].to_numpy(dtype=float), name
        )
    np.testing.assert_array_equal(region.landslide_map[rows, columns], region.target == 1)
    np.testing.assert_array_equal(
        region.true_probability_map[rows, columns], region.true_probability
    )
    assert not region.data.duplicated().any()


@pytest.mark.parametrize("seed", range(3))
def test_values_are_plausible_in_the_field(seed):
    stack = make_landslides(100, return_stack=True, random_state=seed).stack
    for name, values in stack.items():
        assert np.isfinite(values).all(), name
        lowest, highest = field_bounds(name) or (None, None)
        assert lowest is None or values.min() >= lowest, name
        assert highest is None or values.max() <= highest, name
    assert 15 < stack["slope"].mean() < 28
    assert 40 < stack["slope"].max() < 75
    assert np.ptp(stack["altitude"]) > 200
    assert stack["altitude"].max() < 3000
    assert 100 < stack["rainfall"].min() < stack["rainfall"].max() < 1000
    assert 4 < np.median(stack["twi"]) < 9
    assert np.abs(stack["plan_curvature"]).max() < 0.1
    assert np.abs(stack["profile_curvature"]).max() < 0.1
    assert 0.3 < stack["ndvi"].mean() < 0.8
    for name in ("distance_to_river", "distance_to_fault", "distance_to_road"):
        assert stack[name].min() == 0, name
        assert stack[name].max() > 500, name
    for name, codes in CATEGORIES.items():
        assert set(np.unique(stack[name])) <= set(codes), name
        assert np.unique(stack[name]).size >= 4, name


def test_same_seed_gives_the_same_region_and_another_seed_another():
    first, again, other = (
        make_landslides(60, return_stack=True, random_state=seed) for seed in (4, 4, 5)
    )
    np.testing.assert_array_equal(first.data, again.data)
    np.testing.assert_array_equal(first.coordinates, again.coordinates)
    np.testing.assert_array_equal(first.target, again.target)
    np.testing.assert_array_equal(first.landslide_map, again.landslide_map)
    assert np.corrcoef(first.stack["altitude"].ravel(), other.stack["altitude"].ravel())[0, 1] < 0.9
    assert not np.array_equal(first.data, other.data)


def test_a_random_state_instance_moves_on():
    def tables(state):
        return [make_landslides(50, random_state=state).data for _ in range(2)]

    first, second = tables(np.random.RandomState(0))
    np.testing.assert_array_equal(first, tables(np.random.RandomState(0))[0])
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("random_state", [None, 0])
def test_global_random_state_is_untouched(random_state):
    before = np.random.get_state()  # noqa: NPY002
    make_landslides(50, missing_share=0.1, outlier_share=0.1, random_state=random_state)
    after = np.random.get_state()  # noqa: NPY002
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2:] == after[2:]


def test_without_a_seed_every_region_is_new():
    first, second = (make_landslides(50, random_state=None).data for _ in range(2))
    assert not np.array_equal(first, second)


def test_region_does_not_depend_on_what_is_sampled_or_spoiled():
    common = {"shape": (60, 80), "random_state": 2, "return_stack": True}
    plain = make_landslides(100, **common)
    spoiled = make_landslides(100, missing_share=0.2, outlier_share=0.1, **common)
    clustered = make_landslides(300, landslide_share=0.2, clustering=1.0, **common)
    np.testing.assert_array_equal(plain.landslide_map, clustered.landslide_map)
    np.testing.assert_array_equal(plain.coordinates, spoiled.coordinates)
    np.testing.assert_array_equal(plain.target, spoiled.target)
    kept = np.isin(spoiled.data, plain.data)
    same = spoiled.data == plain.data
    assert same[kept].mean() > 0.99
    assert np.isnan(spoiled.data).sum() == round(0.2 * 1600)
    assert (~same & ~np.isnan(spoiled.data)).sum() == int(0.1 * 1100)


def test_frame_follows_scikit_learns_loaders(region):
    pd.testing.assert_frame_equal(region.frame[list(FACTORS)], region.data)
    pd.testing.assert_series_equal(region.frame["landslide"], region.target)
    assert list(region.frame) == [*FACTORS, "landslide"]
    assert list(region.data.select_dtypes("category")) == region.categorical_features
    assert region.data["lithology"].cat.categories.tolist() == [1, 2, 3, 4, 5, 6]
    assert (region.data.drop(columns=region.categorical_features).dtypes == np.float64).all()


def test_description_and_legends_say_what_was_made(region):
    assert "2500 (1000 landslides)" in region.DESCR
    rows, columns = region.landslide_map.shape
    assert f"{rows} x {columns} cells of 30 m" in region.DESCR
    assert all(name in region.DESCR for name in region.feature_names)
    assert region.target_names.tolist() == ["no landslide", "landslide"]
    assert region.category_names["lithology"][3] == "shale"


def test_array_and_frame_hold_the_same_values():
    common = {"missing_share": 0.1, "outlier_share": 0.05, "shape": (40, 50), "random_state": 1}
    array = make_landslides(80, **common)
    frame = make_landslides(80, as_frame=True, **common)
    assert array.frame is None
    assert array.data.dtype == np.float64
    assert array.feature_names == list(frame.data)
    np.testing.assert_array_equal(array.data, frame.data.astype(float).to_numpy())
    X, y = make_landslides(80, return_X_y=True, **common)
    np.testing.assert_array_equal(X, array.data)
    np.testing.assert_array_equal(y, array.target)


def test_region_grows_with_the_samples_and_with_clustering():
    def cells(**request):
        return make_landslides(return_stack=True, random_state=0, **request).landslide_map.size

    assert cells(n_samples=50) == 120 * 160
    assert cells(n_samples=9000) > 2.5 * 120 * 160
    assert cells(n_samples=3000, clustering=1.0) > 3.5 * cells(n_samples=3000)


@pytest.mark.parametrize("shape", [(16, 16), (16, 70), (33, 20)])
@pytest.mark.parametrize("cell_size", [5.0, 100.0])
def test_smallest_regions_and_other_cell_sizes_work(shape, cell_size):
    region = make_landslides(
        10, shape=shape, cell_size=cell_size, return_stack=True, random_state=0
    )
    assert region.transform == (cell_size, 0.0, 500_000.0, 0.0, -cell_size, 3_600_000.0)
    assert all(raster.shape == shape for raster in region.stack.values())
    assert region.true_probability_map.mean() == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"n_samples": 1}, "n_samples"),
        ({"n_samples": 50, "landslide_share": 1.0}, "landslide_share"),
        ({"n_samples": 50, "landslide_share": 0.001}, "leaves no landslide"),
        ({"n_samples": 50, "landslide_share": 0.999}, "leaves no other sample"),
        ({"n_samples": 50, "missing_share": -0.1}, "missing_share"),
        ({"n_samples": 50, "missing_share": 0.7, "outlier_share": 0.4}, "sum to more than 1"),
        ({"n_samples": 50, "clustering": 1.5}, "clustering"),
        ({"n_samples": 50, "cell_size": 0}, "cell_size"),
        ({"n_samples": 50, "shape": (300,)}, r"two integers \(rows, columns\), got \(300,\)"),
        ({"n_samples": 50, "shape": (30.5, 40)}, r"got \(30.5, 40\)"),
        ({"n_samples": 50, "shape": (8, 400)}, "at least 16 rows and columns"),
        ({"n_samples": 5000, "shape": (60, 80)}, "2000 landslide samples asked"),
        ({"n_samples": 5000, "shape": (60, 80), "landslide_share": 0.01}, "4950 other samples"),
        ({"n_samples": 50, "return_stack": True, "return_X_y": True}, "return_X_y"),
    ],
)
def test_impossible_requests_are_refused_in_one_line(request_, message):
    with pytest.raises(ValueError, match=message) as error:
        make_landslides(random_state=0, **request_)
    assert "\n" not in str(error.value)
