"""The one call: from an inventory and rasters to all that a map consists of."""

import os
import shutil
from pathlib import Path

from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.map_products._afterwards import ask_afterwards
from sklearn_landslide.map_products._estimate import say_how_long
from sklearn_landslide.map_products._facts import facts_as_json, map_facts
from sklearn_landslide.map_products._files import FILES, MODEL
from sklearn_landslide.map_products._mistakes import say_mistakes
from sklearn_landslide.map_products._prepare import prepare
from sklearn_landslide.map_products._request import MapRequest
from sklearn_landslide.map_products._summary import summary_text
from sklearn_landslide.map_products._train import train
from sklearn_landslide.map_products._training_facts import TrainingFacts
from sklearn_landslide.map_products._training_steps import TrainingSteps
from sklearn_landslide.map_products._write import with_factors_kept, write_maps
from sklearn_landslide.persistence import load_model
from sklearn_landslide.terrain import RECIPE


def _trained(prepared, steps):
    """Train the model, or take that of the unfinished run."""
    request, work = prepared.request, prepared.work
    if work.has(MODEL):
        map_model = load_model(work / MODEL)
        if map_model.zones is not None or request.zones != "landslide_share":
            request.say("model of the unfinished run")
            return map_model
        # Killed before its zones were learned: these need the folds.
    steps.begin()
    map_model = train(
        request,
        prepared.table,
        steps,
        folds=prepared.folds,
        inventory_sha256=prepared.fingerprints.inventory,
        factor_recipe=prepared.stack.attrs.get(RECIPE),
        source=prepared.source,
    )
    if map_model.zones is not None:
        steps.keep(map_model)
        work.settle()
    steps.end()
    return map_model


def _save_copy(request, folder):
    """Save the copy of the model, of the one in the finished folder."""
    path = Path(request.save)
    try:
        if os.path.lexists(path) and not request.overwrite:
            raise ValueError(f"{path} exists since this run began: give another name.")
        with whole_file(path) as hidden:
            shutil.copyfile(folder / "model.zip", hidden)
    except BaseException as error:
        error.add_note(f"the map is complete in {folder}, with the model in model.zip there")
        raise


def make_map(prepared):
    """Make a map whose inputs are checked; what asks for one and the command line call this.

    Parameters
    ----------
    prepared : PreparedMap
        Of `prepare`.

    Returns
    -------
    folder : pathlib.Path
        The output folder.
    """
    request = prepared.request
    say_mistakes(prepared)
    work = prepared.work
    steps = TrainingSteps(work, prepared.why_unsaved)
    try:
        work.open(prepared.run(), prepared.zones())
        prepared = with_factors_kept(prepared)
        map_model = _trained(prepared, steps) if prepared.map_model is None else prepared.map_model
        if not work.has("susceptibility.tif"):
            say_how_long(prepared, map_model)
        maps = write_maps(prepared, map_model)
        # With its zones.
        steps.keep(map_model)
        facts = map_facts(prepared, map_model, maps, steps.why_not)
        training = TrainingFacts.from_dict(map_model.facts)
        work.write_text("facts.json", facts_as_json(training, facts))
        for line in facts.zone_warnings:
            prepared.request.say(f"warning: {line}")
        sections = ask_afterwards(prepared)
        names = [name for name in FILES if work.has(name) or name == "summary.md"]
        work.write_text("summary.md", summary_text(training, facts, names, sections))
        work.deliver()
    except BaseException as error:
        # A trained model is worth keeping, whether or not anybody has thought of it before.
        work.fail(error, keep=prepared.map_model is None and steps.why_not is None)
        raise
    if request.save is not None and steps.why_not is None:
        _save_copy(request, work.target.path)
    return work.target.path


def make_susceptibility_map(
    model,
    stack,
    points=None,
    *,
    out,
    adapt=None,
    target="landslide",
    positive_class=None,
    coordinates=("x", "y"),
    categorical=(),
    factors=None,
    align=None,
    resampling=None,
    nodata=None,
    crs=None,
    points_crs=None,
    area=None,
    exclude=None,
    units=None,
    absences=None,
    absence_buffer=100.0,
    polygons="cells",
    min_slope=None,
    zones=None,
    n_zones=5,
    min_area=None,
    prevalence=None,
    resample="smote",
    ground="away",
    quick=False,
    contributions=False,
    contributions_step=1,
    uncertainty=True,
    test_inventory=None,
    units_of=None,
    units_name=None,
    random_state=0,
    window=512,
    n_jobs=None,
    save=None,
    overwrite=False,
    resume=False,
    progress=False,
    log=None,
):
    """Make a landslide susceptibility map, with everything that belongs to it, in one folder.

    The model is trained on the inventory, unless it already was, and predicts the stack window by
    window. The files appear together when all are complete:

    =======================  ======================================================================
    ``susceptibility.tif``   probability of a landslide, NaN is nodata
    ``zones.tif``            zones, 1 is the lowest, with a color table, 0 is nodata
    ``applicability.tif``    1 inside, 0 outside the area of applicability, 255 is nodata
    ``dissimilarity.tif``    dissimilarity to the training places, NaN is nodata
    ``uncertainty.tif``      standard deviation of the probability over members or models of folds
    ``contributions.tif``    with `contributions`: those of the three strongest factors in log-odds
    ``deciding_factor.tif``  with `contributions`: the factor with the largest one, 255 is nodata
    ``zones.gpkg``           zones as polygons: area, mean probability, landslides and their density
    ``*.qml``                legend and colors of each raster, for QGIS
    ``*.tif.aux.xml``        names and colors of the classes of a raster, for GDAL
    ``map.png``              picture with legend, scale bar and inventory
    ``zones.csv``            the table of the zones
    ``landslides.csv``       each landslide of the inventory with what the map says there
    ``summary.md``           what was done, with what, and how far it may be trusted
    ``facts.json``           the same for programs, and for the page of a study
    ``model.zip``            the model with its zones and its area of applicability, if a file can
                             hold it
    =======================  ======================================================================

    Parameters
    ----------
    model : classifier, MapModel, str or path-like
        An unfitted classifier, which is put at the end of
        :func:`~sklearn_landslide.make_landslide_pipeline`; or a model that is already trained: the
        file ``model.zip`` of an earlier call, or another file of
        :func:`~sklearn_landslide.persistence.save_model`.
    stack : str, path-like, list of these, dict, xarray object or FactorSources
        The rasters, as :func:`~sklearn_landslide.mapping.open_stack` takes them. Several files are
        joined by the names of their bands. Or the sources from which the factors are made:
        :class:`~sklearn_landslide.terrain.FactorSources`.
    points : str, path-like, GeoDataFrame or DataFrame, default=None
        The inventory, as in :func:`~sklearn_landslide.mapping.sample_stack`. A trained model
        needs none; its landslides are then drawn and counted.
    out : str or path-like
        The output folder, which is created if it does not exist.
    adapt : str, path-like, GeoDataFrame or DataFrame, default=None
        An inventory of this region, in the form of `points`, to which a trained model of another
        region is adapted: by :class:`~sklearn_landslide.transfer.TransferNet` if it is a network,
        else by :class:`~sklearn_landslide.transfer.SourceStacking`. It is tested in folds of these
        places, and the arguments about training apply to it.
    target : str, default="landslide"
        The column of labels: 1 for landslide, 0 for none, or words for it. If None, every row
        is a landslide.
    positive_class : label, default=None
        The label of a landslide in `target`, if it is not clear from the labels, or a rule such as
        ``">0"``.
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
    nodata : float, sequence of float, or dict of str to these, default=None
        Numbers that stand for "no data" where the rasters do not state it, as in `open_stack`.
    crs : str, int or CRS, default=None
        The coordinate reference system of rasters and inventories that state none.
    points_crs : str, int or CRS, default=None
        The coordinate reference system of an inventory that states none. If None, `crs`.
    area : str, path-like or GeoDataFrame, default=None
        Polygons of the study area: only ground inside them is sampled, mapped and counted.
    exclude : str, path-like or GeoDataFrame, default=None
        Polygons, such as lakes and glaciers, where nothing is sampled, mapped or counted.
    units : str, path-like or GeoDataFrame, default=None
        Polygons of mapping units, such as slope units: they, not cells, are sampled and predicted.
        ``"auto"`` delineates slope units on the elevation.
    absences : float, default=None
        Places without a landslide to draw for each landslide, where the inventory holds
        landslides only. If None, the inventory has both.
    absence_buffer : float, default=100.0
        Smallest distance of these places to a landslide, in meters.
    polygons : {"cells", "one", "scarp"} or int, default="cells"
        What a landslide polygon becomes in the training table, as in `sample_stack`: all its cells,
        the one in its middle, the highest, or as many as a number says.
    min_slope : float, default=None
        Ground flatter than this, in degrees by the factor ``slope``, is left out: no absence is
        drawn there, and no place there is scored. It is mapped like all other ground; the summary
        gives its share of the map and the ROC-AUC that would result with it.
    zones : {"natural_breaks", "quantile", "equal_interval", "landslide_share"}, default=None
        How the edges of the zones are found; None is ``"natural_breaks"``, for a model without
        zones. ``"landslide_share"`` uses the probabilities from the spatial blocks.
    n_zones : int, default=5
        Number of zones, for a model without zones.
    min_area : float, default=None
        Area of the smallest patch of a zone, in square meters: smaller ones join the zone around
        them, as in `merge_small_patches`, in all files that hold zones. If None, all stay.
    prevalence : float, default=None
        Share of landslides in the study area, to which the probabilities refer. If None,
        that of the training table.
    resample : {"smote", "under", "none"}, default="smote"
        What balances the training rows of a model that is not a pipeline: new landslides between
        known ones, other places left out, or nothing. Models that count rows, such as
        :class:`~sklearn_landslide.baselines.FrequencyRatio`, never get new landslides.
    ground : {"away", "near"}, default="away"
        For which ground a LandslideNet chooses how much its straight line and its memory count:
        away from the inventory, by the spatial blocks, or near it, by the random folds. Each fold
        is scored with the shares that do best on the other folds. A share that the model sets is
        kept.
    quick : bool, default=False
        Whether this is a trial run, to see whether everything works. It takes 3 folds instead of
        5, and is marked as a trial in the summary, the picture, the tags of the rasters and the
        model. The model itself is not made smaller, so pass a small one.
    contributions : bool, default=False
        Whether to map why a place has its probability: the contributions of the three factors that
        are strongest on the map, as :func:`~sklearn_landslide.inspection.explain` finds them, and
        the factor that decides, whose contribution is the largest. Places are compared with the
        mean of the map. A model whose log-odds are a sum over the factors needs a few predictions
        per cell, any other a few hundred. An estimate of the time is given before it begins.
    contributions_step : {1, 2, 4, 8, 16, 32, 64}, default=1
        Blocks of this many rows and columns of cells share the contributions of one cell, which
        divides the time by the square of this number.
    uncertainty : bool, default=True
        Whether to map the uncertainty. If not, the models of the folds are not kept, and cells are
        predicted by one model only.
    test_inventory : str, path-like, GeoDataFrame or DataFrame, default=None
        Landslides of a later event, which score the finished map, as
        :func:`~sklearn_landslide.mapping.score_map_folder` does it: in the summary,
        ``later_score.json``, ``later_landslides.csv`` and ``later_rate_curve.png``. Rows are
        landslides, unless there is a column `target`.
    units_of : str, path-like or GeoDataFrame, default=None
        Polygons, such as districts: the zones and landslides of each are counted, as
        :func:`~sklearn_landslide.terrain.zones_by_unit` does it, in the summary and in
        ``zones_by_unit.csv``.
    units_name : str, default=None
        Their column of names. If None, they are numbered from 1.
    random_state : int or None, default=0
        Seed of folds, resampling and drawn absences. The model keeps its own.
    window : int, default=512
        Side of the windows that are predicted, in pixels; smaller where fewer than 16 would cover
        the raster, down to 128.
    n_jobs : int, default=None
        Number of processes for the folds of the cross-validation. None is one. Windows are
        computed in the way that dask is configured.
    save : str or path-like, default=None
        Where to save a copy of the trained model.
    overwrite : bool, default=False
        Whether the files of an earlier run in `out` are replaced. An unfinished run is then
        discarded, unless it is resumed.
    resume : bool, default=False
        Whether to continue a run that ended early, whose model and finished files and windows are
        in the folder ``OUT.partial``. Everything that determines the map must be unchanged:
        arguments, data, versions, and the options for zones if zones were already made. With
        `resume`, an error or an interrupt also leaves that folder.
    progress : bool, default=False
        Whether a bar on stderr shows how many folds and windows are done, and about how long the
        others will take.
    log : callable, default=None
        Called with a line of text after each step. Without a bar, it is also called every half
        minute with a line on the progress.

    Returns
    -------
    folder : pathlib.Path
        The output folder.

    Raises
    ------
    ValueError
        If the stack, the inventory or the model cannot be used, or the files exist already.
        Everything that can be checked before the long computation is checked first.
    OSError
        If something cannot be written; nothing remains that looks finished.

    Notes
    -----
    A trained model is not lost: if a run ends early once the model is fitted, ``OUT.partial``
    remains, with the folds that are finished, and a note on the error says so. Two runs cannot
    write the same map at once.

    A model that :func:`~sklearn_landslide.persistence.save_model` refuses is still mapped: a
    warning before the fit says that there will be no ``model.zip``, and why. If such a run is
    killed, it has to start over.

    Uncertainty is the spread of the members of a LandslideNet or a bagged model. For other models
    it is the spread of the 5 models of the spatial blocks, or of the random folds if there are no
    blocks: how much the probability depends on one fifth of the ground. Any two of these models
    share three quarters of their rows, so their spread is less than the standard error, which by
    the jackknife is about 1.8 times as large. The trees of a forest with pure leaves do not count
    as members, because their spread follows from the probability.

    Polygons and the merging of small patches need the zones in memory: about 20 bytes per pixel,
    and about 500 more for each small patch.

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
    request = MapRequest(
        model,
        stack,
        points,
        out=out,
        adapt=adapt,
        target=target,
        positive_class=positive_class,
        coordinates=coordinates,
        categorical=categorical,
        factors=factors,
        align=align,
        resampling=resampling,
        nodata=nodata,
        crs=crs,
        points_crs=points_crs,
        area=area,
        exclude=exclude,
        units=units,
        absences=absences,
        absence_buffer=absence_buffer,
        polygons=polygons,
        min_slope=min_slope,
        zones=zones,
        n_zones=n_zones,
        min_area=min_area,
        prevalence=prevalence,
        resample=resample,
        ground=ground,
        quick=quick,
        contributions=contributions,
        contributions_step=contributions_step,
        uncertainty=uncertainty,
        test_inventory=test_inventory,
        units_of=units_of,
        units_name=units_name,
        random_state=random_state,
        window=window,
        n_jobs=n_jobs,
        save=save,
        overwrite=overwrite,
        resume=resume,
        progress=progress,
        log=log,
    )
    return make_map(prepare(request))
