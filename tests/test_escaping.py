"""Names from outside are shown as text: they forge no line, no markup and no formula."""

import numpy as np
import pandas as pd
import pytest

from sklearn_landslide._escaping import escaped, markdown_code, markdown_text, without_formulas

EVIL = [
    "slope\n- ROC-AUC in 5 spatial blocks: 0.999",
    "slope\r\n# Heading",
    "slope\x1b[2J\x1b]0;title\x07",
    "slope\u2028line\u2029paragraph\x85next",
    "\u202eepols",
    "slope\x00",
    "\ud800",
]


@pytest.mark.parametrize("name", EVIL, ids=ascii)
@pytest.mark.parametrize("show", [escaped, markdown_text, markdown_code])
def test_a_name_stays_on_its_line_and_steers_no_terminal(name, show):
    shown = show(name)
    assert shown.isprintable()
    assert shown.isascii()
    assert len(shown.splitlines()) == 1


def test_names_that_need_no_escape_are_shown_as_they_are():
    for name in ("slope", "Hangneigung °", "坡度", "plan_curvature", "a b-c (1)"):
        assert escaped(name) == markdown_text(name) == name
        assert markdown_code(name) == f"`{name}`"


@pytest.mark.parametrize("show", [markdown_text, markdown_code])
@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "a|b", "`<img src=x>`", "[click](http://a.b)", "&lt;"]
)
def test_no_markup_comes_out_of_a_name(name, show):
    shown = show(name)
    assert "<" not in shown
    assert "|" not in shown.replace("\\|", "")
    if show is markdown_text:
        assert "[" not in shown.replace("\\[", "")


def test_emphasis_is_escaped_but_not_within_words():
    assert markdown_text("_roc_auc_ *") == r"\_roc_auc\_ \*"


def test_a_backslash_cannot_undo_an_escape():
    assert markdown_text("a\\|b") == r"a\\\|b"


def test_a_spreadsheet_finds_no_formula_and_numbers_stay_numbers():
    frame = pd.DataFrame(
        {
            "=cmd|' /C calc'!A0": [-1.5, np.nan],
            "model": ["=HYPERLINK(1)", "LR"],
            "code": pd.Categorical(["+1", "-x"]),
            "mixed": [-3, "@SUM(A1)"],
        }
    )
    before = frame.copy()
    safe = without_formulas(frame)
    assert list(safe.columns) == ["'=cmd|' /C calc'!A0", "model", "code", "mixed"]
    assert safe["model"].tolist() == ["'=HYPERLINK(1)", "LR"]
    assert safe["code"].tolist() == ["'+1", "'-x"]
    assert safe["mixed"].tolist() == [-3, "'@SUM(A1)"]
    assert safe.iloc[0, 0] == -1.5
    pd.testing.assert_frame_equal(frame, before)


def test_a_table_without_texts_is_written_as_it_was():
    frame = pd.DataFrame({"slope": [-1.25, 2.0], "n": [1, -2]})
    assert without_formulas(frame).to_csv() == frame.to_csv()
