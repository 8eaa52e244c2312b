"""Warnings in South Tyrol: landslides found at fixed false alarms, one year left out at a time.

    python benchmarks/warning.py --data DIR [--models ...] [--seed 0]

Fits each model on nine years and predicts the tenth, as the split "year" of space_time.py, and
scores all years together with sklearn_landslide.warning: POD at fixed POFD with intervals over
days (all rows of a date are drawn together), ROC-AUC, Brier score, and the thresholds of nine years
applied to the tenth. The 3,233 rows are not a season: they are 259 landslides and a sample of other
places and days. The false alarms of a month cannot be known from them, so POFD takes their place; a
line says what a POFD would mean for one place, if the sampled days were like all days. The table
has the rain of the whole day of the landslide, as if the forecast of the day had been perfect.
One false alarm in 30 days of a place is a POFD of 1/30. Rainfall thresholds are those of
thresholds.py, without the place. One row per model and POFD goes to results/warning.csv, after each
model.
"""

import argparse
import time

import numpy as np
import pandas as pd
from _results import RESULTS, commit, header
from sklearn.metrics import brier_score_loss
from space_time import CHOICES, HOURS, NETS, build, folds, read
from thresholds import THRESHOLDS
from thresholds import build as build_threshold

from sklearn_landslide.warning import verify_warnings

# The cheapest first: the results are written after each.
MODELS = [*THRESHOLDS, "LR, sums", "CatBoost, sums", "RF, sums", "LandslideNet, hours"]
# What the others are compared with, where it is among them.
REFERENCE = "CatBoost, sums"
# The second: one false alarm in 30 days of a place.
RATES = [0.01, 1 / 30, 0.05, 0.1]
DRAWS = {"n_resamples": 1000, "random_state": 0}


def predict_years(X, y, table, model, seed):
    """Probabilities of all rows, each from a fit on the other years."""
    probability = np.full(len(y), np.nan)
    if model in THRESHOLDS or NETS.get(model, [""])[0] == "rain":
        X = X[HOURS]
    for train, test in folds(X, y, table, "year", seed).values():
        if model in THRESHOLDS:
            pipeline = build_threshold(model, n_bootstrap=0)
        else:
            pipeline, _ = build(model, seed)
        pipeline.fit(X.iloc[train], y[train])
        probability[test] = pipeline.predict_proba(X.iloc[test])[:, 1]
    return probability


def as_warnings(table, probability):
    """Each row as a place of its own on its day, and the landslides as events."""
    warnings = pd.DataFrame(
        {
            "time": pd.to_datetime(table["date"]),
            "unit": np.arange(len(table)).astype(str),
            "probability": probability,
            "day": table["date"].astype(str),
        }
    )
    return warnings, warnings.loc[table["landslide"] == 1, ["time", "unit"]]


def scored(warnings, events):
    """Scores of rows that are days of places."""
    return verify_warnings(warnings, events, step="1D", block="day", time_label="start")


def threshold_of_other_years(table, warnings, pofd):
    """POD and POFD of each year at the threshold of the nine others, all years together.

    The probabilities of the other years come from models that were fitted on the tenth, too; only
    the threshold is kept from it.
    """
    y, year = table["landslide"].to_numpy(), table["year"].to_numpy()
    warned = np.zeros(len(y), dtype=bool)
    for left_out in np.unique(year):
        others = year != left_out
        known = np.sort(warnings["probability"].to_numpy()[others & (y == 0)])[::-1]
        warned |= (year == left_out) & (warnings["probability"] > known[int(pofd * known.size)])
    return warned[y == 1].mean(), warned[y == 0].mean()


def score_model(table, model, probability, seconds):
    """Rows of results of one model."""
    warnings, events = as_warnings(table, probability)
    scores = scored(warnings, events)
    y = table["landslide"].to_numpy()
    same = {
        "model": model,
        "roc_auc": scores.roc().attrs["auc"],
        "brier": brier_score_loss(y, probability),
        "expected": probability.sum(),
        "fit_s": seconds,
        "commit": commit(),
    }
    for pofd in RATES:
        point = scores.at_pofd(pofd, **DRAWS)
        names = ["pod", "pod_lower", "pod_upper", "hits", "events"]
        carried = threshold_of_other_years(table, warnings, pofd)
        yield (
            same
            | {"pofd": pofd, **{name: point[name] for name in names}}
            | {
                "pod_carried": carried[0],
                "pofd_carried": carried[1],
            }
        )


def pod_differences(table, probabilities, reference):
    """POD of each model minus that of a reference, with intervals over the same draws of days."""
    y = table["landslide"].to_numpy()
    day = pd.factorize(table["date"])[0]
    rng = np.random.default_rng(0)
    draws = [np.bincount(rng.integers(day.max() + 1, size=day.max() + 1)) for _ in range(500)]
    draws = [np.pad(d, (0, day.max() + 1 - d.size))[day] for d in draws]
    lines = []
    for pofd in RATES:
        pods = {
            name: np.array([_pod(p, y, w, pofd) for w in [np.ones(len(y)), *draws]])
            for name, p in probabilities.items()
        }
        for name in probabilities:
            if name != reference:
                delta = pods[name] - pods[reference]
                low, high = np.quantile(delta[1:], [0.025, 0.975])
                lines.append((name, pofd, delta[0], low, high))
    return pd.DataFrame(lines, columns=["model", "pofd", "difference", "lower", "upper"])


def _pod(probability, y, weight, pofd):
    """POD at the highest threshold that keeps to the POFD; ties are rare here."""
    others = y == 0
    order = np.argsort(-probability[others])
    reached = np.cumsum(weight[others][order])
    above = probability[others][order][np.searchsorted(reached, pofd * reached[-1], side="right")]
    return weight[(y == 1) & (probability > above)].sum() / weight[y == 1].sum()


def report(table, rows, differences, reference):
    """All tables as text."""
    n_days = table["date"].nunique()
    others = int((table["landslide"] == 0).sum())
    parts = [
        f"{len(table)} rows, {int(table['landslide'].sum())} landslides, {others} other places and "
        f"days, {n_days} dates, {table['year'].nunique()} years.",
        "",
        "The rows are a sample of places and days, not a season: a rate of false alarms in a month "
        "is not known. If the sampled days were like all days, a POFD of 0.01 would be 0.3 false "
        "alarms of a place in 30 days, and one of 0.033 would be one. How the others were sampled "
        "is not in the table.",
    ]
    for value in ("pod", "pod_lower", "pod_upper", "hits", "pod_carried", "pofd_carried"):
        wide = rows.pivot_table(index="model", columns="pofd", values=value, sort=False)
        parts += ["", f"## {value} by POFD", "", wide.round(3).to_string()]
    one = rows.drop_duplicates("model").set_index("model")
    parts += ["", "## All years together", ""]
    parts += [one[["roc_auc", "brier", "expected", "fit_s"]].round(4).to_string()]
    parts += ["", f"## POD minus that of {reference}, 95 % over days", ""]
    parts += [differences.round(3).to_string(index=False), ""]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", required=True, help="folder of south_tyrol_rainfall.csv.gz")
    parser.add_argument(
        "--models", nargs="+", default=MODELS, choices=[*THRESHOLDS, *CHOICES], metavar="MODEL"
    )
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    # Of the code as it is now, whatever is changed while it runs.
    print(header(), flush=True)

    X, y, table = read(args.data)
    rows, probabilities = [], {}
    for model in args.models:
        started = time.perf_counter()
        probabilities[model] = predict_years(X, y, table, model, args.seed)
        seconds = time.perf_counter() - started
        rows += score_model(table, model, probabilities[model], seconds)
        print(f"{model}: {seconds:.0f} s", flush=True)
        found = pd.DataFrame(rows)
        found.to_csv(RESULTS / "warning.csv", index=False)
        reference = REFERENCE if REFERENCE in probabilities else next(iter(probabilities))
        differences = pod_differences(table, probabilities, reference)
        text = f"{header()}\n\n{report(table, found, differences, reference)}"
        (RESULTS / "warning.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
