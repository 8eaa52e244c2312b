"""Rows moved from one point of a factor to the next, and what a fitted model says of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logit

# Rows that are predicted in one call: many small calls cost more than they compute.
_BATCH = 50_000
# Odds a thousand times above or below those of the mean count as a thousand times: forests give
# probabilities of 0 and 1, whose log-odds are infinite.
_FARTHEST = np.log(1000.0)


@dataclass(frozen=True, eq=False)
class MovedRows:
    """Rows of a table of which some columns are set to points of their grids.

    Parameters
    ----------
    rows : ndarray of int
        Positions of the rows.
    points : dict of str to (FactorGrid, ndarray of int)
        By column the grid, and which of its points each row gets.
    """

    rows: np.ndarray
    points: dict


@dataclass(frozen=True, eq=False)
class FoldSums:
    """What the held-out rows of one fold add to the effects.

    Parameters
    ----------
    n_rows : int
        Rows that were predicted as they are.
    clipped : int
        How many of them have odds beyond the bounds.
    steps : dict of key to (ndarray, ndarray)
        By factor, or pair of factors, the sum of the differences over each step, or cell, and the
        number of rows that took it.
    means : dict of str to ndarray
        By factor the mean prediction with all rows at each point: partial dependence.
    """

    n_rows: int
    clipped: int
    steps: dict
    means: dict


def moved_along(grid, rows):
    """Move rows over a step of one factor.

    Parameters
    ----------
    grid : FactorGrid
        The factor.
    rows : ndarray of int
        Positions of the rows.

    Returns
    -------
    intervals : ndarray of int
        The step of each moved row.
    moved : list of (int, MovedRows)
        With the sign of each in the difference.
    """
    which, step = grid.moves(rows)
    return step, [
        (sign, MovedRows(rows[which], {grid.name: (grid, step + end)}))
        for sign, end in ((1, 1), (-1, 0))
    ]


def moved_across(first, second, rows):
    """Move rows over a step of two factors at a time.

    Parameters
    ----------
    first, second : FactorGrid
        The factors.
    rows : ndarray of int
        Positions of the rows.

    Returns
    -------
    cells : ndarray of int
        The cell of each moved row, row by row of the matrix of steps of the two.
    moved : list of (int, MovedRows)
        With the sign of each in the second difference.
    """
    which, step = first.moves(rows)
    again, other = second.moves(rows[which])
    which, step = which[again], step[again]
    moved = [
        (
            1 if end == far else -1,
            MovedRows(
                rows[which],
                {first.name: (first, step + end), second.name: (second, other + far)},
            ),
        )
        for end in (1, 0)
        for far in (1, 0)
    ]
    return step * second.n_intervals + other, moved


def moved_everywhere(grid, rows):
    """Set all rows to each point of a factor in turn.

    Parameters
    ----------
    grid : FactorGrid
        The factor.
    rows : ndarray of int
        Positions of the rows.

    Returns
    -------
    moved : list of MovedRows
        One a point.
    """
    return [
        MovedRows(rows, {grid.name: (grid, np.full(len(rows), place))})
        for place in range(len(grid.points))
    ]


def count_predictions(grids, pairs, rows, with_means):
    """Count the rows that a fold has predicted.

    Parameters
    ----------
    grids : dict of str to FactorGrid
        The factors.
    pairs : list of (FactorGrid, FactorGrid)
        The pairs.
    rows : ndarray of int
        Positions of its held-out rows.
    with_means : bool
        Whether partial dependence is wanted.

    Returns
    -------
    count : int
    """
    count = len(rows)
    for grid in grids.values():
        count += 2 * len(grid.moves(rows)[0])
        count += len(rows) * len(grid.points) if with_means else 0
    for first, second in pairs:
        which, _ = first.moves(rows)
        count += 4 * len(second.moves(rows[which])[0])
    return count


def _table_of(X, blocks):
    """Put moved rows below each other, each column in its own type."""
    rows = np.concatenate([block.rows for block in blocks])
    ends = np.cumsum([len(block.rows) for block in blocks])
    columns = {}
    for name in X.columns:
        values = X[name].array.take(rows)
        for block, end in zip(blocks, ends, strict=True):
            if name in block.points:
                grid, places = block.points[name]
                values[end - len(places) : end] = grid.points.take(places)
        # As it was: a text among objects would become another type.
        columns[name] = pd.Series(values, dtype=X[name].dtype)
    return pd.DataFrame(columns, columns=X.columns)


def predict_blocks(predict, X, blocks):
    """Predict many blocks of moved rows in few calls.

    Parameters
    ----------
    predict : callable
        Of a table, returns one number a row.
    X : DataFrame of shape (n_samples, n_factors)
        The table.
    blocks : list of MovedRows
        The blocks.

    Yields
    ------
    predicted : ndarray
        One a block, in their order.
    """
    batch, size = [], 0
    for place, block in enumerate(blocks):
        batch.append(block)
        size += len(block.rows)
        follows = len(blocks[place + 1].rows) if place + 1 < len(blocks) else _BATCH
        if size + follows < _BATCH:
            continue
        said = predict(_table_of(X, batch)) if size else np.empty(0)
        yield from np.split(said, np.cumsum([len(block.rows) for block in batch])[:-1])
        batch, size = [], 0


class Response:
    """What is explained of a fitted model: its probability of a landslide, or the log-odds.

    Parameters
    ----------
    model : classifier
        Fitted.
    label : label
        The one of landslides.
    response : {"log_odds", "probability"}
        Which of the two.
    X : DataFrame of shape (n_samples, n_factors)
        Rows as they are, whose mean says around what log-odds are bounded.
    """

    def __init__(self, model, label, response, X):
        self.model = model
        self.column = list(model.classes_).index(label)
        self.is_log_odds = response == "log_odds"
        self.clipped = 0
        if self.is_log_odds:
            probability = self.probability(X)
            # Of a model that says 0 or 1 everywhere, too, the bounds are numbers.
            middle = logit(np.clip(probability.mean(), 1e-9, 1 - 1e-9))
            self.bounds = middle - _FARTHEST, middle + _FARTHEST
            with np.errstate(divide="ignore"):
                self.clipped = int((np.abs(logit(probability) - middle) > _FARTHEST).sum())

    def probability(self, X):
        """Return the probability of a landslide of each row."""
        return np.asarray(self.model.predict_proba(X), dtype=np.float64)[:, self.column]

    def __call__(self, X):
        """Return what is explained, one number a row."""
        probability = self.probability(X)
        if not self.is_log_odds:
            return probability
        with np.errstate(divide="ignore"):
            return np.clip(logit(probability), *self.bounds)


def fold_sums(model, y_train, *, X, rows, questions):
    """Have a fitted model predict its held-out rows at the points around each of them.

    Parameters
    ----------
    model : classifier
        Fitted.
    y_train : ndarray
        Not used: how :func:`~sklearn_landslide.model_selection.out_of_fold` calls it.
    X : DataFrame of shape (n_samples, n_factors)
        The whole table.
    rows : ndarray of int
        Positions of the held-out rows.
    questions : Questions
        What is asked of the model.

    Returns
    -------
    sums : FoldSums
    """
    grids, pairs = questions.grids, questions.pairs
    if not len(rows):
        return FoldSums(0, 0, _empty_steps(grids, pairs), {})
    predict = Response(model, questions.label, questions.response, X.iloc[rows])
    asked = [(name, grid.n_intervals, *moved_along(grid, rows)) for name, grid in grids.items()]
    asked += [
        (
            (first.name, second.name),
            first.n_intervals * second.n_intervals,
            *moved_across(first, second, rows),
        )
        for first, second in pairs
    ]
    blocks = [block for *_, moved in asked for _, block in moved]
    answers = predict_blocks(predict, X, blocks)
    steps = {}
    for key, n_steps, places, moved in asked:
        change = sum(sign * next(answers) for sign, _ in moved)
        steps[key] = _sums(places, n_steps, change)
    means = {}
    for name, grid in grids.items() if questions.with_means else ():
        said = predict_blocks(predict, X, moved_everywhere(grid, rows))
        means[name] = np.array([answer.mean() for answer in said])
    return FoldSums(len(rows), predict.clipped, steps, means)


def _sums(places, n_steps, change):
    """Sum up differences by step, and count them."""
    return (
        np.bincount(places, weights=change, minlength=n_steps),
        np.bincount(places, minlength=n_steps),
    )


def _empty_steps(grids, pairs):
    sizes = {name: grid.n_intervals for name, grid in grids.items()}
    sizes |= {(a.name, b.name): a.n_intervals * b.n_intervals for a, b in pairs}
    return {key: (np.zeros(size), np.zeros(size, dtype=int)) for key, size in sizes.items()}
