"""A comparison as one self-contained HTML page; Jinja2 and matplotlib come with ``[report]``."""

# Redundant alias: for the command line, and no part of what the package promises.
from sklearn_landslide.report._report import page_template as page_template
from sklearn_landslide.report._report import write_report

__all__ = ["write_report"]
