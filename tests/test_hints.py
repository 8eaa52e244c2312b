"""Errors name a parameter; a caller has it named as its own user knows it."""

import pickle

import pytest

from sklearn_landslide._hints import Hint, hinting, hints_spelled, renaming, spelled


def raised(spell, message, *hints):
    with pytest.raises(ValueError) as found, hints_spelled(spell):
        raise hinting(ValueError(message), *hints)
    return found.value


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("overwrite=True", "overwrite", True),
        ("target=None", "target", None),
        ("align='slope'", "align", "slope"),
        ("absences=1.5", "absences", 1.5),
        ("crs=...", "crs", ...),
        ("factors=[...]", "factors", ...),
        ("crs=<CRS 'a=b'>", "crs", "<CRS 'a=b'>"),
    ],
)
def test_a_hint_is_a_parameter_and_its_value(text, name, value):
    hint = Hint(text)
    assert (hint.name, hint.value) == (name, value)


def test_only_what_was_marked_is_spelled_in_another_way():
    error = raised(
        lambda hint: f"<{hint.name}>",
        "/data/crs=1/overwrite=True.tif exists: set crs=1, or pass resume=True.",
        "resume=True",
    )
    assert str(error) == "/data/crs=1/overwrite=True.tif exists: set crs=1, or pass <resume>."


def test_values_that_begin_alike_are_told_apart():
    error = raised(
        lambda hint: f"--{hint.name} {hint.value}",
        "buffer=0.5: pass buffer=0.",
        "buffer=0",
        "buffer=0.5",
    )
    assert str(error) == "--buffer 0.5: pass --buffer 0."


def test_a_parameter_that_has_no_other_name_is_left():
    assert str(raised(lambda hint: None, "set a=1.", "a=1")) == "set a=1."


def test_other_errors_pass_unchanged():
    with pytest.raises(KeyError, match="'a=1'"), hints_spelled(lambda hint: "b"):
        raise KeyError("a=1")


def test_names_are_changed_once_more_by_the_next_caller():
    with (
        pytest.raises(ValueError) as found,
        hints_spelled(lambda hint: f"--{hint.name} {hint.value}"),
        renaming(buffer="absence_buffer"),
    ):
        raise hinting(ValueError("lower buffer=50 or ratio=2."), "buffer=50", "ratio=2")
    assert str(found.value) == "lower --absence_buffer 50 or --ratio 2."


def test_hints_come_back_from_another_process():
    error = pickle.loads(pickle.dumps(hinting(ValueError("set a=1."), "a=1")))
    assert error.hints == ("a=1",)


def test_what_is_of_use_in_python_only_is_not_told_to_somebody_at_a_shell():
    def error():
        python = "lower k_neighbors (or k=None)"
        return hinting(ValueError(f"5 rows: add rows, {python}."), instead={python: "or fold less"})

    with pytest.raises(ValueError, match=r"add rows, or fold less\.$"), hints_spelled(lambda h: ""):
        raise error()
    with pytest.raises(ValueError, match=r"lower k_neighbors \(or k=None\)\.$"), renaming(x="y"):
        raise error()


def test_a_warning_is_spelled_by_all_who_call_the_one_innermost_first():
    with hints_spelled(lambda hint: f"--{hint.name}"), renaming(nodata="missing"):
        assert spelled("set nodata=1.", "nodata=1") == "set --missing."
    assert spelled("set nodata=1.", "nodata=1") == "set nodata=1."
