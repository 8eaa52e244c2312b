"""Whatever bytes or arrays come, `open_stack` gives a stack or one line, and soon.

By hand and at length: ``python tests/mapping/rasters/test_fuzz.py 20000``.
"""

import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

rasterio = pytest.importorskip("rasterio")
pytest.importorskip("rioxarray")
xr = pytest.importorskip("xarray")

from rasterio.transform import Affine  # noqa: E402

from sklearn_landslide.mapping import open_stack  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SECONDS = 20
REFUSALS = (ValueError, OSError, TypeError)


def tiffs():
    """Small GeoTIFFs of several layouts, as bytes."""
    values = np.random.default_rng(0).integers(0, 90, (2, 40, 50))
    layouts = [
        {"dtype": "float32"},
        {"dtype": "uint8", "nodata": 255, "tiled": True, "blockxsize": 16, "blockysize": 16},
        {"dtype": "int16", "compress": "deflate", "predictor": 2},
        {"dtype": "float64", "compress": "lzw", "BIGTIFF": "YES", "interleave": "pixel"},
    ]
    found = []
    for options in layouts:
        with rasterio.MemoryFile() as memory:
            with memory.open(
                driver="GTiff",
                height=40,
                width=50,
                count=2,
                crs="EPSG:32717",
                transform=Affine(10, 0, 7e5, 0, -10, 9.56e6),
                **options,
            ) as file:
                file.write(values.astype(options["dtype"]))
                file.descriptions = ("slope", "twi")
                file.scales = (1.0, 0.5)
            found.append(memory.read())
    return found


SEEDS = tiffs()


def mutated(rng):
    """Bytes of a GeoTIFF with a few of them changed, lost, repeated or cut off."""
    data = bytearray(SEEDS[rng.integers(len(SEEDS))])
    for _ in range(rng.integers(1, 4)):
        # The directory, where most can go wrong, is at the beginning or at the end.
        near = [rng.integers(0, 400), len(data) - 1 - rng.integers(0, 400)]
        place = int(rng.choice([*near, rng.integers(0, len(data))])) % len(data)
        kind = rng.integers(6)
        if kind == 0:
            data[place] = rng.integers(256)
        elif kind == 1:
            data[place] ^= 1 << rng.integers(8)
        elif kind == 2:
            data[place : place + 4] = rng.choice([0, 0xFF, 0x7F], 4).astype(np.uint8).tobytes()
        elif kind == 3:
            del data[place : place + rng.integers(1, 40)]
        elif kind == 4:
            data[place:place] = data[place : place + rng.integers(1, 40)]
        elif place > 8 and rng.random() < 0.2:
            del data[place:]
        if not data:
            break
    return bytes(data)


def odd_array(rng):
    """An array with odd types, axes, attributes and chunks."""
    # Most have something odd, few have everything.
    oddness = rng.choice([0.05, 0.3, 0.9])
    shape, kinds = (5, 6), ["f4", "f8", "i2", "u1"]
    if rng.random() < oddness:
        shape = tuple(rng.integers(0, 7, rng.integers(0, 5)))
    if rng.random() < oddness:
        kinds = ["?", "c8", "U3", "O", "M8[s]", "f2", "i8"]
    dtype = rng.choice(kinds)
    with np.errstate(all="ignore"):
        values = (rng.normal(size=shape) * 10.0 ** rng.integers(-3, 40)).astype("f8")
        values = np.nan_to_num(values, posinf=1e9, neginf=-1e9).astype(
            "i8" if dtype == "M8[s]" else "f8"
        )
        values = values.astype(dtype)
    names = ["y", "x", "band", "time"]
    if rng.random() < oddness:
        names = rng.permutation([*names, "lat", "lon", "z"])
    names = names[: len(shape)]
    axes = {}
    for name, size in zip(names, shape, strict=True):
        kind = rng.integers(7) if rng.random() < oddness else 1
        axis = np.arange(size, dtype=float)
        if kind == 1:
            axis = axis[::-1] * 10
        elif kind == 2:
            axis = np.full(size, np.nan)
        elif kind == 3:
            axis = rng.normal(size=size)
        elif kind == 4:
            axis = np.array([f"band {n}" for n in range(size)], dtype=object)
        elif kind == 5:
            axis = axis * 1e300
        if kind < 6:
            axes[str(name)] = axis
    attrs = {}
    for name in (
        "scale_factor",
        "add_offset",
        "_FillValue",
        "scales",
        "long_name",
        "plausible_range",
    ):
        if rng.random() < oddness / 2:
            attrs[name] = rng.choice(
                np.array([0, -1, np.nan, "1", None, (1, 2), "nodata"], dtype=object)
            )
    array = xr.DataArray(values, axes, [str(name) for name in names], attrs=attrs)
    return array.chunk(2) if rng.random() < 0.3 and array.ndim else array


def one_try(source, **options):
    """Open a source and compute it; return what happened."""
    started = time.monotonic()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stack = open_stack(source, **options)
            stack.isel(x=slice(0, 64), y=slice(0, 64)).compute()
        found = "opened"
    except REFUSALS as error:
        found = "refused"
        assert "\n" not in str(error), str(error)
        assert str(error)
    except rasterio.errors.RasterioError:
        # A window that was not looked at, read with dask's own means.
        found = "broken later"
    assert time.monotonic() - started < SECONDS
    return found


def try_bytes(seed, folder):
    path = Path(folder, "fuzz.tif")
    path.write_bytes(mutated(np.random.default_rng(seed)))
    return one_try(path)


def try_array(seed):
    rng = np.random.default_rng(seed)
    one, other = odd_array(rng), odd_array(rng)
    source = [one, {"a": one}, {"a": one, "b": other}][rng.integers(3)]
    options = {"crs": "EPSG:32717"} if rng.random() < 0.8 else {}
    if rng.random() < 0.3:
        options |= {"factors": ["a", "b"][: rng.integers(1, 3)]}
    if rng.random() < 0.3:
        options |= {"align": "a", "resampling": "nearest"}
    return one_try(source, **options)


@pytest.mark.parametrize("seed", range(60))
def test_mutated_files_are_opened_or_refused_in_one_line(seed, tmp_path):
    try_bytes(seed, tmp_path)


# The last one: an array with a third dimension of no length.
@pytest.mark.parametrize("seed", [*range(80), 7_001_479])
def test_odd_arrays_are_opened_or_refused_in_one_line(seed):
    try_array(seed)


def main(n_tries):
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(n_tries):
            for kind, run in (("bytes", lambda s: try_bytes(s, folder)), ("arrays", try_array)):
                try:
                    found = run(seed)
                except BaseException as error:
                    found = f"{type(error).__name__}: {str(error)[:100]}"
                    if counts.get((kind, found), 0) == 0:
                        print(kind, seed, found, file=sys.stderr, flush=True)
                counts[kind, found] = counts.get((kind, found), 0) + 1
    for key, count in sorted(counts.items(), key=lambda item: -item[1]):
        print(*key, count)


if __name__ == "__main__":
    main(int(sys.argv[1]))
