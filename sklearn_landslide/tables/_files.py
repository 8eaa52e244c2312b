"""From a file to a frame of raw columns: what kind of file it is, and how it is written."""

import bz2
import codecs
import csv
import gzip
import io
import json
import lzma
import re
import warnings
import zipfile
import zlib
from contextlib import contextmanager

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.tables._columns import MISSING_NUMBERS, may_be_grouped

# Numbers as they are written, to the last bit: later versions of pandas read them so by themselves.
_EXACT = {"float_precision": "round_trip"} if pd.__version__.startswith("2.") else {}
# A comma is also a decimal mark, so where two separators fit equally well it comes last.
_SEPARATORS = ("\t", ";", ",")
_HEAD_BYTES = 1 << 18
_COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
_DAMAGED = (EOFError, OSError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
_THREE_DIGITS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_THOUSAND = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_POINT_NUMBER = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")
_READABLE = "Readable are CSV (also compressed), Excel (.xlsx) and Parquet."


def _one_line(error):
    """Bring another library's error on one line."""
    return " ".join(str(error).split()) or type(error).__name__


def _check_path(path):
    """Fail early, and say what was probably meant."""
    if path.is_dir():
        raise ValueError(f"{path} is a folder, not a table; give one file in it.")
    if path.exists():
        return
    if not path.parent.is_dir():
        raise FileNotFoundError(f"No such file: {path} (there is no folder {path.parent}).")
    hint = nearest(path.name, (other.name for other in path.parent.iterdir()))
    raise FileNotFoundError(f"No such file: {path}.{hint}")


@contextmanager
def _open_plain(path):
    """Open a file for reading bytes, uncompressed by what it holds, not by its name."""
    with path.open("rb") as stream:
        magic = stream.read(8)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = [
                member
                for member in archive.namelist()
                if not member.endswith("/") and not member.startswith("__MACOSX/")
            ]
            if len(members) != 1:
                raise ValueError(
                    f"{path} is an archive of {len(members)} files ({listed(members, 5)}); "
                    "a compressed table is an archive of one."
                )
            with archive.open(members[0]) as stream:
                yield stream
        return
    openers = (opener for start, opener in _COMPRESSED.items() if magic.startswith(start))
    with next(openers, open)(path, "rb") as stream:
        yield stream


def _read_head(path):
    """Read the first lines of a text file, and how it is encoded."""
    with _open_plain(path) as stream:
        head = stream.read(_HEAD_BYTES)
        complete = not stream.read(1)
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if wide else "utf-8-sig"
    if b"\0" in head and not wide:
        raise ValueError(f"{path} is not a table: it holds binary data. {_READABLE}")
    text = codecs.getincrementaldecoder(encoding)().decode(head, complete)
    if not text.strip():
        raise ValueError(f"{path} is empty.")
    if text.lstrip().startswith("<"):
        raise ValueError(f"{path} is not a table: it looks like a web page. {_READABLE}")
    lines = list(io.StringIO(text, newline=""))
    return (lines if complete or len(lines) == 1 else lines[:-1]), encoding


def _find_separator(lines):
    """Choose the separator by which most rows are as wide as the header.

    Returns the separator, or None, and the cells of the sampled rows, the header first.
    """
    found, fit = None, (0.0, 0)
    for separator in _SEPARATORS:
        cells = csv.reader(lines, delimiter=separator, skipinitialspace=True)
        rows = [row for row in cells if row]
        width = len(rows[0])
        regular = sum(len(row) == width for row in rows) / len(rows)
        if width > 1 and (regular, width) > fit:
            found, fit = (separator, rows), (regular, width)
    return found or (None, rows)


def _find_decimal(rows, path):
    """Find the decimal mark that most of the sampled cells with a mark have."""
    cells = [cell.strip() for row in rows[1:] for cell in row]
    commas = [cell for cell in cells if _COMMA_NUMBER.fullmatch(cell)]
    points = sum(_POINT_NUMBER.fullmatch(cell) is not None for cell in cells)
    if len(commas) <= points:
        return "."
    if all(_THOUSAND.fullmatch(cell) for cell in commas):
        raise ValueError(
            f"{path} has cells such as {commas[0]!r}, which may be a decimal number or "
            "thousands: write numbers with a decimal point and without grouping."
        )
    return ","


def _check_grouping(rows, names, separator, decimal, path):
    """Refuse a column in which the decimal mark may group thousands, as in 250 and 1.269."""
    cells = [cell.strip() for row in rows[1:] for cell in row]
    marked = [cell for cell in cells if _POINT_NUMBER.fullmatch(cell)]
    # Where no cell shows that the point is a decimal mark, 1.269 alone may be both.
    is_unclear = separator != "," and decimal == "." and all(map(_THREE_DIGITS.fullmatch, marked))
    for place, name in names.items():
        column = [row[place].strip() for row in rows[1:] if place < len(row)]
        example = may_be_grouped(column, decimal)
        if example is None and is_unclear:
            example = next(filter(_THREE_DIGITS.fullmatch, column), None)
        if example is not None:
            raise ValueError(
                f"{path} has cells such as {example!r} in column {name!r}, which may be a decimal "
                "number or thousands: write numbers with a decimal point and without grouping, "
                f"or with one decimal more, as {example + '0'!r}."
            )


def _parse_text(path, text_columns):
    lines, encoding = _read_head(path)
    separator, rows = _find_separator(lines)
    if separator is None:
        raise ValueError(
            f"{path} is not a table: its first row has one column ({listed(rows[0], 1)[:80]}). "
            "Columns are separated by commas, semicolons or tabs."
        )
    decimal = _find_decimal(rows, path)
    # A quoted name may run over two lines; the reader counts the lines that it took.
    blank = next(number for number, line in enumerate(lines) if line.strip())
    header = csv.reader(lines[blank:], delimiter=separator, skipinitialspace=True)
    names = [name.strip() for name in next(header)]
    # Codes, labels and the like as they stand: 007, True and None are for us to read.
    as_text = [place for place, name in enumerate(names) if name in text_columns]
    numbers = {place: name for place, name in enumerate(names) if place not in as_text}
    _check_grouping(rows, numbers, separator, decimal, path)
    with (
        _open_plain(path) as stream,
        io.TextIOWrapper(stream, encoding=encoding, newline="") as text,
        warnings.catch_warnings(),
    ):
        # Rows longer than the header would lose their last cells with no more than a warning.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame = pd.read_csv(
            text,
            sep=separator,
            decimal=decimal,
            header=None,
            names=range(len(names)),
            index_col=False,
            skiprows=blank + 1,
            skip_blank_lines=False,
            skipinitialspace=True,
            low_memory=False,
            dtype=dict.fromkeys(as_text, str),
            keep_default_na=False,
            na_values={
                place: MISSING_NUMBERS if place in numbers else [""] for place in range(len(names))
            },
            **_EXACT,
        )
    frame.columns = names
    frame.index = np.arange(len(frame)) + blank + header.line_num + 1
    return frame, decimal


def _read_text(path, text_columns):
    try:
        return _parse_text(path, text_columns)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not UTF-8 text (found the byte 0x{error.object[error.start]:02x}); "
            "save it as CSV in UTF-8."
        ) from error
    except pd.errors.ParserWarning as error:
        raise ValueError(f"{path} has rows with more cells than the header has names.") from error
    except pd.errors.EmptyDataError as error:
        raise ValueError(f"{path} has a header and no rows.") from error
    except (pd.errors.ParserError, csv.Error) as error:
        reason = _one_line(error).removeprefix("Error tokenizing data. C error: ")
        raise ValueError(f"{path} is not a regular table: {reason}.") from error
    except _DAMAGED as error:
        if getattr(error, "errno", None):  # the system's own reason, such as no permission
            raise
        raise ValueError(
            f"{path} cannot be read, it may be damaged: {_one_line(error)}."
        ) from error


def _read_excel(path, sheet, text_columns):
    import_optional("openpyxl", extra="tables")
    try:
        with warnings.catch_warnings(), path.open("rb") as stream:
            # openpyxl warns of formatting that it skips.
            warnings.simplefilter("ignore", UserWarning)
            book = pd.ExcelFile(stream, engine="openpyxl")
            names = book.sheet_names
            if isinstance(sheet, str) and sheet not in names and sheet.isdecimal():
                sheet = int(sheet)
            known = sheet in names if isinstance(sheet, str) else 0 <= sheet < len(names)
            # As objects, a header 1 above numbers such as 0.5 is 1 and not 1.0.
            options = {"dtype": object, "keep_default_na": False, "na_values": [""]}
            cells = pd.read_excel(book, sheet_name=sheet, header=None, **options) if known else None
    except Exception as error:  # a damaged file may fail in any layer of the reader
        raise ValueError(f"{path} cannot be read as Excel: {_one_line(error)}.") from error
    if cells is None:
        raise ValueError(f"{path} has no sheet {sheet!r}; its sheets are {listed(names)}.")
    cells.index += 1
    cells = cells.dropna(how="all")
    if cells.empty:
        raise ValueError(f"{path} is empty: there is nothing in sheet {sheet!r}.")
    names = ["" if pd.isna(name) else str(name).strip() for name in cells.iloc[0]]
    body = cells.iloc[1:]
    columns = [
        body.iloc[:, place] if name in text_columns else body.iloc[:, place].infer_objects()
        for place, name in enumerate(names)
    ]
    return pd.concat(columns, axis=1).set_axis(names, axis=1)


def _was_categorical(schema):
    """Names of the columns that were categories in the frame that pandas wrote."""
    try:
        columns = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))["columns"]
        return {column["name"] for column in columns if column["pandas_type"] == "categorical"}
    except (KeyError, TypeError, ValueError):
        return set()


def _read_parquet(path, text_columns):
    parquet = import_optional("pyarrow.parquet", extra="tables")
    try:
        with path.open("rb") as stream:
            table = parquet.read_table(stream)
            # Whole numbers would become floats where one is missing, and some of them equal.
            columns = [column.to_pandas(integer_object_nulls=True) for column in table.columns]
    # A damaged file may fail in any layer of the reader.
    except Exception as error:
        raise ValueError(f"{path} cannot be read as Parquet: {_one_line(error)}.") from error
    names, categories = list(table.column_names), _was_categorical(table.schema)
    for place, (name, column) in enumerate(zip(names, columns, strict=True)):
        if name in categories:
            columns[place] = column.astype("category")
        elif column.dtype == object and name not in text_columns:
            columns[place] = column.infer_objects()
    # Without the row labels of the frame that pandas wrote.
    kept = [
        place for place, name in enumerate(names) if not re.fullmatch(r"__index_level_\d+__", name)
    ]
    if not kept:
        raise ValueError(f"{path} has no columns.")
    frame = pd.concat([columns[place].reset_index(drop=True) for place in kept], axis=1)
    frame.columns = [names[place] for place in kept]
    frame.index += 1
    return frame


def read_frame(path, sheet, text_columns=()):
    """Read any table by what the file holds, whatever its name ends with.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    sheet : int or str
        The sheet of an Excel file.

    text_columns : collection of str, default=()
        Columns whose cells are left as they stand, such as codes and labels. In the others what
        looks like a number is one, and words such as NA are missing values.

    Returns
    -------
    frame : DataFrame
        The columns as they are, empty names included; the index counts the rows as a
        spreadsheet does (the header is row 1), Parquet's from 1.

    decimal : {".", ","}
        The decimal mark.
    """
    _check_path(path)
    with path.open("rb") as stream:
        magic = stream.read(8)
    if _is_book(path):
        return _read_excel(path, sheet, text_columns), "."
    if sheet != 0:
        raise ValueError(f"{path} is not an Excel file and has no sheet {sheet!r}.")
    if magic.startswith(b"PAR1"):
        return _read_parquet(path, text_columns), "."
    if magic.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValueError(f"{path} is an old (.xls) or locked Excel file; save it as plain .xlsx.")
    return _read_text(path, text_columns)


def _is_book(path):
    """Say whether a file is an archive that holds an Excel workbook."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except Exception as error:
        raise ValueError(
            f"{path} cannot be read, it may be damaged: {_one_line(error)}."
        ) from error
