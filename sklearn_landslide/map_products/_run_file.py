"""The file that says of which run an unfinished map is, and which of its files are finished."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field, fields

from sklearn_landslide._whole_file import whole_file

NAME = "run.json"
_KIND = "sklearn-landslide map"
# Goes up whenever unfinished maps of an earlier version can no longer be taken up.
_FORMAT = 1
# Far more than any run says of itself.
_MOST_BYTES = 10_000_000


@dataclass(kw_only=True)
class RunFile:
    """What an unfinished map says of itself.

    Parameters
    ----------
    out : str
        The output folder, from the folder in which the unfinished map lies.
    run : dict
        What must be the same for the map to be taken up.
    zones : dict
        How the zones are made: may change until they are.
    settled : bool
        Whether they are.
    finished : dict of str to str
        SHA-256 of each finished file.
    """

    out: str
    run: dict
    zones: dict
    settled: bool = False
    finished: dict = field(default_factory=dict)

    def write(self, folder):
        """Write the file, through to the disk."""
        text = json.dumps({"kind": _KIND, "format": _FORMAT} | asdict(self))
        with whole_file(folder / NAME) as hidden, open(hidden, "x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def read(cls, folder):
        """Read the file; None if there is none of this kind, whatever is there instead."""
        path = folder / NAME
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        try:
            found = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or found.get("kind") != _KIND:
            return None
        kinds = {one.name: one.type for one in fields(cls)}
        if found.get("format") != _FORMAT or any(
            not isinstance(found.get(name), kind) for name, kind in kinds.items()
        ):
            return None
        digests = found["finished"].values()
        if not all(isinstance(digest, str) for digest in digests):
            return None
        return cls(**{name: found[name] for name in kinds})


def file_digest(path):
    """SHA-256 of a file; None if it is not a file."""
    if path.is_symlink() or not path.is_file():
        return None
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
