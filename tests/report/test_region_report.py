"""The page on two regions says what the comparison found, and shows names as text."""

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from sklearn_landslide.report import write_region_report
from sklearn_landslide.transfer import compare_regions, match_factors

BAD = "<img src=x onerror=alert(1)>\n"


class Reader(HTMLParser):
    """Texts of the cells, headings and paragraphs, and the tags that there are."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if data.strip():
            # As it is read: a number is kept on a line with its sign.
            self.texts.append(data.strip().replace("\N{NO-BREAK SPACE}", " "))


@pytest.fixture(scope="module")
def regions():
    rng = np.random.default_rng(0)
    here, there = (
        pd.DataFrame(
            {
                "slope": rng.gamma(6, 4.5, 100) + 15 * k,
                BAD: rng.normal(6, 1, 100),
                "lithology": rng.choice(["granite", "marl", "tuff"][: 2 + k], 100),
            }
        )
        for k in range(2)
    )
    with pytest.warns(UserWarning, match="'soil'"), pytest.warns(UserWarning, match="'tuff'"):
        matched = match_factors(here, there.assign(soil="clay"), units={"slope": "same"})
    return matched, compare_regions(matched.source, matched.target)


@pytest.fixture(scope="module")
def page(regions, tmp_path_factory):
    matched, comparison = regions
    path = tmp_path_factory.mktemp("report") / "regions.html"
    write_region_report(comparison, path, matched=matched, notes={"Target": "<b>Kaghan"})
    return path.read_text(encoding="utf-8")


def test_all_sentences_and_numbers_are_on_the_page(page, regions):
    matched, comparison = regions
    texts = Reader(page).texts
    for sentence in comparison.in_words():
        assert sentence.replace("\n", "\\n") in texts
    row = comparison.factors.loc["slope"]
    start = texts.index("slope")
    assert texts[start + 1 : start + 3] == ["quantity", f"{row['distance']:.2f}"]
    for why in matched.table["why"]:
        assert not why or why in texts
    assert f"{100 * comparison.outside_applicability:.1f} %" in texts
    share = comparison.classes.set_index("class").loc["tuff", "target"]
    assert texts[texts.index("tuff") + 1 :][:2] == ["0.0", f"{100 * share:.1f}"]


def test_names_are_shown_as_text(page):
    reader = Reader(page)
    images = [attrs for tag, attrs in reader.tags if tag == "img"]
    assert len(images) == 1
    assert images[0]["src"].startswith("data:image/svg+xml;base64,")
    assert not any("onerror" in attrs for _, attrs in reader.tags)
    assert ("b", {}) not in reader.tags
    assert BAD.replace("\n", "\\n") in reader.texts
    assert "<b>Kaghan" in reader.texts


def test_nothing_is_asked_of_a_network(page):
    assert not re.search(r"https?://(?!www\.w3\.org)", page)
    assert "<script" not in page


def test_a_page_without_the_matching_and_without_classes(tmp_path):
    rng = np.random.default_rng(0)
    here, there = (pd.DataFrame({"slope": rng.normal(size=20)}) for _ in range(2))
    path = tmp_path / "regions.html"
    write_region_report(compare_regions(here, there), path, title="A < B")
    texts = Reader(path.read_text(encoding="utf-8")).texts
    assert "A < B" in texts
    assert "Do the factors match?" not in texts
    assert "Classes" not in texts
    assert [file.name for file in tmp_path.iterdir()] == ["regions.html"]


def test_what_is_no_comparison_is_refused(regions, tmp_path):
    matched, comparison = regions
    with pytest.raises(TypeError, match="comparison must be a RegionComparison, got MatchedFac"):
        write_region_report(matched, tmp_path / "a.html")
    with pytest.raises(TypeError, match="matched must be a MatchedFactors, got str"):
        write_region_report(comparison, tmp_path / "a.html", matched="yes")
    with pytest.raises(FileNotFoundError, match=r"no folder .* to write a.html into"):
        write_region_report(comparison, tmp_path / "no" / "a.html")
    assert not list(tmp_path.iterdir())
