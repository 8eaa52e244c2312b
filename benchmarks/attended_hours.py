"""Which hours of rain mattered: attention and permutation against a synthetic truth.

    python benchmarks/attended_hours.py [--regions 6] [--hours 24]

In each synthetic region LandslideNet learns from every second storm. Of the landslides of the
other storms, the truth is the rain of each hour times what a millimeter of it would have left in
the soil; `attention` is the mean share of each hour, and permutation the ROC-AUC that is lost when
six hours at a time are shuffled among the rows. Prints the share of the last six hours and the
rank correlation with the truth, six hours at a time, and for `attention` also hour by hour.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from _results import RESULTS, header
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.datasets import make_landslides

BLOCK = 6
REPEATS = 5


def measure(seed, n_hours):
    """Measure one region."""
    region = make_landslides(
        900,
        landslide_share=0.3,
        sequences=n_hours,
        shape=(60, 80),
        as_frame=True,
        random_state=seed,
    )
    known = region.event % 2 == 0
    net = LandslideNet(sequences=region.sequences, random_state=seed)
    pipeline = make_landslide_pipeline(net, resample=False, random_state=seed)
    pipeline.fit(region.data[known], region.target[known])
    table, y = pipeline[:-1].transform(region.data[~known]), region.target[~known].to_numpy()
    net, hours = pipeline["model"], region.sequences["rain"]
    failed = y == 1
    water = table.loc[failed, hours].to_numpy() * region.true_hour_weight[~known][failed]
    attended = net.attention(table[failed]).hours["rain"].to_numpy().mean(axis=0)
    score = roc_auc_score(y, net.predict_proba(table)[:, 1])
    rng = np.random.default_rng(seed)

    def lost(block):
        scores = []
        for _ in range(REPEATS):
            shuffled = table.copy()
            shuffled[block] = table[block].to_numpy()[rng.permutation(len(table))]
            scores.append(roc_auc_score(y, net.predict_proba(shuffled)[:, 1]))
        return max(score - np.mean(scores), 0)

    truth = water.mean(axis=0)
    blocks = {
        "truth": truth.reshape(-1, BLOCK).sum(axis=1),
        "attention": attended.reshape(-1, BLOCK).sum(axis=1),
        "permutation": np.array([lost(hours[k : k + BLOCK]) for k in range(0, n_hours, BLOCK)]),
    }
    row = {"region": seed, "ROC-AUC": score}
    row |= {f"last {BLOCK}, {name}": share[-1] / share.sum() for name, share in blocks.items()}
    for name in ("attention", "permutation"):
        row[f"rank r, {name}"] = spearmanr(blocks["truth"], blocks[name]).statistic
    return row | {"rank r by hour, attention": spearmanr(truth, attended).statistic}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--regions", type=int, default=6)
    parser.add_argument("--hours", type=int, default=24, help="a multiple of six")
    parser.add_argument("--out", type=Path, default=RESULTS / "attended_hours.md")
    args = parser.parse_args()
    rows = []
    for seed in range(args.regions):
        rows.append(measure(seed, args.hours))
        print(pd.DataFrame(rows[-1:]).round(2).to_string(index=False), flush=True)
    text = pd.DataFrame(rows).round(2).to_string(index=False)
    args.out.write_text(f"{header()}\n\n{text}\n")


if __name__ == "__main__":
    main()
