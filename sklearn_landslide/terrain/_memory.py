"""Whether the memory suffices for what needs a whole raster at once."""

import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_PROC = Path("/proc")
# What version 1 and version 2 of control groups call the limit, what is used, and what of it are
# pages of files that can be dropped.
_FILES = {
    "memory.max": ("memory.current", "inactive_file"),
    "memory.limit_in_bytes": ("memory.usage_in_bytes", "total_inactive_file"),
}


def available_memory():
    """Bytes that this process can still get, as far as the system tells.

    Returns
    -------
    available : int or None
        The least of what the machine has left and of what control groups (containers, batch
        systems) leave to the process; None where nothing is told.

    Examples
    --------
    >>> from sklearn_landslide.terrain._memory import available_memory
    >>> available = available_memory()
    >>> available is None or available > 0
    True
    """
    found = [_of_machine(), *_of_groups()]
    known = [number for number in found if number is not None]
    return max(min(known), 0) if known else None


def _of_machine():
    """Memory that is left on the machine, without what would be swapped out."""
    for line in _lines(_PROC / "meminfo"):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        # Not told on Windows, and not on macOS.
        return None


def _of_groups():
    """Memory that is left in each control group around this process."""
    for line in _lines(_PROC / "self" / "cgroup"):
        controllers, path = line.split(":", 2)[1:]
        if controllers not in ("", "memory"):
            continue
        folder = _CGROUPS / controllers / path.strip().lstrip("/")
        # In a container the path may be the host's, of which only the top is to be seen.
        yield from (_left_in(parent) for parent in (folder, *folder.parents))


def _left_in(folder):
    """Memory that a control group still allows, None if it sets no limit."""
    for limit, (usage, droppable) in _FILES.items():
        allowed, used = (_lines(folder / name) for name in (limit, usage))
        if allowed and used and allowed[0].isdigit() and used[0].isdigit():
            stat = dict(line.split() for line in _lines(folder / "memory.stat"))
            return int(allowed[0]) - int(used[0]) + int(stat.get(droppable, 0))
    return None


def _lines(path):
    try:
        return path.read_text(encoding="ascii").splitlines()
    except OSError:
        return []


def in_words(n_bytes):
    """Write a number of bytes as people do.

    Examples
    --------
    >>> from sklearn_landslide.terrain._memory import in_words
    >>> in_words(3_200_000_000), in_words(45_000_000)
    ('3.2 GB', '45 MB')
    """
    if n_bytes < 1e9:
        return f"{n_bytes / 1e6:.0f} MB"
    return f"{n_bytes / 1e9:.3g} GB"
