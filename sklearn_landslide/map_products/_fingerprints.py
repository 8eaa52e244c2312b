"""Fingerprints of what is read for a map: of each file, whatever parts it consists of."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from sklearn_landslide.map_products._content import values_digest
from sklearn_landslide.map_products._inputs import as_files
from sklearn_landslide.map_products._units import is_auto
from sklearn_landslide.mapping import inventory_parts, raster_parts
from sklearn_landslide.terrain import FactorSources, is_raster, split_column

# A virtual raster may have thousands of tiles: beyond this number they get one fingerprint.
_MOST = 20


@dataclass(frozen=True, kw_only=True)
class Fingerprints:
    """What was read for a map.

    Parameters
    ----------
    digests : dict of str to str or None
        SHA-256 by name; None for what is not a file.
    inventory : str or None
        That of the inventory, with all its parts; None for what is not a file.
    files : list of str
        The files, whose places no file of the run may take.
    """

    digests: dict
    inventory: str | None
    files: list


def _sha256_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _together(digests, name_of=os.path.basename):
    """One fingerprint of several files."""
    lines = "".join(f"{name_of(path)} {digest}\n" for path, digest in digests.items())
    return hashlib.sha256(lines.encode(errors="surrogateescape")).hexdigest()


def _ending(path):
    return os.path.splitext(path)[1].lower()


def _raster_names(stack):
    """List what GDAL is to open, and say whether that is all of the stack."""
    if isinstance(stack, FactorSources):
        return [], True
    if not isinstance(stack, Mapping) or hasattr(stack, "data_vars"):
        files = as_files(stack)
        return files, bool(files)
    files = [value for value in stack.values() if isinstance(value, str | os.PathLike)]
    return files, len(files) == len(stack)


def _of_raster(path):
    parts, is_local = raster_parts(path)
    digests = {str(part): _sha256_of(part) for part in parts}
    behind = {name: digests[name] for name in list(digests)[1:]}
    if len(behind) > _MOST:
        digests = {name: digests[name] for name in list(digests)[:1]}
        digests[f"{len(behind)} files behind {path}"] = _together(behind)
    return digests, [str(part) for part in parts], is_local


def _of_shapes(path):
    digests = {str(part): _sha256_of(part) for part in inventory_parts(path)}
    return digests or {str(path): None}, list(digests)


def _of_source(source):
    """Take the fingerprint of one source of factors; what lies in memory has none."""
    path, _ = split_column(source)
    if not isinstance(path, str | os.PathLike):
        return {}, [], False
    if is_raster(path):
        return _of_raster(path)
    return *_of_shapes(path), True


def _files_of(points):
    """List the files of an inventory: one, or those that a frame was put together from."""
    if isinstance(points, str | os.PathLike):
        return [points]
    return getattr(points, "attrs", {}).get("files", [])


def fingerprints_of(request, stack):
    """Take the fingerprints of all that is read, by name.

    Parameters
    ----------
    request : MapRequest
        It names the files.
    stack : xarray.Dataset
        The opened stack. What lies in memory, in an archive or on a server is known by its
        values.

    Returns
    -------
    fingerprints : Fingerprints
    """
    names, all_local = _raster_names(request.stack)
    found, files, inventory = {}, [], None
    sources = request.stack.sources() if isinstance(request.stack, FactorSources) else ()
    limits = [request.area, request.exclude, None if is_auto(request.units) else request.units]
    limits = [one for one in limits if one is not None]
    read = [_of_raster(name) for name in names] + [_of_source(one) for one in [*sources, *limits]]
    for digests, parts, is_local in read:
        found |= digests
        files += parts
        all_local = all_local and is_local
    if not all_local:
        found["values of the stack"] = values_digest(stack)
    if inventories := _files_of(request.points):
        digests, parts = {}, []
        for one in inventories:
            of_one, parts_of_one = _of_shapes(one)
            digests, parts = digests | of_one, parts + parts_of_one
        found |= digests
        files += parts
        if len(parts) == 1:
            inventory = digests[parts[0]]
        elif parts:
            inventory = _together(digests, _ending)
    elif request.points is not None:
        found["the inventory"] = None
    for source in (request.test_inventory, request.units_of):
        if isinstance(source, str | os.PathLike):
            digests, parts = _of_shapes(source)
            found |= digests
            files += parts
    if isinstance(request.model, str | os.PathLike):
        found[str(request.model)] = _sha256_of(request.model)
        files.append(str(request.model))
    return Fingerprints(digests=found, inventory=inventory, files=files)
