"""The library shap, which finds the contributions to boosted trees by going through the trees."""

import warnings

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from sklearn_landslide._optional import import_optional
from sklearn_landslide.feature_selection import MRMRSelector
from sklearn_landslide.preprocessing import FactorImputer, FactorScaler, PlausibleRange

# Each column of what they return follows from the column of that name alone.
_BY_COLUMN = (PlausibleRange, FactorImputer, FactorScaler, MRMRSelector)


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


def why_no_trees(model, players):
    """Say why shap cannot go through the trees of a model; None if it can.

    Parameters
    ----------
    model : fitted classifier or pipeline
        The model.
    players : dict of str to list of int
        Columns of each factor.

    Returns
    -------
    reason : str or None

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.inspection._shap import why_no_trees
    >>> why_no_trees(GaussianNB(), {"slope": [0]})
    'its model is GaussianNB, not HistGradientBoostingClassifier'
    """
    steps = getattr(model, "steps", [("model", model)])
    last = steps[-1][1]
    if type(last) is not HistGradientBoostingClassifier:
        return f"its model is {type(last).__name__}, not HistGradientBoostingClassifier"
    if last.is_categorical_ is not None:
        return "its trees split categories, which shap does not know"
    if any(len(columns) > 1 for columns in players.values()):
        return "several columns share one contribution"
    for _, step in steps[:-1]:
        if hasattr(step, "transform") and type(step) not in _BY_COLUMN:
            return f"its step {type(step).__name__} may mix factors"
    return None


def tree_contributions(model, frame, background, players, sign):
    """Return the contributions to the log-odds of boosted trees, exact for this background.

    Parameters
    ----------
    model : fitted HistGradientBoostingClassifier or pipeline
        Without anything that `why_no_trees` names.
    frame, background : pandas.DataFrame
        The places and what they are compared with.
    players : dict of str to list of int
        Columns of each factor.
    sign : int
        1 if the landslides are the second class of the model, else -1.

    Returns
    -------
    values : ndarray of shape (n_places, n_players)

    References
    ----------
    Lundberg, S. M. et al. (2020). From local explanations to global understanding with explainable
    AI for trees. Nature Machine Intelligence 2, 56-67. https://doi.org/10.1038/s42256-019-0138-9
    """
    shap = import_shap()
    steps = getattr(model, "steps", [("model", model)])
    for _, step in steps[:-1]:
        if hasattr(step, "transform"):
            frame, background = step.transform(frame), step.transform(background)
    # Columns that a selector dropped contribute nothing.
    reached = [str(name) for name in frame.columns]
    rows, reference = (table.to_numpy(dtype=np.float64) for table in (frame, background))
    # The default masker would keep 100 rows.
    masker = shap.maskers.Independent(reference, max_samples=len(reference))
    explainer = shap.TreeExplainer(steps[-1][1], masker, feature_perturbation="interventional")
    found = explainer.shap_values(rows, check_additivity=False)
    values = np.zeros((len(rows), len(players)))
    for number, name in enumerate(players):
        if name in reached:
            values[:, number] = sign * found[:, reached.index(name)]
    return values
