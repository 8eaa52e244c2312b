"""From one region to the next: skill on a target by the number of its labels.

    python benchmarks/transfer.py --data DIR --work DIR [--targets ...] [--models ...] [--draws ...]

Each of five regions is the source of each other one, with the numeric factors that both have
(_regions.py); those of codes have no common key. Labels of the target are drawn from one half of it
and tested on places of the other, which is other ground where there are coordinates: landslides at
their natural share, but at least ten of them or a third of the labels. Larger draws hold the
smaller ones. At most 2,000 rows of the source train, with all of its landslides if these are few,
and at most 3,000 places are tested. The source "several" is Hong Kong, South Tyrol and Ecuador at
once, without the target: would weights that a package could ship help a small inventory?

    alone       the model is fitted to the labels of the target
    pooled      to these and the rows of the source, by PooledRegions; with no labels, the source
    transfer    TransferNet: the source's network, adapted

One row a fit goes to --out, with its commit, as in skill.py: a run that was cut off goes on where
it stopped. Commit before you run: rows of changed files never count as done.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from _models import MODELS
from _regions import SEVERAL, common_factors, load_regions, pairs, several
from _results import RESULTS, add_keep_option, header, rows_by_commit, run_missing
from joblib import Memory
from sklearn.metrics import average_precision_score, roc_auc_score

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.transfer import PooledRegions, TransferNet

KEYS = ["source", "target", "labels", "model", "fold"]
LABELS = [0, 30, 100, 300, 1000]
MOST_SOURCE, MOST_TESTED, FEWEST_LANDSLIDES = 2000, 3000, 10
NAMES = ["LandslideNet", "CatBoost", "RF", "LR"]
TRANSFER = "LandslideNet, transfer"
WITH_SEVERAL = [TRANSFER, "LandslideNet, alone"]
ALL = [TRANSFER, *(f"{name}, {how}" for name in NAMES for how in ("alone", "pooled"))]


def source_rows(region, seed):
    """Rows of the source that train."""
    if region.name == SEVERAL:
        return np.arange(len(region.y))
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(region.y))
    if len(rows) <= MOST_SOURCE:
        return rows
    landslides = rows[region.y[rows] == 1]
    share = max(len(landslides) / len(rows), FEWEST_LANDSLIDES / MOST_SOURCE)
    n_landslides = max(round(share * MOST_SOURCE), min(len(landslides), MOST_SOURCE // 4))
    others = rows[region.y[rows] == 0]
    return np.concatenate([landslides[:n_landslides], others[: MOST_SOURCE - n_landslides]])


def drawn_labels(region, n_labels, seed):
    """Rows of the target whose labels are known; None if it has too few."""
    half, _ = region.halves
    rng = np.random.default_rng(seed)
    rows = rng.permutation(half)
    landslides, others = rows[region.y[rows] == 1], rows[region.y[rows] == 0]
    n = max(round(n_labels * region.y.mean()), min(FEWEST_LANDSLIDES, n_labels // 3))
    if n > len(landslides) or n_labels - n > len(others):
        return None
    return np.concatenate([landslides[:n], others[: n_labels - n]])


def tested_rows(region):
    """Places of the target that are tested, the same for all."""
    _, half = region.halves
    return np.random.default_rng(0).permutation(half)[:MOST_TESTED]


def chain(name, seed):
    """The whole chain with a model, without resampling."""
    return make_landslide_pipeline(MODELS[name](seed), resample=False, random_state=seed)


def source_network(X, y, seed):
    """The network of a source, fitted once for all draws of a target."""
    net = LandslideNet(random_state=seed)
    return make_landslide_pipeline(net, resample=False, random_state=seed).fit(X, y)


def run_fit(memory, source, target, n_labels, model, seed):
    """Fit and score one model for one draw of labels."""
    factors = common_factors(source, target)
    of_source = source_rows(source, seed)
    X_source, y_source = source.X[factors].iloc[of_source], source.y[of_source]
    X, y = target.X[factors], target.y
    labeled = drawn_labels(target, n_labels, seed) if n_labels else None
    name, how = model.split(", ")
    if how == "transfer":
        network = memory.cache(source_network)(X_source, y_source, seed)
        estimator = TransferNet(network, random_state=seed)
    elif how == "pooled" and labeled is not None:
        estimator = PooledRegions(chain(name, seed), X_source, y_source, random_state=seed)
    else:
        estimator = chain(name, seed)
    if labeled is not None:
        estimator.fit(X.iloc[labeled], y[labeled])
    elif how == "transfer":
        estimator.fit(X)
    else:
        estimator.fit(X_source, y_source)
    test = tested_rows(target)
    probability = estimator.predict_proba(X.iloc[test])[:, 1]
    return {
        "source": source.name,
        "target": target.name,
        "labels": n_labels,
        "model": model,
        "fold": seed,
        "split": f"{n_labels} labels",
        "table": f"{source.name} -> {target.name}, {n_labels}",
        "roc_auc": roc_auc_score(y[test], probability),
        "pr_auc": average_precision_score(y[test], probability),
        "n_landslides": 0 if labeled is None else int(y[labeled].sum()),
        "n_factors": len(factors),
    }


def jobs(regions, options):
    """All fits by their key; those of one source and target follow each other."""
    memory = Memory(options.work, verbose=0)
    for seed in options.draws:
        for source, target in pairs(regions):
            if target not in options.targets:
                continue
            of_source = several(regions, target) if source == SEVERAL else regions[source]
            for n_labels in LABELS:
                if n_labels and drawn_labels(regions[target], n_labels, seed) is None:
                    continue
                for model in options.models:
                    if not n_labels and model.endswith("alone"):
                        continue
                    if source == SEVERAL and model not in WITH_SEVERAL:
                        continue
                    key = (source, target, n_labels, model, seed)
                    what = (of_source, regions[target], n_labels, model, seed)
                    yield key, (memory, *what)


def by_labels(rows, metric):
    """Mean of each model over pairs and draws, by the number of labels."""
    table = rows.pivot_table(index="model", columns="labels", values=metric)
    return table.reindex([name for name in ALL if name in table.index])


def mean_ranks(rows):
    """Mean rank of each model over pairs, by the number of labels; draws are averaged first."""
    means = rows.groupby(["labels", "source", "target", "model"])["roc_auc"].mean().unstack()
    table = means.rank(axis=1, ascending=False).groupby("labels").mean().T
    return table.reindex([name for name in ALL if name in table.index])


def against(rows, other):
    """What transfer is ahead of another model by, pair for pair, with its standard error."""
    means = rows.groupby(["labels", "source", "target", "model"])["roc_auc"].mean().unstack()
    lines = {}
    for n_labels, part in means.groupby("labels"):
        if other not in part or part[other].isna().all():
            continue
        ahead = (part[TRANSFER] - part[other]).dropna()
        # Pairs with one target share its places.
        by_target = ahead.groupby("target").mean()
        error = by_target.std() / np.sqrt(len(by_target))
        better = f"{(ahead > 0).sum()} of {len(ahead)}"
        lines[n_labels] = {"ahead": f"{ahead.mean():+.4f} ± {error:.4f}", "better": better}
    return pd.DataFrame(lines).T


def by_target(rows):
    """Mean of transfer and of the same network alone for each target."""
    chosen = rows[rows["model"].isin([TRANSFER, "LandslideNet, alone"])]
    return chosen.pivot_table(index=["target", "model"], columns="labels", values="roc_auc")


def without_each_target(rows):
    """Rank of transfer by the number of labels, had each region not been a target."""
    lines = {
        f"without {target}": mean_ranks(rows[rows["target"] != target]).loc[TRANSFER]
        for target in sorted(rows["target"].unique())
        if rows["target"].nunique() > 1
    }
    return pd.DataFrame(lines).T


def text_of(table, digits=3):
    return table.round(digits).to_string(na_rep="-")


def report(rows):
    """Return all tables as text, without a header."""
    joined, all_rows = rows[rows["source"] == SEVERAL], rows
    rows = rows[rows["source"] != SEVERAL]
    n_pairs = len(rows[["source", "target"]].drop_duplicates())
    parts = [
        rows_by_commit(all_rows),
        f"{n_pairs} pairs of regions, draws {rows['fold'].nunique()}.",
    ]
    parts += ["## ROC-AUC by labels of the target", text_of(by_labels(rows, "roc_auc"))]
    parts += ["## PR-AUC by labels of the target", text_of(by_labels(rows, "pr_auc"))]
    parts += ["## Mean rank by ROC-AUC", text_of(mean_ranks(rows), 2)]
    parts += ["## Rank of transfer without each target", text_of(without_each_target(rows), 2)]
    for other in ("LandslideNet, alone", "LandslideNet, pooled", "CatBoost, pooled", "RF, alone"):
        parts += [f"## Transfer less {other}, ROC-AUC", against(rows, other).to_string()]
    parts += ["## By target, ROC-AUC", text_of(by_target(rows))]
    if len(joined):
        parts += [
            "## Several regions at once as the source",
            against(joined, "LandslideNet, alone"),
        ]
        parts += [by_target(joined)]
    return "\n\n".join(part if isinstance(part, str) else text_of(part) for part in parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--work", required=True, type=Path, help="folder for sources once fitted")
    parser.add_argument("--targets", nargs="+")
    parser.add_argument("--models", nargs="+", default=ALL, choices=ALL)
    parser.add_argument("--draws", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS / "transfer.csv")
    add_keep_option(parser)
    options = parser.parse_args()
    regions = load_regions(options.data)
    options.targets = options.targets or list(regions)
    wanted = dict(jobs(regions, options))
    rows = run_missing(run_fit, wanted, options.out, KEYS, options.keep, options.n_jobs)
    text = f"{header()}\n\n{report(rows)}\n"
    options.out.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
