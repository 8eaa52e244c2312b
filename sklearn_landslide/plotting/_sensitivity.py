"""What each perturbation costs each model: lines over the levels, dots for single factors."""

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import escaped
from sklearn_landslide._optional import import_optional
from sklearn_landslide.plotting._axes import new_panels
from sklearn_landslide.plotting._comparison_curves import _line, figure_class
from sklearn_landslide.plotting._legend import add_legend
from sklearn_landslide.robustness import HEADINGS

# More names than these would not be readable; the costliest are drawn.
_MOST_NAMES = 12
_MARKERS = "osD^vPX"


def _new_axes(make_figure, n_panels):
    """Panels in a figure with room for a legend below them."""
    return new_panels(make_figure, n_panels, panel=(3.6, 2.9), margin=(1, 0.9))


def _is_of_names(levels):
    """Say whether levels are names."""
    return any(isinstance(level, str) for level in levels)


class SensitivityDisplay:
    """What each perturbation costs each model, one panel a perturbation.

    Numbers as levels give a line for each model with a band of one standard error; names, such as
    the factor left out, give dots with bars, the costliest at the top. All panels show the same
    range of losses.

    It is recommended to use :meth:`from_result`. All parameters are stored as attributes.

    Parameters
    ----------
    summary : pandas.DataFrame
        ``model``, ``perturbation``, ``level``, ``loss`` and ``standard_error``, of one metric.

    axes : dict of str to str, default=None
        What a level is, by perturbation.

    neutral : dict of str to float, default=None
        The level without any loss, by perturbation, where there is one: lines begin there.

    metric : str, default="roc_auc"
        What the loss is of.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    axes_ : list of matplotlib Axes
        The panels, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.robustness.sensitivity : Finds the losses.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.plotting import SensitivityDisplay
    >>> summary = pd.DataFrame(
    ...     {
    ...         "model": "RF",
    ...         "perturbation": "wrong labels",
    ...         "level": [0.1, 0.2],
    ...         "loss": [0.01, 0.03],
    ...         "standard_error": [0.004, 0.006],
    ...     }
    ... )
    >>> display = SensitivityDisplay(summary, neutral={"wrong labels": 0.0})
    >>> display.line("wrong labels", "RF")["loss"].tolist()
    [0.0, 0.01, 0.03]
    """

    def __init__(self, summary, *, axes=None, neutral=None, metric="roc_auc"):
        if not len(summary):
            raise ValueError("There is no loss to draw: no perturbation was done.")
        self.summary = summary
        self.axes = axes
        self.neutral = neutral
        self.metric = metric

    @classmethod
    def from_result(cls, result, metric="roc_auc", *, ax=None, **line_kwargs):
        """Draw what a study found.

        Parameters
        ----------
        result : SensitivityResult
            What :func:`~sklearn_landslide.robustness.sensitivity` returns.

        metric : str, default="roc_auc"
            One of its metrics.

        ax : sequence of matplotlib Axes, default=None
            One a perturbation. None: a new figure.

        **line_kwargs : dict
            Passed to matplotlib for every line, ``linewidth=1`` for instance.

        Returns
        -------
        display : :class:`SensitivityDisplay`
            With `figure_` and `axes_`.
        """
        return cls._of(result, metric).plot(ax=ax, **line_kwargs)

    @classmethod
    def _of(cls, result, metric):
        return cls(
            result.summary(metric),
            axes={one.name: one.axis for one in result.perturbations},
            neutral={
                one.name: one.neutral for one in result.perturbations if one.neutral is not None
            },
            metric=metric,
        )

    def line(self, perturbation, model):
        """Return the losses that make a line, by increasing level.

        Parameters
        ----------
        perturbation, model : str
            Names.

        Returns
        -------
        losses : pandas.DataFrame
            ``level``, ``loss`` and ``standard_error``, beginning with the level without a loss
            where there is one.
        """
        of_line = (self.summary["perturbation"] == perturbation) & (self.summary["model"] == model)
        losses = self.summary.loc[of_line, ["level", "loss", "standard_error"]]
        losses = losses.astype(np.float64)
        start = (self.neutral or {}).get(perturbation)
        if start is not None and start not in losses["level"].to_numpy():
            first = pd.DataFrame({"level": [start], "loss": [0.0], "standard_error": [0.0]})
            losses = pd.concat([first, losses])
        return losses.sort_values("level", ignore_index=True)

    def plot(self, *, ax=None, **line_kwargs):
        """Draw the losses.

        Parameters
        ----------
        ax : sequence of matplotlib Axes, default=None
            One a perturbation. None: a new figure.

        **line_kwargs : dict
            Passed to matplotlib for every line, ``linewidth=1`` for instance.

        Returns
        -------
        display : :class:`SensitivityDisplay`
            With `figure_` and `axes_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        ValueError
            For fewer axes than perturbations.
        """
        if ax is not None:
            return self._draw(ax, is_new=False, **line_kwargs)
        pyplot = import_optional("matplotlib.pyplot", extra="plot")
        n_panels = self.summary["perturbation"].nunique()
        return self._draw(_new_axes(pyplot.figure, n_panels), is_new=True, **line_kwargs)

    def _draw(self, ax, *, is_new, **line_kwargs):
        """Draw into axes, which are of a new figure, or of somebody's."""
        names = list(dict.fromkeys(self.summary["perturbation"]))
        panels = list(np.ravel(ax))
        if len(panels) < len(names):
            raise ValueError(f"{len(names)} perturbations need as many axes, got {len(panels)}.")
        self.axes_ = panels[: len(names)]
        self.figure_ = panels[0].figure
        models = list(dict.fromkeys(self.summary["model"]))
        low, high = self._range()
        for panel, name in zip(self.axes_, names, strict=True):
            part = self.summary[self.summary["perturbation"] == name]
            heading = f"Loss of {HEADINGS.get(self.metric, self.metric)}"
            zero = {"color": "0.55", "linewidth": 1, "linestyle": (0, (1, 2)), "zorder": 1}
            if _is_of_names(part["level"]):
                handles = self._dots(panel, part, models)
                panel.axvline(0, **zero)
                panel.set(xlim=(low, high), xlabel=heading)
            else:
                handles = self._lines(panel, name, models, line_kwargs)
                panel.axhline(0, **zero)
                panel.set(ylim=(low, high), ylabel=heading, xlabel=(self.axes or {}).get(name, ""))
            title = panel.set_title(escaped(name), fontsize="medium")
            title.set_parse_math(False)
            panel.grid(color="0.9", linewidth=0.8)
            panel.set_axisbelow(True)
        legend = {"frameon": False, "handlelength": 2.8}
        if is_new:
            # Below all panels, where it hides no line.
            legend |= {"loc": "outside lower center", "ncols": min(len(models), 5)}
        add_legend(self.figure_ if is_new else self.axes_[0], handles, models, **legend)
        return self

    def _range(self):
        """Range of losses that holds all bands."""
        error = self.summary["standard_error"].fillna(0)
        low = min(0, (self.summary["loss"] - error).min())
        high = max(0, (self.summary["loss"] + error).max())
        margin = 0.05 * ((high - low) or 1)
        return low - margin, high + margin

    def _lines(self, panel, name, models, line_kwargs):
        """Draw a line with its band for each model."""
        handles = []
        for number, model in enumerate(models):
            losses = self.line(name, model)
            style = {"linewidth": 1.6, "markersize": 4, **_line(number), **line_kwargs}
            marker = _MARKERS[number % len(_MARKERS)]
            handles += panel.plot(losses["level"], losses["loss"], marker=marker, **style)
            panel.fill_between(
                losses["level"],
                losses["loss"] - losses["standard_error"],
                losses["loss"] + losses["standard_error"],
                color=style["color"],
                alpha=0.15,
                linewidth=0,
            )
        return handles

    def _dots(self, panel, part, models):
        """Draw a dot with its bar for each model and name."""
        order = part.groupby("level", sort=False)["loss"].mean().sort_values(ascending=False)
        names = order.index[:_MOST_NAMES].tolist()
        handles = []
        for number, model in enumerate(models):
            own = part[part["model"] == model].set_index("level").reindex(names)
            # One above the other, or bars would hide each other.
            heights = np.arange(len(names)) + 0.6 * (number - (len(models) - 1) / 2) / len(models)
            color = _line(number)["color"]
            loss, error = own[["loss", "standard_error"]].astype(np.float64).to_numpy().T
            bars = panel.errorbar(
                loss,
                heights,
                xerr=np.nan_to_num(error),
                fmt=_MARKERS[number % len(_MARKERS)],
                color=color,
                markersize=4,
                elinewidth=1.2,
            )
            handles.append(bars.lines[0])
        panel.set_yticks(range(len(names)), [escaped(str(name)) for name in names])
        for label in panel.get_yticklabels():
            label.set_parse_math(False)
        panel.set_ylim(len(names) - 0.5, -0.5)
        if len(order) > len(names):
            panel.set_ylabel(f"{len(names)} costliest of {len(order)}")
        return handles


def save_sensitivity(result, path, metric="roc_auc", *, dpi=150):
    """Draw what a study of sensitivity found into a file, without a window or an open figure.

    Parameters
    ----------
    result : SensitivityResult
        What :func:`~sklearn_landslide.robustness.sensitivity` returns.

    path : str or path-like
        The picture; its ending (``.png``, ``.pdf``, ``.svg``) says the format.

    metric : str, default="roc_auc"
        One of its metrics.

    dpi : float, default=150
        Pixels per inch.

    Raises
    ------
    ImportError
        If matplotlib, from the extra ``plot``, is not installed.

    See Also
    --------
    SensitivityDisplay : The same picture, to look at or to change.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.plotting import save_sensitivity
    >>> from sklearn_landslide.robustness import FewerRows, sensitivity
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(90, 2)), columns=["slope", "twi"])
    >>> y = (X["slope"] > 0).astype(int)
    >>> result = sensitivity(
    ...     LogisticRegression(), X, y, cv=3, perturbations=[FewerRows()], random_state=0
    ... )
    >>> with TemporaryDirectory() as folder:
    ...     save_sensitivity(result, Path(folder, "sensitivity.png"))
    ...     Path(folder, "sensitivity.png").stat().st_size > 10_000
    True
    """
    display = SensitivityDisplay._of(result, metric)
    display._draw(_new_axes(figure_class(), len(result.perturbations)), is_new=True)
    display.figure_.savefig(path, dpi=dpi)
