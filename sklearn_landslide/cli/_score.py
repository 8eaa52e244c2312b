"""The command ``score``: what landslides of a later event say of a finished map."""

import json
from pathlib import Path

from sklearn_landslide._escaping import escaped, markdown_code, markdown_text, without_formulas
from sklearn_landslide._hints import renaming
from sklearn_landslide._typed import typed
from sklearn_landslide.cli._arguments import INVENTORY, OUTPUT, RUN, at_least
from sklearn_landslide.cli._console import results_in
from sklearn_landslide.cli._markdown import markdown_table

# score.json first: where it is, the results are complete (see OutputFolder).
FILES = ("score.json", "summary.md", "capture.csv", "landslides.csv", "rate_curve.png")


def add_score_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "score",
        usage="%(prog)s MAPFOLDER --test-inventory FILE [options]",
        help="score a finished map against the landslides of a later event",
        description="Look up the landslides of a later event on a map that the command map has "
        "made, and tell how well it had foreseen them, and whether that is worse than its folds "
        "had said. The words go to stdout.",
    )
    parser.set_defaults(run=_score, parser=parser)
    parser.add_argument("folder", metavar="MAPFOLDER", type=Path, help="what map --out has written")
    add_later_options(parser, required=True)
    parser.section(RUN).add_argument(
        "--seed",
        dest="random_state",
        type=at_least(0),
        default=0,
        metavar="N",
        help="seed for drawing the intervals (default: 0)",
    )
    output = parser.section(OUTPUT)
    output.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"folder to write {', '.join(FILES)} into; made if it is missing",
    )
    output.add_argument(
        "--overwrite",
        action="store_true",
        help="replace the files of an earlier run in --out; other files there are never touched",
    )


def add_later_options(parser, *, required=False):
    """Add the options on the landslides of a later event.

    Parameters
    ----------
    parser : Parser
        That of a command on a finished map.
    required : bool, default=False
        Whether there must be some.
    """
    inventory = parser.section(INVENTORY)
    inventory.add_argument(
        "--test-inventory",
        dest="inventory",
        metavar="FILE",
        required=required,
        help="the later landslides, points or polygons, as for map --points",
    )
    inventory.add_argument(
        "--known",
        metavar="FILE",
        help="the landslides that the model was trained on, to find which of the later ones are "
        "not new (default: those of the map)",
    )
    inventory.add_argument(
        "--target",
        metavar="NAME",
        help="the column of labels, 1 landslide, 0 none; without it, all rows are landslides",
    )
    inventory.add_argument(
        "--positive-class",
        metavar="LABEL",
        help="the label that means landslide, unless the labels are 0 and 1, no and yes or similar",
    )
    inventory.add_argument(
        "--coordinates",
        nargs=2,
        default=["x", "y"],
        metavar=("X", "Y"),
        help="columns of a table with the coordinates (default: x y)",
    )
    inventory.add_argument(
        "--points-crs",
        dest="crs",
        metavar="CRS",
        help="coordinate system of a later inventory that states none (default: the map's)",
    )


def score_of(args):
    """Score the map by the later landslides.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_later_options` adds, and ``folder``.

    Returns
    -------
    score : MapScore
    """
    from sklearn_landslide.mapping import score_map_folder

    with renaming(points="inventory"):
        return score_map_folder(
            args.folder,
            args.inventory,
            known=args.known,
            target=args.target,
            positive_class=args.positive_class,
            coordinates=args.coordinates,
            crs=args.crs,
            random_state=args.random_state,
        )


def _summary(score, args):
    """Write what was found in Markdown."""
    command = typed(args.argv)
    parts = [
        "# A map and later landslides",
        "\n".join(f"- {markdown_text(line)}" for line in score.in_words()),
        "## Share of the landslides in the most susceptible ground",
        markdown_table(score.capture),
    ]
    if score.zones is not None:
        parts += ["## Landslides by zone", markdown_table(score.zones)]
    return "\n\n".join([*parts, f"Made by {markdown_code(command)}"]) + "\n"


def _writers(score, args):
    from sklearn_landslide.plotting import save_map_score

    capture = without_formulas(score.capture)
    return {
        "score.json": lambda path: path.write_text(
            json.dumps(score.to_dict(), indent=1, allow_nan=False) + "\n", encoding="utf-8"
        ),
        "summary.md": lambda path: path.write_text(_summary(score, args), encoding="utf-8"),
        "capture.csv": lambda path: capture.to_csv(path, index=False, lineterminator="\n"),
        "landslides.csv": score.to_csv,
        "rate_curve.png": lambda path: save_map_score(score, path),
    }


def _score(args):
    folder = None
    if args.out is not None:
        from sklearn_landslide._output_folder import OutputFolder
        from sklearn_landslide.plotting import figure_class

        folder = OutputFolder(args.out, FILES, overwrite=args.overwrite)
        folder.check_sources([args.inventory, *args.folder.glob("*")])
        figure_class()
    score = score_of(args)
    print(score.to_text(), flush=True)
    if folder is None:
        return
    folder.write(_writers(score, args))
    with results_in(args.out):
        print(f"\nWritten to {escaped(args.out)}: {', '.join(FILES)}")
