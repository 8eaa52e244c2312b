"""The report in a real browser: everything is seen, on a screen and on a telephone."""

import io
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide import compare_models
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.model_selection import SpatialBlockKFold, audit
from sklearn_landslide.report import page_template, write_report
from sklearn_landslide.report._page_parts import Paragraph, Section, Table

LONG = "<img src=x onerror=alert(1)>" + "very_long_name_" * 12


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A page with all of its sections, and with names that are long and no markup."""
    region = make_landslides(200, as_frame=True, random_state=0)
    X, y = region.data.rename(columns={"slope": LONG}), region.target
    cv = SpatialBlockKFold(region.coordinates, 4, random_state=0)
    models = {"LR": LogisticRegression(max_iter=1000), LONG: GaussianNB()}
    comparison, on_random = (
        compare_models(models, X, y, cv=folds, random_state=0) for folds in (cv, 4)
    )
    found = audit(
        GaussianNB(), X.select_dtypes("number"), y, cv=cv, n_permutations=0, random_state=0
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(comparison, path, compare_to={"random": on_random}, audit=found)
    return path


@pytest.fixture(scope="module", params=[1280, 390])
def page(open_page, report, request):
    """The page at one width, with what it said and asked for while it was loaded."""
    page = open_page(report, request.param)
    yield page
    page.context.close()


def test_it_complains_of_nothing_and_asks_for_nothing(page, report):
    assert page.complaints == []
    outside = [url for url in page.requests if not url.startswith("data:")]
    assert outside == [report.as_uri()]


def test_all_tables_have_rows_that_are_seen(page):
    tables = page.locator("table")
    assert tables.count() == 12
    for table in tables.all():
        assert table.is_visible()
        assert table.locator("tbody tr").count() >= 2
        box = table.bounding_box()
        assert box["width"] > 100 and box["height"] > 50


def test_all_pictures_are_drawn_and_fit(page):
    width = page.viewport_size["width"]
    pictures = page.locator("img")
    assert pictures.count() == 5
    for picture in pictures.all():
        assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
        box = picture.bounding_box()
        assert 300 < box["width"] <= width and box["height"] > 200
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        # Nothing is stretched.
        shape = picture.evaluate("image => image.naturalWidth / image.naturalHeight")
        assert box["width"] / box["height"] == pytest.approx(shape, rel=0.02)


def test_the_page_is_never_wider_than_the_screen(page):
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    # What is wider, a table, is moved inside its box.
    boxes = page.locator(".scroll")
    assert boxes.count() == 12
    for box in boxes.all():
        edges = box.bounding_box()
        assert edges["x"] >= 0 and edges["x"] + edges["width"] <= width
    wide = page.locator(".scroll[aria-label='Scores']")
    if width == 390:
        wide.evaluate("box => { box.scrollLeft = 200 }")
        assert wide.evaluate("box => box.scrollLeft") == 200


def test_a_table_that_goes_on_shows_it_by_a_shadow_at_its_edge(page):
    if page.viewport_size["width"] != 390:
        pytest.skip("of a telephone")
    wide = page.locator(".scroll[aria-label='Scores']")
    wide.scroll_into_view_if_needed()
    edge = wide.evaluate("box => getComputedStyle(box).backgroundAttachment")
    assert edge == "local, local, scroll, scroll"

    def darkness(left):
        """How dark the last pixels of the header are, beyond its letters' rows."""
        wide.evaluate("(box, left) => { box.scrollLeft = left }", left)
        box = wide.bounding_box()
        # Just below the upper edge there is no letter.
        clip = {"x": box["x"] + box["width"] - 4, "y": box["y"] + 2, "width": 3, "height": 3}
        shot = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("L")
        return 255 - np.asarray(shot).mean()

    assert darkness(0) > 20
    assert darkness(10_000) < 5


def test_a_usual_name_of_a_factor_is_on_one_line(page):
    name = page.locator("th", has_text="profile_curvature").first
    line = page.locator("th", has_text="altitude").first.bounding_box()["height"]
    assert name.bounding_box()["height"] == pytest.approx(line, abs=1)


def test_the_text_is_large_and_dark_enough(page):
    for selector, least in (("p", 15), ("td", 13), ("li", 12)):
        size = page.locator(f"main {selector}").first.evaluate(
            "element => parseFloat(getComputedStyle(element).fontSize)"
        )
        assert size >= least
    color = page.evaluate("getComputedStyle(document.body).color")
    assert max(map(int, color.removeprefix("rgb(").removesuffix(")").split(","))) < 60


def test_the_contents_lead_to_their_sections(page):
    links = page.locator("nav a")
    assert links.count() == page.locator("main section").count() == 11
    links.last.click()
    section = page.locator("main section").last
    assert page.url.endswith("#" + section.get_attribute("id"))
    assert section.locator("h2").bounding_box()["y"] < page.viewport_size["height"]


def test_it_prints(browser, report):
    page = browser.new_page()
    page.goto(report.as_uri())
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})  # A4 less its margins
    assert page.evaluate("document.documentElement.scrollWidth") == 720
    assert not page.locator("nav").is_visible()
    assert page.locator("table").count() == 12
    # The parameters stay folded away, and a picture takes half a page at most.
    assert not page.locator("ul.items").first.is_visible()
    for picture in page.locator("#curves img").all():
        assert picture.bounding_box()["height"] <= 10.7 / 2.54 * 96
    page.close()


@pytest.mark.parametrize("n_lines", [4, 22, 24, 25])
def test_on_paper_a_heading_stays_with_its_table(browser, tmp_path, n_lines):
    pdftotext = shutil.which("pdftotext")
    if pdftotext is None:
        pytest.skip("pdftotext is not installed")
    rows = [[f"ROW{number}.", "1"] for number in range(1, 31)]
    table = Table("CAPTION", ["Factor", "Kind"], rows)
    sections = [
        Section("a", "First", [Paragraph("line")] * n_lines),
        Section("b", "HEADING", [Paragraph("LEAD " + 30 * "words " + "END"), table]),
    ]
    page = browser.new_page()
    page.set_content(page_template().render(title="", subtitle="", sections=sections))
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    page.close()
    printed = subprocess.run(
        [pdftotext, tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True
    )
    sheets = printed.stdout.split("\f")

    def sheet_of(word):
        return next(number for number, text in enumerate(sheets) if word in text)

    begin = {sheet_of(word) for word in ("HEADING", "LEAD", "END", "CAPTION", "ROW1.", "ROW2.")}
    assert len(begin) == 1
    assert sheet_of("ROW29.") == sheet_of("ROW30.")
