"""Which model is ahead by a score, and the models in this order."""

from dataclasses import replace


def less_is_better(comparison, metric):
    """Say whether a metric is a loss, which only the Brier score without a sign is here."""
    return metric == "brier" and bool((comparison.folds["brier"].dropna() >= 0).all())


def best_model(comparison, metric):
    """Name the model with the best mean; None if no model has one."""
    means = comparison.table[metric].dropna()
    if means.empty:
        return None
    return means.idxmin() if less_is_better(comparison, metric) else means.idxmax()


def ranked(comparison, metric):
    """Return a comparison with its models in the order of their mean score, the best first.

    Parameters
    ----------
    comparison : ModelComparison
        The scores.
    metric : str
        The score that decides.

    Returns
    -------
    comparison : ModelComparison
        The same; models without a score come last, equal ones stay in their order.
    """
    means, less = comparison.table[metric], less_is_better(comparison, metric)
    order = means.sort_values(ascending=less, na_position="last", kind="stable").index
    place = {model: number for number, model in enumerate(order)}
    folds = comparison.folds.sort_values("model", key=lambda names: names.map(place), kind="stable")
    others = [name for name in comparison.predictions if name not in place]
    return replace(
        comparison,
        folds=folds.reset_index(drop=True),
        predictions=comparison.predictions[[*others, *order]],
    )
