"""The command compare: what it prints and writes, and how it fails."""

import os
import re
import resource
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.commands import QUICK, ROLES, SCORES, make_places, refused, tree

from sklearn_landslide.cli import main
from sklearn_landslide.cli._comparison import FILES
from sklearn_landslide.cli._progress import FoldsOfModels
from sklearn_landslide.map_products import _progress
from sklearn_landslide.model_selection import SpatialBlockKFold

# --- what a comparison gives ----------------------------------------------------------------


def test_compare_prints_the_comparison_and_writes_what_it_printed(places, tmp_path, capsys):
    out = tmp_path / "new" / "results"
    models = ["RF", "LR"]
    code = main(["compare", str(places), *ROLES, *QUICK, "--models", *models, "--out", str(out)])
    printed, err = capsys.readouterr()
    assert code == 0
    # How much there is to do, and a line for each model as it is done, in the order asked for.
    # A slow machine has lines on the folds between.
    said = [line.split(":")[0] for line in err.splitlines()]
    assert list(dict.fromkeys(said)) == ["6 fits", *models]
    assert "90 places, 30 landslides (33 %), 3 factors (1 categorical), 3 folds" in printed

    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    table = pd.read_csv(out / "comparison.csv", index_col="model")
    folds = pd.read_csv(out / "folds.csv")
    predictions = pd.read_csv(out / "predictions.csv")
    assert sorted(table.index) == sorted(models)
    models = list(table.index)
    means = folds.groupby("model")[SCORES].mean().loc[models]
    pd.testing.assert_frame_equal(table[SCORES], means)
    for model in models:
        row = next(line for line in printed.splitlines() if line.startswith(model))
        cells = re.findall(r"\d\.\d{3}(?= ±)", row)
        assert cells == [f"{value:.3f}" for value in means.loc[model]]
    assert all(model in (out / "comparison.md").read_text() for model in models)

    frame = make_places()
    assert list(predictions.columns) == ["row", "x", "y", "fold", "y_true", *models]
    assert list(predictions["row"]) == list(range(90))
    assert list(predictions["y_true"]) == list(frame["landslide"])
    assert np.allclose(predictions[["x", "y"]], frame[["x", "y"]])
    # The probabilities are those that were scored.
    for model in models:
        brier = ((predictions[model] - predictions["y_true"]) ** 2).groupby(predictions["fold"])
        expected = folds.loc[folds["model"] == model, "brier"].to_numpy()
        assert np.allclose(brier.mean(), expected)
    assert (out / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_the_models_are_in_the_order_of_their_rank_in_all_that_is_written(places, tmp_path, capsys):
    out, models = tmp_path / "results", ["FR", "Slope", "LR"]
    options = [*ROLES, "--cv", "3", "--n-jobs", "1", "--report", "--out", str(out)]
    assert main(["compare", str(places), *options, "--models", *models]) == 0
    printed, _ = capsys.readouterr()
    scores = pd.read_csv(out / "comparison.csv", index_col="model")["roc_auc"]
    rank = scores.sort_values(ascending=False).index.tolist()
    assert rank != models and scores.is_unique
    assert scores.index.tolist() == rank
    for lines in (printed.splitlines(), (out / "comparison.md").read_text().splitlines()):
        first = [line.strip("| ").split(" ")[0] for line in lines]
        assert [word for word in first if word in models] == rank
    assert pd.read_csv(out / "folds.csv")["model"].drop_duplicates().tolist() == rank
    assert pd.read_csv(out / "predictions.csv").columns[-3:].tolist() == rank
    assert f"{', '.join(rank)}; 3 folds" in (out / "report.html").read_text(encoding="utf-8")


def test_a_threshold_other_than_one_half_is_told_with_its_number(tmp_path, capsys):
    frame = make_places(150)
    frame["landslide"] = (np.arange(150) % 10 == 0).astype(int)
    frame.to_csv(tmp_path / "rare.csv", index=False)
    out = tmp_path / "results"
    argv = ["compare", str(tmp_path / "rare.csv"), *ROLES, *QUICK]
    assert main([*argv, "--report", "--out", str(out)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    said = "count a place as a landslide from a probability of 0.1 on, not from 0.5"
    thresholds = pd.read_csv(out / "folds.csv")["threshold"]
    assert np.allclose(thresholds, 0.1)
    for text in (printed, *((out / name).read_text() for name in ("comparison.md", "report.html"))):
        assert said in text.replace("\N{NO-BREAK SPACE}", " ")
    frame["landslide"] = np.arange(150) % 2
    frame.to_csv(tmp_path / "rare.csv", index=False)
    assert main(argv) == 0
    assert "not from 0.5" not in capsys.readouterr().out


def test_groups_of_landslides_are_counted_on_the_terminal_and_in_the_report(tmp_path, capsys):
    frame = make_places(90).sort_values("landslide")
    frame["slide"] = np.arange(90) // 2
    frame.to_csv(tmp_path / "cells.csv", index=False)
    out = tmp_path / "results"
    argv = [str(tmp_path / "cells.csv"), *ROLES, "--groups", "slide"]
    assert main(["compare", *argv, *QUICK, "--report", "--out", str(out)]) == 0
    said = "30 landslides (33 %) in 15 groups"
    assert said in capsys.readouterr().out
    page = (out / "report.html").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert f"90 rows, of which {said}; 3 factors" in page
    assert main(["check", *argv]) in (0, 1)
    assert f"90 rows, {said}, 3 factors" in " ".join(capsys.readouterr().out.split())


def test_without_out_nothing_is_written(places, tmp_path, capsys):
    before = tree(tmp_path)
    assert main(["compare", str(places), *ROLES, *QUICK]) == 0
    assert "ROC-AUC" in capsys.readouterr().out
    assert tree(tmp_path) == before


def test_a_quick_comparison_is_marked_as_a_trial_and_tells_its_fits(places, tmp_path, capsys):
    out = tmp_path / "out"
    argv = ["compare", str(places), *ROLES, "--models", "LR", "GAM", "--n-jobs", "1", "--quick"]
    assert main([*argv, "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "3 folds, seed 0 - QUICK TRIAL" in said.out.splitlines()[0]
    assert said.err.splitlines()[0] == "6 fits: 2 models in 3 folds, LR first"
    assert "QUICK TRIAL" in (out / "comparison.md").read_text()
    # Folds that are asked for are kept.
    assert main([*argv, "--cv", "2"]) == 0
    assert "2 folds, seed 0 - QUICK TRIAL" in capsys.readouterr().out


def test_table_and_plan_are_said_before_any_worker_starts_or_model_fits(
    places, capsys, monkeypatch
):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("sklearn_landslide.cli._console._start_workers", interrupted)
    argv = ["compare", str(places), *ROLES, "--models", "LR", "RF", "--cv", "3", "--n-jobs", "2"]
    assert main(argv) == 130
    said = capsys.readouterr()
    assert said.out.startswith("90 places, 30 landslides")
    assert said.err.splitlines()[0] == "6 fits: 2 models in 3 folds, LR first"


def test_the_start_of_the_workers_is_no_time_of_the_first_fold(capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now[0])

    def start():
        now[0] = 100.0

    with FoldsOfModels(1, start) as show:
        show("LR", 0, 5)
        now[0] = 110.0
        show("LR", 1, 5)
    assert capsys.readouterr().err.splitlines()[1] == "LR: 1 of 5 folds, about 40 s left"


def test_the_seed_decides_the_result(places, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        out = ["--out", str(tmp_path / name)]
        assert main(["compare", str(places), *ROLES, *QUICK, "--seed", str(seed), *out]) == 0
    first, same, other = (
        (tmp_path / name / "predictions.csv").read_bytes() for name in ("a", "b", "c")
    )
    assert first == same
    assert first != other


def test_the_result_does_not_depend_on_the_number_of_processes(places, tmp_path):
    for jobs in ("1", "2"):
        out = ["--out", str(tmp_path / jobs)]
        assert main(["compare", str(places), *ROLES, *QUICK, "--n-jobs", jobs, *out]) == 0
    first, second = (tmp_path / jobs / "predictions.csv" for jobs in ("1", "2"))
    assert first.read_bytes() == second.read_bytes()


def test_a_european_export_is_compared_as_any_other_table(places, tmp_path):
    """Semicolons, decimal commas, a byte order mark, Windows line ends, names with spaces."""
    frame = make_places().rename(columns={"slope": "Hangneigung °", "landslide": "rutsch, ja/nein"})
    path = tmp_path / "export.csv"
    frame.to_csv(
        path, index=False, sep=";", decimal=",", encoding="utf-8-sig", lineterminator="\r\n"
    )
    roles = ["--target", "rutsch, ja/nein", "--categorical", "soil", "--coordinates", "x", "y"]
    assert main(["compare", str(path), *roles, *QUICK, "--out", str(tmp_path / "a")]) == 0
    assert main(["compare", str(places), *ROLES, *QUICK, "--out", str(tmp_path / "b")]) == 0
    first, second = (pd.read_csv(tmp_path / name / "predictions.csv") for name in "ab")
    pd.testing.assert_frame_equal(first, second)


def test_an_excel_sheet_is_compared(tmp_path, capsys):
    path = tmp_path / "places.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"remarks": ["none"]}).to_excel(book, sheet_name="notes")
        make_places().to_excel(book, sheet_name="places", index=False)
    assert main(["compare", str(path), *ROLES, *QUICK, "--sheet", "places"]) == 0
    assert "90 places, 30 landslides" in capsys.readouterr().out
    assert main(["compare", str(path), *ROLES, *QUICK, "--sheet", "1"]) == 0


def test_epochs_reach_the_networks(places, tmp_path):
    predictions = []
    for epochs in ("1", "2"):
        out = tmp_path / epochs
        arguments = [*QUICK, "--models", "CNN", "LR", "--epochs", epochs, "--out", str(out)]
        assert main(["compare", str(places), *ROLES, *arguments]) == 0
        predictions.append(pd.read_csv(out / "predictions.csv"))
    assert not np.allclose(predictions[0]["CNN"], predictions[1]["CNN"])
    assert np.allclose(predictions[0]["LR"], predictions[1]["LR"])


def test_real_points_are_compared_with_coordinates_apart(real_data, tmp_path):
    out = tmp_path / "results"
    path = real_data / "ecuador_points.csv"
    roles = ["--target", "landslide", "--coordinates", "x", "y"]
    assert main(["compare", str(path), *roles, *QUICK, "--cv", "5", "--out", str(out)]) == 0
    table = pd.read_csv(out / "comparison.csv", index_col="model")
    # About .81 is known for these rows in five random folds.
    assert 0.74 < table.loc["LR", "roc_auc"] < 0.86
    predictions = pd.read_csv(out / "predictions.csv")
    assert predictions["x"].between(712_000, 716_000).all()


# --- honest folds and the report ------------------------------------------------------------


def test_spatial_folds_are_those_of_the_library(places, tmp_path, capsys):
    from sklearn_landslide.model_selection import SpatialBlockKFold

    out = tmp_path / "results"
    options = ["--split", "spatial", "--buffer", "60", "--seed", "2", "--out", str(out)]
    assert main(["compare", str(places), *ROLES, *QUICK, *options]) == 0
    assert "3 spatial folds with a buffer of 60 m, seed 2" in capsys.readouterr().out
    frame = make_places()
    cv = SpatialBlockKFold(frame[["x", "y"]], 3, buffer=60, random_state=2)
    splits = list(cv.split(frame, frame["landslide"]))
    folds, predictions = (pd.read_csv(out / f"{name}.csv") for name in ("folds", "predictions"))
    assert folds["n_train"].tolist() == [len(train) for train, _ in splits]
    assert folds["n_train"].sum() < 2 * 90  # the buffer left some out
    for fold, (_, test) in enumerate(splits):
        assert predictions.loc[predictions["fold"] == fold, "row"].tolist() == test.tolist()


def test_squares_as_wide_as_the_factors_are_alike(tmp_path, capsys):
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 6000, (400, 2))
    columns, rows = np.floor(points / 500).astype(int).T
    frame = pd.DataFrame({"x": points[:, 0], "y": points[:, 1]})
    frame["ndvi"] = rng.normal(size=(13, 13))[rows, columns]
    frame["landslide"] = rng.integers(0, 2, 400)
    path, out = tmp_path / "places.csv", tmp_path / "results"
    frame.to_csv(path, index=False)
    roles = ["--target", "landslide", "--coordinates", "x", "y", "--models", "LR", "--n-jobs", "1"]
    options = ["--split", "spatial", "--block-size", "range", "--buffer", "range", "--report"]
    assert main(["compare", str(path), *roles, *options, "--cv", "3", "--out", str(out)]) == 0
    words = r"blocks of (\d+) m and a buffer of \1 m, the median range of the factors"
    printed = capsys.readouterr().out
    found = re.search(rf"3 spatial folds with {words}, seed 0", printed)
    assert 400 < int(found[1]) < 900
    assert re.search(words, (out / "comparison.md").read_text())[1] == found[1]
    page = (out / "report.html").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(words, page)[1] == found[1]
    frame["ndvi"] = rng.normal(size=400)
    frame.to_csv(path, index=False)
    _, err = refused(capsys, tmp_path, "compare", path, *roles, *options, "--out", tmp_path / "no")
    assert "--block-size range: none of the 1 factors is similar at nearby places" in err
    assert "Give --block-size in meters" in err


@pytest.mark.parametrize("categorical", [True, False])
def test_each_stratum_is_left_out_once_and_is_a_factor_only_if_told(tmp_path, capsys, categorical):
    path, out = tmp_path / "places.csv", tmp_path / "results"
    frame = make_places()
    frame.to_csv(path, index=False)
    roles = ["--target", "landslide", "--coordinates", "x", "y", "--strata", "soil"]
    roles += ["--categorical", "soil"] if categorical else []
    options = ["--split", "strata", "--models", "LR", "--n-jobs", "1", "--out", str(out)]
    assert main(["compare", str(path), *roles, *options]) == 0
    printed = capsys.readouterr().out
    assert f"{2 + categorical} factors ({int(categorical)} categorical), 3 folds of soil" in printed
    predictions = pd.read_csv(out / "predictions.csv")
    for fold, soil in enumerate(["clay", "loam", "sand"]):
        assert set(frame["soil"][predictions["fold"] == fold]) == {soil}


def test_small_strata_are_tested_together(tmp_path, capsys):
    frame = make_places()
    frame.loc[:5, "soil"] = "peat"
    path = tmp_path / "places.csv"
    frame.to_csv(path, index=False)
    options = ["--split", "strata", "--strata", "soil", "--models", "LR", "--n-jobs", "1"]
    assert main(["compare", str(path), *ROLES, *options]) == 0
    assert "3 folds of soil" in capsys.readouterr().out


def test_an_unknown_stratum_is_one_line(capsys, places, tmp_path):
    options = ["--split", "strata", "--strata", "rock", "--out", tmp_path / "results"]
    _, err = refused(capsys, tmp_path, "compare", places, *ROLES, *options)
    assert "no column 'rock'" in err


def test_the_report_names_the_file_and_shows_the_gap(places, tmp_path, capsys):
    import hashlib

    out = tmp_path / "results"
    options = ["--split", "spatial", "--report", "--out", str(out)]
    assert main(["compare", str(places), *ROLES, *QUICK, *options]) == 0
    printed, err = capsys.readouterr()
    assert "report.html" in printed
    said = [line.split(":")[0] for line in err.splitlines() if " of 3 folds" not in line]
    assert said == [
        "3 fits",
        "LR",
        "the same models on random folds, for the report",
        "3 fits",
        "LR",
    ]
    assert sorted(path.name for path in out.iterdir()) == sorted([*FILES, "report.html"])
    page = (out / "report.html").read_text(encoding="utf-8")
    assert hashlib.sha256(places.read_bytes()).hexdigest() in page
    assert "--split spatial --report" in page
    assert "Map of the rows" in page
    assert "The table was checked, and nothing looks wrong." in page
    score = pd.read_csv(out / "comparison.csv", index_col="model").loc["LR", "roc_auc"]
    assert f"LR has a mean ROC-AUC of {score:.3f}" in page
    # The gap is to the folds that the command has without --split.
    assert main(["compare", str(places), *ROLES, *QUICK, "--out", str(tmp_path / "random")]) == 0
    random = pd.read_csv(tmp_path / "random" / "comparison.csv", index_col="model")
    assert (
        f"On the folds “random”, LR has a mean ROC-AUC of {random.loc['LR', 'roc_auc']:.3f}" in page
    )


def test_a_report_of_an_earlier_run_is_not_replaced(places, tmp_path, capsys):
    out = tmp_path / "results"
    out.mkdir()
    (out / "report.html").write_text("old")
    command = ["compare", str(places), *ROLES, *QUICK, "--out", str(out)]
    assert main(command) == 0  # has no report to write
    (out / "comparison.csv").unlink()
    capsys.readouterr()
    _, err = refused(capsys, tmp_path, *command, "--report")
    assert "report.html" in err


# --- an output folder that is there already -------------------------------------------------


def test_results_of_an_earlier_run_are_replaced_only_when_asked(places, tmp_path, capsys):
    out = tmp_path / "results"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    command = ["compare", str(places), *ROLES, *QUICK, "--out", str(out)]
    assert main(command) == 0
    first = tree(out)
    assert set(first) == {*FILES, "notes.txt"}
    capsys.readouterr()

    _, err = refused(capsys, tmp_path, *command, "--seed", "5")
    assert f"{out} already holds comparison.csv" in err
    assert "or replace them with --overwrite." in err

    assert main([*command, "--seed", "5", "--overwrite"]) == 0
    second = tree(out)
    assert set(second) == set(first)
    assert second["notes.txt"] == b"mine"
    assert all(second[name] != first[name] for name in FILES)


@pytest.mark.parametrize("place", ["places.csv", "places.csv/results"])
def test_an_output_folder_that_is_a_file_is_found_first(places, tmp_path, capsys, place):
    # The table does not exist: the output is looked at before it.
    out = tmp_path / place
    _, err = refused(capsys, tmp_path, "compare", "none.csv", *ROLES, "--out", out)
    assert f"{places} is a file, not a folder" in err


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder nobody can write in")
def test_an_unwritable_output_folder_is_found_before_the_work(places, tmp_path, capsys):
    out, err = refused(capsys, tmp_path, "compare", places, *ROLES, "--out", "/proc/results/a")
    assert out == ""
    assert "Cannot write in /proc" in err


def test_a_missing_extra_is_found_before_the_work(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    out = ["--out", tmp_path / "results"]
    _, err = refused(capsys, tmp_path, "compare", "none.csv", *ROLES, *out)
    assert 'pip install ".[plot]"' in err


def test_a_full_disk_leaves_nothing(places, tmp_path, capsys):
    command = ["compare", str(places), *ROLES, *QUICK, "--out", str(tmp_path / "results")]
    before = tree(tmp_path)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The small files can be written, the picture cannot.
    resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, limit[1]))
    try:
        assert main(command) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    out, err = capsys.readouterr()
    assert err.splitlines()[-1] == "error: File too large"
    assert "ROC-AUC" in out
    assert tree(tmp_path) == before


def test_no_name_forges_a_line_or_a_formula(tmp_path, capsys):
    """Of a stratum in what is printed and in Markdown, of coordinates in the CSV files."""
    frame = make_places().rename(columns={"soil": "a|b\n# <b>", "x": "=1+1"})
    path, out = tmp_path / "places.csv", tmp_path / "results"
    frame.to_csv(path, index=False)
    options = ["--split", "strata", "--strata", "a|b\n# <b>", "--models", "LR", "--n-jobs", "1"]
    roles = ["--target", "landslide", "--coordinates", "=1+1", "y"]
    assert main(["compare", str(path), *roles, *options, "--out", str(out)]) == 0
    assert "3 folds of a|b\\n# <b>, seed 0" in capsys.readouterr().out
    text = (out / "comparison.md").read_text()
    assert r"3 folds of a\|b\\n# &lt;b&gt;, seed 0" in text
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Comparison of models"
    ]
    header = (out / "predictions.csv").read_text().splitlines()[0]
    assert header.split(",")[1] == "'=1+1"


def test_a_table_is_not_replaced_by_the_results_on_it(tmp_path, capsys):
    path = tmp_path / "predictions.csv"
    make_places().to_csv(path, index=False)
    argv = ["compare", path, *ROLES, *QUICK, "--out", tmp_path, "--overwrite"]
    _, err = refused(capsys, tmp_path, *argv)
    assert "predictions.csv is read by this run and would be replaced" in err


def test_links_to_nothing_count_as_something(places, tmp_path, capsys):
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "folds.csv").symlink_to("nowhere")
    command = ["compare", places, *ROLES, *QUICK, "--out"]
    _, err = refused(capsys, tmp_path, *command, tmp_path / "link")
    assert "is a link to nowhere, which does not exist" in err
    _, err = refused(capsys, tmp_path, *command, tmp_path / "out")
    assert "already holds folds.csv" in err


def test_splitters_name_the_options_by_the_mechanism_of_all_errors(tmp_path, capsys):
    """Landslides in one place: no clusters hold both classes. Names of columns stay."""
    frame = make_places(60, seed=1)
    frame.loc[frame["landslide"] == 1, ["x", "y"]] = [5.0, 5.0]
    frame["x"] += np.arange(60) / 1e6
    frame = frame.rename(columns={"soil": 'n_splits=3, or use method="grid"'})
    path = tmp_path / "places.csv"
    frame.to_csv(path, index=False)
    argv = ["compare", path, "--target", "landslide", "--coordinates", "x", "y", "--models", "LR"]
    argv += ["--categorical", frame.columns[4], "--split", "spatial", "--cv", "4", "--n-jobs", "1"]
    _, err = refused(capsys, tmp_path, *argv, "--drop", "rainfall")
    assert "60 samples cannot be clustered into --cv 4 compact folds that each" in err
    assert err.endswith("hold both classes: lower --cv.\n")
    _, err = refused(capsys, tmp_path, *argv, "--drop", 'n_splits=5, or use method="grid"')
    assert "no column 'n_splits=5, or use method=\"grid\"'" in err
    cv = SpatialBlockKFold(frame[["x", "y"]], 4, random_state=0)
    with pytest.raises(ValueError, match=r'n_splits=4 compact .* lower n_splits, or use method="g'):
        next(cv.split(frame, frame["landslide"]))


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (9, ["--split", "spatial"], "class 1 has 3 rows, fewer than --cv 5: lower --cv."),
        (90, ["--split", "spatial", "--buffer", "900"], "--buffer 900 m leaves fold"),
    ],
)
def test_what_the_splitters_say_names_the_options(tmp_path, capsys, rows, options, message):
    path = tmp_path / "places.csv"
    make_places(rows).to_csv(path, index=False)
    out = ["--models", "LR", "--n-jobs", "1", "--out", tmp_path / "results"]
    _, err = refused(capsys, tmp_path, "compare", path, *ROLES, *options, *out)
    assert message in err
    assert "n_splits" not in err
    assert '="' not in err


# --- what numbers and labels mean ---------------------------------------------------------


@pytest.fixture
def coded(tmp_path):
    """A table with nodata that no file declares, and labels of its own."""
    frame = make_places()
    frame["curvature"] = np.random.default_rng(1).normal(size=90).round(3)
    frame.loc[::30, "curvature"] = -9999
    frame["kind"] = np.where(frame.pop("landslide") == 1, "landslide", "non-landslide")
    frame.to_csv(tmp_path / "coded.csv", index=False)
    return tmp_path / "coded.csv"


ROLES_CODED = ["--target", "kind", "--categorical", "soil", "--coordinates", "x", "y"]


@pytest.mark.filterwarnings("default")
def test_undeclared_nodata_is_one_line_with_the_option_that_declares_it(coded, capsys):
    assert main(["compare", str(coded), *ROLES_CODED, *QUICK]) == 0
    printed, err = capsys.readouterr()
    (line,) = [line for line in err.splitlines() if line.startswith("warning:")]
    assert re.search(
        r"'curvature' has -9999 in 3 of 90 values.* declare it: --nodata -9999\.$", line
    )
    assert "30 landslides (33 %)" in printed


@pytest.mark.filterwarnings("default")
def test_nodata_of_one_column_is_declared_for_it_alone(coded, tmp_path, capsys):
    """0 is a curvature, and no elevation."""
    frame = pd.read_csv(coded)
    frame["elevation"] = np.where(np.arange(90) % 4 == 0, 0, 800 + np.arange(90.0))
    frame["curvature"] = (np.arange(90) % 7 - 3) / 10
    frame.to_csv(coded, index=False)
    command = ["compare", str(coded), *ROLES_CODED, *QUICK]
    assert main([*command, "--out", str(tmp_path / "undeclared")]) == 0
    line = capsys.readouterr().err.splitlines()[0]
    assert line.endswith("declare it: --nodata elevation=0.")
    assert main([*command, "--nodata", "elevation=0", "--out", str(tmp_path / "said")]) == 0
    assert "warning" not in capsys.readouterr().err
    frame["elevation"] = frame["elevation"].replace(0, np.nan)
    frame.to_csv(coded, index=False)
    assert main([*command, "--out", str(tmp_path / "gaps")]) == 0
    said, gaps, undeclared = (
        (tmp_path / name / "predictions.csv").read_bytes()
        for name in ("said", "gaps", "undeclared")
    )
    assert said == gaps != undeclared


def test_declared_nodata_is_missing(coded, tmp_path, capsys):
    scores = {}
    for name, options in {"said": ["--nodata", "-9999", "x"], "gaps": []}.items():
        if name == "gaps":
            frame = pd.read_csv(coded).replace({"curvature": {-9999.0: np.nan}})
            frame.to_csv(coded, index=False)
        out = tmp_path / name
        command = ["compare", str(coded), *ROLES_CODED, *QUICK, *options, "--out", str(out)]
        assert main(command) == 0
        assert "warning" not in capsys.readouterr().err
        scores[name] = (out / "predictions.csv").read_bytes()
    assert scores["said"] == scores["gaps"]


def test_the_label_of_a_landslide_is_named(coded, tmp_path, capsys):
    frame = pd.read_csv(coded)
    frame["kind"] = frame["kind"].map({"landslide": "A", "non-landslide": "B"})
    frame.to_csv(coded, index=False)
    command = ["compare", str(coded), *ROLES_CODED, *QUICK, "--nodata", "-9999"]
    assert main([*command, "--positive-class", "A"]) == 0
    assert "30 landslides (33 %)" in capsys.readouterr().out
    assert main([*command, "--positive-class", "B"]) == 0
    assert "60 landslides (67 %)" in capsys.readouterr().out


# --- bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "argv", "message"),
    [
        (None, [], r"No such file: .*table\.csv"),
        ("", [], "is empty"),
        ("no table at all\n", [], "is not a table"),
        ("slope,slide\n1,0\n2,1\n", [], r"no target column 'landslide'\..*'slope', 'slide'"),
        ("slope,soil,landslide\n1,a,0\n2,b,1\n", [], r"'soil' holds text .*declare it categorical"),
        ("slope,landslide\n1,1\n2,1\n", [], "has one class, 1"),
        ("slope,landslide\n1,1\n2,0\n3,2\n", [], "3 different values"),
        ("slope,twi,landslide\n1,,1\n2,,0\n", [], "'twi' is empty"),
        ("slope,landslide\n1,1\ninf,0\n", [], "1 infinite value"),
        ("slope,landslide\n1,1\n2,0\n", ["--categorical", "soil"], "no column 'soil'"),
        ("slope,landslide\n1,1\n2,0\n", ["--drop", "soil"], "no column 'soil'"),
        ("slope,landslide\n1,1\n2,0\n", ["--coordinates", "x", "y"], "no column 'x'"),
        ("slope,landslide\n1,1\n2,0\n", ["--sheet", "a"], "is not an Excel file"),
        (
            "slope,landslide\n" + "1,0\n2,0\n" * 9 + "3,1\n" * 3,
            [],
            "class 1 has 3 rows, fewer than the 5 folds",
        ),
        (
            "slope,landslide\n" + "1,0\n2,0\n" * 9 + "3,1\n" * 6,
            ["--cv", "3"],
            r"SMOTE with 5 neighbors needs at least 6: add rows of that class, or use fewer fol",
        ),
        (
            "slope,landslide\n1,A\n2,B\n",
            [],
            r"the values A and B: .* say which is a landslide, --positive-class LABEL",
        ),
        (
            "slope,landslide\n1,A\n2,B\n",
            ["--positive-class", "C"],
            r"--positive-class C is not in the target 'landslide', which has 'A', 'B'\.",
        ),
        (
            "ndvi,landslide\n" + "3000,0\n2000,1\n2000,0\n3000,1\n" * 15,
            [],
            r"60 of 60 values of 'ndvi' lie outside \[-1, 1\].*: check its unit, or rename it\.$",
        ),
    ],
)
def test_a_bad_table_is_one_line_and_leaves_nothing(capsys, tmp_path, text, argv, message):
    path = tmp_path / "table.csv"
    if text is not None:
        path.write_text(text)
    out = ["--out", tmp_path / "results"]
    _, err = refused(capsys, tmp_path, "compare", path, "--target", "landslide", *argv, *out)
    assert re.search(message, err), err


def test_binary_and_foreign_bytes_are_one_line(capsys, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(os.urandom(64) + b"\0" * 64)
    refused(capsys, tmp_path, "compare", path, "--target", "landslide")
    path.write_bytes("böden,landslide\n1,0\n2,1\n".encode("latin-1"))
    _, err = refused(capsys, tmp_path, "compare", path, "--target", "landslide")
    assert "is not UTF-8 text" in err


def test_rows_weigh_what_a_column_says_and_the_column_is_no_factor(tmp_path, capsys):
    frame = make_places().assign(trust=np.linspace(0, 1, 90))
    path = tmp_path / "places.csv"
    frame.to_csv(path, index=False)
    command = ["compare", str(path), *ROLES, *QUICK, "--models", "LR"]
    assert main([*command, "--weights", "trust"]) == 0
    weighted = capsys.readouterr().out
    assert "3 factors (1 categorical), 3 folds, seed 0, weighted by trust" in weighted
    assert main([*command, "--drop", "trust"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] != weighted.splitlines()[-1]
    frame.assign(trust=-1.0).to_csv(path, index=False)
    assert main([*command, "--weights", "trust"]) == 2
    assert "The weight 'trust' is negative in 90 rows (first in row 2)" in capsys.readouterr().err
