"""The parts of a study's page: each lays out one thing that was found."""

import base64
from io import BytesIO

import pandas as pd

from sklearn_landslide._versions import installed_versions
from sklearn_landslide._words import percent
from sklearn_landslide.comparison import ranked
from sklearn_landslide.metrics import landslide_capture
from sklearn_landslide.plotting import save_map_score, save_sensitivity
from sklearn_landslide.report._page_parts import (
    Bullets,
    Paragraph,
    Picture,
    Pictures,
    Section,
    Table,
    number,
)
from sklearn_landslide.report._pictures import curves_section
from sklearn_landslide.report._region_report import numbers_section, picture_section
from sklearn_landslide.report._study_folders import read_sensitivity
from sklearn_landslide.report._study_map import origin_rows, zone_rows
from sklearn_landslide.report._tests import ranking_rule
from sklearn_landslide.robustness import SensitivityResult

_DPI = 110
# Rows of a table of results that a page shows.
MOST_ROWS = 40
# What a study may hold, and how each part is made.
_HOW = {
    "map": "the command map",
    "later": "the command score, or --test-inventory of the command study",
    "units": "--units-of of the command study, or terrain.zones_by_unit",
    "comparison": "the command compare",
    "audit": "the command inspect, or model_selection.audit",
    "effects": "the command inspect, or inspection.factor_effects",
    "importance": "the command inspect, or inspection.factor_importance",
    "residuals": "the command inspect, or inspection.residual_autocorrelation",
    "sensitivity": "the command sensitivity",
    "regions": "transfer.compare_regions",
}
_TITLES = {
    "map": "A map",
    "later": "A test by later landslides",
    "units": "Zones by administrative unit",
    "comparison": "A comparison of models, baselines among them",
    "audit": "A leakage audit",
    "effects": "Effects of the factors",
    "importance": "Importance of the factors",
    "residuals": "A test of the residuals for what neighbors share",
    "sensitivity": "Sensitivity to poor data",
    "regions": "Transfer from or to another region",
}


def capture_of(comparison):
    """Capture of each model, fold by fold, each weighted with its landslides."""
    tested = comparison.predictions.dropna(subset=["fold"])
    found = {}
    for model in comparison.table.index:
        shares, weights = [], []
        for _, rows in tested.groupby("fold"):
            y = rows["y_true"].to_numpy()
            if 0 < y.sum() < len(y):
                # The places without landslide are the ground.
                shares.append(landslide_capture(y, rows[model], area=(y == 0).astype(float)))
                weights.append(y.sum())
        if shares:
            weighted = pd.DataFrame(shares).mul(weights, axis=0).sum() / sum(weights)
            found[str(model)] = weighted.tolist()
    return found


def drawn(save, result, alt, caption, *, wide=True):
    """Draw a result by the function that saves its picture."""
    return Pictures([Picture(drawn_source(save, result), alt, caption)], wide=wide)


def drawn_source(save, result):
    """Draw a result by the function that saves its picture; return it as a data URI."""
    file = BytesIO()
    save(result, file, dpi=_DPI)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _table(caption, frame, n_text=1):
    """Lay out a frame; numbers in few digits."""
    rows = [
        [one if isinstance(one, str) else _cell(one) for one in row]
        for row in frame.head(MOST_ROWS).astype(object).itertuples(index=False)
    ]
    rows = [[str(row[0]), *row[1:]] for row in rows]
    return Table(caption, [str(name).replace("_", " ") for name in frame], rows, n_text=n_text)


def _cell(value):
    if isinstance(value, bool) or not pd.api.types.is_number(value):
        return "–" if value is None or value is pd.NA else str(value)
    return number(float(value))


def comparison_sections(comparisons):
    for place, (name, one) in enumerate(comparisons.items(), start=1):
        one = ranked(one, "roc_auc")
        curves = curves_section(one, "roc_auc")
        cells = one._cells(3)
        rows = [
            [str(model), *row] for model, row in zip(cells.index, cells.to_numpy(), strict=True)
        ]
        yield Section(
            f"comparison-{place}",
            f"Models compared: {name}",
            [
                Paragraph(
                    "Mean ± standard deviation over folds that are the same for all; "
                    f"{ranking_rule(one, 'roc_auc')}."
                ),
                Table("Scores", ["Model", *map(str, cells.columns)], rows),
                *curves.blocks,
            ],
        )


def later_section(later):
    blocks = [
        Bullets("", later.in_words()),
        drawn(
            save_map_score,
            later,
            f"Prediction-rate curve, ROC-AUC {later.scores.loc['roc_auc', 'value']:.3f}",
            "Share of the later landslides in the most susceptible share of the ground.",
            wide=False,
        ),
    ]
    if later.zones is not None:
        headings, rows = zone_rows(later.zones.reset_index().to_dict("records"))
        blocks.append(Table("Later landslides by zone", headings, rows))
    return Section("later", "Later landslides", blocks)


def units_section(units):
    """Lay out zones by unit, one row per unit, one column per zone."""
    names = list(dict.fromkeys(units["name"]))
    rows = []
    for unit, part in units.groupby("unit", sort=False):
        first = part.iloc[0]
        cells = [f"{one.area_km2:.3g} ({percent(one.area_share)})" for one in part.itertuples()]
        if not first["unit_area_km2"] > 0:
            cells = ["–"] * len(names)
        row = [str(unit), f"{first['unit_area_km2']:.4g}", *cells]
        row.append(number(float(first["unit_mean_probability"]), 3))
        if "unit_landslides" in part:
            row.append(str(int(first["unit_landslides"])))
        rows.append(row)
    headings = ["Unit", "Mapped km²", *(f"{name}, km²" for name in names), "Mean susceptibility"]
    headings += ["Landslides"] if "unit_landslides" in units else []
    text = (
        "Area of each zone in each unit, in square kilometers and as a share of the unit's mapped "
        "ground. Cells count with the share that lies in the unit."
    )
    blocks = [Paragraph(text), Table("Zones by unit", headings, rows)]
    return Section("units", "Zones by administrative unit", blocks)


def result_section(name, title, result, tables=()):
    """Lay out a result that puts itself into words."""
    words = result.in_words()
    words = words.splitlines() if isinstance(words, str) else words
    blocks = [Bullets("", [str(one) for one in words])]
    blocks += [_table(caption, frame) for caption, frame in tables if len(frame)]
    return Section(name, title, blocks)


def sensitivity_section(given):
    title = "Sensitivity to poor data"
    if isinstance(given, SensitivityResult):
        section = result_section("sensitivity", title, given)
        caption = "What each perturbation costs each model, in ROC-AUC."
        section.blocks.append(drawn(save_sensitivity, given, caption, caption))
        return section
    found = read_sensitivity(given)
    text = "What poor data cost: the loss of ROC-AUC on clean test places, mean over the folds."
    losses = found.losses.assign(level=found.losses["level"].astype(str))
    losses.insert(1, "level", losses.pop("level"))
    blocks = [Paragraph(text)]
    if found.picture is not None:
        caption = "What each perturbation costs each model, in ROC-AUC."
        blocks.append(Pictures([Picture(found.picture, caption, caption)], wide=True))
    blocks.append(_table("Loss of ROC-AUC", losses, n_text=3))
    return Section("sensitivity", title, blocks)


def regions_section(regions):
    section = Section("regions", "Another region", [Bullets("", regions.in_words())])
    section.blocks.extend(picture_section(regions).blocks)
    section.blocks.extend(numbers_section(regions).blocks)
    return section


def not_made_section(parts):
    """List what a study may hold and this one does not."""
    rows = [[_TITLES[name], _HOW[name]] for name, given in parts.items() if given in (None, {})]
    if not rows:
        return Section("not-made", "Not made", [Paragraph("All parts of a study were made.")])
    text = "A study may hold these parts, too. They were not made, so nothing is said of them."
    table = Table("Not made", ["What", "How it is made"], rows, n_text=2)
    return Section("not-made", "Not made", [Paragraph(text), table])


def origin_section(folder):
    rows = [["Page written with", f"sklearn-landslide {installed_versions()['sklearn-landslide']}"]]
    table = Table("Origin", ["What", "Value"], [*rows, *origin_rows(folder)], n_text=2)
    return Section("origin", "Origin and versions", [table])
