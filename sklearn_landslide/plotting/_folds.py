"""The folds of a cross-validation on the map."""

import numpy as np
from sklearn.model_selection import check_cv

from sklearn_landslide._classes import landslide_label_in, plain_labels
from sklearn_landslide._escaping import escaped
from sklearn_landslide._optional import import_optional
from sklearn_landslide.model_selection import check_coordinates, matching_rows
from sklearn_landslide.plotting._axes import axes_or_new
from sklearn_landslide.plotting._comparison_curves import _COLORS
from sklearn_landslide.plotting._legend import add_legend

# A mark for each fold as well: colors alone are similar in gray, and to some eyes.
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", "p", ">", "*", "h")
_GRAY = "0.72"
# What is not tested steps back behind what is.
_BACKGROUND = {"never tested": _GRAY, "left out": "0.85", "train": "#56B4E9", "test": "#D55E00"}


def _parts_of_fold(train, test, n_samples):
    """Rows of one fold: left out, train and test."""
    left_out = np.setdiff1d(np.arange(n_samples), np.union1d(train, test))
    parts = {"left out": left_out, "train": np.asarray(train), "test": np.asarray(test)}
    return {name: rows for name, rows in parts.items() if len(rows)}


def _parts_of_all(tests, names, n_samples):
    """Rows that each fold tests, and those that none tests."""
    untested = np.setdiff1d(np.arange(n_samples), np.concatenate(tests))
    parts = {"never tested": untested} if len(untested) else {}
    return parts | dict(zip(names, map(np.asarray, tests), strict=True))


class FoldMapDisplay:
    """The samples on the map, with color and mark of the fold that tests them.

    It is recommended to use :meth:`from_cv`. All parameters are stored as attributes.

    Parameters
    ----------
    coordinates : {array-like, DataFrame} of shape (n_samples, 2)
        x and y of the samples in meters.

    parts : dict of str to array-like of int
        Positions of the samples of each part, by its name. They are drawn in this order.

    landslide : array-like of bool of shape (n_samples,), default=None
        Which samples are landslides: their marks are filled, those of the others hollow. None:
        all are filled.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes, after :meth:`plot`.

    See Also
    --------
    NeighborDistanceDisplay : How far the folds are from their training samples.

    References
    ----------
    B. Wong, "Points of view: Color blindness", Nature Methods 8, 441 (2011): the colors of up
    to seven folds.

    Examples
    --------
    >>> from sklearn_landslide.plotting import FoldMapDisplay
    >>> display = FoldMapDisplay([[0, 0], [5, 0], [90, 9]], {"west": [0, 1], "east": [2]})
    >>> axes = display.plot().ax_
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['west (2)', 'east (1)']
    """

    def __init__(self, coordinates, parts, *, landslide=None):
        self.coordinates = check_coordinates(coordinates)
        self.parts = {name: np.asarray(rows) for name, rows in parts.items()}
        if not self.parts:
            raise ValueError("There is no fold to draw; got no parts.")
        self.landslide = None if landslide is None else np.asarray(landslide, dtype=bool)
        if landslide is not None and len(self.landslide) != len(self.coordinates):
            raise ValueError(
                f"coordinates has {len(self.coordinates)} rows and landslide "
                f"{len(self.landslide)}: they must match."
            )

    @classmethod
    def from_cv(
        cls,
        cv,
        X,
        y,
        coordinates,
        *,
        groups=None,
        fold=None,
        positive_class=None,
        ax=None,
        **scatter_kwargs,
    ):
        """Draw the folds of a splitter.

        Parameters
        ----------
        cv : int, splitter or iterable of (train, test)
            The folds, as in :func:`~sklearn.model_selection.cross_validate`.

        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.

        y : array-like of shape (n_samples,)
            The labels, of two classes.

        coordinates : {array-like, DataFrame} of shape (n_samples, 2)
            x and y of the samples in meters; matched by index if both are pandas objects.

        groups : array-like of shape (n_samples,), default=None
            Group of each row, for the splitter.

        fold : int, default=None
            Show one fold, by its number from 0: what is tested, what is trained on, and what is
            left out, by a buffer for instance. None: what each fold tests.

        positive_class : label, default=None
            The label of a landslide. None: it is known, as of 0 and 1 or of no and yes.

        ax : matplotlib Axes, default=None
            The axes. None: a new figure.

        **scatter_kwargs : dict
            Passed to matplotlib for all points, ``s=5`` for instance.

        Returns
        -------
        display : :class:`FoldMapDisplay`
            With `figure_` and `ax_`.
        """
        points = check_coordinates(coordinates)[matching_rows(coordinates, X, "coordinates")]
        splits = list(check_cv(cv, y, classifier=True).split(X, y, groups))
        if fold is None:
            names = [f"fold {number}" for number in range(len(splits))]
            if hasattr(cv, "fold_names"):
                names = cv.fold_names(X, y)
            parts = _parts_of_all([test for _, test in splits], names, len(points))
        elif 0 <= fold < len(splits):
            parts = _parts_of_fold(*splits[fold], len(points))
        else:
            raise ValueError(f"fold={fold} is not one of the {len(splits)} folds, from 0.")
        labels = plain_labels(np.asarray(y))
        landslide = landslide_label_in(labels, positive_class)
        display = cls(points, parts, landslide=labels == landslide)
        return display.plot(ax=ax, **scatter_kwargs)

    def plot(self, *, ax=None, **scatter_kwargs):
        """Draw the map.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            The axes. None: a new figure.

        **scatter_kwargs : dict
            Passed to matplotlib for all points, ``s=5`` for instance.

        Returns
        -------
        display : :class:`FoldMapDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        lines = import_optional("matplotlib.lines", extra="plot")
        ax = axes_or_new(ax, (7.5, 5.2))
        self.ax_, self.figure_ = ax, ax.figure
        handles = []
        for number, (name, rows) in enumerate(self.parts.items()):
            color, marker = self._colors()[number], _MARKERS[number % len(_MARKERS)]
            for filled, chosen in self._filled(rows):
                style = {"s": 20, "linewidths": 0.9, "marker": marker, **scatter_kwargs}
                face = [color] if filled else "none"
                points = self.coordinates[chosen].T
                ax.scatter(*points, facecolors=face, edgecolors=[color], **style)
            handles.append(self._handle(lines, f"{escaped(name)} ({len(rows)})", color, marker))
        if self.landslide is not None:
            handles.append(self._handle(lines, "landslide: filled", "0.25", "o"))
            handles.append(self._handle(lines, "none: hollow", "0.25", "o", "none"))
        ax.set(xlabel="x (m)", ylabel="y (m)", aspect="equal")
        ax.ticklabel_format(style="plain", useOffset=False)
        ax.locator_params(nbins=5)
        # Beside the map, as points may lie anywhere in it.
        labels = [handle.get_label() for handle in handles]
        options = {"loc": "upper left", "bbox_to_anchor": (1.01, 1), "frameon": False}
        add_legend(ax, handles, labels, **options)
        return self

    def _filled(self, rows):
        """Whether marks are filled, and the samples that carry them; landslides come on top."""
        if self.landslide is None:
            return [(True, rows)]
        is_landslide = self.landslide[rows]
        return [(False, rows[~is_landslide]), (True, rows[is_landslide])]

    def _colors(self):
        """One color a part: apart for every kind of color vision as long as that can be."""
        folds = [name for name in self.parts if name not in _BACKGROUND]
        own = dict(zip(folds, _COLORS, strict=False))
        if len(folds) > len(_COLORS):
            turbo = import_optional("matplotlib", extra="plot").colormaps["turbo"]
            own = dict(zip(folds, turbo(np.linspace(0.03, 0.97, len(folds))), strict=True))
        return [own[name] if name in own else _BACKGROUND[name] for name in self.parts]

    @staticmethod
    def _handle(lines, label, color, marker, face=None):
        """Entry of the legend."""
        style = {"color": color, "marker": marker, "linestyle": "none", "label": label}
        return lines.Line2D([], [], markerfacecolor=face or color, **style)
