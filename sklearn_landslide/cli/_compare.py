"""The command ``compare``: models on a table of the user's."""

import hashlib
from pathlib import Path

from sklearn_landslide._escaping import escaped
from sklearn_landslide.cli._arguments import add_meaning_options, nodata_of
from sklearn_landslide.cli._comparison import (
    FILES,
    add_comparison_options,
    check_options,
    compare_table,
    files_of,
    notes_on,
    open_output,
    writers_of,
)
from sklearn_landslide.cli._console import results_in


def add_compare_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "compare",
        help="compare models on a table",
        description="Cross-validate models on a table, in the same pipeline and on the same "
        "folds. The comparison goes to stdout, progress to stderr.",
    )
    parser.set_defaults(run=_compare, parser=parser)
    parser.add_argument(
        "table", metavar="TABLE", help="CSV (also compressed), Excel (.xlsx) or Parquet"
    )
    parser.add_argument(
        "--target",
        required=True,
        metavar="NAME",
        help="the column of labels: 1 landslide, 0 none, or words for it",
    )
    names = {"nargs": "+", "action": "extend", "default": [], "metavar": "NAME"}
    parser.add_argument("--categorical", help="columns of classes, such as soil", **names)
    parser.add_argument(
        "--coordinates", nargs=2, metavar=("X", "Y"), help="columns of coordinates, no factors"
    )
    parser.add_argument("--drop", help="columns to leave out", **names)
    add_meaning_options(parser)
    parser.add_argument("--sheet", default=0, help="name or position (from 0) of an Excel sheet")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"folder to write {', '.join(FILES)} into; made if it is missing",
    )
    add_comparison_options(parser)


def _compare(args):
    check_options(args)
    from sklearn_landslide.tables import read_table

    files = files_of(args)
    folder = open_output(args, files) if args.out else None
    table = read_table(
        args.table,
        target=args.target,
        categorical=args.categorical,
        coordinates=args.coordinates,
        strata=args.strata or (),
        sheet=args.sheet,
        drop=args.drop,
        nodata=nodata_of(args),
        positive_class=args.positive_class,
    )
    if folder is not None:
        folder.check_sources([args.table])
    comparison, description = compare_table(table, args)
    if folder is None:
        return
    with open(args.table, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    writers = writers_of(
        comparison,
        table,
        args,
        description=description,
        coordinates=args.coordinates,
        notes=notes_on(args, args.table, digest),
    )
    folder.write(writers)
    with results_in(args.out):
        print(f"\nWritten to {escaped(args.out)}: {', '.join(files)}")
