"""The command ``demo``: models on a synthetic region, and how to repeat the comparison."""

import hashlib
import tempfile
from pathlib import Path

from sklearn_landslide._escaping import escaped
from sklearn_landslide._typed import typed_here
from sklearn_landslide.cli._arguments import OUTPUT, at_least
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
from sklearn_landslide.cli._models import MODELS

DEMO_TABLE = "landslides.csv"
DEMO_RASTERS = "factors.tif"
DEMO_ELEVATION = "elevation.tif"


def add_demo_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "demo",
        help="compare models on a synthetic region",
        description="Make a synthetic region with make_landslides, write its table and compare "
        "models on it.",
    )
    parser.set_defaults(run=_demo, parser=parser)
    parser.add_argument(
        "--rows", type=at_least(50), default=3000, metavar="N", help="places (default: 3000)"
    )
    parser.section(OUTPUT).add_argument(
        "--out",
        type=Path,
        default=Path("results"),
        metavar="DIR",
        help=f"folder to write {', '.join((*FILES, DEMO_TABLE))} into (default: results)",
    )
    parser.section(OUTPUT).add_argument(
        "--rasters",
        action="store_true",
        help=f"write {DEMO_RASTERS} and {DEMO_ELEVATION}, the factors and the elevation of the "
        "whole region, and say how to map it",
    )
    add_comparison_options(parser)


def _make_table(region, args):
    """Return the text of the region's table, and the roles of the columns."""
    import pandas as pd

    text = pd.concat([region.coordinates, region.frame], axis=1).to_csv(
        index=False, lineterminator="\n"
    )
    roles = {
        "target": "landslide",
        "categorical": region.categorical_features,
        "coordinates": ["x", "y"],
        "strata": args.strata or (),
    }
    return text, roles


def _read_back(text, roles):
    """Read the table from a file, so that the written one gives these very results."""
    from sklearn_landslide.tables import read_table

    with tempfile.TemporaryDirectory() as home:
        path = Path(home, DEMO_TABLE)
        path.write_text(text, encoding="utf-8")
        return read_table(path, **roles)


def _map_of_the_region(args):
    """Return the command that makes a map of the written rasters."""
    command = ["map", "--stack", str(args.out / DEMO_RASTERS)]
    command += ["--points", str(args.out / DEMO_TABLE), "--target", "landslide"]
    command += ["--coordinates", "x", "y", "--out", str(args.out / "map")]
    return typed_here(command)


def _same_comparison(args, roles):
    """Return the command that makes the same comparison from the written table."""
    command = ["compare", str(args.out / DEMO_TABLE)]
    command += ["--target", "landslide", "--categorical", *roles["categorical"]]
    command += ["--coordinates", "x", "y", "--seed", str(args.random_state)]
    if args.cv is not None:
        command += ["--cv", str(args.cv)]
    if args.split != "random":
        command += ["--split", args.split]
        command += ["--strata", args.strata] if args.strata else []
        command += ["--block-size", str(args.block_size)] if args.block_size else []
        command += ["--buffer", str(args.buffer)] if args.buffer else []
    if args.resample != "smote":
        command += ["--resample", args.resample]
    if args.models != list(MODELS):
        command += ["--models", *args.models]
    if args.epochs is not None:
        command += ["--epochs", str(args.epochs)]
    return typed_here(command)


def _demo(args):
    from sklearn_landslide.datasets import make_landslides

    check_options(args)
    rasters = [DEMO_RASTERS, DEMO_ELEVATION] if args.rasters else []
    files = files_of(args, DEMO_TABLE, *rasters)
    folder = open_output(args, files)
    region = make_landslides(
        args.rows, return_stack=args.rasters, as_frame=True, random_state=args.random_state
    )
    if args.rasters:
        from sklearn_landslide.mapping import region_stack, write_stack

        stack = region_stack(region)
    text, roles = _make_table(region, args)
    table = _read_back(text, roles)
    comparison, check, description = compare_table(table, args)
    digest = hashlib.sha256(text.encode()).hexdigest()
    writers = writers_of(
        comparison,
        table,
        args,
        check=check,
        description=description,
        coordinates=roles["coordinates"],
        notes=notes_on(args, DEMO_TABLE, digest),
    )
    writers[DEMO_TABLE] = lambda path: path.write_text(text, encoding="utf-8")
    if args.rasters:
        writers[DEMO_RASTERS] = lambda path: write_stack(stack, path)
        writers[DEMO_ELEVATION] = lambda path: write_stack(stack[["altitude"]], path)
    folder.write(writers)
    with results_in(args.out):
        print(f"\nWritten to {escaped(args.out)}: {', '.join(files)}")
        if args.rasters:
            print(f"A map of the region:\n{escaped(_map_of_the_region(args))}")
        print(f"The same comparison from that table:\n{escaped(_same_comparison(args, roles))}")
