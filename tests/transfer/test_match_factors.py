"""Factors that do not match are found and named before anything is fitted."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.transfer import match_factors


def make_region(seed, n=300):
    """Factors of a mountain region, in the usual units."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "slope": rng.gamma(6, 4.5, n).clip(0, 75),
            "elevation": rng.gamma(4, 150, n),
            "ndvi": rng.beta(5, 3, n),
            "distance_to_river": rng.exponential(400, n),
            "rainfall": rng.normal(1500, 200, n),
            "plan_curvature": rng.normal(0, 0.02, n),
            "lithology": rng.choice(["granite", "schist", "marl"], n),
        }
    )


@pytest.fixture
def here():
    return make_region(0)


@pytest.fixture
def there():
    return make_region(1)


def match(*args, **options):
    """Match, and return what was warned of as well."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        matched = match_factors(*args, **options)
    said = [str(warning.message) for warning in caught]
    assert all(warning.filename == __file__ for warning in caught)
    assert not any("\n" in text for text in said)
    return matched, said


def row(matched, name):
    return matched.table.set_index("source").loc[name]


def test_two_regions_that_match_are_returned_as_they_are_and_nothing_is_said(here, there):
    matched, said = match(here, there[there.columns[::-1]])
    assert said == []
    assert matched.factors == list(here)
    assert matched.table["kept"].all()
    numbers = here.columns.drop("lithology")
    assert_frame_equal(matched.source[numbers], here[numbers])
    assert_frame_equal(matched.target[numbers], there[numbers])
    assert matched.source["lithology"].dtype == matched.target["lithology"].dtype
    assert matched.target["lithology"].astype(object).tolist() == there["lithology"].tolist()


def test_the_tables_that_were_given_stay_as_they_are(here, there):
    here["lithology"] = here["lithology"].astype("category")
    before = here.copy(), there.copy()
    match(here, there, units={"elevation": ("ft", "m")})
    assert_frame_equal(here, before[0])
    assert_frame_equal(there, before[1])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("elevation", "Altitude"),
        ("dem", "alti"),
        ("slope", "slope_deg"),
        ("slope", "pendiente"),
        ("plan_curvature", "cplan"),
        ("profile_curvature", "prof_curv"),
        ("twi", "Topographic Wetness Index"),
        ("distance_to_river", "dist_river"),
        ("distance_to_river", "dist. to streams"),
        ("distance_to_river", "river_distance"),
        ("distance_to_river", "dist2river"),
        ("distance_to_river", "RiverDist"),
        ("distance_to_river", "d_rivers"),
        ("distance_to_quarry", "dist quarry"),
        ("distance_to_road", "proximity-to-roads"),
        ("distance_to_fault", "Distance to faults (m)"),
        ("elevation", "高程"),
    ],
)
def test_other_names_of_the_same_factor_are_known(ours, theirs):
    values = np.linspace(1, 60, 40)
    matched, said = match(pd.DataFrame({ours: values}), pd.DataFrame({theirs: values}))
    assert said == []
    assert row(matched, ours)["target"] == theirs
    assert list(matched.target) == [ours]
    with pytest.raises(ValueError, match="no factor is in both regions"):
        match_factors(pd.DataFrame({ours: values}), pd.DataFrame({theirs: values}), aliases=False)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("log10_carea", "carea"),
        ("slope", "slope_length"),
        ("tpi_100", "tpi_300"),
        ("district", "distribution"),
        ("distance_to_rict", "district"),
    ],
)
def test_names_of_other_factors_are_no_aliases(ours, theirs):
    values = np.linspace(1, 60, 40)
    with pytest.raises(ValueError, match="no factor is in both regions"):
        match_factors(pd.DataFrame({ours: values}), pd.DataFrame({theirs: values}))


def test_a_name_of_nearly_the_same_is_used_and_said(here, there):
    there = there.rename(columns={"distance_to_river": "distance_to_drainage"})
    matched, said = match(here, there)
    assert "distance_to_river" in matched.factors
    assert len(said) == 1
    assert "'distance_to_river' = 'distance_to_drainage'" in said[0]
    # Whoever says so is not told.
    named = {"distance_to_drainage": "distance_to_river"}
    assert match(here, there, rename=named)[1] == []


def test_the_same_name_comes_before_any_alias(here, there):
    there["altitude"] = there["elevation"] + 5000
    matched, said = match(here, there)
    assert_array_equal(matched.target["elevation"], there["elevation"])
    assert said == ["Factors left out, as only one region has them: 'altitude' (target)."]


def test_two_names_of_one_factor_in_one_region_are_an_error(here, there):
    there = there.rename(columns={"elevation": "dem"}).assign(altitude=1.0)
    with pytest.raises(ValueError, match=r"target has 'dem', 'altitude', all names of 'elevation'"):
        match_factors(here, there)
    matched, _ = match(here, there, rename={"dem": "elevation"})
    assert row(matched, "elevation")["target"] == "dem"


def test_of_several_names_of_nearly_the_same_none_is_taken(here, there):
    there = there.rename(columns={"lithology": "geology"}).assign(geol="schist")
    matched, said = match(here, there)
    assert "lithology" not in matched.factors
    assert "'lithology' (source), 'geology' (target), 'geol' (target)" in said[0]


def test_own_aliases_come_on_top(here, there):
    there = there.rename(columns={"slope": "Steilheit", "elevation": "dem"})
    matched, said = match(here, there, aliases={"slope": "steilheit"})
    assert said == []
    assert row(matched, "slope")["target"] == "Steilheit"
    assert row(matched, "elevation")["target"] == "dem"
    with pytest.raises(ValueError, match=r"aliases has 'A' for 'slope' and for 'elevation'"):
        match_factors(here, there, aliases={"slope": "a", "elevation": ["A"]})


def test_factors_of_one_region_are_left_out_and_named(here, there):
    matched, said = match(here.drop(columns="ndvi"), there.drop(columns="slope"))
    assert said == [
        "Factors left out, as only one region has them: 'slope' (source), 'ndvi' (target)."
    ]
    assert matched.left_out == ["slope", "ndvi"]


def test_labels_and_coordinates_are_no_factors(here, there):
    for table in (here, there):
        table[["x", "Y", "landslide"]] = 1.0
        table["date"] = pd.Timestamp("2020-06-01")
    matched, said = match(here, there)
    assert said == []
    assert not {"x", "Y", "landslide", "date"} & set(matched.factors)


# Planted errors: what the target's numbers become, how sure one can be, and what mends it.
PERCENT = lambda degrees: 100 * np.tan(np.radians(degrees))  # noqa: E731
ERRORS = [
    ("slope", PERCENT, True, ("percent", "degree")),
    ("slope", lambda degrees: np.tan(np.radians(degrees)), True, ("ratio", "degree")),
    ("slope", np.radians, True, ("radian", "degree")),
    ("ndvi", lambda values: 10_000 * values, True, ("x10000", "1")),
    ("ndvi", lambda values: 100 * values, True, ("x100", "1")),
    ("distance_to_river", lambda meters: meters / 1000, True, ("km", "m")),
    ("elevation", lambda meters: meters / 1000, True, ("km", "m")),
    ("elevation", lambda meters: meters / 0.3048, False, ("ft", "m")),
    ("distance_to_river", lambda meters: meters / 0.3048, False, ("ft", "m")),
    ("rainfall", lambda mm: mm / 1000, True, ("m", "mm")),
    ("plan_curvature", lambda values: 100 * values, False, ("1/100m", "1/m")),
]


@pytest.mark.parametrize(("name", "spoil", "sure", "mend"), ERRORS)
def test_another_unit_is_found_named_and_mended(here, there, name, spoil, sure, mend):
    spoiled = there.assign(**{name: spoil(there[name])})
    matched, said = match(here, spoiled)
    assert (name not in matched.factors) == sure
    assert len(said) == 1
    assert repr(mend[0]) in said[0]
    assert repr(mend[1]) in said[0]
    assert row(matched, name)["finding"] == "another unit"
    mended, said = match(here, spoiled, units={name: mend})
    assert said == []
    assert_allclose(mended.target[name], there[name])
    assert mended.factors == list(here)


@pytest.mark.parametrize(("name", "spoil", "sure", "mend"), ERRORS)
def test_so_it_is_the_other_way_round(here, there, name, spoil, sure, mend):
    matched, said = match(here.assign(**{name: spoil(here[name])}), there)
    assert (name not in matched.factors) == sure
    assert f"({mend[1]!r}, {mend[0]!r})" in said[0]


def test_a_unit_in_the_name_settles_it(here, there):
    there["elevation_ft"] = there.pop("elevation") / 0.3048
    matched, said = match(here, there)
    assert "elevation" not in matched.factors
    assert "units={'elevation': ('ft', 'm')}" in said[0]
    # By the name in the target as well.
    mended, said = match(here, there, units={"elevation_ft": ("feet", "m")})
    assert said == []
    assert_allclose(mended.target["elevation"], there["elevation_ft"] * 0.3048)


def test_of_a_large_table_the_same_is_found(here):
    large = make_region(1, 50_000)[["slope", "distance_to_river"]]
    matched, said = match(here[list(large)], large.assign(slope=PERCENT(large["slope"])))
    assert matched.factors == ["distance_to_river"]
    assert len(matched.target) == 50_000
    assert "units={'slope': ('percent', 'degree')}" in said[0]


def test_a_unit_that_is_said_to_be_the_same_is_left_alone(here, there):
    there["elevation"] /= 0.3048
    matched, said = match(here, there, units={"elevation": "same"})
    assert said == []
    assert_array_equal(matched.target["elevation"], there["elevation"])


@settings(max_examples=25, deadline=None)
@given(st.floats(0.4, 2.5), st.floats(0.4, 2.5))
def test_other_landscapes_in_the_same_units_lose_no_factor(steeper, higher):
    here, there = make_region(0, 80), make_region(1, 80)
    there["slope"] = (there["slope"] * steeper).clip(0, 80)
    there["elevation"] *= higher
    there["distance_to_river"] *= higher
    matched, _ = match(here, there)
    assert matched.factors == list(here)


@pytest.mark.parametrize(
    ("spoil", "unit"), [(lambda x: np.tan(np.radians(x)), "ratio"), (np.radians, "radian")]
)
def test_another_unit_is_found_in_another_landscape_too(here, there, spoil, unit):
    """A flat region beside a steep one: no unit makes the two alike."""
    there["slope"] = spoil(0.3 * there["slope"])
    matched, said = match(here, there)
    assert "slope" not in matched.factors
    assert "'slope' (the target looks like ra" in said[0]
    assert unit in said[0]


def test_percent_above_90_is_said_also_where_degrees_are_no_nearer(here, there):
    here["slope"] = (1.5 * here["slope"]).clip(0, 85)
    there["slope"] = PERCENT(0.7 * there["slope"])
    matched, said = match(here, there)
    assert there["slope"].max() > 90
    assert "slope" in matched.factors
    assert "perhaps in another unit: 'slope' (the target looks like percent, the" in said[0]


def test_an_index_far_above_1_is_multiplied_whatever_the_other_region_has(here, there):
    there["ndvi"] = 10_000 * np.random.default_rng(0).normal(0.05, 0.1, len(there))
    matched, said = match(here, there)
    assert "ndvi" not in matched.factors
    assert "units={'ndvi': ('x10000', '1')}" in said[0]


def test_feet_are_never_taken_for_sure_by_numbers_alone(here, there):
    """A plain beside its mountains: no height of the one is a height of the other."""
    there["elevation"] = here["elevation"].max() + 1 + 3 * there["elevation"]
    for pair in ((here, there), (there, here)):
        matched, said = match(*pair)
        assert "elevation" in matched.factors
        assert len(said) == 1


def test_distributions_that_hardly_overlap_are_kept_and_named():
    rng = np.random.default_rng(0)
    here = pd.DataFrame({"spi": rng.gamma(4, 15, 200), "twi": rng.normal(6, 1, 200)})
    there = pd.DataFrame({"spi": np.log(rng.gamma(4, 15, 200)), "twi": rng.normal(6, 1, 200)})
    matched, said = match(here, there)
    assert matched.factors == ["spi", "twi"]
    assert len(said) == 1
    assert said[0].startswith("Factors kept, and hardly overlap: 'spi' (median ")
    assert "the target looks like the natural logarithm of the other" in row(matched, "spi")["why"]


def test_that_the_sign_of_a_curvature_cannot_be_told_is_said(here, there):
    there["plan_curvature"] *= -1
    matched, said = match(here, there)
    assert said == []
    assert "convex cannot be seen in the numbers" in row(matched, "plan_curvature")["why"]


@pytest.mark.parametrize("kind", [int, float, str, "category"])
def test_the_same_numbers_are_no_evidence_of_the_same_key(here, there, kind):
    rng = np.random.default_rng(0)
    for table in (here, there):
        table["soil"] = pd.Series(rng.integers(1, 5, len(table))).astype(kind)
    matched, said = match(here, there)
    assert "soil" not in matched.factors
    assert len(said) == 1
    assert "codes={'soil': {1: 1, ...}}" in said[0]
    assert "soil" in match(here, there, codes={"soil": "same"})[0].factors
    assert "soil" in match(here, there, codes="same")[0].factors


def test_codes_are_translated_by_a_mapping():
    slope = np.linspace(5, 40, 6)
    here = pd.DataFrame({"slope": slope, "lithology": [1, 1, 2, 2, 3, 3]})
    there = pd.DataFrame({"slope": slope, "lithology": [30.0, 30.0, 10.0, 7.0, np.nan, 8.0]})
    matched, said = match(here, there, codes={"lithology": {"30": 3, 10: 1.0, 7: None}})
    column = matched.target["lithology"]
    assert column.cat.categories.tolist() == [1, 2, 3]
    assert column.dtype == matched.source["lithology"].dtype
    assert [None if pd.isna(code) else code for code in column] == [3, 3, 1, None, None, None]
    # 8 was forgotten: one of five known rows. 7 was not.
    assert said == [
        "Factors with classes that the source does not know: 'lithology' (8, 20 % of the target's "
        "rows)."
    ]


def test_classes_are_matched_by_their_names_and_new_ones_are_named(here, there):
    there["lithology"] = there["lithology"].replace({"marl": " Marl", "schist": "tuff"})
    matched, said = match(here, there)
    share = (there["lithology"] == "tuff").mean()
    assert said == [
        "Factors with classes that the source does not know: 'lithology' ('tuff', "
        f"{100 * share:.0f} % of the target's rows)."
    ]
    assert matched.target["lithology"].cat.categories.tolist() == [
        "granite", "marl", "schist", "tuff",
    ]  # fmt: skip
    assert (matched.target["lithology"] == "marl").sum() == (there["lithology"] == " Marl").sum()


def test_classes_without_a_common_name_are_left_out(here, there):
    there["lithology"] = there["lithology"].map({"granite": "Gr", "schist": "Sc", "marl": "Ma"})
    matched, said = match(here, there)
    assert "lithology" not in matched.factors
    assert "codes={'lithology': {'Gr': 'granite', ...}}" in said[0]


@pytest.mark.parametrize("codes", [{}, {9: "marl"}, {3: None}, "same"])
def test_codes_that_lead_nowhere_are_left_out(here, there, codes):
    """Otherwise a column without any value, or of unknown classes only, would go into the fit."""
    matched, said = match(here, there.assign(lithology=3), codes={"lithology": codes})
    assert "lithology" not in matched.factors
    assert row(matched, "lithology")["finding"] == "another key"
    assert len(said) == 1


def test_classes_here_and_numbers_there_are_left_out(here, there):
    here["geology_code"], there["geology_code"] = "a", 1.5
    matched, said = match(here, there)
    assert "geology_code" not in matched.factors
    assert "hold classes in one region and numbers in the other: 'geology_code'" in said[0]


def test_an_empty_factor_is_left_out(here, there):
    there["ndvi"] = np.nan
    matched, said = match(here, there)
    assert "ndvi" not in matched.factors
    assert said == ["Factors left out, as a region has no value of them: 'ndvi' (target)."]


def test_of_a_model_names_codes_and_medians_are_known(here, there):
    y = (here["slope"] > here["slope"].median()).astype(int)
    here["lithology"] = here["lithology"].astype("category")
    model = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(here, y)
    spoiled = there.assign(distance_to_river=there["distance_to_river"] / 1000)
    spoiled = spoiled.rename(columns={"elevation": "dem"})[
        spoiled.columns[::-1].map(lambda name: {"elevation": "dem"}.get(name, name))
    ]
    matched, said = match(model, spoiled, units={"distance_to_river": ("km", "m")})
    assert said == []
    assert matched.source is None
    assert_allclose(
        model.predict_proba(matched.target),
        model.predict_proba(there.astype({"lithology": "category"})),
    )
    _, said = match(model, spoiled.drop(columns="ndvi"))
    assert "The model needs 'ndvi': refit it on what both have." in said[0]
    assert "the target looks like km" in said[1]


def test_codes_of_a_model_are_matched_with_those_that_it_knows(here, there):
    here["lithology"] = here["lithology"].astype("category")
    model = HistGradientBoostingClassifier(max_iter=2, categorical_features="from_dtype")
    model.fit(here, here["slope"] > 25)
    matched, _ = match(model, there.assign(lithology=3))
    assert "lithology" not in matched.factors
    matched, _ = match(model, there.assign(lithology=3), codes={"lithology": {3: "marl"}})
    assert matched.target["lithology"].cat.categories.tolist() == ["granite", "marl", "schist"]


def test_what_is_impossible_is_said_though_a_model_knows_no_values(here, there):
    numbers = here.columns.drop("lithology")
    model = LogisticRegression().fit(here[numbers] / 1000, here["slope"] > 25)
    assert match(model, there[numbers])[1] == []
    _, said = match(model, there[numbers].assign(ndvi=10_000 * there["ndvi"]))
    assert len(said) == 1
    assert "perhaps in another unit: 'ndvi' (the target looks like x10000," in said[0]


def test_polars_frames_are_read(here, there):
    matched, _ = match(pl.from_pandas(here), pl.from_pandas(there))
    assert_frame_equal(matched.target, match(here, there)[0].target)


def test_indices_are_kept(here, there):
    here.index, there.index = here.index + 7, [f"unit {k}" for k in range(len(there))]
    matched, _ = match(here, there)
    assert matched.source.index.equals(here.index)
    assert matched.target.index.equals(there.index)


TABLE = pd.DataFrame({"slope": [1.0, 2.0], "soil": ["a", "b"]})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([[1.0]], TABLE), TypeError, "source must be a DataFrame, .* got list"),
        ((TABLE, TABLE.to_numpy()), TypeError, "target must be a DataFrame, .* got ndarray"),
        ((TABLE.iloc[:0], TABLE), ValueError, "source has no rows"),
        ((TABLE, TABLE[[]]), ValueError, "target has no columns"),
        ((LogisticRegression(), TABLE), TypeError, "LogisticRegression, is not fitted"),
        (
            (LogisticRegression().fit([[0], [1]], [0, 1]), TABLE),
            TypeError,
            "LogisticRegression, was fitted without names",
        ),
        ((TABLE[["slope"]], TABLE[["soil"]]), ValueError, "no factor is in both regions"),
        ((TABLE.assign(slope=np.inf), TABLE), ValueError, "the source: column 'slope' .*infinity"),
        ((TABLE[["slope", "slope"]], TABLE), ValueError, "source has more than one column 'slope'"),
    ],
)
def test_what_is_no_region_is_refused_in_one_line(arguments, error, message):
    with pytest.raises(error, match=message) as caught:
        match_factors(*arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"rename": {"slop": "slope"}}, ValueError, "target has no column 'slop'. Did you mean"),
        ({"rename": {"slope": "twi"}}, ValueError, "source has no column 'twi'"),
        ({"rename": {"slope": "slope", "soil": "slope"}}, ValueError, "the one name 'slope'"),
        ({"rename": ["slope"]}, TypeError, "rename must be a dict"),
        ({"units": {"twi": ("m", "km")}}, ValueError, "units names 'twi', which is not a factor"),
        ({"units": {"slope": "percent"}}, ValueError, "must be a pair"),
        ({"units": {"slope": ("percent", "m")}}, ValueError, "no way from 'percent' to 'm'"),
        ({"units": {"soil": ("m", "km")}}, ValueError, "'soil', which holds classes"),
        ({"codes": {"sol": {}}}, ValueError, "codes names 'sol'.* Did you mean 'soil'"),
        ({"codes": {"slope": {1: 1}}}, ValueError, "'slope', which holds numbers"),
        ({"codes": {"soil": {"a": "z"}}}, ValueError, "maps 'a' to 'z', which the source does not"),
        ({"codes": {"soil": 3}}, ValueError, "must be a dict"),
        ({"categorical_features": ["sol"]}, ValueError, "names 'sol', and no region has"),
        ({"categorical_features": "all"}, ValueError, "must be 'from_dtype' or a list"),
        ({"aliases": "yes"}, TypeError, "aliases must be True, False or a dict"),
    ],
)
def test_what_fits_no_factor_is_refused_in_one_line(options, error, message):
    with pytest.raises(error, match=message) as caught:
        match_factors(TABLE, TABLE, **options)
    assert "\n" not in str(caught.value)


def test_nothing_left_is_an_error_that_says_why():
    here = pd.DataFrame({"soil": [1, 2, 3]})
    with pytest.raises(ValueError, match=r"no factor is left of 1 .*'soil' \(another key\)"):
        match_factors(here, here)


def test_what_is_shown_is_escaped(here, there):
    matched, _ = match(here.assign(**{"<b>\n": 1.0}), there.assign(**{"<b>\n": 1.0}))
    assert "<b>" not in matched._repr_html_()
    assert "<b>\\n: the same." in repr(matched)


def test_a_county_of_china_and_hong_kong(real_data):
    yongxin = pd.read_csv(real_data / "yongxin_slope_units.csv")
    hong_kong = pd.read_csv(real_data / "hong_kong_landslides.csv.gz")
    matched, said = match(yongxin, hong_kong)
    table = matched.table.set_index("source")
    assert table.loc["ndvi", "finding"] == "another unit"
    assert table.loc[["landuse", "lithology"], "finding"].tolist() == ["another key"] * 2
    assert table.loc[["spi", "twi"], "finding"].tolist() == ["hardly overlaps"] * 2
    assert table.loc["distance_to_river", "target"] == "distance_to_drainage"
    assert matched.factors == [
        "altitude", "aspect", "distance_to_fault", "distance_to_river", "distance_to_road",
        "slope", "spi", "twi",
    ]  # fmt: skip
    assert len(said) == 6
    mended, _ = match(yongxin, hong_kong, units={"ndvi": ("x10000", "1")})
    assert mended.target["ndvi"].between(-1, 1).all()
