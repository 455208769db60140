"""Tables that agree with all that is shown, in which a hidden number is as small or as large as it must be able to be.

A hidden number is safe downwards when one such table has it at `need_low` or less, and upwards when one has it at
`need_high` or more. A table found once is kept with the statistics that it moves: it stays a proof for as long as those
are hidden. Everything is told as the difference (`moved`) from one table that holds, the true one where it is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from helpers.disclosure.system import Flags, Floats, Ints, System

NEAR, FAR = 10, 10_000
"""How far a statistic may move in a table: first little, so that the table moves few; then as good as without end."""
EXACT = 1e-6
CARRIED = 8
"""How often limits are carried along the equations: most are found in a few rounds."""


@dataclass
class Witnesses:
    """The tables found for one System.

    A need is a number: twice the place of its statistic, and one more where it is upwards.
    base: a table (n,) that holds; apart: equations (m,) that nobody can use, because it does not hold them
    distance: how far (2n,) the statistic has to move from the base, 0 where there is no need or the base meets it
    proofs: need -> the hidden cells that each table found for it moves
    """

    system: System
    base: Floats
    apart: Flags
    proofs: dict[int, list[frozenset[int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        system = self.system
        self.matrix = sparse.csr_array(system.matrix)
        self.columns = sparse.csc_array(system.matrix)
        self.cells = sparse.coo_array(self.matrix)
        told = self.matrix @ self.base
        self.row_low = np.where(self.apart, -np.inf, np.minimum(system.row_low - told, 0))
        self.row_high = np.where(self.apart, np.inf, np.maximum(system.row_high - told, 0))
        self.fall, self.rise = np.minimum(system.low - self.base, 0), np.maximum(system.high - self.base, 0)
        self.movable = ~system.locked & (self.fall < self.rise)
        self.may_hide = system.may_hide
        self.distance = self.distances(system.need_low, system.need_high)

    @classmethod
    def of(cls, system: System) -> Witnesses:
        return cls(system, *_table_that_holds(system))

    def distances(self, need_low: Floats, need_high: Floats) -> Floats:
        down = np.nan_to_num(np.minimum(need_low - self.base, 0))
        up = np.nan_to_num(np.maximum(need_high - self.base, 0))
        return np.column_stack([down, up]).ravel()

    def with_needs(self, system: System) -> Witnesses:
        """Give the same for a System that differs in its needs alone; a table proves a need only as far as it went."""
        again = Witnesses(system, self.base, self.apart)
        same = again.distance == self.distance
        again.proofs = {need: found for need, found in self.proofs.items() if same[need]}
        return again

    def needs(self, hidden: Flags) -> Ints:
        """Give the needs of what a reader does not see."""
        return np.flatnonzero((self.distance != 0) & np.repeat(self.system.unseen(hidden), 2))

    def unproved(self, hidden: Flags, needs: Ints) -> Ints:
        """Give the needs that no table kept so far meets with these cells hidden."""
        places = set(np.flatnonzero(hidden).tolist())
        proofs = self.proofs
        left = [need for need in needs.tolist() if not any(moved <= places for moved in reversed(proofs.get(need, ())))]
        return np.array(left, dtype=np.intp)

    def keep(self, moved: Floats, needs: Ints) -> Ints:
        """Keep a table (n,) as the proof of those of the needs that it meets, and give these."""
        distance, reached = self.distance[needs], moved[needs // 2]
        met = needs[np.where(distance < 0, reached <= distance, reached >= distance)]
        if len(met):
            support = frozenset(np.flatnonzero((moved != 0) & self.may_hide).tolist())
            for need in met.tolist():
                self.proofs.setdefault(need, []).append(support)
        return met

    def unmet(self, hidden: Flags, needs: Ints | None = None, *, one_a_component: bool = False) -> Ints:
        """Give the needs that no table meets, all or those asked for.

        one_a_component: give up on a component at the first need that is not met (the others of it are not given)
        """
        left = self.unproved(hidden, self.needs(hidden) if needs is None else needs)
        if not len(left):
            return left
        unseen = self.system.unseen(hidden) & self.movable
        limits = self.limits(unseen)
        is_stuck = self.are_beyond(limits, left)
        stuck, left = left[is_stuck], left[~is_stuck]
        left = left[np.argsort(self._slack(limits, left), kind="stable")]
        label = self.components(unseen)
        if one_a_component:
            left = left[~np.isin(label[left // 2], label[stuck // 2])]
        for reach in (FAR,) if one_a_component else (NEAR, FAR):
            left = self._prove(unseen, label, left, reach, give_up=one_a_component)
        return np.union1d(stuck, left)

    def are_beyond(self, limits: tuple[Floats, Floats], needs: Ints) -> Flags:
        distance, place = self.distance[needs], needs // 2
        return np.where(distance < 0, limits[0][place] > distance, limits[1][place] < distance)

    def _slack(self, limits: tuple[Floats, Floats], needs: Ints) -> Floats:
        distance, place = self.distance[needs], needs // 2
        return np.where(distance < 0, distance - limits[0][place], limits[1][place] - distance)

    def limits(self, unseen: Flags) -> tuple[Floats, Floats]:
        """Give how far each statistic (n,) can fall and rise at most, as its own equations limit it; not exact."""
        low, high = np.where(unseen, self.fall, 0), np.where(unseen, self.rise, 0)
        cells = self.cells
        used = unseen[cells.coords[1]] & ~self.apart[cells.coords[0]]
        line, one, weight = cells.coords[0][used], cells.coords[1][used], cells.data[used]
        up, size = weight > 0, len(self.apart)
        for _ in range(CARRIED):
            first, last = weight * np.where(up, low[one], high[one]), weight * np.where(up, high[one], low[one])
            above = (self.row_high[line] - _of_others(first, line, size)) / weight
            below = (self.row_low[line] - _of_others(last, line, size)) / weight
            before = low.sum(), high.sum(), np.isinf(low).sum(), np.isinf(high).sum()
            low, high = low.copy(), high.copy()
            np.minimum.at(high, one, np.floor(np.where(up, above, below) + EXACT))
            np.maximum.at(low, one, np.ceil(np.where(up, below, above) - EXACT))
            if before == (low.sum(), high.sum(), np.isinf(low).sum(), np.isinf(high).sum()):
                break
        return low, high

    def components(self, unseen: Flags) -> Ints:
        """Number what moves together: statistics (n,) that equations connect; -1 for what cannot move."""
        places = np.flatnonzero(unseen)
        inner = sparse.csr_array(self.columns[:, places])[~self.apart]
        rows, count = inner.shape
        graph = sparse.block_array([[None, inner.T], [inner, None]], format="csr") if rows else None
        label = np.full(len(unseen), -1)
        label[places] = connected_components(graph, directed=False)[1][:count] if rows else np.arange(count)
        return label

    def _prove(self, unseen: Flags, label: Ints, left: Ints, reach: int, *, give_up: bool) -> Ints:
        """Look for tables, for one need of every component at once, until each need is met or known not to be."""
        failed: list[int] = []
        while len(left):
            of = label[left // 2]
            _, first = np.unique(of, return_index=True)
            targets = left[first]
            places = np.flatnonzero(unseen & np.isin(label, of))
            moved = self._push(places, targets, left, reach)
            met = self._keep_by_component(moved, places, label, left)
            lost = np.setdiff1d(targets, met)
            failed += lost.tolist()
            left = left[~np.isin(left, np.union1d(met, lost))]
            if give_up:
                left = left[~np.isin(label[left // 2], label[lost // 2])]
        return np.array(sorted(failed), dtype=np.intp)

    def _keep_by_component(self, moved: Floats, places: Ints, label: Ints, left: Ints) -> Ints:
        met = []
        of_places, of_needs = label[places], label[left // 2]
        for one in np.unique(of_needs):
            alone = np.zeros(len(moved))
            own = places[of_places == one]
            alone[own] = moved[own]
            met.append(self.keep(alone, left[of_needs == one]))
        return np.concatenate(met)

    def _push(self, places: Ints, targets: Ints, left: Ints, reach: int) -> Floats:
        """Find a table that moves each target as far as it goes, and the other needs a little on the way."""
        where = np.full(self.system.size, -1)
        where[places] = np.arange(len(places))
        goal = np.zeros(len(places))
        for needs, weight in ((left[::-1], 1e-3), (targets, 1.0)):
            goal[where[needs // 2]] = np.where(self.distance[needs] < 0, weight, -weight)
        farthest = np.maximum(reach, abs(self.distance[targets]).max())
        bounds = Bounds(np.maximum(self.fall[places], -farthest), np.minimum(self.rise[places], farthest))
        rules = self.equations(places)
        for whole in (0, 1):  # in plain tables the best corner is of whole numbers anyway
            moved = np.zeros(self.system.size)
            solved = milp(goal, integrality=whole, bounds=bounds, constraints=rules)
            if solved.x is not None:
                moved[places] = np.rint(solved.x)
            if self.holds(moved) and (whole or abs(moved[places] - solved.x).max() < EXACT):
                return moved
        return np.zeros(self.system.size)

    def equations(self, places: Ints) -> list[LinearConstraint]:
        inner = self.columns[:, places]
        rows = np.unique(inner.indices)
        rows = rows[~self.apart[rows]]
        if not len(rows):
            return []
        return [LinearConstraint(inner.tocsr()[rows], self.row_low[rows], self.row_high[rows])]

    def holds(self, moved: Floats) -> bool:
        told = self.matrix @ moved
        return bool(((told >= self.row_low - EXACT) & (told <= self.row_high + EXACT)).all())


def _of_others(numbers: Floats, line: Ints, size: int) -> Floats:
    """Sum, for each cell, the other cells of its line; endless where one of them is (all are of one sign then)."""
    endless = np.isinf(numbers)
    finite = np.where(endless, 0, numbers)
    others = np.bincount(line, finite, size)[line] - finite
    far = np.bincount(line, endless, size)[line] - endless > 0
    sign = np.sign(np.bincount(line, np.where(endless, np.sign(numbers), 0), size))[line]
    return np.where(far, np.copysign(np.inf, sign), others)


def _table_that_holds(system: System) -> tuple[Floats, Flags]:
    """Give the true numbers, whole numbers for those nobody knows, and the equations (m,) that do not hold with them.

    A source that contradicts itself leaves equations that nobody can use; as few as possible are given up.
    """
    missing = np.isnan(system.value)
    base = np.where(missing, np.clip(0, system.low, system.high), system.value)
    apart = _apart(system, base)
    if not (apart.any() and missing.any()):
        return base, apart
    places = np.flatnonzero(missing)
    cells = sparse.csc_array(system.matrix)[:, places]
    rows = np.unique(cells.indices)
    rest = (system.matrix @ np.where(missing, 0, base))[rows]
    slack = sparse.eye_array(len(rows))
    inner = sparse.hstack([cells.tocsr()[rows], slack, -slack], format="csr")
    most = np.where(np.isinf(system.high[places]), 1e7, system.high[places])
    most = np.concatenate([np.maximum(most, system.low[places]), np.full(2 * len(rows), np.inf)])
    solved = milp(
        np.repeat([0.0, 1.0], [len(places), 2 * len(rows)]),
        integrality=np.repeat([1, 0], [len(places), 2 * len(rows)]),
        bounds=Bounds(np.concatenate([system.low[places], np.zeros(2 * len(rows))]), most),
        constraints=LinearConstraint(inner, system.row_low[rows] - rest, system.row_high[rows] - rest),
    )
    if solved.x is not None:
        base[places] = np.rint(solved.x[: len(places)])
    return base, _apart(system, base)


def _apart(system: System, base: Floats) -> Flags:
    told = system.matrix @ base
    return (told < system.row_low - EXACT) | (told > system.row_high + EXACT)
