"""Kill runs at random moments, and look at what is left: everything, or nothing.

By hand, for as many kills as wanted: ``python tests/kill_runs.py --kills 400 --seed 1``. Each run
is a child of this process that gets SIGKILL, half of them after a random time and half of them
just before or after one of their changes in the file system.
"""

import argparse
import collections
import contextlib
import importlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio

from sklearn_landslide.cli import main
from sklearn_landslide.cli._comparison import FILES as TABLES
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.map_products._files import FILES
from sklearn_landslide.persistence import load_model, save_model

# Of cells.
NOT_ALWAYS = (
    "units.gpkg",
    "contributions.tif",
    "deciding_factor.tif",
    "deciding_factor.tif.aux.xml",
    "contributions.qml",
    "deciding_factor.qml",
    "later_score.json",
    "later_landslides.csv",
    "later_rate_curve.png",
    "zones_by_unit.csv",
)
MAPS = [name for name in FILES if name not in NOT_ALWAYS]
RASTERS = [name for name in MAPS if name.endswith(".tif")]
CHANGES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
# No run takes that long, in seconds.
LONGEST = 300
ROLES = ["--target", "landslide", "--coordinates", "x", "y", "--n-jobs", "1"]


def import_for_children():
    """Import what the children need, once for all of them."""
    for name in (
        *("dask.array", "dask.threaded", "geopandas", "pyogrio", "rioxarray", "shapely"),
        *("matplotlib.backends.backend_agg", "matplotlib.figure", "matplotlib.colors"),
        *("skops.io", "sklearn_landslide.comparison", "sklearn_landslide.model_selection"),
        *("sklearn_landslide.map_products._make_map", "sklearn_landslide.nn"),
        "sklearn_landslide.terrain._factor_sources",
        *("sklearn_landslide.tables", "sklearn_landslide.report", "sklearn_landslide.plotting"),
    ):
        importlib.import_module(name)


def write_input(folder):
    """Write a small table, which is an inventory, too, and a small elevation model."""
    region = make_landslides(150, shape=(90, 80), return_stack=True, as_frame=True, random_state=0)
    table = pd.concat([region.coordinates, region.data[["slope", "twi"]]], axis=1)
    table.assign(landslide=region.target).to_csv(folder / "table.csv", index=False)
    side, _, west, _, height, north = region.transform
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "nodata": np.nan}
    profile |= {"height": 90, "width": 80, "crs": "EPSG:32650"}
    profile["transform"] = rasterio.Affine(side, 0, west, 0, height, north)
    with rasterio.open(folder / "dem.tif", "w", **profile) as file:
        file.write(region.stack["altitude"].astype("float32"), 1)


def compare_command(folder, out, seed):
    argv = ["compare", str(folder / "table.csv"), *ROLES, "--models", "LR", "--cv", "2"]
    return [*argv, "--seed", str(seed), "--out", str(out), "--overwrite"]


def map_command(folder, out, *more):
    argv = ["map", "--model", "LR", "--dem", str(folder / "dem.tif"), *ROLES]
    argv += ["--terrain", "slope", "tpi_100"]
    argv += ["--points", str(folder / "table.csv"), "--window", "64", "--out", str(out)]
    return [*argv, *more]


@contextlib.contextmanager
def quiet():
    """Send what is said to nowhere."""
    with (
        open(os.devnull, "w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield


def count_changes(folder, at):
    """Count the changes below a folder, and end the process at the one with this number."""
    count = [0]

    def hook(event, args):
        if event not in CHANGES or not args or not isinstance(args[0], str | os.PathLike):
            return
        if event == "open" and not {"w", "x", "a", "+"} & set(str(args[1])):
            return
        if str(args[0]).startswith(str(folder)):
            count[0] += 1
            if count[0] == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return count


def child(work, folder, at=None, ends="never"):
    """Do the work in a child, and kill it at a change or after a time.

    This process starts no threads, which a child would not have.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            count = count_changes(folder, at if ends == "change" else None)
            with quiet():
                code = work()
            os.write(writing, str(count[0]).encode())
            os._exit(code or 0)
        finally:
            os._exit(99)
    os.close(writing)
    deadline = time.monotonic() + (at if ends == "time" else LONGEST)
    while not (ended := os.waitpid(pid, os.WNOHANG))[0] and time.monotonic() < deadline:
        time.sleep(0.002)
    if not ended[0]:
        os.kill(pid, signal.SIGKILL)
        ended = os.waitpid(pid, 0)
        if ends != "time":
            raise AssertionError(f"it does not end ({ends} {at})")
    n_changes = os.read(reading, 99)
    os.close(reading)
    return os.waitstatus_to_exitcode(ended[1]), int(n_changes or 0)


def rasters(folder):
    found = {}
    for name in RASTERS:
        with rasterio.open(folder / name) as file:
            found[name] = file.read()
    return found


def same_map(folder, expected):
    found = rasters(folder)
    maps = all(np.array_equal(found[name], expected[name], equal_nan=True) for name in RASTERS)
    names = [name for name in os.listdir(folder) if name[0] != "." and name != "map.partial"]
    return maps and sorted(names) == sorted(MAPS)


class Killer:
    """The four kinds of runs, each with what must hold after it was killed."""

    def __init__(self, home, seed):
        self.home, self.random = home, random.Random(seed)
        self.counts = collections.Counter()
        import_for_children()
        write_input(home)
        self.expected, self.took, self.changes = {}, {}, {}
        self._learn()

    def _learn(self):
        """Make everything once without a kill: what it gives, and how long it takes."""
        home = self.home
        for seed in (0, 1):
            self._time("compare", lambda s=seed: main(compare_command(home, home / f"c{s}", s)))
            self.expected[f"c{seed}"] = (home / f"c{seed}" / "predictions.csv").read_bytes()
        self._time("map", lambda: main(map_command(home, home / "m")))
        self.expected["map"] = rasters(home / "m")
        self.models = [load_model(home / "m" / "model.zip")]
        self.models.append(self.models[0].refits[0])
        self._time("save", lambda: save_model(self.models[0], home / "s.zip"))

    def _time(self, kind, work):
        started = time.monotonic()
        code, self.changes[kind] = child(work, self.home)
        assert code == 0, f"{kind} ended with {code}"
        self.took[kind] = time.monotonic() - started
        print(f"{kind}: {self.took[kind]:.1f} s, {self.changes[kind]} changes", flush=True)

    def moment(self, kind):
        if self.random.random() < 0.5:
            return self.random.uniform(0, 1.05 * self.took[kind]), "time"
        return self.random.randint(1, self.changes[kind] + 1), "change"

    def strike(self, kind, work, folder, name=None):
        at, ends = self.moment(kind)
        code, _ = child(work, folder, at, ends)
        if code not in (0, -signal.SIGKILL):
            raise AssertionError(f"{name or kind} ended with {code} ({ends} {at})")
        self.counts[f"{name or kind}: {'killed' if code else 'was done before the kill'}"] += 1
        print(f"{name or kind}: {ends} {at:.3g}, {code}", flush=True)
        return code

    def compare(self):
        """A new folder, or one with results of another seed: all files are of one run."""
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            out = Path(folder, "out")
            if old := self.random.random() < 0.5:
                shutil.copytree(self.home / "c0", out)
            self.strike("compare", lambda: main(compare_command(self.home, out, 1)), folder)
            if not (out / TABLES[0]).exists():
                # Nothing that looks complete; the rest of an older run may be there.
                assert old or not out.exists()
                self.counts["compare: left nothing"] += 1
                return
            # A hidden folder may be left, with what was not to be put in place.
            assert sorted(name for name in os.listdir(out) if name[0] != ".") == sorted(TABLES)
            predictions = (out / "predictions.csv").read_bytes()
            which = predictions == self.expected["c1"]
            assert which or (old and predictions == self.expected["c0"])
            assert f"seed {int(which)}" in (out / "comparison.md").read_text()
            self.counts[f"compare: left {'the new' if which else 'the old'} results"] += 1

    def save(self):
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            path = Path(folder, "model.zip")
            if old := self.random.random() < 0.5:
                save_model(self.models[1], path)

            def work():
                save_model(self.models[0], path, overwrite=True)

            self.strike("save", work, folder)
            if not path.exists():
                assert not old
                self.counts["save: left nothing"] += 1
                return
            kind = type(load_model(path)).__name__
            assert kind == "MapModel" or old
            self.counts[f"save: left the {'new' if kind == 'MapModel' else 'old'} model"] += 1

    def map(self):
        """Killed once, or several times with --resume, then taken up to its end."""
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            out = Path(folder, "out")
            if self.random.random() < 0.3:
                out.mkdir()
            work, name = (lambda: main(map_command(self.home, out))), "map"
            while self.strike("map", work, folder, name) != 0:
                there = sorted(os.listdir(out)) if out.exists() else []
                if MAPS[0] in there:
                    assert same_map(out, self.expected["map"])
                    self.counts[f"{name}: left the map, complete"] += 1
                    break
                self.counts[f"{name}: left no map"] += 1
                work, name = (lambda: main(map_command(self.home, out, "--resume"))), "map --resume"
                if self.random.random() < 0.5:
                    code, _ = child(work, folder)
                    assert code == 0, f"resume ended with {code}"
                    self.counts["map --resume: went on to the end"] += 1
                    break
            assert same_map(out, self.expected["map"])
            self.counts["map: the same bits in the end"] += 1


def main_loop(n_kills, seed, limit):
    end = time.monotonic() + limit
    with tempfile.TemporaryDirectory() as home:
        killer = Killer(Path(home).resolve(), seed)
        runs = [killer.compare, killer.save, killer.map, killer.map]
        number = 0
        while time.monotonic() < end:
            n_killed = sum(n for what, n in killer.counts.items() if what.endswith(": killed"))
            if n_killed >= n_kills:
                break
            runs[number % len(runs)]()
            number += 1
        for what in sorted(killer.counts):
            print(f"{killer.counts[what]:5d}  {what}", flush=True)
        print(f"{n_killed} kills")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=7200, help="seconds")
    options = parser.parse_args()
    main_loop(options.kills, options.seed, options.limit)
