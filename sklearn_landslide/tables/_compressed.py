"""Compressed files: known by what they hold, and never unpacked to more than a table has."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from contextlib import contextmanager

from sklearn_landslide._unpacked import most_bytes
from sklearn_landslide._words import listed

DAMAGED = (EOFError, OSError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
_XZ = b"\xfd7zXZ\x00"
_COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, _XZ: lzma.open}
# The strongest setting of xz takes half of it; a file may ask for four gigabytes.
_MOST_XZ_BYTES = 2**27
_CHUNK = 2**20


def _magic_of(path):
    with path.open("rb") as stream:
        return stream.read(8)


def _member_of(path, archive):
    """Return the one file of a zip archive."""
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        names = listed((member.filename for member in members), 5)
        raise ValueError(
            f"{path} is an archive of {len(members)} files ({names}); "
            "a compressed table is an archive of one."
        )
    if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(
            f"{path} is an archive that is compressed in an unusual way: unpack it by hand."
        )
    return members[0]


@contextmanager
def open_plain(path):
    """Open a file for reading bytes, uncompressed by what it holds, not by its name.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Yields
    ------
    stream : binary file
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive, archive.open(_member_of(path, archive)) as stream:
            yield stream
        return
    magic = _magic_of(path)
    openers = (opener for start, opener in _COMPRESSED.items() if magic.startswith(start))
    with next(openers, open)(path, "rb") as stream:
        yield stream


def _xz_chunks(path):
    """Unpack a file of xz piece by piece, with a limit for what that takes."""
    with path.open("rb") as file:
        packed = file.read(_CHUNK)
        while packed.startswith(_XZ):
            unpacker = lzma.LZMADecompressor(memlimit=_MOST_XZ_BYTES)
            while not unpacker.eof:
                yield unpacker.decompress(packed, _CHUNK)
                packed = b""
                if unpacker.needs_input and not unpacker.eof:
                    packed = file.read(_CHUNK)
                    if not packed:
                        raise EOFError("it ends too early")
            # Another one may follow, after some zeros.
            packed = (unpacker.unused_data + file.read(_CHUNK)).lstrip(b"\0")


def _chunks(path):
    if _magic_of(path).startswith(_XZ):
        yield from _xz_chunks(path)
        return
    with open_plain(path) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def check_unpacked(path):
    """Raise if a compressed file unpacks to more than a table has, keeping nothing of it.

    Parameters
    ----------
    path : pathlib.Path
        The file; one that is not compressed is not read.

    Raises
    ------
    ValueError
        If it does.
    """
    is_packed = zipfile.is_zipfile(path) or _magic_of(path).startswith(tuple(_COMPRESSED))
    if not is_packed:
        return
    left = most = most_bytes(path.stat().st_size)
    try:
        for chunk in _chunks(path):
            left -= len(chunk)
            if left < 0:
                raise too_large(path, most)
    except lzma.LZMAError as error:
        if "limit" not in str(error):
            raise
        raise ValueError(
            f"{path} needs more than {_MOST_XZ_BYTES >> 20} MB of memory to be unpacked: "
            "unpack it by hand."
        ) from None


def too_large(path, most):
    """Return the error of a file that unpacks to more than it may.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    most : int
        How many bytes it may.

    Returns
    -------
    error : ValueError
    """
    return ValueError(
        f"{path} unpacks to more than {most >> 20} MB, a hundred times its size and more than a "
        "table of that size has: if it is the right file, save it as plain CSV."
    )
