"""The table under check: its quantities, its classes, its labels, each in one form."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from sklearn_landslide._codes import as_codes
from sklearn_landslide._factor_tables import quantity_values
from sklearn_landslide._nodata import LARGEST
from sklearn_landslide._words import plural
from sklearn_landslide.checks._remedies import Remedies

# With fewer known rows in a class, coincidence alone separates the classes too often.
_LEAST_ROWS = 10


@dataclass(frozen=True, eq=False)
class CheckedTable:
    """A table as all checks read it.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_factors)
        The factors.
    y : ndarray of int of shape (n_rows,)
        1 for landslide, 0 for none.
    points : ndarray of shape (n_rows, 2) or None
        x and y of the rows.
    remedies : Remedies
        How a finding is mended.
    hours : frozenset of str, default=frozenset()
        Columns that are steps of series, where 0 is dry.
    """

    frame: pd.DataFrame
    y: np.ndarray
    points: np.ndarray | None
    remedies: Remedies
    hours: frozenset = frozenset()

    @cached_property
    def columns(self):
        """By factor, its values as floats, NaN where missing, or its codes as a category."""
        return {str(name): _column(column) for name, column in self.frame.items()}

    def with_places(self):
        """Return the columns with the coordinates, as x and y where no factor is called so."""
        places = [] if self.points is None else self.points.T
        return dict(zip("xy", places, strict=False)) | self.columns

    @cached_property
    def quantities(self):
        """By factor, the values of quantities."""
        return {
            name: np.where(np.abs(column) > LARGEST, np.nan, column)
            for name, column in self.columns.items()
            if isinstance(column, np.ndarray)
        }

    @cached_property
    def classes(self):
        """By factor, the codes of classes."""
        return {
            name: column for name, column in self.columns.items() if isinstance(column, pd.Series)
        }

    def shares(self, marked):
        """Return which share of the landslides, and of the other rows, is marked."""
        return marked[self.y == 1].mean(), marked[self.y == 0].mean()

    def by_label(self, marked):
        """Say how many landslides and how many other rows are marked."""
        landslide = self.y == 1
        return (
            f"{marked[landslide].sum()} of {plural(landslide.sum(), 'landslide')} and "
            f"{marked[~landslide].sum()} of {plural((~landslide).sum(), 'other place')}"
        )

    def roc_auc(self, values):
        """Return how well numbers alone rank the labels; None where too few of them are known."""
        known = ~np.isnan(values)
        y = self.y[known]
        if np.bincount(y, minlength=2).min() < _LEAST_ROWS:
            return None
        return float(roc_auc_score(y, values[known]))


def _column(column):
    values = quantity_values(column)
    if values is None and column.dtype == bool:
        return column.to_numpy(dtype=float)
    return pd.Series(as_codes(column), column.index) if values is None else values


def whole_numbers(values):
    """Return the known values of a quantity if all of them are whole numbers, else None."""
    known = values[~np.isnan(values)]
    return known if known.size and (known == np.round(known)).all() else None
