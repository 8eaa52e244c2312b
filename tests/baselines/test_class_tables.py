"""The tables of the classes: by hand, as published, and as other packages have them."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from statsmodels.stats.contingency_tables import Table2x2

from sklearn_landslide.baselines import FrequencyRatio, InformationValue, WeightsOfEvidence
from sklearn_landslide.metrics import frequency_ratio_table

ROWS, SLID = [40, 30, 20, 10], [1, 3, 6, 5]
EDGES = {"slope": [5, 15, 30]}


def places(rows, slid, values):
    """A table of one factor with so many rows and landslides of each value."""
    X = pd.DataFrame({"slope": np.repeat(values, rows)})
    y = np.concatenate([np.arange(n) < k for n, k in zip(rows, slid, strict=True)]).astype(int)
    return X, y


@pytest.fixture(scope="module")
def by_hand():
    X, y = places(ROWS, SLID, [3.0, 10.0, 20.0, 40.0])
    return WeightsOfEvidence(bins=EDGES).fit(X, y).class_table("slope")


def test_the_table_is_that_worked_by_hand(by_hand):
    assert by_hand.index.tolist() == ["up to 5", "5 to 15", "15 to 30", "above 30"]
    assert by_hand["rows"].tolist() == ROWS
    assert by_hand["landslides"].tolist() == SLID
    assert_allclose(by_hand["area_share"], [0.4, 0.3, 0.2, 0.1])
    assert_allclose(by_hand["landslide_share"], [1 / 15, 3 / 15, 6 / 15, 5 / 15])
    assert_allclose(by_hand["frequency_ratio"], [1 / 6, 2 / 3, 2, 10 / 3])
    assert_allclose(by_hand["information_value"], np.log([1 / 6, 2 / 3, 2, 10 / 3]))
    # 6 of 15 landslides and 14 of 85 other rows; 9 and 71 outside.
    row = by_hand.loc["15 to 30"]
    assert_allclose(row["weight_plus"], np.log((6 / 15) / (14 / 85)))
    assert_allclose(row["weight_minus"], np.log((9 / 15) / (71 / 85)))
    assert_allclose(row["weight_plus_variance"], 1 / 6 + 1 / 14)
    assert_allclose(row["weight_minus_variance"], 1 / 9 + 1 / 71)
    assert_allclose(row["contrast"], 1.2182, atol=5e-5)
    assert_allclose(row["contrast_std"], 0.6027, atol=5e-5)
    assert_allclose(row["studentized_contrast"], 2.0210, atol=5e-5)


def test_gold_deposits_near_anticlines_have_the_published_weights():
    # Meguma terrane (Bonham-Carter et al. 1989; Agterberg et al. 1990): 68 deposits in 2591 km2, in
    # cells of 1 km2. That 51 of them lie near an anticline, in 1129 km2, follows from two of the
    # six published figures; the other four must then come out.
    X, y = places([1129, 1462], [51, 17], [1.0, 9.0])
    table = WeightsOfEvidence(bins={"slope": [2.5]}).fit(X, y).class_table("slope")
    row = table.loc["up to 2.5"]
    assert_allclose(
        row[["weight_plus", "weight_minus", "contrast"]], [0.563, -0.829, 1.392], atol=6e-4
    )
    stds = np.sqrt(row[["weight_plus_variance", "weight_minus_variance"]])
    assert_allclose(stds, [0.143, 0.244], atol=6e-4)
    assert_allclose(row["contrast_std"], 0.283, atol=6e-4)


def test_the_contrast_is_the_log_odds_ratio_of_statsmodels(by_hand):
    for (_, row), n, k in zip(by_hand.iterrows(), ROWS, SLID, strict=True):
        theirs = Table2x2([[k, n - k], [15 - k, 85 - (n - k)]])
        assert_allclose(row["contrast"], theirs.log_oddsratio)
        assert_allclose(row["contrast_std"], theirs.log_oddsratio_se)


def test_the_frequency_ratios_are_those_of_the_table_of_zones(by_hand):
    X, y = places(ROWS, SLID, [1, 2, 3, 4])
    theirs = frequency_ratio_table(y, X["slope"])
    columns = ["area_share", "landslides", "landslide_share", "frequency_ratio"]
    assert_allclose(by_hand[columns], theirs[columns])


def test_a_class_without_landslides_is_drawn_to_no_evidence_by_its_size():
    X, y = places([40, 50, 10], [0, 5, 5], [1, 2, 3])
    X = X.astype("category")
    ratio = FrequencyRatio().fit(X, y).class_table("slope")
    assert ratio.loc[1, "frequency_ratio"] == 0
    # 4 landslides would be expected in it.
    values = InformationValue(smoothing=0.5).fit(X, y).class_table("slope")["information_value"]
    assert_allclose(values, np.log([0.5 / 4.5, 1, 5]))
    # Half a landslide, and 0.5 * 90 / 10 other rows.
    row = WeightsOfEvidence().fit(X, y).class_table("slope").loc[1]
    assert_allclose(row["weight_plus"], np.log((0.5 / 10) / ((40 + 4.5) / 90)))
    assert_allclose(row["weight_minus"], np.log((10 / 10) / (50 / 90)))
    assert_allclose(row["weight_plus_variance"], 1 / 0.5 + 1 / 44.5)
    # One row without a landslide says little.
    X, y = places([1, 89, 10], [0, 5, 5], [1, 2, 3])
    alone = InformationValue().fit(X.astype("category"), y).class_table("slope")
    assert_allclose(alone.loc[1, "information_value"], np.log(0.5 / 0.6))


def test_a_class_of_nothing_but_landslides_has_finite_weights():
    X, y = places([90, 10], [10, 10], [1, 2])
    row = WeightsOfEvidence().fit(X.astype("category"), y).class_table("slope").loc[2]
    # 2 other rows go with half a landslide.
    assert_allclose(row["weight_plus"], np.log((10.5 / 20) / (2 / 80)))
    assert_allclose(row["weight_minus"], np.log((10 / 20) / (80 / 80)))


def test_missing_values_are_counted_apart_and_say_nothing():
    X, y = places([40, 50, 10], [2, 8, 3], [1.0, 9.0, np.nan])
    for kind, nothing in ((FrequencyRatio, 1), (InformationValue, 0)):
        model = kind(bins={"slope": [5]}).fit(X, y)
        table = model.class_table("slope")
        assert table.index.tolist() == ["up to 5", "above 5", "missing"]
        assert table.loc["missing", ["rows", "landslides"]].tolist() == [10, 3]
        assert table.loc["missing"].drop(["rows", "landslides"]).isna().all()
        # Shares are of the 90 rows and 10 landslides that have a value.
        assert_allclose(table["frequency_ratio"].iloc[:2], [0.2 / (4 / 9), 0.8 / (5 / 9)])
        assert model.susceptibility_index(pd.DataFrame({"slope": [np.nan]})) == nothing


def test_codes_that_were_not_seen_say_nothing_and_codes_of_any_type_are_known():
    X, y = places([40, 50, 10], [2, 8, 3], [1, 2, 3])
    model = WeightsOfEvidence().fit(X.astype("category"), y)
    asked = pd.DataFrame({"slope": pd.Categorical(["3", "2.0", None, "9"])})
    weights = model.class_table("slope")["weight_plus"]
    prior = np.log(13 / 87)
    expected = prior + np.array([weights[3], weights[2], 0, 0])
    assert_allclose(model.susceptibility_index(asked), expected)


def test_a_class_without_rows_and_a_factor_of_one_class_say_nothing():
    X, y = places([40, 60], [2, 8], [1.0, 9.0])
    empty = WeightsOfEvidence(bins={"slope": [5, 20]}).fit(X, y)
    assert empty.class_table("slope").loc["above 20", "frequency_ratio":].isna().all()
    assert_allclose(empty.susceptibility_index(pd.DataFrame({"slope": [50.0]})), np.log(10 / 90))
    constant = WeightsOfEvidence().fit(X * 0, y)
    table = constant.class_table("slope")
    assert table.index.tolist() == ["all values"]
    assert table["frequency_ratio"].tolist() == [1]
    assert table.loc[:, "weight_plus":].isna().all(axis=None)
    assert_allclose(constant.predict_proba(X)[:, 1], 0.1)


def test_rows_count_by_their_weights():
    X, y = places(ROWS, SLID, [3.0, 10.0, 20.0, 40.0])
    weights = np.where(y == 1, 0.25, 2.0)
    table = FrequencyRatio(bins=EDGES).fit(X, y, weights).class_table("slope")
    assert_allclose(table["landslides"], np.array(SLID) / 4)
    assert_allclose(table["rows"], np.array(SLID) / 4 + 2 * (np.array(ROWS) - SLID))
    assert "missing" not in table.index


def test_the_table_is_printed_with_what_everyone_prints():
    X, y = places([40, 50, 10], [0, 8, 3], [1.0, 9.0, np.nan])
    text = WeightsOfEvidence(bins={"slope": [5]}).fit(X, y).to_text()
    head, first, _, last = text.splitlines()
    heading = "slope rows area % landslides landslides % FR IV W+ W- C s(C) C/s(C)"
    assert " ".join(head.split()) == heading
    assert first.split()[:6] == ["up", "to", "5", "40", "44.4", "0"]
    assert last.split() == ["missing", "10", "-", "3", *"--------"]


def test_a_factor_that_is_not_there_is_named_with_the_one_that_was_meant():
    X, y = places(ROWS, SLID, [1.0, 2.0, 3.0, 4.0])
    with pytest.raises(ValueError, match=r"no factor 'slop' among 'slope'. Did you mean 'slope'"):
        FrequencyRatio().fit(X, y).class_table("slop")
