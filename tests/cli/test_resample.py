"""The option --resample: what balances the training rows of every command that fits models."""

import numpy as np
import pandas as pd
import pytest
from cli.commands import QUICK, ROLES
from imblearn.under_sampling import RandomUnderSampler
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import compare_models
from sklearn_landslide.cli import main
from sklearn_landslide.comparison import all_models
from sklearn_landslide.tables import read_table


def probabilities(places, out, *options):
    assert main(["compare", str(places), *ROLES, *QUICK, *options, "--out", str(out)]) == 0
    return pd.read_csv(out / "predictions.csv")["LR"].to_numpy()


@pytest.mark.parametrize(
    ("word", "resample"),
    [("smote", True), ("none", None), ("under", RandomUnderSampler(random_state=0))],
)
def test_the_rows_are_balanced_as_asked_for(word, resample, places, tmp_path, capsys):
    options = [] if word == "smote" else ["--resample", word]
    found = probabilities(places, tmp_path / "out", *options)
    said = {"smote": "seed 0\n", "none": ", not resampled\n", "under": ", undersampled\n"}
    assert said[word] in capsys.readouterr().out
    table = read_table(
        places, target="landslide", categorical=["soil"], coordinates=["x", "y"], strata=()
    )
    model = all_models(0)["LR"]
    assert isinstance(model, LogisticRegression)
    expected = compare_models(
        {"LR": model},
        table.X,
        table.y,
        cv=3,
        pipeline_params={"resample": resample},
        random_state=0,
    )
    np.testing.assert_allclose(found, expected.predictions["LR"], atol=1e-9)


def test_sensitivity_and_inspect_fit_without_resampling_too(places, tmp_path, capsys):
    command = [str(places), *ROLES, "--cv", "3", "--n-jobs", "1", "--resample", "none"]
    compared, trust, seen = (tmp_path / name for name in ("compared", "trust", "seen"))
    probabilities(places, compared, "--resample", "none")
    score = pd.read_csv(compared / "comparison.csv")["roc_auc"].item()
    capsys.readouterr()
    less = ["--perturbations", "noise=0.5", "--repeats", "1", "--models", "LR"]
    assert main(["sensitivity", *command, *less, "--out", str(trust)]) == 0
    assert f"Unperturbed, the mean ROC-AUC is: LR {score:.3f}." in capsys.readouterr().out
    less = ["--permutations", "0", "--repeats", "1", "--model", "LR", "--interactions", "0"]
    assert main(["inspect", *command, *less, "--out", str(seen)]) == 0
    assert ", not resampled. All of it" in (seen / "inspection.md").read_text(encoding="utf-8")
