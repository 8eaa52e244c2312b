"""Tables of GIS: attributes of points and polygons, and where their rows lie, in meters."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_landslide._hints import hints_spelled
from sklearn_landslide.tables import read_table, write_table

geopandas = pytest.importorskip("geopandas")
pyogrio = pytest.importorskip("pyogrio")
pyproj = pytest.importorskip("pyproj")
shapely = pytest.importorskip("shapely")

UTM = "EPSG:32717"
X, Y = np.array([715_000.0, 716_500.0, 714_200.0, 715_900.0]), np.array([9_560_000.0] * 4)
ATTRIBUTES = {"slope": [31.5, 12.25, 8.0, 22.0], "soil": ["clay", "sand", "clay", "sand"]}
LABELS = [1, 0, 0, 1]


def places(crs=UTM, geometry=None, **more):
    shapes = geopandas.points_from_xy(X, Y) if geometry is None else geometry
    columns = {**ATTRIBUTES, "landslide": LABELS, **more}
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=UTM).to_crs(crs)


def write(frame, path):
    if path.suffix == ".parquet":
        pytest.importorskip("pyarrow")
        frame.to_parquet(path)
    else:
        frame.to_file(path, engine="pyogrio")
    return path


def read(path, **options):
    return read_table(path, **{"target": "landslide", "categorical": "soil", **options})


def refused(path, message, **options):
    with pytest.raises(ValueError, match=message) as caught:
        read(path, **options)
    assert "\n" not in str(caught.value)


NAMES = ["a.gpkg", "a.shp", "a.geojson", "a.fgb", "a.parquet"]


@pytest.mark.parametrize("name", NAMES)
def test_every_format_gives_attributes_and_places(tmp_path, name):
    path = write(places(), tmp_path / name)
    table = read(path)
    # A spatial index may put the rows of a FlatGeobuf in another order.
    order = np.argsort(table.X["slope"])[::-1].to_numpy()
    assert_array_equal(table.X["slope"].iloc[order], [31.5, 22.0, 12.25, 8.0])
    assert table.X["soil"].iloc[order].tolist() == ["clay", "sand", "sand", "clay"]
    assert list(table.X) == ["slope", "soil"]
    assert_array_equal(table.y[order], [1, 1, 0, 0])
    # GeoJSON is in degrees.
    assert_allclose(table.coordinates["x"].iloc[order], X[[0, 3, 1, 2]], rtol=0, atol=0.02)
    assert table.crs == UTM


def test_a_packed_shapefile_is_a_table_and_a_packed_csv_still_is(tmp_path):
    import zipfile

    write(places(), tmp_path / "a.shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            packed.write(tmp_path / f"a{suffix}", f"a{suffix}")
    assert_allclose(read(tmp_path / "a.zip").coordinates["x"], X)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.writestr("b.csv", "slope,soil,landslide\n31.5,clay,1\n12.25,sand,0\n")
    assert read(tmp_path / "b.zip").coordinates is None


def test_polygons_lie_at_a_point_inside_of_them(tmp_path):
    # An L, whose centroid is outside.
    ell = shapely.Polygon([(0, 0), (10, 0), (10, 1), (1, 1), (1, 10), (0, 10)])
    shapes = [shapely.affinity.translate(ell, x, 9_560_000) for x in X]
    table = read(write(places(geometry=shapes), tmp_path / "units.gpkg"))
    points = geopandas.points_from_xy(table.coordinates["x"], table.coordinates["y"])
    assert all(shape.contains(point) for shape, point in zip(shapes, points, strict=True))
    assert not any(shape.contains(shape.centroid) for shape in shapes)


def test_named_columns_count_more_than_shapes(tmp_path):
    path = write(places(east=X + 1, north=Y), tmp_path / "a.gpkg")
    table = read(path, coordinates=["east", "north"])
    assert_array_equal(table.coordinates["x"], X + 1)
    assert table.crs is None
    assert list(table.X) == ["slope", "soil"]


def test_a_dbf_alone_is_a_table_without_places(tmp_path):
    write(places(), tmp_path / "a.shp")
    for path in tmp_path.iterdir():
        if path.suffix != ".dbf":
            path.unlink()
    table = read(tmp_path / "a.dbf")
    assert table.coordinates is None
    assert_array_equal(table.X["slope"], ATTRIBUTES["slope"])


def test_text_of_a_shapefile_is_read_as_stated_or_asked_for(tmp_path):
    rocks = ["砂岩", "砂岩", "页岩", "页岩"]
    write(places(rock=rocks), tmp_path / "a.shp")
    assert read(tmp_path / "a.shp", categorical=["soil", "rock"]).X["rock"].tolist() == rocks
    places(rock=rocks).to_file(tmp_path / "b.shp", engine="pyogrio", encoding="gb18030")
    (tmp_path / "b.cpg").unlink(missing_ok=True)
    refused(tmp_path / "b.shp", r"b\.shp is not UTF-8 text: .*'砂岩' in gb18030")
    table = read(tmp_path / "b.shp", categorical=["soil", "rock"], encoding="gb18030")
    assert table.X["rock"].tolist() == rocks
    refused(tmp_path / "b.shp", "encoding='klingon' is not an encoding", encoding="klingon")


def test_layers_are_chosen_and_never_guessed(tmp_path):
    path = tmp_path / "a.gpkg"
    places().to_file(path, layer="before")
    places(slope=[1.0, 2.0, 3.0, 4.0]).to_file(path, layer="after")
    refused(path, r"has the layers 'before', 'after': name one of them, sheet=\.\.\.")
    assert read(path, sheet="after").X["slope"].tolist() == [1, 2, 3, 4]
    assert read(path, sheet="1").X["slope"].tolist() == [1, 2, 3, 4]
    refused(path, "has no layer 'later'; its layers are 'before', 'after'", sheet="later")
    with (
        pytest.raises(ValueError, match="name one of them, --sheet LAYER"),
        hints_spelled(lambda hint: {"sheet": "--sheet LAYER"}.get(hint.name)),
    ):
        read(path)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([None, shapely.Point(1, 2)] * 2, r"has 2 rows without geometry \(first in row 1\)"),
        ([shapely.LineString([(0, 0), (1, 1)])] * 4, "of the kind 'LineString': points or poly"),
    ],
)
def test_rows_that_lie_nowhere_are_refused(tmp_path, shapes, message):
    path = write(places(geometry=shapes), tmp_path / "a.gpkg")
    refused(path, message)


def test_what_is_no_file_of_shapes_is_one_line(tmp_path):
    (tmp_path / "a.gpkg").write_bytes(b"SQLite format 3\0 and no more")
    refused(tmp_path / "a.gpkg", "a.gpkg cannot be read as points or polygons")
    (tmp_path / "a.shp").write_bytes(b"\0\0\x27\x0a")
    refused(tmp_path / "a.shp", "a.shp cannot be read as points or polygons")
    with pytest.raises(FileNotFoundError, match=r"No such file: .*b.gpkg. Did you mean 'a.gpkg'"):
        read(tmp_path / "b.gpkg")
    write(places(), tmp_path / "c.gpkg")
    refused(tmp_path / "c.gpkg", "has names of columns in any case", header=False)


# --- meters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "crs",
    # Degrees, feet, and a map on which a meter is more than a meter.
    [
        "EPSG:4326",
        "EPSG:4248",
        "EPSG:3857",
        "ESRI:102033",
        "+proj=utm +zone=17 +south +units=us-ft",
    ],
)
def test_distances_are_meters_whatever_the_system(tmp_path, crs):
    path = write(places(crs), tmp_path / "a.gpkg")
    points = read(path).coordinates.to_numpy()
    geod = pyproj.Geod(ellps="WGS84")
    degrees = places("EPSG:4326").geometry
    wanted = geod.inv(degrees.x[0], degrees.y[0], degrees.x[1], degrees.y[1])[2]
    assert np.hypot(*(points[0] - points[1])) == pytest.approx(wanted, rel=0.01)


def test_the_system_may_be_named(tmp_path):
    path = write(places("EPSG:4326"), tmp_path / "a.gpkg")
    moved = read(path, to_crs="EPSG:32617")
    assert moved.crs == "EPSG:32617"
    assert_allclose(moved.coordinates["y"], Y - 1e7, atol=0.01)
    # As they were read.
    assert_allclose(moved.given_coordinates["x"], places("EPSG:4326").geometry.x)
    refused(path, "to_crs='EPSG:4326' is not in meters", to_crs="EPSG:4326")
    refused(path, "to_crs='nowhere' is not a coordinate reference system", to_crs="nowhere")
    refused(path, "crs='EPSG:32717', but .* states EPSG:4326: leave it out", crs=UTM)


def test_a_file_without_crs_that_may_be_in_degrees_is_asked_for_it(tmp_path):
    path = write(places("EPSG:4326"), tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    refused(path, r"states no CRS, and its coordinates may be degrees: name it, crs=\.\.\.")
    assert_allclose(read(path, crs="EPSG:4326").coordinates["x"], X, atol=0.01)


def csv(tmp_path, names=("lon", "lat"), crs="EPSG:4326", **changed):
    shapes = places(crs).geometry
    frame = pd.DataFrame(
        {**ATTRIBUTES, "landslide": LABELS, names[0]: shapes.x, names[1]: shapes.y}
    )
    frame.assign(**changed).to_csv(tmp_path / "a.csv", index=False)
    return tmp_path / "a.csv"


def test_degrees_in_a_csv_are_told_by_option_or_by_name(tmp_path):
    table = read(csv(tmp_path, ("x", "y")), coordinates=["x", "y"], crs="EPSG:4326")
    assert table.crs == UTM
    assert_allclose(table.coordinates, np.column_stack([X, Y]), atol=0.01)
    path = csv(tmp_path, ("Longitude", "Latitude"))
    with pytest.warns(UserWarning, match="'Longitude', 'Latitude' are read as degrees, by their n"):
        named = read(path, coordinates=["Longitude", "Latitude"])
    assert_allclose(named.coordinates, table.coordinates)
    # Said, so that there is nothing to warn of.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(path, coordinates=["Longitude", "Latitude"], crs="EPSG:4326")


def test_names_alone_make_no_degrees_of_meters(tmp_path):
    table = read(csv(tmp_path, crs=UTM), coordinates=["lon", "lat"])
    assert table.crs is None
    assert_allclose(table.coordinates["x"], X)


def test_swapped_longitude_and_latitude_are_refused(tmp_path):
    path = csv(tmp_path)
    refused(path, "x, then y: 'lat' is y. Give 'lon', then 'lat'", coordinates=["lat", "lon"])
    path = csv(tmp_path, ("a", "b"), a=[30.1, 30.2, 30.3, 30.4], b=[110.1, 110.2, 110.3, 110.4])
    refused(
        path,
        r"30.1 to 30.4 \(x\) and 110.1 to 110.4 \(y\), which is not a longitude and .*but it",
        coordinates=["a", "b"],
        crs="EPSG:4326",
    )
    path = csv(tmp_path, ("a", "b"), crs=UTM)
    refused(path, "so their CRS is another", coordinates=["a", "b"], crs="EPSG:4326")


def test_a_region_over_the_date_line_and_a_wide_one_keep_their_distances(tmp_path):
    fiji = {"lon": [-179.9, 179.9, 179.8, 179.9], "lat": [-17.0] * 4}
    table = read(csv(tmp_path, **fiji), coordinates=["lon", "lat"], crs="EPSG:4326")
    wanted = pyproj.Geod(ellps="WGS84").inv(-179.9, -17, 179.9, -17)[2]
    assert np.ptp(table.coordinates["x"][:2]) == pytest.approx(wanted, rel=0.01)
    wide = {"lon": [100.0, 112, 100, 112], "lat": [25.0, 25, 33, 33]}
    table = read(csv(tmp_path, **wide), coordinates=["lon", "lat"], crs="EPSG:4326")
    points = table.coordinates.to_numpy()
    wanted = pyproj.Geod(ellps="WGS84").inv(100, 25, 112, 33)[2]
    assert np.hypot(*(points[0] - points[3])) == pytest.approx(wanted, rel=0.01)
    world = {"lon": [-170.0, 130, 0, 10], "lat": [20.0, -50, 0, 10]}
    refused(
        csv(tmp_path, **world),
        "lie too far apart for one system in meters: .* to_crs=",
        coordinates=["lon", "lat"],
        crs="EPSG:4326",
    )


def test_a_system_is_of_coordinates(tmp_path):
    path = csv(tmp_path, ("x", "y"), crs=UTM)
    message = (
        r"crs='EPSG:32717' is of coordinates, and .* has none that are named: coordinates=\.\."
    )
    refused(path, message, crs=UTM)
    refused(path, r"to_crs=.* needs the CRS .*'x', 'y'", coordinates=["x", "y"], to_crs=UTM)


def test_without_pyproj_only_what_was_asked_for_fails(tmp_path, monkeypatch):
    from sklearn_landslide.tables import _projection

    def missing(module, *, extra):
        raise ImportError(f"{module} is needed here")

    monkeypatch.setattr(_projection, "import_optional", missing)
    table = read(csv(tmp_path), coordinates=["lon", "lat"])
    # The splitters then refuse lengths in meters.
    assert table.coordinates.attrs["meters_per_unit"] is None
    with pytest.raises(ImportError, match="pyproj is needed"):
        read(csv(tmp_path), coordinates=["lon", "lat"], crs="EPSG:4326")


# --- and back ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["b.csv", "b.gpkg", "b.parquet"])
def test_what_is_written_is_read_back(tmp_path, name):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    more = {"weight": [1.0, 0.5, 1, 1], "unit": [7, 7, 8, 9], "year": [1999, 1999, 2000, 2000]}
    rows = places(**more, rock=[3, 4, None, 3])
    path = write(rows, tmp_path / "a.gpkg")
    roles = {"categorical": ["soil", "rock"], "strata": "year", "groups": "unit"}
    table = read(path, **roles, weights="weight")
    roles = write_table(table, tmp_path / name)
    copy = read_table(tmp_path / name, **roles)
    pd.testing.assert_frame_equal(copy.X, table.X)
    pd.testing.assert_frame_equal(copy.strata, table.strata)
    for key in ("y", "groups", "sample_weight"):
        assert_array_equal(copy[key], table[key])
    assert_allclose(copy.coordinates, table.coordinates, atol=1e-9)
    assert copy.crs == table.crs
    # Whole, or not there.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gpkg", name]


def test_a_table_that_cannot_be_written_leaves_nothing(tmp_path):
    table = read(write(places(landSlide=[1, 2, 3, 4]), tmp_path / "a.geojson"))
    with pytest.raises(ValueError, match="a column is called 'landslide'"):
        write_table(table, tmp_path / "b.csv")
    table = read(csv(tmp_path, ("x", "y")), drop=["x", "y"])
    with pytest.raises(ValueError, match="has no coordinates"):
        write_table(table, tmp_path / "b.gpkg")
    (tmp_path / "b.csv").write_text("precious")
    with pytest.raises(FileExistsError, match="exists: set overwrite=True"):
        write_table(table, tmp_path / "b.csv")
    table.X["slope"] = [(1, 2)] * 4
    table.coordinates = pd.DataFrame({"x": X, "y": Y})
    with pytest.raises(ValueError, match="cannot be written as GeoPackage"):
        write_table(table, tmp_path / "b.gpkg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.geojson", "b.csv"]
    assert (tmp_path / "b.csv").read_text() == "precious"


def test_a_stratum_that_is_called_as_a_coordinate_stays_beside_it(tmp_path):
    frame = places()
    text = pd.DataFrame(frame.drop(columns="geometry")).assign(east=X, north=Y, x=list("abba"))
    text.to_csv(tmp_path / "a.csv", index=False)
    table = read(tmp_path / "a.csv", coordinates=["east", "north"], strata="x")
    roles = write_table(table, tmp_path / "b.csv")
    copy = read_table(tmp_path / "b.csv", **roles)
    assert_array_equal(copy.coordinates.to_numpy(), table.coordinates.to_numpy())
    assert copy.strata["x"].tolist() == list("abba")
