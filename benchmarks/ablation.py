"""What each module of the network contributes: the paper's section 5.3, tested.

    python benchmarks/ablation.py --data DIR [--tables ...] [--split random] [--seeds 0 1 2]

Fits LandslideNet whole and with one part switched off at a time, with and without the paths
beside it, on the same folds, and prints the change of ROC-AUC and PR-AUC with its standard
error after Nadeau and Bengio (2003): "off minus whole", so a part that earns its place has a
negative figure.
"""

import argparse
from pathlib import Path

import pandas as pd
from _results import RESULTS, header
from _tables import SPECS, load_tables
from joblib import Parallel, delayed
from sklearn.metrics import average_precision_score, roc_auc_score

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.metrics import corrected_resampled_ttest

PARTS = ["cnn", "sam", "lstm", "attention", "deep", "wide", "linear", "memory"]
BARE = {"wide": False, "linear": False, "memory": False}
VARIANTS = (
    {"whole": {}}
    | {f"{part} off": {part: False} for part in PARTS}
    | {"bare (no wide or linear path, no memory)": BARE}
    | {f"bare, {part} off": {**BARE, part: False} for part in PARTS[:4]}
    | {"bare CNN": {**BARE, "sam": False, "lstm": False, "attention": False}}
)


def run_fold(table, seed, fold, train, test, variant):
    """Fit and score one variant on one fold."""
    switches = {f"module__{part}": on for part, on in VARIANTS[variant].items()}
    net = LandslideNet(random_state=seed, **switches)
    pipeline = make_landslide_pipeline(net, resample=False, random_state=seed)
    pipeline.fit(table.X.iloc[train], table.y[train])
    probability = pipeline.predict_proba(table.X.iloc[test])[:, 1]
    return {
        "table": table.name,
        "seed": seed,
        "fold": fold,
        "variant": variant,
        "roc_auc": roc_auc_score(table.y[test], probability),
        "pr_auc": average_precision_score(table.y[test], probability),
        "test_share": len(test) / len(train),
    }


def changes(scores, metric):
    """Variant minus its reference on the same folds, one column per table."""
    columns = {}
    for table, part in scores.groupby("table", sort=False):
        wide = part.pivot(index=["seed", "fold"], columns="variant", values=metric)
        share = part["test_share"].mean()
        cells = {}
        for variant in VARIANTS:
            bare = variant.startswith("bare,") or variant == "bare CNN"
            reference = "bare (no wide or linear path, no memory)" if bare else "whole"
            # Only the quotient of test and training rows counts, which is the share.
            result = corrected_resampled_ttest(
                wide[variant], wide[reference], n_train=1, n_test=share
            )
            cells[variant] = (
                f"{wide[variant].mean():.4f}"
                if variant == reference
                else f"{result.difference:+.4f} ± {result.standard_error:.4f}"
            )
        columns[table] = cells
    return pd.DataFrame(columns).reindex(VARIANTS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the tables")
    parser.add_argument("--specs", default=SPECS, help="TOML file that describes them")
    parser.add_argument("--tables", nargs="+", help="names; all that the folder holds by default")
    parser.add_argument("--split", default="random", choices=["random", "spatial"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()

    jobs = [
        (table, seed, fold, train, test, variant)
        for table in load_tables(args.data, args.tables, args.specs)
        for seed in args.seeds
        for fold, (train, test) in enumerate(table.folds(args.split, seed))
        for variant in VARIANTS
    ]
    rows = Parallel(n_jobs=args.n_jobs, verbose=5)(delayed(run_fold)(*job) for job in jobs)
    scores = pd.DataFrame(rows)
    text = f"{header()}\n\nSplit {args.split}, seeds {', '.join(map(str, args.seeds))}.\n"
    for metric in ("roc_auc", "pr_auc"):
        text += f"\n## {metric}: off minus whole\n\n{changes(scores, metric).to_string()}\n"
    name = args.out / f"ablation_{args.split}"
    scores.to_csv(name.with_suffix(".csv"), index=False)
    name.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
