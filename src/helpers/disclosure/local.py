"""The cheapest further cells to hide near one statistic, so that it can move as far as it must.

One integer program: for every need a table that moves only near statistics, each by at most a few; what it moves has to
be hidden. The neighbourhood is every statistic within a few equations, and widens where it is too small.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import islice

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.disclosure.system import Flags, Floats, Ints
from helpers.disclosure.witness import FAR, NEAR, Witnesses

SIZES = (60, 160, 500)
"""How many statistics a neighbourhood holds, before the whole system is looked at."""
STEP = 10.0
"""What an equation further away weighs beside the weights of cells, when near statistics are looked for."""
ROUNDS = 6
NODES = 2_000
"""Where a program branches: the best answer after so many nodes is taken."""


def cheapest_additions(found: Witnesses, hidden: Flags, needs: Ints) -> Ints | None:
    """Give the places to hide for the needs of one statistic; none where hiding everything would not meet them.

    hidden: statistics (n,) hidden already; needs: (k,) as in Witnesses, not met yet
    """
    system = found.system
    place = int(needs[0]) // 2
    open_to = (system.unseen(hidden) | system.may_hide) & found.movable
    if not open_to[place]:
        return None
    prices = _prices(found, hidden)
    sizes = [*(size for size in SIZES if size < system.size), system.size]
    for size, reach in [*((size, NEAR) for size in sizes), (system.size, FAR)]:
        near = np.array(list(islice(_outward(found, place, open_to, prices), size)), dtype=np.intp)
        solved = _solve(found, hidden, needs, near, reach)
        if solved is not None:
            more, tables = solved
            kept = [need for need, table in zip(needs, tables, strict=True) if _keep(found, table, need)]
            if len(more) or len(kept) == len(needs):
                return more
    return None


def cheapest_in_lines(found: Witnesses, hidden: Flags) -> Flags:
    """Hide the cheapest cell of each equation that leaves a need too little room: quick, and right for plain lines.

    Only cells that can move by what the others of their own equations take up are chosen, so nothing follows from it.
    returns: what to hide (n,); whether it is enough is for a table to show, and some needs it leaves as they are
    """
    hidden = hidden.copy()
    for _ in range(ROUNDS):
        limits = found.limits(found.system.unseen(hidden) & found.movable)
        needs = found.needs(hidden)
        before = hidden.sum()
        for need in needs[found.are_beyond(limits, needs)].tolist():
            hidden[_in_lines(found, hidden, need, limits)] = True
        if hidden.sum() == before:
            break
    return hidden


def _in_lines(found: Witnesses, hidden: Flags, need: int, limits: tuple[Floats, Floats]) -> Ints:
    place, wanted = need // 2, found.distance[need]
    more: list[int] = []
    rows = found.columns.indices[found.columns.indptr[place] : found.columns.indptr[place + 1]]
    for row in rows[~found.apart[rows]].tolist():
        members, room = _rooms(found, hidden, row, place, wanted, limits)
        free = _unseen(found, hidden, members)
        lacking = abs(wanted) - room[free].sum()
        if lacking <= 0:
            continue
        choices = np.flatnonzero(~free & found.system.may_hide[members] & (room >= lacking))
        order = choices[np.lexsort((members[choices], found.system.weight[members[choices]]))]
        enough = next((members[one] for one in order.tolist() if _is_taken_up(found, hidden, members[one], row)), None)
        if enough is None:
            return np.array([], dtype=np.intp)
        more.append(int(enough))
    return np.unique(np.array(more, dtype=np.intp))


def _rooms(
    found: Witnesses, hidden: Flags, row: int, place: int, wanted: float, limits: tuple[Floats, Floats]
) -> tuple[Ints, Floats]:
    """Give the others of an equation, and how far each can make up for moving a statistic (endless: very far)."""
    span = slice(found.matrix.indptr[row], found.matrix.indptr[row + 1])
    members, weight = found.matrix.indices[span], found.matrix.data[span]
    own = weight[members == place][0]
    free = _unseen(found, hidden, members) & (limits[1][members] > limits[0][members])
    fall = np.where(free, limits[0][members], found.fall[members])
    rise = np.where(free, limits[1][members], found.rise[members])
    room = np.minimum(np.where(-own * wanted * weight > 0, rise, -fall), FAR) * abs(weight / own)
    return members[members != place], room[members != place]


def _unseen(found: Witnesses, hidden: Flags, places: Ints) -> Flags:
    system = found.system
    return (hidden[places] | ~system.offered[places]) & found.movable[places]


def _is_taken_up(found: Witnesses, hidden: Flags, one: int, but: int) -> bool:
    """Tell whether every other equation of a statistic has something unseen in it."""
    rows, columns = found.matrix, found.columns
    for row in columns.indices[columns.indptr[one] : columns.indptr[one + 1]].tolist():
        if row != but and not found.apart[row]:
            others = rows.indices[rows.indptr[row] : rows.indptr[row + 1]]
            if not _unseen(found, hidden, others[others != one]).any():
                return False
    return True


def _keep(found: Witnesses, table: Floats, need: int) -> bool:
    table = np.rint(table)
    return found.holds(table) and len(found.keep(table, np.array([need]))) > 0


def _outward(found: Witnesses, place: int, open_to: Flags, prices: Floats) -> Iterator[int]:
    """Walk over the statistics that equations link, those first that are cheapest to get to."""
    rows, columns = found.matrix, found.columns
    seen_rows: set[int] = set()
    cost = {place: 0.0}
    queue, done = [(0.0, place)], set()
    while queue:
        so_far, one = heappop(queue)
        if one in done:
            continue
        done.add(one)
        yield one
        for row in columns.indices[columns.indptr[one] : columns.indptr[one + 1]].tolist():
            if row in seen_rows or found.apart[row]:
                continue
            seen_rows.add(row)
            for other in rows.indices[rows.indptr[row] : rows.indptr[row + 1]].tolist():
                reached = so_far + STEP + prices[other]
                if open_to[other] and reached < cost.get(other, np.inf):
                    cost[other] = reached
                    heappush(queue, (reached, other))


def _solve(found: Witnesses, hidden: Flags, needs: Ints, near: Ints, reach: int) -> tuple[Ints, list[Floats]] | None:
    """Solve the program; gives what to hide, and a table (n,) for each need."""
    system = found.system
    choice = np.flatnonzero(system.may_hide[near] & ~hidden[near])
    size, many = len(near), len(needs)
    farthest = max(reach, abs(found.distance[needs]).max())
    low, high = np.maximum(found.fall[near], -farthest), np.minimum(found.rise[near], farthest)
    lows, highs = np.tile(low, many), np.tile(high, many)
    for number, need in enumerate(needs):
        at = number * size + int(np.flatnonzero(near == need // 2)[0])
        ends = highs if found.distance[need] < 0 else lows
        ends[at] = found.distance[need]
    if (lows > highs).any():
        return None
    rules = [_for_each(rule, len(choice), many) for rule in found.equations(near)]
    rules += _only_what_is_hidden(choice, size, many, low, high)
    rules += _only_with(found, near[choice], many * size)
    solved = milp(
        np.concatenate([_prices(found, hidden, near[choice])[near[choice]], np.zeros(many * size)]),
        integrality=1,
        bounds=Bounds(np.concatenate([np.zeros(len(choice)), lows]), np.concatenate([np.ones(len(choice)), highs])),
        constraints=rules,
        options={"node_limit": NODES},
    )
    if solved.x is None:
        return None
    tables = np.zeros((many, system.size))
    tables[:, near] = solved.x[len(choice) :].reshape(many, size)
    return near[choice[solved.x[: len(choice)] > 0.5]], list(tables)


def _for_each(rule: LinearConstraint, before: int, many: int) -> LinearConstraint:
    """Repeat equations for every table; `before` columns that are not in them stand first."""
    none = sparse.csr_array((rule.A.shape[0] * many, before))
    whole = sparse.hstack([none, _each(rule.A, many)], format="csr")
    return LinearConstraint(whole, np.tile(rule.lb, many), np.tile(rule.ub, many))


def _each(matrix: sparse.csr_array, many: int) -> sparse.csr_array:
    return sparse.kron(sparse.eye_array(many), matrix, format="csr")


def _only_what_is_hidden(choice: Ints, size: int, many: int, low: Floats, high: Floats) -> list[LinearConstraint]:
    """Say that low * hidden <= moved <= high * hidden for what is shown so far."""
    if not len(choice):
        return []
    pick = sparse.csr_array((np.ones(len(choice)), (np.arange(len(choice)), choice)), shape=(len(choice), size))
    moved = _each(pick, many)
    ones = np.ones((many, 1))
    up = sparse.hstack([sparse.kron(ones, -sparse.diags_array(high[choice])), moved], format="csr")
    down = sparse.hstack([sparse.kron(ones, -sparse.diags_array(low[choice])), moved], format="csr")
    return [LinearConstraint(up, -np.inf, 0), LinearConstraint(down, 0, np.inf)]


def _prices(found: Witnesses, hidden: Flags, chosen_apart: Ints | None = None) -> Floats:
    """Give what it costs to hide each statistic (n,) that is shown, with those that are shown only with it.

    chosen_apart: places that the program chooses itself, and that are not paid for by what they are shown with
    """
    system = found.system
    prices = np.where(system.may_hide & ~hidden, system.weight, 0.0)
    if len(system.only_with):
        one, other = system.only_with.T
        follows = system.may_hide[one] & ~hidden[one] & ~hidden[other]
        if chosen_apart is not None:
            follows &= ~(np.isin(one, chosen_apart) & np.isin(other, chosen_apart))
        np.add.at(prices, other[follows], system.weight[one[follows]])
    return prices


def _only_with(found: Witnesses, places: Ints, others: int) -> list[LinearConstraint]:
    """Say that a statistic is hidden where the one that it is shown with is."""
    pairs = found.system.only_with
    pairs = pairs[np.isin(pairs, places).all(axis=1)] if len(pairs) else pairs
    if not len(pairs):
        return []
    where = {place: number for number, place in enumerate(places.tolist())}
    rows = np.tile(np.arange(len(pairs)), 2)
    columns = [where[place] for place in pairs.T.ravel().tolist()]
    signs = np.repeat([1.0, -1.0], len(pairs))
    matrix = sparse.csr_array((signs, (rows, columns)), shape=(len(pairs), len(places) + others))
    return [LinearConstraint(matrix, 0, np.inf)]
