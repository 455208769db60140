"""The cheapest protection of a small system, or how near to it the best found is.

After Fischetti and Salazar (2001): a master program chooses what to hide; for every need that is not met the reader's
own linear program gives, by duality, an inequality that every protection keeps and this one breaks. With each the
master's cost rises towards the optimum from below; what it chooses is mended and pruned, and comes down towards it
from above. Where only whole numbers tell (the linear program would call it safe), the cells that would help are asked
for: at least one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from helpers.disclosure.system import Flags, Floats, Ints
from helpers.disclosure.witness import FAR, Witnesses

ROUNDS = 60
NODES = 20_000
AT_ONCE = 40
MEND_EVERY = 5
EQUAL = 1e-6
Mend = Callable[[Flags], Flags]


@dataclass
class Master:
    """What is known of every protection: rows @ hidden >= least, for the statistics that may be hidden (`choice`).

    floor: statistics (n,) that every protection hides
    """

    found: Witnesses
    choice: Ints
    floor: Flags
    rows: list[Floats] = field(default_factory=list)
    least: list[float] = field(default_factory=list)

    def require(self, coefficients: Floats, least: float) -> None:
        """Add an inequality over `choice`; what exceeds the right side says no more than it."""
        self.rows.append(np.minimum(coefficients, least) / least)
        self.least.append(1.0)

    def solve(self, *, whole: bool) -> tuple[Floats, float]:
        """Give the cheapest choice that keeps everything required, and a cost below which none can be."""
        weight = self.found.system.weight[self.choice]
        rules, within = self._pairs(), Bounds(self.floor[self.choice].astype(float), 1)
        if self.rows:
            rules.append(LinearConstraint(sparse.csr_array(np.array(self.rows)), np.array(self.least) - 1e-9, np.inf))
        solved = milp(weight, integrality=int(whole), bounds=within, constraints=rules, options={"node_limit": NODES})
        if solved.x is None:
            return np.ones(len(weight)), 0.0
        return solved.x, solved.mip_dual_bound if whole else solved.fun

    def _pairs(self) -> list[LinearConstraint]:
        """Hidden with what they are shown with: the first of each pair at least as much as the second."""
        place = {one: number for number, one in enumerate(self.choice.tolist())}
        pairs = [(place[a], place[b]) for a, b in self.found.system.only_with.tolist() if a in place and b in place]
        if not pairs:
            return []
        rows = np.repeat(np.arange(len(pairs)), 2)
        signs = np.tile([1.0, -1.0], len(pairs))
        return [
            LinearConstraint(sparse.csr_array((signs, (rows, np.ravel(pairs))), (len(pairs), len(place))), 0, np.inf)
        ]


def cheapest(
    found: Witnesses, hidden: Flags, floor: Flags, mend: Mend, ends: float, rounds: int = ROUNDS
) -> tuple[Flags, float]:
    """Look for a cheaper protection than a safe one.

    hidden: the best so far, safe; floor: cells that are hidden in every answer
    mend: makes any choice safe and leaves out what it does not need
    returns: the best found, and a cost that no protection can be below
    """
    system = found.system
    master = Master(found, np.flatnonzero(system.may_hide), floor)
    reader = Reader.of(found)
    needs = found.needs(system.withheld)
    best, least = hidden, 0.0
    _cut_fractions(master, reader, needs, ends)
    for number in range(rounds):
        chosen, bound = master.solve(whole=True)
        least = max(least, bound)
        if least >= _cost(found, best) - EQUAL or monotonic() > ends:
            break
        trial = floor.copy()
        trial[master.choice[chosen > 0.5]] = True
        open_needs = found.unproved(trial, needs)
        was_cut = len(reader.cut(open_needs, master, trial[master.choice].astype(float))) > 0
        if not was_cut:
            unmet = found.unmet(trial, open_needs)
            if not len(unmet):
                return trial, least
            for need in unmet.tolist():
                master.require(_all_that_would_help(found, need, trial)[master.choice].astype(float), 1.0)
        if not was_cut or number % MEND_EVERY == 0:
            best = min(best, mend(trial), key=lambda one: _cost(found, one))
    return best, least


def _cost(found: Witnesses, hidden: Flags) -> float:
    return float(found.system.weight[hidden & found.system.may_hide].sum())


def _cut_fractions(master: Master, reader: Reader, needs: Ints, ends: float, rounds: int = 8) -> None:
    """Cut first where the master may hide a cell in part: that is quick, and raises its cost furthest."""
    open_needs, before = needs, -1.0
    for _ in range(rounds):
        chosen, cost = master.solve(whole=False)
        if cost < before + 1e-3 or monotonic() > ends:
            break
        before = cost
        open_needs = reader.cut(open_needs, master, chosen)
        if not len(open_needs):
            break


def _all_that_would_help(found: Witnesses, need: int, trial: Flags) -> Flags:
    """Hide on, while the need stays unmet; of what is then still shown, one at least has to be hidden."""
    trial = trial.copy()
    for place in np.flatnonzero(found.system.may_hide & found.movable & ~trial)[::-1].tolist():
        trial[place] = True
        trial[place] = len(found.unmet(trial, np.array([need]))) > 0
    return ~trial


@dataclass
class Reader:
    """The reader's linear program: how far a statistic can move, with each free as far as it is hidden.

    places: statistics (k,) that are or may become unseen; equal, below: the equations of these, and their right sides
    """

    found: Witnesses
    places: Ints
    equal: sparse.csr_array
    below: sparse.csr_array
    upper: Floats

    @classmethod
    def of(cls, found: Witnesses) -> Reader:
        open_to = (found.system.may_hide | found.system.unseen(found.system.withheld)) & found.movable
        places = np.flatnonzero(open_to)
        inner = sparse.csr_array(found.columns[:, places])
        low, high = found.row_low, found.row_high
        same = (low == 0) & (high == 0)
        has_low, has_high = np.isfinite(low) & ~same, np.isfinite(high) & ~same
        below = sparse.vstack([inner[has_high], -inner[has_low]], format="csr")
        return cls(found, places, inner[same], below, np.concatenate([high[has_high], -low[has_low]]))

    def cut(self, needs: Ints, master: Master, chosen: Floats) -> Ints:
        """Require of the master what its choice does not keep; gives the needs that made it require something."""
        parts = [needs[first : first + AT_ONCE] for first in range(0, len(needs), AT_ONCE)]
        cut = [self._cut(part, master, chosen) for part in parts]
        return np.concatenate([np.array([], dtype=np.intp), *cut])

    def _cut(self, needs: Ints, master: Master, chosen: Floats) -> Ints:
        found, many = self.found, len(needs)
        amount = np.ones(found.system.size)
        amount[master.choice] = chosen
        amount = np.clip(amount[self.places], 0, 1)
        fall, rise = np.maximum(found.fall[self.places], -FAR), np.minimum(found.rise[self.places], FAR)
        goal = np.zeros((many, len(self.places)))
        goal[np.arange(many), np.searchsorted(self.places, needs // 2)] = -np.sign(found.distance[needs])
        solved = linprog(
            goal.ravel(),
            A_ub=_blocks(self.below, many),
            b_ub=np.tile(self.upper, many),
            A_eq=_blocks(self.equal, many),
            b_eq=np.zeros(many * self.equal.shape[0]),
            bounds=np.tile(np.column_stack([fall * amount, rise * amount]), (many, 1)),
        )
        if solved.x is None:
            return needs[:0]
        moved = -(goal * solved.x.reshape(goal.shape)).sum(axis=1)
        dual_up, dual_down = (one.marginals.reshape(goal.shape) for one in (solved.upper, solved.lower))
        price = np.zeros((many, found.system.size))
        price[:, self.places] = -np.minimum(dual_up, 0) * rise - np.maximum(dual_down, 0) * fall
        given = -(solved.ineqlin.marginals.reshape(many, -1) @ self.upper)
        given += price.sum(axis=1) - price[:, master.choice].sum(axis=1)
        wanted = abs(found.distance[needs])
        broken = (moved < wanted - 1e-4) & (wanted - given > EQUAL)
        for number in np.flatnonzero(broken).tolist():
            master.require(price[number, master.choice], wanted[number] - given[number])
        return needs[broken]


def _blocks(matrix: sparse.csr_array, many: int) -> sparse.csr_array:
    return sparse.kron(sparse.eye_array(many), matrix, format="csr")
