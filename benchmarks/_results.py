"""What the results of all benchmarks share: of which code they are, and which rows still count."""

import platform
import subprocess
import sys
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

RESULTS = Path(__file__).parent / "results"
# What can change a result; the results themselves and what copies them into pages cannot.
CODE = ["sklearn_landslide", "benchmarks", ":(exclude)benchmarks/results", ":(exclude)*figures*"]
PACKAGES = ["sklearn-landslide", "torch", "scikit-learn", "catboost", "xgboost", "numpy"]


def _git(*arguments):
    done = subprocess.run(
        ["git", *arguments], cwd=RESULTS.parents[1], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"results belong to a commit, so run this in a clone: {done.stderr.strip()}")
    return done.stdout.strip()


@cache
def commit():
    """Return the commit that last changed the code; "+changes" if the files differ from it."""
    last = _git("log", "-1", "--abbrev=8", "--format=%h", "--", *CODE)
    return f"{last}+changes" if _git("status", "--porcelain", "--", *CODE) else last


def header():
    """Return the date, the commit and the versions that figures belong to."""
    versions = [f"{package} {_version(package)}" for package in PACKAGES if _version(package)]
    python = f"Python {platform.python_version()}"
    return ", ".join([str(date.today()), f"commit {commit()}", python, *versions])


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def rows_by_commit(rows):
    """Say how many rows of each split are of which commit."""
    counts = rows.groupby(["commit", "split"], sort=False).size()
    parts = [
        f"{name} ({', '.join(f'{split} {n}' for split, n in part.droplevel(0).items())})"
        for name, part in counts.groupby("commit", sort=False)
    ]
    return f"Rows by commit: {', '.join(parts)}."


def rows_done(path, keys, wanted, keep=()):
    """Return the keys of the rows that count as done, and remove those that are out of date.

    A row counts if it is of this commit, with no changes since, or of one in `keep`. Rows of other
    commits are removed where the same table, split, seed and model is wanted, all folds of it, and
    stay otherwise: `rows_by_commit` tells.

    Parameters
    ----------
    path : Path
        CSV file of the rows.
    keys : list of str
        Columns that name a row, among them ``fold``.
    wanted : iterable of tuple
        Keys of all rows that a run is to end with.
    keep : list of str
        Further commits whose rows count.

    Returns
    -------
    done : set of tuple of str
    """
    if not path.exists():
        return set()
    # As text: what stays, stays to the last digit.
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    fold = keys.index("fold")
    groups = {tuple(map(str, key[:fold] + key[fold + 1 :])) for key in wanted}
    without_fold = keys[:fold] + keys[fold + 1 :]
    of_group = pd.Series([group in groups for group in _tuples(rows, without_fold)], rows.index)
    current = [] if commit().endswith("+changes") else [commit()]
    counts = rows["commit"].isin([*current, *keep])
    outdated = of_group & ~counts
    if outdated.any():
        print(f"{outdated.sum()} rows of other commits are run again", flush=True)
        rows[~outdated].to_csv(path, index=False)
    return set(_tuples(rows[counts], keys))


def run_missing(run_fold, wanted, path, keys, keep=(), n_jobs=2):
    """Run the jobs whose row is not there, append each row with its commit, and return all rows.

    Parameters
    ----------
    run_fold : callable
        From the arguments of a job to its row, a dict.
    wanted : dict of tuple to tuple
        Arguments of all jobs by their key.
    path : Path
        CSV file of the rows.
    keys : list of str
        Columns that name a row.
    keep : list of str
        Further commits whose rows count.
    n_jobs : int, default=2
        Jobs at the same time, each with one thread.

    Returns
    -------
    rows : DataFrame
        The last row of each key.
    """
    done = rows_done(path, keys, wanted, keep)
    todo = [job for key, job in wanted.items() if tuple(map(str, key)) not in done]
    run = Parallel(n_jobs=n_jobs, return_as="generator_unordered", inner_max_num_threads=1)
    for i, row in enumerate(run(delayed(run_fold)(*job) for job in todo)):
        new = pd.DataFrame([row | {"commit": commit()}])
        new.to_csv(path, mode="a", header=not path.exists(), index=False)
        what = row.get("table", row.get("case"))
        print(f"{i + 1}/{len(todo)} {what} {row['model']} {row['roc_auc']:.4f}", flush=True)
    return pd.read_csv(path).drop_duplicates(keys, keep="last")


def _tuples(rows, columns):
    return list(rows[columns].itertuples(index=False, name=None))


def add_keep_option(parser):
    """Add the option that names commits whose rows need not be run again."""
    parser.add_argument(
        "--keep",
        nargs="+",
        default=[],
        metavar="COMMIT",
        help="commits whose rows in --out count as done, beside those of this one",
    )
