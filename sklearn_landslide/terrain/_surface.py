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
    return _evans(z, cell_size, cell_size)


def _neighbors(z):
    """Return the cells of each 3 x 3 window, row by row from the first."""
    rows, columns = z.shape[0] - 2, z.shape[1] - 2
    return [z[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]


def _evans(z, dx, dy):
    """Fit a quadratic surface to nine cells by least squares."""
    nw, n, ne, w, c, e, sw, s, se = _neighbors(z)
    west, east = nw + w + sw, ne + e + se
    top, bottom = nw + n + ne, sw + s + se
    z_x = (east - west) / (6 * dx)
    z_y = (top - bottom) / (6 * dy)
    z_xx = (east + west - 2 * (n + c + s)) / (3 * dx**2)
    z_yy = (top + bottom - 2 * (w + c + e)) / (3 * dy**2)
    z_xy = (ne + sw - nw - se) / (4 * (dx * dy))
    return z_x, z_y, z_xx, z_xy, z_yy


def _zevenbergen_thorne(z, dx, dy):
    """Derive the partial quartic surface through nine cells: central differences."""
    nw, n, ne, w, c, e, sw, s, se = _neighbors(z)
    z_xx = (e + w - 2 * c) / dx**2
    z_yy = (n + s - 2 * c) / dy**2
    z_xy = (ne + sw - nw - se) / (4 * (dx * dy))
    return (e - w) / (2 * dx), (n - s) / (2 * dy), z_xx, z_xy, z_yy


def _horn(z, dx, dy):
    """First derivatives alone: central differences of three rows, the middle one twice."""
    nw, n, ne, w, _, e, sw, s, se = _neighbors(z)
    z_x = ((ne + 2 * e + se) - (nw + 2 * w + sw)) / (8 * dx)
    z_y = ((nw + 2 * n + ne) - (sw + 2 * s + se)) / (8 * dy)
    return z_x, z_y


def _is_level(steepness):
    """Whether there is no slope; 1e-12 is a fall of one millimeter in a kilometer: rounding."""
    return steepness < 1e-12


def _fall(z_x, z_y):
    """Direction in which the surface falls, degrees clockwise from north, 0 to 360."""
    # atan2 can give -0.0, whose remainder by 360 is 360.0 after rounding.
    aspect = np.mod(np.degrees(np.arctan2(-z_x, -z_y)), 360.0)
    return np.where(aspect >= 360.0, 0.0, aspect)


def _bends(z_x, z_y, z_xx, z_xy, z_yy):
    """Second derivative across and down the slope, each times the steepness; and the steepness.

    The steepness is 1 where the ground is level.
    """
    steepness = z_x**2 + z_y**2
    safe = np.where(_is_level(steepness), 1.0, steepness)
    across = z_y**2 * z_xx - 2 * z_x * z_y * z_xy + z_x**2 * z_yy
    down = z_x**2 * z_xx + 2 * z_x * z_y * z_xy + z_y**2 * z_yy
    return across, down, safe


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
    z_x, z_y, *second = surface_derivatives(elevation, cell_size)
    steepness = z_x**2 + z_y**2
    level = _is_level(steepness)
    across, down, safe = _bends(z_x, z_y, *second)
    return {
        "slope": np.degrees(np.arctan(np.sqrt(steepness))),
        "aspect": np.where(level, 0.0, _fall(z_x, z_y)),
        "plan_curvature": np.where(level, 0.0, -(across / (safe * np.sqrt(1 + safe)))),
        "profile_curvature": np.where(level, 0.0, -(down / (safe * (1 + safe) ** 1.5))),
    }


def window_factors(z, dx, dy, method):
    """Every factor of the 3 x 3 cells around a cell.

    Parameters
    ----------
    z : ndarray of shape (rows + 2, columns + 2), float64
        Elevation in meters, with a margin of one cell; NaN is a void.
    dx, dy : float
        Meters from a column to the next, positive eastward, and from a row to the one before
        it, positive northward.
    method : {"horn", "zevenbergen_thorne"}
        How slope and aspect are derived. Curvature is Evans's with the first and Zevenbergen
        and Thorne's with the second.

    Returns
    -------
    factors : dict of str to ndarray of shape (rows, columns)
        As `terrain_factors` describes them. NaN where one of the nine cells is a void.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain._surface import window_factors
    >>> falls_east = np.tile(-30.0 * np.arange(3), (3, 1))
    >>> factors = window_factors(falls_east, 30.0, 30.0, "horn")
    >>> round(factors["slope"].item(), 6), factors["aspect"].item(), factors["roughness"].item()
    (45.0, 90.0, 60.0)
    """
    cells = _neighbors(z)
    void = np.isnan(sum(cells))
    if method == "horn":
        z_x, z_y = _horn(z, dx, dy)
        derivatives = _evans(z, dx, dy)
    else:
        derivatives = _zevenbergen_thorne(z, dx, dy)
        z_x, z_y, *_ = derivatives
    steepness = z_x**2 + z_y**2
    sloping = ~_is_level(steepness)
    aspect = _fall(z_x, z_y)
    length = np.where(sloping, np.sqrt(steepness), 1.0)
    bent = ~_is_level(derivatives[0] ** 2 + derivatives[1] ** 2)
    across, down, safe = _bends(*derivatives)
    factors = {
        "slope": np.degrees(np.arctan(np.sqrt(steepness))),
        "aspect": np.where(sloping, aspect, -1.0),
        # The cosine and the sine of the aspect, without the detour by an angle.
        "northness": np.where(sloping, -z_y / length, 0.0),
        "eastness": np.where(sloping, -z_x / length, 0.0),
        "plan_curvature": np.where(bent, -across / safe**1.5, 0.0),
        "profile_curvature": np.where(bent, -down / (safe * (1 + safe) ** 1.5), 0.0),
        "tangential_curvature": np.where(bent, -across / (safe * np.sqrt(1 + safe)), 0.0),
        "tri": np.sqrt(sum((cell - cells[4]) ** 2 for cell in cells)),
        "roughness": np.maximum.reduce(cells) - np.minimum.reduce(cells),
    }
    return {name: np.where(void, np.nan, values) for name, values in factors.items()}
