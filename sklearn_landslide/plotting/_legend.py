"""Legends whose names are shown as they are: no formula, no line break, none left out."""

from sklearn_landslide._escaping import escaped


def add_legend(ax, handles, labels, **options):
    """Add a legend; what matplotlib reads into a name is not read.

    A dollar sign begins no formula, and a name that begins with an underscore is an entry like
    any other.

    Parameters
    ----------
    ax : matplotlib Axes or Figure
        Where it belongs.
    handles : sequence of matplotlib Artist
        One an entry.
    labels : sequence of str
        The names and what is said of them, one an entry.
    **options : dict
        Passed to matplotlib.

    Returns
    -------
    legend : matplotlib Legend

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from sklearn_landslide.plotting._legend import add_legend
    >>> axes = Figure().subplots()
    >>> legend = add_legend(axes, axes.plot([0, 1]), ["_$x_1$"])
    >>> [text.get_text() for text in legend.get_texts()]
    ['_$x_1$']
    """
    legend = ax.legend(handles, [f"entry {number}" for number in range(len(labels))], **options)
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_parse_math(False)
        # Own labels may have several lines, names have one.
        text.set_text("\n".join(map(escaped, label.split("\n"))))
    return legend
