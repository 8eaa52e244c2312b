"""Rainfall thresholds as warning centers use them, learned from the rain before landslides."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.special import expit, ndtr
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from sklearn_landslide._factor_tables import FactorTableMixin, as_numbers, check_factors
from sklearn_landslide.baselines import fit_line, landslide_place, read_counted_labels
from sklearn_landslide.warning._power_law import PowerLaws
from sklearn_landslide.warning._rain_columns import find_rain
from sklearn_landslide.warning._rain_measures import antecedent_measures, event_measures
from sklearn_landslide.warning._rain_table import known_rain
from sklearn_landslide.warning._threshold_lines import learn_laws, rain_on_line, threshold_table


class RainfallThreshold(FactorTableMixin, ClassifierMixin, BaseEstimator):
    r"""Rain above which landslides are possible, by the duration of the rain.

    The power law used by warning centers,

    .. math:: E = (\alpha \pm \Delta\alpha) \, D^{\gamma \pm \Delta\gamma}

    between the duration D (hours) of a rain event and its rain E (mm), by the frequentist method
    [1]_ [2]_. A straight line is fitted to the logarithms of the events that ended in a landslide,
    by least squares. Its residuals are described by a normal distribution, and the line is moved
    down until only the share `exceedance` of the landslides is expected below it. The
    uncertainties come from bootstrap samples of the events.

    Parameters
    ----------
    kind : {"event", "antecedent"}, default="event"
        ``"event"``: rain against duration of the event in progress at the last step.
        ``"antecedent"``: rain R of the last 24 hours against that of the days before, A, :math:`R
        = \alpha (1 + A)^\gamma`, fitted in the same way.
    exceedance : float, default=0.05
        Share of the landslides that the line leaves below it, above 0 and below 1. The literature
        calls it the exceedance probability, in percent.
    sequences : dict or None, default=None
        The columns of the rain in order of time, names or positions: ``{"rain": ["rain_000",
        "rain_001"]}``. Of several variables the one called ``"rain"`` is read. None: the columns
        ``rain_<number>``; without any, all columns, if their names are one word and a number, as
        those of an array are. All other columns are ignored.
    step_hours : float, default=1.0
        Length of a step in hours.
    dry_gap : float, default=48.0
        How many hours without rain end an event, as in :func:`rain_events`.
    min_rain : float, default=0.2
        Rain in mm from which a step is not dry; for ``"antecedent"``, the rain of the last day.
    antecedent_days : int, default=10
        For ``"antecedent"``: how many days before the last one count, as far back as the series
        goes.
    decay : float, default=1.0
        For ``"antecedent"``: a day n days before the last one counts ``decay ** n``, in (0, 1].
        Glade et al. [3]_ use 0.84.
    residuals : {"kernel", "normal"}, default="kernel"
        How the normal distribution of the residuals is found: the normal curve nearest, in least
        squares, to a Gaussian kernel density with the bandwidth of Silverman's rule, as in the
        papers; or the one with the standard deviation of the residuals.
    n_bootstrap : int, default=1000
        Number of bootstrap samples for the uncertainties. 0: none.
    predict_from : {"probability", "threshold"}, default="probability"
        What ``predict`` returns: the more probable class, as in any classifier, or a landslide
        wherever the rain is above the line, as a warning center would decide.
    random_state : int, RandomState instance or None, default=None
        Seed of the bootstrap samples. Line and probabilities do not depend on it.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels, sorted. Which of them is a landslide is known from numbers and words; of other
        labels it is taken to be the second one.
    alpha_, gamma_ : float
        The line at `exceedance`.
    alpha_std_, gamma_std_ : float
        Standard deviations over the bootstrap samples; NaN without any.
    thresholds_ : DataFrame
        The lines at 0.5, 1, 5, 10, 20, 35 and 50 % and at `exceedance`: columns ``alpha``,
        ``alpha_mean``, ``alpha_std``, ``gamma``, ``gamma_mean``, ``gamma_std``, where means and
        standard deviations are over the bootstrap samples; the papers state the means.
    law_ : ndarray of shape (4,)
        Logarithm of alpha of the line through the middle, gamma, and mean and standard deviation
        of the residuals, in decadic logarithms.
    bootstrap_ : ndarray of shape (n_samples_drawn, 4)
        The same for each bootstrap sample.
    intercept_, slope_ : float
        The log-odds of a landslide are ``intercept_ + slope_ * distance``.
    n_events_ : int
        Number of landslides with rain, from which the line is learned.
    n_dry_ : int
        Number of landslides without rain.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Their names, if fit got a frame with names.

    See Also
    --------
    rain_events : Cuts long series into such events.
    sklearn_landslide.plotting.RainfallThresholdDisplay : Draws events and lines.

    Notes
    -----
    - The last step ends at the observation, so the event is that up to the landslide, from its
      first to its last step with rain. It cannot begin before the series does: with 120 hours of
      rain, no event is longer than 120 hours.
    - Only landslides determine the line. Other places affect only the probabilities:
      ``predict_proba`` is a logistic regression on the distance, fitted to all rows of ``fit``.
    - Rain that is lost (NaN), and what is below 0, which no gauge can have measured, is not rain
      and does not end an event by itself. A row without rain is further below the line than any
      event can be.
    - The normal distribution is an assumption. Where some landslides come with little rain, more
      of them than `exceedance` are below the line: compare with the share of ``distance(X[y == 1])
      <= 0``. A kernel density is also wider than its events, so lines lie a little lower than with
      ``residuals="normal"`` where the residuals are indeed normal.
    - Where all events are equally long, gamma is 0.
    - The line itself is fitted to all events. The papers state the means over bootstrap samples,
      which differ little from it.

    References
    ----------
    .. [1] M. T. Brunetti, S. Peruccacci, M. Rossi, S. Luciani, D. Valigi and F. Guzzetti,
       "Rainfall thresholds for the possible occurrence of landslides in Italy", Natural Hazards
       and Earth System Sciences 10, 447-458, 2010.
    .. [2] S. Peruccacci, M. T. Brunetti, S. Luciani, C. Vennari and F. Guzzetti, "Lithological and
       seasonal control on rainfall thresholds for the possible initiation of landslides in central
       Italy", Geomorphology 139-140, 79-90, 2012.
    .. [3] T. Glade, M. Crozier and P. Smith, "Applying probability determination to refine
       landslide-triggering rainfall thresholds using an empirical 'Antecedent Daily Rainfall
       Model'", Pure and Applied Geophysics 157, 1059-1079, 2000.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning import RainfallThreshold
    >>> rng = np.random.default_rng(0)
    >>> hours = np.arange(120)[::-1] < rng.integers(1, 120, (400, 1))
    >>> rain = hours * rng.lognormal(0.5, 0.8, (400, 1))
    >>> y = (rain.sum(axis=1) > 12 * hours.sum(axis=1) ** 0.4).astype(int)
    >>> model = RainfallThreshold(random_state=0).fit(rain, y)
    >>> model.thresholds_.loc[[0.05, 0.5], "alpha"].round(1).tolist()
    [3.0, 8.6]
    >>> round(float(model.gamma_), 1)
    0.7
    """

    # make_landslide_pipeline leaves out scaling and resampling: rain in mm, and real events.
    counts_rows = True

    _parameter_constraints: dict = {
        "kind": [StrOptions({"event", "antecedent"})],
        "exceedance": [Interval(Real, 0, 1, closed="neither")],
        "sequences": [dict, None],
        "step_hours": [Interval(Real, 0, None, closed="neither")],
        "dry_gap": [Interval(Real, 0, None, closed="neither")],
        "min_rain": [Interval(Real, 0, None, closed="neither")],
        "antecedent_days": [Interval(Integral, 1, None, closed="left")],
        "decay": [Interval(Real, 0, 1, closed="right")],
        "residuals": [StrOptions({"kernel", "normal"})],
        "n_bootstrap": [Interval(Integral, 0, None, closed="left")],
        "predict_from": [StrOptions({"probability", "threshold"})],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        kind="event",
        *,
        exceedance=0.05,
        sequences=None,
        step_hours=1.0,
        dry_gap=48.0,
        min_rain=0.2,
        antecedent_days=10,
        decay=1.0,
        residuals="kernel",
        n_bootstrap=1000,
        predict_from="probability",
        random_state=None,
    ):
        self.kind = kind
        self.exceedance = exceedance
        self.sequences = sequences
        self.step_hours = step_hours
        self.dry_gap = dry_gap
        self.min_rain = min_rain
        self.antecedent_days = antecedent_days
        self.decay = decay
        self.residuals = residuals
        self.n_bootstrap = n_bootstrap
        self.predict_from = predict_from
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        # It knows rain alone, of which more is worse.
        tags.classifier_tags.poor_score = True
        return tags

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """Learn the line from the rows with landslides, and the probabilities from all.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table, which has the steps of rain before each observation in mm.
        y : array-like of shape (n_samples,)
            The labels, of two classes.
        sample_weight : array-like of shape (n_samples,), default=None
            How many rows each row counts as. None: 1.

        Returns
        -------
        self : RainfallThreshold
            The fitted classifier.

        Raises
        ------
        ValueError
            If the labels are not of two classes, no series of rain is found, or no landslide has
            any rain.
        """
        frame, _ = check_factors(self, X, reset=True)
        weights = _check_sample_weight(
            sample_weight, frame, dtype=np.float64, ensure_non_negative=True
        )
        labels = read_counted_labels(self, frame, y, weights)
        self._positions = find_rain(self)
        counted = weights > 0
        weights, landslide = weights[counted], labels.landslide[counted]
        self.classes_ = labels.classes
        table = self._measure(frame[counted])
        wet = landslide & table["rain"].notna().to_numpy()
        self.n_events_, self.n_dry_ = int(wet.sum()), int(landslide.sum() - wet.sum())
        if not self.n_events_:
            raise ValueError(
                f"none of {int(landslide.sum())} landslides has rain of {self.min_rain:g} mm or "
                "more up to its last step: see that the steps are in mm, the oldest first."
            )
        self.law_, self.bootstrap_ = learn_laws(
            *self._logarithms(table[wet]),
            weights[wet],
            residuals=self.residuals,
            n_bootstrap=self.n_bootstrap,
            random_state=self.random_state,
        )
        distance = self._distances(table, self.exceedance)
        self.intercept_, self.slope_ = fit_line(distance, landslide, weights)
        return self

    def _measure(self, frame):
        """Return what the rain of each row says."""
        columns = [as_numbers(frame.iloc[:, p], frame.columns[p]) for p in self._positions]
        values = known_rain(np.column_stack(columns))
        if self.kind == "event":
            return event_measures(values, self.step_hours, self.dry_gap, self.min_rain)
        return antecedent_measures(
            values, self.step_hours, self.antecedent_days, self.decay, self.min_rain
        )

    def _logarithms(self, table):
        """Return the two axes, in decadic logarithms."""
        if self.kind == "event":
            x = table["duration"].to_numpy()
        else:
            x = 1 + table["antecedent_rain"].to_numpy()
        return np.log10(x), np.log10(table["rain"].to_numpy())

    def _distances(self, table, exceedance):
        """Return the decadic logarithm of the rain over that of the line."""
        law = PowerLaws(*self.law_)
        x, y = self._logarithms(table)
        if self.kind == "event":
            # Without rain: the least rain of an event, at the duration where the line is highest.
            ends = np.log10([self.step_hours, self.step_hours * len(self._positions)])
            x = np.where(np.isnan(x), ends[int(law.slope > 0)], x)
        y = np.where(np.isnan(y), np.log10(self.min_rain), y)
        return y - law.log_alpha(exceedance) - law.slope * x

    def _share(self, exceedance):
        """Return the share of landslides below the line that is asked for."""
        if exceedance is None:
            return self.exceedance
        if not isinstance(exceedance, Real) or not 0 < exceedance < 1:
            raise ValueError(f"exceedance is {exceedance!r}: give a share between 0 and 1.")
        return exceedance

    @property
    def thresholds_(self):
        check_is_fitted(self)
        return threshold_table(self.law_, self.bootstrap_, self.exceedance)

    @property
    def alpha_(self):
        return float(self.thresholds_.loc[self.exceedance, "alpha"])

    @property
    def alpha_std_(self):
        return float(self.thresholds_.loc[self.exceedance, "alpha_std"])

    @property
    def gamma_(self):
        return float(self.thresholds_.loc[self.exceedance, "gamma"])

    @property
    def gamma_std_(self):
        return float(self.thresholds_.loc[self.exceedance, "gamma_std"])

    def events(self, X):
        """Return the rain event of each row.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.

        Returns
        -------
        events : DataFrame
            With the index of `X`: ``duration`` (hours), or ``antecedent_rain`` (mm) for
            ``kind="antecedent"``, and ``rain`` (mm), NaN where it was dry; ``lost_hours``, whose
            rain is missing from both.
        """
        check_is_fitted(self)
        frame, _ = check_factors(self, X, reset=False)
        return self._measure(frame).set_axis(frame.index)

    def distance(self, X, exceedance=None):
        """How far the rain of each row is above a line.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.
        exceedance : float, default=None
            Share of the landslides below the line. None: that of the estimator.

        Returns
        -------
        distance : ndarray of shape (n_samples,)
            Decadic logarithm of the rain over that of the line at the same duration: 0 on the
            line, 0.3 for twice as much, below 0 for less.
        """
        return self._distances(self.events(X), self._share(exceedance))

    def non_exceedance(self, X):
        """Share of the landslides that, by the fitted law, come with less rain than each row.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.

        Returns
        -------
        share : ndarray of shape (n_samples,)
            0 to 1; 0.5 on the line through the middle of the landslides.
        """
        distance = self.distance(X, 0.5)
        # All landslides may lie on the line.
        return ndtr(distance / max(self.law_[3], np.finfo(float).tiny))

    def line(self, x, exceedance=None, *, level=0.9):
        """Return the rain of a line.

        Parameters
        ----------
        x : array-like of shape (n_points,)
            Durations in hours, above 0, or antecedent rain in mm for ``kind="antecedent"``.
        exceedance : float, default=None
            Share of the landslides below the line. None: that of the estimator.
        level : float, default=0.9
            Share of the bootstrap lines between ``low`` and ``high``.

        Returns
        -------
        rain : DataFrame
            Indexed by ``duration`` or ``antecedent_rain``: ``rain``, ``low`` and ``high`` in mm.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn_landslide.warning import RainfallThreshold
        >>> X, y = np.array([[0, 0], [0, 9.0], [8.0, 8.0], [0, 12.0]]), [0, 1, 1, 1]
        >>> RainfallThreshold(n_bootstrap=0).fit(X, y).line([1, 2], 0.5)["rain"].round(1).tolist()
        [10.4, 16.0]
        """
        check_is_fitted(self)
        x = np.asarray(x, dtype=np.float64)
        name, log_x = ("duration", x) if self.kind == "event" else ("antecedent_rain", 1 + x)
        if not np.all(log_x > 0):
            raise ValueError(f"x holds {np.min(x):g}: give numbers above 0.")
        table = rain_on_line(
            self.law_, self.bootstrap_, np.log10(log_x), self._share(exceedance), level
        )
        return table.set_axis(pd.Index(x, name=name))

    def decision_function(self, X):
        """How much speaks for the second class, usually that of landslides.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.

        Returns
        -------
        decision : ndarray of shape (n_samples,)
            The log-odds, or :meth:`distance` with ``predict_from="threshold"``, which order rows
            in the same way.
        """
        decision = self.distance(X)
        if self.predict_from == "probability":
            decision = self.intercept_ + self.slope_ * decision
        return decision if landslide_place(self.classes_) else -decision

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.

        Returns
        -------
        probability : ndarray of shape (n_samples, 2)
            In the order of ``classes_``.
        """
        check_is_fitted(self)
        log_odds = self.intercept_ + self.slope_ * self.distance(X)
        if not landslide_place(self.classes_):
            log_odds = -log_odds
        return np.column_stack([expit(-log_odds), expit(log_odds)])

    def predict(self, X):
        """Predict the label of each row.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            The more probable one, or that of landslides above the line with
            ``predict_from="threshold"``.
        """
        check_is_fitted(self)
        return self.classes_[(self.decision_function(X) > 0).astype(int)]
