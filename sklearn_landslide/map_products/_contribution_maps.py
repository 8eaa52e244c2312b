"""Why the map is as it is: contributions of the strongest factors, and which factor decides."""

import json
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_landslide.inspection import quick_contributions
from sklearn_landslide.map_products._progress import in_words
from sklearn_landslide.mapping import MapFolder, grid_of, n_workers, rows_of_map

# Factors whose contributions are written, and the band that says which one decides.
_N_STRONGEST = 3
DECIDING = "deciding_factor"
NODATA = 255
# Pixels that stand for the map, and those of them that say how strong a factor is.
_BACKGROUND, _MEASURED = 2000, 300
# Colors of Okabe and Ito for the factors that decide most, and grays for the others.
_COLORS = (
    *((213, 94, 0), (0, 114, 178), (0, 158, 115), (230, 159, 0)),
    *((86, 180, 233), (204, 121, 167), (240, 228, 66), (0, 0, 0)),
)


@dataclass(frozen=True, eq=False)
class StrongestContributions:
    """Contributions of a few factors, and the number of the one whose size is largest.

    Parameters
    ----------
    function : callable
        From a table to the contributions of all factors, as `quick_contributions` returns it.
    order : ndarray of int, shape (n_factors,)
        The factors by strength, the strongest first.
    names : list of str
        Their names, in that order.
    error : float
        Standard error of a contribution of the strongest ones, about; 0 if they are exact.
    seconds : float
        What a row costs.
    usual : float
        Size that only one contribution in fifty of the strongest factors exceeds.
    """

    function: Any
    order: np.ndarray
    names: list
    error: float
    seconds: float
    usual: float

    @property
    def strongest(self):
        """Names of the factors whose contributions are mapped."""
        return self.names[:_N_STRONGEST]

    @property
    def bands(self):
        """Names of what a row gives."""
        return [*self.strongest, DECIDING]

    def __call__(self, frame):
        """Return the numbers of each row of a table, (n_rows, n_bands)."""
        values = self.function(frame)[0][:, self.order]
        # Two factors of one size: the one that is stronger on the whole map.
        deciding = np.abs(values).argmax(axis=1)
        return np.column_stack([values[:, :_N_STRONGEST], deciding])


def strongest_contributions(model, background, random_state):
    """Find the strongest factors of a map before any window of it is computed.

    Parameters
    ----------
    model : fitted classifier or pipeline
        The model.
    background : pandas.DataFrame
        Rows of the map: what each place is compared with, and what says how strong a factor is.
    random_state : int or None
        Seed; None is 0, so that a killed run can be taken up.

    Returns
    -------
    contributions : StrongestContributions
    """
    seed = 0 if random_state is None else random_state
    function, names = quick_contributions(model, background, random_state=seed)
    if len(names) > NODATA:
        raise ValueError(
            f"a map of the factor that decides has room for {NODATA} factors, got {len(names)}: "
            "leave contributions=True out."
        )
    measured = background.iloc[:_MEASURED]
    started = time.perf_counter()
    values, errors = function(measured)
    seconds = (time.perf_counter() - started) / len(measured)
    sizes = np.abs(values)
    order = np.argsort(-sizes.mean(axis=0), kind="stable")
    usual = float(np.quantile(sizes[:, order[:_N_STRONGEST]], 0.98))
    error = 0.0 if errors is None else float(errors[:, order[:_N_STRONGEST]].mean())
    return StrongestContributions(
        function, order, [names[place] for place in order], error, seconds, usual
    )


def contributions_to_map(model, stack, random_state, step, say):
    """Prepare the contributions to the cells of a map, and say how long they will take.

    Parameters
    ----------
    model : fitted classifier or pipeline
        The model.
    stack : xarray.Dataset
        The factors.
    random_state : int or None
        Seed.
    step : int
        Side of the blocks of cells that share one result.
    say : callable
        Called with a line.

    Returns
    -------
    contributions : StrongestContributions
    """
    seed = 0 if random_state is None else random_state
    background, share = rows_of_map(model, stack, _BACKGROUND, random_state=seed)
    found = strongest_contributions(model, background, seed)
    grid = grid_of(stack)
    n_rows = share * grid.height * grid.width / step**2
    left = found.seconds * n_rows / n_workers()
    line = f"contributions {found.function.how} at {n_rows:.3g} cells: about {in_words(left)}"
    if found.error:
        line += f", standard error {found.error:.2g} in log-odds"
    say(line)
    return found


def tags_of(found, step):
    """Say in tags what the bands are.

    Parameters
    ----------
    found : StrongestContributions
        What is mapped.
    step : int
        Side of the blocks of cells that share one result.

    Returns
    -------
    tags : dict of str to str
    """
    return {
        "units": "log-odds of a landslide, against the mean of the map",
        "method": f"Shapley values {found.function.how}",
        "standard_error": f"{found.error:.2g}",
        "cells_of_a_block": str(step),
        "class_names": json.dumps(dict(enumerate(found.names))),
    }


def deciding_map(band):
    """Turn the numbers of the factors that decide into a map of classes.

    Parameters
    ----------
    band : xarray.DataArray
        Numbers of factors, NaN for no data.

    Returns
    -------
    classes : xarray.DataArray, uint8
        255 is no data.
    """
    classes = band.fillna(NODATA).astype(np.uint8).rename(DECIDING)
    classes.attrs = {"long_name": "factor with the largest contribution"}
    return classes.rio.write_nodata(NODATA)


def deciding_colors(n_factors):
    """Return a color for each factor, those that are strongest first.

    Parameters
    ----------
    n_factors : int
        How many.

    Returns
    -------
    colors : dict of int to tuple of 4 int
        Red, green, blue and opacity; of the numbers of the factors and of no data.
    """
    n_gray = max(n_factors - len(_COLORS), 0)
    grays = np.linspace(110, 215, max(n_gray, 1)).round().astype(int).tolist()
    colors = [*_COLORS, *((gray, gray, gray) for gray in grays)][:n_factors]
    return {number: (*color, 255) for number, color in enumerate(colors)} | {NODATA: (0, 0, 0, 0)}


def about_contributions(folder):
    """Say what the maps of contributions in a folder show.

    Parameters
    ----------
    folder : pathlib.Path
        With ``deciding_factor.tif``.

    Returns
    -------
    about : dict
        Names of the ``strongest`` factors; ``deciding``, by factor the share of the map on which
        its contribution is the largest; ``method`` and ``standard_error``.
    """
    band = MapFolder(folder, {}).deciding_factor()
    names = json.loads(band.attrs["class_names"])
    counts = band.data.map_blocks(_counted, dtype=np.int64, chunks=(1, NODATA + 1))
    counts = counts.compute().reshape(-1, NODATA + 1).sum(axis=0)[:NODATA]
    shares = counts / max(counts.sum(), 1)
    order = np.argsort(-shares, kind="stable")
    return {
        "strongest": [names[str(place)] for place in range(min(_N_STRONGEST, len(names)))],
        "deciding": {names[str(one)]: float(shares[one]) for one in order if shares[one] > 0},
        "method": str(band.attrs["method"]),
        "standard_error": float(band.attrs["standard_error"]),
    }


def _counted(block):
    return np.bincount(block.ravel(), minlength=NODATA + 1)[None]
