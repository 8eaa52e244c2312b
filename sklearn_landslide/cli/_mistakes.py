"""Likely mistakes in the table of a command, named before the long work."""

import sys

from sklearn_landslide._escaping import escaped

# Reading has warned of these, and models refuse the last.
_SAID_ELSEWHERE = ("contradictory rows", "wrong unit")
_NO_DATA = "no data"


def check_of(table, args, cv):
    """Check the table of a command.

    Parameters
    ----------
    table : Bunch
        As of `read_table`, or of `sample_stack`.
    args : argparse.Namespace
        With what `add_split_options` adds.
    cv : int or splitter
        The folds.

    Returns
    -------
    check : TableCheck
    """
    from sklearn_landslide.checks import check_table

    is_made = getattr(args, "stack", None) or getattr(args, "dem", None)
    # To draw folds as wide as the factors are similar takes long, and is done once.
    is_slow = "range" in (args.block_size, args.buffer)
    return check_table(
        table.X,
        table.y,
        coordinates=table.coordinates,
        cv=None if is_slow else cv,
        groups=table.get("groups"),
        sequences=table.get("sequences"),
        source="rasters" if is_made else "table",
        random_state=args.random_state,
    )


def say_headlines(check, *, read_quietly=False):
    """Say on stderr what looks wrong, if anything does.

    Parameters
    ----------
    check : TableCheck
        What was found.
    read_quietly : bool, default=False
        Whether reading has said nothing of numbers that stand for no data.
    """
    from sklearn_landslide.checks import headlines

    skip = _SAID_ELSEWHERE if read_quietly else (_NO_DATA, *_SAID_ELSEWHERE)
    for line in headlines(check, skip=skip):
        print(escaped(line), file=sys.stderr, flush=True)
