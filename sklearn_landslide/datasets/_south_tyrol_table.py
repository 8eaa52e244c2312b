"""The table of South Tyrol as its source stores it."""

import re

import numpy as np
import pandas as pd

from sklearn_landslide.datasets._files._download import RemoteFile
from sklearn_landslide.datasets._files._fingerprint import Fingerprint, find_columns
from sklearn_landslide.datasets._files._r_files import numeric_columns, read_r_table

TABLE = RemoteFile(
    "mmorenoz/FGAM_LandslidePrecipitation",
    ("8d5a7704a380310dcf1b3b4036200150a07cb3ba",),
    "dat/d_5_0cumforward_5day_t0123.Rds",
)
DAYS, HOURS = 5, 24
RAIN = [f"rain_{hour:03}" for hour in range(DAYS * HOURS)]
CODES = ["geology", "geomorphon", "land_cover"]

# From a copy with five significant digits; the offsets keep every value a unit of its fifth digit
# or more away from an edge.
CONTENT = {
    "x": Fingerprint(1000, 542.5, "18c1b06929d4245e"),
    "y": Fingerprint(1000, 934.5, "f74908d3916769ed"),
    "year": Fingerprint(1, 0.5, "1398f094fbc9d603"),
    "day_of_year": Fingerprint(1, 0.5, "0ec7196cef224d34"),
    "catchment": Fingerprint(0.2, 0.164, "420b065c6428f0a8"),
    "landslide": Fingerprint(1, 0.5, "571c99831ad1bead"),
    "aspect": Fingerprint(10, 3.63, "52942257e101b082"),
    "convergence": Fingerprint(0.5, 0.3675, "a0a9df63d2f3b9f9"),
    "distance_to_building": Fingerprint(5, 3.345, "a288db277cdac6e7"),
    "distance_to_path": Fingerprint(2, 0.745, "6498232e1064b435"),
    "distance_to_railway": Fingerprint(500, 195.75, "b75a2b479896c934"),
    "distance_to_road": Fingerprint(10, 7.52, "1c164a0e415e0e96"),
    "elevation": Fingerprint(100, 69.95, "122ba4b5a03b1783"),
    "geology": Fingerprint(1, 0.5, "c1b344011b36fdaf"),
    "geomorphon": Fingerprint(1, 0.5, "29b34a955565f219"),
    "normalised_height": Fingerprint(0.01, 0.005795, "d2d2b9777cb8f581"),
    "northness": Fingerprint(0.01, 0.007515, "b9de8f67c62fb289"),
    "eastness": Fingerprint(0.01, 0.003115, "dc0cf4cb501b16b6"),
    "general_curvature": Fingerprint(0.001, 0.0006165, "c915e5828308e99f"),
    "plan_curvature": Fingerprint(0.0005, 0.00015125, "0dfba00509093022"),
    "profile_curvature": Fingerprint(0.0001, 7.495e-05, "2538862493fa17d6"),
    "concavity": Fingerprint(1, 0.9705, "e942276c91ca5360"),
    "convexity": Fingerprint(2, 1.503, "36fa153897daa8de"),
    "slope": Fingerprint(2, 1.764, "4d4968c8d7482f5c"),
    "standardised_height": Fingerprint(50, 45.825, "8c93195ef58b0528"),
    "saga_wetness_index": Fingerprint(0.2, 0.0168, "95e1a54c625a6407"),
    "topographic_position_index": Fingerprint(1, 0.336, "eb6ba3970be37a57"),
    "topographic_wetness_index": Fingerprint(0.2, 0.1475, "dcaeeb78203eb9e3"),
    "land_cover": Fingerprint(1, 0.5, "97bef8f75d282e4c"),
    "mean_annual_rain": Fingerprint(50, 44.65, "fdba19916f250a9b"),
    "catchment_area": Fingerprint(10000, 7635.0, "4eb82128ffffcbe6"),
}
RAIN_CONTENT = Fingerprint(0.2, 0.0225, "9106de536f390b67")
RAIN_BELOW_10_CONTENT = Fingerprint(0.02, 0.00915, "033058ebb318ce1d")
_ABOUT = {"x", "y", "year", "day_of_year", "catchment", "landslide"}
FACTORS = [name for name in CONTENT if name not in _ABOUT]


def read_table(path):
    """Read the R file, undo its sums and verify what it holds.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    table : DataFrame
        The columns of `CONTENT`, the date and those of `RAIN`.

    Raises
    ------
    ValueError
        If the file is not the one that is expected; the message goes on after its name.
    """
    source = read_r_table(path)
    stored = _columns_of_sums(source)
    # Some rows have no rain, and the study drops them.
    source = source[source[stored].notna().all(axis=1)]
    if source.empty:
        raise ValueError("has no row with all hours of rain")
    rain = hourly_rain(source[stored].to_numpy(np.float64))
    if not (RAIN_CONTENT.fits(rain) and RAIN_BELOW_10_CONTENT.fits(np.minimum(rain, 10))):
        raise ValueError("has other rain")
    found = find_columns(numeric_columns(source.drop(columns=stored)), CONTENT)
    for name in ("year", "day_of_year", "landslide", *CODES):
        found[name] = found[name].astype(np.int64)
    days = pd.to_timedelta(found["day_of_year"] - 1, unit="D")
    date = pd.to_datetime(found["year"].astype(str), format="%Y") + days
    return pd.DataFrame(found | {"date": date} | dict(zip(RAIN, rain.T, strict=True)))


def hourly_rain(sums):
    """Turn the stored sums into the rain of each hour.

    Parameters
    ----------
    sums : ndarray of shape (n_samples, 120)
        Day of the event first, hours ascending within each day, added up from the last column.

    Returns
    -------
    rain : ndarray of shape (n_samples, 120)
        mm per hour, oldest first.

    Examples
    --------
    One hour of rain, the third of the day before the event:

    >>> import numpy as np
    >>> from sklearn_landslide.datasets._south_tyrol_table import hourly_rain
    >>> sums = np.zeros((1, 120))
    >>> sums[0, : 24 + 3] = 1.5
    >>> np.argwhere(hourly_rain(sums)[0] == 1.5)
    array([[74]])
    """
    # Sums of binary fractions: the differences are off by 1e-13 or so.
    rain = np.round(-np.diff(sums, axis=1, append=0.0), 9) + 0.0
    return rain.reshape(-1, DAYS, HOURS)[:, ::-1].reshape(-1, DAYS * HOURS)


def _columns_of_sums(source):
    """Names of the 120 columns of rain, in the order of day and hour in their names."""
    matches = {name: re.fullmatch(r"day(\d)\.(\d\d)", str(name)) for name in source}
    known = {name: (int(m[1]), int(m[2])) for name, m in matches.items() if m}
    expected = {(day, hour) for day in range(1, DAYS + 1) for hour in range(HOURS)}
    if set(known.values()) != expected:
        raise ValueError("lacks the columns day1.00 to day5.23 of the rain")
    return sorted(known, key=known.get)
