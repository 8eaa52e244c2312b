"""Colors of the zones: light for low, dark for high, for every eye and for the gray printer."""

import numpy as np

# From pale yellow over orange to dark red. Lightness falls evenly, which is what remains in
# gray, and no step leans on telling red from green.
_ANCHORS = np.array(
    [(255, 250, 205), (253, 186, 82), (236, 116, 47), (190, 48, 39), (110, 0, 40)], dtype=float
)


def zone_colors(n_classes=5):
    """Colors of the susceptibility zones, as a GeoTIFF's color table takes them.

    Parameters
    ----------
    n_classes : int, default=5
        Number of zones, 2 to 254.

    Returns
    -------
    colors : dict of int to tuple of 4 int
        Red, green, blue and opacity, 0 to 255, for the zones 1 (lowest) to `n_classes`
        (highest), and for 0, nodata, which is transparent.

    Raises
    ------
    ValueError
        If there are fewer than 2 or more than 254 zones.

    Examples
    --------
    >>> from sklearn_landslide.mapping import zone_colors
    >>> zone_colors(3)
    {0: (0, 0, 0, 0), 1: (255, 250, 205, 255), 2: (236, 116, 47, 255), 3: (110, 0, 40, 255)}
    """
    if not 2 <= n_classes <= 254:
        raise ValueError(f"Zones are 2 to 254, got n_classes={n_classes}.")
    places = np.linspace(0, len(_ANCHORS) - 1, n_classes)
    channels = [np.interp(places, range(len(_ANCHORS)), channel) for channel in _ANCHORS.T]
    colors = np.rint(np.column_stack(channels)).astype(int).tolist()
    return {0: (0, 0, 0, 0)} | {zone: (*color, 255) for zone, color in enumerate(colors, start=1)}
