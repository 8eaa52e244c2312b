"""Ten storms of a synthetic region: learn from nine, warn of the tenth hour by hour.

    python benchmarks/storms.py [--regions 0 1 2 3] [--models ...]

Each region is one of make_landslides(sequences=True): the ten periods with most landslides in the
sample, of which the worst one is warned of and the nine others are learned from. At each of its 72
hours each model says a probability for 1,000 slopes, whose true probability is known. A slope
fails in the first hour in which the true probability exceeds its strength, a number drawn once;
afterwards it is no longer watched. A level is learned on the nine storms, from the
probabilities of models that had not seen three of them at a time, as the one that 9 of 10
landslides reach; that of the truth on the true probabilities of the same rows. A second level is
for comparison only: on the tenth storm itself it warns 1 of 10 quiet hours of slopes. The samples
have more landslides than the region, which each pipeline takes back by the odds that are known.
Scored are the Brier score against whether a slope stands the water of the hour, the part of it that
reliability is, the root mean square of the difference from the truth, and when the first warning
was out: before the landslide, after it or never. One row per region, model and level goes to
results/storms.csv.
"""

import argparse
import time

import numpy as np
import pandas as pd
from _models import MODELS
from _results import RESULTS, add_keep_option, commit, header, rows_done
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.metrics import brier_decomposition
from sklearn_landslide.preprocessing import RainfallSums
from sklearn_landslide.warning import RainfallThreshold, WarningLevels, verify_warnings

KEYS = ["region", "fold", "model"]
NAMES = ["Threshold", "LR, sums", "RF, sums", "CatBoost, sums", "LandslideNet, hours"]
TRUTH = "the truth"
HIT_RATE, POFD = 0.9, 0.1
LEVELS = {"past": "reached by 9 of 10 landslides of the nine storms", "pofd": "at a POFD of 0.1"}
N_STORMS, N_SLOPES = 10, 1000
START = pd.Timestamp("2026-06-01")


def read(seed):
    """Make a region, and say which rows are of the nine storms."""
    region = make_landslides(
        6000,
        landslide_share=0.3,
        sequences=True,
        shape=(90, 120),
        return_stack=True,
        as_frame=True,
        random_state=seed,
    )
    counts = pd.Series(region.event[region.target == 1]).value_counts()
    counts = counts.drop(region.storm.event)
    return region, np.isin(region.event, counts.index[: N_STORMS - 1])


def prevalence(region, y):
    """Share of landslides among rows such as these in the region: by the odds of the sample."""
    odds = [share / (1 - share) for share in (y.mean(), region.target.mean(), region.prevalence)]
    true = odds[0] / odds[1] * odds[2]
    return true / (1 + true)


def build(name, region, y, seed):
    """Return the pipeline of a model."""
    rain, what = region.sequences, {"resample": False, "prevalence": prevalence(region, y)}
    # No rain is a dry time, and no missing value.
    if name in ("Threshold", "LandslideNet, hours"):
        what["bounds"] = dict.fromkeys(rain["rain"], (0, 500))
    if name == "Threshold":
        return make_landslide_pipeline(RainfallThreshold(n_bootstrap=0, sequences=rain), **what)
    if name == "LandslideNet, hours":
        return make_landslide_pipeline(LandslideNet(sequences=rain, random_state=seed), **what)
    sums = RainfallSums(sequences=rain, log=True)
    columns = sums.fit(region.data).get_feature_names_out()
    what["bounds"] = {column: (0, 10) for column in columns if column.startswith("log_rain")}
    model = MODELS[name.removesuffix(", sums")](seed)
    return make_pipeline(sums, make_landslide_pipeline(model, **what))


def out_of_storm(name, region, X, y, storms, seed):
    """Probabilities of rows by models that did not see their storm."""
    probability = np.empty(len(y))
    for train, test in GroupKFold(3).split(X, y, storms):
        model = build(name, region, y.iloc[train], seed).fit(X.iloc[train], y.iloc[train])
        probability[test] = model.predict_proba(X.iloc[test])[:, 1]
    return probability


def hours_of(region, columns, slopes):
    """Yield the rows of the slopes at each hour of the storm."""
    names = region.sequences["rain"]
    rain = region.storm.rain.reshape(len(region.storm.rain), -1)[:, slopes].astype(float)
    static = pd.DataFrame({name: grid.ravel()[slopes] for name, grid in region.stack.items()})
    static = static.astype({n: region.data[n].dtype for n in region.categorical_features})
    for hour in range(len(region.storm.true_probability)):
        known = pd.DataFrame(rain[hour : hour + len(names)].T, columns=names)
        yield pd.concat([static, known], axis=1)[columns]


def watch(region, seed):
    """Draw slopes and their strengths: true probabilities by hour, and when each one fails."""
    truth = region.storm.true_probability.reshape(len(region.storm.true_probability), -1)
    rng = np.random.default_rng(seed)
    slopes = rng.choice(truth.shape[1], N_SLOPES, replace=False)
    truth = truth[:, slopes].astype(float)
    unstable = truth > rng.random(N_SLOPES)
    return slopes, truth, unstable


def score(said, truth, unstable, levels):
    """Scores of the probabilities of an event, and its lead times: a dict a level."""
    n_hours, n_slopes = said.shape
    brier = brier_decomposition(unstable.ravel().astype(int), said.ravel())
    same = {
        "brier": brier.brier,
        "reliability": brier.reliability,
        "error": np.sqrt(np.mean((said - truth) ** 2)),
        "mean": said.mean(),
        "mean_truth": truth.mean(),
    }
    fails = np.flatnonzero(unstable.any(axis=0))
    first = np.where(unstable.any(axis=0), unstable.argmax(axis=0), n_hours)
    unit = np.arange(n_slopes).astype(str)
    hour, slope = np.nonzero(np.arange(n_hours)[:, None] <= first)
    watched = pd.DataFrame(
        {
            "time": START + pd.to_timedelta(hour + 1, unit="h"),
            "unit": unit[slope],
            "probability": said[hour, slope],
        }
    )
    failures = pd.DataFrame(
        {"time": START + pd.to_timedelta(first[fails] + 0.5, unit="h"), "unit": unit[fails]}
    )
    for name in LEVELS:
        if name == "pofd":
            quiet = np.sort(said[hour, slope][hour < first[slope]])[::-1]
            levels.edges_ = np.array([np.nextafter(quiet[int(POFD * len(quiet))], 1)])
        scores = verify_warnings(watched, failures, levels=levels)
        lead = scores.lead_times()[levels.names[0]]
        yield same | {
            "level": name,
            "landslides": len(lead),
            "in_time": (lead > 0).mean(),
            "too_late": (lead <= 0).mean(),
            "never": lead.isna().mean(),
            "median_lead": lead[lead > 0].median(),
            "pofd": scores.table.loc[levels.names[0], "pofd"],
        }


def run_region(seed, names):
    """Yield the rows of each model in one region."""
    region, is_past = read(seed)
    X, y, storms = region.data[is_past], region.target[is_past], region.event[is_past]
    slopes, truth, unstable = watch(region, seed)
    for name in [TRUTH, *names]:
        started = time.process_time()
        if name == TRUTH:
            before, said = region.true_probability[is_past], truth
        else:
            before = out_of_storm(name, region, X, y, storms, seed)
            model = build(name, region, y, seed).fit(X, y)
            rows = hours_of(region, list(X), slopes)
            said = np.array([model.predict_proba(hour)[:, 1] for hour in rows])
        levels = WarningLevels(["warned"], hit_rate=[HIT_RATE]).fit(before, y)
        seconds = time.process_time() - started
        for row in score(said, truth, unstable, levels):
            facts = {"region": seed, "fold": 0, "model": name, "rows": len(y), "cpu_s": seconds}
            yield facts | row | {"commit": commit()}
        print(f"region {seed}, {name}: {seconds:.0f} s", flush=True)


def report(rows):
    """All tables as text: means over regions."""
    rows = rows.sort_values("region", kind="stable")
    order = [TRUTH, *NAMES]
    regions = rows["region"].nunique()
    past = rows.drop_duplicates("region")["rows"].tolist()
    slides = rows.drop_duplicates("region")["landslides"].tolist()
    parts = [f"{regions} regions; rows of nine storms: {past}; slopes that fail: {slides}."]
    one = rows[rows["level"] == "past"].groupby("model")
    columns = ["brier", "reliability", "error", "mean", "mean_truth", "cpu_s"]
    parts += ["", "## Probabilities, means over regions", ""]
    parts += [one[columns].mean().reindex(order).dropna(how="all").round(4).to_string()]
    wide = one["brier"].apply(list).reindex(order).dropna()
    parts += ["", "## Brier score by region", ""]
    parts += [f"{name}: {', '.join(f'{v:.4f}' for v in wide[name])}" for name in wide.index]
    for level, words in LEVELS.items():
        part = rows[rows["level"] == level].groupby("model")
        columns = ["in_time", "too_late", "never", "median_lead", "pofd"]
        parts += ["", f"## Level {words}, means over regions", ""]
        parts += [part[columns].mean().reindex(order).dropna(how="all").round(3).to_string()]
    return "\n".join([*parts, ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--regions", nargs="+", type=int, default=[0, 1, 2, 3])
    parser.add_argument("--models", nargs="+", default=NAMES, choices=NAMES, metavar="MODEL")
    add_keep_option(parser)
    args = parser.parse_args()
    print(header(), flush=True)
    path = RESULTS / "storms.csv"
    wanted = [(seed, 0, name) for seed in args.regions for name in [TRUTH, *args.models]]
    done = rows_done(path, KEYS, wanted, args.keep)
    for seed in args.regions:
        names = [name for name in args.models if (str(seed), "0", name) not in done]
        if not names:
            continue
        for row in run_region(seed, names):
            new = pd.DataFrame([row])
            new.to_csv(path, mode="a", header=not path.exists(), index=False)
        found = pd.read_csv(path).drop_duplicates([*KEYS, "level"], keep="last")
        text = f"{header()}\n\n{report(found)}"
        (RESULTS / "storms.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
