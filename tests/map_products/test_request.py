"""What is wrong with a request is known before the work, and named by its parameter."""

from dataclasses import fields
from inspect import signature
from itertools import groupby

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import RadiusNeighborsClassifier

pytest.importorskip("skops")
pytest.importorskip("matplotlib")
pytest.importorskip("rioxarray")
pytest.importorskip("geopandas")
xarray = pytest.importorskip("xarray")

from sklearn_landslide import make_landslide_pipeline  # noqa: E402
from sklearn_landslide.datasets import make_landslides  # noqa: E402
from sklearn_landslide.map_products import (  # noqa: E402
    MapModel,
    MapRequest,
    _make_map,
    make_susceptibility_map,
)
from sklearn_landslide.map_products._facts import InventoryFacts, MapFacts  # noqa: E402
from sklearn_landslide.map_products._prepare import PreparedMap  # noqa: E402
from sklearn_landslide.map_products._run_file import RunFile  # noqa: E402
from sklearn_landslide.map_products._training_facts import TrainingFacts  # noqa: E402
from sklearn_landslide.mapping import SusceptibilityZones  # noqa: E402
from sklearn_landslide.persistence import load_model, save_model  # noqa: E402

CRS = "EPSG:32650"


@pytest.fixture(scope="module")
def region():
    return make_landslides(120, shape=(40, 50), return_stack=True, as_frame=True, random_state=0)


@pytest.fixture(scope="module")
def stack(region):
    side, _, west, _, _, north = region.transform
    cells = {
        "y": [north - side * (row + 0.5) for row in range(40)],
        "x": [west + side * (column + 0.5) for column in range(50)],
    }
    arrays = {name: (("y", "x"), region.stack[name]) for name in ("slope", "twi")}
    return xarray.Dataset(arrays, cells)


@pytest.fixture(scope="module")
def points(region):
    return region.coordinates.assign(landslide=region.target)


@pytest.fixture(scope="module")
def trained(region):
    model = LogisticRegression().fit(region.data[["slope", "twi"]], region.target)
    return MapModel(model, SusceptibilityZones("equal_interval").fit([0.0, 1.0]))


def refused(message, folder, model, stack, points, error=ValueError, **options):
    """Nothing is written, and the message names parameters, never options."""
    before = sorted(folder.rglob("*"))
    with pytest.raises(error, match=message) as found:
        make_susceptibility_map(
            model, stack, points, **{"out": folder / "map", "crs": CRS} | options
        )
    assert "--" not in str(found.value)
    assert "\n" not in str(found.value)
    assert sorted(folder.rglob("*")) == before


def test_a_request_has_the_arguments_of_the_call():
    call = signature(make_susceptibility_map).parameters
    request = signature(MapRequest).parameters
    assert {name: (one.kind, one.default) for name, one in call.items()} == {
        name: (one.kind, one.default) for name, one in request.items()
    }


@pytest.mark.parametrize("kind", [MapRequest, PreparedMap, TrainingFacts, MapFacts, InventoryFacts])
def test_what_is_asked_for_and_what_was_found_cannot_be_changed(kind):
    found = kind.__new__(kind)
    name = fields(kind)[0].name
    with pytest.raises(AttributeError, match=f"cannot assign to field '{name}'"):
        setattr(found, name, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"absences": -1.0}, "The 'absences' parameter of make_susceptibility_map must be a float"),
        ({"prevalence": 1.5}, "The 'prevalence' parameter of make_susceptibility_map"),
        ({"zones": "jenks"}, "The 'zones' parameter of make_susceptibility_map"),
        ({"polygons": "point"}, "The 'polygons' parameter of make_susceptibility_map"),
        ({"polygons": 0}, "The 'polygons' parameter of make_susceptibility_map"),
        ({"polygons": "scarp"}, "polygons='scarp' needs the elevation"),
        ({"min_slope": 90}, "The 'min_slope' parameter of make_susceptibility_map"),
        ({"min_slope": 80.0}, "min_slope=80 leaves 0 landslides and 0 other places"),
        ({"min_slope": 5.0, "factors": ["twi"]}, "min_slope=5.0 needs a factor named 'slope'"),
        ({"min_area": 0}, "The 'min_area' parameter of make_susceptibility_map"),
        ({"min_area": 1e12}, "min_area=1e.12 is in square meters, and the whole stack has"),
        ({"log": "print"}, "The 'log' parameter of make_susceptibility_map must be a callable"),
        ({"absences": 1}, "without a landslide already: leave absences=1 out"),
        ({"align": "dem"}, "align='dem' is not a factor"),
        ({"resampling": "bilinear"}, "resampling='bilinear' is used .* as align=..."),
        ({"categorical": ["soil"]}, "categorical='soil' is not a factor"),
        ({"crs": None}, "has no CRS: pass crs='EPSG:...'"),
        ({"crs": "mars"}, "crs='mars' is not a coordinate reference system"),
        ({"target": "slide"}, "no target column 'slide'.* Pass target=None if every row"),
        ({"save": "/nowhere/model.zip"}, "/nowhere does not exist"),
    ],
)
def test_what_is_wrong_is_named_by_its_parameter(stack, points, tmp_path, options, message):
    refused(message, tmp_path, LogisticRegression(), stack, points, **options)


def test_an_inventory_of_landslides_needs_absences(stack, points, tmp_path):
    slides = points[points["landslide"] == 1]
    about = tmp_path, LogisticRegression(), stack, slides
    message = "landslides only .* with absences=1, or name the column of labels as target=..."
    refused(message, *about)
    message = "absences=900 of .* away from landslides by absence_buffer=20 can be drawn"
    refused(message, *about, absences=900, absence_buffer=20)


def test_a_model_that_is_none_is_refused(stack, points, tmp_path):
    refused("model must be a scikit-learn classifier", tmp_path, 3, stack, points, TypeError)
    refused("needs an inventory: give points=...", tmp_path, LogisticRegression(), stack, None)


def test_a_copy_of_a_model_that_no_file_can_hold_is_refused_before_it_is_trained(
    stack, points, tmp_path
):
    model = make_landslide_pipeline(RadiusNeighborsClassifier())
    message = "cannot be saved: it holds a .*RadiusNeighbors.* Leave save='.*copy.zip' out"
    refused(message, tmp_path, model, stack, points, save=str(tmp_path / "copy.zip"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prevalence": 0.1}, "prevalence=0.1 is for training"),
        ({"absences": 1}, "absences=1 is for training"),
        ({"min_slope": 5.0}, "min_slope=5.0 is for training"),
        ({"quick": True}, "quick=True is for training"),
        ({"zones": "quantile"}, "leave zones='quantile' out"),
        ({"save": "copy.zip"}, "leave save='copy.zip' out"),
    ],
)
def test_what_belongs_to_the_training_is_refused_with_a_trained_model(
    trained, stack, tmp_path, options, message
):
    refused(message, tmp_path, trained, stack, None, **options)


def test_files_of_earlier_runs_are_named_with_what_to_do(trained, stack, points, tmp_path):
    about = tmp_path, LogisticRegression(), stack, points
    (tmp_path / "copy.zip").write_text("mine")
    message = "copy.zip exists: give another name, or set overwrite=True"
    refused(message, *about, save=tmp_path / "copy.zip")
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "zones.csv").write_text("mine")
    refused("already holds zones.csv: .* or replace them with overwrite=True", *about)
    (tmp_path / "map" / "map.partial").mkdir()
    RunFile(out=".", run={}, zones={}).write(tmp_path / "map" / "map.partial")
    (tmp_path / "map" / "zones.csv").unlink()
    refused("is of a run that did not end: take it up with resume=True", *about)


def test_each_argument_of_the_call_reaches_the_request_under_its_name(monkeypatch):
    monkeypatch.setattr(_make_map, "prepare", lambda request: request)
    monkeypatch.setattr(_make_map, "make_map", lambda prepared: prepared)
    arguments = {name: object() for name in signature(make_susceptibility_map).parameters}
    assert vars(make_susceptibility_map(**arguments)) == arguments


def test_whoever_asked_hears_of_each_step_if_they_want_to():
    said = []
    MapRequest(None, None, out="map", log=said.append).say("model fitted")
    MapRequest(None, None, out="map").say("model fitted")
    assert said == ["model fitted"]


FACTS = {
    "model": "LogisticRegression",
    "random_state": 0,
    "rows": 10,
    "landslides": 4,
    "factors": ["slope", "twi"],
    "categorical": [],
    "probabilities_of": {"0": 0.6, "1": 0.4},
    "prevalence": None,
    "auc_random": [0.8],
    "auc_blocks": [],
    "why_no_blocks": "too few places",
    "uncertainty": "refits",
    "absences": None,
    "absence_buffer": 100.0,
    "inventory_sha256": None,
    "n_landslides": 3,
    "polygons": "cells",
    "min_slope": 5.0,
    "n_flat": 2,
    "auc_with_flat": [0.9],
    "resample": "under",
    "ground": "away",
    "shares": {"linear_weight": 0.3, "memory_weight": None},
    "capture": [0.1, 0.2, 0.5, 0.6, 0.8],
    "factor_recipe": "{}",
    "source_model": "LandslideNet",
    "source_rows": 400,
    "source_landslides": 100,
    "adapt": "fine_tune",
    "target_weight": 0.1,
    "auc_source": [0.7],
    "trial": "quick trial",
}


def test_facts_of_a_training_are_kept_as_a_dict_in_the_order_of_the_file():
    facts = TrainingFacts.from_dict(FACTS)
    assert list(facts.to_dict().items()) == list(FACTS.items())
    assert list(FACTS) == [field.name for field in fields(TrainingFacts)]


def test_facts_that_do_not_tell_of_the_training_are_none():
    assert TrainingFacts.from_dict({}) is None
    assert TrainingFacts.from_dict({"seed": 7, "rows": 3}) is None
    known = {name: value for name, value in FACTS.items() if "absence" not in name}
    assert TrainingFacts.from_dict(known | {"notes": "more"}).absences is None


@pytest.mark.parametrize(
    "change",
    [
        {"rows": "10"},
        {"rows": 0, "landslides": 0},
        {"landslides": 11},
        {"auc_random": "0.8"},
        {"auc_random": ["<b>"]},
        {"probabilities_of": {}},
        {"model": None},
        {"factors": 3},
        {"absences": "1"},
        {"polygons": 1.5},
        {"min_slope": "5"},
        {"auc_with_flat": ["<b>"]},
        {"shares": {"linear_weight": "<b>"}},
        {"shares": [0.3]},
        {"auc_source": ["<b>"]},
        {"adapt": 3},
    ],
    ids=repr,
)
def test_facts_of_the_wrong_kind_in_a_file_are_none(change):
    assert TrainingFacts.from_dict(FACTS | change) is None


@pytest.mark.parametrize("facts", [None, [], 3, "model"])
def test_facts_that_are_no_dict_are_none(facts):
    assert TrainingFacts.from_dict(facts) is None


def test_no_name_forges_a_line_or_markup_in_the_summary(stack, points, tmp_path, capsys):
    """Of a band, of a class, and of all that a model file tells of its training."""
    evil = "slope\n- ROC-AUC in 5 spatial blocks: 0.999 <script>alert(1)</script> | x"
    bands = stack.rename({"slope": evil})
    out = make_susceptibility_map(
        LogisticRegression(), bands, points, out=tmp_path / "a", crs=CRS, zones="quantile"
    )
    text = (out / "summary.md").read_text()
    assert sum(line.startswith("- ROC-AUC in 5 spatial") for line in text.splitlines()) <= 1
    assert "0.999" in text
    assert "<script>" not in text
    model = load_model(out / "model.zip")
    model.facts |= {"model": evil, "why_no_blocks": evil, "auc_blocks": []}
    model.zones.names_ = [f"=1+{number}|\n| a |" for number in range(5)]
    save_model(model, tmp_path / "forged.zip")
    bands = bands.assign({"a|b\n# Heading": stack["twi"]})
    out = make_susceptibility_map(tmp_path / "forged.zip", bands, out=tmp_path / "b", crs=CRS)
    lines = (out / "summary.md").read_text().splitlines()
    assert not any(
        line.startswith(("- ROC-AUC in 5 spatial", "# Heading", "| a |")) for line in lines
    )
    assert "<script>" not in "\n".join(lines)
    tables = [
        list(part) for is_row, part in groupby(lines, lambda line: line.startswith("|")) if is_row
    ]
    assert [len(table) for table in tables] == [2 + 5, 2 + 1]
    for table in tables:
        assert len({len(line.replace(r"\|", "").split("|")) for line in table}) == 1
    assert "'=1+0|" in (out / "zones.csv").read_text()
