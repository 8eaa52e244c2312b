"""Sphinx configuration: `make docs` builds without network and with warnings as errors."""

from sklearn_landslide import __version__

project = "sklearn-landslide"
author = "the sklearn-landslide developers"
copyright = f"2026, {author}"
release = version = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "auto_examples/**/*.md5"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]

templates_path = ["_templates"]
autosummary_generate = True
# Methods stand in full below their class; of LandslideNet only what it defines itself.
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = "sklearn-landslide"
html_theme_options = {
    "show_prev_next": False,
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"architecture": [], "changes": [], "conventions": []}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"plot_",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_signature": False,
    "min_reported_time": 0,
    "plot_gallery": True,
}
