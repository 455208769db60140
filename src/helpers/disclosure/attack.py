"""What a reader can work out: between which whole numbers every hidden statistic of a release must lie.

Exact. Bounds are carried along the equations first (each equation bounds each of its statistics by the others, to the
nearest whole number). Where the hidden statistics and their equations form a tree with coefficients of 1, that is the
whole truth: bounds that agree along a tree can all be met at once. Where they form rings (crossed tables, linked
tables), each end is an integer program (HiGHS through scipy). Bounds without whole numbers would be too wide: the
specification found a quarter of hidden cells narrower in integers than in fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, milp

from helpers.disclosure.system import Flags, Floats, Ints, System

ROUNDS = 200
ROOM = 1000.0
"""A statistic without a known upper end is looked at up to this much above the largest number that is known."""
NEARLY = 1e-6


@dataclass(frozen=True, eq=False)
class Bounds:
    """Each statistic (n,) lies between low and high; proved: that is exact, and not only an outer limit.

    against: equations (m,) that cannot hold with what is shown and known; a reader could make nothing of them
    """

    low: Floats
    high: Floats
    proved: Flags
    against: Flags


def bounds(system: System, hidden: Flags, *, wanted: Flags | None = None, seconds: float | None = None) -> Bounds:
    """Give the exact integer interval of every unseen statistic, of those wanted where that is given.

    hidden: statistics (n,) whose cells are not shown
    seconds: stop after so long; what is not decided keeps its outer limits and is not `proved`
    """
    problem = _Problem.of(system, hidden)
    low, high, proved = problem.low.copy(), problem.high.copy(), np.ones(system.size, dtype=bool)
    ends = _deadline(seconds)
    for ring in problem.rings():
        asked = ring.statistics if wanted is None else ring.statistics[wanted[ring.statistics]]
        for one in asked:
            found = ring.interval(one, ends)
            low[one], high[one], proved[one] = found
    return Bounds(low, high, proved, problem.against)


def unsafe(system: System, hidden: Flags, *, seconds: float | None = None) -> Flags:
    """Tell which statistics with a need a reader could narrow below it; what is not decided in time counts as unsafe.

    hidden: statistics (n,) whose cells are not shown
    """
    needs = ~np.isnan(system.need_low) | ~np.isnan(system.need_high)
    problem = _Problem.of(system, hidden)
    down = np.where(np.isnan(system.need_low), np.inf, system.need_low)
    up = np.where(np.isnan(system.need_high), -np.inf, system.need_high)
    found = needs & ((problem.low > down) | (problem.high < up))
    ends = _deadline(seconds)
    for ring in problem.rings():
        for one in ring.statistics[needs[ring.statistics] & ~found[ring.statistics]]:
            found[one] = not (ring.reaches(one, down[one], -1, ends) and ring.reaches(one, up[one], 1, ends))
    return found


def _deadline(seconds: float | None) -> float:
    return np.inf if seconds is None else monotonic() + seconds


@dataclass(eq=False)
class _Problem:
    """What is left when the shown numbers are put into the equations: the unseen statistics and their outer limits."""

    system: System
    unseen: Flags
    low: Floats
    high: Floats
    against: Flags

    @classmethod
    def of(cls, system: System, hidden: Flags) -> _Problem:
        unseen = system.unseen(hidden)
        low = np.where(unseen, system.low, system.value)
        high = np.where(unseen, system.high, system.value)
        rows = np.flatnonzero(abs(system.matrix) @ unseen.astype(float) > 0)
        low, high, against = _carried(system, rows, low, high)
        return cls(system, unseen, low, high, against)

    def rings(self) -> list[_Ring]:
        """Give the connected parts of the unseen statistics that are no tree: the ones that need integer programs."""
        free = self.unseen & (self.low < self.high)
        matrix = self.system.matrix @ sparse.diags_array(free.astype(float))
        matrix = sparse.csr_array(matrix)
        matrix.eliminate_zeros()
        used = np.flatnonzero((np.diff(matrix.indptr) > 1) & ~self.against)
        matrix = matrix[used]
        links = sparse.block_array([[None, matrix], [matrix.T, None]]) if len(used) else None
        if links is None:
            return []
        _, part = sparse.csgraph.connected_components(links, directed=False)
        of_row, of_one = part[: len(used)], part[len(used) :]
        size = part.max() + 1
        cells = np.bincount(of_row, weights=np.diff(matrix.indptr), minlength=size)
        nodes = np.bincount(of_row, minlength=size) + np.bincount(of_one[free], minlength=size)
        odd = np.bincount(of_row, weights=_not_units(matrix), minlength=size)
        is_ring = (cells > 0) & ((cells > nodes - 1) | (odd > 0))
        return [
            _Ring(self, used[of_row == ring], np.flatnonzero(free & (of_one == ring)))
            for ring in np.flatnonzero(is_ring)
        ]


def _not_units(matrix: sparse.csr_array) -> Floats:
    odd = sparse.csr_array((abs(abs(matrix.data) - 1) > NEARLY, matrix.indices, matrix.indptr), shape=matrix.shape)
    return odd.astype(float).sum(axis=1)


def _carried(system: System, rows: Ints, low: Floats, high: Floats) -> tuple[Floats, Floats, Flags]:
    """Carry bounds along the equations until none gets narrower.

    An equation that cannot hold is left out: where a source contradicts itself nobody can use it, nor should we.
    returns: the bounds (n,) twice, and the equations (m,) left out
    """
    cells = sparse.coo_array(system.matrix[rows])
    weight, line, one = cells.data, cells.coords[0], cells.coords[1]
    top, bottom, low, high = system.row_high[rows], system.row_low[rows], low.copy(), high.copy()
    bad, up = np.zeros(len(rows), dtype=bool), weight > 0
    for _ in range(ROUNDS):
        least = np.where(up, weight * low[one], weight * high[one])
        most = np.where(up, weight * high[one], weight * low[one])
        (least_sum, least_others), (most_sum, most_others) = (_summed(ends, line, len(rows)) for ends in (least, most))
        bad |= (least_sum > top + NEARLY) | (most_sum < bottom - NEARLY)
        above, below = top[line] - least_others, bottom[line] - most_others
        highest, lowest = np.where(up, above, below) / weight, np.where(up, below, above) / weight
        new_high, new_low, good = high.copy(), low.copy(), ~bad[line]
        np.minimum.at(new_high, one[good], np.floor(highest[good] + NEARLY))
        np.maximum.at(new_low, one[good], np.ceil(lowest[good] - NEARLY))
        crossed = new_low > new_high
        if crossed.any():  # two equations that cannot both hold
            bad[line[crossed[one]]] = True
        elif (new_high == high).all() and (new_low == low).all():
            break
        else:
            low, high = new_low, new_high
    against = np.zeros(system.matrix.shape[0], dtype=bool)
    against[rows[bad]] = True
    return low, high, against


def _summed(numbers: Floats, line: Ints, size: int) -> tuple[Floats, Floats]:
    """Sum each equation, and for each place in it the others; endless where one of them is."""
    endless = np.isinf(numbers)
    sign = np.zeros(size)
    np.add.at(sign, line[endless], np.sign(numbers[endless]))
    finite = np.where(endless, 0, numbers)
    total = np.bincount(line, weights=finite, minlength=size)
    count = np.bincount(line, weights=endless, minlength=size)
    whole = np.where(count > 0, np.copysign(np.inf, sign), total)
    others = np.where(count[line] - endless > 0, np.copysign(np.inf, sign[line]), total[line] - finite)
    return whole, others


class _Ring:
    """A connected part of the unseen statistics. Every table found that agrees with what is shown is kept as proof."""

    def __init__(self, problem: _Problem, rows: Ints, statistics: Ints) -> None:
        system = problem.system
        self.statistics = statistics
        self.place = {one: number for number, one in enumerate(statistics.tolist())}
        lines = system.matrix[rows]
        fixed = np.where(problem.low == problem.high, problem.low, 0.0)
        fixed[statistics] = 0
        known = lines @ fixed
        self.rules = LinearConstraint(lines[:, statistics], system.row_low[rows] - known, system.row_high[rows] - known)
        self.low, self.high = problem.low[statistics], problem.high[statistics]
        largest = np.abs(known).max(initial=0) + np.where(np.isinf(self.high), 0, self.high).max(initial=0)
        self.cap = np.where(np.isinf(self.high), np.maximum(self.low, largest) + ROOM, self.high)
        true = system.value[statistics]
        self.least = np.where(np.isnan(true).any(), np.inf, true)
        self.most = np.where(np.isnan(true).any(), -np.inf, true)

    def reaches(self, one: int, aim: float, sign: int, ends: float) -> bool:
        """Tell whether some table that agrees has the statistic at the aim or beyond (down: -1, up: 1)."""
        place = self.place[one]
        if self._beyond(place, aim, sign):
            return True
        if monotonic() < ends:
            self._solve(place, sign, ends, aim)
        return self._beyond(place, aim, sign)

    def interval(self, one: int, ends: float) -> tuple[float, float, bool]:
        """Give the interval of one statistic, and whether both ends were proved."""
        place = self.place[one]
        sure = [self._end_is_sure(place, sign) or self._solve(place, sign, ends) for sign in (-1, 1)]
        if not all(sure):
            return self.low[place], self.high[place], False
        endless = np.isinf(self.high[place]) and self.most[place] >= self.cap[np.isinf(self.high)].min()
        high = np.inf if endless else self.most[place]  # held by a cap of its own, or of another
        return self.least[place], high, True

    def _beyond(self, place: int, aim: float, sign: int) -> bool:
        return self.least[place] <= aim if sign < 0 else self.most[place] >= aim

    def _end_is_sure(self, place: int, sign: int) -> bool:
        return self.least[place] == self.low[place] if sign < 0 else self.most[place] == self.cap[place]

    def _solve(self, place: int, sign: int, ends: float, reach: float | None = None) -> bool:
        """Move one statistic as far as it goes, or to a number; keeps the table found. False where none was."""
        aim, low, cap = np.zeros(len(self.statistics)), self.low.copy(), self.cap.copy()
        if reach is None:
            aim[place] = -sign
        elif sign < 0:
            cap[place] = reach
        else:
            low[place] = reach
        for presolve in (True, False):  # HiGHS's presolve calls a few of these infeasible, though the truth is one
            left = ends - monotonic()
            if left <= 0:
                return False
            options = {"presolve": presolve, **({} if np.isinf(left) else {"time_limit": left})}
            found = milp(
                aim, integrality=np.ones(len(aim)), bounds=Box(low, cap), constraints=self.rules,
                options=options,
            )  # fmt: skip
            if found.x is not None and self._keep(np.round(found.x)):
                return found.status == 0
        return False

    def _keep(self, table: Floats) -> bool:
        """Keep a table as a proof, after checking in whole numbers that it agrees with everything shown."""
        told = self.rules.A @ table
        agrees = (told >= self.rules.lb - NEARLY).all() and (told <= self.rules.ub + NEARLY).all()
        agrees = agrees and (table >= self.low).all() and (table <= self.cap).all()
        if agrees:
            self.least, self.most = np.minimum(self.least, table), np.maximum(self.most, table)
        return bool(agrees)
