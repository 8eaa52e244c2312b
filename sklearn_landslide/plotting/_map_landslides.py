"""Landslides on a map: points as dots, polygons as outlines, and their signs in the legend."""

import numpy as np

from sklearn_landslide._optional import import_optional

# So many landslides are drawn in full size; more of them smaller, but never finer than this.
_FEW, _FINEST = 300, 0.4


def landslide_shapes(inventory):
    """Split an inventory into points and rings of polygons.

    Parameters
    ----------
    inventory : GeoDataFrame, array-like of shape (n_landslides, 2), list of arrays, or None
        Points, or outlines.

    Returns
    -------
    points : ndarray of shape (n_points, 2)
        x and y.
    outlines : list of ndarray of shape (n_corners, 2)
        One a ring.
    """
    if inventory is None:
        return np.empty((0, 2)), []
    if hasattr(inventory, "geometry"):
        shapes = inventory.geometry.explode()
        is_point = shapes.geom_type == "Point"
        points = np.column_stack([shapes[is_point].x, shapes[is_point].y])
        outlines = [np.array(shape.exterior.coords)[:, :2] for shape in shapes[~is_point]]
        return points, outlines
    if isinstance(inventory, list) and inventory and np.ndim(inventory[0]) == 2:
        return np.empty((0, 2)), [np.asarray(ring, dtype=float) for ring in inventory]
    points = np.asarray(inventory, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"Landslides are points (x, y) or polygons, got shape {points.shape}.")
    return points, []


def _finer(count):
    """Return the size of marks, 1 for few: many must not hide the zones that they lie in."""
    return float(np.clip(np.sqrt(_FEW / count), _FINEST, 1))


def draw_landslides(ax, points, outlines):
    """Draw landslides, and return their signs in the legend: a dot for points, a patch for others.

    Parameters
    ----------
    ax : matplotlib Axes
        The map.
    points : ndarray of shape (n_points, 2)
        x and y.
    outlines : list of ndarray of shape (n_corners, 2)
        One a ring.

    Returns
    -------
    handles : list of matplotlib Artist
        None, one, or one of each kind.
    """
    handles = []
    if len(points):
        lines = import_optional("matplotlib.lines", extra="plot")
        size = _finer(len(points))
        style = {"marker": "o", "mfc": "white", "mec": "black", "ls": ""}
        style |= {"ms": 4 * size, "mew": 0.8 * size}
        ax.plot(*points.T, **style)
        label = "landslide, a point" if outlines else "landslide"
        handles.append(lines.Line2D([], [], label=label, **style))
    if outlines:
        collections = import_optional("matplotlib.collections", extra="plot")
        patches = import_optional("matplotlib.patches", extra="plot")
        size = _finer(len(outlines))
        # Black on white stays seen on light and on dark ground.
        for color, width in (("white", 2.2), ("black", 0.9)):
            shapes = collections.PolyCollection(
                outlines, facecolors="none", edgecolors=color, linewidths=width * size
            )
            ax.add_collection(shapes, autolim=False)
        label = "landslide, an outline" if len(points) else "landslide"
        handles.append(patches.Patch(facecolor="none", edgecolor="black", lw=0.9, label=label))
    return handles
