"""From a file to a frame of raw columns: what kind of file it is, and how it is written."""

import json
import re
import warnings
import zipfile

import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._unpacked import most_bytes
from sklearn_landslide._words import listed
from sklearn_landslide.tables._compressed import too_large
from sklearn_landslide.tables._text import numbered, one_line, read_text
from sklearn_landslide.tables._vector_files import check_exists

# Bytes of a cell of a table.
_CELL = 8


class _TooLarge(ValueError):
    """A file that would fill the memory."""


def _check_cells(path, n_rows, n_columns, remedy):
    """Refuse a small file of more cells than fit where it is unpacked."""
    most = most_bytes(path.stat().st_size) // _CELL
    if n_rows * n_columns > most:
        raise _TooLarge(
            f"{path} has {n_rows:,} rows and {n_columns:,} columns, more than the {most:,} cells "
            f"that a file of its size may have: {remedy}."
        )


def _extent(sheet):
    """Return the last row and the last column of a sheet with a value."""
    n_rows = n_columns = 0
    # Otherwise each row is filled up to the width that the sheet says of itself.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        filled = [place for place, cell in enumerate(row, start=1) if cell not in (None, "")]
        if filled:
            n_rows, n_columns = number, max(n_columns, filled[-1])
    return n_rows, n_columns


def _read_excel(path, sheet, text_columns, header):
    import_optional("openpyxl", extra="tables")
    most = most_bytes(path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        # No more than it says is ever unpacked of a part.
        if sum(part.file_size for part in archive.infolist()) > most:
            raise too_large(path, most)
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
            if known:
                pages = book.book.worksheets if isinstance(sheet, int) else book.book
                _check_cells(path, *_extent(pages[sheet]), "remove what is far from the table")
            cells = pd.read_excel(book, sheet_name=sheet, header=None, **options) if known else None
    except _TooLarge:
        raise
    except Exception as error:  # a damaged file may fail in any layer of the reader
        raise ValueError(f"{path} cannot be read as Excel: {one_line(error)}.") from error
    if cells is None:
        raise ValueError(f"{path} has no sheet {sheet!r}; its sheets are {listed(names)}.")
    cells.index += 1
    cells = cells.dropna(how="all")
    if cells.empty:
        raise ValueError(f"{path} is empty: there is nothing in sheet {sheet!r}.")
    names, body = numbered(cells.shape[1]), cells
    if header:
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
    most = most_bytes(path.stat().st_size)
    try:
        with path.open("rb") as stream:
            about = parquet.read_metadata(stream)
            _check_cells(path, about.num_rows, about.num_columns, "save it as plain CSV")
            groups = (about.row_group(place) for place in range(about.num_row_groups))
            if sum(group.total_byte_size for group in groups) > most:
                raise _TooLarge(too_large(path, most))
            table = parquet.read_table(stream)
            # Whole numbers would become floats where one is missing, and some of them equal.
            columns = [column.to_pandas(integer_object_nulls=True) for column in table.columns]
    except _TooLarge:
        raise
    # A damaged file may fail in any layer of the reader.
    except Exception as error:
        raise ValueError(f"{path} cannot be read as Parquet: {one_line(error)}.") from error
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


def read_frame(path, sheet, text_columns=(), *, header=True, encoding=None):
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

    header : bool, default=True
        Whether the first row has the names of the columns. Otherwise they are called
        ``column_1`` and so on; Parquet always has names.

    encoding : str, default=None
        That of a file of text. None: UTF-8 or UTF-16.

    Returns
    -------
    frame : DataFrame
        The columns as they are, empty names included; the index counts the rows as a
        spreadsheet does (the header is row 1), Parquet's from 1.

    decimal : {".", ","}
        The decimal mark.
    """
    check_exists(path)
    with path.open("rb") as stream:
        magic = stream.read(8)
    if _is_book(path):
        return _read_excel(path, sheet, text_columns, header), "."
    if sheet != 0:
        raise ValueError(f"{path} is not an Excel file and has no sheet {sheet!r}.")
    if magic.startswith(b"PAR1"):
        check_named(path, header)
        return _read_parquet(path, text_columns), "."
    if magic.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValueError(f"{path} is an old (.xls) or locked Excel file; save it as plain .xlsx.")
    return read_text(path, text_columns, header=header, encoding=encoding)


def check_named(path, header):
    """Refuse to take the names of columns from a file that always has them for none.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    header : bool
        Whether the first row has the names.
    """
    if not header:
        error = ValueError(f"{path} has names of columns in any case: leave header=False out.")
        raise hinting(error, "header=False")


def _is_book(path):
    """Say whether a file is an archive that holds an Excel workbook."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except Exception as error:
        raise ValueError(f"{path} cannot be read, it may be damaged: {one_line(error)}.") from error
