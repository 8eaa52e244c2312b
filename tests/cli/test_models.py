"""The models that commands offer by name."""

import argparse
import subprocess
import sys

import pandas as pd
import pytest

from sklearn_landslide.cli import _models as models
from sklearn_landslide.cli import main
from sklearn_landslide.cli._models import ALL_MODELS, MODELS, PACKAGES


def test_every_model_has_a_line_and_only_those_of_other_packages_may_be_missing():
    from sklearn_landslide.comparison import all_models

    names = list(all_models())
    assert [name for name in ALL_MODELS if name in names or name not in PACKAGES] == names


def test_the_models_are_listed_one_a_line(capsys, monkeypatch):
    monkeypatch.setattr(models, "find_spec", lambda package: None if package == "catboost" else 1)
    for command in ("compare", "sensitivity", "demo", "map"):
        assert main([command, "--list-models"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.split()[0] for line in lines] == list(ALL_MODELS)
        assert [line.split()[0] for line in lines if "not installed: pip" in line] == ["CatBoost"]


def test_a_model_that_is_not_installed_is_one_line_before_any_work(capsys, monkeypatch):
    monkeypatch.setattr(models, "find_spec", lambda package: None)
    for argv in (
        ["compare", "no.csv", "--target", "y"],
        ["sensitivity", "no.csv", "--target", "y"],
    ):
        assert main([*argv, "--models", "LR", "CatBoost"]) == 2
        assert "CatBoost is not installed: pip install catboost" in capsys.readouterr().err


def test_a_map_of_a_model_that_is_not_installed_is_refused_before_any_work(
    capsys, tmp_path, monkeypatch
):
    monkeypatch.setattr(models, "find_spec", lambda package: None)
    argv = ["map", "--model", "XGBoost", "--stack", "no.tif", "--points", "no.csv"]
    assert main([*argv, "--out", str(tmp_path / "map")]) == 2
    error = capsys.readouterr().err
    assert "XGBoost is not installed: pip install xgboost" in error and error.count("\n") == 1
    assert not (tmp_path / "map").exists()


def test_a_quick_run_has_smaller_models_unless_their_size_is_given():
    args = argparse.Namespace(random_state=0, epochs=None, quick=True)
    names = [name for name in ALL_MODELS if name not in PACKAGES]
    named = models.models_of(names, args, sequences={"rain": ["rain_0", "rain_1"]})
    assert named["RF"].n_estimators == named["ExtraTrees"].n_estimators == 50
    assert (named["LandslideNet"].max_epochs, named["LandslideNet"].n_members) == (3, 1)
    # The iterations of a solver are not trees.
    assert (named["HistGB"].max_iter, named["LR"].max_iter) == (50, 1000)
    args.epochs = 7
    assert models.models_of(["LandslideNet"], args)["LandslideNet"].max_epochs == 7


def test_all_leaves_out_the_slope_where_there_is_none_and_says_so(capsys):
    args = argparse.Namespace(random_state=0, epochs=None)
    X = pd.DataFrame({"ndvi": [0.1], "twi": [2.0]})
    named = models.models_of(["all"], args, X)
    assert "Slope" not in named and list(named)[:5] == list(MODELS)
    assert capsys.readouterr().err.startswith("Slope is left out: no factor is slope or relief")
    assert "Slope" in models.models_of(["all"], args, X.assign(slope_mean=3.0))
    with pytest.raises(ValueError, match="the model Slope needs slope or relief"):
        models.models_of(["LR", "Slope"], args, X)


def test_models_are_taken_once_in_the_order_given():
    args = argparse.Namespace(random_state=0, epochs=3)
    named = models.models_of(["GAM", "CNN", "GAM", "LR"], args)
    assert list(named) == ["GAM", "CNN", "LR"] and named["CNN"].max_epochs == 3


def test_models_that_are_not_asked_for_load_no_library():
    code = (
        "import sys; from sklearn_landslide.comparison import all_models; "
        "print(*all_models(0, ['LR', 'FR'])); "
        "print(*{'torch', 'catboost', 'xgboost', 'lightgbm'} & {*sys.modules})"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "LR FR\n\n"
