"""Scores of tables of two by two, against published figures and another package."""

import numpy as np
import pytest

from sklearn_landslide.warning import contingency_scores, relative_value

FINLEY = (28, 23, 72, 2680)
TABLES = [FINLEY, (41, 9, 22, 328), (7, 13, 5, 975)]
# The package scores 2.7.0 on these tables (BasicContingencyManager and
# relative_economic_value_from_rates), to nine digits.
REFERENCE = {
    "pod": [0.549019608, 0.82, 0.35],
    "far": [0.72, 0.349206349, 0.416666667],
    "pofd": [0.026162791, 0.062857143, 0.005102041],
    "csi": [0.227642276, 0.569444444, 0.28],
    "peirce": [0.522856817, 0.757142857, 0.344897959],
    "heidke": [0.355324861, 0.681233933, 0.42893401],
    "ets": [0.216045621, 0.516569201, 0.273021002],
    "frequency_bias": [1.960784314, 1.26, 0.6],
    "odds_ratio_skill": [0.956816522, 0.970980507, 0.981132075],
}
RATIOS = [0.005, 0.02, 0.05, 0.1, 0.3, 0.6]
VALUES = [
    [-0.68931686, 0.520208083, 0.474716202, 0.392156863, -0.056022409, -1.568627451],
    [-4.18, -0.322857143, 0.448571429, 0.705714286, 0.631428571, 0.16],
    [-1.644897959, 0.344897959, 0.336842105, 0.322222222, 0.242857143, -0.025],
]


@pytest.mark.parametrize("name", REFERENCE)
def test_scores_are_those_of_another_package(name):
    found = contingency_scores(*np.transpose(TABLES))[name]
    assert found == pytest.approx(REFERENCE[name], abs=5e-9)


def test_finleys_tornadoes_have_the_published_scores():
    found = contingency_scores(*FINLEY)
    published = {"pod": 0.549, "far": 0.72, "csi": 0.228, "heidke": 0.355, "peirce": 0.523}
    assert {name: round(found[name], 3) for name in published} == published
    assert list(found) == list(REFERENCE)


@pytest.mark.parametrize(("table", "values"), list(zip(TABLES, VALUES, strict=True)))
def test_the_economic_value_is_that_of_another_package(table, values):
    found = contingency_scores(*table)
    base = (table[0] + table[1]) / sum(table)
    assert relative_value(found["pod"], found["pofd"], base, RATIOS) == pytest.approx(
        values, abs=5e-9
    )


def test_random_warnings_have_no_skill_and_perfect_ones_all_of_it():
    chance, perfect = contingency_scores(10, 30, 25, 75), contingency_scores(10, 0, 0, 90)
    for name in ("peirce", "heidke", "ets", "odds_ratio_skill"):
        assert chance[name] == pytest.approx(0)
        assert perfect[name] == pytest.approx(1)
    assert relative_value(1, 0, 0.1, RATIOS) == pytest.approx(1)


def test_what_would_divide_by_nothing_is_missing():
    never = contingency_scores(0, 5, 0, 95)
    assert np.isnan(never["far"])
    assert (never["pod"], never["pofd"], never["csi"]) == (0, 0, 0)


def test_counts_and_ratios_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="misses must be counts"):
        contingency_scores(1, -1, 0, 0)
    with pytest.raises(ValueError, match="cost_loss must lie between 0 and 1"):
        relative_value(0.5, 0.1, 0.1, [0.2, 1.0])
