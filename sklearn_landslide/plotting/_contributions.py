"""How the factors of one place lead from a usual place to its probability, in one picture."""

import numpy as np
from scipy.special import expit, logit

from sklearn_landslide._escaping import escaped
from sklearn_landslide.plotting._axes import axes_or_new

# Vermilion for a landslide, blue against one; the signs of the numbers say the same.
_COLORS = {1: "#D55E00", -1: "#0072B2"}
_LONGEST_NAME = 44
# Probabilities that the second axis may show, and how far apart at least, in parts of the axis.
_TICKS = (
    *(0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5),
    *(0.7, 0.8, 0.9, 0.97, 0.99, 0.997, 0.999, 0.9999),
)
_APART = 0.07


def _short(name):
    """Show a label on one line of bounded length."""
    name = escaped(name)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


class ContributionsDisplay:
    """The way from a usual place to one place, factor by factor, as a waterfall.

    The lowest bar begins at the log-odds of a usual place of the background, and each further one
    where the one below it ends; the highest ends at the log-odds of the place. Bars to the right
    speak for a landslide, bars to the left against one. The axis above says which probability the
    log-odds are.

    It is recommended to use :meth:`from_contributions`. All parameters are stored as attributes.

    Parameters
    ----------
    labels : list of str
        Factors with their values, the largest contribution first.

    values : array-like of shape (n_bars,)
        Their contributions in log-odds.

    base : float
        Log-odds of a usual place.

    log_odds : float
        Log-odds of the place: `base` and the sum of `values`.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.inspection.explain : The numbers.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.inspection import explain
    >>> from sklearn_landslide.plotting import ContributionsDisplay
    >>> X = pd.DataFrame({"slope": np.arange(40.0), "twi": np.tile([4.0, 8.0], 20)})
    >>> found = explain(LogisticRegression().fit(X, X["slope"] > 25), X[-1:], background=X)
    >>> display = ContributionsDisplay.from_contributions(found)
    >>> [text.get_text() for text in display.ax_.get_yticklabels()]
    ['slope = 39', 'twi = 8']
    """

    def __init__(self, labels, values, base, log_odds):
        self.labels = labels
        self.values = values
        self.base = base
        self.log_odds = log_odds

    @classmethod
    def from_contributions(cls, contributions, *, row=0, n_factors=10, ax=None):
        """Draw one place.

        Parameters
        ----------
        contributions : Contributions
            What :func:`~sklearn_landslide.inspection.explain` returns.

        row : int, default=0
            Position of the place.

        n_factors : int, default=10
            Bars at the most; the smallest contributions are joined into one.

        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`ContributionsDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ValueError
            If there is no such place, or room for less than two bars.
        """
        if n_factors < 2:
            raise ValueError(f"n_factors={n_factors!r} must be at least 2.")
        row = contributions.position(row)
        values = contributions.values.iloc[row]
        order = values.abs().sort_values(ascending=False, kind="stable").index
        shown = order if len(order) <= n_factors else order[: n_factors - 1]
        labels = [f"{name} = {contributions.value_text(name, row)}" for name in shown]
        heights = values[shown].tolist()
        if len(shown) < len(order):
            labels.append(f"{len(order) - len(shown)} others")
            heights.append(float(values[order[len(shown) :]].sum()))
        log_odds = float(contributions.log_odds.iloc[row])
        return cls(labels, heights, contributions.base, log_odds).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`ContributionsDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        n_bars = len(self.labels)
        size = (7.6, 1.7 + 0.36 * n_bars)
        ax = axes_or_new(ax, size)
        self.ax_, self.figure_ = ax, ax.figure
        values = np.asarray(self.values, dtype=np.float64)
        # From below: each bar begins where those below it end.
        starts = self.base + np.append(np.cumsum(values[::-1])[::-1][1:], 0.0)
        ax.barh(
            range(n_bars),
            values,
            left=starts,
            height=0.62,
            color=[_COLORS[1 if value > 0 else -1] for value in values],
        )
        self._join(starts, starts + values)
        self._mark_ends()
        # Below the bars there is room for what the lines are.
        ax.set_ylim(n_bars + 0.1, -0.7)
        ax.set_yticks(range(n_bars), [_short(label) for label in self.labels])
        for text in ax.get_yticklabels():
            text.set_parse_math(False)
        low, high = self._limits(starts, values)
        ax.set_xlim(low, high)
        ax.set_xlabel(
            "log-odds of a landslide (bars to the right speak for one, to the left against)"
        )
        self._write_numbers(starts, values)
        self._add_percents()
        for side in ("left", "right"):
            ax.spines[side].set_visible(False)
        ax.tick_params(left=False)
        return self

    def _limits(self, starts, values):
        """Return the ends of the axis, with room for the numbers beside the bars."""
        reached = [self.base, self.log_odds, *starts, *(starts + values)]
        low, high = min(reached), max(reached)
        room = 0.14 * max(high - low, 0.5)
        return low - room, high + room

    def _join(self, starts, ends):
        """Draw a thin line from the end of each bar to the beginning of the next one above."""
        for place in range(1, len(starts)):
            at = ends[place]
            self.ax_.plot([at, at], [place - 0.69, place + 0.31], color="0.6", linewidth=0.8)

    def _mark_ends(self):
        """Draw lines at the usual place and at this one."""
        for at, style in ((self.base, ":"), (self.log_odds, "-")):
            self.ax_.axvline(at, color="0.35", linestyle=style, linewidth=1.1, zorder=0)

    def _write_numbers(self, starts, values):
        """Write each contribution with its sign beside its bar."""
        for place, (start, value) in enumerate(zip(starts, values, strict=True)):
            text = f"{value:+.2f}"
            self.ax_.annotate(
                text if float(text) else "0",
                (start + value, place),
                xytext=(4 if value > 0 else -4, 0),
                textcoords="offset points",
                ha="left" if value > 0 else "right",
                va="center",
                fontsize="small",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
            )

    def _add_percents(self):
        """Say above which probabilities the log-odds are, and where both places lie."""
        low, high = self.ax_.get_xlim()
        places = [
            (self.base, f"usual place\n{_percent(expit(self.base))}"),
            (self.log_odds, f"this place\n{_percent(expit(self.log_odds))}"),
        ]
        top = self.ax_.secondary_xaxis("top")
        taken, ticks = [], []
        for share in sorted(_TICKS, key=lambda share: abs(logit(share))):
            at = logit(share)
            if low < at < high and all(abs(at - one) > _APART * (high - low) for one in taken):
                taken.append(at)
                ticks.append((at, _percent(share)))
        ticks.sort()
        top.set_xticks([at for at, _ in ticks], [text for _, text in ticks])
        top.set_xlabel("chance of a landslide")
        near = abs(places[0][0] - places[1][0]) < 0.3 * (high - low)
        left_first = places[0][0] <= places[1][0]
        for number, (at, text) in enumerate(places):
            is_left = (number == 0) == left_first
            align = ("right" if is_left else "left") if near else "center"
            self.ax_.annotate(
                text.replace("\n", " "),
                (at, 0),
                xycoords=("data", "axes fraction"),
                xytext=({"right": -3, "left": 3, "center": 0}[align], 3),
                textcoords="offset points",
                ha=align,
                va="bottom",
                fontsize="small",
                color="0.25",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
            )


def _percent(share):
    """Write a probability in percent in as few digits as tell it from 0 and from 100."""
    return f"{100 * share:.2g} %" if share < 0.985 else f"{100 * share:.4g} %"
