"""Files from public repositories, kept in a folder of the user's."""

import os
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from sklearn_landslide._optional import import_optional
from sklearn_landslide._whole_file import whole_file

HOST = "https://github.com"
VARIABLE = "SKLEARN_LANDSLIDE_DATA"
_TIMEOUT = 30
_CHUNK = 2**16
# Ten times the largest of the files: whatever a server sends, no more is taken.
_MOST_BYTES = 2**25


@dataclass(frozen=True)
class RemoteFile:
    """A file in a public repository.

    Parameters
    ----------
    repository : str
        Owner and name.
    revisions : tuple of str
        Commits that hold the file. Later ones are asked where an earlier one has another file.
    path : str
        Path in the repository.
    """

    repository: str
    revisions: tuple
    path: str

    @property
    def urls(self):
        """Where the file is, one address for each revision."""
        return [f"{HOST}/{self.repository}/raw/{at}/{self.path}" for at in self.revisions]


def data_folder(data_home):
    """Folder for downloads: the given one, the environment's, or the system's for caches.

    Examples
    --------
    >>> from sklearn_landslide.datasets._files._download import data_folder
    >>> data_folder("downloads").name
    'downloads'
    """
    folder = data_home or os.environ.get(VARIABLE)
    if not folder:
        folder = import_optional("pooch", extra="datasets").os_cache("sklearn_landslide")
    return Path(folder).expanduser()


def fetch_file(file, data_home, read):
    """Read a file, which is downloaded if it is not in the folder yet.

    Parameters
    ----------
    file : RemoteFile
        The file.
    data_home : str, path-like or None
        Folder for downloads.
    read : callable
        Takes a path and returns the content. For a file that is not the right one it raises
        ValueError with words that go on after the file's name; such a file is not kept.

    Returns
    -------
    path : pathlib.Path
        The file in the folder.
    content : object
        What `read` returns.

    Raises
    ------
    ValueError
        If the file that is there, or the one that comes, is not the right one.
    ConnectionError
        If nothing comes.
    """
    path = data_folder(data_home) / file.repository.rpartition("/")[2] / Path(file.path).name
    if path.exists():
        try:
            return path, read(path)
        except ValueError as error:
            path.unlink(missing_ok=True)
            raise ValueError(
                f"{path} {error}: it is not used and was removed, call again to download it."
            ) from error
    path.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    for url in file.urls:
        try:
            with whole_file(path) as hidden:
                _download(url, hidden, path)
                return path, _read_download(url, hidden, read)
        except (ConnectionError, ValueError) as error:
            failures.append(error)
    raise failures[0]


def check_sha256(path, expected):
    """Refuse a file with another SHA-256, in words that go on after its name."""
    with open(path, "rb") as file:
        found = file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise ValueError(f"has SHA-256 {found} instead of {expected}")


def _read_download(url, hidden, read):
    try:
        return read(hidden)
    except ValueError as error:
        raise ValueError(f"{url} {error}: it is not used and not kept.") from error


def _download(url, hidden, path):
    """Write what the address gives, or say in one line why nothing came."""
    requests = import_optional("requests", extra="datasets")
    size = 0
    try:
        with (
            requests.get(url, stream=True, timeout=_TIMEOUT) as response,
            open(hidden, "wb") as file,
        ):
            response.raise_for_status()
            for chunk in response.iter_content(_CHUNK):
                size += len(chunk)
                if size > _MOST_BYTES:
                    raise ValueError(
                        f"{url} sends more than {_MOST_BYTES >> 20} MB: it is not the file that "
                        "is looked for, and not kept."
                    )
                file.write(chunk)
    except requests.RequestException as error:
        reason = type(error).__name__
        if isinstance(error, requests.HTTPError):
            reason = f"the server answered {error.response.status_code}"
        raise ConnectionError(
            f"{url} could not be downloaded ({reason}): check the connection and the proxy, or "
            f"save the file by hand as {path} and call again."
        ) from error
