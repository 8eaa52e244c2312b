"""The log-odds that a fitted model gives, also with factors of other places."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy.special import logit
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from sklearn_landslide._codes import codes_may_be_unknown
from sklearn_landslide.mapping import positive_column
from sklearn_landslide.pipeline import LandslidePipeline, move_prior

_FORESTS = (RandomForestClassifier, ExtraTreesClassifier)
# Rows that are predicted at once at the most, so that memory does not grow with the table.
_AT_ONCE = 50_000
# Where nothing says what a model can tell apart, these probabilities count as 0 and 1.
_NEARLY = 1e-9


def sure_probabilities(model):
    """Probabilities that stand for 0 and for 1 in a model, whose log-odds would be infinite.

    Parameters
    ----------
    model : fitted classifier or pipeline
        In a forest 0 means that no tree of n voted for a landslide, which is read as half a vote
        of n; a pipeline moves it, as all its probabilities, to the true shares of the classes.

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn_landslide.inspection._log_odds import sure_probabilities
    >>> forest = RandomForestClassifier(50, random_state=0).fit([[0], [1]], [0, 1])
    >>> sure_probabilities(forest)
    (0.01, 0.99)
    """
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    if not isinstance(last, _FORESTS):
        return _NEARLY, 1 - _NEARLY
    half = 0.5 / len(last.estimators_)
    pairs = np.array([[1 - half, half], [half, 1 - half]])
    if isinstance(model, LandslidePipeline) and (ratio := model._prior_ratio()) is not None:
        pairs = move_prior(pairs, ratio)
    low, high = np.sort(pairs[:, positive_column(model)])
    return float(low), float(high)


def check_clip(clip, model):
    """Return the probabilities that stand for 0 and 1: "auto", or a number for both ends."""
    if isinstance(clip, str) and clip == "auto":
        return sure_probabilities(model)
    if isinstance(clip, str) or not 0 < clip < 0.5:
        raise ValueError(f"clip={clip!r} must be 'auto' or a probability between 0 and 0.5.")
    return float(clip), 1 - float(clip)


@dataclass(frozen=True, eq=False)
class LogOdds:
    """Log-odds of a landslide by a fitted model.

    Parameters
    ----------
    model : fitted classifier or pipeline
        It gives probabilities.
    column : int
        That of the landslides.
    clip : tuple of (float, float)
        What probabilities of less and of more count as.
    as_array : bool, default=False
        Whether the model was fitted on an array and is given one.
    """

    model: Any
    column: int
    clip: tuple
    as_array: bool = False

    def probability(self, frame):
        """Return the probability of a landslide of each row, as the model gives it."""
        X = frame.to_numpy() if self.as_array else frame
        return self.model.predict_proba(X)[:, self.column].astype(np.float64)

    def __call__(self, frame):
        """Return the log-odds of each row."""
        return logit(np.clip(self.probability(frame), *self.clip))

    def of_mixed(self, rows, masks, n_jobs=None):
        """Return the mean log-odds of places whose other columns come from the background.

        Parameters
        ----------
        rows : MixedRows
            Places and background.
        masks : ndarray of bool, shape (n_sets, n_columns)
            Which columns are taken from the place; each set with each place.
        n_jobs : int, default=None
            Number of joblib processes. It does not change the numbers.

        Returns
        -------
        worth : ndarray of shape (n_sets, n_places)
            Mean over the background rows.
        """
        sets, places = (part.ravel() for part in np.indices((len(masks), rows.n_places)))
        step = max(_AT_ONCE // rows.n_background, 1)
        starts = range(0, len(sets), step)
        means = Parallel(n_jobs=n_jobs)(
            delayed(self._mean_of_mixed)(
                rows, masks[sets[start : start + step]], places[start : start + step]
            )
            for start in starts
        )
        return np.concatenate([np.empty(0), *means]).reshape(len(masks), rows.n_places)

    def _mean_of_mixed(self, rows, masks, places):
        # The whole has been predicted, and what is odd about it said.
        with codes_may_be_unknown():
            mixed = self(rows.mix(masks, places))
        return mixed.reshape(len(places), rows.n_background).mean(axis=1)
