"""The parts of a study's page that tell of the map: words first, then zones, inventory, factors."""

import numpy as np

from sklearn_landslide._words import percent, plural
from sklearn_landslide.mapping import zone_number
from sklearn_landslide.metrics import CAPTURE_SHARES
from sklearn_landslide.report._page_parts import (
    Bullets,
    Paragraph,
    Picture,
    Pictures,
    Section,
    Table,
)
from sklearn_landslide.report._study_folders import picture_of

NOT_STATED = "not stated"
_NEAR = 0.2
_ZONE_HEADINGS = {
    "name": "Zone",
    "area_km2": "Area, km²",
    "area_share": "Share of area",
    "mean_probability": "Mean susceptibility",
    "landslides": "Landslides",
    "landslide_share": "Share of landslides",
    "density_per_km2": "Landslides per km²",
    "frequency_ratio": "Frequency ratio",
}


def said(value):
    """Show what was stated, or that it was not."""
    return NOT_STATED if value is None or value == "" else str(value)


def cell_side(about):
    """Side of a cell in meters."""
    return float(np.sqrt(about["cell_area"] * 1e6))


def words_section(folder, later, facts):
    """Say what the map says and where it must not be used, for a reader who is not a statistician.

    Parameters
    ----------
    folder : MapFolder or None
        The map.
    later : MapScore or None
        What later landslides say of it.
    facts : StudyFacts
        What the authors state.

    Returns
    -------
    section : Section
    """
    blocks = []
    if folder is None:
        blocks.append(Paragraph("This page is of models on a table. There is no map in it."))
    else:
        blocks += [Paragraph(one) for one in _says(folder, later)]
        blocks.append(Bullets("It must not be used", _must_not(folder)))
    if facts.limits:
        blocks.append(Bullets("The authors add", list(facts.limits)))
    return Section("findings", "What this map says and where it must not be used", blocks)


def _says(folder, later):
    about, training = folder.map, folder.training
    table = about["zone_table"]
    top = table[-1]
    yield (
        "The map tells where the ground is like the ground of known landslides. It shows where "
        "landslides are more or less to be expected, not when, how large they will be, how far "
        "they will run, or what they will hit."
    )
    text = (
        f"The highest zone, “{top['name']}”, covers {percent(top['area_share'])} of the mapped "
        f"{about['n_cells'] * about['cell_area']:.4g} km²."
    )
    if top.get("landslide_share") is not None:
        text += f" {percent(top['landslide_share'])} of the landslides of the inventory lie in it."
    yield text
    place = CAPTURE_SHARES.index(_NEAR)
    if later is not None:
        share = later.capture["landslide_share"].iloc[place]
        yield (
            f"Landslides of a later event tested it: the most susceptible {100 * _NEAR:.0f} % of "
            f"the ground held {percent(share)} of them. By chance it would be {100 * _NEAR:.0f} %."
        )
    elif training.get("capture"):
        where = "ground" if training.get("auc_blocks") else "places"
        yield (
            f"Models like this one were tested on {where} that they had not seen: the most "
            f"susceptible {100 * _NEAR:.0f} % of the places without landslide was passed by "
            f"{percent(training['capture'][place])} of the landslides. By chance it would be "
            f"{100 * _NEAR:.0f} %. No later landslides have tested the map itself."
        )
    else:
        yield "How well it foresees landslides that it did not know has not been tested."


def _must_not(folder):
    about, training = folder.map, folder.training
    side = cell_side(about)
    if training and training.get("trial"):
        yield f"for anything: it is a {training['trial']}."
    yield (
        f"for single houses or parcels: one cell is {side:.3g} m wide, and a decision about a "
        "site requires a site visit."
    )
    yield "as a map of hazard or risk: it holds no frequency, no size and no damage."
    if about.get("outside"):
        yield (
            f"where it is marked as outside the area of applicability, {percent(about['outside'])} "
            "of it: no training place is similar there."
        )
    elif about.get("outside") is None:
        yield "without care on unusual ground: no area of applicability was mapped."
    if training and training.get("prevalence") is None:
        yield (
            "as the yearly or true probability of a landslide: the numbers refer to the share of "
            "landslides in the training table."
        )
    if about.get("flat"):
        yield (
            f"on ground flatter than {about['min_slope']:g} degrees, {percent(about['flat'])} of "
            "it: the model was not tested there."
        )
    yield "as the last word: new landslides, roads and cuts change the ground."


def zoning_section(folder, facts):
    """Lay out type, level, scale and units of the zoning, as the JTC-1 guidelines ask."""
    about = None if folder is None else folder.map
    rows = [
        ["Region", said(facts.region)],
        ["Purpose", said(facts.purpose)],
        ["Author", said(facts.author)],
        ["Date", said(facts.date)],
        ["Type of zoning", said(facts.zoning_type)],
        ["Level of zoning", said(facts.zoning_level)],
        ["Scale", said(facts.scale)],
    ]
    if about is not None:
        n_units = about.get("n_units")
        method = about["zones"]["method"].replace("_", " ")
        units = (
            f"cells of {cell_side(about):.4g} m" if n_units is None else f"{n_units} mapping units"
        )
        zones = about["zones"]
        edges = ", ".join(f"{edge:.3g}" for edge in zones["edges"])
        rows += [
            ["Mapping unit", units],
            ["Coordinate system", about["crs"]],
            ["Grid", f"{about['rows']} rows, {about['columns']} columns"],
            ["Mapped ground", f"{about['n_cells'] * about['cell_area']:.4g} km²"],
            [
                "Zones",
                f"{', '.join(zones['names'])}; {method}, {about['zones_from']}",
            ],
            ["Edges of the zones", edges],
        ]
    text = (
        "What the guidelines of JTC-1 ask of a zoning: R. Fell and others, Guidelines for "
        "landslide susceptibility, hazard and risk zoning for land use planning, Engineering "
        "Geology 102, 85-98, 2008."
    )
    table = Table("Type, level and scale", ["What", "Stated or found"], rows, n_text=2)
    return Section("zoning", "Type, level and scale of the zoning", [Paragraph(text), table])


def inventory_section(folder, facts):
    """Lay out what is known of the inventory."""
    rows = [
        ["Source", said(facts.inventory_source)],
        ["Period", said(facts.inventory_period)],
        ["Types of landslides", said(facts.landslide_types)],
        ["Completeness", said(facts.inventory_completeness)],
        ["Mapped by", said(facts.inventory_mapped_by)],
    ]
    if folder is not None:
        training, inventory = folder.training, folder.map.get("inventory")
        if training:
            rows.append(["Landslides trained on", str(said(training.get("n_landslides")))])
            if _are_cells(training):
                rows.append(["Cells of them in the training table", f"{training['landslides']}"])
            rows.append(["Rows of the training table", f"{training['rows']}"])
        if inventory:
            rows.append(["Landslides on the map", str(inventory["n_on_map"])])
            if inventory.get("n_unmapped"):
                rows.append(["Landslides on ground not mapped", str(inventory["n_unmapped"])])
            rows.append(["Places outside the rasters", str(inventory["n_outside"])])
    table = Table("What is known of it", ["What", "Stated or found"], rows, n_text=2)
    return Section("inventory", "Inventory", [table])


def factors_section(folder, facts, names=()):
    """Lay out each factor with its source and how it was made; None if none is known."""
    training = {} if folder is None else folder.training
    methods = {} if folder is None else folder.map.get("methods") or {}
    names = list(dict.fromkeys([*(training.get("factors") or names), *facts.factors]))
    classes = training.get("categorical") or []
    used = training.get("factors")
    rows = [
        [
            name,
            _kind(name, used, classes),
            said(facts.factors.get(name)),
            methods.get(name, "–"),
            "yes" if used is None or name in used else "no",
        ]
        for name in names
    ]
    if not rows:
        return None
    headings = ["Factor", "Kind", "Source", "How it was made", "In the model"]
    return Section(
        "factors",
        "Factors",
        [Table("Factors, their sources and how they were made", headings, rows, n_text=5)],
    )


def _kind(name, used, classes):
    """Say whether a factor holds classes, where the model tells it."""
    if used is None or name not in used:
        return "–"
    return "classes" if name in classes else "quantity"


def zone_rows(table):
    """Turn the records of a table of zones into headings and rows."""
    heads = {name: head for name, head in _ZONE_HEADINGS.items() if name in table[0]}
    rows = []
    for record in table:
        rows.append([zone_number(name, record[name]) for name in heads])
    return list(heads.values()), rows


def map_section(folder):
    """Show the map, and the table of its zones."""
    blocks = []
    if (picture := picture_of(folder.path / "map.png")) is not None:
        names = ", ".join(folder.map["zones"]["names"])
        blocks.append(
            Pictures(
                [
                    Picture(
                        picture,
                        f"Map of the susceptibility zones: {names}",
                        "Zones of susceptibility; hatched is outside the area of applicability.",
                    )
                ],
                wide=True,
            )
        )
    headings, rows = zone_rows(folder.map["zone_table"])
    blocks.append(Table("Zones", headings, rows))
    inventory = folder.map.get("inventory")
    if inventory and not inventory.get("is_new"):
        text = (
            "The landslides counted here are those of the training table, so density and "
            "frequency ratio are optimistic."
        )
        blocks.append(Paragraph(text))
    if folder.map.get("n_refits"):
        text = (
            f"Uncertainty is in uncertainty.tif: the spread of {folder.map['n_refits']} models of "
            "other data."
        )
        blocks.append(Paragraph(text))
    return Section("map", "The map", blocks)


def validation_section(folder, comparisons):
    """Say how the model was tested, and what that found; None if nothing is known."""
    blocks = []
    if folder is not None and folder.training:
        training, rows = folder.training, []
        for name, key in (
            ("Spatial blocks", "auc_blocks"),
            ("Spatial blocks, with flat ground", "auc_with_flat"),
            ("Random folds", "auc_random"),
        ):
            if scores := training.get(key):
                lowest, highest = min(scores), max(scores)
                rows.append(
                    [
                        name,
                        str(len(scores)),
                        f"{np.mean(scores):.3f}",
                        f"{np.std(scores, ddof=1):.3f}" if len(scores) > 1 else "-",
                        f"{lowest:.3f} to {highest:.3f}",
                    ]
                )
        headings = ["Folds", "Number", "Mean ROC-AUC", "Standard deviation", "Range"]
        blocks.append(Paragraph(_design(training)))
        blocks.append(Table("Folds of the map's model", headings, rows))
        if training.get("why_no_blocks"):
            blocks.append(Paragraph(f"No spatial blocks: {training['why_no_blocks']}"))
    for name, one in comparisons.items():
        n_folds, n_rows = one.folds["fold"].nunique(), one.predictions["row"].nunique()
        text = f"Comparison “{name}”: {n_folds} folds of {n_rows} places."
        if one.inputs is not None:
            text += f" {one.inputs.cv}."
        blocks.append(Paragraph(text))
    return Section("validation", "Validation", blocks) if blocks else None


def _are_cells(training):
    """Say whether a landslide of the training table is several of its rows."""
    return training.get("n_landslides") not in (None, training["landslides"])


def _landslides(training):
    """Count the landslides of the training table, or their cells."""
    if not _are_cells(training):
        return plural(training["landslides"], "landslide")
    cells, landslides = training["landslides"], training["n_landslides"]
    return f"{plural(cells, 'cell')} of {plural(landslides, 'landslide')}"


def _design(training):
    text = (
        f"The map's model is {training['model']}, trained on {training['rows']} places, "
        f"{_landslides(training)} among them. It was fitted again without each fold "
        "and scored there. Spatial blocks are compact pieces of ground: their score is what to "
        "expect away from the inventory. In random folds, test places lie next to training "
        "places, so their score is optimistic."
    )
    if training.get("absences"):
        text += (
            f" Places without a landslide were drawn at random, {training['absences']:g} for each, "
            f"{training['absence_buffer']:g} m or more away from all landslides."
        )
    if training.get("min_slope"):
        text += f" Ground flatter than {training['min_slope']:g} degrees was left out."
    return text


def capture_section(folder, comparisons, later, capture_of):
    """Say which share of the landslides falls into the most susceptible ground."""
    rows = []
    if folder is not None:
        training, about = folder.training, folder.map
        if training.get("capture"):
            where = "spatial blocks" if training.get("auc_blocks") else "random folds"
            rows.append([f"Unseen in {where}, among places without", training["capture"]])
        if about.get("capture"):
            new = about.get("inventory") and about["inventory"].get("is_new")
            rows.append(
                ["Inventory on the map" + ("" if new else " (optimistic)"), about["capture"]]
            )
    if later is not None:
        rows.append(["Later landslides on the map", later.capture["landslide_share"].tolist()])
    for name, one in comparisons.items():
        for model, shares in capture_of(one).items():
            rows.append([f"{model}, out of fold, “{name}”", shares])
    if not rows:
        return None
    headings = ["Landslides", *(f"{100 * share:.0f} % of the ground" for share in CAPTURE_SHARES)]
    rows = [[name, *(f"{100 * share:.0f} %" for share in shares)] for name, shares in rows]
    rows.append(["Chance", *(f"{100 * share:.0f} %" for share in CAPTURE_SHARES)])
    text = (
        "Which share of the landslides falls into the most susceptible part of the ground. Where "
        "there is a map, ground is its cells; where there is a table only, it is the table's "
        "places without a landslide."
    )
    return Section(
        "capture",
        "Landslides in the most susceptible ground",
        [Paragraph(text), Table("Share of the landslides", headings, rows)],
    )


def origin_rows(folder):
    """Rows on where the map comes from."""
    if folder is None:
        return []
    digests = folder.map.get("fingerprints") or {}
    rows = [["Map written", said(folder.facts.get("written"))]]
    rows += [[f"SHA-256 of {name}", said(digest)] for name, digest in digests.items()]
    return rows + [
        [name, said(text)] for name, text in (folder.facts.get("versions") or {}).items()
    ]
