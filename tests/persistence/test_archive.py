"""Small files do not fill the memory, whatever they say of themselves."""

import io
import json
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier

pytest.importorskip("skops.io")

from sklearn_landslide import _unpacked
from sklearn_landslide._unpacked import most_bytes
from sklearn_landslide.persistence import load_model, read_model_facts, save_model
from sklearn_landslide.persistence._archive import read_parts, write_parts
from sklearn_landslide.persistence._json_facts import check_depth
from sklearn_landslide.persistence._schema import Audit, check_array_file, read_schema

X, Y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2


def parts_of(path):
    with zipfile.ZipFile(path) as archive:
        facts, content = archive.read("facts.json"), archive.read("model.skops")
    return facts, read_parts(io.BytesIO(content), 2**30)


def rewritten(path, change):
    """Write the parts of a model file again, after a change."""
    facts, parts = parts_of(path)
    change(parts)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("facts.json", facts)
        archive.writestr("model.skops", write_parts(parts, compress=False))
    return path


def memory_of(read):
    """The error of a function and the bytes that it had at the most."""
    tracemalloc.start()
    try:
        with pytest.raises((ValueError, OSError)) as caught:
            read()
        return caught.value, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture
def saved(tmp_path):
    save_model(DummyClassifier().fit(X, Y), tmp_path / "model.zip")
    return tmp_path / "model.zip"


def deflated(name, content):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return memory.getvalue()


def test_a_bomb_in_the_model_is_not_unpacked(saved):
    facts, _ = parts_of(saved)
    with zipfile.ZipFile(saved, "w") as archive:
        archive.writestr("facts.json", facts)
        archive.writestr("model.skops", deflated("schema.json", bytes(2**27)))
    error, most = memory_of(lambda: load_model(saved))
    assert "is damaged" in str(error) and "\n" not in str(error)
    assert most < 2**23


@pytest.mark.parametrize("name", ["facts.json", "model.skops"])
def test_a_bomb_around_the_model_is_not_unpacked(saved, name):
    saved.write_bytes(deflated(name, bytes(2**27)))
    for read in (load_model, read_model_facts):
        error, most = memory_of(lambda read=read: read(saved))
        assert "is damaged, or not a model file" in str(error)
        assert most < 2**23


def test_a_part_that_lies_about_its_size_is_not_unpacked_further():
    honest = deflated("schema.json", bytes(2**27))
    lying = honest.replace(struct.pack("<L", 2**27), struct.pack("<L", 1000))
    assert lying != honest
    error, most = memory_of(
        lambda: pytest.fail(str(len(read_parts(io.BytesIO(lying), most_bytes(len(lying))))))
    )
    assert isinstance(error, zipfile.BadZipFile | ValueError)
    assert most < 2**23


def test_the_sum_of_the_parts_is_limited(monkeypatch):
    monkeypatch.setattr(_unpacked, "FREE_BYTES", 10_000)
    parts = {f"{number}.npy": bytes(1000) for number in range(30)}
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    assert read_parts(memory, 30_000) == parts
    with pytest.raises(ValueError, match="more than 29,999 bytes"):
        read_parts(memory, 29_999)


@pytest.mark.parametrize("name", ["../model.npy", "a/b.npy", "/x.npy", "a\nb.npy"])
def test_a_part_of_another_name_is_refused(name):
    with pytest.raises(ValueError, match="is not a name of a part"):
        read_parts(io.BytesIO(deflated(name, b"x")), 1000)


def test_two_parts_of_one_name_are_refused():
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("a.npy", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.npy", b"2")
    with pytest.raises(ValueError, match="two of one name"):
        read_parts(memory, 1000)


def test_what_is_written_can_be_read_however_well_it_compresses(monkeypatch):
    monkeypatch.setattr(_unpacked, "FREE_BYTES", 1000)
    parts = {"zeros.npy": bytes(10**6), "schema.json": b"{}"}
    content = write_parts(parts, compress=True)
    assert read_parts(io.BytesIO(content), most_bytes(len(content))) == parts
    monkeypatch.undo()
    assert len(write_parts(parts, compress=True)) < 5000


# --- arrays ---------------------------------------------------------------------------------


def array_file(descr="<f8", shape=(2,), content=bytes(16)):
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


def test_an_array_has_the_bytes_that_its_shape_asks_for():
    check_array_file(array_file())
    check_array_file(array_file("<i4", (2, 2)))
    check_array_file(array_file("<f8", (0, 5), b""))


@pytest.mark.parametrize(
    "content",
    [
        array_file(shape=(2**40,)),
        array_file(shape=(2**40, 2**40)),
        array_file(shape=(3,)),
        array_file(shape=(1,)),
        array_file(shape=(-2,)),
        array_file("<U0", (2**40,), b""),
        array_file("|V0", (2**40,), b""),
        array_file("|O", (2,)),
        array_file("<f8", (2,), b""),
        b"",
        b"\x93NUMPY\x09\x00",
        array_file(shape="(" * 90 + "2" + ")" * 90),
    ],
    ids=lambda content: repr(content[10:80]),
)
def test_an_array_of_another_size_is_refused_before_there_is_one(content, saved):
    with pytest.raises(Exception) as caught:
        check_array_file(content)
    assert not isinstance(caught.value, MemoryError)
    name = next(name for name in parts_of(saved)[1] if name.endswith(".npy"))
    rewritten(saved, lambda parts: parts.__setitem__(name, content))
    error, most = memory_of(lambda: load_model(saved))
    assert "is damaged" in str(error) and "\n" not in str(error)
    assert most < 2**23


# --- the description ------------------------------------------------------------------------


def test_a_deep_description_is_refused_before_it_is_parsed(saved):
    def deepen(parts):
        parts["schema.json"] = b'{"content": ' + b"[" * 10**6 + b"]" * 10**6 + b"}"

    error, _ = memory_of(lambda: load_model(rewritten(saved, deepen)))
    assert "is damaged" in str(error)
    assert "nested deeper" in str(error.__cause__)


@pytest.mark.parametrize("text", ['"[[["', r'"\"[[["', r'"\\", [["["]]', "", "1"])
def test_brackets_in_texts_are_not_counted(text, monkeypatch):
    monkeypatch.setattr("sklearn_landslide.persistence._json_facts._MOST_LEVELS", 3)
    check_depth(f"[{text}]".encode())


def test_a_plain_value_is_not_a_deep_one(saved):
    def deepen(parts):
        schema = json.loads(parts["schema.json"])
        schema["content"]["content"]["strategy"]["content"] = "[" * 10**5
        parts["schema.json"] = json.dumps(schema).encode()

    error, _ = memory_of(lambda: load_model(rewritten(saved, deepen)))
    assert "a plain value is none" in str(error.__cause__)


def test_a_description_of_too_many_objects_is_refused(monkeypatch, tmp_path):
    save_model(RandomForestClassifier(3).fit(X, Y), tmp_path / "model.zip")
    monkeypatch.setattr("sklearn_landslide.persistence._schema._MOST_OBJECTS", 50)
    error, _ = memory_of(lambda: load_model(tmp_path / "model.zip"))
    assert "more than 50 parts" in str(error.__cause__)


def list_node(number, content):
    return {
        "__class__": "list",
        "__module__": "builtins",
        "__loader__": "ListNode",
        "__id__": number,
        "content": content,
    }


def test_few_objects_that_name_each_other_often_are_refused():
    """Ten lists of ten lists and so on, of which each is written once."""
    node = list_node(1, [])
    for number in range(2, 12):
        again = {key: value for key, value in node.items() if key != "content"} | {"content": []}
        node = list_node(number, [node] + [again] * 9)
    with pytest.raises(ValueError, match="two objects have one number"):
        Audit(node, {})


def test_one_object_in_several_places_is_one_afterwards(tmp_path):
    shared = np.arange(3.0)
    model = DummyClassifier().fit(X, Y)
    model.first_, model.second_ = [shared, shared], shared
    save_model(model, tmp_path / "model.zip")
    again = load_model(tmp_path / "model.zip")
    assert again.first_[0] is again.first_[1] is again.second_


@pytest.mark.parametrize("protocol", [None, 0, 1, True, "2", 2.0])
def test_a_protocol_that_was_never_written_is_refused(saved, protocol):
    schema = json.loads(parts_of(saved)[1]["schema.json"])
    with pytest.raises(ValueError, match="protocol that was never written"):
        read_schema(json.dumps(schema | {"protocol": protocol}).encode())
