"""Tables of landslide and non-landslide places: read from a file and checked, one door in."""

from sklearn_landslide.tables._read_table import read_table

__all__ = ["read_table"]
