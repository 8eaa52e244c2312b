"""Weights, groups and other values of each row, which do not fit rows that a sampler made."""

import numpy as np


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
    for key, value in given.items():
        if not isinstance(value, str | dict) and hasattr(value, "__len__") and len(value) == len(y):
            raise ValueError(
                f"{key} has a value for each of the {len(y)} rows, and {name!r} learns from "
                f"{len(y_resampled)} rows that were resampled: set resample=None, or put what "
                f"needs {key} around the pipeline."
            )
