"""How much a random split flatters: the same models on the same table under four kinds of folds.

    python benchmarks/validation.py --data DIR [--models LandslideNet RF SVM LR] [--audit]

Takes the table of South Tyrol (places, years and rock of each sample) and compares the models
under random 5-fold, k-means blocks of the places, leaving out one year and leaving out one
lithology at a time. Prints the mean and the standard deviation of the ROC-AUC over the folds,
the ROC-AUC of all held-out probabilities pooled, and with --audit what
``sklearn_landslide.model_selection.audit`` says of the random folds. No resampling.
"""

import argparse
from pathlib import Path

import pandas as pd
from _results import header
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from sklearn_landslide import compare_models, make_landslide_pipeline
from sklearn_landslide.comparison import default_models
from sklearn_landslide.model_selection import LeaveOneStratumOut, SpatialBlockKFold, audit
from sklearn_landslide.tables import read_table

FILE = "south_tyrol_rainfall.csv.gz"
CODES = ["geology", "geomorphon", "land_cover"]


def load(data):
    """Read the static factors, with the year and the rock kept apart as strata."""
    path = Path(data, FILE)
    rain = [name for name in pd.read_csv(path, nrows=0) if name.startswith("rain_")]
    return read_table(
        path,
        target="landslide",
        categorical=CODES,
        coordinates=["x", "y"],
        strata=["year", "geology"],
        drop=["date", "day_of_year", "catchment", *rain],
    )


def splitters(table, seed):
    """Build the four kinds of folds."""
    return {
        "random 5-fold": StratifiedKFold(5, shuffle=True, random_state=seed),
        "k-means blocks": SpatialBlockKFold(table.coordinates, 5, random_state=seed),
        "one year out": LeaveOneStratumOut(table.strata["year"]),
        # Two rocks with few landslides are tested together.
        "one lithology out": LeaveOneStratumOut(
            table.strata["geology"], min_per_class=5, on_small="merge"
        ),
    }


def run(table, models, seed, n_jobs):
    """Compare the models under each kind of folds; one row per model and kind."""
    lines = []
    for kind, cv in splitters(table, seed).items():
        comparison = compare_models(
            models,
            table.X,
            table.y,
            cv=cv,
            scoring="roc_auc",
            pipeline_params={"resample": None},
            random_state=seed,
            n_jobs=n_jobs,
            verbose=1,
        )
        tested = comparison.predictions.dropna()
        for name, row in comparison.table.iterrows():
            lines.append(
                {
                    "folds": f"{kind} ({comparison.folds['fold'].nunique()})",
                    "model": name,
                    "mean": f"{row['roc_auc']:.3f} ± {row['roc_auc_sd']:.3f}",
                    "pooled": f"{roc_auc_score(tested['y_true'], tested[name]):.3f}",
                }
            )
    return pd.DataFrame(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the table")
    parser.add_argument("--models", nargs="+", default=["LandslideNet", "RF", "SVM", "LR"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--audit", action="store_true", help="audit the random folds, too")
    args = parser.parse_args()

    table = load(args.data)
    models = default_models(args.seed)
    models = {name: models[name] for name in args.models}
    lines = run(table, models, args.seed, args.n_jobs)
    wide = lines.pivot(index="model", columns="folds", values=["mean", "pooled"])
    order = list(dict.fromkeys(lines["folds"]))
    print(header(), end="\n\n")
    for value in ("mean", "pooled"):
        print(f"ROC-AUC, {value} over the folds")
        print(wide[value].loc[args.models, order].to_string(), end="\n\n")
    if args.audit:
        pipeline = make_landslide_pipeline(
            default_models(args.seed)["RF"], resample=None, random_state=args.seed
        )
        found = audit(
            pipeline,
            table.X,
            table.y,
            coordinates=table.coordinates,
            random_state=args.seed,
            n_jobs=args.n_jobs,
        )
        print(found)


if __name__ == "__main__":
    main()
