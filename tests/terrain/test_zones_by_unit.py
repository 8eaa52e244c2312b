"""Zones by district: areas that add up, shares counted by hand, names that are data."""

import numpy as np
import pytest

pytest.importorskip("rioxarray")
pytest.importorskip("exactextract")
xarray = pytest.importorskip("xarray")
geopandas = pytest.importorskip("geopandas")

from shapely import Point, box  # noqa: E402

from sklearn_landslide.terrain import zones_by_unit  # noqa: E402

NAMES = ["low", "high"]


@pytest.fixture(scope="module")
def maps():
    """Four by four cells of one square kilometer; the upper half is high, one cell is nodata."""
    cells = {"y": np.arange(4)[::-1] * 1000.0 + 500, "x": np.arange(4) * 1000.0 + 500}
    values = np.repeat([[2], [2], [1], [1]], 4, axis=1).astype(np.uint8)
    values[0, 0] = 0
    zones = xarray.DataArray(values, cells, ("y", "x"), attrs={"zone_names": NAMES})
    probability = xarray.DataArray(
        np.where(values > 0, values / 4, np.nan).astype(np.float32), cells, ("y", "x")
    )
    return [one.rio.write_crs("EPSG:32717") for one in (zones, probability)]


def districts(*boxes, **columns):
    return geopandas.GeoDataFrame(columns, geometry=[box(*one) for one in boxes], crs="EPSG:32717")


def test_areas_are_those_of_the_parts_of_cells(maps):
    units = districts((0, 0, 1500, 4000), (1500, 0, 4000, 4000), place=["west", "<b>east"])
    table = zones_by_unit(*maps, units, name="place").set_index(["unit", "name"])
    assert table["area_km2"].round(9).tolist() == [3.0, 2.0, 5.0, 5.0]
    assert table.loc["west", "area_share"].round(9).tolist() == [0.6, 0.4]
    assert table["unit_area_km2"].round(9).tolist() == [5.0, 5.0, 10.0, 10.0]
    np.testing.assert_allclose(
        table.loc["west", "unit_mean_probability"], (3 * 0.25 + 2 * 0.5) / 5, rtol=1e-6
    )
    assert table.index.get_level_values("unit").unique().tolist() == ["west", "<b>east"]


def test_polygons_of_one_name_are_one_unit_and_others_are_numbered(maps):
    boxes = [(0, 0, 1000, 1000), (1000, 0, 4000, 4000), (3000, 0, 4000, 1000)]
    units = districts(*boxes, place=["a", "b", "a"])
    assert zones_by_unit(*maps, units, name="place")["unit"].unique().tolist() == ["a", "b"]
    assert zones_by_unit(*maps, units)["unit"].unique().tolist() == ["1", "2", "3"]


def test_each_landslide_is_counted_once_and_the_others_are_said(maps):
    units = districts((0, 0, 2000, 4000), (2000, 0, 4000, 4000))
    points = [[500, 500], [2000, 500], [3500, 3500], [9999, 0], [np.nan, np.nan]]
    with pytest.warns(UserWarning, match="1 landslides lie in no unit"):
        table = zones_by_unit(*maps, units, landslides=points)
    assert table["unit_landslides"].tolist() == [2, 2, 1, 1]


def test_units_in_another_system_are_brought_to_the_map(maps):
    units = districts((0, 0, 2000, 4000), (2000, 0, 4000, 4000))
    expected = zones_by_unit(*maps, units)["area_km2"]
    found = zones_by_unit(*maps, units.to_crs("EPSG:4326"))["area_km2"]
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_a_wrong_column_points_and_units_elsewhere_are_refused(maps):
    units = districts((0, 0, 2000, 4000), district=["a"])
    with pytest.raises(ValueError, match=r"no column 'distrikt'. Did you mean .district.\?"):
        zones_by_unit(*maps, units, name="distrikt")
    with pytest.raises(ValueError, match="no unit has mapped ground"):
        zones_by_unit(*maps, districts((9e5, 0, 9.1e5, 4000)))
    points = geopandas.GeoDataFrame(geometry=[Point(5, 5)], crs="EPSG:32717")
    with pytest.raises(ValueError, match="units are polygons"):
        zones_by_unit(*maps, points)
