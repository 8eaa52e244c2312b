"""Curves of what a model makes of each factor, over how frequent landslides are there."""

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide.plotting._axes import COLUMNS, new_panels
from sklearn_landslide.plotting._comparison_curves import figure_class
from sklearn_landslide.plotting._effect_surface import draw_surface, short_class, title_of
from sklearn_landslide.plotting._legend import add_legend

# Entries of the legend in a row that are not wider than so many columns of panels.
_ENTRIES = {1: 1, 2: 3, 3: 4}
# Effect, partial dependence, and landslides counted.
_EFFECT, _DEPENDENCE, _BARS = "#0072B2", "#D55E00", "0.87"
_HEADINGS = {"log_odds": "Effect on the log-odds", "probability": "Effect on the probability"}
_MOST_CLASSES = 15
# Below this share of the deepest color a surface looks blank.
_PALEST = 0.05


def _new_axes(make_figure, n_panels):
    """Panels in a figure with room for a legend below them."""
    return new_panels(make_figure, n_panels, panel=(3.5, 2.7), margin=(1.2, 1))


def _shown_range(values):
    """Return the ends of an axis: of a few odd values at either end not all is shown."""
    cut = int(len(values) > 4)
    inner = values[cut], values[-1 - cut]
    wide = 0.3 * (inner[1] - inner[0])
    ends = max(values[0], inner[0] - wide), min(values[-1], inner[1] + wide)
    margin = 0.03 * (ends[1] - ends[0]) or 1.0
    return ends[0] - margin, ends[1] + margin


def _seen_pairs(surfaces):
    """Return the pairs whose surface has a color, on the scale of the strongest one."""
    pairs = surfaces[["first", "second"]].drop_duplicates()
    used = surfaces[surfaces["share"] > 0]
    peaks = used["effect"].abs().groupby([used["first"], used["second"]]).max()
    seen = peaks[peaks > _PALEST * peaks.max()].reset_index()
    return pairs.merge(seen[["first", "second"]], on=["first", "second"])


class FactorEffectsDisplay:
    """What a model makes of each factor, one panel a factor, the strongest first.

    The line is the accumulated local effect with a band of two standard errors over the folds, the
    bars behind it are the frequency ratio on the right-hand axis: landslides counted, whatever the
    model says. Marks at the bottom are places, those at the top landslides; a few odd values at
    either end may lie outside. Classes are points, the highest first. Below come the pairs that
    act together, as surfaces, where cells without rows are blank.

    It is recommended to use :meth:`from_result`. All parameters are stored as attributes.

    Parameters
    ----------
    effects : pandas.DataFrame
        Rows of ``factor``, ``value``, ``class``, ``effect``, ``low``, ``high`` and ``share``,
        and ``partial_dependence`` where it is to be drawn.

    frequency_ratios : pandas.DataFrame, default=None
        Rows of ``factor``, ``lower``, ``upper``, ``class`` and ``frequency_ratio``. None: no bars.

    rug : pandas.DataFrame, default=None
        Rows of ``factor``, ``value`` and ``landslide``. None: no marks.

    surfaces : pandas.DataFrame, default=None
        Rows of ``first``, ``second``, their values and classes, ``effect`` and ``share``. None: no
        pairs.

    response : {"log_odds", "probability"}, default="log_odds"
        The scale of the effects.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after :meth:`plot`.
    axes_ : list of matplotlib Axes
        The panels, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.inspection.factor_effects : The numbers.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.inspection import factor_effects
    >>> from sklearn_landslide.plotting import FactorEffectsDisplay
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame(rng.normal(size=(100, 2)), columns=["slope", "twi"])
    >>> y = (X["slope"] + rng.normal(size=100) > 0).astype(int)
    >>> effects = factor_effects(
    ...     LogisticRegression(), X, y, cv=3, interactions=1, random_state=0
    ... )
    >>> display = FactorEffectsDisplay.from_result(effects)
    >>> [panel.get_title() for panel in display.axes_]
    ['slope', 'twi', 'slope and twi']
    """

    def __init__(
        self, effects, *, frequency_ratios=None, rug=None, surfaces=None, response="log_odds"
    ):
        self.effects = effects
        self.frequency_ratios = frequency_ratios
        self.rug = rug
        self.surfaces = surfaces
        self.response = response

    @classmethod
    def from_result(cls, result, *, n_factors=9, n_pairs=3, frequency_ratios=True, ax=None):
        """Draw the effects of factors.

        Parameters
        ----------
        result : FactorEffects
            What :func:`~sklearn_landslide.inspection.factor_effects` returns.

        n_factors : int, default=9
            Number of factors at most, the strongest ones.

        n_pairs : int, default=3
            Number of pairs at most, of those whose surface is not blank beside the others.

        frequency_ratios : bool, default=True
            Whether landslides are counted behind the curves.

        ax : sequence of matplotlib Axes, default=None
            One per factor and pair. None: a new figure.

        Returns
        -------
        display : :class:`FactorEffectsDisplay`
            With `figure_` and `axes_`.

        Raises
        ------
        ValueError
            For `n_factors` below 1, `n_pairs` below 0, or too few axes.
        """
        return cls._of(result, n_factors, n_pairs, frequency_ratios).plot(ax=ax)

    @classmethod
    def _of(cls, result, n_factors, n_pairs, frequency_ratios):
        if n_factors < 1 or n_pairs < 0:
            raise ValueError(
                f"n_factors={n_factors!r} must be at least 1, and n_pairs={n_pairs!r} at least 0."
            )
        names = result.factors.index[:n_factors]
        surfaces = result.surfaces
        pairs = _seen_pairs(surfaces).head(n_pairs)
        return cls(
            result.effects[result.effects["factor"].isin(names)],
            frequency_ratios=result.frequency_ratios if frequency_ratios else None,
            rug=result.rug,
            surfaces=surfaces.merge(pairs, on=["first", "second"]),
            response=result.response,
        )

    def plot(self, *, ax=None):
        """Draw the panels.

        Parameters
        ----------
        ax : sequence of matplotlib Axes, default=None
            One per factor and pair. None: a new figure.

        Returns
        -------
        display : :class:`FactorEffectsDisplay`
            With `figure_` and `axes_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        ValueError
            For fewer axes than factors and pairs.
        """
        if ax is not None:
            return self._draw(ax, is_new=False)
        pyplot = import_optional("matplotlib.pyplot", extra="plot")
        return self._draw(_new_axes(pyplot.figure, self._n_panels()), is_new=True)

    def _curves(self):
        return list(self.effects.groupby("factor", sort=False))

    def _pairs(self):
        if self.surfaces is None:
            return []
        return list(self.surfaces.groupby(["first", "second"], sort=False))

    def _n_panels(self):
        return len(self._curves()) + len(self._pairs())

    def _draw(self, ax, *, is_new):
        """Draw into axes, which are of a new figure, or of somebody's."""
        curves, pairs = self._curves(), self._pairs()
        panels = list(np.ravel(ax))
        if len(panels) < len(curves) + len(pairs):
            raise ValueError(
                f"{len(curves)} factors and {len(pairs)} pairs need as many axes, "
                f"got {len(panels)}."
            )
        self.axes_ = panels[: len(curves) + len(pairs)]
        self.figure_ = panels[0].figure
        handles = {}
        limits = self._limits()
        for place, (panel, (name, curve)) in enumerate(zip(panels, curves, strict=False)):
            handles |= self._draw_factor(panel, name, curve, limits)
            if place % COLUMNS == 0:
                panel.set_ylabel(_HEADINGS[self.response])
        self._draw_pairs(panels[len(curves) :], pairs)
        legend = {"frameon": False, "handlelength": 2.4, "fontsize": "medium"}
        if is_new:
            n_columns = panels[0].get_subplotspec().get_gridspec().ncols
            legend |= {"loc": "outside lower center", "ncols": _ENTRIES[n_columns]}
        holder = self.figure_ if is_new else self.axes_[0]
        add_legend(holder, list(handles.values()), list(handles), **legend)
        return self

    def _limits(self):
        """Range of effects that holds all curves, and bands but where they are very wide."""
        effect = self.effects["effect"]
        whole = np.ptp(effect) or 1.0
        low = max(self.effects["low"].min(), effect.min() - 0.25 * whole)
        high = min(self.effects["high"].max(), effect.max() + 0.25 * whole)
        low, high = np.fmin(low, effect.min()), np.fmax(high, effect.max())
        # Room for the marks at both edges.
        return low - 0.08 * whole, high + 0.08 * whole

    def _draw_factor(self, panel, name, curve, limits):
        """Draw one factor; return what the legend shows."""
        is_quantity = curve["value"].notna().all()
        if not is_quantity:
            if len(curve) > _MOST_CLASSES:
                panel.set_xlabel(f"{_MOST_CLASSES} most frequent of {len(curve)}", fontsize="small")
            curve = curve.sort_values("share", ascending=False, kind="stable").head(_MOST_CLASSES)
            curve = curve.sort_values("effect", ascending=False, kind="stable")
        handles = self._draw_ratios(panel, name, curve)
        panel.axhline(0, color="0.45", linewidth=0.8, linestyle=(0, (1, 2)), zorder=2)
        handles |= self._draw_line(panel, curve) if is_quantity else self._draw_points(panel, curve)
        if is_quantity:
            handles |= self._draw_rug(panel, name)
        title_of(panel, name)
        panel.set_ylim(*limits)
        panel.tick_params(labelsize="small")
        return handles

    def _draw_ratios(self, panel, name, curve):
        """Draw the frequency ratio as bars behind the curve, on an axis of its own."""
        table = self.frequency_ratios
        if table is None:
            return {}
        table = table[table["factor"] == name]
        behind = panel.twinx()
        # The curve is in front of the bars.
        panel.set_zorder(behind.get_zorder() + 1)
        panel.patch.set_visible(False)
        style = {"color": _BARS, "edgecolor": "white", "linewidth": 0.6}
        if table["class"].isna().all():
            wide = table["upper"] - table["lower"]
            bars = behind.bar(table["lower"], table["frequency_ratio"], wide, align="edge", **style)
        else:
            ratios = table.set_index("class")["frequency_ratio"].reindex(curve["class"])
            bars = behind.bar(np.arange(len(ratios)), ratios, 0.8, **style)
        top = np.nanmax(table["frequency_ratio"].to_numpy(), initial=1.0)
        behind.set_ylim(0, 1.12 * top)
        behind.tick_params(labelsize="small", colors="0.4")
        behind.spines[:].set_visible(False)
        spec = panel.get_subplotspec()
        if spec is None or spec.is_last_col():
            behind.set_ylabel("Frequency ratio", color="0.4")
        return {"frequency ratio (right axis)": bars}

    def _draw_line(self, panel, curve):
        """Draw the curve of a quantity with its band."""
        values = curve["value"]
        (line,) = panel.plot(values, curve["effect"], color=_EFFECT, linewidth=1.8, zorder=4)
        panel.fill_between(
            values, curve["low"], curve["high"], color=_EFFECT, alpha=0.22, linewidth=0, zorder=3
        )
        panel.set_xlim(*_shown_range(values.to_numpy()))
        handles = {"effect, ± 2 standard errors": line}
        if "partial_dependence" in curve:
            (dashed,) = panel.plot(
                values, curve["partial_dependence"], "--", color=_DEPENDENCE, zorder=4
            )
            handles["partial dependence"] = dashed
        return handles

    def _draw_points(self, panel, curve):
        """Draw the classes of a factor as points with bars."""
        places = np.arange(len(curve))
        error = (curve["high"] - curve["low"]) / 2
        points = panel.errorbar(
            places,
            curve["effect"],
            yerr=np.nan_to_num(error),
            fmt="o",
            color=_EFFECT,
            markersize=5,
            elinewidth=1.6,
            zorder=4,
        )
        handles = {"effect of a class": points.lines[0]}
        if "partial_dependence" in curve:
            (crosses,) = panel.plot(
                places, curve["partial_dependence"], "x", color=_DEPENDENCE, zorder=5
            )
            handles["partial dependence of a class"] = crosses
        names = [short_class(name) for name in curve["class"]]
        long = max(map(len, names)) * len(names) > 40
        panel.set_xticks(places, names, rotation=90 if long else 0)
        for label in panel.get_xticklabels():
            label.set_parse_math(False)
        panel.set_xlim(-0.6, len(curve) - 0.4)
        return handles

    def _draw_rug(self, panel, name):
        """Mark landslides at the upper edge and other places at the lower one."""
        if self.rug is None:
            return {}
        table = self.rug[self.rug["factor"] == name]
        handles = {}
        for said, is_landslide, color, edge in (
            ("landslides (top)", True, "black", (0.965, 1.0)),
            ("other places (bottom)", False, "0.5", (0.0, 0.035)),
        ):
            values = table.loc[table["landslide"].astype(bool) == is_landslide, "value"]
            (handles[said],) = panel.plot([], [], "|", color=color, markersize=8)
            panel.vlines(
                values,
                *edge,
                transform=panel.get_xaxis_transform(),
                color=color,
                linewidth=0.6,
                alpha=0.7,
                zorder=5,
            )
        return handles

    def _draw_pairs(self, panels, pairs):
        """Draw the surfaces of pairs on one scale of colors."""
        if not pairs:
            return
        used = self.surfaces.loc[self.surfaces["share"] > 0, "effect"].abs()
        bound = float(used.max()) or 1.0
        for panel, (names, table) in zip(panels, pairs, strict=False):
            colors = draw_surface(panel, names, table, bound)
        bar = self.figure_.colorbar(colors, ax=panels[: len(pairs)], shrink=0.85, pad=0.01)
        bar.set_label(f"{_HEADINGS[self.response]}\nbeyond both factors alone", fontsize="small")
        bar.ax.tick_params(labelsize="small")


def save_factor_effects(result, path, *, n_factors=9, n_pairs=3, frequency_ratios=True, dpi=150):
    """Draw the effects of factors into a file, without a window or an open figure.

    Parameters
    ----------
    result : FactorEffects
        What :func:`~sklearn_landslide.inspection.factor_effects` returns.

    path : str or path-like
        The picture; its ending (``.png``, ``.pdf``, ``.svg``) says the format.

    n_factors : int, default=9
        Number of factors at most, the strongest ones.

    n_pairs : int, default=3
        Number of pairs at most.

    frequency_ratios : bool, default=True
        Whether landslides are counted behind the curves.

    dpi : float, default=150
        Pixels per inch.

    Raises
    ------
    ImportError
        If matplotlib, from the extra ``plot``, is not installed.
    ValueError
        For `n_factors` below 1 or `n_pairs` below 0.

    See Also
    --------
    FactorEffectsDisplay : The same picture, to look at or to change.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.inspection import factor_effects
    >>> from sklearn_landslide.plotting import save_factor_effects
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(90, 2)), columns=["slope", "twi"])
    >>> y = (X["slope"] > 0).astype(int)
    >>> effects = factor_effects(LogisticRegression(), X, y, cv=3, random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     save_factor_effects(effects, Path(folder, "effects.png"))
    ...     Path(folder, "effects.png").stat().st_size > 10_000
    True
    """
    display = FactorEffectsDisplay._of(result, n_factors, n_pairs, frequency_ratios)
    display._draw(_new_axes(figure_class(), display._n_panels()), is_new=True)
    display.figure_.savefig(path, dpi=dpi)
