"""Homes and carers over time, from cleaned episodes: placements in a year, and since when a child is where it is.

A placement is a stay with one carer, numbered while cleaning from the full postcodes (helpers.episodes.stability says
what makes a new one). Here the numbered placements of cleaned episodes are counted.
"""

from __future__ import annotations

import pandas as pd

from helpers.codes import load_codelist
from helpers.indicators.people import SHORT_BREAKS
from helpers.indicators.windows import Window, years_before

ADOPTIVE = "Placed for adoption"
MONTHS_FOR_LONG_TERM = 30
YEARS_IN_ONE_HOME = 2
OLDEST_FOR_LONG_TERM = 15
MANY_PLACEMENTS = 3


def add_stability(stock: pd.DataFrame, spells: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Add to the children in care on a day how often they moved and how long they have been where they are.

    stock: people.in_care_on of window.day; spells: placement_spells
    returns: the same rows with placements_in_year (placements with a day in the year up to the day),
        three_plus (three or more), long_term (under 16 and in care for two and a half years without a break, as far as
        the returns tell) and same_home_two_years (one placement for two years, or placed for adoption and there and in
        the placement before it for two years together)
    source: DfE's indicators of placement stability (NI 62, NI 63); catalogue keys cla_three_plus_placements and
        cla_long_term_stability
    """
    on = window.on
    first_day = pd.Timestamp(years_before(window.day, 1)) + pd.Timedelta(days=1)
    year = spells[(spells["first"] <= on) & (spells["end"] > first_day)]
    moves = year.groupby("child_id").size()
    since = _since(spells, on)
    found = stock.merge(since, on="child_id", how="left", validate="1:1")
    count = found["child_id"].map(moves).fillna(0)
    long_ago = on - pd.DateOffset(months=MONTHS_FOR_LONG_TERM)
    two_years = on - pd.DateOffset(years=YEARS_IN_ONE_HOME)
    return found.assign(
        placements_in_year=count,
        three_plus=count >= MANY_PLACEMENTS,
        long_term=(found["in_care_since"] <= long_ago) & (found["age"] <= OLDEST_FOR_LONG_TERM),
        same_home_two_years=found["stable_since"] <= two_years,
    )


def placement_spells(episodes: pd.DataFrame) -> pd.DataFrame:
    """Give one row per placement of care.

    returns: child_id, period, placement, first, end (the day after the last; for an open one, the day after the last
        collection that tells it), adoptive (it began as a placement for adoption), care_from (first day of the period)
    """
    care = episodes[~episodes["legal_status_code"].isin(SHORT_BREAKS)]
    group = care["placement_code"].map(load_codelist("placement").set_index("code")["group"])
    end = care["ended_on"].fillna(care["told_on"] + pd.Timedelta(days=1))
    rows = care.assign(end=end, adoptive=group.eq(ADOPTIVE)).sort_values(["child_id", "started_on"])
    spells = rows.groupby(["child_id", "period", "placement"], as_index=False).agg(
        first=("started_on", "min"), end=("end", "max"), adoptive=("adoptive", "first")
    )
    return spells.assign(care_from=spells.groupby(["child_id", "period"])["first"].transform("min"))


def _since(spells: pd.DataFrame, on: pd.Timestamp) -> pd.DataFrame:
    """Give for each child with a placement on the day: in_care_since and stable_since."""
    spells = spells.sort_values(["child_id", "period", "placement"])
    same = spells["child_id"].eq(spells["child_id"].shift()) & spells["period"].eq(spells["period"].shift())
    together = spells["first"].mask(same & spells["adoptive"], spells["first"].shift())
    spells = spells.assign(stable_since=together)
    now = spells[(spells["first"] <= on) & (spells["end"] > on)].drop_duplicates("child_id", keep="last")
    return now[["child_id", "care_from", "stable_since"]].rename(columns={"care_from": "in_care_since"})
