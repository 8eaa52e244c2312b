"""Probability of a landslide at each cell and hour of an event, window by window."""

from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from sklearn import config_context, get_config
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide._codes import codes_may_be_unknown
from sklearn_landslide._optional import import_optional
from sklearn_landslide._version import __version__
from sklearn_landslide.mapping._events._rain_columns import rain_columns
from sklearn_landslide.mapping._events._rain_of_stack import (
    PixelCells,
    cut_to_stack,
    rain_windows,
)
from sklearn_landslide.mapping._events._split_model import SplitModel, split_model
from sklearn_landslide.mapping._prediction._one_thread import one_thread
from sklearn_landslide.mapping._prediction._pixel_rows import PixelRows, factor_names
from sklearn_landslide.mapping._prediction._predict import (
    TILE,
    class_name,
    ground_tiles,
    rows_of,
    seed_of,
)
from sklearn_landslide.mapping._prediction._spread import positive_column
from sklearn_landslide.mapping._prediction._workers import send_once
from sklearn_landslide.mapping._rain._check_rain import check_rain
from sklearn_landslide.mapping._rasters._check_stack import check_stack
from sklearn_landslide.mapping._rasters._grids import grid_of


@dataclass(frozen=True, eq=False)
class EventTask:
    """What is computed of each window and hour, besides the model.

    Parameters
    ----------
    rows : PixelRows
        How pixels become rows, but for the rain.
    cells : PixelCells
        In which cells of the rain pixels lie.
    column : int
        Column of the probability of a landslide.
    sklearn_config : dict
        scikit-learn's settings where the map was asked for; threads have their own.
    """

    rows: PixelRows
    cells: PixelCells
    column: int
    sklearn_config: dict

    @contextmanager
    def settings(self):
        """Compute as it was asked for, in the calling thread alone."""
        with one_thread(), config_context(**self.sklearn_config), codes_may_be_unknown():
            yield


@dataclass(frozen=True, eq=False)
class HourRain:
    """The rain before an hour.

    Parameters
    ----------
    known : ndarray of bool, shape (n_cells,)
        Cells in which it is known at any step.
    columns : DataFrame of shape (n_cells, n_rain_columns)
        What follows from it, for the model.
    """

    known: np.ndarray
    columns: pd.DataFrame


def hour_rain(rain, task, model):
    """Do for each cell of rain what does not depend on the ground.

    Parameters
    ----------
    rain : ndarray of shape (n_steps, n_cells)
        The steps before the hour.
    task : EventTask
        What to compute.
    model : SplitModel
        The model.

    Returns
    -------
    rain : HourRain
    """
    known = ~np.isnan(rain).all(axis=0)
    with task.settings():
        return HourRain(known, model.rain(np.asarray(rain), task.rows.tables))


def predict_event_window(*bands, rain, task, model, block_info=None):
    """Predict the pixels of a window at some hours, tile by tile.

    Parameters
    ----------
    *bands : ndarray of shape (rows, columns)
        One for each factor that is not rain.
    rain : list of HourRain
        The rain before each hour.
    task : EventTask
        What to compute.
    model : SplitModel
        The model.
    block_info : dict
        Where the window lies, from dask.

    Returns
    -------
    window : ndarray of shape (n_hours, rows, columns), float32
        NaN where any band has no data or no rain is known.
    """
    window = np.full((len(rain), *bands[0].shape), np.nan, dtype=np.float32)
    valid = task.rows.valid(bands)
    if not valid.any():
        return window
    first = [start for start, _ in block_info[0]["array-location"]]
    cells = task.cells.window(first, valid.shape)
    valid &= cells >= 0
    with task.settings():
        for tile in ground_tiles(valid):
            mask = valid[tile]
            here = cells[tile][mask]
            # What does not change from hour to hour.
            ground = model.ground(task.rows.frame([band[tile] for band in bands], mask))
            for hour, layer in zip(rain, window, strict=True):
                known = hour.known[here]
                if not known.any():
                    continue
                rows = ground if known.all() else ground[known]
                probability = model.predict_proba(rows, hour.columns.take(here[known]))
                found = np.full(known.shape, np.nan, dtype=np.float32)
                found[known] = probability[:, task.column]
                layer[tile][mask] = found
    return window


@dataclass(frozen=True, eq=False)
class _Event:
    """All that the maps of the hours have in common."""

    factors: list
    windows: Any
    task: EventTask
    model: Any
    split: SplitModel

    def maps(self, window, hours_at_once):
        """Stack the maps of the hours as one lazy array."""
        array = import_optional("dask.array", extra="map")
        delayed = import_optional("dask", extra="map").delayed
        side = -(-window // TILE) * TILE
        bands = [factor.chunk({"y": side, "x": side}).data for factor in self.factors]
        what = {"task": self.task, "model": send_once(self.split)}
        hours = range(len(self.windows.times))
        parts = [hours[start : start + hours_at_once] for start in hours[::hours_at_once]]
        return array.concatenate(
            [
                array.map_blocks(
                    predict_event_window,
                    *bands,
                    # To all windows as what it is, not cut as they are.
                    rain=delayed([delayed(hour_rain)(self.windows.of(n), **what) for n in part]),
                    **what,
                    new_axis=0,
                    chunks=((len(part),), *bands[0].chunks),
                    dtype=np.float32,
                    meta=np.empty((0, 0, 0), dtype=np.float32),
                )
                for part in parts
            ]
        )


@validate_params(
    {
        "sequences": [dict, None],
        "categories": [dict, None],
        "window": [Interval(Integral, 1, None, closed="left")],
        "hours_at_once": [Interval(Integral, 1, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def predict_events(
    model,
    stack,
    rain,
    *,
    times,
    sequences=None,
    positive_class=None,
    categories=None,
    window=512,
    hours_at_once=8,
):
    """Map the probability of a landslide at each hour of an event.

    For each time, the model reads the factors of the stack and, for each pixel, the rain of the
    steps that end at this time, in the cell of the cube that holds the center of the pixel.
    Nothing is interpolated, and the rain is never resampled to the whole stack. The maps are lazy,
    like those of :func:`predict_map`: windows are computed one by one, for a few hours each.

    Parameters
    ----------
    model : fitted classifier or pipeline
        Fitted on a DataFrame with the factors of the stack and a column for each step of rain
        before a time, such as that of ``sample_events``. It determines the number of steps.
    stack : xarray.Dataset
        The factors, as :func:`open_stack` returns them.
    rain : xarray.DataArray of shape (n_times, n_rows, n_columns)
        The cube, as :func:`open_rain` returns it: millimeters in each step, on any grid and in any
        CRS.
    times : array-like of datetimes, or one
        When the windows of rain end. Those with a zone are converted; others are in UTC.
    sequences : dict of str to list of str, default=None
        The columns of rain, oldest step first. None: what the model or a step of it was given as
        ``sequences``, or the columns ``rain_<number>`` in the order of their numbers.
    positive_class : label, default=None
        The label of landslides. None: it is inferred, as from 0 and 1 or from none and landslide.
    categories : dict of str to dict, default=None
        For categorical factors, what the numbers in the raster stand for, as in
        :func:`predict_map`.
    window : int, default=512
        Side of a window in pixels, rounded up to a multiple of 128.
    hours_at_once : int, default=8
        Number of times in a chunk. What does not change over time, the ground, is computed once
        per chunk. Computing one map of a chunk computes all of them.

    Returns
    -------
    probability : xarray.DataArray of shape (n_times, rows, columns), float32
        Lazy, with the dimensions time, y and x, in the grid of the stack. NaN where a factor has
        no data, outside the rain cube, and where no step before a time is known. The coordinates
        ``lost_steps`` and ``last_step_lost`` say for each time how many of the steps before it are
        not known in any cell, and whether the last one is among them. Its ``attrs`` have
        ``n_steps``, ``step_hours``, and ``lost_steps``, the number of all lost steps.

    Raises
    ------
    TypeError
        If `stack` or `rain` is of another type, or the model gives no probabilities.
    ValueError
        If the model reads no rain over time, or other variables over time; if a factor is missing;
        if the rain covers another area, or is not known at any of the times.

    See Also
    --------
    predict_map : The susceptibility, without time.
    open_rain : Opens rain as a cube.

    Notes
    -----
    The numbers are the same to the last bit whatever the window, the number of workers and the
    times that are asked for together. Steps that are lost reach the model as NaN: the imputer of
    :func:`~sklearn_landslide.pipeline.make_landslide_pipeline` fills them along time. Where the
    last steps are lost, it can only fill in typical values, which means little rain; check
    ``last_step_lost`` before using a map. A model without an imputer may refuse them. To find out
    which steps are lost, the rain of all steps is read once when this is called.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.mapping import open_rain, open_stack, predict_events
    >>> X = pd.DataFrame(
    ...     [[10, 0, 0], [40, 0, 9], [10, 9, 9], [40, 9, 0]], columns=["slope", "rain_0", "rain_1"]
    ... )
    >>> model = LogisticRegression().fit(X.astype(float), [0, 1, 0, 1])
    >>> cells = {"y": [1500.0, 500.0], "x": [500.0, 1500.0]}
    >>> slope = xr.DataArray([[10.0, np.nan], [20.0, 40.0]], cells, ("y", "x"))
    >>> stack = open_stack({"slope": slope}, crs="EPSG:32632")
    >>> hours = {"time": pd.date_range("2021-07-12 01:00", periods=3, freq="h")}
    >>> data = xr.DataArray(np.full((3, 2, 2), 5.0), hours | cells, name="rain")
    >>> rain = open_rain(data, units="mm", label="end", crs="EPSG:32632")
    >>> maps = predict_events(model, stack, rain, times=["2021-07-12 01:00", "2021-07-12 03:00"])
    >>> maps.shape, maps["lost_steps"].values.tolist()
    ((2, 2, 2), [1, 0])
    >>> maps = predict_events(model, stack, rain, times="2021-07-12 03:00").compute()
    >>> row = pd.DataFrame([[40.0, 5.0, 5.0]], columns=X.columns)
    >>> bool(np.isclose(maps[0, 1, 1], model.predict_proba(row)[0, 1]))
    True
    """
    import_optional("dask.array", extra="map")
    column = positive_column(model, positive_class)
    names = factor_names(model)
    hours = rain_columns(model, sequences)
    check_rain(rain)
    stack = check_stack(stack, [name for name in names if name not in hours])
    rows, factors = rows_of(model, stack, categories, names=list(stack))
    part, cells = cut_to_stack(rain, grid_of(factors[0], "the stack"))
    windows = rain_windows(part, times, len(hours))
    task = EventTask(rows, cells, column, get_config())
    event = _Event(factors, windows, task, model, split_model(model, names, hours))
    return _as_cube(event, window, hours_at_once)


def _as_cube(event, window, hours_at_once):
    """Give the maps their coordinates and what is known of them."""
    xarray = import_optional("xarray", extra="map")
    windows = event.windows
    coords = {
        key: value
        for key, value in event.factors[0].coords.items()
        if set(value.dims) <= {"x", "y"}
    }
    coords |= {
        "time": ("time", windows.times, {"standard_name": "time", "step_label": "end"}),
        "lost_steps": ("time", windows.lost.sum(axis=1)),
        "last_step_lost": ("time", windows.lost[:, -1]),
    }
    steps = windows.last[:, None] + np.arange(1 - windows.n_steps, 1)
    cube = xarray.DataArray(
        event.maps(window, hours_at_once),
        coords,
        ("time", "y", "x"),
        "probability",
        {
            "long_name": "probability of a landslide",
            "units": "1",
            "model": class_name(event.model),
            "random_state": seed_of(event.model),
            "sklearn_landslide": __version__,
            "n_steps": windows.n_steps,
            "step_hours": windows.step.total_seconds() / 3600,
            "lost_steps": len(np.unique(steps[windows.lost])),
        },
    )
    return cube.rio.write_nodata(np.nan)
