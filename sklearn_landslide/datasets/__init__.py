"""Data to learn and to test with.

``make_*`` generates, ``load_*`` reads what is bundled, ``fetch_*`` downloads.
"""

from sklearn_landslide.datasets._ecuador import fetch_ecuador
from sklearn_landslide.datasets._hong_kong import fetch_hong_kong
from sklearn_landslide.datasets._make_landslides import make_landslides
from sklearn_landslide.datasets._south_tyrol import fetch_south_tyrol

__all__ = ["fetch_ecuador", "fetch_hong_kong", "fetch_south_tyrol", "make_landslides"]
