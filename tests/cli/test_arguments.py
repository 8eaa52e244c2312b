"""Arguments: what is wrong is one line, and errors of the library name the options."""

import re
import subprocess
import sys
from dataclasses import fields
from inspect import signature

import pytest
from cli.commands import refused

from sklearn_landslide import __version__
from sklearn_landslide._hints import Hint
from sklearn_landslide.cli import _make_parser, main
from sklearn_landslide.cli._arguments import Parser, nodata_of
from sklearn_landslide.cli._models import MODELS
from sklearn_landslide.map_products import make_susceptibility_map
from sklearn_landslide.terrain import FactorSources


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"sklearn-landslide {__version__}\n"


def test_help_loads_no_library():
    code = (
        "import sys; from sklearn_landslide.cli import main; code = main(['compare', '--help']); "
        "heavy = {'numpy', 'pandas', 'sklearn', 'torch', 'matplotlib'} & set(sys.modules); "
        "sys.exit(code or len(heavy))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0
    assert "--coordinates X Y" in result.stdout


def test_the_models_offered_are_the_default_models():
    from sklearn_landslide.comparison import default_models

    assert list(MODELS) == list(default_models())


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["fit"], "invalid choice: 'fit'"),
        (["compare"], "give a TABLE, or rasters (--stack, --dem) with --points"),
        (["compare", "a.csv"], "a TABLE needs --target NAME"),
        (["compare", "a.csv", "--target", "y", "--cv", "1"], "at least 2, got '1'"),
        (["compare", "a.csv", "--target", "y", "--cv", "many"], "at least 2, got 'many'"),
        (["compare", "a.csv", "--target", "y", "--models", "KNN"], "invalid choice: 'KNN'"),
        (["compare", "a.csv", "--target", "y", "--seed", "-1"], "at least 0, got '-1'"),
        (["compare", "a.csv", "--target", "y", "--n-jobs", "0"], "1 or more, or -1 for all cores"),
        (["compare", "a.csv", "--target", "y", "--coordinates", "x"], "expected 2 arguments"),
        (["compare", "a.csv", "--targ", "y"], "unrecognized arguments: --targ y"),
        (["demo", "--rows", "3"], "at least 50, got '3'"),
        (["demo", "--split", "strata"], "--split strata needs --strata COLUMN"),
        (["demo", "--strata", "soil"], "--strata is for --split strata, not random"),
        (["demo", "--split", "strata", "--strata", "soil", "--cv", "3"], "one fold each"),
        (["demo", "--buffer", "50"], "--buffer is for --split spatial, not random"),
        (["demo", "--block-size", "range"], "--block-size is for --split spatial, not random"),
        (["demo", "--split", "spatial", "--block-size", "0"], "--block-size must be above 0"),
        (["demo", "--split", "spatial", "--block-size", "wide"], "the word range, or meters"),
        (["demo", "--split", "spatial", "--buffer", "-1"], "meters, 0 or more, got '-1'"),
        (["demo", "--split", "spatial", "--buffer", "inf"], "meters, 0 or more, got 'inf'"),
        (["compare", "a.csv", "--target", "y", "--report"], "--report needs --out DIR"),
        (["map", "--absences", "-1"], "--absences: must be a number above 0, got '-1'"),
        (["map", "--absence-buffer", "-1"], "--absence-buffer: must be meters, 0 or more, got"),
        (["map", "--prevalence", "1.5"], "--prevalence: must be a number between 0 and 1, got"),
        (["map", "--n-zones", "255"], "--n-zones: must be a whole number from 2 to 254, got"),
        (["map", "--polygons", "0"], "--polygons: must be one of cells, one, scarp or a whole"),
        (["map", "--polygons", "two"], "number of at least 1, got 'two'"),
        (["map", "--min-slope", "90"], "--min-slope: must be degrees between 0 and 90, got '90'"),
        (["map", "--min-area", "0"], "--min-area: must be a number above 0, got '0'"),
        (["map", "--zones", "jenks"], "invalid choice: 'jenks'"),
        (
            ["map", "--stack", "a.tif", "--slope-method", "horn", "--out", "map"],
            "--slope-method is for --dem FILE, which is not given",
        ),
    ],
)
def test_wrong_arguments_are_one_line(capsys, tmp_path, argv, message):
    _, err = refused(capsys, tmp_path, *argv)
    assert message in err
    assert re.search(r"\(see sklearn-landslide[a-z ]* --help\)$", err.strip())


@pytest.fixture
def parser():
    parser = Parser(prog="map")
    parser.add_argument("table")
    parser.add_argument("--overwrite", action="store_true")
    parser.add_argument("--target", metavar="NAME")
    parser.add_argument("--seed", dest="random_state", metavar="N")
    parser.add_argument("--coordinates", nargs=2, metavar=("X", "Y"))
    parser.add_argument("--factors", nargs="+", metavar="NAME")
    parser.add_argument("--nodata", nargs="+", metavar="VALUE")
    return parser


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("overwrite=True", "--overwrite"),
        ("overwrite=False", "no --overwrite"),
        ("target=None", "no --target"),
        ("target='my slides'", "--target 'my slides'"),
        ("random_state=3", "--seed 3"),
        ("coordinates=...", "--coordinates X Y"),
        ("random_state", "--seed"),
        ("overwrite", "--overwrite"),
        ("factors=[...]", "--factors NAME"),
        ("factors=['slope', 'twi']", "--factors slope twi"),
        ("nodata={'elevation': 0, 'soil type': [0, 255]}", "--nodata elevation=0 {soil}"),
        ("table=...", None),
        ("buffer=0", None),
        ("seed=3", None),
    ],
)
def test_a_parameter_is_spelled_as_the_option_that_sets_it(parser, text, expected):
    soil = "'soil type=0' 'soil type=255'"
    assert parser.spell(Hint(text)) == (expected and expected.format(soil=soil))


@pytest.mark.parametrize("command", ["compare", "map"])
def test_nodata_is_read_alike_by_all_commands(command):
    required = {
        "compare": ["table.csv", "--target", "y"],
        "map": ["--model", "LR", "--stack", "terrain.tif", "--out", "map"],
    }
    values = [
        "--nodata",
        "-9999",
        "1e2",
        "?",
        "elevation=0",
        "--nodata",
        "a=b=-1.5",
        "=7",
        "soil=x",
    ]
    args = _make_parser().parse_args([command, *required[command], *values])
    assert nodata_of(args) == {
        None: [-9999, 100.0, "?", "=7"],
        "elevation": [0],
        "a=b": [-1.5],
        "soil": ["x"],
    }
    assert nodata_of(_make_parser().parse_args([command, *required[command]])) == {}


def test_the_map_has_an_option_for_each_parameter_of_the_library(capsys):
    """Under the parameter's own name: an error could not name the option otherwise."""
    argv = ["map", "--model", "LR", "--stack", "terrain.tif", "--out", "map"]
    parser = _make_parser().parse_args(argv).parser
    parameters = set(signature(make_susceptibility_map).parameters) - {"progress", "log"}
    sources = {one.name for one in fields(FactorSources)} - {"_", "rasters"}
    # Two files make one inventory, which the library takes as a frame.
    others = {"help", "list_models", "epochs", "absence_points"}
    assert parameters | sources == set(parser._options) - others


@pytest.mark.parametrize("command", ["compare", "demo", "factors", "map", "sensitivity"])
def test_help_has_each_option_under_a_heading(command, capsys):
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    usage, _, options = text.partition("\noptions:\n")
    assert options.split("\n\n")[0].split()[:2] == ["-h,", "--help"]
    headings = re.findall(r"^(\w[^\n]*):$", options, re.M)
    assert len(headings) == len(set(headings)) > 1
    listed = re.findall(r"^  (--[\w-]+)", options, re.M)
    assert len(listed) == len(set(listed)) > 5
    # What must be given is in the usage, and nothing that there is not.
    assert set(re.findall(r"--[\w-]+", usage.partition("\n\n")[0])) <= set(listed)


def test_what_a_map_is_made_of_comes_first_in_its_help(capsys):
    main(["map", "--help"])
    options = capsys.readouterr().out.partition("\noptions:\n")[2]
    headings = re.findall(r"^(\w[^\n]*):$", options, re.M)
    assert headings[:2] == ["model", "factors"]
    assert headings.index("inventory") < headings.index("study area and mapping units")
    assert headings[-2:] == ["how it is run", "output"]
    inventory = options.partition("\ninventory:\n")[2]
    assert inventory.split()[:2] == ["--points", "FILE"]
