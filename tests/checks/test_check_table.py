"""Planted faults are found, each with what mends it, and sound tables are left alone."""

import json

import numpy as np
import pandas as pd
import pytest
from checks.planted import N_ROWS, found_in, sound_table
from sklearn.metrics import roc_auc_score

from sklearn_landslide.checks import check_table, headlines
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.model_selection import SpatialBlockKFold
from sklearn_landslide.tables import read_table


@pytest.fixture
def sound():
    return sound_table()


def test_nothing_is_found_in_a_sound_table(sound):
    X, y, points = sound
    for cv in (None, 5, SpatialBlockKFold(points, 3, random_state=0)):
        check = check_table(X, y, coordinates=points, cv=cv)
        assert check.findings == ()
    assert check.passed
    assert headlines(check) == []
    assert "120 rows, 60 landslides (50 %), 4 factors: nothing looks wrong" in check.to_text()


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_in_the_synthetic_region(seed):
    region = make_landslides(300, as_frame=True, random_state=seed)
    check = check_table(region.data, region.target, coordinates=region.coordinates)
    assert [one for one in check.findings if one.severity != "note"] == []


# --- no data ------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [-9999, -32768])
def test_a_number_for_no_data_is_found_under_any_name(sound, value):
    X, y, _ = sound
    X.loc[[3, 50, 77], "pendiente"] = value
    found = found_in(X, y)
    assert list(found) == ["no data"]
    one = found["no data"]
    assert (one.severity, one.columns) == ("serious", ("pendiente",))
    assert f"'pendiente' has {value} in 3 of 120 values" in one.finding
    assert "3 cells become missing" in one.advice
    assert (one.option, one.python) == (f"--nodata {value}", f"nodata={value}")


def test_a_number_that_is_impossible_by_its_name_is_masked_in_any_case(sound):
    X, y, _ = sound
    X.loc[[3, 50], "elevation"] = -9999
    one = found_in(X, y)["no data"]
    assert one.severity == "note"
    assert "The 2 cells are outside what these factors can be" in one.advice


def test_255_at_the_edge_is_declared_for_its_column_alone(sound):
    X, y, _ = sound
    X.loc[:5, "pendiente"] = 255
    one = found_in(X, y)["no data"]
    assert one.severity == "warning"
    assert one.option == "--nodata pendiente=255"
    assert one.python == "nodata={'pendiente': 255}"


def test_a_code_and_a_coordinate_for_no_data_are_found(sound):
    X, y, points = sound
    X["rock"] = pd.Categorical(np.where(np.arange(N_ROWS) % 40 == 0, -9999, np.arange(N_ROWS) % 3))
    points.iloc[4] = -9999
    one = found_in(X, y, coordinates=points)["no data"]
    assert one.columns == ("x", "y", "rock")
    assert one.numbers == {"n_cells x": 1, "n_cells y": 1, "n_cells rock": 3}


@pytest.mark.parametrize("n_others", [0, 3])
def test_no_data_that_is_the_label_is_to_be_dropped_not_declared(sound, n_others):
    X, y, _ = sound
    X.loc[y == 0, "pendiente"] = -9999
    X.loc[np.flatnonzero(y == 0)[:n_others], "pendiente"] = 20.5
    found = found_in(X, y)
    # Once, not again as a single factor of great skill.
    assert list(found) == ["no data as label"]
    one = found["no data as label"]
    assert one.severity == "serious"
    assert f"in 0 of 60 landslides and {60 - n_others} of 60 other places" in one.finding
    assert one.option == "--drop pendiente"


def test_gaps_that_are_the_label_are_found(sound):
    X, y, _ = sound
    X.loc[y == 1, ["elevation", "twi"]] = np.nan
    found = found_in(X, y)
    assert list(found) == ["missing by label"]
    assert found["missing by label"].option == "--drop elevation twi"
    assert "missing in 60 of 60 landslides and 0 of 60" in found["missing by label"].finding


def test_gaps_and_constants_are_counted(sound):
    X, y, _ = sound
    X["sparse"] = np.where(np.arange(N_ROWS) % 3, np.nan, X["twi"] * 2)
    X["nothing"], X["year"] = np.nan, 2012
    X["far"] = np.where(np.arange(N_ROWS) % 60, X["twi"] * 3, 3.4e38)
    found = found_in(X, y)
    assert found["mostly missing"].finding.endswith("missing: 'sparse' (67%).")
    assert found["empty"].columns == ("nothing",)
    assert found["constant"].columns == ("year",)
    assert found["beyond 1e30"].finding.endswith("are missing values: 'far' (2).")


def test_impossible_values_are_counted_and_another_unit_is_serious(sound):
    X, y, _ = sound
    X["slope"] = np.linspace(0, 90.5, N_ROWS)[np.random.default_rng(0).permutation(N_ROWS)]
    one = found_in(X, y)["impossible values"]
    assert (one.severity, one.numbers) == ("warning", {"n_cells slope": 1})
    one = found_in(X.assign(slope=X["slope"] * 10), y)["wrong unit"]
    assert one.severity == "serious"
    assert "not between 0 and 90" in one.finding


# --- columns that are not factors ----------------------------------------------------------------


def test_an_id_that_was_sorted_by_the_label_is_serious(sound):
    X, y, _ = sound
    order = np.argsort(y, kind="stable")
    X, y = X.iloc[order].reset_index(drop=True), y[order]
    X.insert(0, "OBJECTID", np.arange(1, N_ROWS + 1))
    found = found_in(X, y)
    assert list(found) == ["id"]
    assert found["id"].severity == "serious"
    assert found["id"].numbers == {"roc_auc": 1.0}
    assert found["id"].option == "--drop OBJECTID"


@pytest.mark.parametrize(
    ("name", "values", "is_found"),
    [
        ("number", np.arange(N_ROWS), True),
        ("number", np.random.default_rng(0).permutation(N_ROWS), True),
        ("fid", np.arange(N_ROWS) // 2, True),
        ("code", [f"LS-{row}" for row in range(N_ROWS)], True),
        # Whole numbers, some of which return, and real numbers, none of which do.
        ("height", np.random.default_rng(0).integers(300, 900, N_ROWS), False),
        ("height", np.random.default_rng(0).uniform(300, 900, N_ROWS), False),
        ("height", np.random.default_rng(0).permutation(N_ROWS) * 17, False),
    ],
)
def test_ids_are_known_by_name_or_by_being_different_in_each_row(sound, name, values, is_found):
    X, y, _ = sound
    assert ("id" in found_in(X.assign(**{name: values}), y)) is is_found


def test_coordinates_are_to_be_named_as_such(sound):
    X, y, points = sound
    X["lon"], X["lat"] = points["x"] / 1e5, points["y"] / 1e5
    one = found_in(X, y)["coordinates among the factors"]
    assert one.option == "--coordinates lon lat"
    # Where they are known, what repeats them is dropped: by name, and by value.
    one = found_in(X.rename(columns={"lat": "north"}), y, coordinates=points)
    assert one["coordinates among the factors"].option == "--drop lon north"


def test_what_a_landslide_leaves_behind_is_found_as_by_the_audit(sound):
    X, y, _ = sound
    X["InSAR_velocity"] = np.random.default_rng(1).normal(y, 1)
    one = found_in(X, y)["consequences among the factors"]
    assert one.option == "--drop InSAR_velocity"


def test_a_factor_that_ranks_the_landslides_is_found(sound):
    X, y, _ = sound
    noise = np.random.default_rng(0).uniform(0, 1.05, N_ROWS)
    X["depth"] = -(y + noise)
    one = found_in(X, y)["label among the factors"]
    assert one.numbers["roc_auc"] == roc_auc_score(y, X["depth"])
    assert "lie below those" in one.finding
    X["depth"] = y + 3 * noise
    assert "label among the factors" not in found_in(X, y)


def test_classes_that_are_the_label_are_found(sound):
    X, y, _ = sound
    X["process"] = pd.Categorical(np.where(y == 1, "fall", "none"))
    assert found_in(X, y)["label among the factors"].columns == ("process",)


# --- codes and names ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["soil_type", "Lithology", "LULC_2018", "geol_code", "class"])
def test_codes_are_known_by_the_name_of_their_column(sound, name):
    X, y, _ = sound
    X[name] = np.random.default_rng(0).integers(1, 8, N_ROWS)
    one = found_in(X, y)["codes taken for quantities"]
    assert one.severity == "warning"
    assert f"{name!r} (7 different)" in one.finding
    assert one.option == f"--categorical {name}"


def test_few_whole_numbers_are_worth_a_note_only(sound):
    X, y, _ = sound
    rng = np.random.default_rng(0)
    X["wells"] = rng.integers(0, 5, N_ROWS)
    X["slope_class"], X["flag"] = rng.integers(1, 6, N_ROWS), rng.integers(0, 2, N_ROWS)
    X["soil_depth"] = rng.uniform(0, 3, N_ROWS)
    found = found_in(X, y)
    assert list(found) == ["few values"]
    assert found["few values"].severity == "note"
    assert found["few values"].columns == ("wells", "slope_class")
    assert headlines(check_table(X, y)) == []


@pytest.mark.parametrize(
    ("names", "is_found"),
    [
        (["31.5", "1204.7", "5.25", "clay"], True),
        (["31,5", "1204", "5", "2"], True),
        (["2009", "2010", "2011", "2012"], False),
        (["31.5", "elevation", "twi", "soil"], False),
        ([0, 1, 2, 3], False),
    ],
)
def test_a_first_row_of_values_is_no_header(sound, names, is_found):
    X, y, _ = sound
    assert ("missing header" in found_in(X.set_axis(names, axis=1), y)) is is_found


# --- rows, places and folds ---------------------------------------------------------------------


def test_copies_and_contradictions_are_counted(sound):
    X, y, points = sound
    first, second = np.flatnonzero(y == 1)[:2]
    other = np.flatnonzero(y == 0)[0]
    for row in (second, other):
        X.iloc[row], points.iloc[row] = X.iloc[first], points.iloc[first]
    found = found_in(X, y, coordinates=points)
    assert found["copies"].finding.startswith("1 row of 120 is an exact copy of another")
    assert found["contradictory rows"].finding.startswith("3 of 120 rows have the same factors and")
    # Elsewhere, equal factors are not copies.
    points.iloc[second] += 100
    points.iloc[other] += 200
    assert found_in(X, y, coordinates=points) == {}


def test_both_labels_at_one_place_are_counted(sound):
    X, y, points = sound
    points.iloc[np.flatnonzero(y == 0)[0]] = points.iloc[np.flatnonzero(y == 1)[0]]
    one = found_in(X, y, coordinates=points)["labels at one place"]
    assert one.finding.startswith("2 of 120 rows lie at the same place")


def test_degrees_are_serious_where_lengths_are_in_meters(sound):
    X, y, points = sound
    degrees = points / 1e5 * [1, 2]
    assert found_in(X, y, coordinates=degrees)["units"].severity == "warning"
    cv = SpatialBlockKFold(degrees, 3, buffer=0.05, random_state=0)
    check = check_table(X, y, coordinates=degrees, cv=cv)
    assert [one.code for one in check.findings] == ["units", "units"]
    assert "buffer is 0.05 m, less than a step" in check.findings[0].finding
    assert check.findings[0].option == "--buffer METERS"
    assert not check.passed


def test_coordinates_of_rasters_have_a_unit(sound):
    X, y, points = sound
    points = points / 1e5
    points.attrs = {"meters_per_unit": 1.0}
    assert found_in(X, y, coordinates=points) == {}


def test_unequal_folds_are_named(sound):
    X, y, _ = sound
    landslides = np.flatnonzero(y == 1)
    tests = [landslides[:48], landslides[48:50], landslides[50:]]
    every = np.arange(N_ROWS)
    folds = [(np.setdiff1d(every, test), test) for test in tests]
    one = found_in(X, y, cv=folds)["unequal folds"]
    assert one.finding.startswith("48 of 60 landslides are in one fold and 2 in another, of 3")
    even = [(np.setdiff1d(every, test), test) for test in np.array_split(landslides, 3)]
    assert found_in(X, y, cv=even) == {}


def test_landslides_that_folds_divide_are_named(sound):
    """Each place with a landslide is twelve cells of a raster; groups keep them together."""
    X, y, points = sound
    cells = np.repeat(points.to_numpy()[:10], 12, axis=0) + 30.0 * (np.arange(N_ROWS) % 12)[:, None]
    y = np.repeat(np.arange(10) % 2, 12)
    one = found_in(X, y, coordinates=cells, cv=3)["divided landslides"]
    assert "such patches are divided" in one.finding
    assert one.numbers["n_divided_patches"] == 10
    patches = np.repeat(np.arange(10), 12)
    assert "divided landslides" not in found_in(X, y, coordinates=cells, cv=3, groups=patches)


# --- how it is said -----------------------------------------------------------------------------


@pytest.fixture
def faulty(sound):
    X, y, _ = sound
    X["fid"], X["rock_type"] = np.arange(N_ROWS), np.random.default_rng(0).integers(1, 8, N_ROWS)
    X["<b>bold</b>\n"] = np.where(y == 1, -9999, X["twi"])
    return check_table(X, y)


def test_serious_findings_come_first_and_are_counted(faulty):
    assert [one.severity for one in faulty.findings] == ["serious", "warning", "warning"]
    assert faulty.summary() == "1 serious finding, 2 warnings"
    assert not faulty.passed


def test_text_keeps_its_width_and_names_the_remedy_in_each_way(faulty):
    text = faulty.to_text(60, "option")
    assert max(map(len, text.splitlines())) <= 60
    assert "--drop fid" in text
    assert "drop=['fid']" not in text
    assert "drop=['fid']" in repr(faulty)
    assert any("--drop fid, or in Python drop=['fid']" in line for line in faulty.in_words("both"))


def test_names_are_escaped(faulty):
    assert "\n'" not in faulty.to_text()
    assert "<b>" not in faulty._repr_html_()
    assert "&lt;b&gt;" in faulty.to_html()


def test_everything_is_plain_for_json(faulty):
    facts = json.loads(json.dumps(faulty.to_dict(), allow_nan=False))
    assert facts["passed"] is False
    assert (facts["n_rows"], facts["n_landslides"], facts["n_factors"]) == (120, 60, 7)
    assert facts["findings"][1]["columns"] == ["fid"]


def test_headlines_are_few_and_without_what_was_said(faulty):
    assert len(headlines(faulty, skip=["no data as label"])) == 2
    lines = headlines(faulty, most=1)
    assert lines[1] == "check: 2 more; the command check names all of them."


def test_of_rasters_the_other_factors_are_named(sound):
    X, y, _ = sound
    X["fid"] = np.arange(N_ROWS)
    one = found_in(X, y, source="rasters")["id"]
    assert one.option == "--factors pendiente elevation twi soil"
    assert one.python == "factors=['pendiente', 'elevation', 'twi', 'soil']"


def test_nothing_is_changed(sound):
    X, y, points = sound
    before = X.copy(), y.copy(), points.copy()
    check_table(X, y, coordinates=points)
    pd.testing.assert_frame_equal(X, before[0])
    pd.testing.assert_frame_equal(points, before[2])
    assert (y == before[1]).all()


def test_arrays_and_words_are_taken(sound):
    X, y, points = sound
    values = X[["pendiente", "elevation", "twi"]].to_numpy()
    words = np.where(y == 1, "landslide", "stable")
    assert found_in(values, words, coordinates=points.to_numpy()) == {}


def test_a_source_that_is_none_is_refused(sound):
    X, y, _ = sound
    with pytest.raises(ValueError, match="source"):
        check_table(X, y, source="elsewhere")


# --- real tables --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "roles", "expected"),
    [
        ("ecuador_points.csv", {"coordinates": ["x", "y"]}, []),
        ("ecuador_points.csv", {}, ["coordinates among the factors"]),
        ("yongxin_slope_units.csv", {"categorical": ["soil", "landuse", "lithology"]}, []),
        ("yongxin_slope_units.csv", {}, ["codes taken for quantities"]),
    ],
)
def test_real_tables_raise_no_false_alarms(real_data, name, roles, expected):
    table = read_table(real_data / name, target="landslide", **roles)
    check = check_table(table.X, table.y, coordinates=table.coordinates)
    assert [one.code for one in check.findings if one.severity != "note"] == expected
    assert check.passed


def test_landslides_are_counted_in_groups_and_of_rasters_as_landslides(sound):
    X, y, points = sound
    groups = np.arange(len(y)) // 4
    n_groups = len(set(groups[np.asarray(y) == 1]))
    of_table, of_rasters = (
        check_table(X, y, coordinates=points, groups=groups, source=source)
        for source in ("table", "rasters")
    )
    assert f"60 landslides (50 %) in {n_groups} groups, 4 factors" in of_table.to_text()
    assert of_table.to_dict()["n_groups"] == n_groups
    assert f"60 cells of {n_groups} landslides (50 %), 4 factors" in of_rasters.to_text()
    assert "group" not in check_table(X, y, coordinates=points).to_text().splitlines()[0]
