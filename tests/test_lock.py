"""One run at a time: the second is told who has the lock, and a dead one keeps none."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

pytest.importorskip("fcntl")

from sklearn_landslide._lock import Lock, locked

HOLD = """
import sys, time
from sklearn_landslide._lock import Lock
Lock(sys.argv[1], "it").take()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_second_is_told_who_has_the_lock_where_and_since_when(holder, tmp_path):
    lock = Lock(tmp_path / "lock", "the folder")
    for ask in (lock.take, lock.check):
        with pytest.raises(ValueError, match="the folder is in use by process") as found:
            ask()
        message = str(found.value)
        assert f"process {holder.pid} of " in message
        assert f"on {socket.gethostname()}, since 20" in message
        assert "\n" not in message


def test_a_killed_process_keeps_no_lock(holder, tmp_path):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    lock = Lock(tmp_path / "lock", "it")
    lock.check()
    lock.take()
    assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_of_another_host_nobody_knows_whether_its_process_runs(tmp_path):
    owner = {"pid": 1, "user": "\x1b[31manna", "host": "elsewhere", "started": "2020-01-01"}
    (tmp_path / "lock").write_text(json.dumps(owner))
    with pytest.raises(ValueError, match=r"on elsewhere, .* no such process any more, delete") as e:
        Lock(tmp_path / "lock", "it").take()
    assert str(e.value).isprintable()
    assert json.loads((tmp_path / "lock").read_text()) == owner


@pytest.mark.parametrize("text", ["", "[]", "no json", "[" * 5000, '{"pid": null}', "\xff"])
def test_a_file_that_names_nobody_holds_nobody_up(tmp_path, text):
    (tmp_path / "lock").write_text(text)
    try:
        Lock(tmp_path / "lock", "it").take()
    except ValueError as error:
        # It may be of another host.
        assert text == '{"pid": null}'
        assert "delete" in str(error)


def test_a_lock_within_one_process_holds_as_well(tmp_path):
    lock = Lock(tmp_path / "lock", "it")
    lock.take()
    with pytest.raises(ValueError, match="it is in use"):
        Lock(tmp_path / "lock", "it").take()
    lock.release()
    Lock(tmp_path / "lock", "it").take()


def test_a_child_keeps_no_lock_of_its_parent(tmp_path):
    lock = Lock(tmp_path / "lock", "it")
    lock.take()
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(told, b".")
        time.sleep(60)
        os._exit(0)
    try:
        assert os.read(ready, 1) == b"."
        lock.forget()  # as if it were killed: the file stays
        Lock(tmp_path / "lock", "it").take()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ready)
        os.close(told)


def test_a_short_lock_is_waited_for(tmp_path):
    lock = Lock(tmp_path / "lock", "it")
    lock.take()
    with pytest.raises(ValueError, match="in use"), locked(tmp_path / "lock", "it", patience=0.1):
        pass
    lock.release()
    with locked(tmp_path / "lock", "it", patience=0.1):
        assert (tmp_path / "lock").exists()
    assert list(tmp_path.iterdir()) == []
