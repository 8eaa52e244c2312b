"""A map of the landslide susceptibility, window by window."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from sklearn import config_context, get_config
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_landslide._codes import codes_may_be_unknown
from sklearn_landslide._optional import import_optional
from sklearn_landslide._version import __version__
from sklearn_landslide.mapping._prediction._one_thread import one_thread
from sklearn_landslide.mapping._prediction._pixel_rows import (
    PixelRows,
    factor_names,
    known_codes,
    model_ranges,
    pixel_rows,
)
from sklearn_landslide.mapping._prediction._spread import (
    check_members,
    positive_column,
    prediction_spread,
    prediction_with_spread,
)
from sklearn_landslide.mapping._prediction._workers import send_once
from sklearn_landslide.mapping._rasters._check_stack import check_stack
from sklearn_landslide.mapping._rasters._codes import check_codes, stack_tables

# Side of a tile, in pixels, counted from the upper left corner of the raster. A tile is what
# a model predicts at once. It is the same whatever the window, and so are the last bits of
# the numbers, which for a matrix product depend on how many rows are multiplied together.
TILE = 128

_LONG_NAMES = {
    "susceptibility": "landslide susceptibility",
    "spread": "standard deviation of the landslide susceptibility over members",
}
_BANDS = {
    "probability": ["susceptibility"],
    "spread": ["spread"],
    "both": ["susceptibility", "spread"],
}


@dataclass(frozen=True)
class Task:
    """What is computed of each window, besides the models: small, and sent with each window.

    Parameters
    ----------
    rows : PixelRows
        How pixels become rows.
    output : str
        "probability", "spread" or "both".
    positive_class : label
        The label of landslides.
    sklearn_config : dict
        scikit-learn's settings where the map was asked for; threads have their own.
    """

    rows: PixelRows
    output: str
    positive_class: object
    sklearn_config: dict

    def predict(self, models, frame):
        """Predict rows, one array per band; `models` are the model and the refits, if any."""
        # A tile may well lie in a rock that training never saw; the area of applicability says so.
        with codes_may_be_unknown():
            return self._predict(*models, frame)

    def _predict(self, model, refits, frame):
        options = {"refits": refits, "positive_class": self.positive_class}
        if self.output == "both":
            return prediction_with_spread(model, frame, **options)
        if self.output == "spread":
            return [prediction_spread(model, frame, **options)]
        return [model.predict_proba(frame)[:, positive_column(model, self.positive_class)]]


def ground_tiles(valid):
    """Walk over the tiles of a window in which a pixel has data.

    Parameters
    ----------
    valid : ndarray of bool, shape (rows, columns)
        Which pixels have.

    Yields
    ------
    tile : tuple of slice
        Of its rows and columns.
    """
    for row in range(0, valid.shape[0], TILE):
        for column in range(0, valid.shape[1], TILE):
            tile = slice(row, row + TILE), slice(column, column + TILE)
            if valid[tile].any():
                yield tile


def predict_window(*bands, task, models):
    """Predict the valid pixels of a window, tile by tile.

    Parameters
    ----------
    *bands : ndarray of shape (rows, columns)
        One for each factor. The window begins at a multiple of the tile's side.
    task : Task
        What to compute.
    models : tuple of (fitted classifier, list or None)
        The model and the refits.

    Returns
    -------
    window : ndarray of shape (n_bands, rows, columns), float32
        NaN where any band has no data.
    """
    window = np.full((len(_BANDS[task.output]), *bands[0].shape), np.nan, dtype=np.float32)
    valid = task.rows.valid(bands)
    if not valid.any():
        return window
    with one_thread(), config_context(**task.sklearn_config):
        for tile in ground_tiles(valid):
            frame = task.rows.frame([band[tile] for band in bands], valid[tile])
            for band, numbers in zip(window, task.predict(models, frame), strict=True):
                band[tile][valid[tile]] = numbers
    return window


def _code_tables(model, stack, names, categories):
    """Tables from raster codes to training values, by categorical factor, and values known."""
    categories = {} if categories is None else dict(categories)
    if unknown := [name for name in categories if name not in names]:
        raise ValueError(
            f"categories names {unknown[0]!r}, which is not a factor of the model; it has "
            f"{', '.join(names)}."
        )
    known = {name: codes for name, codes in known_codes(model).items() if name in names}
    return stack_tables(known, stack, categories), known


def rows_of(model, stack, categories=None, names=None):
    """Say how the pixels of a stack become rows of a fitted model.

    Parameters
    ----------
    model : fitted classifier or pipeline
        Fitted on a table with names.
    stack : xarray.Dataset
        The factors, and perhaps others.
    categories : dict of str to dict, default=None
        As in :func:`predict_map`.
    names : list of str, default=None
        The factors that the stack has. None: all of the model.

    Returns
    -------
    rows : PixelRows
        How pixels become rows.
    factors : list of xarray.DataArray
        The model's factors, in its order.
    """
    names = factor_names(model) if names is None else names
    stack = check_stack(stack, names)
    tables, known = _code_tables(model, stack, names, categories)
    check_codes(stack, tables, known)
    rows = pixel_rows(names, tables, stack, model_ranges(model))
    return rows, [stack[name] for name in names]


def _check_refits(refits, names, output):
    """Raise unless the refits can be mapped beside the model."""
    if output == "probability":
        raise ValueError('refits are for output="spread" or "both", got output="probability".')
    if len(refits) < 2:
        raise ValueError(f"A spread needs at least two refits, got {len(refits)}.")
    for number, refit in enumerate(refits):
        if (found := factor_names(refit)) != names:
            raise ValueError(
                f"refits[{number}] was fitted on the factors {found}, the model on {names}: "
                "fit them on the same table."
            )


def seed_of(model):
    """Seed that a model was fitted with, as text; that of a pipeline's last step."""
    steps = getattr(model, "steps", None)
    return str(getattr(steps[-1][1] if steps else model, "random_state", None))


def class_name(model):
    """Class of a model; that of a pipeline's last step."""
    steps = getattr(model, "steps", None)
    return type(steps[-1][1] if steps else model).__name__


@validate_params(
    {
        "output": [StrOptions(set(_BANDS))],
        "categories": [dict, None],
        "refits": [list, tuple, None],
        "window": [Interval(Integral, 1, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def predict_map(
    model,
    stack,
    *,
    output="probability",
    positive_class=None,
    categories=None,
    refits=None,
    window=512,
):
    """Map the landslide susceptibility that a fitted model predicts for a stack of rasters.

    Nothing is computed yet: the map is lazy, and its windows are computed in parallel, in threads,
    in processes or on a :mod:`dask.distributed` cluster, depending on the configuration of dask.
    :func:`write_map` writes it with little memory; ``.compute()`` loads all of it into memory;
    ``.rio.to_raster()`` works, too.

    Parameters
    ----------
    model : fitted classifier or pipeline
        Any scikit-learn compatible model that was fitted on a DataFrame and gives probabilities.
    stack : xarray.Dataset
        One variable per factor with the dimensions y and x, as :func:`open_stack` returns. Factors
        are found by the names that the model was fitted on; others are ignored.
    output : {"probability", "spread", "both"}, default="probability"
        The probability of a landslide, or its standard deviation over the members of an ensemble,
        see :func:`prediction_spread`, or both, which for a
        :class:`~sklearn_landslide.LandslideNet` takes little more time than one of them.
    positive_class : label, default=None
        The label of landslides. None: it is inferred, as from 0 and 1 or from none and landslide.
    categories : dict of str to dict, default=None
        For categorical factors, what the numbers in the raster stand for in the training table:
        ``{"lithology": {1: "granite", 2: "marl"}}``. Needed where the table holds names and the
        raster has no attribute ``class_names`` that says so. Otherwise None: classes are matched
        by these names, so different numbers for the same names do no harm; without names, numbers
        are matched by value, so 3.0 in a raster is 3 or "3" in the table.
    refits : list of fitted classifiers, default=None
        For "spread" and "both": models whose spread is mapped instead of that of the members.
    window : int, default=512
        Side of a window in pixels, rounded up to a multiple of 128. It decides how much
        memory a worker needs: about 8 bytes for each pixel of a window and factor.

    Returns
    -------
    map : xarray.DataArray of shape (rows, columns), float32
        The map, lazy, in the grid and the coordinate system of the stack. NaN where any factor
        that the model was fitted on has no data, or a value outside its plausible range: that of
        the stack, or of the model's :class:`~sklearn_landslide.preprocessing.PlausibleRange`.
        Named ``"susceptibility"`` or ``"spread"``;
        its attributes tell the model, its seed and the version of this package. With
        ``output="both"`` a Dataset of these two.

    Raises
    ------
    TypeError
        If `stack` is not a Dataset, or the model gives no probabilities.
    ValueError
        If the model was fitted without names, a factor is missing, a category cannot be
        told from its number, or a raster of classes holds no code that the model knows.

    Warns
    -----
    UserWarning
        If the model does not know many of the codes of a raster of classes.

    See Also
    --------
    open_stack : Opens rasters as a stack.
    write_map : Writes a map to a file.

    Notes
    -----
    The numbers are the same to the last bit whatever the window and the number of workers. A model
    always predicts the same pixels together, the valid ones of a tile of 128 by 128 pixels, and
    computes in one thread (a model's own ``n_jobs`` is ignored here); only windows, which are made
    of tiles, run in parallel.

    A cluster gets the model once, when this function is called, so open the client first. Several
    threads use one model at the same time. scikit-learn's models and LandslideNet allow this; for
    a model that does not, compute with ``scheduler="processes"``.

    Examples
    --------
    >>> import numpy as np, rioxarray, xarray as xr
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.datasets import make_landslides
    >>> from sklearn_landslide.mapping import predict_map
    >>> region = make_landslides(
    ...     300, shape=(120, 160), return_stack=True, as_frame=True, random_state=0
    ... )
    >>> X = region.data[["slope", "twi"]]
    >>> model = LogisticRegression().fit(X, region.target)
    >>> stack = xr.Dataset({name: (("y", "x"), band) for name, band in region.stack.items()})
    >>> stack["slope"][0, 0] = np.nan
    >>> stack = stack.rio.write_crs("EPSG:32633")
    >>> probability = predict_map(model, stack).compute()
    >>> probability.name, probability.shape, int(probability.isnull().sum())
    ('susceptibility', (120, 160), 1)
    """
    array = import_optional("dask.array", extra="map")
    xarray = import_optional("xarray", extra="map")
    import_optional("rioxarray", extra="map")
    column = positive_column(model, positive_class)
    if refits is not None:
        _check_refits(refits, factor_names(model), output)
    elif output != "probability":
        # An error now is better than one in a worker, an hour later.
        check_members(model)
    rows, factors = rows_of(model, stack, categories)
    task = Task(rows, output, np.asarray(model.classes_).tolist()[column], get_config())
    side = -(-window // TILE) * TILE
    data = [factor.chunk({"y": side, "x": side}).data for factor in factors]
    names = _BANDS[output]
    windows = array.map_blocks(
        predict_window,
        *data,
        task=task,
        models=send_once((model, refits)),
        new_axis=0,
        chunks=((len(names),), *data[0].chunks),
        dtype=np.float32,
        meta=np.empty((0, 0, 0), dtype=np.float32),
        name=f"predict-map-{output}",
    )
    coords = {
        key: value for key, value in factors[0].coords.items() if set(value.dims) <= {"x", "y"}
    }
    about = {
        "units": "probability",
        "model": class_name(model),
        "random_state": seed_of(model),
        "sklearn_landslide": __version__,
    }
    maps = {
        name: xarray.DataArray(
            band, coords, ("y", "x"), name, {"long_name": _LONG_NAMES[name], **about}
        ).rio.write_nodata(np.nan)
        for name, band in zip(names, windows, strict=True)
    }
    return xarray.Dataset(maps) if output == "both" else maps[names[0]]
