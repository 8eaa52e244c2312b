"""What the splitters share: the call, both classes in every part, the buffer, the repr."""

import inspect

import numpy as np
from scipy.spatial import cKDTree
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import validate_parameter_constraints
from sklearn.utils.validation import _num_samples

from sklearn_landslide._classes import two_classes
from sklearn_landslide.model_selection._units import groups_of


class LandslideSplitter(BaseCrossValidator):
    """Splitter that holds what it needs besides the table, and keeps both classes in all parts.

    A subclass has a table ``_parameter_constraints``, an attribute ``groups`` and a method
    ``_folds(X, codes, classes, groups)`` that returns a list of (train, test), with the class of
    each row as a code 0 or 1 and its group as a number, or None.
    """

    # Where metadata is routed, every splitter here asks for the groups.
    __metadata_request__split = {"groups": True}

    def split(self, X, y, groups=None):
        """Generate the rows of each training and test part.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table, or a part of it.
        y : array-like of shape (n_samples,)
            The labels, of two classes.
        groups : array-like of shape (n_samples,), default=None
            Group of each row, such as the row of the inventory that it comes from. No group is
            in both the training and the test part of a fold. None: those that the splitter was
            made with, if any.

        Yields
        ------
        train : ndarray of int
            Positions of the training rows.
        test : ndarray of int
            Positions of the test rows.
        """
        self._check_parameters()
        codes, classes = class_codes(X, y)
        yield from self._folds(X, codes, classes, groups_of(self.groups, X, groups))

    def get_n_splits(self, X=None, y=None, groups=None):
        """Get the number of folds.

        Parameters
        ----------
        X, y, groups : object, default=None
            Ignored; there for scikit-learn.

        Returns
        -------
        n_splits : int
            Number of folds.
        """
        return self.n_splits

    def _check_parameters(self):
        validate_parameter_constraints(
            self._parameter_constraints,
            {name: getattr(self, name) for name in self._parameter_constraints},
            caller_name=type(self).__name__,
        )

    def __repr__(self):
        shown = []
        for name in inspect.signature(type(self)).parameters:
            value = getattr(self, name)
            # A table of coordinates would hide everything else.
            text = f"<{_num_samples(value)} rows>" if hasattr(value, "__len__") else repr(value)
            shown.append(f"{name}={value!r}" if isinstance(value, str) else f"{name}={text}")
        return f"{type(self).__name__}({', '.join(shown)})"


def class_codes(X, y):
    """Return the class of each row as 0 or 1, and the two classes."""
    if y is None:
        raise ValueError("y is missing: the folds must hold both classes, so give the labels.")
    y = column_or_1d(np.asarray(y))
    if len(y) != _num_samples(X):
        raise ValueError(f"X has {_num_samples(X)} rows and y has {len(y)} labels.")
    classes, codes = two_classes(y)
    return codes, classes


def class_counts(labels, codes):
    """Count the rows of both classes under each label 0, 1, ...; shape (n_labels, 2)."""
    return np.bincount(2 * labels + codes, minlength=2 * (labels.max() + 1)).reshape(-1, 2)


def train_and_test(folds, n_splits):
    """Turn the fold of each row into pairs of training and test rows."""
    return [(np.flatnonzero(folds != k), np.flatnonzero(folds == k)) for k in range(n_splits)]


def drop_near(points, train, test, buffer):
    """Leave out training rows that are nearer than the buffer to a test row."""
    if not buffer:
        return train
    distance, _ = cKDTree(points[test]).query(points[train])
    return train[distance >= buffer]
