"""Combinations of ethnicity, gender and age: is any different from what each of them explains by itself?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaln

from helpers.rates.inputs import Floats, as_numbers, check_confidence, check_counts, check_positive, refuse, together
from helpers.rates.roots import bisect

CERTAIN = 0.975
PRIOR_SPREAD = 0.5
SPREADS = np.linspace(0.005, 2.5, 250)
FEWEST_OBSERVED_AND_EXPECTED = 5
FITTING_ROUNDS = 1_000
NEGLIGIBLE = 1e-18
FURTHEST = 1_000.0
"""Where the search for a pooled ratio's upper limit ends, beyond ten times the largest raw ratio."""


class Shrunk(NamedTuple):
    """Arrays of shape (cells,): the ratio drawn towards 1, its interval, and the chance that it is above 1."""

    ratio: Floats
    low: Floats
    high: Floats
    chance_above: Floats


def intersections(
    table: pd.DataFrame,
    *,
    characteristics: Sequence[str] = ("ethnic_group", "gender", "age_band"),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare every combination of characteristics with what its parts explain separately, small cells pooled partly.

    table: one row per combination, with the columns of characteristics, count (children in care) and population
        (children), whole table without totals; both known in every row: this table is computed before disclosure, and
        shown only rounded to base 5
    returns: the same rows with expected (children in care if ethnicity, gender and age each had their own effect and no
        combination an extra one), raw_ratio (count over expected), ratio, low, high (pooled partly towards 1),
        chance_above (that the ratio is above 1) and finding: 'over-represented' where that chance is above 0.975,
        'under-represented' below 0.025, 'too few to say' where count and expected together are below 5, else 'no clear
        difference'. Each is relative to its parts, not to the population. Rows without children have no ratio
    raises: ValueError where a column is missing, a row is given twice, a characteristic or a number is missing, a
        number is not a count, or a row has children in care and no population
    source: additive Poisson model by iterative proportional fitting, Bishop, Fienberg and Holland (1975), chapter 3;
        gamma-Poisson pooling averaged over its spread with a half-normal(0.5) prior, after Gelman (2006), Bayesian
        Analysis 1:515-533
    """
    columns = list(characteristics)
    absent = [name for name in [*columns, "count", "population"] if name not in table.columns]
    if absent:
        raise ValueError(f"the table has no column {', '.join(absent)}")
    if table[columns].isna().any(axis=None):
        raise ValueError(f"a combination has no {' or '.join(columns)}; leave unknown groups out and count them beside")
    if table.duplicated(columns).any():
        raise ValueError(f"a combination of {', '.join(columns)} stands in more than one row")
    count, population = as_numbers(table["count"]), as_numbers(table["population"])
    refuse(np.isnan(count + population), lambda _: "a count or a population is missing; no combination can be left out")
    check_counts(count, "children in care", whole=True)
    check_counts(population, "children")
    refuse((population == 0) & (count > 0), lambda place: f"{count[place]:g} children in care of no children")
    codes = [pd.factorize(table[name])[0] for name in columns]
    expected = additive_expectation(count, population, codes)
    some = expected > 0
    found = partial_pooling(count[some], expected[some], confidence=confidence)
    result = table.assign(expected=expected, raw_ratio=np.where(some, count / np.where(some, expected, 1), np.nan))
    for name, values in found._asdict().items():
        result[name] = np.nan
        result.loc[some, name] = values
    chance = result["chance_above"].to_numpy()
    result["finding"] = np.select(
        [count + expected < FEWEST_OBSERVED_AND_EXPECTED, chance > CERTAIN, chance < 1 - CERTAIN],
        ["too few to say", "over-represented", "under-represented"],
        default="no clear difference",
    )
    return result


def additive_expectation(count: Floats, population: Floats, codes: Sequence[np.ndarray]) -> Floats:
    """Give the counts expected if each characteristic multiplies the rate by itself: the main-effects Poisson fit.

    count, population: arrays of shape (cells,); codes: for each characteristic, which of its groups each cell is in
    returns: expected counts, shape (cells,), whose sum over each group of each characteristic is that of the counts
    """
    total = population.sum()
    expected = population * (count.sum() / total if total > 0 else 0.0)
    for _ in range(FITTING_ROUNDS):
        before = expected
        for code in codes:
            wanted, fitted = np.bincount(code, count), np.bincount(code, expected)
            expected = expected * np.divide(wanted, fitted, out=np.zeros_like(wanted), where=fitted > 0)[code]
        if np.max(np.abs(expected - before), initial=0) < 1e-10:
            break
    return expected


def partial_pooling(count: ArrayLike, expected: ArrayLike, *, confidence: float = 0.95) -> Shrunk:
    """Draw ratios of count to expected towards 1, the more the less is known, however far cells truly lie apart.

    count: whole numbers; expected: above 0; both of shape (cells,)
    returns: Shrunk of arrays: ratio between count / expected and 1, its interval, and the chance that it is above 1.
        The spread between cells is not estimated and then believed (which can make every cell absurdly certain): each
        possible spread counts by how well it explains all cells
    raises: ValueError for another confidence, or naming the first cell with an impossible number
    """
    check_confidence(confidence)
    x, mean = together(count, expected)
    check_counts(x, "children", whole=True)
    check_positive(mean, "number of expected children")
    if x.size == 0:
        return Shrunk(*(np.zeros(0) for _ in Shrunk._fields))
    # Ratios follow a gamma of mean 1 and shape a = 1 / spread^2: counts are then negative binomial around their mean.
    a = 1 / SPREADS[:, None] ** 2
    fits = gammaln(a + x) - gammaln(a) + a * np.log(a / (a + mean)) + x * np.log(mean / (a + mean))
    log_weight = np.sum(fits, axis=1) - SPREADS**2 / (2 * PRIOR_SPREAD**2)
    weight = np.exp(log_weight - log_weight.max())
    # Spreads that explain the cells too badly to move the last digit of any result only cost time.
    likely = weight > NEGLIGIBLE
    a, weight = a[likely], weight[likely, None] / weight[likely].sum()
    tail = (1 - confidence) / 2
    start, end = np.zeros(x.shape), np.full(x.shape, FURTHEST + 10 * np.max(x / mean))

    def chance_below(ratio: Floats) -> Floats:
        return np.sum(weight * gammainc(a + x, (a + mean) * ratio), axis=0)

    return Shrunk(
        np.sum(weight * (a + x) / (a + mean), axis=0),
        bisect(lambda ratio: chance_below(ratio) < tail, start, end),
        bisect(lambda ratio: chance_below(ratio) < 1 - tail, start, end),
        1 - chance_below(np.ones(x.shape)),
    )
