"""How far a hidden number of one line could be moved while every shown number stays as it is.

A line is one measure over the groups of one dimension: the groups' numbers add to a number that is shown. Of the hidden
ones a reader knows the sum, and of each at most how large it can be. A small number is safe when the other hidden
groups could take from it, and give to it, enough for it to be anything from 1 to the limit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Line:
    """One measure over the groups of one dimension; arrays with one place a group.

    count: children counted; there: whether the group has any child in the base
    rests: what is left of each larger number: of the base first, then of what other measures leave of it (missing where
        a reader cannot see that). A rest of 1 to the limit tells of a child as a count does
    inner, outer: differences that tell of a child too, but show only once the count is hidden: those that grow with the
        count, and those that shrink as it grows
    give, room: by how much the count could fall and grow with everything else as it is; without them, to `least` and
        without end
    all_tell, none_tell: a rest of 0, or a count of 0, tells of every child of the group
    least: the smallest number that a hidden group can have (1 for a base: a group that nobody is in has no row)
    """

    count: Floats
    there: Flags
    rests: tuple[Floats, ...] = ()
    inner: tuple[Floats, ...] = ()
    outer: tuple[Floats, ...] = ()
    give: Floats | None = None
    room: Floats | None = None
    all_tell: bool = False
    none_tell: bool = False
    least: int = 0


def protect(line: Line, hidden: Flags, limit: int) -> Flags:
    """Hide what is small in a line, and further groups (the smallest first) until no small number can be found.

    hidden: groups that are hidden already; they stay so
    returns: the hidden groups; all of them where nothing less is safe
    """
    hidden = (hidden | _small_or_telling(line, limit)) & line.there
    while not is_protected(line, hidden, limit):
        open_groups = np.flatnonzero(line.there & ~hidden)
        if not len(open_groups):
            break
        hidden = hidden.copy()
        hidden[min(open_groups, key=lambda group: _cost(line, group))] = True
    return hidden


def is_protected(line: Line, hidden: Flags, limit: int) -> bool:
    """Tell whether no small number of the hidden groups can be found."""
    return not (hidden & ~_is_safe(line, hidden, limit)).any()


def is_small(numbers: Floats, limit: int) -> Flags:
    return (numbers >= 1) & (numbers <= limit)


def _cost(line: Line, group: int) -> tuple[bool, float]:
    """A group that cannot move both ways protects little; among those that can, the smallest is missed least."""
    stuck = line.count[group] == 0 or (line.room is not None and line.room[group] == 0)
    return stuck, float(line.count[group])


def _small_or_telling(line: Line, limit: int) -> Flags:
    found = is_small(line.count, limit)
    for rest in line.rests:
        found = found | is_small(rest, limit)
    if line.all_tell and line.rests:
        found = found | (line.rests[0] == 0)
    return found | ((line.count == 0) & line.there) if line.none_tell else found


def _is_safe(line: Line, hidden: Flags, limit: int) -> Flags:
    """Tell for each hidden group whether the other hidden groups could move its small numbers from 1 to the limit."""
    give = np.maximum(line.count - line.least, 0) if line.give is None else line.give
    give = np.where(hidden, give, 0)
    room = np.full(len(line.count), np.inf) if line.room is None else line.room
    take = np.where(hidden, room, 0)
    others_give, others_take = _of_others(give), _of_others(take)
    wanted_give, wanted_take = np.zeros(len(give)), np.zeros(len(give))
    growing, shrinking = (line.count, *line.inner), (*line.rests, *line.outer)
    for number, grows in [*((one, True) for one in growing), *((one, False) for one in shrinking)]:
        small = is_small(number, limit)
        raised, lowered = np.where(small, limit + 1 - number, 0), np.where(small, number - 1, 0)
        wanted_give = np.maximum(wanted_give, raised if grows else lowered)
        wanted_take = np.maximum(wanted_take, lowered if grows else raised)
    if line.all_tell and line.rests:
        wanted_take = np.where(line.rests[0] == 0, limit + 1, wanted_take)
    if line.none_tell:
        wanted_give = np.where(line.count == 0, limit + 1, wanted_give)
    return (others_give >= wanted_give) & (others_take >= wanted_take)


def _of_others(numbers: Floats) -> Floats:
    """Sum all but each one; written so that an endless number does not swallow the others."""
    finite = np.where(np.isinf(numbers), 0, numbers)
    endless = np.isinf(numbers)
    return np.where(endless.sum() - endless > 0, np.inf, finite.sum() - finite)
