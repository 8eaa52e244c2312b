"""The names of the files of a map, and of those that a run keeps on its way."""

LATER = ("later_score.json", "later_landslides.csv", "later_rate_curve.png")
BY_UNIT = "zones_by_unit.csv"
# susceptibility.tif first: where it is, the folder is complete (see OutputFolder).
FILES = (
    "susceptibility.tif",
    "factors.tif",
    "zones.tif",
    "zones.tif.aux.xml",
    "dissimilarity.tif",
    "applicability.tif",
    "applicability.tif.aux.xml",
    "uncertainty.tif",
    "contributions.tif",
    "deciding_factor.tif",
    "deciding_factor.tif.aux.xml",
    "units.gpkg",
    "zones.gpkg",
    "factors.qml",
    "susceptibility.qml",
    "zones.qml",
    "dissimilarity.qml",
    "applicability.qml",
    "uncertainty.qml",
    "contributions.qml",
    "deciding_factor.qml",
    "map.png",
    "zones.csv",
    "landslides.csv",
    "summary.md",
    *LATER,
    BY_UNIT,
    "facts.json",
    "model.zip",
)
# More than there are folds of both kinds.
_MOST_FOLDS = 10
FITTED = "fitted.zip"
MODEL = "model.zip"
STEPS = (
    FITTED,
    *(f"fold-{n}.zip" for n in range(_MOST_FOLDS)),
    *(f"fold-{n}.json" for n in range(_MOST_FOLDS)),
)
# Probability and spread, where one pass gives both, until each has its file.
PREDICTIONS = "predictions.tif"
