"""Small rasters whose every value is known by where it is."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

CRS = "EPSG:32717"
# 10 m cells, rows from the north.
TRANSFORM = Affine(10, 0, 700_000, 0, -10, 9_560_000)


def known_values(rows, columns):
    """1000 * row + column."""
    return 1000.0 * np.arange(rows)[:, None] + np.arange(columns)


@pytest.fixture
def write_raster(tmp_path):
    """Write bands of one shape to a GeoTIFF and return its path."""

    def write(name, *bands, descriptions=None, transform=TRANSFORM, crs=CRS, mask=None, **options):
        path = tmp_path / name
        height, width = bands[0].shape
        options = {
            "driver": "GTiff",
            "height": height,
            "width": width,
            "count": len(bands),
            "dtype": bands[0].dtype,
            "crs": crs,
            "transform": transform,
        } | options
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(path, "w", **options) as file,
        ):
            for number, band in enumerate(bands, start=1):
                file.write(band, number)
            if mask is not None:
                file.write_mask(mask)
            if descriptions is not None:
                file.descriptions = descriptions
        return path

    return write
