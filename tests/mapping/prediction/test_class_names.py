"""Classes are known by their names, whatever numbers a raster gives them."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.feature_selection import variance_inflation
from sklearn_landslide.mapping import (
    AreaOfApplicability,
    open_stack,
    predict_map,
    sample_stack,
    write_stack,
)

CRS = "EPSG:32717"
SIDE = 40
RNG = np.random.default_rng(0)
SLOPE = RNG.uniform(0, 60, (SIDE, SIDE))
CELLS = {"y": 10.0 * np.arange(SIDE, 0, -1) - 5, "x": 10.0 * np.arange(SIDE) + 5}
# Places 0, 1 and 2 in this list, whatever numbers the rasters have for them.
NAMES = ["clay", "=granite", 'marl "B"\n, old']
CLASSES = RNG.integers(0, 3, (SIDE, SIDE))


def a_stack(codes, names=None, classes=CLASSES):
    """A stack whose raster of classes has a number for each of the three classes."""
    attrs = {"categorical": True} | ({} if names is None else {"class_names": names})
    rock = xr.DataArray(np.array(codes, dtype=float)[classes], CELLS, attrs=attrs)
    return open_stack({"slope": xr.DataArray(SLOPE, CELLS), "rock": rock}, crs=CRS)


def named(*codes):
    return a_stack(codes, dict(zip(codes, NAMES, strict=True)))


def places():
    """Landslides on marl, mostly, and places without elsewhere."""
    rows, columns = np.divmod(RNG.choice(SIDE * SIDE, 300, replace=False), SIDE)
    label = (CLASSES[rows, columns] == 2) ^ (RNG.random(300) < 0.1)
    return pd.DataFrame(
        {"x": CELLS["x"][columns], "y": CELLS["y"][rows], "landslide": label.astype(int)}
    )


PLACES = places()


def fitted(stack, model=None):
    table = sample_stack(stack, PLACES)
    return make_landslide_pipeline(model or LogisticRegression()).fit(table.X, table.y)


def probability(model, stack, **options):
    return predict_map(model, stack, **options).compute()


def test_a_sample_holds_the_names_sorted():
    column = sample_stack(named(3, 7, 5), PLACES).X["rock"]
    assert column.cat.categories.tolist() == sorted(NAMES)
    rows = np.searchsorted(-CELLS["y"], -PLACES["y"])
    columns = np.searchsorted(CELLS["x"], PLACES["x"])
    expected = np.array(NAMES)[CLASSES[rows, columns]]
    assert column.astype(str).tolist() == expected.tolist()


def test_a_model_of_one_region_knows_the_classes_of_another_by_name():
    here, there = named(1, 2, 3), named(30, 10, 20)
    model = fitted(here)
    np.testing.assert_array_equal(probability(model, there), probability(model, here))
    # The classes count for something: by number they would be others.
    swapped = probability(model, named(3, 2, 1))
    np.testing.assert_array_equal(swapped, probability(model, here))
    assert float(probability(model, here).std()) > 0.1


def test_the_same_numbers_with_other_names_are_other_classes():
    model = fitted(named(1, 2, 3))
    same_numbers = a_stack([1, 2, 3], {1: NAMES[2], 2: NAMES[1], 3: NAMES[0]})
    by_name = probability(model, same_numbers)
    in_order = dict(zip([1, 2, 3], NAMES, strict=True))
    mirrored = probability(model, a_stack([1, 2, 3], in_order, 2 - CLASSES))
    np.testing.assert_array_equal(by_name, mirrored)


def test_names_from_a_file_count_alike(tmp_path):
    model = fitted(named(1, 2, 3))
    stack = open_stack(write_stack(named(30, 10, 20), tmp_path / "factors.tif"))
    np.testing.assert_array_equal(probability(model, stack), probability(model, named(1, 2, 3)))


@pytest.mark.parametrize("window", [128, 512])
def test_every_window_gives_the_same_bits(window):
    model = fitted(named(1, 2, 3))
    found = probability(model, named(30, 10, 20), window=window)
    assert found.to_numpy().tobytes() == probability(model, named(1, 2, 3)).to_numpy().tobytes()


def test_a_raster_without_names_is_refused_by_a_model_of_names():
    model = fitted(named(1, 2, 3))
    refused = r"knows 'rock' by values such as .* numbers without names"
    with pytest.raises(ValueError, match=refused):
        predict_map(model, a_stack([1, 2, 3]))
    table = dict(zip([1, 2, 3], NAMES, strict=True))
    found = probability(model, a_stack([1, 2, 3]), categories={"rock": table})
    np.testing.assert_array_equal(found, probability(model, named(1, 2, 3)))


def test_names_of_which_none_is_known_are_refused():
    model = fitted(named(1, 2, 3))
    other = a_stack([1, 2, 3], {1: "tuff", 2: "slate", 3: "till"})
    with pytest.raises(ValueError, match=r"knows no class of .* holds 'tuff', 'slate', 'till'"):
        predict_map(model, other)


def test_names_of_which_some_are_unknown_are_said():
    model = fitted(named(1, 2, 3))
    other = a_stack([1, 2, 3], {1: NAMES[0], 2: NAMES[1], 3: "till"})
    with pytest.warns(UserWarning, match="of the cells of 'rock' .* does not know: 'till'"):
        found = predict_map(model, other)
    assert np.isfinite(found.compute()).all()


def test_two_codes_of_one_name_are_one_class():
    halves = np.where((CLASSES == 2) & (SLOPE > 30), 3, CLASSES)
    split = a_stack([1, 2, 3, 4], dict(zip([1, 2, 3, 4], [*NAMES, NAMES[2]], strict=True)), halves)
    expected, found = sample_stack(named(1, 2, 3), PLACES).X, sample_stack(split, PLACES).X
    pd.testing.assert_frame_equal(found, expected)
    model = fitted(named(1, 2, 3))
    np.testing.assert_array_equal(probability(model, split), probability(model, named(1, 2, 3)))


def test_codes_without_a_name_are_named_by_their_number_and_counted():
    partly = a_stack([1, 2, 1_234_567], {1: "clay", 2: "granite"})
    with pytest.warns(UserWarning, match=r"of 300 values of 'rock' are codes without a name"):
        table = sample_stack(partly, PLACES)
    assert table.X["rock"].cat.categories.tolist() == ["1234567", "clay", "granite"]
    model = make_landslide_pipeline(LogisticRegression()).fit(table.X, table.y)
    found = probability(model, partly)
    expected = probability(model, a_stack([7, 8, 9], {7: "clay", 8: "granite", 9: "1234567"}))
    np.testing.assert_array_equal(found, expected)


def test_a_model_of_codes_takes_the_codes_of_a_raster_with_names():
    model = fitted(a_stack([1, 2, 3]))
    found = probability(model, named(1, 2, 3))
    np.testing.assert_array_equal(found, probability(model, a_stack([1, 2, 3])))


def test_where_codes_and_names_are_both_known_numbers_the_names_count_and_it_is_said():
    model = fitted(a_stack([2, 3, 6]))
    renumbered = a_stack([1, 2, 3], {1: "2", 2: "3", 3: "6"})
    with pytest.warns(UserWarning, match="the names count. If the codes are meant"):
        found = predict_map(model, renumbered)
    np.testing.assert_array_equal(found, probability(model, a_stack([2, 3, 6])))
    given = {"rock": {1: 6, 2: 3, 3: 2}}
    other = probability(model, renumbered, categories=given)
    assert not np.array_equal(other, found)


def test_an_area_of_applicability_knows_classes_by_name():
    table = sample_stack(named(1, 2, 3), PLACES)
    area = AreaOfApplicability().fit(table.X)
    found = area.map(named(30, 10, 20)).compute()
    xr.testing.assert_equal(found, area.map(named(1, 2, 3)).compute())


def test_tables_of_columns_show_the_names():
    table = sample_stack(named(1, 2, 3), PLACES)
    numbers = pd.get_dummies(table.X, drop_first=True).astype(float)
    assert any("clay" in name or "granite" in name for name in variance_inflation(numbers).index)


def test_a_model_that_keeps_no_codes_takes_numbers():
    table = sample_stack(named(1, 2, 3), PLACES)
    model = GaussianNB().fit(table.X[["slope"]], table.y)
    assert np.isfinite(probability(model, named(1, 2, 3))).all()
