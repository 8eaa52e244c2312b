"""What each factor is worth, in one picture."""

import numpy as np

from sklearn_landslide._escaping import escaped
from sklearn_landslide.plotting._axes import axes_or_new
from sklearn_landslide.plotting._comparison_curves import figure_class
from sklearn_landslide.plotting._legend import add_legend
from sklearn_landslide.robustness import HEADINGS

_LABELS = {False: "shuffled alone", True: "beyond the other factors"}
_COLORS = {False: "#0072B2", True: "#D55E00"}
_MARKERS = {False: "o", True: "D"}
_APART = 0.18
_LONGEST_NAME = 30


def _size(n_factors):
    """Width and height of a figure, in inches."""
    return 6.8, 1.5 + 0.34 * n_factors


def _short(name):
    """Show a name on one line of bounded length."""
    name = escaped(name)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


class FactorImportanceDisplay:
    """Loss of skill on unseen rows when a factor is shuffled, the most important one on top.

    A point a factor with its 95 % interval; open where the interval holds 0, so that the factor
    cannot be told from one without any use. Where factors were shuffled in both ways, alone and
    within strata of the others, the points are one above the other.

    It is recommended to use :meth:`from_importance`. All parameters are stored as attributes.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per factor and way of shuffling: ``factor``, ``conditional``, ``mean``, ``low`` and
        ``high``, the last two missing where there was one fold.

    scoring : str
        Name of the score.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.inspection.factor_importance : The numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.plotting import FactorImportanceDisplay
    >>> table = pd.DataFrame(
    ...     {"factor": ["twi", "slope"], "conditional": False, "mean": [0.01, 0.1],
    ...      "low": [-0.01, 0.08], "high": [0.03, 0.12]}
    ... )
    >>> display = FactorImportanceDisplay(table, "roc_auc").plot()
    >>> [text.get_text() for text in display.ax_.get_yticklabels()]
    ['slope', 'twi']
    """

    def __init__(self, table, scoring):
        self.table = table
        self.scoring = scoring

    @classmethod
    def from_importance(cls, importance, *, n_factors=20, ax=None):
        """Draw what factors are worth.

        Parameters
        ----------
        importance : FactorImportance
            What :func:`~sklearn_landslide.inspection.factor_importance` returns.

        n_factors : int, default=20
            Number of factors, the most important ones.

        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`FactorImportanceDisplay`
            With `figure_` and `ax_`.
        """
        return cls._of(importance, n_factors).plot(ax=ax)

    @classmethod
    def _of(cls, importance, n_factors):
        if n_factors < 1:
            raise ValueError(f"n_factors={n_factors!r} must be at least 1.")
        table = importance.table
        shown = _in_order(table)[:n_factors]
        return cls(table[table["factor"].isin(shown)], importance.scoring)

    def plot(self, *, ax=None):
        """Draw a point with its interval for each factor.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`FactorImportanceDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        names = _in_order(self.table)
        ax = axes_or_new(ax, _size(len(names)))
        self.ax_, self.figure_ = ax, ax.figure
        place_of = {name: place for place, name in enumerate(names)}
        kinds = sorted(set(self.table["conditional"].astype(bool)))
        handles = []
        for number, kind in enumerate(kinds):
            rows = self.table[self.table["conditional"] == kind]
            shift = _APART * (2 * number - 1) if len(kinds) > 1 else 0.0
            places = rows["factor"].map(place_of).to_numpy(dtype=float) + shift
            handles.append(self._draw(rows, places, kind))
        ax.axvline(0, color="0.4", linewidth=1, zorder=0)
        ax.set_yticks(range(len(names)), [_short(name) for name in names])
        for text in ax.get_yticklabels():
            text.set_parse_math(False)
        ax.set_ylim(len(names) - 0.4, -0.6)
        heading = HEADINGS.get(self.scoring, self.scoring)
        ax.set_xlabel(f"Loss of {escaped(heading)} on unseen rows")
        ax.grid(axis="x", color="0.92", linewidth=0.8)
        ax.set_axisbelow(True)
        labels = [_LABELS[kind] for kind in kinds]
        (hollow,) = ax.plot([], [], "o", color="0.3", markerfacecolor="white", linestyle="none")
        add_legend(
            ax,
            [*handles, hollow],
            [*labels, "cannot be told from 0"],
            frameon=False,
            fontsize="small",
            loc="lower right",
        )
        return self

    def _draw(self, rows, places, kind):
        """Draw the points of one way of shuffling, and return what the legend shows."""
        color = _COLORS[kind]
        low, high = (rows[end].fillna(rows["mean"]).to_numpy() for end in ("low", "high"))
        self.ax_.hlines(places, low, high, color=color, linewidth=2)
        is_open = np.asarray((rows["low"] <= 0) & (rows["high"] >= 0))
        for which, fill in ((~is_open, color), (is_open, "white")):
            self.ax_.plot(
                rows["mean"].to_numpy()[which],
                places[which],
                _MARKERS[kind],
                color=color,
                markerfacecolor=fill,
                markersize=6,
            )
        (handle,) = self.ax_.plot([], [], marker=_MARKERS[kind], color=color, linewidth=2)
        return handle


def _in_order(table):
    """Names of the factors, by the loss when shuffled alone if there is one, the greatest first."""
    first = table[table["conditional"] == table["conditional"].min()]
    return first.sort_values("mean", ascending=False, kind="stable")["factor"].tolist()


def save_factor_importance(importance, path, *, n_factors=20, dpi=150):
    """Draw what each factor is worth into a file, without a window or an open figure.

    Parameters
    ----------
    importance : FactorImportance
        What :func:`~sklearn_landslide.inspection.factor_importance` returns.

    path : str or path-like
        The picture; its ending (``.png``, ``.pdf``, ``.svg``) says the format.

    n_factors : int, default=20
        Number of factors at most, the most important ones.

    dpi : float, default=150
        Pixels per inch.

    Raises
    ------
    ImportError
        If matplotlib, from the extra ``plot``, is not installed.
    ValueError
        For `n_factors` below 1.

    See Also
    --------
    FactorImportanceDisplay : The same picture, to look at or to change.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.inspection import factor_importance
    >>> from sklearn_landslide.plotting import save_factor_importance
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(90, 2)), columns=["slope", "twi"])
    >>> y = (X["slope"] > 0).astype(int)
    >>> importance = factor_importance(LogisticRegression(), X, y, cv=3, random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     save_factor_importance(importance, Path(folder, "importance.png"))
    ...     Path(folder, "importance.png").stat().st_size > 10_000
    True
    """
    display = FactorImportanceDisplay._of(importance, n_factors)
    size = _size(display.table["factor"].nunique())
    display.plot(ax=figure_class()(figsize=size, layout="constrained").subplots())
    display.figure_.savefig(path, dpi=dpi)
