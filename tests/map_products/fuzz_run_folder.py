"""Unfinished maps as nobody's run has left them: damaged, forged, or of somebody else.

By hand, for as long as wanted: ``python tests/map_products/fuzz_run_folder.py --seconds 600``.
Whatever is in the folder, a run begins or says in one line why not, within a time limit, and a
foreign file is never touched.
"""

import argparse
import copy
import json
import os
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

import numpy as np
import xarray

from sklearn_landslide.map_products._work_folder import WorkFolder
from sklearn_landslide.mapping import write_map

NAMES = ["susceptibility.tif", "zones.tif", "zones.csv", "summary.md", "model.zip"]
RUN = {"model": "LR", "files": {"a.tif": "0" * 64, "b.tif": None}, "grid": ["EPSG:1", [1.0, 2]]}
ZONES = {"zones": None, "n_zones": 5}
# For one folder, in seconds.
LIMIT = 20
ODD = [
    *(None, True, 0, -1, 1.5, float("nan"), 10**30, "", "\x1b[31m", "\ud800", "../../etc"),
    *([], {}, [None], {"": {}}, [[[]]], "a" * 10_000),
]
# What has been found, kept: each once ended in Python's words.
SEEDS = [
    *(b"", b"[]", b"null", b"{}", b'"run"', b"\xff\xfe", b"[" * 200_000, b"1e999", b"9" * 5000),
    *(b'{"kind": "sklearn-landslide map"}', b'{"kind": null, "versions": null}'),
    b'{"kind": "sklearn-landslide map", "format": 1, "out": "map", "run": {"files": null}, '
    b'"zones": {}, "settled": false, "finished": {}}',
    b'{"kind": "sklearn-landslide map", "format": 1, "out": "map", "run": {}, "zones": {}, '
    b'"settled": false, "finished": {"model.zip": null, "../table.csv": "0"}}',
    b'{"about": null}\n{"window": null, "digest": 3}\n[]\n',
]


class TooLong(Exception):
    """Nothing came back in time."""


def _alarm(*_):
    raise TooLong


def mutated(value, rng):
    """Change one thing somewhere in what JSON holds."""
    value = copy.deepcopy(value)
    place = value
    while isinstance(place, dict | list) and place:
        key = rng.choice(list(place) if isinstance(place, dict) else range(len(place)))
        if not isinstance(place[key], dict | list) or not place[key] or rng.random() < 0.3:
            action = rng.randrange(3)
            if action == 0:
                place[key] = rng.choice(ODD)
            elif action == 1:
                del place[key]
            elif isinstance(place, dict):
                place[str(rng.choice(ODD))[:50]] = place.pop(key)
            else:
                place.append(rng.choice(ODD))
            return value
        place = place[key]
    return rng.choice(ODD)


def damaged(content, rng):
    """Change bytes, cut some off, or put another text there."""
    content = bytearray(content)
    action = rng.randrange(4)
    if action == 0:
        return rng.choice(SEEDS)
    if action == 1:
        return bytes(content[: rng.randrange(len(content) + 1)])
    for _ in range(rng.randint(1, 8)):
        if content:
            content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content) * (2 if action == 2 else 1)


def spoil(path, rng):
    """Spoil a file, or put something else in its place."""
    if path.suffix == ".json" and rng.random() < 0.6:
        lines = path.read_text(encoding="utf-8").splitlines() or ["{}"]
        number = rng.randrange(len(lines))
        lines[number] = json.dumps(mutated(json.loads(lines[number]), rng))
        path.write_text("\n".join(lines), encoding="utf-8", errors="replace")
    elif rng.random() < 0.8:
        path.write_bytes(damaged(path.read_bytes(), rng))
    else:
        path.unlink()
        kind = rng.randrange(4)
        if kind == 0:
            path.mkdir()
        elif kind == 1:
            path.symlink_to(rng.choice(["nowhere", "/dev/zero", str(path.parent), path.name]))
        elif kind == 2:
            os.mkfifo(path)


def contents(folder):
    return sorted(
        (str(path), path.read_bytes() if path.is_file() and not path.is_symlink() else None)
        for path in folder.rglob("*")
    )


def attempt(action):
    """Do something that may refuse; only so, and only in one line."""
    signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(LIMIT)
    try:
        return action()
    except (ValueError, OSError) as error:
        assert str(error), "no word"
        assert "\n" not in str(error), str(error)
        return error
    finally:
        signal.alarm(0)


def one_folder(home, rng):
    """Spoil the folder of a run, then take it up, throw it away, or leave it."""
    partial, mine = home / "map.partial", home / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    work = WorkFolder(home / "map", NAMES, overwrite=False, resume=True)
    work.open(RUN, ZONES)
    for name in rng.sample(NAMES, rng.randrange(4)):
        work.write_text(name, name)
    work._lock.release()
    foreign = rng.random() < 0.3
    if foreign:
        (partial / "notes.txt").write_text("mine")
    for path in rng.sample(sorted(partial.iterdir()), 1):
        if path.name != "notes.txt":
            spoil(path, rng)
    before, kept = contents(home), contents(mine)
    asked = {"resume": rng.random() < 0.6, "overwrite": rng.random() < 0.6}

    def begin():
        found = WorkFolder(home / "map", NAMES, **asked)
        found.open(RUN, ZONES)
        for name in NAMES:
            if found.has(name):
                assert (found / name).read_text() == name
        found.fail(RuntimeError(), keep=False)

    refused = attempt(begin)
    assert contents(mine) == kept
    if foreign:
        assert refused is not None
    if refused is not None:
        assert contents(home) == before, refused
    return refused is None


def make_numbers():
    cells = {"y": np.arange(300)[::-1] * 10.0, "x": np.arange(200) * 10.0}
    values = np.random.default_rng(0).random((300, 200), dtype=np.float32)
    array = xarray.DataArray(values, cells, ("y", "x"), name="susceptibility")
    return array.rio.write_crs("EPSG:32650").chunk({"y": 128, "x": 128}), values


def stopped_map(home):
    """Leave a map of which some windows are done."""
    array, _ = make_numbers()

    def stop(n_done, n_all):
        if 0 < n_done < n_all:
            raise KeyboardInterrupt

    try:
        write_map(array, home / "map.tif", resume=True, progress=stop)
    except KeyboardInterrupt:
        return
    raise AssertionError("it was not stopped")


def one_map(home, left, rng):
    """Spoil an unfinished map, then take it up: the numbers are right, or it says what is wrong."""
    import rasterio

    array, values = make_numbers()
    for name in ("map.tif.partial", "map.tif.partial.json"):
        shutil.copy(left / name, home / name)
    spoil(home / rng.choice(["map.tif.partial.json"] * 3 + ["map.tif.partial"]), rng)
    refused = attempt(lambda: write_map(array, home / "map.tif", resume=True) and None)
    if refused is None:
        with rasterio.open(home / "map.tif") as file:
            np.testing.assert_array_equal(file.read(1), values)
    else:
        assert not (home / "map.tif").exists()
    return refused is None


def fuzz(seconds, seed, most=10**9):
    """Try for a while; return how many folders and maps were tried, and how many were taken."""
    import rioxarray  # noqa: F401

    end, counts = time.monotonic() + seconds, {"folder": [0, 0], "map": [0, 0]}
    with tempfile.TemporaryDirectory() as left:
        stopped_map(Path(left))
        for number in range(most):
            if time.monotonic() > end:
                break
            rng = random.Random(f"{seed} {number}")
            kind = "map" if number % 5 == 4 else "folder"
            with tempfile.TemporaryDirectory() as home:
                try:
                    taken = (
                        one_folder(Path(home).resolve(), rng)
                        if kind == "folder"
                        else one_map(Path(home), Path(left), rng)
                    )
                except BaseException as error:
                    error.add_note(f"seed {seed}, number {number}")
                    raise
            counts[kind][0] += 1
            counts[kind][1] += taken
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for kind, (tried, taken) in fuzz(options.seconds, options.seed).items():
        print(f"{tried} of the kind {kind}, of which {taken} were taken up or thrown away")
