"""Two values for one thing, in one document or across several, and what follows from who came and who left."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, product

from helpers.figure_checks.findings import Finding, plain, subject, told, where
from helpers.figure_checks.printed import OWN, Figure, Printed, limit
from helpers.figure_checks.shares import is_round_ten


def two_values(printed: Printed) -> Iterator[Finding]:
    """Find things with two values that no rounding explains: one finding a thing, whatever it was measured in.

    Two percentages of two counts or two bases are one fact with those counts; percentages with different printed bases
    are left to the rule of bases.
    """
    for thing, figures in printed.by_thing.items():
        if figures[0].role in ("change", "gap", "other_change", "other"):
            continue
        apart = [pair for pair in combinations(figures, 2) if _apart(*pair)]
        if not apart:
            continue
        rule = next((key for key, excuse in _EXCUSES.items() if all(excuse(*pair) for pair in apart)), "two_values")
        rows = tuple(dict.fromkeys(figure for pair in apart for figure in pair))
        gap = min(one.span.gap(other.span) for one, other in apart)
        yield Finding(rule, rows, _words(rows), gap, ("values", *thing))


def _apart(one: Figure, other: Figure) -> bool:
    if one.measure != other.measure or one.span.meets(other.span):
        return False
    return not (one.measure == "percent" and None not in (one.base, other.base) and one.base != other.base)


def _told_roundly(one: Figure, other: Figure) -> bool:
    near = abs(one.value - other.value) <= limit("round_ten")
    return near and (is_round_ten(one) or is_round_ten(other))


def _revised(one: Figure, other: Figure) -> bool:
    """Tell whether one value is called provisional and the other is not: it may have been put right since."""
    return ("provisional" in one.note.casefold()) != ("provisional" in other.note.casefold())


_EXCUSES = {"told_roundly": _told_roundly, "provisional_and_final": _revised}


def _words(rows: tuple[Figure, ...]) -> str:
    several = len({figure.source for figure in rows}) > 1
    seen = defaultdict(list)
    for figure in sorted(rows, key=lambda own: own.row):
        seen[told(figure)].append(figure)
    parts = [f"{value} in {_where(figures, several)}" for value, figures in seen.items()]
    return f"{subject(rows[0])}: printed as {', and as '.join(parts)}. One day has one value."


def _where(figures: list[Figure], several: bool) -> str:
    """Write the sections, with their document where there are several."""
    if not several:
        return where(figures)
    sources = dict.fromkeys(figure.source for figure in figures)
    return " and ".join(f"{where([f for f in figures if f.source == source])} of {source}" for source in sources)


def stock_and_flow(printed: Printed) -> Iterator[Finding]:
    """Find years where children in care before, plus who came, less who left, is not children in care now."""
    year_end_totals = [f for f in printed.all if f.indicator == "cla_total" and f.is_total and f.measure == "count"]
    done = set()
    for now in year_end_totals:
        day = (now.borough, now.comparator, now.day)
        if day in done or now.comparator != OWN:
            continue
        done.add(day)
        found = _unbalanced(printed, now)
        if found is not None:
            yield found


def _unbalanced(printed: Printed, now: Figure) -> Finding | None:
    """Try every printed value of the four numbers; none may balance."""
    before_day = now.day.replace(year=now.day.year - 1, day=min(now.day.day, 28)) if now.day.month == 2 else dt.date(
        now.day.year - 1, now.day.month, now.day.day
    )  # fmt: skip
    stocks = printed.totals(now, "cla_total")
    years = {
        name: [flow for flow in printed.totals(now, name) if flow.day == now.day and flow.period_type == "year"]
        for name in ("cla_started", "cla_ceased")
    }
    after = [stock for stock in stocks if stock.day == now.day]
    choices = list(
        product([s for s in stocks if s.day == before_day], years["cla_started"], years["cla_ceased"], after)
    )
    if not choices:
        return None
    gap, (before, came, left, then) = min(
        ((abs(b.value + c.value - x.value - t.value), (b, c, x, t)) for b, c, x, t in choices), key=lambda own: own[0]
    )
    if gap == 0:
        return None
    close = gap <= limit("people_counted_once") * max(came.value, left.value)
    should_be = before.value + came.value - left.value
    sentence = (
        f"{subject(then)}: {told(before)} a year before, plus {told(came)} who came, less {told(left)} who left, is "
        f"{plain(should_be)}, but {told(then)} is printed: {plain(gap)} "
        f"{'more' if then.value > should_be else 'fewer'}."
        + (" Children who came or left twice could explain it." if close else "")
    )
    rule = "stock_and_flow_close" if close else "stock_and_flow"
    return Finding(rule, (before, came, left, then), sentence, gap, ("flow", then.borough, then.day))
