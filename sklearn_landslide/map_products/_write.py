"""The files of a map, each written by one function, from a model and a stack."""

import warnings
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sklearn_landslide._escaping import without_formulas
from sklearn_landslide._nodata import UndeclaredNodataWarning
from sklearn_landslide._words import plural
from sklearn_landslide.map_products._contribution_maps import (
    DECIDING,
    about_contributions,
    deciding_colors,
    deciding_map,
    tags_of,
)
from sklearn_landslide.map_products._files import PREDICTIONS
from sklearn_landslide.map_products._inputs import name_of_elevation
from sklearn_landslide.map_products._layers import layers_of
from sklearn_landslide.map_products._progress import Progress
from sklearn_landslide.map_products._training_facts import TrainingFacts
from sklearn_landslide.mapping import (
    APPLICABILITY_COLORS,
    APPLICABILITY_NAMES,
    SusceptibilityZones,
    applicability_style,
    check_members,
    classes_style,
    contributions_style,
    dissimilarity_style,
    factors_style,
    grid_of,
    inside_of,
    landslides_on,
    merge_small_patches,
    open_stack,
    raster_names,
    spread_is_free,
    susceptibility_style,
    uncertainty_style,
    write_map,
    write_stack,
    write_zone_polygons,
    zone_colors,
    zone_polygons,
    zone_table,
    zones_raster_style,
)
from sklearn_landslide.plotting import SusceptibilityMapDisplay
from sklearn_landslide.terrain import FactorSources

# Where edges come from that are not of this map.
EARLIER = "with edges of an earlier map"


@dataclass(frozen=True, eq=False)
class WrittenMaps:
    """The maps of a run, as lazy rasters of their files, and the table of the zones.

    Parameters
    ----------
    probability : xarray.DataArray
        Probability of a landslide.
    inside : xarray.DataArray or None
        1 inside the area of applicability, 0 outside; None without such an area.
    zone_table : DataFrame
        Area, probability and landslides of each zone.
    zones_from : str
        Where the edges of the zones come from, in words.
    n_merged : int or None
        Cells of small patches that joined another zone; None if all patches stayed.
    landslides : DataFrame or None
        What the map says at each landslide of the inventory; None without one.
    contributions : dict or None
        What the maps of contributions show, as in `MapFacts`; None without them.
    """

    probability: Any
    inside: Any
    zone_table: Any
    zones_from: str
    n_merged: int | None
    landslides: Any
    contributions: dict | None


def has_spread(map_model, request):
    """Say whether uncertainty is wanted, and a model has refits or members whose spread it is."""
    if not request.uncertainty:
        return False
    try:
        check_members(map_model.model)
    except ValueError:
        return bool(map_model.refits)
    return True


def in_one_pass(map_model, request):
    """Say whether probability and spread are predicted together, which takes half the time."""
    return (
        has_spread(map_model, request)
        and request.units is None
        and not map_model.refits
        and spread_is_free(map_model.model)
    )


def _write(maps, prepared, name, write=write_map, **options):
    """Write a map, unless it is finished, and take up what there is of it."""
    if prepared.work.has(name):
        return
    # Finished, but for the note that says so: the note is what counts.
    (prepared.work / name).unlink(missing_ok=True)
    with Progress(prepared.request, name, "window") as progress:
        write(maps, prepared.work / name, resume=True, progress=progress.show, **options)
    prepared.work.finish(name)


def with_factors_kept(prepared):
    """Write factors that were made, so that they are computed once, and read them from there."""
    if not isinstance(prepared.request.stack, FactorSources):
        return prepared
    name = "factors.tif"
    _write(prepared.stack, prepared, name, write_stack)
    prepared.request.say(name)
    stack = open_stack(prepared.work / name)
    prepared.work.write_text("factors.qml", factors_style(stack))
    return replace(prepared, stack=stack)


def _tags(map_model):
    # A loaded net does not know its seed; the facts do.
    training = TrainingFacts.from_dict(map_model.facts)
    if training is None:
        return {}
    tags = {"model": training.model, "random_state": training.random_state}
    return tags if training.trial is None else tags | {"trial": training.trial}


def _opened(source, factor):
    """Open a band that was just written; its numbers are what the map is, whatever they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndeclaredNodataWarning)
        return open_stack(source)[factor]


def _opened_prediction(source, name):
    """Open a prediction that was just written, or say why it is empty."""
    try:
        return _opened(source, name)
    except ValueError as error:
        # The only thing that may be wrong with a map that was just written.
        raise ValueError(
            "no cell of the stack has a value of every factor: there is nothing to map."
        ) from error


def _predicted(prepared, map_model):
    """Return probability and spread, the latter None without one, as lazy rasters.

    Where both come of one pass, they are those of a file that is removed at the end.
    """
    layers, work, model = layers_of(prepared), prepared.work, map_model.model
    if in_one_pass(map_model, prepared.request):
        both = layers.probability_and_spread(model)
        if not (work.has("susceptibility.tif") and work.has("uncertainty.tif")):
            _write(both, prepared, PREDICTIONS)
            for name in both:
                written = _opened_prediction(work / PREDICTIONS, name)
                both[name] = both[name].copy(data=written.data)
        return both["susceptibility"], both["spread"]
    spread = None
    if has_spread(map_model, prepared.request):
        spread = layers.spread(model, map_model.refits)
    return layers.probability(model), spread


def _write_susceptibility(prepared, map_model, probability):
    """Write the probabilities, and return them as a lazy raster of the file."""
    name = "susceptibility.tif"
    _write(probability, prepared, name, tags=_tags(map_model))
    return _opened_prediction({"susceptibility": prepared.work / name}, "susceptibility")


def _fit_zones(prepared, map_model, probability):
    """Learn the zones on the map, unless the model has them; say where they come from."""
    request = prepared.request
    if map_model.zones is None:
        zones = SusceptibilityZones(request.zones_method, request.n_zones)
        map_model.zones = zones.fit(probability)
        prepared.work.settle()
        return "with edges learned on this map"
    if request.zones is not None:
        return "with edges learned from the landslides in the spatial blocks"
    return EARLIER


def _write_zones(prepared, map_model, probability):
    """Write the zones with their colors; return them, and how many cells were merged.

    As a lazy raster; with small patches merged in memory.
    """
    zones, n_merged = map_model.zones.transform(probability), None
    if (min_area := prepared.request.min_area) is not None:
        before = zones.compute()
        zones = merge_small_patches(before, min_area)
        n_merged = int((zones != before).sum())
    edges = " ".join(f"{edge:.6g}" for edge in map_model.zones.edges_)
    tags = _tags(map_model) | {"zones": ", ".join(map_model.zones.names_), "zone_edges": edges}
    if min_area is not None:
        tags["min_area"] = f"{min_area:g}"
    _write(zones, prepared, "zones.tif", tags=tags, colors=zone_colors(len(map_model.zones.names_)))
    return zones, n_merged


def _write_applicability(prepared, map_model):
    """Write dissimilarity and applicability; return the latter, of the file, or None."""
    area, work = map_model.applicability, prepared.work
    if area is None:
        return None
    tags = _tags(map_model) | {"threshold": f"{area.threshold_:.6g}"}
    _write(layers_of(prepared).dissimilarity(area), prepared, "dissimilarity.tif", tags=tags)
    # Of the file: neighbors are not looked for again.
    dissimilarity = _opened({"dissimilarity": work / "dissimilarity.tif"}, "dissimilarity")
    inside = inside_of(dissimilarity, area.threshold_)
    _write(inside, prepared, "applicability.tif", tags=tags, colors=APPLICABILITY_COLORS)
    return _opened({"inside": work / "applicability.tif"}, "inside")


def _write_uncertainty(prepared, map_model, spread):
    """Write the spread over the models of the folds or over members, if there are any."""
    if spread is not None:
        _write(spread, prepared, "uncertainty.tif", tags=_tags(map_model))
    prepared.work.drop([PREDICTIONS])


def _write_contributions(prepared, map_model):
    """Write the contributions of the strongest factors, and which factor decides."""
    request, name = prepared.request, "contributions.tif"
    if not request.contributions:
        return
    if prepared.work.has(name) and prepared.work.has("deciding_factor.tif"):
        return
    found, bands = layers_of(prepared).contributions(map_model.model)
    colors = deciding_colors(len(found.names))
    # Before the rasters: where these are, all of them are.
    prepared.work.write_text("contributions.qml", contributions_style(found.usual))
    prepared.work.write_text("deciding_factor.qml", classes_style(found.names, colors))
    names = raster_names(dict(enumerate(found.names)), colors)
    prepared.work.write_text("deciding_factor.tif.aux.xml", names)
    tags = _tags(map_model) | tags_of(found, request.contributions_step)
    _write(bands, prepared, name, tags=tags)
    request.say(name)
    deciding = deciding_map(_opened(prepared.work / name, DECIDING))
    _write(deciding, prepared, "deciding_factor.tif", tags=tags, colors=colors)
    request.say("deciding_factor.tif")


def _write_polygons(polygons, path, layer):
    """Write polygons; what the library behind raises becomes one line."""
    path.unlink(missing_ok=True)
    try:
        write_zone_polygons(polygons, path, layer=layer)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise OSError(f"{path} cannot be written ({reason}): is the disk full?") from error


def _write_tables(prepared, map_model, probability, zones):
    """Write the table of the zones and their polygons; return the table."""
    work, landslides = prepared.work, prepared.landslides
    with warnings.catch_warnings():
        # Landslides that are not on the map are counted in the summary.
        warnings.filterwarnings("ignore", ".* lie outside the map or on nodata", UserWarning)
        table = zone_table(zones, probability, landslides)
        if not work.has("zones.gpkg"):
            polygons = zone_polygons(zones, probability, landslides)
            _write_polygons(polygons, work / "zones.gpkg", "zones")
            work.finish("zones.gpkg")
        if prepared.units is not None and not work.has("units.gpkg"):
            polygons = layers_of(prepared).polygons(map_model)
            _write_polygons(polygons, work / "units.gpkg", "units")
            work.finish("units.gpkg")
    edges = map_model.zones.edges_
    table.insert(1, "from_probability", edges[:-1])
    table.insert(2, "to_probability", edges[1:])
    work.write_text("zones.csv", without_formulas(table).to_csv(lineterminator="\n"))
    return table


def _write_landslides(prepared, probability, zones, inside):
    """Write what the map says at each landslide; return it, or None without an inventory."""
    if prepared.landslides is None:
        return None
    grid = grid_of(prepared.stack)
    rasters = {"susceptibility": probability, "zone": zones, "inside": inside}
    table = landslides_on(prepared.landslides, grid, **rasters)
    table["zone"] = table["zone"].where(table["zone"] > 0).astype("Int64")
    if inside is not None:
        table["inside"] = table["inside"].astype("Int64")
    prepared.work.write_text("landslides.csv", table.to_csv(index=False, lineterminator="\n"))
    return table


def _write_styles(prepared, map_model, inside):
    """Write what QGIS reads beside each raster: names, colors and legend."""
    work, zones = prepared.work, map_model.zones
    work.write_text("susceptibility.qml", susceptibility_style(zones.edges_))
    work.write_text("zones.qml", zones_raster_style(zones.names_))
    names = dict(enumerate(["no data", *zones.names_]))
    work.write_text("zones.tif.aux.xml", raster_names(names, zone_colors(len(zones.names_))))
    if inside is not None:
        work.write_text("applicability.qml", applicability_style())
        names = raster_names(APPLICABILITY_NAMES, APPLICABILITY_COLORS)
        work.write_text("applicability.tif.aux.xml", names)
        work.write_text(
            "dissimilarity.qml", dissimilarity_style(map_model.applicability.threshold_)
        )
    if has_spread(map_model, prepared.request):
        spread = _opened({"spread": work / "uncertainty.tif"}, "spread")
        work.write_text("uncertainty.qml", uncertainty_style(float(spread.max().compute())))


def _notes(prepared, map_model):
    """Say below the picture which model it is of, how many landslides are drawn, and when."""
    training = TrainingFacts.from_dict(map_model.facts)
    if training is not None:
        yield training.model
    if prepared.landslides is not None:
        yield plural(len(prepared.landslides), "landslide")
    yield f"{datetime.now(UTC):%Y-%m-%d}"


def _draw(prepared, map_model, zones, inside):
    """Draw the map with relief, if the stack has an elevation, and the inventory."""
    stack, elevation = prepared.stack, name_of_elevation(prepared.stack)
    display = SusceptibilityMapDisplay.from_maps(
        zones,
        elevation=None if elevation is None else stack[elevation],
        inside=inside,
        landslides=prepared.landslides,
        title="Landslide susceptibility",
        notes=[*_notes(prepared, map_model)],
    )
    display.save(prepared.work / "map.png", note=_tags(map_model).get("trial"))
    prepared.work.finish("map.png")


def write_maps(prepared, map_model):
    """Write all maps, tables and the picture into the work folder.

    Parameters
    ----------
    prepared : PreparedMap
        The stack, the inventory and the folder.
    map_model : MapModel
        The model. If it has no zones, it gets those that are learned on the map.

    Returns
    -------
    maps : WrittenMaps
    """
    say = prepared.request.say
    probability, spread = _predicted(prepared, map_model)
    probability = _write_susceptibility(prepared, map_model, probability)
    say("susceptibility.tif")
    zones_from = _fit_zones(prepared, map_model, probability)
    zones, n_merged = _write_zones(prepared, map_model, probability)
    say("zones.tif")
    inside = _write_applicability(prepared, map_model)
    made = "dissimilarity.tif, applicability.tif"
    say(made if inside is not None else "no area of applicability")
    _write_uncertainty(prepared, map_model, spread)
    say("uncertainty.tif" if has_spread(map_model, prepared.request) else "no uncertainty")
    _write_contributions(prepared, map_model)
    table = _write_tables(prepared, map_model, probability, zones)
    say("zones.gpkg, zones.csv")
    _write_styles(prepared, map_model, inside)
    landslides = _write_landslides(prepared, probability, zones, inside)
    _draw(prepared, map_model, zones, inside)
    say("map.png")
    contributions = None
    if prepared.request.contributions:
        contributions = about_contributions(prepared.work.path)
    return WrittenMaps(probability, inside, table, zones_from, n_merged, landslides, contributions)
