"""What may be said of one group's outcome beside that of other children in care: one sentence per row of the table."""

from __future__ import annotations

from helpers.wording.words import group_words, percent, whole

JOURNEY_NOTE = (
    "These figures compare children who are already in care with one another.",
    "They do not say whether a group is over-represented in care: that needs the local population.",
    "Who comes into care can turn differences round. They are not by themselves a sign of unequal treatment.",
    "Where the number of children whose group is not known is hidden, they are counted among the others.",
)
"""Stands beside every part of the journey; see section e of the methods."""

_OTHER_SEX = {"Male": "girls", "Female": "boys"}
_SEXES = {"Male": "Male", "Female": "Female"}


def journey_words(
    *,
    rule: int,
    status: str,
    who: str,
    outcome: str,
    others: str,
    events: float,
    children: float,
    other_events: float,
    other_children: float,
    difference_lower: float,
    difference_upper: float,
) -> str:
    """Say of one group how often something was so, beside all others: one sentence per row of the decision table.

    rule: 1 to 7, the number of the row of the table (methods.md, section g); status: of schemas.STATUSES
    who, others: the group and the others in words; outcome: what was so ('lived outside the borough')
    """
    if status == "not_available":
        return f"{who}: how many {outcome} cannot be compared, because other numbers are hidden."
    if rule == 1:
        return f"{who}: how many {outcome} is hidden to protect children."
    if rule in (2, 6) or status == "not_applicable":
        return f"{who}: too few to say whether they {outcome} more or less often."
    if rule == 5:
        return f"{who} and {others}: about the same share {outcome}."
    if rule not in (3, 4):
        return f"{who} and {others}: no clear difference in how many {outcome}."
    often = "more often" if events / children > other_events / other_children else "less often"
    if rule == 4:
        return f"{who} perhaps {outcome} {often} than {others}; check again next year."
    shares = f"{_of(events, children)}, against {_of(other_events, other_children)}"
    low, high = (whole(100 * end) for end in sorted((abs(difference_lower), abs(difference_upper))))
    return f"{who} {outcome} {often} than {others}: {shares}. Likely difference: {low} to {high} percentage points."


def journey_group_words(dimension: str, group: str, noun: str) -> str:
    """Name a group along the journey: 'Black children', 'Care leavers from mixed backgrounds', 'Male care leavers'."""
    if noun == "children":
        return group_words(dimension, group, group)
    if dimension == "gender" and group in _SEXES:
        return f"{_SEXES[group]} {noun}"
    return (
        group_words(dimension, group, group)
        .replace("Children", noun.capitalize())
        .replace("children", noun)
        .replace("Babies", noun.capitalize())
    )


def journey_others_words(dimension: str, group: str, others: str, noun: str) -> str:
    """Name whom a group is compared with: 'other children in care'; of the sexes, the other one."""
    if dimension != "gender" or group not in _OTHER_SEX:
        return others
    if noun == "children":
        return _OTHER_SEX[group]
    return f"{'female' if group == 'Male' else 'male'} {noun}"


def _of(events: float, children: float) -> str:
    return f"{percent(events, children)} of {whole(children)}"
