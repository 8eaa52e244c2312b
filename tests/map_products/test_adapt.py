"""A model of one region, adapted to an inventory of the next for its map."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

pytest.importorskip("skops")
pytest.importorskip("matplotlib")
rasterio = pytest.importorskip("rasterio")
pytest.importorskip("rioxarray")
pytest.importorskip("geopandas")

from sklearn_landslide import LandslideNet, make_landslide_pipeline  # noqa: E402
from sklearn_landslide.cli import main  # noqa: E402
from sklearn_landslide.datasets import make_landslides  # noqa: E402
from sklearn_landslide.map_products import MapModel, make_susceptibility_map  # noqa: E402
from sklearn_landslide.mapping import open_stack  # noqa: E402
from sklearn_landslide.persistence import load_model, save_model  # noqa: E402
from sklearn_landslide.transfer import SourceStacking, TransferNet  # noqa: E402

FACTORS = ["slope", "twi", "lithology"]


def write(path, region, names):
    side, _, west, _, height, north = region.transform
    shape = region.stack["slope"].shape
    about = {"driver": "GTiff", "dtype": "float32", "nodata": np.nan, "crs": "EPSG:32650"}
    about |= {"count": len(names), "height": shape[0], "width": shape[1]}
    about["transform"] = rasterio.Affine(side, 0, west, 0, height, north)
    with rasterio.open(path, "w", **about) as file:
        for number, name in enumerate(names, start=1):
            file.write(region.stack[name].astype("float32"), number)
        file.descriptions = names


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Models of a first region, and rasters and an inventory of a second one."""
    folder = tmp_path_factory.mktemp("home")
    first = make_landslides(150, shape=(40, 50), return_stack=True, as_frame=True, random_state=0)
    X = first.data[FACTORS]
    net = LandslideNet(max_epochs=1, n_members=2, n_trees=4, random_state=0)
    for name, model in (("net", net), ("line", LogisticRegression())):
        fitted = make_landslide_pipeline(model, resample=None).fit(X, first.target)
        save_model(MapModel(fitted), folder / f"{name}.zip")
    second = make_landslides(60, shape=(40, 50), return_stack=True, as_frame=True, random_state=3)
    # In another order, with a factor that the first region has not.
    write(folder / "stack.tif", second, ["altitude", *FACTORS[::-1]])
    write(folder / "less.tif", second, ["slope"])
    points = second.coordinates.assign(landslide=second.target)
    points.to_csv(folder / "points.csv", index=False)
    points[points["landslide"] == 1].to_csv(folder / "slides.csv", index=False)
    points[:9].to_csv(folder / "few.csv", index=False)
    return folder


def test_the_map_is_that_of_the_adapted_network(home, tmp_path):
    out = make_susceptibility_map(
        home / "net.zip", home / "stack.tif", adapt=home / "points.csv", out=tmp_path / "map"
    )
    made = load_model(out / "model.zip")
    adapted = made.model.steps[-1][1]
    assert type(adapted) is TransferNet
    assert adapted.feature_names_in_.tolist() == FACTORS
    points = pd.read_csv(home / "points.csv")
    assert adapted.n_landslides_ == points["landslide"].sum()
    # A map of its cells, by hand.
    stack = open_stack(home / "stack.tif").load()
    with rasterio.open(out / "susceptibility.tif") as file:
        found = file.read(1)
    cells = pd.DataFrame({name: stack[name].to_numpy().ravel() for name in FACTORS})
    cells["lithology"] = pd.Categorical(cells["lithology"].astype(int))
    expected = made.model.predict_proba(cells)[:, 1].reshape(found.shape)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    facts = made.facts
    assert facts["rows"] == 60
    assert facts["factors"] == FACTORS
    assert facts["categorical"] == ["lithology"]
    assert len(facts["auc_source"]) == len(facts["auc_blocks"] or facts["auc_random"])
    text = (out / "summary.md").read_text()
    assert "It is a model from another region" in text
    assert "without adaptation, in the same" in text
    assert "net.zip" in text
    assert "points.csv" in text
    assert (out / "uncertainty.tif").exists()


def test_any_other_model_is_stacked_and_landslides_alone_get_absences_and_a_stated_prevalence(
    home, tmp_path
):
    out = make_susceptibility_map(
        home / "line.zip",
        home / "stack.tif",
        adapt=home / "slides.csv",
        absences=1,
        prevalence=0.02,
        out=tmp_path / "map",
    )
    made = load_model(out / "model.zip")
    assert type(made.model.steps[-1][1]) is SourceStacking
    facts = made.facts
    assert facts["adapt"] == "stacking"
    assert facts["prevalence"] == 0.02
    assert facts["rows"] == 2 * facts["landslides"]
    with rasterio.open(out / "susceptibility.tif") as file:
        assert np.nanmean(file.read(1)) < 0.1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--model LR --adapt points.csv", "--adapt FILE is for a trained model of another region"),
        ("--model net.zip --adapt points.csv --points points.csv", "leave --points FILE out"),
        ("--model net.zip --adapt points.csv --factors slope", "leave --factors slope out"),
        ("--model net.zip --adapt points.csv --epochs 3", "--epochs is for training"),
        ("--model net.zip --adapt none.csv", "No such file: none.csv"),
        ("--model net.zip --adapt slides.csv", "landslides only"),
        ("--model net.zip --adapt few.csv", "at least 5 of each are needed"),
        ("--model net.zip --adapt points.csv --stack less.tif", "no factor 'twi', 'lithology'"),
    ],
)
def test_what_contradicts_is_said_in_one_line_and_nothing_written(
    home, monkeypatch, capsys, options, message
):
    monkeypatch.chdir(home)
    before = sorted(home.rglob("*"))
    given = options.split()
    if "--stack" not in given:
        given += ["--stack", "stack.tif"]
    command = ["map", *given, "--target", "landslide", "--out", "map", "--n-jobs", "1"]
    assert main(command) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    assert sorted(home.rglob("*")) == before
