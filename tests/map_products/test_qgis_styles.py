"""The styles beside the maps: read as XML here, and by QGIS itself where it is installed."""

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

pytest.importorskip("rioxarray")
xarray = pytest.importorskip("xarray")
rasterio = pytest.importorskip("rasterio")
pytest.importorskip("geopandas")

from sklearn_landslide.mapping import (  # noqa: E402
    APPLICABILITY_COLORS,
    APPLICABILITY_NAMES,
    applicability_style,
    dissimilarity_style,
    factors_style,
    raster_names,
    susceptibility_style,
    uncertainty_style,
    write_map,
    write_zone_polygons,
    zone_colors,
    zone_polygons,
    zones_raster_style,
)

NAMES = ["very low", "low & <b>flat</b>", "moderate", 'high "steep"', "very high"]
EDGES = [0.0, 0.1, 0.2, 0.4, 0.7, 1.0]
# Python of the system: QGIS brings its own libraries, not those of an environment.
PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin")

SCRIPT = """
import json, sys
from pathlib import Path
from qgis.core import (
    QgsApplication, QgsMapRendererSequentialJob, QgsMapSettings, QgsRasterLayer, QgsVectorLayer
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

folder = Path(sys.argv[1])
application = QgsApplication([], False)
application.initQgis()

def picture(layers, name):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(layers[0].crs())
    settings.setExtent(layers[0].extent())
    settings.setOutputSize(QSize(200, 200))
    settings.setBackgroundColor(QColor(255, 255, 255))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(str(folder / name))
    return image

def about(layer, image):
    renderer = layer.renderer()
    return {
        "type": renderer.type(),
        "legend": [[label, color.name()] for label, color in renderer.legendSymbologyItems()],
        "pixels": [image.pixelColor(x, 100).name() for x in range(20, 200, 40)],
    }

found = {}
# As by a double click: nobody names a style, and QGIS takes the one beside the file.
for name in ("susceptibility", "zones", "uncertainty", "applicability"):
    layer = QgsRasterLayer(str(folder / f"{name}.tif"), name)
    found[name] = about(layer, picture([layer], f"{name}.png"))
    found[name]["bands"] = [layer.bandName(1)]
    found[name]["named"] = layer.loadNamedStyle(str(folder / f"{name}.qml"))[1]
bare = QgsRasterLayer(str(folder / "bare.tif"), "bare")
found["bare"] = about(bare, picture([bare], "bare.png"))
top = QgsRasterLayer(str(folder / "applicability.tif"), "top")
below = QgsRasterLayer(str(folder / "zones.tif"), "below")
image = picture([top, below], "both.png")
found["both"] = [image.pixelColor(x, 20).name() for x in range(20, 200, 40)]
polygons = QgsVectorLayer(str(folder / "zones.gpkg") + "|layername=zones", "zones", "ogr")
found["polygons"] = {
    "type": polygons.renderer().type(),
    "labels": [one.label() for one in polygons.renderer().categories()],
}
picture([polygons], "polygons.png")
print(json.dumps(found), flush=True)
import os
os._exit(0)
"""


def raster(values, name, unit=""):
    """A map of five columns of a zone each, and ten rows."""
    cells = {"y": np.arange(10)[::-1] * 10.0 + 5, "x": np.arange(10) * 10.0 + 5}
    made = xarray.DataArray(values, cells, ("y", "x"), name, {"units": unit})
    return made.rio.write_crs("EPSG:32717")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Small rasters as a map's, with their styles."""
    home = tmp_path_factory.mktemp("styles")
    zone = np.repeat(np.tile(np.arange(1, 6, dtype=np.uint8), (10, 1)), 2, axis=1)
    zones = raster(zone, "zone", "zone").rio.write_nodata(0)
    probability = raster(np.array(EDGES, dtype=np.float32)[zone - 1], "susceptibility", "1")
    inside = (np.arange(10) >= 5).astype(np.uint8)[:, None] + 0 * zone
    inside = raster(inside, "inside", "1 inside").rio.write_nodata(255)
    write_map(zones, home / "zones.tif", colors=zone_colors(5))
    write_map(probability, home / "susceptibility.tif")
    write_map(probability / 4, home / "uncertainty.tif")
    write_map(inside, home / "applicability.tif", colors=APPLICABILITY_COLORS)
    names = dict(enumerate(["no data", *NAMES]))
    (home / "zones.tif.aux.xml").write_text(raster_names(names, zone_colors(5)), encoding="utf-8")
    names = raster_names(APPLICABILITY_NAMES, APPLICABILITY_COLORS)
    (home / "applicability.tif.aux.xml").write_text(names, encoding="utf-8")
    # Without a style beside it: what GDAL tells QGIS.
    for ending in ("tif", "tif.aux.xml"):
        shutil.copy(home / f"zones.{ending}", home / f"bare.{ending}")
    for name, text in {
        "zones": zones_raster_style(NAMES),
        "susceptibility": susceptibility_style(EDGES),
        "uncertainty": uncertainty_style(0.25),
        "applicability": applicability_style(),
    }.items():
        (home / f"{name}.qml").write_text(text, encoding="utf-8")
    zones.attrs["zone_names"] = NAMES
    write_zone_polygons(zone_polygons(zones, probability), home / "zones.gpkg")
    return home


def entries(style, tag):
    return [one.attrib for one in ElementTree.fromstring(style).iter(tag)]


def hexed(color):
    return "#" + "".join(f"{part:02x}" for part in color[:3])


def test_zones_have_their_numbers_names_and_the_colors_of_the_geotiff():
    rows = entries(zones_raster_style(NAMES), "paletteEntry")
    assert [row["label"] for row in rows] == NAMES
    assert [row["value"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert [row["color"] for row in rows] == [hexed(zone_colors(5)[zone]) for zone in range(1, 6)]


def test_the_ramp_of_probabilities_has_a_stop_at_each_edge_of_the_zones():
    rows = entries(susceptibility_style(EDGES), "item")
    assert [float(row["value"]) for row in rows] == EDGES
    assert [row["label"] for row in rows] == ["0", "0.1", "0.2", "0.4", "0.7", "1"]
    assert rows[0]["color"] == hexed(zone_colors(5)[1])
    assert rows[-1]["color"] == hexed(zone_colors(5)[5])


def test_a_ramp_of_rare_landslides_keeps_its_stops_apart():
    rows = entries(susceptibility_style([0, 1e-7, 3e-7, 1]), "item")
    assert len({float(row["value"]) for row in rows}) == 4


@pytest.mark.parametrize("highest", [0.31, 0.0])
def test_the_ramp_of_uncertainty_rises_from_nothing_to_the_largest(highest):
    values = [float(row["value"]) for row in entries(uncertainty_style(highest), "item")]
    assert values[0] == 0 and values[-1] == (highest or 1)
    assert values == sorted(set(values))


def test_outside_the_area_of_applicability_is_a_veil_and_inside_is_nothing():
    outside, inside = entries(applicability_style(), "paletteEntry")
    assert (outside["value"], outside["label"]) == ("0", "outside the area of applicability")
    assert 0 < int(outside["alpha"]) < 255
    assert (inside["value"], inside["alpha"]) == ("1", "0")
    assert entries(applicability_style(), "rasterrenderer")[0]["band"] == "1"


def test_bands_keep_their_names_and_units(folder):
    with rasterio.open(folder / "applicability.tif") as file:
        assert (file.descriptions, file.units) == (("inside",), ("1 inside",))
        assert "units" not in file.tags()


def test_gdal_finds_the_classes_by_name_and_no_color_beside_theirs(folder):
    with rasterio.open(folder / "zones.tif") as file:
        assert file.colormap(1) == zone_colors(5)
    root = ElementTree.parse(folder / "zones.tif.aux.xml").getroot()
    assert [one.text for one in root.iter("Category")] == ["no data", *NAMES]
    rows = [[cell.text for cell in row.iter("F")] for row in root.iter("Row")]
    assert rows[5] == ["5", "very high", *map(str, zone_colors(5)[5])]
    usages = [field.find("Usage").text for field in root.iter("FieldDefn")]
    assert usages == ["5", "2", "6", "7", "8", "9"]  # GFU_MinMax, GFU_Name, red to alpha


def test_without_its_names_beside_it_no_raster_has_black_entries(folder, tmp_path):
    shutil.copy(folder / "zones.tif", tmp_path)
    with rasterio.open(tmp_path / "zones.tif") as file:
        colors = file.colormap(1)
    assert {colors[number] for number in range(6, 256)} == {(255, 255, 255, 255)}


def test_applicability_is_bytes_with_255_for_nodata(folder):
    with rasterio.open(folder / "applicability.tif") as file:
        assert (file.dtypes, file.nodata) == (("uint8",), 255)


@pytest.mark.parametrize(("threshold", "middle"), [(0.2, 0.2), (np.inf, 0.5)])
def test_the_ramp_of_dissimilarity_has_the_edge_of_the_area_in_its_middle(threshold, middle):
    rows = entries(dissimilarity_style(threshold), "item")
    assert float(rows[2]["value"]) == middle
    assert "edge of the area of applicability" in rows[2]["label"]


def test_a_stack_is_shown_by_its_first_quantity_and_not_as_red_green_and_blue():
    codes = np.arange(100).reshape(10, 10) % 3
    rock = raster(codes, "rock").assign_attrs(categorical=True, class_names={0: "a", 1: "b<"})
    slope = raster(np.linspace(0.0, 40, 100).reshape(10, 10), "slope", "degrees")
    style = factors_style(xarray.Dataset({"rock": rock, "slope": slope}))
    (renderer,) = entries(style, "rasterrenderer")
    assert (renderer["type"], renderer["band"]) == ("singlebandpseudocolor", "2")
    rows = entries(style, "item")
    assert [float(row["value"]) for row in rows] == [0, 10, 20, 30, 40]
    assert (rows[0]["label"], rows[1]["label"]) == ("slope: 0 degrees", "10 degrees")
    rows = entries(factors_style(rock.to_dataset()), "paletteEntry")
    assert [(row["value"], row["label"]) for row in rows] == [("0", "a"), ("1", "b<")]


@pytest.fixture(scope="module")
def in_qgis(folder):
    """What QGIS makes of the files, in a process of its own."""
    if PYTHON is None:
        pytest.skip("there is no Python of the system, which QGIS would belong to")
    quiet = {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
    environment = {"PATH": os.environ["PATH"]} | quiet
    probe = [PYTHON, "-c", "import qgis.core"]
    if subprocess.run(probe, env=environment, capture_output=True, timeout=60).returncode:
        pytest.skip("QGIS is not installed (python3-qgis)")
    done = subprocess.run(
        [PYTHON, "-c", SCRIPT, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_qgis_opens_each_raster_with_its_style(in_qgis):
    assert {name: in_qgis[name]["type"] for name in ("zones", "applicability")} == {
        "zones": "paletted",
        "applicability": "paletted",
    }
    assert in_qgis["susceptibility"]["type"] == "singlebandpseudocolor"
    assert in_qgis["uncertainty"]["type"] == "singlebandpseudocolor"
    assert all(in_qgis[name]["named"] for name in ("zones", "susceptibility", "uncertainty"))
    assert in_qgis["susceptibility"]["bands"] == ["Band 1: susceptibility"]


def test_qgis_shows_names_and_colors_in_the_legend_and_on_the_map(in_qgis):
    colors = [hexed(zone_colors(5)[zone]) for zone in range(1, 6)]
    assert in_qgis["zones"]["legend"] == [list(pair) for pair in zip(NAMES, colors, strict=True)]
    assert in_qgis["zones"]["pixels"] == colors
    assert [label for label, _ in in_qgis["susceptibility"]["legend"]] == [
        "0",
        "0.1",
        "0.2",
        "0.4",
        "0.7",
        "1",
    ]
    assert in_qgis["susceptibility"]["pixels"][0] == colors[0]


def test_qgis_names_the_zones_by_gdal_alone(in_qgis):
    shown = dict(map(tuple, in_qgis["bare"]["legend"]))
    assert list(shown)[-5:] == NAMES and "#000000" not in [shown[name] for name in NAMES]
    assert in_qgis["bare"]["pixels"] == in_qgis["zones"]["pixels"]


def test_qgis_dims_the_map_outside_the_area_of_applicability(in_qgis):
    for dimmed, plain in zip(in_qgis["both"], in_qgis["zones"]["pixels"], strict=True):
        veil, alpha = np.array([90, 90, 90]), 140 / 255
        mixed = alpha * veil + (1 - alpha) * np.array(
            [int(plain[place : place + 2], 16) for place in (1, 3, 5)]
        )
        seen = [int(dimmed[place : place + 2], 16) for place in (1, 3, 5)]
        np.testing.assert_allclose(seen, mixed, atol=3)


def test_qgis_reads_the_style_in_the_geopackage_though_a_raster_has_one_of_its_name(in_qgis):
    assert in_qgis["polygons"] == {"type": "categorizedSymbol", "labels": NAMES}
