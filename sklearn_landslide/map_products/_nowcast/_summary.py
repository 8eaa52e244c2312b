"""What the hours of an event say, in words."""

import numpy as np

from sklearn_landslide._words import plural

# Rows of the table of hours.
_MOST = 10


def _row_of(row, names):
    cells = [
        f"{row[name]:.3g}" if isinstance(row[name], float) else str(row[name]) for name in names
    ]
    return f"| {' | '.join(cells)} |"


def summary_of(found, missing, levels, files):
    """Write what was found in Markdown.

    Parameters
    ----------
    found : Found
        What the hours say.
    missing : DatetimeIndex
        Hours that were asked for and have no rain.
    levels : list of float
        Probabilities of the warning levels.
    files : list of str
        The files beside the summary.

    Returns
    -------
    text : str
    """
    times, highest = found.times, found.highest
    place = np.unravel_index(np.nanargmax(highest), highest.shape)
    x, y = found.grid.centers(*place)
    when = times[0] + np.timedelta64(round(float(found.hour[place]) * 3600), "s")
    lines = [
        f"{plural(len(times), 'hour')} from {times[0]:%Y-%m-%d %H:%M} to "
        f"{times[-1]:%Y-%m-%d %H:%M} (UTC).",
        f"Highest probability: {highest[place]:.3g}, at {when:%Y-%m-%d %H:%M} and x {x:.10g}, y "
        f"{y:.10g}.",
    ]
    known = ~np.isnan(highest)
    lines += [
        f"Cells that reach {level:g}: {(highest[known] >= level).mean():.2%}." for level in levels
    ]
    if len(missing):
        shown = ", ".join(f"{time:%Y-%m-%d %H:%M}" for time in missing[:_MOST])
        more = f" and {len(missing) - _MOST} more" if len(missing) > _MOST else ""
        lines.append(
            f"No rain, and so no map, at {plural(len(missing), 'hour')}: {shown}{more}. A later "
            "run tries them again."
        )
    lost = int((found.table["lost_steps"] > 0).sum())
    if lost:
        lines.append(
            f"At {plural(lost, 'hour')} some steps of rain before it are lost and were filled as "
            "in training (hours.csv, lost_steps)."
        )
    worst = found.table.sort_values("max", ascending=False, kind="stable").head(_MOST)
    names = list(found.table)
    table = [
        f"| {' | '.join(names)} |",
        f"| {' | '.join(['---', *['---:'] * (len(names) - 1)])} |",
        *[_row_of(row, names) for _, row in worst.iterrows()],
    ]
    parts = ["# Landslides hour by hour", "\n".join(f"- {line}" for line in lines)]
    parts += ["## Hours with the highest probabilities", "\n".join(table)]
    parts.append(f"Files: {', '.join(sorted(files))}, and hours/ with a GeoTIFF for each hour.")
    return "\n\n".join(parts) + "\n"
