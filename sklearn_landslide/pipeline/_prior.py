"""Class shares, and the closed form that moves probabilities from some shares to others."""

from collections.abc import Mapping
from numbers import Real

import numpy as np
import pandas as pd

from sklearn_landslide._classes import landslide_label
from sklearn_landslide._words import listed


def class_shares(y):
    """Share of each class in the labels, by label, in the order of the labels.

    Empty unless there is exactly one label a row.
    """
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        return {}
    return pd.Series(y).value_counts(normalize=True).sort_index().to_dict()


def stated_shares(prevalence, classes):
    """Share of each class as `prevalence` states it, by label; None where it states nothing.

    Parameters
    ----------
    prevalence : float, dict of label to float, or None
        A number is the share of landslides, where the two labels say which class that is.
    classes : list
        The labels, sorted.

    Returns
    -------
    shares : dict of label to float, or None
        They sum to 1.
    """
    if prevalence is None:
        return None
    if not isinstance(prevalence, Mapping):
        if len(classes) != 2:
            raise ValueError(
                f"prevalence={prevalence!r} is the share of one of two classes, and y has "
                f"{len(classes)} ({classes}): give a dict with the share of each."
            )
        try:
            landslide = landslide_label(classes)
        except ValueError:
            shares = {classes[0]: 1 - prevalence, classes[1]: prevalence}
            raise ValueError(
                f"prevalence={prevalence!r} is the share of landslides, and y has the labels "
                f"{listed(classes)}: say which of them is a landslide by a dict such as {shares}."
            ) from None
        prevalence = {
            label: prevalence if label == landslide else 1 - prevalence for label in classes
        }
    if set(prevalence) != set(classes):
        raise ValueError(
            f"prevalence names the classes {list(prevalence)} and y has {classes}: "
            "give the share of each class of y."
        )
    for label, share in prevalence.items():
        if not (isinstance(share, Real) and 0 < share < 1):
            raise ValueError(
                f"prevalence must lie between 0 and 1, got {share!r} for class {label!r}."
            )
    if not np.isclose(total := sum(prevalence.values()), 1):
        raise ValueError(f"the shares in prevalence must sum to 1, got {total:.6g}.")
    return {label: float(prevalence[label]) for label in classes}


def move_prior(probability, ratio):
    """Probabilities under other class shares.

    Parameters
    ----------
    probability : ndarray of shape (n_samples, n_classes)
        Probabilities under the old shares.
    ratio : ndarray of shape (n_classes,)
        New share over old share of each class; positive.

    Returns
    -------
    moved : ndarray of shape (n_samples, n_classes)
        Float64. 0 and 1 stay what they are.
    """
    probability = np.asarray(probability, dtype=np.float64)
    if probability.shape[1] != 2:
        weighted = probability * ratio
        return weighted / weighted.sum(axis=1, keepdims=True)
    # From the second column alone and by operations that are monotone in floating point, too,
    # so that no two rows change places. That is not so for a / (a + b), where the sum may be
    # rounded up and down, nor for two columns that are rounded each by itself.
    second = np.clip(probability[:, 1], 0, 1)
    against, for_it = (1 - second) * ratio[0], second * ratio[1]
    with np.errstate(divide="ignore", over="ignore"):
        return np.column_stack([1 / (1 + for_it / against), 1 / (1 + against / for_it)])
