"""What tests of reading tables share."""

import pytest


@pytest.fixture
def write(tmp_path):
    """Write a file in a folder of its own and return its path."""

    def write(content, name="places.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
