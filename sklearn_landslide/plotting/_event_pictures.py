"""Pictures of an event: the probability at one hour, and at all of them one after the other."""

from importlib.util import find_spec

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping import meters_per_unit, zone_colors
from sklearn_landslide.plotting._comparison_curves import figure_class
from sklearn_landslide.plotting._map_furniture import add_scale_bar

# Cells of a side, and hours, that are drawn at most: each is held until the file is written.
_MOST_CELLS, MOST_FRAMES = 600, 72
_COLORS = 64
_LONG_SIDE, _DPI = 5.5, 100
_PER_SECOND = 4


def _coarse(values):
    """Leave the highest of every few cells, so that no single one is lost."""
    step = max(1, -(-max(values.shape) // _MOST_CELLS))
    rest = [(0, -size % step) for size in values.shape]
    padded = np.pad(values, rest, constant_values=np.nan)
    rows, columns = (size // step for size in padded.shape)
    return np.fmax.reduce(padded.reshape(rows, step, columns, step), axis=(1, 3)), step


def draws_pictures():
    """Say whether the library that draws is installed."""
    return find_spec("matplotlib") is not None


def event_map(values, grid, *, levels, most, title):
    """Draw the probabilities of one hour.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
        Probabilities, NaN for no data.
    grid : Grid
        Where they lie.
    levels : list of float
        Probabilities from which on warning levels hold, rising; each has a color. Without any,
        colors run from 0 to `most`.
    most : float
        The highest probability of the event: the same colors at all hours.
    title : str
        The first line above the map.

    Returns
    -------
    figure : matplotlib Figure
    draw : callable
        Takes other values and another title, and draws them in place of these.
    """
    colors = import_optional("matplotlib.colors", extra="plot")
    ticker = import_optional("matplotlib.ticker", extra="plot")
    import_optional("matplotlib.backends.backend_agg", extra="plot")
    left, right, bottom, top = grid.bounds
    tall = (top - bottom) / (right - left)
    size = _LONG_SIDE / max(tall, 1) + 1.9, max(_LONG_SIDE * min(tall, 1), 2.4) + 1.3
    figure = figure_class()(figsize=size, layout="constrained", dpi=_DPI)
    ax = figure.subplots()
    n_colors = len(levels) + 1 if levels else _COLORS
    table = [np.divide(color, 255) for color in list(zone_colors(n_colors).values())[1:]]
    edges = [0, *levels, 1] if levels else np.linspace(0, most or 1, _COLORS + 1)
    shown, step = _coarse(values)
    ax.set_facecolor("0.88")
    image = ax.imshow(
        shown,
        extent=(left, right, bottom, top),
        cmap=colors.ListedColormap(table),
        norm=colors.BoundaryNorm(edges, n_colors),
        interpolation="nearest",
    )
    words = "probability of a landslide"
    if step > 1:
        words += f",\nthe highest of {step} x {step} cells"
    bar = figure.colorbar(image, ax=ax, label=words, spacing="uniform", shrink=0.8)
    bar.ax.yaxis.set_minor_locator(ticker.NullLocator())
    ticks = edges if levels else edges[:: _COLORS // 4]
    bar.set_ticks(ticks, labels=[f"{tick:.3g}" for tick in ticks])
    ax.set(xticks=[], yticks=[], xlabel="gray: no data")
    if unit := meters_per_unit(grid):
        add_scale_bar(ax, right - left, top - bottom, unit)
    more = f"levels from {', '.join(f'{level:g}' for level in levels)}" if levels else "no levels"

    def draw(values, title):
        image.set_data(_coarse(values)[0])
        ax.set_title(f"{title}\n{more}", loc="right", fontsize=10)

    draw(values, title)
    return figure, draw


def save_event_map(values, grid, path, *, levels, most, title):
    """Draw the probabilities of one hour into a file; see :func:`event_map`.

    Parameters
    ----------
    values, grid, levels, most, title
        As of :func:`event_map`.
    path : path-like
        The file, PNG.
    """
    figure, _ = event_map(values, grid, levels=levels, most=most, title=title)
    figure.savefig(path, format="png")


def save_event_animation(frames, grid, path, *, levels, most):
    """Draw hours one after the other into a GIF.

    Parameters
    ----------
    frames : iterable of (str, ndarray of shape (n_rows, n_columns))
        Title and probabilities of each hour, at most `MOST_FRAMES`.
    grid, levels, most
        As of :func:`event_map`.
    path : path-like
        The file, GIF.
    """
    animation = import_optional("matplotlib.animation", extra="plot")
    writer = animation.PillowWriter(fps=_PER_SECOND)
    draw = None
    for title, values in frames:
        if draw is None:
            figure, draw = event_map(values, grid, levels=levels, most=most, title=title)
            writer.setup(figure, str(path), dpi=_DPI)
        draw(values, title)
        writer.grab_frame()
    writer.finish()
