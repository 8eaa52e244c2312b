"""What a finished map is asked at once: later landslides, and zones by district."""

import json

from sklearn_landslide._escaping import markdown_text, without_formulas
from sklearn_landslide.map_products._files import BY_UNIT, LATER
from sklearn_landslide.mapping import (
    MapFolder,
    grid_of,
    read_inventory,
    read_shapes,
    score_map_folder,
)
from sklearn_landslide.plotting import save_map_score
from sklearn_landslide.terrain import zones_by_unit

# Units that the summary shows.
_MOST_UNITS = 30


def _later(request, stack):
    """Read the later landslides; labels, if they have a column of that name."""
    about = {"coordinates": request.coordinates, "crs": request.points_crs or request.crs}
    grid = grid_of(stack)
    found = read_inventory(request.test_inventory, grid.crs, target=None, **about)
    if request.target is None or request.target not in found.frame.columns:
        return None, about
    about["positive_class"] = request.positive_class
    read_inventory(request.test_inventory, grid.crs, target=request.target, **about)
    return request.target, about


def check_afterwards(request, stack):
    """Raise unless later landslides and districts can be read, before the long work.

    Parameters
    ----------
    request : MapRequest
        What is asked for.
    stack : xarray.Dataset
        The factors.
    """
    if request.test_inventory is not None:
        _later(request, stack)
    if request.units_of is None:
        if request.units_name is not None:
            raise ValueError("units_name=... is for units_of=...: give the polygons, too.")
        return
    shapes = read_shapes(request.units_of, grid_of(stack).crs, what="units", crs=request.crs)
    if request.units_name is not None and request.units_name not in shapes.frame:
        columns = ", ".join(repr(str(one)) for one in shapes.frame if one != "geometry")
        raise ValueError(
            f"{shapes.where} has no column {request.units_name!r}: its columns are {columns}."
        )


def ask_afterwards(prepared):
    """Write what later landslides and districts say of the map in the work folder.

    A map is not lost for it: what cannot be found out is said.

    Parameters
    ----------
    prepared : PreparedMap
        What was asked for, and the folder with ``facts.json``.

    Returns
    -------
    sections : list of (str, list of str)
        Headings and lines for the summary.
    """
    sections = []
    for wanted, title, ask in (
        (prepared.request.test_inventory, "Landslides of a later event", _score),
        (prepared.request.units_of, "Zones by unit", _by_unit),
    ):
        if wanted is None:
            continue
        try:
            lines = ask(prepared)
        except (ValueError, ImportError) as error:
            lines = [f"- Not found out: {markdown_text(str(error))}"]
            prepared.request.say(f"warning: {title.lower()}: {error}")
        sections.append((title, lines))
    return sections


def _score(prepared):
    work, request = prepared.work, prepared.request
    target, about = _later(request, prepared.stack)
    score = score_map_folder(
        work.path, request.test_inventory, target=target, random_state=request.random_state, **about
    )
    text = json.dumps(score.to_dict(), indent=1, allow_nan=False) + "\n"
    work.write_text(LATER[0], text)
    writers = (score.to_csv, lambda path: save_map_score(score, path))
    for name, write in zip(LATER[1:], writers, strict=True):
        (work / name).unlink(missing_ok=True)
        write(work / name)
        work.finish(name)
    request.say(LATER[0])
    return [f"- {markdown_text(line)}" for line in score.in_words()]


def _by_unit(prepared):
    work, request = prepared.work, prepared.request
    made = MapFolder.read(work.path)
    landslides = made.landslides()
    if landslides is not None:
        landslides = landslides.loc[landslides["susceptibility"].notna(), ["x", "y"]]
    table = zones_by_unit(
        made.zones(),
        made.probability(),
        request.units_of,
        name=request.units_name,
        landslides=landslides,
        crs=request.crs,
    )
    work.write_text(BY_UNIT, without_formulas(table).to_csv(index=False, lineterminator="\n"))
    request.say(BY_UNIT)
    return _unit_lines(table)


def _unit_lines(table):
    """Lay out the units in Markdown, those with the most ground in the highest zone first."""
    top = table[table["zone"] == table["zone"].max()]
    top = top.sort_values("area_km2", ascending=False, kind="stable")
    has_landslides = "unit_landslides" in top
    heads = ["unit", "mapped, km²", "mean probability", f"in “{top['name'].iloc[0]}”, km²", "share"]
    heads += ["landslides"] if has_landslides else []
    lines = [
        f"| {' | '.join(map(markdown_text, heads))} |",
        "|---" + "|---:" * (len(heads) - 1) + "|",
    ]
    for row in top.head(_MOST_UNITS).to_dict("records"):
        cells = [markdown_text(row["unit"]), f"{row['unit_area_km2']:.4g}"]
        cells += [f"{row['unit_mean_probability']:.3g}", f"{row['area_km2']:.4g}"]
        cells += [f"{row['area_share']:.1%}"]
        cells += [str(row["unit_landslides"])] if has_landslides else []
        lines.append(f"| {' | '.join(cells)} |")
    more = f"The first {_MOST_UNITS} of {len(top)}; all" if len(top) > _MOST_UNITS else "All"
    return [*lines, "", f"{more} zones of all units are in {BY_UNIT}."]
