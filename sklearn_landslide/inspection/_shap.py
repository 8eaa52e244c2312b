"""The library shap, for those who know its pictures."""

import warnings

from sklearn_landslide._optional import import_optional


def import_shap():
    """Import shap; what its import has to say of matplotlib is not for the user.

    Returns
    -------
    shap : module

    Raises
    ------
    ImportError
        If it is not installed.
    """
    with warnings.catch_warnings():
        # It changes color maps in a way that matplotlib 3.11 calls outdated.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        return import_optional("shap", extra="explain")
