"""What must hold of the arrays in a model."""

import numpy as np


def must(fact, kind, what):
    """Raise unless a fact about an estimator holds."""
    if not fact:
        raise ValueError(f"{type(kind).__name__} has {what} that do not fit the rest of it")


def shape_of(array):
    """Return the shape of an array, and None for what is none."""
    return array.shape if isinstance(array, np.ndarray) else None


def are_numbers(array, shape, kinds="f"):
    """Say whether this is an array of the shape, of finite numbers of the kinds."""
    return shape_of(array) == shape and array.dtype.kind in kinds and bool(np.isfinite(array).all())


def count_classes(model):
    """Count the classes; a model without has 2, as libsvm and the losses count."""
    return len(model.classes_) if hasattr(model, "classes_") else 2
