"""What the benchmarks read, and how they split it."""

import numpy as np
import pytest

from sklearn_landslide.datasets import make_landslides

TWO_FILES = {
    "own.toml": """
[region]
file = "region.csv"
target = "landslide"
coordinates = ["x", "y"]
drop = ["rainfall"]
scale = { ndvi = 0.0001 }
blocks = 10
folds = 5
""",
    "elsewhere.toml": """
[slides]
file = "region.csv"
target = "landslide"
[missing]
file = "not_there.csv"
target = "landslide"
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A region as a table, its NDVI in the integers of a satellite's product, and two specs."""
    folder = tmp_path_factory.mktemp("tables")
    region = make_landslides(600, as_frame=True, random_state=0)
    table = region.frame.join(region.coordinates)
    table["ndvi"] = (table["ndvi"] * 10_000).round()
    table.to_csv(folder / "region.csv", index=False)
    for name, text in TWO_FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def tables(folder, benchmarks_on_path):
    from _tables import load_tables

    loaded = load_tables(folder, None, folder / "own.toml", folder / "elsewhere.toml")
    return {table.name: table for table in loaded}


def test_tables_of_several_files_are_read_where_they_are(tables):
    assert list(tables) == ["region", "slides"]
    assert "rainfall" in tables["slides"].X and "rainfall" not in tables["region"].X


def test_a_column_is_scaled_where_the_specs_say_so(tables):
    raw, scaled = tables["slides"].X["ndvi"], tables["region"].X["ndvi"]
    np.testing.assert_allclose(scaled, raw / 10_000)
    assert scaled.abs().max() <= 1 < raw.max()


def test_ten_blocks_are_dealt_into_five_folds(tables):
    table = tables["region"]
    folds = table.folds("spatial", 0)
    assert len(folds) == 5
    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested) == list(range(len(table.y)))

    from sklearn_landslide.model_selection import spatial_blocks

    blocks = spatial_blocks(table.coordinates, n_blocks=10, random_state=0)
    in_folds = [set(blocks.iloc[test]) for _, test in folds]
    assert sorted(block for fold in in_folds for block in fold) == list(range(10))
    assert all(set(table.y[test]) == {0, 1} for _, test in folds)
