"""The folder of an event: of which run its hours are."""

import json
from pathlib import Path

from sklearn_landslide._hints import hinting
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import listed
from sklearn_landslide.map_products._run_file import file_digest
from sklearn_landslide.mapping import HourFiles, first_difference, raster_parts

STATE = "nowcast.json"
LOCK = ".nowcast.lock"
_KIND = "sklearn-landslide nowcast"


def describe(request, every):
    """Say what must be the same for hours to belong together.

    Parameters
    ----------
    request : NowcastRequest
        What is asked for.
    every : Timedelta
        From one hour to the next.

    Returns
    -------
    run : dict
        Fingerprints of the model and of the rasters, and the time from one hour to the next.
    """
    parts = {part for path in request.stack for part in raster_parts(path)[0]}
    # Statistics that a GIS keeps beside a raster are no other raster.
    parts = sorted(part for part in parts if not part.name.endswith(".aux.xml"))
    return {
        "model": file_digest(Path(request.model)),
        "stack": {path.name: file_digest(path) for path in parts},
        "step": every.isoformat(),
    }


class EventFolder:
    """Hours of one run, to which later ones are added.

    Parameters
    ----------
    out : str or path-like
        The folder, which is made by the first hour.
    run : dict
        What :func:`describe` returns.
    overwrite : bool
        Whether hours of another run are thrown away.

    Raises
    ------
    ValueError
        If the folder holds something else, or hours of another run.
    """

    def __init__(self, out, run, *, overwrite):
        self.path = Path(out).absolute()
        self.hours = HourFiles(self.path / "hours")
        self._run, self._renew = run, False
        if self.path.exists() and not self.path.is_dir():
            raise ValueError(f"{self.path} is a file, not a folder; give another output folder.")
        there = sorted(path.name for path in self.path.iterdir()) if self.path.is_dir() else []
        there = [name for name in there if not name.startswith(".")]
        if not there:
            return
        found = self._read()
        if found is None:
            raise ValueError(
                f"{self.path} holds {listed(there, 3)} and no {STATE} of an event: give another "
                "output folder."
            )
        if difference := first_difference(found, run):
            if not overwrite:
                error = ValueError(
                    f"{self.path} holds hours of another run ({difference}): give another output "
                    "folder, or throw them away with overwrite=True."
                )
                raise hinting(error, "overwrite=True")
            self._renew = True

    def _read(self):
        try:
            found = json.loads((self.path / STATE).read_bytes())
        except (OSError, ValueError):
            return None
        is_ours = isinstance(found, dict) and found.get("kind") == _KIND
        return found.get("run") if is_ours and isinstance(found.get("run"), dict) else None

    def times(self):
        """List the hours that are finished."""
        return self.hours.times()[:0] if self._renew else self.hours.times()

    def open(self):
        """Say in the folder of which run it is, and clear up what a killed run has left."""
        self.hours.folder.mkdir(exist_ok=True)
        for leftover in self.hours.folder.glob(".*.partial.tif"):
            leftover.unlink()
        if self._renew:
            for time in self.hours.times():
                self.hours.path(time).unlink()
            self._renew = False
        text = json.dumps({"kind": _KIND, "format": 1, "run": self._run}, indent=1) + "\n"
        with whole_file(self.path / STATE) as hidden:
            hidden.write_text(text, encoding="utf-8")
