"""One thread for each window: windows run side by side, their parts do not."""

import sys
import threading
from contextlib import ExitStack, contextmanager

from joblib import parallel_config
from threadpoolctl import threadpool_limits

_LOCK = threading.Lock()
_BLAS = ExitStack()
_n_inside = 0


@contextmanager
def _one_blas_thread():
    """Limit BLAS, whose setting all threads share, from the first that enters to the last."""
    global _n_inside
    with _LOCK:
        if _n_inside == 0:
            _BLAS.enter_context(threadpool_limits(1, user_api="blas"))
        _n_inside += 1
    try:
        yield
    finally:
        with _LOCK:
            _n_inside -= 1
            if _n_inside == 0:
                _BLAS.close()


@contextmanager
def one_thread():
    """Compute in the calling thread alone inside, and leave all settings as they were.

    Nothing is computed twice as fast by windows that each use all cores. It is also what
    makes the numbers repeat: the jobs of a random forest add up their trees in the order in
    which they finish, and a matrix product may be split among threads.
    """
    with ExitStack() as stack:
        # With this backend a model's own n_jobs is ignored.
        stack.enter_context(parallel_config("sequential"))
        stack.enter_context(_one_blas_thread())
        stack.enter_context(threadpool_limits(1, user_api="openmp"))
        # Where torch is not loaded, no model uses it, and it need not be loaded.
        if "torch" in sys.modules:
            from sklearn_landslide.nn import one_thread as one_torch_thread

            stack.enter_context(one_torch_thread())
        yield
