"""``python -m sklearn_landslide``."""

import sys

from sklearn_landslide.cli import main

if __name__ == "__main__":
    sys.exit(main())
