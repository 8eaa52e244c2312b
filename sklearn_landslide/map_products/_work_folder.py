"""The folder in which a map is made, and which a killed run leaves to be taken up."""

import json
import os
import shutil
from pathlib import Path

from sklearn_landslide._hints import hinting
from sklearn_landslide._output_folder import OutputFolder, existing_part
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.mapping import first_difference

_RUN = "run.json"


class WorkFolder:
    """Files on their way into an output folder, in a folder whose name ends in ``.partial``.

    Parameters
    ----------
    out : str or path-like
        The output folder.
    names : list of str
        The files that it will hold, the most important one first.
    overwrite : bool
        Whether such files may be there already, and unfinished ones are thrown away.
    resume : bool
        Whether an unfinished run is taken up, and left to be taken up when this one fails.

    Raises
    ------
    ValueError
        If there are such files, or those of an unfinished run, and neither is wanted.
    """

    def __init__(self, out, names, *, overwrite, resume):
        self.names = list(names)
        self.resume = resume
        self.target = OutputFolder(out, names, overwrite=overwrite)
        existing, missing = existing_part(self.target.path)
        self.path = existing / (f"{missing}.partial" if missing else "map.partial")
        if self.path.exists() and overwrite and not resume:
            shutil.rmtree(self.path)
        if self.path.exists() and not resume:
            error = ValueError(
                f"{self.path} is of a run that did not end: take it up with resume=True, "
                "or delete it."
            )
            raise hinting(error, "resume=True")

    def open(self, run):
        """Begin, or take up a run of the same description.

        Parameters
        ----------
        run : dict
            What must be the same for an unfinished run to be taken up; JSON can hold it.
        """
        run = json.loads(json.dumps(run))
        journal = self.path / _RUN
        if journal.exists():
            found = json.loads(journal.read_text(encoding="utf-8"))
            if difference := first_difference(found, run):
                raise ValueError(
                    f"{self.path} is of another run ({difference}): take it up with the same "
                    "arguments, or delete it."
                )
            return
        self.path.mkdir(exist_ok=True)
        with whole_file(journal) as hidden:
            hidden.write_text(json.dumps(run), encoding="utf-8")

    def has(self, name):
        """Say whether a file is finished."""
        return (self.path / name).exists()

    def __truediv__(self, name):
        return self.path / name

    def write_text(self, name, text):
        """Write a small file."""
        Path(self.path, name).write_text(text, encoding="utf-8")

    def deliver(self):
        """Put all files in place, and remove the folder."""

        def mover(name):
            return lambda path: os.replace(self.path / name, path)

        self.target.names = [name for name in self.names if self.has(name)]
        self.target.write({name: mover(name) for name in self.target.names})
        for name in set(self.names) - set(self.target.names):
            # Of an earlier run, and not of this one.
            (self.target.path / name).unlink(missing_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)

    def fail(self):
        """Remove the folder, unless it is to be taken up."""
        if not self.resume:
            shutil.rmtree(self.path, ignore_errors=True)
