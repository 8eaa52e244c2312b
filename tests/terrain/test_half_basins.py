"""Half-basins against valleys whose sides are known, and against pyflwdir's own basins."""

import numpy as np
import pyflwdir
import pytest

from sklearn_landslide.terrain._half_basins import LEFT, OPEN, RIGHT, banks, half_basins
from sklearn_landslide.terrain._single_flow import drain, flow_codes

CELL = 10.0


def hills(seed, shape=(60, 70)):
    """A smooth random landscape with many valleys, tilted to the south-east."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
    z = 400 - 1.5 * y - 1.0 * x
    for wave in (9, 15, 28):
        for angle, phase in rng.uniform(0, 2 * np.pi, (3, 2)):
            turned = np.cos(angle) * x + np.sin(angle) * y
            z += 0.5 * wave * np.sin(2 * np.pi * turned / wave + phase)
    return z


def halves_of(z, threshold):
    drainage = drain(z, (CELL, CELL), CELL**2)
    level = np.zeros(z.size)
    return drainage, half_basins(drainage, threshold, level, level)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_each_side_of_a_winding_valley_is_one_bank_whatever_way_it_runs(turns):
    y, x = np.mgrid[:81, :61].astype(float)
    course = np.round(30 + 10 * np.sin(y / 9))
    z = np.rot90(3 * np.abs(x - course) - 1.0 * y + 100, turns)
    # Apart from the valley's head, and from what leaves the region before it reaches the valley.
    west, east = (
        np.rot90(one & (y > 30) & (y < 75), turns) for one in (x < course - 1, x > course + 1)
    )
    _, halves = halves_of(z, 1000 * CELL**2)
    side = halves.side.reshape(z.shape)
    # The valley runs south: facing it, west is right.
    np.testing.assert_array_equal(side[west], RIGHT)
    np.testing.assert_array_equal(side[east], LEFT)


def test_a_side_valley_and_what_lies_around_its_mouth_are_told_apart():
    # A main valley runs east along row 20, a side valley comes from the north at column 30.
    y, x = np.mgrid[:41, :61].astype(float)
    main = 2.0 * np.abs(y - 20) - 0.5 * x
    tributary = np.where(y <= 20, 3.0 * np.abs(x - 30) + 1.0 * (20 - y) - 0.5 * 30 + 0.01, np.inf)
    z = np.minimum(main, tributary) + 200
    drainage, halves = halves_of(z, 120 * CELL**2)
    node = np.unique(np.stack([halves.link, halves.side]), axis=1, return_inverse=True)[1]
    node = node.ravel().reshape(z.shape)
    upper_right, lower_right = node[30, 20], node[30, 50]
    upper_left, lower_left = node[8, 15], node[8, 50]
    west, east = node[10, 28], node[10, 32]
    assert len({upper_right, lower_right, upper_left, lower_left, west, east}) == 6
    # Opposite the mouth one bank goes on; where the tributary enters it ends.
    bank = banks(drainage, halves, np.zeros(z.size), np.zeros(z.size)).reshape(z.shape)
    assert bank[30, 20] == bank[30, 50]
    assert bank[8, 15] != bank[8, 50]
    side = halves.side.reshape(z.shape)
    assert side[30, 20] == RIGHT
    assert side[8, 15] == LEFT


@pytest.mark.parametrize("seed", range(4))
def test_the_two_halves_of_a_link_are_the_basin_that_pyflwdir_finds(seed):
    z = hills(seed)
    _, halves = halves_of(z, 80 * CELL**2)
    codes = flow_codes(z, (CELL, CELL))
    flow = pyflwdir.from_array(codes, ftype="d8")
    ends = np.unique(halves.link[(halves.side != OPEN)])
    assert len(ends) > 5
    basins = flow.basins(idxs=ends, ids=np.arange(1, ends.size + 1).astype(np.uint32)).ravel()
    found = np.where(halves.side == OPEN, 0, np.searchsorted(ends, halves.link) + 1)
    np.testing.assert_array_equal(found, basins)


@pytest.mark.parametrize("seed", range(4))
def test_a_denser_network_only_divides(seed):
    z = hills(seed)
    drainage, coarse = halves_of(z, 200 * CELL**2)
    in_basin = coarse.side != OPEN
    for threshold in (150, 60, 20, 4):
        level = np.zeros(z.size)
        fine = half_basins(drainage, threshold * CELL**2, level, level)
        # Apart from the cells of streams, which belong to the right bank.
        slope = in_basin & ~fine.stem
        pairs = np.unique(
            np.stack([part[slope] for part in (fine.link, fine.side, coarse.link, coarse.side)]),
            axis=1,
        )
        assert len(np.unique(pairs[:2], axis=1).T) == len(pairs.T)
        assert (fine.side[coarse.side != OPEN] != OPEN).all()


def test_flow_leaves_across_an_edge_and_does_not_run_along_it():
    y, x = np.mgrid[:30, :30].astype(float)
    plane = 500 - 3 * x - 1 * y
    drainage = drain(plane, (CELL, CELL), CELL**2)
    # No cell gathers more than its own row.
    assert drainage.area.max() == 30 * CELL**2


def test_a_dammed_hollow_drains_over_its_lowest_rim():
    z = np.full((7, 7), 20.0)
    z[1:6, 1:6] = 10.0
    z[3, 6] = 15.0
    drainage = drain(z, (CELL, CELL), CELL**2)
    outlet = 3 * 7 + 6
    inside = np.zeros((7, 7), dtype=bool)
    inside[1:6, 1:6] = True
    assert drainage.area[outlet] >= inside.sum() * CELL**2
    assert drainage.down[outlet] == outlet
