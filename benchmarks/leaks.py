"""What a model makes of the columns of Hong Kong's table that know the answer.

    python benchmarks/leaks.py --data DIR [--model HistGB] [--picture FILE]

The table and its columns are those of paper.py: 13 factors, the velocity by which part of the
landslides were found, and the coordinates. Gradient boosting is fitted on folds of rows drawn at
random and on blocks of places; the effects (factor_effects) of the three columns and of the slope
are measured on held-out rows. Then the audit is asked about the random folds. One row a split and
factor goes to --out, with its commit; the words, and the curves of the velocity and of x, to the
Markdown file beside it; the curves as a picture to --picture. Commit before you run.
"""

import argparse
from pathlib import Path

import pandas as pd
from _models import MODELS
from _results import RESULTS, commit, header
from paper import TABLE, VELOCITY, load

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.inspection import factor_effects
from sklearn_landslide.model_selection import audit

SPLITS = ["random", "spatial"]
LEAKS = [VELOCITY, "x", "y"]
FACTORS = [*LEAKS, "slope"]
CHECKS = ["coordinates among the factors", "consequences among the factors"]
SEED = 0
SHOWN = {"random": ("random folds", "#0072B2", "-"), "spatial": ("blocks", "#D55E00", "--")}
NUMBERS = ["strength", "standard_error", "lowest", "highest", "agreement"]


def chain(model):
    """Build the pipeline of the other benchmarks around a model."""
    return make_landslide_pipeline(MODELS[model](SEED), resample=False, random_state=SEED)


def effects_of(table, model, split):
    """Effects of the columns that are looked at, on held-out rows of one split."""
    return factor_effects(
        chain(model),
        table.X,
        table.y,
        cv=table.folds(split, SEED),
        factors=FACTORS,
        interactions=0,
        random_state=SEED,
    )


def report(rows):
    """Return the table of effects as text, without a header."""
    shown = rows.assign(
        effect=[f"{row.strength:.2f} ± {row.standard_error:.2f}" for row in rows.itertuples()],
        apart=(rows["highest"] - rows["lowest"]).map("{:.2f}".format),
    )
    columns = ["split", "factor", "effect", "apart", "shape"]
    return "\n".join(
        [
            f"{TABLE}: effects on the log-odds, on held-out rows of 5 folds. Effect: its standard",
            "deviation over the rows, with its standard error over the folds; apart: between the",
            "lowest and the highest.",
            "",
            shown[columns].to_string(index=False),
            "",
        ]
    )


def said(table, model):
    """Ask the audit about random folds with the three columns; return its lines on both leaks."""
    found = audit(
        chain(model),
        table.X,
        table.y,
        coordinates=table.coordinates,
        cv=table.folds("random", SEED),
        n_permutations=0,
        random_state=SEED,
    ).findings
    words = found.loc[CHECKS, ["finding", "advice"]].agg(" ".join, axis=1)
    return [f"{check}: {text}" for check, text in words.items()]


def draw(found, path):
    """Draw what the model makes of the three columns, on random folds and on blocks."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(10.5, 3.8), layout="constrained")
    for panel, name in zip(axes, LEAKS, strict=True):
        # Coordinates in kilometers.
        unit = 1000 if name in ("x", "y") else 1
        for split, (words, color, dashes) in SHOWN.items():
            curve = found[split].effects.query("factor == @name").iloc[1:-1]
            values = curve["value"] / unit
            panel.plot(values, curve["effect"], dashes, color=color, label=words)
            panel.fill_between(values, curve["low"], curve["high"], color=color, alpha=0.2, lw=0)
        panel.axhline(0, color="0.45", linewidth=0.8, linestyle=":")
        panel.set_title(name)
        panel.set_xlabel("km" if unit > 1 else "mm a year")
    axes[0].set_ylabel("Effect on the log-odds")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of the table")
    parser.add_argument("--model", default="HistGB", choices=list(MODELS))
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--out", type=Path, default=RESULTS / "leaks.csv")
    args = parser.parse_args()

    table = load(args.data)
    found = {split: effects_of(table, args.model, split) for split in SPLITS}
    rows = pd.concat(
        [effects.factors.reset_index().assign(split=split) for split, effects in found.items()]
    ).assign(model=args.model, commit=commit())
    columns = ["model", "split", "factor", *NUMBERS, "shape", "commit"]
    rows[columns].to_csv(args.out, index=False)
    text = [header(), "", report(pd.read_csv(args.out)), "The audit of the random folds:", ""]
    text += [f"- {line}" for line in said(table, args.model)]
    text = "\n".join(text) + "\n"
    args.out.with_suffix(".md").write_text(text)
    print(text)
    if args.picture:
        draw(found, args.picture)


if __name__ == "__main__":
    main()
