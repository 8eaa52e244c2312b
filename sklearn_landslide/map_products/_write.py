"""The files of a map, each written by one function, from a model and a stack."""

import sys
import warnings

import numpy as np
from tqdm.auto import tqdm

from sklearn_landslide.mapping import (
    SusceptibilityZones,
    open_stack,
    predict_map,
    write_map,
    write_zone_polygons,
    zone_colors,
    zone_polygons,
    zone_table,
)
from sklearn_landslide.mapping._prediction._spread import check_members
from sklearn_landslide.plotting import SusceptibilityMapDisplay

# What a factor may be called whose relief is drawn under the colors.
_ELEVATIONS = ("elevation", "elev", "altitude", "dem", "dtm")


def _write(maps, work, name, progress, **options):
    """Write a map, unless it is finished, and take up what there is of it."""
    if work.has(name):
        return
    bar = tqdm(desc=name, unit="window", file=sys.stderr, disable=not progress)

    def show(n_done, n_all):
        bar.total = n_all
        bar.update(n_done - bar.n)

    with bar:
        write_map(maps, work / name, resume=True, progress=show, **options)


def _tags(map_model):
    facts = map_model.facts
    # A loaded net does not know its seed; the facts do.
    return {name: facts[name] for name in ("model", "random_state") if name in facts}


def write_susceptibility(map_model, stack, work, *, window, progress):
    """Write the probabilities, and return them as a lazy raster of the file."""
    name = "susceptibility.tif"
    chance = predict_map(map_model.model, stack, window=window)
    _write(chance, work, name, progress, tags=_tags(map_model))
    try:
        return open_stack({"susceptibility": work / name})["susceptibility"]
    except ValueError as error:
        # The only thing that may be wrong with a map that was just written.
        raise ValueError(
            "no cell of the stack has a value of every factor: there is nothing to map."
        ) from error


def fit_zones(map_model, chance, method, n_zones):
    """Learn the zones on the map, unless the model has them."""
    if map_model.zones is None:
        map_model.zones = SusceptibilityZones(method, n_zones).fit(chance)


def write_zones(map_model, chance, work, *, progress):
    """Write the zones with their colors, and return them as a lazy raster."""
    zones = map_model.zones.transform(chance)
    edges = " ".join(f"{edge:.6g}" for edge in map_model.zones.edges_)
    tags = _tags(map_model) | {"zones": ", ".join(map_model.zones.names_), "zone_edges": edges}
    colors = zone_colors(len(map_model.zones.names_))
    _write(zones, work, "zones.tif", progress, tags=tags, colors=colors)
    return zones


def write_applicability(map_model, stack, work, *, window, progress):
    """Write dissimilarity and applicability; return the latter, of the file, or None."""
    area, name = map_model.applicability, "applicability.tif"
    if area is None:
        return None
    maps = area.map(stack, window=window)
    inside = maps["inside"]
    # Bands of one file have one type and one nodata value.
    inside = inside.where(inside != inside.rio.nodata).astype(np.float32)
    bands = {
        "dissimilarity": maps["dissimilarity"],
        "inside": inside.rio.write_nodata(np.nan),
    }
    tags = _tags(map_model) | {"threshold": f"{area.threshold_:.6g}"}
    _write(bands, work, name, progress, tags=tags)
    return open_stack(work / name)["inside"]


def has_spread(map_model):
    """Say whether a model has refits or members whose spread is its uncertainty."""
    try:
        check_members(map_model.model)
    except ValueError:
        return bool(map_model.refits)
    return True


def write_uncertainty(map_model, stack, work, *, window, progress):
    """Write the spread over refits or members, if there are any."""
    if has_spread(map_model):
        refits = map_model.refits or None
        spread = predict_map(map_model.model, stack, output="spread", refits=refits, window=window)
        _write(spread, work, "uncertainty.tif", progress, tags=_tags(map_model))


def _write_polygons(polygons, path):
    """Write polygons; what the library behind raises becomes one line."""
    try:
        write_zone_polygons(polygons, path)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise OSError(f"{path} cannot be written ({reason}): is the disk full?") from error


def write_tables(map_model, chance, zones, landslides, work):
    """Write the table of the zones and their polygons; return the table."""
    with warnings.catch_warnings():
        # Landslides that are not on the map are counted in the summary.
        warnings.filterwarnings("ignore", ".* lie outside the map or on nodata", UserWarning)
        table = zone_table(zones, chance, landslides)
        if not work.has("zones.gpkg"):
            polygons = zone_polygons(zones, chance, landslides)
            _write_polygons(polygons, work / "zones.gpkg")
    edges = map_model.zones.edges_
    table.insert(1, "from_probability", edges[:-1])
    table.insert(2, "to_probability", edges[1:])
    work.write_text("zones.csv", table.to_csv(lineterminator="\n"))
    return table


def draw(zones, stack, inside, landslides, work):
    """Draw the map with relief, if the stack has an elevation, and the inventory."""
    elevation = next((name for name in stack if name.lower() in _ELEVATIONS), None)
    display = SusceptibilityMapDisplay.from_maps(
        zones,
        elevation=None if elevation is None else stack[elevation],
        inside=inside,
        landslides=landslides,
    )
    display.save(work / "map.png")
