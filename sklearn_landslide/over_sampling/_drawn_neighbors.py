"""Neighbors of the rows that SMOTE draws, and of no others."""

import numpy as np
from sklearn.neighbors import NearestNeighbors


class _Neighbors:
    """Positions of the neighbors of some rows, found for those of them that are asked for.

    It answers what imbalanced-learn asks of such an array: its size, its columns from the second
    on, and the lines of some rows.

    Parameters
    ----------
    search : callable
        From positions of rows to an array of shape (n_positions, n_neighbors).
    shape : tuple of (int, int)
        Shape of the whole array.
    """

    def __init__(self, search, shape):
        self.search = search
        self.shape = shape
        self._last = None, None

    @property
    def size(self):
        return self.shape[0] * self.shape[1]

    def _of(self, rows):
        # Asked twice for the same rows, and a row may be drawn many times.
        if self._last[0] is not rows:
            drawn, back = np.unique(rows, return_inverse=True)
            self._last = rows, self.search(drawn)[back]
        return self._last[1]

    def __getitem__(self, key):
        if not isinstance(key, tuple):
            return self._of(key)
        rows, columns = key
        if isinstance(rows, slice):
            shape = self.shape[0], len(range(*columns.indices(self.shape[1])))
            return _Neighbors(lambda drawn: self.search(drawn)[:, columns], shape)
        return self._of(rows)[np.arange(len(rows)), columns]


class DrawnNeighbors(NearestNeighbors):
    """Nearest neighbors that are searched for when they are looked at.

    SMOTE lists the neighbors of all rows of a class, though it makes a few new ones: of two
    classes of 11,000 and 10,990 rows it draws ten, and the list takes the square of their number.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.over_sampling._drawn_neighbors import DrawnNeighbors
    >>> X = np.array([[0.0], [1.0], [3.0]])
    >>> found = DrawnNeighbors(n_neighbors=2).fit(X).kneighbors(X, return_distance=False)
    >>> found[:, 1:][np.array([2, 0])]
    array([[1],
           [1]])
    """

    def kneighbors(self, X=None, n_neighbors=None, return_distance=True):
        """Find neighbors, as `NearestNeighbors`; their positions alone when they are looked at."""
        if X is None or return_distance:
            return super().kneighbors(X, n_neighbors, return_distance)
        n_columns = self.n_neighbors if n_neighbors is None else n_neighbors
        search = super().kneighbors
        return _Neighbors(
            lambda rows: search(X[rows], n_neighbors, return_distance=False),
            (X.shape[0], n_columns),
        )
