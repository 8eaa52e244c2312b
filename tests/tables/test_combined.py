"""Tables in several files: joined by an id, or landslides and other places apart."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_landslide.tables import read_table


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def refused(message, *paths, **options):
    with pytest.raises(ValueError, match=message) as caught:
        read_table(*paths, **{"target": "landslide", **options})
    assert "\n" not in str(caught.value)


FACTORS = "id,slope,soil\n1,31.5,clay\n2,12.25,sand\n3,8,clay\n"
LABELS = "unit;landslide\n3;0\n1;1\n2;0\n"
ON = {"on": ["id", "unit"], "categorical": "soil"}


# --- joined -----------------------------------------------------------------------------------


def test_labels_find_their_rows_by_id(write):
    table = read_table(
        write("a.csv", FACTORS), target="landslide", join=write("b.csv", LABELS), **ON
    )
    assert list(table.X) == ["slope", "soil"]
    assert_array_equal(table.X["slope"], [31.5, 12.25, 8])
    assert_array_equal(table.y, [1, 0, 0])
    turned = read_table(
        write("b.csv", LABELS),
        target="landslide",
        join=write("a.csv", FACTORS),
        on=["unit", "id"],
        categorical="soil",
    )
    assert_array_equal(turned.X["slope"], [8, 31.5, 12.25])
    assert_array_equal(turned.y, [0, 1, 0])


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(6)), st.permutations(range(6)))
def test_joining_is_what_pandas_merges(tmp_path_factory, one, other):
    folder = tmp_path_factory.mktemp("join")
    rng = np.random.default_rng(0)
    left = pd.DataFrame({"id": [f"u{k:02}" for k in one], "slope": rng.uniform(0, 60, 6)})
    right = pd.DataFrame({"id": [f"u{k:02}" for k in other], "landslide": [0, 1, 0, 1, 1, 0]})
    left.to_csv(folder / "a.csv", index=False)
    right.to_csv(folder / "b.csv", index=False)
    table = read_table(folder / "a.csv", target="landslide", join=folder / "b.csv", on="id")
    merged = left.merge(right, on="id", how="left")
    assert_array_equal(table.X["slope"], merged["slope"])
    assert_array_equal(table.y, merged["landslide"])


def test_ids_are_one_whatever_the_file_and_zeros_in_front_count(write, tmp_path):
    pytest.importorskip("openpyxl")
    frame = pd.DataFrame({"id": [1.0, 3.0, 2.0], "landslide": [1, 0, 0]})
    frame.to_excel(tmp_path / "b.xlsx", index=False)
    options = {"join": tmp_path / "b.xlsx", "on": "id", "categorical": "soil"}
    table = read_table(write("a.csv", FACTORS), target="landslide", **options)
    assert_array_equal(table.y, [1, 0, 0])
    zeros = FACTORS.replace("\n1,", "\n001,").replace("\n2,", "\n002,").replace("\n3,", "\n003,")
    refused(
        r"the id '001' of .*a.csv is '1' in .*b.xlsx, with or without zeros in front: write them",
        write("a.csv", zeros),
        **options,
    )
    texts = pd.DataFrame({"id": ["001", "003", "002"], "landslide": [1, 0, 0]})
    texts.to_excel(tmp_path / "b.xlsx", index=False)
    assert_array_equal(
        read_table(write("a.csv", zeros), target="landslide", **options).y, [1, 0, 0]
    )


@pytest.mark.parametrize(
    ("factors", "labels", "options", "message"),
    [
        (
            FACTORS + "3,1,clay\n",
            LABELS,
            {},
            r"a.csv has 2 rows whose id 'id' .* '3' in the rows 4",
        ),
        (
            FACTORS,
            LABELS + "3.0;1\n",
            {},
            r"b.csv has 2 rows whose id 'unit' .* '3' in the rows 2 an",
        ),
        (FACTORS + "7,1,clay\n", LABELS, {}, r"1 row of 4 of .*'7' in row 5; .* such as '3'\)"),
        (
            FACTORS + ",1,clay\n",
            LABELS,
            {},
            r"id 'id' of .*a.csv is missing in 1 row \(first in row 5",
        ),
        (
            FACTORS,
            LABELS,
            {"on": "id"},
            r"b.csv has no column 'id' to join by.* 'unit', 'landslide'",
        ),
        (FACTORS, LABELS, {"on": ["a", "b", "c"]}, "the ids are one column, or one of each file"),
        (FACTORS, LABELS, {"on": None}, r"join=\.\.\. needs the column of ids, on=\.\.\."),
        (FACTORS, LABELS, {"join": None}, r"on=\.\.\. is for join=\.\.\., which is not given"),
        (
            FACTORS,
            "unit;landslide;slope\n3;0;8\n1;1;31.5\n2;0;12\n",
            {},
            "both have a column 'slope', and it is not the same: rename or remove",
        ),
    ],
)
def test_what_cannot_be_joined_one_to_one_is_refused(write, factors, labels, options, message):
    paths = {"join": write("b.csv", labels)}
    refused(message, write("a.csv", factors), **{**paths, **ON, **options})


def test_rows_that_nobody_asked_for_are_counted_and_equal_columns_are_one(write):
    labels = "unit,landslide,slope\n3,0,8.0\n1,1,31.5\n2,0,12.25\n9,1,5\n"
    with pytest.warns(UserWarning, match="1 row of 4 of .*b.csv have an id that is not in .*a.csv"):
        table = read_table(
            write("a.csv", FACTORS), target="landslide", join=write("b.csv", labels), **ON
        )
    assert list(table.X) == ["slope", "soil"]


def test_each_file_has_its_own_decimal_mark_and_encoding(write):
    factors = "id;Neigung;Boden\n1;31,5;Löß\n2;12,25;Kies\n".encode("cp1252")
    labels = b"id,landslide,wet\n2,0,1.5\n1,1,2.25\n"
    table = read_table(
        write("a.csv", factors),
        target="landslide",
        join=write("b.csv", labels),
        on="id",
        categorical="Boden",
        encoding="cp1252",
    )
    assert_array_equal(table.X[["Neigung", "wet"]], [[31.5, 2.25], [12.25, 1.5]])
    assert table.X["Boden"].tolist() == ["Löß", "Kies"]


def test_polygons_of_one_file_say_where_the_rows_of_another_lie(write, tmp_path):
    geopandas = pytest.importorskip("geopandas")
    shapely = pytest.importorskip("shapely")
    units = geopandas.GeoDataFrame(
        {"unit": [3, 1, 2]},
        geometry=[
            shapely.box(x, 9_560_000, x + 10, 9_560_010) for x in (700_000, 700_100, 700_200)
        ],
        crs="EPSG:32717",
    )
    units.to_file(tmp_path / "units.gpkg")
    options = {"join": tmp_path / "units.gpkg", "target": "landslide", **ON}
    text = FACTORS.replace("soil\n", "soil,landslide\n").replace("clay\n", "clay,1\n")
    table = read_table(write("a.csv", text.replace("sand\n", "sand,0\n")), **options)
    assert_allclose(table.coordinates["x"], [700_105, 700_205, 700_005])


# --- landslides and other places ---------------------------------------------------------------

SLIDES = "x,y,slope,soil\n1000,2000,31.5,clay\n1100,2100,28.5,sand\n"
STABLE = "soil;slope;x;y\nclay;2,5;1500;2500\nsand;7,25;1600;2600\nclay;1,5;1700;2700\n"
ROLES = {"categorical": "soil", "coordinates": ["x", "y"]}


def test_two_files_are_one_table_with_labels(write):
    table = read_table(
        write("slides.csv", SLIDES), absence_points=write("stable.csv", STABLE), **ROLES
    )
    assert_array_equal(table.y, [1, 1, 0, 0, 0])
    assert_array_equal(table.X["slope"], [31.5, 28.5, 2.5, 7.25, 1.5])
    assert table.X["soil"].tolist() == ["clay", "sand", "clay", "sand", "clay"]
    assert_array_equal(table.coordinates["y"], [2000, 2100, 2500, 2600, 2700])
    assert table.target == "landslide"


def test_codes_stay_classes_where_each_file_has_other_ones(tmp_path):
    for name, codes in (("slides", [2, 3, 2]), ("stable", [1, 2, 4])):
        frame = pd.DataFrame({"slope": [1.5, 2.5, 3.5], "soil": pd.Categorical(codes)})
        frame.to_parquet(tmp_path / f"{name}.parquet")
    (tmp_path / "stable.csv").write_text("slope;soil\n1,5;1\n2,5;2\n3,5;4\n")
    for stable in ("stable.parquet", "stable.csv"):
        table = read_table(tmp_path / "slides.parquet", absence_points=tmp_path / stable)
        assert table.X["soil"].cat.categories.tolist() == [1, 2, 3, 4]
        assert table.X["soil"].tolist() == [2, 3, 2, 1, 2, 4]


def test_groups_that_each_file_counts_from_one_are_not_joined_in_silence(write):
    slides = write("slides.csv", "id,slope\n1,31.5\n2,28.5\n")
    stable = write("stable.csv", "id,slope\n1,2.5\n2,7.25\n3,1.5\n")
    with pytest.warns(UserWarning, match="2 groups of the column 'id' are in both slides.csv and"):
        table = read_table(slides, absence_points=stable, groups="id")
    assert table.groups[0] == table.groups[2]
    # Names of catchments mean the same in both files.
    slides = write("slides.csv", "id,slope\n17,31.5\n23,28.5\n")
    stable = write("stable.csv", "id,slope\n17,2.5\n30,7.25\n31,1.5\n")
    assert len(set(read_table(slides, absence_points=stable, groups="id").groups)) == 4


def test_degrees_of_one_file_and_meters_of_the_other_are_refused(write):
    slides = write("slides.csv", "x,y,a\n512000,3301000,1.5\n513000,3302000,2\n")
    stable = write("stable.csv", "x,y,a\n87.1,29.8,1\n87.2,29.9,3\n")
    message = r"'x', 'y' are below 360 and 90 in 2 rows \(first in row 2 of stable.csv\)"
    options = {"target": None, "coordinates": ["x", "y"], "absence_points": stable}
    refused(message, slides, **options)
    # In a system of its own a place may lie near the origin.
    local = write("local.csv", "x,y,a\n9000,12000,1.5\n14000,15000,2\n")
    assert read_table(local, **options).coordinates["x"].max() == 14000


def test_a_column_of_one_file_alone_would_tell_them_apart(write):
    dated = SLIDES.replace("soil\n", "soil,date\n").replace("clay\n", "clay,2019\n")
    dated = dated.replace("sand\n", "sand,2020\n")
    slides, stable = write("slides.csv", dated), write("stable.csv", STABLE)
    options = {"absence_points": stable, "target": None, **ROLES}
    refused(r"only .*slides.csv has 'date', which would be missing .*: drop it", slides, **options)
    assert list(read_table(slides, drop="date", **options).X) == ["slope", "soil"]
    # A column that is empty in one of them is no better.
    empty = STABLE.replace("y\n", "y;date\n").replace("00\n", "00;\n")
    options["absence_points"] = write("stable.csv", empty)
    refused("only .*slides.csv has 'date'", slides, **options)


@pytest.mark.parametrize(
    ("slides", "stable", "options", "message"),
    [
        (
            "a,landslide\n1,1\n2,0\n",
            "a,landslide\n3,0\n",
            {},
            "slides.csv is the file of landslides",
        ),
        (
            "a,landslide\n1,1\n2,1\n",
            "a,landslide\n3,1\n",
            {},
            "stable.csv is the file of places with",
        ),
        ("a,b\n1,1\n?,2\n4,4\n", "a,b\n3,3\n", {}, r"'a' has 1 cell .*\('\?' in row 3\)"),
        ("a,b\n1,1\n2,2\n", "a,b\n3,3\n?,4\n", {}, r"'a' has 1 cell .*'\?' in row 3 of stable.csv"),
        (
            "a,b\n1,1\n",
            "a,b\n3,3\n",
            {"positive_class": 1},
            "positive_class=1 is a label, and with",
        ),
    ],
)
def test_files_that_contradict_themselves_are_refused(write, slides, stable, options, message):
    paths = write("slides.csv", slides), write("stable.csv", stable)
    refused(message, paths[0], absence_points=paths[1], **options)


def test_labels_that_agree_with_their_file_are_no_factor(write):
    slides = write("slides.csv", "a,b,landslide\n1,2,1\n2,5,1\n")
    table = read_table(slides, absence_points=write("stable.csv", "a,b,landslide\n3,1,0\n"))
    assert list(table.X) == ["a", "b"]
    assert_array_equal(table.y, [1, 1, 0])


def test_the_labels_of_one_file_are_needed(write):
    refused(
        r"the table needs its column of labels: target=\.\.\.", write("a.csv", FACTORS), target=None
    )


def test_places_in_two_systems_are_brought_together(tmp_path, write):
    geopandas = pytest.importorskip("geopandas")
    x, y = np.array([715_000.0, 716_000, 714_000]), [9_560_000.0] * 3
    points = geopandas.points_from_xy(x, y, crs="EPSG:32717")
    one = geopandas.GeoDataFrame({"slope": [1.5, 2.5, 3.5]}, geometry=points)
    one.to_file(tmp_path / "slides.gpkg")
    one.to_crs("EPSG:4326").assign(slope=[7.5, 8.5, 9.5]).to_file(tmp_path / "stable.geojson")
    table = read_table(tmp_path / "slides.gpkg", absence_points=tmp_path / "stable.geojson")
    assert_allclose(table.coordinates["x"], [*x, *x], atol=0.02)
    assert table.crs == "EPSG:32717"
    # Contradictory rows, but for their factors.
    assert_array_equal(table.X["slope"], [1.5, 2.5, 3.5, 7.5, 8.5, 9.5])
    one.to_file(tmp_path / "unstated.shp")
    (tmp_path / "unstated.prj").unlink()
    refused(
        "unstated.shp states no CRS, and the other file does",
        tmp_path / "slides.gpkg",
        absence_points=tmp_path / "unstated.shp",
    )
    refused(
        "stable.csv has no shapes that say where its rows lie, and the other file has",
        tmp_path / "slides.gpkg",
        absence_points=write("stable.csv", "slope,x\n1,2\n"),
        drop="x",
    )


def test_ids_of_both_files_are_joined_at_once(write):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = read_table(
            write("slides.csv", "id,a\n5,1.5\n6,2.5\n"),
            absence_points=write("stable.csv", "id,a\n8,7.5\n"),
            join=write("factors.csv", "id,slope\n8,3\n6,2\n5,1\n"),
            on="id",
        )
    assert_array_equal(table.X, [[1.5, 1], [2.5, 2], [7.5, 3]])
    assert_array_equal(table.y, [1, 1, 0])


def test_groups_are_read_and_kept_apart(write):
    path = write("a.csv", "slope,slide,landslide\n1.5,7,1\n2.5,7,1\n8,9,0\n")
    table = read_table(path, target="landslide", groups="slide")
    assert list(table.X) == ["slope"]
    assert_array_equal(table.groups, [7, 7, 9])
    refused("'slide' cannot be both the groups and dropped", path, groups="slide", drop="slide")
    gap = write("a.csv", "slope,slide,landslide\n1.5,7,1\n2.5,,1\n8,9,0\n")
    refused(r"group 'slide' is missing in 1 row \(first in row 3\)", gap, groups="slide")
