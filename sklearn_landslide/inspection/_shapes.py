"""The course of an effect in one word, where it is clearer than its scatter over the folds."""

import numpy as np

# A change is clear where it is more than so many standard errors, and this part of the whole.
_ERRORS, _PART = 2.0, 0.25


def _is_clear(curves, start, end, whole):
    """Say whether the effect at two points differs by more than its scatter and a part of all."""
    change = abs(curves.mean[end] - curves.mean[start])
    error = float(curves.error(curves.folds[:, end] - curves.folds[:, start]))
    return change > _ERRORS * error and change > _PART * whole


def is_clear(curves):
    """Say whether the highest and the lowest effect differ by more than their scatter.

    Parameters
    ----------
    curves : Curves
        The effect of a factor.

    Returns
    -------
    clear : bool
        False for a single fold.
    """
    low, high = int(curves.mean.argmin()), int(curves.mean.argmax())
    return bool(low != high and _is_clear(curves, low, high, 0.0))


def shape_of(curves):
    """Name the course of an effect over the points of a quantity.

    Parameters
    ----------
    curves : Curves
        The effect.

    Returns
    -------
    shape : {"rises", "falls", "rises, then falls", "falls, then rises", "turns twice", \
            "no clear effect"}
        A turn counts where the effect changes back by more than two standard errors and a quarter
        of its range.
    turn : int or None
        The point of the one turn.
    """
    if not is_clear(curves):
        return "no clear effect", None
    mean = curves.mean
    low, high = int(mean.argmin()), int(mean.argmax())
    whole = np.ptp(mean)
    rises = low < high
    first, last = min(low, high), max(low, high)
    # Where the way from end to end is a rise, a turn is a fall before it, or after it.
    before, after = mean[: first + 1], mean[last:]
    start = int(before.argmax() if rises else before.argmin())
    end = last + int(after.argmin() if rises else after.argmax())
    turns_first = _is_clear(curves, start, first, whole)
    turns_last = _is_clear(curves, last, end, whole)
    word, other = ("rises", "falls") if rises else ("falls", "rises")
    if turns_first and turns_last:
        return "turns twice", None
    if turns_last:
        return f"{word}, then {other}", last
    if turns_first:
        return f"{other}, then {word}", first
    return word, None
