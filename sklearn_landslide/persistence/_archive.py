"""Zip archives whose parts are read with limits, whatever the archive says of itself."""

import io
import re
import zipfile

from sklearn_landslide._unpacked import most_bytes

# The same file from the same model, whenever it is written.
_DATE = (1980, 1, 1, 0, 0, 0)
_MOST_PARTS = 400_000


def _check_entry(entry):
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{entry.filename!r} is encrypted or compressed in an unusual way")
    if not re.fullmatch(r"[\w-]+(\.\w+)?", entry.filename):
        raise ValueError(f"{entry.filename!r} is not a name of a part")


def read_parts(file, most, names=None):
    """Read the parts of a zip archive.

    Parameters
    ----------
    file : path or binary file
        The archive.
    most : int
        Bytes that its parts may have together.
    names : list of str, default=None
        Parts that are read; None for all.

    Returns
    -------
    parts : dict of str to bytes
        By name.

    Raises
    ------
    ValueError
        If the parts are larger, or not those of an archive that this package writes.
    zipfile.BadZipFile
        If the archive is damaged.
    """
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        if len(entries) > _MOST_PARTS or len({entry.filename for entry in entries}) < len(entries):
            raise ValueError("it has too many parts, or two of one name")
        for entry in entries:
            _check_entry(entry)
        if sum(entry.file_size for entry in entries) > most:
            raise ValueError(f"its parts have more than {most:,} bytes")
        parts = {}
        for entry in entries:
            if names is not None and entry.filename not in names:
                continue
            with archive.open(entry) as part:
                # With a number, no more than that is ever unpacked. The checksum is compared
                # when the end has been read.
                parts[entry.filename] = part.read(entry.file_size + 1)
            if len(parts[entry.filename]) != entry.file_size:
                raise ValueError(f"{entry.filename!r} has another size than it says")
    return parts


def write_parts(parts, *, compress):
    """Write a zip archive, to be read by `read_parts`.

    Parameters
    ----------
    parts : dict of str to bytes
        By name.
    compress : bool
        Whether to compress. What would unpack to more than may be read is not compressed.

    Returns
    -------
    content : bytes
        The archive.
    """
    memory = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(memory, "w") as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), part, kind)
    content = memory.getvalue()
    if compress and sum(map(len, parts.values())) > most_bytes(len(content)):
        return write_parts(parts, compress=False)
    return content
