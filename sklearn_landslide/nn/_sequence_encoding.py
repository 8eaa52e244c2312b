"""What is learned of the sequences of a training table before the first weight moves."""

from dataclasses import dataclass

import numpy as np

from sklearn_landslide._sequences import fill_gaps

# The logarithm of a variable that is never negative bends at this share of its mean.
_BEND = 0.05


@dataclass(frozen=True)
class SequenceEncoding:
    """How the steps of one group of sequences become network inputs.

    Parameters
    ----------
    positions : ndarray of shape (n_variables, n_steps), int64
        Columns of the table, oldest step first.
    fill : ndarray of shape (n_variables, n_steps), float32
        What stands in for a missing step with no known one on either side: the step's mean.
    unit : ndarray of shape (n_variables,), float32
        A variable that is never negative becomes ``log(1 + value / unit)``; 0 leaves it alone.
    mean, scale : ndarray of shape (n_variables,), float32
        What turns these into z-scores.
    """

    positions: np.ndarray
    fill: np.ndarray
    unit: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    @property
    def n_variables(self):
        """Number of variables."""
        return self.positions.shape[0]

    @property
    def n_steps(self):
        """Number of time steps."""
        return self.positions.shape[1]

    @property
    def windows(self):
        """Lengths of the windows that are summed up: 1, 2, 4 ... steps, and all."""
        return [2**k for k in range((self.n_steps - 1).bit_length())] + [self.n_steps]

    @property
    def n_summaries(self):
        """Number of factors that the windows add to the table."""
        return self.n_variables * (2 * len(self.windows) - 1)

    def summary_names(self, variables):
        """Return the names of these factors, in the order of the encoder.

        Parameters
        ----------
        variables : sequence of str
            Names of the variables.

        Returns
        -------
        names : list of str
        """
        names = []
        for variable in variables:
            names += [f"{variable}: mean of last {w}" for w in self.windows]
            names += [f"{variable}: highest mean of {w}" for w in self.windows[:-1]]
        return names

    def fill_in(self, rows):
        """Fill the missing steps of a table, in place.

        Parameters
        ----------
        rows : ndarray of shape (n_samples, n_features), float32
            The table.
        """
        for positions, fill in zip(self.positions, self.fill, strict=True):
            rows[:, positions] = fill_gaps(rows[:, positions], fill)

    def to_arrays(self):
        """Return the fields as a dict of arrays."""
        return dict(vars(self))


def factor_names(columns, groups, encodings):
    """Return the names of the factors: static columns, then the windows of each group.

    Parameters
    ----------
    columns : sequence of str
        Names of the table's columns.
    groups : list of SequenceGroup
        The groups of sequences.
    encodings : list of SequenceEncoding
        What was learned of them.

    Returns
    -------
    names : list of str
    """
    taken = {j for group in groups for j in group.positions.flat}
    names = [name for j, name in enumerate(columns) if j not in taken]
    for group, encoding in zip(groups, encodings, strict=True):
        names += encoding.summary_names(group.variables)
    return names


def learn_sequence(rows, positions):
    """Learn the encoding of one group of sequences.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features), float32
        Training rows; steps may be missing.
    positions : ndarray of shape (n_variables, n_steps), int64
        Columns of the group.

    Returns
    -------
    encoding : SequenceEncoding
    """
    fill = np.empty(positions.shape, dtype=np.float32)
    unit, mean, scale = np.zeros((3, len(positions)), dtype=np.float32)
    # What single precision cannot hold counts as 0.
    tiny = np.finfo(np.float32).tiny
    for v, columns in enumerate(positions):
        series = rows[:, columns].astype(np.float64)
        known = ~np.isnan(series)
        count = known.sum(axis=0)
        total = np.where(known, series, 0).sum(axis=0)
        level = total.sum() / max(count.sum(), 1)
        fill[v] = np.where(count > 0, total / np.maximum(count, 1), level)
        values = series[known]
        if values.size and values.min() >= 0:
            unit[v] = _BEND * level if _BEND * level >= tiny else 1.0
            values = np.log1p(values / unit[v])
        mean[v] = values.mean() if values.size else 0
        spread = values.std() if values.size else 0
        scale[v] = spread if spread >= tiny else 1
    return SequenceEncoding(positions, fill, unit, mean, scale)
