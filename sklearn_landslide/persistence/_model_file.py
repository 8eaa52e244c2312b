"""One file for one fitted model: a zip archive of a description and of the model."""

import io
import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from pickle import PicklingError

from sklearn_landslide._optional import import_optional
from sklearn_landslide._version import __version__
from sklearn_landslide._versions import installed_versions
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.persistence._public_paths import with_public_paths
from sklearn_landslide.persistence._stand_ins import with_stand_ins
from sklearn_landslide.persistence._trusted import trusted_types

# Raised whenever an older version could not read the file correctly.
_FORMAT = 1
_KIND = "sklearn-landslide model"
_FACTS, _MODEL = "facts.json", "model.skops"
# The same file from the same model, whenever it is written.
_DATE = (1980, 1, 1, 0, 0, 0)


def _factors(model):
    """Names of the factors that a model, or the model in a bundle, was fitted on."""
    names = getattr(getattr(model, "model", model), "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]


def _dump(model):
    """Bytes of a model, or an error that names what cannot be saved."""
    skops = import_optional("skops.io", extra="save")
    try:
        content = with_public_paths(skops.dumps(with_stand_ins(model)), _DATE)
    except (AttributeError, PicklingError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise TypeError(
            f"{type(model).__name__} cannot be saved without code ({reason}): only models of "
            "scikit-learn, imbalanced-learn and this package can."
        ) from error
    _check_types(skops, content, TypeError, f"{type(model).__name__} cannot be saved")
    return content


def _check_types(skops, content, kind, what):
    """Raise if a model consists of anything that is not trusted."""
    strange = sorted(set(skops.get_untrusted_types(data=content)) - set(trusted_types()))
    if strange:
        more = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        raise kind(
            f"{what}: it holds a {strange[0]}{more}, and only models of scikit-learn, "
            "imbalanced-learn and this package are trusted."
        )


def save_model(model, path, *, facts=None, overwrite=False):
    """Write a fitted model to one file, without pickle, complete or not at all.

    Parameters
    ----------
    model : fitted estimator
        A pipeline of :func:`~sklearn_landslide.make_landslide_pipeline`, a
        :class:`~sklearn_landslide.LandslideNet`, a model of scikit-learn, or a
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

    Notes
    -----
    The file is a zip archive of ``facts.json`` and of the model in the format of skops, with
    the nets in that of :meth:`LandslideNet.save <sklearn_landslide.LandslideNet.save>`.
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
    parts = {_FACTS: json.dumps(description, indent=2).encode(), _MODEL: _dump(model)}
    try:
        with whole_file(path) as hidden, open(hidden, "xb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                for name, content in parts.items():
                    archive.writestr(zipfile.ZipInfo(name, _DATE), content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror or error}.") from error


def _read(path, part):
    """Read the description of a model file and one of its parts."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"No such file: {path}.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder, not a model file.")
    try:
        with zipfile.ZipFile(path) as archive:
            description = json.loads(archive.read(_FACTS))
            if description["kind"] != _KIND:
                raise KeyError(description["kind"])
            newer = description["format"] > _FORMAT
            content = None if newer else archive.read(part)
    except OSError:
        raise
    except Exception as error:
        # The archive's checksums find whatever is wrong with it.
        raise ValueError(
            f"{path} is damaged, or no model file: write one with save_model."
        ) from error
    if newer:
        theirs = description.get("versions", {}).get("sklearn-landslide")
        raise ValueError(
            f"{path} was written by sklearn-landslide {theirs}, and this is {__version__}: "
            "upgrade to read it."
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
        If the file is no model file, is damaged, or was written by a newer version.

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
        If the file is no model file, is damaged, holds a type that is not trusted, or was
        written by a newer version.
    ImportError
        If skops, from the extra ``save``, is not installed.

    Notes
    -----
    Trusted are the public estimators of scikit-learn, imbalanced-learn and this package, the
    parts that they consist of, arrays and plain values; of functions NumPy's and SciPy's ufuncs.
    Trees are checked node by node, because scikit-learn follows the numbers in them without
    looking. A malicious file cannot run code, but it can predict whatever its author likes.

    Examples
    --------
    >>> from sklearn_landslide.persistence import load_model
    >>> load_model("no_model.zip")
    Traceback (most recent call last):
    ...
    FileNotFoundError: No such file: no_model.zip.
    """
    skops = import_optional("skops.io", extra="save")
    _, content = _read(path, _MODEL)
    damaged = f"{path} is damaged, or of other versions of the packages: save the model again."
    try:
        _check_types(skops, content, _Untrusted, f"{path} is not loaded")
        return skops.load(io.BytesIO(content), trusted=trusted_types())
    except _Untrusted:
        raise
    except Exception as error:
        # Types and numbers are checked in many places, and each raises an error of its own.
        raise ValueError(damaged) from error


class _Untrusted(ValueError):
    """A type that a model file may not hold."""
