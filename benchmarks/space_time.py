"""Space and time: LandslideNet on hourly rain before shallow landslides in South Tyrol.

    python benchmarks/space_time.py --data DIR [--models ...] [--splits ...] [--seeds 0 1 2]

The four splits of the published study (Moreno et al. 2024): random 10-fold, k-means blocks of the
coordinates, one year left out, one lithology left out. Every model gets the same static columns,
with or without the day of the year, and the rain as 120 single hours, as sums over windows
(RainfallSums), or both, in the same pipeline without resampling. Prints the median over folds for
the first two splits and the mean for the others, as the study does, the ROC-AUC of all folds
pooled (2015 has a single landslide), paired differences with standard errors after Nadeau and
Bengio (2003), and seconds. One row per fold goes to --out, with its commit: a run that was cut off
goes on where it stopped, and rows of other commits are run again unless --keep names them.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from _models import MODELS
from _results import RESULTS, add_keep_option, commit, header, rows_by_commit, rows_done
from joblib import Parallel, delayed
from skill import paired_differences
from sklearn.cluster import KMeans
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.model_selection import LeaveOneGroupOut, StratifiedKFold
from sklearn.pipeline import make_pipeline

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.preprocessing import RainfallSums

FILE = "south_tyrol_rainfall.csv.gz"
HOURS = [f"rain_{hour:03d}" for hour in range(120)]
CODES = ["geology", "geomorphon", "land_cover"]
NO_FACTOR = ["x", "y", "date", "year", "catchment", "landslide"]
SPLITS = ["random", "spatial", "year", "lithology"]
KEYS = ["split", "seed", "fold", "model"]
# ROC-AUC of the functional GAM of the study: medians of the first two splits, then means.
PUBLISHED = {"random": 0.929, "spatial": 0.927, "year": 0.937, "lithology": 0.881}

# What a variant of the network is given and has switched off.
NETS = {
    "LandslideNet, hours": ("hours", {}),
    "LandslideNet, hours and sums": ("hours and sums", {}),
    "LandslideNet, no LSTM": ("hours", {"module__lstm": False}),
    "LandslideNet, no SAM": ("hours", {"module__sam": False}),
    "LandslideNet, no attention": ("hours", {"module__attention": False}),
    "LandslideNet, no CNN": ("hours", {"module__cnn": False}),
    "LandslideNet, static only": ("static", {}),
    "LandslideNet, rain only": ("rain", {}),
}
RIVALS = {
    f"{name}, {rain}": (rain, name)
    for name in ("LR", "RF", "CatBoost")
    for rain in ("hours", "sums")
}
# The day of the year says when storms came in the years of training, and not in others.
SEASON = "day_of_year"
NO_SEASON = " without day of year"
ALL = [*NETS, *RIVALS]
CHOICES = ALL + [model + NO_SEASON for model in ALL]


def read(data):
    """Read the static factors with the hours, labels, coordinates and the two strata."""
    table = pd.read_csv(Path(data) / FILE)
    X = table.drop(columns=NO_FACTOR).astype(dict.fromkeys(CODES, "category"))
    return X, table["landslide"].to_numpy(), table


def folds(X, y, table, split, seed):
    """Train and test rows of each fold of a split, by the name of the fold."""
    if split == "random":
        cv = StratifiedKFold(10, shuffle=True, random_state=seed)
        return dict(enumerate(cv.split(X, y)))
    if split == "spatial":
        # As the published study has it: clusters as k-means leaves them, of unequal size.
        strata = KMeans(10, n_init=10, random_state=seed).fit_predict(table[["x", "y"]])
    else:
        strata = table["year" if split == "year" else "geology"].to_numpy()
    found = LeaveOneGroupOut().split(X, y, strata)
    return dict(zip(np.unique(strata).tolist(), found, strict=True))


def build(model, seed):
    """Return the pipeline of a model, and which columns it gets: all, static ones, or rain."""
    model = model.removesuffix(NO_SEASON)
    rain, what = NETS.get(model) or RIVALS[model]
    sequences = None if rain in ("static", "sums") else {"rain": HOURS}
    if model in NETS:
        net = LandslideNet(random_state=seed, sequences=sequences, **what)
        pipeline = make_landslide_pipeline(net, resample=False)
    else:
        pipeline = make_landslide_pipeline(MODELS[what](seed), sequences=sequences, resample=False)
    if "sums" in rain:
        sums = RainfallSums(sequences={"rain": HOURS}, log=True, keep_hours=rain != "sums")
        pipeline = make_pipeline(sums, pipeline)
    return pipeline, rain


def run_fold(X, y, split, seed, fold, train, test, model):
    """Fit and score one model on one fold."""
    pipeline, rain = build(model, seed)
    if rain == "static":
        X = X.drop(columns=HOURS)
    elif rain == "rain":
        X = X[HOURS]
    if model.endswith(NO_SEASON):
        X = X.drop(columns=SEASON)
    started = time.perf_counter()
    pipeline.fit(X.iloc[train], y[train])
    fitted = time.perf_counter()
    probability = pipeline.predict_proba(X.iloc[test])[:, 1]
    both = len(np.unique(y[test])) == 2
    row = {
        "split": split,
        "seed": seed,
        "fold": fold,
        "model": model,
        "roc_auc": roc_auc_score(y[test], probability) if both else np.nan,
        "pr_auc": average_precision_score(y[test], probability) if both else np.nan,
        "brier": brier_score_loss(y[test], probability),
        "fit_s": fitted - started,
        "n_train": len(train),
        "n_test": len(test),
    }
    return row, dict(zip(test.tolist(), probability.round(6).tolist(), strict=True))


def read_predictions(path, scores):
    """Probabilities of all rows by model, split and seed, each fold of the commit of its score."""
    found = {}
    wanted = set(scores[[*KEYS, "commit"]].astype(str).itertuples(index=False, name=None))
    for line in path.read_text().splitlines() if path.exists() else []:
        # A run that was killed may have left half a line.
        if not line.endswith("}]"):
            continue
        *key, predictions = json.loads(line)
        if tuple(map(str, key)) in wanted:
            split, seed, _, model, _ = key
            found.setdefault((model, split, seed), {}).update(predictions)
    return found


def pool(path, scores, y, predictions):
    """Keep the ROC-AUC of all folds together, mean over seeds, by model and split.

    The predictions are too many to keep. A figure is renewed when those of all seeds are there.
    """
    aucs = {}
    for (model, split, _), rows in read_predictions(predictions, scores).items():
        if len(rows) == len(y):
            probability = [rows[str(i)] for i in range(len(y))]
            aucs.setdefault((model, split), []).append(roc_auc_score(y, probability))
    n_seeds = scores.groupby(["model", "split"])["seed"].nunique()
    lines = [(*key, np.mean(found)) for key, found in aucs.items() if len(found) == n_seeds[key]]
    pooled = pd.DataFrame(lines, columns=["model", "split", "pooled"])
    if path.exists():
        pooled = pd.concat([pd.read_csv(path), pooled])
    pooled = pooled.drop_duplicates(["model", "split"], keep="last")
    pooled.to_csv(path, index=False)
    return pooled.pivot(index="model", columns="split", values="pooled")


def summary(scores, pooled):
    """Models as rows: ROC-AUC of each split as the study counts it, and pooled."""
    cells = {}
    for split in [s for s in SPLITS if s in set(scores["split"])]:
        part = scores[scores["split"] == split]
        counted = "median" if split in ("random", "spatial") else "mean"
        by_seed = part.groupby(["model", "seed"], sort=False)["roc_auc"].agg(counted)
        cells[split, counted] = by_seed.groupby("model", sort=False).mean()
        cells[split, "pooled"] = pooled[split]
        cells[split, "seeds"] = part.groupby("model")["seed"].nunique()
    table = pd.DataFrame(cells).reindex(scores["model"].unique())
    for split, counted in [c for c in table.columns if c[1] in ("median", "mean")]:
        table.loc["published functional GAM", (split, counted)] = PUBLISHED[split]
    return table


def report(scores, pooled):
    """Return all tables as text, without a header."""
    parts = [rows_by_commit(scores), ""]
    parts += ["## ROC-AUC", "", summary(scores, pooled).round(4).to_string()]
    for metric in ("pr_auc", "brier"):
        means = scores.pivot_table(index="model", columns="split", values=metric, sort=False)
        parts += ["", f"## {metric}, mean over folds and seeds", "", means.round(4).to_string()]
    named = scores.assign(table="south_tyrol")
    reference = "LandslideNet, hours"
    if reference in set(named["model"]):
        differences = paired_differences(named, "roc_auc", reference).droplevel("table", axis=1)
        parts += ["", f"## Paired differences, ROC-AUC: model minus {reference}", ""]
        parts += [differences.to_string()]
    by_fold = scores[scores["split"].isin(["year", "lithology"])]
    if len(by_fold):
        wide = by_fold.pivot_table(index="model", columns=["split", "fold"], values="roc_auc")
        parts += ["", "## Fold by fold", "", wide.round(3).to_string()]
    seconds = scores.groupby("model", sort=False)["fit_s"].median()
    return "\n".join([*parts, "", "## Seconds to fit", "", seconds.round(1).to_string(), ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help=f"folder that holds {FILE}")
    parser.add_argument("--splits", nargs="+", default=SPLITS, choices=SPLITS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--models", nargs="+", default=ALL, choices=CHOICES, metavar="MODEL")
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS / "space_time.csv")
    add_keep_option(parser)
    args = parser.parse_args()

    X, y, table = read(args.data)
    predictions = args.out.with_suffix(".predictions.jsonl")
    wanted = {
        (split, seed, fold, model): (X, y, split, seed, fold, *rows, model)
        for model in args.models
        for seed in args.seeds
        for split in args.splits
        for fold, rows in folds(X, y, table, split, seed).items()
    }
    done = rows_done(args.out, KEYS, wanted, args.keep)
    todo = [job for key, job in wanted.items() if tuple(map(str, key)) not in done]
    run = Parallel(n_jobs=args.n_jobs, return_as="generator_unordered", inner_max_num_threads=1)
    for i, (row, predicted) in enumerate(run(delayed(run_fold)(*job) for job in todo)):
        row["commit"] = commit()
        with open(predictions, "a") as file:
            key = [row[name] for name in (*KEYS, "commit")]
            file.write("\n" + json.dumps([*key, predicted]))
        pd.DataFrame([row]).to_csv(args.out, mode="a", header=not args.out.exists(), index=False)
        print(f"{i + 1}/{len(todo)} {key} {row['roc_auc']:.4f} {row['fit_s']:.1f} s", flush=True)
    scores = pd.read_csv(args.out).drop_duplicates(KEYS, keep="last")
    pooled = pool(args.out.with_name(f"{args.out.stem}_pooled.csv"), scores, y, predictions)
    text = f"{header()}\n\n{report(scores, pooled)}"
    args.out.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
