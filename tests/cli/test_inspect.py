"""The command inspect: what it writes, what the page of a study shows of it, and how it fails."""

import json
import shutil
from io import StringIO

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

from cli.commands import ROLES, make_places, refused

from sklearn_landslide import compare_models, make_landslide_pipeline
from sklearn_landslide.cli import main
from sklearn_landslide.cli._inspect import FILES
from sklearn_landslide.cli._inspection import Inspection
from sklearn_landslide.comparison import all_models, make_splits
from sklearn_landslide.inspection import (
    factor_effects,
    factor_importance,
    residual_autocorrelation,
)
from sklearn_landslide.model_selection import audit
from sklearn_landslide.report import write_study
from sklearn_landslide.report._inspection_folder import read_inspection
from sklearn_landslide.tables import read_table

EVIL = "<b>leak"
SHORT = ["--model", "LR", "--cv", "3", "--n-jobs", "1", "--seed", "3"]
SHORT += ["--permutations", "0", "--repeats", "1", "--interactions", "1", "--max-rows", "60"]


def evil_places():
    """A table whose last factor is the label with a little noise."""
    places = make_places()
    noise = np.random.default_rng(1).normal(0, 0.1, len(places))
    return places.assign(**{EVIL: (places["landslide"] + noise).round(3)})


def interrupted(self, n_done, n_all):
    """Stand in for the progress of a run that is interrupted after the first fold."""
    if n_done:
        raise KeyboardInterrupt


class _Said:
    """A part that was found."""

    def in_words(self):
        return ["said"]

    def to_dict(self):
        return {"in_words": self.in_words()}


@pytest.fixture(scope="module")
def inspected(tmp_path_factory):
    """The table, and what the command has written of it."""
    home = tmp_path_factory.mktemp("inspected")
    evil_places().to_csv(home / "places.csv", index=False)
    assert (
        main(["inspect", str(home / "places.csv"), *ROLES, *SHORT, "--out", str(home / "o")]) == 0
    )
    return home


@pytest.fixture(scope="module")
def by_hand(inspected):
    """Table, model and folds, as the library has them."""
    table = read_table(
        inspected / "places.csv", target="landslide", categorical=["soil"], coordinates=["x", "y"]
    )
    model = make_landslide_pipeline(all_models(3)["LR"], random_state=3)
    return table, model, make_splits(table.X, table.y, 3, None, 3)


def test_the_numbers_are_those_of_the_library(inspected, by_hand):
    table, model, splits = by_hand
    given = {"cv": splits, "random_state": 3}
    out = inspected / "o"
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    importance = factor_importance(
        model, table.X, table.y, conditional="both", n_repeats=1, **given
    )
    effects = factor_effects(model, table.X, table.y, interactions=1, max_rows=60, **given)
    for name, expected in (
        ("importance", importance.table),
        ("effects", effects.effects),
        ("interactions", effects.interactions),
    ):
        found = pd.read_csv(out / f"{name}.csv")
        pd.testing.assert_frame_equal(found, pd.read_csv(StringIO(expected.to_csv(index=False))))
    facts = json.loads((out / "inspection.json").read_text(encoding="utf-8"))
    assert facts["importance"] == importance.to_dict()
    assert facts["effects"] == effects.to_dict()
    checked = audit(
        model, table.X, table.y, coordinates=table.coordinates, n_permutations=0, **given
    )
    assert facts["audit"] == json.loads(json.dumps(checked.to_dict()))


def test_the_residuals_are_those_of_the_folds_of_compare(inspected, by_hand):
    table, _, _ = by_hand
    models = {"LR": all_models(3)["LR"]}
    comparison = compare_models(models, table.X, table.y, cv=3, random_state=3)
    expected = residual_autocorrelation(
        comparison, coordinates=table.coordinates, random_state=3
    ).correlogram
    found = pd.read_csv(inspected / "o" / "residuals.csv")
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_a_leak_is_named_first_of_all(inspected):
    page = (inspected / "o" / "inspection.md").read_text(encoding="utf-8")
    words, _, numbers = page.partition("## In numbers")
    leak = "- Leak, label among the factors: &lt;b&gt;leak alone tells the label (ROC-AUC 1.000)"
    assert leak in words and words.index(leak) < words.index("What is each factor worth?")
    assert "90 places, 30 landslides (33 %), 4 factors (1 categorical), 3 folds, seed 3" in words
    assert "<b>" not in page and "![importance](importance.png)" in numbers
    assert "inspect" in numbers.splitlines()[-1] and "--permutations 0" in numbers.splitlines()[-1]
    verdicts = pd.read_csv(inspected / "o" / "audit.csv").set_index("check")["verdict"]
    assert verdicts["label among the factors"] == "leak"
    assert verdicts["permuted labels"] == "not checked"


def test_the_number_of_fits_is_said_first(inspected, tmp_path, capsys, monkeypatch):
    from sklearn_landslide.map_products import Progress

    monkeypatch.setattr(Progress, "show", interrupted)
    roles = ["--target", "landslide", "--categorical", "soil", "--drop", "x", "y"]
    assert main(["inspect", str(inspected / "places.csv"), *roles, *SHORT]) == 130
    # Effects, importance and the audit on three folds; eight more looks at each of 90 rows.
    assert capsys.readouterr().err.splitlines()[0] == (
        "about 9 fits, 3 of them for the audit (0 by --permutations 0); 810 predictions for the "
        "importance of the factors"
    )


def test_without_coordinates_the_words_say_what_was_not_tested(inspected):
    whole = Inspection("LR", "90 places", *[_Said()] * 3, None)
    assert whole.in_words()["residuals"] == [
        "Residuals were not tested for what neighbors share: that takes --coordinates X Y."
    ]
    assert whole.to_dict()["residuals"] is None


def test_an_interrupted_command_leaves_nothing(inspected, tmp_path, capsys, monkeypatch):
    from sklearn_landslide.map_products import Progress

    monkeypatch.setattr(Progress, "show", interrupted)
    argv = ["inspect", str(inspected / "places.csv"), *ROLES, *SHORT, "--out", str(tmp_path / "o")]
    assert main(argv) == 130
    assert "interrupted: nothing was written" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "XYZ"], "invalid choice: 'XYZ'"),
        (["--model", "Slope", "--drop", "slope"], "the model Slope needs slope"),
        (["--split", "strata"], "--split strata needs --strata COLUMN"),
        (["--cv", "40"], "class 1 has 30 rows, fewer than the 40 folds: use fewer folds"),
        (["--repeats", "0"], "at least 1, got '0'"),
    ],
)
def test_wrong_options_are_one_line_and_leave_nothing(
    inspected, tmp_path, capsys, options, message
):
    argv = ["inspect", inspected / "places.csv", *ROLES, *SHORT, *options]
    _, err = refused(capsys, tmp_path, *argv, "--out", tmp_path / "a" / "b")
    assert message in err


def test_effects_that_cost_too_much_are_refused_before_any_fit(inspected, tmp_path, capsys):
    argv = ["inspect", str(inspected / "places.csv"), *ROLES, *SHORT, "--max-predictions", "100"]
    assert main([*argv, "--out", str(tmp_path / "o")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and "more than --max-predictions 100: lower --max-rows" in said[1]
    assert "fewer factors or pairs (--interactions)" in said[1]
    assert not list(tmp_path.iterdir())


def test_rasters_and_points_are_inspected_on_blocks(real_data, tmp_path, capsys):
    points = pd.read_csv(real_data / "ecuador_points.csv")[::4]
    points.to_csv(tmp_path / "points.csv", index=False)
    argv = ["inspect", "--stack", str(real_data / "ecuador_terrain.tif"), "--points"]
    argv += [str(tmp_path / "points.csv"), "--target", "landslide", *SHORT]
    argv += ["--split", "spatial", "--coordinates", "x", "y", "--interactions", "0"]
    assert main(argv) == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "LR on 88 places, 44 landslides (50 %), 5 factors (0 categorical), 3 spatial folds"
    )
    assert "with each of 5 factors: on the log-odds" in said
    assert "88 places were tested by models that had not seen them" in said


def test_earlier_results_are_replaced_only_when_asked(inspected, capsys):
    argv = ["inspect", inspected / "places.csv", *ROLES, *SHORT, "--out", inspected / "o"]
    _, err = refused(capsys, inspected, *argv)
    assert "already holds inspection.json" in err and "--overwrite" in err


def test_the_page_of_a_study_holds_words_tables_and_pictures_escaped(inspected, tmp_path):
    write_study(tmp_path / "study.html", inspection=inspected / "o")
    page = (tmp_path / "study.html").read_text(encoding="utf-8")
    facts = json.loads((inspected / "o" / "inspection.json").read_text(encoding="utf-8"))
    assert EVIL not in page and page.count("data:image/png") == 3
    assert "&lt;b&gt;leak alone tells the label (ROC-AUC 1.000)" in page
    assert "Of LR on 90 places, 30 landslides" in page
    first = facts["importance"]["table"][0]
    assert f"{first['mean']:+.3f}" in page
    assert f"{facts['residuals']['correlogram'][0]['moran_i']:.3f}" in page
    # What the folder holds is not listed as missing.
    missing = page[page.index("They were not made") :]
    assert "inspection.factor_effects" not in missing and "the command compare" in missing


def test_a_part_is_not_taken_twice(inspected, tmp_path):
    found = read_inspection(inspected / "o").audit
    with pytest.raises(ValueError, match="inspection holds audit, too"):
        write_study(tmp_path / "study.html", inspection=inspected / "o", audit=found)


def _without(name):
    return lambda facts: facts.pop(name)


def _with(value, *path):
    def change(facts):
        *way, last = path
        for step in way:
            facts = facts[step]
        facts[last] = value

    return change


CRAFTED = {
    "its format is 2, and 1 is known": _with(2, "format"),
    "it has no audit": _without("audit"),
    "it has no effects": _with([1], "effects"),
    "its model is not text": _with({"a": 1}, "model"),
    "the words of importance are not a list of texts": _with("all", "importance", "in_words"),
    "the words of effects are not a list of texts": _with([1], "effects", "in_words"),
    "correlogram of residuals is not a table": _with({"a": 1}, "residuals", "correlogram"),
    "mean of importance is not a number": _with("<b>", "importance", "table", 0, "mean"),
    "pvalue_holm of residuals is not a number": _with(
        True, "residuals", "correlogram", 0, "pvalue_holm"
    ),
    "factor of effects is not text": _with(["a"], "effects", "factors", 0, "factor"),
    "a finding of the audit is not text": _with(None, "audit", "findings", 0, "advice"),
    "its audit is empty": _with([], "audit", "findings"),
    "it holds NaN, which is not a number": _with(float("nan"), "importance", "table", 0, "mean"),
}


@pytest.mark.parametrize("said", CRAFTED)
def test_a_crafted_file_is_refused_in_one_line(inspected, tmp_path, said):
    facts = json.loads((inspected / "o" / "inspection.json").read_text(encoding="utf-8"))
    CRAFTED[said](facts)
    (tmp_path / "inspection.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(ValueError, match="is not of the command inspect") as error:
        write_study(tmp_path / "study.html", inspection=tmp_path)
    assert said in str(error.value) and "\n" not in str(error.value)
    assert not (tmp_path / "study.html").exists()


def test_what_is_no_folder_of_the_command_is_refused(inspected, tmp_path):
    with pytest.raises(ValueError, match=r"has no inspection.json: give a folder"):
        write_study(tmp_path / "study.html", inspection=tmp_path)
    for text in ("{", "[" * 100_000, '"a"', "\ud800"):
        (tmp_path / "inspection.json").write_bytes(text.encode("utf-8", "surrogatepass"))
        with pytest.raises(ValueError, match=r"cannot be read|is not an object"):
            write_study(tmp_path / "study.html", inspection=tmp_path)
    shutil.copy(inspected / "o" / "inspection.json", tmp_path)
    (tmp_path / "effects.png").write_text("<svg>")
    with pytest.raises(ValueError, match=r"or it is not a PNG: 'effects.png', 'importance.png'"):
        write_study(tmp_path / "study.html", inspection=tmp_path)
