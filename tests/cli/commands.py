"""What the tests of the commands share: a small table, its roles, and how a refusal looks."""

import re

import numpy as np
import pandas as pd

from sklearn_landslide.cli import main

QUICK = ["--models", "LR", "--cv", "3", "--n-jobs", "1"]
ROLES = ["--target", "landslide", "--categorical", "soil", "--coordinates", "x", "y"]
SCORES = ["accuracy", "precision", "recall", "f1", "roc_auc", "pr_auc", "brier"]


def make_places(n_samples=90, seed=0):
    """A small table whose slope tells something and whose soil tells nothing."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_samples) % 3 == 0
    return pd.DataFrame(
        {
            "x": rng.uniform(0, 1000, n_samples).round(1),
            "y": rng.uniform(0, 1000, n_samples).round(1),
            "slope": (20 + 12 * y + rng.normal(0, 6, n_samples)).clip(0, 90).round(2),
            "rainfall": rng.gamma(3, 100, n_samples).round(1),
            "soil": rng.choice(["clay", "sand", "loam"], n_samples),
            "landslide": y.astype(int),
        }
    )


def tree(folder):
    """All that is in a folder, hidden things too, with what is in the files."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def refused(capsys, folder, *argv, code=2):
    """Run a command that must fail with one line and leave nothing behind."""
    before = tree(folder)
    assert main([str(word) for word in argv]) == code
    out, err = capsys.readouterr()
    assert re.fullmatch(r"error: [^\n]+\n", err), err
    assert tree(folder) == before
    return out, err
