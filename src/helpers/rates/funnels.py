"""Areas side by side: which lie beyond what chance allows around one target, and which ranks each could hold."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaincc, ndtr, ndtri

from helpers.rates.corrections import adjust_p_values
from helpers.rates.exact import central_p
from helpers.rates.inputs import Floats, check_confidence, check_counts, check_parts, check_positive, together
from helpers.rates.intervals import count_limits
from helpers.rates.roots import bisect
from helpers.rates.two_groups import fisher_p

Kind = Literal["rate", "proportion"]
LEVELS = (0.95, 0.998)
FEWEST_IN_AREA = 20
OVERDISPERSED_ABOVE = 1.5
FEWEST_AREAS = 10
"""Areas below which a spread beyond chance cannot be told, so that limits are never widened."""
WINSORISED = 0.10
SMALLEST_TAIL = 1e-300


class Funnel(NamedTuple):
    """Arrays of shape (areas,); target, dispersion and widened_by are single numbers."""

    value: Floats
    target: float
    low_95: Floats
    high_95: Floats
    low_998: Floats
    high_998: Floats
    score: Floats
    position: NDArray[np.object_]
    dispersion: float
    widened_by: float


class RankRange(NamedTuple):
    """Arrays of shape (areas,): 1 is the highest value; `low` to `high` are the ranks the area could hold."""

    rank: Floats
    low: Floats
    high: Floats


def funnel_limits(
    events: ArrayLike,
    population: ArrayLike,
    *,
    kind: Kind,
    target: float | None = None,
    per: float | None = None,
    overdispersion: bool = True,
) -> Funnel:
    """Give the control limits of a funnel plot at each area's population, and where each area lies.

    events, population: counts of each area, shape (areas,), population above 0; NaN for a hidden or missing area. For
        several years together give the population of all years added up
    kind: 'rate' (events of a known population) or 'proportion' (events among the children counted in population). For
        standardised ratios give the expected events as population, kind 'rate', target 1 and per 100
    target: the value all areas are held against, as events for each child; None takes all areas together
    per: values are events per this many children; None is 10,000 for rates and 1 for proportions
    overdispersion: widen the limits where 10 areas or more differ by more than chance (winsorised dispersion above 1.5)
    returns: Funnel: value, target and limits (95% and 99.8%) in events per `per`; score (standard errors from the
        target); position: 'far above', 'above', 'as expected', 'below', 'far below' (far: beyond the 99.8% limit) or
        'too few to say' (fewer than 20 children, or fewer than 20 events expected for a rate); dispersion (1 is
        chance alone) and widened_by, the factor on the distance of every limit from the target (1: not widened)
    raises: ValueError for an unknown kind, impossible counts, no population, a target that is not above 0, or no area
    source: Spiegelhalter (2005), Statistics in Medicine 24:1185-1202 (funnels; winsorised multiplicative dispersion);
        PHEindicatormethods, calculate_funnel_limits (exact limits for rates) and assign_funnel_significance (Byar's):
        a rate almost on a drawn limit may be judged by the other side of it
    """
    if kind not in ("rate", "proportion"):
        raise ValueError(f"kind {kind!r} is not known; choose 'rate' or 'proportion'")
    x, n = np.atleast_1d(*together(events, population))
    check_counts(x, "events")
    check_positive(n, "population")
    told = ~np.isnan(x) & ~np.isnan(n)
    if kind == "proportion":
        check_parts(x, n, "events", "children")
    centre = _target(x[told], n[told], target, kind)
    unit = per if per is not None else (10_000.0 if kind == "rate" else 1.0)
    expected = centre * n
    variance = expected if kind == "rate" else expected * (1 - centre)
    score = (x - expected) / np.sqrt(variance)
    enough = told & ((expected if kind == "rate" else n) >= FEWEST_IN_AREA)
    dispersion = _dispersion(score[enough])
    widened = float(np.sqrt(dispersion)) if overdispersion and dispersion > OVERDISPERSED_ABOVE else 1.0
    tails = [max(float(ndtr(widened * ndtri((1 - level) / 2))), SMALLEST_TAIL) for level in LEVELS]
    limits = [_limits(n, centre, kind, tail) for tail in tails]
    position = np.full(x.shape, "as expected", dtype=object)
    for (low, high), tail, word in zip(limits, tails, ("", "far "), strict=True):
        below, above = _beyond(x, expected, kind, tail, low, high)
        position[below], position[above] = f"{word}below", f"{word}above"
    position[~enough] = "too few to say"
    (low_95, high_95), (low_998, high_998) = ((unit * low / n, unit * high / n) for low, high in limits)
    return Funnel(unit * x / n, unit * centre, low_95, high_95, low_998, high_998, score, position, dispersion, widened)


def _target(x: Floats, n: Floats, target: float | None, kind: Kind) -> float:
    if len(x) == 0:
        raise ValueError("no area has a count and a population, so there is no target")
    centre = float(x.sum() / n.sum()) if target is None else float(target)
    if not 0 < centre < (1 if kind == "proportion" else np.inf):
        raise ValueError(f"a target of {centre:g} events for each child leaves no funnel")
    return centre


def _dispersion(score: Floats) -> float:
    """Give the mean squared score with the furthest tenth on each side drawn in (Spiegelhalter 2005)."""
    if len(score) < FEWEST_AREAS:
        return 1.0
    drawn_in = np.clip(score, *np.quantile(score, [WINSORISED, 1 - WINSORISED]))
    return float(np.mean(drawn_in**2))


def _limits(n: Floats, centre: float, kind: Kind, tail: float) -> tuple[Floats, Floats]:
    """Give the counts between which an area of this size lies at one level: Wilson's or Poisson's turned round."""
    expected = centre * n
    if kind == "proportion":
        reach = -ndtri(tail) * np.sqrt(expected * (1 - centre))
        return np.maximum(expected - reach, 0), np.minimum(expected + reach, n)
    z = -ndtri(tail)
    furthest = expected + 2 * z * np.sqrt(expected) + 2 * z**2 + 50
    # The upper limit is the count whose own lower exact limit is the expected count; the lower, the other way round.
    high = bisect(lambda count: gammainc(count, expected) > tail, expected, furthest)
    low = bisect(lambda count: gammaincc(count + 1, expected) < tail, np.zeros_like(expected), expected)
    return np.where(np.exp(-expected) >= tail, 0.0, low), high


def _beyond(
    x: Floats, expected: Floats, kind: Kind, tail: float, low: Floats, high: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    if kind == "proportion":
        return x < low, x > high
    own = count_limits(x, tail)
    return own.high < expected, own.low > expected


def rank_range(events: ArrayLike, population: ArrayLike, *, kind: Kind, confidence: float = 0.95) -> RankRange:
    """Give each area's rank as a range: no place in a league table is more certain than its range says.

    events, population: counts of each area, shape (areas,), events (and, for proportions, population) whole numbers,
        population above 0; NaN for a hidden or missing area, which has no rank and is not counted
    kind: 'rate' or 'proportion', as in funnel_limits
    returns: RankRange(rank, low, high): 1 is the highest; low is 1 + the areas clearly higher, high is the number of
        areas less those clearly lower; clear is an exact test against that area, Holm-adjusted over its comparisons.
        Areas of equal value share the smallest of their ranks
    raises: ValueError for an unknown kind, another confidence, or naming the first row with impossible counts
    source: Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91:476-518 (ranks from pairwise
        tests with a familywise correction), with exact conditional binomial or Fisher tests
    """
    check_confidence(confidence)
    if kind not in ("rate", "proportion"):
        raise ValueError(f"kind {kind!r} is not known; choose 'rate' or 'proportion'")
    x, n = np.atleast_1d(*together(events, population))
    check_counts(x, "events", whole=True)
    check_positive(n, "population")
    if kind == "proportion":
        check_counts(n, "children", whole=True)
        check_parts(x, n, "events", "children")
    value = x / n
    p = _pairwise_p(x, n, kind)
    np.fill_diagonal(p, np.nan)
    clear = adjust_p_values(p) < 1 - confidence
    higher, lower = value[None, :] > value[:, None], value[None, :] < value[:, None]
    areas = np.sum(~np.isnan(value))
    blank = np.where(np.isnan(value), np.nan, 0.0)
    return RankRange(
        1 + np.sum(higher, axis=1) + blank,
        1 + np.sum(higher & clear, axis=1) + blank,
        areas - np.sum(lower & clear, axis=1) + blank,
    )


def _pairwise_p(x: Floats, n: Floats, kind: Kind) -> Floats:
    """Give the exact p-value of every pair of areas, shape (areas, areas)."""
    one, two, size, other = x[:, None], x[None, :], n[:, None], n[None, :]
    if kind == "proportion":
        return fisher_p(one, size, two, other)
    fair = size / (size + other)
    return central_p(one, one + two, fair, fair)
