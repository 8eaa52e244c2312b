"""Factors that landslides have made are named, and no factor of the field is."""

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide._factor_names import _NAMES, _OBJECTS
from sklearn_landslide.model_selection import audit
from sklearn_landslide.model_selection._audit._aftermath import check_aftermath, is_aftermath
from sklearn_landslide.model_selection._audit._table import auc_of_column, check_place
from sklearn_landslide.terrain._factor_table import TABLE

MADE_BY_LANDSLIDES = [
    "deformation_velocity",
    "InSAR velocity (mm/yr)",
    "insar",
    "PSInSAR_LOS",
    "vel_displacement",
    "GroundDeformation",
    "velocity",
    "creep_rate",
    "main_scarp",
    "distance_to_scars",
    "tension_cracks",
    "landslide_density",
    "dist_to_landslides",
    "deformación",
    "spostamento",
    "形变速率",
]
MADE_BY_OTHERS = [
    "wind_velocity",
    "peak_ground_velocity",
    "shear_wave_velocity_vs30",
    "flow_velocity",
    "burn_scar",
    "distance_to_fault_scarp",
    "deformation_modulus",
    "landuse",
    "hillside_aspect",
    "land_slope",
    "sliding_window_relief",
    "description",
]


@pytest.mark.parametrize("name", MADE_BY_LANDSLIDES)
def test_what_a_landslide_leaves_behind_is_known_by_name(name):
    assert is_aftermath(name)


@pytest.mark.parametrize("name", MADE_BY_OTHERS)
def test_movements_and_scars_of_other_making_are_not_named(name):
    assert not is_aftermath(name)


def test_no_factor_of_the_field_is_taken_for_one():
    names = {*_NAMES, *TABLE, *(f"distance_to_{thing}" for thing in _OBJECTS)}
    assert len(names) > 200
    assert not [name for name in names if is_aftermath(name)]
    frame = pd.DataFrame(np.zeros((1, len(names))), columns=sorted(names))
    assert check_place(frame, None).verdict == "ok"


def test_the_finding_names_the_factor_its_skill_and_what_to_do():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 100)
    X = pd.DataFrame({"slope": rng.normal(size=200), "insar": y + rng.normal(0, 0.5, 200)})
    found = audit(GaussianNB(), X, y, n_permutations=0, random_state=0).findings
    row = found.loc["consequences among the factors"]
    assert row["verdict"] == "warning"
    assert row["numbers"]["columns"] == ["insar"]
    assert 0.85 < row["numbers"]["roc_auc"]["insar"] < 1
    assert f"insar (ROC-AUC {row['numbers']['roc_auc']['insar']:.2f} alone)" in row["finding"]
    assert "has failed already" in row["advice"]
    clean = audit(GaussianNB(), X[["slope"]], y, n_permutations=0, random_state=0).findings
    assert clean.loc["consequences among the factors", "verdict"] == "ok"


def test_few_rows_of_a_class_have_a_name_but_no_skill():
    X = pd.DataFrame({"insar": np.arange(20.0)})
    y = np.array([1] * 5 + [0] * 15)
    found = check_aftermath(X, y, 0)
    assert found.verdict == "warning" and found.numbers["roc_auc"] == {}
    assert auc_of_column(X["insar"], y, 0) is None


def test_both_leaks_of_hong_kong_are_named_and_nothing_else(real_data):
    table = pd.read_csv(real_data / "hong_kong_landslides.csv.gz")
    table = table.sample(1500, random_state=0)
    y = table.pop("landslide").to_numpy()
    place = check_place(table, None)
    assert place.verdict == "warning" and place.numbers["columns"] == ["x", "y"]
    assert "learns where landslides were mapped, not why they happen" in place.advice
    traces = check_aftermath(table, y, 0)
    assert traces.verdict == "warning"
    assert traces.numbers["columns"] == ["deformation_velocity"]
    clean = table.drop(columns=["x", "y", "deformation_velocity"])
    assert check_place(clean, table[["x", "y"]].to_numpy()).verdict == "ok"
    assert check_aftermath(clean, y, 0).verdict == "ok"


@pytest.mark.parametrize(
    "name", ["ecuador_points.csv", "yongxin_slope_units.csv", "south_tyrol_rainfall.csv.gz"]
)
def test_real_tables_without_such_factors_raise_no_alarm(real_data, name):
    columns = pd.read_csv(real_data / name, nrows=0).columns.drop(["landslide"])
    assert not [column for column in columns if is_aftermath(column)]
