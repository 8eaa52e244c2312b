"""The models that a comparison takes when it is given none."""

from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC


def default_models(random_state=None):
    """Return the five models of the paper's Table 3, unfitted.

    Parameters
    ----------
    random_state : int or None, default=None
        Seed of each model.

    Returns
    -------
    models : dict of str to classifier
        ``"LandslideNet"``; ``"RF"``, a random forest of 300 trees; ``"SVM"``, a
        support vector machine with RBF kernel; ``"LR"``, logistic regression;
        ``"CNN"``, LandslideNet with nothing but its convolutions.

    Notes
    -----
    A support vector machine has no probabilities of its own. A logistic curve
    over its decision values, from 3 internal folds, gives them; it does not
    change their order, and so neither ROC-AUC nor PR-AUC.

    Examples
    --------
    >>> from sklearn_landslide.comparison import default_models
    >>> list(default_models(random_state=0))
    ['LandslideNet', 'RF', 'SVM', 'LR', 'CNN']
    """
    # torch is loaded here, and only where the networks are wanted.
    from sklearn_landslide.nn import LandslideNet

    only_convolutions = {
        "module__sam": False,
        "module__lstm": False,
        "module__attention": False,
        "module__wide": False,
        "module__linear": False,
        "module__memory": False,
        "n_members": 1,
    }
    # SMOTE appends its rows, so folds in the order of the rows would be unlike each other.
    folds = StratifiedKFold(3, shuffle=True, random_state=random_state)
    return {
        "LandslideNet": LandslideNet(random_state=random_state),
        "RF": RandomForestClassifier(300, random_state=random_state),
        "SVM": CalibratedClassifierCV(SVC(), ensemble=False, cv=folds),
        "LR": LogisticRegression(max_iter=1000),
        "CNN": LandslideNet(random_state=random_state, **only_convolutions),
    }
