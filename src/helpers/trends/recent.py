"""OHID's recent trend over the last five years, and a rank-based check on any trend."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri

from helpers.rates.inputs import Floats, as_numbers, check_confidence, check_counts, check_parts, refuse
from helpers.rates.intervals import rate

POINTS = 5
CONFIDENCE = 0.998
LIMIT = float(chdtri(1, 1 - CONFIDENCE))
"""9.5495: the chi-squared value that chance exceeds in 0.2% of series without a trend."""
FEWEST_PERIODS = 5


class RecentTrend(NamedTuple):
    """Arrays of the shape of the series: OHID's word, the test value, and the slope (units a year, or log odds)."""

    marker: NDArray[np.object_]
    chi_squared: Floats
    slope: Floats


class RankTrend(NamedTuple):
    """Kendall's tau and its exact p-value; Theil and Sen's slope (units a year) with its interval."""

    tau: float
    p_value: float
    slope: float
    low: float
    high: float
    periods: int


def recent_trend(
    events: ArrayLike,
    base: ArrayLike,
    times: ArrayLike | None = None,
    *,
    kind: Literal["rate", "proportion"],
    per: float = 10_000,
) -> RecentTrend:
    """Give OHID's recent trend: is the figure increasing or decreasing over its last five years?

    It rarely speaks by chance (about 1 series in 500), so it is the badge; `annual_change` is the evidence.
    events, base: counts of each year and its population or cohort, shape (..., years), oldest first. Years must not
        share children: give flows or cohorts, never 31 March counts
    times: the years, shape (years,); None means that they follow each other
    kind: 'rate' (events per `per`, with count_interval's limits) or 'proportion' (events among base)
    returns: RecentTrend: marker 'increasing', 'decreasing', 'no significant change' or 'cannot be calculated' (fewer
        than five years, a gap among the last five, or none or all with the event in one of them); chi_squared; slope
    raises: ValueError for an unknown kind, impossible counts or no population
    source: OHID, Fingertips technical guidance, recent trends, and its published calculator: 99.8% confidence, and the
        same direction when any one year is left out
    """
    if kind not in ("rate", "proportion"):
        raise ValueError(f"kind {kind!r} is not known; choose 'rate' or 'proportion'")
    x, n = np.broadcast_arrays(as_numbers(events), as_numbers(base))
    check_counts(x, "events")
    check_counts(n, "children")
    if kind == "proportion":
        check_parts(x, n, "events", "children")
    if x.shape[-1] < POINTS:
        return _markers(np.full(x.shape[:-1], False), *(np.full(x.shape[:-1], np.nan) for _ in range(2)), None)
    x, n = x[..., -POINTS:], n[..., -POINTS:]
    usable = (x > 0) & (n > 0) if kind == "rate" else (x > 0) & (x < n)
    possible = usable.all(axis=-1) & _follow_each_other(times)
    # Rows that cannot be calculated are filled with harmless numbers and blanked below.
    x, n = np.where(possible[..., None], x, 1.0), np.where(possible[..., None], n, 2.0)
    if kind == "proportion":
        return _markers(possible, *_proportion_trend(x, n))
    found = rate(x, n, per=per)
    return _markers(possible, *_weighted_trend(found.value, found.low, found.high))


def recent_trend_of_values(value: ArrayLike, low: ArrayLike, high: ArrayLike) -> RecentTrend:
    """Give OHID's recent trend of figures that come with their own 95% limits (such as standardised rates).

    value, low, high: shape (..., years), oldest first, years that follow each other; the last five are used
    returns, source: as recent_trend
    """
    parts = np.broadcast_arrays(as_numbers(value), as_numbers(low), as_numbers(high))
    if parts[0].shape[-1] < POINTS:
        blank = np.full(parts[0].shape[:-1], np.nan)
        return _markers(np.full(blank.shape, False), blank, blank, None)
    figure, lower, upper = (part[..., -POINTS:] for part in parts)
    possible = ((upper > lower) & ~np.isnan(figure)).all(axis=-1)
    shape = possible[..., None]
    filled = np.where(shape, figure, 0.0), np.where(shape, lower, 0.0), np.where(shape, upper, 1.0)
    return _markers(possible, *_weighted_trend(*filled))


def _follow_each_other(times: ArrayLike | None) -> bool:
    if times is None:
        return True
    last = np.floor(as_numbers(times))[..., -POINTS:]
    return bool(np.all(np.diff(last) == 1))


def _weighted_trend(value: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats, Floats]:
    """Fit a weighted line: its chi-squared, its slope, and the slopes with each point left out."""
    year = np.arange(1, POINTS + 1)
    weight = (3.92 / (high - low)) ** 2

    def fit(kept: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        w = weight * kept
        total, first, second = w.sum(-1), (w * year).sum(-1), (w * year**2).sum(-1)
        spread = total * second - first**2
        slope = (total * (w * year * value).sum(-1) - first * (w * value).sum(-1)) / spread
        return slope, slope**2 * spread / total

    slope, chi_squared = fit(np.ones(POINTS, dtype=bool))
    without = np.stack([fit(year != left_out)[0] for left_out in year], axis=-1)
    return chi_squared, slope, without


def _proportion_trend(x: Floats, n: Floats) -> tuple[Floats, Floats, Floats]:
    """Test shares by Cochran and Armitage; slopes are of the unweighted log odds."""
    year = np.arange(1, POINTS + 1)
    children, events = n.sum(-1), x.sum(-1)
    top = children * (children * (x * year).sum(-1) - events * (n * year).sum(-1)) ** 2
    bottom = events * (children - events) * (children * (n * year**2).sum(-1) - (n * year).sum(-1) ** 2)
    log_odds = np.log(x / (n - x))

    def slope(kept: NDArray[np.bool_]) -> Floats:
        clock = np.where(kept, year - year[kept].mean(), 0.0)
        return (clock * log_odds).sum(-1) / (clock**2).sum()

    without = np.stack([slope(year != left_out) for left_out in year], axis=-1)
    return top / bottom, slope(np.ones(POINTS, dtype=bool)), without


def _markers(possible: NDArray[np.bool_], chi_squared: Floats, slope: Floats, without: Floats | None) -> RecentTrend:
    marker = np.full(np.shape(possible), "cannot be calculated", dtype=object)
    if without is not None:
        # OHID counts a slope of exactly 0 as upwards when it asks whether all slopes agree.
        steady = np.all((without >= 0) == (slope >= 0)[..., None], axis=-1)
        clear = (chi_squared > LIMIT) & steady
        marker = np.select(
            [~possible, clear & (slope > 0), clear & (slope < 0)],
            ["cannot be calculated", "increasing", "decreasing"],
            default="no significant change",
        ).astype(object)
    blank = np.where(possible, 0.0, np.nan)
    return RecentTrend(marker, chi_squared + blank, slope + blank)


def rank_trend(values: ArrayLike, times: ArrayLike, *, confidence: float = 0.95) -> RankTrend:
    """Check a trend by ranks alone, which no single unusual year can make.

    values, times: figures and their years, shape (periods,); NaN for no figure, which is left out
    returns: RankTrend. NaN for fewer than 5 periods: four can never be clear (the smallest exact p-value is 0.083)
    raises: ValueError for another confidence, or times given twice
    source: Kendall (1938), Biometrika 30:81-93, exact p-value; Theil (1950) and Sen (1968), JASA 63:1379-1389. The
        exact distribution holds without ties; with ties SciPy's normal approximation is used
    """
    # scipy.stats takes longer to import than all the rest: only this check, which few pages show, pays for it.
    from scipy.stats import kendalltau, theilslopes

    check_confidence(confidence)
    y, t = as_numbers(values), as_numbers(times)
    told = ~np.isnan(y) & ~np.isnan(t)
    y, t = y[told], t[told]
    refuse(np.array(len(np.unique(t)) < len(t)), lambda _: "a time is given twice")
    if len(y) < FEWEST_PERIODS:
        return RankTrend(np.nan, np.nan, np.nan, np.nan, np.nan, len(y))
    exact = len(np.unique(y)) == len(y)
    # A level series has no ranks to agree or disagree: nothing speaks for a trend.
    test = (0.0, 1.0) if len(np.unique(y)) == 1 else kendalltau(t, y, method="exact" if exact else "asymptotic")
    line = theilslopes(y, t, alpha=confidence)
    return RankTrend(float(test[0]), float(test[1]), float(line[0]), float(line[2]), float(line[3]), len(y))
