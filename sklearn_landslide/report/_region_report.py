"""The comparison of two regions as one self-contained page."""

from datetime import datetime
from pathlib import Path

from sklearn_landslide._versions import installed_versions
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import plural
from sklearn_landslide.plotting import (
    RegionShiftDisplay,
    as_data_uri,
    figure_class,
    region_shift_axes,
)
from sklearn_landslide.report._page_parts import (
    Paragraph,
    Picture,
    Pictures,
    Section,
    Table,
    number,
)
from sklearn_landslide.report._report import page_template
from sklearn_landslide.transfer import MatchedFactors, RegionComparison

# Inches: about as wide as the page shows it.
_WIDTH = 7.0
# Rows of the picture, and of the table of classes of one factor.
_MOST_ROWS, _MOST_CLASSES = 30, 12


def _share(value):
    """Write a share in percent."""
    return f"{100 * value:.1f}"


def picture_section(comparison):
    """Draw the factors.

    Parameters
    ----------
    comparison : RegionComparison
        The numbers.

    Returns
    -------
    section : Section
        One picture.
    """
    n_rows = min(len(comparison.factors), _MOST_ROWS)
    axes = region_shift_axes(figure_class(), n_rows, width=_WIDTH)
    display = RegionShiftDisplay.from_comparison(comparison, n_factors=n_rows, ax=axes)
    first = comparison.factors.iloc[:3]
    said = ", ".join(f"{name} {row['distance']:.2f}" for name, row in first.iterrows())
    picture = Picture(
        as_data_uri(display.figure_, "svg"),
        f"Factors of both regions, the most different first, with their distances: {said}",
        "Left: distance of the two distributions, and the share of the target outside the source's "
        "range. Right: where the values lie, each factor on a scale of its own; hatched are "
        "classes that the source never had.",
    )
    return Section("picture", "Factors of both regions", [Pictures([picture])])


def numbers_section(comparison):
    """Lay out the numbers of each factor, and the shares of classes.

    Parameters
    ----------
    comparison : RegionComparison
        The numbers.

    Returns
    -------
    section : Section
        Tables and how to read them.
    """
    rows = [
        [
            str(name),
            row["kind"],
            f"{row['distance']:.2f}",
            number(row["wasserstein"], 3),
            _share(row["outside"]),
            _share(row["giveaway"]),
            number(row["source_median"]),
            number(row["target_median"]),
            f"{_share(row['source_missing'])} / {_share(row['target_missing'])}",
        ]
        for name, row in comparison.factors.iterrows()
    ]
    headings = ["Factor", "Kind", "Distance", "Moved by", "Outside %", "Gives away %"]
    headings += ["Median, source", "Median, target", "Missing %"]
    blocks = [
        Table("Factors, the most different first", headings, rows, n_text=2),
        Paragraph(
            "Distance is that of Kolmogorov and Smirnov for quantities and total variation for "
            "classes: 0 for the same distribution, 1 for two that do not overlap. Moved by is "
            "Wasserstein's distance in interquartile ranges of the source. Outside is the share of "
            "the target beyond the source's range, or of classes that the source never had. Gives "
            "away is the factor's part in telling the regions apart."
        ),
    ]
    classes = comparison.classes.groupby("factor", sort=False).head(_MOST_CLASSES)
    if len(classes):
        rows = [
            [str(row["factor"]), str(row["class"]), _share(row["source"]), _share(row["target"])]
            for _, row in classes.iterrows()
        ]
        headings = ["Factor", "Class", "Source %", "Target %"]
        blocks.append(Table("Classes", headings, rows, n_text=2))
        if len(rows) < len(comparison.classes):
            text = f"Of each factor the {_MOST_CLASSES} most frequent classes of the source."
            blocks.append(Paragraph(text))
    if comparison.left_out:
        blocks.append(Paragraph(f"Not compared: {', '.join(map(str, comparison.left_out))}."))
    return Section("numbers", "Numbers", blocks)


def matched_section(matched):
    """Say which factor became which.

    Parameters
    ----------
    matched : MatchedFactors
        What matching them found.

    Returns
    -------
    section : Section
        One row per factor.
    """
    table = matched.table.fillna("–")
    rows = [
        [row.source, row.target, "yes" if row.kept else "no", row.finding, row.why]
        for row in table.itertuples(index=False)
    ]
    headings = ["In the source", "In the target", "Kept", "Finding", "Why"]
    text = (
        f"{plural(len(matched.factors), 'factor')} kept, "
        f"{plural(len(matched.left_out), 'column')} left out."
    )
    table = Table("Factors and columns", headings, rows, n_text=5)
    return Section("matched", "Do the factors match?", [Paragraph(text), table])


def made_section(comparison, notes):
    """Say when and with what the page was made.

    Parameters
    ----------
    comparison : RegionComparison
        The numbers.
    notes : dict of str to str
        Further lines.

    Returns
    -------
    section : Section
        Two tables.
    """
    facts = {
        "Written": f"{datetime.now().astimezone():%Y-%m-%d %H:%M %z}",
        "Rows": f"{comparison.n_source} in the source, {comparison.n_target} in the target",
        "ROC-AUC of telling the regions apart": f"{comparison.auc:.3f}",
        "Target outside the area of applicability": f"{_share(comparison.outside_applicability)} %",
    }
    facts |= {str(name): str(text) for name, text in notes.items()}
    versions = installed_versions("matplotlib", "jinja2")
    blocks = [
        Table("Origin", ["What", "Value"], [list(fact) for fact in facts.items()], n_text=2),
        Table(
            "Versions", ["Package", "Version"], [list(one) for one in versions.items()], n_text=2
        ),
    ]
    return Section("origin", "Origin and versions", blocks)


def write_region_report(
    comparison,
    path,
    *,
    matched=None,
    title="Landslide susceptibility: from one region to another",
    notes=None,
):
    """Write the comparison of two regions as one self-contained HTML page.

    The page begins with the findings in plain words and what to do about them. Then come a picture
    of the factors, their numbers, how they were matched, and origin and versions.

    Parameters
    ----------
    comparison : RegionComparison
        What :func:`~sklearn_landslide.transfer.compare_regions` returns.
    path : str or path-like
        The page. An existing file is replaced once the new one is complete.
    matched : MatchedFactors, default=None
        What :func:`~sklearn_landslide.transfer.match_factors` returns, to say which factor became
        which.
    title : str, default="Landslide susceptibility: from one region to another"
        Heading of the page.
    notes : dict of str to str, default=None
        Additional lines for the section on the origin: names of the regions, files, author.

    Raises
    ------
    ImportError
        If the extra ``report`` is not installed.
    TypeError
        If `comparison` or `matched` is something else.
    OSError
        If the page cannot be written.

    See Also
    --------
    write_report : A comparison of models.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.report import write_region_report
    >>> from sklearn_landslide.transfer import compare_regions
    >>> here = pd.DataFrame({"slope": np.arange(40.0)})
    >>> comparison = compare_regions(here, here + 10)
    >>> with TemporaryDirectory() as folder:
    ...     write_region_report(comparison, Path(folder, "regions.html"))
    ...     page = Path(folder, "regions.html").read_text(encoding="utf-8")
    >>> "The source has 40 rows, the target 40." in page
    True
    """
    for name, given, kind in (
        ("comparison", comparison, RegionComparison),
        ("matched", matched, MatchedFactors),
    ):
        if not isinstance(given, kind) and not (name == "matched" and given is None):
            raise TypeError(f"{name} must be a {kind.__name__}, got {type(given).__name__}.")
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent} to write {path.name} into.")
    template = page_template()
    words = [Paragraph(sentence) for sentence in comparison.in_words()]
    sections = [
        Section("findings", "What was found", words),
        picture_section(comparison),
        numbers_section(comparison),
    ]
    if matched is not None:
        sections.append(matched_section(matched))
    sections.append(made_section(comparison, notes or {}))
    subtitle = (
        f"{comparison.n_source} rows of the source, {comparison.n_target} of the target, "
        f"{plural(len(comparison.factors), 'factor')}"
    )
    page = template.render(title=title, subtitle=subtitle, sections=sections)
    with whole_file(path) as hidden:
        hidden.write_text(page, encoding="utf-8", newline="\n")
