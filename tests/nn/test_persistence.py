"""Saving and loading: the same net again, or one clear line about what is wrong."""

import json
import os
import pickle
import stat
import subprocess
import sys
import textwrap

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
    return LandslideNet(**{"max_epochs": 2, "n_members": 2, "random_state": 0} | params)


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


def test_file_is_in_safetensors_format_by_its_published_layout(net, saved):
    data = saved.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert length % 8 == 0
    assert all(isinstance(value, str) for value in header.pop("__metadata__").values())
    types = {"F32": np.float32, "I64": np.int64, "BOOL": bool}
    state = net.module_.state_dict()
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
        about.update(format=3, version="9.8.7")

    rewrite(saved, change)
    refused(saved, r"saved by sklearn-landslide 9\.8\.7, and this is \d.*upgrade")


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
    "description", ["", "no json", "[]", "3", "{}", '{"format": "1"}', '{"format": 1}', "null"]
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
