"""The table of a command: one of the user's, or one made of rasters and an inventory."""

import sys
import warnings

from sklearn_landslide._escaping import escaped
from sklearn_landslide.cli._arguments import add_meaning_options, nodata_of
from sklearn_landslide.cli._places import PLACE_OPTIONS, add_place_options, places_of
from sklearn_landslide.cli._series import add_sequences_option, sequences_of
from sklearn_landslide.cli._sources import DEM_OPTIONS, add_source_options
from sklearn_landslide.cli._table_files import FILE_OPTIONS, add_file_options

COLUMNS = "columns of the table, or of the inventory"


def add_table_options(parser, *, with_weights=False, with_series=False):
    """Add the table, or the rasters and the inventory it is made of, and the options on them.

    Parameters
    ----------
    parser : Parser
        That of a command.
    with_weights : bool, default=False
        Whether the command can weigh the rows of a table.
    with_series : bool, default=False
        Whether it can be told which columns are series.
    """
    parser.add_argument(
        "table",
        nargs="?",
        metavar="TABLE",
        help="CSV (also compressed), Excel (.xlsx), Parquet, or points or polygons with attributes "
        "(GeoPackage, Shapefile, GeoJSON, GeoParquet); none with --stack or --dem",
    )
    _add_columns(parser)
    add_file_options(parser)
    if with_weights:
        parser.section(COLUMNS).add_argument(
            "--weights",
            metavar="NAME",
            help="column of a TABLE with the weight of each row in the fits, such as the "
            "confidence in an inventory entry; not used as a factor, and 0 leaves a row out",
        )
    if with_series:
        add_sequences_option(parser.section(COLUMNS))
    add_source_options(parser)
    add_place_options(parser)
    add_meaning_options(parser, COLUMNS)


def _add_columns(parser):
    """Add the options on the columns of a table, some of which an inventory has, too."""
    columns = parser.section(COLUMNS)
    columns.add_argument(
        "--target",
        metavar="NAME",
        help="the column of labels: 1 landslide, 0 none, or words such as yes and no; without it, "
        "all of --points are landslides",
    )
    names = {"nargs": "+", "action": "extend", "default": [], "metavar": "NAME"}
    columns.add_argument(
        "--coordinates",
        nargs=2,
        metavar=("X", "Y"),
        help="columns of coordinates, not used as factors",
    )
    columns.add_argument(
        "--categorical", help="columns or rasters that hold classes, such as soil", **names
    )
    columns.add_argument("--drop", help="columns of a TABLE to leave out", **names)
    columns.add_argument(
        "--groups",
        metavar="NAME",
        help="column of a TABLE that says which rows are of one landslide, or belong together in "
        "another way: they stay in one fold; no factor",
    )


# Options that say how a table is read, and how one is made.
_OF_TABLES = ("drop", "strata", "groups", "weights", "sequences", *FILE_OPTIONS)
# The CRS may be that of a table, too.
_OF_PLACES = ("points", *(name for name in PLACE_OPTIONS if name != "crs"), *DEM_OPTIONS)


def is_of_rasters(args):
    """Say whether the table is to be made; refuse options of the other way.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_table_options` adds.

    Returns
    -------
    made : bool
    """
    parser, made = args.parser, bool(args.stack or args.dem)
    if made and args.table is not None:
        parser.error("give a TABLE, or --stack or --dem with --points, not both")
    if made and args.points is None:
        parser.error("--stack and --dem need --points FILE, the inventory")
    if not made and args.table is None:
        parser.error("give a TABLE, or rasters (--stack, --dem) with --points")
    if not made and args.target is None and args.absence_points is None:
        parser.error("a TABLE needs --target NAME, its column of labels")
    others = _OF_TABLES if made else _OF_PLACES
    if alone := [name for name in others if getattr(args, name, None) != parser.get_default(name)]:
        kind = "a TABLE" if made else "--stack and --dem"
        parser.error(f"{parser.option_of(alone[0])} is for {kind}")
    return made


def made_table(args):
    """Make the table that the command map would train on.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_table_options` and `add_work_options` add.

    Returns
    -------
    table : Bunch
        As of `sample_stack`.
    """
    from sklearn_landslide.map_products import make_table

    return make_table(_table_request(args))


def made_table_and_stack(args):
    """Make the table that the command map would train on, and keep the rasters it is made of.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_table_options` and `add_work_options` add.

    Returns
    -------
    table : Bunch
        As of `sample_stack`.
    stack : xarray.Dataset
    """
    from sklearn_landslide.map_products import make_table_and_stack

    return make_table_and_stack(_table_request(args))


def _table_request(args):
    from sklearn_landslide.map_products import TableRequest

    stack, points, options = places_of(args)
    options["coordinates"] = args.coordinates or ["x", "y"]

    def log(line):
        print(escaped(line), file=sys.stderr, flush=True)

    return TableRequest(stack, points, **options, log=log)


def table_of_file(args):
    """Read the table.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_table_options` adds.

    Returns
    -------
    table : Bunch
        As of `read_table`, and which columns are series, as ``sequences``.
    """
    from sklearn_landslide._nodata import UndeclaredNodataWarning
    from sklearn_landslide.tables import read_table

    series = getattr(args, "sequences", None)
    with warnings.catch_warnings():
        if series:
            # Reading does not know that 0 is a dry hour. The check of the table does.
            warnings.simplefilter("ignore", UndeclaredNodataWarning)
        table = read_table(
            args.table,
            target=args.target,
            categorical=args.categorical,
            coordinates=args.coordinates,
            strata=args.strata or (),
            weights=getattr(args, "weights", None),
            groups=args.groups,
            drop=args.drop,
            nodata=nodata_of(args),
            positive_class=args.positive_class,
            crs=args.crs,
            absence_points=args.absence_points,
            **{name: getattr(args, name) for name in FILE_OPTIONS},
        )
    if args.split == "spatial" and table.coordinates is None:
        args.parser.error(
            "--split spatial needs to know where places are: name the columns, --coordinates X Y; "
            "a table without coordinates is divided by a column of regions, rock units or years, "
            "--split strata --strata COLUMN"
        )
    table["sequences"] = sequences_of(series, table.X)
    return table


def sources_of(args):
    """Return the files that a table is read from, or the inventory that it is made of.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_table_options` adds.

    Returns
    -------
    sources : list of str
        The table, or the inventory, first.
    """
    files = [args.points if args.table is None else args.table, args.join, args.absence_points]
    return [file for file in files if file is not None]
