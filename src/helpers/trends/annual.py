"""How fast a flow rises or falls each year, over five years or more."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from helpers.rates.inputs import Floats, as_numbers, check_confidence, check_counts, check_positive, refuse

FEWEST_PERIODS = 5
NEWTON_STEPS = 60


class AnnualChange(NamedTuple):
    """Arrays of the shape of the series; NaN where it cannot be calculated."""

    percent: Floats
    low: Floats
    high: Floats
    p_value: Floats
    dispersion: Floats
    periods: Floats
    events: Floats


class LogLinear(NamedTuple):
    """A log-linear fit of each series: slope in log events per unit of time, its Poisson variance, and the misfit."""

    slope: Floats
    variance: Floats
    misfit: Floats
    periods: Floats
    events: Floats


def annual_change(
    events: ArrayLike,
    population: ArrayLike | None,
    times: ArrayLike,
    *,
    kind: Literal["flow"] = "flow",
    confidence: float = 0.95,
) -> AnnualChange:
    """Give the average percent change a year of a flow: events that happen once, such as children who start care.

    events: counts, shape (..., periods); NaN for a period without a figure, which is left out
    population: children the events come from, the same shape, above 0; None for a plain count
    times: years, shape (periods,) or (..., periods); gaps are allowed
    kind: 'flow'. Stocks are refused: 31 March counts share most of their children, so years are not independent and
        a test of them finds false trends (13% of the time at 8 years, 22% at 13, where 5% is promised)
    returns: AnnualChange of arrays, shape (...): percent a year (6.2 is a rise of 6.2% a year) with low and high;
        p_value, below 1 - confidence exactly when the interval leaves out 0; dispersion (1 is Poisson; larger widens
        the interval); periods and events used. NaN where fewer than 5 periods have a figure, where there are no
        events, or where all of them fall in the first or the last period
    raises: ValueError for a stock, another confidence, a count that is not one, or a period without population
    source: quasi-Poisson log-linear model, McCullagh and Nelder (1989), sections 6.2 and 9.2: Pearson dispersion, never
        below 1; t with periods - 2 degrees of freedom where it is above 1, else normal
    """
    if kind != "flow":
        raise ValueError(
            f"a trend is tested on flows only, not on kind {kind!r}: 31 March counts of successive years are mostly "
            "the same children. Test entries against exits with `change`"
        )
    check_confidence(confidence)
    fit = fit_log_linear(events, population, times)
    enough = fit.periods >= FEWEST_PERIODS
    slope = np.where(enough, fit.slope, np.nan)
    freedom = np.maximum(fit.periods - 2, 1)
    dispersion = np.maximum(1, fit.misfit / freedom)
    error = np.sqrt(fit.variance * dispersion)
    p_value, reach = scaled_test(slope / error, dispersion, freedom, confidence)
    return AnnualChange(
        percent=100 * np.expm1(slope),
        low=100 * np.expm1(slope - reach * error),
        high=100 * np.expm1(slope + reach * error),
        p_value=p_value,
        dispersion=np.where(np.isnan(slope), np.nan, dispersion),
        periods=fit.periods,
        events=fit.events,
    )


def scaled_test(score: Floats, dispersion: Floats, freedom: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Give the two-sided p-value of a score and how many standard errors its interval reaches to each side.

    The same distribution gives both: t where the dispersion was estimated (above 1), normal where it is held at 1.
    """
    spread = dispersion > 1
    p_value = 2 * np.where(spread, stdtr(freedom, -np.abs(score)), ndtr(-np.abs(score)))
    reach = np.where(spread, stdtrit(freedom, (1 + confidence) / 2), ndtri((1 + confidence) / 2))
    return p_value, reach


def fit_log_linear(events: ArrayLike, population: ArrayLike | None, times: ArrayLike) -> LogLinear:
    """Fit log(expected events) = a + slope x time + log(population) to each series by Poisson likelihood.

    events: shape (..., periods), NaN for no figure; population: the same shape or None; times: shape (periods,) or more
    returns: LogLinear of arrays, shape (...); slope is NaN where no finite one is the likeliest
    raises: ValueError for counts below 0, a population of 0 or less, or times that do not differ
    """
    y = as_numbers(events)
    base = np.ones_like(y) if population is None else as_numbers(population)
    y, base, t = (np.atleast_1d(part) for part in np.broadcast_arrays(y, base, as_numbers(times)))
    check_counts(y, "events")
    check_positive(base, "population")
    told = ~np.isnan(y) & ~np.isnan(base) & ~np.isnan(t)
    y, base = np.where(told, y, 0.0), np.where(told, base, 0.0)
    total, periods = y.sum(axis=-1), told.sum(axis=-1)
    first = np.min(np.where(told, t, np.inf), axis=-1, keepdims=True)
    last = np.max(np.where(told, t, -np.inf), axis=-1, keepdims=True)
    refuse((first == last)[..., 0] & (periods > 1), lambda _: "all the times are the same, so there is no trend")
    # Time runs from 0 to 1 while fitting, so that one size of step suits months and decades.
    span = np.where(last > first, last - first, 1.0)
    clock = np.where(told, (t - np.where(told.any(axis=-1, keepdims=True), first, 0)) / span, 0.0)
    mean_time = np.divide(np.sum(y * clock, axis=-1), total, out=np.full(total.shape, np.nan), where=total > 0)
    slope = _solve(base, clock, mean_time)
    shares, _, spread = _shares_of_events(base, clock, slope)
    expected = shares * total[..., None]
    gaps = np.divide((y - expected) ** 2, expected, out=np.zeros_like(y), where=expected > 0)
    misfit = np.where(np.isnan(slope), np.nan, gaps.sum(axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(np.isnan(slope), np.nan, 1 / (total * spread))
    years = span[..., 0]
    return LogLinear(slope / years, variance / years**2, misfit, periods.astype(float), total)


def _solve(base: Floats, clock: Floats, mean_time: Floats) -> Floats:
    """Find the slope whose expected mean time of an event is the one seen: Newton's method with bounded steps."""
    told = base > 0
    first = np.min(np.where(told, clock, np.inf), axis=-1)
    last = np.max(np.where(told, clock, -np.inf), axis=-1)
    solvable = (mean_time > first) & (mean_time < last)
    slope = np.where(solvable, 0.0, np.nan)
    for _ in range(NEWTON_STEPS):
        _, expected, spread = _shares_of_events(base, clock, slope)
        step = np.divide(mean_time - expected, spread, out=np.zeros_like(slope), where=spread > 0)
        slope = slope + np.clip(step, -2, 2)
        if not np.any(np.abs(step) > 1e-12):
            break
    return slope


def _shares_of_events(base: Floats, clock: Floats, slope: Floats) -> tuple[Floats, Floats, Floats]:
    """Give each period's share of the events under a slope, and the mean and variance of an event's time."""
    log_weight = np.where(base > 0, slope[..., None] * clock, -np.inf)
    weight = base * np.exp(log_weight - np.max(log_weight, axis=-1, keepdims=True, initial=-700.0))
    total = weight.sum(axis=-1, keepdims=True)
    shares = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    mean = np.sum(shares * clock, axis=-1)
    return shares, mean, np.sum(shares * (clock - mean[..., None]) ** 2, axis=-1)
