"""Where a statistic reaches a wanted height: bisection for all rows at once, the same result on every machine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from helpers.rates.inputs import Floats

STEPS = 100


def bisect(too_low: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats) -> Floats:
    """Halve the space between low and high until floats cannot tell its ends apart.

    too_low: True for each row whose answer lies above the value tried
    low, high: arrays of one shape that enclose the answers
    returns: the answers, the same shape
    """
    for _ in range(STEPS):
        middle = (low + high) / 2
        if np.all((middle == low) | (middle == high) | np.isnan(middle)):
            break
        above = too_low(middle)
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2
