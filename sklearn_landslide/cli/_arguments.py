"""Arguments: the parser, readers of numbers, and the options that several commands share.

An option is stored under the name of the library's parameter that it sets. So an error of the
library, which names the parameter, can be shown with the option's name.
"""

import argparse

from sklearn_landslide._escaping import escaped
from sklearn_landslide._typed import quoted

# Headings of --help that options of several modules share.
FACTORS, FILES_AS_THEY_ARE = "factors", "coordinate systems, grids and nodata"
INVENTORY, OUTPUT, RUN = "inventory", "output", "how it is run"


class _Section:
    """Options under one heading of --help."""

    def __init__(self, group, options):
        self._group, self._options = group, options

    def add_argument(self, *args, **kwargs):
        """Add an argument, and keep it by the name under which its value is stored."""
        action = self._group.add_argument(*args, **kwargs)
        self._options[action.dest] = action
        return action


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line, and knows how its options are spelled."""

    def __init__(self, *args, **kwargs):
        self._options, self._sections = {}, {}
        super().__init__(*args, allow_abbrev=False, **kwargs)

    def add_argument(self, *args, **kwargs):
        """Add an argument, and keep it by the name under which its value is stored."""
        action = super().add_argument(*args, **kwargs)
        self._options[action.dest] = action
        return action

    def section(self, title, description=None):
        """Return the options under a heading of --help, which the first call makes.

        Parameters
        ----------
        title : str
            The heading.
        description : str, default=None
            A line below it.
        """
        if title not in self._sections:
            group = self.add_argument_group(title, description)
            self._sections[title] = _Section(group, self._options)
        return self._sections[title]

    def option_of(self, name):
        """Return the option whose value is stored under a name."""
        return self._options[name].option_strings[-1]

    def error(self, message):
        """End with one line."""
        self.exit(2, f"error: {escaped(message)} (see {self.prog} --help)\n")

    def spell(self, hint):
        """Spell a parameter and its value as they are given on the command line.

        Parameters
        ----------
        hint : Hint
            What an error of the library names, such as ``overwrite=True``.

        Returns
        -------
        text : str or None
            Such as ``--overwrite``; None if the command has no option for this parameter.
        """
        action = self._options.get(hint.name)
        if action is None or not action.option_strings:
            return None
        option = action.option_strings[-1]
        if "=" not in hint.text or (action.nargs == 0 and hint.value == action.const):
            return option
        if hint.value is None or hint.value is False:
            return f"no {option}"
        if action.nargs == 0:
            return option
        if hint.value is ...:
            values = action.metavar if isinstance(action.metavar, tuple) else [action.metavar]
            return " ".join([option, *values])
        if isinstance(hint.value, dict):
            pairs = [(name, one) for name, some in hint.value.items() for one in _listed(some)]
            values = [f"{name}={'FILE' if one is ... else one}" for name, one in pairs]
        else:
            values = _listed(hint.value)
        return quoted([option, *map(str, values)])


def _listed(values):
    return values if isinstance(values, list | tuple) else [values]


def at_least(smallest):
    """Make a reader of whole numbers that are not smaller than a bound."""
    return _reader(int, lambda value: value >= smallest, f"a whole number of at least {smallest}")


def whole_between(smallest, largest):
    """Make a reader of whole numbers between two bounds, which belong to the range."""
    words = f"a whole number from {smallest} to {largest}"
    return _reader(int, lambda value: smallest <= value <= largest, words)


def _reader(kind, is_right, words):
    def number(text):
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not is_right(value):
            raise argparse.ArgumentTypeError(f"must be {words}, got {text!r}")
        return value

    return number


def _meters(words):
    return _reader(float, lambda value: 0 <= value < float("inf"), words)


meters = _meters("meters, 0 or more")
degrees = _reader(float, lambda value: 0 < value < 90, "degrees between 0 and 90")
positive = _reader(float, lambda value: 0 < value < float("inf"), "a number above 0")
share = _reader(float, lambda value: 0 < value < 1, "a number between 0 and 1")


def meters_or_range(text):
    """Read meters, or the word for the range of the factors."""
    words = "the word range, or meters, 0 or more"
    return text if text == "range" else _meters(words)(text)


def jobs(text):
    """Read a number of processes as joblib does: -1 is one for each core."""
    value = at_least(-1)(text)
    if value == 0:
        raise argparse.ArgumentTypeError("must be 1 or more, or -1 for all cores, got '0'")
    return value


def word_or_count(*words):
    """Make a reader of one of some words, or of a whole number of at least 1."""
    allowed = f"one of {', '.join(words)} or a whole number of at least 1"
    number = _reader(int, lambda value: value >= 1, allowed)
    return lambda text: text if text in words else number(text)


def number_or_word(text):
    """Read a number where there is one, and a word otherwise."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def declared_value(text):
    """Read a value that stands for no data, and the name of the one factor where it does.

    Returns
    -------
    name : str or None
        None: everywhere.
    value : int, float or str
    """
    name, equals, value = text.rpartition("=")
    return (name or None if equals else None), number_or_word(value if name else text)


def nodata_of(args):
    """Put together what stands for no data, as the library takes it.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_meaning_options` adds.

    Returns
    -------
    nodata : dict of str or None to list
        By factor; None is everywhere.
    """
    nodata = {}
    for name, value in args.nodata:
        nodata.setdefault(name, []).append(value)
    return nodata


def add_nodata_option(parser):
    """Add the option on what numbers of the data mean."""
    parser.section(FILES_AS_THEY_ARE).add_argument(
        "--nodata",
        nargs="+",
        type=declared_value,
        action="extend",
        default=[],
        metavar="VALUE",
        help="values that mean no data, such as -9999, if the files do not declare them; "
        "elevation=0 for the factor elevation alone",
    )


def add_meaning_options(parser, labels=INVENTORY):
    """Add the options on what labels, under this heading, and numbers of the data mean."""
    add_nodata_option(parser)
    parser.section(labels).add_argument(
        "--positive-class",
        metavar="LABEL",
        help="the label that means landslide, unless the labels are 0 and 1, no and yes or "
        "similar; "
        'or a rule, such as ">0" for counts, "!=none" for kinds',
    )


def add_seed_option(parser):
    """Add the option on what is random."""
    parser.section(RUN).add_argument(
        "--seed",
        dest="random_state",
        type=at_least(0),
        default=0,
        metavar="N",
        help="seed for everything random (default: 0)",
    )


def add_work_options(parser):
    """Add the options on how a command works: seed, processes, epochs, earlier files."""
    add_seed_option(parser)
    run = parser.section(RUN)
    run.add_argument(
        "--n-jobs",
        type=jobs,
        # A process a core, each with one thread, is never slow: a network of several threads
        # in one process waits for its slowest thread wherever other work holds a core.
        default=-1,
        metavar="N",
        help="number of folds fitted at the same time, each in its own process (default: -1, one "
        "per core)",
    )
    run.add_argument(
        "--epochs",
        type=at_least(1),
        metavar="N",
        help="passes of the networks over the rows (default: set by each network)",
    )
    parser.section(OUTPUT).add_argument(
        "--overwrite",
        action="store_true",
        help="replace the files of an earlier run in --out; other files there are never touched",
    )
