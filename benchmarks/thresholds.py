"""Rainfall thresholds against models that know the place, on the folds of space_time.py.

    python benchmarks/thresholds.py --data DIR

Each threshold is learned from the landslides of the training rows in South Tyrol and scored on the
rows left out, in the random folds and the years of space_time.py. The rows of the other models are
those of results/space_time.csv; that the folds are the same is checked by their sizes. Prints mean
and standard deviation over folds, which share of the landslides and of the other places of a fold
is above the 5 % line, and the lines of the whole table.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from _results import RESULTS, add_keep_option, header, rows_by_commit, run_missing
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from space_time import HOURS, folds, read

from sklearn_landslide.warning import RainfallThreshold

KEYS = ["split", "seed", "fold", "model"]
SPLITS = ["random", "year"]
THRESHOLDS = {
    "Threshold, events (48 h)": {},
    "Threshold, events (24 h)": {"dry_gap": 24.0},
    "Threshold, events (96 h)": {"dry_gap": 96.0},
    "Threshold, day and days before": {"kind": "antecedent"},
}
RIVALS = [
    "LandslideNet, rain only",
    "LandslideNet, hours",
    "LR, sums",
    "RF, sums",
    "CatBoost, sums",
]
METRICS = ["roc_auc", "pr_auc", "brier"]
ABOVE = ["landslides_above", "others_above"]


def build(model, **params):
    """Return the threshold of a name."""
    return RainfallThreshold(sequences={"rain": HOURS}, **THRESHOLDS[model], **params)


def run_fold(X, y, split, seed, fold, train, test, model):
    """Fit and score one threshold on one fold."""
    threshold = build(model, n_bootstrap=0).fit(X.iloc[train], y[train])
    probability = threshold.predict_proba(X.iloc[test])[:, 1]
    above = threshold.distance(X.iloc[test]) > 0
    return {
        "split": split,
        "seed": seed,
        "fold": fold,
        "model": model,
        "roc_auc": roc_auc_score(y[test], probability),
        "pr_auc": average_precision_score(y[test], probability),
        "brier": brier_score_loss(y[test], probability),
        "landslides_above": above[y[test] == 1].mean(),
        "others_above": above[y[test] == 0].mean(),
        "n_train": len(train),
        "n_test": len(test),
    }


def rivals():
    """Rows of the other models in the same splits."""
    rows = pd.read_csv(RESULTS / "space_time.csv").drop_duplicates(KEYS, keep="last")
    return rows[rows["model"].isin(RIVALS) & rows["split"].isin(SPLITS)]


def check_folds(rows, others):
    """Raise unless folds of the same name are of the same size in both files."""
    where, sizes = ["split", "seed", "fold"], ["n_train", "n_test"]
    pair = [table.astype({"fold": str}).groupby(where)[sizes] for table in (rows, others)]
    if any((part.nunique() > 1).any(axis=None) for part in pair):
        raise ValueError("rows of one fold differ in size")
    first, second = (part.first() for part in pair)
    if not first.equals(second.reindex(first.index)):
        raise ValueError("the folds are not those of results/space_time.csv")


def by_model(rows, split, metric):
    """Mean and standard deviation over the folds of a split, by model."""
    part = rows[rows["split"] == split]
    # A year is one fold, whatever the seed of a model.
    fold = ["fold"] if split == "year" else ["seed", "fold"]
    means = part.groupby(["model", *fold], sort=False)[metric].mean()
    return means.groupby("model", sort=False).agg(["mean", "std"])


def score_table(rows):
    """Return models as rows, splits and metrics as columns, mean ± standard deviation."""
    both = pd.concat([rows, rivals()])
    cells = {}
    for split in SPLITS:
        for metric in METRICS:
            found = by_model(both, split, metric)
            texts = [f"{mean:.3f} ± {std:.3f}" for mean, std in found.to_numpy()]
            cells[split, metric] = pd.Series(texts, found.index)
    # The network on rain alone was run on the years.
    return pd.DataFrame(cells).reindex([*THRESHOLDS, *RIVALS]).fillna("-")


def above_table(rows):
    """Return which shares of the rows are above the 5 % line, over all folds of a split."""
    means = rows.groupby(["model", "split"], sort=False)[ABOVE].mean()
    return means.unstack("split").round(3)


def lines_of(X, y):
    """Return the lines of the whole table."""
    parts = []
    for model in THRESHOLDS:
        for residuals in ("kernel", "normal"):
            fitted = build(model, residuals=residuals, random_state=0).fit(X, y)
            line = fitted.thresholds_.loc[fitted.exceedance]
            facts = {"model": model, "residuals": residuals, "landslides": fitted.n_events_}
            facts |= {"dry": fitted.n_dry_} | line.round(4).to_dict()
            facts["below"] = round(float(np.mean(fitted.distance(X)[y == 1] <= 0)), 4)
            parts.append(facts)
    return pd.DataFrame(parts)


def report(rows, lines):
    """Return all tables as text, without a header."""
    parts = [rows_by_commit(rows), "", "## Scores, mean ± standard deviation over folds", ""]
    parts += [score_table(rows).to_string(), "", "## Shares of the rows above the 5 % line", ""]
    parts += [above_table(rows).to_string(), "", "## 5 % lines of all landslides", ""]
    return "\n".join([*parts, lines.to_string(index=False), ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the table")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS / "thresholds.csv")
    add_keep_option(parser)
    args = parser.parse_args()

    X, y, table = read(args.data)
    hours = X[HOURS]
    wanted = {
        (split, seed, fold, model): (hours, y, split, seed, fold, *rows, model)
        for model in THRESHOLDS
        for split in SPLITS
        for seed in (args.seeds if split == "random" else args.seeds[:1])
        for fold, rows in folds(X, y, table, split, seed).items()
    }
    rows = run_missing(run_fold, wanted, args.out, KEYS, args.keep, args.n_jobs)
    check_folds(rows, rivals())
    lines = lines_of(hours, y)
    lines.to_csv(args.out.with_name(f"{args.out.stem}_lines.csv"), index=False)
    text = f"{header()}\n\n{report(rows, lines)}"
    args.out.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
