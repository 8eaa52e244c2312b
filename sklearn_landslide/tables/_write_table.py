"""A table of factors, labels and places to a file that `read_table` reads back."""

from pathlib import Path

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import without_formulas
from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import listed
from sklearn_landslide.tables._text import one_line

_SUFFIXES = (".csv", ".parquet", ".gpkg")


def check_table_file(path, overwrite=False):
    """Raise unless a table can be written.

    Parameters
    ----------
    path : str or path-like
        Its file.
    overwrite : bool, default=False
        Whether the file may be there already.
    """
    path = Path(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise ValueError(f"{path} must end with {', '.join(_SUFFIXES[:-1])} or {_SUFFIXES[-1]}.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}: make it first.")
    if path.exists() and not overwrite:
        raise hinting(FileExistsError(f"{path} exists: set overwrite=True."), "overwrite=True")
    if path.suffix.lower() == ".gpkg":
        import_optional("geopandas", extra="map")
    elif path.suffix.lower() == ".parquet":
        import_optional("pyarrow", extra="tables")


def _free(name, taken):
    """Return a name that no factor and no stratum has."""
    while name.lower() in taken:
        name = f"{name}_of_row"
    return name


def _laid_out(table, with_points):
    """Put labels, places and factors side by side; say which column is what."""
    target, X = table.target, table.X
    strata = table.get("strata")
    taken = {str(name).lower() for name in [*X, *([] if strata is None else strata)]}
    if target.lower() in taken:
        raise ValueError(f"a column is called {target!r}, as the labels are: rename it.")
    taken.add(target.lower())
    roles = {"target": target}
    columns = {target: np.asarray(table.y)}
    if table.coordinates is not None and with_points:
        names = [_free(name, taken) for name in "xy"]
        columns |= dict(zip(names, table.coordinates.to_numpy().T, strict=True))
        roles["coordinates"] = names
    groups = table.get("groups")
    if groups is not None and len(np.unique(groups)) < len(groups):
        roles["groups"] = _free("group", taken)
        columns[roles["groups"]] = np.asarray(groups)
    if table.get("sample_weight") is not None:
        roles["weights"] = _free("weight", taken)
        columns[roles["weights"]] = table.sample_weight
    if strata is not None:
        roles["strata"] = list(strata)
        columns |= {name: column.array for name, column in strata.items() if name not in X}
    roles["categorical"] = list(X.select_dtypes("category"))
    frame = pd.DataFrame(columns).join(X.reset_index(drop=True))
    return frame, roles


def _plain(column):
    """Turn a category into what a database holds: whole numbers, or text."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    kind = "Int64" if column.cat.categories.dtype.kind in "iu" else object
    return column.astype(object).where(column.notna(), None).astype(kind)


def _write_geopackage(frame, table, crs, hidden, layer):
    geopandas = import_optional("geopandas", extra="map")
    geometry = table.get("geometry")
    if geometry is None:
        geometry = geopandas.points_from_xy(*table.coordinates.to_numpy().T)
    else:
        geometry = geometry.to_numpy()
    shapes = geopandas.GeoDataFrame(
        {name: _plain(column) for name, column in frame.items()}, geometry=geometry, crs=crs
    )
    try:
        shapes.to_file(hidden, layer=layer, driver="GPKG", engine="pyogrio")
    except Exception as error:  # GDAL's, and of any layer above it
        raise ValueError(
            f"the table cannot be written as GeoPackage: {one_line(error)}."
        ) from error


def write_table(table, path, *, overwrite=False):
    r"""Write a table to a file, and say how it is read back.

    The file has the labels, 1 for landslide, in the column named by ``table.target``; the
    coordinates ``x`` and ``y``; where rows belong together, as the cells of a landslide do, a
    column ``group``; and the factors and strata under their names. Where one of these has such a
    name, ``_of_row`` is added to the other. In a GeoPackage the rows are points, or the polygons of
    mapping units, in their coordinate reference system, in place of the two columns. The file is
    complete or not there.

    Parameters
    ----------
    table : :class:`~sklearn.utils.Bunch`
        Of :func:`read_table`, :func:`~sklearn_landslide.map_products.make_training_table` or
        :func:`~sklearn_landslide.mapping.sample_stack`.

    path : str or path-like
        The file: ``.csv``, ``.parquet`` (needs the extra ``tables``) or ``.gpkg`` (``map``).
        In CSV, text that a spreadsheet would take for a formula gets an apostrophe in front.

    overwrite : bool, default=False
        Whether a file that is there may be replaced.

    Returns
    -------
    roles : dict of str to object
        The arguments with which :func:`read_table` reads the same table from the file: ``target``,
        ``categorical`` and, where there are such, ``coordinates``, ``groups``, ``weights``,
        ``strata`` and ``crs``.

    Raises
    ------
    FileExistsError
        If the file is there.
    ValueError
        If its name ends in another way, a factor has the name of the labels, or there are no
        coordinates for a GeoPackage.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_landslide.tables import read_table, write_table
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "places.csv")
    ...     _ = path.write_text("slope;soil;landslide\n31,5;clay;1\n12,0;sand;0\n")
    ...     table = read_table(path, target="landslide", categorical="soil")
    ...     roles = write_table(table, Path(folder, "copy.csv"))
    ...     copy = read_table(Path(folder, "copy.csv"), **roles)
    >>> roles
    {'target': 'landslide', 'categorical': ['soil']}
    >>> copy.X.equals(table.X)
    True
    """
    path = Path(path)
    check_table_file(path, overwrite)
    suffix, crs = path.suffix.lower(), table.get("crs")
    is_shapes = suffix == ".gpkg"
    if is_shapes and table.coordinates is None:
        raise ValueError(
            f"the table has no coordinates, and {path} is to hold places: write "
            f"{listed(_SUFFIXES[:-1])}."
        )
    frame, roles = _laid_out(table, not is_shapes)
    if crs is not None and "coordinates" in roles:
        roles["crs"] = crs
    with whole_file(path) as hidden:
        if is_shapes:
            _write_geopackage(frame, table, crs, hidden, path.stem)
        elif suffix == ".parquet":
            frame.to_parquet(hidden, index=False)
        else:
            without_formulas(frame).to_csv(hidden, index=False, lineterminator="\n")
    return roles
