"""Digests that tell whether a fit of an earlier run is the one that is wanted now."""

from dataclasses import fields, is_dataclass
from hashlib import sha256

import numpy as np
import pandas as pd

from sklearn_landslide._version import __version__
from sklearn_landslide.comparison import plain_text


def _of_values(digest, values):
    """Hash an array or a frame by its values."""
    frame = pd.DataFrame(values)
    digest.update(repr([str(name) for name in frame.columns]).encode())
    digest.update(
        pd.util.hash_pandas_object(frame.astype(_hashable(frame)), index=False).to_numpy()
    )


def _hashable(frame):
    """Say as what columns are hashed: classes and objects by their text."""
    return {
        name: str
        for name, kind in frame.dtypes.items()
        if isinstance(kind, pd.CategoricalDtype) or kind.kind == "O"
    }


def _words_of(thing):
    """Say what a setting is; arrays by their values."""
    if isinstance(thing, np.ndarray | pd.Series | pd.DataFrame):
        digest = sha256()
        _of_values(digest, thing)
        return digest.hexdigest()
    return plain_text(thing)


def table_words(rows, splits, truth, scoring, seed):
    """Digest of what all fits of a call share.

    Parameters
    ----------
    rows : FoldRows
        The table.
    splits : list of (train, test)
        The folds.
    truth : ndarray or None
        True probabilities.
    scoring : list of str or dict
        The scorers.
    seed : int
        Seed of everything.

    Returns
    -------
    digest : str
    """
    digest = sha256()
    _of_values(digest, rows.X)
    for values in (rows.y, rows.coordinates, rows.groups, truth):
        if values is not None:
            _of_values(digest, np.asarray(values))
        digest.update(b"\0")
    for part in (part for split in splits for part in split):
        digest.update(np.asarray(part, dtype=np.int64).tobytes() + b"\0")
    if rows.stack is not None:
        shapes = {name: band.shape for name, band in rows.stack.items()}
        digest.update(repr(shapes).encode())
    digest.update(f"{plain_text(scoring)} {seed} {__version__}".encode())
    return digest.hexdigest()


def fit_digest(shared, estimator, perturbation):
    """Digest of what a model's fits under a perturbation depend on, besides level and fold.

    Parameters
    ----------
    shared : str
        From `table_words`.
    estimator : estimator
        The model.
    perturbation : Perturbation or None
        None: unperturbed.

    Returns
    -------
    digest : str
        16 hexadecimal digits.
    """
    params = sorted(estimator.get_params(deep=True).items(), key=lambda item: item[0])
    parts = [shared, type(estimator).__qualname__]
    parts += [f"{name}={_words_of(value)}" for name, value in params]
    if perturbation is not None:
        parts.append(type(perturbation).__qualname__)
    if is_dataclass(perturbation):
        # The levels name the fits already: further ones can be added later.
        parts += [
            f"{field.name}={_words_of(getattr(perturbation, field.name))}"
            for field in fields(perturbation)
            if field.name != "levels"
        ]
    return sha256("\0".join(parts).encode()).hexdigest()[:16]
