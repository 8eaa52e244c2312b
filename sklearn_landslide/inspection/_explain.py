"""Why a model gives a place the probability that it gives: what each factor contributes."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils.validation import check_is_fitted

from sklearn_landslide._categories import column_names
from sklearn_landslide._factor_tables import from_polars, quantity_values
from sklearn_landslide._frames import as_frame
from sklearn_landslide._words import listed
from sklearn_landslide.inspection._additive import additive_terms
from sklearn_landslide.inspection._coalitions import (
    all_coalitions,
    as_columns,
    permuted_coalitions,
)
from sklearn_landslide.inspection._contributions import Contributions
from sklearn_landslide.inspection._factor_groups import factor_units, own_sequences
from sklearn_landslide.inspection._log_odds import LogOdds, check_clip
from sklearn_landslide.inspection._mixed_rows import MixedRows, of_one_type
from sklearn_landslide.mapping import positive_column

METHODS = ("additive", "exact", "permutations")
# More factors than these have too many sets: 256.
MOST_EXACT = 8
# How far the sum of the contributions may be from the model's log-odds.
_CLOSE = 1e-6


@validate_params(
    {
        "n_background": [Interval(Integral, 1, None, closed="left")],
        "method": [StrOptions({"auto", *METHODS})],
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "factor_groups": [dict, StrOptions({"field"}), None],
        "units": [dict, None],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
    },
    prefer_skip_nested_validation=True,
)
def explain(
    estimator,
    X,
    *,
    background,
    n_background=100,
    method="auto",
    n_permutations=10,
    factor_groups=None,
    units=None,
    clip="auto",
    positive_class=None,
    random_state=None,
    n_jobs=None,
):
    r"""Divide the log-odds of single places among the factors.

    A contribution is a Shapley value: how much the log-odds of a landslide change when the factor
    takes the value of the place, on average over all orders in which the factors may be exchanged
    and over the rows of a background. The contributions of a place and the mean of the background
    add up to the log-odds that the model gives it. Contributions refer to the factors of the table
    that you pass, however the steps of a pipeline transform them.

    Parameters
    ----------
    estimator : fitted classifier or pipeline
        Any scikit-learn compatible model that gives probabilities.
    X : {array-like, DataFrame} of shape (n_places, n_columns)
        The places, with the columns that `estimator` was fitted on.
    background : {array-like, DataFrame} of shape (n_rows, n_columns)
        What the places are compared with: the rows of training, or places of the map. "Against
        the average" means against these.
    n_background : int, default=100
        Number of background rows that are drawn. Method ``"additive"`` takes all.
    method : {"auto", "additive", "exact", "permutations"}, default="auto"
        How the contributions are computed, see the Notes. ``"auto"``: the first of these that
        suits the model.
    n_permutations : int, default=10
        For ``"permutations"``: the number of orders, each of which is used forward and backward.
    factor_groups : dict of str to list of str, "field" or None, default=None
        Factors that share one contribution, by the name of their group, or the groups of the
        field, as in :func:`factor_importance`. The steps of a variable over time always share one.
    units : dict of str to str, default=None
        Units of the factors, for sentences and pictures: ``{"slope": "degrees"}``.
    clip : "auto" or float, default="auto"
        Probability that stands for 0, whose log-odds would be infinite, and 1 minus which stands
        for 1. ``"auto"``: half a vote in a forest, moved by the pipeline as all probabilities are,
        and 1e-9 in other models.
    positive_class : label, default=None
        The label of landslides. None: it is inferred, as from 0 and 1 or from none and landslide.
    random_state : int, RandomState instance or None, default=None
        Seed of the draw of background rows and of the orders.
    n_jobs : int, default=None
        Number of joblib processes. It does not change the numbers.

    Returns
    -------
    contributions : Contributions
        Tables of places and factors, with methods that describe them in words.

    Raises
    ------
    TypeError
        If the estimator gives no probabilities.
    ValueError
        If the tables do not have the columns of the fit, a table is empty, the method does not
        suit the model, or the contributions do not sum to the log-odds.

    See Also
    --------
    sklearn_landslide.plotting.ContributionsDisplay : A picture of one place.

    Notes
    -----
    .. math:: \phi_j(x) = \sum_{S \subseteq F \setminus \{j\}} \frac{|S|! \, (|F| - |S| - 1)!}{|F|!}
        \left[ v(S \cup \{j\}) - v(S) \right]

    where v(S) is the mean of the log-odds over the background rows after their factors S have been
    replaced by those of the place ("interventional" Shapley values). Correlated factors are
    replaced one without the other, so the model is asked about places that may not exist; put
    factors that belong together into `factor_groups`.

    ``"additive"``
        For log-odds that are a sum over the factors, such as those of a logistic regression, with
        all steps before it, or of a generalized additive model: the term of a factor minus its
        mean over the background. Whether the log-odds are a sum is checked on 416 mixed rows.
    ``"exact"``
        All sets of factors, up to 8 factors.
    ``"permutations"``
        Random orders of the factors, each forward and backward. The sum is exact; the result
        states the standard error of each contribution.

    The background rows are also drawn at random; the standard error does not include what another
    draw would change.

    The numbers agree with those of the library shap (its ``KernelExplainer`` and others), but do
    not need it: its explainers take the places one by one, although a pipeline predicts many rows
    in the time of one, and they reseed the global generator of NumPy.
    :meth:`Contributions.to_shap` passes the numbers to its plots.

    References
    ----------
    Lundberg, S. M., Lee, S.-I. (2017). A unified approach to interpreting model predictions.
    NeurIPS 30.

    Janzing, D., Minorics, L., Bloebaum, P. (2020). Feature relevance quantification in explainable
    AI: a causal problem. AISTATS, PMLR 108, 2907-2916.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.inspection import explain
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 2)), columns=["slope", "twi"])
    >>> model = LogisticRegression().fit(X, X["slope"] > 0)
    >>> found = explain(model, X[:1], background=X)
    >>> by_hand = model.coef_[0, 0] * (X["slope"][0] - X["slope"].mean())
    >>> bool(np.isclose(found.values["slope"][0], by_hand)), found.method
    (True, 'additive')
    """
    inputs = explained_inputs(
        estimator,
        X,
        background,
        factor_groups=factor_groups,
        clip=clip,
        positive_class=positive_class,
    )
    found = shapley_values(
        inputs,
        method=method,
        n_background=n_background,
        n_permutations=n_permutations,
        random_state=random_state,
        n_jobs=n_jobs,
    )
    return _result(inputs, found, _checked_units(units, inputs.players))


@dataclass(frozen=True, eq=False)
class ExplainedInputs:
    """A model, places and a background, checked.

    Parameters
    ----------
    log_odds : LogOdds
        The model.
    frame, background : pandas.DataFrame
        Tables with the same columns.
    players : dict of str to list of int
        Columns of each factor.
    """

    log_odds: LogOdds
    frame: pd.DataFrame
    background: pd.DataFrame
    players: dict


@dataclass(frozen=True, eq=False)
class FoundValues:
    """Contributions and how they were found.

    Parameters
    ----------
    values, errors : ndarray of shape (n_places, n_players)
        Contributions and their standard errors.
    base : float
        Mean log-odds of the background.
    log_odds : ndarray of shape (n_places,)
        Those of the model.
    method : str
        How.
    n_background : int
        Rows of the background that were used.
    """

    values: np.ndarray
    errors: np.ndarray
    base: float
    log_odds: np.ndarray
    method: str
    n_background: int


def explained_inputs(estimator, X, background, *, factor_groups, clip, positive_class):
    """Check a model and two tables; the parameters are those of :func:`explain`.

    Returns
    -------
    inputs : ExplainedInputs
    """
    check_is_fitted(estimator)
    column = positive_column(estimator, positive_class)
    frame, background = (
        _table(table, name) for table, name in ((X, "X"), (background, "background"))
    )
    names = [*map(str, frame.columns)]
    if names != [*map(str, background.columns)]:
        raise ValueError(
            f"X and background must have the same columns, got {listed(names, 5)} and "
            f"{listed(background.columns, 5)}."
        )
    units = factor_units(names, factor_groups, own_sequences(estimator))
    place = {name: number for number, name in enumerate(names)}
    players = {unit: [place[name] for name in columns] for unit, columns in units.items()}
    as_array = not hasattr(estimator, "feature_names_in_")
    frame, background = of_one_type(frame, background)
    log_odds = LogOdds(estimator, column, check_clip(clip, estimator), as_array)
    return ExplainedInputs(log_odds, frame, background, players)


def _table(table, name):
    """Return a table as a frame with text as names, or say what is wrong with it."""
    table = from_polars(table)
    if not isinstance(table, pd.DataFrame):
        table = np.asarray(table)
        if table.ndim != 2:
            raise ValueError(
                f"{name} must be a table of rows and columns, got shape {table.shape}."
            )
    if min(table.shape) == 0:
        raise ValueError(f"{name} is empty, of shape {table.shape}: give at least one row.")
    frame = as_frame(table)
    if column_names(frame) is None:
        frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    return frame


def _checked_units(units, players):
    units = {} if units is None else {str(name): str(unit) for name, unit in units.items()}
    if unknown := [name for name in units if name not in players]:
        raise ValueError(
            f"units names {unknown[0]!r}, which is not a factor; there are {listed(players)}."
        )
    return units


def _drawn(background, n_background, rng):
    if n_background >= len(background):
        return background
    return background.iloc[np.sort(rng.choice(len(background), n_background, replace=False))]


def shapley_values(inputs, *, method, n_background, n_permutations, random_state, n_jobs):
    """Find the contributions; the parameters are those of :func:`explain`.

    Parameters
    ----------
    inputs : ExplainedInputs
        Model, places and background.
    method, n_background, n_permutations, random_state, n_jobs
        As in :func:`explain`.

    Returns
    -------
    found : FoundValues
    """
    rng = check_random_state(random_state)
    drawn = _drawn(inputs.background, n_background, rng)
    at_places = inputs.log_odds(inputs.frame)
    if method in ("auto", "additive"):
        found = _additive(inputs, at_places, n_jobs)
        if found is not None:
            return found
        if method == "additive":
            raise ValueError(
                "the log-odds of this model are not a sum over its factors: choose another method, "
                "such as method='auto'."
            )
    base = float(inputs.log_odds(drawn).mean())
    return _by_coalitions(inputs, drawn, base, at_places, method, n_permutations, rng, n_jobs)


def _additive(inputs, at_places, n_jobs):
    terms = additive_terms(
        inputs.log_odds, inputs.frame, inputs.background, list(inputs.players.values())
    )
    if terms is None:
        return None
    n_places, n_rows = len(inputs.frame), len(inputs.background)
    of_all = terms(pd.concat([inputs.frame, inputs.background]), n_jobs)
    usual = of_all[n_places:].mean(axis=0)
    values = of_all[:n_places] - usual
    base = float(terms.start + usual.sum())
    if _gap(values, base, at_places) > _CLOSE:
        return None
    return FoundValues(values, np.zeros_like(values), base, at_places, "additive", n_rows)


def _by_coalitions(inputs, drawn, base, at_places, method, n_permutations, rng, n_jobs):
    columns = list(inputs.players.values())
    if method == "exact" and len(columns) > MOST_EXACT:
        raise ValueError(
            f"method='exact' is for up to {MOST_EXACT} factors, got {len(columns)}: join some by "
            "factor_groups=..., or choose method='permutations'."
        )
    if method == "exact" or (method == "auto" and len(columns) <= MOST_EXACT):
        method, coalitions = "exact", all_coalitions(len(columns))
    else:
        method = "permutations"
        coalitions = permuted_coalitions(len(columns), n_permutations, rng)
    # Of no factor and of all factors it is known.
    worth = np.empty((len(coalitions.masks), len(at_places)))
    worth[0], worth[-1] = base, at_places
    masks = as_columns(coalitions.masks[1:-1], columns)
    if len(masks):
        rows = MixedRows(inputs.frame, drawn)
        worth[1:-1] = inputs.log_odds.of_mixed(rows, masks, n_jobs)
    values, errors = coalitions.contributions(worth)
    _check_sum(values, base, at_places)
    return FoundValues(values, errors, base, at_places, method, len(drawn))


def _gap(values, base, log_odds):
    return float(np.abs(base + values.sum(axis=1) - log_odds).max())


def _check_sum(values, base, log_odds):
    """Raise unless the contributions are what the model says."""
    if (gap := _gap(values, base, log_odds)) > _CLOSE:
        raise ValueError(
            f"the contributions differ from the model's log-odds by up to {gap:.2g}: it gives the "
            "same row different probabilities, or clip cuts some; choose method='permutations'."
        )


def _result(inputs, found, units):
    names, index = list(inputs.players), inputs.frame.index
    probability = inputs.log_odds.probability(inputs.frame)
    return Contributions(
        values=pd.DataFrame(found.values, index=index, columns=names),
        data=_shown_values(inputs),
        base=found.base,
        log_odds=pd.Series(found.log_odds, index=index, name="log_odds"),
        probability=pd.Series(probability, index=index, name="probability"),
        standard_error=pd.DataFrame(found.errors, index=index, columns=names),
        method=found.method,
        n_background=found.n_background,
        clip=inputs.log_odds.clip,
        units=units,
        n_columns={name: len(columns) for name, columns in inputs.players.items()},
    )


def _shown_values(inputs):
    """Value of each factor at each place; of several columns the mean, if they are quantities."""
    shown = {}
    for name, columns in inputs.players.items():
        part = inputs.frame.iloc[:, columns]
        if len(columns) == 1:
            shown[name] = part.iloc[:, 0]
            continue
        numbers = [quantity_values(part.iloc[:, j]) for j in range(len(columns))]
        known = all(one is not None for one in numbers)
        shown[name] = part.mean(axis=1) if known else np.full(len(part), np.nan)
    return pd.DataFrame(shown, index=inputs.frame.index)
