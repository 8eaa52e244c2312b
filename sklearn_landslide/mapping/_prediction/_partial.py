"""A map that is being written: a GeoTIFF with its final size, and a journal of done windows."""

import hashlib
import json
import os
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from sklearn_landslide._hints import hinting
from sklearn_landslide._lock import claimed
from sklearn_landslide._optional import import_optional
from sklearn_landslide._version import __version__
from sklearn_landslide._whole_file import whole_file

# Goes up whenever journals of an earlier version can no longer be taken up.
_FORMAT = 1
# Windows of predict_map begin at multiples of this, so none shares a block with another.
_BLOCK = 128


@contextmanager
def failing_as(path):
    """Turn what GDAL and the system raise while a file is written into one line."""
    try:
        yield
    except Exception as error:
        # The base class of GDAL's own errors is in a module that rasterio keeps to itself; a
        # failure that GDAL says nothing about is a SystemError there.
        modules = {kind.__module__ for kind in type(error).__mro__}
        of_gdal = modules & {"rasterio._err", "rasterio.errors"} or isinstance(error, SystemError)
        if not (of_gdal or isinstance(error, OSError)):
            raise
        reason = "" if isinstance(error, SystemError) else f" ({' '.join(str(error).split())})"
        raise OSError(f"{path} cannot be written{reason}: is the disk full?") from error


def digest(block):
    """Short fingerprint of the numbers of a window."""
    return hashlib.blake2b(np.ascontiguousarray(block).tobytes(), digest_size=16).hexdigest()


def first_difference(found, expected):
    """Name the first entry in which two descriptions differ, and both its values."""
    for name in dict.fromkeys([*expected, *found]):
        one, other = found.get(name), expected.get(name)
        if one != other:
            if isinstance(one, dict) and isinstance(other, dict):
                return first_difference(one, other)
            return f"{name} is {one!r}, not {other!r}"
    return ""


class PartialMap:
    """The unfinished form of a map file, which a killed run leaves behind.

    The numbers are not compressed, so every window has its place in the file from the start:
    writing one never moves another, and the disk is known to suffice. A window counts as
    done once it was read back as it was written and its line is in the journal.

    Parameters
    ----------
    path : Path
        The file that the map will become. All files of the unfinished map are beside it and
        have its name with ``.partial`` behind.
    profile : dict
        What rasterio needs to create the file: width, height, count, dtype, crs, transform,
        nodata.
    about : dict
        Whatever must be the same for a run to take up this one; JSON can hold it.
    """

    def __init__(self, path, profile, about):
        self.file = Path(f"{path}.partial")
        self.journal = Path(f"{path}.partial.json")
        self.cog = Path(f"{path}.partial.cog")
        self.profile = profile
        self.about = {"format": _FORMAT, "sklearn_landslide": __version__, **about}
        self.done = {}
        self._claimed = None

    def create(self, tags, descriptions, colors, facts=()):
        """Create the file with all its space, and an empty journal.

        Parameters
        ----------
        tags : dict of str to str
            Tags of the file.
        descriptions : list of str
            Names of the bands.
        colors : dict of int to tuple of 4 int, or None
            Color table of the first band.
        facts : sequence of tuple (str, dict of str to str), default=()
            Unit and tags of each band.
        """
        rasterio = import_optional("rasterio", extra="map")
        self.claim()
        self.remove()
        try:
            with failing_as(self.journal), whole_file(self.journal) as hidden:
                hidden.write_text(json.dumps({"about": self.about}) + "\n", encoding="utf-8")
            self.claim()
            with failing_as(self.file):
                with rasterio.open(
                    self.file,
                    "w",
                    driver="GTiff",
                    tiled=True,
                    blockxsize=_BLOCK,
                    blockysize=_BLOCK,
                    interleave="band",
                    bigtiff="IF_SAFER",
                    **self.profile,
                ) as out:
                    out.update_tags(**tags)
                    out.descriptions = descriptions
                    if colors is not None:
                        out.write_colormap(1, colors)
                    for number, (unit, band_tags) in enumerate(facts, start=1):
                        out.set_band_unit(number, unit)
                        out.update_tags(number, **band_tags)
                size = os.path.getsize(self.file)
                if size < self.n_bytes():
                    raise OSError(f"{size} of {self.n_bytes()} bytes written")
        except BaseException:
            self.remove()
            raise

    def n_bytes(self):
        """Size of the numbers."""
        shape = (self.profile["count"], self.profile["height"], self.profile["width"])
        return int(np.prod(shape)) * np.dtype(self.profile["dtype"]).itemsize

    def take_up(self, windows):
        """Read the journal of a killed run, and check what it says is done.

        Parameters
        ----------
        windows : list of tuple of 4 int
            The windows of the map; of others the journal may say what it likes.

        Raises
        ------
        ValueError
            If the run was one of another map.
        """
        about, lines = self._read_journal()
        if difference := first_difference(about, json.loads(json.dumps(self.about))):
            error = ValueError(
                f"{self.file} is of another run ({difference}): delete it, or start again "
                "(resume=False)."
            )
            raise hinting(error, "resume=False")
        with open(self.journal, "rb+") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                # The last line is torn: the next one must not be joined to it.
                file.write(b"\n")
        found = {str(list(window)): window for window in windows}
        with self._open_to_read() as source:
            for entry in lines:
                window = found.get(str(entry.get("window")))
                if window and self._is_intact(source, window, entry.get("digest")):
                    self.done[window] = entry["digest"]

    def is_there(self):
        """Say whether a killed run has left all that it takes to go on."""
        return self.journal.exists() and self.file.exists()

    def claim(self):
        """Make sure that what is there is of an unfinished map, and that nobody else writes it.

        Raises
        ------
        ValueError
            If it is not, or another process does.
        """
        self.release()
        there = [path for path in (self.file, self.journal, self.cog) if os.path.lexists(path)]
        if not there:
            return
        strange = [path for path in there if path.is_symlink() or not path.is_file()]
        if not strange and self.journal in there:
            self._claimed = claimed(self.journal, self.file)
            if self._read_journal()[0] is None:
                strange = [self.journal]
        elif not strange:
            strange = there
        if strange:
            self.release()
            raise ValueError(
                f"{strange[0]} is not of an unfinished map: move it away, or write elsewhere."
            )

    @property
    def is_claimed(self):
        """Whether what is there is this process's to change."""
        return self._claimed is not None

    def release(self):
        """Let others write the map."""
        if self._claimed is not None:
            self._claimed.close()
            self._claimed = None

    def _read_journal(self):
        """Read the description in the journal, None if there is none, and its other lines."""
        lines = []
        with open(self.journal, "rb") as file:
            for line in file:
                try:
                    lines.append(json.loads(line))
                except (ValueError, RecursionError):
                    # The line that was being written when the run was killed.
                    lines.append(None)
        about = lines[0].get("about") if lines and isinstance(lines[0], dict) else None
        is_ours = isinstance(about, dict) and "sklearn_landslide" in about
        return about if is_ours else None, [one for one in lines[1:] if isinstance(one, dict)]

    def _open_to_read(self):
        """Open the file of a killed run, which must be of the size that the map has."""
        shape = tuple(self.profile[name] for name in ("count", "height", "width", "dtype"))
        error = ValueError(f"{self.file} is damaged: delete it, or start again (resume=False).")
        try:
            source = self._open("r")
        except Exception as cause:
            # What GDAL finds wrong with it has many names.
            raise hinting(error, "resume=False") from cause
        if (source.count, source.height, source.width, source.dtypes[0]) != shape:
            source.close()
            raise hinting(error, "resume=False")
        return source

    def _is_intact(self, source, window, expected):
        try:
            return digest(self._read(source, window)) == expected
        except Exception as error:
            if type(error).__module__.startswith("rasterio"):
                # Cut off: the window is computed again.
                return False
            raise

    def probe(self):
        """Find a done window, with data if there is one, and its fingerprint; or None."""
        nodata = self.profile["nodata"]
        with self._open("r") as source:
            for window, expected in self.done.items():
                block = self._read(source, window)
                if np.any((block != nodata) & (block == block)):
                    return window, expected
        return next(iter(self.done.items()), None)

    def write(self, blocks):
        """Write windows, and enter them in the journal once they can be read back.

        Parameters
        ----------
        blocks : dict of tuple of 4 int to ndarray of shape (bands, rows, columns)
            By row, column, height and width of the window.
        """
        with failing_as(self.file):
            with self._open("r+") as out:
                for window, block in blocks.items():
                    out.write(block, window=self._window(window))
            with self._open("r") as source:
                for window, block in blocks.items():
                    if digest(self._read(source, window)) != digest(block):
                        raise OSError(f"window {window} was not kept")
            for window, block in blocks.items():
                self.done[window] = digest(block)
                self._append({"window": window, "digest": digest(block)})

    def write_cog(self, resampling, *, by_band=False):
        """Write the finished numbers as a Cloud-Optimized GeoTIFF, and check it.

        Parameters
        ----------
        resampling : str
            How the overviews are made of the pixels, in GDAL's words.
        by_band : bool, default=False
            Whether to write floats as a tiled GeoTIFF of one band after the other instead, with
            overviews behind. A COG keeps all bands of a tile together: to read a window of one of
            many bands is to unpack, and to hold, that of all.
        """
        rasterio = import_optional("rasterio", extra="map")
        shutil = import_optional("rasterio.shutil", extra="map")
        usual = {"compress": "DEFLATE", "bigtiff": "IF_SAFER"}
        with failing_as(self.cog):
            if by_band:
                usual |= {"predictor": "3", "tiled": True, "blockxsize": 512, "blockysize": 512}
                shutil.copy(self.file, self.cog, driver="GTiff", interleave="band", **usual)
                self._add_overviews(resampling)
            else:
                usual |= {"predictor": "YES", "blocksize": 512}
                shutil.copy(
                    self.file, self.cog, driver="COG", overview_resampling=resampling, **usual
                )
            with self._open("r") as source, rasterio.open(self.cog) as cog:
                for _, window in cog.block_windows(1):
                    if digest(cog.read(window=window)) != digest(source.read(window=window)):
                        raise OSError(f"{window} was not kept")
            # Before the rename: it must not reach the disk before the numbers do.
            with open(self.cog, "rb+") as file:
                os.fsync(file.fileno())

    def _add_overviews(self, resampling):
        """Add overviews to the copy until one fits in a tile, as those of a COG."""
        rasterio = import_optional("rasterio", extra="map")
        enums = import_optional("rasterio.enums", extra="map")
        with rasterio.open(self.cog, "r+") as file:
            smaller = max(file.shape) / 512
            factors = [2**power for power in range(1, 32) if 2 ** (power - 1) < smaller]
            if factors:
                file.build_overviews(factors, enums.Resampling[resampling])

    def remove(self):
        """Remove all files of the unfinished map."""
        self.remove_cog()
        # The journal last: it says whose the others are.
        for file in (self.file, self.journal):
            file.unlink(missing_ok=True)
        self.release()

    def remove_cog(self):
        """Remove the copy in the final format, and what GDAL keeps beside it meanwhile."""
        for file in self.cog.parent.iterdir():
            if file.name.startswith(self.cog.name):
                file.unlink(missing_ok=True)

    def _open(self, mode):
        return import_optional("rasterio", extra="map").open(self.file, mode)

    def _read(self, source, window):
        return source.read(window=self._window(window))

    def _window(self, window):
        row, column, height, width = window
        windows = import_optional("rasterio.windows", extra="map")
        return windows.Window(column, row, width, height)

    def _append(self, entry):
        """Add a line to the journal, through to the disk."""
        with failing_as(self.journal), open(self.journal, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())
