"""Folds whose nearest-neighbor distances match those from the map to the samples (kNNDM)."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import ks_2samp, wasserstein_distance
from sklearn.cluster import KMeans
from sklearn.model_selection import StratifiedKFold
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from sklearn_landslide._hints import hinting
from sklearn_landslide.model_selection._base import (
    LandslideSplitter,
    class_codes,
    train_and_test,
)
from sklearn_landslide.model_selection._distances import (
    distances_to_train,
    map_distances,
    nearest_neighbor_distances,
)
from sklearn_landslide.model_selection._side_information import check_coordinates, matching_rows
from sklearn_landslide.model_selection._units import (
    check_enough,
    dealt_folds,
    groups_of,
    make_units,
)

# The tree of all samples needs memory of their number squared; larger tables are first
# gathered in so many small clusters.
_MOST_LEAVES = 3_000
_N_CANDIDATES = 40
_MOST_KMEANS = 20
_ALPHA = 0.05


def is_clustered(points, to_samples):
    """Say whether samples are significantly nearer to each other than the map is to them."""
    among = nearest_neighbor_distances(points)
    return ks_2samp(among, to_samples, alternative="greater", method="asymp").pvalue < _ALPHA


def _cluster_tree(points):
    """Ward's tree, and the leaf of each unit in it."""
    leaf = np.arange(len(points))
    if len(points) > _MOST_LEAVES:
        leaf = KMeans(_MOST_LEAVES, n_init=1, max_iter=20, random_state=0).fit_predict(points)
        leaf = np.unique(leaf, return_inverse=True)[1]
        sizes = np.bincount(leaf)
        points = np.column_stack([np.bincount(leaf, axis) / sizes for axis in points.T])
    return linkage(points, "ward"), leaf


def _deal(clusters, along, n_splits, sizes=None):
    """Merge clusters to folds: large ones alone, the others in turn along the main axis."""
    weights = np.ones(len(clusters), dtype=np.int64) if sizes is None else sizes
    sizes = np.bincount(clusters, weights)
    folds = np.full(len(sizes), -1)
    large = np.flatnonzero(sizes * n_splits >= weights.sum())
    folds[large] = np.arange(len(large))
    rest = np.flatnonzero(folds < 0)
    center = np.bincount(clusters, along * weights)[rest] / sizes[rest]
    free = np.arange(len(large), n_splits)
    folds[rest[np.argsort(center, kind="stable")]] = np.resize(free, len(rest))
    return folds[clusters]


def _main_axis(points):
    """Place of each point along the first principal component."""
    centered = points - points.mean(axis=0)
    return centered @ np.linalg.svd(centered, full_matrices=False)[2][0]


def _candidate_folds(units, n_splits, rng):
    """Generate (clustering, number of clusters, folds of the units), from coarse to fine."""
    points = units.points
    tree, leaf = _cluster_tree(points)
    along = _main_axis(points)
    seed = rng.randint(np.iinfo(np.int32).max)
    n_leaves = leaf.max() + 1
    n_places = len(np.unique(points, axis=0))
    for wanted in np.unique(np.geomspace(n_splits, n_leaves, _N_CANDIDATES).round().astype(int)):
        labels = {"ward": fcluster(tree, wanted, criterion="maxclust")[leaf]}
        # Two ways to cluster differ where clusters are few.
        if wanted <= min(_MOST_KMEANS * n_splits, n_places):
            labels["kmeans"] = KMeans(wanted, n_init=1, random_state=seed).fit_predict(
                points, sample_weight=units.sizes
            )
        for clustering, clusters in labels.items():
            clusters = np.unique(clusters, return_inverse=True)[1]
            # Ties in the tree may leave fewer clusters than wanted.
            if clusters.max() >= n_splits - 1:
                folds = _deal(clusters, along, n_splits, units.sizes)
                yield clustering, int(clusters.max() + 1), folds


class KNNDM(LandslideSplitter):
    r"""Folds as far from the training samples as the map is from the samples.

    K-fold nearest neighbor distance matching [1]_. A map is predicted at places that lie at some
    distance from the nearest sample. If samples are clustered, random folds test nearer to
    training samples than that and are too optimistic; folds of large blocks may test further away
    and be too pessimistic. Here the samples are clustered, coarsely and finely, and the clusters
    are merged into folds. Of all these candidates and random folds, the one is taken whose
    distances come closest to those of the map:

    .. math:: W = \int |G_{test}(r) - G_{map}(r)| \, dr

    with :math:`G_{test}` the distribution function of the distances from test samples to the
    nearest training sample and :math:`G_{map}` that from the places of the map to the nearest
    sample. :math:`W` is Wasserstein's distance, in meters.

    Parameters
    ----------
    coordinates : {array-like, DataFrame} of shape (n_samples, 2)
        x and y of the samples in meters. As a DataFrame with the index of X it also serves
        where only a part of X is split, as in a nested search.
    map_coordinates : {array-like, DataFrame} of shape (n_places, 2)
        x and y of the places to predict: the cells of the map, or a random part of them. If there
        are more than 10,000, a fixed draw of 10,000 is used.
    n_splits : int, default=5
        Number of folds, 2 at least.
    max_share : float, default=0.5
        Candidates whose largest fold holds more than this share of the samples are excluded. Must
        exceed 1 / `n_splits`.
    groups : {array-like, Series} of shape (n_samples,), default=None
        Group of each sample, such as the ``groups`` of
        :func:`~sklearn_landslide.mapping.sample_stack`: a group is in one fold. As a Series with
        the index of X it also serves where only a part of X is split. Those given to `split`
        count more.
    random_state : int, RandomState instance or None, default=None
        Seed of the random folds among the candidates, and of k-means.

    See Also
    --------
    SpatialBlockKFold : Folds of compact blocks, whatever the map is.
    sklearn_landslide.plotting.NeighborDistanceDisplay : The distributions, drawn.

    Notes
    -----
    Samples that are not nearer to each other than the map is to them (one-sided test of Kolmogorov
    and Smirnov, 5 %) get random folds, as in the paper. The random folds are stratified;
    candidates in which a fold has only one class are excluded. So both classes are in every part,
    and W is never larger than that of the random folds.

    The candidates come from 40 numbers of clusters, in geometric steps from `n_splits` to one for
    each sample: cuts of the tree of Ward's hierarchical clustering, and up to 20 clusters a fold
    also k-means. Clusters that fill a fold stay alone; the others are dealt to the remaining folds
    in turn, in the order of their centers along the first principal component. For the tree, more
    than 3,000 samples are first gathered in 3,000 small clusters. The order of the rows does not
    matter. With groups, whole groups are clustered, at the mean of their coordinates, and the
    random folds keep them whole, too.

    The folds differ in size and in their share of landslides. Metrics that are means over rows
    (Brier score, log loss, accuracy) are best computed on the pooled predictions of all folds,
    as the paper does.

    References
    ----------
    .. [1] Linnenbrink, J., Milà, C., Ludwig, M., Meyer, H. (2024). kNNDM CV: k-fold
       nearest-neighbor distance matching cross-validation for map accuracy estimation.
       Geoscientific Model Development 17, 5897-5912.

    Examples
    --------
    >>> from sklearn_landslide.datasets import make_landslides
    >>> from sklearn_landslide.model_selection import KNNDM
    >>> sampled = make_landslides(300, clustering=1.0, return_stack=True, random_state=0)
    >>> rows, columns = sampled.landslide_map.shape
    >>> side, _, west, _, _, north = sampled.transform
    >>> places = [(west + side * c, north - side * r) for r in range(rows) for c in range(columns)]
    >>> cv = KNNDM(sampled.coordinates, places, random_state=0)
    >>> table = cv.candidates(sampled.data, sampled.target)
    >>> best = table[table["chosen"]].iloc[0]
    >>> bool(best["wasserstein"] < 0.5 * table["wasserstein"][0])
    True
    """

    _parameter_constraints = {
        "n_splits": [Interval(Integral, 2, None, closed="left")],
        "max_share": [Interval(Real, 0, 1, closed="right")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        coordinates,
        map_coordinates,
        n_splits=5,
        *,
        max_share=0.5,
        groups=None,
        random_state=None,
    ):
        self.coordinates = coordinates
        self.map_coordinates = map_coordinates
        self.n_splits = n_splits
        self.max_share = max_share
        self.groups = groups
        self.random_state = random_state

    def candidates(self, X, y, groups=None):
        """Describe the candidates and which one is chosen.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table, or a part of it.
        y : array-like of shape (n_samples,)
            The labels, of two classes.
        groups : array-like of shape (n_samples,), default=None
            As in :meth:`split`.

        Returns
        -------
        table : DataFrame
            One row per candidate, the random folds first. Columns: ``clustering`` ("random",
            "ward", "kmeans"), ``n_clusters`` (for the random folds, the number of samples),
            ``largest_share`` of the samples in a fold, ``wasserstein`` in meters, and ``chosen``,
            True for one row.
        """
        self._check_parameters()
        codes, classes = class_codes(X, y)
        return self._choose(X, codes, classes, groups_of(self.groups, X, groups))[0]

    def _folds(self, X, codes, classes, groups):
        return train_and_test(self._choose(X, codes, classes, groups)[1], self.n_splits)

    def _choose(self, X, codes, classes, groups):
        """Table of the candidates, and the fold of each row in the best one."""
        if self.max_share * self.n_splits <= 1:
            hints = f"max_share={self.max_share}", f"n_splits={self.n_splits}"
            error = ValueError(
                f"{hints[0]} is no more than 1 / {hints[1]}, which leaves no choice: raise one of "
                "them."
            )
            raise hinting(error, *hints)
        points = check_coordinates(self.coordinates)
        points = points[matching_rows(self.coordinates, X, "coordinates")]
        units = make_units(points, codes, groups)
        check_enough(units, classes, self.n_splits)
        order = units.in_order()
        points, codes = points[order], codes[order]
        to_samples = map_distances(points, self.map_coordinates)

        rows, best = [], None
        for clustering, n_clusters, folds in self._all_candidates(points, codes, units, to_samples):
            distances = distances_to_train(points, train_and_test(folds, self.n_splits))
            share = np.bincount(folds).max() / len(folds)
            distance = float(wasserstein_distance(distances, to_samples))
            if not rows or distance < min(row[-1] for row in rows):
                best = folds
            rows.append((clustering, n_clusters, share, distance))
        columns = ["clustering", "n_clusters", "largest_share", "wasserstein"]
        table = pd.DataFrame(rows, columns=columns)
        table["chosen"] = np.arange(len(table)) == table["wasserstein"].argmin()
        folds = np.empty(len(points), dtype=np.int64)
        folds[order] = best
        return table, folds

    def _all_candidates(self, points, codes, units, to_samples):
        """Generate the random folds, then what clustering offers and the rules allow."""
        rng = check_random_state(self.random_state)
        of_row = np.sort(units.of_row)
        yield "random", len(units.points), self._random_folds(of_row, codes, units, rng)
        if not is_clustered(points, to_samples):
            return
        for clustering, n_clusters, folds in _candidate_folds(units, self.n_splits, rng):
            both_classes = units.class_counts(folds).min() > 0
            folds = folds[of_row]
            if both_classes and np.bincount(folds).max() <= self.max_share * len(folds):
                yield clustering, n_clusters, folds

    def _random_folds(self, of_row, codes, units, rng):
        """Fold of each row at random, stratified; groups stay whole."""
        if units.sizes is not None:
            folds = dealt_folds(of_row, codes, self.n_splits, rng)
            if folds is None:
                hint = f"n_splits={self.n_splits}"
                error = ValueError(
                    f"the {len(units.points)} groups cannot be dealt to {hint} folds that each "
                    "hold both classes: lower n_splits."
                )
                raise hinting(error, hint, "n_splits")
            return folds
        folds = np.empty(len(codes), dtype=np.int64)
        shuffled = StratifiedKFold(self.n_splits, shuffle=True, random_state=rng)
        for k, (_, test) in enumerate(shuffled.split(codes, codes)):
            folds[test] = k
        return folds
