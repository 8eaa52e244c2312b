"""Model files with all kinds of changes: refused in one line, or models that answer.

The tests try some hundred changes. By hand, more::

    python tests/persistence/test_fuzz_model.py 5000 SEED
"""

import json
import random
import sys
import tempfile
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import sklearn
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC
from sklearn.utils.fixes import parse_version

pytest.importorskip("skops.io")

from sklearn_landslide.persistence import save_model
from sklearn_landslide.persistence._archive import read_parts, write_parts

sys.path.insert(0, str(Path(__file__).parent))
from test_crafted_files import outcomes

DATA = Path(__file__).parent / "data"
SEED = 20261129
ODD = [None, True, "", "x", -1, 0, 1, 3, 255, 2**30, 2**31, -(2**63), 1e308, [], {}]
FINE = {"refused", "predicted"}


def sound_files(folder):
    """Model files without a fault, as bytes."""
    rng = np.random.default_rng(0)
    X = rng.uniform(0, 4, (60, 4)).round()
    y = (X[:, 0] + rng.normal(size=60) > 2).astype(int)
    models = [
        SVC().fit(X, y),
        KNeighborsClassifier(3).fit(X, y),
        RandomForestClassifier(2, max_depth=3, random_state=0).fit(X, y),
        GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X, y),
        MLPClassifier((3,), max_iter=300, random_state=0, solver="lbfgs").fit(X, y),
        OneHotEncoder(sparse_output=False, handle_unknown="ignore", drop="first").fit(X),
    ]
    for model in models:
        save_model(model, folder / "sound.zip", overwrite=True)
        yield (folder / "sound.zip").read_bytes()
    for name in ("regression", "boosting", "map"):
        yield (DATA / f"{name}.zip").read_bytes()


# --- changes of bytes -----------------------------------------------------------------------


def flip_bits(rng, content):
    content = bytearray(content)
    for _ in range(rng.choice([1, 1, 1, 2, 8])):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content)


def flip_bits_around(rng, content):
    """In the first and last bytes, where the archive describes itself."""
    content, near = bytearray(content), rng.randrange(-200, 200)
    content[near] ^= 1 << rng.randrange(8)
    return bytes(content)


def truncate(rng, content):
    return content[: rng.randrange(len(content))]


def splice(rng, content):
    start, end = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:start] + content[start:end][: rng.randrange(1, 50)] + content[end:]


# --- changes of what is said, in a sound archive ---------------------------------------------


def nodes_of(value):
    """All dicts and lists in a description."""
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from nodes_of(item)


def place_in(rng, schema):
    """A random place: a dict or a list, and the key."""
    holders = [node for node in nodes_of(schema) if node] or [{"": None}]
    holder = rng.choice(holders)
    return holder, rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))


def edit_value(rng, schema):
    plain = [node for node in nodes_of(schema) if isinstance(node, dict) and "is_json" in node]
    if plain:
        rng.choice(plain)["content"] = json.dumps(rng.choice(ODD[:13]))


def edit_anything(rng, schema):
    holder, key = place_in(rng, schema)
    holder[key] = rng.choice(ODD)


def drop_anything(rng, schema):
    holder, key = place_in(rng, schema)
    del holder[key]


def swap_anything(rng, schema):
    (one, first), (other, second) = place_in(rng, schema), place_in(rng, schema)
    if one is not other:
        one[first], other[second] = json.loads(json.dumps([other[second], one[first]]))


def swap_classes(rng, schema):
    named = [node for node in nodes_of(schema) if isinstance(node, dict) and "__class__" in node]
    one, other = rng.choice(named or [{}]), rng.choice(named or [{}])
    for key in ("__class__", "__module__"):
        one[key], other[key] = other.get(key), one.get(key)


def swap_arrays(rng, schema):
    stored = [node for node in nodes_of(schema) if isinstance(node, dict) and "file" in node]
    if stored:
        one, other = rng.choice(stored), rng.choice(stored)
        one["file"], other["file"] = other["file"], one["file"]


@np.errstate(all="ignore")
def odd_array(rng, content):
    """The same array, or one of another shape, with odd numbers."""
    array = np.array(np.load(BytesIO(content)), ndmin=1)
    if array.dtype.names:
        name, place = rng.choice(array.dtype.names), rng.randrange(len(array))
        odd = np.float64(rng.choice([0, 3, 200, 1e9, np.nan]))
        array[name][place] = odd.astype(array.dtype[name])
    elif array.dtype.kind in "iuf" and array.size:
        kind = rng.randrange(4)
        if kind == 0:
            odd = np.float64(rng.choice([0, -1, 300, 2**31, 1e30, np.nan, np.inf]))
            array.reshape(-1)[rng.randrange(array.size)] = odd.astype(array.dtype)
        elif kind == 1:
            array = array[: rng.randrange(len(array))]
        elif kind == 2:
            array = np.concatenate([array, array])
        else:
            array = array.astype(rng.choice(["float32", "float64", "int32", "int64", "uint8"]))
    memory = BytesIO()
    np.save(memory, array, allow_pickle=False)
    return memory.getvalue()


SAID = (edit_value, edit_anything, drop_anything, swap_anything, swap_classes, swap_arrays)
BYTES = (flip_bits, flip_bits_around, truncate, splice)


def change_content(rng, content):
    """Change what a file says, and write it with right checksums."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        facts = json.loads(archive.read("facts.json"))
        parts = read_parts(BytesIO(archive.read("model.skops")), 2**30)
    kind = rng.randrange(8)
    if kind == 0:
        edit_anything(rng, facts)
    elif kind in (1, 2, 3):
        name = rng.choice([name for name in parts if name.endswith(".npy")])
        parts[name] = odd_array(rng, parts[name])
    else:
        schema = json.loads(parts["schema.json"])
        for _ in range(rng.choice([1, 1, 2, 4])):
            rng.choice(SAID)(rng, schema)
        parts["schema.json"] = json.dumps(schema).encode()
    model = write_parts(parts, compress=True)
    outer = {"facts.json": json.dumps(facts).encode(), "model.skops": model}
    return write_parts(outer, compress=False)


def changed_files(folder, number, seed):
    """Write files with a change each; return them."""
    rng, sound = random.Random(seed), list(sound_files(folder))
    paths = []
    for place in range(number):
        content = sound[place % len(sound)]
        change = change_content if rng.random() < 0.7 else rng.choice(BYTES)
        paths.append(folder / f"{place}.zip")
        paths[-1].write_bytes(change(rng, content))
    return paths


def test_every_changed_file_is_refused_in_one_line_or_answers(tmp_path):
    paths = changed_files(tmp_path, 90, SEED)
    found = outcomes(paths)
    words = Counter(word for word, _ in found)
    # A model whose parts do not fit each other may say so when it is asked, in Python's words.
    strange = [item for item in found if item[0] not in FINE | {"no prediction"}]
    assert not strange
    assert words["refused"] > 45
    assert words["predicted"] > 2
    assert words["no prediction"] < 15


def test_a_flipped_bit_is_noticed_or_changes_nothing(tmp_path):
    content = (DATA / "regression.zip").read_bytes()
    rng, paths = random.Random(SEED), []
    ends = [*range(60), *range(len(content) - 140, len(content))]
    for place in [*ends[::6], *(rng.randrange(len(content)) for _ in range(20))]:
        changed = bytearray(content)
        changed[place] ^= 1 << rng.randrange(8)
        paths.append(tmp_path / f"{place}.zip")
        paths[-1].write_bytes(changed)
    words = Counter(word for word, _ in outcomes([DATA / "regression.zip", *paths]))
    # scikit-learn before that of the file refuses what was not changed, too.
    is_older = parse_version(sklearn.__version__) < parse_version("1.9")
    assert set(words) == ({"refused"} if is_older else FINE)
    assert words["refused"] > 35


if __name__ == "__main__":
    number, seed = int(sys.argv[1]), int(sys.argv[2])
    words, where = Counter(), Path(tempfile.mkdtemp())
    for start in range(0, number, 500):
        paths = changed_files(where, min(500, number - start), seed + start)
        for path, (word, message) in zip(paths, outcomes(paths), strict=True):
            words[word] += 1
            if word not in FINE | {"no prediction"}:
                kept = where / f"{seed + start}-{path.name}.kept"
                kept.write_bytes(path.read_bytes())
                print(word, kept, message)
        print(start, dict(words), flush=True)
