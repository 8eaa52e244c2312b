"""The one call: from an inventory and rasters to all that a map consists of."""

import os
from numbers import Integral, Real
from pathlib import Path

from sklearn.metrics import roc_auc_score
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

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
from sklearn_landslide.map_products._summary import summary_text
from sklearn_landslide.map_products._train import train
from sklearn_landslide.map_products._work_folder import WorkFolder
from sklearn_landslide.map_products._write import (
    draw,
    fit_zones,
    has_spread,
    write_applicability,
    write_susceptibility,
    write_tables,
    write_uncertainty,
    write_zones,
)
from sklearn_landslide.mapping import sample_stack
from sklearn_landslide.mapping._prediction._pixel_rows import factor_names
from sklearn_landslide.mapping._prediction._spread import positive_column
from sklearn_landslide.mapping._rasters._grids import crs_name, grid_of, pixel_area
from sklearn_landslide.persistence import load_model, save_model
from sklearn_landslide.pipeline import check_classifier
from sklearn_landslide.plotting._comparison_curves import figure_class

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


def _as_map_model(model):
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


def _check_combination(map_model, points, save, zones, prevalence, absences):
    """Refuse what contradicts the model that was given."""
    if map_model is None:
        if points is None:
            raise ValueError("a model that is not fitted needs points: give the inventory.")
        return
    for name, value in (("prevalence", prevalence), ("absences", absences)):
        if value is not None:
            raise ValueError(
                f"{name}={value!r} belongs to the training, and the model is trained: leave it out."
            )
    if zones is not None and map_model.zones is not None:
        raise ValueError(
            f"the model has its zones, so that maps can be compared: leave zones={zones!r} out."
        )
    if save is not None:
        raise ValueError("the model is in a file already: leave save out.")


def _check_save(save, overwrite):
    """Find out before the work that the copy of the model can be written."""
    if save is None:
        return
    save = Path(save).absolute()
    if save.is_dir():
        raise ValueError(f"{save} is a folder: give the name of a file, such as model.zip.")
    if save.exists() and not overwrite:
        raise ValueError(f"{save} exists: give another name, or replace it with --force.")
    if not save.parent.is_dir():
        raise ValueError(f"The folder {save.parent} does not exist: make it first.")


def _hashes(stack, points, model):
    """Fingerprints of all files that are read, by name."""
    hashes = {str(path): sha256_of(path) for path in as_files(stack)} or {"the stack": None}
    if points is not None:
        is_file = isinstance(points, str | os.PathLike)
        hashes[str(points) if is_file else "the inventory"] = sha256_of(points)
    if isinstance(model, str | os.PathLike):
        hashes[str(model)] = sha256_of(model)
    return hashes


def _trained(model, table, work, choices, inventory_sha256, n_jobs, log):
    """Train the model, or take that of the unfinished run."""
    if work.has("model.zip"):
        log("model of the unfinished run")
        return load_model(work / "model.zip")
    settings = {name: choices[name] for name in ("zones", "n_zones", "prevalence", "random_state")}
    map_model = train(model, table, **settings, n_jobs=n_jobs, log=log)
    map_model.facts |= {name: choices[name] for name in ("absences", "absence_buffer")}
    map_model.facts["inventory_sha256"] = inventory_sha256
    save_model(map_model, work / "model.zip")
    return map_model


def _write_maps(map_model, stack, landslides, work, choices, window, progress, log):
    """Write all maps, tables and the picture; return what the summary needs of them."""
    options = {"window": window, "progress": progress}
    origin = "with edges of an earlier map"
    if map_model.zones is None:
        origin = "with edges learned on this map"
    elif choices["zones"] is not None:
        origin = "with edges learned from the landslides in the spatial blocks"
    chance = write_susceptibility(map_model, stack, work, **options)
    log("susceptibility.tif")
    fit_zones(map_model, chance, choices["zones"] or "natural_breaks", choices["n_zones"])
    zones = write_zones(map_model, chance, work, progress=progress)
    log("zones.tif")
    inside = write_applicability(map_model, stack, work, **options)
    log("applicability.tif" if inside is not None else "no area of applicability")
    write_uncertainty(map_model, stack, work, **options)
    log("uncertainty.tif" if has_spread(map_model) else "no uncertainty")
    table = write_tables(map_model, chance, zones, landslides, work)
    log("zones.gpkg, zones.csv")
    draw(zones, stack, inside, landslides, work)
    log("map.png")
    return {"chance": chance, "inside": inside, "table": table, "zones_from": origin}


def _map_facts(map_model, stack, made):
    """Gather what the summary tells of the map."""
    grid, inside = grid_of(stack), made["inside"]
    n_cells = int(made["chance"].notnull().sum().compute())
    return {
        "rows": grid.height,
        "columns": grid.width,
        "crs": crs_name(grid.crs),
        "cell_area": pixel_area(grid),
        "n_cells": n_cells,
        "zones": map_model.zones,
        "zones_from": made["zones_from"],
        "outside": None if inside is None else int((inside == 0).sum().compute()) / n_cells,
        "threshold": None if inside is None else map_model.applicability.threshold_,
        "has_spread": has_spread(map_model),
        "n_refits": len(map_model.refits),
    }


def _inventory_facts(map_model, zone_counts, landslides, table, inventory_sha256):
    """Gather what the summary tells of the inventory."""
    if landslides is None:
        return {"n_landslides": None}
    # A table in memory has no fingerprint: then it may well be that of the training.
    trained_on = map_model.facts.get("inventory_sha256")
    is_new = None not in (trained_on, inventory_sha256) and trained_on != inventory_sha256
    auc = None
    if is_new and 0 < table.y.mean() < 1:
        chances = map_model.model.predict_proba(table.X[factor_names(map_model.model)])[:, 1]
        auc = float(roc_auc_score(table.y, chances))
    return {
        "n_landslides": len(landslides),
        "n_on_map": int(zone_counts["landslides"].sum()),
        "n_outside": table.n_outside,
        "is_new": is_new,
        "auc_here": auc,
    }


@validate_params(
    {
        "out": [str, os.PathLike],
        "target": [str, None],
        "coordinates": ["array-like"],
        "categorical": ["array-like"],
        "factors": ["array-like", None],
        "absences": [Interval(Real, 0, None, closed="neither"), None],
        "absence_buffer": [Interval(Real, 0, None, closed="left")],
        "zones": [
            StrOptions({"natural_breaks", "quantile", "equal_interval", "landslide_share"}),
            None,
        ],
        "n_zones": [Interval(Integral, 2, 254, closed="both")],
        "prevalence": [Interval(Real, 0, 1, closed="neither"), None],
        "random_state": [Interval(Integral, 0, None, closed="left"), None],
        "window": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [Integral, None],
        "overwrite": ["boolean"],
        "resume": ["boolean"],
        "progress": ["boolean"],
        "log": [callable, None],
    },
    prefer_skip_nested_validation=True,
)
def make_susceptibility_map(
    model,
    stack,
    points=None,
    *,
    out,
    target="landslide",
    coordinates=("x", "y"),
    categorical=(),
    factors=None,
    align=None,
    resampling=None,
    crs=None,
    absences=None,
    absence_buffer=100.0,
    zones=None,
    n_zones=5,
    prevalence=None,
    random_state=0,
    window=512,
    n_jobs=None,
    save=None,
    overwrite=False,
    resume=False,
    progress=False,
    log=None,
):
    """Make a landslide susceptibility map, with all that belongs to it, in one folder.

    The model is trained on the inventory, or was trained before; it predicts the stack window by
    window. The files appear together when all are complete:

    ======================  =======================================================================
    ``susceptibility.tif``  probability of a landslide, NaN is nodata
    ``zones.tif``           zones, 1 is the lowest, with a color table, 0 is nodata
    ``applicability.tif``   dissimilarity to the training places; 1 inside, 0 outside the area of
                            applicability
    ``uncertainty.tif``     standard deviation of the probability over members or refits
    ``zones.gpkg``          zones as polygons: area, mean probability, landslides and their density
    ``map.png``             picture with legend, scale bar and inventory
    ``zones.csv``           the table of the zones
    ``summary.md``          what was done, with what, and how far it may be trusted
    ``model.zip``           the model with its zones and its area of applicability
    ======================  =======================================================================

    Parameters
    ----------
    model : classifier, MapModel, str or path-like
        An unfitted classifier, which is put at the end of
        :func:`~sklearn_landslide.make_landslide_pipeline`; or what an earlier call has trained:
        the file ``model.zip``, or another one of
        :func:`~sklearn_landslide.persistence.save_model`.
    stack : str, path-like, list of these, dict or xarray object
        The rasters, as :func:`~sklearn_landslide.mapping.open_stack` takes them. Several files
        are joined by the names of their bands.
    points : str, path-like, GeoDataFrame or DataFrame, default=None
        The inventory, as in :func:`~sklearn_landslide.mapping.sample_stack`. A trained model
        needs none; its landslides are then drawn and counted.
    out : str or path-like
        The folder; made if it is missing.
    target : str, default="landslide"
        The column of labels: 1 for landslide, 0 for none. If None, every row is a landslide.
    coordinates : sequence of str, default=("x", "y")
        The two columns with x and y, of a table.
    categorical : sequence of str, default=()
        The factors that hold class codes.
    factors : sequence of str, default=None
        The factors to train with. If None, all bands.
    align : str, default=None
        As in `open_stack`, with `resampling`.
    resampling : str or dict, default=None
        As in `open_stack`.
    crs : str, int or CRS, default=None
        The coordinate reference system of rasters and inventories that state none.
    absences : float, default=None
        Places without a landslide to be drawn for each landslide, where the inventory holds
        landslides only. If None, the inventory has both.
    absence_buffer : float, default=100.0
        Least distance of these to a landslide, in meters.
    zones : {"natural_breaks", "quantile", "equal_interval", "landslide_share"}, default=None
        How the edges of the zones are found; None is ``"natural_breaks"``, for a model without
        zones. ``"landslide_share"`` uses the probabilities from the spatial blocks.
    n_zones : int, default=5
        Number of zones, for a model without.
    prevalence : float, default=None
        Share of landslides in the study area, to which the probabilities shall refer. If None,
        that of the training table.
    random_state : int or None, default=0
        Seed of folds, resampling, refits and drawn absences. The model keeps its own.
    window : int, default=512
        Side of the windows that are predicted, in pixels.
    n_jobs : int, default=None
        Processes for the folds of the cross-validation. None is one. Windows are computed as
        dask is set.
    save : str or path-like, default=None
        A further place for the trained model.
    overwrite : bool, default=False
        Whether files of an earlier run in `out` are replaced.
    resume : bool, default=False
        Whether a run that was killed is taken up: the folder ``OUT.partial`` holds its model and
        its finished windows. An error or an interrupt, too, then leaves that folder.
    progress : bool, default=False
        Whether a bar on stderr shows how many windows are done.
    log : callable, default=None
        Called with a line of text after each step.

    Returns
    -------
    folder : pathlib.Path
        The output folder.

    Raises
    ------
    ValueError
        If the stack, the inventory or the model cannot be used, or files are there already. All
        that can be known before the long work is found out before it.
    OSError
        If something cannot be written; nothing remains that looks finished.

    Notes
    -----
    Uncertainty is the spread of the members of a LandslideNet or a bagged model, and of 10 fits
    to bootstrap samples for others; these predict the map once each. The trees of a forest with
    pure leaves count as none: their spread follows from the probability.

    Polygons need the zones in memory: about 20 bytes a pixel.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd, xarray as xr
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.datasets import make_landslides
    >>> from sklearn_landslide.map_products import make_susceptibility_map
    >>> from sklearn_landslide.mapping import open_stack
    >>> region = make_landslides(
    ...     200, shape=(60, 80), return_stack=True, as_frame=True, random_state=0
    ... )
    >>> side, _, west, _, _, north = region.transform
    >>> cells = {
    ...     "y": [north - side * (row + 0.5) for row in range(60)],
    ...     "x": [west + side * (column + 0.5) for column in range(80)],
    ... }
    >>> names = ["altitude", "slope", "twi"]
    >>> rasters = {name: xr.DataArray(region.stack[name], cells) for name in names}
    >>> points = pd.concat([region.coordinates, region.target.rename("landslide")], axis=1)
    >>> with TemporaryDirectory() as home:
    ...     folder = make_susceptibility_map(
    ...         LogisticRegression(),
    ...         open_stack(rasters, crs="EPSG:32650"),
    ...         points,
    ...         out=Path(home, "map"),
    ...     )
    ...     zones = pd.read_csv(folder / "zones.csv")
    >>> zones["name"].tolist()
    ['very low', 'low', 'moderate', 'high', 'very high']
    """
    log = log or (lambda line: None)
    work = WorkFolder(out, FILES, replace=overwrite, resume=resume)
    figure_class()  # a missing matplotlib is known before the work
    _check_save(save, overwrite)
    map_model = _as_map_model(model)
    _check_combination(map_model, points, save, zones, prevalence, absences)
    hashes = _hashes(stack, points, model)
    inventory_sha256 = sha256_of(points)
    stack = open_stack_of(
        stack,
        factors=factors,
        align=align,
        resampling=resampling,
        categorical=list(categorical),
        crs=crs,
    )
    unused = [] if map_model is None else check_factors_of(factor_names(map_model.model), stack)
    landslides, table = None, None
    if points is not None:
        inventory = {"target": target, "coordinates": list(coordinates), "crs": crs}
        landslides = landslides_of(stack, points, **inventory)
        inventory["categorical"] = list(categorical)
        if map_model is None:
            drawn = {"absences": absences, "buffer": absence_buffer, "random_state": random_state}
            table = training_table(stack, points, **inventory, **drawn)
        else:
            table = sample_stack(stack, points, **inventory)
    choices = {
        "absences": absences,
        "absence_buffer": absence_buffer,
        "prevalence": prevalence,
        "zones": zones,
        "n_zones": n_zones,
        "random_state": random_state,
    }
    work.open(
        {
            "version": __version__,
            "model": str(model) if isinstance(model, str | os.PathLike) else repr(model),
            "hashes": hashes,
            "factors": list(stack),
            "categorical": list(categorical),
            "target": target,
            "window": window,
            **choices,
        }
    )
    try:
        if map_model is None:
            map_model = _trained(model, table, work, choices, inventory_sha256, n_jobs, log)
        made = _write_maps(map_model, stack, landslides, work, choices, window, progress, log)
        result = _map_facts(map_model, stack, made) | {"hashes": hashes, "unused": unused}
        result |= _inventory_facts(map_model, made["table"], landslides, table, inventory_sha256)
        names = [name for name in FILES if work.has(name) or name in ("summary.md", "model.zip")]
        work.write_text("summary.md", summary_text(map_model, made["table"], result, names))
        save_model(map_model, work / "model.zip", overwrite=True)
        if save is not None:
            save_model(map_model, save, overwrite=overwrite)
        work.deliver()
    except BaseException:
        work.fail()
        raise
    return work.target.path
