"""Which sequences a model reads, and how it is told."""

from sklearn.base import clone


def model_sequences(model):
    """Return the parameter ``sequences`` of a model; None where it has none or none is set.

    Parameters
    ----------
    model : estimator
        The classifier.

    Returns
    -------
    sequences : dict or None
        As in :class:`~sklearn_landslide.LandslideNet`.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.pipeline import model_sequences
    >>> model_sequences(GaussianNB()) is None
    True
    """
    return model.get_params(deep=False).get("sequences")


def tell_sequences(model, sequences):
    """Give a model that can read sequences, and was told of none, those of the table.

    Parameters
    ----------
    model : estimator
        The classifier; never changed itself.
    sequences : dict or None
        The sequences.

    Returns
    -------
    model : estimator
        A copy that knows them, or `model` if there is nothing to tell.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.pipeline import tell_sequences
    >>> tell_sequences(GaussianNB(), {"rain": ["rain_0", "rain_1"]})
    GaussianNB()
    """
    params = model.get_params(deep=False)
    if sequences is None or params.get("sequences", "unknown") is not None:
        return model
    return clone(model).set_params(sequences=sequences)
