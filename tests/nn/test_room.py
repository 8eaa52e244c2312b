"""Every module of the network, and every gradient that is written out, says what it is."""

import inspect
import pkgutil
import re
from importlib import import_module

import pytest
import torch

import sklearn_landslide.nn

FILES = [
    import_module(f"sklearn_landslide.nn.{f.name}")
    for f in pkgutil.iter_modules(sklearn_landslide.nn.__path__)
]


def classes_derived_from(base):
    return sorted(
        (
            thing
            for file in FILES
            for thing in vars(file).values()
            if inspect.isclass(thing)
            and issubclass(thing, base)
            and thing.__module__ == file.__name__
        ),
        key=lambda thing: thing.__name__,
    )


MODULES = classes_derived_from(torch.nn.Module)
KERNELS = classes_derived_from(torch.autograd.Function)


def section(doc, title):
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\w+\n-{{3,}}\n|\Z)", doc, re.M | re.S)
    return found[1] if found else ""


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_its_arguments_and_shapes_and_shows_them(module):
    doc = inspect.getdoc(module)
    documented = [
        name.lstrip("*")
        for names in re.findall(
            r"^(\*{0,2}\w[\w*, ]*?)(?: :.*)?$", section(doc, "Parameters"), re.M
        )
        for name in names.split(", ")
    ]
    # ColumnLinear is built as torch's own linear layer is.
    if "__init__" in vars(module):
        assert set(documented) == set(inspect.signature(module).parameters)
    assert documented
    assert "Shape: " in section(doc, "Notes")
    assert ">>> " in section(doc, "Examples")


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_gradient_that_is_written_out_says_its_formula(kernel):
    assert kernel.__module__ == "sklearn_landslide.nn._kernels"
    doc = inspect.getdoc(kernel)
    assert "\nForward" in doc
    assert "\nBackward" in doc
    assert "Shape: " in section(doc, "Notes")


def test_there_are_modules_and_kernels_to_look_at():
    assert len(MODULES) >= 20
    assert len(KERNELS) >= 5
