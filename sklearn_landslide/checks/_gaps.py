"""Numbers that stand for no data, impossible numbers, and gaps."""

import numpy as np
import pandas as pd

from sklearn_landslide._codes import canonical_code
from sklearn_landslide._nodata import LARGEST, USUAL
from sklearn_landslide._undeclared import find_undeclared, to_declare
from sklearn_landslide._words import join_names, plural
from sklearn_landslide.checks._result import NOTE, SERIOUS, WARNING, TableFinding
from sklearn_landslide.preprocessing import field_bounds

# What is in so many more rows of one class than of the other, as a share, tells the label.
_IS_THE_LABEL = 0.9
# Of a column with fewer known cells than this, most of what a model sees was filled in.
_MOSTLY = 0.5
_SHOWN = 3


def _holds(column, value):
    """Say which cells of a column hold a value."""
    if isinstance(column, pd.Series):
        return column.map(lambda code: str(canonical_code(code)) == str(value)).to_numpy(bool)
    return column == value


def _tells_the_label(table, marked):
    landslides, others = table.shares(marked)
    return abs(landslides - others) >= _IS_THE_LABEL


def _is_impossible(name, value):
    """Say whether the pipeline takes a number for missing, whoever declares it."""
    bounds = field_bounds(name)
    if bounds is None or isinstance(value, str):
        return False
    return bool(_beyond(np.array([float(value)]), *bounds)[0])


def _is_never_a_value(value):
    """Say whether no quantity and no class is called so: words, and numbers such as -9999."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return True
    return value in USUAL and value < 0


def check_nodata(table):
    """Find undeclared numbers and codes for "no data", under whatever name."""
    columns = table.with_places()
    found = find_undeclared(columns, table.hours)
    labels = {}
    for name, said in found.items():
        for value, _ in said:
            marked = _holds(columns[name], value)
            if name in table.columns and _tells_the_label(table, marked):
                labels[name] = value, marked
    if labels:
        name, (value, marked) = next(iter(labels.items()))
        yield TableFinding(
            "no data as label",
            SERIOUS,
            tuple(labels),
            f"{value} looks like no data in {name!r}, and stands in {table.by_label(marked)}: "
            f"whether there is a value tells the label{_and_so(labels)}.",
            "Declaring it does not help, as the gaps stay where they are: measure it at all "
            "places, or leave it out.",
            **table.remedies.drop(labels),
            numbers={f"n_cells {name}": int(marked.sum()) for name, (_, marked) in labels.items()},
        )
    if rest := {name: said for name, said in found.items() if name not in labels}:
        yield _undeclared(table, columns, rest)


def _undeclared(table, columns, found):
    """Return the finding about values that are no data and tell no label."""
    values = [value for said in found.values() for value, _ in said]
    counts = {
        name: sum(int(_holds(columns[name], value).sum()) for value, _ in said)
        for name, said in found.items()
    }
    texts = [f"{name!r} has {text}" for name, said in found.items() for _, text in said]
    more = len(texts) - _SHOWN
    rest = f"; and {more} more of this kind" if more > 0 else ""
    is_masked = all(_is_impossible(n, v) for n, said in found.items() for v, _ in said)
    severity = SERIOUS if any(map(_is_never_a_value, values)) else WARNING
    advice = f"Declared as no data, {plural(sum(counts.values()), 'cell')} become missing"
    advice += "; undeclared, a model takes them for values."
    if is_masked:
        severity = NOTE
        advice = (
            f"The {plural(sum(counts.values()), 'cell')} are outside what these factors can be, so "
            "the pipeline takes them for missing; it is better to declare them."
        )
    return TableFinding(
        "no data",
        severity,
        tuple(found),
        f"{'; '.join(texts[:_SHOWN])}{rest}.",
        advice,
        **table.remedies.nodata(to_declare(found, columns)),
        numbers={f"n_cells {name}": count for name, count in counts.items()},
    )


def check_numbers(table):
    """Find numbers beyond 1e30, and impossible ones, which the pipeline takes for missing."""
    suspects = find_undeclared(table.quantities, table.hours)
    beyond, impossible = {}, {}
    for name, values in table.quantities.items():
        if n_beyond := int((np.abs(table.columns[name]) > LARGEST).sum()):
            beyond[name] = n_beyond
        low, high = field_bounds(name) or (None, None)
        outside = _beyond(values, low, high)
        outside &= ~np.isin(values, [value for value, _ in suspects.get(name, ())])
        if not outside.any():
            continue
        bounds = f"{low:g} or more" if high is None else f"between {low:g} and {high:g}"
        n_known = int((~np.isnan(values)).sum())
        said = (
            f"{outside.sum()} of {plural(n_known, 'value')} of {name!r} are not {bounds}, such as "
            f"{values[outside][0]:g}"
        )
        # As PlausibleRange decides.
        if outside.sum() > n_known / 2:
            yield _wrong_unit(name, said, int(outside.sum()))
        else:
            impossible[name] = said, int(outside.sum())
    if beyond:
        shown = join_names(f"{name!r} ({count})" for name, count in beyond.items())
        yield TableFinding(
            "beyond 1e30",
            NOTE,
            tuple(beyond),
            f"Numbers beyond 1e30, as programs write where there is nothing, are missing values: "
            f"{shown}.",
            numbers={f"n_cells {name}": count for name, count in beyond.items()},
        )
    if impossible:
        texts = [said for said, _ in impossible.values()]
        more = len(texts) - _SHOWN
        rest = f"; and so in {plural(more, 'more column')}" if more > 0 else ""
        yield TableFinding(
            "impossible values",
            WARNING,
            tuple(impossible),
            f"{'; '.join(texts[:_SHOWN])}{rest}.",
            "By their names that cannot be: the pipeline takes them for missing. If the unit is "
            "another, give the column another name.",
            numbers={f"n_cells {name}": count for name, (_, count) in impossible.items()},
        )


def _beyond(values, low, high):
    """Say which values are beyond bounds; what is missing is not."""
    outside = np.zeros(len(values), dtype=bool)
    if low is not None:
        outside |= values < low
    if high is not None:
        outside |= values > high
    return outside


def _wrong_unit(name, said, n_cells):
    return TableFinding(
        "wrong unit",
        SERIOUS,
        (name,),
        f"{said}.",
        "Check the unit: by its name that cannot be, and models refuse it. Convert the column, or "
        "give it another name.",
        numbers={f"n_cells {name}": n_cells},
    )


def check_missing(table):
    """Find columns whose gaps are the label, and those that are mostly gaps."""
    labels, sparse = {}, {}
    for name, column in table.columns.items():
        marked = column.isna().to_numpy() if isinstance(column, pd.Series) else np.isnan(column)
        if marked.all():
            continue
        if _tells_the_label(table, marked):
            labels[name] = marked
        elif marked.mean() >= _MOSTLY:
            sparse[name] = float(marked.mean())
    if labels:
        name, marked = next(iter(labels.items()))
        yield TableFinding(
            "missing by label",
            SERIOUS,
            tuple(labels),
            f"{name!r} is missing in {table.by_label(marked)}: whether there is a value tells the "
            f"label{_and_so(labels)}.",
            "Measure it at all places, or leave it out.",
            **table.remedies.drop(labels),
            numbers={f"n_cells {name}": int(marked.sum()) for name, marked in labels.items()},
        )
    if sparse:
        shown = join_names(f"{name!r} ({share:.0%})" for name, share in sparse.items())
        yield TableFinding(
            "mostly missing",
            WARNING,
            tuple(sparse),
            f"More than half of the cells are missing: {shown}.",
            "What a model sees there was mostly filled in.",
            **table.remedies.drop(sparse),
            numbers={f"share {name}": share for name, share in sparse.items()},
        )


def _and_so(names):
    """Name the columns after the first one, of which the same was found."""
    others = list(names)[1:]
    return f", and so in {join_names(map(repr, others))}" if others else ""


def check_constant(table):
    """Find columns without any value, and with one value only."""
    counts = {
        name: column.nunique()
        if isinstance(column, pd.Series)
        else np.unique(column[~np.isnan(column)]).size
        for name, column in table.columns.items()
    }
    empty = tuple(name for name, count in counts.items() if count == 0)
    constant = tuple(name for name, count in counts.items() if count == 1)
    if empty:
        said = f"{_verb(empty, 'has', 'have')} no value in any row."
        yield TableFinding("empty", WARNING, empty, said, **table.remedies.drop(empty))
    if constant:
        said = f"{_verb(constant, 'has', 'have')} the same value in every row where there is one."
        advice = "It tells places apart no more than no column would."
        yield TableFinding(
            "constant", NOTE, constant, said, advice, **table.remedies.drop(constant)
        )


def _verb(names, one, many):
    return f"{join_names(map(repr, names))} {one if len(names) == 1 else many}"
