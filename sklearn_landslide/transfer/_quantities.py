"""Factors of numbers: are they of one unit and one formula in both regions."""

import numpy as np

from sklearn_landslide._factor_names import SEVERAL_FORMULAS
from sklearn_landslide.transfer._findings import (
    CONVERTED,
    DEFINITION,
    LIKE_SOURCE,
    NAME,
    SAME,
    UNIT,
    Finding,
    say_names,
)
from sklearn_landslide.transfer._region_scaler import own_quantiles
from sklearn_landslide.transfer._unit_guesses import convert, distance, guess_units, unit_name

# Distributions that are this far apart hardly overlap; the second where formulas differ, the
# third where of the source one number is known.
_APART, _APART_FORMULA, _APART_ONE = 0.9, 0.6, 0.98
_FEWEST, _MOST_VALUES = 5, 20_000


def _median(values):
    return f"{np.median(values):.4g}" if len(values) else "unknown"


def match_quantity(pair, source, target, units):
    """Say what becomes of a factor of numbers.

    Parameters
    ----------
    pair : Pair
        Its columns.
    source, target : Region
        Both regions.
    units : tuple of (str, str), "same" or None
        What was given for it.

    Returns
    -------
    finding : Finding
    """
    ours, theirs = source.numbers[pair.source], target.numbers[pair.target]
    by_name = say_names(pair)
    finding = SAME if pair.how == "same" else NAME
    if units is not None and units != LIKE_SOURCE:
        unit, to = map(unit_name, units)
        theirs = convert(theirs, unit, to)
        finding, by_name = CONVERTED, f"{by_name}Converted from {unit} to {to}. "
    names = (pair.source, pair.target)
    kept = (ours, theirs)
    # Of a large table they say as much as all values do.
    known = tuple(own_quantiles(values, _MOST_VALUES) for values in kept)
    if units is None:
        guess = guess_units(*known, pair.factor.units, factor=pair.factor.factor, named=pair.units)
        if guess is not None:
            return _other_unit(pair, guess, known, kept, by_name)
    why = by_name
    if pair.factor.units == "curvature":
        why += "Which sign means convex cannot be seen in the numbers: look it up. "
    fewest = 1 if source.is_model else _FEWEST
    if len(known[0]) >= fewest and len(known[1]) >= _FEWEST and units != LIKE_SOURCE:
        most = _APART_FORMULA if pair.factor.factor in SEVERAL_FORMULAS else _APART
        apart = distance(*known)
        if apart >= (_APART_ONE if source.is_model else most):
            medians = f"median {_median(known[0])} in the source, {_median(known[1])} in the target"
            why += f"The two hardly overlap: {medians}. "
            if pair.factor.factor in SEVERAL_FORMULAS:
                why += (
                    f"{pair.factor.factor} depends on the formula and on the size of a cell"
                    f"{_logarithm(*known)}. "
                )
            said = f"{pair.source!r} ({medians})"
            return Finding(*names, True, DEFINITION, why.strip(), said, values=kept)
    said = f"{pair.source!r} = {pair.target!r}" if pair.how == "near" else ""
    return Finding(*names, True, finding, why.strip(), said, values=kept)


def _logarithm(source, target):
    """Say whether one of them looks like the logarithm of the other."""
    if min(len(source), len(target)) < _FEWEST:
        return ""
    before = distance(source, target)
    for one, other, of in ((source, target, "target"), (target, source, "source")):
        if (one <= 0).mean() > 0.01:
            continue
        for log, name in ((np.log, "natural"), (np.log10, "decadic")):
            if distance(log(one[one > 0]), other) < min(0.4, before / 2):
                return f"; the {of} looks like the {name} logarithm of the other"
    return ""


def _other_unit(pair, guess, known, kept, by_name):
    """Say that a factor is, or may be, in another unit."""
    key = pair.source
    mend = f"{key!r}: ({guess.target!r}, {guess.source!r})"
    maybe = "".join(f" or {unit}" for unit in guess.others)
    looks = f"the target looks like {guess.target}{maybe}, the source like {guess.source}"
    medians = f"median {_median(known[0])} in the source, {_median(known[1])} in the target"
    if guess.is_sure:
        why = f"{by_name}{looks[0].upper()}{looks[1:]} ({medians}): units={{{mend}}} converts."
        return Finding(pair.source, pair.target, False, UNIT, why, f"{key!r} ({looks})", mend)
    why = (
        f"{by_name}Perhaps another unit: {looks} ({medians}). If so, units={{{mend}}} converts; if "
        f"not, units={{{key!r}: 'same'}} says so."
    )
    return Finding(pair.source, pair.target, True, UNIT, why, f"{key!r} ({looks})", mend, kept)
