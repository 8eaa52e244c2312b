"""A picture of an event shows the highest of what it cannot show one by one, in fixed colors."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")
rasterio = pytest.importorskip("rasterio")
pytest.importorskip("rioxarray")
image = pytest.importorskip("PIL.Image")

from sklearn_landslide.mapping import zone_colors  # noqa: E402
from sklearn_landslide.mapping._rasters._grids import Grid  # noqa: E402
from sklearn_landslide.plotting import save_event_animation  # noqa: E402
from sklearn_landslide.plotting._event_pictures import _coarse, event_map  # noqa: E402

UTM = rasterio.crs.CRS.from_epsg(32632)
GRID = Grid(UTM, rasterio.Affine(30, 0, 6e5, 0, -30, 51e5), 20, 30)


def test_no_single_high_cell_is_lost():
    values = np.zeros((1201, 700), dtype=np.float32)
    values[1200, 699] = 0.9
    values[:3, :3] = np.nan
    shown, step = _coarse(values)
    assert step == 3 and shown.shape == (401, 234)
    assert shown[400, 233] == np.float32(0.9) and np.isnan(shown[0, 0]) and shown[1, 1] == 0


def test_each_level_has_its_color_and_the_title_has_hour_and_levels():
    values = np.tile(np.float32([0.05, 0.1, 0.29, 0.3, np.nan, 1.0]), (20, 5))
    figure, draw = event_map(values, GRID, levels=[0.1, 0.3], most=1.0, title="05:00 UTC")
    ax = figure.axes[0]
    seen = ax.images[0].to_rgba(ax.images[0].get_array(), bytes=True)[0, :6]
    low, middle, high = (zone_colors(3)[zone] for zone in (1, 2, 3))
    for place, color in zip((0, 1, 2, 3, 5), (low, middle, middle, high, high), strict=True):
        np.testing.assert_allclose(seen[place], color, atol=1)
    assert seen[4, 3] == 0
    assert ax.get_title(loc="right") == "05:00 UTC\nlevels from 0.1, 0.3"
    draw(np.zeros((20, 30)), "06:00 UTC")
    assert ax.get_title(loc="right").startswith("06:00") and ax.images[0].get_array().max() == 0


def test_every_hour_is_a_frame(tmp_path):
    frames = [(f"0{hour}:00 UTC", np.full((20, 30), hour / 4)) for hour in (1, 2, 3)]
    path = tmp_path / "event.gif"
    save_event_animation(iter(frames), GRID, path, levels=[], most=0.75)
    with image.open(path) as animation:
        assert animation.n_frames == 3
        middle = []
        for number in range(3):
            animation.seek(number)
            frame = np.asarray(animation.convert("L"))
            middle.append(frame[frame.shape[0] // 2, frame.shape[1] // 3])
    # More is darker, also in gray.
    assert middle[0] > middle[1] > middle[2]
