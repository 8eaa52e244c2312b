"""Names of columns that look like the values of a place: a file without a header."""

import numpy as np


def names_like_values(names):
    """Return the names that are numbers, if so many are that they seem to be values.

    Parameters
    ----------
    names : sequence of object
        The names of the columns. Those that are not texts are nobody's.

    Returns
    -------
    values : list of str
        Empty for fewer than two numbers, or less than half of the names, and for numbers that
        count hours, years or the like.

    Examples
    --------
    >>> from sklearn_landslide.tables import names_like_values
    >>> names_like_values(["31.5", "0.02", "clay", "1"]), names_like_values(["2011", "2012"])
    (['31.5', '0.02', '1'], [])
    """
    texts = [name for name in names if isinstance(name, str)]
    found = [name for name in texts if _is_number(name)]
    if len(found) < 2 or len(found) < len(texts) / 2:
        return []
    if all(name.strip().isdecimal() for name in found):
        steps = np.diff([int(name) for name in found])
        return [] if (steps == 1).all() else found
    return found


def _is_number(name):
    try:
        float(name.replace(",", "."))
    except ValueError:
        return False
    return True
