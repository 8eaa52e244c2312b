"""The command ``compare``: models on a table of the user's, or on one made of rasters."""

import hashlib
import sys
from pathlib import Path

from sklearn_landslide._escaping import escaped
from sklearn_landslide.cli._arguments import (
    OUTPUT,
    add_meaning_options,
    nodata_of,
)
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
from sklearn_landslide.cli._places import PLACE_OPTIONS, add_place_options, places_of
from sklearn_landslide.cli._sources import DEM_OPTIONS, add_source_options

COLUMNS = "columns of the table, or of the inventory"


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
        "or on the one that the command map would train on, made of rasters (--stack, --dem) and "
        "an inventory (--points). The comparison goes to stdout, progress to stderr.",
    )
    parser.set_defaults(run=_compare, parser=parser)
    parser.add_argument(
        "table",
        nargs="?",
        metavar="TABLE",
        help="CSV (also compressed), Excel (.xlsx) or Parquet; none with --stack or --dem",
    )
    _add_table_options(parser)
    add_source_options(parser)
    add_place_options(parser)
    add_meaning_options(parser, COLUMNS)
    parser.section(OUTPUT).add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"folder to write {', '.join(FILES)} into; made if it is missing",
    )
    add_comparison_options(parser)


def _add_table_options(parser):
    """Add the options on the columns of a table, some of which an inventory has, too."""
    columns = parser.section(COLUMNS)
    columns.add_argument(
        "--target",
        metavar="NAME",
        help="the column of labels: 1 landslide, 0 none, or words for it; without it all of "
        "--points are landslides",
    )
    names = {"nargs": "+", "action": "extend", "default": [], "metavar": "NAME"}
    columns.add_argument(
        "--coordinates", nargs=2, metavar=("X", "Y"), help="columns of coordinates, no factors"
    )
    columns.add_argument(
        "--categorical", help="columns or rasters that hold classes, such as soil", **names
    )
    columns.add_argument("--drop", help="columns of a TABLE to leave out", **names)
    columns.add_argument("--sheet", default=0, help="name or position (from 0) of an Excel sheet")


# Options that say how a table is read, and how one is made.
_OF_TABLES = ("drop", "strata", "sheet")
_OF_PLACES = ("points", *PLACE_OPTIONS, *DEM_OPTIONS)


def _is_of_rasters(args):
    """Say whether the table is to be made; refuse options of the other way."""
    parser, made = args.parser, bool(args.stack or args.dem)
    if made and args.table is not None:
        parser.error("give a TABLE, or --stack or --dem with --points, not both")
    if made and args.points is None:
        parser.error("--stack and --dem need --points FILE, the inventory")
    if not made and args.table is None:
        parser.error("give a TABLE, or rasters (--stack, --dem) with --points")
    if not made and args.target is None:
        parser.error("a TABLE needs --target NAME, its column of labels")
    others = _OF_TABLES if made else _OF_PLACES
    if alone := [name for name in others if getattr(args, name) != parser.get_default(name)]:
        kind = "a TABLE" if made else "--stack and --dem"
        parser.error(f"{parser.option_of(alone[0])} is for {kind}")
    return made


def _made_table(args):
    """Make the table that the command map would train on."""
    from sklearn_landslide.map_products import TableRequest, make_table

    stack, points, options = places_of(args)
    options["coordinates"] = args.coordinates or ["x", "y"]

    def log(line):
        print(escaped(line), file=sys.stderr, flush=True)

    return make_table(TableRequest(stack, points, **options, log=log))


def _read_table(args):
    from sklearn_landslide.tables import read_table

    return read_table(
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


def _compare(args):
    is_made = _is_of_rasters(args)
    check_options(args)
    files = files_of(args)
    folder = open_output(args, files) if args.out else None
    table = _made_table(args) if is_made else _read_table(args)
    source = args.points if is_made else args.table
    if folder is not None:
        folder.check_sources([source])
    comparison, description = compare_table(table, args)
    if folder is None:
        return
    with open(source, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    writers = writers_of(
        comparison,
        table,
        args,
        description=description,
        coordinates=args.coordinates or ["x", "y"],
        notes=notes_on(args, source, digest),
    )
    folder.write(writers)
    with results_in(args.out):
        print(f"\nWritten to {escaped(args.out)}: {', '.join(files)}")
