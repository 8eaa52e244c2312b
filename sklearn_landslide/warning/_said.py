"""Scores of warnings in plain words."""

import numpy as np
import pandas as pd

from sklearn_landslide._words import plural


def hours_in_words(hours):
    """Say a length of time in hours or days.

    Examples
    --------
    >>> from sklearn_landslide.warning._said import hours_in_words
    >>> hours_in_words(1), hours_in_words(2.5), hours_in_words(48)
    ('1 hour', '2.5 hours', '2 days')
    """
    if hours >= 24 and hours % 24 == 0:
        return plural(int(hours // 24), "day")
    return plural(float(f"{hours:.1f}") if hours % 1 else int(hours), "hour")


def sentences(scores):
    """Say what was found.

    Parameters
    ----------
    scores : WarningScores
        The scores.

    Returns
    -------
    sentences : list of str
    """
    return [
        *_what_was_scored(scores),
        *(text for number in range(len(scores.names)) for text in _level(scores, number)),
        *_probability(scores),
        *_cautions(scores),
    ]


def _what_was_scored(scores):
    """Say what was compared."""
    cells, inside = scores.cells, scores.events["inside"]
    first, last = cells["time"].min(), cells["time"].max()
    n_events = int(cells["event"].sum())
    hours = hours_in_words(scores.period / pd.Timedelta("1h"))
    yield (
        f"Scored: {plural(len(cells), 'cell')} of {hours} in "
        f"{plural(cells['unit'].nunique(), 'place')}, {first:%Y-%m-%d} to {last:%Y-%m-%d}; "
        f"{n_events} of them had a landslide ({plural(int(inside.sum()), 'landslide')})."
    )
    if n_out := int((~inside).sum()):
        yield f"{plural(n_out, 'landslide')} fell outside these times and places and did not count."
    if scores.n_missing:
        yield f"{plural(scores.n_missing, 'row')} had no forecast and did not count."


def _level(scores, number):
    """Say what a level was worth."""
    name, row = scores.names[number], scores.table.iloc[number]
    hits, misses = int(row["hits"]), int(row["misses"])
    false, quiet = int(row["false_alarms"]), int(row["correct_rejections"])
    n_places = scores.cells["unit"].nunique()
    text = (
        f"{name} or above: {hits} of {hits + misses} cells with a landslide were warned of, "
        f"{misses} were missed."
    )
    if hits + false:
        text += (
            f" Of {plural(hits + false, 'warning')} {false} were followed by no landslide "
            f"({false / (hits + false):.0%})."
        )
        share = (hits + false) / len(scores.cells)
        where = "A place" if n_places > 1 else "It"
        text += f" {where} was in warning for {share:.2g} of the time"
        whole = scores.cells["time"].max() - scores.cells["time"].min() >= pd.Timedelta("180D")
        text += f": {share * 365.25:.3g} days of 365.25 observed." if whole else "."
    else:
        text += f" It was never reached in {quiet + misses} cells."
    if row["peirce"] < 0.05:
        text += " That is hardly better than warning at random."
    yield text
    leads = scores.leads.iloc[:, number][scores.events["inside"]].dropna()
    if leads.empty:
        return
    late = int((leads <= 0).sum())
    middle = float(np.median(leads))
    text = (
        f"{name}: the warning came {hours_in_words(abs(round(middle, 1)))} "
        f"{'before' if middle > 0 else 'after'} the landslide in the middle case"
    )
    if len(leads) > 1:
        text += f", in half of the cases {leads.quantile(0.25):.1f} to {leads.quantile(0.75):.1f} h"
    yield f"{text}; for {late} of {len(leads)} it came too late, after the landslide or with it."


def _probability(scores):
    """Say whether the probabilities mean what they say."""
    if "probability" not in scores.cells:
        return
    probability = scores.cells["probability"]
    expected, found = probability.sum(), int(scores.cells["event"].sum())
    text = f"The probabilities say {expected:.3g} events, and {found} came"
    chance = 2 * np.sqrt(max(expected, 1))
    if abs(found - expected) <= chance:
        yield f"{text}: they fit, within what chance does."
    elif expected > found:
        yield f"{text}: they are too high. Levels by cost and loss would warn too often."
    else:
        yield f"{text}: they are too low. Levels by cost and loss would warn too rarely."


def _cautions(scores):
    """Say what the figures cannot show."""
    n_events = int(scores.cells["event"].sum())
    if n_events < 20:
        yield (
            f"With {plural(n_events, 'event')} the scores are uncertain: one more or one less "
            f"changes the share of hits by {1 / n_events:.0%}."
        )
    before, after = scores.tolerance
    if scores.n_near:
        hour = pd.Timedelta("1h")
        yield (
            f"{plural(scores.n_near, 'cell')} within {hours_in_words(before / hour)} before or "
            f"{hours_in_words(after / hour)} after a landslide counted neither way."
        )
    if scores.dates_only:
        yield "The landslides have dates without hours: times before them are known to half a day."
