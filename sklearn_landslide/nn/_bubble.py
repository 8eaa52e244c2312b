"""The bubble of a fit: its own random numbers, one thread, memory that is kept."""

import threading
from contextlib import contextmanager

import torch

# Just below the largest block that glibc learns from, 32 MiB.
_KEPT_BYTES = 31 * 2**20

# torch's generators belong to the process: two threads inside would take each other's numbers.
_GENERATORS = threading.RLock()


@contextmanager
def seed_bubble(seed=None, *, state=None, device="cpu"):
    """Draw from torch's generators inside, and leave them outside as they were.

    What torch makes inside has single precision, whatever the host program has set.

    Parameters
    ----------
    seed : int or None
        Seed of the generators inside, where no ``state`` is given.
    state : Tensor or None
        State of the processor's generator that an earlier bubble left; goes on from there.
    device : str or torch.device, default="cpu"
        Device whose generator is used besides the processor's, which seeds it.
    """
    device = torch.device(device)
    devices = [device] if device.type == "cuda" else []
    with _GENERATORS, torch.random.fork_rng(devices=devices), _single_precision():
        # torch.manual_seed would seed every device, those outside the bubble as well.
        if state is None:
            torch.default_generator.manual_seed(seed)
        else:
            torch.default_generator.set_state(state)
        if devices:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(int(torch.randint(2**31 - 1, ())))
        yield


@contextmanager
def _single_precision():
    outside = torch.get_default_dtype()
    if outside == torch.float32:
        yield
        return
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(outside)


class _ThreadSetting:
    """torch's number of threads, lowered to one while anybody is inside.

    A new thread starts with the number that was set last, anywhere in the process, so each
    thread that enters must find the number of the host program, not that of its neighbor.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.n_inside = 0
        self.n_threads = None

    def enter(self):
        with self.lock:
            if self.n_inside == 0:
                self.n_threads = torch.get_num_threads()
            self.n_inside += 1
            torch.set_num_threads(1)

    def leave(self):
        with self.lock:
            self.n_inside -= 1
            torch.set_num_threads(self.n_threads)


_THREADS = _ThreadSetting()


@contextmanager
def one_thread():
    """Compute each operation in one thread inside, and leave torch's number of threads as it was.

    The operations of a fit on a table are too small to be shared: on two idle cores a second
    thread gains a tenth, and where other work holds a core it takes many times as long. One
    thread also sums in one order, so that a worker process gets the same result.
    """
    _THREADS.enter()
    try:
        yield
    finally:
        _THREADS.leave()


def keep_freed_memory():
    """Show the C library that blocks of some megabytes come and go.

    glibc hands a freed block back to the system until it has seen one of that size freed, and then
    keeps it. Until then every step would fetch its tensors page by page, a tenth of a fit. A block
    that is never written to costs nothing; other C libraries take no notice.
    """
    torch.empty(_KEPT_BYTES, dtype=torch.uint8)
