"""The page of a study in a real browser: on a screen, on a telephone and on paper."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

pytest.importorskip("jinja2")
pytest.importorskip("rioxarray")
pytest.importorskip("matplotlib")

from report.test_study import EVIL, folder_of, later_score

from sklearn_landslide import compare_models
from sklearn_landslide.inspection import factor_importance
from sklearn_landslide.plotting import SusceptibilityMapDisplay
from sklearn_landslide.report import StudyFacts, write_study


@pytest.fixture(scope="module")
def study(tmp_path_factory, browser):
    """A page with a real picture of a map, a comparison, later landslides and an inspection."""
    home = tmp_path_factory.mktemp("study")
    folder = folder_of(home / "map")
    zones = np.random.default_rng(0).integers(1, 6, (40, 60))
    SusceptibilityMapDisplay(zones, (0, 600, 0, 400), title="Map", notes=["EPSG:32717"]).save(
        folder / "map.png", dpi=80
    )
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(90, 2)), columns=["a", "very_long_name_" * 8])
    y = (X["a"] + rng.normal(size=90) > 0).astype(int)
    model = LogisticRegression()
    write_study(
        home / "study.html",
        map_folder=folder,
        comparison=compare_models({"LR": model, EVIL: model}, X, y, cv=3, random_state=0),
        importance=factor_importance(model, X, y, cv=3, n_repeats=2, random_state=0),
        later=later_score(),
        study=StudyFacts(title=f"Zoning of {EVIL}", limits=("long " * 40,)),
    )
    return home / "study.html"


@pytest.fixture(scope="module", params=[1280, 390])
def page(open_page, study, request):
    page = open_page(study, request.param)
    yield page
    page.context.close()


def test_it_complains_of_nothing_and_asks_for_nothing(page, study):
    assert page.complaints == []
    assert [url for url in page.requests if not url.startswith("data:")] == [study.as_uri()]


def test_the_page_is_never_wider_than_the_screen(page):
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for box in page.locator(".scroll, .moves").all():
        edges = box.bounding_box()
        assert edges["x"] >= 0 and edges["x"] + edges["width"] <= width


def test_all_pictures_are_drawn_and_wide_ones_stay_large_enough_to_be_read(page):
    pictures = page.locator("img").all()
    assert len(pictures) == 7  # map, later landslides, four curves, importance
    for picture in pictures:
        assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
        box = picture.bounding_box()
        shape = picture.evaluate("image => image.naturalWidth / image.naturalHeight")
        assert box["width"] / box["height"] == pytest.approx(shape, rel=0.02)
        assert box["width"] > 300
    wide = page.locator(".moves img")
    assert wide.count() == 2
    for picture in wide.all():
        assert picture.bounding_box()["width"] >= 640
    if page.viewport_size["width"] == 390:
        box = page.locator(".moves").first
        box.evaluate("box => { box.scrollLeft = 150 }")
        assert box.evaluate("box => box.scrollLeft") == 150


def test_the_contents_lead_to_their_sections(page):
    links = page.locator("nav a")
    assert links.count() == page.locator("main section").count()
    links.last.click()
    section = page.locator("main section").last
    assert page.url.endswith("#" + section.get_attribute("id"))


def test_on_paper_nothing_is_cut_off(browser, study):
    page = browser.new_page()
    page.goto(study.as_uri())
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})  # A4 less its margins
    assert page.evaluate("document.documentElement.scrollWidth") == 720
    for picture in page.locator("img").all():
        box = picture.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 720
    page.close()
