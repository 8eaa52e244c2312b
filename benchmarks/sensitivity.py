"""How models stand noise, weak factors and poor inventories, which the paper leaves open.

    python benchmarks/sensitivity.py --data DIR [--tables ...] [--rows 3000] [--models ...]

Section 5.4 of the paper names the limits of its model: it depends on the quality and quantity of
the data, and may be sensitive to background noise and to less significant factors. It measures
none of them. Here the training rows are made worse, at several levels, and the models are scored on
clean held-out rows: landslides of Hong Kong (without coordinates and without the velocity by
which part of them were found; --rows of them, drawn once), the points of Ecuador with their
rasters, and a synthetic region whose true probabilities are known. On the latter two landslides are
shifted as well. The network without its spatial attention is run on noise only, which this
attention is said to suppress.

Models and pipeline are those of skill.py, without resampling. One row a fit goes to --out, with its
commit: a run that was cut off goes on where it stopped, and rows of other commits are run again
unless --keep names them. Commit before you run: rows of changed files never count as done. With the
defaults it takes about 20 minutes of one core.
"""

import argparse
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from _models import MODELS
from _results import RESULTS, add_keep_option, header, rows_by_commit, run_missing
from _tables import SPECS, BenchmarkTable, load_table, read_specs
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.mapping import open_stack, sample_stack
from sklearn_landslide.metrics import corrected_resampled_ttest
from sklearn_landslide.robustness import (
    UNPERTURBED,
    FactorNoise,
    FewerRows,
    FoldRows,
    NoiseFactors,
    SensitivityResult,
    ShiftedPositions,
    UnmappedLandslides,
    WrongLabels,
    generator_for,
    perturbed,
)

KEYS = ["table", "split", "seed", "fold", "model", "perturbation", "level", "repeat"]
METRICS = ["roc_auc", "pr_auc", "brier", "truth"]
TABLES = ["ecuador_points", "hong_kong", "synthetic"]
TERRAIN = "ecuador_terrain.tif"
NET, NO_SAM = "LandslideNet", "LandslideNet, no SAM"
STUDIED = {name: MODELS[name] for name in ("LR", "RF", NET)} | {
    NO_SAM: lambda seed: LandslideNet(random_state=seed, module__sam=False)
}
ROADS = "distance_to_road"
NOISE, NOISE_FACTORS = FactorNoise((0.25, 1.0)), NoiseFactors((5, 20))
PERTURBATIONS = {
    one.name: one
    for one in (
        NOISE,
        FactorNoise((0.25,), where="both"),
        NOISE_FACTORS,
        WrongLabels((0.05, 0.2)),
        UnmappedLandslides((0.25, 0.5)),
        UnmappedLandslides((0.5,), far_from=ROADS),
        FewerRows((0.5, 0.9)),
        ShiftedPositions((10, 50, 200)),
    )
}
# What the paper says of its limits, and what shows it: perturbation and level.
CLAIMS = [
    ("tied to the 'quantity of the input data'", "fewer rows", 0.9),
    ("tied to its 'quality'", "wrong labels", 0.2),
    ("'inconsistencies or biases in the dataset'", "landslides not mapped", 0.5),
    ("'sensitive to background noise'", NOISE.name, 1.0),
    ("'and less significant features'", NOISE_FACTORS.name, 20.0),
]


@dataclass(frozen=True)
class StudiedTable:
    """A table with what perturbations need: rasters, and the truth where it is known."""

    table: BenchmarkTable
    stack: object = None
    truth: np.ndarray | None = None

    @property
    def rows(self):
        """All rows."""
        points = self.table.coordinates
        points = None if points is None or self.stack is None else points.to_numpy()
        return FoldRows(
            self.table.X, self.table.y, np.arange(len(self.table.y)), points, stack=self.stack
        )


def hong_kong(data, n_rows):
    """Landslides of Hong Kong, so many rows of them with both classes in their shares; 0: all."""
    table = load_table(data, "hong_kong", read_specs(SPECS)["hong_kong"])
    X, y, points = table.X, table.y, table.coordinates
    if n_rows:
        full = FoldRows(X, y, np.arange(len(y)))
        share = max(0.0, 1 - n_rows / len(y))
        few, _ = FewerRows().apply(full, full, share, np.random.default_rng(0))
        X, y = few.X.reset_index(drop=True), few.y
        points = points.iloc[few.rows].reset_index(drop=True)
    return StudiedTable(BenchmarkTable("hong_kong", X, y, points, table.blocks, table.dealt))


def ecuador(data):
    """Points of Ecuador with the values that the rasters have there."""
    stack = open_stack(Path(data) / TERRAIN)
    found = sample_stack(stack, Path(data) / "ecuador_points.csv")
    table = BenchmarkTable("ecuador_points", found.X, found.y, found.coordinates, 5)
    return StudiedTable(table, stack)


def synthetic(n_rows):
    """Make a synthetic region with its rasters and its truth."""
    import xarray as xr

    region = make_landslides(
        n_rows, clustering=0.5, return_stack=True, as_frame=True, random_state=0
    )
    side, _, west, _, _, north = region.transform
    n_y, n_x = region.stack["slope"].shape
    cells = {
        "y": north - side * (np.arange(n_y) + 0.5),
        "x": west + side * (np.arange(n_x) + 0.5),
    }
    bands = {name: xr.DataArray(band, cells) for name, band in region.stack.items()}
    stack = open_stack(bands, crs="EPSG:32650", categorical=region.categorical_features)
    y = np.asarray(region.target)
    table = BenchmarkTable("synthetic", region.data, y, region.coordinates, 10)
    return StudiedTable(table, stack, region.true_probability)


def studied(name, data, n_rows):
    """Read a table by its name."""
    if name == "synthetic":
        return synthetic(n_rows or 3000)
    return ecuador(data) if name == "ecuador_points" else hong_kong(data, n_rows)


def run_fold(table, split, seed, fold, train, test, model, perturbation, level, repeat):
    """Fit and score one model on one fold with one perturbation."""
    train, test = (table.rows.take(part) for part in (train, test))
    truth = None if table.truth is None else table.truth[test.rows]
    rng = generator_for(seed, perturbation, repeat, fold)
    train, test = perturbed(PERTURBATIONS.get(perturbation), train, test, level, rng)
    pipeline = make_landslide_pipeline(STUDIED[model](seed), resample=False, random_state=seed)
    started = time.perf_counter()
    pipeline.fit(train.X, train.y)
    fitted = time.perf_counter()
    probability = pipeline.predict_proba(test.X)[:, 1]
    return {
        "table": table.table.name,
        "split": split,
        "seed": seed,
        "fold": fold,
        "model": model,
        "perturbation": perturbation,
        "level": level,
        "repeat": repeat,
        "roc_auc": roc_auc_score(test.y, probability),
        "pr_auc": average_precision_score(test.y, probability),
        "brier": brier_score_loss(test.y, probability),
        "truth": np.nan if truth is None else spearmanr(truth, probability).statistic,
        "fit_s": fitted - started,
        "n_train": len(train.y),
        "n_test": len(test.y),
    }


def perturbations_of(table, model):
    """Name the perturbations and levels of a table and a model, the unperturbed fit first."""
    yield UNPERTURBED, 0.0
    rows = table.rows
    for name, one in PERTURBATIONS.items():
        if model == NO_SAM and name not in (NOISE.name, NOISE_FACTORS.name):
            continue
        if getattr(one, "far_from", None) is not None and ROADS not in rows.X:
            continue
        if one.why_not(rows) is None:
            yield from ((name, float(level)) for level in one.levels)


def jobs(data, tables, n_rows, split, seeds, models, n_repeats):
    """All fits by their key, seed by seed, so that early figures are complete."""
    loaded = {name: studied(name, data, n_rows) for name in tables}
    for seed in seeds:
        for name, table in loaded.items():
            # Rasters go only to the processes that shift positions.
            bare = replace(table, stack=None)
            folds = list(enumerate(table.table.folds(split, seed)))
            for model in models:
                for perturbation, level in perturbations_of(table, model):
                    shifts = isinstance(PERTURBATIONS.get(perturbation), ShiftedPositions)
                    sent = table if shifts else bare
                    for repeat in range(1 if perturbation == UNPERTURBED else n_repeats):
                        for fold, rows in folds:
                            what = (model, perturbation, level, repeat)
                            yield (
                                (name, split, seed, fold, *what),
                                (sent, split, seed, fold, *rows, *what),
                            )


def result_of(rows, table, metric="roc_auc"):
    """Turn the rows of a table into a result, whose folds are those of all seeds."""
    rows = rows[rows["table"] == table].dropna(subset=[metric])
    rows = rows.assign(fold=rows["seed"] * 1000 + rows["fold"], level=rows["level"].astype(float))
    score = (-1 if metric == "brier" else 1) * rows[metric]
    rows = rows.assign(metric=metric, score=score).astype({"level": object})
    clean = rows[rows["perturbation"] == UNPERTURBED].set_index(["model", "fold"])["score"]
    keys = pd.MultiIndex.from_frame(rows[["model", "fold"]])
    rows = rows.assign(loss=clean.loc[keys].to_numpy() - rows["score"].to_numpy())
    order = {name: place for place, name in enumerate([UNPERTURBED, *PERTURBATIONS])}
    place = rows["perturbation"].map(order)
    models = rows["model"].map({name: place for place, name in enumerate(STUDIED)})
    by = rows.assign(place=place, by_model=models)
    rows = by.sort_values(["place", "level", "by_model", "fold"], kind="stable")
    done = tuple(
        PERTURBATIONS[name] for name in order if name in set(rows["perturbation"]) - {"none"}
    )
    return SensitivityResult(rows, done, (metric,))


def losses(rows, metric="roc_auc"):
    """Mean loss with its standard error, by table, model, perturbation and level."""
    tables = [name for name in TABLES if name in set(rows["table"])]
    parts = [result_of(rows, name, metric).summary(metric).assign(table=name) for name in tables]
    return pd.concat(parts).set_index(["table", "model", "perturbation", "level"])


def cell(found, *key):
    """Loss and standard error of one model under one perturbation; "-" if it was not run."""
    if key not in found.index:
        return "-"
    loss, error = found.loc[key, ["loss", "standard_error"]]
    return f"{loss:+.3f}" + ("" if np.isnan(error) else f" ± {error:.3f}")


def claims(rows):
    """What the paper says of its limits, each with the losses of ROC-AUC that show it."""
    found, lines = losses(rows), {}
    for words, perturbation, level in CLAIMS:
        for table in found.index.unique("table"):
            models = [model for model in STUDIED if model != NO_SAM]
            cells = [cell(found, table, model, perturbation, level) for model in models]
            lines[words, f"{perturbation} {level:g}", table] = dict(zip(models, cells, strict=True))
    names = ["the paper's words", "shown by", "table"]
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis(names)


def differences(rows, model, reference, perturbation, level, table):
    """Loss of a model minus that of another on the same folds; a corrected resampled t-test."""
    part = result_of(rows, table).table
    part = part[(part["perturbation"] == perturbation) & (part["level"] == level)]
    wide = part.pivot_table(index="fold", columns="model", values="loss", aggfunc="mean")
    if not {model, reference} <= set(wide) or len(wide[[model, reference]].dropna()) < 2:
        return None
    pairs = wide[[model, reference]].dropna()
    sizes = part.groupby("fold")[["n_train", "n_test"]].first().loc[pairs.index].to_numpy().T
    return corrected_resampled_ttest(
        pairs[model], pairs[reference], n_train=sizes[0], n_test=sizes[1]
    )


def attention(rows):
    """Loss of the network minus that without its spatial attention, under noise."""
    lines = []
    for table in [name for name in TABLES if name in set(rows["table"])]:
        for one in (NOISE, NOISE_FACTORS):
            for level in map(float, one.levels):
                result = differences(rows, NET, NO_SAM, one.name, level, table)
                if result is not None:
                    text = f"{result.difference:+.4f} ± {result.standard_error:.4f}"
                    lines.append((one.name, level, table, text))
    columns = ["perturbation", "level", "table", "difference"]
    frame = pd.DataFrame(lines, columns=columns)
    return frame.pivot(index=["perturbation", "level"], columns="table", values="difference")


def report(rows):
    """Return all tables as text, without a header."""
    parts = [rows_by_commit(rows), ""]
    seeds = ", ".join(map(str, sorted(rows["seed"].unique())))
    sizes = (
        rows[rows["perturbation"] == UNPERTURBED].groupby("table")[["n_train", "n_test"]].first()
    )
    rows_of = ", ".join(f"{name} {n}" for name, n in sizes.sum(axis=1).items())
    parts += [f"Seeds {seeds}; no resampling; rows: {rows_of}.", ""]
    parts += [
        "Training rows are perturbed, held-out rows are clean; loss of the unperturbed fit",
        "",
    ]
    parts[-2] += " minus the perturbed one on the same fold, ± standard error: above 0 is worse."
    parts += ["## What the paper's section 5.4 leaves open, loss of ROC-AUC", ""]
    parts += [claims(rows).to_string(), ""]
    found = attention(rows)
    parts += ["## Spatial attention: loss of the network minus the loss without it, ROC-AUC", ""]
    parts += ["none" if found.empty else found.to_string(), ""]
    for table in [name for name in TABLES if name in set(rows["table"])]:
        for metric in METRICS:
            if rows.loc[rows["table"] == table, metric].isna().all():
                continue
            result = result_of(rows, table, metric)
            clean = result.table[result.table["perturbation"] == UNPERTURBED]
            clean = clean.groupby("model", sort=False)["score"].mean().abs()
            scores = ", ".join(f"{name} {score:.4f}" for name, score in clean.items())
            parts += [f"## {table}, {metric}", "", f"Unperturbed: {scores}", ""]
            parts += [result.to_text(metric, digits=4), ""]
    seconds = rows.pivot_table(index="model", columns="table", values="fit_s", sort=False)
    return "\n".join([*parts, "## Seconds per fit", "", seconds.round(2).to_string(), ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the tables")
    parser.add_argument("--tables", nargs="+", default=TABLES, choices=TABLES)
    parser.add_argument(
        "--rows", type=int, default=3000, help="rows of Hong Kong and of the synthetic region"
    )
    parser.add_argument("--split", default="random", choices=["random", "spatial"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--models", nargs="+", default=list(STUDIED), choices=list(STUDIED))
    parser.add_argument("--repeats", type=int, default=1, help="draws of each perturbation")
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS / "sensitivity.csv")
    add_keep_option(parser)
    args = parser.parse_args()

    tables = [args.data, args.tables, args.rows, args.split, args.seeds, args.models]
    wanted = dict(jobs(*tables, args.repeats))
    rows = run_missing(run_fold, wanted, args.out, KEYS, args.keep, args.n_jobs)
    text = f"{header()}\n\n{report(rows)}"
    args.out.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
