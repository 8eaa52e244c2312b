"""What the README and the guide copy from benchmarks/results/ is what is kept there."""

from pathlib import Path

import pandas as pd
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def figures(benchmarks_on_path):
    import figures

    return figures


@pytest.fixture(scope="module")
def pages(figures):
    return figures.read_pages()


def test_the_pages_say_what_the_results_say(figures, pages):
    assert not list(figures.problems(pages))


@pytest.mark.parametrize(
    ("page", "figure", "planted"),
    [
        ("README.md", "CatBoost 2.20)", "CatBoost 2.02)"),
        ("README.md", "start from a table", "start (0.999) from a table"),
        ("docs/user_guide/paper_claims.md", "| 0.8612 |", "| 0.8613 |"),
        ("docs/user_guide/paper_claims.md", "SMOTE: it depends", "SMOTE: it depends (0.123)"),
        ("docs/user_guide/paper_claims.md", "| CNN | 0.873 ± 0.014 |", "| CNN | 0.973 ± 0.014 |"),
        ("docs/user_guide/space_time.md", "| CatBoost, sums | 0.961 |", "| CatBoost, sums | 0.9 |"),
        ("docs/user_guide/space_time.md", "| 0.71 | 0.38 |", "| 0.71 | 0.39 |"),
        ("docs/user_guide/spatial_validation.md", "0.867 ± 0.045", "0.867 ± 0.046"),
        (
            "docs/user_guide/spatial_validation.md",
            "These are the folds",
            "These (0.04) are the folds",
        ),
        ("docs/user_guide/network.md", "## Fitting", "The ROC-AUC is 0.99.\n\n## Fitting"),
    ],
)
def test_a_wrong_figure_is_found(figures, pages, page, figure, planted):
    assert pages[page].count(figure) == 1
    wrong = pages | {page: pages[page].replace(figure, planted)}
    assert [problem for problem in figures.problems(wrong) if problem.startswith(page)]


def test_pages_are_brought_up_to_date_and_otherwise_left_alone(figures, pages):
    for page, text in pages.items():
        assert figures.updated(page, text) == text
    page = "docs/user_guide/paper_claims.md"
    wrong = pages[page].replace("| 0.8612 |", "| 0.1 |").replace("(0.843 to", "(0.743 to")
    assert wrong != pages[page]
    assert figures.updated(page, wrong) == pages[page]


def test_a_sentence_that_is_gone_is_an_error_that_names_it(figures, pages):
    text = pages["README.md"].replace("on unseen blocks of four", "on blocks of four")
    with pytest.raises(LookupError, match="on unseen blocks of four"):
        figures.updated("README.md", text)


def test_a_claim_that_the_results_do_not_show_is_reported(figures, pages, monkeypatch):
    claim = ("README.md", "By mean rank of ROC-AUC it is first of nine models", False)
    monkeypatch.setattr(figures, "claims", lambda: [claim])
    (problem,) = figures.problems(pages)
    assert "which the results do not show" in problem


def test_the_printed_results_follow_from_the_kept_rows(benchmarks_on_path):
    import ablation
    import baselines
    import importance
    import kaghan
    import leaks
    import monotone
    import paper
    import sensitivity
    import skill
    import space_time
    import storms
    import thresholds
    import transfer
    from _results import RESULTS

    def printed(name):
        return (RESULTS / f"{name}.md").read_text(encoding="utf-8").partition("\n\n")[2]

    for name in ("skill", "skill_elsewhere"):
        rows = pd.read_csv(RESULTS / f"{name}.csv").drop_duplicates(skill.KEYS, keep="last")
        assert printed(name) == skill.report(rows)
    rows = pd.read_csv(RESULTS / "space_time.csv").drop_duplicates(space_time.KEYS, keep="last")
    pooled = pd.read_csv(RESULTS / "space_time_pooled.csv")
    pooled = pooled.pivot(index="model", columns="split", values="pooled")
    assert printed("space_time") == space_time.report(rows, pooled)
    rows = pd.read_csv(RESULTS / "paper.csv").drop_duplicates(paper.KEYS, keep="last")
    assert printed("paper") == paper.report(rows)
    rows = pd.read_csv(RESULTS / "kaghan.csv").drop_duplicates(kaghan.KEYS, keep="last")
    assert printed("kaghan").startswith(kaghan.report(rows))
    if (RESULTS / "sensitivity.csv").exists():
        rows = pd.read_csv(RESULTS / "sensitivity.csv")
        rows = rows.drop_duplicates(sensitivity.KEYS, keep="last")
        assert printed("sensitivity") == sensitivity.report(rows)
    rows = pd.read_csv(RESULTS / "transfer.csv").drop_duplicates(transfer.KEYS, keep="last")
    assert printed("transfer").rstrip() == transfer.report(rows)
    rows = pd.read_csv(RESULTS / "thresholds.csv")
    lines = pd.read_csv(RESULTS / "thresholds_lines.csv")
    thresholds.check_folds(rows, thresholds.rivals())
    assert printed("thresholds") == thresholds.report(rows, lines)
    rows = pd.read_csv(RESULTS / "storms.csv").drop_duplicates([*storms.KEYS, "level"], keep="last")
    assert printed("storms") == storms.report(rows)
    rows = pd.read_csv(RESULTS / "importance.csv")
    assert printed("importance") == importance.report(rows)
    assert printed("leaks").startswith(leaks.report(pd.read_csv(RESULTS / "leaks.csv")))
    rows = pd.read_csv(RESULTS / "monotone.csv").drop_duplicates(monotone.KEYS, keep="last")
    assert printed("monotone").rstrip() == monotone.report(rows).rstrip()
    rows = pd.read_csv(RESULTS / "baselines.csv").drop_duplicates(baselines.KEYS, keep="last")
    assert printed("baselines") == baselines.report(rows)
    changes = ablation.changes(pd.read_csv(RESULTS / "ablation_random.csv"), "roc_auc")
    assert changes.to_string() in printed("ablation_random")


def test_every_result_says_of_which_commit_it_is():
    for path in sorted((BENCHMARKS / "results").glob("*.md")):
        assert "commit" in path.read_text(encoding="utf-8").partition("\n")[0], path.name
    for name in ("skill", "skill_elsewhere", "skill_cv", "paper", "space_time", "baselines"):
        rows = pd.read_csv(BENCHMARKS / "results" / f"{name}.csv", dtype={"commit": str})
        assert rows["commit"].notna().all()


@pytest.mark.parametrize(
    ("now", "keep", "left", "done"),
    [
        # Folds of the wanted split are run again, all of them; others stay.
        ("new", [], ["random", "year"], []),
        ("new", ["old"], ["random", "spatial", "spatial", "year"], ["0", "1"]),
        ("old", [], ["random", "spatial", "spatial", "year"], ["0", "1"]),
        # Files that were changed since the commit may be any.
        ("old+changes", [], ["random", "year"], []),
    ],
)
def test_rows_of_another_commit_do_not_count_as_done(
    benchmarks_on_path, tmp_path, monkeypatch, now, keep, left, done
):
    import _results

    monkeypatch.setattr(_results, "commit", lambda: now)
    path, keys = tmp_path / "rows.csv", ["split", "seed", "fold"]
    folds = [("random", 0, 0), ("spatial", 0, 0), ("spatial", 0, 1), ("year", 1, 2015)]
    rows = pd.DataFrame(folds, columns=keys).assign(roc_auc=1 / 3, commit="old")
    rows.to_csv(path, index=False)
    lines = path.read_text().splitlines()
    found = _results.rows_done(path, keys, [("spatial", 0, 0), ("spatial", 0, 1)], keep)
    assert sorted(fold for split, _, fold in found if split == "spatial") == done
    assert path.read_text().splitlines() == [
        line for line in lines if line.split(",")[0] in ("split", *left)
    ]
