"""Downloads run against a server on this machine, with files as R writes them."""

import bz2
import doctest
import gzip
import inspect
import lzma
import re
import resource
import subprocess
import sys
import threading
import tracemalloc
import warnings
from functools import partial
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdata

from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide.datasets import (
    _ecuador,
    _hong_kong,
    _south_tyrol_table,
    fetch_ecuador,
    fetch_hong_kong,
    fetch_south_tyrol,
)
from sklearn_landslide.datasets._files import _download, _r_files
from sklearn_landslide.datasets._files._fingerprint import Fingerprint
from sklearn_landslide.datasets._files._r_files import numeric_columns, read_r_table
from sklearn_landslide.mapping import open_stack

RAIN = _south_tyrol_table.RAIN
SOUTH_TYROL = "/" + _south_tyrol_table.TABLE.urls[0].partition("github.com/")[2]
POINTS, NEWEST_POINTS = ("/" + url.partition("github.com/")[2] for url in _ecuador.POINTS.urls)
HONG_KONG = "/" + _hong_kong.TABLE.urls[0].partition("github.com/")[2]
TERRAIN = "/" + _ecuador.TERRAIN.urls[0].partition("github.com/")[2]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        body = self.server.files.get(self.path)
        status = body if isinstance(body, int) else 200 if body is not None else 404
        self.send_response(status)
        body = body if isinstance(body, bytes) else b""
        self.send_header("Content-Length", str(len(body) + self.server.withheld))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A server in place of the public one; its `files` are bytes, or a status, by path."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.asked, server.withheld = {}, [], 0
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    monkeypatch.setattr(_download, "HOST", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SKLEARN_LANDSLIDE_DATA", str(tmp_path / "cache"))
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def r_bytes(write, *args, folder):
    path = folder / "made_by_test"
    write(path, *args)
    return path.read_bytes()


def stored(table):
    """The table as its source stores it: other names, and sums of the rain."""
    rain = table[RAIN].to_numpy().reshape(-1, 5, 24)[:, ::-1].reshape(-1, 120)
    sums = rain[:, ::-1].cumsum(axis=1)[:, ::-1]
    names = [f"day{day}.{hour:02}" for day in range(1, 6) for hour in range(24)]
    others = table.drop(columns=RAIN).rename(columns="f_{}".format)
    source = pd.concat([others, pd.DataFrame(sums, columns=names)], axis=1)
    source["f_landslide"] = pd.Categorical(source["f_landslide"].astype(str))
    source["month"] = table["date"].dt.month
    # R counts the days.
    source["f_date"] = (source["f_date"] - pd.Timestamp("1970-01-01")).dt.days
    # The study drops what has no rain.
    lacking = source.iloc[:2].assign(**{"day4.11": np.nan})
    return pd.concat([lacking, source], ignore_index=True)


def south_tyrol_file(table, folder):
    return r_bytes(rdata.write_rds, stored(table), folder=folder)


def hong_kong_file(table, encoding="utf-8"):
    """The table as its source writes it, under one of the headers that it has had."""
    names = (
        "landuse,lithology,DTM（DEM）,slope,curvature,aspect,NDVI,SPI,TWI,"
        "dis2road,dis2drainage,dis2catchment,dis2faults,DV,X,Y,label"
    )
    stored = table[list(_hong_kong.CONTENT)].set_axis(names.split(","), axis=1)
    return stored.to_csv(index=False).encode(encoding)


def made_hong_kong(n=40):
    """A small table with the columns of the real one, as the file stores them."""
    rng = np.random.default_rng(1)
    table = pd.DataFrame({name: rng.normal(size=n) for name in _hong_kong.CONTENT}).round(6)
    whole = {"landuse": 4, "lithology": 4, "altitude": 900, "ndvi": 8601}
    for name, end in whole.items():
        table[name] = rng.integers(1, end, n)
    table["landslide"] = np.arange(n) % 2
    table.loc[::4, "deformation_velocity"] = 1e-6
    # Off the raster of the other places, as the slow slopes are; and a copy of the first row.
    table[["x", "y"]] = rng.integers(0, 1000, (n, 2)) / 16
    table.loc[[1, 3, 5], "x"] += 0.01
    table.iloc[-1] = table.iloc[0]
    return table.astype({name: int for name in (*whole, "landslide")})


def made_table(n=40):
    """A small table with the columns of the real one."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({name: rng.normal(size=n) for name in _south_tyrol_table.CONTENT})
    date = pd.Timestamp("2016-12-29") + pd.to_timedelta(np.arange(n) % 9, unit="D")
    table = table.assign(date=date, year=date.year, day_of_year=date.day_of_year)
    for code in _south_tyrol_table.CODES:
        table[code] = rng.integers(1, 6, n)
    table["landslide"] = np.arange(n) % 2
    rain = rng.integers(0, 5000, (n, 120)) / 1000
    return pd.concat([table, pd.DataFrame(rain, columns=RAIN)], axis=1)


def taken(values, width, offset=0.00037):
    return Fingerprint(width, offset, Fingerprint.digest_of(values, width, offset))


@pytest.fixture
def small(server, monkeypatch, tmp_path):
    """The server offers the small tables, and they are what is expected."""
    table = made_table()
    content = {name: taken(table[name], 0.01) for name in _south_tyrol_table.CONTENT}
    rain = table[RAIN].to_numpy()
    monkeypatch.setattr(_south_tyrol_table, "CONTENT", content)
    monkeypatch.setattr(_south_tyrol_table, "RAIN_CONTENT", taken(rain, 0.01))
    monkeypatch.setattr(_south_tyrol_table, "RAIN_BELOW_10_CONTENT", taken(rain, 0.01))
    server.files[SOUTH_TYROL] = south_tyrol_file(table, tmp_path)

    points = pd.DataFrame({name: table["slope"] + i for i, name in enumerate(_ecuador.CONTENT)})
    points["lslpts"] = pd.Categorical(np.where(table["landslide"] == 1, "TRUE", "FALSE"))
    content = {name: taken(points[name], 0.01) for name in _ecuador.CONTENT if name != "lslpts"}
    monkeypatch.setattr(_ecuador, "CONTENT", content | {"lslpts": taken(table["landslide"], 0.01)})
    server.files[POINTS] = r_bytes(rdata.write_rda, {"lsl": points}, folder=tmp_path)
    server.files[TERRAIN] = b"terrain"
    monkeypatch.setattr(_ecuador, "TERRAIN_SHA256", sha256(b"terrain").hexdigest())
    hong_kong = made_hong_kong()
    content = {name: taken(hong_kong[name], 0.001) for name in _hong_kong.CONTENT}
    monkeypatch.setattr(_hong_kong, "CONTENT", content)
    monkeypatch.setattr(_hong_kong, "N_SAMPLES", len(hong_kong))
    server.files[HONG_KONG] = hong_kong_file(hong_kong)
    server.table, server.points, server.hong_kong = table, points, hong_kong
    return server


def cached_files(tmp_path):
    return [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_the_stored_sums_become_rain_in_order_of_time(small):
    found = fetch_south_tyrol()
    rain = found.data[found.sequences["rain"]]
    pd.testing.assert_frame_equal(rain, small.table[RAIN], check_exact=True)
    (group,) = resolve_sequences(
        found.sequences, n_features=found.data.shape[1], names=list(found.data)
    )
    assert group.positions.tolist() == [list(range(25, 145))]


def test_everything_else_is_found_whatever_its_name(small):
    found = fetch_south_tyrol()
    table = small.table
    for name in ("date", "year", "day_of_year", "catchment"):
        assert found[name].tolist() == table[name].tolist()
    assert found.target.tolist() == table["landslide"].tolist()
    assert found.lithology.tolist() == table["geology"].tolist()
    assert found.coordinates.equals(table[["x", "y"]])
    assert list(found.data) == found.feature_names
    assert found.frame["landslide"].equals(found.target)
    for name in found.feature_names:
        assert found.data[name].tolist() == table[name].tolist()
        assert (found.data[name].dtype == "category") == (name in found.categorical_features)
    assert "MIT" in found.DESCR
    assert f"{len(table)} (20 landslides)" in found.DESCR


def test_arrays_have_positions_for_the_sequence(small):
    found = fetch_south_tyrol(as_frame=False)
    assert found.frame is None
    assert found.data.dtype == np.float64
    assert found.data[:, found.sequences["rain"]].tolist() == small.table[RAIN].values.tolist()
    assert all(isinstance(found[name], np.ndarray) for name in ("coordinates", "date", "year"))
    X, y = fetch_south_tyrol(as_frame=False, return_X_y=True)
    assert np.array_equal(X, found.data) and np.array_equal(y, found.target)


def test_the_second_call_needs_no_network(small, tmp_path):
    first = fetch_south_tyrol()
    assert small.asked == [SOUTH_TYROL]
    small.files.clear()
    assert fetch_south_tyrol().frame.equals(first.frame)
    assert small.asked == [SOUTH_TYROL]
    assert [path.name for path in cached_files(tmp_path)] == ["d_5_0cumforward_5day_t0123.Rds"]


def test_data_home_goes_before_the_environment(small, tmp_path):
    fetch_south_tyrol(data_home=tmp_path / "elsewhere")
    assert list((tmp_path / "elsewhere").rglob("*.Rds"))
    assert not (tmp_path / "cache").exists()


def test_without_either_it_is_the_cache_of_the_system(monkeypatch):
    monkeypatch.delenv("SKLEARN_LANDSLIDE_DATA", raising=False)
    assert _download.data_folder(None).name == "sklearn_landslide"


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        (404, ConnectionError, "answered 404"),
        (500, ConnectionError, "answered 500"),
        (b"<html>no such page</html>", ValueError, "is no R file"),
        (b"", ValueError, "is no R file"),
    ],
)
def test_what_is_not_the_file_is_said_in_one_line_and_not_kept(
    small, tmp_path, body, error, message
):
    small.files[SOUTH_TYROL] = body
    with pytest.raises(error, match=message) as caught:
        fetch_south_tyrol()
    assert "\n" not in str(caught.value)
    assert SOUTH_TYROL in str(caught.value)
    assert not cached_files(tmp_path)


def test_a_connection_that_breaks_off_leaves_nothing(small, tmp_path):
    small.files[SOUTH_TYROL] = small.files[SOUTH_TYROL][:5000]
    small.withheld = 1000
    with pytest.raises(ConnectionError, match="could not be downloaded"):
        fetch_south_tyrol()
    assert not cached_files(tmp_path)
    # And with a server that does not tell the length either.
    small.withheld = 0
    with pytest.raises(ValueError, match="is no R file"):
        fetch_south_tyrol()
    assert not cached_files(tmp_path)


def test_without_a_network_it_says_where_to_put_the_file(small, monkeypatch, tmp_path):
    monkeypatch.setattr(_download, "HOST", "http://127.0.0.1:9")
    with pytest.raises(ConnectionError, match="check the connection and the proxy") as caught:
        fetch_south_tyrol()
    assert "\n" not in str(caught.value)
    by_hand = Path(str(caught.value).partition("by hand as ")[2].removesuffix(" and call again."))
    assert not cached_files(tmp_path)
    by_hand.write_bytes(small.files[SOUTH_TYROL])
    assert len(fetch_south_tyrol().data) == len(small.table)
    assert not small.asked


@pytest.mark.parametrize("name", ["slope", "geology", "landslide", "year", "x", "rain_000"])
def test_one_changed_value_is_refused(small, tmp_path, name):
    changed = small.table.copy()
    changed.loc[17, name] += 1
    small.files[SOUTH_TYROL] = south_tyrol_file(changed, tmp_path)
    with pytest.raises(ValueError, match="it is not used and not kept"):
        fetch_south_tyrol()
    assert not cached_files(tmp_path)


def test_a_wrong_file_in_the_folder_is_removed(small, tmp_path):
    fetch_south_tyrol()
    (cached,) = cached_files(tmp_path)
    cached.write_bytes(b"something else")
    with pytest.raises(ValueError, match="not used and was removed"):
        fetch_south_tyrol()
    assert not cached.exists()
    assert len(fetch_south_tyrol().data) == len(small.table)


def test_what_cannot_be_opened_is_not_removed(small, tmp_path):
    fetch_south_tyrol()
    (cached,) = cached_files(tmp_path)
    cached.unlink()
    cached.mkdir()
    with pytest.raises(OSError):
        fetch_south_tyrol()
    assert cached.is_dir()


def test_hours_in_another_order_are_refused(small, tmp_path):
    small.table[RAIN] = small.table[RAIN[::-1]].to_numpy()
    small.files[SOUTH_TYROL] = south_tyrol_file(small.table, tmp_path)
    with pytest.raises(ValueError, match="has other rain"):
        fetch_south_tyrol()


def test_a_table_without_rain_is_refused(small, tmp_path):
    frame = pd.DataFrame({"slope": [1.0]})
    small.files[SOUTH_TYROL] = r_bytes(rdata.write_rds, frame, folder=tmp_path)
    with pytest.raises(ValueError, match=r"lacks the columns day1\.00"):
        fetch_south_tyrol()
    small.files[SOUTH_TYROL] = r_bytes(rdata.write_rds, [1.0, 2.0], folder=tmp_path)
    with pytest.raises(ValueError, match="holds no data frame"):
        fetch_south_tyrol()


def test_points_and_terrain_of_ecuador(small):
    found = fetch_ecuador()
    assert found.target.tolist() == small.table["landslide"].tolist()
    assert found.data.equals(small.points[found.feature_names])
    assert found.coordinates.equals(small.points[["x", "y"]])
    assert found.raster.read_bytes() == b"terrain"
    assert found.frame.shape == (40, 6)
    assert small.asked == [POINTS, TERRAIN]
    assert isinstance(fetch_ecuador(as_frame=False).coordinates, np.ndarray)
    assert small.asked == [POINTS, TERRAIN]


def test_points_alone_do_not_download_the_terrain(small):
    X, y = fetch_ecuador(return_X_y=True)
    assert X.shape == (40, 5) and y.sum() == 20
    assert small.asked == [POINTS]


def test_another_terrain_is_refused(small, tmp_path):
    small.files[TERRAIN] = b"other terrain"
    with pytest.raises(ValueError, match="has SHA-256"):
        fetch_ecuador()
    assert [path.name for path in cached_files(tmp_path)] == ["lsl.rda"]


def test_another_revision_stands_in(small, tmp_path):
    good = small.files[POINTS]
    small.files[POINTS] = r_bytes(rdata.write_rda, {"lsl": small.points[::-1]}, folder=tmp_path)
    small.files[NEWEST_POINTS] = good
    fetch_ecuador(return_X_y=True)
    assert small.asked == [POINTS, NEWEST_POINTS]
    # Where none has it, the first is what is told of.
    cached_files(tmp_path)[0].unlink()
    small.files[NEWEST_POINTS] = 404
    with pytest.raises(ValueError, match="not used and not kept"):
        fetch_ecuador(return_X_y=True)


def test_places_of_hong_kong_have_what_knows_the_label_beside_the_factors(small):
    found, table = fetch_hong_kong(), small.hong_kong
    assert small.asked == [HONG_KONG]
    assert list(found.data) == found.feature_names == _hong_kong.FACTORS
    assert not {"x", "y", "deformation_velocity", "landslide"} & set(found.data)
    assert found.coordinates.equals(table[["x", "y"]])
    assert found.target.tolist() == table["landslide"].tolist()
    assert found.frame.columns.tolist() == [*_hong_kong.FACTORS, "landslide"]
    for name in found.feature_names:
        stored = table[name] / 10_000 if name == "ndvi" else table[name]
        assert found.data[name].tolist() == stored.tolist()
        assert (found.data[name].dtype == "category") == (name in found.categorical_features)
    X, y = fetch_hong_kong(return_X_y=True)
    assert X.equals(found.data) and y.equals(found.target)


def test_no_velocity_is_nan_and_a_factor_only_on_request(small):
    found, stored = fetch_hong_kong(deformation_velocity=True), small.hong_kong
    assert list(found.data) == [*_hong_kong.FACTORS, "deformation_velocity"]
    velocity = found.data["deformation_velocity"]
    assert velocity.isna().tolist() == (stored["deformation_velocity"] == 1e-6).tolist()
    assert velocity.dropna().tolist() == [
        value for value in stored["deformation_velocity"] if value != 1e-6
    ]
    assert fetch_hong_kong().deformation_velocity.equals(velocity)
    X, _ = fetch_hong_kong(as_frame=False, return_X_y=True, deformation_velocity=True)
    assert X.dtype == np.float64 and X.shape == (40, 14)
    assert isinstance(fetch_hong_kong(as_frame=False).coordinates, np.ndarray)


def test_what_to_beware_of_in_hong_kong_is_counted(small):
    text = " ".join(fetch_hong_kong().DESCR.split())
    assert "40 (19 landslides, 47.5%)" in text
    assert "11 rows have none" in text
    assert "3 landslides, with a mean velocity" in text
    assert "1 rows are exact copies" in text and "0 places carry both labels" in text
    assert "that is not established" in text and "MIT" in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_names_of_columns_may_be_in_any_encoding(small, encoding):
    small.files[HONG_KONG] = hong_kong_file(small.hong_kong, encoding)
    assert fetch_hong_kong().data.shape == (40, 13)


def without_velocity(table):
    return hong_kong_file(table).replace(b",DV,", b",")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (lambda table: b"", "has 1 columns in its first line instead of 17"),
        (lambda table: b"<html>no such page</html>", "has 1 columns"),
        (lambda table: b"," * 100_000, "has 10001 columns"),
        (without_velocity, "has 16 columns"),
        (lambda table: hong_kong_file(table)[:300], "has 2 rows instead of 40"),
        (lambda table: hong_kong_file(table[:39]), "has 39 rows instead of 40"),
        (lambda table: hong_kong_file(pd.concat([table, table])), "has more rows instead of 40"),
        (lambda table: hong_kong_file(table[::-1]), "no column with the values of 'landuse'"),
        (lambda table: hong_kong_file(table) + b'1,"', "not a table that can be read .Parser"),
        (
            lambda table: hong_kong_file(table.replace({"landuse": {1: "one"}})),
            "no column with the values of 'landuse'",
        ),
    ],
)
def test_another_version_of_hong_kong_is_refused(small, tmp_path, body, message):
    small.files[HONG_KONG] = body(small.hong_kong)
    with pytest.raises(ValueError, match=message) as caught:
        fetch_hong_kong()
    assert "\n" not in str(caught.value) and "not used and not kept" in str(caught.value)
    assert not cached_files(tmp_path)


@pytest.mark.parametrize("name", list(_hong_kong.CONTENT))
def test_one_changed_value_of_hong_kong_is_refused(small, name):
    changed = small.hong_kong.copy()
    changed.loc[17, name] += 1
    small.files[HONG_KONG] = hong_kong_file(changed)
    with pytest.raises(ValueError, match=f"no column with the values of '{name}'"):
        fetch_hong_kong()


def test_warnings_of_the_host_are_left_alone(small):
    before = list(warnings.filters)
    fetch_south_tyrol()
    assert warnings.filters == before


@pytest.mark.parametrize("library", ["pooch", "requests", "rdata"])
def test_a_missing_library_is_named_with_its_extra(small, monkeypatch, library):
    if library == "pooch":
        # It knows the folder for caches.
        monkeypatch.delenv("SKLEARN_LANDSLIDE_DATA")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=r"\.\[datasets\]"):
        fetch_south_tyrol()


@pytest.mark.parametrize("parameter", ["as_frame", "return_X_y", "data_home"])
@pytest.mark.parametrize("fetch", [fetch_ecuador, fetch_hong_kong, fetch_south_tyrol])
def test_parameters_are_checked(fetch, parameter):
    with pytest.raises(ValueError, match=parameter):
        fetch(**{parameter: 3.5})


def test_columns_of_r_become_numbers():
    table = pd.DataFrame(
        {
            "factor": pd.Categorical(["2", "1", "2"]),
            "logical": pd.array([True, False, None], dtype="boolean"),
            "levels": pd.Categorical(["TRUE", "FALSE", "TRUE"]),
            "integer": pd.array([3, None, 5], dtype="Int32"),
            "text": ["a", "b", "c"],
            "points": [np.array([1.0, 2.0])] * 3,
            "ragged": [np.array([1.0, 2.0]), np.array([1.0]), np.array([1.0])],
        }
    )
    columns = numeric_columns(table)
    assert list(columns) == ["factor", "logical", "levels", "integer", "points.0", "points.1"]
    assert columns["factor"].tolist() == [2, 1, 2]
    assert columns["levels"].tolist() == [1, 0, 1]
    np.testing.assert_array_equal(columns["logical"], [1, 0, np.nan])
    np.testing.assert_array_equal(columns["integer"], [3, np.nan, 5])


def xdr(*integers):
    return np.array(integers, ">i4").tobytes()


R_HEADER = b"X\n" + xdr(3, 0x40400, 0x30500, 5) + b"UTF-8"
R_NAME = xdr(1, 9, 14) + b"compact_intseq"


def packed(content, compression):
    return {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}[compression](content)


@pytest.fixture
def little_memory():
    """No more than 1.5 GB beyond what the process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    most = pages * resource.getpagesize() + 3 * 2**29
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize("compression", ["gzip", "bzip2", "xz"])
def test_no_more_is_unpacked_than_a_table_needs(small, monkeypatch, tmp_path, compression):
    monkeypatch.setattr(_r_files, "_MOST_BYTES", 2**20)
    chunk = R_HEADER + bytes(2**23)
    small.files[SOUTH_TYROL] = packed(chunk, compression)
    with pytest.raises(
        ValueError, match=r"is no R file that can be read \(more than 1 MB"
    ) as caught:
        fetch_south_tyrol()
    assert "\n" not in str(caught.value)
    assert not cached_files(tmp_path)
    # Packed twice, which R never does.
    small.files[SOUTH_TYROL] = packed(packed(chunk, compression), "gzip")
    with pytest.raises(ValueError, match="is no R file that can be read"):
        fetch_south_tyrol()


def test_unpacking_stops_at_the_limit(monkeypatch):
    monkeypatch.setattr(_r_files, "_MOST_BYTES", 2**20)
    bomb = gzip.compress(bytes(2**26))
    tracemalloc.start()
    with pytest.raises(ValueError, match="more than 1 MB"):
        _r_files._unpacked(bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**23


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(xdr(19, 2**31 - 1) + xdr(254) * 21_000, "objects", id="many objects"),
        pytest.param(xdr(19, 2**31 - 1), "IndexError", id="list"),
        pytest.param(xdr(21, 2**31 - 1), "functions", id="constants of a function"),
        pytest.param(
            xdr(238, 2)
            + R_NAME
            + xdr(254)
            + xdr(14, 3)
            + np.array([1e9, 1, 1], ">f8").tobytes()
            + xdr(254),
            "objects",
            id="sequence that is not stored",
        ),
        pytest.param(xdr(19, 1) * 10_000, "RecursionError", id="depth"),
    ],
)
def test_a_few_bytes_do_not_stand_for_gigabytes(
    small, little_memory, monkeypatch, tmp_path, content, message
):
    monkeypatch.setattr(_r_files, "_MOST_OBJECTS", 20_000)
    small.files[SOUTH_TYROL] = gzip.compress(R_HEADER + content)
    with pytest.raises(ValueError, match=f"is no R file that can be read .*({message})") as caught:
        fetch_south_tyrol()
    assert "\n" not in str(caught.value)
    assert not cached_files(tmp_path)


def test_a_download_without_end_is_broken_off(small, monkeypatch, tmp_path):
    monkeypatch.setattr(_download, "_MOST_BYTES", 2**18)
    small.files[SOUTH_TYROL] = bytes(2**20)
    with pytest.raises(ValueError, match="sends more than 0 MB") as caught:
        fetch_south_tyrol()
    assert "\n" not in str(caught.value)
    assert not cached_files(tmp_path)


def r_script(script):
    try:
        subprocess.run(["Rscript", "-e", script], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("R is not installed")


@pytest.mark.parametrize("compression", ["gzip", "bzip2", "xz"])
def test_files_that_r_writes_are_read(tmp_path, compression):
    path = tmp_path / "places.rds"
    r_script(f"""
places <- data.frame(bin = factor(c(1, 0)), date = as.Date(c("2012-01-01", "2021-12-31")),
  forest = c(TRUE, NA), stamp = as.POSIXct(c("2012-01-01", "2012-01-02"), tz = "UTC"))
point <- function(x, y) structure(c(x, y), class = c("XY", "POINT", "sfg"))
crs <- structure(list(input = "EPSG:31287", wkt = "x"), class = "crs")
places$geometry <- structure(list(point(1, 2), point(3, 4)), class = c("sfc_POINT", "sfc"),
  precision = 0, crs = crs, n_empty = 0L)
attr(places, "sf_column") <- "geometry"
class(places) <- c("sf", "tbl_df", "tbl", "data.frame")
saveRDS(places, "{path}", compress = "{compression}")
""")
    columns = numeric_columns(read_r_table(path))
    assert columns["bin"].tolist() == [1, 0]
    assert columns["geometry.0"].tolist() == [1, 3]
    assert columns["geometry.1"].tolist() == [2, 4]


@pytest.fixture(scope="module")
def real_table(real_data):
    return pd.read_csv(real_data / "south_tyrol_rainfall.csv.gz", parse_dates=["date"])


def test_the_real_table_comes_back_from_its_sums(server, tmp_path, real_table):
    server.files[SOUTH_TYROL] = south_tyrol_file(real_table, tmp_path)
    found = fetch_south_tyrol()
    factors = [name for name in real_table if name in found.feature_names]
    assert factors == found.feature_names
    expected = real_table[factors].astype(dict.fromkeys(found.categorical_features, "category"))
    pd.testing.assert_frame_equal(found.data, expected, check_exact=True)
    for name in ("date", "year", "day_of_year", "catchment"):
        assert found[name].tolist() == real_table[name].tolist()
    assert found.target.tolist() == real_table["landslide"].tolist()
    assert found.coordinates.to_numpy().tolist() == real_table[["x", "y"]].to_numpy().tolist()
    changed = real_table.copy()
    changed.loc[1234, "rain_077"] += 0.2
    server.files[SOUTH_TYROL] = south_tyrol_file(changed, tmp_path)
    with pytest.raises(ValueError, match="has other rain"):
        fetch_south_tyrol(data_home=tmp_path / "changed")


def fifth_digit(values):
    """One unit of the fifth significant digit."""
    return 10.0 ** (np.floor(np.log10(np.maximum(np.abs(values), 1e-5))) - 4)


def is_robust(values, fingerprint, change):
    return all(fingerprint.fits(values + sign * change) for sign in (-1, 0, 1))


def test_no_rounding_to_five_digits_makes_the_right_table_a_wrong_one(real_table):
    for name, fingerprint in _south_tyrol_table.CONTENT.items():
        values = real_table[name].to_numpy(float)
        # Coordinates are whole meters in the copy; the other whole numbers are codes and dates.
        change = 1.0 if name in {"x", "y"} else fifth_digit(values)
        if fingerprint.offset == 0.5:
            change = 0.49
        assert is_robust(values, fingerprint, 0.99 * change), name
    rain = real_table[RAIN].to_numpy()
    below = np.minimum(rain, 10)
    assert is_robust(rain, _south_tyrol_table.RAIN_CONTENT, 0.99 * fifth_digit(rain))
    fingerprint = _south_tyrol_table.RAIN_BELOW_10_CONTENT
    assert is_robust(below, fingerprint, 0.99 * fifth_digit(below))


def test_the_real_points_and_terrain(server, tmp_path, real_data):
    real = pd.read_csv(real_data / "ecuador_points.csv")
    points = real.rename(columns={"landslide": "lslpts"})
    points["lslpts"] = pd.Categorical(np.where(real["landslide"] == 1, "TRUE", "FALSE"))
    server.files[POINTS] = r_bytes(rdata.write_rda, {"lsl": points}, folder=tmp_path)
    server.files[TERRAIN] = (real_data / "ecuador_terrain.tif").read_bytes()
    found = fetch_ecuador()
    expected = real[["x", "y", *found.feature_names, "landslide"]]
    found_table = pd.concat([found.coordinates, found.data, found.target], axis=1)
    pd.testing.assert_frame_equal(found_table, expected, check_exact=True)
    stack = open_stack(found.raster)
    assert list(stack) == found.feature_names


@pytest.fixture(scope="module")
def real_hong_kong(real_data):
    path = real_data / "hong_kong_landslides.csv.gz"
    if not path.exists():
        pytest.skip("hong_kong_landslides.csv.gz is not in ../shared/data")
    return pd.read_csv(path)


def test_the_real_table_of_hong_kong(server, tmp_path, real_hong_kong):
    server.files[HONG_KONG] = hong_kong_file(real_hong_kong)
    found = fetch_hong_kong(deformation_velocity=True)
    table = found.data.astype(dict.fromkeys(found.categorical_features, int))
    table = table.join(found.coordinates).join(found.target)
    assert table["deformation_velocity"].isna().sum() == 6459
    table["ndvi"] = (table["ndvi"] * 10_000).round().astype(int)
    expected = real_hong_kong[list(table)]
    pd.testing.assert_frame_equal(table.fillna(1e-6), expected, check_exact=True)
    counts = ("19898 (11264 landslides", "2805 landslides", "456 rows are", "36 places carry")
    assert all(count in found.DESCR for count in counts)
    # In older versions the velocity has the other sign.
    other = real_hong_kong.assign(deformation_velocity=-real_hong_kong["deformation_velocity"])
    server.files[HONG_KONG] = hong_kong_file(other)
    with pytest.raises(ValueError, match="values of 'deformation_velocity'"):
        fetch_hong_kong(data_home=tmp_path / "other")


def test_no_last_digit_makes_the_right_table_of_hong_kong_a_wrong_one(real_hong_kong):
    for name, fingerprint in _hong_kong.CONTENT.items():
        assert is_robust(real_hong_kong[name].to_numpy(float), fingerprint, 3e-7), name


def test_examples_that_need_the_data_run(small, monkeypatch):
    """The docstrings and the user guide only define functions; here they are called."""
    names = {}
    for fetch in (fetch_ecuador, fetch_hong_kong, fetch_south_tyrol):
        for example in doctest.DocTestParser().get_examples(inspect.getdoc(fetch)):
            exec(example.source, names)
    model, raster = names["fit_ecuador"]()
    assert model.n_features_in_ == 5
    assert raster.exists()
    assert len(names["skill_in_years_left_out"]()) == 2
    assert len(names["skill_on_unseen_blocks"]()) == 5
    assert names["all_columns"]()[0].shape == (40, 16)

    page = Path(__file__).parents[2] / "docs" / "user_guide" / "data.md"
    (code,) = re.findall(
        r"^```python\n([^`]*fetch_south_tyrol.*?)^```", page.read_text(), re.M | re.S
    )
    exec(code, names)
    monkeypatch.setitem(names, "open_stack", Path)
    assert names["places_and_terrain"]()[-1] == raster
    assert len(names["skill_on_rocks_left_out"]()) == 5
