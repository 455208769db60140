"""Placements and days in care: what stability is counted from. Care only; short breaks have no part in it.

A placement is a stay with one carer. Another legal status, another name for the same home (a foster placement that
becomes long term) or a temporary stay (T0 to T4: hospital, holiday, up to seven days) does not make a new one, and
going back after a temporary stay does not either. Where the columns do not tell whether the carer changed, RNE decides
(P and B: another carer). Days: an episode counts from its first day to the day before its last, as DfE counts.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.episodes.moves import ADOPTION, details_of, is_temporary
from helpers.episodes.order import Ordered, in_order
from helpers.episodes.periods import CARE, with_periods


def placements(episodes: pd.DataFrame) -> pd.DataFrame:
    """Give one row per placement of care.

    returns: CHILD, period_id, placement, started_on, ended_on (missing while open; where the end is not told, the day
        after the last that is known), in order of child and start
    """
    order, found = _care_in_order(episodes)
    rows = found[["CHILD", "period_id", "placement"]].assign(start=order.start, end=order.end)
    spells = rows.groupby(["CHILD", "period_id", "placement"], as_index=False).agg(
        start=("start", "min"), end=("end", "max")
    )
    return _dated(spells, order)


def placements_in_year(episodes: pd.DataFrame, after: dt.date, to: dt.date) -> pd.Series:
    """Count each child's placements with at least one day after `after` and up to `to`.

    after, to: such as 31 March of two years
    returns: whole numbers by CHILD, for children with a day of care in that time
    """
    spells = placements(episodes)
    days = _days_within(spells, after, to)
    return spells[days > 0].groupby("CHILD").size().rename("placements")


def days_in_care(episodes: pd.DataFrame, after: dt.date, to: dt.date) -> pd.Series:
    """Count each child's days in care after `after` and up to `to`; a day that two episodes tell counts once.

    returns: whole numbers by CHILD, for children with a day of care in that time
    """
    order, found = _care_in_order(episodes)
    rows = found[["CHILD", "period_id"]].assign(start=order.start, end=order.end)
    spells = rows.groupby(["CHILD", "period_id"], as_index=False).agg(start=("start", "min"), end=("end", "max"))
    days = _days_within(_dated(spells, order), after, to)
    return days[days > 0].groupby(spells["CHILD"]).sum().rename("days")


def in_same_placement_since(episodes: pd.DataFrame, on: dt.date) -> pd.DataFrame:
    """Give for each child in care on a day since when it has been in care, and where it is.

    Long-term stability counts children under 16 in care for two and a half years who have been in one placement for
    two, or are placed for adoption and have been there and in the placement before it for two together. DfE's
    indicator (cla_long_term_stability in indicators.csv) asks since 2024 for one carer; so does this, for all years.
    returns: by CHILD: in_care_since; same_placement_since (an adoptive placement with the child's own foster carer, A3
        or A5, goes on from the placement before, because the carer is the same); stable_since (the same, but any
        adoptive placement is counted together with the one before it, as the indicator does)
    """
    order, found = _care_in_order(episodes)
    day = order.to_day(on)
    start = pd.Series(order.start)
    found["care"] = start.groupby(found["period_id"]).transform("min")
    found["here"] = start.groupby([found["period_id"], found["placement"]]).transform("min")
    # Foster care that became adoptive with the same carer is one placement already: the one before is not part of it.
    began_as = _settled_group(order, found).groupby([found["period_id"], found["placement"]]).transform("first")
    found["adoptive"] = began_as == ADOPTION
    # Rows are in order of start: of two that overlap on the day, the later one tells where the child is.
    current = found[(order.start <= day) & (order.end > day)].drop_duplicates("CHILD", keep="last")
    before = found.drop_duplicates(["period_id", "placement"]).set_index(["period_id", "placement"])["here"]
    previous = before.reindex(pd.MultiIndex.from_arrays([current["period_id"], current["placement"] - 1]))
    together = current["adoptive"].to_numpy() & previous.notna().to_numpy()
    stable = np.where(together, previous.fillna(0).to_numpy(), current["here"]).astype(np.int64)
    return pd.DataFrame(
        {
            "in_care_since": order.to_dates(current["care"].to_numpy()),
            "same_placement_since": order.to_dates(current["here"].to_numpy()),
            "stable_since": order.to_dates(stable),
        },
        index=pd.Index(current["CHILD"], name="CHILD"),
    )


def _care_in_order(episodes: pd.DataFrame) -> tuple[Ordered, pd.DataFrame]:
    """Give the episodes of care with their periods, in order of child and start, and the same order as arrays."""
    found = with_periods(episodes)
    found = found[found["kind"] == CARE]
    order = in_order(found[episodes.columns])
    return order, found.iloc[order.at].reset_index(drop=True)


def _settled_group(order: Ordered, found: pd.DataFrame) -> pd.Series:
    """Give the group of homes of each row, or during a temporary stay that of the placement it interrupts."""
    details = details_of(order.rows)
    group = pd.Series(details.group).mask(is_temporary(details))
    return group.groupby(found["period_id"]).ffill()


def _dated(spells: pd.DataFrame, order: Ordered) -> pd.DataFrame:
    started, ended = (order.to_dates(spells[column].to_numpy()) for column in ("start", "end"))
    return spells.drop(columns=["start", "end"]).assign(started_on=started, ended_on=ended)


def _days_within(spells: pd.DataFrame, after: dt.date, to: dt.date) -> pd.Series:
    first = spells["started_on"].clip(lower=pd.Timestamp(after) + pd.Timedelta(days=1))
    end = spells["ended_on"].fillna(pd.Timestamp(to) + pd.Timedelta(days=1))
    end = end.clip(upper=pd.Timestamp(to) + pd.Timedelta(days=1))
    return (end - first).dt.days.clip(lower=0)
