"""Fit a model for a map, and what says how far it may be trusted.

A row of the inventory, which may be a polygon of many cells, is one thing throughout: the table's
groups go to every fold, to the refits and to the zones.
"""

import warnings

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.parallel import Parallel, delayed

from sklearn_landslide._hints import Hint, hinting
from sklearn_landslide._nodata import UndeclaredNodataWarning
from sklearn_landslide.map_products._map_model import MapModel
from sklearn_landslide.map_products._refit import refit
from sklearn_landslide.map_products._testing import moving_bar, score_folds
from sklearn_landslide.map_products._training_facts import TrainingFacts
from sklearn_landslide.mapping import (
    AreaOfApplicability,
    SusceptibilityZones,
    check_members,
    counts_by_share,
    halved_shares,
)
from sklearn_landslide.model_selection import SpatialBlockKFold
from sklearn_landslide.over_sampling import FactorSMOTE
from sklearn_landslide.pipeline import make_landslide_pipeline

N_FOLDS = 5
N_REFITS = 10


def _pipeline_of(request):
    return make_landslide_pipeline(
        request.model, prevalence=request.prevalence, random_state=request.random_state
    )


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
        return list(blocks.split(table.X, table.y, table.groups)), None
    except ValueError as error:
        if any(Hint(hint).name == "n_splits" for hint in getattr(error, "hints", ())):
            # The number of blocks is not the caller's to change.
            return None, f"no {N_FOLDS} compact blocks hold landslides and other places each."
        return None, str(error)


def needs_refits(pipeline):
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


def _labels_of_rows(table):
    """Label of each row of the inventory that has a sample, whatever their number."""
    return pd.Series(table.y).groupby(table.groups).max().to_numpy()


def _check_slopes(table, request):
    """Raise if too few places are steep enough to be scored."""
    steep = ~table.flat
    counts = [len(np.unique(table.groups[steep & (table.y == label)])) for label in (1, 0)]
    if min(counts) < N_FOLDS:
        hint = f"min_slope={request.min_slope:g}"
        error = ValueError(
            f"{hint} leaves {counts[0]} landslides and {counts[1]} other places to be scored; at "
            f"least {N_FOLDS} of each are needed: lower it."
        )
        raise hinting(error, hint)


_CLASSES = ("other places", "landslides")


def _check_neighbors(table, pipeline, request):
    """Raise if SMOTE would find too few rows of a class in what some model is trained with."""
    needed = max(
        (step.k_neighbors + 1 for _, step in pipeline.steps if isinstance(step, FactorSMOTE)),
        default=0,
    )
    blocks, _ = _spatial_folds(table, request.random_state)
    for kind, folds in (
        ("a random fold", _random_folds(table, request.random_state)),
        ("a spatial block", blocks or []),
    ):
        for train, _ in folds:
            counts = np.bincount(table.y[train], minlength=2)
            # Classes of one size are left as they are.
            if counts.min() < needed and counts.min() != counts.max():
                _too_few(f"without {kind} of the table, {counts.min()}", counts.argmin(), needed)
    for label in (0, 1):
        # A sample of whole polygons may have the smallest of them again and again.
        sizes = np.unique(table.groups[table.y == label], return_counts=True)[1]
        if len(sizes) * sizes.min() < needed:
            _too_few(f"a bootstrap sample may have {len(sizes) * sizes.min()}", label, needed)


def _too_few(where, label, needed):
    what = _CLASSES[label]
    raise ValueError(
        f"{where} cells with {what} are there to train with, and SMOTE needs at least {needed}: "
        f"add {what}."
    )


def check_enough(table, request):
    """Raise if there are too few places of a class for the folds, or landslides for the zones.

    A polygon is one place, however many cells it has.
    """
    labels = _labels_of_rows(table)
    n_landslides, n_others = int((labels == 1).sum()), int((labels == 0).sum())
    if min(n_landslides, n_others) < N_FOLDS:
        raise ValueError(
            f"the table has {n_landslides} landslides and {n_others} other places; "
            f"at least {N_FOLDS} of each are needed."
        )
    if request.min_slope is not None:
        _check_slopes(table, request)
    if request.zones == "landslide_share":
        counts = counts_by_share(n_landslides, halved_shares(request.n_zones))
        if counts.min() < 1:
            hint = f"n_zones={request.n_zones}"
            error = ValueError(
                f"{hint} by landslide_share, each of which holds half of the landslides that are "
                f"left, needs more than the {n_landslides} of the table: ask for fewer zones or "
                "another method."
            )
            raise hinting(error, hint)
    _check_neighbors(table, _pipeline_of(request), request)


def _share_zones(request, table, probability):
    """Learn zones with fixed shares of the landslides, each of which counts once."""
    by_row = pd.Series(probability).groupby(table.groups).median().to_numpy()
    zones = SusceptibilityZones(request.zones, request.n_zones)
    return zones.fit(by_row, _labels_of_rows(table))


def _tested(request, pipeline, table, folds, what):
    """Test the pipeline in folds, with a bar that moves with each."""
    with moving_bar(request, what, len(folds), "fold") as move:
        return score_folds(pipeline, table, folds, request.n_jobs, move)


def _fit_refits(request, pipeline, table):
    """Fit the pipeline to bootstrap samples, one after the other or side by side."""
    seeds = np.random.SeedSequence(request.random_state).spawn(N_REFITS)
    with moving_bar(request, "refits", N_REFITS, "fit") as move:
        return_as = "list" if move is None else "generator"
        fitted = Parallel(request.n_jobs, return_as=return_as)(
            delayed(refit)(pipeline, table.X, table.y, seed, table.groups) for seed in seeds
        )
        refits = []
        for one in fitted:
            refits.append(one)
            if move is not None:
                move()
    return refits


def train(request, table, keep, *, inventory_sha256=None, factor_recipe=None):
    """Fit a model for a map.

    Parameters
    ----------
    request : MapRequest
        Its unfitted model, with what else is asked for.
    table : Bunch
        As of `sample_stack`.
    keep : callable
        Called with the model before its zones are learned, which may fail.
    inventory_sha256 : str, default=None
        Fingerprint of the inventory, for the model's facts.
    factor_recipe : str, default=None
        How the factors were made, likewise.

    Returns
    -------
    map_model : MapModel
        Without zones, unless these follow from the table alone.
    """
    with warnings.catch_warnings():
        # Taking the table from the stack has said it.
        warnings.simplefilter("ignore", UndeclaredNodataWarning)
        origin = {"inventory_sha256": inventory_sha256, "factor_recipe": factor_recipe}
        return _train(request, table, keep, origin)


def _train(request, table, keep, origin):
    X, y = table.X, table.y
    seed = request.random_state
    pipeline = _pipeline_of(request)
    folds = _random_folds(table, seed)
    blocks, why_none = _spatial_folds(table, seed)
    probability, auc_random, _ = _tested(request, pipeline, table, folds, "random folds")
    request.say(f"random folds: ROC-AUC {np.mean(auc_random):.3f}")
    auc_blocks, auc_with_flat = [], None
    if blocks is not None:
        probability, auc_blocks, auc_with_flat = _tested(
            request, pipeline, table, blocks, "spatial blocks"
        )
        request.say(f"spatial blocks: ROC-AUC {np.mean(auc_blocks):.3f}")
    pipeline.fit(X, y)
    request.say("model fitted")
    area = _fit_applicability(pipeline, table, folds if blocks is None else blocks, seed)
    refits = []
    if needs_refits(pipeline):
        refits = _fit_refits(request, pipeline, table)
        request.say(f"{N_REFITS} refits for the uncertainty")
    facts = TrainingFacts(
        model=type(request.model).__name__,
        random_state=seed,
        rows=len(y),
        landslides=int(y.sum()),
        factors=[str(name) for name in X],
        categorical=[str(name) for name in X.select_dtypes("category")],
        probabilities_of={str(k): float(v) for k, v in pipeline.class_prior_.items()},
        prevalence=request.prevalence,
        auc_random=auc_random,
        auc_blocks=auc_blocks,
        why_no_blocks=why_none,
        uncertainty="refits" if refits else "members",
        absences=request.absences,
        absence_buffer=request.absence_buffer,
        n_landslides=table.get("n_landslides"),
        polygons=table.get("polygons"),
        min_slope=request.min_slope,
        n_flat=None if request.min_slope is None else int(table.flat.sum()),
        auc_with_flat=auc_with_flat,
        **origin,
    )
    map_model = MapModel(pipeline, None, area, refits, facts.to_dict())
    keep(map_model)
    if request.zones == "landslide_share":
        map_model.zones = _share_zones(request, table, probability)
    return map_model
