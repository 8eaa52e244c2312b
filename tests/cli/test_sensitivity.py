"""The command sensitivity: what it prints and writes, how it goes on, and how it fails."""

import pandas as pd
import pytest
from cli.commands import QUICK, ROLES, make_places, refused, tree

from sklearn_landslide import robustness
from sklearn_landslide.cli import _make_parser, main
from sklearn_landslide.cli._perturbations import DEFAULT, PERTURBATIONS, perturbations_of
from sklearn_landslide.cli._sensitivity import FILES, FITS

LESS = ["--perturbations", "labels=0.2", "without=slope", "--repeats", "1"]


def command(table, *more):
    return ["sensitivity", str(table), *ROLES, *QUICK, *LESS, *map(str, more)]


def test_the_losses_are_printed_and_written(places, tmp_path, capsys):
    out = tmp_path / "new" / "results"
    assert main(command(places, "--out", out)) == 0
    printed = capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    table = pd.read_csv(out / "sensitivity.csv")
    assert len(table) == 3 * 3 * 3
    rows = table.query("perturbation == 'factor left out' and metric == 'roc_auc'")
    loss = f"{rows['loss'].mean():+.3f}"
    summary = (out / "summary.md").read_text(encoding="utf-8")
    for text in (printed, summary):
        assert loss in text
        assert "90 places, 30 landslides (33 %), 3 factors (1 categorical), 3 folds" in text
        assert "20 % of the labels wrong" in text
    assert "--perturbations labels=0.2 without=slope" in summary
    assert "Positions were not shifted" in printed
    assert (out / "sensitivity.png").read_bytes().startswith(b"\x89PNG")


def test_an_interrupted_command_goes_on_when_it_is_given_again(
    places, tmp_path, capsys, monkeypatch
):
    from sklearn_landslide.map_products import Progress

    show = Progress.show

    def interrupted(self, n_done, n_all):
        show(self, n_done, n_all)
        if n_done == 5:
            raise KeyboardInterrupt

    out = tmp_path / "results"
    with monkeypatch.context() as patch:
        patch.setattr(Progress, "show", interrupted)
        assert main(command(places, "--out", out)) == 130
    err = capsys.readouterr().err
    assert f"interrupted: the fits that are done are in {out / FITS}" in err
    assert [path.name for path in out.iterdir()] == [FITS]
    assert len((out / FITS).read_text().splitlines()) == 6
    known = []
    with monkeypatch.context() as patch:
        patch.setattr(Progress, "show", lambda self, *counts: known.append(counts[0]))
        assert main(command(places, "--out", out)) == 0
    assert known == [5, 6, 7, 8, 9]
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)


def test_earlier_results_are_replaced_only_when_asked(places, tmp_path, capsys):
    out = tmp_path / "results"
    out.mkdir()
    (out / FILES[0]).write_text("old")
    _, err = refused(capsys, tmp_path, *command(places, "--out", out))
    assert "already holds sensitivity.csv" in err and "--overwrite" in err
    assert main(command(places, "--out", out, "--overwrite")) == 0
    assert (out / FILES[0]).read_text() != "old"


def test_without_out_nothing_is_written(places, tmp_path, capsys):
    before = tree(tmp_path)
    assert main(command(places)) == 0
    assert "wrong labels" in capsys.readouterr().out
    assert tree(tmp_path) == before


def test_words_and_levels_become_perturbations():
    argv = ["sensitivity", "a.csv", "--target", "y", "--noise-in", "both", "--wrong", "landslides"]
    argv += ["--under", "landuse=forest,shrub", "--missed-become", "dropped"]
    args = _make_parser().parse_args(argv)
    names = [one.name for one in perturbations_of(args)]
    assert len(names) == len(DEFAULT) + 1
    assert {
        "noise in all factors (all rows)",
        "wrong labels (landslides only)",
        "landslides not mapped (dropped)",
        "landslides not mapped under landuse forest, shrub (dropped)",
    } <= {*names}
    argv = ["sensitivity", "a.csv", "--target", "y", "--perturbations"]
    args = _make_parser().parse_args([*argv, "without=slope+tri,ndvi", "rows=0.5", "noise-each"])
    assert perturbations_of(args) == [
        robustness.WithoutFactor((("slope", "tri"), ("ndvi",))),
        robustness.FewerRows((0.5,)),
        robustness.NoiseInOneFactor(),
    ]


def test_each_default_perturbation_of_the_library_has_a_word():
    args = _make_parser().parse_args(["sensitivity", "a.csv", "--target", "y"])
    kinds = {type(one) for one in perturbations_of(args)}
    assert {type(one) for one in robustness.default_perturbations()} == kinds
    assert len(PERTURBATIONS) == len(kinds) + 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--perturbations", "wind"], "must be one of noise, noise-each"),
        (["--perturbations", "labels=many"], "needs numbers as levels, got 'labels=many'"),
        (["--perturbations", "labels=0.1,"], "has an empty level"),
        (
            ["--perturbations", "labels=3"],
            "are numbers from 0 to 1, got 3",
        ),
        (["--perturbations", "shifted"], "shifted needs --stack or --dem with --points"),
        (["--perturbations", "rows", "rows=0.5"], "rows twice"),
        (["--perturbations", "without=slop"], "no factor 'slop'. Did you mean 'slope'?"),
        (
            ["--perturbations", "rows", "--far-from", "rainfall"],
            "--far-from is for",
        ),
        (["--perturbations", "unmapped", "--far-from", "road"], "no factor 'road'"),
        (["--perturbations", "unmapped", "--far-from", "soil"], "far_from needs numbers"),
        (["--under", "soil"], "must be COLUMN=CLASS"),
        (["--perturbations", "unmapped", "--under", "soil=rock"], "no class 'rock'"),
        (["--noise-in", "map"], "invalid choice: 'map'"),
        (["--repeats", "0"], "at least 1, got '0'"),
        (["--split", "spatial", "--coordinates", "x"], "expected 2 arguments"),
        (["--split", "strata"], "--split strata needs --strata COLUMN"),
        (["--cv", "40"], "class 1 has 30 rows, fewer than the 40 folds: use fewer folds"),
    ],
)
def test_wrong_options_are_one_line_and_leave_nothing(places, tmp_path, capsys, options, message):
    argv = ["sensitivity", places, *ROLES, *QUICK, "--out", tmp_path / "a" / "b", *options]
    _, err = refused(capsys, tmp_path, *argv)
    assert message in err


def test_a_table_made_of_rasters_has_its_positions_shifted(real_data, tmp_path, capsys):
    out = tmp_path / "results"
    argv = ["sensitivity", "--stack", real_data / "ecuador_terrain.tif", "--points"]
    argv += [real_data / "ecuador_points.csv", "--target", "landslide", *QUICK, "--repeats", "1"]
    argv += ["--perturbations", "shifted=200", "absences=100", "--out", out]
    assert main([str(word) for word in argv]) == 0
    printed = capsys.readouterr().out
    assert "landslides mapped 200 m off costs" in printed
    assert "map with it, --model LR of the command map" in printed
    assert set(pd.read_csv(out / FILES[0])["level"].astype(float)) == {0, 100, 200}


def test_a_table_that_lacks_a_class_is_one_line(tmp_path, capsys):
    path = tmp_path / "places.csv"
    make_places().assign(landslide=1).to_csv(path, index=False)
    _, err = refused(capsys, tmp_path, *command(path))
    assert "has one class, 1" in err
