"""The pages for readers list everything public, and the factors as the code knows them."""

import importlib
import re
from pathlib import Path

import pytest
from test_layers import ROOMS as ALL_ROOMS

from sklearn_landslide.terrain._factor_table import DISC, TABLE

DOCS = Path(__file__).parents[1] / "docs"
LISTED = set(re.findall(r"^   ([\w.]+)$", (DOCS / "api.rst").read_text(encoding="utf-8"), re.M))
ROOMS = [room for room in ALL_ROOMS if not room.startswith("_") and room != "cli"]


@pytest.mark.parametrize("room", ROOMS)
def test_the_page_of_the_api_lists_what_is_public(room):
    top = set(importlib.import_module("sklearn_landslide").__all__)
    public = set(importlib.import_module(f"sklearn_landslide.{room}").__all__)
    assert {name for name in public if not {name, f"{room}.{name}"} & LISTED} == set()
    # What the package itself offers is listed there, not twice.
    assert not {name for name in public & top if f"{room}.{name}" in LISTED}


def test_every_entry_of_the_page_exists():
    for entry in LISTED:
        room, _, name = f"sklearn_landslide.{entry}".rpartition(".")
        assert name in importlib.import_module(room).__all__


def test_the_conventions_name_the_factors_of_an_elevation_model():
    page = (DOCS / "conventions.md").read_text(encoding="utf-8")
    table = page.partition("## Factors of an elevation model")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)(<meters>)?` \| (\S+) \| (.*) \|$", table, re.M)
    *rows, (line, *_) = rows
    assert line == "distance_to_NAME"
    assert rows == [
        (
            f"{name}_" if factor.needs == DISC else name,
            "<meters>" if factor.needs == DISC else "",
            factor.units,
            factor.long_name,
        )
        for name, factor in TABLE.items()
    ]
