"""Set before SciPy is imported, or one of scikit-learn's estimator checks would be skipped."""

import os

os.environ.setdefault("SCIPY_ARRAY_API", "1")
