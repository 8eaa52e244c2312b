"""The baselines of landslide mapping beside the models of skill.py, on the same folds.

    python benchmarks/baselines.py --data DIR [--tables ...] [--splits random spatial]

Frequency ratio, information value, weights of evidence, a GAM and a GAM of slope and relief alone
go through the pipeline of skill.py, on its folds of seed 0, without resampling. The rows of the
other models are those of results/skill.csv; that the folds are the same is seen by fitting the
logistic regression again. One row per fold goes to --out, with its commit: a run that was cut off
goes on where it stopped. Commit before you run.

The table hong_kong_xy is Hong Kong with its coordinates among the factors, on the same folds: what
a model gains by them on random folds it owes to its neighbors, and loses again on blocks.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import skill
from _models import BASELINES
from _results import RESULTS, add_keep_option, header, rows_by_commit, run_missing
from _tables import load_tables

KEYS, SEED = skill.KEYS, 0
TABLES = ["ecuador_points", "yongxin_slope_units", "hong_kong"]
OTHERS = ["LandslideNet", "RF", "SVM", "LR", "HistGB"]
# Hong Kong with x and y among the factors, and the models that are shown what this does.
LEAKY, WITHOUT, LEAKY_MODELS = "hong_kong_xy", "hong_kong", ["LR", "HistGB", "FR", "GAM"]
# A solver of another version ends elsewhere in the last digits.
SAME = 1e-3


def others():
    """Rows of the models of skill.py on the folds of one seed."""
    rows = pd.read_csv(RESULTS / "skill.csv").drop_duplicates(KEYS, keep="last")
    kept = rows["table"].isin(TABLES) & rows["model"].isin(OTHERS) & (rows["seed"] == SEED)
    return rows[kept]


def check_folds(tables, splits):
    """End unless a logistic regression scores on each first fold as it does in skill.csv."""
    known = others().set_index(KEYS)["roc_auc"]
    for key, job in skill.jobs(tables, splits, [SEED], ["LR"]):
        if key[3] == 0:
            found = skill.run_fold(*job)["roc_auc"]
            if abs(found - known[key]) > SAME:
                sys.exit(f"{key}: ROC-AUC {found:.4f}, in skill.csv {known[key]:.4f}: other folds")


def with_places(table):
    """Return a table whose coordinates are among its factors, as two further columns."""
    return replace(table, name=LEAKY, X=table.X.assign(**table.coordinates))


def leaky_jobs(tables, splits, models):
    """Fits with the coordinates, of those models whose fits without them are kept."""
    leaky = [with_places(table) for table in tables if table.name == WITHOUT]
    return skill.jobs(leaky, splits, [SEED], [name for name in LEAKY_MODELS if name in models])


def spread_table(scores, metric):
    """Mean and standard deviation over folds: models as rows, one column per table and split."""
    grouped = scores.groupby(["split", "table", "model"], sort=False)[metric].agg(["mean", "std"])
    cells = grouped.apply(lambda row: f"{row['mean']:.3f} ± {row['std']:.3f}", axis=1)
    table = cells.unstack("model").T.reindex([*OTHERS, *BASELINES])
    return table.sort_index(axis=1, level=0, sort_remaining=False)


def report(rows):
    """Return all tables as text, without a header, from the rows of the baselines."""
    scores = pd.concat([others(), rows], ignore_index=True)
    parts = [rows_by_commit(rows), "", f"The rows of {', '.join(OTHERS)} are of skill.csv.", ""]
    parts += [f"Seed {SEED}; no resampling; mean ± standard deviation over folds.", ""]
    for metric in skill.METRICS:
        parts += [f"## {metric}", "", spread_table(scores, metric).to_string(), ""]
    parts += ["## Paired differences, ROC-AUC: model minus LandslideNet", ""]
    parts += [skill.paired_differences(scores, "roc_auc").to_string(), ""]
    seconds = rows.pivot_table(index="model", columns="table", values="fit_s")
    parts += ["## Seconds per fit", "", seconds.round(2).to_string(), ""]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the tables")
    parser.add_argument("--tables", nargs="+", default=TABLES, choices=TABLES)
    parser.add_argument("--splits", nargs="+", default=["random", "spatial"])
    known = list(dict.fromkeys([*BASELINES, *LEAKY_MODELS]))
    parser.add_argument("--models", nargs="+", default=known, choices=known)
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS / "baselines.csv")
    add_keep_option(parser)
    args = parser.parse_args()

    tables = load_tables(args.data, args.tables)
    check_folds(tables, args.splits)
    models = [name for name in args.models if name in BASELINES]
    wanted = dict(skill.jobs(tables, args.splits, [SEED], models))
    wanted |= leaky_jobs(tables, args.splits, args.models)
    rows = run_missing(skill.run_fold, wanted, args.out, KEYS, args.keep, args.n_jobs)
    text = f"{header()}\n\n{report(rows)}"
    args.out.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
