"""Small files that unpack to much are refused before they fill the memory."""

import bz2
import gzip
import lzma
import re
import tracemalloc
import zipfile

import numpy as np
import pytest

from sklearn_landslide.tables import read_table

HEADER = b"slope,landslide\n"
# Each is a megabyte; streams that follow each other are one file.
MEGABYTE = b"12,0\n31,1\n" * 105_000
PACK = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


def zipped(path, text):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("places.csv", text)


def refusal(path):
    """Return the message of a refusal, and the megabytes that it took."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError) as caught:
            read_table(path, target="landslide")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "\n" not in str(caught.value)
    return str(caught.value), peak / 2**20


@pytest.mark.parametrize("kind", [*PACK, "zip"])
def test_a_small_file_that_unpacks_to_much_is_refused(tmp_path, kind):
    path = tmp_path / "places.csv"
    if kind == "zip":
        zipped(path, HEADER + MEGABYTE * 100)
    else:
        path.write_bytes(PACK[kind](HEADER) + PACK[kind](MEGABYTE) * 100)
    size = path.stat().st_size
    assert size < 3e5
    message, peak = refusal(path)
    assert message.startswith(f"{path} unpacks to more than {(2**26 + 100 * size) >> 20} MB")
    assert peak < 40


@pytest.mark.parametrize("kind", [*PACK, "zip"])
def test_a_table_that_compresses_well_is_read(tmp_path, kind):
    path = tmp_path / "places.csv"
    if kind == "zip":
        zipped(path, HEADER + MEGABYTE * 2)
    else:
        path.write_bytes(PACK[kind](HEADER) + PACK[kind](MEGABYTE) * 2)
    table = read_table(path, target="landslide")
    assert len(table.y) == 420_000 and table.y.sum() == 210_000
    assert table.X["slope"].sum() == 210_000 * (12 + 31)


def test_xz_takes_what_its_strongest_setting_needs_and_no_more(tmp_path):
    path = tmp_path / "places.csv"
    path.write_bytes(lzma.compress(HEADER + b"12,0\n31,1\n", preset=9 | lzma.PRESET_EXTREME))
    assert read_table(path, target="landslide").X["slope"].tolist() == [12, 31]
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**28}]
    path.write_bytes(lzma.compress(HEADER + b"12,0\n31,1\n", filters=filters))
    assert "needs more than 128 MB of memory to be unpacked" in refusal(path)[0]


def test_an_archive_of_an_unusual_kind_is_refused(tmp_path):
    path = tmp_path / "places.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("places.csv", HEADER + b"12,0\n31,1\n")
    assert "compressed in an unusual way: unpack it by hand" in refusal(path)[0]


def test_a_book_of_much_text_is_refused(tmp_path):
    path = tmp_path / "places.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/sharedStrings.xml", bytes(90 * 2**20))
    message, peak = refusal(path)
    assert f"{path} unpacks to more than 7" in message
    # The text of the test itself is no longer there.
    assert peak < 10


def test_a_stray_cell_far_from_the_table_is_told(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["slope", "landslide"], [12.5, 0], [31, 1]):
        book.active.append(row)
    path = tmp_path / "places.xlsx"
    book.active["XFD1"] = book.active["A100000"] = " "
    book.save(path)
    message, peak = refusal(path)
    assert f"{path} has 100,000 rows and 16,384 columns, more than the 8," in message
    assert peak < 20
    # One that has a format and no value is not there.
    book.active["XFD1"] = book.active["A100000"] = None
    book.active["A100000"].number_format = "0.00"
    book.save(path)
    table = read_table(path, target="landslide")
    assert table.X["slope"].tolist() == [12.5, 31] and table.y.tolist() == [0, 1]


def test_a_parquet_file_of_many_equal_cells_is_refused(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "places.parquet"
    for n_rows in (1000, 8_000_000):
        slope = np.repeat(np.array([12, 31], dtype=np.int8), n_rows // 2)
        parquet.write_table(pyarrow.table({"slope": slope, "landslide": slope // 31}), path)
        if n_rows == 1000:
            assert read_table(path, target="landslide").X["slope"].sum() == 500 * (12 + 31)
    del slope
    assert path.stat().st_size < 1e5
    message, peak = refusal(path)
    # What there may be depends on the size of the file, and that on the version of pyarrow.
    assert re.match(rf"{path} has 8,000,000 rows and 2 columns, more than the [89],\d+", message)
    assert peak < 10
