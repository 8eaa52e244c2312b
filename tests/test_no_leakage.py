"""Nothing is learned from a test fold: on pure noise, and value by value."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score, cross_validate
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_landslide import MRMRSelector, compare_models, make_landslide_pipeline
from sklearn_landslide.baselines import WeightsOfEvidence

SEEDS = range(8)
N_NO, N_SLIDE, N_FACTORS, N_SELECTED = 75, 25, 100, 20
# Standard deviation over seeds of the mean ROC-AUC of five folds on such noise, measured on 40
# seeds for a plain scikit-learn pipeline (scaling, SelectKBest, SVC). The folds share training
# rows, so it is above the 0.067 that the Mann-Whitney formula gives for independent scores.
SPREAD = 0.09


def noise(seed):
    """Labels that have nothing to do with the factors."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat([0, 1], [N_NO, N_SLIDE]))
    return rng.normal(size=(y.size, N_FACTORS)), y


def folds(seed):
    return StratifiedKFold(5, shuffle=True, random_state=seed)


def leaky_auc(seed):
    """Return what the recipe gives that selects, scales and resamples all rows and then splits."""
    X, y = noise(seed)
    X = StandardScaler().fit_transform(MRMRSelector(N_SELECTED).fit_transform(X, y))
    X, y = SMOTE(random_state=seed).fit_resample(X, y)
    model = SVC()
    return cross_val_score(model, X, y, cv=folds(seed), scoring="roc_auc").mean()


def honest_auc(seed):
    X, y = noise(seed)
    chain = make_landslide_pipeline(SVC(), n_features_to_select=N_SELECTED, random_state=seed)
    return cross_val_score(chain, X, y, cv=folds(seed), scoring="roc_auc").mean()


def test_noise_scores_one_half_in_the_pipeline_and_over_nine_tenths_in_the_leaky_recipe():
    honest = np.mean([honest_auc(seed) for seed in SEEDS])
    leaky = np.mean([leaky_auc(seed) for seed in SEEDS])
    assert abs(honest - 0.5) < 3 * SPREAD / np.sqrt(len(SEEDS))
    assert leaky > 0.9


def test_noise_scores_one_half_in_compare_models():
    scores = []
    for seed in SEEDS[:4]:
        X, y = noise(seed)
        comparison = compare_models({"LR": LogisticRegression()}, X, y, random_state=seed)
        scores.append(comparison.table.loc["LR", "roc_auc"])
    assert abs(np.mean(scores) - 0.5) < 3 * SPREAD / np.sqrt(len(scores))


def fitted_values(value, path="", seen=None):
    """Yield every number, text and array inside a fitted object, with the way to it."""
    seen = set() if seen is None else seen
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index):
        yield path, np.asarray(value, dtype=object).tolist()
    elif isinstance(value, np.ndarray) and value.dtype != object:
        yield path, value.tobytes()
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from fitted_values(item, f"{path}.{key}", seen)
    elif isinstance(value, list | tuple | np.ndarray):
        for position, item in enumerate(value):
            yield from fitted_values(item, f"{path}[{position}]", seen)
    elif hasattr(value, "node_count"):
        yield from fitted_values(value.__getstate__(), path, seen)
    elif hasattr(value, "__dict__") and not isinstance(value, type) and id(value) not in seen:
        seen.add(id(value))
        yield from fitted_values(vars(value), path, seen)
    elif isinstance(value, str | int | float | bool | None | np.generic):
        yield path, repr(value)


@pytest.fixture
def region():
    rng = np.random.default_rng(0)
    n = 120
    X = pd.DataFrame(
        {
            "slope": rng.uniform(0, 60, n),
            "rainfall": rng.gamma(4, 20, n),
            "soil": pd.Categorical(rng.integers(1, 5, n)),
            "rock": pd.Categorical(rng.choice(["granite", "shale"], n)),
        }
    )
    X.loc[rng.choice(n, 10), "rainfall"] = np.nan
    return X, (X["slope"] + 10 * rng.normal(size=n) > 40).astype(int).to_numpy()


def poison(X, y, rows):
    """Change everything about some rows: values, gaps, categories, labels."""
    X, y = X.astype({"soil": object, "rock": object}), y.copy()
    half = len(rows) // 2
    X.loc[rows[:half], "slope"] = 89.0
    X.loc[rows[half:], "slope"] = -9999.0
    X.loc[rows, "rainfall"] = 1e6
    X.loc[rows, "soil"] = 77
    X.loc[rows, "rock"] = "asbestos"
    y[rows] = 1 - y[rows]
    return X.astype({"soil": "category", "rock": "category"}), y


MODELS = [LogisticRegression(), RandomForestClassifier(5, random_state=0), WeightsOfEvidence()]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_poisoned_test_rows_change_no_fitted_value(region, model):
    X, y = region
    train, test = next(folds(0).split(X, y))
    chain = make_landslide_pipeline(model, n_features_to_select=3, random_state=0)
    states = []
    for table, labels in [(X, y), poison(X, y, test)]:
        result = cross_validate(
            chain, table, labels, cv=[(train, test)], return_estimator=True, error_score="raise"
        )
        states.append(dict(fitted_values(result["estimator"][0])))
    assert len(states[0]) > 100
    assert states[0] == states[1]


def test_the_comparison_of_fitted_values_notices_one_poisoned_training_row(region):
    X, y = region
    train, _ = next(folds(0).split(X, y))
    chain = make_landslide_pipeline(LogisticRegression(), random_state=0)
    clean = dict(fitted_values(chain.fit(X.iloc[train], y[train])))
    bad_X, bad_y = poison(X, y, train[:2])
    bad = dict(fitted_values(chain.fit(bad_X.iloc[train], bad_y[train])))
    different = {path for path in clean if clean[path] != bad.get(path)}
    for step in ("range", "impute", "scale", "mrmr", "resample", "encode", "model"):
        position = list(chain.named_steps).index(step)
        assert any(path.startswith(f".steps[{position}]") for path in different), step
