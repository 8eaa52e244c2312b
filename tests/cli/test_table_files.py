"""Options on the files of a table: what the commands make of data as it lies about."""

import pandas as pd
import pytest
from cli.commands import QUICK, make_places, refused

from sklearn_landslide.cli import main
from sklearn_landslide.tables import read_table


def run(capsys, *argv):
    assert main([str(word) for word in argv]) == 0, capsys.readouterr().err
    return capsys.readouterr()


def test_two_files_joined_with_factors_of_a_third_are_compared(capsys, tmp_path):
    pytest.importorskip("matplotlib")
    rows = make_places(60).assign(id=[f"{place:03}" for place in range(60)], part=range(60))
    rows["part"] //= 2
    n_groups = rows["part"][rows["landslide"] == 1].nunique()
    kept = ["id", "x", "y", "part"]
    rows.loc[rows["landslide"] == 1, kept].to_csv(tmp_path / "slides.csv", index=False)
    rows.loc[rows["landslide"] == 0, kept].to_csv(tmp_path / "stable.csv", index=False)
    factors = rows[["id", "slope", "soil"]].rename(columns={"id": "number"}).iloc[::-1]
    factors = factors.replace({"soil": {"clay": "Löß"}})
    factors.to_csv(tmp_path / "factors.csv", index=False, sep=";", decimal=",", encoding="cp1252")
    argv = ["compare", tmp_path / "slides.csv", "--absence-points", tmp_path / "stable.csv"]
    argv += ["--join", tmp_path / "factors.csv", "--on", "id", "number", "--groups", "part"]
    argv += ["--categorical", "soil", "--coordinates", "x", "y", *QUICK]
    _, err = refused(capsys, tmp_path, *argv)
    assert "factors.csv is not UTF-8 text: say what it is, --encoding NAME (it has 'Löß' in" in err
    said = run(capsys, *argv, "--encoding", "cp1252", "--out", tmp_path / "results")
    assert (
        f"60 places, 20 landslides (33 %) in {n_groups} groups, 2 factors (1 categorical), 3 folds"
        in said.out
    )
    found = pd.read_csv(tmp_path / "results" / "predictions.csv")
    wanted = pd.concat([rows[rows["landslide"] == 1], rows[rows["landslide"] == 0]])
    assert found["y_true"].tolist() == wanted["landslide"].tolist()
    assert found["x"].tolist() == wanted["x"].tolist()
    # Rows of a group are tested together.
    assert (found.groupby(wanted["part"].to_numpy())["fold"].nunique() == 1).all()
    # No file of the input is overwritten.
    argv[argv.index(tmp_path / "factors.csv")] = tmp_path / "results" / "folds.csv"
    (tmp_path / "results" / "folds.csv").write_text("number,slope,soil\n")
    more = ["--out", tmp_path / "results", "--overwrite"]
    refused(capsys, tmp_path, *argv, *more)


def test_a_table_without_places_is_told_what_can_be_done(capsys, places, tmp_path):
    argv = ["compare", places, "--target", "landslide", "--categorical", "soil", "--drop", "x", "y"]
    _, err = refused(capsys, tmp_path, *argv, "--split", "spatial")
    assert "--coordinates X Y; a table without coordinates is divided by a column of regions" in err
    assert "--split strata --strata COLUMN" in err


def test_counts_and_a_missing_header_are_options(capsys, tmp_path):
    rows = make_places(60)
    rows["landslide"] *= 3
    rows.to_csv(tmp_path / "a.csv", index=False, header=False)
    argv = ["compare", tmp_path / "a.csv", "--no-header", "--target", "column_6"]
    argv += ["--categorical", "column_5", "--coordinates", "column_1", "column_2", *QUICK]
    _, err = refused(capsys, tmp_path, *argv)
    assert "has the values 3 and 0: recode" in err or "has the values 0 and 3: recode" in err
    assert "60 places, 20 landslides" in run(capsys, *argv, "--positive-class", ">0").out


def test_degrees_of_a_table_are_measured_in_meters(capsys, tmp_path):
    geopandas = pytest.importorskip("geopandas")
    pytest.importorskip("matplotlib")
    rows = make_places(60)
    shapes = geopandas.points_from_xy(rows["x"] + 7e5, rows["y"] + 9.56e6, crs="EPSG:32717")
    shapes = geopandas.GeoDataFrame(rows.drop(columns=["x", "y"]), geometry=shapes)
    shapes.to_crs("EPSG:4326").to_file(tmp_path / "degrees.geojson")
    shapes.to_file(tmp_path / "meters.gpkg")
    options = ["--target", "landslide", "--categorical", "soil", *QUICK, "--split", "spatial"]
    options += ["--block-size", "300", "--buffer", "50"]
    folds = []
    for name in ("degrees.geojson", "meters.gpkg"):
        out = tmp_path / name.partition(".")[0]
        run(capsys, "compare", tmp_path / name, *options, "--out", out)
        folds.append(pd.read_csv(out / "predictions.csv"))
    assert folds[0]["fold"].equals(folds[1]["fold"])
    # The user's own coordinates.
    table = read_table(tmp_path / "degrees.geojson", target="landslide", categorical="soil")
    assert folds[0]["x"].tolist() == pytest.approx(table.given_coordinates["x"].tolist())
    assert folds[0]["x"].between(-180, 180).all()


def test_options_of_tables_are_not_of_rasters(capsys, tmp_path):
    for option in (["--join", "a.csv"], ["--no-header"], ["--groups", "part"], ["--to-crs", "x"]):
        argv = ["compare", "--stack", "a.tif", "--points", "a.csv", *option]
        assert f"{option[0]} is for a TABLE" in refused(capsys, tmp_path, *argv)[1]
