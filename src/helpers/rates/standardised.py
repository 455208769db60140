"""Counts and rates adjusted for who lives there: observed against expected, and rates for a standard population."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from helpers.rates.inputs import Floats, as_numbers, check_confidence, check_counts, check_positive, refuse, together
from helpers.rates.intervals import Rate, count_interval

FEWEST_FOR_DIRECT = 10
"""Events below which a directly standardised rate is not given (OHID's rule)."""


def expected_events(population: ArrayLike, reference_events: ArrayLike, reference_population: ArrayLike) -> Floats:
    """Give the events expected if every cell of the population had the reference's rate.

    population: children in each cell (such as age by gender), shape (..., cells)
    reference_events, reference_population: the same cells of the area or group compared with, above 0 for the latter
    returns: expected events, shape (...); NaN where any cell is missing
    raises: ValueError naming the first cell with an impossible count, or without reference population
    source: indirect standardisation, Breslow and Day (1987), Statistical Methods in Cancer Research vol II, section 2.3
    """
    children, events, base = together(population, reference_events, reference_population)
    check_counts(children, "children")
    check_counts(events, "events")
    check_positive(base, "reference population")
    return np.sum(children * events / base, axis=-1)


def standardised_ratio(observed: ArrayLike, expected: ArrayLike, *, per: float = 1.0, confidence: float = 0.95) -> Rate:
    """Give the ratio of observed to expected events with its interval; 1 (x `per`) means as many as expected.

    observed: events, any shapes that broadcast; expected: events expected (see expected_events), above 0
    per: 1 for a ratio, 100 for the form in which OHID prints it
    returns: Rate(value, low, high); NaN where an input is NaN
    raises: ValueError for another confidence, or naming the first row with an impossible count or nothing expected
    source: Breslow and Day (1987), vol II, p.69: exact Poisson limits below 10 events, Byar's from 10;
        PHEindicatormethods, calculate_ISRatio
    """
    x, base = together(observed, expected)
    check_positive(base, "number of expected events")
    limits = count_interval(x, confidence=confidence)
    unit = per / base
    return Rate(x * unit, limits.low * unit, limits.high * unit)


def direct_rate(
    events: ArrayLike,
    population: ArrayLike,
    standard: ArrayLike,
    *,
    per: float = 10_000,
    confidence: float = 0.95,
) -> Rate:
    """Give the rate that a standard population would have with the cell rates of this one.

    events, population: counts in each cell (such as age by gender), shape (..., cells), population above 0;
        a missing count makes the whole rate missing, because it is not known to be 0
    standard: children of the standard population in the same cells, the same shape or (cells,)
    per: the rate is events per this many children
    returns: Rate(value, low, high), shape (...); NaN where a cell is missing, or below 10 events in all cells together
    raises: ValueError for another confidence, or naming the first cell with an impossible count or no population
    source: Dobson and others (1991), Statistics in Medicine 10:457-462, on Byar's limits; PHEindicatormethods, phe_dsr
    """
    check_confidence(confidence)
    x, base, weight = together(events, population, standard)
    check_counts(x, "events")
    check_positive(base, "population")
    check_counts(weight, "children of the standard population")
    check_positive(np.sum(weight, axis=-1), "standard population")
    shares = weight / np.sum(weight, axis=-1, keepdims=True)
    total = np.sum(x, axis=-1)
    value = np.sum(shares * x / base, axis=-1)
    spread = np.sum(shares**2 * x / base**2, axis=-1)
    limits = count_interval(total, confidence=confidence)
    enough = total >= FEWEST_FOR_DIRECT
    scale = np.sqrt(np.divide(spread, total, out=np.full(total.shape, np.nan), where=enough))
    low, high = value + scale * (limits.low - total), value + scale * (limits.high - total)
    return Rate(*(np.where(enough, per * part, np.nan) for part in (value, low, high)))


def kaplan_meier(durations: ArrayLike, ended: ArrayLike, *, at: ArrayLike, confidence: float = 0.95) -> Rate:
    """Give the share of children for whom something has not yet happened, by time, when some are still waiting.

    durations: time from the start (days, months) to the end or to the last day known, shape (children,), 0 or more
    ended: True where it happened, False where the child was still waiting at the last day known (an open episode)
    at: times at which the share is wanted, any shape
    returns: Rate(value, low, high) of the shape of `at`, as shares of 1; NaN after the last duration, where nobody is
        left to tell. Limits are NaN until the first event and once everybody has had it
    raises: ValueError for another confidence, no children, or a missing or negative duration
    source: Kaplan and Meier (1958), JASA 53:457-481; Greenwood's variance on the log(-log) scale, Kalbfleisch and
        Prentice (2002), The Statistical Analysis of Failure Time Data, section 1.4
    """
    check_confidence(confidence)
    time, happened, wanted = as_numbers(durations), np.asarray(ended, dtype=bool), as_numbers(at)
    if len(time) == 0:
        raise ValueError("no children, so there is no share to follow")
    refuse(~(time >= 0), lambda place: f"a duration of {time[place]:g} is not a time since the start")
    moments = np.unique(time[happened])
    waiting = np.sum(time[None, :] >= moments[:, None], axis=1)
    events = np.sum((time[None, :] == moments[:, None]) & happened, axis=1)
    share = np.concatenate([[1.0], np.cumprod(1 - events / waiting)])
    left = waiting - events
    steps = np.divide(events, waiting * left, out=np.full(len(moments), np.inf), where=left > 0)
    greenwood = np.concatenate([[0.0], np.cumsum(steps)])
    place = np.searchsorted(moments, wanted, side="right")
    value = np.where(wanted <= time.max(), share[place], np.nan)
    inside = (value > 0) & (value < 1)
    log_share = np.log(np.where(inside, value, 0.5))
    reach = ndtri((1 + confidence) / 2) * np.sqrt(np.where(inside, greenwood[place], 0)) / log_share
    return Rate(
        value,
        np.where(inside, np.exp(log_share * np.exp(-reach)), np.nan),
        np.where(inside, np.exp(log_share * np.exp(reach)), np.nan),
    )
