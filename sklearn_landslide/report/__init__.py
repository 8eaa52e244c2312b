"""A comparison as one self-contained HTML page; Jinja2 and matplotlib come with ``[report]``."""

from sklearn_landslide.report._report import write_report

__all__ = ["write_report"]
