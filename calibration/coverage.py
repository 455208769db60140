"""How often each 95% interval holds the truth: the least and the mean over a grid of truths."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from calibration.chances import binomial_chances, every_pair, most_events, poisson_chances
from calibration.results import drawn_row, exact_row
from helpers.disproportionality import representation
from helpers.rates import (
    Interval,
    difference_interval,
    direct_rate,
    exact_count_interval,
    exact_share_interval,
    rate,
    rate_ratio,
    ratio_interval,
    standardised_ratio,
    wilson_interval,
)
from helpers.trends import annual_change, change, proportion_trend, ratio_change

PROMISED = "at least 95%"
CHILDREN = (10, 30, 100, 300, 600)
TRUE_SHARES = np.arange(0.005, 0.9951, 0.005)
TRUE_MEANS = np.concatenate([np.arange(0.1, 30, 0.1), np.arange(30, 301, 1.0)])
COHORTS = ((20, 80), (50, 50), (50, 250), (150, 150))
COHORT_SHARES = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
YEARS = (5, 8, 13)
SEED = 801
RUNS = 10_000
EDGE = 1e-12
"""Of floats: a truth that lies on a limit lies within it."""
Floats = NDArray[np.float64]


def _least_and_mean(what: str, setting: str, chances: Sequence[float], *, promised: str = "") -> list[dict]:
    return [
        exact_row(f"{what}: least coverage", setting, min(chances), promised=promised),
        exact_row(f"{what}: mean coverage", setting, float(np.mean(chances))),
    ]


def _within(interval: Interval, truth: float) -> NDArray[np.bool_]:
    return (interval.low <= truth + EDGE) & (interval.high >= truth - EDGE)


def one_share() -> list[dict]:
    """Exact (Clopper-Pearson) and Wilson intervals of a share, for every count of children."""
    rows = []
    for what, engine, promised in (
        ("Share, exact (Clopper-Pearson)", exact_share_interval, PROMISED),
        ("Share, Wilson", wilson_interval, ""),
    ):
        for children in CHILDREN:
            interval = engine(np.arange(children + 1), children)
            chances = [float(binomial_chances(children, share) @ _within(interval, share)) for share in TRUE_SHARES]
            rows += _least_and_mean(what, f"{children} children, shares of 0.5% to 99.5%", chances, promised=promised)
    return rows


def index_and_ratio(shares: Sequence[float] = (0.01, 0.05, 0.1, 0.3)) -> list[dict]:
    """The intervals of a group's representation index and ratio, for truths from none to three times the share."""
    rows = []
    for size in (100, 300, 600):
        for share in shares:
            found = representation(np.arange(size + 1), size, share)
            truths = share * np.linspace(0.1, 3, 59)
            odds = (truths / (1 - truths)) / (share / (1 - share))
            index, ratio = Interval(found.index_low, found.index_high), Interval(found.ratio_low, found.ratio_high)
            setting = f"{size} children, group of {100 * share:g}%, index of 0.1 to 3"
            # Both are made from one share, so one holds the truth exactly when the other does; either could break that.
            chances = [
                float(binomial_chances(size, truth) @ (_within(index, truth / share) & _within(ratio, times)))
                for truth, times in zip(truths, odds, strict=True)
            ]
            rows += _least_and_mean("Representation index and ratio, both", setting, chances, promised=PROMISED)
    return rows


def one_rate() -> list[dict]:
    """Exact Poisson limits; the rate's and the standardised ratio's (exact below 10 events, Byar's from 10)."""
    counts = np.arange(most_events(TRUE_MEANS[-1]) + 1)
    base = 20_000
    crude, ratio = rate(counts, base), standardised_ratio(counts, 50.0)
    intervals = {
        "Count, exact Poisson": (exact_count_interval(counts), TRUE_MEANS, PROMISED),
        "Rate (exact below 10 events, Byar from 10)": (Interval(crude.low, crude.high), TRUE_MEANS * 10_000 / base, ""),
        "Standardised ratio (exact below 10, Byar from 10)": (Interval(ratio.low, ratio.high), TRUE_MEANS / 50.0, ""),
    }
    rows = []
    for what, (interval, truths, promised) in intervals.items():
        chances = np.array([
            float(poisson_chances(mean, counts[-1]) @ _within(interval, truth))
            for mean, truth in zip(TRUE_MEANS, truths, strict=True)
        ])  # fmt: skip
        for name, part in (("0.1 to 10", TRUE_MEANS <= 10), ("10 to 300", TRUE_MEANS > 10)):
            rows += _least_and_mean(what, f"{name} events expected", list(chances[part]), promised=promised)
    return rows


def two_rates() -> list[dict]:
    """The ratio of two rates; and the difference of two years' flows, by how far apart the years truly are."""
    rows = []
    for first, second in ((5, 5), (20, 5), (20, 40), (60, 20), (100, 100), (150, 60)):
        own, other = every_pair(most_events(first), most_events(second))
        found = rate_ratio(own, 10_000, other, 40_000)
        chance = _coverage(Interval(found.low, found.high), 4 * first / second, first, second)
        setting = f"{first} events expected of 10,000 children, {second} of 40,000"
        rows.append(exact_row("Ratio of two rates", setting, chance, promised=PROMISED))
    for times in (1, 1.25, 1.5, 2, 3):
        mean = 40 * times
        before, after = every_pair(most_events(40), most_events(mean))
        found = change(before, after, kind="flow")
        chance = _coverage(Interval(found.change_low, found.change_high), mean - 40, 40, mean)
        setting = f"40 events expected in the first year, {mean:g} in the second"
        rows.append(exact_row("Change of a flow, in children", setting, chance))
    return rows


def _coverage(interval: Interval, truth: float, first: float, second: float) -> float:
    within = _within(interval, truth)
    sides = [poisson_chances(mean, size - 1) for mean, size in zip((first, second), within.shape, strict=True)]
    return float(sides[0] @ within @ sides[1])


def two_shares() -> list[dict]:
    """Newcombe's interval of a difference and Koopman's of a ratio, for every pair of true shares of the grid."""
    rows = []
    engines: dict[str, tuple[Callable[..., Interval], Callable[[float, float], float]]] = {
        "Difference of two shares, Newcombe": (difference_interval, lambda one, two: one - two),
        "Ratio of two shares, Koopman": (ratio_interval, lambda one, two: one / two),
    }
    for what, (engine, truth) in engines.items():
        for first, second in COHORTS:
            own, other = every_pair(first, second)
            interval = engine(own, first, other, second)
            sides = [[binomial_chances(size, share) for share in COHORT_SHARES] for size in (first, second)]
            chances = [
                float(sides[0][i] @ _within(interval, truth(one, two)) @ sides[1][j])
                for i, one in enumerate(COHORT_SHARES)
                for j, two in enumerate(COHORT_SHARES)
            ]
            rows += _least_and_mean(what, f"{first} and {second} children, shares of 2% to 95%", chances)
    return rows


def standard_population(runs: int = RUNS) -> list[dict]:
    """The directly standardised rate of ten cells (age by gender) with unlike rates."""
    rows = []
    base = np.array([500, 2_100, 2_800, 3_400, 1_200, 520, 2_200, 2_900, 3_500, 1_250])
    standard = np.array([600, 2_300, 2_800, 3_000, 1_000, 600, 2_400, 2_900, 3_100, 1_100])
    shape = np.array([1.0, 0.6, 0.7, 1.2, 2.5, 1.0, 0.6, 0.8, 1.4, 3.5])
    for events in (15, 40, 150):
        seed = SEED + len(rows)
        means = events * base * shape / np.sum(base * shape)
        drawn = np.random.default_rng(seed).poisson(means, (runs, len(base)))
        found = direct_rate(drawn, base, standard)
        told = ~np.isnan(found.value)
        truth = 10_000 * np.sum(standard * means / base) / standard.sum()
        within = _within(Interval(found.low, found.high), truth)[told]
        rows.append(drawn_row("Directly standardised rate", f"10 cells, {events} events expected", within, seed))
    return rows


def slopes(runs: int = RUNS) -> list[dict]:
    """Annual change of a flow, of the odds of a share, and of a ratio, with a true change of 5% a year."""
    rows = []
    for years in YEARS:
        times = np.arange(years)
        growth = 1.05**times
        seed = SEED + 20 + len(rows)
        generator = np.random.default_rng(seed)
        for mean in (10, 60):
            found = annual_change(generator.poisson(mean * growth, (runs, years)), None, times)
            rows.append(_slope_row("Annual change of a flow", f"{mean} events in the first", found, 5.0, years, seed))
        odds = 0.25 * growth
        drawn = generator.binomial(60, odds / (1 + odds), (runs, years))
        found = proportion_trend(drawn, np.full(years, 60), times)
        told = Interval(found.odds_low, found.odds_high)
        rows.append(
            _slope_row("Annual change of a share's odds", "cohorts of 60, 20% in the first", told, 1.05, years, seed)
        )
        own, other = generator.poisson(40 * growth, (runs, years)), generator.poisson(160, (runs, years))
        found = ratio_change(own, np.full(years, 5_000), other, np.full(years, 40_000), times)
        rows.append(_slope_row("Annual change of a ratio", "40 and 160 events in the first", found, 5.0, years, seed))
    return rows


def _slope_row(what: str, setting: str, interval: Interval, truth: float, years: int, seed: int) -> dict:
    told = ~np.isnan(interval.low)
    within = _within(Interval(interval.low, interval.high), truth)[told]
    return drawn_row(what, f"{years} years, 5% a year, {setting}", within, seed)


PARTS = (one_share, index_and_ratio, one_rate, two_rates, two_shares, standard_population, slopes)
