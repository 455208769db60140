"""How sure we are of who is over-represented, in words: other populations, a reference group, what is not known."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.wording.words import decimal, joined, percent

DIRECTIONS = ("over-represented", "under-represented")


def doubt_words(*, finding: str, others: Sequence[tuple[str, str]]) -> str:
    """Say, after a group's sentence, where another population would find something else; nothing where none does.

    others: (name of the population, its finding) of every further population
    """
    if finding in DIRECTIONS:
        against = [name for name, other in others if other in DIRECTIONS and other != finding]
        without = [name for name, other in others if other not in DIRECTIONS]
        words = f" With {joined(against)} it would be the other way round." if against else ""
        return f"{words} But that does not stand with another population: {joined(without)}." if without else words
    words = ""
    for direction in DIRECTIONS:
        names = [name for name, other in others if other == direction]
        words += f" With another population they are {direction}: {joined(names)}." if names else ""
    return words


def reference_words(*, rule: int, who: str, reference: str, ratio: float, low: float, high: float) -> str:
    """Say what may be said of one group against one other group, by the rows of the decision table.

    who, reference: the groups in words, such as 'Black children'; ratio: of their rates of care, with its likely range
    """
    if rule == 1:
        return f"{who}: numbers are too small to publish."
    if rule == 2:
        return f"{who}: too few children to say."
    if rule == 3:
        size = f"{decimal(ratio)} times as likely to be in care as {reference}"
        return f"{who} are {size} (likely range {decimal(low)} to {decimal(high)} times)."
    if rule == 4:
        return f"{who} may be {'more' if ratio > 1 else 'less'} likely to be in care than {reference}; check again."
    if rule == 5:
        return f"{who}: in line with {reference}."
    if rule == 6:
        return f"{who}: too few children to say either way."
    return f"{who}: no clear difference from {reference} (anywhere from {decimal(low)} to {decimal(high)} times)."


def tipping_words(*, who: str, over: bool, tipping_share: float, population_share: float) -> str:
    """Say how far the population would have to be from what was counted before a finding would no longer stand."""
    limit = f"{'more' if over else 'less'} than {decimal(100 * tipping_share)}%"
    return (
        f"{who}: the finding would stand unless they now make up {limit} of local children "
        f"(counted: {percent(population_share, 1)})."
    )


def family_words(sizes: Sequence[tuple[str, int]]) -> str:
    """Say what a likely range and a finding allow for; sizes: what was compared together, and how many tests it was."""
    together = joined([f"{size} {name}" for name, size in sizes if size > 1])
    each = "Each likely range is a 95% interval by itself."
    return f"{each} A finding also allows for the groups that are compared together: {together}." if together else each


def unstable_reference_words(*, reference: str, population_share: float) -> str:
    """Warn of ratios to a small group."""
    share = percent(population_share, 1)
    return f"{reference} are only {share} of local children, so these ratios are unstable: take them with care."


def unknown_words(*, unknown: float, total: float, fragile: Sequence[str]) -> str:
    """Say how many children's ethnic group is not known, and which findings that could undo.

    fragile: groups in words whose finding would not survive if all, or none, of the unknown children were theirs
    """
    if unknown == 0:
        return "The ethnic group of every child in care is known."
    known = f"The ethnic group of {unknown:,.0f} of {total:,.0f} children in care is not known"
    left_out = (
        f"{known} ({percent(unknown, total)}); they are left out of every comparison."
        if total > 10
        else (f"{known}; they are left out of every comparison.")
    )
    if not fragile:
        return left_out
    return f"{left_out} If all or none of them were of one group, the finding might not stand for: {joined(fragile)}."


def adjusted_words(*, who: str, index: float, ratio: float, low: float, high: float) -> str:
    """Say how a group's share of care looks once its ages and genders are allowed for."""
    return (
        f"{who}: {decimal(ratio, 2)} times as many children in care as their ages and genders would lead to expect "
        f"(likely range {decimal(low, 2)} to {decimal(high, 2)}); without ages and genders {decimal(index, 2)} times."
    )


def combinations_words(*, looked_at: int, more: Sequence[str], fewer: Sequence[str]) -> str:
    """Say how many combinations of ethnic group, gender and age were looked at, and which go beyond their parts.

    more, fewer: combinations in words, such as 'girls aged 10 to 15 in the ethnic group White'
    """
    begin = f"{looked_at} combinations of ethnic group, gender and age were looked at."
    if not more and not fewer:
        return f"{begin} No combination clearly differs from what the three explain separately."
    told = [
        f"{joined(names)[0].upper()}{joined(names)[1:]} are in care {often} than the three explain separately."
        for names, often in ((more, "more often"), (fewer, "less often"))
        if names
    ]
    return " ".join([begin, *told])
