"""Weights, groups and other values of each row, which do not fit rows that a sampler made."""

from inspect import signature

import numpy as np
from sklearn.utils.validation import _num_samples

from sklearn_landslide._frames import take_rows
from sklearn_landslide._sample_weight import read_sample_weight, weight_params


def check_rows_of_metadata(steps, routed, y, y_resampled):
    """Raise if the model is given values of rows that it does not get.

    Parameters
    ----------
    steps : list of (str, estimator)
        Steps of the pipeline.
    routed : dict or None
        What each step is given besides the table and the labels, by the step's name and the
        method.
    y, y_resampled : array-like or None
        Labels that ``fit`` got and labels that the model gets.
    """
    if routed is None or y is None or not any(hasattr(step, "fit_resample") for _, step in steps):
        return
    y, y_resampled = np.asarray(y), np.asarray(y_resampled)
    if np.array_equal(y, y_resampled):
        return
    name = steps[-1][0]
    # A last step that is None is given nothing.
    asked = routed.get(name, {})
    given = dict(asked.get("fit", {})) | dict(asked.get("fit_predict", {}))
    # Those are seen to by what follows here.
    given.pop("sample_weight", None)
    for key, value in given.items():
        if not isinstance(value, str | dict) and hasattr(value, "__len__") and len(value) == len(y):
            raise ValueError(
                f"{key} has a value for each of the {len(y)} rows, and {name!r} learns from "
                f"{len(y_resampled)} rows that were resampled: set resample=None, or put what "
                f"needs {key} around the pipeline."
            )


def rows_with_weight(pipeline, X, y, params):
    """Leave out rows of weight 0, and name the weights as the pipeline's last step knows them.

    Parameters
    ----------
    pipeline : LandslidePipeline
        It is not fitted yet.
    X, y : table and labels
        As ``fit`` got them.
    params : dict
        The same; ``sample_weight`` is among them.

    Returns
    -------
    X, y : table and labels
    params : dict

    Raises
    ------
    ValueError
        If the rows that are left are of one class.
    """
    n_rows = _num_samples(X)
    weights = read_sample_weight(params["sample_weight"], n_rows).astype(np.float64)
    weight_params(pipeline, weights)
    keep = np.flatnonzero(weights)
    params = params | {"sample_weight": weights}
    if len(keep) < n_rows:
        X, y = take_rows(X, keep), take_rows(y, keep)
        if len(left := set(np.asarray(y).tolist())) == 1:
            raise ValueError(
                f"sample_weight is zero in all rows but those of one class, {left.pop()!r}: at "
                "least two are needed."
            )
        params = {name: _of_rows(value, keep, n_rows) for name, value in params.items()}
    return X, y, params


def _of_rows(value, keep, n_rows):
    """Values of some rows, if there is one for each row."""
    is_of_rows = not isinstance(value, str | dict) and hasattr(value, "__len__")
    return take_rows(value, keep) if is_of_rows and len(value) == n_rows else value


def give_weights_to_samplers(steps, routed):
    """Let the sampler that can carry the weights of the rows to new ones know them.

    Parameters
    ----------
    steps : list of (str, estimator)
        Steps of the pipeline.
    routed : dict or None
        What each step is given, by its name and the method; changed in place.

    Returns
    -------
    weights : ndarray of shape (n_samples,) or None
        Those that the last step is given, if there is a sampler before it.
    """
    samplers = [(name, step) for name, step in steps if hasattr(step, "fit_resample")]
    if routed is None or not samplers:
        return None
    weights = dict(routed.get(steps[-1][0], {})).get("fit", {}).get("sample_weight")
    name, first = samplers[0]
    if weights is not None and _knows_weights(first):
        routed[name]["fit_resample"] = {"sample_weight": weights}
    return weights


def take_resampled_weights(steps, routed, weights):
    """Give the last step the weights of the rows that it gets.

    Parameters
    ----------
    steps : list of (str, estimator)
        Fitted steps of the pipeline.
    routed : dict
        What each step is given; changed in place.
    weights : ndarray of shape (n_samples,)
        Weights of the rows of ``fit``.

    Raises
    ------
    ValueError
        If a sampler does not say which of the rows it has kept or between which its rows lie.
    """
    samplers = [step for _, step in steps if hasattr(step, "fit_resample")]
    for place, sampler in enumerate(samplers):
        if place == 0 and hasattr(sampler, "sample_weight_"):
            weights = sampler.sample_weight_
        elif hasattr(sampler, "sample_indices_"):
            weights = np.asarray(weights)[sampler.sample_indices_]
        else:
            raise ValueError(
                f"{type(sampler).__name__} makes rows without saying what they weigh: take "
                "FactorSMOTE, or set resample=None, or leave sample_weight out."
            )
    for given in dict(routed[steps[-1][0]]).values():
        if "sample_weight" in given:
            given["sample_weight"] = weights


def _knows_weights(sampler):
    return "sample_weight" in signature(sampler.fit_resample).parameters
