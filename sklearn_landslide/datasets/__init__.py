"""Data to learn and to test with.

``make_*`` generates, ``load_*`` reads what is bundled, ``fetch_*`` downloads.
"""

from sklearn_landslide.datasets._make_landslides import make_landslides

__all__ = ["make_landslides"]
