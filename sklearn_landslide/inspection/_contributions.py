"""What an explanation of single places returns: tables, and what they mean in words."""

from dataclasses import dataclass, field
from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.special import expit

from sklearn_landslide._escaping import without_formulas
from sklearn_landslide._shown import html_of, text_of
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import join_names, percent, plural
from sklearn_landslide.inspection._shap import import_shap

# Factors that are named on either side, and the log-odds below which one does not count: a
# chance of 50 % becomes one of 51 %.
_NAMED, _NOTHING = 3, 0.04
# Standard error that is worth a sentence, in log-odds.
_UNSURE = 0.1
_SHOWN_ROWS = 10
_HOW = {
    "additive": "in closed form, as its log-odds are a sum over the factors",
    "exact": "exactly, from all sets of factors",
    "permutations": "from random orders of the factors",
}


def value_text(value, unit=None):
    """Write the value of a factor with its unit; nothing for one that is missing."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "no value"
    if isinstance(value, Real) and not isinstance(value, Integral | bool | np.bool_):
        large = abs(value) >= 1000
        value = f"{value:,.0f}" if large and abs(value) < 1e9 else f"{value:.3g}"
    return str(value) if unit in (None, "", "1") else f"{value} {unit}"


@dataclass(frozen=True, eq=False, repr=False)
class Contributions:
    """What each factor contributes to the probability of a landslide at single places.

    Returned by :func:`explain`. Print it for a description in words. The log-odds of the model are
    ``base + values.sum(axis=1)``.

    Parameters
    ----------
    values : pandas.DataFrame of shape (n_places, n_factors)
        Contributions in log-odds: above 0, the factor speaks for a landslide. A contribution
        multiplies the odds by its exponential.
    data : pandas.DataFrame of shape (n_places, n_factors)
        Values of the factors; of several columns together their mean, missing where they are not
        all quantities.
    base : float
        Mean log-odds of the background.
    log_odds : pandas.Series of shape (n_places,)
        Log-odds of the model, with `clip`.
    probability : pandas.Series of shape (n_places,)
        Probability of a landslide, as the model gives it.
    standard_error : pandas.DataFrame of shape (n_places, n_factors)
        Of the contributions, from the random orders of the factors; 0 where they are exact.
    method : str
        How they were found, see :func:`explain`.
    n_background : int
        Rows of the background.
    clip : tuple of (float, float)
        Lower and upper limit of the probability; values beyond count as the limit.
    units : dict of str to str, default={}
        Units of the factors.
    n_columns : dict of str to int, default={}
        Number of columns of each factor.

    See Also
    --------
    sklearn_landslide.plotting.ContributionsDisplay : A picture of one place.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.inspection import explain
    >>> X = pd.DataFrame({"slope": np.arange(40.0), "twi": np.tile([4.0, 8.0], 20)})
    >>> model = LogisticRegression().fit(X, X["slope"] > 25)
    >>> found = explain(model, X[-1:], background=X, units={"slope": "degrees"})
    >>> found.in_words(0)[1]
    'For a landslide speaks slope (39 degrees).'
    """

    values: pd.DataFrame
    data: pd.DataFrame
    base: float
    log_odds: pd.Series
    probability: pd.Series
    standard_error: pd.DataFrame
    method: str
    n_background: int
    clip: tuple
    units: dict = field(default_factory=dict)
    n_columns: dict = field(default_factory=dict)

    @property
    def base_probability(self):
        """Probability at :attr:`base`: that of a typical place of the background."""
        return float(expit(self.base))

    def mean_absolute(self):
        """Return the mean size of the contributions of each factor over the places.

        Returns
        -------
        sizes : pandas.Series of shape (n_factors,)
            In log-odds, the largest first.
        """
        sizes = self.values.abs().mean().rename("mean_absolute")
        return sizes.sort_values(ascending=False, kind="stable")

    def position(self, row):
        """Check the position of a place.

        Parameters
        ----------
        row : int
            Counted from 0, from the end if negative.

        Returns
        -------
        row : int
            From 0 to the number of places less 1.

        Raises
        ------
        ValueError
            If there is no such place.
        """
        n_places = len(self.values)
        if not isinstance(row, Integral) or not -n_places <= row < n_places:
            raise ValueError(
                f"row={row!r} is not a position of a place: there are {n_places}, from 0 to "
                f"{n_places - 1}."
            )
        return int(row) % n_places

    def value_text(self, name, row):
        """Return the value of a factor at a place with its unit: ``"34 degrees"``.

        Parameters
        ----------
        name : str
            The factor.
        row : int
            Position of the place.

        Returns
        -------
        text : str
            Of several columns their mean and number.
        """
        value = self.data.iloc[self.position(row)][name]
        n_columns = self.n_columns.get(name, 1)
        if n_columns > 1 and pd.isna(value):
            return f"{n_columns} columns"
        text = value_text(value, self.units.get(name))
        return text if n_columns == 1 else f"mean of {n_columns} columns {text}"

    def in_words(self, row=None):
        """Say what was found in plain sentences.

        Parameters
        ----------
        row : int, default=None
            Position of a place. None: all places together.

        Returns
        -------
        sentences : list of str
            For a reader who is not a statistician.

        Raises
        ------
        ValueError
            If there is no such place.
        """
        if row is not None:
            return self._of_place(self.position(row))
        sizes = self.mean_absolute()
        said = [
            f"The model gives {plural(len(self.values), 'place')} a chance of a landslide of "
            f"{self._range()}, against {percent(self.base_probability)} at a usual place."
        ]
        counting = sizes[sizes >= _NOTHING]
        if len(counting):
            factors = [
                f"{name} (the odds change {np.exp(size):.3g}-fold)"
                for name, size in counting[:_NAMED].items()
            ]
            said.append(f"What counts most on average: {join_names(factors)}.")
        if len(nothing := sizes[sizes < 1e-9]):
            said.append(f"The model does not look at {join_names(nothing.index, 8)}.")
        return said + self._how_found(self.standard_error)

    def _range(self):
        low, high = self.probability.min(), self.probability.max()
        low, high = percent(low), percent(high)
        return low if low == high else f"{low} to {high}"

    def _of_place(self, row):
        """Say what speaks for and against a landslide at one place."""
        values = self.values.iloc[row]
        said = [
            f"This place has a chance of a landslide of {percent(self.probability.iloc[row])}, "
            f"against {percent(self.base_probability)} at a usual place."
        ]
        for sign, towards in ((1, "For"), (-1, "Against")):
            strong = (sign * values)[sign * values >= _NOTHING]
            strong = strong.sort_values(ascending=False, kind="stable")
            if len(strong):
                named = [f"{name} ({self.value_text(name, row)})" for name in strong.index]
                verb = "speaks" if len(strong) == 1 else "speak"
                said.append(f"{towards} a landslide {verb} {join_names(named, _NAMED)}.")
        if len(said) == 1:
            said.append("No factor makes it much different from a usual place.")
        else:
            name = values.abs().idxmax()
            factor = np.exp(abs(values[name]))
            verb = "multiplies" if values[name] > 0 else "divides"
            said.append(f"The most, {name}, {verb} the odds of a landslide by {factor:.3g}.")
        return said + self._how_found(self.standard_error.iloc[[row]])

    def _how_found(self, errors):
        """Say how far the numbers can be trusted."""
        low, high = self.clip
        cut = ((self.probability < low) | (self.probability > high)).any()
        said = []
        if cut:
            said.append(
                f"A probability below {percent(low)} or above {percent(high)} counts as these, "
                "since log-odds of 0 and 1 are infinite."
            )
        if (largest := float(errors.to_numpy().max())) >= _UNSURE:
            said.append(
                f"Single contributions are sure to about {2 * largest:.2g} in log-odds only: "
                "raise n_permutations."
            )
        return said

    def to_dict(self):
        """Return all results as plain numbers, strings, lists and dicts.

        Returns
        -------
        facts : dict
            Ready for JSON; missing values are None.
        """
        places = []
        for row in range(len(self.values)):
            places.append(
                {
                    "place": str(self.values.index[row]),
                    "probability": float(self.probability.iloc[row]),
                    "log_odds": float(self.log_odds.iloc[row]),
                    "in_words": self.in_words(row),
                    "contributions": self.values.iloc[row].to_dict(),
                    "standard_errors": self.standard_error.iloc[row].to_dict(),
                    "data": {name: _plain(value) for name, value in self.data.iloc[row].items()},
                }
            )
        return {
            "base": self.base,
            "method": self.method,
            "n_background": self.n_background,
            "clip": list(self.clip),
            "units": dict(self.units),
            "in_words": self.in_words(),
            "mean_absolute": self.mean_absolute().to_dict(),
            "places": places,
        }

    def to_shap(self):
        """Return the contributions as an object of the library shap, for its plots.

        Returns
        -------
        explanation : shap.Explanation
            Values, base values and the values of the factors.

        Raises
        ------
        ImportError
            If shap, from the extra ``explain``, is not installed.
        """
        return import_shap().Explanation(
            values=self.values.to_numpy(),
            base_values=np.full(len(self.values), self.base),
            data=self.data.astype(object).to_numpy(),
            feature_names=[*self.values.columns],
        )

    def to_csv(self, path):
        """Write one row for each place and factor to a CSV file.

        Parameters
        ----------
        path : str or path-like
            The file. An existing file is replaced once the new one is complete.
        """
        n_places, n_factors = self.values.shape
        table = pd.DataFrame(
            {
                "place": np.repeat(self.values.index.to_numpy(), n_factors),
                "probability": np.repeat(self.probability.to_numpy(), n_factors),
                "factor": np.tile(self.values.columns.to_numpy(), n_places),
                "value": self.data.astype(object).to_numpy().ravel(),
                "contribution": self.values.to_numpy().ravel(),
                "standard_error": self.standard_error.to_numpy().ravel(),
            }
        )
        with whole_file(path) as hidden:
            without_formulas(table).to_csv(hidden, index=False, lineterminator="\n")

    def to_text(self, width=100):
        """Return what was found as text: sentences, and a table of the first places.

        Parameters
        ----------
        width : int, default=100
            Longest line of a sentence, in characters.

        Returns
        -------
        text : str
            The text, without a newline at the end.
        """
        return text_of("Contributions", self._sentences(), self._shown(), width)

    def _sentences(self):
        said = self.in_words(0 if len(self.values) == 1 else None)
        n_rows = plural(self.n_background, "row")
        return [*said, f"Found {_HOW[self.method]}, against {n_rows} of the background."]

    def _shown(self):
        """Contributions of the first places in log-odds, the factors that count most first."""
        table = self.values[self.mean_absolute().index].round(3)
        table.insert(0, "probability", self.probability.round(3))
        return table.head(_SHOWN_ROWS).rename_axis("place").reset_index()

    def __repr__(self):
        return self.to_text()

    def _repr_html_(self):
        return html_of("Contributions", self._sentences(), self._shown())


def _plain(value):
    """Turn a value of a factor into what JSON can hold."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else str(value)
