"""The shares of the recipe of LandslideNet, chosen with one table left out at a time.

    python benchmarks/recipe.py --data DIR --work DIR [--tables ...] [--seeds 0] [--specs ...]

Fits LandslideNet on the folds of skill.py and keeps in --work what the network, the linear path and
the memory say of the test rows, each for itself; a run that was cut off goes on. Shares cost no
fits, so all of a grid are tried: the share of the straight line with 3,000 rows, the power of the
number of rows by which it falls, and the share of the memory. For each table the ones are taken
that do best on all others, by the mean loss of ROC-AUC against the best pair of each table, and
the table shows what they give on the one left out, beside what "auto" gives.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from _results import RESULTS, header
from _tables import SPECS, load_tables
from joblib import Parallel, delayed
from sklearn.metrics import roc_auc_score

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.nn._heads import PathLogs
from sklearn_landslide.nn._recipe import _LINEAR_ROWS, _MOST_LINEAR

GRID = list(product((0, 0.15, 0.3, 0.45, 0.6), (0, 0.15, 0.3, 0.45), (0, 0.2, 0.3, 0.4, 0.5, 0.6)))


def fit_fold(table, split, seed, fold, train, test, path):
    """Fit one fold and keep what each path says of its test rows."""
    net = LandslideNet(random_state=seed)
    pipeline = make_landslide_pipeline(net, resample=False, random_state=seed)
    pipeline.fit(table.X.iloc[train], table.y[train])
    X = pipeline[:-1].transform(table.X.iloc[test])
    logs, recipe = pipeline[-1].predict_path_logs(X), pipeline[-1].recipe_
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        y=table.y[test],
        n_train=len(train),
        auto=[recipe.linear_weight, recipe.memory_weight],
        **vars(logs),
    )
    partial.rename(path)


def jobs(tables, seeds, work):
    """All fits whose file is not there."""
    for seed, table, split in product(seeds, tables, ["random", "spatial"]):
        for fold, (train, test) in enumerate(table.folds(split, seed)):
            path = work / f"{table.name}-{split}-{seed}-{fold}.npz"
            if not path.exists():
                yield table, split, seed, fold, train, test, path


def scores_of(path):
    """ROC-AUC of a fold for every choice of the grid, and for "auto"."""
    with np.load(path) as file:
        kept = dict(file)
    logs = PathLogs(kept["network"], kept["linear"], kept["memory"])
    row = {}
    for linear, power, memory in GRID:
        share = min(linear * (_LINEAR_ROWS / kept["n_train"]) ** power, _MOST_LINEAR)
        row[linear, power, memory] = (share, memory)
    row["auto"] = tuple(kept["auto"])
    return {
        choice: roc_auc_score(kept["y"], logs.joined(*shares)[:, 1])
        for choice, shares in row.items()
    }


def report(work, tables):
    """Return the table of what is chosen without each table, and what it gives there."""
    rows = []
    for path in sorted(work.glob("*.npz")):
        name, split, _, _ = path.stem.rsplit("-", 3)
        if name in tables:
            rows.append({"table": name, "split": split, **scores_of(path)})
    means = pd.DataFrame(rows).groupby(["table", "split"], sort=False).mean()
    lost = means[GRID].sub(means[GRID].max(axis=1), axis=0)
    lines = []
    for name in tables:
        others = lost.drop(index=name, level="table").mean()
        choice = others.idxmax()
        for split in means.loc[name].index:
            at = means.loc[(name, split)]
            lines.append(
                {
                    "left out": name,
                    "split": split,
                    "line at 3,000 rows": choice[0],
                    "power": choice[1],
                    "memory": choice[2],
                    "ROC-AUC": at[choice],
                    "auto": at["auto"],
                    "best of the grid": at[GRID].max(),
                    "network alone": at[(0, 0, 0)],
                }
            )
    return pd.DataFrame(lines).round(4).to_string(index=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the tables")
    parser.add_argument("--work", required=True, type=Path, help="folder of the kept predictions")
    parser.add_argument("--specs", nargs="+", default=[SPECS], help="TOML files of the tables")
    parser.add_argument("--tables", nargs="+", help="names; all that the folder holds by default")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS / "recipe.md")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    tables = load_tables(args.data, args.tables, *args.specs)
    todo = list(jobs(tables, args.seeds, args.work))
    run = Parallel(n_jobs=args.n_jobs, return_as="generator_unordered", inner_max_num_threads=1)
    for i, _ in enumerate(run(delayed(fit_fold)(*job) for job in todo)):
        print(f"{i + 1}/{len(todo)}", flush=True)
    text = f"{header()}\n\n{report(args.work, [table.name for table in tables])}\n"
    args.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
