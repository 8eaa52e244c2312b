"""A lock: one process at a time, and the others are told who has it."""

import errno
import json
import os
import socket
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

from sklearn_landslide._escaping import escaped

try:
    import fcntl
except ImportError:  # Windows: the file itself is the lock, and a killed run leaves it
    fcntl = None

# What a file system says that knows no locks.
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
# A child that is forked gets the open files; it must not keep a lock that its parent has lost.
_held = set()


def _leave_locks_to_parent():
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_locks_to_parent)


class Locked(ValueError):
    """Somebody else has the lock."""


def _me():
    try:
        import getpass

        user = getpass.getuser()
    except (ImportError, KeyError, OSError):
        user = "?"
    return {
        "pid": os.getpid(),
        "user": user,
        "host": socket.gethostname(),
        "started": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }


def _is_running(pid):
    """Say whether there is a process of this number, where no lock tells."""
    if fcntl is None or not isinstance(pid, int) or pid <= 0:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class Lock:
    """A lock in a file, which ends with the process that holds it.

    A process that is killed leaves the file, but not the lock: on the same host the next one
    takes it over. Of another host nobody can tell whether its process still runs.

    Parameters
    ----------
    path : path-like
        The file, in a folder that exists. It is removed when the lock is given back.
    what : str
        What is locked, for the message.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_landslide._lock import Lock
    >>> with TemporaryDirectory() as folder:
    ...     lock = Lock(Path(folder, "run.lock"), "the folder")
    ...     lock.take()
    ...     try:
    ...         Lock(Path(folder, "run.lock"), "the folder").take()
    ...     except ValueError as error:
    ...         print(str(error).partition(" by process")[0])
    ...     lock.release()
    the folder is in use
    """

    def __init__(self, path, what):
        self.path = Path(path)
        self.what = what
        self._file = None

    def take(self):
        """Take the lock, or raise `Locked` with the name of who has it."""
        while self._file is None:
            file = self._open(os.O_CREAT)
            try:
                self._lock(file)
                # Not if who had it has just removed it.
                if self._is_in_place(file):
                    os.ftruncate(file, 0)
                    os.lseek(file, 0, os.SEEK_SET)
                    os.write(file, json.dumps(_me()).encode())
                    self._file, file = file, None
                    _held.add(self._file)
            finally:
                if file is not None:
                    os.close(file)

    def check(self):
        """Raise `Locked` if somebody has the lock; change nothing."""
        if not self.path.is_file():
            return
        file = self._open()
        try:
            self._lock(file)
        finally:
            os.close(file)

    def release(self):
        """Give the lock back, and remove its file."""
        if self._file is None:
            return
        if fcntl is None:
            self.forget()
            self.path.unlink(missing_ok=True)
            return
        with suppress(OSError):
            if self._is_in_place(self._file):
                self.path.unlink()
        self.forget()

    def forget(self):
        """Give the lock back; its file is gone already, or will be."""
        if self._file is not None:
            _held.discard(self._file)
            os.close(self._file)
            self._file = None

    def _open(self, flags=0):
        return os.open(self.path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | flags, 0o666)

    def _lock(self, file):
        """Lock the open file, or raise; a process on another host may have it nevertheless."""
        owner = self._owner(file)
        try:
            if fcntl is None:
                raise OSError(errno.ENOSYS, "no locks")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_stale = True
        except BlockingIOError:
            raise Locked(self._message(owner)) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            is_stale = not _is_running(owner.get("pid"))
        # Who had it may have written its name in the meantime.
        owner = self._owner(file)
        if owner and (not is_stale or owner.get("host") != socket.gethostname()):
            hint = f" If there is no such process any more, delete {self.path}."
            raise Locked(self._message(owner) + hint)

    def _is_in_place(self, file):
        """Say whether the open file is still the one of this name."""
        try:
            there, mine = os.stat(self.path), os.fstat(file)
        except FileNotFoundError:
            return False
        return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)

    @staticmethod
    def _owner(file):
        """Read who has the lock; nothing if its file says nothing."""
        os.lseek(file, 0, os.SEEK_SET)
        try:
            owner = json.loads(os.read(file, 4096))
        except (ValueError, RecursionError):
            return {}
        return owner if isinstance(owner, dict) else {}

    def _message(self, owner):
        who = "another process"
        if owner:
            who = escaped(
                f"process {owner.get('pid')} of {owner.get('user')} on {owner.get('host')}, "
                f"since {owner.get('started')}"
            )
        return f"{self.what} is in use by {who}: wait until it has ended."


@contextmanager
def locked(path, what, *, patience):
    """Hold a lock for a moment; wait for another process that does the same.

    Parameters
    ----------
    path : path-like
        The file of the lock.
    what : str
        What is locked, for the message.
    patience : float
        How long to wait, in seconds.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_landslide._lock import locked
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "lock")
    ...     with locked(path, folder, patience=1):
    ...         held = path.exists()
    ...     held, path.exists()
    (True, False)
    """
    lock, end = Lock(path, what), monotonic() + patience
    while True:
        try:
            lock.take()
            break
        except Locked:
            if monotonic() > end:
                raise
            sleep(0.02)
    try:
        yield
    finally:
        lock.release()


def claimed(path, what):
    """Open a file that nobody else claims, as long as it is open.

    Parameters
    ----------
    path : path-like
        The file; it is there.
    what : object
        What is claimed with it, for the message.

    Returns
    -------
    file : file object
        To be closed in the end. Without `fcntl` it claims nothing.

    Raises
    ------
    Locked
        If another process has it, or another place in this one.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_landslide._lock import claimed
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "journal")
    ...     _ = path.write_text("")
    ...     with claimed(path, "map.tif"):
    ...         claimed(path, "map.tif")
    Traceback (most recent call last):
        ...
    sklearn_landslide._lock.Locked: map.tif is in use by another process: wait until it has ended.
    """
    file = open(path, "rb+")  # noqa: SIM115
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Locked(f"{what} is in use by another process: wait until it has ended.") from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            file.close()
            raise
    return file
