"""A run that ended early: only the same run takes it up, and nothing of anybody else's is lost."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

pytest.importorskip("skops")
pytest.importorskip("matplotlib")
pytest.importorskip("rioxarray")
geopandas = pytest.importorskip("geopandas")
rasterio = pytest.importorskip("rasterio")

from rasterio.shutil import copy as copy_raster  # noqa: E402

from sklearn_landslide.datasets import make_landslides  # noqa: E402
from sklearn_landslide.map_products import (  # noqa: E402
    MapModel,
    MapRequest,
    _write,
    make_map,
    make_susceptibility_map,
)
from sklearn_landslide.map_products._prepare import prepare  # noqa: E402
from sklearn_landslide.mapping import SusceptibilityZones, open_stack  # noqa: E402
from sklearn_landslide.persistence import load_model, save_model  # noqa: E402

pytestmark = pytest.mark.usefixtures("two_folds", "coarse_pictures")

CRS = "EPSG:32650"
MAPS = (
    "susceptibility.tif",
    "zones.tif",
    "dissimilarity.tif",
    "applicability.tif",
    "uncertainty.tif",
)
LABELS = "points.dbf"


class Full(OSError):
    """What stands for a full disk."""


def read(path):
    with rasterio.open(path) as file:
        return file.read()


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def write_raster(path, bands, crs=CRS, grid=None):
    side, _, west, _, height, north = grid[:6]
    first = next(iter(bands.values()))
    profile = {"driver": "GTiff", "count": len(bands), "dtype": "float32", "nodata": np.nan}
    place = {"crs": crs, "transform": rasterio.Affine(side, 0, west, 0, height, north)}
    size = {"height": first.shape[0], "width": first.shape[1]}
    with rasterio.open(path, "w", **profile, **place, **size) as file:
        for number, band in enumerate(bands.values(), start=1):
            file.write(band.astype("float32"), number)
        file.descriptions = list(bands)


@pytest.fixture(scope="module")
def region():
    return make_landslides(150, shape=(40, 50), return_stack=True, as_frame=True, random_state=0)


@pytest.fixture(scope="module")
def home(region, tmp_path_factory):
    """A folder with a virtual raster and a shapefile."""
    folder = tmp_path_factory.mktemp("home")
    bands = {name: region.stack[name] for name in ("slope", "twi")}
    (folder / "tiles").mkdir()
    write_raster(folder / "tiles" / "a.tif", bands, grid=region.transform)
    copy_raster(folder / "tiles" / "a.tif", folder / "stack.vrt", driver="VRT")
    places = geopandas.points_from_xy(*region.coordinates.to_numpy().T)
    table = {"landslide": region.target.to_numpy()}
    geopandas.GeoDataFrame(table, geometry=places, crs=CRS).to_file(folder / "points.shp")
    return folder


def options(**changed):
    return {"out": "map", "target": "landslide"} | changed


def run(model=None, stack="stack.vrt", points="points.shp", **changed):
    model = LogisticRegression() if model is None else model
    return make_susceptibility_map(model, stack, points, **options(**changed))


@pytest.fixture(scope="module")
def made(home, tmp_path_factory):
    """The folder after one run without any trouble."""
    folder = tmp_path_factory.mktemp("made") / "home"
    shutil.copytree(home, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run()
    return folder / "map"


@pytest.fixture(scope="module")
def ended_early(home, tmp_path_factory):
    """The folder after a run that could not write the polygons, and what it said."""
    folder = tmp_path_factory.mktemp("early") / "home"
    shutil.copytree(home, folder)

    def fail(*args, **options):
        raise Full("no space")

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(_write, "write_zone_polygons", fail)
        with pytest.raises(Full) as found:
            run()
    return folder, found.value


@pytest.fixture
def early(ended_early, tmp_path, monkeypatch):
    """A copy of that folder, in which to go on."""
    shutil.copytree(ended_early[0], tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    return tmp_path / "home"


def assert_same_maps(folder, made):
    for name in MAPS:
        np.testing.assert_array_equal(read(folder / name), read(made / name))
    assert (folder / "zones.csv").read_text() == (made / "zones.csv").read_text()


# --- what is kept, and taken up ---------------------------------------------------------------


def test_a_failure_after_the_training_keeps_the_model_and_says_where(ended_early):
    """Without having asked for it: nobody throws away a trained model."""
    folder, error = ended_early
    assert {path.name for path in folder.iterdir()} >= {"map.partial"}
    assert not (folder / "map").exists()
    kept = json.loads((folder / "map.partial" / "run.json").read_text())["finished"]
    assert list(kept) == ["model.zip", *MAPS]
    assert load_model(folder / "map.partial" / "model.zip").zones is None
    assert f"is kept in {folder / 'map.partial'}: go on with resume=True" in error.__notes__[0]
    assert not (folder / "map.partial" / "run.lock").exists()


def test_the_same_run_goes_on_and_gives_the_same_bits(early, made):
    said, before = [], (early / "map.partial" / "susceptibility.tif").stat().st_mtime_ns
    run(resume=True, log=said.append)
    assert said[0] == "model of the unfinished run"
    assert (early / "map" / "susceptibility.tif").stat().st_mtime_ns == before
    assert_same_maps(early / "map", made)
    assert not (early / "map.partial").exists()


def test_a_failure_before_the_training_leaves_nothing(home, tmp_path, monkeypatch):
    class Broken(LogisticRegression):
        def fit(self, X, y):
            raise Full("no memory")

    shutil.copytree(home, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.setattr(
        "sklearn_landslide.map_products._prepare.check_can_be_saved", lambda model: None
    )
    before = contents(tmp_path)
    for resume in (False, True):
        with pytest.raises(Full):
            run(Broken(), resume=resume)
        assert contents(tmp_path) == before


def test_zones_that_cannot_be_learned_may_be_others_when_the_run_goes_on(home, tmp_path, capsys):
    """A model that knows two probabilities, and five natural breaks."""
    from sklearn_landslide.cli import main

    bands = read(home / "tiles" / "a.tif")
    steps = {"slope": (bands[0] > np.median(bands[0])).astype("float32")}
    with rasterio.open(home / "tiles" / "a.tif") as file:
        write_raster(tmp_path / "steps.tif", steps, grid=file.transform)
    argv = ["map", "--model", "LR", "--stack", str(tmp_path / "steps.tif"), "--n-jobs", "1"]
    argv += ["--points", str(home / "points.shp"), "--target", "landslide"]
    argv += ["--out", str(tmp_path / "map")]
    assert main(argv) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert "natural_breaks cannot make 5 zones" in line
    assert f"is kept in {tmp_path / 'map.partial'}: go on with --resume" in line
    assert main([*argv, "--resume", "--zones", "equal_interval", "--n-zones", "2"]) == 0
    assert "model of the unfinished run" in capsys.readouterr().err
    assert len(pd.read_csv(tmp_path / "map" / "zones.csv")) == 2
    # Once they are learned they stay.
    assert set(np.unique(read(tmp_path / "map" / "zones.tif"))) <= {0, 1, 2}


def test_zones_that_were_learned_are_not_made_others(early):
    before = contents(early)
    with pytest.raises(ValueError, match=r"is of another run \(n_zones is 5, not 3"):
        run(resume=True, n_zones=3)
    assert contents(early) == before


def test_a_run_with_other_patches_is_another_one(early):
    before = contents(early)
    with pytest.raises(ValueError, match=r"is of another run \(min_area is None, not 20000"):
        run(resume=True, min_area=20_000.0)
    assert contents(early) == before


def test_a_run_that_is_taken_up_merges_as_many_cells(home, made, tmp_path, monkeypatch):
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    write = _write.write_zone_polygons

    def fail(*args, **options):
        raise Full("no space")

    monkeypatch.setattr(_write, "write_zone_polygons", fail)
    with pytest.raises(Full):
        run(min_area=20_000.0)
    monkeypatch.setattr(_write, "write_zone_polygons", write)
    run(min_area=20_000.0, resume=True)
    changed = (read(tmp_path / "home" / "map" / "zones.tif") != read(made / "zones.tif")).sum()
    assert changed > 0
    assert f"border: {changed} cells (" in (tmp_path / "home" / "map" / "summary.md").read_text()


def test_a_finished_file_that_was_replaced_is_made_again(early, made):
    for name in ("zones.tif", "susceptibility.tif"):
        path = early / "map.partial" / name
        with rasterio.open(path) as file:
            profile, bands = file.profile, file.read()
        with rasterio.open(path, "w", **profile) as file:
            file.write(np.ones_like(bands))
    (early / "map.partial" / "uncertainty.tif").unlink()
    run(resume=True)
    assert_same_maps(early / "map", made)


def test_with_another_model_in_the_folder_all_is_made_again(early, made):
    model = load_model(early / "map.partial" / "model.zip")
    model.model = model.refits[0]
    save_model(model, early / "map.partial" / "model.zip", overwrite=True)
    said = []
    run(resume=True, log=said.append)
    assert "model fitted" in said
    assert_same_maps(early / "map", made)


def test_an_output_folder_that_was_made_meanwhile_does_not_hide_the_run(early, made):
    (early / "map").mkdir()
    said = []
    run(resume=True, log=said.append)
    assert said[0] == "model of the unfinished run"
    assert_same_maps(early / "map", made)
    assert not (early / "map.partial").exists()


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("from_end", [None, 2, 0])
def test_a_delivery_that_fails_loses_nothing(early, made, monkeypatch, there, from_end):
    from sklearn_landslide import _output_folder

    # A new folder is renamed once all files are in it; one that is there needs no such move.
    moves = 0 if from_end is None else len(os.listdir(made)) - from_end
    if there:
        (early / "map").mkdir()
        (early / "map" / "notes.txt").write_text("mine")
    replace, count = os.replace, iter(range(1000))

    def failing(source, target):
        if next(count) == moves:
            raise Full("no space")
        replace(source, target)

    place = _output_folder.OutputFolder.place

    def place_with_trouble(self, *args):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "replace", failing)
            patch.setattr(os, "rename", failing)
            return place(self, *args)

    monkeypatch.setattr(_output_folder.OutputFolder, "place", place_with_trouble)
    if not (there and from_end == 0):
        with pytest.raises(Full):
            run(resume=True)
        monkeypatch.setattr(_output_folder.OutputFolder, "place", place)
        assert sorted(os.listdir(early / "map") if there else []) == ["notes.txt"] * there
    run(resume=True, overwrite=from_end == 0)
    assert_same_maps(early / "map", made)
    assert (early / "map" / "notes.txt").exists() == there


def test_a_run_that_was_killed_while_it_delivered_needs_no_overwrite(early, made):
    """Some files are in place, and the first is not: as between two renames."""
    (early / "map").mkdir()
    for name in ("zones.tif", "model.zip"):
        os.replace(early / "map.partial" / name, early / "map" / name)
    run(resume=True)
    assert_same_maps(early / "map", made)


# --- other data, other arguments -----------------------------------------------------------------


def other_labels(folder):
    points = geopandas.read_file(folder / "points.shp")
    before = (folder / "points.shp").read_bytes()
    points["landslide"] = 1 - points["landslide"]
    points.to_file(folder / "points.shp")
    assert (folder / "points.shp").read_bytes() == before


def other_source(folder):
    with rasterio.open(folder / "tiles" / "a.tif", "r+") as file:
        band = file.read(1)
        file.write(band[::-1], 1)


def other_statistics(folder):
    """As where a scale is set beside the raster."""
    (folder / "tiles" / "a.tif.aux.xml").write_text("<PAMDataset></PAMDataset>")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (other_labels, "points.dbf"),
        (other_source, "tiles/a.tif"),
        (other_statistics, "a.tif.aux.xml"),
    ],
)
def test_other_data_under_the_same_names_is_not_taken_up(early, change, name):
    change(early)
    before = contents(early)
    with pytest.raises(ValueError, match=f"is of another run .*{name} is "):
        run(resume=True)
    assert contents(early) == before


def test_the_summary_has_the_fingerprints_of_all_parts(made):
    text = (made / "summary.md").read_text()
    for name in ("stack.vrt", "a.tif", "points.shp", "points.dbf", "points.shx", "points.prj"):
        assert f"{name}`: " in text


def test_an_inventory_with_other_labels_is_another_inventory(early):
    """Though its shapes are the same: the model is tested on it."""
    run(resume=True)
    other_labels(early)
    run("map/model.zip", out="again")
    assert "new to the model: " in (early / "again" / "summary.md").read_text()
    run("map/model.zip", out="once_more", points=None)


OTHER = {
    "target": "label",
    "coordinates": ("y2", "x2"),
    "categorical": ["twi"],
    "factors": ["slope"],
    "align": "twi",
    "resampling": {"slope": "nearest"},
    "crs": "EPSG:32651",
    "absences": 2.0,
    "absence_buffer": 7.0,
    "polygons": 3,
    "min_slope": 5.0,
    "min_area": 1000.0,
    "prevalence": 0.3,
    "random_state": 1,
    "window": 64,
    "uncertainty": False,
    "resample": "none",
}


def test_each_argument_that_decides_is_in_the_description_of_the_run():
    base = MapRequest(None, None, out="map")
    names = set(base.choices())
    rest = {one.name for one in fields(MapRequest)} - names
    assert rest == {
        *("model", "stack", "points", "adapt", "out", "n_jobs", "save", "overwrite", "resume"),
        *("progress", "log", "zones", "n_zones", "test_inventory", "units_of"),
    }
    for name, value in OTHER.items():
        changed = MapRequest(None, None, out="map", **{name: value}).choices()
        assert json.loads(json.dumps(changed))[name] != json.loads(json.dumps(base.choices()))[name]


def described(model, stack, points, **changed):
    prepared = prepare(MapRequest(model, stack, points, **options(**changed)))
    return json.loads(json.dumps(prepared.run()))


def test_cells_drawn_without_a_seed_are_no_part_of_the_run(home, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    stack = open_stack(home / "stack.vrt").load()
    points = geopandas.read_file(home / "points.shp")
    points.geometry = points.buffer(60)
    drawn = [
        described(LogisticRegression(), stack, points, polygons=1, random_state=seed)
        for seed in (0, 0, 1, None)
    ]
    assert drawn[0]["places"] == drawn[1]["places"] != drawn[2]["places"]
    assert "places" not in drawn[3]


def test_what_lies_in_memory_is_known_by_its_content(home, region, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    stack = open_stack(home / "stack.vrt").load()
    points = geopandas.read_file(home / "points.shp")
    other_stack, other_points = stack.copy(deep=True), points.copy()
    other_stack["slope"][3, 4] += 1
    other_points.loc[0, "landslide"] = 1 - points.loc[0, "landslide"]
    model, other_model = LogisticRegression(), LogisticRegression(C=2.0)
    base = described(model, stack, points)
    assert described(LogisticRegression(), stack.copy(deep=True), points.copy()) == base
    for changed in (
        (model, other_stack, points),
        (model, stack, other_points),
        (other_model, stack, points),
        (model, stack.rename({"twi": "spi"}), points),
    ):
        assert described(*changed) != base


def test_a_dict_of_files_is_known_by_the_files(home, tmp_path, monkeypatch, region):
    monkeypatch.chdir(tmp_path)
    write_raster("slope.tif", {"slope": region.stack["slope"]}, grid=region.transform)
    stack = {"slope": "slope.tif"}
    base = described(LogisticRegression(), stack, home / "points.shp")
    write_raster("slope.tif", {"slope": region.stack["slope"] + 1}, grid=region.transform)
    changed = described(LogisticRegression(), stack, home / "points.shp")
    assert base["files"]["slope.tif"] != changed["files"]["slope.tif"]


def test_fitted_models_in_memory_are_told_apart(region, home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    X, y = region.data[["slope", "twi"]], region.target
    zones = SusceptibilityZones("equal_interval").fit([0.0, 1.0])
    one = MapModel(LogisticRegression().fit(X, y), zones)
    other = MapModel(LogisticRegression().fit(X, 1 - y), zones)
    first, second = (described(m, home / "stack.vrt", None) for m in (one, other))
    assert first != second
    assert first == described(one, home / "stack.vrt", None)


# --- folders of others -------------------------------------------------------------------------


def test_wrong_arguments_leave_an_unfinished_run_as_it_is(early):
    """Overwriting or not: what is wrong is found before anything is thrown away."""
    before = contents(early)
    for wrong in ({"stack": "none.tif"}, {"target": "slide"}, {"factors": ["slop"]}):
        with pytest.raises((ValueError, OSError)):
            run(overwrite=True, **wrong)
        assert contents(early) == before


def test_an_unfinished_run_is_thrown_away_only_when_asked(early, made):
    with pytest.raises(ValueError, match="is of a run that did not end"):
        run()
    said = []
    run(overwrite=True, log=said.append)
    assert "model fitted" in said
    assert_same_maps(early / "map", made)


@pytest.mark.parametrize("asked", ["overwrite", "resume"])
@pytest.mark.parametrize("kind", ["no run.json", "garbage", "file", "link", "foreign file"])
def test_a_folder_of_somebody_else_is_neither_removed_nor_taken_up(
    early, kind, asked, tmp_path, monkeypatch
):
    partial = early / "map.partial"
    if kind == "foreign file":
        (partial / "notes.txt").write_text("mine")
    else:
        shutil.rmtree(partial)
        if kind == "file":
            partial.write_text("mine")
        elif kind == "link":
            (tmp_path / "elsewhere").mkdir()
            (tmp_path / "elsewhere" / "notes.txt").write_text("mine")
            partial.symlink_to(tmp_path / "elsewhere")
        else:
            partial.mkdir()
            (partial / "susceptibility.tif").write_text("mine")
            if kind == "garbage":
                (partial / "run.json").write_text('{"kind": "a game", "level": 7}')
    before = contents(tmp_path)
    with pytest.raises(ValueError, match="move it away, or give another output folder") as found:
        run(**{asked: True})
    assert str(partial) in str(found.value)
    assert contents(tmp_path) == before


def test_a_file_that_somebody_puts_there_meanwhile_is_left(home, tmp_path, monkeypatch):
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    notes = tmp_path / "home" / "map.partial" / "notes.txt"

    def log(line):
        notes.write_text("mine")

    run(log=log)
    assert (tmp_path / "home" / "map" / "summary.md").exists()
    assert [path.name for path in notes.parent.iterdir()] == ["notes.txt"]


def test_a_file_that_is_read_is_not_replaced(early):
    """A map of an earlier run as a factor, written into the same folder."""
    (early / "out").mkdir()
    shutil.copy(early / "tiles" / "a.tif", early / "out" / "susceptibility.tif")
    before = contents(early)
    about = {"stack": "out/susceptibility.tif", "out": "out", "overwrite": True}
    with pytest.raises(ValueError, match="is read by this run and would be replaced"):
        run(**about)
    with pytest.raises(ValueError, match="is read by this run"):
        run(out="other", save="points.shp", overwrite=True)
    assert contents(early) == before


def test_links_to_nothing_count_as_something(early):
    (early / "map2").symlink_to("nowhere")
    (early / "out").mkdir()
    (early / "out" / "zones.csv").symlink_to("nowhere")
    (early / "copy.zip").symlink_to("nowhere")
    for about, message in (
        ({"out": "map2"}, "is a link to nowhere, which does not exist"),
        ({"out": "map2/deeper"}, "is a link to nowhere, which does not exist"),
        ({"out": "out"}, r"already holds zones\.csv"),
        ({"out": "new", "save": "copy.zip"}, r"copy\.zip exists"),
    ):
        with pytest.raises(ValueError, match=message):
            run(**about)
    assert not (early / "nowhere").exists()


# --- two runs at once ----------------------------------------------------------------------------

# The code of each is a line of stdout; one process, which takes its time to import.
SECOND = """
import sys
from sklearn_landslide.cli import main
for asked in ([], ["--overwrite"], ["--resume"]):
    print(main(sys.argv[1:] + asked))
"""


def test_a_second_run_into_the_same_folder_is_told_in_one_line(home, made, tmp_path, monkeypatch):
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    argv = ["map", "--model", "LR", "--stack", "stack.vrt", "--points", "points.shp"]
    argv += ["--target", "landslide", "--n-jobs", "1", "--out", "map"]
    told = []

    def log(line):
        if line == "model fitted":
            command = [sys.executable, "-c", SECOND, *argv]
            told.append(subprocess.run(command, capture_output=True, text=True, check=True))

    run(log=log)
    (second,) = told
    assert second.stdout == "2\n2\n2\n"
    lines = second.stderr.splitlines()
    assert len(lines) == 3
    for line in lines:
        assert f"map.partial is in use by process {os.getpid()} of " in line
    assert_same_maps(tmp_path / "home" / "map", made)
    assert not (tmp_path / "home" / "map.partial").exists()


def test_a_run_that_begins_meanwhile_is_the_only_one(home, tmp_path, monkeypatch):
    """Both have found the folder free; the one that is later to begin is told."""
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    first, second = (
        prepare(MapRequest(LogisticRegression(), "stack.vrt", "points.shp", **options()))
        for _ in range(2)
    )
    first.work.open(first.run(), first.zones())
    before = contents(tmp_path)
    with pytest.raises(ValueError, match="in use by process"):
        second.work.open(second.run(), second.zones())
    assert contents(tmp_path) == before
    first.work.fail(Full(), keep=False)
    assert not (tmp_path / "home" / "map.partial").exists()


def test_the_request_of_the_command_makes_the_same_map(early, made):
    about = options(resume=True)
    make_map(prepare(MapRequest(LogisticRegression(), "stack.vrt", "points.shp", **about)))
    assert_same_maps(early / "map", made)


# --- killed before the model is complete ---------------------------------------------------------

KILLED = """
import os, signal, sys
from sklearn.linear_model import LogisticRegression
from sklearn_landslide.map_products import _train, make_susceptibility_map

_train.N_FOLDS = 2  # as in the other runs of this module

def kill(event, args):
    if event == "open" and str(args[0]).endswith("fold-3.json"):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
make_susceptibility_map(
    LogisticRegression(), "stack.vrt", "points.shp", out="map", target="landslide"
)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_a_run_that_is_killed_in_its_folds_goes_on_with_the_model_and_the_folds(
    home, made, tmp_path, monkeypatch
):
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    killed = subprocess.run([sys.executable, "-c", KILLED], env=os.environ, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    kept = json.loads((tmp_path / "home" / "map.partial" / "run.json").read_text())["finished"]
    # Models of the two blocks, which the uncertainty needs, and scores of these and a random fold.
    folds = [f"fold-{n}.{kind}" for n in range(2) for kind in ("zip", "json")]
    assert list(kept) == ["fitted.zip", *folds, "fold-2.json"]
    fit, fits, said = LogisticRegression.fit, [], []

    def counted(self, X, y, sample_weight=None):
        fits.append(len(y))
        return fit(self, X, y, sample_weight)

    monkeypatch.setattr(LogisticRegression, "fit", counted)
    run(resume=True, log=said.append)
    assert said[0] == "model of the unfinished run, before its folds"
    # One of the four folds was not kept.
    assert len(fits) == 1
    assert_same_maps(tmp_path / "home" / "map", made)
    assert load_model("map/model.zip").facts == load_model(made / "model.zip").facts
    assert sorted(os.listdir("map")) == sorted(os.listdir(made))
    assert not (tmp_path / "home" / "map.partial").exists()


def test_a_step_that_was_changed_is_made_again(home, made, tmp_path, monkeypatch):
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")

    def fail(*args, **options):
        raise Full("no memory")

    with monkeypatch.context() as patch:
        patch.setattr("sklearn_landslide.map_products._train._fit_applicability", fail)
        with pytest.raises(Full) as found:
            run()
    assert "go on with resume=True" in found.value.__notes__[0]
    partial = tmp_path / "home" / "map.partial"
    assert len(list(partial.glob("fold-*.json"))) == 4
    (partial / "fold-0.json").write_text("[0.5]")
    (partial / "fold-1.zip").unlink()
    run(resume=True)
    assert_same_maps(tmp_path / "home" / "map", made)
    assert (tmp_path / "home" / "map" / "zones.csv").read_text() == (made / "zones.csv").read_text()


# --- a model that no file can hold ---------------------------------------------------------------


class Own(LogisticRegression):
    """A class of the user's."""


def test_a_model_that_no_file_can_hold_is_mapped_without_one(home, made, tmp_path, monkeypatch):
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    with pytest.warns(UserWarning, match="model.zip will not: Own cannot be saved"):
        run(Own())
    assert_same_maps(tmp_path / "home" / "map", made)
    names = set(os.listdir(made))
    assert set(os.listdir("map")) == names - {"model.zip"}
    text = (tmp_path / "home" / "map" / "summary.md").read_text()
    assert "There is no model.zip" in text
    assert "`model.zip`" not in text
    with pytest.raises(ValueError, match=r"cannot be saved.* Leave save='copy.zip' out"):
        run(Own(), out="again", save="copy.zip")
    assert not (tmp_path / "home" / "again").exists()


@pytest.mark.filterwarnings("ignore:the map will be written")
def test_an_unfinished_run_of_such_a_model_begins_anew(home, made, tmp_path, monkeypatch):
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")

    def fail(*args, **options):
        raise Full("no space")

    before = contents(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(_write, "write_zone_polygons", fail)
        with pytest.raises(Full):
            run(Own())
        assert contents(tmp_path) == before
        with pytest.raises(Full):
            run(Own(), resume=True)
    said = []
    run(Own(), resume=True, log=said.append)
    assert "model fitted" in said
    assert_same_maps(tmp_path / "home" / "map", made)


def test_what_is_found_out_when_it_is_fitted_is_said_then(home, made, tmp_path, monkeypatch):
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.setattr(
        "sklearn_landslide.map_products._prepare.check_can_be_saved", lambda model: None
    )
    with pytest.warns(
        UserWarning, match="model.zip will not: LandslidePipeline cannot be"
    ) as found:
        make_susceptibility_map(Own(), "stack.vrt", "points.shp", **options())
    # The pipeline, and not each fold once more.
    assert len([one for one in found if "model.zip" in str(one.message)]) == 1
    assert_same_maps(tmp_path / "home" / "map", made)


def test_without_uncertainty_no_model_of_a_fold_is_kept(home, made, tmp_path, monkeypatch):
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    run(uncertainty=False)
    left = set(os.listdir(made)) - set(os.listdir("map"))
    assert left == {"uncertainty.tif", "uncertainty.qml"}
    assert load_model("map/model.zip").refits == []
    text = (tmp_path / "home" / "map" / "summary.md").read_text()
    assert "Uncertainty: not mapped, as it was not asked for." in text
    np.testing.assert_array_equal(read("map/susceptibility.tif"), read(made / "susceptibility.tif"))
