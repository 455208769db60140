"""The chance of every possible count, for adding up; and tables of groups whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom, poisson

Floats = NDArray[np.float64]
TAIL = 1e-12
"""Chance left out at each end of an endless list of counts: far below the last digit shown."""


def binomial_chances(children: int, share: float) -> Floats:
    """Give the chance of 0, 1, ... children, shape (children + 1,)."""
    return binom.pmf(np.arange(children + 1), children, share)


def most_events(mean: float) -> int:
    """Give a count that a Poisson count of this mean practically never exceeds."""
    return int(poisson.isf(TAIL, mean)) + 1


def poisson_chances(mean: float, most: int) -> Floats:
    """Give the chance of 0, 1, ..., most events, shape (most + 1,)."""
    return poisson.pmf(np.arange(most + 1), mean)


def every_pair(first: int, second: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give every pair of counts from 0 to first and from 0 to second, each of shape (first + 1, second + 1)."""
    return np.meshgrid(np.arange(first + 1), np.arange(second + 1), indexing="ij")


def chance_of(where: NDArray[np.bool_], first: Floats, second: Floats) -> float:
    """Add up the chance of the pairs where something is true, the two counts being independent."""
    return float(first @ where @ second)


def draw_groups(generator: np.random.Generator, runs: int, children: int, shares: ArrayLike) -> NDArray[np.int64]:
    """Draw the groups of the children in care, as likely as in the population, shape (runs, groups)."""
    return generator.multinomial(children, shares, size=runs)


def uneven_counts(
    generator: np.random.Generator, mean: float, spread: float, shape: tuple[int, ...]
) -> NDArray[np.int64]:
    """Draw counts whose variance is `spread` times their mean (1 would be chance alone), above 1."""
    return generator.negative_binomial(mean / (spread - 1), 1 / spread, shape)


def as_families(counts: NDArray[np.int64], shares: ArrayLike) -> pd.DataFrame:
    """Give counts of shape (runs, groups) as rows for `findings`: one case a run, groups g0, g1, ..."""
    runs, groups = counts.shape
    return pd.DataFrame({
        "case": np.repeat(np.arange(runs), groups),
        "group": np.tile([f"g{number}" for number in range(groups)], runs),
        "count": counts.ravel(),
        "total": np.repeat(counts.sum(axis=1), groups),
        "population_share": np.broadcast_to(shares, counts.shape).ravel(),
    })  # fmt: skip


def found(table: pd.DataFrame, *words: str) -> NDArray[np.bool_]:
    """Say of each row of findings whether it is one of the words; without words, over- or under-represented."""
    return table["finding"].isin(words or ("over-represented", "under-represented")).to_numpy()


def any_in_case(table: pd.DataFrame, *words: str) -> NDArray[np.bool_]:
    """Say of each case whether any of its rows is found."""
    return pd.Series(found(table, *words)).groupby(table["case"].to_numpy(), sort=True).any().to_numpy()
