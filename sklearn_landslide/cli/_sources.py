"""Where factors come from: the options on elevation, lines, classes and rasters."""

import argparse

from sklearn_landslide.cli._arguments import positive

_SETTINGS = ("scales", "method", "river_area", "routing", "vertical_units")


def _pair(text):
    """Read ``NAME=VALUE``."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"must be NAME=FILE, got {text!r}")
    return name, value


def add_source_options(parser, *, stack=True):
    """Add the options that say what the factors are made of.

    Parameters
    ----------
    parser : Parser
        That of a command.
    stack : bool, default=True
        Whether the command also takes rasters of factors as they are.
    """
    if stack:
        parser.add_argument(
            "--stack",
            nargs="+",
            metavar="FILE",
            help="rasters of the factors; the bands' descriptions, or the names of files of one "
            "band without description, are the names of the factors",
        )
    parser.add_argument(
        "--dem",
        required=not stack,
        metavar="FILE",
        help="an elevation model, whose terrain factors are computed; all others get its grid",
    )
    parser.add_argument("--terrain", nargs="+", metavar="NAME", help="these alone (default: all)")
    pairs = {"nargs": "+", "type": _pair, "action": "extend", "metavar": "NAME=FILE"}
    parser.add_argument(
        "--distance-to",
        help="with --dem: distance to lines, such as fault=faults.shp; river=auto takes the "
        "rivers that follow from the elevation",
        **pairs,
    )
    parser.add_argument(
        "--classes",
        help="with --dem: classes, of a raster or of polygons with the column that names the "
        "class, such as geology=geology.shp:Formation",
        **pairs,
    )
    parser.add_argument(
        "--scales",
        nargs="+",
        type=positive,
        metavar="M",
        help="radii of topographic position and relief in meters (default: 100 300 1000)",
    )
    parser.add_argument(
        "--slope-method",
        dest="method",
        choices=("horn", "zevenbergen_thorne"),
        metavar="METHOD",
        help="horn or zevenbergen_thorne (default: horn)",
    )
    parser.add_argument(
        "--river-area",
        type=positive,
        metavar="M2",
        help="contributing area from which on water is a river (default: 1e6)",
    )
    parser.add_argument(
        "--routing",
        choices=("d8", "multiple"),
        metavar="METHOD",
        help="d8 or multiple: to the steepest neighbor, or to all that are lower (default: d8)",
    )
    parser.add_argument(
        "--vertical-units",
        choices=("m", "ft", "us-ft"),
        metavar="UNIT",
        help="m, ft or us-ft: of the elevation, where the file does not state it (default: m)",
    )


def _by_name(parser, option, pairs):
    found = dict(pairs or ())
    if len(found) < len(pairs or ()):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        parser.error(f"{option} names {twice} more than once")
    return found


def stack_of(args):
    """Return the rasters, or what the factors are made of.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_source_options` adds.

    Returns
    -------
    stack : list of str or FactorSources
    """
    parser, given = args.parser, vars(args)
    if args.dem is None:
        if not args.stack:
            parser.error("give --stack FILE ... with the factors, or --dem FILE to compute them")
        needing = ("terrain", "distance_to", "classes", *_SETTINGS)
        if alone := [name for name in needing if given[name] is not None]:
            parser.error(f"--{alone[0].replace('_', '-')} is for --dem FILE, which is not given")
        return args.stack
    from sklearn_landslide.terrain import FactorSources

    return FactorSources(
        args.dem,
        terrain=args.terrain,
        distance_to=_by_name(parser, "--distance-to", args.distance_to),
        classes=_by_name(parser, "--classes", args.classes),
        rasters=given.get("stack") or (),
        **{name: given[name] for name in _SETTINGS if given[name] is not None},
    )
