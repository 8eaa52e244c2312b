"""A row of the inventory is one thing: its cells are never divided, whatever is made of them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import Bunch

pytest.importorskip("rioxarray")
pytest.importorskip("skops")

from sklearn_landslide.map_products import MapRequest, _train
from sklearn_landslide.mapping import AreaOfApplicability


def noise_by_polygon(seed, n_polygons=30, n_cells=20):
    """Strips of 1.7 km with constant factors, and labels that are pure noise."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_polygons), n_cells)
    start = rng.uniform(0, 5_000, (n_polygons, 2))[groups]
    along = np.tile(np.arange(n_cells) * 85.0, n_polygons)
    return Bunch(
        X=pd.DataFrame(rng.normal(size=(n_polygons, 4))[groups], columns=list("abcd")),
        y=rng.permutation(np.arange(n_polygons) % 2)[groups],
        coordinates=pd.DataFrame({"x": start[:, 0] + along, "y": start[:, 1]}),
        groups=groups,
    )


def trained(table, model=None, **options):
    request = MapRequest(model or LogisticRegression(), "stack.tif", "points.gpkg", out="map")
    return _train.train(MapRequest(**(vars(request) | options)), table)


def recorded(monkeypatch, name):
    """Record the arguments with which a function of the module is called."""
    calls, function = [], getattr(_train, name)

    def record(*args, **kwargs):
        calls.append(args)
        return function(*args, **kwargs)

    monkeypatch.setattr(_train, name, record)
    return calls


def test_all_folds_of_a_map_keep_polygons_whole(monkeypatch):
    tests, areas = recorded(monkeypatch, "score_folds"), recorded(monkeypatch, "_fit_applicability")
    table = noise_by_polygon(0)
    facts = trained(table, DecisionTreeClassifier(random_state=0)).facts
    assert facts["why_no_blocks"] is None
    ((_, _, blocks, random),) = tests
    assert areas[0][2] is blocks
    for folds in (blocks, random):
        for train, test in folds:
            assert not np.intersect1d(table.groups[train], table.groups[test]).size


def test_noise_by_polygon_scores_as_noise_in_the_blocks_of_a_map():
    means = []
    for seed in range(16):
        table = noise_by_polygon(seed)
        model = DecisionTreeClassifier(random_state=0)
        folds = _train.folds_of(table, seed)
        folds = folds.blocks or folds.random
        means.append(np.mean(_train.score_folds(model, table, folds)[0].aucs))
    # A single seed strays from 0.5 by about 0.1.
    assert 0.42 < np.mean(means) < 0.58


def test_a_large_landslide_counts_once_where_zones_hold_shares_of_the_landslides():
    table = noise_by_polygon(3)
    zones = []
    for times in (1, 9):
        # The first landslide becomes nine times as large.
        rows = np.repeat(
            np.arange(len(table.y)),
            np.where(table.groups == table.groups[table.y == 1][0], times, 1),
        )
        larger = Bunch(y=table.y[rows], groups=table.groups[rows])
        probability = np.random.default_rng(0).uniform(size=len(table.y))[rows]
        request = MapRequest(
            LogisticRegression(), "stack", out="map", zones="landslide_share", n_zones=3
        )
        zones.append(_train._share_zones(request, larger, probability).edges_)
    np.testing.assert_array_equal(*zones)


def test_why_there_are_no_blocks_is_said_in_the_words_of_a_map():
    table = noise_by_polygon(0)
    table.coordinates.loc[table.y == 1] = 100.0
    made = trained(table)
    assert made.facts["auc_blocks"] == []
    why = "no 5 compact blocks hold landslides and other places each."
    assert made.facts["why_no_blocks"] == why


def test_too_few_landslides_of_many_cells_are_too_few():
    table = noise_by_polygon(4, n_polygons=8)
    request = MapRequest(LogisticRegression(), "stack.tif", "points.gpkg", out="map")
    with pytest.raises(ValueError, match="the table has 4 landslides and 4 other places"):
        _train.check_enough(table, request)


def test_zones_by_landslide_share_need_as_many_polygons_not_cells():
    table = noise_by_polygon(4, n_polygons=24)
    options = {"out": "map", "zones": "landslide_share"}
    # 6, 3, 1, 1 and 1: a sixth zone would get none.
    request = MapRequest(LogisticRegression(), "stack", "points", n_zones=6, **options)
    with pytest.raises(ValueError, match=r"n_zones=6 by landslide_share, .* than the 12 of the ta"):
        _train.check_enough(table, request)
    request = MapRequest(LogisticRegression(), "stack", "points", n_zones=5, **options)
    _train.check_enough(table, request)
    assert len(trained(table, zones="landslide_share", n_zones=5).zones.edges_) == 6


def cells(n_cells, labels):
    """Polygons far from each other with so many cells and these labels."""
    groups = np.repeat(np.arange(len(n_cells)), n_cells)
    places = np.random.default_rng(0).uniform(0, 50_000, (len(n_cells), 2))
    return Bunch(
        X=pd.DataFrame({"slope": np.arange(len(groups), dtype=float)}),
        y=np.repeat(labels, n_cells),
        coordinates=pd.DataFrame(places[groups], columns=["x", "y"]),
        groups=groups,
    )


@pytest.mark.parametrize(
    ("n_cells", "message"),
    [
        ([2] * 7, None),
        # One of them is tested, and four are left.
        ([1, 1, 1, 1, 9], "without a random fold of the table, 4 cells with landslides .* least 6"),
        ([1] * 8, "without a spatial block of the table, 5 cells with landslides are there to"),
        ([1, 9, 9, 9, 9], None),
    ],
)
def test_too_few_cells_for_smote_are_known_before_the_training(n_cells, message):
    table = cells([*n_cells, *[1] * 40], [1] * len(n_cells) + [0] * 40)
    request = MapRequest(LogisticRegression(), "stack.tif", "points.gpkg", out="map")
    if message is None:
        _train.check_enough(table, request)
        trained(table)
    else:
        with pytest.raises(ValueError, match=message):
            _train.check_enough(table, request)


@pytest.mark.parametrize("cv", [None, "blocks"])
def test_the_area_of_applicability_is_measured_between_polygons(cv):
    from sklearn_landslide.model_selection import SpatialBlockKFold

    table = noise_by_polygon(5)
    if cv is not None:
        cv = SpatialBlockKFold(table.coordinates, 4, random_state=0)
    area = AreaOfApplicability(cv=cv).fit(table.X, table.y, groups=table.groups)
    assert area.training_dissimilarity_.min() > 0
    alone = AreaOfApplicability(cv=cv).fit(table.X, table.y)
    assert alone.training_dissimilarity_.min() == 0
    if cv is None:
        points = area._place(table.X.to_numpy())
        distances = np.linalg.norm(points[:, None] - points[None], axis=2)
        distances[table.groups[:, None] == table.groups] = np.inf
        np.testing.assert_allclose(
            area.training_dissimilarity_, distances.min(axis=1) / area.mean_distance_
        )
