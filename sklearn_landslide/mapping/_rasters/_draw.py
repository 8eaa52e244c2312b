"""Draw without replacement from candidates that are seen once, a part at a time."""

import numpy as np
import pandas as pd


def generator_of(random_state):
    """Make a generator of its own from an int, a RandomState or, without global one, nothing."""
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(np.iinfo(np.int32).max, size=4)
    return np.random.default_rng(random_state)


class SmallestKeys:
    """Keeps, for each stratum, the candidates of the smallest random keys seen so far.

    Every candidate gets one key, so that each is as likely as any other, and memory holds no
    more candidates than are wanted of each stratum.

    Parameters
    ----------
    wanted : int
        Number of draws.
    generator : numpy.random.Generator
        Source of the keys, in the order of the candidates.
    """

    def __init__(self, wanted, generator):
        self.wanted = wanted
        self.generator = generator
        self.counts = pd.Series(dtype=np.int64)
        self.kept = {}

    def add(self, candidates, strata=None):
        """Show some more candidates, as integers, and their strata if there are any."""
        keys = self.generator.random(len(candidates))
        for stratum in [0.0] if strata is None else np.unique(strata):
            here = slice(None) if strata is None else strata == stratum
            new_keys, new = keys[here], candidates[here]
            self.counts.loc[stratum] = self.counts.get(stratum, 0) + len(new)
            old_keys, old = self.kept.get(stratum, (np.empty(0), np.empty(0, dtype=np.int64)))
            if len(old) == self.wanted:
                close = new_keys < old_keys.max()
                new_keys, new = new_keys[close], new[close]
            new_keys, new = np.concatenate([old_keys, new_keys]), np.concatenate([old, new])
            if len(new) > self.wanted:
                smallest = np.argpartition(new_keys, self.wanted - 1)[: self.wanted]
                new_keys, new = new_keys[smallest], new[smallest]
            self.kept[stratum] = new_keys, new

    def draw(self, shares):
        """Return the draws, `shares` of each stratum, in random order."""
        keys, drawn = [], []
        for stratum, (kept_keys, kept) in self.kept.items():
            order = np.argsort(kept_keys)[: shares[stratum]]
            keys.append(kept_keys[order])
            drawn.append(kept[order])
        return np.concatenate(drawn)[np.argsort(np.concatenate(keys))]


def largest_remainders(total, counts):
    """Share out a total in proportion to counts, in whole numbers that sum to it.

    Parameters
    ----------
    total : int
        What is shared out, the sum of the counts at most.
    counts : Series of int
        The sizes.

    Returns
    -------
    shares : Series of int
        None larger than its count.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.mapping._rasters._absences import largest_remainders
    >>> largest_remainders(10, pd.Series({1: 34, 2: 33, 3: 33})).tolist()
    [4, 3, 3]
    """
    exact = counts * (total / counts.sum())
    shares = np.floor(exact).astype(np.int64)
    rest = (exact - shares).sort_values(ascending=False, kind="stable").index
    shares.loc[rest[: total - shares.sum()]] += 1
    return shares
