"""Tables of text as programs write them: encodings, decimal commas, no header; rules for labels."""

import codecs

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sklearn_landslide._hints import hints_spelled
from sklearn_landslide.tables import read_table
from sklearn_landslide.tables._marks import decimal_of, with_point


def refused(path, message, **options):
    with pytest.raises(ValueError, match=message) as caught:
        read_table(path, **{"target": "landslide", **options})
    assert "\n" not in str(caught.value)


# --- encodings --------------------------------------------------------------------------------

TEXT = "{name};soil;landslide\n31,5;{one};1\n12,25;{two};0\n"
GERMAN = {"name": "Gelände", "one": "Löß", "two": "Kies"}
CHINESE = {"name": "坡度", "one": "砂岩", "two": "页岩"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
def test_unicode_is_found(write, encoding):
    path = write(TEXT.format(**GERMAN).encode(encoding))
    table = read_table(path, target="landslide", categorical="soil")
    assert list(table.X) == ["Gelände", "soil"]
    assert table.X["soil"].tolist() == ["Löß", "Kies"]


@pytest.mark.parametrize(
    ("words", "encoding", "seen"),
    [
        (GERMAN, "cp1252", "'Gelände' in cp1252"),
        (CHINESE, "gb18030", "'坡度' in gb18030"),
        ({"name": "傾斜", "one": "砂", "two": "泥"}, "shift_jis", "'傾斜' in shift_jis"),
        ({"name": "уклон", "one": "глина", "two": "а"}, "cp1251", "'уклон' in cp1251"),
    ],
)
def test_other_encodings_are_shown_and_asked_for(write, words, encoding, seen):
    path = write(TEXT.format(**words).encode(encoding))
    refused(path, rf"not UTF-8 text: say what it is, encoding=\.\.\. \(it has .*{seen}")
    table = read_table(path, target="landslide", categorical="soil", encoding=encoding)
    assert list(table.X) == [words["name"], "soil"]
    assert_array_equal(table.X[words["name"]], [31.5, 12.25])
    with (
        pytest.raises(ValueError, match="say what it is, --encoding NAME"),
        hints_spelled(lambda hint: {"encoding": "--encoding NAME"}.get(hint.name)),
    ):
        read_table(path, target="landslide")


def test_what_is_named_wrongly_is_said(write):
    path = write(TEXT.format(**GERMAN).encode("cp1252"))
    refused(path, "not ascii text: say what it is", encoding="ascii")
    refused(path, "encoding='cp12' is not an encoding", encoding="cp12")
    # For bytes, not for text.
    refused(path, "encoding='hex' is not an encoding", encoding="hex")
    marked = write(codecs.BOM_UTF8 + TEXT.format(**GERMAN).encode())
    named = read_table(marked, target="landslide", categorical="soil", encoding="UTF8")
    assert list(named.X) == ["Gelände", "soil"]


# --- points and commas ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # As many points as commas: today's export of a GIS beside a sheet.
        ("x;a;landslide\n1.5;2,5;1\n2.5;3,5;0\n", [2.5, 3.5]),
        ("x\ta\tlandslide\n1.55\t2,5\t1\n2.55\t.\t0\n".replace("\t.", "\t7"), [2.5, 7]),
        # Mostly commas, one column with points.
        ("x;a;b;landslide\n1,5;2.5;1,5;1\n2,5;3.25;2,5;0\n", [2.5, 3.25]),
        # Both marks in one number say which is which, also in the other cells.
        ("x;a;landslide\n1,5;1.300,5;1\n2,5;950;0\n3,5;1.200;0\n", [1300.5, 950, 1200]),
        ("x;a;landslide\n1.5;1,300.5;1\n2.5;950;0\n3.5;1,200;0\n", [1300.5, 950, 1200]),
        ("x;a;landslide\n1;-1.234.567,5;1\n2;12,5;0\n", [-1234567.5, 12.5]),
        ("x;a;landslide\n1;2,5e3;1\n2;,5;0\n3;-7,;1\n", [2500, 0.5, -7]),
    ],
)
def test_the_marks_of_a_column_are_read_where_they_can_be_one_thing(write, text, values):
    table = read_table(write(text), target="landslide")
    assert_array_equal(table.X["a"], values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x;a;landslide\n1.5;2,500;1\n2.5;3,250;0\n", "'a' has cells such as '2,500', which may"),
        ("x;a;landslide\n1.5;1.300,5;1\n2.5;1,300.5;0\n", "'a' holds text|cannot be read"),
        ("x;a;landslide\n1,5;2,5;1\n2,5;3.5;0\n", r"'a' has 1 cell .*\('3\.5' in row 3\)"),
        ("x;a;landslide\n1.5;1.300,5;1\n2.5;12.5;0\n", r"'a' has 1 cell .*\('12\.5' in row 3\)"),
        ("x;a;landslide\n1.5;2,5,5;1\n2.5;3,5;0\n", r"'a' has 1 cell .*|holds text"),
        ("x;a;landslide\n1.5;1.2345,5;1\n2.5;3;0\n", r"'a' has 1 cell .*\('1\.2345,5'"),
    ],
)
def test_what_may_be_two_things_is_refused(write, text, message):
    refused(write(text), message)


def test_text_cells_of_excel_may_have_commas(tmp_path):
    pytest.importorskip("openpyxl")
    frame = pd.DataFrame({"a": ["2,5", 3, "3,75"], "landslide": [1, 0, 1]})
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    table = read_table(tmp_path / "a.xlsx", target="landslide")
    assert_array_equal(table.X["a"], [2.5, 3, 3.75])


NUMBERS = st.lists(
    st.floats(-1e7, 1e7).map(lambda number: round(number, 2)), min_size=3, max_size=8
)


@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.sampled_from([",", "."]), st.booleans(), st.sampled_from([",", "."]))
def test_a_column_is_what_was_written_or_refused(numbers, mark, grouped, of_file):
    other = "." if mark == "," else ","
    texts = [f"{number:,.2f}" if grouped else f"{number:.2f}" for number in numbers]
    turned = str.maketrans({",": other, ".": mark})
    cells = [text.translate(turned) for text in texts]
    try:
        decimal, groups = decimal_of(cells, of_file, "a")
    except ValueError:
        # Two decimals are not thousands.
        pytest.fail("a column that can be one thing was refused")
    read = [with_point(cell, decimal, groups) for cell in cells]
    # Nothing is ever read as another number; a cell with both marks settles all of them.
    assert all(
        cell is None or float(cell) == number for cell, number in zip(read, numbers, strict=True)
    )
    if any(other in cell for cell in cells) or not grouped:
        assert None not in read


# --- no header --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_without_names_is_read_to_its_first_row(tmp_path, kind):
    frame = pd.DataFrame([[31.5, "007", 1], [12.25, "1", 0], [8.0, "007", 0]])
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False, header=False)
    else:
        pytest.importorskip("openpyxl")
        frame.to_excel(path, index=False, header=False)
    options = {"target": "column_3", "categorical": "column_2"}
    table = read_table(path, header=False, **options)
    assert_array_equal(table.X["column_1"], [31.5, 12.25, 8])
    assert_array_equal(table.y, [1, 0, 0])
    refused(path, "no target column 'landslide'.* 'column_1', 'column_2', 'column_3'", header=False)


def test_rows_of_a_table_without_names_are_counted_from_its_first(write):
    path = write("\n1.5,2,1\n2.5,?,0\n3.5,4,0\n")
    refused(path, r"'column_2' has 1 cell .*\('\?' in row 3\)", target="column_3", header=False)


# --- rules for labels -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "rule", "labels"),
    [
        ("0 3 1 0", ">0", [0, 1, 1, 0]),
        ("0 3 1 0", ">= 3", [0, 1, 0, 0]),
        ("0,5 0,25 0,1 0", ">0,2".replace(",", "."), [1, 1, 0, 0]),
        ("0.5 0.25 0.1 0", "<0.2", [0, 0, 1, 1]),
        ("none fall slide none", "!=none", [0, 1, 1, 0]),
        ("none fall slide none", "==Slide", [0, 0, 1, 0]),
        ("1 2 2 1", "2", [0, 1, 1, 0]),
        ("1 2 2 1", 2, [0, 1, 1, 0]),
        ("1 2 2 1", ">1", [0, 1, 1, 0]),
        ("yes no no yes", None, [1, 0, 0, 1]),
        # A label that is there is no rule.
        (">0 0 0 >0", ">0", [1, 0, 0, 1]),
    ],
)
def test_landslides_are_told_by_label_or_rule(write, cells, rule, labels):
    rows = [f"{place},5;{cell}" for place, cell in enumerate(cells.split())]
    path = write("\n".join(["slope;landslide", *rows]))
    assert_array_equal(read_table(path, target="landslide", positive_class=rule).y, labels)


@pytest.mark.parametrize(
    ("cells", "rule", "message"),
    [
        ("1 2 2 1", None, r"has the values 1 and 2: recode .* positive_class=\.\.\."),
        ("0 3 1 0", None, r"3 different values .* by a rule .* such as positive_class='>0'"),
        ("none fall flow", None, r"such as positive_class='!=none'"),
        ("none fall flow", "fall", r"such as positive_class='!=none'"),
        ("0 3 1 0", ">5", "by positive_class='>5' no row of the target 'landslide' is a landslide"),
        ("0 3 1 0", ">=0", "by positive_class='>=0' every row of the target"),
        ("0 3 1 0", ">many", "compares with 'many', which is not a number"),
        ("none fall flow", ">0", "'landslide' holds text"),
        ("none fall flow", "==slide", r"'==slide'.* no row .* has 'slide'; it has 'none', 'fall'"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(write, cells, rule, message):
    rows = [f"{place}.5,{cell}" for place, cell in enumerate(cells.split())]
    refused(write("\n".join(["slope,landslide", *rows])), message, positive_class=rule)


@pytest.mark.parametrize(
    ("cells", "rule", "nodata", "message"),
    [
        ("0 3 -9999 0", ">0", (), "'landslide' has '-9999' in 1 row .first in row 4., which looks"),
        ("0 3 -9999 0", ">0", -9999, "'landslide' is missing in 1 row .first in row 4."),
        ("0 1 -9999 0", "!=0", (), "'landslide' has '-9999' in 1 row"),
        ("none fall nodata none", "!=none", (), "'landslide' has 'nodata' in 1 row"),
        ("none fall ? none", "!=none", "?", "'landslide' is missing in 1 row"),
    ],
)
def test_no_rule_makes_a_label_of_no_data(write, cells, rule, nodata, message):
    rows = [f"{place}.5,{cell}" for place, cell in enumerate(cells.split())]
    path = write("\n".join(["slope,landslide", *rows]))
    refused(path, message, positive_class=rule, nodata=nodata)


def test_no_landslide_may_be_counted_as_what_is_no_data_elsewhere(write):
    path = write("slope,landslide\n0,0\n1.5,2\n2.5,0\n")
    table = read_table(path, target="landslide", positive_class=">0", nodata=0)
    assert_array_equal(table.y, [0, 1, 0])


def test_the_rule_is_spelled_as_a_shell_needs_it(write):
    from sklearn_landslide.cli._arguments import Parser, add_meaning_options

    parser = Parser()
    add_meaning_options(parser)
    path = write("slope,landslide\n1,0\n2,1\n3,2\n")
    with (
        pytest.raises(ValueError, match="such as --positive-class '>0'"),
        hints_spelled(parser.spell),
    ):
        read_table(path, target="landslide")


def test_counts_of_polygons_are_an_inventory_too():
    geopandas = pytest.importorskip("geopandas")
    from sklearn_landslide.mapping import open_stack, sample_stack

    xarray = pytest.importorskip("xarray")
    cells = {"y": [35.0, 25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    slope = xarray.DataArray(np.arange(12.0).reshape(4, 3), cells)
    stack = open_stack({"slope": slope}, crs="EPSG:32717")
    points = geopandas.GeoDataFrame(
        {"n": [0, 2, 1]}, geometry=geopandas.points_from_xy([3, 28, 15], [33, 9, 15]), crs=32717
    )
    assert_array_equal(sample_stack(stack, points, target="n", positive_class=">0").y, [0, 1, 1])
