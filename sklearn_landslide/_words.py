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


# Stands in all that a quick run writes.
QUICK = "quick trial with smaller models and fewer folds, no result"
