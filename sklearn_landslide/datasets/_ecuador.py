"""Landslides of the Reserva Biologica San Francisco in Ecuador."""

import os

import numpy as np
import pandas as pd
from sklearn.utils import Bunch
from sklearn.utils._param_validation import validate_params

from sklearn_landslide.datasets._files._download import RemoteFile, check_sha256, fetch_file
from sklearn_landslide.datasets._files._fingerprint import Fingerprint, find_columns
from sklearn_landslide.datasets._files._r_files import numeric_columns, read_r_table

REPOSITORY = "Nowosad/spDataLarge"
# Both are checked by content, so the newest version can stand in for the pinned one.
POINTS = RemoteFile(
    REPOSITORY, ("76d87d1d8fd32344a30dc27412730ba46ecded8a", "HEAD"), "data/lsl.rda"
)
TERRAIN = RemoteFile(
    REPOSITORY, ("70a3380323827655e19c7602ac0ca4791a8247c6", "HEAD"), "inst/raster/ta.tif"
)
TERRAIN_SHA256 = "cf0410ca2c1da8931bf6f7f234241c21d4851d9bdcfa19e6be26c9eca0e804be"
# From the points of spDataLarge 2.1.2.
CONTENT = {
    "x": Fingerprint(0.1, 0.0456, "24685fdd95b01ee8"),
    "y": Fingerprint(0.1, 0.03475, "9016b0ecf2ca01e6"),
    "lslpts": Fingerprint(1, 0.5, "34962a3f87289884"),
    "slope": Fingerprint(0.002, 0.000362, "41d0bdf9391aebed"),
    "cplan": Fingerprint(1e-05, 7.9e-06, "a4d3abaf796be6d3"),
    "cprof": Fingerprint(1e-05, 9.6e-06, "e76896c0ca106eb5"),
    "elev": Fingerprint(0.05, 0.0045, "bba9426b515c8e7a"),
    "log10_carea": Fingerprint(0.0001, 4.7e-05, "dec0a74c2d075007"),
}
FACTORS = ["slope", "cplan", "cprof", "elev", "log10_carea"]

_DESCRIPTION = """\
Landslides in southern Ecuador
------------------------------

:Number of samples: {n_samples} ({n_landslides} landslides)
:Number of factors: 5 numeric
:Region: Reserva Biologica San Francisco; EPSG:32717, WGS 84 / UTM zone 17S, in m

:Factors:
    - slope in degrees
    - cplan, plan curvature in rad/m
    - cprof, profile curvature in rad/m
    - elev, elevation in m
    - log10_carea, decimal logarithm of the upslope contributing area in m2

Landslide initiation points and as many points without a landslide. `raster` is a GeoTIFF of the
same factors, one band each in their order, 10 m, nodata NaN.

:Source: lsl and ta.tif of the R package spDataLarge, github.com/Nowosad/spDataLarge
:License: CC0
:Citation: Muenchow, J., Brenning, A., Richter, R. (2012). Geomorphic process rates of landslides
    along a humidity gradient in the tropical Andes. Geomorphology 139-140, 271-284.
    doi:10.1016/j.geomorph.2011.10.029
"""


@validate_params(
    {
        "data_home": [str, os.PathLike, None],
        "as_frame": ["boolean"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_ecuador(*, data_home=None, as_frame=True, return_X_y=False):
    """Fetch 350 points and the terrain of a landslide study in southern Ecuador.

    Landslide initiation points and points without a landslide in the Reserva Biologica San
    Francisco, with five terrain factors, and the same factors as a raster [1]_. The first call
    downloads about 3 MB, later ones need no network.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Folder for the downloads. If None, the folder that the environment variable
        ``SKLEARN_LANDSLIDE_DATA`` names, or else the system's folder for caches.
    as_frame : bool, default=True
        Whether `data`, `target` and `coordinates` are pandas objects, or else arrays.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch; the raster is then not
        downloaded.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : DataFrame of shape (350, 5) or ndarray
            slope, cplan, cprof, elev and log10_carea.
        target : Series of shape (350,) or ndarray
            1 for landslide, 0 for none.
        coordinates : DataFrame of shape (350, 2) or ndarray
            x and y in meters, EPSG:32717.
        raster : pathlib.Path
            The GeoTIFF of the five factors, for :func:`~sklearn_landslide.mapping.open_stack`.
        feature_names : list of str
            Names of the factors, and of the bands of the raster.
        target_names : ndarray of shape (2,)
            Names of the classes.
        frame : DataFrame of shape (350, 6) or None
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
        If a file has to be downloaded and does not come; the message says where to put it by
        hand.
    ValueError
        If a file is not the one that is expected; it is not kept.

    Notes
    -----
    The raster must have one given SHA-256. Of the points the values are verified: each column
    must be that of spDataLarge 2.1.2 within a small width, 0.1 m for the coordinates, 0.002
    degrees for the slope and 0.05 m for the elevation, for instance. The addresses name one
    commit each; where its file is not the expected one, that of the newest commit is tried.

    References
    ----------
    .. [1] Muenchow, J., Brenning, A., Richter, R. (2012). Geomorphic process rates of
       landslides along a humidity gradient in the tropical Andes. Geomorphology 139-140,
       271-284.

    Examples
    --------
    A function that needs the data: the call that would download them is left to you.

    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn_landslide.datasets import fetch_ecuador
    >>> def fit_ecuador():
    ...     ecuador = fetch_ecuador()
    ...     model = RandomForestClassifier(random_state=0)
    ...     return model.fit(ecuador.data, ecuador.target), ecuador.raster
    """
    _, table = fetch_file(POINTS, data_home, _read_points)
    data, target = table[FACTORS], table["landslide"]
    coordinates, frame = table[["x", "y"]], table[[*FACTORS, "landslide"]]
    if not as_frame:
        data, target, coordinates = (part.to_numpy() for part in (data, target, coordinates))
        frame = None
    if return_X_y:
        return data, target
    raster, _ = fetch_file(TERRAIN, data_home, lambda path: check_sha256(path, TERRAIN_SHA256))
    return Bunch(
        data=data,
        target=target,
        coordinates=coordinates,
        raster=raster,
        feature_names=list(FACTORS),
        target_names=np.array(["no landslide", "landslide"]),
        frame=frame,
        DESCR=_DESCRIPTION.format(n_samples=len(table), n_landslides=table["landslide"].sum()),
    )


def _read_points(path):
    """Points of the R file, if they are the expected ones."""
    table = pd.DataFrame(find_columns(numeric_columns(read_r_table(path)), CONTENT))
    table["landslide"] = table.pop("lslpts").astype(np.int64)
    return table
