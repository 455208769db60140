"""Children in care of whom 68% stay each year, with nothing changing: how often is a trend seen that is not there?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import kendalltau

from calibration.results import drawn_row
from calibration.trends import YEARS, as_series, says_trend
from helpers.trends import annual_change, proportion_trend

STAYING = 0.68
SIZES = (100, 400)
SHARE = 0.3
"""Of the children who enter, those with the characteristic whose share of all children in care is looked at."""
SEED = 601
RUNS = 10_000
RANK_RUNS = 4_000
AT_MOST = "at most 5%"


def cohort(generator: np.random.Generator, runs: int, size: float, years: int) -> dict[str, np.ndarray]:
    """Draw 31 March counts and the entries and exits since the year before, each of shape (runs, years).

    The first count is drawn from what the cohort settles to, so that no year differs from another but by chance.
    """
    stock = np.empty((runs, years), dtype=int)
    came, went = np.zeros_like(stock), np.zeros_like(stock)
    stock[:, 0] = generator.poisson(size, runs)
    for year in range(1, years):
        went[:, year] = generator.binomial(stock[:, year - 1], 1 - STAYING)
        came[:, year] = generator.poisson((1 - STAYING) * size, runs)
        stock[:, year] = stock[:, year - 1] + came[:, year] - went[:, year]
    return {"stock": stock, "entries": came, "exits": went}


def our_page(sizes: Sequence[int] = SIZES, runs: int = RUNS) -> list[dict]:
    """What the page would say of the stock, of the flows and of a share of the stock."""
    rows = []
    for years in YEARS:
        for size in sizes:
            seed = SEED + 10 * years + SIZES.index(size)
            generator = np.random.default_rng(seed)
            drawn, setting = cohort(generator, runs, size, years), f"{years} years, about {size} children in care"
            share = generator.binomial(drawn["stock"], SHARE)
            flows = {name: cohort(generator, runs, size, years + 1)[name][:, 1:] for name in ("entries", "exits")}
            said = {
                "31 March count, by entries against exits": as_series(
                    drawn["stock"], "stock", entries=drawn["entries"], exits=drawn["exits"]
                ),
                "children who came into care": as_series(flows["entries"], "flow"),
                "children who left care": as_series(flows["exits"], "flow"),
                "share of a 31 March count": as_series(share, "stock share", base=drawn["stock"]),
            }
            rows += [
                drawn_row(
                    f"This page says rising or falling: {what}", setting, says_trend(table), seed, promised=AT_MOST
                )
                for what, table in said.items()
            ]
    return rows


def naive_tests(sizes: Sequence[int] = SIZES, runs: int = RANK_RUNS) -> list[dict]:
    """What tests find that take 31 March counts for independent years; the page never does."""
    rows = []
    for years in YEARS:
        for size in sizes:
            seed = SEED + 500 + 10 * years + SIZES.index(size)
            generator = np.random.default_rng(seed)
            members, others = (cohort(generator, runs, size * part, years)["stock"] for part in (SHARE, 1 - SHARE))
            stock, times = members + others, np.arange(years)
            ranks = np.array([kendalltau(times, series).pvalue for series in stock])
            tests = {
                "log-linear trend of 31 March counts": annual_change(stock, None, times).p_value,
                "Mann-Kendall test of 31 March counts": ranks,
                "Cochran-Armitage test of shares of 31 March counts": proportion_trend(members, stock, times).p_value,
            }
            setting = f"{years} years, about {size} children in care"
            rows += [drawn_row(f"Naive: {what}", setting, p < 0.05, seed) for what, p in tests.items()]
    return rows


PARTS = (our_page, naive_tests)
