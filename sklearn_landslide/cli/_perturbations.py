"""Which perturbations a study of sensitivity is asked for, by words on the command line."""

import argparse

from sklearn_landslide.cli._arguments import at_least

# What each word stands for; importing the classes here would import pandas.
PERTURBATIONS = {
    "noise": "noise in all factors",
    "noise-each": "noise in one factor at a time",
    "noise-factors": "factors of pure noise",
    "without": "one factor left out at a time",
    "labels": "wrong labels",
    "unmapped": "landslides not mapped",
    "rows": "fewer rows",
    "ratio": "other class ratios",
    "shifted": "landslides some meters off (needs --stack or --dem)",
    "absences": "other absences (likewise)",
}
# Taken where none are named: all but one that would double the work.
DEFAULT = [name for name in PERTURBATIONS if name != "noise-each"]
_OF_FACTORS = ("noise-each", "without")
_OF_RASTERS = ("shifted", "absences")


def perturbation(text):
    """Read a word and its levels, if there are any: ``labels=0.05,0.1``.

    Returns
    -------
    name : str
    levels : tuple of float or of str, or None
        None: those of the library.
    """
    name, equals, given = text.partition("=")
    if name not in PERTURBATIONS:
        raise argparse.ArgumentTypeError(
            f"must be one of {', '.join(PERTURBATIONS)}, such as labels=0.05,0.1, got {text!r}"
        )
    if not equals:
        return name, None
    words = [word.strip() for word in given.split(",")]
    if not all(words):
        raise argparse.ArgumentTypeError(f"has an empty level: {text!r}")
    if name in _OF_FACTORS:
        return name, tuple(words)
    try:
        return name, tuple(float(word) for word in words)
    except ValueError:
        raise argparse.ArgumentTypeError(f"needs numbers as levels, got {text!r}") from None


def _classes(text):
    """Read ``COLUMN=CLASS,CLASS``."""
    name, equals, classes = text.partition("=")
    if not (name and equals and classes):
        raise argparse.ArgumentTypeError(f"must be COLUMN=CLASS,..., got {text!r}")
    return name, classes.split(",")


def add_perturbation_options(parser):
    """Add the options on what is perturbed.

    Parameters
    ----------
    parser : Parser
        That of a command.
    """
    section = parser.section("what is made worse in the training rows")
    names = "; ".join(f"{name}: {what}" for name, what in PERTURBATIONS.items())
    section.add_argument(
        "--perturbations",
        nargs="+",
        type=perturbation,
        metavar="NAME[=LEVELS]",
        help=f"which, with levels of your own as in labels=0.05,0.1 or without=slope+tri,ndvi. "
        f"{names} (default: all but noise-each)",
    )
    section.add_argument(
        "--noise-in",
        choices=("train", "test", "both"),
        default="train",
        help="which rows have noise in their factors (default: train)",
    )
    section.add_argument(
        "--wrong",
        choices=("both", "landslides", "others"),
        default="both",
        help="whose labels are wrong (default: both)",
    )
    section.add_argument(
        "--far-from",
        metavar="COLUMN",
        help="landslides are also missed the likelier, the greater this factor is, such as the "
        "distance to roads",
    )
    section.add_argument(
        "--under",
        type=_classes,
        metavar="COLUMN=CLASS,...",
        help="landslides are also missed there alone, such as landuse=forest",
    )
    section.add_argument(
        "--missed-become",
        choices=("others", "dropped"),
        default="others",
        help="what a landslide is that nobody mapped: a place without one, or no row "
        "(default: others)",
    )
    section.add_argument(
        "--repeats",
        dest="n_repeats",
        type=at_least(1),
        default=3,
        metavar="N",
        help="how often each is drawn again in every fold (default: 3)",
    )


def check_perturbations(args, *, has_rasters):
    """Refuse options on perturbations that do not go together.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_perturbation_options` adds.
    has_rasters : bool
        Whether the table is made of rasters.
    """
    named = [name for name, _ in args.perturbations or []]
    if repeated := [name for name in dict.fromkeys(named) if named.count(name) > 1]:
        args.parser.error(
            f"--perturbations has {repeated[0]} twice: give it all its levels at once"
        )
    for option in ("far_from", "under"):
        if getattr(args, option) is not None and named and "unmapped" not in named:
            args.parser.error(f"{args.parser.option_of(option)} is for --perturbations unmapped")
    for name in [] if has_rasters else named:
        if name in _OF_RASTERS:
            args.parser.error(f"--perturbations {name} needs --stack or --dem with --points")


def perturbations_of(args):
    """Make the perturbations that were asked for.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_perturbation_options` adds.

    Returns
    -------
    perturbations : list of Perturbation
    """
    from sklearn_landslide import robustness

    missed = {"become": args.missed_become}
    made = {
        "noise": (robustness.FactorNoise, {"where": args.noise_in}),
        "noise-each": (robustness.NoiseInOneFactor, {"where": args.noise_in}),
        "noise-factors": (robustness.NoiseFactors, {}),
        "without": (robustness.WithoutFactor, {}),
        "labels": (robustness.WrongLabels, {"which": args.wrong}),
        "unmapped": (robustness.UnmappedLandslides, missed),
        "rows": (robustness.FewerRows, {}),
        "ratio": (robustness.ClassRatio, {}),
        "shifted": (robustness.ShiftedPositions, {}),
        "absences": (robustness.OtherAbsences, {}),
    }
    found = []
    for name, levels in args.perturbations or [(name, None) for name in DEFAULT]:
        kind, options = made[name]
        if name == "without" and levels is not None:
            levels = tuple(tuple(level.split("+")) for level in levels)
        found.append(kind(**options) if levels is None else kind(levels, **options))
        if name == "unmapped":
            further = {"far_from": args.far_from, "under": args.under}
            for option, value in further.items():
                if value is not None:
                    levels_again = {} if levels is None else {"levels": levels}
                    found.append(kind(**levels_again, **options, **{option: value}))
    return found
