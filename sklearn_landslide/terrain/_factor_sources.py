"""What the factors of a region are made of, and the stack that is made of it."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields, replace
from typing import Any

import numpy as np

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional, need_optional
from sklearn_landslide._words import listed
from sklearn_landslide.mapping import files_by_factor, open_stack
from sklearn_landslide.terrain._classes import rasterize_classes
from sklearn_landslide.terrain._distance import distance_to
from sklearn_landslide.terrain._recipe import (
    arguments_of,
    check_recipe,
    factor_recipe,
    warn_of_other_cells,
)
from sklearn_landslide.terrain._river_distance import distance_to_rivers
from sklearn_landslide.terrain._terrain_factors import terrain_factors

# What stands in `distance_to` for the rivers that follow from the elevation.
AUTO = "auto"
_PREFIX = "distance_to_"
# Attribute of a stack, and key of a model's facts, that says how the factors were made. It is text:
# files of rasters keep texts only.
RECIPE = "factor_recipe"


def split_column(source):
    """Split ``FILE:COLUMN`` into file and column; the column is None where none is named.

    Parameters
    ----------
    source : str, path-like, tuple or object
        A file, with or without a column; or a pair of anything and a column.

    Returns
    -------
    source : object
    column : str or None

    Examples
    --------
    >>> from sklearn_landslide.terrain._factor_sources import split_column
    >>> split_column("geology.shp:Formation")
    ('geology.shp', 'Formation')
    >>> split_column("landcover.tif")
    ('landcover.tif', None)
    """
    if isinstance(source, tuple) and len(source) == 2:
        return source
    if not isinstance(source, str) or os.path.exists(source):
        return source, None
    path, colon, column = source.rpartition(":")
    # One letter before the colon is a drive.
    return (path, column) if colon and len(path) > 1 else (source, None)


def _is_auto(lines):
    return isinstance(lines, str) and lines == AUTO


def is_raster(source):
    """Say whether a source is a raster rather than lines or polygons."""
    if hasattr(source, "rio") and not hasattr(source, "geometry"):
        return True
    if not isinstance(source, str | os.PathLike):
        return False
    rasterio = import_optional("rasterio", extra="terrain")
    errors = import_optional("rasterio.errors", extra="terrain")
    try:
        with rasterio.open(source) as file:
            return file.count > 0
    except errors.RasterioError:
        return False


def _nodata_for(names, nodata):
    """Keep of what stands for no data what is said of some factors, or of all."""
    if not isinstance(nodata, Mapping):
        return nodata
    return {name: some for name, some in nodata.items() if name is None or name in names}


def _of_elevation(nodata):
    """Put together the numbers that stand for no data in the elevation model."""
    known = _nodata_for(["elevation"], nodata)
    if not isinstance(known, Mapping):
        return known
    return [number for some in known.values() for number in np.atleast_1d(some)] or None


def _aligned(rasters, stack, categorical, about):
    """Bring rasters onto the grid of the elevation, classes by the nearest cell."""
    nodata = _nodata_for(rasters, about["nodata"])
    found = open_stack(
        {"elevation": stack["elevation"], **rasters},
        align="elevation",
        resampling="bilinear",
        categorical=[name for name in categorical if name in rasters],
        **(about | {"nodata": nodata}),
    )
    return {name: found[name] for name in rasters}


def _classes_of(name, source, stack, about):
    """Make the classes of one name, of polygons or of a raster."""
    source, column = split_column(source)
    if column is None and is_raster(source):
        return _aligned({name: source}, stack, [name], about)[name]
    if column is None:
        hint = f"classes={{{name!r}: '{source}:COLUMN'}}"
        error = ValueError(
            f"the classes of {name!r} are polygons: name the column that says which class each "
            f"one is, as {hint}."
        )
        raise hinting(error, hint)
    shapes = {"crs": about["crs"], "chunks": about["chunks"]}
    return rasterize_classes(source, column, stack, name=name, **shapes)


def _bands_of(paths, stack, categorical, about):
    """Open further rasters, on the grid of the elevation."""
    files = files_by_factor(paths, about["crs"])
    if twice := [name for name in files if name in stack]:
        raise ValueError(
            f"{files[twice[0]]} holds {listed(twice)}, and so do other sources: rename it."
        )
    return _aligned(files, stack, categorical, about) if files else {}


@dataclass(frozen=True, eq=False)
class FactorSources:
    """An elevation model with lines, polygons and rasters, from which factors are made.

    It can be passed wherever a stack of rasters is expected, and :meth:`open` makes that stack.

    Parameters
    ----------
    dem : str, path-like or DataArray
        The elevation model, whose grid all factors get, as in
        :func:`~sklearn_landslide.terrain.terrain_factors`.

    terrain : sequence of str, default=None
        Factors of the elevation model. If None, all of them.

    distance_to : dict of str to str, path-like or GeoDataFrame, default=None
        Lines by name: ``{"fault": "faults.shp"}`` makes the factor ``distance_to_fault``.
        ``"auto"`` stands for the rivers that follow from the elevation.

    classes : dict of str to str, path-like or tuple, default=None
        Classes by name: polygons with the column that names the class, as
        ``"geology.shp:Formation"`` or a pair ``(polygons, column)``, or a raster of codes.

    rasters : sequence of str or path-like, default=()
        Rasters of other factors; they are resampled to the grid of the elevation model.

    scales : sequence of float, default=(100, 300, 1000)
        Radii of the neighborhoods of topographic position and relief, in meters.

    method : {"horn", "zevenbergen_thorne"}, default="horn"
        How the surface is derived.

    river_area : float, default=1e6
        Contributing area from which on water is a river, in square meters.

    routing : {"d8", "multiple"}, default="d8"
        Whether water flows to the steepest neighbor or to all that are lower.

    vertical_units : {"m", "ft", "us-ft"}, default=None
        Unit of the elevation. If None, what the file states, or meters.

    Examples
    --------
    >>> import geopandas, numpy as np, rioxarray, shapely, xarray as xr
    >>> from sklearn_landslide.terrain import FactorSources
    >>> side = 30.0 * (np.arange(40) + 0.5)
    >>> falls_east = xr.DataArray(
    ...     np.tile(900 - 0.5 * side, (40, 1)), {"y": side[::-1], "x": side}
    ... )
    >>> fault = geopandas.GeoSeries([shapely.LineString([(0, 0), (0, 1200)])], crs="EPSG:32650")
    >>> sources = FactorSources(
    ...     falls_east,
    ...     terrain=["elevation", "slope"],
    ...     distance_to={"fault": fault},
    ... )
    >>> stack = sources.open(crs="EPSG:32650")
    >>> list(stack), stack["distance_to_fault"].attrs["units"]
    (['elevation', 'slope', 'distance_to_fault'], 'm')
    >>> stack["slope"].values[20, 20].round(3), stack["distance_to_fault"].values[20, 20]
    (np.float32(26.565), np.float32(615.0))
    """

    dem: Any
    _: KW_ONLY
    terrain: Sequence[str] | None = None
    distance_to: Mapping | None = None
    classes: Mapping | None = None
    rasters: Sequence = ()
    scales: Sequence[float] = (100, 300, 1000)
    method: str = "horn"
    river_area: float = 1e6
    routing: str = "d8"
    vertical_units: str | None = None

    @property
    def _lines(self):
        return self.distance_to or {}

    @property
    def _classes(self):
        return self.classes or {}

    def open(self, *, align=None, categorical=(), nodata=None, crs=None, chunks=512, log=None):
        """Make the stack of all factors.

        Parameters
        ----------
        align : {"auto"}, default=None
            ``"auto"`` brings an elevation model in degrees into the UTM zone of its middle; it is
            refused otherwise.
        categorical : sequence of str, default=()
            The bands of `rasters` that hold class codes.
        nodata : float, sequence of float or dict, default=None
            Numbers that stand for "no data" where the rasters do not state it, as in
            :func:`~sklearn_landslide.mapping.open_stack`.
        crs : str, int or CRS, default=None
            Coordinate reference system of rasters and vectors that state none.
        chunks : int, default=512
            Side of the windows in which the factors are computed, in cells.
        log : callable, default=None
            Called with a line of text before work that takes long.

        Returns
        -------
        stack : xarray.Dataset
            As :func:`~sklearn_landslide.mapping.open_stack` returns it. How the factors were made
            is in ``stack.attrs["factor_recipe"]``.

        Raises
        ------
        ValueError
            If a file or a name cannot be used.
        """
        about = {"nodata": nodata, "crs": crs, "chunks": chunks}
        if self.terrain is None or any(map(_is_auto, self._lines.values())):
            # Flow comes last, after work that takes long.
            need_optional("pyflwdir", extra="terrain")
        if log is not None:
            log("terrain")
        stack = terrain_factors(
            self.dem,
            self.terrain,
            scales=self.scales,
            method=self.method,
            river_area=self.river_area,
            routing=self.routing,
            vertical_units=self.vertical_units,
            align=align,
            log=log,
            **(about | {"nodata": _of_elevation(nodata)}),
        )
        terrain = factor_recipe(stack)
        self._check_names(stack)
        for name, lines in self._lines.items():
            stack[_PREFIX + name] = (
                distance_to_rivers(
                    stack["elevation"],
                    cell_size=terrain["cell_size"],
                    river_area=self.river_area,
                )
                if _is_auto(lines)
                else distance_to(lines, stack, name=_PREFIX + name, crs=crs, chunks=chunks)
            )
        for name, source in self._classes.items():
            stack[name] = _classes_of(name, source, stack, about)
        stack = stack.assign(_bands_of(self.rasters, stack, categorical, about))
        if self.terrain is not None and "elevation" not in self.terrain:
            stack = stack.drop_vars("elevation")
        stack.attrs[RECIPE] = json.dumps(self._recipe(terrain))
        return stack

    def _check_names(self, stack):
        """Raise if two factors have one name."""
        names = [*stack, *(_PREFIX + name for name in self._lines), *self._classes]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"more than one factor is named {listed(twice)}: rename them.")

    def sources(self):
        """List what is read: files, and what lies in memory."""
        lines = [one for one in self._lines.values() if not _is_auto(one)]
        return [self.dem, *lines, *self._classes.values(), *self.rasters]

    def _recipe(self, terrain):
        """Say how the factors are made, as a model keeps it; of files only the columns."""
        return {
            "terrain": terrain,
            "distance_to": {
                name: AUTO if _is_auto(lines) else None for name, lines in self._lines.items()
            },
            "classes": {name: split_column(source)[1] for name, source in self._classes.items()},
        }

    def _check_follows(self, settings):
        """Raise if something is asked for that the model has otherwise."""
        usual = {one.name: one.default for one in fields(self)}
        for name in ("terrain", *(set(settings) - {"factors"})):
            given = getattr(self, name)
            if given not in (usual[name], settings.get(name)):
                hint = f"{name}={given!r}"
                error = ValueError(
                    f"the model says how its terrain factors are made, and {hint} says it "
                    "otherwise: leave it out."
                )
                raise hinting(error, hint)

    def following(self, recipe, factors):
        """Return the sources of the same factors in another region.

        Parameters
        ----------
        recipe : str or None
            What an earlier stack has in ``attrs["factor_recipe"]``; None if it is not known.
        factors : sequence of str
            The factors that are needed.

        Returns
        -------
        sources : FactorSources
            This elevation model with the settings of the recipe, and what is needed of its
            factors.

        Raises
        ------
        ValueError
            If lines or polygons are needed and not given, the recipe is none, or other terrain
        factors are asked for.
        """
        if recipe is None:
            return self
        recipe = _checked(recipe)
        settings = arguments_of(recipe["terrain"])
        self._check_follows(settings)
        terrain = [name for name in settings.pop("factors") if name in factors]
        lines = {name: AUTO for name, how in recipe["distance_to"].items() if how == AUTO}
        lines |= self._lines
        lines = {name: one for name, one in lines.items() if _PREFIX + name in factors}
        for name in recipe["distance_to"]:
            if _PREFIX + name in factors and name not in lines:
                raise _needed(f"distance_to={{{name!r}: ...}}", _PREFIX + name)
        for name in recipe["classes"]:
            if name in factors and name not in self._classes:
                raise _needed(f"classes={{{name!r}: ...}}", name)
        classes = {name: one for name, one in self._classes.items() if name in factors}
        # Never none at all, which would be all of them.
        terrain = terrain or ["elevation"]
        return replace(self, terrain=terrain, distance_to=lines, classes=classes, **settings)


def warn_of_cells_unlike(stack, recipe):
    """Warn where a stack has cells of another size than that for which a model was trained.

    Parameters
    ----------
    stack : xarray.Dataset
        As :meth:`FactorSources.open` returns it.
    recipe : str or None
        The recipe of the model; None if it has none.
    """
    if recipe is not None:
        cell_size = _checked(stack.attrs[RECIPE])["terrain"]["cell_size"]
        warn_of_other_cells(cell_size, _checked(recipe)["terrain"], stacklevel=2)


def _needed(hint, name):
    error = ValueError(f"the model was trained with {name!r}: give {hint} for this region.")
    return hinting(error, hint)


def _checked(text):
    """Read a recipe that came with a model; the file may be anybody's."""
    try:
        recipe = json.loads(text)
        check_recipe(recipe["terrain"])
        if all(isinstance(recipe[name], dict) for name in ("distance_to", "classes")):
            return recipe
    except (TypeError, ValueError, KeyError, RecursionError):
        pass
    raise ValueError("the model does not say how its factors were made: give a stack of them.")
