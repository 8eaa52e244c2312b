"""Models on perturbed rows: the losses, whatever the processes, and runs that were cut off."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import ShuffleSplit, StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide._class_counts import real_counts
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.mapping import SusceptibilityZones, open_stack, predict_map, sample_stack
from sklearn_landslide.metrics import corrected_resampled_ttest
from sklearn_landslide.robustness import (
    FactorNoise,
    FewerRows,
    NoiseFactors,
    NoiseInOneFactor,
    Perturbation,
    ShiftedPositions,
    UnmappedLandslides,
    WithoutFactor,
    WrongLabels,
    default_perturbations,
    sensitivity,
)

LR = make_pipeline(StandardScaler(), LogisticRegression())
FOREST = RandomForestClassifier(5, max_depth=4)


def made_table(n_rows=240, seed=0):
    """One factor decides, the other says nothing; neither has bounds."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n_rows, 2)), columns=["curvature", "openness"])
    y = (X["curvature"] + 0.5 * rng.normal(size=n_rows) > 0).astype(int)
    return X, y


def losses(result, metric="roc_auc"):
    return result.summary(metric).set_index(["perturbation", "level"])["loss"]


class Told(DummyClassifier):
    """Notes how many landslides it is told that there are, and how many rows of them."""

    seen = []

    def fit(self, X, y):
        rows, places = real_counts(np.array([0, 1]), np.bincount(y))
        Told.seen.append((int(rows[1]), int(places[1])))
        return super().fit(X, y)


def test_models_are_told_that_the_cells_of_a_polygon_are_one_landslide():
    X, y = made_table(120)
    y = y.sort_values(kind="stable")
    X, y = X.loc[y.index], y.to_numpy()
    polygons = np.arange(len(y)) // 4
    Told.seen.clear()
    fewer = [FewerRows((0.5,)), WrongLabels((0.2,))]
    sensitivity(Told(), X, y, cv=3, groups=polygons, perturbations=fewer, n_repeats=1)
    # One polygon holds rows of both classes.
    assert len(Told.seen) == 9
    assert all(rows / 4 <= places <= rows / 4 + 1 for rows, places in Told.seen)


@pytest.fixture(scope="module")
def study():
    X, y = made_table()
    return sensitivity(
        {"LR": LR, "forest": FOREST},
        X,
        y,
        cv=3,
        perturbations=[WrongLabels((0.4, 0)), WithoutFactor(), NoiseInOneFactor()],
        n_repeats=2,
        random_state=0,
    )


def test_a_factor_that_decides_costs_and_one_of_noise_does_not():
    X, y = made_table(600)
    result = sensitivity(
        LR,
        X,
        y,
        perturbations=[WithoutFactor(), NoiseInOneFactor(share=2.0, where="both")],
        n_repeats=2,
        random_state=0,
    )
    found = losses(result)
    assert found["factor left out", "curvature"] > 0.3
    assert found["noise in one factor (all rows)", "curvature"] > 0.1
    for name in ("factor left out", "noise in one factor (all rows)"):
        assert abs(found[name, "openness"]) < 0.01


def test_a_loss_is_the_unperturbed_score_minus_the_perturbed_on_the_same_fold(study):
    table = study.table
    assert set(table["metric"]) == {"roc_auc", "average_precision", "neg_brier_score"}
    clean = table[table["perturbation"] == "none"].set_index(["model", "fold", "metric"])["score"]
    assert len(clean) == 2 * 3 * 3
    expected = [
        clean[key] for key in table[["model", "fold", "metric"]].itertuples(index=False, name=None)
    ]
    np.testing.assert_array_equal(table["loss"], np.array(expected) - table["score"])
    # Random ones are drawn twice a fold, the others once.
    counts = table[(table["metric"] == "roc_auc") & (table["model"] == "LR")]
    counts = counts.groupby(["perturbation", "level"]).size().to_dict()
    assert counts["wrong labels", 0.4] == counts["noise in one factor", "curvature"] == 6
    assert counts["factor left out", "curvature"] == counts["none", 0.0] == 3


def test_the_neutral_level_costs_exactly_nothing(study):
    level = study.table[
        (study.table["perturbation"] == "wrong labels") & (study.table["level"] == 0)
    ]
    assert len(level) == 36 and (level["loss"] == 0).all()


def test_a_factor_left_out_is_a_fit_without_the_column_to_the_bit(study):
    X, y = made_table()
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    for column in X:
        expected = cross_validate(LR, X.drop(columns=column), y, cv=folds, scoring="roc_auc")
        rows = study.table.query(
            "model == 'LR' and perturbation == 'factor left out' and level == @column "
            "and metric == 'roc_auc'"
        )
        assert rows["score"].tolist() == expected["test_score"].tolist()


def test_training_rows_alone_are_perturbed(study):
    """Labels turned round in 40 % of the training rows are not turned in what is scored."""
    X, y = made_table()
    seen = []

    @dataclass(frozen=True)
    class Watched(Perturbation):
        name = "watched"
        levels: tuple = (1.0,)

        def apply(self, train, test, level, rng):
            seen.append((set(train.rows), set(test.rows)))
            return replace(train, y=1 - train.y), test

    result = sensitivity(LR, X, y, cv=3, perturbations=Watched(), n_repeats=1, random_state=0)
    folds = StratifiedKFold(3, shuffle=True, random_state=0).split(X, y)
    assert seen == [(set(train), set(test)) for train, test in folds]
    # The model learned the opposite, and the truth is still the truth.
    rows = result.table.query("metric == 'roc_auc' and perturbation == 'watched'")
    clean = result.table.query("metric == 'roc_auc' and perturbation == 'none'")
    np.testing.assert_allclose(rows["score"], 1 - clean["score"].to_numpy())


def test_the_result_depends_on_the_seed_and_not_on_the_processes():
    X, y = made_table(120)

    def run(seed, n_jobs):
        table = sensitivity(
            {"LR": LR, "forest": FOREST},
            X,
            y,
            cv=2,
            n_repeats=1,
            n_jobs=n_jobs,
            perturbations=[FactorNoise((0.5,)), FewerRows((0.5,))],
            random_state=seed,
        ).table
        return table.drop(columns="fit_time")

    first = run(0, 1)
    pd.testing.assert_frame_equal(first, run(0, 2))
    other = run(1, 1)
    assert not first["score"].equals(other["score"])


def test_models_without_a_seed_get_one_and_the_given_estimator_stays():
    X, y = made_table(80)
    forest = make_pipeline(RandomForestClassifier(3))
    folds = list(ShuffleSplit(1, random_state=0).split(X))
    result = sensitivity(
        forest, X, y, cv=folds, perturbations=[WrongLabels((0,))], n_repeats=1, random_state=0
    )
    assert (result.table["loss"] == 0).all()
    assert forest[-1].random_state is None and not hasattr(forest[-1], "estimators_")
    assert result.table["model"].unique().tolist() == ["RandomForestClassifier"]


def test_means_and_standard_errors_are_those_of_the_folds(study):
    rows = study.table.query("model == 'LR' and metric == 'roc_auc'")
    rows = rows[(rows["perturbation"] == "wrong labels") & (rows["level"] == 0.4)]
    means = rows.groupby("fold")["loss"].mean()
    expected = corrected_resampled_ttest(means, np.zeros(3), n_train=160, n_test=80)
    summary = study.summary("roc_auc").set_index(["model", "perturbation", "level"])
    row = summary.loc["LR", "wrong labels", 0.4]
    assert row["loss"] == pytest.approx(rows["loss"].mean())
    assert row["standard_error"] == pytest.approx(expected.standard_error)
    assert row["clean"] - row["score"] == pytest.approx(row["loss"])
    assert row["n_folds"] == 3


def test_models_are_ranked_under_each_perturbation(study):
    ranks = study.ranks()
    rows = study.table.query("metric == 'roc_auc'")
    means = rows.groupby(["perturbation", "level", "model"])["score"].mean()
    assert ranks.index[0] == ("none", 0.0)
    for key, row in ranks.iterrows():
        best = means[key].idxmax()
        assert row[best] == row.min()
    assert (ranks.sum(axis=1) == 3).all()


def test_the_words_have_the_numbers_of_the_summary(study):
    text = study.in_words()
    loss = study.summary("roc_auc").set_index(["model", "perturbation", "level"])["loss"]
    assert (
        f"curvature left out costs most, {loss['LR', 'factor left out', 'curvature']:.3f} ±" in text
    )
    assert "wrong labels, forest: 40 % of the labels wrong costs" in text
    assert "has the highest mean score" in text
    assert "curvature" in study.to_markdown() and study.to_text() in repr(study)
    with pytest.raises(ValueError, match="'f1' was not scored"):
        study.in_words("f1")


def test_the_table_is_written_as_it_is(study, tmp_path):
    study.to_csv(tmp_path / "sensitivity.csv")
    back = pd.read_csv(tmp_path / "sensitivity.csv")
    np.testing.assert_allclose(back["loss"], study.table["loss"], atol=1e-15)
    assert set(back["level"]) == {"0.0", "0.4", "curvature", "openness"}


# --- a run that is cut off ------------------------------------------------------------------


class Cut(Exception):
    """What stands for a kill."""


def test_a_run_that_was_cut_off_goes_on_and_ends_as_any_other(tmp_path):
    X, y = made_table(120)
    path, told = tmp_path / "fits.csv", []
    study = {"cv": 2, "perturbations": [WrongLabels((0.1, 0.3))], "n_repeats": 2, "random_state": 0}
    whole = sensitivity(LR, X, y, **study).table

    def stop_after_four(n_done, n_all):
        if n_done == 4:
            raise Cut

    with pytest.raises(Cut):
        sensitivity(LR, X, y, **study, fits_file=path, progress=stop_after_four)
    with open(path, "a") as file:
        file.write("a line that was not fini")
    result = sensitivity(
        LR, X, y, **study, fits_file=path, progress=lambda *counts: told.append(counts)
    )
    assert told == [(n, 10) for n in range(4, 11)]
    columns = whole.columns.drop("fit_time")
    pd.testing.assert_frame_equal(result.table[columns], whole[columns])
    # A further level is fitted, what is there is not; another seed or table shares nothing.
    for changed, n_known in (
        ({"perturbations": [WrongLabels((0.3, 0.1, 0.2))]}, 10),
        ({"perturbations": [WrongLabels((0.3,), which="others")]}, 2),
        ({"random_state": 1}, 0),
    ):
        told.clear()
        progress = {"progress": lambda *counts: told.append(counts)}
        sensitivity(LR, X, y, **(study | changed), fits_file=path, **progress)
        assert told[0][0] == n_known
    told.clear()
    sensitivity(LR, X + 1, y, **study, fits_file=path, **progress)
    assert told[0][0] == 0
    with pytest.raises(ValueError, match="does not hold fits with the scores accuracy"):
        sensitivity(LR, X, y, **study, scoring="accuracy", fits_file=path)


# --- what is known of the truth, and rasters ------------------------------------------------


@pytest.fixture(scope="module")
def region():
    made = make_landslides(400, shape=(60, 80), return_stack=True, as_frame=True, random_state=0)
    side, _, west, _, _, north = made.transform
    import xarray as xr

    cells = {
        "y": north - side * (np.arange(60) + 0.5),
        "x": west + side * (np.arange(80) + 0.5),
    }
    made.data = made.data[["slope", "rainfall", "twi", "lithology"]]
    bands = {name: xr.DataArray(made.stack[name], cells) for name in made.data}
    stack = open_stack(bands, crs="EPSG:32650", categorical=["lithology"])
    return made, stack


def test_the_truth_is_known_less_well_from_wrong_labels(region):
    made, _ = region
    pipeline = make_landslide_pipeline(LogisticRegression(), resample=None)
    result = sensitivity(
        pipeline,
        made.data,
        made.target,
        cv=3,
        perturbations=[WrongLabels((0.3,))],
        n_repeats=2,
        true_probability=made.true_probability,
        random_state=0,
    )
    (row,) = result.summary("truth_rank_correlation").to_dict("records")
    assert row["clean"] > 0.4 and row["loss"] > 0.02


def test_zones_change_where_labels_are_wrong_and_not_where_nothing_is(region):
    made, stack = region
    pipeline = make_landslide_pipeline(LogisticRegression(), resample=None)
    result = sensitivity(
        {"LR": pipeline},
        made.data,
        made.target,
        cv=2,
        n_repeats=1,
        perturbations=[WrongLabels((0.3,)), ShiftedPositions((60,)), NoiseFactors((1,))],
        coordinates=made.coordinates,
        stack=stack,
        random_state=0,
    )
    assert not result.skipped
    nothing = result.zone_changes("LR", "wrong labels", 0)
    assert nothing.share == 0 and float(abs(nothing.map).max()) == 0
    changes = result.zone_changes("LR", "wrong labels", 0.3)
    assert 0.02 < changes.share < 0.9
    assert float((changes.map != 0).mean()) == pytest.approx(changes.share)
    assert changes.table.to_numpy().sum() == pytest.approx(1)
    # The edges are those of the unperturbed map.
    model = pipeline.fit(made.data, made.target)
    edges = SusceptibilityZones().fit(predict_map(model, stack).compute()).edges_
    np.testing.assert_allclose(changes.zones.edges_, edges)
    with pytest.raises(ValueError, match="no raster has 'noise_1'"):
        result.zone_changes("LR", "factors of noise added", 1)
    with pytest.raises(ValueError, match="'RF'; there are 'LR'"):
        result.zone_changes("RF", "wrong labels", 0.3)


def test_real_landslides_mapped_far_off_cost_more_than_near_ones(real_data):
    stack = open_stack(real_data / "ecuador_terrain.tif")
    table = sample_stack(stack, real_data / "ecuador_points.csv")
    result = sensitivity(
        make_landslide_pipeline(LogisticRegression(), resample=None),
        table.X,
        table.y,
        cv=3,
        perturbations=[ShiftedPositions((10, 300))],
        n_repeats=1,
        coordinates=table.coordinates,
        stack=stack,
        random_state=0,
    )
    found = losses(result)["landslides shifted"]
    assert found[10] < 0.1 < found[300]


# --- what is refused or skipped -------------------------------------------------------------


def test_what_needs_rasters_is_skipped_with_a_reason():
    X, y = made_table(60)
    result = sensitivity(
        DummyClassifier(),
        X,
        y,
        cv=2,
        n_repeats=1,
        perturbations=[p for p in default_perturbations() if p.name != "other class ratio"],
    )
    assert set(result.skipped) == {"landslides shifted", "other absences"}
    assert "Not done: landslides shifted, as it needs the rasters" in result.in_words()
    assert "every" in result.in_words() or "no level costs" in result.in_words()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"perturbations": []}, ValueError, "perturbations is empty"),
        ({"perturbations": ["labels"]}, TypeError, "'labels' is not a Perturbation"),
        (
            {"perturbations": [FewerRows((0.1,)), FewerRows((0.2,))]},
            ValueError,
            "'fewer rows' is taken",
        ),
        ({"perturbations": [WithoutFactor(("x",))]}, ValueError, "no factor 'x'"),
        ({"on_error": "warn"}, ValueError, "on_error must be 'skip' or 'raise'"),
        ({"n_repeats": 0}, ValueError, "n_repeats must be a whole number"),
        ({"cv": 50}, ValueError, "fewer than the 50 folds"),
        ({"coordinates": np.zeros((3, 2))}, ValueError, "coordinates has 3 points"),
        ({"true_probability": np.full(60, 2.0)}, ValueError, "60 numbers from 0 to 1"),
        ({"estimator": {}}, ValueError, "estimator is empty"),
        ({"estimator": StandardScaler()}, (TypeError, ValueError), "classifier"),
    ],
)
def test_wrong_input_is_refused_before_any_fit(options, error, message):
    X, y = made_table(60)
    options = {"estimator": LR, "perturbations": [UnmappedLandslides()]} | options
    with pytest.raises(error, match=message):
        sensitivity(options.pop("estimator"), X, y, **options)


def test_a_perturbed_fit_that_fails_is_missing_and_said(tmp_path):
    """SMOTE with 5 neighbors needs 6 landslides; a twentieth of 17 are fewer."""
    X, y = made_table(120)
    y = (X["curvature"] > 0.8).astype(int)
    pipeline = make_landslide_pipeline(LogisticRegression(), random_state=0)
    study = {"cv": 3, "perturbations": [FewerRows((0.2, 0.95))], "n_repeats": 1}
    study |= {"random_state": 0, "fits_file": tmp_path / "fits.csv"}
    result = sensitivity({"LR": pipeline}, X, y, **study)
    again = sensitivity({"LR": pipeline}, X, y, **study)
    assert result.failures == again.failures
    ((case, (n_failed, n_fits, why)),) = result.failures.items()
    assert case == ("LR", "fewer rows", 0.95) and n_failed == n_fits == 3
    assert f"fewer rows 0.95, LR: 3 of 3 fits failed: {why}" in result.in_words()
    summary = result.summary("roc_auc").set_index("level")
    assert np.isnan(summary.loc[0.95, "loss"]) and summary.loc[0.95, "n_folds"] == 0
    assert summary.loc[0.2, "n_folds"] == 3
    assert result.to_markdown().endswith("| fewer rows | 0.95 | - |")
    with pytest.raises(ValueError, match="needs at least 6"):
        sensitivity({"LR": pipeline}, X, y, **(study | {"fits_file": None}), on_error="raise")


def test_a_fit_that_fails_is_named():
    X, y = made_table(60)
    X.loc[0, "curvature"] = np.nan
    with pytest.raises(ValueError) as caught:
        sensitivity(LR, X, y, cv=2, perturbations=[FewerRows()], random_state=0)
    assert "while fitting 'LogisticRegression' in fold" in caught.value.__notes__[-1]


def test_a_perturbation_that_fails_or_touches_what_is_scored_is_named():
    X, y = made_table(60)

    @dataclass(frozen=True)
    class Wrong(Perturbation):
        name = "wrong"
        levels: tuple = (1.0,)

        def apply(self, train, test, level, rng):
            return train, replace(test, y=1 - test.y)

    with pytest.raises(ValueError, match="leave the held-out labels as they are") as caught:
        sensitivity(LR, X, y, cv=2, perturbations=[Wrong()], n_jobs=2)
    assert "perturbation 'wrong' at the level 1.0" in caught.value.__notes__[-1]
