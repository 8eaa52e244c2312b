"""Which column of one region is which of the other, by their names."""

from dataclasses import dataclass

from sklearn_landslide._factor_names import FactorName, plain_name, read_name
from sklearn_landslide._words import listed, nearest


@dataclass(frozen=True)
class Pair:
    """Two columns that hold the same factor.

    Parameters
    ----------
    source, target : str
        Their names.
    how : {"same", "named", "alias", "near"}
        The same name, named by the user, another name of the same, a name of nearly the same.
    factor : FactorName
        What the table of names knows of the factor; its unit is that of the target's name.
    units : tuple of (str or None, str or None)
        Units of source and target that the names end with.
    """

    source: str
    target: str
    how: str
    factor: FactorName
    units: tuple


def make_reader(aliases):
    """Return a function that reads names, with what the user adds.

    Parameters
    ----------
    aliases : bool or dict of str to (str or list of str)
        As of `match_factors`.

    Returns
    -------
    read : callable
        Returns the FactorName of a name.

    Raises
    ------
    ValueError
        If one name is given for two factors.
    """
    if not isinstance(aliases, dict):
        return read_name
    added = {}
    for factor, names in aliases.items():
        for name in [factor, *([names] if isinstance(names, str) else names)]:
            known = read_name(factor)
            earlier = added.setdefault(plain_name(name), known)
            if earlier.factor != known.factor:
                raise ValueError(
                    f"aliases has {name!r} for {earlier.factor!r} and for {known.factor!r}: "
                    "a name stands for one factor."
                )
    return lambda name: added.get(plain_name(name)) or read_name(name)


def _check_rename(rename, source, target):
    """Raise unless each name is there, and no factor is named twice."""
    for theirs, ours in rename.items():
        for name, names, of in ((theirs, target, "target"), (ours, source, "source")):
            if name not in names:
                raise ValueError(
                    f"rename={{{theirs!r}: {ours!r}}}: the {of} has no column {name!r}."
                    f"{nearest(name, names)} It is {{name in the target: name in the source}}."
                )
    twice = [ours for ours in rename.values() if list(rename.values()).count(ours) > 1]
    if twice:
        both = [theirs for theirs, ours in rename.items() if ours == twice[0]]
        raise ValueError(
            f"rename gives {listed(both)} the one name {twice[0]!r}: name one of them."
        )


def pair_names(source, target, *, aliases=True, rename=None):
    """Pair the columns of two regions.

    Parameters
    ----------
    source, target : list of str
        Names of the columns.
    aliases : bool or dict, default=True
        As of `match_factors`.
    rename : dict of str to str, default=None
        As of `match_factors`.

    Returns
    -------
    pairs : list of Pair
        In the order of the source.

    Raises
    ------
    ValueError
        If a region has two columns for one factor of the other, or `rename` or `aliases` does
        not fit.

    Examples
    --------
    >>> from sklearn_landslide.transfer._pairs import pair_names
    >>> [(p.source, p.target, p.how) for p in pair_names(["slope", "dem"], ["elevation", "slope"])]
    [('slope', 'slope', 'same'), ('dem', 'elevation', 'alias')]
    """
    rename = {str(theirs): str(ours) for theirs, ours in (rename or {}).items()}
    _check_rename(rename, source, target)
    read = make_reader(aliases)
    found = {ours: (theirs, "named") for theirs, ours in rename.items()}
    taken = set(rename)
    for name in source:
        if name not in found and name in target and name not in taken:
            found[name] = (name, "same")
            taken.add(name)
    if aliases is not False:
        left = {"source": [n for n in source if n not in found]}
        left["target"] = [n for n in target if n not in taken]
        # What is the same comes before what is nearly the same.
        for may_be_near in (False, True):
            for ours, theirs in _by_alias(left, read, may_be_near):
                is_near = read(ours).is_near != read(theirs).is_near
                found[ours] = (theirs, "near" if is_near else "alias")
                left["source"].remove(ours)
                left["target"].remove(theirs)
    pairs = []
    for ours in source:
        if ours in found:
            theirs, how = found[ours]
            one, other = read_name(ours), read_name(theirs)
            known = read(ours) if read(ours).is_known else read(theirs)
            pairs.append(Pair(ours, theirs, how, known, (one.unit, other.unit)))
    return pairs


def _by_alias(left, read, may_be_near):
    """Pair what is left by what the names stand for."""
    names = {
        of: {name: read(name) for name in some if may_be_near or not read(name).is_near}
        for of, some in left.items()
    }
    pairs = []
    for factor in dict.fromkeys(known.factor for known in names["source"].values()):
        alike = {
            of: [n for n, k in some.items() if k.factor == factor] for of, some in names.items()
        }
        if not alike["target"] or (may_be_near and max(map(len, alike.values())) > 1):
            # Of several that are nearly the same none is taken.
            continue
        for of in ("source", "target"):
            if len(alike[of]) > 1:
                other = alike["target" if of == "source" else "source"][0]
                keys = (other, alike[of][0]) if of == "source" else (alike[of][0], other)
                raise ValueError(
                    f"the {of} has {listed(alike[of], 5)}, all names of {factor!r}: say which one "
                    f"it is, rename={{{keys[0]!r}: {keys[1]!r}}}, or drop the others."
                )
        pairs.append((alike["source"][0], alike["target"][0]))
    return pairs
