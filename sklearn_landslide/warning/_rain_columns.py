"""Which columns of a table are the rain."""

from sklearn.utils.validation import _check_feature_names_in

from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide._words import listed
from sklearn_landslide.preprocessing import numbered_columns


def find_rain(estimator):
    """Return the positions of the rain among the columns that an estimator got in ``fit``.

    Parameters
    ----------
    estimator : estimator
        With a parameter ``sequences`` and ``n_features_in_``.

    Returns
    -------
    positions : ndarray of shape (n_steps,), int64
        Oldest step first.

    Raises
    ------
    ValueError
        If there is no series, or there are several and none is called rain.

    Examples
    --------
    >>> from sklearn_landslide.warning import RainfallThreshold
    >>> from sklearn_landslide.warning._rain_columns import find_rain
    >>> model = RainfallThreshold(sequences={"weather": {"wind": [0, 1], "rain": [3, 2]}})
    >>> model.n_features_in_ = 4
    >>> find_rain(model)
    array([3, 2])
    """
    named = getattr(estimator, "feature_names_in_", None)
    names = [str(name) for name in _check_feature_names_in(estimator)]
    found = estimator.sequences is None
    groups = resolve_sequences(
        numbered_columns(names) if found else estimator.sequences,
        n_features=len(names),
        names=names if found else named,
    )
    series = {
        variable: positions
        for group in groups
        for variable, positions in zip(group.variables, group.positions, strict=True)
    }
    if len(series) == 1:
        return next(iter(series.values()))
    if "rain" not in series:
        raise ValueError(f"sequences has {listed(series)}: call the one that is rain 'rain'.")
    return series["rain"]
