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
    applicability_style,
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
    inside = (np.arange(10) >= 5).astype(np.float32)[:, None] + 0 * zone
    bands = {"dissimilarity": probability, "inside": raster(inside, "inside", "1 inside")}
    write_map(zones, home / "zones.tif", colors=zone_colors(5))
    write_map(probability, home / "susceptibility.tif")
    write_map(probability / 4, home / "uncertainty.tif")
    write_map(bands, home / "applicability.tif")
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
    assert entries(applicability_style(), "rasterrenderer")[0]["band"] == "2"


def test_bands_keep_their_names_and_units(folder):
    with rasterio.open(folder / "applicability.tif") as file:
        assert file.descriptions == ("dissimilarity", "inside")
        assert file.units == ("1", "1 inside")
        assert "units" not in file.tags()


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
