"""Names and other texts from outside, where they are shown: on one line, and only as text.

A band, a column or a file may have any name: with line breaks, with sequences that steer a
terminal, with HTML, or one that a spreadsheet takes for a formula.
"""

import html
import re

# Whatever may mean something in Markdown within a line; an underscore not within a word.
_MARKUP = re.compile(r"[\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_])")
# What ends a code span, or means something even within one.
_BREAKS_CODE = re.compile(r"[`<>&|\\]")
# How spreadsheets recognize a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def escaped(text):
    r"""Show a text on one line, with an escape for each character that cannot be seen.

    Parameters
    ----------
    text : object
        Its ``str`` is shown.

    Returns
    -------
    shown : str
        Printable characters and blanks only.

    Examples
    --------
    >>> from sklearn_landslide._escaping import escaped
    >>> print(escaped("slope\n\x1b[31mtwi"))
    slope\n\x1b[31mtwi
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in str(text)
    )


def markdown_text(text):
    r"""Write a text in Markdown so that it is read as it is, also in the cell of a table.

    Parameters
    ----------
    text : object
        Its ``str`` is written.

    Returns
    -------
    markdown : str
        One line without HTML.

    Examples
    --------
    >>> from sklearn_landslide._escaping import markdown_text
    >>> print(markdown_text("a|b"))
    a\|b
    """
    return html.escape(_MARKUP.sub(r"\\\g<0>", escaped(text)), quote=False)


def markdown_code(name):
    """Write a name as code in Markdown, or as text if code cannot hold it.

    Parameters
    ----------
    name : object
        Its ``str`` is written.

    Returns
    -------
    markdown : str
        One line without HTML.

    Examples
    --------
    >>> from sklearn_landslide._escaping import markdown_code
    >>> print(markdown_code("plan_curvature"), markdown_code("<b>slope"))
    `plan_curvature` &lt;b&gt;slope
    """
    shown = escaped(name)
    if not shown.strip() or _BREAKS_CODE.search(shown):
        return markdown_text(name)
    return f"`{shown}`"


def without_formulas(frame):
    """Return a table for a CSV file in which a spreadsheet finds no formula.

    Texts, in the cells and as names of columns, that begin as a formula does get an
    apostrophe in front; numbers stay as they are.

    Parameters
    ----------
    frame : DataFrame
        It stays as it is.

    Returns
    -------
    safe : DataFrame

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide._escaping import without_formulas
    >>> without_formulas(pd.DataFrame({"=x": ["@a", "b"], "slope": [-1, 2]}))
      '=x  slope
    0  '@a     -1
    1    b      2
    """

    def safe(value):
        return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value

    frame = frame.copy()
    for place, kind in enumerate(frame.dtypes):
        if kind.kind not in "biufcmM":
            frame.isetitem(place, frame.iloc[:, place].astype(object).map(safe))
    return frame.set_axis([safe(name) for name in frame.columns], axis=1)
