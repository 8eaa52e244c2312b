"""The command score: a finished map and later landslides, what is printed, written and refused."""

import json

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("rioxarray")
xarray = pytest.importorskip("xarray")
rasterio = pytest.importorskip("rasterio")
pytest.importorskip("geopandas")

from cli.commands import refused  # noqa: E402

from sklearn_landslide.cli import main  # noqa: E402
from sklearn_landslide.cli._score import FILES  # noqa: E402
from sklearn_landslide.mapping import write_map  # noqa: E402

NAMES = ["low", "high"]


def make_map_folder(home, *, is_new=False, facts_format=1):
    """A folder as the command map leaves it: 20 by 20 cells, half of them in the upper zone."""
    home.mkdir()
    values = np.random.default_rng(0).permutation(400).reshape(20, 20).astype(np.float32) / 400
    cells = {"y": np.arange(20)[::-1] * 10.0 + 5, "x": np.arange(20) * 10.0 + 5}

    def raster(band, name):
        return xarray.DataArray(band, cells, ("y", "x"), name).rio.write_crs("EPSG:32717")

    zones = raster((1 + (values >= 0.5)).astype(np.uint8), "zone").rio.write_nodata(0)
    inside = raster((values < 0.95).astype(np.float32), "inside")
    write_map(raster(values, "susceptibility"), home / "susceptibility.tif")
    write_map(zones, home / "zones.tif")
    write_map({"dissimilarity": inside, "inside": inside}, home / "applicability.tif")
    rows, columns = np.nonzero(values > 0.98)
    known = pd.DataFrame({"x": columns * 10.0 + 5, "y": 195 - rows * 10.0})
    known.to_csv(home / "landslides.csv", index=False)
    facts = {
        "format": facts_format,
        "written": "2026-01-01T00:00:00+00:00",
        "versions": {},
        "training": {"auc_blocks": [0.9, 0.95, 0.92], "auc_random": [0.99]},
        "map": {"zones": {"names": NAMES}, "inventory": {"is_new": is_new}},
    }
    (home / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return values


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    """A map folder and 40 later landslides, four of them known, one off the map."""
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
    # Two are known themselves, two lie in a cell beside one.
    assert (facts["n_landslides"], facts["n_scored"]) == (41, 36)
    assert facts["knows_training"] and facts["n_known_places"] == 4
    assert facts["fold_scores"] == [0.9, 0.95, 0.92]
    assert facts["zones"][1]["name"] == "high" and facts["zones"][1]["landslides"] == 36
    assert "worse than the folds had said" in printed
    for sentence in facts["in_words"]:
        assert sentence in printed
    summary = (out / "summary.md").read_text(encoding="utf-8")
    assert "| high | 0.02 | 0.5 |" in summary and "--test-inventory" in summary
    table = pd.read_csv(out / "landslides.csv")
    assert table["status"].value_counts().to_dict() == {
        "scored": 36,
        "known place": 4,
        "not on the map": 1,
    }
    assert (out / "rate_curve.png").read_bytes().startswith(b"\x89PNG")


def test_a_map_of_another_inventory_does_not_know_what_it_was_trained_on(tmp_path, later, capsys):
    make_map_folder(tmp_path / "map", is_new=True)
    command = ["score", tmp_path / "map", "--test-inventory", later / "later.csv"]
    assert main([*map(str, command)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "Which landslides the model was trained on is not known" in printed
    assert main([*map(str, command), "--known", str(later / "map" / "landslides.csv")]) == 0
    assert "no independent test and left out: 4." in " ".join(capsys.readouterr().out.split())


def test_what_is_no_folder_of_a_map_is_refused_in_one_line(tmp_path, later, capsys):
    command = ["score", tmp_path, "--test-inventory", later / "later.csv"]
    assert "has no facts.json" in refused(capsys, tmp_path, *command)[1]
    for text, said in (("{", "cannot be read"), ("[1]", "not of this version")):
        (tmp_path / "facts.json").write_text(text)
        assert said in refused(capsys, tmp_path, *command)[1]
    make_map_folder(tmp_path / "map", facts_format=99)
    command[1] = tmp_path / "map"
    assert "its format is 99, not 1" in refused(capsys, tmp_path, *command)[1]


def test_nothing_of_the_map_is_replaced(later, capsys):
    command = ["score", later / "map", "--test-inventory", later / "later.csv", "--out"]
    _, said = refused(capsys, later, *command, later / "map", "--overwrite")
    assert "is read by this run and would be replaced" in said
