"""Series of a table, such as the hours of rain: which columns they are, and who reads them how."""

import argparse
import re
from itertools import pairwise

from sklearn_landslide._words import listed, plural

_FORM = "NAME='rain_*' or NAME=rain_000:rain_119"


def _series(text):
    """Read the name of a series, and what says which columns it has."""
    name, _, columns = text.partition("=")
    if not name or not columns:
        raise argparse.ArgumentTypeError(f"must be {_FORM}, got {text!r}")
    return name, columns


def add_sequences_option(section):
    """Add the option that says which columns of a table are one variable over time.

    Parameters
    ----------
    section : argument group
        What it is shown under.
    """
    section.add_argument(
        "--sequences",
        nargs="+",
        type=_series,
        action="extend",
        default=[],
        metavar="NAME=COLUMNS",
        help="columns of a TABLE that are one variable over time, such as the hours of rain: "
        "rain='rain_*', all of this beginning, the lowest number oldest; or a range from the "
        "oldest to the latest, rain=rain_000:rain_119. Models that read no series get sums of the "
        "last hours, and Threshold is one more model",
    )


def sequences_of(given, X):
    """Find the columns of series in a table.

    Parameters
    ----------
    given : list of (str, str)
        By the name of each series, its columns as they were typed.
    X : DataFrame of shape (n_rows, n_columns)
        The table.

    Returns
    -------
    sequences : dict of str to list of str, or None
        By name, the columns, oldest first. None: no series was named.

    Raises
    ------
    ValueError
        If columns are missing, are not numbered steps, or belong to two series.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.cli._series import sequences_of
    >>> X = pd.DataFrame(columns=["slope", "rain_10", "rain_9"], dtype=float)
    >>> sequences_of([("rain", "rain_*")], X)
    {'rain': ['rain_9', 'rain_10']}
    """
    if not given:
        return None
    from sklearn_landslide._categories import categorical_mask
    from sklearn_landslide._sequences import resolve_sequences

    names = list(X.columns)
    sequences = {}
    for name, columns in given:
        if name in sequences:
            raise ValueError(f"--sequences names {name!r} twice: give each series one name.")
        said = f"--sequences {name}={columns}"
        found = (_starred if "*" in columns else _ranged)(columns, names, said)
        if len(found) < 2:
            raise ValueError(f"{said} is {found[0]!r} alone: a series has two steps or more.")
        sequences[name] = found
    resolve_sequences(
        sequences,
        n_features=len(names),
        names=names,
        is_categorical=categorical_mask(X, "from_dtype"),
    )
    return sequences


def _starred(columns, names, said):
    """Return the columns of a beginning, and of an end, in the order of their numbers."""
    start, _, end = columns.partition("*")
    if "*" in end:
        raise ValueError(f"{said} has two stars: one stands for the number of the step.")
    alike = [name for name in names if len(name) >= len(start + end)]
    alike = [name for name in alike if name.startswith(start) and name.endswith(end)]
    if not alike:
        raise ValueError(f"{said} is not a column of the table: it has {listed(names, 8)}.")
    numbers = {name: name[len(start) : len(name) - len(end)] for name in alike}
    for name, number in numbers.items():
        if not re.fullmatch(r"-?[0-9]+", number):
            raise ValueError(
                f"{said} has {name!r}, which has no number for the star: --drop it, or give a "
                "range of columns from the oldest to the latest, such as rain_000:rain_119."
            )
    _check_steps(sorted(int(number) for number in numbers.values()), said)
    return sorted(alike, key=lambda name: int(numbers[name]))


def _ranged(columns, names, said):
    """Return the columns from one to another, as they stand in the table."""
    # A name may have a colon, as that of a time has.
    colons = [place for place, sign in enumerate(columns) if sign == ":"]
    if not colons:
        raise ValueError(f"{said} is neither a range nor has a star: write {_FORM}.")
    ends = [(columns[:place], columns[place + 1 :]) for place in colons]
    known = [(first, last) for first, last in ends if first in names and last in names]
    if not known:
        missing = next(one for one in ends[0] if one not in names)
        raise ValueError(f"{said}: {missing!r} is not a column of the table: {listed(names, 8)}.")
    first, last = (names.index(one) for one in known[0])
    # From the oldest to the latest, wherever these stand.
    step = 1 if first <= last else -1
    found = [names[place] for place in range(first, last + step, step)]
    numbered = [re.fullmatch(r"(.*?)(-?[0-9]+)", name) for name in found]
    if all(numbered) and len({one[1] for one in numbered}) == 1:
        numbers = [int(one[2]) for one in numbered]
        falls = numbers[0] > numbers[-1]
        _check_steps([-one for one in numbers] if falls else numbers, said)
    return found


def _check_steps(numbers, said):
    """Raise unless numbers rise by one."""
    for before, after in pairwise(numbers):
        if after == before:
            raise ValueError(f"{said} has the step {abs(after)} twice: --drop one of the columns.")
        if after != before + 1:
            raise ValueError(
                f"{said} has no step between {abs(before)} and {abs(after)}, or not in order: a "
                "series has one column for each step."
            )


def series_said(sequences):
    """Say how many series there are, and how many steps each has.

    Parameters
    ----------
    sequences : dict of str to list of str
        The columns of each.

    Returns
    -------
    text : str

    Examples
    --------
    >>> from sklearn_landslide.cli._series import series_said
    >>> series_said({"rain": ["rain_0", "rain_1"]})
    '1 series (rain of 2 steps)'
    """
    steps = [f"{name} of {plural(len(hours), 'step')}" for name, hours in sequences.items()]
    return f"{len(sequences)} series ({', '.join(steps)})"


def with_sums(models, sequences, **pipeline_params):
    """Put sums over windows before models that read no series, and say so in their names.

    Parameters
    ----------
    models : dict of str to classifier
        By name.
    sequences : dict of str to list of str
        The columns of each series.
    **pipeline_params
        Of `make_landslide_pipeline`.

    Returns
    -------
    models : dict of str to classifier
        As `compare_models` takes them: those that are left as they are get the series from it.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.cli._series import with_sums
    >>> list(with_sums({"NB": GaussianNB()}, {"rain": ["rain_0", "rain_1"]}))
    ['NB, sums']
    """
    from sklearn_landslide.baselines import Slope
    from sklearn_landslide.pipeline import make_landslide_pipeline, takes_sequences
    from sklearn_landslide.preprocessing import RainfallSums

    wrapped = {}
    for name, model in models.items():
        # Slope reads no rain, in whatever form.
        if takes_sequences(model) or isinstance(model, Slope):
            wrapped[name] = model
            continue
        pipeline = make_landslide_pipeline(model, **pipeline_params)
        # Into the pipeline, whose steps are checked before any fit.
        pipeline.steps.insert(0, ("sums", RainfallSums(sequences=sequences, log=True)))
        wrapped[f"{name}, sums"] = pipeline
    return wrapped


def pipelines_of(models, sequences, **pipeline_params):
    """Put each model into its pipeline, told which columns are series, as `compare_models` does.

    Parameters
    ----------
    models : dict of str to classifier
        By name.
    sequences : dict of str to list of str, or None
        The columns of each series; None: the table has none.
    **pipeline_params
        Of `make_landslide_pipeline`.

    Returns
    -------
    pipelines : dict of str to LandslidePipeline

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.cli._series import pipelines_of
    >>> pipelines = pipelines_of({"NB": GaussianNB()}, {"rain": ["rain_0", "rain_1"]})
    >>> list(pipelines["NB, sums"].named_steps)[:2]
    ['sums', 'range']
    """
    from sklearn_landslide.pipeline import LandslidePipeline, make_landslide_pipeline

    if sequences is not None:
        models = with_sums(models, sequences, **pipeline_params)
        pipeline_params = {**pipeline_params, "sequences": sequences}
    # Those with sums are pipelines already.
    return {
        name: model
        if isinstance(model, LandslidePipeline)
        else make_landslide_pipeline(model, **pipeline_params)
        for name, model in models.items()
    }
