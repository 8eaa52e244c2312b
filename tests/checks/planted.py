"""A table without a fault, to plant faults in."""

import numpy as np
import pandas as pd

N_ROWS = 120


def sound_table(seed=0):
    """Factors, labels and places of 120 rows, with nothing to find."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(N_ROWS) % 2)
    X = pd.DataFrame(
        {
            "pendiente": (18 + 8 * y + rng.normal(0, 6, N_ROWS)).clip(0, 80).round(2),
            "elevation": rng.uniform(800, 2400, N_ROWS).round(1),
            "twi": rng.normal(6, 1.5, N_ROWS),
            "soil": pd.Categorical(rng.choice(["clay", "loam", "sand"], N_ROWS)),
        }
    )
    points = pd.DataFrame(rng.uniform(0, 9000, (N_ROWS, 2)) + 500_000, columns=["x", "y"])
    return X, y, points


def found_in(X, y, **options):
    """The findings, by their code."""
    from sklearn_landslide.checks import check_table

    return {one.code: one for one in check_table(X, y, **options).findings}
