"""Fit a model for a map, and what says how far it may be trusted."""

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from sklearn_landslide.map_products._map_model import MapModel
from sklearn_landslide.map_products._refit import refit
from sklearn_landslide.mapping import AreaOfApplicability, SusceptibilityZones
from sklearn_landslide.mapping._prediction._spread import check_members
from sklearn_landslide.model_selection import SpatialBlockKFold, out_of_fold
from sklearn_landslide.pipeline import make_landslide_pipeline

N_FOLDS = 5
N_REFITS = 10


def _random_folds(table, random_state):
    """Fold at random, but keep the cells of one polygon together."""
    if len(np.unique(table.groups)) == len(table.groups):
        cv = StratifiedKFold(N_FOLDS, shuffle=True, random_state=random_state)
        return list(cv.split(table.X, table.y))
    cv = StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=random_state)
    return list(cv.split(table.X, table.y, table.groups))


def _spatial_folds(table, random_state):
    """Fold by spatial blocks; None and the reason where the places allow none."""
    blocks = SpatialBlockKFold(table.coordinates, N_FOLDS, random_state=random_state)
    try:
        return list(blocks.split(table.X, table.y)), None
    except ValueError as error:
        return None, str(error)


def _tested(pipeline, table, folds, n_jobs):
    """Probabilities from models that did not see a place, and their ROC-AUC by fold."""
    probability = np.empty(len(table.y))
    tested = out_of_fold(
        pipeline, table.X, table.y, folds, responses=("predict_proba",), n_jobs=n_jobs
    )
    for fold, (_, test) in zip(tested, folds, strict=True):
        probability[test] = fold.probability(1)
    aucs = [
        float(roc_auc_score(table.y[test], probability[test]))
        for _, test in folds
        if 0 < table.y[test].mean() < 1
    ]
    return probability, aucs


def _needs_refits(pipeline):
    """Say whether the members of a model, if it has any, tell nothing of its uncertainty."""
    try:
        _, last = check_members(pipeline)
    except ValueError:
        return True
    # Trees grown to pure leaves vote 0 or 1: their spread follows from the probability.
    return getattr(last, "min_samples_leaf", None) == 1


def _fit_applicability(pipeline, table, folds, random_state):
    """Fit the area of applicability; factors count alike if none matters by itself."""
    area = AreaOfApplicability(pipeline, cv=folds, random_state=random_state)
    try:
        area.fit(table.X, table.y)
    except ValueError:
        area = AreaOfApplicability(cv=folds).fit(table.X, table.y)
    # What it has learned is all it needs: neither the model nor the folds go with it.
    return area.set_params(importance=area.weights_.tolist(), cv=None)


def train(model, table, *, zones, n_zones, prevalence, random_state, n_jobs, log):
    """Fit a model for a map.

    Parameters
    ----------
    model : classifier
        Unfitted.
    table : Bunch
        As of `sample_stack`.
    zones : str
        Method of the zones.
    n_zones : int
        Number of zones.
    prevalence : float or None
        Share of landslides in the study area.
    random_state : int or None
        Seed of folds, resampling and refits.
    n_jobs : int or None
        Processes for the folds and refits.
    log : callable
        Called with a line of text after each step.

    Returns
    -------
    map_model : MapModel
        Without zones, unless these follow from the table alone.
    """
    X, y = table.X, table.y
    rarest = int(np.bincount(y, minlength=2).min())
    if rarest < N_FOLDS:
        raise ValueError(
            f"the table has {int(y.sum())} landslides and {int((1 - y).sum())} other places; "
            f"{N_FOLDS} of each are the least."
        )
    pipeline = make_landslide_pipeline(model, prevalence=prevalence, random_state=random_state)
    folds = _random_folds(table, random_state)
    blocks, why_none = _spatial_folds(table, random_state)
    chances, auc_random = _tested(pipeline, table, folds, n_jobs)
    log(f"random folds: ROC-AUC {np.mean(auc_random):.3f}")
    auc_blocks = []
    if blocks is not None:
        chances, auc_blocks = _tested(pipeline, table, blocks, n_jobs)
        log(f"spatial blocks: ROC-AUC {np.mean(auc_blocks):.3f}")
    pipeline.fit(X, y)
    log("model fitted")
    area = _fit_applicability(pipeline, table, folds if blocks is None else blocks, random_state)
    refits = []
    if _needs_refits(pipeline):
        seeds = np.random.SeedSequence(random_state).spawn(N_REFITS)
        refits = Parallel(n_jobs)(delayed(refit)(pipeline, X, y, seed) for seed in seeds)
        log(f"{N_REFITS} refits for the uncertainty")
    learned = None
    if zones == "landslide_share":
        learned = SusceptibilityZones(zones, n_zones).fit(chances, y)
    facts = {
        "model": type(model).__name__,
        "random_state": random_state,
        "rows": len(y),
        "landslides": int(y.sum()),
        "factors": [str(name) for name in X],
        "categorical": [str(name) for name in X.select_dtypes("category")],
        "probabilities_of": {str(k): float(v) for k, v in pipeline.class_prior_.items()},
        "prevalence": prevalence,
        "auc_random": auc_random,
        "auc_blocks": auc_blocks,
        "why_no_blocks": why_none,
        "uncertainty": "refits" if refits else "members",
    }
    return MapModel(pipeline, learned, area, refits, facts)
