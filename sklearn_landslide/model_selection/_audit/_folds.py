"""What the folds themselves give away: shared rows, copies, places, groups, distances."""

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from sklearn_landslide.model_selection._audit._result import (
    LEAK,
    NOT_CHECKED,
    OK,
    WARNING,
    Finding,
    not_checked,
)
from sklearn_landslide.model_selection._distances import (
    distances_to_train,
    nearest_neighbor_distances,
)

ROWS = "rows in training and test"
COPIES = "duplicate rows"
PLACES = "duplicate places"
GROUPS = "groups"
DISTANCE = "distance to the training points"
# Above this share of test rows a fault moves the score; below it is worth a look.
SHARE_OF_A_LEAK = 0.01


def shared_with_training(splits, codes):
    """Count test rows whose code is also in the training part of their fold.

    Parameters
    ----------
    splits : list of (ndarray, ndarray)
        Training and test positions of each fold.
    codes : ndarray of shape (n_samples,)
        What makes rows the same.

    Returns
    -------
    n_shared : int
        Test rows concerned, over all folds.
    n_tested : int
        Test rows, over all folds.
    """
    n_shared = sum(int(np.isin(codes[test], codes[train]).sum()) for train, test in splits)
    return n_shared, sum(len(test) for _, test in splits)


def row_codes(frame):
    """Give rows a number each, equal ones the same, where missing equals missing."""
    columns = [
        pd.factorize(frame.iloc[:, position], use_na_sentinel=False)[0]
        for position in range(frame.shape[1])
    ]
    return np.unique(np.column_stack(columns), axis=0, return_inverse=True)[1].ravel()


def check_rows_apart(splits):
    """Return the finding about rows that are in both parts of a fold."""
    n_shared, n_tested = shared_with_training(splits, np.arange(_n_rows(splits)))
    numbers = {"n_test_rows": n_shared, "share": n_shared / n_tested}
    if n_shared:
        said = f"{_of(n_shared, n_tested)} are in the training part of the same fold."
        return Finding(
            ROWS, LEAK, said, "Correct the folds: their parts must not share rows.", numbers
        )
    return Finding(ROWS, OK, "No row is in both parts of a fold.", "", numbers)


def check_copies(frame, y, splits):
    """Return the finding about equal rows on both sides of a fold."""
    codes = row_codes(frame)
    n_shared, n_tested = shared_with_training(splits, codes)
    labels = pd.Series(y).groupby(codes).nunique()
    n_conflicts = int((labels > 1).sum())
    numbers = {
        "n_test_rows": n_shared,
        "share": n_shared / n_tested,
        "n_surplus_rows": len(codes) - len(labels),
        "n_conflicting": n_conflicts,
    }
    if not n_shared:
        said = "No test row has a copy among its training rows."
        return Finding(COPIES, OK, said, "", numbers)
    conflicts = f"; {n_conflicts} of these sets of equal rows have both labels" * bool(n_conflicts)
    said = f"{_of(n_shared, n_tested)} have an exact copy in the training part{conflicts}."
    # Few coarse classes meet by themselves; then equal rows need not be copies.
    finest = max(frame.iloc[:, position].nunique() for position in range(frame.shape[1]))
    if finest <= max(20, len(frame) / 10):
        said += f" No factor has more than {finest} different values, so rows may meet by chance."
        verdict = WARNING
    else:
        verdict = LEAK if n_shared / n_tested >= SHARE_OF_A_LEAK else WARNING
    advice = (
        "Keep one of each, or give copies the same group and validate with GroupKFold; if rows "
        "were repeated to balance the classes, make that a step of the pipeline."
    )
    return Finding(COPIES, verdict, said, advice, numbers)


def check_places(coordinates, patches, splits):
    """Return the finding about places, and patches of places, that are on both sides of a fold.

    Parameters
    ----------
    coordinates : ndarray of shape (n_samples, 2), or None
        The places.
    patches : ndarray of int of shape (n_samples,), or None
        As of `find_patches`: what seems to be one landslide, or one place without.
    splits : list of (ndarray, ndarray)
        Training and test positions of each fold.
    """
    if coordinates is None:
        return not_checked(PLACES, "No coordinates were given.", "Pass coordinates.")
    codes = np.unique(coordinates, axis=0, return_inverse=True)[1].ravel()
    n_shared, n_tested = shared_with_training(splits, codes)
    n_pieces, _ = shared_with_training(splits, patches)
    numbers = {"n_test_rows": n_shared, "share": n_shared / n_tested}
    said = [f"{_of(n_shared, n_tested)} are at exactly the place of a training row."]
    if n_pieces:
        n_divided = len(_divided(patches, splits))
        numbers |= {"n_rows_of_divided_patches": n_pieces, "n_divided_patches": n_divided}
        said = said[: min(n_shared, 1)]
        said.append(
            f"{_of(n_pieces, n_tested)} have neighbors of the same label in the training part, "
            f"as the cells of one polygon are: {n_divided} such patches are divided."
        )
    elif not n_shared:
        said = "No test row is at the very place of a training row."
        return Finding(PLACES, OK, said, "", numbers)
    advice = "Keep the rows of one place in one fold: spatial blocks, or GroupKFold over places."
    if n_pieces:
        advice = (
            "Give the rows of one landslide the same label in groups, and a cv that keeps groups "
            "whole: SpatialBlockKFold, KNNDM or StratifiedGroupKFold."
        )
    share = max(n_shared, n_pieces) / n_tested
    verdict = LEAK if share >= SHARE_OF_A_LEAK else WARNING
    return Finding(PLACES, verdict, " ".join(said), advice, numbers)


def check_groups(groups, splits, cv_name):
    """Return the finding about groups that are on both sides of a fold."""
    if groups is None:
        return not_checked(
            GROUPS,
            "No groups were given.",
            "Pass groups if rows belong together: one landslide, slope unit or event.",
        )
    codes = pd.factorize(groups, use_na_sentinel=False)[0]
    n_shared, n_tested = shared_with_training(splits, codes)
    divided = _divided(codes, splits)
    n_groups = int(codes.max()) + 1
    numbers = {
        "n_test_rows": n_shared,
        "share": n_shared / n_tested,
        "n_groups": n_groups,
        "n_divided_groups": len(divided),
    }
    if not n_shared:
        said = f"No fold divides any of the {n_groups} groups."
        return Finding(GROUPS, OK, said, "", numbers)
    said = (
        f"{cv_name} ignores the groups: {len(divided)} of {n_groups} are divided, and "
        f"{_of(n_shared, n_tested)} have their group in the training part."
    )
    advice = (
        "Use SpatialBlockKFold, KNNDM, StratifiedGroupKFold or GroupKFold as cv, and pass groups."
    )
    return Finding(GROUPS, LEAK, said, advice, numbers)


def check_distance(coordinates, map_coordinates, splits):
    """Return the finding about test points nearer to training than the map to the samples."""
    if coordinates is None:
        return not_checked(DISTANCE, "No coordinates were given.", "Pass coordinates.")
    tested = distances_to_train(coordinates, splits)
    numbers = {"median_test_distance": float(np.median(tested))}
    if map_coordinates is None:
        said = (
            f"Half of the test points are within {_meters(np.median(tested))} of a training point;"
            " how far the map is from the samples is not known."
        )
        advice = "Pass map_coordinates, the centers of the map's pixels or a random part of them."
        return Finding(DISTANCE, NOT_CHECKED, said, advice, numbers)
    needed = nearest_neighbor_distances(map_coordinates, coordinates)
    near, middle = np.quantile(needed, [0.05, 0.5])
    share_near, share_middle = float((tested < near).mean()), float((tested < middle).mean())
    numbers |= {
        "median_map_distance": float(middle),
        "map_distance_5_percent": float(near),
        "share_nearer_than_95_percent_of_map": share_near,
        "share_nearer_than_half_of_map": share_middle,
    }
    said = (
        f"{share_middle:.0%} of the test points are nearer to a training point than half of the "
        f"map is to any sample (50 % would be fair), and {share_near:.0%} nearer than 95 % of the "
        f"map (5 % would be fair). Median distance: test {_meters(np.median(tested))}, map "
        f"{_meters(middle)}."
    )
    if _clearly_above(share_middle, 0.5, 0.15, tested) or _clearly_above(
        share_near, 0.05, 0.1, tested
    ):
        advice = (
            "The folds ask an easier question than the map does. Validate with KNNDM, or with "
            "spatial blocks as far apart as the map is from the samples."
        )
        return Finding(DISTANCE, WARNING, said, advice, numbers)
    return Finding(DISTANCE, OK, said, "", numbers)


def _clearly_above(share, fair, margin, tested):
    """Say whether a share of the test points is above the fair one by a margin and by count."""
    count = round(share * len(tested))
    return share > fair + margin and binomtest(count, len(tested), fair).pvalue < 1e-3


def _divided(codes, splits):
    """Codes of which there are rows in both parts of a fold."""
    return {code for train, test in splits for code in np.intersect1d(codes[train], codes[test])}


def _n_rows(splits):
    return 1 + max(int(max(part.max(initial=0) for part in split)) for split in splits)


def _of(count, total):
    return f"{count} of {total} test rows ({count / total:.1%})"


def _meters(distance):
    return f"{distance:.3g} m" if distance < 999.5 else f"{distance / 1000:.3g} km"
