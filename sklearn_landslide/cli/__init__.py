"""The command line: each command is one call of the library.

Libraries are imported where a command needs them, so that ``--help`` is quick.
"""

import sys

from sklearn_landslide._hints import hints_spelled, notes_spelled
from sklearn_landslide._version import __version__
from sklearn_landslide.cli._arguments import Parser
from sklearn_landslide.cli._check import add_check_command
from sklearn_landslide.cli._compare import add_compare_command
from sklearn_landslide.cli._console import DEBUG, run_command
from sklearn_landslide.cli._demo import add_demo_command
from sklearn_landslide.cli._factors import add_factors_command
from sklearn_landslide.cli._inspect import add_inspect_command
from sklearn_landslide.cli._map import add_map_command
from sklearn_landslide.cli._nowcast import add_nowcast_command
from sklearn_landslide.cli._sample import add_sample_command
from sklearn_landslide.cli._score import add_score_command
from sklearn_landslide.cli._sensitivity import add_sensitivity_command
from sklearn_landslide.cli._study import add_study_command

__all__ = ["main"]


def _make_parser():
    parser = Parser(
        prog="sklearn-landslide",
        description="Landslide susceptibility: check a table, make factors of an elevation "
        "model, compare models, and map it.",
        epilog=f"Set {DEBUG}=1 in the environment to see where an error comes from.",
    )
    parser.add_argument("--version", action="version", version=f"sklearn-landslide {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        add_check_command,
        add_compare_command,
        add_demo_command,
        add_factors_command,
        add_inspect_command,
        add_map_command,
        add_nowcast_command,
        add_sample_command,
        add_score_command,
        add_sensitivity_command,
        add_study_command,
    ):
        add(commands)
    return parser


def main(argv=None):
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, default=None
        The arguments; None: those of the process.

    Returns
    -------
    code : int
        0 for success; 2 for wrong arguments or input, with one line ``error: ...`` on
        stderr; 1 for an error of this package, and for something serious that the command
        ``check`` found; 130 where it was interrupted.

    Examples
    --------
    >>> from sklearn_landslide.cli import main
    >>> main(["--version"])
    sklearn-landslide 0.1.0
    0
    """

    def command():
        args = _make_parser().parse_args(argv)
        if sys.flags.optimize > 1:
            raise ValueError(
                "Python runs without docstrings (-OO or PYTHONOPTIMIZE=2), and the networks' "
                "libraries need theirs: run it without that, or with -O."
            )
        args.argv = sys.argv[1:] if argv is None else argv
        with hints_spelled(args.parser.spell), notes_spelled(args.parser.spell):
            args.run(args)

    return run_command(command)
