"""Distance to the rivers that follow from an elevation model."""

import numpy as np
from scipy import ndimage

from sklearn_landslide.terrain._drainage import drainage


def distance_to_rivers(elevation, *, cell_size, river_area=1e6):
    """Compute the distance to the nearest river that an elevation model has.

    Parameters
    ----------
    elevation : xarray.DataArray of shape (rows, columns)
        Elevation in meters, NaN where there is no ground.
    cell_size : tuple of (float, float)
        Width and height of a cell in meters.
    river_area : float, default=1e6
        Contributing area from which on there is a river, in square meters.

    Returns
    -------
    distance : xarray.DataArray of shape (rows, columns), float32
        Meters from the center of each cell to that of the nearest cell of a river, as the crow
        flies; NaN where there is no ground.

    Raises
    ------
    ValueError
        If no cell has that much contributing area.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> from sklearn_landslide.terrain._river_distance import distance_to_rivers
    >>> cells = {"y": 10.0 * np.arange(4)[::-1], "x": 10.0 * np.arange(5)}
    >>> valley = xr.DataArray(np.abs(np.arange(-2.0, 3.0)) - 0.1 * np.arange(4.0)[:, None], cells)
    >>> distance_to_rivers(valley, cell_size=(10.0, 10.0), river_area=1500.0).values[3]
    array([20., 10.,  0., 10., 20.], dtype=float32)
    """
    found = drainage(elevation.to_numpy(), cell_size=cell_size, river_area=river_area)
    if not found.streams.any():
        raise ValueError(
            f"no cell has a contributing area of {river_area:g} m², so there is no river: the "
            f"largest is {np.nanmax(found.area):.3g} m². Ask for less as river_area."
        )
    width, height = cell_size
    distance = ndimage.distance_transform_edt(~found.streams, sampling=(height, width))
    distance = np.where(np.isnan(found.filled), np.nan, distance).astype(np.float32)
    made = elevation.copy(data=distance)
    made.attrs = {
        "long_name": "distance to the nearest river",
        "units": "m",
        "method": f"as the crow flies, to cells of {river_area:g} m² of contributing area",
    }
    return made.rename("distance_to_river")
