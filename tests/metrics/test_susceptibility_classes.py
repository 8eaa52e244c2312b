"""Landslide density and frequency ratio of each class."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from sklearn_landslide.metrics import frequency_ratio_table


def test_the_table_is_the_one_counted_by_hand():
    # Three classes of 2, 3 and 5 km2 with 4, 1 and 0 of the 5 landslides.
    y = [1, 1, 1, 1, 0, 1, 0]
    classes = [3, 3, 3, 3, 1, 2, 2]
    area = [0.5, 0.5, 0.5, 0.5, 5, 1, 2]
    expected = pd.DataFrame(
        {
            "lower": [0.0, 0.2, 0.6],
            "upper": [0.2, 0.6, 1.0],
            "area": [5.0, 3.0, 2.0],
            "area_share": [0.5, 0.3, 0.2],
            "landslides": [0, 1, 4],
            "landslide_share": [0.0, 0.2, 0.8],
            "density": [0.0, 1 / 3, 2.0],
            "frequency_ratio": [0.0, 2 / 3, 4.0],
        },
        index=pd.RangeIndex(1, 4, name="class"),
    )
    table = frequency_ratio_table(y, classes, edges=[0, 0.2, 0.6, 1], area=area)
    assert_frame_equal(table, expected, check_index_type=False)


def test_classes_of_a_factor_may_be_text_and_keep_their_names():
    table = frequency_ratio_table([1, 0, 0, 0], ["schist", "schist", "granite", "granite"])
    assert table.index.tolist() == ["granite", "schist"]
    assert table["frequency_ratio"].tolist() == [0, 2]
    assert table["density"].tolist() == [0, 0.5]
    assert "lower" not in table


def test_an_empty_class_has_a_line_with_a_missing_ratio():
    table = frequency_ratio_table([1, 0], [1, 3], edges=[0, 0.3, 0.6, 1])
    assert table.index.tolist() == [1, 2, 3]
    assert table.loc[2, ["area", "landslides", "area_share", "landslide_share"]].tolist() == [0] * 4
    assert table.loc[2, ["density", "frequency_ratio"]].isna().all()


def test_landslides_without_area_have_an_infinite_density():
    table = frequency_ratio_table([1, 0], [2, 1], area=[0, 1])
    assert table.loc[2, "frequency_ratio"] == np.inf


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 4), st.integers(1, 9)), min_size=1).filter(
        lambda rows: any(label for label, _, _ in rows)
    )
)
def test_shares_add_up_to_1_and_ratios_to_their_weighted_mean_of_1(rows):
    y, classes, area = zip(*rows, strict=True)
    table = frequency_ratio_table(y, classes, area=area)
    assert table["area_share"].sum() == pytest.approx(1)
    assert table["landslide_share"].sum() == pytest.approx(1)
    assert (table["frequency_ratio"] * table["area_share"]).sum() == pytest.approx(1)
    overall = sum(y) / sum(area)
    assert_allclose(table["density"], table["frequency_ratio"] * overall)


@pytest.mark.parametrize(
    ("classes", "edges", "message"),
    [
        ([1, 4], [0, 0.5, 1], r"edges bound the classes 1 to 2, and classes holds \[4\]"),
        ([1, 2], [0, 0.5, 0.5], r"two bounds that rise, got \[0.0, 0.5, 0.5\]"),
        ([1, 2, 2], None, "classes has 3 values and y_true has 2"),
        ([1, np.nan], None, "classes has 1 missing values"),
    ],
)
def test_what_cannot_be_classes_is_named_in_one_line(classes, edges, message):
    with pytest.raises(ValueError, match=message) as error:
        frequency_ratio_table([0, 1], classes, edges=edges)
    assert "\n" not in str(error.value)


def test_a_table_without_landslides_is_refused():
    with pytest.raises(ValueError, match="no landslide"):
        frequency_ratio_table([0, 0], [1, 2])
