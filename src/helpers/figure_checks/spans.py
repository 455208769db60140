"""What a printed number may stand for: exact spans under the honest roundings. Fractions, never floats.

Three roundings are honest, because reports use all three without saying so: to the nearest with halves up, to the
nearest with halves to even (spreadsheets against statistical packages), and cutting off. Rounding up whatever follows
(5 of 430 as 2%) is not: nothing teaches it, and it always moves a figure in one direction.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

NEAREST, CUT_OFF = "nearest", "cut off"
ROUNDINGS = (NEAREST, CUT_OFF)
SURELY_EXACT_BELOW = 1000
"""A borough's counts below this are told child by child; larger ones and other areas' may end in rounded zeros."""


class Span(NamedTuple):
    """The numbers that a printed one may stand for; an open end does not belong to it."""

    low: Fraction
    high: Fraction
    open_low: bool = False
    open_high: bool = False

    def meets(self, other: Span) -> bool:
        """Tell whether some number belongs to both."""
        return _below(self, other) and _below(other, self)

    def gap(self, other: Span) -> Fraction:
        """Give the distance between two spans that do not meet (0 where they touch)."""
        return max(self.low - other.high, other.low - self.high, Fraction(0))


def _below(left: Span, right: Span) -> bool:
    """Tell whether the left span starts no later than the right one ends."""
    open_end = left.open_low or right.open_high
    return left.low < right.high or (left.low == right.high and not open_end)


def exactly(value: Fraction | int) -> Span:
    """Give the span of one number."""
    return Span(Fraction(value), Fraction(value))


def printed_span(value: Fraction, places: int, rounding: str) -> Span:
    """Give what a number printed with some decimal places may stand for under one rounding.

    Both ends of the nearest are in it, which covers halves up and halves to even.
    """
    unit = Fraction(10) ** -places
    if rounding == NEAREST:
        return Span(value - unit / 2, value + unit / 2)
    if value > 0:
        return Span(value, value + unit, open_high=True)
    if value < 0:
        return Span(value - unit, value, open_low=True)
    return Span(-unit, unit, open_low=True, open_high=True)


def honest_span(value: Fraction, places: int) -> Span:
    """Give what a printed number may stand for under any honest rounding."""
    near, cut = (printed_span(value, places, rounding) for rounding in ROUNDINGS)
    low, high = min(near.low, cut.low), max(near.high, cut.high)
    open_low = cut.open_low and cut.low < near.low
    return Span(low, high, open_low, cut.open_high and cut.high > near.high)


def count_span(value: Fraction, *, exact: bool) -> Span:
    """Give what a printed count may stand for: itself, or what rounds or cuts off to its trailing zeros.

    exact: counts told child by child; those of 1,000 or more are still read as rounded where they end in zeros
    """
    if value.denominator != 1 or value == 0 or (exact and abs(value) < SURELY_EXACT_BELOW):
        return exactly(value)
    digits = str(abs(value.numerator))
    zeros = min(len(digits) - len(digits.rstrip("0")), len(digits) - 1)
    return honest_span(value, -zeros) if zeros else exactly(value)


def share(part: Span, whole: Span, per: int = 100) -> Span:
    """Give the span of a part per 100 (or 10,000) of a whole; both above or equal to zero, the whole above it."""
    return Span(
        per * part.low / whole.high,
        per * part.high / whole.low,
        part.open_low or whole.open_high,
        part.open_high or whole.open_low,
    )


def difference(now: Span, before: Span) -> Span:
    """Give the span of now less before."""
    return Span(
        now.low - before.high,
        now.high - before.low,
        now.open_low or before.open_high,
        now.open_high or before.open_low,
    )


def percent_change(now: Span, before: Span) -> Span | None:
    """Give the span of the percent change from before to now; None where before may be zero or less."""
    if before.low <= 0 or now.low < 0:
        return None
    ratio = share(now, before)
    return Span(ratio.low - 100, ratio.high - 100, ratio.open_low, ratio.open_high)


def implied_whole(part: Span, printed: Span, per: int = 100) -> Span | None:
    """Give the wholes of which a part is the printed share; None where the share may be zero."""
    if printed.low <= 0:
        return None
    return Span(
        per * part.low / printed.high,
        per * part.high / printed.low,
        part.open_low or printed.open_high,
        part.open_high or printed.open_low,
    )
