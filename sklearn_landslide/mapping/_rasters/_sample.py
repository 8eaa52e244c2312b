"""From a stack and an inventory to the table that a model learns from."""

import warnings

import numpy as np
import pandas as pd
from sklearn.utils import Bunch
from sklearn.utils._param_validation import validate_params

from sklearn_landslide._hints import hinting, spelled
from sklearn_landslide._optional import import_optional
from sklearn_landslide._undeclared import warn_of_undeclared
from sklearn_landslide._words import listed, nearest, plural
from sklearn_landslide.mapping._rasters._bands import one_line
from sklearn_landslide.mapping._rasters._cells import inventory_cells
from sklearn_landslide.mapping._rasters._check_stack import categorical_factors, check_stack
from sklearn_landslide.mapping._rasters._codes import code_categories
from sklearn_landslide.mapping._rasters._draw import generator_of
from sklearn_landslide.mapping._rasters._facts import class_names_of
from sklearn_landslide.mapping._rasters._first_look import lift_range
from sklearn_landslide.mapping._rasters._grids import crs_name, grid_of
from sklearn_landslide.mapping._rasters._ground import ground_of
from sklearn_landslide.mapping._rasters._inventory import looks_swapped, read_inventory
from sklearn_landslide.mapping._rasters._mask import MASK
from sklearn_landslide.mapping._rasters._meters import meters_per_unit
from sklearn_landslide.mapping._rasters._polygons import POLYGONS, chosen_cells
from sklearn_landslide.tables import system_name


def check_some_inside(cells, inventory, grid):
    """Raise if an inventory has no place within the stack, or return how many lie outside."""
    geometry, where = inventory.geometry, inventory.where
    if len(cells):
        return len(geometry) - cells["source"].nunique()
    if looks_swapped(inventory, grid):
        raise ValueError(
            f"no place of {where} lies in the stack, but they would if x and y changed places: is "
            "latitude given as x? x is the longitude or easting, the first of the two coordinates."
        )
    x0, x1, y0, y1 = grid.bounds
    of_stack = f"{x0:.10g} to {x1:.10g} and {y0:.10g} to {y1:.10g} in {crs_name(grid.crs)}"
    left, bottom, right, top = geometry.total_bounds
    if np.isnan(left):
        left, bottom, right, top = inventory.given.total_bounds
        error = ValueError(
            f"no place of {where} exists in the stack's CRS, {crs_name(grid.crs)}: its x are "
            f"{left:.10g} to {right:.10g} and its y {bottom:.10g} to {top:.10g} as given. Are x "
            "and y, or longitude and latitude, in this order? Is its CRS another? Then pass it as "
            "crs=..."
        )
        raise hinting(error, "crs=...")
    error = ValueError(
        f"no place of {where} lies in the stack: its x are {left:.10g} to {right:.10g} and its y "
        f"{bottom:.10g} to {top:.10g}, the stack's {of_stack}. Is its CRS another? Then pass it as "
        "crs=..."
    )
    raise hinting(error, "crs=...")


def compute(what):
    """Compute dask's values; a file that fails now is named on one line."""
    dask = import_optional("dask", extra="map")
    errors = import_optional("rasterio.errors", extra="map")
    try:
        return dask.compute(what)[0]
    except errors.RasterioIOError as error:
        cause = one_line(error.__cause__ or error)
        raise ValueError(f"a raster of the stack is damaged or cut off: {cause}.") from error


def _drop_repeated(cells, labels):
    """Let a cell that several polygons cover count once, as a landslide if any of them is one."""
    labels = pd.Series(labels[cells["source"]], index=cells.index)
    order = labels.sort_values(ascending=False, kind="stable").index
    repeated = cells.loc[order].duplicated(["row", "column", "is_point"])
    return cells[~(repeated.reindex(cells.index) & ~cells["is_point"])]


def _how_to_declare():
    """Say what to do about nodata; as the file holds it, which these values may not show."""
    message = "declare it in open_stack: nodata=..."
    return spelled(message, "nodata=...", instead={" in open_stack": ""})


def _only_ground(values, ground, categorical):
    """Set what is not ground to NaN; say how many values are impossible."""
    found = {}
    for name, column in values.items():
        # Class codes have no range.
        holds = np.isfinite(column) if name in categorical else ground[name].holds(column)
        n_impossible = int((np.isfinite(column) & ~holds).sum())
        if n_impossible:
            low, high = ground[name].low, ground[name].high
            warnings.warn(
                f"{n_impossible} of {len(column)} values of {name!r} lie outside "
                f"[{low:g}, {high:g}] and count as missing. If they stand for no data, "
                f"{_how_to_declare()}; if the unit is another, {lift_range(name)}.",
                UserWarning,
                stacklevel=5,
            )
        found[name] = np.where(holds, column, np.nan)
    return found


def _warn_of_contradictions(cells, labels):
    """Count the cells that hold samples of both labels."""
    labels = pd.Series(labels[cells["source"]], index=cells.index)
    n_labels = labels.groupby([cells["row"], cells["column"]]).nunique()
    if n_both := int((n_labels > 1).sum()):
        warnings.warn(
            f"{plural(n_both, 'cell')} of {len(n_labels)} hold landslides and places without: "
            "the same factors with both labels, from which no model can learn.",
            UserWarning,
            stacklevel=4,
        )


def _noted_units(coordinates, grid):
    """Note how long the units of coordinates are, where they are not meters."""
    meters = meters_per_unit(grid)
    if meters != 1:
        coordinates.attrs = {"crs": crs_name(grid.crs), "meters_per_unit": meters}
    return coordinates


def _warn_of_unnamed(codes, names, factor):
    """Count the samples of classes without a name."""
    known = codes[~np.isnan(codes)]
    unnamed = known[~np.isin(known, list(names))]
    if names and len(unnamed):
        which = listed([f"{code:g}" for code in np.unique(unnamed)], 5)
        warnings.warn(
            f"{len(unnamed)} of {len(known)} values of {factor!r} are codes without a name "
            f"({which}): they are named by their number.",
            UserWarning,
            stacklevel=5,
        )


def _as_factors(values, categorical, class_names):
    """Make the columns of X: numbers as float64, codes as categories, by name where known."""
    frame = pd.DataFrame({name: column.astype(np.float64) for name, column in values.items()})
    for name, column in frame.items():
        if column.isna().all():
            raise ValueError(
                f"{name!r} is nodata at {plural(len(column), 'sample')}, which is all of them: "
                "leave it out of the stack, or correct it."
            )
    for name in categorical:
        codes, names = frame[name].to_numpy(), class_names[name]
        _warn_of_unnamed(codes, names, name)
        frame[name] = code_categories(codes, names)
    return frame


@validate_params(
    {
        "target": [str, None],
        "coordinates": ["array-like"],
        "categorical": [str, "array-like"],
        "polygons": POLYGONS,
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def sample_stack(
    stack,
    points,
    *,
    target="landslide",
    coordinates=("x", "y"),
    categorical=(),
    polygons="cells",
    crs=None,
    random_state=None,
    positive_class=None,
):
    """Extract the factors at the places of an inventory: the table to learn from.

    A point has the values of the cell that it lies in; nothing is interpolated. A polygon gives
    one sample for every cell whose center lies in it, or fewer, as `polygons` says; a polygon too
    small to hold any center gives the cell of a point inside it. An inventory in another
    coordinate reference system is transformed to that of the stack.

    Places outside the stack, and cells where every factor is nodata, are left out with a warning
    that counts them. Single missing values stay NaN: imputing is left to the pipeline. Values
    outside the plausible range of a factor, as :func:`open_stack` notes it, also become missing,
    with a warning. Another warning counts the cells that hold both landslides and places without
    one.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors, from :func:`open_stack`.

    points : str, path-like, GeoDataFrame or DataFrame
        The inventory: a GeoPackage, Shapefile, GeoJSON, FlatGeobuf, KML, KMZ or GeoParquet of
        points or polygons, or one of these in a ZIP file; a table (CSV, Excel or Parquet) with two
        columns of coordinates; or a frame. Other columns are not used.

    target : str, default="landslide"
        The column of labels, as in :func:`~sklearn_landslide.tables.read_table`: 1 for
        landslide and 0 for none. If None, every row is a landslide.

    coordinates : sequence of str, default=("x", "y")
        The two columns with x and y, of a table.

    categorical : str or sequence of str, default=()
        The factors that hold class codes, besides those marked in the stack.

    polygons : {"cells", "one", "scarp"} or int, default="cells"
        What a polygon becomes:

        - ``"cells"``: every cell whose center lies inside; a large landslide gives many.
        - ``"one"``: of these, the cell nearest to a point well inside, as
          :meth:`geopandas.GeoSeries.representative_point` finds it.
        - ``"scarp"``: of these, the highest cell, where the landslide began; the runout below is
          ground that it only passed over. Needs the elevation among the factors, named
          ``elevation``, ``elev``, ``altitude``, ``dem`` or ``dtm``.
        - a whole number: that many of these, drawn at random without replacement, or all if there
          are fewer.

        A polygon of several parts is one landslide. A cell that lies in several polygons counts
        once, as a landslide if one of them is. Of equally near or high cells, the northernmost is
        taken, then the westernmost. Points are not affected.

    crs : str, int or CRS, default=None
        The coordinate reference system of an inventory that states none. If None, it is
        taken to be the stack's, for a file or frame of shapes with a warning.

    random_state : int, RandomState instance or None, default=None
        Seed of the draw if `polygons` is a number. If None, the draw differs each time. The global
        generator is not touched.

    positive_class : label, default=None
        The label of a landslide, if it is not clear from the labels, or a rule such as ``">0"``.

    Returns
    -------
    table : :class:`~sklearn.utils.Bunch`
        A dictionary-like object with

        X : DataFrame of shape (n_samples, n_factors)
            The factors: float64, and ``category`` for class codes, whose categories are the
            names that the stack has in the attribute ``class_names``, else the codes. NaN is
            missing.
        y : ndarray of shape (n_samples,)
            The labels as integers, 1 for landslide.
        coordinates : DataFrame of shape (n_samples, 2)
            Columns x and y in the stack's CRS, with the index of `X`: the points, and for
            polygons the centers of the cells. Where a unit is not a meter on the ground, as in feet
            or Web Mercator, ``attrs["meters_per_unit"]`` tells the splitters how long it is, None
            if it is not a length.
        crs : str or None
            The CRS of `coordinates`, as EPSG code or WKT.
        groups : ndarray of shape (n_samples,)
            Position in the inventory of the row that a sample comes from, from 0. The cells
            of one polygon belong in one fold: pass them to the splitters.
        target : str
            The name of the target.
        n_landslides : int
            Number of rows of the inventory that the samples of landslides come from.
        polygons : str, int or None
            What a polygon became; None if the samples are of points only.
        n_outside : int
            Number of rows of the inventory outside the stack.
        n_landslides_outside : int
            How many of these are landslides.
        n_nodata : int
            Number of samples left out because every factor was nodata.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the inventory cannot be read, has no place in the stack, a factor has no value
        at any of its places, or the stack has no elevation for ``polygons="scarp"``.

    Warns
    -----
    UndeclaredNodataWarning
        If a number or a code at these places looks like an undeclared nodata value.
    UserWarning
        If places are left out, values are impossible, or a cell has both labels.

    References
    ----------
    .. [1] H. Y. Hussin et al., "Different landslide sampling strategies in a grid-based bi-variate
       statistical susceptibility model", Geomorphology 253, 508-523, 2016: landslides as their
       scarps, and as points in these.
    .. [2] J. L. Zêzere et al., "Mapping landslide susceptibility using data-driven methods",
       Science of the Total Environment 589, 250-267, 2017: landslides as polygons and as points.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from sklearn_landslide.mapping import open_stack, sample_stack
    >>> cells = {"y": [35.0, 25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    >>> slope = xr.DataArray(np.arange(12.0).reshape(4, 3), cells)
    >>> stack = open_stack({"slope": slope}, crs="EPSG:32717")
    >>> places = pd.DataFrame({"x": [3, 28], "y": [33, 9], "landslide": [1, 0]})
    >>> table = sample_stack(stack, places)
    >>> table.X
       slope
    0    0.0
    1   11.0
    >>> table.y
    array([1, 0])
    """
    stack = check_stack(stack)
    names = list(stack)
    categorical = [categorical] if isinstance(categorical, str) else list(categorical)
    if unknown := [name for name in categorical if name not in names]:
        hint = f"categorical={unknown[0]!r}"
        error = ValueError(
            f"{hint} is not a factor.{nearest(unknown[0], names)} They are {listed(names)}."
        )
        raise hinting(error, hint)
    categorical = list(dict.fromkeys([*categorical_factors(stack), *categorical]))
    grid = grid_of(stack)
    inventory = read_inventory(
        points,
        grid.crs,
        target=target,
        coordinates=coordinates,
        crs=crs,
        positive_class=positive_class,
    )
    geometry, labels, where = inventory.geometry, inventory.labels, inventory.where
    generator = generator_of(random_state)
    cells = inventory_cells(geometry, grid)
    cells = chosen_cells(cells, stack, geometry, polygons, generator, compute)
    n_outside = check_some_inside(cells, inventory, grid)
    n_landslides_outside = int(np.delete(labels == 1, cells["source"].unique()).sum())
    cells = _drop_repeated(cells, labels)

    picked = stack.drop_vars(["x", "y"], errors="ignore").isel(
        y=("sample", cells["row"].to_numpy()), x=("sample", cells["column"].to_numpy())
    )
    values = compute({name: picked[name].data for name in names})
    values = _only_ground(values, ground_of(stack, names), categorical)
    empty = np.all([np.isnan(column) for column in values.values()], axis=0)
    if empty.all():
        raise ValueError(
            f"every factor is nodata at all {plural(len(empty), 'sample')} of {where}: "
            "is the inventory in this stack's region?"
        )
    where_none = (
        "outside the area, or nodata in every factor,"
        if MASK in stack.attrs
        else ("nodata in every factor")
    )
    for count, what in (
        (n_outside, f"of {len(geometry)} places of {where} lie outside the stack"),
        (int(empty.sum()), f"of {len(empty)} samples of {where} are {where_none}"),
    ):
        if count:
            warnings.warn(f"{count} {what} and are left out.", UserWarning, stacklevel=3)
    cells = cells[~empty].reset_index(drop=True)
    source = cells["source"].to_numpy()
    X = _as_factors(
        {name: values[name][~empty] for name in names},
        categorical,
        {name: class_names_of(stack[name]) for name in categorical},
    )
    columns = {
        name: column if name in categorical else column.to_numpy() for name, column in X.items()
    }
    warn_of_undeclared(columns, lambda _: f"{_how_to_declare()}.")
    _warn_of_contradictions(cells, labels)
    y = labels[source]
    return Bunch(
        X=X,
        y=y,
        coordinates=_noted_units(cells[["x", "y"]].astype(np.float64), grid),
        crs=system_name(grid.crs),
        groups=source,
        target="landslide" if target is None else target,
        n_landslides=len(np.unique(source[y == 1])),
        polygons=None if cells["is_point"].all() else polygons,
        n_outside=n_outside,
        n_landslides_outside=n_landslides_outside,
        n_nodata=int(empty.sum()),
    )
