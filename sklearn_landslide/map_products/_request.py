"""What a map, or its training table, is asked for: all arguments in one place, whoever asks."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields
from numbers import Integral, Real
from typing import Any, ClassVar

from sklearn.utils._param_validation import (
    Interval,
    Options,
    StrOptions,
    validate_parameter_constraints,
)

from sklearn_landslide.pipeline import RESAMPLING


def _plain(value):
    """Turn an argument into what JSON can hold: equal ones into equal ones."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if hasattr(value, "to_wkt"):
        return value.to_wkt()
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return str(value)


@dataclass(frozen=True, eq=False, kw_only=True)
class TableOptions:
    """What decides a training table, besides the factors and the inventory themselves."""

    target: str | None = "landslide"
    positive_class: Any = None
    coordinates: Sequence[str] = ("x", "y")
    categorical: Sequence[str] = ()
    factors: Sequence[str] | None = None
    align: str | None = None
    resampling: str | dict | None = None
    nodata: Any = None
    crs: Any = None
    points_crs: Any = None
    area: Any = None
    exclude: Any = None
    units: Any = None
    absences: float | None = None
    absence_buffer: float = 100.0
    polygons: str | int = "cells"
    min_slope: float | None = None
    random_state: int | None = 0
    log: Callable[[str], Any] | None = None

    _parameter_constraints: ClassVar[dict] = {
        "target": [str, None],
        "coordinates": ["array-like"],
        "categorical": ["array-like"],
        "factors": ["array-like", None],
        "nodata": [Real, dict, "array-like", None],
        "absences": [Interval(Real, 0, None, closed="neither"), None],
        "absence_buffer": [Interval(Real, 0, None, closed="left")],
        "polygons": [
            StrOptions({"cells", "one", "scarp"}),
            Interval(Integral, 1, None, closed="left"),
        ],
        "min_slope": [Interval(Real, 0, 90, closed="neither"), None],
        "random_state": [Interval(Integral, 0, None, closed="left"), None],
        "log": [callable, None],
    }
    # Who is asked, for messages on wrong values.
    _caller: ClassVar[str]

    def check_values(self):
        """Raise if a value is of the wrong type or out of its range."""
        validate_parameter_constraints(
            self._parameter_constraints, vars(self), caller_name=self._caller
        )

    def say(self, line):
        """Tell whoever wants to know that a step is done."""
        if self.log is not None:
            self.log(line)


@dataclass(frozen=True, eq=False)
class TableRequest(TableOptions):
    """Arguments of `make_training_table`, which says what each of them means.

    Examples
    --------
    >>> from sklearn_landslide.map_products import TableRequest
    >>> TableRequest("terrain.tif", "points.csv", target="slide").absence_buffer
    100.0
    """

    stack: Any
    points: Any

    _caller: ClassVar[str] = "make_training_table"


@dataclass(frozen=True, eq=False)
class MapRequest(TableOptions):
    """Arguments of `make_susceptibility_map`, which says what each of them means.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.map_products import MapRequest
    >>> request = MapRequest(LogisticRegression(), "terrain.tif", "points.csv", out="map")
    >>> request.zones_method
    'natural_breaks'
    """

    model: Any
    stack: Any
    points: Any = None
    _: KW_ONLY
    out: str | os.PathLike
    adapt: Any = None
    zones: str | None = None
    n_zones: int = 5
    min_area: float | None = None
    prevalence: float | None = None
    resample: str = "smote"
    ground: str = "away"
    quick: bool = False
    contributions: bool = False
    contributions_step: int = 1
    uncertainty: bool = True
    test_inventory: Any = None
    units_of: Any = None
    units_name: str | None = None
    window: int = 512
    n_jobs: int | None = None
    save: str | os.PathLike | None = None
    overwrite: bool = False
    resume: bool = False
    progress: bool = False

    _parameter_constraints: ClassVar[dict] = TableOptions._parameter_constraints | {
        "out": [str, os.PathLike],
        "zones": [
            StrOptions({"natural_breaks", "quantile", "equal_interval", "landslide_share"}),
            None,
        ],
        "n_zones": [Interval(Integral, 2, 254, closed="both")],
        "min_area": [Interval(Real, 0, None, closed="neither"), None],
        "prevalence": [Interval(Real, 0, 1, closed="neither"), None],
        "resample": [StrOptions({*RESAMPLING})],
        "ground": [StrOptions({"away", "near"})],
        "quick": ["boolean"],
        "contributions": ["boolean"],
        "contributions_step": [Options(int, {1, 2, 4, 8, 16, 32, 64})],
        "uncertainty": ["boolean"],
        "units_name": [str, None],
        "window": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [Integral, None],
        "overwrite": ["boolean"],
        "resume": ["boolean"],
        "progress": ["boolean"],
    }
    _caller: ClassVar[str] = "make_susceptibility_map"

    # They say where and how the work is done, and with what is looked at by itself.
    _no_choices: ClassVar[frozenset] = frozenset(
        {
            "model",
            "stack",
            "points",
            "test_inventory",
            "units_of",
            "adapt",
            "out",
            "n_jobs",
            "save",
            "overwrite",
            "resume",
            "progress",
        }
        | {"log", "zones", "n_zones"}
    )

    def choices(self):
        """Return all arguments that decide what the map is, as JSON can hold them.

        But for the model, the stack and the inventory, and for the zones, which come last.
        """
        names = [one.name for one in fields(self) if one.name not in self._no_choices]
        return {name: _plain(getattr(self, name)) for name in names}

    @property
    def zones_method(self):
        """How the edges of the zones are found, where the model has none."""
        return self.zones or "natural_breaks"
