"""Terrain factors: cells a second and peak memory by size of the raster, against GRASS and GDAL.

    python benchmarks/terrain.py --data DIR [--times 1 4 16] [--parts flow surface]

The elevation model of the Kaghan valley in DIR, and the same resampled to 4 and 16 times as many
cells (cubic). Each measurement is a process of its own, with one thread, that reads a GeoTIFF and
computes; ours starts with compiled code in the cache of numba. Seconds are those of the processor,
since other work may run on the machine; ours hold the import of the libraries. Memory is the peak
of the whole process, libraries included. "flow" is the contributing area, or all six factors of
flow where it says so; r.watershed of GRASS finds ways by the least cost, without filling.
"surface" is the slope. Programs that are not installed are left out. Ratios are what to quote:
absolute times drift with the machine.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

PARTS = ["flow", "surface"]
OF_FLOW = [
    "contributing_area",
    "twi",
    "spi",
    "sti",
    "height_above_drainage",
    "distance_to_drainage",
]
RUNS = {
    "flow": ["d8", "multiple", "d8, all six", "multiple, all six", "r.watershed -s", "r.watershed"],
    "surface": ["terrain_factors", "gdaldem slope"],
}


def resample(path, out, times):
    """Write the raster with `times` as many cells."""
    import rasterio
    from rasterio.enums import Resampling

    side = round(times**0.5)
    with rasterio.open(path) as raster:
        height, width = raster.height * side, raster.width * side
        values = raster.read(1, out_shape=(height, width), resampling=Resampling.cubic)
        profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": raster.crs}
        transform = raster.transform @ rasterio.Affine.scale(1 / side)
    profile |= {"height": height, "width": width, "transform": transform, "tiled": True}
    with rasterio.open(out, "w", **profile) as raster:
        raster.write(values, 1)
    return height * width


def ours(name, path):
    """Compute in this process: seconds of the processor, and peak memory in MB."""
    import time

    import numpy as np
    import rasterio

    Path("/proc/self/clear_refs").write_text("5")
    started = time.process_time()
    if name == "terrain_factors":
        try:
            from sklearn_landslide.terrain import terrain_factors
        except ImportError:
            return None

        terrain_factors(path, ["slope"]).compute(scheduler="synchronous")
    else:
        from sklearn_landslide.terrain import flow_factors

        with rasterio.open(path) as raster:
            elevation, cell_size = raster.read(1), raster.res
        routing, _, everything = name.partition(",")
        names = OF_FLOW if everything else OF_FLOW[:1]
        slope = np.full_like(elevation, 30.0) if everything else None
        flow_factors(elevation, names, cell_size=cell_size, routing=routing, slope=slope)
    seconds = time.process_time() - started
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    return seconds, peak / 1024


# Runs a program and says how long it took and what memory it had: beside it, GRASS would count.
CLOCK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("measured", used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def theirs(name, path):
    """Run another program: the same, or None where it is not installed."""
    program, *options = name.split()
    if shutil.which("grass" if program == "r.watershed" else program) is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        clock = Path(folder, "clock.py")
        clock.write_text(CLOCK)
        command = [sys.executable, str(clock), program, *options]
        if program == "r.watershed":
            command += ["-a", "--quiet", "elevation=dem", "accumulation=cells"]
            script = Path(folder, "run.sh")
            script.write_text(
                f"r.in.gdal -o --quiet input={path} output=dem && g.region raster=dem && "
                f"{shlex.join(command)}\n"
            )
            command = ["grass", "--tmp-location", "XY", "--exec", "sh", str(script)]
        else:
            command += [path, str(Path(folder, "out.tif"))]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("measured "))
    return tuple(map(float, line.split()[1:]))


def measure(name, path):
    """Measure one run in this process."""
    other = name.split()[0] in ("r.watershed", "gdaldem")
    return (theirs if other else ours)(name, path)


def measure_apart(name, path):
    """Measure one run in a process of its own, whose libraries use one thread."""
    env = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    env |= {"NUMBA_NUM_THREADS": "1", "GDAL_CACHEMAX": "64"}
    command = [sys.executable, __file__, "--measure", json.dumps([name, str(path)])]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def run_part(part, rasters):
    """Measure one part: a table, with ratios to its first run on the same raster."""
    lines = []
    for times, (path, n_cells) in rasters.items():
        first = None
        for name in RUNS[part]:
            if (found := measure_apart(name, path)) is None:
                continue
            seconds, peak = found
            first = seconds if name == RUNS[part][0] else first
            lines.append(
                {"run": name, "cells": f"{times} x", "seconds": seconds}
                | {"cells_per_s": round(n_cells / seconds), "peak_MB": peak}
                | {f"rate / {RUNS[part][0]}": first and first / seconds}
            )
            print(lines[-1], flush=True)
    return pd.DataFrame(lines).round(3).to_string(index=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, help="folder that has kaghan/elevation_aw3d30.tif")
    parser.add_argument("--times", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "results" / "terrain.md"
    )
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measure(*json.loads(args.measure))))
        return
    if args.data is None:
        parser.error("say where the elevation model is: --data DIR")
    from _results import header

    source = args.data / "kaghan" / "elevation_aw3d30.tif"
    texts = [header()]
    with tempfile.TemporaryDirectory() as folder:
        rasters = {}
        for times in args.times:
            path = Path(folder, f"elevation_{times}.tif")
            rasters[times] = path, resample(source, path, times)
        # What numba compiles on a machine's first use is not measured.
        for name in RUNS["flow"][:4]:
            measure_apart(name, rasters[args.times[0]][0])
        texts.append(f"{next(iter(rasters.values()))[1]} cells at {args.times[0]} x")
        for part in args.parts:
            texts.append(f"## {part}\n\n{run_part(part, rasters)}")
            print(texts[-1], flush=True)
    args.out.write_text("\n\n".join(texts) + "\n")


if __name__ == "__main__":
    main()
