"""The recipe of a fit, by hand at its edges; what is set explicitly wins over it."""

import numpy as np
import pandas as pd
import pytest

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide._class_counts import counted_classes, real_counts
from sklearn_landslide.nn._recipe import Recipe, leaf_rows, learn_recipe


def recipe_of(*counts, has_sequences=False, places=None):
    places = None if places is None else np.array(places)
    return learn_recipe(np.array(counts), places, has_sequences=has_sequences)


# --- the numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_rarest", "max_epochs"),
    [(1, 12), (299, 12), (300, 12), (1200, 24), (2700, 36), (3333, 40), (4000, 40)],
)
def test_passes_grow_with_the_square_root_of_the_rarest_class_up_to_a_limit(n_rarest, max_epochs):
    assert recipe_of(n_rarest, 12_000).max_epochs == max_epochs
    assert recipe_of(12_000, n_rarest).max_epochs == max_epochs


@pytest.mark.parametrize(("n_rows", "max_epochs"), [(8000, 40), (10_000, 32), (30_000, 12)])
def test_large_tables_take_their_steps_in_fewer_passes(n_rows, max_epochs):
    assert recipe_of(n_rows, n_rows).max_epochs == max_epochs


def test_the_rarest_of_three_classes_counts_even_if_it_is_not_there_yet():
    assert recipe_of(5000, 1200, 4000).max_epochs == 24
    assert recipe_of(5000, 0, 4000).max_epochs == 12


@pytest.mark.parametrize(
    ("n_cells", "n_landslides", "max_epochs"),
    # 12 looks at each of 300 landslides, 24 at each of 1200, by all of its cells together.
    [(300, 300, 12), (450, 300, 8), (1200, 1200, 24), (3600, 1200, 8), (30_000, 1200, 6)],
)
def test_a_landslide_of_many_cells_is_looked_at_no_more_often_than_one_of_a_single_cell(
    n_cells, n_landslides, max_epochs
):
    assert recipe_of(6000, n_cells, places=(6000, n_landslides)).max_epochs == max_epochs


def test_what_a_table_holds_is_told_by_its_landslides_and_not_by_their_cells():
    cells, landslides = recipe_of(9000, 9000, places=(9000, 1000)), recipe_of(9000, 1000)
    assert cells.linear_weight == landslides.linear_weight == 0.3 * 0.3**0.3
    assert (cells.wide_hidden, landslides.wide_hidden) == (64, 64)


def test_a_leaf_of_the_memory_holds_more_than_one_landslide_of_many_cells():
    assert leaf_rows(np.array([900, 900]), np.array([900, 300])) == round(3 * np.log2(3))
    assert leaf_rows(np.array([900, 100]), np.array([900, 100])) == leaf_rows(np.array([900, 100]))


@pytest.mark.parametrize(
    ("n_rows", "linear_weight"),
    # 0.3 * (3000 / n) ** 0.3, and 0.45 where that would be more.
    [(100, 0.45), (776, 0.45), (1500, 0.3 * 2**0.3), (3000, 0.3), (30_000, 0.3 / 10**0.3)],
)
def test_the_straight_line_has_a_smaller_share_with_more_rows(n_rows, linear_weight):
    recipe = recipe_of(n_rows // 2, n_rows - n_rows // 2)
    assert recipe.linear_weight == pytest.approx(linear_weight)
    assert recipe.memory_weight == 0.35


@pytest.mark.parametrize(("n_rows", "n_members"), [(100, 8), (20_000, 8), (20_001, 4)])
def test_large_tables_have_fewer_members(n_rows, n_members):
    assert recipe_of(n_rows - 50, 50).n_members == n_members


@pytest.mark.parametrize(("n_rarest", "hidden"), [(50, 64), (2999, 64), (3000, 128)])
def test_the_wide_path_is_wider_where_there_is_more_to_learn_from(n_rarest, hidden):
    assert recipe_of(n_rarest, 5000).wide_hidden == hidden


@pytest.mark.parametrize("counts", [(50, 50), (10**6, 10**6)])
def test_sequences_have_one_recipe_and_nothing_beside_the_network(counts):
    recipe = recipe_of(*counts, has_sequences=True)
    assert (recipe.n_members, recipe.max_epochs, recipe.wide_hidden) == (4, 10, 128)
    assert (recipe.linear_weight, recipe.memory_weight) == (None, None)


@pytest.mark.parametrize(
    ("counts", "n_rows"),
    # The base-2 logarithm of how many times the rarest class fits into the commonest.
    [([1, 1], 1), ([50, 100], 1), ([100, 1000], 3), ([1024, 2], 9), ([10**6, 1], 20)],
)
def test_leaves_of_the_memory_are_larger_where_landslides_are_rare(counts, n_rows):
    assert leaf_rows(np.array(counts)) == n_rows
    assert leaf_rows(np.array([counts[1], max(counts), counts[0]])) == n_rows


# --- the net --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def xy():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    return X, (X[:, 0] > 0).astype(int)


def followed(net):
    module, hidden = net.module_, len(net.module_.wide.weight)
    weights = module.linear_weight, module.memory_weight
    return Recipe(module.n_members, len(net.history), hidden, *weights)


def test_a_net_follows_its_recipe(xy):
    net = LandslideNet().fit(*xy)
    assert followed(net) == net.recipe_ == Recipe(8, 12, 64, 0.45, 0.35)


def test_what_is_set_wins_over_the_recipe_which_stays_known(xy):
    weights = {"module__linear_weight": 0.1, "module__memory_weight": 0.9}
    net = LandslideNet(n_members=2, max_epochs=1, module__wide_hidden=10, **weights).fit(*xy)
    assert followed(net) == Recipe(2, 1, 10, 0.1, 0.9)
    assert net.recipe_ == Recipe(8, 12, 64, 0.45, 0.35)


def test_what_is_set_after_the_fit_is_followed_from_then_on(xy):
    net = LandslideNet(n_members=1, max_epochs=1).fit(*xy)
    net.set_params(max_epochs=2).partial_fit(*xy)
    assert len(net.history) == 3
    # Parameters of the module build it again.
    net.set_params(module__memory_weight=0.7, module__linear_weight=0.2)
    assert (net.module_.linear_weight, net.module_.memory_weight) == (0.2, 0.7)
    net.set_params(module__memory_weight="auto", module__linear_weight="auto")
    assert (net.module_.linear_weight, net.module_.memory_weight) == (0.45, 0.35)
    net.set_params(max_epochs="auto").partial_fit(*xy)
    assert len(net.history) == 3 + 12


@pytest.mark.parametrize(
    "params", [{"module__memory_weight": 1.5}, {"module__linear_weight": "some"}, {"n_trees": 0}]
)
def test_shares_and_trees_that_make_no_sense_are_refused_by_name(xy, params):
    (name,) = params
    with pytest.raises(ValueError, match=f"The '{name}' parameter of LandslideNet"):
        LandslideNet(**params).fit(*xy)


def test_a_net_that_reads_sequences_leaves_line_and_memory_out(xy):
    X, y = xy
    rain = np.random.default_rng(1).gamma(0.5, size=(100, 6))
    net = LandslideNet(sequences={"rain": list(range(3, 9))}, max_epochs=1)
    net.fit(np.column_stack([X, rain]), y)
    assert (net.module_.linear, net.module_.memory) == (None, None)
    assert followed(net) == Recipe(4, 1, 128, None, None)


# --- behind a sampler -----------------------------------------------------------------------


def test_rows_that_smote_made_do_not_count():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(2000, 3)), columns=["twi", "spi", "curvature"])
    y = (np.arange(2000) < 40).astype(int)
    net = LandslideNet(max_epochs=0, n_members=1, random_state=0)
    plain = make_landslide_pipeline(net, resample=False).fit(X, y)[-1]
    resampled = make_landslide_pipeline(net, random_state=0).fit(X, y)[-1]
    assert resampled.recipe_ == plain.recipe_
    assert plain.recipe_.max_epochs == 12
    # Outside the pipeline the same rows count as they stand.
    assert net.fit(np.r_[X, X], np.r_[y, 1 - y]).recipe_.max_epochs == 31


def found(rows, places):
    return [rows.tolist(), places.tolist()]


def test_rows_that_a_sampler_took_away_do_not_count_either():
    with counted_classes(["no"] * 900 + ["yes"] * 100):
        told = real_counts(np.array(["no", "yes"]), np.array([100, 100]))
    assert found(*told) == [[100, 100], [100, 100]]
    assert found(*real_counts(np.array([0, 1]), np.array([7, 5]))) == [[7, 5], [7, 5]]


def test_rows_of_one_group_are_one_place_of_each_of_its_classes():
    with counted_classes([1, 1, 1, 0, 0, 1, 0], groups=["a", "a", "b", "c", "d", "c", "d"]):
        assert found(*real_counts(np.array([0, 1]), np.array([9, 9]))) == [[3, 4], [2, 3]]
        # A pipeline inside counts the same rows, and knows nothing of polygons.
        with counted_classes([1, 1, 1, 0, 0, 1, 0]):
            assert found(*real_counts(np.array([0, 1]), np.array([9, 9]))) == [[3, 4], [2, 3]]
        # These are other rows.
        with counted_classes([1, 0, 0]):
            assert found(*real_counts(np.array([0, 1]), np.array([9, 9]))) == [[2, 1], [2, 1]]


def test_a_failing_fit_leaves_no_counts_behind():
    X, y = np.full((6, 1), np.nan), [0, 0, 0, 1, 1, 1]
    with pytest.raises(ValueError, match="constant"):
        make_landslide_pipeline(LandslideNet(max_epochs=0)).fit(X, y)
    assert found(*real_counts(np.array([0, 1]), np.array([7, 5]))) == [[7, 5], [7, 5]]
