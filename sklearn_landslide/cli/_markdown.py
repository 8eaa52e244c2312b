"""Tables in the Markdown that commands write."""

import math

from sklearn_landslide._escaping import markdown_text


def markdown_table(frame, digits=3, n_text=1):
    r"""Lay out a table in Markdown.

    Parameters
    ----------
    frame : DataFrame
        The table.
    digits : int, default=3
        Digits of a number.
    n_text : int, default=1
        How many columns, the first ones, are text.

    Returns
    -------
    markdown : str
        Lines of the table, without a newline at the end.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.cli._markdown import markdown_table
    >>> print(markdown_table(pd.DataFrame({"factor": ["a|b", "twi"], "loss": [0.12345, None]})))
    | factor | loss |
    | --- | ---: |
    | a\|b | 0.123 |
    | twi |  |
    """
    rows = [
        [_cell(one, digits) for one in row] for row in frame.astype(object).itertuples(index=False)
    ]
    head = [markdown_text(name) for name in frame.columns]
    lines = [head, ["---"] * n_text + ["---:"] * (len(head) - n_text), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value, digits):
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.{digits}g}" if isinstance(value, float) else markdown_text(value)
