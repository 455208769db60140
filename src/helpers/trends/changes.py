"""What changed between two dates, and whether the change is beyond chance."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from helpers.rates.exact import central_p, exact_share_interval
from helpers.rates.inputs import Floats, check_counts, check_positive, refuse, together
from helpers.rates.two_groups import difference_interval, fisher_p

Kind = Literal["stock", "flow", "rate", "proportion"]

KINDS = ("stock", "flow", "rate", "proportion")


class Change(NamedTuple):
    """Arrays of one shape; NaN where an input was missing or suppressed, or where no test is right."""

    before: Floats
    after: Floats
    change: Floats
    change_low: Floats
    change_high: Floats
    p_value: Floats


def change(
    before: ArrayLike,
    after: ArrayLike,
    *,
    kind: Kind,
    base_before: ArrayLike | None = None,
    base_after: ArrayLike | None = None,
    entries: ArrayLike | None = None,
    exits: ArrayLike | None = None,
    per: float = 10_000,
    confidence: float = 0.95,
) -> Change:
    """Give the change between two dates or two years, each kind of figure by its own method.

    before, after: counts at the earlier and the later time, whole numbers, any shapes that broadcast
    kind: 'stock', a count on a day (children in care on 31 March). Most children are in both counts, so two stocks are
              never tested against each other: entries and exits between the two days are. Without them the change is
              stated and has no interval and no p-value. The interval is of entries minus exits, which is also the
              change wherever the return's stocks and flows agree
          'flow', a count over a year (children who started care): both years together, each event as likely in either
          'rate', a flow and its population (base_before, base_after), in events per `per`: the same, given populations
          'proportion', events of the children in base_before and base_after, as shares of 1. For cohorts of different
              children; where most are in both (shares of a 31 March count) it is approximate: describe, don't test
    entries, exits: for a stock, children who started and who ceased between the two days
    returns: Change(before, after, change, change_low, change_high, p_value) of arrays, in children, in events per `per`
        or in shares of 1. Except for proportions the interval leaves out 0 exactly when p_value is below
        1 - confidence; for proportions a finding needs both. NaN inputs give NaN
    raises: ValueError for an unknown kind, a base that is missing, not wanted or 0, or counts that are impossible
    source: conditional binomial, Przyborowski and Wilenski (1940), Biometrika 31:313-323; Newcombe
        (1998), Statistics in Medicine 17:873-890; Fisher (1935), JRSS 98:39-82
    """
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is not known; choose one of {', '.join(KINDS)}")
    based = kind in ("rate", "proportion")
    if based and (base_before is None or base_after is None):
        raise ValueError(f"a {kind} needs base_before and base_after")
    if not based and (base_before is not None or base_after is not None):
        raise ValueError(f"a {kind} has no base; for events and their population choose kind='rate'")
    if kind != "stock" and (entries is not None or exits is not None):
        raise ValueError(f"entries and exits belong to a stock, not to a {kind}")
    if kind == "stock":
        return _stock_change(before, after, entries, exits, confidence)
    if kind == "proportion":
        return _proportion_change(before, base_before, after, base_after, confidence)
    one, two = (1.0, 1.0) if kind == "flow" else (base_before, base_after)
    return _rate_change(before, one, after, two, per=1 if kind == "flow" else per, confidence=confidence)


def _stock_change(
    before: ArrayLike, after: ArrayLike, entries: ArrayLike | None, exits: ArrayLike | None, confidence: float
) -> Change:
    unknown = np.nan
    first, last, came, went = together(
        before, after, unknown if entries is None else entries, unknown if exits is None else exits
    )
    for stock in (first, last):
        check_counts(stock, "children", whole=True)
    # Entries less exits is itself the change of a count: the count of entries "after" that of exits "before".
    flows = _rate_change(went, 1.0, came, 1.0, per=1, confidence=confidence)
    blank = np.where(np.isnan(first + last), np.nan, 0.0)
    return Change(first, last, last - first, flows.change_low + blank, flows.change_high + blank, flows.p_value + blank)


def _rate_change(
    before: ArrayLike,
    base_before: ArrayLike,
    after: ArrayLike,
    base_after: ArrayLike,
    *,
    per: float,
    confidence: float,
) -> Change:
    x0, n0, x1, n1 = together(before, base_before, after, base_after)
    for x, n in ((x0, n0), (x1, n1)):
        check_counts(x, "events", whole=True)
        check_positive(n, "population")
    both, fair = x0 + x1, n1 / (n0 + n1)
    limits = exact_share_interval(x1, both, confidence=confidence)
    # Given the events of both years together, the difference of the rates rises with the later year's share of them
    # and is 0 at the fair share: so the share's exact limits are also the difference's, and agree with the p-value.
    low = per * both * (limits.low / n1 - (1 - limits.low) / n0)
    high = per * both * (limits.high / n1 - (1 - limits.high) / n0)
    before_rate, after_rate = per * x0 / n0, per * x1 / n1
    return Change(before_rate, after_rate, after_rate - before_rate, low, high, central_p(x1, both, fair, fair))


def _proportion_change(
    before: ArrayLike, base_before: ArrayLike, after: ArrayLike, base_after: ArrayLike, confidence: float
) -> Change:
    x0, n0, x1, n1 = together(before, base_before, after, base_after)
    refuse((n0 == 0) | (n1 == 0), lambda _: "a year without children has no share to compare")
    limits = difference_interval(x1, n1, x0, n0, confidence=confidence)
    return Change(x0 / n0, x1 / n1, x1 / n1 - x0 / n0, limits.low, limits.high, fisher_p(x1, n1, x0, n0))
