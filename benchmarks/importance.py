"""What each column of Hong Kong's table is worth, with and without those that know the answer.

    python benchmarks/importance.py --data DIR [--rows 2000] [--models HistGB LandslideNet]

The table and its columns are those of paper.py: 13 factors, the velocity by which part of the
landslides were found, and the coordinates. Each model is fitted on folds of rows drawn at random or
on blocks of places, with all 16 columns and with the 13 factors alone; each column is shuffled in
the test rows, alone and within strata of the others (factor_importance). One row per fold, column
and way of shuffling goes to --out, with its commit. Commit before you run.
"""

import argparse
import time
from pathlib import Path

import pandas as pd
from _models import MODELS
from _results import RESULTS, add_keep_option, commit, header, rows_by_commit
from _tables import BenchmarkTable
from paper import CASES, TABLE, load
from sklearn.model_selection import train_test_split

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.inspection import FactorImportance, factor_importance

STUDY = ["model", "split", "case"]
KEYS = [*STUDY, "fold", "conditional", "factor"]
SPLITS = ["random", "spatial"]
COLUMNS = {"all": CASES["all"][1], "factors": CASES["factors"][1]}
N_REPEATS, SEED = 2, 0
HOW = ["alone", "beyond the others"]
PAIRS = ["first", "second", "association"]


def drawn(table, n_rows):
    """Draw rows of a table, with the shares of both classes as they are."""
    rows, _ = train_test_split(
        range(len(table.y)), train_size=n_rows, stratify=table.y, random_state=SEED
    )
    rows = sorted(rows)
    return BenchmarkTable(
        table.name,
        table.X.iloc[rows],
        table.y[rows],
        table.coordinates.iloc[rows],
        table.blocks,
        table.dealt,
    )


def run_study(table, model, split, case):
    """Shuffle each column of one model's test rows; one row per fold, column and way."""
    pipeline = make_landslide_pipeline(MODELS[model](SEED), resample=False, random_state=SEED)
    result = factor_importance(
        pipeline,
        table.X.drop(columns=COLUMNS[case]),
        table.y,
        cv=table.folds(split, SEED),
        conditional="both",
        n_repeats=N_REPEATS,
        random_state=SEED,
    )
    keys = ["factor", "conditional", "fold"]
    losses = result.losses.groupby(keys, sort=False)["loss"].mean().reset_index()
    rows = losses.merge(result.folds, on="fold")
    return rows.assign(model=model, split=split, case=case, commit=commit())


def importance_of(rows, model, split, case):
    """Put the kept rows of one study together again, as factor_importance returns them."""
    own = rows[(rows["model"] == model) & (rows["split"] == split) & (rows["case"] == case)]
    return FactorImportance(
        losses=own.assign(repeat=0)[["factor", "conditional", "fold", "repeat", "loss"]],
        folds=own.drop_duplicates("fold")[["fold", "score", "n_train", "n_test"]],
        pairs=pd.DataFrame(columns=PAIRS),
        units={name: (name,) for name in own["factor"].unique()},
        scoring="roc_auc",
    )


def number(value):
    """Write a loss to three decimals; what rounds to 0 has no sign."""
    return f"{value:.3f}" if abs(value) >= 0.0005 else "0.000"


def study_table(result):
    """Mean loss of each column, alone and beyond the others, with its interval."""
    table = result.table
    table["loss"] = [
        f"{number(row.mean)} ({number(row.low)} to {number(row.high)})"
        for row in table.itertuples()
    ]
    table["how"] = table["conditional"].map({False: HOW[0], True: HOW[1]})
    wide = table.pivot(index="factor", columns="how", values="loss")
    return wide.loc[table.loc[~table["conditional"], "factor"]].rename_axis(columns=None)


def report(rows):
    """Return all tables as text, without a header."""
    n_rows = int(rows.drop_duplicates([*STUDY, "fold"]).groupby(STUDY)["n_test"].sum().max())
    parts = [rows_by_commit(rows), ""]
    parts += [
        f"{TABLE}, {n_rows} rows drawn at random; loss of ROC-AUC on test rows when a column is",
        "shuffled, mean over 5 folds with its 95 % interval; beyond the others: shuffled among",
        f"rows that are similar in all other columns. {N_REPEATS} draws a fold.",
        "",
    ]
    for key in rows[STUDY].drop_duplicates().itertuples(index=False, name=None):
        result = importance_of(rows, *key)
        parts += [f"## {', '.join(key)}: ROC-AUC {result.score:.3f}", ""]
        parts += [study_table(result).to_string(), ""]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the table")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--models", nargs="+", default=["HistGB", "LandslideNet"])
    parser.add_argument("--out", type=Path, default=RESULTS / "importance.csv")
    add_keep_option(parser)
    args = parser.parse_args()

    table = drawn(load(args.data), args.rows)
    rows = pd.read_csv(args.out) if args.out.exists() else pd.DataFrame(columns=[*KEYS, "commit"])
    rows = rows[rows["commit"].isin([commit(), *args.keep])]
    done = set(rows[STUDY].itertuples(index=False, name=None))
    for model in args.models:
        for split in SPLITS:
            for case in COLUMNS:
                if (model, split, case) in done:
                    continue
                started = time.perf_counter()
                new = run_study(table, model, split, case)
                rows = pd.concat([rows, new]) if len(rows) else new
                rows[[*KEYS, "loss", "score", "n_train", "n_test", "commit"]].to_csv(
                    args.out, index=False
                )
                print(f"{model} {split} {case} {time.perf_counter() - started:.0f} s", flush=True)
    rows = pd.read_csv(args.out)
    text = f"{header()}\n\n{report(rows)}"
    args.out.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
