"""What a map needs besides its colors: shaded relief, scale bar, north arrow, words."""

import numpy as np

from sklearn_landslide._escaping import escaped
from sklearn_landslide._optional import import_optional

# How much of a color the deepest shadow takes, and how much white the brightest ground adds.
# Of five zones: more of them are nearer to each other.
_DARKER, _LIGHTER, _N_ZONES = 0.13, 0.16, 5
# Points above the map, for scale bar and arrow.
_TITLE_PAD = 46


def shaded_relief(elevation, cell_size):
    """Brightness of a terrain lit from the north-west, 0 to 1; 1 where it is unknown.

    Parameters
    ----------
    elevation : ndarray of shape (rows, columns)
        Meters, row 0 in the north.
    cell_size : tuple of 2 floats
        Width and height of a cell in meters.

    Returns
    -------
    brightness : ndarray of shape (rows, columns)
    """
    colors = import_optional("matplotlib.colors", extra="plot")
    unknown = ~np.isfinite(elevation)
    if unknown.all() or min(elevation.shape) < 2:
        return np.ones(elevation.shape)
    ground = np.where(unknown, np.mean(elevation[~unknown]), elevation)
    light = colors.LightSource(azdeg=315, altdeg=45)
    brightness = light.hillshade(ground, dx=cell_size[0], dy=cell_size[1])
    # Next to unknown ground there is no slope to speak of.
    near = unknown.copy()
    near[1:] |= unknown[:-1]
    near[:-1] |= unknown[1:]
    near[:, 1:] |= unknown[:, :-1]
    near[:, :-1] |= unknown[:, 1:]
    return np.where(near, 1, brightness)


def shaded_colors(colors, light, is_zone, n_zones):
    """Darken and lighten colors by the relief, little enough to find each of them in the legend.

    Parameters
    ----------
    colors : ndarray of shape (rows, columns, 3)
        Red, green and blue of the zones, 0 to 1.
    light : ndarray of shape (rows, columns, 1)
        Brightness of the terrain, 0 to 1.
    is_zone : ndarray of bool of shape (rows, columns)
        Where there is a zone.
    n_zones : int
        How many colors there are.

    Returns
    -------
    shaded : ndarray of shape (rows, columns, 3)
        On ground of middle brightness the very colors.
    """
    middle = np.median(light[is_zone])
    strength = min(1, _N_ZONES / n_zones)
    shade = strength * _DARKER * np.minimum(light - middle, 0)
    shine = strength * _LIGHTER * np.maximum(light - middle, 0)
    return colors * (1 + shade) + (1 - colors) * shine


def scale_length(width):
    """Longest of 1, 2, 5, 10 ... that is at most a quarter of a width."""
    power = 10.0 ** np.floor(np.log10(width / 4))
    return float(power * max(step for step in (1, 2, 5) if power * step <= width / 4))


def length_text(meters):
    """Write a length in the unit that suits it."""
    return f"{meters / 1000:g} km" if meters >= 1000 else f"{meters:g} m"


def add_scale_bar(ax, width, height, meters_per_unit=1.0):
    """Put a scale bar above the upper left corner of the axes; it follows every zoom."""
    artists = import_optional("mpl_toolkits.axes_grid1.anchored_artists", extra="plot")
    length = scale_length(width * meters_per_unit)
    bar = artists.AnchoredSizeBar(
        ax.transData,
        length / meters_per_unit,
        length_text(length),
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        bbox_transform=ax.transAxes,
        size_vertical=max(width, height) / 150,
        label_top=True,
        frameon=False,
        borderpad=0.4,
        pad=0,
        sep=3,
    )
    bar.set_clip_on(False)
    return ax.add_artist(bar)


def add_north_arrow(ax):
    """Put an arrow to the north above the upper right corner of the axes."""
    transforms = import_optional("matplotlib.transforms", extra="plot")
    corner = transforms.offset_copy(ax.transAxes, fig=ax.figure, units="points", x=-6)
    return ax.annotate(
        "N",
        xy=(1, 1),
        xycoords=transforms.offset_copy(corner, fig=ax.figure, units="points", y=32),
        xytext=(1, 1),
        textcoords=transforms.offset_copy(corner, fig=ax.figure, units="points", y=9),
        ha="center",
        va="center",
        fontsize=11,
        arrowprops={"facecolor": "black", "width": 2, "headwidth": 7, "headlength": 8, "shrink": 0},
        annotation_clip=False,
    )


def add_note(ax, note, *, has_title):
    """Write a line above the title, in line with it and not in the middle of map and legend.

    Parameters
    ----------
    ax : matplotlib Axes
        The map.
    note : str
        The line.
    has_title : bool
        Whether there is a title.
    """
    text = ax.annotate(
        escaped(note),
        xy=(0, 1),
        xycoords="axes fraction",
        xytext=(0, _TITLE_PAD + (22 if has_title else 0)),
        textcoords="offset points",
        fontsize="medium",
        annotation_clip=False,
    )
    text.set_parse_math(False)


def add_words(ax, title, notes):
    """Write a title above scale bar and arrow, and notes in one line below the axis.

    Parameters
    ----------
    ax : matplotlib Axes
        The map.
    title : str or None
        None: no title.
    notes : sequence of str
        Empty: none.
    """
    if title is not None:
        style = {"loc": "left", "pad": _TITLE_PAD, "fontsize": 13, "fontweight": "bold"}
        ax.set_title(escaped(title), **style).set_parse_math(False)
    if notes:
        text = ax.annotate(
            " · ".join(map(escaped, notes)),
            xy=(0, 0),
            xycoords="axes fraction",
            xytext=(0, -38),
            textcoords="offset points",
            va="top",
            fontsize=8,
            color="0.25",
            annotation_clip=False,
        )
        text.set_parse_math(False)
