"""Likely mistakes in a table, named before anything is fitted."""

# Redundant alias: for the other rooms, and no part of what the package promises.
from sklearn_landslide.checks._check_table import check_table
from sklearn_landslide.checks._result import TableCheck, TableFinding
from sklearn_landslide.checks._result import headlines as headlines

__all__ = ["TableCheck", "TableFinding", "check_table"]
