"""The paper's five models with SMOTE, as the command line compares them.

    python benchmarks/comparison.py --data DIR

Runs `demo` and `compare` (five random folds) and puts their tables into one file: the synthetic
region, the points of Ecuador and the slope units of Yongxin.
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from _results import RESULTS, header
from _tables import SPECS

TABLES = ["ecuador_points", "yongxin_slope_units"]


def compare(arguments, folder):
    """Run one command and return the table that it writes."""
    command = [sys.executable, "-m", "sklearn_landslide", *arguments, "--out", folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return Path(folder, "comparison.md").read_text(encoding="utf-8")


def options(data, spec):
    """Arguments of `compare` for a table of tables.toml."""
    found = ["compare", str(Path(data, spec["file"])), "--target", spec["target"]]
    for name in ("categorical", "coordinates"):
        found += [f"--{name}", *spec[name]] if name in spec else []
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the tables")
    parser.add_argument("--out", type=Path, default=RESULTS / "comparison.md")
    args = parser.parse_args()
    specs = tomllib.loads(SPECS.read_text())
    runs = {"synthetic": ["demo"]} | {name: options(args.data, specs[name]) for name in TABLES}
    text = f"{header()}\n"
    for name, arguments in runs.items():
        with tempfile.TemporaryDirectory() as folder:
            text += f"\n## {name}\n\n{compare(arguments, folder).strip()}\n"
            print(text, flush=True)
    args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
