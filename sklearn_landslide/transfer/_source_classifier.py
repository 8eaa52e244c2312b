"""What all classifiers that begin with a source share."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import get_tags

from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.pipeline import make_landslide_pipeline
from sklearn_landslide.transfer._source import refits_on_target
from sklearn_landslide.transfer._target import read_target_labels, take_factors


class SourceClassifier(ClassifierMixin, BaseEstimator):
    """A classifier with parameters that are known from another region.

    A class that is derived from it has the parameters ``source``, ``missing`` and ``own_scale``,
    and its ``_kept`` names those that :func:`sklearn.base.clone` hands on as they are.
    """

    # The source's steps do all that a table needs: make_landslide_pipeline adds none.
    brings_preprocessing = True
    _kept = ("source",)

    def __sklearn_clone__(self):
        params = self.get_params(deep=False)
        copy = type(self)(
            **{n: v if n in self._kept else clone(v, safe=False) for n, v in params.items()}
        )
        if hasattr(self, "_metadata_request"):
            copy._metadata_request = self._metadata_request
        return copy

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        has_source = getattr(self, self._kept[0]) is not None
        # Of a file nothing is known before it is read; where there is no source, gaps are filled.
        inside = getattr(self, self._kept[0])
        has_tags = hasattr(inside, "__sklearn_tags__")
        tags.input_tags.allow_nan = not has_tags or get_tags(inside).input_tags.allow_nan
        tags.classifier_tags.multi_class = not has_source
        tags.target_tags.required = not has_source
        return tags

    def _fit_alone(self, model, X, y):
        """Fit a model to the target, as there is no source."""
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, but the target y "
                "is None: only a source can do without labels."
            )
        self.pipeline_ = model.fit(X, y)
        self.classes_, self.n_features_in_ = model.classes_, model.n_features_in_
        vars(self).pop("feature_names_in_", None)
        if hasattr(model, "feature_names_in_"):
            self.feature_names_in_ = model.feature_names_in_
        self.n_landslides_ = int(np.unique(np.asarray(y), return_counts=True)[1].min())
        self._columns = None
        return self

    def _read_target(self, source, X, y):
        """Return the rows as the source takes them, and the labels."""
        X = take_factors(self, X, source, missing=self.missing, reset=True)
        labels = read_target_labels(self, X, y, source)
        self.classes_, self.n_landslides_ = labels.classes, labels.n_landslides
        # Columns of the source in the order of these classes.
        self._columns = [1 - source.positive, source.positive]
        if not labels.positive:
            self._columns.reverse()
        return X, labels

    def _rows_of(self, X):
        """Return the rows of a prediction as the source takes them."""
        if self._columns is None:
            return X
        source = self._fitted_source()
        return take_factors(self, X, source, missing=self.missing, reset=False)

    def _own_scaled(self, source, X):
        """Return the source's copy, its scale that of the target, and the rows for its model."""
        model = source.fitted_copy()
        steps, rows = list(getattr(model, "steps", [])), X
        if self.own_scale is True and not any(refits_on_target(step) for _, step in steps[:-1]):
            raise ValueError(
                "own_scale=True, and no step of the source scales each region by itself: put a "
                "RegionScaler into the source's pipeline, or leave own_scale out."
            )
        for _, step in steps[:-1]:
            if not hasattr(step, "transform"):
                continue
            if self.own_scale is not False and refits_on_target(step):
                step.fit(rows)
            rows = step.transform(rows)
        return model, rows

    def _in_order(self, probability):
        """Return the columns of the source in the order of the target's classes."""
        return probability if self._columns is None else probability[..., self._columns]

    def predict(self, X):
        """Predict the label of each row.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
        """
        places = self.predict_proba(X).argmax(axis=1)
        return self.classes_[places]


def seeded(model, seed):
    """Give all parts of a model that draw random numbers seeds of their own.

    Parameters
    ----------
    model : estimator
        Changed in place.
    seed : int
        From which the seeds are drawn.

    Returns
    -------
    model : estimator
    """
    names = [name for name in model.get_params() if name.split("__")[-1] == "random_state"]
    return model.set_params(**dict(zip(names, draw_seeds(seed, len(names)), strict=True)))


def in_pipeline(model, seed):
    """Copy a classifier, with the usual steps before it if it has none.

    Parameters
    ----------
    model : classifier
        One that is bare gets those of ``make_landslide_pipeline``, without resampling: few
        landslides have no neighbors.
    seed : int
        From which all of its seeds are drawn.

    Returns
    -------
    model : classifier
        Unfitted.
    """
    model = seeded(clone(model), seed)
    if hasattr(model, "steps") or hasattr(getattr(model, "estimator", None), "steps"):
        return model
    return make_landslide_pipeline(model, resample=None)
