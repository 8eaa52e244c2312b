"""What is predicted on a map: on each of its cells, or on its mapping units."""

import numpy as np

from sklearn_landslide.map_products._contribution_maps import (
    contributions_to_map,
    strongest_contributions,
)
from sklearn_landslide.map_products._units import columns_of
from sklearn_landslide.mapping import (
    TILE,
    factor_names,
    map_rows,
    positive_column,
    predict_map,
    prediction_spread,
)
from sklearn_landslide.terrain import units_to_raster

# Windows of a map at least: they are what runs side by side, and what moves a bar.
_FEWEST = 16


def window_of(window, stack):
    """Side of the windows that are predicted, smaller than asked for where they would be few.

    It follows from the raster alone, not from the machine: a run can be taken up on another one.

    Parameters
    ----------
    window : int
        Side that is asked for, in pixels.
    stack : xarray.Dataset
        The factors.

    Returns
    -------
    window : int
    """
    height, width = stack.sizes["y"], stack.sizes["x"]
    while window > 2 * TILE - 1 and -(-height // window) * -(-width // window) < _FEWEST:
        window = -(-window // (2 * TILE)) * TILE
    return window


class CellLayers:
    """Predictions on cells, computed window by window when they are written.

    Parameters
    ----------
    prepared : PreparedMap
        The stack, and the side of the windows.
    """

    def __init__(self, prepared):
        self.stack, self.request = prepared.stack, prepared.request
        self.window = window_of(prepared.request.window, prepared.stack)

    def probability(self, model):
        """Probability of a landslide, as a lazy raster."""
        return predict_map(model, self.stack, window=self.window)

    def spread(self, model, refits):
        """Spread of the probability, its standard deviation, as a lazy raster."""
        options = {"refits": refits or None, "window": self.window}
        return predict_map(model, self.stack, output="spread", **options)

    def probability_and_spread(self, model):
        """Probability, and its spread over the members, as lazy rasters of one pass."""
        return predict_map(model, self.stack, output="both", window=self.window)

    def dissimilarity(self, area):
        """Dissimilarity to the training places, as a lazy raster."""
        return area.map(self.stack, window=self.window)["dissimilarity"]

    def contributions(self, model):
        """Return what the strongest factors contribute, and which decides, as lazy rasters."""
        request = self.request
        step = request.contributions_step
        found = contributions_to_map(model, self.stack, request.random_state, step, request.say)
        options = {"window": self.window, "step": step}
        return found, map_rows(found, model, self.stack, found.bands, **options)


class UnitLayers:
    """Predictions on mapping units, painted on their cells.

    Parameters
    ----------
    prepared : PreparedMap
        The units and the stack.
    """

    def __init__(self, prepared):
        self.units, self.stack = prepared.units, prepared.stack
        self.request = prepared.request
        # Outside the area that is mapped there is no value of any factor.
        self.ground = next(iter(self.stack.values())).notnull()

    def _rows(self, model):
        return columns_of(self.units, factor_names(model), self.stack)

    def _paint(self, values, name, unit):
        painted = units_to_raster(values, self.units.geometry, self.stack, name=name)
        painted = painted.where(self.ground).assign_attrs(units=unit)
        return painted.rio.write_nodata(np.nan)

    def of_units(self, model):
        """Probability of a landslide in each unit."""
        return model.predict_proba(self._rows(model))[:, positive_column(model)]

    def probability(self, model):
        """Probability of a landslide, as a lazy raster."""
        return self._paint(self.of_units(model), "susceptibility", "probability")

    def polygons(self, map_model):
        """Return the units with what is predicted of them, as polygons."""
        probability, zones = self.of_units(map_model.model), map_model.zones
        zone = zones.transform(probability)
        table = {
            "unit": self.units.units,
            "susceptibility": probability,
            "zone": zone.astype(np.int64),
            "name": np.array(zones.names_)[zone.astype(np.int64) - 1],
        }
        if self.units.y is not None:
            table["landslide"] = self.units.y
        if map_model.applicability is not None:
            area = map_model.applicability
            table["dissimilarity"] = area.dissimilarity(self._rows(area))
        polygons = self.units.geometry.to_frame("geometry").assign(**table)
        polygons.attrs["zone_names"] = list(zones.names_)
        return polygons

    def spread(self, model, refits):
        """Spread of the probability, its standard deviation, as a lazy raster."""
        spread = prediction_spread(model, self._rows(model), refits=refits or None)
        return self._paint(spread, "uncertainty", "probability")

    def dissimilarity(self, area):
        """Dissimilarity to the training places, as a lazy raster."""
        dissimilarity = area.dissimilarity(self._rows(area)).astype(np.float32)
        return self._paint(dissimilarity, "dissimilarity", "1")

    def contributions(self, model):
        """Return what the strongest factors contribute, and which decides, as lazy rasters."""
        rows = self._rows(model)
        found = strongest_contributions(model, rows, self.request.random_state)
        numbers = found(rows)
        return found, {name: self._paint(numbers[:, j], name) for j, name in enumerate(found.bands)}


def layers_of(prepared):
    """Return what is predicted on the map that is prepared."""
    return CellLayers(prepared) if prepared.units is None else UnitLayers(prepared)
