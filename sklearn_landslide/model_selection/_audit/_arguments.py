"""What an audit is given, brought into one form before anything is fitted."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import StratifiedKFold, check_cv

from sklearn_landslide._classes import landslide_label_in
from sklearn_landslide._factor_tables import check_columns
from sklearn_landslide._frames import as_frame
from sklearn_landslide.model_selection._rows import check_rows
from sklearn_landslide.model_selection._side_information import check_coordinates, matching_rows
from sklearn_landslide.model_selection._spatial_blocks import SpatialBlockKFold


def check_table(pipeline, X, y, positive_class):
    """Return the table, the table as a frame, the labels, and 1 for a landslide, 0 for none."""
    if not (hasattr(pipeline, "get_params") and is_classifier(pipeline)):
        raise TypeError(f"pipeline must be a scikit-learn classifier, got {pipeline!r}.")
    X, y = check_rows(X, y)
    frame = as_frame(X)
    check_columns(frame)
    landslide = landslide_label_in(y, positive_class)
    codes = (y == landslide).astype(np.int64)
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
        # Whether scikit-learn's folds ignore the groups is what the audit is about to say.
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


def spatial_folds(points, codes, n_splits, seed, groups):
    """Draw folds of spatial blocks; none if the points give no blocks with both classes."""
    blocks = SpatialBlockKFold(points, n_splits, random_state=seed)
    try:
        return list(blocks.split(np.zeros((len(codes), 1)), codes, groups))
    except ValueError:
        return []


def _positions(part):
    """Row positions of one part of a fold, also from a mask."""
    return np.flatnonzero(part) if part.dtype == bool else part
