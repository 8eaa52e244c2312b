"""The command line: each command is one call of the library.

Libraries are imported where a command needs them, so that ``--help`` is quick.
"""

import argparse
import os
import shlex
import sys
import tempfile
from pathlib import Path

from sklearn_landslide._console import DEBUG, quiet_workers, run_command
from sklearn_landslide._version import __version__

__all__ = ["main"]

# The names of comparison.default_models; importing them here would import torch.
MODELS = ("LandslideNet", "RF", "SVM", "LR", "CNN")
# comparison.csv first: where it is, the results are complete (see OutputFolder).
FILES = ("comparison.csv", "comparison.md", "folds.csv", "predictions.csv", "curves.png")
DEMO_TABLE = "landslides.csv"


# --- the arguments --------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message):
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")


def _at_least(smallest):
    def number(text):
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or value < smallest:
            raise argparse.ArgumentTypeError(
                f"must be a whole number of at least {smallest}, got {text!r}"
            )
        return value

    return number


def _jobs(text):
    """Read a number of processes as joblib does: -1 is one for each core."""
    value = _at_least(-1)(text)
    if value == 0:
        raise argparse.ArgumentTypeError("must be 1 or more, or -1 for all cores, got '0'")
    return value


def _add_comparison_options(parser):
    parser.add_argument(
        "--models",
        nargs="+",
        choices=MODELS,
        default=list(MODELS),
        metavar="MODEL",
        help=f"which of {', '.join(MODELS)} (default: all)",
    )
    parser.add_argument(
        "--cv", type=_at_least(2), default=5, metavar="K", help="number of folds (default: 5)"
    )
    parser.add_argument(
        "--seed",
        type=_at_least(0),
        default=0,
        metavar="N",
        help="seed of everything random (default: 0)",
    )
    parser.add_argument(
        "--n-jobs",
        type=_jobs,
        # A process a core, each with one thread, is never slow: a network of several threads
        # in one process waits for its slowest thread wherever other work holds a core.
        default=-1,
        metavar="N",
        help="folds fitted at the same time, each in its process (default: -1, one a core)",
    )
    parser.add_argument(
        "--epochs",
        type=_at_least(1),
        metavar="N",
        help="passes of the networks through the rows (default: their own)",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace the files of an earlier run in --out; other files there are never touched",
    )


def _make_parser():
    parser = _Parser(
        prog="sklearn-landslide",
        description="Compare models of landslide susceptibility.",
        epilog=f"Set {DEBUG}=1 in the environment to see where an error comes from.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"sklearn-landslide {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    compare = commands.add_parser(
        "compare",
        help="compare models on a table",
        description="Cross-validate models on a table, in the same pipeline and on the same "
        "folds. The comparison goes to stdout, progress to stderr.",
        allow_abbrev=False,
    )
    compare.set_defaults(run=_compare)
    compare.add_argument(
        "table", metavar="TABLE", help="CSV (also compressed), Excel (.xlsx) or Parquet"
    )
    compare.add_argument(
        "--target", required=True, metavar="NAME", help="the column of labels: 1 landslide, 0 none"
    )
    names = {"nargs": "+", "action": "extend", "default": [], "metavar": "NAME"}
    compare.add_argument("--categorical", help="columns of classes, such as soil", **names)
    compare.add_argument(
        "--coordinates", nargs=2, metavar=("X", "Y"), help="columns of coordinates, no factors"
    )
    compare.add_argument("--drop", help="columns to leave out", **names)
    compare.add_argument("--sheet", default=0, help="name or position (from 0) of an Excel sheet")
    compare.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"folder to write {', '.join(FILES)} into; made if it is missing",
    )
    _add_comparison_options(compare)

    demo = commands.add_parser(
        "demo",
        help="compare models on a synthetic region",
        description="Make a synthetic region with make_landslides, write its table and compare "
        "models on it.",
        allow_abbrev=False,
    )
    demo.set_defaults(run=_demo)
    demo.add_argument(
        "--rows", type=_at_least(50), default=3000, metavar="N", help="places (default: 3000)"
    )
    demo.add_argument(
        "--out",
        type=Path,
        default=Path("results"),
        metavar="DIR",
        help=f"folder to write {', '.join((*FILES, DEMO_TABLE))} into (default: results)",
    )
    _add_comparison_options(demo)
    return parser


# --- the commands ---------------------------------------------------------------------------


def _open_output(out, files, force):
    """Check the output folder, and that a picture can be drawn, before the long work."""
    from sklearn_landslide._output_folder import OutputFolder
    from sklearn_landslide.plotting._comparison_curves import figure_class

    folder = OutputFolder(out, files, replace=force)
    figure_class()
    return folder


def _run_comparison(table, args):
    from sklearn_landslide.comparison import compare_models, default_models

    models = default_models(args.seed)
    models = {name: models[name] for name in dict.fromkeys(args.models)}
    if args.epochs is not None:
        for model in models.values():
            if "max_epochs" in model.get_params(deep=False):
                model.set_params(max_epochs=args.epochs)
    with quiet_workers(args.n_jobs):
        return compare_models(
            models,
            table.X,
            table.y,
            cv=args.cv,
            random_state=args.seed,
            n_jobs=args.n_jobs,
            verbose=1,
        )


def _describe(table, args):
    share = table.y.mean()
    return (
        f"{len(table.y)} places, {table.y.sum()} landslides ({share:.1%}), "
        f"{table.X.shape[1]} factors ({table.X.select_dtypes('category').shape[1]} categorical), "
        f"{args.cv} folds, seed {args.seed}"
    )


def _predictions(comparison, table, coordinates):
    """Lay out the out-of-fold probabilities, with the coordinates where there are any."""
    frame = comparison.predictions
    if table.coordinates is None:
        return frame
    points = table.coordinates.to_numpy()[frame["row"]]
    frame = frame.copy()
    for place, name in enumerate(coordinates):
        label = name if name not in frame.columns else f"{name}_coordinate"
        frame.insert(1 + place, label, points[:, place])
    return frame


def _writers(comparison, table, args, coordinates):
    from sklearn_landslide.plotting import save_comparison_curves

    about = f"# Comparison of models\n\n{_describe(table, args)}; mean ± standard deviation.\n\n"
    csv = {"index": False, "lineterminator": "\n"}
    predictions = _predictions(comparison, table, coordinates)
    return {
        "comparison.csv": lambda path: comparison.table.reset_index().to_csv(path, **csv),
        "comparison.md": lambda path: path.write_text(
            f"{about}{comparison.to_markdown()}\n", encoding="utf-8"
        ),
        "folds.csv": lambda path: comparison.folds.to_csv(path, **csv),
        "predictions.csv": lambda path: predictions.to_csv(path, **csv),
        "curves.png": lambda path: save_comparison_curves(comparison, path),
    }


def _compare(args):
    from sklearn_landslide.tables import read_table

    folder = _open_output(args.out, FILES, args.force) if args.out else None
    table = read_table(
        args.table,
        target=args.target,
        categorical=args.categorical,
        coordinates=args.coordinates,
        sheet=args.sheet,
        drop=args.drop,
    )
    print(_describe(table, args), end="\n\n", flush=True)
    comparison = _run_comparison(table, args)
    print(comparison.to_text(digits=3), flush=True)
    if folder:
        folder.write(_writers(comparison, table, args, args.coordinates))
        print(f"\nWritten to {args.out}: {', '.join(FILES)}")


def _demo(args):
    import pandas as pd

    from sklearn_landslide.datasets import make_landslides
    from sklearn_landslide.tables import read_table

    folder = _open_output(args.out, (*FILES, DEMO_TABLE), args.force)
    region = make_landslides(args.rows, as_frame=True, random_state=args.seed)
    text = pd.concat([region.coordinates, region.frame], axis=1).to_csv(index=False, lineterminator="\n")
    roles = {
        "target": "landslide",
        "categorical": region.categorical_features,
        "coordinates": ["x", "y"],
    }
    # Read back, so that the written table gives these very results.
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, DEMO_TABLE)
        path.write_text(text, encoding="utf-8")
        table = read_table(path, **roles)
    print(_describe(table, args), end="\n\n", flush=True)
    comparison = _run_comparison(table, args)
    print(comparison.to_text(digits=3), flush=True)
    writers = _writers(comparison, table, args, roles["coordinates"])
    writers[DEMO_TABLE] = lambda path: path.write_text(text, encoding="utf-8")
    folder.write(writers)
    print(f"\nWritten to {args.out}: {', '.join((*FILES, DEMO_TABLE))}")
    python = os.path.relpath(sys.executable)
    command = [python if not python.startswith("..") else "python", "-m", "sklearn_landslide"]
    command += ["compare", str(args.out / DEMO_TABLE)]
    command += ["--target", "landslide", "--categorical", *roles["categorical"]]
    command += ["--coordinates", "x", "y", "--cv", str(args.cv), "--seed", str(args.seed)]
    if args.models != list(MODELS):
        command += ["--models", *args.models]
    if args.epochs is not None:
        command += ["--epochs", str(args.epochs)]
    print(f"The same comparison from that table:\n{shlex.join(command)}")


def main(argv=None):
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, default=None
        The arguments; None: those of the process.

    Returns
    -------
    code : int
        0 for success; 2 for wrong arguments or input, with one line ``error: ...`` on
        stderr; 1 for an error of this package; 130 where it was interrupted.

    Examples
    --------
    >>> from sklearn_landslide.cli import main
    >>> main(["--version"])
    sklearn-landslide 0.1.0
    0
    """

    def command():
        args = _make_parser().parse_args(argv)
        args.run(args)

    return run_command(command)
