"""A fitted pipeline, split into what follows from the ground, from the rain, and from both.

The steps before a model treat each column, or the columns of one variable, by themselves. So what
they make of the ground is the same at every hour, and what they make of the rain is the same at
every pixel of a cell of rain.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from sklearn.utils._set_output import _get_output_config

from sklearn_landslide.feature_selection import MRMRSelector
from sklearn_landslide.pipeline import LandslidePipeline
from sklearn_landslide.preprocessing import (
    FactorImputer,
    FactorScaler,
    PlausibleRange,
    RainfallSums,
)

# Each of them gives the columns that it takes.
_SAME_COLUMNS = (PlausibleRange, FactorImputer, FactorScaler)


@dataclass(frozen=True, eq=False)
class SplitModel:
    """A model whose first steps are done for the ground and for the rain separately.

    Parameters
    ----------
    steps : list of fitted transformer
        The steps that keep ground and rain apart; none, where nothing is known of the first one.
    model : fitted classifier
        What takes the columns that come out of them.
    names : list of str
        The columns that go in, in the model's order.
    hours : list of str
        Those of the rain, oldest step first.
    names_out : list of str
        The columns that come out.
    rain_out : list of str
        Those that follow from the rain.
    """

    steps: list
    model: Any
    names: list
    hours: list
    names_out: list
    rain_out: list

    def _transform(self, frame, is_dry=False):
        for step in self.steps:
            frame = _without_rain(step, frame) if is_dry and _sums(step) else step.transform(frame)
        return frame

    def ground(self, frame):
        """Do the steps for rows of which the rain is not known yet.

        Parameters
        ----------
        frame : DataFrame of shape (n_rows, n_factors)
            The factors that are not rain.

        Returns
        -------
        ground : DataFrame of shape (n_rows, n_ground_columns)
        """
        if not self.steps:
            return frame
        dry = pd.DataFrame(0.0, frame.index, self.hours)
        found = self._transform(pd.concat([frame, dry], axis=1)[self.names], is_dry=True)
        return found.drop(columns=self.rain_out)

    def rain(self, series, tables):
        """Do the steps for the rain of cells, anywhere in them.

        Parameters
        ----------
        series : ndarray of shape (n_steps, n_cells)
            Oldest step first.
        tables : dict of str to dict
            For each categorical factor, the values of the training table by code.

        Returns
        -------
        rain : DataFrame of shape (n_cells, n_rain_columns)
        """
        rain = pd.DataFrame(series.T, columns=self.hours)
        if not self.steps:
            return rain
        nothing = {
            name: pd.Categorical([np.nan] * len(rain), list(tables[name].values()))
            if name in tables
            else np.full(len(rain), np.nan)
            for name in self.names
            if name not in set(self.hours)
        }
        nowhere = pd.DataFrame(nothing, rain.index)
        return self._transform(pd.concat([nowhere, rain], axis=1)[self.names])[self.rain_out]

    def predict_proba(self, ground, rain):
        """Predict rows.

        Parameters
        ----------
        ground : DataFrame of shape (n_rows, n_ground_columns)
            What :meth:`ground` returns.
        rain : DataFrame of shape (n_rows, n_rain_columns)
            Of what :meth:`rain` returns, the row of the cell of each.

        Returns
        -------
        probability : ndarray of shape (n_rows, n_classes)
        """
        frame = pd.concat([ground, rain.set_axis(ground.index)], axis=1)
        return self.model.predict_proba(frame[self.names_out])


def split_model(model, names, hours):
    """Split a fitted model as far as it is known which columns its steps mix.

    Parameters
    ----------
    model : fitted classifier or pipeline
        The model.
    names : list of str
        Its columns.
    hours : list of str
        Those of the rain, oldest step first.

    Returns
    -------
    split : SplitModel

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_landslide.mapping._events._split_model import split_model
    >>> from sklearn_landslide.preprocessing import RainfallSums
    >>> X = pd.DataFrame(np.eye(4)[:, :3], columns=["slope", "rain_0", "rain_1"])
    >>> model = make_pipeline(RainfallSums([1, 2]), GaussianNB()).fit(X, [0, 1, 1, 0])
    >>> split_model(model, list(X), ["rain_0", "rain_1"]).rain_out
    ['rain_sum_1h', 'rain_sum_2h', 'rain_max']
    """
    steps, columns, rain = [], list(names), list(hours)
    while type(model) in (Pipeline, LandslidePipeline):
        for position, (_, step) in enumerate(model.steps[:-1]):
            if step is None or step == "passthrough" or hasattr(step, "fit_resample"):
                continue
            found = _columns_of(step, columns, rain)
            if found is None:
                return SplitModel(steps, model[position:], names, hours, columns, rain)
            steps.append(step)
            columns, rain = found
        if type(model) is LandslidePipeline:
            # With the model go the shares of the classes that it learned from.
            model = model[-1:]
            break
        model = model.steps[-1][1]
    return SplitModel(steps, model, names, hours, columns, rain)


def _sums(step):
    return type(step) is RainfallSums


def _without_rain(step, frame):
    """Do as RainfallSums does where it is dry, without a sum for each row."""
    names = step.get_feature_names_out()
    kept = frame[[name for name in names if name in frame]]
    sums = pd.DataFrame(0.0, frame.index, [name for name in names if name not in frame])
    return pd.concat([kept, sums], axis=1)


def _gives_frames(step):
    """Say whether a step returns a pandas table for one."""
    told = _get_output_config("transform", step)["dense"]
    ours = (*_SAME_COLUMNS, RainfallSums)
    return told == "pandas" or (told == "default" and type(step) in ours)


def _columns_of(step, columns, rain):
    """Columns that a step gives, and those of them that follow from the rain alone.

    None if it is not known, or if a column follows from both.
    """
    if not _gives_frames(step):
        return None
    if type(step) in _SAME_COLUMNS:
        return columns, rain
    if type(step) is MRMRSelector:
        kept = [str(name) for name in step.get_feature_names_out()]
        return kept, [name for name in kept if name in set(rain)]
    if _sums(step):
        found = [str(name) for name in step.get_feature_names_out()]
        # Sums have names of their own.
        if step.keep_hours or set(columns) - set(found) != set(rain):
            return None
        return found, [name for name in found if name not in set(columns)]
    if type(step) is ColumnTransformer and not step.verbose_feature_names_out:
        untouched = set()
        for _, part, taken in step.transformers_:
            if part == "passthrough" or _is_identity(part):
                untouched.update(map(str, taken))
            elif type(part) is not OneHotEncoder:
                return None
        if set(rain) <= untouched:
            return [str(name) for name in step.get_feature_names_out()], rain
    return None


def _is_identity(part):
    """Say whether a transformer changes nothing, as what "passthrough" stands for."""
    return type(part) is FunctionTransformer and part.func is None
