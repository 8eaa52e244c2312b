"""The output that a user sets for all of scikit-learn loses no code, and no category unsaid."""

import warnings
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import config_context
from sklearn.pipeline import make_pipeline

from sklearn_landslide.feature_selection import MRMRSelector
from sklearn_landslide.over_sampling import FactorSMOTE
from sklearn_landslide.preprocessing import FactorImputer, FactorScaler, PlausibleRange

N = 120
PLACES = np.random.default_rng(0).integers(0, 3, N)
Y = (np.random.default_rng(1).uniform(size=N) < 0.25).astype(int)
CODES = {
    "truth values": [False, True, True],
    "dates": [date(2020, 1, day) for day in (1, 2, 3)],
    "beyond floats": [2**53, 2**53 + 1, 2**53 + 2],
    "beyond 64 bits": [2**70, 2**70 + 1, 2**70 + 2],
    "text": ["clay", "marl", "tuff"],
}
# As FactorImputer writes them.
WRITTEN = {
    "truth values": [0, 1, 1],
    "dates": ["2020-01-01", "2020-01-02", "2020-01-03"],
    "beyond 64 bits": [str(2**70 + k) for k in range(3)],
}


def table(kind):
    soil = pd.Categorical(pd.Series(CODES[kind], dtype=object).infer_objects().iloc[PLACES])
    slope = np.random.default_rng(2).uniform(0, 60, N) + 20 * Y
    return pd.DataFrame({"slope": slope, "soil": soil})


STEPS = {
    "imputer": FactorImputer(),
    "scaler": FactorScaler(),
    "ranges": PlausibleRange({"slope": (0, 90)}),
    "selector": MRMRSelector(2, always_keep=["soil"]),
}


@pytest.mark.filterwarnings("ignore:polars has no categories but text")
@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("step", STEPS)
def test_every_code_comes_out_as_it_is(step, kind, output):
    X = table(kind)
    with config_context(transform_output=output):
        out = STEPS[step].fit(X, Y).transform(X)
    soil = out[:, 1].tolist() if output == "default" and step == "selector" else [*out["soil"]]
    codes = WRITTEN.get(kind, CODES[kind]) if step == "imputer" else CODES[kind]
    if output == "polars" and kind == "beyond 64 bits":
        codes = WRITTEN[kind]
    assert soil == [codes[place] for place in PLACES]


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
@pytest.mark.parametrize("kind", CODES)
def test_a_sampler_makes_no_code_of_its_own(kind, output):
    X = table(kind)
    with config_context(transform_output=output):
        out, labels = FactorSMOTE(random_state=0).fit_resample(X, Y)
    assert out["soil"][:N].tolist() == X["soil"].tolist()
    assert set(out["soil"]) == set(CODES[kind])
    assert labels.sum() == (Y == 0).sum() and out["soil"].dtype == "category"


@pytest.mark.parametrize("kind", ["truth values", "dates", "beyond floats"])
def test_a_category_that_polars_cannot_hold_is_told(kind):
    # The imputer's own output of dates is text.
    step = STEPS["scaler" if kind == "dates" else "imputer"]
    X = table(kind)
    with (
        config_context(transform_output="polars"),
        pytest.warns(UserWarning, match="^polars has no categories but text, so the codes in 's"),
    ):
        step.fit(X).transform(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        step.fit(X).transform(X)


def test_text_goes_from_step_to_step_as_a_category():
    X = table("text")
    with config_context(transform_output="polars"), warnings.catch_warnings():
        warnings.simplefilter("error")
        out = make_pipeline(FactorImputer(), FactorScaler(), STEPS["selector"]).fit_transform(X, Y)
    assert out["soil"].dtype == pl.Categorical
    assert out["soil"].to_list() == X["soil"].tolist()
    expected = make_pipeline(FactorImputer(), FactorScaler()).fit_transform(X)["slope"]
    np.testing.assert_allclose(out["slope"].to_numpy(), expected)
