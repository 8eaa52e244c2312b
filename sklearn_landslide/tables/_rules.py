"""Rules that say which of many labels are landslides: ``>0`` for counts, ``!=none`` for kinds."""

import operator
import re

import numpy as np

from sklearn_landslide._classes import label_key
from sklearn_landslide._codes import canonical_code
from sklearn_landslide._hints import hinting
from sklearn_landslide._label_words import meaning
from sklearn_landslide._nodata import USUAL, suspect_codes
from sklearn_landslide._words import listed, plural

_RULE = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*(\S.*?)\s*")
_ORDER = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


def rule_of(positive_class):
    """Take a rule apart.

    Parameters
    ----------
    positive_class : object
        What was given for the label of a landslide.

    Returns
    -------
    rule : tuple of str and str, or None
        The comparison and what is compared with; None if it is a label.

    Examples
    --------
    >>> from sklearn_landslide.tables._rules import rule_of
    >>> rule_of("> 0"), rule_of("!=none"), rule_of("slide")
    (('>', '0'), ('!=', 'none'), None)
    """
    found = _RULE.fullmatch(positive_class) if isinstance(positive_class, str) else None
    return None if found is None else (found[1], found[2])


def _check_no_gaps(column, value):
    """Refuse labels that look as if they stood for no data: any rule would make a class of them."""
    codes = column.map(canonical_code)
    different = list(dict.fromkeys(codes))
    if any(isinstance(code, str) for code in different):
        different = list(map(str, different))
    # A large count is a count; a negative one is none.
    suspects = [
        code
        for code in map(str, suspect_codes(different))
        if code.lower() != value.lower() and code not in {str(one) for one in USUAL if one > 0}
    ]
    looks = codes.astype(str).isin(suspects)
    if looks.any():
        raise ValueError(
            f"The target {column.name!r} has {listed(suspects, 3)} in {plural(looks.sum(), 'row')} "
            f"(first in row {column.index[looks][0]}), which looks like no data: remove "
            f"{'this row' if looks.sum() == 1 else 'these rows'}, or fill in what is known."
        )


def labels_by_rule(column, positive_class, as_number):
    """Compare the cells of a column with what a rule says.

    Parameters
    ----------
    column : Series
        The labels, none of which is missing.
    positive_class : str
        The rule.
    as_number : callable
        Called with the column, if the rule is of greater and smaller.

    Returns
    -------
    labels : ndarray of int64, shape (n_samples,)
        1 where it holds.
    """
    sign, value = rule_of(positive_class)
    hint = f"positive_class={positive_class!r}"
    _check_no_gaps(column, value)
    if sign in _ORDER:
        try:
            bound = float(value)
        except ValueError:
            raise hinting(
                ValueError(f"{hint} compares with {value!r}, which is not a number."), hint
            ) from None
        numbers = as_number(column).to_numpy(dtype=float)
        if np.isnan(numbers).any():
            raise ValueError(f"The target {column.name!r} has cells that are not numbers.")
        return _ORDER[sign](numbers, bound).astype(np.int64)
    keys = column.map(label_key)
    is_same = (keys == label_key(value)).to_numpy()
    if not is_same.any():
        found = column[~keys.duplicated()].astype(str)
        raise hinting(
            ValueError(
                f"{hint}: no row of the target {column.name!r} has {value!r}; it has "
                f"{listed(found, 5)}."
            ),
            hint,
        )
    return (is_same == (sign == "==")).astype(np.int64)


def rule_for(labels):
    """Give an example of a rule that may fit to many labels.

    Parameters
    ----------
    labels : sequence of object
        The different labels.

    Returns
    -------
    rule : str

    Examples
    --------
    >>> from sklearn_landslide.tables._rules import rule_for
    >>> rule_for([0, 1, 4]), rule_for(["fall", "flow", "none"]), rule_for(["a", "b", "c"])
    ('>0', '!=none', '==a')
    """
    try:
        if all(np.isfinite(float(str(label).replace(",", "."))) for label in labels):
            return ">0"
    except (TypeError, ValueError):
        pass
    none = [str(label) for label in labels if meaning(str(label)) is False]
    return f"!={none[0]}" if none else f"=={str(next(iter(labels))).strip()[:40]}"
