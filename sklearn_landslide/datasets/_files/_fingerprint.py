"""Columns are known by what they hold, whatever they are called."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np


@dataclass(frozen=True)
class Fingerprint:
    """What a column must hold, up to the rounding of the copy it was taken from.

    The values are sorted into cells of one width, and the cells of all rows are hashed. Width
    and offset are chosen such that no value of the true column is so near an edge that rounding
    could move it to the next cell. A value that is off by `width` or more is always noticed.

    Parameters
    ----------
    width : float
        Width of a cell.
    offset : float
        An edge of the cells.
    digest : str
        First 16 hexadecimal digits of the SHA-256 of the cells' numbers, little endian int64.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._files._fingerprint import Fingerprint
    >>> slope = np.array([12.3456, 31.2498])
    >>> fingerprint = Fingerprint(0.1, 0.02, Fingerprint.digest_of(slope, 0.1, 0.02))
    >>> fingerprint.fits(slope.round(3)), fingerprint.fits(slope + [0, 0.1])
    (True, False)
    """

    width: float
    offset: float
    digest: str

    @staticmethod
    def digest_of(values, width, offset):
        """Digest of the cells that the values fall in."""
        cells = np.floor((np.asarray(values, dtype=np.float64) - offset) / width)
        return sha256(cells.astype("<i8").tobytes()).hexdigest()[:16]

    def fits(self, values):
        """Whether the values are those that the fingerprint was taken from."""
        # The cells of anything else could not be numbered.
        numbered = bool((np.abs(values) < 1e12).all())
        return numbered and self.digest_of(values, self.width, self.offset) == self.digest


def find_columns(columns, fingerprints):
    """Find the columns that fit the fingerprints.

    Parameters
    ----------
    columns : dict of str to ndarray
        Columns by the names that their file gives them.
    fingerprints : dict of str to Fingerprint
        What is looked for, by the names that it is to have.

    Returns
    -------
    found : dict of str to ndarray
        A column for each fingerprint.

    Raises
    ------
    ValueError
        If a fingerprint fits no column; the message goes on after the name of a file.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._files._fingerprint import Fingerprint, find_columns
    >>> columns = {"slp": np.array([12.0, 31.0]), "doy": np.array([17.0, 25.0])}
    >>> fingerprint = Fingerprint(1, 0.5, Fingerprint.digest_of([17, 25], 1, 0.5))
    >>> find_columns(columns, {"day_of_year": fingerprint})
    {'day_of_year': array([17., 25.])}
    """
    found = {}
    for name, fingerprint in fingerprints.items():
        fitting = [values for values in columns.values() if fingerprint.fits(values)]
        if not fitting:
            raise ValueError(f"has no column with the values of {name!r}")
        found[name] = fitting[0]
    return found
