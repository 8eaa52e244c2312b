"""The command ``sensitivity``: what poor factors, labels and positions cost each model."""

import contextlib
import os
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

from sklearn_landslide._escaping import escaped, markdown_code, markdown_text
from sklearn_landslide._hints import renaming
from sklearn_landslide._typed import typed
from sklearn_landslide.cli._arguments import OUTPUT, add_work_options
from sklearn_landslide.cli._comparison import (
    add_fold_options,
    check_folds,
    describe,
)
from sklearn_landslide.cli._console import quiet_workers, results_in, timed_log
from sklearn_landslide.cli._folds import splitter_of
from sklearn_landslide.cli._models import models_of, resample_of
from sklearn_landslide.cli._perturbations import (
    add_perturbation_options,
    check_perturbations,
    perturbations_of,
)
from sklearn_landslide.cli._series import pipelines_of
from sklearn_landslide.cli._tables import (
    add_table_options,
    is_of_rasters,
    made_table_and_stack,
    sources_of,
    table_of_file,
)

# sensitivity.csv first: where it is, the results are complete (see OutputFolder).
FILES = ("sensitivity.csv", "summary.md", "sensitivity.png")
# Fits that are done, while others are not.
FITS = "sensitivity.partial.csv"
MODELS = ("LR", "RF", "LandslideNet")


def add_sensitivity_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "sensitivity",
        usage="%(prog)s TABLE --target NAME [options]\n"
        "       %(prog)s --stack FILE ... --points FILE [options]\n"
        "       %(prog)s --dem FILE --points FILE [options]",
        help="how much skill poor factors, labels and positions cost each model",
        description="Fit models on training rows that are made worse, score them on clean held-out "
        "rows, and tell what was lost: on a table, or on one made from rasters (--stack, --dem) "
        "and an inventory (--points), whose positions are shifted as well. The losses go to "
        "stdout, progress to stderr. An interrupted command continues when it is run again.",
    )
    parser.set_defaults(run=_sensitivity, parser=parser)
    add_table_options(parser, with_series=True)
    add_perturbation_options(parser)
    parser.section(OUTPUT).add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"folder to write {', '.join(FILES)} into; made if it is missing",
    )
    add_fold_options(parser, title="models and folds", models=MODELS)
    add_work_options(parser)


@contextlib.contextmanager
def _kept_fits(folder):
    """Give the file of the fits that are done; tell whoever is interrupted where it is.

    Parameters
    ----------
    folder : Path or None
        The output folder. None: fits are not kept.
    """
    if folder is None:
        yield None
        return
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FITS
    try:
        yield path
    except BaseException as error:
        # A header is one line.
        if path.exists() and path.read_bytes().count(b"\n") > 1:
            error.add_note(f"the fits that are done are in {path}: the same command goes on there")
        else:
            path.unlink(missing_ok=True)
            for empty in made:
                with contextlib.suppress(OSError):
                    empty.rmdir()
        raise


def _run(table, stack, args, fits_file):
    """Fit all models."""
    from sklearn_landslide._nodata import UndeclaredNodataWarning
    from sklearn_landslide.map_products import Progress
    from sklearn_landslide.robustness import sensitivity

    sequences = table.get("sequences")
    models = models_of(args.models, args, table.X, sequences)
    shared = {"resample": resample_of(args), "random_state": args.random_state}
    models = pipelines_of(models, sequences, **shared)
    cv = splitter_of(table, args)
    description = describe(table, args, cv)
    print(escaped(description), end="\n\n", flush=True)
    teller = SimpleNamespace(progress=sys.stderr.isatty(), say=timed_log())
    with (
        quiet_workers(args.n_jobs),
        renaming(n_splits="cv"),
        warnings.catch_warnings(),
        Progress(teller, "fits", "fit", n_jobs=args.n_jobs) as progress,
    ):
        # Reading the table has said it.
        warnings.simplefilter("ignore", UndeclaredNodataWarning)
        result = sensitivity(
            models,
            table.X,
            table.y,
            cv=cv,
            perturbations=perturbations_of(args),
            n_repeats=args.n_repeats,
            coordinates=table.coordinates,
            groups=table.get("groups"),
            stack=stack,
            random_state=args.random_state,
            n_jobs=args.n_jobs,
            fits_file=fits_file,
            progress=progress.show,
        )
    return result, description


def _summary(result, description, args):
    """Write the page of results in Markdown."""
    from sklearn_landslide.robustness import HEADINGS

    command = typed(args.argv)
    parts = [
        "# What poor data cost",
        f"{markdown_text(description)}; each random perturbation drawn "
        f"{'once' if args.n_repeats == 1 else f'{args.n_repeats} times'} a fold.",
        "A loss is the score of the unperturbed fit minus that of the perturbed one on the same "
        "held-out rows; above 0 is worse. ± is the standard error over the folds.",
        "## In words",
        "\n".join(f"- {markdown_text(line)}" for line in result.in_words().splitlines()),
    ]
    for metric in result.metrics:
        parts += [f"## Loss of {HEADINGS.get(metric, metric)}", result.to_markdown(metric)]
    if result.skipped:
        reasons = [f"- {markdown_text(name)}: {why}" for name, why in result.skipped.items()]
        parts += ["## Not done", "\n".join(reasons)]
    return "\n\n".join([*parts, f"Made by {markdown_code(command)}"]) + "\n"


def _next_step(result, args, made):
    """Say what to do with this."""
    ranks = result.ranks()
    best = escaped(ranks.columns[ranks.mean().argmin()])
    if made:
        return f"{best} ranks best over all of it: map with it, --model {best} of the command map."
    return (
        f"{best} ranks best over all of it. Positions were not shifted: that takes the rasters, "
        "--stack FILE ... --points FILE instead of the table."
    )


def _sensitivity(args):
    made = is_of_rasters(args)
    check_folds(args)
    check_perturbations(args, has_rasters=made)
    folder = None
    if args.out is not None:
        from sklearn_landslide._output_folder import OutputFolder
        from sklearn_landslide.plotting import figure_class

        folder = OutputFolder(args.out, FILES, overwrite=args.overwrite)
        figure_class()
    stack = None
    if made:
        table, stack = made_table_and_stack(args)
        if args.units is not None:
            # A row is a polygon, whose factors no shift of a point gives.
            stack = None
    else:
        table = table_of_file(args)
    if folder is not None:
        folder.check_sources(sources_of(args))
    with _kept_fits(args.out) as fits_file:
        result, description = _run(table, stack, args, fits_file)
        print(f"{result.to_text()}\n\n{result.in_words()}", flush=True)
        if folder is None:
            return
        from sklearn_landslide.plotting import save_sensitivity

        folder.write(
            {
                "sensitivity.csv": result.to_csv,
                "summary.md": lambda path: path.write_text(
                    _summary(result, description, args), encoding="utf-8"
                ),
                "sensitivity.png": lambda path: save_sensitivity(result, path),
            }
        )
    with contextlib.suppress(OSError):
        os.remove(fits_file)
    with results_in(args.out):
        print(f"\nWritten to {escaped(args.out)}: {', '.join(FILES)}")
        print(_next_step(result, args, made))
