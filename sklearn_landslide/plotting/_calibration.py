"""Reliability diagram of several models, with what their probabilities look like."""

import numpy as np
from sklearn.calibration import calibration_curve

from sklearn_landslide._escaping import escaped
from sklearn_landslide._optional import import_optional
from sklearn_landslide.metrics import expected_calibration_error
from sklearn_landslide.plotting._comparison_curves import _legend_columns, _line
from sklearn_landslide.plotting._legend import add_legend


class CalibrationCurvesDisplay:
    """Reliability diagram of several models: do the probabilities mean what they say.

    The upper panel has the share of landslides over the mean probability in bins of similar
    probability, below the diagonal where a model says too much; the lower one how often each
    probability comes. It is recommended to use :meth:`from_comparison`. All parameters are
    stored as attributes.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where there is a landslide, 0 where there is none.

    probabilities : dict of str to array-like of shape (n_samples,)
        For each model, by its name, the probability of a landslide.

    n_bins : int, default=10
        Number of bins.

    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width, or with an equal number of rows.

    Attributes
    ----------
    curves : dict of str to tuple
        For each model the mean probability and the share of landslides of each bin that has
        rows, and the expected calibration error.
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_, ax_histogram_ : matplotlib Axes
        The axes of the two panels, after :meth:`plot`.

    See Also
    --------
    sklearn.calibration.CalibrationDisplay : The reliability diagram of one model.
    sklearn_landslide.metrics.expected_calibration_error : The error in the legend.

    Examples
    --------
    >>> from sklearn_landslide.plotting import CalibrationCurvesDisplay
    >>> display = CalibrationCurvesDisplay(
    ...     [0, 1, 1, 1], {"RF": [0.25, 0.25, 0.75, 0.75]}, n_bins=2
    ... )
    >>> probability, share, error = display.curves["RF"]
    >>> probability.tolist(), share.tolist(), error
    ([0.25, 0.75], [0.5, 1.0], 0.25)
    """

    def __init__(self, y_true, probabilities, *, n_bins=10, strategy="uniform"):
        if not probabilities:
            raise ValueError("There is no model to draw; got no probabilities.")
        self.y_true = np.asarray(y_true)
        self.probabilities = {name: np.asarray(values) for name, values in probabilities.items()}
        self.n_bins = n_bins
        self.strategy = strategy
        bins = {"n_bins": n_bins, "strategy": strategy}
        self.curves = {}
        for name, probability in self.probabilities.items():
            error = expected_calibration_error(self.y_true, probability, **bins)
            share, mean = calibration_curve(self.y_true, probability, pos_label=1, **bins)
            self.curves[name] = (mean, share, error)

    @classmethod
    def from_comparison(cls, comparison, *, n_bins=10, strategy="uniform", ax=None, **line_kwargs):
        """Draw the pooled out-of-fold probabilities of a comparison.

        Parameters
        ----------
        comparison : ModelComparison
            What :func:`~sklearn_landslide.compare_models` returns.

        n_bins : int, default=10
            Number of bins.

        strategy : {"uniform", "quantile"}, default="uniform"
            Bins of equal width, or with an equal number of rows.

        ax : pair of matplotlib Axes, default=None
            The axes of the diagram and of the histogram. None: a new figure.

        **line_kwargs : dict
            Passed to matplotlib for every curve, ``linewidth=1`` for instance.

        Returns
        -------
        display : :class:`CalibrationCurvesDisplay`
            With `figure_`, `ax_` and `ax_histogram_`.
        """
        tested = comparison.predictions.dropna(subset=["fold"])
        probabilities = {name: tested[name] for name in comparison.folds["model"].unique()}
        display = cls(tested["y_true"], probabilities, n_bins=n_bins, strategy=strategy)
        return display.plot(ax=ax, **line_kwargs)

    def plot(self, *, ax=None, **line_kwargs):
        """Draw the diagram and the histogram.

        Parameters
        ----------
        ax : pair of matplotlib Axes, default=None
            The axes of the diagram and of the histogram. None: a new figure.

        **line_kwargs : dict
            Passed to matplotlib for every curve, ``linewidth=1`` for instance.

        Returns
        -------
        display : :class:`CalibrationCurvesDisplay`
            With `figure_`, `ax_` and `ax_histogram_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        columns = _legend_columns(self.probabilities)
        if ax is None:
            pyplot = import_optional("matplotlib.pyplot", extra="plot")
            rows = -(-(len(self.probabilities) + 1) // columns)
            figure = pyplot.figure(figsize=(5.4, 6.9 + 0.21 * rows), layout="constrained")
            ax = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
        self.ax_, self.ax_histogram_ = ax
        self.figure_ = self.ax_.figure
        # Whatever else is drawn in these axes already.
        lines, _ = self.ax_.get_legend_handles_labels()
        for number, (name, (probability, share, error)) in enumerate(self.curves.items()):
            style = {
                "linewidth": 1.6,
                "marker": "o",
                "markersize": 4,
                **_line(number),
            } | line_kwargs
            label = f"{escaped(name)} (ECE = {error:.3f})"
            lines += self.ax_.plot(probability, share, label=label, **style)
            probability = self.probabilities[name]
            counts, edges = np.histogram(probability, bins=20, range=(0, 1))
            self.ax_histogram_.stairs(
                counts / probability.size, edges, color=style["color"], linestyle=style["linestyle"]
            )
        lines += self.ax_.plot(
            [0, 1], [0, 1], label="calibrated", color="0.55", linewidth=1, linestyle=(0, (1, 2))
        )
        self.ax_.set(ylabel="Share of landslides", xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
        self.ax_histogram_.set(
            xlabel="Probability of a landslide", ylabel="Share of rows", xlim=(-0.01, 1.01)
        )
        for panel in ax:
            panel.grid(color="0.9", linewidth=0.8)
            panel.set_axisbelow(True)
        add_legend(
            self.ax_histogram_,
            lines,
            [line.get_label() for line in lines],
            loc="upper center",
            bbox_to_anchor=(0.5, -0.45),
            ncols=columns,
            frameon=False,
            handlelength=2.8,
        )
        return self
