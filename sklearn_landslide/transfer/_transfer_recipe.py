"""What "auto" stands for in a transfer: by the landslides and the rows of the target."""

import math
from dataclasses import dataclass

# With fewer landslides nothing of the network is trained.
_FEWEST = 10
# Passes over the rows; the learning rate grows with the root of the landslides, up to the most.
_EPOCHS, _LR, _LR_LANDSLIDES, _MOST_LR = 10, 3e-3, 300, 1e-2
# Pull of the weights, and of the straight line, towards the source's.
_L2_SP, _LINEAR_L2_SP = 0.1, 10.0
# With so many landslides half of the memory's trees know the target, and half of the log-odds are
# those of a net of the target alone.
_HALF_MEMORY, _HALF_TARGET = 100, 300
# With so many landslides of the target a row of the source counts half, where rows are pooled.
_HALF_POOL = 300
# With fewer landslides there is no net of the target alone.
_FEWEST_ALONE = 20


@dataclass(frozen=True)
class TransferRecipe:
    """What "auto" stands for with a target.

    Parameters
    ----------
    adapt : {"prior", "head", "fine_tune", "none"}
        What is learned from the target.
    lr : float
        Learning rate.
    max_epochs : int
        Passes over the target's rows.
    l2_sp, linear_l2_sp : float
        Pull of the network's weights and of the straight line towards the source's.
    memory_share : float
        Share of the memory's trees that grow on the target's rows.
    target_weight : float
        Share of a model of the target alone in the log-odds.
    """

    adapt: str
    lr: float
    max_epochs: int
    l2_sp: float
    linear_l2_sp: float
    memory_share: float
    target_weight: float


def transfer_recipe(n_landslides, n_rows, adapt="auto"):
    """Choose the recipe for a target.

    Parameters
    ----------
    n_landslides : int
        Landslides among the rows of the target; 0 without labels.
    n_rows : int
        Rows of the target with a label.
    adapt : {"auto", "none", "prior", "head", "fine_tune"}, default="auto"
        What is learned, where it was said.

    Returns
    -------
    recipe : TransferRecipe

    Examples
    --------
    >>> from sklearn_landslide.transfer._transfer_recipe import transfer_recipe
    >>> transfer_recipe(0, 0).adapt, transfer_recipe(300, 3000).adapt
    ('none', 'fine_tune')
    """
    if adapt == "auto":
        adapt = "fine_tune" if n_landslides >= _FEWEST else "prior" if n_landslides else "none"
    is_trained = adapt in ("head", "fine_tune")
    alone = n_landslides / (n_landslides + _HALF_TARGET)
    return TransferRecipe(
        adapt=adapt,
        lr=min(_LR * math.sqrt(n_landslides / _LR_LANDSLIDES), _MOST_LR),
        max_epochs=_EPOCHS,
        l2_sp=_L2_SP,
        linear_l2_sp=_LINEAR_L2_SP if is_trained else math.inf,
        memory_share=n_landslides / (n_landslides + _HALF_MEMORY) if is_trained else 0.0,
        target_weight=alone if is_trained and n_landslides >= _FEWEST_ALONE else 0.0,
    )


def source_row_weight(n_landslides):
    """Return what a row of the source counts beside one of the target, where rows are pooled.

    Parameters
    ----------
    n_landslides : int
        Landslides of the target.

    Returns
    -------
    weight : float

    Examples
    --------
    >>> from sklearn_landslide.transfer._transfer_recipe import source_row_weight
    >>> source_row_weight(0), source_row_weight(300)
    (1.0, 0.5)
    """
    return _HALF_POOL / (_HALF_POOL + n_landslides)
