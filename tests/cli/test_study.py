"""The command study: a page of a finished map, and what it refuses before it begins."""

import pandas as pd
import pytest

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")
pytest.importorskip("rioxarray")
pytest.importorskip("exactextract")
geopandas = pytest.importorskip("geopandas")

from cli.commands import refused, tree  # noqa: E402
from cli.map_folder import make_map_folder  # noqa: E402
from shapely import box  # noqa: E402

from sklearn_landslide import report  # noqa: E402
from sklearn_landslide.cli import main  # noqa: E402


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A map folder, later landslides, districts and facts."""
    folder = tmp_path_factory.mktemp("study")
    values = make_map_folder(folder / "map")
    later = pd.DataFrame({"x": range(5, 200, 10), "y": 5.0})
    later.to_csv(folder / "later.csv", index=False)
    assert values.shape == (20, 20)
    districts = geopandas.GeoDataFrame(
        {"district": ["north", "<b>south"]},
        geometry=[box(0, 100, 200, 200), box(0, 0, 200, 100)],
        crs="EPSG:32717",
    )
    districts.to_file(folder / "districts.gpkg")
    (folder / "study.toml").write_text('[study]\nregion = "Kaghan"\n')
    return folder


@pytest.fixture
def no_printer(monkeypatch):
    """Without Chromium, which takes seconds."""
    monkeypatch.setattr(report, "print_page", lambda page: (None, "no Chromium is installed"))


def test_a_page_a_table_of_districts_and_a_line_on_the_pdf(home, tmp_path, capsys, no_printer):
    out = tmp_path / "new" / "study"
    command = ["study", home / "map", "--facts", home / "study.toml", "--out", out]
    command += ["--test-inventory", home / "later.csv"]
    command += ["--units-of", home / "districts.gpkg", "--units-name", "district"]
    assert main([*map(str, command)]) == 0
    printed = capsys.readouterr().out
    assert "No PDF was written: no Chromium is installed." in printed
    assert sorted(path.name for path in out.iterdir()) == ["study.html", "zones_by_unit.csv"]
    page = (out / "study.html").read_text(encoding="utf-8")
    for text in ("Kaghan", "9 Later landslides", "&lt;b&gt;south", "Level 4 of 7"):
        assert text in page
    table = pd.read_csv(out / "zones_by_unit.csv")
    assert table["unit"].tolist() == ["north", "north", "<b>south", "<b>south"]
    assert table["area_km2"].sum() == pytest.approx(0.04)
    assert table.drop_duplicates("unit")["unit_landslides"].sum() == 8


def test_the_pdf_of_an_earlier_run_does_not_stay_beside_a_new_page(
    home, tmp_path, monkeypatch, no_printer
):
    command = [*map(str, ["study", home / "map", "--out", tmp_path])]
    with monkeypatch.context() as patch:
        patch.setattr(report, "print_page", lambda page: (b"%PDF-1", ""))
        assert main(command) == 0
    assert (tmp_path / "study.pdf").read_bytes() == b"%PDF-1"
    assert main([*command, "--overwrite"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study.html"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--units-name", "district"], "--units-name is for --units-of FILE"),
        (["--target", "slide"], "--target is for --test-inventory FILE"),
        (["--facts", "none.toml"], "There is no file none.toml"),
        (["--comparison", "none"], "none has no folds.csv"),
        (["--units-of", "districts.gpkg", "--units-name", "distrikt"], "Did you mean 'district'?"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(home, capsys, monkeypatch, options, said):
    monkeypatch.chdir(home)
    assert said in refused(capsys, home, "study", "map", *options, "--out", "out")[1]


def test_files_that_are_there_stay(home, tmp_path, capsys):
    (tmp_path / "study.html").write_text("mine")
    before = tree(tmp_path)
    refused(capsys, tmp_path, "study", home / "map", "--out", tmp_path)
    assert tree(tmp_path) == before
