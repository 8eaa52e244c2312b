"""How long it will take to predict a map, measured before it begins."""

import time

from sklearn_landslide.map_products._progress import in_words
from sklearn_landslide.map_products._write import has_spread, in_one_pass
from sklearn_landslide.mapping import grid_of, n_workers, rows_of_map

# Pixels that stand for the map, tiles that they are read from, which is what takes time, and the
# cells from which on the map may take long.
_MEASURED, _TILES, _MANY = 2000, 6, 50_000


def say_how_long(prepared, map_model):
    """Say how many cells are predicted by how many models, and about how long that takes.

    Parameters
    ----------
    prepared : PreparedMap
        The stack, and what is asked for.
    map_model : MapModel
        The trained model.
    """
    grid, request = grid_of(prepared.stack), prepared.request
    if prepared.units is not None or grid.height * grid.width < _MANY:
        return
    rows, share = rows_of_map(map_model.model, prepared.stack, _MEASURED, n_tiles=_TILES)
    if not len(rows):
        return
    # The first call also pays for what is done once.
    map_model.model.predict_proba(rows.iloc[:2])
    started = time.perf_counter()
    map_model.model.predict_proba(rows)
    seconds = (time.perf_counter() - started) / len(rows)
    n_cells = share * grid.height * grid.width
    n_models = 1
    # Refits are predicted for their spread, and members once more, unless one pass gives both.
    if has_spread(map_model, request) and not in_one_pass(map_model, request):
        n_models += max(1, len(map_model.refits))
    left = in_words(seconds * n_cells * n_models / n_workers())
    times = "once" if n_models == 1 else f"{n_models} times"
    request.say(f"predicting {n_cells:.3g} cells {times}: about {left}")
