"""What two factors do together, as cells in colors."""

import textwrap

import numpy as np

from sklearn_landslide._escaping import escaped

_WIDEST_TITLE, _LONGEST_CLASS = 30, 14


def _short(name, length):
    name = escaped(name)
    return name if len(name) <= length else f"{name[: length - 1]}…"


def short_class(name):
    """Show the name of a class on one line of bounded length."""
    return _short(name, _LONGEST_CLASS)


def title_of(panel, text):
    """Write a long name above a panel on two lines, as it is.

    Parameters
    ----------
    panel : matplotlib Axes
        The panel.
    text : str
        The name.
    """
    lines = textwrap.wrap(
        escaped(text), _WIDEST_TITLE, break_on_hyphens=False, max_lines=2, placeholder="…"
    )
    panel.set_title("\n".join(lines), fontsize="medium").set_parse_math(False)


def draw_surface(panel, names, table, bound):
    """Draw the surface of one pair.

    Parameters
    ----------
    panel : matplotlib Axes
        Where.
    names : tuple of str
        The two factors.
    table : pandas.DataFrame
        Its rows of the surfaces of a result.
    bound : float
        The effect with the darkest color.

    Returns
    -------
    colors : matplotlib QuadMesh
    """
    first, second = (list(dict.fromkeys(_axis_of(table, side))) for side in ("first", "second"))
    shape = len(first), len(second)
    effect = table["effect"].to_numpy(dtype=np.float64).reshape(shape)
    effect = np.where(table["share"].to_numpy().reshape(shape) > 0, effect, np.nan)
    # Evenly spaced, as the rows are: on a scale of values most cells would be slivers.
    colors = panel.pcolormesh(
        np.arange(shape[0] + 1) - 0.5,
        np.arange(shape[1] + 1) - 0.5,
        effect.T,
        cmap="PuOr_r",
        vmin=-bound,
        vmax=bound,
    )
    panel.set_facecolor("0.93")
    _name_axes(panel, names, first, second)
    panel.tick_params(labelsize="small")
    title_of(panel, f"{names[0]} and {names[1]}")
    return colors


def _name_axes(panel, names, first, second):
    """Write factors and some of their values along the axes of a surface."""
    for axis, values, name in ((panel.xaxis, first, names[0]), (panel.yaxis, second, names[1])):
        places = np.unique(np.linspace(0, len(values) - 1, 5).round().astype(int))
        shown = [short_class(value) for value in values]
        if isinstance(values[0], str):
            places = np.arange(len(values))
        else:
            decimals = max(0, 2 - int(np.floor(np.log10(np.ptp(values)))))
            # Nothing is "-0.00".
            shown = [f"{round(value, decimals) + 0.0:.{decimals}f}" for value in values]
        axis.set_ticks(places, [shown[place] for place in places])
        axis.set_label_text(_short(name, _WIDEST_TITLE), fontsize="small")
        axis.label.set_parse_math(False)
        for label in axis.get_ticklabels():
            label.set_parse_math(False)


def _axis_of(table, side):
    """Return numbers or texts of one axis of a surface."""
    values = table[f"{side}_value"]
    return table[f"{side}_class"] if values.isna().all() else values.astype(np.float64)
