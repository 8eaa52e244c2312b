"""Steps of time: where a time stamp stands in its step, how long steps are, which are missing."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide._words import plural
from sklearn_landslide.mapping._rain._parts import asking

LABELS = ("begin", "middle", "end")
# A few centuries of hours.
_MOST_STEPS = 5_000_000


@dataclass(frozen=True, eq=False)
class Steps:
    """When the values of a file were measured.

    Parameters
    ----------
    begins, ends : DatetimeIndex
        Of what each value stands for, in increasing order of the ends.
    step : Timedelta
        Length of a step.
    order : ndarray of int
        Positions of the values in the file, in this order.
    running : ndarray of bool
        Values that are totals which go on from the one before.
    whole : ndarray of bool
        Values that stand for exactly one step, once the one before is taken off.
    label : str
        How the time stamps were understood, in words.
    by_bounds : bool
        Whether the file says of each value what it stands for.
    """

    begins: pd.DatetimeIndex
    ends: pd.DatetimeIndex
    step: pd.Timedelta
    order: np.ndarray
    running: np.ndarray
    whole: np.ndarray
    label: str
    by_bounds: bool


def as_step(step):
    """Return the length of a step that was given, as a Timedelta; a number is hours."""
    try:
        given = pd.Timedelta(step, unit="h") if isinstance(step, int | float) else None
        given = pd.Timedelta(step) if given is None else given
    except ValueError:
        given = pd.NaT
    if given is pd.NaT or not given > pd.Timedelta(0):
        hint = f"step={step!r}"
        raise asking(f"{hint} is not a length of time: give it as '1h' or '5min'.", hint)
    return given


def in_words(step):
    """Write a length of time: 1 h, 5 min, 1 d."""
    seconds = step.total_seconds()
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _spacing(times, step, where):
    """Length of a step by the times that there are."""
    if step is not None:
        return step
    if len(times) < 2:
        raise asking(
            f"{where} has a single time, which does not tell how long it is: give step='1h'.",
            "step='1h'",
        )
    gaps = pd.Series(np.diff(times.to_numpy())).value_counts()
    return pd.Timedelta(gaps[gaps == gaps.max()].index.min())


def _check_once(times, where):
    """Refuse a time that is there twice."""
    repeated = times[times.duplicated()]
    if len(repeated):
        raise ValueError(
            f"{where} has the time {repeated[0]:%Y-%m-%d %H:%M} more than once "
            f"({plural(len(repeated), 'repetition')} in {len(times)}): remove what is repeated."
        )


def _check_regular(ends, step, where):
    """Refuse times between the steps."""
    off = (ends - ends[0]) % step != pd.Timedelta(0)
    if off.any():
        first = int(np.flatnonzero(off)[0])
        raise asking(
            f"{where} has times that are not {in_words(step)} apart or a multiple of it (first "
            f"{ends[first]:%Y-%m-%d %H:%M:%S}): make the steps regular first, or give step=...",
            "step=...",
        )
    n_steps = (ends[-1] - ends[0]) // step + 1
    if n_steps > _MOST_STEPS:
        raise ValueError(
            f"{where} reaches over {n_steps} steps of {in_words(step)}, more than {_MOST_STEPS}: "
            "open a part of it."
        )


def _by_bounds(bounds, label, part):
    """Read what the bounds say; check that a label that is given agrees."""
    bounds = np.sort(bounds, axis=1)
    begins, ends = pd.DatetimeIndex(bounds[:, 0]), pd.DatetimeIndex(bounds[:, 1])
    middle = begins + (ends - begins) / 2
    found = [
        name
        for name, at in zip(LABELS, (begins, middle, ends), strict=True)
        if (at == part.times).all()
    ]
    if label is not None and label not in found:
        hint = f"label={label!r}"
        said = f"stand at the {found[0]}" if found else "stand elsewhere"
        raise asking(
            f"{hint}, but by the bounds of {part.where} its times {said} of their steps: leave "
            "it out.",
            hint,
        )
    where = found[0] if found else "somewhere"
    return begins, ends, f"time stamps at the {where} of their step, by the bounds"


def _by_label(times, step, label, part):
    """Read where time stamps stand, as the user or the file says."""
    stated = part.facts.get("label")
    if label is None and stated is None:
        raise asking(
            f"{part.where} does not say whether a time is the begin, the middle or the end of its "
            "step: give label='end', or 'begin' or 'middle'.",
            "label='end'",
        )
    ends = times + {"begin": step, "middle": step / 2, "end": step * 0}[label or stated]
    by = "as given" if label is not None else "as the file says"
    return ends - step, ends, f"time stamps at the {label or stated} of their step, {by}"


def _totals(times, accumulated, label, part):
    """Begins of totals that go on: from the first time, or from the begin of each day."""
    if label not in (None, "end"):
        hint = f"label={label!r}"
        raise asking(f"{hint}, but a running total stands at its end: leave it out.", hint)
    if accumulated == "day":
        begins = (times - pd.Timedelta(1, "ns")).floor("D")
        return begins, times, "totals since the begin of each day"
    return times[:1].repeat(len(times)), times, "totals since the first time"


def steps_of(part, *, step, label, accumulated):
    """Find the steps of a file.

    Parameters
    ----------
    part : RainPart
        With times in UTC.
    step : Timedelta or None
        Length of a step, if it is given.
    label : {"begin", "middle", "end"} or None
        Where time stamps stand, if it is given.
    accumulated : {"start", "day"}, False or None
        Whether values are running totals, if it is given.

    Returns
    -------
    steps : Steps

    Raises
    ------
    ValueError
        If it is not known, contradictory or not regular.
    """
    _check_once(part.times, part.where)
    order = np.argsort(part.times.to_numpy(), kind="stable")
    times = part.times[order]
    has_bounds = part.bounds is not None and (part.bounds[:, 0] != part.bounds[:, 1]).any()
    if accumulated:
        begins, ends, said = _totals(times, accumulated, label, part)
    elif has_bounds:
        begins, ends, said = _by_bounds(part.bounds, label, part)
        begins, ends = begins[order], ends[order]
    else:
        step = _spacing(times, step, part.where)
        begins, ends, said = _by_label(times, step, label, part)
    made = _made(begins, ends, step, order, part.where, accumulated)
    return Steps(*made, label=said, by_bounds=bool(has_bounds))


def _made(begins, ends, step, order, where, accumulated):
    """Take off what was before, and check that steps are regular."""
    running = np.zeros(len(ends), dtype=bool)
    running[1:] = (begins[1:] == begins[:-1]) & (accumulated is not False)
    since = begins.to_series(index=range(len(begins)))
    since[running] = ends[np.flatnonzero(running) - 1]
    spans = ends - pd.DatetimeIndex(since)
    if step is not None:
        _check_regular(ends, step, where)
    if (~running[1:] & (begins[1:] < ends[:-1])).any():
        raise ValueError(
            f"{where} has steps that overlap, such as sums of a day at each hour: take every "
            "other of them first."
        )
    if accumulated == "start":
        # Where counting began: no rain yet.
        begins, ends, running, spans = begins[1:], ends[1:], running[1:], spans[1:]
    if not len(ends):
        raise ValueError(f"{where} has a single total, of which no step can be taken.")
    if step is None:
        counts = pd.Series(spans).value_counts()
        step = pd.Timedelta(counts[counts == counts.max()].index.min())
    _check_regular(ends, step, where)
    whole = np.asarray(spans == step)
    if not whole.any():
        hint = f"step={in_words(step).replace(' ', '')!r}"
        raise asking(f"{hint}, but no value of {where} stands for a time of this length.", hint)
    return begins, ends, step, order, running, whole
