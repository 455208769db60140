"""Unique pupil numbers that no pupil has: of a local authority 000, which does not exist, with the right check letter.

A number is a check letter, three digits of an authority, four of a school, two of the year it was given in, and three
in order (DfE, Unique pupil numbers: a guide for schools and local authorities).
"""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from helpers.made_up.dates import age_on, to_day

BELOW_SCHOOL_AGE = "UN1"
FIRST_SCHOOL_AGE = 4  # on 31 August before the school year
LETTERS = np.array(list("ABCDEFGHJKLMNPQRTUVWXYZ"))
WEIGHTS = np.arange(2, 14)


def pupil_numbers(born: NDArray[np.int64], numbers: NDArray[np.int64], last_day: int) -> NDArray[np.str_]:
    """Give each child the number it has on the last day of a return, the same in every return.

    born: days; numbers: all different, below ten million
    returns: numbers of 13 characters; UN1 for children who were too young for school when the school year began
    """
    digits = _digits(np.asarray(born, dtype=np.int64), np.asarray(numbers, dtype=np.int64))
    letter = LETTERS[(digits * WEIGHTS).sum(axis=1) % len(LETTERS)]
    written = letter.astype("U13")
    for place in range(digits.shape[1]):
        written = np.char.add(written, digits[:, place].astype("U1"))
    last = np.datetime64(last_day, "D").astype(dt.date)
    august = to_day(dt.date(last.year - ((last.month, last.day) <= (8, 31)), 8, 31))
    return np.where(age_on(born, august) >= FIRST_SCHOOL_AGE, written, BELOW_SCHOOL_AGE)


def _digits(born: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The twelve digits after the check letter: the running number stands around the year of the fourth birthday."""
    year = born.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970 + FIRST_SCHOOL_AGE
    parts = (numbers // 1000 * 100 + year % 100) * 1000 + numbers % 1000
    return parts[:, None] // 10 ** np.arange(11, -1, -1) % 10
