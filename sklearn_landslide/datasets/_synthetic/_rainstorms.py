"""Rain as a crowd of cells that cross the region."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.special import ndtr

LEAST_RAIN = 0.1  # mm per hour; a gauge does not see less


class RainCell(NamedTuple):
    """A round cell of rain that moves, grows and dies.

    Its intensity is ``peak * exp(-d² / (2 radius²) - (t - hour)² / (2 duration²))`` at the
    distance d from its center, which is at ``(x + east * (t - hour), y + south * (t - hour))``.

    Attributes
    ----------
    peak : float
        Highest intensity, mm per hour.
    hour : float
        Time of the highest intensity, hours from the start.
    x, y : float
        Center at that time, meters east and south of the region's upper left corner.
    east, south : float
        Velocity in meters per hour.
    radius : float
        Meters.
    duration : float
        Hours.
    """

    peak: float
    hour: float
    x: float
    y: float
    east: float
    south: float
    radius: float
    duration: float


class Places(NamedTuple):
    """Where rain falls.

    Attributes
    ----------
    x, y : ndarray of shape (n_places,)
        Meters east and south of the region's upper left corner.
    climate : ndarray of shape (n_places,)
        Rain of the place over that of the region, in the long run.
    rise_east, rise_south : ndarray of shape (n_places,)
        Gradient of the terrain that the wind feels.
    """

    x: np.ndarray
    y: np.ndarray
    climate: np.ndarray
    rise_east: np.ndarray
    rise_south: np.ndarray


def places_of(factors, cell_size):
    """All cells of a region as places of rain.

    Parameters
    ----------
    factors : dict of str to ndarray of shape (rows, columns)
        Of the factors, ``altitude`` and ``rainfall``, the climate.
    cell_size : float
        Side of a cell in meters.

    Returns
    -------
    places : Places
        In the order of flat indices.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._rainstorms import places_of
    >>> plane = {"altitude": np.zeros((2, 3)), "rainfall": np.array([[100.0, 200.0, 300.0]] * 2)}
    >>> places = places_of(plane, 10.0)
    >>> places.x[:3].tolist(), places.climate[:3].tolist()
    ([5.0, 15.0, 25.0], [0.5, 1.0, 1.5])
    """
    rows, columns = np.indices(factors["altitude"].shape).reshape(2, -1)
    # Air does not follow every bump: lift comes from the terrain at a scale of a kilometer.
    smooth = gaussian_filter(factors["altitude"], 600.0 / cell_size, mode="nearest")
    south, east = np.gradient(smooth, cell_size)
    climate = (factors["rainfall"] / factors["rainfall"].mean()).ravel()
    return Places(
        cell_size * (columns + 0.5), cell_size * (rows + 0.5), climate, east.ravel(), south.ravel()
    )


def hourly_rain(cells, places, n_hours):
    """Rain of every hour at some places, integrated over the hour.

    A moving Gaussian that grows and dies is, at a place, a Gaussian in time: its hours are
    differences of the normal distribution, whatever the speed.

    Parameters
    ----------
    cells : sequence of RainCell
        The cells.
    places : Places
        The places.
    n_hours : int
        Number of hours.

    Returns
    -------
    rain : ndarray of shape (n_hours, n_places), float32
        mm per hour. Windward ground gets more and lee ground less, each cell by its own
        direction; below 0.1 mm there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._rainstorms import Places, RainCell, hourly_rain
    >>> flat = Places(np.array([0.0]), np.zeros(1), np.ones(1), np.zeros(1), np.zeros(1))
    >>> lasting = RainCell(5.0, 1.5, 0.0, 0.0, 0.0, 0.0, radius=1e3, duration=1e3)
    >>> hourly_rain([lasting], flat, 3).ravel().round(3).tolist()
    [5.0, 5.0, 5.0]
    """
    rain = np.zeros((n_hours, places.x.size), dtype=np.float32)
    for cell in cells:
        east, north = places.x - cell.x, places.y - cell.y
        along = (cell.east * east + cell.south * north) / cell.radius**2
        precision = (cell.east**2 + cell.south**2) / cell.radius**2 + cell.duration**-2
        passing = cell.hour + along / precision
        width = precision**-0.5
        total = (
            np.sqrt(2 * np.pi)
            * width
            * cell.peak
            * np.exp(along**2 / (2 * precision) - (east**2 + north**2) / (2 * cell.radius**2))
        )
        wet = np.flatnonzero(total > 0.01)
        if wet.size == 0:
            continue
        # Six widths leave less than float32 shows: a place's rain is the same in any company.
        first = max(int(passing[wet].min() - 6 * width), 0)
        last = min(int(passing[wet].max() + 6 * width) + 1, n_hours)
        if first >= last:
            continue
        speed = np.hypot(cell.east, cell.south)
        if speed > 0:
            lift = (cell.east * places.rise_east + cell.south * places.rise_south)[wet] / speed
            total[wet] *= np.exp(np.clip(1.2 * lift, -0.5, 0.5))
        edges = (np.arange(first, last + 1)[:, None] - passing[wet]) / width
        rain[first:last, wet] += total[wet] * np.diff(ndtr(edges), axis=0)
    rain *= places.climate
    rain[rain < LEAST_RAIN] = 0.0
    return rain
