"""How far the zones of a map change when its model is trained on perturbed rows."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import clone

from sklearn_landslide.mapping import SusceptibilityZones, compute, predict_map
from sklearn_landslide.robustness._fit import generator_for, perturbed
from sklearn_landslide.robustness._perturbation import shown_level

# Of folds there is none: all rows train.
_NO_FOLD = 0


@dataclass(frozen=True, eq=False, repr=False)
class ZoneChanges:
    """How far the zones change.

    Returned by :meth:`SensitivityResult.zone_changes`.

    Parameters
    ----------
    share : float
        Share of the ground whose zone changes, mean over the draws.
    table : pandas.DataFrame of shape (n_zones, n_zones)
        Share of the ground by its zone before (rows) and after (columns), mean over the draws.
    map : xarray.DataArray of shape (rows, columns)
        Zone after minus zone before, mean over the draws; NaN is nodata.
    zones : SusceptibilityZones
        Whose edges cut both maps.
    what : str
        Model, perturbation and level in words.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.robustness import ZoneChanges
    >>> table = pd.DataFrame([[0.7, 0.1], [0.0, 0.2]])
    >>> ZoneChanges(0.1, table, None, None, "RF: 10 % of the labels wrong")
    ZoneChanges: 10.0 % of the ground changes its zone (RF: 10 % of the labels wrong)
    """

    share: float
    table: pd.DataFrame
    map: object
    zones: SusceptibilityZones
    what: str

    def __repr__(self):
        return f"ZoneChanges: {100 * self.share:.1f} % of the ground changes its zone ({self.what})"


def zone_changes(inputs, model, perturbation, level, zones, n_repeats):
    """Fit a model on all rows as they are and perturbed, and compare the zones of the two maps.

    Parameters
    ----------
    inputs : SensitivityInputs
        The table with its stack, the models and the seed.
    model : str
        Name of the model.
    perturbation : Perturbation
        What is done to the rows.
    level : float or str
        Its level.
    zones : SusceptibilityZones or None
        How the maps are cut.
    n_repeats : int
        Draws.

    Returns
    -------
    changes : ZoneChanges
    """
    rows, estimator = inputs.rows, inputs.estimators[model]
    before = _map_of(estimator, rows, rows.stack)
    if zones is None:
        zones = SusceptibilityZones()
    if not hasattr(zones, "edges_"):
        zones = SusceptibilityZones(
            zones.method, zones.n_classes, shares=zones.shares, names=zones.names
        ).fit(before)
    old = zones.transform(before.to_numpy())
    n_zones = len(zones.names_)
    counts, moves = np.zeros((n_zones, n_zones)), []
    for repeat in range(n_repeats if perturbation.is_random else 1):
        rng = generator_for(inputs.seed, perturbation.name, repeat, _NO_FOLD)
        train, _ = perturbed(perturbation, rows, rows.take([]), level, rng)
        if added := [name for name in train.X.columns if name not in rows.stack]:
            raise ValueError(f"no raster has {added[0]!r}, which {perturbation.name!r} adds.")
        new = zones.transform(_map_of(estimator, train, rows.stack).to_numpy())
        is_ground = (old > 0) & (new > 0)
        moves.append(np.where(is_ground, new.astype(np.float32) - old, np.nan))
        pairs = (old[is_ground].astype(int) - 1) * n_zones + new[is_ground] - 1
        found = np.bincount(pairs, minlength=n_zones**2).reshape(n_zones, n_zones)
        counts += found / len(pairs)
    table = pd.DataFrame(counts / len(moves), index=zones.names_, columns=zones.names_)
    change = before.copy(data=np.mean(moves, axis=0, dtype=np.float32)).rename("zone_change")
    change.attrs = {"long_name": "change of the zone, mean over draws", "level": shown_level(level)}
    share = float(1 - np.trace(table.to_numpy()))
    what = f"{model}: {perturbation.say(level)}"
    return ZoneChanges(max(share, 0.0), table, change, zones, what)


def _map_of(estimator, rows, stack):
    """Fit a model on rows and map it."""
    return compute(predict_map(clone(estimator).fit(rows.X, rows.y), stack, positive_class=1))
