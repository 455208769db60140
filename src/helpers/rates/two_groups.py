"""Two groups of children: the difference and the ratio of their shares or rates, and exact tests; safe at zeros."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, ndtri

from helpers.rates.exact import Interval, central_p, exact_share_interval, odds
from helpers.rates.inputs import Floats, check_confidence, check_counts, check_parts, check_positive, refuse, together
from helpers.rates.intervals import wilson_interval
from helpers.rates.roots import bisect

CELLS_AT_ONCE = 2_000_000
"""Possible tables looked at together: bounds the memory, not the result."""
LARGEST_LOG_RATIO = 50.0


class RateRatio(NamedTuple):
    """Arrays of one shape; 1 means the same rate."""

    ratio: Floats
    low: Floats
    high: Floats
    p_value: Floats


def difference_interval(
    events: ArrayLike,
    children: ArrayLike,
    other_events: ArrayLike,
    other_children: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Interval:
    """Give Newcombe's interval for the difference between two shares (group minus other).

    events of children, other_events of other_children: counts of people, shapes that broadcast, children above 0
    returns: Interval(low, high) in shares of 1 (0.05 is 5 percentage points), within -1 and 1; NaN where an input is
    raises: ValueError naming the first row whose counts are impossible
    source: Newcombe (1998), Statistics in Medicine 17:873-890, method 10 (hybrid of two Wilson intervals)
    """
    x1, n1, x2, n2 = _check(events, children, other_events, other_children)
    one = wilson_interval(x1, n1, confidence=confidence)
    two = wilson_interval(x2, n2, confidence=confidence)
    share1, share2 = x1 / n1, x2 / n2
    low = share1 - share2 - np.hypot(share1 - one.low, two.high - share2)
    high = share1 - share2 + np.hypot(share2 - two.low, one.high - share1)
    return Interval(low, high)


def ratio_interval(
    events: ArrayLike,
    children: ArrayLike,
    other_events: ArrayLike,
    other_children: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Interval:
    """Give Koopman's score interval for the ratio of two shares (group over other).

    events of children, other_events of other_children: counts of people, shapes that broadcast, children above 0
    returns: Interval(low, high): low is 0 where the group has no events, high is infinite where the other has none;
        swapping the two groups gives one over the same limits. NaN where an input is NaN
    raises: ValueError for another confidence, or naming the first row whose counts are impossible
    source: Koopman (1984), Biometrics 40:513-517, as in Fagerland, Lydersen and Laake (2017), section 4.7
    """
    check_confidence(confidence)
    counts = _check(events, children, other_events, other_children)
    z = ndtri((1 + confidence) / 2)
    x1, x2 = counts[0], counts[2]
    missing = np.isnan(sum(counts))
    low, high = (np.exp(_solve(_log_ratio_score, counts, wanted, LARGEST_LOG_RATIO)) for wanted in (z, -z))
    low = np.where(missing, np.nan, np.where(x1 == 0, 0.0, low))
    return Interval(low, np.where(missing, np.nan, np.where(x2 == 0, np.inf, high)))


def _log_ratio_score(counts: tuple[Floats, ...], log_ratio: Floats) -> Floats:
    """Give the score statistic for one ratio, with both shares at their likeliest values given that ratio."""
    x1, n1, x2, n2 = counts
    ratio = np.exp(log_ratio)
    a = (n1 + n2) * ratio
    b = n1 * ratio + x1 + n2 + x2 * ratio
    # The quadratic's smaller root, written so that two nearly equal numbers are never subtracted.
    share2 = 2 * (x1 + x2) / (b + np.sqrt(np.maximum(b**2 - 4 * a * (x1 + x2), 0)))
    share1 = np.minimum(share2 * ratio, 1)
    variance = share1 * (1 - share1) / n1 + ratio**2 * share2 * (1 - share2) / n2
    return _standardise(x1 / n1 - ratio * x2 / n2, variance)


def _solve(
    score: Callable[[tuple[Floats, ...], Floats], Floats], counts: tuple[Floats, ...], wanted: float, farthest: float
) -> Floats:
    """Find the value, between -farthest and farthest, at which a score that falls with it has the wanted height."""
    end = np.full(counts[0].shape, farthest)
    return bisect(lambda value: score(counts, value) > wanted, -end, end)


def _standardise(gap: Floats, variance: Floats) -> Floats:
    certain = np.where(gap > 0, np.inf, np.where(gap < 0, -np.inf, gap))
    return np.divide(gap, np.sqrt(variance), out=certain, where=variance > 0)


def score_difference_interval(
    events: ArrayLike,
    children: ArrayLike,
    other_events: ArrayLike,
    other_children: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Interval:
    """Give Miettinen and Nurminen's score interval for the difference between two shares: the check on Newcombe's.

    events of children, other_events of other_children: counts of people, shapes that broadcast, children above 0
    returns: Interval(low, high) in shares of 1, within -1 and 1, at zeros too (statsmodels' raises there); NaN where an
        input is NaN
    raises: ValueError for another confidence, or naming the first row whose counts are impossible
    source: Miettinen and Nurminen (1985), Statistics in Medicine 4:213-226, with the variance factor N / (N - 1)
    """
    check_confidence(confidence)
    counts = _check(events, children, other_events, other_children)
    z = ndtri((1 + confidence) / 2)
    ends = [_solve(_difference_score, counts, wanted, 1.0) for wanted in (z, -z)]
    missing = np.isnan(sum(counts))
    return Interval(*(np.where(missing, np.nan, end) for end in ends))


def _difference_score(counts: tuple[Floats, ...], difference: Floats) -> Floats:
    """Give the score statistic for one difference, with both shares at their likeliest values given it."""
    x1, n1, x2, n2 = counts
    n, x = n1 + n2, x1 + x2
    # The likeliest second share is the middle root of a cubic, by the trigonometric solution.
    b = ((n1 + 2 * n2) * difference - n - x) / (3 * n)
    c = ((n2 * difference - n - 2 * x2) * difference + x) / n
    d = x2 * difference * (1 - difference) / n
    q = b**3 - b * c / 2 + d / 2
    root = np.copysign(np.sqrt(np.maximum(b**2 - c / 3, 0)), q)
    cosine = np.divide(q, root**3, out=np.zeros_like(q), where=root != 0)
    share2 = np.clip(2 * root * np.cos((np.pi + np.arccos(np.clip(cosine, -1, 1))) / 3) - b, 0, 1)
    share1 = np.clip(share2 + difference, 0, 1)
    variance = (share1 * (1 - share1) / n1 + share2 * (1 - share2) / n2) * n / (n - 1)
    return _standardise(x1 / n1 - x2 / n2 - difference, variance)


def rate_ratio(
    count: ArrayLike,
    population: ArrayLike,
    reference_count: ArrayLike,
    reference_population: ArrayLike,
    *,
    confidence: float = 0.95,
) -> RateRatio:
    """Give how many times the reference group's rate a group's rate is (YJB and DfE use White British as reference).

    count, reference_count: children in care (or other events) of two groups that share no child, whole numbers, shapes
        that broadcast; population, reference_population: children in each group, above 0
    returns: RateRatio of arrays: ratio with its interval, and a p-value below 1 - confidence exactly when the interval
        leaves out 1. Where the reference has no events, ratio and high are infinite; where neither has, ratio is NaN
        and the interval is 0 to infinity. NaN inputs give NaN
    raises: ValueError for another confidence, or naming the first row with an impossible count or no population
    source: exact conditional binomial, Przyborowski and Wilenski (1940), Biometrika 31:313-323; the interval of R's
        poisson.test (whose p-value orders by likelihood, and can contradict that interval)
    """
    x, children, x0, children0 = together(count, population, reference_count, reference_population)
    for events, base, who in ((x, children, "population"), (x0, children0, "reference population")):
        check_counts(events, "events", whole=True)
        check_positive(base, who)
    both, fair = x + x0, children / (children + children0)
    limits = exact_share_interval(x, both, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (x / children) / (x0 / children0)
    blank = np.where(np.isnan(fair), np.nan, 0.0)
    low, high = (odds(limit + blank) / odds(fair) for limit in limits)
    return RateRatio(ratio, low, high, central_p(x, both, fair, fair))


def fisher_p(
    events: ArrayLike, children: ArrayLike, other_events: ArrayLike, other_children: ArrayLike, *, mid_p: bool = False
) -> Floats:
    """Give Fisher's exact two-sided p-value that two groups have the same share.

    events of children, other_events of other_children: whole numbers, shapes that broadcast, children above 0
    mid_p: count the table seen by half; less cautious, and the error rate is no longer guaranteed
    returns: p-values above 0 and at most 1 (tables no likelier than the one seen, all margins fixed); NaN where an
        input is NaN. The same as R's fisher.test and scipy.stats.fisher_exact, for many tables at once
    raises: ValueError naming the first row whose counts are impossible
    source: Fisher (1935), JRSS 98:39-82; Fagerland, Lydersen and Laake (2017), section 4.4
    """
    tables = _check(events, children, other_events, other_children, whole=True)
    flat = np.stack([part.ravel() for part in tables], axis=1)
    p = np.full(len(flat), np.nan)
    told = np.flatnonzero(~np.isnan(flat).any(axis=1))
    possible = np.minimum(flat[told, 0] + flat[told, 2], flat[told, 1]).max(initial=0) + 1
    rows_at_once = max(1, int(CELLS_AT_ONCE // possible))
    for start in range(0, len(told), rows_at_once):
        rows = told[start : start + rows_at_once]
        p[rows] = _fisher_rows(*flat[rows].T, mid_p=mid_p)
    return p.reshape(tables[0].shape)


def _fisher_rows(x1: Floats, n1: Floats, x2: Floats, n2: Floats, *, mid_p: bool) -> Floats:
    events = (x1 + x2)[:, None]
    first, last = np.maximum(0, events[:, 0] - n2), np.minimum(events[:, 0], n1)
    possible = first[:, None] + np.arange(int((last - first).max()) + 1)
    within = possible <= last[:, None]
    possible = np.where(within, possible, first[:, None])
    log_chance = _log_choose(n1[:, None], possible) + _log_choose(n2[:, None], events - possible)
    log_chance -= _log_choose((n1 + n2)[:, None], events)
    seen = np.take_along_axis(log_chance, (x1 - first).astype(int)[:, None], axis=1)
    # Tables as likely as the one seen must count although floating point gives them another last digit (R: 1e-7).
    counted = within & (log_chance <= seen + 1e-7)
    p = np.sum(np.exp(log_chance), axis=1, where=counted) - (np.exp(seen[:, 0]) / 2 if mid_p else 0)
    return np.clip(p, np.finfo(float).tiny, 1.0)


def _log_choose(n: Floats, k: Floats) -> Floats:
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def _check(
    events: ArrayLike, children: ArrayLike, other_events: ArrayLike, other_children: ArrayLike, whole: bool = False
) -> tuple[Floats, ...]:
    counts = together(events, children, other_events, other_children)
    for x, n, who in [(counts[0], counts[1], "the group"), (counts[2], counts[3], "the other group")]:
        check_counts(x, f"events in {who}", whole=whole)
        check_counts(n, f"children in {who}", whole=whole)
        check_parts(x, n, f"events in {who}", "children")
        refuse(n == 0, lambda _, who=who: f"no children in {who}, so there is no share to compare")
    return counts
