"""What scatter of scores comes from the storms that happened to come: blocks drawn again."""

import numpy as np
from sklearn.utils import check_random_state

from sklearn_landslide._words import plural


def block_draws(block, event, n_resamples, random_state):
    """Draw blocks with replacement, those with an event and those without each for themselves.

    Parameters
    ----------
    block : ndarray of int of shape (n_cells,)
        Block of each cell, 0 and up without gap.
    event : ndarray of int of shape (n_cells,)
        1 where there was an event.
    n_resamples : int
        Number of draws.
    random_state : int, RandomState instance or None
        Seed.

    Returns
    -------
    times : ndarray of int of shape (n_resamples, n_blocks)
        How often each block was drawn.

    Raises
    ------
    ValueError
        If fewer than two blocks have an event.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning._blocks import block_draws
    >>> times = block_draws(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), 5, 0)
    >>> times[:, :2].sum(axis=1).tolist(), times[:, 2].tolist()
    ([2, 2, 2, 2, 2], [1, 1, 1, 1, 1])
    """
    rng = check_random_state(random_state)
    has_event = np.bincount(block, weights=event) > 0
    if has_event.sum() < 2:
        raise ValueError(
            f"{plural(int(has_event.sum()), 'block')} of time with an event: an interval needs "
            "two; use shorter blocks, block=..., or more seasons."
        )
    times = np.zeros((n_resamples, has_event.size), dtype=int)
    for kind in (has_event, ~has_event):
        numbers = np.flatnonzero(kind)
        if numbers.size:
            drawn = rng.randint(numbers.size, size=(n_resamples, numbers.size))
            for draw, row in zip(times, drawn, strict=True):
                draw[numbers] = np.bincount(row, minlength=numbers.size)
    return times


def counts_by_block(block, event, warned):
    """Count hits, misses, false alarms and correct rejections in each block.

    Parameters
    ----------
    block, event, warned : ndarray of shape (n_cells,)
        Block, 1 for an event, whether there was a warning.

    Returns
    -------
    counts : ndarray of int of shape (n_blocks, 4)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning._blocks import counts_by_block
    >>> counts_by_block(np.array([0, 0, 1]), np.array([1, 0, 0]), np.array([True, True, False]))
    array([[1, 0, 1, 0],
           [0, 0, 0, 1]])
    """
    kind = 2 * (1 - event) + (1 - np.asarray(warned).astype(int))
    counts = np.bincount(4 * block + kind, minlength=4 * (block.max() + 1))
    return counts.reshape(-1, 4)


def detected_at(probability, event, weight, pofd):
    """Find the most events that can be warned of at a given rate of false detection.

    Parameters
    ----------
    probability, event, weight : ndarray of shape (n_cells,)
        Probability, 1 for an event, and how often the cell counts.
    pofd : float
        The rate that must not be exceeded.

    Returns
    -------
    pod, above : float
        Share of the events, and the probability above which there is a warning.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning._blocks import detected_at
    >>> p, event = np.array([0.9, 0.8, 0.4, 0.3, 0.2]), np.array([1, 0, 1, 0, 0])
    >>> detected_at(p, event, np.ones(5), 1 / 3)
    (1.0, 0.3)
    """
    others = event == 0
    order = np.argsort(-probability[others], kind="stable")
    values, weights = probability[others][order], weight[others][order]
    reached = np.cumsum(weights)
    total = reached[-1] if reached.size else 0
    # All that share a value are warned of together: what is reached is so at the last of them.
    last_of_value = np.append(values[1:] != values[:-1], True) if values.size else np.array([])
    too_many = last_of_value.astype(bool) & (reached > pofd * total * (1 + 1e-12))
    above = float(values[too_many][0]) if too_many.any() else -np.inf
    happened = event == 1
    pod = weight[happened & (probability > above)].sum() / weight[happened].sum()
    return float(pod), above
