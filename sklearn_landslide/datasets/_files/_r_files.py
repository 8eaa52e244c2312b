"""Tables in the files of R."""

import warnings

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional


def read_r_table(path):
    """Read the one data frame that an R file holds.

    Parameters
    ----------
    path : pathlib.Path
        An ``.rds`` file, or an ``.rda`` file with one object; compressed in any of R's ways.

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
    path.open("rb").close()
    rdata = import_optional("rdata", extra="datasets")
    read = rdata.read_rds if path.suffix.lower() == ".rds" else rdata.read_rda
    try:
        with warnings.catch_warnings():
            # Of classes that only R knows: the vectors below them are all that is wanted.
            warnings.filterwarnings("ignore", "Missing constructor", UserWarning)
            content = read(path, default_encoding="utf-8")
    except MemoryError:
        raise
    except Exception as error:  # Whatever bytes can do to a parser.
        raise ValueError(f"is no R file that can be read ({type(error).__name__})") from error
    if isinstance(content, dict) and len(content) == 1:
        (content,) = content.values()
    if not isinstance(content, pd.DataFrame) or content.empty:
        raise ValueError(f"holds no data frame, but a {type(content).__name__}")
    return content


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
