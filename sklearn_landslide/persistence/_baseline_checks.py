"""Curves and offsets of additive models."""

import numpy as np
import pandas as pd

from sklearn_landslide.baselines import GAM
from sklearn_landslide.persistence._facts_of_arrays import are_numbers, must, shape_of
from sklearn_landslide.persistence._fitted_checks import is_count, names_of


def check_gam(model):
    """Check knots, classes and coefficients of a GAM."""
    if not hasattr(model, "coefficients_"):
        return
    names = names_of(model)
    for table in (model.coefficients_, model.penalties_, model.degrees_of_freedom_):
        must(isinstance(table, dict) and list(table) == names, model, "factors")
    knots, known = model.knots_, model.categories_
    must(isinstance(knots, dict) and isinstance(known, dict), model, "factors")
    must(not knots.keys() & known.keys(), model, "factors")
    must(knots.keys() | known.keys() == set(names), model, "factors")
    must(isinstance(model.intercept_, float) and np.isfinite(model.intercept_), model, "intercepts")
    must(shape_of(model.classes_) == (2,), model, "classes")
    for name, codes in known.items():
        must(isinstance(codes, pd.Index) and codes.is_unique, model, "categories")
        must(are_numbers(model.coefficients_[name], (len(codes),)), model, "offsets")
    for name, places in knots.items():
        must(are_numbers(places, (np.size(places),)) and len(places) > 0, model, "knots")
        must(np.all(np.diff(places) > 0), model, "knots")
        n_splines = len(places) + 2 if len(places) > 1 else 1
        must(are_numbers(model.coefficients_[name], (n_splines,)), model, "coefficients")


def check_slope(model):
    """Check which factors are taken, and that the model inside is of these."""
    if not hasattr(model, "gam_"):
        return
    places, n_factors = model._positions, model.n_features_in_
    must(isinstance(places, list) and all(map(is_count, places)), model, "columns")
    must(all(0 <= place < n_factors for place in places), model, "columns")
    names = names_of(model)
    must(model.factors_ == [names[place] for place in places], model, "columns")
    inside = model.gam_
    must(isinstance(inside, GAM) and hasattr(inside, "coefficients_"), model, "models")
    must(names_of(inside) == model.factors_, model, "columns")
    must(np.array_equal(inside.classes_, model.classes_), model, "classes")
