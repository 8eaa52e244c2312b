"""Scores of a table of hits, misses, false alarms and correct rejections."""

import numpy as np

SCORES = (
    "pod",
    "far",
    "pofd",
    "csi",
    "peirce",
    "heidke",
    "ets",
    "frequency_bias",
    "odds_ratio_skill",
)


def _share(part, whole):
    """Divide; what has no answer is missing."""
    whole = np.asarray(whole, dtype=float)
    known = whole != 0
    return np.where(known, part / np.where(known, whole, 1), np.nan)


def _counts(counts):
    """Return four arrays of floats, or say which is not a count."""
    names = ("hits", "misses", "false_alarms", "correct_rejections")
    arrays = [np.asarray(values, dtype=float) for values in counts]
    for name, values in zip(names, arrays, strict=True):
        if not np.isfinite(values).all() or (values < 0).any():
            raise ValueError(f"{name} must be counts, 0 or more, got {values.tolist()}.")
    return arrays


def contingency_scores(hits, misses, false_alarms, correct_rejections):
    r"""Scores of warnings from a table of two by two.

    With hits :math:`a`, false alarms :math:`b`, misses :math:`c` and correct rejections :math:`d`
    of :math:`n` [1]_:

    - ``pod`` :math:`a / (a + c)`, probability of detection: share of the events with a warning;
    - ``far`` :math:`b / (a + b)`, false alarm ratio: share of the warnings without an event;
    - ``pofd`` :math:`b / (b + d)`, probability of false detection;
    - ``csi`` :math:`a / (a + b + c)`, critical success index;
    - ``peirce`` POD - POFD, the skill score of Peirce, also of Hanssen and Kuipers;
    - ``heidke`` :math:`2 (a d - b c) / ((a + c)(c + d) + (a + b)(b + d))`;
    - ``ets`` :math:`(a - a_r) / (a + b + c - a_r)` with :math:`a_r = (a + b)(a + c) / n`, the
      equitable threat score;
    - ``frequency_bias`` :math:`(a + b) / (a + c)`, above 1 for too many warnings;
    - ``odds_ratio_skill`` :math:`(a d - b c) / (a d + b c)`.

    Parameters
    ----------
    hits, misses, false_alarms, correct_rejections : float or array-like of shape (n_tables,)
        The counts.

    Returns
    -------
    scores : dict of str to float or ndarray of shape (n_tables,)
        The scores by name, in this order. NaN where a score would divide by 0.

    Raises
    ------
    ValueError
        If a count is negative or missing.

    References
    ----------
    .. [1] Jolliffe, I. T., Stephenson, D. B. (2012). Forecast verification, 2nd edition, chapter
       3. Wiley.

    Examples
    --------
    Finley's forecasts of tornadoes of 1884:

    >>> from sklearn_landslide.warning import contingency_scores
    >>> scores = contingency_scores(28, 23, 72, 2680)
    >>> {name: round(scores[name], 3) for name in ("pod", "far", "csi", "peirce", "heidke")}
    {'pod': 0.549, 'far': 0.72, 'csi': 0.228, 'peirce': 0.523, 'heidke': 0.355}
    """
    a, c, b, d = _counts((hits, misses, false_alarms, correct_rejections))
    by_chance = _share((a + b) * (a + c), a + b + c + d)
    pod, pofd = _share(a, a + c), _share(b, b + d)
    values = (
        pod,
        _share(b, a + b),
        pofd,
        _share(a, a + b + c),
        pod - pofd,
        _share(2 * (a * d - b * c), (a + c) * (c + d) + (a + b) * (b + d)),
        _share(a - by_chance, a + b + c - by_chance),
        _share(a + b, a + c),
        _share(a * d - b * c, a * d + b * c),
    )
    return {
        name: float(value) if value.ndim == 0 else value
        for name, value in zip(SCORES, values, strict=True)
    }


def relative_value(pod, pofd, base_rate, cost_loss):
    r"""Economic value of warnings, from 0 for none to 1 for perfect ones.

    A user who takes protection pays :math:`C`; a user who does not, and is hit, loses :math:`L`.
    Always or never taking protection, whichever is cheaper, sets the expense without warnings. The
    value is the share that the warnings save of what perfect warnings would save ([1]_, equation
    8):

    .. math:: V = \frac{\min(\alpha, s) - F \alpha (1 - s) + H s (1 - \alpha) - s}
              {\min(\alpha, s) - s \alpha}

    with :math:`\alpha = C / L`, base rate :math:`s`, POD :math:`H` and POFD :math:`F`. It is
    negative where it is cheaper to ignore the warnings.

    Parameters
    ----------
    pod, pofd : float
        Probabilities of detection and of false detection.
    base_rate : float
        Share of the times and places with an event.
    cost_loss : float or array-like of shape (n_users,)
        Cost of protection over the loss that it prevents, between 0 and 1.

    Returns
    -------
    value : float or ndarray of shape (n_users,)
        The value for each ratio; at most 1.

    Raises
    ------
    ValueError
        If a ratio or the base rate is not between 0 and 1.

    References
    ----------
    .. [1] Richardson, D. S. (2000). Skill and relative economic value of the ECMWF ensemble
       prediction system. Quarterly Journal of the Royal Meteorological Society 126, 649-667.

    Examples
    --------
    Where cost over loss is the base rate, the value is POD - POFD:

    >>> from sklearn_landslide.warning import relative_value
    >>> round(relative_value(0.8, 0.3, 0.1, 0.1), 3)
    0.5
    """
    ratio = np.asarray(cost_loss, dtype=float)
    for name, values in (("cost_loss", ratio), ("base_rate", np.asarray(base_rate))):
        if not ((values > 0) & (values < 1)).all():
            raise ValueError(f"{name} must lie between 0 and 1, got {values.tolist()}.")
    cheaper = np.minimum(ratio, base_rate)
    saved = cheaper - pofd * ratio * (1 - base_rate) + pod * base_rate * (1 - ratio) - base_rate
    value = saved / (cheaper - base_rate * ratio)
    return float(value) if value.ndim == 0 else value
