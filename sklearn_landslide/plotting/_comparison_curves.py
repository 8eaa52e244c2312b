"""ROC and precision-recall curves of a comparison, side by side."""

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from sklearn_landslide._escaping import escaped
from sklearn_landslide._optional import import_optional
from sklearn_landslide.plotting._legend import add_legend

# Colors that stay apart for every kind of color vision (Wong 2011); black comes last, as
# it is taken for the frame. Line styles tell them apart in gray as well.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_STYLES = ("-", (0, (6, 1.5)), (0, (4, 1.2, 1, 1.2)), (0, (1.5, 1)), (0, (3, 1, 1, 1, 1, 1)))


def _line(number):
    """Color and style of the line with a number; the pair repeats after 35 lines."""
    return {"color": _COLORS[number % len(_COLORS)], "linestyle": _STYLES[number % len(_STYLES)]}


def _legend_columns(names, fold_means=None):
    """Two columns of legend for short names with one figure, else one."""
    return 2 if max(map(len, names)) < 16 and not fold_means else 1


def _new_axes(make_figure, display):
    """Two square panels, in a figure high enough for the legends below them."""
    names = display.probabilities
    rows = -(-(len(names) + 1) // _legend_columns(names, display.fold_means))
    figure = make_figure(figsize=(10.5, 5.4 + 0.21 * rows), layout="constrained")
    return figure.subplots(1, 2)


def figure_class():
    """Get matplotlib's Figure, which needs no display and no closing, or say what is missing."""
    return import_optional("matplotlib.figure", extra="plot").Figure


class ComparisonCurvesDisplay:
    """ROC and precision-recall curves of several models, side by side.

    It is recommended to use :meth:`from_comparison`. All parameters are stored
    as attributes.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        The labels: 1 for landslide, 0 for none.

    probabilities : dict of str to array-like of shape (n_samples,)
        For each model, by its name, the probability of a landslide.

    fold_means : dict of str to dict of str to float, default=None
        For each model the means over the folds, ``roc_auc`` and ``pr_auc``, where the rows are
        those of several folds: the legend then gives both, the pooled figure and the mean.

    Attributes
    ----------
    roc : dict of str to tuple
        For each model the false positive rates, the true positive rates and the area
        under the curve.
    pr : dict of str to tuple
        For each model the recalls, the precisions and the average precision.
    prevalence : float
        The share of landslides: the precision of a model that knows nothing.
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_roc_, ax_pr_ : matplotlib Axes
        The axes of the two panels, after :meth:`plot`.

    See Also
    --------
    sklearn.metrics.RocCurveDisplay : The ROC curve of one model.
    sklearn.metrics.PrecisionRecallDisplay : The precision-recall curve of one model.

    Notes
    -----
    The predictions of all test folds are pooled, and each model has one curve. Its
    area may differ from the mean of the areas of the folds, as models of different folds
    need not agree on the scale of their probabilities; so the legend gives both.

    References
    ----------
    B. Wong, "Points of view: Color blindness", Nature Methods 8, 441 (2011).

    Examples
    --------
    >>> from sklearn_landslide.plotting import ComparisonCurvesDisplay
    >>> display = ComparisonCurvesDisplay(
    ...     [0, 0, 1, 1], {"RF": [0.1, 0.4, 0.35, 0.8], "LR": [0.2, 0.1, 0.6, 0.7]}
    ... )
    >>> {name: float(area) for name, (_, _, area) in display.roc.items()}
    {'RF': 0.75, 'LR': 1.0}
    """

    def __init__(self, y_true, probabilities, *, fold_means=None):
        y_true = np.asarray(y_true)
        if set(np.unique(y_true)) != {0, 1}:
            raise ValueError(
                "Curves need the labels 1 (landslide) and 0 (none), both; got "
                f"{np.unique(y_true)[:5].tolist()}."
            )
        if not probabilities:
            raise ValueError("There is no model to draw; got no probabilities.")
        self.y_true = y_true
        self.probabilities = {name: np.asarray(values) for name, values in probabilities.items()}
        self.fold_means = fold_means
        self.prevalence = float(np.mean(y_true))
        self.roc, self.pr = {}, {}
        for name, probability in self.probabilities.items():
            false, true, _ = roc_curve(y_true, probability)
            self.roc[name] = (false, true, float(roc_auc_score(y_true, probability)))
            precision, recall, _ = precision_recall_curve(
                y_true, probability, drop_intermediate=True
            )
            area = float(average_precision_score(y_true, probability))
            self.pr[name] = (recall, precision, area)

    @classmethod
    def from_comparison(cls, comparison, *, ax=None, **line_kwargs):
        """Draw the pooled out-of-fold predictions of a comparison.

        Parameters
        ----------
        comparison : ModelComparison
            What :func:`~sklearn_landslide.compare_models` returns.

        ax : pair of matplotlib Axes, default=None
            The axes of the ROC and of the precision-recall panel. None: a new figure.

        **line_kwargs : dict
            Passed to matplotlib for every curve, ``linewidth=1`` for instance.

        Returns
        -------
        display : :class:`ComparisonCurvesDisplay`
            With `figure_`, `ax_roc_` and `ax_pr_`.
        """
        return cls._of(comparison).plot(ax=ax, **line_kwargs)

    @classmethod
    def _of(cls, comparison):
        """Make the display of a comparison without drawing it."""
        tested = comparison.predictions.dropna(subset=["fold"])
        probabilities = {name: tested[name] for name in comparison.folds["model"].unique()}
        means = None
        if tested["fold"].nunique() > 1:
            there = [name for name in ("roc_auc", "pr_auc") if name in comparison.metrics]
            means = comparison.table[there].to_dict("index")
        return cls(tested["y_true"], probabilities, fold_means=means)

    def _area(self, name, metric, short, area):
        """Write the area of a curve, and beside it the mean over the folds, if there is one."""
        if self.fold_means is None:
            return f"{short} = {area:.3f}"
        mean = self.fold_means.get(name, {}).get(metric, np.nan)
        beside = "" if np.isnan(mean) else f"; folds {mean:.3f}"
        return f"{short} pooled {area:.3f}{beside}"

    def plot(self, *, ax=None, **line_kwargs):
        """Draw the curves.

        Parameters
        ----------
        ax : pair of matplotlib Axes, default=None
            The axes of the ROC and of the precision-recall panel. None: a new figure.

        **line_kwargs : dict
            Passed to matplotlib for every curve, ``linewidth=1`` for instance.

        Returns
        -------
        display : :class:`ComparisonCurvesDisplay`
            With `figure_`, `ax_roc_` and `ax_pr_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        if ax is None:
            pyplot = import_optional("matplotlib.pyplot", extra="plot")
            ax = _new_axes(pyplot.figure, self)
        self.ax_roc_, self.ax_pr_ = ax
        self.figure_ = self.ax_roc_.figure
        # Whatever else is drawn in these axes already.
        entries = [panel.get_legend_handles_labels()[0] for panel in ax]
        chance_level = {"color": "0.55", "linewidth": 1, "linestyle": (0, (1, 2))}
        self.ax_roc_.plot([0, 1], [0, 1], label="chance level (AUC = 0.500)", **chance_level)
        label = f"chance level (AP = {self.prevalence:.3f})"
        self.ax_pr_.plot([0, 1], [self.prevalence] * 2, label=label, **chance_level)
        for number, name in enumerate(self.probabilities):
            style = {"linewidth": 1.6, **_line(number), **line_kwargs}
            false, true, area = self.roc[name]
            said = self._area(name, "roc_auc", "AUC", area)
            self.ax_roc_.plot(false, true, label=f"{escaped(name)} ({said})", **style)
            recall, precision, area = self.pr[name]
            # Precision does not change between two recalls: steps, no slopes.
            style["drawstyle"] = "steps-post"
            said = self._area(name, "pr_auc", "AP", area)
            self.ax_pr_.plot(recall, precision, label=f"{escaped(name)} ({said})", **style)
        self.ax_roc_.set(title="ROC", xlabel="False positive rate", ylabel="True positive rate")
        self.ax_pr_.set(title="Precision-recall", xlabel="Recall", ylabel="Precision")
        for panel, before in zip(ax, entries, strict=True):
            panel.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
            panel.grid(color="0.9", linewidth=0.8)
            panel.set_axisbelow(True)
            # Below the panel no curve is ever hidden, whatever its shape.
            chance, *curves = panel.lines[-len(self.probabilities) - 1 :]
            lines = [*before, *curves, chance]
            add_legend(
                panel,
                lines,
                [line.get_label() for line in lines],
                loc="upper center",
                bbox_to_anchor=(0.5, -0.12),
                ncols=_legend_columns(self.probabilities, self.fold_means),
                frameon=False,
                handlelength=2.8,
            )
        return self


def save_comparison_curves(comparison, path, *, dpi=150, title=None):
    """Draw the curves of a comparison into a file, without a window or an open figure.

    Parameters
    ----------
    comparison : ModelComparison
        What :func:`~sklearn_landslide.compare_models` returns.

    path : str or path-like
        The picture; its ending (``.png``, ``.pdf``, ``.svg``) says the format.

    dpi : float, default=150
        Pixels per inch; the picture is 10.5 inches wide.

    title : str, default=None
        Stands above the picture.

    Raises
    ------
    ImportError
        If matplotlib, from the extra ``plot``, is not installed.

    See Also
    --------
    ComparisonCurvesDisplay : The same picture, to look at or to change.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide import compare_models
    >>> from sklearn_landslide.plotting import save_comparison_curves
    >>> X, y = make_classification(80, 4, random_state=0)
    >>> comparison = compare_models({"LR": LogisticRegression()}, X, y, cv=3, random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     save_comparison_curves(comparison, Path(folder, "curves.png"))
    ...     Path(folder, "curves.png").stat().st_size > 10_000
    True
    """
    display = ComparisonCurvesDisplay._of(comparison)
    figure = display.plot(ax=_new_axes(figure_class(), display)).figure_
    if title is not None:
        figure.suptitle(title)
    figure.savefig(path, dpi=dpi)
