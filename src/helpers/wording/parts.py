"""A whole and its parts: who lives where, the largest parts, the rest, comings and goings."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.wording.figures import (
    LARGEST_BASE_WITHOUT_PERCENT,
    STATUS_WORDS,
    Figure,
    counted,
    did_by,
    first_hidden,
    not_told,
    sentence,
    share,
    value_text,
    who_did,
)
from helpers.wording.words import joined

MOST_IN_A_SMALL_NUMBER = 5
Part = tuple[str, Figure]
"""What the people of a part did ('lived with foster carers') or what they are ('aged 0 to 4'), and their count."""


def with_share(part: Figure, base: int) -> str:
    """Write a count with its share: '312 (73%)'; of ten people or fewer the count alone."""
    number = f"{int(part.value):,}"
    if base <= LARGEST_BASE_WITHOUT_PERCENT:
        return number
    return f"{number} ({value_text(share(int(part.value), base))})"


def living(base: int, part: Part, before: Figure | None = None, then: str = "a year before") -> str:
    """Say one line of who lives where: '312 (73%) lived with foster and kinship carers, 19 more than a year before.'

    before: the count of the same part a year before, where there is one
    """
    did, figure = part
    if not figure.is_shown:
        return not_told(who_did(figure.noun, did), figure)
    level = f"{with_share(figure, base)} {did_by(figure.value, did)}" if figure.value else f"no {figure.noun} {did}"
    if before is None:
        return sentence(level, figure)
    if not before.is_shown:
        return sentence(f"{level}; {then}: {STATUS_WORDS[before.status]}", figure)
    apart = figure.value - before.value
    if not apart:
        return sentence(f"{level}, the same number as {then}", figure, before)
    more = "more" if apart > 0 else "fewer"
    return sentence(f"{level}, {abs(apart):,.0f} {more} than {then} ({before.value:,.0f})", figure, before)


def where_people_live(
    base: int, noun: str, parts: Sequence[Part], before: Sequence[Figure | None] = (), when: str = ""
) -> tuple[str, ...]:
    """Say who lives where as a list: a line that opens it, then one sentence for each part, in the order given.

    raises: ValueError for parts that come to more than their base, or a single hidden part of which no more than 5 are
        left: it could be worked out
    """
    unseen = [figure for _, figure in parts if not figure.is_shown]
    left = base - sum(figure.value for _, figure in parts if figure.is_shown)
    if left < 0:
        raise ValueError("the parts come to more than the whole")
    if len(unseen) == 1 and left <= MOST_IN_A_SMALL_NUMBER:
        raise ValueError("the one hidden part can be worked out: hide another")
    earlier = [*before, *[None] * (len(parts) - len(before))]
    opening = f"Of the {counted(base, noun)} {when}".strip()
    return (f"{opening}:", *(living(base, part, then) for part, then in zip(parts, earlier, strict=True)))


def residual(total: Figure, parts: Sequence[Part], rest: Part) -> str:
    """Account for the rest: 'Of 206 children in care, 109 lived in the borough; the other 97 lived elsewhere.'

    rest: the remainder as it was released, with what it did
    raises: ValueError for a remainder that is not the whole less its parts, or one that is hidden though it could be
        worked out
    """
    figures = [figure for _, figure in parts]
    did, left = rest
    if hidden_one := first_hidden(total, *figures):
        return not_told(total.noun, hidden_one)
    if not left.is_shown:
        raise ValueError("a hidden remainder can be worked out from the whole and its parts: hide one of these too")
    if left.value != total.value - sum(figure.value for figure in figures):
        raise ValueError("the remainder is not the whole less its parts")
    told = joined([f"{figure.value:,.0f} {did_by(figure.value, what)}" for what, figure in parts])
    end = f"the other {left.value:,.0f} {did_by(left.value, did)}" if left.value else "that is all of them"
    return sentence(f"of {counted(total.value, total.noun)}, {told}; {end}", total, *figures)


def largest_parts(total: Figure, parts: Sequence[Part], when: str = "") -> str:
    """Say the two largest parts: 'Most often, children lived with foster carers (312, 73%), then alone (50, 12%).'

    raises: ValueError where a hidden part could be one of the two, or fewer than two are shown
    """
    if not total.is_shown:
        return not_told(total.noun, total)
    shown = sorted((part for part in parts if part[1].is_shown), key=lambda part: -part[1].value)
    if len(shown) < 2:
        raise ValueError("two parts that are shown are needed")
    unseen = total.value - sum(figure.value for _, figure in shown)
    if len(shown) < len(parts) and unseen > shown[1][1].value:
        raise ValueError("a hidden part could be one of the largest")
    if len(shown) > 2 and shown[1][1].value == shown[2][1].value:
        raise ValueError("two parts are equally large: tell all of them")
    base = int(total.value)
    (first, most), (second, next_most) = shown[:2]
    joint = "and as often" if most.value == next_most.value else "then"
    told = [f"{did} ({with_share(figure, base).replace(' (', ', ').rstrip(')')})"
            for did, figure in ((first, most), (second, next_most))]  # fmt: skip
    return sentence(f"most often, {total.noun} {told[0]}, {joint} {told[1]} {when}", total, most, next_most)


def listed_shares(subject: str, parts: Sequence[tuple[str, Figure]]) -> str:
    """Say shares as a list: 'Children in care by age: 16% were 0 to 4, 14% 5 to 9 and 70% 10 to 17.'"""
    if not parts:
        raise ValueError("a list needs a part")
    told = [f"{value_text(figure)} {what}" for what, figure in parts if figure.is_shown]
    unseen = [what for what, figure in parts if not figure.is_shown]
    if not told:
        return not_told(subject, parts[0][1])
    end = f"; not shown: {joined(unseen)}" if unseen else ""
    return sentence(f"{subject}: {joined(told)}{end}", *(figure for _, figure in parts))


def of_whom(total: Figure, did: str, part: Figure, part_did: str) -> str:
    """Say a whole and a part of it: '318 care leavers were aged 18 or over, of whom 102 had come to England alone.'

    raises: ValueError for a part that is larger than its whole
    """
    if not total.is_shown:
        return not_told(who_did(total.noun, did), total)
    level = f"{counted(total.value, total.noun)} {did_by(total.value, did)}"
    if not part.is_shown:
        return sentence(f"{level}; of those who {part_did}, {STATUS_WORDS[part.status]}", total)
    if part.value > total.value:
        raise ValueError("the part is larger than the whole")
    number = f"{part.value:,.0f}" if part.value else "none"
    return sentence(f"{level}, of whom {number} {did_by(part.value, part_did)}", total, part)


def came_and_left(came: Figure, left: Figure, when: str) -> str:
    """Say who came into and who left care: '252 children came into care and 235 left in 2022/23.'"""
    if first_hidden(came) and first_hidden(left):
        return not_told(f"children who came into or left care {when}", came)
    if not came.is_shown:
        return sentence(
            f"{counted(left.value, left.noun)} left care {when}; came in: {STATUS_WORDS[came.status]}", left
        )
    level = f"{counted(came.value, came.noun)} came into care"
    if not left.is_shown:
        return sentence(f"{level} {when}; left: {STATUS_WORDS[left.status]}", came)
    number = f"{left.value:,.0f}" if left.value else "none"
    return sentence(f"{level} and {number} left {when}", came, left)


def share_of_two_bases(part: Figure, did: str, bases: Sequence[tuple[int, str]], when: str = "") -> str:
    """Say one count as a share of two bases: '27 children came alone: 6% of children in care, 0.04% of all children.'

    bases: number of people and their name, each above ten
    """
    if not part.is_shown:
        return not_told(who_did(part.noun, did, when), part)
    told = [f"{value_text(share(int(part.value), base))} of {name}" for base, name in bases]
    return sentence(f"{counted(part.value, part.noun)} {did_by(part.value, did)} {when}: {', '.join(told)}", part)
