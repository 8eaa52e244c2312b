"""Saving and loading: the same net again, or one clear line about what is wrong."""

import hashlib
import json
import os
import pickle
import stat
import subprocess
import sys
import textwrap
import time

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.exceptions import NotFittedError
from skorch.callbacks import Callback, EarlyStopping, EpochScoring
from skorch.dataset import ValidSplit
from torch import nn

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn._safetensors import read_tensors, write_tensors


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "slope": rng.uniform(0, 60, 120),
            "soil": pd.Categorical(rng.choice(["clay", "peat", "sand"], 120)),
            "lithology": pd.Categorical(rng.integers(1, 6, 120) * 3),
        }
    )


@pytest.fixture(scope="module")
def y(table):
    return (table["slope"] > 30).to_numpy().astype(int)


def small(**params):
    return LandslideNet(
        **{"max_epochs": 2, "n_members": 2, "n_trees": 4, "random_state": 0} | params
    )


@pytest.fixture(scope="module")
def net(table, y):
    return small().fit(table, y)


@pytest.fixture
def saved(net, tmp_path):
    net.save(tmp_path / "net.safetensors")
    return tmp_path / "net.safetensors"


def rewrite(path, change):
    """Change the description of the net in a saved file."""
    tensors, metadata = read_tensors(path)
    about = json.loads(metadata["sklearn_landslide"])
    change(about, tensors)
    write_tensors(path, tensors, {"sklearn_landslide": json.dumps(about)})


# --- the same net --------------------------------------------------------------------------


def test_a_loaded_net_is_the_saved_one(net, saved, table):
    loaded = LandslideNet.load(saved)
    np.testing.assert_array_equal(loaded.predict_proba(table), net.predict_proba(table))
    np.testing.assert_array_equal(loaded.predict(table), net.predict(table))
    assert loaded.feature_names_in_.tolist() == ["slope", "soil", "lithology"]
    assert loaded.n_features_in_ == 3
    assert loaded.is_categorical_.tolist() == [False, True, True]
    assert [values.tolist() for values in loaded.categories_] == [
        ["clay", "peat", "sand"],
        [3, 6, 9, 12, 15],
    ]
    assert list(loaded.history) == list(net.history)
    pd.testing.assert_frame_equal(loaded.attention(table).spatial, net.attention(table).spatial)
    with pytest.raises(ValueError, match="feature names should match"):
        loaded.predict(table[table.columns[::-1]])


def test_a_loaded_net_treats_unseen_codes_alike(net, saved, table):
    X = table.assign(soil="basalt", lithology=99)
    loaded = LandslideNet.load(saved)
    np.testing.assert_array_equal(loaded.predict_proba(X), net.predict_proba(X))


@pytest.mark.parametrize(
    "labels", [np.array([1, 2]), np.array(["no", "yes"]), np.array([False, True])]
)
def test_labels_keep_their_type(table, y, tmp_path, labels):
    small().fit(table, labels[y]).save(tmp_path / "net")
    loaded = LandslideNet.load(tmp_path / "net")
    assert loaded.classes_.tolist() == labels.tolist()
    assert loaded.predict(table).dtype.kind == labels.dtype.kind
    assert loaded.score(table, labels[y]) > 0.4


@pytest.mark.parametrize(
    "params",
    [
        {"class_weight": {0: 1.0, 1: 5.0}},
        {"class_weight": {np.int64(0): np.float32(1), np.int64(1): 5}},
        {"class_weight": "balanced", "module__lstm_hidden": 4},
        {"module__token_size": 8, "module__conv_widths": (1, 3), "module__wide": False},
        {"categorical_features": np.array([1, 2]), "classes": [0, 1]},
        {"lr": 1e-3, "batch_size": 16, "n_members": "auto"},
        {"module__conv_channels": "auto", "module__attention_size": "auto"},
        {"n_trees": 3, "module__memory_weight": 0.5},
        {"module__memory": False},
        {"module__linear": False},
    ],
)
def test_parameters_are_kept(table, y, tmp_path, params):
    net = small(**params).fit(table, y)
    net.save(tmp_path / "net")
    loaded = LandslideNet.load(tmp_path / "net")
    np.testing.assert_array_equal(loaded.predict_proba(table), net.predict_proba(table))
    for name, value in params.items():
        kept = getattr(loaded, name)
        if name == "class_weight" and isinstance(value, dict):
            assert kept == value
        else:
            np.testing.assert_array_equal(kept, value)


def test_a_number_of_members_that_is_set_after_the_fit_is_for_the_next_one(table, y, tmp_path):
    net = small().fit(table, y)
    expected = net.predict_proba(table)
    net.set_params(n_members=3).save(tmp_path / "net")
    loaded = LandslideNet.load(tmp_path / "net")
    np.testing.assert_array_equal(loaded.predict_proba(table), expected)
    assert loaded.module_.n_members == 2
    assert loaded.fit(table, y).module_.n_members == 3


def test_a_loaded_net_goes_on_with_the_same_class_weights(table, y, tmp_path):
    weights = {0: 1.0, 1: 9.0}
    small(class_weight=weights).fit(table, y).save(tmp_path / "net")
    loaded = LandslideNet.load(tmp_path / "net").partial_fit(table, y)
    np.testing.assert_array_equal(loaded.criterion_.weight, [1, 9])
    assert len(loaded.history) == 4


def test_what_concerns_training_alone_is_left_out(table, y, tmp_path):
    class RecordTensor(Callback):
        def on_epoch_end(self, net, **kwargs):
            net.history.record("tensor", torch.tensor(0.5))
            net.history.record("numbers", np.float32(0.25))

    net = small(
        callbacks=[EpochScoring("roc_auc"), EarlyStopping(patience=9), RecordTensor()],
        train_split=ValidSplit(0.3, stratified=True),
        optimizer=torch.optim.SGD,
        random_state=np.random.RandomState(0),
    ).fit(table, y)
    net.save(tmp_path / "net")
    loaded = LandslideNet.load(tmp_path / "net")
    assert loaded.callbacks is None
    assert loaded.history[-1, ("roc_auc", "tensor", "numbers")] == (
        net.history[-1, "roc_auc"],
        0.5,
        0.25,
    )
    np.testing.assert_array_equal(loaded.predict_proba(table), net.predict_proba(table))


def test_arrays_without_names_stay_without_names(y, tmp_path):
    X = np.random.default_rng(0).normal(size=(120, 2))
    net = small().fit(X, y)
    net.save(tmp_path / "net")
    loaded = LandslideNet.load(tmp_path / "net")
    assert not hasattr(loaded, "feature_names_in_")
    np.testing.assert_array_equal(loaded.predict_proba(X), net.predict_proba(X))


@pytest.mark.parametrize("pack", [pickle, joblib])
def test_pickle_and_joblib_round_trip(net, table, y, tmp_path, pack):
    with open(tmp_path / "net", "wb") as file:
        pack.dump(net, file)
    with open(tmp_path / "net", "rb") as file:
        copied = pack.load(file)
    np.testing.assert_array_equal(copied.predict_proba(table), net.predict_proba(table))
    copied.partial_fit(table, y)
    assert len(copied.history) == 4
    assert len(net.history) == 2


# --- the file ------------------------------------------------------------------------------


def test_a_net_of_another_process_is_saved_like_any_other(net, table, tmp_path):
    """Its texts are equal to the defaults, and other objects."""
    again = pickle.loads(pickle.dumps(net))
    again.predict_nonlinearity = "".join(["au", "to"])
    again.save(tmp_path / "net.safetensors")
    loaded = LandslideNet.load(tmp_path / "net.safetensors")
    assert (loaded.predict_proba(table) == net.predict_proba(table)).all()


def test_file_is_in_safetensors_format_by_its_published_layout(net, saved):
    data = saved.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert length % 8 == 0
    assert all(isinstance(value, str) for value in header.pop("__metadata__").values())
    types = {"F32": np.float32, "I64": np.int64, "I32": np.int32, "BOOL": bool}
    state = dict(net.module_.state_dict())
    state |= {f"memory.{name}": array for name, array in vars(net._forest).items()}
    assert header.keys() == state.keys()
    end = 0
    for name, entry in header.items():
        start, stop = entry["data_offsets"]
        assert start == end
        end = stop
        part = np.frombuffer(data[8 + length + start : 8 + length + stop], types[entry["dtype"]])
        np.testing.assert_array_equal(part.reshape(entry["shape"]), state[name])
    assert 8 + length + end == len(data)


def test_safetensors_reads_the_file(net, saved):
    safetensors = pytest.importorskip("safetensors.torch", reason="safetensors is not installed")
    tensors = safetensors.load_file(saved)
    for name, tensor in net.module_.state_dict().items():
        assert torch.equal(tensors[name], tensor)


def test_a_file_gets_the_permissions_of_any_new_file(saved, tmp_path):
    (tmp_path / "plain").write_text("")
    assert stat.S_IMODE(saved.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_saving_leaves_one_file_and_replaces_an_old_one(net, saved, table):
    saved.write_text("old")
    net.save(str(saved))
    assert os.listdir(saved.parent) == [saved.name]
    LandslideNet.load(str(saved))


def test_a_failed_save_leaves_the_old_file(net, saved, monkeypatch):
    before = saved.read_bytes()

    def killed(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        net.save(saved)
    assert os.listdir(saved.parent) == [saved.name]
    assert saved.read_bytes() == before


def test_killed_while_saving_leaves_the_old_file(saved):
    """A process that dies between writing and renaming: the file that was there is whole."""
    before = saved.read_bytes()
    script = """
        import os, sys
        from sklearn_landslide import LandslideNet
        net = LandslideNet.load(sys.argv[1])
        os.replace = lambda *args: os.kill(os.getpid(), 9)
        net.save(sys.argv[1])
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(saved)], check=False)
    assert run.returncode == -9
    assert saved.read_bytes() == before
    LandslideNet.load(saved)


def test_an_unfitted_net_is_not_saved(tmp_path):
    with pytest.raises(NotFittedError):
        LandslideNet().save(tmp_path / "net")
    assert not os.listdir(tmp_path)


class Linear(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.layer = nn.Linear(3, n_classes)

    def forward(self, x):
        return self.layer(x)


class FirstHead(nn.CrossEntropyLoss):
    def forward(self, logits, labels):
        return super().forward(logits[:, 0], labels)


@pytest.mark.parametrize(
    "params",
    [
        {"module": Linear},
        {"criterion": FirstHead},
        {"predict_nonlinearity": lambda logits: logits.mean(1).softmax(-1)},
        {"predict_nonlinearity": None},
    ],
)
def test_objects_of_the_users_own_are_refused_by_name(table, y, tmp_path, params):
    net = small(**params).fit(table, y)
    with pytest.raises(ValueError, match=f"^{next(iter(params))}=.* cannot be saved without code"):
        net.save(tmp_path / "net")
    assert not os.listdir(tmp_path)


def test_folders_that_do_not_exist_are_named(net, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        net.save(tmp_path / "nowhere" / "net")
    with pytest.raises(OSError):
        net.save(tmp_path)
    assert not os.listdir(tmp_path)


# --- wrong files ---------------------------------------------------------------------------


def refused(path, match):
    with pytest.raises(ValueError, match=match) as caught:
        LandslideNet.load(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_of_a_newer_format_names_both_versions(saved):
    def change(about, tensors):
        about.update(format=4, version="9.8.7")

    rewrite(saved, change)
    refused(saved, r"saved by sklearn-landslide 9\.8\.7 in format 4, and this is \d.*upgrade")


@pytest.mark.parametrize("old", [1, 2])
def test_a_file_of_an_older_format_is_not_called_damaged(saved, old):
    rewrite(saved, lambda about, tensors: (about.update(format=old), about.pop("recipe")))
    refused(saved, rf"in format {old}, .* with format 3: .* fit it again and save it\.")


def test_a_newer_format_may_look_quite_different(saved):
    write_tensors(saved, {}, {"sklearn_landslide": '{"format": 7}'})
    refused(saved, "upgrade")


def test_every_truncation_is_noticed(saved):
    data = saved.read_bytes()
    for n in [*range(0, 40), 500, *np.linspace(1000, len(data) - 1, 25).astype(int)]:
        saved.write_bytes(data[:n])
        refused(saved, "is not a saved LandslideNet" if n < 9 else "is truncated or damaged")


def test_bytes_after_the_end_are_noticed(saved):
    saved.write_bytes(saved.read_bytes() + b"x")
    refused(saved, "damaged")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "not a saved LandslideNet"),
        (b'{"type": {"a": 1}}', "not a saved LandslideNet|damaged"),
        (b"slope,soil\n1,2\n3,4\n", "not a saved LandslideNet"),
        (bytes(range(256)) * 20, "not a saved LandslideNet"),
        ((2**60).to_bytes(8, "little") + b"{}", "damaged"),
        ((2**64 - 1).to_bytes(8, "little") + b'{"a": 1}', "damaged"),
        ((2).to_bytes(8, "little") + b"{}", "holds tensors, but not those"),
        ((2).to_bytes(8, "little") + b"{}extra", "damaged"),
        ((20_000).to_bytes(8, "little") + b'{"a":' * 4000, "damaged"),
        ((9).to_bytes(8, "little") + b'{"a": []}', "damaged"),
        ((9).to_bytes(8, "little") + b'{"a":\xff\xfe1}', "damaged"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path, content, match):
    path = tmp_path / "file"
    path.write_bytes(content)
    refused(path, match)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2**70], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [-1, 0], "data_offsets": [0, 4]},
        {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [2, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [0.0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [0, 2, 4]},
        {"dtype": "F32", "shape": "1", "data_offsets": [0, 4]},
        {"dtype": ["F32"], "shape": [1], "data_offsets": [0, 4]},
        {"shape": [1]},
        None,
    ],
)
def test_headers_that_make_no_sense_are_refused(tmp_path, entry):
    text = json.dumps({"x": entry}).encode()
    path = tmp_path / "file"
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"1234")
    refused(path, "damaged")


@pytest.mark.parametrize(
    "description", ["", "no json", "[]", "3", "{}", '{"format": "3"}', '{"format": 3}', "null"]
)
def test_descriptions_that_make_no_sense_are_refused(saved, description):
    tensors, _ = read_tensors(saved)
    write_tensors(saved, tensors, {"sklearn_landslide": description})
    refused(saved, "damaged")


@pytest.mark.parametrize(
    "change",
    [
        lambda about, tensors: tensors.popitem(),
        lambda about, tensors: tensors.update(more=np.zeros(3, np.float32)),
        lambda about, tensors: tensors.update(adapter=np.zeros(3, np.float32)),
        lambda about, tensors: about["params"].update(module__lstm_hidden=77),
        lambda about, tensors: about["params"].update(module__unknown=1),
        lambda about, tensors: about["params"].update(unknown=1),
        lambda about, tensors: about["params"].update(module="os.system"),
        lambda about, tensors: about["params"].update(device="cpu"),
        lambda about, tensors: about.update(n_members=10**15),
        lambda about, tensors: about.pop("classes"),
    ],
)
def test_descriptions_that_do_not_fit_the_tensors_are_refused(saved, change):
    rewrite(saved, change)
    refused(saved, "damaged")


def test_every_flipped_bit_is_noticed(saved):
    """One bit of each of 400 bytes from all over the file, and each bit of the first 300."""
    data = bytearray(saved.read_bytes())
    everywhere = np.linspace(300, len(data) - 1, 400).astype(int)
    flips = [(at, at % 8) for at in everywhere]
    flips += [(at, bit) for at in range(300) for bit in range(8)]
    for at, bit in flips:
        data[at] ^= 1 << bit
        saved.write_bytes(data)
        refused(saved, "is not a saved LandslideNet|is truncated or damaged")
        data[at] ^= 1 << bit
    saved.write_bytes(data)
    LandslideNet.load(saved)


def test_the_digest_is_that_of_the_file_with_zeros_in_its_place(saved):
    data = saved.read_bytes()
    length = int.from_bytes(data[:8], "little")
    digest = json.loads(data[8 : 8 + length])["__metadata__"]["sha256"]
    assert data.count(digest.encode()) == 1
    blank = data.replace(digest.encode(), b"0" * 64)
    assert hashlib.sha256(blank).hexdigest() == digest


def test_a_file_without_a_digest_is_refused(saved):
    safetensors = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    tensors, metadata = read_tensors(saved)
    safetensors.save_file(tensors, saved, metadata=metadata)
    refused(saved, "damaged")
    safetensors.save_file(tensors, saved, metadata={"format": "pt"})
    refused(saved, "holds tensors, but not those of a LandslideNet")


@pytest.mark.parametrize("name", ["wide.weight", "linear.weight", "encoder.scores"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e38])
def test_weights_that_give_no_probability_are_refused(saved, name, value):
    def change(about, tensors):
        tensors[name][:] = value

    rewrite(saved, change)
    refused(saved, "damaged")


@pytest.mark.parametrize(
    "params",
    [
        {"module__lstm_hidden": 20_000},
        {"module__lstm_hidden": 2**62},
        {"module__token_size": 10**9},
        {"module__n_frequencies": 10**9},
        {"module__wide_hidden": 10**9},
        {"module__attention_size": 10**9},
        {"module__conv_channels": 10**9},
        {"module__conv_widths": [10**9 + 1]},
        {"module__conv_widths": [1] * 100_000},
        {"module__sam_width": 10**9 + 1},
    ],
)
def test_sizes_are_compared_before_memory_is_taken(saved, params):
    def change(about, tensors):
        about["params"].update(params)

    rewrite(saved, change)
    no_memory(saved)


@pytest.mark.parametrize(
    "change",
    [
        lambda about, tensors: about.update(n_members=10**9),
        lambda about, tensors: about.update(n_features_in=10**9),
        lambda about, tensors: about.update(n_features_in=10**9, feature_names_in=None),
        lambda about, tensors: about.update(classes=list(range(10**5))),
        lambda about, tensors: tensors["encoder.n_codes"].fill(2**40),
        lambda about, tensors: tensors["encoder.n_codes"].fill(-(2**40)),
    ],
)
def test_numbers_of_things_are_compared_before_memory_is_taken(saved, change):
    rewrite(saved, change)
    no_memory(saved)


def no_memory(path):
    resource = pytest.importorskip("resource", reason="this system does not tell the memory")

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before, start = peak(), time.process_time()
    refused(path, "damaged")
    assert peak() - before < 100 * 1024
    assert time.process_time() - start < 5


def test_tensors_that_share_bytes_of_the_file_are_refused(tmp_path):
    """Ten thousand times the same megabyte would be ten gigabytes."""
    entry = {"dtype": "F32", "shape": [2**18], "data_offsets": [0, 2**20]}
    text = json.dumps({str(i): entry for i in range(10_000)}).encode()
    (tmp_path / "net").write_bytes(len(text).to_bytes(8, "little") + text + bytes(2**20))
    no_memory(tmp_path / "net")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("compile", True),
        ("compile__mode", "max-autotune"),
        ("callbacks", "disable"),
        ("callbacks__clip", None),
        ("optimizer", "torch.optim.SGD"),
        ("optimizer__lr", 1),
        ("iterator_valid", "os.system"),
        ("iterator_valid__shuffle", True),
        ("dataset__length", 3),
        ("random_state", 0),
        ("module", "x"),
        ("criterion", None),
        ("predict_nonlinearity", "softmax"),
        ("predict_nonlinearity", None),
        ("module__dropout", 2.0),
        ("module__linear_weight", float("nan")),
        ("module__token_size", True),
        ("module__n_classes", 2),
        ("criterion__weight", [1, 1]),
        ("n_members", 0),
        ("verbose", "x"),
        ("lr", -1),
    ],
)
def test_parameters_that_no_net_writes_are_refused(saved, name, value):
    def change(about, tensors):
        about["params"][name] = value

    rewrite(saved, change)
    refused(saved, "damaged")


@pytest.mark.parametrize(
    "change",
    [
        lambda about, tensors: about.update(is_categorical=[True, True, True]),
        lambda about, tensors: about.update(is_categorical=[True, False, True]),
        lambda about, tensors: about.update(is_categorical=[0, 1, 1]),
        lambda about, tensors: about.update(is_categorical=[False, True]),
        lambda about, tensors: about["categories"].pop(),
        lambda about, tensors: about["categories"].reverse(),
        lambda about, tensors: about["categories"][0].append("rock"),
        lambda about, tensors: about["categories"].__setitem__(0, ["clay", "clay", "sand"]),
        lambda about, tensors: about["categories"].__setitem__(0, ["clay", 1, "sand"]),
        lambda about, tensors: about["categories"].__setitem__(0, "abc"),
        lambda about, tensors: about.update(classes=[1, 0]),
        lambda about, tensors: about.update(classes=[0, 0]),
        lambda about, tensors: about.update(classes=[0, "1"]),
        lambda about, tensors: about.update(classes=[0, 1, 2]),
        lambda about, tensors: about.update(class_weights=[1, float("nan")]),
        lambda about, tensors: about.update(class_weights=[1, 1, 1]),
        lambda about, tensors: about.update(n_members=True),
        lambda about, tensors: about.update(feature_names_in=["a", "b"]),
        lambda about, tensors: about.update(feature_names_in="abc"),
        lambda about, tensors: about.update(history=[1]),
        lambda about, tensors: about.update(history={}),
        lambda about, tensors: about.update(format=0),
        lambda about, tensors: about.update(format=True),
        lambda about, tensors: tensors["encoder.is_categorical"].fill(False),
        lambda about, tensors: tensors["encoder.knots"].fill(1),
        lambda about, tensors: tensors["encoder.knots"].__setitem__((0, 3), np.inf),
        lambda about, tensors: tensors["linear.scale"].fill(0),
        lambda about, tensors: tensors["linear.low"].fill(1e9),
        lambda about, tensors: tensors.update({"linear.low": tensors["linear.low"][:1]}),
        lambda about, tensors: tensors.update(
            {"wide.weight": tensors["wide.weight"].astype(np.int64)}
        ),
    ],
)
def test_a_description_is_wrong_at_once_and_not_in_predict(saved, change):
    rewrite(saved, change)
    refused(saved, "damaged")


def test_a_version_is_shown_in_one_line(saved):
    rewrite(saved, lambda about, tensors: about.update(format=9, version="1\n\x1b[31mGo"))
    refused(saved, r"saved by sklearn-landslide 1\\n\\x1b\[31mGo in format 9, and this is")


@pytest.mark.parametrize("convert", ["half", "double", "bfloat16"])
def test_a_net_in_another_precision_is_saved_in_single_precision(table, y, tmp_path, convert):
    # Half precision has no number beyond 65,504.
    X = table.assign(easting=500_000.0 + 1000 * np.arange(120))
    net = small().fit(X, y)
    expected = net.predict_proba(X)
    getattr(net.module_, convert)()
    net.save(tmp_path / "net")
    loaded = LandslideNet.load(tmp_path / "net")
    assert {p.dtype for p in loaded.module_.parameters()} == {torch.float32}
    np.testing.assert_array_equal(loaded.encoding_.knots, net.encoding_.knots)
    np.testing.assert_allclose(loaded.predict_proba(X), expected, atol=0.05)


def test_the_precision_that_the_host_program_has_set_does_not_reach_the_file(table, y, tmp_path):
    small().fit(table, y).save(tmp_path / "single")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        small().fit(table, y).save(tmp_path / "double")
        LandslideNet.load(tmp_path / "double")
    finally:
        torch.set_default_dtype(before)
    nets = [LandslideNet.load(tmp_path / name) for name in ("single", "double")]
    np.testing.assert_array_equal(*[net.predict_proba(table) for net in nets])


def test_a_net_that_diverged_is_not_saved(table, y, tmp_path):
    net = small(lr=1e20, callbacks__clip=None).fit(table, y)
    with pytest.raises(ValueError, match="of the net is not finite, so it would predict nothing"):
        net.save(tmp_path / "net")
    assert not os.listdir(tmp_path)


def test_a_net_that_was_trimmed_for_prediction_is_saved(table, y, tmp_path):
    net = small().fit(table, y)
    net.trim_for_prediction()
    net.save(tmp_path / "net")
    loaded = LandslideNet.load(tmp_path / "net")
    np.testing.assert_array_equal(loaded.predict_proba(table), net.predict_proba(table))


def test_no_pickle_is_ever_executed(tmp_path):
    trace = tmp_path / "trace"

    class Malicious:
        def __reduce__(self):
            return os.mkdir, (str(trace),)

    load = pickle.dumps(Malicious())
    torch.save(Malicious(), tmp_path / "torch.pt")
    padded = (len(load)).to_bytes(8, "little") + b"{" + load
    for number, content in enumerate([load, padded, (tmp_path / "torch.pt").read_bytes()]):
        path = tmp_path / f"file{number}"
        path.write_bytes(content)
        refused(path, "not a saved LandslideNet|damaged")
    assert not trace.exists()
    pickle.loads(load)
    assert trace.exists()


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing_here"):
        LandslideNet.load(tmp_path / "nothing_here")
    with pytest.raises(OSError, match=tmp_path.name):
        LandslideNet.load(tmp_path)


def test_loading_leaves_the_random_numbers_alone(saved):
    before = torch.get_rng_state()
    LandslideNet.load(saved)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_device_that_is_not_there_is_no_fault_of_the_file(saved):
    with pytest.raises(ValueError, match=r"^device='cuda:99' is not available here: .*$"):
        LandslideNet.load(saved, device="cuda:99")
