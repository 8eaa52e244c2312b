"""A stack in a file comes back with its values and with all that is known of it."""

import json
import warnings

import numpy as np
import pytest
import rasterio
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_landslide.mapping import open_stack, write_stack

CRS = "EPSG:32717"
CELLS = {"y": [35.0, 25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]}
ROCKS = np.array([[1, 2, 2], [1, np.nan, 3], [3, 3, 1], [2, 2, 1]])


def a_stack(**attrs):
    rock = xr.DataArray(ROCKS, CELLS, attrs={"class_names": {1: "marl", 2: "clay", 3: "tuff"}})
    fault = xr.DataArray(
        np.arange(12.0).reshape(4, 3) * 100,
        CELLS,
        attrs={"long_name": "distance to the nearest fault", "units": "m", "method": "exact"},
    )
    stack = open_stack({"rock": rock, "to_fault": fault}, crs=CRS)
    stack.attrs = attrs
    return stack


def same(one, other):
    """Whether two stacks are the same to the last bit, with all they know."""
    assert list(one) == list(other)
    for name in one:
        np.testing.assert_array_equal(one[name].to_numpy(), other[name].to_numpy())
        assert one[name].dtype == other[name].dtype
        assert one[name].attrs == other[name].attrs
    assert one.attrs == other.attrs
    assert one.rio.crs == other.rio.crs and one.rio.transform() == other.rio.transform()


def test_a_stack_comes_back_as_it_was(tmp_path):
    recipe = {"dem": "a.tif", "window": 3, "steps": ["fill", {"method": "d8"}], "exact": True}
    stack = a_stack(factor_recipe=recipe, region='Val "Ü"\nnorth')
    path = write_stack(stack, tmp_path / "factors.tif")
    found = open_stack(path)
    same(found, stack)
    assert found["rock"].attrs["class_names"] == {1: "marl", 2: "clay", 3: "tuff"}
    assert found["to_fault"].attrs["units"] == "m"
    # And once more, from the file.
    same(open_stack(write_stack(found, tmp_path / "again.tif")), stack)


def test_other_programs_find_names_units_and_tags(tmp_path):
    path = write_stack(a_stack(factor_recipe={"dem": "a.tif"}), tmp_path / "factors.tif")
    with rasterio.open(path) as file:
        assert file.descriptions == ("rock", "to_fault")
        assert file.units[1] == "m"
        assert json.loads(file.tags(1)["class_names"]) == {"1": "marl", "2": "clay", "3": "tuff"}
        assert json.loads(file.tags(2)["method"]) == "exact"
        assert json.loads(file.tags()["stack_attrs"]) == {"factor_recipe": {"dem": "a.tif"}}
        # To read one factor is not to unpack them all.
        assert file.interleaving.name == "band"
    assert [other.name for other in tmp_path.iterdir()] == ["factors.tif"]


@pytest.mark.parametrize("chunks", [1, 2, 512])
def test_every_window_gives_the_same_bits(tmp_path, chunks):
    stack = a_stack()
    path = write_stack(stack.chunk({"y": chunks, "x": chunks}), tmp_path / "factors.tif")
    same(open_stack(path, chunks=chunks), stack)


texts = st.text(max_size=30) | st.sampled_from(
    ["=1+1", 'a "b"', "x\ny", "\t", "k=v", "'", "\x00", "\ud800", "</Item>", "🌋", "true", "1.0"]
)


@settings(max_examples=15, deadline=None)
@given(
    names=st.dictionaries(st.integers(-5, 300) | st.just(0.5), texts, max_size=6),
    texts=st.fixed_dictionaries({key: texts for key in ("long_name", "units", "method")}),
    attrs=st.dictionaries(texts, st.none() | texts | st.integers() | st.lists(texts), max_size=3),
)
def test_any_text_comes_back(tmp_path_factory, names, texts, attrs):
    rock = xr.DataArray(ROCKS, CELLS, attrs={"class_names": names} | texts)
    stack = open_stack({"rock": rock}, crs=CRS)
    stack.attrs = attrs
    path = write_stack(stack, tmp_path_factory.mktemp("stack") / "rock.tif")
    same(open_stack(path), stack)
    stripped = {code: name.strip() for code, name in names.items() if name.strip()}
    assert stack["rock"].attrs.get("class_names", {}) == stripped


def test_a_lifted_range_stays_lifted(tmp_path):
    slope = xr.DataArray(np.where(ROCKS > 2, 95.0, 30.0), CELLS)
    stack = open_stack({"slope": slope}, crs=CRS, bounds={"slope": None})
    found = open_stack(write_stack(stack, tmp_path / "slope.tif"))
    same(found, stack)
    assert float(found["slope"].max()) == 95


def test_declared_nodata_and_whole_numbers_become_nan_and_floats(tmp_path):
    codes = xr.DataArray(
        np.array([[1, 2], [-9999, 3]], dtype=np.int16),
        {"y": [15.0, 5.0], "x": [5.0, 15.0]},
        ("y", "x"),
    )
    stack = xr.Dataset({"soil": codes.rio.write_nodata(-9999)}).rio.write_crs(CRS)
    found = open_stack(write_stack(stack, tmp_path / "soil.tif"))
    np.testing.assert_array_equal(found["soil"], [[1, 2], [np.nan, 3]])


def test_the_overviews_of_codes_are_codes(tmp_path):
    rng = np.random.default_rng(0)
    cells = {"y": 10.0 * np.arange(1100, 0, -1), "x": 10.0 * np.arange(1100)}
    rock = xr.DataArray(rng.choice([1.0, 9.0], (1100, 1100)), cells, attrs={"categorical": True})
    path = write_stack(open_stack({"rock": rock}, crs=CRS), tmp_path / "rock.tif")
    with rasterio.open(path) as file:
        assert file.overviews(1) == [2, 4]
    with rasterio.open(path, overview_level=0) as file:
        assert set(np.unique(file.read(1))) == {1, 9}


def test_what_a_file_cannot_keep_is_refused(tmp_path):
    with pytest.raises(ValueError, match="the attribute 'model' of the stack cannot be kept"):
        write_stack(a_stack(model=object()), tmp_path / "factors.tif")
    renamed = a_stack().rename({"rock": "rock\n"})
    with pytest.raises(ValueError, match="cannot be named so in a file"):
        write_stack(renamed, tmp_path / "factors.tif")
    stack = a_stack()
    stack["rock"].attrs["class_names"] = {"one": "marl"}
    with pytest.raises(ValueError, match="class_names of 'rock' cannot be used: the code 'one'"):
        write_stack(stack, tmp_path / "factors.tif")
    with pytest.raises(TypeError, match="stack must be what open_stack returns"):
        write_stack(a_stack()["rock"], tmp_path / "factors.tif")
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_replaced_only_when_asked(tmp_path):
    path = write_stack(a_stack(), tmp_path / "factors.tif")
    with pytest.raises(ValueError, match="exists: give another name, or set overwrite=True"):
        write_stack(a_stack(), path)
    write_stack(a_stack(region="north"), path, overwrite=True)
    assert open_stack(path).attrs == {"region": "north"}


def test_a_run_with_other_class_names_does_not_take_up_a_killed_one(tmp_path):
    path, stack = tmp_path / "factors.tif", a_stack()

    def stop(n_done, n_windows):
        if n_done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_stack(stack, path, resume=True, progress=stop)
    other = stack.copy()
    other["rock"] = other["rock"].assign_attrs(class_names={1: "gneiss"})
    with pytest.raises(ValueError, match="is of another run"):
        write_stack(other, path, resume=True)
    same(open_stack(write_stack(stack, path, resume=True)), stack)


def test_writing_leaves_warning_filters_alone(tmp_path):
    before = list(warnings.filters)
    write_stack(a_stack(), tmp_path / "factors.tif")
    assert warnings.filters == before
