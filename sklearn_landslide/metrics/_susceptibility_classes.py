"""Landslide density and frequency ratio of each susceptibility class."""

import numpy as np
import pandas as pd
from sklearn.utils import column_or_1d

from sklearn_landslide.metrics._checks import check_area, check_labels


def check_edges(edges, classes):
    """Return the bounds of the classes 1, 2 ... that `edges` describes.

    Parameters
    ----------
    edges : array-like of shape (n_classes + 1,)
        Bounds, rising.
    classes : ndarray of shape (n_samples,)
        Class of each row.

    Returns
    -------
    edges : ndarray of shape (n_classes + 1,), dtype=float64
        The bounds.
    """
    edges = column_or_1d(np.asarray(edges, dtype=np.float64))
    if edges.size < 2 or not (np.diff(edges) > 0).all():
        raise ValueError(f"edges must be at least two bounds that rise, got {edges.tolist()}.")
    unknown = np.setdiff1d(classes, np.arange(1, edges.size))
    if unknown.size:
        raise ValueError(
            f"edges bound the classes 1 to {edges.size - 1}, "
            f"and classes holds {unknown[:5].tolist()}."
        )
    return edges


def with_ratios(sums):
    """Add shares, density and frequency ratio to the area and the landslides of each class.

    Parameters
    ----------
    sums : DataFrame of shape (n_classes, n_columns)
        With columns ``area`` and ``landslides``, whose sums are above 0; changed in place.

    Returns
    -------
    sums : DataFrame
        The columns of :func:`frequency_ratio_table`.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.metrics import with_ratios
    >>> with_ratios(pd.DataFrame({"area": [60, 40], "landslides": [3, 3]}))["frequency_ratio"]
    0    0.833333
    1    1.250000
    Name: frequency_ratio, dtype: float64
    """
    area, landslides = sums["area"], sums["landslides"]
    sums.insert(sums.columns.get_loc("landslides"), "area_share", area / area.sum())
    sums["landslide_share"] = landslides / landslides.sum()
    # A class of no area gives 0 / 0, missing, or infinity where it has points of landslides.
    sums["density"] = landslides / area
    sums["frequency_ratio"] = sums["landslide_share"] / sums["area_share"]
    return sums


def frequency_ratio_table(y_true, classes, *, edges=None, area=None):
    """Landslide density and frequency ratio of each class of a map.

    The frequency ratio of a class is its share of the landslides over its share of the area: 1
    where landslides are as frequent as in the whole study area. In a good susceptibility map it
    rises from class to class, and the highest class holds many landslides in little area. The
    classes may as well be those of a factor, such as the lithology.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where there is a landslide, 0 where there is none.
    classes : array-like of shape (n_samples,)
        Class of each row: numbers or text. With `edges`: 1 for the first class, and so on.
    edges : array-like of shape (n_classes + 1,), default=None
        Bounds of the classes, in probability, which the table then repeats. A class without
        rows has a line too.
    area : array-like of shape (n_samples,), default=None
        Area of each row, in any unit. None: 1 for all.

    Returns
    -------
    table : DataFrame
        One row per class, in rising order, indexed by ``class``:

        - ``lower``, ``upper``: bounds of the class, with `edges` only;
        - ``area``: sum of the areas, or number of rows;
        - ``area_share``: its share of the whole, 0 to 1;
        - ``landslides``: number of landslides;
        - ``landslide_share``: their share of all landslides, 0 to 1;
        - ``density``: landslides a unit of area;
        - ``frequency_ratio``: ``landslide_share / area_share``.

        The last two are missing for a class without rows.

    Raises
    ------
    ValueError
        If there is no landslide or no area, for missing classes, edges that do not rise, a
        class outside of the edges, or arrays of different length.

    References
    ----------
    .. [1] S. Lee and B. Pradhan, "Landslide hazard mapping at Selangor, Malaysia using frequency
       ratio and logistic regression models", Landslides 4, 33-41, 2007.

    Examples
    --------
    >>> from sklearn_landslide.metrics import frequency_ratio_table
    >>> table = frequency_ratio_table([0, 0, 0, 1, 0, 1, 1, 1], [1, 1, 1, 1, 2, 2, 2, 2])
    >>> table[["area_share", "landslide_share", "density", "frequency_ratio"]]
           area_share  landslide_share  density  frequency_ratio
    class
    1             0.5             0.25     0.25              0.5
    2             0.5             0.75     0.75              1.5
    """
    y_true = check_labels(y_true, needs=(1,))
    classes = column_or_1d(np.asarray(classes))
    if classes.size != y_true.size:
        raise ValueError(
            f"classes has {classes.size} values and y_true has {y_true.size}: one per row."
        )
    if n_missing := int(pd.isna(classes).sum()):
        raise ValueError(f"classes has {n_missing} missing values: drop these rows.")
    area = check_area(area, y_true.size)

    rows = pd.DataFrame({"class": classes, "area": area, "landslides": y_true})
    sums = rows.groupby("class")[["area", "landslides"]].sum()
    if edges is not None:
        edges = check_edges(edges, classes)
        sums = sums.reindex(pd.RangeIndex(1, edges.size, name="class"), fill_value=0)
        sums.insert(0, "lower", edges[:-1])
        sums.insert(1, "upper", edges[1:])
    return with_ratios(sums)
