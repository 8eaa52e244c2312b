"""Before a model that counts rows, the pipeline neither scales nor makes up rows."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import compare_models, make_landslide_pipeline
from sklearn_landslide.baselines import FrequencyRatio, InformationValue, WeightsOfEvidence
from sklearn_landslide.over_sampling import FactorSMOTE
from sklearn_landslide.pipeline import counts_rows
from sklearn_landslide.preprocessing import FactorScaler

ALL = [FrequencyRatio, InformationValue, WeightsOfEvidence]


@pytest.fixture(scope="module")
def region():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"slope": rng.uniform(0, 60, 300), "soil": rng.integers(1, 4, 300)})
    X.loc[5, "slope"] = -9999.0
    y = (X["slope"] + 10 * X["soil"] + rng.normal(0, 10, 300) > 70).astype(int)
    return X, y


@pytest.mark.parametrize("kind", ALL)
def test_tables_behind_the_pipeline_have_real_units_and_real_rows(kind, region):
    X, y = region
    assert counts_rows(kind())
    chain = make_landslide_pipeline(
        kind(bins={"slope": [15, 30]}), categorical_features=["soil"], random_state=0
    ).fit(X, y)
    assert list(chain.named_steps) == ["range", "impute", "scale", "mrmr", "resample", "model"]
    assert chain["scale"] == chain["resample"] == "passthrough"
    table = chain[-1].class_table("slope")
    assert table.index.tolist() == ["up to 15", "15 to 30", "above 30"]
    assert table["rows"].sum() == 300 and table["landslides"].sum() == y.sum()
    assert chain[-1].class_table("soil").index.tolist() == [1, 2, 3]
    assert chain.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean())


def test_other_models_are_scaled_and_resampled_as_ever(region):
    chain = make_landslide_pipeline(LogisticRegression())
    assert isinstance(chain["scale"], FactorScaler)
    assert isinstance(chain["resample"], FactorSMOTE)
    assert not counts_rows(LogisticRegression())


def test_what_is_asked_for_by_name_is_done(region):
    X, y = region
    chain = make_landslide_pipeline(
        FrequencyRatio(4), scaler=FactorScaler(), resample=True, random_state=0
    ).fit(X, y)
    table = chain[-1].class_table("slope")
    assert table["rows"].sum() == 2 * (y == 0).sum()
    assert abs(chain[-1].edges_["slope"]).max() < 2
    with pytest.raises(ValueError, match="resample must be 'auto', True, False, None or a sampler"):
        make_landslide_pipeline(FrequencyRatio(), resample="smote")


def test_scaling_changes_no_prediction(region):
    X, y = region
    plain, scaled = (
        make_landslide_pipeline(InformationValue(), scaler=scaler).fit(X, y).predict_proba(X)
        for scaler in (None, FactorScaler())
    )
    assert_array_equal(plain, scaled)


def test_cells_of_one_landslide_may_count_as_one(region):
    X, y = region
    cells = np.repeat(np.arange(300), np.where(y == 1, 4, 1))
    weights = np.where(y[cells] == 1, 0.25, 1.0)
    whole = make_landslide_pipeline(FrequencyRatio(bins={"slope": [15, 30]})).fit(X, y)
    chain = make_landslide_pipeline(FrequencyRatio(bins={"slope": [15, 30]}))
    chain.fit(X.iloc[cells], y[cells], model__sample_weight=weights)
    assert_allclose(chain[-1].class_table("slope"), whole[-1].class_table("slope"))


def test_they_are_compared_like_any_model(region):
    X, y = region
    comparison = compare_models(
        {"FR": FrequencyRatio(), "WoE": WeightsOfEvidence()}, X, y, cv=3, random_state=0
    )
    assert (comparison.table["roc_auc"] > 0.8).all()
