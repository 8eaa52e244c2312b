"""What a monotone slope costs, and what weights save where half of the labels are poor.

    python benchmarks/monotone.py --data DIR [--tables ...] [--seeds 0 1]

Four fits on each fold, through the pipeline of skill.py and without resampling:

    plain       as it is
    monotone    the susceptibility never falls as the slope rises
    poor        in a half of the training rows, drawn at random, three labels of ten are turned
    weighted    the same rows; those of the poor half weigh 0.16, the information that such labels
                hold, the square of 1 less twice the share that is wrong

All are scored on the test rows as they are. One row per fold goes to --out, with its commit: a run
that was cut off goes on where it stopped. Commit before you run.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from _models import MODELS
from _results import RESULTS, add_keep_option, header, rows_by_commit, run_missing
from _tables import load_tables
from skill import KEYS, METRICS, paired_differences
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from sklearn_landslide import make_landslide_pipeline

TABLES = ["ecuador_points", "yongxin_slope_units"]
NETS = ["LandslideNet", "HistGB"]
CASES = ["plain", "monotone", "poor", "weighted"]
# What is compared with what.
PAIRS = {"monotone": "plain", "poor": "plain", "weighted": "poor"}
TURNED = 0.3
POOR_WEIGHT = (1 - 2 * TURNED) ** 2


def poor_labels(y, seed):
    """Turn labels of a half of the rows around; return all labels, and which rows are poor."""
    rng = np.random.default_rng(seed)
    is_poor = rng.random(len(y)) < 0.5
    turned = is_poor & (rng.random(len(y)) < TURNED)
    return np.where(turned, 1 - y, y), is_poor


def run_fold(table, split, seed, fold, train, test, model, case):
    """Fit and score one model in one case on one fold."""
    net = MODELS[model](seed)
    if case == "monotone":
        net.set_params(monotonic_cst={"slope": 1})
    y, weights = table.y[train], None
    if case in ("poor", "weighted"):
        y, is_poor = poor_labels(y, 100 * seed + fold)
        weights = np.where(is_poor, POOR_WEIGHT, 1.0) if case == "weighted" else None
    pipeline = make_landslide_pipeline(net, resample=False, random_state=seed)
    started = time.perf_counter()
    pipeline.fit(table.X.iloc[train], y, sample_weight=weights)
    fitted = time.perf_counter()
    probability = pipeline.predict_proba(table.X.iloc[test])[:, 1]
    return {
        "table": table.name,
        "split": split,
        "seed": seed,
        "fold": fold,
        "model": f"{model}, {case}",
        "roc_auc": roc_auc_score(table.y[test], probability),
        "pr_auc": average_precision_score(table.y[test], probability),
        "brier": brier_score_loss(table.y[test], probability),
        "fit_s": fitted - started,
        "n_train": len(train),
        "n_test": len(test),
    }


def jobs(tables, seeds):
    """All fits by their key."""
    for seed in seeds:
        for table in tables:
            for split in ("random", "spatial"):
                for fold, (train, test) in enumerate(table.folds(split, seed)):
                    for model in NETS:
                        for case in CASES:
                            key = (table.name, split, seed, fold, f"{model}, {case}")
                            yield key, (table, split, seed, fold, train, test, model, case)


def changes(rows, metric="roc_auc"):
    """Mean paired difference of each case to the one that it is compared with."""
    parts = []
    for model in NETS:
        for case, reference in PAIRS.items():
            names = [f"{model}, {case}", f"{model}, {reference}"]
            found = paired_differences(rows[rows["model"].isin(names)], metric, names[1])
            parts.append(found.rename(index={names[0]: f"{model}, {case} - {reference}"}))
    return pd.concat(parts)


def report(rows):
    """Return all tables as text, without a header."""
    seeds = ", ".join(map(str, sorted(rows["seed"].unique())))
    parts = [rows_by_commit(rows), "", f"Seeds {seeds}; mean over folds and seeds.", ""]
    order = [f"{model}, {case}" for model in NETS for case in CASES]
    for metric in METRICS:
        means = rows.pivot_table(index="model", columns=["split", "table"], values=metric)
        parts += [f"## {metric}", "", means.reindex(order).round(4).to_string(), ""]
        parts += [f"Paired differences, {metric}:", "", changes(rows, metric).to_string(), ""]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the tables")
    parser.add_argument("--tables", nargs="+", default=TABLES)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1])
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS / "monotone.csv")
    add_keep_option(parser)
    args = parser.parse_args()

    wanted = dict(jobs(load_tables(args.data, args.tables), args.seeds))
    rows = run_missing(run_fold, wanted, args.out, KEYS, args.keep, args.n_jobs)
    text = f"{header()}\n\n{report(rows)}"
    args.out.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
