"""What a test found, in words: who is over-represented, how many children are in care, what is rising or falling."""

from __future__ import annotations

import datetime as dt
import math

from helpers.rounding import format_number
from helpers.wording.words import children_words, date_words, decimal, percent, whole

OVER_A_YEAR = ("flow", "rate", "proportion")
"""Kinds of series whose periods are years, not days."""


def representation_words(
    *,
    rule: int,
    who: str,
    count: float,
    share: float,
    population_share: float,
    index: float,
    index_low: float,
    index_high: float,
    excess: float,
    excess_low: float,
    excess_high: float,
    counted: str = "children in care",
) -> str:
    """Say what may be said of one group against the local population: one sentence per row of the decision table.

    rule: 1 to 7, the number of the first row of the table (methods.md, section g) that the group matched
    who: the group in words, such as 'Black children'; shares are of 1; counted: the children that a share is of
    """
    if rule == 1:
        return f"{who}: numbers are too small to publish."
    if rule == 2:
        return f"{who}: too few children to say."
    over = index > 1
    if rule == 3:
        direction = "over-represented" if over else "under-represented"
        more = "more" if over else "fewer"
        low, high = sorted((abs(excess_low), abs(excess_high)))
        return (
            f"{who} are {_size(index, over)}{direction}{_twice(index)}: {_percent_or_less(share)} of {counted}, "
            f"{_about(population_share)} of local children. That is about {whole(abs(excess))} {more} children "
            f"than expected (likely range {whole(low)} to {whole(high)})."
        )
    if rule == 4:
        return f"{who} may be {'over' if over else 'under'}-represented; check again next year."
    if rule == 5:
        return f"{who}: in line with the local population."
    if rule == 6:
        return f"{who}: too few children to say either way."
    return (
        f"{who}: no clear evidence of a difference (anywhere from {decimal(index_low)} to {decimal(index_high)} times)."
    )


def _percent_or_less(share: float) -> str:
    """Give a share in whole percent; one that would read 0% without being none is 'less than 1%'."""
    shown = percent(share, 1)
    return "less than 1%" if share > 0 and shown == "0%" else shown


def _about(share: float) -> str:
    shown = _percent_or_less(share)
    return shown if shown.startswith("less") else f"about {shown}"


def _size(index: float, over: bool) -> str:
    if not over or index < 1.25 or index > 2:
        return ""
    return "somewhat " if index < 1.5 else "substantially "


def _twice(index: float) -> str:
    return ", at more than twice their share" if index > 2 else ""


def change_words(
    *,
    now: float,
    day: dt.date,
    before: float = math.nan,
    before_day: dt.date | None = None,
    came: float = math.nan,
    left: float = math.nan,
    p_value: float = math.nan,
) -> str:
    """Say how many children are in care and how that differs from an earlier day.

    p_value: of the test of who came in against who left between the two days; without it nothing is said of chance
    """
    if not math.isfinite(now):
        return f"The number of children in care on {date_words(day)} is too small to publish."
    level = f"{children_words(now)} {'was' if now == 1 else 'were'} in care on {date_words(day)}"
    if not math.isfinite(before) or before_day is None:
        return f"{level}."
    difference = now - before
    told = (
        "the same as" if difference == 0 else f"{whole(abs(difference))} {'more' if difference > 0 else 'fewer'} than"
    )
    level = f"{level}, {told} on {date_words(before_day)}."
    if not math.isfinite(p_value):
        return level
    flows = f"{whole(came)} came into care and {whole(left)} left"
    return f"{level} In between {flows}: {'a clear change' if p_value < 0.05 else 'no clear change'}."


def trend_words(
    *,
    name: str,
    rule: int,
    finding: str,
    kind: str,
    first: float,
    last: float,
    first_day: dt.date,
    last_day: dt.date,
    annual: tuple[float, float, float],
    unit: str = "",
) -> str:
    """Say how a series changed. 'Rising' and 'falling' come from a test alone; two values are 'was' and 'now'.

    rule: number of the row of the trend table in codelists/finding_rules.csv
    kind: trend_kind of indicators.csv; unit: what an average is of ('points', 'days')
    annual: percent a year with its interval; of a proportion it is of the odds, and is not told
    """
    if rule == 1:
        return f"{name}: numbers are too small to publish."
    if not (math.isfinite(first) and math.isfinite(last)):
        return f"{name}: there is no figure to compare with."
    then, now = _value(first, kind, unit), _value(last, kind, unit)
    was = f"{name}: was {then} on {date_words(first_day)}, now {now} on {date_words(last_day)}"
    if kind in OVER_A_YEAR:
        was = f"{name}: was {then} in the year to {date_words(first_day)}, now {now}"
    if finding in ("rising", "falling") and kind == "proportion":
        return f"{was}. It is {finding} over these years, by more than chance would."
    if finding in ("rising", "falling") and math.isfinite(annual[0]):
        low, high = sorted((abs(annual[1]), abs(annual[2])))
        return (
            f"{was}. That is {finding} by about {decimal(abs(annual[0]))}% a year ({decimal(low)} to {decimal(high)})."
        )
    if finding in ("rising", "falling"):
        more = "came in than left" if finding == "rising" else "left than came in"
        return f"{was}. The number is {finding}: clearly more children {more}."
    if finding == "no clear change":
        return f"{was}. {'No clear change' if kind == 'stock' else 'No clear trend'}."
    return f"{was}."


def _value(value: float, kind: str, unit: str) -> str:
    if kind in ("stock share", "proportion"):
        return format_number(value, "share")
    if kind == "mean":
        return f"{whole(value) if unit == 'days' else decimal(value)} {unit}".rstrip()
    return whole(value)
