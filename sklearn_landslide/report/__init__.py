"""A comparison of models, or of regions, as one HTML page; needs the extra ``[report]``."""

from sklearn_landslide.report._region_report import write_region_report

# Redundant alias: for the command line, and no part of what the package promises.
from sklearn_landslide.report._report import page_template as page_template
from sklearn_landslide.report._report import write_report

__all__ = ["write_region_report", "write_report"]
