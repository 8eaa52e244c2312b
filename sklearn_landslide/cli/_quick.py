"""A quick run: smaller models and fewer folds, to see whether all is right."""

from sklearn_landslide._trial import TRIAL_FOLDS
from sklearn_landslide.cli._arguments import RUN

# By the parameters that have these names: trees, epochs and members.
_SMALLER = {"n_estimators": 50, "iterations": 50, "max_epochs": 3, "n_members": 1}
# Of which the rounds are the iterations of a solver elsewhere.
_BOOSTING = {"HistGB": {"max_iter": 50}}


def add_quick_option(parser):
    """Add the option to those of a command."""
    parser.section(RUN).add_argument(
        "--quick",
        action="store_true",
        help=f"try whether all is right: fewer trees and epochs, {TRIAL_FOLDS} folds; marked as a "
        "trial in all that is written",
    )


def make_smaller(models):
    """Give models fewer trees, epochs and members, where they have them.

    Parameters
    ----------
    models : dict of str to classifier
        By the names of the command line; they are changed.
    """
    for name, model in models.items():
        params = model.get_params(deep=False)
        # A parameter of CatBoost is one only where it was given.
        smaller = {**_SMALLER, **_BOOSTING.get(name, {})}
        model.set_params(**{one: value for one, value in smaller.items() if one in params})
