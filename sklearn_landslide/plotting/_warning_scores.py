"""How good warnings are, in two pictures: performance, and economic value."""

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import escaped
from sklearn_landslide.plotting._axes import axes_or_new
from sklearn_landslide.plotting._legend import add_legend

# Okabe and Ito's colors, which the color-blind tell apart, and marks that need no color.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_CSI = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_BIAS = (0.25, 0.5, 1.0, 2.0, 4.0)
_NOTE = {"color": "0.45", "fontsize": "x-small", "ha": "right"}


class WarningScoresDisplay:
    """Performance diagram of warnings: events found against warnings that were right.

    POD over the success ratio, which is one minus the false alarm ratio [1]_. The curves are lines
    of one critical success index, the dotted rays of one frequency bias. A mark is a level; the
    line of a probability holds all its thresholds. Perfect warnings are in the upper right
    corner.

    It is recommended to use :meth:`from_scores`. All parameters are stored as attributes.

    Parameters
    ----------
    points : dict of str to pandas.DataFrame
        For each system of warnings, by its name, one row per level: ``pod`` and ``far``.

    curves : dict of str to pandas.DataFrame
        For those with probabilities, one row per threshold: ``pod`` and ``success_ratio``.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.warning.verify_warnings : The scores.

    References
    ----------
    .. [1] Roebber, P. J. (2009). Visualizing multiple measures of forecast quality. Weather and
       Forecasting 24, 601-608.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.plotting import WarningScoresDisplay
    >>> points = pd.DataFrame({"pod": [0.9, 0.5], "far": [0.7, 0.4]}, index=["yellow", "red"])
    >>> WarningScoresDisplay({"RF": points}, {}).plot().ax_.get_xlabel()
    'Success ratio: warnings followed by a landslide'
    """

    def __init__(self, points, curves):
        self.points = points
        self.curves = curves

    @classmethod
    def from_scores(cls, scores, *, ax=None):
        """Draw one or several verifications.

        Parameters
        ----------
        scores : WarningScores or dict of str to WarningScores
            What :func:`~sklearn_landslide.warning.verify_warnings` returns; several by their names.

        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`WarningScoresDisplay`
            With `figure_` and `ax_`.
        """
        scores = scores if isinstance(scores, dict) else {"": scores}
        points = {name: found.table[["pod", "far"]] for name, found in scores.items()}
        curves = {
            name: _performance(found)
            for name, found in scores.items()
            if "probability" in found.cells
        }
        return cls(points, curves).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the diagram.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`WarningScoresDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        ax = axes_or_new(ax, (5.6, 5.4))
        self.ax_, self.figure_ = ax, ax.figure
        self._lines_of_reference()
        handles, labels = [], []
        for place, (name, points) in enumerate(self.points.items()):
            color = _COLORS[place % len(_COLORS)]
            if name in self.curves:
                curve = self.curves[name]
                handles += ax.plot(curve["success_ratio"], curve["pod"], color=color, linewidth=1.4)
                labels.append(f"{escaped(name)} all thresholds".strip())
            for number, (level, row) in enumerate(points.dropna().iterrows()):
                mark = _MARKERS[number % len(_MARKERS)]
                style = {"color": color, "markeredgecolor": "white", "linestyle": "", "zorder": 4}
                handles += ax.plot(1 - row["far"], row["pod"], marker=mark, markersize=8, **style)
                labels.append(f"{escaped(name)} {escaped(level)} or above".strip())
        ax.set(
            xlim=(0, 1),
            ylim=(0, 1),
            aspect="equal",
            xlabel="Success ratio: warnings followed by a landslide",
            ylabel="POD: landslides that were warned of",
        )
        if handles:
            add_legend(
                ax,
                handles,
                labels,
                loc="upper center",
                bbox_to_anchor=(0.5, -0.13),
                ncols=2,
                frameon=False,
                fontsize="small",
            )
        return self

    def _lines_of_reference(self):
        """Lines of one critical success index, and of one bias."""
        for csi in _CSI:
            # 1 / csi = 1 / pod + 1 / success - 1
            success = np.linspace(csi, 1, 100)
            pod = 1 / (1 / csi - 1 / success + 1)
            self.ax_.plot(success, pod, color="0.8", linewidth=0.8, zorder=1)
            at = 2 * csi / (1 + csi)
            self.ax_.text(at, at, f"{csi:g}", color="0.5", fontsize="x-small", ha="center")
        for bias in _BIAS:
            end = min(1, 1 / bias)
            self.ax_.plot([0, end], [0, bias * end], color="0.8", linewidth=0.8, linestyle=":")
        self.ax_.text(0.98, 0.02, "gray: CSI; dotted: frequency bias 1/4 to 4", **_NOTE)


def _performance(scores):
    """POD and success ratio of all thresholds."""
    cells = scores.cells.sort_values("probability", ascending=False)
    probability, event = cells["probability"].to_numpy(), cells["event"].to_numpy()
    hits = np.cumsum(event)
    ends = np.append(probability[1:] != probability[:-1], True)
    warned = np.arange(1, event.size + 1)
    return pd.DataFrame({"pod": hits / hits[-1], "success_ratio": hits / warned})[ends]


class WarningValueDisplay:
    """Economic value of warnings to users of all ratios of cost to loss.

    Above 0, a user who acts on the warnings fares better than by always or never acting; 1 would be
    perfect warnings.

    It is recommended to use :meth:`from_scores`. All parameters are stored as attributes.

    Parameters
    ----------
    value : pandas.DataFrame of shape (n_users, n_rules)
        Indexed by the ratio of cost to loss; a column a rule.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.warning.relative_value : The value.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.plotting import WarningValueDisplay
    >>> value = pd.DataFrame({"yellow": [0.1, 0.4, -0.2]}, index=[0.01, 0.1, 0.5])
    >>> WarningValueDisplay(value).plot().ax_.get_xscale()
    'log'
    """

    def __init__(self, value):
        self.value = value

    @classmethod
    def from_scores(cls, scores, *, ax=None):
        """Draw the value of the levels and of the probability.

        Parameters
        ----------
        scores : WarningScores
            What :func:`~sklearn_landslide.warning.verify_warnings` returns.

        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`WarningValueDisplay`
            With `figure_` and `ax_`.
        """
        return cls(scores.value()).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`WarningValueDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        ax = axes_or_new(ax, (6.4, 4.2))
        self.ax_, self.figure_ = ax, ax.figure
        styles = ("-", "--", "-.", ":")
        for place, (name, values) in enumerate(self.value.items()):
            is_rule = name == "probability"
            label = "threshold of each user" if is_rule else f"{escaped(name)} or above"
            color = "black" if is_rule else _COLORS[place % len(_COLORS)]
            ax.plot(self.value.index, values, color=color, linestyle=styles[place % 4], label=label)
        ax.axhline(0, color="0.4", linewidth=0.8)
        low = float(np.clip(np.nanmin(self.value.to_numpy()), -0.3, 0)) - 0.02
        ax.set(
            xscale="log",
            ylim=(low, 1.02),
            xlabel="Cost of acting over the loss that it prevents",
            ylabel="Relative economic value",
        )
        ax.grid(color="0.92", linewidth=0.8)
        ax.set_axisbelow(True)
        handles, labels = ax.get_legend_handles_labels()
        add_legend(ax, handles, labels, frameon=False, fontsize="small")
        return self
