"""Seeds from a random state: independent ones, or one that is passed on."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state


def draw_seeds(random_state, n_seeds):
    """Draw seeds that differ from each other.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        The same number gives the same seeds. None takes fresh entropy and leaves NumPy's global
        generator alone.
    n_seeds : int
        How many.

    Returns
    -------
    seeds : list of int
        One for each.

    Examples
    --------
    >>> from sklearn_landslide._random_state import draw_seeds
    >>> draw_seeds(0, 2) == draw_seeds(0, 2), len(set(draw_seeds(None, 3)))
    (True, 3)
    """
    if random_state is None:
        return np.random.SeedSequence().generate_state(n_seeds).tolist()
    return check_random_state(random_state).randint(2**31 - 1, size=n_seeds).tolist()


def pass_on_seeds(random_state, n_seeds):
    """Pass a random state on to several steps, each of which begins again with it.

    A number or None goes to every step as it is, as if the user had given it to each; only a
    generator, which the steps would otherwise share, draws one seed for each.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        What the user gave.
    n_seeds : int
        Number of steps.

    Returns
    -------
    seeds : list of int or None
        One for each.

    Examples
    --------
    >>> from sklearn_landslide._random_state import pass_on_seeds
    >>> pass_on_seeds(7, 2), pass_on_seeds(None, 2)
    ([7, 7], [None, None])
    """
    if random_state is None or isinstance(random_state, Integral):
        return [random_state] * n_seeds
    return draw_seeds(random_state, n_seeds)
