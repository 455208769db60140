"""What a made-up history is asked to show: the days it stops at, and how many children each day and year must count.

Everything is read from codelists/made_up_*.csv, where an analyst can review it: made_up_targets.csv holds one row for
each figure that a council printed (with its document, and why it was kept or not where documents disagree) or that was
chosen because nobody printed one; made_up_categories.csv says which codes a council's category means.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import codes
from helpers.errors import InputError
from helpers.made_up.dates import to_day

YEARS_BEFORE = 4
"""Years lived before the first return without any target, so that stays in care and care leavers have a past."""

LOOK_AHEAD = 500  # days
WHOLE_YEAR = 365  # days, or one more

CATEGORY = ["indicator", "dimension", "category"]
"""The columns that name a figure, as the councils' figures are catalogued."""

CONDITIONS = {
    "genders": "gender",
    "ethnicities": "ethnicity",
    "needs": "need",
    "placements": "placement",
    "providers": "provider",
    "legal_statuses": "legal_status",
    "reasons": "reason",
}
"""Column of made_up_categories.csv: the column of a child or of an option whose codes it lists."""

PLACED, MANY_PLACEMENTS, STABLE, IN_YEAR = "placed", "three_plus", "stable", "in_year"
FIRST_STARTED = "first_started"
LATER = (PLACED, MANY_PLACEMENTS, STABLE, IN_YEAR, FIRST_STARTED)
"""What is counted once a history is lived: where homes lie (places), how often children moved (moves), who was in a
home or under a status in the year (remands), and who came for the first time (earlier_care)."""


class Return(NamedTuple):
    """One collection that is written: children with an episode between its two days (both included)."""

    first_day: int
    last_day: int
    year: int
    name: str


class Period(NamedTuple):
    """The time between two days on which everybody in care is known.

    after, to: days; nothing happens on either of them
    total: children in care on `to`
    started, ceased: different children who came or left in the time; None where the engine may choose
    targets: rows of made_up_categories.csv with `low` and `high`, for the day `to` and for the time up to it; where
        `binding` is False they are wishes on the way to a figure of a later `day`
    year: return year, which decides the codes that are valid
    long: children in care on `to` and for the twelve months before; None where the engine may choose
    """

    after: int
    to: int
    total: int
    started: int | None
    ceased: int | None
    targets: pd.DataFrame
    year: int
    long: int | None = None


@dataclass(frozen=True)
class Plan:
    """The made-up history of one borough: where it begins, its periods in order, and the returns that are written.

    care_leavers, placed, moves, in_year, first_starts: the targets of care leavers, of where homes lie, of moves and
        long stays, of homes and statuses at any time of a year, and of children who came for the first time
    """

    borough: str
    number: int
    first_total: int
    periods: list[Period]
    returns: list[Return]
    care_leavers: pd.DataFrame
    placed: pd.DataFrame
    moves: pd.DataFrame
    in_year: pd.DataFrame
    first_starts: pd.DataFrame


def boroughs_with_figures() -> list[str]:
    """Give the boroughs whose printed figures are in made_up_targets.csv, in order of the file."""
    return list(dict.fromkeys(codes.load_codelist("made_up_targets")["borough"]))


def make_plan(borough: str, *, children: int | None) -> Plan:
    """Lay out the history of a borough.

    children: children in care on every 31 March of five years; None shapes the history to the printed figures
    raises: InputError if a borough has no printed figures and no number of children is given
    """
    known = boroughs_with_figures()
    if children is None and borough not in known:
        raise InputError(
            f"No printed figures are kept for {borough}, only for {', '.join(known)}. "
            f"Say how many children in care to make up, such as --children 400."
        )
    days = _control_days(borough if children is None else "")
    targets = load_targets(borough) if children is None else load_targets(borough).iloc[:0]
    later = {counted: targets[targets["counted"] == counted] for counted in LATER}
    targets = targets[~targets["counted"].isin(later)]
    totals = _totals(targets, children, days)
    periods = [
        _period(after, to, totals, targets) for after, to in zip(days["day"], days["day"].iloc[1:], strict=False)
    ]
    return Plan(
        borough=borough,
        number=int(codes.boroughs()["label"].tolist().index(borough)),
        first_total=totals[days["day"].iloc[0]],
        periods=periods,
        returns=_returns(days),
        care_leavers=targets[targets["counted"] == "care_leavers"],
        placed=later[PLACED],
        moves=pd.concat([later[MANY_PLACEMENTS], later[STABLE]]),
        in_year=later[IN_YEAR],
        first_starts=later[FIRST_STARTED],
    )


def load_targets(borough: str) -> pd.DataFrame:
    """Give the counts to reach for one borough: one row per day and category, with the codes the category means.

    returns: the columns of both codelists, day, stage, and count as a number: -1 where only a share is printed, of as
        many children as there happen to be (`printed`, in percent)

    raises: InputError if two printed figures of one category and day ask for different counts, or if a category is
        not listed in made_up_categories.csv
    """
    printed = codes.load_codelist("made_up_targets")
    own = printed[(printed["borough"] == borough)].drop(columns="note")
    keys = ["date", *CATEGORY]
    own = own[own["kept"] == "yes"].drop_duplicates([*keys, "count"])[[*keys, "count", "printed"]]
    twice = own[own.duplicated(keys)]
    if len(twice):
        raise InputError(f"made_up_targets.csv asks for two counts of one figure: {_named(twice, keys)}")
    listed = codes.load_codelist("made_up_categories").drop(columns="note")
    listed = listed[listed["borough"].isin(["", borough])].sort_values("borough", kind="stable")
    listed = listed.drop_duplicates(keys[1:], keep="last").drop(columns="borough")
    wanted = own.merge(listed, on=keys[1:], how="left", validate="m:1")
    unknown = wanted[wanted["counted"].isna()]
    if len(unknown):
        raise InputError(f"Not in made_up_categories.csv: {_named(unknown, CATEGORY)}")
    days = [to_day(day) for day in wanted["date"]]
    return wanted.assign(day=days, count=wanted["count"].replace("", "-1").astype(int), stage=_stage(wanted))


def _named(rows: pd.DataFrame, keys: list[str]) -> str:
    return "; ".join(rows[keys].agg(", ".join, axis=1))


def _stage(targets: pd.DataFrame) -> pd.Series:
    """Tell by which choice a target is met: people, home, status (in care), start or reason (in the period)."""
    kind = pd.Series("people", index=targets.index)
    kind = kind.mask((targets["placements"] != "") | (targets["providers"] != ""), "home")
    kind = kind.mask(targets["legal_statuses"] != "", "status")
    kind = kind.mask(targets["counted"] == "started", "start")
    return kind.mask(targets["counted"] == "ceased", "reason")


def is_total(targets: pd.DataFrame) -> pd.Series:
    """Tell the rows that count every child, with no condition on codes, age or status."""
    return (targets[[*CONDITIONS, "age_from", "age_to", "months_from", "uasc"]] == "").all(axis=1)


def _control_days(borough: str) -> pd.DataFrame:
    """Days on which everybody in care is known, the years before the first return included: date, day, written."""
    listed = codes.load_codelist("made_up_returns")
    listed = listed[listed["borough"] == borough]
    first = dt.date.fromisoformat(listed["date"].iloc[0])
    earlier = [first.replace(year=first.year - back).isoformat() for back in range(YEARS_BEFORE + 1, 0, -1)]
    days = pd.DataFrame(
        {"date": [*earlier, *listed["date"]], "written": ["no"] * len(earlier) + listed["written"].tolist()}
    )
    return days.assign(day=[to_day(day) for day in days["date"]])


def _totals(targets: pd.DataFrame, children: int | None, days: pd.DataFrame) -> dict[int, int]:
    """Children in care on each control day; a day before the first known total takes that total."""
    if children is not None:
        return dict.fromkeys(days["day"], children)
    stock = targets[(targets["counted"] == "in_care") & is_total(targets)].set_index("day")["count"]
    totals = stock.reindex(days["day"]).bfill()
    return {int(day): int(total) for day, total in totals.items()}


def _period(after: int, to: int, totals: dict[int, int], targets: pd.DataFrame) -> Period:
    """raises: InputError if a printed flow of a year falls on a period that is not that year."""
    own = targets[targets["day"] == to]
    in_year = own["counted"].isin(["started", "ceased", "in_care_12_months"])
    if in_year.any() and to - after < WHOLE_YEAR:
        raise InputError(f"made_up_targets.csv: {own.loc[in_year, 'date'].iloc[0]} ends a part of a year, not a year.")
    whole = is_total(own)
    flows = own[whole].set_index("counted")["count"].to_dict()
    parts = own[~whole & (own["counted"] != "care_leavers")]
    started, ceased, long = (flows.get(counted) for counted in ("started", "ceased", "in_care_12_months"))
    parts = pd.concat(
        [parts.assign(low=parts["count"], high=parts["count"], binding=True), _approach(to, totals, targets)]
    )
    return Period(after, to, totals[to], started, ceased, parts, return_year(to), long)


def _approach(day: int, totals: dict[int, int], targets: pd.DataFrame) -> pd.DataFrame:
    """Wishes for a day without figures of its own, so that the figures of a later day are in reach from it."""
    later = targets[(targets["day"] > day) & (targets["day"] <= day + LOOK_AHEAD) & (targets["counted"] == "in_care")]
    later = later[~is_total(later)].drop_duplicates(CATEGORY)
    own = targets[targets["day"] == day]
    later = later[~later.set_index(CATEGORY).index.isin(own.set_index(CATEGORY).index)]
    wished = (later["count"] * totals[day] / later["day"].map(totals)).round().astype(int)
    return later.assign(low=wished, high=wished, binding=False)


def return_year(day: int) -> int:
    """Give the return year of a day: the year to 31 March 2023 is 2023."""
    date = np.datetime64(day, "D").astype(dt.date)
    return date.year + (date.month > 3)


def _returns(days: pd.DataFrame) -> list[Return]:
    written = days[days["written"] == "yes"]
    return [
        Return(to_day(f"{return_year(day) - 1}-04-01"), day, return_year(day), name)
        for day, name in zip(written["day"], written["date"], strict=True)
    ]
