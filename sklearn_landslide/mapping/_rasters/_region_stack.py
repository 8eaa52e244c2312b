"""The rasters of a synthetic region as a stack."""

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._rasters._stack import open_stack


def region_stack(region, *, factors=None, crs="EPSG:32632"):
    """Turn the rasters of a synthetic region into a stack, for maps whose truth is known.

    Parameters
    ----------
    region : Bunch
        As of :func:`~sklearn_landslide.datasets.make_landslides` with ``return_stack=True``.

    factors : sequence of str, default=None
        The factors to keep, in this order. If None, all.

    crs : str, default="EPSG:32632"
        The coordinate reference system to state. The coordinates are meters, but of no real place;
        they look like those of any UTM zone.

    Returns
    -------
    stack : xarray.Dataset
        One variable for each factor, float32, as :func:`open_stack` returns it; factors that hold
        codes have the names of their classes.

    Raises
    ------
    ValueError
        If the region has no rasters, or not the requested factors.

    See Also
    --------
    open_stack : Opens rasters of a real region.

    Examples
    --------
    >>> from sklearn_landslide.datasets import make_landslides
    >>> from sklearn_landslide.mapping import region_stack
    >>> region = make_landslides(100, shape=(40, 50), return_stack=True, random_state=0)
    >>> stack = region_stack(region, factors=["slope", "soil"])
    >>> dict(stack.sizes)
    {'y': 40, 'x': 50}
    >>> sorted(stack["soil"].attrs["class_names"]) == sorted(region.category_names["soil"])
    True
    """
    xarray = import_optional("xarray", extra="map")
    if "stack" not in region:
        raise ValueError("The region has no rasters: make it with return_stack=True.")
    names = list(region.stack) if factors is None else list(factors)
    unknown = [name for name in names if name not in region.stack]
    if unknown:
        raise ValueError(
            f"The region has no factor {unknown[0]!r}; its factors are {', '.join(region.stack)}."
        )
    side, _, west, _, _, north = region.transform
    rows, columns = next(iter(region.stack.values())).shape
    cells = {
        "y": north - side * (np.arange(rows) + 0.5),
        "x": west + side * (np.arange(columns) + 0.5),
    }
    layers = {}
    for name in names:
        classes = region.category_names.get(name)
        about = {"class_names": classes} if classes else {}
        layers[name] = (("y", "x"), region.stack[name].astype("float32"), about)
    return open_stack(xarray.Dataset(layers, cells), crs=crs)
