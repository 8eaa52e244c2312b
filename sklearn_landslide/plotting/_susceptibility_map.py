"""The picture of a susceptibility map."""

import numpy as np

from sklearn_landslide._escaping import escaped
from sklearn_landslide._optional import import_optional
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.mapping import (
    crs_name,
    grid_of,
    meters_per_unit,
    zone_colors,
    zone_names,
)
from sklearn_landslide.plotting._comparison_curves import figure_class
from sklearn_landslide.plotting._legend import add_legend
from sklearn_landslide.plotting._map_furniture import (
    add_north_arrow,
    add_note,
    add_scale_bar,
    add_words,
    shaded_colors,
    shaded_relief,
)
from sklearn_landslide.plotting._map_landslides import draw_landslides, landslide_shapes
from sklearn_landslide.preprocessing import field_bounds

# Pixels of a side: more than a printed page shows.
_MOST_PIXELS = 2000
_OUTSIDE = np.array([0.93, 0.93, 0.93])
_LONG_SIDE = 7.0


def _step(shape):
    """Every how many pixels are drawn, so that no side has more than `_MOST_PIXELS`."""
    return max(1, -(-max(shape) // _MOST_PIXELS))


class SusceptibilityMapDisplay:
    """Picture of a susceptibility map: zones, relief, landslides, area of applicability.

    It is recommended to use :meth:`from_maps` for rasters. All parameters are stored as
    attributes.

    Parameters
    ----------
    zones : array-like of shape (rows, columns), int
        1 for the lowest zone and so on, 0 for nodata; row 0 in the north.
    extent : tuple of 4 floats
        Left, right, bottom and top edge of the map.
    names : list of str, default=None
        Names of the zones, from the lowest to the highest. None: very low, low, moderate,
        high, very high, or those that suit the highest zone on the map.
    colors : dict of int to tuple, default=None
        Red, green, blue and opacity, 0 to 255, of each zone. None: those of
        :func:`~sklearn_landslide.mapping.zone_colors`.
    elevation : array-like of shape (rows, columns), default=None
        Meters; the relief is then seen through the colors.
    inside : array-like of shape (rows, columns), default=None
        1 inside the area of applicability; what is 0 is faded and hatched.
    landslides : array-like of shape (n_landslides, 2) or list of arrays, default=None
        Points (x, y), or outlines of polygons, each an array of shape (n_corners, 2); or a
        GeoDataFrame of points or polygons in the map's reference system.
    meters_per_unit : float, default=1.0
        Length of a unit of the extent on the ground, for the scale bar and the relief.
    edges : array-like of shape (n_zones + 1,), default=None
        Probabilities that limit the zones, for the legend.
    title : str, default=None
        What stands above the map.
    notes : sequence of str, default=()
        What stands in one line below it: reference system, model, date.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes of the map, after :meth:`plot`.
    figure_ : matplotlib Figure
        Its figure, after :meth:`plot`.
    image_ : matplotlib AxesImage
        The colors of the map, after :meth:`plot`.

    See Also
    --------
    sklearn_landslide.mapping.SusceptibilityZones : Makes the zones.
    sklearn_landslide.mapping.AreaOfApplicability : Says where the model may be trusted.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.plotting import SusceptibilityMapDisplay
    >>> zones = np.array([[1, 2, 3], [2, 3, 4], [0, 4, 5]])
    >>> display = SusceptibilityMapDisplay(
    ...     zones, (0, 300, 0, 300), landslides=[[250.0, 40.0]]
    ... ).plot()
    >>> [text.get_text() for text in display.ax_.get_legend().get_texts()]
    ['very high', 'high', 'moderate', 'low', 'very low', 'no data', 'landslide']
    """

    def __init__(
        self,
        zones,
        extent,
        *,
        names=None,
        colors=None,
        elevation=None,
        inside=None,
        landslides=None,
        meters_per_unit=1.0,
        edges=None,
        title=None,
        notes=(),
    ):
        self.zones = np.asarray(zones)
        if self.zones.ndim != 2 or self.zones.dtype.kind not in "iu":
            raise ValueError(
                "zones must be a 2-D array of integers, got "
                f"{self.zones.dtype} of shape {self.zones.shape}."
            )
        if not self.zones.any():
            raise ValueError("There is nothing to draw: every pixel is nodata.")
        left, right, bottom, top = extent
        if not (left < right and bottom < top):
            raise ValueError(f"extent is (left, right, bottom, top), rising; got {tuple(extent)}.")
        self.extent = tuple(float(side) for side in extent)
        highest = int(self.zones.max())
        self.names = list(names) if names is not None else zone_names(max(highest, 5))
        if highest > len(self.names) or self.zones.min() < 0:
            raise ValueError(
                f"Zones are 0 to {len(self.names)}, as many as there are names; got "
                f"{self.zones.min()} to {highest}."
            )
        self.colors = zone_colors(max(len(self.names), 2)) if colors is None else dict(colors)
        self.elevation, self.inside = elevation, inside
        self.meters_per_unit = float(meters_per_unit)
        self.edges = None if edges is None else np.asarray(edges, dtype=float)
        if edges is not None and self.edges.shape != (len(self.names) + 1,):
            raise ValueError(
                f"{len(self.names)} zones have {len(self.names) + 1} edges; got {len(edges)}."
            )
        self.title, self.notes = title, tuple(notes)
        for name in ("elevation", "inside"):
            layer = getattr(self, name)
            if layer is not None and np.shape(layer) != self.zones.shape:
                raise ValueError(
                    f"{name} has the shape {np.shape(layer)}, but zones {self.zones.shape}."
                )
        self.landslides = landslides
        self._points, self._outlines = landslide_shapes(landslides)

    @classmethod
    def from_maps(
        cls,
        zones,
        *,
        elevation=None,
        inside=None,
        landslides=None,
        names=None,
        title=None,
        notes=(),
    ):
        """Make the display of rasters, thinned where they have more pixels than can be seen.

        Parameters
        ----------
        zones : xarray.DataArray of shape (rows, columns)
            From :meth:`~sklearn_landslide.mapping.SusceptibilityZones.transform`.
        elevation : xarray.DataArray of shape (rows, columns), default=None
            The terrain, for the relief.
        inside : xarray.DataArray of shape (rows, columns), default=None
            From :meth:`~sklearn_landslide.mapping.AreaOfApplicability.map`.
        landslides : GeoDataFrame, array-like or list of arrays, default=None
            A GeoDataFrame is brought to the map's reference system.
        names : list of str, default=None
            Names of the zones. None: those that the zones tell, as they tell their edges.
        title : str, default=None
            What stands above the map.
        notes : sequence of str, default=()
            What stands below it, behind the name of the reference system.

        Returns
        -------
        display : SusceptibilityMapDisplay
            To be plotted or saved.

        Raises
        ------
        ValueError
            If the map is in degrees, or the length of its units is not the same everywhere, or the
            rasters differ in shape.
        """
        crs, unit = zones.rio.crs, 1.0
        if crs is not None:
            unit = meters_per_unit(grid_of(zones))
        if unit is None and crs.is_geographic:
            raise ValueError("The map is in degrees: reproject it to meters to draw a scale bar.")
        if unit is None:
            raise ValueError(
                f"The length of a meter differs over the map ({crs_name(crs)}), or is not known: "
                "reproject it, for instance to UTM, to draw a scale bar."
            )
        if hasattr(landslides, "to_crs") and landslides.crs is not None and crs is not None:
            landslides = landslides.to_crs(crs)
        names = names or zones.attrs.get("zone_names")
        step = _step(zones.shape)
        left, bottom, right, top = zones.rio.bounds()
        # North is up, in whichever order the rows come.
        up = 1 if float(zones["y"][0]) >= float(zones["y"][-1]) else -1
        layers = [
            None if layer is None else np.asarray(layer[::step, ::step])[::up]
            for layer in (zones, elevation, inside)
        ]
        if layers[1] is not None:
            # What is not an elevation, such as an undeclared -9999, casts no shadow.
            low, high = field_bounds("elevation")
            layers[1] = np.where((layers[1] >= low) & (layers[1] <= high), layers[1], np.nan)
        return cls(
            layers[0],
            (left, right, bottom, top),
            names=names,
            elevation=layers[1],
            inside=layers[2],
            landslides=landslides,
            meters_per_unit=unit,
            edges=zones.attrs.get("zone_edges"),
            title=title,
            notes=[*([] if crs is None else [crs_name(crs)]), *notes],
        )

    def _figure_size(self):
        """Width and height in inches: the long side fixed, with room for all around it."""
        left, right, bottom, top = self.extent
        shape = (top - bottom) / (right - left)
        width = _LONG_SIDE / max(shape, 1)
        more = 0.4 * (self.title is not None) + 0.2 * bool(self.notes)
        beside = 2.6 if self.edges is None else 3.2
        return width + beside, max(_LONG_SIDE * min(shape, 1), 2.8) + 1.1 + more

    def _label(self, zone):
        """Name a zone, with its range where that is known."""
        name = self.names[zone - 1]
        if self.edges is None:
            return name
        low, high = self.edges[zone - 1 : zone + 1]
        return f"{name} ({low:.3g} to {high:.3g})"

    def _colors_of_pixels(self, step):
        """Red, green, blue and opacity of the pixels, 0 to 1."""
        zones = self.zones[::step, ::step]
        table = np.zeros((len(self.names) + 1, 4))
        for zone, color in self.colors.items():
            if zone < len(table):
                table[zone] = np.asarray(color) / 255
        image = table[zones]
        if self.elevation is not None:
            elevation = np.asarray(self.elevation, dtype=float)[::step, ::step]
            left, right, bottom, top = self.extent
            unit = self.meters_per_unit
            cell = unit * (right - left) / zones.shape[1], unit * (top - bottom) / zones.shape[0]
            light = shaded_relief(elevation, cell)[..., None]
            image[..., :3] = shaded_colors(image[..., :3], light, zones > 0, len(self.names))
            # The terrain goes on, in gray, where there is no zone.
            seen = (zones == 0) & np.isfinite(elevation)
            image[seen] = np.concatenate([0.7 + 0.25 * light] * 3 + [np.ones_like(light)], -1)[seen]
        if self.inside is not None:
            outside = (np.asarray(self.inside)[::step, ::step] == 0) & (zones > 0)
            image[outside, :3] = 0.45 * image[outside, :3] + 0.55 * _OUTSIDE
        return image

    def plot(self, *, ax=None):
        """Draw the map.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None: a new figure. The legend goes to the right of the axes,
            scale bar and north arrow above them.

        Returns
        -------
        display : SusceptibilityMapDisplay
            With `ax_`, `figure_` and `image_`.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        patches = import_optional("matplotlib.patches", extra="plot")
        ticker = import_optional("matplotlib.ticker", extra="plot")
        if ax is None:
            pyplot = import_optional("matplotlib.pyplot", extra="plot")
            ax = pyplot.figure(figsize=self._figure_size(), layout="constrained").subplots()
        self.ax_, self.figure_ = ax, ax.figure
        step = _step(self.zones.shape)
        self.image_ = ax.imshow(
            self._colors_of_pixels(step), extent=self.extent, origin="upper", aspect="equal"
        )
        handles = [
            patches.Patch(
                facecolor=np.asarray(self.colors[zone]) / 255,
                edgecolor="0.4",
                linewidth=0.5,
                label=escaped(self._label(zone)),
            )
            for zone in range(len(self.names), 0, -1)
        ]
        if not self.zones.all():
            has_relief = (
                self.elevation is not None
                and np.isfinite(np.asarray(self.elevation, dtype=float)[self.zones == 0]).any()
            )
            face = "0.88" if has_relief else "white"
            handles.append(patches.Patch(facecolor=face, edgecolor="0.4", lw=0.5, label="no data"))
        if self.inside is not None:
            handles.append(self._hatch_outside(step))
        handles += draw_landslides(ax, self._points, self._outlines)
        left, right, bottom, top = self.extent
        of_unit = " (m)" if self.meters_per_unit == 1 else ""
        ax.set(xlim=(left, right), ylim=(bottom, top))
        ax.set(xlabel=f"Easting{of_unit}", ylabel=f"Northing{of_unit}")
        sides = right - left, top - bottom
        for axis, side in zip((ax.xaxis, ax.yaxis), sides, strict=True):
            # Labels of seven digits need more than an inch each.
            most = max(1, int(_LONG_SIDE * side / max(sides) / 1.4))
            axis.set_major_locator(ticker.MaxNLocator(most))
            axis.get_major_formatter().set_useOffset(False)
            axis.get_major_formatter().set_scientific(False)
        ax.tick_params(axis="y", labelrotation=90)
        for label in ax.get_yticklabels():
            # Upwards from the tick: the lowest one never meets the first of the other axis.
            label.set_verticalalignment("bottom")
        add_legend(
            ax,
            handles,
            [handle.get_label() for handle in handles],
            title="Susceptibility" + ("" if self.edges is None else " (probability)"),
            loc="upper left",
            bbox_to_anchor=(1.01, 1.0),
            borderaxespad=0,
            frameon=False,
            alignment="left",
        )
        add_scale_bar(ax, *sides, self.meters_per_unit)
        add_north_arrow(ax)
        add_words(ax, self.title, self.notes)
        return self

    def _hatch_outside(self, step):
        """Hatch what is outside the area of applicability, and return its legend entry."""
        patches = import_optional("matplotlib.patches", extra="plot")
        zones = self.zones[::step, ::step]
        outside = (np.asarray(self.inside)[::step, ::step] == 0) & (zones > 0)
        rows, columns = zones.shape
        left, right, bottom, top = self.extent
        x = left + (np.arange(columns) + 0.5) * (right - left) / columns
        y = top - (np.arange(rows) + 0.5) * (top - bottom) / rows
        if outside.any() and min(zones.shape) > 1:
            hatched = self.ax_.contourf(
                x, y, outside.astype(float), levels=[0.5, 1.5], colors="none", hatches=["//////"]
            )
            hatched.set(edgecolor="0.35", linewidth=0)
        return patches.Patch(
            facecolor=_OUTSIDE,
            edgecolor="0.35",
            hatch="//////",
            linewidth=0,
            label="outside the area\nof applicability",
        )

    def save(self, path, *, dpi=200, note=None):
        """Draw the map into a file, complete or not at all, without a window or open figure.

        Parameters
        ----------
        path : str or path-like
            The picture; its ending (``.png``, ``.pdf``, ``.svg``) says the format. One that is
            there is replaced.
        dpi : float, default=200
            Pixels per inch; the map's long side is 7 inches.
        note : str, default=None
            Stands above the title, such as that it is a trial.

        Raises
        ------
        ImportError
            If matplotlib, from the extra ``plot``, is not installed.
        """
        figure = figure_class()(figsize=self._figure_size(), layout="constrained")
        self.plot(ax=figure.subplots())
        if note is not None:
            add_note(self.ax_, note, has_title=self.title is not None)
        with whole_file(path) as hidden:
            figure.savefig(hidden, dpi=dpi)
