"""The model in a file: in the format of skops, looked through before it is built."""

import io
import zipfile
from pickle import PicklingError

from imblearn.base import SamplerMixin

from sklearn_landslide._optional import import_optional
from sklearn_landslide._unpacked import most_bytes
from sklearn_landslide.persistence._archive import read_parts, write_parts
from sklearn_landslide.persistence._native import check_native
from sklearn_landslide.persistence._public_paths import with_public_paths
from sklearn_landslide.persistence._schema import SCHEMA, Audit, read_schema
from sklearn_landslide.persistence._stand_ins import with_stand_ins


class Untrusted(ValueError):
    """A type that a model file may not hold."""


def _check_types(audit, kind, what):
    """Raise if a model consists of anything that is not trusted."""
    if audit.untrusted:
        strange = sorted(audit.untrusted)
        more = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        raise kind(
            f"{what}: it holds a {strange[0]}{more}, which no model file may hold; the "
            "documentation of save_model lists what it may."
        )


def pack(model, *, fitted=True):
    """Turn a model into bytes.

    Parameters
    ----------
    model : estimator
        The model; it stays as it is.
    fitted : bool, default=True
        False: the nets in it are left out.

    Returns
    -------
    content : bytes
        To be read by `unpack`.

    Raises
    ------
    TypeError
        If no file without code can hold it; the message names what cannot be saved.
    """
    skops = import_optional("skops.io", extra="save")
    what = f"{type(model).__name__} cannot be saved"
    try:
        written = skops.dumps(with_stand_ins(model, fitted=fitted))
    except (AttributeError, PicklingError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise TypeError(
            f"{what} without code ({reason}): only models of scikit-learn, imbalanced-learn and "
            "this package can, and most of xgboost, catboost and lightgbm."
        ) from error
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[SCHEMA] = with_public_paths(parts[SCHEMA])
    # What could not be read again is not written.
    try:
        audit = Audit(read_schema(parts[SCHEMA]), parts)
        _check_types(audit, TypeError, what)
        # Samplers are saved unfitted.
        check_native(model, leave_out=SamplerMixin)
    except ValueError as error:
        raise TypeError(f"{what}: {error}.") from error
    return write_parts(parts, compress=True)


def unpack(content, what):
    """Build a model from bytes.

    Parameters
    ----------
    content : bytes
        From `pack`, or anything else.
    what : str
        Begins the message about types that are not trusted.

    Returns
    -------
    model : estimator
        The model.

    Raises
    ------
    Untrusted
        If it holds a type that is not trusted.
    Exception
        Of whatever kind, if the bytes are damaged: many kinds of checks are made.
    """
    skops = import_optional("skops.io", extra="save")
    parts = read_parts(io.BytesIO(content), most_bytes(len(content)))
    audit = Audit(read_schema(parts[SCHEMA]), parts)
    _check_types(audit, Untrusted, what)
    # An archive of our own making: of what the other one says nothing but the parts is used.
    archive = write_parts(parts, compress=False)
    del parts, content
    model = skops.load(io.BytesIO(archive), trusted=sorted(audit.trusted))
    check_native(model)
    return model
