"""Likely mistakes in a training table are said in the log of a map."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Bunch

pytest.importorskip("rioxarray")

from sklearn_landslide.map_products import MapRequest
from sklearn_landslide.map_products._mistakes import say_mistakes


@pytest.fixture
def said():
    return []


def prepared(said, *, factor=None, map_model=None):
    """The parts of a request that can be met that count here."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"slope": rng.uniform(0, 50, 80), "twi": rng.normal(6, 2, 80)})
    table = Bunch(
        X=X if factor is None else X.assign(soil=factor(rng)),
        y=np.arange(80) % 2,
        coordinates=pd.DataFrame(rng.uniform(0, 5_000, (80, 2)), columns=["x", "y"]),
        groups=np.arange(80),
    )
    request = MapRequest(LogisticRegression(), "a.tif", "b.gpkg", out="map", log=said.append)
    return SimpleNamespace(table=table, request=request, map_model=map_model)


def codes(rng):
    return rng.integers(1, 8, 80)


def test_what_looks_wrong_is_said_with_the_argument_that_mends_it(said):
    say_mistakes(prepared(said, factor=codes))
    (line,) = said
    assert line.startswith("check: One column has whole numbers only")
    assert line.endswith("To fix it: categorical=['soil']")


def test_nothing_is_said_of_a_sound_table_or_of_a_trained_model(said):
    say_mistakes(prepared(said))
    say_mistakes(prepared(said, factor=codes, map_model=object()))
    assert said == []
