"""What mends a finding, as an option of the command line and in Python."""

from dataclasses import dataclass

from sklearn_landslide._typed import quoted

TABLE, RASTERS = "table", "rasters"


@dataclass(frozen=True)
class Remedies:
    """Spells remedies for a table that was read, or was made of rasters.

    Parameters
    ----------
    names : tuple of str
        All factors.
    source : {"table", "rasters"}
        Where the table comes from. Rasters are not dropped: the others are named.
    """

    names: tuple
    source: str

    def drop(self, names):
        """Leave factors out."""
        if self.source == TABLE:
            return self._spelled("drop", list(names))
        kept = [name for name in self.names if name not in names]
        return self._spelled("factors", kept) if kept else {}

    def categorical(self, names):
        """Take codes for classes."""
        return self._spelled("categorical", list(names))

    def coordinates(self, names):
        """Take two columns for coordinates."""
        return self._spelled("coordinates", list(names))

    def nodata(self, values):
        """Declare values, everywhere or by factor."""
        if isinstance(values, dict):
            pairs = [(name, one) for name, some in values.items() for one in _listed(some)]
            words = [f"{name}={one}" for name, one in pairs]
        else:
            words = _listed(values)
        return self._spelled("nodata", values, words)

    def _spelled(self, name, value, words=None):
        words = value if words is None else words
        return {
            "option": quoted([f"--{name}", *map(str, words)]),
            "python": f"{name}={value!r}",
        }


def _listed(values):
    return values if isinstance(values, list) else [values]
