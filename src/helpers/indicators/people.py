"""Who is in care, who came and who left: the children of one borough on a day or in a period.

Every function gives children, not episodes: two episodes of one child on one day are one child. Short breaks
(legal status V3, V4) are left out, as DfE leaves them out.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

SHORT_BREAKS = ("V3", "V4")
NEW_EPISODE_SAME_DAY = "X1"


def in_care_on(children: pd.DataFrame, episodes: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Give the children in care on a day, one row per child with the attributes that are counted.

    children, episodes: contracts schemas.Children, schemas.Episodes
    returns: child_id, ethnicity_code, gender, age, uasc and the codes of the episode open that day.
        An episode is open from its first day to the day before it ends (a child who leaves on 31 March is not in care
        that day); one with no end counts only up to the last collection that tells it.
    source: DfE's guide to the return; indicators.csv, cla_total
    """
    on = pd.Timestamp(day)
    running = episodes["ended_on"].isna() & (episodes["told_on"] >= on)
    is_open = (episodes["started_on"] <= on) & (running | (episodes["ended_on"] > on))
    own = episodes[is_open & ~episodes["legal_status_code"].isin(SHORT_BREAKS)]
    own = own.sort_values(["child_id", "started_on"]).drop_duplicates("child_id", keep="last")
    stock = own.merge(children.drop(columns=["borough_code"]), on="child_id", how="left", validate="1:1")
    status_runs = stock["uasc_ceased_on"].isna() | (stock["uasc_ceased_on"] > on)
    return stock.assign(age=age_at_month_end(stock["birth_month"], on), uasc=stock["uasc_from_return"] & status_runs)


def age_at_month_end(birth_month: pd.Series, day: pd.Timestamp) -> pd.Series:
    """Give whole years of age on the last day of a month from the month of birth: exact, since that month's
    birthdays have all passed by then. On any other day a child born later in that very month is told a year too old.
    """
    return (day.year - birth_month.dt.year - (birth_month.dt.month > day.month)).astype(float)


def started_between(children: pd.DataFrame, episodes: pd.DataFrame, after: dt.date, to: dt.date) -> pd.DataFrame:
    """Give the children who came into care after one day and up to another, each child once (the first start).

    returns: the episode that starts the care, with child and age on that day
    source: DfE counts the first occasion in the year for those who start, and the last for those who cease
    """
    when = episodes["started_on"]
    starts = episodes[
        (when > pd.Timestamp(after))
        & (when <= pd.Timestamp(to))
        & (episodes["reason_new_code"] == "S")
        & ~episodes["legal_status_code"].isin(SHORT_BREAKS)
    ]
    first = starts.sort_values(["child_id", "started_on"]).drop_duplicates("child_id", keep="first")
    return _with_child(first, children).assign(age=lambda rows: rows["age_at_start"])


def ceased_between(children: pd.DataFrame, episodes: pd.DataFrame, after: dt.date, to: dt.date) -> pd.DataFrame:
    """Give the children who left care after one day and up to another, each child once (the last leaving)."""
    when = episodes["ended_on"]
    ends = episodes[
        (when > pd.Timestamp(after))
        & (when <= pd.Timestamp(to))
        & (episodes["reason_ceased_code"] != NEW_EPISODE_SAME_DAY)
        & ~episodes["legal_status_code"].isin(SHORT_BREAKS)
    ]
    latest = ends.sort_values(["child_id", "ended_on"]).drop_duplicates("child_id", keep="last")
    return _with_child(latest, children).assign(age=lambda rows: rows["age_at_end"])


def _with_child(episodes: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    return episodes.merge(children.drop(columns=["borough_code"]), on="child_id", how="left", validate="1:1")
