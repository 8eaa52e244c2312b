"""Two classes, landslide and not: neither fewer nor more."""

import numpy as np
import pytest

from sklearn_landslide._classes import landslide_label, plain_labels, told_labels, two_classes
from sklearn_landslide._hints import hints_spelled


def test_labels_come_in_order_with_the_code_of_each_row():
    classes, codes = two_classes(np.array([3, -1, 3]))
    assert classes.tolist() == [-1, 3]
    assert codes.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("y", "found"),
    [
        ([1, 1], r"got 1 \(1\)"),
        (["a", "b", "c"], r"got 3 \('a', 'b', 'c'\)"),
        (range(7), r"got 7 \(0, 1, 2, 3, 4, \.\.\.\)"),
    ],
)
def test_other_numbers_of_classes_are_refused_with_what_was_found(y, found):
    with pytest.raises(ValueError, match=f"y must have two classes, landslide and not, {found}"):
        two_classes(np.array(y))


@pytest.mark.parametrize(
    "labels",
    [
        *([0, 1], [-1, 1], [False, True], ["0", "1"], ["-1", "1"], ["0.0", "1.0"], [0.0, 1.0]),
        *(["non-landslide", "landslide"], ["No Landslide", "Landslide"], ["none", "slide"]),
        *(["non_slide", "slide"], ["nonlandslide", "landslide"], ["stable", "failure"]),
        *(["stable", "unstable"], ["absence", "presence"], ["no", "yes"], ["n", "y"]),
        *(["landslide-free", "landslide"], ["not landslide", "landslide"], ["None", "Landslide"]),
        *(["keine", "Rutschung"], ["keine Rutschung", "Rutschung"], ["nein", "ja"]),
        *(["pas de glissement", "glissement"], ["stable", "instable"], ["non", "oui"]),
        *(["nessuna frana", "frana"], ["non frana", "frana"], ["stabile", "instabile"]),
        *(["sin deslizamiento", "deslizamiento"], ["no", "sí"], ["ninguno", "derrumbe"]),
        *(["sem deslizamento", "deslizamento"], ["não", "sim"], ["nenhum", "escorregamento"]),
        *(["非滑坡", "滑坡"], ["无滑坡", "滑坡"], ["無", "有"], ["否", "是"], ["稳定", "不稳定"]),
        *(["非地すべり", "地すべり"], ["なし", "あり"], ["いいえ", "はい"], ["安定", "不安定"]),
        *(["비산사태", "산사태"], ["нет", "да"], ["yok", "heyelan"], ["tidak longsor", "longsor"]),
    ],
    ids=lambda labels: "-".join(map(ascii, labels)),
)
def test_the_landslide_of_two_known_labels_is_found_in_either_order(labels):
    assert landslide_label(labels) == labels[1]
    assert landslide_label(labels[::-1]) == labels[1]


@pytest.mark.parametrize(
    "labels",
    [
        *([1, 2], [0, 2], [-1, 0], ["A", "B"], ["landslide", "slide"], ["none", "stable"]),
        *(["none", "rockfall"], ["landslide", "rock"], ["normal", "landslide"], ["0", "2"]),
    ],
)
def test_labels_that_do_not_say_it_are_never_guessed(labels):
    with pytest.raises(ValueError, match="say which of them is a landslide, positive_class="):
        landslide_label(labels)
    assert landslide_label(labels, labels[0]) == labels[0]
    assert landslide_label(labels, str(labels[1])) == labels[1]


def test_a_named_label_that_is_not_there_is_refused_as_the_caller_knows_it():
    with (
        pytest.raises(ValueError, match=r"^--positive is not in y, which has 'A', 'B'\.$"),
        hints_spelled(lambda hint: "--positive"),
    ):
        landslide_label(["A", "B"], "C")


def test_labels_of_several_types_are_refused():
    with pytest.raises(ValueError, match="y mixes labels of the types 'int', 'str'"):
        two_classes(np.array([1, "no"], dtype=object))


def test_labels_of_objects_get_the_type_that_they_have():
    assert plain_labels(np.array([0, 1], dtype=object)).dtype.kind == "i"
    assert plain_labels(np.array([True, False], dtype=object)).dtype.kind == "b"
    assert plain_labels(np.array(["a", "b"], dtype=object)).dtype.kind == "O"


def test_labels_that_need_no_word_stay_what_they_are():
    for y in (np.array([0, 1]), np.array([0.0, np.nan]), ["a", "b"], [[1], [0]], [[1, 0], [0, 1]]):
        assert told_labels(y) is y
    numbers = [0, 1]
    assert told_labels(numbers) is numbers


def test_a_list_of_numbers_and_text_is_not_taken_for_text():
    with pytest.raises(ValueError, match="y mixes labels of the types 'int', 'str'"):
        told_labels([1, "no"])
