"""Attention, contributions and losses of shuffled factors: do they order the factors alike?

    python benchmarks/attention.py --data DIR [--regions 3] [--rows 1000]

LandslideNet is fitted to synthetic regions and to the points of Ecuador. Of each fit the spatial
attention and the self-attention (attention_agreement), the contributions of the factors to some
places (explain), and the loss of ROC-AUC on held-out rows when a factor is shuffled
(factor_importance) are ranked. In a synthetic region the probability of each place is known: the
truth is what a regression of its log-odds on the factors loses on other rows when a factor is
shuffled. Prints Spearman's rank correlation of each two.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from _results import RESULTS, header
from _tables import load_tables
from scipy.special import logit
from scipy.stats import spearmanr
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.inspection import permutation_importance

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.inspection import attention_agreement, explain, factor_importance

MEASURES = ["spatial", "self_attention", "contribution", "importance"]
N_PLACES, N_BACKGROUND = 40, 20


def truth_of(region, n_rows):
    """What each factor is worth to the true log-odds, on rows that the regression has not seen."""
    X = region.data
    true = logit(np.clip(region.true_probability, 1e-6, 1 - 1e-6))
    model = HistGradientBoostingRegressor(random_state=0).fit(X[n_rows:], true[n_rows:])
    found = permutation_importance(model, X[:n_rows], true[:n_rows], n_repeats=3, random_state=0)
    return pd.Series(found.importances_mean, index=X.columns)


def measure(X, y, seed, truth=None):
    """Rank the factors of one table in all ways."""
    pipeline = make_landslide_pipeline(
        LandslideNet(random_state=seed), resample=False, random_state=seed
    )
    losses = factor_importance(pipeline, X, y, cv=5, n_repeats=3, random_state=seed)
    pipeline.fit(X, y)
    places = X.sample(N_PLACES, random_state=seed)
    found = explain(pipeline, places, background=X, n_background=N_BACKGROUND, random_state=seed)
    agreement = attention_agreement(pipeline, X, found, importance=losses)
    table = agreement.table.set_index("factor")
    if truth is not None:
        table["truth"] = truth
    names = [name for name in [*MEASURES, "truth"] if name in table]
    row = {"ROC-AUC": losses.score}
    for k, first in enumerate(names):
        for second in names[k + 1 :]:
            row[f"{first}, {second}"] = spearmanr(table[first], table[second]).statistic
    return row


def report(rows):
    """Return the correlations as text: one line each two measures, one column per table."""
    return pd.DataFrame(rows).set_index("table").T.round(2).to_string(na_rep="-")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the tables")
    parser.add_argument("--regions", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=RESULTS / "attention.md")
    args = parser.parse_args()

    rows = []
    for seed in range(args.regions):
        region = make_landslides(6 * args.rows, as_frame=True, random_state=seed)
        X, y = region.data[: args.rows], region.target[: args.rows]
        row = measure(X, y, seed, truth_of(region, args.rows))
        rows.append({"table": f"region {seed}"} | row)
        print(report(rows[-1:]), flush=True)
    (table,) = load_tables(args.data, ["ecuador_points"])
    rows.append({"table": "ecuador_points"} | measure(table.X, table.y, 0))
    text = f"{header()}\n\n{report(rows)}\n"
    args.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
