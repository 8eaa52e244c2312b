"""The page of a study: what it holds, in which order, what it admits, and what it refuses."""

import html
import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

from sklearn_landslide import compare_models
from sklearn_landslide.inspection import (
    factor_effects,
    factor_importance,
    residual_autocorrelation,
)
from sklearn_landslide.mapping import MapScore
from sklearn_landslide.metrics import landslide_capture
from sklearn_landslide.report import StudyFacts, write_study

EVIL = "<img src=x onerror=alert(1)>"
PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f"
    b"\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00"
    b"\x00\x00IEND\xaeB`\x82"
)


def map_facts(**changed):
    """Facts of a map as the command map writes them."""
    zones = [
        {"zone": 1, "name": "low", "area_km2": 3.0, "area_share": 0.75, "landslide_share": 0.2},
        {"zone": 2, "name": EVIL, "area_km2": 1.0, "area_share": 0.25, "landslide_share": 0.8},
    ]
    about = {
        "rows": 20,
        "columns": 50,
        "crs": "EPSG:32717",
        "cell_area": 0.004,
        "n_cells": 1000,
        "zones": {"method": "quantile", "names": ["low", EVIL], "edges": [0, 0.5, 1]},
        "zones_from": "with edges learned on this map",
        "zone_table": zones,
        "min_slope": None,
        "flat": None,
        "outside": 0.125,
        "has_spread": True,
        "n_refits": 5,
        "inventory": {"n_on_map": 30, "n_outside": 2, "is_new": False},
        "methods": {"slope": "Horn 1981 (degrees)"},
        "n_units": None,
        "capture": [0.1, 0.25, 0.45, 0.6, 0.9],
        "fingerprints": {"terrain.tif": "ab12"},
    }
    training = {
        "model": "RandomForestClassifier",
        "rows": 90,
        "landslides": 30,
        "n_landslides": 30,
        "factors": ["slope", EVIL],
        "categorical": [EVIL],
        "prevalence": None,
        "auc_blocks": [0.7, 0.8],
        "auc_random": [0.9, 0.92],
        "capture": [0.2, 0.3, 0.5, 0.7, 0.95],
        "absences": 2.0,
        "absence_buffer": 100.0,
    }
    return {"format": 1, "written": "2026", "versions": {}, "training": training, "map": about} | (
        changed
    )


def folder_of(home, **changed):
    home.mkdir()
    (home / "facts.json").write_text(json.dumps(map_facts(**changed)), encoding="utf-8")
    (home / "map.png").write_bytes(PIXEL)
    return home


def later_score(auc=0.8):
    """A score by later landslides, put together by hand."""
    share = np.linspace(0, 1, 101)
    curve = pd.DataFrame({"area_share": share, "landslide_share": share**0.5})
    curve = curve.assign(lower=share, upper=1.0)
    scores = pd.DataFrame(
        {"value": [auc, auc, np.nan, np.nan], "lower": 0.7, "upper": 0.9},
        index=pd.Index(["roc_auc", "roc_auc with known places", "folds", "difference"]),
    )
    status = pd.DataFrame({"x": 0.0, "y": 0.0, "status": ["scored"] * 40})
    capture = curve.iloc[[5, 10, 20, 30, 50]]
    capture = capture.assign(area_share=[0.05, 0.1, 0.2, 0.3, 0.5])
    return MapScore(scores, capture, curve, None, None, status, (), "folds", True, 0.95)


@pytest.fixture(scope="module")
def comparison():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(90, 2)), columns=["a", EVIL])
    y = (X["a"] + rng.normal(size=90) > 0).astype(int)
    return compare_models({"LR": LogisticRegression()}, X, y, cv=3, random_state=0)


@pytest.fixture(scope="module")
def page(comparison, tmp_path_factory):
    """The text of a page with a map, later landslides, a comparison and stated facts."""
    home = tmp_path_factory.mktemp("study")
    facts = StudyFacts(
        title=f"Zoning of {EVIL}", scale="1:25 000", factors={"slope": EVIL}, limits=(EVIL,)
    )
    write_study(
        home / "study.html",
        map_folder=folder_of(home / "map"),
        comparison={"spatial": comparison},
        later=later_score(),
        study=facts,
    )
    return (home / "study.html").read_text(encoding="utf-8")


def words_of(page):
    """The page as text, without tags."""
    body = page.split("</style>")[1]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def headings(page):
    return [html.unescape(one) for one in re.findall(r"<h2>(.*?)</h2>", page)]


def test_headings_are_numbered_and_words_for_everybody_come_first(page):
    assert headings(page) == [
        "1 What this map says and where it must not be used",
        "2 Type, level and scale of the zoning",
        "3 Inventory",
        "4 Factors",
        "5 The map",
        "6 Validation",
        "7 Quality of the map",
        "8 Landslides in the most susceptible ground",
        "9 Later landslides",
        "10 Models compared: spatial",
        "11 Not made",
        "12 Origin and versions",
    ]


def test_the_page_needs_nothing_else_and_holds_no_markup_of_others(page):
    assert not re.search(r"<script|<link(?! rel=\"icon\")|@import|url\(", page)
    assert set(re.findall(r'src="(.{5})', page)) == {"data:"}
    assert EVIL not in page and html.escape(EVIL, quote=False) in page


def test_what_the_map_says_and_where_it_must_not_be_used(page):
    words = words_of(page)
    assert "covers 25 % of the mapped 4 km². 80 % of the landslides" in words
    assert "the most susceptible 20 % of the ground held 45 % of them. By chance" in words
    assert "one cell is 63.2 m wide" in words
    assert "outside the area of applicability, 12 % of it" in words
    assert "the numbers refer to the share of landslides in the training table" in words


def test_what_was_not_stated_is_said_to_be_so_and_never_made_up(page):
    words = words_of(page)
    assert "Scale 1:25 000" in words and "Level of zoning not stated" in words
    for what in ("Source", "Period", "Types of landslides", "Completeness", "Mapped by"):
        assert f"{what} not stated" in words
    assert "Horn 1981 (degrees)" in words


@pytest.mark.parametrize(
    ("fit", "spread", "later", "level", "needs"),
    [
        (True, True, True, 7, None),
        (True, True, False, 3, "level, 7, needs: landslides of a later event"),
        (True, False, False, 1, "level, 3, needs: spread over models"),
        (False, False, False, 0, "level, 1, needs: success rate"),
        (False, False, True, 4, "level, 5, needs: success rate"),
    ],
)
def test_the_level_is_the_sum_of_the_tests_that_were_made(
    tmp_path, fit, spread, later, level, needs
):
    facts = map_facts()
    facts["map"]["has_spread"] = spread
    facts["map"]["inventory"]["is_new"] = not fit
    home = folder_of(tmp_path / "map", **facts)
    score = later_score() if later else None
    write_study(tmp_path / "study.html", map_folder=home, later=score)
    words = words_of((tmp_path / "study.html").read_text(encoding="utf-8"))
    assert f"Level {level} of 7." in words
    assert needs is None or f"The next {needs}" in words
    assert ("The next level" in words) == (needs is not None)


def test_captures_of_a_comparison_are_the_weighted_means_of_its_folds(page, comparison):
    found = []
    for _, rows in comparison.predictions.groupby("fold"):
        y = rows["y_true"].to_numpy()
        shares = landslide_capture(y, rows["LR"], area=(y == 0).astype(float))
        found.append(shares * y.sum())
    total = comparison.predictions["y_true"].sum()
    expected = " ".join(f"{100 * share:.0f} %" for share in np.sum(found, axis=0) / total)
    words = words_of(page)
    assert f"LR, out of fold, “spatial” {expected}" in words
    assert "Unseen in spatial blocks, among places without 20 % 30 % 50 % 70 % 95 %" in words
    assert "Inventory on the map (optimistic) 10 % 25 % 45 % 60 % 90 %" in words


def test_parts_that_were_not_made_are_listed_with_how_they_are(page):
    words = words_of(page).split("11 Not made")[-1]
    for what in ("leakage audit", "Effects", "Importance", "residuals", "Sensitivity", "Transfer"):
        assert what in words
    assert "A map The" not in words and "the command sensitivity" in words


def test_units_are_one_row_each(tmp_path):
    units = pd.DataFrame(
        {
            "unit": [EVIL, EVIL, "empty", "empty"],
            "zone": [1, 2, 1, 2],
            "name": ["low", "high", "low", "high"],
            "area_km2": [3.0, 1.0, 0.0, 0.0],
            "area_share": [0.75, 0.25, np.nan, np.nan],
            "unit_area_km2": [4.0, 4.0, 0.0, 0.0],
            "unit_mean_probability": [0.3, 0.3, np.nan, np.nan],
            "unit_landslides": [7, 7, 0, 0],
        }
    )
    write_study(tmp_path / "study.html", map_folder=folder_of(tmp_path / "map"), units=units)
    words = words_of((tmp_path / "study.html").read_text(encoding="utf-8"))
    assert f"{EVIL} 4 3 (75 %) 1 (25 %) 0.3 7 empty 0 – – – 0" in words


class Words:
    """A result that puts itself into words."""

    def in_words(self):
        return ["slope matters <b>most</b>"]


def test_results_that_put_themselves_into_words_are_taken_over(tmp_path, comparison):
    write_study(
        tmp_path / "study.html",
        comparison=comparison,
        effects=Words(),
        importance=Words(),
        residuals=Words(),
    )
    page = (tmp_path / "study.html").read_text(encoding="utf-8")
    assert page.count("slope matters &lt;b&gt;most&lt;/b&gt;") == 3
    words = words_of(page)
    assert "There is no map in it" in words and f"a – not stated – yes {EVIL} –" in words


def test_results_of_the_inspection_have_their_pictures_and_numbers(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", EVIL])
    y = (X["a"] + rng.normal(size=80) > 0).astype(int)
    model, places = LogisticRegression(), rng.uniform(0, 1000, (80, 2))
    importance = factor_importance(model, X, y, cv=3, n_repeats=1, random_state=0)
    write_study(
        tmp_path / "study.html",
        importance=importance,
        effects=factor_effects(model, X, y, cv=3, interactions=0, random_state=0),
        residuals=residual_autocorrelation(
            rng.uniform(size=80), y, places, n_permutations=199, random_state=0
        ),
    )
    page = (tmp_path / "study.html").read_text(encoding="utf-8")
    assert page.count("data:image/png") == 3 and EVIL not in page
    # Nothing is known of factors and folds: no heading without anything below it.
    assert headings(page)[2:5] == [
        "3 Inventory",
        "4 Quality of the map",
        "5 Effects of the factors",
    ]
    loss = importance.table["mean"].iloc[0]
    assert f"a over all places {loss:+.3f}" in words_of(page)


def test_folders_of_compare_and_sensitivity_are_read_again(tmp_path, comparison):
    home = tmp_path / "compared"
    home.mkdir()
    comparison.folds.to_csv(home / "folds.csv", index=False)
    comparison.predictions.to_csv(home / "predictions.csv", index=False)
    poor = tmp_path / "poor"
    poor.mkdir()
    rows = {"perturbation": ["none", "wrong labels", "wrong labels"], "level": [0, 0.2, 0.2]}
    rows |= {"model": EVIL, "fold": [0, 0, 1], "metric": "roc_auc", "loss": [0, 0.02, 0.04]}
    pd.DataFrame(rows).to_csv(poor / "sensitivity.csv", index=False)
    write_study(tmp_path / "study.html", comparison=home, sensitivity=poor)
    words = words_of((tmp_path / "study.html").read_text(encoding="utf-8"))
    auc = comparison.table.loc["LR", "roc_auc"]
    assert "Models compared: compared" in words and f"{auc:.3f} ±" in words
    assert f"wrong labels 0.2 {EVIL} 0.03" in words


def test_what_is_no_such_folder_is_refused_in_one_line(tmp_path, comparison):
    out = tmp_path / "study.html"
    for options, said in (
        ({"map_folder": tmp_path}, "has no facts.json"),
        ({"comparison": tmp_path}, "has no folds.csv"),
        ({"comparison": comparison, "sensitivity": tmp_path}, "has no sensitivity.csv"),
        ({}, "nothing to put into a study"),
    ):
        with pytest.raises(ValueError, match=said):
            write_study(out, **options)
    with pytest.raises(TypeError, match="later must be a MapScore, got int"):
        write_study(out, comparison=comparison, later=1)
    with pytest.raises(TypeError, match=r"effects has no in_words\(\)"):
        write_study(out, comparison=comparison, effects=1)
    assert not out.exists()


TOML = """
limits = ["not for dams"]
[study]
region = "Kaghan"
date = 2026-01-02
[zoning]
scale = "1:50 000"
[inventory]
mapped_by = "survey"
[factors]
"plan curvature" = "SRTM"
"""


def test_facts_are_read_from_toml(tmp_path):
    (tmp_path / "study.toml").write_text(TOML)
    facts = StudyFacts.from_toml(tmp_path / "study.toml")
    assert (facts.region, facts.date, facts.scale) == ("Kaghan", "2026-01-02", "1:50 000")
    assert facts.inventory_mapped_by == "survey" and facts.inventory_source is None
    assert facts.factors == {"plan curvature": "SRTM"} and facts.limits == ("not for dams",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[inventory]\nsorce = "x"', "'inventory.sorce' .* Did you mean 'inventory.source'?"),
        ('[inventry]\nsource = "x"', "'inventry' .* Did you mean 'inventory'?"),
        ('inventory = "x"', "'inventory' is a table"),
        ("[study]\nregion = [1]", "'study.region' must be text"),
        ('limits = "x"', "'limits' must be a list"),
        ("[study", "is not a TOML file"),
    ],
)
def test_a_wrong_key_is_named_with_the_nearest_right_one(tmp_path, text, said):
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(ValueError, match=said) as caught:
        StudyFacts.from_toml(tmp_path / "study.toml")
    assert "\n" not in str(caught.value)


def test_facts_are_text():
    with pytest.raises(TypeError, match="scale must be text, got 25000"):
        StudyFacts(scale=25000)
    with pytest.raises(TypeError, match="factors must be text"):
        StudyFacts(factors={"slope": 5})
