"""The front of a briefing: summary, key figures, questions to ask, how sure we are, and where it comes from."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.codes import display_ethnic_group
from helpers.compare import HEADLINE_FAMILY, headline, latest_change
from helpers.counts import is_group_share, select
from helpers.page_parts.sections import COMPARATORS, YEARS_SHOWN, Sentences, is_whole
from helpers.rounding import format_number
from helpers.tables import Card, Cards
from helpers.wording import date_words, group_words, joined, percent, whole

HIDDEN = "hidden"
SHORT_BREAKS_NOTE = "Children who only had short breaks are left out."


def summary(
    released: pd.DataFrame, compared: pd.DataFrame, trends: pd.DataFrame, *, borough: str, as_at: dt.date
) -> Sentences:
    """Give three to five sentences: number and change, rate beside London and England, who is over-represented."""
    compared = headline(compared)
    items = [latest_change(released, borough=borough, as_at=as_at)]
    # One change over the years at most: who is over-represented must keep its place among five sentences.
    items += _moving(trends)["sentence"].head(1).tolist()
    items += _rate_sentences(released, borough, as_at)
    ethnic = compared[compared["dimension"] == "ethnic_group"]
    clear = ethnic[ethnic["finding"].isin(["over-represented", "under-represented"])]
    stands_first = clear.assign(doubted=clear["holds"] == "no").sort_values(["doubted", "p_adjusted"])
    items += stands_first["sentence"].head(2).tolist()
    if clear.empty:
        items.append(
            "No ethnic group is clearly over-represented or under-represented."
            if len(ethnic)
            else "There is no local population by ethnic group to compare with."
        )
    return Sentences(tuple(items[:5]))


def _over_represented(compared: pd.DataFrame) -> pd.DataFrame:
    """Give the ethnic groups that are over-represented, whichever population they are compared with."""
    over = compared["finding"].eq("over-represented") & compared["dimension"].eq("ethnic_group")
    return compared[over & compared["holds"].ne("no")]


def _moving(trends: pd.DataFrame) -> pd.DataFrame:
    """Give the headline measures that a test calls rising or falling: the number in care first, then the flows."""
    clear = trends["finding"].isin(["rising", "falling"])
    moving = trends[trends["family"].eq(HEADLINE_FAMILY) & clear & is_whole(trends)]
    return moving.sort_values("indicator", key=lambda keys: keys.ne("cla_total"), kind="stable")


def _rate_sentences(released: pd.DataFrame, borough: str, as_at: dt.date) -> list[str]:
    rates = select(released, "cla_rate_per_10000", period_end=as_at).set_index("borough")["value"].dropna()
    if borough not in rates:
        return []
    others = [f"{area} {format_number(rates[area], 'whole')}" for area in COMPARATORS if area in rates]
    beside = f" ({', '.join(others)})" if others else ""
    return [f"{format_number(rates[borough], 'whole')} in every 10,000 children were in care{beside}."]


def key_figures(released: pd.DataFrame, compared: pd.DataFrame, *, borough: str, as_at: dt.date) -> Cards:
    """Give the four cards: number, rate, change since last year, largest gap."""
    compared = headline(compared)
    stock = select(released, "cla_total", borough=borough)
    now = stock[stock["period_end"] == pd.Timestamp(as_at)].iloc[0]
    before = stock[stock["period_end"] < pd.Timestamp(as_at)]
    rate = select(released, "cla_rate_per_10000", borough=borough, period_end=as_at)
    return Cards(
        (
            Card("Children in care", _number(now), date_words(as_at)),
            _rate_card(rate),
            _change_card(now, before),
            _gap_card(compared),
        )
    )


def _number(row: pd.Series) -> str:
    return whole(row["value"]) if pd.notna(row["value"]) else HIDDEN


def _rate_card(rate: pd.DataFrame) -> Card:
    label = "For every 10,000 children"
    if rate.empty or rate["value"].isna().all():
        return Card(label, "not available" if rate.empty else HIDDEN)
    one = rate.iloc[0]
    interval = f"likely range {format_number(one['lower'], 'whole')} to {format_number(one['upper'], 'whole')}"
    return Card(label, format_number(one["value"], "whole"), interval)


def _change_card(now: pd.Series, before: pd.DataFrame) -> Card:
    if before.empty or pd.isna(now["value"]) or pd.isna(before["value"].iloc[-1]):
        return Card("Change", "not available", "no earlier figure to compare with")
    last = before.sort_values("period_end").iloc[-1]
    change = now["value"] - last["value"]
    words = "no change" if change == 0 else f"{whole(abs(change))} {'more' if change > 0 else 'fewer'}"
    return Card(
        "Change",
        words,
        f"than the {whole(last['value'])} on {date_words(last['period_end'])}"
        if change
        else f"from {date_words(last['period_end'])}",
    )


def _gap_card(compared: pd.DataFrame) -> Card:
    found = _over_represented(compared)
    if found.empty:
        return Card("Largest gap", "none found", "no ethnic group is clearly over-represented")
    top = found.sort_values("ratio", ascending=False).iloc[0]
    group = group_words("ethnic_group", top["group"], display_ethnic_group(pd.Series([top["group"]])).iloc[0])
    return Card("Largest gap", f"{format_number(top['ratio'], 'ratio')} times", f"{group}, against everyone else")


def questions(
    compared: pd.DataFrame, trends: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date
) -> Sentences:
    """Choose two or three questions for the board, by rule from the findings: a question, never advice."""
    over = _over_represented(headline(compared))
    asked = (
        [
            f"What do we know about why {joined([f'{group} children' for group in over['group'].head(2)])} "
            f"are over-represented?"
        ]
        if len(over)
        else ["Do our figures on ethnic group tell us enough to see unfair differences?"]
    )
    moving = _moving(trends)
    asked += [
        f"What lies behind the change: “{moving.iloc[0]['sentence']}”"
        if len(moving)
        else "Numbers show no clear change: what would we expect to see by next year?"
    ]
    placed = select(released, "cla_placed_over_20_miles", borough=borough, period_end=as_at)
    if len(placed) and placed["value"].notna().all():
        asked.append(
            f"What would help the {whole(placed['numerator'].iloc[0])} children who live over 20 miles from home?"
        )
    else:
        asked.append("How do children tell us what it is like to live where they do?")
    return Sentences(tuple(asked))


def how_sure(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Sentences:
    """Say what is unknown and what is hidden, in leaders' words."""
    own = released[(released["borough"] == borough) & (released["period_end"] == pd.Timestamp(as_at))]
    # Groups' shares of measures belong to the journey: most are hidden, and the page that has them says so.
    own = own[~is_group_share(own)]
    hidden = int((own["status"] == "suppressed").sum())
    groups = select(own, "cla_total", each="ethnic_group")
    unknown = groups[groups["ethnic_group"] == "Unknown"]
    stock = select(own, "cla_total")
    return Sentences(
        (
            "Ranges show how far a figure could move by chance in another year with the same risk.",
            "Brothers and sisters often come into care together, so chance can move figures a little more than that.",
            _unknown_sentence(unknown, stock),
            f"{whole(hidden)} of {whole(len(own))} figures for this day are hidden, so that no child can be recognised."
            if hidden
            else "No figure for this day had to be hidden.",
            SHORT_BREAKS_NOTE,
        )
    )


def _unknown_sentence(unknown: pd.DataFrame, stock: pd.DataFrame) -> str:
    if unknown.empty or stock.empty or pd.isna(unknown["numerator"].iloc[0]) or pd.isna(stock["numerator"].iloc[0]):
        return "The number of children whose ethnic group is not known is too small to publish, or hidden with another."
    count, total = unknown["numerator"].iloc[0], stock["numerator"].iloc[0]
    if count == 0:
        return "Every child's ethnic group is known."
    return f"The ethnic group of {whole(count)} of {whole(total)} children ({percent(count, total)}) is not known."


def about(released: pd.DataFrame, compared: pd.DataFrame, *, borough: str, as_at: dt.date) -> Sentences:
    """Say where every number comes from, with release and date, and how numbers are shown."""
    compared = headline(compared)
    recent = released[released["period_end"] > pd.Timestamp(as_at) - pd.DateOffset(years=YEARS_SHOWN)]
    own, others = recent[recent["borough"] == borough], recent[recent["borough"].isin(COMPARATORS)]
    populations = sorted(compared["population_source"].unique())
    return Sentences(
        (
            f"Figures are of {date_words(as_at)}, or of the year up to it. For {borough}: {_sources(own)}.",
            f"For London and England: {_sources(others)}."
            if len(others)
            else "No figures for London or England were given.",
            f"Population: {joined(populations)}." if populations else "No population to compare with was given.",
            "Small counts, and what would give them away, are hidden. Percentages are rounded half up.",
            "“In care” means looked after in law. The files beside this page hold every figure.",
        )
    )


def _sources(rows: pd.DataFrame) -> str:
    """Name each source once, with its releases: 'DfE, Children looked after ... (releases 2024 and 2025)'."""
    oldest_first = rows.sort_values(["period_end", "release"])
    told = [
        f"{source} ({joined(list(dict.fromkeys(part['release'])))})"
        for source, part in oldest_first.groupby("source", sort=True)
    ]
    return joined(told)
