"""Controlled rounding: every number to a multiple of the base just below or above it, and every equation still holds.

For intersectional annexes, where suppression would hide most of a table: a rounded table adds up, and a number in it
says no more than that the true one is less than a base away. A statistic that is released unrounded elsewhere must not
be rounded here: the two together tell more than either.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.errors import ContractError

RoundedInts = NDArray[np.int64]


def controlled_round(values: ArrayLike, matrix: sparse.sparray | ArrayLike, *, base: int = 5) -> RoundedInts:
    """Round whole numbers (n,) so that matrix (m, n) @ rounded stays 0, changing as little as possible.

    A multiple of the base stays; any other number goes to the multiple below or the one above. Of all such tables the
    one with the smallest sum of differences is given. Zero-restricted controlled rounding, after Cox (1987).
    Raises ContractError where the values are not whole, do not keep the equations, or no such table exists.
    """
    numbers, matrix = np.asarray(values, dtype=float), sparse.csr_array(matrix)
    if not (numbers == np.rint(numbers)).all():
        raise ContractError("Only whole numbers can be rounded to a base. Nothing was written.")
    if matrix.shape[0] and np.abs(matrix @ numbers).max() > 1e-9:
        raise ContractError("The table to be rounded does not add up to its own totals. Nothing was written.")
    below = np.floor_divide(numbers, base).astype(np.int64)
    above = numbers - base * below
    open_to = np.flatnonzero(above > 0)
    up = np.zeros(len(numbers), dtype=np.int64)
    if len(open_to):
        up[open_to] = _which_go_up(sparse.csc_array(matrix)[:, open_to], matrix @ below, base - 2 * above[open_to])
    return base * (below + up)


def _which_go_up(matrix: sparse.csc_array, told: NDArray[np.float64], price: NDArray[np.float64]) -> RoundedInts:
    rules = [LinearConstraint(sparse.csr_array(matrix), -told, -told)] if matrix.shape[0] else []
    solved = milp(price, integrality=1, bounds=Bounds(0, 1), constraints=rules)
    if solved.x is None:
        raise ContractError(
            "These tables cannot be rounded so that every one of them still adds up: they share too many totals. Round "
            "them apart, or leave one out. Nothing was written."
        )
    return np.rint(solved.x).astype(np.int64)
