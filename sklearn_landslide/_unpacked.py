"""How much a compressed file may unpack to: a small one must not fill the memory."""

# What a small file may unpack to, and how much more for each of its bytes. Models and tables come
# to ten or twenty.
FREE_BYTES, MOST_RATIO = 2**26, 100


def most_bytes(packed):
    """Return how many bytes a compressed file of `packed` bytes may have when it is unpacked.

    Parameters
    ----------
    packed : int
        Its size.

    Returns
    -------
    unpacked : int

    Examples
    --------
    >>> from sklearn_landslide._unpacked import most_bytes
    >>> most_bytes(3_000_000) // 10**6
    367
    """
    return FREE_BYTES + MOST_RATIO * packed
