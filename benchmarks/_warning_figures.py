"""What the page on warnings copies from the results: tables and claims."""

import pandas as pd
from _results import RESULTS

WARNING = "docs/user_guide/warning.md"
NET, BOOSTED = "LandslideNet, hours", "CatBoost, sums"
TRUTH = "the truth"


def south_tyrol():
    """Rows of results/warning.csv, by model and POFD."""
    rows = pd.read_csv(RESULTS / "warning.csv")
    return rows.assign(pofd=rows["pofd"].round(4)).set_index(["model", "pofd"])


def storms():
    """Means over the regions of results/storms.csv, by level and model, in their order."""
    rows = pd.read_csv(RESULTS / "storms.csv")
    rows = rows.drop_duplicates(["region", "model", "level"], keep="last")
    return rows.groupby(["level", "model"], sort=False).mean(numeric_only=True)


def warning_tables():
    """Yield page, first line and rows of each table."""
    found = south_tyrol()
    rates = found.index.unique("pofd")
    rows = []
    for model in found.index.unique("model"):
        cells = [model]
        for rate in rates:
            row = found.loc[(model, rate)]
            low, high = (round(row[end] * row["events"]) for end in ("pod_lower", "pod_upper"))
            cells.append(f"{row['hits']:.0f} ({low} to {high})")
        rows.append([*cells, f"{row['roc_auc']:.3f}", f"{row['brier']:.3f}"])
    yield WARNING, "| model | at 1 of 100 | at 1 of 30 |", rows
    found = storms()
    rows, timely = [], []
    for model in found.loc["past"].index:
        past, same = found.loc[("past", model)], found.loc[("pofd", model)]
        scores = [f"{past[name]:.4f}" for name in ("brier", "reliability")]
        rows.append([model, *scores, f"{past['error']:.3f}"])
        names = ["in_time", "too_late", "never"]
        cells = [f"{one[name]:.2f}" for one in (past, same) for name in names]
        cells.insert(3, f"{past['pofd']:.2f}")
        timely.append([model, *cells])
    yield WARNING, "| model | Brier score | of which reliability |", rows
    yield WARNING, "| model | in time | too late | never | quiet hours warned |", timely


def warning_claims():
    """Yield page, words and whether the results show it."""
    found = south_tyrol()["hits"].unstack("pofd")
    is_line = found.index.str.startswith("Threshold")
    behind = found[is_line].max() < found[~is_line].min()
    yield WARNING, "Rainfall thresholds are behind all models that know the place", behind.all()
    month = found[0.0333]
    yield WARNING, "finds most at one false alarm in 30 days", month.idxmax() == NET
    few = found[0.01].idxmax() == found[0.1].idxmax() == BOOSTED
    yield WARNING, "CatBoost finds most at fewer and at more", few
    error = storms().loc["past", "error"].drop(TRUTH).sort_values()
    order = [error.index[0], error.index[1], error.index[-1]] == [BOOSTED, NET, "Threshold"]
    yield WARNING, "CatBoost comes closest to the truth, followed by the network", order
