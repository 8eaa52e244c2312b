"""What becomes of a factor when two regions are matched, and how it is said."""

import warnings
from dataclasses import dataclass

from sklearn_landslide._words import listed

SAME, NAME, UNIT, CONVERTED = "the same", "another name", "another unit", "converted"
DEFINITION, KEY, RECODED, UNSEEN = "hardly overlaps", "another key", "recoded", "unseen classes"
MISSING, EMPTY, KIND, NOT = "in one region only", "no values", "classes or numbers", "no factor"
# What is given for a factor that is similar in both regions, whatever it looks like.
LIKE_SOURCE = "same"


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


def say_names(pair):
    """Say by which names two columns are the same factor.

    Parameters
    ----------
    pair : Pair
        The columns.

    Returns
    -------
    text : str
        Empty where the names are the same.
    """
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
        ": make sure that both regions compute them in the same way, or drop them.",
    ),
    (NAME, True): (
        "taken for the same, though the names may not mean the same: ",
        ". If they do, say so with rename={name in the target: name in the source}.",
    ),
    (UNSEEN, True): ("with classes that the source does not know: ", "."),
}


def warn_of_findings(findings, *, of_model):
    """Say each kind of finding in one line.

    Parameters
    ----------
    findings : list of Finding
        All of them.
    of_model : bool
        Whether the source is a model.
    """
    for (finding, kept), (before, after) in _WARNINGS.items():
        some = [f for f in findings if (f.finding, f.kept) == (finding, kept) and f.said]
        if not some:
            continue
        if "%s" in after:
            after = after % ", ".join(f.remedy for f in some)
        if finding == MISSING and of_model and any(f.source for f in some):
            needed = listed([f.source for f in some if f.source], 8)
            after = f". The model needs {needed}: refit it on what both have."
        said = [f.said for f in some]
        shown = ", ".join(said[:12]) + (f" and {len(said) - 12} more" if len(said) > 12 else "")
        warnings.warn(f"Factors {before}{shown}{after}", stacklevel=3)
