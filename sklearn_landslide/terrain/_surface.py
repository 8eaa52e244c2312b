"""Derivatives of an elevation model: slope, aspect and curvature."""

import numpy as np


def surface_derivatives(elevation, cell_size):
    """First and second derivatives of the quadratic surface fitted to each 3 x 3 window.

    Parameters
    ----------
    elevation : ndarray of shape (rows, columns)
        Elevation in meters; row 0 is the northern edge, x grows eastward, y northward.
    cell_size : float
        Side of a cell in meters.

    Returns
    -------
    z_x, z_y, z_xx, z_xy, z_yy : ndarray of shape (rows, columns)
        Derivatives; the first two without unit, the others in 1/m.

    References
    ----------
    .. [1] Evans, I. S. (1980). An integrated system of terrain analysis and slope mapping.
       Zeitschrift für Geomorphologie, Suppl. 36, 274-295.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain._surface import surface_derivatives
    >>> x = 30.0 * np.arange(4)
    >>> z_x, z_y, *_ = surface_derivatives(np.tile(0.5 * x, (3, 1)), 30.0)
    >>> float(z_x[1, 1]), float(z_y[1, 1])
    (0.5, 0.0)
    """
    # An odd reflection continues a plane, so that edges do not look flat.
    z = np.pad(elevation, 1, mode="reflect", reflect_type="odd")
    north, middle, south = z[:-2], z[1:-1], z[2:]
    nw, n, ne = north[:, :-2], north[:, 1:-1], north[:, 2:]
    w, c, e = middle[:, :-2], middle[:, 1:-1], middle[:, 2:]
    sw, s, se = south[:, :-2], south[:, 1:-1], south[:, 2:]
    west, east = nw + w + sw, ne + e + se
    top, bottom = nw + n + ne, sw + s + se
    z_x = (east - west) / (6 * cell_size)
    z_y = (top - bottom) / (6 * cell_size)
    z_xx = (east + west - 2 * (n + c + s)) / (3 * cell_size**2)
    z_yy = (top + bottom - 2 * (w + c + e)) / (3 * cell_size**2)
    z_xy = (ne + sw - nw - se) / (4 * cell_size**2)
    return z_x, z_y, z_xx, z_xy, z_yy


def surface_factors(elevation, cell_size):
    """Slope, aspect and the two curvatures of an elevation model.

    Parameters
    ----------
    elevation : ndarray of shape (rows, columns)
        Elevation in meters; row 0 is the northern edge.
    cell_size : float
        Side of a cell in meters.

    Returns
    -------
    factors : dict of str to ndarray of shape (rows, columns)
        - ``slope``: degrees, 0 to 90;
        - ``aspect``: direction in which the slope falls, degrees clockwise from north, 0 to
          360; 0 where the ground is level;
        - ``plan_curvature``: curvature of the surface across the slope (tangential), 1/m,
          positive where flow parts (spurs), negative where it gathers (hollows);
        - ``profile_curvature``: curvature of the surface down the slope, 1/m, positive where
          the slope steepens downhill (convex), negative where it eases (concave).

        Both curvatures are 0 where the ground is level.

    References
    ----------
    .. [1] Mitášová, H., Hofierka, J. (1993). Interpolation by regularized spline with
       tension: II. Application to terrain modeling and surface geometry analysis.
       Mathematical Geology 25, 657-669.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain._surface import surface_factors
    >>> falls_east = np.tile(-30.0 * np.arange(5), (5, 1))
    >>> factors = surface_factors(falls_east, 30.0)
    >>> float(factors["slope"][2, 2].round(6)), float(factors["aspect"][2, 2])
    (45.0, 90.0)
    """
    z_x, z_y, z_xx, z_xy, z_yy = surface_derivatives(elevation, cell_size)
    steepness = z_x**2 + z_y**2
    # 1e-12 is a fall of one millimeter in a kilometer: rounding, not terrain.
    level = steepness < 1e-12
    safe = np.where(level, 1.0, steepness)
    across = (z_y**2 * z_xx - 2 * z_x * z_y * z_xy + z_x**2 * z_yy) / (safe * np.sqrt(1 + safe))
    down = (z_x**2 * z_xx + 2 * z_x * z_y * z_xy + z_y**2 * z_yy) / (safe * (1 + safe) ** 1.5)
    # atan2 can give -0.0, whose remainder by 360 is 360.0 after rounding.
    aspect = np.mod(np.degrees(np.arctan2(-z_x, -z_y)), 360.0)
    return {
        "slope": np.degrees(np.arctan(np.sqrt(steepness))),
        "aspect": np.where(level | (aspect >= 360.0), 0.0, aspect),
        "plan_curvature": np.where(level, 0.0, -across),
        "profile_curvature": np.where(level, 0.0, -down),
    }
