"""The command demo: a region, and how to repeat its comparison."""

import shlex

import pandas as pd
from cli.commands import QUICK, SCORES

from sklearn_landslide.cli import main
from sklearn_landslide.cli._comparison import FILES


def test_the_demo_is_reproduced_from_its_table_by_the_command_it_prints(tmp_path, capsys):
    out = tmp_path / "results"
    assert main(["demo", "--rows", "300", "--seed", "3", *QUICK, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == sorted([*FILES, "landslides.csv"])
    table = pd.read_csv(out / "landslides.csv")
    assert len(table) == 300
    assert list(table.columns[:2]) == ["x", "y"]
    command = shlex.split(printed.strip().splitlines()[-1])
    assert command[1:4] == ["-m", "sklearn_landslide", "compare"]
    again = tmp_path / "again"
    assert main([*command[3:], "--out", str(again)]) == 0
    # The same numbers to the last digit; only the seconds differ.
    assert (again / "predictions.csv").read_bytes() == (out / "predictions.csv").read_bytes()
    first, second = (pd.read_csv(home / "folds.csv")[SCORES] for home in (out, again))
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_the_demo_of_strata_is_reproduced_by_the_command_it_prints(tmp_path, capsys):
    out, again = tmp_path / "results", tmp_path / "again"
    options = ["--split", "strata", "--strata", "lithology", "--models", "LR", "--n-jobs", "1"]
    assert main(["demo", "--rows", "300", *options, "--report", "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == {*FILES, "landslides.csv", "report.html"}
    command = shlex.split(capsys.readouterr().out.strip().splitlines()[-1])
    assert main([*command[3:], "--out", str(again)]) == 0
    assert (again / "predictions.csv").read_bytes() == (out / "predictions.csv").read_bytes()
