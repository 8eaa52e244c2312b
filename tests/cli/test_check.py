"""The command check, and what compare and map say before they begin."""

import json

import numpy as np
import pandas as pd
import pytest
from cli.commands import QUICK, ROLES, make_places, refused, tree

from sklearn_landslide.cli import main


def write(frame, path):
    frame.to_csv(path, index=False)
    return str(path)


@pytest.fixture
def numbered(tmp_path):
    """A table with numbers of rows, sorted by its label."""
    frame = make_places().sort_values("landslide")
    frame.insert(0, "OBJECTID", np.arange(len(frame)))
    return write(frame, tmp_path / "numbered.csv")


def test_a_sound_table_passes_and_nothing_is_written(places, tmp_path, capsys):
    before = tree(tmp_path)
    assert main(["check", str(places), *ROLES]) == 0
    out, err = capsys.readouterr()
    assert "90 rows, 30 landslides (33 %), 3 factors: nothing looks wrong" in out
    assert err == ""
    assert tree(tmp_path) == before


def test_something_serious_gives_the_code_1_and_the_option(numbered, tmp_path, capsys):
    path = tmp_path / "found.json"
    assert main(["check", numbered, *ROLES, "--json", str(path)]) == 1
    out, err = capsys.readouterr()
    assert "--drop OBJECTID" in out
    assert max(map(len, out.splitlines())) <= 80
    assert err == ""
    facts = json.loads(path.read_text())
    assert [one["option"] for one in facts["findings"]] == ["--drop OBJECTID"]
    # As advised.
    assert main(["check", numbered, *ROLES, "--drop", "OBJECTID"]) == 0


def test_what_is_a_finding_is_no_warning_as_well(tmp_path, capsys):
    frame = make_places()
    frame.loc[:2, "slope"] = -9999
    path = write(frame.rename(columns={"slope": "pendiente"}), tmp_path / "gaps.csv")
    assert main(["check", path, *ROLES]) == 1
    out, err = capsys.readouterr()
    assert "'pendiente' has -9999 in 3 of 90 values" in out
    assert err == ""
    assert main(["check", path, *ROLES, "--nodata", "-9999"]) == 0


def test_a_length_in_degrees_is_found(tmp_path, capsys):
    frame = make_places()
    frame[["x", "y"]] = frame[["x", "y"]] / 1000 + 40
    argv = [*ROLES, "--split", "spatial", "--buffer", "0.05"]
    assert main(["check", write(frame, tmp_path / "degrees.csv"), *argv]) == 1
    # Lines may be broken anywhere.
    out = " ".join(capsys.readouterr().out.split())
    assert "buffer is 0.05 m" in out
    assert "--buffer METERS" in out
    assert "if these are degrees" in out


def test_errors_are_one_line(places, tmp_path, capsys):
    refused(capsys, tmp_path, "check", tmp_path / "absent.csv", "--target", "landslide")
    refused(capsys, tmp_path, "check", places)
    absent = tmp_path / "absent" / "found.json"
    _, err = refused(capsys, tmp_path, "check", places, *ROLES, "--json", absent)
    assert "does not exist: make it first" in err
    _, err = refused(capsys, tmp_path, "check", places, *ROLES, "--buffer", "5")
    assert "--buffer is for --split spatial" in err


def test_texts_that_name_rows_are_dropped_and_never_emptied(tmp_path, capsys):
    """Emptied, the cells of all other places would be the label."""
    frame = make_places()
    frame["name"] = [f"LS-{row}" if one else "7" for row, one in enumerate(frame["landslide"])]
    path = write(frame, tmp_path / "named.csv")
    _, err = refused(capsys, tmp_path, "check", path, *ROLES)
    assert "looks like an id" in err
    assert "--drop name" in err
    assert "empty" not in err


def test_compare_says_it_first(numbered, capsys):
    assert main(["compare", numbered, *ROLES, *QUICK]) == 0
    first, *rest = capsys.readouterr().err.splitlines()
    assert first.startswith("check: 'OBJECTID' looks like an id")
    assert first.endswith("To fix it: --drop OBJECTID")
    said = [line.split(":")[0] for line in rest if " of 3 folds" not in line]
    assert said == ["3 fits", "LR"]


def test_a_table_that_holds_values_for_names_is_named(tmp_path, capsys):
    path = tmp_path / "headless.csv"
    make_places().drop(columns="soil").to_csv(path, index=False, header=False)
    last = pd.read_csv(path, header=None, dtype=str).iloc[0, -1]
    assert main(["check", str(path), "--target", last]) == 1
    assert "the first row seems to hold values" in " ".join(capsys.readouterr().out.split())
    _, err = refused(capsys, tmp_path, "check", path, "--target", "landslide")
    assert "These look like values" in err
