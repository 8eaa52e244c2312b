"""The factors of two regions brought into one form, before anything is fitted."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide._codes import canonical_code
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.transfer._factor_names import SEVERAL_FORMULAS, is_no_factor
from sklearn_landslide.transfer._matched import COLUMNS, MatchedFactors
from sklearn_landslide.transfer._pairs import pair_names
from sklearn_landslide.transfer._region_scaler import own_quantiles
from sklearn_landslide.transfer._region_tables import (
    check_declared,
    is_table,
    read_model,
    read_table,
)
from sklearn_landslide.transfer._unit_guesses import convert, distance, guess_units, unit_name

SAME, NAME, UNIT, CONVERTED = "the same", "another name", "another unit", "converted"
DEFINITION, KEY, RECODED, UNSEEN = "hardly overlaps", "another key", "recoded", "unseen classes"
MISSING, EMPTY, KIND, NOT = "in one region only", "no values", "classes or numbers", "no factor"
# Distributions that are this far apart hardly overlap; the second where formulas differ, the
# third where of the source one number is known.
_APART, _APART_FORMULA, _APART_ONE = 0.9, 0.6, 0.98
_FEWEST, _MOST_VALUES = 5, 20_000
_LIKE_SOURCE = "same"


@dataclass(frozen=True)
class Finding:
    """What became of one factor.

    Parameters
    ----------
    source, target : str or None
        Names of its columns.
    kept : bool
        Whether it is used.
    finding : str
        In a word or two.
    why : str
        In a sentence or two.
    said : str, default=""
        What the warning of this kind says of it.
    remedy : str, default=""
        What to pass, for that warning.
    values : pandas.Series pair or None, default=None
        The columns of source and target, if it is kept.
    """

    source: str | None
    target: str | None
    kept: bool
    finding: str
    why: str
    said: str = ""
    remedy: str = ""
    values: tuple | None = None


def _median(values):
    return f"{np.median(values):.4g}" if len(values) else "unknown"


def _name_said(pair):
    """Say by which names the columns are the same factor."""
    if pair.how == "same":
        return ""
    if pair.how == "named":
        return f"{pair.target} was named as {pair.source}. "
    if pair.how == "near":
        return (
            f"{pair.source} and {pair.target} are both used for {pair.factor.factor}, and may "
            "differ in what they mean. "
        )
    names = [name for name in (pair.source, pair.target) if name != pair.factor.factor]
    verb = "is a name" if len(names) == 1 else "are names"
    return f"{' and '.join(names)} {verb} of {pair.factor.factor}. "


def _quantity(pair, source, target, units):
    """Say what becomes of a factor of numbers."""
    ours, theirs = source.numbers[pair.source], target.numbers[pair.target]
    by_name = _name_said(pair)
    finding = SAME if pair.how == "same" else NAME
    if units is not None and units != _LIKE_SOURCE:
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
    if len(known[0]) >= fewest and len(known[1]) >= _FEWEST and units != _LIKE_SOURCE:
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


def _folded(code):
    """Compare names of classes without regard to case and blanks."""
    return " ".join(str(code).casefold().replace("_", " ").split())


def _classes(pair, source, target, given):
    """Say what becomes of a factor of classes."""
    ours, theirs = source.classes[pair.source], target.classes[pair.target]
    known, codes = list(ours.categories), list(theirs.categories)
    names, by_name = (pair.source, pair.target), _name_said(pair)
    if isinstance(given, Mapping):
        table = _code_table(pair.source, given, known)
        to = [table.get(str(canonical_code(code)), None) for code in codes]
        finding = RECODED
    else:
        by_text = {_folded(code): code for code in known}
        to = [by_text.get(_folded(code), code) for code in codes]
        are_names = all(isinstance(code, str) for code in (*known, *codes))
        finding = SAME if pair.how == "same" else NAME
        if given is None and not (are_names and set(to) & set(known)):
            return _other_key(pair, known, codes, by_name, are_names)
    # Named with None: its user knows.
    unnamed = [
        code
        for code in codes
        if isinstance(given, Mapping) and str(canonical_code(code)) not in table
    ]
    new = [code for code in dict.fromkeys(to) if code is not None and code not in known]
    categories = known + new
    if any(isinstance(code, str) for code in categories):
        ours = ours.rename_categories([str(code) for code in known])
        to = [code if code is None else str(code) for code in to]
        categories = [str(code) for code in categories]
    columns = (
        pd.Categorical(ours, categories=categories),
        _recode(theirs, to, categories),
    )
    if not columns[1].isin(categories[: len(known)]).any():
        is_mapped = isinstance(given, Mapping)
        return _other_key(pair, known, codes, by_name, True, is_mapped)
    why, said = by_name, ""
    if strange := [*new, *unnamed]:
        share = theirs[theirs.notna()].isin(strange).mean()
        what = "stand in no mapping, and are missing now" if unnamed else "are not in the source"
        shown = listed(strange, 3)
        why += f"{shown} {what}: {share:.0%} of the target's rows. "
        said = f"{pair.source!r} ({shown}, {share:.0%} of the target's rows)"
        finding = UNSEEN
    elif given is None and pair.how == "near":
        said = f"{pair.source!r} = {pair.target!r}"
    return Finding(*names, True, finding, why.strip(), said, values=columns)


def _recode(column, to, categories):
    """Give each row of the target its code in the source; None is missing."""
    places = {code: place for place, code in enumerate(categories)}
    order = np.array([*(-1 if code is None else places[code] for code in to), -1], dtype=np.int64)
    return pd.Categorical.from_codes(order[column.codes], categories=categories)


def _code_table(name, given, known):
    """Read a mapping of codes: from the text of each code of the target to one of the source."""
    by_text = {str(canonical_code(code)): code for code in known}
    table = {}
    for theirs, ours in given.items():
        code = None if ours is None else canonical_code(ours)
        if code is not None and str(code) not in by_text:
            raise ValueError(
                f"codes[{name!r}] maps {theirs!r} to {ours!r}, which the source does not have; it "
                f"has {listed(known, 8)}. None stands for a class without a counterpart."
            )
        table[str(canonical_code(theirs))] = None if code is None else by_text[str(code)]
    return table


def _other_key(pair, known, codes, by_name, are_names, mapped=False):
    """Leave out a factor whose codes need not mean the same."""
    if mapped:
        why = f"The mapping leads none of the target's codes ({listed(codes, 3)}) anywhere: "
    elif are_names:
        why = f"No class of the target ({listed(codes, 3)}) is in the source ({listed(known, 3)}): "
    else:
        why = "The same number need not be the same class in both regions: "
    remedy = f"{pair.source!r}: {{{codes[0]!r}: {known[0]!r}, ...}}"
    why += (
        f"say which code of the source each of the target is, codes={{{remedy}}}, or 'same' where "
        "both follow one key."
    )
    return Finding(pair.source, pair.target, False, KEY, by_name + why, f"{pair.source!r}", remedy)


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
        return _classes(pair, source, target, codes)
    return _quantity(pair, source, target, units)


def _by_factor(given, parameter, pairs):
    """Return what was given for factors by the name in the source; the target's will do."""
    by_target = {pair.target: pair.source for pair in pairs}
    names = {pair.source: pair.source for pair in pairs}
    found = {}
    for name, value in (given or {}).items():
        key = names.get(str(name)) or by_target.get(str(name))
        if key is None:
            raise ValueError(
                f"{parameter} names {name!r}, which is no factor of both regions."
                f"{nearest(name, names)} There are {listed(names, 8)}."
            )
        found[key] = value
    return found


def _check_units(units, source):
    """Raise for what is no pair of units, and for a factor of classes."""
    for name, pair in units.items():
        is_pair = isinstance(pair, tuple | list) and len(pair) == 2
        if pair != _LIKE_SOURCE and not (is_pair and all(isinstance(u, str) for u in pair)):
            raise ValueError(
                f"units[{name!r}] must be a pair (unit of the target, unit of the source), such as "
                f"('percent', 'degree'), or 'same', got {pair!r}."
            )
        if name in source.classes:
            raise ValueError(f"units names {name!r}, which holds classes: see codes.")


def _check_codes(codes, source, target):
    for name, given in codes.items():
        if given != _LIKE_SOURCE and not isinstance(given, Mapping):
            raise ValueError(
                f"codes[{name!r}] must be a dict {{code in the target: code in the source}}, or "
                f"'same', got {given!r}."
            )
        if name not in source.classes:
            raise ValueError(
                f"codes names {name!r}, which holds numbers: name it in categorical_features if "
                "they are codes."
            )


# By finding, whether it is kept, what the warning says before and after the factors.
_WARNINGS = {
    (MISSING, False): ("left out, as only one region has them: ", "."),
    (NOT, False): (
        "left out, as their names are those of labels, coordinates or row numbers: ",
        ".",
    ),
    (EMPTY, False): ("left out, as a region has no value of them: ", "."),
    (KIND, False): ("left out, as they hold classes in one region and numbers in the other: ", "."),
    (UNIT, False): (
        "left out, as they are in another unit: ",
        ". To convert the target: units={%s}.",
    ),
    (KEY, False): (
        "left out, as the same code need not be the same class: ",
        ". Say what each code of the target is in the source: codes={%s}; or 'same' in place of "
        "the dict where both regions follow one key.",
    ),
    (UNIT, True): (
        "kept, and perhaps in another unit: ",
        ". To convert the target: units={%s}; or 'same' in place of the pair.",
    ),
    (DEFINITION, True): (
        "kept, and hardly overlap: ",
        ": see that both regions compute them alike, or drop them.",
    ),
    (NAME, True): (
        "taken for the same, though the names may not mean the same: ",
        ". If they do, say so with rename={name in the target: name in the source}.",
    ),
    (UNSEEN, True): ("with classes that the source does not know: ", "."),
}


def _warn(findings, *, of_model):
    """Say each kind of finding in one line."""
    for (finding, kept), (before, after) in _WARNINGS.items():
        some = [f for f in findings if (f.finding, f.kept) == (finding, kept) and f.said]
        if not some:
            continue
        if "%s" in after:
            after = after % ", ".join(f.remedy for f in some)
        if finding == MISSING and of_model and any(f.source for f in some):
            needed = listed([f.source for f in some if f.source], 8)
            after = f". The model needs {needed}: fit it anew on what both have."
        said = [f.said for f in some]
        shown = ", ".join(said[:12]) + (f" and {len(said) - 12} more" if len(said) > 12 else "")
        warnings.warn(f"Factors {before}{shown}{after}", stacklevel=3)


def _unpaired(source, target, pairs, named):
    """Say what becomes of columns that only one region has, and of what is no factor."""
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
    """Bring the factors of two regions into one form, and name those that do not match.

    A model of one region reads the table of another as if it were its own. A slope in percent, a
    lithology by another key or an index by another formula are then wrong without any error. Here
    each factor is compared before anything is fitted: by its name, its unit, its classes and its
    distribution. What cannot be the same is left out, what may not be is kept and named, and for
    each there is a parameter that mends it.

    Parameters
    ----------
    source : DataFrame of shape (n_samples, n_factors) or fitted estimator
        The factors of the region that is known, or a model that was fitted there on a DataFrame.
        Of a model the names, the codes and, where a step fills gaps, the medians are known.
    target : DataFrame of shape (n_places, n_factors)
        The factors of the other region.
    aliases : bool or dict of str to (str or list of str), default=True
        Whether ``altitude`` and ``dem`` are read as ``elevation``, ``dist_river`` as
        ``distance_to_river`` and so on. A dict adds names of your own:
        ``{"slope": ["steilheit"]}``. False: only the same name is the same factor.
    rename : dict of str to str, default=None
        ``{name in the target: name in the source}``, before any alias.
    units : dict of str to (tuple of (str, str) or "same"), default=None
        By factor the unit of the target and that of the source, which it is converted to:
        ``{"slope": ("percent", "degree")}``. ``"same"``: whatever it looks like, it is the unit
        of the source. Units are degree, percent, ratio and radian; m, km and ft; mm, cm, m and
        in of rain; 1, x100, x1000 and x10000 of an index that was multiplied; 1/m, 1/100m and
        1/km; m2, ha and km2.
    codes : dict of str to (dict or "same"), "same" or None, default=None
        By factor what each code of the target is in the source,
        ``{"lithology": {3: 1, 4: None}}``, None for a class without a counterpart; it becomes
        missing, and so does a code that is not named. ``"same"``, for a factor or for all: both
        regions follow one key.
    categorical_features : "from_dtype" or list of str, default="from_dtype"
        Columns of codes, besides those of text or of pandas' category dtype and those whose name
        says it, such as ``lithology``, ``soil`` and ``landuse``.

    Returns
    -------
    matched : MatchedFactors
        The tables in one form, and what was found of each factor.

    Raises
    ------
    ValueError
        If no factor is left, a mapping names what is no factor, or a region has two columns that
        are names of one factor.
    TypeError
        If a region is no DataFrame, nor a model that was fitted on one.

    Warns
    -----
    UserWarning
        One for each kind of finding, with the factors that it is about.

    See Also
    --------
    compare_regions : How different the matched tables are.
    RegionScaler : Each region by its own scale.

    Notes
    -----
    Units are told by names that end with one, by what nature allows (a slope above 90, an NDVI
    above 1), and by distributions: a factor whose two distributions are at least 0.9 apart
    (Kolmogorov-Smirnov), and 0.4 less so in another unit, is taken to be in that unit and left
    out. Where another unit leaves less than a quarter of a distance of more than 0.3, the factor is
    kept and named, for that may be another landscape just as well: heights in feet look like higher
    mountains, and a slope in percent below 90 like a steeper one.

    Distributions that are 0.9 apart, or 0.6 for an index of which there are several formulas, are
    named, and no more can be said of them. That one region counts convex curvature as positive
    and the other as negative cannot be seen in the numbers at all.

    That both regions have the codes 1 to 9 is no evidence that they mean the same by them. Codes
    are matched only if both regions carry the names of their classes, or if you say so.

    Columns whose names are those of labels or coordinates are left out.

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
        is_for_all = name == "codes" and isinstance(given, str) and given == _LIKE_SOURCE
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
    if codes == _LIKE_SOURCE:
        codes = {p.source: _LIKE_SOURCE for p in pairs if p.source in ours.classes}
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
    _warn(findings, of_model=is_model)
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
