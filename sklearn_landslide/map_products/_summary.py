"""The summary of a map in plain words."""

from datetime import UTC, datetime

import numpy as np

from sklearn_landslide._escaping import markdown_code, markdown_text
from sklearn_landslide._versions import installed_versions
from sklearn_landslide._words import percent, plural
from sklearn_landslide.map_products._zone_lines import zone_lines
from sklearn_landslide.metrics import CAPTURE_SHARES

_REFITS = {
    "blocks": "models, each of which was fitted without one of the spatial blocks",
    "folds": "models, each of which was fitted without one of the random folds",
    "refits": "fits to bootstrap samples",
}
_RESAMPLED = {
    "under": "Of the places without a landslide each fit took as many as there are landslides.",
    "none": "The training rows were not resampled.",
}


def _mean_sd(aucs):
    """Mean and standard deviation, as `compare_models` counts it; of one fold there is none."""
    spread = f" ± {np.std(aucs, ddof=1):.3f}" if len(aucs) > 1 else ""
    return f"{np.mean(aucs):.3f}{spread}"


def _as_code(names):
    return ", ".join(map(markdown_code, names))


def _polygons(facts):
    """Say what the polygons of the inventory became."""
    what = {
        "cells": "every cell of a polygon",
        "one": "one cell in the middle of a polygon",
        "scarp": "the highest cell of a polygon",
    }.get(facts.polygons)
    if what is None:
        what = f"{markdown_text(facts.polygons)} cells of a polygon, drawn at random, or all it has"
    return (
        f"- The {plural(facts.landslides, 'cell')} of landslides come from "
        f"{plural(facts.n_landslides, 'landslide')}: {what}. The cells of a landslide are never "
        "divided between training and test."
    )


_LEARNED = {
    "none": "nothing was relearned",
    "prior": "the frequency of landslides was relearned",
    "head": "the frequency of landslides and the last layers were relearned",
    "fine_tune": "the frequency of landslides and all layers were relearned, starting from their "
    "previous values",
    "stacking": "a logistic regression was fitted to its output and the factors",
}


def _landslides(facts):
    """Count the landslides of the training table, or their cells."""
    cells = plural(facts.landslides, "landslide")
    if _are_cells(facts):
        cells = f"{plural(facts.landslides, 'cell')} of {plural(facts.n_landslides, 'landslide')}"
    return cells


def _adapted(facts):
    """Say which model of another region this one was before, and what that is worth here."""
    before = f"- It is a model from another region ({markdown_text(facts.source_model)}"
    if facts.source_rows and facts.source_landslides is not None:
        before += (
            f", trained on {facts.source_rows} places with {facts.source_landslides} landslides"
        )
    lines = [
        f"{before}), adapted to the {_landslides(facts)} of this one: "
        f"{_LEARNED.get(facts.adapt, 'it is not known what was relearned')}."
    ]
    if facts.target_weight:
        lines.append(
            f"- A model trained on this region alone has a share of {facts.target_weight:.2f} in "
            "the "
            "log-odds."
        )
    aucs = facts.auc_blocks or facts.auc_random
    if facts.auc_source and aucs:
        where = "spatial blocks" if facts.auc_blocks else "random folds"
        gain = np.mean(aucs) - np.mean(facts.auc_source)
        lines.append(
            f"- ROC-AUC of the other region's model without adaptation, in the same {where}: "
            f"{_mean_sd(facts.auc_source)}. Adapting it makes a difference of {gain:+.3f}."
        )
    return lines


def _flat_ground(facts):
    """Say what flat ground, had it not been left out, would have made of the score."""
    line = (
        f"- Ground flatter than {facts.min_slope:g} degrees was left out of the scores, "
        f"{facts.n_flat} places of the table"
        + ("; no place without a landslide was drawn there." if facts.absences else ".")
    )
    if not facts.auc_with_flat or not facts.auc_blocks:
        return line
    gain = np.mean(facts.auc_with_flat) - np.mean(facts.auc_blocks)
    counted = "drawn anywhere" if facts.absences else "of all slopes counted"
    return (
        f"{line} With places {counted}, the same models would have had a ROC-AUC of "
        f"{_mean_sd(facts.auc_with_flat)} in the spatial blocks: trivial ground makes a "
        f"difference of {gain:+.3f}."
    )


def _are_cells(facts):
    """Say whether a landslide of the training table may be several of its rows."""
    return facts.n_landslides is not None and facts.n_landslides != facts.landslides


def _trial(facts):
    """Say that it is one."""
    if facts is None or facts.trial is None:
        return []
    return [f"**{markdown_text(facts.trial).capitalize()}.**", ""]


def _training(facts):
    """Lines on the training table and how it was tested."""
    if facts is None:
        return ["The model came from a file that says nothing about its training."]
    share = percent(facts.landslides / facts.rows)
    lines = [
        f"- Model: {markdown_text(facts.model)}, seed {facts.random_state}.",
        f"- Training table: {facts.rows} places, {_landslides(facts)} among them ({share}).",
        f"- Factors: {_as_code(facts.factors)}"
        + (f"; classes: {_as_code(facts.categorical)}." if facts.categorical else "."),
    ]
    if facts.source_model is not None:
        lines += _adapted(facts)
    if facts.polygons is not None and facts.n_landslides is not None:
        lines.append(_polygons(facts))
    if facts.absences:
        each = "cell of a landslide" if _are_cells(facts) else "landslide"
        lines.append(
            f"- Places without a landslide were drawn at random: {facts.absences:g} for each "
            f"{each}, {facts.absence_buffer:g} m or more away from all landslides."
        )
    if facts.resample in _RESAMPLED:
        lines.append(f"- {_RESAMPLED[facts.resample]}")
    if facts.prevalence is not None:
        lines.append(
            "- Probabilities refer to the stated share of landslides in the study area, "
            f"{facts.prevalence:g}."
        )
    else:
        share = percent(list(facts.probabilities_of.values())[-1])
        lines.append(
            f"- Probabilities refer to the share of landslides in the table, {share}. "
            "If landslides and other places were sampled separately, this is not their share in "
            "the area: state the true share as prevalence."
        )
    if facts.auc_blocks:
        lines.append(
            f"- ROC-AUC in {len(facts.auc_blocks)} spatial blocks: "
            f"{_mean_sd(facts.auc_blocks)}. This is what to expect away from the inventory."
        )
    else:
        lines.append(f"- No ROC-AUC in spatial blocks: {markdown_text(facts.why_no_blocks)}")
    folds = plural(len(facts.auc_random), "random fold")
    lines.append(
        f"- ROC-AUC in {folds}: {_mean_sd(facts.auc_random)}. "
        "Test places lie next to training places here, so this score is optimistic."
    )
    if facts.min_slope is not None and facts.n_flat is not None:
        lines.append(_flat_ground(facts))
    if facts.shares:
        lines.append(_shares(facts))
    return lines


def _shares(facts):
    """Say what the paths beside the network count, and how this was chosen."""
    of_line, of_memory = (facts.shares.get(f"{p}_weight") or 0 for p in ("linear", "memory"))
    of_network = (1 - of_line) * (1 - of_memory)
    where = "away from" if facts.ground == "away" else "near"
    return (
        f"- Shares in the log-odds: the network {percent(of_network)}, its straight line "
        f"{percent(of_line * (1 - of_memory))} and its memory of the training places "
        f"{percent(of_memory)}. They were chosen for ground {where} the inventory, using the "
        f"folds above; each fold was scored with the shares that did best on the others."
    )


def _limits(facts):
    """Lines on what is mapped: the area, and units instead of cells."""
    lines = []
    if facts.mask:
        limits = [("inside", facts.mask.get("area")), ("outside", facts.mask.get("exclude"))]
        where = " and ".join(f"{side} {markdown_code(name)}" for side, name in limits if name)
        kept, all_cells = facts.mask["n_kept"], facts.mask["n_cells"]
        lines.append(
            f"- Only ground {where} is sampled, mapped and counted: {kept} of {all_cells} cells "
            f"({percent(kept / all_cells)})."
        )
    if facts.n_units is not None:
        area = facts.n_cells * facts.cell_area / facts.n_units
        lines.append(
            f"- {facts.n_units} mapping units of {area:.3g} km² on average, each with one "
            "probability. Places are units, and those without a landslide are the absences."
        )
    return lines


def _gaps(facts):
    """Lines on ground that is not mapped, as some factor has no value there."""
    if not facts.gaps:
        return []
    worst = sorted(facts.gaps.items(), key=lambda item: -item[1])
    said = ", ".join(f"{markdown_code(name)} on {percent(share)}" for name, share in worst)
    return [
        "- A cell is mapped only if every factor has a value there. Share of the ground without "
        f"a value: {said}."
    ]


def _methods(facts):
    """Lines on how the factors were made."""
    if not facts.methods:
        return []
    lines = [
        f"- {markdown_code(name)}: {markdown_text(how)}" for name, how in facts.methods.items()
    ]
    return ["## How the factors were made", "", *lines, ""]


def _map(facts):
    """Lines on the map itself."""
    zones, area = facts.zones, facts.n_cells * facts.cell_area
    lines = [
        f"- {facts.rows} rows, {facts.columns} columns, {markdown_text(facts.crs)}; "
        f"{facts.n_cells} cells with all factors, {area:.4g} km².",
        *_limits(facts),
        *_gaps(facts),
        f"- Zones by {zones.method.replace('_', ' ')}, {facts.zones_from}: "
        f"{', '.join(f'{edge:.3g}' for edge in zones.edges_)}.",
    ]
    if facts.n_merged is not None:
        lines.append(
            f"- Patches of less than {facts.min_area:g} m² joined the zone with the longest common "
            f"border: {facts.n_merged} cells ({percent(facts.n_merged / facts.n_cells)}) changed "
            "zone."
        )
    if facts.flat is not None:
        lines.append(
            f"- {percent(facts.flat)} of the map is flatter than {facts.min_slope:g} degrees. It "
            "is mapped like all other ground, but by a model that was not tested there."
        )
    if facts.outside is None:
        lines.append("- The model came without an area of applicability: none was mapped.")
    else:
        lines.append(
            f"- {percent(facts.outside)} of the map is outside the area of applicability "
            f"(dissimilarity above {facts.threshold:.3g}): no training place is similar there."
        )
    spread = "the standard deviation over the members of the model's ensemble"
    if not facts.wants_spread:
        spread = "not mapped, as it was not asked for"
    elif facts.n_refits:
        spread = f"the standard deviation over {facts.n_refits} {_REFITS.get(facts.refits, 'fits')}"
    elif not facts.has_spread:
        spread = "not mapped, as the model came without members or refits"
    lines.append(f"- Uncertainty: {spread}.")
    if facts.unused:
        lines.append(f"- Bands that the model does not use: {_as_code(facts.unused)}.")
    return lines


def _unsaved(facts):
    """Say why there is no file with the model, if there is none."""
    if facts.why_unsaved is None:
        return []
    why = markdown_text(facts.why_unsaved)
    return [f"- There is no model.zip, to map other ground with the same zones: {why}"]


def _inventory(facts, mask):
    """Lines on the inventory of the map, None where there was none."""
    if facts is None:
        return ["- No inventory was given: landslides are neither drawn nor counted."]
    outside = "None of its places lies outside the stack."
    if facts.n_outside:
        lie, were = ("lies", "was") if facts.n_outside == 1 else ("lie", "were")
        outside = f"{facts.n_outside} of its places {lie} outside the stack and {were} left out."
    unmapped = ""
    if facts.n_unmapped > 0:
        why = "a factor has no value there"
        if mask:
            why += ", or it is outside the study area"
        unmapped = f" and {facts.n_unmapped} on ground that is not mapped, as {why}"
    lines = [
        f"- Inventory: {plural(facts.n_landslides, 'landslide')}, {facts.n_on_map} of them on the "
        f"map{unmapped}. {outside}"
    ]
    if facts.auc is not None:
        lines.append(f"- ROC-AUC at these places, which are new to the model: {facts.auc:.3f}.")
    if not facts.is_new:
        lines.append(
            "- The landslides counted in the zones are those of the training table, so density "
            "and frequency ratio are optimistic."
        )
    return lines


def _captures(training, facts):
    """Lines on how many landslides lie in the most susceptible ground; none if nothing is known."""
    rows = {}
    if training is not None and training.capture and len(training.capture) == len(CAPTURE_SHARES):
        where = "spatial blocks" if training.auc_blocks else "random folds"
        rows[f"not seen in training ({where}), among places without"] = training.capture
    if facts.capture is not None:
        known = facts.inventory is not None and facts.inventory.is_new
        rows["of the inventory, on the map" + ("" if known else " (optimistic)")] = facts.capture
    if not rows:
        return []
    heads = [f"{100 * share:.0f} %" for share in CAPTURE_SHARES]
    return [
        "## Landslides in the most susceptible ground",
        "",
        "Share of the landslides that falls into the most susceptible part of the ground:",
        "",
        f"| landslides | {' | '.join(heads)} |",
        "|---" + "|---:" * len(heads) + "|",
        *(
            f"| {name} | {' | '.join(f'{100 * share:.0f} %' for share in shares)} |"
            for name, shares in rows.items()
        ),
        "",
    ]


def _contributions(facts):
    """Say what the maps of contributions show; nothing where there are none."""
    about = facts.contributions
    if about is None:
        return []
    deciding = ", ".join(
        f"{markdown_code(name)} on {percent(share)}"
        for name, share in about["deciding"].items()
        if share >= 0.005
    )
    error = float(about["standard_error"])
    method = markdown_text(about["method"]) + (f", standard error {error:g}" if error else "")
    return [
        f"- What {_as_code(about['strongest'])} contribute at each place is in contributions.tif: "
        f"log-odds against the mean of the map ({method}). The factor with the largest "
        f"contribution is {deciding} of the map."
    ]


def summary_text(training, facts, names, sections=()):
    """Write what was done, with what, and how far it may be trusted.

    Parameters
    ----------
    training : TrainingFacts or None
        What the model tells of its training.
    facts : MapFacts
        What is known of the map.
    names : list of str
        The files beside the summary.
    sections : list of (str, list of str), default=()
        Further headings and lines.

    Returns
    -------
    text : str
        Markdown.
    """
    versions = ", ".join(f"{name} {number}" for name, number in installed_versions("skops").items())
    hashes = [
        f"- {markdown_code(name)}: {digest}"
        if digest
        else f"- {markdown_text(name)}: no file, so no fingerprint"
        for name, digest in facts.fingerprints.items()
    ]
    lines = [
        "# Landslide susceptibility map",
        "",
        *_trial(training),
        f"Written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Files: {_as_code(names)}.",
        "",
        "## The model",
        "",
        *_training(training),
        "",
        "## The map",
        "",
        *_map(facts),
        *_contributions(facts),
        *_unsaved(facts),
        *_inventory(facts.inventory, facts.mask),
        "",
        "## The zones",
        "",
        *zone_lines(facts.zone_table),
        "",
        *(f"**Warning.** {markdown_text(line)}\n" for line in facts.zone_warnings),
        *_captures(training, facts),
        *(line for title, more in sections for line in (f"## {title}", "", *more, "")),
        *_methods(facts),
        "## Where it comes from",
        "",
        "SHA-256 of what was read:",
        "",
        *hashes,
        "",
        f"Versions: {versions}.",
        "",
    ]
    return "\n".join(lines)
