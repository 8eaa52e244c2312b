"""How messages name what was found: names in quotes, counts with their nouns, near misses."""

import difflib
import re


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


# A number and its sign, and what is said of a p-value.
_KEPT = re.compile(
    r"(?<=\d) (?=(?:%|km²|km\b|m²|m\b|mm\b|°))|(?<=\bp) (?=[=<] ?\d)|(?<=\bp [=<]) (?=\d)"
)


def unbroken(text):
    r"""Keep numbers on one line with their signs: ``46 %``, ``12 km²``, ``p = 0.12``.

    Parameters
    ----------
    text : str
        For a page, whose lines are broken at any other space.

    Returns
    -------
    text : str
        With non-breaking spaces.

    Examples
    --------
    >>> from sklearn_landslide._words import unbroken
    >>> unbroken("46 % of 12 km² (p = 0.12)").split(" ")
    ['46\xa0%', 'of', '12\xa0km²', '(p\xa0=\xa00.12)']
    """
    return _KEPT.sub("\N{NO-BREAK SPACE}", text)


def count_groups(groups, is_landslide):
    """Count the groups of the rows of landslides; None if there are no groups.

    Parameters
    ----------
    groups : array-like of shape (n_rows,) or None
        Which rows belong together.
    is_landslide : ndarray of bool of shape (n_rows,)
        Which rows are landslides.

    Returns
    -------
    n_groups : int or None

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._words import count_groups
    >>> count_groups(["a", "a", "b", "c"], np.array([True, True, True, False]))
    2
    """
    if groups is None:
        return None
    return len({group for group, one in zip(groups, is_landslide, strict=True) if one})


def landslides_said(is_landslide, n_landslides=None, n_groups=None):
    """Say how many places are landslides, or cells of landslides, and what share of all.

    Parameters
    ----------
    is_landslide : ndarray of shape (n_places,)
        1 or True for a landslide, 0 or False for none.
    n_landslides : int or None, default=None
        Landslides that these places are of, where a polygon has several cells. None: each place
        is one.
    n_groups : int or None, default=None
        Groups of these places, which may be of any kind; said where the landslides are not known.

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
        said = f"{plural(count, 'landslide')} ({share})"
        # Of made cells it is known of how many landslides they are.
        is_grouped = n_groups is not None and n_landslides is None
        return f"{said} in {plural(n_groups, 'group')}" if is_grouped else said
    return f"{plural(count, 'cell')} of {plural(n_landslides, 'landslide')} ({share})"
