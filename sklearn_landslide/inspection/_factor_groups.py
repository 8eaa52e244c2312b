"""Which columns are shuffled together: single factors, series, groups that are named."""

from collections.abc import Mapping

from sklearn_landslide._factor_names import read_name
from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide._words import listed, nearest

# The factors of the field, by the names that read_name gives them.
FIELD_GROUPS = {
    "terrain": (
        "elevation slope aspect northness eastness curvature plan_curvature profile_curvature tri "
        "roughness tpi relief geomorphon"
    ),
    "water": (
        "rainfall twi spi sti contributing_area catchment_area height_above_drainage "
        "distance_to_river"
    ),
    "geology": "lithology soil pga distance_to_fault",
    "cover": "landuse ndvi",
    "people": "distance_to_road distance_to_railway distance_to_building",
}
_GROUP_OF = {factor: name for name, text in FIELD_GROUPS.items() for factor in text.split()}


def field_group(name):
    """Return the group of the field that a factor belongs to, by its name.

    Parameters
    ----------
    name : str
        Name of a column, in any spelling that tables use.

    Returns
    -------
    group : str or None
        One of ``FIELD_GROUPS``; None for a name that says nothing.

    Examples
    --------
    >>> from sklearn_landslide.inspection._factor_groups import field_group
    >>> field_group("Altitude (m)"), field_group("dist_streams"), field_group("tpi_300")
    ('terrain', 'water', 'terrain')
    """
    factor = read_name(name).factor
    stem, _, ending = factor.rpartition("_")
    # Of a window of 300 m, or of hour 12.
    if factor not in _GROUP_OF and stem and ending.isdigit():
        factor = read_name(stem).factor
    return _GROUP_OF.get(factor)


def own_sequences(estimator):
    """Return the series that an estimator, or one of its steps, reads; None for none."""
    params = estimator.get_params(deep=True)
    for name, value in params.items():
        if name.rpartition("__")[2] == "sequences" and isinstance(value, Mapping):
            return value
    return None


def single_units(names, sequences=None):
    """List what is shuffled as one: each factor, and of a series all of its columns.

    Parameters
    ----------
    names : list of str
        The columns.
    sequences : dict or None, default=None
        As the models take them.

    Returns
    -------
    units : dict of str to list of str
        Columns of each unit, in the order of the table.

    Examples
    --------
    >>> from sklearn_landslide.inspection._factor_groups import single_units
    >>> single_units(["slope", "rain_0", "rain_1"], {"rain": ["rain_0", "rain_1"]})
    {'slope': ['slope'], 'rain': ['rain_0', 'rain_1']}
    """
    series = {}
    for group in resolve_sequences(sequences, n_features=len(names), names=names):
        for variable, positions in zip(group.variables, group.positions, strict=True):
            label = variable
            if label in series or (label in names and len(positions) > 1):
                label = f"{group.name} {variable}"
            series[label] = [names[position] for position in positions]
    label_of = {column: label for label, columns in series.items() for column in columns}
    units = {}
    for name in names:
        label = label_of.get(name, name)
        units.setdefault(label, series.get(label, [name]))
    return units


def factor_units(names, factor_groups=None, sequences=None):
    """List what is shuffled as one, with the groups that are asked for.

    Parameters
    ----------
    names : list of str
        The columns.
    factor_groups : dict of str to list of str, "field" or None, default=None
        Columns, or names of series, by the name of their group. A factor that is in none stays
        single.
    sequences : dict or None, default=None
        As the models take them.

    Returns
    -------
    units : dict of str to list of str

    Raises
    ------
    ValueError
        For a group that is empty, names a column that is not there, shares one with another
        group, or has the name of a factor outside of it.
    """
    single = single_units(names, sequences)
    if factor_groups is None:
        return single
    if isinstance(factor_groups, str):
        groups = _by_field(factor_groups, single)
    else:
        groups = _checked(factor_groups, single, names)
    group_of = {column: group for group, columns in groups.items() for column in columns}
    units = {}
    for label, columns in single.items():
        group = group_of.get(columns[0])
        if group is None and label in groups:
            raise ValueError(f"the group {label!r} has the name of a factor that is not in it.")
        units[label if group is None else group] = columns if group is None else groups[group]
    return units


def _by_field(word, single):
    """Sort the factors into the groups of the field."""
    if word != "field":
        raise ValueError(f'factor_groups={word!r} must be "field", or lists of columns by group.')
    groups = {}
    for label, columns in single.items():
        if (group := field_group(label) or field_group(columns[0])) is not None:
            groups.setdefault(group, []).extend(columns)
    return groups


def _checked(factor_groups, single, names):
    """Return groups whose columns are there, each in one of them."""
    if not isinstance(factor_groups, Mapping) or not factor_groups:
        raise ValueError(
            f'factor_groups must be "field", or lists of columns by group, got {factor_groups!r}.'
        )
    series_of = {column: columns for columns in single.values() for column in columns}
    groups, owner = {}, {}
    for group, wanted in factor_groups.items():
        if not isinstance(group, str):
            raise ValueError(f"factor_groups has the key {group!r}: name each group by a text.")
        if isinstance(wanted, str) or not len(wanted):
            raise ValueError(f"factor_groups[{group!r}]={wanted!r} must be a list of columns.")
        groups[group] = []
        for column in wanted:
            if column not in single and column not in names:
                raise ValueError(
                    f"factor_groups[{group!r}] names {column!r}, which is not a column."
                    f"{nearest(column, names)} The columns are {listed(names)}."
                )
            # Of a series all columns, whichever is named.
            for part in single.get(column, series_of.get(column)):
                if owner.setdefault(part, group) != group:
                    raise ValueError(f"{part!r} is in two groups, {owner[part]!r} and {group!r}.")
                if part not in groups[group]:
                    groups[group].append(part)
    return groups
