"""A comparison of models or of regions, or a study, as one HTML page; needs ``[report]``."""

# Redundant aliases: for the command line, and no part of what the package promises.
from sklearn_landslide.report._inspection_folder import INSPECTION_FORMAT as INSPECTION_FORMAT
from sklearn_landslide.report._print import print_page as print_page
from sklearn_landslide.report._region_report import write_region_report
from sklearn_landslide.report._report import page_template as page_template
from sklearn_landslide.report._report import write_report
from sklearn_landslide.report._study import write_study
from sklearn_landslide.report._study_facts import StudyFacts

__all__ = ["StudyFacts", "write_region_report", "write_report", "write_study"]
