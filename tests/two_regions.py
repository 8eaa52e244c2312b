"""A small region, and a step that scales each region by itself."""

import numpy as np
import pandas as pd

from sklearn_landslide.preprocessing import FactorScaler

# A source that was told its shares keeps them; "auto" takes others for other ground.
SHARES = {"module__linear_weight": 0.3, "module__memory_weight": 0.35}
NAMES = ["slope", "twi", "relief"]


def region(n_rows, steepness, seed):
    """Places of a region; landslides come beyond a steepness."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n_rows, 3))
    X = pd.DataFrame(z * [8, 2, 20] + [30, 8, 100], columns=NAMES)
    soil = np.where(z[:, 2] + rng.normal(size=n_rows) > 0, 1, 2)
    X["soil"] = pd.Categorical(soil)
    noise = rng.logistic(size=n_rows) / 2
    y = (z[:, 0] + 0.3 * (soil == 1) + noise > steepness).astype(int)
    return X, y


class OwnScaler(FactorScaler):
    """Scales each region by itself, as the protocol of such steps asks."""

    refit_on_target = True
