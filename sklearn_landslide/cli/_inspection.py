"""What one model has learned of a table: how it is found out, and what is written of it."""

import json
import sys
import warnings
from dataclasses import dataclass
from types import SimpleNamespace

from sklearn_landslide._escaping import escaped, markdown_code, markdown_text, without_formulas
from sklearn_landslide._hints import renaming
from sklearn_landslide._typed import typed
from sklearn_landslide.cli._comparison import (
    describe,
)
from sklearn_landslide.cli._console import quiet_workers, timed_log
from sklearn_landslide.cli._folds import splitter_of
from sklearn_landslide.cli._markdown import markdown_table
from sklearn_landslide.cli._models import models_of, resample_of
from sklearn_landslide.cli._series import pipelines_of

NO_COORDINATES = "Residuals were not tested for what neighbors share: that takes --coordinates X Y."
# Rows of a table that the page in Markdown shows.
_MOST_ROWS = 40
TITLES = {
    "audit": "Can the validation be believed?",
    "importance": "What is each factor worth?",
    "effects": "What does each factor do?",
    "residuals": "What does the model miss?",
}


@dataclass(frozen=True, eq=False)
class Inspection:
    """What was found of one model.

    Parameters
    ----------
    model : str
        Its name.
    description : str
        Table and folds, in one line.
    audit : LeakageAudit
    importance : FactorImportance
    effects : FactorEffects
    residuals : ResidualAutocorrelation or None
        None: the table has no coordinates.
    """

    model: str
    description: str
    audit: object
    importance: object
    effects: object
    residuals: object

    def in_words(self):
        """Return the sentences of each part, by its name."""
        words = {name: getattr(self, name) for name in TITLES}
        return {
            name: [NO_COORDINATES] if part is None else part.in_words()
            for name, part in words.items()
        }

    def to_dict(self):
        """Return everything as JSON takes it."""
        parts = {name: getattr(self, name) for name in TITLES}
        return {"model": self.model, "table": self.description} | {
            name: None if part is None else part.to_dict() for name, part in parts.items()
        }


def _announce(table, splits, args):
    """Say how long the work is before it begins."""
    n_folds, has_places = len(splits), table.coordinates is not None
    n_audit = n_folds * (1 + 2 * has_places + args.n_permutations)
    n_fits = n_folds * (2 + has_places) + n_audit
    tested = sum(len(test) for _, test in splits)
    n_predictions = tested * (1 + 2 * args.n_repeats * table.X.shape[1])
    print(
        f"about {n_fits} fits, {n_audit} of them for the audit ({n_folds * args.n_permutations} by "
        f"--permutations {args.n_permutations}); {n_predictions:,} predictions for the importance "
        "of the factors",
        file=sys.stderr,
        flush=True,
    )


def _residuals(model, name, table, splits, options, show):
    """Test what the model misses at held-out places."""
    import numpy as np

    from sklearn_landslide.inspection import residual_autocorrelation
    from sklearn_landslide.model_selection import out_of_fold

    done = []

    def progress():
        done.append(1)
        show(len(done), len(splits))

    show(0, len(splits))
    y = np.asarray(table.y)
    folds = out_of_fold(
        model,
        table.X,
        y,
        splits,
        groups=options["groups"],
        responses=("predict_proba",),
        n_jobs=options["n_jobs"],
        progress=progress,
    )
    probability = np.full(len(y), np.nan)
    for fold, (_, test) in zip(folds, splits, strict=True):
        probability[test] = fold.probability(1)
    return residual_autocorrelation(
        {name: probability},
        y,
        table.coordinates,
        groups=options["groups"],
        random_state=options["random_state"],
    )


def _parts(model, name, table, splits, args):
    """Find out each part, the one that may be refused for its cost first."""
    from sklearn_landslide.inspection import factor_effects, factor_importance
    from sklearn_landslide.map_products import Progress
    from sklearn_landslide.model_selection import audit

    log = timed_log()
    teller = SimpleNamespace(progress=sys.stderr.isatty(), say=log)
    shared = {"groups": table.get("groups"), "n_jobs": args.n_jobs}
    shared["random_state"] = args.random_state
    given = {"cv": splits, **shared}
    with Progress(teller, "effects", "prediction") as progress:
        effects = factor_effects(
            model,
            table.X,
            table.y,
            interactions=args.interactions,
            max_rows=args.max_rows,
            max_predictions=args.max_predictions,
            progress=progress.show,
            **given,
        )
    log(f"effects: {effects.n_predictions:,} predictions")
    residuals = None
    if table.coordinates is not None:
        with Progress(teller, "residuals", "fold") as progress:
            residuals = _residuals(model, name, table, splits, shared, progress.show)
        log(f"residuals: {len(splits)} folds")
    with Progress(teller, "importance", "fold") as progress:
        importance = factor_importance(
            model,
            table.X,
            table.y,
            conditional="both",
            n_repeats=args.n_repeats,
            progress=progress.show,
            **given,
        )
    log(f"importance: {len(splits)} folds")
    with Progress(teller, "audit", "fit") as progress:
        found = audit(
            model,
            table.X,
            table.y,
            coordinates=table.coordinates,
            n_permutations=args.n_permutations,
            progress=progress.show,
            **given,
        )
    log("audit")
    return {"audit": found, "importance": importance, "effects": effects, "residuals": residuals}


def inspect_table(table, args):
    """Find out what one model has learned of a table.

    Parameters
    ----------
    table : Bunch
        As of `read_table`.
    args : argparse.Namespace
        Of the command ``inspect``.

    Returns
    -------
    inspection : Inspection
    """
    from sklearn_landslide._nodata import UndeclaredNodataWarning
    from sklearn_landslide.comparison import make_splits

    sequences = table.get("sequences")
    models = models_of(args.models, args, table.X, sequences)
    shared = {"resample": resample_of(args), "random_state": args.random_state}
    ((name, model),) = pipelines_of(models, sequences, **shared).items()
    cv = splitter_of(table, args)
    description = describe(table, args, cv)
    print(escaped(f"{name} on {description}"), end="\n\n", flush=True)
    with quiet_workers(args.n_jobs), renaming(n_splits="cv"), warnings.catch_warnings():
        # Reading the table has said it.
        warnings.simplefilter("ignore", UndeclaredNodataWarning)
        # Those of the command compare.
        splits = make_splits(table.X, table.y, cv, table.get("groups"), args.random_state)
        _announce(table, splits, args)
        return Inspection(name, description, **_parts(model, name, table, splits, args))


def _tables(inspection):
    """Return the table of each part that the page shows."""
    importance, effects = inspection.importance.table, inspection.effects
    audit = inspection.audit.findings[["verdict", "finding"]].reset_index()
    tables = {
        "audit": audit,
        "importance": importance.assign(
            conditional=importance["conditional"].map({False: "alone", True: "beyond the others"})
        ).rename(columns={"conditional": "shuffled"}),
        "effects": effects.factors.rename_axis("factor").reset_index(),
    }
    if inspection.residuals is not None:
        tables["residuals"] = inspection.residuals.correlogram
    return tables


def page_of(inspection, args):
    """Write what was found in Markdown, words first.

    Parameters
    ----------
    inspection : Inspection
        What was found.
    args : argparse.Namespace
        With ``argv``.

    Returns
    -------
    page : str
    """
    command = typed(args.argv)
    parts = [
        f"# What {markdown_text(inspection.model)} has learned",
        f"{markdown_text(inspection.description)}. All of it was found on rows that the model was "
        "not fitted on.",
        "## In words",
    ]
    for name, sentences in inspection.in_words().items():
        lines = "\n".join(f"- {markdown_text(line)}" for line in sentences)
        parts += [f"### {TITLES[name]}", lines]
    parts.append("## In numbers")
    for name, table in _tables(inspection).items():
        parts.append(f"### {name.capitalize()}")
        if name != "audit":
            parts.append(f"![{name}]({name}.png)")
        n_text = {"audit": 3, "residuals": 1}.get(name, 2)
        parts.append(markdown_table(table.head(_MOST_ROWS), n_text=n_text))
        if len(table) > _MOST_ROWS:
            parts.append(f"The first {_MOST_ROWS} of {len(table)} rows; all are in {name}.csv.")
    return "\n\n".join([*parts, f"Made by {markdown_code(command)}"]) + "\n"


def writers_of(inspection, args):
    """Make the functions that write the results, each the file of its name.

    Parameters
    ----------
    inspection : Inspection
        What was found.
    args : argparse.Namespace
        With ``argv``.

    Returns
    -------
    writers : dict of str to callable
        As `OutputFolder.write` takes them.
    """
    from sklearn_landslide._versions import installed_versions
    from sklearn_landslide.plotting import (
        save_factor_effects,
        save_factor_importance,
        save_residuals,
    )
    from sklearn_landslide.report import INSPECTION_FORMAT

    facts = {"format": INSPECTION_FORMAT, "versions": installed_versions()}
    text = json.dumps(facts | inspection.to_dict(), ensure_ascii=False, allow_nan=False, indent=1)
    csv = {"index": False, "lineterminator": "\n"}
    importance = without_formulas(inspection.importance.table)
    interactions = without_formulas(inspection.effects.interactions)
    writers = {
        "inspection.json": lambda path: path.write_text(f"{text}\n", encoding="utf-8"),
        "inspection.md": lambda path: path.write_text(page_of(inspection, args), encoding="utf-8"),
        "audit.csv": inspection.audit.to_csv,
        "importance.csv": lambda path: importance.to_csv(path, **csv),
        "importance.png": lambda path: save_factor_importance(inspection.importance, path),
        "effects.csv": inspection.effects.to_csv,
        "effects.png": lambda path: save_factor_effects(inspection.effects, path),
        "interactions.csv": lambda path: interactions.to_csv(path, **csv),
    }
    if inspection.residuals is None:
        return writers
    return writers | {
        "residuals.csv": inspection.residuals.to_csv,
        "residuals.png": lambda path: save_residuals(inspection.residuals, path),
    }
