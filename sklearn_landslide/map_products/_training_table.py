"""The table that a model for a map is trained on, for whoever wants to look at it first."""

from sklearn_landslide.map_products._inputs import open_stack_of
from sklearn_landslide.map_products._places import places_of
from sklearn_landslide.map_products._request import TableRequest


def make_table(request):
    """Make the table that is asked for; `make_training_table` and the command line call this.

    Parameters
    ----------
    request : TableRequest
        What is asked for.

    Returns
    -------
    table : Bunch
    """
    return make_table_and_stack(request)[0]


def make_table_and_stack(request):
    """Make the table that is asked for, and keep the rasters that it is made of.

    Parameters
    ----------
    request : TableRequest
        What is asked for.

    Returns
    -------
    table : Bunch
    stack : xarray.Dataset
    """
    request.check_values()
    stack = open_stack_of(request)
    return places_of(request, stack).table, stack


def make_training_table(
    stack,
    points,
    *,
    target="landslide",
    positive_class=None,
    coordinates=("x", "y"),
    categorical=(),
    factors=None,
    align=None,
    resampling=None,
    nodata=None,
    crs=None,
    points_crs=None,
    area=None,
    exclude=None,
    units=None,
    absences=None,
    absence_buffer=100.0,
    polygons="cells",
    min_slope=None,
    random_state=0,
    log=None,
):
    """Make the table that :func:`make_susceptibility_map` trains on.

    Use it, with its groups, to compare models and choose the one for the map.

    Parameters
    ----------
    stack : str, path-like, list of these, dict, xarray object or FactorSources
        The rasters of the factors, or the sources from which they are made, as in
        :func:`make_susceptibility_map`. The other parameters have the same meaning, too.
    points : str, path-like, GeoDataFrame or DataFrame
        The inventory.
    target : str, default="landslide"
        The column of labels: 1 for landslide, 0 for none, or words for it. If None, every row
        is a landslide.
    positive_class : label, default=None
        The label of a landslide in `target`, if it is not clear from the labels, or a rule such as
        ``">0"``.
    coordinates : sequence of str, default=("x", "y")
        The two columns with x and y, of a table.
    categorical : sequence of str, default=()
        The factors that hold class codes.
    factors : sequence of str, default=None
        The factors to keep. If None, all.
    align : str, default=None
        The factor onto whose grid the others are brought.
    resampling : str or dict, default=None
        How the values on that grid are computed, as in `open_stack`.
    nodata : float, sequence of float, or dict of str to these, default=None
        Numbers that stand for "no data" where the rasters do not state it.
    crs : str, int or CRS, default=None
        The coordinate reference system of rasters and inventories that state none.
    points_crs : str, int or CRS, default=None
        The coordinate reference system of an inventory that states none. If None, `crs`.
    area : str, path-like or GeoDataFrame, default=None
        Polygons outside of which no place is taken.
    exclude : str, path-like or GeoDataFrame, default=None
        Polygons inside of which no place is taken.
    units : str, path-like or GeoDataFrame, default=None
        Mapping units: a row is a polygon, not a cell.
    absences : float, default=None
        Places without a landslide to draw for each landslide. If None, the inventory has both.
    absence_buffer : float, default=100.0
        Smallest distance of these places to a landslide, in meters.
    polygons : {"cells", "one", "scarp"} or int, default="cells"
        What a landslide polygon becomes.
    min_slope : float, default=None
        No absence is drawn on ground that is flatter, in degrees.
    random_state : int or None, default=0
        Seed of the draw.
    log : callable, default=None
        Called with a line of text before steps that take long.

    Returns
    -------
    table : Bunch
        As of :func:`~sklearn_landslide.mapping.sample_stack`: ``X``, ``y``, ``coordinates``, and
        ``groups``, which say which rows belong to the same landslide.

    Raises
    ------
    ValueError
        If the rasters or the inventory cannot be used.

    Examples
    --------
    >>> import pandas as pd, xarray as xr
    >>> from sklearn_landslide.datasets import make_landslides
    >>> from sklearn_landslide.map_products import make_training_table
    >>> region = make_landslides(100, shape=(60, 80), return_stack=True, random_state=0)
    >>> side, _, west, _, _, north = region.transform
    >>> cells = {
    ...     "y": [north - side * (row + 0.5) for row in range(60)],
    ...     "x": [west + side * (column + 0.5) for column in range(80)],
    ... }
    >>> slope = xr.DataArray(region.stack["slope"], cells)
    >>> points = pd.DataFrame(region.coordinates, columns=["x", "y"])
    >>> points["landslide"] = region.target
    >>> table = make_training_table({"slope": slope}, points, crs="EPSG:32650")
    >>> table.X.shape, int(table.y.sum())
    ((100, 1), 40)
    """
    return make_table(
        TableRequest(
            stack,
            points,
            target=target,
            positive_class=positive_class,
            coordinates=coordinates,
            categorical=categorical,
            factors=factors,
            align=align,
            resampling=resampling,
            nodata=nodata,
            crs=crs,
            points_crs=points_crs,
            area=area,
            exclude=exclude,
            units=units,
            absences=absences,
            absence_buffer=absence_buffer,
            polygons=polygons,
            min_slope=min_slope,
            random_state=random_state,
            log=log,
        )
    )
