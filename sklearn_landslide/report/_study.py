"""All that was found in a study, joined into one page."""

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.comparison import ModelComparison
from sklearn_landslide.mapping import MapFolder, MapScore
from sklearn_landslide.model_selection import LeakageAudit
from sklearn_landslide.report._inspection_folder import PARTS, read_inspection
from sklearn_landslide.report._page_parts import Section
from sklearn_landslide.report._report import audit_section, page_template
from sklearn_landslide.report._study_facts import StudyFacts
from sklearn_landslide.report._study_folders import read_comparison
from sklearn_landslide.report._study_inspection import inspection_section, inspection_sections
from sklearn_landslide.report._study_map import (
    capture_section,
    factors_section,
    inventory_section,
    map_section,
    validation_section,
    words_section,
    zoning_section,
)
from sklearn_landslide.report._study_parts import (
    capture_of,
    comparison_sections,
    later_section,
    not_made_section,
    origin_section,
    regions_section,
    sensitivity_section,
    units_section,
)
from sklearn_landslide.report._study_quality import quality_section
from sklearn_landslide.transfer import RegionComparison


def _is_path(value):
    return isinstance(value, str | os.PathLike)


def _comparisons(given):
    """Return comparisons by name, read from folders where they are paths."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        given = {Path(given).name if _is_path(given) else "comparison": given}
    found = {}
    for name, one in given.items():
        one = read_comparison(one) if _is_path(one) else one
        if not isinstance(one, ModelComparison):
            raise TypeError(f"comparison must be a ModelComparison, got {type(one).__name__}.")
        found[str(name)] = one
    return found


def _checked(**parts):
    """Raise unless each part is of its kind."""
    kinds = {
        "audit": LeakageAudit,
        "regions": RegionComparison,
        "later": MapScore,
        "units": pd.DataFrame,
        "study": StudyFacts,
    }
    for name, kind in kinds.items():
        if parts[name] is not None and not isinstance(parts[name], kind):
            raise TypeError(f"{name} must be a {kind.__name__}, got {type(parts[name]).__name__}.")
    for name in ("importance", "effects", "residuals"):
        if parts[name] is not None and not hasattr(parts[name], "in_words"):
            raise TypeError(f"{name} has no in_words(): got {type(parts[name]).__name__}.")


def write_study(
    path,
    *,
    map_folder=None,
    comparison=None,
    audit=None,
    importance=None,
    effects=None,
    residuals=None,
    inspection=None,
    sensitivity=None,
    regions=None,
    later=None,
    units=None,
    study=None,
    title=None,
):
    """Join the results of a study into one self-contained page that prints well.

    It begins with a summary for readers who are not statisticians. Then come what the guidelines
    of JTC-1 ask of a susceptibility zoning [1]_, the level of quality according to the tests that
    were made [2]_, and each part that was given; parts that were not are listed at the end.

    Parameters
    ----------
    path : str or path-like
        The page. An existing file is replaced once the new one is complete.
    map_folder : str or path-like, default=None
        What :func:`~sklearn_landslide.map_products.make_susceptibility_map` has written.
    comparison : ModelComparison, str, path-like, or dict of str to these, default=None
        What :func:`~sklearn_landslide.compare_models` returned, or the folder that the command
        ``compare`` has written; several by name.
    audit : LeakageAudit, default=None
        What :func:`~sklearn_landslide.model_selection.audit` found.
    importance, effects, residuals : object, default=None
        Results of ``sklearn_landslide.inspection`` that have a method ``in_words()``.
    inspection : str or path-like, default=None
        The folder that the command ``inspect`` has written, in place of `audit`, `importance`,
        `effects` and `residuals`.
    sensitivity : SensitivityResult, str or path-like, default=None
        What :func:`~sklearn_landslide.robustness.sensitivity` returned, or the folder that the
        command of that name has written.
    regions : RegionComparison, default=None
        What :func:`~sklearn_landslide.transfer.compare_regions` returned.
    later : MapScore, default=None
        What :func:`~sklearn_landslide.mapping.score_map_folder` returned.
    units : DataFrame, default=None
        What :func:`~sklearn_landslide.terrain.zones_by_unit` returned.
    study : StudyFacts, str or path-like, default=None
        What the authors state, or a TOML file with it. What is not stated is marked as such.
    title : str, default=None
        Heading of the page. None: that of `study`, or a general one.

    Raises
    ------
    ImportError
        If the extra ``report`` is not installed.
    ValueError
        If nothing but `study` was given, if a part was given twice, or if a folder or file cannot
        be read.
    TypeError
        If a part is of another type.
    FileNotFoundError
        If there is no folder to write into.
    OSError
        If the page cannot be written.

    See Also
    --------
    write_report : A comparison of models with all of its numbers.

    References
    ----------
    .. [1] R. Fell and others, "Guidelines for landslide susceptibility, hazard and risk zoning for
       land use planning", Engineering Geology 102, 85-98, 2008.
    .. [2] F. Guzzetti, P. Reichenbach, F. Ardizzone, M. Cardinali and M. Galli, "Estimating the
       quality of landslide susceptibility models", Geomorphology 81, 166-184, 2006.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide import compare_models
    >>> from sklearn_landslide.report import StudyFacts, write_study
    >>> X, y = make_classification(80, 4, random_state=0)
    >>> comparison = compare_models({"LR": LogisticRegression()}, X, y, cv=3, random_state=0)
    >>> with TemporaryDirectory() as folder:
    ...     page = Path(folder, "study.html")
    ...     write_study(page, comparison=comparison, study=StudyFacts(region="Kaghan"))
    ...     "not stated" in page.read_text(encoding="utf-8")
    True
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent} to write {path.name} into.")
    study = StudyFacts.from_toml(study) if _is_path(study) else study
    parts = {
        "map": map_folder,
        "later": later,
        "units": units,
        "comparison": comparison,
        "audit": audit,
        "effects": effects,
        "importance": importance,
        "residuals": residuals,
        "sensitivity": sensitivity,
        "regions": regions,
    }
    if all(one is None for one in (*parts.values(), inspection)):
        raise ValueError("There is nothing to put into a study: give a map folder or a comparison.")
    _checked(**parts, study=study)
    template = page_template()
    facts = study or StudyFacts()
    folder = None if map_folder is None else MapFolder.read(map_folder)
    comparisons = _comparisons(comparison)
    inspected = _inspected(inspection, parts)
    sections = [
        words_section(folder, later, facts),
        zoning_section(folder, facts),
        inventory_section(folder, facts),
        factors_section(folder, facts, _factors_of(comparisons)),
        *([] if folder is None else [map_section(folder)]),
        validation_section(folder, comparisons),
        quality_section(folder, later),
        capture_section(folder, comparisons, later, capture_of),
        *_given_sections(parts, comparisons, inspected),
        not_made_section({name: _missing(one) for name, one in parts.items()} | _of(inspected)),
        origin_section(folder),
    ]
    sections = _numbered([one for one in sections if one is not None])
    heading = title or facts.title or "Landslide susceptibility: a study"
    page = template.render(title=heading, subtitle=_subtitle(folder, facts), sections=sections)
    with whole_file(path) as hidden:
        hidden.write_text(page, encoding="utf-8", newline="\n")


def _factors_of(comparisons):
    """Name the factors of the tables that were compared on, where these are known."""
    known = [one.inputs.frame() for one in comparisons.values() if one.inputs is not None]
    return list(dict.fromkeys(str(name) for frame in known for name in frame))


def _missing(part):
    return None if part is None else "given"


def _inspected(folder, parts):
    """Read the folder of an inspection, unless a part of it was given, too."""
    if folder is None:
        return None
    if twice := [name for name in ("audit", *PARTS) if parts[name] is not None]:
        raise ValueError(f"inspection holds {twice[0]}, too: give one of the two.")
    return read_inspection(folder)


def _of(inspected):
    """Name the parts that a folder of an inspection holds."""
    return {} if inspected is None else dict.fromkeys(("audit", *inspected.parts), "given")


def _given_sections(parts, comparisons, inspected):
    """Lay out each part that was given, in the order of the page."""
    if parts["later"] is not None:
        yield later_section(parts["later"])
    if parts["units"] is not None:
        yield units_section(parts["units"])
    yield from comparison_sections(comparisons)
    if parts["audit"] is not None:
        yield audit_section(parts["audit"])
    for name in PARTS:
        if parts[name] is not None:
            yield inspection_section(name, parts[name])
    if inspected is not None:
        yield from inspection_sections(inspected)
    if parts["sensitivity"] is not None:
        yield sensitivity_section(parts["sensitivity"])
    if parts["regions"] is not None:
        yield regions_section(parts["regions"])


def _numbered(sections):
    """Give each heading its number, so that it can be cited."""
    return [
        Section(one.name, f"{number_of} {one.title}", one.blocks)
        for number_of, one in enumerate(sections, start=1)
    ]


def _subtitle(folder, facts):
    said = [one for one in (facts.region, facts.author, facts.date) if one]
    if folder is not None and folder.training:
        said.append(f"map by {folder.training['model']}")
    return "; ".join(said) or "no region, author or date stated"
