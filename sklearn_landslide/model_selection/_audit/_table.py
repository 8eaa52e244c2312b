"""Traces in the table itself: scaled columns, made-up rows, the label or the place as a factor."""

import re

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier

from sklearn_landslide._factor_tables import is_number_column
from sklearn_landslide._words import join_names
from sklearn_landslide.model_selection._audit._result import (
    LEAK,
    OK,
    WARNING,
    Finding,
    not_checked,
)

SCALED = "scaled before the split"
LABEL = "label among the factors"
PLACE = "coordinates among the factors"

# A single factor that ranks the places this well is hardly a factor.
COPY_AUC, SUSPECT_AUC = 0.99, 0.95
# With fewer rows in a class coincidence alone separates the classes too often.
LEAST_ROWS = 10
# Squared correlation with the coordinates above which a column is one of them in another unit.
SAME_AXIS = 0.999
_AXIS = r"(x|y|lon|lat|long|longitude|latitude|eastings?|northings?)"
_OF_WHAT = r"(point|utm|wgs_?84|coords?|coordinate|pos|position|centroid|center|centre|decimal|map|"
_OF_WHAT += r"grid|pixel|geo|gps|site)"
_UNIT = r"(coord|coords|coordinate|coordinates|utm|wgs_?84|m|km|deg|dd|meters?|degrees?)"
COORDINATE_NAMES = re.compile(
    rf"({_OF_WHAT}[_\s]?)?{_AXIS}([_\s]?[(\[]?{_UNIT}[)\]]?)?|utm_?[en]|coords\.x[12]",
    re.IGNORECASE,
)


def quantities(frame):
    """Return the columns of numbers as a float array (NaN for missing), and their names."""
    names = [name for name in frame.columns if is_number_column(frame[name])]
    return frame[names].to_numpy(dtype=float, na_value=np.nan), names


def check_scaled(frame):
    """Return the finding about columns that were standardized over all rows."""
    values, names = quantities(frame)
    standardized, filling = [], []
    varied = 0
    for name, column in zip(names, values.T, strict=True):
        column = column[~np.isnan(column)]
        if np.unique(column[:1000]).size <= 2:
            continue
        varied += 1
        # Chance comes this close about once in a million columns, whatever the number of rows.
        near = 1e-3 / np.sqrt(column.size)
        spread = [column.std(ddof=ddof) for ddof in (0, 1)]
        if abs(column.mean()) < near and min(abs(sd - 1) for sd in spread) < near:
            standardized.append(name)
        elif column.max() == 1 and column.min() in (0, -1):
            filling.append(name)
    many_fill = len(filling) >= 2 and len(filling) >= varied / 2
    numbers = {
        "n_columns": varied,
        "n_standardized": len(standardized),
        "n_fill_unit_range": len(filling),
        "columns": standardized or filling * many_fill,
    }
    advice = (
        "Give the table in its own units and scale in the pipeline; then nothing of a test row "
        "is in the scale."
    )
    if standardized:
        said = (
            f"{len(standardized)} of {varied} columns have mean 0 and standard deviation 1 over "
            f"the whole table, so they were standardized before the split: "
            f"{join_names(standardized)}."
        )
        return Finding(SCALED, WARNING, said, advice, numbers)
    if many_fill:
        said = (
            f"{len(filling)} of {varied} columns fill exactly the range 0 to 1 or -1 to 1, which "
            f"hints at scaling before the split: {join_names(filling)}."
        )
        return Finding(SCALED, WARNING, said, advice, numbers)
    return Finding(SCALED, OK, f"None of {varied} columns was scaled as a whole.", "", numbers)


def auc_of_column(column, y, random_state):
    """Return how well a factor alone ranks the labels; None where a class has too few rows.

    Parameters
    ----------
    column : Series of shape (n_rows,)
        The factor.
    y : ndarray of int of shape (n_rows,)
        1 for landslide, 0 for none.
    random_state : int
        Seed of folds and trees.

    Returns
    -------
    roc_auc : float or None
        Of a tree of depth 3, on rows that it was not fitted on.
    """
    if np.bincount(y, minlength=2).min() < LEAST_ROWS:
        return None
    folds = StratifiedKFold(3, shuffle=True, random_state=random_state)
    # Three cuts find a label that is coded, shifted, negated or hidden in the missing values.
    tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=2, random_state=random_state)
    numbers = _as_numbers(column)[:, None]
    probability = cross_val_predict(tree, numbers, y, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(y, probability))


def check_label(frame, y, random_state):
    """Return the finding about a factor that gives the label away by itself."""
    smallest = int(np.bincount(y).min())
    if smallest < LEAST_ROWS:
        return not_checked(LABEL, f"One class has only {smallest} rows.", "Add rows of that class.")
    scores = {name: auc_of_column(frame[name], y, random_state) for name in frame.columns}
    best = max(scores, key=scores.get)
    copies = [name for name, score in scores.items() if score >= COPY_AUC]
    suspects = [name for name, score in scores.items() if score >= SUSPECT_AUC]
    numbers = {
        "best_column": best,
        "best_roc_auc": scores[best],
        "n_copies": len(copies),
        "n_suspects": len(suspects),
    }
    advice = (
        "Ask whether this value is known where no landslide has been mapped; drop the column if "
        "it comes from the inventory."
    )
    if copies:
        said = f"{join_names(copies)} alone tells the label (ROC-AUC {scores[best]:.3f})."
        return Finding(LABEL, LEAK, said, advice, numbers)
    if suspects:
        said = f"{join_names(suspects)} alone almost tells the label (ROC-AUC {scores[best]:.3f})."
        return Finding(LABEL, WARNING, said, advice, numbers)
    said = f"No factor alone tells the label; the best, {best}, has ROC-AUC {scores[best]:.3f}."
    return Finding(LABEL, OK, said, "", numbers)


def check_place(frame, coordinates):
    """Return the finding about coordinates inside the table, by name or by value."""
    named = [
        name
        for name in frame.columns
        if isinstance(name, str) and COORDINATE_NAMES.fullmatch(name.strip())
    ]
    equal = []
    if coordinates is not None:
        values, names = quantities(frame)
        # Linear in x and y: other units, another origin, a turned grid, degrees over a small area.
        equal = [
            name
            for name, column in zip(names, values.T, strict=True)
            if _explained(column, coordinates) > SAME_AXIS
        ]
    found = list(dict.fromkeys([*named, *equal]))
    numbers = {"n_by_name": len(named), "n_by_value": len(equal), "columns": found}
    if found:
        said = f"The factors hold coordinates: {join_names(found)}."
        advice = (
            "Drop them: a model that knows the place learns where landslides were mapped, not why "
            "they happen. Folds drawn at random reward it, as each test place has mapped "
            "neighbors; ground without an inventory does not."
        )
        return Finding(PLACE, WARNING, said, advice, numbers)
    by = "name" if coordinates is None else "name or value"
    return Finding(PLACE, OK, f"No factor is a coordinate, by {by}.", "", numbers)


def _as_numbers(column):
    """Numbers as they are, everything else as codes; NaN where missing."""
    if is_number_column(column):
        return column.to_numpy(dtype=float, na_value=np.nan)
    codes = pd.factorize(column, sort=False)[0].astype(float)
    codes[codes < 0] = np.nan
    return codes


def _explained(column, coordinates):
    """Coefficient of determination of a column's linear regression on x and y."""
    known = ~np.isnan(column)
    column, design = column[known], coordinates[known]
    if column.size < 4 or np.ptp(column) == 0:
        return 0.0
    column = column - column.mean()
    design = design - design.mean(axis=0)
    design = design / np.maximum(np.abs(design).max(axis=0), np.finfo(float).tiny)
    rest = column - design @ np.linalg.lstsq(design, column)[0]
    return 1 - float(rest @ rest) / float(column @ column)
