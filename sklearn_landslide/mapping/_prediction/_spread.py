"""Uncertainty: how far the members of an ensemble are apart."""

from inspect import signature

import numpy as np
from sklearn.ensemble import BaggingClassifier, ExtraTreesClassifier, RandomForestClassifier
from sklearn.utils.validation import check_is_fitted

from sklearn_landslide._classes import landslide_label
from sklearn_landslide.pipeline import LandslidePipeline, move_prior

_FORESTS = (RandomForestClassifier, ExtraTreesClassifier)


def positive_column(model, positive_class=None):
    """Column of ``predict_proba`` that holds the probability of a landslide.

    Parameters
    ----------
    model : fitted classifier
        The model.
    positive_class : label or None, default=None
        The label of landslides. None: it is known, as of 0 and 1, False and True, or none and
        landslide.

    Returns
    -------
    column : int

    Raises
    ------
    TypeError
        If the model gives no probabilities.
    ValueError
        If there is no such class, or the choice is not clear.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn_landslide.mapping._prediction._spread import positive_column
    >>> positive_column(DummyClassifier().fit([[0], [0]], ["none", "slide"]), "slide")
    1
    """
    check_is_fitted(model)
    if not hasattr(model, "predict_proba"):
        raise TypeError(
            f"{type(model).__name__} has no predict_proba: fit a classifier that gives "
            "probabilities, or wrap it in sklearn.calibration.CalibratedClassifierCV."
        )
    classes = np.asarray(model.classes_).tolist()
    if positive_class is None:
        if len(classes) != 2:
            raise ValueError(
                f"The model has the classes {classes}: say with positive_class which of them "
                "is a landslide."
            )
        return classes.index(landslide_label(classes, of="the model"))
    if positive_class not in classes:
        raise ValueError(
            f"positive_class={positive_class!r} is not a class of the model, which has {classes}."
        )
    return classes.index(positive_class)


def _net_members(net, X):
    """Return the class probabilities of each member of a LandslideNet."""
    return net.predict_proba_members(X)


def _bagged_members(model, X):
    """Yield the class probabilities of each member of a bagged model."""
    rows = np.asarray(X)
    for member, features in zip(model.estimators_, model.estimators_features_, strict=True):
        probabilities = np.zeros((len(rows), len(model.classes_)))
        # Members know the classes by their codes; a small sample may lack one.
        probabilities[:, member.classes_] = member.predict_proba(rows[:, features])
        yield probabilities


def _tree_members(model, X):
    """Yield the class probabilities of each tree of a forest."""
    rows = np.asarray(X, dtype=np.float32)
    yield from (tree.predict_proba(rows) for tree in model.estimators_)


def _calibrated_members(model, X):
    """Yield the class probabilities of each fold of a calibrated model."""
    yield from (member.predict_proba(X) for member in model.calibrated_classifiers_)


def _members_of(model):
    """Find how many members a model has, and the function that yields their probabilities."""
    if hasattr(model, "predict_proba_members"):
        # A net that was adapted holds another one.
        n_members = getattr(getattr(model, "module_", model), "n_members", None)
        if (n_members := getattr(model, "n_members_", n_members)) is not None:
            return n_members, _net_members
    if isinstance(model, _FORESTS):
        return len(model.estimators_), _tree_members
    if isinstance(model, BaggingClassifier):
        return len(model.estimators_), _bagged_members
    if hasattr(model, "calibrated_classifiers_"):
        return len(model.calibrated_classifiers_), _calibrated_members
    raise ValueError(
        f"{type(model).__name__} has no members whose spread could be taken: give fitted models "
        "as refits, or take a LandslideNet, a forest or a bagged model."
    )


def _unwrap(model):
    """Find the model that a search or a tuned threshold has fitted."""
    for name in ("best_estimator_", "estimator_"):
        # Ensembles keep an unfitted member by the second name.
        if hasattr(model, name) and not hasattr(model, "estimators_"):
            return _unwrap(getattr(model, name))
    return model


def check_members(model):
    """Return a pipeline or a model and the model with members in it, or raise a ValueError."""
    whole = _unwrap(model)
    last = _unwrap(whole.steps[-1][1]) if hasattr(whole, "steps") else whole
    n_members, _ = _members_of(last)
    if n_members < 2:
        raise ValueError(
            f"A spread needs at least two members, and {type(last).__name__} has {n_members}."
        )
    return whole, last


def _behind_steps(whole, X):
    """Take rows through the steps before a pipeline's model; return them, and how its prior moves.

    Both as they are, and None, where there is no pipeline.
    """
    rows, ratio = X, None
    for _, step in getattr(whole, "steps", [])[:-1]:
        # Resampling exists in fit only.
        if hasattr(step, "transform"):
            rows = step.transform(rows)
    if isinstance(whole, LandslidePipeline):
        ratio = whole._prior_ratio()
    return rows, ratio


def _member_probabilities(model, X):
    """Yield the members' probabilities behind all steps of a pipeline, corrected as its own."""
    whole, last = check_members(model)
    _, members = _members_of(last)
    rows, ratio = _behind_steps(whole, X)
    for probabilities in members(last, rows):
        yield probabilities if ratio is None else move_prior(probabilities, ratio)


def prediction_spread(model, X, *, refits=None, positive_class=None):
    """Return the standard deviation of the landslide probability over an ensemble's members.

    It says how far the members disagree on a place, given the same table: the part of the
    uncertainty that more data would reduce. It does not say whether the place is like those of the
    table; :class:`AreaOfApplicability` does.

    Parameters
    ----------
    model : fitted classifier or pipeline
        The last step has the members: those of a :class:`~sklearn_landslide.LandslideNet`, the
        trees of a random forest or of extremely randomized trees, the models of a
        :class:`~sklearn.ensemble.BaggingClassifier`, the folds of a
        :class:`~sklearn.calibration.CalibratedClassifierCV`. For a search, its best model counts.
    X : {array-like, DataFrame} of shape (n_samples, n_factors)
        The factors, as `model` takes them.
    refits : list of fitted classifiers, default=None
        Models that replace the members: fits with other seeds, folds or bootstrap samples. `model`
        itself is then not counted.
    positive_class : label, default=None
        The label of landslides. None: it is inferred, as from 0 and 1 or from none and landslide.

    Returns
    -------
    spread : ndarray of shape (n_samples,)
        Sample standard deviation (divided by the number of members less one), 0 to 0.71.

    Raises
    ------
    ValueError
        If the model has no members, or there are fewer than two.

    See Also
    --------
    predict_map : Maps it, with ``output="spread"``.

    Notes
    -----
    Trees that are grown until their leaves are pure vote 0 or 1. Their spread is then ``sqrt(p *
    (1 - p))``, which adds nothing to the probability p: map the spread of a forest with
    ``min_samples_leaf`` of 5 or more, or of `refits`.

    The members of a LandslideNet share most of their weights, so they are closer to each other
    than separately trained nets: use their spread to compare places, not models.

    References
    ----------
    Lakshminarayanan, B., Pritzel, A., Blundell, C. (2017). Simple and scalable predictive
    uncertainty estimation using deep ensembles. NeurIPS 30.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn_landslide.mapping import prediction_spread
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-1, 1, (300, 2))
    >>> forest = RandomForestClassifier(min_samples_leaf=5, random_state=0).fit(X, X[:, 0] > 0)
    >>> sure, unsure = prediction_spread(forest, [[0.9, 0.0], [0.0, 0.0]])
    >>> bool(sure < unsure)
    True
    """
    return _spread_of(_landslide_probabilities(model, X, refits, positive_class))


def prediction_with_spread(model, X, *, refits=None, positive_class=None):
    """Return the landslide probability and its spread, in one pass if the model knows both.

    Parameters
    ----------
    model, X, refits, positive_class
        As of :func:`prediction_spread`.

    Returns
    -------
    probability, spread : ndarray of shape (n_samples,)
        The same as ``predict_proba`` and :func:`prediction_spread` give.
    """
    column = positive_column(model, positive_class)
    if refits is None:
        whole, last = check_members(model)
        if _gives_both(last):
            rows, ratio = _behind_steps(whole, X)
            members, probability = last.predict_proba_members(rows, return_proba=True)
            if ratio is not None:
                probability = move_prior(probability, ratio)
                members = (move_prior(member, ratio) for member in members)
            return probability[:, column], _spread_of(member[:, column] for member in members)
    spread = prediction_spread(model, X, refits=refits, positive_class=positive_class)
    return model.predict_proba(X)[:, column], spread


def _gives_both(last):
    method = getattr(last, "predict_proba_members", None)
    return method is not None and "return_proba" in signature(method).parameters


def spread_is_free(model):
    """Say whether a model gives probability and spread over its members in one pass.

    Parameters
    ----------
    model : fitted classifier or pipeline
        The model.

    Returns
    -------
    is_free : bool
        False, too, if it has no members.
    """
    try:
        _, last = check_members(model)
    except ValueError:
        return False
    return _gives_both(last)


def _spread_of(members):
    """Sample standard deviation over members, which come one by one."""
    n_members, mean, squares = 0, 0.0, 0.0
    # A running sum (Welford 1962): a forest has too many trees to keep them all.
    for probabilities in members:
        n_members += 1
        step = probabilities - mean
        mean = mean + step / n_members
        squares = squares + step * (probabilities - mean)
    return np.sqrt(squares / (n_members - 1))


def _landslide_probabilities(model, X, refits, positive_class):
    """Yield the landslide probability by each member, or by each refit."""
    if refits is None:
        column = positive_column(model, positive_class)
        for probabilities in _member_probabilities(model, X):
            yield probabilities[:, column]
        return
    if len(refits) < 2:
        raise ValueError(f"A spread needs at least two refits, got {len(refits)}.")
    for refit in refits:
        yield refit.predict_proba(X)[:, positive_column(refit, positive_class)]
