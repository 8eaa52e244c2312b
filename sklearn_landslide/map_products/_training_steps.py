"""What a training keeps on its way, for a run that is killed before its model is complete."""

import json
import warnings

import numpy as np

from sklearn_landslide.map_products._files import FITTED, MODEL, PREDICTIONS, STEPS
from sklearn_landslide.persistence import load_model, save_model

# Do not follow from the model.
_BEFORE = ("factors.tif",)


class NoSteps:
    """Nothing is kept on the way.

    Attributes
    ----------
    seconds : float or None
        How long the fit has taken, if there was one.
    """

    seconds = None

    def fitted(self):
        """Return the fitted pipeline of an unfinished run; None if there is none."""

    def keep_fitted(self, pipeline):
        """Keep the fitted pipeline."""

    def folds(self, wanted):
        """Return the folds of an unfinished run.

        Parameters
        ----------
        wanted : list of bool
            Of each fold, whether its model is wanted.

        Returns
        -------
        folds : dict of int to (probability, model)
            By their number: probability of a landslide at the tested places, an ndarray, and the
            model, or None.
        """
        return {}

    def keep_fold(self, number, probability, model):
        """Keep what a fold leaves behind."""

    def keep(self, map_model):
        """Keep the complete model."""


class TrainingSteps(NoSteps):
    """The model, each fold, and the complete model of a run, in files as soon as they are there.

    Parameters
    ----------
    work : WorkFolder
        Where the files are.
    why_not : str or None, default=None
        Why no file can hold the model, if it is known.

    Attributes
    ----------
    why_not : str or None
        The same, found out when it was fitted at the latest. None: it is kept.
    """

    def __init__(self, work, why_not=None):
        self.work, self.why_not = work, why_not

    def begin(self):
        """Forget the maps of an unfinished run whose model was not kept: it is fitted again."""
        if not self.work.has(MODEL):
            gone = {*self.work.names, PREDICTIONS}.difference(_BEFORE)
            self.work.drop(sorted(gone))

    def _save(self, model, name):
        """Save a model, unless no file can hold it."""
        if self.why_not is not None:
            return
        try:
            save_model(model, self.work / name, overwrite=True)
        except (TypeError, ValueError) as error:
            self.why_not = str(error)
            warn_unsaved(self.why_not)
        else:
            self.work.finish(name)

    def fitted(self):
        return load_model(self.work / FITTED) if self.work.has(FITTED) else None

    def keep_fitted(self, pipeline):
        self._save(pipeline, FITTED)

    def folds(self, wanted):
        return {
            number: self._fold(number, with_model)
            for number, with_model in enumerate(wanted)
            if self.work.has(f"fold-{number}.json")
            and (not with_model or self.work.has(f"fold-{number}.zip"))
        }

    def _fold(self, number, with_model):
        known = json.loads((self.work / f"fold-{number}.json").read_text(encoding="utf-8"))
        model = load_model(self.work / f"fold-{number}.zip") if with_model else None
        return np.array(known), model

    def keep_fold(self, number, probability, model):
        if self.why_not is not None:
            return
        try:
            if model is not None:
                save_model(model, self.work / f"fold-{number}.zip", overwrite=True)
                self.work.finish(f"fold-{number}.zip")
        except (TypeError, ValueError):
            # The fold is fitted again, should the run be killed: no reason to end it.
            return
        else:
            self.work.write_text(f"fold-{number}.json", json.dumps(probability.tolist()))

    def keep(self, map_model):
        self._save(map_model, MODEL)

    def end(self):
        """Remove the steps: the complete model holds all that is needed of them."""
        self.work.drop(STEPS)


def warn_unsaved(why_not):
    """Say that there will be a map and no file with its model."""
    warnings.warn(
        f"the map will be written, {MODEL} will not: {why_not}", UserWarning, stacklevel=2
    )
