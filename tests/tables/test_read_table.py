"""Reading tables: what a file becomes, and what is said about a file that is none."""

import bz2
import gzip
import lzma
import os
import pickle
import re
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from sklearn_landslide._hints import hints_spelled
from sklearn_landslide._nodata import UndeclaredNodataWarning
from sklearn_landslide.tables import read_table

TEXT = "slope,soil,landslide\n31.5,clay,1\n,sand,0\n12.25,clay,0\n"
GOOD = pd.DataFrame(
    {
        "slope": [31.5, np.nan, 12.25],
        "soil": pd.Categorical(["clay", "sand", "clay"]),
    }
)


def check_good(path, **options):
    """Read the table of TEXT, however it is written."""
    table = read_table(path, target="landslide", categorical=["soil"], **options)
    pd.testing.assert_frame_equal(table.X, GOOD, check_categorical=False)
    assert list(table.X["soil"].cat.categories) == ["clay", "sand"]
    assert_array_equal(table.y, [1, 0, 0])
    assert table.coordinates is None
    return table


def refused(path, message, error=ValueError, **options):
    """The one line that refuses a table."""
    with pytest.raises(error) as caught:
        read_table(path, **{"target": "landslide", **options})
    text = str(caught.value)
    assert "\n" not in text
    assert re.search(message, text), text


# --- what is read ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace(",", ";"),
        TEXT.replace(",", "\t"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        TEXT.rstrip("\n"),
        TEXT.replace(",", ", "),
        "\n\n" + TEXT + "\n\n",
        '"slope","soil","landslide"\n"31.5","clay","1"\n"","sand","0"\n"12.25","clay","0"\n',
        TEXT.replace(",", ";").replace(".", ","),
        TEXT.replace(",", "\t").replace(".", ","),
        'slope,soil,landslide\n"31,5",clay,1\n,sand,0\n"12,25",clay,0\n',
        TEXT.replace("sand", "sand ").replace("slope", " slope "),
        TEXT.replace("\n", ",\n"),
        re.sub(r"([01])\n", r"\1.0\n", TEXT),
        TEXT.replace("1\n", "True\n").replace("0\n", "False\n"),
        TEXT.replace("1\n", "yes\n").replace("0\n", "no\n"),
        TEXT.replace("0\n", "-1\n"),
    ],
    ids=[
        *(
            "comma",
            "semicolon",
            "tab",
            "windows_line_ends",
            "old_mac_line_ends",
            "no_last_line_end",
        ),
        *("spaces_after_commas", "blank_lines", "all_quoted", "decimal_comma", "tab_decimal_comma"),
        "quoted_decimal_comma",
        *("spaces_around", "trailing_commas", "float_labels", "boolean_labels", "yes_no_labels"),
        "minus_one_labels",
    ],
)
def test_every_way_to_write_a_csv_gives_the_same_table(write, text):
    check_good(write(text))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_and_accents_are_read(write, encoding):
    path = write("pente °;sol;glissement\n1,5;argile brûlée;0\n2,5;sable;1\n".encode(encoding))
    table = read_table(path, target="glissement", categorical="sol")
    assert list(table.X.columns) == ["pente °", "sol"]
    assert list(table.X["sol"]) == ["argile brûlée", "sable"]
    assert_array_equal(table.X["pente °"], [1.5, 2.5])


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("name", ["places.csv", "places.csv.gz"])
def test_compression_is_found_from_the_content(write, compress, name):
    check_good(write(compress(TEXT.encode()), name))


def test_a_zipped_csv_is_read(tmp_path):
    path = tmp_path / "places.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", "")
        archive.writestr("folder/places.csv", TEXT)
        archive.writestr("__MACOSX/places.csv", b"\0\0")
    check_good(path)


def excel(path, **sheets):
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        for name, frame in sheets.items():
            frame.to_excel(book, sheet_name=name, index=False)
    return path


FRAME = pd.DataFrame(
    {"slope": [31.5, np.nan, 12.25], "soil": ["clay", "sand", "clay"], "landslide": [1, 0, 0]}
)


@pytest.mark.parametrize("sheet", ["places", 1, "1"])
def test_an_excel_sheet_is_chosen_by_name_or_position(tmp_path, sheet):
    path = excel(tmp_path / "places.xlsx", notes=pd.DataFrame({"a": ["x"]}), places=FRAME)
    check_good(path, sheet=sheet)
    refused(path, r"no sheet 'plots'; its sheets are 'notes', 'places'", sheet="plots")
    refused(path, r"no sheet 2; its sheets are 'notes', 'places'", sheet=2)


def test_empty_rows_that_excel_keeps_are_left_out(tmp_path):
    from openpyxl import load_workbook

    path = excel(tmp_path / "places.xlsx", places=FRAME)
    book = load_workbook(path)
    for row in range(5, 40):  # formatted, never filled
        book.active.cell(row, 2).number_format = "0.00"
    book.active.cell(41, 1).value = " "
    book.active.cell(41, 1).value = None
    book.active.insert_rows(3)
    book.save(path)
    check_good(path)


def test_excel_formulas_count_with_their_stored_value_and_error_cells_are_missing(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    for row in (["slope", "twi", "landslide"], [1, "#N/A", 0], [2, 7.5, 1]):
        book.active.append(row)
    book.save(tmp_path / "places.xlsx")
    table = read_table(tmp_path / "places.xlsx", target="landslide")
    assert_array_equal(table.X["twi"], [np.nan, 7.5])


def test_numbers_that_excel_stores_as_text_are_numbers(tmp_path):
    path = excel(tmp_path / "places.xlsx", a=FRAME.assign(twi=["7.5", " 8", None]))
    table = read_table(path, target="landslide", categorical="soil")
    assert_array_equal(table.X["twi"], [7.5, 8.0, np.nan])


@pytest.mark.parametrize("soil", ["str", "category"])
def test_parquet_is_read_and_its_categories_are_kept(tmp_path, soil):
    path = tmp_path / "places.parquet"
    frame = FRAME.astype({"soil": soil}).set_index(np.array([7, 3, 9]))  # a stored index
    frame.to_parquet(path)
    check_good(path)
    if soil == "category":
        table = read_table(path, target="landslide")
        assert isinstance(table.X["soil"].dtype, pd.CategoricalDtype)


def test_parquet_nullable_columns_become_plain_numbers(tmp_path):
    path = tmp_path / "places.parquet"
    frame = pd.DataFrame(
        {
            "count": pd.array([1, None, 3], dtype="Int64"),
            "road": pd.array([True, None, False], dtype="boolean"),
            "landslide": [True, False, True],
        }
    )
    frame.to_parquet(path)
    table = read_table(path, target="landslide")
    assert_array_equal(table.X["count"], [1, np.nan, 3])
    assert_array_equal(table.X["road"], [1, np.nan, 0])
    assert all(dtype.kind == "f" for dtype in table.X.dtypes)
    assert_array_equal(table.y, [1, 0, 1])


def test_a_file_is_known_by_what_it_holds_not_by_its_name(tmp_path):
    path = excel(tmp_path / "places.xlsx", a=FRAME)
    check_good(path.rename(tmp_path / "places.csv"))
    FRAME.to_parquet(tmp_path / "places.xlsx")
    check_good(tmp_path / "places.xlsx")


def test_roles_split_the_columns(write):
    path = write("fid,x,y,slope,soil,note,landslide\n1,500,900,30,2,old,0\n2,510.5,901,35,,new,1\n")
    table = read_table(
        path,
        target="landslide",
        categorical=["soil"],
        coordinates=["x", "y"],
        drop=["fid", "note"],
    )
    assert list(table.X.columns) == ["slope", "soil"]
    assert_array_equal(table.coordinates, [[500, 900], [510.5, 901]])
    assert [dtype.kind for dtype in table.coordinates.dtypes] == ["f", "f"]
    assert table.coordinates.index.equals(table.X.index)
    assert table.target == "landslide"
    assert table.path == str(path)
    # A missing value does not turn the codes of a class into 2.0.
    assert list(table.X["soil"].cat.categories) == [2]
    assert table.X["soil"].cat.categories.dtype == np.int64
    assert_array_equal(table.X["soil"].cat.codes, [0, -1])


def test_boolean_columns_become_zero_and_one(write):
    table = read_table(write("road,river,landslide\nTrue,True,1\nFalse,,0\n"), target="landslide")
    assert_array_equal(table.X["road"], [1, 0])
    assert_array_equal(table.X["river"], [1, np.nan])
    assert all(dtype.kind in "if" for dtype in table.X.dtypes)


def test_names_with_spaces_quotes_and_commas_are_kept(write):
    text = '"soil type","rain, ""daily"" mm",landslide here\nclay,3,1\nsand,4,0\n'
    table = read_table(write(text), target="landslide here", categorical="soil type")
    assert list(table.X.columns) == ["soil type", 'rain, "daily" mm']
    assert_array_equal(table.X['rain, "daily" mm'], [3, 4])


def test_a_semicolon_wins_where_commas_are_decimal(write):
    # Split at commas, every row has three cells as well.
    table = read_table(write("a, m;b, m;landslide\n1,5;2,5;1\n2,5;3,5;0\n"), target="landslide")
    assert list(table.X.columns) == ["a, m", "b, m"]
    assert_array_equal(table.X, [[1.5, 2.5], [2.5, 3.5]])


def test_decimal_points_with_semicolons_stay_points(write):
    table = read_table(write("a;b;landslide\n1.5;2;1\n2.5;3;0\n"), target="landslide")
    assert_array_equal(table.X, [[1.5, 2], [2.5, 3]])


def test_thousands_are_refused_and_not_guessed(write):
    # 1.300 beside decimal commas must not become 1.3, nor 1,300 beside decimal points.
    text = "elev;a;b;landslide\n1.300;1,5;2,25;1\n950;2;3;0\n"
    refused(write(text), r"'elev' has cells such as '1\.300', which may be a decimal number or")
    swapped = text.translate(str.maketrans(".,", ",."))
    refused(write(swapped), r"'elev' has cells such as '1,300', which may be a decimal number or")
    # 1,234 alone may be both; 0,123 can only be decimal.
    text = "elev\tlandslide\n1,234\t1\n11,500\t0\n"
    refused(write(text), "such as '1,234', which may be a decimal number or thousands")
    table = read_table(write(text.replace("11,500", "0,123")), target="landslide")
    assert_array_equal(table.X["elev"], [1.234, 0.123])


@pytest.mark.parametrize(
    "text",
    [
        "elev;landslide\n250;1\n1.269;0\n",
        "elev\tb\tlandslide\n250\t0.5\t1\n1.269\t0.25\t0\n",
        "elev,landslide\n250,1\n1.269,0\n",
        # All of them above a thousand, and no cell that says what the point is.
        "elev;landslide\n2.250;1\n1.269;0\n",
        "elev;b;landslide\n250;0,5;1\n1,269;0,25;0\n",
    ],
)
def test_thousands_points_are_refused_and_not_read_as_decimals(write, text):
    refused(
        write(text), r"such as '[\d.,]+' in column 'elev', which may be a decimal number or thous"
    )


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("elev;landslide\n250.0;1\n1.269;0\n", [250, 1.269]),
        ("elev;landslide\n250;1\n1.269;0\n2.5;1\n", [250, 1.269, 2.5]),
        ("elev;b;landslide\n1250;0.5;1\n1.269;0.25;0\n", [1250, 1.269]),
        ("elev;b;landslide\n12.345;0.5;1\n23.456;0.25;0\n", [12.345, 23.456]),
        ("elev,landslide\n12.345,1\n23.456,0\n", [12.345, 23.456]),
        ("km,landslide\n0,1\n1.414,0\n2,1\n2.236,0\n", [0, 1.414, 2, 2.236]),
        ("elev;landslide\n0.250;1\n1.269;0\n", [0.25, 1.269]),
    ],
)
def test_points_that_are_decimal_marks_for_sure_are_read(write, text, values):
    assert_array_equal(read_table(write(text), target="landslide").X.iloc[:, 0], values)


def test_thousands_points_in_cells_of_text_are_refused(tmp_path):
    frame = pd.DataFrame({"elev": ["250", "1.269", None], "landslide": [1, 0, 1]})
    for kind in ("xlsx", "parquet"):
        refused(written(tmp_path, frame, kind), "'elev' has cells such as '1.269', which may be")


def test_codes_with_points_are_no_thousands(write):
    path = write("slope;unit;landslide\n1.5;250;1\n2.5;1.269;0\n")
    table = read_table(path, target="landslide", categorical="unit")
    assert table.X["unit"].tolist() == ["250", "1.269"]


def test_a_dropped_column_may_hold_anything(write):
    path = write("slope;unit;landslide\n1.5;250;1\n2.5;1.269;0\n")
    table = read_table(path, target="landslide", drop="unit")
    assert_array_equal(table.X["slope"], [1.5, 2.5])
    assert list(table.X) == ["slope"]


def test_numbers_survive_to_the_last_bit(write, tmp_path):
    values = np.random.default_rng(0).lognormal(0, 20, size=500)
    frame = pd.DataFrame({"spi": values, "landslide": np.arange(500) % 2})
    frame.to_csv(tmp_path / "places.csv", index=False)
    table = read_table(tmp_path / "places.csv", target="landslide")
    assert_array_equal(table.X["spi"], values)


# --- the same in every format ---------------------------------------------------------------


def written(folder, frame, kind):
    """Write a frame as CSV, Excel or Parquet."""
    path = folder / f"places.{kind}"
    {"csv": frame.to_csv, "xlsx": frame.to_excel, "parquet": frame.to_parquet}[kind](
        path, index=False
    )
    return path


FORMATS = pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
CODES = {
    "whole": ([3, 1, 3, 2], [1, 2, 3]),
    "whole, one missing": ([3, 1, None, 2], [1, 2, 3]),
    "text": (["3", "1", "3", "2"], [1, 2, 3]),
    "text and ?": (["3", "1", "?", "2"], ["1", "2", "3", "?"]),
    "floats": ([3.0, 1.0, 3.0, 2.5], ["1", "2.5", "3"]),
    "truth": ([True, False, True, True], [0, 1]),
    "truth, one missing": ([True, False, None, True], [0, 1]),
    "words": (["None", "clay", "None", "sand"], ["None", "clay", "sand"]),
    "beyond 2^53": ([str(2**53 + k) for k in (0, 1, 2, 3)], [2**53 + k for k in (0, 1, 2, 3)]),
}


@FORMATS
@pytest.mark.parametrize("codes", CODES)
def test_a_code_is_the_same_in_every_format(tmp_path, kind, codes):
    values, expected = CODES[codes]
    soil = pd.Series(values, dtype=object).infer_objects()
    frame = pd.DataFrame({"slope": [1.5, 2, 3, 4], "soil": soil, "landslide": [1, 0, 1, 0]})
    table = read_table(written(tmp_path, frame, kind), target="landslide", categorical="soil")
    categories = table.X["soil"].cat.categories
    assert categories.tolist() == expected
    assert {type(code) for code in categories.tolist()} == {type(expected[0])}
    assert_array_equal(table.X["soil"].isna(), frame["soil"].isna())


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("missing", [[], [None]])
def test_whole_numbers_beyond_2_to_53_are_not_merged(tmp_path, kind, missing):
    codes = pd.Series([2**53, 2**53 + 1, 2**53 + 2, *missing], dtype="Int64")
    frame = pd.DataFrame({"a": 1.5, "k": codes, "landslide": (np.arange(len(codes)) % 2)})
    table = read_table(
        written(tmp_path, frame.assign(a=np.arange(len(codes)) / 2), kind),
        target="landslide",
        categorical="k",
    )
    assert table.X["k"].cat.categories.tolist() == [2**53, 2**53 + 1, 2**53 + 2]


@FORMATS
@pytest.mark.parametrize("word", ["NA", "NaN", "null"])
def test_a_class_with_the_name_of_a_missing_value_is_said_in_every_format(tmp_path, kind, word):
    frame = pd.DataFrame({"a": [1.5, 2, 3], "soil": ["clay", word, "None"], "landslide": [1, 0, 1]})
    with pytest.warns(UserWarning, match=f"'soil' has '{word}' in 1 row, which is read as a miss"):
        table = read_table(written(tmp_path, frame, kind), target="landslide", categorical="soil")
    assert table.X["soil"].isna().tolist() == [False, True, False]
    assert table.X["soil"].tolist()[2] == "None"


@FORMATS
def test_words_for_a_missing_number_are_the_same_in_every_format(tmp_path, kind):
    frame = pd.DataFrame({"a": ["1.5", "NA", "None", "2"], "landslide": [1, 0, 1, 0]})
    table = read_table(written(tmp_path, frame, kind), target="landslide")
    assert_array_equal(table.X["a"], [1.5, np.nan, np.nan, 2])


@FORMATS
def test_labels_are_read_as_they_stand_in_every_format(tmp_path, kind):
    frame = pd.DataFrame({"a": [1.5, 2, 3], "landslide": ["None", "Landslide", "None"]})
    table = read_table(written(tmp_path, frame, kind), target="landslide")
    assert_array_equal(table.y, [0, 1, 0])


@pytest.mark.parametrize("values", [[1, 2, 1], [1, None, 2], ["1", "2", None], [True, False, True]])
def test_categories_that_pandas_wrote_to_parquet_are_categories(tmp_path, values):
    frame = pd.DataFrame({"a": [1.5, 2, 3], "soil": values, "landslide": [1, 0, 1]})
    path = written(tmp_path, frame.astype({"soil": "category"}), "parquet")
    table = read_table(path, target="landslide")
    assert isinstance(table.X["soil"].dtype, pd.CategoricalDtype)
    assert table.X["soil"].cat.categories.dtype == np.int64


def test_a_header_of_numbers_is_the_same_in_excel_and_csv(tmp_path):
    frame = pd.DataFrame([[0.5, 2.25, 1], [1.5, 3.25, 0]], columns=[1, 2.5, "landslide"])
    for kind in ("csv", "xlsx"):
        table = read_table(written(tmp_path, frame, kind), target="landslide")
        assert list(table.X.columns) == ["1", "2.5"]


@pytest.mark.parametrize("content", ["lists", "bytes", "dates", "decimals"])
def test_strange_columns_of_parquet_are_refused_or_read(tmp_path, content):
    from datetime import date
    from decimal import Decimal

    values = {
        "lists": [[1], [2]],
        "bytes": [b"\xff", b"\xfe"],
        "dates": [date(2020, 1, 1)] * 2,
        "decimals": [Decimal("1.5"), Decimal("2.5")],
    }[content]
    path = written(tmp_path, pd.DataFrame({"a": values, "landslide": [1, 0]}), "parquet")
    if content == "decimals":
        assert_array_equal(read_table(path, target="landslide").X["a"], [1.5, 2.5])
    else:
        refused(path, r"Column 'a' holds (text|dates) \(such as")
    if content == "lists":
        refused(path, "'a': a column of categories holds lists", categorical="a")


# --- what labels mean -----------------------------------------------------------------------


def test_known_words_are_labels_and_others_are_named(write):
    path = write("a,kind\n1,landslide\n2,non-landslide\n3,landslide\n")
    assert_array_equal(read_table(path, target="kind").y, [1, 0, 1])
    path = write("a,kind\n1,A\n2,B\n3,A\n")
    refused(
        path, r"has the values A and B: recode .* landslide, positive_class=\.\.\.", target="kind"
    )
    assert_array_equal(read_table(path, target="kind", positive_class="B").y, [0, 1, 0])
    refused(
        path,
        r"positive_class='C' is not in the target 'kind', which has 'A', 'B'",
        target="kind",
        positive_class="C",
    )
    path = write("a,kind\n1,1\n2,2\n3,1\n")
    assert_array_equal(read_table(path, target="kind", positive_class="1").y, [1, 0, 1])
    assert_array_equal(read_table(path, target="kind", positive_class=2).y, [0, 1, 0])


# --- what stands for no data ----------------------------------------------------------------


@FORMATS
def test_numbers_beyond_1e30_are_missing(tmp_path, kind):
    values = [-3.4028234663852886e38, 0.5, 1.7e308, -0.25]
    frame = pd.DataFrame({"a": values, "soil": [1, 2, -3.4e38, 2], "landslide": [1, 0, 1, 0]})
    table = read_table(written(tmp_path, frame, kind), target="landslide", categorical="soil")
    assert_array_equal(table.X["a"], [np.nan, 0.5, np.nan, -0.25])
    assert table.X["soil"].tolist()[:2] == [1, 2]
    assert table.X["soil"].isna().tolist() == [False, False, True, False]


SUSPECT = "\n".join(
    ["x,y,curvature,soil,landslide"]
    + [f"{k}.5,{k + 100},{k % 7 / 8 - 0.3},{k % 3},{k % 2}" for k in range(40)]
    + ["90.5,-9999,-9999,255,1", "91.5,300,-9999,1,0"]
)


def test_undeclared_nodata_is_named_in_one_warning_with_the_remedy(write):
    path = write(SUSPECT)
    roles = {"target": "landslide", "categorical": "soil", "coordinates": ["x", "y"]}
    with pytest.warns(UndeclaredNodataWarning) as caught:
        read_table(path, **roles)
    (warning,) = caught
    text = str(warning.message)
    assert "'y' has -9999 in 1 of 42 values" in text
    assert "'curvature' has -9999 in 2 of 42 values, apart from all others, which lie be" in text
    assert "'soil' has 255 in 1 of 42 values, among the codes" in text
    # 255 may be a value of the curvature.
    nodata = {"y": -9999, "curvature": -9999, "soil": 255}
    assert text.endswith(f"If they stand for no data, declare it: nodata={nodata}.")
    with (
        hints_spelled(lambda hint: f"--{hint.name} {hint.value}"),
        pytest.warns(UndeclaredNodataWarning, match=r"declare it: --nodata {.*}\.$"),
    ):
        read_table(path, **roles)


def test_undeclared_nodata_is_named_in_a_stratum(write):
    text = "slope,period,landslide\n" + "1.5,2001,0\n2.5,2002,1\n" * 3 + "3.5,-9999,1\n"
    roles = {"target": "landslide", "strata": "period"}
    with pytest.warns(UndeclaredNodataWarning, match="'period' has -9999 in 1 of 7 values, among"):
        table = read_table(write(text), **roles)
    assert table.strata["period"].tolist() == [2001, 2002] * 3 + [-9999]
    with pytest.raises(ValueError, match="The stratum 'period' is missing in 1 row"):
        read_table(write(text), **roles, nodata=-9999)


def test_declared_nodata_is_missing_in_numbers_and_categories_but_not_in_the_target(write):
    path = write("a,b,soil,landslide\n-9999,1,-9999,1\n2.5,-9999,3,0\n3.5,4,none,1\n4.5,0,1,0\n")
    roles = {"target": "landslide", "categorical": "soil"}
    for nodata in (-9999, [-9999], [-9999.0, 7], np.float32(-9999)):
        table = read_table(path, **roles, nodata=nodata)
        assert_array_equal(table.X["a"].isna(), [True, False, False, False])
        assert_array_equal(table.X["soil"].isna(), [True, False, False, False])
        assert_array_equal(table.y, [1, 0, 1, 0])
    assert_array_equal(table.X["b"], [1, np.nan, 4, 0])
    # By column, and words.
    with pytest.warns(UndeclaredNodataWarning, match="'a' has -9999"):
        table = read_table(path, **roles, nodata={"b": 0, "soil": ["none", -9999]})
    assert_array_equal(table.X["b"], [1, -9999, 4, np.nan])
    assert table.X["soil"].isna().tolist() == [True, False, True, False]
    assert table.X["soil"].cat.categories.tolist() == [1, 3]
    # Words among numbers, too.
    path = write("a,landslide\nnothing,1\n2,0\n3,1\n")
    assert_array_equal(
        read_table(path, target="landslide", nodata="nothing").X["a"], [np.nan, 2, 3]
    )


def test_a_declaration_that_fits_nothing_is_refused(write):
    path = write(TEXT)
    refused(path, r"no column 'slop', named in nodata\. Did you mean 'slope'", nodata={"slop": 1})
    refused(path, r"nodata=None must be a number or a text", nodata=[None])
    refused(path, r"Column 'slope' is empty: drop it", nodata=[31.5, 12.25], categorical="soil")
    coordinates = write("x,y,a,landslide\n1,-9999,3,0\n1,2,4,1\n")
    refused(
        coordinates,
        r"coordinates 'x', 'y' are missing in 1 row \(first in row 2\)",
        coordinates=["x", "y"],
        nodata=-9999,
    )


# --- rows that contradict each other --------------------------------------------------------


def test_equal_rows_with_both_labels_are_said(write):
    rows = "1.5,2.5,1\n1.5,2.5,0\n2.5,3,1\n2.5,4,0\n"
    path = write(f"a,b,landslide\n{rows}")
    with pytest.warns(UserWarning, match="2 of 4 rows have the same factors as a row with the ot"):
        read_table(path, target="landslide")
    path = write("x,y,a,landslide\n1,2,3,1\n1,2,3,0\n1,3,3,1\n2,3,4,0\n")
    with pytest.warns(UserWarning, match="2 of 4 rows have the same factors and coordinates as"):
        read_table(path, target="landslide", coordinates=["x", "y"])


def test_equal_rows_of_classes_alone_are_no_contradiction(write):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_table(write("a,b,landslide\n1,2,1\n1,2,0\n2,3,1\n"), target="landslide")


# --- what is refused ------------------------------------------------------------------------


def test_a_missing_file_suggests_its_neighbor(write, tmp_path):
    write(TEXT, "slope_units.csv")
    refused(
        tmp_path / "slope_unit.csv",
        r"No such file: .*slope_unit\.csv\. Did you mean 'slope_units\.csv'\?",
        FileNotFoundError,
    )
    refused(tmp_path / "zzz.csv", r"No such file: .*zzz\.csv\.$", FileNotFoundError)
    refused(tmp_path / "no" / "a.csv", r"there is no folder .*no\)", FileNotFoundError)


def test_a_folder_is_refused(tmp_path):
    refused(tmp_path, "is a folder, not a table")


def make_zip(path, *names):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n \n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"slope,landslide\n", "has a header and no rows"),
        (b"slope,landslide\n,\n,\n", "has a header and no rows"),
        (b"landslide\n1\n0\n", r"has one column \('landslide'\).*commas, semicolons or tabs"),
        (b"slope landslide\n3 1\n4 0\n", r"has one column \('slope landslide'\)"),
        (pickle.dumps({"slope": [1]}), "not a table: it holds binary data.*Readable are CSV"),
        (bytes(range(256)) * 20, "binary data"),
        (b"<!DOCTYPE html><html>", "looks like a web page"),
        (
            "hangneigung,böden,landslide\n1,2,0\n".encode("latin-1"),
            r"not UTF-8 text: .*'böden' in cp1252",
        ),
        (
            b"a,b,landslide\n" + b"1,ok,0\n" * 40_000 + "1,böden,1\n".encode("latin-1"),
            r"not UTF-8 text: say what it is, encoding=\.\.\. \(it has 'böden' in cp1252",
        ),
        (b"a,landslide\n1,0\n2,1,5\n", "not a regular table: Expected 2 fields in line 3, saw 3"),
        (b"a,landslide\n1,0,7\n2,1,5\n", "more cells than the header"),
        (b'a,landslide\n1,0\n"2,1\n', "not a regular table: EOF inside string"),
        (gzip.compress(TEXT.encode() * 50, mtime=0)[:60], "may be damaged"),
        (bz2.compress(TEXT.encode() * 50)[:60], "may be damaged"),
        (b"\x1f\x8bnothing", "may be damaged"),
        (b"PAR1nothing at all", "cannot be read as Parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, r"old \(.xls\) or locked Excel"),
    ],
    # Named by the message: bytes make poor names, and those of an archive may hold the time.
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_what_is_no_table_is_said_in_one_line(write, content, message):
    refused(write(content), message)


def test_archives_of_several_files_and_damaged_books_are_refused(tmp_path, write):
    content = make_zip(tmp_path / "two.zip", "a.csv", "b.csv")
    refused(write(content), r"archive of 2 files \('a\.csv', 'b\.csv'\)")
    book = make_zip(tmp_path / "book.xlsx", "xl/workbook.xml")
    refused(write(book, "damaged.xlsx"), "cannot be read as Excel")
    refused(excel(tmp_path / "empty.xlsx", a=pd.DataFrame()), "there is nothing in sheet 0")


def test_a_sheet_is_only_for_excel(write):
    refused(write(TEXT), "is not an Excel file and has no sheet 'a'", sheet="a")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser reads any file")
def test_an_unreadable_file_is_an_oserror(write):
    path = write(TEXT)
    path.chmod(0)
    refused(path, "Permission denied", PermissionError)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            TEXT,
            {"target": "Landslides"},
            r"no target column 'Landslides'\. Did you mean 'landslide'\? "
            r"Its columns are 'slope', 'soil', 'landslide'\.",
        ),
        (TEXT, {}, r"'soil' holds text \(such as 'clay' in row 2\): declare it categorical"),
        (TEXT, {"categorical": ["sol"]}, r"no column 'sol', named as categorical\. Did .*'soil'"),
        (TEXT, {"coordinates": ["slope", "Y"]}, r"no column 'Y', .*coordinate\. .*are 'slope', "),
        (TEXT, {"coordinates": ["slope"]}, r"Coordinates are two columns, x and y; got 'slope'"),
        (TEXT, {"coordinates": ["slope", "slope"]}, r"Coordinates are two columns"),
        (TEXT, {"drop": ["fid"]}, r"no column 'fid', named as dropped"),
        (TEXT, {"drop": "landslide"}, r"'landslide' cannot be both the target and dropped"),
        (
            TEXT,
            {"categorical": "soil", "drop": "soil"},
            r"'soil' cannot be both categorical and dropped",
        ),
        (TEXT, {"drop": ["slope", "soil"]}, r"no factors: no column is left beside 'landslide'"),
        ("a,a,landslide\n1,2,0\n3,4,1\n", {}, r"more than one column named 'a'"),
        ('a," a",landslide\n1,2,0\n3,4,1\n', {}, r"more than one column named 'a'"),
        (",slope,landslide\n1,2,0\n3,4,1\n", {}, r"column without a name.*drop it as 'unnamed_1'"),
        ("Unnamed: 0,a,landslide\n1,2,0\n3,4,1\n", {}, r"without a name.*drop it as 'Unnamed: 0'"),
        ("a,landslide\n1,\n2,0\n3,\n4,1\n", {}, r"missing in 2 rows \(first in row 2\)"),
        ("a,landslide\n1,0\n2,0\n", {}, r"has one class, 0: both landslides \(1\) and other"),
        ("a,landslide\n1,0\n2,1\n3,2\n", {}, r"has 3 different values \(0, 1, 2\).*recode"),
        (
            "a,landslide\n" + "".join(f"1,{k / 8}\n" for k in range(9)),
            {},
            r"has 9 different values \(0\.0, 0\.125, 0\.25, 0\.375, 0\.5, \.\.\.\)",
        ),
        ('a,landslide\n1,"x\ny"\n2,"z\x1b"\n', {}, r"has the values x\\ny and z\\x1b: recode"),
        ("a,landslide\n1,1\n2,2\n", {}, r"has the values 1 and 2: recode them to 1 for landslide"),
        ("a,landslide\n1,slide\n2,none here\n", {}, r"has the values slide and none here: recode"),
        ("a,b,landslide\n1,,0\n2,,1\n", {}, r"Column 'b' is empty: drop it"),
        ("a,b,landslide\n1,,0\n2,,1\n", {"categorical": "b"}, r"Column 'b' is empty: drop it"),
        (
            "a,landslide\n1,0\n\ninf,1\n-inf,1\n",
            {},
            r"Column 'a' has 2 infinite values \(first in row 4\)",
        ),
        ("a,landslide\n1,0\ninf,1\n", {"categorical": "a"}, r"Column 'a' has 1 infinite value "),
        (
            "a,landslide\n" + "1,0\n2,1\n" * 10 + "3?,1\n",
            {},
            r"'a' has 1 cell that cannot be read as a number \('3\?' in row 22\): correct it",
        ),
        (
            "a;landslide\n" + "1,5;0\n2,5;1\n" * 20_000 + "1.5;1\n",
            {},
            r"'a' has 1 cell that cannot be read as a number \('1\.5' in row 40002\)",
        ),
        ("x,y,a,landslide\n1,east,3,0\n1,2,3,1\n1,2,3,1\n", {}, r"'y' has 1 cell"),
        (
            "x,y,a,landslide\n1,north,3,0\n1,east,3,1\n",
            {"coordinates": ["x", "y"]},
            r"'y' holds text \(such as 'north' in row 2\)",
        ),
        (
            "x,y,a,landslide\n1,2,3,0\n1,,3,1\n",
            {"coordinates": ["x", "y"]},
            r"coordinates 'x', 'y' are missing in 1 row \(first in row 3\)",
        ),
    ],
)
def test_a_bad_table_is_refused_by_column_cell_and_remedy(write, text, options, message):
    refused(write(text), message, **options)


def test_dates_are_refused(tmp_path):
    frame = FRAME.assign(day=pd.to_datetime(["2020-07-04"] * 3))
    path = excel(tmp_path / "places.xlsx", a=frame)
    refused(path, r"'day' holds dates \(such as 2020-07-04", categorical="soil")
    check_good(path, drop="day")


def test_a_dropped_column_is_not_judged(write):
    table = read_table(
        write(",b,landslide,a\nx,,0,1\ny,,1,2\n"), target="landslide", drop=["unnamed_1", "b"]
    )
    assert list(table.X.columns) == ["a"]


def test_strata_are_kept_apart_and_are_factors_only_where_they_are_categorical_too(write):
    path = write("slope,rock,year,landslide\n30,b,2012,1\n20,a,2013,0\n10,b,2013,0\n")
    roles = {"target": "landslide", "strata": ["rock", "year"]}
    table = read_table(path, **roles, categorical=["rock"])
    assert list(table.X.columns) == ["slope", "rock"]
    assert list(table.strata.columns) == ["rock", "year"]
    assert list(table.strata["rock"]) == ["b", "a", "b"]
    assert list(table.strata["year"]) == [2012, 2013, 2013]
    assert table.strata.index.equals(table.X.index)
    assert list(read_table(path, **roles).X.columns) == ["slope"]
    assert read_table(path, target="landslide", drop="rock").strata is None


def test_a_place_without_a_stratum_and_a_stratum_in_two_roles_are_refused(write):
    path = write("slope,year,landslide\n30,2012,1\n20,,0\n")
    with pytest.raises(ValueError, match=r"stratum 'year' is missing in 1 row \(first in row 3\)"):
        read_table(path, target="landslide", strata="year")
    with pytest.raises(ValueError, match="'year' cannot be both a stratum and dropped"):
        read_table(path, target="landslide", strata="year", drop="year")
    with pytest.raises(ValueError, match="no column 'years', named as a stratum"):
        read_table(path, target="landslide", strata="years")


# --- real tables ----------------------------------------------------------------------------


def test_real_tables_are_read_as_their_source_describes_them(real_data):
    table = read_table(real_data / "ecuador_points.csv", target="landslide", coordinates=["x", "y"])
    assert list(table.X.columns) == ["slope", "cplan", "cprof", "elev", "log10_carea"]
    assert table.X.shape == (350, 5)
    assert table.y.sum() == 175
    assert table.coordinates["x"].min() > 700_000
    table = read_table(
        real_data / "yongxin_slope_units.csv",
        target="landslide",
        categorical=["soil", "landuse", "lithology"],
    )
    assert table.X.shape == (10_041, 16)
    assert table.y.sum() == 282
    assert list(table.X.select_dtypes("category")) == ["soil", "landuse", "lithology"]
