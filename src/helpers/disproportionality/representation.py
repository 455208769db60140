"""Who is over- or under-represented: a group's share of the children in care against its share of all children."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from helpers.rates.exact import central_p, exact_share_interval, odds
from helpers.rates.inputs import Floats, check_counts, check_parts, refuse, together

ROUNDING_ERROR = 1e-9
"""Of floats: 0.07 of 100 children is 7.000000000000001, and 12 children must still be 5 more than expected."""


class Representation(NamedTuple):
    """What `representation` returns: arrays of one shape, NaN where the count was missing or suppressed."""

    care_share: Floats
    care_share_low: Floats
    care_share_high: Floats
    expected: Floats
    index: Floats
    index_low: Floats
    index_high: Floats
    ratio: Floats
    ratio_low: Floats
    ratio_high: Floats
    excess: Floats
    excess_low: Floats
    excess_high: Floats
    tipping_share: Floats
    p_value: Floats
    p_value_at_share: Floats


def representation(
    count: ArrayLike,
    total: ArrayLike,
    share: ArrayLike,
    *,
    share_low: ArrayLike | None = None,
    share_high: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Representation:
    """Compare a group's share of children in care with its share of all local children.

    count: children in care who are in the group, whole numbers, any shapes that broadcast
    total: children in care whose group is known, whole numbers, at least 1
    share: the group's share of all local children, strictly between 0 and 1; taken as known
    share_low, share_high: the ends of what the share could be, where it was published rounded ("10%" is 0.095 to
        0.105). Each interval then covers every share between them, and p_value is the worst of them
    returns: Representation of arrays:
        care_share (share of children in care, 0 to 1) with its interval; expected (children, if care reflected the
        population); index = care_share / share; ratio = the group's rate of care over everyone else's rate;
        excess = count - expected (children); each with _low and _high;
        tipping_share: the population share at which the finding would no longer stand (0 to 1);
        p_value: two-sided, below 1 - confidence exactly when the index's interval leaves out 1;
        p_value_at_share: the same at `share` itself, as if it had not been rounded.
        An index of 1, a ratio of 1 and an excess of 0 mean no difference. NaN inputs (missing, suppressed) give NaN.
        Where every child in care is in the group the ratio has no finite value: ratio and ratio_high are infinite.
        Where share_low is 0, index_high and ratio_high are infinite.
    raises: ValueError naming the first row with impossible counts, no children in care, or a share that is not
        strictly between 0 and 1 (no children, or all children, in the group: there is nobody to compare)
    source: Clopper and Pearson (1934), Biometrika 26:404-413; all measures are one-to-one with the binomial share,
        so one inversion gives every interval and the p-value, and they cannot disagree
    """
    low_given = share if share_low is None else share_low
    high_given = share if share_high is None else share_high
    x, n, q, q_low, q_high = together(count, total, share, low_given, high_given)
    _check(x, n, q, q_low, q_high)
    limits = exact_share_interval(x, n, confidence=confidence)
    # A missing count, total or share leaves nothing to say; a missing end of the range is the share itself.
    q_low, q_high = np.where(np.isnan(q_low), q, q_low), np.where(np.isnan(q_high), q, q_high)
    blank = np.where(np.isnan(x) | np.isnan(n) | np.isnan(q), np.nan, 0.0)
    low, high, care_share = limits.low + blank, limits.high + blank, x / n + blank
    return Representation(
        care_share=care_share,
        care_share_low=low,
        care_share_high=high,
        expected=n * q + blank,
        index=care_share / q,
        index_low=low / q_high,
        index_high=_divide(high, q_low),
        ratio=_divide(odds(care_share), odds(q)),
        ratio_low=_divide(odds(low), odds(q_high)),
        ratio_high=_divide(odds(high), odds(q_low)),
        excess=n * (care_share - q),
        excess_low=n * (low - q_high),
        excess_high=n * (high - q_low),
        tipping_share=np.where(care_share > q, low, high),
        p_value=central_p(x, n, q_low, q_high) + blank,
        p_value_at_share=central_p(x, n, q, q) + blank,
    )


def count_range(percentage: ArrayLike, total: ArrayLike, *, decimals: int = 0) -> tuple[Floats, Floats]:
    """Give the fewest and the most children that a published percentage of a total can stand for.

    percentage: rounded, 0 to 100 (14 for 14%), shapes that broadcast; total: whole numbers of children
    decimals: decimal places it was printed with. Halves count both ways, since sources round half up or half to even
    returns: (fewest, most), whole numbers; NaN where an input is NaN
    raises: ValueError where no whole number of children gives the percentage
    """
    percent, n = together(percentage, total)
    check_counts(n, "children in care", whole=True)
    half = 0.5 * 10.0**-decimals
    fewest = np.maximum(np.ceil(n * (percent - half) / 100 - ROUNDING_ERROR), 0)
    most = np.minimum(np.floor(n * (percent + half) / 100 + ROUNDING_ERROR), n)
    refuse(fewest > most, lambda place: f"no number of {n[place]:g} children is {percent[place]:g}% of them")
    return fewest, most


def representation_of_percentage(
    percentage: ArrayLike,
    total: ArrayLike,
    share: ArrayLike,
    *,
    share_low: ArrayLike | None = None,
    share_high: ArrayLike | None = None,
    decimals: int = 0,
    confidence: float = 0.95,
) -> Representation:
    """Compare as `representation` does where the share of children in care, too, is only known as a rounded percentage.

    percentage, decimals: as in count_range; total, share, share_low, share_high, confidence: as in `representation`
    returns: Representation: each measure at the percentage itself, each interval over every count the percentage can
        stand for, and the worst p_value of them. Say "derived from rounded percentages" beside it
    raises: ValueError as `representation` and count_range do
    """
    percent, n, q = together(percentage, total, share)
    options = {"share_low": share_low, "share_high": share_high, "confidence": confidence}
    ends = [representation(count, n, q, **options) for count in count_range(percent, n, decimals=decimals)]
    care_share, widest = percent / 100, {}
    for name in Representation._fields:
        lowest, highest = (getattr(end, name) for end in ends)
        widest[name] = highest if name.endswith("_high") else lowest
    between = (ends[0].index < 1) & (ends[1].index > 1)
    for name in ("p_value", "p_value_at_share"):
        worst = np.maximum(getattr(ends[0], name), getattr(ends[1], name))
        widest[name] = np.where(between, 1.0, worst)
    widest |= {"care_share": care_share, "index": care_share / q, "excess": n * (care_share - q)}
    widest["ratio"] = _divide(odds(care_share), odds(q))
    widest["tipping_share"] = np.where(care_share > q, widest["care_share_low"], widest["care_share_high"])
    return Representation(**widest)


def _divide(top: Floats, bottom: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.divide(top, bottom)


def _check(x: Floats, n: Floats, q: Floats, q_low: Floats, q_high: Floats) -> None:
    check_counts(x, "children in the group", whole=True)
    check_counts(n, "children in care", whole=True)
    check_parts(x, n, "children in the group", "children in care")
    refuse(n == 0, lambda _: "no children in care of known group, so there is no share to compare")
    refuse(
        (q <= 0) | (q >= 1),
        lambda place: f"a population share of {q[place]:g} leaves nobody to compare; it must lie between 0 and 1",
    )
    refuse(
        (q_low < 0) | (q_low > q) | (q_high < q) | (q_high > 1),
        lambda place: (
            f"the share {q[place]:g} must lie in its range, which runs from {q_low[place]:g} to {q_high[place]:g}, "
            "within 0 and 1"
        ),
    )
