"""Variance inflation: how well the other factors predict a factor."""

import numpy as np
import pandas as pd
from sklearn.utils import _safe_indexing, check_array

from sklearn_landslide._categories import categorical_mask

# Below this the rest of a regression is rounding, also for data that was once float32.
NO_REST = 1e-12


def variance_inflation(X):
    r"""Variance inflation factor and tolerance of each numeric factor.

    With :math:`R_j^2` the coefficient of determination of the linear regression of factor
    :math:`j` on all other factors, the tolerance is :math:`1 - R_j^2` and the variance inflation
    factor its inverse. A factor that others reproduce exactly has an infinite one. Values above
    10 (tolerance below 0.1) are commonly read as harmful collinearity.

    Parameters
    ----------
    X : {array-like, DataFrame} of shape (n_samples, n_features)
        Factors without missing values. Columns with a categorical dtype are left out: a
        category has no variance.

    Returns
    -------
    table : DataFrame
        Columns ``vif`` (1 to infinity) and ``tolerance`` (0 to 1), one row a numeric factor,
        indexed by its name (``x0``, ``x1`` ... without names). Both are NaN for a constant.

    Raises
    ------
    ValueError
        If X holds text, missing or infinite values, or has fewer than 2 rows.

    References
    ----------
    .. [1] D. W. Marquardt, "Generalized inverses, ridge regression, biased linear estimation,
       and nonlinear estimation", Technometrics 12(3), 591-612, 1970.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.feature_selection import variance_inflation
    >>> X = pd.DataFrame({"slope": [1, 2, 3, 4], "relief": [2, 4, 6, 8], "ndvi": [1, 0, 0, 1]})
    >>> variance_inflation(X)
            vif  tolerance
    factor
    slope   inf        0.0
    relief  inf        0.0
    ndvi    1.0        1.0
    """
    if hasattr(X, "columns"):
        X = _safe_indexing(X, np.flatnonzero(~categorical_mask(X, "from_dtype")), axis=1)
    names = getattr(X, "columns", None)
    X = check_array(X, dtype=np.float64, ensure_min_samples=2, input_name="X")
    names = [f"x{j}" for j in range(X.shape[1])] if names is None else list(names)

    constant = np.ptp(X, axis=0) == 0
    centered = X - X.mean(axis=0)
    centered[:, constant] = 0
    # Regressions on the triangular factor give the same rests as on all rows.
    columns = np.linalg.qr(centered / np.where(constant, 1, np.linalg.norm(centered, axis=0)), "r")
    tolerance = np.full(X.shape[1], np.nan)
    for j in np.flatnonzero(~constant):
        others = np.delete(columns, j, axis=1)
        rest = columns[:, j] - others @ np.linalg.lstsq(others, columns[:, j])[0]
        tolerance[j] = min(rest @ rest, 1.0)
    tolerance[tolerance < NO_REST] = 0
    with np.errstate(divide="ignore"):
        vif = 1 / tolerance
    index = pd.Index(names, name="factor")
    return pd.DataFrame({"vif": vif, "tolerance": tolerance}, index=index)
