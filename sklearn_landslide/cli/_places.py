"""Options on the places that a table is made of: the inventory, absences, the study area."""

from sklearn_landslide.cli._arguments import (
    FACTORS,
    FILES_AS_THEY_ARE,
    INVENTORY,
    degrees,
    meters,
    nodata_of,
    positive,
    word_or_count,
)
from sklearn_landslide.cli._sources import stack_of

POLYGONS = ("cells", "one", "scarp")


def add_inventory_columns(parser):
    """Add the options on the columns of an inventory, and on the bands that hold codes.

    Parameters
    ----------
    parser : Parser
        That of a command which reads no table, to which `add_place_options` adds the rest.
    """
    parser.section(FACTORS).add_argument(
        "--categorical",
        nargs="+",
        default=[],
        metavar="NAME",
        help="the factors of --stack that hold codes of classes, such as lithology",
    )
    inventory = parser.section(INVENTORY)
    inventory.add_argument(
        "--target",
        metavar="NAME",
        help="the column of labels, 1 landslide, 0 none; without it all rows are landslides",
    )
    inventory.add_argument(
        "--coordinates",
        nargs=2,
        default=["x", "y"],
        metavar=("X", "Y"),
        help="columns of a table with the coordinates (default: x y)",
    )


def add_place_options(parser):
    """Add the options that say where landslides are, and where there are none.

    Parameters
    ----------
    parser : Parser
        That of a command, which adds --target, --coordinates and --categorical itself, and what
        `add_meaning_options` adds.
    """
    inventory = parser.section(INVENTORY)
    inventory.add_argument(
        "--points",
        metavar="FILE",
        help="the landslides, points or polygons: Shapefile, GeoPackage, GeoJSON, KML, CSV, Excel, "
        "Parquet and others",
    )
    inventory.add_argument(
        "--absence-points",
        metavar="FILE",
        help="a second file of places without a landslide; the first then holds landslides only, "
        "and --target is not needed",
    )
    parser.section(FACTORS).add_argument(
        "--factors", nargs="+", metavar="NAME", help="the factors to train with (default: all)"
    )
    files = parser.section(FILES_AS_THEY_ARE)
    files.add_argument(
        "--crs",
        metavar="CRS",
        help="coordinate system of rasters and tables that state none, such as EPSG:32717",
    )
    files.add_argument(
        "--points-crs",
        metavar="CRS",
        help="coordinate system of an inventory that states none, if it differs from --crs",
    )
    files.add_argument(
        "--align",
        metavar="NAME",
        help="resample all rasters to the grid of this factor; auto, with --dem: reproject an "
        "elevation model in degrees to its UTM zone",
    )
    files.add_argument(
        "--resampling", metavar="METHOD", help="with --align: bilinear, nearest, average ..."
    )
    area = parser.section("study area and mapping units")
    area.add_argument(
        "--area",
        metavar="FILE",
        help="polygons, such as a district: only the ground inside is sampled, mapped and counted",
    )
    area.add_argument(
        "--exclude",
        metavar="FILE",
        help="polygons, such as lakes: nothing inside is sampled, mapped or counted",
    )
    area.add_argument(
        "--units",
        metavar="FILE",
        help="polygons of mapping units, each treated as one place instead of its cells; auto: "
        "slope units derived from the elevation",
    )
    inventory.add_argument(
        "--absences",
        type=positive,
        metavar="RATIO",
        help="places without a landslide to draw per place with one, if the inventory has none",
    )
    inventory.add_argument(
        "--absence-buffer",
        type=meters,
        default=100.0,
        metavar="M",
        help="their minimum distance to a landslide in meters (default: 100)",
    )
    inventory.add_argument(
        "--polygons",
        type=word_or_count(*POLYGONS),
        default="cells",
        metavar="cells|one|scarp|N",
        help="what a landslide polygon becomes: all its cells, the cell in its middle, its "
        "highest cell, or N cells drawn at random (default: cells)",
    )
    area.add_argument(
        "--min-slope",
        type=degrees,
        metavar="DEGREES",
        help="leave out flatter ground (by the factor slope) when absences are drawn and models "
        "scored; it is still mapped",
    )


# The library's parameters that the options above set.
PLACE_OPTIONS = (
    "factors",
    "align",
    "resampling",
    "crs",
    "points_crs",
    "area",
    "exclude",
    "units",
    "absences",
    "absence_buffer",
    "polygons",
    "min_slope",
)
# Those that each command adds itself.
_COMMON = ("target", "positive_class", "coordinates", "categorical", "random_state")


def places_of(args):
    """Return what the library is to be asked for: rasters, inventory, and how they are read.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_place_options` and `add_source_options` add.

    Returns
    -------
    stack : list of str or FactorSources
    points : str, GeoDataFrame or None
    options : dict
        The other arguments of `TableRequest`, and of `MapRequest`.
    """
    options = {name: getattr(args, name) for name in (*_COMMON, *PLACE_OPTIONS)}
    options["nodata"] = nodata_of(args)
    if args.absence_points is None:
        return stack_of(args), args.points, options
    for name in ("target", "positive_class", "absences"):
        if getattr(args, name) is not None:
            option = args.parser.option_of(name)
            args.parser.error(
                f"with --absence-points the files say which places are landslides: leave {option} "
                "out"
            )
    if args.points is None:
        args.parser.error("--absence-points needs --points FILE, the landslides")
    from sklearn_landslide.mapping import two_inventories

    crs = args.crs if args.points_crs is None else args.points_crs
    places = args.coordinates or ["x", "y"]
    points = two_inventories(args.points, args.absence_points, coordinates=places, crs=crs)
    options |= {"target": "landslide", "points_crs": points.crs or args.points_crs}
    return stack_of(args), points, options
