"""Files that are complete or not there."""

import os
import secrets
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path):
    """Give the name of a hidden file to write, which takes the place of `path` at the end.

    An error, an interrupt or a killed process leaves what was there before.

    Parameters
    ----------
    path : str or path-like
        The file; one that is there is replaced.

    Yields
    ------
    hidden : pathlib.Path
        Where to write: in the same folder and with the same ending.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_landslide._whole_file import whole_file
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "zones.csv")
    ...     with whole_file(path) as hidden:
    ...         _ = hidden.write_text("zone,area")
    ...         there_too_early = path.exists()
    ...     path.read_text(), there_too_early
    ('zone,area', False)
    """
    path = Path(path)
    hidden = path.with_name(f".{secrets.token_hex(6)}.partial{path.suffix}")
    try:
        yield hidden
        os.replace(hidden, path)
    finally:
        # A GeoPackage may have a journal beside it.
        for leftover in (hidden, *path.parent.glob(f"{hidden.name}-*")):
            leftover.unlink(missing_ok=True)
