"""A table for the commands to read."""

import pytest
from cli.commands import make_places


@pytest.fixture
def places(tmp_path):
    path = tmp_path / "places.csv"
    make_places().to_csv(path, index=False)
    return path
