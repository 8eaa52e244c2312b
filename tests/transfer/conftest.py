"""Two small regions, and models of the first."""

import pytest
from two_regions import NAMES, SHARES, region

from sklearn_landslide import LandslideNet, make_landslide_pipeline


@pytest.fixture(scope="session")
def first():
    return region(400, 0.6, 0)


@pytest.fixture(scope="session")
def target():
    return region(150, 1.0, 1)


@pytest.fixture(scope="session")
def elsewhere():
    return region(100, 1.0, 2)


@pytest.fixture(scope="session")
def source(first):
    """A pipeline whose probabilities are corrected for SMOTE."""
    net = LandslideNet(max_epochs=2, n_members=2, n_trees=8, random_state=0, **SHARES)
    return make_landslide_pipeline(net, random_state=0).fit(*first)


@pytest.fixture(scope="session")
def bare(first):
    """A network alone, of two factors without categories."""
    X, y = first
    net = LandslideNet(max_epochs=2, n_members=2, n_trees=8, random_state=0, **SHARES)
    return net.fit(X[NAMES], y)
