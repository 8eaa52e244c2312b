"""What is odd about zones: next to nothing in one, edges that are one, landslides that go down."""

import pandas as pd
import pytest

pytest.importorskip("rioxarray")

from sklearn_landslide.map_products._zone_warnings import zone_warnings


def table_of(edges, cells, landslides=None):
    table = pd.DataFrame(
        {
            "name": ["very low", "low", "moderate", "high", "very high"],
            "from_probability": edges[:-1],
            "to_probability": edges[1:],
            "area_share": [number / sum(cells) for number in cells],
        }
    )
    if landslides is not None:
        table["landslides"] = landslides
        table["density_per_km2"] = table["landslides"] / [max(one, 1) / 100 for one in cells]
    return table


EVEN = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def test_zones_as_they_should_be_need_no_word():
    table = table_of(EVEN, [400, 300, 200, 100, 50], [1, 2, 3, 4, 5])
    assert zone_warnings(table, 1050, may_change=True) == []


def test_edges_that_crowd_at_one_end_are_named_with_their_cells():
    """Of a real map: a forest that is sure of nearly all cells."""
    table = table_of([0, 0.889, 0.96, 0.993, 0.9998, 1], [1, 4000, 6000, 20000, 70000])
    [line] = zone_warnings(table, 100_001, may_change=True)
    assert "'very low' holds 1 of 100001 cells, between 0 and 0.889" in line
    assert "'very high' holds 70000 of 100001 cells, between 0.9998 and 1" in line
    assert "Ask for fewer zones, or for another method, such as quantile" in line
    [line] = zone_warnings(table, 100_001, may_change=False)
    assert line.endswith("The edges are those of the map on which they were learned.")


def test_a_zone_with_fewer_landslides_per_area_than_the_one_below_is_named():
    table = table_of(EVEN, [400, 300, 200, 100, 50], [1, 2, 8, 2, 5])
    [line] = zone_warnings(table, 1050, may_change=True)
    assert line.startswith(
        "The zone 'high' has fewer landslides per km² than 'moderate' below it: 2 (2) against 4 (8)"
    )


def test_zones_that_are_as_dense_but_for_a_few_landslides_need_no_word():
    table = table_of(EVEN, [4000, 3600, 1000, 800, 500], [9, 8, 10, 10, 20])
    assert zone_warnings(table, 9900, may_change=True) == []


def test_empty_zones_are_not_compared_and_no_inventory_is_no_warning():
    table = table_of(EVEN, [400, 0, 200, 100, 50], [1, 0, 8, 5, 5])
    [line] = zone_warnings(table, 750, may_change=False)
    assert line.startswith("The zone 'low' holds 0 of 750 cells")
    assert zone_warnings(table_of(EVEN, [9, 8, 7, 6, 5]), 35, may_change=True) == []
    none = table_of(EVEN, [9, 8, 7, 6, 5], [0, 0, 0, 0, 0])
    assert zone_warnings(none, 35, may_change=True) == []
