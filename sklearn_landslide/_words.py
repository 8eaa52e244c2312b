"""How messages name what was found: names in quotes, counts with their nouns, near misses."""

import difflib


def listed(names, limit=30):
    """Quote names, the first `limit` of them."""
    names = list(names)
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(repr(name) for name in names[:limit]) + more


def plural(count, noun):
    """Join a count and its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def nearest(name, names):
    """Hint at the name that was probably meant, or say nothing."""
    by_lower = {str(other).lower(): str(other) for other in names}
    close = difflib.get_close_matches(str(name).lower(), by_lower, n=1)
    return f" Did you mean {by_lower[close[0]]!r}?" if close else ""


def join_names(names, most=5):
    """Join names as they are, and count those beyond the first few."""
    names = [str(name) for name in names]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def percent(share):
    """Write a share in percent, with a digit where it is small; never 0 for what is not."""
    for edge, said in ((0, "less than 0.1 %"), (1, "more than 99.9 %")):
        if abs(share - edge) < 0.0005:
            return said if share != edge else f"{100 * edge} %"
    digits = 1 if min(share, 1 - share) < 0.0995 else 0
    return f"{100 * share:.{digits}f} %"


def landslides_said(is_landslide, n_landslides=None):
    """Say how many places are landslides, or cells of landslides, and what share of all.

    Parameters
    ----------
    is_landslide : ndarray of shape (n_places,)
        1 or True for a landslide, 0 or False for none.
    n_landslides : int or None, default=None
        Landslides that these places are of, where a polygon has several cells. None: each place
        is one.

    Returns
    -------
    text : str

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._words import landslides_said
    >>> landslides_said(np.array([1, 1, 1, 0])), landslides_said(np.array([1, 1, 1, 0]), 2)
    ('3 landslides (75 %)', '3 cells of 2 landslides (75 %)')
    """
    count, share = int(is_landslide.sum()), percent(is_landslide.mean())
    if n_landslides in (None, count):
        return f"{plural(count, 'landslide')} ({share})"
    return f"{plural(count, 'cell')} of {plural(n_landslides, 'landslide')} ({share})"
