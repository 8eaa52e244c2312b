"""The table of the zones in the summary of a map, in numbers for people."""

from sklearn_landslide._escaping import markdown_text
from sklearn_landslide.mapping import zone_number


def zone_lines(table):
    """Lay out the table of the zones in Markdown, for people.

    Parameters
    ----------
    table : DataFrame
        As of `zone_table`.

    Returns
    -------
    lines : list of str
    """
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
        cells = [markdown_text(zone_number(name, row[name])) for name in heads]
        lines.append("| " + " | ".join(cells) + " |")
    if "frequency_ratio" in heads:
        lines += [
            "",
            "The frequency ratio is the share of the landslides over the share of the area: 1 "
            "where a zone has as many landslides as its area alone would give it, 2 where it has "
            "twice as many.",
        ]
    return lines
