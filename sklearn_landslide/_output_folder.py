"""A folder of results that is written as a whole or not at all."""

import contextlib
import os
import secrets
import shutil
from pathlib import Path

from sklearn_landslide._hints import hinting
from sklearn_landslide._lock import locked

# Present for a moment, while files are put in place.
_LOCK = ".results.lock"
# Nobody moves files for longer than this, in seconds.
_PATIENCE = 60.0


def existing_part(folder):
    """Split a folder into what exists and the first component that does not, or None.

    Raises
    ------
    ValueError
        If a component is a link to nothing.
    """
    missing = None
    while not folder.exists():
        if folder.is_symlink():
            raise ValueError(
                f"{folder} is a link to {os.readlink(folder)}, which does not exist; give another "
                "output folder."
            )
        folder, missing = folder.parent, folder.name
    return folder, missing


def _hidden(folder):
    """Name a folder that nobody takes for results, should the process be killed."""
    return folder / f".{secrets.token_hex(6)}.partial"


class OutputFolder:
    """Results that appear together, complete, or not at all.

    The files are written into a hidden folder in or beside the output folder. Then they
    are put in place: a new output folder by one rename, files in an existing one by one
    rename each, undone if any fails. The first name stands for the whole: it is taken away
    first and put in place last, so that where it is, all files are of one run.

    Parameters
    ----------
    path : str or path-like
        The folder. It and its parents are made when the files are written.

    names : sequence of str
        The files that will be written. Other files in the folder stay as they are.

    overwrite : bool, default=False
        Whether files of these names may be there already and are replaced.

    Raises
    ------
    ValueError
        If such files are there and `overwrite` is False, or `path` is not a folder.
    OSError
        If nothing can be written there.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_landslide._output_folder import OutputFolder
    >>> with TemporaryDirectory() as home:
    ...     folder = OutputFolder(Path(home, "results"), ["table.csv"])
    ...     folder.write({"table.csv": lambda path: path.write_text("slope")})
    ...     print(Path(home, "results", "table.csv").read_text())
    slope
    """

    def __init__(self, path, names, *, overwrite=False):
        self.path = Path(path).absolute()
        self.names = list(names)
        self.overwrite = overwrite
        self.check()

    def check(self):
        """Find out, by trying, whether the files can be written."""
        existing, _ = existing_part(self.path)
        if not existing.is_dir():
            raise ValueError(f"{existing} is a file, not a folder; give another output folder.")
        self._check_names()
        probe = _hidden(existing)
        try:
            probe.mkdir()
            probe.rmdir()
        except OSError as error:
            raise OSError(f"Cannot write in {existing}: {error.strerror}.") from error

    def _check_names(self):
        # A link to nothing is something, too.
        there = [name for name in self.names if os.path.lexists(self.path / name)]
        folders = [name for name in there if (self.path / name).is_dir()]
        if folders:
            raise ValueError(f"{self.path / folders[0]} is a folder where a file would be written.")
        if there and not self.overwrite:
            error = ValueError(
                f"{self.path} already holds {', '.join(there)}: give another output folder, "
                "or replace them with overwrite=True."
            )
            raise hinting(error, "overwrite=True")

    def check_sources(self, sources):
        """Raise if a file that is read would be replaced.

        Parameters
        ----------
        sources : iterable of path-like
            Files that are read; those that are not there do not count.
        """
        there = [self.path / name for name in self.names if (self.path / name).exists()]
        for source in filter(os.path.exists, sources):
            for path in there:
                if os.path.samefile(source, path):
                    raise ValueError(
                        f"{path} is read by this run and would be replaced: give another output "
                        "folder."
                    )

    def write(self, writers):
        """Write all files.

        Parameters
        ----------
        writers : dict of str to callable
            A function that writes the file at the path it is given, for each of the names; files
            of names without one are taken away from the output folder.
        """
        names = [name for name in self.names if name in writers]
        existing, _ = existing_part(self.path)
        hidden = _hidden(existing)
        hidden.mkdir()
        try:
            for name in names:
                writers[name](hidden / name)
            self.place(hidden, names)
        finally:
            shutil.rmtree(hidden, ignore_errors=True)

    def place(self, home, names=None):
        """Put files in place that are finished; if that fails they are left where they were.

        Parameters
        ----------
        home : path-like
            The folder that holds them, on the same disk.
        names : list of str, default=None
            Those of the names that are there; files of the other names are taken away from the
            output folder. None: all.
        """
        with self._alone() as (existing, missing):
            self._check_names()
            hidden = _hidden(existing)
            hidden.mkdir()
            try:
                if missing is None:
                    self._move(Path(home), hidden, names or self.names)
                else:
                    self._make(Path(home), hidden, names or self.names, existing / missing)
            finally:
                shutil.rmtree(hidden, ignore_errors=True)

    @contextlib.contextmanager
    def _alone(self):
        """Let no other run put files there meanwhile; give the existing part and what is not."""
        while True:
            existing, _ = existing_part(self.path)
            with locked(existing / _LOCK, existing, patience=_PATIENCE):
                # Another run may have made the folder just now.
                found, missing = existing_part(self.path)
                if found == existing:
                    yield existing, missing
                    return

    def _move(self, home, old, names):
        """Move files into the folder; whatever interrupts it, the folder is as it was before."""
        with contextlib.ExitStack() as undo:
            for name in self.names:
                if os.path.lexists(self.path / name):
                    undo.callback(_restore, old / name, self.path / name)
                    os.replace(self.path / name, old / name)
            for name in reversed(names):
                undo.callback(_restore, self.path / name, home / name)
                os.replace(home / name, self.path / name)
            undo.pop_all()

    def _make(self, home, hidden, names, target):
        """Move files into a new folder, and rename that."""
        new = hidden / target.name
        inside = new / self.path.relative_to(target)
        inside.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as undo:
            for name in names:
                undo.callback(_restore, inside / name, home / name)
                os.replace(home / name, inside / name)
            os.rename(new, target)
            undo.pop_all()


def _restore(source, target):
    """Take a rename back, if it was made."""
    if os.path.lexists(source):
        os.replace(source, target)
