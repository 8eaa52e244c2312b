"""What `make dist` checks: the sdist is whole, and the wheel runs the README and makes terrain.

    python -P tests/check_dist.py DIST

Run by the Python of an environment that holds the wheel and nothing of the source tree.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent
# Of no use in a source distribution.
LEFT_OUT = (".gitignore",)


def read_blocks():
    """Load the module that reads the README, without a path to the source tree."""
    spec = importlib.util.spec_from_file_location("readme_blocks", TESTS / "readme_blocks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_sdist(dist):
    """Refuse a source distribution that lacks a file of the repository."""
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        packed = {name.partition("/")[2] for name in tar.getnames()}
    listed = subprocess.run(
        ["git", "ls-files"], cwd=TESTS.parent, capture_output=True, text=True, check=True
    ).stdout.split()
    missing = [name for name in listed if name not in packed and not name.startswith(LEFT_OUT)]
    if missing:
        sys.exit(f"{archive.name} lacks {', '.join(missing)}: add them to MANIFEST.in.")
    print(f"{archive.name}: {len(packed)} files, all of the repository")


def check_home():
    """Refuse to test anything but the installed wheel."""
    import sklearn_landslide

    home = Path(sklearn_landslide.__file__)
    if not home.is_relative_to(sys.prefix):
        sys.exit(f"sklearn_landslide is imported from {home}, not from the environment.")


def write_inputs():
    """Write the table, the elevation and the files of shapes that the README's commands name."""
    import geopandas as gpd
    from shapely import LineString, box

    from sklearn_landslide.datasets import make_landslides
    from sklearn_landslide.mapping import region_stack

    region = make_landslides(
        200, shape=(80, 100), cell_size=60.0, return_stack=True, as_frame=True, random_state=0
    )
    table = region.data.join(region.coordinates).assign(landslide=region.target)
    table.to_csv("table.csv", index=False)
    table[["x", "y", "landslide"]].to_csv("points.csv", index=False)
    altitude = region_stack(region)["altitude"]
    altitude.rio.to_raster("elevation.tif")
    crs, (west, south, east, north) = altitude.rio.crs, altitude.rio.bounds()
    slides = region.coordinates[region.target == 1]
    gpd.GeoSeries.from_xy(slides["x"], slides["y"], crs=crs).to_file("landslides.shp")
    middle = (west + east) / 2
    gpd.GeoSeries([LineString([(middle, south), (middle, north)])], crs=crs).to_file("faults.shp")
    halves = [box(west, south, middle, north), box(middle, south, east, north)]
    rocks = gpd.GeoDataFrame({"Formation": ["marl", "granite"]}, geometry=halves, crs=crs)
    rocks.to_file("geology.shp")


def run(*arguments):
    """Run a command of the wheel, as it is installed."""
    print("sklearn-landslide", *arguments, flush=True)
    program = shutil.which("sklearn-landslide", path=sysconfig.get_path("scripts"))
    subprocess.run([program, *arguments], check=True)


def run_readme():
    """Run the Python and the commands of the README."""
    readme = read_blocks()
    names = {}
    for code in readme.blocks("python"):
        exec(compile(code, "README.md", "exec"), names)
    commands = readme.commands()
    if [command for command, *_ in commands] != ["demo", "map", "compare", "map"]:
        sys.exit("the README shows other commands than this check knows.")
    for arguments in commands:
        run(*arguments)
    for path in ("demo/map/map.png", "comparison/report.html", "map/zones.tif", "map/model.zip"):
        if not Path(path).is_file():
            sys.exit(f"the commands of the README did not write {path}.")


def run_terrain():
    """Make factors of an elevation model, flow and rivers among them, and a map of slope units."""
    from sklearn_landslide.mapping import open_stack

    rivers = ["--distance-to", "river=auto", "--river-area", "100000"]
    names = ["elevation", "slope", "twi"]
    run("factors", "--dem", "elevation.tif", "--terrain", *names, *rivers, "--out", "factors.tif")
    found = list(open_stack("factors.tif"))
    if found != [*names, "distance_to_river"]:
        sys.exit(f"factors.tif holds {found}.")
    inventory = ["--points", "points.csv", "--target", "landslide", "--crs", "EPSG:32632"]
    run(
        *["map", "--model", "LR", "--stack", "factors.tif", "--units", "auto"],
        *[*inventory, "--out", "units"],
    )
    if not Path("units/units.gpkg").is_file():
        sys.exit("map --units auto did not write units/units.gpkg.")


def main():
    check_sdist(Path(sys.argv[1]).resolve())
    check_home()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_inputs()
        run_readme()
        run_terrain()
        os.chdir(TESTS)
    print("The wheel does what the README says, and makes factors of an elevation model.")


if __name__ == "__main__":
    main()
