"""One GeoTIFF for each hour of an event, whole or not there, and what follows from all of them."""

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.mapping._prediction._partial import failing_as
from sklearn_landslide.mapping._rasters._burn import burn
from sklearn_landslide.mapping._rasters._grids import grid_of
from sklearn_landslide.mapping._rasters._shapes import polygons_of, read_shapes

_NAME = re.compile(r"probability_(\d{8}T\d{6})Z\.tif")


def write_layer(values, grid, path, *, nodata, tags):
    """Write one band as a tiled GeoTIFF.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
        The numbers.
    grid : Grid
        Where they lie.
    path : path-like
        The file.
    nodata : float
        The number that is no data.
    tags : dict of str to object
        Tags of the file.
    """
    rasterio = import_optional("rasterio", extra="map")
    profile = {
        "driver": "GTiff",
        "height": grid.height,
        "width": grid.width,
        "count": 1,
        "dtype": values.dtype.name,
        "crs": grid.crs,
        "transform": grid.transform,
        "nodata": nodata,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "DEFLATE",
        "predictor": 3 if values.dtype.kind == "f" else 2,
        "bigtiff": "IF_SAFER",
    }
    with failing_as(path), rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
        file.update_tags(**{name: str(value) for name, value in tags.items()})


@dataclass(frozen=True)
class HourFiles:
    """The hours of an event in a folder.

    Parameters
    ----------
    folder : Path
        Where the files are.
    """

    folder: Path

    def path(self, time):
        """Return the file of an hour."""
        return self.folder / f"probability_{time:%Y%m%dT%H%M%S}Z.tif"

    def times(self):
        """List the hours that are there, the first one first, as a DatetimeIndex."""
        names = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        found = [match[1] for name in names if (match := _NAME.fullmatch(name))]
        return pd.DatetimeIndex(pd.to_datetime(sorted(found), format="%Y%m%dT%H%M%S")).as_unit("ns")

    def write(self, layer):
        """Compute the map of an hour and write it, whole or not at all.

        Parameters
        ----------
        layer : xarray.DataArray of shape (n_rows, n_columns)
            One hour of :func:`predict_events`.
        """
        time = pd.Timestamp(layer["time"].item())
        values = np.asarray(layer.data, dtype=np.float32)
        names = ("model", "random_state", "sklearn_landslide", "n_steps", "step_hours")
        tags = {name: layer.attrs[name] for name in names} | {
            "time": f"{time:%Y-%m-%dT%H:%M:%SZ}",
            "lost_steps": int(layer["lost_steps"]),
        }
        with whole_file(self.path(time)) as hidden:
            write_layer(values, grid_of(layer), hidden, nodata=np.nan, tags=tags)

    def read(self, time):
        """Read the probabilities of an hour, NaN for no data."""
        with import_optional("rasterio", extra="map").open(self.path(time)) as file:
            return file.read(1)

    def lost_steps(self, time):
        """Read how many steps of rain before an hour were lost."""
        with import_optional("rasterio", extra="map").open(self.path(time)) as file:
            return int(file.tags().get("lost_steps", 0))

    def grid(self):
        """Return the grid of the maps."""
        rioxarray = import_optional("rioxarray", extra="map")
        with rioxarray.open_rasterio(self.path(self.times()[0])) as raster:
            return grid_of(raster)


def writes_netcdf():
    """Say whether the library that writes NetCDF is installed."""
    return find_spec("netCDF4") is not None


def write_event_netcdf(hours, path, every):
    """Write all hours as one NetCDF file that follows the CF conventions.

    Parameters
    ----------
    hours : HourFiles
        The hours that are there.
    path : path-like
        The file.
    every : Timedelta
        From one hour to the next; those that are missing in between are NaN.
    """
    xarray = import_optional("xarray", extra="map")
    rioxarray = import_optional("rioxarray", extra="map")
    import_optional("netCDF4", extra="rain")
    times = hours.times()
    layers = [
        rioxarray.open_rasterio(hours.path(time), chunks={"y": 1024, "x": 1024}).isel(
            band=0, drop=True
        )
        for time in times
    ]
    facts = layers[0].attrs
    cube = xarray.concat(layers, dim=pd.Index(times, name="time"), combine_attrs="drop")
    cube = cube.reindex(time=pd.date_range(times[0], times[-1], freq=every).union(times))
    cube.name, cube.attrs = (
        "probability",
        {
            "long_name": "probability of a landslide",
            "units": "1",
            "comment": f"by {facts.get('model', 'a model')} of the rain of "
            f"{facts.get('n_steps', '?')} steps before each time",
        },
    )
    cube["time"].attrs = {"standard_name": "time", "long_name": "end of the last step of rain"}
    cube = cube.rio.write_coordinate_system()
    whole = cube.to_dataset()
    whole.attrs = {"Conventions": "CF-1.11", "source": "sklearn-landslide"}
    sizes = (1, min(256, cube.sizes["y"]), min(256, cube.sizes["x"]))
    whole.to_netcdf(
        path,
        engine="netcdf4",
        encoding={
            "probability": {
                "dtype": "float32",
                "zlib": True,
                "complevel": 4,
                "_FillValue": np.float32(np.nan),
                "chunksizes": sizes,
                "grid_mapping": "spatial_ref",
            },
            "time": {"units": "minutes since 1970-01-01 00:00:00", "dtype": "int64"},
        },
    )


def cells_of_units(source, grid, *, name=None, what="units"):
    """Find the polygon of each cell by its center.

    Parameters
    ----------
    source : str, path-like or GeoDataFrame
        Polygons.
    grid : Grid
        The cells.
    name : str, default=None
        Column with their names. None: a column called name, or their positions from 1.
    what : str, default="units"
        What the argument is called.

    Returns
    -------
    names : list of str
        One for each row of the polygons.
    cells : ndarray of int32, shape (n_rows, n_columns)
        Position of the polygon of each cell, from 1; 0 outside.
    """
    shapes = read_shapes(source, grid.crs, what=what)
    columns = [str(column) for column in shapes.frame.columns if column != "geometry"]
    if name is not None and name not in columns:
        raise ValueError(f"{shapes.where} has no column {name!r}; it has {', '.join(columns)}.")
    name = name or next((column for column in columns if column.lower() == "name"), None)
    names = range(1, len(shapes.frame) + 1) if name is None else shapes.frame[name]
    polygons, of = polygons_of(shapes)
    cells = burn(polygons, of + 1, grid, (0, grid.height), (0, grid.width))
    return [str(one) for one in names], cells
