"""What looks wrong in the table itself, for the findings of a page."""

import numpy as np

from sklearn_landslide.checks import check_table
from sklearn_landslide.report._page_parts import Bullets, Paragraph


def check_of_comparison(comparison, frame, points):
    """Check the table that was compared on, with the folds as they were.

    Parameters
    ----------
    comparison : ModelComparison
        The predictions, and which rows are landslides.
    frame : DataFrame of shape (n_samples, n_factors)
        The factors.
    points : ndarray of shape (n_samples, 2) or None
        x and y of the rows.

    Returns
    -------
    check : TableCheck
    """
    tested = comparison.predictions.groupby("fold")["row"]
    # Which rows were in training is not known: a buffer leaves some out.
    splits = [(np.empty(0, dtype=int), rows.to_numpy()) for _, rows in tested]
    inputs = comparison.inputs
    return check_table(frame, inputs.y, coordinates=points, cv=splits, sequences=inputs.sequences)


def check_blocks(check):
    """Lay out what was found.

    Parameters
    ----------
    check : TableCheck or None
        None: there was no table to check.

    Returns
    -------
    blocks : list of (Paragraph or Bullets)
    """
    if check is None:
        return []
    *found, blind_spot = check.in_words("both")
    if not found:
        return [Paragraph(f"The table was checked, and {check.summary()}. {blind_spot}")]
    return [
        Paragraph(f"The table was checked before anything was fitted: {check.summary()}."),
        Bullets("", found),
        Paragraph(blind_spot),
    ]
