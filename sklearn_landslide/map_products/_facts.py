"""What is known of a map once it is made: of its cells, its zones and its inventory."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from numbers import Integral
from typing import Any

from sklearn.metrics import roc_auc_score

from sklearn_landslide._shown import plain_rows
from sklearn_landslide._versions import installed_versions
from sklearn_landslide.map_products._training_facts import TrainingFacts
from sklearn_landslide.map_products._write import EARLIER, has_spread
from sklearn_landslide.map_products._zone_warnings import zone_warnings
from sklearn_landslide.mapping import (
    FACTS_FORMAT,
    crs_name,
    factor_names,
    grid_of,
    pixel_area,
    ranks_on,
)
from sklearn_landslide.metrics import CAPTURE_SHARES

# A share of the ground that is worth a line.
_GAP = 0.01


@dataclass(frozen=True, kw_only=True)
class InventoryFacts:
    """What is known of the inventory of a map.

    Parameters
    ----------
    n_landslides, n_on_map : int
        Landslides, and how many of them are on the map.
    n_outside : int
        Places of the inventory, landslides or not, outside the stack.
    n_unmapped : int
        Landslides within the stack, on ground that is not mapped: a factor has no value there.
    is_new : bool
        Whether the model was trained on another inventory.
    auc : float or None
        ROC-AUC at its places, if it is new to the model and has both classes.
    """

    n_landslides: int
    n_on_map: int
    n_outside: int
    n_unmapped: int
    is_new: bool
    auc: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class MapFacts:
    """What is known of a map.

    Parameters
    ----------
    rows, columns : int
        Size of the grid.
    crs : str
        Name of its coordinate reference system.
    cell_area : float
        Area of a cell, in square kilometers.
    n_cells : int
        Cells with all factors.
    zones : SusceptibilityZones
        The zones.
    zones_from : str
        Where their edges come from, in words.
    zone_table : DataFrame
        Area, probability and landslides of each zone.
    min_area : float or None
        Area of the smallest patch of a zone that stayed, in square meters.
    n_merged : int or None
        Cells of smaller patches, which changed zone; None if all patches stayed.
    min_slope : float or None
        What the model was trained and scored without is flatter, in degrees.
    flat : float or None
        Share of the cells that are; None if nothing was left out, or the slope is not known.
    outside : float or None
        Share of the cells outside the area of applicability; None without such an area.
    threshold : float or None
        Greatest dissimilarity inside it.
    has_spread : bool
        Whether uncertainty was mapped.
    wants_spread : bool
        Whether it was asked for.
    n_refits : int
        Further models whose spread it is; 0 if it is that of members.
    refits : str
        What these models were fitted to, as `TrainingFacts.uncertainty` says it.
    unused : list of str
        Bands that the model does not use.
    fingerprints : dict of str to str or None
        SHA-256 of what was read, by name.
    inventory : InventoryFacts or None
        None without an inventory.
    methods : dict of str to str
        By factor, how it was made and in what unit, of those of which it is known.
    mask : dict or None
        What was cut to an area, as `mask_stack` notes it; None if nothing was.
    n_units : int or None
        Mapping units; None for a map of cells.
    capture : list of float or None
        Share of the landslides of the inventory in the most susceptible 5, 10, 20, 30 and 50
        percent of the mapped cells; None without a landslide on the map.
    gaps : dict of str to float
        By factor, the share of the ground on which it has no value, and which is not mapped, if
        it is one percent or more. The ground is where any factor has a value.
    why_unsaved : str or None
        Why no file holds the model; None if one does.
    zone_warnings : list of str
        What is odd about the zones.
    contributions : dict or None
        Of the maps of contributions, if there are any: names of the ``strongest`` factors,
        ``deciding``, by factor the share of the map on which its contribution is the largest,
        ``method`` and ``standard_error``.
    """

    rows: int
    columns: int
    crs: str
    cell_area: float
    n_cells: int
    zones: Any
    zones_from: str
    zone_table: Any
    min_area: float | None
    n_merged: int | None
    min_slope: float | None
    flat: float | None
    outside: float | None
    threshold: float | None
    has_spread: bool
    wants_spread: bool
    n_refits: int
    refits: str
    unused: list
    fingerprints: dict
    inventory: InventoryFacts | None
    methods: dict
    mask: dict | None
    n_units: int | None
    capture: list | None
    gaps: dict
    why_unsaved: str | None
    zone_warnings: list
    contributions: dict | None


def _inventory_facts(prepared, map_model, zone_table):
    if prepared.landslides is None:
        return None
    table, training = prepared.table, TrainingFacts.from_dict(map_model.facts)
    trained_on, here = training and training.inventory_sha256, prepared.fingerprints.inventory
    # A table in memory has no fingerprint: then it may well be that of the training.
    is_new = None not in (trained_on, here) and trained_on != here
    auc = None
    if is_new and 0 < table.y.mean() < 1:
        X = table.X[factor_names(map_model.model)]
        auc = float(roc_auc_score(table.y, map_model.model.predict_proba(X)[:, 1]))
    n_on_map = int(zone_table["landslides"].sum())
    # Of mapping units, what is in none of them are landslides.
    outside = table.get("n_landslides_outside", table.n_outside)
    return InventoryFacts(
        n_landslides=len(prepared.landslides),
        n_on_map=n_on_map,
        n_outside=table.n_outside,
        n_unmapped=len(prepared.landslides) - outside - n_on_map,
        is_new=is_new,
        auc=auc,
    )


def _flat_share(stack, probability, min_slope, n_cells):
    """Share of the mapped cells that are flatter than what the model was trained for."""
    if min_slope is None or "slope" not in stack:
        return None
    flat = (stack["slope"] < min_slope).data & probability.notnull().data
    return int(flat.sum().compute()) / n_cells


def _mask(stack):
    """Read what the stack was cut to; a file may be anybody's."""
    noted = stack.attrs.get("mask")
    counts = [noted.get(name) for name in ("n_kept", "n_cells")] if isinstance(noted, dict) else []
    right = counts and all(isinstance(one, Integral) and one > 0 for one in counts)
    return noted if right else None


def _methods(stack, unused):
    """Say how each factor was made, where the stack knows it."""
    known = {name: band.attrs for name, band in stack.items() if name not in unused}
    return {
        name: f"{about['method']} ({about['units']})" if about.get("units") else about["method"]
        for name, about in known.items()
        if about.get("method")
    }


def _gaps(stack, unused):
    """Share of the ground on which a factor has no value."""
    names = [name for name, band in stack.items() if name not in unused and band.ndim == 2]
    known = stack[names].notnull()
    n_ground = int(known.to_array().any("variable").sum().compute())
    shares = {name: 1 - int(count) / n_ground for name, count in known.sum().compute().items()}
    return {name: share for name, share in shares.items() if share >= _GAP}


def _capture(maps):
    """Share of the landslides on the map in the most susceptible ground."""
    if maps.landslides is None:
        return None
    values = maps.landslides["susceptibility"].dropna().to_numpy(maps.probability.dtype)
    if not len(values):
        return None
    return ranks_on(maps.probability, values).within(CAPTURE_SHARES).mean(axis=0).tolist()


def map_facts(prepared, map_model, maps, why_unsaved=None):
    """Gather what is known of a map.

    Parameters
    ----------
    prepared : PreparedMap
        What it was made from.
    map_model : MapModel
        The model, with its zones.
    maps : WrittenMaps
        What was written.
    why_unsaved : str or None, default=None
        Why no file holds the model, if none does.

    Returns
    -------
    facts : MapFacts
    """
    grid, inside = grid_of(prepared.stack), maps.inside
    n_cells = int(maps.probability.notnull().sum().compute())
    training = TrainingFacts.from_dict(map_model.facts)
    min_slope = training and training.min_slope
    return MapFacts(
        rows=grid.height,
        columns=grid.width,
        crs=crs_name(grid.crs),
        cell_area=pixel_area(grid),
        n_cells=n_cells,
        zones=map_model.zones,
        zones_from=maps.zones_from,
        zone_table=maps.zone_table,
        min_area=prepared.request.min_area,
        n_merged=maps.n_merged,
        min_slope=min_slope,
        flat=_flat_share(prepared.stack, maps.probability, min_slope, n_cells),
        outside=None if inside is None else int((inside == 0).sum().compute()) / n_cells,
        threshold=None if inside is None else map_model.applicability.threshold_,
        has_spread=has_spread(map_model, prepared.request),
        wants_spread=prepared.request.uncertainty,
        n_refits=len(map_model.refits),
        refits="refits" if training is None else training.uncertainty,
        unused=prepared.unused,
        fingerprints=prepared.fingerprints.digests,
        inventory=_inventory_facts(prepared, map_model, maps.zone_table),
        methods=_methods(prepared.stack, prepared.unused),
        mask=_mask(prepared.stack),
        n_units=None if prepared.units is None else len(prepared.units.X),
        capture=_capture(maps),
        why_unsaved=why_unsaved,
        zone_warnings=zone_warnings(
            maps.zone_table, n_cells, may_change=maps.zones_from != EARLIER
        ),
        contributions=maps.contributions,
        gaps={} if prepared.units is not None else _gaps(prepared.stack, prepared.unused),
    )


def facts_as_json(training, facts):
    """Lay out all that is known of a map as JSON, for programs and for the page of a study.

    Parameters
    ----------
    training : TrainingFacts or None
        What the model tells of its training.
    facts : MapFacts
        What is known of the map.

    Returns
    -------
    text : str
        One object with ``format``, ``written``, ``versions``, ``training`` and ``map``.
    """
    about = {one.name: getattr(facts, one.name) for one in fields(facts)}
    zones = facts.zones
    about["zones"] = {
        "method": zones.method,
        "names": list(zones.names_),
        "edges": zones.edges_.tolist(),
    }
    table = facts.zone_table.reset_index()
    about["zone_table"] = plain_rows(table)
    about["inventory"] = None if facts.inventory is None else asdict(facts.inventory)
    everything = {
        "format": FACTS_FORMAT,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": installed_versions("skops"),
        "training": None if training is None else training.to_dict(),
        "map": about,
    }
    return json.dumps(everything, indent=1, default=_plain) + "\n"


def _plain(value):
    """Turn numbers of NumPy into those of JSON."""
    return value.item() if hasattr(value, "item") else str(value)
