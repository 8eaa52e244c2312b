"""The answers of all folds put together in tables."""

from numbers import Integral

import numpy as np
import pandas as pd

from sklearn_landslide._factor_tables import quantity_values
from sklearn_landslide.inspection._accumulate import (
    PairCounts,
    accumulate,
    pair_surface,
    share_together,
)
from sklearn_landslide.inspection._frequency import agreement, frequency_ratios
from sklearn_landslide.inspection._shapes import is_clear, shape_of

# Rows of each class in the rug below a curve, at most.
_RUG = 150


def put_together(found, questions, splits, is_landslide, groups, interactions):
    """Make the tables of what the folds found.

    Parameters
    ----------
    found : list of FoldSums
        One per fold.
    questions : Questions
        What was asked.
    splits : list of (train, test)
        The folds.
    is_landslide : ndarray of bool, shape (n_samples,)
        The labels.
    groups : array-like of shape (n_samples,) or None
        Which rows are one place.
    interactions : int or list
        Number of surfaces; all, if pairs were named.

    Returns
    -------
    tables : dict
        Parameters of :class:`FactorEffects`.
    """
    grids = questions.grids
    test_share = float(np.mean([len(test) / len(train) for train, test in splits]))
    curves = {
        name: accumulate(*_stacked(found, name), _weights(grid), test_share)
        for name, grid in grids.items()
    }
    ratios = {
        name: frequency_ratios(grid, curves[name].mean, is_landslide)
        for name, grid in grids.items()
    }
    n_places = len(is_landslide) if groups is None else len(np.unique(np.asarray(groups)))
    summary = _summary(grids, curves, ratios, len(is_landslide) / n_places)
    with_means = [fold for fold in found if fold.n_rows] if questions.with_means else []
    strengths, surfaces = _interactions(found, questions, curves, interactions, test_share)
    n_rows = sum(fold.n_rows for fold in found)
    return {
        "factors": summary,
        "effects": _in_order(_effect_table(grids, curves, with_means), summary),
        "folds": _in_order(_fold_table(grids, curves), summary),
        "interactions": strengths,
        "surfaces": surfaces,
        "frequency_ratios": _in_order(pd.concat(ratios.values(), ignore_index=True), summary),
        "response": questions.response,
        "n_folds": len(splits),
        "n_rows": int(n_rows),
        "clipped": sum(fold.clipped for fold in found) / max(n_rows, 1),
    }


def _stacked(found, key):
    """Stack sums and counts of all folds, shape (n_folds, n_steps) each."""
    return tuple(np.array([fold.steps[key][part] for fold in found]) for part in (0, 1))


def _weights(grid):
    """Share of the rows of the table at each point."""
    shares = grid.point_shares().sum(axis=0)
    return shares / shares.sum()


def _summary(grids, curves, ratios, rows_per_place):
    """One row per factor, the strongest first."""
    lines = []
    for name, grid in grids.items():
        curve = curves[name]
        strength, error = curve.strength()
        start, end = grid.inner()
        inner = curve.between(start, end)
        if grid.is_quantity:
            shape, turn = shape_of(inner)
        else:
            shape, turn = "differs by class" if is_clear(inner) else "no clear effect", None
        lines.append(
            {
                "factor": name,
                "kind": "quantity" if grid.is_quantity else "classes",
                "strength": strength,
                "standard_error": error,
                "lowest": inner.mean.min(),
                "highest": inner.mean.max(),
                "shape": shape,
                "turn": np.nan if turn is None else float(grid.labels()[start + turn]),
                "agreement": agreement(ratios[name], rows_per_place),
                "n_missing": int((grid.places < 0).sum()),
            }
        )
    table = pd.DataFrame(lines).set_index("factor")
    return table.sort_values("strength", ascending=False, kind="stable")


def _in_order(table, summary):
    """Put the rows of a table in the order of the factors."""
    rank = {name: place for place, name in enumerate(summary.index)}
    return table.iloc[np.argsort(table["factor"].map(rank), kind="stable")].reset_index(drop=True)


def _points(name, grid):
    """Factor, value and class of each point."""
    labels = grid.labels()
    n_points = len(labels)
    return {
        "factor": [name] * n_points,
        "value": labels if grid.is_quantity else np.full(n_points, np.nan),
        "class": np.full(n_points, None, dtype=object) if grid.is_quantity else labels,
    }


def _effect_table(grids, curves, found):
    """All curves below each other, one row per point."""
    tables = []
    for name, grid in grids.items():
        curve = curves[name]
        error = curve.error()
        table = pd.DataFrame(
            {
                **_points(name, grid),
                "effect": curve.mean,
                "standard_error": error,
                "low": curve.mean - 2 * error,
                "high": curve.mean + 2 * error,
                "share": curve.weights,
                "n_folds": (~np.isnan(curve.folds)).sum(axis=0),
            }
        )
        if found:
            table["partial_dependence"], table["partial_dependence_error"] = _dependence(
                name, curve, found
            )
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _dependence(name, curve, found):
    """Partial dependence with its error, centered as the effects are."""
    means = np.array([fold.means[name] for fold in found])
    means -= (means @ curve.weights)[:, None]
    return np.average(means, axis=0, weights=[fold.n_rows for fold in found]), curve.error(means)


def _fold_table(grids, curves):
    """Put the curves of the single folds below each other."""
    tables = [
        pd.DataFrame({**_points(name, grid), "fold": fold, "effect": effect})
        for name, grid in grids.items()
        for fold, effect in enumerate(curves[name].folds)
    ]
    return pd.concat(tables, ignore_index=True)


def _interactions(found, questions, curves, interactions, test_share):
    """Strength of all pairs, the strongest first, and the surfaces that were asked for."""
    lines, surfaces = [], {}
    for first, second in questions.pairs:
        key = first.name, second.name
        shape = (-1, first.n_intervals, second.n_intervals)
        sums, counts = (part.reshape(shape) for part in _stacked(found, key))
        rows = PairCounts.of(first, second)
        surface, *strength = pair_surface(sums, counts, rows, test_share)
        alone = [_at(questions.grids[g.name], curves[g.name].mean, g) for g in (first, second)]
        lines.append((*key, *strength, share_together(surface, *alone, rows.points)))
        surfaces[key] = _surface_table(first, second, surface, rows)
    columns = ["first", "second", "strength", "standard_error", "h_squared"]
    table = pd.DataFrame(lines, columns=columns)
    table = table.sort_values("strength", ascending=False, kind="stable", ignore_index=True)
    shown = len(table) if not isinstance(interactions, Integral) else interactions
    keys = table[["first", "second"]].head(shown).itertuples(index=False, name=None)
    tables = [surfaces[key] for key in keys]
    return table, pd.concat(tables, ignore_index=True) if tables else _no_surface()


def _at(grid, effect, coarse):
    """Effect of a factor at the points of a coarser grid of it."""
    if not grid.is_quantity:
        return effect
    return np.interp(coarse.labels(), grid.labels(), effect)


def _surface_table(first, second, surface, rows):
    """Lay out a surface, one row per pair of points."""
    a, b = np.meshgrid(np.arange(surface.shape[0]), np.arange(surface.shape[1]), indexing="ij")
    table = {"first": first.name, "second": second.name}
    for side, grid, places in (("first", first, a.ravel()), ("second", second, b.ravel())):
        points = _points(grid.name, grid)
        table[f"{side}_value"] = np.asarray(points["value"])[places]
        table[f"{side}_class"] = np.asarray(points["class"], dtype=object)[places]
    table["effect"] = surface.ravel()
    table["share"] = (rows.points / rows.points.sum()).ravel()
    return pd.DataFrame(table)


def _no_surface():
    names = ["first", "second"]
    ends = [f"{side}_{what}" for side in names for what in ("value", "class")]
    return pd.DataFrame(columns=[*names, *ends, "effect", "share"])


def draw_rug(X, grids, is_landslide, seed):
    """Take values of some landslides and of some other places, for marks along an axis.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_factors)
        The table.
    grids : dict of str to FactorGrid
        The factors.
    is_landslide : ndarray of bool, shape (n_samples,)
        The labels.
    seed : int
        Seed of the draw.

    Returns
    -------
    rug : DataFrame
        ``factor``, ``value``, ``landslide``.
    """
    rng = np.random.default_rng(seed)
    rows = [
        np.sort(rng.permutation(part)[:_RUG])
        for part in (np.flatnonzero(is_landslide), np.flatnonzero(~is_landslide))
    ]
    drawn = np.concatenate(rows)
    tables = [
        pd.DataFrame(
            {
                "factor": name,
                "value": quantity_values(X[name].iloc[drawn]),
                "landslide": is_landslide[drawn],
            }
        )
        for name, grid in grids.items()
        if grid.is_quantity
    ]
    if not tables:
        return pd.DataFrame(columns=["factor", "value", "landslide"])
    return pd.concat(tables, ignore_index=True).dropna(ignore_index=True)
