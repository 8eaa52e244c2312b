"""Compare on a table with hours of rain: which columns they are, and who reads them how."""

import json
from argparse import Namespace

import numpy as np
import pandas as pd
import pytest
from cli.commands import refused
from numpy.testing import assert_allclose
from sklearn.pipeline import make_pipeline

from sklearn_landslide import compare_models, make_landslide_pipeline
from sklearn_landslide.checks import check_table
from sklearn_landslide.cli import main
from sklearn_landslide.cli._models import models_of
from sklearn_landslide.cli._series import sequences_of, with_sums
from sklearn_landslide.comparison import all_models
from sklearn_landslide.preprocessing import RainfallSums
from sklearn_landslide.report import write_report

HOURS = [f"rain_{hour:03d}" for hour in range(24)]
QUICK = ["--target", "landslide", "--cv", "3", "--n-jobs", "1"]


def make_storms(n_rows=120):
    """Places and days: slopes, a day of the year, and 24 hours that are dry in many rows."""
    rng = np.random.default_rng(0)
    falls = np.arange(24)[::-1] < rng.integers(0, 20, (n_rows, 1))
    rain = pd.DataFrame((falls * rng.gamma(2, 1.5, (n_rows, 1))).round(2), columns=HOURS)
    table = pd.DataFrame({"slope": rng.uniform(0, 60, n_rows), "wet": rng.normal(size=n_rows)})
    table = pd.concat([table.round(2), rain], axis=1)
    risk = table["slope"] / 20 + rain.sum(axis=1) / 20 + rng.logistic(size=n_rows) / 4
    return table.assign(landslide=(risk > risk.quantile(0.7)).astype(int))


@pytest.fixture
def storms(tmp_path):
    path = tmp_path / "storms.csv"
    make_storms().to_csv(path, index=False)
    return path


def test_the_numbers_are_those_of_the_same_call_in_python(storms, tmp_path, capsys):
    """Sums before the regression, the series themselves for the threshold and the network."""
    out = tmp_path / "out"
    names = ["Threshold", "LR", "Slope", "CNN"]
    argv = ["compare", storms, *QUICK, "--sequences", "rain=rain_*", "--models", *names]
    argv += ["--epochs", "1", "--seed", "3", "--report", "--out", out]
    assert main([str(word) for word in argv]) == 0
    said, err = capsys.readouterr()
    described = "120 places, 36 landslides (30 %), 2 factors (0 categorical), "
    assert described + "1 series (rain of 24 steps), 3 folds, seed 3" in said
    # Dry hours are not mistakes.
    assert "check" not in err

    table = make_storms()
    X, y = table.drop(columns="landslide"), table["landslide"]
    sequences = {"rain": HOURS}
    models = all_models(3)
    chain = make_landslide_pipeline(models["LR"], random_state=3)
    models = {
        "Threshold": models["Threshold"],
        "LR, sums": make_pipeline(RainfallSums(sequences=sequences, log=True), chain),
        "Slope": models["Slope"],
        "CNN": models["CNN"].set_params(max_epochs=1),
    }
    found = compare_models(models, X, y, cv=3, sequences=sequences, random_state=3)
    written = pd.read_csv(out / "predictions.csv")
    rank = found.table["roc_auc"].sort_values(ascending=False).index
    assert list(written.columns[3:]) == list(rank)
    for name in models:
        assert_allclose(written[name], found.predictions[name], rtol=1e-6)
    # Rain tells more than the slope alone.
    assert found.table.loc["LR, sums", "roc_auc"] > found.table.loc["Slope", "roc_auc"]

    page = (out / "report.html").read_text()
    assert (
        "2 factors, and 1 series over time, described here only" in page
        and "series of 24 steps" in page
    )
    assert "<td>rain_000</td>" not in page and "rain_000</th>" not in page


def test_forests_and_class_tables_have_sums_and_a_range_names_the_hours(storms, capsys):
    argv = ["compare", str(storms), *QUICK, "--models", "RF", "FR", "Threshold", "--quick"]
    assert main([*argv, "--sequences", "rain=rain_000:rain_023"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if " ± " in line]
    shown = {line[:9].strip() for line in lines}
    assert shown == {"RF, sums", "FR, sums", "Threshold"} and len(lines) == 3


def test_weights_of_rows_reach_models_behind_sums(storms, tmp_path, capsys):
    """A row of weight 0 changes no fit, whatever rain it has."""
    table = make_storms().assign(trust=1.0)
    table.loc[::5, "trust"] = 0
    found = []
    for name, rain in (("a", 1), ("b", 9)):
        changed = table.copy()
        changed.loc[::5, HOURS] = table.loc[::5, HOURS] * rain
        changed.to_csv(tmp_path / f"{name}.csv", index=False)
        argv = ["compare", tmp_path / f"{name}.csv", *QUICK, "--models", "LR", "Threshold"]
        argv += ["--sequences", "rain=rain_*", "--weights", "trust", "--out", tmp_path / name]
        assert main([str(word) for word in argv]) == 0
        written = pd.read_csv(tmp_path / name / "predictions.csv")
        found.append(written.loc[table["trust"] == 1, ["LR, sums", "Threshold"]])
    pd.testing.assert_frame_equal(*found)
    assert ", weighted by trust" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "columns", "expected"),
    [
        ("rain_*", ["rain_10", "slope", "rain_9"], ["rain_9", "rain_10"]),
        ("rain_*_mm", ["rain_1_mm", "rain_0_mm", "rain_total"], ["rain_0_mm", "rain_1_mm"]),
        # Hours before the landslide.
        ("rain_*", ["rain_0", "rain_-1", "rain_-2"], ["rain_-2", "rain_-1", "rain_0"]),
        ("rain_0:rain_2", ["rain_0", "rain_1", "rain_2", "slope"], ["rain_0", "rain_1", "rain_2"]),
        # The oldest is named first, wherever it stands.
        ("lag_3:lag_1", ["lag_1", "lag_2", "lag_3"], ["lag_3", "lag_2", "lag_1"]),
        ("lag_3:lag_1", ["lag_3", "lag_2", "lag_1"], ["lag_3", "lag_2", "lag_1"]),
        ("01:00:03:00", ["01:00", "02:00", "03:00"], ["01:00", "02:00", "03:00"]),
        ("mon:wed", ["mon", "tue", "wed"], ["mon", "tue", "wed"]),
    ],
)
def test_columns_are_in_order_of_time(given, columns, expected):
    X = pd.DataFrame(columns=columns, dtype=float)
    assert sequences_of([("rain", given)], X) == {"rain": expected}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["rain=rain_*"], "rain=rain_\\* has no step between 4 and 6"),
        (["rain=snow_*"], "snow_\\* is not a column of the table: it has 'slope'"),
        (["rain=twin_*"], "has the step 1 twice: --drop one"),
        (["rain=mixed_*"], "has 'mixed_total', which has no number for the star: --drop it"),
        (["rain=rain_000:rain_024"], "'rain_024' is not a column of the table"),
        (["rain=rain_003:rain_007"], "no step between 4 and 6"),
        (["rain=rain_003"], "is neither a range nor has a star"),
        (["rain=slope*"], "has 'slope', which has no number"),
        (["rain=rain_007:rain_007"], "is 'rain_007' alone"),
        (["rain=rain_*_*"], "has two stars"),
        (["rain_*"], "must be NAME='rain_\\*' or NAME=rain_000:rain_119, got 'rain_\\*'"),
        (["a=rain_000:rain_004", "a=rain_006:rain_009"], "names 'a' twice"),
        (["a=rain_000:rain_003", "b=rain_003:rain_004"], "belongs to one sequence"),
        (["word=word_*"], "'word_1', which is a category"),
    ],
)
def test_columns_that_are_no_series_are_one_line(tmp_path, capsys, columns, message):
    table = make_storms().drop(columns="rain_005")
    more = {"twin_1": 0.5, "twin_01": 0.25, "mixed_1": 1.5, "mixed_total": 2.5}
    table = table.assign(**more, word_1="a", word_2="b")
    table.to_csv(tmp_path / "table.csv", index=False)
    argv = ["compare", tmp_path / "table.csv", *QUICK, "--categorical", "word_1", "word_2"]
    _, err = refused(capsys, tmp_path, *argv, "--sequences", *columns)
    assert pd.Series([err]).str.contains(message).all(), err


def test_dry_hours_of_any_name_are_no_gaps_and_numbers_that_are_are_named(tmp_path, capsys):
    """The hour h08 is 0 in most rows and far from it in the others."""
    table = make_storms().rename(columns=lambda name: name.replace("rain_0", "h"))
    argv = ["compare", str(tmp_path / "table.csv"), *QUICK, "--models", "LR"]
    for value, said in ((0.0, ""), (-9999.0, "check: 'h15' has -9999 in 1 of 120 values")):
        table.loc[4, "h15"] = value
        table.to_csv(tmp_path / "table.csv", index=False)
        assert main([*argv, "--sequences", "rain=h*"]) == 0
        err = capsys.readouterr().err
        assert err.startswith(said) and ("check:" in err) == bool(said), err
        assert "has 0 in" not in err


def test_inspect_and_sensitivity_test_the_models_of_compare(storms, tmp_path, capsys):
    shared = [storms, *QUICK, "--sequences", "rain=rain_*", "--resample", "none", "--out"]
    less = {
        "compare": ["--models", "LR"],
        "sensitivity": ["--models", "LR", "--perturbations", "without=slope", "--repeats", "1"],
        "inspect": ["--model", "LR", "--permutations", "0", "--repeats", "1"],
    }
    less["inspect"] += ["--interactions", "0", "--max-rows", "20"]
    for name, more in less.items():
        assert main([name, *map(str, shared), str(tmp_path / name), *more]) == 0
        assert "1 series (rain of 24 steps)" in capsys.readouterr().out
    compared = pd.read_csv(tmp_path / "compare" / "folds.csv")
    # Without draws, the fits are the same.
    unperturbed = pd.read_csv(tmp_path / "sensitivity" / "sensitivity.csv").query(
        "perturbation == 'none' and metric == 'roc_auc'"
    )
    assert set(compared["model"]) == set(unperturbed["model"]) == {"LR, sums"}
    assert_allclose(unperturbed["score"], compared["roc_auc"])
    facts = json.loads((tmp_path / "inspect" / "inspection.json").read_text())
    assert facts["model"] == "LR, sums"
    worth = pd.read_csv(tmp_path / "inspect" / "importance.csv")
    assert set(worth["factor"]) == {"slope", "wet", "rain"}


@pytest.mark.parametrize("command", ["compare", "sensitivity"])
def test_a_threshold_without_rain_is_refused_before_any_work(tmp_path, capsys, command):
    argv = [command, tmp_path / "no.csv", "--target", "y", "--models", "LR", "Threshold"]
    _, err = refused(capsys, tmp_path, *argv)
    assert "the model Threshold needs hours of rain: say which columns" in err


def test_a_threshold_is_left_out_of_all_models_where_no_series_is_rain(capsys):
    """As of a map, whose command has no option for series, and then says nothing of it."""
    args = Namespace(random_state=0, epochs=None)
    X = make_storms().drop(columns="landslide")
    with pytest.raises(ValueError, match="the model Threshold needs hours of rain"):
        models_of(["Threshold"], args)
    assert "Threshold" not in models_of(["all"], args, X) and capsys.readouterr().err == ""
    args.sequences = []
    assert "Threshold" not in models_of(["all"], args, X)
    assert capsys.readouterr().err.startswith("Threshold is left out: no --sequences say which")
    assert "Threshold" in models_of(["all"], args, X, {"hours": HOURS})


def test_of_several_series_the_threshold_reads_the_one_called_rain(tmp_path, capsys):
    make_storms().to_csv(tmp_path / "table.csv", index=False)
    argv = ["compare", tmp_path / "table.csv", *QUICK, "--models", "Threshold", "--sequences"]
    halves = ["old=rain_000:rain_011", "new=rain_012:rain_023"]
    _, err = refused(capsys, tmp_path, *argv, *halves)
    assert "of the series 'old', 'new', none is called rain: call it so" in err
    assert main([*map(str, argv), halves[0], "rain=rain_012:rain_023"]) == 0
    assert "2 series (old of 12 steps, rain of 12 steps)" in capsys.readouterr().out


def test_series_are_columns_of_a_table_and_not_rasters(tmp_path, capsys):
    argv = ["compare", "--stack", "no.tif", "--points", "no.csv", "--sequences", "rain=rain_*"]
    _, err = refused(capsys, tmp_path, *argv)
    assert "--sequences is for a TABLE" in err


def test_models_that_read_series_or_no_rain_are_left_as_they_are():
    models = all_models(0)
    wrapped = with_sums(models, {"rain": HOURS}, resample=None)
    plain = [name for name in wrapped if not name.endswith(", sums")]
    assert plain == ["LandslideNet", "CNN", "Slope", "Threshold"]
    assert [name.removesuffix(", sums") for name in wrapped] == list(models)


def test_a_check_says_nothing_of_single_hours_but_of_no_data_in_them():
    table = make_storms()
    # Hours that are dry everywhere, of few whole numbers, or that fill the range of 0 to 1.
    table[HOURS[:4]] = 0.0
    table[HOURS[4:12]] = table[HOURS[4:12]].round().clip(0, 3)
    table[HOURS[12:]] = table[HOURS[12:]].clip(0, 1)
    X, y = table.drop(columns="landslide"), table["landslide"]
    X["level"] = 7.0
    found = check_table(X, y, sequences={"rain": HOURS})
    assert [(one.code, one.columns) for one in found.findings] == [("constant", ("level",))]
    # Without a word on series they are factors like others.
    assert len(check_table(X, y).findings) > 1
    X.loc[3, "rain_002"] = -9999.0
    (serious, *_) = check_table(X, y, sequences={"rain": HOURS}).findings
    assert serious.columns == ("rain_002",) and "-9999" in serious.finding


def test_a_check_of_hours_alone_and_of_an_array_knows_its_columns_by_position():
    table = make_storms()
    rain, y = table[HOURS], table["landslide"]
    assert check_table(rain, y, sequences={"rain": HOURS}).passed
    array = rain.assign(rain_000=0.0).to_numpy()
    found = check_table(array, y, sequences={"rain": list(range(24))})
    assert [one for one in found.findings if one.columns] == []
    with pytest.raises(ValueError, match="'snow', which is not a column"):
        check_table(rain, y, sequences={"rain": ["rain_000", "snow"]})


def test_a_report_of_positions_shows_series_as_one_row_each(tmp_path):
    table = make_storms(90)
    X, y = table.drop(columns="landslide").to_numpy(), table["landslide"].to_numpy()
    X[4, 5] = np.nan
    sequences = {"weather": {"a": list(range(2, 12)), "b": list(range(12, 22))}}
    models = {"LR": all_models(0)["LR"]}
    found = compare_models(models, X, y, cv=2, sequences=sequences, random_state=0)
    write_report(found, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "6 factors, and 2 series over time, described here only" in page
    assert page.count("series of 10 steps") == 2 and "1 row (1.1 %) has a missing value" in page


def test_the_command_check_takes_series_too(tmp_path, capsys):
    table = make_storms().rename(columns=lambda name: name.replace("rain_0", "h"))
    table.to_csv(tmp_path / "table.csv", index=False)
    argv = ["check", str(tmp_path / "table.csv"), "--target", "landslide"]
    assert main([*argv, "--sequences", "rain=h*"]) == 0
    assert "nothing looks wrong" in capsys.readouterr().out
