"""From a request to what it needs, opened and checked before the long work begins."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sklearn.utils import Bunch

from sklearn_landslide._hints import hinting
from sklearn_landslide._version import __version__
from sklearn_landslide.map_products._inputs import (
    as_files,
    check_factors_of,
    landslides_of,
    open_stack_of,
    sha256_of,
    training_table,
)
from sklearn_landslide.map_products._map_model import MapModel
from sklearn_landslide.map_products._request import MapRequest
from sklearn_landslide.map_products._work_folder import WorkFolder
from sklearn_landslide.mapping import factor_names, positive_column, sample_stack
from sklearn_landslide.persistence import check_can_be_saved, load_model
from sklearn_landslide.pipeline import check_classifier
from sklearn_landslide.plotting import figure_class

# susceptibility.tif first: where it is, the folder is complete (see OutputFolder).
FILES = (
    "susceptibility.tif",
    "zones.tif",
    "applicability.tif",
    "uncertainty.tif",
    "zones.gpkg",
    "map.png",
    "zones.csv",
    "summary.md",
    "model.zip",
)


@dataclass(frozen=True, eq=False)
class PreparedMap:
    """A request that can be met, with what it named: opened, read and checked.

    Parameters
    ----------
    request : MapRequest
        What was asked for.
    work : WorkFolder
        Where the files are made.
    map_model : MapModel or None
        The trained model; None if one is to be trained.
    stack : xarray.Dataset
        The factors.
    unused : list of str
        Factors that the trained model does not use.
    landslides : GeoSeries or None
        The landslides of the inventory, in the CRS of the stack; None without an inventory.
    table : Bunch or None
        The factors at the places of the inventory, as of `sample_stack`.
    fingerprints : dict of str to str or None
        SHA-256 of what was read, by name; None for what is no file.
    inventory_sha256 : str or None
        That of the inventory.
    """

    request: MapRequest
    work: WorkFolder
    map_model: MapModel | None
    stack: Any
    unused: list
    landslides: Any
    table: Bunch | None
    fingerprints: dict
    inventory_sha256: str | None

    def run(self):
        """Describe the run: what must be the same for a killed one to be taken up."""
        request = self.request
        is_file = isinstance(request.model, str | os.PathLike)
        return {
            "version": __version__,
            "model": str(request.model) if is_file else repr(request.model),
            "hashes": self.fingerprints,
            "factors": list(self.stack),
            "categorical": list(request.categorical),
            "target": request.target,
            "window": request.window,
            "absences": request.absences,
            "absence_buffer": request.absence_buffer,
            "prevalence": request.prevalence,
            "zones": request.zones,
            "n_zones": request.n_zones,
            "random_state": request.random_state,
        }


def _check_save(request):
    """Find out whether the further copy of the model can be written."""
    if request.save is None:
        return
    save = Path(request.save).absolute()
    if save.is_dir():
        raise ValueError(f"{save} is a folder: give the name of a file, such as model.zip.")
    if save.exists() and not request.overwrite:
        error = ValueError(f"{save} exists: give another name, or set overwrite=True.")
        raise hinting(error, "overwrite=True")
    if not save.parent.is_dir():
        raise ValueError(f"The folder {save.parent} does not exist: make it first.")


def _trained_model(model):
    """Return a trained model from a file or a bundle, or None for one that is to be trained."""
    if isinstance(model, str | os.PathLike):
        model = load_model(model)
        if not isinstance(model, MapModel):
            model = MapModel(model)
    if isinstance(model, MapModel):
        positive_column(model.model)
        factor_names(model.model)
        return model
    check_classifier(model, "model")
    check_can_be_saved(model)
    return None


def _check_combination(request, map_model):
    """Refuse arguments that contradict the model."""
    if map_model is None:
        if request.points is None:
            error = ValueError("a model that is not fitted needs an inventory: give points=...")
            raise hinting(error, "points=...")
        return
    for name in ("prevalence", "absences"):
        if (value := getattr(request, name)) is not None:
            hint = f"{name}={value!r}"
            error = ValueError(f"{hint} is for training, and the model is trained: leave it out.")
            raise hinting(error, hint)
    if request.zones is not None and map_model.zones is not None:
        hint = f"zones={request.zones!r}"
        error = ValueError(
            f"the model has its zones, so that maps can be compared: leave {hint} out."
        )
        raise hinting(error, hint)
    if request.save is not None:
        hint = f"save={str(request.save)!r}"
        raise hinting(ValueError(f"the model is in a file already: leave {hint} out."), hint)


def _fingerprints(request):
    """Fingerprints of all files that are read, by name."""
    found = {str(path): sha256_of(path) for path in as_files(request.stack)} or {"the stack": None}
    if request.points is not None:
        is_file = isinstance(request.points, str | os.PathLike)
        found[str(request.points) if is_file else "the inventory"] = sha256_of(request.points)
    if isinstance(request.model, str | os.PathLike):
        found[str(request.model)] = sha256_of(request.model)
    return found


def _inventory(request, stack, map_model):
    """Read the inventory: its landslides, and the factors at its places."""
    if request.points is None:
        return None, None
    about = {
        "target": request.target,
        "coordinates": list(request.coordinates),
        "crs": request.crs,
    }
    landslides = landslides_of(stack, request.points, **about)
    about["categorical"] = list(request.categorical)
    if map_model is not None:
        return landslides, sample_stack(stack, request.points, **about)
    table = training_table(
        stack,
        request.points,
        **about,
        absences=request.absences,
        absence_buffer=request.absence_buffer,
        random_state=request.random_state,
    )
    return landslides, table


def prepare(request):
    """Check a request, and open and read what it names.

    Parameters
    ----------
    request : MapRequest
        What is asked for.

    Returns
    -------
    prepared : PreparedMap
        What the long work needs. Nothing has been written yet.

    Raises
    ------
    ValueError
        If a value, a file, or a combination of them cannot be used.
    """
    request.check_values()
    work = WorkFolder(request.out, FILES, overwrite=request.overwrite, resume=request.resume)
    figure_class()  # a missing matplotlib is known before the work
    _check_save(request)
    map_model = _trained_model(request.model)
    _check_combination(request, map_model)
    fingerprints = _fingerprints(request)
    stack = open_stack_of(
        request.stack,
        factors=request.factors,
        align=request.align,
        resampling=request.resampling,
        categorical=list(request.categorical),
        crs=request.crs,
    )
    unused = [] if map_model is None else check_factors_of(factor_names(map_model.model), stack)
    landslides, table = _inventory(request, stack, map_model)
    return PreparedMap(
        request=request,
        work=work,
        map_model=map_model,
        stack=stack,
        unused=unused,
        landslides=landslides,
        table=table,
        fingerprints=fingerprints,
        inventory_sha256=sha256_of(request.points),
    )
