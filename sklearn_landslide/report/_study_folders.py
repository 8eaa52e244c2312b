"""What commands have written, read again for the page of a study."""

import base64
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sklearn_landslide._words import listed
from sklearn_landslide.comparison import ModelComparison

# Columns of folds.csv that are no metric.
_NO_METRICS = {"model", "fold", "fit_time", "score_time", "n_train", "n_test", "threshold"}
_MOST_BYTES = 2**28


def written_by(command, folder, name, most_bytes=_MOST_BYTES):
    """Return the path of a file that a command has written, or raise if it cannot have.

    Parameters
    ----------
    command : str
        Its name.
    folder : str or path-like
        Where it wrote.
    name : str
        The file.
    most_bytes : int, default=2**28
        Larger than this it never is.

    Returns
    -------
    path : Path
    """
    path = Path(folder) / name
    if not path.is_file():
        raise ValueError(f"{folder} has no {name}: give a folder that the command {command} wrote.")
    if path.stat().st_size > most_bytes:
        raise ValueError(f"{path} is too large to be of the command {command}.")
    return path


def _csv(folder, name, command, needed):
    """Read a table that a command has written."""
    path = written_by(command, folder, name)
    try:
        table = pd.read_csv(path)
    except (ValueError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} cannot be read ({reason}).") from error
    if missing := [column for column in needed if column not in table]:
        raise ValueError(f"{path} is not of the command {command}: it has no {listed(missing)}.")
    return table


def read_comparison(folder):
    """Read the scores and predictions that the command ``compare`` has written.

    Parameters
    ----------
    folder : str or path-like
        What ``compare --out`` was given.

    Returns
    -------
    comparison : ModelComparison
        Without the table that was compared on.
    """
    folds = _csv(folder, "folds.csv", "compare", ["model", "fold", "fit_time", "n_test"])
    predictions = _csv(folder, "predictions.csv", "compare", ["row", "fold", "y_true"])
    models = [str(name) for name in folds["model"].unique()]
    if missing := [name for name in models if name not in predictions]:
        raise ValueError(f"{folder} has no predictions of {listed(missing)}: compare again.")
    metrics = tuple(name for name in folds if name not in _NO_METRICS)
    if "roc_auc" not in metrics:
        raise ValueError(f"{folder} has no column 'roc_auc' in folds.csv: compare again.")
    return ModelComparison(folds.assign(model=folds["model"].astype(str)), predictions, metrics, 1)


@dataclass(frozen=True, eq=False)
class SensitivityFolder:
    """What the command ``sensitivity`` has written.

    Parameters
    ----------
    losses : pandas.DataFrame
        ``perturbation``, ``level``, ``model`` and the mean ``loss`` of ROC-AUC.
    picture : str or None
        The picture as a data URI.
    """

    losses: pd.DataFrame
    picture: str | None


def read_sensitivity(folder):
    """Read what the command ``sensitivity`` has written.

    Parameters
    ----------
    folder : str or path-like
        What ``sensitivity --out`` was given.

    Returns
    -------
    found : SensitivityFolder
    """
    keys = ["perturbation", "level", "model"]
    table = _csv(folder, "sensitivity.csv", "sensitivity", [*keys, "fold", "metric", "loss"])
    rows = table[(table["metric"] == "roc_auc") & table["loss"].notna()]
    rows = rows[rows["perturbation"] != "none"]
    losses = rows.groupby(keys, sort=False)["loss"].mean().reset_index()
    return SensitivityFolder(losses, picture_of(Path(folder) / "sensitivity.png"))


def picture_of(path):
    """Read a PNG as a data URI; None if there is none."""
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return None
    content = path.read_bytes()
    if not content.startswith(b"\x89PNG"):
        return None
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"
