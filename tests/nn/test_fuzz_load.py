"""LandslideNet.load on files that were damaged or made up: one line, or a net that predicts.

``FUZZ_TRIES=20000 FUZZ_SEED=1 pytest tests/nn/test_fuzz_load.py`` tries for long.
"""

import json
import os
import re
import resource
import sys
import time
import warnings

import numpy as np
import pandas as pd
import pytest

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn import _safetensors
from sklearn_landslide.nn._rows import EncodedRows
from sklearn_landslide.nn._safetensors import read_tensors, write_tensors

TRIES = int(os.environ.get("FUZZ_TRIES", 30))
SEED = int(os.environ.get("FUZZ_SEED", 0))
# What a file of some kilobytes may take of the processor and the memory.
MOST_SECONDS, MOST_BYTES = 5.0, 200 * 2**20

NUMBERS = [0, 1, -1, 2, 3.5, 2**31, 10**9, 10**15, 2**63, 10**30, 1e308, float("nan"), float("inf")]
ODD = [None, True, False, "", "x", "\n", "cuda", [], {}, [[]], [1, 2], ["a"], {"a": 1}, *NUMBERS]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """Files of small nets: categories, sequences with and without a memory, three classes."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(60, 8)), columns=[f"c{j}" for j in range(8)])
    coded = table.assign(soil=pd.Categorical(rng.choice(["clay", "peat", "sand"], 60)))
    y = rng.integers(0, 2, 60)
    small = {"max_epochs": 1, "n_members": 2, "n_trees": 3, "random_state": 0}
    small |= {"module__token_size": 4, "module__wide_hidden": 8, "module__lstm_hidden": 4}
    rain = {"rain": list(table.columns[2:])}
    nets = [
        LandslideNet(**small).fit(coded, y),
        LandslideNet(sequences=rain, class_weight="balanced", **small).fit(table, y),
        LandslideNet(sequences=rain, module__memory_weight=0.5, **small).fit(table, y),
        LandslideNet(class_weight={0: 1, 1: 2, 2: 3}, **small).fit(table[:30], np.arange(30) % 3),
    ]
    folder = tmp_path_factory.mktemp("seeds")
    for number, net in enumerate(nets):
        net.save(folder / str(number))
    return [(folder / str(number)).read_bytes() for number in range(len(nets))]


# --- ways to damage a file ------------------------------------------------------------------


def flip_bits(data, rng):
    data = bytearray(data)
    for at in rng.integers(0, len(data), rng.integers(1, 4)):
        data[at] ^= 1 << rng.integers(8)
    return bytes(data)


def cut(data, rng):
    start, end = sorted(rng.integers(0, len(data) + 1, 2))
    return data[:end] if rng.integers(2) else data[:start] + data[end:]


def repeat(data, rng):
    start, end = sorted(rng.integers(0, len(data) + 1, 2))
    return data[:end] + data[start:]


def blank(data, rng):
    start = rng.integers(len(data))
    n = int(rng.integers(1, 200))
    return data[:start] + bytes(len(data[start : start + n])) + data[start + n :]


DAMAGES = [flip_bits, cut, repeat, blank]


# --- ways to write a wrong file, with a digest that fits ------------------------------------


def places(thing, path=()):
    """All places in nested dicts and lists."""
    inside = thing.items() if isinstance(thing, dict) else enumerate(thing)
    for key, value in inside:
        yield thing, key
        if isinstance(value, dict | list):
            yield from places(value)


def odd_value(rng):
    return ODD[rng.integers(len(ODD))]


def change_description(about, tensors, rng):
    found = list(places(about))
    where, key = found[rng.integers(len(found))]
    if rng.integers(4):
        where[key] = odd_value(rng)
    elif isinstance(where, dict):
        del where[key]
    else:
        where.insert(key, odd_value(rng))


def add_parameter(about, tensors, rng):
    names = ["compile", "device", "callbacks", "module", "predict_nonlinearity", "sequences"]
    names += ["module__lstm_hidden", "module__token_size", "module__conv_widths", "n_members"]
    names += ["module__n_frequencies", "module__wide_hidden", "module__deep", "classes", "verbose"]
    names += ["n_trees", "module__memory", "module__memory_weight", "module__conv_channels"]
    about["params"][names[rng.integers(len(names))]] = odd_value(rng)


def change_values(about, tensors, rng):
    name = list(tensors)[rng.integers(len(tensors))]
    array = tensors[name].copy()
    if array.size:
        odd = [np.nan, np.inf, -np.inf, 3e38, -1e30, 1e-42, -1, 0, 7, 2**62]
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = np.array(odd[rng.integers(len(odd))]).astype(array.dtype)
        array.flat[rng.integers(array.size, size=rng.integers(1, 4))] = value
    tensors[name] = array


def change_shapes(about, tensors, rng):
    name = list(tensors)[rng.integers(len(tensors))]
    array = tensors[name]
    way = rng.integers(5)
    if way == 0:
        del tensors[name]
    elif way == 1:
        tensors[f"{name}x"] = array
    elif way == 2:
        tensors[name] = array.reshape(-1)[: rng.integers(array.size + 1)].copy()
    elif way == 3:
        tensors[name] = np.stack([array, array])
    else:
        kind = [np.float32, np.int64, np.int32, np.bool_][rng.integers(4)]
        with np.errstate(all="ignore"):
            tensors[name] = array.astype(kind)


def flip_bits_of_values(about, tensors, rng):
    name = list(tensors)[rng.integers(len(tensors))]
    data = bytearray(tensors[name].tobytes())
    if data and tensors[name].dtype != bool:
        data[rng.integers(len(data))] ^= 1 << rng.integers(8)
        array = np.frombuffer(bytes(data), tensors[name].dtype)
        tensors[name] = array.reshape(tensors[name].shape).copy()


def change_trees(about, tensors, rng):
    """Lead branches elsewhere: to numbers that may be nodes, factors or trees."""
    names = [name for name in tensors if name.startswith("memory.")]
    if not names:
        return change_values(about, tensors, rng)
    name = names[rng.integers(len(names))]
    array = tensors[name].copy()
    at = rng.integers(array.size, size=rng.integers(1, 4))
    if array.dtype == np.int32:
        n_nodes = len(tensors["memory.feature"])
        array.flat[at] = rng.integers(-2, [4, n_nodes + 2][rng.integers(2)], size=len(at))
    else:
        array.flat[at] = rng.choice([-1.0, 0.0, 0.3, 1.0, np.nan, 3e38], size=len(at))
    tensors[name] = array


LIES = [change_description, add_parameter, change_values, change_shapes, flip_bits_of_values]
LIES += [change_trees]


def change_header(data, rng):
    """Change what the header says of the tensors, and sign the file again."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    entries = [(header, name) for name in header if name != "__metadata__"]
    entries += list(places({name: header[name] for _, name in entries}))
    where, key = entries[rng.integers(len(entries))]
    if rng.integers(4):
        where[key] = odd_value(rng)
    else:
        where.pop(key)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    made = bytearray(len(text).to_bytes(8, "little") + text + data[8 + length :])
    made[_safetensors._DIGEST] = _safetensors._digest(memoryview(made))
    return bytes(made)


# --- what must come of it -------------------------------------------------------------------


def peak_bytes():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def load_or_refuse(path):
    """Load a file within bounds of time and memory; return whether it was refused."""
    start, before = time.process_time(), peak_bytes()
    try:
        net = LandslideNet.load(path)
    except (ValueError, OSError) as error:
        assert "\n" not in str(error)
        net = None
    assert time.process_time() - start < MOST_SECONDS
    assert peak_bytes() - before < MOST_BYTES
    if net is None:
        return True
    assert net.compile is False
    rows = np.random.default_rng(0).normal(size=(20, net.n_features_in_)).astype(np.float32)
    try:
        probability = net.predict_proba(rows.view(EncodedRows))
    except ValueError as error:
        # Weights that are finite may be so large that some row has no probability.
        assert re.fullmatch("LandslideNet gives no probability for some rows: .*", str(error))
        return False
    assert probability.shape == (20, len(net.classes_))
    assert np.isfinite(probability).all()
    assert set(net.predict(rows.view(EncodedRows)).tolist()) <= set(net.classes_.tolist())
    return False


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_always_refused(seeds, tmp_path, damage):
    rng = np.random.default_rng(SEED)
    path = tmp_path / "net"
    for _ in range(TRIES // 2):
        seed = seeds[rng.integers(len(seeds))]
        data = damage(seed, rng)
        path.write_bytes(data)
        assert load_or_refuse(path) or data == seed


@pytest.mark.parametrize("lie", LIES)
def test_a_wrong_file_with_a_digest_is_refused_or_predicts(seeds, tmp_path, lie):
    rng = np.random.default_rng(SEED)
    path = tmp_path / "net"
    refused = 0
    for number in range(TRIES):
        path.write_bytes(seeds[number % len(seeds)])
        tensors, metadata = read_tensors(path)
        about = json.loads(metadata["sklearn_landslide"])
        lie(about, tensors, rng)
        write_tensors(path, tensors, {"sklearn_landslide": json.dumps(about)})
        refused += load_or_refuse(path)
    assert refused


def test_a_wrong_header_with_a_digest_is_refused(seeds, tmp_path):
    rng = np.random.default_rng(SEED)
    path = tmp_path / "net"
    for number in range(TRIES):
        seed = seeds[number % len(seeds)]
        data = change_header(seed, rng)
        path.write_bytes(data)
        assert load_or_refuse(path) or data == seed
