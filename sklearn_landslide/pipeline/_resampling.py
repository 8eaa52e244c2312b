"""What balances the training rows, by the words of the command line and of maps."""

from imblearn.under_sampling import RandomUnderSampler

RESAMPLING = ("smote", "under", "none")


def resample_by_name(name, random_state):
    """Return what :func:`make_landslide_pipeline` takes as ``resample``.

    Parameters
    ----------
    name : {"smote", "under", "none"}
        New landslides between known ones, but not for models that count rows; other places left
        out; the rows as they are.
    random_state : int or None
        Seed of the draw.

    Returns
    -------
    resample : "auto", sampler or None

    Examples
    --------
    >>> from sklearn_landslide.pipeline import resample_by_name
    >>> resample_by_name("smote", 0), resample_by_name("under", 0)
    ('auto', RandomUnderSampler(random_state=0))
    """
    if name == "under":
        return RandomUnderSampler(random_state=random_state)
    return {"smote": "auto", "none": None}[name]
