"""The fits that are done, kept in a file, so that a run that was cut off can go on."""

import csv
import io
from pathlib import Path

from sklearn_landslide._lock import claimed
from sklearn_landslide.robustness._fit import FitKey, FitScores
from sklearn_landslide.robustness._perturbation import shown_level

_NAMES = ["run", "model", "perturbation", "level", "repeat", "fold", "n_train", "n_test"]


class FitsFile:
    """A CSV file with one line a fit, which is whole at any moment.

    A line belongs to a run: to the table, folds, seed and settings of which its digest is. Lines of
    other runs stay and are not used. An incomplete last line, as of a killed process, is removed.

    Parameters
    ----------
    path : str or path-like
        The file; it is made if it is missing.
    metrics : list of str
        Names of the scores.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_landslide.robustness._fit import FitKey, FitScores
    >>> from sklearn_landslide.robustness._fits_file import FitsFile
    >>> key, scores = FitKey("LR", "none", 0.0, 0, 0), FitScores(80, 20, 0.1, {"roc_auc": 0.75})
    >>> with TemporaryDirectory() as folder:
    ...     for _ in range(2):
    ...         with FitsFile(Path(folder, "fits.csv"), ["roc_auc"]) as file:
    ...             print(file.find("a1", key))
    ...             file.add("a1", key, scores)
    None
    FitScores(n_train=80, n_test=20, fit_time=0.1, scores={'roc_auc': 0.75}, failure='')
    """

    def __init__(self, path, metrics):
        self.path = Path(path)
        self.metrics = list(metrics)
        self._file, self._found = None, {}

    def __enter__(self):
        # It claims the file until it is closed: two processes would mix their lines.
        self.path.touch()
        self._file = claimed(self.path, self.path)
        try:
            self._read()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *error):
        self._file.close()

    def _read(self):
        content = self._file.read()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            self._file.seek(0)
            self._file.truncate(len(whole))
        header = [*_NAMES, "fit_time", "failure", *self.metrics]
        if not whole:
            self._write(header)
            return
        lines = csv.reader(io.StringIO(whole.decode("utf-8", "replace")))
        if next(lines) != header:
            raise ValueError(
                f"{self.path} does not hold fits with the scores {', '.join(self.metrics)}: give "
                "another file, or delete it."
            )
        for line in lines:
            self._found[tuple(line[:6])] = line[6:]
        self._file.seek(0, 2)

    def find(self, run, key):
        """Return the scores of a fit that is done.

        Parameters
        ----------
        run : str
            Digest of the run.
        key : FitKey
            The fit.

        Returns
        -------
        scores : FitScores or None
        """
        line = self._found.get(_texts(run, key))
        if line is None:
            return None
        n_train, n_test, fit_time, failure, *scores = line
        values = dict(zip(self.metrics, map(float, scores), strict=True))
        return FitScores(int(n_train), int(n_test), float(fit_time), values, failure)

    def add(self, run, key, scores):
        """Write a fit.

        Parameters
        ----------
        run : str
            Digest of the run.
        key : FitKey
            The fit.
        scores : FitScores
            Its scores; they are read as the same numbers.
        """
        values = [repr(float(scores.scores[metric])) for metric in self.metrics]
        fit_time = repr(float(scores.fit_time))
        # On one line: a line is whole or removed.
        rest = [fit_time, " ".join(scores.failure.split()), *values]
        self._write([*_texts(run, key), scores.n_train, scores.n_test, *rest])

    def _write(self, line):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(line)
        self._file.write(text.getvalue().encode())
        self._file.flush()


def _texts(run, key: FitKey):
    """Name a fit by texts."""
    level = shown_level(key.level) if isinstance(key.level, str) else repr(float(key.level))
    return (run, key.model, key.perturbation, level, str(key.repeat), str(key.fold))
