"""Likely mistakes in the table that a model for a map is trained on, named before the work."""

from sklearn_landslide.checks import check_table, headlines


def say_mistakes(prepared):
    """Say in the log what looks wrong in the training table.

    Parameters
    ----------
    prepared : PreparedMap
        Nothing is said where no model is trained.
    """
    table, request = prepared.table, prepared.request
    if prepared.map_model is not None or request.log is None:
        return
    check = check_table(
        table.X,
        table.y,
        coordinates=table.coordinates,
        groups=table.get("groups"),
        source="rasters",
        random_state=request.random_state,
    )
    # Opening the rasters has warned of the one, and models refuse the other.
    for line in headlines(check, skip=["no data", "wrong unit"]):
        request.say(line)
