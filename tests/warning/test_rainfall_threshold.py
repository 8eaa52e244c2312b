"""The threshold as a classifier: what it reads from the rain, and what it says."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import linregress, norm
from sklearn.base import clone

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.warning import RainfallThreshold, rain_events

HOURS = [f"rain_{hour:03d}" for hour in range(120)]
THRESHOLD = RainfallThreshold(n_bootstrap=50, random_state=0)


def storms(n, seed=0):
    """Even rain of a known law before each landslide, and less of it elsewhere."""
    rng = np.random.default_rng(seed)
    duration = rng.integers(2, 100, n)
    y = rng.integers(0, 2, n)
    total = 7.7 * duration**0.39 * 10 ** rng.normal(np.where(y == 1, 0, -0.5), 0.2)
    rains = np.arange(119, -1, -1) < duration[:, np.newaxis]
    X = pd.DataFrame(rains * (total / duration)[:, np.newaxis], columns=HOURS)
    return X, y, duration, total


@pytest.fixture(scope="module")
def fitted():
    X, y, duration, total = storms(600)
    return clone(THRESHOLD).fit(X, y), X, y, duration, total


def test_it_reads_duration_and_rain_up_to_the_last_step(fitted):
    model, X, y, duration, total = fitted
    wet = X.to_numpy().max(axis=1) >= 0.2
    events = model.events(X)
    np.testing.assert_array_equal(events["duration"][wet], duration[wet])
    np.testing.assert_allclose(events["rain"][wet], total[wet])
    assert model.n_events_ + model.n_dry_ == y.sum()


def test_its_events_are_those_of_rain_events(fitted):
    rng = np.random.default_rng(0)
    rain = np.where(rng.random((80, 120)) < 0.03, rng.exponential(3, (80, 120)), 0.0)
    found = fitted[0].events(pd.DataFrame(rain, columns=HOURS))
    ends = np.full(80, np.datetime64("2024-06-06"))
    known = rain_events(rain, ends=ends, until=ends)
    assert 0 < known["rain"].isna().sum() < 80
    pd.testing.assert_frame_equal(found[["duration", "rain"]], known[["duration", "rain"]])


def test_the_line_is_that_of_the_landslides_alone(fitted):
    model, X, y, duration, total = fitted
    wet = model.events(X)["rain"].notna() & (y == 1)
    known = linregress(np.log10(duration[wet]), np.log10(total[wet]))
    np.testing.assert_allclose(model.gamma_, known.slope)
    np.testing.assert_allclose(model.law_[:2], [known.intercept, known.slope])
    fewer = (y == 1) | (np.arange(600) % 2 == 0)
    again = clone(model).fit(X[fewer], y[fewer])
    np.testing.assert_allclose(again.law_, model.law_)
    assert again.intercept_ != model.intercept_
    # The truth: 0.39, and 5 % of the landslides below 7.7 mm less 1.64 times the scatter.
    assert abs(model.gamma_ - 0.39) < 3 * model.gamma_std_
    assert abs(model.alpha_ - 7.7 * 10 ** (0.2 * norm.ppf(0.05))) < 3 * model.alpha_std_


def test_distance_is_the_logarithm_of_the_rain_over_that_of_the_line(fitted):
    model = fitted[0]
    row = pd.DataFrame([[0.0] * 110 + [10.0] * 10], columns=HOURS)
    line = model.line([10.0])["rain"].item()
    np.testing.assert_allclose(line, model.alpha_ * 10**model.gamma_)
    np.testing.assert_allclose(model.distance(row), np.log10(100 / line))
    middle = model.line([10.0], 0.5)["rain"].item()
    np.testing.assert_allclose(model.distance(row, 0.5), np.log10(100 / middle))
    share = norm.cdf((np.log10(100 / middle)) / model.law_[3])
    np.testing.assert_allclose(model.non_exceedance(row), share)


def test_more_rain_in_the_same_time_is_never_less_probable(fitted):
    model, X, *_ = fitted
    more = model.predict_proba(X * 1.5)[:, 1] - model.predict_proba(X)[:, 1]
    assert more.min() >= 0


def test_what_is_dry_is_below_all_that_is_wet(fitted):
    model = fitted[0]
    rng = np.random.default_rng(1)
    little = np.where(rng.random((200, 120)) < 0.02, 0.2, 0.0)
    little[:, -1] = 0.2
    dry = np.zeros((1, 120))
    lowest = model.distance(pd.DataFrame(little, columns=HOURS)).min()
    assert model.distance(pd.DataFrame(dry, columns=HOURS))[0] <= lowest
    # Rain of more than two days ago is over.
    past = dry.copy()
    past[0, 60] = 90.0
    assert model.distance(pd.DataFrame(past, columns=HOURS))[0] <= lowest


def test_the_mean_probability_is_the_share_of_landslides(fitted):
    model, X, y, *_ = fitted
    np.testing.assert_allclose(model.predict_proba(X)[:, 1].mean(), y.mean(), atol=1e-6)


def test_it_predicts_the_more_probable_class_or_what_is_above_the_line(fitted):
    model, X, y, *_ = fitted
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X)[:, 1] > 0.5)
    warner = clone(model).set_params(predict_from="threshold").fit(X, y)
    np.testing.assert_array_equal(warner.predict(X), warner.distance(X) > 0)
    # The threshold is to miss 5 % of the landslides.
    assert 0.02 < np.mean(warner.predict(X)[y == 1] == 0) < 0.08
    np.testing.assert_allclose(warner.predict_proba(X), model.predict_proba(X))


def test_landslides_may_be_the_first_label(fitted):
    model, X, y, *_ = fitted
    words = clone(model).fit(X, np.where(y == 1, "landslide", "none"))
    assert words.classes_.tolist() == ["landslide", "none"]
    np.testing.assert_allclose(words.predict_proba(X)[:, 0], model.predict_proba(X)[:, 1])
    assert set(words.predict(X)[y == 1]) == {"landslide", "none"}


def test_the_samples_change_nothing_but_the_uncertainties(fitted):
    model, X, y, *_ = fitted
    again = clone(model).fit(X, y)
    np.testing.assert_array_equal(again.bootstrap_, model.bootstrap_)
    other = clone(model).set_params(random_state=1).fit(X, y)
    assert other.gamma_std_ != model.gamma_std_
    without = clone(model).set_params(n_bootstrap=0).fit(X, y)
    assert np.isnan(without.gamma_std_)
    for one in (other, without):
        np.testing.assert_array_equal(one.predict_proba(X), model.predict_proba(X))


def test_other_columns_are_ignored(fitted):
    model, X, y, *_ = fitted
    wider = X.assign(slope=30.0, lithology="clay")[["lithology", *HOURS, "slope"]]
    found = clone(model).fit(wider, y).predict_proba(wider)
    np.testing.assert_array_equal(found, model.predict_proba(X))


def test_of_several_variables_it_reads_the_rain(fitted):
    model, X, y, *_ = fitted
    wind = X.rename(columns=lambda name: name.replace("rain", "wind"))
    both = pd.concat([wind * 0 + 3.0, X], axis=1)
    names = {"weather": {"wind": list(wind), "rain": HOURS}}
    found = clone(model).set_params(sequences=names).fit(both, y)
    np.testing.assert_array_equal(found.law_, model.law_)
    names = {"weather": {"wind": list(wind), "water": HOURS}}
    with pytest.raises(ValueError, match="call the one that is rain 'rain'"):
        clone(model).set_params(sequences=names).fit(both, y)


def test_a_pipeline_gives_it_the_rain_in_mm(fitted):
    model, X, y, *_ = fitted
    X = X.assign(slope=np.arange(600.0) % 60)
    chain = make_landslide_pipeline(THRESHOLD, sequences={"rain": HOURS}, random_state=0)
    chain.fit(X, y)
    np.testing.assert_allclose(chain["model"].law_, model.law_)
    found = chain.predict_proba(X)
    np.testing.assert_allclose(found, model.predict_proba(X.drop(columns="slope")))


def test_lost_hours_are_no_rain(fitted):
    model = fitted[0]
    row = pd.DataFrame([[0.0] * 116 + [5.0, np.nan, -9999.0, 5.0]], columns=HOURS)
    expected = {"duration": 4.0, "rain": 10.0, "lost_hours": 2.0}
    assert model.events(row).iloc[0].to_dict() == expected


def test_the_day_against_the_days_before():
    # One day of 24 hours after two of 12 mm; then with a decay of a half.
    rain = np.concatenate([np.full(24, 0.5), np.full(24, 0.5), np.full(24, 1.0)])[np.newaxis]
    rain = np.vstack([rain, rain * 2, rain * 0])
    model = RainfallThreshold("antecedent", n_bootstrap=0).fit(rain, [1, 1, 0])
    events = model.events(rain)
    assert events["antecedent_rain"].tolist() == [24.0, 48.0, 0.0]
    assert events["rain"].fillna(-1).tolist() == [24.0, 48.0, -1.0]
    # Through two points: 24 = alpha 25^gamma, 48 = alpha 49^gamma.
    np.testing.assert_allclose(model.gamma_, np.log(2) / np.log(49 / 25))
    np.testing.assert_allclose(model.line([24.0, 48.0])["rain"], [24.0, 48.0])
    half = RainfallThreshold("antecedent", decay=0.5, n_bootstrap=0).fit(rain, [1, 1, 0])
    assert half.events(rain)["antecedent_rain"].tolist() == [9.0, 18.0, 0.0]
    one = RainfallThreshold("antecedent", antecedent_days=1, n_bootstrap=0).fit(rain, [1, 1, 0])
    assert one.events(rain)["antecedent_rain"].tolist() == [12.0, 24.0, 0.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"exceedance": 5}, "exceedance"),
        ({"sequences": {"rain": ["rain_000", "no"]}}, "not a column"),
        ({"min_rain": 900.0}, "none of 5 landslides has rain of 900 mm or more"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(change, message):
    X = pd.DataFrame(np.ones((10, 3)), columns=HOURS[:3])
    with pytest.raises(ValueError, match=message) as raised:
        clone(THRESHOLD).set_params(**change).fit(X, [0, 1] * 5)
    assert "\n" not in str(raised.value)


def test_lines_are_asked_for_by_shares_and_durations(fitted):
    with pytest.raises(ValueError, match="exceedance is 5: give a share between 0 and 1"):
        fitted[0].line([1.0], 5)
    with pytest.raises(ValueError, match="x holds 0: give numbers above 0"):
        fitted[0].line([0.0])
