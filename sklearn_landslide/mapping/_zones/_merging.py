"""Patches of zones that are smaller than a mapping unit join the zone around them."""

from heapq import heapify, heappop, heappush
from numbers import Real

import numpy as np
from scipy import ndimage
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide._hints import hinting
from sklearn_landslide.mapping._rasters._meters import pixel_area
from sklearn_landslide.mapping._zones._zone_table import check_maps


def patches_of(zones):
    """Give each patch of equal zones that join along an edge its number.

    Parameters
    ----------
    zones : ndarray of uint8 of shape (rows, columns)
        0 is nodata.

    Returns
    -------
    labels : ndarray of int32 of the same shape
        From 1; 0 is nodata.
    """
    labels, n_patches = np.zeros(zones.shape, dtype=np.int32), 0
    for zone in np.unique(zones[zones > 0]):
        found, n_found = ndimage.label(zones == zone)
        labels += np.where(found > 0, found + n_patches, 0).astype(np.int32)
        n_patches += n_found
    return labels


def _borders(labels, is_small, lengths):
    """For each small patch, its neighbors and how long the border with each is."""
    borders = {int(label): {} for label in np.flatnonzero(is_small)}
    pairs = (labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])
    for (one, other), length in zip(pairs, lengths, strict=True):
        meet = (one != other) & (one > 0) & (other > 0)
        meet[meet] = is_small[one[meet]] | is_small[other[meet]]
        found, counts = np.unique(
            np.column_stack([one[meet], other[meet]]), axis=0, return_counts=True
        )
        for (left, right), count in zip(found.tolist(), counts.tolist(), strict=True):
            for patch, neighbor in ((left, right), (right, left)):
                if patch in borders:
                    of_patch = borders[patch]
                    of_patch[neighbor] = of_patch.get(neighbor, 0) + count * length
    return borders


class _Patches:
    """Patches that join one another; one that has joined is known by its root."""

    def __init__(self, labels, zones, lengths, min_pixels):
        flat = labels.ravel()
        n_patches = int(flat.max(initial=0))
        self.parent = list(range(n_patches + 1))
        sizes = np.bincount(flat, minlength=n_patches + 1)
        zone_of = np.zeros(n_patches + 1, dtype=np.int64)
        zone_of[flat] = zones.ravel()
        first = np.zeros(n_patches + 1, dtype=np.int64)
        found, position = np.unique(flat, return_index=True)
        first[found] = position
        is_small = sizes < min_pixels
        is_small[0] = False
        self.borders = _borders(labels, is_small, lengths)
        self.sizes, self.zones, self.first = sizes.tolist(), zone_of.tolist(), first.tolist()
        self.min_pixels = min_pixels

    def root(self, patch):
        """Find the patch that one has become a part of, itself at first."""
        while self.parent[patch] != patch:
            self.parent[patch] = self.parent[self.parent[patch]]
            patch = self.parent[patch]
        return patch

    def neighbors(self, patch):
        """Borders of a small patch with what its neighbors are now."""
        found = {}
        for neighbor, length in self.borders[patch].items():
            root = self.root(neighbor)
            found[root] = found.get(root, 0) + length
        found.pop(patch, None)
        return found

    def join(self, patch, neighbors):
        """Let a small patch become a part of the zone with the longest border; return what it is.

        Of equally long ones, the zone that is nearer in rank; of equally near, the higher one,
        which is the safe side.
        """
        by_zone = {}
        for neighbor, length in neighbors.items():
            zone = self.zones[neighbor]
            by_zone[zone] = by_zone.get(zone, 0) + length
        own = self.zones[patch]
        zone = max(by_zone, key=lambda other: (by_zone[other], -abs(other - own), other))
        members = [patch, *(one for one in neighbors if self.zones[one] == zone)]
        root = min(members)
        size = sum(self.sizes[one] for one in members)
        for one in members:
            self.parent[one] = root
        if size < self.min_pixels:
            # Then all members are small, and their borders known.
            borders = {}
            for one in members:
                for neighbor, length in self.borders[one].items():
                    borders[neighbor] = borders.get(neighbor, 0) + length
            self.borders[root] = borders
        self.first[root] = min(self.first[one] for one in members)
        self.sizes[root], self.zones[root] = size, zone
        return root

    def merge(self):
        """Let patches join until none is small, but for those that have no neighbor."""
        waiting = [(self.sizes[patch], self.first[patch], patch) for patch in self.borders]
        heapify(waiting)
        while waiting:
            size, _, patch = heappop(waiting)
            if self.parent[patch] != patch or self.sizes[patch] != size:
                continue
            if neighbors := self.neighbors(patch):
                root = self.join(patch, neighbors)
                if self.sizes[root] < self.min_pixels:
                    heappush(waiting, (self.sizes[root], self.first[root], root))
        return np.array([self.zones[self.root(patch)] for patch in self.parent], dtype=np.uint8)


def edge_lengths(grid):
    """Length of the edge between two pixels of a row, and of a column; counts if they are equal."""
    across, down = abs(grid.transform.e), abs(grid.transform.a)
    return (1, 1) if across == down else (across, down)


def merged(zones, min_pixels, lengths=(1, 1)):
    """Let patches of fewer pixels join the zone around them.

    Parameters
    ----------
    zones : ndarray of uint8 of shape (rows, columns)
        0 is nodata.
    min_pixels : int
        The smallest patch that stays.
    lengths : tuple of float, default=(1, 1)
        Length of the edge between two pixels of a row, and of a column.

    Returns
    -------
    merged : ndarray of uint8 of the same shape

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.mapping._zones._merging import merged
    >>> merged(np.array([[1, 1, 2, 2], [3, 1, 2, 2]], dtype=np.uint8), 2)
    array([[1, 1, 2, 2],
           [1, 1, 2, 2]], dtype=uint8)
    """
    if min_pixels <= 1:
        return zones
    labels = patches_of(zones)
    return _Patches(labels, zones, lengths, min_pixels).merge()[labels]


@validate_params(
    {"zones": "no_validation", "min_area": [Interval(Real, 0, None, closed="neither")]},
    prefer_skip_nested_validation=True,
)
def merge_small_patches(zones, min_area):
    """Merge patches of zones that are smaller than a mapping unit into the zone around them.

    A patch is a set of pixels of one zone that are connected along their edges. A patch that is
    too small joins the neighboring zone with which it shares the longest border, and becomes one
    patch with all its neighbors of this zone; if borders are equally long, it joins the zone
    nearer in rank, then the higher one. The smallest patch comes first (of equally small ones the
    northernmost, then the westernmost), until none is too small except those surrounded only by
    nodata. Nodata is neither filled nor expanded.

    Parameters
    ----------
    zones : xarray.DataArray of shape (rows, columns), uint8
        The zones, from :meth:`SusceptibilityZones.transform`; 0 is nodata. A lazy raster is
        computed.
    min_area : float
        Area of the smallest patch that stays, in square meters on the ground.

    Returns
    -------
    merged : xarray.DataArray of shape (rows, columns), uint8
        In memory, with the attributes of `zones`.

    Raises
    ------
    ValueError
        If `min_area` is not above 0 or larger than the map, or the map has no reference system, is
        in degrees, or has cells of different areas.
    TypeError
        If `zones` is not a raster of uint8.

    Notes
    -----
    The whole raster is held in memory, as in :func:`zone_polygons`: about 20 bytes per pixel, and
    about 500 bytes for each small patch.

    Other methods have other rules: :func:`rasterio.features.sieve` gives a patch to its largest
    neighbor, however short the border they share, and a focal majority also moves the borders of
    large patches.

    Examples
    --------
    >>> import numpy as np, rioxarray, xarray
    >>> from sklearn_landslide.mapping import merge_small_patches
    >>> zones = xarray.DataArray(
    ...     np.array([[1, 1, 3], [1, 2, 3], [1, 1, 3]], dtype=np.uint8),
    ...     {"y": [25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]},
    ...     ["y", "x"],
    ... ).rio.write_crs("EPSG:32717")
    >>> merge_small_patches(zones, 200).to_numpy()
    array([[1, 1, 3],
           [1, 1, 3],
           [1, 1, 3]], dtype=uint8)
    """
    grid = check_maps(zones, zones)
    cell = pixel_area(grid) * 1e6
    values = zones.to_numpy()
    hint = f"min_area={min_area:g}"
    if np.count_nonzero(values) * cell < min_area:
        error = ValueError(
            f"{hint} is in square meters, and the whole map has {np.count_nonzero(values) * cell:g}"
            ": give the area of the smallest patch that is to stay."
        )
        raise hinting(error, hint)
    # A patch of just this area stays, whatever the last bit of the division.
    min_pixels = int(np.ceil(min_area / cell * (1 - 1e-9)))
    return zones.copy(data=merged(values, min_pixels, edge_lengths(grid)))
