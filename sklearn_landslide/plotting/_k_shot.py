"""Skill in a region against the number of its labels, in one picture."""

from sklearn_landslide.comparison import HEADINGS
from sklearn_landslide.plotting._axes import axes_or_new
from sklearn_landslide.plotting._legend import add_legend

# Okabe and Ito's colors, which the color-blind tell apart, and marks that need no color.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


class KShotDisplay:
    """Skill of several models in a region against the number of its labels.

    A line a model, dashed for those of the region alone, with a band of one standard error. A
    vertical line stands where a model of the region alone is as good as one with a source.

    It is recommended to use :meth:`from_curve`. All parameters are stored as attributes.

    Parameters
    ----------
    summary : pandas.DataFrame
        One row per model and number of labels: ``model``, ``k``, ``mean`` and ``se``.

    crossings : pandas.DataFrame
        One row per pair of models: ``transfer``, ``alone`` and ``k``, which may be None.

    alone : tuple of str
        Models of the region alone.

    metric : str
        Name of the metric.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes, after :meth:`plot`.
    lines_ : dict of str to matplotlib Line2D
        The line of each model, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.transfer.k_shot_curve : The numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.plotting import KShotDisplay
    >>> summary = pd.DataFrame({"model": ["a"] * 2, "k": [0, 30], "mean": [0.6, 0.7], "se": 0.02})
    >>> none = pd.DataFrame(columns=["transfer", "alone", "k"])
    >>> KShotDisplay(summary, none, (), "roc_auc").plot().ax_.get_ylabel()
    'ROC-AUC'
    """

    def __init__(self, summary, crossings, alone, metric):
        self.summary = summary
        self.crossings = crossings
        self.alone = alone
        self.metric = metric

    @classmethod
    def from_curve(cls, curve, *, metric=None, ax=None):
        """Draw a curve over the number of labels.

        Parameters
        ----------
        curve : KShotCurve
            What :func:`~sklearn_landslide.transfer.k_shot_curve` returns.

        metric : str, default=None
            The metric. None: the first one.

        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`KShotDisplay`
            With `figure_`, `ax_` and `lines_`.
        """
        metric = curve.metrics[0] if metric is None else metric
        if metric not in curve.metrics:
            raise ValueError(f"metric={metric!r} was not scored; there are {[*curve.metrics]}.")
        summary, crossings = curve.summary(), curve.crossings()
        return cls(
            summary[summary["metric"] == metric],
            crossings[crossings["metric"] == metric],
            curve.alone,
            metric,
        ).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the lines.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`KShotDisplay`
            With `figure_`, `ax_` and `lines_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        ax = axes_or_new(ax, (6.4, 4.6))
        self.ax_, self.figure_, self.lines_ = ax, ax.figure, {}
        ks = sorted(set(self.summary["k"].tolist()))
        groups = self.summary.groupby("model", sort=False)
        for place, (name, rows) in enumerate(groups):
            color = _COLORS[place % len(_COLORS)]
            (self.lines_[name],) = ax.plot(
                rows["k"],
                rows["mean"],
                color=color,
                marker=_MARKERS[place % len(_MARKERS)],
                linestyle="--" if name in self.alone else "-",
            )
            error = rows["se"].fillna(0)
            ax.fill_between(
                rows["k"], rows["mean"] - error, rows["mean"] + error, color=color, alpha=0.15, lw=0
            )
        self._scale(ks)
        handles, labels = list(self.lines_.values()), list(self.lines_)
        for k in sorted({k for k in self.crossings["k"] if k is not None}):
            rows = self.crossings[self.crossings["k"] == k]
            handles.append(ax.axvline(k, color="0.4", linestyle=":", linewidth=1.5, zorder=1))
            pairs = [f"{row.alone} as good as {row.transfer}" for row in rows.itertuples()]
            labels.append(f"from {k} labels on: " + "\n".join(pairs))
        ax.set(
            xlabel="Rows of the region with a label", ylabel=HEADINGS.get(self.metric, self.metric)
        )
        ax.grid(color="0.92", linewidth=0.8)
        ax.set_axisbelow(True)
        add_legend(ax, handles, labels, frameon=False, fontsize="small")
        return self

    def _scale(self, ks):
        """Let the numbers grow by factors, with room for none at all."""
        least = min((k for k in ks if k), default=1)
        self.ax_.set_xscale("symlog", linthresh=least, linscale=0.5)
        self.ax_.set_xticks(ks, [str(k) for k in ks])
        self.ax_.minorticks_off()
