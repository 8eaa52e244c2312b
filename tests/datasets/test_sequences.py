"""Landslides at an hour: what is promised of the table, its truth and its storm."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.datasets._synthetic._region import FACTORS


@pytest.fixture(scope="module")
def rainy():
    return make_landslides(
        2000, landslide_share=0.3, sequences=True, return_stack=True, random_state=0
    )


def small(n_samples=200, **request):
    return make_landslides(
        n_samples, **({"shape": (40, 50), "sequences": 24, "random_state": 0} | request)
    )


def test_without_sequences_the_tables_are_those_of_before():
    # Numbers of the version that had no sequences.
    region = make_landslides(
        400,
        shape=(50, 60),
        clustering=0.5,
        missing_share=0.05,
        outlier_share=0.02,
        return_stack=True,
        random_state=3,
    )
    assert region.landslide_map.sum() == 286
    assert np.nansum(region.data) == pytest.approx(978455.1129472296, rel=1e-12)
    assert region.coordinates.sum() == pytest.approx(1640040391.9154696, rel=1e-14)
    assert region.true_probability_map.std() == pytest.approx(0.2226165941459504, rel=1e-9)
    assert not {"sequences", "event", "hour", "storm", "true_hour_weight"} & set(region)


def test_the_region_is_that_of_one_storm(rainy):
    stack = make_landslides(100, return_stack=True, random_state=0).stack
    for name in FACTORS:
        np.testing.assert_array_equal(rainy.stack[name], stack[name])


def test_names_and_hours_are_ready_for_the_network(rainy):
    names = [f"rain_{hour:03d}" for hour in range(120)]
    assert rainy.feature_names == [*FACTORS, *names]
    (rain,) = resolve_sequences(rainy.sequences, n_features=136, names=rainy.feature_names)
    np.testing.assert_array_equal(rain.positions, [np.arange(16, 136)])
    assert "rain_119" in rainy.DESCR


def test_rain_is_plausible_and_landslides_follow_it(rainy):
    rain, failed = rainy.data[:, 16:], rainy.target == 1
    assert rain.min() == 0
    assert 20 < rain.max() < 150
    assert rain.sum(axis=1).max() < 1200
    assert np.median(rain[failed].sum(axis=1)) > 1.5 * np.median(rain[~failed].sum(axis=1))
    # Others are mostly of ordinary times, and some held in a storm.
    day = rain[~failed][:, -24:].sum(axis=1)
    assert (day < 5).mean() > 0.4
    assert (day > 50).mean() > 0.03


def test_samples_are_the_storm_at_their_place_and_hour_and_nothing_after(rainy):
    cell, _, west, _, _, north = rainy.transform
    storm = np.flatnonzero(rainy.event == rainy.storm.event)
    assert storm.size > 50
    assert rainy.storm.rain.shape[0] == 120 - 1 + 72
    for sample in storm:
        x, y = rainy.coordinates[sample]
        row, column, hour = int((north - y) // cell), int((x - west) // cell), rainy.hour[sample]
        window = rainy.storm.rain[hour - 119 : hour + 1, row, column]
        np.testing.assert_allclose(rainy.data[sample, 16:], window, rtol=1e-5)
        expected = rainy.storm.true_probability[hour - 119, row, column]
        assert rainy.true_probability[sample] == pytest.approx(expected, rel=1e-4, abs=1e-30)


def test_the_storm_of_the_maps_fails_more_than_the_other_periods(rainy):
    slides = np.bincount(rainy.event[rainy.target == 1], minlength=24)
    assert slides[rainy.storm.event] > 2 * np.median(slides)
    hourly = rainy.storm.true_probability.mean(axis=(1, 2))
    assert hourly.max() > 5 * hourly.min()


def test_labels_agree_with_the_true_probability_after_prior_correction(rainy):
    odds = rainy.true_probability / (1 - rainy.true_probability)
    odds = odds * (0.3 / 0.7) / (rainy.prevalence / (1 - rainy.prevalence))
    p = odds / (1 + odds)
    assert rainy.prevalence == pytest.approx(0.02, rel=0.2)
    for part in np.array_split(np.argsort(p), 10):
        spread = np.sqrt((p[part] * (1 - p[part])).sum())
        assert abs(rainy.target[part].sum() - p[part].sum()) <= 4 * spread + 1


def test_place_and_time_both_matter_and_the_truth_is_above_both(rainy):
    static, rain = rainy.data[:, :16], rainy.data[:, 16:]
    sums = np.column_stack([rain[:, -hours:].sum(axis=1) for hours in (1, 3, 6, 12, 24, 72, 120)])

    def auc(X):
        model = HistGradientBoostingClassifier(max_iter=80, random_state=0)
        p = cross_val_predict(
            model, X, rainy.target, cv=GroupKFold(6), groups=rainy.event, method="predict_proba"
        )
        return roc_auc_score(rainy.target, p[:, 1])

    place, time, both = auc(static), auc(sums), auc(np.hstack([static, sums]))
    truth = roc_auc_score(rainy.target, rainy.true_probability)
    assert 0.65 < place < both - 0.05
    assert 0.6 < time < both - 0.05
    assert both < truth - 0.01
    assert 0.94 < truth < 0.985


def test_hour_weights_rise_toward_the_observation(rainy):
    weights = rainy.true_hour_weight
    assert weights.min() == 0
    assert weights[:, -6:].mean() > 4 * weights[:, 60:66].mean()
    assert weights[:, :-6].sum() > weights[:, -6:].sum()
    limited = weights == 0
    assert (rainy.data[:, 16:][limited] >= 12).all()


def test_no_series_of_an_event_is_met_in_another(rainy):
    rain = pd.DataFrame(rainy.data[:, 16:]).assign(event=rainy.event)
    wet = rain[rain.drop(columns="event").sum(axis=1) > 0]
    events = wet.groupby(list(range(120))).event.nunique()
    assert events.max() == 1


def test_a_cell_is_seen_once_in_a_period(rainy):
    cells = np.floor((rainy.coordinates - [500_000, 3_600_000]) / 30).astype(int)
    assert len(np.unique(np.column_stack([rainy.event, cells]), axis=0)) == 2000
    assert rainy.hour.min() >= 119
    assert rainy.hour.max() < 191


def test_same_seed_same_world_other_seed_another():
    first, again, other = (small(random_state=seed) for seed in (4, 4, 5))
    for name in ("data", "target", "event", "hour", "true_probability", "true_hour_weight"):
        np.testing.assert_array_equal(first[name], again[name])
    assert not np.array_equal(first.data[:, 16:], other.data[:, 16:])


def test_truth_of_a_storm_does_not_depend_on_what_is_sampled():
    few, many = (small(n, return_stack=True).storm for n in (40, 300))
    assert few.event == many.event
    np.testing.assert_array_equal(few.true_probability, many.true_probability)


def test_missing_and_impossible_values_reach_hours_as_factors():
    clean, spoiled = small(), small(missing_share=0.1, outlier_share=0.05)
    missing = np.isnan(spoiled.data)
    assert missing.sum() == round(0.1 * clean.data.size)
    assert missing[:, 16:].mean() == pytest.approx(0.1, abs=0.02)
    impossible = (spoiled.data != clean.data) & ~missing
    assert impossible.sum() == int(0.05 * 200 * (11 + 24))
    assert (spoiled.data[:, 16:][impossible[:, 16:]] < 0).all()
    np.testing.assert_array_equal(clean.true_hour_weight, spoiled.true_hour_weight)


def test_frame_clusters_and_number_of_hours():
    frame = small(100, clustering=1.0, sequences=30, as_frame=True)
    assert frame.data.shape == (100, 46)
    assert list(frame.frame)[-2:] == ["rain_029", "landslide"]
    assert list(frame.data.select_dtypes("category")) == frame.categorical_features
    X, y = small(100, return_X_y=True, as_frame=True)
    assert X.shape == (100, 40)
    assert y.sum() == 40


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"sequences": 12}, "sequences"),
        ({"sequences": 1000}, "sequences"),
        ({"sequences": "rain"}, "sequences"),
        ({"shape": (16, 16), "n_samples": 2000}, "800 landslide samples asked"),
    ],
)
def test_impossible_requests_are_refused_in_one_line(request_, message):
    with pytest.raises(ValueError, match=message) as error:
        small(**request_)
    assert "\n" not in str(error.value)
