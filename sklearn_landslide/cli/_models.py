"""The models by their names: which there are, what they are, and the option that takes them."""

import argparse
import sys
from importlib.util import find_spec

from sklearn_landslide._escaping import escaped
from sklearn_landslide._words import listed
from sklearn_landslide.cli._quick import make_smaller

# The names of comparison.default_models; importing them here would import torch.
MODELS = ("LandslideNet", "RF", "SVM", "LR", "CNN")
# Those of comparison.all_models, each with what it is.
ALL_MODELS = {
    "LandslideNet": "the CNN-LSTM network with spatial attention and self-attention",
    "RF": "random forest",
    "SVM": "support vector machine with RBF kernel",
    "LR": "logistic regression",
    "CNN": "LandslideNet reduced to its convolutions",
    "FR": "frequency ratio of each class of each factor",
    "IV": "information value, the logarithm of the frequency ratio",
    "WoE": "weights of evidence",
    "GAM": "generalized additive model: a smooth curve for each factor, added up",
    "Slope": "a GAM of slope and relief alone, which the other factors have to improve on",
    "Threshold": "rainfall threshold, rain against its duration; only with --sequences",
    "ExtraTrees": "extremely randomized trees",
    "HistGB": "gradient boosting on histograms",
    "CatBoost": "gradient boosting from the package catboost",
    "XGBoost": "gradient boosting from the package xgboost",
    "LightGBM": "gradient boosting from the package lightgbm",
}
# Models of packages of their own.
PACKAGES = {"CatBoost": "catboost", "XGBoost": "xgboost", "LightGBM": "lightgbm"}
ALL = "all"
THRESHOLD = "Threshold"
# What balances the training rows, and what is said of it where it is not the default.
RESAMPLING = {"smote": "", "under": ", undersampled", "none": ", not resampled"}


def missing_package(name):
    """Return the package that a model needs and that is not installed, or None.

    Parameters
    ----------
    name : str
        One of `ALL_MODELS`.

    Returns
    -------
    package : str or None
    """
    package = PACKAGES.get(name)
    return package if package and find_spec(package) is None else None


class _ListModels(argparse.Action):
    """Print the models, one a line, and end as --help does."""

    def __init__(self, option_strings, dest, **kwargs):
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **kwargs)

    def __call__(self, parser, namespace, values, option_string=None):
        """Print them."""
        for name, words in ALL_MODELS.items():
            package = missing_package(name)
            more = f" (not installed: pip install {package})" if package else ""
            print(f"{name:<13}{words}{more}")
        parser.exit()


def add_list_option(section):
    """Add the option that lists the models."""
    section.add_argument("--list-models", action=_ListModels, help="list all models and exit")


def add_models_option(section, models):
    """Add the options that choose and list models.

    Parameters
    ----------
    section : argument group
        What they are shown under.
    models : sequence of str
        The models that are taken if none are named.
    """
    section.add_argument(
        "--models",
        nargs="+",
        choices=(*ALL_MODELS, ALL),
        default=list(models),
        metavar="MODEL",
        help=f"models to use, such as LR GAM; {ALL}: every one that is installed; --list-models "
        f"says which there are (default: {' '.join(models)})",
    )
    add_list_option(section)


def add_model_option(section, default):
    """Add the options that choose one model and list all.

    Parameters
    ----------
    section : argument group
        What they are shown under.
    default : str
        The model that is taken if none is named.
    """
    # Stored as a list: what takes several models takes this one.
    section.add_argument(
        "--model",
        dest="models",
        nargs=1,
        choices=[*ALL_MODELS],
        default=[default],
        metavar="MODEL",
        help=f"model to use, such as RF; --list-models lists all of them (default: {default})",
    )
    add_list_option(section)


def add_resample_option(section):
    """Add the option on what balances the training rows.

    Parameters
    ----------
    section : argument group
        What it is shown under.
    """
    section.add_argument(
        "--resample",
        choices=[*RESAMPLING],
        default="smote",
        help="how to balance the training rows: smote adds new landslides between known ones, "
        "under leaves out other places, none keeps the rows as they are (default: smote, but none "
        "for models that count rows, such as FR)",
    )


def resample_of(args):
    """Return what `make_landslide_pipeline` calls ``resample``, as it was asked for.

    Parameters
    ----------
    args : argparse.Namespace
        With what `add_resample_option` and `add_work_options` add.

    Returns
    -------
    resample : "auto", None or sampler
    """
    from sklearn_landslide.pipeline import resample_by_name

    return resample_by_name(args.resample, args.random_state)


def check_models(names, *, has_series=False):
    """Raise unless models can be made, by their names alone.

    Parameters
    ----------
    names : iterable of str
        Some of `ALL_MODELS`, or ``"all"``.
    has_series : bool, default=False
        Whether it is said which columns are hours of rain.

    Raises
    ------
    ValueError
        Names the first one whose package is not installed, or that needs hours of rain.
    """
    for name in names:
        if package := missing_package(name):
            raise ValueError(f"{name} is not installed: pip install {package}")
        if name == THRESHOLD and not has_series:
            raise ValueError(
                f"the model {THRESHOLD} needs hours of rain: say which columns of a table they "
                "are, compare TABLE --sequences rain='rain_*'."
            )


def models_of(names, args, X=None, sequences=None):
    """Make the models of these names, with the seed and the epochs asked for.

    Parameters
    ----------
    names : iterable of str
        Some of `ALL_MODELS`, or ``"all"``.
    args : argparse.Namespace
        With what `add_work_options` adds.
    X : DataFrame or None, default=None
        The table that they will be fitted to: where none of its factors is a slope, the model of
        that name is left out of ``"all"``.
    sequences : dict of str to list of str, or None, default=None
        The columns of series: without rain among them, Threshold is left out of ``"all"``.

    Returns
    -------
    models : dict of str to classifier
        Each name once, in the order given.

    Raises
    ------
    ValueError
        If a package is not installed, or a model that was named cannot be fitted to the table.
    """
    check_models(names, has_series=sequences is not None)
    from sklearn_landslide.comparison import all_models

    every = [name for name in ALL_MODELS if missing_package(name) is None]
    wanted = [one for name in names for one in (every if name == ALL else [name])]
    models = all_models(args.random_state, dict.fromkeys(wanted))
    _check_slope(models, names, X)
    _check_threshold(models, names, sequences, can_have=hasattr(args, "sequences"))
    if getattr(args, "quick", False):
        make_smaller(models)
    if args.epochs is not None:
        for model in models.values():
            if "max_epochs" in model.get_params(deep=False):
                model.set_params(max_epochs=args.epochs)
    return models


def _check_slope(models, names, X):
    """Leave out, or refuse, the model of the slope where there is none."""
    if X is None or "Slope" not in models:
        return
    from sklearn_landslide.baselines import slope_factors

    if slope_factors(X.columns) or X.shape[1] == 1:
        return
    words = f"no factor is slope or relief by its name, among {listed(X.columns, 8)}"
    if "Slope" in names:
        raise ValueError(f"the model Slope needs slope or relief, and {words}.")
    del models["Slope"]
    print(escaped(f"Slope is left out: {words}."), file=sys.stderr)


def _check_threshold(models, names, sequences, *, can_have):
    """Leave out, or refuse, the rainfall threshold where no series is the rain."""
    if THRESHOLD not in models or (sequences and (len(sequences) == 1 or "rain" in sequences)):
        return
    words = "no --sequences say which columns are hours of rain"
    if sequences:
        words = f"of the series {listed(sequences)}, none is called rain"
        if THRESHOLD in names:
            raise ValueError(f"the model {THRESHOLD} needs rain, and {words}: call it so.")
    del models[THRESHOLD]
    # A command without the option has no such models to miss.
    if can_have:
        print(escaped(f"{THRESHOLD} is left out: {words}."), file=sys.stderr)
