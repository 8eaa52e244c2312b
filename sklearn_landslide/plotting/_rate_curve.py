"""Success-rate and prediction-rate curves, with their bootstrap bands."""

import numpy as np

from sklearn_landslide._escaping import escaped
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.metrics import rate_curve, rate_curve_auc, rate_curve_band
from sklearn_landslide.plotting._axes import axes_or_new
from sklearn_landslide.plotting._comparison_curves import _legend_columns, _line
from sklearn_landslide.plotting._legend import add_legend


class RateCurveDisplay:
    """Share of the landslides over the most susceptible share of the area.

    It is recommended to use :meth:`from_predictions` or :meth:`from_comparison`. All parameters
    are stored as attributes.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where there is a landslide, 0 where there is none.

    probabilities : dict of str to array-like of shape (n_samples,)
        For each model, by its name, the probability of a landslide.

    area : array-like of shape (n_samples,), default=None
        Area of each row, in any unit. None: the same for all.

    n_resamples : int, default=1000
        Number of draws for the band; 0 for no band.

    confidence_level : float, default=0.95
        Level of the band.

    random_state : int, RandomState instance or None, default=None
        Seed of the draws, which are the same for all models.

    Attributes
    ----------
    curves : dict of str to tuple
        For each model the shares of area, the shares of landslides and the area under the curve.
    bands : dict of str to RateCurveBand
        For each model its band; empty without resampling.
    best : tuple
        The curve that ranks all landslides first, and the area under it: no model reaches
        further up.
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.metrics.rate_curve : The curve in numbers, and what it means.
    sklearn_landslide.metrics.rate_curve_band : The band.

    References
    ----------
    C.-J. F. Chung and A. G. Fabbri, "Validation of spatial prediction models for landslide
    hazard mapping", Natural Hazards 30, 451-472, 2003.

    Examples
    --------
    >>> from sklearn_landslide.plotting import RateCurveDisplay
    >>> display = RateCurveDisplay(
    ...     [0, 0, 1, 1], {"RF": [0.1, 0.4, 0.35, 0.8], "LR": [0.2, 0.1, 0.6, 0.7]},
    ...     random_state=0,
    ... )
    >>> {name: auc for name, (_, _, auc) in display.curves.items()}
    {'RF': 0.625, 'LR': 0.75}
    >>> display.best[2]
    0.75
    """

    def __init__(
        self,
        y_true,
        probabilities,
        *,
        area=None,
        n_resamples=1000,
        confidence_level=0.95,
        random_state=None,
    ):
        if not probabilities:
            raise ValueError("There is no model to draw; got no probabilities.")
        self.y_true = np.asarray(y_true)
        self.probabilities = {name: np.asarray(values) for name, values in probabilities.items()}
        self.area = None if area is None else np.asarray(area)
        self.n_resamples = n_resamples
        self.confidence_level = confidence_level
        self.random_state = random_state
        self.best = self._curve(self.y_true)
        self.curves = {
            name: self._curve(probability) for name, probability in self.probabilities.items()
        }
        self.bands = {}
        # One seed for all: the models' bands differ by the models, not by the draws.
        (seed,) = draw_seeds(random_state, 1)
        for name, probability in self.probabilities.items() if n_resamples else ():
            self.bands[name] = rate_curve_band(
                self.y_true,
                probability,
                area=self.area,
                confidence_level=confidence_level,
                n_resamples=n_resamples,
                random_state=seed,
            )

    def _curve(self, probability):
        """Return both axes of a curve, and the area under it."""
        x, y, _ = rate_curve(self.y_true, probability, area=self.area)
        return x, y, rate_curve_auc(self.y_true, probability, area=self.area)

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_prob,
        *,
        area=None,
        name="model",
        n_resamples=1000,
        confidence_level=0.95,
        random_state=None,
        ax=None,
        **line_kwargs,
    ):
        """Draw the curve of one model.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            1 where there is a landslide, 0 where there is none.

        y_prob : array-like of shape (n_samples,)
            Probability of a landslide.

        area : array-like of shape (n_samples,), default=None
            Area of each row, in any unit. None: the same for all.

        name : str, default="model"
            Name in the legend.

        n_resamples : int, default=1000
            Number of draws for the band; 0 for no band.

        confidence_level : float, default=0.95
            Level of the band.

        random_state : int, RandomState instance or None, default=None
            Seed of the draws.

        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        **line_kwargs : dict
            Passed to matplotlib for the curve, ``linewidth=1`` for instance.

        Returns
        -------
        display : :class:`RateCurveDisplay`
            With `figure_` and `ax_`.
        """
        return cls(
            y_true,
            {name: y_prob},
            area=area,
            n_resamples=n_resamples,
            confidence_level=confidence_level,
            random_state=random_state,
        ).plot(ax=ax, **line_kwargs)

    @classmethod
    def from_comparison(
        cls,
        comparison,
        *,
        area=None,
        n_resamples=1000,
        confidence_level=0.95,
        random_state=None,
        ax=None,
        **line_kwargs,
    ):
        """Draw the prediction-rate curves of a comparison.

        The out-of-fold probabilities of all folds are pooled. Under repeated cross-validation a
        row is there once a repeat, and the band, which takes them as different rows, is too
        narrow.

        Parameters
        ----------
        comparison : ModelComparison
            What :func:`~sklearn_landslide.compare_models` returns.

        area : array-like of shape (n_samples,), default=None
            Area of each row of the table that was compared on, in its order. None: the same
            for all.

        n_resamples : int, default=1000
            Number of draws for the bands; 0 for none.

        confidence_level : float, default=0.95
            Level of the bands.

        random_state : int, RandomState instance or None, default=None
            Seed of the draws.

        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        **line_kwargs : dict
            Passed to matplotlib for every curve, ``linewidth=1`` for instance.

        Returns
        -------
        display : :class:`RateCurveDisplay`
            With `figure_` and `ax_`.
        """
        tested = comparison.predictions.dropna(subset=["fold"])
        if area is not None:
            area, n_rows = np.asarray(area), comparison.predictions["row"].max() + 1
            if len(area) != n_rows:
                raise ValueError(f"area has {len(area)} values and the table had {n_rows} rows.")
            area = area[tested["row"]]
        return cls(
            tested["y_true"],
            {name: tested[name] for name in comparison.folds["model"].unique()},
            area=area,
            n_resamples=n_resamples,
            confidence_level=confidence_level,
            random_state=random_state,
        ).plot(ax=ax, **line_kwargs)

    def plot(self, *, ax=None, **line_kwargs):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        **line_kwargs : dict
            Passed to matplotlib for every curve, ``linewidth=1`` for instance.

        Returns
        -------
        display : :class:`RateCurveDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        columns = _legend_columns(self.probabilities)
        rows = -(-(len(self.probabilities) + 2) // columns)
        ax = axes_or_new(ax, (5.4, 5.6 + 0.21 * rows))
        self.ax_, self.figure_ = ax, ax.figure
        # Whatever else is drawn in these axes already.
        lines, _ = ax.get_legend_handles_labels()
        for number, (name, (x, y, auc)) in enumerate(self.curves.items()):
            style = {"linewidth": 1.6, **_line(number), **line_kwargs}
            label = f"{escaped(name)} (AUC = {auc:.3f})"
            if name in self.bands:
                band = self.bands[name]
                label = (
                    f"{escaped(name)} (AUC = {auc:.3f}, {band.auc_lower:.3f}–{band.auc_upper:.3f})"
                )
                ax.fill_between(
                    band.area_share,
                    band.lower,
                    band.upper,
                    color=style["color"],
                    alpha=0.15,
                    linewidth=0,
                )
            lines += ax.plot(x, y, label=label, **style)
        gray = {"color": "0.55", "linewidth": 1}
        x, y, auc = self.best
        label = f"all landslides first (AUC = {auc:.3f})"
        lines += ax.plot(x, y, label=label, linestyle=(0, (5, 2)), **gray)
        label = "chance level (AUC = 0.500)"
        lines += ax.plot([0, 1], [0, 1], label=label, linestyle=(0, (1, 2)), **gray)
        ax.set(
            xlabel="Share of area, the most susceptible first",
            ylabel="Share of landslides",
            xlim=(-0.01, 1.01),
            ylim=(-0.01, 1.01),
        )
        ax.grid(color="0.9", linewidth=0.8)
        ax.set_axisbelow(True)
        add_legend(
            ax,
            lines,
            [line.get_label() for line in lines],
            loc="upper center",
            bbox_to_anchor=(0.5, -0.12),
            ncols=1 if self.bands else columns,
            frameon=False,
            handlelength=2.8,
        )
        return self
