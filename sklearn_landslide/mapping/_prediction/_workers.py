"""Where dask computes: in threads, in processes, or on a cluster."""

from contextlib import contextmanager

from sklearn_landslide._optional import import_optional


def active_client():
    """Return the distributed client that dask computes with at this moment, or None."""
    # The scheduler of a client is a method of it. Asked this way, distributed is not imported
    # where nobody uses it, and a scheduler that was set for a block of code counts more.
    scheduler = import_optional("dask.base", extra="map").get_scheduler()
    client = getattr(scheduler, "__self__", None)
    return client if hasattr(client, "scatter") else None


def n_workers():
    """Return how many windows dask computes at the same time."""
    client = active_client()
    if client is not None:
        return max(1, sum(client.nthreads().values()))
    dask = import_optional("dask", extra="map")
    return (
        dask.config.get("num_workers", None)
        or import_optional("dask.system", extra="map").CPU_COUNT
    )


def send_once(models):
    """Wrap models for dask so that they do not travel with every window.

    Parameters
    ----------
    models : object
        Whatever all windows need.

    Returns
    -------
    lazy : dask.delayed.Delayed
    """
    dask = import_optional("dask", extra="map")
    client = active_client()
    if client is None:
        return dask.delayed(models, traverse=False, pure=False)
    # Through the client, and not in the graph, which goes through the scheduler each time
    # that a part of the map is computed.
    (future,) = client.scatter([models], broadcast=True, hash=False)
    return dask.delayed(future)


@contextmanager
def process_pool():
    """Keep dask's worker processes, if it is set to use them, as long as this lasts.

    Otherwise it starts new ones, and all their imports, for every few windows.
    """
    dask = import_optional("dask", extra="map")
    scheduler = import_optional("dask.base", extra="map").get_scheduler()
    is_process = getattr(scheduler, "__module__", None) == "dask.multiprocessing"
    if not is_process or dask.config.get("pool", None) is not None:
        yield
        return
    from concurrent.futures import ProcessPoolExecutor

    processes = import_optional("dask.multiprocessing", extra="map")
    pool = ProcessPoolExecutor(
        n_workers(),
        mp_context=processes.get_context(),
        initializer=processes.initialize_worker_process,
    )
    with pool, dask.config.set(pool=pool):
        yield
