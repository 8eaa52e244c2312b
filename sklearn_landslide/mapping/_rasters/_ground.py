"""Which values of a raster are ground: one rule for drawing, sampling, training and mapping.

No ground are NaN, numbers beyond 1e30, declared nodata, and what is outside the plausible range of
the factor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._nodata import LARGEST
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.preprocessing import PlausibleRange

# Where `open_stack` notes the range of a factor.
RANGE = "plausible_range"


@dataclass(frozen=True)
class Ground:
    """What the values of a factor must be to be ground.

    Parameters
    ----------
    nodata : float or None, default=None
        A number that is no data.
    low, high : float, default=-inf, inf
        Plausible range.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.mapping._rasters._ground import Ground
    >>> Ground(low=0.0, high=90.0).holds(np.array([31.5, np.nan, -9999.0, -3.4e38]))
    array([ True, False, False, False])
    """

    nodata: float | None = None
    low: float = -np.inf
    high: float = np.inf

    def holds(self, values):
        """Mark what is ground, in a NumPy or dask array."""
        low, high = max(self.low, -LARGEST), min(self.high, LARGEST)
        # NaN is neither.
        found = (values >= low) & (values <= high)
        if self.nodata is not None and not np.isnan(self.nodata):
            found &= values != self.nodata
        return found


def ground_of(stack, names, ranges=None):
    """Say for factors of a stack what is ground.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors.
    names : sequence of str
        Those that are wanted.
    ranges : dict of str to tuple of (float, float), default=None
        Further ranges, such as those of the model that is mapped.

    Returns
    -------
    ground : dict of str to Ground
    """
    found = {}
    for name in names:
        low, high = noted_range(stack[name]) or (-np.inf, np.inf)
        other_low, other_high = (ranges or {}).get(name, (-np.inf, np.inf))
        nodata = stack[name].rio.nodata
        found[name] = Ground(nodata, max(low, other_low), min(high, other_high))
    return found


def noted_range(array):
    """Range that was noted for a factor; None if there is none."""
    noted = array.attrs.get(RANGE)
    if not isinstance(noted, tuple | list) or len(noted) != 2:
        return None
    return tuple(noted)


def plausible_ranges(names, bounds):
    """Find the plausible ranges of factors, as :class:`~..preprocessing.PlausibleRange` does.

    Parameters
    ----------
    names : list of str
        Factors that are quantities.
    bounds : "field", dict or None
        As there.

    Returns
    -------
    ranges : dict of str to tuple of (float, float)
        Factors without range are not in it.
    """
    # One row without values: there is nothing to be outside.
    frame = pd.DataFrame(np.full((1, len(names)), np.nan), columns=names)
    return PlausibleRange(bounds).fit(frame).bounds_ if names else {}


def _listed(numbers):
    """List numbers; one alone is a list of one, and None none."""
    numbers = numbers if isinstance(numbers, list | tuple | np.ndarray) else [numbers]
    return [number for number in numbers if number is not None]


def check_nodata(nodata, names):
    """Return the numbers that were declared to be no data, by factor.

    Parameters
    ----------
    nodata : float, sequence of float, dict of str to these, or None
        For all factors, or by factor; the name None is all of them.
    names : list of str
        The factors.

    Returns
    -------
    declared : dict of str to tuple of float
        For every factor.

    Raises
    ------
    ValueError
        If a name is not a factor, or a value is not a number.
    """
    given = dict(nodata) if isinstance(nodata, Mapping) else {None: nodata}
    everywhere = _listed(given.pop(None, None))
    if unknown := [name for name in given if name not in names]:
        raise ValueError(
            f"nodata names {unknown[0]!r}, which is not a factor.{nearest(unknown[0], names)} "
            f"They are {listed(names)}."
        )
    declared = {}
    for name in names:
        numbers = [*everywhere, *_listed(given.get(name))]
        if strange := [
            one for one in numbers if not isinstance(one, Real) or isinstance(one, bool)
        ]:
            hint = f"nodata={strange[0]!r}"
            raise hinting(ValueError(f"{hint} of {name!r} must be a number."), hint)
        declared[name] = tuple(float(number) for number in numbers)
    return declared
