"""The command ``map``: arguments, and one call of ``make_susceptibility_map``."""

import sys
import time
from pathlib import Path

from sklearn_landslide.cli._console import quiet_workers

ZONES = ("natural_breaks", "quantile", "equal_interval", "landslide_share")


def add_map_command(commands, models, at_least, jobs):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    models : sequence of str
        Names of the models that can be trained.
    at_least : callable
        Makes a reader of whole numbers from the smallest one.
    jobs : callable
        Reads a number of processes.
    """
    parser = commands.add_parser(
        "map",
        help="make a susceptibility map from rasters and an inventory",
        description="Train a model on an inventory, or load one, and predict a stack of rasters: "
        "probability, zones, area of applicability and uncertainty as GeoTIFFs, polygons, a "
        "picture and a summary. Progress goes to stderr.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=lambda args: _map(args, models))
    names = {"nargs": "+", "metavar": "NAME"}
    parser.add_argument(
        "--model",
        required=True,
        metavar="MODEL",
        help=f"one of {', '.join(models)} to train, or the file of a trained model",
    )
    parser.add_argument(
        "--stack",
        required=True,
        nargs="+",
        metavar="FILE",
        help="rasters of the factors; the bands' descriptions, or the names of files of one band "
        "without description, are the names of the factors",
    )
    parser.add_argument(
        "--points",
        metavar="FILE",
        help="the inventory: CSV, Excel, Parquet, GeoPackage, Shapefile or GeoJSON",
    )
    parser.add_argument(
        "--target", metavar="NAME", help="the column of labels; without it all are landslides"
    )
    parser.add_argument(
        "--coordinates",
        nargs=2,
        default=["x", "y"],
        metavar=("X", "Y"),
        help="columns of a table with the coordinates (default: x y)",
    )
    parser.add_argument("--factors", help="the factors to train with (default: all)", **names)
    parser.add_argument("--categorical", default=[], help="factors of classes", **names)
    parser.add_argument(
        "--crs", metavar="CRS", help="of rasters and tables that state none, as EPSG:32717"
    )
    parser.add_argument("--align", metavar="NAME", help="bring all factors on the grid of this one")
    parser.add_argument(
        "--resampling", metavar="METHOD", help="with --align: bilinear, nearest, average ..."
    )
    parser.add_argument(
        "--absences",
        type=float,
        metavar="RATIO",
        help="places without a landslide to draw for each landslide",
    )
    parser.add_argument(
        "--absence-buffer",
        type=float,
        default=100.0,
        metavar="M",
        help="their least distance to a landslide in meters (default: 100)",
    )
    parser.add_argument(
        "--zones", choices=ZONES, metavar="METHOD", help=f"{', '.join(ZONES)} (default: the first)"
    )
    parser.add_argument(
        "--n-zones", type=at_least(2), default=5, metavar="N", help="number (default: 5)"
    )
    parser.add_argument(
        "--prevalence",
        type=float,
        metavar="P",
        help="share of landslides in the area, to which the probabilities shall refer",
    )
    parser.add_argument(
        "--seed", type=at_least(0), default=0, metavar="N", help="of everything random (default: 0)"
    )
    parser.add_argument(
        "--epochs", type=at_least(1), metavar="N", help="of a network (default: its own)"
    )
    parser.add_argument(
        "--window", type=at_least(1), default=512, metavar="N", help="side in pixels (default: 512)"
    )
    parser.add_argument(
        "--n-jobs",
        type=jobs,
        default=-1,
        metavar="N",
        help="folds fitted at the same time (default: -1, one a core)",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="output folder")
    parser.add_argument("--save", type=Path, metavar="FILE", help="a further copy of the model")
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace the files of an earlier run in --out; other files there are never touched",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="take up the finished windows of a run that was killed",
    )


def _model_of(args, models):
    """Make the model to train, or find the file of a trained one."""
    if args.model not in models:
        if not Path(args.model).exists():
            raise ValueError(
                f"--model {args.model} is neither one of {', '.join(models)} nor a file."
            )
        if args.epochs is not None:
            raise ValueError("--epochs belongs to the training: leave it out with a trained model.")
        return args.model
    from sklearn_landslide.comparison import default_models

    model = default_models(args.seed)[args.model]
    if args.epochs is not None and "max_epochs" in model.get_params(deep=False):
        model.set_params(max_epochs=args.epochs)
    return model


def _map(args, models):
    from sklearn_landslide.map_products import make_susceptibility_map

    started = time.monotonic()

    def log(line):
        print(f"{time.monotonic() - started:7.1f} s  {line}", file=sys.stderr, flush=True)

    with quiet_workers(args.n_jobs):
        folder = make_susceptibility_map(
            _model_of(args, models),
            args.stack,
            args.points,
            out=args.out,
            target=args.target,
            coordinates=args.coordinates,
            categorical=args.categorical,
            factors=args.factors,
            align=args.align,
            resampling=args.resampling,
            crs=args.crs,
            absences=args.absences,
            absence_buffer=args.absence_buffer,
            zones=args.zones,
            n_zones=args.n_zones,
            prevalence=args.prevalence,
            random_state=args.seed,
            window=args.window,
            n_jobs=args.n_jobs,
            save=args.save,
            overwrite=args.force,
            resume=args.resume,
            progress=sys.stderr.isatty(),
            log=log,
        )
    print((folder / "summary.md").read_text(encoding="utf-8"), flush=True)
    print(f"Written to {args.out}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
