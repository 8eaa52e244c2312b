"""Inventories as they come: packed, in other formats, with odd shapes and swapped axes."""

import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest
from shapely import MultiPolygon, Point, Polygon, box

geopandas = pytest.importorskip("geopandas")
pytest.importorskip("rioxarray")

from sklearn_landslide.mapping import open_stack, sample_absences, sample_stack  # noqa: E402

CRS = "EPSG:32717"
X0, Y0 = 700_000, 9_560_000
VALUES = np.arange(48.0).reshape(6, 8)


@pytest.fixture
def stack(write_raster):
    return open_stack({"number": write_raster("twi.tif", VALUES)})


def square(left, top, right, bottom):
    return box(X0 + left, Y0 - bottom, X0 + right, Y0 - top)


SQUARES = [square(0, 0, 20, 10), square(50, 30, 80, 60)]
WANTED = [0, 1, 29, 30, 31, 37, 38, 39, 45, 46, 47]


def frame(shapes=SQUARES):
    return geopandas.GeoDataFrame(
        {"landslide": np.arange(len(shapes)) % 2}, geometry=list(shapes), crs=CRS
    )


def values(stack, path, **options):
    return sample_stack(stack, path, **options).X["number"].tolist()


def refuses(message, stack, points, error=ValueError, **options):
    with pytest.raises(error, match=message) as caught:
        sample_stack(stack, points, **options)
    assert "\n" not in str(caught.value)


def pack(path, *files):
    with zipfile.ZipFile(path, "w") as packed:
        for file, name in files:
            packed.write(file, name)
    return path


def shapefile_parts(folder, stem="slides", into=""):
    return [(part, into + part.name) for part in sorted(folder.glob(f"{stem}.*"))]


# --------------------------------------------------------------------- formats


@pytest.mark.parametrize("name", ["slides.zip", "slides.shp.zip", "slides.ZIP"])
@pytest.mark.parametrize("into", ["", "data/inner/"])
def test_a_packed_shapefile_is_read(stack, tmp_path, name, into):
    (tmp_path / "files").mkdir()
    frame().to_file(tmp_path / "files" / "slides.shp")
    parts = shapefile_parts(tmp_path / "files", into=into)
    path = pack(tmp_path / name, *parts, (__file__, "__MACOSX/._slides.shp"))
    assert values(stack, path) == WANTED


def test_a_packed_geopackage_is_read_and_of_two_none(stack, tmp_path):
    for name in ("a.gpkg", "b.gpkg"):
        frame().to_file(tmp_path / name)
    one = pack(tmp_path / "one.zip", (tmp_path / "a.gpkg", "a.gpkg"))
    assert values(stack, one) == WANTED
    two = pack(tmp_path / "two.zip", *((tmp_path / n, n) for n in ("a.gpkg", "b.gpkg")))
    refuses("two.zip holds 'a.gpkg', 'b.gpkg': unpack it", stack, two)


def test_an_archive_without_shapes_is_refused(stack, tmp_path):
    refuses(
        "holds no file of points or polygons; it has 'notes.txt'",
        stack,
        pack(tmp_path / "a.zip", (__file__, "notes.txt")),
    )
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 and nothing else")
    refuses("b.zip is not a ZIP file that can be read", stack, tmp_path / "b.zip")
    refuses("No such file", stack, tmp_path / "c.zip", FileNotFoundError)


@pytest.mark.parametrize("name", ["slides.parquet", "slides.geoparquet"])
def test_geoparquet_is_read_and_a_table_in_parquet_stays_one(stack, tmp_path, name):
    pytest.importorskip("pyarrow")
    frame().to_parquet(tmp_path / name)
    assert values(stack, tmp_path / name) == WANTED
    table = pd.DataFrame({"x": [X0 + 5, X0 + 25], "y": [Y0 - 5, Y0 - 15], "landslide": [0, 1]})
    table.to_parquet(tmp_path / "table.parquet")
    assert values(stack, tmp_path / "table.parquet") == [0, 10]
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and nothing else")
    refuses("broken.parquet cannot be read as Parquet", stack, tmp_path / "broken.parquet")


def test_flatgeobuf_is_read(stack, tmp_path):
    frame().to_file(tmp_path / "slides.fgb", driver="FlatGeobuf")
    assert sorted(values(stack, tmp_path / "slides.fgb")) == WANTED


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>empty</name></Folder><Folder><name>slides</name>{}</Folder>
</Document></kml>"""
PLACEMARK = """<Placemark><name>{}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>
{}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"""


@pytest.mark.parametrize("packed", [False, True], ids=["kml", "kmz"])
def test_kml_is_read_packed_or_not(stack, tmp_path, packed):
    shapes = frame().to_crs("EPSG:4326").geometry
    marks = [
        PLACEMARK.format(n, " ".join(f"{x},{y},0" for x, y in shape.exterior.coords))
        for n, shape in enumerate(shapes)
    ]
    path = tmp_path / "doc.kml"
    path.write_text(KML.format("".join(marks)))
    if packed:
        path = pack(tmp_path / "slides.kmz", (path, "doc.kml"))
    table = sample_stack(stack, path, target=None)
    assert table.X["number"].tolist() == WANTED
    assert table.y.all()


# ---------------------------------------------------------------------- shapes

FLAT = Polygon([(X0 + 5, Y0 - 5), (X0 + 35, Y0 - 5), (X0 + 20, Y0 - 5)])
POINT_LIKE = Polygon([(X0 + 15, Y0 - 15)] * 4)
SLIVER = Polygon([(X0 + 5, Y0 - 25), (X0 + 75, Y0 - 25), (X0 + 75, Y0 - 25 + 1e-7)])


@pytest.mark.parametrize(
    ("shape", "possible"),
    [(FLAT, {0, 2, 3}), (POINT_LIKE, {9}), (MultiPolygon([FLAT]), {0, 2, 3})],
    ids=["flat", "a point", "flat part"],
)
@pytest.mark.parametrize("polygons", ["cells", "one"])
def test_a_polygon_without_area_counts_as_a_point_and_is_named(stack, shape, possible, polygons):
    shapes = frame([SQUARES[0], SQUARES[1], shape])
    with pytest.warns(
        UserWarning, match=r"1 polygon without area \(first at position 2\): each counts as a point"
    ):
        table = sample_stack(stack, shapes, polygons=polygons)
    found = table.X["number"][table.groups == 2].tolist()
    assert not found or set(found) <= possible
    if polygons == "one" or shape is POINT_LIKE:
        assert len(found) == 1


def test_a_sliver_has_a_cell_that_it_crosses(stack):
    table = sample_stack(stack, frame([SQUARES[0], SQUARES[1], SLIVER]))
    found = table.X["number"][table.groups == 2].tolist()
    assert found and set(found) <= set(range(16, 24))
    absences = sample_absences(stack, frame([SLIVER]), target=None, buffer=5, random_state=0)
    assert ((absences.geometry.y - (Y0 - 25)).abs() >= 5).all()


def test_coordinates_that_are_no_numbers_are_named(stack):
    with warnings.catch_warnings():
        # shapely's, of the shape itself
        warnings.simplefilter("ignore", RuntimeWarning)
        broken = Polygon([(X0 + 5, Y0 - 5), (np.nan, Y0 - 5), (X0 + 20, Y0 - 15)])
    refuses(
        r"1 row with coordinates that are not numbers \(first at position 1\)",
        stack,
        frame([SQUARES[0], broken]),
    )


def test_shapes_with_heights_are_shapes(stack):
    deep = [Polygon([(x, y, 700.0) for x, y in shape.exterior.coords]) for shape in SQUARES]
    assert values(stack, frame(deep)) == WANTED


# ------------------------------------------------------------------------ axes


def degrees():
    points = geopandas.GeoSeries([Point(X0 + 5, Y0 - 5), Point(X0 + 75, Y0 - 55)], crs=CRS)
    points = points.to_crs("EPSG:4326")
    return pd.DataFrame({"lon": points.x, "lat": points.y, "landslide": [0, 1]})


def test_latitude_and_longitude_in_the_wrong_order_are_asked_about(stack, tmp_path):
    table = degrees()
    assert values(stack, table, coordinates=("lon", "lat"), crs="EPSG:4326") == [0, 47]
    message = "they would if x and y changed places: is latitude given as x"
    for points in (table, tmp_path / "points.csv"):
        table.to_csv(tmp_path / "points.csv", index=False)
        refuses(message, stack, points, coordinates=("lat", "lon"), crs="EPSG:4326")
    swapped = geopandas.GeoDataFrame(
        {"landslide": [0, 1]},
        geometry=[Point(y, x) for x, y in zip(table["lon"], table["lat"], strict=True)],
        crs="EPSG:4326",
    )
    refuses(message, stack, swapped)
    refuses(message, stack, frame([Point(Y0 - 5, X0 + 5), Point(Y0 - 15, X0 + 15)]))


def test_places_that_no_projection_holds_are_shown_as_given(stack):
    nowhere = pd.DataFrame(
        {"x": [700_005.0, 700_015.0], "y": [9_559_995.0, 9e6], "landslide": [0, 1]}
    )
    refuses(
        r"exists in the stack's CRS, EPSG:32717: its x are 700005 to 700015 .* in this order",
        stack,
        nowhere,
        crs="EPSG:4326",
    )


def test_a_raster_and_a_table_without_crs_may_be_in_two_systems(write_raster):
    bare = open_stack({"number": write_raster("bare.tif", VALUES, crs=None)}, crs=CRS)
    assert values(bare, degrees(), coordinates=("lon", "lat"), crs=4326) == [0, 47]
