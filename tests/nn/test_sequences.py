"""LandslideNet(sequences=...): variables over time beside static factors."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV

from sklearn_landslide import LandslideNet
from sklearn_landslide._sequences import fill_gaps
from sklearn_landslide.nn._sequence_encoding import learn_sequence
from sklearn_landslide.nn._sequence_paths import TemporalPath
from sklearn_landslide.nn._sequence_table import SequenceReader

STEPS = 24
RAIN = [f"rain_{h:02d}" for h in range(STEPS)]


def storms(n=200, n_steps=STEPS, seed=0):
    """A table with a static factor, rain and a column after it; and labels."""
    rng = np.random.default_rng(seed)
    rain = rng.gamma(0.3, 2.0, (n, n_steps)).round(2)
    columns = [f"rain_{h:02d}" for h in range(n_steps)]
    table = pd.DataFrame(rain, columns=columns)
    table.insert(0, "slope", rng.uniform(0, 60, n))
    table["twi"] = rng.normal(8, 2, n)
    last = rain[:, -3:].sum(axis=1)
    return table, (last > np.median(last)).astype(int)


def small(**params):
    defaults = {"sequences": {"rain": RAIN}, "max_epochs": 2, "n_members": 2, "random_state": 0}
    return LandslideNet(**defaults | params)


@pytest.fixture(scope="module")
def table():
    return storms()[0]


@pytest.fixture(scope="module")
def y():
    return storms()[1]


@pytest.fixture(scope="module")
def net(table, y):
    return small().fit(table, y)


# --- what is learned -----------------------------------------------------------------------


def bursts(n, places, seed=0):
    """Dry hours with one burst each, whose total is the same wherever it falls."""
    rng = np.random.default_rng(seed)
    X = np.zeros((n, 2 + STEPS), dtype=np.float32)
    X[:, :2] = rng.normal(size=(n, 2))
    place = rng.choice(places, n)
    X[np.arange(n), 2 + place] = 10
    return X, place


POSITIONS = {"rain": list(range(2, 2 + STEPS))}


def test_only_the_timing_matters_and_is_learned():
    X, place = bursts(400, np.arange(STEPS))
    y = (place >= STEPS // 2).astype(int)
    X_new, place_new = bursts(300, np.arange(STEPS), seed=1)
    y_new = (place_new >= STEPS // 2).astype(int)
    assert np.ptp(X[:, 2:].sum(axis=1)) == 0
    net = LandslideNet(sequences=POSITIONS, max_epochs=10, n_members=2, random_state=0).fit(X, y)
    assert roc_auc_score(y_new, net.predict_proba(X_new)[:, 1]) > 0.99
    static = LandslideNet(max_epochs=10, n_members=2, random_state=0).fit(X[:, :2], y)
    assert roc_auc_score(y_new, static.predict_proba(X_new[:, :2])[:, 1]) < 0.65


def test_the_order_of_two_bursts_is_learned():
    def two(n, seed):
        # A large burst and a small one, far from the end: which comes first?
        rng = np.random.default_rng(seed)
        X = np.zeros((n, 2 + STEPS), dtype=np.float32)
        X[:, :2] = rng.normal(size=(n, 2))
        first = rng.integers(0, 8, n)
        second = first + rng.integers(4, 12, n)
        y = rng.integers(0, 2, n)
        rows = np.arange(n)
        X[rows, 2 + first] = np.where(y, 10, 3)
        X[rows, 2 + second] = np.where(y, 3, 10)
        return X, y

    (X, y), (X_new, y_new) = two(600, 0), two(300, 1)
    net = LandslideNet(sequences=POSITIONS, n_members=2, random_state=0).fit(X, y)
    assert roc_auc_score(y_new, net.predict_proba(X_new)[:, 1]) > 0.95


def test_attention_finds_the_planted_hours():
    def planted(seed):
        # Rain in the hours 19 to 21 of 48 decides; no window of the encoder ends there.
        rng = np.random.default_rng(seed)
        X = np.column_stack([rng.normal(size=(600, 2)), rng.gamma(0.3, 2, (600, 48))])
        return X, (X[:, 21:24].sum(axis=1) > 1.8).astype(int)

    sequences = {"rain": list(range(2, 50))}
    net = LandslideNet(sequences=sequences, n_members=2, random_state=0).fit(*planted(0))
    X, y = planted(1)
    hours = net.attention(X[y == 1]).hours["rain"].to_numpy()
    assert abs(hours.mean(axis=0).argmax() - 20) <= 3
    near = np.abs(np.arange(48) - 20) <= 3
    assert np.median(hours[:, near].mean(axis=1) / hours[:, ~near].mean(axis=1)) > 2


def test_hours_are_weighed_by_their_effect_on_the_log_odds_of_the_whole_network(net):
    # Between the values of the training table, where the encoder has corners.
    row = storms(8, seed=1)[0].iloc[[7]] + 0.0037
    hours = net.attention(row).hours["rain"].iloc[0]

    def log_odds(changed):
        return np.log(net.predict_proba(changed)[0]) @ [-1, 1]

    effects = []
    for hour in RAIN:
        value = row[hour].item()
        more, less = (row.assign(**{hour: value + step}) for step in (0.0003, -0.0003))
        effects.append(abs(log_odds(more) - log_odds(less)) * value)
    rank_correlation = pd.Series(effects).corr(hours.reset_index(drop=True), method="spearman")
    assert rank_correlation > 0.95
    np.testing.assert_allclose(hours, effects / np.sum(effects), atol=0.01)


# --- windows -------------------------------------------------------------------------------


def test_windows_are_means_of_the_last_steps_and_the_highest_of_all():
    rows = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    encoding = learn_sequence(rows, np.arange(6)[None])
    summaries, channels = SequenceReader(encoding)(torch.from_numpy(rows))
    assert encoding.windows == [1, 2, 4, 6]
    last = [rows[:, -w:].mean(axis=1) for w in (1, 2, 4, 6)]
    highest = [
        np.lib.stride_tricks.sliding_window_view(rows, w, axis=1).mean(axis=2).max(axis=1)
        for w in (1, 2, 4)
    ]
    np.testing.assert_allclose(summaries, np.column_stack(last + highest), atol=1e-6)
    z = (rows - rows.mean()) / rows.std()
    to_end = np.stack([z[:, t:].mean(axis=1) for t in range(6)], axis=1)
    from_start = np.stack([z[:, : t + 1].mean(axis=1) for t in range(6)], axis=1)
    np.testing.assert_allclose(channels, np.stack([z, to_end, from_start], axis=1), atol=1e-5)


def test_a_variable_that_is_never_negative_is_taken_in_logarithms():
    rows = np.random.default_rng(0).gamma(0.5, size=(50, 4)).astype(np.float32)
    encoding = learn_sequence(rows, np.arange(4)[None])
    summaries, _ = SequenceReader(encoding)(torch.from_numpy(rows))
    expected = np.log1p(rows.mean(axis=1) / (0.05 * rows.mean()))
    np.testing.assert_allclose(summaries[:, 2], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("n_steps", "windows"), [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (8, [1, 2, 4, 8])]
)
def test_windows_double_up_to_the_whole_length(n_steps, windows):
    rows = np.ones((3, n_steps), dtype=np.float32)
    assert learn_sequence(rows, np.arange(n_steps)[None]).windows == windows


def test_the_probability_of_a_row_does_not_depend_on_its_neighbors(net, table):
    np.testing.assert_array_equal(net.predict_proba(table.iloc[:1]), net.predict_proba(table)[:1])


# --- the default is unchanged --------------------------------------------------------------


def test_without_sequences_nothing_changes(table, y):
    plain = LandslideNet(max_epochs=2, n_members=2, random_state=0).fit(table, y)
    empty = LandslideNet(sequences={}, max_epochs=2, n_members=2, random_state=0).fit(table, y)
    np.testing.assert_array_equal(plain.predict_proba(table), empty.predict_proba(table))
    assert plain.module_.sequences is None
    assert plain.attention(table).hours == {}
    assert not any(name.startswith("sequences") for name in plain.module_.state_dict())


@pytest.mark.parametrize(("path", "usual"), [("linear", 0.45), ("memory", 0.35)])
def test_what_stands_beside_the_network_is_left_out_with_sequences_unless_asked_for(
    net, table, y, path, usual
):
    def weight(**params):
        return getattr(small(**params).fit(table, y).module_, f"{path}_weight")

    assert getattr(net.module_, path) is None
    assert weight(sequences=None) == usual
    assert weight(**{f"module__{path}_weight": 0.2}) == 0.2


def test_beside_sequences_the_recipe_is_another(table, y):
    with_rain = small(max_epochs="auto", n_members="auto").fit(table, y)
    plain = small(max_epochs="auto", n_members="auto", sequences=None).fit(table, y)
    assert (len(with_rain.history), with_rain.module_.n_members) == (10, 4)
    assert (len(plain.history), plain.module_.n_members) == (12, 8)
    schedules = [dict(net.callbacks_)["schedule"] for net in (with_rain, plain)]
    assert [(s.peak, s.final) for s in schedules] == [(1 / 5, 1 / 5), (1.0, 0.0)]
    assert [dict(net.callbacks_)["average"].share for net in (with_rain, plain)] == [1 / 2, 1 / 3]


# --- tables --------------------------------------------------------------------------------


def test_names_and_positions_give_the_same_probabilities(net, table, y):
    array = table.to_numpy()
    by_position = small(sequences={"rain": list(range(1, 1 + STEPS))}).fit(array, y)
    np.testing.assert_array_equal(net.predict_proba(table), by_position.predict_proba(array))


def test_the_order_of_the_list_is_the_order_of_time(net, table, y):
    shuffled = table[["twi", *RAIN[::-1], "slope"]]
    other = small().fit(shuffled, y)
    for name in ("fill", "unit", "mean", "scale"):
        np.testing.assert_array_equal(
            getattr(other._sequences[0], name), getattr(net._sequences[0], name)
        )
    reader, x = other.module_.sequences.table.readers[0], torch.tensor(shuffled.to_numpy())
    expected = net.module_.sequences.table.readers[0](torch.tensor(table.to_numpy()))
    for mine, theirs in zip(reader(x), expected, strict=True):
        torch.testing.assert_close(mine, theirs)


def test_categories_stand_beside_sequences(table, y):
    soil = pd.Categorical(np.where(np.arange(len(y)) % 3, "clay", "sand"))
    X = table.assign(soil=soil)
    net = small().fit(X, y)
    assert net.encoding_.is_categorical.tolist() == [False, False, True] + [False] * (6 + 5)
    assert net.predict_proba(X.iloc[:5]).shape == (5, 2)


def test_a_table_of_nothing_but_a_sequence(table, y):
    probability = small().fit(table[RAIN], y).predict_proba(table[RAIN])
    assert np.isfinite(probability).all()


@pytest.mark.parametrize("n_steps", [1, 2, 3, 33, 65])
def test_short_and_odd_lengths(n_steps):
    X, y = storms(60, n_steps)
    net = small(sequences={"rain": list(X.columns[1:-1])}, max_epochs=1).fit(X, y)
    hours = net.attention(X).hours["rain"]
    assert hours.columns.tolist() == list(X.columns[1:-1])
    np.testing.assert_allclose(hours.sum(axis=1), 1, atol=1e-5)


def test_several_groups_of_several_variables():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3 + 2 * 10 + 4))
    y = (X[:, 12] > 0).astype(int)
    weather = {"rain": list(range(3, 13)), "temperature": list(range(13, 23))}
    sequences = {"weather": weather, "greenness": list(range(23, 27))}
    net = small(sequences=sequences).fit(X, y)
    assert net.forward(X.astype(np.float32)).shape == (80, 2 * 4, 2)
    weights = net.attention(X)
    assert {name: frame.shape for name, frame in weights.hours.items()} == {
        "weather": (80, 10),
        "greenness": (80, 4),
    }
    assert weights.hours["weather"].columns.tolist() == [f"x{j}" for j in range(3, 13)]
    assert weights.spatial.columns[3:6].tolist() == [
        "rain: mean of last 1",
        "rain: mean of last 2",
        "rain: mean of last 4",
    ]
    assert net.predict_proba_members(X).shape == (2, 80, 2)


def test_five_variables_over_240_steps():
    X = np.random.default_rng(0).gamma(0.2, size=(64, 2 + 5 * 240))
    y = np.arange(64) % 2
    columns = np.arange(2, 2 + 5 * 240).reshape(5, 240)
    sequences = {"weather": {f"v{i}": row.tolist() for i, row in enumerate(columns)}}
    net = small(sequences=sequences, max_epochs=1).fit(X, y)
    assert net.attention(X).hours["weather"].shape == (64, 240)


@pytest.mark.parametrize("n_steps", [32, 64, 120, 240, 2400])
def test_self_attention_and_lstm_never_see_more_than_16_positions(n_steps):
    params = {"n_branches": 3, "conv_channels": 8, "sam_width": 7, "lstm_hidden": 16}
    switches = dict.fromkeys(("cnn", "sam", "lstm", "attention"), True)
    path = TemporalPath(3, n_steps, 4, 2, 2, attention_size=8, dropout=0, **params, **switches)
    _, spatial, weights = path(torch.zeros(5, 3, n_steps), torch.zeros(4, 5))
    assert spatial.shape[1] <= 32
    assert weights.shape[1] <= 16
    # Multiplications of the widest kernel for each step: a constant.
    assert path.conv.widths[-1] * spatial.shape[1] / n_steps <= 8


# --- missing and dry -----------------------------------------------------------------------


def test_missing_steps_are_filled_as_by_hand(table, y):
    X = table.copy()
    gaps = np.random.default_rng(1).random((len(X), STEPS)) < 0.1
    gaps[:20, :9] = True  # A series that starts late.
    gaps[20, :] = True
    X[RAIN] = X[RAIN].mask(gaps)
    net = small().fit(X, y)
    rain = X[RAIN].to_numpy(dtype=np.float32)
    filled = X.copy()
    filled[RAIN] = fill_gaps(rain, np.nanmean(rain.astype(float), axis=0).astype(np.float32))
    np.testing.assert_array_equal(net.predict_proba(X), net.predict_proba(filled))
    assert not X.drop(columns=RAIN).isna().any(axis=None)
    assert X[RAIN].isna().to_numpy()[20].all()


def test_a_missing_static_value_is_refused(net, table, y):
    X = table.copy()
    X.loc[3, "slope"] = np.nan
    with pytest.raises(ValueError, match="Column 'slope' contains NaN in 1 of"):
        net.predict_proba(X)
    with pytest.raises(ValueError, match="Column 'slope' contains NaN in 1 of"):
        small().fit(X, y)


def test_an_infinite_step_is_refused(net, table):
    X = table.copy()
    X.loc[3, RAIN[5]] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        net.predict_proba(X)


@pytest.mark.parametrize("value", [0.0, 3.0, -2.0, np.nan])
def test_series_without_any_change(table, y, value):
    X = table.copy()
    X[RAIN] = value
    net = small().fit(X, y)
    assert np.isfinite(net.predict_proba(X)).all()
    assert np.isfinite(net.attention(X).hours["rain"]).all(axis=None)


def test_a_dry_spell_and_a_flood_that_the_training_table_lacks(net, table):
    X = table.iloc[:2].copy()
    X[RAIN] = np.array([[0.0], [1e30]]) * np.ones(STEPS)
    assert np.isfinite(net.predict_proba(X)).all()


# --- the estimator's contract ----------------------------------------------------------------


def test_clone_and_grid_search(table, y):
    net = small()
    assert clone(net).get_params()["sequences"] == {"rain": RAIN}
    grid = {"sequences": [{"rain": RAIN}, {"rain": RAIN[-6:], "before": RAIN[:-6]}]}
    search = GridSearchCV(small(max_epochs=1), grid, cv=2).fit(table, y)
    assert set(search.cv_results_["rank_test_score"]) <= {1, 2}
    assert search.best_estimator_.predict(table).shape == (200,)


def test_a_later_part_of_the_table_changes_no_encoding(table, y):
    net = small(max_epochs=1).partial_fit(table[:100], y[:100])
    before = net.module_.sequences.table.readers[0].mean.clone()
    net.partial_fit(table[100:], y[100:])
    torch.testing.assert_close(net.module_.sequences.table.readers[0].mean, before)
    warm = small(max_epochs=1, warm_start=True).fit(table, y)
    weight = warm.module_.sequences.context.weight.clone()
    assert not torch.equal(warm.fit(table, y).module_.sequences.context.weight, weight)


def test_the_number_of_threads_changes_no_bit():
    X, y = storms(600)
    before = torch.get_num_threads()
    results = []
    try:
        for n_threads in (1, 2):
            torch.set_num_threads(n_threads)
            net = small(batch_size=256, max_epochs=1).fit(X, y)
            results.append(net.predict_proba(X))
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize(
    "sequences",
    [
        {"rain": RAIN},
        {"rain": tuple(RAIN[:6]), "late": np.array(RAIN[6:])},
        {"weather": {"early": RAIN[:12], "late": RAIN[12:]}},
    ],
)
def test_a_loaded_net_is_the_saved_one(table, y, tmp_path, sequences):
    X = table.copy()
    X.loc[:9, RAIN[3]] = np.nan
    net = small(sequences=sequences).fit(X, y)
    net.save(tmp_path / "net")
    loaded = LandslideNet.load(tmp_path / "net")
    np.testing.assert_array_equal(loaded.predict_proba(X), net.predict_proba(X))
    for name, hours in net.attention(X).hours.items():
        pd.testing.assert_frame_equal(loaded.attention(X).hours[name], hours)


@pytest.mark.parametrize(
    ("switch", "gone"),
    [
        ("cnn", ["conv.branches.weight_1", "conv.norm.weight"]),
        ("sam", ["reader.sam.conv.weight"]),
        ("lstm", ["reader.lstm.lstm.weight_input"]),
        ("attention", ["reader.attention.project.weight"]),
    ],
)
def test_switches_take_modules_out_of_the_path_over_time(net, table, y, switch, gone):
    ablated = small(**{f"module__{switch}": False}).fit(table, y)
    has, had = (set(n.module_.sequences.paths[0].state_dict()) for n in (ablated, net))
    assert set(gone) <= had - has
    assert not any(name.startswith(gone[0].rsplit(".", 1)[0]) for name in has)
    np.testing.assert_allclose(ablated.attention(table).hours["rain"].sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("path", ["deep", "wide", "linear"])
def test_the_other_paths_can_be_switched_off(table, y, path):
    net = small(**{f"module__{path}": False}).fit(table, y)
    assert np.isfinite(net.predict_proba(table)).all()


# --- mistakes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        ({"rain": [*RAIN, "rain_99"]}, "names 'rain_99', which is not a column"),
        ({"rain": [*RAIN, RAIN[0]]}, f"lists '{RAIN[0]}' twice"),
        ({"a": RAIN[:4], "b": RAIN[3:]}, f"holds '{RAIN[3]}', which"),
        ({"w": {"a": RAIN[:4], "b": RAIN[4:]}}, "has 20 steps, and 'a' of the same group has 4"),
        ({"rain": [1, 2, 3]}, "gives positions, but the table has column names"),
        ({"rain": []}, "lists no column"),
        ([RAIN], "sequences must be a dict"),
    ],
)
def test_one_line_says_what_is_wrong(table, y, sequences, message):
    with pytest.raises(ValueError, match=message) as error:
        small(sequences=sequences).fit(table, y)
    assert "\n" not in str(error.value)


def test_a_column_that_a_selector_dropped(table, y):
    with pytest.raises(ValueError, match="keep the selector before the model from dropping it"):
        small().fit(table.drop(columns=RAIN[7]), y)


def test_a_category_is_no_sequence(table, y):
    X = table.assign(**{RAIN[2]: pd.Categorical(table[RAIN[2]] > 1)})
    with pytest.raises(ValueError, match=f"holds '{RAIN[2]}', which is a category"):
        small().fit(X, y)


def test_columns_in_another_order_are_refused_as_ever(net, table):
    with pytest.raises(ValueError, match="feature names should match"):
        net.predict_proba(table[table.columns[::-1]])
