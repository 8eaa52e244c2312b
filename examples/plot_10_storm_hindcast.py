"""
A storm, hour by hour
=====================

Susceptibility says where. With the rain of the hours before, a model can also say when. This one
learns from the landslides of other rain periods and then maps the worst of 24 periods, hour by
hour.
"""

# %%
# Places at an hour
# -----------------
# Each row of the table is a place at an hour: 16 static factors and the rain of the 48 hours
# before, in time order. ``sequences`` says which columns are one variable over time.
from sklearn_landslide.datasets import make_landslides

region = make_landslides(
    2000,
    landslide_share=0.3,
    sequences=48,
    shape=(60, 80),
    cell_size=60.0,
    return_stack=True,
    as_frame=True,
    random_state=1,
)
print(region.data.shape, region.sequences["rain"][:2], "...", region.sequences["rain"][-1])

# %%
# Train on the other periods
# --------------------------
# The storm mapped below must be new to the model, so all its rows are held out. The rows were
# sampled with 30 % landslides; ``prevalence`` turns the output into probabilities per hour.
from sklearn.metrics import roc_auc_score

from sklearn_landslide import LandslideNet, make_landslide_pipeline

held_out = region.event == region.storm.event
known, labels = region.data[~held_out], region.target[~held_out]


def fit(net, table):
    pipeline = make_landslide_pipeline(net, resample=False, prevalence=region.prevalence)
    return pipeline.fit(table, labels)


net = LandslideNet(sequences=region.sequences, random_state=0)
with_rain = fit(net, known)
static = fit(LandslideNet(random_state=0), known.drop(columns=region.sequences["rain"]))
for name, model in {"with rain": with_rain, "static": static}.items():
    table = region.data[held_out][model.feature_names_in_]
    score = roc_auc_score(region.target[held_out], model.predict_proba(table)[:, 1])
    print(f"ROC-AUC in the new storm, {name}: {score:.3f}")

# %%
# The course of the storm
# -----------------------
# For each hour, every cell gets its factors and the rain that has fallen on it so far. The top row
# is that rain, summed over six hours, the second the model's probability, and the third the true
# probability.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

rain, truth = region.storm.rain, region.storm.true_probability
n_hours = len(region.sequences["rain"])
cells = pd.DataFrame({name: grid.ravel() for name, grid in region.stack.items()})
cells = cells.astype({name: region.data[name].dtype for name in region.categorical_features})


def map_at(hour):
    window = rain[hour : hour + n_hours].reshape(n_hours, -1).T
    hours = pd.DataFrame(window, columns=region.sequences["rain"])
    table = pd.concat([cells, hours], axis=1)[known.columns]
    return with_rain.predict_proba(table)[:, 1].reshape(truth.shape[1:])


worst = int(truth.mean(axis=(1, 2)).argmax())
hours = np.clip(worst + np.array([-12, -6, -3, 0, 6]), 0, len(truth) - 1)
fig, axes = plt.subplots(3, len(hours), figsize=(11, 5.5), layout="constrained")
rows = {"rain in 6 h": "Blues", "model": "YlOrRd", "truth": "YlOrRd"}
limit = float(np.quantile(truth[hours], 0.995))
for column, hour in zip(axes.T, hours, strict=True):
    last = hour + n_hours
    layers = [rain[last - 6 : last].sum(axis=0), map_at(hour), truth[hour]]
    for axis, layer, colors in zip(column, layers, rows.values(), strict=True):
        top = limit if colors == "YlOrRd" else float(rain[hours.min() : last].max() * 4)
        image = axis.imshow(layer, cmap=colors, vmin=0, vmax=top)
        axis.set(xticks=[], yticks=[])
        if hour == hours[-1]:
            fig.colorbar(image, ax=axis, label="mm" if colors == "Blues" else "probability")
    column[0].set_title(f"{hour - worst:+d} h")
for axis, name in zip(axes[:, 0], rows, strict=True):
    axis.set_ylabel(name)
plt.show()

# %%
# Which hours counted
# -------------------
# ``attention`` gives the share of each hour in the network's log-odds, row by row. Permuting hours
# among the rows shows instead how much worse the predictions become; this is done six hours at a
# time, because leaving out a single hour makes little difference. The truth is known here: how much
# more water a millimeter of each hour would have left in the soil, times the rain that fell.
model, table = with_rain["model"], with_rain[:-1].transform(region.data[held_out])
target = region.target[held_out]
names = region.sequences["rain"]
blocks = [names[start : start + 6] for start in range(0, n_hours, 6)]
rng = np.random.default_rng(0)


def score(rows):
    return roc_auc_score(target, model.predict_proba(rows)[:, 1])


def score_without(block):
    scores = []
    for _ in range(5):
        shuffled = table.copy()
        shuffled[block] = table[block].to_numpy()[rng.permutation(len(table))]
        scores.append(score(shuffled))
    return np.mean(scores)


water = region.true_hour_weight[held_out] * region.data.loc[held_out, names]
shares = pd.DataFrame(
    {
        "truth": [water[block].to_numpy().sum() for block in blocks],
        "attention": model.attention(table).hours["rain"].mean().to_numpy().reshape(-1, 6).sum(1),
        "permutation": [max(score(table) - score_without(block), 0) for block in blocks],
    },
    index=[f"{6 * (k - len(blocks))} to {6 * (k + 1 - len(blocks))}" for k in range(len(blocks))],
)
shares /= shares.sum()
ax = shares.plot.bar(figsize=(8, 3.5), rot=0, width=0.8)
ax.set(xlabel="hours before the observation", ylabel="share")
plt.tight_layout()
plt.show()
print(
    shares.corr(method="spearman").loc["truth", ["attention", "permutation"]].round(2).to_string()
)
