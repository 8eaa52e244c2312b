"""The folder in which a map is made, and which a killed run leaves to be taken up."""

import json
import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from sklearn_landslide._hints import hinting, note_hinting
from sklearn_landslide._lock import Lock
from sklearn_landslide._output_folder import OutputFolder, existing_part
from sklearn_landslide._words import listed
from sklearn_landslide.map_products._files import FILES, PREDICTIONS, STEPS
from sklearn_landslide.map_products._files import MODEL as _MODEL
from sklearn_landslide.map_products._run_file import NAME as _RUN
from sklearn_landslide.map_products._run_file import RunFile, file_digest
from sklearn_landslide.mapping import first_difference

_LOCK = "run.lock"
# A file on its way, as `whole_file` names it, and what SQLite keeps beside it.
_HIDDEN = re.compile(r"\.[0-9a-f]{12}\.partial[.a-z-]*")
# What others leave beside a finished file, and this package beside an unfinished one.
_BESIDE = re.compile(r"(\.partial(\.json|\.cog.*)?|\.aux\.xml|\.ovr|-wal|-shm|-journal)")


def _path_of(out):
    """Where the unfinished map of an output folder is."""
    existing, missing = existing_part(out)
    path = existing / (f"{missing}.partial" if missing else "map.partial")
    beside = out.with_name(f"{out.name}.partial")
    if missing or path.exists():
        return path
    # The output folder may have been made after the run was killed.
    found = RunFile.read(beside)
    return beside if found is not None and found.out == out.name else path


class WorkFolder:
    """Files on their way into an output folder, in a folder whose name ends in ``.partial``.

    Parameters
    ----------
    out : str or path-like
        The output folder.
    names : list of str
        The files that it will hold, the most important one first.
    steps : list of str
        Files that a run keeps for itself on the way, and takes up: they are not put in place.
    overwrite : bool
        Whether such files may be there already, and unfinished ones are thrown away.
    resume : bool
        Whether an unfinished run is taken up, and left to be taken up when this one fails.

    Raises
    ------
    ValueError
        If there are such files, or those of an unfinished run, and neither is wanted; if another
        run is at work; if the folder is not of an unfinished run.
    """

    def __init__(self, out, names, *, steps=(), overwrite, resume):
        self.names = list(names)
        self._all = [*names, *steps]
        self.resume = resume
        self.overwrite = overwrite
        self._lock = None
        self._state = None
        self.path = _path_of(Path(out).absolute())
        found = self._found()
        self._placed = self._delivered(Path(out).absolute(), found) if resume else []
        left = [name for name in self.names if name not in self._placed]
        self.target = OutputFolder(out, left, overwrite=overwrite)
        self.target.names = self.names

    def _found(self):
        """Read of which run the folder is; None if there is no folder; raise if not of one."""
        if not os.path.lexists(self.path):
            return None
        elsewhere = "move it away, or give another output folder."
        if self.path.is_symlink() or not self.path.is_dir():
            raise ValueError(f"{self.path} is not the folder of an unfinished map: {elsewhere}")
        there = sorted(os.listdir(self.path))
        if not there:
            # As a run leaves it that is killed at the very end.
            return None
        state = RunFile.read(self.path)
        if state is None:
            raise ValueError(
                f"{self.path} is not of an unfinished map, as it has no {_RUN} of one: {elsewhere}"
            )
        if strange := [name for name in there if not self._is_ours(name)]:
            raise ValueError(
                f"{self.path} holds {listed(strange, 3)}, which no unfinished map does: {elsewhere}"
            )
        Lock(self.path / _LOCK, self.path).check()
        if not (self.resume or self.overwrite):
            error = ValueError(
                f"{self.path} is of a run that did not end: take it up with resume=True, "
                "or delete it."
            )
            raise hinting(error, "resume=True")
        return state

    def _is_ours(self, name):
        if (self.path / name).is_symlink() or (self.path / name).is_dir():
            return False
        if name in (_RUN, _LOCK, *self._all) or _HIDDEN.fullmatch(name):
            return True
        owner = next((own for own in self._all if name.startswith(own)), None)
        return owner is not None and _BESIDE.fullmatch(name[len(owner) :]) is not None

    def _delivered(self, out, found):
        """List the files that a run had put in place already when it was killed."""
        finished = {} if found is None else found.finished
        return [
            name
            for name in self.names
            if name in finished
            and not os.path.lexists(self.path / name)
            and file_digest(out / name) == finished[name]
        ]

    def open(self, run, zones):
        """Begin, or take up a run of the same description.

        Parameters
        ----------
        run : dict
            What must be the same for an unfinished run to be taken up; JSON can hold it.
        zones : dict
            The same of the zones, which count once they are made.
        """
        new = RunFile(
            out=os.path.relpath(self.target.path, self.path.parent),
            run=json.loads(json.dumps(run)),
            zones=json.loads(json.dumps(zones)),
        )
        if not self.path.exists() or not os.listdir(self.path):
            self._create(new)
            return
        if self.resume:
            self._check_same(self._read(), new)
        lock = Lock(self.path / _LOCK, self.path)
        lock.take()
        try:
            # Again, now that no other run can change it.
            found = self._read()
            if self.resume:
                self._check_same(found, new)
                self._take_up(found, new)
            else:
                self._empty()
                self._state = new
            self._state.write(self.path)
        except BaseException:
            lock.release()
            raise
        self._lock = lock

    def _read(self):
        state = RunFile.read(self.path)
        if state is None:
            raise ValueError(f"{self.path} was changed by another program: move it away.")
        return state

    def _create(self, state):
        """Make the folder, with what says whose it is, in one step."""
        hidden = self.path.with_name(f".{secrets.token_hex(6)}.partial")
        hidden.mkdir()
        lock = Lock(hidden / _LOCK, self.path)
        try:
            lock.take()
            state.write(hidden)
            try:
                os.rename(hidden, self.path)
            except OSError:
                # Another run was faster: whoever it is, is told.
                self._found()
                raise
        except BaseException:
            lock.forget()
            shutil.rmtree(hidden, ignore_errors=True)
            raise
        lock.path = self.path / _LOCK
        self._lock, self._state = lock, state

    def _check_same(self, found, new):
        """Raise if an unfinished run is not of the same description."""
        difference = first_difference(found.run, new.run)
        if not difference and found.settled:
            difference = first_difference(found.zones, new.zones)
        if not difference:
            difference = first_difference({"out": found.out}, {"out": new.out})
        if difference:
            raise ValueError(
                f"{self.path} is of another run ({difference}): take it up with the same "
                "arguments, or delete it."
            )

    def _take_up(self, found, new):
        """Take up what is finished, if it is as it was written."""
        for name in self._placed:
            os.replace(self.target.path / name, self.path / name)
        intact = {
            name: digest
            for name, digest in found.finished.items()
            if name in self._all and file_digest(self.path / name) == digest
        }
        self._state = new
        if _MODEL in found.finished and _MODEL not in intact:
            # Whatever was made with it may be of another model.
            self._empty()
            return
        new.finished, new.settled = intact, found.settled
        for name in self._all:
            if name not in intact:
                (self.path / name).unlink(missing_ok=True)

    def _empty(self):
        """Remove what a run has left, but for what says whose the folder is."""
        for name in os.listdir(self.path):
            if name not in (_RUN, _LOCK) and self._is_ours(name):
                (self.path / name).unlink(missing_ok=True)

    def _remove(self):
        """Remove the folder with all that is the run's; what is not stays."""
        if all(map(self._is_ours, os.listdir(self.path))):
            # At once: nobody else is to find half of it.
            hidden = self.path.with_name(f".{secrets.token_hex(6)}.partial")
            os.rename(self.path, hidden)
            shutil.rmtree(hidden, ignore_errors=True)
            self._lock.forget()
        else:
            self._empty()
            (self.path / _RUN).unlink(missing_ok=True)
            self._lock.release()
        self._lock = None

    def has(self, name):
        """Say whether a file is finished."""
        return name in self._state.finished

    def finish(self, name):
        """Note that a file is finished."""
        self._state.finished[name] = file_digest(self.path / name)
        self._state.write(self.path)

    def drop(self, names):
        """Remove files that are of no use any more, and all that was begun of them."""
        gone = [name for name in names if self._state.finished.pop(name, None) is not None]
        if gone:
            self._state.write(self.path)
        for there in os.listdir(self.path):
            if there.startswith(tuple(names)) and self._is_ours(there):
                (self.path / there).unlink(missing_ok=True)

    def settle(self):
        """Note that the zones are made, and can no longer be others."""
        if not self._state.settled:
            self._state.settled = True
            self._state.write(self.path)

    def __truediv__(self, name):
        return self.path / name

    def write_text(self, name, text):
        """Write a small file."""
        Path(self.path, name).write_text(text, encoding="utf-8")
        self.finish(name)

    def deliver(self):
        """Put all files in place, and remove the folder."""
        self.target.place(self.path, [name for name in self.names if self.has(name)])
        with suppress(OSError):
            # Of no use any more, and no reason to fail.
            self._remove()

    def fail(self, error, *, keep):
        """Remove the folder, unless there is something in it to be taken up.

        Parameters
        ----------
        error : BaseException
            Why the run ends; it is told what is kept.
        keep : bool
            Whether finished work is kept, though nobody has asked for it.
        """
        if self._lock is None:
            return
        journals = [name for name in os.listdir(self.path) if name.endswith(".partial.json")]
        if (keep or self.resume) and (self._state.finished or journals):
            self._lock.release()
            self._lock = None
            note = f"what is finished is kept in {self.path}: go on with resume=True, or delete it"
            note_hinting(error, note, "resume=True")
        else:
            self._remove()


def map_work_folder(out, *, overwrite, resume):
    """Find out whether a map can be written into a folder, and return where it will be made.

    Parameters
    ----------
    out : str or path-like
        The output folder.
    overwrite, resume : bool
        As `WorkFolder` takes them.

    Returns
    -------
    work : WorkFolder
    """
    steps = (*STEPS, PREDICTIONS)
    return WorkFolder(out, FILES, steps=steps, overwrite=overwrite, resume=resume)
