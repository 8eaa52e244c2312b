"""Fit a model for a map, and what says how far it may be trusted.

A row of the inventory, which may be a polygon of many cells, is one thing throughout: the table's
groups go to every fold and to the zones.
"""

import time
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import effective_n_jobs, parallel_config
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from sklearn_landslide._class_counts import counted_classes
from sklearn_landslide._hints import Hint, hinting
from sklearn_landslide._nodata import UndeclaredNodataWarning
from sklearn_landslide._trial import TRIAL, TRIAL_FOLDS
from sklearn_landslide.map_products._map_model import MapModel
from sklearn_landslide.map_products._progress import Progress, in_words
from sklearn_landslide.map_products._shares import has_open_shares, set_shares
from sklearn_landslide.map_products._testing import aucs_of, capture_of, score_folds
from sklearn_landslide.map_products._training_facts import TrainingFacts
from sklearn_landslide.map_products._training_steps import NoSteps
from sklearn_landslide.mapping import (
    AreaOfApplicability,
    SusceptibilityZones,
    check_members,
    counts_by_share,
    halved_shares,
    positive_column,
)
from sklearn_landslide.model_selection import SpatialBlockKFold
from sklearn_landslide.over_sampling import FactorSMOTE
from sklearn_landslide.pipeline import make_landslide_pipeline, resample_by_name

N_FOLDS = 5
# The standard error of a ROC-AUC of so many landslides is about .01.
_ENOUGH_LANDSLIDES = 1000


def _pipeline_of(request):
    return make_landslide_pipeline(
        request.model,
        resample=resample_by_name(request.resample, request.random_state),
        prevalence=request.prevalence,
        random_state=request.random_state,
    )


@dataclass(frozen=True, eq=False)
class Folds:
    """The folds in which a model for a map is tested, of one table.

    Parameters
    ----------
    random : list of (train, test)
        Positions, at random.
    blocks : list of (train, test) or None
        By spatial blocks; None where the places allow none.
    why_no_blocks : str or None
        Why they allow none.
    """

    random: list
    blocks: list | None
    why_no_blocks: str | None


def _n_folds(request):
    return TRIAL_FOLDS if request.quick else N_FOLDS


def _random_folds(table, random_state, n_folds):
    """Fold at random, but keep the cells of one polygon together."""
    if len(np.unique(table.groups)) == len(table.groups):
        cv = StratifiedKFold(n_folds, shuffle=True, random_state=random_state)
        return list(cv.split(table.X, table.y))
    cv = StratifiedGroupKFold(n_folds, shuffle=True, random_state=random_state)
    return list(cv.split(table.X, table.y, table.groups))


def _spatial_folds(table, random_state, n_folds):
    """Fold by spatial blocks; None and the reason where the places allow none."""
    blocks = SpatialBlockKFold(table.coordinates, n_folds, random_state=random_state)
    try:
        return list(blocks.split(table.X, table.y, table.groups)), None
    except ValueError as error:
        if any(Hint(hint).name == "n_splits" for hint in getattr(error, "hints", ())):
            # The number of blocks is not the caller's to change.
            return None, f"no {n_folds} compact blocks hold landslides and other places each."
        return None, str(error)


def folds_of(table, random_state, n_folds=N_FOLDS):
    """Divide a table into random folds and into spatial blocks.

    Parameters
    ----------
    table : Bunch
        As of `sample_stack`.
    random_state : int or None
        Seed.
    n_folds : int, default=5
        How many there are of each kind.

    Returns
    -------
    folds : Folds
    """
    random = _random_folds(table, random_state, n_folds)
    return Folds(random, *_spatial_folds(table, random_state, n_folds))


def needs_fold_models(pipeline):
    """Say whether the members of a model, if it has any, tell nothing of its uncertainty."""
    try:
        _, last = check_members(pipeline)
    except ValueError:
        return True
    # Trees grown to pure leaves vote 0 or 1: their spread follows from the probability.
    return getattr(last, "min_samples_leaf", None) == 1


def _fit_applicability(pipeline, table, folds, request):
    """Fit the area of applicability; factors count equally if none matters by itself."""
    area = AreaOfApplicability(pipeline, cv=folds, random_state=request.random_state)
    try:
        # Factors are shuffled one by one, and each by itself. In threads: a forest is large.
        with parallel_config("threading", n_jobs=request.n_jobs or 1):
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
    n_folds = _n_folds(request)
    if min(counts) < n_folds:
        hint = f"min_slope={request.min_slope:g}"
        error = ValueError(
            f"{hint} leaves {counts[0]} landslides and {counts[1]} other places to be scored; at "
            f"least {n_folds} of each are needed: lower it."
        )
        raise hinting(error, hint)


_CLASSES = ("other places", "landslides")


def _check_neighbors(table, pipeline, folds):
    """Raise if SMOTE would find too few rows of a class in what some model is trained with."""
    needed = max(
        (step.k_neighbors + 1 for _, step in pipeline.steps if isinstance(step, FactorSMOTE)),
        default=0,
    )
    for kind, parts in (("a random fold", folds.random), ("a spatial block", folds.blocks or [])):
        for train, _ in parts:
            counts = np.bincount(table.y[train], minlength=2)
            # Classes of one size are left as they are.
            if counts.min() < needed and counts.min() != counts.max():
                _too_few(f"without {kind} of the table, {counts.min()}", counts.argmin(), needed)


def _too_few(where, label, needed):
    what = _CLASSES[label]
    raise ValueError(
        f"{where} cells with {what} are there to train with, and SMOTE needs at least {needed}: "
        f"add {what}."
    )


def check_enough(table, request):
    """Raise if there are too few places of a class for the folds, or landslides for the zones.

    A polygon is one place, however many cells it has.

    Parameters
    ----------
    table : Bunch
        As of `sample_stack`.
    request : MapRequest
        What is asked for.

    Returns
    -------
    folds : Folds
        Those in which the model will be tested.
    """
    labels = _labels_of_rows(table)
    n_landslides, n_others = int((labels == 1).sum()), int((labels == 0).sum())
    n_folds = _n_folds(request)
    if min(n_landslides, n_others) < n_folds:
        raise ValueError(
            f"the table has {n_landslides} landslides and {n_others} other places; "
            f"at least {n_folds} of each are needed."
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
    folds = folds_of(table, request.random_state, _n_folds(request))
    _check_neighbors(table, _pipeline_of(request), folds)
    return folds


def _share_zones(request, table, probability):
    """Learn zones with fixed shares of the landslides, each of which counts once."""
    by_row = pd.Series(probability).groupby(table.groups).median().to_numpy()
    zones = SusceptibilityZones(request.zones, request.n_zones)
    return zones.fit(by_row, _labels_of_rows(table))


def _enough_random_folds(table, folds):
    """Take as many random folds as test enough landslides: their score is there to compare."""
    n_landslides = 0
    for n, (_, test) in enumerate(folds, 1):
        n_landslides += len(np.unique(table.groups[test][table.y[test] == 1]))
        if n_landslides >= _ENOUGH_LANDSLIDES:
            return folds[:n]
    return folds


def _test(request, pipeline, table, folds, steps):
    """Test the pipeline in random folds and in spatial blocks, where there are any.

    Returns
    -------
    random, blocks : Tested
        None for blocks that there are none of.
    """
    random, blocks = folds.random, folds.blocks
    if blocks is not None and request.ground == "away":
        random = _enough_random_folds(table, random)
    kinds = [random] if blocks is None else [blocks, random]
    n_folds = sum(map(len, kinds))
    if steps.seconds is not None:
        # Each leaves the rows of one fold out.
        left = (
            steps.seconds * (1 - 1 / _n_folds(request)) * n_folds / effective_n_jobs(request.n_jobs)
        )
        request.say(f"{n_folds} folds: about {in_words(left)}")
    about = {"resumes": True, "n_jobs": request.n_jobs}
    with Progress(request, "folds", "fold", n_folds, **about) as progress:
        tested = score_folds(
            pipeline,
            table,
            *kinds,
            n_jobs=request.n_jobs,
            progress=progress.show,
            keep=request.uncertainty and needs_fold_models(pipeline),
            choose=has_open_shares(pipeline),
            steps=steps,
        )
    *blocks, random = tested
    return random, blocks[0] if blocks else None


def train(
    request,
    table,
    steps=None,
    *,
    folds=None,
    inventory_sha256=None,
    factor_recipe=None,
    source=None,
):
    """Fit a model for a map.

    Parameters
    ----------
    request : MapRequest
        Its unfitted model, with what else is asked for.
    table : Bunch
        As of `sample_stack`.
    steps : TrainingSteps, default=None
        Takes up what an unfinished run has kept, and keeps what is there: at last the model,
        before its zones are learned, which may fail.
    folds : Folds, default=None
        Those that `check_enough` returned. None: they are made.
    inventory_sha256 : str, default=None
        Fingerprint of the inventory, for the model's facts.
    factor_recipe : str, default=None
        How the factors were made, likewise.
    source : MapModel, default=None
        The trained model that the request's model adapts, if it does.

    Returns
    -------
    map_model : MapModel
        Without zones, unless these follow from the table alone.
    """
    with warnings.catch_warnings():
        # Taking the table from the stack has said it.
        warnings.simplefilter("ignore", UndeclaredNodataWarning)
        origin = {"inventory_sha256": inventory_sha256, "factor_recipe": factor_recipe}
        if folds is None:
            folds = folds_of(table, request.random_state, _n_folds(request))
        steps = NoSteps() if steps is None else steps
        return _train(request, table, steps, folds, origin, source)


def _source_facts(source, pipeline, table, folds):
    """Tell of the model that was adapted, and how good it was before."""
    if source is None:
        return {}
    known = TrainingFacts.from_dict(source.facts)
    adapter = pipeline.steps[-1][1]
    recipe = getattr(adapter, "recipe_", {"adapt": "stacking"})
    probability = source.model.predict_proba(table.X)[:, positive_column(source.model)]
    scored = None if table.get("flat") is None else ~table.flat
    parts = folds.random if folds.blocks is None else folds.blocks
    last = getattr(source.model, "steps", [(None, source.model)])[-1][1]
    return {
        "source_model": type(last).__name__ if known is None else known.model,
        "source_rows": None if known is None else known.rows,
        "source_landslides": None if known is None else known.landslides,
        "adapt": recipe["adapt"],
        "target_weight": recipe.get("target_weight"),
        "auc_source": aucs_of(table.y, probability, parts, scored),
    }


def _fitted(request, table, steps):
    """Fit the pipeline, or take that of the unfinished run."""
    if (pipeline := steps.fitted()) is not None:
        request.say("model of the unfinished run, before its folds")
        return pipeline
    request.say(f"fitting {type(request.model).__name__} to {len(table.y)} places")
    started = time.monotonic()
    with counted_classes(table.y, table.groups):
        pipeline = _pipeline_of(request).fit(table.X, table.y)
    steps.seconds = time.monotonic() - started
    # First kept, then said: whoever stops the run now finds it again.
    steps.keep_fitted(pipeline)
    request.say("model fitted")
    return pipeline


def _train(request, table, steps, folds, origin, source):
    X, y = table.X, table.y
    pipeline = _fitted(request, table, steps)
    random, blocks = _test(request, pipeline, table, folds, steps)
    request.say(f"random folds: ROC-AUC {np.mean(random.aucs):.3f}")
    if blocks is not None:
        request.say(f"spatial blocks: ROC-AUC {np.mean(blocks.aucs):.3f}")
    away = random if blocks is None else blocks
    asked_for = random if request.ground == "near" else away
    if asked_for.shares is not None:
        set_shares(pipeline, asked_for.shares)
    by_place = folds.random if blocks is None else folds.blocks
    area = _fit_applicability(pipeline, table, by_place, request)
    request.say("area of applicability")
    uncertainty = "members"
    if away.models:
        uncertainty = "folds" if blocks is None else "blocks"
    facts = TrainingFacts(
        model=type(request.model).__name__,
        random_state=request.random_state,
        rows=len(y),
        landslides=int(y.sum()),
        factors=[str(name) for name in X],
        categorical=[str(name) for name in X.select_dtypes("category")],
        probabilities_of={str(k): float(v) for k, v in pipeline.class_prior_.items()},
        prevalence=request.prevalence,
        auc_random=random.aucs,
        auc_blocks=[] if blocks is None else blocks.aucs,
        why_no_blocks=folds.why_no_blocks,
        uncertainty=uncertainty,
        absences=request.absences,
        absence_buffer=request.absence_buffer,
        n_landslides=table.get("n_landslides"),
        polygons=table.get("polygons"),
        min_slope=request.min_slope,
        n_flat=None if request.min_slope is None else int(table.flat.sum()),
        auc_with_flat=None if blocks is None else blocks.with_flat,
        resample=request.resample,
        ground=None if asked_for.shares is None else "near" if asked_for is random else "away",
        shares=asked_for.shares,
        capture=capture_of(table, away.probability, by_place),
        trial=TRIAL if request.quick else None,
        **origin,
        **_source_facts(source, pipeline, table, folds),
    )
    map_model = MapModel(pipeline, None, area, away.models, facts.to_dict())
    steps.keep(map_model)
    if request.zones == "landslide_share":
        map_model.zones = _share_zones(request, table, away.probability)
    return map_model
