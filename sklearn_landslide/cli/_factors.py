"""The command ``factors``: from an elevation model, lines and polygons to a raster of factors."""

import sys
from pathlib import Path

from sklearn_landslide._escaping import escaped
from sklearn_landslide.cli._arguments import FILES_AS_THEY_ARE, OUTPUT, add_nodata_option, nodata_of
from sklearn_landslide.cli._console import results_in, timed_log
from sklearn_landslide.cli._sources import add_source_options, stack_of


def add_factors_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "factors",
        usage="%(prog)s --dem FILE [options] --out FILE",
        help="compute factors from an elevation model, lines and polygons",
        description="Compute terrain factors, distances to lines and classes on the grid of an "
        "elevation model, and write them as the bands of one GeoTIFF, which the commands map and "
        "compare take as --stack. Progress goes to stderr.",
    )
    parser.set_defaults(run=_factors, parser=parser)
    add_source_options(parser, stack=False)
    files = parser.section(FILES_AS_THEY_ARE)
    files.add_argument(
        "--align",
        choices=("auto",),
        metavar="auto",
        help="auto: reproject an elevation model in degrees to its UTM zone",
    )
    files.add_argument(
        "--crs",
        metavar="CRS",
        help="coordinate system of files that state none, such as EPSG:32717",
    )
    add_nodata_option(parser)
    area = parser.section("study area")
    area.add_argument("--area", metavar="FILE", help="polygons: everything outside becomes no data")
    area.add_argument(
        "--exclude",
        metavar="FILE",
        help="polygons, such as lakes: everything inside becomes no data",
    )
    output = parser.section(OUTPUT)
    output.add_argument("--out", required=True, type=Path, metavar="FILE", help="a GeoTIFF, .tif")
    output.add_argument("--overwrite", action="store_true", help="replace the file if it exists")


def _number(value):
    return f"{float(value):.4g}"


def _table(stack):
    """Lay out what the factors are: unit, range, and how they were made."""
    heads = ("factor", "unit", "least", "mean", "most", "how it was made")
    rows = []
    for name, band in stack.data_vars.items():
        names = band.attrs.get("class_names")
        is_classes, unit = names or band.attrs.get("categorical"), band.attrs.get("units", "")
        if is_classes:
            unit = f"{len(names)} classes" if names else "classes"
        numbers = ["", "", ""]
        if not is_classes:
            numbers = [_number(getattr(band, what)()) for what in ("min", "mean", "max")]
        rows.append((name, unit, *numbers, band.attrs.get("method", "")))
    cells = [heads, *([escaped(str(cell)) for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(heads) - 1)]
    return "\n".join("  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in cells)


def _check_out(args, sources):
    """Find out whether the file can be written, before the work."""
    from sklearn_landslide.mapping import check_target
    from sklearn_landslide.terrain import split_column

    check_target(args.out, args.overwrite)
    for source in sources.sources():
        path = Path(split_column(source)[0])
        if args.out.exists() and path.exists() and path.samefile(args.out):
            raise ValueError(f"{args.out} is read by this run: give another name.")


def _factors(args):
    from sklearn_landslide._whole_file import whole_file
    from sklearn_landslide.mapping import factors_style, mask_stack, open_stack, write_stack

    log = timed_log()
    sources = stack_of(args)
    _check_out(args, sources)
    stack = sources.open(align=args.align, nodata=nodata_of(args), crs=args.crs, log=log)
    if args.area or args.exclude:
        stack = mask_stack(stack, area=args.area, exclude=args.exclude)
    write_stack(stack, args.out, overwrite=args.overwrite, progress=sys.stderr.isatty())
    style = args.out.with_suffix(".qml")
    # A style of somebody's own stays.
    if args.overwrite or not style.exists():
        with whole_file(style) as hidden:
            hidden.write_text(factors_style(open_stack(args.out)), encoding="utf-8")
    with results_in(args.out):
        print(_table(open_stack(args.out)), end="\n\n")
        print(escaped(f"Written to {args.out}: {stack.sizes['y']} x {stack.sizes['x']} cells"))
