"""From storms over a synthetic region to a model that reads them: every step with the real net."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut

from sklearn_landslide import LandslideNet, compare_models, make_landslide_pipeline
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.persistence import load_model, save_model


@pytest.fixture(scope="module")
def region():
    return make_landslides(
        900,
        landslide_share=0.3,
        missing_share=0.01,
        outlier_share=0.001,
        sequences=24,
        shape=(60, 80),
        as_frame=True,
        random_state=0,
    )


def net(region, **params):
    params = {"max_epochs": 6, "n_members": 2, "random_state": 0} | params
    return LandslideNet(sequences=region.sequences, **params)


@pytest.fixture(scope="module")
def halves(region):
    """Rows of half of the storms, and of the others."""
    first = region.event % 2 == 0
    return np.flatnonzero(first), np.flatnonzero(~first)


@pytest.fixture(scope="module")
def chain(region, halves):
    # The default recipe: longer, a net learns the storms of its training rows by heart.
    recipe = net(region, max_epochs="auto", n_members="auto")
    pipeline = make_landslide_pipeline(recipe, resample=False, random_state=0)
    return pipeline.fit(region.data.iloc[halves[0]], region.target.iloc[halves[0]])


def score(model, X, y, columns=None):
    X = X if columns is None else X[columns]
    return roc_auc_score(y, model.predict_proba(X)[:, 1])


def test_rain_tells_of_new_storms_what_static_factors_cannot(region, halves, chain):
    known, new = halves
    static = region.feature_names[:16]
    without = make_landslide_pipeline(
        LandslideNet(max_epochs=6, n_members=2, random_state=0), random_state=0
    ).fit(region.data.iloc[known][static], region.target.iloc[known])
    X, y = region.data.iloc[new], region.target.iloc[new]
    assert score(chain, X, y) > score(without, X, y, static) + 0.05


def test_hours_that_matter_are_found_by_attention_and_by_permutation(region, halves, chain):
    X, y = region.data.iloc[halves[1]], region.target.iloc[halves[1]]
    hours = region.sequences["rain"]
    table = chain[:4].transform(X)
    attended = chain["model"].attention(table).hours["rain"].mean()
    rng = np.random.default_rng(0)

    def lost(block):
        shuffled = table.copy()
        shuffled[block] = table[block].to_numpy()[rng.permutation(len(table))]
        return score(chain["model"], table, y) - score(chain["model"], shuffled, y)

    # A dry place has no hour to tell from another.
    failed = y.to_numpy() == 1
    fallen = table[hours].to_numpy() * region.true_hour_weight[halves[1]]
    attended = chain["model"].attention(table[failed]).hours["rain"]
    shares = {"truth": fallen[failed].mean(axis=0), "attention": attended.mean().to_numpy()}
    for name, share in shares.items():
        by_block = share.reshape(4, 6).sum(axis=1)
        assert by_block[3] > 1.4 * by_block[:3].max(), name
    by_block = [lost(hours[start : start + 6]) for start in range(0, 24, 6)]
    assert by_block[3] > 2 * max(by_block[:3])


def test_a_saved_chain_gives_the_same_bits_for_gaps_too(region, halves, chain, tmp_path):
    save_model(chain, tmp_path / "chain.zip")
    X = region.data.iloc[halves[1]]
    loaded = load_model(tmp_path / "chain.zip")
    loaded = getattr(loaded, "pipeline", loaded)
    np.testing.assert_array_equal(loaded.predict_proba(X), chain.predict_proba(X))


def test_grid_search_reaches_the_net_behind_the_series(region):
    pipeline = make_landslide_pipeline(net(region, max_epochs=1), random_state=0)
    search = GridSearchCV(
        pipeline,
        {"model__module__lstm": [True, False], "mrmr__n_features_to_select": [4]},
        cv=LeaveOneGroupOut(),
        scoring="roc_auc",
        error_score="raise",
    ).fit(region.data, region.target, groups=region.event // 12)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_estimator_["model"].n_features_in_ == 4 + 24


def test_a_comparison_tells_the_net_of_the_hours_and_gives_them_to_the_forest(region):
    comparison = compare_models(
        {
            "net": LandslideNet(max_epochs=1, n_members=2, random_state=0),
            "forest": RandomForestClassifier(20, random_state=0),
        },
        region.data,
        region.target,
        cv=2,
        sequences=region.sequences,
        random_state=0,
    )
    assert list(comparison.table.index) == ["net", "forest"]
    assert (comparison.table["roc_auc"] > 0.5).all()


def test_a_selector_that_drops_an_hour_before_the_net_is_named(region):
    X = region.data.drop(columns="rain_007")
    with pytest.raises(
        ValueError, match="'rain_007', which is not a column of the table"
    ) as caught:
        net(region).fit(X, region.target)
    assert "\n" not in str(caught.value)
