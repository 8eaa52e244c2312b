"""How different two regions are, before a model of the one is applied to the other."""

import warnings

import numpy as np
import pandas as pd
from scipy.stats import wasserstein_distance
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.utils import check_random_state

from sklearn_landslide._classes import is_landslide_label, label_key, landslide_label
from sklearn_landslide._factor_names import is_no_factor
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide._undeclared import warn_of_undeclared
from sklearn_landslide._words import listed
from sklearn_landslide.mapping import AreaOfApplicability
from sklearn_landslide.transfer._region_comparison import RegionComparison
from sklearn_landslide.transfer._region_tables import check_declared, read_table
from sklearn_landslide.transfer._unit_guesses import distance

_FEWEST = 10
# Rows of a region that the forest, and the area of applicability, are given at most.
_FOR_FOREST, _FOR_AREA = 2000, 5000
_QUANTILES = {"min": 0, "q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95, "max": 1}


def _remedy(values):
    """Say what to do about numbers that look like undeclared nodata."""
    return f"replace {', '.join(map(str, values))} by NaN first."


def _known(values):
    return values[~np.isnan(values)]


def in_spreads(source, target):
    """Wasserstein's distance in interquartile ranges of the source.

    Parameters
    ----------
    source, target : ndarray
        Known values.

    Returns
    -------
    distance : float
        In standard deviations where more than half of the source is one value; NaN where all is.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.transfer._compare_regions import in_spreads
    >>> in_spreads(np.array([0.0, 1, 2, 3, 4]), np.array([5.0, 6, 7, 8, 9]))
    2.5
    """
    spread = float(np.subtract(*np.quantile(source, [0.75, 0.25]))) or float(np.std(source))
    return float(wasserstein_distance(source, target)) / spread if spread > 0 else np.nan


def class_shares(source, target):
    """Share of each class among the known rows of both regions.

    Parameters
    ----------
    source, target : pandas.Categorical
        Codes in one form.

    Returns
    -------
    shares : pandas.DataFrame
        One row per class, in the order of the source's share.
    """
    shares = {
        of: pd.Series(column).astype(str)[column.notna()].value_counts(normalize=True)
        for of, column in (("source", source), ("target", target))
    }
    shares = pd.DataFrame(shares).fillna(0.0)
    return shares.sort_values(["source", "target"], ascending=False, kind="stable")


def _quantity_row(source, target):
    """Compare a quantity."""
    known = _known(source), _known(target)
    outside = (known[1] < known[0].min()) | (known[1] > known[0].max())
    return {
        "kind": "quantity",
        "distance": distance(*known),
        "wasserstein": in_spreads(*known),
        "outside": outside.mean(),
        "source_median": np.median(known[0]),
        "target_median": np.median(known[1]),
        "source_missing": np.isnan(source).mean(),
        "target_missing": np.isnan(target).mean(),
    }


def _class_row(source, target, shares):
    """Compare a factor of classes."""
    return {
        "kind": "classes",
        "distance": (shares["source"] - shares["target"]).abs().sum() / 2,
        "wasserstein": np.nan,
        "outside": shares.loc[shares["source"] == 0, "target"].sum(),
        "source_median": np.nan,
        "target_median": np.nan,
        "source_missing": source.isna().mean(),
        "target_missing": target.isna().mean(),
    }


def _draw(frame, n_rows, rng):
    """Draw at most so many rows."""
    if len(frame) <= n_rows:
        return frame
    return frame.iloc[np.sort(rng.permutation(len(frame))[:n_rows])]


def tell_apart(source, target, seed):
    """Have a forest say which region a row is of.

    Parameters
    ----------
    source, target : pandas.DataFrame
        Floats, and categories of one list.
    seed : int
        Seed of draws, folds and trees.

    Returns
    -------
    auc : float
        Of the rows that a fold left out.
    giveaway : dict of str to float
        Share of each factor in it.
    """
    rng = check_random_state(seed)
    parts = [_draw(frame, _FOR_FOREST, rng) for frame in (source, target)]
    is_target = np.repeat([0, 1], [len(part) for part in parts])
    both = pd.concat(parts, ignore_index=True)
    columns, factor = [], []
    for name, column in both.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = column.cat.codes.to_numpy()
            columns += [(codes == code).astype(np.float32) for code in np.unique(codes)]
        else:
            # Trees ask for the order only.
            columns.append(column.rank().to_numpy(dtype=np.float32))
        factor += [name] * (len(columns) - len(factor))
    X = np.column_stack(columns)
    found, importance = np.empty(len(X)), np.zeros(X.shape[1])
    for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(X, is_target):
        forest = RandomForestClassifier(
            40, min_samples_leaf=3, class_weight="balanced", random_state=seed
        )
        forest.fit(X[train], is_target[train])
        found[test] = forest.predict_proba(X[test])[:, 1]
        importance += forest.feature_importances_
    shares = pd.Series(importance).groupby(factor).sum()
    total = shares.sum()
    giveaway = {name: float(shares[name] / total) if total > 0 else 0.0 for name in source}
    return float(roc_auc_score(is_target, found)), giveaway


def share_outside(source, target, model, y, seed):
    """Share of the target outside the source's area of applicability.

    Parameters
    ----------
    source, target : pandas.DataFrame
        Floats, and categories of one list.
    model : estimator or None
        Tells how much each factor counts.
    y : ndarray or None
        Labels of the source.
    seed : int
        Seed of draws and shuffling.

    Returns
    -------
    share : float
    """
    if model is not None and (names := getattr(model, "feature_names_in_", None)) is not None:
        if missing := [name for name in names if name not in source]:
            raise ValueError(
                f"the model was fitted on {listed(missing, 5)}, which the regions do not share."
            )
        source, target = source[list(names)], target[list(names)]
    rng = check_random_state(seed)
    rows = _draw(pd.DataFrame({"row": np.arange(len(source))}), _FOR_AREA, rng)["row"]
    area = AreaOfApplicability(importance=model, random_state=seed)
    area.fit(source.iloc[rows], None if y is None else y[rows])
    return float((area.predict(_draw(target, _FOR_AREA, rng)) == -1).mean())


def _read_labels(y, n_rows, of):
    """Return the labels of a region as an array with None where there is none."""
    if y is None:
        return None
    labels = np.asarray(y, dtype=object)
    if labels.shape != (n_rows,):
        raise ValueError(f"y_{of} has the shape {labels.shape}, and the {of} has {n_rows} rows.")
    return np.where(pd.isna(labels), None, labels)


def prevalences(source, target, positive_class):
    """Share of landslides among the labels of both regions that are known.

    Parameters
    ----------
    source, target : ndarray of object or None
        The labels.
    positive_class : object
        The label of landslides, if it was named.

    Returns
    -------
    shares : tuple of (float or None, float or None)
    """
    known = [
        [] if y is None else [label for label in y if label is not None] for y in (source, target)
    ]
    labels = list({label_key(label): label for some in known for label in some}.values())
    if not labels:
        return None, None
    if len(labels) > 2:
        raise ValueError(
            f"the labels must be of two classes, landslide and not, got {listed(labels, 5)}."
        )
    if len(labels) == 2:
        key = label_key(landslide_label(labels, positive_class, of="y_source and y_target"))
    else:
        is_landslide = is_landslide_label(labels[0], positive_class, of="y_source and y_target")
        key = label_key(labels[0]) if is_landslide else None
    return tuple(
        float(np.mean([label_key(label) == key for label in some])) if some else None
        for some in known
    )


def _common(source, target, left_out):
    """Return the factors that both regions have values of."""
    common = [n for n in source.names if n in target.names and not is_no_factor(n)]
    left_out += [n for n in dict.fromkeys(source.names + target.names) if n not in common]
    if not common:
        raise ValueError(
            f"no factor is in both regions: the source has {listed(source.names, 6)}, the target "
            f"{listed(target.names, 6)}. match_factors finds other names."
        )
    mixed = [n for n in common if (n in source.classes) != (n in target.classes)]
    if mixed:
        raise ValueError(
            f"{listed(mixed, 3)} holds classes in one region and numbers in the other: see "
            "match_factors."
        )
    empty = [
        name
        for name in common
        for region in (source, target)
        if (
            pd.isna(region.numbers[name]) if name in region.numbers else region.classes[name].isna()
        ).all()
    ]
    empty = list(dict.fromkeys(empty))
    if len(empty) == len(common):
        raise ValueError(f"no factor has values in both regions: {listed(empty, 5)}.")
    if empty:
        warnings.warn(
            f"left out, as a region has no value of them: {listed(empty, 8)}.", stacklevel=3
        )
    left_out += empty
    return [name for name in common if name not in empty]


def _frames(source, target, names):
    """Return the factors of both regions in one form."""
    columns = ({}, {})
    for name in names:
        if name in source.numbers:
            pair = source.numbers[name], target.numbers[name]
        else:
            pair = source.classes[name], target.classes[name]
            texts = [
                column.rename_categories([str(c) for c in column.categories]) for column in pair
            ]
            codes = list(dict.fromkeys([*texts[0].categories, *texts[1].categories]))
            pair = [pd.Categorical(column, categories=codes) for column in texts]
        for found, column in zip(columns, pair, strict=True):
            found[name] = column
    return tuple(map(pd.DataFrame, columns))


def compare_regions(
    source,
    target,
    *,
    y_source=None,
    y_target=None,
    model=None,
    positive_class=None,
    categorical_features="from_dtype",
    random_state=0,
):
    """Measure how different two regions are, before a model of one is applied to the other.

    For each common factor: how far apart its distributions are, and how much of the target lies
    where the source has no values. As a whole: how much of the target is outside the area of
    applicability of the source, how well its rows can be told from those of the source, and which
    factors give them away. No labels are needed. Match the factors first (:func:`match_factors`),
    because another unit looks like another region.

    Parameters
    ----------
    source, target : DataFrame of shape (n_samples, n_factors)
        The factors of both regions, by the same names.
    y_source, y_target : array-like of shape (n_samples,), default=None
        Labels, for the share of landslides; NaN where a row has none.
    model : classifier, default=None
        A model of the source, fitted or not, whose importances weigh the factors in the area of
        applicability, as ``importance`` of
        :class:`~sklearn_landslide.mapping.AreaOfApplicability`; needs `y_source` unless it knows
        them itself. None: all factors count equally.
    positive_class : object, default=None
        The label of landslides. None: it is inferred, as from 0 and 1, or from known words.
    categorical_features : "from_dtype" or list of str, default="from_dtype"
        Columns of codes, as in :func:`match_factors`.
    random_state : int, RandomState instance or None, default=0
        Seed of the forest, its folds and draws of rows.

    Returns
    -------
    comparison : RegionComparison
        Tables, numbers, and what they mean in words.

    Raises
    ------
    ValueError
        If the regions share no factor with values, one has fewer than 10 rows, both are the same
        table, nothing varies in the source, or a factor holds classes in one and numbers in the
        other.
    TypeError
        If a region is not a DataFrame, or `model` not a classifier.

    Warns
    -----
    UserWarning
        If a factor has no values in a region; it is left out.
    UndeclaredNodataWarning
        If a number or a code looks like an undeclared nodata value.

    See Also
    --------
    match_factors : To be done first.
    sklearn_landslide.plotting.RegionShiftDisplay : A picture of it.
    sklearn_landslide.report.write_region_report : A page of it.

    Notes
    -----
    The forest has 40 trees on ranks of the factors, balanced classes and five random folds; of
    more than 2,000 rows of a region, 2,000 are drawn. Neighboring rows are similar, so even two
    parts of one country can be told apart: values above 0.9 are the rule. The factors that give
    the regions away are found by impurity importances, which equivalent factors share.

    The area of applicability is computed from at most 5,000 rows, with each place compared with
    all others. If a model was scored in spatial blocks, its own area, from those folds, is wider.

    Columns named like labels or coordinates are not compared.

    References
    ----------
    H. Meyer and E. Pebesma, "Predicting into unknown space? Estimating the area of applicability
    of spatial prediction models", Methods in Ecology and Evolution 12, 1620-1633, 2021.

    D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", International Conference
    on Learning Representations, 2017.

    Examples
    --------
    >>> from sklearn_landslide.datasets import make_landslides
    >>> from sklearn_landslide.transfer import compare_regions
    >>> here = make_landslides(300, as_frame=True, random_state=0).data
    >>> there = make_landslides(300, as_frame=True, random_state=1).data
    >>> comparison = compare_regions(here, there.assign(altitude=there["altitude"] + 5000))
    >>> comparison.factors.index[0]
    'altitude'
    >>> comparison.in_words()[1].partition(":")[0]
    'From its factors, rows of the two regions can be told apart nearly always'
    """
    if model is not None and not (hasattr(model, "fit") and hasattr(model, "predict_proba")):
        raise TypeError(f"model must be a classifier, got {model!r:.60}.")
    declared = check_declared(categorical_features, source, target)
    ours, theirs = read_table(source, "source", declared), read_table(target, "target", declared)
    for region in (ours, theirs):
        if len(region.index) < _FEWEST:
            raise ValueError(
                f"the {region.of} has {len(region.index)} rows: at least {_FEWEST} are needed to "
                "compare."
            )
    y = _read_labels(y_source, len(ours.index), "source")
    shares = prevalences(y, _read_labels(y_target, len(theirs.index), "target"), positive_class)
    left_out = []
    names = _common(ours, theirs, left_out)
    here, there = _frames(ours, theirs, names)
    if here.equals(there):
        raise ValueError("source and target are the same table: there is nothing to compare.")
    if (here.nunique() < 2).all():
        raise ValueError(f"no factor of the source varies: {listed(names, 5)}.")
    for of, frame in (("source", here), ("target", there)):
        columns = {
            name: column if name in ours.classes else column.to_numpy()
            for name, column in frame.items()
        }
        warn_of_undeclared(columns, _remedy, whose=dict.fromkeys(names, of), stacklevel=3)
    table, quantiles, classes = {}, [], []
    for name in names:
        if name in ours.numbers:
            table[name] = _quantity_row(here[name].to_numpy(), there[name].to_numpy())
            for of, frame in (("source", here), ("target", there)):
                values = np.quantile(_known(frame[name].to_numpy()), list(_QUANTILES.values()))
                quantiles.append([name, of, *values])
            continue
        found = class_shares(here[name].array, there[name].array)
        table[name] = _class_row(here[name], there[name], found)
        classes += [[name, *row] for row in found.reset_index().to_numpy(dtype=object).tolist()]
    seeds = draw_seeds(random_state, 2)
    auc, giveaway = tell_apart(here, there, seeds[0])
    if model is not None and y_source is not None:
        y = np.asarray(y_source)
    outside = share_outside(here, there, model, None if model is None else y, seeds[1])
    factors = pd.DataFrame.from_dict(table, orient="index").rename_axis("factor")
    factors.insert(4, "giveaway", pd.Series(giveaway))
    return RegionComparison(
        factors.sort_values("distance", ascending=False, kind="stable"),
        pd.DataFrame(quantiles, columns=["factor", "region", *_QUANTILES]),
        pd.DataFrame(classes, columns=["factor", "class", "source", "target"]),
        len(here),
        len(there),
        auc,
        outside,
        *shares,
        tuple(left_out),
    )
