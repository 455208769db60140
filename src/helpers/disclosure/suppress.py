"""Secondary suppression: the fewest further statistics to hide, so that what has to stay unknown cannot be worked out.

The whole release is one system. Each statistic that a reader could narrow gets the cheapest further cells that let it
move as far as it must (an integer program over its neighbourhood of equations); then every cell that is not needed
after all is shown again, the one most missed first; then, where the system is small, exact.py looks for the optimum.
What is accepted is what the independent attack accepts.

Deterministic: no randomness, a stable order, and limits of size and of nodes. `seconds` is a stop far away; it changes
the answer only where it is reached, and then only leaves cells hidden that could have been shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import numpy as np

from helpers.disclosure import attack
from helpers.disclosure.exact import cheapest
from helpers.disclosure.local import cheapest_additions, cheapest_in_lines
from helpers.disclosure.system import Flags, Ints, System
from helpers.disclosure.witness import Witnesses
from helpers.errors import LeakError

LIMIT = 5
EXACT_UP_TO = 600
"""The optimum is looked for in systems of at most so many statistics."""


@dataclass(frozen=True, eq=False)
class Protected:
    """The answer: hidden (n,) are the cells not shown, withheld ones and secondaries.

    cost: the weights of the secondaries, added; least: no protection can cost less (0 where that was not looked for)
    is_optimal: none can be cheaper. Not claimed where the second pass (`uniform`) hid more
    seconds: how long it took
    """

    hidden: Flags = field(repr=False)
    secondary: Flags = field(repr=False)
    cost: float
    least: float
    is_optimal: bool
    seconds: float


def protect(
    system: System,
    *,
    seconds: float = 60,
    start: Flags | None = None,
    optimum: bool = True,
    uniform: bool = True,
    limit: int = LIMIT,
) -> Protected:
    """Hide further statistics until `attack.unsafe` finds nothing.

    seconds: after so long no cell is tried again and no optimum is looked for; protecting itself is always finished
    start: cells (n,) hidden elsewhere already (an earlier edition), hidden first; those not needed are shown again,
        and no optimum is looked for, so that editions differ little
    optimum: look for it, where the system is small; without, the answer is pruned and not proved to be the cheapest
    uniform: no hidden cell may show that it is a secondary: its lowest possible number is at most 1, or above the limit
    Raises LeakError where hiding everything that may be hidden does not protect.
    """
    began = monotonic()
    ends = began + seconds
    found = Witnesses.of(system)
    hidden = system.withheld if start is None else system.withheld | (system.may_hide & start)
    hidden, least = _mended(found, hidden, ends=ends), 0.0
    if optimum and start is None and system.size <= EXACT_UP_TO and system.may_hide.any():
        floor = _with_followers(system, system.withheld)
        hidden, least = cheapest(found, hidden, floor, partial(_mended, found, ends=ends), ends)
    found, hidden = _all_alike(found, hidden, limit, ends) if uniform else (found, hidden)
    accepted = _accepted(found, hidden)
    while uniform and (accepted != hidden).any():
        found, hidden = _all_alike(found, accepted, limit, ends)
        accepted = _accepted(found, hidden)
    hidden = accepted
    secondary = hidden & system.may_hide
    cost = float(system.weight[secondary].sum())
    return Protected(hidden, secondary, cost, least, cost <= least + 1e-6, monotonic() - began)


def _all_alike(found: Witnesses, hidden: Flags, limit: int, ends: float) -> tuple[Witnesses, Flags]:
    """Hide on until no hidden cell shows that it is a secondary; gives the needs that this asked for, too."""
    while True:
        more = _with_uniform_needs(found.system, hidden, limit)
        if more is found.system:
            return found, hidden
        found = found.with_needs(more)
        hidden = pruned(found, repaired(found, hidden), ends)


def _mended(found: Witnesses, hidden: Flags, *, ends: float) -> Flags:
    return pruned(found, repaired(found, _with_followers(found.system, hidden)), ends)


def repaired(found: Witnesses, hidden: Flags) -> Flags:
    """Hide more, until a table meets every need. Raises LeakError where nothing is left to hide."""
    hidden = _with_followers(found.system, cheapest_in_lines(found, hidden))
    unmet = found.unmet(hidden)
    while len(unmet):
        for place in np.unique(unmet // 2).tolist():
            needs = found.unproved(hidden, unmet[unmet // 2 == place])
            if not len(needs):
                continue
            more = cheapest_additions(found, hidden, needs)
            if more is None:
                _refuse(found)
            hidden[more] = True
            hidden = _with_followers(found.system, hidden)
        unmet = found.unmet(hidden)
    return hidden


def pruned(found: Witnesses, hidden: Flags, ends: float) -> Flags:
    """Show again what is not needed, the one most missed first, in every component at once."""
    system, hidden = found.system, hidden.copy()
    tried = ~system.may_hide
    while monotonic() < ends:
        trial = _one_a_component(found, hidden, hidden & ~tried & ~_kept_by_others(system, hidden))
        if not len(trial):
            break
        tried[trial] = True
        unseen = system.unseen(hidden) & found.movable
        label = found.components(unseen)
        shown = hidden.copy()
        shown[trial] = False
        missed = found.unmet(shown, one_a_component=True)
        lost = np.isin(label[trial], label[missed // 2])
        hidden[trial[~lost]] = False
        freed = system.only_with[:, 0][np.isin(system.only_with[:, 1], trial[~lost])]
        tried[freed[system.may_hide[freed]]] &= False
    return hidden


def _one_a_component(found: Witnesses, hidden: Flags, chosen: Flags) -> Ints:
    """Give of every component the chosen statistic of most weight (of equals, the first)."""
    places = np.flatnonzero(chosen)
    label = found.components(found.system.unseen(hidden) & found.movable)[places]
    label = np.where(label < 0, -1 - places, label)
    order = np.lexsort((places, -found.system.weight[places], label))
    _, first = np.unique(label[order], return_index=True)
    return places[order][first]


def _with_followers(system: System, hidden: Flags) -> Flags:
    """Hide with every hidden statistic those that are shown only with it."""
    hidden = hidden.copy()
    while len(system.only_with):
        one, other = system.only_with.T
        more = one[hidden[other] & ~hidden[one] & system.may_hide[one]]
        if not len(more):
            break
        hidden[more] = True
    return hidden


def _kept_by_others(system: System, hidden: Flags) -> Flags:
    """Tell which may not be shown, because what they are shown with is hidden."""
    kept = np.zeros(system.size, dtype=bool)
    if len(system.only_with):
        one, other = system.only_with.T
        kept[one[hidden[other]]] = True
    return kept


def _with_uniform_needs(system: System, hidden: Flags, limit: int) -> System:
    """Ask of secondaries that a reader sees to be 2 or more, and not above the limit, that they could be 1."""
    asked = hidden & system.offered & ~system.locked & ~(system.need_low <= 1)
    if not asked.any():
        return system
    nothing = np.full(system.size, np.nan)
    telling = attack.unsafe(system.with_needs(np.where(asked, 1.0, nothing), nothing), hidden)
    if telling.any():
        # What cannot be 1 with everything hidden is known from earlier editions; hiding more would be in vain.
        asked_of = system.with_needs(np.where(telling, 1.0, nothing), nothing)
        telling &= ~attack.unsafe(asked_of, system.withheld | system.may_hide)
    if telling.any():
        telling &= attack.bounds(system, hidden, wanted=telling).low <= limit
    return system.with_needs(np.where(telling, 1.0, system.need_low), system.need_high) if telling.any() else system


def _accepted(found: Witnesses, hidden: Flags) -> Flags:
    """Let the independent attack judge; where it finds more than our tables do, hide more."""
    system = found.system
    while True:
        unseen = system.unseen(hidden)
        judged = system.with_needs(
            np.where(unseen, system.need_low, np.nan), np.where(unseen, system.need_high, np.nan)
        )
        flagged = attack.unsafe(judged, hidden) & unseen
        if not flagged.any():
            return hidden
        more = _open_neighbours(found, hidden, flagged)
        if not len(more):
            _refuse(found)
        hidden = hidden.copy()
        hidden[more] = True
        hidden = _with_followers(system, hidden)


def _open_neighbours(found: Witnesses, hidden: Flags, flagged: Flags) -> Ints:
    """Give everything that could be hidden within two equations of what is flagged."""
    links = abs(found.matrix)
    near = flagged.astype(float)
    for _ in range(2):
        near = links.T @ (links @ near > 0).astype(float)
    return np.flatnonzero((near > 0) & found.system.may_hide & ~hidden)


def _refuse(found: Witnesses) -> None:
    system = found.system
    unsafe = found.unmet(system.withheld | system.may_hide)
    many = len(np.unique(unsafe // 2))
    raise LeakError(
        f"{many} number{'s' * (many != 1)} that must stay unknown can be worked out from what is already public, even "
        "with every other cell of this release hidden. Leave out the tables they follow from, or the breakdown "
        "that tells them apart. Nothing was written."
    )
