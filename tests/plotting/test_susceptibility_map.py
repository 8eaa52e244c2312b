import os
import subprocess
import sys

import numpy as np
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_landslide.mapping import zone_colors
from sklearn_landslide.plotting import SusceptibilityMapDisplay
from sklearn_landslide.plotting._map_furniture import scale_length, shaded_relief

ZONES = np.array([[1, 2, 3, 4], [2, 3, 4, 5], [0, 0, 5, 5]])
EXTENT = (1000.0, 1400.0, 5000.0, 5300.0)


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_each_pixel_has_the_color_of_its_zone():
    image = SusceptibilityMapDisplay(ZONES, EXTENT).plot().image_
    colors = np.array([zone_colors(5)[zone] for zone in ZONES.ravel()]).reshape(3, 4, 4) / 255
    assert_allclose(image.get_array(), colors)
    # The first row is the northern one.
    assert image.get_extent() == list(EXTENT)
    assert image.origin == "upper"


def test_the_legend_names_what_is_there_and_nothing_else():
    names = ["very high", "high", "moderate", "low", "very low"]
    assert legend(SusceptibilityMapDisplay(np.full((2, 2), 3), EXTENT).plot()) == names
    full = SusceptibilityMapDisplay(
        ZONES, EXTENT, inside=np.ones((3, 4)), landslides=[[1100, 5100]]
    )
    outside = "outside the area\nof applicability"
    assert legend(full.plot()) == [*names, "no data", outside, "landslide"]
    two = SusceptibilityMapDisplay([[1, 2], [2, 1]], EXTENT, names=["below", "above"])
    assert legend(two.plot()) == ["above", "below"]


@pytest.mark.parametrize(("height", "gray"), [(800.0, 0.88), (np.nan, 1.0)])
def test_nodata_is_gray_in_the_legend_where_the_relief_goes_on_and_white_where_not(height, gray):
    elevation = np.where(ZONES == 0, height, 800.0)
    legend = SusceptibilityMapDisplay(ZONES, EXTENT, elevation=elevation).plot().ax_.get_legend()
    faces = {
        text.get_text(): patch.get_facecolor()
        for text, patch in zip(legend.get_texts(), legend.get_patches(), strict=True)
    }
    assert faces["no data"] == (gray, gray, gray, 1.0)


def test_places_outside_the_area_of_applicability_are_faded_and_hatched():
    inside = np.ones((3, 4), dtype=np.uint8)
    inside[0, 3] = 0
    inside[2, :2] = 255
    plain = SusceptibilityMapDisplay(ZONES, EXTENT).plot().image_.get_array()
    display = SusceptibilityMapDisplay(ZONES, EXTENT, inside=inside).plot()
    image = display.image_.get_array()
    changed = np.any(image != plain, axis=2)
    assert_array_equal(np.argwhere(changed), [[0, 3]])
    assert image[0, 3, :3].min() > plain[0, 3, :3].min()
    (hatched,) = display.ax_.collections
    assert hatched.hatches == ["//////"]
    corners = np.vstack([path.vertices for path in hatched.get_paths() if len(path.vertices)])
    # Hatched around the center of the pixel at the north-eastern corner.
    assert corners[:, 0].min() >= 1250 and corners[:, 1].min() >= 5150
    assert corners.max(axis=0).tolist() == [1350, 5250]


def test_relief_darkens_slopes_in_shadow_and_keeps_lit_ones():
    # A ridge from south-west to north-east, lit from the north-west.
    rows, columns = np.indices((21, 21))
    elevation = 100.0 - 10 * np.abs(rows - columns[:, ::-1] + 0.0)
    ridge = 100.0 - 5 * np.abs(rows + columns - 20.0)
    light = shaded_relief(ridge, (10, 10))
    assert light[4, 4] > light[16, 16] + 0.5
    assert elevation.shape == light.shape
    plain = SusceptibilityMapDisplay(np.ones((21, 21), int), EXTENT).plot().image_.get_array()
    shaded = SusceptibilityMapDisplay(np.ones((21, 21), int), EXTENT, elevation=ridge)
    image = shaded.plot().image_.get_array()
    assert image[16, 16, 0] < image[4, 4, 0] <= plain[4, 4, 0]


def test_unknown_ground_casts_no_shadow():
    ground = np.random.default_rng(0).normal(1000, 5, (9, 9))
    ground[4, 4] = np.nan
    light = shaded_relief(ground, (10, 10))
    assert np.isfinite(light).all()
    assert_array_equal(light[[4, 3, 5, 4, 4], [4, 4, 4, 3, 5]], 1)
    assert_array_equal(shaded_relief(np.full((3, 3), np.nan), (10, 10)), 1)


def test_landslides_are_drawn_where_they_are():
    points = np.array([[1100.0, 5100.0], [1250.0, 5280.0]])
    display = SusceptibilityMapDisplay(ZONES, EXTENT, landslides=points).plot()
    assert_allclose(display.ax_.lines[0].get_xydata(), points)
    ring = np.array([[1100.0, 5100.0], [1150.0, 5100.0], [1150.0, 5150.0]])
    display = SusceptibilityMapDisplay(ZONES, EXTENT, landslides=[ring]).plot()
    for outline in display.ax_.collections:
        assert_allclose(outline.get_paths()[0].vertices[:3], ring)


@pytest.mark.parametrize(
    ("width", "length"), [(400, 100), (3830, 500), (8000, 2000), (9_999, 2000), (0.9, 0.2)]
)
def test_the_scale_bar_is_a_round_quarter_of_the_map_at_most(width, length):
    assert_allclose(scale_length(width), length)


def test_the_drawn_scale_bar_has_the_length_that_it_says():
    display = SusceptibilityMapDisplay(ZONES, EXTENT).plot()
    display.figure_.draw_without_rendering()
    bar = next(art for art in display.ax_.artists if hasattr(art, "size_bar"))
    drawn = bar.size_bar.get_children()[0].get_window_extent().width
    meter = display.ax_.get_window_extent().width / 400
    assert bar.txt_label.get_text() == "100 m"
    assert drawn / meter == pytest.approx(100, rel=0.02)


@pytest.mark.parametrize("shape", [(300, 300), (600, 150), (150, 600)])
def test_nothing_is_cut_off_or_lies_on_the_map(shape):
    zones = np.random.default_rng(0).integers(1, 6, shape)
    extent = (700_000, 700_000 + 10 * shape[1], 9_500_000, 9_500_000 + 10 * shape[0])
    display = SusceptibilityMapDisplay(
        zones, extent, inside=zones > 1, landslides=[[extent[0] + 50, extent[2] + 50]]
    ).plot()
    figure, ax = display.figure_, display.ax_
    figure.draw_without_rendering()
    edge = ax.get_window_extent()
    bar = next(art for art in ax.artists if hasattr(art, "size_bar"))
    arrow = next(text for text in ax.texts if text.get_text() == "N")
    boxes = [thing.get_window_extent() for thing in (ax.get_legend(), bar, arrow)]
    for box in boxes:
        assert box.x0 >= edge.x1 or box.y0 >= edge.y1
        assert box.x0 >= 0 and box.x1 <= figure.bbox.x1
        assert box.y0 >= 0 and box.y1 <= figure.bbox.y1
    assert not boxes[0].overlaps(boxes[1])
    assert not boxes[0].overlaps(boxes[2])
    assert not boxes[1].overlaps(boxes[2])
    labels = ax.get_tightbbox()
    assert labels.x0 >= 0 and labels.y0 >= 0
    ends = []
    for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        for place, text in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True):
            if low <= place <= high:
                ends.append(text.get_window_extent())
    assert len(ends) >= 2
    for number, box in enumerate(ends):
        assert not any(box.overlaps(other) for other in ends[number + 1 :])


def test_large_maps_are_thinned():
    zones = np.ones((4100, 300), dtype=np.uint8)
    image = SusceptibilityMapDisplay(zones, EXTENT).plot().image_
    assert image.get_array().shape[:2] == (1367, 100)


def test_saving_leaves_one_file_and_no_figure(tmp_path):
    display = SusceptibilityMapDisplay(ZONES, EXTENT)
    display.save(tmp_path / "map.png", dpi=100)
    assert os.listdir(tmp_path) == ["map.png"]
    assert pyplot.get_fignums() == []
    assert pyplot.imread(tmp_path / "map.png").shape[1] == 960
    with pytest.raises(ValueError, match="not supported"):
        display.save(tmp_path / "map.slope")
    assert os.listdir(tmp_path) == ["map.png"]


def test_saving_needs_neither_pyplot_nor_map_libraries(tmp_path):
    code = (
        "import sys; from sklearn_landslide.plotting import SusceptibilityMapDisplay; "
        "assert 'matplotlib' not in sys.modules; "
        "display = SusceptibilityMapDisplay([[1, 2], [3, 4]], (0, 9, 0, 9)); "
        f"display.save({str(tmp_path / 'a.png')!r}); "
        "assert not {'matplotlib.pyplot', 'xarray', 'rasterio', 'geopandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"MPLBACKEND": "TkAgg"})
    assert (tmp_path / "a.png").stat().st_size > 5000


def test_given_axes_are_used():
    figure, ax = pyplot.subplots()
    display = SusceptibilityMapDisplay(ZONES, EXTENT).plot(ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((ZONES / 2.0, EXTENT), {}, "float64 of shape"),
        ((ZONES[0], EXTENT), {}, r"shape \(4,\)"),
        ((ZONES * 0, EXTENT), {}, "every pixel is nodata"),
        ((ZONES, (0, 1, 1, 0)), {}, "left, right, bottom, top"),
        ((ZONES, EXTENT), {"names": ["low", "high"]}, "Zones are 0 to 2.*got 0 to 5"),
        ((ZONES - 1, EXTENT), {}, "got -1"),
        ((ZONES, EXTENT), {"elevation": ZONES[:2]}, r"elevation has the shape \(2, 4\)"),
        ((ZONES, EXTENT), {"inside": ZONES[:2]}, r"inside has the shape \(2, 4\)"),
        ((ZONES, EXTENT), {"landslides": [1.0, 2.0]}, r"got shape \(2,\)"),
    ],
    ids=["float", "line", "empty", "extent", "names", "negative", "elevation", "inside", "points"],
)
def test_what_cannot_be_drawn_is_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        SusceptibilityMapDisplay(*arguments, **options)


# --- rasters ------------------------------------------------------------------------------


def raster(values, crs="EPSG:32717", north_first=True):
    xarray = pytest.importorskip("xarray", reason="needs the extra map")
    pytest.importorskip("rioxarray", reason="needs the extra map")
    y = 5250.0 - 100 * np.arange(3)
    array = xarray.DataArray(
        np.asarray(values), {"y": y, "x": 1050.0 + 100 * np.arange(4)}, ["y", "x"]
    ).rio.write_crs(crs)
    return array if north_first else array[::-1]


@pytest.mark.parametrize("north_first", [True, False])
def test_rasters_give_the_picture_of_their_arrays(north_first):
    inside = (ZONES > 2).astype(np.uint8)
    display = SusceptibilityMapDisplay.from_maps(
        raster(ZONES, north_first=north_first).chunk(),
        inside=raster(inside, north_first=north_first),
    )
    assert display.extent == EXTENT
    expected = SusceptibilityMapDisplay(ZONES, EXTENT, inside=inside).plot().image_.get_array()
    assert_array_equal(display.plot().image_.get_array(), expected)


def test_inventories_are_brought_to_the_map():
    geopandas = pytest.importorskip("geopandas", reason="needs the extra map")
    shapely = pytest.importorskip("shapely", reason="needs the extra map")
    shapes = [shapely.Point(1200, 5100), shapely.box(1100, 5100, 1150, 5150)]
    inventory = geopandas.GeoDataFrame(geometry=shapes, crs="EPSG:32717").to_crs("EPSG:4326")
    display = SusceptibilityMapDisplay.from_maps(raster(ZONES), landslides=inventory).plot()
    assert_allclose(display.ax_.lines[0].get_xydata(), [[1200, 5100]], atol=0.01)
    drawn = display.ax_.collections[0].get_paths()[0].vertices
    assert_allclose([drawn.min(axis=0), drawn.max(axis=0)], [[1100, 5100], [1150, 5150]], atol=0.01)
    assert legend(display)[-2:] == ["landslide, a point", "landslide, an outline"]


def test_the_sign_of_an_outline_in_the_legend_is_a_patch_and_that_of_a_point_a_dot():
    outline = [np.array([[1100, 5100], [1200, 5100], [1200, 5200]])]
    kinds = []
    for landslides in ([[1100, 5100]], outline):
        display = SusceptibilityMapDisplay(ZONES, EXTENT, landslides=landslides).plot()
        assert legend(display)[-1] == "landslide"
        kinds.append(type(display.ax_.get_legend().legend_handles[-1]).__name__)
    assert kinds == ["Line2D", "Rectangle"]


def test_the_picture_says_what_where_when_and_in_which_range():
    zones = raster(ZONES).assign_attrs(
        zone_names=["very low", "low", "moderate", "high", "very high"],
        zone_edges=[0, 0.1, 0.25, 0.5, 0.75, 1],
    )
    display = SusceptibilityMapDisplay.from_maps(
        zones, title="Landslide susceptibility of $a$", notes=["RF", "175 landslides", "2026-11-30"]
    ).plot()
    assert display.ax_.get_title(loc="left") == "Landslide susceptibility of $a$"
    words = [text.get_text() for text in display.ax_.texts]
    assert "EPSG:32717 · RF · 175 landslides · 2026-11-30" in words
    assert legend(display)[:2] == ["very high (0.75 to 1)", "high (0.5 to 0.75)"]
    assert display.ax_.get_legend().get_title().get_text() == "Susceptibility (probability)"
    # The title is above the scale bar, the notes below the name of the axis, all on the paper.
    figure, ax = display.figure_, display.ax_
    figure.draw_without_rendering()
    box = ax.get_tightbbox()
    assert box.x0 >= 0 and box.y0 >= 0 and box.y1 <= figure.bbox.y1
    bar = next(art for art in ax.artists if hasattr(art, "size_bar"))
    title, notes = ax._left_title, ax.texts[-1]
    assert title.get_window_extent().y0 >= bar.get_window_extent().y1
    assert notes.get_window_extent().y1 <= ax.xaxis.label.get_window_extent().y0
    assert ax.get_legend().get_window_extent().x1 <= figure.bbox.x1


def test_edges_are_one_more_than_zones():
    with pytest.raises(ValueError, match="5 zones have 6 edges; got 2"):
        SusceptibilityMapDisplay(ZONES, EXTENT, edges=[0, 1])


def test_maps_in_degrees_are_refused():
    with pytest.raises(ValueError, match="in degrees"):
        SusceptibilityMapDisplay.from_maps(raster(ZONES, crs="EPSG:4326"))


@pytest.mark.parametrize("n_zones", [3, 5, 7])
def test_the_relief_leaves_each_pixel_nearest_to_the_color_of_its_zone_in_the_legend(n_zones):
    rng = np.random.default_rng(0)
    zones = rng.integers(1, n_zones + 1, (40, 40))
    names = [f"zone {number}" for number in range(1, n_zones + 1)]
    display = SusceptibilityMapDisplay(
        zones, EXTENT, names=names, elevation=rng.normal(0, 30, (40, 40))
    ).plot()
    image = display.image_.get_array()[..., :3]
    patches = display.ax_.get_legend().get_patches()
    legend = np.array([patch.get_facecolor()[:3] for patch in patches][::-1])
    far = np.linalg.norm(image[:, :, None] - legend, axis=-1)
    assert_array_equal(far.argmin(axis=-1) + 1, zones)
    own = np.take_along_axis(far, zones[..., None] - 1, axis=-1)
    assert 0 < own.max() < 0.2
    # Half of the ground is darker, and half is lighter.
    darker = image.sum(axis=-1) < legend[zones - 1].sum(axis=-1)
    assert 0.4 < darker.mean() < 0.6


def test_many_landslides_are_drawn_finer_than_few():
    ring = np.array([[1100.0, 5100.0], [1150.0, 5100.0], [1150.0, 5150.0]])
    widths = {}
    for count in (1, 300, 1200, 100_000):
        display = SusceptibilityMapDisplay(ZONES, EXTENT, landslides=[ring] * count).plot()
        widths[count] = [one.get_linewidth()[0] for one in display.ax_.collections]
        points = np.tile([[1100.0, 5100.0]], (count, 1))
        dots = SusceptibilityMapDisplay(ZONES, EXTENT, landslides=points).plot().ax_.lines[0]
        widths[count].append(dots.get_markersize())
        pyplot.close("all")
    assert widths[1] == widths[300] == [2.2, 0.9, 4]
    assert_allclose(widths[1200], [1.1, 0.45, 2])
    assert min(widths[100_000]) > 0.3


def test_the_note_of_a_trial_begins_where_the_map_and_its_title_do(tmp_path):
    display = SusceptibilityMapDisplay(ZONES, EXTENT, title="Landslide susceptibility")
    display.save(tmp_path / "map.png", dpi=50, note="quick trial")
    (note,) = [text for text in display.ax_.texts if text.get_text() == "quick trial"]
    left = display.ax_.get_window_extent().x0
    assert note.get_window_extent().x0 == pytest.approx(left, abs=2)
    titles = [text for text in display.ax_.get_children() if text in [display.ax_._left_title]]
    (title,) = [text.get_window_extent() for text in titles]
    assert title.x0 == pytest.approx(left, abs=2)
    assert note.get_window_extent().y0 >= title.y1
