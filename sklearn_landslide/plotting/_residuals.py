"""What models leave over: Moran's I by distance, and the residuals on the map."""

import numpy as np

from sklearn_landslide._escaping import escaped
from sklearn_landslide._optional import import_optional
from sklearn_landslide.plotting._comparison_curves import _line, figure_class
from sklearn_landslide.plotting._legend import add_legend

_MISSED, _ALARM, _RIGHT = "#D55E00", "#0072B2", "0.75"
_LEVEL = 0.05
_SIZE = (11.5, 5.6)


class ResidualDisplay:
    """Moran's I of residuals by distance, and what one model misses on the map.

    Left: above the gray band, within which shuffled residuals lie, near places are wrong in the
    same direction; filled marks are clear at 5 % after the adjustment for the number of bands.
    Right: landslides whose probability is below the share of landslides (missed), other places
    whose probability is above it (false alarms), the larger, the more wrong.

    It is recommended to use :meth:`from_result`. All parameters are stored as attributes.

    Parameters
    ----------
    result : ResidualAutocorrelation
        What :func:`~sklearn_landslide.inspection.residual_autocorrelation` returned.
    model : str, default=None
        The model of the map. None: the first one.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    axes_ : ndarray of matplotlib Axes of shape (2,)
        The axes, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.inspection.residual_autocorrelation : Makes what is drawn.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection import residual_autocorrelation
    >>> from sklearn_landslide.plotting import ResidualDisplay
    >>> rng = np.random.default_rng(0)
    >>> places, y = rng.uniform(0, 1000, (100, 2)), rng.integers(0, 2, 100)
    >>> result = residual_autocorrelation(rng.uniform(size=100), y, places, random_state=0)
    >>> axes = ResidualDisplay.from_result(result).axes_
    >>> axes[0].get_ylabel()
    "Moran's I of the residuals"
    """

    def __init__(self, result, model=None):
        self.result = result
        self.model = model
        if model is not None and model not in result.models:
            raise ValueError(f"model={model!r} is not one of {result.models}.")

    @classmethod
    def from_result(cls, result, model=None, *, axes=None):
        """Draw a result.

        Parameters
        ----------
        result : ResidualAutocorrelation
            What :func:`~sklearn_landslide.inspection.residual_autocorrelation` returned.
        model : str, default=None
            The model of the map. None: the first one.
        axes : array-like of 2 matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`ResidualDisplay`
            With `figure_` and `axes_`.
        """
        return cls(result, model).plot(axes=axes)

    def plot(self, *, axes=None):
        """Draw the correlogram and the map.

        Parameters
        ----------
        axes : array-like of 2 matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`ResidualDisplay`
            With `figure_` and `axes_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        if axes is None:
            pyplot = import_optional("matplotlib.pyplot", extra="plot")
            figure = pyplot.figure(figsize=_SIZE, layout="constrained")
            axes = figure.subplots(1, 2)
        self.axes_ = np.asarray(axes)
        self.figure_ = self.axes_[0].figure
        self._draw_correlogram(self.axes_[0])
        self._draw_map(self.axes_[1])
        return self

    def _draw_correlogram(self, ax):
        """Draw one line a model, and the band of no order in space."""
        table = self.result.correlogram.dropna(subset="moran_i")
        bands = table.groupby("distance")
        low, high = bands["low"].min(), bands["high"].max()
        handles = [ax.fill_between(low.index, low, high, color="0.87", linewidth=0)]
        labels = ["95 % of shuffled residuals"]
        ax.axhline(table["expected"].iloc[0], color="0.5", linewidth=0.8)
        for number, name in enumerate(self.result.models):
            rows = table[table["model"] == name]
            style = _line(number)
            handles += ax.plot(rows["distance"], rows["moran_i"], linewidth=1.6, **style)
            labels.append(str(name))
            clear = rows["pvalue_holm"] <= _LEVEL
            for part, face in ((rows[clear], style["color"]), (rows[~clear], "white")):
                ax.scatter(
                    part["distance"],
                    part["moran_i"],
                    s=30,
                    facecolor=face,
                    edgecolor=style["color"],
                    zorder=3,
                )
        ax.set(xlabel="Distance of two places (m)", ylabel="Moran's I of the residuals")
        ax.set_xlim(0, None)
        ax.set_title("Filled: clear at 5 %", fontsize=10, loc="left")
        options = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.14), "frameon": False}
        add_legend(ax, handles, labels, ncols=2, **options)

    def _draw_map(self, ax):
        """Draw what one model misses."""
        lines = import_optional("matplotlib.lines", extra="plot")
        name = self.result.models[0] if self.model is None else self.model
        places = self.result.residuals
        landslide, residual = places["landslide"].to_numpy(), places[name].to_numpy()
        probability = landslide - residual
        missed = landslide & (probability < self.result.share)
        alarm = ~landslide & (probability >= self.result.share)
        parts = (
            ("about right", ~(missed | alarm), _RIGHT, ".", 14),
            ("false alarm", alarm, _ALARM, "s", 60),
            ("missed landslide", missed, _MISSED, "^", 70),
        )
        handles, labels = [], []
        for label, chosen, color, marker, size in parts:
            sizes = size if marker == "." else size * np.abs(residual[chosen])
            ax.scatter(
                places["x"][chosen],
                places["y"][chosen],
                s=sizes,
                color=color,
                marker=marker,
                linewidths=0,
                alpha=0.85,
            )
            handles.append(lines.Line2D([], [], color=color, marker=marker, linestyle="none"))
            labels.append(f"{label} ({chosen.sum()})")
        ax.set(xlabel="x (m)", ylabel="y (m)", aspect="equal")
        ax.ticklabel_format(style="plain", useOffset=False)
        ax.locator_params(nbins=5)
        title = ax.set_title(escaped(name), fontsize=10, loc="left")
        title.set_parse_math(False)
        options = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.14), "frameon": False}
        add_legend(ax, handles, labels, ncols=3, columnspacing=1, handletextpad=0.2, **options)


def save_residuals(result, path, *, model=None, dpi=150):
    """Draw what models leave over into a file, without a window or an open figure.

    Parameters
    ----------
    result : ResidualAutocorrelation
        What :func:`~sklearn_landslide.inspection.residual_autocorrelation` returned.

    path : str or path-like
        The picture; its ending (``.png``, ``.pdf``, ``.svg``) says the format.

    model : str, default=None
        The model of the map. None: the first one.

    dpi : float, default=150
        Pixels per inch.

    Raises
    ------
    ImportError
        If matplotlib, from the extra ``plot``, is not installed.
    ValueError
        If there is no such model.

    See Also
    --------
    ResidualDisplay : The same picture, to look at or to change.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sklearn_landslide.inspection import residual_autocorrelation
    >>> from sklearn_landslide.plotting import save_residuals
    >>> rng = np.random.default_rng(0)
    >>> places, y = rng.uniform(0, 1000, (100, 2)), rng.integers(0, 2, 100)
    >>> result = residual_autocorrelation(rng.uniform(size=100), y, places, random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     save_residuals(result, Path(folder, "residuals.png"))
    ...     Path(folder, "residuals.png").stat().st_size > 10_000
    True
    """
    axes = figure_class()(figsize=_SIZE, layout="constrained").subplots(1, 2)
    ResidualDisplay.from_result(result, model, axes=axes).figure_.savefig(path, dpi=dpi)
