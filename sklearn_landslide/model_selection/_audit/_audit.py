"""Does a validation measure what it seems to: one call, a list of findings."""

import sys
from numbers import Integral

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.model_selection._audit._aftermath import check_aftermath
from sklearn_landslide.model_selection._audit._arguments import (
    check_points,
    check_table,
    draw_folds,
    number_of_blocks,
    random_folds,
    spatial_folds,
)
from sklearn_landslide.model_selection._audit._folds import (
    check_copies,
    check_distance,
    check_groups,
    check_places,
    check_rows_apart,
)
from sklearn_landslide.model_selection._audit._gap import GAP, check_gap, cross_validate_once
from sklearn_landslide.model_selection._audit._oversampling import check_oversampling
from sklearn_landslide.model_selection._audit._pieces import find_patches
from sklearn_landslide.model_selection._audit._result import LeakageAudit, not_checked
from sklearn_landslide.model_selection._audit._scores import (
    check_permuted,
    check_place_alone,
)
from sklearn_landslide.model_selection._audit._steps import check_steps
from sklearn_landslide.model_selection._audit._table import check_label, check_place, check_scaled
from sklearn_landslide.model_selection._side_information import check_group_labels, matching_rows


@validate_params(
    {
        "pipeline": "no_validation",
        "X": "no_validation",
        "y": ["array-like"],
        "n_permutations": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
        "positive_class": "no_validation",
        "progress": [callable, None],
    },
    prefer_skip_nested_validation=True,
)
def audit(
    pipeline,
    X,
    y,
    *,
    coordinates=None,
    map_coordinates=None,
    cv=None,
    groups=None,
    scoring="roc_auc",
    n_permutations=10,
    random_state=None,
    n_jobs=None,
    verbose=0,
    positive_class=None,
    progress=None,
):
    """Audit a validation for leaks: folds, pipeline, table and scores.

    It takes the same arguments as :func:`~sklearn.model_selection.cross_validate` and says, in
    plain words and with numbers, whether its score can be believed.

    Parameters
    ----------
    pipeline : classifier
        The pipeline as it would be cross-validated. It is cloned, never changed. Give it a
        `random_state`, or its scores differ from call to call.
    X : {array-like, DataFrame} of shape (n_samples, n_factors)
        The table as the pipeline gets it.
    y : array-like of shape (n_samples,)
        The labels, of two classes.
    coordinates : {array-like, DataFrame} of shape (n_samples, 2), default=None
        x and y of the rows in meters; matched by index if both are pandas objects. None
        leaves out the checks that need them.
    map_coordinates : {array-like, DataFrame} of shape (n_places, 2), default=None
        x and y of the places on the map, such as the centers of its pixels or a few thousand of
        them drawn at random.
    cv : int, splitter or iterable of (train, test), default=None
        The folds to audit. None is 5, and a number takes stratified, shuffled folds, which ignore
        `groups`.
    groups : array-like of shape (n_samples,), default=None
        Group of each row (one landslide, slope unit or event); goes to `cv`, and the spatial
        blocks keep it whole.
    scoring : str or callable, default="roc_auc"
        One scorer; higher is better.
    n_permutations : int, default=10
        How often the labels are shuffled; each time the pipeline is fitted in every fold. 0
        leaves out this check.
    random_state : int, RandomState instance or None, default=None
        Seed of the permutations and of the folds that are drawn here.
    n_jobs : int, default=None
        Fits that run at the same time. The result does not depend on it.
    verbose : int, default=0
        1 writes a line to stderr as each check begins that fits the pipeline.
    positive_class : label, default=None
        The label of a landslide. None: it is inferred, as from 0 and 1 or from no and yes.
    progress : callable, default=None
        Called as ``progress(n_done, n_all)`` before the first fit, and after each one, or after
        those of one permutation; it may raise to stop the work.

    Returns
    -------
    result : LeakageAudit
        ``findings``, ``passed``; print it.

    Raises
    ------
    TypeError
        If `pipeline` is not a classifier.
    ValueError
        If the rows of the arguments do not match, `y` does not have two classes, or neither class
        is known to be that of a landslide, or the training part of a fold has only one class.

    See Also
    --------
    SpatialBlockKFold : Folds of spatial blocks.
    KNNDM : Folds as far from their training rows as the map is from the samples.

    Notes
    -----
    How each verdict is reached:

    ``permuted labels``
        Labels are shuffled within each test fold, so that all parts keep their number of
        landslides, and the pipeline is fitted again in every fold. A leak if the mean over the
        permutations exceeds the chance level by more than 0.02 and by more than the 99 % point of
        Student's t times its standard error. The chance level is 0.5 for ROC-AUC and balanced
        accuracy; for other scorers it is what the same predictions score against labels shuffled
        once more. It catches test labels that reach the fit: rows in both parts, steps that
        remember. It does not see what was done to the table earlier.
    ``random against spatial``
        The same pipeline on `cv`, on random stratified folds and on
        ``SpatialBlockKFold(coordinates)``. The gap is the difference of the means. The verdict
        depends on how much `cv` flatters: in each block, the score of its rows as predicted under
        `cv` minus that of the same rows as predicted without the block. A warning if that is more
        than 0.01 with p < 0.05 (one-sided t test). Both standard errors are corrected for shared
        training rows [1]_: the variance over k folds times ``1 / k + n_test / n_train``.
    ``place alone``
        Five nearest neighbors on the coordinates, no factor, under `cv`. A warning above
        ROC-AUC 0.65, if significant.
    ``distance to the training points``
        Distances from test points to their nearest training point are compared with distances from
        `map_coordinates` to their nearest sample. A warning if more than 65 % of the test points
        are nearer than the median of the map's distances, or more than 15 % nearer than its 5 %
        quantile (binomial p < 0.001).
    ``rows in training and test``, ``groups``
        A leak if there is any.
    ``duplicate rows``, ``duplicate places``
        Test rows with an equal row, or the same coordinates, in the training part. A leak from 1 %
        of the test rows on; a warning below that, or if no factor has more than 20 values (or a
        tenth of the number of rows), because coarse classes coincide by chance. ``duplicate
        places`` also finds pieces of one landslide: neighbors are joined to patches if they lie in
        adjacent cells of a raster, or their factors are the same to 0.01 standard deviations, and
        if the labels of such neighbors agree in at least 0.8 of what chance leaves open. Without
        `groups`, the spatial blocks keep these patches whole.
    ``steps fitted outside the folds``
        Frozen and prefitted steps, fitted objects and columns' statistics inside functions. A leak
        if a step was fitted on as many rows as the table has, otherwise a warning.
    ``scaled before the split``
        A warning if columns have mean 0 and standard deviation 1 to less than ``0.001 /
        sqrt(n)``, or if half of them fill [0, 1] or [-1, 1] exactly.
    ``oversampled before the split``
        Share of the rows of a class that lie on a line between two of their 12 nearest
        neighbors, where SMOTE puts its rows. A leak above 2 %.
    ``label among the factors``
        ROC-AUC of a tree of depth 3 on each factor by itself, three folds. A leak from 0.99, a
        warning from 0.95.
    ``coordinates among the factors``
        Columns that are named like coordinates, or that are linear in `coordinates`.
    ``consequences among the factors``
        Columns whose names say that a landslide made them: a deformation, displacement or velocity
        of the ground, InSAR, scars, cracks, other landslides. Their skill alone, measured in the
        same way, is given with them.

    Factors that were selected or gaps that were filled on all rows before the call leave no trace
    that any check could see.

    References
    ----------
    .. [1] Nadeau, C., Bengio, Y. (2003). Inference for the generalization error. Machine
       Learning 52, 239-281.
    .. [2] Ojala, M., Garriga, G. C. (2010). Permutation tests for studying classifier
       performance. Journal of Machine Learning Research 11, 1833-1863.
    .. [3] Linnenbrink, J., Mila, C., Ludwig, M., Meyer, H. (2024). kNNDM CV. Geoscientific
       Model Development 17, 5897-5912.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.model_selection import audit
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 3))
    >>> y = (X[:, 0] + rng.normal(size=200) > 0).astype(int)
    >>> result = audit(LogisticRegression(), X, y, coordinates=rng.uniform(0, 1e4, (200, 2)),
    ...                random_state=0)
    >>> result.passed
    True
    >>> result.findings.loc["permuted labels", "verdict"]
    'ok'
    """
    X, frame, y, codes = check_table(pipeline, X, y, positive_class)
    fold_seed, permutation_seed, spatial_seed, table_seed = draw_seeds(random_state, 4)
    points, map_points = check_points(X, coordinates, map_coordinates)
    if groups is not None:
        groups = check_group_labels(groups, "groups")[matching_rows(groups, X, "groups")]
    splits, cv_name = draw_folds(X, y, cv, groups, fold_seed)
    for fold, (train, _) in enumerate(splits):
        if np.ptp(codes[train]) == 0:
            raise ValueError(
                f"fold {fold} has one class only ({y[train][0]!s}) in its training part: choose "
                "other folds."
            )
    scorer = check_scoring(pipeline, scoring=scoring)
    name = scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "the score")

    n_done, n_all = 0, 0

    def move(n_fits=1):
        nonlocal n_done
        n_done += n_fits
        if progress is not None:
            progress(n_done, n_all)

    def score(folds, what):
        if verbose:
            print(f"audit: {len(folds)} fits on {what}", file=sys.stderr)
        return cross_validate_once(pipeline, X, y, folds, scorer, n_jobs, move)

    patches = None if points is None else find_patches(frame, points, codes)
    # What costs nothing comes first, so that an error in the arguments does not come late.
    on_table = [
        check_rows_apart(splits),
        check_copies(frame, codes, splits),
        check_places(points, patches, splits),
        check_groups(groups, splits, cv_name),
        check_steps(pipeline, *frame.shape),
        check_scaled(frame),
        check_oversampling(frame, codes, table_seed),
        check_label(frame, codes, table_seed),
        check_place(frame, points),
        check_aftermath(frame, codes, table_seed),
    ]
    on_places = [
        check_place_alone(points, codes, splits),
        check_distance(points, map_points, splits),
    ]
    n_splits = number_of_blocks(splits, codes)
    is_random = cv is None or isinstance(cv, Integral)
    n_all = len(splits) * (1 + n_permutations * (n_permutations > 1))
    n_all += 0 if points is None else n_splits * (1 if is_random else 2)
    move(0)
    own = score(splits, "the folds of cv")
    if points is None:
        gap = not_checked(GAP, "No coordinates were given.", "Pass coordinates.")
    else:
        random = (
            own if is_random else score(random_folds(codes, n_splits, fold_seed), "random folds")
        )
        whole = patches if groups is None else groups
        blocks = spatial_folds(points, codes, n_splits, spatial_seed, whole)
        spatial = score(blocks, "spatial blocks")
        gap = check_gap(own, random, spatial, y, scorer, name)
    if verbose and n_permutations > 1:
        print(f"audit: {n_permutations} x {len(splits)} fits on shuffled labels", file=sys.stderr)
    permuted = check_permuted(
        pipeline,
        X,
        y,
        splits,
        own.scores,
        scorer,
        name=name,
        n_permutations=n_permutations,
        seed=permutation_seed,
        n_jobs=n_jobs,
        move=move,
    )
    return LeakageAudit._from_list([permuted, gap, *on_places, *on_table])
