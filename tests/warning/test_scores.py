"""Curves, values and intervals of scores, by hand, by scikit-learn and by planted signals."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from sklearn_landslide.warning import contingency_scores, relative_value, verify_warnings
from sklearn_landslide.warning._blocks import detected_at


def season(seed=0, n_days=1000, start="2018-01-02"):
    """Days in two places whose events follow their probability."""
    rng = np.random.default_rng(seed)
    time = pd.date_range(start, periods=n_days)
    tables = []
    for unit in "ab":
        p = rng.beta(0.3, 6, n_days).clip(0, 0.95)
        tables.append(pd.DataFrame({"time": time, "unit": unit, "probability": p}))
    warnings = pd.concat(tables, ignore_index=True)
    happened = rng.random(len(warnings)) < warnings["probability"]
    events = warnings.loc[happened, ["time", "unit"]]
    return warnings, events.assign(time=events["time"] - pd.Timedelta("6h")), happened


@pytest.fixture(scope="module")
def scored():
    warnings, events, happened = season()
    level = (warnings["probability"] > 0.1).astype(int) + (warnings["probability"] > 0.3)
    return verify_warnings(warnings.assign(level=level), events), warnings, happened


def test_curves_are_those_of_scikit_learn(scored):
    scores, warnings, happened = scored
    p = warnings["probability"]
    assert scores.roc().attrs["auc"] == pytest.approx(roc_auc_score(happened, p))
    assert scores.brier().brier == pytest.approx(brier_score_loss(happened, p))
    bins = scores.reliability()
    assert bins["cells"].sum() == len(warnings)
    assert (bins["share"] * bins["cells"]).sum() == pytest.approx(happened.sum())


def test_the_value_of_a_level_is_that_of_its_table(scored):
    scores, *_ = scored
    row = scores.table.iloc[1]
    base = scores.cells["event"].mean()
    value = scores.value([0.05, 0.2])
    expected = relative_value(row["pod"], row["pofd"], base, [0.05, 0.2])
    assert value["level 2"].tolist() == pytest.approx(expected.tolist())
    # Acting where the probability reaches 0.3 is what the second level does.
    at_level = scores.value([0.3])
    assert at_level["probability"].item() == pytest.approx(at_level["level 2"].item())


def test_calibrated_probabilities_are_of_use_to_more_users_than_a_level(scored):
    value = scored[0].value()
    assert (value["probability"] > 0).sum() > (value["level 2"] > 0).sum()


@pytest.mark.parametrize("pofd", [0, 0.1, 1 / 3, 0.5, 0.9])
def test_the_share_detected_at_a_rate_is_the_best_of_all_thresholds(pofd):
    rng = np.random.default_rng(1)
    # With ties.
    p, event = rng.integers(0, 12, 60) / 12, rng.integers(0, 2, 60)
    weight = rng.integers(0, 4, 60).astype(float)
    allowed = [
        weight[(event == 1) & (p > t)].sum() / weight[event == 1].sum()
        for t in [-1, *np.unique(p)]
        if weight[(event == 0) & (p > t)].sum() <= pofd * weight[event == 0].sum() + 1e-9
    ]
    assert detected_at(p, event, weight, pofd)[0] == pytest.approx(max(allowed))


def test_false_alarms_in_a_month_are_counted_in_cells_of_a_place(scored):
    scores, warnings, happened = scored
    point = scores.at_false_alarms(per="30D", rate=1, n_resamples=50, random_state=0)
    warned = warnings["probability"] > point["above"]
    false = (warned & ~happened).sum()
    # 1000 days in two places are 66.7 months.
    assert false / (2000 / 30) == pytest.approx(point["false_alarms"])
    assert 0.97 < point["false_alarms"] <= 1
    assert point["hits"] == (warned & happened).sum()
    assert point["pod_lower"] <= point["pod"] <= point["pod_upper"]


def test_a_threshold_may_come_from_other_seasons_only(scored):
    scores, *_ = scored
    other_warnings, other_events, _ = season(1, start="2012-01-02")
    train = verify_warnings(other_warnings, other_events)
    point = scores.at_pofd(0.02, learned_on=train, n_resamples=20, random_state=0)
    assert point["above"] == train.at_pofd(0.02, n_resamples=2)["above"]
    with pytest.raises(ValueError, match="use other seasons"):
        scores.at_pofd(0.02, learned_on=scores)


def test_a_sample_of_days_has_no_false_alarms_in_a_month():
    warnings, events, happened = season()
    drawn = np.random.default_rng(0).random(len(warnings)) < 0.2
    sample = verify_warnings(warnings[drawn | happened], events, step="1D")
    with pytest.raises(ValueError, match="they are a sample"):
        sample.at_false_alarms()
    assert 0 < sample.at_pofd(0.05, n_resamples=10)["pod"] < 1


def test_winters_between_seasons_are_no_gaps():
    warnings, events, _ = season()
    summer = warnings["time"].dt.month.between(4, 10)
    assert verify_warnings(warnings[summer], events, step="1D").at_false_alarms(n_resamples=10)


def test_intervals_hold_the_value_and_widen_with_the_blocks(scored):
    scores, *_ = scored
    found = scores.intervals(n_resamples=300, random_state=0)
    again = scores.intervals(n_resamples=300, random_state=0)
    pd.testing.assert_frame_equal(found, again)
    pod = found[(found["level"] == "level 1") & (found["score"] == "pod")].iloc[0]
    n = scores.cells["event"].sum()
    # Events are independent here: the interval is about that of a binomial share.
    error = 1.96 * np.sqrt(pod["value"] * (1 - pod["value"]) / n)
    assert pod["upper"] - pod["lower"] == pytest.approx(2 * error, rel=0.25)


def test_an_interval_needs_two_blocks_with_an_event():
    warnings, events, _ = season(n_days=50)
    scores = verify_warnings(warnings, events.iloc[:1])
    with pytest.raises(ValueError, match="1 block of time with an event"):
        scores.at_pofd(0.1)


def test_blocks_may_be_storms_by_name():
    warnings, events, _ = season()
    storm = warnings["time"].dt.year.astype(str)
    scores = verify_warnings(warnings.assign(level=1, storm=storm), events, block="storm")
    assert scores.cells["block"].nunique() == 3


def test_random_warnings_are_called_random(scored):
    _, warnings, _ = scored
    rng = np.random.default_rng(0)
    level = (rng.random(len(warnings)) < 0.1).astype(int)
    events = season()[1]
    scores = verify_warnings(warnings.assign(level=level), events)
    row = scores.table.iloc[0]
    assert abs(row["peirce"]) < 0.1
    counts = row[["hits", "misses", "false_alarms", "correct_rejections"]]
    assert row["csi"] == contingency_scores(*counts)["csi"]


def test_wrong_probabilities_are_named_in_words():
    warnings, events, _ = season()
    high = verify_warnings(warnings.assign(probability=warnings["probability"] ** 0.3), events)
    assert any("they are too high" in text for text in high.in_words())
    fits = verify_warnings(warnings, events)
    assert any("they fit" in text for text in fits.in_words())
    with pytest.raises(ValueError, match="needs levels"):
        fits.duration_matrix()
