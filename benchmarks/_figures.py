"""What each page copies from the results: tables, sentences and claims."""

import re
from functools import cache

import ablation
import baselines
import importance
import leaks
import monotone
import pandas as pd
import paper
import sensitivity
import skill
import space_time
import thresholds
import transfer
from _results import RESULTS
from _warning_figures import warning_claims, warning_tables

from sklearn_landslide.metrics import corrected_resampled_ttest
from sklearn_landslide.transfer import known_pairs

README = "README.md"
BASELINES = "docs/user_guide/baselines.md"
PAPER = "docs/user_guide/paper_claims.md"
PROBABILITIES = "docs/user_guide/probabilities.md"
TIME = "docs/user_guide/space_time.md"
SPATIAL = "docs/user_guide/spatial_validation.md"
THRESHOLDS = "docs/user_guide/thresholds.md"
TRUST = "docs/user_guide/trust.md"
REGIONS = "docs/user_guide/transfer.md"
INSPECTION = "docs/user_guide/inspection.md"
NETWORK = "docs/user_guide/network.md"
NET, CHOOSING = "LandslideNet", "LandslideNetCV"
HOURS = "LandslideNet, hours"

# Blocks of text, by their first words, whose figures come from elsewhere.
ELSEWHERE = {
    (INSPECTION, "Each cell is compared with 2,000"): "trials of development on one machine",
    (INSPECTION, "> **coordinates among"): "words of the audit, in results/leaks.md",
    (INSPECTION, "Keep this in mind when you"): "the paper's Table 3",
    (README, "You need Python"): "a version of Python",
    (README, "SMOTE is part of the chain"): "the study of South Tyrol on the page of probabilities",
    (PROBABILITIES, "| model | no resampling |"): "a study of South Tyrol",
    (PROBABILITIES, "The correction improves"): "the same study",
    (PROBABILITIES, "- `resample=None`"): "the same study",
    (PROBABILITIES, "Weights (`class_weight`"): "the same study",
    (PAPER, "| model | accuracy |"): "the paper's Table 3",
    (PAPER, "Two cells do not fit"): "follows from the paper's Table 3",
    (PAPER, "The ablation was run"): "what can be seen at all, in round figures",
    (PAPER, "We tried about 40 configurations"): "trials of development; their scores are not kept",
    (PAPER, "For the recipe that adapts"): "trials of development; their scores are not kept",
    (PAPER, "| variant | ecuador random |"): "trials of development; their scores are not kept",
    (PAPER, "- **Order of the factors.**"): "trials of development; their scores are not kept",
    (TIME, "How the design was chosen"): "trials of development; their scores are not kept",
    (SPATIAL, "| | random | k-means blocks |"): "a study of twenty synthetic regions",
    (
        "docs/user_guide/data.md",
        "| what is known | ROC-AUC |",
    ): "a study of three synthetic regions",
    (NETWORK, "To measure what weights"): "what a label holds of which three in ten are wrong",
    (NETWORK, "| | from | takes |"): "the recipe itself",
    (NETWORK, "With a share of 0"): "the limits of a forest",
    (NETWORK, "The rest is fixed"): "the recipe itself",
    ("docs/user_guide/map_products.md", "Inside does not mean correct"): "seconds of one machine",
}

SKILL_MODELS = [NET, "LR", "SVM", "RF", "Wide MLP", "ExtraTrees", "HistGB", "XGBoost", "CatBoost"]
WITH_PLACES = ["ecuador_points", "ecuador_slides", "south_tyrol", "hong_kong"]
SKILL_COLUMNS = [
    ("random", "ecuador_points"),
    ("random", "ecuador_slides"),
    ("random", "yongxin_slope_units"),
    ("random", "south_tyrol"),
    ("random", "hong_kong"),
    *(("spatial", table) for table in WITH_PLACES),
]
ELSEWHERE_COLUMNS = [("random", "pima_diabetes"), ("random", "sonar")]
# Cases of results/paper.csv and what their columns say.
HONG_KONG_MODELS = [NET, "RF", "CNN", "SVM", "LR", "CatBoost", "XGBoost"]
IMPORTANCE_MODELS = ["HistGB", NET]
LOOKED_AT = ["deformation_velocity", "x", "y", "slope", "spi", "altitude"]
WITH_AND_WITHOUT = {"all": "all 16", "factors": "the 13 factors"}
CASES = ["all", "no-xy", "factors", "blocks", "blocks-factors"]
TIME_SPLITS = ["random", "spatial", "year", "lithology"]
PARTS_OVER_TIME = {
    "rain (static columns only)": "LandslideNet, static only",
    "static columns (rain only)": "LandslideNet, rain only",
    "LSTM": "LandslideNet, no LSTM",
    "spatial attention": "LandslideNet, no SAM",
    "self-attention": "LandslideNet, no attention",
}
# What is wrong with the data, in the words of the page, and the rows of results/sensitivity.csv.
POOR_DATA = {
    "a tenth of the rows": ("fewer rows", 0.9),
    "a fifth of the labels wrong": ("wrong labels", 0.2),
    "half of the landslides not mapped": ("landslides not mapped", 0.5),
    "the same, more so far from roads": (
        "landslides not mapped, more so with distance_to_road",
        0.5,
    ),
    "noise as strong as the factors": ("noise in all factors", 1.0),
    "20 factors of noise": ("factors of noise added", 20.0),
    "landslides 10 m off": ("landslides shifted", 10.0),
    "landslides 50 m off": ("landslides shifted", 50.0),
    "landslides 200 m off": ("landslides shifted", 200.0),
}
# Columns of the table on monotone slopes and weights, and the words for its rows.
MONOTONE_COLUMNS = [
    ("random", "ecuador_points"),
    ("spatial", "ecuador_points"),
    ("random", "yongxin_slope_units"),
]
WEIGHT_CASES = {
    "half of the labels poor": "poor - plain",
    "what weights give back": "weighted - poor",
}
# Columns of the tables on the baselines, by the words of the page.
BASELINE_COLUMNS = {
    "Ecuador, random": ("random", "ecuador_points"),
    "Ecuador, spatial": ("spatial", "ecuador_points"),
    "Yongxin, random": ("random", "yongxin_slope_units"),
    "Hong Kong, random": ("random", "hong_kong"),
    "Hong Kong, spatial": ("spatial", "hong_kong"),
}
BASELINE_METRICS = {"ROC-AUC": "roc_auc", "PR-AUC": "pr_auc", "Brier": "brier"}
COMPARED = {
    "synthetic": "First, on the synthetic region of",
    "ecuador_points": "350 points in the",
    "yongxin_slope_units": "10,041 slope units of",
}


def kept(generate):
    """Call a generator once and keep what it yields."""
    return cache(lambda: list(generate()))


@cache
def rows(name):
    """Rows of one results file."""
    modules = {"space_time": space_time, "paper": paper, "sensitivity": sensitivity}
    modules |= {"transfer": transfer, "importance": importance}
    keys = modules.get(name, skill).KEYS
    return pd.read_csv(RESULTS / f"{name}.csv").drop_duplicates(keys, keep="last")


@cache
def means(name):
    """Mean ROC-AUC of a results file by model, split and table, with mean ranks."""
    return skill.mean_table(rows(name), "roc_auc")


def rank(split, model):
    """Mean rank of a model in a split."""
    return means("skill")[split, "mean rank"][model]


def difference(scores, model, reference, **where):
    """Mean and standard error of model minus reference on the same folds."""
    for column, value in where.items():
        scores = scores[scores[column] == value]
    wide = scores.pivot(index=["seed", "fold"], columns="model", values="roc_auc")
    sizes = scores.groupby(["seed", "fold"])[["n_train", "n_test"]].first()
    pairs = wide[[model, reference]].dropna()
    n_train, n_test = sizes.loc[pairs.index].to_numpy().T
    return corrected_resampled_ttest(pairs[model], pairs[reference], n_train=n_train, n_test=n_test)


def lead(table, split, rival, model=NET, name="skill"):
    """Lead of a model over a rival, as "0.008 ± 0.012"."""
    return _cell(difference(rows(name), model, rival, table=table, split=split))


def over_time(split, model, reference=HOURS):
    """Lead of a model over a reference on South Tyrol's rain."""
    return difference(rows("space_time"), model, reference, split=split)


def _cell(result, sign="", factor=1):
    return f"{factor * result.difference:{sign}.3f} ± {result.standard_error:.3f}"


@cache
def hong_kong(metric, spread=False):
    """Mean of a metric over the seeds of results/paper.csv, or its spread, by model and case."""
    by_seed = rows("paper").groupby(["model", "case", "seed"])[metric].mean()
    grouped = by_seed.groupby(["model", "case"])
    return (grouped.std() if spread else grouped.mean()).unstack("case")


def hong_kong_cell(model, case, metric="roc_auc", digits=4):
    """One mean of results/paper.csv; "-" where the model was not run."""
    means = hong_kong(metric)
    value = means[case].get(model)
    return "-" if pd.isna(value) else f"{value:.{digits}f}"


@cache
def ablation_changes():
    """Mean and standard error of each variant minus its reference, by table and variant."""
    scores = pd.read_csv(RESULTS / "ablation_random.csv")
    return ablation.changes(scores, "roc_auc")


def ablation_cell(variant, table):
    """Loss of ROC-AUC by a variant, to three decimals."""
    change, error = map(float, ablation_changes()[table][variant].split(" ± "))
    return f"{-change:.3f} ± {error:.3f}"


@cache
def rain_summary():
    """ROC-AUC on South Tyrol's rain, by model, split and kind of mean."""
    pooled = pd.read_csv(RESULTS / "space_time_pooled.csv")
    pooled = pooled.pivot(index="model", columns="split", values="pooled")
    return space_time.summary(rows("space_time"), pooled)


def rain_score(model, split, kind=None):
    """One figure of the table on rain, as the study counts it unless `kind` says otherwise."""
    return rain_summary()[split, kind or _counted(split)][model]


def _counted(split):
    return "median" if split in ("random", "spatial") else "mean"


def by_seed(model, split):
    """Mean over the folds for each seed, to three decimals."""
    part = rows("space_time").query("model == @model and split == @split")
    return [f"{mean:.3f}" for mean in part.groupby("seed")["roc_auc"].mean()]


@cache
def compared():
    """Tables of results/comparison.md, by the name of the table: rows of cells."""
    sections = (RESULTS / "comparison.md").read_text(encoding="utf-8").split("\n## ")[1:]
    return {
        section.partition("\n")[0]: [
            [_to_three_decimals(cell.strip()) for cell in line.split("|")[1:9]]
            for line in section.splitlines()
            if line.startswith("|")
        ]
        for section in sections
    }


def _to_three_decimals(cell):
    return re.sub(r"\d\.\d{4}", lambda number: f"{float(number.group()):.3f}", cell)


def compared_score(table, model, metric):
    """Mean of one metric of one model in results/comparison.md."""
    head, _, *body = compared()[table]
    row = next(row for row in body if row[0] == model)
    return float(row[head.index(metric)].split(" ± ")[0])


@cache
def validation():
    """Cells of results/validation.md: for "mean" and "pooled", four folds by model."""
    text = (RESULTS / "validation.md").read_text(encoding="utf-8")
    parts = re.findall(r"ROC-AUC, (\w+) over the folds\n.*\nmodel *\n((?:\w+ .*\n)+)", text)
    return {
        kind: {
            line.split()[0]: re.findall(r"\d\.\d+(?: ± \d\.\d+)?", line)
            for line in lines.splitlines()
        }
        for kind, lines in parts
    }


def fall(model, folds):
    """Fall of the mean ROC-AUC from random folds to those of a column of validation.md."""
    cells = [float(cell.split(" ± ")[0]) for cell in validation()["mean"][model]]
    return cells[0] - cells[folds]


@cache
def residuals():
    """Rows of the table of results/residuals.md."""
    text = (RESULTS / "residuals.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[1:]]


@cache
def attention():
    """Rank correlations of results/attention.md, by two measures and table."""
    text = (RESULTS / "attention.md").read_text(encoding="utf-8").split("\n\n")[1]
    head, *lines = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]
    return pd.DataFrame([line[1:] for line in lines], [line[0] for line in lines], head[1:])


def _attention_figures():
    """Least and greatest correlation over the synthetic regions, then those of Ecuador."""
    found = attention()
    regions = found.filter(like="region")
    for pair in (
        "contribution, importance",
        "contribution, truth",
        "importance, truth",
        "spatial, contribution",
        "self_attention, contribution",
    ):
        cells = regions.loc[pair].astype(float)
        yield from (f"{cells.min():.2f}", f"{cells.max():.2f}")
    pairs = ("contribution, importance", "spatial, contribution", "self_attention, contribution")
    yield from (found["ecuador_points"][pair] for pair in pairs)


@cache
def speed():
    """First table of results/speed.md, by threads and model."""
    text = (RESULTS / "speed.md").read_text(encoding="utf-8")
    head, *lines = text.split("\n\n")[1].splitlines()
    columns = re.split(r"\s{2,}", head.strip())
    table = pd.DataFrame([line.split() for line in lines], columns=columns)
    return table.set_index(["threads", "model"]).drop(columns="table").astype(float)


@kept
def tables():
    """Yield page, the words it is found by and rows of each table that is a copy."""
    for name, words in COMPARED.items():
        yield PAPER, words, compared()[name][2:]
    models = [m for m in HONG_KONG_MODELS if m in hong_kong("roc_auc").index]
    metrics = paper.METRICS[:-1]
    yield (
        PAPER,
        "| model, all 16 columns | accuracy |",
        [
            [model, *(hong_kong_cell(model, "all", metric) for metric in metrics)]
            for model in models
        ],
    )
    yield (
        PAPER,
        "| model | 16 columns | without x, y |",
        [[model, *(hong_kong_cell(model, case) for case in CASES)] for model in models],
    )
    columns = [
        ", ".join(reversed([split, name.replace("_", " ")])) for split, name in SKILL_COLUMNS
    ]
    yield (
        PAPER,
        f"| model | {' | '.join(columns)} | mean rank, random | mean rank, spatial |",
        [
            [model]
            + [_or_dash(means("skill")[column][model]) for column in SKILL_COLUMNS]
            + [f"{rank(split, model):.2f}" for split in ("random", "spatial")]
            for model in SKILL_MODELS
        ],
    )
    columns = [f"{name.replace('_', ' ')}, {split}" for split, name in ELSEWHERE_COLUMNS]
    yield (
        PAPER,
        f"| model | {' | '.join(columns)} |",
        [
            [model]
            + [_or_dash(means("skill_elsewhere")[column][model]) for column in ELSEWHERE_COLUMNS]
            for model in SKILL_MODELS
        ],
    )
    changes = ablation_changes()
    yield (
        PAPER,
        "| variant | ecuador points | south tyrol |",
        [[variant, *changes.loc[variant]] for variant in changes.index],
    )
    yield (
        TIME,
        "| model | random | spatial | year | year, pooled | lithology | seeds |",
        _rain_rows(),
    )
    yield (
        TIME,
        "| switched off | change |",
        [[part, _cell(over_time("year", net), "+")] for part, net in PARTS_OVER_TIME.items()],
    )
    hours = (RESULTS / "attended_hours.md").read_text(encoding="utf-8").split("\n\n")[1]
    yield (
        TIME,
        "| region | share of the last six hours, truth | attention | permutation "
        "| rank correlation with the truth hour by hour, attention |",
        [
            [cells[0], *cells[2:5], cells[-1]]
            for cells in (line.split() for line in hours.splitlines()[1:])
        ],
    )
    yield from _threshold_tables()
    yield from warning_tables()
    yield REGIONS, "| ROC-AUC | no labels | 30 |", _transfer_rows()
    for words, metric in BASELINE_METRICS.items():
        yield BASELINES, f"| {words} | {' | '.join(BASELINE_COLUMNS)} |", _baseline_rows(metric)
    if (RESULTS / "sensitivity.csv").exists():
        yield TRUST, "| what is wrong | model |", _poor_data_rows()
    yield INSPECTION, "| column | model | random folds, alone |", _worth_rows()
    yield INSPECTION, "| columns | model | random folds | blocks |", _with_and_without_rows()
    yield INSPECTION, "| column | effect, random folds |", _leak_effect_rows()
    yield INSPECTION, "| model | random folds | with x, y |", _leak_score_rows()
    yield INSPECTION, "| folds | model | ROC-AUC |", residuals()
    yield NETWORK, "| labels and weights |", _weight_rows()
    found = validation()
    yield (
        SPATIAL,
        "| model | random 5-fold | k-means blocks | one year out | one lithology out |",
        [[model, *cells] for model, cells in found["mean"].items()]
        + [[f"{model}, pooled", *cells] for model, cells in found["pooled"].items()],
    )


def _threshold_tables():
    """Tables of the page on rainfall thresholds."""
    found = pd.read_csv(RESULTS / "thresholds.csv")
    scores, above = thresholds.score_table(found), thresholds.above_table(found)
    names = {name: name.removeprefix("Threshold, ") for name in thresholds.THRESHOLDS}
    yield (
        THRESHOLDS,
        "| model | ROC-AUC, random |",
        [[name, *scores.loc[name]] for name in scores.index],
    )
    kinds = [(kind, split) for split in thresholds.SPLITS for kind in thresholds.ABOVE]
    yield (
        THRESHOLDS,
        "| threshold | landslides, random |",
        [[names[name], *(f"{above.loc[name, kind]:.3f}" for kind in kinds)] for name in names],
    )
    lines = pd.read_csv(RESULTS / "thresholds_lines.csv")
    below = lines.pivot(index="model", columns="residuals", values="below")
    yield (
        THRESHOLDS,
        "| threshold | kernel density |",
        [
            [names[name], *(f"{below.loc[name, how]:.3f}" for how in ("kernel", "normal"))]
            for name in names
        ],
    )


def _threshold_claims():
    """What the page on rainfall thresholds says of them beside other models."""
    found = pd.concat([pd.read_csv(RESULTS / "thresholds.csv"), thresholds.rivals()])
    behind = []
    for split in thresholds.SPLITS:
        means = thresholds.by_model(found, split, "roc_auc")["mean"]
        rivals = [name for name in thresholds.RIVALS if not name.endswith("rain only")]
        behind.append(means[list(thresholds.THRESHOLDS)].max() < means[rivals].min())
    years = thresholds.by_model(found, "year", "roc_auc")
    rain, line = "LandslideNet, rain only", "Threshold, events (96 h)"
    near = 0 < years["mean"][rain] - years["mean"][line] < years["std"][rain]
    yield THRESHOLDS, "- Thresholds are behind all models that know the place.", all(behind)
    yield THRESHOLDS, "by no more than the years differ among themselves", near
    lines = pd.read_csv(RESULTS / "thresholds_lines.csv")
    words = "**The 5 % line misses more than 5 % of the landslides here.**"
    yield THRESHOLDS, words, bool((lines["below"] > 0.05).all())


def _worth_rows():
    """Rows of the table on what columns of Hong Kong's table are worth."""
    found = {
        (model, split): importance.study_table(
            importance.importance_of(rows("importance"), model, split, "all")
        )
        for model in IMPORTANCE_MODELS
        for split in importance.SPLITS
    }
    return [
        [name, model]
        + [found[model, s].loc[name, how] for s in importance.SPLITS for how in importance.HOW]
        for name in LOOKED_AT
        for model in IMPORTANCE_MODELS
    ]


def _with_and_without_rows():
    """Rows of the table on scores with and without what knows the answer."""
    return [
        [words, model]
        + [
            f"{importance.importance_of(rows('importance'), model, split, case).score:.3f}"
            for split in importance.SPLITS
        ]
        for case, words in WITH_AND_WITHOUT.items()
        for model in IMPORTANCE_MODELS
    ]


@cache
def monotone_changes():
    """Changes of ROC-AUC by monotone slopes, poor labels and weights, as cells of text."""
    found = monotone.changes(rows("monotone"))[list(MONOTONE_COLUMNS)]
    # What rounds to 0 has no sign.
    return found.map(lambda cell: re.sub(r"[+-](0\.000)", r"\1", _to_three_decimals(cell)))


def _weight_rows():
    """Rows of the table on poor labels and on weights that know them."""
    found = monotone_changes()
    return [
        [f"{model}, {words}", *found.loc[f"{model}, {case}"]]
        for model in monotone.NETS
        for words, case in WEIGHT_CASES.items()
    ]


def _monotone_figures():
    """Changes by a slope that may only raise the susceptibility, model by model."""
    found = monotone_changes()
    return [cell for model in monotone.NETS for cell in found.loc[f"{model}, monotone - plain"]]


def _weight_claims():
    """What the page on the network says of weights."""
    found = monotone.changes(rows("monotone"))["random", "yongxin_slope_units"]
    lost, back = (
        float(found[f"{NET}, {case}"].split(" ± ")[0])
        for case in ("poor - plain", "weighted - poor")
    )
    words = "the weights give back most of what the network loses by them"
    yield NETWORK, words, lost < 0 and back > -0.5 * lost


def _leak_effect_rows():
    """Rows of the table on the effects of columns that know the answer."""
    found = pd.read_csv(RESULTS / "leaks.csv").set_index(["factor", "split"])
    return [
        [name]
        + [
            cell
            for split in leaks.SPLITS
            for cell in (
                "{strength:.2f} ± {standard_error:.2f}".format(**found.loc[name, split]),
                "{lowest:.2f} to {highest:.2f}".format(**found.loc[name, split]),
                found.loc[name, split]["shape"],
            )
        ]
        for name in leaks.FACTORS
    ]


def _leak_score_rows():
    """Rows of the table on scores of Hong Kong with and without its coordinates."""
    found = baselines.spread_table(baseline_scores(), "roc_auc")
    columns = [
        (split, table)
        for split in ("random", "spatial")
        for table in (baselines.WITHOUT, baselines.LEAKY)
    ]
    return [[name, *(found[c][name] for c in columns)] for name in baselines.LEAKY_MODELS]


def _leak_claims():
    """What the page says of effects and scores with the columns that know the answer."""
    shapes = pd.read_csv(RESULTS / "leaks.csv").set_index(["split", "factor"])["shape"]
    unclear = [shapes["spatial", name] == "no clear effect" for name in ("x", "y")]
    yield (
        INSPECTION,
        "on blocks they do not agree on any, and neither effect is clear",
        all(unclear),
    )
    means = baseline_scores().groupby(["split", "table", "model"])["roc_auc"].mean()
    gain = means[:, baselines.LEAKY] - means[:, baselines.WITHOUT]
    words = "On random folds, gradient boosting looks far better with the coordinates."
    yield INSPECTION, words, gain["random", "HistGB"] > 0.03
    words = "the GAM do worse with them, but gradient boosting still does better:"
    loses = [gain["spatial", name] < 0 for name in ("FR", "GAM")]
    yield INSPECTION, words, all(loses) and gain["spatial", "HistGB"] > 0
    # The words of the audit, as the page has them.
    page = (RESULTS.parents[1] / INSPECTION).read_text(encoding="utf-8")
    quoted = " ".join(re.sub(r"[>*]", "", page).split())
    lines = (RESULTS / "leaks.md").read_text(encoding="utf-8").splitlines()
    said = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    yield INSPECTION, "About the table of Hong Kong it says", all(line in quoted for line in said)


def _worth_claims():
    """What the page on inspection says of the columns that know the answer."""
    means = {}
    for model in IMPORTANCE_MODELS:
        for split in importance.SPLITS:
            table = importance.importance_of(rows("importance"), model, split, "all").table
            means[model, split] = table[~table["conditional"]].set_index("factor")["mean"]
    words = "The velocity is worth more than any other column, on random folds and on blocks."
    yield INSPECTION, words, all(one.idxmax() == paper.VELOCITY for one in means.values())
    words = "x is worth something on random folds, and less on blocks."
    less = [
        means[model, "spatial"]["x"] < means[model, "random"]["x"] for model in IMPORTANCE_MODELS
    ]
    yield INSPECTION, words, all(less)


@cache
def baseline_scores():
    """Rows of the baselines and of the models beside them, on the same folds."""
    return pd.concat([baselines.others(), rows("baselines")], ignore_index=True)


def _baseline_rows(metric):
    """Mean and spread of a metric over the folds, by model."""
    found = baselines.spread_table(baseline_scores(), metric).fillna("-")
    return [
        [model, *(found[column][model] for column in BASELINE_COLUMNS.values())]
        for model in found.index
    ]


def _poor_data_rows():
    """Rows of the table on poor data: loss of ROC-AUC by model and table."""
    found = sensitivity.losses(rows("sensitivity"))
    return [
        [
            words,
            model,
            *(sensitivity.cell(found, table, model, *what) for table in sensitivity.TABLES),
        ]
        for words, what in POOR_DATA.items()
        for model in ("LR", "RF", NET)
    ]


def _transfer_pairs():
    """Rows of the benchmark on transfer whose source is one region."""
    return rows("transfer")[rows("transfer")["source"] != transfer.SEVERAL]


def _transfer_scores():
    return transfer.by_labels(_transfer_pairs(), "roc_auc")


def _transfer_is_first():
    ranks = transfer.mean_ranks(_transfer_pairs())
    return bool((ranks.idxmin() == transfer.TRANSFER).all())


def _transfer_rows():
    """Rows of the table on transfer: ROC-AUC by the number of labels."""
    found = _transfer_scores()
    return [
        [model, *("-" if pd.isna(score) else f"{score:.3f}" for score in found.loc[model])]
        for model in found.index
    ]


def _or_dash(value):
    return "-" if pd.isna(value) else f"{value:.4f}"


def _rain_rows():
    """Rows of the table on rain: the published model first."""
    summary = rain_summary()
    published = "published functional GAM"
    shown = [m for m in summary.index if m not in (*PARTS_OVER_TIME.values(), published)]
    lines = [[published, *(f"{rain_score(published, s):.3f}" for s in TIME_SPLITS)]]
    lines[0][4:] = ["-", lines[0][4], "-"]
    for model in shown:
        scores = [f"{rain_score(model, split):.3f}" for split in TIME_SPLITS]
        seeds = {int(rain_score(model, split, "seeds")) for split in TIME_SPLITS}
        scores.insert(3, f"{rain_score(model, 'year', 'pooled'):.3f}")
        lines.append([model.replace(" without", ", without"), *scores, "/".join(map(str, seeds))])
    return lines


def _ahead(rival, split, table):
    """Lead of the network over a baseline."""
    return _cell(difference(baseline_scores(), NET, rival, table=table, split=split))


def _sentences_about_baselines():
    """What the page on the baselines says below its tables."""
    near, far = ("random", "hong_kong"), ("spatial", "hong_kong")
    yield (
        BASELINES,
        "{} (FR), {} (IV) and {} (WoE) in ROC-AUC on the random folds of Hong Kong, and by {}, {} "
        "and {} on its spatial ones. In Ecuador on spatial folds the difference, {} for WoE",
        [_ahead(rival, *where) for where in (near, far) for rival in ("FR", "IV", "WoE")]
        + [_ahead("WoE", "spatial", "ecuador_points")],
    )
    yield (
        BASELINES,
        "cannot be told from it ({} on random folds, where the GAM is first of all models, and {} "
        "on spatial ones). Where there are more rows the network leads it, by {} in Yongxin, and "
        "by {} on random and {} on spatial folds of Hong Kong",
        [
            _ahead("GAM", *where)
            for where in (
                ("random", "ecuador_points"),
                ("spatial", "ecuador_points"),
                ("random", "yongxin_slope_units"),
                near,
                far,
            )
        ],
    )
    yield (
        BASELINES,
        "all other factors together give the network {} more. In Yongxin they give it {}, and in "
        "Ecuador {} on random folds, but {} on spatial ones",
        [
            _ahead("Slope", *where)
            for where in (
                far,
                ("random", "yongxin_slope_units"),
                ("random", "ecuador_points"),
                ("spatial", "ecuador_points"),
            )
        ],
    )


@kept
def sentences():
    """Yield page, template and figures of each sentence that copies results."""
    yield from _sentences_about_baselines()
    yield (
        INSPECTION,
        "in nearly the same way (rank correlation {} to {}), and much as the truth does ({} to {} "
        "and {} to {}). Attention does not: its correlation with the contributions is {} to {} for "
        "the spatial attention and {} to {} for the self-attention. On the five factors of "
        "Ecuador, contributions and losses agree again ({}), and the spatial attention agrees "
        "with them, too ({}), but the self-attention orders the factors the other way around ({})",
        list(_attention_figures()),
    )
    yield (
        NETWORK,
        "changes the ROC-AUC of the network by {} on the random folds of Ecuador, {} on its blocks "
        "and {} in Yongxin, and that of gradient boosting by {}, {} and {}",
        _monotone_figures(),
    )
    yield (
        README,
        "LandslideNet comes out with a ROC-AUC of {}, the Random Forest with {}.",
        [f"{compared_score('synthetic', model, 'ROC-AUC'):.3f}" for model in (NET, "RF")],
    )
    yield (
        README,
        "on random folds of five tables ({}; CatBoost {})",
        [f"{rank('random', model):.2f}" for model in (NET, "CatBoost")],
    )
    yield (
        README,
        "on unseen blocks of four of them ({}; CatBoost {})",
        [f"{rank('spatial', model):.2f}" for model in (NET, "CatBoost")],
    )
    yield (
        PAPER,
        "On random folds the lead over CatBoost is {}, {}, {}, {} and {}:",
        [lead(table, split, "CatBoost") for split, table in SKILL_COLUMNS[:5]],
    )
    yield (
        PAPER,
        "On unseen blocks it is {}, {}, {} and {}.",
        [lead(table, split, "CatBoost") for split, table in SKILL_COLUMNS[5:]],
    )
    lead_of_transfer = (
        _transfer_scores().loc[transfer.TRANSFER] - _transfer_scores().loc[f"{NET}, alone"]
    )
    yield (
        REGIONS,
        "what the other region adds is at most {} ROC-AUC",
        [f"{lead_of_transfer.max():.3f}"],
    )
    pairs = known_pairs()
    losses = pairs["loss"]
    yield (
        REGIONS,
        "lost {} to {} of ROC-AUC (median {}) against one",
        [f"{value:.2f}" for value in (losses.min(), losses.max(), losses.median())],
    )
    yield (
        REGIONS,
        "the rank correlation is {}, and with the mean distance of the factors {}.",
        [
            f"{losses.corr(pairs[shift], method='spearman'):.2f}"
            for shift in ("outside_applicability", "distance")
        ],
    )
    slides = "ecuador_slides"
    yield (
        PAPER,
        "extremely randomized trees lead by {} on random folds and logistic regression by {} on "
        "blocks",
        [
            lead(slides, "random", NET, "ExtraTrees"),
            lead(slides, "spatial", NET, "LR"),
        ],
    )
    yield (
        PAPER,
        "On the blocks of Hong Kong the forest is {} ahead",
        [lead("hong_kong", "spatial", NET, "RF")],
    )
    yield (
        PAPER,
        "the slides from {} to {} on random folds and from {} to {} on blocks, and the points from "
        "{} to {} and from {} to {}",
        [
            f"{means(name)[split, table][model]:.3f}"
            for table in (slides, "ecuador_points")
            for split in ("random", "spatial")
            for name, model in (("skill", NET), ("skill_cv", CHOOSING))
        ],
    )
    yield from _sentences_about_hong_kong()
    yield from _sentences_about_claims()
    yield from _sentences_about_speed()
    yield from _sentences_about_rain()
    yield (
        SPATIAL,
        "The forest is first on random folds and falls by {}, {} and {} on",
        [f"{fall('RF', folds):.3f}" for folds in (1, 2, 3)],
    )
    yield (
        SPATIAL,
        "the network falls by {}, {} and {}.",
        [f"{fall(NET, folds):.3f}" for folds in (1, 2, 3)],
    )


def _sentences_about_hong_kong():
    """What the public table of the paper's size shows."""
    yield (
        PAPER,
        "in all six metrics, for instance in accuracy ({}) and ROC-AUC ({})",
        [hong_kong_cell(NET, "all", metric) for metric in ("accuracy", "roc_auc")],
    )
    yield (
        PAPER,
        "even our forest is above it ({} and {})",
        [hong_kong_cell("RF", "all", metric) for metric in ("accuracy", "roc_auc")],
    )
    yield (
        PAPER,
        "CatBoost has {} and {}",
        [hong_kong_cell("CatBoost", "all", metric) for metric in ("accuracy", "roc_auc")],
    )
    yield (
        PAPER,
        "from {} with all columns to {} without the coordinates, {} without the velocity as well, "
        "and {} on blocks",
        [
            hong_kong_cell(NET, case, digits=3)
            for case in ("all", "no-xy", "factors", "blocks-factors")
        ],
    )


def _sentences_about_claims():
    """The section "What was and was not reproduced"."""

    def gain(table):
        return compared_score(table, NET, "ROC-AUC") - compared_score(table, "RF", "ROC-AUC")

    def without(table):
        return difference(rows("skill"), NET, "RF", table=table, split="random").difference

    # Table 3 of the paper: 0.9703 and 0.9535.
    yield PAPER, "2.8 points of accuracy and {} of ROC-AUC", [f"{0.9703 - 0.9535:.3f}"]
    yield (
        PAPER,
        "ROC-AUC is {} on the synthetic region, {} to {} on the Ecuador points and {} (with SMOTE) "
        "to {} (without) on Yongxin",
        [
            f"{value:.3f}"
            for value in (
                gain("synthetic"),
                gain("ecuador_points"),
                without("ecuador_points"),
                gain("yongxin_slope_units"),
                without("yongxin_slope_units"),
            )
        ],
    )
    forest, cnn = (compared_score("yongxin_slope_units", name, "ROC-AUC") for name in ("RF", "CNN"))
    yield PAPER, "With SMOTE the plain CNN is {} behind the forest", [f"{forest - cnn:.2f}"]
    yield (
        PAPER,
        "it is level with the best ({} against the network)",
        [lead("ecuador_points", "spatial", NET, "LR")],
    )
    both = ("ecuador_points", "south_tyrol")
    yield (
        PAPER,
        "ROC-AUC falls by {} and {}, about",
        [ablation_cell("deep off", table) for table in both],
    )
    yield (
        PAPER,
        "may matter ({} and {} lost without them)",
        [ablation_cell("bare, cnn off", table) for table in both],
    )
    yield (
        PAPER,
        "all four modules ({} and {} below)",
        [ablation_cell("bare CNN", table) for table in both],
    )
    smote = {
        model: compared_score("yongxin_slope_units", model, "ROC-AUC") for model in ("RF", NET)
    }
    plain = means("skill")["random", "yongxin_slope_units"]
    yield (
        PAPER,
        "raises the forest's ROC-AUC ({} to {}) and lowers the network's ({} to {})",
        [f"{score:.3f}" for model in ("RF", NET) for score in (plain[model], smote[model])],
    )


def _sentences_about_speed():
    """The section "What it costs"."""
    net = {threads: speed().loc[threads, NET] for threads in ("1", "2")}
    boosting = {threads: speed().loc[threads, "CatBoost"] for threads in ("1", "2")}
    yield (
        PAPER,
        "takes {} times as long as a Random Forest of 500 trees with one thread and {} times with "
        "two, and prediction handles {} and {} times as many rows",
        [f"{net[t][ratio]:.1f}" for ratio in ("fit / RF", "rate / RF") for t in ("1", "2")],
    )
    faster = [boosting[t]["rows_per_s"] / net[t]["rows_per_s"] for t in ("1", "2")]
    yield (
        PAPER,
        "predicts {} to {} times as fast",
        [f"{min(faster):.0f}", f"{max(faster):.0f}"],
    )


def _sentences_about_rain():
    """The section "Measured" of the page on space and time."""
    published = space_time.PUBLISHED
    yield (
        TIME,
        "by {} (random), {} (spatial), {} (lithology) and {} on the years (three seeds: {}, {}, "
        "{}; without the day of the year {}, {}, {})",
        [
            f"{rain_score(HOURS, split) - published[split]:.3f}"
            for split in ("random", "spatial", "lithology", "year")
        ]
        + by_seed(HOURS, "year")
        + by_seed(f"{HOURS} without day of year", "year"),
    )

    def leads(rival, factor=1):
        return [_cell(over_time(split, HOURS, rival), factor=factor) for split in TIME_SPLITS]

    yield (
        TIME,
        "behind on the same folds, by {} (random), {} (spatial), {} (year) and {} (lithology).",
        leads("CatBoost, sums", factor=-1),
    )
    _, *others = leads("CatBoost, hours")
    yield (
        TIME,
        "the network is behind by {} on random folds, and ahead by {}, {} and {} on the others",
        [_cell(over_time("random", HOURS, "CatBoost, hours"), factor=-1), *others],
    )
    yield (
        TIME,
        "by {} (random), {} (spatial), {} (year) and {} (lithology) where the forest has sums, and "
        "by {}, {}, {} and {} where it has the hours",
        leads("RF, sums") + leads("RF, hours"),
    )
    yield (
        TIME,
        "add nothing to the network ({}, {}, {} and {})",
        [_cell(over_time(split, f"{HOURS} and sums")) for split in TIME_SPLITS],
    )


def _claims_about_baselines():
    """What the page on the baselines claims."""
    scores = skill.mean_table(baseline_scores(), "roc_auc")
    scores = scores[list(BASELINE_COLUMNS.values())]
    words = "FR, IV and WoE are behind the network on every table and split"
    behind = scores.loc[["FR", "IV", "WoE"]] < scores.loc[NET]
    yield BASELINES, words, bool(behind.all(axis=None))
    words = "where the GAM is first of all models"
    yield BASELINES, words, scores["random", "ecuador_points"].idxmax() == "GAM"
    words = "slope and relief alone are ahead of the frequency ratio of all factors"
    blocks = scores["spatial", "hong_kong"]
    yield BASELINES, words, blocks["Slope"] > blocks["FR"]
    words = "less than half as much on places that are far from the training rows"
    lead = scores.loc[NET] - scores.loc["GAM"]
    yield BASELINES, words, lead["spatial", "hong_kong"] < lead["random", "hong_kong"] / 2


@kept
def claims():
    """Yield page, words and whether the results show what the words claim."""
    random, spatial = (means("skill")[split, "mean rank"] for split in ("random", "spatial"))
    yield (
        README,
        "By mean rank of ROC-AUC it is first of nine models",
        (len(random) == 9 and random.idxmin() == spatial.idxmin() == NET),
    )
    best = {column: means("skill")[column].idxmax() for column in SKILL_COLUMNS}
    words = "the network is first on three of the five tables and second on the others"
    on_random = [means("skill")[c].rank(ascending=False)[NET] for c in SKILL_COLUMNS[:5]]
    yield PAPER, words, sorted(on_random) == [1, 1, 1, 2, 2]
    words = "first on the points of Ecuador, second on the slides and in South Tyrol"
    ranks = {
        table: means("skill")["spatial", table].rank(ascending=False)[NET] for table in WITH_PLACES
    }
    yield PAPER, words, [ranks[t] for t in WITH_PLACES[:3]] == [1, 2, 2]
    words = "extremely randomized trees lead by"
    lost = best["random", "ecuador_slides"], best["spatial", "ecuador_slides"]
    yield PAPER, words, lost == ("ExtraTrees", "LR")
    elsewhere = means("skill_elsewhere")["random"].rank(ascending=False).loc[NET]
    words = "(60 factors) it is seventh"
    yield PAPER, words, elsewhere["sonar"] == 7 and elsewhere["pima_diabetes"] == 1
    paper_figures = paper.PAPER[NET]
    ours = [hong_kong(metric)["all"][NET] for metric in paper.METRICS[:-1]]
    words = "in all six metrics"
    yield PAPER, words, all(a > b for a, b in zip(ours, paper_figures, strict=True))
    blocks = hong_kong("roc_auc")[["blocks", "blocks-factors"]].drop(index="LR").dropna()
    words = "models are within two thousandths of each other with the velocity, the network first"
    spread = blocks.max() - blocks.min()
    yield PAPER, words, spread["blocks"] < 0.002 and blocks["blocks"].idxmax() == NET
    words = "and within seven without it, the forest first"
    yield PAPER, words, spread.iloc[1] < 0.007 and blocks["blocks-factors"].idxmax() == "RF"
    words = "the network is first in both kinds of split"
    yield PAPER, words, random.idxmin() == spatial.idxmin() == NET
    result = difference(rows("skill"), "LR", NET, table="ecuador_points", split="spatial")
    words = "it is level with the best"
    yield PAPER, words, abs(result.difference) < result.standard_error
    changes = ablation_changes()
    within = [
        abs(float(change)) < float(error)
        for variant in ("lstm off", "bare, lstm off", "sam off", "bare, sam off", "attention off")
        for change, error in (changes[t][variant].split(" ± ") for t in changes.columns)
    ]
    yield (
        PAPER,
        "When it is switched off, ROC-AUC changes by less than its standard error",
        all(within),
    )
    words = "On the raw hours the network is above the GAM in all four splits"
    above = [rain_score(HOURS, s) > space_time.PUBLISHED[s] for s in TIME_SPLITS]
    yield TIME, words, all(above)
    words = "CatBoost are better without it, and the network is no worse"
    better = [
        over_time("year", f"{m} without day of year", m).difference
        for m in ("RF, sums", "CatBoost, sums", HOURS)
    ]
    yield TIME, words, min(better) >= 0
    modules = [
        over_time("year", PARTS_OVER_TIME[part])
        for part in ("LSTM", "spatial attention", "self-attention")
    ]
    words = "has an effect that can be distinguished from zero"
    yield TIME, words, all(abs(r.difference) < r.standard_error for r in modules)
    yield from _worth_claims()
    yield from _leak_claims()
    yield from _weight_claims()
    yield from _threshold_claims()
    yield from warning_claims()
    yield REGIONS, "first by mean rank at every number of labels", _transfer_is_first()
    words = "costs the network and the straight line skill at every number of labels"
    scores = _transfer_scores()
    costs = [
        (scores.loc[f"{name}, alone"] - scores.loc[f"{name}, pooled"]).dropna().min() > 0
        for name in (NET, "LR")
    ]
    yield REGIONS, words, all(costs)
    kept_with_rows = pd.read_csv(RESULTS / "region_shift.csv").drop(columns="commit")
    same = kept_with_rows.equals(known_pairs().drop(columns="loss"))
    yield REGIONS, "The comparison therefore ends with what such shifts", same
    found = known_pairs().set_index(["source", "target"])
    outside = found["outside_applicability"] >= 0.995
    cheap = found["loss"]["ecuador", "hong_kong"] < 0.03 and outside["ecuador", "hong_kong"]
    yield REGIONS, "From Ecuador to Hong Kong, everything lies", bool(cheap)
    guess = found["roc_auc_transferred"]["hong_kong", "yongxin"] < 0.5
    words = "everything lies outside as well, and the map is worse than a guess"
    yield REGIONS, words, bool(guess and outside["hong_kong", "yongxin"])
    yield from _claims_about_baselines()
    words = "The forest is first on random folds"
    top = max(validation()["mean"], key=lambda model: validation()["mean"][model][0])
    yield SPATIAL, words, top == "RF"
