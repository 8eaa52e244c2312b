"""The command ``nowcast``: maps of an event hour by hour, to which a later run adds."""

from pathlib import Path

from sklearn_landslide._escaping import escaped
from sklearn_landslide.cli._arguments import (
    FACTORS,
    OUTPUT,
    RUN,
    at_least,
    number_or_word,
    share,
)
from sklearn_landslide.cli._console import results_in, timed_log

_RAIN = "rain"
_RAIN_OPTIONS = (
    "variable",
    "units",
    "accumulated",
    "step",
    "label",
    "timezone",
    "time_format",
    "crs",
    "nodata",
)


def add_nowcast_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "nowcast",
        usage="%(prog)s --model model.zip --stack FILE ... --rain FILE --from TIME --to TIME "
        "[options] --out DIR",
        help="map the probability of landslides at each hour of an event, from rain",
        description="Predict every cell of rasters of factors at each hour, by a model that was "
        "trained on factors and on the rain before a time. Hours already in --out are not "
        "touched: run the command again with a later --to, or after it was killed, and it "
        "continues. Progress goes to stderr.",
    )
    parser.set_defaults(run=_nowcast, parser=parser)
    parser.section("model").add_argument(
        "--model", required=True, metavar="FILE", help="the file of a trained model"
    )
    parser.section(FACTORS).add_argument(
        "--stack",
        nargs="+",
        required=True,
        metavar="FILE",
        help="rasters of the factors, named as the model names them",
    )
    _add_rain_options(parser.section(_RAIN))
    _add_time_options(parser.section("hours"))
    _add_unit_options(parser.section("warning levels and units"))
    _add_output_options(parser)


def _add_output_options(parser):
    """Add the options on the folder and the windows."""
    parser.section(RUN).add_argument(
        "--window",
        type=at_least(1),
        default=512,
        metavar="N",
        help="side of the windows in pixels (default: 512)",
    )
    output = parser.section(OUTPUT)
    output.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="DIR",
        help="output folder, new or from an earlier run with the same model and rasters",
    )
    output.add_argument(
        "--animation",
        action="store_true",
        help="also draw the hours one after the other, as event.gif",
    )
    output.add_argument(
        "--overwrite",
        action="store_true",
        help="throw away the hours in --out if they come from another model, other rasters or "
        "another --step",
    )


def _add_rain_options(rain):
    """Add the options on what the files of rain do not say."""
    rain.add_argument(
        "--rain",
        nargs="+",
        required=True,
        metavar="FILE",
        help="rain in time: NetCDF, Zarr, or a folder of GeoTIFFs",
    )
    for option, dest, metavar, words in (
        ("--rain-variable", "variable", "NAME", "the variable, where there are several"),
        ("--rain-units", "units", "UNIT", "the unit, such as mm or mm/h, where it is not said"),
        ("--rain-step", "step", "TIME", "length of a step, such as 1h or 5min"),
        ("--rain-timezone", "timezone", "ZONE", "time zone of its times (default: UTC)"),
        ("--rain-time-format", "time_format", "FORMAT", "how names of GeoTIFFs tell the time"),
        ("--rain-crs", "crs", "CRS", "coordinate system of rain that states none"),
    ):
        rain.add_argument(option, dest=dest, metavar=metavar, help=words)
    rain.add_argument(
        "--rain-label",
        dest="label",
        choices=["begin", "middle", "end"],
        help="where a time stands in its step",
    )
    rain.add_argument(
        "--rain-accumulated",
        dest="accumulated",
        choices=["start", "day", "no"],
        help="whether the values are totals since the start or since the beginning of the day",
    )
    rain.add_argument(
        "--rain-nodata",
        dest="nodata",
        nargs="+",
        type=number_or_word,
        metavar="VALUE",
        help="values that mean no data; the word negative: all below 0",
    )


def _add_time_options(hours):
    """Add the options on the hours."""
    for option, dest, words in (
        ("--from", "start", "the first hour in UTC, such as 2021-07-12T00"),
        ("--to", "end", "the last hour"),
    ):
        hours.add_argument(option, dest=dest, required=True, metavar="TIME", help=words)
    hours.add_argument(
        "--step",
        dest="every",
        default="1h",
        metavar="TIME",
        help="from one hour to the next (default: 1h)",
    )


def _add_unit_options(units):
    """Add the options on what is told of the maps."""
    units.add_argument(
        "--levels",
        nargs="+",
        type=share,
        default=[],
        metavar="P",
        help="probabilities at which the warning levels begin, such as 0.1 0.3 0.6",
    )
    units.add_argument(
        "--units",
        dest="polygons",
        metavar="FILE",
        help="polygons, such as municipalities: mean, greatest value and shares of each by hour",
    )
    units.add_argument(
        "--unit-names", metavar="NAME", help="the column with the names of the polygons"
    )


def _rain_options(args):
    """Collect what was said of the rain."""
    found = {name: getattr(args, name) for name in _RAIN_OPTIONS}
    if found["accumulated"] == "no":
        found["accumulated"] = False
    if found["nodata"] == ["negative"]:
        found["nodata"] = "negative"
    elif words := [value for value in found["nodata"] or [] if isinstance(value, str)]:
        raise ValueError(f"--rain-nodata {words[0]} is not a number, nor the word negative alone.")
    return {name: value for name, value in found.items() if value is not None}


def _nowcast(args):
    from sklearn_landslide.map_products import NowcastRequest, make_nowcast

    request = NowcastRequest(
        model=args.model,
        stack=args.stack,
        rain=args.rain,
        rain_options=_rain_options(args),
        start=args.start,
        end=args.end,
        every=args.every,
        levels=args.levels,
        units=args.polygons,
        unit_names=args.unit_names,
        window=args.window,
        out=args.out,
        animation=args.animation,
        overwrite=args.overwrite,
        log=timed_log(),
    )
    folder = make_nowcast(request)
    with results_in(args.out):
        print((folder / "summary.md").read_text(encoding="utf-8"), flush=True)
        print(escaped(f"Written to {args.out}"))
