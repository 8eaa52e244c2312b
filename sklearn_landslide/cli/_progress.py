"""How far a comparison is: a bar or lines for each model."""

import sys
from types import SimpleNamespace

from sklearn_landslide._escaping import escaped
from sklearn_landslide._words import plural


def _say(line):
    print(escaped(line), file=sys.stderr, flush=True)


class FoldsOfModels:
    """Tell on stderr how many folds of each model are done, and about how long the others take.

    Parameters
    ----------
    n_models : int
        How many models there are.
    start : callable, default=None
        Called without arguments before the first fold: what has to be waited for then is not
        counted as time of the fold.
    n_jobs : int or None, default=None
        Folds that are fitted at the same time.

    Examples
    --------
    >>> from sklearn_landslide.cli._progress import FoldsOfModels
    >>> with FoldsOfModels(1) as show:
    ...     show("LR", 0, 2)
    ...     show("LR", 1, 2)
    """

    def __init__(self, n_models, start=None, *, n_jobs=None):
        self.n_models, self.start, self.n_jobs = n_models, start, n_jobs
        self._teller = SimpleNamespace(progress=sys.stderr.isatty(), say=_say)
        self._model = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._close()

    def _close(self):
        if self._model is not None:
            self._model.__exit__()

    def __call__(self, name, n_done, n_all):
        """Note how many of a model's folds are done, as `compare_models` tells it."""
        from sklearn_landslide.map_products import Progress

        if not n_done:
            if self._model is None:
                n_fits = self.n_models * n_all
                _say(
                    f"{plural(n_fits, 'fit')}: {plural(self.n_models, 'model')} in {n_all} folds, "
                    f"{name} first"
                )
                if self.start is not None:
                    self.start()
            self._close()
            self._model = Progress(self._teller, name, "fold", n_jobs=self.n_jobs)
        self._model.show(n_done, n_all)
        if n_done == n_all:
            self._close()
