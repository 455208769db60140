"""Shares and rates with their intervals. A return is a census: an interval says how far a number could differ in
another year with the same underlying risk, not how far it is from the truth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from helpers.rates.exact import Interval, exact_count_limits
from helpers.rates.inputs import (
    Floats,
    as_numbers,
    check_confidence,
    check_counts,
    check_parts,
    check_positive,
    together,
)

EXACT_BELOW = 10
"""Events from which Byar's approximation is used (OHID's rule); below it the limits are exact."""


class Rate(NamedTuple):
    value: Floats
    low: Floats
    high: Floats


def wilson_interval(events: ArrayLike, children: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Give the Wilson score interval for the share of children with an event.

    events, children: counts of people, any shapes that broadcast, with 0 <= events <= children
    confidence: share of 1, strictly between 0 and 1 (0.95, never 95)
    returns: Interval(low, high) as shares of 1 (0.25 is 25%), always within 0 and 1;
        NaN where an input is NaN, and where children is 0, because no children means no share, not a share of 0
    raises: ValueError for any other confidence, or naming the first row whose counts are impossible
    source: Wilson (1927), JASA 22:209-212; OHID's method for proportions (PHEindicatormethods, phe_proportion)
    """
    check_confidence(confidence)
    x, n = together(events, children)
    check_counts(x, "events")
    check_counts(n, "children")
    check_parts(x, n, "events", "children")
    z = ndtri((1 + confidence) / 2)
    share = np.divide(x, n, out=np.full(x.shape, np.nan), where=n > 0)
    centre = (x + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(n * share * (1 - share) + z**2 / 4)
    # At 0 and at n the formula's limit is exactly 0 and 1; floating point can miss it by 1e-17.
    return Interval(np.where(share == 0, 0.0, centre - half), np.where(share == 1, 1.0, centre + half))


def count_interval(events: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Give the limits of a count of events as OHID does: exact below 10 events, Byar's approximation from 10.

    events: counts, any shape
    returns: Interval(low, high) in events; the lower limit is never below 0; NaN where events is NaN
    raises: ValueError for another confidence, or naming the first row that is not a count
    source: Breslow and Day (1987), Statistical Methods in Cancer Research vol II p.69 (Byar); PHEindicatormethods,
        phe_rate. The exact rule holds below 10 at every confidence, so Byar's lower limit never falls below 0.
    """
    check_confidence(confidence)
    x = as_numbers(events)
    check_counts(x, "events")
    return count_limits(x, (1 - confidence) / 2)


def count_limits(events: Floats, tail: float) -> Interval:
    """Give count_interval's limits by the chance left in each tail, which may be too small for a confidence."""
    z = -ndtri(tail)
    many = np.where(events >= EXACT_BELOW, events, EXACT_BELOW)
    low = many * (1 - 1 / (9 * many) - z / (3 * np.sqrt(many))) ** 3
    high = (many + 1) * (1 - 1 / (9 * (many + 1)) + z / (3 * np.sqrt(many + 1))) ** 3
    exact = exact_count_limits(events, tail)
    use_byar = events >= EXACT_BELOW
    # Far out in the tail (wider than any limit published) Byar's cube turns negative: a count's limit is never below 0.
    return Interval(np.where(use_byar, np.maximum(low, 0), exact.low), np.where(use_byar, high, exact.high))


def rate(events: ArrayLike, population: ArrayLike, *, per: float = 10_000, confidence: float = 0.95) -> Rate:
    """Give a crude rate with its interval: limits on the count, divided by a population that is taken as known.

    events: counts of children (or starts, leavers), any shapes that broadcast with population
    population: children the events come from, above 0. Events may exceed it (entries over several years)
    per: the rate is events per this many children
    returns: Rate(value, low, high) in events per `per`; NaN where an input is NaN (missing or suppressed)
    raises: ValueError for another confidence, or naming the first row with an impossible count or no population
    source: exact Poisson below 10 events, Byar from 10: PHEindicatormethods, phe_rate (OHID's public health
        technical guide, confidence intervals)
    """
    x, base = together(events, population)
    check_positive(base, "population")
    limits = count_interval(x, confidence=confidence)
    known = np.where(np.isnan(base), np.nan, per / base)
    return Rate(x * known, limits.low * known, limits.high * known)
