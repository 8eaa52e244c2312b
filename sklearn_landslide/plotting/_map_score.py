"""The prediction-rate curve of a map by later landslides."""

import numpy as np

from sklearn_landslide.plotting._axes import axes_or_new
from sklearn_landslide.plotting._comparison_curves import figure_class
from sklearn_landslide.plotting._legend import add_legend

_COLOR = "#0072B2"


class MapScoreDisplay:
    """Share of later landslides over the most susceptible share of a map.

    It is recommended to use :meth:`from_score`. All parameters are stored as attributes.

    Parameters
    ----------
    curve : DataFrame of shape (n_shares, 4)
        ``area_share``, ``landslide_share``, ``lower`` and ``upper``.
    capture : DataFrame of shape (n_points, 4)
        The same at the shares that get a point and a number.
    auc : float
        ROC-AUC, for the legend.
    confidence_level : float, default=0.95
        Level of the band.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes, after :meth:`plot`.

    See Also
    --------
    RateCurveDisplay : Prediction-rate curves of models on a table.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.plotting import MapScoreDisplay
    >>> share = np.linspace(0, 1, 5)
    >>> curve = pd.DataFrame({"area_share": share, "landslide_share": share**0.5})
    >>> curve = curve.assign(lower=share, upper=1.0)
    >>> MapScoreDisplay(curve, curve.iloc[1:3], auc=0.7).auc
    0.7
    """

    def __init__(self, curve, capture, auc, *, confidence_level=0.95):
        self.curve = curve
        self.capture = capture
        self.auc = auc
        self.confidence_level = confidence_level

    @classmethod
    def from_score(cls, score, *, ax=None):
        """Draw the curve of a score.

        Parameters
        ----------
        score : MapScore
            What :func:`~sklearn_landslide.mapping.score_map` returns.
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`MapScoreDisplay`
            With `figure_` and `ax_`.
        """
        auc = float(score.scores.loc["roc_auc", "value"])
        made = cls(score.curve, score.capture, auc, confidence_level=score.confidence_level)
        return made.plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`MapScoreDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        ax = axes_or_new(ax, (5.4, 5.8))
        self.ax_, self.figure_ = ax, ax.figure
        curve, capture = self.curve, self.capture
        ax.fill_between(
            *(curve[name] for name in ("area_share", "lower", "upper")),
            color=_COLOR,
            alpha=0.18,
            linewidth=0,
            label=f"{self.confidence_level:.0%} of the curves of landslides drawn again",
        )
        label = f"later landslides (ROC-AUC = {self.auc:.3f})"
        ax.plot(curve["area_share"], curve["landslide_share"], color=_COLOR, label=label)
        gray = {"color": "0.55", "linewidth": 1, "linestyle": (0, (1, 2))}
        ax.plot([0, 1], [0, 1], label="chance level (ROC-AUC = 0.500)", **gray)
        ax.plot(capture["area_share"], capture["landslide_share"], "o", color=_COLOR, ms=5)
        for x, y in capture[["area_share", "landslide_share"]].to_numpy():
            # To the lower right, where the curve is not.
            ax.annotate(
                f"{x:.0%}: {y:.0%}", (x, y), (7, -9), textcoords="offset points", fontsize=8
            )
        ax.set(
            xlabel="Share of the mapped ground, the most susceptible first",
            ylabel="Share of the later landslides",
            xlim=(-0.01, 1.01),
            ylim=(-0.01, 1.01),
            xticks=np.linspace(0, 1, 6),
        )
        ax.grid(color="0.9", linewidth=0.8)
        ax.set_axisbelow(True)
        lines, labels = ax.get_legend_handles_labels()
        add_legend(
            ax,
            lines,
            labels,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.12),
            ncols=1,
            frameon=False,
        )
        return self


def save_map_score(score, path, *, dpi=150):
    """Draw the curve of a score into a file, without a window or an open figure.

    Parameters
    ----------
    score : MapScore
        What :func:`~sklearn_landslide.mapping.score_map` returns.
    path : str or path-like
        The picture; its ending (``.png``, ``.pdf``, ``.svg``) says the format.
    dpi : float, default=150
        Pixels per inch; the picture is 5.4 inches wide.

    Raises
    ------
    ImportError
        If matplotlib, from the extra ``plot``, is not installed.

    See Also
    --------
    MapScoreDisplay : The same picture, to look at or to change.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np, rioxarray, xarray
    >>> from sklearn_landslide.mapping import score_map
    >>> from sklearn_landslide.plotting import save_map_score
    >>> cells = {"y": [25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    >>> probability = xarray.DataArray(np.arange(9.0).reshape(3, 3) / 9, cells, ["y", "x"])
    >>> score = score_map(probability.rio.write_crs("EPSG:32717"), [[25, 5], [15, 5]])
    >>> with TemporaryDirectory() as folder:
    ...     save_map_score(score, Path(folder, "curve.png"))
    ...     Path(folder, "curve.png").stat().st_size > 10_000
    True
    """
    axes = figure_class()(figsize=(5.4, 5.8), layout="constrained").subplots()
    MapScoreDisplay.from_score(score, ax=axes).figure_.savefig(path, dpi=dpi)
