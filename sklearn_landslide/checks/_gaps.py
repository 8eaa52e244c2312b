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
    found = find_undeclared(columns)
    labels = {}
    for name, said in found.items():
        for value, _ in said:
            marked = _holds(columns[name], value)
            if name in table.columns and _tells_the_label(table, marked):
                labels[name] = value, marked
    for name, (value, marked) in labels.items():
        yield TableFinding(
            "no data as label",
            SERIOUS,
            (name,),
            f"{value} looks like no data in {name!r}, and stands in {table.by_label(marked)}: "
            "whether there is a value tells the label.",
            "Declaring it does not help, as the gaps stay where they are: measure it at all "
            "places, or leave the column out.",
            **table.remedies.drop([name]),
            numbers={"value": value, "n_cells": int(marked.sum())},
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
    rest = f"; {plural(more, 'more')} of this kind" if more > 0 else ""
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
    suspects = find_undeclared(table.quantities)
    for name, values in table.quantities.items():
        if n_beyond := int((np.abs(table.columns[name]) > LARGEST).sum()):
            yield TableFinding(
                "beyond 1e30",
                NOTE,
                (name,),
                f"{name!r} has {plural(n_beyond, 'number')} beyond 1e30, as programs write where "
                "there is nothing: they are missing values.",
                numbers={"n_cells": n_beyond},
            )
        low, high = field_bounds(name) or (None, None)
        outside = _beyond(values, low, high)
        outside &= ~np.isin(values, [value for value, _ in suspects.get(name, ())])
        if outside.any():
            yield _impossible(name, values, outside, low, high)


def _beyond(values, low, high):
    """Say which values are beyond bounds; what is missing is not."""
    outside = np.zeros(len(values), dtype=bool)
    if low is not None:
        outside |= values < low
    if high is not None:
        outside |= values > high
    return outside


def _impossible(name, values, outside, low, high):
    n_known = int((~np.isnan(values)).sum())
    bounds = f"{low:g} or more" if high is None else f"between {low:g} and {high:g}"
    advice = (
        "By its name that cannot be: the pipeline takes them for missing. If the unit is another, "
        "give the column another name."
    )
    # As PlausibleRange decides.
    if is_refused := outside.sum() > n_known / 2:
        advice = (
            "Check the unit: by its name that cannot be, and models refuse it. Convert the column, "
            "or give it another name."
        )
    return TableFinding(
        "wrong unit" if is_refused else "impossible values",
        SERIOUS if is_refused else WARNING,
        (name,),
        f"{outside.sum()} of {plural(n_known, 'value')} of {name!r} are not {bounds}, such as "
        f"{values[outside][0]:g}.",
        advice,
        numbers={"n_cells": int(outside.sum())},
    )


def check_missing(table):
    """Find columns whose gaps are the label, and those that are mostly gaps."""
    by_severity = {SERIOUS: [], WARNING: []}
    for name, column in table.columns.items():
        marked = column.isna().to_numpy() if isinstance(column, pd.Series) else np.isnan(column)
        if marked.all():
            continue
        if _tells_the_label(table, marked):
            by_severity[SERIOUS].append((name, marked))
        elif marked.mean() >= _MOSTLY:
            by_severity[WARNING].append((name, marked))
    for name, marked in by_severity[SERIOUS]:
        yield TableFinding(
            "missing by label",
            SERIOUS,
            (name,),
            f"{name!r} is missing in {table.by_label(marked)}: whether there is a value tells the "
            "label.",
            "Measure it at all places, or leave the column out.",
            **table.remedies.drop([name]),
            numbers={"n_cells": int(marked.sum())},
        )
    if sparse := by_severity[WARNING]:
        names = tuple(name for name, _ in sparse)
        shown = [f"{name!r} ({marked.mean():.0%})" for name, marked in sparse]
        yield TableFinding(
            "mostly missing",
            WARNING,
            names,
            f"More than half of the cells are missing: {join_names(shown)}.",
            "What a model sees there was mostly filled in.",
            **table.remedies.drop(names),
            numbers={name: float(marked.mean()) for name, marked in sparse},
        )


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
