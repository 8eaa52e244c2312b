"""How the factors of two regions differ, in one picture."""

from sklearn_landslide._escaping import escaped
from sklearn_landslide._optional import import_optional
from sklearn_landslide.plotting._legend import add_legend

_COLORS = {"source": "#0072B2", "target": "#D55E00"}
_MARKERS = {"source": "o", "target": "D"}
# Where the two bars of a factor lie, from the middle of its row; the axis points down.
_SHIFTS = {"source": -0.19, "target": 0.19}
_QUANTILES = ["q05", "q25", "q50", "q75", "q95"]
_LONGEST_NAME = 30
# A class gets its name where there is room for so many characters in the whole bar.
_CHARACTERS = 62


def _short(name):
    """Show a name on one line of bounded length."""
    name = escaped(name)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _number(value):
    """Write the end of a scale in a few digits, without an exponent where it has thousands."""
    return f"{value:.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.3g}"


def region_shift_axes(make_figure, n_rows, *, width=9.6):
    """Two panels of as many rows, in a figure high enough for them.

    Parameters
    ----------
    make_figure : callable
        Makes a figure, as ``pyplot.figure`` does.
    n_rows : int
        Number of factors.
    width : float, default=9.6
        Of the figure, in inches.

    Returns
    -------
    axes : ndarray of matplotlib Axes, shape (2,)
    """
    figure = make_figure(figsize=(width, 1.3 + 0.46 * n_rows), layout="constrained")
    return figure.subplots(1, 2, sharey=True, width_ratios=[1, 2])


class RegionShiftDisplay:
    """Factors of two regions, the most different first: how far apart, and where they lie.

    On the left the distance of the two distributions, and the share of the target that lies
    outside the range of the source. On the right both distributions: of a quantity the median, the
    middle half and the middle nine tenths, each row on a scale of its own whose ends are written
    beside it; of classes their shares, hatched where the source never had the class.

    It is recommended to use :meth:`from_comparison`. All parameters are stored as attributes.

    Parameters
    ----------
    factors : pandas.DataFrame
        One row per factor with ``kind``, ``distance`` and ``outside``.

    quantiles : pandas.DataFrame
        Rows of ``factor``, ``region``, ``q05``, ``q25``, ``q50``, ``q75`` and ``q95``.

    classes : pandas.DataFrame
        Rows of ``factor``, ``class``, and its share in ``source`` and ``target``.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes of the distances, after :meth:`plot`.
    ax_values_ : matplotlib Axes
        The axes of the distributions, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.transfer.compare_regions : The numbers.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.plotting import RegionShiftDisplay
    >>> from sklearn_landslide.transfer import compare_regions
    >>> here = pd.DataFrame({"slope": np.arange(40.0), "twi": np.arange(40.0)})
    >>> comparison = compare_regions(here, here.assign(slope=here["slope"] + 10))
    >>> display = RegionShiftDisplay.from_comparison(comparison)
    >>> [text.get_text() for text in display.ax_.get_yticklabels()]
    ['slope', 'twi']
    """

    def __init__(self, factors, quantiles, classes):
        self.factors = factors
        self.quantiles = quantiles
        self.classes = classes

    @classmethod
    def from_comparison(cls, comparison, *, n_factors=20, ax=None):
        """Draw a comparison of two regions.

        Parameters
        ----------
        comparison : RegionComparison
            What :func:`~sklearn_landslide.transfer.compare_regions` returns.

        n_factors : int, default=20
            Number of factors, the most different ones.

        ax : pair of matplotlib Axes, default=None
            The axes of distances and distributions. None: a new figure.

        Returns
        -------
        display : :class:`RegionShiftDisplay`
            With `figure_`, `ax_` and `ax_values_`.
        """
        if n_factors < 1:
            raise ValueError(f"n_factors={n_factors!r} must be at least 1.")
        factors = comparison.factors.iloc[:n_factors]
        return cls(factors, comparison.quantiles, comparison.classes).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the two panels.

        Parameters
        ----------
        ax : pair of matplotlib Axes, default=None
            The axes of distances and distributions. None: a new figure.

        Returns
        -------
        display : :class:`RegionShiftDisplay`
            With `figure_`, `ax_` and `ax_values_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        n_rows = len(self.factors)
        if ax is None:
            pyplot = import_optional("matplotlib.pyplot", extra="plot")
            ax = region_shift_axes(pyplot.figure, n_rows)
        self.ax_, self.ax_values_ = ax
        self.figure_ = self.ax_.figure
        handles = self._draw_distances() + self._draw_values()
        for panel in ax:
            panel.set_ylim(n_rows - 0.4, -0.6)
            for place in range(1, n_rows):
                panel.axhline(place - 0.5, color="0.92", linewidth=0.8, zorder=0)
            panel.set_axisbelow(True)
        self.ax_.set_yticks(range(n_rows), [_short(name) for name in self.factors.index])
        for text in self.ax_.get_yticklabels():
            text.set_parse_math(False)
        self.ax_values_.tick_params(left=False, labelleft=False)
        labels = [handle.get_label() for handle in handles]
        # Beside other panels there is no margin of their own.
        engine = self.figure_.get_layout_engine()
        if engine is not None and engine.adjust_compatible is False and self.figure_.axes == [*ax]:
            holder, where = self.figure_, {"loc": "outside lower center"}
        else:
            # Inches below the panels, however many rows there are.
            below = 0.55 / (0.46 * n_rows + 0.4)
            holder = self.ax_values_
            where = {"loc": "upper center", "bbox_to_anchor": (0.25, -below)}
        add_legend(holder, handles, labels, ncols=2, frameon=False, **where)
        return self

    def _draw_distances(self):
        """Draw the distances and the shares outside, and return what the legend shows."""
        rows = range(len(self.factors))
        bars = self.ax_.barh(rows, self.factors["distance"], height=0.62, color="0.72")
        bars.set_label("distance of the distributions")
        (marks,) = self.ax_.plot(
            self.factors["outside"],
            rows,
            linestyle="none",
            marker="^",
            markersize=7,
            color="black",
            markerfacecolor="white",
            label="share of the target outside the source's range",
            clip_on=False,
        )
        self.ax_.set(xlim=(0, 1), xticks=[0, 0.5, 1], xlabel="0: the same, 1: apart")
        self.ax_.grid(axis="x", color="0.9", linewidth=0.8)
        return [bars, marks]

    def _draw_values(self):
        """Draw both distributions of each factor, and return what the legend shows."""
        of_factor = dict(tuple(self.quantiles.groupby("factor", sort=False)))
        shares = dict(tuple(self.classes.groupby("factor", sort=False)))
        for place, (name, row) in enumerate(self.factors.iterrows()):
            if row["kind"] == "classes":
                self._draw_classes(place, shares[name])
            else:
                self._draw_quantity(place, of_factor[name].set_index("region")[_QUANTILES])
        self.ax_values_.set(xlim=(-0.2, 1.2), xticks=[])
        self.ax_values_.set_xlabel("median, middle half, middle 90 %;\nof classes their shares")
        for side in ("left", "right", "top"):
            self.ax_values_.spines[side].set_visible(False)
        return [
            self.ax_values_.plot(
                [], [], color=color, marker=_MARKERS[region], linewidth=5, label=region
            )[0]
            for region, color in _COLORS.items()
        ]

    def _draw_quantity(self, place, quantiles):
        """Draw the quantiles of both regions between the least and the greatest of them."""
        low, high = quantiles["q05"].min(), quantiles["q95"].max()
        width = high - low or 1.0
        for region, color in _COLORS.items():
            at = (quantiles.loc[region] - low) / width if high > low else quantiles.loc[region] * 0
            y = place + _SHIFTS[region]
            self.ax_values_.plot([at["q05"], at["q95"]], [y, y], color=color, linewidth=1.4)
            self.ax_values_.plot(
                [at["q25"], at["q75"]], [y, y], color=color, linewidth=5, solid_capstyle="butt"
            )
            self.ax_values_.plot(
                at["q50"],
                y,
                marker=_MARKERS[region],
                color=color,
                markeredgecolor="white",
                markersize=7,
            )
        text = {"va": "center", "color": "0.35", "fontsize": "small"}
        self.ax_values_.text(-0.02, place, _number(low), ha="right", **text)
        self.ax_values_.text(1.02, place, _number(high), ha="left", **text)

    def _draw_classes(self, place, shares):
        """Draw the shares of classes of both regions as two bars of pieces, in one order."""
        for region, color in _COLORS.items():
            start = 0.0
            for number, (_, row) in enumerate(shares.iterrows()):
                width = row[region]
                if width == 0:
                    continue
                y = place + _SHIFTS[region]
                self.ax_values_.barh(
                    y,
                    width,
                    left=start,
                    height=0.32,
                    color=color,
                    alpha=0.95 if number % 2 == 0 else 0.6,
                    edgecolor="white",
                    linewidth=1,
                    hatch="///" if row["source"] == 0 else None,
                )
                name = escaped(row["class"])
                if len(name) <= _CHARACTERS * width - 1 and row["source"] > 0:
                    self.ax_values_.text(
                        start + width / 2,
                        y,
                        name,
                        ha="center",
                        va="center",
                        color="white" if number % 2 == 0 else "black",
                        fontsize="x-small",
                        parse_math=False,
                    )
                start += width
