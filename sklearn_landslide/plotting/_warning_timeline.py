"""Probability over time, with the levels of warning and the landslides."""

import numpy as np

from sklearn_landslide._escaping import escaped
from sklearn_landslide._optional import import_optional
from sklearn_landslide.plotting._axes import axes_or_new
from sklearn_landslide.plotting._legend import add_legend

# From light to dark, so that the order of the levels needs no color; not the colors of the names.
_SHADES = ("#FDE9A9", "#F6B26B", "#D1603D", "#7B2D43")


class WarningTimelineDisplay:
    """Probability over time in one place, with levels and landslides.

    The line is the probability of each step, drawn at its end. The ground is shaded while
    a level is in force, the darker the higher. Dashed lines are the thresholds; triangles the
    landslides.

    It is recommended to use :meth:`from_scores`. All parameters are stored as attributes.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row per step: ``time``, and of ``probability`` and ``level`` those that there are.

    events : array-like of shape (n_events,)
        Times of the landslides.

    names : tuple of str
        Names of the levels, the lowest first.

    edges : tuple of float or None, default=None
        Probability at which each level begins.

    step : pandas.Timedelta or None, default=None
        Length of a step. None: the distance of the first two.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    ax_ : matplotlib Axes
        The axes, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.warning.verify_warnings : The scores.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.plotting import WarningTimelineDisplay
    >>> time = pd.date_range("2020-05-01", periods=4, freq="h")
    >>> rows = pd.DataFrame({"time": time, "probability": [0, 0.1, 0.4, 0.2]})
    >>> rows["level"] = [0, 0, 1, 1]
    >>> display = WarningTimelineDisplay(rows, time[[2]], ("yellow",), (0.2,)).plot()
    >>> display.ax_.get_ylabel()
    'Probability of a landslide'
    """

    def __init__(self, rows, events, names, edges=None, step=None):
        self.rows = rows
        self.events = events
        self.names = names
        self.edges = edges
        self.step = step

    @classmethod
    def from_scores(cls, scores, *, unit=None, ax=None):
        """Draw one place.

        Parameters
        ----------
        scores : WarningScores
            What :func:`~sklearn_landslide.warning.verify_warnings` returns.

        unit : str, default=None
            The place. None: the one with most landslides.

        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`WarningTimelineDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ValueError
            If there is no such place.
        """
        inside = scores.events[scores.events["inside"]]
        unit = inside["unit"].mode().iloc[0] if unit is None else str(unit)
        rows = scores.rows[scores.rows["unit"] == unit]
        if rows.empty:
            raise ValueError(f"no place is called {unit!r}.")
        columns = [name for name in ("probability", "level") if name in rows]
        rows = rows.groupby("time", as_index=False)[columns].max()
        events = inside.loc[inside["unit"] == unit, "time"]
        return cls(rows, events, scores.names, scores.edges, scores.step).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the line, the levels and the landslides.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : :class:`WarningTimelineDisplay`
            With `figure_` and `ax_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        ax = axes_or_new(ax, (8, 3.6))
        self.ax_, self.figure_ = ax, ax.figure
        time = self.rows["time"].to_numpy()
        step = time[1] - time[0] if self.step is None else np.timedelta64(self.step.value, "ns")
        has_probability = "probability" in self.rows
        shown = self.rows["probability" if has_probability else "level"].to_numpy(dtype=float)
        top = max(float(np.nanmax(shown)), *(self.edges or (0,)), 1e-9) * 1.12
        handles = self._levels(time, step) if "level" in self.rows else []
        drawn = np.where(np.append(False, np.diff(time) > 1.5 * step), np.nan, shown)
        handles += ax.plot(
            time, drawn if has_probability else shown, color="black", linewidth=1.3, label="model"
        )
        for edge in self.edges or ():
            ax.axhline(edge, color="0.35", linewidth=0.8, linestyle="--")
        if len(self.events):
            handles += ax.plot(
                self.events,
                np.full(len(self.events), top * 0.95),
                marker="v",
                markersize=8,
                linestyle="",
                color="#0072B2",
                markeredgecolor="white",
                label="landslide",
            )
        ax.set(
            ylim=(0, top),
            xlim=(time[0] - step, time[-1]),
            ylabel="Probability of a landslide" if has_probability else "Level",
            xlabel="Time, UTC",
        )
        dates = import_optional("matplotlib.dates", extra="plot")
        locator = dates.AutoDateLocator()
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
        add_legend(
            ax,
            handles,
            [handle.get_label() for handle in handles],
            loc="upper center",
            bbox_to_anchor=(0.5, -0.2),
            ncols=5,
            frameon=False,
        )
        return self

    def _levels(self, time, step):
        """Shade the steps of each level."""
        level, handles = self.rows["level"].to_numpy(), []
        for number, name in enumerate(self.names, 1):
            shade = _SHADES[min(number - 1, len(_SHADES) - 1)]
            patch = None
            for end in time[level == number]:
                patch = self.ax_.axvspan(end - step, end, color=shade, linewidth=0, zorder=0)
            if patch is not None:
                patch.set_label(escaped(name))
                handles.append(patch)
        return handles
