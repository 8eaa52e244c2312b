"""Ranges of variograms: by hand, against gstools, and of fields whose range is known."""

import json

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist

from sklearn_landslide.model_selection import AutocorrelationRange, autocorrelation_range
from sklearn_landslide.model_selection._variogram import empirical_variogram, make_pairs
from sklearn_landslide.model_selection._variogram_models import fit_variogram, rise

REGION = np.random.default_rng(0).uniform(0, 10_000, (600, 2))


def draw_fields(points, practical_range, model, *, nugget=0.1, size=1, seed=0):
    """Gaussian fields of a known variogram with the sill 1, by Cholesky."""
    covariance = (1 - nugget) * (1 - rise(cdist(points, points), practical_range, model))
    covariance[np.diag_indices_from(covariance)] += nugget
    noise = np.random.default_rng(seed).normal(size=(len(points), size))
    return np.linalg.cholesky(covariance) @ noise


@pytest.fixture(scope="module")
def fields():
    """Columns a-f: exponential, 1,500 m; g-l: spherical, 2,500 m; m-r: noise."""
    columns = [
        draw_fields(REGION, 1500, "exponential", size=6),
        draw_fields(REGION, 2500, "spherical", size=6),
        np.random.default_rng(3).normal(size=(600, 6)),
    ]
    return pd.DataFrame(np.hstack(columns), columns=list("abcdefghijklmnopqr"))


@pytest.fixture(scope="module")
def result(fields):
    return autocorrelation_range(fields, REGION, random_state=0)


def test_semivariances_of_four_places_counted_by_hand():
    points = np.array([[0.0, 0], [1, 0], [0, 1], [3, 0]])
    values = np.array([[1.0], [3.0], [2.0], [7.0]])
    pairs = make_pairs(points, np.array([0, 1.0, 2.5, 4.0]))
    found = empirical_variogram(values, pairs, fewest=1)
    # 1: (0, 1), (0, 2); up to 2.5: (1, 2), (1, 3); up to 4: (0, 3), (2, 3).
    assert_allclose(found.semivariance, [(4 + 1) / 4, (1 + 16) / 4, (36 + 25) / 4])
    assert_allclose(found.distance, [1, (2**0.5 + 2) / 2, (3 + 10**0.5) / 2])
    assert_array_equal(found.n_pairs, [2, 2, 2])


def test_semivariances_are_those_of_gstools():
    rng = np.random.default_rng(5)
    points = rng.uniform(0, 1000, (60, 2))
    values = rng.normal(size=60) + np.sin(points[:, 0] / 200)
    pairs = make_pairs(points, np.array([0.0, 100, 200, 350, 500]))
    found = empirical_variogram(values[:, None], pairs, fewest=1)
    # gstools 1.7: vario_estimate(points.T, values, bin_edges=edges, return_counts=True).
    theirs = [1.1366735869486824, 1.0851033474186635, 1.3879074669261624, 1.3740617901879442]
    assert_allclose(found.semivariance, theirs, rtol=1e-12)
    assert_array_equal(found.n_pairs, [41, 133, 306, 333])


def test_bands_with_few_pairs_join_the_next_and_the_last_the_one_before():
    points = np.column_stack([[0.0, 1, 10, 20, 40], np.zeros(5)])
    edges = np.array([0, 5.0, 15, 25, 45])
    found = empirical_variogram(np.arange(5.0)[:, None], make_pairs(points, edges), fewest=4)
    # 1, 3, 3 and 3 pairs: the first two are joined, and so are the last two.
    assert_array_equal(found.n_pairs, [4, 6])


def test_the_fit_returns_the_model_that_a_variogram_was_made_of():
    from sklearn_landslide.model_selection._variogram import EmpiricalVariogram

    distance = np.linspace(100, 4000, 12)
    for model in ("exponential", "spherical"):
        gamma = 2 + 6 * rise(distance, 1800, model)
        fitted = fit_variogram(EmpiricalVariogram(distance, gamma, np.arange(12) + 50), model, 4000)
        assert fitted.range == pytest.approx(1800, rel=1e-3)
        assert (fitted.nugget, fitted.sill) == pytest.approx((2, 8), rel=2e-3)
        assert_allclose(fitted(distance), gamma, rtol=1e-3)


def test_known_ranges_are_found_within_what_simulation_leaves_open(result):
    # In 60 simulations of 600 places 8 of 10 such ranges were within 70 and 140 % of the true one,
    # so that the median of 6 is between 75 and 130 %.
    ranges = result.table["range"]
    assert 0.75 * 1500 < ranges[list("abcdef")].median() < 1.3 * 1500
    assert 0.75 * 2500 < ranges[list("ghijkl")].median() < 1.3 * 2500
    assert (ranges[list("abcdefghijkl")] > 700).all()
    assert (result.table.loc[list("abcdefghijkl"), "nugget_share"] < 0.5).all()


def test_noise_has_no_range_and_does_not_count_for_the_blocks(result, fields):
    noise = result.table.loc[list("mnopqr")]
    assert not noise["autocorrelated"].any()
    assert noise["range"].isna().all()
    alone = autocorrelation_range(fields[list("mn")], REGION, random_state=0)
    assert np.isnan(alone.block_size)
    assert result.block_size == pytest.approx(result.table["range"].median())


def test_a_trend_is_taken_off_and_named(fields):
    tilted = fields[["a"]] + REGION[:, [0]] / 1000
    flat = autocorrelation_range(fields[["a"]], REGION, random_state=0).table.loc["a"]
    found = autocorrelation_range(tilted, REGION, random_state=0).table.loc["a"]
    left = autocorrelation_range(tilted, REGION, detrend=False, random_state=0).table.loc["a"]
    assert found["range"] == pytest.approx(flat["range"], rel=1e-3)
    assert found["trend"] > 0.8
    assert left["range"] > 10_000
    assert not left["reaches_sill"]


def test_a_plane_alone_has_no_range():
    found = autocorrelation_range(REGION[:, 0], REGION, random_state=0).table
    assert not found["autocorrelated"].item()
    assert found["trend"].item() == 1


def test_missing_values_are_left_out_factor_by_factor(fields):
    holes = fields[["a", "g"]].copy()
    holes.loc[::2, "a"] = np.nan
    holes.loc[1, "a"] = np.inf
    found = autocorrelation_range(holes, REGION, random_state=0)
    assert found.table["n_samples"].to_dict() == {"a": 299, "g": 600}
    kept = np.flatnonzero(np.isfinite(holes["a"]))
    alone = autocorrelation_range(
        fields[["a"]].iloc[kept], REGION[kept], max_distance=found.max_distance, random_state=0
    )
    assert found.table.loc["a", "range"] == pytest.approx(alone.table.loc["a", "range"], rel=1e-6)


def test_the_variogram_of_a_category_is_the_share_of_pairs_that_differ(fields):
    rock = pd.cut(fields["g"], [-9, -0.5, 0.5, 9], labels=["clay", "marl", "tuff"])
    found = autocorrelation_range(rock.astype(object).to_frame("rock"), REGION, random_state=0)
    assert found.table.loc["rock", "reaches_sill"]
    first = found.variograms.iloc[0]
    edge = found.max_distance / 15**1.5
    i, j = np.nonzero(np.triu(cdist(REGION, REGION) <= edge, 1))
    assert first["n_pairs"] == len(i)
    codes = rock.cat.codes.to_numpy()
    assert first["semivariance"] == pytest.approx((codes[i] != codes[j]).mean())


def test_codes_that_are_declared_are_categories(fields):
    codes = (fields["g"] > 0).astype(int).to_frame("soil")
    as_category = autocorrelation_range(codes, REGION, categorical_features=["soil"])
    as_quantity = autocorrelation_range(codes, REGION, detrend=False)
    # Of two classes the share that differs is twice the semivariance of 0 and 1.
    assert_allclose(
        as_category.variograms["semivariance"], 2 * as_quantity.variograms["semivariance"]
    )


def test_the_order_of_the_rows_and_the_unit_of_a_factor_do_not_matter(fields):
    order = np.random.default_rng(1).permutation(600)
    options = {"max_samples": 400, "random_state": 0}
    one = autocorrelation_range(fields[["a"]], REGION, **options)
    other = autocorrelation_range(1000 * fields[["a"]].iloc[order], REGION[order], **options)
    assert one.table["n_samples"].item() == 400
    assert one.block_size == pytest.approx(other.block_size, rel=1e-6)


def test_frames_are_matched_by_their_index(fields):
    points = pd.DataFrame(REGION, columns=["x", "y"]).sample(frac=1, random_state=0)
    one = autocorrelation_range(fields["a"], points, random_state=0)
    assert one.block_size == autocorrelation_range(fields["a"], REGION, random_state=0).block_size


def test_a_range_beyond_the_distances_looked_at_gives_no_block_size(fields):
    short = autocorrelation_range(fields[["g", "h"]], REGION, max_distance=900, random_state=0)
    assert np.isinf(short.median_range)
    assert np.isnan(short.block_size)
    assert "no blocks within it" in short.in_words()[-1]
    with pytest.raises(ValueError, match=r"2 of 2 factors are similar beyond 900 m") as refused:
        short.check("block_size='range'")
    assert "\n" not in str(refused.value)


def test_what_was_found_is_said_and_kept(result, tmp_path):
    text = result.to_text()
    assert f"The median range is {result.block_size:.0f} m" in " ".join(text.split())
    assert "No more similar at nearby places than by chance: m, n, o, p, q, r." in text
    facts = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert facts["block_size"] == result.block_size
    result.to_csv(tmp_path / "ranges.csv")
    assert pd.read_csv(tmp_path / "ranges.csv").shape == (18, 9)
    assert "AutocorrelationRange" in result._repr_html_()
    assert isinstance(result, AutocorrelationRange)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (REGION[:5], "5 places are too few"),
        (np.zeros((600, 2)), "all 600 places are at one point"),
        (REGION[:300], "X has 600 rows and coordinates 300"),
    ],
)
def test_what_has_no_variogram_is_refused(fields, points, message):
    X = fields[["a"]] if len(points) != 5 else fields[["a"]][:5]
    with pytest.raises(ValueError, match=message):
        autocorrelation_range(X, points)


def test_degrees_are_refused_where_they_are_known(fields):
    points = pd.DataFrame(REGION / 1000, columns=["x", "y"])
    points.attrs.update(meters_per_unit=None, crs="EPSG:4326")
    with pytest.raises(ValueError, match="project them"):
        autocorrelation_range(fields, points)
