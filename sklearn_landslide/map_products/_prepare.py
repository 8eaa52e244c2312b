"""From a request to what it needs, opened and checked before the long work begins."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from sklearn_landslide._hints import hinting
from sklearn_landslide._versions import installed_versions
from sklearn_landslide.map_products._afterwards import check_afterwards
from sklearn_landslide.map_products._content import content_digest
from sklearn_landslide.map_products._files import FILES
from sklearn_landslide.map_products._fingerprints import Fingerprints, fingerprints_of
from sklearn_landslide.map_products._inputs import (
    check_factors_of,
    open_stack_of,
)
from sklearn_landslide.map_products._map_model import MapModel
from sklearn_landslide.map_products._places import places_of
from sklearn_landslide.map_products._request import MapRequest
from sklearn_landslide.map_products._train import Folds, check_enough
from sklearn_landslide.map_products._training_steps import warn_unsaved
from sklearn_landslide.map_products._units import columns_of
from sklearn_landslide.map_products._work_folder import WorkFolder, map_work_folder
from sklearn_landslide.mapping import (
    check_space,
    crs_name,
    factor_names,
    grid_of,
    known_codes,
    pixel_area,
    positive_column,
)
from sklearn_landslide.persistence import check_can_be_saved, load_model, read_model_facts
from sklearn_landslide.pipeline import check_classifier
from sklearn_landslide.plotting import figure_class
from sklearn_landslide.terrain import RECIPE, FactorSources
from sklearn_landslide.transfer import make_adapter

# Of each cell in the largest of the maps, which are single floats; with the uncertainty, of which
# some models give both in one file, two of them.
_BYTES, _BYTES_WITH_SPREAD = 4, 8
# The same with the contributions of three factors and the number of one.
_BYTES_OF_CONTRIBUTIONS = 16
# Rows of the stack that are looked through at a time.
_ROWS = 512
# A map may differ between versions of these, besides those that a model depends on.
_LIBRARIES = ("skops", "rasterio", "rioxarray", "xarray", "geopandas", "shapely", "pyproj")


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
    source : MapModel or None
        The trained model of another region that is to be adapted; None without one.
    stack : xarray.Dataset
        The factors.
    unused : list of str
        Factors that the trained model does not use.
    landslides : GeoSeries or None
        The landslides of the inventory, in the CRS of the stack; None without an inventory.
    table : Bunch or None
        The factors at the places of the inventory, as of `sample_stack`, or of all mapping units.
    units : Bunch or None
        The factors of all mapping units; None where cells are mapped.
    fingerprints : Fingerprints
        Those of what was read.
    folds : Folds or None
        The folds in which the model will be tested; None if it is trained.
    why_unsaved : str or None
        Why no file can hold the model; None if one can, as far as that is known before the fit.
    """

    request: MapRequest
    work: WorkFolder
    map_model: MapModel | None
    source: MapModel | None
    stack: Any
    unused: list
    landslides: Any
    table: Bunch | None
    units: Bunch | None
    fingerprints: Fingerprints
    folds: Folds | None
    why_unsaved: str | None

    def run(self):
        """Describe the run: what must be the same for a killed one to be taken up.

        What was asked for, what was read, and what was made of it.
        """
        request, grid = self.request, grid_of(self.stack)
        is_file = isinstance(request.model, str | os.PathLike)
        model = request.model
        run = {
            "versions": installed_versions(*_LIBRARIES),
            "model": str(model) if is_file else type(model).__name__,
            "parameters of the model": None if is_file else content_digest(model),
            **request.choices(),
            "bands": [f"{name} ({band.dtype})" for name, band in self.stack.data_vars.items()],
            "grid": [crs_name(grid.crs), [*grid.transform], grid.height, grid.width],
            "files": self.fingerprints.digests,
        }
        if RECIPE in self.stack.attrs:
            run["factors from"] = self.stack.attrs[RECIPE]
        is_drawn = request.absences is not None or not isinstance(request.polygons, str)
        # Drawn without a seed, places are new ones each time.
        if self.table is not None and not (is_drawn and request.random_state is None):
            parts = (self.table[name] for name in ("X", "y", "coordinates", "groups"))
            run["places"] = content_digest([*parts, self.landslides.to_wkb()])
        return run

    def zones(self):
        """Describe how the zones are made."""
        return {"zones": self.request.zones, "n_zones": int(self.request.n_zones)}


def _check_save(request):
    """Find out whether the copy of the model can be written."""
    if request.save is None:
        return
    save = Path(request.save).absolute()
    if save.is_dir():
        raise ValueError(f"{save} is a folder: give the name of a file, such as model.zip.")
    if os.path.lexists(save) and not request.overwrite:
        error = ValueError(f"{save} exists: give another name, or set overwrite=True.")
        raise hinting(error, "overwrite=True")
    if not save.parent.is_dir():
        raise ValueError(f"The folder {save.parent} does not exist: make it first.")
    if not os.access(save.parent, os.W_OK):
        raise OSError(f"Cannot write in {save.parent}: Permission denied.")


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
    return None


def _stack_for_known_factors(request):
    """Open the rasters for a model in a file, and compare their names with its factors.

    The file says them before the model is built, which takes seconds. None: there is no such
    file, the factors are made as the model wants them, or a choice of them is given, which is
    refused later.
    """
    is_file = isinstance(request.model, str | os.PathLike)
    if not is_file or isinstance(request.stack, FactorSources) or request.factors is not None:
        return None
    names = read_model_facts(request.model)["factors"]
    stack = open_stack_of(request)
    if names is not None and request.units is None:
        check_factors_of(names, stack)
    return stack


def _why_unsaved(request, map_model):
    """Find out whether a file can hold the model that is to be trained; None if it can."""
    if map_model is not None:
        return None
    try:
        check_can_be_saved(request.model)
    except TypeError as error:
        if request.save is not None:
            hint = f"save={str(request.save)!r}"
            raise hinting(ValueError(f"{error} Leave {hint} out."), hint) from error
        warn_unsaved(str(error))
        return str(error)
    return None


def _adapting(request):
    """Return the request for a model that adapts the trained one, and the trained one."""
    if request.points is not None:
        error = ValueError(
            "the landslides that are counted are those of adapt=...: leave points=... out."
        )
        raise hinting(error, "adapt=...", "points=...")
    source = _trained_model(request.model)
    if source is None:
        error = ValueError(
            "adapt=... is for a trained model of another region, and this one is to be trained: "
            "give the inventory as points=..."
        )
        raise hinting(error, "adapt=...", "points=...")
    if request.factors is not None:
        hint = f"factors={list(request.factors)!r}"
        error = ValueError(f"the factors are those of the trained model: leave {hint} out.")
        raise hinting(error, hint)
    model = make_adapter(source.model, random_state=request.random_state)
    return replace(request, model=model, points=request.adapt), source


def _only_factors(places, names, stack):
    """Leave the factors that the source knows in the tables of places."""
    if places.units is not None:
        places.units["X"] = columns_of(places.units, names, stack)
        return
    for table in (places.table, places.table.get("anywhere")):
        if table is not None:
            table["X"] = table.X[names]


# What a trained model no longer asks for, with the values that ask for nothing.
_FOR_TRAINING = {
    "prevalence": None,
    "absences": None,
    "min_slope": None,
    "resample": "smote",
    "ground": "away",
    "quick": False,
}


def _check_combination(request, map_model):
    """Refuse arguments that contradict the model."""
    if map_model is None:
        if request.points is None:
            error = ValueError("a model that is not fitted needs an inventory: give points=...")
            raise hinting(error, "points=...")
        return
    for name, usual in _FOR_TRAINING.items():
        if (value := getattr(request, name)) != usual:
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


def _check_outputs(request, work, files):
    """Raise if a file that is read would be replaced, or there is too little room."""
    work.target.check_sources(files)
    save = None if request.save is None else Path(request.save).absolute()
    if save is None:
        return
    if save.parent == work.target.path and save.name in FILES:
        hint = f"save={str(request.save)!r}"
        raise hinting(ValueError(f"{save} is written anyway: leave {hint} out."), hint)
    if save.exists() and any(os.path.samefile(save, path) for path in files):
        raise ValueError(f"{save} is read by this run: give the copy of the model another name.")


def _check_space(stack, request, work):
    """Raise if there is no room for the largest map, on its way and finished."""
    grid = grid_of(stack)
    each = _BYTES_WITH_SPREAD if request.uncertainty else _BYTES
    if request.contributions:
        each = _BYTES_OF_CONTRIBUTIONS
    check_space(work.path.parent, grid.height * grid.width * each)


def _check_min_area(stack, request):
    """Raise if no patch of zones can be as large as the smallest that is to stay."""
    if request.min_area is not None and request.units is not None:
        hint = f"min_area={request.min_area:g}"
        error = ValueError(f"{hint} is for cells, and the map is one of units: leave it out.")
        raise hinting(error, hint)
    grid = grid_of(stack)
    area = pixel_area(grid) * grid.height * grid.width * 1e6
    if request.min_area is not None and request.min_area > area:
        hint = f"min_area={request.min_area:g}"
        error = ValueError(
            f"{hint} is in square meters, and the whole stack has {area:.6g}: give the area of the "
            "smallest patch that is to stay."
        )
        raise hinting(error, hint)


def _check_cells(stack, names):
    """Raise if no cell has a value of every factor; the first that has one ends the search."""
    bands = [stack[name] for name in names]
    for row in range(0, grid_of(stack).height, _ROWS):
        has_all = [band[row : row + _ROWS].notnull().to_numpy() for band in bands]
        if np.logical_and.reduce(has_all).any():
            return
    raise ValueError("no cell of the stack has a value of every factor: there is nothing to map.")


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
    work = map_work_folder(request.out, overwrite=request.overwrite, resume=request.resume)
    figure_class()  # a missing matplotlib is known before the work
    _check_save(request)
    stack = _stack_for_known_factors(request)
    asked, map_model, source = request, None, None
    if request.adapt is None:
        map_model = _trained_model(request.model)
    else:
        request, source = _adapting(request)
    trained = map_model if source is None else source
    _check_combination(request, map_model)
    if stack is None:
        stack = open_stack_of(request, trained)
    names, unused = [name for name in stack if stack[name].ndim], []
    if trained is not None and request.units is None:
        names = factor_names(trained.model)
        unused = check_factors_of(names, stack)
    if source is not None:
        codes = [name for name in known_codes(source.model) if name in stack]
        request = replace(request, categorical=list(dict.fromkeys([*request.categorical, *codes])))
    _check_min_area(stack, request)
    _check_cells(stack, names)
    fingerprints = fingerprints_of(replace(asked, points=request.points), stack)
    _check_outputs(request, work, fingerprints.files)
    places = places_of(request, stack, map_model)
    folds = None
    if source is not None:
        _only_factors(places, factor_names(source.model), stack)
    if map_model is None:
        folds = check_enough(places.table, request)
    elif places.units is not None:
        columns_of(places.units, factor_names(map_model.model), stack)
    _check_space(stack, request, work)
    check_afterwards(request, stack)
    why_unsaved = _why_unsaved(request, map_model)
    return PreparedMap(
        request=request,
        work=work,
        map_model=map_model,
        source=source,
        stack=stack,
        unused=unused,
        landslides=places.landslides,
        table=places.table,
        units=places.units,
        fingerprints=fingerprints,
        folds=folds,
        why_unsaved=why_unsaved,
    )
