"""Nothing in the package needs a POSIX system: the code is read for what would."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sklearn_landslide"
MODULES = {"fcntl", "grp", "pwd", "resource", "termios", "tty"}
NAMES = {
    "os.fork",
    "os.geteuid",
    "os.getuid",
    "os.killpg",
    "os.setsid",
    "shlex.join",
    "shlex.quote",
    "signal.SIGALRM",
    "signal.SIGHUP",
    "signal.SIGKILL",
    "signal.alarm",
}
# Where such a thing is asked for, and what is done where it is not there.
KNOWN = {
    ("_lock.py", "fcntl"): "without it no lock is claimed",
    ("_typed.py", "shlex.join"): "Windows has its own way of quoting",
}
# Of methods of paths, and how many arguments come before the encoding.
TEXT = {"read_text": 0, "write_text": 1}


def _is_text_without_encoding(call):
    if any(word.arg == "encoding" for word in call.keywords):
        return False
    if isinstance(call.func, ast.Attribute):
        return TEXT.get(call.func.attr) == len(call.args)
    # The function; methods that are called open (of paths, archives, rasters) are read as binary.
    if getattr(call.func, "id", None) != "open":
        return False
    modes = [word.value for word in call.keywords if word.arg == "mode"] + call.args[1:2]
    return not any("b" in str(getattr(mode, "value", "")) for mode in modes)


def posix_only(source):
    """Yield line and name of each thing that only a POSIX system has, or reads in its own way."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, one.name) for one in node.names if one.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield node.lineno, node.module
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in NAMES:
            yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.startswith(("/tmp", "/dev/", "/usr/", "~/")):
                yield node.lineno, node.value
        elif isinstance(node, ast.Call) and _is_text_without_encoding(node):
            yield node.lineno, "text without encoding"


def test_no_module_needs_what_only_posix_has():
    found = {
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in PACKAGE.rglob("*.py")
        for _, name in posix_only(path.read_text(encoding="utf-8"))
    }
    assert found == set(KNOWN)


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        ("import fcntl", "fcntl"),
        ("from resource import getrusage", "resource"),
        ("os.kill(pid, signal.SIGKILL)", "signal.SIGKILL"),
        ("home = Path('/tmp/landslides')", "/tmp/landslides"),
        ("path.write_text('slope')", "text without encoding"),
        ("open(path)", "text without encoding"),
        ("open(path, 'w')", "text without encoding"),
        ("path.read_text()", "text without encoding"),
    ],
)
def test_a_planted_need_is_found(planted, name):
    assert [found for _, found in posix_only(planted)] == [name]


@pytest.mark.parametrize("harmless", ["open(path, 'rb')", "open(path, encoding='utf-8')"])
def test_what_every_system_has_is_passed_over(harmless):
    assert not list(posix_only(harmless))
