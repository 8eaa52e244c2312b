"""What models leave over on the points of Ecuador, and how wide blocks should be.

    python benchmarks/residuals.py --data DIR [--models LandslideNet RF LR] > results/residuals.md

Prints the ranges of the factors of the points and of a synthetic region, and, for random folds,
k-means blocks and squares as wide as the median range, the mean ROC-AUC over the folds and Moran's
I of the residuals of the nearest places.
"""

import argparse
from pathlib import Path

import pandas as pd
from _results import header

from sklearn_landslide import compare_models
from sklearn_landslide.comparison import default_models
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.inspection import residual_autocorrelation
from sklearn_landslide.model_selection import SpatialBlockKFold, autocorrelation_range
from sklearn_landslide.tables import read_table


def run(table, models, seed, n_jobs):
    """Compare the models under each kind of folds, and test what they leave over."""
    places = table.coordinates
    kinds = {
        "random": 5,
        "k-means blocks": SpatialBlockKFold(places, 5, random_state=seed),
        "squares of the range": SpatialBlockKFold(
            places, 3, method="grid", block_size="range", random_state=seed
        ),
    }
    lines = []
    for kind, cv in kinds.items():
        comparison = compare_models(
            models, table.X, table.y, cv=cv, random_state=seed, n_jobs=n_jobs, verbose=1
        )
        found = residual_autocorrelation(comparison, coordinates=places, random_state=seed).table
        for name, row in found.iterrows():
            scores = comparison.table.loc[name]
            lines.append(
                {
                    "folds": kind,
                    "model": name,
                    "ROC-AUC": f"{scores['roc_auc']:.3f} ± {scores['roc_auc_sd']:.3f}",
                    "Moran's I": f"{row['moran_i']:.2f}",
                    "by chance up to": f"{row['high']:.2f}",
                    "p": f"{row['pvalue_holm']:.2f}",
                    "clustered up to": f"{row['clustered_up_to']:.0f} m",
                }
            )
    return pd.DataFrame(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the table")
    parser.add_argument("--models", nargs="+", default=["LandslideNet", "RF", "LR"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--n-jobs", type=int, default=1)
    args = parser.parse_args()

    table = read_table(
        Path(args.data, "ecuador_points.csv"), target="landslide", coordinates=["x", "y"]
    )
    models = default_models(args.seed)
    models = {name: models[name] for name in args.models}
    lines = run(table, models, args.seed, args.n_jobs)
    region = make_landslides(400, clustering=1.0, as_frame=True, random_state=0)
    tables = {"Ecuador": (table.X, table.coordinates)}
    tables["synthetic region"] = region.data, region.coordinates
    print(header(), end="\n\n")
    for name, (X, places) in tables.items():
        print(f"{name}: {autocorrelation_range(X, places, random_state=args.seed)}", end="\n\n")
    print(f"| {' | '.join(lines.columns)} |\n|{'---|' * lines.shape[1]}")
    for row in lines.to_numpy():
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
