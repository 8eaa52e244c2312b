"""Options on the files of a table: how they are read, and several that make up one."""

HOW_READ = "how the files of a TABLE are read"


def add_file_options(parser):
    """Add the options on how a table is read, and on further files that belong to it.

    Parameters
    ----------
    parser : Parser
        That of a command which takes a TABLE.
    """
    files = parser.section(HOW_READ)
    files.add_argument(
        "--join",
        metavar="FILE",
        help="another table whose columns are put beside those of TABLE, row by row of the same id",
    )
    files.add_argument(
        "--on",
        nargs="+",
        metavar="ID",
        help="with --join: the column of ids, or its names in TABLE and in FILE",
    )
    files.add_argument(
        "--to-crs",
        metavar="CRS",
        help="system in meters for distances (default: that of the coordinates if it is one, else "
        "UTM; --crs names that of coordinates whose file states none)",
    )
    files.add_argument(
        "--sheet",
        default=0,
        help="name or position (from 0) of an Excel sheet, or of a layer of a GeoPackage",
    )
    files.add_argument(
        "--no-header",
        dest="header",
        action="store_false",
        help="the first row holds no names: columns are called column_1 and so on",
    )
    files.add_argument(
        "--encoding",
        metavar="NAME",
        help="of text that is not Unicode, such as cp1252, gb18030 or shift_jis",
    )


# The parameters of `read_table` that the options above set.
FILE_OPTIONS = ("join", "on", "to_crs", "sheet", "header", "encoding")
