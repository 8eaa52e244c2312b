"""Factors that are made once, and held where memory allows."""

from sklearn_landslide._optional import import_optional
from sklearn_landslide.terrain._memory import available_memory

# Factors that would take a larger share of the free memory stay lazy.
_SHARE = 0.25


def hold(stack, progress=None):
    """Compute lazy factors now, if they take little of the free memory.

    A training table and a map read a factor several times, and it would be made each time.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors.
    progress : callable, default=None
        Called with the number of tasks that are done and that of all, after each.

    Returns
    -------
    stack : xarray.Dataset
        The same numbers in the same windows.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> from sklearn_landslide.terrain._hold import hold
    >>> stack = xr.Dataset({"slope": (("y", "x"), np.ones((3, 2)))}).chunk(2)
    >>> float(hold(2 * stack)["slope"].sum())
    12.0
    """
    available = available_memory()
    if available is not None and stack.nbytes > _SHARE * available:
        return stack

    def count(key, value, dsk, state, worker_id):
        n_done = len(state["finished"])
        n_left = sum(len(state[name]) for name in ("ready", "waiting", "running"))
        progress(n_done, n_done + n_left)

    callbacks = import_optional("dask.callbacks", extra="terrain")
    with callbacks.Callback(posttask=None if progress is None else count):
        return stack.persist()
