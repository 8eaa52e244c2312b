"""Damaged tables: whatever the bytes, a table or one line comes out.

``python tests/tables/fuzz.py [seconds] [first seed]`` goes on for longer than the tests do, and
prints the seed of what fails.
"""

import gzip
import io
import sys
import tempfile
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from sklearn_landslide.tables import read_table

ROLES = [
    {"target": "landslide", "categorical": ["soil"], "coordinates": ["x", "y"]},
    {"target": "landslide"},
    {"target": "landslide", "categorical": ["soil", "slope"], "strata": ["soil"], "nodata": -9999},
    {"target": "soil", "drop": "slope", "nodata": {"x": [0, "None"]}, "positive_class": 1},
]
ALLOWED = (ValueError, OSError, ImportError)
# What hostile cells hold.
WORDS = [
    *("", "nan", "inf", "-1.8e308", "1e999", "-9999", "None", "NA", "True", "0x1F", "1_000", "１"),
    *(
        "1.269",
        "1,5",
        "1.234.567",
        "007",
        "2020-01-01",
        "9" * 400,
        "1e+99",
        "\0",
        '"',
        "é",
        "\ufeff",
    ),
    *("\n", "\r", ";", "\t", ",", "=1+1", "#N/A", "9007199254740993", "-0", "+1", "1e-400"),
]


def seeds():
    """Whole tables of every format, by suffix."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "x": rng.uniform(0, 1000, 30).round(1),
            "y": rng.uniform(0, 1000, 30).round(1),
            "slope": rng.uniform(0, 60, 30).round(2),
            "soil": rng.integers(1, 4, 30),
            "landslide": np.arange(30) % 2,
        }
    )
    text = frame.to_csv(index=False).encode()
    book, parquet, plain, archive = (io.BytesIO() for _ in range(4))
    frame.to_excel(book, index=False)
    frame.astype({"soil": "category"}).to_parquet(parquet)
    frame.to_parquet(plain, compression=None)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("places.csv", text)
    return [
        text,
        frame.to_csv(index=False, sep=";", decimal=",").encode(),
        frame.to_csv(index=False, sep="\t").encode("utf-16"),
        gzip.compress(text, mtime=0),
        archive.getvalue(),
        book.getvalue(),
        parquet.getvalue(),
        plain.getvalue(),
    ]


def damage_bytes(data, rng):
    """Change, insert, repeat or cut off some bytes."""
    data = bytearray(data)
    for _ in range(rng.integers(1, 8)):
        if not data:
            break
        place = int(rng.integers(len(data)))
        length = int(rng.integers(1, 20))
        kind = rng.integers(6)
        if kind == 0:
            data[place] = int(rng.integers(256))
        elif kind == 1:
            data[place : place + length] = rng.bytes(length)
        elif kind == 2:
            del data[place : place + length]
        elif kind == 3:
            data[place:place] = data[place : place + length]
        elif kind == 4:
            data[place:place] = WORDS[rng.integers(len(WORDS))].encode()
        elif rng.random() < 0.3:
            del data[place:]
    return bytes(data)


def damage_cells(data, rng):
    """Damage a table of text, or the text inside a book, cell by cell."""
    if data.startswith(b"PK") and b"xl/workbook.xml" in data:
        return _damage_book(data, rng)
    try:
        rows = [line.split(b",") for line in data.split(b"\n")]
        data.decode()
    except UnicodeDecodeError:
        return damage_bytes(data, rng)
    for _ in range(rng.integers(1, 12)):
        row = rows[rng.integers(len(rows))]
        row[rng.integers(len(row))] = WORDS[rng.integers(len(WORDS))].encode()
    return b"\n".join(b",".join(row) for row in rows)


def _damage_book(data, rng):
    """Damage one part of an Excel book behind a valid archive."""
    old, new = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    names = old.namelist()
    unlucky = names[rng.integers(len(names))]
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            part = old.read(name)
            file.writestr(name, damage_bytes(part, rng) if name == unlucky else part)
    return new.getvalue()


def damaged(seed, tables):
    """The bytes of a damaged table; the same for a seed."""
    rng = np.random.default_rng(seed)
    data = tables[rng.integers(len(tables))]
    return (damage_bytes if rng.random() < 0.5 else damage_cells)(data, rng)


def read(data, folder, roles=ROLES[0]):
    """Read bytes as a table; raise AssertionError for anything but a table or one line."""
    path = Path(folder, "places")
    path.write_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = read_table(path, **roles)
    except ALLOWED as error:
        assert "\n" not in str(error).strip(), f"more than one line: {error}"
        return None
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error}") from error
    assert table.y.dtype == np.int64
    assert len(table.X) == len(table.y)
    values = table.X.select_dtypes("number").to_numpy(dtype=float)
    assert not np.isinf(values).any()
    assert not (np.abs(values) > 1e30).any()
    return table


def fuzz(seconds, first=0):
    """Read damaged tables for a time; return how many, and how many of them were tables."""
    tables, count, n_read = seeds(), 0, 0
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            seed = first + count
            try:
                roles = ROLES[seed % len(ROLES)]
                n_read += read(damaged(seed, tables), folder, roles) is not None
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {error}") from error
            count += 1
    return count, n_read


if __name__ == "__main__":
    print(fuzz(*map(int, sys.argv[1:] or ["60"])))
