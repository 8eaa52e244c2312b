"""Folds of spatial blocks: compact clusters, or the squares of a grid."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_landslide._hints import hinting
from sklearn_landslide.model_selection._autocorrelation_range import autocorrelation_range
from sklearn_landslide.model_selection._base import (
    LandslideSplitter,
    drop_near,
    train_and_test,
)
from sklearn_landslide.model_selection._side_information import (
    check_coordinates,
    check_meters,
    matching_rows,
    perhaps_degrees,
)
from sklearn_landslide.model_selection._units import (
    check_enough,
    dealt_folds,
    group_codes,
    make_units,
)

# Without a block size a fold gets about this many blocks of the grid.
_BLOCKS_A_FOLD = 10
# So many times the wanted number of clusters are tried before giving up.
_MOST_CLUSTERS_A_FOLD = 4


def _cluster(units, n_clusters, random_state):
    """Label units by k-means."""
    model = KMeans(n_clusters, n_init=10, random_state=random_state)
    return model.fit_predict(units.points, sample_weight=units.sizes)


def _grid_side(points, n_blocks):
    """Side of the squares of which about n_blocks cover the extent."""
    width, height = np.ptp(points, axis=0)
    # Along a line the squares are cut by its length alone.
    side = max(np.sqrt(width * height / n_blocks), max(width, height) / n_blocks)
    return side or 1.0


def _squares(points, side):
    """Label the squares that hold points, numbered from the south-west, row by row."""
    square = np.floor(points / side).astype(np.int64)
    return np.unique(square[:, ::-1], axis=0, return_inverse=True)[1].ravel()


@validate_params(
    {
        "coordinates": "no_validation",
        "method": [StrOptions({"kmeans", "grid"})],
        "n_blocks": [Interval(Integral, 1, None, closed="left")],
        "block_size": [Interval(Real, 0, None, closed="neither"), None],
        "groups": ["array-like", None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def spatial_blocks(
    coordinates, *, method="kmeans", n_blocks=20, block_size=None, groups=None, random_state=None
):
    """Divide points into spatial blocks.

    The labels serve as regions of :class:`LeaveOneStratumOut` and
    :class:`LeaveRegionAndPeriodOut`, or as `groups` of scikit-learn's splitters.

    Parameters
    ----------
    coordinates : {array-like, DataFrame} of shape (n_points, 2)
        x and y in meters.
    method : {"kmeans", "grid"}, default="kmeans"
        Compact clusters of points, or squares of a grid whose lines are at multiples of their
        side, so that a place is in the same square whatever the other points are.
    n_blocks : int, default=20
        Number of clusters; for the grid, about how many squares cover the extent of the
        points, if `block_size` is None.
    block_size : float, default=None
        Side of the squares in meters, for the grid only.
    groups : array-like of shape (n_points,), default=None
        Group of each point, such as the landslide that it is a part of. A group is in one block,
        that of its mean place.
    random_state : int, RandomState instance or None, default=None
        Seed of k-means.

    Returns
    -------
    blocks : ndarray of int of shape (n_points,) or Series
        Block of each point, from 0; squares are numbered from the south-west, row by row, and
        empty ones have no number. A Series with the index of `coordinates` if that is a
        DataFrame.

    Raises
    ------
    ValueError
        If there are fewer different points than clusters, or a block size is given for
        k-means.

    Examples
    --------
    >>> from sklearn_landslide.model_selection import spatial_blocks
    >>> spatial_blocks([[10, 10], [90, 20], [110, 5], [20, 150]], method="grid", block_size=100)
    array([0, 0, 1, 2])
    """
    points = check_coordinates(coordinates)
    _check_block_size(method, block_size, coordinates)
    units = make_units(
        points, np.zeros(len(points), dtype=np.int64), group_codes(groups, len(points))
    )
    if method == "grid":
        side = block_size or _grid_side(points, n_blocks)
        blocks = _squares(units.points, side)[units.of_row]
    else:
        n_places = len(np.unique(units.points, axis=0))
        if n_places < n_blocks:
            hint = f"n_blocks={n_blocks}"
            error = ValueError(f"{hint} is more than the {n_places} different places: lower it.")
            raise hinting(error, hint)
        blocks = _cluster(units, n_blocks, random_state).astype(np.int64)[units.of_row]
    if isinstance(coordinates, pd.DataFrame):
        return pd.Series(blocks, index=coordinates.index, name="block")
    return blocks


def _check_block_size(method, block_size, coordinates):
    """Refuse the side of squares where there are none, or no meters."""
    if block_size is None:
        return
    if method == "kmeans":
        shown = repr(block_size) if isinstance(block_size, str) else block_size
        hints = f"block_size={shown}", 'method="grid"'
        error = ValueError(f"{hints[0]} is for {hints[1]}: k-means has no squares.")
        raise hinting(error, *hints)
    check_meters(coordinates, f"block_size={block_size}")


def _join(blocks, units, lone):
    """Join a block to the one with the nearest center, and number them again."""
    centers = []
    for k in range(blocks.max() + 1):
        here = blocks == k
        sizes = None if units.sizes is None else units.sizes[here]
        centers.append(np.average(units.points[here], axis=0, weights=sizes))
    centers = np.array(centers)
    distance = np.linalg.norm(centers - centers[lone], axis=1)
    distance[lone] = np.inf
    joined = np.where(blocks == lone, distance.argmin(), blocks)
    return joined - (joined > lone)


def _compact_folds(units, n_splits, rng):
    """Cluster units into folds that hold both classes, or return None.

    Clusters of one class are joined to their nearest neighbor. As that lowers their number,
    one cluster more is tried until enough are left; what is left over is joined too, the
    smallest first.
    """
    seed = rng.randint(np.iinfo(np.int32).max)
    most = min(_MOST_CLUSTERS_A_FOLD * n_splits, len(np.unique(units.points, axis=0)))
    for n_clusters in range(n_splits, most + 1):
        folds = _cluster(units, n_clusters, seed)
        while folds.max() > 0 and (counts := units.class_counts(folds)).min() == 0:
            one_class = np.flatnonzero(counts.min(axis=1) == 0)
            folds = _join(folds, units, one_class[counts[one_class].sum(axis=1).argmin()])
        while folds.max() >= n_splits:
            folds = _join(folds, units, np.bincount(folds, units.sizes).argmin())
        if folds.max() == n_splits - 1:
            return folds
    return None


class SpatialBlockKFold(LandslideSplitter):
    """Folds of spatial blocks, with an optional buffer around the test fold.

    Samples near each other are similar, and a random split puts neighbors into training and test
    parts. Here a fold is tested as a whole: one compact cluster of samples, or several squares of
    a grid [1]_ [2]_. Every training and every test part holds both classes. With `groups`, the
    border of a block never divides a landslide that has many rows.

    Parameters
    ----------
    coordinates : {array-like, DataFrame} of shape (n_samples, 2)
        x and y of the samples in meters. As a DataFrame with the index of X it also serves
        where only a part of X is split, as in a nested search.
    n_splits : int, default=5
        Number of folds, 2 at least.
    method : {"kmeans", "grid"}, default="kmeans"
        With k-means a fold is a cluster. If a cluster holds only one class, it is joined to the
        nearest one, and one more cluster is made in its place. With the grid, squares are dealt to
        folds by :class:`~sklearn.model_selection.StratifiedGroupKFold`, so that the folds are
        similar in size and in their share of landslides.
    block_size : float or "range", default=None
        Side of the squares in meters, for the grid only. None: about ten squares per fold cover
        the extent of the samples. It should exceed the distance over which samples are similar:
        "range" takes the median range of the factors of X, without their labels, by
        :func:`autocorrelation_range`.
    buffer : float or "range", default=0.0
        Training samples nearer than this to a test sample are left out, in meters; "range" is
        the median range of the factors.
    groups : {array-like, Series} of shape (n_samples,), default=None
        Group of each sample, such as the ``groups`` of
        :func:`~sklearn_landslide.mapping.sample_stack`: a group is in one fold. As a Series with
        the index of X it also serves where only a part of X is split. Those given to `split`
        count more.
    random_state : int, RandomState instance or None, default=None
        Seed of the clusters and of how squares are dealt to folds.

    Attributes
    ----------
    block_size_ : float or None
        Side of the squares in meters, after the first split, if `block_size` is given.
    buffer_ : float
        Width of the buffer in meters, after the first split.

    See Also
    --------
    autocorrelation_range : Up to which distance factors are similar.
    KNNDM : Folds as far from the training samples as the map is from the samples.
    spatial_blocks : The blocks alone.

    Notes
    -----
    The order of the rows does not matter: the same samples get into the same folds.

    A group is placed at the mean of its coordinates and weighted by its number of samples. There
    must be as many groups of each class as folds.

    References
    ----------
    .. [1] Roberts, D. R. et al. (2017). Cross-validation strategies for data with temporal,
       spatial, hierarchical, or phylogenetic structure. Ecography 40, 913-929.
    .. [2] Brenning, A. (2012). Spatial cross-validation and bootstrap for the assessment of
       prediction rules in remote sensing: the R package sperrorest. IGARSS 2012, 5372-5375.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_val_score
    >>> from sklearn_landslide.datasets import make_landslides
    >>> from sklearn_landslide.model_selection import SpatialBlockKFold
    >>> region = make_landslides(300, clustering=1.0, random_state=0)
    >>> cv = SpatialBlockKFold(region.coordinates, buffer=200, random_state=0)
    >>> cv
    SpatialBlockKFold(coordinates=<300 rows>, n_splits=5, method='kmeans', block_size=None,
    buffer=200, groups=None, random_state=0)
    >>> slope = region.data[:, [1]]
    >>> cross_val_score(LogisticRegression(), slope, region.target, cv=cv).shape
    (5,)
    """

    _parameter_constraints = {
        "n_splits": [Interval(Integral, 2, None, closed="left")],
        "method": [StrOptions({"kmeans", "grid"})],
        "block_size": [Interval(Real, 0, None, closed="neither"), StrOptions({"range"}), None],
        "buffer": [Interval(Real, 0, None, closed="left"), StrOptions({"range"})],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        coordinates,
        n_splits=5,
        *,
        method="kmeans",
        block_size=None,
        buffer=0.0,
        groups=None,
        random_state=None,
    ):
        self.coordinates = coordinates
        self.n_splits = n_splits
        self.method = method
        self.block_size = block_size
        self.buffer = buffer
        self.groups = groups
        self.random_state = random_state

    def _folds(self, X, codes, classes, groups):
        _check_block_size(self.method, self.block_size, self.coordinates)
        if self.buffer:
            check_meters(self.coordinates, self._said("buffer"))
        self.block_size_, self.buffer_ = self._widths(X)
        points = check_coordinates(self.coordinates)
        points = points[matching_rows(self.coordinates, X, "coordinates")]
        units = make_units(points, codes, groups)
        check_enough(units, classes, self.n_splits)
        rng = check_random_state(self.random_state)
        if self.method == "kmeans":
            folds = self._clustered(units, rng)
        else:
            folds = self._squared(points, codes, units, classes, rng)
        return [
            (self._beyond_buffer(points, codes, classes, fold, train, test), test)
            for fold, (train, test) in enumerate(train_and_test(folds, self.n_splits))
        ]

    def widths_in_words(self):
        """Say how wide the blocks and the buffer of the last split were, if they came from X.

        Returns
        -------
        words : str
            Such as "blocks of 970 m, the median range of the factors"; empty if both were given
            in meters, or nothing has been split yet.
        """
        widths = {"blocks": (self.block_size, "block_size_"), "a buffer": (self.buffer, "buffer_")}
        learned = [
            f"{noun} of {getattr(self, name):.0f} m"
            for noun, (given, name) in widths.items()
            if given == "range" and hasattr(self, name)
        ]
        return f"{' and '.join(learned)}, the median range of the factors" if learned else ""

    def _said(self, name):
        """Write a parameter and its value as a message names it."""
        value = getattr(self, name)
        return f"{name}={value!r}" if isinstance(value, str) else f"{name}={value:g}"

    def _widths(self, X):
        """Side of the blocks and width of the buffer in meters, learned where that is asked for."""
        widths = {"block_size": self.block_size, "buffer": self.buffer}
        asked = [name for name, width in widths.items() if width == "range"]
        if asked:
            seed = self.random_state
            if not isinstance(seed, Integral):
                # A generator, or none, must not give other blocks than squares of that size.
                seed = 0
            found = autocorrelation_range(X, self.coordinates, random_state=seed)
            widths |= {name: found.check(self._said(name)) for name in asked}
        return widths["block_size"], widths["buffer"]

    def _clustered(self, units, rng):
        """Fold of each row by k-means, or an error that says what stands against it."""
        folds = _compact_folds(units, self.n_splits, rng)
        if folds is None:
            what = "samples" if units.sizes is None else "groups of samples"
            hint, in_python = f"n_splits={self.n_splits}", ', or use method="grid"'
            error = ValueError(
                f"the {len(units.points)} {what} cannot be clustered into {hint} compact folds "
                f"that each hold both classes: lower n_splits{in_python}."
            )
            raise hinting(error, hint, "n_splits", instead={in_python: ""})
        return folds[units.of_row]

    def _squared(self, points, codes, units, classes, rng):
        """Fold of each row by squares of a grid, or an error that says what stands against it."""
        side = self.block_size_ or _grid_side(points, _BLOCKS_A_FOLD * self.n_splits)
        blocks = _squares(units.points, side)
        holding = (units.class_counts(blocks) > 0).sum(axis=0)
        if holding.min() >= self.n_splits:
            order = units.in_order()
            dealt = dealt_folds(blocks[units.of_row[order]], codes[order], self.n_splits, rng)
            if dealt is not None:
                folds = np.empty(len(points), dtype=np.int64)
                folds[order] = dealt
                return folds
        hint = f"n_splits={self.n_splits}"
        learned, what_to_do = "", "lower block_size or n_splits."
        if self.block_size == "range":
            learned = " (the median range of the factors)"
            what_to_do = "lower n_splits, or give block_size in meters."
        error = ValueError(
            f"class {classes[holding.argmin()]!s} is in {holding.min()} of the "
            f"{len(np.unique(blocks))} blocks of {side:.6g} m{learned}, too few for both classes "
            f"in {hint} folds: {perhaps_degrees(points) or what_to_do}"
        )
        raise hinting(error, hint, "block_size", "n_splits")

    def _beyond_buffer(self, points, codes, classes, fold, train, test):
        """Training rows outside the buffer, of both classes."""
        kept = drop_near(points, train, test, self.buffer_)
        counts = np.bincount(codes[kept], minlength=2)
        if counts.min() == 0:
            hint = self._said("buffer")
            meters = f" ({self.buffer_:.0f} m)" if self.buffer == "range" else " m"
            error = ValueError(
                f"{hint}{meters} leaves fold {fold} {len(kept)} of {len(train)} training rows, "
                f"none of class {classes[counts.argmin()]!s}: "
                f"{perhaps_degrees(points) or self._lower_buffer()}"
            )
            raise hinting(error, hint)
        return kept

    def _lower_buffer(self):
        """Say what to do about a buffer that is too wide."""
        return "give a lower one in meters." if self.buffer == "range" else "lower the buffer."
