"""Month by month: which points lie beyond what the series' own spread allows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.rates.inputs import Floats, as_numbers, check_counts

MOVING_RANGE_FACTOR = 2.66
FEWEST_POINTS = 12
FEWEST_A_PERIOD = 5
RUN = 8
CLIMB = 6
ROUNDING_ERROR = 1e-9


class ControlLimits(NamedTuple):
    """mean, low and high are single numbers; enough says whether to rely on them; signal has one word a point."""

    mean: float
    low: float
    high: float
    moving_range: float
    enough: bool
    signal: NDArray[np.object_]


def control_limits(values: ArrayLike, *, counts: bool = False, baseline: int | None = None) -> ControlLimits:
    """Give the limits of an individuals (XmR) chart, and the points that are more than the series' usual spread.

    values: figures in order of time, shape (points,); NaN for no figure, which breaks runs
    counts: True for numbers of children: the lower limit is never below 0, and a mean below 5 is not enough (use
        quarters instead of months)
    baseline: how many of the first points set the limits; None takes all
    returns: ControlLimits: mean, low and high (mean -/+ 2.66 mean moving ranges), moving_range, enough (12 points or
        more set the limits), and signal for each point: 'beyond the limits', '8 on one side', '6 rising or falling'
        or an empty text
    raises: ValueError for fewer than 2 points in the baseline, or a count below 0
    source: NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.2.2; rules of NHS England, Making Data Count
    """
    x = as_numbers(values)
    if counts:
        check_counts(x, "children")
    start = x if baseline is None else x[:baseline]
    steps = np.abs(np.diff(start))
    if not (~np.isnan(steps)).any():
        raise ValueError("fewer than 2 points follow each other, so there is no spread to judge by")
    mean, moving_range = float(np.nanmean(start)), float(np.nanmean(steps))
    low, high = mean - MOVING_RANGE_FACTOR * moving_range, mean + MOVING_RANGE_FACTOR * moving_range
    if counts:
        low = max(low, 0.0)
    enough = int(np.sum(~np.isnan(start))) >= FEWEST_POINTS and not (counts and mean < FEWEST_A_PERIOD)
    # A level series of shares must not lie "above" its own mean by the last digit of a float.
    nearly = ROUNDING_ERROR * float(np.nanmax(np.abs(x)))
    side = np.nan_to_num(np.where(np.abs(x - mean) <= nearly, 0, np.sign(x - mean)))
    direction = np.concatenate([[0.0], np.nan_to_num(np.sign(np.diff(x)))])
    signal = np.select(
        [(x < low - nearly) | (x > high + nearly), _in_run(side, RUN), _in_climb(direction)],
        ["beyond the limits", f"{RUN} on one side", f"{CLIMB} rising or falling"],
        default="",
    ).astype(object)
    return ControlLimits(mean, low, high, moving_range, enough, signal)


def _in_run(sign: Floats, length: int) -> NDArray[np.bool_]:
    """Mark every point that is part of a run of at least `length` equal signs other than 0."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(sign)) + 1, [len(sign)]])
    marked = np.zeros(len(sign), dtype=bool)
    for start, end in zip(starts[:-1], starts[1:], strict=True):
        marked[start:end] = end - start >= length and sign[start] != 0
    return marked


def _in_climb(direction: Floats) -> NDArray[np.bool_]:
    """Mark every point of at least 6 that each lie above (or each below) the one before; the first point counts too."""
    steps = _in_run(direction, CLIMB - 1)
    return steps | np.concatenate([steps[1:] & (direction[1:] != direction[:-1]), [False]])
