"""The command line: each command is one call of the library.

Libraries are imported where a command needs them, so that ``--help`` is quick.
"""

import argparse
import hashlib
import os
import shlex
import sys
import tempfile
from pathlib import Path

from sklearn_landslide._version import __version__
from sklearn_landslide.cli._console import DEBUG, quiet_workers, run_command
from sklearn_landslide.cli._map_command import add_map_command

__all__ = ["main"]

# The names of comparison.default_models; importing them here would import torch.
MODELS = ("LandslideNet", "RF", "SVM", "LR", "CNN")
# comparison.csv first: where it is, the results are complete (see OutputFolder).
FILES = ("comparison.csv", "comparison.md", "folds.csv", "predictions.csv", "curves.png")
REPORT = "report.html"
DEMO_TABLE = "landslides.csv"
FOLDS = 5
# A stratum with fewer landslides, or fewer others, is tested together with another one.
SMALL_STRATUM = 5


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


def _meters(text):
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be meters, 0 or more, got {text!r}")
    return value


def _check_options(args):
    """Refuse options that do not go together, before the long work."""
    parser = args.parser
    if args.split == "spatial" and getattr(args, "coordinates", True) is None:
        parser.error("--split spatial needs --coordinates X Y")
    if args.split == "strata" and args.strata is None:
        parser.error("--split strata needs --strata COLUMN")
    if args.split != "strata" and args.strata is not None:
        parser.error(f"--strata is for --split strata, not {args.split}")
    if args.split == "strata" and args.cv is not None:
        parser.error("--cv is for random and spatial folds: of strata there is one fold each")
    if args.split != "spatial" and args.buffer:
        parser.error(f"--buffer is for --split spatial, not {args.split}")
    if args.report and args.out is None:
        parser.error(f"--report needs --out DIR, to write {REPORT} into")


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
        "--cv", type=_at_least(2), metavar="K", help=f"number of folds (default: {FOLDS})"
    )
    parser.add_argument(
        "--split",
        choices=("random", "spatial", "strata"),
        default="random",
        help="random folds; spatial: compact clusters of places; strata: leave one of --strata "
        "out at a time (default: random)",
    )
    parser.add_argument(
        "--strata",
        metavar="COLUMN",
        help="column of regions, rock units or years; no factor, unless it is categorical too",
    )
    parser.add_argument(
        "--buffer",
        type=_meters,
        default=0.0,
        metavar="METERS",
        help="with --split spatial: leave out training places nearer than this to a test place",
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help=f"write {REPORT} into --out, one page with everything; with folds that are not "
        "random the models are fitted on random folds, too, to show how much these flatter",
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
    compare.set_defaults(run=_compare, parser=compare)
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
    demo.set_defaults(run=_demo, parser=demo)
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
    add_map_command(commands, MODELS, _at_least, _jobs)
    return parser


# --- the commands ---------------------------------------------------------------------------


def _files(args, *more):
    """Names of the files that will be written."""
    return (*FILES, *([REPORT] if args.report else []), *more)


def _open_output(args, files):
    """Check the output folder, and that pictures and page can be made, before the long work."""
    from sklearn_landslide._output_folder import OutputFolder
    from sklearn_landslide.plotting import figure_class

    folder = OutputFolder(args.out, files, replace=args.force)
    figure_class()
    if args.report:
        from sklearn_landslide.report import page_template

        page_template()
    return folder


def _splitter(table, args):
    """Make the folds that were asked for."""
    if args.split == "random":
        return args.cv or FOLDS
    from sklearn_landslide.model_selection import LeaveOneStratumOut, SpatialBlockKFold

    if args.split == "spatial":
        return SpatialBlockKFold(
            table.coordinates, args.cv or FOLDS, buffer=args.buffer, random_state=args.seed
        )
    return LeaveOneStratumOut(
        table.strata[args.strata], min_per_class=SMALL_STRATUM, on_small="merge"
    )


def _run_comparison(table, args, cv):
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
            cv=cv,
            random_state=args.seed,
            n_jobs=args.n_jobs,
            verbose=1,
        )


def _describe_folds(table, args, cv):
    """Say what kind of folds these are."""
    if args.split == "random":
        return f"{cv} folds"
    if args.split == "spatial":
        buffer = f" with a buffer of {args.buffer:g} m" if args.buffer else ""
        return f"{cv.n_splits} spatial folds{buffer}"
    return f"{cv.get_n_splits(table.X, table.y)} folds of {args.strata}"


def _describe(table, args, cv):
    share = table.y.mean()
    return (
        f"{len(table.y)} places, {table.y.sum()} landslides ({share:.1%}), "
        f"{table.X.shape[1]} factors ({table.X.select_dtypes('category').shape[1]} categorical), "
        f"{_describe_folds(table, args, cv)}, seed {args.seed}"
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


def _report_writer(comparison, table, args, notes):
    """Fit what the report needs beside the comparison, and return what writes it."""
    from sklearn_landslide.report import write_report

    others = {}
    if args.split != "random":
        print("the same models on random folds, for the report:", file=sys.stderr)
        others["random"] = _run_comparison(table, args, args.cv or FOLDS)
    options = {"coordinates": table.coordinates, "compare_to": others, "notes": notes}
    return lambda path: write_report(comparison, path, **options)


def _writers(comparison, table, args, cv, coordinates, notes):
    from sklearn_landslide.plotting import save_comparison_curves

    about = (
        f"# Comparison of models\n\n{_describe(table, args, cv)}; mean ± standard deviation.\n\n"
    )
    csv = {"index": False, "lineterminator": "\n"}
    predictions = _predictions(comparison, table, coordinates)
    report = {REPORT: _report_writer(comparison, table, args, notes)} if args.report else {}
    return report | {
        "comparison.csv": lambda path: comparison.table.reset_index().to_csv(path, **csv),
        "comparison.md": lambda path: path.write_text(
            f"{about}{comparison.to_markdown()}\n", encoding="utf-8"
        ),
        "folds.csv": lambda path: comparison.folds.to_csv(path, **csv),
        "predictions.csv": lambda path: predictions.to_csv(path, **csv),
        "curves.png": lambda path: save_comparison_curves(comparison, path),
    }


def _compare(args):
    _check_options(args)
    from sklearn_landslide.tables import read_table

    files = _files(args)
    folder = _open_output(args, files) if args.out else None
    table = read_table(
        args.table,
        target=args.target,
        categorical=args.categorical,
        coordinates=args.coordinates,
        strata=args.strata or (),
        sheet=args.sheet,
        drop=args.drop,
    )
    cv = _splitter(table, args)
    print(_describe(table, args, cv), end="\n\n", flush=True)
    comparison = _run_comparison(table, args, cv)
    print(comparison.to_text(digits=3), flush=True)
    if folder:
        with open(args.table, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        notes = _notes(args, args.table, digest)
        folder.write(_writers(comparison, table, args, cv, args.coordinates, notes))
        print(f"\nWritten to {args.out}: {', '.join(files)}")


def _notes(args, table, digest):
    """Say in the report which file was read, and by which command."""
    return {
        "File": Path(table).name,
        "SHA-256 of the file": digest,
        "Command": shlex.join(["python", "-m", "sklearn_landslide", *args.argv]),
    }


def _demo(args):
    _check_options(args)
    import pandas as pd

    from sklearn_landslide.datasets import make_landslides
    from sklearn_landslide.tables import read_table

    files = _files(args, DEMO_TABLE)
    folder = _open_output(args, files)
    region = make_landslides(args.rows, as_frame=True, random_state=args.seed)
    text = pd.concat([region.coordinates, region.frame], axis=1).to_csv(
        index=False, lineterminator="\n"
    )
    roles = {
        "target": "landslide",
        "categorical": region.categorical_features,
        "coordinates": ["x", "y"],
        "strata": args.strata or (),
    }
    # Read back, so that the written table gives these very results.
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, DEMO_TABLE)
        path.write_text(text, encoding="utf-8")
        table = read_table(path, **roles)
    cv = _splitter(table, args)
    print(_describe(table, args, cv), end="\n\n", flush=True)
    comparison = _run_comparison(table, args, cv)
    print(comparison.to_text(digits=3), flush=True)
    notes = _notes(args, DEMO_TABLE, hashlib.sha256(text.encode()).hexdigest())
    writers = _writers(comparison, table, args, cv, roles["coordinates"], notes)
    writers[DEMO_TABLE] = lambda path: path.write_text(text, encoding="utf-8")
    folder.write(writers)
    print(f"\nWritten to {args.out}: {', '.join(files)}")
    python = os.path.relpath(sys.executable)
    command = [python if not python.startswith("..") else "python", "-m", "sklearn_landslide"]
    command += ["compare", str(args.out / DEMO_TABLE)]
    command += ["--target", "landslide", "--categorical", *roles["categorical"]]
    command += ["--coordinates", "x", "y", "--seed", str(args.seed)]
    if args.cv is not None:
        command += ["--cv", str(args.cv)]
    if args.split != "random":
        command += ["--split", args.split]
        command += ["--strata", args.strata] if args.strata else []
        command += ["--buffer", str(args.buffer)] if args.buffer else []
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
        args.argv = sys.argv[1:] if argv is None else argv
        args.run(args)

    return run_command(command)
