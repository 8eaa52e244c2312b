"""The command score: a finished map and later landslides, what is printed, written and refused."""

import json

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("rioxarray")
pytest.importorskip("geopandas")

from cli.commands import refused
from cli.map_folder import make_map_folder

from sklearn_landslide.cli import main
from sklearn_landslide.cli._score import FILES
from sklearn_landslide.mapping import MapFolder


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    """A map folder and 40 later landslides, six of them known, one off the map."""
    home = tmp_path_factory.mktemp("score")
    values = make_map_folder(home / "map")
    order = np.argsort(values, axis=None)[::-1]
    rows, columns = np.unravel_index(np.r_[order[:2], order[40:192:4]], values.shape)
    points = pd.DataFrame({"x": columns * 10.0 + 5, "y": 195 - rows * 10.0})
    points.loc[len(points)] = [999.0, 5.0]
    points.to_csv(home / "later.csv", index=False)
    return home


def test_it_prints_and_writes_what_later_landslides_say(later, tmp_path, capsys):
    out = tmp_path / "new" / "score"
    command = ["score", later / "map", "--test-inventory", later / "later.csv", "--out", out]
    assert main([*map(str, command)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    facts = json.loads((out / "score.json").read_text())
    # Two are known themselves, four lie in a cell beside one.
    assert (facts["n_landslides"], facts["n_scored"]) == (41, 34)
    assert facts["knows_training"] and facts["n_known_places"] == 6
    assert facts["fold_scores"] == [0.9, 0.95, 0.92]
    assert facts["zones"][1]["name"] == "high" and facts["zones"][1]["landslides"] == 34
    assert "worse than the folds had said" in printed
    for sentence in facts["in_words"]:
        assert sentence in printed
    summary = (out / "summary.md").read_text(encoding="utf-8")
    assert "| high | 0.02 | 0.5 |" in summary and "--test-inventory" in summary
    table = pd.read_csv(out / "landslides.csv")
    assert table["status"].value_counts().to_dict() == {
        "scored": 34,
        "known place": 6,
        "not on the map": 1,
    }
    assert (out / "rate_curve.png").read_bytes().startswith(b"\x89PNG")


def test_a_map_of_another_inventory_does_not_know_what_it_was_trained_on(tmp_path, later, capsys):
    make_map_folder(tmp_path / "map", is_new=True)
    command = ["score", tmp_path / "map", "--test-inventory", later / "later.csv"]
    assert main([*map(str, command)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "It is not known which landslides the model was trained on" in printed
    assert main([*map(str, command), "--known", str(later / "map" / "landslides.csv")]) == 0
    assert "no independent test and left out: 6." in " ".join(capsys.readouterr().out.split())


def test_what_is_no_folder_of_a_map_is_refused_in_one_line(tmp_path, later, capsys):
    command = ["score", tmp_path, "--test-inventory", later / "later.csv"]
    assert "has no facts.json" in refused(capsys, tmp_path, *command)[1]
    for text, said in (("{", "cannot be read"), ("[1]", "is not as this version")):
        (tmp_path / "facts.json").write_text(text)
        assert said in refused(capsys, tmp_path, *command)[1]
    make_map_folder(tmp_path / "map", facts_format=99)
    command[1] = tmp_path / "map"
    assert "its format is 99, and 1 is needed" in refused(capsys, tmp_path, *command)[1]


@pytest.mark.parametrize(
    "break_it",
    [
        lambda facts: facts["map"].pop("crs"),
        lambda facts: facts["map"].update(zone_table=[]),
        lambda facts: facts["map"].update(capture=[0.5]),
        lambda facts: facts["map"]["zones"].update(names=[1, 2]),
        lambda facts: facts["map"]["zones"].update(edges=[0, 1]),
        lambda facts: facts["map"].update(inventory={}),
        lambda facts: facts["map"].update(outside="much"),
        lambda facts: facts["training"].pop("rows"),
        lambda facts: facts["training"].update(factors=[None]),
        lambda facts: facts.update(training=5),
    ],
)
def test_facts_that_are_not_those_of_a_map_are_refused(later, tmp_path, break_it):
    facts = json.loads((later / "map" / "facts.json").read_text())
    break_it(facts)
    (tmp_path / "facts.json").write_text(json.dumps(facts))
    with pytest.raises(ValueError, match="is not as this version of the command map writes it"):
        MapFolder.read(tmp_path)


def test_nothing_of_the_map_is_replaced(later, capsys):
    command = ["score", later / "map", "--test-inventory", later / "later.csv", "--out"]
    _, said = refused(capsys, later, *command, later / "map", "--overwrite")
    assert "is read by this run and would be replaced" in said
