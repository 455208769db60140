"""Is disproportionality itself rising or falling? A change in a ratio, never two verdicts compared."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtri

from helpers.rates.inputs import Floats, as_numbers, check_confidence, check_counts, check_parts, check_positive
from helpers.trends.annual import FEWEST_PERIODS, fit_log_linear, scaled_test

FEWEST_IN_CELL = 10


class RatioChange(NamedTuple):
    """Arrays of the shape of the series; NaN where it cannot be calculated."""

    percent: Floats
    low: Floats
    high: Floats
    p_value: Floats
    periods: Floats
    method: NDArray[np.object_]


def ratio_change(
    count: ArrayLike,
    population: ArrayLike,
    reference_count: ArrayLike,
    reference_population: ArrayLike,
    times: ArrayLike,
    *,
    kind: Literal["flow"] = "flow",
    confidence: float = 0.95,
) -> RatioChange:
    """Give the average percent change a year in a group's rate ratio to a reference group.

    "Over-represented then, not now" is no evidence of change; this is the test of it.
    count, reference_count: events of the group and of the reference (such as everyone else) each year, shape
        (..., periods), whole numbers, NaN for no figure; population, reference_population: children, the same shapes
    times: years, shape (periods,), in any order
    kind: 'flow' (children who start care in a year). Stocks are refused, as in annual_change
    returns: RatioChange of arrays, shape (...): percent a year (5 is a ratio rising by 5% a year) with interval,
        p_value, periods and method: 'interaction over years' (5 years or more, quasi-Poisson), 'two years' (Breslow-Day
        test with Tarone's correction; percent over the whole time between them, by a log interval that can differ from
        the test at the edge, so a finding needs both), or 'cannot be calculated' (1, 3 or 4
        years, or fewer than 10 events of either group in a year)
    raises: ValueError for a stock, another confidence, impossible counts, or a year without population
    source: log-linear interaction, McCullagh and Nelder (1989), section 6.2, scaled as annual_change; Breslow and Day
        (1980), vol I, section 4.4; Tarone (1985), Biometrika 72:91-95
    """
    if kind != "flow":
        raise ValueError(f"a change in a ratio is tested on flows only, not on kind {kind!r} (see annual_change)")
    check_confidence(confidence)
    counts = (count, population, reference_count, reference_population)
    x, n, x0, n0, when = np.broadcast_arrays(*map(as_numbers, (*counts, times)))
    for events, base in ((x, n), (x0, n0)):
        check_counts(events, "events", whole=True)
        check_positive(base, "population")
    told = ~np.isnan(x + n + x0 + n0 + when)
    periods = told.sum(axis=-1).astype(float)
    few = np.any(told & ((x < FEWEST_IN_CELL) | (x0 < FEWEST_IN_CELL)), axis=-1)
    many_years, two_years = (periods >= FEWEST_PERIODS) & ~few, (periods == 2) & ~few
    x, x0 = np.where(told, x, np.nan), np.where(told, x0, np.nan)
    over_years = _interaction(x, n, x0, n0, when, periods, confidence)
    parts = [np.where(many_years, part, np.nan) for part in over_years]
    if two_years.any():
        between = _two_years(*(part[two_years] for part in (x, n, x0, n0, when)), confidence)
        for part, found in zip(parts, between, strict=True):
            part[two_years] = found
    method = np.select([many_years, two_years], ["interaction over years", "two years"], "cannot be calculated")
    return RatioChange(*parts, periods, method.astype(object))


def _interaction(
    x: Floats, n: Floats, x0: Floats, n0: Floats, times: ArrayLike, periods: Floats, confidence: float
) -> list[Floats]:
    """Fit both groups; their slopes' difference is the interaction, and their misfits together scale its error."""
    group, reference = fit_log_linear(x, n, times), fit_log_linear(x0, n0, times)
    slope = group.slope - reference.slope
    freedom = np.maximum(2 * periods - 4, 1)
    dispersion = np.maximum(1, (group.misfit + reference.misfit) / freedom)
    error = np.sqrt((group.variance + reference.variance) * dispersion)
    p_value, reach = scaled_test(slope / error, dispersion, freedom, confidence)
    return [*(100 * np.expm1(part) for part in (slope, slope - reach * error, slope + reach * error)), p_value]


def _two_years(x: Floats, n: Floats, x0: Floats, n0: Floats, when: Floats, confidence: float) -> list[Floats]:
    """Compare two years' ratios: the change with a log interval, and the test that both years have one odds ratio."""
    check_parts(x, n, "events", "children")
    check_parts(x0, n0, "events", "children")
    order = np.argsort(np.where(np.isnan(x), np.inf, when), axis=-1, kind="stable")[..., :2]
    x, n, x0, n0 = (np.take_along_axis(part, order, axis=-1) for part in (x, n, x0, n0))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(x / n) - np.log(x0 / n0)
        error = np.sqrt(np.sum(1 / x - 1 / n + 1 / x0 - 1 / n0, axis=-1))
    change, reach = log_ratio[..., 1] - log_ratio[..., 0], ndtri((1 + confidence) / 2) * error
    percents = [100 * np.expm1(part) for part in (change, change - reach, change + reach)]
    return [*percents, _breslow_day_p(x, n, x0, n0)]


def _breslow_day_p(x: Floats, n: Floats, x0: Floats, n0: Floats) -> Floats:
    """Test that the odds ratio is the same in both years (last axis), with Tarone's correction."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = n + n0
        pooled = np.sum(x * (n0 - x0) / size, axis=-1) / np.sum(x0 * (n - x) / size, axis=-1)
        ratio, events = pooled[..., None], x + x0
        # The expected count solves a quadratic: the cell that gives this odds ratio with the margins as they are.
        a, b = 1 - ratio, n0 - events + ratio * (n + events)
        root = np.sqrt(b**2 + 4 * a * ratio * n * events)
        expected = np.where(np.abs(a) < 1e-12, n * events / size, (-b + root) / np.where(a == 0, 1, 2 * a))
        cells = (expected, n - expected, events - expected, n0 - events + expected)
        variance = 1 / sum(1 / cell for cell in cells)
        gap = x - expected
        score = np.sum(gap**2 / variance, axis=-1) - np.sum(gap, axis=-1) ** 2 / np.sum(variance, axis=-1)
    return np.where(np.isnan(score), np.nan, chdtrc(1, np.maximum(score, 0)))
