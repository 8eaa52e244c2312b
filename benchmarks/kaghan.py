"""What each kind of factor adds, from an elevation model and an inventory of polygons.

    python benchmarks/kaghan.py --data DIR [--models LR RF] [--seeds 0 1 2] [--sets ...]

Takes the Kaghan valley (``kaghan/`` in DIR): elevation, faults, geology, land cover and 3,820
landslide polygons. The training table has the middle cell of each landslide and as many cells
elsewhere. Every set of factors is tested on the same folds: spatial blocks, and random folds for
the gap. A seed draws other absences and other folds. Prints ROC-AUC, its spread over folds, what
each step adds on the same folds with a standard error after Nadeau and Bengio (2003), and the
share of landslide cells by the share of area (frequency ratio) of each class, which needs no
model. One row per fold goes to --out, with its commit: a run that was cut off goes on where it
stopped. Commit before you run: rows of changed files never count as done.
"""

import argparse
import warnings
from pathlib import Path

import pandas as pd
from _models import MODELS
from _results import RESULTS, add_keep_option, commit, header, rows_by_commit, rows_done
from joblib import Parallel, delayed
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.map_products import make_training_table
from sklearn_landslide.metrics import corrected_resampled_ttest
from sklearn_landslide.model_selection import SpatialBlockKFold
from sklearn_landslide.terrain import FactorSources

KEYS = ["polygons", "split", "seed", "set", "model", "fold"]
DISTANCES = ["distance_to_fault", "distance_to_river"]
CLASSES = ["geology", "landcover"]
# Each but the first three adds to the one that its last entry names.
SETS = {
    "slope": None,
    "elevation": None,
    "distance to fault": None,
    "terrain": None,
    "+ elevation": "terrain",
    "+ distances": "+ elevation",
    "+ geology": "+ distances",
    "+ land cover": "+ geology",
    "without elevation, fault": "+ land cover",
}
EVERYTHING = "+ land cover"
HOW_TO_READ = """\
A spread is the standard deviation over the folds of blocks, which are different ground; the
folds of several seeds are cut from the same ground. A difference is of the same folds, so it can
be told from 0 where two means with their spreads cannot. "gap" is what random folds add by
testing next to the training. Elevation and the distance to a fault tell places apart as
coordinates do: what they add on random folds is in part where a place is, and the least fold
shows what they cost. Land cover may have been mapped after the landslides, and may show their
scars.

Torizin et al. (2017), Natural Hazards 89, 757-784, describe the source of this inventory. Their
figures could not be read for this benchmark, and none are repeated here. What can be held
against them are the shares of landslide cells by shares of area at the end: they depend on no
model and no fold."""
STEPS = [0, 10, 20, 25, 30, 35, 40, 45, 90]


def columns_of(name, X):
    """Columns of a set of factors."""
    terrain = [column for column in X if column not in [*DISTANCES, *CLASSES, "elevation"]]
    if name in ("slope", "elevation", "distance to fault"):
        return [name.replace(" ", "_")]
    if name == "without elevation, fault":
        return [*terrain, "distance_to_river", *CLASSES]
    more = ["elevation"], DISTANCES, CLASSES[:1], CLASSES[1:]
    n_steps = ["terrain", "+ elevation", "+ distances", "+ geology", "+ land cover"].index(name)
    return [*terrain, *(column for step in more[:n_steps] for column in step)]


def sources(folder):
    """What the factors are made of."""
    return FactorSources(
        folder / "elevation_aw3d30.tif",
        distance_to={"fault": folder / "Confirmed_faults.shp", "river": "auto"},
        classes={
            "geology": f"{folder / 'Geology.shp'}:Formation",
            "landcover": folder / "Landcover.tif",
        },
    )


def folds_of(table, split, seed):
    """Train and test rows; cells of one landslide stay together."""
    if split == "random":
        cv = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
        return list(cv.split(table.X, table.y, table.groups))
    cv = SpatialBlockKFold(table.coordinates, 5, groups=table.groups, random_state=seed)
    return list(cv.split(table.X, table.y))


def run_fold(key, X, y, train, test):
    """Fit and score one model on one fold."""
    row = dict(zip(KEYS, key, strict=True))
    seed = row["seed"]
    model = make_landslide_pipeline(MODELS[row["model"]](seed), resample=False, random_state=seed)
    model.fit(X.iloc[train], y[train])
    auc = roc_auc_score(y[test], model.predict_proba(X.iloc[test])[:, 1])
    return row | {"roc_auc": auc, "n_train": len(train), "n_test": len(test), "commit": commit()}


def jobs(tables, options):
    """All fits by their key."""
    for model in options.models:
        for (polygons, seed), table in tables.items():
            # What a polygon becomes is compared with all factors alone.
            for name in options.sets if polygons == "one" else [EVERYTHING]:
                X = table.X[columns_of(name, table.X)]
                for split in options.splits:
                    for fold, (train, test) in enumerate(folds_of(table, split, seed)):
                        key = (polygons, split, seed, name, model, fold)
                        yield key, (key, X, table.y, train, test)


def frequency_ratios(stack, landslides):
    """Share of landslide cells by share of area, for classes of slope, geology and land cover."""
    everywhere = {name: stack[name].to_numpy().ravel() for name in ["slope", *CLASSES]}
    table = make_training_table(
        stack, landslides, target=None, absences=1, polygons="cells", random_state=0
    )
    slides = table.X[table.y == 1]
    texts = []
    for name, values in everywhere.items():
        if name == "slope":
            groups = [
                pd.cut(pd.Series(some), STEPS, right=False) for some in (values, slides[name])
            ]
        else:
            names = stack[name].attrs.get("class_names", {})
            groups = [pd.Series(values).dropna().astype(int), slides[name].astype(object)]
            groups[0] = groups[0].map(lambda code, names=names: names.get(code, code))
        area, slid = (some.value_counts(normalize=True, sort=False) for some in groups)
        frame = pd.DataFrame({"area_%": 100 * area, "landslides_%": 100 * slid}).fillna(0.0)
        frame["ratio"] = frame["landslides_%"] / frame["area_%"]
        if name != "slope":
            frame = frame.sort_values("ratio")[::-1]
        texts.append(f"### {name}\n\n{frame.round(2).to_string()}")
    return "\n\n".join(texts)


def mean_and_spread(scores):
    """Mean ROC-AUC by set and model in blocks and random folds, spread and least of the blocks."""
    one = scores[scores["polygons"] == "one"]
    lines = []
    for (model, name), part in one.groupby(["model", "set"], sort=False):
        blocks = part.loc[part["split"] == "blocks", "roc_auc"]
        random = part.loc[part["split"] == "random"].groupby("seed")["roc_auc"].mean()
        same = part[(part["split"] == "blocks") & part["seed"].isin(random.index)]
        gap = random.mean() - same["roc_auc"].mean()
        lines.append(
            {"model": model, "set": name, "blocks": blocks.mean(), "spread": blocks.std()}
            | {"least": blocks.min(), "folds": len(blocks), "random": random.mean(), "gap": gap}
        )
    return pd.DataFrame(lines).round(3).to_string(index=False)


def paired_steps(scores):
    """What each step adds in blocks, on the same folds, with its standard error."""
    rows = scores[(scores["polygons"] == "one") & (scores["split"] == "blocks")]
    lines = []
    for model, part in rows.groupby("model", sort=False):
        wide = part.pivot(index=["seed", "fold"], columns="set", values="roc_auc")
        sizes = part.groupby(["seed", "fold"])[["n_train", "n_test"]].first()
        steps = [*SETS.items(), ("terrain", "slope"), (EVERYTHING, "slope")]
        for name, before in steps:
            if before is None or not {name, before} <= set(wide):
                continue
            pairs = wide[[name, before]].dropna()
            n_train, n_test = sizes.loc[pairs.index].to_numpy().T
            found = corrected_resampled_ttest(
                pairs[name], pairs[before], n_train=n_train, n_test=n_test
            )
            better = (pairs[name] > pairs[before]).sum()
            lines.append(
                {"model": model, "set": name, "against": before, "difference": found.difference}
                | {"error": found.standard_error, "better": f"{better} of {len(pairs)}"}
            )
    return pd.DataFrame(lines).round(4).to_string(index=False)


def report(scores):
    """Return the tables of scores as text, without a header."""
    scores = scores.sort_values(KEYS, key=_in_order, kind="stable")
    everything = scores[scores["set"] == EVERYTHING].pivot_table(
        index=["model", "split"], columns="polygons", values="roc_auc", sort=False
    )
    parts = [rows_by_commit(scores), "## ROC-AUC, one cell for each landslide"]
    parts += [mean_and_spread(scores), "## What each step adds in blocks, on the same folds"]
    parts += [paired_steps(scores), "## ROC-AUC with all factors, by what a polygon becomes"]
    return "\n\n".join([*parts, everything.round(3).to_string()])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--models", nargs="+", default=["LR", "RF"], choices=list(MODELS))
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--splits", nargs="+", default=["blocks", "random"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--polygons", nargs="+", default=["one"], choices=["one", "scarp", "cells"])
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS / "kaghan.csv")
    add_keep_option(parser)
    options = parser.parse_args()
    folder = options.data / "kaghan"
    landslides = folder / "landslides.shp"
    stack = sources(folder).open().load()
    tables = {
        (polygons, seed): make_training_table(
            stack, landslides, target=None, absences=1, polygons=polygons, random_state=seed
        )
        for polygons in options.polygons
        for seed in options.seeds
    }
    wanted = dict(jobs(tables, options))
    done = rows_done(options.out, KEYS, wanted, options.keep)
    todo = [job for key, job in wanted.items() if tuple(map(str, key)) not in done]
    run = Parallel(options.n_jobs, return_as="generator_unordered", inner_max_num_threads=1)
    for i, row in enumerate(run(delayed(run_fold)(*job) for job in todo)):
        row = pd.DataFrame([row])
        row.to_csv(options.out, mode="a", header=not options.out.exists(), index=False)
        print(f"{i + 1}/{len(todo)} {row[[*KEYS, 'roc_auc']].iloc[0].tolist()}", flush=True)
    scores = pd.read_csv(options.out).drop_duplicates(KEYS, keep="last")
    texts = [header(), report(scores), f"## How to read it\n\n{HOW_TO_READ}"]
    texts += ["## Share of landslide cells by share of area", frequency_ratios(stack, landslides)]
    text = "\n\n".join(texts) + "\n"
    options.out.with_suffix(".md").write_text(text)
    print(text)


def _in_order(column):
    """Sort sets and models as they are listed, not by the alphabet."""
    order = {"set": list(SETS), "model": ["LR", "RF", *MODELS]}.get(column.name)
    return column if order is None else column.map(order.index)


if __name__ == "__main__":
    with warnings.catch_warnings():
        # Of affine, in rasterio and rioxarray.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        main()
