"""A comparison of models as one self-contained page."""

from collections.abc import Mapping
from pathlib import Path

from sklearn_landslide._escaping import escaped
from sklearn_landslide._optional import import_optional
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import unbroken
from sklearn_landslide.checks import TableCheck
from sklearn_landslide.comparison import ModelComparison, best_model, ranked
from sklearn_landslide.model_selection import LeakageAudit, check_coordinates, matching_rows
from sklearn_landslide.plotting import figure_class
from sklearn_landslide.report._check import check_blocks, check_of_comparison
from sklearn_landslide.report._data import (
    collinearity_section,
    data_section,
    mrmr_section,
    part_series,
)
from sklearn_landslide.report._findings import findings_section
from sklearn_landslide.report._folds import folds_section
from sklearn_landslide.report._origin import origin_section
from sklearn_landslide.report._page_parts import Paragraph, Section, Table
from sklearn_landslide.report._pictures import curves_section
from sklearn_landslide.report._scores import (
    confusion_section,
    gap_section,
    scores_section,
)
from sklearn_landslide.report._tests import ranking_rule


def _shown(value):
    """Show what cannot be seen in a text, and keep numbers whole; what is HTML already stays."""
    return unbroken(escaped(value)) if type(value) is str else value


def page_template():
    """Load the template, or say which extra is missing.

    Returns
    -------
    template : jinja2.Template
        It escapes every text.
    """
    jinja2 = import_optional("jinja2", extra="report")
    # A page without its pictures is not the report that was asked for.
    figure_class()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("template.html.j2")


def choose_metric(comparison, metric):
    """Return the metric that decides.

    Parameters
    ----------
    comparison : ModelComparison
        The scores.
    metric : str or None
        As it was asked for.

    Returns
    -------
    metric : str
        One that was scored.
    """
    if metric is None:
        return "roc_auc" if "roc_auc" in comparison.metrics else comparison.metrics[0]
    if metric not in comparison.metrics:
        raise ValueError(f"metric={metric!r} was not scored; there are {[*comparison.metrics]}.")
    return metric


def check_others(comparison, compare_to, metric):
    """Return the comparisons on other folds, by name, if they are of the same table.

    Parameters
    ----------
    comparison : ModelComparison
        That of the report.
    compare_to : dict of str to ModelComparison, or None
        The others.
    metric : str
        Which score is compared.

    Returns
    -------
    others : dict of str to ModelComparison
        Empty for None.
    """
    if compare_to is None:
        return {}
    if not isinstance(compare_to, Mapping):
        raise TypeError(
            "compare_to must be a dict of comparisons by the name of their folds, such as "
            f'{{"random": comparison}}, got {type(compare_to).__name__}.'
        )
    for name, other in compare_to.items():
        if not isinstance(other, ModelComparison):
            raise TypeError(f"compare_to[{name!r}] is not a ModelComparison, got {other!r}.")
        if metric not in other.metrics:
            raise ValueError(
                f"compare_to[{name!r}] has no {metric}, which this report is about; it has "
                f"{[*other.metrics]}."
            )
        if not set(other.table.index) & set(comparison.table.index):
            raise ValueError(
                f"compare_to[{name!r}] has none of the models of this comparison; it has "
                f"{other.table.index.tolist()}."
            )
        if None not in (other.inputs, comparison.inputs) and (
            other.inputs.digest != comparison.inputs.digest
        ):
            raise ValueError(
                f"compare_to[{name!r}] is of another table: compare the models on the same rows, "
                "factors and labels in the same order."
            )
    return {str(name): other for name, other in compare_to.items()}


def find_points(comparison, coordinates):
    """Return the coordinates of the rows of the table, if there are any.

    Parameters
    ----------
    comparison : ModelComparison
        Whose splitter may know them.
    coordinates : {array-like, DataFrame} of shape (n_samples, 2) or None
        As they were given.

    Returns
    -------
    points : ndarray of shape (n_samples, 2) or None
        x and y in meters.
    """
    inputs, n_rows = comparison.inputs, int(comparison.predictions["row"].max()) + 1
    if coordinates is None and inputs is not None:
        coordinates = inputs.coordinates
    if coordinates is None:
        return None
    points = check_coordinates(coordinates)
    if inputs is not None:
        points = points[matching_rows(coordinates, inputs.X, "coordinates")]
    if len(points) != n_rows:
        raise ValueError(f"coordinates has {len(points)} rows and the table {n_rows}.")
    return points


def audit_section(audit):
    """Lay out the findings of an audit.

    Parameters
    ----------
    audit : LeakageAudit
        The audit.

    Returns
    -------
    section : Section
        One row per check.
    """
    rows = [
        [str(check), row["verdict"], row["finding"], row["advice"]]
        for check, row in audit.findings.iterrows()
    ]
    headings = ["Check", "Verdict", "Finding", "What to do"]
    text = (
        "No audit of a table sees what was done to it with the labels before: factors chosen, or "
        "missing values filled in, on all rows leave no trace."
    )
    blocks = [Table("Checks", headings, rows, n_text=4), Paragraph(text)]
    return Section("audit", "Leakage audit", blocks)


def write_report(
    comparison,
    path,
    *,
    title="Landslide susceptibility: comparison of models",
    coordinates=None,
    reference=None,
    metric=None,
    compare_to=None,
    audit=None,
    check=None,
    n_landslides=None,
    notes=None,
):
    """Write a comparison of models as one self-contained HTML page.

    The page begins with the findings in plain words and likely mistakes in the table. Then come
    the table and its factors with missing values, multicollinearity, the mRMR path, the folds,
    scores with intervals and tests, the gap to other folds, ROC, precision-recall, prediction-rate
    and calibration curves, confusion matrices, the leakage audit, and everything needed to
    reproduce the numbers: data digest, seed, folds, versions, parameters.

    Parameters
    ----------
    comparison : ModelComparison
        What :func:`~sklearn_landslide.compare_models` returns.
    path : str or path-like
        The page. An existing file is replaced once the new one is complete.
    title : str, default="Landslide susceptibility: comparison of models"
        Heading of the page.
    coordinates : {array-like, DataFrame} of shape (n_samples, 2), default=None
        x and y of the rows in meters, for the map of the folds; matched by index if both are
        pandas objects. None: those of the splitter, if it has any.
    reference : str, default=None
        The model that the others are tested against. None: the best.
    metric : str, default=None
        The score that decides which model is best, and that is tested. None: ROC-AUC, or the first
        metric if ROC-AUC was not scored.
    compare_to : dict of str to ModelComparison, default=None
        The same models on the same table, on other folds: ``{"random": comparison}``.
    audit : LeakageAudit, default=None
        What :func:`~sklearn_landslide.model_selection.audit` found.
    check : TableCheck, default=None
        What :func:`~sklearn_landslide.checks.check_table` found. None: the table of the comparison
        is checked.
    n_landslides : int, default=None
        Number of landslides that the landslide rows come from, if polygons became several cells.
        None: each row is one landslide.
    notes : dict of str to str, default=None
        Additional lines for the section on the origin: file, inventory, author.

    Raises
    ------
    ImportError
        If the extra ``report`` is not installed.
    ValueError
        For an unknown reference or metric, coordinates of other rows, comparisons of another
        table, or a table that was changed since it was compared.
    TypeError
        If `comparison`, `compare_to`, `audit` or `check` is something else.
    OSError
        If the page cannot be written.

    See Also
    --------
    sklearn_landslide.compare_models : Makes the comparison.
    sklearn_landslide.model_selection.audit : Makes the audit.

    Notes
    -----
    The digest of the data is the SHA-256 of factors and labels. Column by column it takes the
    name in UTF-8 and a zero byte, and then the values: numbers as little-endian 8-byte floats,
    classes as their text in UTF-8 and a zero byte each, empty where missing. The labels come
    last, as a column ``landslide`` of ones and zeros. It does not depend on the index.

    If the best model is the reference, it was chosen on the same folds on which it is tested, so
    the p-values are somewhat too small.

    References
    ----------
    C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning 52,
    239-281, 2003.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide import compare_models
    >>> from sklearn_landslide.report import write_report
    >>> X, y = make_classification(80, 4, random_state=0)
    >>> comparison = compare_models({"LR": LogisticRegression()}, X, y, cv=3, random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     write_report(comparison, Path(folder, "report.html"))
    ...     "LR has a mean ROC-AUC of" in Path(folder, "report.html").read_text(encoding="utf-8")
    True
    """
    if not isinstance(comparison, ModelComparison):
        raise TypeError(f"comparison must be a ModelComparison, got {type(comparison).__name__}.")
    if audit is not None and not isinstance(audit, LeakageAudit):
        raise TypeError(f"audit must be a LeakageAudit, got {type(audit).__name__}.")
    if check is not None and not isinstance(check, TableCheck):
        raise TypeError(f"check must be a TableCheck, got {type(check).__name__}.")
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent} to write {path.name} into.")
    template = page_template()
    metric = choose_metric(comparison, metric)
    others = check_others(comparison, compare_to, metric)
    # Every table, sentence and curve below has the models in the order of their rank.
    comparison = ranked(comparison, metric)
    points = find_points(comparison, coordinates)
    models = comparison.table.index.tolist()
    if reference is None:
        reference = best_model(comparison, metric)
    elif reference not in models:
        raise ValueError(f"reference={reference!r} is not a model; there are {models}.")

    labels = comparison.predictions.drop_duplicates("row")["y_true"]
    is_cells = n_landslides not in (None, int(labels.sum()))
    label = "Cells of landslides" if is_cells else "Landslides"
    sections = [findings_section(comparison, reference, metric, others, audit)]
    if (inputs := comparison.inputs) is not None:
        frame = inputs.frame()
        if check is None:
            check = check_of_comparison(comparison, frame, points)
        factors, series = part_series(frame, inputs.sequences)
        sections += [
            data_section(factors, inputs.y, n_landslides, series, inputs.n_groups),
            collinearity_section(factors),
            mrmr_section(factors, inputs.y, inputs.estimators),
        ]
    # What makes the scores doubtful is read before them.
    place = len(sections[0].blocks) if check is None or check.passed else 0
    sections[0].blocks[place:place] = check_blocks(check)
    sections += [
        folds_section(comparison, points, metric, label),
        scores_section(comparison, reference, metric),
    ]
    if others:
        sections.append(gap_section(comparison, others, metric))
    sections.append(curves_section(comparison, metric))
    if (matrices := confusion_section(comparison)) is not None:
        sections.append(matrices)
    if audit is not None:
        sections.append(audit_section(audit))
    sections.append(origin_section(comparison, notes or {}))
    page = template.render(title=title, subtitle=_subtitle(comparison, metric), sections=sections)
    with whole_file(path) as hidden:
        hidden.write_text(page, encoding="utf-8", newline="\n")


def _subtitle(comparison, metric):
    """One line below the title: what was compared."""
    models = ", ".join(map(str, comparison.table.index))
    n_folds = comparison.folds["fold"].nunique()
    return f"{models}; {n_folds} folds; {ranking_rule(comparison, metric)}"
