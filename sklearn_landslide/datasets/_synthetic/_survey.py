"""What an inventory records: places that failed and places that held."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.utils import Bunch

from sklearn_landslide.datasets._synthetic._events import (
    EVENT_PREVALENCE,
    N_EVENTS,
    Observations,
    draw_observations,
    failure_probability_at,
    make_rainy_region,
    rain_windows,
    storm_maps,
)
from sklearn_landslide.datasets._synthetic._region import make_region
from sklearn_landslide.datasets._synthetic._sampling import draw_cells, draw_samples

# Cells of each period from which to draw, at least: some periods fail few.
_LEAST_CELLS = 500


class Wanted(NamedTuple):
    """What is asked of a survey.

    Attributes
    ----------
    n_landslides, n_others : int
        Samples of each kind.
    clustering : float
        Share of them from a few round areas.
    """

    n_landslides: int
    n_others: int
    clustering: float


class Survey(NamedTuple):
    """Samples of a region.

    Attributes
    ----------
    factors : dict of str to ndarray of shape (rows, columns)
        The 16 factors of the region.
    cells, target, probability : ndarray of shape (n_samples,)
        Flat index of the cell, whether it failed, and the true probability that it did.
    prevalence : float
        Share of what was surveyed that failed.
    rain : ndarray of shape (n_samples, n_hours)
        mm per hour, oldest first; without hours for a survey after one storm.
    facts : dict
        What else is known of the samples.
    maps : callable
        Without arguments, gives a dict of what is known of the whole region.
    """

    factors: dict
    cells: np.ndarray
    target: np.ndarray
    probability: np.ndarray
    prevalence: float
    rain: np.ndarray
    facts: dict
    maps: Callable


def survey_storm(shape, cell_size, wanted, *, region_rng, failure_rng, sample_rng):
    """Survey a region after its storm: each cell failed or not.

    Parameters
    ----------
    shape : tuple of (int, int)
        Rows and columns.
    cell_size : float
        Side of a cell in meters.
    wanted : Wanted
        Samples to draw.
    region_rng, failure_rng, sample_rng : numpy.random.Generator
        Sources of randomness.

    Returns
    -------
    survey : Survey
        Samples, each cell at most once.
    """
    region = make_region(shape, cell_size, region_rng)
    failed = failure_rng.random(shape) < region.probability
    _check_found(failed, wanted, shape)
    cells = draw_cells(failed, *wanted[:2], clustering=wanted.clustering, rng=sample_rng)
    return Survey(
        region.factors,
        cells,
        failed.ravel()[cells].astype(np.int64),
        region.probability.ravel()[cells],
        float(failed.mean()),
        np.empty((cells.size, 0)),
        {},
        lambda: {"true_probability_map": region.probability, "landslide_map": failed},
    )


def survey_periods(
    shape, cell_size, wanted, n_hours, *, region_rng, rain_rng, failure_rng, sample_rng
):
    """Survey a region in many periods of rain: cells that failed at an hour, or did not.

    Parameters
    ----------
    shape : tuple of (int, int)
        Rows and columns.
    cell_size : float
        Side of a cell in meters.
    wanted : Wanted
        Samples to draw.
    n_hours : int
        Hours of rain that each sample shows.
    region_rng, rain_rng, failure_rng, sample_rng : numpy.random.Generator
        Sources of randomness.

    Returns
    -------
    survey : Survey
        Samples, each cell at most once in a period.
    """
    region = make_rainy_region(shape, cell_size, n_hours, ground_rng=region_rng, rain_rng=rain_rng)
    needed = max(1.5 * wanted.n_landslides / EVENT_PREVALENCE, 2.0 * wanted.n_others) / N_EVENTS
    n_cells = min(max(int(np.ceil(needed)), _LEAST_CELLS), shape[0] * shape[1])
    seen = draw_observations(region, n_cells, failure_rng)
    probability = failure_probability_at(region, seen)
    failed = failure_rng.random(probability.size) < probability
    _check_found(failed, wanted, shape)
    drawn = draw_samples(
        failed,
        *np.unravel_index(seen.cell, shape),
        shape,
        *wanted[:2],
        clustering=wanted.clustering,
        rng=sample_rng,
    )
    samples = Observations(*(values[drawn] for values in seen))
    rain, weights = rain_windows(region, samples)
    return Survey(
        region.ground.factors,
        samples.cell,
        failed[drawn].astype(np.int64),
        probability[drawn],
        float(failed.mean()),
        rain,
        {"event": samples.event, "hour": samples.hour, "true_hour_weight": weights},
        partial(_worst_storm, region),
    )


def _worst_storm(region):
    """Map the hours of the period with most failures."""
    rain, probability = storm_maps(region)
    return {"storm": Bunch(event=region.worst, rain=rain, true_probability=probability)}


def _check_found(failed, wanted, shape):
    """Refuse to draw more of a kind than there are."""
    n_failed = int(failed.sum())
    for kind, asked, found in (
        ("landslide", wanted.n_landslides, n_failed),
        ("other", wanted.n_others, failed.size - n_failed),
    ):
        if asked > found:
            raise ValueError(
                f"{asked} {kind} samples asked, but the region of shape=({shape[0]}, {shape[1]}) "
                f"has {found} such cells: use a larger shape, or None, or fewer samples."
            )
