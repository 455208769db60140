"""Against other areas and against targets: tested, never judged by whether two intervals overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.rates.exact import binomial_tails, central_p, exact_count_interval, exact_share_interval, poisson_p
from helpers.rates.funnels import rank_range
from helpers.rates.inputs import Floats, check_counts, check_parts, check_positive, refuse, together
from helpers.rates.intervals import wilson_interval
from helpers.rates.two_groups import difference_interval, fisher_p, rate_ratio, ratio_interval

Kind = Literal["rate", "proportion"]
Relation = Literal["fixed", "contains", "separate"]
SIGNIFICANCE = 0.05
FEWEST_OBSERVED_AND_EXPECTED = 5


class Comparison(NamedTuple):
    """Arrays of one shape: values in events per `per` (rates) or shares of 1, their ratio (1: the same), and a word."""

    value: Floats
    comparator: Floats
    ratio: Floats
    low: Floats
    high: Floats
    p_value: Floats
    position: NDArray[np.object_]


class NeighbourComparison(NamedTuple):
    """Against neighbours together, how many of them have a figure, and the area's rank among them and itself."""

    comparison: Comparison
    neighbours: int
    rank: float
    rank_low: float
    rank_high: float


class TargetResult(NamedTuple):
    """Arrays of one shape: the share with its 95% interval, the one-sided p-value of its side, and the state."""

    share: Floats
    low: Floats
    high: Floats
    p_value: Floats
    state: NDArray[np.object_]


def against_comparator(
    events: ArrayLike,
    population: ArrayLike,
    comparator_events: ArrayLike,
    comparator_population: ArrayLike,
    *,
    kind: Kind,
    relation: Relation,
    area: str | None = None,
    comparator_areas: Sequence[str] = (),
    per: float = 10_000,
    confidence: float = 0.95,
) -> Comparison:
    """Compare an area with a larger one: is it higher, lower or similar?

    events, population: counts of the area (kind 'rate': events of a population; 'proportion': of the children counted
        in population), whole numbers, shapes that broadcast; NaN gives NaN
    comparator_events, comparator_population: the same of the comparator
    relation: 'fixed' where the comparator is so large that its own chance does not matter (England); 'contains' where
        the area is part of it (a borough and London): the area is taken out of it first, since nobody is compared with
        themselves; 'separate' where the two share no child
    area, comparator_areas: names, to refuse an area that is among those it is 'separate' from
    per: rates are events per this many children
    returns: Comparison: value, comparator (without the area, if it contained it), ratio with its interval, p_value, and
        position: 'higher' or 'lower' (p below 1 - confidence; for proportions Newcombe's difference must agree),
        'similar' (no clear difference) or 'too few to say' (events and events expected together below 5, or a fixed
        comparator without any event, which has no ratio)
    raises: ValueError for an unknown kind or relation, an area compared with itself, or impossible counts
    source: exact tests: Garwood (1936) and Clopper and Pearson (1934) against a fixed value; conditional binomial
        (Przyborowski and Wilenski 1940) for two rates; Koopman (1984), Newcombe (1998) and Fisher (1935) for two shares
    """
    if kind not in ("rate", "proportion") or relation not in ("fixed", "contains", "separate"):
        raise ValueError(f"kind {kind!r} with relation {relation!r} is not known (see against_comparator)")
    if relation == "separate" and area is not None and area in comparator_areas:
        raise ValueError(f"{area} is among the areas it is compared with; take it out, or use relation='contains'")
    x, n, x0, n0 = together(events, population, comparator_events, comparator_population)
    for count, base in ((x, n), (x0, n0)):
        check_counts(count, "events", whole=True)
        check_positive(base, "population")
        if kind == "proportion":
            check_parts(count, base, "events", "children")
    if relation == "contains":
        check_parts(x, x0, "events of the area", "events of the comparator, which is said to contain it")
        refuse(n >= n0, lambda place: f"the comparator's {n0[place]:g} children do not contain the area's {n[place]:g}")
        x0, n0 = x0 - x, n0 - n
    compare = _with_fixed if relation == "fixed" else _with_separate
    ratio, low, high, p_value, clear = compare(x, n, x0, n0, kind, confidence)
    unit = per if kind == "rate" else 1.0
    position = np.select(
        [
            ~(x + n * x0 / n0 >= FEWEST_OBSERVED_AND_EXPECTED) | np.isnan(p_value),
            clear & (p_value < 1 - confidence) & (ratio > 1),
            clear & (p_value < 1 - confidence) & (ratio < 1),
        ],
        ["too few to say", "higher", "lower"],
        default="similar",
    ).astype(object)
    return Comparison(unit * x / n, unit * x0 / n0, ratio, low, high, p_value, position)


Measured = tuple[Floats, Floats, Floats, Floats, NDArray[np.bool_]]


def _with_fixed(x: Floats, n: Floats, x0: Floats, n0: Floats, kind: Kind, confidence: float) -> Measured:
    fixed = np.where(x0 > 0, x0 / n0, np.nan)
    expected = n * fixed
    if kind == "rate":
        limits = exact_count_interval(x, confidence=confidence)
        p_value = poisson_p(x, expected)
    else:
        limits = [n * limit for limit in exact_share_interval(x, n, confidence=confidence)]
        p_value = central_p(x, n, fixed, fixed)
    return x / expected, limits[0] / expected, limits[1] / expected, p_value, np.ones(x.shape, dtype=bool)


def _with_separate(x: Floats, n: Floats, x0: Floats, n0: Floats, kind: Kind, confidence: float) -> Measured:
    if kind == "rate":
        found = rate_ratio(x, n, x0, n0, confidence=confidence)
        return *found, np.ones(x.shape, dtype=bool)
    gap = difference_interval(x, n, x0, n0, confidence=confidence)
    limits = ratio_interval(x, n, x0, n0, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (x / n) / (x0 / n0)
    return ratio, limits.low, limits.high, fisher_p(x, n, x0, n0), (gap.low > 0) | (gap.high < 0)


def against_neighbours(
    events: float,
    population: float,
    neighbour_events: ArrayLike,
    neighbour_population: ArrayLike,
    *,
    kind: Kind,
    area: str | None = None,
    neighbours: Sequence[str] = (),
    per: float = 10_000,
    confidence: float = 0.95,
) -> NeighbourComparison:
    """Compare one area with its statistical neighbours together, and give its rank among them as a range.

    events, population: counts of the area; neighbour_events, neighbour_population: of each neighbour, shape
        (neighbours,), NaN for a neighbour without a figure, which is left out and not counted
    area, neighbours: names, to refuse an area among its own neighbours. Fix the list before looking at results
    returns: NeighbourComparison: comparison (against the neighbours' events and children added up, not the mean of
        their rates), neighbours with a figure, and rank, rank_low, rank_high (1 is the highest of all of them)
    raises: ValueError as against_comparator, or where no neighbour has a figure
    source: as against_comparator; rank_range
    """
    x0, n0 = np.atleast_1d(*together(neighbour_events, neighbour_population))
    told = ~np.isnan(x0) & ~np.isnan(n0)
    if not told.any():
        raise ValueError("no neighbour has a figure, so there is nothing to compare with")
    pooled = against_comparator(
        events, population, x0[told].sum(), n0[told].sum(),
        kind=kind, relation="separate", area=area, comparator_areas=neighbours, per=per, confidence=confidence,
    )  # fmt: skip
    ranks = rank_range(np.append(x0[told], events), np.append(n0[told], population), kind=kind, confidence=confidence)
    rank, rank_low, rank_high = (float(part[-1]) for part in ranks)
    return NeighbourComparison(pooled, int(told.sum()), rank, rank_low, rank_high)


def against_target(
    events: ArrayLike, children: ArrayLike, target: ArrayLike, *, better: Literal["higher", "lower"]
) -> TargetResult:
    """Say whether a share meets a target, and whether chance alone could have decided it.

    events, children: whole numbers, shapes that broadcast, children above 0; NaN gives NaN and an empty state
    target: share of 1, strictly between 0 and 1
    better: 'higher' where the share should be at least the target, 'lower' where it should be at most the target
    returns: TargetResult: share with its 95% (Wilson) interval; p_value, the chance of a share at least this far on its
        side of the target if the target were just met; state: 'met, clear', 'met, within margin', 'not met, within
        margin' or 'not met, clear' (clear: p below 0.05)
    raises: ValueError for another `better`, a target that is not a share, or impossible counts
    source: one-sided exact binomial test, Clopper and Pearson (1934)
    """
    if better not in ("higher", "lower"):
        raise ValueError(f"better is 'higher' or 'lower', not {better!r}")
    k, n, goal = together(events, children, target)
    refuse((goal <= 0) | (goal >= 1), lambda place: f"a target of {goal[place]:g} is not a share between 0 and 1")
    check_positive(n, "number of children")
    check_counts(k, "events", whole=True)
    limits = wilson_interval(k, n)
    at_least, at_most = binomial_tails(k, n, goal, goal)
    share = k / n
    above, met = share >= goal, (share >= goal) if better == "higher" else (share <= goal)
    p_value = np.where(above, at_least, at_most)
    clear = p_value < SIGNIFICANCE
    state = np.select(
        [np.isnan(p_value), met & clear, met, ~met & clear],
        ["", "met, clear", "met, within margin", "not met, clear"],
        default="not met, within margin",
    ).astype(object)
    return TargetResult(share, limits.low, limits.high, p_value, state)
