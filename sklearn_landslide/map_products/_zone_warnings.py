"""What is odd about the zones of a map, and what to do about it."""

import numpy as np

# A zone of less ground than this is hardly one, and edges nearer than this look like one edge.
_SMALL, _NARROW = 0.0005, 0.001
# Zones whose densities are nearer to each other than a fifth are as dense, for all that is known.
_FEWER = 0.8


def zone_warnings(table, n_cells, *, may_change):
    """Say which zones hold next to nothing, and where landslides do not become more with them.

    Parameters
    ----------
    table : DataFrame
        The table of the zones, as `write_maps` writes it.
    n_cells : int
        Cells of the map.
    may_change : bool
        Whether the edges were learned with this map.

    Returns
    -------
    warnings : list of str
        Sentences.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.map_products._zone_warnings import zone_warnings
    >>> table = pd.DataFrame(
    ...     {
    ...         "name": ["low", "high"],
    ...         "from_probability": [0.0, 0.4],
    ...         "to_probability": [0.4, 1.0],
    ...         "area_share": [0.7, 0.3],
    ...         "landslides": [8, 3],
    ...         "density_per_km2": [2.0, 1.0],
    ...     }
    ... )
    >>> [line] = zone_warnings(table, 1000, may_change=False)
    >>> line.partition(".")[0]
    "The zone 'high' has fewer landslides per km² than 'low' below it: 1 (3) against 2 (8)"
    """
    return [*_small(table, n_cells, may_change), *_not_rising(table, may_change)]


def _small(table, n_cells, may_change):
    """Say which zones hold next to nothing of the map, or lie between edges that are one."""
    widths = table["to_probability"] - table["from_probability"]
    odd = (table["area_share"] < _SMALL) | (widths < _NARROW)
    if not odd.any():
        return
    cells = (table["area_share"] * n_cells).round().astype(int)
    said = [
        f"{name!r} holds {count} of {n_cells} cells, between {low:.4g} and {high:.4g}"
        for name, count, low, high in zip(
            table["name"][odd],
            cells[odd],
            table["from_probability"][odd],
            table["to_probability"][odd],
            strict=True,
        )
    ]
    advice = (
        "Ask for fewer zones, or for another method, such as quantile: the probabilities crowd "
        "at one end."
        if may_change
        else "The edges are those of the map on which they were learned."
    )
    yield f"The zone {'; '.join(said)}. {advice}"


def _not_rising(table, may_change):
    """Say where a zone has fewer landslides on its area than the one below it."""
    if "landslides" not in table or not table["landslides"].sum():
        return
    there = table[table["area_share"] > 0]
    density = there["density_per_km2"].to_numpy()
    for place in np.flatnonzero(density[1:] < _FEWER * density[:-1]):
        lower, upper = there.iloc[place], there.iloc[place + 1]
        advice = (
            "Ask for fewer zones, or look at what the model has learned, as the command inspect "
            "shows it."
            if may_change
            else "Here the model does not rank the ground as it did where it was trained."
        )
        yield (
            f"The zone {upper['name']!r} has fewer landslides per km² than {lower['name']!r} below "
            f"it: {upper['density_per_km2']:.3g} ({upper['landslides']}) against "
            f"{lower['density_per_km2']:.3g} ({lower['landslides']}). {advice}"
        )
