"""Optional dependencies: imported where they are used, missed in one way."""

from importlib import import_module
from importlib.util import find_spec


def import_optional(module, *, extra):
    """Import an optional dependency, or say which extra installs it.

    Parameters
    ----------
    module : str
        Full name of the module, ``"matplotlib.pyplot"`` for instance.
    extra : str
        The extra of ``sklearn-landslide`` that installs it.

    Returns
    -------
    module : module
        The imported module.

    Raises
    ------
    ImportError
        If the module is not installed; the message names the extra.

    Examples
    --------
    >>> from sklearn_landslide._optional import import_optional
    >>> import_optional("json", extra="plot").dumps({"slope": 31.5})
    '{"slope": 31.5}'
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(
            f"{package} is needed here and is not installed: "
            f'pip install ".[{extra}]" in the folder of sklearn-landslide.'
        ) from error


def need_optional(package, *, extra):
    """Say which extra installs a package, if it is missing, before work that will import it.

    Parameters
    ----------
    package : str
        Name of the package, not of a module in it.
    extra : str
        The extra of ``sklearn-landslide`` that installs it.

    Raises
    ------
    ImportError
        As `import_optional`, which takes longer.

    Examples
    --------
    >>> from sklearn_landslide._optional import need_optional
    >>> need_optional("json", extra="plot")
    """
    if find_spec(package) is None:
        import_optional(package, extra=extra)
