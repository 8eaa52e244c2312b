"""Which sequences a pipeline reads: said in one place, given to every step that takes them."""

from contextlib import contextmanager

from sklearn.base import clone

from sklearn_landslide.preprocessing import RainfallSums


def takes_sequences(step):
    """Say whether a step has a parameter ``sequences`` for series that the table holds."""
    # RainfallSums finds its own where it is given none, and later steps see none of its hours.
    if isinstance(step, RainfallSums) or not hasattr(step, "get_params"):
        return False
    return "sequences" in step.get_params(deep=False)


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
    return model.get_params(deep=False)["sequences"] if takes_sequences(model) else None


def tell_sequences(model, sequences):
    """Give sequences to a model that can read them and has none of its own.

    Parameters
    ----------
    model : estimator
        The classifier; never changed itself.
    sequences : dict or None
        The sequences.

    Returns
    -------
    model : estimator
        A copy that has them, or `model` if there is nothing to give.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.pipeline._sequences import tell_sequences
    >>> tell_sequences(GaussianNB(), {"rain": ["rain_0", "rain_1"]})
    GaussianNB()
    """
    if sequences is None or not takes_sequences(model) or model_sequences(model) is not None:
        return model
    return clone(model).set_params(sequences=sequences)


def step_sequences(pipeline, step):
    """Return the sequences that a step of a pipeline works with in ``fit``.

    Parameters
    ----------
    pipeline : Pipeline
        Of this package, or any other, whose steps know only what they hold themselves.
    step : estimator
        One of its steps, with a parameter ``sequences``.

    Returns
    -------
    sequences : dict or None
        Those of the step itself; where it has none, those of the pipeline.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.pipeline import make_landslide_pipeline, step_sequences
    >>> chain = make_landslide_pipeline(GaussianNB(), sequences={"rain": ["rain_0", "rain_1"]})
    >>> step_sequences(chain, chain["scale"])
    {'rain': ['rain_0', 'rain_1']}
    """
    own = step.get_params(deep=False)["sequences"]
    return shared_sequences(pipeline) if own is None else own


def shared_sequences(pipeline):
    """Return the sequences of a pipeline, for every step that has none of its own."""
    said = getattr(pipeline, "sequences", None)
    # The one text there is, "from_model".
    return model_sequences(pipeline._final_estimator) if isinstance(said, str) else said


@contextmanager
def sequences_in_steps(pipeline):
    """Give the steps of a pipeline its sequences as long as they are fitted.

    Then they are taken back, so that they stand in one place and can be changed there; what the
    steps need of them they have learned. The last step may read its parameter later, too, and is
    exchanged for a copy that keeps them.

    Parameters
    ----------
    pipeline : LandslidePipeline
        Its `steps` must be a list of its own.
    """
    sequences = shared_sequences(pipeline)
    waiting = {}
    if sequences is not None:
        name, last = pipeline.steps[-1]
        pipeline.steps[-1] = (name, tell_sequences(last, sequences))
        waiting = {
            name: step
            for name, step in pipeline.steps[:-1]
            if takes_sequences(step) and model_sequences(step) is None
        }
    for step in waiting.values():
        step.set_params(sequences=sequences)
    try:
        yield
    finally:
        # With a cache, fitted copies have taken the place of the steps.
        fitted = [step for name, step in pipeline.steps if name in waiting]
        for step in (*waiting.values(), *fitted):
            step.set_params(sequences=None)
