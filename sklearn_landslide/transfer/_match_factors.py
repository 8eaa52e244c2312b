"""The factors of two regions brought into one form, before anything is fitted."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sklearn_landslide._factor_names import is_no_factor
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.transfer._class_codes import match_classes
from sklearn_landslide.transfer._findings import (
    EMPTY,
    KIND,
    LIKE_SOURCE,
    MISSING,
    NOT,
    Finding,
    warn_of_findings,
)
from sklearn_landslide.transfer._matched import COLUMNS, MatchedFactors
from sklearn_landslide.transfer._pairs import pair_names
from sklearn_landslide.transfer._quantities import match_quantity
from sklearn_landslide.transfer._region_tables import (
    check_declared,
    is_table,
    read_model,
    read_table,
)


def _pair_up(pair, source, target, units, codes):
    """Say what becomes of a factor that both regions have."""
    names = (pair.source, pair.target)
    is_code = pair.source in source.classes, pair.target in target.classes
    if all(is_code):
        known = (
            len(source.classes[pair.source].categories),
            len(target.classes[pair.target].categories),
        )
    elif any(is_code):
        of = {True: "classes", False: "numbers"}
        why = f"It holds {of[is_code[0]]} in the source and {of[is_code[1]]} in the target."
        return Finding(*names, False, KIND, why, f"{pair.source!r} ({why[9:-1]})")
    else:
        known = tuple(
            int((~np.isnan(region.numbers[name])).sum())
            for region, name in zip((source, target), names, strict=True)
        )
    # Of a model no values are known, and need not be.
    if known[1] == 0 or (known[0] == 0 and not source.is_model):
        of = "target" if known[1] == 0 else "source"
        why = f"The {of} has no value in any row."
        return Finding(*names, False, EMPTY, why, f"{pair.source!r} ({of})")
    if all(is_code):
        return match_classes(pair, source, target, codes)
    return match_quantity(pair, source, target, units)


def _by_factor(given, parameter, pairs):
    """Return what was given for factors by the name in the source; the target's will do."""
    by_target = {pair.target: pair.source for pair in pairs}
    names = {pair.source: pair.source for pair in pairs}
    found = {}
    for name, value in (given or {}).items():
        key = names.get(str(name)) or by_target.get(str(name))
        if key is None:
            raise ValueError(
                f"{parameter} names {name!r}, which is not a factor of both regions."
                f"{nearest(name, names)} There are {listed(names, 8)}."
            )
        found[key] = value
    return found


def _check_units(units, source):
    """Raise for what is not a pair of units, and for a factor of classes."""
    for name, pair in units.items():
        is_pair = isinstance(pair, tuple | list) and len(pair) == 2
        if pair != LIKE_SOURCE and not (is_pair and all(isinstance(u, str) for u in pair)):
            raise ValueError(
                f"units[{name!r}] must be a pair (unit of the target, unit of the source), such as "
                f"('percent', 'degree'), or 'same', got {pair!r}."
            )
        if name in source.classes:
            raise ValueError(f"units names {name!r}, which holds classes: see codes.")


def _check_codes(codes, source, target):
    for name, given in codes.items():
        if given != LIKE_SOURCE and not isinstance(given, Mapping):
            raise ValueError(
                f"codes[{name!r}] must be a dict {{code in the target: code in the source}}, or "
                f"'same', got {given!r}."
            )
        if name not in source.classes:
            raise ValueError(
                f"codes names {name!r}, which holds numbers: name it in categorical_features if "
                "they are codes."
            )


def _unpaired(source, target, pairs, named):
    """Say what becomes of columns that only one region has, and of what is not a factor."""
    for name in source.names:
        if name not in {pair.source for pair in pairs}:
            if not source.is_model and is_no_factor(name):
                yield Finding(
                    name,
                    None,
                    False,
                    NOT,
                    "By its name a label, a coordinate, a date or a row number.",
                )
            else:
                yield Finding(
                    name, None, False, MISSING, "The target lacks it.", f"{name!r} (source)"
                )
    for name in target.names:
        if name not in {pair.target for pair in pairs}:
            if is_no_factor(name):
                yield Finding(
                    None,
                    name,
                    False,
                    NOT,
                    "By its name a label, a coordinate, a date or a row number.",
                )
            else:
                yield Finding(
                    None, name, False, MISSING, "The source lacks it.", f"{name!r} (target)"
                )


def match_factors(
    source,
    target,
    *,
    aliases=True,
    rename=None,
    units=None,
    codes=None,
    categorical_features="from_dtype",
):
    """Bring the factors of two regions into the same form, and name those that do not match.

    A model of one region reads the table of another as if it were its own. A slope in percent, a
    lithology with another legend or an index from another formula is then wrong without any error.
    Here each factor is compared before anything is fitted: by its name, its unit, its classes and
    its distribution. Factors that cannot be the same are left out, doubtful ones are kept and
    named, and for each there is a parameter that fixes it.

    Parameters
    ----------
    source : DataFrame of shape (n_samples, n_factors) or fitted estimator
        The factors of the known region, or a model that was fitted there on a DataFrame. A model
        knows the names, the codes and, if a step fills gaps, the medians.
    target : DataFrame of shape (n_places, n_factors)
        The factors of the other region.
    aliases : bool or dict of str to (str or list of str), default=True
        Whether ``altitude`` and ``dem`` are read as ``elevation``, ``dist_river`` as
        ``distance_to_river`` and so on. A dict adds names of your own:
        ``{"slope": ["steilheit"]}``. False: only the same name is the same factor.
    rename : dict of str to str, default=None
        ``{name in the target: name in the source}``, before any alias.
    units : dict of str to (tuple of (str, str) or "same"), default=None
        By factor, the unit in the target and the unit in the source, to which it is converted:
        ``{"slope": ("percent", "degree")}``. ``"same"``: the unit is that of the source, whatever
        the values look like. Units are degree, percent, ratio and radian; m, km and ft; mm, cm, m
        and in of rain; 1, x100, x1000 and x10000 of an index that was multiplied; 1/m, 1/100m and
        1/km; m2, ha and km2.
    codes : dict of str to (dict or "same"), "same" or None, default=None
        By factor, what each code of the target is in the source, ``{"lithology": {3: 1, 4:
        None}}``, with None for a class without a counterpart. Such a class becomes missing, and so
        does a code that is not named. ``"same"``, for a factor or for all: both regions use the
        same legend.
    categorical_features : "from_dtype" or list of str, default="from_dtype"
        Columns of codes, in addition to those of text or of pandas' category dtype and those with
        telling names, such as ``lithology``, ``soil`` and ``landuse``.

    Returns
    -------
    matched : MatchedFactors
        The tables in the same form, and the finding for each factor.

    Raises
    ------
    ValueError
        If no factor is left, a mapping names something that is not a factor, or two columns of a
        region are names of the same factor.
    TypeError
        If a region is not a DataFrame, nor a model that was fitted on one.

    Warns
    -----
    UserWarning
        One for each kind of finding, with the factors that it concerns.

    See Also
    --------
    compare_regions : How different the matched tables are.
    RegionScaler : Each region by its own scale.

    Notes
    -----
    Units are recognized by names that end with one, by physical limits (a slope above 90, an NDVI
    above 1, a region without a slope above 3 degrees), and by distributions: a factor whose two
    distributions are at least 0.9 apart (Kolmogorov-Smirnov), and 0.4 less so in a unit that is
    nine times larger or more, is taken to be in that unit and left out. Where another unit, of
    whatever size, leaves less than a quarter of a distance of more than 0.3, the factor is kept
    and named, because it may just as well be another landscape: heights in feet look like higher
    mountains, and a slope in percent below 90 like a steeper one.

    Distributions that are 0.9 apart, or 0.6 for an index with several formulas, are named, but
    nothing more can be said about them. If one region counts convex curvature as positive and the
    other as negative, the numbers do not show it.

    If both regions use the codes 1 to 9, these need not mean the same. Codes are matched only if
    both regions have names for their classes, or if you say so.

    Columns named like labels or coordinates are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.transfer import match_factors
    >>> here = pd.DataFrame({"slope": [5.0, 30.0, 45.0], "dem": [200.0, 300.0, 900.0]})
    >>> there = pd.DataFrame({"altitude_ft": [656.0, 984.0], "slope_percent": [9.0, 58.0]})
    >>> matched = match_factors(
    ...     here, there, units={"slope": ("percent", "degree"), "dem": ("ft", "m")}
    ... )
    >>> matched.target.round(0)
       slope    dem
    0    5.0  200.0
    1   30.0  300.0
    """
    if not isinstance(aliases, bool | Mapping):
        raise TypeError(f"aliases must be True, False or a dict, got {aliases!r}.")
    for name, given in {"rename": rename, "units": units, "codes": codes}.items():
        is_for_all = name == "codes" and isinstance(given, str) and given == LIKE_SOURCE
        if given is not None and not isinstance(given, Mapping) and not is_for_all:
            raise TypeError(f"{name} must be a dict by factor, got {given!r}.")
    declared = check_declared(categorical_features, source, target)
    theirs = read_table(target, "target", declared)
    is_model = not is_table(source) and hasattr(source, "fit")
    ours = read_model(source) if is_model else read_table(source, "source", declared)
    named = {str(name) for pair in (rename or {}).items() for name in pair}
    pairs = pair_names(
        [n for n in ours.names if is_model or n in named or not is_no_factor(n)],
        [
            n
            for n in theirs.names
            if n in named or (is_model and n in ours.names) or not is_no_factor(n)
        ],
        aliases=aliases,
        rename=rename,
    )
    if not pairs:
        raise ValueError(
            f"no factor is in both regions: the source has {listed(ours.names, 6)}, the target "
            f"{listed(theirs.names, 6)}. Say which is which with rename={{name in the target: name "
            "in the source}."
        )
    units = _by_factor(units, "units", pairs)
    if codes == LIKE_SOURCE:
        codes = {p.source: LIKE_SOURCE for p in pairs if p.source in ours.classes}
    codes = _by_factor(codes, "codes", pairs)
    _check_units(units, ours)
    _check_codes(codes, ours, theirs)
    findings = [
        _pair_up(pair, ours, theirs, units.get(pair.source), codes.get(pair.source))
        for pair in pairs
    ]
    kept = [finding for finding in findings if finding.kept]
    if not kept:
        why = "; ".join(f"{f.source!r} ({f.finding})" for f in findings[:5])
        raise ValueError(
            f"no factor is left of {len(findings)} that both regions have: {why}. See units and "
            "codes."
        )
    findings += _unpaired(ours, theirs, pairs, named)
    warn_of_findings(findings, of_model=is_model)
    table = pd.DataFrame(
        [[getattr(f, name) for name in COLUMNS] for f in findings], columns=COLUMNS
    )
    tables = [
        None
        if region.is_model
        else pd.DataFrame({f.source: pd.Series(f.values[place], index=region.index) for f in kept})
        for place, region in enumerate((ours, theirs))
    ]
    return MatchedFactors(*tables, table)
