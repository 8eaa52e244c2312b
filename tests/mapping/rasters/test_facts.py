"""What files of any origin say of a factor is read, and never trusted."""

import json

import numpy as np
import pytest
import rasterio
import xarray as xr

from sklearn_landslide.mapping import open_stack, write_stack

CODES = np.array([[1, 2, 3], [3, 3, 1]], dtype=np.uint8)


@pytest.fixture
def write_tagged(write_raster):
    """Write a raster of codes with tags of its band."""

    def write(**tags):
        path = write_raster("rock.tif", CODES)
        with rasterio.open(path, "r+") as file:
            file.update_tags(1, **tags)
        return path

    return write


def attrs_of(path, **options):
    return open_stack({"rock": path}, **options)["rock"].attrs


def test_names_of_classes_mark_codes(write_tagged):
    attrs = attrs_of(write_tagged(class_names='{"1": "marl", "3": "clay"}'))
    assert attrs == {"categorical": True, "class_names": {1: "marl", 3: "clay"}}


def test_texts_of_other_programs_are_taken_as_they_are(write_tagged):
    path = write_tagged(long_name='rock "units"', method="drawn", units='"')
    assert attrs_of(path) == {"long_name": 'rock "units"', "method": "drawn", "units": '"'}


def test_a_unit_of_gdal_is_the_unit(write_raster):
    path = write_raster("slope.tif", np.ones((2, 3), dtype=np.float32))
    with rasterio.open(path, "r+") as file:
        file.units = ["°"]
    assert open_stack({"slope": path})["slope"].attrs["units"] == "°"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[1, 2]", "a dict from code to name is needed, got list"),
        ("{", "Expecting property name"),
        ('{"a": "marl"}', "the code 'a' is not a number"),
        ('{"NaN": "marl"}', "the code 'NaN' is not a number"),
        ('{"1": 2}', "the name of 1 is not text"),
        ('{"1": "a", "1.0": "b"}', "the code 1 has two names"),
        ('{"1": "' + "a" * 501 + '"}', "the name of 1 has 501 characters"),
        (json.dumps(dict.fromkeys(range(65_537), "a")), "65537 names, and 65536 at most"),
        ("[" * 100_000, "nested too deeply|Expecting value"),
        ("9" * 4_000_001, "4000001 characters, and 4000000 at most"),
    ],
)
def test_names_that_cannot_be_used_are_left_out_with_a_warning(write_tagged, text, why):
    path = write_tagged(class_names=text)
    with pytest.warns(UserWarning, match=f"class_names of band 1 of .* is left out: .*({why})"):
        assert attrs_of(path) == {}


def test_a_text_that_is_too_long_is_left_out_with_a_warning(write_tagged):
    with pytest.warns(UserWarning, match="long_name of .* is left out: 4001 characters"):
        assert attrs_of(write_tagged(long_name="a" * 4001)) == {}


@pytest.mark.parametrize("text", ["{", "[]", '"a"', "[" * 100_000])
def test_stack_attributes_that_cannot_be_read_are_left_out_with_a_warning(write_raster, text):
    path = write_raster("rock.tif", CODES, descriptions=["rock"])
    with rasterio.open(path, "r+") as file:
        file.update_tags(stack_attrs=text)
    with pytest.warns(UserWarning, match="stack_attrs of .* is left out"):
        assert open_stack(path).attrs == {}


ATTRIBUTE_TABLE = """<GDALRasterAttributeTable tableType="thematic">
<FieldDefn index="0"><Name>Value</Name><Type>0</Type><Usage>5</Usage></FieldDefn>
<FieldDefn index="1"><Name>CLASS</Name><Type>2</Type><Usage>{usage}</Usage></FieldDefn>
<Row index="0"><F>1</F><F>gran&amp;ite</F></Row><Row index="1"><F>3</F><F>marl</F></Row>
</GDALRasterAttributeTable>"""


@pytest.mark.parametrize(
    ("xml", "names"),
    [
        (
            "<CategoryNames><Category></Category><Category>gran&amp;ite</Category>"
            "<Category> </Category><Category>marl</Category></CategoryNames>",
            {1: "gran&ite", 3: "marl"},
        ),
        (ATTRIBUTE_TABLE.format(usage=2), {1: "gran&ite", 3: "marl"}),
        (ATTRIBUTE_TABLE.format(usage=0), {1: "gran&ite", 3: "marl"}),
        (ATTRIBUTE_TABLE.format(usage=0).replace("CLASS", "COLOR"), None),
    ],
)
def test_categories_and_attribute_tables_of_gdal_give_names(write_raster, xml, names):
    path = write_raster("rock.tif", CODES)
    path.with_name("rock.tif.aux.xml").write_text(
        f'<PAMDataset><PAMRasterBand band="1">{xml}</PAMRasterBand></PAMDataset>'
    )
    expected = {} if names is None else {"categorical": True, "class_names": names}
    assert attrs_of(path) == expected
    assert sorted(other.name for other in path.parent.iterdir()) == ["rock.tif", "rock.tif.aux.xml"]


def test_attributes_of_arrays_stay_through_alignment_and_a_selection():
    attrs = {"long_name": "rock", "units": "", "class_names": {1.0: "marl", 2: " "}, "odd": 3}
    fine = xr.DataArray(np.ones((4, 4)), {"y": [7.0, 5, 3, 1], "x": [1.0, 3, 5, 7]}, name="a")
    coarse = xr.DataArray(np.ones((2, 2)), {"y": [6.0, 2], "x": [2.0, 6]}, attrs=attrs)
    stack = open_stack(
        {"slope": fine, "rock": coarse}, align="slope", resampling="nearest", crs=32717
    )
    known = {"long_name": "rock", "categorical": True, "class_names": {1: "marl"}}
    assert stack["rock"].attrs == known
    assert open_stack(stack, factors=["rock"])["rock"].attrs == known


def test_a_dataset_keeps_its_attributes():
    cells = {"y": [7.0, 5, 3, 1], "x": [1.0, 3, 5, 7]}
    stack = open_stack({"slope": xr.DataArray(np.ones((4, 4)), cells)}, crs=32717)
    assert open_stack(stack.assign_attrs(factor_recipe={"window": 3})).attrs == {
        "factor_recipe": {"window": 3}
    }


def test_a_file_of_one_factor_keeps_its_facts_in_a_dict(tmp_path, write_tagged):
    path = write_tagged(class_names='{"1": "marl"}')
    written = write_stack(open_stack({"rock": path}), tmp_path / "one.tif")
    assert attrs_of(written) == attrs_of(path)
