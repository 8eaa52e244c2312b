"""The command ``check``: likely mistakes in a table or in rasters, before anything is fitted."""

import json
import sys
import warnings
from pathlib import Path

from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.cli._arguments import OUTPUT, add_seed_option
from sklearn_landslide.cli._comparison import check_splits
from sklearn_landslide.cli._folds import add_split_options, splitter_of
from sklearn_landslide.cli._mistakes import check_of
from sklearn_landslide.cli._tables import (
    add_table_options,
    is_of_rasters,
    made_table,
    table_of_file,
)

# Characters in a line of a terminal.
_WIDTH = 80


def add_check_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "check",
        usage="%(prog)s TABLE --target NAME [options]\n"
        "       %(prog)s --stack FILE ... --points FILE [options]\n"
        "       %(prog)s --dem FILE --points FILE [options]",
        help="point out likely mistakes in a table, or in rasters and an inventory",
        description="Look for likely mistakes before anything is fitted: numbers that stand for no "
        "data, ids and coordinates among the factors, codes taken for quantities, a missing "
        "header, units and more. Nothing is changed. The exit code is 1 if something serious was "
        "found.",
    )
    parser.set_defaults(run=_check, parser=parser)
    add_table_options(parser, with_series=True)
    add_split_options(parser, title="folds, to see how landslides are divided among them")
    add_seed_option(parser, "folds and drawn places")
    parser.section(OUTPUT).add_argument(
        "--json", type=Path, metavar="FILE", help="also write what was found as JSON"
    )


def _read_quietly(args):
    """Read a table without the warnings of what is a finding here."""
    from sklearn_landslide._nodata import UndeclaredNodataWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndeclaredNodataWarning)
        warnings.filterwarnings("ignore", r".* have the same factors", UserWarning)
        return table_of_file(args)


def _check(args):
    table_of = made_table if is_of_rasters(args) else _read_quietly
    check_splits(args)
    if args.json is not None and not args.json.absolute().parent.is_dir():
        raise ValueError(f"The folder {args.json.absolute().parent} does not exist: make it first.")
    table = table_of(args)
    found = check_of(table, args, splitter_of(table, args))
    print(found.to_text(_WIDTH, "option"))
    if args.json is not None:
        with whole_file(args.json) as hidden:
            hidden.write_text(json.dumps(found.to_dict(), indent=2) + "\n", encoding="utf-8")
    if not found.passed:
        sys.stdout.flush()
        raise SystemExit(1)
