"""How different two regions are: hand-computed distances, planted shifts, plain words."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal
from scipy.stats import ks_2samp, wasserstein_distance
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide._nodata import UndeclaredNodataWarning
from sklearn_landslide.mapping import AreaOfApplicability
from sklearn_landslide.transfer import compare_regions, known_pairs
from sklearn_landslide.transfer._compare_regions import prevalences


def make_region(seed, n=120):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "slope": rng.gamma(6, 4.5, n),
            "rainfall": rng.normal(1500, 200, n),
            "ndvi": rng.beta(5, 3, n),
            "lithology": pd.Categorical(rng.choice(["granite", "schist", "marl"], n)),
        }
    )


@pytest.fixture
def here():
    return make_region(0)


@pytest.fixture
def there():
    return make_region(1)


def test_distances_are_those_computed_by_hand():
    here = pd.DataFrame({"slope": np.arange(10.0), "soil": list("aaaaabbbcc")})
    there = pd.DataFrame({"slope": np.arange(10.0) + 4, "soil": list("aabbbbcddd")})
    factors = compare_regions(here, there).factors
    slope, soil = factors.loc["slope"], factors.loc["soil"]
    # Below 4 there are four tenths of the source and none of the target.
    assert slope["distance"] == pytest.approx(0.4)
    # Every value moves by 4; half of the source lies between 2.25 and 6.75.
    assert slope["wasserstein"] == pytest.approx(4 / 4.5)
    # 10 to 13 of 4 to 13.
    assert slope["outside"] == pytest.approx(0.4)
    assert (slope["source_median"], slope["target_median"]) == (4.5, 8.5)
    # Shares 5 3 2 0 and 2 4 1 3: three tenths of a and one of c become one of b and three of d.
    assert soil["distance"] == pytest.approx(0.4)
    assert soil["outside"] == pytest.approx(0.3)
    assert np.isnan(soil["wasserstein"])


def test_distances_are_those_of_scipy_and_gaps_do_not_count(here, there):
    there["slope"] *= 1.3
    there.loc[:29, "slope"] = np.nan
    row = compare_regions(here, there).factors.loc["slope"]
    known = there["slope"].dropna()
    assert row["distance"] == pytest.approx(ks_2samp(here["slope"], known).statistic)
    spread = np.subtract(*np.quantile(here["slope"], [0.75, 0.25]))
    assert row["wasserstein"] == pytest.approx(wasserstein_distance(here["slope"], known) / spread)
    assert row["outside"] == pytest.approx((known > here["slope"].max()).mean())
    assert (row["source_missing"], row["target_missing"]) == (0, 30 / 120)


def test_a_factor_that_hardly_varies_is_measured_in_standard_deviations_or_not_at_all():
    here = pd.DataFrame({"rain": [0.0] * 18 + [10.0] * 2, "ndvi": 0.5, "slope": np.arange(20.0)})
    there = here.assign(rain=here["rain"] + 1, ndvi=0.6)
    factors = compare_regions(here, there).factors
    assert factors.loc["rain", "wasserstein"] == pytest.approx(1 / here["rain"].std(ddof=0))
    assert np.isnan(factors.loc["ndvi", "wasserstein"])
    assert factors.loc["ndvi", ["distance", "outside"]].tolist() == [1, 1]


def test_the_most_different_comes_first_and_gives_the_regions_away(here, there):
    there["rainfall"] += 800
    comparison = compare_regions(here, there)
    assert comparison.factors.index[0] == "rainfall"
    assert comparison.factors["giveaway"].idxmax() == "rainfall"
    assert comparison.factors["giveaway"].sum() == pytest.approx(1)
    assert comparison.auc > 0.95
    assert comparison.outside_applicability > 0.7


def test_two_draws_of_one_region_are_alike():
    comparison = compare_regions(make_region(0, 600), make_region(1, 600))
    assert 0.4 < comparison.auc < 0.6
    assert comparison.outside_applicability < 0.12
    assert (comparison.factors["distance"] < 0.1).all()
    said = comparison.in_words()
    assert "cannot be told apart" in said[1]
    assert said[-2].endswith("scores of the source say something of the target, too.")
    assert "Similar in both regions: " in said[2]


def test_classes_alone_can_give_the_regions_away(here, there):
    there["lithology"] = pd.Categorical(np.where(there["slope"] > 20, "basalt", "marl"))
    comparison = compare_regions(here, there)
    assert comparison.factors.index[0] == "lithology"
    assert comparison.factors["giveaway"].idxmax() == "lithology"
    share = (there["lithology"] == "basalt").mean()
    assert comparison.factors.loc["lithology", "outside"] == pytest.approx(share)
    # A class never seen is outside the area of applicability, whatever else.
    assert comparison.outside_applicability >= share
    shares = comparison.classes.set_index("class")
    assert shares.loc["basalt", ["source", "target"]].tolist() == [0, share]
    assert_allclose(shares[["source", "target"]].sum(), 1)


def test_one_rare_region_is_weighed_like_the_other():
    comparison = compare_regions(make_region(0, 600), make_region(1, 30))
    assert 0.3 < comparison.auc < 0.7


def test_the_share_outside_is_that_of_the_area_of_applicability(here, there):
    there["slope"] += 15
    area = AreaOfApplicability().fit(here)
    expected = (area.predict(there) == -1).mean()
    assert compare_regions(here, there).outside_applicability == pytest.approx(expected)


def test_a_model_says_which_factors_count(here, there):
    there["rainfall"] += 5000
    y = (here["slope"] > 25).astype(int)
    model = make_landslide_pipeline(LogisticRegression(), resample=None, random_state=0)
    model.fit(here[["ndvi", "slope"]], y)
    comparison = compare_regions(here, there, model=model, y_source=y)
    # All is outside by rain, which the model does not know.
    assert (AreaOfApplicability().fit(here).predict(there) == -1).all()
    assert comparison.outside_applicability < 0.3
    forest = RandomForestClassifier(5, random_state=0).fit(here[["slope", "rainfall"]], y)
    with pytest.raises(ValueError, match=r"fitted on 'rainfall', which the regions do not share"):
        compare_regions(here.drop(columns="rainfall"), there, model=forest)
    with pytest.raises(ValueError, match="pass y"):
        compare_regions(here, there, model=model)


def test_shares_of_landslides_are_of_the_labels_that_are_known(here, there):
    y_here = np.repeat([0, 1], [90, 30])
    y_there = ["landslide", "none", "none", "none", None] * 24
    comparison = compare_regions(here, there, y_source=y_here)
    assert (comparison.prevalence_source, comparison.prevalence_target) == (0.25, None)
    words = np.where(y_here == 1, "landslide", "none")
    comparison = compare_regions(here, there, y_source=words, y_target=y_there)
    assert (comparison.prevalence_source, comparison.prevalence_target) == (0.25, 0.25)
    assert "Landslides are 25 % of the one and 25 % of the other." in comparison.in_words()[0]
    rare = compare_regions(here, there, y_source=y_here, y_target=[1] + [0] * 99 + [np.nan] * 20)
    assert rare.prevalence_target == 0.01
    assert "state that of the target with prevalence=" in rare.in_words()[0]


def test_the_only_label_of_the_target_may_be_that_of_no_landslide():
    here, there = np.array([0, 1], dtype=object), np.array([None, 0], dtype=object)
    assert prevalences(here, there, None) == (0.5, 0)
    assert prevalences(None, there, None) == (None, 0)


def test_words_name_what_differs_and_what_to_do(here, there):
    there["rainfall"] += 800
    there["lithology"] = pd.Categorical(["basalt"] * 120)
    said = compare_regions(here, there).in_words()
    assert said[0] == "The source has 120 rows, the target 120."
    assert said[1].startswith("From its factors, rows of the two regions can be told apart nearly")
    assert any(
        text == "lithology differs: 100 % of the rows would have to change class, and 100 % of the "
        "target is of classes that the source never had."
        for text in said
    )
    assert any(text.startswith("rainfall differs: its median is 1") for text in said)
    assert "RegionScaler" in said[-3]
    assert said[-2].endswith("before it was tested with landslides of the target.")
    assert said[-2].startswith("100 % of the target's rows are less like")


def test_the_same_seed_gives_the_same_comparison_and_nothing_global_is_touched(here, there):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = (compare_regions(here, there, random_state=3) for _ in range(2))
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert_frame_equal(first.factors, second.factors)
    assert (first.auc, first.outside_applicability) == (second.auc, second.outside_applicability)


def test_it_becomes_json_and_csv(here, there, tmp_path):
    here["=cmd()"] = there["=cmd()"] = 1.0
    comparison = compare_regions(here, there)
    facts = json.loads(json.dumps(comparison.to_dict(), allow_nan=False))
    assert facts["n_source"] == 120
    assert facts["auc"] == comparison.auc
    assert [row["factor"] for row in facts["factors"]] == comparison.factors.index.tolist()
    comparison.to_csv(tmp_path / "factors.csv")
    table = pd.read_csv(tmp_path / "factors.csv", index_col="factor")
    assert "'=cmd()" in table.index
    table = table.rename(index={"'=cmd()": "=cmd()"})
    assert_frame_equal(table, comparison.factors)
    assert [path.name for path in tmp_path.iterdir()] == ["factors.csv"]


def test_what_is_shown_is_escaped(here, there):
    bad = "<script>\n"
    there["rainfall"] += 800
    tables = [table.rename(columns={"rainfall": bad}) for table in (here, there)]
    comparison = compare_regions(*tables)
    assert "<script>" not in comparison._repr_html_()
    assert "<script>\\n differs" in repr(comparison)


def test_labels_and_coordinates_are_not_compared(here, there):
    for table in (here, there):
        table[["x", "landslide"]] = 1.0
    comparison = compare_regions(here.assign(aspect=1.0), there)
    assert comparison.left_out == ("x", "landslide", "aspect")
    assert set(comparison.factors.index) == {"slope", "rainfall", "ndvi", "lithology"}


def test_codes_are_classes_by_name_or_when_declared(here, there):
    rng = np.random.default_rng(0)
    for table in (here, there):
        table["landuse"], table["zone"] = rng.integers(1, 4, (2, 120))
    kinds = compare_regions(here, there).factors["kind"]
    assert kinds[["landuse", "zone"]].tolist() == ["classes", "quantity"]
    kinds = compare_regions(here, there, categorical_features=["zone"]).factors["kind"]
    assert kinds["zone"] == "classes"


def test_polars_frames_are_read(here, there):
    columns = ["slope", "ndvi"]
    found = compare_regions(pl.from_pandas(here[columns]), pl.from_pandas(there[columns]))
    assert_frame_equal(found.factors, compare_regions(here[columns], there[columns]).factors)


def test_a_factor_without_values_is_left_out_and_named(here, there):
    there["ndvi"] = np.nan
    with pytest.warns(
        UserWarning, match=r"^left out, as a region has no value of them: 'ndvi'.$"
    ) as w:
        comparison = compare_regions(here, there)
    assert w[0].filename == __file__
    assert "ndvi" not in comparison.factors.index
    assert comparison.left_out == ("ndvi",)


def test_numbers_that_look_like_no_data_are_named(here, there):
    there.loc[:3, "slope"] = -9999
    there.loc[3, "ndvi"] = 3e38
    with pytest.warns(UndeclaredNodataWarning, match=r"'slope' \(target\) has -9999.*by NaN") as w:
        comparison = compare_regions(here, there)
    assert len(w) == 1
    assert w[0].filename == __file__
    assert comparison.factors.loc["ndvi", "target_missing"] == 1 / 120


def test_what_is_no_classifier_is_refused(here, there):
    with pytest.raises(TypeError, match=r"model must be a classifier, got StandardScaler\(\)"):
        compare_regions(here, there, model=StandardScaler())


SMALL = pd.DataFrame({"slope": np.arange(10.0), "soil": list("abcdeabcde")})


@pytest.mark.parametrize(
    ("source", "target", "options", "message"),
    [
        (SMALL, SMALL, {}, "the same table"),
        (SMALL, SMALL.copy(), {}, "the same table"),
        (SMALL.iloc[:0], SMALL, {}, "the source has no rows"),
        (SMALL, SMALL.iloc[:9], {}, "the target has 9 rows: at least 10"),
        (SMALL, SMALL.add_prefix("my_"), {}, "no factor is in both regions.*match_factors finds"),
        (SMALL[["slope"]], SMALL[["slope"]] * np.nan, {}, "no factor has values in both regions"),
        (SMALL[["slope"]] * 0, SMALL[["slope"]], {}, "no factor of the source varies: 'slope'"),
        (SMALL, SMALL.assign(slope=list("abcdefghij")), {}, "'slope' holds classes in one region"),
        (SMALL, SMALL.assign(slope=np.inf), {}, "the target: column 'slope' contains infinity"),
        (SMALL, SMALL * 1, {"categorical_features": "yes"}, "'from_dtype' or a list of names"),
        (SMALL, SMALL[::-1], {"y_source": [1]}, r"y_source has the shape \(1,\), and the source"),
        (SMALL, SMALL[::-1], {"y_source": list("abcde" * 2)}, "must be of two classes"),
        (SMALL, SMALL[::-1], {"y_source": list("ab" * 5)}, "say which of them is a landslide"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_one_line(source, target, options, message):
    with pytest.raises(ValueError, match=message) as caught:
        compare_regions(source, target, **options)
    assert "\n" not in str(caught.value)


def test_a_county_of_china_and_south_tyrol(real_data):
    yongxin = pd.read_csv(real_data / "yongxin_slope_units.csv")
    tyrol = pd.read_csv(real_data / "south_tyrol_rainfall.csv.gz", usecols=range(31))
    tyrol = tyrol.rename(columns={"elevation": "altitude"})
    comparison = compare_regions(yongxin, tyrol, y_source=yongxin["landslide"])
    assert (comparison.n_source, comparison.n_target) == (10_041, 3233)
    assert comparison.prevalence_source == pytest.approx(282 / 10_041)
    assert comparison.factors.index[0] == "altitude"
    expected = ks_2samp(yongxin["altitude"], tyrol["altitude"], method="asymp").statistic
    assert comparison.factors.loc["altitude", "distance"] == pytest.approx(expected)
    assert comparison.auc > 0.95
    assert comparison.outside_applicability > 0.5


def test_words_say_what_such_a_shift_has_cost_where_it_was_measured(here, there):
    pairs = known_pairs()
    far = pairs.loc[pairs["outside_applicability"] >= 0.5, "loss"]
    said = compare_regions(here, there.assign(slope=there["slope"] + 200)).in_words()[-1]
    assert f"in {len(far)} of {len(pairs)} pairs of regions" in said
    assert f"lost {far.min():.2f} to {far.max():.2f} of ROC-AUC (median {far.median():.2f})" in said
    assert "A larger shift did not go with a larger loss" in said
    near = compare_regions(here, there).in_words()[-1]
    assert f"in none of {len(pairs)} pairs" in near
    assert f"{pairs['loss'].min():.2f} to {pairs['loss'].max():.2f}" in near


def test_the_known_pairs_are_those_that_the_benchmarks_measured(benchmarks_on_path):
    from region_shift import RESULTS, skills

    pairs = known_pairs()
    measured = skills(pd.read_csv(RESULTS / "transfer.csv"))
    expected = pairs.set_index(["source", "target"])[measured.columns]
    assert_frame_equal(measured.loc[expected.index], expected)
    assert_allclose(pairs["loss"], pairs["roc_auc_alone"] - pairs["roc_auc_transferred"])
