"""A finished map in its folder, read again: its rasters, and what is known of it."""

import json
import warnings
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path

import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._scores._score_map import score_map
from sklearn_landslide.metrics import CAPTURE_SHARES

# Goes up whenever the file of the facts is laid out differently.
FACTS_FORMAT = 1
_MOST_BYTES = 2**24


# What the file must say, and what it may say, with the kind of each; it may be anybody's.
_MAP = {
    "rows": Integral,
    "columns": Integral,
    "crs": str,
    "cell_area": Real,
    "n_cells": Integral,
    "zones": dict,
    "zones_from": str,
    "zone_table": list,
}
_OF_MAP = {
    "outside": Real,
    "flat": Real,
    "min_slope": Real,
    "n_refits": Integral,
    "n_units": Integral,
    "inventory": dict,
    "methods": dict,
    "fingerprints": dict,
    "capture": list,
}
_ZONES = {"method": str, "names": list, "edges": list}
_ZONE = {"name": str, "area_share": Real}
_INVENTORY = {"n_on_map": Integral, "n_outside": Integral}
_TRAINING = {"model": str, "rows": Integral, "landslides": Integral, "factors": list}
_OF_TRAINING = {
    "categorical": list,
    "prevalence": Real,
    "absences": Real,
    "absence_buffer": Real,
    "min_slope": Real,
    "n_landslides": Integral,
    "why_no_blocks": str,
    "capture": list,
    "auc_blocks": list,
    "auc_random": list,
    "auc_with_flat": list,
}


def _right(values, needed, allowed=None):
    """Say whether a dict holds what it must, and nothing of another kind."""
    if not isinstance(values, dict):
        return False
    kinds = needed | (allowed or {})
    return all(name in values for name in needed) and all(
        isinstance(values[name], kind) or (name not in needed and values[name] is None)
        for name, kind in kinds.items()
        if name in values
    )


def _texts(values):
    return all(isinstance(one, str) for one in values)


def _is_of_a_map(facts):
    """Say whether the facts have the form in which the command map writes them."""
    about, training = facts.get("map"), facts.get("training")
    if not _right(about, _MAP, _OF_MAP) or not _right(about["zones"], _ZONES):
        return False
    zones, captures = about["zones"], [about.get("capture")]
    if not _texts(zones["names"]) or len(_numbers(zones["edges"])) != len(zones["names"]) + 1:
        return False
    if not about["zone_table"] or not all(_right(one, _ZONE) for one in about["zone_table"]):
        return False
    if about.get("inventory") is not None and not _right(about["inventory"], _INVENTORY):
        return False
    if training is not None:
        if not _right(training, _TRAINING, _OF_TRAINING) or not _texts(training["factors"]):
            return False
        captures.append(training.get("capture"))
    return all(one is None or len(_numbers(one)) == len(CAPTURE_SHARES) for one in captures)


def _numbers(values):
    """Read a list of numbers of a file that may be anybody's; empty if it is none."""
    right = isinstance(values, list) and all(isinstance(one, Real) for one in values)
    return tuple(map(float, values)) if right else ()


def _facts_of(folder):
    """Read ``facts.json`` of a map."""
    path = folder / "facts.json"
    if not path.is_file():
        raise ValueError(
            f"{folder} is not a folder of a map: it has no facts.json, which the command map "
            "writes."
        )
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{path} is not of a map: it has {path.stat().st_size} bytes.")
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} cannot be read ({reason}): make the map again.") from error
    found = facts.get("format") if isinstance(facts, dict) else None
    if found != FACTS_FORMAT or not _is_of_a_map(facts):
        raise ValueError(
            f"{path} is not as this version of the command map writes it (its format is {found!r}, "
            f"and {FACTS_FORMAT} is needed): make the map again."
        )
    return facts


@dataclass(frozen=True, eq=False)
class MapFolder:
    """A finished map, as the command ``map`` has left it.

    Parameters
    ----------
    path : pathlib.Path
        The folder.
    facts : dict
        What ``facts.json`` says.
    """

    path: Path
    facts: dict

    @classmethod
    def read(cls, folder):
        """Read the folder of a map.

        Parameters
        ----------
        folder : str or path-like
            What `make_susceptibility_map` returns.

        Returns
        -------
        map_folder : MapFolder

        Raises
        ------
        ValueError
            If it is none.
        """
        folder = Path(folder)
        return cls(folder, _facts_of(folder))

    @property
    def map(self):
        """What is known of the map."""
        return self.facts["map"]

    @property
    def training(self):
        """What is known of the training; empty if nothing is."""
        return self.facts["training"] or {}

    def _band(self, name, band=1):
        """Open a band of a raster, lazily."""
        rioxarray = import_optional("rioxarray", extra="map")
        path = self.path / name
        if not path.is_file():
            return None
        raster = rioxarray.open_rasterio(path, chunks={"y": 512, "x": 512})
        return raster.isel(band=band - 1, drop=True)

    def probability(self):
        """Open the map itself."""
        raster = self._band("susceptibility.tif")
        if raster is None:
            raise ValueError(f"{self.path} has no susceptibility.tif: it is not a folder of a map.")
        return raster

    def zones(self):
        """Open the zones, with their names; None if there are none."""
        raster = self._band("zones.tif")
        return (
            None if raster is None else raster.assign_attrs(zone_names=self.map["zones"]["names"])
        )

    def inside(self):
        """Open what is inside the area of applicability; None without one."""
        raster = self._band("applicability.tif")
        return None if raster is None else raster.where(raster != raster.rio.nodata)

    def deciding_factor(self):
        """Open the factor that decides, with what its tags say; None if it was not mapped."""
        with warnings.catch_warnings():
            # Older rioxarray tries to read a list of numbers from JSON.
            warnings.simplefilter("ignore", DeprecationWarning)
            return self._band("deciding_factor.tif")

    def landslides(self):
        """Read the landslides of the map's inventory; None if it had none."""
        path = self.path / "landslides.csv"
        return pd.read_csv(path) if path.is_file() else None

    def known(self):
        """Read the places of the landslides of the training; None if they are not known."""
        inventory, table = self.map.get("inventory"), self.landslides()
        if table is None or not inventory or inventory.get("is_new"):
            return None
        places = table[["x", "y"]].dropna()
        return places if len(places) else None

    def fold_scores(self):
        """Return the scores of the folds that come nearest to later landslides, and their name."""
        for name, folds in (
            ("auc_with_flat", "spatial blocks, flat ground included"),
            ("auc_blocks", "spatial blocks"),
            ("auc_random", "random folds"),
        ):
            if scores := _numbers(self.training.get(name)):
                return scores, folds
        return (), "folds"


def score_map_folder(folder, inventory, *, known=None, **about):
    """Score a finished map by the landslides of a later event.

    Everything else is in the folder of the map: the zones, the area of applicability, the
    landslides that the model was trained on, and the scores of the folds.

    Parameters
    ----------
    folder : str or path-like
        The folder that the command ``map`` or
        :func:`~sklearn_landslide.map_products.make_susceptibility_map` has written.
    inventory : str, path-like, GeoDataFrame, DataFrame or array-like
        The later landslides, as in :func:`score_map`.
    known : str, path-like, GeoDataFrame, DataFrame or array-like, default=None
        The landslides that the model was trained on. None: those of the map, if it was trained
        on them.
    **about : dict
        `target`, `positive_class`, `coordinates`, `crs`, `confidence_level`, `n_resamples` and
        `random_state` of :func:`score_map`.

    Returns
    -------
    score : MapScore
        Numbers, and words for them.

    Raises
    ------
    ValueError
        If the folder does not hold a map, and in all cases of :func:`score_map`.

    See Also
    --------
    score_map : The same for rasters in memory.

    Examples
    --------
    >>> from pathlib import Path
    >>> from sklearn_landslide.mapping import score_map_folder
    >>> try:
    ...     score_map_folder(Path("nowhere"), [[0.0, 0.0]])
    ... except ValueError as error:
    ...     print(error)
    nowhere is not a folder of a map: it has no facts.json, which the command map writes.
    """
    made = MapFolder.read(folder)
    scores, folds = made.fold_scores()
    return score_map(
        made.probability(),
        inventory,
        zones=made.zones(),
        inside=made.inside(),
        known=made.known() if known is None else known,
        fold_scores=scores,
        folds=folds,
        **about,
    )
