"""From an elevation model to the factors of landslide susceptibility."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_landslide.terrain._elevation_model import NAME, open_elevation_model
from sklearn_landslide.terrain._factor_stack import make_factors
from sklearn_landslide.terrain._factor_table import METHODS, factor_names
from sklearn_landslide.terrain._vertical_units import VERTICAL_UNITS


@validate_params(
    {
        "factors": [str, "array-like", None],
        "scales": ["array-like"],
        "method": [StrOptions({*METHODS})],
        "river_area": [Interval(Real, 0, None, closed="neither")],
        "routing": [StrOptions({"d8", "multiple"})],
        "vertical_units": [StrOptions({*VERTICAL_UNITS}), None],
        "nodata": [Real, "array-like", None],
        "align": [StrOptions({"auto"}), None],
        "chunks": [Interval(Integral, 1, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def terrain_factors(
    dem,
    factors=None,
    *,
    scales=(100, 300, 1000),
    method="horn",
    river_area=1e6,
    routing="d8",
    vertical_units=None,
    nodata=None,
    crs=None,
    align=None,
    chunks=512,
    log=None,
):
    """Make the factors of landslide susceptibility from an elevation model.

    Local factors are computed window by window when they are needed. Flow factors need the whole
    raster and are computed at once, after `log` was told how much memory that takes. The size of
    the windows does not change a single bit of the values.

    Parameters
    ----------
    dem : str, path-like, DataArray or Dataset
        Elevation: a file of one band, a two-dimensional DataArray, or a Dataset with one
        variable, as :func:`~sklearn_landslide.mapping.open_stack` returns it. Voids are what
        counts as nodata there.

    factors : str or sequence of str, default=None
        Names of the table below, in the wanted order; ``"tpi"`` and ``"relief"`` stand for those
        of all `scales`, ``"tpi_250"`` for a single radius. ``elevation`` is always included, first
        unless it is named elsewhere. If None, all.

    scales : sequence of float, default=(100, 300, 1000)
        Radii of ``tpi`` and ``relief`` in meters. The time that they take grows with the radius
        in cells.

    method : {"horn", "zevenbergen_thorne"}, default="horn"
        How the surface is derived. ``"horn"``: slope and aspect from the weighted differences of
        three rows and columns [1]_, as gdaldem does, and curvature from the quadratic surface
        that fits nine cells best [2]_. ``"zevenbergen_thorne"``: all from the central differences
        of the surface through nine cells [3]_, which smooth less.

    river_area : float, default=1e6
        Contributing area in m² from which on there is a stream.

    routing : {"d8", "multiple"}, default="d8"
        Whether a cell drains to its steepest neighbor, or to all lower ones.

    vertical_units : {"m", "ft", "us-ft"}, default=None
        Unit of the elevations; feet become meters. If None, the unit that the band or the
        vertical axis of the CRS states, else meters.

    nodata : float or sequence of float, default=None
        Numbers that stand for voids besides those that the raster states, such as 0 for the sea.

    crs : str, int or CRS, default=None
        The coordinate reference system of a raster that states none.

    align : "auto", default=None
        With ``"auto"``, a model in degrees, or in a projection in which lengths differ over the
        region, is warped to its UTM zone, and one whose cells are not square to square cells:
        bilinear, with about as many cells as before. If None, the former is refused, and the
        latter is used as it is.

    chunks : int, default=512
        Side of the windows, in cells.

    log : callable, default=None
        Called with a line of text: what memory flow needs, and where water leaves the model.

    Returns
    -------
    stack : xarray.Dataset
        One float32 variable per factor, of dimensions y and x, in windows of dask. Each has the
        attributes ``long_name``, ``units`` and ``method``. CRS and transform are where rioxarray
        looks for them. :func:`factor_recipe` reads how to make it again.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If there is no such factor; if the model is in degrees or has no CRS, fewer than 3 x 3
        cells, the same elevation everywhere, or a unit that is not known; if a radius is smaller
        than a cell; and as :func:`~sklearn_landslide.mapping.open_stack` does.
    MemoryError
        Before flow is computed, if it needs more memory than there is.

    Warns
    -----
    UserWarning
        If elevations look like undeclared nodata; are impossible and count as voids; are
        converted from feet that the raster states; are whole numbers with many level steps; or
        are level at one height not above 0 in many cells, as the sea is.

    See Also
    --------
    factor_recipe : How the factors of a stack were made.
    replay_recipe : The same factors from another elevation model.

    Notes
    -----
    With the slopes p = dz/dx eastward and q = dz/dy northward, the second derivatives r = d²z/dx²,
    s = d²z/dxdy, t = d²z/dy², and g = p² + q²:

    ========================= =========== ======================================================
    factor                    unit        definition
    ========================= =========== ======================================================
    ``elevation``             m           as in the elevation model
    ``slope``                 degrees     atan √g
    ``aspect``                degrees     direction in which the slope falls, clockwise from
                                          north, 0 to 360; -1 on level ground
    ``northness``             1           cosine of the aspect; 0 on level ground
    ``eastness``              1           sine of the aspect; 0 on level ground
    ``plan_curvature``        1/m         -(q²r - 2pqs + p²t) / g^1.5, the curvature of the
                                          contour line [4]_
    ``profile_curvature``     1/m         -(p²r + 2pqs + q²t) / (g (1 + g)^1.5), of the vertical
                                          section down the slope [4]_
    ``tangential_curvature``  1/m         -(q²r - 2pqs + p²t) / (g (1 + g)^0.5), of the normal
                                          section across the slope [4]_
    ``tri``                   m           terrain ruggedness index: root of the sum of squared
                                          differences to the eight neighbors [5]_
    ``roughness``             m           highest minus lowest of 3 x 3 cells [6]_
    ``tpi_<meters>``          m           topographic position: elevation minus the mean of all
                                          other cells within a radius [7]_
    ``relief_<meters>``       m           highest minus lowest within a radius
    ``contributing_area``     log10(m2)   decadic logarithm of the area that drains through a cell
    ``twi``                   ln(m)       topographic wetness index ln(a / tan b) [8]_
    ``spi``                   m           stream power index a tan b [8]_
    ``sti``                   1           sediment transport index
                                          (a / 22.13)^0.6 (sin b / 0.0896)^1.3 [8]_
    ``height_above_drainage`` m           height above the stream into which the cell drains
    ``distance_to_drainage``  m           way of the water to that stream
    ========================= =========== ======================================================

    In the last rows b is the slope, of which at least 0.1 degrees are used, and a the area that
    drains through the cell over the side of a cell; :func:`flow_factors` says more of them.

    All curvatures are positive where the surface is convex: on spurs, where flow parts (plan and
    tangential), and where the slope steepens downhill (profile). They are 0 on level ground, where
    none is defined. Plan curvature has no bound as the slope goes to 0; tangential curvature is
    plan curvature times the sine of the slope. Programs differ in what they call plan curvature,
    in sign and in a factor of 100: compare before mixing. With ``"zevenbergen_thorne"`` slope, plan
    and profile curvature are those of SAGA.

    Factors of 3 x 3 cells are void where one of the nine is, and in the outermost ring, as
    gdaldem's are: nothing is extrapolated. Discs use what they hold where at least a quarter of
    it is known. There ``tpi`` is the height above the plane that fits the other cells best,
    measured at the cell, which in a whole disc is their mean: a mean of one side would make a
    ridge of every slope at the edge.

    Flow needs about 120 bytes of memory for each cell of the raster; the other factors need a few
    windows.

    References
    ----------
    .. [1] Horn, B. K. P. (1981). Hill shading and the reflectance map. Proceedings of the IEEE
       69, 14-47.
    .. [2] Evans, I. S. (1980). An integrated system of terrain analysis and slope mapping.
       Zeitschrift für Geomorphologie, Suppl. 36, 274-295.
    .. [3] Zevenbergen, L. W., Thorne, C. R. (1987). Quantitative analysis of land surface
       topography. Earth Surface Processes and Landforms 12, 47-56.
    .. [4] Mitášová, H., Hofierka, J. (1993). Interpolation by regularized spline with tension:
       II. Application to terrain modeling and surface geometry analysis. Mathematical Geology
       25, 657-669.
    .. [5] Riley, S. J., DeGloria, S. D., Elliot, R. (1999). A terrain ruggedness index that
       quantifies topographic heterogeneity. Intermountain Journal of Sciences 5, 23-27.
    .. [6] Wilson, M. F. J., O'Connell, B., Brown, C., Guinan, J. C., Grehan, A. J. (2007).
       Multiscale terrain analysis of multibeam bathymetry data for habitat mapping on the
       continental slope. Marine Geodesy 30, 3-35.
    .. [7] Weiss, A. D. (2001). Topographic position and landforms analysis. ESRI User
       Conference, San Diego.
    .. [8] Moore, I. D., Grayson, R. B., Ladson, A. R. (1991). Digital terrain modelling: a
       review of hydrological, geomorphological, and biological applications. Hydrological
       Processes 5, 3-30.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> from sklearn_landslide.terrain import terrain_factors
    >>> north, east = np.mgrid[90:-1:-10.0, 0:91:10.0]
    >>> dem = xr.DataArray(500 - east, {"y": north[:, 0], "x": east[0]}, ("y", "x"))
    >>> stack = terrain_factors(dem, ["slope", "aspect", "relief_20"], crs="EPSG:32717")
    >>> {name: float(stack[name][5, 5]) for name in stack}
    {'elevation': 450.0, 'slope': 45.0, 'aspect': 90.0, 'relief_20': 40.0}
    >>> stack["slope"].attrs["units"]
    'degrees'
    """
    factors = [factors] if isinstance(factors, str) else factors
    names = factor_names(factors, _check_scales(scales))
    names = names if NAME in names else [NAME, *names]
    model = open_elevation_model(
        dem,
        vertical_units=vertical_units,
        nodata=nodata,
        crs=crs,
        align=align,
        chunks=int(chunks),
    )
    return make_factors(
        model,
        names,
        method=method,
        river_area=float(river_area),
        routing=routing,
        chunks=int(chunks),
        log=log,
    )


def _check_scales(scales):
    """Return radii as floats."""
    for scale in scales:
        if not isinstance(scale, Real) or not 0 < scale < np.inf:
            raise ValueError(f"scales are radii in meters above 0, got {scale!r}.")
    return [float(scale) for scale in scales]
