"""The rows of the target region, as the source takes them: factors by name, labels by meaning."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _num_features, check_consistent_length, validate_data

from sklearn_landslide._categories import column_names
from sklearn_landslide._class_counts import real_counts
from sklearn_landslide._classes import label_key, landslide_label, told_labels
from sklearn_landslide._codes import as_codes
from sklearn_landslide._factor_tables import from_polars
from sklearn_landslide._hints import hinting
from sklearn_landslide._words import listed, nearest


def take_factors(estimator, X, source, *, missing, reset):
    """Take the columns of a table that the source knows, in its order.

    Parameters
    ----------
    estimator : estimator
        Its ``n_features_in_`` and ``feature_names_in_`` are set or checked.
    X : array-like or frame of shape (n_samples, n_columns)
        The table.
    source : Source
        The source.
    missing : {"error", "impute"}
        What is done about a factor of the source that the table lacks.
    reset : bool
        True in fit, False afterwards.

    Returns
    -------
    X : array-like or frame of shape (n_samples, n_factors)
        In the order of the source; a frame with gaps for factors that are not there.
    """
    X = from_polars(X)
    names = column_names(X)
    if source.names is None or names is None:
        if source.names is not None and _num_features(X) != source.n_factors and reset:
            raise ValueError(
                f"X has {_num_features(X)} features and no names, and the source was fitted on "
                f"the {source.n_factors} factors {listed(source.names, 5)}: give a frame."
            )
        if reset:
            _check_width(X, source)
        validate_data(estimator, X, skip_check_array=True, reset=reset)
        return X
    wanted = source.names
    if not reset and hasattr(estimator, "feature_names_in_"):
        wanted = [str(name) for name in estimator.feature_names_in_]
    lacking = [name for name in wanted if name not in names]
    if lacking and not (reset and missing == "impute"):
        hint = "missing='impute'"
        advice = f", or fill it by {hint}" if reset and source.takes_gaps else ""
        error = ValueError(
            f"X has no factor {listed(lacking, 5)}, which the source was fitted on."
            f"{nearest(lacking[0], names)} Add it{advice}; X has {listed(names, 10)}."
        )
        raise hinting(error, hint) if advice else error
    if lacking and not source.takes_gaps:
        raise ValueError(
            f"X has no factor {listed(lacking, 5)}, and the source fills no gaps: take a source "
            "whose pipeline has a FactorImputer, as that of make_landslide_pipeline."
        )
    if len(lacking) == len(wanted):
        raise ValueError(
            f"X has none of the factors of the source, {listed(wanted, 5)}: it has "
            f"{listed(names, 5)}."
        )
    present = [name for name in wanted if name not in lacking]
    chosen = X[present]
    # A file may hold codes as numbers, and a model of the target alone learns from the type.
    codes = [name for name in present if name in source.categorical]
    chosen = chosen.assign(
        **{n: as_codes(chosen[n]) for n in codes if str(chosen[n].dtype) != "category"}
    )
    validate_data(estimator, chosen, skip_check_array=True, reset=reset)
    if len(present) == len(source.names):
        return chosen
    gaps = {name: np.full(len(X), np.nan) for name in source.names if name not in present}
    filled = pd.concat([chosen, pd.DataFrame(gaps, index=X.index)], axis=1)
    return filled[source.names]


def _check_width(X, source):
    n_columns = _num_features(X)
    if n_columns != source.n_factors:
        raise ValueError(
            f"X has {n_columns} features, and the source was fitted on {source.n_factors}: give "
            "the same, or fit the source on a frame, so that they are found by name."
        )


@dataclass(frozen=True)
class TargetLabels:
    """The labels of the target region, and which of them is a landslide.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,), int, or None
        1 is a landslide; None without labels.
    classes : ndarray of shape (2,)
        The labels, sorted.
    positive : int
        Place of the landslides among them.
    n_landslides : int
        Number of landslides: the cells of a polygon are one, where that was told.
    """

    codes: np.ndarray | None
    classes: np.ndarray
    positive: int
    n_landslides: int

    @property
    def n_rows(self):
        """Number of rows with a label."""
        return 0 if self.codes is None else len(self.codes)


def read_target_labels(estimator, X, y, source):
    """Read the labels of the target, which may be named otherwise than those of the source.

    Parameters
    ----------
    estimator : estimator
        For messages.
    X : array-like of shape (n_samples, n_factors)
        The rows.
    y : array-like of shape (n_samples,) or None
        The labels.
    source : Source
        The source.

    Returns
    -------
    labels : TargetLabels
    """
    if y is None:
        return TargetLabels(None, source.classes, source.positive, 0)
    y = column_or_1d(told_labels(y), warn=True)
    check_consistent_length(X, y)
    assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    present = np.unique(y)
    known = {label_key(label): place for place, label in enumerate(source.classes.tolist())}
    if len(present) == 1:
        raise ValueError(
            f"y has one class, {present.tolist()[0]!r}: {type(estimator).__name__} needs places "
            "with and without landslides, or y=None for a region without labels."
        )
    if len(present) > 2:
        raise ValueError(
            f"y has {len(present)} classes ({listed(present.tolist(), 5)}), and the source has "
            f"{listed(source.classes.tolist())}. Only binary classification is supported."
        )
    keys = [label_key(label) for label in present.tolist()]
    if set(keys) == set(known):
        positive = [known[key] for key in keys].index(source.positive)
    else:
        try:
            positive = present.tolist().index(landslide_label(present.tolist()))
        except ValueError:
            raise ValueError(
                f"y has the labels {listed(present.tolist())} and the source "
                f"{listed(source.classes.tolist())}: give them the same names, or 0 and 1."
            ) from None
    codes = (y == present[positive]).astype(int)
    counts = np.array([(y == label).sum() for label in present])
    _, places = real_counts(present, counts)
    return TargetLabels(codes, present, positive, int(places[positive]))
