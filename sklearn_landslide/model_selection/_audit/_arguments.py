"""What an audit is given, brought into one form before anything is fitted."""

import warnings
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import is_classifier
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.utils import check_random_state, column_or_1d

from sklearn_landslide._factor_tables import check_columns, from_polars
from sklearn_landslide.model_selection._side_information import check_coordinates, matching_rows
from sklearn_landslide.model_selection._spatial_blocks import SpatialBlockKFold


def check_table(pipeline, X, y):
    """Return the table, the table as a frame, the labels, and the labels as 0 and 1."""
    if not (hasattr(pipeline, "get_params") and is_classifier(pipeline)):
        raise TypeError(f"pipeline must be a scikit-learn classifier, got {pipeline!r}.")
    X = from_polars(X)
    if not isinstance(X, pd.DataFrame):
        X = np.asarray(X)
    if X.ndim != 2 or min(X.shape) == 0:
        raise ValueError(f"X must be a table of rows and columns, got shape {X.shape}.")
    frame = X
    if not isinstance(X, pd.DataFrame):
        frame = pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])]).infer_objects()
    check_columns(frame)
    y = column_or_1d(np.asarray(y))
    if len(y) != len(X):
        raise ValueError(f"X has {len(X)} rows and y has {len(y)} labels: they must match.")
    if n_missing := int(pd.isna(y).sum()):
        raise ValueError(f"y has {n_missing} missing labels: drop these rows.")
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) != 2:
        found = ", ".join(map(repr, classes[:5].tolist()))
        raise ValueError(
            f"y must have two classes, landslide and not, got {len(classes)} ({found})."
        )
    return X, frame, y, codes


def check_points(X, coordinates, map_coordinates):
    """Return both sets of coordinates as arrays, in the order of the table."""
    points = map_points = None
    if coordinates is not None:
        rows = matching_rows(coordinates, X, "coordinates")
        points = check_coordinates(coordinates)[rows]
    if map_coordinates is not None:
        if points is None:
            raise ValueError("map_coordinates were given without coordinates: give both.")
        map_points = check_coordinates(map_coordinates, "map_coordinates")
    return points, map_points


def draw_seeds(random_state, n_seeds):
    """Draw integer seeds; None takes fresh entropy and leaves the global generator alone."""
    if random_state is None:
        return np.random.SeedSequence().generate_state(n_seeds).tolist()
    return check_random_state(random_state).randint(2**31 - 1, size=n_seeds).tolist()


def draw_folds(X, y, cv, groups, seed):
    """Return the folds as a list of (train, test) positions, and what to call them."""
    if cv is None or isinstance(cv, Integral):
        n_splits = 5 if cv is None else int(cv)
        smallest = np.unique(y, return_counts=True)[1].min()
        if smallest < n_splits:
            raise ValueError(
                f"the smaller class has {smallest} rows, fewer than the {n_splits} folds: lower cv."
            )
        return random_folds(y, n_splits, seed), f"cv={cv}, stratified folds,"
    splitter = check_cv(cv, y, classifier=True)
    with warnings.catch_warnings():
        # Whether the groups are ignored is what the audit is about to say.
        warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
        splits = [(np.asarray(a), np.asarray(b)) for a, b in splitter.split(X, y, groups)]
    splits = [tuple(_positions(part) for part in split) for split in splits]
    if not splits or min(len(part) for split in splits for part in split) == 0:
        raise ValueError("cv gives no folds, or folds with an empty part: choose other folds.")
    name = type(cv).__name__ if hasattr(cv, "split") else "cv"
    return splits, name


def random_folds(y, n_splits, seed):
    """Draw stratified, shuffled folds."""
    folds = StratifiedKFold(n_splits, shuffle=True, random_state=seed)
    return list(folds.split(np.zeros((len(y), 1)), y))


def number_of_blocks(splits, codes):
    """Choose a number of folds whose test parts are as large as those of the given ones."""
    n_tested = np.mean([len(test) for _, test in splits])
    return int(np.clip(round(len(codes) / n_tested), 2, min(10, np.bincount(codes).min())))


def spatial_folds(points, codes, n_splits, seed):
    """Draw folds of spatial blocks; none if the points give no blocks with both classes."""
    blocks = SpatialBlockKFold(points, n_splits, random_state=seed)
    try:
        return list(blocks.split(np.zeros((len(codes), 1)), codes))
    except ValueError:
        return []


def _positions(part):
    """Row positions of one part of a fold, also from a mask."""
    return np.flatnonzero(part) if part.dtype == bool else part
