"""Which versions of which packages are at work."""

import platform
from importlib.metadata import PackageNotFoundError, version

from sklearn_landslide._version import __version__

_PACKAGES = ("numpy", "scipy", "pandas", "scikit-learn", "imbalanced-learn", "torch")


def installed_versions(*others):
    """Return the versions of Python, of this package and of those that results depend on.

    Parameters
    ----------
    *others : str
        Packages to be listed besides these.

    Returns
    -------
    versions : dict of str to str
        By name; a package that is not installed is left out.

    Examples
    --------
    >>> from sklearn_landslide._versions import installed_versions
    >>> list(installed_versions("no-such-package"))[:3]
    ['python', 'sklearn-landslide', 'numpy']
    """
    found = {"python": platform.python_version(), "sklearn-landslide": __version__}
    for name in (*_PACKAGES, *others):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
