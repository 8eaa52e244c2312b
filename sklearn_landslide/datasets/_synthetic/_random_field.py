"""Gaussian random fields by spectral synthesis."""

import numpy as np
from scipy import fft


def random_field(shape, cell_size, *, length, exponent, rng):
    """Draw a smooth or a rough Gaussian field.

    White noise is filtered in the frequency domain so that its power falls as
    ``(1 + (length * k) ** 2) ** (-exponent / 2)``, with k the angular wave number: a
    fractal below `length`, without trend above it.

    Parameters
    ----------
    shape : tuple of (int, int)
        Rows and columns.
    cell_size : float
        Side of a cell in meters.
    length : float
        Outer scale in meters.
    exponent : float
        Fall of the power spectrum, 3 (rough) to 6 (smooth). A surface with Hurst exponent
        H has ``2 * H + 2``.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    field : ndarray of shape (rows, columns)
        Mean 0 and standard deviation 1 over the grid.

    References
    ----------
    .. [1] Saupe, D. (1988). Algorithms for random fractals. In Peitgen, H.-O., Saupe, D.
       (eds.), The Science of Fractal Images. Springer, section 2.4.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._random_field import random_field
    >>> field = random_field((20, 30), 30.0, length=300, exponent=4, rng=np.random.default_rng(0))
    >>> field.shape, bool(abs(field.mean()) < 1e-12), round(float(field.std()), 6)
    ((20, 30), True, 1.0)
    """
    # A Fourier field is periodic. Only a part of a larger one is kept, or else opposite
    # edges of the region would be similar.
    padded = tuple(fft.next_fast_len(size + size // 2, real=True) for size in shape)
    wave_rows = 2 * np.pi * fft.fftfreq(padded[0], cell_size)[:, None]
    wave_columns = 2 * np.pi * fft.rfftfreq(padded[1], cell_size)[None, :]
    power = (1 + length**2 * (wave_rows**2 + wave_columns**2)) ** (-exponent / 2)
    spectrum = fft.rfft2(rng.standard_normal(padded)) * np.sqrt(power)
    field = fft.irfft2(spectrum, s=padded)[: shape[0], : shape[1]]
    return (field - field.mean()) / field.std()


def classes_by_share(field, shares):
    """Cut a field into ordered classes that cover given shares of it.

    Parameters
    ----------
    field : ndarray
        Any values.
    shares : sequence of float
        Share of each class; they sum to 1.

    Returns
    -------
    classes : ndarray of int
        0, 1, ... in the order of `shares`, the lowest values of `field` first.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._random_field import classes_by_share
    >>> classes_by_share(np.array([0.3, 9.0, 0.1, 2.0]), [0.5, 0.25, 0.25])
    array([0, 2, 0, 1])
    """
    edges = np.quantile(field, np.cumsum(shares)[:-1])
    return np.searchsorted(edges, field)
