"""What competes in mRMR: single columns, and sequences as blocks."""

from dataclasses import dataclass

import numpy as np

from sklearn_landslide.feature_selection._columns import numeric_column
from sklearn_landslide.feature_selection._discretize import discretize
from sklearn_landslide.feature_selection._mutual_information import pairwise_information


@dataclass(frozen=True)
class Candidates:
    """The candidates of a table, and which column belongs to which.

    Parameters
    ----------
    members : list of ndarray of int64
        Columns of each candidate, a single one or those of a block, by their leftmost column.
    groups : list of SequenceGroup or None
        The sequence of each candidate that is a block.
    of_column : ndarray of shape (n_features,), int64
        Candidate of each column; -1 where a sequence is kept without competing.
    """

    members: list
    groups: list
    of_column: np.ndarray

    def per_column(self, values):
        """Give each column the value of its candidate, and NaN to those that do not compete."""
        spread = np.full(self.of_column.size, np.nan)
        spread[~self.idle] = values[self.of_column[~self.idle]]
        return spread

    def per_pair(self, values):
        """Give each pair of columns the value of its pair of candidates, or NaN."""
        spread = np.full((self.of_column.size, self.of_column.size), np.nan)
        competing = np.flatnonzero(~self.idle)
        of_column = self.of_column[competing]
        spread[np.ix_(competing, competing)] = values[np.ix_(of_column, of_column)]
        return spread

    @property
    def idle(self):
        """Which columns do not compete."""
        return self.of_column < 0


def find_candidates(groups, *, n_features, compete):
    """Sort the columns of a table into candidates.

    Parameters
    ----------
    groups : list of SequenceGroup
        The sequences.
    n_features : int
        Number of columns.
    compete : bool
        Whether sequences are candidates, each as one block.

    Returns
    -------
    candidates : Candidates
        Without sequences, the columns one by one.
    """
    block_of = {}
    for group in groups:
        block_of.update(dict.fromkeys(group.positions.ravel().tolist(), group))
    members, owners = [], []
    of_column = np.full(n_features, -1)
    for column in range(n_features):
        group = block_of.get(column)
        if of_column[column] >= 0 or (group is not None and not compete):
            continue
        columns = np.array([column]) if group is None else np.sort(group.positions.ravel())
        of_column[columns] = len(members)
        members.append(columns)
        owners.append(group)
    return Candidates(members, owners, of_column)


def most_telling_sum(X, group, target, *, names, bins, debias):
    """Find what represents a block: the sum up to the last step that says most about the target.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The table.
    group : SequenceGroup
        The block.
    target : ndarray of shape (n_samples,), dtype=int64
        Classes.
    names : sequence
        Names of all columns, for error messages.
    bins, debias
        As in :class:`MRMRSelector`.

    Returns
    -------
    total : ndarray of shape (n_samples,)
        The sum of the last steps of one variable, over the window and of the variable with the
        largest mutual information with the target; the shortest of equals.
    codes : ndarray of shape (n_samples,), dtype=int64
        Its bins.
    n_tried : int
        Number of sums that were compared.
    """
    best = None
    for positions in group.positions:
        total = 0.0
        for position in reversed(positions):
            total = total + numeric_column(X[:, position], names[position])
            codes = discretize(total, bins)
            pair = pairwise_information(np.column_stack([codes, target]), debias=debias)
            if best is None or pair.information[0, 1] > best[0]:
                best = pair.information[0, 1], total, codes
    return best[1], best[2], group.positions.size
