"""How fast a share of a cohort rises or falls: the Cochran-Armitage test, with slopes for its size."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr

from helpers.rates.inputs import Floats, as_numbers, check_confidence, check_counts, check_parts, refuse
from helpers.trends.annual import FEWEST_PERIODS, scaled_test

NEWTON_STEPS = 60
STEEPEST_SLOPE = 30.0
"""Log odds over half of the series: a fit this steep is still running away."""


class ProportionTrend(NamedTuple):
    """Arrays of the shape of the series; NaN where it cannot be calculated."""

    score: Floats
    p_value: Floats
    points: Floats
    points_low: Floats
    points_high: Floats
    odds_ratio: Floats
    odds_low: Floats
    odds_high: Floats
    dispersion: Floats
    periods: Floats


def proportion_trend(
    events: ArrayLike,
    children: ArrayLike,
    times: ArrayLike,
    *,
    kind: Literal["flow"] = "flow",
    confidence: float = 0.95,
) -> ProportionTrend:
    """Test whether a share rises or falls with time, and give the size of the change each year.

    events, children: counts of each period's cohort, shape (..., periods), events <= children; NaN for no figure;
        a period of 0 children is left out
    times: years (or any scores), shape (periods,) or (..., periods)
    kind: 'flow': each period has its own children. Shares of successive 31 March counts are refused (see annual_change)
    returns: ProportionTrend of arrays, shape (...): score, the Cochran-Armitage z (its square is R's prop.trend.test);
        p_value from it; points, percentage points a year, with an interval from the fitted odds; odds_ratio a year with
        its interval; dispersion (1 is binomial; larger widens the intervals); periods used.
        score and p_value need two periods; slopes and intervals need 5. NaN where all or none have the event
    raises: ValueError for a stock, another confidence, impossible counts, or times that do not differ
    source: Cochran (1954), Biometrics 10:417-451; Armitage (1955), Biometrics 11:375-386; logistic regression for size,
        McCullagh and Nelder (1989), section 4.4, with Pearson dispersion never below 1
    """
    if kind != "flow":
        raise ValueError(f"a trend is tested on flows only, not on kind {kind!r}: describe shares of 31 March counts")
    check_confidence(confidence)
    x, n, t = (np.atleast_1d(part) for part in np.broadcast_arrays(*map(as_numbers, (events, children, times))))
    check_counts(x, "events")
    check_counts(n, "children")
    check_parts(x, n, "events", "children")
    told = ~np.isnan(x) & ~np.isnan(t) & (n > 0)
    x, n, t = np.where(told, x, 0.0), np.where(told, n, 0.0), np.where(told, t, 0.0)
    total, periods = n.sum(axis=-1), told.sum(axis=-1).astype(float)
    share = _ratio(x.sum(axis=-1), total)
    clock = np.where(told, t - _ratio(np.sum(n * t, axis=-1), total)[..., None], 0.0)
    spread = np.sum(n * clock**2, axis=-1)
    refuse(_same_times(t, told) & (periods > 1), lambda _: "all the times are the same, so there is no trend")
    moment = np.sum(clock * (x - n * share[..., None]), axis=-1)
    score = _ratio(moment, np.sqrt(share * (1 - share) * spread))
    odds, odds_low, odds_high, dispersion = _logistic(x, n, clock, periods, confidence)
    slope = 100 * share * (1 - share)
    return ProportionTrend(
        score=score,
        p_value=2 * ndtr(-np.abs(score)),
        points=slope * odds,
        points_low=slope * odds_low,
        points_high=slope * odds_high,
        odds_ratio=np.exp(odds),
        odds_low=np.exp(odds_low),
        odds_high=np.exp(odds_high),
        dispersion=dispersion,
        periods=periods,
    )


def _same_times(times: Floats, told: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell of each series whether all its periods stand at one time."""
    first, last = np.where(told, times, np.inf).min(axis=-1), np.where(told, times, -np.inf).max(axis=-1)
    return first == last


def _logistic(
    x: Floats, n: Floats, clock: Floats, periods: Floats, confidence: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Give the log odds a year, its interval and the dispersion, by Newton's method for all series at once."""
    span = np.max(np.abs(clock), axis=-1)
    scaled = _ratio(clock, span[..., None])
    share = _ratio(x.sum(axis=-1), n.sum(axis=-1))
    solvable = (periods >= FEWEST_PERIODS) & (share > 0) & (share < 1)
    centre = np.where(solvable, share, 0.5)
    level, slope = np.log(centre / (1 - centre)), np.zeros_like(centre)
    for _ in range(NEWTON_STEPS):
        weight, left = _weights(x, n, scaled, level, slope)
        w0, w1, w2 = _moments(weight, scaled)
        u0, u1 = left.sum(axis=-1), np.sum(left * scaled, axis=-1)
        up, along = (np.nan_to_num(_ratio(top, w0 * w2 - w1**2)) for top in (w2 * u0 - w1 * u1, w0 * u1 - w1 * u0))
        level, slope = level + np.clip(up, -2, 2), slope + np.clip(along, -2, 2)
        if max(np.max(np.abs(up), initial=0), np.max(np.abs(along), initial=0)) < 1e-12:
            break
    # Where one moment parts all who have the event from all who have not, no finite slope is the likeliest.
    solvable &= np.abs(slope) < STEEPEST_SLOPE
    weight, left = _weights(x, n, scaled, level, slope)
    w0, w1, w2 = _moments(weight, scaled)
    misfit = np.sum(np.divide(left**2, weight, out=np.zeros_like(weight), where=weight > 0), axis=-1)
    freedom = np.maximum(periods - 2, 1)
    dispersion = np.maximum(1, misfit / freedom)
    error = np.sqrt(_ratio(w0, w0 * w2 - w1**2) * dispersion)
    _, reach = scaled_test(slope, dispersion, freedom, confidence)
    blank = np.where(solvable, 0.0, np.nan)
    low, high = slope - reach * error, slope + reach * error
    return (*(_ratio(part + blank, span) for part in (slope, low, high)), dispersion + blank)


def _weights(x: Floats, n: Floats, clock: Floats, level: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """Give the binomial variance of each period's events, and how far the events seen are from the fit."""
    fitted = expit(level[..., None] + slope[..., None] * clock)
    return n * fitted * (1 - fitted), x - n * fitted


def _moments(weight: Floats, clock: Floats) -> tuple[Floats, Floats, Floats]:
    return weight.sum(axis=-1), np.sum(weight * clock, axis=-1), np.sum(weight * clock**2, axis=-1)


def _ratio(top: Floats, bottom: Floats) -> Floats:
    top, bottom = np.broadcast_arrays(top, bottom)
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
