"""Numbers as a reader sees them: rounded once, half up, with their unit. Sentences, cells and charts all use these."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from numbers import Integral, Real

from helpers.errors import ContractError

# A float that stands for a tie may miss it by a few units in its 16th digit. A percentage or a rate per 10,000 of up to
# 15 million children that is no tie lies further from one than the 14th digit, so reading 14 digits decides rightly.
_TRUE_DIGITS = 14
_NUMBER_KIND = re.compile(r"(whole|percent|share|ratio|decimal)(?:\((\d)\))?")
_DEFAULT_PLACES = {"whole": 0, "percent": 0, "share": 0, "ratio": 1}


def half_up(value: Real | Decimal | Fraction, places: int) -> Decimal:
    """Round to decimal places, halves away from zero: 0.285 with 2 places is 0.29, -0.5 with 0 places is -1.

    A float is first read as the decimal number it stands for (57 / 200 * 100 is 28.5, not 28.499999999999996).
    raises: ContractError for a number that is missing or infinite: those are shown in words, never rounded
    """
    if not isinstance(value, Decimal | Fraction | Integral) and not math.isfinite(value):
        raise ContractError(
            f"{value} cannot be rounded for a reader: give its status (suppressed, not_available) instead."
        )
    with localcontext() as context:
        context.prec = 60
        if isinstance(value, Fraction):
            exact = Decimal(value.numerator) / Decimal(value.denominator)
        elif isinstance(value, Decimal):
            exact = value
        else:
            exact = Decimal(int(value)) if isinstance(value, Integral) else Decimal(f"{float(value):.{_TRUE_DIGITS}g}")
        rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)  # no minus zero


def places_of(kind: str) -> tuple[str, int]:
    """Give the name and the number of decimal places of a kind of number."""
    match = _NUMBER_KIND.fullmatch(kind)
    if not match or (match[1] == "decimal" and match[2] is None):
        raise ContractError(
            f"{kind!r} is not a kind of number. Use whole, percent, share, ratio, decimal(1) or decimal(2); "
            "percent(1) gives one decimal place."
        )
    return match[1], int(match[2]) if match[2] else _DEFAULT_PLACES.get(match[1], 0)


def rounded(value: Real | Decimal | Fraction, kind: str) -> Decimal:
    """Round as `kind` is shown: a share of 1 becomes a percentage first (0.174 is 17)."""
    name, places = places_of(kind)
    if name == "share":
        value = value * 100 if isinstance(value, Decimal | Fraction | Integral) else float(value) * 100
    return half_up(value, places)


def format_number(value: Real | Decimal | Fraction, kind: str) -> str:
    """Write a number for a reader, in sentences, cells and chart labels alike: 1234.5 as whole is '1,235'.

    kind: whole; decimal(n); ratio (1 place); percent (a percentage: 17.4 is '17%'); share (of 1: 0.174 is '17%').
        percent(1), share(1), ratio(2) choose other places
    raises: ContractError for an unknown kind, or a number that is missing or infinite
    """
    number = rounded(value, kind)
    if value == 0:
        number = Decimal(0)
    text = f"{abs(number):,f}" + ("%" if kind.startswith(("percent", "share")) else "")
    return f"\N{MINUS SIGN}{text}" if number < 0 else text


def format_date(value: dt.date) -> str:
    """Write a date for a reader: 31 March 2025."""
    return f"{value.day} {value:%B %Y}"


def kind_of(unit: str) -> str:
    """Choose how numbers of a unit are shown: '%' as percent, 'children' as whole, rates and means with one decimal."""
    if unit.strip().startswith("%"):
        return "percent"
    return "decimal(1)" if re.search(r"\bper\b|\btimes\b|\baverage\b|\bmean\b|\bscore\b", unit) else "whole"
