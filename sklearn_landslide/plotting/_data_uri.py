"""A figure as a data URI, for a page that must not need another file."""

from base64 import b64encode
from io import BytesIO
from textwrap import fill

from sklearn_landslide._optional import import_optional

# Characters in a line of a legend.
_LONGEST_LINE = 52
_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def as_data_uri(figure, kind, *, dpi=160):
    """Draw a figure into a text that stands in ``src`` of an image.

    The same figure gives the same text. Empty margins are cut off, and what lies beyond the
    figure is kept. Long names in legends come on several lines.

    Parameters
    ----------
    figure : matplotlib Figure
        The figure. Its legends are changed.
    kind : {"svg", "png"}
        The format.
    dpi : float, default=160
        Pixels per inch of a PNG.

    Returns
    -------
    uri : str
        ``data:image/...;base64,...``.
    """
    matplotlib = import_optional("matplotlib", extra="plot")
    for axes in figure.axes:
        if (legend := axes.get_legend()) is not None:
            for text in legend.get_texts():
                text.set_text(fill(text.get_text(), _LONGEST_LINE))
    file = BytesIO()
    # Without a salt the names inside an SVG are drawn at random.
    with matplotlib.rc_context({"svg.hashsalt": "sklearn-landslide", "svg.fonttype": "path"}):
        date = {"Date": None} if kind == "svg" else {}
        figure.savefig(file, format=kind, dpi=dpi, metadata=date, bbox_inches="tight")
    return f"data:{_TYPES[kind]};base64,{b64encode(file.getvalue()).decode()}"
