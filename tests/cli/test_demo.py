"""The command demo: a region, and how to repeat its comparison."""

import shlex

import numpy as np
import pandas as pd
import pytest
from cli.commands import QUICK, SCORES

from sklearn_landslide.cli import main
from sklearn_landslide.cli._comparison import FILES
from sklearn_landslide.datasets import make_landslides


def test_the_demo_is_reproduced_from_its_table_by_the_command_it_prints(tmp_path, capsys):
    out = tmp_path / "results"
    assert main(["demo", "--rows", "300", "--seed", "3", *QUICK, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == sorted([*FILES, "landslides.csv"])
    table = pd.read_csv(out / "landslides.csv")
    assert len(table) == 300
    assert list(table.columns[:2]) == ["x", "y"]
    command = shlex.split(printed.strip().splitlines()[-1])
    arguments = command[command.index("compare") :]
    again = tmp_path / "again"
    assert main([*arguments, "--out", str(again)]) == 0
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
    assert main([*command[command.index("compare") :], "--out", str(again)]) == 0
    assert (again / "predictions.csv").read_bytes() == (out / "predictions.csv").read_bytes()


def test_the_rasters_of_the_demo_hold_its_region_and_are_mapped_by_the_command_it_prints(
    tmp_path, capsys
):
    pytest.importorskip("rasterio")
    from sklearn_landslide.mapping import open_stack, sample_stack

    out = tmp_path / "results"
    options = ["--rows", "200", "--seed", "3", "--models", "LR", "--n-jobs", "1", "--cv", "2"]
    assert main(["demo", *options, "--rasters", "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    region = make_landslides(200, return_stack=True, as_frame=True, random_state=3)
    stack = open_stack(out / "factors.tif")
    assert set(stack.data_vars) == set(region.stack)
    for name, values in region.stack.items():
        np.testing.assert_array_equal(stack[name], values.astype("float32"), err_msg=name)
    assert stack["soil"].attrs["class_names"] == region.category_names["soil"]
    elevation = open_stack(out / "elevation.tif")["altitude"]
    np.testing.assert_array_equal(elevation, region.stack["altitude"].astype("float32"))
    # No row or column is turned round: the rasters have the factors of the table at its places.
    sample = sample_stack(stack, out / "landslides.csv")
    for label in (0, 1):
        sampled = np.sort(sample.X.loc[sample.y == label, "slope"])
        known = np.sort(region.data.loc[region.target == label, "slope"])
        np.testing.assert_allclose(sampled, known, rtol=1e-6)
    command = shlex.split(lines[lines.index("A map of the region:") + 1])
    inventory = command[command.index("map") + 1 : command.index("--out")]
    assert main(["compare", *inventory, "--models", "LR", "--cv", "2"]) == 0
    table = "200 places, 80 landslides (40 %), 16 factors (3 categorical)"
    assert table in capsys.readouterr().out
