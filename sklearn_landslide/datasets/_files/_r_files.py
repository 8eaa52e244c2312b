"""Tables in the files of R."""

import bz2
import lzma
import warnings
import zlib

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional

# What is wrong with a file is known only when its values have been read, so reading must be safe:
# the tables have a tenth of this.
_MOST_BYTES = 2**26
_MOST_OBJECTS = 1_000_000
_COMPRESSIONS = {
    b"\x1f\x8b": lambda: zlib.decompressobj(wbits=31),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lambda: lzma.LZMADecompressor(memlimit=2**27),
}


class _TooLarge(ValueError):
    """A file that would fill the memory."""


def read_r_table(path):
    """Read the one data frame that an R file holds.

    Parameters
    ----------
    path : pathlib.Path
        An ``.rds`` file, or an ``.rda`` file with one object, in R's usual binary format;
        compressed in any of R's ways.

    Returns
    -------
    table : DataFrame
        The data frame. Dates are numbers as in R, points are arrays.

    Raises
    ------
    ValueError
        If there is no data frame to be read; the message goes on after the name of a file.
    OSError
        If the file cannot be opened, which says nothing about what it holds.
    """
    with path.open("rb") as file:
        stored = file.read(_MOST_BYTES + 1)
    rdata = import_optional("rdata", extra="datasets")
    try:
        parsed = _parse(_unpacked(stored))
        with warnings.catch_warnings():
            # Of classes that only R knows: the vectors below them are all that is wanted.
            warnings.filterwarnings("ignore", "Missing constructor", UserWarning)
            content = rdata.conversion.convert(parsed, default_encoding="utf-8")
    except MemoryError:
        raise
    except _TooLarge as error:
        raise ValueError(f"is no R file that can be read ({error})") from error
    except Exception as error:  # Whatever bytes can do to a parser.
        raise ValueError(f"is no R file that can be read ({type(error).__name__})") from error
    if isinstance(content, dict) and len(content) == 1:
        (content,) = content.values()
    if not isinstance(content, pd.DataFrame) or content.empty:
        raise ValueError(f"holds no data frame, but a {type(content).__name__}")
    return content


def _unpacked(stored):
    """Undo the compression, as far as the result is of a size that is expected."""
    for start, decompressor in _COMPRESSIONS.items():
        if stored.startswith(start):
            stored = decompressor().decompress(stored, _MOST_BYTES + 1)
            break
    if len(stored) > _MOST_BYTES:
        raise _TooLarge(f"more than {_MOST_BYTES >> 20} MB")
    return stored


def _parse(content):
    """Parse what R wrote; a few bytes may not stand for more than was stored."""
    xdr = import_optional("rdata.parser._xdr", extra="datasets")
    original = import_optional("rdata.parser", extra="datasets").DEFAULT_ALTREP_MAP

    class Parser(xdr.ParserXDR):
        left = _MOST_OBJECTS

        def count(self, number):
            self.left -= number
            if self.left < 0:
                raise _TooLarge(f"more than {_MOST_OBJECTS:,} objects")

        def parse_R_object(self, *args, **kwargs):
            self.count(1)
            return super().parse_R_object(*args, **kwargs)

        def _parse_bytecode(self, *args, **kwargs):
            # Functions, whose number of constants is believed.
            raise _TooLarge("it holds functions")

        def expand_altrep_to_object(self, info, state):
            # Number, first value and step of a sequence that is not stored.
            if isinstance(state.value, np.ndarray):
                self.count(int(abs(state.value[0])))
            return super().expand_altrep_to_object(info, state)

    for start in (b"RDX2\n", b"RDX3\n"):
        content = content.removeprefix(start)
    if not content.startswith(b"X\n"):
        raise ValueError("not in the usual format")
    parser = Parser(content[2:], expand_altrep=True, altrep_constructor_dict=original)
    parsed = parser.parse_all()
    parser.check_complete()
    return parsed


def numeric_columns(table):
    """Take the columns that hold numbers, or texts or factor levels that are numbers.

    Parameters
    ----------
    table : DataFrame
        A data frame of R.

    Returns
    -------
    columns : dict of str to ndarray of shape (n_rows,), float64
        The columns, in order, NaN where a value is missing. TRUE is 1; points become one column
        for each coordinate.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_landslide.datasets._files._r_files import numeric_columns
    >>> points = [np.array([1.0, 2.0]), np.array([3.0, 4.0])]
    >>> table = pd.DataFrame({"rock": ["lime", "clay"], "soil": ["1", "7"], "geometry": points})
    >>> list(numeric_columns(table))
    ['soil', 'geometry.0', 'geometry.1']
    """
    columns = {}
    for name, column in table.items():
        if isinstance(column.iloc[0], np.ndarray):
            try:
                points = np.stack(list(column)).astype(np.float64)
            except (TypeError, ValueError):
                continue
            columns |= {f"{name}.{axis}": points[:, axis] for axis in range(points.shape[1])}
            continue
        texts = not pd.api.types.is_numeric_dtype(column)
        values = column.astype(str).str.lower() if texts else column
        if texts:
            values = values.replace({"true": "1", "false": "0"})
        try:
            columns[name] = pd.to_numeric(values).to_numpy(np.float64, na_value=np.nan)
        except (TypeError, ValueError):
            continue
    return columns
