"""Where factors come from: the options on elevation, lines, classes and rasters."""

import argparse

from sklearn_landslide.cli._arguments import FACTORS, positive

# The library's parameters that the options below set, for an elevation model.
_SETTINGS = ("scales", "method", "river_area", "routing", "vertical_units")
DEM_OPTIONS = ("terrain", "distance_to", "classes", *_SETTINGS)


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
    about = "rasters (--stack), an elevation model to compute factors from (--dem), or both"
    factors = parser.section(FACTORS, about if stack else None)
    if stack:
        factors.add_argument(
            "--stack",
            nargs="+",
            metavar="FILE",
            help="rasters of factors, named by the descriptions of their bands, or by the file "
            "name if a single band has no description",
        )
    factors.add_argument(
        "--dem",
        required=not stack,
        metavar="FILE",
        help="an elevation model (DEM): slope, curvature, wetness and other terrain factors are "
        "computed, and all other factors are resampled to its grid",
    )
    factors.add_argument(
        "--terrain",
        nargs="+",
        metavar="NAME",
        help="with --dem: only these terrain factors, such as elevation slope northness twi "
        "(default: all)",
    )
    pairs = {"nargs": "+", "type": _pair, "action": "extend", "metavar": "NAME=FILE"}
    factors.add_argument(
        "--distance-to",
        help="with --dem: distance to lines, polygons or points, such as fault=faults.shp; "
        "river=auto derives the rivers from the elevation",
        **pairs,
    )
    factors.add_argument(
        "--classes",
        help="with --dem: classes from polygons, with the column that names the class, such as "
        "geology=geology.shp:Formation, or from a raster of codes, such as landcover=landcover.tif",
        **pairs,
    )
    _add_settings(parser.section("how terrain factors are made, with --dem"))


def _add_settings(section):
    """Add the options on how terrain factors are made."""
    section.add_argument(
        "--scales",
        nargs="+",
        type=positive,
        metavar="M",
        help="radii of topographic position and relief in meters (default: 100 300 1000)",
    )
    section.add_argument(
        "--slope-method",
        dest="method",
        choices=("horn", "zevenbergen_thorne"),
        metavar="METHOD",
        help="slope by horn, as in gdaldem, or zevenbergen_thorne, as in SAGA (default: horn)",
    )
    section.add_argument(
        "--river-area",
        type=positive,
        metavar="M2",
        help="contributing area at which a river begins, in square meters (default: 1e6)",
    )
    section.add_argument(
        "--routing",
        choices=("d8", "multiple"),
        metavar="METHOD",
        help="where water flows: d8, to the steepest neighbor; multiple, to all lower ones "
        "(default: d8)",
    )
    section.add_argument(
        "--vertical-units",
        choices=("m", "ft", "us-ft"),
        metavar="UNIT",
        help="unit of the elevations, m, ft or us-ft, if the file does not state it (default: m)",
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
        if alone := [name for name in DEM_OPTIONS if given[name] is not None]:
            option = parser.option_of(alone[0])
            parser.error(f"{option} is for --dem FILE, which is not given")
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
