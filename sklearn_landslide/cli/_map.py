"""The command ``map``: its arguments make one request for a map."""

import sys
from pathlib import Path

from sklearn_landslide._escaping import escaped
from sklearn_landslide.cli._arguments import (
    INVENTORY,
    OUTPUT,
    RUN,
    add_meaning_options,
    add_work_options,
    at_least,
    positive,
    share,
    whole_between,
)
from sklearn_landslide.cli._console import quiet_workers, results_in, timed_log
from sklearn_landslide.cli._models import (
    ALL_MODELS,
    MODELS,
    add_list_option,
    add_resample_option,
    models_of,
)
from sklearn_landslide.cli._places import add_inventory_columns, add_place_options, places_of
from sklearn_landslide.cli._quick import add_quick_option
from sklearn_landslide.cli._sources import add_source_options

ZONES = ("natural_breaks", "quantile", "equal_interval", "landslide_share")


def add_map_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "map",
        usage="%(prog)s --dem FILE --points FILE [options] --out DIR\n"
        "       %(prog)s --stack FILE ... --points FILE [options] --out DIR\n"
        "       %(prog)s --model model.zip --dem FILE [options] --out DIR\n"
        "       %(prog)s --model model.zip --adapt FILE --dem FILE [options] --out DIR",
        help="make a susceptibility map from an elevation model or rasters and an inventory",
        description="Train a model on an inventory, or load one, and predict every cell of "
        "rasters of factors, or of those made of an elevation model: probability, zones, area of "
        "applicability and uncertainty as GeoTIFFs, polygons, a picture and a summary. Progress "
        "goes to stderr.",
    )
    parser.set_defaults(run=_map, parser=parser)
    _add_input_options(parser)
    _add_map_options(parser)
    output = parser.section(OUTPUT)
    output.add_argument("--out", required=True, type=Path, metavar="DIR", help="output folder")
    output.add_argument(
        "--save", type=Path, metavar="FILE", help="save another copy of the model here"
    )
    output.add_argument(
        "--resume",
        action="store_true",
        help="resume a run that was killed or failed, and keep what is finished if it fails",
    )
    add_work_options(parser)
    add_quick_option(parser)


def _add_input_options(parser):
    """Add the options on the model, the rasters and the inventory."""
    parser.section("model").add_argument(
        "--model",
        default=MODELS[0],
        metavar="MODEL",
        help=f"one of {', '.join(ALL_MODELS)} to train, or the file of a trained model (default: "
        f"{MODELS[0]})",
    )
    add_list_option(parser.section("model"))
    add_source_options(parser)
    add_place_options(parser)
    add_inventory_columns(parser)
    inventory = parser.section(INVENTORY)
    inventory.add_argument(
        "--adapt",
        metavar="FILE",
        help="with the file of a model from another region: an inventory of this region, as for "
        "--points, to adapt the model to",
    )
    add_meaning_options(parser)


def _add_map_options(parser):
    """Add the options on the zones, the probabilities and the windows."""
    zones = parser.section("probabilities and zones")
    zones.add_argument(
        "--zones",
        choices=ZONES,
        metavar="METHOD",
        help=f"how the zone edges are found: {', '.join(ZONES)} (default: the first)",
    )
    zones.add_argument(
        "--n-zones",
        type=whole_between(2, 254),
        default=5,
        metavar="N",
        help="number of zones (default: 5)",
    )
    zones.add_argument(
        "--min-area",
        type=positive,
        metavar="M2",
        help="merge patches of a zone smaller than this, in square meters, into the zone around "
        "them",
    )
    zones.add_argument(
        "--prevalence",
        type=share,
        metavar="P",
        help="true share of landslides in the area; the probabilities then refer to it",
    )
    _add_questions(parser)
    why = parser.section("why this place")
    why.add_argument(
        "--contributions",
        action="store_true",
        help="map the contributions of the three strongest factors, and which factor decides",
    )
    why.add_argument(
        "--contributions-step",
        type=int,
        choices=[1, 2, 4, 8, 16, 32, 64],
        default=1,
        metavar="N",
        help="let N by N cells share the contributions of one: N * N times as fast (default: 1)",
    )
    parser.section(RUN).add_argument(
        "--no-uncertainty",
        dest="uncertainty",
        action="store_false",
        help="write no uncertainty.tif: cells are predicted by one model only",
    )
    add_resample_option(parser.section("model"))
    parser.section("model").add_argument(
        "--ground",
        choices=["away", "near"],
        default="away",
        help="where a LandslideNet should do best: away from the inventory or near it (default: "
        "away)",
    )
    parser.section(RUN).add_argument(
        "--window",
        type=at_least(1),
        default=512,
        metavar="N",
        help="side of the windows in pixels (default: 512)",
    )


def _add_questions(parser):
    """Add the options on what the finished map is asked at once."""
    parser.section(INVENTORY).add_argument(
        "--test-inventory",
        metavar="FILE",
        help="landslides of a later event: they score the finished map, as the command score does",
    )
    zones = parser.section("probabilities and zones")
    zones.add_argument(
        "--units-of",
        metavar="FILE",
        help="polygons, such as districts: zones and landslides of each are counted",
    )
    zones.add_argument("--units-name", metavar="FIELD", help="their column of names")


def _model_of(args):
    """Make the model to train, or find the file of a trained one."""
    if args.model in ALL_MODELS:
        return models_of([args.model], args)[args.model]
    if not Path(args.model).is_file():
        raise ValueError(
            f"--model {args.model} is neither one of {', '.join(ALL_MODELS)} nor a file."
        )
    if args.epochs is not None:
        raise ValueError("--epochs is for training: leave it out with a trained model.")
    return args.model


def _request_of(args, log):
    """Turn the arguments into what the library is asked for."""
    from sklearn_landslide.map_products import MapRequest

    stack, points, options = places_of(args)
    return MapRequest(
        _model_of(args),
        stack,
        points,
        **options,
        out=args.out,
        adapt=args.adapt,
        zones=args.zones,
        n_zones=args.n_zones,
        min_area=args.min_area,
        prevalence=args.prevalence,
        resample=args.resample,
        ground=args.ground,
        quick=args.quick,
        contributions=args.contributions,
        contributions_step=args.contributions_step,
        uncertainty=args.uncertainty,
        test_inventory=args.test_inventory,
        units_of=args.units_of,
        units_name=args.units_name,
        window=args.window,
        n_jobs=args.n_jobs,
        save=args.save,
        overwrite=args.overwrite,
        resume=args.resume,
        progress=sys.stderr.isatty(),
        log=log,
    )


def _map(args):
    from sklearn_landslide.map_products import map_work_folder

    # Before the slow imports: a folder that is taken is known at once.
    map_work_folder(args.out, overwrite=args.overwrite, resume=args.resume)
    from sklearn_landslide.map_products import make_map, prepare

    # And everything else before the workers start.
    prepared = prepare(_request_of(args, timed_log()))
    with quiet_workers(args.n_jobs):
        folder = make_map(prepared)
    with results_in(args.out):
        print((folder / "summary.md").read_text(encoding="utf-8"), flush=True)
        names = ", ".join(sorted(path.name for path in folder.iterdir()))
        print(escaped(f"Written to {args.out}: {names}"))
