"""A map scored by later landslides: numbers counted by hand, and what is said of them."""

import json

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("rioxarray")
xarray = pytest.importorskip("xarray")
geopandas = pytest.importorskip("geopandas")

from shapely import box  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402

from sklearn_landslide.mapping import score_map  # noqa: E402
from sklearn_landslide.mapping._scores._ranks import ranks_on  # noqa: E402
from sklearn_landslide.metrics import landslide_capture, rate_curve  # noqa: E402


def raster(values, name="susceptibility"):
    values = np.asarray(values)
    rows, columns = values.shape
    cells = {"y": np.arange(rows)[::-1] * 10.0 + 5, "x": np.arange(columns) * 10.0 + 5}
    made = xarray.DataArray(values, cells, ("y", "x"), name)
    return made.rio.write_crs("EPSG:32717")


@pytest.fixture(scope="module")
def ground():
    """A map of 40 by 50 cells with ties and a hole, and the cells of 60 landslides."""
    rng = np.random.default_rng(0)
    values = rng.integers(0, 200, (40, 50)).astype(np.float32) / 200
    values[:5, :5] = np.nan
    order = np.argsort(np.nan_to_num(values).ravel())[::-1]
    picked = np.unique(np.r_[order[:300:10], rng.choice(order[:-25], 30)])
    rows, columns = np.unravel_index(picked, values.shape)
    x, y = columns * 10.0 + 5, (39 - rows) * 10.0 + 5
    return values, pd.DataFrame({"x": x, "y": y}), values[rows, columns]


def test_roc_auc_is_scikit_learns_of_landslides_against_all_cells(ground):
    values, points, at_points = ground
    cells = values[np.isfinite(values)]
    expected = roc_auc_score(
        np.repeat([1, 0], [len(at_points), len(cells)]), np.r_[at_points, cells]
    )
    score = score_map(raster(values), points, n_resamples=10)
    np.testing.assert_allclose(score.scores.loc["roc_auc", "value"], expected)


def test_curve_and_capture_are_those_of_the_rate_curve(ground):
    values, points, at_points = ground
    cells = values[np.isfinite(values)]
    y = np.repeat([1, 0], [len(at_points), len(cells)])
    area = (y == 0).astype(float)
    x, expected, _ = rate_curve(y, np.r_[at_points, cells], area=area)
    score = score_map(raster(values), points, n_resamples=10)
    found = score.curve.set_index("area_share")["landslide_share"]
    np.testing.assert_allclose(found, np.interp(found.index, x, expected), atol=1e-12)
    np.testing.assert_allclose(
        score.capture["landslide_share"],
        landslide_capture(y, np.r_[at_points, cells], area=area),
    )


def test_windows_give_the_numbers_of_the_whole(ground):
    values, _, at_points = ground
    one, other = (ranks_on(m, at_points) for m in (raster(values), raster(values).chunk(7)))
    np.testing.assert_array_equal(one.above, other.above)
    np.testing.assert_array_equal(one.tied, other.tied)
    assert one.n_cells == other.n_cells == np.isfinite(values).sum()


def test_the_interval_is_that_of_means_drawn_anew(ground):
    values, points, _ = ground
    score = score_map(raster(values), points, n_resamples=4000, random_state=0)
    ranks = ranks_on(raster(values), ground[2]).aucs()
    error = ranks.std() / np.sqrt(len(ranks))
    value, lower, upper = score.scores.loc["roc_auc"]
    np.testing.assert_allclose([value - lower, upper - value], 1.96 * error, rtol=0.15)


def test_landslides_off_the_map_and_at_known_places_are_counted_and_not_scored():
    values = np.arange(16, dtype=np.float32).reshape(4, 4) / 16
    values[0, 0] = np.nan
    later = [[35, 5], [36, 4], [5, 35], [500, 5], [15, 15]]
    score = score_map(raster(values), later, known=[[35, 12]], n_resamples=10)
    assert score.landslides["status"].tolist() == [
        "known place",
        "known place",
        "not on the map",
        "not on the map",
        "scored",
    ]
    words = score.in_words()[0]
    assert "has 5 landslides; 1 is scored. Outside the map" in words
    assert "not scored: 2." in words
    assert "no independent test and left out: 2." in words
    # The scored one has .5625 (9 / 16): of 15 cells 8 are below, one is its own.
    np.testing.assert_allclose(score.scores.loc["roc_auc", "value"], 8.5 / 15)
    np.testing.assert_allclose(
        score.scores.loc["roc_auc with known places", "value"], (8.5 + 14.5 + 14.5) / 45
    )


def test_a_polygon_is_one_landslide_and_known_by_the_point_in_it():
    values = np.arange(16, dtype=np.float32).reshape(4, 4) / 16
    later = geopandas.GeoSeries([box(0, 0, 19, 19), box(21, 21, 39, 39)], crs="EPSG:32717")
    score = score_map(raster(values), later, known=[[4, 4]], n_resamples=10)
    assert score.landslides["status"].tolist() == ["known place", "scored"]


def test_no_independent_landslide_is_refused():
    values = np.ones((3, 3), dtype=np.float32)
    with pytest.raises(ValueError, match=r"all landslides .* lie at places .* trained on"):
        score_map(raster(values), [[5, 5]], known=[[5, 5]])
    with pytest.raises(ValueError, match=r"no landslide of .* lies on mapped ground"):
        score_map(raster(values), [[500, 5]])


@pytest.mark.parametrize(
    ("folds", "verdict"),
    [
        ([0.97, 0.98, 0.99], "worse than the folds had said"),
        ([0.2, 0.3, 0.25], "better than the folds had said"),
        ([0.5, 0.7, 0.9], "no clear difference"),
    ],
)
def test_it_is_said_whether_the_folds_had_promised_more(ground, folds, verdict):
    values, points, _ = ground
    score = score_map(raster(values), points, fold_scores=folds, folds="spatial blocks")
    assert verdict in score.in_words()[-1]
    assert f"{np.mean(folds):.3f} (mean of 3 spatial blocks)" in score.in_words()[-1]


def test_zones_and_applicability_are_counted():
    values = np.array([[0.1, 0.1, 0.9, 0.9]] * 2, dtype=np.float32)
    zones = raster(np.array([[1, 1, 2, 2]] * 2, dtype=np.uint8), "zone").assign_attrs(
        zone_names=["low", "<b>high</b>"]
    )
    inside = raster(np.array([[1, 1, 1, 0]] * 2, dtype=np.float32), "inside")
    later = [[25, 5], [35, 5], [35, 5], [5, 5]]
    score = score_map(raster(values), later, zones=zones, inside=inside, n_resamples=10)
    assert score.zones["landslides"].tolist() == [1, 3]
    assert score.zones["frequency_ratio"].tolist() == [0.5, 1.5]
    assert score.outside == {"landslides": 0.5, "ground": 0.25}
    assert "75% of the landslides lie in “<b>high</b>”, which covers 50%" in score.in_words()[3]
    assert "&lt;b&gt;high" in score._repr_html_() and "<b>high" not in score._repr_html_()


def test_everything_is_json_and_a_table(ground, tmp_path):
    values, points, _ = ground
    score = score_map(raster(values), points, n_resamples=10)
    facts = json.loads(json.dumps(score.to_dict(), allow_nan=False))
    assert facts["n_scored"] == len(points) and facts["folds"] == "folds"
    score.to_csv(tmp_path / "landslides.csv")
    assert pd.read_csv(tmp_path / "landslides.csv")["status"].eq("scored").all()
    assert "It is not known which landslides the model was trained on" in repr(score).replace(
        "\n  ", " "
    )


def test_capture_reads_the_curve_between_its_steps():
    y, p = [1, 0, 1, 1, 0], [0.9, 0.9, 0.5, 0.5, 0.5]
    # Steps: two rows with one landslide, three rows with two.
    np.testing.assert_allclose(
        landslide_capture(y, p, shares=[0.2, 0.4, 0.7, 1]), [1 / 6, 1 / 3, 2 / 3, 1]
    )
    with pytest.raises(ValueError, match="shares are numbers from 0 to 1"):
        landslide_capture(y, p, shares=[5, 10])
