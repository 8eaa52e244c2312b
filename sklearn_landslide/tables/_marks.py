"""Points and commas in numbers: decimal marks, or groups of thousands; each column shows which."""

import re

_WHOLE = re.compile(r"[+-]?\d+")
_GROUPED = {mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(\{mark}\d{{3}})+") for mark in ".,"}
_EXPONENT = r"([eE][+-]?\d+)?"
_DECIMAL = {mark: re.compile(rf"[+-]?(\d+\{mark}?\d*|\{mark}\d+){_EXPONENT}") for mark in ".,"}
_OTHER = {".": ",", ",": "."}
# With groups of thousands, by the decimal mark: 1.234,5 and 1,234.5 can be one thing only.
_BOTH = {
    mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(\{other}\d{{3}})+\{mark}\d*")
    for mark, other in _OTHER.items()
}
_HOW = "write numbers with a decimal point and without grouping"


def may_be_grouped(cells, mark):
    """Return a cell whose mark may group thousands, or None if the column shows that it does not.

    So it is where every number with the mark has three digits behind it, and there are whole
    numbers below 1000 beside them that are greater than these numbers if the mark is a decimal one.

    Parameters
    ----------
    cells : sequence of str
        The column.
    mark : {".", ","}
        The decimal mark.

    Returns
    -------
    cell : str or None

    Examples
    --------
    >>> from sklearn_landslide.tables._marks import may_be_grouped
    >>> may_be_grouped(["250", "1.269"], "."), may_be_grouped(["250", "1.27"], ".")
    ('1.269', None)
    """
    marked = [cell for cell in cells if mark in cell]
    if not marked or not all(map(_GROUPED[mark].fullmatch, marked)):
        return None
    whole = [abs(int(cell)) for cell in cells if _WHOLE.fullmatch(cell) and len(cell) < 5]
    n_whole = sum(_WHOLE.fullmatch(cell) is not None for cell in cells)
    # The first mark of 1.234.567 as the decimal one.
    read = [abs(float(".".join(cell.split(mark)[:2]))) for cell in marked]
    if len(whole) < n_whole or max(whole, default=0) >= 1000:
        return None
    return marked[0] if max(whole, default=0) > max(*read, 9) else None


def is_unclear(cells, mark):
    """Say whether every cell with a mark may group thousands or be a decimal number.

    Parameters
    ----------
    cells : sequence of str
        At least one of them has the mark.
    mark : {".", ","}
        The mark.
    """
    return all(_GROUPED[mark].fullmatch(cell) for cell in cells if mark in cell)


def shown_decimal(cells):
    """Return the decimal mark that cells with both marks show, as 1.234,5 does; None without.

    Parameters
    ----------
    cells : sequence of str
        The column.

    Returns
    -------
    mark : {".", ","} or None
        None also where cells contradict each other.
    """
    shown = [mark for mark in ".," if any(map(_BOTH[mark].fullmatch, cells))]
    return shown[0] if len(shown) == 1 else None


def decimal_of(cells, decimal, name):
    """Find the decimal mark of a column of text, and whether the other mark groups thousands.

    Parameters
    ----------
    cells : sequence of str
        The cells, without spaces around them.
    decimal : {".", ","}
        The mark that most numbers of the file have.
    name : str
        The column, for messages.

    Returns
    -------
    decimal : {".", ","}
        That of the column, which may be another one where its cells leave no doubt.
    grouped : bool
        Whether the other mark groups thousands.

    Raises
    ------
    ValueError
        If the mark may group thousands or not.

    Examples
    --------
    >>> from sklearn_landslide.tables._marks import decimal_of
    >>> decimal_of(["1.234,5", "950"], ".", "area"), decimal_of(["2,5", "3"], ".", "a")
    ((',', True), (',', False))
    """
    if (mark := shown_decimal(cells)) is not None:
        return mark, True
    other = _OTHER[decimal]
    has_other = any(other in cell for cell in cells)
    if has_other and all(map(_DECIMAL[other].fullmatch, cells)):
        if is_unclear(cells, other):
            raise _unclear(next(cell for cell in cells if other in cell), name)
        return other, False
    if (example := may_be_grouped(cells, decimal)) is not None:
        raise _unclear(example, name)
    return decimal, False


def _unclear(example, name):
    return ValueError(
        f"Column {name!r} has cells such as {example!r}, which may be a decimal number or "
        f"thousands: {_HOW}."
    )


def with_point(cell, decimal, grouped):
    """Write a number with a decimal point and without groups; what is no such number is None.

    Parameters
    ----------
    cell : str
        A number.
    decimal : {".", ","}
        Its decimal mark.
    grouped : bool
        Whether the other mark groups thousands.

    Returns
    -------
    cell : str or None

    Examples
    --------
    >>> from sklearn_landslide.tables._marks import with_point
    >>> with_point("1.234,5", ",", True), with_point("1.234,5", ",", False)
    ('1234.5', None)
    """
    other = _OTHER[decimal]
    if grouped and (_BOTH[decimal].fullmatch(cell) or _GROUPED[other].fullmatch(cell)):
        cell = cell.replace(other, "")
    elif other in cell:
        # Beside decimal commas, 1.234 may be a thousand: not for us to guess.
        return None
    return cell.replace(decimal, ".")
