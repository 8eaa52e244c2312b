"""What a shift between regions has meant for the loss of skill where it was measured."""

from importlib.resources import files

import numpy as np
import pandas as pd

# Shares of a target outside the area of applicability that part pairs into three kinds. Of two
# random halves of one region some 5 % of the one are outside the area of the other.
NEAR, FAR = 0.1, 0.5
_KINDS = ("less than a tenth", "a tenth to a half", "more than a half")
# A correlation of ranks below this says next to nothing in so few pairs.
_TELLING = 0.5


def known_pairs():
    """Return the pairs of regions for which shift and loss of skill were measured.

    Returns
    -------
    pairs : pandas.DataFrame
        One row per pair, with the index 0, 1 ...: ``source``, ``target``, ``n_factors`` in common;
        ``auc``, ``outside_applicability`` and the mean ``distance`` of the factors, as
        :func:`compare_regions` finds them; ``roc_auc_transferred`` of a LandslideNet of the source
        on places of the target, without a label of it; ``roc_auc_alone`` of one fitted to
        ``labels_alone`` labels of the target and nothing else; ``loss``, the second minus the
        first.

    Notes
    -----
    LandslideNet on the factors that the two of five regions have in common, means over three draws;
    ``benchmarks/region_shift.py`` and ``benchmarks/transfer.py`` in the source repository measure
    it.

    Examples
    --------
    >>> from sklearn_landslide.transfer import known_pairs
    >>> pairs = known_pairs().set_index(["source", "target"])
    >>> pairs.loc[("hong_kong", "yongxin"), ["roc_auc_transferred", "loss"]].round(3).to_dict()
    {'roc_auc_transferred': 0.391, 'loss': 0.435}
    """
    file = files("sklearn_landslide.transfer") / "known_pairs.csv"
    with file.open(encoding="utf-8") as text:
        pairs = pd.read_csv(text)
    return pairs.assign(loss=pairs["roc_auc_alone"] - pairs["roc_auc_transferred"])


def _kind(outside):
    return int(np.searchsorted([NEAR, FAR], outside, side="right"))


def loss_in_words(outside_applicability):
    """Say what such a shift has meant for the loss of skill in the regions that are known.

    Parameters
    ----------
    outside_applicability : float
        Share of the target outside the source's area of applicability.

    Returns
    -------
    sentence : str

    Examples
    --------
    >>> from sklearn_landslide.transfer._known_pairs import loss_in_words
    >>> loss_in_words(0.3)[:67]
    'What such a shift has cost elsewhere: in 3 of 20 pairs of regions t'
    """
    pairs = known_pairs()
    kind = _kind(outside_applicability)
    alike = pairs[pairs["outside_applicability"].map(_kind) == kind]
    share = f"{_KINDS[kind]} of the target lay outside the area of applicability"
    if not len(alike):
        return (
            f"What such a shift has cost elsewhere is not known: in none of {len(pairs)} pairs of "
            f"regions that we measured {share}. In all of them the loss of ROC-AUC was "
            f"{pairs['loss'].min():.2f} to {pairs['loss'].max():.2f}."
        )
    losses = alike["loss"]
    text = (
        f"What such a shift has cost elsewhere: in {len(alike)} of {len(pairs)} pairs of regions "
        f"that we measured {share}, and a network of the source, without a label of the target, "
        f"lost {losses.min():.2f} to {losses.max():.2f} of ROC-AUC (median {losses.median():.2f}) "
        "against one with labels of the target alone."
    )
    if abs(pairs["loss"].corr(pairs["outside_applicability"], method="spearman")) < _TELLING:
        text += (
            " A larger shift did not go with a larger loss there, so only landslides of the "
            "target tell how much is lost here: k_shot_curve says how many."
        )
    return text
