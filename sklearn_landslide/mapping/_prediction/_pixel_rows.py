"""From pixels to the rows that a model was fitted on: factors by name, codes by value."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide.mapping._rasters._codes import table_categories
from sklearn_landslide.mapping._rasters._ground import Ground, ground_of
from sklearn_landslide.preprocessing import PlausibleRange

# Where fitted models keep the models that they consist of.
_PARTS = (
    "best_estimator_",
    "pipeline_",
    "estimator_",
    "estimator",
    "calibrated_classifiers_",
    "estimators_",
)


def factor_names(model):
    """Names of the factors that a model was fitted on, in its order.

    Parameters
    ----------
    model : fitted estimator
        The model; a pipeline has the names of its first step.

    Returns
    -------
    names : list of str

    Raises
    ------
    ValueError
        If the model was fitted without names.
    """
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        raise ValueError(
            f"{type(model).__name__} was fitted without factor names, and bands are found by "
            "name: fit it on a DataFrame whose columns are named as the bands."
        )
    return [str(name) for name in names]


def fitted_parts(model):
    """Yield a fitted model and, in the order in which rows pass through, its parts.

    Parameters
    ----------
    model : fitted estimator
        A model, a pipeline, or a search or an ensemble of them.

    Yields
    ------
    part : fitted estimator
    """
    yield model
    if hasattr(model, "steps"):
        parts = [step for _, step in model.steps]
    elif hasattr(model, "transformers_"):
        parts = [transformer for _, transformer, _ in model.transformers_]
    else:
        found = next((getattr(model, name) for name in _PARTS if hasattr(model, name)), None)
        # Members of an ensemble know the same codes.
        parts = list(found)[:1] if isinstance(found, list | tuple) else [found]
    for part in parts:
        if part is not None and not isinstance(part, str):
            yield from fitted_parts(part)


def _own_codes(part):
    """Codes that a fitted estimator itself keeps, by factor."""
    categories = getattr(part, "categories_", None)
    if isinstance(categories, dict):
        return categories
    names = getattr(part, "feature_names_in_", None)
    is_categorical = getattr(part, "is_categorical_", None)
    if names is None:
        return {}
    if is_categorical is not None:
        names = np.asarray(names)[is_categorical]
        if categories is None:
            # HistGradientBoosting keeps them in its encoder.
            encoder = getattr(part, "_preprocessor", None)
            encoder = getattr(encoder, "named_transformers_", {}).get("encoder")
            categories = getattr(encoder, "categories_", None)
    if categories is None or len(categories) != len(names):
        return {}
    return dict(zip(names, categories, strict=True))


def known_codes(model):
    """Codes of the categorical factors that a fitted model knows.

    Parameters
    ----------
    model : fitted estimator
        A model, a pipeline, or a search or an ensemble of them.

    Returns
    -------
    codes : dict of str to list
        By factor, the values that the training table held.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.preprocessing import OneHotEncoder
    >>> from sklearn_landslide.mapping._prediction._pixel_rows import known_codes
    >>> known_codes(OneHotEncoder().fit(pd.DataFrame({"soil": [3, 1, 3]})))
    {'soil': [1, 3]}
    """
    found = {}
    for part in fitted_parts(model):
        for name, codes in _own_codes(part).items():
            found.setdefault(
                str(name), [code for code in np.asarray(codes).tolist() if code == code]
            )
    return found


def model_ranges(model):
    """Ranges outside of which a fitted model takes values for impossible.

    Parameters
    ----------
    model : fitted estimator
        A model, a pipeline, or a search or an ensemble of them.

    Returns
    -------
    ranges : dict of str to tuple of (float, float)
        Those of its :class:`~sklearn_landslide.preprocessing.PlausibleRange`; empty without such
        a step, and with one that moves values to the end of the range.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.mapping._prediction._pixel_rows import model_ranges
    >>> from sklearn_landslide.preprocessing import PlausibleRange
    >>> model_ranges(PlausibleRange().fit(pd.DataFrame({"slope": [30.0]})))
    {'slope': (0.0, 90.0)}
    """
    for part in fitted_parts(model):
        if isinstance(part, PlausibleRange) and hasattr(part, "bounds_"):
            return dict(part.bounds_) if part.action == "mask" else {}
    return {}


def pixel_rows(names, tables, stack, ranges):
    """Say how the pixels of a stack become rows of a model.

    Parameters
    ----------
    names : list of str
        The factors, in the model's order.
    tables : dict of str to dict
        For each categorical factor, the values of the training table by code.
    stack : xarray.Dataset
        The factors.
    ranges : dict of str to tuple of (float, float)
        What the model takes for possible.

    Returns
    -------
    rows : PixelRows
    """
    ground = ground_of(stack, names, ranges)
    # Class codes have no range.
    ground |= {name: Ground(ground[name].nodata) for name in tables}
    return PixelRows(names, tables, ground)


@dataclass(frozen=True)
class PixelRows:
    """How the pixels of a window become rows of the training table.

    Parameters
    ----------
    names : list of str
        The factors, in the model's order.
    tables : dict of str to dict
        For each categorical factor, the values of the training table by code.
    ground : dict of str to Ground
        For each factor, what is ground.
    """

    names: list
    tables: dict
    ground: dict

    def valid(self, bands):
        """Find the pixels that are ground in every band, as a mask of the window."""
        mask = np.ones(bands[0].shape, dtype=bool)
        for name, band in zip(self.names, bands, strict=True):
            mask &= self.ground[name].holds(band)
        return mask

    def frame(self, bands, mask):
        """Rows of the pixels in a mask, quantities as float64 and codes as categories."""
        columns = {}
        for name, band in zip(self.names, bands, strict=True):
            numbers = band[mask]
            if name in self.tables:
                columns[name] = table_categories(numbers, self.tables[name])
            else:
                columns[name] = numbers.astype(np.float64)
        return pd.DataFrame(columns)
