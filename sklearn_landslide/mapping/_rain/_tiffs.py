"""Rain in GeoTIFFs, one file for each time, which its name tells."""

import re
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import plural
from sklearn_landslide.mapping._rain._parts import RainPart, asking
from sklearn_landslide.mapping._rasters._bands import read_bands
from sklearn_landslide.mapping._rasters._grids import difference

SUFFIXES = (".tif", ".tiff")
_CHUNKS = 2048
# Year, month and day, and hour, minute and second as far as they are there.
_TIME = re.compile(
    r"(?<!\d)(?P<day>(?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d)"
    r"(?:[T_ -]?(?P<clock>[0-2]\d(?:[-:]?[0-5]\d){0,2}))?(?P<zone>Z|UTC)?(?!\d)",
    re.IGNORECASE,
)


def _of_name(stem):
    """Find the one time in a name; None if there is none, or more than one."""
    found = []
    for match in _TIME.finditer(stem):
        digits = re.sub(r"\D", "", match["day"] + (match["clock"] or ""))
        try:
            found.append((datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S"), match))
        except ValueError:
            continue
    if len(found) != 1:
        return None
    time, match = found[0]
    return time, (bool(match["clock"]), bool(match["zone"]))


def _by_format(paths, time_format):
    """Read times from names by a pattern; they are in UTC if they have a zone."""
    times = []
    for path in paths:
        for name in (path.name, path.stem):
            try:
                times.append(datetime.strptime(name, time_format))
                break
            except ValueError:
                continue
        else:
            hint = f"time_format={time_format!r}"
            raise asking(
                f"{path.name} does not follow {hint}: write what is the same in all names as it "
                "is, such as 'radar_%Y%m%d_%H%M'.",
                hint,
            )
    zoned = {time.tzinfo is not None for time in times}
    if len(zoned) > 1:
        raise ValueError(f"some of {len(paths)} names have a time zone: give all of them one.")
    index = pd.DatetimeIndex(pd.to_datetime(times, utc=True)).tz_localize(None).as_unit("ns")
    return index, "the zone in the names" if zoned == {True} else None


def _by_names(paths):
    """Read times from names that have one time each."""
    found = [_of_name(path.stem) for path in paths]
    strange = [path for path, one in zip(paths, found, strict=True) if one is None]
    kinds = {one[1] for one in found if one is not None}
    if strange or len(kinds) != 1:
        which = strange[0].name if strange else paths[0].name
        why = "has no time, or more than one," if strange else "and others differ in the time"
        raise asking(
            f"{which} {why} in its name: give time_format=..., such as 'radar_%Y%m%d_%H%M'.",
            "time_format=...",
        )
    index = pd.DatetimeIndex([time for time, _ in found]).as_unit("ns")
    return index, "UTC" if kinds.pop()[1] else None


def read_tiffs(paths, time_format, crs, where):
    """Open GeoTIFFs of one band each.

    Parameters
    ----------
    paths : list of pathlib.Path
        The files.
    time_format : str or None
        How the names are to be read, as :meth:`datetime.datetime.strptime` does.
    crs : rasterio.crs.CRS or None
        The CRS of files that state none.
    where : str
        What to call them all in messages.

    Returns
    -------
    part : RainPart
    """
    dask = import_optional("dask.array", extra="map")
    read = _by_names(paths) if time_format is None else _by_format(paths, time_format)
    layers, first, units = [], None, set()
    for path in paths:
        bands = read_bands(path, _CHUNKS, crs)
        if len(bands) != 1:
            raise ValueError(f"{path} has {plural(len(bands), 'band')}: one for each time.")
        (band,) = bands
        first = band.grid if first is None else first
        if differs := difference(band.grid, first):
            raise ValueError(f"{path} is not on the grid of {paths[0].name}: {differs}.")
        units.add(band.facts.get("units"))
        layers.append(band.scaled(band.values))
    if first.crs is None:
        raise asking(f"{paths[0]} states no CRS: give crs='EPSG:...'.", "crs='EPSG:...'")
    if first.is_rotated:
        raise ValueError(f"{paths[0]} is rotated: warp it first.")
    if len(units) > 1:
        raise ValueError(f"{where} have different units: open them one by one.")
    facts = {"units": unit} if (unit := units.pop()) else {}
    axes = first.axes
    return RainPart(
        dask.stack(layers),
        np.asarray(axes["x"]),
        np.asarray(axes["y"]),
        read[0],
        None,
        read[1],
        first.crs,
        facts,
        where,
    )


def tiffs_in(folder):
    """List the GeoTIFFs of a folder by name."""
    return sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in SUFFIXES)
