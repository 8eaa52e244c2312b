"""How far a part of the work is, and about how long the rest of it takes."""

import sys
import time

from joblib import effective_n_jobs
from tqdm.auto import tqdm

# Seconds between two lines where there is no terminal: of fits each is told, unless they are fast.
EVERY, EVERY_FIT = 30.0, 1.0
FITS = ("fit", "fold")
# Share of the steps from which on the rest can be told: the first ones may be unlike them.
_ENOUGH = 0.1
_BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}, {remaining} left]"


def in_words(seconds):
    """Write a time as people do, no more precise than an estimate is.

    Parameters
    ----------
    seconds : float
        The time.

    Returns
    -------
    words : str

    Examples
    --------
    >>> from sklearn_landslide.map_products._progress import in_words
    >>> in_words(7.4), in_words(88), in_words(200), in_words(9000)
    ('7 s', '90 s', '3 min', '2.5 h')
    """
    if seconds < 20:
        return f"{seconds:.0f} s"
    if seconds < 120:
        return f"{round(seconds, -1):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class Progress:
    """Tell how far a part of the work is: by a bar on a terminal, else by a line now and then.

    Parameters
    ----------
    request : TableRequest or MapRequest
        Its ``progress`` says whether a bar is wanted; without one, its log gets lines.
    what : str
        What is done, in a word or two.
    unit : str
        What a step is.
    total : int, default=None
        Steps to come, if that is known.
    resumes : bool, default=False
        Whether some of them may have been done by an earlier run: those of the first call of
        `show`. With no `total` that is so, too.
    n_jobs : int or None, default=None
        Steps that are under way at the same time, as joblib counts them: when one is done, the
        others are about half done.

    Examples
    --------
    >>> from sklearn_landslide.map_products import TableRequest
    >>> from sklearn_landslide.map_products._progress import Progress
    >>> with Progress(TableRequest("terrain.tif", "points.csv"), "folds", "fold", 5) as progress:
    ...     progress.move()
    >>> progress.n_done
    1
    """

    def __init__(self, request, what, unit, total=None, *, resumes=False, n_jobs=None):
        self._n_half_done = (effective_n_jobs(n_jobs) - 1) / 2
        self.request, self.what, self.unit, self.total = request, what, unit, total
        self.n_done, self._n_first = 0, None if resumes or total is None else 0
        has_bar = getattr(request, "progress", False)
        self._bar = None
        if has_bar:
            # All steps count equally: one of a map may well be nothing but nodata.
            self._bar = tqdm(
                desc=what, total=total, unit=unit, file=sys.stderr, smoothing=0, bar_format=_BAR
            )
        self._started = self._said = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._bar is not None:
            self._bar.close()

    def move(self):
        """Note that one more step is done."""
        self.show(self.n_done + 1, self.total)

    def show(self, n_done, n_all):
        """Note how many steps are done.

        Parameters
        ----------
        n_done, n_all : int
            Steps that are done, and all.
        """
        if self._n_first is None:
            self._n_first = n_done
            if self._bar is not None:
                self._bar.initial = self._bar.n = n_done
        self.n_done, self.total = n_done, n_all
        if self._bar is not None:
            self._bar.total = n_all
            self._bar.update(n_done - self._bar.n)
        else:
            self._say()

    def _say(self):
        """Write a line, unless one was written a moment ago or there is nothing left to do."""
        now, n_new = time.monotonic(), self.n_done - self._n_first
        every = EVERY_FIT if self.unit in FITS else EVERY
        if now - self._said < every or not n_new or self.n_done >= self.total:
            return
        self._said = now
        line = f"{self.what}: {self.n_done} of {self.total} {self.unit}s"
        n_left = self.total - self.n_done
        if n_new >= _ENOUGH * (n_new + n_left):
            # The last step is not half done when it is the only one.
            half_done = min(self._n_half_done, (n_left - 1) / 2)
            each = (now - self._started) / (n_new + half_done)
            line += f", about {in_words(each * (n_left - half_done))} left"
        self.request.say(line)
