"""Saved and loaded, they say the same."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

pytest.importorskip("skops.io")

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.baselines import FrequencyRatio, InformationValue, WeightsOfEvidence
from sklearn_landslide.persistence import load_model, save_model


@pytest.mark.parametrize(
    "model",
    [
        FrequencyRatio(bins={"slope": np.array([15.0, 30.0])}),
        InformationValue(5, binning="natural_breaks"),
        WeightsOfEvidence(calibrate=False),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_saved_model_has_the_same_tables_and_probabilities(model, tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"slope": rng.uniform(0, 60, 90), "twi": rng.normal(6, 2, 90)})
    X["rock"] = pd.Categorical(rng.choice(["shale", "tuff"], 90))
    X.loc[::9, "twi"] = np.nan
    y = (X["slope"] + rng.normal(0, 9, 90) > 35).astype(int)
    for number, fitted in enumerate((model.fit(X, y), make_landslide_pipeline(model).fit(X, y))):
        save_model(fitted, tmp_path / f"{number}.zip")
        again = load_model(tmp_path / f"{number}.zip")
        assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
        ours, theirs = (m[-1] if hasattr(m, "steps") else m for m in (fitted, again))
        assert theirs.to_text() == ours.to_text()
        if isinstance(model, WeightsOfEvidence):
            assert theirs.conditional_independence() == ours.conditional_independence()
