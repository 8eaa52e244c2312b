"""Maps: pixels a second by model, peak memory by size of the raster, one against two workers.

    python benchmarks/map.py [--side 1024] [--factors 16] [--models RF LandslideNet HistGB]
    python benchmarks/map.py --parts speed memory workers

Rasters are synthetic: 16 bands of normal noise in one tiled GeoTIFF. Each measurement is a
process of its own that opens the stack, predicts in windows and writes a Cloud-Optimized
GeoTIFF, so the figures hold reading and writing. Memory is the peak of the whole process
(Linux's VmHWM), libraries and model included. A worker has one thread. Ratios are what to quote:
absolute times drift with the machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

MODELS = ["RF", "LandslideNet", "HistGB"]
PARTS = ["speed", "memory", "workers"]


def write_stack(path, side, n_factors):
    """Write a square raster of noise, block by block."""
    import numpy as np
    import rasterio

    rng = np.random.default_rng(0)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=n_factors,
        dtype="float32",
        nodata=float("nan"),
        crs="EPSG:32717",
        transform=rasterio.Affine(10, 0, 500_000, 0, -10, 9_600_000),
        tiled=True,
        blockxsize=128,
        blockysize=128,
        interleave="band",
    ) as out:
        out.descriptions = [f"factor_{number}" for number in range(n_factors)]
        for _, window in out.block_windows(1):
            shape = (n_factors, window.height, window.width)
            out.write(rng.standard_normal(shape, dtype="float32"), window=window)


def fit(name, n_factors):
    """Fit a model to 5,000 rows of the same noise, in which three factors matter."""
    from speed import build, synthetic_rows

    X, y = synthetic_rows(5000, n_factors)
    X = pd.DataFrame(X, columns=[f"factor_{number}" for number in range(n_factors)])
    return build(name, 1).fit(X, y)


def measure(name, path, side, n_factors, window, n_workers, scheduler):
    """Map a raster in this process."""
    import time

    import dask
    from speed import resident

    from sklearn_landslide.mapping import open_stack, predict_map, write_map

    model = fit(name, n_factors)
    Path("/proc/self/clear_refs").write_text("5")
    out = f"{path}.map.tif"
    with dask.config.set(scheduler=scheduler, num_workers=n_workers):
        started = time.perf_counter()
        stack = open_stack(path, chunks=window)
        write_map(predict_map(model, stack, window=window), out, overwrite=True)
        seconds = time.perf_counter() - started
    return {"pixels_per_s": side**2 / seconds, "peak_MB": resident("VmHWM") / 1024}


def measure_apart(name, path, side, args, *, n_workers=1, scheduler="synchronous"):
    """Map a raster in a process of its own, whose libraries use one thread."""
    env = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    # GDAL keeps up to a twentieth of the memory in blocks that it has read.
    env["GDAL_CACHEMAX"] = "64"
    spec = json.dumps([name, str(path), side, args.factors, args.window, n_workers, scheduler])
    command = [sys.executable, __file__, "--measure", spec]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def run_part(part, args, stacks):
    """Measure one part: a table."""
    lines = []
    if part == "speed":
        runs = {name: measure_apart(name, *stacks[1], args) for name in args.models}
        reference = runs.get("RF", runs[args.models[0]])["pixels_per_s"]
        for name, run in runs.items():
            lines.append({"model": name} | run | {"rate / RF": run["pixels_per_s"] / reference})
    elif part == "memory":
        for name in args.models:
            first = None
            for times, (path, side) in stacks.items():
                run = measure_apart(name, path, side, args)
                first = first or run["peak_MB"]
                growth = {"peak / first": run["peak_MB"] / first}
                lines.append({"model": name, "pixels": f"{times} x"} | run | growth)
    else:
        for name in args.models:
            for scheduler in ["threads", "processes"]:
                one, two = (
                    measure_apart(name, *stacks[1], args, n_workers=n, scheduler=scheduler)
                    for n in (1, 2)
                )
                gain = two["pixels_per_s"] / one["pixels_per_s"]
                for n, run in ((1, one), (2, two)):
                    rate = {"pixels_per_s": run["pixels_per_s"]}
                    lines.append(
                        {"model": name, "scheduler": scheduler, "workers": n}
                        | rate
                        | {"two / one": gain}
                    )
    return pd.DataFrame(lines).round(3).to_string(index=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--side", type=int, default=1024, help="pixels on a side of the smallest")
    parser.add_argument("--factors", type=int, default=16)
    parser.add_argument("--window", type=int, default=512)
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "map.md")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measure(*json.loads(args.measure))))
        return
    from _results import header

    about = f"{args.side} x {args.side} pixels, {args.factors} factors, windows of {args.window}"
    texts = [header(), about]
    with tempfile.TemporaryDirectory() as folder:
        stacks = {}
        for times, factor in ((1, 1), (4, 2), (16, 4)):
            if times == 1 or "memory" in args.parts:
                path = Path(folder, f"stack_{times}.tif")
                write_stack(path, args.side * factor, args.factors)
                stacks[times] = (path, args.side * factor)
        for part in args.parts:
            texts.append(f"## {part}\n\n{run_part(part, args, stacks)}")
            print(texts[-1], flush=True)
    args.out.write_text("\n\n".join(texts) + "\n")


if __name__ == "__main__":
    main()
