"""Landslides of South Tyrol in space and time."""

import os

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import validate_params

from sklearn_landslide.datasets._files._download import fetch_file
from sklearn_landslide.datasets._south_tyrol_table import CODES, FACTORS, RAIN, TABLE, read_table

_DESCRIPTION = """\
Rainfall-induced shallow landslides in South Tyrol, 2012 to 2021
----------------------------------------------------------------

:Number of samples: {n_samples} ({n_landslides} landslides)
:Number of factors: 22 numeric, 3 categorical (geology, geomorphon, land_cover), 120 of rain
:Region: South Tyrol, Italy; projected coordinates in m

:Factors:
    - aspect and slope in degrees; northness and eastness without unit
    - distance_to_building, distance_to_path, distance_to_railway, distance_to_road in m
    - elevation and standardised_height in m; normalised_height from 0 to 1
    - general_curvature, plan_curvature, profile_curvature in 1/m
    - concavity and convexity of the surface in percent, convergence index in percent
    - saga_wetness_index, topographic_wetness_index, topographic_position_index
    - catchment_area in m2
    - mean_annual_rain in mm
    - geology: 1 crystalline, 2 porphyry, 3 sedimentary, 4 plutonic, 5 calcschist
    - geomorphon, land_cover: codes of the source
    - rain_000 ... rain_119: mm in each hour, oldest first. rain_096 to rain_119 are the day of
      the landslide, or of its absence, and the 96 before it the four days before

Samples are places at days. The source states no units; those of the static factors are the usual
ones of the tools that make such factors. It stores sums of the rain: day of the event first, hours
ascending within each day, added up from the last column. Differences undo them, rounded to 1e-9 mm,
and the days are put in order.

:Source: github.com/mmorenoz/FGAM_LandslidePrecipitation, doi:10.5281/zenodo.15033256
:License: MIT
:Citation: Moreno, M., Lombardo, L., Steger, S., de Vugt, L., Zieher, T., Crespi, A., Marra, F.,
    van Westen, C., Opitz, T. (2024). Functional regression for space-time prediction of
    precipitation-induced shallow landslides in South Tyrol, Italy.
"""


@validate_params(
    {
        "data_home": [str, os.PathLike, None],
        "as_frame": ["boolean"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_south_tyrol(*, data_home=None, as_frame=True, return_X_y=False):
    """Fetch 3,233 samples of shallow landslides in space and time, with hourly rain.

    Places in South Tyrol at days of 2012 to 2021, 259 of them landslides, with 25 static factors
    and the rain of each hour of the day and of the four days before [1]_. The first call
    downloads the table, later ones need no network.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Folder for the download. If None, the folder that the environment variable
        ``SKLEARN_LANDSLIDE_DATA`` names, or else the system's folder for caches.
    as_frame : bool, default=True
        Whether the parts are pandas objects, with geology, geomorphon and land_cover as
        categories, or else arrays with their codes.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : DataFrame of shape (3233, 145) or ndarray
            25 static factors, then rain_000 ... rain_119 in mm per hour, oldest first.
        target : Series of shape (3233,) or ndarray
            1 for landslide, 0 for none.
        coordinates : DataFrame of shape (3233, 2) or ndarray
            x and y in meters.
        date, year, day_of_year : Series of shape (3233,) or ndarray
            When.
        catchment : Series of shape (3233,) or ndarray
            Number of the catchment; 24 lie between whole numbers in the source.
        lithology : Series of shape (3233,) or ndarray
            The codes of geology, as strata to leave out one at a time.
        sequences : dict of str to list
            ``{"rain": [...]}``: the columns of `data` that are the rain, in order of time;
            names, or positions if `as_frame` is False.
        feature_names : list of str
            Names of the columns of `data`.
        categorical_features : list of str
            Names of the three factors that are codes.
        target_names : ndarray of shape (2,)
            Names of the classes.
        frame : DataFrame of shape (3233, 146) or None
            `data` and `target` (named ``"landslide"``), if `as_frame` is True.
        DESCR : str
            Description with units, source, license and citation.

    (data, target) : tuple if ``return_X_y`` is True
        The two alone.

    Raises
    ------
    ImportError
        If pooch or rdata is not installed.
    ConnectionError
        If the file has to be downloaded and does not come; the message says where to put it by
        hand.
    ValueError
        If the file is not the one that is expected; it is not kept.

    Notes
    -----
    The address names one commit. The values are verified, not the bytes of the file: each column
    must have those of a copy with five significant digits, within a width that depends on the
    column, 2 degrees for the slope, 100 m for the elevation and 0.2 mm for the rain of an hour
    (0.02 mm below 10 mm), for instance; codes, dates and labels must be the same. A value that
    is off by the width or more is always noticed, one that is off by less only if it crosses an
    edge. Columns are recognized by their values, whatever the file calls them.

    References
    ----------
    .. [1] Moreno, M. et al. (2024). Functional regression for space-time prediction of
       precipitation-induced shallow landslides in South Tyrol, Italy.
       doi:10.5281/zenodo.15033256

    Examples
    --------
    A function that needs the data: the call that would download them is left to you.

    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import LeaveOneGroupOut, cross_val_score
    >>> from sklearn_landslide.datasets import fetch_south_tyrol
    >>> def skill_in_years_left_out():
    ...     south_tyrol = fetch_south_tyrol()
    ...     return cross_val_score(
    ...         RandomForestClassifier(random_state=0),
    ...         south_tyrol.data,
    ...         south_tyrol.target,
    ...         groups=south_tyrol.year,
    ...         cv=LeaveOneGroupOut(),
    ...         scoring="roc_auc",
    ...     )
    """
    _, table = fetch_file(TABLE, data_home, read_table)
    names = [*FACTORS, *RAIN]
    parts = {name: table[name] for name in ("date", "year", "day_of_year", "catchment")}
    parts |= {"target": table["landslide"], "coordinates": table[["x", "y"]]}
    parts["lithology"] = table["geology"].rename("lithology")
    if as_frame:
        frame = table[[*names, "landslide"]].astype(dict.fromkeys(CODES, "category"))
        parts["data"], rain = frame[names], list(RAIN)
    else:
        frame, rain = None, [names.index(name) for name in RAIN]
        parts["data"] = table[names].astype(np.float64)
        parts = {name: part.to_numpy() for name, part in parts.items()}
    if return_X_y:
        return parts["data"], parts["target"]
    return Bunch(
        **parts,
        sequences={"rain": rain},
        feature_names=names,
        categorical_features=list(CODES),
        target_names=np.array(["no landslide", "landslide"]),
        frame=frame,
        DESCR=_DESCRIPTION.format(n_samples=len(table), n_landslides=table["landslide"].sum()),
    )
