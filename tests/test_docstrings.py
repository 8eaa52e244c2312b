"""What the docstrings of everything public say is what the code does."""

import dataclasses
import importlib
import inspect
import pkgutil
import re

import pytest

import sklearn_landslide

MODULES = [
    name
    for _, name, _ in pkgutil.walk_packages(sklearn_landslide.__path__, "sklearn_landslide.")
    if not any(part.startswith("_") for part in name.split(".")[1:])
]


def public_objects():
    """Everything that a public module offers in ``__all__``, once each."""
    found = {}
    for name in ["sklearn_landslide", *MODULES]:
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", []):
            thing = getattr(module, public)
            if callable(thing):
                found[f"{thing.__module__}.{thing.__qualname__}"] = thing
    return found


PUBLIC = public_objects()


def documented_parameters(thing):
    """Names and type lines of the section Parameters, in order."""
    doc = inspect.getdoc(thing) or ""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-{3,}\n|\Z)", doc, re.M | re.S)
    if not section:
        return {}
    documented = {}
    text = section[1].replace("\\\n", "")
    for line in re.findall(r"^(\*{0,2}\w[\w*, ]*?)(?: : (.*))?$", text, re.M):
        for name in line[0].split(", "):
            documented[name.strip().lstrip("*")] = line[1]
    return documented


def real_parameters(thing):
    return {
        name: parameter
        for name, parameter in inspect.signature(thing).parameters.items()
        if name != "self"
    }


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_documented_parameters_are_those_of_the_signature(name):
    thing = PUBLIC[name]
    assert list(documented_parameters(thing)) == list(real_parameters(thing))


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_documented_defaults_are_the_real_ones(name):
    thing = PUBLIC[name]
    documented = documented_parameters(thing)
    for parameter, real in real_parameters(thing).items():
        if real.default is inspect.Parameter.empty or parameter not in documented:
            continue
        match = re.search(r"default=(.+)$", documented[parameter].strip())
        assert match, f"{parameter} has no documented default"
        default = real.default
        if dataclasses.is_dataclass(thing) and repr(default) == "<factory>":
            default = thing.__dataclass_fields__[parameter].default_factory()
        shown = {repr(default), str(default).replace(" ", ""), repr(default).replace("'", '"')}
        if inspect.isclass(default):
            shown |= {default.__name__, f"{default.__module__}.{default.__qualname__}"}
        said = match[1].strip().strip("`")
        if isinstance(default, int | float) and not isinstance(default, bool):
            assert float(said.replace(",", "")) == default, parameter
        elif inspect.isclass(default):
            assert said.rpartition(".")[2] == default.__name__, parameter
        else:
            assert said in shown, f"{parameter}: documented {said}, real {default!r}"


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_everything_public_has_an_example_that_runs(name):
    doc = inspect.getdoc(PUBLIC[name]) or ""
    assert ">>> " in doc, "no example"
    assert "+SKIP" not in doc
