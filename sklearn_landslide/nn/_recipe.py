"""What "auto" stands for: the recipe of a fit, from its training table alone.

The numbers were chosen with one table left out at a time: ``benchmarks/recipe.py``.
"""

import math
from dataclasses import dataclass

# Rows up to which eight members pay, and the members beyond and with sequences.
_MANY_ROWS, _MEMBERS, _FEW_MEMBERS = 20_000, 8, 4
# Passes for a rarest class of so many rows; more rows are learned from longer, up to a limit.
_EPOCHS, _RARE_ROWS, _MOST_EPOCHS = 12, 300, 40
# Rows that a fit looks at in all its passes; a table of so many takes its steps in fewer passes.
_ROWS_IN_ALL = 640_000
# Passes at the least where a landslide has many rows, each of which shows it.
_FEWEST_EPOCHS = 6
# A network that also reads time series overfits the seasons of the training years sooner.
_EPOCHS_WITH_SEQUENCES = 10
# Share of the straight line with so many rows, what power of their number it falls with, and the
# highest: the more rows, the less the network needs it.
_LINEAR_WEIGHT, _LINEAR_ROWS, _LINEAR_POWER, _MOST_LINEAR = 0.3, 3000, 0.3, 0.45
_MEMORY_WEIGHT = 0.35
# Hidden values of the wide path, and with so many rows of the rarest class and more.
_WIDE_HIDDEN, _WIDER_HIDDEN, _WIDER_ROWS = 64, 128, 3000


@dataclass(frozen=True)
class Recipe:
    """What "auto" stands for with a training table.

    Parameters
    ----------
    n_members : int
        Number of members.
    max_epochs : int
        Passes over the table.
    wide_hidden : int
        Hidden values of the wide path.
    linear_weight, memory_weight : float or None
        Shares of the linear path and of the memory in the log-odds; None leaves them out.
    """

    n_members: int
    max_epochs: int
    wide_hidden: int
    linear_weight: float | None
    memory_weight: float | None

    def or_given(self, name, given):
        """Return what a parameter was set to, or what this recipe takes for "auto".

        Parameters
        ----------
        name : str
            Name of the field.
        given : object
            Value of the net's parameter.

        Returns
        -------
        value : int, float or None
        """
        return getattr(self, name) if isinstance(given, str) and given == "auto" else given


def learn_recipe(counts, places=None, *, has_sequences):
    """Choose the recipe for the labels of a training table.

    Parameters
    ----------
    counts : ndarray of shape (n_classes,), int
        Rows of each class.
    places : ndarray of shape (n_classes,), int, or None, default=None
        Landslides, and other places, of which each may have several rows; None: each has one.
    has_sequences : bool
        Whether the net reads sequences beside static factors. On sums of rain a straight line
        does far worse, and trees were not tried.

    Returns
    -------
    recipe : Recipe

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.nn._recipe import learn_recipe
    >>> learn_recipe(np.array([9700, 300]), has_sequences=False).max_epochs
    12
    """
    if has_sequences:
        return Recipe(_FEW_MEMBERS, _EPOCHS_WITH_SEQUENCES, _WIDER_HIDDEN, None, None)
    places = counts if places is None else places
    n_rows, n_places, n_rarest = int(counts.sum()), int(places.sum()), int(places.min())
    looks = min(_EPOCHS * math.sqrt(max(n_rarest, _RARE_ROWS) / _RARE_ROWS), _MOST_EPOCHS)
    passes = max(looks / rows_of_a_place(counts, places), min(looks, _FEWEST_EPOCHS))
    return Recipe(
        n_members=_MEMBERS if n_rows <= _MANY_ROWS else _FEW_MEMBERS,
        max_epochs=min(round(passes), max(_EPOCHS, _ROWS_IN_ALL // n_rows)),
        wide_hidden=_WIDER_HIDDEN if n_rarest >= _WIDER_ROWS else _WIDE_HIDDEN,
        linear_weight=min(
            _LINEAR_WEIGHT * (_LINEAR_ROWS / n_places) ** _LINEAR_POWER, _MOST_LINEAR
        ),
        memory_weight=_MEMORY_WEIGHT,
    )


def rows_of_a_place(counts, places):
    """Return how many rows a place of the rarest class has on average.

    Parameters
    ----------
    counts, places : ndarray of shape (n_classes,), int
        Rows and places of each class.

    Returns
    -------
    n_rows : float
        1 or more.
    """
    rarest = places.argmin()
    return max(1.0, counts[rarest] / max(places[rarest], 1))


def leaf_rows(counts, places=None):
    """Return the rows that a leaf of the memory has at least.

    Where landslides are rare, a leaf of one row knows nothing of how rare, and where they have
    many rows, a leaf of one row knows nothing but this landslide.

    Parameters
    ----------
    counts : ndarray of shape (n_classes,), int
        Rows of each class, of which none is empty.
    places : ndarray of shape (n_classes,), int, or None, default=None
        Places of each class; None: each has one row.

    Returns
    -------
    n_rows : int
    """
    places = counts if places is None else places
    by_ratio = max(1.0, math.log2(places.max() / places.min()))
    return round(by_ratio * rows_of_a_place(counts, places))
