"""The report: its numbers are those of the comparison, its texts are texts, and it is whole."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide import __version__, compare_models
from sklearn_landslide._nodata import UndeclaredNodataWarning
from sklearn_landslide.checks import check_table
from sklearn_landslide.comparison import ModelComparison
from sklearn_landslide.comparison._inputs import table_digest
from sklearn_landslide.feature_selection import variance_inflation
from sklearn_landslide.metrics import corrected_resampled_ttest
from sklearn_landslide.model_selection import LeaveOneStratumOut, SpatialBlockKFold, audit
from sklearn_landslide.pipeline import make_landslide_pipeline
from sklearn_landslide.report import write_report
from sklearn_landslide.report._scores import confusion_counts
from sklearn_landslide.report._tests import gap_between

EVIL = "<script>alert('slope')</script>"
EVIL_MODEL = '<img src=x onerror="alert(1)"> $\\x & "NB"'


class Page(HTMLParser):
    """Tables by caption, headings, pictures, texts and attributes of a page."""

    def __init__(self, text):
        super().__init__()
        self.text = text
        self.tables, self.images, self.attributes, self.tags = {}, [], [], []
        self.sections, self.texts = {}, []
        self._stack, self._cell, self._caption, self._section = [], None, None, None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs.items()]
        if tag not in ("meta", "link", "img"):
            self._stack.append(tag)
        if tag == "table":
            self._caption = attrs["aria-label"]
            self.tables[self._caption] = []
        elif tag == "tr":
            self.tables[self._caption].append([])
        elif tag in ("td", "th"):
            self._cell = ""
        elif tag == "img":
            self.images.append(attrs)
        elif tag == "section":
            self._section = self.sections[attrs["id"]] = []

    def handle_endtag(self, tag):
        assert self._stack.pop() == tag, f"</{tag}> closes something else"
        if tag in ("td", "th"):
            self.tables[self._caption][-1].append(self._cell)
            self._cell = None

    def handle_data(self, data):
        # As it is read: a number is kept on a line with its sign.
        data = data.replace("\N{NO-BREAK SPACE}", " ")
        if self._cell is not None:
            self._cell += data
        if data.strip() and self._stack[-1] != "style":
            self.texts.append(data.strip())
            if self._section is not None:
                self._section.append(data.strip())

    def frame(self, caption):
        """A table by its caption, indexed by its first column."""
        head, *body = self.tables[caption]
        return pd.DataFrame([row[1:] for row in body], [row[0] for row in body], head[1:])

    def said(self, section):
        return " ".join(self.sections[section])


def make_table(n_samples=160, seed=0):
    rng = np.random.default_rng(seed)
    points = pd.DataFrame(rng.uniform(0, 5000, (n_samples, 2)), columns=["x", "y"])
    y = (rng.random(n_samples) < 0.2 + 0.4 * (points["x"] > 2500)).to_numpy(dtype=int)
    X = pd.DataFrame(
        {
            EVIL: 20 + 8 * y + rng.normal(0, 8, n_samples),
            "twi": rng.normal(8, 2, n_samples),
            "soil": pd.Categorical(rng.choice(["clay", "<b>sand"], n_samples)),
        }
    )
    X["spi"] = 2 * X["twi"] + rng.normal(0, 0.3, n_samples)
    X.loc[:9, "twi"] = np.nan
    return X, y, points


MODELS = {"LR": LogisticRegression(), EVIL_MODEL: GaussianNB()}


@pytest.fixture(scope="module")
def table():
    return make_table()


@pytest.fixture(scope="module")
def comparison(table):
    X, y, points = table
    cv = SpatialBlockKFold(points, 4, random_state=0)
    return compare_models(MODELS, X, y, cv=cv, random_state=0)


@pytest.fixture(scope="module")
def on_random(table):
    return compare_models(MODELS, *table[:2], cv=4, random_state=0)


@pytest.fixture(scope="module")
def text(comparison, on_random, table, tmp_path_factory):
    X, y, _ = table
    # A leak, planted: five rows of one class come twice.
    twice = np.r_[: len(y), np.flatnonzero(y == 1)[:5]]
    found = audit(
        LogisticRegression(), X[["spi"]].iloc[twice], y[twice], n_permutations=0, random_state=0
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(
        comparison,
        path,
        title="Valley <i>",
        compare_to={"random": on_random},
        audit=found,
        notes={"Inventory": "<u>2024</u>"},
    )
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def report(comparison, folder, **options):
    write_report(comparison, folder / "report.html", **options)
    return Page((folder / "report.html").read_text(encoding="utf-8"))


# --- the numbers ----------------------------------------------------------------------------


def test_the_scores_are_those_of_the_comparison(page, comparison):
    shown = page.frame("Scores")
    # In the order of the rank, which is said.
    means = comparison.table["roc_auc"].sort_values(ascending=False)
    assert shown.index.tolist() == means.index.tolist()
    assert "ranked by the mean ROC-AUC over the folds, the highest first" in page.said("scores")
    headings = dict(zip(comparison.metrics, shown.columns, strict=False))
    assert headings["roc_auc"] == "ROC-AUC" and headings["brier"] == "Brier"
    for metric, heading in headings.items():
        for model in shown.index:
            mean, spread = comparison.table.loc[model, [metric, f"{metric}_sd"]]
            assert shown.loc[model, heading] == f"{mean:.3f} ± {spread:.3f}"


def test_the_intervals_and_tests_are_those_of_the_folds(page, comparison):
    shown = page.frame("Intervals and tests by ROC-AUC")
    best = comparison.table["roc_auc"].idxmax()
    (other,) = set(comparison.table.index) - {best}
    of = {model: part.set_index("fold") for model, part in comparison.folds.groupby("model")}
    sizes = of[best][["n_train", "n_test"]]
    result = corrected_resampled_ttest(
        of[other]["roc_auc"],
        of[best]["roc_auc"],
        n_train=sizes["n_train"],
        n_test=sizes["n_test"],
    )
    row = shown.loc[other].tolist()
    assert row[2] == f"{result.difference:+.3f} ± {result.standard_error:.3f}"
    assert row[3] == "{:+.3f} to {:+.3f}".format(*result.confidence_interval())
    assert row[4] == row[5] == f"{result.pvalue:.3f}"
    # DeLong's p is of the pooled rows: beside a test of the means it would contradict.
    assert len(row) == 6 and "DeLong" not in page.said("scores")
    assert shown.loc[best].tolist()[2:] == ["reference", "", "", ""]
    # The interval of a mean: t with 3 degrees of freedom, the error corrected by n_test / n_train.
    scores = of[best]["roc_auc"]
    error = np.sqrt((1 / 4 + (sizes["n_test"] / sizes["n_train"]).mean()) * scores.var(ddof=1))
    low, high = scores.mean() - 3.182446 * error, scores.mean() + 3.182446 * error
    assert shown.loc[best].tolist()[1] == f"{max(low, 0):.3f} to {min(high, 1):.3f}"


def test_the_confusion_matrices_are_scikit_learns_at_the_threshold_of_each_fold(page, comparison):
    for model in MODELS:
        expected = np.zeros((2, 2), dtype=int)
        for fold, part in comparison.predictions.groupby("fold"):
            folds = comparison.folds
            at = folds.loc[(folds["model"] == model) & (folds["fold"] == fold), "threshold"].item()
            expected += confusion_matrix(
                part["y_true"] == 1, part[model] >= at, labels=[True, False]
            )
        (caption,) = (name for name in page.tables if name.startswith(f"{model}, threshold"))
        assert page.frame(caption).astype(int).to_numpy().tolist() == expected.tolist()


def test_a_fold_says_its_rows_landslides_and_scores(page, comparison, table):
    shown = page.frame("Folds, with the ROC-AUC of each model")
    splits = list(SpatialBlockKFold(table[2], 4, random_state=0).split(*table[:2]))
    for fold, (train, test) in enumerate(splits):
        row = shown.iloc[fold].tolist()
        assert row[:3] == [str(len(train)), str(len(test)), str(table[1][test].sum())]
        tested = comparison.predictions[comparison.predictions["fold"] == fold]
        assert row[3] == f"{roc_auc_score(tested['y_true'], tested['LR']):.3f}"


def test_the_gap_is_that_of_the_means_and_of_the_same_rows(page, comparison, on_random):
    shown = page.frame("ROC-AUC on 4 folds “random” and on this page").loc["LR"]
    gap = on_random.table.loc["LR", "roc_auc"] - comparison.table.loc["LR", "roc_auc"]
    assert shown["Gap of the means"] == f"{gap:+.3f}"
    there, differences = on_random.predictions.set_index("row")["LR"], []
    for _, part in comparison.predictions.groupby("fold"):
        of_other = roc_auc_score(part["y_true"], there[part["row"]])
        differences.append(of_other - roc_auc_score(part["y_true"], part["LR"]))
    assert shown["Gap on the same rows ± s.e."].startswith(f"{np.mean(differences):+.3f} ± ")


def test_a_comparison_has_no_gap_to_itself(comparison):
    gap = gap_between(comparison, comparison, "LR", "roc_auc")
    assert gap == (0, 0, 0, 1)


def test_the_factors_are_summarized(page, table):
    X, y, _ = table
    shown = page.frame("Factors")
    assert shown.index.tolist() == X.columns.tolist()
    spread = "Min / median / max, or classes"
    numbers = [float(part) for part in shown.loc["twi", spread].split(" / ")]
    np.testing.assert_allclose(numbers, X["twi"].quantile([0, 0.5, 1]), rtol=5e-3)
    assert shown.loc["twi", ["Kind", "Missing", "Share missing"]].tolist() == [
        "quantity",
        "10",
        "6.2 %",
    ]
    counts = X["soil"].value_counts()
    assert shown.loc["soil", spread] == "2 classes: " + ", ".join(
        f"{name} ({n})" for name, n in counts.items()
    )
    assert f"160 rows, of which {y.sum()} landslides ({y.mean():.0%}".replace("%", " %)") in (
        page.said("data")
    )
    assert "10 rows (6.2 %) have a missing value" in page.said("data")


def test_collinear_factors_are_pointed_out(page, table):
    shown = page.frame("Variance inflation factors")
    filled = table[0].fillna({"twi": table[0]["twi"].median()})
    expected = variance_inflation(filled)["vif"]
    assert sorted(shown.index) == sorted(expected.index)
    for name in expected.index:
        assert float(shown.loc[name, "VIF"]) == pytest.approx(expected[name], rel=5e-3)
    assert shown.loc[["spi", "twi"], "Reading"].tolist() == ["above 10"] * 2
    assert shown.loc[EVIL, "Reading"] == ""


def test_the_mrmr_path_begins_with_the_factor_that_knows_and_says_what_it_is(page):
    shown = page.frame("mRMR path")
    assert shown.index[0] == EVIL
    assert shown["Step"].tolist() == ["1", "2", "3", "4"]
    assert "on the whole table, for description only" in page.said("mrmr")


def test_what_was_found_comes_first_in_plain_words(page, comparison, on_random):
    assert next(iter(page.sections)) == "findings"
    said = page.said("findings")
    best = comparison.table["roc_auc"].idxmax()
    assert (
        f"{best} has the highest mean ROC-AUC: {comparison.table.loc[best, 'roc_auc']:.3f}" in said
    )
    assert f"On the folds “random”, {best} has a mean ROC-AUC of" in said
    assert "The leakage audit found 1 leak" in said


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ([0.5, 0.52, 0.51, 0.53], "NB (p < 0.001) is worse than LR beyond chance"),
        ([0.8, 0.79, 0.9, 0.8], "Between LR and NB (p = 0.08"),
    ],
    ids=["beyond chance", "chance"],
)
def test_a_difference_is_called_what_the_test_calls_it(tmp_path, other, words):
    folds = pd.DataFrame(
        {
            "model": ["LR"] * 4 + ["NB"] * 4,
            "fold": [0, 1, 2, 3] * 2,
            "f1": [0.9, 0.91, 0.92, 0.9, *other],
            "fit_time": 1.0,
            "score_time": 1.0,
            "n_train": 75,
            "n_test": 25,
        }
    )
    y, probability = [0, 1] * 4, np.linspace(0.1, 0.9, 8)
    predictions = pd.DataFrame(
        {
            "row": range(8),
            "fold": np.repeat(range(4), 2),
            "y_true": y,
            "LR": probability,
            "NB": probability,
        }
    )
    page = report(ModelComparison(folds, predictions, ("f1",), 1), tmp_path)
    assert words in page.said("findings")
    # Put together by hand it knows no table, no models and no thresholds.
    assert {"data", "mrmr", "confusion"}.isdisjoint(page.sections)
    assert "parameters are not known" in page.said("origin")


def test_a_gap_that_chance_explains_has_no_second_figure_of_the_other_sign(tmp_path):
    # Random folds look better by the means and worse on the same rows, which means nothing.
    rng = np.random.default_rng(3)
    y, X = np.tile([0, 1], 60), rng.normal(size=(120, 2))
    X[:, 0] += 0.6 * y
    models = {"LR": LogisticRegression()}
    here, there = (compare_models(models, X, y, cv=k, random_state=0) for k in (3, 4))
    gap = gap_between(there, here, "LR", "roc_auc")
    assert gap.pvalue > 0.05
    write_report(here, tmp_path / "r.html", compare_to={"random": there})
    said = Page((tmp_path / "r.html").read_text(encoding="utf-8")).said("findings")
    assert f"{abs(gap.means):.3f} {'higher' if gap.means > 0 else 'lower'} than here" in said
    assert "the two show no difference beyond chance" in said
    assert f"{abs(gap.paired):.3f}" not in said.replace(f"{abs(gap.means):.3f}", "")


def test_only_a_chain_that_drops_factors_has_them_selected(page, table, tmp_path):
    assert "Selected" not in page.frame("mRMR path")
    assert "drops no factor here" in page.said("mrmr")
    X, y, _ = table
    chain = {"LR": make_landslide_pipeline(LogisticRegression(), n_features_to_select=1)}
    comparison = compare_models(chain, X, y, cv=3, random_state=0)
    write_report(comparison, tmp_path / "r.html")
    shown = Page((tmp_path / "r.html").read_text(encoding="utf-8")).frame("mRMR path")
    assert shown["Selected"].tolist() == ["yes", "no", "no", "no"]


def test_the_curves_say_that_they_pool_what_the_table_averages(page, comparison):
    said = page.said("curves")
    assert "Each curve pools the test rows of all folds" in said
    assert "ranked by the mean ROC-AUC over the folds" in said
    assert said.count("all folds pooled") == 4


def test_cells_of_landslides_are_no_landslides(comparison, table, tmp_path):
    n_cells = int(table[1].sum())
    write_report(comparison, tmp_path / "r.html", n_landslides=7)
    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert f"of which {n_cells} cells of 7 landslides (" in page.said("data")
    assert "Cells of landslides tested" in page.frame("Folds, with the ROC-AUC of each model")
    write_report(comparison, tmp_path / "r.html", n_landslides=n_cells)
    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert f"of which {n_cells} landslides (" in page.said("data")


def test_folds_are_described_in_words_with_how_unequal_they_are(page, comparison):
    sizes = comparison.predictions.groupby("fold")["y_true"].agg(["size", "sum"])
    low, high = sizes.min(), sizes.max()
    assert (
        "4 folds. Each fold tests compact blocks of ground, away from most of its training "
        f"places. A fold tests {low['size']} to {high['size']} rows, "
        f"among them {low['sum']} to {high['sum']} landslides."
    ) in page.said("folds")


def test_parameters_are_folded_away(page, text):
    assert text.count("<details>") == text.count("<summary>") == len(MODELS)
    assert "<details open" not in text


def test_of_a_loss_the_lowest_is_best(comparison, tmp_path):
    page = report(comparison, tmp_path, metric="brier")
    best = comparison.table["brier"].idxmin()
    assert f"{best} has the lowest mean Brier" in page.said("findings")


def test_one_model_and_repeated_folds_are_reported(table, tmp_path):
    X, y, points = table
    cv = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)
    comparison = compare_models({"LR": LogisticRegression()}, X, y, cv=cv, random_state=0)
    page = report(comparison, tmp_path, coordinates=points)
    assert "It is the only model" in page.said("findings")
    # The map has the first repeat; the matrix counts both, and says so.
    assert page.images[0]["alt"].count("fold ") == 4
    assert confusion_counts(comparison, "LR").sum() == 2 * len(y)
    assert "tested more than once" in page.said("confusion")


def test_folds_have_the_names_of_their_strata(table, tmp_path):
    X, y, _ = table
    regions = pd.Series(np.where(np.arange(len(y)) % 2, "<north>", "south"), index=X.index)
    cv = LeaveOneStratumOut(regions)
    comparison = compare_models({"LR": LogisticRegression()}, X, y, cv=cv, random_state=0)
    page = report(comparison, tmp_path)
    assert page.frame("Folds, with the ROC-AUC of each model").index.tolist() == [
        "<north>",
        "south",
    ]
    assert "no coordinates were given" in page.said("folds")


# --- origin ---------------------------------------------------------------------------------


def test_the_digest_is_computed_as_documented(page, table):
    X, y, _ = table
    digest = hashlib.sha256()
    for name in X:
        digest.update(name.encode() + b"\0")
        if name == "soil":
            digest.update(b"".join(value.encode() + b"\0" for value in X[name]))
        else:
            digest.update(X[name].to_numpy("<f8").tobytes())
    digest.update(b"landslide\0" + y.astype("<f8").tobytes())
    shown = page.frame("Origin")["Value"]
    assert shown["SHA-256 of factors and labels"] == digest.hexdigest()


def test_the_digest_depends_on_values_names_and_order_and_on_nothing_else():
    table = pd.DataFrame({"a": [1, 2, 3], "b": pd.Categorical(["u", None, "w"])})
    first = table_digest(table)
    same = table.astype({"a": float, "b": object}).set_index(pd.Index([7, 8, 9]))
    assert table_digest(same) == first
    for other in (
        table.iloc[::-1],
        table[["b", "a"]],
        table.rename(columns={"a": "c"}),
        table.assign(a=[1, 2, 4]),
        table.assign(b=["u", "v", "w"]),
    ):
        assert table_digest(other) != first


def test_a_negative_zero_and_the_kind_of_missing_do_not_change_the_digest():
    odd = np.array([np.nan, -np.nan, -0.0])
    assert table_digest(pd.DataFrame({"a": odd})) == table_digest(
        pd.DataFrame({"a": pd.array([None, None, 0.0], dtype="Float64")})
    )


def test_seed_folds_versions_and_parameters_are_there(page, comparison):
    origin = page.frame("Origin")["Value"]
    assert origin["Seed"] == "0"
    assert origin["Folds"].startswith("4 folds of SpatialBlockKFold(coordinates=<160 rows>")
    assert origin["Inventory"] == "<u>2024</u>"
    versions = page.frame("Versions")["Version"]
    assert versions["sklearn-landslide"] == __version__
    assert versions["numpy"] == np.__version__
    said = page.sections["origin"]
    assert "model__C = 1.0" in said
    assert "model__var_smoothing = 1e-09" in said
    assert not re.search(r" at 0x[0-9a-f]{6}", " ".join(said))


def test_a_table_that_was_changed_since_is_refused(table, tmp_path):
    X, y = table[0].copy(), table[1]
    values = X[["spi", EVIL]].to_numpy(copy=True)
    comparison = compare_models({"LR": LogisticRegression()}, values, y, cv=3, random_state=0)
    values[0, 0] += 1
    with pytest.raises(ValueError, match="changed since the models were compared"):
        write_report(comparison, tmp_path / "report.html")
    assert not list(tmp_path.iterdir())


def test_the_same_comparison_gives_the_same_page(comparison, tmp_path):
    pages = []
    for name in ("a", "b"):
        write_report(comparison, tmp_path / name)
        text = (tmp_path / name).read_text(encoding="utf-8")
        pages.append(re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d{4}", "", text))
    assert pages[0] == pages[1]


# --- the page -------------------------------------------------------------------------------


def test_names_from_the_table_are_text_and_no_markup(page, text):
    assert {"script", "b", "i", "u"}.isdisjoint(page.tags)
    assert len(page.images) == text.count("<img ") == 5
    assert "onerror" not in {name for _, name, _ in page.attributes}
    assert "<script" not in text.lower()
    # They are shown as they are.
    assert EVIL in page.frame("mRMR path").index
    assert EVIL_MODEL in page.frame("Scores").index
    assert "Valley <i>" in page.texts


def test_nothing_outside_the_page_is_needed(page, text):
    for _, name, value in page.attributes:
        if name in ("src", "href", "srcset", "action", "data", "poster"):
            assert value.startswith(("data:", "#")), value
    targets = {value[1:] for _, name, value in page.attributes if (value or "").startswith("#")}
    assert targets == set(page.sections)
    assert not re.search(r"https?://|@import|url\(", text)
    assert ("meta", "http-equiv", "Content-Security-Policy") in page.attributes


def test_pictures_are_drawn_and_described(page, comparison):
    folds, roc, *_ = page.images
    for image in page.images:
        kind, _, data = image["src"].partition(";base64,")
        assert kind == "data:image/svg+xml"
        assert b"</svg>" in base64.b64decode(data, validate=True)
    assert "fold 3" in folds["alt"]
    pooled = comparison.predictions
    assert f"LR {roc_auc_score(pooled['y_true'], pooled['LR']):.3f}" in roc["alt"]


def test_many_points_are_a_picture_of_pixels(table, tmp_path):
    X, y, points = (
        part.sample(2100, replace=True, random_state=0, ignore_index=True)
        for part in (table[0][["spi"]], pd.Series(table[1]), table[2])
    )
    models = {"LR": LogisticRegression()}
    comparison = compare_models(models, X, y, cv=2, random_state=0)
    page = report(comparison, tmp_path, coordinates=points)
    assert page.images[0]["src"].startswith("data:image/png")


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_audit_is_laid_out(page):
    shown = page.frame("Checks")
    assert shown.loc["duplicate rows", "Verdict"] == "leak"
    assert shown.loc["permuted labels", "Verdict"] == "not checked"


# --- the file, and what is refused ----------------------------------------------------------


def test_a_page_that_cannot_be_put_in_place_leaves_nothing_half_written(comparison, tmp_path):
    path = tmp_path / "report.html"
    path.mkdir()
    with pytest.raises(OSError, match=r"report\.html"):
        write_report(comparison, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]
    assert path.is_dir()


def test_a_page_of_an_earlier_run_is_replaced(comparison, tmp_path):
    (tmp_path / "report.html").write_text("old")
    write_report(comparison, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"reference": "RF"}, ValueError, r"reference='RF' is not a model; there are \['LR'"),
        ({"metric": "kappa"}, ValueError, "metric='kappa' was not scored"),
        ({"compare_to": ["random"]}, TypeError, "compare_to must be a dict"),
        ({"compare_to": {"random": 0.9}}, TypeError, r"compare_to\['random'\] is not a ModelComp"),
        ({"audit": "passed"}, TypeError, "audit must be a LeakageAudit, got str"),
        ({"coordinates": [[0, 1]]}, ValueError, "X has 160 rows and coordinates 1"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wrong_options_are_one_line(comparison, tmp_path, options, error, message):
    with pytest.raises(error, match=message) as caught:
        write_report(comparison, tmp_path / "report.html", **options)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_comparison_of_another_table_is_refused(comparison, tmp_path):
    X, y, _ = make_table(seed=1)
    other = compare_models(MODELS, X, y, cv=3, random_state=0)
    with pytest.raises(ValueError, match=r"compare_to\['random'\] is of another table"):
        write_report(comparison, tmp_path / "report.html", compare_to={"random": other})
    forest = RandomForestClassifier(5, random_state=0)
    other = compare_models({"RF": forest}, *make_table()[:2], cv=3, random_state=0)
    with pytest.raises(ValueError, match="none of the models"):
        write_report(comparison, tmp_path / "report.html", compare_to={"random": other})


def test_a_missing_folder_is_named_before_the_work(comparison, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*absent"):
        write_report(comparison, tmp_path / "absent" / "report.html")


def test_a_missing_extra_is_named(comparison, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    with pytest.raises(ImportError, match=r'pip install "\.\[report\]"'):
        write_report(comparison, tmp_path / "report.html")


def test_what_looks_wrong_in_the_table_is_named_before_the_scores(table, tmp_path):
    X, y, points = table[0].copy(), table[1], table[2].copy()
    curvature = np.random.default_rng(0).normal(size=len(y))
    X["curvature"] = np.where(np.arange(len(y)) % 40 == 0, -9999, curvature)
    X["beyond"] = np.where(np.arange(len(y)) % 40 == 0, -3.4e38, curvature)
    other = int(np.flatnonzero(y != y[0])[0])
    X.iloc[other] = X.iloc[0]
    points.iloc[other] = points.iloc[0]
    with pytest.warns(UndeclaredNodataWarning, match="'curvature' has -9999"):
        found = compare_models({"NB": GaussianNB()}, X, y, cv=3, random_state=0)
    page = report(found, tmp_path, coordinates=points)
    data, findings = (" ".join(page.sections[name]) for name in ("data", "findings"))
    n_spoiled = int((X["curvature"] == -9999).sum())
    assert f"'curvature' has -9999 in {n_spoiled} of" in findings
    assert "--nodata -9999, or in Python nodata=-9999" in findings
    assert f"are missing values: 'beyond' ({n_spoiled})." in findings
    assert f"2 of {len(y)} rows have the same factors and coordinates as a row" in findings
    assert findings.index("1 serious finding") < findings.index("mean ROC-AUC")
    # The least value that is data.
    assert "3e+38" not in data


def test_a_sound_table_raises_no_doubts(page):
    findings = " ".join(page.sections["findings"])
    assert "The table was checked, and nothing looks wrong." in findings


def test_a_check_that_was_made_is_taken(comparison, table, tmp_path):
    X, y, points = table
    numbered = X.assign(fid=np.arange(len(y)))
    check = check_table(numbered, y, coordinates=points)
    findings = " ".join(report(comparison, tmp_path, check=check).sections["findings"])
    assert "'fid' looks like an id" in findings
    with pytest.raises(TypeError, match="check must be a TableCheck, got str"):
        write_report(comparison, tmp_path / "report.html", check="ok")


def test_objects_that_are_numbers_are_a_quantity(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"slope": rng.uniform(0, 50, 90).astype(object), "twi": rng.normal(size=90)})
    found = compare_models({"NB": GaussianNB()}, X, np.arange(90) % 2, cv=3, random_state=0)
    factors = report(found, tmp_path).frame("Factors")
    assert factors.loc["slope", "Kind"] == "quantity"


def test_the_page_shows_what_cannot_be_seen(tmp_path):
    """Names that would steer the direction of the text, or be empty."""
    X, y, _ = make_table()
    models = {"LR\u202e\x1b": LogisticRegression()}
    comparison = compare_models(models, X, y, cv=2, random_state=0)
    write_report(comparison, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "\u202e" not in text
    assert "LR\\u202e\\x1b" in Page(text).frame("Scores").index


def test_numbers_stay_on_a_line_with_their_signs(page):
    text = page.text
    broken = re.findall(r"\d %|\bp [=<]|(?<=p\N{NO-BREAK SPACE}=) \d", text)
    assert broken == []
    assert "6.2\N{NO-BREAK SPACE}%" in text


@pytest.mark.parametrize(
    ("f1", "brier", "said"),
    [
        ([0.9, 0.8], [0.1, 0.2], ""),
        ([0.7, 0.8], [0.1, 0.2], "Not every score puts LR first: NB is first by F1."),
        ([0.7, 0.8], [0.2, 0.1], "Not every score puts LR first: NB is first by F1 and Brier."),
        ([0.8, 0.8], [0.1, 0.2], ""),
    ],
)
def test_scores_that_put_another_model_first_are_named(tmp_path, f1, brier, said):
    each = {"fit_time": 1.0, "score_time": 1.0, "n_train": 75, "n_test": 25}
    rows = [
        {"model": model, "fold": fold, "roc_auc": auc + 0.01 * fold, "f1": f, "brier": b, **each}
        for model, auc, f, b in zip(["LR", "NB"], [0.9, 0.8], f1, brier, strict=True)
        for fold in range(4)
    ]
    probability = np.linspace(0.1, 0.9, 8)
    folds = np.repeat(range(4), 2)
    predictions = {"row": range(8), "fold": folds, "y_true": [0, 1] * 4}
    predictions |= {"LR": probability, "NB": probability}
    comparison = ModelComparison(
        pd.DataFrame(rows), pd.DataFrame(predictions), ("roc_auc", "f1", "brier"), 1
    )
    found = report(comparison, tmp_path).said("findings")
    assert said in found
    assert bool(said) == ("Not every score" in found)
