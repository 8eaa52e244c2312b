"""What is asked for with maps of an event."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from sklearn_landslide._hints import hinting


def _silent(line):
    """Say nothing."""


@dataclass(frozen=True, kw_only=True)
class NowcastRequest:
    """Maps of the probability of a landslide at each hour of an event.

    Parameters
    ----------
    model : str or path-like
        The file of a trained model.
    stack : list of str or path-like
        Rasters of the factors.
    rain : str, path-like or list
        The rain, as for ``open_rain``.
    start, end : str
        The first and the last hour, in UTC.
    every : str, default="1h"
        From one hour to the next.
    out : path-like
        The folder.
    rain_options : dict, default={}
        Further parameters of ``open_rain``.
    levels : list of float, default=()
        Probabilities from which on warning levels hold, rising.
    units : str or path-like, default=None
        Polygons of which mean, greatest value and share are tabled.
    unit_names : str, default=None
        Column with their names.
    window : int, default=512
        Side of a window in pixels.
    animation : bool, default=False
        Whether all hours are drawn one after the other.
    overwrite : bool, default=False
        Whether hours of another run in the folder are thrown away.
    log : callable, default=None
        Gets lines on what was done.
    """

    model: Any
    stack: Any
    rain: Any
    start: str
    end: str
    out: Any
    every: str = "1h"
    rain_options: Any = None
    levels: Any = ()
    units: Any = None
    unit_names: Any = None
    window: int = 512
    animation: bool = False
    overwrite: bool = False
    log: Callable = _silent

    def times(self):
        """Return the hours that are asked for, and the time from one to the next."""
        start, end = (self._time(name) for name in ("start", "end"))
        if end < start:
            raise hinting(
                ValueError(f"end={self.end!r} is before start={self.start!r}."),
                f"end={self.end!r}",
                f"start={self.start!r}",
            )
        hint = f"every={self.every!r}"
        try:
            every = pd.Timedelta(self.every)
        except ValueError:
            every = pd.NaT
        if every is pd.NaT or every < pd.Timedelta("1s") or every % pd.Timedelta("1s"):
            raise hinting(ValueError(f"{hint} is not a length of time such as '1h'."), hint)
        return pd.date_range(start, end, freq=every).as_unit("ns"), every

    def _time(self, name):
        hint = f"{name}={getattr(self, name)!r}"
        try:
            time = pd.Timestamp(getattr(self, name))
        except ValueError:
            time = pd.NaT
        if time is pd.NaT:
            raise hinting(ValueError(f"{hint} is not a time such as '2021-07-12T05'."), hint)
        return time if time.tz is None else time.tz_convert("UTC").tz_localize(None)

    def checked_levels(self):
        """Return the warning levels; raise unless they rise."""
        levels = [float(level) for level in self.levels]
        rising = all(one < other for one, other in pairwise(levels))
        if not rising or any(not 0 < level < 1 for level in levels):
            hint = f"levels={list(self.levels)!r}"
            raise hinting(
                ValueError(f"{hint} must be probabilities between 0 and 1 that rise."), hint
            )
        return levels
