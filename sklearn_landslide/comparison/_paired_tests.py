"""Each model of a comparison against one of them, on the same folds and the same rows."""

import numpy as np
import pandas as pd

from sklearn_landslide.metrics import corrected_resampled_ttest, delong_test, holm_adjusted


def fold_scores(folds, metric, models):
    """Arrange the scores of a metric, all models on the same folds.

    Parameters
    ----------
    folds : DataFrame
        As in a comparison.
    metric : str
        Name of the metric.
    models : list of str
        The models.

    Returns
    -------
    scores : DataFrame of shape (n_folds, n_models)
        The scores, one row per fold, indexed by ``fold``.
    """
    lines = folds.set_index(["model", "fold"])
    wanted = pd.MultiIndex.from_product([models, folds["fold"].unique()], names=lines.index.names)
    if len(missing := wanted.difference(lines.index)):
        model, fold = missing[0]
        raise ValueError(
            f"{model!r} has no scores on fold {fold}: the test needs all models on the same folds."
        )
    return lines[metric].unstack("model")[models]


def ttest_on_folds(folds, scores, model, reference, metric):
    """Test one model against the reference, on the folds where both have a score.

    Parameters
    ----------
    folds : DataFrame
        As in a comparison.
    scores : DataFrame of shape (n_folds, n_models)
        From :func:`fold_scores`.
    model, reference : str
        Names of two models.
    metric : str
        Name of the metric, for the error.

    Returns
    -------
    result : CorrectedTTestResult
        The test.
    """
    pairs = scores[[model, reference]].dropna()
    if len(pairs) < 2:
        raise ValueError(
            f"{model!r} and {reference!r} both have a {metric} on {len(pairs)} of {len(scores)} "
            "folds: the test needs two."
        )
    sizes = folds[folds["model"] == reference].set_index("fold").loc[pairs.index]
    return corrected_resampled_ttest(
        pairs[model], pairs[reference], n_train=sizes["n_train"], n_test=sizes["n_test"]
    )


def pooled_predictions(predictions):
    """Pool the out-of-fold predictions if no row is there twice, for DeLong's test.

    Parameters
    ----------
    predictions : DataFrame
        As in a comparison.

    Returns
    -------
    tested : DataFrame or None
        The rows that were in a test fold; None if any was in two, or if there are fewer than
        two of a class.
    """
    tested = predictions.dropna(subset=["fold"])
    once = not tested["row"].duplicated().any()
    return tested if once and tested["y_true"].value_counts().reindex([0, 1]).min() >= 2 else None


def paired_tests(folds, predictions, reference, metric):
    """Test every model against the reference by one metric.

    Parameters
    ----------
    folds, predictions : DataFrame
        As in a comparison.
    reference : str
        Name of the model that the others are compared with.
    metric : str
        Name of the metric.

    Returns
    -------
    tests : DataFrame
        One row per model; the reference's is missing. The columns are those of
        ``ModelComparison.test``.
    """
    models = folds["model"].unique().tolist()
    scores = fold_scores(folds, metric, models)
    tested = pooled_predictions(predictions) if metric == "roc_auc" else None
    rows = {}
    for model in models:
        if model == reference:
            rows[model] = {}
            continue
        result = ttest_on_folds(folds, scores, model, reference, metric)
        rows[model] = {
            "diff": result.difference,
            "diff_se": result.standard_error,
            "t": result.statistic,
            "p": result.pvalue,
            "p_holm": np.nan,
        }
        if tested is not None:
            pooled = delong_test(tested["y_true"], tested[model], tested[reference])
            rows[model]["p_delong"] = pooled.pvalue
    tests = pd.DataFrame.from_dict(rows, orient="index")
    # The reference's own row is empty and may come first; the columns are still those of the tests.
    tests["p_holm"] = holm_adjusted(tests["p"])
    return tests.add_prefix(f"{metric}_").rename_axis("model")
