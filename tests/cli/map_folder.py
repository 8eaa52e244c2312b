"""A small folder as the command map leaves it, for the commands that read one."""

import json

import numpy as np
import pandas as pd

NAMES = ["low", "high"]


def facts_of_map(**changed):
    """Facts of a map of 20 by 20 cells."""
    zones = [
        {"zone": number, "name": name, "area_share": 0.5, "area_km2": 0.02}
        for number, name in enumerate(NAMES, start=1)
    ]
    about = {
        "rows": 20,
        "columns": 20,
        "crs": "EPSG:32717",
        "cell_area": 1e-4,
        "n_cells": 400,
        "zones": {"method": "quantile", "names": NAMES, "edges": [0, 0.5, 1]},
        "zones_from": "with edges learned on this map",
        "zone_table": zones,
        "has_spread": False,
        "inventory": {"n_on_map": 8, "n_outside": 0, "is_new": False},
    }
    training = {
        "model": "LogisticRegression",
        "rows": 40,
        "landslides": 8,
        "factors": ["slope"],
        "auc_blocks": [0.9, 0.95, 0.92],
        "auc_random": [0.99],
    }
    facts = {"format": 1, "written": "2026-01-01T00:00:00+00:00", "versions": {}}
    return facts | {"training": training, "map": about} | changed


def make_map_folder(home, *, is_new=False, facts_format=1):
    """Write the folder; half of its cells are in the upper zone, eight landslides are known."""
    import xarray

    from sklearn_landslide.mapping import write_map

    home.mkdir()
    values = np.random.default_rng(0).permutation(400).reshape(20, 20).astype(np.float32) / 400
    cells = {"y": np.arange(20)[::-1] * 10.0 + 5, "x": np.arange(20) * 10.0 + 5}

    def raster(band, name):
        return xarray.DataArray(band, cells, ("y", "x"), name).rio.write_crs("EPSG:32717")

    zones = raster((1 + (values >= 0.5)).astype(np.uint8), "zone").rio.write_nodata(0)
    inside = raster((values < 0.95).astype(np.uint8), "inside").rio.write_nodata(255)
    write_map(raster(values, "susceptibility"), home / "susceptibility.tif")
    write_map(zones, home / "zones.tif")
    write_map(inside, home / "applicability.tif")
    rows, columns = np.nonzero(values >= 0.98)
    known = pd.DataFrame({"x": columns * 10.0 + 5, "y": 195 - rows * 10.0})
    known.assign(susceptibility=0.99).to_csv(home / "landslides.csv", index=False)
    facts = facts_of_map(format=facts_format)
    facts["map"]["inventory"]["is_new"] = is_new
    (home / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return values
