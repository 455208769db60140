"""A figure against a target, a threshold or a plan: in points, in days and in children."""

from __future__ import annotations

import math
from typing import Literal

from helpers.rounding import format_number, half_up
from helpers.wording.comparisons import Polarity
from helpers.wording.figures import Figure, counted, did_by, exact_value, gap, not_told, sentence, share, value_text

State = Literal["met, clear", "met, within margin", "not met, within margin", "not met, clear"]
STATES = ("met, clear", "met, within margin", "not met, within margin", "not met, clear")


def against_target(name: str, figure: Figure, target: Figure, polarity: Polarity, state: State | None = None) -> str:
    """Say a figure against its target: 'X: 72%, 3 percentage points above the target of 69%: target met.'

    polarity: higher_better where the target is the least wanted, lower_better where it is the most
    state: of trends.comparators.against_target; it adds whether chance alone could explain the distance
    raises: ValueError for a neutral indicator, or a state against the numbers
    """
    if polarity not in ("higher_better", "lower_better"):
        raise ValueError("a target needs a good direction")
    if not figure.is_shown:
        return not_told(name, figure)
    apart = gap(figure, target)
    met = apart.order >= 0 if polarity == "higher_better" else apart.order <= 0
    if state is not None and (state not in STATES or state.startswith("met") != met):
        raise ValueError(f"the numbers do not agree with the state {state!r}")
    margin = ", within the margin of chance" if state and state.endswith("within margin") else ""
    side = "above" if apart.order > 0 else "below"
    beside = f"{apart.size or ''} {side} the target of {apart.second}" if apart.order else "exactly the target"
    return sentence(f"{name}: {apart.first}, {beside}: target {'met' if met else 'not met'}{margin}", figure)


def target_in_children(part: Figure, base: int, target: Figure, polarity: Polarity, did: str, when: str = "") -> str:
    """Say a target in people: '44 of 60 care leavers were in work (73%); 4 more would have met the target of 80%.'

    raises: ValueError for a neutral indicator, a base of ten or fewer, or a part that is not within its base
    """
    if polarity not in ("higher_better", "lower_better"):
        raise ValueError("a target needs a good direction")
    if not part.is_shown:
        return not_told(f"{part.noun} who {did} {when}".strip(), part)
    whole_share = share(int(part.value), base)
    goal = exact_value(target.value)
    needed = math.ceil(goal * base) if polarity == "higher_better" else math.floor(goal * base)
    short = needed - int(part.value) if polarity == "higher_better" else int(part.value) - needed
    level = f"{int(part.value):,} of {counted(base, part.noun)} ({value_text(whole_share)}) {did_by(part.value, did)}"
    if short <= 0:
        return sentence(f"{level} {when}: the target of {value_text(target)} was met", part)
    more = "more" if polarity == "higher_better" else "fewer"
    return sentence(f"{level} {when}; {short:,} {more} would have met the target of {value_text(target)}", part)


def against_threshold(part: Figure, population: int, threshold: Figure, did: str, when: str = "") -> str:
    """Say a threshold in percent and in people: '27 children came alone (0.04%): below the threshold of 0.1% (64).'

    population: all children the threshold is a share of. raises: ValueError for a population of ten or fewer
    """
    if not part.is_shown:
        return not_told(f"{part.noun} who {did} {when}".strip(), part)
    limit = exact_value(threshold.value) * population
    told = value_text(share(int(part.value), population))
    side = "above" if part.value > limit else "below" if part.value < limit else "exactly at"
    level = f"{counted(part.value, part.noun)} {did_by(part.value, did)} {when}"
    limit_words = f"{format_number(threshold.value, f'share({threshold.shown_places})')} ({half_up(limit, 0):,f})"
    return sentence(f"{level} ({told}): {side} the threshold of {limit_words}", part)


def against_range(name: str, figure: Figure, low: int, high: int) -> str:
    """Say a figure against a recommended range: 'X: 71, above the recommended 50 to 70.'

    raises: ValueError for a range whose ends are not in order
    """
    if not low < high:
        raise ValueError("a range has a lower and a higher end")
    if not figure.is_shown:
        return not_told(name, figure)
    side = "above" if figure.value > high else "below" if figure.value < low else "within"
    end = Figure(high if side == "above" else low, figure.kind, figure.noun, places=figure.shown_places)
    told = value_text(figure) if side == "within" else gap(figure, end).first
    return sentence(f"{name}: {told}, {side} the recommended {low:,} to {high:,}", figure)


def planned_target(name: str, target: Figure, year: str, direction: Literal["at least", "at most"] = "at least") -> str:
    """Say a plan: 'X: the council's target for 2021/22 is at least 70%; a plan, not a forecast.'"""
    if not target.is_shown:
        return not_told(f"{name}, target for {year}", target)
    return sentence(
        f"{name}: the council's target for {year} is {direction} {value_text(target)}; a plan, not a forecast"
    )
