"""The command ``study``: what the other commands have found, joined into one page."""

import tempfile
from functools import partial
from pathlib import Path

from sklearn_landslide._escaping import escaped, without_formulas
from sklearn_landslide.cli._arguments import OUTPUT, RUN, at_least
from sklearn_landslide.cli._console import results_in
from sklearn_landslide.cli._score import add_later_options, score_of

# study.html first: where it is, the results are complete (see OutputFolder).
PAGE, PDF, UNITS = "study.html", "study.pdf", "zones_by_unit.csv"


def add_study_command(commands):
    """Add the command to those of the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "study",
        usage="%(prog)s MAPFOLDER [options] --out DIR",
        help="join a map and everything found about it into one page to print",
        description="Join what map, compare, inspect, sensitivity and score have found into "
        "one page with words, tables and pictures, and into a PDF where Chromium is installed. "
        "Nothing is trained; what was not made is listed at the end.",
    )
    parser.set_defaults(run=_study, parser=parser)
    parser.add_argument("folder", metavar="MAPFOLDER", type=Path, help="what map --out has written")
    parts = parser.section("parts of the page")
    parts.add_argument(
        "--comparison",
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="what compare --out has written, once or several times",
    )
    parts.add_argument("--sensitivity", metavar="FOLDER", help="what sensitivity --out has written")
    parts.add_argument("--inspection", metavar="FOLDER", help="what inspect --out has written")
    parts.add_argument(
        "--facts",
        metavar="FILE",
        help="what only the authors know, as TOML: purpose, scale, inventory, sources of factors",
    )
    parts.add_argument(
        "--units-of",
        metavar="FILE",
        help="polygons, such as districts: count the zones and landslides in each",
    )
    parts.add_argument("--units-name", metavar="FIELD", help="their column of names")
    add_later_options(parser)
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
        required=True,
        type=Path,
        metavar="DIR",
        help=f"folder to write {PAGE}, {PDF} and {UNITS} into; made if it is missing",
    )
    output.add_argument(
        "--overwrite",
        action="store_true",
        help="replace the files of an earlier run in --out; other files there are never touched",
    )


def _check(args):
    """Refuse options that do not go together."""
    if args.units_name is not None and args.units_of is None:
        args.parser.error("--units-name is for --units-of FILE")
    for name in ("known", "target", "positive_class", "crs"):
        if getattr(args, name) is not None and args.inventory is None:
            option = args.parser.option_of(name)
            args.parser.error(f"{option} is for --test-inventory FILE")


def _units(args):
    """Count the zones by unit."""
    if args.units_of is None:
        return None
    from sklearn_landslide.mapping import MapFolder
    from sklearn_landslide.terrain import zones_by_unit

    made = MapFolder.read(args.folder)
    landslides = made.landslides()
    if landslides is not None:
        landslides = landslides.loc[landslides["susceptibility"].notna(), ["x", "y"]]
    return zones_by_unit(
        made.zones(),
        made.probability(),
        args.units_of,
        name=args.units_name,
        landslides=landslides,
    )


def _comparisons(args):
    """Name the folders of comparisons; those of one name by their paths."""
    if not args.comparison:
        return None
    names = [Path(folder).name for folder in args.comparison]
    if len(set(names)) < len(names):
        names = args.comparison
    return dict(zip(names, args.comparison, strict=True))


def _write(path, content):
    path.write_bytes(content)


def _study(args):
    from sklearn_landslide._output_folder import OutputFolder
    from sklearn_landslide.report import StudyFacts, page_template, print_page, write_study

    _check(args)
    names = [PAGE, PDF, *([UNITS] if args.units_of else [])]
    folder = OutputFolder(args.out, names, overwrite=args.overwrite)
    folder.check_sources(path for path in (args.inventory, args.units_of, args.facts) if path)
    page_template()
    facts = None if args.facts is None else StudyFacts.from_toml(args.facts)
    units = _units(args)
    with tempfile.TemporaryDirectory() as home:
        page = Path(home, PAGE)
        write_study(
            page,
            map_folder=args.folder,
            comparison=_comparisons(args),
            sensitivity=args.sensitivity,
            inspection=args.inspection,
            later=None if args.inventory is None else score_of(args),
            units=units,
            study=facts,
        )
        pdf, why = print_page(page)
        content = {PAGE: page.read_bytes()}
    if pdf is None:
        print(escaped(f"No PDF was written: {why}."))
    else:
        content[PDF] = pdf
    if units is not None:
        table = without_formulas(units).to_csv(index=False, lineterminator="\n")
        content[UNITS] = table.encode()
    folder.write({name: partial(_write, content=part) for name, part in content.items()})
    with results_in(args.out):
        print(f"Written to {escaped(args.out)}: {', '.join(content)}")
