"""What a shift between two regions has meant for the loss of skill, in all pairs of five regions.

    python benchmarks/region_shift.py --data DIR

Sets what compare_regions says of each pair (_regions.py), from factors alone, beside what
transfer.py measured there: ROC-AUC of a network of the source that has no label of the target, and
of one that knows nothing but labels of the target, the most that were drawn. Writes
results/region_shift.csv, and the copy of it from which RegionComparison tells its reader what such
a shift has meant elsewhere. A minute and a half of processor time.
"""

import argparse
from itertools import permutations
from pathlib import Path

import pandas as pd
from _regions import common_factors, load_regions
from _results import RESULTS, commit

from sklearn_landslide.transfer import compare_regions

KNOWN = Path(__file__).parents[1] / "sklearn_landslide/transfer/known_pairs.csv"
TRANSFERRED, ALONE = "LandslideNet, transfer", "LandslideNet, alone"


def shifts(regions):
    """What factors alone say of each pair."""
    for source, target in permutations(regions, 2):
        names = common_factors(regions[source], regions[target])
        found = compare_regions(regions[source].X[names], regions[target].X[names], random_state=0)
        print(f"{source} -> {target}: ROC-AUC between regions {found.auc:.4f}", flush=True)
        yield {
            "source": source,
            "target": target,
            "n_factors": len(names),
            "auc": round(found.auc, 4),
            "outside_applicability": round(found.outside_applicability, 4),
            "distance": round(found.factors["distance"].mean(), 4),
        }


def skills(rows):
    """ROC-AUC of a pair without labels of the target, and with labels alone.

    Parameters
    ----------
    rows : DataFrame
        Those of transfer.py.

    Returns
    -------
    skills : DataFrame
        Means over the draws, by source and target.
    """
    pair = ["source", "target"]
    moved = rows[(rows["model"] == TRANSFERRED) & (rows["labels"] == 0)]
    alone = rows[rows["model"] == ALONE]
    most = alone["labels"] == alone.groupby(pair)["labels"].transform("max")
    found = pd.DataFrame(
        {
            "roc_auc_transferred": moved.groupby(pair)["roc_auc"].mean(),
            "roc_auc_alone": alone[most].groupby(pair)["roc_auc"].mean(),
        }
    )
    return found.round(4).assign(labels_alone=alone.groupby(pair)["labels"].max())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, type=Path, help="folder of the tables")
    args = parser.parse_args()
    found = pd.DataFrame(shifts(load_regions(args.data)))
    measured = skills(pd.read_csv(RESULTS / "transfer.csv"))
    found = found.merge(measured, left_on=["source", "target"], right_index=True)
    found.to_csv(KNOWN, index=False)
    found.assign(commit=commit()).to_csv(RESULTS / "region_shift.csv", index=False)


if __name__ == "__main__":
    main()
