"""The command ``demo``: models on a synthetic region, and how to repeat the comparison."""

import hashlib
import os
import shlex
import sys
import tempfile
from pathlib import Path

from sklearn_landslide._escaping import escaped
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
    add_comparison_options(parser)


def _make_table(args):
    """Make a region; return the text of its table, and the roles of the columns."""
    import pandas as pd

    from sklearn_landslide.datasets import make_landslides

    region = make_landslides(args.rows, as_frame=True, random_state=args.random_state)
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


def _same_comparison(args, roles):
    """Return the command that makes the same comparison from the written table."""
    python = os.path.relpath(sys.executable)
    command = [python if not python.startswith("..") else "python", "-m", "sklearn_landslide"]
    command += ["compare", str(args.out / DEMO_TABLE)]
    command += ["--target", "landslide", "--categorical", *roles["categorical"]]
    command += ["--coordinates", "x", "y", "--seed", str(args.random_state)]
    if args.cv is not None:
        command += ["--cv", str(args.cv)]
    if args.split != "random":
        command += ["--split", args.split]
        command += ["--strata", args.strata] if args.strata else []
        command += ["--block-size", str(args.block_size)] if args.block_size else []
        command += ["--buffer", str(args.buffer)] if args.buffer else []
    if args.models != list(MODELS):
        command += ["--models", *args.models]
    if args.epochs is not None:
        command += ["--epochs", str(args.epochs)]
    return shlex.join(command)


def _demo(args):
    check_options(args)
    files = files_of(args, DEMO_TABLE)
    folder = open_output(args, files)
    text, roles = _make_table(args)
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
    folder.write(writers)
    with results_in(args.out):
        print(f"\nWritten to {escaped(args.out)}: {', '.join(files)}")
        print(f"The same comparison from that table:\n{escaped(_same_comparison(args, roles))}")
