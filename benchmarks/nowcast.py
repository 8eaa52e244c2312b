"""Hours of an event: time, memory, two workers, a run that is killed.

    python benchmarks/nowcast.py [--side 500] [--hours 1 9 17] [--models ...] [--parts ...]

The stack is a synthetic region of 100 x 100 cells of 30 m, side by side until it is as large as
wanted: 13 quantities and 3 categories. The rain is 120 hours and those to map, in cells of 1 km.
Each measurement is a process of its own with one thread that runs the command nowcast, from files
to files. An hour of a network takes long; give it fewer.

speed: CPU seconds of a run of the fewest hours, and of each further hour. memory: peak of the
process (VmHWM) by the number of hours. workers: seconds in one and in two threads, and whether all
bits are the same. killed: a run gets SIGKILL when its first hour is there, and is started again;
its files are compared with those of a run that was left alone.
"""

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

MODELS = ["LR, sums", "RF, sums", "LandslideNet, hours"]
PARTS = ["speed", "memory", "workers", "killed"]
FIRST = pd.Timestamp("2021-07-12")
MOST_HOURS = 120
ENV = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "GDAL_CACHEMAX": "64"}


def fit(name, region):
    """Fit a model to 2,000 rows of the region."""
    from _models import MODELS as BUILD
    from sklearn.pipeline import make_pipeline

    from sklearn_landslide import LandslideNet, make_landslide_pipeline
    from sklearn_landslide.preprocessing import RainfallSums

    rain = {"sequences": region.sequences}
    if name == "LandslideNet, hours":
        # What a cell costs does not depend on the epochs.
        net = LandslideNet(random_state=0, max_epochs=3, **rain)
        bounds = dict.fromkeys(region.sequences["rain"], (0, 500))
        model = make_landslide_pipeline(net, bounds=bounds, resample=False)
    else:
        sums = RainfallSums(log=True, **rain)
        columns = sums.fit(region.data).get_feature_names_out()
        bounds = {column: (0, 10) for column in columns if column.startswith("log_rain")}
        chain = make_landslide_pipeline(
            BUILD[name.removesuffix(", sums")](0), bounds=bounds, resample=False
        )
        model = make_pipeline(sums, chain)
    return model.fit(region.data, region.target)


def write_inputs(folder, side, names):
    """Write models, stack and rain."""
    import rasterio
    import xarray as xr

    from sklearn_landslide.datasets import make_landslides
    from sklearn_landslide.persistence import save_model

    region = make_landslides(
        2000, shape=(100, 100), sequences=True, as_frame=True, return_stack=True, random_state=0
    )
    for number, name in enumerate(names):
        save_model(fit(name, region), folder / f"model_{number}.zip")
    times = -(-side // 100)
    profile = {"driver": "GTiff", "width": side, "height": side, "dtype": "float32"}
    profile |= {"nodata": float("nan"), "crs": "EPSG:32632", "count": len(region.stack)}
    profile |= {"tiled": True, "blockxsize": 256, "blockysize": 256, "interleave": "band"}
    transform = rasterio.Affine(30, 0, 500_000, 0, -30, 5_100_000)
    with rasterio.open(folder / "stack.tif", "w", transform=transform, **profile) as out:
        out.descriptions = list(region.stack)
        for band, grid in enumerate(region.stack.values(), 1):
            out.write(np.tile(grid, (times, times))[:side, :side].astype("float32"), band)
    n_cells, n_hours = side * 30 // 1000 + 2, 120 + MOST_HOURS
    rng = np.random.default_rng(0)
    wet = rng.random((n_hours, 1, 1)) < 0.3
    values = rng.gamma(0.3, 3, (n_hours, n_cells, n_cells)).astype("float32") * wet
    axes = {
        "time": pd.date_range(FIRST - pd.Timedelta("119h"), periods=n_hours, freq="h"),
        "y": 5_100_500.0 - 1000 * np.arange(n_cells),
        "x": 499_500.0 + 1000 * np.arange(n_cells),
    }
    cube = xr.DataArray(values, axes, ("time", "y", "x"), "rain", {"units": "mm"})
    cube.to_netcdf(folder / "rain.nc")


def command(folder, number, n_hours, out):
    """Arguments of the command."""
    last = FIRST + pd.Timedelta(n_hours - 1, "h")
    return [
        "nowcast",
        *("--model", f"{folder}/model_{number}.zip", "--stack", f"{folder}/stack.tif"),
        *("--rain", f"{folder}/rain.nc", "--rain-label", "end", "--rain-crs", "EPSG:32632"),
        *("--from", f"{FIRST:%Y-%m-%dT%H}", "--to", f"{last:%Y-%m-%dT%H}", "--out", str(out)),
    ]


def measure(folder, number, n_hours, out, n_workers):
    """Run the command in this process: CPU seconds, seconds, and peak memory in MB."""
    import dask
    from speed import resident

    from sklearn_landslide.cli import main

    scheduler = "synchronous" if n_workers == 1 else "threads"
    started, cpu = time.perf_counter(), time.process_time()
    with dask.config.set(scheduler=scheduler, num_workers=n_workers):
        code = main(command(folder, number, n_hours, out))
    assert code == 0
    return {
        "cpu_s": time.process_time() - cpu,
        "s": time.perf_counter() - started,
        "peak_MB": resident("VmHWM") / 1024,
    }


def measure_apart(folder, number, n_hours, out, n_workers=1):
    """Measure in a process of its own."""
    spec = json.dumps([str(folder), number, n_hours, str(out), n_workers])
    done = subprocess.run(
        [sys.executable, __file__, "--measure", spec],
        env=os.environ | ENV,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def digests(out):
    """Digests of the maps of all hours."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((out / "hours").glob("*.tif"))
    }


def kill_and_resume(folder, number, n_hours, out):
    """Kill a run once hours are there, and run it again; hours before and after."""
    run = subprocess.Popen(
        [sys.executable, "-m", "sklearn_landslide", *command(folder, number, n_hours, out)],
        env=os.environ | ENV,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while run.poll() is None and not list(out.glob("hours/*Z.tif")):
        time.sleep(0.005)
    run.send_signal(signal.SIGKILL)
    code = run.wait()
    there = digests(out)
    measure_apart(folder, number, n_hours, out)
    return code, len(there), digests(out)


def run_model(folder, number, name, parts, n_hours, home):
    """Measure one model: a line for each part."""
    few, some, many = n_hours
    one = measure_apart(folder, number, few, home / "few")
    lines = {"speed": {f"{few} h, CPU s": one["cpu_s"]}}
    if parts == ["speed"] and few == some:
        return {part: {"model": name} | line for part, line in lines.items()}
    all_of = measure_apart(folder, number, some, home / "some")
    expected = digests(home / "some")
    more = (all_of["cpu_s"] - one["cpu_s"]) / (some - few)
    lines["speed"] |= {f"{some} h, CPU s": all_of["cpu_s"], "further hour, CPU s": more}
    if "memory" in parts:
        longest = measure_apart(folder, number, many, home / "many")
        peaks = {few: one, some: all_of, many: longest}
        lines["memory"] = {f"{n} h, MB": run["peak_MB"] for n, run in peaks.items()}
    if "workers" in parts:
        two = measure_apart(folder, number, some, home / "two", n_workers=2)
        lines["workers"] = {
            "hours": some,
            "one, s": all_of["s"],
            "two, s": two["s"],
            "two, MB": two["peak_MB"],
            "same bits": digests(home / "two") == expected,
        }
    if "killed" in parts:
        code, n_there, found = kill_and_resume(folder, number, some, home / "killed")
        lines["killed"] = {
            "exit code": code,
            "hours there": n_there,
            "hours after": len(found),
            "same bits": found == expected,
        }
    return {part: {"model": name} | line for part, line in lines.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--side", type=int, default=500, help="cells on a side")
    parser.add_argument("--hours", nargs=3, type=int, default=[1, 9, 17], metavar="N")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "results" / "nowcast.md"
    )
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS, metavar="MODEL")
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measure(*json.loads(args.measure))))
        return
    from _results import header

    about = f"{args.side} x {args.side} cells, 16 factors, 120 hours of rain before each hour"
    texts, found = [header(), about], []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write_inputs(folder, args.side, args.models)
        for number, name in enumerate(args.models):
            home = folder / f"out_{number}"
            home.mkdir()
            found.append(run_model(folder, number, name, args.parts, args.hours, home))
            tables = [
                f"## {part}\n\n"
                + pd.DataFrame([lines[part] for lines in found]).round(2).to_string(index=False)
                for part in args.parts
            ]
            text = "\n\n".join([*texts, *tables]) + "\n"
            args.out.write_text(text)
            print("\n\n".join(tables), flush=True)
    print(text)


if __name__ == "__main__":
    main()
