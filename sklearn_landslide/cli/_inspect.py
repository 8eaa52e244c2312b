"""The command ``inspect``: what one model has learned, and whether it can be believed."""

from pathlib import Path

from sklearn_landslide._escaping import escaped
from sklearn_landslide.cli._arguments import OUTPUT, add_work_options, at_least
from sklearn_landslide.cli._comparison import add_fold_options, check_folds
from sklearn_landslide.cli._console import results_in
from sklearn_landslide.cli._inspection import TITLES, inspect_table, writers_of
from sklearn_landslide.cli._tables import (
    add_table_options,
    is_of_rasters,
    made_table,
    sources_of,
    table_of_file,
)

# inspection.json first: where it is, the results are complete (see OutputFolder).
FILES = (
    "inspection.json",
    "inspection.md",
    "audit.csv",
    "importance.csv",
    "importance.png",
    "effects.csv",
    "effects.png",
    "interactions.csv",
    "residuals.csv",
    "residuals.png",
)
_DEEPER = "how deep it looks"


def add_inspect_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "inspect",
        usage="%(prog)s TABLE --target NAME [options]\n"
        "       %(prog)s --stack FILE ... --points FILE [options]\n"
        "       %(prog)s --dem FILE --points FILE [options]",
        help="what one model has learned of the factors, and what it misses",
        description="Audit the validation of one model for leaks, and find out, on held-out rows, "
        "what each factor is worth to it, what each factor does, and whether its errors are "
        "clustered: on a table, or on one made from rasters (--stack, --dem) and an inventory "
        "(--points). Words go to stdout, progress to stderr.",
    )
    parser.set_defaults(run=_inspect, parser=parser)
    add_table_options(parser, with_series=True)
    parser.section(OUTPUT).add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"folder to write {', '.join(FILES)} into; made if it is missing",
    )
    add_fold_options(parser, title="model and folds", models=None)
    _add_depth(parser)
    add_work_options(parser)


def _add_depth(parser):
    """Add the options on the number of fits and predictions."""
    deeper = parser.section(_DEEPER)
    deeper.add_argument(
        "--permutations",
        dest="n_permutations",
        type=at_least(0),
        default=10,
        metavar="N",
        help="how often the audit shuffles the labels, with one fit per fold each time; 0 leaves "
        "out "
        "this check (default: 10)",
    )
    deeper.add_argument(
        "--repeats",
        dest="n_repeats",
        type=at_least(1),
        default=5,
        metavar="N",
        help="how often each factor is shuffled in a fold (default: 5)",
    )
    deeper.add_argument(
        "--interactions",
        type=at_least(0),
        default=3,
        metavar="N",
        help="number of factor pairs to draw; 0: skip pairs (default: 3)",
    )
    deeper.add_argument(
        "--max-rows",
        type=at_least(1),
        default=2000,
        metavar="N",
        help="number of rows, drawn at random, on which effects are measured (default: 2000)",
    )
    deeper.add_argument(
        "--max-predictions",
        type=at_least(1),
        default=5_000_000,
        metavar="N",
        help="refuse effects that need more predictions than this, before any fit (default: "
        "5000000)",
    )


def _inspect(args):
    made = is_of_rasters(args)
    check_folds(args)
    folder = None
    if args.out is not None:
        from sklearn_landslide._output_folder import OutputFolder
        from sklearn_landslide.plotting import figure_class

        folder = OutputFolder(args.out, FILES, overwrite=args.overwrite)
        figure_class()
        folder.check_sources(sources_of(args))
    table = made_table(args) if made else table_of_file(args)
    inspection = inspect_table(table, args)
    for name, sentences in inspection.in_words().items():
        print(TITLES[name])
        print("\n".join(f"- {escaped(line)}" for line in sentences), end="\n\n", flush=True)
    if folder is None:
        return
    writers = writers_of(inspection, args)
    folder.write(writers)
    with results_in(args.out):
        written = [name for name in FILES if name in writers]
        print(f"Written to {escaped(args.out)}: {', '.join(written)}")
        print(f"On the page of a study: --inspection {escaped(args.out)} of the command study.")
