"""Folds of a command: the options on them, and the splitter that they ask for."""

from sklearn_landslide._hints import renaming
from sklearn_landslide._trial import TRIAL_FOLDS
from sklearn_landslide.cli._arguments import at_least, meters_or_range

FOLDS = 5
# A stratum with fewer landslides, or fewer others, is tested together with another one.
SMALL_STRATUM = 5


def add_split_options(parser, *, title):
    """Add the options on folds.

    Parameters
    ----------
    parser : Parser
        That of a command.
    title : str
        Their heading.
    """
    folds = parser.section(title)
    folds.add_argument(
        "--cv", type=at_least(2), metavar="K", help=f"number of folds (default: {FOLDS})"
    )
    folds.add_argument(
        "--split",
        choices=("random", "spatial", "strata"),
        default="random",
        help="random: folds drawn at random; spatial: compact clusters of places, or squares of "
        "--block-size; strata: one of --strata left out at a time (default: random)",
    )
    folds.add_argument(
        "--strata",
        metavar="COLUMN",
        help="column of regions, rock units or years; not used as a factor unless it is also "
        "categorical",
    )
    folds.add_argument(
        "--block-size",
        type=meters_or_range,
        metavar="range|METERS",
        help="with --split spatial: assign squares with sides of this length to the folds; range: "
        "the distance over which the factors are similar (the median range of their variograms)",
    )
    folds.add_argument(
        "--buffer",
        type=meters_or_range,
        default=0.0,
        metavar="range|METERS",
        help="with --split spatial: leave out training places closer than this to a test place",
    )


def number_of_folds(args):
    """Return how many folds are asked for: fewer for a quick run, if none are stated."""
    return args.cv or (TRIAL_FOLDS if getattr(args, "quick", False) else FOLDS)


def splitter_of(table, args):
    """Make the folds that were asked for.

    Parameters
    ----------
    table : Bunch
        As of `read_table`.
    args : argparse.Namespace
        With what `add_split_options` adds, and `random_state`.

    Returns
    -------
    cv : int or splitter
    """
    if args.split == "random":
        return number_of_folds(args)
    from sklearn_landslide.model_selection import LeaveOneStratumOut, SpatialBlockKFold

    if args.split == "spatial":
        cv = SpatialBlockKFold(
            table.coordinates,
            number_of_folds(args),
            method="kmeans" if args.block_size is None else "grid",
            block_size=args.block_size,
            buffer=args.buffer,
            random_state=args.random_state,
        )
        if "range" in (args.block_size, args.buffer):
            # Now, so that the widths stand above all that is printed.
            with renaming(n_splits="cv"):
                list(cv.split(table.X, table.y, table.get("groups")))
        return cv
    return LeaveOneStratumOut(
        table.strata[args.strata], min_per_class=SMALL_STRATUM, on_small="merge"
    )
