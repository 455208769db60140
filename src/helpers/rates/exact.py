"""Exact limits and exact tests of counts: the same tails give both, so an interval and its p-value always agree."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, gammainc, gammaincc, gammainccinv, gammaincinv

from helpers.rates.inputs import Floats, as_numbers, check_confidence, check_counts, check_parts, together
from helpers.rates.roots import bisect


class Interval(NamedTuple):
    low: Floats
    high: Floats


def exact_share_interval(events: ArrayLike, children: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Give the Clopper-Pearson interval for the share of children with an event: the inversion of both exact tails.

    events, children: whole numbers of people, any shapes that broadcast, with 0 <= events <= children
    returns: Interval(low, high) as shares of 1; (0, 1) where children is 0; NaN where an input is NaN
    raises: ValueError for another confidence, or naming the first row whose counts are impossible
    source: Clopper and Pearson (1934), Biometrika 26:404-413
    """
    check_confidence(confidence)
    x, n = together(events, children)
    check_counts(x, "events", whole=True)
    check_counts(n, "children", whole=True)
    check_parts(x, n, "events", "children")
    tail = (1 - confidence) / 2
    # The inverse beta function needs both shapes above 0: rows at 0 and n are computed beside it and replaced.
    low = betaincinv(np.where(x > 0, x, 1), n - np.where(x > 0, x, 1) + 1, tail)
    below = np.where(x < n, x, np.maximum(n - 1, 0))
    high = betaincinv(below + 1, np.where(n > 0, n - below, 1), 1 - tail)
    missing = np.isnan(x) | np.isnan(n)
    low = np.where(missing, np.nan, np.where(x == 0, 0.0, low))
    return Interval(low, np.where(missing, np.nan, np.where(x == n, 1.0, high)))


def exact_count_interval(events: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Give the exact Poisson limits of a count of events.

    events: counts, any shape; the lower limit of 0 events is 0
    returns: Interval(low, high) in events; NaN where events is NaN
    raises: ValueError for another confidence, or naming the first row that is not a count
    source: Garwood (1936), Biometrika 28:437-442; Pearson and Hartley, Biometrika Tables vol 1, table 40
    """
    check_confidence(confidence)
    x = as_numbers(events)
    check_counts(x, "events")
    return exact_count_limits(x, (1 - confidence) / 2)


def exact_count_limits(events: Floats, tail: float) -> Interval:
    """Give exact_count_interval's limits by the chance left in each tail, which may be too small for a confidence."""
    low = np.where(events == 0, 0.0, gammaincinv(np.where(events > 0, events, 1), tail))
    return Interval(np.where(np.isnan(events), np.nan, low), gammainccinv(events + 1, tail))


def central_p(
    count: ArrayLike, total: ArrayLike, share_low: ArrayLike, share_high: ArrayLike, *, mid_p: bool = False
) -> Floats:
    """Give twice the smaller exact binomial tail, at most 1: the worst over all shares from share_low to share_high.

    count, total: whole numbers, shapes that broadcast; share_low, share_high: shares of 1, equal for an exact share
    mid_p: count what was seen by half in each tail: less cautious, and the error rate is no longer guaranteed
    returns: p-values, above 0 and at most 1. `scipy.stats.binomtest` orders by likelihood instead and can disagree
        with its own interval, so it is not used
    source: Clopper and Pearson (1934); Fagerland, Lydersen and Laake (2017), section 2.4
    """
    at_least, at_most = binomial_tails(count, total, share_low, share_high, mid_p=mid_p)
    # A tail can be too small for a float: it is given as the smallest number above 0, because no p-value is 0.
    return np.clip(2 * np.minimum(at_least, at_most), np.finfo(float).tiny, 1.0)


def binomial_tails(
    count: ArrayLike, total: ArrayLike, share_low: ArrayLike, share_high: ArrayLike, *, mid_p: bool = False
) -> tuple[Floats, Floats]:
    """Give the chance of the count or more, and of the count or fewer: each the worst from share_low to share_high.

    count, total, share_low, share_high, mid_p: as in central_p
    returns: (at least, at most), each a one-sided p-value; NaN where an input is NaN
    """
    x, n, q_low, q_high = together(count, total, share_low, share_high)
    # As the share rises the upper tail only grows and the lower tail only shrinks, so the worst tails lie at the ends.
    at_least, at_most = _at_least(x, n, q_high), 1 - _at_least(x + 1, n, q_low)
    # 1 - tail loses the digits of a small tail; the mirrored tail keeps them.
    at_most = np.where(at_most < 0.5, _at_least(n - x, n, 1 - q_low), at_most)
    if mid_p:
        at_least = (at_least + _at_least(x + 1, n, q_high)) / 2
        at_most = (at_most + _at_least(n - x + 1, n, 1 - q_low)) / 2
    missing = np.isnan(x + n + q_low + q_high)
    return np.where(missing, np.nan, at_least), np.where(missing, np.nan, at_most)


def _at_least(x: Floats, n: Floats, share: Floats) -> Floats:
    """Give the binomial chance of x or more of n."""
    inside = (x > 0) & (x <= n)
    tail = betainc(np.where(inside, x, 1), np.where(inside, n - x + 1, 1), share)
    return np.where(x <= 0, 1.0, np.where(x > n, 0.0, tail))


def mid_p_share_interval(events: ArrayLike, children: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Give the mid-p interval of a share: narrower than the exact one, right on average and not always.

    The documented alternative to exact_share_interval; no finding is made from it.
    events, children, returns, raises: as exact_share_interval
    source: Lancaster (1961), JASA 56:223-234; Fagerland, Lydersen and Laake (2017), section 2.4
    """
    exact = exact_share_interval(events, children, confidence=confidence)
    x, n = together(events, children)
    tail = (1 - confidence) / 2
    nobody, everybody = np.zeros(x.shape), np.ones(x.shape)
    low = bisect(lambda share: binomial_tails(x, n, share, share, mid_p=True)[0] < tail, nobody, everybody)
    high = bisect(lambda share: binomial_tails(x, n, share, share, mid_p=True)[1] > tail, nobody, everybody)
    blank = np.where(np.isnan(exact.low), np.nan, 0.0)
    return Interval(np.where(x == 0, 0.0, low) + blank, np.where(x == n, 1.0, high) + blank)


def poisson_p(count: ArrayLike, expected: ArrayLike) -> Floats:
    """Give twice the smaller exact Poisson tail of a count where `expected` events are known to be usual, at most 1.

    count: whole numbers; expected: above 0; shapes that broadcast
    returns: p-values above 0; below 0.05 exactly when exact_count_interval(count) leaves out `expected`
    source: Garwood (1936), Biometrika 28:437-442
    """
    x, mean = together(count, expected)
    at_least = np.where(x > 0, gammainc(np.where(x > 0, x, 1), mean), 1.0)
    p = np.clip(2 * np.minimum(at_least, gammaincc(x + 1, mean)), np.finfo(float).tiny, 1.0)
    return np.where(np.isnan(x + mean), np.nan, p)


def odds(share: ArrayLike) -> Floats:
    """Turn shares of 1 into odds; a share of 1 has infinite odds."""
    part = as_numbers(share)
    with np.errstate(divide="ignore"):
        return part / (1 - part)
