"""Curves and offsets of the GAM, against another package, known functions and special cases."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from statsmodels.gam.api import BSplines, GLMGam
from statsmodels.gam.smooth_basis import GenericSmoothers, UnivariateGamSmoother
from statsmodels.genmod.families import Binomial

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.baselines import GAM
from sklearn_landslide.baselines._penalized_logistic import LEAST, MOST
from sklearn_landslide.baselines._spline_basis import (
    abscissae,
    bends,
    design,
    make_basis,
    quantile_knots,
)

N_ROWS = 1500
TRUE = {
    "slope": lambda x: 2 * np.cos((x - 35) / 12),
    "distance": lambda x: -np.log1p(x / 100),
    "twi": lambda x: 0.6 * x,
}


def known_region(n_rows=N_ROWS, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "slope": rng.uniform(0, 60, n_rows),
            "distance": rng.exponential(300, n_rows),
            "twi": rng.normal(size=n_rows),
        }
    )
    eta = sum(effect(X[name]) for name, effect in TRUE.items())
    return X, (rng.uniform(size=n_rows) < expit(eta)).astype(int)


@pytest.fixture(scope="module")
def region():
    return known_region()


@pytest.fixture(scope="module")
def model(region):
    return GAM().fit(*region)


class OurBasis(UnivariateGamSmoother):
    """Our columns and our penalty, for the solver of statsmodels."""

    def __init__(self, x):
        self.ours = make_basis(x, np.ones(len(x)), 10)
        super().__init__(x)

    def _smooth_basis_for_single_variable(self):
        columns = self.ours.columns(self.x)
        penalty = np.eye(columns.shape[1])
        penalty[0, 0] = LEAST / 2.0
        return columns, 0 * columns, 0 * columns, penalty


def test_probabilities_and_effects_at_one_penalty_are_those_of_statsmodels(region):
    X, y = region
    smoother = GenericSmoothers(X.to_numpy(), [OurBasis(X[name].to_numpy()) for name in X])
    # Its penalty is counted twice.
    other = GLMGam(y, np.ones((len(y), 1)), smoother, alpha=[1.0] * 3, family=Binomial())
    fitted = other.fit(maxiter=100, tol=1e-10)
    ours = GAM(penalty=2.0).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X)[:, 1], fitted.fittedvalues, atol=1e-9)
    effects = ours.partial_effects(X)
    for place, name in enumerate(X):
        values, _ = fitted.partial_values(place)
        np.testing.assert_allclose(effects[name], values - values.mean(), atol=1e-7)
    assert sum(ours.degrees_of_freedom_.values()) == pytest.approx(fitted.edf.sum() - 1, abs=1e-5)


def test_curves_are_near_those_of_the_splines_of_statsmodels(region, model):
    X, y = region
    # What its search by AIC chooses, which takes minutes.
    weights = [125.7, 5.5e6, 0.17]
    splines = BSplines(X.to_numpy(), df=[12] * 3, degree=[3] * 3)
    other = GLMGam(y, np.ones((len(y), 1)), splines, alpha=weights, family=Binomial()).fit()
    effects = model.partial_effects(X)
    for place, name in enumerate(X):
        values, _ = other.partial_values(place)
        inner = X[name].between(*X[name].quantile([0.02, 0.98]))
        assert np.abs(values - values.mean() - effects[name])[inner].max() < 0.4
        assert np.corrcoef(values, effects[name])[0, 1] > 0.97


@pytest.mark.parametrize(("name", "most"), [("slope", 0.4), ("distance", 0.2), ("twi", 0.2)])
def test_known_curves_are_found(region, model, name, most):
    X, _ = region
    values = X[name][X[name].between(*X[name].quantile([0.02, 0.98]))]
    expected = TRUE[name](values) - TRUE[name](X[name]).mean()
    assert np.abs(model.factor_effect(name, values) - expected).max() < most


def test_each_factor_uses_as_much_as_its_curve_needs(model):
    used = model.degrees_of_freedom_
    assert used["twi"] == pytest.approx(1, abs=0.1)
    assert used["slope"] > 4 and 1.5 < used["distance"] < 4


def test_a_factor_without_effect_is_left_with_next_to_none(region):
    X, y = region
    rng = np.random.default_rng(1)
    noise = pd.DataFrame(rng.normal(size=(N_ROWS, 6)), columns=[f"noise_{i}" for i in range(6)])
    found = GAM().fit(pd.concat([X, noise], axis=1), y).degrees_of_freedom_
    assert sum(found[name] for name in noise) < 3
    assert found["slope"] > 4


def test_effects_and_the_intercept_add_up_and_are_centered(region, model):
    X, _ = region
    effects = model.partial_effects(X)
    np.testing.assert_allclose(
        model.intercept_ + effects.sum(axis=1), logit(model.predict_proba(X)[:, 1])
    )
    np.testing.assert_allclose(effects.mean(), 0, atol=1e-12)
    np.testing.assert_array_equal(effects["slope"], model.factor_effect("slope", X["slope"]))


def test_a_large_penalty_gives_logistic_regression(region):
    X, y = region
    X = (X - X.mean()) / X.std()
    line = LogisticRegression(C=1e6, tol=1e-10, max_iter=1000).fit(X, y)
    stiff = GAM(penalty=1e9).fit(X, y)
    np.testing.assert_allclose(
        stiff.decision_function(X), line.decision_function(X), rtol=1e-3, atol=1e-3
    )


def test_a_smaller_penalty_fits_the_training_rows_better(region):
    X, y = region
    losses = [log_loss(y, GAM(penalty=p).fit(X, y).predict_proba(X)) for p in (100, 1, 0.01)]
    assert losses == sorted(losses, reverse=True)


def test_beyond_the_training_rows_a_curve_stays_at_the_height_of_its_end(region, model):
    X, _ = region
    for name in X:
        ends = model.factor_effect(name, [X[name].min(), X[name].max()])
        np.testing.assert_array_equal(model.factor_effect(name, [-1e9, 1e9]), ends)


def test_straight_lines_have_no_bends_wherever_the_knots_are():
    knots = np.array([0.0, 0.1, 0.2, 5.0, 5.5, 40.0])
    line = 3 - 2 * abscissae(knots)
    np.testing.assert_allclose(bends(knots) @ line, 0, atol=1e-12)
    values = np.linspace(0, 40, 50)
    np.testing.assert_allclose(design(values, knots) @ line, 3 - 2 * values, atol=1e-12)


def test_bends_of_even_splines_are_second_differences():
    knots = np.arange(12.0)
    inner = bends(knots)[3:-3, 3:-3]
    np.testing.assert_allclose(inner, np.diff(np.eye(inner.shape[1]), n=2, axis=0), atol=1e-12)


@pytest.mark.parametrize(
    ("weights", "expected"), [([1, 1, 1, 1], [0, 1, 2, 9]), ([1, 4, 0.5, 0.5], [0, 1, 9])]
)
def test_knots_part_the_weights_evenly(weights, expected):
    values = np.array([9.0, 1.0, 2.0, 0.0])[[3, 1, 2, 0]]
    assert quantile_knots(values, np.array(weights, float), 4).tolist() == expected


def test_offsets_of_classes_are_known_log_odds_drawn_to_their_mean():
    # 100 rows of each class, of which 10, 50 and 90 are landslides.
    soil = np.repeat(["clay", "silt", "sand"], 100)
    y = np.concatenate([np.arange(100) < n for n in (10, 50, 90)])
    X = pd.DataFrame({"soil": pd.Categorical(soil)})
    found = GAM(penalty=1e-3).fit(X, y).factor_effect("soil", ["clay", "silt", "sand"])
    np.testing.assert_allclose(found, logit([0.1, 0.5, 0.9]), atol=1e-3)
    drawn = GAM().fit(X, y).factor_effect("soil", ["clay", "silt", "sand"])
    assert np.all(np.abs(drawn[[0, 2]]) < logit(0.9)) and abs(drawn[0]) > 2


def test_a_class_that_was_never_seen_is_average_and_codes_are_known_in_any_type():
    X = pd.DataFrame({"soil": pd.Categorical(np.repeat([1, 2], 50))})
    y = np.r_[np.arange(50) < 10, np.arange(50) < 40].astype(int)
    model = GAM().fit(X, y)
    np.testing.assert_array_equal(
        model.factor_effect("soil", ["1", 2.0]), model.coefficients_["soil"]
    )
    assert model.factor_effect("soil", [1, 7]).tolist() == [model.coefficients_["soil"][0], 0]


def test_a_row_of_weight_two_is_the_row_twice(region):
    X, y = region[0][:300], region[1][:300]
    X = X.assign(soil=pd.Categorical(np.arange(300) % 4))
    weights = np.arange(300) % 3
    weighted = GAM().fit(X, y, sample_weight=weights)
    rows = np.repeat(np.arange(300), weights)
    repeated = GAM().fit(X.iloc[rows], y[rows])
    np.testing.assert_allclose(
        weighted.decision_function(X), repeated.decision_function(X), rtol=1e-6, atol=1e-8
    )


def test_a_quantity_that_does_not_vary_or_has_two_values_is_no_trouble(region):
    X, y = region
    X = X.assign(constant=3.0, wet=(X["twi"] > 0).astype(float))
    model = GAM().fit(X, y)
    assert model.partial_effects(X)["constant"].eq(0).all()
    assert model.degrees_of_freedom_["wet"] <= 1.01


def test_classes_that_a_factor_parts_completely_give_finite_curves():
    X = np.linspace(0, 1, 80)[:, None]
    model = GAM().fit(X, X[:, 0] > 0.5)
    assert roc_auc_score(X[:, 0] > 0.5, model.predict_proba(X)[:, 1]) == 1
    assert np.isfinite(model.decision_function(X)).all()
    assert all(np.all((p >= LEAST) & (p <= MOST)) for p in model.penalties_.values())


def test_a_missing_value_is_refused_in_one_line_that_names_the_column(region, model):
    X, y = region
    gaps = X.assign(twi=X["twi"].where(X.index > 2))
    with pytest.raises(ValueError, match=r"column 'twi' has no value in 3 of 1500 rows") as raised:
        GAM().fit(gaps, y)
    assert "\n" not in str(raised.value)
    with pytest.raises(ValueError, match=r"column 'twi' has no value in 3 of 1500 rows"):
        model.predict_proba(gaps)
    soil = pd.DataFrame({"soil": pd.Categorical(["a", None, "b", "a"])})
    with pytest.raises(ValueError, match=r"column 'soil' has no value in 1 of 4 rows"):
        GAM().fit(soil, [0, 1, 0, 1])


def test_a_factor_that_is_not_there_is_named_with_the_nearest(model):
    with pytest.raises(ValueError, match=r"'slop' is not a factor of this model.*slope"):
        model.factor_effect("slop", [1])


def test_in_a_pipeline_curves_have_the_units_of_the_table_and_gaps_are_filled(region):
    X, y = region
    gaps = X.assign(
        slope=X["slope"].where(X.index % 9 > 0), soil=pd.Categorical(np.arange(N_ROWS) % 3)
    )
    pipeline = make_landslide_pipeline(GAM(), random_state=0).fit(gaps, y)
    used = [name for name, step in pipeline.steps if step != "passthrough"]
    assert used == ["range", "impute", "mrmr", "model"]
    gam = pipeline[-1]
    assert list(gam.knots_) == list(TRUE) and list(gam.categories_) == ["soil"]
    assert 55 < gam.knots_["slope"][-1] < 60
    assert roc_auc_score(y, pipeline.predict_proba(gaps)[:, 1]) > 0.8


def test_effects_speak_for_landslides_whatever_their_label_is(region, model):
    X, y = region
    words = np.where(y == 1, "landslide", "none")
    named = GAM().fit(X, words)
    assert named.classes_.tolist() == ["landslide", "none"]
    pd.testing.assert_frame_equal(named.partial_effects(X), model.partial_effects(X))
    np.testing.assert_allclose(named.predict_proba(X)[:, 0], model.predict_proba(X)[:, 1])
    np.testing.assert_allclose(named.decision_function(X), -model.decision_function(X))


def test_ten_thousand_rows_settle_without_a_warning():
    X, y = known_region(10_000, seed=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = GAM().fit(X, y)
    grid = np.linspace(5, 55, 40)
    expected = TRUE["slope"](grid) - TRUE["slope"](X["slope"]).mean()
    assert np.abs(model.factor_effect("slope", grid) - expected).max() < 0.25
