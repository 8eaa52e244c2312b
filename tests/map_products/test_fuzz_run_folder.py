"""Damaged and forged folders of unfinished maps, for seconds; by hand for as long as wanted."""

import json
import os

import pytest

pytest.importorskip("rioxarray")

from map_products import fuzz_run_folder
from map_products.fuzz_run_folder import NAMES, RUN, SEEDS, ZONES, fuzz

from sklearn_landslide.map_products._run_file import RunFile
from sklearn_landslide.map_products._work_folder import WorkFolder

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs and alarms")


def test_whatever_is_in_the_folder_a_run_begins_or_says_why_not():
    counts = fuzz(seconds=60, seed=14, most=150)
    assert min(tried for tried, _ in counts.values()) > 3


@pytest.mark.parametrize("number", range(len(SEEDS)))
@pytest.mark.parametrize("asked", ["resume", "overwrite"])
def test_a_description_that_is_none_is_refused_in_one_line(tmp_path, number, asked):
    (tmp_path / "map.partial").mkdir()
    (tmp_path / "map.partial" / "run.json").write_bytes(SEEDS[number])

    def begin():
        asks = {"resume": False, "overwrite": False} | {asked: True}
        work = WorkFolder(tmp_path / "map", NAMES, **asks)
        work.open(RUN, ZONES)
        work.fail(RuntimeError(), keep=False)

    before = fuzz_run_folder.contents(tmp_path)
    refused = fuzz_run_folder.attempt(begin)
    if RunFile.read(tmp_path / "map.partial") is None and refused is not None:
        assert fuzz_run_folder.contents(tmp_path) == before
        assert "map.partial" in str(refused)


@pytest.mark.parametrize("value", [None, [], "", 7, {"versions": None}, {"files": None}])
def test_a_description_of_other_types_is_another_run(tmp_path, value):
    WorkFolder(tmp_path / "map", NAMES, overwrite=False, resume=True).open(RUN, ZONES)
    path = tmp_path / "map.partial" / "run.json"
    (tmp_path / "map.partial" / "run.lock").unlink()
    path.write_text(json.dumps(json.loads(path.read_text()) | {"run": value}))
    with pytest.raises(ValueError, match=r"is of another run|is not of an unfinished map"):
        WorkFolder(tmp_path / "map", NAMES, overwrite=False, resume=True).open(RUN, ZONES)
