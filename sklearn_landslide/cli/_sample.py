"""The command ``sample``: from rasters and an inventory to the table that a model is trained on."""

from pathlib import Path

from sklearn_landslide._escaping import escaped
from sklearn_landslide._typed import typed_here
from sklearn_landslide._words import join_names, landslides_said
from sklearn_landslide.cli._arguments import OUTPUT, add_meaning_options, add_seed_option
from sklearn_landslide.cli._console import results_in, timed_log
from sklearn_landslide.cli._places import add_inventory_columns, add_place_options, places_of
from sklearn_landslide.cli._sources import add_source_options


def add_sample_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "sample",
        usage="%(prog)s --dem FILE --points FILE [options] --out FILE\n"
        "       %(prog)s --stack FILE ... --points FILE [options] --out FILE",
        help="make a table of rasters and an inventory",
        description="Take the factors of rasters (--stack), or of an elevation model (--dem), at "
        "the places of an inventory, draw places without a landslide (--absences), and write the "
        "table that the command map would train on: labels, coordinates, which rows are of one "
        "landslide, and the factors. Progress goes to stderr.",
    )
    parser.set_defaults(run=_sample, parser=parser)
    add_source_options(parser)
    add_place_options(parser)
    add_inventory_columns(parser)
    add_meaning_options(parser)
    output = parser.section(OUTPUT)
    output.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="FILE",
        help="the table: .csv, .parquet, or .gpkg for QGIS",
    )
    output.add_argument("--overwrite", action="store_true", help="replace the file, if it is there")
    add_seed_option(parser)


def _columns(table, roles):
    """Say what the columns of the file are."""
    parts = [f"{roles['target']} (1 landslide, 0 none)"]
    system = table.crs if table.crs is not None and len(table.crs) < 20 else "of the rasters"
    if "coordinates" in roles:
        parts.append(f"{' and '.join(roles['coordinates'])} ({system})")
    if "groups" in roles:
        parts.append(f"{roles['groups']} (the same for all rows of one landslide)")
    factors = join_names(table.X, 30)
    return f"columns: {', '.join(parts)}, and the factors {factors}"


def next_command(path, roles):
    """Write the command that compares models on the table.

    Parameters
    ----------
    path : Path
        Its file.
    roles : dict
        What `write_table` returned.

    Returns
    -------
    command : str
        Quoted as a shell needs it, for this terminal.
    """
    words = ["compare", str(path)]
    for name, value in roles.items():
        if value:
            words += [f"--{name}", *([value] if isinstance(value, str) else value)]
    return typed_here([*words, "--split", "spatial"])


def _sample(args):
    from sklearn_landslide.map_products import TableRequest, make_table
    from sklearn_landslide.tables import check_table_file, write_table

    if args.points is None:
        args.parser.error("give --points FILE, the inventory")
    check_table_file(args.out, args.overwrite)
    if args.out.exists() and Path(args.points).exists() and args.out.samefile(args.points):
        raise ValueError(f"{args.out} is read by this run: give another name.")
    stack, points, options = places_of(args)
    table = make_table(TableRequest(stack, points, **options, log=timed_log()))
    roles = write_table(table, args.out, overwrite=args.overwrite)
    with results_in(args.out):
        print(
            f"{len(table.y)} rows, {landslides_said(table.y, table.get('n_landslides'))}, "
            f"{table.X.shape[1]} factors ({len(roles['categorical'])} categorical)"
        )
        print(escaped(_columns(table, roles)))
        print(escaped(f"Written to {args.out}"), end="\n\n")
        print(f"Compare models on it:\n{escaped(next_command(args.out, roles))}", flush=True)
