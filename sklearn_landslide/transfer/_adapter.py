"""What adapts a source of whatever kind."""

from sklearn_landslide.transfer._source import read_source
from sklearn_landslide.transfer._source_stacking import SourceStacking
from sklearn_landslide.transfer._transfer_net import TransferNet


def make_adapter(source, *, random_state=None):
    """Choose what adapts a source: its weights, if it is a network, or what it says.

    Parameters
    ----------
    source : fitted classifier, str or path-like
        A model, or the file of one.
    random_state : int, RandomState instance or None, default=None
        Seed.

    Returns
    -------
    adapter : TransferNet or SourceStacking
        Unfitted.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.transfer import make_adapter
    >>> type(make_adapter(GaussianNB().fit([[0], [1]], [0, 1]))).__name__
    'SourceStacking'
    """
    last = read_source(source).last
    # As a class of torch's is not to be imported for this.
    is_net = any(kind.__name__ == "LandslideNet" for kind in type(last).__mro__)
    return (TransferNet if is_net else SourceStacking)(source, random_state=random_state)
