"""New figures with one panel, or with several in rows, for whoever is given no axes."""

import numpy as np

from sklearn_landslide._optional import import_optional

# Panels side by side.
COLUMNS = 3


def axes_or_new(ax, figsize):
    """Return the axes to draw on.

    Parameters
    ----------
    ax : matplotlib Axes or None
        None: those of a new figure.
    figsize : tuple of float
        Width and height of a new figure, in inches.

    Returns
    -------
    ax : matplotlib Axes

    Raises
    ------
    ImportError
        If matplotlib, from the extra ``plot``, is needed and not installed.
    """
    if ax is not None:
        return ax
    pyplot = import_optional("matplotlib.pyplot", extra="plot")
    return pyplot.figure(figsize=figsize, layout="constrained").subplots()


def new_panels(make_figure, n_panels, panel, margin):
    """Make a figure of so many panels, a few in a row.

    Parameters
    ----------
    make_figure : callable
        As ``pyplot.figure``.
    n_panels : int
        How many.
    panel, margin : tuple of float
        Width and height of each panel, and what the figure has beside them, in inches.

    Returns
    -------
    panels : ndarray of matplotlib Axes, shape (n_panels,)
        The last row may have fewer than the others.
    """
    rows, columns = -(-n_panels // COLUMNS), min(COLUMNS, n_panels)
    size = margin[0] + panel[0] * columns, margin[1] + panel[1] * rows
    figure = make_figure(figsize=size, layout="constrained")
    panels = np.ravel(figure.subplots(rows, columns, squeeze=False))
    for blank in panels[n_panels:]:
        blank.remove()
    return panels[:n_panels]
