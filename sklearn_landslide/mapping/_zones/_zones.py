"""Susceptibility zones: probabilities cut into classes at edges that stay."""

import json
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils._param_validation import (
    Interval,
    StrOptions,
    validate_parameter_constraints,
)

from sklearn_landslide._natural_breaks import natural_breaks
from sklearn_landslide._optional import import_optional
from sklearn_landslide._whole_file import whole_file

# A larger raster is read at regular steps in rows and columns: the same pixels, however it is
# cut into windows.
MOST_VALUES = 2_000_000
# What float32 probabilities may exceed 0 and 1 by.
_ROUNDING = 1e-5
_NAMES = {
    2: ["low", "high"],
    3: ["low", "moderate", "high"],
    4: ["low", "moderate", "high", "very high"],
    5: ["very low", "low", "moderate", "high", "very high"],
}


def zone_names(n_classes):
    """Usual names of so many zones, from the lowest to the highest."""
    return list(_NAMES.get(n_classes) or (f"zone {zone}" for zone in range(1, n_classes + 1)))


def is_raster(values):
    """Say whether something is an xarray DataArray, without importing xarray."""
    return type(values).__module__.partition(".")[0] == "xarray" and hasattr(values, "dims")


def check_probabilities(values):
    """Return values as an array of floats, or say which is not a probability."""
    values = np.asarray(values)
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    wrong = (values < -_ROUNDING) | (values > 1 + _ROUNDING)
    if wrong.any():
        raise ValueError(
            f"Probabilities lie between 0 and 1, but {int(wrong.sum())} of {values.size} values "
            f"do not, {values[wrong][0]:g} for instance: mark nodata as NaN."
        )
    return values


def _thinned(data):
    """Every s-th value along each axis, so that about `MOST_VALUES` remain."""
    step = max(1, int(np.ceil((data.size / MOST_VALUES) ** (1 / max(data.ndim, 1)))))
    return data[(slice(None, None, step),) * data.ndim]


def _range_of(values):
    """Least and greatest value, not counting NaN."""
    values = check_probabilities(values)
    return np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)


def _learn_from(probabilities):
    """Values to learn from, and the range of all, from an array or a raster of any size."""
    data = probabilities.data if is_raster(probabilities) else probabilities
    if hasattr(data, "to_delayed"):
        dask = import_optional("dask", extra="map")
        ranges = [dask.delayed(_range_of)(block) for block in data.to_delayed().ravel()]
        values, ranges = dask.compute(_thinned(data), ranges)
        lows, highs = zip(*ranges, strict=True)
        low, high = np.fmin.reduce(lows), np.fmax.reduce(highs)
    else:
        data = np.asarray(data)
        low, high = _range_of(data) if data.size else (np.nan, np.nan)
        values = _thinned(data)
    values = np.asarray(values, dtype=np.float64).ravel()
    values = values[~np.isnan(values)]
    if values.size == 0:
        raise ValueError("There is no probability to learn zones from: all values are NaN.")
    return values, float(low), float(high)


def halved_shares(n_classes):
    """Half of the landslides in the highest zone, half of the rest in the next, and so on."""
    shares = 0.5 ** np.arange(1, n_classes + 1)
    shares[-1] *= 2
    return shares


def counts_by_share(n_landslides, shares):
    """Divide landslides among zones by their shares.

    Parameters
    ----------
    n_landslides : int
        How many there are.
    shares : ndarray of shape (n_classes,)
        From the highest zone to the lowest, with sum 1.

    Returns
    -------
    counts : ndarray of int of shape (n_classes,)
        Landslides in each zone, from the highest; 0 where they are too few for these shares.

    Examples
    --------
    >>> from sklearn_landslide.mapping._zones._zones import counts_by_share, halved_shares
    >>> counts_by_share(16, halved_shares(5)).tolist()
    [8, 4, 2, 1, 1]
    >>> counts_by_share(8, halved_shares(5)).tolist()
    [4, 2, 1, 0, 1]
    """
    above = np.rint(np.cumsum(shares)[:-1] * n_landslides).astype(int)
    return np.diff([0, *np.clip(above, 1, n_landslides - 1), n_landslides])


def _landslide_share_edges(probabilities, shares):
    """Edges that leave the given shares of the landslides above them, counted from the top."""
    ordered = np.sort(probabilities)[::-1]
    above = np.cumsum(counts_by_share(ordered.size, shares))[:-1]
    return ((ordered[above - 1] + ordered[above]) / 2)[::-1]


class SusceptibilityZones:
    """Zones of landslide susceptibility: edges learned once, then applied to any region.

    Parameters
    ----------
    method : {"natural_breaks", "quantile", "equal_interval", "landslide_share"}, \
            default="natural_breaks"
        How the edges are found: where the squared deviations from the zones' means are least
        (Fisher-Jenks); so that each zone has the same number of pixels; at equal steps from
        the least to the greatest probability; or so that fixed shares of the landslides lie
        in the zones.
    n_classes : int, default=5
        Number of zones, 2 to 254.
    shares : array-like of shape (n_classes,), default=None
        For ``"landslide_share"``: shares of the landslides in the zones, from the highest zone to
        the lowest, with sum 1. None: half of the landslides in the highest zone, half of the rest
        in the next, and so on; the lowest takes the remainder. For 5 zones that is 0.5, 0.25,
        0.125, 0.0625 and 0.0625.
    names : list of str, default=None
        Names of the zones, from the lowest to the highest. None: very low, low, moderate, high,
        very high for 5, and similar names for other numbers.

    Attributes
    ----------
    edges_ : ndarray of shape (n_classes + 1,)
        0, the edges between the zones, 1. A zone reaches from above its lower edge up to and
        including its upper edge.
    names_ : list of str
        Names of the zones, from the lowest to the highest.

    See Also
    --------
    zone_table : Area, landslides, density and frequency ratio of each zone.
    zone_polygons : The zones as polygons.
    zone_colors : Their colors.

    Notes
    -----
    The edges are part of the model: learn them where it was trained and reuse them in the next
    region; otherwise the zones of two maps cannot be compared. Values beyond the range seen in fit
    fall into the lowest or highest zone.

    For ``"landslide_share"`` the probabilities of the landslides must come from models that were
    not trained on them (:func:`sklearn.model_selection.cross_val_predict`); otherwise the zones
    promise more than they keep. A map of Lower Austria [2]_ used ``shares=(0.70, 0.25, 0.05)``.

    From rasters of more than two million pixels, pixels at regular steps are used; the smallest
    and largest value are those of all pixels.

    References
    ----------
    .. [1] G. F. Jenks, "The data model concept in statistical mapping", International Yearbook
       of Cartography 7, 186-190, 1967.
    .. [2] H. Petschko, A. Brenning, R. Bell, J. Goetz and T. Glade, "Assessing the quality of
       landslide susceptibility maps - case study Lower Austria", Natural Hazards and Earth
       System Sciences 14, 95-118, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.mapping import SusceptibilityZones
    >>> zones = SusceptibilityZones("equal_interval", n_classes=4).fit([0.0, 0.4, 0.8])
    >>> zones.edges_
    array([0. , 0.2, 0.4, 0.6, 1. ])
    >>> zones.transform([0.1, 0.4, 0.5, 0.95, np.nan])
    array([1, 2, 3, 4, 0], dtype=uint8)
    """

    _parameter_constraints = {
        "method": [StrOptions({"natural_breaks", "quantile", "equal_interval", "landslide_share"})],
        "n_classes": [Interval(Integral, 2, 254, closed="both")],
        "shares": ["array-like", None],
        "names": [list, tuple, None],
    }

    def __init__(self, method="natural_breaks", n_classes=5, *, shares=None, names=None):
        self.method = method
        self.n_classes = n_classes
        self.shares = shares
        self.names = names

    def __repr__(self):
        return f"SusceptibilityZones(method={self.method!r}, n_classes={self.n_classes})"

    def _check_parameters(self):
        """Check what the user gave and return names and shares of the zones."""
        given = {name: getattr(self, name) for name in self._parameter_constraints}
        validate_parameter_constraints(
            self._parameter_constraints, given, caller_name=type(self).__name__
        )
        names = zone_names(self.n_classes) if self.names is None else list(self.names)
        if len(names) != self.n_classes:
            raise ValueError(f"names={names} are {len(names)}, but n_classes={self.n_classes}.")
        if self.shares is None:
            return names, halved_shares(self.n_classes)
        shares = np.asarray(self.shares, dtype=np.float64)
        if shares.shape != (self.n_classes,) or not np.all(shares > 0):
            raise ValueError(
                f"shares={shares.tolist()} must be {self.n_classes} positive numbers, one per zone."
            )
        if not np.isclose(shares.sum(), 1):
            raise ValueError(f"shares={shares.tolist()} sum to {shares.sum():g}, not to 1.")
        return names, shares

    def fit(self, probabilities, y=None):
        """Learn the edges.

        Parameters
        ----------
        probabilities : array-like of any shape, or xarray.DataArray
            Probabilities of a landslide, of the pixels of a map or of places; NaN is nodata.
        y : array-like of the same shape, default=None
            1 for landslide, 0 for none. Only ``"landslide_share"`` needs and uses it.

        Returns
        -------
        self : SusceptibilityZones
            With the edges.

        Raises
        ------
        ValueError
            If values are not probabilities, or too few of them differ to make the zones.
        """
        names, shares = self._check_parameters()
        if self.method == "landslide_share":
            values = self._landslides_among(probabilities, y, shares)
            low, high = values.min(), values.max()
        else:
            values, low, high = _learn_from(probabilities)
        if self.method == "natural_breaks":
            inner = natural_breaks(values, self.n_classes)
        elif self.method == "quantile":
            inner = np.quantile(values, np.arange(1, self.n_classes) / self.n_classes)
        elif self.method == "equal_interval":
            inner = np.linspace(low, high, self.n_classes + 1)[1:-1]
        else:
            inner = _landslide_share_edges(values, shares)
        if inner is None or np.any(np.diff([0, *inner, min(high, 1)]) <= 0):
            raise ValueError(
                f"{self.method} cannot make {self.n_classes} zones: too many of the "
                f"probabilities, {low:g} to {high:g}, are equal; ask for fewer zones or another "
                "method."
            )
        self.edges_ = np.concatenate([[0.0], inner, [1.0]])
        self.names_ = names
        return self

    def _landslides_among(self, probabilities, y, shares):
        """Probabilities of the landslides."""
        if y is None:
            raise ValueError("landslide_share needs y: 1 for each landslide, 0 for other places.")
        probabilities = check_probabilities(probabilities)
        y = np.asarray(y)
        if y.shape != probabilities.shape:
            raise ValueError(
                f"y has the shape {y.shape}, but probabilities have {probabilities.shape}."
            )
        if not np.isin(y, (0, 1)).all():
            wrong = y[~np.isin(y, (0, 1))][0]
            raise ValueError(f"y must be 1 (landslide) or 0 (none), got {wrong!r}.")
        landslides = probabilities[y == 1].astype(np.float64)
        landslides = landslides[~np.isnan(landslides)]
        if counts_by_share(landslides.size, shares).min() < 1:
            raise ValueError(
                f"{landslides.size} landslides are too few for {self.n_classes} zones with the "
                f"shares {', '.join(f'{share:g}' for share in shares)}: one a zone is the least."
            )
        return landslides

    def transform(self, probabilities):
        """Put each probability into its zone.

        Parameters
        ----------
        probabilities : array-like of any shape, or xarray.DataArray
            Probabilities of a landslide; NaN is nodata.

        Returns
        -------
        zones : ndarray of uint8, or xarray.DataArray, of the same shape
            1 for the lowest zone to `n_classes` for the highest; 0 is nodata. A lazy raster
            gives a lazy raster, with the grid and the reference system it had.

        Raises
        ------
        ValueError
            If values are not probabilities; from a lazy raster when it is computed.
        """
        self._check_is_fitted()
        if not is_raster(probabilities):
            return _classify(probabilities, self.edges_)
        xarray = import_optional("xarray", extra="map")
        zones = xarray.apply_ufunc(
            _classify,
            probabilities,
            kwargs={"edges": self.edges_},
            dask="parallelized",
            output_dtypes=[np.uint8],
        ).rename("zone")
        zones.attrs = {
            "long_name": "landslide susceptibility zone",
            "units": "zone",
            "zone_names": list(self.names_),
            "zone_edges": self.edges_.tolist(),
            "_FillValue": np.uint8(0),
        }
        return zones

    def fit_transform(self, probabilities, y=None):
        """Learn the edges and put each probability into its zone.

        Parameters
        ----------
        probabilities : array-like of any shape, or xarray.DataArray
            Probabilities of a landslide; NaN is nodata.
        y : array-like of the same shape, default=None
            1 for landslide, 0 for none, for ``"landslide_share"``.

        Returns
        -------
        zones : ndarray of uint8, or xarray.DataArray, of the same shape
            As from :meth:`transform`.
        """
        return self.fit(probabilities, y).transform(probabilities)

    def save(self, path):
        """Write the zones to a JSON file, complete or not at all.

        Parameters
        ----------
        path : str or path-like
            The file; one that is there is replaced.
        """
        self._check_is_fitted()
        content = {
            "format": "sklearn_landslide.SusceptibilityZones",
            "method": self.method,
            "n_classes": int(self.n_classes),
            "edges": self.edges_.tolist(),
            "names": list(self.names_),
        }
        with whole_file(path) as hidden:
            hidden.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path):
        """Read zones from a JSON file that :meth:`save` wrote.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        zones : SusceptibilityZones
            Fitted: ready to transform.

        Raises
        ------
        ValueError
            If the file holds no zones.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            zones = cls(content["method"], content["n_classes"], names=content["names"])
            zones.names_, _ = zones._check_parameters()
            zones.edges_ = np.array(content["edges"], dtype=np.float64)
            sound = (
                zones.edges_.shape == (zones.n_classes + 1,)
                and bool(np.all(np.diff(zones.edges_) > 0))
                and (zones.edges_[0], zones.edges_[-1]) == (0, 1)
            )
        except (KeyError, TypeError, ValueError):
            sound = False
        if not sound:
            raise ValueError(f"{path} holds no zones that SusceptibilityZones.save wrote.")
        return zones

    def _check_is_fitted(self):
        if not hasattr(self, "edges_"):
            raise NotFittedError("These zones have no edges yet: call fit, or load them.")


def _classify(probabilities, edges):
    """Zones 1, 2 ... of probabilities, 0 for NaN."""
    probabilities = check_probabilities(probabilities)
    zones = np.searchsorted(edges[1:-1], probabilities, side="left") + 1
    return np.where(np.isnan(probabilities), 0, zones).astype(np.uint8)
