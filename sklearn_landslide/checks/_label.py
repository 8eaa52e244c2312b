"""Factors that give the label away, each by itself."""

import pandas as pd

from sklearn_landslide.checks._result import SERIOUS, WARNING, TableFinding

# A single factor that ranks the places this well is hardly a factor; just below, in few rows, it
# may be a strong one.
_COPY, _NEAR_ONE = 0.99, 0.98
# Rows a class must have in the mean, for its share of landslides not to be chance.
_ROWS_OF_A_CLASS = 10


def check_single_factors(table, others):
    """Find factors that rank landslides before all other places, or behind them.

    Parameters
    ----------
    table : CheckedTable
    others : collection of str
        Columns of which it has been said.
    """
    numbers = dict(table.quantities)
    for name, codes in table.classes.items():
        if codes.nunique() * _ROWS_OF_A_CLASS <= len(codes):
            shares = pd.Series(table.y, codes.index).groupby(codes, observed=True).mean()
            numbers[name] = codes.map(shares).astype(float).to_numpy()
    for name, values in numbers.items():
        roc_auc = None if name in others else table.roc_auc(values)
        if roc_auc is None or max(roc_auc, 1 - roc_auc) < _NEAR_ONE:
            continue
        skill = max(roc_auc, 1 - roc_auc)
        order = "above" if roc_auc > 0.5 else "below"
        if name in table.classes:
            seen = "its classes alone tell the landslides"
        else:
            seen = f"its values at landslides lie {order} those at nearly all other places"
        yield TableFinding(
            "label among the factors",
            SERIOUS if skill >= _COPY else WARNING,
            (name,),
            f"{name!r} has a ROC-AUC of {skill:.4f} by itself: {seen}.",
            "Ask whether this is known where no landslide has been mapped; if it comes from the "
            "inventory, leave it out.",
            **table.remedies.drop([name]),
            numbers={"roc_auc": roc_auc},
        )
