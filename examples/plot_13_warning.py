"""
Were the warnings right?
========================

A model that reads the rain can warn. Whether it should is another question: how many landslides
would have been warned of, how long before, and how many warnings would have been for nothing. Here
the truth is known, so that the answer can be checked.
"""

# %%
# Storms to learn from, and storms to warn of
# -------------------------------------------
# Each row is a place at an hour of one of 24 rain periods. Fourteen of them are for training; ten,
# including the worst, are kept for later. Rows of one storm are never on both sides, because they
# share their weather.
import numpy as np
import pandas as pd

from sklearn_landslide.datasets import make_landslides

region = make_landslides(
    2500,
    landslide_share=0.3,
    sequences=48,
    shape=(60, 80),
    cell_size=60.0,
    return_stack=True,
    as_frame=True,
    random_state=1,
)
storms = np.random.default_rng(0).permutation(np.setdiff1d(range(24), region.storm.event))
later = np.append(storms[:9], region.storm.event)
is_later = np.isin(region.event, later)
print(f"{(~is_later).sum()} rows to learn from, {is_later.sum()} in the ten storms kept")

# %%
# The levels come from training storms
# ------------------------------------
# Rain becomes sums over windows, for a forest. The probabilities that set the levels come from
# storms that the model had not seen, with one group of training storms left out at a time, because
# a model is overconfident on the rows it was fitted on. Yellow is meant for nine of ten landslides,
# orange for six, red for three.
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.preprocessing import RainfallSums
from sklearn_landslide.warning import WarningLevels, verify_warnings

rain_sums = RainfallSums(sequences=region.sequences)
# A sum of 0 is a dry time, and no missing value.
new_columns = rain_sums.fit(region.data).get_feature_names_out()
dry_hours = {name: (0, 2000) for name in new_columns if name.startswith("rain_")}
model = make_pipeline(
    rain_sums,
    make_landslide_pipeline(
        RandomForestClassifier(100, min_samples_leaf=3, random_state=0),
        resample=False,
        bounds=dry_hours,
        prevalence=region.prevalence,
    ),
)
X, y = region.data[~is_later], region.target[~is_later]
out_of_storm = cross_val_predict(
    model, X, y, groups=region.event[~is_later], cv=GroupKFold(5), method="predict_proba"
)[:, 1]
levels = WarningLevels(hit_rate=[0.9, 0.6, 0.3]).fit(out_of_storm, y)
model.fit(X, y)
print(levels)

# %%
# Ten new storms
# --------------
# In the table a place is seen at one hour of a storm only, and landslides are more frequent than
# outside. So hits and the rate of false detection can be scored, but not false alarms per month.
# Intervals are over storms: ten storms are ten, however many rows they have.
table, happened = region.data[is_later], region.target[is_later].to_numpy()
seen = pd.DataFrame(
    {
        "time": pd.Timestamp("2021-01-01")
        + pd.to_timedelta(30 * region.event[is_later], unit="D")
        + pd.to_timedelta(region.hour[is_later], unit="h"),
        "unit": np.arange(len(table)).astype(str),
        "probability": model.predict_proba(table)[:, 1],
        "storm": region.event[is_later],
    }
)
new = verify_warnings(
    seen, seen.loc[happened == 1, ["time", "unit"]], levels=levels, step="1h", block="storm"
)
intervals = new.intervals(random_state=0)
intervals[intervals["score"].isin(["pod", "pofd"])].round(3)

# %%
# The worst storm, hour by hour
# -----------------------------
# For this storm the rain and the truth are known at each hour. Two hundred slopes are watched. Each
# has a strength of its own, and fails in the first hour in which its true probability exceeds it.
# The landslides of the forest's warnings are thus known to the hour.
truth, rain = region.storm.true_probability, region.storm.rain
n_hours, n_steps = len(region.sequences["rain"]), len(truth)
rng = np.random.default_rng(0)
slopes = rng.choice(truth[0].size, 200, replace=False)
rain_there = rain.reshape(len(rain), -1)[:, slopes]
static = pd.DataFrame({name: grid.ravel()[slopes] for name, grid in region.stack.items()})
static = static.astype({name: X[name].dtype for name in region.categorical_features})
start = pd.Timestamp("2026-06-01")


def warn_at(step):
    """Probability of every slope with the rain until the end of this hour."""
    hours = pd.DataFrame(rain_there[step : step + n_hours].T, columns=region.sequences["rain"])
    known = pd.concat([static, hours], axis=1)[X.columns]
    return pd.DataFrame(
        {
            "time": start + pd.Timedelta(hours=step + 1),
            "unit": slopes.astype(str),
            "probability": model.predict_proba(known)[:, 1],
        }
    )


hourly = pd.concat([warn_at(step) for step in range(n_steps)], ignore_index=True)
strength = rng.random(slopes.size)
unstable = truth.reshape(n_steps, -1)[:, slopes] > strength
failing = np.flatnonzero(unstable.any(axis=0))
failures = pd.DataFrame(
    {
        "time": start + pd.to_timedelta(unstable.argmax(axis=0)[failing] + 0.5, unit="h"),
        "unit": slopes[failing].astype(str),
    }
)
last_hour = pd.Series(start + pd.Timedelta(hours=n_steps), index=slopes.astype(str))
last_hour.update(failures.set_index("unit")["time"] + pd.Timedelta("30min"))
watched = hourly[hourly["time"].to_numpy() <= last_hour[hourly["unit"]].to_numpy()]
scores = verify_warnings(watched, failures, levels=levels)
print(scores.to_text())

# %%
# Nearly all landslides had a warning, at the price of many hours in which nothing came. The last
# line is right, too: the probability is that of a slope that cannot stand the water of this hour,
# and most of those have failed by then. It must not be read as a rate per hour.
#
# Where it warns too late
# -----------------------
# A warning is out at the end of an hour, when its rain has been measured. What fails within the
# hour in which the level is reached is a hit in the table, but nobody was warned. Without a
# forecast of rain, the lead time is what the ground takes to fill.
import matplotlib.pyplot as plt

leads = scores.lead_times()
fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
# In the color that the level is named after, and in a style of its own for those who see no colors.
looks = zip(scores.names, ["-", "--", ":"], ["#c9a800", "#e66100", "#b2182b"], strict=True)
for name, style, color in looks:
    hours = np.sort(leads[name].fillna(-5))[::-1]
    shares = np.arange(1, hours.size + 1) / hours.size
    ax.step(hours, shares, style, color=color, label=name, where="post")
ax.axvline(0, color="0.4", linewidth=0.8)
ax.set(
    xlim=(-4, 30),
    ylim=(0, 1),
    xlabel="hours of warning before the landslide",
    ylabel="share of landslides with at least this",
)
ax.legend()
plt.show()
pd.DataFrame(
    {
        "in time": (leads[list(scores.names)] > 0).mean(),
        "too late": (leads[list(scores.names)] <= 0).mean(),
        "never": leads[list(scores.names)].isna().mean(),
    }
).round(2)

# %%
# A slope, and an area
# --------------------
# Warnings are for areas rather than slopes. Here an area is a twelfth of the region, its warning
# the highest of its slopes, and a cell six hours long. The performance diagram has the share of
# the cells with landslides that were warned of against the share of warnings that were right. The
# levels were learned on single slopes: in an area one of many slopes nearly always reaches yellow,
# so an area needs levels of its own, from training seasons of areas.
from sklearn_landslide.plotting import WarningScoresDisplay, WarningTimelineDisplay

in_time = leads.sort_values("yellow", ascending=False)["unit"]
WarningTimelineDisplay.from_scores(scores, unit=in_time.iloc[len(in_time) // 4])
plt.show()

rows, columns = np.unravel_index(slopes, truth[0].shape)
area = pd.Series([f"{row // 20}-{column // 20}" for row, column in zip(rows, columns, strict=True)])
area.index = slopes.astype(str)
areas = verify_warnings(
    watched.assign(unit=area[watched["unit"]].to_numpy()),
    failures.assign(unit=area[failures["unit"]].to_numpy()),
    levels=levels,
    period="6h",
)
WarningScoresDisplay.from_scores({"slopes, 1 h:": scores, "areas, 6 h:": areas})
plt.show()
areas.table[["hits", "misses", "false_alarms", "correct_rejections", "pod", "far"]].round(2)

# %%
# Do the probabilities mean what they say?
# ----------------------------------------
# Compared with whether a slope can stand the water of this hour, failed before or not, they have a
# Brier score; the true probabilities have the best one that there can be on average.
from sklearn_landslide.metrics import brier_decomposition

state, true = unstable.ravel().astype(int), truth.reshape(n_steps, -1)[:, slopes].ravel()
said = hourly["probability"].to_numpy()
always_the_mean = np.full(said.size, state.mean())
for name, p in {"model": said, "truth": true, "always the mean": always_the_mean}.items():
    parts = brier_decomposition(state, p.clip(0, 1))
    print(f"{name:16} Brier {parts.brier:.3f}, reliability {parts.reliability:.3f}")
bins = pd.cut(said, [0, 0.02, 0.05, 0.1, 0.2, 0.4, 1], include_lowest=True)
table = pd.DataFrame({"said": said, "truth": true, "came": state})
table.groupby(bins, observed=True).mean().round(3)
