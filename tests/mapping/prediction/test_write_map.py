"""A map file is complete or is not there, whatever happens while it is written."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

xr = pytest.importorskip("xarray")
pytest.importorskip("rioxarray")
rasterio = pytest.importorskip("rasterio")
array = pytest.importorskip("dask.array")

import dask  # noqa: E402

from sklearn_landslide.mapping import write_map  # noqa: E402

DATE = {"date": "2025-01-01T00:00:00+00:00"}


def as_map(values, name="susceptibility", **attrs):
    rows, columns = values.shape
    coords = {
        "y": 9_550_000 - 10 * (np.arange(rows) + 0.5),
        "x": 710_000 + 10 * (np.arange(columns) + 0.5),
    }
    return xr.DataArray(values, coords, ("y", "x"), name, attrs).rio.write_crs("EPSG:32717")


def noise(rows, columns, seed=0):
    values = np.random.default_rng(seed).random((rows, columns), dtype=np.float32)
    values[: rows // 3, : columns // 4] = np.nan
    return values


def lazy_map(values, window, log):
    """A lazy map that writes down which windows are computed."""
    guard = threading.Lock()

    def compute(block, block_info=None):
        with guard:
            log.append(block_info[0]["chunk-location"])
        return block

    blocks = array.from_array(values, chunks=window)
    return as_map(array.map_blocks(compute, blocks, dtype=values.dtype, meta=values[:0, :0]))


def same_bits(path, values):
    with rasterio.open(path) as file:
        np.testing.assert_array_equal(
            file.read(1).view(np.int32), np.asarray(values).view(np.int32)
        )


def names(folder):
    return sorted(file.name for file in folder.iterdir())


@pytest.fixture
def all_at_home():
    with dask.config.set(scheduler="threads", num_workers=2):
        yield


def test_the_file_is_a_cloud_optimized_geotiff_with_all_that_belongs_to_it(tmp_path):
    values = noise(700, 900)
    probability = as_map(values, model="LandslideNet", random_state="3")
    path = write_map(probability, tmp_path / "map.tif", tags={"region": "Zaruma"})
    assert path == tmp_path / "map.tif"
    assert names(tmp_path) == ["map.tif"]
    same_bits(path, values)
    with rasterio.open(path) as file:
        structure = file.tags(ns="IMAGE_STRUCTURE")
        assert structure["LAYOUT"] == "COG"
        assert structure["COMPRESSION"] == "DEFLATE"
        assert file.block_shapes == [(512, 512)]
        assert file.overviews(1) == [2]
        assert file.crs.to_epsg() == 32717
        assert tuple(file.transform)[:6] == (10, 0, 710_000, 0, -10, 9_550_000)
        assert np.isnan(file.nodata)
        assert file.descriptions == ("susceptibility",)
        tags = file.tags()
        assert tags["model"] == "LandslideNet"
        assert tags["random_state"] == "3"
        assert tags["region"] == "Zaruma"
        assert tags["software"].startswith("sklearn-landslide ")
        assert tags["date"].startswith("20")
        # The mean of four pixels, of those that have data.
        corner = np.nanmean(values[-2:, -2:].astype(float))
        assert file.read(1, out_shape=(350, 450))[-1, -1] == pytest.approx(corner, abs=1e-6)


def test_several_maps_become_bands_by_name(tmp_path):
    one, two = noise(40, 50), noise(40, 50, seed=1).astype(np.float64)
    path = write_map({"probability": as_map(one), "spread": as_map(two)}, tmp_path / "map.tif")
    with rasterio.open(path) as file:
        assert file.descriptions == ("probability", "spread")
        assert file.dtypes == ("float64", "float64")
        np.testing.assert_array_equal(file.read(1), one)
        np.testing.assert_array_equal(file.read(2), two)
    dataset = xr.Dataset({"probability": as_map(one), "spread": as_map(two)})
    write_map(dataset, path, band_names=["a", "b"], overwrite=True)
    with rasterio.open(path) as file:
        assert file.descriptions == ("a", "b")


def test_a_map_of_zones_has_its_colors_and_its_nodata(tmp_path):
    zones = np.repeat([[0, 1, 2]], 600, axis=0).repeat(200, axis=1).astype(np.uint8)
    colors = {0: (0, 0, 0, 0), 1: (255, 250, 205), 2: (115, 0, 38, 255)}
    chart = as_map(zones, "zone").rio.write_nodata(0)
    path = write_map(chart, tmp_path / "zones.tif", colors=colors)
    with rasterio.open(path) as file:
        np.testing.assert_array_equal(file.read(1), zones)
        assert file.nodata == 0
        assert file.dtypes == ("uint8",)
        table = file.colormap(1)
        assert table[1] == (255, 250, 205, 255)
        assert table[2] == (115, 0, 38, 255)
        # The most frequent class of the pixels below, and no class in between.
        small = file.read(1, out_shape=(300, 300))
        np.testing.assert_array_equal(small, zones[::2, ::2])


@pytest.mark.usefixtures("all_at_home")
def test_windows_are_computed_once_and_few_at_a_time(tmp_path):
    log, ahead = [], []
    chart = lazy_map(noise(500, 300), 64, log)
    write_map(
        chart, tmp_path / "map.tif", progress=lambda done, n: ahead.append((len(log) - done, n))
    )
    assert len(log) == len(set(log)) == 8 * 5
    # Two for each of two workers.
    assert all(0 <= computed <= 4 and n == 40 for computed, n in ahead)
    same_bits(tmp_path / "map.tif", noise(500, 300))


def test_processes_that_compute_are_started_once(tmp_path):
    import dask.multiprocessing

    values = noise(300, 300)
    chart = as_map(array.from_array(values, chunks=64).map_blocks(_with_process))
    with dask.config.set(scheduler="processes", num_workers=1):
        write_map(chart, tmp_path / "map.tif")
    with rasterio.open(tmp_path / "map.tif") as file:
        processes = np.unique(file.read(1))
    assert len(processes) == 1
    assert processes[0] != os.getpid()


def _with_process(block):
    return np.full(block.shape, os.getpid(), dtype=np.int32)


# --- interruptions ------------------------------------------------------------------------

KILLED = """
    import os, signal, sys
    import numpy as np
    sys.path.insert(0, {tests!r})
    from test_write_map import as_map, noise, DATE
    from sklearn_landslide.mapping import write_map
    import dask.array
    values = noise(500, 700)
    chart = as_map(dask.array.from_array(values, chunks=128))
    def progress(done, n):
        if done >= {after}:
            os.kill(os.getpid(), signal.SIGKILL)
    with dask.config.set(scheduler="threads", num_workers=1):
        write_map(chart, {path!r}, tags=DATE, progress=progress)
"""


def run_and_kill(path, after):
    script = KILLED.format(tests=os.path.dirname(__file__), after=after, path=str(path))
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """What a writer leaves that was killed when 10 of 24 windows were done."""
    folder = tmp_path_factory.mktemp("killed")
    run_and_kill(folder / "map.tif", after=10)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def unfinished(killed, tmp_path):
    for name, data in killed.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path / "map.tif"


def test_a_killed_writer_leaves_nothing_that_looks_finished(killed):
    assert set(killed) == {"map.tif.partial", "map.tif.partial.json"}


def test_a_killed_map_is_taken_up_and_ends_in_the_same_file(unfinished, tmp_path):
    values, log = noise(500, 700), []
    seen = []
    write_map(
        lazy_map(values, 128, log),
        unfinished,
        tags=DATE,
        resume=True,
        progress=lambda done, n: seen.append((done, n)),
    )
    assert seen[0] == (10, 24)
    # The 14 that were left, and one of the others to see that the numbers are the same.
    assert len(log) == 15
    same_bits(unfinished, values)
    whole = write_map(lazy_map(values, 128, []), tmp_path / "whole.tif", tags=DATE)
    assert unfinished.read_bytes() == whole.read_bytes()
    assert names(tmp_path) == ["map.tif", "whole.tif"]


def test_a_new_run_without_resume_begins_anew(unfinished):
    log = []
    write_map(lazy_map(noise(500, 700), 128, log), unfinished, tags=DATE)
    assert len(log) == 24
    assert names(unfinished.parent) == ["map.tif"]


def test_resume_without_an_unfinished_map_writes_a_new_one(tmp_path):
    write_map(as_map(noise(30, 40)), tmp_path / "map.tif", resume=True)
    same_bits(tmp_path / "map.tif", noise(30, 40))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tags": DATE | {"region": "elsewhere"}}, "region is None, not 'elsewhere'"),
        ({"window": 100}, "windows is"),
        ({"shape": (500, 699)}, "width is '700', not '699'"),
        ({"seed": 5}, "holds other numbers"),
    ],
    ids=["tags", "window", "grid", "model"],
)
def test_an_unfinished_map_of_another_run_is_refused_and_kept(unfinished, change, message):
    values = noise(*change.get("shape", (500, 700)), seed=change.get("seed", 0))
    chart = lazy_map(values, change.get("window", 128), [])
    with pytest.raises(ValueError, match=message):
        write_map(chart, unfinished, tags=change.get("tags", DATE), resume=True)
    assert names(unfinished.parent) == ["map.tif.partial", "map.tif.partial.json"]


def test_a_window_that_was_damaged_since_is_computed_again(unfinished):
    partial = unfinished.with_name("map.tif.partial")
    with rasterio.open(partial, "r+") as file:
        block = file.read(1, window=((0, 1), (699, 700)))
        file.write(block + 1, 1, window=((0, 1), (699, 700)))
    log = []
    write_map(lazy_map(noise(500, 700), 128, log), unfinished, tags=DATE, resume=True)
    assert (0, 5) in log
    same_bits(unfinished, noise(500, 700))


def test_a_journal_whose_last_line_is_torn_is_read_up_to_it(unfinished):
    journal = unfinished.with_name("map.tif.partial.json")
    lines = journal.read_text().splitlines()
    assert len(lines) == 11
    assert json.loads(lines[1])["window"] == [0, 0, 128, 128]
    journal.write_text("\n".join(lines[:10]) + "\n" + lines[10][:20])
    log = []
    write_map(lazy_map(noise(500, 700), 128, log), unfinished, tags=DATE, resume=True)
    assert len(log) == 16
    same_bits(unfinished, noise(500, 700))


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("name", ["map.tif.partial", "map.tif.partial.json", "map.tif.partial.cog"])
@pytest.mark.parametrize("kind", ["file", "link", "journal of a game"])
def test_files_of_somebody_else_are_neither_removed_nor_taken_up(tmp_path, name, kind, resume):
    if kind == "link":
        (tmp_path / "notes.txt").write_text("mine")
        (tmp_path / name).symlink_to("notes.txt")
    else:
        (tmp_path / name).write_text("mine" if kind == "file" else '{"about": {"level": 3}}')
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(ValueError, match="is not of an unfinished map: move it away"):
        write_map(as_map(noise(30, 40)), tmp_path / "map.tif", resume=resume)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("resume", [False, True])
def test_two_writers_of_one_map_do_not_meet(tmp_path, resume):
    pytest.importorskip("fcntl")
    values, told = noise(500, 700), []

    def progress(done, n):
        if 0 < done < n and not told:
            with pytest.raises(ValueError, match="is in use by another process") as found:
                write_map(as_map(noise(500, 700, seed=1)), tmp_path / "map.tif", resume=resume)
            told.append(found)

    chart = as_map(array.from_array(values, chunks=128))
    write_map(chart, tmp_path / "map.tif", progress=progress)
    assert told
    same_bits(tmp_path / "map.tif", values)
    assert names(tmp_path) == ["map.tif"]


def test_a_link_to_nothing_is_not_replaced(tmp_path):
    (tmp_path / "map.tif").symlink_to("nowhere")
    with pytest.raises(ValueError, match=r"map\.tif exists"):
        write_map(as_map(noise(30, 40)), tmp_path / "map.tif")


@pytest.mark.parametrize(
    "line", ["[]", "null", "3", '{"window": null}', '{"window": [0, 0, 9e9, 1], "digest": []}']
)
def test_a_journal_may_say_what_it_likes_after_its_first_line(unfinished, line):
    journal = unfinished.with_name("map.tif.partial.json")
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join([lines[0], line, *lines[1:4]]) + "\n")
    log = []
    write_map(lazy_map(noise(500, 700), 128, log), unfinished, tags=DATE, resume=True)
    assert len(log) == 22
    same_bits(unfinished, noise(500, 700))


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("resume", [False, True])
def test_an_error_leaves_finished_windows_only_for_resume(tmp_path, error, resume):
    def progress(done, n):
        if done:
            raise error("planted")

    chart = as_map(array.from_array(noise(500, 700), chunks=128))
    with pytest.raises(error, match="planted"):
        write_map(chart, tmp_path / "map.tif", resume=resume, progress=progress)
    left = ["map.tif.partial", "map.tif.partial.json"] if resume else []
    assert names(tmp_path) == left


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize("limit", [50_000, 1_000_000, 1_650_000], ids=["start", "middle", "end"])
def test_a_disk_that_is_full_is_one_line_and_leaves_the_old_file(tmp_path, limit):
    """A limit on the size of files fails the writer as a full disk does."""
    import resource

    old = write_map(as_map(noise(20, 20)), tmp_path / "map.tif").read_bytes()
    # What cannot be compressed is larger with its overviews than without.
    chart = as_map(np.random.default_rng(0).integers(2**32, size=(600, 600), dtype=np.uint32))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(OSError, match="cannot be written") as caught:
            write_map(chart, tmp_path / "map.tif", overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "\n" not in str(caught.value)
    assert "is the disk full?" in str(caught.value)
    assert names(tmp_path) == ["map.tif"]
    assert (tmp_path / "map.tif").read_bytes() == old


def test_too_little_space_is_known_before_anything_is_computed(tmp_path):
    log = []
    # A lazy map of 4 PB takes no memory.
    values = array.zeros((2**25, 2**25), chunks=2**20, dtype=np.float32)
    rows = xr.DataArray(values, dims=("y", "x")).rio.write_crs("EPSG:32717")
    with pytest.raises(OSError, match=r"needs about \d+ MB of disk"):
        write_map(rows, tmp_path / "map.tif", progress=lambda *done: log.append(done))
    assert log == []
    assert names(tmp_path) == []


# --- refusals -----------------------------------------------------------------------------


def test_an_existing_file_is_kept_unless_it_may_be_replaced(tmp_path):
    path = write_map(as_map(noise(20, 30)), tmp_path / "map.tif")
    old = path.read_bytes()
    with pytest.raises(ValueError, match="exists: give another name, or set overwrite=True"):
        write_map(as_map(noise(20, 30, seed=1)), path)
    assert path.read_bytes() == old
    (tmp_path / "map.tif.aux.xml").write_text("statistics of the old numbers")
    write_map(as_map(noise(20, 30, seed=1)), path, overwrite=True)
    same_bits(path, noise(20, 30, seed=1))
    assert names(tmp_path) == ["map.tif"]


def test_what_is_no_map_or_has_no_place_is_refused_in_one_line(tmp_path):
    chart, path = as_map(noise(20, 30)), tmp_path / "map.tif"
    with pytest.raises(TypeError, match="got ndarray"):
        write_map(noise(20, 30), path)
    with pytest.raises(TypeError, match=r"Band 'a' is not an xarray\.DataArray, got ndarray"):
        write_map({"a": noise(20, 30)}, path)
    with pytest.raises(ValueError, match="no map to write"):
        write_map({}, path)
    with pytest.raises(ValueError, match="Band 'b' is not on the grid of 'a': it has 19 rows"):
        write_map({"a": chart, "b": as_map(noise(19, 30))}, path)
    with pytest.raises(ValueError, match="not \\('y', 'x'\\)"):
        write_map(chart.T, path)
    with pytest.raises(ValueError, match="2 names for 1 bands"):
        write_map(chart, path, band_names=["a", "b"])
    with pytest.raises(ValueError, match="type uint8, got float32"):
        write_map(chart, path, colors={1: (0, 0, 0)})
    with pytest.raises(ValueError, match=r"got \{1: \(0, 0, 300\)\}"):
        write_map(as_map(np.ones((3, 3), np.uint8)), path, colors={1: (0, 0, 300)})
    with pytest.raises(ValueError, match="does not exist: make it first"):
        write_map(chart, tmp_path / "folder" / "map.tif")
    with pytest.raises(ValueError, match="is a folder"):
        write_map(chart, tmp_path)
    different = {"a": chart, "b": chart.rio.write_nodata(-1)}
    with pytest.raises(ValueError, match="different nodata values"):
        write_map(different, path)
    assert names(tmp_path) == []


def test_a_progress_bar_counts_windows(tmp_path, capsys):
    chart = as_map(array.from_array(noise(200, 200), chunks=64))
    write_map(chart, tmp_path / "map.tif", progress=True)
    assert "16/16" in capsys.readouterr().err
