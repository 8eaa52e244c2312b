"""Distributions of the nearest-neighbor distances: of folds, samples and the map."""

import numpy as np
from scipy.stats import wasserstein_distance
from sklearn.model_selection import check_cv

from sklearn_landslide.model_selection import (
    check_coordinates,
    distances_to_train,
    map_distances,
    matching_rows,
    nearest_neighbor_distances,
)
from sklearn_landslide.plotting._axes import axes_or_new

_STYLES = {
    "sample to sample": {"color": "0.45", "linestyle": (0, (1.5, 1))},
    "map to sample": {"color": "#0072B2", "linestyle": "-"},
    "test to training": {"color": "#D55E00", "linestyle": (0, (6, 1.5))},
}


class NeighborDistanceDisplay:
    """How far test samples are from training samples, and the map from the samples.

    A score is that of the map if the two curves agree. Where test samples are nearer to training
    samples than the map is to samples, the score is optimistic; where they are farther, harsh.

    It is recommended to use :meth:`from_cv`. All parameters are stored as attributes.

    Parameters
    ----------
    test_to_training : array-like of shape (n_tested,)
        Distance from each test sample to the nearest training sample of its fold, in meters.

    sample_to_sample : array-like of shape (n_samples,)
        Distance from each sample to the nearest other one, in meters.

    map_to_sample : array-like of shape (n_places,), default=None
        Distance from places of the map to the nearest sample, in meters.

    Attributes
    ----------
    wasserstein : float or None
        Wasserstein's distance of `test_to_training` to `map_to_sample`, the area between the
        two curves, in meters. None without a map.
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.model_selection.KNNDM : Folds for which the two curves agree.
    FoldMapDisplay : The folds on the map.

    References
    ----------
    J. Linnenbrink, C. Milà, M. Ludwig, H. Meyer, "kNNDM CV: k-fold nearest-neighbor distance
    matching cross-validation for map accuracy estimation", Geoscientific Model Development 17,
    5897-5912 (2024).

    Examples
    --------
    >>> from sklearn_landslide.plotting import NeighborDistanceDisplay
    >>> display = NeighborDistanceDisplay([1.0, 3.0], [1.0, 1.0], [2.0, 5.0])
    >>> display.wasserstein
    1.5
    """

    def __init__(self, test_to_training, sample_to_sample, map_to_sample=None):
        self.test_to_training = np.asarray(test_to_training, dtype=float)
        self.sample_to_sample = np.asarray(sample_to_sample, dtype=float)
        self.map_to_sample = None
        self.wasserstein = None
        if map_to_sample is not None:
            self.map_to_sample = np.asarray(map_to_sample, dtype=float)
            self.wasserstein = float(
                wasserstein_distance(self.test_to_training, self.map_to_sample)
            )

    @classmethod
    def from_cv(
        cls, cv, X, y, coordinates, map_coordinates=None, *, groups=None, ax=None, **line_kwargs
    ):
        """Draw the distances of the folds of a splitter.

        Parameters
        ----------
        cv : int, splitter or iterable of (train, test)
            The folds, as in :func:`~sklearn.model_selection.cross_validate`.

        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.

        y : array-like of shape (n_samples,)
            The labels.

        coordinates : {array-like, DataFrame} of shape (n_samples, 2)
            x and y of the samples in meters; matched by index if both are pandas objects.

        map_coordinates : {array-like, DataFrame} of shape (n_places, 2), default=None
            x and y of the places that are to be predicted; of more than 10,000 a fixed draw of
            10,000 is used.

        groups : array-like of shape (n_samples,), default=None
            Group of each row, for the splitter.

        ax : matplotlib Axes, default=None
            The axes. None: a new figure.

        **line_kwargs : dict
            Passed to matplotlib for every curve, ``linewidth=1`` for instance.

        Returns
        -------
        display : :class:`NeighborDistanceDisplay`
            With `figure_` and `ax_`.
        """
        points = check_coordinates(coordinates)[matching_rows(coordinates, X, "coordinates")]
        splits = check_cv(cv, y, classifier=True).split(X, y, groups)
        of_map = None if map_coordinates is None else map_distances(points, map_coordinates)
        display = cls(
            distances_to_train(points, splits), nearest_neighbor_distances(points), of_map
        )
        return display.plot(ax=ax, **line_kwargs)

    def plot(self, *, ax=None, **line_kwargs):
        """Draw the distribution functions.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            The axes. None: a new figure.

        **line_kwargs : dict
            Passed to matplotlib for every curve, ``linewidth=1`` for instance.

        Returns
        -------
        display : :class:`NeighborDistanceDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        ax = axes_or_new(ax, (6.4, 4.6))
        self.ax_, self.figure_ = ax, ax.figure
        curves = {
            "sample to sample": self.sample_to_sample,
            "map to sample": self.map_to_sample,
            "test to training": self.test_to_training,
        }
        for name, distances in curves.items():
            if distances is None:
                continue
            label = name
            if name == "test to training" and self.wasserstein is not None:
                label = f"{name} (W = {self.wasserstein:.0f} m)"
            style = {"linewidth": 1.8, **_STYLES[name], **line_kwargs}
            ax.ecdf(distances, label=label, **style)
        ax.set(xlabel="Distance to the nearest neighbor (m)", ylabel="Share of points")
        ax.set(xlim=(0, None), ylim=(0, 1.01))
        ax.grid(color="0.9", linewidth=0.8)
        ax.set_axisbelow(True)
        # Below the panel no curve is ever hidden, whatever its shape.
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), frameon=False, handlelength=2.8)
        return self
