"""Tables of text: how they are encoded, separated and written, and what their cells are."""

import codecs
import csv
import io
import re
import warnings

import numpy as np
import pandas as pd

from sklearn_landslide._words import listed
from sklearn_landslide.tables._columns import MISSING_NUMBERS
from sklearn_landslide.tables._compressed import DAMAGED, check_unpacked, open_plain
from sklearn_landslide.tables._encodings import check_encoding, encoding_of, unknown_encoding
from sklearn_landslide.tables._marks import may_be_grouped, shown_decimal

# Numbers as they are written, to the last bit: later versions of pandas read them so by themselves.
_EXACT = {"float_precision": "round_trip"} if pd.__version__.startswith("2.") else {}
# A comma is also a decimal mark, so where two separators fit equally well it comes last.
_SEPARATORS = ("\t", ";", ",")
_HEAD_BYTES = 1 << 18
_THREE_DIGITS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_THOUSAND = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_POINT_NUMBER = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")
READABLE = (
    "Readable are CSV (also compressed), Excel (.xlsx), Parquet, and shapes such as GeoPackage and "
    "Shapefile; rasters go with --stack."
)


def one_line(error):
    r"""Bring another library's error on one line.

    Parameters
    ----------
    error : Exception
        The error.

    Returns
    -------
    text : str

    Examples
    --------
    >>> from sklearn_landslide.tables._text import one_line
    >>> one_line(ValueError("no\n  table"))
    'no table'
    """
    return " ".join(str(error).split()) or type(error).__name__


def _read_head(path, encoding):
    """Read the first lines of a text file, and how it is encoded."""
    check_unpacked(path)
    with open_plain(path) as stream:
        head = stream.read(_HEAD_BYTES)
        complete = not stream.read(1)
    encoding = _with_mark(encoding) or encoding_of(head)
    if encoding is None:
        raise ValueError(f"{path} is not a table: it holds binary data. {READABLE}")
    text = codecs.getincrementaldecoder(encoding)().decode(head, complete)
    if not text.strip():
        raise ValueError(f"{path} is empty.")
    if text.lstrip().startswith("<"):
        raise ValueError(f"{path} is not a table: it looks like a web page. {READABLE}")
    lines = list(io.StringIO(text, newline=""))
    return (lines if complete or len(lines) == 1 else lines[:-1]), encoding


def _with_mark(encoding):
    """Let a byte order mark not be part of the text, whether the file has one or not."""
    if encoding is None:
        return None
    check_encoding(encoding)
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


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
        if shown_decimal(column) is not None:
            continue
        example = may_be_grouped(column, decimal)
        if example is None and is_unclear:
            example = next(filter(_THREE_DIGITS.fullmatch, column), None)
        if example is not None:
            raise ValueError(
                f"{path} has cells such as {example!r} in column {name!r}, which may be a decimal "
                "number or thousands: write numbers with a decimal point and without grouping, "
                f"or with one decimal more, as {example + '0'!r}."
            )


def _parse_text(path, text_columns, header, encoding):
    lines, encoding = _read_head(path, encoding)
    separator, rows = _find_separator(lines)
    if separator is None:
        raise ValueError(
            f"{path} is not a table: its first row has one column ({listed(rows[0], 1)[:80]}). "
            "Columns are separated by commas, semicolons or tabs."
        )
    blank = next(number for number, line in enumerate(lines) if line.strip())
    if header:
        # A quoted name may run over two lines; the reader counts the lines that it took.
        reader = csv.reader(lines[blank:], delimiter=separator, skipinitialspace=True)
        names, first = [name.strip() for name in next(reader)], blank + reader.line_num + 1
    else:
        names, first = numbered(len(rows[0])), blank + 1
        rows = [names, *rows]
    decimal = _find_decimal(rows, path)
    # Codes, labels and the like as they stand: 007, True and None are for us to read.
    as_text = [place for place, name in enumerate(names) if name in text_columns]
    numbers = {place: name for place, name in enumerate(names) if place not in as_text}
    _check_grouping(rows, numbers, separator, decimal, path)
    with (
        open_plain(path) as stream,
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
            skiprows=blank + bool(header),
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
    frame.index = np.arange(len(frame)) + first
    return frame, decimal


def numbered(n_columns):
    """Name the columns of a table without a header by their positions."""
    return [f"column_{place}" for place in range(1, n_columns + 1)]


def read_text(path, text_columns, *, header=True, encoding=None):
    """Read a table of text, plain or compressed.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    text_columns : collection of str
        Columns whose cells are left as they stand.
    header : bool, default=True
        Whether the first row has the names of the columns.
    encoding : str, default=None
        That of the text. None: UTF-8 or UTF-16.

    Returns
    -------
    frame : DataFrame
        The raw columns; the index counts the rows as a spreadsheet does.
    decimal : {".", ","}
        The decimal mark.
    """
    try:
        return _parse_text(path, text_columns, header, encoding)
    except UnicodeDecodeError as error:
        around = error.object[max(0, error.start - 40) : error.start + 40]
        raise unknown_encoding(path, around, encoding) from error
    except pd.errors.ParserWarning as error:
        raise ValueError(f"{path} has rows with more cells than the header has names.") from error
    except pd.errors.EmptyDataError as error:
        raise ValueError(f"{path} has a header and no rows.") from error
    except (pd.errors.ParserError, csv.Error) as error:
        reason = one_line(error).removeprefix("Error tokenizing data. C error: ")
        raise ValueError(f"{path} is not a regular table: {reason}.") from error
    except DAMAGED as error:
        if getattr(error, "errno", None):  # the system's own reason, such as no permission
            raise
        raise ValueError(f"{path} cannot be read, it may be damaged: {one_line(error)}.") from error
