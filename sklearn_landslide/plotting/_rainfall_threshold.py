"""Rain events with and without landslides, and the thresholds among them."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from sklearn_landslide.baselines import landslide_place
from sklearn_landslide.plotting._axes import axes_or_new
from sklearn_landslide.plotting._legend import add_legend
from sklearn_landslide.warning import RainfallThreshold

_LANDSLIDE, _OTHER = "#D55E00", "0.45"
_COLORS = ("#0072B2", "#009E73", "#CC79A7", "#000000")
_DASHES = ("-", "--", "-.", ":")
_LEVEL = 0.9


class RainfallThresholdDisplay:
    """Events with and without landslides on logarithmic axes, and the lines of a threshold.

    The band about each line holds 90 % of the lines that samples with replacement of the same
    landslides give. Rows that are dry are not drawn, and counted in the legend.

    It is recommended to use :meth:`from_estimator`. All parameters are stored as attributes.

    Parameters
    ----------
    model : RainfallThreshold
        The fitted threshold.
    events : DataFrame
        What its method ``events`` gives.
    landslide : ndarray of bool, shape (n_samples,)
        Which rows are landslides.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.warning.RainfallThreshold : Learns what is drawn.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.plotting import RainfallThresholdDisplay
    >>> from sklearn_landslide.warning import RainfallThreshold
    >>> rng = np.random.default_rng(0)
    >>> rain = rng.exponential(2, (60, 1)) * (np.arange(12)[::-1] < rng.integers(1, 12, (60, 1)))
    >>> model = RainfallThreshold(n_bootstrap=50, random_state=0)
    >>> model = model.fit(rain, rain.sum(axis=1) > 15)
    >>> display = RainfallThresholdDisplay.from_estimator(model, rain, rain.sum(axis=1) > 15)
    >>> display.ax_.get_xlabel()
    'Duration of the rain event, D (h)'
    """

    def __init__(self, model, events, landslide):
        self.model = model
        self.events = events
        self.landslide = landslide

    @classmethod
    def from_estimator(cls, estimator, X, y, *, exceedances=None, ax=None):
        """Draw the events of a table and the lines of a fitted threshold.

        Parameters
        ----------
        estimator : RainfallThreshold or Pipeline
            Fitted; of a pipeline the last step.
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.
        y : array-like of shape (n_samples,)
            Its labels, as in ``fit``.
        exceedances : array-like of float, default=None
            Shares of the landslides below the lines, at most four. None: that of the estimator and
            0.5.
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`RainfallThresholdDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        TypeError
            If the estimator is not a threshold.
        ValueError
            If `y` has other labels than those of ``fit``.
        """
        model = estimator
        if isinstance(estimator, Pipeline):
            model = estimator[-1]
            check_is_fitted(model)
            X = estimator[:-1].transform(X) if len(estimator) > 1 else X
        if not isinstance(model, RainfallThreshold):
            raise TypeError(f"estimator must be a RainfallThreshold, or end in one, got {model!r}.")
        check_is_fitted(model)
        events, y = model.events(X), column_or_1d(y)
        check_consistent_length(events, y)
        unknown = sorted({*y.tolist()} - {*model.classes_.tolist()}, key=str)
        if unknown:
            raise ValueError(
                f"y has {unknown[0]!r}, and the model knows {model.classes_.tolist()}."
            )
        landslide = y == model.classes_[landslide_place(model.classes_)]
        return cls(model, events, landslide).plot(exceedances=exceedances, ax=ax)

    def plot(self, *, exceedances=None, ax=None):
        """Draw events and lines.

        Parameters
        ----------
        exceedances : array-like of float, default=None
            Shares of the landslides below the lines, at most four. None: that of the estimator and
            0.5.
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`RainfallThresholdDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ValueError
            For more than four lines.
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        if exceedances is None:
            exceedances = sorted({self.model.exceedance, 0.5})
        shares = np.atleast_1d(np.asarray(exceedances, dtype=float)).tolist()
        if len(shares) > len(_COLORS):
            raise ValueError(f"exceedances has {len(shares)} shares: give at most {len(_COLORS)}.")
        ax = axes_or_new(ax, (7, 5.6))
        self.ax_, self.figure_ = ax, ax.figure
        by_duration = self.model.kind == "event"
        ax.set(
            xscale="log",
            yscale="log",
            xlabel="Duration of the rain event, D (h)"
            if by_duration
            else "Rain of the days before, 1 + A (mm)",
            ylabel="Rain of the event, E (mm)"
            if by_duration
            else "Rain of the last 24 hours, R (mm)",
        )
        handles, labels = self._draw_events(by_duration)
        lines, names = self._draw_lines(by_duration, shares)
        options = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.13), "frameon": False}
        add_legend(ax, handles + lines, labels + names, ncols=2, **options)
        return self

    def _across(self, by_duration):
        """Return the place of each event along the axis."""
        if by_duration:
            return self.events["duration"].to_numpy()
        return 1 + self.events["antecedent_rain"].to_numpy()

    def _draw_events(self, by_duration):
        """Draw a point an event, those of landslides above the others."""
        x, y = self._across(by_duration), self.events["rain"].to_numpy()
        handles, labels = [], []
        parts = (
            ("without landslide", ~self.landslide, {"color": _OTHER, "marker": ".", "s": 14}),
            ("with landslide", self.landslide, {"color": _LANDSLIDE, "marker": "^", "s": 24}),
        )
        for label, rows, style in parts:
            wet = rows & ~np.isnan(y)
            dry = int(rows.sum() - wet.sum())
            handles.append(self.ax_.scatter(x[wet], y[wet], linewidths=0, alpha=0.7, **style))
            labels.append(f"{label} ({wet.sum()}" + (f", and {dry} dry)" if dry else ")"))
        return handles, labels

    def _draw_lines(self, by_duration, shares):
        """Draw the lines over the range of the events, with their bands."""
        x = self._across(by_duration)[self.events["rain"].notna().to_numpy()]
        low, high = (x.min(), x.max()) if len(x) else (1.0, 10.0)
        points = np.geomspace(low, max(high, low * 2), 60)
        handles, names = [], []
        for share, color, dashes in zip(shares, _COLORS, _DASHES, strict=False):
            line = self.model.line(points if by_duration else points - 1, share, level=_LEVEL)
            if len(self.model.bootstrap_):
                self.ax_.fill_between(
                    points, line["low"], line["high"], color=color, alpha=0.22, linewidth=0
                )
            handles += self.ax_.plot(points, line["rain"], color=color, ls=dashes, linewidth=1.8)
            alpha, gamma = self.model.line([1.0 if by_duration else 0.0], share), self.model.gamma_
            law = "E = {:.2g} D^{:.2f}" if by_duration else "R = {:.2g} (1 + A)^{:.2f}"
            names.append(f"{100 * share:g} %: {law.format(alpha['rain'].iloc[0], gamma)}")
        return handles, names
