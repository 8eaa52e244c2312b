"""What the estimates of random folds, blocks and kNNDM are worth, where the truth is known.

Mean distance from the score over the whole map, with forests of 100 trees and clustered samples.
Sparse: 500 samples in 20 regions of 400 x 500 cells, as tested here but of other seeds;
dense: 500 in 20 and 1,500 in 10 regions of the default size. Squares are the grid of
SpatialBlockKFold at its defaults.

    score                   random   blocks   squares   kNNDM
    Brier, sparse           0.0150   0.0064   0.0043    0.0048
    Brier, dense 500        0.0130   0.0122   0.0044    0.0074
    Brier, dense 1,500      0.0078   0.0134   0.0042    0.0087
    ROC-AUC, sparse         0.0516   0.0640   0.0290    0.0437
    ROC-AUC, dense 500      0.0465   0.0858   0.0296    0.0532
    ROC-AUC, dense 1,500    0.0289   0.0640   0.0136    0.0393

So kNNDM is nearer than both where samples are sparse, and nearer than blocks everywhere, but not
nearer than random folds where samples are dense, and squares are nearer still. It is so on the
average of regions, not in each: of the sparse ones it is nearer by the Brier score than random
folds in 20 and than blocks in 11. The test is that of the sparse regions.
"""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.model_selection import KNNDM, SpatialBlockKFold

N_REGIONS = 4


def in_the_region(probability, share, prevalence):
    """Turn a probability among case-control samples into one in the region."""
    odds = probability * prevalence / share
    return odds / (odds + (1 - probability) * (1 - prevalence) / (1 - share))


def scores(y, probability, share, prevalence):
    """Return the Brier score as if rows came from the region, and the ROC-AUC."""
    weight = np.where(y == 1, prevalence / y.mean(), (1 - prevalence) / (1 - y.mean()))
    regional = in_the_region(probability, share, prevalence)
    return brier_score_loss(y, regional, sample_weight=weight), roc_auc_score(y, probability)


@pytest.fixture(scope="module")
def errors():
    """Estimate minus truth: Brier score and ROC-AUC of each way to fold, region by region."""
    found = {"random": [], "blocks": [], "knndm": []}
    for seed in range(N_REGIONS):
        region = make_landslides(
            500, clustering=1.0, shape=(400, 500), return_stack=True, random_state=seed
        )
        rows, columns = np.indices(region.landslide_map.shape).reshape(2, -1)
        side, _, west, _, _, north = region.transform
        places = np.column_stack([west + side * (columns + 0.5), north - side * (rows + 0.5)])
        X, y = region.data, region.target
        # A quarter of the trees of the table above: the differences are as large.
        forest = RandomForestClassifier(25, random_state=0)
        cells = np.random.default_rng(0).choice(len(places), 8_000, replace=False)
        stack = np.column_stack(
            [region.stack[name].ravel()[cells] for name in region.feature_names]
        )
        case = y.mean(), region.prevalence
        predicted = forest.fit(X, y).predict_proba(stack)[:, 1]
        truth = scores(region.landslide_map.ravel()[cells].astype(int), predicted, *case)
        for name, cv in {
            "random": StratifiedKFold(5, shuffle=True, random_state=0),
            "blocks": SpatialBlockKFold(region.coordinates, random_state=0),
            "knndm": KNNDM(region.coordinates, places, random_state=0),
        }.items():
            pooled = cross_val_predict(forest, X, y, cv=cv, method="predict_proba")[:, 1]
            found[name].append(np.subtract(scores(y, pooled, *case), truth))
    return {name: np.array(values) for name, values in found.items()}


def test_random_folds_flatter_and_blocks_do_not(errors):
    brier, auc = errors["random"].T
    assert (brier < 0).all()
    assert (auc > 0).all()
    gap = errors["random"][:, 1] - errors["blocks"][:, 1]
    assert gap.mean() > 0.03


def test_knndm_is_nearer_to_the_error_of_the_map_than_random_folds_and_blocks(errors):
    distance = {name: np.abs(values[:, 0]).mean() for name, values in errors.items()}
    assert distance["knndm"] < distance["random"]
    assert distance["knndm"] < distance["blocks"]
