"""The table of zones in the summary: numbers for people, and what the frequency ratio is."""

import pandas as pd

from sklearn_landslide.map_products._zone_lines import zone_lines


def test_numbers_are_for_people_and_the_frequency_ratio_is_explained_once():
    table = pd.DataFrame(
        {
            "name": ["low", "high | <b>"],
            "area_km2": [6123.4, 3.874],
            "area_share": [0.6126, 0.3874],
            "mean_probability": [0.000123, 0.5923],
            "landslides": [0, 3220],
            "density_per_km2": [0.0, 831.2],
            "frequency_ratio": [0.0, 2.5813],
        }
    )
    lines = zone_lines(table)
    assert lines[2] == "| low | 6123 | 61 % | 0.00012 | 0 | 0 | 0.00 |"
    assert lines[3].endswith("| 3.87 | 39 % | 0.59 | 3220 | 831 | 2.58 |")
    assert "<b>" not in lines[3] and lines[3].count(" | ") == 6
    said = [line for line in lines if "share of the landslides over the share of the area" in line]
    assert len(said) == 1
    assert zone_lines(table.drop(columns="frequency_ratio"))[-1].startswith("| high")
