"""Where the numbers come from: data, seed, folds, versions, the parameters of every model."""

from datetime import datetime

from sklearn_landslide._versions import installed_versions
from sklearn_landslide.comparison import plain_text
from sklearn_landslide.report._page_parts import Items, Paragraph, Section, Table


def parameter_texts(estimator):
    """List the parameters of an estimator and of those inside it.

    Parameters
    ----------
    estimator : estimator
        A pipeline, or a search over one.

    Returns
    -------
    texts : list of str
        ``name = value``, sorted by name; of an estimator inside, its class.
    """
    texts = []
    for name, value in sorted(estimator.get_params(deep=True).items()):
        # The steps come one by one under their own names.
        if name.rpartition("__")[2] in ("steps", "transformers"):
            continue
        is_estimator = hasattr(value, "get_params") and not isinstance(value, type)
        texts.append(f"{name} = {type(value).__name__ if is_estimator else plain_text(value)}")
    return texts


def ranked_first(comparison, estimators):
    """Pair names and estimators in the order of the comparison."""
    return [(name, estimators[name]) for name in comparison.table.index if name in estimators]


def origin_section(comparison, notes):
    """Say what is needed to get the same numbers again.

    Parameters
    ----------
    comparison : ModelComparison
        With its inputs, or without.
    notes : dict of str to str
        Further lines.

    Returns
    -------
    section : Section
        Tables of origin and versions, and the parameters.
    """
    inputs = comparison.inputs
    facts = {"Written": f"{datetime.now().astimezone():%Y-%m-%d %H:%M %z}"}
    if inputs is not None:
        seed = inputs.random_state
        facts |= {
            "SHA-256 of factors and labels": inputs.digest,
            "Folds": inputs.cv,
            "Seed": "none: other folds would be drawn next time" if seed == "None" else seed,
            "Label of a landslide": str(comparison.positive_class),
        }
    facts |= {str(name): str(text) for name, text in notes.items()}
    versions = installed_versions("skorch", "matplotlib", "jinja2")
    tables = [
        Table("Origin", ["What", "Value"], [list(fact) for fact in facts.items()], n_text=2),
        Table(
            "Versions",
            ["Package", "Version"],
            [[name.replace("python", "Python"), number] for name, number in versions.items()],
            n_text=2,
        ),
    ]
    if inputs is None:
        text = "The comparison does not hold its table and models: parameters are not known."
        return Section("origin", "Origin", [*tables, Paragraph(text)])
    parameters = [
        Items(f"{name}, a {type(estimator).__name__}: {len(texts)} parameters", texts)
        for name, estimator in ranked_first(comparison, inputs.estimators)
        for texts in [parameter_texts(estimator)]
    ]
    tables.append(
        Paragraph("All parameters of each model are folded away here; on paper they are left out.")
    )
    return Section("origin", "Origin, versions and parameters", [*tables, *parameters])
