"""Which cells lie near to an inventory."""

import numpy as np

from sklearn_landslide._optional import import_optional

# Half the width of the ring in which a rasterized buffer is too coarse to tell: cells in it are
# measured exactly. GEOS approximates the circle by 0.5 % of the buffer.
_RING = 0.02


class Nearby:
    """Tells which cells lie nearer to a shape than a buffer.

    Parameters
    ----------
    shapes : ndarray of shapely geometries
        Points and polygons.
    buffer : float
        The distance, in units of the CRS.
    """

    def __init__(self, shapes, buffer):
        shapely = import_optional("shapely", extra="map")
        self.buffer = buffer
        self.tree = shapely.STRtree(shapes)
        self.surely = shapely.buffer(shapes, buffer * (1 - _RING))
        self.perhaps = shapely.buffer(shapes, buffer * (1 + _RING))
        self.boxes = shapely.STRtree(self.perhaps)

    def mask(self, grid):
        """Mark the cells of a grid whose center is nearer than the buffer."""
        shapely = import_optional("shapely", extra="map")
        rasterize = import_optional("rasterio.features", extra="map").rasterize
        shape = grid.height, grid.width
        left, right, bottom, top = grid.bounds
        near = np.sort(self.boxes.query(shapely.box(left, bottom, right, top)))
        if self.buffer == 0 or not len(near):
            return np.zeros(shape, dtype=bool)
        # Without cells of its own a shape is rasterized to nothing, but not without area.
        surely = [area for area in self.surely[near] if not area.is_empty]
        options = {"out_shape": shape, "transform": grid.transform, "dtype": np.uint8}
        inside = rasterize(surely, **options) > 0
        rows, columns = np.nonzero((rasterize(list(self.perhaps[near]), **options) > 0) & ~inside)
        centers = shapely.points(*grid.centers(rows, columns))
        hit, _ = self.tree.query(centers, predicate="dwithin", distance=self.buffer * (1 - 1e-12))
        inside[rows[hit], columns[hit]] = True
        return inside
