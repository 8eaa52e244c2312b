"""Factors of classes: do the codes of two regions follow one key."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sklearn_landslide._codes import canonical_code
from sklearn_landslide._words import listed
from sklearn_landslide.transfer._findings import (
    KEY,
    NAME,
    RECODED,
    SAME,
    UNSEEN,
    Finding,
    say_names,
)
from sklearn_landslide.transfer._region_comparison import percent


def _folded(code):
    """Compare names of classes without regard to case and blanks."""
    return " ".join(str(code).casefold().replace("_", " ").split())


def match_classes(pair, source, target, given):
    """Say what becomes of a factor of classes.

    Parameters
    ----------
    pair : Pair
        Its columns.
    source, target : Region
        Both regions.
    given : dict, "same" or None
        What was given for its codes.

    Returns
    -------
    finding : Finding
    """
    ours, theirs = source.classes[pair.source], target.classes[pair.target]
    known, codes = list(ours.categories), list(theirs.categories)
    names, by_name = (pair.source, pair.target), say_names(pair)
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
        why += f"{shown} {what}: {percent(share)} of the target's rows. "
        said = f"{pair.source!r} ({shown}, {percent(share)} of the target's rows)"
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
