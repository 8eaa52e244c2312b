"""The line of a threshold against other people's code and known truth."""

import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.stats import gaussian_kde, linregress, norm

from sklearn_landslide.warning._power_law import _bandwidths, _kernel_densities, fit_power_laws
from sklearn_landslide.warning._threshold_lines import learn_laws, rain_on_line, threshold_table

ALPHA, GAMMA, SPREAD = 7.7, 0.39, 0.25


def drawn_events(n, seed):
    """Events of a known law: E = 7.7 D^0.39, scattered by 0.25 in decadic logarithms."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 2.5, n)
    return x, np.log10(ALPHA) + GAMMA * x + rng.normal(0, SPREAD, n)


def bell(x, a, b, c):
    return a * np.exp(-((x - b) ** 2) / (2 * c**2))


def test_the_line_is_that_of_least_squares():
    x, y = drawn_events(60, 0)
    laws = fit_power_laws(x, y, np.ones((1, 60)), "normal")
    known = linregress(x, y)
    left = y - known.intercept - known.slope * x
    np.testing.assert_allclose(laws.intercept, known.intercept)
    np.testing.assert_allclose(laws.slope, known.slope)
    np.testing.assert_allclose(laws.std, np.sqrt(np.sum(left**2) / 58))


def test_the_kernel_density_is_that_of_scipy():
    values = np.random.default_rng(1).gamma(2.0, size=(1, 80))
    weights = np.ones((1, 80))
    width = _bandwidths(values, weights)[0]
    grid, density = _kernel_densities(values, weights)
    known = gaussian_kde(values[0], width / values.std(ddof=1))(grid[0])
    # Values are divided between the points of a grid.
    np.testing.assert_allclose(density[0], known, atol=2e-3 * known.max())


def test_the_normal_curve_is_the_one_nearest_to_the_kernel_density():
    x, y = drawn_events(90, 2)
    laws = fit_power_laws(x, y, np.ones((1, 90)), "kernel")
    known = linregress(x, y)
    left = (y - known.intercept - known.slope * x)[np.newaxis]
    grid, density = _kernel_densities(left, np.ones((1, 90)))
    (_, mean, std), _ = curve_fit(bell, grid[0], density[0], p0=[1.0, 0.0, 0.3])
    np.testing.assert_allclose(laws.mean, mean, atol=1e-6)
    np.testing.assert_allclose(laws.std, abs(std), rtol=1e-5)


@pytest.mark.parametrize("residuals", ["kernel", "normal"])
def test_weights_count_rows(residuals):
    x, y = drawn_events(40, 3)
    weights = np.random.default_rng(3).integers(0, 4, 40)
    several = fit_power_laws(x, y, np.array([np.ones(40), weights]), residuals)
    n = weights.sum()
    repeated = fit_power_laws(x.repeat(weights), y.repeat(weights), np.ones((1, n)), residuals)
    for name in ("intercept", "slope", "mean", "std"):
        np.testing.assert_allclose(
            getattr(several, name)[1], getattr(repeated, name)[0], rtol=1e-6, atol=1e-8
        )


@pytest.mark.parametrize("residuals", ["kernel", "normal"])
def test_events_without_spread_have_a_line(residuals):
    x = np.array([0.0, 1.0, 2.0])
    on_line = fit_power_laws(x, 1 + x / 2, np.ones((1, 3)), residuals)
    np.testing.assert_allclose([on_line.slope, on_line.std], [[0.5], [0.0]], atol=1e-12)
    equally_long = fit_power_laws(np.ones(3), x, np.ones((1, 3)), residuals)
    assert equally_long.slope.tolist() == [0.0]
    np.testing.assert_allclose(equally_long.intercept, 1.0)
    single = fit_power_laws(np.ones(1), np.ones(1), np.ones((1, 1)), residuals)
    assert (single.intercept[0], single.slope[0], single.std[0]) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize("residuals", ["kernel", "normal"])
def test_a_known_law_is_found(residuals):
    x, y = drawn_events(5000, 4)
    law, _ = learn_laws(x, y, np.ones(5000), residuals=residuals, n_bootstrap=0, random_state=0)
    table = threshold_table(law, np.empty((0, 4)), 0.05)
    # Three standard errors of the slope, 0.25 / (0.72 sqrt(5000)).
    assert abs(table.loc[0.05, "gamma"] - GAMMA) < 0.015
    known = np.log10(ALPHA) + SPREAD * norm.ppf(table.index)
    # The kernel makes the scatter wider: by 1 % with this many events, so the lines are lower.
    np.testing.assert_allclose(np.log10(table["alpha"]), known, atol=0.035)
    assert table["alpha"].is_monotonic_increasing


def test_the_share_of_events_below_each_line_is_its_exceedance():
    x, y = drawn_events(4000, 5)
    law, drawn = learn_laws(x, y, np.ones(4000), residuals="kernel", n_bootstrap=0, random_state=0)
    for share in (0.01, 0.05, 0.1, 0.5):
        rain = rain_on_line(law, drawn, x, share, 0.9)["rain"]
        below = np.mean(10**y < rain)
        assert abs(below - share) < 3 * np.sqrt(share / 4000) + 0.005


def test_the_spread_of_samples_is_that_of_repeated_surveys():
    # Slope and middle line: the formulas of least squares. Coverage: 200 surveys.
    x, y = drawn_events(200, 6)
    _, drawn = learn_laws(x, y, np.ones(200), residuals="normal", n_bootstrap=2000, random_state=0)
    np.testing.assert_allclose(drawn[:, 1].std(), linregress(x, y).stderr, rtol=0.15)
    covered = []
    for seed in range(200):
        x, y = drawn_events(100, seed)
        law, drawn = learn_laws(
            x, y, np.ones(100), residuals="normal", n_bootstrap=200, random_state=seed
        )
        table = threshold_table(law, drawn, 0.05).loc[0.05]
        alpha = 10 ** (np.log10(ALPHA) + SPREAD * norm.ppf(0.05))
        near = [
            abs(table["alpha"] - alpha) < 1.96 * table["alpha_std"],
            abs(table["gamma"] - GAMMA) < 1.96 * table["gamma_std"],
        ]
        band = rain_on_line(law, drawn, np.array([1.0]), 0.05, 0.9)
        truth = alpha * 10**GAMMA
        near.append(band["low"].item() < truth < band["high"].item())
        covered.append(near)
    # 95, 95 and 90 % are stated; samples of 100 events make all of them a little too narrow.
    found = np.mean(covered, axis=0)
    assert np.all(np.abs(found - [0.95, 0.95, 0.90]) < 0.05), found


def test_a_sample_of_equally_long_events_is_left_out():
    x, y = np.array([0.0, 1.0]), np.array([1.0, 1.5])
    _, drawn = learn_laws(x, y, np.ones(2), residuals="normal", n_bootstrap=64, random_state=0)
    # Half of the samples of two events hold both.
    assert 20 < len(drawn) < 44
    np.testing.assert_allclose(drawn[:, 1], 0.5)
