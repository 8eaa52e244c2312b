"""The page on the architecture describes the package as it is."""

import re
from pathlib import Path

import pytest
from test_layers import HOMES, ROOMS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`([\w./]+(?:\.\w+|/))`", PAGE)))


def test_the_page_lists_the_rooms_in_their_order():
    listed = re.findall(r"^\| `(\w+)` \|", PAGE, re.M)
    assert listed == [room for room in ROOMS if not room.startswith("_")]


def test_the_page_names_libraries_only_beside_their_room():
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.*?) ?\|$", PAGE, re.M)
    named = {}
    for room, cell in rows:
        for name in filter(None, cell.split(", ")):
            named.setdefault(name.lower(), set()).add(room)
    assert named
    for library, rooms in named.items():
        assert HOMES[library] == rooms


def test_paths_are_found_in_the_page():
    assert {"nn/_net.py", "mapping/_rasters/", "tests/test_layers.py", "docs/api.rst"} <= {*PATHS}


@pytest.mark.parametrize("path", [path for path in PATHS if path != "__init__.py"])
def test_each_path_that_the_page_names_exists(path):
    assert (ROOT / path).exists() or (ROOT / "sklearn_landslide" / path).exists()
