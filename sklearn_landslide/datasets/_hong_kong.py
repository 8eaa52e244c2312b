"""Landslides and slow-moving slopes of Hong Kong."""

import os

import numpy as np
import pandas as pd
from sklearn.utils import Bunch
from sklearn.utils._param_validation import validate_params

from sklearn_landslide.datasets._files._download import RemoteFile, fetch_file
from sklearn_landslide.datasets._files._fingerprint import Fingerprint, find_columns
from sklearn_landslide.datasets._files._r_files import numeric_columns

# Which commit brought these rows is not known: at 56a8adda, f24f43ed, cbafb551 and 59aad517 the
# file has others. The values are verified, so no other version can stand in unnoticed.
TABLE = RemoteFile("CLi-de/Meta_LSM", ("HEAD",), "src_data/samples_HK.csv")
N_SAMPLES = 19_898
CODES = ["landuse", "lithology"]
# From a copy with all digits; the offsets keep every value 3e-7 or more away from an edge.
CONTENT = {
    "landuse": Fingerprint(1, 0.5, "ef67673888910560"),
    "lithology": Fingerprint(1, 0.5, "78ca92e3f6013710"),
    "altitude": Fingerprint(1, 0.5, "a49aae1ce912ff3e"),
    "slope": Fingerprint(0.01, 0.0066143, "a53b5f4611e08bc4"),
    "curvature": Fingerprint(0.01, 0.0018258, "02087ca0e9a1c507"),
    "aspect": Fingerprint(0.1, 0.0879, "a66f69786289d490"),
    "ndvi": Fingerprint(1, 0.5, "f98c83bc03047268"),
    "spi": Fingerprint(0.001, 0.00069155, "69c5213ed1f5be30"),
    "twi": Fingerprint(0.001, 0.00078746, "feadc34b90a70a53"),
    "distance_to_road": Fingerprint(0.1, 0.007398, "34e8ab9463229a8d"),
    "distance_to_drainage": Fingerprint(0.1, 0.073676, "9607488beb10523f"),
    "distance_to_catchment": Fingerprint(1, 0.1552, "a31358a8b9788b99"),
    "distance_to_fault": Fingerprint(0.1, 0.048703, "14afe6e591a8498d"),
    "deformation_velocity": Fingerprint(0.001, 0.0008588, "67f9e76da5e984e8"),
    "x": Fingerprint(0.5, 0.1615, "49532901a4e5b68d"),
    "y": Fingerprint(0.5, 0.4444, "ec4c32db2c2eb2f8"),
    "landslide": Fingerprint(1, 0.5, "f12a7f43be5d2c45"),
}
_ABOUT = {"x", "y", "landslide", "deformation_velocity"}
FACTORS = [name for name in CONTENT if name not in _ABOUT]
# What the source writes where there is no velocity, and how many times the index its NDVI is.
_NO_VELOCITY = 1e-6
_NDVI_FACTOR = 10_000

_DESCRIPTION = """\
Landslides and slow-moving slopes in Hong Kong
----------------------------------------------

:Number of samples: {n_samples} ({n_landslides} landslides, {share:.1%})
:Number of factors: 11 numeric, 2 categorical (landuse, lithology)
:Region: Hong Kong; Hong Kong 1980 grid (EPSG:2326), in m

:Factors:
    - landuse, lithology: codes 1 to 3 of the source, which does not name them
    - altitude in m
    - slope in degrees
    - curvature, in a unit that the source does not state; none is negative
    - aspect in degrees from north; -1 where it is flat
    - ndvi, without unit (the source stores 10,000 times this)
    - spi and twi, logarithmic; {n_flat} rows have -5 and 6 in place of both
    - distance_to_road, distance_to_drainage, distance_to_catchment, distance_to_fault in m

The source states few units; these are the usual ones of such factors and fit the values. In slope,
curvature, aspect and the distances it stores 0 as 0.000001.

Before you use it:

- deformation_velocity knows about the label. A part of the landslides are not of an inventory: they
  are slopes that InSAR found to move slowly, and this is their velocity (probably mm a year; the
  source does not say which sign is toward the satellite). It is kept apart unless it is asked for.
  {n_without} rows have none, where the source stores 0.000001.
- The digits of the coordinates know it too. {n_off_grid} landslides, with a mean velocity of
  {off_grid_velocity:.1f}, stand off the raster of 1/16 m on which all other places stand, and none
  of the places without a landslide does. x and y say where a place is; they are not factors.
- {n_copies} rows are exact copies of others, and {n_both} places carry both labels. Random folds
  put a row into training and its copy into the test; spatial blocks keep them together.
- Landslides are more than half of the rows. That is how they were sampled, not how frequent they
  are: give `prevalence=` for probabilities.
- The history of the repository has other tables under this name.

The paper that LandslideNet follows (doi:10.3390/app15137245) did not publish its table. This one
has the same number of rows and, with the coordinates and the velocity, of columns (16), and the
share of classes that the paper's figures imply, if the places without a landslide count as
positive; and plain models score about the same on it. It is probably the same table, but that is
not established: the paper names another region.

:Source: samples_HK.csv of github.com/CLi-de/Meta_LSM
:License: MIT, copyright 2021 Li Chen
:Citation: Chen, L. et al. Landslide susceptibility assessment in multiple landslide-inducing
    environments with a landslide inventory augmented by InSAR techniques.
    github.com/CLi-de/Meta_LSM
"""


@validate_params(
    {
        "data_home": [str, os.PathLike, None],
        "as_frame": ["boolean"],
        "return_X_y": ["boolean"],
        "deformation_velocity": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_hong_kong(*, data_home=None, as_frame=True, return_X_y=False, deformation_velocity=False):
    """Fetch 19,898 places in Hong Kong, 11,264 of them landslides.

    Landslides of an inventory, slow-moving slopes that InSAR found, and places without either,
    with 13 factors [1]_. Read `DESCR` before you use it: rows are repeated, and two things know
    about the label. The first call downloads about 3 MB, later ones need no network.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Folder for the download. If None, the folder that the environment variable
        ``SKLEARN_LANDSLIDE_DATA`` names, or else the system's folder for caches.
    as_frame : bool, default=True
        Whether the parts are pandas objects, with landuse and lithology as categories, or else
        arrays with their codes.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.
    deformation_velocity : bool, default=False
        Whether the velocity that InSAR measured is among the factors, as the last one. A part of
        the landslides was found by it, so a model that sees it is told a part of the answer.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : DataFrame of shape (19898, 13) or ndarray
            The factors; 14 with the velocity.
        target : Series of shape (19898,) or ndarray
            1 for landslide, 0 for none.
        coordinates : DataFrame of shape (19898, 2) or ndarray
            x and y in meters, EPSG:2326.
        deformation_velocity : Series of shape (19898,) or ndarray
            Velocity by InSAR, NaN where there is none: a third of the places.
        feature_names : list of str
            Names of the columns of `data`.
        categorical_features : list of str
            Names of the two factors that are codes.
        target_names : ndarray of shape (2,)
            Names of the classes.
        frame : DataFrame of shape (19898, 14) or None
            `data` and `target` (named ``"landslide"``), if `as_frame` is True.
        DESCR : str
            Description with units, what to beware of, source, license and citation.

    (data, target) : tuple if ``return_X_y`` is True
        The two alone.

    Raises
    ------
    ImportError
        If requests is not installed, or pooch where no folder is named.
    ConnectionError
        If the file has to be downloaded and does not come; the message says where to put it by
        hand.
    ValueError
        If the file is not the one that is expected; it is not kept.

    Notes
    -----
    The address is that of the newest commit. The values are verified, not the bytes of the file:
    each column must be that of a copy within a small width, 0.5 m for the coordinates, 0.01
    degrees for the slope and 0.1 m for most distances, for instance; codes, whole numbers and
    labels must be the same. Columns are recognized by their values, whatever the file calls them.

    The file stores 0.000001 where there is no velocity. That is made NaN, and
    the NDVI is divided by 10,000, as :func:`~sklearn_landslide.preprocessing.field_bounds` and
    other regions expect it. The other values are those of the file.

    References
    ----------
    .. [1] Chen, L. et al. Landslide susceptibility assessment in multiple landslide-inducing
       environments with a landslide inventory augmented by InSAR techniques.
       github.com/CLi-de/Meta_LSM

    Examples
    --------
    Functions that need the data: the call that would download them is left to you. The first keeps
    copies of a row, and places near to each other, on one side of each split:

    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import cross_val_score
    >>> from sklearn_landslide.datasets import fetch_hong_kong
    >>> from sklearn_landslide.model_selection import SpatialBlockKFold
    >>> def skill_on_unseen_blocks():
    ...     hong_kong = fetch_hong_kong()
    ...     forest = RandomForestClassifier(random_state=0)
    ...     cv = SpatialBlockKFold(hong_kong.coordinates, random_state=0)
    ...     return cross_val_score(
    ...         forest, hong_kong.data, hong_kong.target, cv=cv, scoring="roc_auc"
    ...     )

    All 16 columns of the source beside the label, coordinates and velocity included, to see what
    they are worth on random folds and what is left of it elsewhere:

    >>> def all_columns():
    ...     hong_kong = fetch_hong_kong(deformation_velocity=True)
    ...     return hong_kong.data.join(hong_kong.coordinates), hong_kong.target
    """
    _, table = fetch_file(TABLE, data_home, read_table)
    names = [*FACTORS, *(["deformation_velocity"] if deformation_velocity else [])]
    frame = table[[*names, "landslide"]].astype(dict.fromkeys(CODES, "category"))
    parts = {
        "data": frame[names],
        "target": table["landslide"],
        "coordinates": table[["x", "y"]],
        "deformation_velocity": table["deformation_velocity"],
    }
    if not as_frame:
        frame, parts["data"] = None, table[names].astype(np.float64)
        parts = {name: part.to_numpy() for name, part in parts.items()}
    if return_X_y:
        return parts["data"], parts["target"]
    return Bunch(
        **parts,
        feature_names=names,
        categorical_features=list(CODES),
        target_names=np.array(["no landslide", "landslide"]),
        frame=frame,
        DESCR=_describe(table),
    )


def read_table(path):
    """Read the file and verify what it holds.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    table : DataFrame
        The columns of `CONTENT`, with NaN for no velocity and the NDVI as an index.

    Raises
    ------
    ValueError
        If the file is not the one that is expected; the message goes on after its name.
    """
    with path.open("rb") as file:
        n_columns = file.readline(10_000).count(b",") + 1
    if n_columns != len(CONTENT):
        raise ValueError(f"has {n_columns} columns in its first line instead of {len(CONTENT)}")
    try:
        # Names are not looked at, so they may be in any encoding.
        source = pd.read_csv(path, nrows=N_SAMPLES + 1, encoding="latin-1")
    except ValueError as error:  # Of the parser, too.
        raise ValueError(f"is not a table that can be read ({type(error).__name__})") from error
    if len(source) != N_SAMPLES:
        more = "more" if len(source) > N_SAMPLES else f"{len(source):,}"
        raise ValueError(f"has {more} rows instead of {N_SAMPLES:,}: it is another version")
    table = pd.DataFrame(find_columns(numeric_columns(source), CONTENT))
    whole = [*CODES, "altitude", "landslide"]
    table[whole] = table[whole].astype(np.int64)
    table["ndvi"] = table["ndvi"] / _NDVI_FACTOR
    velocity = table["deformation_velocity"]
    table["deformation_velocity"] = velocity.mask(velocity == _NO_VELOCITY)
    return table


def _describe(table):
    """Text with the counts of the table."""
    off_grid = (table[["x", "y"]] * 16 % 1 != 0).any(axis=1)
    return _DESCRIPTION.format(
        n_samples=len(table),
        n_landslides=table["landslide"].sum(),
        share=table["landslide"].mean(),
        n_flat=((table["spi"] == -5) & (table["twi"] == 6)).sum(),
        n_without=table["deformation_velocity"].isna().sum(),
        n_off_grid=off_grid.sum(),
        off_grid_velocity=table["deformation_velocity"][off_grid].mean(),
        n_copies=table.duplicated().sum(),
        n_both=(table.groupby(["x", "y"])["landslide"].nunique() > 1).sum(),
    )
