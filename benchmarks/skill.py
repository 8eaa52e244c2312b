"""Skill of LandslideNet and of the models that it has to beat, on any list of tables.

    python benchmarks/skill.py --data DIR [--tables ...] [--splits random spatial] [--seeds 0 1 2]

--specs takes several files: `--specs benchmarks/tables.toml benchmarks/tables_elsewhere.toml` runs
the tables of both that the folder holds.

Every model goes through the same pipeline (plausible range, imputation, scaling; one-hot codes
where the model needs them) without resampling, on the same folds. Prints mean ROC-AUC, PR-AUC
and Brier score, mean ranks, paired differences to LandslideNet with standard errors after
Nadeau and Bengio (2003), and seconds. One row per fold goes to --out, with its commit: a run
that was cut off goes on where it stopped, and rows of other commits are run again unless --keep
names them. Commit before you run: rows of changed files never count as done.
"""

import argparse
import time
from pathlib import Path

import pandas as pd
from _models import CHOOSING, MODELS, build
from _results import RESULTS, add_keep_option, header, rows_by_commit, run_missing
from _tables import SPECS, load_tables
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.metrics import corrected_resampled_ttest

KEYS = ["table", "split", "seed", "fold", "model"]
METRICS = ["roc_auc", "pr_auc", "brier"]


def run_fold(table, split, seed, fold, train, test, model):
    """Fit and score one model on one fold."""
    net = build(model, seed, table=table, split=split, train=train)
    pipeline = make_landslide_pipeline(net, resample=False, random_state=seed)
    started = time.perf_counter()
    pipeline.fit(table.X.iloc[train], table.y[train])
    fitted = time.perf_counter()
    probability = pipeline.predict_proba(table.X.iloc[test])[:, 1]
    predicted = time.perf_counter()
    return {
        "table": table.name,
        "split": split,
        "seed": seed,
        "fold": fold,
        "model": model,
        "roc_auc": roc_auc_score(table.y[test], probability),
        "pr_auc": average_precision_score(table.y[test], probability),
        "brier": brier_score_loss(table.y[test], probability),
        "fit_s": fitted - started,
        "predict_s": predicted - fitted,
        "n_train": len(train),
        "n_test": len(test),
    }


def jobs(tables, splits, seeds, models):
    """All fits by their key, seed by seed, so that early figures are complete."""
    for seed in seeds:
        for table in tables:
            for split in splits:
                for fold, (train, test) in enumerate(table.folds(split, seed)):
                    for model in models:
                        key = (table.name, split, seed, fold, model)
                        yield key, (table, split, seed, fold, train, test, model)


def mean_table(scores, metric):
    """Models as rows, one column per table and split, and the mean rank in each split."""
    means = scores.pivot_table(
        index="model", columns=["split", "table"], values=metric, sort=False
    ).sort_index(axis=1, level=0, sort_remaining=False)
    ranks = means.rank(ascending=metric == "brier")
    for split in means.columns.unique("split"):
        means[split, "mean rank"] = ranks[split].mean(axis=1)
    return means


def paired_differences(scores, metric, reference="LandslideNet"):
    """Mean of model minus reference on the same folds, with its standard error."""
    lines = []
    for (split, table), part in scores.groupby(["split", "table"], sort=False):
        wide = part.pivot(index=["seed", "fold"], columns="model", values=metric)
        if reference not in wide:
            continue
        sizes = part.groupby(["seed", "fold"])[["n_train", "n_test"]].first()
        for model in wide.columns.drop(reference):
            pairs = wide[[model, reference]].dropna()
            if len(pairs) < 2:
                continue
            n_train, n_test = sizes.loc[pairs.index].to_numpy().T
            result = corrected_resampled_ttest(
                pairs[model], pairs[reference], n_train=n_train, n_test=n_test
            )
            cell = f"{result.difference:+.4f} ± {result.standard_error:.4f}"
            lines.append((split, table, model, cell))
    frame = pd.DataFrame(lines, columns=["split", "table", "model", "difference"])
    return frame.pivot(index="model", columns=["split", "table"], values="difference")


def report(scores):
    """Return all tables as text, without a header."""
    parts = [rows_by_commit(scores), ""]
    seeds = ", ".join(map(str, sorted(scores["seed"].unique())))
    parts += [f"Seeds {seeds}; no resampling; mean over folds and seeds.", ""]
    for metric in METRICS:
        parts += [f"## {metric}", "", mean_table(scores, metric).round(4).to_string(), ""]
    parts += ["## Paired differences, ROC-AUC: model minus LandslideNet", ""]
    parts += [paired_differences(scores, "roc_auc").to_string(), ""]
    seconds = scores.pivot_table(index="model", columns="table", values=["fit_s", "predict_s"])
    parts += ["## Seconds per fold", "", seconds.round(3).to_string(), ""]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the tables")
    parser.add_argument("--specs", nargs="+", default=[SPECS], help="TOML files that describe them")
    parser.add_argument("--tables", nargs="+", help="names; all that the folder holds by default")
    parser.add_argument("--splits", nargs="+", default=["random", "spatial"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=[*MODELS, CHOOSING])
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS / "skill.csv")
    add_keep_option(parser)
    args = parser.parse_args()

    tables = load_tables(args.data, args.tables, *args.specs)
    wanted = dict(jobs(tables, args.splits, args.seeds, args.models))
    scores = run_missing(run_fold, wanted, args.out, KEYS, args.keep, args.n_jobs)
    text = f"{header()}\n\n{report(scores)}"
    args.out.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
