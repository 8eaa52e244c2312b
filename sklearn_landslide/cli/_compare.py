"""The command ``compare``: models on a table of the user's, or on one made of rasters."""

import hashlib
from pathlib import Path

from sklearn_landslide._escaping import escaped
from sklearn_landslide.cli._arguments import OUTPUT
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
from sklearn_landslide.cli._quick import add_quick_option
from sklearn_landslide.cli._tables import (
    add_table_options,
    is_of_rasters,
    made_table,
    sources_of,
    table_of_file,
)


def add_compare_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "compare",
        usage="%(prog)s TABLE --target NAME [options]\n"
        "       %(prog)s --stack FILE ... --points FILE [options]\n"
        "       %(prog)s --dem FILE --points FILE [options]",
        help="compare models on a table, or on rasters and an inventory",
        description="Cross-validate models in the same pipeline and on the same folds: on a table, "
        "or on the table that the command map would train on, made from rasters (--stack, --dem) "
        "and "
        "an inventory (--points). The comparison goes to stdout, progress to stderr.",
    )
    parser.set_defaults(run=_compare, parser=parser)
    add_table_options(parser, with_weights=True, with_series=True)
    parser.section(OUTPUT).add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"folder to write {', '.join(FILES)} into; made if it is missing",
    )
    add_comparison_options(parser)
    add_quick_option(parser)


def _compare(args):
    is_made = is_of_rasters(args)
    check_options(args)
    files = files_of(args)
    folder = open_output(args, files) if args.out else None
    table = made_table(args) if is_made else table_of_file(args)
    source, *_ = sources = sources_of(args)
    if folder is not None:
        folder.check_sources(sources)
    comparison, check, description = compare_table(table, args)
    if folder is None:
        return
    with open(source, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    writers = writers_of(
        comparison,
        table,
        args,
        check=check,
        description=description,
        coordinates=args.coordinates or ["x", "y"],
        notes=notes_on(args, source, digest),
    )
    folder.write(writers)
    with results_in(args.out):
        print(f"\nWritten to {escaped(args.out)}: {', '.join(files)}")
