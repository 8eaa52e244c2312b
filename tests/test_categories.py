"""Which columns are categories: by type, name, position or mask."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sklearn_landslide._categories import categorical_mask, column_names


@pytest.fixture
def frame():
    return pd.DataFrame({"slope": [1.0, 2.0], "soil": ["clay", "peat"], "lithology": [3, 4]})


@pytest.mark.parametrize(
    "wanted",
    [
        ["soil", "lithology"],
        ("lithology", "soil"),
        np.array(["soil", "lithology"]),
        pd.Index(["soil", "lithology"]),
        [1, 2],
        np.array([2, 1], dtype=np.uint8),
        [False, True, True],
    ],
)
def test_names_positions_and_masks_mean_the_same(frame, wanted):
    assert categorical_mask(frame, wanted).tolist() == [False, True, True]


@pytest.mark.parametrize("wanted", [None, [], ()])
def test_none_and_empty_mean_no_category(frame, wanted):
    frame = frame.astype({"soil": "category"})
    assert not categorical_mask(frame, wanted).any()


def test_from_dtype_takes_pandas_categories_only(frame):
    assert not categorical_mask(frame, "from_dtype").any()
    typed = frame.astype({"soil": "category", "lithology": "category"})
    typed["lithology"] = typed["lithology"].cat.as_ordered()
    assert categorical_mask(typed, "from_dtype").tolist() == [False, True, True]


def test_from_dtype_takes_polars_categories_and_enums(frame):
    typed = pl.DataFrame(
        {"slope": [1.0, 2.0], "soil": ["clay", "peat"], "relief": ["low", "high"], "id": ["a", "b"]}
    ).with_columns(
        pl.col("soil").cast(pl.Categorical), pl.col("relief").cast(pl.Enum(["low", "high"]))
    )
    assert categorical_mask(typed, "from_dtype").tolist() == [False, True, True, False]


def test_from_dtype_finds_none_in_arrays_and_lists():
    assert categorical_mask(np.ones((2, 3)), "from_dtype").tolist() == [False] * 3
    assert categorical_mask([[1, 2]], "from_dtype").tolist() == [False] * 2


def test_from_dtype_takes_a_frame_with_duplicate_names(frame):
    double = pd.concat([frame, frame[["soil"]].astype("category")], axis=1)
    assert categorical_mask(double, "from_dtype").tolist() == [False] * 3 + [True]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (["geology"], r"\['geology'\] are not columns of X, which has \['slope'"),
        (["soil", "geology"], r"=\['geology'\] are not columns"),
        ([3], r"=\[3\] must lie in \[0, 2\]"),
        ([-1], r"=\[-1\] must lie in \[0, 2\]"),
        ([True, False], "mask of length 2, but X has 3 features"),
        ("soil", "or a list of names, positions or booleans, got 'soil'"),
    ],
)
def test_what_does_not_fit_the_table_is_said(frame, wanted, message):
    with pytest.raises(ValueError, match=message):
        categorical_mask(frame, wanted)


def test_names_need_a_frame(frame):
    with pytest.raises(ValueError, match=r"are names, but X has no column names: pass a DataFrame"):
        categorical_mask(frame.to_numpy(), ["soil"])


def test_the_mask_given_is_not_the_mask_returned(frame):
    mask = np.array([False, True, False])
    categorical_mask(frame, mask)[0] = True
    assert not mask[0]


def test_column_names_are_those_that_are_all_strings(frame):
    assert column_names(frame) == ["slope", "soil", "lithology"]
    assert column_names(frame.rename(columns={"soil": 1})) is None
    assert column_names(frame.to_numpy()) is None
