"""A synthetic region as a stack: every cell where it belongs."""

import numpy as np
import pytest

from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.mapping import region_stack, sample_stack


@pytest.fixture(scope="module")
def region():
    return make_landslides(80, shape=(30, 40), return_stack=True, as_frame=True, random_state=1)


def test_the_cells_of_the_region_have_the_factors_of_its_table(region):
    stack = region_stack(region, factors=["slope", "altitude"])
    assert list(stack) == ["slope", "altitude"]
    assert stack.rio.crs.to_epsg() == 32632
    assert stack.rio.transform()[:6] == (30.0, 0.0, 500_000.0, 0.0, -30.0, 3_600_000.0)
    places = region.coordinates.assign(landslide=region.target)
    sample = sample_stack(stack, places)
    order = np.lexsort(sample.coordinates.to_numpy().T)
    known = np.lexsort(region.coordinates.to_numpy().T)
    for name in stack:
        expected = region.data[name].to_numpy()[known].astype("float32")
        np.testing.assert_array_equal(sample.X[name].to_numpy()[order], expected)


def test_codes_keep_the_names_of_their_classes(region):
    stack = region_stack(region)
    for name in region.categorical_features:
        assert stack[name].attrs["class_names"] == region.category_names[name]


def test_a_region_without_rasters_and_an_unknown_factor_are_refused(region):
    with pytest.raises(ValueError, match="return_stack=True"):
        region_stack(make_landslides(80, shape=(30, 40), random_state=1))
    with pytest.raises(ValueError, match=r"no factor 'gradient'; its factors are altitude"):
        region_stack(region, factors=["gradient"])
