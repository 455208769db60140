"""Outcomes of children who are already in care, group against group; and what unknown groups could change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from helpers.disproportionality.representation import Representation, representation
from helpers.rates.inputs import Floats, check_counts, together
from helpers.rates.two_groups import difference_interval, fisher_p, ratio_interval


class OutcomeGap(NamedTuple):
    """Arrays of one shape: shares of 1, their difference (0 means none) and their ratio (1 means none)."""

    share: Floats
    other_share: Floats
    difference: Floats
    difference_low: Floats
    difference_high: Floats
    ratio: Floats
    ratio_low: Floats
    ratio_high: Floats
    p_value: Floats


class UnknownBounds(NamedTuple):
    """What children of unknown group could change: both extremes, and whether they point the same way."""

    unknown_share: Floats
    if_out: Representation
    if_in: Representation
    same_direction: np.ndarray


def outcome_gap(
    events: ArrayLike,
    children: ArrayLike,
    other_events: ArrayLike,
    other_children: ArrayLike,
    *,
    confidence: float = 0.95,
) -> OutcomeGap:
    """Compare an outcome in a group of children in care with the same outcome in all other children in care.

    This is not disproportionality in the population: who is in care decides who is counted, and can turn a difference
    round. Say "of children in care" wherever it is shown.
    events of children, other_events of other_children: whole numbers of children who share no child, shapes that
        broadcast, children above 0
    returns: OutcomeGap of arrays: share, other_share, their difference (headline) and ratio with intervals, and
        Fisher's exact p_value. A finding needs the p-value and the difference's interval. Where the others have no
        events, ratio and ratio_high are infinite; where neither has, ratio is NaN. NaN inputs give NaN
    raises: ValueError naming the first row with impossible counts or no children
    source: Newcombe (1998), Statistics in Medicine 17:873-890, method 10 (difference); Koopman (1984), Biometrics
        40:513-517 (ratio); Fisher (1935), JRSS 98:39-82 (test)
    """
    p_value = fisher_p(events, children, other_events, other_children)
    x, n, x0, n0 = together(events, children, other_events, other_children)
    gap = difference_interval(x, n, x0, n0, confidence=confidence)
    times = ratio_interval(x, n, x0, n0, confidence=confidence)
    share, other_share = x / n, x0 / n0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = share / other_share
    return OutcomeGap(share, other_share, share - other_share, gap.low, gap.high, ratio, times.low, times.high, p_value)


def unknown_bounds(
    count: ArrayLike,
    total: ArrayLike,
    unknown: ArrayLike,
    share: ArrayLike,
    *,
    share_low: ArrayLike | None = None,
    share_high: ArrayLike | None = None,
    confidence: float = 0.95,
) -> UnknownBounds:
    """Give what a group's representation could be if all children of unknown group were outside it, or all in it.

    count, total: children in care in the group, and of known group, whole numbers, shapes that broadcast
    unknown: children in care whose group is refused or not yet known, whole numbers
    share, share_low, share_high, confidence: as in `representation`
    returns: UnknownBounds: unknown_share (of all children in care, 0 to 1), `representation` if all were out and if all
        were in the group, and same_direction: True where both extremes leave 1 out on the same side. Show the bounds
        where unknown_share is above 0.05
    raises: ValueError as `representation` does, or for an impossible number of unknown children
    source: worst-case bounds, Manski (1989), Journal of Human Resources 24:343-360
    """
    x, n, missing, q = together(count, total, unknown, share)
    check_counts(missing, "children of unknown group", whole=True)
    everyone = n + missing
    options = {"share_low": share_low, "share_high": share_high, "confidence": confidence}
    if_out, if_in = (representation(count, everyone, q, **options) for count in (x, x + missing))
    same = (if_out.index_low > 1) | (if_in.index_high < 1)
    return UnknownBounds(missing / everyone, if_out, if_in, same)
