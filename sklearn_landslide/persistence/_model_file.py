"""One file for one fitted model: a zip archive of a description and of the model."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import NoneType

from sklearn_landslide._optional import import_optional
from sklearn_landslide._version import __version__
from sklearn_landslide._versions import installed_versions
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.persistence._archive import read_parts, write_parts
from sklearn_landslide.persistence._boosted_trees import MissingPackage
from sklearn_landslide.persistence._content import Untrusted, pack, unpack
from sklearn_landslide.persistence._json_facts import check_depth

# Raised whenever an older version could not read the file correctly.
_FORMAT = 1
_KIND = "sklearn-landslide model"
_FACTS, _MODEL = "facts.json", "model.skops"
_TYPES = {
    "format": int,
    "model": str,
    "factors": list | NoneType,
    "date": str,
    "versions": dict,
    "facts": dict,
}


def _factors(model):
    """Names of the factors that a model, or the model in a bundle, was fitted on."""
    names = getattr(getattr(model, "model", model), "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]


def save_model(model, path, *, facts=None, overwrite=False):
    """Write a fitted model to one file, without pickle, complete or not at all.

    Parameters
    ----------
    model : fitted estimator
        A pipeline of :func:`~sklearn_landslide.make_landslide_pipeline`, a
        :class:`~sklearn_landslide.LandslideNet`, a model of scikit-learn, an ``XGBClassifier``, a
        ``CatBoostClassifier``, an ``LGBMClassifier``, or a
        :class:`~sklearn_landslide.map_products.MapModel`, which has zones and the area of
        applicability with it.
    path : str or path-like
        The file.
    facts : dict, default=None
        Anything else to be kept beside the model: whatever JSON can hold.
    overwrite : bool, default=False
        Whether a file that is there is replaced.

    Raises
    ------
    TypeError
        If the model, or a part of it, is of a kind that no file without code can hold.
    ValueError
        If the file is there already and not to be replaced.
    OSError
        If it cannot be written.
    ImportError
        If skops, from the extra ``save``, is not installed.

    See Also
    --------
    load_model : Reads it.
    check_can_be_saved : Says before the fit whether a model can be saved.

    Notes
    -----
    The file is a zip archive of ``facts.json`` and of the model in the format of skops, with
    the nets in that of :meth:`LandslideNet.save <sklearn_landslide.LandslideNet.save>`.
    It may hold the estimators of this package, samplers and ensembles of imbalanced-learn, and
    the models and transformers of scikit-learn for tables: linear models, discriminant
    analysis, naive Bayes, trees and ensembles, support vectors, MLPs, Gaussian processes, k
    nearest neighbors, k-means, calibration, thresholds, searches, pipelines and preprocessing;
    also ``XGBClassifier``, ``CatBoostClassifier`` and ``LGBMClassifier`` with trees of the usual
    kind and factors that are numbers, in the text of these packages.
    It may not hold ``RadiusNeighborsClassifier``, ``LabelPropagation``, ``LabelSpreading``,
    ``SplineTransformer``, other clustering, manifolds, text, models that learned from a sparse
    matrix, and functions of your own.
    Samplers, which serve in fit only and keep rows of the training table, are saved unfitted;
    a model that learns by keeping rows (support vectors, neighbors) has them in the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide import make_landslide_pipeline
    >>> from sklearn_landslide.datasets import make_landslides
    >>> from sklearn_landslide.persistence import load_model, save_model
    >>> region = make_landslides(200, as_frame=True, random_state=0)
    >>> pipeline = make_landslide_pipeline(LogisticRegression(max_iter=500), random_state=0)
    >>> pipeline = pipeline.fit(region.data, region.target)
    >>> with TemporaryDirectory() as folder:
    ...     save_model(pipeline, Path(folder, "model.zip"))
    ...     again = load_model(Path(folder, "model.zip"))
    >>> bool((again.predict_proba(region.data) == pipeline.predict_proba(region.data)).all())
    True
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise ValueError(f"{path} exists: give another name, or set overwrite=True.")
    description = {
        "kind": _KIND,
        "format": _FORMAT,
        "model": type(model).__name__,
        "factors": _factors(model),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": installed_versions("skops"),
        "facts": dict(facts or {}),
    }
    parts = {_FACTS: json.dumps(description, indent=2).encode(), _MODEL: pack(model)}
    try:
        with whole_file(path) as hidden, open(hidden, "xb") as file:
            file.write(write_parts(parts, compress=False))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror or error}.") from error


def _check_description(description):
    """Raise unless a description says all that `save_model` writes, in the same types."""
    for name, kind in _TYPES.items():
        if not isinstance(description[name], kind):
            raise TypeError(f"{name} is a {type(description[name]).__name__}")
    if isinstance(description["format"], bool) or description["format"] < 1:
        raise ValueError("a format that was never written")
    for texts in (description["factors"] or [], description["versions"].values()):
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("a name or a version is not text")


def _read(path, part):
    """Read the description of a model file and one of its parts."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"No such file: {path}.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder, not a model file.")
    try:
        # Its parts are not compressed, so they are no larger than the file.
        parts = read_parts(path, path.stat().st_size, names=(_FACTS, part))
        check_depth(parts[_FACTS])
        description = json.loads(parts[_FACTS])
        if description["kind"] != _KIND:
            raise KeyError(description["kind"])
        newer = description["format"] > _FORMAT
        if not newer:
            _check_description(description)
            content = parts[part]
    except OSError:
        raise
    except Exception as error:
        # The archive's checksums find whatever is wrong with it.
        raise ValueError(
            f"{path} is damaged, or not a model file: write one with save_model."
        ) from error
    if newer:
        versions = description.get("versions")
        theirs = versions.get("sklearn-landslide") if isinstance(versions, dict) else None
        raise ValueError(
            f"{path} was written by sklearn-landslide {theirs or 'of a newer version'}, and this "
            f"is {__version__}: upgrade to read it."
        )
    return description, content


def read_model_facts(path):
    """Read the description in a model file, without building the model.

    Parameters
    ----------
    path : str or path-like
        A file of :func:`save_model`.

    Returns
    -------
    facts : dict
        ``model``, the name of its class; ``factors``, the names of its factors or None;
        ``date``, in UTC; ``versions``, by package; ``facts``, what was given to `save_model`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not a model file, is damaged, or was written by a newer version.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn_landslide.persistence import read_model_facts, save_model
    >>> model = DummyClassifier().fit([[0], [1]], [0, 1])
    >>> with TemporaryDirectory() as folder:
    ...     save_model(model, Path(folder, "model.zip"), facts={"region": "Zaruma"})
    ...     facts = read_model_facts(Path(folder, "model.zip"))
    >>> facts["model"], facts["facts"]
    ('DummyClassifier', {'region': 'Zaruma'})
    """
    description, _ = _read(path, _FACTS)
    return {
        name: description.get(name) for name in ("model", "factors", "date", "versions", "facts")
    }


def load_model(path):
    """Read a model that :func:`save_model` wrote; no code of the file is run.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    model : fitted estimator
        It predicts the same numbers to the last bit, with the same versions of the packages.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not a model file, is damaged, holds a type that is not trusted, or was
        written by a newer version.
    ImportError
        If skops, from the extra ``save``, or the package that the model is of, is not installed.

    Notes
    -----
    Classes are trusted one by one, see :func:`save_model`; of functions NumPy's and SciPy's
    ufuncs and the metrics of scikit-learn. Sizes are limited before anything is unpacked: the
    parts have 64 MiB and a hundred times the size of the file at the most. Numbers that compiled
    code follows without looking, such as the nodes of trees, are checked against each other. A
    malicious file cannot run code or end the process, but it can predict whatever its author
    likes.

    Examples
    --------
    >>> from sklearn_landslide.persistence import load_model
    >>> load_model("no_model.zip")
    Traceback (most recent call last):
    ...
    FileNotFoundError: No such file: no_model.zip.
    """
    import_optional("skops.io", extra="save")
    _, content = _read(path, _MODEL)
    damaged = f"{path} is damaged, or of other versions of the packages: save the model again."
    try:
        return unpack(content, f"{path} is not loaded")
    except (Untrusted, MissingPackage):
        raise
    except Exception as error:
        # Types and numbers are checked in many places, and each raises an error of its own.
        raise ValueError(damaged) from error


def check_can_be_saved(model):
    """Raise if a model, once it is fitted, could not be saved.

    Parameters
    ----------
    model : estimator
        A model, or a pipeline; it need not be fitted.

    Raises
    ------
    TypeError
        If the model, or a part of it, is of a kind that no file without code can hold.
    ImportError
        If skops, from the extra ``save``, is not installed.

    Examples
    --------
    >>> from sklearn.cluster import DBSCAN
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn_landslide.persistence import check_can_be_saved
    >>> check_can_be_saved(KNeighborsClassifier())
    >>> check_can_be_saved(DBSCAN())
    Traceback (most recent call last):
    ...
    TypeError: DBSCAN cannot be saved: it holds a sklearn.cluster._dbscan.DBSCAN, which no ...
    """
    pack(model, fitted=False)
