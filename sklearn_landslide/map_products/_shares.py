"""Shares of the paths beside the network, chosen on the ground for which a map is made."""

import numpy as np

# With fewer folds their scores say nothing of one another.
_FEWEST_FOLDS = 3


def has_open_shares(model):
    """Say whether a fitted pipeline ends with a network whose shares are left open.

    Parameters
    ----------
    model : fitted classifier or pipeline
        The model.

    Returns
    -------
    is_open : bool
    """
    if not hasattr(model, "steps") or not hasattr(model.steps[-1][1], "usual_shares"):
        return False
    return any(may_change for _, may_change in model.steps[-1][1].usual_shares().values())


def choose_on_other_folds(models, X, y, tests):
    """Give the model of each fold the shares that do best on all other folds.

    Parameters
    ----------
    models : list of fitted pipeline
        One per fold; their shares are changed.
    X : DataFrame of shape (n_places, n_factors)
        The table.
    y : ndarray of shape (n_places,)
        The labels.
    tests : list of ndarray of int
        Rows that each model did not see.

    Returns
    -------
    shares : dict of str to (float or None), or None
        The shares that do best on all folds, for the model of the whole table. None if there are
        too few folds with both classes: nothing is changed then.
    """
    # Not above: PyTorch would be loaded for models of any kind.
    from sklearn_landslide.nn import choose_shares

    folds, scored = [], []
    for model, test in zip(models, tests, strict=True):
        net = model.steps[-1][1]
        if len(test) == 0 or len(np.unique(y[test])) < len(net.classes_):
            folds.append(None)
            continue
        codes = np.searchsorted(net.classes_, y[test])
        folds.append((net.predict_path_logs(_transformed(model, X.iloc[test])), codes))
        scored.append(len(folds) - 1)
    if len(scored) < _FEWEST_FOLDS:
        return None
    usual = models[0].steps[-1][1].usual_shares()
    for fold, model in enumerate(models):
        others = choose_shares([folds[i] for i in scored if i != fold], usual)
        set_shares(model, _of(others))
    return _of(choose_shares([folds[i] for i in scored], usual))


def _transformed(model, X):
    """Return what the network of a pipeline reads; samplers take no part in it."""
    for _, step in model.steps[:-1]:
        if hasattr(step, "transform"):
            X = step.transform(X)
    return X


def _of(chosen):
    return {"linear_weight": chosen.linear_weight, "memory_weight": chosen.memory_weight}


def set_shares(model, shares):
    """Give the network of a pipeline its shares.

    Parameters
    ----------
    model : fitted pipeline
        It is changed.
    shares : dict of str to (float or None)
        As of `choose_on_other_folds`.
    """
    model.steps[-1][1].set_shares(**shares)
