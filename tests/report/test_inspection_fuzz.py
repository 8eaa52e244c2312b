"""A file of the command inspect that anybody has changed: shown as text, or refused in one line."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

from sklearn_landslide.report import write_study

EVIL = "<script>alert(1)</script>"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJg"
    "gg=="
)


def made_facts():
    """What ``inspect`` writes, as far as a page shows it; every text of it is evil."""
    words = {"in_words": [EVIL]}
    finding = {"check": EVIL, "verdict": "leak", "finding": EVIL, "advice": EVIL, "numbers": {}}
    worth = {"factor": EVIL, "conditional": False, "mean": 0.1, "low": 0.0, "high": None}
    miss = {"from": 0.0, "to": 9.5, "n_pairs": 12, "moran_i": 0.2, "pvalue_holm": 0.01}
    return {
        "format": 1,
        "model": EVIL,
        "table": EVIL,
        "audit": {"findings": [finding], **words},
        "importance": {"table": [worth], "scoring": EVIL, **words},
        "effects": {"factors": [{"factor": EVIL, "strength": 0.3, "shape": EVIL}], **words},
        "residuals": {"correlogram": [miss], **words},
    }


def paths_of(value, path=()):
    """All places in nested dicts and lists, the whole first."""
    yield path
    items = enumerate(value) if isinstance(value, list) else getattr(value, "items", list)()
    for key, part in items:
        yield from paths_of(part, (*path, key))


PATHS = [path for path in paths_of(made_facts()) if path]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([10**400, -1.5, 1e308, EVIL, "", "a\nb", "\ud800", "\x00\x1b[31m"])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("inspection")
    for name in ("effects", "importance", "residuals"):
        (home / f"{name}.png").write_bytes(PNG)
    return home


def page_of(folder, text):
    """The page of a study with such a file, or the one line that refuses it."""
    (folder / "inspection.json").write_text(text, encoding="utf-8")
    page = folder / "study.html"
    page.unlink(missing_ok=True)
    try:
        write_study(page, inspection=folder)
    except ValueError as error:
        assert "\n" not in str(error) and "inspection.json" in str(error)
        assert not page.exists()
        return None
    return page.read_text(encoding="utf-8")


def test_all_texts_are_shown_as_text(folder):
    page = page_of(folder, json.dumps(made_facts()))
    assert EVIL not in page
    # Model, table, four lists of words, and what the tables name.
    assert page.count("&lt;script&gt;") >= 12


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from(PATHS), value=ANYTHING, is_gone=st.booleans())
def test_whatever_stands_anywhere_is_shown_as_text_or_refused_in_one_line(
    folder, path, value, is_gone
):
    facts = made_facts()
    *way, last = path
    part = facts
    for step in way:
        part = part[step]
    if is_gone:
        del part[last]
    else:
        part[last] = value
    assert EVIL not in (page_of(folder, json.dumps(facts)) or "")


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("a row of importance has no high", ('"high": null', '"higher": null')),
        ("mean of importance is not a number", ('"mean": 0.1', f'"mean": {10**400}')),
        ("mean of importance is not a number", ('"mean": 0.1', '"mean": 1e999')),
    ],
)
def test_what_a_table_cannot_show_is_named(folder, said, change):
    (folder / "inspection.json").write_text(json.dumps(made_facts()).replace(*change))
    with pytest.raises(ValueError, match=said):
        write_study(folder / "study.html", inspection=folder)
