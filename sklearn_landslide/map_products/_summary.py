"""The summary of a map in plain words."""

from datetime import UTC, datetime

import numpy as np

from sklearn_landslide._versions import installed_versions


def _mean_sd(aucs):
    return f"{np.mean(aucs):.3f} ± {np.std(aucs):.3f}"


def _listed(names):
    return ", ".join(f"`{name}`" for name in names)


def _training(facts):
    """Lines on the training table and how it was tested."""
    if not facts:
        return ["The model came from a file that tells nothing of its training."]
    share = facts["landslides"] / facts["rows"]
    chance = facts["probabilities_of"]
    lines = [
        f"- Model: {facts['model']}, seed {facts['random_state']}.",
        f"- Training table: {facts['rows']} places, {facts['landslides']} of them landslides "
        f"({share:.1%}).",
        f"- Factors: {_listed(facts['factors'])}"
        + (f"; classes: {_listed(facts['categorical'])}." if facts["categorical"] else "."),
    ]
    if facts.get("absences"):
        lines.append(
            f"- Places without a landslide were drawn at random: {facts['absences']:g} for each "
            f"landslide, {facts['absence_buffer']:g} m or more away from all of them."
        )
    if facts["prevalence"] is not None:
        lines.append(
            f"- Probabilities refer to a share of landslides of {facts['prevalence']:g} in the "
            "study area, as stated."
        )
    else:
        lines.append(
            f"- Probabilities refer to the share of landslides in the table, "
            f"{float(list(chance.values())[-1]):.1%}. Where landslides and other places were "
            "sampled separately, this is not their share in the area: state that as prevalence."
        )
    if facts["auc_blocks"]:
        lines.append(
            f"- ROC-AUC in {len(facts['auc_blocks'])} spatial blocks: "
            f"{_mean_sd(facts['auc_blocks'])}. This is what to expect away from the inventory."
        )
    else:
        lines.append(f"- No ROC-AUC in spatial blocks: {facts['why_no_blocks']}")
    lines.append(
        f"- ROC-AUC in {len(facts['auc_random'])} random folds: {_mean_sd(facts['auc_random'])}. "
        "Test places lie next to training places here, so it flatters."
    )
    return lines


def _map(result):
    """Lines on the map itself."""
    zones, area = result["zones"], result["n_cells"] * result["cell_area"]
    lines = [
        f"- {result['rows']} rows, {result['columns']} columns, {result['crs']}; "
        f"{result['n_cells']} cells with all factors, {area:.4g} km².",
        f"- Zones by {zones.method}, {result['zones_from']}: "
        f"{', '.join(f'{edge:.3g}' for edge in zones.edges_)}.",
    ]
    if result["outside"] is None:
        lines.append("- The model came without an area of applicability: none was mapped.")
    else:
        lines.append(
            f"- {result['outside']:.1%} of the map is outside the area of applicability "
            f"(dissimilarity above {result['threshold']:.3g}): no training place is alike there."
        )
    spread = "the standard deviation over the members of the model's ensemble"
    if result["n_refits"]:
        spread = f"the standard deviation over {result['n_refits']} fits to bootstrap samples"
    elif not result["has_spread"]:
        spread = "not mapped, as the model came without members or refits"
    lines.append(f"- Uncertainty: {spread}.")
    if result["unused"]:
        lines.append(f"- Bands that the model does not use: {_listed(result['unused'])}.")
    if result["n_landslides"] is None:
        lines.append("- No inventory was given: landslides are neither drawn nor counted.")
        return lines
    lines.append(
        f"- Inventory: {result['n_landslides']} landslides, {result['n_on_map']} of them on the "
        f"map; {result['n_outside']} of its places lie outside the stack and were left out."
    )
    if result["auc_here"] is not None:
        lines.append(f"- ROC-AUC at these places, new to the model: {result['auc_here']:.3f}.")
    if not result["is_new"]:
        lines.append(
            "- The landslides that are counted in the zones are those of the training table: "
            "density and frequency ratio flatter the model."
        )
    return lines


def _table(table):
    """Lay out the table of the zones in Markdown."""
    heads = {
        "name": "zone",
        "area_km2": "area, km²",
        "area_share": "share of area",
        "mean_probability": "mean probability",
        "landslides": "landslides",
        "density_per_km2": "landslides per km²",
        "frequency_ratio": "frequency ratio",
    }
    heads = {name: head for name, head in heads.items() if name in table}
    lines = [
        "| " + " | ".join(heads.values()) + " |",
        "|---" + "|---:" * (len(heads) - 1) + "|",
    ]
    for row in table.to_dict("records"):
        cells = [row[name] if isinstance(row[name], str) else f"{row[name]:.4g}" for name in heads]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def summary_text(map_model, table, result, names):
    """Write what was done, with what, and how far it may be trusted.

    Parameters
    ----------
    map_model : MapModel
        The model.
    table : DataFrame
        The table of the zones.
    result : dict
        What is known of the map.
    names : list of str
        The files beside the summary.

    Returns
    -------
    text : str
        Markdown.
    """
    versions = ", ".join(f"{name} {number}" for name, number in installed_versions("skops").items())
    hashes = [
        f"- `{name}`: {digest}" if digest else f"- {name}: no file, so no fingerprint"
        for name, digest in result["hashes"].items()
    ]
    lines = [
        "# Landslide susceptibility map",
        "",
        f"Written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Files: {_listed(names)}.",
        "",
        "## The model",
        "",
        *_training(map_model.facts),
        "",
        "## The map",
        "",
        *_map(result),
        "",
        "## The zones",
        "",
        *_table(table),
        "",
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
