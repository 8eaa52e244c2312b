"""How results are shown: sentences and a table, as text, as HTML and as plain values."""

import html
import textwrap

from sklearn_landslide._escaping import escaped


def plain_rows(frame):
    """Return the rows of a table as dicts, None for what is missing."""
    frame = frame.astype(object)
    return frame.where(frame.notna(), None).to_dict("records")


def listed_text(title, sentences, width):
    """Put sentences below a title, as text.

    Parameters
    ----------
    title : str
        The first line.
    sentences : list of str
        One an item.
    width : int
        Longest line of a sentence, in characters.

    Returns
    -------
    text : str
        Without a newline at the end.

    Examples
    --------
    >>> from sklearn_landslide._shown import listed_text
    >>> print(listed_text("Result", ["All is well.", "Go on as before."], 12))
    Result
    - All is
      well.
    - Go on as
      before.
    """
    lines = [title]
    for sentence in sentences:
        lines += textwrap.wrap(
            escaped(sentence), width, initial_indent="- ", subsequent_indent="  "
        )
    return "\n".join(lines)


def listed_html(title, sentences):
    """Put sentences below a title, as HTML.

    Parameters
    ----------
    title : str
        The first line.
    sentences : list of str
        One an item.

    Returns
    -------
    html : str
    """
    items = "\n".join(f"<li>{html.escape(escaped(text))}</li>" for text in sentences)
    return f"<p>{title}</p>\n<ul>\n{items}\n</ul>"


def text_of(title, sentences, table, width):
    """Put sentences and a table below a title, as text.

    Parameters
    ----------
    title : str
        The first line.
    sentences : list of str
        One an item.
    table : DataFrame
        Its names are shown as text.
    width : int
        Longest line of a sentence, in characters.

    Returns
    -------
    text : str
        Without a newline at the end.
    """
    shown = _with_shown_names(table).to_string(index=False, na_rep="")
    return f"{listed_text(title, sentences, width)}\n\n{shown}"


def html_of(title, sentences, table):
    """Put sentences and a table below a title, as HTML.

    Parameters
    ----------
    title : str
        The first line.
    sentences : list of str
        One an item.
    table : DataFrame
        Its names are shown as text.

    Returns
    -------
    html : str
    """
    shown = _with_shown_names(table).to_html(index=False, na_rep="", float_format="{:.3g}".format)
    return f"{listed_html(title, sentences)}\n{shown}"


def _with_shown_names(table):
    """Return a table whose texts are on one line each."""
    return table.map(lambda cell: escaped(cell) if isinstance(cell, str) else cell)
