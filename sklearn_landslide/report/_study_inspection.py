"""The parts of a study's page on what the model has learned, and on what it misses."""

from sklearn_landslide.inspection import FactorEffects, FactorImportance, ResidualAutocorrelation
from sklearn_landslide.plotting import save_factor_effects, save_factor_importance, save_residuals
from sklearn_landslide.report._page_parts import (
    Bullets,
    Paragraph,
    Picture,
    Pictures,
    Section,
    Table,
    number,
    pvalue,
)
from sklearn_landslide.report._report import audit_section
from sklearn_landslide.report._scores import heading
from sklearn_landslide.report._study_parts import MOST_ROWS, drawn_source

# Kind of the result, how it is drawn, title and caption of each part.
_KINDS = {
    "effects": (
        FactorEffects,
        save_factor_effects,
        "Effects of the factors",
        "How the prediction changes with each factor, on places that were not seen.",
    ),
    "importance": (
        FactorImportance,
        save_factor_importance,
        "Importance of the factors",
        "Loss of score on unseen places when a factor is shuffled.",
    ),
    "residuals": (
        ResidualAutocorrelation,
        save_residuals,
        "What the models miss",
        "Left: how similar the errors at two places are, by their distance. Right: where the "
        "errors lie.",
    ),
}


def inspection_section(name, result):
    """Lay out a result of the room ``inspection``: its words, picture and table.

    Parameters
    ----------
    name : {"effects", "importance", "residuals"}
        Which part it is.
    result : object
        A result of that room, or anything else that has ``in_words()``.

    Returns
    -------
    section : Section
    """
    kind, save, *_ = _KINDS[name]
    if not isinstance(result, kind):
        return _section(name, {"in_words": result.in_words()}, None)
    return _section(name, result.to_dict(), drawn_source(save, result))


def inspection_sections(folder):
    """Lay out what the command ``inspect`` has written.

    Parameters
    ----------
    folder : InspectionFolder
        As it was read.

    Yields
    ------
    section : Section
    """
    audit = audit_section(folder.audit)
    whose = Paragraph(f"Of {folder.model} on {folder.table}.")
    yield Section(audit.name, audit.title, [whose, *audit.blocks])
    for name, part in folder.parts.items():
        section = _section(name, part, folder.pictures[name])
        yield Section(section.name, section.title, [whose, *section.blocks])


def _section(name, part, picture):
    """Lay out words, and picture and table where there are any."""
    *_, title, caption = _KINDS[name]
    blocks = [Bullets("", [str(one) for one in part["in_words"]])]
    if picture is not None:
        blocks.append(Pictures([Picture(picture, f"{title}. {caption}", caption)], wide=True))
        blocks.append(_TABLES[name](part))
    return Section(name, title, blocks)


def _number(value, shown=number):
    return "–" if value is None else shown(float(value))


def _interval(row):
    if row["low"] is None or row["high"] is None:
        return "–"
    return f"{row['low']:+.3f} to {row['high']:+.3f}"


def _importance_table(part):
    rows = [
        [
            str(row["factor"]),
            "within strata of the others" if row["conditional"] else "over all places",
            _number(row["mean"], "{:+.3f}".format),
            _interval(row),
        ]
        for row in part["table"][:MOST_ROWS]
    ]
    headings = ["Factor", "Shuffled", f"Loss of {heading(part['scoring'])}", "95 % interval"]
    return Table("Loss when the factor is shuffled", headings, rows, n_text=2)


def _effects_table(part):
    rows = [
        [str(row["factor"]), str(row["shape"] or "–"), _number(row["strength"])]
        for row in part["factors"][:MOST_ROWS]
    ]
    headings = ["Factor", "Course", "Strength"]
    return Table("Effects, the strongest first", headings, rows, n_text=2)


def _residuals_table(part):
    rows = [
        [
            f"{_number(row['from'])} to {_number(row['to'])}",
            _number(row["n_pairs"]),
            _number(row["moran_i"], "{:.3f}".format),
            _number(row["pvalue_holm"], pvalue),
        ]
        for row in part["correlogram"][:MOST_ROWS]
    ]
    headings = ["Distance (m)", "Pairs", "Moran's I", "p, adjusted"]
    return Table("Moran's I of what is missed", headings, rows)


_TABLES = {
    "effects": _effects_table,
    "importance": _importance_table,
    "residuals": _residuals_table,
}
