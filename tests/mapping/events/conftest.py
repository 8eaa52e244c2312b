"""A small region under rain of which every number is known."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.preprocessing import RainfallSums

xr = pytest.importorskip("xarray")
pytest.importorskip("rioxarray")
pytest.importorskip("dask")

N_STEPS = 6
HOURS = [f"rain_{hour:03d}" for hour in range(N_STEPS)]
SHAPE = (150, 140)
START = pd.Timestamp("2021-07-12 01:00")


@pytest.fixture(scope="session")
def event_table():
    """Rows of two factors and six hours of rain, and labels that follow from them."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"slope": rng.uniform(0, 60, 300)}
        | {name: rng.gamma(0.5, 4, 300) for name in HOURS}
        | {"rock": pd.Categorical(rng.integers(1, 4, 300))}
    )
    score = table["slope"] / 20 + table[HOURS].sum(axis=1) / 8 + (table["rock"].astype(int) == 2)
    return table, (score > score.median()).astype(int)


@pytest.fixture(scope="session")
def event_model(event_table):
    """A pipeline that fills lost hours, with a forest on sums of rain."""
    X, y = event_table
    forest = RandomForestClassifier(10, max_depth=5, random_state=0)
    model = make_landslide_pipeline(forest, sequences={"rain": HOURS})
    position = [name for name, _ in model.steps].index("model")
    model.steps.insert(position, ("sums", RainfallSums([1, 3, 6], sequences={"rain": HOURS})))
    return model.fit(X, y)


@pytest.fixture(scope="session")
def event_stack():
    """Two factors of cells of 30 m, with gaps."""
    rng = np.random.default_rng(1)
    slope = rng.uniform(0, 60, SHAPE).astype(np.float32)
    slope[:40, :30] = np.nan
    return xr.Dataset(
        {
            "slope": (("y", "x"), slope),
            "rock": (("y", "x"), rng.integers(1, 4, SHAPE).astype(np.float32)),
        },
        coords={
            "y": 5_100_000 - 30 * (np.arange(SHAPE[0]) + 0.5),
            "x": 600_000 + 30 * (np.arange(SHAPE[1]) + 0.5),
        },
    ).rio.write_crs("EPSG:32632")


@pytest.fixture(scope="session")
def event_rain():
    """Twelve hours of rain in cells of 700 m around the region."""
    rng = np.random.default_rng(2)
    values = rng.gamma(0.5, 4, (12, 9, 10))
    cube = xr.DataArray(
        values,
        {
            "time": pd.date_range(START, periods=12, freq="h"),
            "y": 5_100_300 - 700 * (np.arange(9) + 0.5),
            "x": 599_500 + 700 * (np.arange(10) + 0.5),
        },
        ("time", "y", "x"),
        "rain",
        {"units": "mm", "step_hours": 1.0},
    )
    return cube.rio.write_crs("EPSG:32632")
