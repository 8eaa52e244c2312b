"""Memory: what a system tells of it, and the refusal of what would not fit."""

import numpy as np
import pytest

from sklearn_landslide.terrain import _drainage, _memory, drainage, flow_memory


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Write files as Linux has them; whatever else the system tells is not asked."""
    monkeypatch.setattr(_memory, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(_memory, "_CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(_memory.os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096}.get(name, 10))

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


def test_what_linux_says_is_available_counts(system):
    system(proc__meminfo="MemTotal: 9000 kB\nMemFree: 1 kB\nMemAvailable: 5000 kB\n")
    assert _memory.available_memory() == 5000 * 1024


def test_free_pages_count_where_there_is_no_meminfo(system):
    assert _memory.available_memory() == 40960


def test_nothing_is_known_where_nothing_is_told(system, monkeypatch):
    def refuse(name):
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(_memory.os, "sysconf", refuse)
    assert _memory.available_memory() is None


def test_the_tightest_control_group_around_the_process_counts(system):
    system(
        proc__meminfo="MemAvailable: 5000 kB\n",
        proc__self__cgroup="0::/jobs/one\n",
        cgroup__jobs__memory_dot_max="3000000\n",
        cgroup__jobs__memory_dot_current="1000000\n",
        cgroup__jobs__memory_dot_stat="anon 700000\ninactive_file 200000\n",
        cgroup__jobs__one__memory_dot_max="max\n",
        cgroup__jobs__one__memory_dot_current="1000000\n",
    )
    assert _memory.available_memory() == 2_200_000


def test_control_groups_of_the_first_version_count(system):
    system(
        proc__meminfo="MemAvailable: 5000 kB\n",
        proc__self__cgroup="4:memory:/docker/host\n9:name=systemd:/\n0::/\n",
        cgroup__memory__memory_dot_limit_in_bytes="3000000\n",
        cgroup__memory__memory_dot_usage_in_bytes="2500000\n",
    )
    assert _memory.available_memory() == 500_000


def test_a_group_that_is_over_its_limit_has_nothing_left(system):
    system(
        proc__self__cgroup="0::/\n",
        cgroup__memory_dot_max="1000\n",
        cgroup__memory_dot_current="2000\n",
    )
    assert _memory.available_memory() == 0


def test_a_raster_that_needs_more_than_there_is_is_refused_in_a_line(monkeypatch):
    monkeypatch.setattr(_drainage, "available_memory", lambda: 3_000_000)
    monkeypatch.setattr(_drainage, "fill_depressions", None)
    with pytest.raises(MemoryError, match=r"20 x 30 cells needs up to 200 MB.* 3 MB are") as no:
        drainage(np.zeros((20, 30)), cell_size=1.0)
    assert "coarser" in str(no.value)
    assert "\n" not in str(no.value)


def test_what_is_needed_is_told_and_unknown_memory_is_no_reason_to_stop(monkeypatch):
    monkeypatch.setattr(_drainage, "available_memory", lambda: None)
    said = []
    drainage(np.zeros((20, 30)), cell_size=1.0, log=said.append)
    assert said == ["flow over 20 x 30 cells needs up to 200 MB of memory"]


def test_more_cells_than_an_index_holds_are_refused(monkeypatch):
    monkeypatch.setattr(_drainage, "_MOST_CELLS", 599)
    with pytest.raises(ValueError, match="over 599 cells, not 20 x 30 cells: use a coarser"):
        drainage(np.zeros((20, 30)), cell_size=1.0)


def test_memory_is_estimated_by_the_cell():
    assert flow_memory((2000, 3000)) - flow_memory((1000, 3000)) == 120 * 3_000_000
