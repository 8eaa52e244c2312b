"""A comparison of models, of whatever table: its options, how it is run and what it writes."""

import sys
import textwrap
import warnings
from pathlib import Path

from sklearn_landslide._escaping import escaped, markdown_text, without_formulas
from sklearn_landslide._hints import renaming
from sklearn_landslide._trial import TRIAL
from sklearn_landslide._typed import typed
from sklearn_landslide._words import count_groups, landslides_said
from sklearn_landslide.cli._arguments import OUTPUT, add_work_options
from sklearn_landslide.cli._console import quiet_workers
from sklearn_landslide.cli._folds import add_split_options, number_of_folds, splitter_of
from sklearn_landslide.cli._mistakes import check_of, say_headlines
from sklearn_landslide.cli._models import (
    MODELS,
    RESAMPLING,
    add_model_option,
    add_models_option,
    add_resample_option,
    check_models,
    models_of,
    resample_of,
)
from sklearn_landslide.cli._progress import FoldsOfModels
from sklearn_landslide.cli._series import series_said, with_sums

# comparison.csv first: where it is, the results are complete (see OutputFolder).
FILES = ("comparison.csv", "comparison.md", "folds.csv", "predictions.csv", "curves.png")
REPORT = "report.html"


def add_fold_options(parser, *, title="comparison", models=MODELS):
    """Add the options on models and folds.

    Parameters
    ----------
    parser : Parser
        That of a command.
    title : str, default="comparison"
        Their heading.
    models : sequence of str or None, default=MODELS
        The models that are taken if none are named. None: the command takes one model.
    """
    comparison = parser.section(title)
    if models is None:
        add_model_option(comparison, MODELS[0])
    else:
        add_models_option(comparison, models)
    add_resample_option(comparison)
    add_split_options(parser, title=title)


def add_comparison_options(parser):
    """Add the options of a comparison, whatever table it is of."""
    add_fold_options(parser)
    parser.section(OUTPUT).add_argument(
        "--report",
        action="store_true",
        help=f"write {REPORT} into --out, one page with everything; if the folds are not random, "
        "the models are also fitted on random folds, to show how optimistic those are",
    )
    add_work_options(parser)


def check_folds(args):
    """Refuse models that cannot be made, and options on folds that do not go together."""
    check_models(args.models, has_series=bool(getattr(args, "sequences", None)))
    check_splits(args)


def check_splits(args):
    """Refuse options on folds that do not go together."""
    parser = args.parser
    if args.split == "strata" and args.strata is None:
        parser.error("--split strata needs --strata COLUMN")
    if args.split != "strata" and args.strata is not None:
        parser.error(f"--strata is for --split strata, not {args.split}")
    if args.split == "strata" and args.cv is not None:
        parser.error("--cv is for random and spatial folds: of strata there is one fold each")
    for option, value in (("--buffer", args.buffer), ("--block-size", args.block_size)):
        if args.split != "spatial" and value:
            parser.error(f"{option} is for --split spatial, not {args.split}")
    if args.block_size == 0:
        parser.error("--block-size must be above 0 meters, or the word range")


def check_options(args):
    """Refuse options that do not go together, before the long work."""
    check_folds(args)
    if args.report and args.out is None:
        args.parser.error(f"--report needs --out DIR, to write {REPORT} into")


def files_of(args, *more):
    """Names of the files that will be written."""
    return (*FILES, *([REPORT] if args.report else []), *more)


def open_output(args, files):
    """Check the output folder, and that pictures and page can be made, before the long work."""
    from sklearn_landslide._output_folder import OutputFolder
    from sklearn_landslide.plotting import figure_class

    folder = OutputFolder(args.out, files, overwrite=args.overwrite)
    figure_class()
    if args.report:
        from sklearn_landslide.report import page_template

        page_template()
    return folder


def notes_on(args, table, digest):
    """Say in the report which file was read, and by which command."""
    trial = {"Trial": TRIAL} if getattr(args, "quick", False) else {}
    return trial | {
        "File": Path(table).name,
        "SHA-256 of the file": digest,
        "Command": typed(args.argv),
    }


def _run(table, args, cv):
    from sklearn_landslide._nodata import UndeclaredNodataWarning
    from sklearn_landslide.comparison import compare_models

    sequences = table.get("sequences")
    models = models_of(args.models, args, table.X, sequences)
    pipeline_params = {"resample": resample_of(args)}
    if sequences is not None:
        seed = {"random_state": args.random_state}
        models = with_sums(models, sequences, **pipeline_params, **seed)
    with (
        # Whoever waits for them knows already what for.
        quiet_workers(args.n_jobs, at_once=False) as start,
        renaming(n_splits="cv"),
        warnings.catch_warnings(),
        FoldsOfModels(len(models), start, n_jobs=args.n_jobs) as progress,
    ):
        # Reading the table has said it.
        warnings.simplefilter("ignore", UndeclaredNodataWarning)
        return compare_models(
            models,
            table.X,
            table.y,
            cv=cv,
            groups=table.get("groups"),
            sample_weight=table.get("sample_weight"),
            sequences=sequences,
            pipeline_params=pipeline_params,
            random_state=args.random_state,
            n_jobs=args.n_jobs,
            verbose=1,
            progress=progress,
        )


def _in_meters(width):
    """Say whether a width was given in meters, and is not 0."""
    return bool(width) and width != "range"


def _describe_folds(table, args, cv):
    """Say what kind of folds these are."""
    if args.split == "random":
        return f"{cv} folds"
    if args.split == "spatial":
        learned = cv.widths_in_words()
        blocks = f"blocks of {args.block_size:g} m" if _in_meters(args.block_size) else ""
        buffer = f"a buffer of {args.buffer:g} m" if _in_meters(args.buffer) else ""
        widths = " and ".join(filter(None, [blocks, buffer, learned]))
        return f"{cv.n_splits} spatial folds{widths and f' with {widths}'}"
    return f"{cv.get_n_splits(table.X, table.y)} folds of {args.strata}"


def describe(table, args, cv):
    """Say in one line what table it is and which folds."""
    trial = f" - {TRIAL.upper()}" if getattr(args, "quick", False) else ""
    weighted = f", weighted by {args.weights}" if getattr(args, "weights", None) else ""
    n_groups = count_groups(table.get("groups"), table.y == 1)
    landslides = landslides_said(table.y, table.get("n_landslides"), n_groups)
    sequences = table.get("sequences") or {}
    n_factors = table.X.shape[1] - sum(map(len, sequences.values()))
    series = f"{series_said(sequences)}, " if sequences else ""
    return (
        f"{len(table.y)} places, {landslides}, "
        f"{n_factors} factors ({table.X.select_dtypes('category').shape[1]} categorical), {series}"
        f"{_describe_folds(table, args, cv)}, seed {args.random_state}{weighted}"
        f"{RESAMPLING[args.resample]}{trial}"
    )


def compare_table(table, args):
    """Compare the models on a table, and print what is compared and how it went.

    Parameters
    ----------
    table : Bunch
        As of `read_table`.
    args : argparse.Namespace
        With what `add_comparison_options` adds.

    Returns
    -------
    comparison : ModelComparison
    check : TableCheck
        What looks wrong in the table.
    description : str
        What was compared, in one line.
    """
    from sklearn_landslide.comparison import ranked, threshold_said

    cv = splitter_of(table, args)
    check = check_of(table, args, cv)
    say_headlines(check, read_quietly=bool(table.get("sequences")))
    description = describe(table, args, cv)
    print(escaped(description), end="\n\n", flush=True)
    # What is printed, written and drawn has the models in one order, that of the report.
    comparison = ranked(_run(table, args, cv), "roc_auc")
    print(comparison.to_text(digits=3), flush=True)
    if said := threshold_said(comparison):
        print(f"\n{textwrap.fill(said, 100)}", flush=True)
    return comparison, check, description


def _predictions(comparison, table, coordinates):
    """Lay out the out-of-fold probabilities, with the coordinates where there are any."""
    frame = comparison.predictions
    if table.coordinates is None:
        return frame
    points, given = table.coordinates, table.get("given_coordinates")
    if given is not None:
        # As the user knows them, though distances are measured in another system.
        points, coordinates = given, list(given)
    points = points.to_numpy()[frame["row"]]
    frame = frame.copy()
    for place, name in enumerate(coordinates):
        label = name if name not in frame.columns else f"{name}_coordinate"
        frame.insert(1 + place, label, points[:, place])
    return frame


def _report_writer(comparison, table, args, notes, check):
    """Fit what the report needs beside the comparison, and return what writes it."""
    from sklearn_landslide.report import write_report

    others = {}
    if args.split != "random":
        print("the same models on random folds, for the report:", file=sys.stderr)
        others["random"] = _run(table, args, number_of_folds(args))
    options = {"coordinates": table.coordinates, "compare_to": others, "notes": notes}
    if getattr(args, "quick", False):
        options["title"] = f"Comparison of models: {TRIAL}"
    options["check"] = check
    options["n_landslides"] = table.get("n_landslides")
    return lambda path: write_report(comparison, path, **options)


def writers_of(comparison, table, args, *, check, description, coordinates, notes):
    """Make the functions that write the results, each the file of its name.

    Parameters
    ----------
    comparison : ModelComparison
        What was found.
    table : Bunch
        The table that it is of.
    args : argparse.Namespace
        With what `add_comparison_options` adds.
    check : TableCheck
        What looks wrong in the table.
    description : str
        What was compared, in one line.
    coordinates : sequence of str or None
        Names of the columns with the coordinates.
    notes : dict of str to str
        What the report says of the table.

    Returns
    -------
    writers : dict of str to callable
        As `OutputFolder.write` takes them.
    """
    from sklearn_landslide.comparison import threshold_said
    from sklearn_landslide.plotting import save_comparison_curves

    about = (
        f"# Comparison of models\n\n{markdown_text(description)}; mean ± standard deviation.\n\n"
    )
    said = threshold_said(comparison)
    csv = {"index": False, "lineterminator": "\n"}
    title = TRIAL if getattr(args, "quick", False) else None
    predictions = without_formulas(_predictions(comparison, table, coordinates))
    scores = without_formulas(comparison.table.reset_index())
    folds = without_formulas(comparison.folds)
    written = {}
    if args.report:
        written[REPORT] = _report_writer(comparison, table, args, notes, check)
    return written | {
        "comparison.csv": lambda path: scores.to_csv(path, **csv),
        "comparison.md": lambda path: path.write_text(
            f"{about}{comparison.to_markdown()}\n" + (f"\n{said}\n" if said else ""),
            encoding="utf-8",
        ),
        "folds.csv": lambda path: folds.to_csv(path, **csv),
        "predictions.csv": lambda path: predictions.to_csv(path, **csv),
        "curves.png": lambda path: save_comparison_curves(comparison, path, title=title),
    }
