"""The course of an effect in one word, where it is clearer than its scatter over the folds."""

import numpy as np

# An effect is clear where its ends, which are chosen for being farthest apart, differ by so many
# standard errors; a turn where it changes back by so many, and this part of the whole.
_ERRORS, _TURN_ERRORS, _PART = 3.0, 2.0, 0.25


def _change(curves, start, end):
    """Return how far the effect at two points differs, and the standard error of that."""
    change = abs(curves.mean[end] - curves.mean[start])
    return change, float(curves.error(curves.folds[:, end] - curves.folds[:, start]))


def _turns(curves, start, end):
    """Say whether the effect changes back on this way."""
    change, error = _change(curves, start, end)
    return change > _TURN_ERRORS * error and change > _PART * np.ptp(curves.mean)


def is_clear(curves):
    """Say whether the highest and the lowest effect differ by over three standard errors.

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
    change, error = _change(curves, low, high)
    return bool(change > _ERRORS * error)


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
    rises = low < high
    first, last = min(low, high), max(low, high)
    # Where the way from end to end is a rise, a turn is a fall before it, or after it.
    before, after = mean[: first + 1], mean[last:]
    start = int(before.argmax() if rises else before.argmin())
    end = last + int(after.argmin() if rises else after.argmax())
    turns_first = _turns(curves, start, first)
    turns_last = _turns(curves, last, end)
    word, other = ("rises", "falls") if rises else ("falls", "rises")
    if turns_first and turns_last:
        return "turns twice", None
    if turns_last:
        return f"{word}, then {other}", last
    if turns_first:
        return f"{other}, then {word}", first
    return word, None
