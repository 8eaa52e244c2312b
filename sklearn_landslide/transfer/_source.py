"""What a source is: a fitted model of another region, in memory or in a file."""

import os
from copy import copy, deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from sklearn_landslide._classes import landslide_label
from sklearn_landslide.mapping import known_codes
from sklearn_landslide.persistence import load_model


@dataclass(frozen=True, eq=False)
class Source:
    """A fitted classifier of two classes, as it is taken from what was given.

    Parameters
    ----------
    model : fitted classifier
        A pipeline or a bare model. It is the user's own and is never changed.
    """

    model: Any

    @property
    def steps(self):
        """Steps before the classifier, as (name, fitted step)."""
        return list(getattr(self.model, "steps", [("model", self.model)]))[:-1]

    @property
    def last(self):
        """The classifier at the end."""
        return self.model.steps[-1][1] if hasattr(self.model, "steps") else self.model

    @property
    def classes(self):
        """The two labels, sorted."""
        return np.asarray(self.model.classes_)

    @property
    def names(self):
        """Names of the factors, None where they have none."""
        names = getattr(self.model, "feature_names_in_", None)
        return None if names is None else [str(name) for name in names]

    @property
    def n_factors(self):
        """Number of factors."""
        return int(self.model.n_features_in_)

    @property
    def takes_gaps(self):
        """Whether missing values may come."""
        return bool(get_tags(self.model).input_tags.allow_nan)

    @property
    def categorical(self):
        """Names of the factors that are codes to the model."""
        return set(known_codes(self.model))

    @property
    def positive(self):
        """Place of the landslides among the two labels; the second where neither says it."""
        classes = self.classes.tolist()
        try:
            return classes.index(landslide_label(classes))
        except ValueError:
            return 1

    @property
    def landslide_share(self):
        """Share of landslides to which the probabilities refer, None where it is not known."""
        shares = getattr(self.model, "class_prior_", None)
        label = self.classes.tolist()[self.positive]
        return shares.get(label) if isinstance(shares, dict) else None

    def with_steps(self, steps, last):
        """Return the model with other steps before the classifier and another classifier.

        Samplers, which serve in fit only, are left out.
        """
        if not hasattr(self.model, "steps"):
            return last
        model = copy(self.model)
        model.steps = [*steps, (self.model.steps[-1][0], last)]
        return model

    def fitted_copy(self):
        """Copy the model as it is fitted, without samplers."""
        return self.with_steps(
            [(name, _idle(step) or deepcopy(step)) for name, step in self.steps],
            deepcopy(self.last),
        )

    def unfitted_copy(self):
        """Copy the model to be fitted again, without samplers: few landslides have no neighbors."""
        if not hasattr(self.model, "steps"):
            return clone(self.model)
        model = clone(self.model)
        model.steps = [(name, _idle(step) or step) for name, step in model.steps]
        return model


def _idle(step):
    """Return what stands in place of a step that rows pass by; None for one that they do not."""
    return "passthrough" if step in (None, "passthrough") or hasattr(step, "fit_resample") else None


def refits_on_target(step):
    """Say whether a step is fitted again to each region, without labels.

    Parameters
    ----------
    step : estimator
        A step of the source's pipeline; it says so by the attribute ``refit_on_target``.

    Returns
    -------
    refits : bool
    """
    return getattr(step, "refit_on_target", False) is True


def unwrapped(model):
    """Find the fitted pipeline or classifier in what a user or a file has.

    Parameters
    ----------
    model : object
        A classifier; one that is frozen, or that a search found; the model of a map with its
        zones; a net that was adapted before.

    Returns
    -------
    model : object
    """
    if isinstance(model, FrozenEstimator):
        return unwrapped(model.estimator)
    if hasattr(model, "best_estimator_"):
        return unwrapped(model.best_estimator_)
    if hasattr(model, "applicability") and hasattr(model, "model"):
        # The bundle of a map.
        return unwrapped(model.model)
    steps = getattr(model, "steps", None)
    if steps and len(steps) == 1 and hasattr(steps[-1][1], "_as_source"):
        model = steps[-1][1]
    is_adapted = hasattr(model, "_as_source") and hasattr(model, "pipeline_")
    return unwrapped(model._as_source()) if is_adapted else model


def read_source(source):
    """Find out what a source is, and check that it can be one.

    Parameters
    ----------
    source : fitted classifier, str or path-like
        A model, or the file of one.

    Returns
    -------
    source : Source

    Raises
    ------
    TypeError
        If it is not a classifier with probabilities.
    ValueError
        If it is not fitted, or has other classes than two.
    """
    where = "source"
    if isinstance(source, str | os.PathLike):
        where = f"the model in {os.fspath(source)}"
        source = load_model(source)
    model = unwrapped(source)
    if not (hasattr(model, "get_params") and is_classifier(model)):
        raise TypeError(f"{where} must be a fitted classifier or a model file, got {source!r}.")
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise ValueError(
            f"{where} is not fitted: fit this {type(model).__name__} to the first region."
        ) from None
    if not hasattr(model, "predict_proba"):
        raise TypeError(
            f"{where} is a {type(model).__name__} without predict_proba: wrap it in "
            "sklearn.calibration.CalibratedClassifierCV."
        )
    if len(model.classes_) != 2:
        raise ValueError(
            f"{where} has {len(model.classes_)} classes, and a source has two: landslide and not."
        )
    return Source(model)
