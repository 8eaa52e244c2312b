"""A quick map that is asked at once: later landslides, districts, contributions; other models."""

import json
import re
from types import SimpleNamespace

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from sklearn.linear_model import LogisticRegression

for library in ("skops", "matplotlib", "rioxarray", "exactextract"):
    pytest.importorskip(library)

from shapely import box  # noqa: E402

from sklearn_landslide._trial import TRIAL  # noqa: E402
from sklearn_landslide._words import percent  # noqa: E402
from sklearn_landslide.datasets import make_landslides  # noqa: E402
from sklearn_landslide.map_products import (  # noqa: E402
    MapModel,
    MapRequest,
    _estimate,
    make_susceptibility_map,
)
from sklearn_landslide.mapping import open_stack, score_map_folder  # noqa: E402
from sklearn_landslide.persistence import load_model  # noqa: E402

pytestmark = pytest.mark.usefixtures("coarse_pictures")

SHAPE = (40, 50)


@pytest.fixture(scope="module")
def region():
    return make_landslides(150, shape=SHAPE, return_stack=True, as_frame=True, random_state=0)


@pytest.fixture(scope="module")
def stack(region):
    side, _, west, _, _, north = region.transform
    cells = {
        "y": [north - side * (row + 0.5) for row in range(SHAPE[0])],
        "x": [west + side * (column + 0.5) for column in range(SHAPE[1])],
    }
    bands = {name: xr.DataArray(region.stack[name], cells) for name in ("slope", "twi")}
    return open_stack(bands, crs="EPSG:32650")


@pytest.fixture(scope="module")
def places(region):
    points = pd.concat([region.coordinates, region.target.rename("landslide")], axis=1)
    return points.iloc[::2], points.iloc[1::2]


@pytest.fixture(scope="module")
def districts(region):
    west, south, east, north = rasterio.transform.array_bounds(
        *SHAPE, rasterio.Affine(*region.transform)
    )
    middle = (west + east) / 2
    halves = [box(west, south, middle, north), box(middle, south, east, north)]
    return geopandas.GeoDataFrame({"district": ["a|b", "east"]}, geometry=halves, crs="EPSG:32650")


@pytest.fixture(scope="module")
def made(stack, places, districts, tmp_path_factory):
    lines = []
    folder = make_susceptibility_map(
        LogisticRegression(),
        stack,
        places[0],
        out=tmp_path_factory.mktemp("made") / "map",
        quick=True,
        uncertainty=False,
        contributions=True,
        test_inventory=places[1],
        units_of=districts,
        units_name="district",
        log=lines.append,
    )
    return folder, lines


def test_later_landslides_score_the_map_as_by_themselves(made, places):
    folder, _ = made
    found = json.loads((folder / "later_score.json").read_text())
    # The column of labels says which rows are landslides.
    later = places[1][places[1]["landslide"] == 1].drop(columns="landslide")
    expected = score_map_folder(folder, later, random_state=0)
    assert found == json.loads(json.dumps(expected.to_dict()))
    assert len(pd.read_csv(folder / "later_landslides.csv")) == len(later)
    assert (folder / "later_rate_curve.png").stat().st_size > 10_000
    text = (folder / "summary.md").read_text()
    assert f"- The later inventory has {len(later)} landslides" in text


def test_the_zones_of_each_district_add_up_to_the_map(made):
    folder, _ = made
    table = pd.read_csv(folder / "zones_by_unit.csv")
    zones = pd.read_csv(folder / "zones.csv")
    assert table.groupby("zone")["area_km2"].sum().tolist() == pytest.approx(zones["area_km2"])
    text = (folder / "summary.md").read_text()
    assert "| a\\|b |" in text
    top = table[(table["unit"] == "east") & (table["zone"] == 5)].iloc[0]
    assert f"| {top['area_km2']:.4g} | {top['area_share']:.1%} |" in text


def test_the_summary_says_what_the_contributions_show(made):
    folder, _ = made
    with rasterio.open(folder / "deciding_factor.tif") as file:
        deciding, names = file.read(1), json.loads(file.tags()["class_names"])
    share = (deciding == 0).sum() / (deciding != 255).sum()
    text = (folder / "summary.md").read_text()
    assert f"The factor with the largest contribution is `{names['0']}` on {percent(share)}" in text


def test_a_trial_is_marked_as_one_in_all_that_is_written(made, stack, tmp_path):
    folder, lines = made
    text = (folder / "summary.md").read_text()
    assert text.splitlines()[2] == f"**{TRIAL.capitalize()}.**"
    assert "ROC-AUC in 3 random folds" in text
    assert any("6 folds: about" in line for line in lines)
    for path in folder.glob("*.tif"):
        with rasterio.open(path) as file:
            assert file.tags()["trial"] == TRIAL
    assert json.loads((folder / "facts.json").read_text())["training"]["trial"] == TRIAL
    # A map of the same model is no better.
    again = make_susceptibility_map(folder / "model.zip", stack, out=tmp_path / "again")
    assert TRIAL.capitalize() in (again / "summary.md").read_text()


def test_what_cannot_be_found_out_afterwards_costs_no_map(made, stack, tmp_path):
    elsewhere = pd.DataFrame({"x": [1.0], "y": [1.0]})
    said = []
    folder = make_susceptibility_map(
        made[0] / "model.zip",
        stack,
        out=tmp_path / "map",
        test_inventory=elsewhere,
        log=said.append,
    )
    assert "- Not found out: no landslide of" in (folder / "summary.md").read_text()
    assert any(line.startswith("warning: landslides of a later event: ") for line in said)
    assert not (folder / "later_score.json").exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"units_name": "district"}, "units_name=... is for units_of"),
        ({"units_of": ..., "units_name": "name"}, "has no column 'name': .* 'district'"),
        ({"test_inventory": "none.gpkg"}, "none.gpkg"),
    ],
)
def test_what_is_wrong_with_it_is_said_before_the_work(
    stack, places, districts, tmp_path, wrong, message
):
    said = []
    wrong = {name: districts if value is ... else value for name, value in wrong.items()}
    with pytest.raises((ValueError, OSError), match=message):
        make_susceptibility_map(
            LogisticRegression(), stack, places[0], out=tmp_path / "map", log=said.append, **wrong
        )
    assert said == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["xgboost", "catboost", "lightgbm"])
def test_boosted_trees_of_other_packages_map_and_are_kept(stack, places, tmp_path, kind):
    package = pytest.importorskip(kind)
    model = {
        "xgboost": lambda: package.XGBClassifier(n_estimators=5, n_jobs=1),
        "lightgbm": lambda: package.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1),
        "catboost": lambda: package.CatBoostClassifier(
            iterations=5, verbose=0, allow_writing_files=False, thread_count=1
        ),
    }[kind]()
    folder = make_susceptibility_map(
        model, stack, places[0], out=tmp_path / "map", quick=True, zones="equal_interval"
    )
    kept = load_model(folder / "model.zip")
    assert type(kept.model.steps[-1][1]) is type(model)
    assert len(kept.refits) == 3
    again = make_susceptibility_map(folder / "model.zip", stack, out=tmp_path / "again")
    for name in ("susceptibility.tif", "uncertainty.tif"):
        with rasterio.open(folder / name) as one, rasterio.open(again / name) as other:
            np.testing.assert_array_equal(one.read(), other.read())


@pytest.mark.parametrize(("uncertainty", "times"), [(True, "4 times"), (False, "once")])
def test_how_long_it_takes_is_said_before_a_large_map(stack, monkeypatch, uncertainty, times):
    monkeypatch.setattr(_estimate, "_MANY", 1)
    X = pd.DataFrame({name: np.linspace(1, 40, 20) for name in ("slope", "twi")})
    model = LogisticRegression().fit(X, np.arange(20) % 2)
    said = []
    request = MapRequest(model, stack, out="map", uncertainty=uncertainty, log=said.append)
    prepared = SimpleNamespace(request=request, stack=stack, units=None)
    _estimate.say_how_long(prepared, MapModel(model, refits=[model] * 3))
    assert re.fullmatch(rf"predicting 2e\+03 cells {times}: about \d+ s", said[0])
