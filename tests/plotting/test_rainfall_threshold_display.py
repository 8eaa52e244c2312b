"""The picture of a threshold shows its events and its lines."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from sklearn_landslide.plotting import RainfallThresholdDisplay
from sklearn_landslide.warning import RainfallThreshold

RNG = np.random.default_rng(0)
RAIN = RNG.lognormal(1, 0.5, (60, 1)) * (np.arange(30)[::-1] < RNG.integers(1, 30, (60, 1)))
RAIN[:2] = 0.0
Y = np.where(RAIN.sum(axis=1) > 20, "landslide", "none")
Y[0] = "landslide"


@pytest.mark.parametrize("kind", ["event", "antecedent"])
def test_every_event_is_a_point_and_every_share_a_line_with_its_band(kind):
    model = RainfallThreshold(kind, n_bootstrap=30, random_state=0).fit(RAIN, Y)
    display = RainfallThresholdDisplay.from_estimator(model, RAIN, Y, exceedances=[0.05, 0.2])
    other, landslides, *bands = display.ax_.collections
    events = model.events(RAIN)
    x = events["duration"] if kind == "event" else 1 + events["antecedent_rain"]
    for points, chosen in ((landslides, Y == "landslide"), (other, Y == "none")):
        wet = chosen & events["rain"].notna()
        np.testing.assert_allclose(points.get_offsets()[:, 0], x[wet])
        np.testing.assert_allclose(points.get_offsets()[:, 1], events["rain"][wet])
    assert len(bands) == 2
    first, second = display.ax_.lines
    for line, share in ((first, 0.05), (second, 0.2)):
        at = line.get_xdata() - (kind == "antecedent")
        np.testing.assert_allclose(line.get_ydata(), model.line(at, share)["rain"])
    words = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    n_wet = int(((Y == "landslide") & events["rain"].notna()).sum())
    assert f"with landslide ({n_wet}, and 1 dry)" in words
    law = f"E = {model.alpha_:.2g} D^{model.gamma_:.2f}"
    law = law if kind == "event" else f"R = {model.alpha_:.2g} (1 + A)^{model.gamma_:.2f}"
    assert f"5 %: {law}" in words
    assert display.ax_.get_xscale() == display.ax_.get_yscale() == "log"


def test_a_pipeline_is_drawn_by_its_last_step_and_without_samples_without_bands():
    chain = make_pipeline(FunctionTransformer(lambda X: X * 2), RainfallThreshold(n_bootstrap=0))
    chain.fit(RAIN, Y)
    display = RainfallThresholdDisplay.from_estimator(chain, RAIN, Y)
    assert display.events["rain"].max() == pytest.approx(2 * RAIN.sum(axis=1).max())
    assert len(display.ax_.collections) == 2
    assert len(display.ax_.lines) == 2


def test_what_cannot_be_drawn_is_said():
    model = RainfallThreshold(n_bootstrap=0).fit(RAIN, Y)
    with pytest.raises(TypeError, match="must be a RainfallThreshold"):
        RainfallThresholdDisplay.from_estimator(DecisionTreeClassifier(), RAIN, Y)
    with pytest.raises(ValueError, match="y has 'slide', and the model knows"):
        RainfallThresholdDisplay.from_estimator(model, RAIN, np.full(60, "slide"))
    with pytest.raises(ValueError, match="has 5 shares: give at most 4"):
        RainfallThresholdDisplay.from_estimator(model, RAIN, Y, exceedances=np.full(5, 0.1))
