"""What the command ``inspect`` has written, read again and checked for the page of a study."""

import json
from dataclasses import dataclass
from pathlib import Path
from sys import float_info

import pandas as pd

from sklearn_landslide._escaping import escaped
from sklearn_landslide._words import listed
from sklearn_landslide.model_selection import LeakageAudit
from sklearn_landslide.report._study_folders import picture_of, written_by

# Version of inspection.json.
INSPECTION_FORMAT = 1
NAME = "inspection.json"
_MOST_BYTES = 2**26
PARTS = ("effects", "importance", "residuals")
# The table of each part that a page shows, and its columns: True where a number is needed.
TABLES = {
    "effects": ("factors", {"factor": False, "strength": True, "shape": False}),
    "importance": (
        "table",
        {"factor": False, "conditional": False, "mean": True, "low": True, "high": True},
    ),
    "residuals": (
        "correlogram",
        {"from": True, "to": True, "n_pairs": True, "moran_i": True, "pvalue_holm": True},
    ),
}
_OF_AUDIT = ("check", "verdict", "finding", "advice")


@dataclass(frozen=True, eq=False)
class InspectionFolder:
    """What the command ``inspect`` has written.

    Parameters
    ----------
    model, table : str
        Name of the model, and what it was inspected on.
    audit : LeakageAudit
        Rebuilt from the file.
    parts : dict of str to dict
        ``effects``, ``importance`` and, if there are any, ``residuals``, as their ``to_dict``
        gives them.
    pictures : dict of str to str
        The picture of each part as a data URI.
    """

    model: str
    table: str
    audit: LeakageAudit
    parts: dict
    pictures: dict


class _Refused(ValueError):
    """What is wrong with the file, in words that go after its name."""


def read_inspection(folder):
    """Read what the command ``inspect`` has written.

    Parameters
    ----------
    folder : str or path-like
        What ``inspect --out`` was given.

    Returns
    -------
    found : InspectionFolder

    Raises
    ------
    ValueError
        If the folder is none of that command, or its file contradicts what is known of it.
    """
    path = written_by("inspect", folder, NAME, _MOST_BYTES)
    try:
        facts = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant)
        parts = _checked(facts)
        audit = _audit_of(_table_of(facts, "audit"))
    except _Refused as error:
        raise ValueError(f"{path} is not of the command inspect: {error}.") from None
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} cannot be read ({reason}).") from None
    pictures = {name: picture_of(Path(folder) / f"{name}.png") for name in parts}
    if missing := [f"{name}.png" for name, picture in pictures.items() if picture is None]:
        raise ValueError(f"{folder} lacks a picture, or it is not a PNG: {listed(missing)}.")
    return InspectionFolder(facts["model"], facts["table"], audit, parts, pictures)


def _no_constant(name):
    raise _Refused(f"it holds {name}, which is not a number")


def _table_of(facts, name):
    if not isinstance(facts.get(name), dict):
        raise _Refused(f"it has no {name}")
    return facts[name]


def _checked(facts):
    """Return the parts that a page shows, or say what is wrong with them."""
    if not isinstance(facts, dict):
        raise _Refused("it is not an object")
    if facts.get("format") != INSPECTION_FORMAT:
        raise _Refused(
            f"its format is {escaped(facts.get('format'))[:40]}, and {INSPECTION_FORMAT} is known"
        )
    for name in ("model", "table"):
        if not isinstance(facts.get(name), str):
            raise _Refused(f"its {name} is not text")
        facts[name] = escaped(facts[name])
    names = [name for name in PARTS if name != "residuals" or facts.get(name) is not None]
    return {name: _part(name, _table_of(facts, name)) for name in names}


def _part(name, part):
    """Check the sentences and the table of a part."""
    words = part.get("in_words")
    if not isinstance(words, list) or not all(isinstance(one, str) for one in words):
        raise _Refused(f"the words of {name} are not a list of texts")
    table, columns = TABLES[name]
    rows = _rows(part, table, name)
    for row in rows:
        for column, is_number in columns.items():
            if column not in row:
                raise _Refused(f"a row of {name} has no {column}")
            _check_cell(name, column, row[column], is_number)
    found = {"in_words": [escaped(one) for one in words], table: rows}
    if name == "importance":
        if not isinstance(part.get("scoring"), str):
            raise _Refused("the score of importance is not text")
        found["scoring"] = escaped(part["scoring"])
    return found


def _rows(part, table, name):
    """Return the rows of a table, their texts on one line each."""
    rows = part.get(table)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _Refused(f"{table} of {name} is not a table")
    return [
        {key: escaped(one) if isinstance(one, str) else one for key, one in row.items()}
        for row in rows
    ]


def _check_cell(name, column, value, is_number):
    if value is None:
        return
    if is_number and not _is_number(value):
        raise _Refused(f"{column} of {name} is not a number")
    if not is_number and not isinstance(value, str | bool):
        raise _Refused(f"{column} of {name} is not text")


def _is_number(value):
    """Say whether a value is a number that a table can show: 1e999 is none."""
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    return is_one and abs(value) <= float_info.max


def _audit_of(part):
    """Rebuild an audit."""
    rows = _rows(part, "findings", "audit")
    for row in rows:
        if not all(isinstance(row.get(name), str) for name in _OF_AUDIT):
            raise _Refused("a finding of the audit is not text")
    table = [{name: row[name] for name in _OF_AUDIT} | {"numbers": {}} for row in rows]
    if not table:
        raise _Refused("its audit is empty")
    return LeakageAudit(pd.DataFrame(table).set_index("check"))
