"""What was found, in plain words, for those who read no further."""

import numpy as np

from sklearn_landslide._words import join_names, plural
from sklearn_landslide.comparison import best_model, less_is_better
from sklearn_landslide.report._page_parts import Paragraph, Section, pvalue
from sklearn_landslide.report._scores import DIGITS, heading
from sklearn_landslide.report._tests import differences, gap_between, mean_interval

ALPHA = 0.05


def _best(comparison, best, metric):
    """Say which model is best, and how good."""
    name, mean = heading(metric), comparison.table.loc[best, metric]
    superlative = "lowest" if less_is_better(comparison, metric) else "highest"
    text = f"{best} has the {superlative} mean {name}: {mean:.{DIGITS}f}"
    if len(comparison.table) == 1:
        text = f"{best} has a mean {name} of {mean:.{DIGITS}f}"
    interval = mean_interval(comparison, best, metric)
    if interval is not None:
        text += f" (95 % interval {interval[0]:.{DIGITS}f} to {interval[1]:.{DIGITS}f})"
    return f"{text} over {plural(comparison.folds['fold'].nunique(), 'fold')}."


def _against_chance(comparison, reference, metric):
    """Say which differences to the reference are beyond chance."""
    if len(comparison.table) == 1:
        return "It is the only model: there is nothing to compare it with."
    tested, why = differences(comparison, reference, metric)
    if not tested:
        return f"Whether the differences are beyond chance was not tested: {why}"
    sign = -1 if less_is_better(comparison, metric) else 1
    groups = {"worse": [], "better": [], "alike": []}
    for model, (result, holm) in tested.items():
        kind = "alike"
        if holm < ALPHA:
            kind = "better" if sign * result.difference > 0 else "worse"
        groups[kind].append(f"{model} (p = {pvalue(holm)})".replace("= <", "<"))
    said = [
        f"{join_names(groups[kind], most=8)} {'is' if len(groups[kind]) == 1 else 'are'} {kind} "
        f"than {reference} beyond chance."
        for kind in ("worse", "better")
        if groups[kind]
    ]
    if groups["alike"]:
        others = ("each of " if len(groups["alike"]) > 1 else "") + join_names(
            groups["alike"], most=8
        )
        said.append(
            f"Between {reference} and {others} these folds show no difference "
            "beyond chance: which of them is ahead may be luck."
        )
    return " ".join(said)


def _other_scores(comparison, best, metric):
    """Say which scores put another model first; nothing if there are none."""
    table, firsts = comparison.table, {}
    for other in comparison.metrics:
        first = best_model(comparison, other)
        if first is not None and table.loc[first, other] != table.loc[best, other]:
            firsts.setdefault(first, []).append(heading(other))
    if not firsts:
        return []
    said = [f"{first} is first by {_and(names)}" for first, names in firsts.items()]
    return [f"Not every score puts {best} first: {'; '.join(said)}."]


def _and(names):
    """Join names, the last by a word."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _flattery(comparison, compare_to, model, metric):
    """Say how much higher the model scores on other folds."""
    less = less_is_better(comparison, metric)
    for label, other in compare_to.items():
        if model not in other.table.index:
            continue
        mean = other.table.loc[model, metric]
        gap = gap_between(other, comparison, model, metric)
        text = (
            f"On the folds “{label}”, {model} has a mean {heading(metric)} of {mean:.{DIGITS}f}, "
            f"{abs(gap.means):.{DIGITS}f} {'higher' if gap.means > 0 else 'lower'} than here."
        )
        if not np.isnan(gap.pvalue):
            by = f"p = {pvalue(gap.pvalue)}".replace("= <", "<")
            if gap.pvalue >= ALPHA:
                # No second figure: its sign may be the other one, and mean nothing.
                text += (
                    " On exactly the same test rows, the two show no difference beyond chance "
                    f"({by}): the gap of the means may come from which rows are tested together."
                )
            else:
                kind = "are more optimistic" if (gap.paired > 0) != less else "are harder"
                turned = "" if gap.paired * gap.means > 0 else ", however,"
                text += (
                    f" On exactly the same test rows{turned} these folds {kind}, beyond chance: by "
                    f"{abs(gap.paired):.{DIGITS}f} ({by})."
                )
        yield text


def findings_section(comparison, reference, metric, compare_to, audit):
    """Say in plain words what was found.

    Parameters
    ----------
    comparison : ModelComparison
        The scores.
    reference, metric : str
        The model that the others are compared with, and the score that decides.
    compare_to : dict of str to ModelComparison
        The same models on other folds.
    audit : LeakageAudit or None
        What an audit of the validation found.

    Returns
    -------
    section : Section
        A few sentences.
    """
    best = best_model(comparison, metric)
    if best is None:
        text = f"No model has a {heading(metric)} on any fold: there is nothing to rank."
        return Section("findings", "What was found", [Paragraph(text)])
    said = [_best(comparison, best, metric), _against_chance(comparison, reference, metric)]
    said += _other_scores(comparison, best, metric)
    said += _flattery(comparison, compare_to, best, metric)
    if not compare_to:
        said.append(
            "No comparison on other folds was given: this page does not show how optimistic these "
            "folds are."
        )
    if audit is None:
        said.append(
            "Whether the validation itself leaks (steps fitted outside the folds, skill on "
            "shuffled labels) was not audited; model_selection.audit and the command inspect "
            "check this."
        )
    else:
        verdicts = audit.findings["verdict"].value_counts()
        found = [
            plural(verdicts[verdict], verdict)
            for verdict in ("leak", "warning")
            if verdict in verdicts
        ]
        said.append(
            f"The leakage audit found {' and '.join(found)}: see there before believing a score."
            if found
            else "The leakage audit found no leaks and raised no warnings."
        )
    return Section("findings", "What was found", [Paragraph(text) for text in said])
