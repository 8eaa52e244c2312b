"""What only the authors of a study know: its purpose, its inventory, sources of factors."""

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path

from sklearn_landslide._words import listed, nearest

# Where a fact stands in the file: table and key.
_PLACES = {
    "title": ("study", "title"),
    "region": ("study", "region"),
    "author": ("study", "author"),
    "date": ("study", "date"),
    "purpose": ("study", "purpose"),
    "zoning_type": ("zoning", "type"),
    "zoning_level": ("zoning", "level"),
    "scale": ("zoning", "scale"),
    "inventory_source": ("inventory", "source"),
    "inventory_period": ("inventory", "period"),
    "landslide_types": ("inventory", "types"),
    "inventory_completeness": ("inventory", "completeness"),
    "inventory_mapped_by": ("inventory", "mapped_by"),
}
_TABLES = ("study", "zoning", "inventory", "factors")
_MOST_BYTES = 2**20


@dataclass(frozen=True, kw_only=True)
class StudyFacts:
    """What the authors of a study state; the rest is printed as "not stated".

    Parameters
    ----------
    title, region, author, date, purpose : str or None, default=None
        The study: its heading, where it is, who made it and when, and what for.
    zoning_type, zoning_level, scale : str or None, default=None
        Type and level of the zoning and its scale, in the words of the JTC-1 guidelines [1]_:
        ``"susceptibility"``; ``"preliminary"``, ``"intermediate"`` or ``"advanced"``;
        ``"1:25 000"``.
    inventory_source, inventory_period, landslide_types : str or None, default=None
        Where the inventory comes from, which years it covers, and what kinds of landslides.
    inventory_completeness, inventory_mapped_by : str or None, default=None
        What is missing from it, and who mapped it, and how.
    factors : dict of str to str, default={}
        Source of each factor, by name.
    limits : tuple of str, default=()
        Sentences on what the map must not be used for, in addition to those that the page finds.

    References
    ----------
    .. [1] R. Fell, J. Corominas, C. Bonnard, L. Cascini, E. Leroi and W. Z. Savage, on behalf of
       the JTC-1 Joint Technical Committee on Landslides and Engineered Slopes, "Guidelines for
       landslide susceptibility, hazard and risk zoning for land use planning", Engineering Geology
       102, 85-98, 2008.

    Examples
    --------
    >>> from sklearn_landslide.report import StudyFacts
    >>> StudyFacts(scale="1:25 000", factors={"slope": "5 m elevation model"}).scale
    '1:25 000'
    """

    title: str | None = None
    region: str | None = None
    author: str | None = None
    date: str | None = None
    purpose: str | None = None
    zoning_type: str | None = None
    zoning_level: str | None = None
    scale: str | None = None
    inventory_source: str | None = None
    inventory_period: str | None = None
    landslide_types: str | None = None
    inventory_completeness: str | None = None
    inventory_mapped_by: str | None = None
    factors: dict = field(default_factory=dict)
    limits: tuple = ()

    def __post_init__(self):
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "factors":
                texts = [*value, *value.values()] if isinstance(value, dict) else [None]
            elif one.name == "limits":
                texts = value if isinstance(value, tuple | list) else [None]
            else:
                texts = [] if value is None else [value]
            if not all(isinstance(text, str) for text in texts):
                raise TypeError(f"{one.name} must be text, got {value!r}.")

    @classmethod
    def from_toml(cls, path):
        """Read the statements from a TOML file.

        Parameters
        ----------
        path : str or path-like
            The file, with the tables ``[study]``, ``[zoning]``, ``[inventory]`` and ``[factors]``
            and the list ``limits``; each of these may be left out.

        Returns
        -------
        facts : StudyFacts

        Raises
        ------
        ValueError
            If the file is not TOML, or has an unknown key, or a value that is not text.
        FileNotFoundError
            If there is no such file.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path} to read the facts of a study from.")
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"{path.name} is too large to be the facts of a study.")
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            reason = " ".join(str(error).split())
            raise ValueError(f"{path.name} is not a TOML file ({reason}).") from error
        return cls(**_read(content, path.name))


def _read(content, where):
    """Turn the tables of the file into arguments."""
    known = {".".join(place): name for name, place in _PLACES.items()}
    found = {}
    for table, values in content.items():
        if table == "limits":
            found["limits"] = _texts(values, where)
        elif table not in _TABLES:
            raise ValueError(_unknown(table, [*_TABLES, "limits"], where))
        elif not isinstance(values, dict):
            raise ValueError(f"{where}: {table!r} is a table, written as [{table}].")
        elif table == "factors":
            found["factors"] = {
                key: _text(one, f"factors.{key}", where) for key, one in values.items()
            }
        else:
            for key, one in values.items():
                name = f"{table}.{key}"
                if name not in known:
                    raise ValueError(_unknown(name, known, where))
                found[known[name]] = _text(one, name, where)
    return found


def _unknown(name, known, where):
    hint = nearest(name, known) or f" There are {listed(known)}."
    return f"{where} has a key {name!r} that is not known.{hint}"


def _text(value, name, where):
    """Read a text, or what TOML writes without quotes, such as a date or a year."""
    if isinstance(value, dict | list | bool):
        raise ValueError(f"{where}: {name!r} must be text, got {value!r}.")
    return str(value)


def _texts(values, where):
    if not isinstance(values, list):
        raise ValueError(f"{where}: 'limits' must be a list of sentences.")
    return tuple(_text(one, "limits", where) for one in values)
