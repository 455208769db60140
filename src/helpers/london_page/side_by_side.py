"""Boroughs side by side on one day: who lies outside a funnel of limits, and which ranks each could hold."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.charts import Chart, funnel_chart, rank_chart, rank_words
from helpers.charts.funnel import OUTSIDE, POSITION_WORDS
from helpers.counts import select
from helpers.london_page.editions import Edition
from helpers.page_parts import Sentences, paragraph
from helpers.rates import funnel_limits, rank_range
from helpers.rates.funnels import FEWEST_AREAS
from helpers.rounding import format_number
from helpers.settings import to_date
from helpers.wording import date_words, decimal, joined, whole
from helpers.wording.comparisons import rank_range as rank_range_words

RATE = "cla_rate_per_10000"
FEWEST_RANKED = 3
"""Boroughs. A rank among two says less than their rates do."""
CERTAIN_WITHIN = 5
"""Places: a rank whose range holds no more than these is told as nearly certain."""
TOO_FEW = "too few to say"
MEASURE = "Children in care for every 10,000 children aged 0 to 17"
SOURCE = "Sources stand on each borough's page."
_POINTS_OF_A_CURVE = 60
_MOST_WORDS = 10


@dataclass(frozen=True)
class SideBySide:
    """The boroughs' rates of one day with their place in the funnel and their ranks.

    day: the day most boroughs are told of, None where there is no borough
    rows: one per borough with a row of that day: borough, children, population, value (per 10,000), status, position
        (rates.funnel_limits; blank without a value), rank, rank_low, rank_high (missing without one; never one rank)
    limits: points of the funnel's curves, in order of size; empty where no borough has a value
    target: all boroughs together, per 10,000; widened_by: factor on the limits' distance from it, 1 where not widened
    left_out: boroughs without a row of that day, each with the day it has, in words
    """

    day: dt.date | None
    rows: pd.DataFrame
    limits: pd.DataFrame
    target: float
    widened_by: float
    left_out: tuple[str, ...]

    @property
    def compared(self) -> int:
        """How many boroughs have a rate on the day."""
        return int(self.rows["value"].notna().sum())

    @property
    def ranked(self) -> pd.DataFrame:
        """The boroughs with a rank, highest rate first."""
        return self.rows.dropna(subset="rank").sort_values("rank", kind="stable")


def side_by_side(editions: Sequence[Edition]) -> SideBySide:
    """Put the released rates of one day side by side, with limits and ranks from their counts.

    The day is the one most boroughs are told of, the later of two. A borough told of a later day is compared by its row
    of this day; one without such a row is left out and named.
    """
    made = [edition for edition in editions if edition.released is not None]
    day = _most_common_day(made)
    found, left_out = [], []
    for edition in made:
        row = select(edition.released, RATE, borough=edition.borough, period_end=day)
        if row.empty:
            left_out.append(f"{edition.borough} ({date_words(to_date(edition.as_at))})")
        else:
            found.append(row.iloc[:1])
    columns = {"borough": "borough", "numerator": "children", "denominator": "population", "value": "value"}
    rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*columns, "status"])
    rows = rows[[*columns, "status"]].rename(columns=columns)
    return _compared(rows, day, tuple(left_out))


def _most_common_day(made: Sequence[Edition]) -> dt.date | None:
    days = Counter(to_date(edition.as_at) for edition in made)
    return max(days, key=lambda day: (days[day], day), default=None)


def _compared(rows: pd.DataFrame, day: dt.date | None, left_out: tuple[str, ...]) -> SideBySide:
    blank = rows.assign(position="", rank=np.nan, rank_low=np.nan, rank_high=np.nan)
    shown = rows["value"].notna().to_numpy(dtype=bool)
    children, population = (rows[column].astype(float).to_numpy()[shown] for column in ("children", "population"))
    if children.sum() == 0:  # nobody in care anywhere: there is no rate to hold boroughs against
        return SideBySide(day, blank, pd.DataFrame(), float("nan"), 1.0, left_out)
    sizes = np.geomspace(population.min(), population.max(), _POINTS_OF_A_CURVE)
    # A size without a count has limits and no part in the target or the spread: these are the points of the curves.
    counts = np.concatenate([children, np.full(len(sizes), np.nan)])
    found = funnel_limits(counts, np.concatenate([population, sizes]), kind="rate", overdispersion=True)
    names = ("low_95", "high_95", "low_998", "high_998")
    curves = pd.DataFrame({"size": sizes, **{name: getattr(found, name)[len(children) :] for name in names}})
    position = found.position[: len(children)]
    told = blank.copy()
    told.loc[shown, "position"] = position
    enough = np.flatnonzero(shown)[position != TOO_FEW]
    ranks_found = _ranks(told.iloc[enough])
    told.loc[told.index[enough], list(ranks_found)] = ranks_found.to_numpy()
    return SideBySide(day, told, curves, found.target, found.widened_by, left_out)


def _ranks(rows: pd.DataFrame) -> pd.DataFrame:
    found = rank_range(rows["children"].astype(float), rows["population"].astype(float), kind="rate")
    # No borough is given one single place, however clear: its neighbours' places are added, so the range only grows.
    single = found.low == found.high
    low = np.where(single, np.maximum(found.low - 1, 1), found.low)
    high = np.where(single, np.minimum(found.high + 1, len(rows)), found.high)
    return pd.DataFrame({"rank": found.rank, "rank_low": low, "rank_high": high})


# ---------------------------------------------------------------------------------------------------------- funnel


def funnel_sentences(boroughs: SideBySide) -> Sentences:
    """Say which boroughs lie outside the funnel's lines, and of which nothing can be said and why."""
    if boroughs.compared < FEWEST_AREAS:
        return paragraph(_too_few_boroughs(boroughs, "A funnel", FEWEST_AREAS), _left_out(boroughs))
    position = boroughs.rows["position"]
    outside = [_stands_out(boroughs.rows, place) for place in OUTSIDE if (position == place).any()]
    usual = "than London boroughs usually do" if boroughs.widened_by > 1 else "than chance allows"
    between = f"{whole((position == 'as expected').sum())} of {whole(boroughs.compared)} boroughs lie between the lines"
    return paragraph(
        " ".join(outside) or "No borough stands out: none lies outside the lines.",
        f"{between}: they differ no more {usual}.",
        _not_told(boroughs, position == TOO_FEW, "Too few children to say"),
        _not_told(boroughs, boroughs.rows["status"] == "suppressed", "Hidden"),
        _not_told(boroughs, boroughs.rows["status"] == "not_available", "No rate is available"),
        _left_out(boroughs),
    )


def _stands_out(rows: pd.DataFrame, place: str) -> str:
    names = rows.loc[rows["position"] == place, "borough"].tolist()
    one = len(names) == 1
    stand = f"stand{'s' if one else ''} out" if place.startswith("far") else "may stand out"
    whose = "its rate lies" if one else "their rates lie"
    return f"{joined(names)} {stand}: {whose} {POSITION_WORDS[place]}."


def _too_few_boroughs(boroughs: SideBySide, what: str, needed: int) -> str:
    there = boroughs.compared
    day = f" on {date_words(boroughs.day)}" if boroughs.day else ""
    return f"{what} needs {needed} boroughs of one day; there {'is' if there == 1 else 'are'} {there}{day}."


def _not_told(boroughs: SideBySide, which: pd.Series, why: str) -> str:
    return f"{why}: {joined(boroughs.rows.loc[which, 'borough'].tolist())}." if which.any() else ""


def _left_out(boroughs: SideBySide) -> str:
    return f"Left out, because their day is another: {joined(list(boroughs.left_out))}." if boroughs.left_out else ""


def funnel(boroughs: SideBySide) -> Chart | Sentences:
    """Draw the boroughs' rates by their number of children, in a funnel of limits around all of them together."""
    if boroughs.compared < FEWEST_AREAS:
        return paragraph()
    frame = boroughs.rows.rename(columns={"borough": "area", "population": "size"})
    day = date_words(boroughs.day)
    spread = (
        f"London boroughs differ by more than chance: limits are widened {decimal(boroughs.widened_by)} times."
        if boroughs.widened_by > 1
        else "Limits are those of chance alone: they are not widened."
    )
    outside = frame[frame["position"].isin(OUTSIDE)]
    told = [f"{row['area']} {format_number(row['value'], 'whole')}" for _, row in outside.iterrows()]
    alt = (
        f"Funnel plot of {boroughs.compared} boroughs' children in care for every 10,000, by number of children. "
        f"All together: {format_number(boroughs.target, 'whole')}. Outside the lines: {joined(told) or 'none'}."
    )
    return funnel_chart(
        frame,
        boroughs.limits,
        target=boroughs.target,
        key="funnel",
        title=_funnel_title(outside),
        subtitle=f"{MEASURE}, London boroughs, {day}. {spread}",
        alt=alt if len(alt) <= 250 else f"{alt.split(' Outside')[0]} Outside the lines: {len(outside)} boroughs.",
        source=SOURCE,
        unit="in every 10,000 children",
        size_unit="Children aged 0 to 17",
        kind="whole",
    )


def _funnel_title(outside: pd.DataFrame) -> str:
    """Say who stands out: clearly beyond the outer line, perhaps beyond the inner one."""
    far = outside[outside["position"].str.startswith("far")]
    who, verb = (far, "") if len(far) else (outside, "may ")
    if who.empty:
        return "No borough stands out among London boroughs"
    stand = "stands" if len(who) == 1 and not verb else "stand"
    named = f"{joined(who['area'].tolist())} {verb}{stand} out among London boroughs"
    return named if len(named.split()) <= _MOST_WORDS else f"{len(who)} boroughs {verb}stand out in London"


# ----------------------------------------------------------------------------------------------------------- ranks


def rank_sentences(boroughs: SideBySide) -> Sentences:
    """Say how certain ranks are: how many are known to within a few places, and what the ends of the list could be."""
    ranked = boroughs.ranked
    if len(ranked) < FEWEST_RANKED:
        return paragraph(_too_few_boroughs(boroughs, "A rank", FEWEST_RANKED))
    places, of = _places(ranked), len(ranked)
    certain = int((places <= CERTAIN_WITHIN).sum())
    many = f"{whole(certain)} of {of} ranks {'is' if certain == 1 else 'are'}" if certain else f"No rank of {of} is"
    ends = [
        rank_range_words(row["borough"], int(row["rank_low"]), int(row["rank_high"]), of)
        for _, row in ranked.iloc[[0, -1]].iterrows()
    ]
    return paragraph(
        f"{many} certain to within {CERTAIN_WITHIN} places. "
        f"Half of the boroughs could hold any of {int(places.median())} places or more.",
        " ".join(ends),
        _not_told(boroughs, boroughs.rows["rank"].isna(), "Without a rank"),
    )


def _places(ranked: pd.DataFrame) -> pd.Series:
    return ranked["rank_high"] - ranked["rank_low"] + 1


def ranks(boroughs: SideBySide) -> Chart | Sentences:
    """Draw the ranks that each borough could hold, highest rate first; the table says them in words."""
    ranked = boroughs.ranked
    if len(ranked) < FEWEST_RANKED:
        return paragraph()
    wide = (_places(ranked) > CERTAIN_WITHIN).mean() > 1 / 2
    first, last = ranked.iloc[0], ranked.iloc[-1]
    ends = [f"{row['borough']} {rank_words(row['rank_low'], row['rank_high'])}" for row in (first, last)]
    return rank_chart(
        boroughs.rows.rename(columns={"borough": "area"}),
        key="ranks",
        title="Most boroughs could hold any of many places" if wide else "The places that boroughs could hold",
        subtitle=f"Place among {len(ranked)} London boroughs, 1st is the highest rate of children in care, "
        f"{date_words(boroughs.day)}",
        alt=f"Dot plot of the places that each of {len(ranked)} boroughs could hold, highest rate first. "
        f"From {ends[0]} down to {ends[1]}.",
        source=SOURCE,
        unit="in every 10,000 children",
        kind="whole",
        note="A dot is where the rate stands in the order. The line spans the places that chance leaves open.",
    )
