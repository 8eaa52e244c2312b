"""The whole chain from a factor table to a model, as one pipeline."""

from sklearn.base import clone, is_classifier
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.preprocessing import OneHotEncoder

from sklearn_landslide._random_state import pass_on_seeds
from sklearn_landslide.feature_selection import MRMRSelector
from sklearn_landslide.over_sampling import FactorSMOTE
from sklearn_landslide.pipeline._landslide_pipeline import LandslidePipeline
from sklearn_landslide.pipeline._sequences import tell_sequences
from sklearn_landslide.preprocessing import FactorImputer, FactorScaler, PlausibleRange


def takes_categories(model):
    """Say whether a model treats pandas' category columns by itself.

    Parameters
    ----------
    model : estimator
        The classifier.

    Returns
    -------
    takes : bool
        True for ``categorical_features="from_dtype"`` (LandslideNet,
        HistGradientBoostingClassifier) and ``enable_categorical=True``
        (XGBoost).

    Examples
    --------
    >>> from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    >>> from sklearn_landslide.pipeline import takes_categories
    >>> takes_categories(HistGradientBoostingClassifier())
    True
    >>> takes_categories(RandomForestClassifier())
    False
    """
    params = model.get_params(deep=False)
    by_dtype = params.get("categorical_features")
    # The parameter may also hold an array, whose comparison is not a truth value.
    return (isinstance(by_dtype, str) and by_dtype == "from_dtype") or params.get(
        "enable_categorical"
    ) is True


def brings_preprocessing(model):
    """Say whether a model takes a table as it is read, as one with the steps of a source does.

    Parameters
    ----------
    model : estimator
        The classifier; it says so by the attribute ``brings_preprocessing``.

    Returns
    -------
    brings : bool

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.pipeline._make import brings_preprocessing
    >>> brings_preprocessing(GaussianNB())
    False
    """
    return getattr(model, "brings_preprocessing", False) is True


def counts_rows(model):
    """Say whether a model counts the rows of each class of a factor, as frequency ratios do.

    Such a model needs values in their own units, for its tables to be read, and rows that are
    real: neighbors that SMOTE makes up would be counted as landslides.

    Parameters
    ----------
    model : estimator
        The classifier; it says so by the attribute ``counts_rows``.

    Returns
    -------
    counts : bool

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.pipeline import counts_rows
    >>> counts_rows(GaussianNB())
    False
    """
    return getattr(model, "counts_rows", False) is True


def check_classifier(model, name):
    """Raise unless `model` is an instance of a classifier; `name` is for the message."""
    is_instance = hasattr(model, "get_params") and not isinstance(model, type)
    if not (is_instance and is_classifier(model)):
        raise TypeError(f"{name} must be a scikit-learn classifier, got {model!r}.")


def make_landslide_pipeline(
    model=None,
    *,
    bounds="field",
    action="mask",
    categorical_features="from_dtype",
    impute="median",
    scaler=None,
    scheme="mid",
    n_features_to_select=None,
    always_keep=None,
    resample="auto",
    encode="auto",
    sequences="from_model",
    correct_prior=True,
    prevalence=None,
    random_state=None,
    memory=None,
    verbose=False,
):
    """Build the chain: plausible range, imputation, scaling, mRMR, resampling, model.

    Everything is learned from the rows that ``fit`` gets, so nothing comes from a test fold in
    cross-validation; new rows of SMOTE exist only in ``fit``.

    Parameters
    ----------
    model : classifier, default=None
        Any scikit-learn classifier. None is ``LandslideNet()`` with `random_state`; a model that
        you pass keeps its own. A model that takes the raw table, such as
        :class:`~sklearn_landslide.transfer.TransferNet`, gets no steps before it.
    bounds : "field", dict or None, default="field"
        Plausible ranges, as in :class:`~sklearn_landslide.preprocessing.PlausibleRange`.
    action : {"mask", "clip"}, default="mask"
        What happens to values out of range.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors are categories (soil, land use, lithology): by pandas' category dtype, or
        names, positions or a mask; None for none. From the imputation on, they are in category
        dtype.
    impute : {"median", "mean"}, default="median"
        What replaces a missing quantity; a missing category becomes the most frequent one.
    scaler : transformer or None, default=None
        What scales the quantities and leaves the categories as they are, such as
        :class:`~sklearn_landslide.transfer.RegionScaler`; a copy of it is used. None:
        :class:`~sklearn_landslide.preprocessing.FactorScaler`, but no scaler before a model that
        counts rows (see `resample`), so that its results are in the units of the table.
    scheme : {"mid", "miq", "fcd", "fcq", "rfcq"}, default="mid"
        Criterion of :class:`~sklearn_landslide.feature_selection.MRMRSelector`.
    n_features_to_select : int, float, "auto" or None, default=None
        How many factors mRMR keeps. None keeps all that vary, as the paper does
        after looking at the ranking, and leaves the choice to a search;
        ``"auto"`` stops where a factor adds nothing new.
    always_keep : array-like of str, default=None
        Names of factors that mRMR may not drop (``x0``, ``x1`` ... in an array).
    resample : "auto", bool, None or sampler, default="auto"
        True: :class:`~sklearn_landslide.over_sampling.FactorSMOTE`, that is SMOTENC where there
        are categories and SMOTE where not. False or None: the rows as they are. Or any
        imbalanced-learn sampler. ``"auto"``: True, but False for a model that counts rows and says
        so by an attribute ``counts_rows = True``, such as
        :class:`~sklearn_landslide.baselines.FrequencyRatio`: rows that SMOTE makes up are not
        landslides to be counted.
    encode : {"auto", True, False}, default="auto"
        Whether categories are one-hot coded before the model. ``"auto"``: for every model except
        those that handle category dtype themselves (``categorical_features="from_dtype"`` or
        ``enable_categorical=True``).
    sequences : "from_model", dict or None, default="from_model"
        Which columns are one variable over time, such as the hours of rain before the event: by
        the name of each group a list of columns in order of time, names or positions, or a dict of
        such lists for several variables. ``"from_model"``: those of the model's own parameter
        `sequences`, or none if it has no such parameter. A dict is for models that do not know
        time; a model that can read sequences and has none set is put into the pipeline as a copy
        with these. With sequences, gaps are filled along time, a variable has one scale, mRMR
        keeps all of its columns, and SMOTE copies storms whole.
    correct_prior : bool, default=True
        Whether the effect of resampling on the class shares is undone in the probabilities, for
        any classifier, in closed form. False: the probabilities are the model's own, for the
        resampled classes.
    prevalence : float, dict of label to float, or None, default=None
        True share of landslides (or of each label, in a dict) in the study area.
        Needed where landslides and other places were sampled separately, with or
        without resampling. None: the rows of ``fit`` have the true shares.
    random_state : int, RandomState instance or None, default=None
        Seed of mRMR (scheme ``"rfcq"``), of the resampling, and of the default
        model.
    memory : str or joblib.Memory, default=None
        Where fitted steps are cached; worth it in a grid search over the model.
    verbose : bool, default=False
        Whether to print the time of each step.

    Returns
    -------
    pipeline : LandslidePipeline
        A pipeline of imbalanced-learn that corrects the probabilities. Its steps are ``range``,
        ``impute``, ``scale``, ``mrmr``, ``resample``, ``encode`` (only if needed) and ``model``,
        all unfitted. Use these names to set and search parameters: ``mrmr__n_features_to_select``,
        ``resample__k_neighbors``, ``model__lr``, ``correct_prior``.

    Raises
    ------
    TypeError
        If `model` is not a classifier, or `scaler` not a transformer.
    ValueError
        If `encode`, `resample` or `sequences` is any other string. Other parameters are checked by
        their steps in ``fit``.

    Notes
    -----
    Why mRMR keeps all by default: on small tables ``"auto"`` drops factors that models still use.
    Five-fold ROC-AUC with it and without, on 350 points with 5 factors: random forest 0.835 and
    0.852, logistic regression 0.771 and 0.810; on 10,041 slope units with 16 factors: 0.848 and
    0.851, 0.819 and 0.820. Constant factors are always dropped.

    ``pipeline[:-1].get_feature_names_out()`` names the factors that reach the model, in the
    table's order; ``encode`` puts the columns of categories after the quantities. With ``encode``
    the pipeline is made for this one model: for another kind of model, build another pipeline.

    A model that learns from resampled rows gives probabilities for balanced classes.
    `correct_prior` undoes that: on 3,233 places in South Tyrol with 8.0 % landslides the mean
    probability of a logistic regression in five folds was 0.278 before and 0.070 after the
    correction, its Brier score 0.148 and 0.064 (0.061 without resampling). The order of places
    does not change, and neither do ROC and PR curves. The correction is exact if resampling
    changes how many rows a class has and not what they look like. Flexible models recognize
    SMOTE's rows, learn less than the full shift, and come out too low: a random forest's mean was
    0.176 and 0.030, its Brier score 0.071 and 0.066 (0.053 without resampling). For such models
    pass ``resample=None`` or put :class:`~sklearn.calibration.CalibratedClassifierCV` around the
    pipeline where the probability itself counts.

    `sequences` are set in one place, the model or the pipeline, and are passed to the other steps
    in ``fit``: ``set_params(model__sequences=...)`` or ``set_params(sequences=...)`` changes them
    everywhere. A model inside another (``CalibratedClassifierCV``) is not searched for them: pass
    the dict.

    Where landslides are rare hardly any place has a probability above one half,
    and ``predict`` says "none" almost everywhere. Choose a threshold, as
    :class:`~sklearn.model_selection.TunedThresholdClassifierCV` around the
    pipeline does.

    References
    ----------
    The order of the steps is that of section 3.3 of the paper on the
    CNN-LSTM-SAM-Attention model: data cleaning, standardization, mRMR, SMOTE
    on the training rows only.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide import make_landslide_pipeline
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 3))
    >>> y = (X[:, 1] > 0.5).astype(int)
    >>> pipeline = make_landslide_pipeline(LogisticRegression(), random_state=0)
    >>> list(pipeline.named_steps)
    ['range', 'impute', 'scale', 'mrmr', 'resample', 'encode', 'model']
    >>> pipeline.fit(X, y).predict_proba(X).shape
    (60, 2)
    """
    mrmr_seed, resample_seed, model_seed = pass_on_seeds(random_state, 3)
    if model is None:
        # torch is loaded here, and only where the default model is wanted.
        from sklearn_landslide.nn import LandslideNet

        model = LandslideNet(random_state=model_seed)
    check_classifier(model, "model")
    if brings_preprocessing(model):
        return LandslidePipeline(
            [("model", model)],
            memory=memory,
            verbose=verbose,
            correct_prior=correct_prior,
            prevalence=prevalence,
        )
    if isinstance(sequences, str) and sequences != "from_model":
        raise ValueError(f"sequences must be 'from_model', a dict or None, got {sequences!r}.")
    if not isinstance(sequences, str):
        told = tell_sequences(model, sequences)
        if told is not model:
            # From now on the model is the one place that says it.
            model, sequences = told, "from_model"
    if scaler is not None and not (hasattr(scaler, "set_output") and not isinstance(scaler, type)):
        raise TypeError(f"scaler must be a transformer such as FactorScaler(), got {scaler!r}.")
    if encode not in ("auto", True, False):
        raise ValueError(f"encode must be 'auto', True or False, got {encode!r}.")
    if encode == "auto":
        encode = not takes_categories(model)
    if isinstance(resample, str):
        if resample != "auto":
            raise ValueError(
                f"resample must be 'auto', True, False, None or a sampler, got {resample!r}."
            )
        resample = not counts_rows(model)
    if scaler is None:
        scaler = "passthrough" if counts_rows(model) else FactorScaler()
    if resample is True:
        resample = FactorSMOTE(random_state=resample_seed)
    elif resample is None or resample is False:
        resample = "passthrough"
    selector = MRMRSelector(
        n_features_to_select, scheme=scheme, always_keep=always_keep, random_state=mrmr_seed
    )
    steps = [
        ("range", PlausibleRange(bounds, action=action)),
        ("impute", FactorImputer(categorical_features, strategy=impute)),
        ("scale", clone(scaler, safe=False)),
        ("mrmr", selector),
        ("resample", resample),
    ]
    if encode:
        steps.append(("encode", _code_categories()))
    for _, step in steps:
        # Names and category dtype live in frames only.
        if hasattr(step, "transform"):
            step.set_output(transform="pandas")
    steps.append(("model", model))
    return LandslidePipeline(
        steps,
        memory=memory,
        verbose=verbose,
        correct_prior=correct_prior,
        prevalence=prevalence,
        sequences=sequences,
    )


def _code_categories():
    """One-hot code the categories, behind the quantities as they are."""
    return ColumnTransformer(
        [
            ("quantities", "passthrough", make_column_selector(dtype_exclude="category")),
            (
                "categories",
                OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                make_column_selector(dtype_include="category"),
            ),
        ],
        verbose_feature_names_out=False,
    )
