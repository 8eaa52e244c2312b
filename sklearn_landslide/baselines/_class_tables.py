"""The table of the classes of a factor, as it is printed in every study."""

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import escaped
from sklearn_landslide.baselines._evidence import information_values, weights_of_evidence
from sklearn_landslide.metrics import with_ratios

MISSING = "missing"
_HEADINGS = {
    "rows": "rows",
    "area_share": "area %",
    "landslides": "landslides",
    "landslide_share": "landslides %",
    "frequency_ratio": "FR",
    "information_value": "IV",
    "weight_plus": "W+",
    "weight_minus": "W-",
    "contrast": "C",
    "contrast_std": "s(C)",
    "studentized_contrast": "C/s(C)",
}


def make_class_table(labels, rows, landslides, missing, smoothing):
    """Put together what the classes of a factor say.

    Parameters
    ----------
    labels : list
        What the classes are called.
    rows, landslides : ndarray of shape (n_classes,)
        All rows of each class, and its landslides.
    missing : tuple of two floats
        Rows without a value of the factor, and the landslides among them.
    smoothing : float
        As in :func:`~sklearn_landslide.baselines._evidence.weights_of_evidence`.

    Returns
    -------
    table : DataFrame
        One row per class, indexed by ``class``, and one for missing values if there are any.
    """
    sums = pd.DataFrame({"area": rows, "landslides": landslides}, pd.Index(labels, name="class"))
    with np.errstate(divide="ignore", invalid="ignore"):
        table = with_ratios(sums).rename(columns={"area": "rows"}).drop(columns="density")
    weights = weights_of_evidence(rows, landslides, smoothing)
    contrast = weights.plus - weights.minus
    variance = weights.plus_variance + weights.minus_variance
    std = np.sqrt(variance)
    table["information_value"] = information_values(rows, landslides, smoothing)
    table["weight_plus"], table["weight_minus"] = weights.plus, weights.minus
    table["weight_plus_variance"] = weights.plus_variance
    table["weight_minus_variance"] = weights.minus_variance
    table["contrast"], table["contrast_std"] = contrast, std
    table["studentized_contrast"] = np.divide(
        contrast, std, out=np.full(len(std), np.nan), where=std > 0
    )
    # What was not estimated is not 0.
    table.loc[rows == 0, "information_value":] = np.nan
    table.loc[variance == 0, "weight_plus":] = np.nan
    # Sums of weights differ by rounding.
    if missing[0] > 1e-9 * (rows.sum() + missing[0]):
        if table.index.dtype != object and not isinstance(labels[0] if labels else "", str):
            table.index = table.index.astype(object)
        table.loc[MISSING, ["rows", "landslides"]] = missing
    return table.rename_axis("class")


def class_table_text(table, factor):
    """Print the table of a factor.

    Parameters
    ----------
    table : DataFrame
        As :func:`make_class_table` makes it.
    factor : str
        Its name.

    Returns
    -------
    text : str
        A line for each class; what was not estimated is a dash.
    """
    shown = {escaped(factor): [escaped(label) for label in table.index]}
    for column, heading in _HEADINGS.items():
        shown[heading] = [_cell(column, value) for value in table[column]]
    widths = {h: max(map(len, [h, *cells])) for h, cells in shown.items()}
    lines = [shown.keys(), *zip(*shown.values(), strict=True)]
    return "\n".join(_line(cells, list(widths.values())) for cells in lines)


def _line(cells, widths):
    first, *rest = cells
    aligned = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
    return "  ".join([first.ljust(widths[0]), *aligned]).rstrip()


def _cell(column, value):
    if np.isnan(value):
        return "-"
    if column in ("rows", "landslides"):
        return f"{value:.10g}"
    if column.endswith("share"):
        return f"{100 * value:.1f}"
    # No minus before a zero.
    return f"{round(value, 3) + 0.0:.3f}"
